//! ExpireDeposit: the provider did not confirm the money in time. If it comes all the same, it is unmatched.

use super::{Deposit, DepositEvent, DepositFailed, DepositStatus, ProviderWord, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::contract::MILESTONE_TRANSITIONS;
use crate::event::Event;
use crate::id::DepositId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Gives a deposit up, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ExpireDeposit {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ExpireDeposit, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    guard(&deposit.timers(), TimerKind::ExpireDeposit, command.epoch, cx.now)?;
    let milestone = states.contract(deposit.contract_id)?.milestone(deposit.milestone_id)?;
    let (kind, role) = (CommandKind::ExpireDeposit, Role::System);
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, milestone.unfunded())?;
    Ok(vec![given_up(deposit, kind, role, "expired")?])
}

/// The fact that `deposit` is not awaited any more, by a command of `kind`, for our own `reason`.
pub(crate) fn given_up(
    deposit: &Deposit,
    kind: CommandKind,
    role: Role,
    reason: &'static str,
) -> Result<Event, Refusal> {
    consult(TRANSITIONS, Some(deposit.status()), kind, role, DepositStatus::Failed)?;
    Ok(Event::Deposit(DepositEvent::Failed(DepositFailed {
        deposit_id: deposit.id,
        contract_id: deposit.contract_id,
        milestone_id: deposit.milestone_id,
        reason: ProviderWord::parse(reason)?,
    })))
}

#[cfg(test)]
mod tests {
    use crate::Event;
    use crate::deposit::{DepositEvent, ExpireDeposit, ProviderObject, RefundDeposit};
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, DEPOSIT, PROVIDER, SYSTEM, confirm, contract, fund, funding, given, milestone, now, usd,
    };
    use crate::timer::TimerKind;

    fn expire() -> ExpireDeposit {
        ExpireDeposit { deposit_id: DEPOSIT, epoch: 1 }
    }

    #[test]
    fn money_that_comes_after_its_deposit_expired_is_unmatched_and_goes_back() {
        let awaiting = || given(contract(&[usd(250_000)])).and(funding()).at(now().plus_minutes(15));
        let expired = awaiting().when(SYSTEM, expire()).events().to_vec();
        let after = || awaiting().and(expired.clone());
        after().when(SYSTEM, expire()).refused(Code::TimerStale);
        after().when(CLIENT, fund(milestone(1))).timer(TimerKind::ExpireDeposit, now().plus_minutes(30));
        let late = after().when(PROVIDER, confirm(usd(287_500)));
        assert!(matches!(late.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
        let refund =
            RefundDeposit { deposit_id: DEPOSIT, provider_object: ProviderObject::parse("pay_1").unwrap() };
        let unmatched = || after().and(late.events().to_vec());
        let back = unmatched().when(SYSTEM, refund.clone());
        let [Event::Deposit(DepositEvent::Refunded(refunded)), Event::Refund(_)] = back.events() else {
            panic!("a refund")
        };
        assert_eq!(refunded.amount, usd(287_500));
        unmatched().and(back.events().to_vec()).when(SYSTEM, refund).refused(Code::WrongState);
    }

    #[test]
    fn a_deposit_does_not_expire_before_its_window_is_over() {
        given(contract(&[usd(1)])).and(funding()).when(SYSTEM, expire()).refused(Code::TimerNotDue);
    }
}
