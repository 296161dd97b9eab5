//! ClearEarnings: the earnings of one release have been on hold for as long as they must, and can be paid out.

use super::{EscrowEvent, LOT_TRANSITIONS, LotStatus};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, LotId};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Clears a lot of earnings, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ClearEarnings {
    /// The contract.
    pub contract_id: ContractId,
    /// The lot.
    pub lot_id: LotId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ClearEarnings, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    guard(&contract.timers(), TimerKind::ClearEarnings(command.lot_id), command.epoch, cx.now)?;
    let stands = Some(contract.lot(command.lot_id)?.1.status());
    consult(LOT_TRANSITIONS, stands, CommandKind::ClearEarnings, Role::System, LotStatus::Cleared)?;
    let cleared = contract.cleared(command.lot_id, cx.fresh())?;
    Ok(vec![Event::Escrow(EscrowEvent::EarningsCleared(cleared))])
}

#[cfg(test)]
mod tests {
    use crate::State;
    use crate::contract::ClearEarnings;
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::{CONTRACT, SYSTEM, given, now, released_contract, usd};
    use crate::timer::TimerKind;

    #[test]
    fn earnings_clear_once_into_what_is_available() {
        let (events, lot_id, epoch) = released_contract(usd(250_000));
        let clear = ClearEarnings { contract_id: CONTRACT, lot_id, epoch };
        let over = || given(events.clone()).at(now().plus_days(5));
        given(events.clone()).when(SYSTEM, clear.clone()).refused(Code::TimerNotDue);
        let outcome = over().when(SYSTEM, clear.clone());
        outcome.no_timer(TimerKind::ClearEarnings(lot_id));
        outcome.state(|state| {
            if let State::Account(account) = state {
                assert_eq!(account.balance(AccountCode::TalentOnHold), 0);
                assert_eq!(account.free(), 220_000);
            }
        });
        over().and(outcome.events().to_vec()).when(SYSTEM, clear).refused(Code::TimerStale);
    }
}
