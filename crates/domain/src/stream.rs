//! Streams, folded states, and the one way to decide: [`execute`].

use crate::account::Account;
use crate::command::Command;
use crate::context::Context;
use crate::contract::Contract;
use crate::deposit::{Deposit, Provider, ProviderObject};
use crate::dispute::Dispute;
use crate::event::Event;
use crate::id::{ContractId, DepositId, DisputeId, JobId, PartyId, PayoutId, ProposalId, RefundId, TypedId};
use crate::job::Job;
use crate::ledger::check_guarded;
use crate::marketplace::Marketplace;
use crate::money::Currency;
use crate::payout::Payout;
use crate::permission;
use crate::process::Process;
use crate::proposal::Proposal;
use crate::refund::Refund;
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;
use crate::treasury::Cash;
use std::fmt;
use std::sync::Arc;

/// The name of a stream. Text: `job/job_…`, `account/pty_…/USD`, `marketplace`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// Policy versions.
    Marketplace,
    /// A job.
    Job(JobId),
    /// A proposal.
    Proposal(ProposalId),
    /// A contract with its milestones.
    Contract(ContractId),
    /// A party's money in one currency.
    Account(PartyId, Currency),
    /// Money on its way in.
    Deposit(DepositId),
    /// Money on its way back.
    Refund(RefundId),
    /// A dispute.
    Dispute(DisputeId),
    /// Money on its way out.
    Payout(PayoutId),
    /// The marketplace's settled cash in one currency.
    Cash(Currency),
    /// An object of a payment provider: rail, the provider's id.
    Provider(String, ProviderObject),
    /// What a process did without effect.
    Process(String),
}

impl StreamId {
    /// Reads the text form; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "marketplace" {
            return Some(Self::Marketplace);
        }
        let mut parts = text.splitn(3, '/');
        let stream = match (parts.next()?, parts.next()?, parts.next()) {
            ("job", id, None) => Self::Job(JobId::parse(id).ok()?),
            ("proposal", id, None) => Self::Proposal(ProposalId::parse(id).ok()?),
            ("contract", id, None) => Self::Contract(ContractId::parse(id).ok()?),
            ("deposit", id, None) => Self::Deposit(DepositId::parse(id).ok()?),
            ("refund", id, None) => Self::Refund(RefundId::parse(id).ok()?),
            ("dispute", id, None) => Self::Dispute(DisputeId::parse(id).ok()?),
            ("payout", id, None) => Self::Payout(PayoutId::parse(id).ok()?),
            ("cash", "1010", Some(currency)) => Self::Cash(Currency::parse(currency).ok()?),
            ("process", name, None) => Self::Process(name.to_owned()),
            ("account", id, Some(currency)) => {
                Self::Account(PartyId::parse(id).ok()?, Currency::parse(currency).ok()?)
            }
            ("provider", rail, Some(object)) => {
                Self::Provider(rail.to_owned(), ProviderObject::parse(object).ok()?)
            }
            _ => return None,
        };
        Some(stream)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marketplace => f.write_str("marketplace"),
            Self::Job(id) => write!(f, "job/{id}"),
            Self::Proposal(id) => write!(f, "proposal/{id}"),
            Self::Contract(id) => write!(f, "contract/{id}"),
            Self::Account(party, currency) => write!(f, "account/{party}/{currency}"),
            Self::Deposit(id) => write!(f, "deposit/{id}"),
            Self::Refund(id) => write!(f, "refund/{id}"),
            Self::Dispute(id) => write!(f, "dispute/{id}"),
            Self::Payout(id) => write!(f, "payout/{id}"),
            Self::Cash(currency) => write!(f, "cash/1010/{currency}"),
            Self::Provider(rail, object) => write!(f, "provider/{rail}/{object}"),
            Self::Process(name) => write!(f, "process/{name}"),
        }
    }
}

/// Where an event stands in a stream, and when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The event's revision in the stream, from 1.
    pub revision: u64,
    /// When it was recorded.
    pub at: Timestamp,
}

