//! Logs whose hashes, positions and indexes are all as they should be, but whose facts are not: the proof that
//! `verify` is more than hashing.

use audit::code;
use domain::contract::{ContractEvent, EscrowEvent, MilestoneEvent};
use domain::deposit::DepositEvent;
use domain::ledger::rules;
use domain::money::{Currency, Money, Rate};
use domain::proposal::ProposalEvent;
use domain::{Event, StreamId};
use eventstore::Position;
use serde_json::{Value, json};

use crate::history::{Fact, History};
use crate::written::Written;

/// Where in `facts` the `nth` event of this type is, from 0.
pub(crate) fn find(facts: &[Fact], name: &str, nth: usize) -> usize {
    let all = facts.iter().enumerate().filter(|(_, fact)| fact.event.event_type().0 == name);
    all.map(|(index, _)| index).nth(nth).unwrap()
}

/// Writes the forged history and expects the finding, and none before it, at the fact with this index.
#[track_caller]
pub(crate) fn found(facts: &[Fact], index: usize, code: &str) {
    let report = Written::new(facts).verify();
    let position = index as u64 + 1;
    let text = report.text();
    assert_eq!(report.first_bad().map(Position::get), Some(position), "{text}");
    let here = |finding: &&audit::ReportFinding| finding.position == Some(position);
    assert!(report.findings.iter().filter(here).any(|finding| finding.code == code), "{code} in {text}");
}

/// Adds `difference` to the lines of an entry that are on accounts of these codes.
pub(crate) fn add(payload: &mut Value, code: &str, difference: i64) {
    let lines = payload["entry"]["lines"].as_array_mut().unwrap();
    let line = lines.iter_mut().find(|line| line["account"].as_str().unwrap().starts_with(code)).unwrap();
    line["minor"] = Value::from(line["minor"].as_i64().unwrap() + difference);
}

// Money.

#[test]
fn an_unbalanced_entry_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.funded", 1);
    facts[at].edit(|payload| add(payload, "1100", 1));
    found(&facts, at, code::EVENT_UNREADABLE);
}

#[test]
fn a_fee_off_by_one_is_found_though_both_books_balance() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 0);
    facts[at].edit(|payload| {
        for (account, difference) in [("2210", -1), ("2700", 1), ("1500", 1), ("4100", 1)] {
            add(payload, account, difference);
        }
        payload["slice"]["talent_fee"] = Value::from(payload["slice"]["talent_fee"].as_i64().unwrap() + 1);
    });
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn a_payee_swapped_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 1);
    let Event::Escrow(EscrowEvent::Released(released)) = &facts[at].event else { panic!("a release") };
    let payee = released.talent.to_string();
    let other = domain::id::PartyId::from_u128(666).to_string();
    let payload = String::from_utf8(facts[at].payload.clone()).unwrap().replace(&payee, &other);
    facts[at].edit(|json| *json = serde_json::from_str(&payload).unwrap());
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn a_second_release_is_found_as_a_command_and_within_one() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 0);
    let mut again: Vec<Fact> = facts[at - 1..=at].to_vec();
    for fact in &mut again {
        fact.command = 999;
    }
    facts.splice(at + 1..=at, again);
    found(&facts, at + 1, "WRONG_STATE");

    let mut facts = History::short();
    facts.insert(at + 1, facts[at].clone());
    found(&facts, at + 1, code::COMPANION_UNEXPECTED);
    found(&facts, at + 1, code::ACCOUNT_OVERDRAWN);
}

#[test]
fn money_that_leaves_its_book_by_one_side_is_found() {
    let mut facts = History::long();
    let at = find(&facts, "deposit.unmatched", 0);
    facts[at].edit(|payload| payload["entry"]["lines"][1]["account"] = json!("2700"));
    found(&facts, at, "ENTRY_UNBALANCED");
    found(&facts, at, code::MIRROR_UNEQUAL);
}

#[test]
fn escrow_funded_with_less_than_was_paid_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.funded", 0);
    facts[at].edit(|payload| {
        add(payload, "1100", -100);
        add(payload, "2110", -100);
    });
    found(&facts, at, "ENTRY_UNBALANCED");
    found(&facts, at, code::ESCROW_NOT_CONSERVED);
}

#[test]
fn a_deposit_of_less_than_the_terms_say_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "deposit.requested", 0);
    facts[at].edit(|payload| payload["amount"]["minor"] = json!(1));
    found(&facts, at, "ENTRY_UNBALANCED");
}

#[test]
fn a_confirmation_of_too_little_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "deposit.confirmed", 0);
    facts[at].edit(|payload| payload["captured"]["minor"] = json!(287_499));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_release_of_less_than_nothing_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 0);
    facts[at].edit(|payload| payload["slice"]["gross"] = json!(-1));
    found(&facts, at, code::AMOUNT_OUT_OF_RANGE);
}

// What one command records together.

