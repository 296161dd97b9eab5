//! Read models: rows folded from the log for reading, the worker that keeps them, and the queries on them.
//!
//! Shape: a read model is a module with its statements beside it in an `.sql` file; [`ReadModels`] is the SQLite file
//! that holds the rows of all of them, and each model's checkpoint with its rows. One worker reads the log and writes;
//! queries run on connections that only read.
//!
//! Cost: a query is one or a few index look-ups and at most [`PAGE_ROWS_MAX`] rows, so it runs where it is called. A
//! write is one transaction for all models and for everything that arrived during the last one. A rebuild folds the
//! whole log once more, beside the worker, and holds it up for the time of a copy.
//!
//! Ordering: each model applies every event once, in order of position. A model that can't go on halts alone.
//!
//! This crate must not know commands: it reads the log and never adds to it.

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

mod account_balances;
mod changes;
mod columns;
mod contract_board;
mod dispute_desk;
mod error;
mod event_page;
mod job_board;
mod page;
mod payout_desk;
mod pool;
mod progress;
mod proposal_inbox;
mod read_model;
mod read_models;
mod rebuild;
mod rebuilds;
mod schema;
mod sql;
mod worker;
mod writer;

#[cfg(test)]
mod tests;

pub use account_balances::{BalanceFilter, BalanceKey, BalanceRow, TrialBalanceRow};
pub use changes::{CHANGES_PAGE_MAX, Change, Changes, ChangesFault, RECENT_MAX, Tail, Topic, TopicChanges};
pub use contract_board::{
    AmendmentRow, ChangesRow, ContractFilter, ContractRow, DepositRow, EndRow, LotRow, MilestoneRow,
    RefundRequestRow, RefundRow, ReleasedRow, TerminationRow, UnmatchedRow, WorkRow,
};
pub use dispute_desk::{DisputeFilter, DisputeRow, EvidenceRow, QuestionRow, SettlementOfferRow};
pub use error::{HaltReason, OpenError, QueryFault, RebuildError, StartError};
pub use eventstore::Position;
pub use job_board::{InvitationRow, JobFilter, JobRow};
pub use page::{PAGE_ROWS_MAX, Page, Slice};
pub use payout_desk::{
    AccountRow, AttentionKey, AttentionKind, AttentionRow, HoldRow, PauseKind, PauseRow, PayoutFilter,
    PayoutRow,
};
pub use progress::{Status, Waited};
pub use proposal_inbox::{OFFERS_LISTED_MAX, OfferRow, OfferStatus, ProposalFilter, ProposalRow};
pub use read_models::ReadModels;
pub use rebuilds::{Rebuild, RebuildState, Rebuilds};
pub use worker::WorkerHandle;

read_model::registry! {
    /// Jobs and invitations, for clients who post and talents who browse.
    JobBoard = job_board,
    /// Proposals with their offers, for both sides of the negotiation.
    ProposalInbox = proposal_inbox,
    /// Contracts with their milestones, work and money.
    ContractBoard = contract_board,
    /// Disputes, and what was said in them.
    DisputeDesk = dispute_desk,
    /// What every account of the books was debited and credited.
    AccountBalances = account_balances,
    /// Payouts, the accounts that they come from, and what needs a person.
    PayoutDesk = payout_desk,
}
