//! Killed at every failpoint that there is, while timers of every kind fire, a node that starts again lets everything
//! that is due happen, once.

use crate::firings::Firings;
use crate::graphql::Gone;
use crate::journey::{Journey, People, Step};
use crate::log::{Entry, counted, entries, records};
use crate::node::{Node, Store};
use crate::seasons::until;
use domain::Timestamp;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use walkdir::WalkDir;

/// What abort() ends a process with.
const SIGABRT: i32 = 6;

/// How long a node has between two days, and how often it is asked whether it is still there once its days are over.
const PAUSE: Duration = Duration::from_millis(40);
const LOOKS_MAX: usize = 250;

/// Where a life ends, and how many hits it survives there.
type Kill = (&'static str, usize);

/// Lives, one after another, and the day on which the last of them has come as far as it may.
struct Act {
    ends: u16,
    kills: &'static [Kill],
}

/// What nobody answers or confirms lapses, and money goes back.
const LAPSING: Act = Act {
    ends: 8,
    kills: &[
        ("append::before", 0),
        ("append::after", 0),
        ("timers::before_commit", 0),
        ("timers::after_commit", 0),
        ("timers::before_fire", 0),
        ("rail::before_call", 0),
        ("rail::after_call", 0),
        ("webhook::before_answer", 0),
        ("process::before_checkpoint", 0),
        ("process::after_checkpoint", 0),
    ],
};

/// Work approves itself, and a contract that nobody funds is cancelled.
const APPROVING: Act = Act { ends: 18, kills: &[("timers::before_fire", 3), ("timers::after_fire", 1)] };

/// Earnings clear.
const CLEARING: Act = Act { ends: 20, kills: &[("timers::before_fire", 2), ("timers::after_fire", 0)] };

/// Holds lapse, and four payouts go their ways: one is paid, one fails, of one nothing is heard, and one waits for cash.
const PAYING: Act = Act {
    ends: 27,
    kills: &[
        ("timers::after_fire", 0),
        ("rail::before_call", 0),
        ("rail::after_call", 0),
        ("webhook::before_answer", 0),
    ],
};

/// The payout that failed is tried again.
const RETRYING: Act = Act {
    ends: 28,
    kills: &[
        ("timers::before_fire", 0),
        ("timers::after_fire", 0),
        ("timers::before_commit", 1),
        ("timers::after_commit", 1),
    ],
};

/// A person has to look for the payout that nothing is heard of.
const ESCALATING: Act = Act { ends: 36, kills: &[("timers::before_fire", 0), ("timers::after_fire", 0)] };

/// Cash comes in for the last payout, and jobs expire.
const SETTLING: Act = Act {
    ends: 100,
    kills: &[
        ("timers::before_fire", 0),
        ("timers::after_fire", 0),
        ("projection::before_commit", 0),
        ("projection::after_commit", 0),
        ("append::before", 0),
        ("timers::after_fire", 0),
    ],
};

/// All of it.
const ACTS: [&Act; 7] = [&LAPSING, &APPROVING, &CLEARING, &PAYING, &RETRYING, &ESCALATING, &SETTLING];

/// The day after everything.
const END: u16 = 110;

const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
    Step::SubmitWork(0),
];

/// A talent whose work approves itself, and who asks for a payout of what it earned.
struct Payee {
    name: &'static str,
    currency: &'static str,
    price: &'static str,
    payout: &'static str,
    destination: &'static str,
}

const PAYEES: [Payee; 4] = [
    Payee { name: "paid", currency: "USD", price: "2500.00", payout: "2000.00", destination: "ba_home" },
    Payee { name: "retried", currency: "USD", price: "30.00", payout: "20.00", destination: "ba_fails_once" },
    Payee { name: "escalated", currency: "USD", price: "30.00", payout: "20.00", destination: "ba_never" },
    // What the provider keeps of so little leaves less at the bank than the talent has earned.
    Payee { name: "delayed", currency: "EUR", price: "0.60", payout: "0.53", destination: "ba_home" },
];

fn people(node: &Node, talent: &str) -> People {
    People { client: node.persona("client"), talent: node.person("talent", talent) }
}

/// A store, and which positions of its log were written by nodes that were killed.
struct Story {
    store: Store,
    killed: Vec<Range<u64>>,
}

impl Story {
    async fn head(&self) -> u64 {
        records(&self.store).await.len() as u64
    }

