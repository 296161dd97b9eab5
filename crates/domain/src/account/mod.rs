//! A party's money in one currency, folded from the lines that name the party.

use crate::event::Event;
use crate::id::PartyId;
use crate::ledger::{AccountCode, JournalEntry};
use crate::stream::StreamId;
use std::collections::BTreeMap;

/// What a party's accounts hold, per row of the chart, in minor units; credits positive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Balances that are not zero, or once weren't.
    pub balances: BTreeMap<AccountCode, i64>,
}

impl Account {
    /// Roughly the bytes of its balances.
    pub(crate) fn weight(&self) -> usize {
        self.balances.len() * size_of::<(AccountCode, i64)>()
    }

    /// The account of `party` after `event`.
    pub(crate) fn evolve(account: Option<Self>, party: PartyId, event: &Event) -> Self {
        let mut account = account.unwrap_or_default();
        for line in event.journal_entry().into_iter().flat_map(JournalEntry::lines) {
            if line.account.party() == Some(party) {
                *account.balances.entry(line.account.code()).or_default() -= line.signed();
            }
        }
        account
    }
}

/// Which parties' streams an entry belongs to.
pub(crate) trait Joined {
    /// The account streams of the parties that the lines name, without repetition.
    fn joined(&self) -> Vec<StreamId>;
}

impl Joined for JournalEntry {
    fn joined(&self) -> Vec<StreamId> {
        let mut streams = Vec::new();
        for line in self.lines() {
            if let Some(party) = line.account.party() {
                let stream = StreamId::Account(party, line.currency);
                if !streams.contains(&stream) {
                    streams.push(stream);
                }
            }
        }
        streams
    }
}
