//! For hledger: <https://hledger.org/hledger.html#journal>.

use std::io::{self, Write};

use domain::ledger::LedgerAccount;
use domain::money::Currency;

use super::Selection;
use super::journal::{Journal, Transaction, comment, plain};
use super::names::{account_name, commodity_name};

pub(super) struct Hledger;

impl Journal for Hledger {
    fn head(&self, out: &mut dyn Write, marketplace: &str, selection: &Selection) -> io::Result<()> {
        comment(out, marketplace, selection)
    }

    fn commodity(&self, out: &mut dyn Write, currency: Currency) -> io::Result<()> {
        // The sample says how amounts are shown; the point, that it is a decimal point and that nothing follows it.
        writeln!(out, "commodity 1000. {}", commodity_name(currency))
    }

    fn account(&self, out: &mut dyn Write, account: LedgerAccount) -> io::Result<()> {
        writeln!(out, "account {}", account_name(account))
    }

    fn transaction(&self, out: &mut dyn Write, transaction: &Transaction<'_>) -> io::Result<()> {
        plain(out, transaction)
    }
}
