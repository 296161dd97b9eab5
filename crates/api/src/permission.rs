//! Who may read what: one table of field or type × role × relation. What has no row is refused.
//!
//! Every field of `Query` and of `Subscription` asks for its own row. Each type of [`READS`] asks for its row where it is made from what was
//! read, whichever way led there: a query, a list, a relation, `node`, the payload of a mutation or a subscription. Each type of
//! [`PARTS`] is reached only through what stands beside it there, and asks for nothing. Tests hold both tables against
//! the schema, and the answers that each role gets to each of those fields against [`READS`].
//!
//! Who may give which command is in the domain's transition tables.

#[cfg(test)]
mod tests;

use crate::auth::Caller;
use crate::error::{forbidden, system};
use crate::http::SystemCode;
use async_graphql::{Context, Error, Result};
use domain::Role;
use domain::id::PartyId;

/// How far a role reaches through a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// What is open to everybody, such as open jobs.
    Public,
    /// That, and what the caller is a party to.
    Own,
    /// Everything.
    Any,
}

/// A row: through `field`, people with one of `roles` reach as far as `relation`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `Query.jobs`, or the name of an object type for all that is read through it.
    pub field: &'static str,
    /// Whose row it is.
    pub roles: Roles,
    /// How far they reach.
    pub relation: Relation,
}

