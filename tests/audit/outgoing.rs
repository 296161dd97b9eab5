//! Forged logs of money that goes out or back: every hash, revision and index is as it should be, and the facts are not.

use audit::code;
use domain::Event;
use domain::contract::EscrowEvent;
use domain::id::PartyId;
use domain::ledger::rules;
use domain::money::Currency;
use serde_json::{Value, json};

use crate::forged::{add, find, found};
use crate::history::{Fact, Hired, History};
use crate::steps::finance;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A contract whose first milestone is funded.
pub(crate) fn funded() -> (History, Hired) {
    let mut history = History::new();
    let hired = history.hire(["2500", "401", "7"], Currency::USD);
    history.fund(&hired, 0, 0);
    (history, hired)
}

/// One whose first milestone is refunded.
fn refunded() -> Vec<Fact> {
    let (mut history, hired) = funded();
    history.ask_back(&hired, 0);
    history.agree_refund(&hired, 0);
    history.facts
}

/// One whose talent has earned 2,200.00, which are available and settled.
fn earned() -> (History, Hired) {
    let (mut history, hired) = funded();
    history.work(&hired, 0);
    history.clear(&hired, 0);
    history.settle(Currency::USD, 29);
    (history, hired)
}

/// One whose talent was paid 1,000.00 of it.
pub(crate) fn paid() -> (Vec<Fact>, Hired) {
    let (mut history, hired) = earned();
    let payout = history.request_payout(&hired, 100_000, 0).unwrap();
    // The hold lapses, the payout is approved, sent, acknowledged.
    for _ in 0..4 {
        history.step_payout(&hired, payout, 4);
    }
    history.pay(payout);
    (history.facts, hired)
}

fn party(number: u128) -> String {
    PartyId::from_u128(number).to_string()
}

/// Puts another party into the payload of a fact.
fn swap(fact: &mut Fact, from: &str, to: &str) {
    let payload = String::from_utf8(fact.payload.clone()).unwrap().replace(from, to);
    fact.edit(|json| *json = serde_json::from_str(&payload).unwrap());
}

/// Has the events of the command at `index` recorded `earlier`, in µs, and nothing after it.
pub(crate) fn recorded_earlier(facts: &mut Vec<Fact>, index: usize, earlier: i64) {
    let command = facts[index].command;
    facts.retain(|fact| fact.command <= command);
    for fact in facts.iter_mut().filter(|fact| fact.command == command) {
        fact.at -= earlier;
    }
}

/// Has all that the command at `index` recorded be somebody else's.
pub(crate) fn recorded_by(facts: &mut [Fact], index: usize, actor: &str) {
    let command = facts[index].command;
    for fact in facts.iter_mut().filter(|fact| fact.command == command) {
        actor.clone_into(&mut fact.actor);
    }
}

// Payouts.

