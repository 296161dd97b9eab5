//! FileAppeal, DecideAppeal and FinalizeAward: who lost may have the decision looked at again, once, by somebody else.

use super::{
    AppealGround, DisputeAppealed, DisputeEvent, DisputeFinalized, DisputeStatus, Finality, Rung, Shares,
    by_party, by_role, by_timer,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::dispute::Dispute;
use crate::event::Event;
use crate::id::DisputeId;
use crate::money::Money;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::timer::TimerKind;
use serde::Serialize;

/// Has a decision looked at again.
#[derive(Clone, Debug, Serialize)]
pub struct FileAppeal {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// On what ground.
    pub ground: AppealGround,
    /// Why; the other side and the reviewer read it.
    pub reasons: Prose,
}

/// Decides an appeal.
#[derive(Clone, Debug, Serialize)]
pub struct DecideAppeal {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the client gets.
    pub client_share: Money,
    /// Why; both sides read it.
    pub reasons: Prose,
}

/// Lets a decision stand, when its timer is due: nobody appealed in time, or nobody decided the appeal.
#[derive(Clone, Debug, Serialize)]
pub struct FinalizeAward {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn file(command: &FileAppeal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::FileAppeal, DisputeStatus::Appealed);
    let (dispute, side) = by_party(states, command.dispute_id, by, cx)?;
    if !dispute.has_lost(side) {
        return Err(Refusal::new(Code::WrongSide, "who got all that it could has nothing to appeal against"));
    }
    Ok(vec![Event::Dispute(DisputeEvent::Appealed(DisputeAppealed {
        dispute_id: dispute.id,
        side,
        ground: command.ground,
        reasons: Personal::Clear(command.reasons.clone()),
        decide_by: cx.now.plus_days(dispute.rules(states)?.appeal_decision_days),
    }))])
}

pub(crate) fn decide(command: &DecideAppeal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let kind = CommandKind::DecideAppeal;
    let role = cx.actor.role_for(kind)?;
    let reviewer = cx.actor.person_as(role)?;
    let dispute = by_role(states, command.dispute_id, (kind, role), DisputeStatus::Final)?;
    dispute.neutral(reviewer, Rung::Appeal)?;
    let shares = dispute.divided(command.client_share).map_err(|refusal| refusal.at("clientShare"))?;
    let reasons = Personal::Clear(command.reasons.clone());
    Ok(vec![finalized(dispute, Finality::Appeal { reviewer, reasons }, shares)])
}

pub(crate) fn finalize(
    command: &FinalizeAward,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::FinalizeAward, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, DisputeStatus::Final, cx)?;
    let shares = dispute.shares.ok_or_else(|| Refusal::new(Code::WrongState, "nothing was decided"))?;
    let appealed = dispute.status() == DisputeStatus::Appealed;
    let finality = if appealed { Finality::AppealLapsed } else { Finality::Unchallenged };
    Ok(vec![finalized(dispute, finality, shares)])
}

fn finalized(dispute: &Dispute, finality: Finality, shares: Shares) -> Event {
    Event::Dispute(DisputeEvent::Finalized(DisputeFinalized {
        dispute_id: dispute.id,
        contract_id: dispute.contract_id,
        milestone_id: dispute.milestone_id,
        finality,
        shares,
    }))
}
