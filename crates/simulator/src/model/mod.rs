//! What the log may say, told a second time: the rules of every machine and of every entry, written from the rules
//! themselves. Nothing here calls the product's folding, tables or posting; only the payloads of its events are read.

mod arbitration;
mod awards;
mod books;
mod contracts;
mod deposits;
mod disputes;
mod escrow;
mod fees;
mod hiring;
mod jobs;
mod milestones;
mod owed;
mod payouts;

pub(crate) use books::Books;
pub(crate) use contracts::Contract;
pub(crate) use deposits::{Deposit, Refund};
pub(crate) use disputes::{Dispute, OFFERS_MAX, PIECES_MAX, Rung};
pub(crate) use hiring::{Job, Proposal};
pub(crate) use milestones::Milestone;
pub(crate) use payouts::{Account, Payout};

use domain::id::{
    ContractId, DepositId, DisputeId, JobId, MilestoneId, PartyId, PayoutId, ProposalId, RefundId,
};
use domain::marketplace::MarketplaceEvent;
use domain::policy::Policy;
use domain::process::ProcessEvent;
use domain::{Event, StreamId};
use owed::Debts;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// A state by the name that the product gives it.
pub(crate) type Status = &'static str;

/// A rule that doesn't hold.
pub(crate) type Law = Result<(), String>;

/// That a rule holds, or which doesn't.
pub(crate) fn law(holds: bool, rule: impl Display) -> Law {
    if holds { Ok(()) } else { Err(rule.to_string()) }
}

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// `days` after `at`, in microseconds.
pub(crate) fn days(at: i64, days: u16) -> i64 {
    at + i64::from(days) * DAY
}

/// `at`, as much later as `now` is after `since`.
pub(crate) fn later(at: i64, since: i64, now: i64) -> i64 {
    at.saturating_add((now - since).max(0))
}

/// `minutes` after `at`, in microseconds.
pub(crate) fn minutes(at: i64, minutes: u16) -> i64 {
    at + i64::from(minutes) * MINUTE
}

/// Who did it, when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// The record's actor.
    pub(crate) who: &'a str,
    /// When it was recorded, in microseconds.
    pub(crate) at: i64,
}

impl Told<'_> {
    /// That one of these parties did it.
    pub(crate) fn by(&self, parties: &[PartyId]) -> Law {
        let known = parties.iter().any(|party| party.to_string() == self.who);
        law(known, format!("{} is not whose right it is", self.who))
    }

    /// That time did it, and that it is due.
    pub(crate) fn by_time(&self, due: i64) -> Law {
        law(self.is_time(), format!("{} is not time", self.who))?;
        law(self.at >= due, format!("it fires {} µs too early", due.saturating_sub(self.at)))
    }

    /// That a person did it who is none of these parties.
    pub(crate) fn by_house(&self, parties: &[PartyId]) -> Law {
        law(self.is_person(), format!("{} is no person", self.who))?;
        law(self.by(parties).is_err(), "nobody acts for the house in their own affairs")
    }

    pub(crate) fn is_person(&self) -> bool {
        !self.who.contains(':')
    }

    pub(crate) fn is_time(&self) -> bool {
        self.who == "system:timers"
    }

    /// That a process did it.
    pub(crate) fn by_process(&self, name: &str) -> Law {
        law(self.who.strip_prefix("system:") == Some(name), format!("{} is not {name}", self.who))
    }

    /// That a provider did it.
    pub(crate) fn by_provider(&self) -> Law {
        law(self.who.starts_with("provider:"), format!("{} is no provider", self.who))
    }
}

