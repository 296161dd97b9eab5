//! Contracts with their milestones. Escrow is no machine of its own: it is the money of a milestone.

pub(crate) mod amend_contract;
pub(crate) mod approve_milestone;
pub(crate) mod cancel_contract;
pub(crate) mod clear_earnings;
pub(crate) mod confirm_deposit;
pub(crate) mod demand_refund;
pub(crate) mod dispute_end;
mod disputed;
pub(crate) mod end_contract;
mod event;
mod evolve;
mod facts;
pub(crate) mod freeze_earnings;
pub(crate) mod freeze_funds;
pub(crate) mod fund_milestone;
pub(crate) mod grant_refund;
mod lot;
mod milestone;
pub(crate) mod move_funds;
pub(crate) mod partially_release;
pub(crate) mod pause_contract;
pub(crate) mod pay_bonus;
pub(crate) mod propose_milestone;
pub(crate) mod refund_milestone;
pub(crate) mod reject_refund;
pub(crate) mod reopen_contract;
pub(crate) mod request_changes;
mod state;
pub(crate) mod submit_work;
pub(crate) mod terminate_contract;
mod transitions;

pub use amend_contract::{AcceptAmendment, ProposeAmendment, RejectAmendment, WithdrawAmendment};
pub use approve_milestone::{ApproveMilestone, AutoApproveMilestone};
pub use cancel_contract::{CancelContract, CancelUnfundedContract};
pub use clear_earnings::ClearEarnings;
pub use confirm_deposit::ConfirmDeposit;
pub use demand_refund::{DemandRefund, RefundHeldMilestone};
pub use dispute_end::DisputeEnd;
pub use end_contract::{AgreeEnd, AutoAgreeEnd, RequestEnd, SettleEnd, WithdrawEnd};
pub use event::{
    AmendmentAccepted, AmendmentProposed, AmendmentRejected, AmendmentWithdrawn, AwardApplied, AwardLot,
    AwardRefund, BonusPromised, Change, ChangesRequested, ContractCancelled, ContractCreated, ContractEnded,
    ContractEvent, ContractPaused, ContractReopened, ContractResumed, Division, EarningsCleared,
    EarningsFrozen, EarningsRefunded, EarningsUnfrozen, EndAgreed, EndDisputed, EndRequested, EndWithdrawn,
    EscrowEvent, EscrowFrozen, EscrowFunded, EscrowMoved, EscrowRefunded, EscrowReleased, EscrowUnfrozen,
    FundsFrozen, FundsMoveDropped, FundsMoveProposed, FundsUnfrozen, MilestoneAgreed, MilestoneApproved,
    MilestoneCancelled, MilestoneDropProposed, MilestoneDropped, MilestoneEvent, MilestonePartiallyReleased,
    MilestoneProposalAgreed, MilestoneProposed, MilestoneRefundRequested, MilestoneReleasedEarly,
    MilestoneRevised, PauseReason, RefundRequestWithdrawn, ReopenProposed, Rest, TerminationBegun,
    WorkSubmitted,
};
pub use freeze_earnings::{FreezeEarnings, UnfreezeEarnings};
pub use freeze_funds::{FreezeFunds, UnfreezeFunds};
pub use fund_milestone::FundMilestone;
pub use grant_refund::GrantRefund;
pub use lot::{LOT_TRANSITIONS, Lot, LotStatus};
pub use milestone::Milestone;
pub use move_funds::{AgreeMove, DropMove, MoveFunds};
pub use partially_release::{PartiallyRelease, ReleaseEarly};
pub use pause_contract::{PauseContract, ResumeContract};
pub use pay_bonus::{PayBonus, ReleaseBonus};
pub use propose_milestone::{AgreeMilestone, CancelMilestone, ProposeMilestone};
pub use refund_milestone::{
    AgreeRefund, AutoAgreeRefund, RefundMilestone, RequestRefund, WithdrawRefundRequest,
};
pub use reject_refund::RejectRefund;
pub use reopen_contract::ReopenContract;
pub use request_changes::RequestChanges;
pub use state::{Amendment, Contract};
pub use submit_work::SubmitWork;
pub use terminate_contract::TerminateContract;
pub use transitions::{ContractStatus, MILESTONE_TRANSITIONS, MilestoneStatus, TRANSITIONS};
