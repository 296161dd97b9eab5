//! Forged logs of contracts that came to nothing, or to an end.

use audit::code;
use domain::Event;
use domain::contract::{ContractEnded, ContractEvent};
use domain::money::Currency;

use crate::forged::{find, found};
use crate::history::{Fact, History};
use crate::outgoing::{funded, recorded_by, recorded_earlier};

/// A contract that is cancelled, while a deposit is under way.
fn cancelled() -> Vec<Fact> {
    let mut history = History::new();
    let hired = history.hire(["2500", "401", "7"], Currency::USD);
    history.step(&hired, 3, 10);
    history.facts
}

/// One whose end is agreed, when one milestone is funded, one has a deposit under way, one was sent back.
fn ended() -> Vec<Fact> {
    let (mut history, hired) = funded();
    history.fund(&hired, 1, 0);
    history.submit(&hired, 1);
    history.step(&hired, 1, 2);
    history.request(&hired, 2);
    history.step(&hired, 3, 0);
    history.step(&hired, 3, 2);
    history.facts
}

#[test]
fn a_cancelled_contract_without_any_of_what_it_winds_up_is_found() {
    let facts = cancelled();
    let first = find(&facts, "deposit.failed", 0);
    let types: Vec<&str> = facts[first..].iter().map(|fact| fact.event.event_type().0).collect();
    let cancelled = "milestone.cancelled";
    let rest = ["deposit.failed", cancelled, cancelled, cancelled, "contract.cancelled", "job.reopened"];
    assert_eq!(types, rest);
    for without in 1..types.len() {
        let mut facts = facts.clone();
        facts.remove(first + without);
        found(&facts, first, code::COMPANION_MISSING);
    }
    let mut facts = facts;
    facts.truncate(first + 1);
    found(&facts, first, code::COMPANION_MISSING);
}

#[test]
fn a_milestone_cancelled_by_itself_is_found() {
    let facts = cancelled();
    let mut alone = facts.clone();
    let at = find(&facts, "milestone.cancelled", 1);
    alone[at].command = 999;
    alone.truncate(at + 1);
    let first = find(&facts, "deposit.failed", 0);
    found(&alone, first, code::COMPANION_MISSING);
}

#[test]
fn a_contract_that_time_cancels_too_soon_is_found() {
    let mut history = History::new();
    let hired = history.hire(["2500", "401", "7"], Currency::USD);
    history.step(&hired, 3, 1);
    let mut facts = history.facts;
    let at = find(&facts, "contract.cancelled", 0);
    recorded_earlier(&mut facts, at, 1);
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn an_agreed_end_without_any_of_what_it_winds_up_is_found() {
    let facts = ended();
    let at = find(&facts, "contract.end_agreed", 0);
    let types: Vec<&str> = facts[at + 1..].iter().map(|fact| fact.event.event_type().0).collect();
    let rest = [
        "escrow.refunded",
        "refund.requested",
        "milestone.refund_requested",
        "deposit.failed",
        "milestone.cancelled",
    ];
    assert_eq!(types, rest);
    for without in 1..=types.len() {
        let mut facts = facts.clone();
        facts.remove(at + without);
        found(&facts, at, code::COMPANION_MISSING);
    }
}

#[test]
fn what_an_agreed_end_winds_up_is_found_without_it() {
    let mut facts = ended();
    let at = find(&facts, "contract.end_agreed", 0);
    facts.remove(at);
    // The talent may give the money back unasked, but that is all of a command.
    found(&facts, at + 2, code::COMPANION_UNEXPECTED);
    let end = facts[at].command;
    let agreed = facts.iter().position(|fact| fact.command == end).unwrap();
    let client = facts[find(&facts, "job.created", 0)].actor.clone();
    recorded_by(&mut facts, agreed, &client);
    found(&facts, agreed, "FORBIDDEN");
}

#[test]
fn a_contract_that_ends_while_it_holds_money_is_found() {
    let facts = ended();
    let at = find(&facts, "contract.end_agreed", 0);
    let Event::Contract(ContractEvent::EndAgreed(agreed)) = &facts[at].event else { panic!("an end") };
    let ended = ContractEnded { contract_id: agreed.contract_id };
    let mut facts = facts.clone();
    let mut last = facts[facts.len() - 1].clone();
    last.replace(Event::Contract(ContractEvent::Ended(ended)));
    (last.command, last.actor) = (999, "system:timers".to_owned());
    facts.push(last);
    let last = facts.len() - 1;
    found(&facts, last, "WRONG_STATE");
    found(&facts, last, code::ESCROW_NOT_CONSERVED);
}
