//! The answers for people: aligned columns, amounts in their currency's decimals with the minor units beside them.

use super::diff::{Difference, LedgerDifference, Moved};
use super::view::{Changed, name};
use audit::TrialLine;
use audit::as_of::{AccountAt, At, ContractAt, LedgerAt};
use audit::replay::{Balance, Fact, Subject};
use domain::Timestamp;
use domain::ledger::{AccountCode, LedgerAccount, Side};
use domain::money::Currency;
use std::fmt::{self, Display, Formatter};

/// Cells, those of a column as wide as the widest of them.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    indent: usize,
    right: &'static [usize],
}

impl Table {
    fn new(indent: usize, right: &'static [usize]) -> Self {
        Self { rows: Vec::new(), indent, right }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell: &String| cell.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate().filter(|(_, (_, w))| **w > 0) {
                let cell = if self.right.contains(&column) {
                    format!("{cell:>width$}  ")
                } else {
                    format!("{cell:<width$}  ")
                };
                line.push_str(&cell);
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// What is told of an amount: decimal, currency, minor units. Beyond 64 bits the minor units must do.
fn amount(minor: i128, currency: Currency) -> [String; 3] {
    let decimal = i64::try_from(minor).map_or_else(|_| "…".to_owned(), |minor| currency.print(minor));
    [decimal, currency.to_string(), minor.to_string()]
}

/// What an account is kept per, without the ids of `subject`.
fn kept_per(account: LedgerAccount, subject: Option<Subject>) -> String {
    let own = match subject {
        Some(Subject::Contract(id)) => id.to_string(),
        Some(Subject::Account(party, _)) => party.to_string(),
        None => String::new(),
    };
    let account = account.to_string();
    let ids: Vec<&str> = account.split(':').skip(1).filter(|id| *id != own).collect();
    ids.join(" ")
}

fn money(
    table: &mut Table,
    word: &str,
    (row, per): (AccountCode, String),
    (minor, currency): (i128, Currency),
) {
    let [decimal, currency, minor] = amount(minor, currency);
    table.row([
        word.to_owned(),
        row.code().to_owned(),
        row.title().to_owned(),
        per,
        decimal,
        currency,
        minor,
    ]);
}

/// The columns of [`money`] that end together.
const AMOUNTS: &[usize] = &[4, 6];

fn balances(table: &mut Table, word: &str, subject: Subject, balances: &[Balance]) {
    for balance in balances {
        let per = kept_per(balance.account, Some(subject));
        money(table, word, (balance.account.code(), per), (balance.minor, balance.currency));
    }
}

fn rows(table: &mut Table, word: &str, rows: &[TrialLine]) {
    for row in rows {
        money(table, word, (row.account, String::new()), (row.balance(), row.currency));
    }
}

/// The heads of [`money`]'s columns.
fn heads(table: &mut Table) {
    table.row(["", "account", "", "", "balance", "", "minor units"].map(str::to_owned));
}

/// What it is about, and where in the log.
pub(super) struct Title<'a> {
    pub(super) of: &'a str,
    pub(super) at: At,
}

impl Display for Title<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.of)?;
        write!(f, "as of {}", Place(self.at))
    }
}

struct Place(At);

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "position {}", self.0.position)?;
        match self.0.recorded_at {
            Some(instant) => write!(f, ", recorded {}", Timestamp::from_micros(instant))?,
            None => f.write_str(", before the first event")?,
        }
        match self.0.effective_on {
            Some(day) => write!(f, "; money effective on or before {day}"),
            None => Ok(()),
        }
    }
}

/// A contract as it stood.
pub(super) struct Contract<'a>(pub(super) &'a ContractAt);

impl Display for Contract<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ContractAt { at, contract, .. } = self.0;
        let subject = Subject::Contract(contract.id);
        writeln!(f, "{}\n", Title { of: &subject.stream().to_string(), at: *at })?;
        let mut about = Table::new(0, &[]);
        about.row(["status".into(), name(contract.status())]);
        about.row(["client".into(), contract.client.to_string()]);
        about.row(["talent".into(), contract.talent.to_string()]);
        writeln!(f, "{about}")?;
        let mut milestones = Table::new(0, &[0, 2, 4]);
        milestones.row(["milestone", "status", "amount", "", "minor units", "id"].map(str::to_owned));
        for milestone in &contract.milestones {
            let (minor, currency) = (milestone.amount.minor(), milestone.amount.currency());
            let [decimal, currency, minor] = amount(minor.into(), currency);
            let (number, status) = (milestone.number.to_string(), name(milestone.status()));
            milestones.row([number, status, decimal, currency, minor, milestone.id.to_string()]);
        }
        writeln!(f, "{milestones}")?;
        let mut table = Table::new(0, AMOUNTS);
        heads(&mut table);
        balances(&mut table, "", subject, &self.0.balances);
        write!(f, "{table}")
    }
}

/// A party's money as it stood.
pub(super) struct Account<'a>(pub(super) &'a AccountAt);

