//! ApprovePayout: finance lets a payout go; up to the policy's limit it goes by itself. The approval posts the amount.

use super::{Payout, PayoutApproved, PayoutEvent, PayoutHeld, PayoutStatus, TRANSITIONS};
use crate::account::Account;
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{EntryId, PayoutId};
use crate::ledger::rules;
use crate::refusal::Refusal;
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Lets a payout go.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovePayout {
    /// The payout.
    pub payout_id: PayoutId,
}

/// Lets a payout go that needs nobody's review, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoApprovePayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ApprovePayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    if !is_planted(Sabotage::MakerApproves) {
        payout.of.not_by_its_party(cx)?;
    }
    let account = states.account(payout.of.party_id, payout.of.currency).cloned().unwrap_or_default();
    account.not_on_hold()?;
    approve(payout, CommandKind::ApprovePayout, Role::Finance, cx)
}

pub(crate) fn auto(
    command: &AutoApprovePayout,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    guard(&payout.timers(), TimerKind::AutoApprovePayout, command.epoch, cx.now)?;
    let kind = CommandKind::AutoApprovePayout;
    if states.account(payout.of.party_id, payout.of.currency).is_some_and(Account::is_on_hold) {
        return Ok(vec![payout.held(kind, Role::System, cx)?]);
    }
    approve(payout, kind, Role::System, cx)
}

fn approve(payout: &Payout, kind: CommandKind, role: Role, cx: &Context) -> Result<Vec<Event>, Refusal> {
    consult(TRANSITIONS, Some(payout.status()), kind, role, PayoutStatus::Approved)?;
    Ok(vec![Event::Payout(PayoutEvent::Approved(payout.approved(cx.fresh())?))])
}

impl Payout {
    /// The fact that the account is on hold, by a command of `kind` and `role`; what was posted is available again.
    pub(crate) fn held(&self, kind: CommandKind, role: Role, cx: &Context) -> Result<Event, Refusal> {
        consult(TRANSITIONS, Some(self.status()), kind, role, PayoutStatus::Held)?;
        let entry = match self.status() {
            PayoutStatus::Approved => Some(rules::payout_failed(cx.fresh(), self.of.party_id, self.amount)?),
            PayoutStatus::Requested
            | PayoutStatus::Held
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Paid
            | PayoutStatus::Failed
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => None,
        };
        Ok(Event::Payout(PayoutEvent::Held(PayoutHeld { of: self.of, entry })))
    }

    /// The fact that it may be sent, with its entry.
    pub(crate) fn approved(&self, entry: EntryId) -> Result<PayoutApproved, Refusal> {
        let entry = rules::payout_approved(entry, self.of.party_id, self.amount)?;
        Ok(PayoutApproved { of: self.of, amount: self.amount, entry })
    }
}
