//! Contracts that change while they are under way: terms, parts of the money, freezes, what comes after the end; and
//! logs of them that are forged.

use audit::code;
use domain::contract::{
    AcceptAmendment, AgreeEnd, AgreeMilestone, AgreeMove, ApproveMilestone, CancelContract, CancelMilestone,
    Change, DemandRefund, DisputeEnd, DropMove, FreezeEarnings, FreezeFunds, GrantRefund, MilestoneEvent,
    MoveFunds, PartiallyRelease, PauseContract, PayBonus, ProposeAmendment, ProposeMilestone,
    RejectAmendment, ReleaseEarly, ReopenContract, RequestEnd, Rest, ResumeContract, TerminateContract,
    UnfreezeEarnings, UnfreezeFunds, WithdrawAmendment,
};
use domain::deposit::{AcknowledgeDeposit, DepositEvent, PaymentMethod, StartDepositAttempt};
use domain::id::{LotId, MilestoneId};
use domain::money::{Currency, Money};
use domain::personal::Personal;
use domain::timer::TimerKind;
use domain::{Actor, Event, Role, StreamId};
use serde_json::Value;

use crate::forged::{add, find, found};
use crate::history::{Fact, Hired, History, PROCESS, object, person, text};
use crate::outgoing::{recorded_by, recorded_earlier};
use crate::written::Written;

