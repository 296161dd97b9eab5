//! What is shown of an event when money and states are replayed, and the balances after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Event;
use domain::id::{EventId, TypedId};
use domain::ledger::{AccountCode, JournalEntry, LedgerAccount, Line, Normal, Side};
use domain::money::Currency;
use eventstore::{Header, Micros, Position};
use serde::Serialize;

use crate::at::{instant, number};
use crate::report::TrialLine;

/// An event as it was recorded, without its payload.
///
/// JSON: instants as RFC 3339 in UTC with six decimals, the entry as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Where it stands.
    #[serde(serialize_with = "number")]
    pub position: Position,
    /// When it was recorded.
    #[serde(serialize_with = "instant")]
    pub recorded_at: Micros,
    /// When it took effect; its day in UTC is the accounting date.
    #[serde(serialize_with = "instant")]
    pub effective_at: Micros,
    /// Its identity.
    pub event_id: EventId,
    /// What happened, such as `escrow.released`.
    pub event_type: String,
    /// Who caused it: `pty_…`, `system:…` or `provider:…`.
    pub actor: Arc<str>,
    /// The entry that it caused, if it moved money.
    pub entry: Option<JournalEntry>,
}

impl Fact {
    pub(crate) fn of(header: &Header, event: &Event) -> Self {
        Self {
            position: header.position,
            recorded_at: header.recorded_at,
            effective_at: header.effective_at,
            event_id: EventId::from_uuid(header.event_id),
            event_type: header.event_type.to_string(),
            actor: Arc::clone(&header.actor),
            entry: event.journal_entry().cloned(),
        }
    }

    /// The lines of the entry; none if it moved no money.
    pub fn lines(&self) -> &[Line] {
        self.entry.as_ref().map_or(&[], JournalEntry::lines)
    }
}

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The account. JSON: the code and its ids, such as `2110:ctr_…:mil_…`.
    pub account: LedgerAccount,
    /// The currency of the minor units.
    pub currency: Currency,
    /// Minor units, positive on the account's usual side.
    pub minor: i128,
}

/// Balances by account and currency. Memory grows with the accounts, so it is for those of one contract or party.
#[derive(Default)]
pub(crate) struct Sheet(BTreeMap<(LedgerAccount, Currency), i128>);

impl Sheet {
    pub(crate) fn post(&mut self, line: &Line) {
        let usual = match line.account.code().normal() {
            Normal::Debit => i128::from(line.signed()),
            Normal::Credit => -i128::from(line.signed()),
        };
        *self.0.entry((line.account, line.currency)).or_default() += usual;
    }

    /// Every account that was ever posted to, those at zero included.
    pub(crate) fn balances(&self) -> Vec<Balance> {
        let balance = |(&(account, currency), &minor): (&(LedgerAccount, Currency), &i128)| Balance {
            account,
            currency,
            minor,
        };
        self.0.iter().map(balance).collect()
    }
}

/// Debits and credits by row of the chart and currency, however many accounts there are.
#[derive(Default)]
pub(crate) struct Trial(BTreeMap<(AccountCode, Currency), (i128, i128)>);

impl Trial {
    pub(crate) fn post(&mut self, line: &Line) {
        let (debits, credits) = self.0.entry((line.account.code(), line.currency)).or_default();
        match line.side {
            Side::Debit => *debits += i128::from(line.minor),
            Side::Credit => *credits += i128::from(line.minor),
        }
    }

    pub(crate) fn rows(&self) -> Vec<TrialLine> {
        self.0.iter().map(row).collect()
    }

    /// The rows that the entry moved.
    pub(crate) fn moved_by(&self, entry: &JournalEntry) -> Vec<TrialLine> {
        let moved = |key: &(AccountCode, Currency)| {
            entry.lines().iter().any(|line| (line.account.code(), line.currency) == *key)
        };
        self.0.iter().filter(|(key, _)| moved(key)).map(row).collect()
    }
}

fn row((key, sums): (&(AccountCode, Currency), &(i128, i128))) -> TrialLine {
    TrialLine { account: key.0, currency: key.1, debits: sums.0, credits: sums.1 }
}
