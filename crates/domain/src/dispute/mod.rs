//! Disputes: the ladder from a claim over negotiation, mediation and arbitration to an award that is executed. The money
//! itself is the contract's; here is who says what, until when, and what it comes to.

pub(crate) mod appeal;
pub(crate) mod arbitration;
pub(crate) mod escalate_dispute;
mod event;
pub(crate) mod evidence;
pub(crate) mod execute_award;
pub(crate) mod missed_deadline;
pub(crate) mod open_dispute;
pub(crate) mod recommendation;
pub(crate) mod respond_to_dispute;
pub(crate) mod settlement;
mod state;
pub(crate) mod suspend_dispute;
mod transitions;
pub(crate) mod withdraw_dispute;
mod words;

pub use appeal::{DecideAppeal, FileAppeal, FinalizeAward};
pub use arbitration::{DecideSmallClaim, IssueAward, LapseArbitrationOffer, PayArbitrationFee};
pub use escalate_dispute::{AutoEscalateDispute, EscalateDispute};
pub use event::{
    ArbitrationBegun, ArbitrationFeePaid, ArbitrationFeesSettled, ArbitrationOffered, DeadlineMissed,
    DisputeAppealed, DisputeDecided, DisputeEscalated, DisputeEvent, DisputeFinalized, DisputeOpened,
    DisputeQuestionAsked, DisputeResponded, DisputeResumed, DisputeSettled, DisputeSuspended,
    DisputeWithdrawn, EvidenceSealed, EvidenceSubmitted, RecommendationAccepted, RecommendationIssued,
    SettlementOffered, WithdrawalProposed,
};
pub use evidence::{AskDisputeQuestion, SealEvidence, SubmitEvidence};
pub use execute_award::ExecuteAward;
pub use missed_deadline::MissDisputeDeadline;
pub use open_dispute::OpenDispute;
pub use recommendation::{
    AcceptRecommendation, IssueRecommendation, LapseRecommendation, RejectRecommendation,
};
pub use respond_to_dispute::{ConcedeDispute, DefaultDispute, RespondToDispute};
pub use settlement::{AcceptSettlementOffer, MakeSettlementOffer};
pub use state::{Dispute, Evidence, Offer, PaidFees, Rung};
pub use suspend_dispute::{ResumeDispute, SuspendDispute};
pub use transitions::{DisputeStatus, TRANSITIONS};
pub use withdraw_dispute::WithdrawDispute;
pub use words::{
    AppealGround, ContentHash, Decision, FeeBearer, Finality, Opening, SettledBy, Shares, WithdrawnBy,
};

use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::contract::Contract;
use crate::event::Event;
use crate::id::DisputeId;
use crate::policy::DisputeRules;
use crate::proposal::Party;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;

/// Most pieces of evidence that one side hands in, since whoever decides reads them all.
pub const EVIDENCE_PER_SIDE_MAX: u16 = 20;
/// Most questions that a mediator asks.
pub const QUESTIONS_MAX: u16 = 20;
/// Most offers to settle that both sides make.
pub const OFFERS_MAX: u16 = 50;

/// What a party does in its dispute: the dispute, and the side that it is on.
fn by_party<'a>(
    states: &'a States,
    id: DisputeId,
    (kind, to): (CommandKind, DisputeStatus),
    cx: &Context,
) -> Result<(&'a Dispute, Party), Refusal> {
    let dispute = states.dispute(id)?;
    let side = dispute.side(&cx.actor)?;
    dispute.can((kind, side.role()), to)?;
    Ok((dispute, side))
}

/// What somebody of the house does in a dispute, or time.
fn by_role(
    states: &States,
    id: DisputeId,
    by: (CommandKind, Role),
    to: DisputeStatus,
) -> Result<&Dispute, Refusal> {
    let dispute = states.dispute(id)?;
    dispute.can(by, to)?;
    Ok(dispute)
}

/// What time does in a dispute whose timer of `kind` is due.
fn by_timer<'a>(
    states: &'a States,
    id: DisputeId,
    (kind, epoch): (TimerKind, u64),
    to: DisputeStatus,
    cx: &Context,
) -> Result<&'a Dispute, Refusal> {
    let dispute = states.dispute(id)?;
    guard(&dispute.timers(), kind, epoch, cx.now)?;
    dispute.can((kind.command(), Role::System), to)?;
    Ok(dispute)
}

/// The rules that a contract has pinned with its policy's version.
pub(crate) fn rules_of<'a>(states: &'a States, contract: &Contract) -> Result<&'a DisputeRules, Refusal> {
    states.marketplace()?.policy_of(contract.policy_version).map(|policy| &policy.disputes)
}

impl Dispute {
    /// The rules of its contract.
    pub(crate) fn rules<'a>(&self, states: &'a States) -> Result<&'a DisputeRules, Refusal> {
        rules_of(states, states.contract(self.contract_id)?)
    }

    fn can(&self, (kind, role): (CommandKind, Role), to: DisputeStatus) -> Result<(), Refusal> {
        consult(TRANSITIONS, Some(self.status()), kind, role, to)
    }

    /// The fact that both sides agree; what they paid for arbitration goes back.
    fn settled(
        &self,
        by: SettledBy,
        shares: Shares,
        states: &States,
        cx: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let settled = DisputeSettled {
            dispute_id: self.id,
            contract_id: self.contract_id,
            milestone_id: self.milestone_id,
            by,
            shares,
        };
        let back = self.fees_settled(None, states, cx)?;
        Ok([DisputeEvent::Settled(settled)].into_iter().chain(back).map(Event::Dispute).collect())
    }

    /// The fact that it is decided.
    fn decided(
        &self,
        decision: Decision,
        shares: Shares,
        states: &States,
        cx: &Context,
    ) -> Result<Event, Refusal> {
        Ok(Event::Dispute(DisputeEvent::Decided(DisputeDecided {
            dispute_id: self.id,
            shares,
            decision,
            appeal_until: cx.now.plus_days(self.rules(states)?.appeal_days),
        })))
    }
}

#[cfg(test)]
mod tests;
