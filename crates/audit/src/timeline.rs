//! The facts of one contract, or of one party's money in one currency, in order, with what stood after each.
//!
//! Shape: the stream's records, and for a contract those of every stream that began in one of its facts (its deposits,
//! their refunds, its disputes, and whatever else is opened under it), merged by position and each taken once. Cost: per-stream reads; nothing
//! else of the log is touched. Bounds: [`FACTS_MAX`] records are held.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use domain::contract::EscrowEvent;
use domain::id::{ContractId, PartyId};
use domain::ledger::Line;
use domain::money::Currency;
use domain::{Event, Mark, State, StreamId, Timestamp};
use eventstore::{EventStore, Position, Record};
use serde::Serialize;

use crate::at::{AsOfError, At};
use crate::fact::{Balance, Fact, Sheet};
use crate::pages::decode;

/// Most facts of one timeline.
pub const FACTS_MAX: usize = 1_000_000;

/// Whose timeline it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A contract, with its milestones and all that was opened under it.
    Contract(ContractId),
    /// A party's money in one currency.
    Account(PartyId, Currency),
}

impl Subject {
    /// Its stream.
    pub fn stream(self) -> StreamId {
        match self {
            Self::Contract(id) => StreamId::Contract(id),
            Self::Account(party, currency) => StreamId::Account(party, currency),
        }
    }

    /// Whether the line moves one of the subject's own accounts.
    fn owns(self, line: &Line) -> bool {
        match self {
            Self::Contract(id) => line.account.kept().contract == Some(id),
            Self::Account(party, currency) => {
                line.account.kept().party == Some(party) && line.currency == currency
            }
        }
    }
}

/// A fact, and the balances of the subject's own accounts after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The fact.
    #[serde(flatten)]
    pub fact: Fact,
    /// Of every account that the facts so far moved, those at zero included.
    pub balances: Vec<Balance>,
}

/// The facts of a subject, one after the other. Ends for good after an error.
pub struct Timeline {
    at: At,
    subject: Subject,
    stream: StreamId,
    name: String,
    records: std::vec::IntoIter<Arc<Record>>,
    state: Option<State>,
    revision: u64,
    sheet: Sheet,
}

impl Timeline {
    /// The facts of `subject` up to `at`, those of the streams that began in them included.
    ///
    /// # Errors
    /// [`AsOfError`]; an event that can't be read may also be found only when it is reached.
    pub async fn read(store: &dyn EventStore, subject: Subject, at: At) -> Result<Self, AsOfError> {
        let mut timeline = Self::own(store, subject, at).await?;
        let mut records: BTreeMap<Position, Arc<Record>> =
            timeline.records.map(|record| (record.position(), record)).collect();
        if let Subject::Contract(_) = subject {
            join(store, &timeline.stream, at, &mut records).await?;
        }
        timeline.records = records.into_values().collect::<Vec<_>>().into_iter();
        Ok(timeline)
    }

    /// The facts of the subject's own stream alone.
    pub(crate) async fn own(store: &dyn EventStore, subject: Subject, at: At) -> Result<Self, AsOfError> {
        let stream = subject.stream();
        let name = stream.to_string();
        let records = records(store, &name, at).await?.into_iter();
        Ok(Self { at, subject, stream, name, records, state: None, revision: 0, sheet: Sheet::default() })
    }

    /// Where it ends.
    pub fn at(&self) -> At {
        self.at
    }

    /// The folded state of the subject after the facts so far.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// The subject's revision after the facts so far.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The balances of the subject's own accounts after the facts so far.
    pub fn balances(&self) -> Vec<Balance> {
        self.sheet.balances()
    }

    /// Passes over everything that is left.
    pub(crate) fn run(&mut self) -> Result<(), AsOfError> {
        while self.advance()?.is_some() {}
        Ok(())
    }

    fn advance(&mut self) -> Result<Option<Fact>, AsOfError> {
        let Some(record) = self.records.next() else {
            return Ok(None);
        };
        let event = decode(&record)?;
        let header = record.header();
        if let Some(revision) = header.revision_in(&self.name) {
            self.revision = revision;
            let mark = Mark { revision, at: Timestamp::from_micros(header.recorded_at) };
            self.state = State::evolve(self.state.take(), &self.stream, &event, mark);
        }
        let fact = Fact::of(header, &event);
        if self.at.counts(header.effective_at) {
            fact.lines().iter().filter(|line| self.subject.owns(line)).for_each(|line| self.sheet.post(line));
        }
        Ok(Some(fact))
    }
}

impl Iterator for Timeline {
    type Item = Result<Step, AsOfError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.advance() {
            Ok(fact) => fact.map(|fact| Ok(Step { fact, balances: self.balances() })),
            Err(error) => {
                self.records = Vec::new().into_iter();
                Some(Err(error))
            }
        }
    }
}

/// The records of a stream up to `at`; never empty.
pub(crate) async fn records(
    store: &dyn EventStore,
    stream: &str,
    at: At,
) -> Result<Vec<Arc<Record>>, AsOfError> {
    let mut records = store.read_stream(stream, 0).await?;
    let Some(first) = records.first() else {
        return Err(AsOfError::Unknown { stream: stream.to_owned() });
    };
    if first.position() > at.position {
        let (begins, stream) = (first.position(), stream.to_owned());
        return Err(AsOfError::NotYet { begins, asked: at.position, stream });
    }
    records.retain(|record| record.position() <= at.position);
    Ok(records)
}

/// The stream that is opened under a contract with `event`. A dispute begins in a stream of its own; what it freezes is
/// the contract's.
fn opened(event: &Event) -> Option<StreamId> {
    if let Event::Escrow(EscrowEvent::Frozen(frozen)) = event {
        return Some(StreamId::Dispute(frozen.dispute_id));
    }
    event.begins()
}

/// Adds the records of every stream that was opened in one of `records`, and in those in turn.
async fn join(
    store: &dyn EventStore,
    stream: &StreamId,
    at: At,
    records: &mut BTreeMap<Position, Arc<Record>>,
) -> Result<(), AsOfError> {
    let mut seen = BTreeSet::from([stream.clone()]);
    let mut new: VecDeque<Arc<Record>> = records.values().cloned().collect();
    while let Some(record) = new.pop_front() {
        let Some(begun) = opened(&decode(&record)?).filter(|begun| seen.insert(begun.clone())) else {
            continue;
        };
        for record in store.read_stream(&begun.to_string(), 0).await? {
            if record.position() <= at.position && !records.contains_key(&record.position()) {
                records.insert(record.position(), Arc::clone(&record));
                new.push_back(record);
            }
        }
        if records.len() > FACTS_MAX {
            return Err(AsOfError::TooMany { stream: stream.to_string(), max: FACTS_MAX });
        }
    }
    Ok(())
}
