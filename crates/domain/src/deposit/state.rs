//! A deposit, and a provider's object, as decisions see them.

use super::{DepositEvent, DepositStatus, PaymentMethod, ProviderObject};
use crate::context::Actor;
use crate::contract::Milestone;
use crate::event::Event;
use crate::id::{ContractId, DepositId, MilestoneId, PartyId};
use crate::money::Money;
use crate::refusal::Refusal;
use crate::stream::{State, States, StreamId};
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
    expires_at: Timestamp,
    status: DepositStatus,
    since: u64,
}

impl Deposit {
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
        let own = match actor {
            Actor::Provider(own) => *own == rail,
            Actor::System(_) | Actor::Person { .. } => true,
        };
        if own && self.rail == rail { Ok(()) } else { Err(Refusal::not_found("deposit")) }
    }

    /// A deposit that nobody confirms fails.
    pub fn timers(&self) -> Vec<Timer> {
        if self.status.is_pending() {
            vec![Timer { kind: TimerKind::FailDeposit, due: self.expires_at, epoch: self.since }]
        } else {
            Vec::new()
        }
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, revision: u64) -> Option<Self> {
        let Event::Deposit(event) = event else {
            return state;
        };
        let to: fn(DepositStatus) -> DepositStatus = match event {
            DepositEvent::Requested(e) => {
                return Some(Self {
                    id: e.deposit_id,
                    contract_id: e.contract_id,
                    milestone_id: e.milestone_id,
                    client: e.client,
                    amount: e.amount,
                    rail: e.rail.clone(),
                    payment_method: e.payment_method.clone(),
                    expires_at: e.expires_at,
                    status: DepositStatus::Requested,
                    since: revision,
                });
            }
            DepositEvent::AttemptStarted(_) => |_| DepositStatus::Started,
            DepositEvent::Acknowledged(_) => |_| DepositStatus::Acknowledged,
            DepositEvent::Confirmed(_) => |_| DepositStatus::Confirmed,
            DepositEvent::Failed(_) => |_| DepositStatus::Failed,
            DepositEvent::Unmatched(_) => DepositStatus::after_unmatched,
        };
        state.map(|deposit| Self { status: to(deposit.status), ..deposit })
    }
}

/// What a provider's object has told us, for the deduplication of its signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Its money was recorded.
    pub captured: bool,
}

impl Provider {
    /// Whether the money of the provider's object was recorded before.
    pub(crate) fn has_captured(states: &States, rail: &str, object: &ProviderObject) -> bool {
        let stream = StreamId::Provider(rail.to_owned(), object.clone());
        let provider = states.state(&stream).and_then(State::as_provider);
        provider.is_some_and(|provider| provider.captured)
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Self {
        let mut state = state.unwrap_or_default();
        if let Event::Deposit(DepositEvent::Confirmed(_) | DepositEvent::Unmatched(_)) = event {
            state.captured = true;
        }
        state
    }
}