impl Display for Account<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let AccountAt { at, party, currency, .. } = self.0;
        let subject = Subject::Account(*party, *currency);
        writeln!(f, "{}\n", Title { of: &subject.stream().to_string(), at: *at })?;
        let mut table = Table::new(0, AMOUNTS);
        heads(&mut table);
        balances(&mut table, "", subject, &self.0.balances);
        write!(f, "{table}")
    }
}

/// The ledger as it stood.
pub(super) struct Ledger<'a>(pub(super) &'a LedgerAt);

impl Display for Ledger<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{} entries\n", Title { of: "ledger", at: self.0.at }, self.0.entries)?;
        let mut table = Table::new(0, AMOUNTS);
        heads(&mut table);
        rows(&mut table, "", &self.0.balances);
        write!(f, "{table}")
    }
}

/// One line about a fact.
struct Headline<'a>(&'a Fact);

impl Display for Headline<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let fact = self.0;
        let recorded = Timestamp::from_micros(fact.recorded_at);
        write!(f, "{:>8}  {recorded}  {:<28}  {}", fact.position, fact.event_type, fact.actor)?;
        if fact.effective_at != fact.recorded_at {
            write!(f, "  effective {}", Timestamp::from_micros(fact.effective_at))?;
        }
        Ok(())
    }
}

/// How far the lines below a fact are indented.
const INDENT: usize = 10;

fn lines(table: &mut Table, subject: Option<Subject>, fact: &Fact) {
    for line in fact.lines() {
        let side = match line.side {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        let per = kept_per(line.account, subject);
        money(table, side, (line.account.code(), per), (line.minor.into(), line.currency));
    }
}

/// A fact of a contract or an account, what it changed, and the balances after it.
pub(super) struct Step<'a> {
    pub(super) subject: Subject,
    pub(super) of: &'a audit::replay::Step,
    pub(super) changed: &'a [Changed],
}

impl Display for Step<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Headline(&self.of.fact))?;
        statuses(f, self.changed)?;
        let mut table = Table::new(INDENT, AMOUNTS);
        if self.of.fact.entry.is_some() {
            lines(&mut table, Some(self.subject), &self.of.fact);
            balances(&mut table, "balance", self.subject, &self.of.balances);
            writeln!(f, "{table}")?;
        }
        Ok(())
    }
}

fn statuses(f: &mut Formatter<'_>, changed: &[Changed]) -> fmt::Result {
    for Changed { of, before, after } in changed {
        match before {
            Some(before) => writeln!(f, "{:INDENT$}{of}: {before} → {after}", "")?,
            None => writeln!(f, "{:INDENT$}{of}: {after}", "")?,
        }
    }
    Ok(())
}

/// An entry of the ledger, and the rows that it moved.
pub(super) struct LedgerStep<'a>(pub(super) &'a audit::replay::LedgerStep);

impl Display for LedgerStep<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Headline(&self.0.fact))?;
        let mut table = Table::new(INDENT, AMOUNTS);
        lines(&mut table, None, &self.0.fact);
        rows(&mut table, "balance", &self.0.balances);
        writeln!(f, "{table}")
    }
}

fn places(f: &mut Formatter<'_>, of: &str, from: At, to: At) -> fmt::Result {
    writeln!(f, "{of}\nfrom {}\nto   {}\n", Place(from), Place(to))
}

fn moved(f: &mut Formatter<'_>, moved: &[Moved]) -> fmt::Result {
    let mut table = Table::new(0, &[1, 2, 3, 5]);
    if !moved.is_empty() {
        table.row(["account", "before", "after", "change", "", "minor units"].map(str::to_owned));
    }
    for Moved { account, row, currency, before, after, change } in moved {
        let decimal = |minor: i128| amount(minor, *currency)[0].clone();
        table.row([
            if account == row.code() { format!("{account} {}", row.title()) } else { account.clone() },
            decimal(*before),
            decimal(*after),
            decimal(*change),
            currency.to_string(),
            change.to_string(),
        ]);
    }
    write!(f, "{table}")
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        places(f, &self.of, self.from, self.to)?;
        for fact in &self.facts {
            writeln!(f, "{}", Headline(fact))?;
        }
        statuses(f, &self.states)?;
        writeln!(f)?;
        moved(f, &self.balances)
    }
}

impl Display for LedgerDifference {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        places(f, self.of, self.from, self.to)?;
        writeln!(f, "{} entries\n", self.entries)?;
        moved(f, &self.balances)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let mut table = Table::new(2, &[2]);
        table.row(["a", "", "1", "x"].map(str::to_owned));
        table.row(["bcé", "", "1000", ""].map(str::to_owned));
        assert_eq!(table.to_string(), "  a       1  x\n  bcé  1000\n");
    }

    #[test]
    fn amounts_have_their_currencys_decimals_and_exact_minor_units() {
        assert_eq!(amount(-5, Currency::USD), ["-0.05", "USD", "-5"]);
        assert_eq!(amount(5, Currency::JPY), ["5", "JPY", "5"]);
        assert_eq!(amount(1 << 70, Currency::KWD), ["…", "KWD", "1180591620717411303424"]);
    }
}