fn compliance() -> Actor {
    person(901, Role::Compliance)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

impl History {
    /// Everything that can happen to contracts that change, once at least.
    pub(crate) fn changing(&mut self) {
        self.milestones_come_and_go();
        self.amended();
        self.frozen();
        self.in_parts();
        self.overdue();
        self.after_the_end();
        self.terminated();
        self.disputed_end();
    }

    fn hired(&mut self) -> Hired {
        self.hire(["2500", "401", "7"], Currency::USD)
    }

    /// The milestone of the contract that came last.
    fn last(&self, hired: &Hired) -> MilestoneId {
        self.contract(hired).milestones.last().unwrap().id
    }

    fn lot(&self, hired: &Hired) -> LotId {
        self.contract(hired).milestones[0].lots[0].id
    }

    fn milestones_come_and_go(&mut self) {
        let hired = self.hired();
        let contract_id = hired.contract;
        let propose = ProposeMilestone { contract_id, title: text("More"), amount: usd(100) };
        self.give(&hired.talent, propose.clone());
        let milestone_id = self.last(&hired);
        self.give(&hired.talent, CancelMilestone { contract_id, milestone_id });
        self.give(&hired.client, propose);
        let milestone_id = self.last(&hired);
        self.give(&hired.talent, AgreeMilestone { contract_id, milestone_id });
        for by in [&hired.talent, &hired.client] {
            self.give(by, CancelMilestone { contract_id, milestone_id });
        }
        self.step(&hired, 3, 0);
    }

    /// Both sides do without every milestone, and then without the contract.
    fn dropped(&mut self) {
        let hired = self.hired();
        let contract_id = hired.contract;
        let milestones: Vec<MilestoneId> = self.contract(&hired).milestones.iter().map(|m| m.id).collect();
        for milestone_id in milestones {
            for by in [&hired.talent, &hired.client] {
                self.give(by, CancelMilestone { contract_id, milestone_id });
            }
        }
        self.give(&hired.client, CancelContract { contract_id });
    }

    pub(crate) fn amended(&mut self) {
        let hired = self.hired();
        let contract_id = hired.contract;
        self.fund(&hired, 0, 0);
        let add = Change::Add { title: Personal::Clear(text("More")), amount: usd(100) };
        let revise = Change::Revise {
            milestone_id: hired.milestones[1].0,
            title: Some(Personal::Clear(text("Other"))),
            amount: Some(usd(200)),
        };
        let propose = ProposeAmendment { contract_id, changes: vec![add.clone(), revise, add] };
        self.give(&hired.client, propose.clone());
        self.give(&hired.client, WithdrawAmendment { contract_id, number: 1 });
        self.give(&hired.client, propose.clone());
        self.give(&hired.talent, RejectAmendment { contract_id, number: 2 });
        self.give(&hired.talent, propose);
        self.give(&hired.client, AcceptAmendment { contract_id, number: 3 });
        let support = person(903, Role::Support);
        for by in [&hired.client, &support] {
            self.give(by, PauseContract { contract_id });
        }
        for by in [&hired.client, &support] {
            self.give(by, ResumeContract { contract_id });
        }
    }

    pub(crate) fn frozen(&mut self) {
        let hired = self.hired();
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[0].0);
        self.fund(&hired, 0, 0);
        self.submit(&hired, 0);
        let freeze = FreezeFunds { contract_id, milestone_id, reason: text("Under review") };
        self.give(&compliance(), freeze.clone());
        self.give(&compliance(), UnfreezeFunds { contract_id, milestone_id });
        self.give(&compliance(), freeze);
        self.give(&hired.client, ApproveMilestone { contract_id, milestone_id });
        self.give(&compliance(), UnfreezeFunds { contract_id, milestone_id });
        let lot_id = self.lot(&hired);
        let freeze = FreezeEarnings { contract_id, lot_id, reason: text("Under review") };
        self.give(&compliance(), freeze);
        self.give(&compliance(), UnfreezeEarnings { contract_id, lot_id });
    }

    /// A part is released, the rest funds the last milestone, which is paid early; what is left goes back.
    pub(crate) fn in_parts(&mut self) {
        let hired = self.hired();
        let contract_id = hired.contract;
        let [(large, _), (middle, _), (small, _)] = hired.milestones[..] else { panic!("three") };
        self.fund(&hired, 1, 0);
        self.submit(&hired, 1);
        let part = |milestone_id, minor, rest| PartiallyRelease {
            contract_id,
            milestone_id,
            amount: usd(minor),
            rest,
            reasons: (rest == Rest::AskedBack).then(|| text("The rest is missing")),
        };
        self.give(&hired.client, part(middle, 39_400, Rest::RolledForward(small)));
        self.give(&hired.talent, AgreeMove { contract_id, milestone_id: middle });
        self.give(&hired.client, ReleaseEarly { contract_id, milestone_id: small });
        self.fund(&hired, 0, 0);
        self.submit(&hired, 0);
        self.give(&hired.client, part(large, 100_001, Rest::Kept));
        self.give(&hired.talent, ProposeMilestone { contract_id, title: text("More"), amount: usd(333) });
        let next = self.last(&hired);
        self.give(&hired.client, AgreeMilestone { contract_id, milestone_id: next });
        let to_next = MoveFunds { contract_id, milestone_id: large, to: next };
        self.give(&hired.client, to_next.clone());
        self.give(&hired.talent, DropMove { contract_id, milestone_id: large });
        self.give(&hired.client, to_next);
        self.give(&hired.talent, AgreeMove { contract_id, milestone_id: large });
        self.submit(&hired, 0);
        self.give(&hired.client, part(large, 1, Rest::AskedBack));
        self.agree_refund(&hired, 0);
    }

    /// Nobody works: the client takes one milestone's money back, and the provider holds the other's no longer.
    pub(crate) fn overdue(&mut self) {
        let hired = self.hired();
        let stream = StreamId::Contract(hired.contract);
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[0].0);
        self.fund(&hired, 0, 0);
        self.fund(&hired, 1, 0);
        let overdue_at = self.contract(&hired).overdue_at(&self.contract(&hired).milestones[0]).unwrap();
        self.wait(overdue_at);
        self.give(&hired.client, DemandRefund { contract_id, milestone_id });
        let held = TimerKind::RefundHeldMilestone(hired.milestones[1].0);
        assert!(self.fire(&stream, |kind| kind == held));
    }

    /// Ends what holds nothing any more, or does when this is agreed.
    fn end(&mut self, hired: &Hired) {
        let contract_id = hired.contract;
        self.give(&hired.client, RequestEnd { contract_id });
        self.give(&hired.talent, AgreeEnd { contract_id });
        assert!(self.fire(&StreamId::Contract(contract_id), |kind| kind == TimerKind::SettleEnd));
    }

    pub(crate) fn after_the_end(&mut self) {
        let hired = self.hired();
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[0].0);
        self.fund(&hired, 0, 0);
        self.work(&hired, 0);
        self.end(&hired);
        self.clear(&hired, 0);
        for minor in [10_001, 1] {
            self.give(&hired.talent, GrantRefund { contract_id, milestone_id, amount: usd(minor) });
        }
        self.bonus(&hired);
        for by in [&hired.talent, &hired.client] {
            self.give(by, ReopenContract { contract_id });
        }
    }

    fn bonus(&mut self, hired: &Hired) {
        let pay = PayBonus {
            contract_id: hired.contract,
            title: text("Thank you"),
            amount: usd(5_003),
            rail: "sandbox",
            payment_method: PaymentMethod::parse("pm_ok").unwrap(),
        };
        let [
            Event::Milestone(MilestoneEvent::BonusPromised(bonus)),
            Event::Deposit(DepositEvent::Requested(deposit)),
        ] = &self.give(&hired.client, pay)[..]
        else {
            panic!("a bonus and its deposit")
        };
        let (deposit_id, provider_object) = (deposit.deposit_id, object(deposit.deposit_id));
        self.give(&PROCESS, StartDepositAttempt { deposit_id });
        self.give(&PROCESS, AcknowledgeDeposit { deposit_id, rail: "sandbox".into(), provider_object });
        self.capture(deposit_id, deposit.amount);
        let release = TimerKind::ReleaseBonus(bonus.milestone_id);
        assert!(self.fire(&StreamId::Contract(hired.contract), |kind| kind == release));
    }

    pub(crate) fn terminated(&mut self) {
        let hired = self.hired();
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[0].0);
        self.fund(&hired, 0, 0);
        self.request(&hired, 1);
        self.give(&compliance(), TerminateContract { contract_id, reason: text("Against the rules") });
        self.give(&compliance(), UnfreezeFunds { contract_id, milestone_id });
        assert!(self.fire(&StreamId::Contract(contract_id), |kind| kind == TimerKind::SettleEnd));
    }

    pub(crate) fn disputed_end(&mut self) {
        let hired = self.hired();
        let contract_id = hired.contract;
        self.fund(&hired, 0, 0);
        self.fund(&hired, 1, 0);
        self.submit(&hired, 1);
        self.give(&hired.client, RequestEnd { contract_id });
        self.give(&hired.talent, DisputeEnd { contract_id, reason: text("I have worked") });
    }
}

