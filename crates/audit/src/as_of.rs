//! A contract, a dispute, a party's money, or the whole marketplace's ledger as of a place in the log.
//!
//! Shape: [`resolve`] turns what was asked into an [`At`], once; everything else takes that and answers with it, so that
//! several answers are about the same place, and each can be reproduced. Cost: a contract, a dispute and an account read
//! their own stream; the ledger reads the log from its beginning, page by page.

use domain::contract::Contract;
use domain::dispute::Dispute;
use domain::id::{ContractId, DisputeId, PartyId};
use domain::ledger::JournalEntry;
use domain::money::Currency;
use domain::{Mark, State, StreamId, Timestamp};
use eventstore::{EventStore, Position, Record};
use serde::Serialize;
use std::sync::Arc;

pub use crate::at::{AsOf, AsOfError, AsOfMalformed, At, Day, DayMalformed, resolve};
use crate::fact::{Balance, Fact, Trial};
use crate::pages::{Pages, Progress, decode};
use crate::report::TrialLine;
use crate::timeline::{Subject, Timeline, records};

/// A contract as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractAt {
    /// The place in the log.
    pub at: At,
    /// How many events its stream had.
    pub revision: u64,
    /// The state that decisions would have seen at the position, whatever `at.effective_on` says.
    pub contract: Contract,
    /// Every account of the contract that was ever posted to, summed from the entries.
    pub balances: Vec<Balance>,
}

/// A dispute as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeAt {
    /// The place in the log.
    pub at: At,
    /// How many events its stream had.
    pub revision: u64,
    /// The state that decisions would have seen at the position, whatever `at.effective_on` says.
    pub dispute: Dispute,
}

/// A party's money in one currency as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AccountAt {
    /// The place in the log.
    pub at: At,
    /// Whose.
    pub party: PartyId,
    /// The currency.
    pub currency: Currency,
    /// How many events its stream had.
    pub revision: u64,
    /// Every account of the party that was ever posted to, summed from the entries.
    pub balances: Vec<Balance>,
}

/// The marketplace's ledger as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerAt {
    /// The place in the log.
    pub at: At,
    /// How many entries count.
    pub entries: u64,
    /// The trial balance, by row of the chart and currency.
    pub balances: Vec<TrialLine>,
}

/// The contract as of `at`.
///
/// # Errors
/// [`AsOfError::Unknown`] if there never was one, [`AsOfError::NotYet`] if it begins later; else as the store says.
pub async fn contract_at(store: &dyn EventStore, id: ContractId, at: At) -> Result<ContractAt, AsOfError> {
    let mut timeline = Timeline::own(store, Subject::Contract(id), at).await?;
    timeline.run()?;
    let contract = timeline.state().and_then(State::as_contract).cloned();
    let contract =
        contract.ok_or_else(|| AsOfError::Unknown { stream: StreamId::Contract(id).to_string() })?;
    Ok(ContractAt { at, revision: timeline.revision(), contract, balances: timeline.balances() })
}

/// The dispute as of `at`.
///
/// # Errors
/// As [`contract_at`].
pub async fn dispute_at(store: &dyn EventStore, id: DisputeId, at: At) -> Result<DisputeAt, AsOfError> {
    let stream = StreamId::Dispute(id);
    let name = stream.to_string();
    let (mut state, mut revision) = (None, 0);
    for record in records(store, &name, at).await? {
        let event = decode(&record)?;
        let header = record.header();
        revision = header.revision_in(&name).unwrap_or(revision);
        let mark = Mark { revision, at: Timestamp::from_micros(header.recorded_at) };
        state = State::evolve(state, &stream, &event, mark);
    }
    let dispute = state.as_ref().and_then(State::as_dispute).cloned();
    let dispute = dispute.ok_or(AsOfError::Unknown { stream: name })?;
    Ok(DisputeAt { at, revision, dispute })
}

