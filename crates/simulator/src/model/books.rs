//! Balances summed from entries, each of which must be what the rules say; and the arithmetic of fees, in exact fractions.

use super::{Law, law};
use domain::ledger::JournalEntry;
use domain::money::{Currency, Rate};
use std::collections::BTreeMap;
use std::fmt::Display;

/// A line that is expected: the account as it is written, and minor units, debits above zero.
pub(crate) type Expected = (String, i128);

/// The balances of both books.
#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Per account and currency, debits above zero.
    balances: BTreeMap<(String, Currency), i128>,
    /// Per code and currency.
    totals: BTreeMap<(String, Currency), i128>,
    touched: Vec<(String, Currency)>,
}

/// Accounts that may never be overdrawn.
const GUARDED: &[&str] = &["2100", "2110", "2115", "2120", "2200", "2210", "2220", "2130"];
/// Accounts of the operator's own book; all others are trust's.
const CORPORATE: &[&str] = &[
    "1020", "1200", "1290", "1500", "2500", "2510", "2710", "4100", "4190", "4200", "4900", "5100", "5200",
    "5300",
];
/// Accounts that mirror one another across the books.
const MIRRORS: &[(&str, &str)] = &[("2700", "1500"), ("1510", "2710")];

fn code(account: &str) -> &str {
    account.split(':').next().unwrap_or(account)
}

impl Books {
    /// Posts an entry that must be exactly `expected`, in one currency.
    pub(crate) fn post(&mut self, entry: &JournalEntry, currency: Currency, expected: Vec<Expected>) -> Law {
        let mut expected: Vec<Expected> = expected.into_iter().filter(|(_, minor)| *minor != 0).collect();
        let mut found: Vec<Expected> = Vec::new();
        for line in entry.lines() {
            law(line.currency == currency, format!("a line in {} among {currency}", line.currency))?;
            found.push((line.account.to_string(), i128::from(line.signed())));
        }
        expected.sort();
        found.sort();
        law(found == expected, format!("posted {found:?} where the rules say {expected:?}"))?;
        for (account, minor) in found {
            *self.totals.entry((code(&account).to_owned(), currency)).or_default() += minor;
            *self.balances.entry((account.clone(), currency)).or_default() += minor;
            self.touched.push((account, currency));
        }
        Ok(())
    }

    /// What an account holds, credits above zero.
    pub(crate) fn credit(&self, account: &impl Display, currency: Currency) -> i128 {
        -self.debit(account, currency)
    }

    /// What an account holds, debits above zero.
    pub(crate) fn debit(&self, account: &impl Display, currency: Currency) -> i128 {
        self.balances.get(&(account.to_string(), currency)).copied().unwrap_or_default()
    }

    /// The sum of all accounts of a code, debits above zero.
    pub(crate) fn total(&self, code: &str, currency: Currency) -> i128 {
        self.totals.get(&(code.to_owned(), currency)).copied().unwrap_or_default()
    }

    /// The currencies that anything was posted in.
    pub(crate) fn currencies(&self) -> Vec<Currency> {
        let mut currencies: Vec<_> = self.totals.keys().map(|(_, currency)| *currency).collect();
        currencies.sort_unstable();
        currencies.dedup();
        currencies
    }

    /// The invariants that hold after every append.
    pub(crate) fn hold(&mut self) -> Law {
        let touched = std::mem::take(&mut self.touched);
        for (account, currency) in &touched {
            let guarded = GUARDED.contains(&code(account));
            let held = self.credit(account, *currency);
            law(!guarded || held >= 0, format!("{account} is overdrawn by {}", -held))?;
        }
        let mut currencies: Vec<_> = touched.into_iter().map(|(_, currency)| currency).collect();
        currencies.dedup();
        for currency in currencies {
            let of = |corporate: bool| -> i128 {
                let sums = self.totals.iter().filter(|((_, other), _)| *other == currency);
                sums.filter(|((code, _), _)| CORPORATE.contains(&code.as_str()) == corporate)
                    .map(|(_, sum)| sum)
                    .sum()
            };
            law(
                of(false) == 0,
                format!("trust's assets and liabilities differ in {currency} by {}", of(false)),
            )?;
            law(of(true) == 0, format!("the operator's book doesn't balance in {currency}"))?;
            for (one, other) in MIRRORS {
                let apart = self.total(one, currency) + self.total(other, currency);
                law(apart == 0, format!("{one} and {other} are {apart} apart in {currency}"))?;
            }
        }
        Ok(())
    }
}

/// A rate in billionths.
fn billionths(rate: Rate) -> i128 {
    let text = serde_json::to_value(rate).ok();
    let text = text.as_ref().and_then(|value| value.as_str()).unwrap_or("0");
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = decimals.chars().chain(std::iter::repeat('0')).take(9).collect();
    whole.parse::<i128>().unwrap_or(0) * 1_000_000_000 + digits.parse::<i128>().unwrap_or(0)
}

/// `numerator / denominator` to the nearest whole number, a tie to the even one; both at least zero.
fn half_even(numerator: i128, denominator: i128) -> i128 {
    if denominator == 0 {
        return 0;
    }
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}

/// The share of `amount` that `rate` is, a tie to the even one.
pub(crate) fn share(rate: Rate, amount: i128) -> i128 {
    half_even(billionths(rate) * amount, 1_000_000_000)
}

/// The share of `amount` that `rate` is, a tie away from zero.
pub(crate) fn tax(rate: Rate, amount: i128) -> i128 {
    (billionths(rate) * amount * 2 + 1_000_000_000) / 2_000_000_000
}

/// `whole × part ÷ of`, a tie to the even one.
pub(crate) fn proportion(whole: i128, part: i128, of: i128) -> i128 {
    half_even(whole * part, of)
}

/// `whole × part ÷ of`, rounded down; all at least zero.
pub(crate) fn floor(whole: i128, part: i128, of: i128) -> i128 {
    if of == 0 { 0 } else { whole * part / of }
}

/// What of `gross` is `rate` on top of the rest, a tie away from zero.
pub(crate) fn within(rate: Rate, gross: i128) -> i128 {
    let one = 1_000_000_000;
    (gross * billionths(rate) * 2 + one + billionths(rate)) / (2 * (one + billionths(rate)))
}
