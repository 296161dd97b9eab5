//! For beancount: <https://beancount.github.io/docs/beancount_language_syntax.html>.

use std::io::{self, Write};

use domain::ledger::LedgerAccount;
use domain::money::Currency;

use super::Selection;
use super::journal::{Journal, TAGS, Transaction, comment};
use super::names::{account_name, commodity_name, word};

/// Directives need a date that no posting precedes.
const OPENED: &str = "1900-01-01";

pub(super) struct Beancount;

impl Journal for Beancount {
    fn head(&self, out: &mut dyn Write, marketplace: &str, selection: &Selection) -> io::Result<()> {
        comment(out, marketplace, selection)?;
        writeln!(out, "option \"title\" \"{}\"", word(marketplace))
    }

    fn commodity(&self, out: &mut dyn Write, currency: Currency) -> io::Result<()> {
        writeln!(out, "{OPENED} commodity {}", commodity_name(currency))
    }

    fn account(&self, out: &mut dyn Write, account: LedgerAccount) -> io::Result<()> {
        writeln!(out, "{OPENED} open {}", account_name(account))
    }

    fn transaction(&self, out: &mut dyn Write, transaction: &Transaction<'_>) -> io::Result<()> {
        // The link joins the two books' transactions of one entry.
        let (date, narration, entry) = (transaction.date(), transaction.narration(), transaction.entry);
        writeln!(out, "{date} * \"{narration}\" ^{entry}")?;
        for (tag, value) in TAGS.iter().zip(transaction.tags()) {
            writeln!(out, "  {tag}: \"{value}\"")?;
        }
        transaction.postings(out, "  ")
    }
}