/// A stream's folded state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Of [`StreamId::Marketplace`].
    Marketplace(Marketplace),
    /// Of [`StreamId::Job`].
    Job(Job),
    /// Of [`StreamId::Proposal`].
    Proposal(Proposal),
    /// Of [`StreamId::Contract`].
    Contract(Contract),
    /// Of [`StreamId::Account`].
    Account(Account),
    /// Of [`StreamId::Deposit`].
    Deposit(Deposit),
    /// Of [`StreamId::Refund`].
    Refund(Refund),
    /// Of [`StreamId::Dispute`].
    Dispute(Dispute),
    /// Of [`StreamId::Payout`].
    Payout(Payout),
    /// Of [`StreamId::Cash`].
    Cash(Cash),
    /// Of [`StreamId::Provider`].
    Provider(Provider),
    /// Of [`StreamId::Process`].
    Process(Process),
}

impl State {
    /// The state of `stream` after `event`, which is at `mark` there. An event that can't begin or continue this state
    /// leaves it as it is: evolution is total, and `verify` reports what doesn't fit.
    pub fn evolve(state: Option<Self>, stream: &StreamId, event: &Event, mark: Mark) -> Option<Self> {
        match stream {
            StreamId::Marketplace => {
                Marketplace::evolve(take(state, Self::marketplace), event).map(Self::Marketplace)
            }
            StreamId::Job(_) => Job::evolve(take(state, Self::job), event, mark).map(Self::Job),
            StreamId::Proposal(_) => {
                Proposal::evolve(take(state, Self::proposal), event, mark).map(Self::Proposal)
            }
            StreamId::Contract(_) => {
                Contract::evolve(take(state, Self::contract), event, mark).map(Self::Contract)
            }
            StreamId::Account(party, _) => {
                Some(Self::Account(Account::evolve(take(state, Self::account), *party, event, mark)))
            }
            StreamId::Deposit(_) => {
                Deposit::evolve(take(state, Self::deposit), event, mark).map(Self::Deposit)
            }
            StreamId::Refund(_) => Refund::evolve(take(state, Self::refund), event, mark).map(Self::Refund),
            StreamId::Dispute(_) => {
                Dispute::evolve(take(state, Self::dispute), event, mark).map(Self::Dispute)
            }
            StreamId::Payout(_) => Payout::evolve(take(state, Self::payout), event, mark).map(Self::Payout),
            StreamId::Cash(_) => Some(Self::Cash(Cash::evolve(take(state, Self::cash), event, mark))),
            StreamId::Provider(..) => {
                Some(Self::Provider(Provider::evolve(take(state, Self::provider), event)))
            }
            StreamId::Process(_) => Some(Self::Process(Process::evolve(take(state, Self::process), event))),
        }
    }

    /// Roughly the bytes that the state takes in memory, for the cache's bound.
    pub fn weight(&self) -> usize {
        let inner = match self {
            Self::Contract(contract) => contract.weight(),
            Self::Job(job) => job.weight(),
            Self::Proposal(proposal) => proposal.weight(),
            Self::Account(account) => account.weight(),
            Self::Cash(cash) => cash.weight(),
            Self::Dispute(dispute) => dispute.weight(),
            Self::Marketplace(_)
            | Self::Deposit(_)
            | Self::Refund(_)
            | Self::Payout(_)
            | Self::Provider(_)
            | Self::Process(_) => 0,
        };
        size_of::<Self>() + inner
    }
}

/// Projects a state onto one variant; a stream only ever holds its own.
fn take<T>(state: Option<State>, project: fn(State) -> Option<T>) -> Option<T> {
    state.and_then(project)
}

macro_rules! projections {
    ($($name:ident, $borrowed:ident = $variant:ident;)*) => {
        impl State {$(
            fn $name(self) -> Option<$variant> {
                if let Self::$variant(inner) = self { Some(inner) } else { None }
            }

            /// The state, if it is one of these.
            pub const fn $borrowed(&self) -> Option<&$variant> {
                if let Self::$variant(inner) = self { Some(inner) } else { None }
            }
        )*}
    };
}
projections! {
    marketplace, as_marketplace = Marketplace;
    job, as_job = Job;
    proposal, as_proposal = Proposal;
    contract, as_contract = Contract;
    account, as_account = Account;
    deposit, as_deposit = Deposit;
    refund, as_refund = Refund;
    dispute, as_dispute = Dispute;
    payout, as_payout = Payout;
    cash, as_cash = Cash;
    provider, as_provider = Provider;
    process, as_process = Process;
}

