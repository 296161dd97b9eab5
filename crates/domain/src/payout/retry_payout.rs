//! RetryPayout: a payout that failed for certain begins anew, under a new key.

use super::{PayoutEvent, PayoutRetried, PayoutStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::PayoutId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Begins a payout anew, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct RetryPayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &RetryPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    guard(&payout.timers(), TimerKind::RetryPayout, command.epoch, cx.now)?;
    let from = Some(payout.status());
    consult(TRANSITIONS, from, CommandKind::RetryPayout, Role::System, PayoutStatus::Requested)?;
    Ok(vec![Event::Payout(PayoutEvent::Retried(PayoutRetried { of: payout.of }))])
}
