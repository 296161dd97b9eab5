//! Contracts with their milestones. Escrow is no machine of its own: it is the money of a milestone.

pub(crate) mod approve_milestone;
pub(crate) mod confirm_deposit;
mod event;
pub(crate) mod fund_milestone;
mod milestone;
pub(crate) mod request_changes;
mod state;
pub(crate) mod submit_work;
mod transitions;

pub use approve_milestone::ApproveMilestone;
pub use confirm_deposit::ConfirmDeposit;
pub use event::{
    ChangesRequested, ContractCreated, ContractEvent, EscrowEvent, EscrowFunded, EscrowReleased,
    MilestoneAgreed, MilestoneApproved, MilestoneEvent, WorkSubmitted,
};
pub use fund_milestone::FundMilestone;
pub use milestone::{Lot, Milestone};
pub use request_changes::RequestChanges;
pub use state::Contract;
pub use submit_work::SubmitWork;
pub use transitions::{ContractStatus, MILESTONE_TRANSITIONS, MilestoneStatus, TRANSITIONS};
