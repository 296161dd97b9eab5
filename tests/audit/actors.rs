//! Logs whose facts are all consistent, but recorded by somebody who may not do them.

use domain::Event;
use domain::id::PartyId;
use domain::proposal::ProposalEvent;

use crate::forged::{find, found};
use crate::history::{Fact, History};

/// Whoever is the talent of the first contract.
fn talent(facts: &[Fact]) -> String {
    facts[find(facts, "proposal.submitted", 0)].actor.clone()
}

/// Whoever is its client.
fn client(facts: &[Fact]) -> String {
    facts[find(facts, "job.created", 0)].actor.clone()
}

/// Has `actor` record the first event of this type, and all else that its command recorded.
#[track_caller]
fn recorded_by(name: &str, actor: &str) {
    let mut facts = match name {
        "deposit.failed" | "deposit.unmatched" => History::long(),
        _ => History::short(),
    };
    let at = find(&facts, name, 0);
    let command = facts[at].command;
    for fact in facts.iter_mut().filter(|fact| fact.command == command) {
        actor.clone_into(&mut fact.actor);
    }
    found(&facts, at, "FORBIDDEN");
}

#[test]
fn a_talent_swapped_in_every_fact_is_found_through_who_proposed() {
    let mut facts = History::short();
    let at = find(&facts, "proposal.submitted", 0);
    let Event::Proposal(ProposalEvent::Submitted(submitted)) = &facts[at].event else { panic!("a proposal") };
    let (talent, other) = (submitted.talent.to_string(), PartyId::from_u128(666).to_string());
    for fact in &mut facts {
        let swapped = String::from_utf8(fact.payload.clone()).unwrap().replace(&talent, &other);
        fact.edit(|json| *json = serde_json::from_str(&swapped).unwrap());
    }
    found(&facts, at, "FORBIDDEN");
}

#[test]
fn an_approval_recorded_by_the_talent_is_found() {
    recorded_by("milestone.approved", &talent(&History::short()));
}

#[test]
fn what_is_the_clients_recorded_by_the_talent_is_found() {
    let talent = talent(&History::short());
    for name in
        ["job.created", "job.submitted", "offer.made", "deposit.requested", "milestone.changes_requested"]
    {
        recorded_by(name, &talent);
    }
}

#[test]
fn what_is_the_talents_recorded_by_the_client_is_found() {
    let client = client(&History::short());
    for name in ["proposal.submitted", "offer.accepted", "milestone.work_submitted"] {
        recorded_by(name, &client);
    }
}

#[test]
fn what_machines_record_is_found_when_people_record_it() {
    let client = client(&History::short());
    for name in [
        "marketplace.policy_published",
        "deposit.attempt_started",
        "deposit.acknowledged",
        "deposit.confirmed",
        "deposit.unmatched",
    ] {
        recorded_by(name, &client);
    }
}

#[test]
fn another_rails_provider_and_our_own_processes_confirm_nothing() {
    for actor in ["provider:elsewhere", "system:funding"] {
        recorded_by("deposit.confirmed", actor);
    }
    recorded_by("deposit.failed", "provider:elsewhere");
    recorded_by("deposit.failed", &PartyId::from_u128(666).to_string());
    recorded_by("deposit.acknowledged", "provider:sandbox");
}

#[test]
fn a_deposit_that_fails_by_its_client_alone_is_found() {
    let mut facts = History::long();
    let at = find(&facts, "deposit.failed", 0);
    facts[at].actor = client(&facts);
    found(&facts, at, audit::code::COMPANION_UNEXPECTED);
}

#[test]
fn a_command_of_two_actors_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "job.filled", 0);
    facts[at].actor = client(&facts);
    found(&facts, find(&facts, "offer.accepted", 0), audit::code::COMPANION_MISSING);
}

#[test]
fn awaited_money_put_aside_as_unmatched_is_found() {
    let mut facts = History::long();
    let (failed, late) = (find(&facts, "deposit.failed", 0), find(&facts, "deposit.unmatched", 0));
    // The money is late because its deposit failed before; without that it is awaited.
    assert!(failed < late);
    facts.remove(failed);
    found(&facts, late - 1, "WRONG_STATE");
}