    /// Lives until it is killed, each of an act's kills in turn.
    async fn play(&mut self, act: &Act) {
        for (place, survived) in act.kills {
            let failpoints = match survived {
                0 => format!("{place}=return"),
                hits => format!("{place}={hits}*off->return"),
            };
            let before = self.head().await;
            let status = match Node::start_still(&self.store, Some(&failpoints)) {
                Err(status) => status,
                Ok(node) => {
                    if live(&node, act.ends).await.is_ok() {
                        let log = entries(&self.store).await;
                        let types: Vec<_> = log.iter().map(|entry| entry.event_type.as_str()).collect();
                        panic!("no life ended at {failpoints} by day {}: {types:?}", act.ends);
                    }
                    node.ended()
                }
            };
            assert_eq!(status.signal(), Some(SIGABRT), "{failpoints}: {status}");
            self.killed.push(before + 1..self.head().await + 1);
        }
    }

    /// A node that nobody kills, on a day on which nothing is overdue.
    async fn calm(&self, day: u16) -> (Node, Timestamp) {
        let node = Node::start_still(&self.store, None).unwrap();
        let now = node.put_forward_to(day).await.unwrap();
        assert_eq!(Firings::settled(&self.store, now).await.overdue, [""; 0]);
        (node, now)
    }

    /// Lets what an act left over happen, up to so many of an event, so that the kills of the next act meet its own timers.
    async fn rest(&self, after: &Act, event_type: &str, count: usize) {
        let (node, _) = self.calm(after.ends).await;
        until(&self.store, event_type, count).await;
        node.stop();
    }

    /// Contracts whose work approves itself, one whose deposit never comes and that nobody funds, one whose refund and one
    /// whose end nobody answers, one whose refund the provider never speaks of, and an offer that nobody answers.
    async fn begin() -> Self {
        let store = Store::new();
        let node = Node::start_still(&store, None).unwrap();
        let people = people(&node, "talent");
        let mut lost = Journey::new("lost", &["50.00"], STEPS);
        funded_with("pm_lostrefund", &mut lost, &people).await;
        until(&store, "escrow.funded", 1).await;
        give_back(&lost, &people).await;
        let agree = json!({"contractId": lost.ids.contract, "milestoneId": lost.ids.milestones[0],
            "idempotencyKey": "agree"});
        people.talent.give("agreeRefund", &agree).await.unwrap().done();
        until(&store, "refund.acknowledged", 1).await;

        let mut unfunded = Journey::new("unfunded", &["10.00", "20.00"], STEPS);
        funded_with("pm_never", &mut unfunded, &people).await;
        let mut unanswered = Journey::new("no-refund", &["30.00"], STEPS);
        unanswered.run_to(&people, Step::AwaitFunds(0)).await;
        give_back(&unanswered, &people).await;
        let mut ending = Journey::new("ending", &["40.00"], STEPS);
        ending.run_to(&people, Step::AwaitFunds(0)).await;
        let end = json!({"contractId": ending.ids.contract, "idempotencyKey": "end"});
        people.client.give("requestEnd", &end).await.unwrap().done();
        Journey::new("unanswered", &["10.00"], STEPS).run_to(&people, Step::MakeOffer).await;
        for payee in &PAYEES {
            let mut worked = Journey::new(payee.name, &[payee.price], STEPS).in_currency(payee.currency);
            worked.run(&self::people(&node, payee.name)).await.unwrap();
        }
        node.stop();
        Self { store, killed: Vec::new() }
    }

    /// Everybody asks for money, which waits until the new payees' holds lapse.
    async fn ask_for_payouts(&self) {
        let (node, _) = self.calm(CLEARING.ends).await;
        until(&self.store, "earnings.cleared", PAYEES.len()).await;
        for payee in &PAYEES {
            let request = json!({"amount": {"amount": payee.payout, "currency": payee.currency},
                "destination": payee.destination, "idempotencyKey": "payout"});
            people(&node, payee.name).talent.give("requestPayout", &request).await.unwrap().done();
        }
        node.stop();
    }

    /// Somebody else pays in what the payout that waits for cash lacks.
    async fn bring_cash(&self) {
        let (node, _) = self.calm(ESCALATING.ends).await;
        until(&self.store, "payout.delayed", 1).await;
        let mut cash = Journey::new("cash", &["100.00"], STEPS).in_currency("EUR");
        cash.run_to(&people(&node, "talent"), Step::AwaitFunds(0)).await;
        node.stop();
    }
}

async fn funded_with(method: &str, journey: &mut Journey, people: &People) {
    journey.run_to(people, Step::AcceptOffer).await;
    let mut fund = journey.command(Step::Fund(0)).unwrap();
    fund.input["paymentMethod"] = method.into();
    people.client.give(fund.mutation, &fund.input).await.unwrap().done();
}