/// One marketplace as its log tells it.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The policy in force, with its version.
    pub(crate) policy: Option<(u32, Policy)>,
    /// Every version, for what has pinned it.
    policies: BTreeMap<u32, Policy>,
    pub(crate) jobs: BTreeMap<JobId, Job>,
    pub(crate) proposals: BTreeMap<ProposalId, Proposal>,
    pub(crate) contracts: BTreeMap<ContractId, Contract>,
    pub(crate) milestones: BTreeMap<MilestoneId, Milestone>,
    pub(crate) deposits: BTreeMap<DepositId, Deposit>,
    pub(crate) refunds: BTreeMap<RefundId, Refund>,
    pub(crate) disputes: BTreeMap<DisputeId, Dispute>,
    pub(crate) payouts: BTreeMap<PayoutId, Payout>,
    pub(crate) accounts: BTreeMap<(PartyId, String), Account>,
    pub(crate) paused: BTreeSet<String>,
    pub(crate) books: Books,
    /// Objects of providers that were recorded, each once.
    recorded: BTreeSet<String>,
    /// What this append has still to bring.
    debts: Debts,
    /// Refunds that an entry of this append has put on their way, with their deposits and amounts.
    sent: Vec<(RefundId, DepositId, i128)>,
    /// Returned payouts of this append: what came back is credited in it.
    to_credit: Option<PayoutId>,
}