fn history(tell: impl FnOnce(&mut History)) -> Vec<Fact> {
    let mut history = History::new();
    tell(&mut history);
    history.facts
}

#[test]
fn contracts_that_change_hold() {
    let report = Written::new(&history(History::changing)).verify();
    assert!(report.holds(), "{}", report.text());
}

#[test]
fn a_contract_that_is_cancelled_after_each_of_its_milestones_was_dropped_holds() {
    let facts = history(History::dropped);
    let report = Written::new(&facts).verify();
    assert!(report.holds(), "{}", report.text());
    all_follow(&facts, ("contract.cancelled", 0), &["job.reopened"]);
}

/// Fails unless the log is found wrong at the event of this name once any of the `rest` that follow it is left out.
#[track_caller]
fn all_follow(facts: &[Fact], (name, nth): (&str, usize), rest: &[&str]) {
    let first = find(facts, name, nth);
    let types: Vec<&str> = facts[first + 1..].iter().map(|fact| fact.event.event_type().0).collect();
    assert_eq!(&types[..rest.len()], rest);
    for without in 1..=rest.len() {
        let mut facts = facts[..=first + rest.len()].to_vec();
        facts.remove(first + without);
        found(&facts, first, code::COMPANION_MISSING);
    }
}

#[test]
fn what_must_follow_and_does_not_is_found() {
    let (agreed, revised) = ("milestone.agreed", "milestone.revised");
    all_follow(&history(History::amended), ("contract.amendment_accepted", 0), &[agreed, revised, agreed]);
    let (released, refunded) = ("escrow.released", "escrow.refunded");
    let parts = history(History::in_parts);
    all_follow(&parts, ("milestone.partially_released", 0), &[released, "milestone.move_proposed"]);
    all_follow(&parts, ("milestone.partially_released", 1), &[released]);
    all_follow(&parts, ("milestone.partially_released", 2), &[released, "milestone.refund_requested"]);
    all_follow(&parts, ("milestone.released_early", 0), &[released]);
    all_follow(&history(History::frozen), ("milestone.funds_unfrozen", 1), &[released]);
    let ended = history(History::after_the_end);
    all_follow(&ended, ("earnings.refunded", 0), &["refund.requested"]);
    all_follow(&ended, ("milestone.bonus_promised", 0), &["deposit.requested"]);
    let terminated = history(History::terminated);
    let (failed, cancelled) = ("deposit.failed", "milestone.cancelled");
    let rest = ["milestone.funds_frozen", failed, cancelled, cancelled];
    all_follow(&terminated, ("contract.termination_begun", 0), &rest);
    all_follow(&terminated, ("milestone.funds_unfrozen", 0), &[refunded, "refund.requested"]);
    let (opened, frozen) = ("dispute.opened", "escrow.frozen");
    let rest = [opened, frozen, opened, frozen, cancelled];
    all_follow(&history(History::disputed_end), ("contract.end_disputed", 0), &rest);
}

