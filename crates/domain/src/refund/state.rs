//! A refund as its decisions see it.

use super::{RefundEvent, RefundStatus};
use crate::context::Actor;
use crate::deposit::ProviderObject;
use crate::event::Event;
use crate::id::{DepositId, PartyId, RefundId};
use crate::money::Money;
use crate::refusal::Refusal;
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// The deposit that the money came with.
    pub deposit_id: DepositId,
    /// Whose money it is.
    pub client: PartyId,
    /// How much.
    pub amount: Money,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payment that is refunded.
    pub payment: ProviderObject,
    status: RefundStatus,
    escalates: Option<(Timestamp, u64)>,
}

impl Refund {
    /// Where it stands.
    pub const fn status(&self) -> RefundStatus {
        self.status
    }

    /// That `rail` sends it, and that a provider speaks for no other rail than its own.
    ///
    /// # Errors
    /// `NOT_FOUND`: another provider's refunds are none of its business.
    pub(crate) fn is_on(&self, rail: &str, actor: &Actor) -> Result<(), Refusal> {
        if self.rail == rail && actor.speaks_for(rail) { Ok(()) } else { Err(Refusal::not_found("refund")) }
    }

    /// A refund in transit needs a person at last.
    pub fn timers(&self) -> Vec<Timer> {
        let due = self.escalates.filter(|_| self.status == RefundStatus::Acknowledged);
        due.map(|(due, epoch)| Timer { kind: TimerKind::EscalateRefund, due, epoch }).into_iter().collect()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        let Event::Refund(event) = event else {
            return state;
        };
        if let RefundEvent::Requested(e) = event {
            return Some(Self {
                id: e.refund_id,
                deposit_id: e.deposit_id,
                client: e.client,
                amount: e.amount,
                rail: e.rail.clone(),
                payment: e.payment.clone(),
                status: RefundStatus::Requested,
                escalates: None,
            });
        }
        let mut refund = state?;
        refund.status = match event {
            RefundEvent::Requested(_) => RefundStatus::Requested,
            RefundEvent::AttemptStarted(_) => RefundStatus::Started,
            RefundEvent::Acknowledged(e) => {
                refund.escalates = Some((e.escalates_at, mark.revision));
                RefundStatus::Acknowledged
            }
            RefundEvent::Confirmed(_) => RefundStatus::Confirmed,
            RefundEvent::Failed(_) => RefundStatus::Failed,
            RefundEvent::Escalated(_) => RefundStatus::NeedsAttention,
        };
        Some(refund)
    }
}
