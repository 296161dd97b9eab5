//! Reads the log and proves it: nothing altered, nothing that could not have happened, and books that close.
//!
//! Shape: [`verify`] has the store inspect itself (hashes, positions, indexes), then folds the whole log once by the
//! same rules that decided it, and answers with a [`Report`]. What is wrong is a finding in it, never an error.
//! [`as_of`] and [`replay`] show any contract, account or ledger as it stood, and every fact that led there; [`export`]
//! writes the books for other tools.
//!
//! This crate must not know commands, read models or HTTP, and it never writes the log.

pub mod as_of;
mod at;
mod auditor;
mod books;
mod companions;
pub mod export;
mod fact;
mod pages;
mod pass;
mod refold;
mod report;
mod timeline;
mod verify;

pub use auditor::Auditor;
pub use pages::Progress;
pub use report::{Report, ReportFinding, TrialLine, code};
pub use verify::{FINDINGS_MAX, verify};

/// What stood after each fact: of a contract, of a party's money, of the ledger.
pub mod replay {
    pub use crate::as_of::{LedgerStep, LedgerWalk};
    pub use crate::fact::{Balance, Fact};
    pub use crate::timeline::{FACTS_MAX, Step, Subject, Timeline};
}
