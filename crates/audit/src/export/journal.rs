//! What the three journals have in common.

use std::io::{self, Write};

use domain::Timestamp;
use domain::id::{EntryId, EventId, TypedId};
use domain::ledger::{Book, LedgerAccount, Line};
use domain::money::Currency;
use eventstore::Header;

use super::Selection;
use super::names::{account_name, commodity_name, word};
use crate::at::Day;

/// The postings of one entry in one book; they balance.
pub(super) struct Transaction<'a> {
    pub(super) header: &'a Header,
    pub(super) entry: EntryId,
    pub(super) book: Book,
    pub(super) lines: Vec<&'a Line>,
}

/// How a tool wants it.
pub(super) trait Journal: Sync {
    fn head(&self, out: &mut dyn Write, marketplace: &str, selection: &Selection) -> io::Result<()>;
    fn commodity(&self, out: &mut dyn Write, currency: Currency) -> io::Result<()>;
    fn account(&self, out: &mut dyn Write, account: LedgerAccount) -> io::Result<()>;
    fn transaction(&self, out: &mut dyn Write, transaction: &Transaction<'_>) -> io::Result<()>;
}

/// What each transaction says of itself, beside its date.
pub(super) const TAGS: [&str; 5] = ["position", "event", "recorded", "actor", "book"];

impl Transaction<'_> {
    /// The accounting date.
    pub(super) fn date(&self) -> Day {
        Day::of(self.header.effective_at)
    }

    /// What happened.
    pub(super) fn narration(&self) -> String {
        word(&self.header.event_type)
    }

    /// The values of [`TAGS`], of characters that no tool reads as its own.
    pub(super) fn tags(&self) -> [String; 5] {
        [
            self.header.position.to_string(),
            EventId::from_uuid(self.header.event_id).to_string(),
            Timestamp::from_micros(self.header.recorded_at).to_string(),
            word(&self.header.actor),
            book_name(self.book).to_owned(),
        ]
    }

    /// The postings, debits positive.
    pub(super) fn postings(&self, out: &mut dyn Write, indent: &str) -> io::Result<()> {
        for line in &self.lines {
            let (account, commodity) = (account_name(line.account), commodity_name(line.currency));
            writeln!(out, "{indent}{account}  {} {commodity}", line.signed())?;
        }
        writeln!(out)
    }
}

/// The name of a book, as in files and options.
pub(super) const fn book_name(book: Book) -> &'static str {
    match book {
        Book::Trust => "trust",
        Book::Corporate => "corporate",
    }
}

/// The comment at the top, which all three tools pass over.
pub(super) fn comment(out: &mut dyn Write, marketplace: &str, selection: &Selection) -> io::Result<()> {
    writeln!(out, "; counterfoil, marketplace {}", word(marketplace))?;
    writeln!(out, "; positions {} to {}", selection.after.next(), selection.to)?;
    if let Some(book) = selection.book {
        writeln!(out, "; the {} book alone", book_name(book))?;
    }
    if let Some(account) = selection.account {
        writeln!(out, "; transactions of account {account} alone")?;
    }
    if let Some(party) = selection.party {
        writeln!(out, "; transactions of {party} alone")?;
    }
    writeln!(out, "; amounts are integer minor units, debits positive\n")
}

/// A transaction as hledger and ledger-cli both read it.
pub(super) fn plain(out: &mut dyn Write, transaction: &Transaction<'_>) -> io::Result<()> {
    let code = transaction.entry.to_string();
    writeln!(out, "{} * ({code}) {}", transaction.date(), transaction.narration())?;
    for (tag, value) in TAGS.iter().zip(transaction.tags()) {
        writeln!(out, "    ; {tag}: {value}")?;
    }
    transaction.postings(out, "    ")
}