#[test]
fn a_release_of_frozen_money_is_found() {
    let mut facts = history(History::frozen);
    let at = find(&facts, "milestone.funds_unfrozen", 1);
    facts.truncate(at + 2);
    facts.remove(at);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_release_that_an_approval_of_frozen_money_takes_along_is_found() {
    let mut facts = history(History::frozen);
    let approved = find(&facts, "milestone.approved", 0);
    let mut released = facts[find(&facts, "escrow.released", 0)].clone();
    (released.command, released.actor, released.at) =
        (facts[approved].command, facts[approved].actor.clone(), facts[approved].at);
    facts.truncate(approved + 1);
    facts.push(released);
    found(&facts, approved + 1, code::COMPANION_UNEXPECTED);
}

#[test]
fn money_that_moves_without_its_share_of_the_client_fee_is_found() {
    let mut facts = history(History::in_parts);
    let at = find(&facts, "escrow.moved", 0);
    facts[at].edit(|payload| {
        payload["charge"]["fee"] = Value::from(payload["charge"]["fee"].as_i64().unwrap() - 1);
        let lines = payload["entry"]["lines"].as_array_mut().unwrap();
        for line in lines.iter_mut().filter(|line| line["account"].as_str().unwrap().starts_with("2115")) {
            line["minor"] = Value::from(line["minor"].as_i64().unwrap() - 1);
        }
    });
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn money_that_moves_without_the_talent_is_found() {
    let mut facts = history(History::in_parts);
    let at = find(&facts, "escrow.moved", 0);
    let client = facts[find(&facts, "job.created", 0)].actor.clone();
    recorded_by(&mut facts, at, &client);
    found(&facts, at, "FORBIDDEN");
    let mut facts = history(History::in_parts);
    let proposed = find(&facts, "milestone.move_proposed", 1);
    let moved = find(&facts, "escrow.moved", 1);
    facts.truncate(moved + 1);
    facts.drain(proposed..moved);
    found(&facts, proposed, "WRONG_STATE");
}

#[test]
fn a_fee_given_back_in_another_split_is_found() {
    let mut facts = history(History::after_the_end);
    let at = find(&facts, "earnings.refunded", 0);
    facts[at].edit(|payload| {
        for (account, difference) in [("2200", 1), ("1510", -1), ("4190", -1), ("2710", -1)] {
            add(payload, account, difference);
        }
        payload["talent_fee"] = Value::from(payload["talent_fee"].as_i64().unwrap() - 1);
    });
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn what_is_demanded_or_sent_back_before_its_day_is_found() {
    let facts = history(History::overdue);
    for (nth, code) in [(0, "FORBIDDEN"), (1, "WRONG_STATE")] {
        let at = find(&facts, "escrow.refunded", nth);
        let mut early = facts.clone();
        recorded_earlier(&mut early, at, 1);
        found(&early, at, code);
    }
}

#[test]
fn an_amendment_that_its_proposer_accepts_is_found() {
    let mut facts = history(History::amended);
    let at = find(&facts, "contract.amendment_accepted", 0);
    let proposer = facts[find(&facts, "contract.amendment_proposed", 2)].actor.clone();
    for index in at..at + 4 {
        recorded_by(&mut facts, index, &proposer);
    }
    found(&facts, at, "FORBIDDEN");
}

#[test]
fn a_window_that_a_freeze_made_longer_than_it_stood_still_is_found() {
    let mut facts = history(History::frozen);
    let at = find(&facts, "milestone.funds_unfrozen", 0);
    facts[at].edit(|payload| {
        payload["ends_at"] = Value::from(payload["ends_at"].as_i64().unwrap() + 1);
    });
    found(&facts, at, "WRONG_STATE");
}
