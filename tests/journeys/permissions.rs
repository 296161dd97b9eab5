//! Who is refused what: by role, as a stranger, and on the wrong side or in the wrong state.

use crate::graphql::{Answer, Caller};
use crate::journey::{Command, Journey, People, Step, WHOLE};
use crate::log::fingerprint;
use crate::node::{Node, Store};
use serde_json::{Value, json};

const AMOUNTS: &[&str] = &["2500.00"];
const STAFF: [&str; 6] = ["support", "arbitrator", "finance", "auditor", "compliance", "admin"];

async fn answer(caller: &Caller, command: &Command) -> Answer {
    let command = command.under("somebody-else/1");
    caller.give(command.mutation, &command.input).await.unwrap()
}

/// The same command about something that doesn't exist.
fn absent(command: &Command) -> Command {
    let mut command = command.clone();
    for field in ["jobId", "proposalId", "contractId"] {
        if let Some(id) = command.input[field].as_str() {
            command.input[field] = other(id).into();
            return command;
        }
    }
    panic!("{command:?} is about nothing")
}

/// An id of the same form.
fn other(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_lacks_a_step_is_forbidden_it_and_a_guest_needs_a_token() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let staff: Vec<_> = STAFF.iter().map(|role| node.persona(role)).collect();
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    while let Some(step) = journey.next() {
        if let Some(command) = journey.command(step) {
            let before = fingerprint(&store).await;
            for person in &staff {
                assert_eq!(answer(person, &command).await.told(), "failed FORBIDDEN", "{step:?}");
            }
            // Either side may make an offer, and the other accepts it.
            if !matches!(step, Step::MakeOffer | Step::AcceptOffer) {
                let wrong = if command.role == "client" { &people.talent } else { &people.client };
                assert_eq!(answer(wrong, &command).await.told(), "failed FORBIDDEN", "{step:?}");
            }
            let guest = answer(&node.guest(), &command).await;
            assert_eq!(guest.told(), "failed UNAUTHENTICATED", "{step:?}");
            assert_eq!(fingerprint(&store).await, before, "{step:?}");
        }
        journey.advance(&people).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_answered_as_if_it_did_not_exist() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let strangers =
        People { client: node.person("client", "a stranger"), talent: node.person("talent", "a stranger") };
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    let mut compared = 0;
    while let Some(step) = journey.next() {
        // A draft has no owner to be foreign to, and an open job is open to every talent.
        if !matches!(step, Step::CreateJob | Step::SubmitProposal | Step::AwaitFunds(_)) {
            let before = fingerprint(&store).await;
            let command = journey.command(step).unwrap();
            let stranger = strangers.with_role(command.role);
            let foreign = answer(stranger, &command).await;
            assert_eq!(foreign.told(), "failed NOT_FOUND", "{step:?}");
            assert_eq!(foreign, answer(stranger, &absent(&command)).await, "{step:?}");
            assert_eq!(fingerprint(&store).await, before, "{step:?}");
            compared += 1;
        }
        journey.advance(&people).await.unwrap();
    }
    assert_eq!(compared, 8);
}

/// What `query` says about `id` and about an id that doesn't exist.
async fn pair(caller: &Caller, query: &str, id: &str) -> (Value, Value) {
    let mut answers = Vec::new();
    for id in [id.to_owned(), other(id)] {
        let mut answer = caller.send(query, json!({"id": id})).await.unwrap();
        if let Some(trace) = answer.pointer_mut("/errors/0/extensions/traceId") {
            *trace = Value::Null;
        }
        answers.push(answer);
    }
    let second = answers.pop().unwrap();
    (answers.pop().unwrap(), second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_reads_nothing_that_is_not_open_to_all() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::CreateJob).await;
    let strangers = [node.person("client", "a stranger"), node.person("talent", "a stranger"), node.guest()];
    let job = "query($id: JobId!) { job(id: $id) { title } }";
    for stranger in &strangers {
        let (foreign, absent) = pair(stranger, job, &journey.ids.job).await;
        assert_eq!(foreign, absent);
    }
    journey.run(&people).await.unwrap();
    let node_by_id = "query($id: ID!) { node(id: $id) { id } }";
    for (query, id) in [
        ("query($id: ProposalId!) { proposal(id: $id) { coverLetter } }", &journey.ids.proposal),
        ("query($id: ContractId!) { contract(id: $id) { talent } }", &journey.ids.contract),
        (
            "query($id: ContractId!) { accountBalances(contractId: $id) { nodes { account } } }",
            &journey.ids.contract,
        ),
        (node_by_id, &journey.ids.proposal),
        (node_by_id, &journey.ids.contract),
    ] {
        for stranger in &strangers {
            let (foreign, absent) = pair(stranger, query, id).await;
            assert_eq!(foreign, absent, "{query}");
        }
        let (own, absent) = pair(&people.talent, query, id).await;
        assert_ne!(own, absent, "{query}: nothing to hide, so nothing was shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_is_told_why_when_the_side_or_the_state_is_wrong() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::MakeOffer).await;
    let accept = journey.command(Step::AcceptOffer).unwrap();
    assert_eq!(answer(&people.client, &accept).await.told(), "refused WRONG_SIDE");
    let mut stale = accept.clone();
    stale.input["offer"] = 2.into();
    assert_eq!(answer(&people.talent, &stale).await.told(), "refused OFFER_SUPERSEDED at offer");
    let mut misread = accept;
    misread.input["termsHash"] = "0".repeat(64).into();
    assert_eq!(answer(&people.talent, &misread).await.told(), "refused TERMS_MISMATCH at termsHash");

    journey.run_to(&people, Step::AcceptOffer).await;
    for early in [Step::SubmitWork(0), Step::RequestChanges(0), Step::Approve(0)] {
        let command = journey.command(early).unwrap();
        let told = answer(people.with_role(command.role), &command).await.told();
        assert_eq!(told, "refused WRONG_STATE", "{early:?}");
    }
    journey.run(&people).await.unwrap();
    let before = fingerprint(&store).await;
    for late in WHOLE.iter().filter(|step| !matches!(step, Step::CreateJob | Step::SubmitProposal)) {
        let Some(command) = journey.command(*late) else {
            continue;
        };
        let told = answer(people.with_role(command.role), &command).await.told();
        assert_eq!(told, "refused WRONG_STATE", "{late:?}");
    }
    assert_eq!(fingerprint(&store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_proposes_for_a_job_of_their_own() {
    let store = Store::new();
    let node = Node::start(&store);
    let both = node.person("client,talent", "both");
    let people = People { client: both.clone(), talent: both };
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::SubmitJob).await;
    let propose = journey.command(Step::SubmitProposal).unwrap();
    assert_eq!(answer(&people.talent, &propose).await.told(), "refused OWN_JOB at jobId");
}
