//! PartiallyRelease and ReleaseEarly: the client pays for a part of the work, or before it is handed in.

use super::approve_milestone::released;
use super::move_funds::proposed;
use super::refund_milestone::{asked, named};
use super::{
    Contract, MILESTONE_TRANSITIONS, Milestone, MilestoneEvent, MilestonePartiallyReleased,
    MilestoneReleasedEarly, MilestoneStatus, Rest,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Approves a part of the work that waits for review.
#[derive(Clone, Debug, Serialize)]
pub struct PartiallyRelease {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// What of its escrow is released: less than it holds.
    pub amount: Money,
    /// What becomes of the rest.
    pub rest: Rest,
    /// Why the rest is asked back, if it is; the talent reads it.
    pub reasons: Option<Prose>,
}

/// Releases a milestone's escrow before any work is handed in.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseEarly {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

pub(crate) fn partially(
    command: &PartiallyRelease,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let by = (CommandKind::PartiallyRelease, role);
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), by.0, role, MilestoneStatus::Funded)?;
    milestone.not_frozen()?;
    let work_id = milestone.reviewed()?;
    let amount = partial(command.amount, milestone).map_err(|refusal| refusal.at("amount"))?;
    let mut events = vec![
        Event::Milestone(MilestoneEvent::PartiallyReleased(MilestonePartiallyReleased {
            contract_id: contract.id,
            milestone_id: milestone.id,
            work_id,
            amount,
            rest: command.rest,
        })),
        released(contract, milestone, amount.minor(), cx)?,
    ];
    events.extend(rest(command, (contract, milestone), by, cx)?);
    Ok(events)
}

/// The amount, if something of the escrow is left beside it.
fn partial(amount: Money, milestone: &Milestone) -> Result<Money, Refusal> {
    if amount.currency() != milestone.amount.currency() {
        let message = format!("the contract is in {}", milestone.amount.currency());
        return Err(Refusal::new(Code::CurrencyMismatch, message));
    }
    let held = milestone.amount.with_minor(milestone.rest())?;
    if amount.minor() >= held.minor() {
        let message = format!("escrow holds {held}: release less than that, or approve the work");
        return Err(Refusal::new(Code::BalanceTooLow, message));
    }
    amount.positive()
}

/// What follows of what the release leaves.
fn rest(
    command: &PartiallyRelease,
    (contract, milestone): (&Contract, &Milestone),
    (kind, role): (CommandKind, Role),
    cx: &Context,
) -> Result<Option<Event>, Refusal> {
    let asks = || {
        let to = MilestoneStatus::RefundRequested;
        consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, to)
    };
    match command.rest {
        // Once the end is agreed, what goes back to work is asked back at once, so that the end comes.
        Rest::Kept | Rest::RolledForward(_) if contract.is_end_agreed() => {
            asks()?;
            Ok(Some(asked(contract, milestone, None, cx)))
        }
        Rest::Kept => Ok(None),
        Rest::AskedBack => {
            asks()?;
            let why = command.reasons.as_ref();
            let why = why.ok_or_else(|| Refusal::new(Code::TextEmpty, "say why").at("reasons"))?;
            Ok(Some(asked(contract, milestone, Some(why), cx)))
        }
        Rest::RolledForward(to) => {
            let left = milestone.rest() - command.amount.minor();
            let to = contract.milestone(to).map_err(|refusal| refusal.at("rollForwardTo"))?;
            if left != to.amount.minor() {
                let message = format!("the rest must be all that the other milestone needs: {}", to.amount);
                return Err(Refusal::new(Code::AmountMismatch, message).at("amount"));
            }
            proposed(contract, milestone, to).map(Some)
        }
    }
}

pub(crate) fn early(command: &ReleaseEarly, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let (kind, to) = (CommandKind::ReleaseEarly, MilestoneStatus::Released);
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, to)?;
    milestone.not_frozen()?;
    Ok(vec![
        Event::Milestone(MilestoneEvent::ReleasedEarly(MilestoneReleasedEarly {
            contract_id: contract.id,
            milestone_id: milestone.id,
        })),
        released(contract, milestone, milestone.rest(), cx)?,
    ])
}

