//! Whether what is recorded of refunds, holds and payouts can have happened in this state.

use super::lawful::{agree, leads, over};
use crate::account::{Account, AccountEvent, HoldReason};
use crate::command::CommandKind;
use crate::deposit::Provider;
use crate::payout::outcome::latest_retry;
use crate::payout::{self, Payout, PayoutEvent, PayoutFailed, PayoutStatus, PayoutSubmitted, Resolution};
use crate::refund::{self, Refund, RefundEvent, RefundStatus};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_refund(event: &RefundEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let id = event.refund_id();
    let from = states.refund(id).ok().map(Refund::status);
    let (kind, to) = match event {
        RefundEvent::Requested(e) => {
            let deposit = states.deposit(e.deposit_id)?;
            agree(
                (deposit.client, &deposit.rail) == (e.client, &e.rail),
                "a refund goes back the way that its money came",
            )?;
            let payment = deposit.payment(&e.payment);
            let left = payment.map_or(0, |payment| payment.captured.minor() - payment.refunded);
            agree(e.amount.minor() <= left, "no more is refunded than was captured")?;
            (CommandKind::AgreeRefund, RefundStatus::Requested)
        }
        RefundEvent::AttemptStarted(e) => {
            let refund = states.refund(id)?;
            agree(
                (&e.rail, e.amount, &e.payment) == (&refund.rail, refund.amount, &refund.payment),
                "what is ordered from the provider is the refund",
            )?;
            (CommandKind::StartRefundAttempt, RefundStatus::Started)
        }
        RefundEvent::Acknowledged(e) => {
            let hours = states.marketplace()?.policy.payouts.refund_transit_hours;
            agree(e.escalates_at == at.plus_hours(hours), "a refund is in transit for the policy's window")?;
            (CommandKind::AcknowledgeRefund, RefundStatus::Acknowledged)
        }
        RefundEvent::Confirmed(e) => {
            agree(!Provider::is_recorded(states, &e.rail, &e.provider_object), "a refund counts once")?;
            (CommandKind::ConfirmRefund, RefundStatus::Confirmed)
        }
        RefundEvent::Failed(_) => (CommandKind::FailRefund, RefundStatus::Failed),
        RefundEvent::Escalated(_) => {
            let due = over(&states.refund(id)?.timers(), TimerKind::EscalateRefund, at);
            agree(due, "a refund needs a person when its window is over")?;
            (CommandKind::EscalateRefund, RefundStatus::NeedsAttention)
        }
    };
    leads(refund::TRANSITIONS, from, kind, to)
}

pub(super) fn lawful_hold(event: &AccountEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        AccountEvent::HoldPlaced(e) => {
            let account = states.account(e.party_id, e.currency);
            let stands = account.is_some_and(|account| account.holds.contains_key(&e.reason));
            agree(!stands, "a hold is placed once for each reason")?;
            let days = states.marketplace()?.policy.payouts.new_payee_days;
            let until = (e.reason == HoldReason::NewPayee).then(|| at.plus_days(days));
            agree(
                e.until.is_none() || e.until == until,
                "only a new payee's hold lapses, after the policy's window",
            )
        }
        AccountEvent::HoldReleased(e) => {
            let account = states.account(e.party_id, e.currency);
            let stands = account.is_some_and(|account| account.holds.contains_key(&e.reason));
            agree(stands, "a hold is released that stands")
        }
    }
}