#[test]
fn an_approval_without_its_release_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "milestone.approved", 0);
    facts.remove(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn an_approval_without_its_release_is_found_at_the_end_of_the_log() {
    let mut facts = History::short();
    let at = find(&facts, "milestone.approved", 2);
    facts.truncate(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_release_without_its_approval_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "milestone.approved", 0);
    facts.remove(at);
    found(&facts, at, code::COMPANION_UNEXPECTED);
}

#[test]
fn an_approval_that_releases_half_is_found_though_its_money_is_right() {
    let mut history = History::new();
    let hired = history.hire(["2500", "400", "100"], Currency::USD);
    history.fund(&hired, 0, 0);
    let contract = history.contract(&hired).clone();
    history.work(&hired, 0);
    let mut facts = history.facts;
    let at = find(&facts, "escrow.released", 0);
    let Event::Escrow(EscrowEvent::Released(whole)) = &facts[at].event else { panic!("a release") };
    let ids = (whole.lot_id, whole.entry.id());
    let recorded_at = domain::Timestamp::from_micros(facts[at].at);
    let half = contract.released(whole.milestone_id, 125_000, ids, recorded_at).unwrap();
    facts[at].replace(Event::Escrow(EscrowEvent::Released(half)));
    // What is missing is told of the approval, what stands in its place of the release.
    found(&facts, at - 1, code::COMPANION_MISSING);
}

#[test]
fn a_confirmation_without_the_escrow_that_it_funds_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "deposit.confirmed", 0);
    facts.remove(at + 1);
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn an_excess_that_is_kept_is_found() {
    let mut facts = History::long();
    let unmatched = facts.windows(2).position(|pair| {
        matches!(&pair[0].event, Event::Escrow(EscrowEvent::Funded(_)))
            && matches!(&pair[1].event, Event::Deposit(DepositEvent::Unmatched(_)))
    });
    let at = unmatched.unwrap() + 1;
    facts.remove(at);
    found(&facts, at - 2, code::COMPANION_MISSING);
}

#[test]
fn an_excess_that_is_another_amount_is_found() {
    let mut facts = History::long();
    let at = facts.windows(2).position(|pair| {
        matches!(&pair[0].event, Event::Escrow(EscrowEvent::Funded(_)))
            && matches!(&pair[1].event, Event::Deposit(DepositEvent::Unmatched(_)))
    });
    let at = at.unwrap() + 1;
    let Event::Deposit(DepositEvent::Unmatched(mut unmatched)) = facts[at].event.clone() else {
        panic!("excess")
    };
    unmatched.amount = unmatched.amount.with_minor(4).unwrap();
    unmatched.entry = rules::unidentified(unmatched.entry.id(), unmatched.amount).unwrap();
    facts[at].replace(Event::Deposit(DepositEvent::Unmatched(unmatched)));
    found(&facts, at - 2, code::COMPANION_MISSING);
}

// Agreements.

#[test]
fn an_agreement_without_one_of_its_milestones_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "offer.accepted", 0);
    facts.remove(find(&facts, "milestone.agreed", 1));
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_milestone_agreed_for_more_than_was_on_offer_is_found() {
    let mut facts = History::short();
    let (accepted, at) = (find(&facts, "offer.accepted", 1), find(&facts, "milestone.agreed", 3));
    let Event::Milestone(MilestoneEvent::Agreed(mut agreed)) = facts[at].event.clone() else {
        panic!("a milestone")
    };
    agreed.amount = Money::parse("1.002", "KWD").unwrap();
    facts[at].replace(Event::Milestone(MilestoneEvent::Agreed(agreed)));
    found(&facts, accepted, code::COMPANION_MISSING);
}

#[test]
fn a_contract_with_other_fees_than_were_on_offer_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "contract.created", 1);
    let Event::Contract(ContractEvent::Created(mut created)) = facts[at].event.clone() else {
        panic!("a contract")
    };
    created.fees.client_fee = Rate::percent(14);
    facts[at].replace(Event::Contract(ContractEvent::Created(created)));
    found(&facts, at - 1, code::COMPANION_MISSING);
}

#[test]
fn a_contract_with_somebody_who_did_not_propose_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "contract.created", 1);
    let Event::Contract(ContractEvent::Created(mut created)) = facts[at].event.clone() else {
        panic!("a contract")
    };
    created.talent = domain::id::PartyId::from_u128(666);
    facts[at].replace(Event::Contract(ContractEvent::Created(created)));
    found(&facts, at - 1, code::COMPANION_MISSING);
    let report = Written::new(&facts).verify();
    assert!(report.findings.iter().any(|finding| finding.code == "TERMS_MISMATCH"), "{}", report.text());
}

