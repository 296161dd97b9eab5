//! Every role, and nobody's, asks every query and follows every subscription; the answers are those that the table promises.

use super::house::{CLIENT, House, STRANGER, TALENT};
use super::probes::{Gives, PROBES, Probe};
use super::*;
use async_graphql::Response;
use serde_json::Value;
use std::collections::BTreeSet;

/// What a caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Something, in a list at least one thing.
    Data,
    /// A list of nothing.
    Empty,
    /// What an absent id is told.
    Null,
    Forbidden,
    Unauthenticated,
}

/// A guest, and each role, and none, as either party and as a stranger.
fn callers() -> Vec<Caller> {
    let none_or_one = Role::PEOPLE.iter().map(|role| vec![*role]).chain([vec![]]);
    let people = none_or_one.flat_map(|roles| {
        [CLIENT, TALENT, STRANGER].map(|party| Caller::Person { party, roles: roles.clone() })
    });
    people.chain([Caller::Guest]).collect()
}

/// What `table` promises, read another way than the code under test reads it.
fn promised(table: &[Row], caller: &Caller, probe: &Probe) -> Answer {
    let refused = match caller {
        Caller::Guest => Answer::Unauthenticated,
        Caller::Person { .. } => Answer::Forbidden,
    };
    let reaches = |field: &str, relation| {
        table.iter().any(|row| {
            let named = match (row.roles, caller) {
                (Roles::Everybody, _) => true,
                (Roles::Known, caller) => *caller != Caller::Guest,
                (Roles::Of(of), Caller::Person { roles, .. }) => of.iter().any(|role| roles.contains(role)),
                (Roles::Of(_), Caller::Guest) => false,
            };
            row.field == field && row.relation == relation && named
        })
    };
    let (public, own, any) = (
        |field| reaches(field, Relation::Public),
        |field| reaches(field, Relation::Own),
        |field| reaches(field, Relation::Any),
    );
    let passes = |field| public(field) || own(field) || any(field);
    let is_party = matches!(caller, Caller::Person { party, .. } if probe.parties.contains(party));
    let within = |of, open| any(of) || own(of) && is_party || passes(of) && open;
    if !passes(probe.field) {
        return refused;
    }
    match probe.gives {
        Gives::All => Answer::Data,
        Gives::One { of, .. } | Gives::Within(of) if !passes(of) => refused,
        Gives::Own(of) if !own(of) && !any(of) => refused,
        Gives::One { of, open } | Gives::Node { of, open } if within(of, open) => Answer::Data,
        Gives::One { .. } | Gives::Node { .. } => Answer::Null,
        Gives::Within(of) if within(of, false) => Answer::Data,
        Gives::Own(_) if is_party => Answer::Data,
        Gives::Within(_) | Gives::Own(_) => Answer::Empty,
    }
}

/// What the response tells at `at`.
fn told(response: Response, at: &str) -> Answer {
    let response = serde_json::to_value(response).unwrap();
    match response["errors"][0]["extensions"]["code"].as_str() {
        Some("FORBIDDEN") => return Answer::Forbidden,
        Some("UNAUTHENTICATED") => return Answer::Unauthenticated,
        // Where a subscription can't begin, it ends with what a query answers by null.
        Some("NOT_FOUND") => return Answer::Null,
        _ => assert_eq!(response["errors"], Value::Null),
    }
    match response["data"].pointer(at) {
        None | Some(Value::Null) => Answer::Null,
        Some(Value::Array(list)) if list.is_empty() => Answer::Empty,
        Some(_) => Answer::Data,
    }
}

impl House {
    fn document(&self, probe: &Probe) -> String {
        let ids = [
            ("DRAFT", self.draft.to_string()),
            ("JOB", self.job.to_string()),
            ("PROPOSAL", self.proposal.to_string()),
            ("CONTRACT", self.contract.to_string()),
            ("PAYOUT", self.payout.to_string()),
            ("REFUND", self.refund.to_string()),
            ("DISPUTE", self.dispute.to_string()),
            ("PAYEE", TALENT.to_string()),
            ("CURRENCY", "USD".to_owned()),
        ];
        let document = probe.document.to_owned();
        ids.iter().fold(document, |document, (name, id)| document.replace(name, &format!("{id:?}")))
    }

    /// Every caller's answer to every probe.
    async fn answers(&self) -> Vec<(Caller, Probe, Answer)> {
        let mut answers = Vec::new();
        for caller in callers() {
            for probe in PROBES {
                let response = self.ask(&caller, &self.document(probe)).await;
                answers.push((caller.clone(), *probe, told(response, probe.at)));
            }
        }
        answers
    }
}

/// The answers that `table` doesn't promise.
fn broken<'a>(table: &[Row], answers: &'a [(Caller, Probe, Answer)]) -> Vec<&'a (Caller, Probe, Answer)> {
    answers.iter().filter(|(caller, probe, answer)| promised(table, caller, probe) != *answer).collect()
}

#[test]
fn every_query_and_every_subscription_is_probed() {
    let probed: BTreeSet<&str> = PROBES.iter().map(|probe| probe.field).collect();
    let fields = READS.iter().map(|row| row.field).filter(|field| field.contains('.'));
    assert_eq!(probed, fields.collect());
}

#[tokio::test]
async fn every_caller_is_answered_every_query_as_the_table_says() {
    let answers = House::open().await.answers().await;
    let broken = broken(READS, &answers);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn without_any_one_of_its_rows_the_table_is_found_wrong() {
    let answers = House::open().await.answers().await;
    for row in 0..READS.len() {
        let mut table = READS.to_vec();
        let left_out = table.remove(row);
        assert_ne!(broken(&table, &answers).len(), 0, "{left_out:?}");
    }
}

#[tokio::test]
async fn with_any_one_row_of_roles_open_to_everybody_the_table_is_found_wrong() {
    let answers = House::open().await.answers().await;
    for row in 0..READS.len() {
        let mut table = READS.to_vec();
        // To a guest, a type's row refuses what a query's row for those with a token lets pass.
        let Roles::Of(_) = table[row].roles else { continue };
        table[row].roles = Roles::Everybody;
        assert_ne!(broken(&table, &answers).len(), 0, "{:?}", table[row]);
    }
}

#[tokio::test]
async fn a_repeated_mutation_shows_nothing_that_the_caller_no_longer_reaches() {
    let house = House::open().await;
    let document = format!(
        r#"mutation {{ approveMilestone(input: {{ contractId: "{}", milestoneId: "{}", idempotencyKey: "approve" }}) {{
            position contract {{ id }}
        }} }}"#,
        house.contract, house.milestone,
    );
    let mut answers = Vec::new();
    for roles in [vec![Role::Client], vec![]] {
        let caller = Caller::Person { party: CLIENT, roles };
        answers.push(told(house.ask(&caller, &document).await, "/approveMilestone/contract"));
    }
    assert_eq!(answers, [Answer::Data, Answer::Forbidden]);
}
