//! A payout as its decisions see it.

use super::{PayoutEvent, PayoutKey, PayoutStatus, Resolution};
use crate::context::{Actor, Context};
use crate::deposit::PaymentMethod;
use crate::event::Event;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Which payout, and whose.
    pub of: PayoutKey,
    /// How much.
    pub amount: Money,
    /// The rail.
    pub rail: String,
    /// The provider's token of where it goes.
    pub destination: PaymentMethod,
    /// Whether finance must approve it.
    pub review: bool,
    /// Attempts so far.
    pub attempts: u16,
    status: PayoutStatus,
    /// Since when it stands so.
    since: Mark,
    /// When what comes next by itself is due: a retry, or a person's attention.
    next: Option<Timestamp>,
}

impl PayoutKey {
    /// That whoever acts is not the payee: nobody decides about their own payout, whatever roles they have.
    ///
    /// # Errors
    /// [`Code::WrongSide`]
    pub(crate) fn not_by_its_party(&self, cx: &Context) -> Result<(), Refusal> {
        if cx.actor.party() == Some(self.party_id) {
            return Err(Refusal::new(Code::WrongSide, "nobody decides about their own payout"));
        }
        Ok(())
    }
}

impl Payout {
    /// Where it stands.
    pub const fn status(&self) -> PayoutStatus {
        self.status
    }

    /// Whether another attempt will be made of one that failed.
    pub fn will_retry(&self) -> bool {
        self.status == PayoutStatus::Failed && self.next.is_some()
    }

    /// That `rail` sends it, and that a provider speaks for no other rail than its own.
    ///
    /// # Errors
    /// `NOT_FOUND`: another provider's payouts are none of its business.
    pub(crate) fn is_on(&self, rail: &str, actor: &Actor) -> Result<(), Refusal> {
        if self.rail == rail && actor.speaks_for(rail) { Ok(()) } else { Err(Refusal::not_found("payout")) }
    }

    /// It is approved, tried again, or looked into.
    pub fn timers(&self) -> Vec<Timer> {
        let timer = match self.status {
            PayoutStatus::Requested if !self.review => Some((TimerKind::AutoApprovePayout, self.since.at)),
            PayoutStatus::Failed => self.next.map(|due| (TimerKind::RetryPayout, due)),
            PayoutStatus::Submitted | PayoutStatus::InTransit => {
                self.next.map(|due| (TimerKind::EscalatePayout, due))
            }
            PayoutStatus::Requested
            | PayoutStatus::Held
            | PayoutStatus::Approved
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Paid
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => None,
        };
        let epoch = self.since.revision;
        timer.map(|(kind, due)| Timer { kind, due, epoch }).into_iter().collect()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        let Event::Payout(event) = event else {
            return state;
        };
        if let PayoutEvent::Requested(e) = event {
            return Some(Self {
                of: e.of,
                amount: e.amount,
                rail: e.rail.clone(),
                destination: e.destination.clone(),
                review: e.review,
                attempts: 0,
                status: PayoutStatus::Requested,
                since: mark,
                next: None,
            });
        }
        let mut payout = state?;
        let (status, next) = event.leads_to(payout.status);
        if let PayoutEvent::Submitted(e) = event {
            payout.attempts = e.attempt;
        }
        Some(Self { status, next, since: mark, ..payout })
    }
}

impl PayoutEvent {
    /// Where it leads a payout that stands at `from`, and when what comes next by itself is due.
    pub(crate) fn leads_to(&self, from: PayoutStatus) -> (PayoutStatus, Option<Timestamp>) {
        match self {
            Self::Requested(_) | Self::Released(_) | Self::Retried(_) => (PayoutStatus::Requested, None),
            Self::Held(_) => (PayoutStatus::Held, None),
            Self::Approved(_) | Self::Delayed(_) => (PayoutStatus::Approved, None),
            Self::Submitted(e) => (PayoutStatus::Submitted, Some(e.escalates_at)),
            Self::Acknowledged(e) => (PayoutStatus::InTransit, Some(e.escalates_at)),
            Self::Resolved(e) => match e.resolution {
                Resolution::InTransit => (PayoutStatus::InTransit, e.escalates_at),
                // The failure itself follows in the same append.
                Resolution::Failed => (from, None),
            },
            Self::Escalated(_) => (PayoutStatus::NeedsAttention, None),
            Self::Paid(_) => (PayoutStatus::Paid, None),
            Self::Failed(e) => (PayoutStatus::Failed, e.retry_at),
            Self::Returned(_) => (PayoutStatus::Returned, None),
            Self::Reversed(_) => (PayoutStatus::Reversed, None),
            Self::Credited(_) => (from, None),
            Self::Cancelled(_) => (PayoutStatus::Cancelled, None),
            Self::Rejected(_) => (PayoutStatus::Rejected, None),
        }
    }
}
