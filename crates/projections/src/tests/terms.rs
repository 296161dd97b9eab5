//! Contracts that change while they are under way, and after their end: the rows say what the rules fold.

use super::house::folded;
use super::market::{CLIENT, Market, TALENT, begun, text, usd};
use crate::{AmendmentRow, ReadModels, TerminationRow};
use domain::contract::{
    AcceptAmendment, AgreeMilestone, AgreeMove, ApproveMilestone, CancelMilestone, Change, Contract,
    ContractStatus, FreezeEarnings, FreezeFunds, GrantRefund, MilestoneStatus, MoveFunds, PartiallyRelease,
    PauseContract, PayBonus, ProposeAmendment, ProposeMilestone, ReopenContract, Rest, ResumeContract,
    TerminateContract, UnfreezeEarnings, UnfreezeFunds, WithdrawAmendment,
};
use domain::deposit::PaymentMethod;
use domain::id::ContractId;
use domain::ledger::LedgerAccount;
use domain::personal::Personal;
use domain::proposal::Party;
use domain::{State, StreamId};

fn rules(market: &Market, id: ContractId) -> &Contract {
    market.state(&StreamId::Contract(id)).and_then(State::as_contract).unwrap()
}

/// Every row of the contract says what the rules fold.
#[track_caller]
fn agrees(models: &ReadModels, contract: &Contract) {
    let row = models.contract(contract.id).unwrap().unwrap();
    assert_eq!(row.status, contract.status());
    assert_eq!(row.pauses, contract.pauses.iter().copied().collect::<Vec<_>>());
    assert!(contract.ended_at().is_none_or(|ended_at| row.ended_at == Some(ended_at)));
    assert_eq!(row.reopen_proposer, contract.reopen_proposer());
    assert_eq!(
        row.amendment.map(|open| (open.number, open.proposer, open.changes)),
        contract.amendment.clone().map(|open| (open.number, open.proposer, open.changes))
    );
    let rows = models.milestones_by_contracts(&[contract.id]).unwrap();
    assert_eq!(rows.len(), contract.milestones.len());
    for (row, milestone) in rows.iter().zip(&contract.milestones) {
        let held = |account: fn(_, _) -> LedgerAccount| milestone.held(account(contract.id, milestone.id));
        assert_eq!(
            (row.id, row.number, row.amount_minor, row.status, row.bonus, row.rounds),
            (
                milestone.id,
                milestone.number,
                milestone.amount.minor(),
                milestone.status(),
                milestone.bonus,
                milestone.rounds
            )
        );
        assert_eq!(
            (row.escrow_held_minor, row.client_fee_held_minor, row.released.gross_minor, row.granted_minor),
            (
                held(LedgerAccount::Escrow),
                held(LedgerAccount::ClientFeeHeld),
                milestone.charged.released,
                milestone.granted.amount
            )
        );
        assert_eq!(
            (row.proposer, row.drop_proposer, row.frozen_at.is_some()),
            (milestone.proposer(), milestone.drop_proposer(), milestone.is_frozen())
        );
        assert_eq!(row.moves_to, milestone.moves_to().map(|(to, amount)| (to, amount.minor())));
    }
}

/// Folds the log and compares.
async fn checked(market: &Market, id: ContractId) -> ReadModels {
    let (models, _house) = folded(&market.log).await;
    agrees(&models, rules(market, id));
    models
}

#[tokio::test]
async fn a_proposed_milestone_is_shown_until_it_is_agreed_or_dropped() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000]).await;
    let propose = ProposeMilestone { contract_id, title: text("The door too"), amount: usd(200) };
    for _ in 0..2 {
        market.person(TALENT, propose.clone()).await;
    }
    let models = checked(&market, contract_id).await;
    let row = models.milestones_by_contracts(&[contract_id]).unwrap().swap_remove(1);
    assert_eq!((row.proposer, row.title.as_deref()), (Some(Party::Talent), Some("The door too")));
    let [second, third] = [2, 3].map(|number| market.milestone(contract_id, number));
    market.person(CLIENT, AgreeMilestone { contract_id, milestone_id: second }).await;
    market.person(TALENT, CancelMilestone { contract_id, milestone_id: third }).await;
    market.person(CLIENT, CancelMilestone { contract_id, milestone_id: second }).await;
    checked(&market, contract_id).await;
}