/// The party's money in `currency` as of `at`.
///
/// # Errors
/// As [`contract_at`]; a party that never had money in this currency is [`AsOfError::Unknown`].
pub async fn account_at(
    store: &dyn EventStore,
    party: PartyId,
    currency: Currency,
    at: At,
) -> Result<AccountAt, AsOfError> {
    let mut timeline = Timeline::own(store, Subject::Account(party, currency), at).await?;
    timeline.run()?;
    Ok(AccountAt { at, party, currency, revision: timeline.revision(), balances: timeline.balances() })
}

/// The ledger as of `at`.
///
/// # Errors
/// [`AsOfError::Unreadable`] or a fault of the store.
pub async fn ledger_at(
    store: &dyn EventStore,
    at: At,
    progress: Progress<'_>,
) -> Result<LedgerAt, AsOfError> {
    let mut walk = LedgerWalk::new(store, at);
    while walk.entry(progress).await?.is_some() {}
    Ok(walk.ledger())
}

/// An entry of the ledger, and the rows of the trial balance that it moved, as they were after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LedgerStep {
    /// The fact that caused the entry.
    #[serde(flatten)]
    pub fact: Fact,
    /// The rows after it.
    pub balances: Vec<TrialLine>,
}

/// The entries of the ledger that count as of a place, one after the other. Bounds: one page of the log is held.
pub struct LedgerWalk<'a> {
    at: At,
    pages: Pages<'a>,
    page: std::vec::IntoIter<Arc<Record>>,
    trial: Trial,
    entries: u64,
}

impl<'a> LedgerWalk<'a> {
    /// From the beginning of the log to `at`.
    pub fn new(store: &'a dyn EventStore, at: At) -> Self {
        let pages = Pages::new(store, Position::START, at.position);
        Self { at, pages, page: Vec::new().into_iter(), trial: Trial::default(), entries: 0 }
    }

    /// The next entry with the rows that it moved; `None` at the end.
    ///
    /// # Errors
    /// As [`ledger_at`].
    pub async fn next(&mut self, progress: Progress<'_>) -> Result<Option<LedgerStep>, AsOfError> {
        let Some((fact, entry)) = self.entry(progress).await? else {
            return Ok(None);
        };
        Ok(Some(LedgerStep { fact, balances: self.trial.moved_by(&entry) }))
    }

    /// The ledger after the entries so far.
    pub fn ledger(&self) -> LedgerAt {
        LedgerAt { at: self.at, entries: self.entries, balances: self.trial.rows() }
    }

    async fn entry(&mut self, progress: Progress<'_>) -> Result<Option<(Fact, JournalEntry)>, AsOfError> {
        loop {
            for record in self.page.by_ref() {
                let event = decode(&record)?;
                let counts = self.at.counts(record.header().effective_at);
                if let Some(entry) = event.journal_entry().filter(|_| counts) {
                    entry.lines().iter().for_each(|line| self.trial.post(line));
                    self.entries += 1;
                    return Ok(Some((Fact::of(record.header(), &event), entry.clone())));
                }
            }
            progress(self.pages.passed(), self.at.position);
            let page = self.pages.next().await?;
            if page.is_empty() {
                return Ok(None);
            }
            self.page = page.into_iter();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventstore::MemoryStore;

    #[test]
    fn answers_can_be_waited_for_on_any_thread() {
        fn moves<T: Send>(_: &T) {}
        let store = MemoryStore::new("demo");
        let at = At { position: Position::START, recorded_at: None, effective_on: None };
        moves(&resolve(&store, AsOf::Head, None));
        moves(&contract_at(&store, ContractId::from_u128(1), at));
        moves(&dispute_at(&store, DisputeId::from_u128(1), at));
        moves(&account_at(&store, PartyId::from_u128(1), Currency::USD, at));
        moves(&ledger_at(&store, at, &|_, _| {}));
        moves(&Timeline::read(&store, Subject::Contract(ContractId::from_u128(1)), at));
        moves(&LedgerWalk::new(&store, at).next(&|_, _| {}));
    }
}