async fn give_back(journey: &Journey, people: &People) {
    let ask = json!({"contractId": journey.ids.contract, "milestoneId": journey.ids.milestones[0],
        "reasons": "We changed our plans.", "idempotencyKey": format!("{}/ask", journey.name)});
    people.client.give("requestRefund", &ask).await.unwrap().done();
}

/// Lets the node live up to that day, a day at a time, and then until it is killed. `Ok` if nobody kills it.
async fn live(node: &Node, ends: u16) -> Result<(), Gone> {
    let mut now = node.put_forward_to(0).await?;
    for day in 1..=ends {
        let then = node.put_forward_to(day).await?;
        // Days that an earlier life has seen are over already.
        if then > now {
            tokio::time::sleep(PAUSE).await;
        }
        now = then;
    }
    for _ in 0..LOOKS_MAX {
        node.put_forward_to(ends).await?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// What must have happened, and how often: neither less nor more.
fn expected() -> BTreeMap<&'static str, usize> {
    [
        ("milestone.approved", 4),
        ("escrow.released", 4),
        ("earnings.cleared", 4),
        ("contract.cancelled", 1),
        ("milestone.cancelled", 2),
        ("deposit.failed", 1),
        ("escrow.refunded", 3),
        ("refund.requested", 3),
        ("refund.confirmed", 2),
        ("contract.end_agreed", 1),
        ("contract.ended", 1),
        ("job.reopened", 1),
        ("offer.expired", 1),
        ("job.expired", 2),
        ("payout.requested", 4),
        ("payout.failed", 1),
        ("payout.retried", 1),
        ("payout.delayed", 1),
        ("payout.submitted", 5),
        ("payout.paid", 3),
        ("account.hold_placed", 4),
        ("account.hold_released", 4),
        ("settlement.recorded", 3),
    ]
    .into()
}

fn happened(entries: &[Entry]) -> BTreeMap<&'static str, usize> {
    let counts = counted(entries);
    expected().into_keys().map(|name| (name, counts.get(name).copied().unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_timer_fires_once_whenever_the_node_is_killed() {
    let mut story = Story::begin().await;
    story.play(&LAPSING).await;
    story.play(&APPROVING).await;
    story.rest(&APPROVING, "milestone.approved", PAYEES.len()).await;
    story.play(&CLEARING).await;
    story.ask_for_payouts().await;
    story.play(&PAYING).await;
    story.rest(&PAYING, "payout.failed", 1).await;
    story.play(&RETRYING).await;
    story.rest(&RETRYING, "payout.paid", 2).await;
    story.play(&ESCALATING).await;
    story.bring_cash().await;
    story.play(&SETTLING).await;
    let (node, now) = story.calm(END).await;
    until(&story.store, "payout.paid", 3).await;
    until(&story.store, "job.expired", 2).await;

    let firings = Firings::settled(&story.store, now).await;
    assert_eq!((&firings.wrong, &firings.overdue), (&vec![], &vec![]));
    let missing = firings.missing(|position| story.killed.iter().any(|life| life.contains(&position)));
    assert_eq!(missing, BTreeSet::new(), "these never fired in a life that was cut short");
    assert_eq!(happened(&entries(&story.store).await), expected());
    node.stop();
    story.store.verified();
}

/// The places in a source at which a failpoint can end the process. A planted defect ends nobody, nor does a failpoint
/// that is given nothing to do and can only make the process wait.
fn places(source: &str) -> Vec<&str> {
    let kills = source.split("failpoint::kill(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let others = source.split("fail_point!(\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let others = others.filter(|(place, rest)| rest.starts_with(',') && !place.contains("::defect_"));
    kills.chain(others).map(|(place, _)| place).collect()
}

#[test]
fn a_life_ends_at_every_place_where_one_can() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates");
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(crates).into_iter().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(entry.path()).unwrap();
            found.extend(places(&source).into_iter().map(str::to_owned));
        }
    }
    let played = ACTS.iter().flat_map(|act| act.kills).map(|(place, _)| (*place).to_owned());
    assert_eq!(played.collect::<BTreeSet<_>>(), found);
}

#[test]
fn places_are_read_from_the_source_without_planted_defects_and_delays() {
    let source = r#"failpoint::kill("a::b"); fail::fail_point!("c::d", |_| abort());
        fail_point!("c::defect_e", |_| true); fail_point!("f::g");"#;
    assert_eq!(places(source), ["a::b", "c::d"]);
}