#[tokio::test]
async fn an_amendment_is_shown_until_it_is_answered_and_then_made() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000, 200]).await;
    let changes = vec![
        Change::Add { title: Personal::Clear(text("The door too")), amount: usd(300) },
        Change::Revise {
            milestone_id: market.milestone(contract_id, 2),
            title: Some(Personal::Clear(text("Both windows"))),
            amount: Some(usd(250)),
        },
    ];
    let propose = ProposeAmendment { contract_id, changes: changes.clone() };
    market.person(CLIENT, propose.clone()).await;
    let models = checked(&market, contract_id).await;
    let row = models.contract(contract_id).unwrap().unwrap();
    let (proposer, proposed_at) = (Party::Client, market.log.now());
    assert_eq!(row.amendment, Some(AmendmentRow { number: 1, proposer, changes, proposed_at }));
    market.person(CLIENT, WithdrawAmendment { contract_id, number: 1 }).await;
    market.person(CLIENT, propose).await;
    market.person(TALENT, AcceptAmendment { contract_id, number: 2 }).await;
    let models = checked(&market, contract_id).await;
    let rows = models.milestones_by_contracts(&[contract_id]).unwrap();
    let titles: Vec<_> = rows.iter().map(|row| row.title.as_deref().unwrap()).collect();
    assert_eq!(titles, ["Part 1", "Both windows", "The door too"]);
}

#[tokio::test]
async fn a_contract_is_paused_while_there_is_a_reason() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000]).await;
    market.person(CLIENT, PauseContract { contract_id }).await;
    market.staff(PauseContract { contract_id }).await;
    checked(&market, contract_id).await;
    market.person(CLIENT, ResumeContract { contract_id }).await;
    checked(&market, contract_id).await;
    market.request_end(contract_id).await;
    market.withdraw_end(contract_id).await;
    checked(&market, contract_id).await;
    market.staff(ResumeContract { contract_id }).await;
    checked(&market, contract_id).await;
}

#[tokio::test]
async fn frozen_money_and_frozen_earnings_are_shown_with_the_clocks_that_go_on() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000]).await;
    let milestone_id = market.milestone(contract_id, 1);
    market.submit_work(contract_id, 1, "First coat").await;
    let review_ends_at = market.log.now().plus_days(14);
    let freeze = FreezeFunds { contract_id, milestone_id, reason: text("Under review") };
    market.staff(freeze.clone()).await;
    let frozen_at = market.log.now();
    checked(&market, contract_id).await;
    market.log.wait_until(market.log.now().plus_days(3));
    market.staff(UnfreezeFunds { contract_id, milestone_id }).await;
    let models = checked(&market, contract_id).await;
    let row = models.milestone(milestone_id).unwrap().unwrap();
    let ends_at = review_ends_at.later_by(frozen_at, market.log.now());
    assert_eq!(row.work.unwrap().review_ends_at, ends_at);
    market.staff(freeze).await;
    market.person(CLIENT, ApproveMilestone { contract_id, milestone_id }).await;
    let models = checked(&market, contract_id).await;
    assert_eq!(models.milestone(milestone_id).unwrap().unwrap().status, MilestoneStatus::Approved);
    market.staff(UnfreezeFunds { contract_id, milestone_id }).await;
    checked(&market, contract_id).await;
    let lot_id = rules(&market, contract_id).milestones[0].lots[0].id;
    market.staff(FreezeEarnings { contract_id, lot_id, reason: text("Under review") }).await;
    let (models, _house) = folded(&market.log).await;
    let lot = models.lots_by_milestones(&[milestone_id]).unwrap().swap_remove(0);
    assert_eq!(lot.frozen_at, Some(market.log.now()));
    market.staff(UnfreezeEarnings { contract_id, lot_id }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.lots_by_milestones(&[milestone_id]).unwrap().swap_remove(0);
    let lot = &rules(&market, contract_id).milestones[0].lots[0];
    assert_eq!((row.frozen_at, row.clears_at), (None, lot.clears_at));
}

