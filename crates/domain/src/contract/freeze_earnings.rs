//! FreezeEarnings and UnfreezeEarnings: while compliance has frozen a lot of earnings, it does not clear.

use super::{
    Contract, EarningsFrozen, EarningsUnfrozen, LOT_TRANSITIONS, Lot, LotStatus, Milestone, MilestoneEvent,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, LotId};
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Keeps a lot of earnings on hold.
#[derive(Clone, Debug, Serialize)]
pub struct FreezeEarnings {
    /// The contract.
    pub contract_id: ContractId,
    /// The lot.
    pub lot_id: LotId,
    /// Why.
    pub reason: Prose,
}

/// Lets a lot of earnings go on to clear.
#[derive(Clone, Debug, Serialize)]
pub struct UnfreezeEarnings {
    /// The contract.
    pub contract_id: ContractId,
    /// The lot.
    pub lot_id: LotId,
}

pub(crate) fn freeze(command: &FreezeEarnings, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, lot) = overseen(states, (command.contract_id, command.lot_id), cx)?;
    moves(lot, CommandKind::FreezeEarnings, LotStatus::Frozen)?;
    Ok(vec![Event::Milestone(MilestoneEvent::EarningsFrozen(EarningsFrozen {
        contract_id: contract.id,
        milestone_id: milestone.id,
        lot_id: lot.id,
        reason: Personal::Clear(command.reason.clone()),
    }))])
}

pub(crate) fn unfreeze(
    command: &UnfreezeEarnings,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, lot) = overseen(states, (command.contract_id, command.lot_id), cx)?;
    moves(lot, CommandKind::UnfreezeEarnings, LotStatus::OnHold)?;
    let clears_at = lot.resumed(cx.now).ok_or_else(|| Refusal::new(Code::WrongState, "it is not frozen"))?;
    Ok(vec![Event::Milestone(MilestoneEvent::EarningsUnfrozen(EarningsUnfrozen {
        contract_id: contract.id,
        milestone_id: milestone.id,
        lot_id: lot.id,
        clears_at,
    }))])
}

fn moves(lot: &Lot, kind: CommandKind, to: LotStatus) -> Result<(), Refusal> {
    consult(LOT_TRANSITIONS, Some(lot.status()), kind, Role::Compliance, to)
}

/// A lot for somebody of the house who is no party to its contract.
fn overseen<'a>(
    states: &'a States,
    (contract, lot): (ContractId, LotId),
    cx: &Context,
) -> Result<(&'a Contract, &'a Milestone, &'a Lot), Refusal> {
    let contract = states.contract(contract)?;
    contract.is_foreign_to(&cx.actor)?;
    let (milestone, lot) = contract.lot(lot).map_err(|refusal| refusal.at("lotId"))?;
    Ok((contract, milestone, lot))
}

#[cfg(test)]
mod tests {
    use super::{FreezeEarnings, UnfreezeEarnings};
    use crate::contract::{ClearEarnings, LotStatus};
    use crate::id::LotId;
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::reason;
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, SYSTEM, TALENT, given, now, released_contract, usd,
    };
    use crate::timer::TimerKind;

    fn freeze(lot_id: LotId) -> FreezeEarnings {
        FreezeEarnings { contract_id: CONTRACT, lot_id, reason: reason() }
    }

    fn unfreeze(lot_id: LotId) -> UnfreezeEarnings {
        UnfreezeEarnings { contract_id: CONTRACT, lot_id }
    }

    fn released() -> (Given, LotId, u64) {
        let (events, lot, epoch) = released_contract(usd(250_000));
        (given(events), lot, epoch)
    }

    #[test]
    fn earnings_that_are_frozen_do_not_clear() {
        let (released, lot_id, epoch) = released();
        let clear = ClearEarnings { contract_id: CONTRACT, lot_id, epoch };
        let frozen = released.at(now().plus_days(3)).then(COMPLIANCE, freeze(lot_id));
        assert_eq!(frozen.milestone(1).lots[0].status(), LotStatus::Frozen);
        frozen.clone().when(COMPLIANCE, freeze(lot_id)).refused(Code::WrongState);
        frozen.at(now().plus_days(5)).when(SYSTEM, clear).refused(Code::TimerStale);
    }

    #[test]
    fn earnings_that_are_unfrozen_clear_after_the_days_that_they_still_had() {
        let (released, lot_id, _) = released();
        let frozen = released.at(now().plus_days(3)).then(COMPLIANCE, freeze(lot_id));
        let thaws = frozen.clone().at(now().plus_days(10)).when(COMPLIANCE, unfreeze(lot_id));
        thaws.timer(TimerKind::ClearEarnings(lot_id), now().plus_days(12));
        let thawed = frozen.at(now().plus_days(10)).then(COMPLIANCE, unfreeze(lot_id));
        let epoch = thawed.epoch(TimerKind::ClearEarnings(lot_id));
        let clear = ClearEarnings { contract_id: CONTRACT, lot_id, epoch };
        let cleared = thawed.at(now().plus_days(12)).then(SYSTEM, clear);
        assert_eq!(cleared.milestone(1).lots[0].status(), LotStatus::Cleared);
        assert_eq!(cleared.balance(TALENT, AccountCode::TalentAvailable), 220_000);
        cleared.when(COMPLIANCE, freeze(lot_id)).refused(Code::WrongState);
    }

    #[test]
    fn only_compliance_freezes_earnings_and_only_those_there_are() {
        let (released, lot_id, _) = released();
        released.clone().when(CLIENT, freeze(lot_id)).refused(Code::Forbidden);
        released.clone().when(COMPLIANCE, unfreeze(lot_id)).refused(Code::WrongState);
        released.when(COMPLIANCE, freeze(LotId::from_u128(9))).refused_at(Code::NotFound, "lotId");
    }
}