/// Whom a row is for.
#[derive(Clone, Copy, Debug)]
pub enum Roles {
    /// Anybody, with a token or without.
    Everybody,
    /// Anybody with a token.
    Known,
    /// People with one of these.
    Of(&'static [Role]),
}

const PARTIES: Roles = Roles::Of(&[Role::Client, Role::Talent]);
/// Those who settle, decide, pay and check see what they settle, decide, pay and check.
const STAFF: Roles = Roles::Of(&[
    Role::Support,
    Role::Arbitrator,
    Role::Finance,
    Role::Auditor,
    Role::Compliance,
    Role::Admin,
]);
const BOOKKEEPERS: Roles = Roles::Of(&[Role::Finance, Role::Auditor, Role::Admin]);
const LOG_READERS: Roles = Roles::Of(&[Role::Support, Role::Finance, Role::Auditor, Role::Admin]);
/// Those who see to it that money moves.
const WATCHERS: Roles =
    Roles::Of(&[Role::Support, Role::Finance, Role::Auditor, Role::Compliance, Role::Admin]);
const OPERATORS: Roles = Roles::Of(&[Role::Support, Role::Auditor, Role::Admin]);

/// Those who see to the machinery.
const ADMINISTRATORS: Roles = Roles::Of(&[Role::Admin]);

const fn row(field: &'static str, roles: Roles, relation: Relation) -> Row {
    Row { field, roles, relation }
}

/// The table.
pub const READS: &[Row] = &[
    row("Query.viewer", Roles::Everybody, Relation::Public),
    row("Query.node", Roles::Everybody, Relation::Public),
    row("Query.nodes", Roles::Everybody, Relation::Public),
    row("Query.job", Roles::Everybody, Relation::Public),
    row("Query.jobs", Roles::Everybody, Relation::Public),
    row("Query.proposal", Roles::Known, Relation::Public),
    row("Query.proposals", Roles::Known, Relation::Public),
    row("Query.contract", Roles::Known, Relation::Public),
    row("Query.contracts", Roles::Known, Relation::Public),
    row("Query.accountBalances", Roles::Known, Relation::Public),
    row("Query.trialBalance", BOOKKEEPERS, Relation::Any),
    row("Query.readModels", OPERATORS, Relation::Any),
    row("Query.account", Roles::Known, Relation::Public),
    row("Query.accounts", Roles::Known, Relation::Public),
    row("Query.payout", Roles::Known, Relation::Public),
    row("Query.payouts", Roles::Known, Relation::Public),
    row("Query.payoutReviews", WATCHERS, Relation::Any),
    row("Query.dispute", Roles::Known, Relation::Public),
    row("Query.disputes", Roles::Known, Relation::Public),
    row("Query.due", Roles::Known, Relation::Public),
    row("Query.pauses", Roles::Known, Relation::Public),
    row("Query.rebuilds", Roles::Known, Relation::Public),
    row("Query.attention", WATCHERS, Relation::Any),
    row("Query.ledger", BOOKKEEPERS, Relation::Any),
    row("Subscription.jobChanged", Roles::Everybody, Relation::Public),
    row("Subscription.proposalChanged", Roles::Known, Relation::Public),
    row("Subscription.contractChanged", Roles::Known, Relation::Public),
    row("Subscription.payoutChanged", Roles::Known, Relation::Public),
    row("Subscription.disputeChanged", Roles::Known, Relation::Public),
    row("Subscription.accountChanged", Roles::Known, Relation::Public),
    row("Subscription.attentionChanged", WATCHERS, Relation::Any),
    row("Subscription.payoutReviewsChanged", WATCHERS, Relation::Any),
    row("Subscription.disputesChanged", STAFF, Relation::Any),
    row("Subscription.events", LOG_READERS, Relation::Any),
    row("Job", Roles::Everybody, Relation::Public),
    row("Job", PARTIES, Relation::Own),
    row("Job", STAFF, Relation::Any),
    row("Proposal", PARTIES, Relation::Own),
    row("Proposal", STAFF, Relation::Any),
    row("Contract", PARTIES, Relation::Own),
    row("Contract", STAFF, Relation::Any),
    row("AccountBalance", PARTIES, Relation::Own),
    row("AccountBalance", STAFF, Relation::Any),
    row("Account", PARTIES, Relation::Own),
    row("Account", WATCHERS, Relation::Any),
    row("Payout", PARTIES, Relation::Own),
    row("Payout", WATCHERS, Relation::Any),
    row("Refund", PARTIES, Relation::Own),
    row("Refund", STAFF, Relation::Any),
    row("Dispute", PARTIES, Relation::Own),
    row("Dispute", STAFF, Relation::Any),
    row("Timer", PARTIES, Relation::Own),
    row("Timer", WATCHERS, Relation::Any),
    row("Pause", WATCHERS, Relation::Any),
    row("Rebuild", ADMINISTRATORS, Relation::Any),
];

/// The object types without a row, each with all that leads to it: a field of `Query` or `Mutation`, or another type.
pub const PARTS: &[(&str, &[&str])] = &[
    ("Viewer", &["Query.viewer"]),
    ("ReadModelStatus", &["Query.readModels"]),
    ("TrialBalance", &["Ledger", "Query.trialBalance"]),
    ("JobChange", &["Subscription.jobChanged"]),
    ("ProposalChange", &["Subscription.proposalChanged"]),
    ("ContractChange", &["Subscription.contractChanged"]),
    ("PayoutChange", &["Subscription.payoutChanged"]),
    ("DisputeChange", &["Subscription.disputeChanged"]),
    ("AccountChange", &["Subscription.accountChanged"]),
    ("AttentionChange", &["Subscription.attentionChanged"]),
    ("PayoutReviewsChange", &["Subscription.payoutReviewsChanged"]),
    ("DisputesChange", &["Subscription.disputesChanged"]),
    ("RecordedEvent", &["Subscription.events"]),
    ("JobConnection", &["Query.jobs"]),
    ("JobEdge", &["JobConnection"]),
    ("ProposalConnection", &["Job", "Query.proposals"]),
    ("ProposalEdge", &["ProposalConnection"]),
    ("ContractConnection", &["Query.contracts"]),
    ("ContractEdge", &["ContractConnection"]),
    ("AccountBalanceConnection", &["Query.accountBalances"]),
    ("AccountBalanceEdge", &["AccountBalanceConnection"]),
    ("PayoutConnection", &["PayoutReviewsChange", "Query.payoutReviews", "Query.payouts"]),
    ("PayoutEdge", &["PayoutConnection"]),
    ("DisputeConnection", &["DisputesChange", "Query.disputes"]),
    ("DisputeEdge", &["DisputeConnection"]),
    ("AttentionItemConnection", &["AttentionChange", "Query.attention"]),
    ("AttentionItemEdge", &["AttentionItemConnection"]),
    ("AttentionItem", &["AttentionItemConnection", "AttentionItemEdge"]),
    ("TimerConnection", &["Query.due"]),
    ("TimerEdge", &["TimerConnection"]),
    ("FactConnection", &["Contract"]),
    ("FactEdge", &["FactConnection"]),
    ("Fact", &["FactConnection", "FactEdge"]),
    ("EntryLine", &["Fact"]),
    (
        "PageInfo",
        &[
            "AccountBalanceConnection",
            "AttentionItemConnection",
            "ContractConnection",
            "DisputeConnection",
            "FactConnection",
            "JobConnection",
            "PayoutConnection",
            "ProposalConnection",
            "TimerConnection",
        ],
    ),
    ("Ledger", &["Query.ledger"]),
    ("Balance", &["Account", "Contract", "Fact"]),
    ("Place", &["Account", "Contract", "Dispute", "Ledger"]),
    ("Hold", &["Account"]),
    ("DisputeEvidence", &["Dispute"]),
    ("DisputeQuestion", &["Dispute"]),
    ("SettlementOffer", &["Dispute"]),
    ("Recommendation", &["Dispute"]),
    ("DisputeDecision", &["Dispute"]),
    ("DisputeAppeal", &["Dispute"]),
    ("DisputeOutcome", &["Dispute"]),
    ("EndRequest", &["Contract"]),
    ("Amendment", &["Contract"]),
    ("AmendedMilestone", &["Amendment"]),
    ("Termination", &["Contract"]),
    ("FundsMove", &["Milestone"]),
    ("Offer", &["Proposal"]),
    ("Invitation", &["Job"]),
    ("OfferedMilestone", &["Offer"]),
    ("FeeQuote", &["Contract", "Offer"]),
    ("Milestone", &["Contract"]),
    ("Release", &["Milestone"]),
    ("Deposit", &["Milestone"]),
    ("Work", &["Milestone"]),
    ("Changes", &["Milestone"]),
    ("RefundRequest", &["Milestone"]),
    ("Lot", &["Milestone"]),
    (
        "Money",
        &[
            "Account",
            "AccountBalance",
            "AmendedMilestone",
            "AttentionItem",
            "Balance",
            "Deposit",
            "Dispute",
            "DisputeDecision",
            "DisputeOutcome",
            "EntryLine",
            "FundsMove",
            "Lot",
            "Milestone",
            "OfferedMilestone",
            "Payout",
            "Recommendation",
            "Refund",
            "Release",
            "SettlementOffer",
            "TrialBalance",
        ],
    ),
    ("CreateJobPayload", &["Mutation.createJob"]),
    ("ReviseJobPayload", &["Mutation.reviseJob"]),
    ("SubmitJobPayload", &["Mutation.submitJob"]),
    ("ApproveJobPayload", &["Mutation.approveJob"]),
    ("RejectJobPayload", &["Mutation.rejectJob"]),
    ("InviteTalentPayload", &["Mutation.inviteTalent"]),
    ("PauseJobPayload", &["Mutation.pauseJob"]),
    ("ResumeJobPayload", &["Mutation.resumeJob"]),
    ("CloseJobPayload", &["Mutation.closeJob"]),
    ("ReopenJobPayload", &["Mutation.reopenJob"]),
    ("RemoveJobPayload", &["Mutation.removeJob"]),
    ("ReinstateJobPayload", &["Mutation.reinstateJob"]),
    ("SubmitProposalPayload", &["Mutation.submitProposal"]),
    ("SaveProposalPayload", &["Mutation.saveProposal"]),
    ("SubmitSavedProposalPayload", &["Mutation.submitSavedProposal"]),
    ("ReviseProposalPayload", &["Mutation.reviseProposal"]),
    ("WithdrawProposalPayload", &["Mutation.withdrawProposal"]),
    ("ShortlistProposalPayload", &["Mutation.shortlistProposal"]),
    ("DeclineProposalPayload", &["Mutation.declineProposal"]),
    ("MakeDirectOfferPayload", &["Mutation.makeDirectOffer"]),
    ("MakeOfferPayload", &["Mutation.makeOffer"]),
    ("CounterOfferPayload", &["Mutation.counterOffer"]),
    ("WithdrawOfferPayload", &["Mutation.withdrawOffer"]),
    ("DeclineOfferPayload", &["Mutation.declineOffer"]),
    ("AcceptOfferPayload", &["Mutation.acceptOffer"]),
    ("FundMilestonePayload", &["Mutation.fundMilestone"]),
    ("SubmitWorkPayload", &["Mutation.submitWork"]),
    ("RequestChangesPayload", &["Mutation.requestChanges"]),
    ("ApproveMilestonePayload", &["Mutation.approveMilestone"]),
    ("CancelContractPayload", &["Mutation.cancelContract"]),
    ("RequestEndPayload", &["Mutation.requestEnd"]),
    ("WithdrawEndPayload", &["Mutation.withdrawEnd"]),
    ("AgreeEndPayload", &["Mutation.agreeEnd"]),
    ("DisputeEndPayload", &["Mutation.disputeEnd"]),
    ("RequestRefundPayload", &["Mutation.requestRefund"]),
    ("WithdrawRefundRequestPayload", &["Mutation.withdrawRefundRequest"]),
    ("AgreeRefundPayload", &["Mutation.agreeRefund"]),
    ("RejectRefundPayload", &["Mutation.rejectRefund"]),
    ("RefundMilestonePayload", &["Mutation.refundMilestone"]),
    ("PartiallyReleasePayload", &["Mutation.partiallyRelease"]),
    ("ReleaseEarlyPayload", &["Mutation.releaseEarly"]),
    ("MoveFundsPayload", &["Mutation.moveFunds"]),
    ("AgreeMovePayload", &["Mutation.agreeMove"]),
    ("DropMovePayload", &["Mutation.dropMove"]),
    ("DemandRefundPayload", &["Mutation.demandRefund"]),
    ("PayBonusPayload", &["Mutation.payBonus"]),
    ("GrantRefundPayload", &["Mutation.grantRefund"]),
    ("ProposeMilestonePayload", &["Mutation.proposeMilestone"]),
    ("AgreeMilestonePayload", &["Mutation.agreeMilestone"]),
    ("CancelMilestonePayload", &["Mutation.cancelMilestone"]),
    ("ProposeAmendmentPayload", &["Mutation.proposeAmendment"]),
    ("AcceptAmendmentPayload", &["Mutation.acceptAmendment"]),
    ("RejectAmendmentPayload", &["Mutation.rejectAmendment"]),
    ("WithdrawAmendmentPayload", &["Mutation.withdrawAmendment"]),
    ("PauseContractPayload", &["Mutation.pauseContract"]),
    ("ResumeContractPayload", &["Mutation.resumeContract"]),
    ("ReopenContractPayload", &["Mutation.reopenContract"]),
    ("FreezeFundsPayload", &["Mutation.freezeFunds"]),
    ("UnfreezeFundsPayload", &["Mutation.unfreezeFunds"]),
    ("FreezeEarningsPayload", &["Mutation.freezeEarnings"]),
    ("UnfreezeEarningsPayload", &["Mutation.unfreezeEarnings"]),
    ("TerminateContractPayload", &["Mutation.terminateContract"]),
    ("AcceptRecommendationPayload", &["Mutation.acceptRecommendation"]),
    ("AcceptSettlementOfferPayload", &["Mutation.acceptSettlementOffer"]),
    ("AskDisputeQuestionPayload", &["Mutation.askDisputeQuestion"]),
    ("ConcedeDisputePayload", &["Mutation.concedeDispute"]),
    ("DecideAppealPayload", &["Mutation.decideAppeal"]),
    ("DecideSmallClaimPayload", &["Mutation.decideSmallClaim"]),
    ("EscalateDisputePayload", &["Mutation.escalateDispute"]),
    ("FileAppealPayload", &["Mutation.fileAppeal"]),
    ("IssueAwardPayload", &["Mutation.issueAward"]),
    ("IssueRecommendationPayload", &["Mutation.issueRecommendation"]),
    ("MakeSettlementOfferPayload", &["Mutation.makeSettlementOffer"]),
    ("OpenDisputePayload", &["Mutation.openDispute"]),
    ("PayArbitrationFeePayload", &["Mutation.payArbitrationFee"]),
    ("RejectRecommendationPayload", &["Mutation.rejectRecommendation"]),
    ("RespondToDisputePayload", &["Mutation.respondToDispute"]),
    ("SubmitEvidencePayload", &["Mutation.submitEvidence"]),
    ("WithdrawDisputePayload", &["Mutation.withdrawDispute"]),
    ("RequestPayoutPayload", &["Mutation.requestPayout"]),
    ("ApprovePayoutPayload", &["Mutation.approvePayout"]),
    ("CancelPayoutPayload", &["Mutation.cancelPayout"]),
    ("RejectPayoutPayload", &["Mutation.rejectPayout"]),
    ("ResolvePayoutPayload", &["Mutation.resolvePayout"]),
    ("PlacePayoutHoldPayload", &["Mutation.placePayoutHold"]),
    ("ReleasePayoutHoldPayload", &["Mutation.releasePayoutHold"]),
    ("PauseProcessPayload", &["Mutation.pauseProcess"]),
    ("ResumeProcessPayload", &["Mutation.resumeProcess"]),
    ("PauseRailPayload", &["Mutation.pauseRail"]),
    ("ResumeRailPayload", &["Mutation.resumeRail"]),
    ("RebuildReadModelPayload", &["Mutation.rebuildReadModel"]),
    (
        "UserError",
        &[
            "AcceptAmendmentPayload",
            "AcceptOfferPayload",
            "AcceptRecommendationPayload",
            "AcceptSettlementOfferPayload",
            "AgreeEndPayload",
            "AgreeMilestonePayload",
            "AgreeMovePayload",
            "AgreeRefundPayload",
            "ApproveJobPayload",
            "ApproveMilestonePayload",
            "ApprovePayoutPayload",
            "AskDisputeQuestionPayload",
            "CancelContractPayload",
            "CancelMilestonePayload",
            "CancelPayoutPayload",
            "CloseJobPayload",
            "ConcedeDisputePayload",
            "CounterOfferPayload",
            "CreateJobPayload",
            "DecideAppealPayload",
            "DecideSmallClaimPayload",
            "DeclineOfferPayload",
            "DeclineProposalPayload",
            "DemandRefundPayload",
            "DisputeEndPayload",
            "DropMovePayload",
            "EscalateDisputePayload",
            "FileAppealPayload",
            "FreezeEarningsPayload",
            "FreezeFundsPayload",
            "FundMilestonePayload",
            "GrantRefundPayload",
            "InviteTalentPayload",
            "IssueAwardPayload",
            "IssueRecommendationPayload",
            "MakeDirectOfferPayload",
            "MakeOfferPayload",
            "MakeSettlementOfferPayload",
            "MoveFundsPayload",
            "OpenDisputePayload",
            "PartiallyReleasePayload",
            "PauseContractPayload",
            "PauseJobPayload",
            "PauseProcessPayload",
            "PauseRailPayload",
            "PayArbitrationFeePayload",
            "PayBonusPayload",
            "PlacePayoutHoldPayload",
            "RebuildReadModelPayload",
            "ProposeAmendmentPayload",
            "ProposeMilestonePayload",
            "RefundMilestonePayload",
            "ReinstateJobPayload",
            "RejectAmendmentPayload",
            "RejectJobPayload",
            "RejectPayoutPayload",
            "RejectRecommendationPayload",
            "RejectRefundPayload",
            "ReleaseEarlyPayload",
            "ReleasePayoutHoldPayload",
            "RemoveJobPayload",
            "ReopenContractPayload",
            "ReopenJobPayload",
            "RequestChangesPayload",
            "RequestEndPayload",
            "RequestPayoutPayload",
            "RequestRefundPayload",
            "ResolvePayoutPayload",
            "RespondToDisputePayload",
            "ResumeContractPayload",
            "ResumeJobPayload",
            "ResumeProcessPayload",
            "ResumeRailPayload",
            "ReviseJobPayload",
            "ReviseProposalPayload",
            "SaveProposalPayload",
            "ShortlistProposalPayload",
            "SubmitEvidencePayload",
            "SubmitJobPayload",
            "SubmitProposalPayload",
            "SubmitSavedProposalPayload",
            "SubmitWorkPayload",
            "TerminateContractPayload",
            "UnfreezeEarningsPayload",
            "UnfreezeFundsPayload",
            "WithdrawAmendmentPayload",
            "WithdrawDisputePayload",
            "WithdrawEndPayload",
            "WithdrawOfferPayload",
            "WithdrawProposalPayload",
            "WithdrawRefundRequestPayload",
        ],
    ),
];

/// How far the caller reaches, and as whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only what is open to everybody.
    Public,
    /// That, and what this party is a party to.
    Own(PartyId),
    /// Everything.
    Any,
}

