//! The marketplace's own cash: what providers have settled to the trust bank account, and what payouts have committed
//! of it. A payout that it doesn't cover waits for its turn; nobody overtakes.

pub(crate) mod record_settlement;

pub use record_settlement::RecordSettlement;

use crate::command::CommandKind;
use crate::context::Role;
use crate::deposit::ProviderObject;
use crate::event::{Event, event_group};
use crate::id::PayoutId;
use crate::ledger::{AccountCode, JournalEntry};
use crate::money::Money;
use crate::payout::PayoutEvent;
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::{Mark, StreamId};
use crate::timer::{Timer, TimerKind};
use crate::transition::Transition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

event_group! {
    /// Events of settled cash.
    SettlementEvent {
        /// A provider settled what it had captured, less its fees.
        Recorded(SettlementRecorded) = "settlement.recorded", 1;
    }
}

/// Payload of `settlement.recorded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettlementRecorded {
    /// The rail.
    pub rail: String,
    /// The provider's id of the settlement.
    pub provider_object: ProviderObject,
    /// Captured less refunded, before fees.
    pub gross: Money,
    /// What the provider kept, which the operator bears.
    pub fee: Money,
    /// The entry.
    pub entry: JournalEntry,
}

impl SettlementEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::Recorded(e) => vec![
                StreamId::Provider(e.rail.clone(), e.provider_object.clone()),
                StreamId::Cash(e.gross.currency()),
            ],
        }
    }

    /// The entry, which every one of these has.
    pub const fn journal_entry(&self) -> &JournalEntry {
        match self {
            Self::Recorded(e) => &e.entry,
        }
    }
}

/// What a provider's settlement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettlementStatus {
    /// It is recorded.
    Recorded,
}

/// The settlement's table.
pub const TRANSITIONS: &[Transition<SettlementStatus>] = &[Transition {
    from: &[],
    command: CommandKind::RecordSettlement,
    actors: &[Role::Provider],
    to: SettlementStatus::Recorded,
}];

/// Settled cash of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cash {
    /// What the trust bank account holds, in minor units. A provider's facts may lead it below zero.
    pub settled: i64,
    /// What of it payouts that were sent will take, in minor units.
    committed: BTreeMap<PayoutId, i64>,
    /// Payouts that wait for their turn, with their amounts in minor units.
    waiting: VecDeque<(PayoutId, i64)>,
    /// The last event that may have made room.
    since: Option<Mark>,
}

impl Cash {
    /// What is settled and not committed, in minor units.
    pub fn free(&self) -> i64 {
        self.settled.saturating_sub(self.committed())
    }

    /// What of it payouts that were sent will take, in minor units.
    pub fn committed(&self) -> i64 {
        self.committed.values().sum()
    }

    /// Whether `payout` of `minor` units can be sent now: it is covered, and nobody waits in front of it.
    pub fn covers(&self, payout: PayoutId, minor: i64) -> bool {
        let settled = minor <= self.free() || is_planted(Sabotage::UnsettledCash);
        settled && self.waiting.front().is_none_or(|(first, _)| *first == payout)
    }

    /// Whether `payout` waits already.
    pub fn is_waiting(&self, payout: PayoutId) -> bool {
        self.waiting.iter().any(|(waiting, _)| *waiting == payout)
    }

    /// Payouts that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The first that waits is sent once it is covered.
    pub fn timers(&self) -> Vec<Timer> {
        let first = self.waiting.front().filter(|(_, minor)| *minor <= self.free());
        let timer = first.zip(self.since).map(|((payout, _), since)| Timer {
            kind: TimerKind::SubmitDelayedPayout(*payout),
            due: since.at,
            epoch: since.revision,
        });
        timer.into_iter().collect()
    }

    pub(crate) fn weight(&self) -> usize {
        (self.waiting.len() + self.committed.len()) * size_of::<(PayoutId, i64)>()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Self {
        let mut cash = state.unwrap_or_default();
        for line in event.journal_entry().into_iter().flat_map(JournalEntry::lines) {
            if line.account.code() == AccountCode::TrustBank {
                cash.settled = cash.settled.saturating_add(line.signed());
            }
        }
        if let Event::Payout(event) = event {
            cash.on_payout(event);
        }
        cash.since = Some(mark);
        cash
    }

    fn on_payout(&mut self, event: &PayoutEvent) {
        let id = event.of().payout_id;
        match event {
            PayoutEvent::Delayed(e) => self.waiting.push_back((id, e.amount.minor())),
            PayoutEvent::Submitted(e) => {
                self.waiting.retain(|(waiting, _)| *waiting != id);
                self.committed.insert(id, e.amount.minor());
            }
            PayoutEvent::Held(_)
            | PayoutEvent::Paid(_)
            | PayoutEvent::Failed(_)
            | PayoutEvent::Returned(_)
            | PayoutEvent::Reversed(_) => {
                self.waiting.retain(|(waiting, _)| *waiting != id);
                self.committed.remove(&id);
            }
            PayoutEvent::Requested(_)
            | PayoutEvent::Released(_)
            | PayoutEvent::Approved(_)
            | PayoutEvent::Acknowledged(_)
            | PayoutEvent::Escalated(_)
            | PayoutEvent::Resolved(_)
            | PayoutEvent::Retried(_)
            | PayoutEvent::Credited(_)
            | PayoutEvent::Cancelled(_)
            | PayoutEvent::Rejected(_) => {}
        }
    }
}
