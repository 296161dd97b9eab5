//! Negative controls: with a defect planted, the checks that killed nodes pass must fail.

use crate::journey::{Command, Journey, People, Step, WHOLE};
use crate::loss::{Acknowledged, lost};
use crate::node::{Node, Store};
use crate::picture::Picture;
use crate::process::plain;
use std::os::unix::process::ExitStatusExt;

const SIGABRT: i32 = 6;

/// Gives a command to a node that dies of it, after it has acknowledged it.
async fn acknowledged_by_the_dying(store: &Store, failpoints: &str, command: &Command) -> Acknowledged {
    let node = Node::start_with(store, failpoints).expect("a node that lives until it is given a command");
    let people = People::of(&node);
    let answer = people.with_role(command.role).give_briefly(command.mutation, &command.input).await;
    let done = answer.expect("an answer before the end").done();
    assert_eq!(node.ended().signal(), Some(SIGABRT));
    Acknowledged::new(command, &done)
}

/// A store with a draft in it, closed, and the journey that it belongs to.
async fn drafted() -> (Store, Journey) {
    let store = Store::new();
    let node = Node::start(&store);
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run_to(&People::of(&node), Step::CreateJob).await;
    node.stop();
    (store, journey)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_before_it_is_durable_is_found_lost() {
    let (store, journey) = drafted().await;
    let submit = journey.command(Step::SubmitJob).unwrap();
    let failpoints = "append::defect_acknowledge_early=return;append::before=return";
    let acknowledged = acknowledged_by_the_dying(&store, failpoints, &submit).await;
    let node = Node::start(&store);
    let found = lost(&People::of(&node), [&acknowledged]).await;
    assert_eq!(found.len(), 1, "the loss was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_by_a_sound_node_before_it_dies_is_not() {
    let (store, journey) = drafted().await;
    let submit = journey.command(Step::SubmitJob).unwrap();
    let node = Node::start(&store);
    let people = People::of(&node);
    let done = people.client.give_briefly(submit.mutation, &submit.input).await.unwrap().done();
    drop(node);
    let node = Node::start(&store);
    assert_eq!(lost(&People::of(&node), [&Acknowledged::new(&submit, &done)]).await, [""; 0]);
}

/// What the read models show of a job that was opened by a node with `failpoints`, which killed it.
async fn shown_after(failpoints: &str) -> Picture {
    let (store, mut journey) = drafted().await;
    let node = Node::start_with(&store, failpoints).unwrap();
    let submit = journey.command(Step::SubmitJob).unwrap();
    // Whether it is acknowledged before the end is of no interest here.
    let _ = People::of(&node).client.give_briefly(submit.mutation, &submit.input).await;
    assert_eq!(node.ended().signal(), Some(SIGABRT));
    let node = Node::start(&store);
    let again = People::of(&node).client.give_briefly(submit.mutation, &submit.input).await;
    journey.acknowledged.push(Acknowledged::new(&submit, &again.unwrap().done()));
    Picture::of(&node, &[journey]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_before_its_rows_is_found_by_what_is_missing() {
    let sound = shown_after("projection::before_commit=return").await;
    assert_eq!(sound.journeys["site"]["job"]["status"], "OPEN");
    let planted =
        shown_after("projection::defect_checkpoint_first=return;projection::before_commit=return").await;
    assert_ne!(planted, sound, "the missing rows were not found");
    assert_eq!(planted.journeys["site"]["job"]["status"], "DRAFT");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failpoint_that_does_not_exist_kills_nobody() {
    let store = Store::new();
    let node = Node::start_with(&store, "append::befor=return").unwrap();
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run_to(&People::of(&node), Step::SubmitJob).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_binary_that_users_get_has_no_failpoints() {
    let store = Store::new();
    let node = Node::spawn(&store, plain(), Some("append::before=return"), &[]).unwrap();
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run_to(&People::of(&node), Step::SubmitJob).await;
}