#[test]
fn terms_that_differ_from_their_hash_are_found() {
    let mut facts = History::short();
    let at = find(&facts, "offer.made", 1);
    facts[at].edit(|payload| payload["terms"]["milestones"][0]["amount"]["minor"] = json!(1_002));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_job_that_has_its_people_and_is_not_filled_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "offer.accepted", 1);
    facts.remove(find(&facts, "job.filled", 1));
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn an_offer_with_other_fees_than_the_policy_is_found_though_its_hash_is_right() {
    let mut facts = History::short();
    let at = find(&facts, "offer.made", 1);
    let Event::Proposal(ProposalEvent::OfferMade(mut offer)) = facts[at].event.clone() else {
        panic!("an offer")
    };
    offer.terms.fees.talent_fee = Rate::percent(1);
    offer.terms_hash = offer.terms.hash(offer.proposal_id, offer.number, offer.salt).unwrap();
    facts[at].replace(Event::Proposal(ProposalEvent::OfferMade(offer)));
    found(&facts, at, "WRONG_STATE");
}

// Deadlines.

#[test]
fn a_deadline_that_is_not_the_windows_is_found() {
    for (name, deadline) in [
        ("job.submitted", "expires_at"),
        ("offer.made", "expires_at"),
        ("deposit.requested", "expires_at"),
        ("milestone.work_submitted", "review_ends_at"),
    ] {
        let mut facts = History::short();
        let at = find(&facts, name, 0);
        facts[at].edit(|payload| payload[deadline] = Value::from(payload[deadline].as_i64().unwrap() + 1));
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn earnings_that_clear_too_early_are_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 0);
    facts[at].edit(|payload| payload["clears_at"] = Value::from(payload["clears_at"].as_i64().unwrap() - 1));
    found(&facts, at, "ENTRY_UNBALANCED");
}

// Order and streams.

#[test]
fn work_on_a_milestone_that_nobody_funded_is_found() {
    let mut facts = History::short();
    let (funded, work) = (find(&facts, "deposit.confirmed", 1), find(&facts, "milestone.work_submitted", 2));
    let mut early = facts.remove(work);
    early.at = facts[funded - 1].at;
    facts.insert(funded, early);
    found(&facts, funded, "WRONG_STATE");
}

#[test]
fn an_event_in_other_streams_than_its_own_is_found() {
    let mut facts = History::short();
    let at = find(&facts, "escrow.released", 0);
    let mut streams = facts[at].event.streams();
    streams.reverse();
    facts[at].streams = Some(streams);
    found(&facts, at, code::MEMBERSHIP_MISMATCH);

    let mut facts = History::short();
    facts[at].streams = Some(vec![facts[at].event.streams()[0].clone()]);
    found(&facts, at, code::MEMBERSHIP_MISMATCH);

    let mut facts = History::short();
    let mut streams = facts[at].event.streams();
    streams.push(StreamId::Marketplace);
    facts[at].streams = Some(streams);
    found(&facts, at, code::MEMBERSHIP_MISMATCH);
}

#[test]
fn a_policy_out_of_turn_is_found() {
    let mut facts = History::short();
    facts[0].edit(|payload| payload["version"] = json!(2));
    found(&facts, 0, "WRONG_STATE");
}

#[test]
fn findings_are_bounded_and_the_first_is_told() {
    let mut facts = History::long();
    let first = find(&facts, "job.submitted", 0) - 1;
    facts.retain(|fact| fact.event.event_type().0 != "job.created");
    let report = Written::new(&facts).verify();
    assert_eq!(report.first_bad().unwrap().get(), first as u64 + 1);
    assert_eq!(report.findings.len(), audit::FINDINGS_MAX + 1);
    assert_eq!(report.findings.last().unwrap().code, code::MORE_FINDINGS);
    assert!(
        report.text().contains("DOES NOT HOLD: 101 findings, the first at position 2"),
        "{}",
        report.text()
    );
}

// Rows.

/// Alters the rows of a log, and expects these findings.
#[track_caller]
fn altered(sql: &str, expected: &[(u64, &str)]) {
    let written = Written::new(&History::short());
    written.raw().execute_batch(sql).unwrap();
    let report = written.verify();
    for (position, code) in expected {
        let fits =
            |finding: &audit::ReportFinding| finding.position == Some(*position) && finding.code == *code;
        assert!(report.findings.iter().any(fits), "{code} at {position} in {}", report.text());
    }
}

#[test]
fn a_deleted_row_is_found() {
    altered("delete from event where position = 20", &[(20, "RECORD_MISSING")]);
}

#[test]
fn swapped_rows_are_found() {
    let swap = "update event set position = -1 where position = 20;
                update event set position = 20 where position = 30;
                update event set position = 30 where position = -1;";
    altered(swap, &[(20, "POSITION_MISMATCH"), (30, "POSITION_MISMATCH")]);
}

#[test]
fn a_tail_cut_off_is_found_by_the_batch_that_covers_it() {
    altered("delete from event where position > 40", &[(41, "RECORD_MISSING")]);
}

#[test]
fn a_tail_cut_off_with_its_batches_is_found_by_the_indexes() {
    let cut = "delete from event where position > 40; delete from batch where last_position > 40;";
    let written = Written::new(&History::short());
    written.raw().execute_batch(cut).unwrap();
    let report = written.verify();
    let codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    for code in ["STREAM_INDEX_MISMATCH", "CHECKPOINT_MISMATCH"] {
        assert!(codes.contains(&code), "{code} in {}", report.text());
    }
}
