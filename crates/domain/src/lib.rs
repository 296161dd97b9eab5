//! The rules of the marketplace, pure: money, ids, commands, events, transition tables, `decide`, `evolve`,
//! `timers`, journal entries, policy.
//!
//! Shape: a command names the streams that it reads ([`Command::primary`], [`Command::secondary`]); the caller
//! folds them at the head of the log and calls [`execute`], which decides, checks every guarded balance from the
//! entries themselves, and evolves. Nothing here waits, reads a clock, draws a random number or rounds through a
//! float: time, actor and fresh ids arrive in [`Context`], so the same inputs give the same bytes on any machine.

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod account;
mod card;
pub mod codec;
pub mod command;
pub mod context;
pub mod contract;
pub mod deposit;
pub mod dispute;
pub mod event;
pub mod id;
pub mod job;
pub mod ledger;
pub mod machine;
pub mod marketplace;
pub mod money;
pub mod payout;
pub mod permission;
pub mod personal;
pub mod policy;
pub mod process;
pub mod proposal;
pub mod recheck;
pub mod refund;
pub mod refusal;
pub mod sabotage;
pub mod schema;
pub mod stream;
pub mod text;
pub mod time;
pub mod timer;
pub mod transition;
pub mod treasury;

#[cfg(test)]
mod scenario;

pub use command::{Command, CommandKind};
pub use context::{Actor, Context, Role};
pub use event::Event;
pub use refusal::{Code, Refusal};
pub use stream::{Decided, Mark, State, States, StreamId, execute};
pub use time::Timestamp;
