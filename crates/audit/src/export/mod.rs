//! The books and the log, written for other tools: hledger, ledger-cli, beancount, spreadsheets, programs.
//!
//! Shape: one file per format. The three journals get one transaction for each entry and book, dated by its effective
//! day in UTC, in integer minor units of commodities such as `USDMINOR`, so that no tool's rounding can forgive a cent.
//! Before them stand the directives of every commodity and account in use, for which the log is read once more.
//!
//! Cost: each pass decodes the selected part of the log. Bounds: one page of the log, and [`ACCOUNTS_PER_PASS`]
//! accounts: when more are in use, their directives take further passes instead of more memory. The same log and
//! selection give the same bytes, on any machine.

mod beancount;
mod csv;
mod distinct;
mod hledger;
mod journal;
mod jsonl;
mod ledger;
mod names;
mod select;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::Arc;

use domain::Event;
use domain::ledger::{Book, JournalEntry, LedgerAccount};
use domain::money::Currency;
use eventstore::{EventStore, Position, Record, StoreFault};
use thiserror::Error;

use self::distinct::Smallest;
use self::journal::{Journal, Transaction};
use self::select::Selector;
use crate::at::AsOfError;
use crate::pages::{Pages, Progress, decode};

pub use self::names::{account_name, commodity_name};
pub use self::select::{AccountFilter, AccountFilterMalformed, CONTRACTS_PER_PARTY_MAX, Selection};

/// Most accounts whose directives are collected in one pass over the log.
pub const ACCOUNTS_PER_PASS: usize = 1 << 19;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A journal for hledger; `hledger check --strict` passes.
    Hledger,
    /// A journal for ledger-cli; `ledger --strict --pedantic` has no complaints.
    Ledger,
    /// A file for beancount; `bean-check` passes.
    Beancount,
    /// One line per posting, by RFC 4180, with a line of headings.
    Csv,
    /// The log itself: one event per line as a JSON object, payloads as they were written.
    Jsonl,
}

/// Why an export can't be made. What was written before is no whole export.
#[derive(Debug, Error)]
pub enum ExportError {
    /// An event is not what its type says.
    #[error(transparent)]
    Log(#[from] AsOfError),
    /// The party has more contracts than are held at once.
    #[error("the party has more than {max} contracts; export without --party and filter the result")]
    TooManyContracts {
        /// The bound.
        max: usize,
    },
    /// What is written to refuses.
    #[error("the export can't be written")]
    Write(#[from] io::Error),
}

impl From<StoreFault> for ExportError {
    fn from(fault: StoreFault) -> Self {
        Self::Log(fault.into())
    }
}

/// Writes the selected part of the log to `out`, as it is read.
///
/// Journals hold whole transactions, so they balance whatever is selected: a transaction is in when one of its postings
/// is selected. CSV holds the selected postings, JSON lines the events with one; without a book, an account or a
/// party, JSON lines hold every event.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    store: &dyn EventStore,
    selection: &Selection,
    format: Format,
    out: &mut (dyn Write + Send),
    progress: Progress<'_>,
) -> Result<(), ExportError> {
    let reading = Reading { store, selection, progress };
    match format {
        Format::Hledger => reading.journal(&hledger::Hledger, out).await,
        Format::Ledger => reading.journal(&ledger::Ledger, out).await,
        Format::Beancount => reading.journal(&beancount::Beancount, out).await,
        Format::Csv => {
            csv::head(out)?;
            let mut write = |record: &Record, event: &Event, selector: &Selector<'_>| {
                csv::postings(out, record, event, selector)
            };
            reading.events(&mut write).await
        }
        Format::Jsonl => reading.jsonl(out).await,
    }
}

/// What is done with each event.
type Each<'e> = dyn FnMut(&Record, &Event, &Selector<'_>) -> io::Result<()> + Send + 'e;

struct Reading<'a> {
    store: &'a dyn EventStore,
    selection: &'a Selection,
    progress: Progress<'a>,
}

