//! What `verify` finds, and that it finds it: sound logs hold; every altered byte is found and located; and logs whose
//! hashes and indexes are all consistent, but whose facts can't have happened or whose money is wrong, are found too.
//!
//! The logs are decided by the real rules, command by command, and written by the real store.

#![expect(
    clippy::unwrap_used,
    reason = "a log that can't be made, written or altered fails the test that needs it"
)]

mod actors;
mod bytes;
mod disputes;
mod endings;
mod export;
mod forged;
mod garbage;
mod hiring;
mod history;
mod outgoing;
mod replay;
mod rows;
mod sound;
mod steps;
mod terms;
mod tools;
mod written;
