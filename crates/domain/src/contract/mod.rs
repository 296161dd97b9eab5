//! Contracts with their milestones. Escrow is no machine of its own: it is the money of a milestone.

pub(crate) mod approve_milestone;
pub(crate) mod cancel_contract;
pub(crate) mod clear_earnings;
pub(crate) mod confirm_deposit;
pub(crate) mod end_contract;
mod event;
mod facts;
pub(crate) mod fund_milestone;
mod milestone;
pub(crate) mod refund_milestone;
pub(crate) mod reject_refund;
pub(crate) mod request_changes;
mod state;
pub(crate) mod submit_work;
mod transitions;

pub use approve_milestone::{ApproveMilestone, AutoApproveMilestone};
pub use cancel_contract::{CancelContract, CancelUnfundedContract};
pub use clear_earnings::ClearEarnings;
pub use confirm_deposit::ConfirmDeposit;
pub use end_contract::{AgreeEnd, AutoAgreeEnd, RequestEnd, SettleEnd, WithdrawEnd};
pub use event::{
    ChangesRequested, ContractCancelled, ContractCreated, ContractEnded, ContractEvent, EarningsCleared,
    EndAgreed, EndRequested, EndWithdrawn, EscrowEvent, EscrowFrozen, EscrowFunded, EscrowRefunded,
    EscrowReleased, EscrowUnfrozen, MilestoneAgreed, MilestoneApproved, MilestoneCancelled, MilestoneEvent,
    MilestoneRefundRequested, RefundRequestWithdrawn, WorkSubmitted,
};
pub use fund_milestone::FundMilestone;
pub use milestone::{Lot, Milestone};
pub use refund_milestone::{
    AgreeRefund, AutoAgreeRefund, RefundMilestone, RequestRefund, WithdrawRefundRequest,
};
pub use reject_refund::RejectRefund;
pub use request_changes::RequestChanges;
pub use state::Contract;
pub use submit_work::SubmitWork;
pub use transitions::{ContractStatus, MILESTONE_TRANSITIONS, MilestoneStatus, TRANSITIONS};
