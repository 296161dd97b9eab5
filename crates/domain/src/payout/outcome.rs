//! What became of a payout that was sent: the provider's word, or a person's where it stays silent.

use super::{
    Payout, PayoutAcknowledged, PayoutCredited, PayoutEscalated, PayoutEvent, PayoutFailed, PayoutPaid,
    PayoutResolved, PayoutReturned, PayoutReversed, PayoutStatus, Resolution, TRANSITIONS,
};
use crate::account::{AccountEvent, HoldPlaced, HoldReason};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::{ProviderObject, ProviderWord};
use crate::event::Event;
use crate::id::{EntryId, PayoutId};
use crate::ledger::{JournalEntry, rules};
use crate::money::Money;
use crate::policy::PayoutRules;
use crate::refusal::Refusal;
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Records that the provider took the order.
#[derive(Clone, Debug, Serialize)]
pub struct AcknowledgePayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The rail.
    pub rail: String,
    /// The attempt that the provider took.
    pub attempt: u16,
    /// The provider's id of the payout.
    pub provider_object: ProviderObject,
}

/// Has a person look into a payout that the provider says nothing about, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct EscalatePayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Records what a person found out about a payout.
#[derive(Clone, Debug, Serialize)]
pub struct ResolvePayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// What it is.
    pub resolution: Resolution,
}

/// Records that the provider has sent the money.
#[derive(Clone, Debug, Serialize)]
pub struct RecordPayoutPaid {
    /// The payout, our reference at the provider.
    pub payout_id: PayoutId,
    /// The rail that reports.
    pub rail: String,
    /// The attempt whose money was sent.
    pub attempt: u16,
    /// The provider's id of the payout.
    pub provider_object: ProviderObject,
}

/// Records that the provider did not send the money, for certain.
#[derive(Clone, Debug, Serialize)]
pub struct FailPayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The rail.
    pub rail: String,
    /// The attempt that failed, so that a late word on an earlier one is told from this one's.
    pub attempt: u16,
    /// The provider's word for why.
    pub reason: ProviderWord,
}

/// Records that the money came back.
#[derive(Clone, Debug, Serialize)]
pub struct ReturnPayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The rail.
    pub rail: String,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// What the provider kept of it.
    pub cost: Money,
}

/// Records that the provider had paid in error and took the money back.
#[derive(Clone, Debug, Serialize)]
pub struct ReversePayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The rail.
    pub rail: String,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// What the provider kept of it.
    pub cost: Money,
}

fn moves(payout: &Payout, kind: CommandKind, role: Role, to: PayoutStatus) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(payout.status()), kind, role, to)
}

pub(crate) fn acknowledge(
    command: &AcknowledgePayout,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.is_on(&command.rail, &cx.actor)?;
    current(payout, command.attempt)?;
    moves(payout, CommandKind::AcknowledgePayout, Role::System, PayoutStatus::InTransit)?;
    let days = states.marketplace()?.policy.payouts.transit_business_days;
    Ok(vec![Event::Payout(PayoutEvent::Acknowledged(PayoutAcknowledged {
        of: payout.of,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        escalates_at: cx.now.plus_business_days(days),
    }))])
}

pub(crate) fn escalate(
    command: &EscalatePayout,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    guard(&payout.timers(), TimerKind::EscalatePayout, command.epoch, cx.now)?;
    moves(payout, CommandKind::EscalatePayout, Role::System, PayoutStatus::NeedsAttention)?;
    if is_planted(Sabotage::PaidTwiceAfterUnknown) {
        let rules = &states.marketplace()?.policy.payouts;
        return Ok(vec![failed(payout, ProviderWord::parse("unknown")?, rules, cx)?]);
    }
    Ok(vec![Event::Payout(PayoutEvent::Escalated(PayoutEscalated { of: payout.of }))])
}

pub(crate) fn resolve(command: &ResolvePayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.of.not_by_its_party(cx)?;
    let kind = CommandKind::ResolvePayout;
    let resolution = command.resolution;
    let days = states.marketplace()?.policy.payouts.transit_business_days;
    let escalates_at = (resolution == Resolution::InTransit).then(|| cx.now.plus_business_days(days));
    let resolved = PayoutResolved { of: payout.of, resolution, escalates_at };
    let resolved = Event::Payout(PayoutEvent::Resolved(resolved));
    match resolution {
        Resolution::InTransit => {
            moves(payout, kind, Role::Finance, PayoutStatus::InTransit)?;
            Ok(vec![resolved])
        }
        Resolution::Failed => {
            moves(payout, kind, Role::Finance, PayoutStatus::Failed)?;
            let rules = &states.marketplace()?.policy.payouts;
            Ok(vec![resolved, failed(payout, ProviderWord::parse("never_sent")?, rules, cx)?])
        }
    }
}

pub(crate) fn paid(command: &RecordPayoutPaid, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.is_on(&command.rail, &cx.actor)?;
    if command.attempt != payout.attempts && (payout.status().is_away() || payout.status().is_over()) {
        return doubled(payout, states);
    }
    moves(payout, CommandKind::RecordPayoutPaid, Role::Provider, PayoutStatus::Paid)?;
    let account = states.account(payout.of.party_id, payout.of.currency).cloned().unwrap_or_default();
    let given_up = payout.status() == PayoutStatus::Failed && !payout.will_retry();
    if given_up && account.free() < payout.amount.minor() {
        return doubled(payout, states);
    }
    Ok(vec![Event::Payout(PayoutEvent::Paid(PayoutPaid {
        of: payout.of,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        entry: payout.sent(cx.fresh())?,
    }))])
}