#[cfg(test)]
mod tests {
    use crate::contract::{EscrowEvent, MilestoneStatus, ReleaseEarly, Rest};
    use crate::ledger::{AccountCode, Slice};
    use crate::money::Money;
    use crate::refusal::Code;
    use crate::scenario::working::{FREEZE, OFFERABLE_MAX, release_part};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, TALENT, approve, contract_events, funded_contract, funded_first, given,
        milestone, now, submit_work, usd, work,
    };
    use crate::timer::TimerKind;
    use crate::{Event, Timestamp};
    use proptest::prelude::*;

    const EARLY: ReleaseEarly = ReleaseEarly { contract_id: CONTRACT, milestone_id: milestone(1) };

    fn reviewable(amount: i64) -> crate::scenario::Given {
        given(funded_contract(usd(amount))).and([work()])
    }

    #[test]
    fn a_part_is_released_and_the_rest_stays_for_more_work() {
        let part = reviewable(250_000).then(CLIENT, release_part(usd(100_000), Rest::Kept));
        assert_eq!((part.status(1), part.held(1)), (MilestoneStatus::Funded, (150_000, 22_500)));
        assert_eq!(part.balance(TALENT, AccountCode::TalentOnHold), 88_000);
        let whole = part.then(TALENT, submit_work(milestone(1))).then(CLIENT, approve(milestone(1)));
        assert_eq!((whole.status(1), whole.held(1)), (MilestoneStatus::Released, (0, 0)));
        assert_eq!(whole.balance(TALENT, AccountCode::TalentOnHold), 220_000);
        assert_eq!(whole.milestone(1).lots.len(), 2);
    }

    #[test]
    fn partial_release_of_400_earns_352() {
        let part = reviewable(100_000).then(CLIENT, release_part(usd(40_000), Rest::Kept));
        assert_eq!(part.milestone(1).lots[0].on_hold, 35_200);
        let charged = part.milestone(1).charged;
        assert_eq!((charged.talent_fee, charged.talent_tax), (4_000, 800));
    }

    #[test]
    fn the_rest_can_be_asked_back_with_reasons() {
        let outcome = reviewable(250_000).when(CLIENT, release_part(usd(1), Rest::AskedBack));
        outcome.timer(TimerKind::AutoAgreeRefund(milestone(1)), now().plus_days(7));
        let silent =
            crate::contract::PartiallyRelease { reasons: None, ..release_part(usd(1), Rest::AskedBack) };
        reviewable(250_000).when(CLIENT, silent).refused_at(Code::TextEmpty, "reasons");
    }

    #[test]
    fn a_part_is_something_and_less_than_the_whole() {
        let code = |minor, code| {
            let part = release_part(usd(minor), Rest::Kept);
            reviewable(250_000).when(CLIENT, part).refused_at(code, "amount");
        };
        code(250_000, Code::BalanceTooLow);
        code(0, Code::AmountNotPositive);
        let foreign = release_part(Money::parse("1", "EUR").unwrap(), Rest::Kept);
        reviewable(250_000).when(CLIENT, foreign).refused_at(Code::CurrencyMismatch, "amount");
        reviewable(250_000).when(TALENT, release_part(usd(1), Rest::Kept)).refused(Code::Forbidden);
        let unsubmitted = given(funded_contract(usd(250_000)));
        unsubmitted.when(CLIENT, release_part(usd(1), Rest::Kept)).refused(Code::WrongState);
    }

    #[test]
    fn the_rest_rolls_forward_to_a_milestone_that_needs_just_that() {
        let two = |second| given(funded_first(&[usd(100_000), usd(second)])).and([work()]);
        let forward = release_part(usd(40_000), Rest::RolledForward(milestone(2)));
        two(59_999).when(CLIENT, forward.clone()).refused_at(Code::AmountMismatch, "amount");
        let part = two(60_000).then(CLIENT, forward);
        assert_eq!(part.status(1), MilestoneStatus::Funded, "until the talent agrees");
        assert_eq!(part.milestone(1).moves_to(), Some((milestone(2), usd(60_000))));
    }

    #[test]
    fn money_can_be_released_before_work_is_handed_in_and_only_once() {
        let early = given(funded_contract(usd(250_000))).then(CLIENT, EARLY);
        assert_eq!((early.status(1), early.held(1)), (MilestoneStatus::Released, (0, 0)));
        early.when(CLIENT, EARLY).refused(Code::WrongState);
        reviewable(250_000).when(CLIENT, EARLY).refused(Code::WrongState);
    }

    #[test]
    fn nothing_is_released_while_it_is_frozen() {
        let frozen = given(funded_contract(usd(250_000))).then(COMPLIANCE, FREEZE());
        frozen.clone().when(CLIENT, EARLY).refused(Code::FundsFrozen);
        frozen.and([work()]).when(CLIENT, release_part(usd(1), Rest::Kept)).refused(Code::FundsFrozen);
    }

    fn slices(events: &[Event]) -> Vec<Slice> {
        let slice = |event: &Event| match event {
            Event::Escrow(EscrowEvent::Released(e)) => Some(e.slice),
            _ => None,
        };
        events.iter().filter_map(slice).collect()
    }

    fn sum(slices: &[Slice]) -> [i64; 4] {
        let part = |of: fn(&Slice) -> i64| slices.iter().map(of).sum();
        [part(|s| s.talent_fee), part(|s| s.talent_tax), part(|s| s.client_fee), part(|s| s.client_tax)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_slicing_of_a_milestone_by_its_client_costs_the_same_fee_and_tax(
            amount in 1..=OFFERABLE_MAX,
            cuts in prop::collection::vec(1..1_000_000_i64, 0..6),
        ) {
            let whole = reviewable(amount).when(CLIENT, approve(milestone(1)));
            let mut sliced = reviewable(amount);
            let mut released = Vec::new();
            for cut in cuts {
                let held = i128::from(sliced.held(1).0);
                let part = i64::try_from(held * i128::from(cut) / 1_000_000).unwrap();
                if part == 0 {
                    continue;
                }
                let events = sliced.clone().when(CLIENT, release_part(usd(part), Rest::Kept)).events().to_vec();
                released.extend(slices(&events));
                sliced = sliced.then(CLIENT, release_part(usd(part), Rest::Kept)).and([work()]);
            }
            released.extend(slices(sliced.clone().when(CLIENT, approve(milestone(1))).events()));
            prop_assert_eq!(sum(&released), sum(&slices(whole.events())));
            let done = sliced.then(CLIENT, approve(milestone(1)));
            prop_assert_eq!((done.status(1), done.held(1)), (MilestoneStatus::Released, (0, 0)));
        }
    }

    #[test]
    fn a_part_stops_the_review_s_clock() {
        let epoch = contract_events(&[funded_contract(usd(250_000)), vec![work()]].concat());
        let auto = crate::contract::AutoApproveMilestone {
            contract_id: CONTRACT,
            milestone_id: milestone(1),
            epoch,
        };
        let late = |at: Timestamp| reviewable(250_000).then(CLIENT, release_part(usd(1), Rest::Kept)).at(at);
        late(now().plus_days(14)).when(crate::scenario::SYSTEM, auto).refused(Code::TimerStale);
    }
}
