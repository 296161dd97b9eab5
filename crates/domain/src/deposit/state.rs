//! A deposit, and a provider's object, as decisions see them.

use super::{DepositEvent, DepositStatus, PaymentMethod};
use crate::event::Event;
use crate::id::{ContractId, DepositId, MilestoneId, PartyId};
use crate::money::Money;
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

    /// A deposit that nobody confirms fails.
    pub fn timers(&self) -> Vec<Timer> {
        if self.status.is_pending() {
            vec![Timer {
                kind: TimerKind::FailDeposit,
                due: self.expires_at,
                epoch: self.since,
            }]
        } else {
            Vec::new()
        }
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, revision: u64) -> Option<Self> {
        let Event::Deposit(event) = event else {
            return state;
        };
        let to = match event {
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
            DepositEvent::AttemptStarted(_) => DepositStatus::Started,
            DepositEvent::Acknowledged(_) => DepositStatus::Acknowledged,
            DepositEvent::Confirmed(_) => DepositStatus::Confirmed,
            DepositEvent::Failed(_) => DepositStatus::Failed,
            DepositEvent::Unmatched(_) => DepositStatus::Unmatched,
        };
        // What is left over beside a confirmed amount doesn't undo the confirmation.
        state.map(|deposit| match (deposit.status, to) {
            (DepositStatus::Confirmed, DepositStatus::Unmatched) => deposit,
            (_, to) => Self {
                status: to,
                ..deposit
            },
        })
    }
}

/// What a provider's object has told us, for the deduplication of its signals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Its money was recorded.
    pub captured: bool,
}

impl Provider {
    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Self {
        let mut state = state.unwrap_or_default();
        if let Event::Deposit(DepositEvent::Confirmed(_) | DepositEvent::Unmatched(_)) = event {
            state.captured = true;
        }
        state
    }
}
