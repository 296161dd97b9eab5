//! A deposit, and a provider's object, as decisions see them.

use super::{DepositEvent, DepositStatus, PaymentMethod, ProviderObject};
use crate::context::Actor;
use crate::contract::Milestone;
use crate::event::Event;
use crate::id::{ContractId, DepositId, MilestoneId, PartyId};
use crate::money::Money;
use crate::refund::RefundEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::{Mark, State, States, StreamId};
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Its id.
    pub id: DepositId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that it funds.
    pub milestone_id: MilestoneId,
    /// Who pays.
    pub client: PartyId,
    /// What is to be captured.
    pub amount: Money,
    /// The rail.
    pub rail: String,
    /// The provider's token of the instrument.
    pub payment_method: PaymentMethod,
    /// What the provider captured for it: at most one payment as ordered, and any that came late or twice.
    pub payments: Vec<Payment>,
    expires_at: Timestamp,
    status: DepositStatus,
    since: u64,
}

/// A payment that carries a deposit's reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The provider's id of it.
    pub object: ProviderObject,
    /// What was captured.
    pub captured: Money,
    /// What of it has no purpose, in minor units.
    pub unmatched: i64,
    /// What of it went back, or is on its way, in minor units.
    pub refunded: i64,
}

impl Deposit {
    /// The payment under the provider's id.
    pub fn payment(&self, object: &ProviderObject) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.object == *object)
    }

    /// The payment that funded the milestone.
    ///
    /// # Errors
    /// [`Code::WrongState`] when none did.
    pub fn matched_payment(&self) -> Result<&Payment, Refusal> {
        let matched = self.payments.iter().find(|payment| payment.unmatched < payment.captured.minor());
        matched.ok_or_else(|| Refusal::new(Code::WrongState, "no payment of this deposit was matched"))
    }

    /// Where it stands.
    pub const fn status(&self) -> DepositStatus {
        self.status
    }

    /// Whether `milestone`, which it is for, still waits for it.
    pub fn is_awaited(&self, milestone: &Milestone) -> bool {
        self.status.is_pending() && milestone.deposit() == Some(self.id)
    }

    /// Whether what was captured is all of it, or more.
    pub fn is_covered_by(&self, captured: Money) -> bool {
        captured.currency() == self.amount.currency() && captured.minor() >= self.amount.minor()
    }

    /// That it takes its money by `rail`, and that a provider speaks for no other rail than its own.
    ///
    /// # Errors
    /// `NOT_FOUND`: another provider's deposits are none of its business.
    pub(crate) fn is_on(&self, rail: &str, actor: &Actor) -> Result<(), Refusal> {
        if self.rail == rail && actor.speaks_for(rail) { Ok(()) } else { Err(Refusal::not_found("deposit")) }
    }

    /// A deposit that nobody confirms fails.
    pub fn timers(&self) -> Vec<Timer> {
        if self.status.is_pending() {
            vec![Timer { kind: TimerKind::ExpireDeposit, due: self.expires_at, epoch: self.since }]
        } else {
            Vec::new()
        }
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        if let Event::Deposit(DepositEvent::Requested(e)) = event {
            return Some(Self {
                id: e.deposit_id,
                contract_id: e.contract_id,
                milestone_id: e.milestone_id,
                client: e.client,
                amount: e.amount,
                rail: e.rail.clone(),
                payment_method: e.payment_method.clone(),
                payments: Vec::new(),
                expires_at: e.expires_at,
                status: DepositStatus::Requested,
                since: mark.revision,
            });
        }
        let mut deposit = state?;
        match event {
            Event::Deposit(event) => deposit.on(event),
            Event::Refund(RefundEvent::Requested(e)) => {
                if let Some(payment) = deposit.find(&e.payment) {
                    payment.refunded = payment.refunded.saturating_add(e.amount.minor());
                }
            }
            Event::Refund(_)
            | Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Dispute(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        Some(deposit)
    }

    fn on(&mut self, event: &DepositEvent) {
        match event {
            DepositEvent::Requested(_) => {}
            DepositEvent::AttemptStarted(_) => self.status = DepositStatus::Started,
            DepositEvent::Acknowledged(_) => self.status = DepositStatus::Acknowledged,
            DepositEvent::Confirmed(e) => {
                self.status = DepositStatus::Confirmed;
                let (object, captured) = (e.provider_object.clone(), e.captured);
                self.payments.push(Payment { object, captured, unmatched: 0, refunded: 0 });
            }
            DepositEvent::Failed(_) => self.status = DepositStatus::Failed,
            DepositEvent::Unmatched(e) => {
                self.status = self.status.after_unmatched();
                let (captured, unmatched) = (e.amount, e.amount.minor());
                match self.find(&e.provider_object) {
                    Some(payment) => payment.unmatched = payment.unmatched.saturating_add(unmatched),
                    None => self.payments.push(Payment {
                        object: e.provider_object.clone(),
                        captured,
                        unmatched,
                        refunded: 0,
                    }),
                }
            }
            DepositEvent::Refunded(e) => {
                if let Some(payment) = self.find(&e.provider_object) {
                    payment.unmatched = payment.unmatched.saturating_sub(e.amount.minor());
                }
            }
        }
    }

    fn find(&mut self, object: &ProviderObject) -> Option<&mut Payment> {
        self.payments.iter_mut().find(|payment| payment.object == *object)
    }
}

/// What a provider's object has told us, for the deduplication of its signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// The one fact that it stands for was recorded: its money came, went back, or was settled.
    pub recorded: bool,
}

impl Provider {
    /// Whether what the provider's object stands for was recorded before.
    pub(crate) fn is_recorded(states: &States, rail: &str, object: &ProviderObject) -> bool {
        let stream = StreamId::Provider(rail.to_owned(), object.clone());
        let provider = states.state(&stream).and_then(State::as_provider);
        provider.is_some_and(|provider| provider.recorded)
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Self {
        let mut state = state.unwrap_or_default();
        if let Event::Deposit(DepositEvent::Confirmed(_) | DepositEvent::Unmatched(_))
        | Event::Refund(RefundEvent::Confirmed(_))
        | Event::Settlement(_) = event
        {
            state.recorded = true;
        }
        state
    }
}
