//! For ledger-cli: <https://ledger-cli.org/doc/ledger3.html>.

use std::io::{self, Write};

use domain::ledger::LedgerAccount;
use domain::money::Currency;

use super::Selection;
use super::journal::{Journal, TAGS, Transaction, comment, plain};
use super::names::{account_name, commodity_name};

pub(super) struct Ledger;

impl Journal for Ledger {
    fn head(&self, out: &mut dyn Write, marketplace: &str, selection: &Selection) -> io::Result<()> {
        comment(out, marketplace, selection)?;
        // With --pedantic, a tag that isn't declared is an error.
        TAGS.iter().try_for_each(|tag| writeln!(out, "tag {tag}"))
    }

    fn commodity(&self, out: &mut dyn Write, currency: Currency) -> io::Result<()> {
        let name = commodity_name(currency);
        writeln!(out, "commodity {name}\n    format 1000 {name}")
    }

    fn account(&self, out: &mut dyn Write, account: LedgerAccount) -> io::Result<()> {
        writeln!(out, "account {}", account_name(account))
    }

    fn transaction(&self, out: &mut dyn Write, transaction: &Transaction<'_>) -> io::Result<()> {
        plain(out, transaction)
    }
}