/// Money of an attempt that was given up went out beside another's, or after its amount was spent: a person has to look
/// for it, and nothing more is paid out of the account meanwhile.
fn doubled(payout: &Payout, states: &States) -> Result<Vec<Event>, Refusal> {
    let (of, reason) = (payout.of, HoldReason::Reconciliation);
    let account = states.account(of.party_id, of.currency).cloned().unwrap_or_default();
    if account.holds.contains_key(&reason) {
        return Err(Refusal::new(crate::Code::AlreadyRecorded, "the account is on hold for it already"));
    }
    let placed = HoldPlaced { party_id: of.party_id, currency: of.currency, reason, until: None };
    Ok(vec![Event::Account(AccountEvent::HoldPlaced(placed))])
}

/// Whether a provider's word is on the attempt that is under way.
fn current(payout: &Payout, attempt: u16) -> Result<(), Refusal> {
    if attempt == payout.attempts {
        return Ok(());
    }
    Err(Refusal::new(crate::Code::AlreadyRecorded, "a later attempt is under way"))
}

pub(crate) fn fail(command: &FailPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.is_on(&command.rail, &cx.actor)?;
    current(payout, command.attempt)?;
    let kind = CommandKind::FailPayout;
    moves(payout, kind, cx.actor.role_for(kind)?, PayoutStatus::Failed)?;
    let rules = &states.marketplace()?.policy.payouts;
    Ok(vec![failed(payout, command.reason.clone(), rules, cx)?])
}

fn failed(
    payout: &Payout,
    reason: ProviderWord,
    rules: &PayoutRules,
    cx: &Context,
) -> Result<Event, Refusal> {
    let earliest = payout.next_retry(rules, cx.now);
    // Spread by up to a tenth, so that what failed together isn't tried again together.
    let retry_at =
        earliest.map(|earliest| earliest.towards(latest_retry(cx.now, earliest), cx.fresh_number(1_000)));
    Ok(Event::Payout(PayoutEvent::Failed(PayoutFailed {
        of: payout.of,
        reason,
        retry_at,
        amount: payout.amount,
        entry: rules::payout_failed(cx.fresh(), payout.of.party_id, payout.amount)?,
    })))
}

/// The latest instant of a retry whose earliest is `earliest`, after a failure at `now`.
pub(crate) fn latest_retry(now: Timestamp, earliest: Timestamp) -> Timestamp {
    earliest.towards(
        Timestamp::from_micros(earliest.micros().saturating_mul(2).saturating_sub(now.micros())),
        100,
    )
}

impl Payout {
    /// The earliest instant of the retry that follows a failure at `now`; `None` when there are no more.
    pub(crate) fn next_retry(&self, rules: &PayoutRules, now: Timestamp) -> Option<Timestamp> {
        let hours = rules.retry_hours.get(usize::from(self.attempts.saturating_sub(1)))?;
        Some(now.plus_hours(*hours))
    }

    /// The entry of its money having gone out: from transit, or, when a provider's word on an attempt comes after it was
    /// given up, from what is available again.
    pub(crate) fn sent(&self, entry: EntryId) -> Result<JournalEntry, Refusal> {
        if self.status().is_away() || self.status() == PayoutStatus::Approved {
            return rules::payout_paid(entry, self.of.party_id, self.amount);
        }
        rules::payout_paid_late(entry, self.of.party_id, self.amount)
    }

    /// The entry of its money coming back, less `cost`.
    pub(crate) fn came_back(&self, entry: EntryId, cost: Money) -> Result<JournalEntry, Refusal> {
        match self.status() {
            PayoutStatus::Paid => rules::payout_returned(entry, self.of.party_id, self.amount, cost),
            PayoutStatus::Requested
            | PayoutStatus::Held
            | PayoutStatus::Approved
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Failed
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => {
                rules::payout_returned_unpaid(entry, self.of.party_id, self.amount, cost)
            }
        }
    }
}

pub(crate) fn returned(command: &ReturnPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.is_on(&command.rail, &cx.actor)?;
    moves(payout, CommandKind::ReturnPayout, Role::Provider, PayoutStatus::Returned)?;
    let event = PayoutEvent::Returned(PayoutReturned {
        of: payout.of,
        reason: command.reason.clone(),
        cost: command.cost,
        entry: payout.came_back(cx.fresh(), command.cost)?,
    });
    recredit(payout, event, states, cx)
}

pub(crate) fn reversed(
    command: &ReversePayout,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.is_on(&command.rail, &cx.actor)?;
    moves(payout, CommandKind::ReversePayout, Role::Provider, PayoutStatus::Reversed)?;
    let event = PayoutEvent::Reversed(PayoutReversed {
        of: payout.of,
        reason: command.reason.clone(),
        cost: command.cost,
        entry: payout.came_back(cx.fresh(), command.cost)?,
    });
    recredit(payout, event, states, cx)
}

/// Money that came back is the talent's again in the same append, and the account is on hold until somebody has asked
/// why it came back. Its other payouts find the hold at their next step.
fn recredit(
    payout: &Payout,
    came_back: PayoutEvent,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let of = payout.of;
    let mut events = vec![Event::Payout(came_back)];
    if payout.status() == PayoutStatus::Paid {
        let entry = rules::payout_credited(cx.fresh(), of.party_id, payout.amount)?;
        events.push(Event::Payout(PayoutEvent::Credited(PayoutCredited { of, entry })));
    }
    let account = states.account(of.party_id, of.currency).cloned().unwrap_or_default();
    if !account.holds.contains_key(&HoldReason::Payee) {
        events.push(Event::Account(AccountEvent::HoldPlaced(HoldPlaced {
            party_id: of.party_id,
            currency: of.currency,
            reason: HoldReason::Payee,
            until: None,
        })));
    }
    Ok(events)
}
