//! Reads the log and proves it: nothing altered, nothing that could not have happened, and books that close.
//!
//! Shape: [`verify`] has the store inspect itself (hashes, positions, indexes), then folds the whole log once by the
//! same rules that decided it, and answers with a [`Report`]. What is wrong is a finding in it, never an error.
//!
//! This crate must not know commands, read models or HTTP, and it never writes.

mod books;
mod companions;
mod pass;
mod refold;
mod report;
mod verify;

pub use report::{Report, ReportFinding, TrialLine, code};
pub use verify::{FINDINGS_MAX, verify};
