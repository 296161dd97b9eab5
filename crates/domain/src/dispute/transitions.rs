//! The dispute's machine: the ladder from the first word to the executed award.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// One side has claimed, and the other has not answered.
    AwaitingResponse,
    /// Both sides have spoken and look for a settlement.
    Negotiation,
    /// Support hears both sides and will recommend a split.
    Mediation,
    /// Both sides have a recommendation to answer.
    Recommended,
    /// At least one side did not accept it. Both pay for arbitration, or the documents decide.
    ArbitrationOffered,
    /// An arbitrator decides.
    Arbitration,
    /// It is decided; who lost can appeal.
    Decided,
    /// Somebody else looks at the decision again.
    Appealed,
    /// Both sides agree; the money has not moved yet.
    Settled,
    /// Nothing more can be said against the decision; the money has not moved yet.
    Final,
    /// The money has moved.
    Closed,
    /// It was given up.
    Withdrawn,
    /// It rests while a chargeback is open.
    Suspended,
}

impl DisputeStatus {
    /// Whether nothing can happen in it any more.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Closed | Self::Withdrawn => true,
            Self::AwaitingResponse
            | Self::Negotiation
            | Self::Mediation
            | Self::Recommended
            | Self::ArbitrationOffered
            | Self::Arbitration
            | Self::Decided
            | Self::Appealed
            | Self::Settled
            | Self::Final
            | Self::Suspended => false,
        }
    }
}

macro_rules! rows {
    ($($command:ident [$($role:ident)*]: $($from:ident)* => $to:ident;)*) => {
        /// The table.
        pub const TRANSITIONS: &[Transition<DisputeStatus>] = &[$(Transition {
            from: &[$(DisputeStatus::$from),*],
            command: CommandKind::$command,
            actors: &[$(Role::$role),*],
            to: DisputeStatus::$to,
        }),*];
    };
}

rows! {
    OpenDispute [Client Talent]: => AwaitingResponse;
    DisputeEnd [Client Talent]: => AwaitingResponse;
    RejectRefund [Talent]: => Negotiation;
    RespondToDispute [Client Talent]: AwaitingResponse => Negotiation;
    ConcedeDispute [Client Talent]: AwaitingResponse => Settled;
    DefaultDispute [System]: AwaitingResponse => Decided;
    MakeSettlementOffer [Client Talent]: Negotiation => Negotiation;
    MakeSettlementOffer [Client Talent]: Mediation => Mediation;
    MakeSettlementOffer [Client Talent]: Recommended => Recommended;
    MakeSettlementOffer [Client Talent]: ArbitrationOffered => ArbitrationOffered;
    MakeSettlementOffer [Client Talent]: Arbitration => Arbitration;
    AcceptSettlementOffer [Client Talent]:
        Negotiation Mediation Recommended ArbitrationOffered Arbitration => Settled;
    EscalateDispute [Client Talent]: Negotiation => Mediation;
    AutoEscalateDispute [System]: Negotiation => Mediation;
    SubmitEvidence [Client Talent]: Mediation => Mediation;
    SubmitEvidence [Client Talent]: Arbitration => Arbitration;
    AskDisputeQuestion [Support]: Mediation => Mediation;
    SealEvidence [System]: Mediation => Mediation;
    IssueRecommendation [Support]: Mediation => Recommended;
    AcceptRecommendation [Client Talent]: Recommended => Recommended;
    AcceptRecommendation [Client Talent]: Recommended => Settled;
    RejectRecommendation [Client Talent]: Recommended => ArbitrationOffered;
    LapseRecommendation [System]: Recommended => ArbitrationOffered;
    PayArbitrationFee [Client Talent]: ArbitrationOffered => ArbitrationOffered;
    PayArbitrationFee [Client Talent]: ArbitrationOffered => Arbitration;
    LapseArbitrationOffer [System]: ArbitrationOffered => Decided;
    DecideSmallClaim [Arbitrator]: ArbitrationOffered => Decided;
    IssueAward [Arbitrator]: Arbitration => Decided;
    MissDisputeDeadline [System]: Mediation => Mediation;
    MissDisputeDeadline [System]: ArbitrationOffered => ArbitrationOffered;
    MissDisputeDeadline [System]: Arbitration => Arbitration;
    FileAppeal [Client Talent]: Decided => Appealed;
    DecideAppeal [Support Arbitrator]: Appealed => Final;
    FinalizeAward [System]: Decided Appealed => Final;
    WithdrawDispute [Client Talent]: AwaitingResponse Negotiation Mediation => Withdrawn;
    WithdrawDispute [Client Talent]: Recommended => Recommended;
    WithdrawDispute [Client Talent]: ArbitrationOffered => ArbitrationOffered;
    WithdrawDispute [Client Talent]: Arbitration => Arbitration;
    WithdrawDispute [Client Talent]: Recommended ArbitrationOffered Arbitration => Withdrawn;
    SuspendDispute [System]: AwaitingResponse Negotiation Mediation Recommended ArbitrationOffered Arbitration
        Decided Appealed Settled Final => Suspended;
    ResumeDispute [System]: Suspended => AwaitingResponse;
    ResumeDispute [System]: Suspended => Negotiation;
    ResumeDispute [System]: Suspended => Mediation;
    ResumeDispute [System]: Suspended => Recommended;
    ResumeDispute [System]: Suspended => ArbitrationOffered;
    ResumeDispute [System]: Suspended => Arbitration;
    ResumeDispute [System]: Suspended => Decided;
    ResumeDispute [System]: Suspended => Appealed;
    ResumeDispute [System]: Suspended => Settled;
    ResumeDispute [System]: Suspended => Final;
    ExecuteAward [System]: Settled Final => Closed;
}
