//! CancelContract: a contract that nobody funded comes to nothing, by either side or by time. Deposits under way are
//! given up, and the job gets its place back.

use super::{
    Contract, ContractCancelled, ContractEvent, ContractStatus, MILESTONE_TRANSITIONS, Milestone,
    MilestoneCancelled, MilestoneEvent, MilestoneStatus, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::expire_deposit::given_up;
use crate::event::Event;
use crate::id::ContractId;
use crate::job::{self, JobEvent, JobReopened, JobStatus};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Cancels a contract that nobody funded.
#[derive(Clone, Debug, Serialize)]
pub struct CancelContract {
    /// The contract.
    pub contract_id: ContractId,
}

/// Cancels a contract that nobody funded in time, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct CancelUnfundedContract {
    /// The contract.
    pub contract_id: ContractId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &CancelContract, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    cancel(contract, states, (CommandKind::CancelContract, side.role()), cx)
}

pub(crate) fn unfunded(
    command: &CancelUnfundedContract,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    guard(&contract.timers(), TimerKind::CancelUnfundedContract, command.epoch, cx.now)?;
    cancel(contract, states, (CommandKind::CancelUnfundedContract, Role::System), cx)
}

fn cancel(
    contract: &Contract,
    states: &States,
    (kind, role): (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    consult(TRANSITIONS, Some(contract.status()), kind, role, ContractStatus::Cancelled)?;
    let mut events = Vec::new();
    for milestone in contract.milestones.iter().filter(|milestone| !milestone.status().is_over()) {
        events.extend(cancelled(contract, milestone, states, (kind, role))?);
    }
    events.push(Event::Contract(ContractEvent::Cancelled(ContractCancelled {
        contract_id: contract.id,
        job_id: contract.job_id,
    })));
    let job = states.job(contract.job_id)?;
    if job.status() == JobStatus::Filled {
        consult(job::TRANSITIONS, Some(job.status()), kind, role, JobStatus::Open)?;
        let days = states.marketplace()?.policy.windows.job_open_days;
        let reopened = JobReopened { job_id: job.id, expires_at: cx.now.plus_days(days) };
        events.push(Event::Job(JobEvent::Reopened(reopened)));
    }
    Ok(events)
}

/// An unfunded milestone comes to nothing, and so does the deposit that is under way for it.
pub(super) fn cancelled(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    (kind, role): (CommandKind, Role),
) -> Result<Vec<Event>, Refusal> {
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Cancelled)?;
    let mut events = Vec::new();
    if let Some(deposit) = milestone.deposit() {
        events.push(given_up(states.deposit(deposit)?, kind, role, "contract_over")?);
        // A bonus is over with its deposit.
        if milestone.bonus {
            return Ok(events);
        }
    }
    events.push(Event::Milestone(MilestoneEvent::Cancelled(MilestoneCancelled {
        contract_id: contract.id,
        milestone_id: milestone.id,
    })));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use crate::contract::{
        CancelContract, CancelUnfundedContract, ContractEvent, ContractStatus, MilestoneStatus,
    };
    use crate::deposit::{DepositEvent, DepositStatus};
    use crate::job::JobStatus;
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, CONTRACT, PROVIDER, STRANGER, SYSTEM, TALENT, confirm, contract, funded_contract, funding,
        given, now, usd,
    };
    use crate::timer::TimerKind;
    use crate::{Event, State};

    const CANCEL: CancelContract = CancelContract { contract_id: CONTRACT };

    #[test]
    fn an_unfunded_contract_that_is_cancelled_gives_the_job_its_place_back() {
        for who in [CLIENT, TALENT] {
            given(contract(&[usd(1), usd(2)])).when(who, CANCEL).state(|state| match state {
                State::Job(job) => {
                    assert_eq!((job.status(), job.hires, job.has_room()), (JobStatus::Open, 0, true));
                }
                State::Contract(contract) => {
                    assert_eq!(contract.status(), ContractStatus::Cancelled);
                    assert!(contract.milestones.iter().all(|m| m.status() == MilestoneStatus::Cancelled));
                }
                _ => {}
            });
        }
        given(contract(&[usd(1)])).when(STRANGER, CANCEL).refused(Code::NotFound);
    }

    #[test]
    fn a_deposit_under_way_is_given_up_and_what_comes_late_is_unmatched() {
        let awaiting = || given(contract(&[usd(250_000)])).and(funding());
        let outcome = awaiting().when(CLIENT, CANCEL);
        outcome.no_timer(TimerKind::ExpireDeposit);
        outcome.state(|state| {
            if let State::Deposit(deposit) = state {
                assert_eq!(deposit.status(), DepositStatus::Failed);
            }
        });
        let late = awaiting().and(outcome.events().to_vec()).when(PROVIDER, confirm(usd(287_500)));
        assert!(matches!(late.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
    }

    #[test]
    fn a_contract_that_nobody_funds_is_cancelled_by_time() {
        let unfunded = CancelUnfundedContract { contract_id: CONTRACT, epoch: 1 };
        given(contract(&[usd(1)])).when(SYSTEM, unfunded.clone()).refused(Code::TimerNotDue);
        let over = given(contract(&[usd(1)])).at(now().plus_days(14)).when(SYSTEM, unfunded);
        assert!(over.events().iter().any(|e| matches!(e, Event::Contract(ContractEvent::Cancelled(_)))));
    }

    #[test]
    fn a_funded_contract_is_not_cancelled() {
        given(funded_contract(usd(250_000))).when(CLIENT, CANCEL).refused(Code::WrongState);
        let unfunded = CancelUnfundedContract { contract_id: CONTRACT, epoch: 1 };
        given(funded_contract(usd(250_000)))
            .at(now().plus_days(14))
            .when(SYSTEM, unfunded)
            .refused(Code::TimerStale);
    }
}
