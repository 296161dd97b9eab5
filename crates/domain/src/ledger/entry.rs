//! Journal entries. One that doesn't balance can't be made, and can't be read either.

use super::account::{Book, LedgerAccount};
use crate::id::EntryId;
use crate::money::{Currency, Money};
use crate::refusal::{Code, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most lines of one entry; awards in every mix stay far below.
pub const LINES_MAX: usize = 64;

/// The most minor units of one line. An offer is bounded by [`Money::MINOR_MAX`] with the client's charge on top, so no
/// line that the posting rules make is larger; and the lines of one entry never overflow their sum.
pub const LINE_MINOR_MAX: i64 = Money::MINOR_MAX;

/// Debit or credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Increases assets and expenses.
    Debit,
    /// Increases liabilities and income.
    Credit,
}

/// One line of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Debit or credit.
    pub side: Side,
    /// The account.
    pub account: LedgerAccount,
    /// Minor units, above zero.
    #[schemars(range(min = 1, max = LINE_MINOR_MAX))]
    pub minor: i64,
    /// The currency of the minor units.
    pub currency: Currency,
}

impl Line {
    /// A debit; of zero, it is left out of the entry.
    pub fn debit(account: LedgerAccount, minor: i64, currency: Currency) -> Self {
        Self { side: Side::Debit, account, minor, currency }
    }

    /// A credit; of zero, it is left out of the entry.
    pub fn credit(account: LedgerAccount, minor: i64, currency: Currency) -> Self {
        Self { side: Side::Credit, account, minor, currency }
    }

    /// Minor units, positive for a debit, negative for a credit.
    pub fn signed(&self) -> i64 {
        match self.side {
            Side::Debit => self.minor,
            Side::Credit => -self.minor,
        }
    }
}

/// A journal entry that balances per book and per currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawEntry")]
#[schemars(!try_from)]
pub struct JournalEntry {
    id: EntryId,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct RawEntry {
    id: EntryId,
    lines: Vec<Line>,
}

impl TryFrom<RawEntry> for JournalEntry {
    type Error = Refusal;
    fn try_from(raw: RawEntry) -> Result<Self, Refusal> {
        let written = raw.lines.len();
        let entry = Self::balanced(raw.id, raw.lines)?;
        if entry.lines.len() != written {
            return Err(unbalanced("an entry as written has no line of zero"));
        }
        Ok(entry)
    }
}

impl JournalEntry {
    /// An entry of `lines`, without those of zero.
    ///
    /// # Errors
    /// [`Code::EntryUnbalanced`] when debits and credits differ in a book and currency, a line is negative or above
    /// [`LINE_MINOR_MAX`], no line is left, or there are more than [`LINES_MAX`].
    pub fn balanced(id: EntryId, lines: Vec<Line>) -> Result<Self, Refusal> {
        let lines: Vec<Line> = lines.into_iter().filter(|line| line.minor != 0).collect();
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Err(unbalanced("an entry has 1 to 64 lines"));
        }
        if lines.iter().any(|line| line.minor < 0) {
            return Err(unbalanced("a line is never negative: use the other side"));
        }
        if lines.iter().any(|line| line.minor > LINE_MINOR_MAX) {
            return Err(unbalanced("a line is larger than any amount"));
        }
        // A handful of lines: summing each line's own book and currency beats building a map.
        for line in &lines {
            let same = |other: &&Line| {
                other.currency == line.currency && other.account.code().book() == line.account.code().book()
            };
            let sum: i128 = lines.iter().filter(same).map(|other| i128::from(other.signed())).sum();
            if sum != 0 {
                return Err(unbalanced("debits and credits differ"));
            }
        }
        Ok(Self { id, lines })
    }

    /// The entry's id.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// The lines, at least two, none of zero.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Debits of `book` in `currency`, in minor units; the credits are the same.
    pub fn total(&self, book: Book, currency: Currency) -> i64 {
        let debits = |line: &&Line| {
            line.side == Side::Debit && line.currency == currency && line.account.code().book() == book
        };
        self.lines.iter().filter(debits).map(|line| line.minor).sum()
    }
}

fn unbalanced(message: &'static str) -> Refusal {
    Refusal::new(Code::EntryUnbalanced, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TypedId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn entry(lines: Vec<Line>) -> Result<JournalEntry, Refusal> {
        JournalEntry::balanced(EntryId::from_uuid(Uuid::nil()), lines)
    }

    #[test]
    fn an_entry_balances_in_each_book_by_itself() {
        // 100 on each side in total, yet neither book balances.
        let across = vec![
            Line::debit(LedgerAccount::ProviderClearing, 100, Currency::USD),
            Line::credit(LedgerAccount::FeeRevenue, 100, Currency::USD),
        ];
        assert_eq!(entry(across).unwrap_err().code, Code::EntryUnbalanced);
    }

    #[test]
    fn an_entry_balances_in_each_currency_by_itself() {
        let across = vec![
            Line::debit(LedgerAccount::ProviderClearing, 100, Currency::USD),
            Line::credit(LedgerAccount::DueToPlatform, 100, Currency::EUR),
        ];
        assert_eq!(entry(across).unwrap_err().code, Code::EntryUnbalanced);
    }

    #[test]
    fn nothing_and_negative_lines_are_no_entry() {
        assert!(entry(vec![]).is_err());
        assert!(entry(vec![Line::debit(LedgerAccount::ProviderClearing, 0, Currency::USD)]).is_err());
        let negative = vec![
            Line::debit(LedgerAccount::ProviderClearing, -5, Currency::USD),
            Line::credit(LedgerAccount::DueToPlatform, -5, Currency::USD),
        ];
        assert!(entry(negative).is_err());
    }

    #[test]
    fn a_line_is_no_larger_than_an_amount_can_be() {
        let of = |minor| {
            entry(vec![
                Line::debit(LedgerAccount::ProviderClearing, minor, Currency::USD),
                Line::credit(LedgerAccount::DueToPlatform, minor, Currency::USD),
            ])
        };
        assert!(of(LINE_MINOR_MAX).is_ok());
        assert!(of(LINE_MINOR_MAX + 1).is_err());
        assert!(of(i64::MAX).is_err());
    }

    #[test]
    fn an_unbalanced_entry_cannot_be_read_from_json() {
        let good = entry(vec![
            Line::debit(LedgerAccount::ProviderClearing, 100, Currency::USD),
            Line::credit(LedgerAccount::DueToPlatform, 100, Currency::USD),
        ]);
        let json = serde_json::to_string(&good.unwrap()).unwrap();
        assert!(serde_json::from_str::<JournalEntry>(&json).is_ok());
        assert!(serde_json::from_str::<JournalEntry>(&json.replacen("100", "101", 1)).is_err());
    }

    proptest! {
        #[test]
        fn only_equal_sides_balance(debit in 1..1_000_i64, credit in 1..1_000_i64) {
            let made = entry(vec![
                Line::debit(LedgerAccount::ProviderClearing, debit, Currency::USD),
                Line::credit(LedgerAccount::UnidentifiedReceipts, credit, Currency::USD),
            ]);
            prop_assert_eq!(made.is_ok(), debit == credit);
        }
    }
}