#[tokio::test]
async fn a_part_that_is_released_and_a_rest_that_moves_on_are_shown_where_they_are() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000, 600, 50]).await;
    let [first, second, third] = [1, 2, 3].map(|number| market.milestone(contract_id, number));
    market.submit_work(contract_id, 1, "First coat").await;
    let part = PartiallyRelease {
        contract_id,
        milestone_id: first,
        amount: usd(400),
        rest: Rest::RolledForward(second),
        reasons: None,
    };
    market.person(CLIENT, part).await;
    checked(&market, contract_id).await;
    market.person(TALENT, AgreeMove { contract_id, milestone_id: first }).await;
    let models = checked(&market, contract_id).await;
    assert_eq!(models.milestone(first).unwrap().unwrap().status, MilestoneStatus::Released);
    market.person(CLIENT, MoveFunds { contract_id, milestone_id: second, to: third }).await;
    market.person(TALENT, AgreeMove { contract_id, milestone_id: second }).await;
    checked(&market, contract_id).await;
}

#[tokio::test]
async fn what_moves_whole_leaves_its_milestone_to_be_funded_anew() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000, 1_000]).await;
    let [first, second] = [1, 2].map(|number| market.milestone(contract_id, number));
    market.person(CLIENT, MoveFunds { contract_id, milestone_id: first, to: second }).await;
    market.person(TALENT, AgreeMove { contract_id, milestone_id: first }).await;
    let models = checked(&market, contract_id).await;
    assert_eq!(models.milestone(first).unwrap().unwrap().status, MilestoneStatus::Agreed);
    market.fund(contract_id, 1, 1_000).await;
    checked(&market, contract_id).await;
}

#[tokio::test]
async fn after_the_end_a_bonus_a_gift_back_and_a_new_beginning_are_shown() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000]).await;
    market.submit_work(contract_id, 1, "Done").await;
    market.approve(contract_id, 1).await;
    market.request_end(contract_id).await;
    market.agree_end(contract_id).await;
    market.fire(StreamId::Contract(contract_id)).await;
    checked(&market, contract_id).await;
    market.fire(StreamId::Contract(contract_id)).await;
    let milestone_id = market.milestone(contract_id, 1);
    market.person(TALENT, GrantRefund { contract_id, milestone_id, amount: usd(100) }).await;
    let pay = PayBonus {
        contract_id,
        title: text("Well done"),
        amount: usd(50),
        rail: "sandbox",
        payment_method: PaymentMethod::parse("pm").unwrap(),
    };
    let bonus = |events: &[_]| {
        begun(events, |stream| if let StreamId::Deposit(id) = stream { Some(*id) } else { None })
    };
    let failed = bonus(&market.person(CLIENT, pay.clone()).await);
    market.decline(failed).await;
    checked(&market, contract_id).await;
    let paid = bonus(&market.person(CLIENT, pay).await);
    market.start_attempt(paid).await;
    market.acknowledge(paid).await;
    market.capture(paid, 50).await;
    checked(&market, contract_id).await;
    market.fire(StreamId::Contract(contract_id)).await;
    checked(&market, contract_id).await;
    for party in [TALENT, CLIENT] {
        market.person(party, ReopenContract { contract_id }).await;
        checked(&market, contract_id).await;
    }
}

#[tokio::test]
async fn a_termination_is_shown_with_its_reason() {
    let mut market = Market::open().await;
    let contract_id = market.funded(&[1_000, 200]).await;
    market.staff(TerminateContract { contract_id, reason: text("Against the rules") }).await;
    let models = checked(&market, contract_id).await;
    let row = models.contract(contract_id).unwrap().unwrap();
    let reason = Some("Against the rules".to_owned());
    assert_eq!(row.termination, Some(TerminationRow { begun_at: market.log.now(), reason }));
    let milestone_id = market.milestone(contract_id, 1);
    market.staff(UnfreezeFunds { contract_id, milestone_id }).await;
    market.fire(StreamId::Contract(contract_id)).await;
    let models = checked(&market, contract_id).await;
    assert_eq!(models.contract(contract_id).unwrap().unwrap().status, ContractStatus::Terminated);
}