impl Model {
    /// Takes what the log says next.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn take(&mut self, event: &Event, told: Told<'_>) -> Law {
        let (name, _) = event.event_type();
        let taken = match event {
            Event::Marketplace(event) => self.on_marketplace(event, told),
            Event::Job(event) => self.on_job(event, told),
            Event::Proposal(event) => self.on_proposal(event, told),
            Event::Contract(event) => self.on_contract(event, told),
            Event::Milestone(event) => self.on_milestone(event, told),
            Event::Escrow(event) => self.on_escrow(event, told),
            Event::Deposit(event) => self.on_deposit(event, told),
            Event::Refund(event) => self.on_refund(event, told),
            Event::Dispute(event) => self.on_dispute(event, told),
            Event::Account(event) => self.on_account(event, told),
            Event::Payout(event) => self.on_payout(event, told),
            Event::Settlement(event) => self.on_settlement(event, told),
            Event::Process(ProcessEvent::CommandRefused(e)) => told.by_process(&e.process),
        };
        taken.map_err(|rule| format!("{name} by {}: {rule}", told.who))
    }

    /// Ends an append: what had to come in it has come, and the books are in order.
    ///
    /// # Errors
    /// What is missing, or the invariant that doesn't hold.
    pub(crate) fn end_append(&mut self) -> Law {
        self.debts.none_left()?;
        law(self.sent.is_empty(), "a refund was posted that nobody ordered")?;
        law(self.to_credit.take().is_none(), "a return that credits nobody")?;
        self.books.hold()
    }

    fn on_marketplace(&mut self, event: &MarketplaceEvent, told: Told<'_>) -> Law {
        match event {
            MarketplaceEvent::PolicyPublished(e) => {
                let expected = self.policy.as_ref().map_or(1, |(version, _)| version + 1);
                law(e.version == expected, "policy versions count without a gap")?;
                self.policy = Some((e.version, e.policy.clone()));
                self.policies.insert(e.version, e.policy.clone());
            }
            MarketplaceEvent::ReadModelRebuildRequested(_) => {}
            MarketplaceEvent::ProcessPaused(e) => {
                law(self.paused.insert(e.process.as_str().to_owned()), "paused twice")?;
            }
            MarketplaceEvent::ProcessResumed(e) => {
                law(self.paused.remove(e.process.as_str()), "resumed without a pause")?;
            }
            MarketplaceEvent::RailPaused(e) => {
                law(self.paused.insert(format!("rail:{}", e.rail)), "paused twice")?;
            }
            MarketplaceEvent::RailResumed(e) => {
                law(self.paused.remove(&format!("rail:{}", e.rail)), "resumed without a pause")?;
            }
        }
        law(!told.is_time(), "time operates nothing")
    }

    /// The policy in force.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn policy(&self) -> Result<&Policy, String> {
        self.policy.as_ref().map(|(_, policy)| policy).ok_or_else(|| "there is no policy".to_owned())
    }

    /// A provider's object counts once.
    fn record_once(&mut self, rail: &str, object: &impl Display) -> Law {
        law(self.recorded.insert(format!("{rail}/{object}")), format!("{object} counts twice"))
    }

    /// What should have happened by itself by now, and hasn't.
    pub(crate) fn overdue(&self, now: i64) -> Option<String> {
        let late = |due: Option<i64>, what: String| due.is_some_and(|due| due < now).then_some(what);
        let hiring = self.jobs.iter().map(|(id, job)| late(job.due(), format!("{id} is {}", job.status)));
        let talks = self.proposals.iter().map(|(id, p)| late(p.due(), format!("{id} is {}", p.status)));
        let contracts = self.contracts.iter().map(|(id, contract)| {
            let ends = contract.settles() && self.holds_nothing(*id) == Ok(true);
            let due = if ends { Some(i64::MIN) } else { contract.due() };
            late(due, format!("{id} is {}", contract.status()))
        });
        let milestones = self.milestones.iter().map(|(id, milestone)| {
            let holding = self.contracts.get(&milestone.contract).map(|c| c.windows.holding_days);
            // Nothing is executed while its dispute rests.
            let dispute = milestone.dispute.and_then(|id| self.disputes.get(&id));
            let rests = milestone.status == "Disputed" && dispute.is_some_and(|d| d.status == "Suspended");
            let due = holding.and_then(|days| milestone.due(days)).filter(|_| !rests);
            late(due, format!("{id} is {}", milestone.status))
        });
        let disputes = self.disputes.iter().map(|(id, d)| late(d.due(), format!("{id} is {}", d.status)));
        let deposits = self.deposits.iter().map(|(id, d)| late(d.due(), format!("{id} is {}", d.status)));
        let refunds = self.refunds.iter().map(|(id, r)| late(r.due(), format!("{id} is {}", r.status)));
        let payouts = self.payouts.iter().map(|(id, p)| late(p.due(), format!("{id} is {}", p.status)));
        let holds = self.accounts.iter().flat_map(|((party, _), account)| {
            account.holds.iter().map(move |(why, until)| late(*until, format!("{party} is held: {why}")))
        });
        let work = hiring.chain(talks).chain(contracts).chain(milestones).chain(disputes);
        work.chain(deposits).chain(refunds).chain(payouts).chain(holds).flatten().next()
    }

    /// Where something stands that has a machine, by the name of its state; `None` for what has none.
    pub(crate) fn status(&self, stream: &StreamId) -> Option<Status> {
        match stream {
            StreamId::Job(id) => self.jobs.get(id).map(|job| job.status),
            StreamId::Proposal(id) => self.proposals.get(id).map(|proposal| proposal.status),
            StreamId::Contract(id) => self.contracts.get(id).map(Contract::status),
            StreamId::Deposit(id) => self.deposits.get(id).map(|deposit| deposit.status),
            StreamId::Refund(id) => self.refunds.get(id).map(|refund| refund.status),
            StreamId::Dispute(id) => self.disputes.get(id).map(|dispute| dispute.status),
            StreamId::Payout(id) => self.payouts.get(id).map(|payout| payout.status),
            StreamId::Marketplace
            | StreamId::Account(..)
            | StreamId::Cash(_)
            | StreamId::Provider(..)
            | StreamId::Process(_) => None,
        }
    }
}

/// What was told of before.
pub(crate) fn known<'a, K: Ord + Display, V>(map: &'a BTreeMap<K, V>, id: &K) -> Result<&'a V, String> {
    map.get(id).ok_or_else(|| format!("{id} was never told of"))
}

/// As [`known`], to be changed.
pub(crate) fn known_mut<'a, K: Ord + Display, V>(
    map: &'a mut BTreeMap<K, V>,
    id: &K,
) -> Result<&'a mut V, String> {
    map.get_mut(id).ok_or_else(|| format!("{id} was never told of"))
}
