//! Many at once: one effect.

use crate::graphql::{Answer, Caller};
use crate::journey::{Command, Journey, People, Step, WHOLE};
use crate::log::{counted, entries};
use crate::node::{Node, Store};
use crate::seasons;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeMap;

const RACERS: usize = 100;

/// Gives all commands at once, each until its outcome is known.
async fn all_at_once(commands: impl IntoIterator<Item = (Caller, Command)>) -> Vec<Answer> {
    let racing = commands.into_iter().map(|(caller, command)| async move {
        loop {
            let answer = caller.give_briefly(command.mutation, &command.input).await.unwrap();
            if !answer.is_undecided() {
                return answer;
            }
        }
    });
    join_all(racing).await
}

/// How often each answer was given, in one word or line.
fn tally(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.told()).or_default() += 1;
    }
    tally
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_who_accept_for_a_job_for_one_one_is_hired() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut job = Journey::new("job", &["2500.00"], WHOLE);
    job.run_to(&people, Step::SubmitJob).await;
    let mut rivals = Vec::new();
    for n in 0..RACERS {
        let rival =
            People { client: people.client.clone(), talent: node.person("talent", &format!("talent {n}")) };
        let mut journey = Journey::new(&format!("rival-{n}"), &["2500.00"], &WHOLE[2..]);
        journey.ids.job.clone_from(&job.ids.job);
        rivals.push((rival, journey));
    }
    join_all(rivals.iter_mut().map(|(rival, journey)| journey.run_to(rival, Step::MakeOffer))).await;

    let accepting = rivals
        .iter()
        .map(|(rival, journey)| (rival.talent.clone(), journey.command(Step::AcceptOffer).unwrap()));
    let answers = all_at_once(accepting).await;
    let expected = [("done".to_owned(), 1), ("refused JOB_FULL".to_owned(), RACERS - 1)];
    assert_eq!(tally(&answers), expected.into());
    let counts = counted(&entries(&store).await);
    assert_eq!((counts["contract.created"], counts["offer.accepted"], counts["job.filled"]), (1, 1, 1));
    assert_eq!(store.verified()["contracts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_requests_with_one_key_have_one_effect_and_one_answer() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let command = Journey::new("job", &["1.00"], WHOLE).command(Step::CreateJob).unwrap();
    let answers = all_at_once((0..RACERS).map(|_| (people.client.clone(), command.clone()))).await;
    let first = answers[0].clone().done();
    assert!(answers.into_iter().all(|answer| answer.done() == first));
    assert_eq!(counted(&entries(&store).await)["job.created"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_who_fund_one_milestone_make_one_deposit() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("job", &["1.00"], WHOLE);
    journey.run_to(&people, Step::AcceptOffer).await;
    let fund = journey.command(Step::Fund(0)).unwrap();
    let funding = (0..RACERS).map(|n| (people.client.clone(), fund.under(&format!("fund/{n}"))));
    let answers = all_at_once(funding).await;
    let expected = [("done".to_owned(), 1), ("refused WRONG_STATE".to_owned(), RACERS - 1)];
    assert_eq!(tally(&answers), expected.into());
    // The script's own key comes too late, like all the others.
    let late = people.client.give(fund.mutation, &fund.input).await.unwrap();
    assert_eq!(late.told(), "refused WRONG_STATE");
    assert_eq!(counted(&entries(&store).await)["deposit.requested"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_payouts_over_one_balance_no_more_is_granted_than_is_there() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let mut journey = Journey::new("job", &["2500.00"], WHOLE);
    journey.run(&people).await.unwrap();
    node.put_forward(6).await.unwrap();
    seasons::until(&store, "earnings.cleared", 1).await;
    // 2,200.00 are there, so seven of 300.00 fit. The first one's new destination would hold all others up.
    let request = |n: usize| Command {
        role: "talent",
        mutation: "requestPayout",
        input: json!({"amount": {"amount": "300.00", "currency": "USD"}, "destination": "ba_home",
            "idempotencyKey": format!("payout/{n}")}),
    };
    let first = people.talent.give("requestPayout", &request(0).input).await.unwrap();
    assert_eq!(first.told(), "done");
    node.put_forward(8).await.unwrap();
    seasons::until(&store, "payout.paid", 1).await;
    let answers = all_at_once((1..=RACERS).map(|n| (people.talent.clone(), request(n)))).await;
    let expected = [("done".to_owned(), 6), ("refused BALANCE_TOO_LOW at amount".to_owned(), RACERS - 6)];
    assert_eq!(tally(&answers), expected.into());
    seasons::until(&store, "payout.paid", 7).await;
    store.verified();
}