#[test]
fn a_payout_paid_from_somebody_elses_money_is_found() {
    let (mut facts, hired) = paid();
    let at = find(&facts, "payout.paid", 0);
    swap(&mut facts[at], &hired.talent.to_string(), &party(666));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_payout_sent_to_another_destination_or_of_another_amount_is_found() {
    for (field, forged) in
        [("destination", json!("bank_666")), ("amount", json!({"minor": 100_001, "currency": "USD"}))]
    {
        let (mut facts, _) = paid();
        let at = find(&facts, "payout.submitted", 0);
        facts[at].edit(|payload| payload[field] = forged);
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn a_payout_approved_by_its_payee_is_found() {
    let (mut facts, hired) = paid();
    let at = find(&facts, "payout.approved", 0);
    recorded_by(&mut facts, at, &hired.talent.to_string());
    found(&facts, at, "FORBIDDEN");
}

#[test]
fn a_payout_that_needs_review_and_approves_itself_is_found() {
    let mut history = History::new();
    let hired = history.hire(["25000", "401", "7"], Currency::USD);
    history.fund(&hired, 0, 0);
    history.work(&hired, 0);
    history.clear(&hired, 0);
    let payout = history.request_payout(&hired, 2_000_000, 0).unwrap();
    for _ in 0..2 {
        history.step_payout(&hired, payout, 4);
    }
    let mut facts = history.facts;
    let at = find(&facts, "payout.approved", 0);
    assert_eq!(facts[at].actor, finance().to_string());
    recorded_by(&mut facts, at, "system:timers");
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_payout_of_more_than_is_available_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "payout.requested", 0);
    facts[at].edit(|payload| payload["amount"]["minor"] = json!(220_001));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_payout_sent_without_settled_cash_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "payout.submitted", 0);
    let settled = find(&facts, "settlement.recorded", 0);
    facts.remove(settled);
    found(&facts, at - 1, "WRONG_STATE");
}

#[test]
fn a_retry_before_its_pause_is_over_is_found() {
    let (mut history, hired) = earned();
    let payout = history.request_payout(&hired, 100_000, 0).unwrap();
    for _ in 0..3 {
        history.step_payout(&hired, payout, 4);
    }
    history.fail_payout(payout);
    history.step_payout(&hired, payout, 4);
    let mut facts = history.facts;
    let at = find(&facts, "payout.retried", 0);
    recorded_earlier(&mut facts, at, 1);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_failure_that_is_tried_again_too_soon_or_never_is_found() {
    for earlier in [Some(60 * 60 * 1_000_000), None] {
        let (mut history, hired) = earned();
        let payout = history.request_payout(&hired, 100_000, 0).unwrap();
        for _ in 0..3 {
            history.step_payout(&hired, payout, 4);
        }
        history.fail_payout(payout);
        let mut facts = history.facts;
        let at = find(&facts, "payout.failed", 0);
        facts[at].edit(|payload| {
            let retry = payload["retry_at"].as_i64().unwrap();
            payload["retry_at"] = earlier.map_or(Value::Null, |earlier| Value::from(retry - earlier));
        });
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn money_that_came_back_and_is_not_credited_is_found() {
    for name in ["payout.credited", "account.hold_placed"] {
        let (mut history, hired) = earned();
        let payout = history.request_payout(&hired, 100_000, 0).unwrap();
        for _ in 0..4 {
            history.step_payout(&hired, payout, 4);
        }
        history.pay(payout);
        history.give_back(payout, 500);
        let mut facts = history.facts;
        let at = find(&facts, "payout.returned", 0);
        facts.remove(find(&facts[at..], name, 0) + at);
        found(&facts, at, code::COMPANION_MISSING);
    }
}

#[test]
fn a_payout_to_a_new_destination_that_is_not_held_is_found() {
    for name in ["account.hold_placed", "payout.held"] {
        let (mut facts, _) = paid();
        let at = find(&facts, "payout.requested", 0);
        facts.remove(find(&facts, name, 0));
        found(&facts, at, code::COMPANION_MISSING);
    }
}

#[test]
fn a_person_who_fails_a_payout_without_having_looked_into_it_is_found() {
    let (mut history, hired) = earned();
    let payout = history.request_payout(&hired, 100_000, 0).unwrap();
    for _ in 0..3 {
        history.step_payout(&hired, payout, 4);
    }
    history.fail_payout(payout);
    let mut facts = history.facts;
    let at = find(&facts, "payout.failed", 0);
    recorded_by(&mut facts, at, &finance().to_string());
    found(&facts, at, code::COMPANION_UNEXPECTED);
}

#[test]
fn a_payout_that_was_never_sent_and_does_not_fail_is_found() {
    let mut facts = History::eventful();
    let resolved = |pair: &[Fact]| {
        let [first, second] = pair else { return false };
        let names = (first.event.event_type().0, second.event.event_type().0);
        names == ("payout.resolved", "payout.failed") && first.command == second.command
    };
    let at = facts.windows(2).position(resolved).unwrap();
    facts.truncate(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

// Holds.

#[test]
fn a_hold_that_leaves_a_payout_alone_is_found() {
    let (mut history, hired) = earned();
    let payout = history.request_payout(&hired, 100_000, 0).unwrap();
    history.step_payout(&hired, payout, 4);
    history.step_payout(&hired, payout, 2);
    let mut facts = history.facts;
    let at = find(&facts, "account.hold_placed", 1);
    assert_eq!(facts[at + 1].event.event_type().0, "payout.held");
    facts.truncate(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_hold_released_by_the_payee_is_found() {
    let (mut facts, hired) = paid();
    let at = find(&facts, "account.hold_released", 0);
    recorded_by(&mut facts, at, &hired.talent.to_string());
    found(&facts, at, "FORBIDDEN");
}

#[test]
fn a_hold_that_lapses_early_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "account.hold_released", 0);
    recorded_earlier(&mut facts, at, DAY);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_payout_that_goes_on_while_its_account_is_on_hold_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "account.hold_released", 0);
    facts.remove(at);
    found(&facts, at, code::COMPANION_UNEXPECTED);
    found(&facts, at, "WRONG_STATE");
}

// Settled cash and the mirrors.

#[test]
fn a_settlement_whose_fee_is_off_by_one_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "settlement.recorded", 0);
    facts[at].edit(|payload| {
        for (account, difference) in [("1010", -1), ("1510", 1), ("5100", 1), ("2710", 1)] {
            add(payload, account, difference);
        }
    });
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn a_settlement_recorded_twice_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "settlement.recorded", 0);
    let mut again = facts[at].clone();
    again.command = 999;
    facts.insert(at + 1, again);
    found(&facts, at + 1, "WRONG_STATE");
}

#[test]
fn a_cost_that_trust_bears_without_its_mirror_is_found() {
    let (mut facts, _) = paid();
    let at = find(&facts, "settlement.recorded", 0);
    facts[at].edit(|payload| {
        // What the operator owes is said to have been settled; its own book knows nothing of it.
        let lines = payload["entry"]["lines"].as_array_mut().unwrap();
        lines.retain(|line| !["5100", "2710"].contains(&line["account"].as_str().unwrap()));
    });
    found(&facts, at, "ENTRY_UNBALANCED");
    found(&facts, at, code::MIRROR_UNEQUAL);
}

// Earnings.

#[test]
fn earnings_that_are_cleared_early_are_found() {
    let (history, _) = earned();
    let mut facts = history.facts;
    let at = find(&facts, "earnings.cleared", 0);
    recorded_earlier(&mut facts, at, 1);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn work_that_approves_itself_before_the_window_is_over_is_found() {
    let (mut history, hired) = funded();
    history.submit(&hired, 0);
    history.auto_approve(&hired, 0);
    let mut facts = history.facts;
    let at = find(&facts, "milestone.approved", 0);
    recorded_earlier(&mut facts, at, 1);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn an_approval_of_the_clients_that_a_process_recorded_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "milestone.approved", 0);
    recorded_by(&mut facts, at, "system:timers");
    found(&facts, at, "WRONG_STATE");
}

// Refunds and disputes.

#[test]
fn a_refund_of_more_than_was_captured_is_found() {
    let mut facts = refunded();
    let (at, sent) = (find(&facts, "escrow.refunded", 0), find(&facts, "refund.requested", 0));
    facts[sent].edit(|payload| payload["amount"]["minor"] = json!(287_501));
    // That it is not what left escrow is told of that, that no more was captured, of the request.
    found(&facts, at, code::COMPANION_MISSING);
    let report = crate::written::Written::new(&facts).verify();
    let above = |finding: &&audit::ReportFinding| finding.position == Some(sent as u64 + 1);
    assert!(report.findings.iter().filter(above).any(|finding| finding.code == "WRONG_STATE"));
}

#[test]
fn a_refund_that_nothing_asks_for_is_found() {
    let mut facts = refunded();
    let at = find(&facts, "escrow.refunded", 0);
    facts.remove(at);
    found(&facts, at, code::COMPANION_UNEXPECTED);
}

#[test]
fn escrow_that_is_refunded_and_not_sent_is_found() {
    let mut facts = refunded();
    let at = find(&facts, "escrow.refunded", 0);
    facts.truncate(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_refund_that_leaves_the_charge_behind_is_found() {
    let mut facts = refunded();
    let at = find(&facts, "escrow.refunded", 0);
    let Event::Escrow(EscrowEvent::Refunded(mut refund)) = facts[at].event.clone() else {
        panic!("a refund")
    };
    let accounts = (refund.contract_id, refund.milestone_id);
    refund.charge = 0;
    refund.entry = rules::refund(refund.entry.id(), accounts, refund.client, (refund.amount, 0)).unwrap();
    facts[at].replace(Event::Escrow(EscrowEvent::Refunded(refund)));
    found(&facts, at, "ENTRY_UNBALANCED");
    found(&facts, at, code::ESCROW_NOT_CONSERVED);
}

#[test]
fn a_refund_by_another_payment_than_it_came_with_is_found() {
    let mut facts = refunded();
    let (at, sent) = (find(&facts, "escrow.refunded", 0), find(&facts, "refund.requested", 0));
    facts[sent].edit(|payload| payload["payment"] = json!("pay_666"));
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_refund_that_the_client_takes_or_silence_gives_too_soon_is_found() {
    let mut facts = refunded();
    let at = find(&facts, "escrow.refunded", 0);
    let client = facts[find(&facts, "job.created", 0)].actor.clone();
    recorded_by(&mut facts, at, &client);
    found(&facts, at, "FORBIDDEN");
    recorded_by(&mut facts, at, "system:timers");
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_refund_sent_that_is_confirmed_twice_is_found() {
    let (mut history, hired) = funded();
    history.ask_back(&hired, 0);
    history.agree_refund(&hired, 0);
    for _ in 0..3 {
        history.step(&hired, 0, 5);
    }
    let mut facts = history.facts;
    let at = find(&facts, "refund.confirmed", 0);
    let mut again = facts[at].clone();
    again.command = 999;
    facts.push(again);
    found(&facts, at + 1, "WRONG_STATE");
    found(&facts, at + 1, code::ACCOUNT_OVERDRAWN);
}

#[test]
fn a_dispute_that_freezes_nothing_or_thaws_nothing_is_found() {
    for (began, followed) in [("dispute.opened", "escrow.frozen"), ("dispute.withdrawn", "escrow.unfrozen")] {
        let (mut history, hired) = funded();
        history.ask_back(&hired, 0);
        history.dispute(&hired, 0);
        history.step(&hired, 0, 0);
        let facts = history.facts;
        let at = find(&facts, began, 0);
        let mut alone = facts.clone();
        alone.remove(at + 1);
        found(&alone, at, code::COMPANION_MISSING);
        let mut without = facts;
        assert_eq!(without[at + 1].event.event_type().0, followed);
        without.remove(at);
        found(&without, at, code::COMPANION_UNEXPECTED);
    }
}