pub(super) fn lawful_payout(event: &PayoutEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let of = event.of();
    let Ok(payout) = states.payout(of.payout_id) else {
        return begun(event, states);
    };
    agree(payout.of == *of, "a payout stays with its account")?;
    let due = |kind| over(&payout.timers(), kind, at);
    let on_hold = states.account(of.party_id, of.currency).is_some_and(Account::is_on_hold);
    if let PayoutEvent::Approved(_) | PayoutEvent::Submitted(_) = event {
        agree(!on_hold, "nothing goes out while its account is on hold")?;
    }
    let (kind, to) = match event {
        PayoutEvent::Requested(_) => (CommandKind::RequestPayout, PayoutStatus::Requested),
        PayoutEvent::Held(_) => {
            agree(on_hold, "a payout is held with its account")?;
            // Whichever command met the hold, the row of the hold itself leads there.
            (CommandKind::PlacePayoutHold, PayoutStatus::Held)
        }
        PayoutEvent::Released(_) => {
            agree(!on_hold, "a payout goes on when its account is not on hold any more")?;
            (CommandKind::ReleasePayoutHold, PayoutStatus::Requested)
        }
        PayoutEvent::Approved(_) => (CommandKind::ApprovePayout, PayoutStatus::Approved),
        PayoutEvent::Delayed(_) => (CommandKind::SubmitPayout, PayoutStatus::Approved),
        PayoutEvent::Submitted(e) => return submitted(e, payout, states, at),
        PayoutEvent::Acknowledged(e) => {
            let days = states.marketplace()?.policy.payouts.transit_business_days;
            agree(
                e.escalates_at == at.plus_business_days(days),
                "a payout is in transit for the policy's window",
            )?;
            (CommandKind::AcknowledgePayout, PayoutStatus::InTransit)
        }
        PayoutEvent::Escalated(_) => {
            agree(due(TimerKind::EscalatePayout), "a payout needs a person when its window is over")?;
            (CommandKind::EscalatePayout, PayoutStatus::NeedsAttention)
        }
        PayoutEvent::Resolved(e) => match e.resolution {
            Resolution::InTransit => (CommandKind::ResolvePayout, PayoutStatus::InTransit),
            Resolution::Failed => (CommandKind::ResolvePayout, PayoutStatus::Failed),
        },
        PayoutEvent::Paid(_) => (CommandKind::RecordPayoutPaid, PayoutStatus::Paid),
        PayoutEvent::Failed(e) => return failed(e, payout, states, at),
        PayoutEvent::Retried(_) => {
            agree(due(TimerKind::RetryPayout), "a payout is tried again when its pause is over")?;
            (CommandKind::RetryPayout, PayoutStatus::Requested)
        }
        PayoutEvent::Returned(_) => (CommandKind::ReturnPayout, PayoutStatus::Returned),
        PayoutEvent::Reversed(_) => (CommandKind::ReversePayout, PayoutStatus::Reversed),
        PayoutEvent::Credited(_) => {
            let back = matches!(payout.status(), PayoutStatus::Returned | PayoutStatus::Reversed);
            return agree(back, "what is credited came back");
        }
        PayoutEvent::Cancelled(_) => (CommandKind::CancelPayout, PayoutStatus::Cancelled),
        PayoutEvent::Rejected(_) => (CommandKind::RejectPayout, PayoutStatus::Rejected),
    };
    leads(payout::TRANSITIONS, Some(payout.status()), kind, to)
}

fn begun(event: &PayoutEvent, states: &States) -> Result<(), Refusal> {
    let PayoutEvent::Requested(e) = event else {
        return Err(Refusal::not_found("payout"));
    };
    agree(e.amount.currency() == e.of.currency, "a payout has its account's currency")?;
    let account = states.account(e.of.party_id, e.of.currency);
    agree(!account.is_some_and(Account::is_on_hold), "nothing is asked for while the account is on hold")?;
    let free = account.map_or(0, Account::free);
    agree(e.amount.minor() <= free, "a payout is reserved from what is available")?;
    let review = states.marketplace()?.policy.payouts.needs_review(e.amount);
    agree(e.review == review, "the policy says which payouts are reviewed")?;
    leads(payout::TRANSITIONS, None, CommandKind::RequestPayout, PayoutStatus::Requested)
}

fn submitted(e: &PayoutSubmitted, payout: &Payout, states: &States, at: Timestamp) -> Result<(), Refusal> {
    agree(
        (&e.rail, e.amount, &e.destination) == (&payout.rail, payout.amount, &payout.destination),
        "what is ordered from the provider is the payout",
    )?;
    agree(e.attempt == payout.attempts + 1, "attempts count without a gap")?;
    let minutes = states.marketplace()?.policy.payouts.unknown_minutes;
    agree(e.escalates_at == at.plus_minutes(minutes), "an outcome is unknown for the policy's window")?;
    let covered =
        states.cash(e.of.currency).is_some_and(|cash| cash.covers(e.of.payout_id, e.amount.minor()));
    agree(covered, "what is sent is covered by settled cash")?;
    leads(payout::TRANSITIONS, Some(payout.status()), CommandKind::SubmitPayout, PayoutStatus::Submitted)
}

fn failed(e: &PayoutFailed, payout: &Payout, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let earliest = payout.next_retry(&states.marketplace()?.policy.payouts, at);
    let in_time = match (e.retry_at, earliest) {
        (Some(retry), Some(earliest)) => (earliest..=latest_retry(at, earliest)).contains(&retry),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    agree(in_time, "a payout is tried again after the policy's pause")?;
    let (from, to) = (Some(payout.status()), PayoutStatus::Failed);
    leads(payout::TRANSITIONS, from, CommandKind::FailPayout, to)
}