impl Reading<'_> {
    async fn journal(&self, journal: &dyn Journal, out: &mut (dyn Write + Send)) -> Result<(), ExportError> {
        journal.head(out, self.store.marketplace(), self.selection)?;
        self.directives(journal, out).await?;
        let mut write = |record: &Record, event: &Event, selector: &Selector<'_>| {
            transactions(record, event, selector, |transaction| journal.transaction(out, transaction))
        };
        self.events(&mut write).await
    }

    /// Declares every commodity and account that a transaction will use, in order.
    async fn directives(
        &self,
        journal: &dyn Journal,
        out: &mut (dyn Write + Send),
    ) -> Result<(), ExportError> {
        let mut currencies = BTreeSet::new();
        let mut accounts = Smallest::above(None, ACCOUNTS_PER_PASS);
        self.lines(|account, currency| {
            currencies.insert(currency);
            accounts.offer(account);
        })
        .await?;
        for currency in currencies {
            journal.commodity(out, currency)?;
        }
        loop {
            for account in accounts.kept() {
                journal.account(out, *account)?;
            }
            let Some(last) = accounts.dropped_above() else {
                break;
            };
            accounts = Smallest::above(Some(last), ACCOUNTS_PER_PASS);
            self.lines(|account, _| accounts.offer(account)).await?;
        }
        writeln!(out)?;
        Ok(())
    }

    async fn lines(&self, mut each: impl FnMut(LedgerAccount, Currency) + Send) -> Result<(), ExportError> {
        let mut visit = |record: &Record, event: &Event, selector: &Selector<'_>| {
            transactions(record, event, selector, |transaction| {
                transaction.lines.iter().for_each(|line| each(line.account, line.currency));
                Ok(())
            })
        };
        self.events(&mut visit).await
    }

    /// Decodes every event of the selected part of the log.
    async fn events(&self, each: &mut Each<'_>) -> Result<(), ExportError> {
        let mut selector = Selector::new(self.selection);
        let mut pages = Pages::new(self.store, selector.reads_after(), self.selection.to);
        loop {
            let page = self.page(&mut pages).await?;
            if page.is_empty() {
                return Ok(());
            }
            for record in page {
                let event = decode(&record)?;
                selector.learn(&event)?;
                if record.position() > self.selection.after {
                    each(&record, &event, &selector)?;
                }
            }
        }
    }

    async fn jsonl(&self, out: &mut (dyn Write + Send)) -> Result<(), ExportError> {
        if self.selection.is_of_postings() {
            let mut write = |record: &Record, event: &Event, selector: &Selector<'_>| {
                let mut lines = event.journal_entry().into_iter().flat_map(JournalEntry::lines);
                if lines.any(|line| selector.selects(line)) { jsonl::event(out, record) } else { Ok(()) }
            };
            return self.events(&mut write).await;
        }
        // The log as it is, whether or not its payloads mean anything.
        let mut pages = Pages::new(self.store, self.selection.after, self.selection.to);
        loop {
            let page = self.page(&mut pages).await?;
            if page.is_empty() {
                return Ok(());
            }
            for record in page {
                jsonl::event(out, &record)?;
            }
        }
    }

    async fn page(&self, pages: &mut Pages<'_>) -> Result<Vec<Arc<Record>>, StoreFault> {
        let page = pages.next().await?;
        (self.progress)(pages.passed(), self.selection.to.max(Position::START));
        Ok(page)
    }
}

/// The transactions that an event's entry makes: one for each book in which a posting is selected.
fn transactions(
    record: &Record,
    event: &Event,
    selector: &Selector<'_>,
    mut each: impl FnMut(&Transaction<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let Some(entry) = event.journal_entry() else {
        return Ok(());
    };
    for book in [Book::Trust, Book::Corporate] {
        let lines: Vec<_> = entry.lines().iter().filter(|line| line.account.code().book() == book).collect();
        if lines.iter().any(|line| selector.selects(line)) {
            each(&Transaction { header: record.header(), entry: entry.id(), book, lines })?;
        }
    }
    Ok(())
}
