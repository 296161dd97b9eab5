//! The books: accounts, journal entries, the posting rules, and fees by cumulative difference.
//!
//! There is one posting path. A decision asks [`rules`] for the entry of what it decided, and the auditor asks the
//! same functions again from the folded state and compares.

mod account;
pub mod awards;
mod entry;
pub mod fees;
mod guard;
pub mod rules;

pub use account::{AccountCode, Book, Kept, LedgerAccount, Normal};
pub use entry::{JournalEntry, LINE_MINOR_MAX, LINES_MAX, Line, Side};
pub use fees::{Charged, ClientCharge, FeeQuote, Granted, Slice};
pub(crate) use guard::check_guarded;