/// One stream as a decision sees it.
#[derive(Clone, Debug)]
pub struct Folded {
    /// Which stream.
    pub stream: StreamId,
    /// Its revision, 0 if it has no event.
    pub revision: u64,
    /// Its state, `None` if nothing exists there.
    pub state: Option<Arc<State>>,
}

/// The streams that a decision reads, folded at the head of the log.
#[derive(Clone, Debug, Default)]
pub struct States {
    folded: Vec<Folded>,
}

impl States {
    /// Adds a stream, or replaces it.
    pub fn put(&mut self, folded: Folded) {
        match self.folded.iter_mut().find(|other| other.stream == folded.stream) {
            Some(other) => *other = folded,
            None => self.folded.push(folded),
        }
    }

    /// The streams, in the order they were added.
    pub fn folded(&self) -> &[Folded] {
        &self.folded
    }

    /// A stream's revision; 0 for one that isn't folded here.
    pub fn revision(&self, stream: &StreamId) -> u64 {
        self.find(stream).map_or(0, |folded| folded.revision)
    }

    /// A stream's state.
    pub fn state(&self, stream: &StreamId) -> Option<&State> {
        self.find(stream).and_then(|folded| folded.state.as_deref())
    }

    fn find(&self, stream: &StreamId) -> Option<&Folded> {
        self.folded.iter().find(|folded| folded.stream == *stream)
    }

    /// Evolves every stream that `event`, recorded at this instant, belongs to, and says which revision it is in each.
    pub fn evolve(&mut self, event: &Event, at: Timestamp) -> Vec<Membership> {
        let mut memberships = Vec::new();
        for stream in event.streams() {
            if self.find(&stream).is_none() {
                self.folded.push(Folded { stream: stream.clone(), revision: 0, state: None });
            }
            let Some(folded) = self.folded.iter_mut().find(|folded| folded.stream == stream) else {
                continue;
            };
            folded.revision += 1;
            let before = folded.state.take().map(Arc::unwrap_or_clone);
            folded.state =
                State::evolve(before, &stream, event, Mark { revision: folded.revision, at }).map(Arc::new);
            memberships.push(Membership { revision: folded.revision, stream });
        }
        memberships
    }

    /// The job, or `NOT_FOUND`.
    pub(crate) fn job(&self, id: JobId) -> Result<&Job, Refusal> {
        let state = self.state(&StreamId::Job(id));
        state.and_then(State::as_job).ok_or_else(|| Refusal::not_found("job"))
    }

    /// The proposal, or `NOT_FOUND`.
    pub(crate) fn proposal(&self, id: ProposalId) -> Result<&Proposal, Refusal> {
        let state = self.state(&StreamId::Proposal(id));
        state.and_then(State::as_proposal).ok_or_else(|| Refusal::not_found("proposal"))
    }

    /// The contract, or `NOT_FOUND`.
    pub(crate) fn contract(&self, id: ContractId) -> Result<&Contract, Refusal> {
        let state = self.state(&StreamId::Contract(id));
        state.and_then(State::as_contract).ok_or_else(|| Refusal::not_found("contract"))
    }

    /// The deposit, or `NOT_FOUND`.
    pub(crate) fn deposit(&self, id: DepositId) -> Result<&Deposit, Refusal> {
        let state = self.state(&StreamId::Deposit(id));
        state.and_then(State::as_deposit).ok_or_else(|| Refusal::not_found("deposit"))
    }

    /// The refund, or `NOT_FOUND`.
    pub(crate) fn refund(&self, id: RefundId) -> Result<&Refund, Refusal> {
        let state = self.state(&StreamId::Refund(id));
        state.and_then(State::as_refund).ok_or_else(|| Refusal::not_found("refund"))
    }

    /// The dispute, or `NOT_FOUND`.
    pub(crate) fn dispute(&self, id: DisputeId) -> Result<&Dispute, Refusal> {
        let state = self.state(&StreamId::Dispute(id));
        state.and_then(State::as_dispute).ok_or_else(|| Refusal::not_found("dispute"))
    }

    /// The payout, or `NOT_FOUND`.
    pub(crate) fn payout(&self, id: PayoutId) -> Result<&Payout, Refusal> {
        let state = self.state(&StreamId::Payout(id));
        state.and_then(State::as_payout).ok_or_else(|| Refusal::not_found("payout"))
    }