/// How far the caller reaches through `field`.
///
/// # Errors
/// UNAUTHENTICATED for a guest where a token is needed, FORBIDDEN for roles that no row names.
pub(crate) fn reach(ctx: &Context<'_>, field: &'static str) -> Result<Reach> {
    let caller = ctx.data::<Caller>()?;
    reach_of(caller, field).ok_or_else(|| denied(caller))
}

/// The caller is a guest where a token is needed.
pub(crate) fn needs_token() -> Error {
    system(SystemCode::Unauthenticated, "this needs a token: send Authorization: Bearer …")
}

/// The caller's own party, if their roles reach what is their own through `field`.
///
/// # Errors
/// UNAUTHENTICATED for a guest, FORBIDDEN for roles that reach nothing of their own.
pub(crate) fn own_party(ctx: &Context<'_>, field: &'static str) -> Result<PartyId> {
    match (reach(ctx, field)?, ctx.data::<Caller>()?) {
        (Reach::Own(_) | Reach::Any, Caller::Person { party, .. }) => Ok(*party),
        (Reach::Public, caller) | (_, caller @ Caller::Guest) => Err(denied(caller)),
    }
}

fn denied(caller: &Caller) -> Error {
    match caller {
        Caller::Guest => needs_token(),
        Caller::Person { .. } => forbidden(),
    }
}

fn reach_of(caller: &Caller, field: &'static str) -> Option<Reach> {
    let applies = |row: &&Row| {
        row.field == field
            && match (&row.roles, caller) {
                (Roles::Everybody, _) | (Roles::Known, Caller::Person { .. }) => true,
                (Roles::Known | Roles::Of(_), Caller::Guest) => false,
                (Roles::Of(named), Caller::Person { roles, .. }) => {
                    roles.iter().any(|role| named.contains(role))
                }
            }
    };
    let widest = READS.iter().filter(applies).map(|row| row.relation).max()?;
    Some(match (widest, caller) {
        (Relation::Any, _) => Reach::Any,
        (Relation::Own, Caller::Person { party, .. }) => Reach::Own(*party),
        (Relation::Own | Relation::Public, _) => Reach::Public,
    })
}

impl Reach {
    /// Whether something between `parties` is within reach; what is open to everybody is another question.
    pub(crate) fn covers(self, parties: &[PartyId]) -> bool {
        match self {
            Self::Public => false,
            Self::Own(party) => parties.contains(&party),
            Self::Any => true,
        }
    }
}