    /// A party's account, if anything ever happened there.
    pub(crate) fn account(&self, party: PartyId, currency: Currency) -> Option<&Account> {
        self.state(&StreamId::Account(party, currency)).and_then(State::as_account)
    }

    /// Settled cash, if anything was ever settled or waited for.
    pub(crate) fn cash(&self, currency: Currency) -> Option<&Cash> {
        self.state(&StreamId::Cash(currency)).and_then(State::as_cash)
    }

    /// The marketplace; before its first policy nothing can be decided.
    pub(crate) fn marketplace(&self) -> Result<&Marketplace, Refusal> {
        self.state(&StreamId::Marketplace)
            .and_then(State::as_marketplace)
            .ok_or_else(|| Refusal::new(Code::WrongState, "the marketplace has no policy yet"))
    }
}

/// That an event belongs to a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The stream.
    pub stream: StreamId,
    /// The event's revision in it, from 1.
    pub revision: u64,
}

/// What a command came to: its events, and the states after them.
#[derive(Debug)]
pub struct Decided {
    /// At least one, in order.
    pub events: Vec<Event>,
    /// The streams of each event, its owner's first.
    pub memberships: Vec<Vec<Membership>>,
    /// Every stream that was read or written, as it is afterwards.
    pub states: States,
}

/// Decides `command` on `states`, which hold its [`Command::primary`], its [`Command::secondary`] streams and the
/// marketplace's, folded at the head.
///
/// Every entry of every event is checked against the guarded balances as they are at that point, so no decision can
/// overdraw one, whatever its own rules forgot.
///
/// # Errors
/// The [`Refusal`] of the first rule that says no; [`Code::StreamUnread`] for an event of a stream that was not folded.
pub fn execute(command: &Command, mut states: States, cx: &Context) -> Result<Decided, Refusal> {
    permission::permit(command.kind(), &cx.actor)?;
    let events = command.decide(&states, cx)?;
    let mut memberships = Vec::with_capacity(events.len());
    for event in &events {
        if let Some(entry) = event.journal_entry() {
            check_guarded(entry, &states)?;
        }
        let begun = event.begins();
        let unread = |stream: &StreamId| states.find(stream).is_none() && begun.as_ref() != Some(stream);
        if let Some(stream) = event.streams().into_iter().find(unread) {
            let message = format!("the decision writes to {stream}, which it did not read");
            return Err(Refusal::new(Code::StreamUnread, message));
        }
        memberships.push(states.evolve(event, cx.now));
    }
    Ok(Decided { events, memberships, states })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CLIENT, approve, funded_contract, given, milestone, now, usd, work};
    use uuid::Uuid;

    #[test]
    fn a_decision_never_writes_to_a_stream_that_it_did_not_read() {
        let mut events = funded_contract(usd(250_000));
        events.push(work());
        let all = given(events).into_states();
        let mut read = States::default();
        for folded in all.folded() {
            match folded.stream {
                StreamId::Marketplace | StreamId::Contract(_) => read.put(folded.clone()),
                _ => {}
            }
        }
        let cx = Context::new(now(), CLIENT.actor(), [7; 16]);
        let refusal = execute(&approve(milestone(1)).into(), read, &cx).unwrap_err();
        assert_eq!(refusal.code, Code::StreamUnread);
        assert!(refusal.message.contains("account/"), "{refusal}");
    }

    #[test]
    fn stream_names_read_back() {
        let id = Uuid::from_u128(7);
        for stream in [
            StreamId::Marketplace,
            StreamId::Job(TypedId::from_uuid(id)),
            StreamId::Proposal(TypedId::from_uuid(id)),
            StreamId::Contract(TypedId::from_uuid(id)),
            StreamId::Account(TypedId::from_uuid(id), Currency::KWD),
            StreamId::Deposit(TypedId::from_uuid(id)),
            StreamId::Refund(TypedId::from_uuid(id)),
            StreamId::Dispute(TypedId::from_uuid(id)),
            StreamId::Payout(TypedId::from_uuid(id)),
            StreamId::Cash(Currency::JPY),
            StreamId::Provider("sandbox".into(), ProviderObject::parse("pay_7").unwrap()),
            StreamId::Process("funding".into()),
        ] {
            assert_eq!(StreamId::parse(&stream.to_string()), Some(stream));
        }
    }
}
