//! Killed at every failpoint that there is, while timers of every kind fire, a node that starts again lets everything
//! that is due happen, once.

use crate::firings::Firings;
use crate::graphql::Gone;
use crate::journey::{Journey, People, Step};
use crate::log::{Entry, counted, entries, records};
use crate::node::{Node, Store};
use crate::seasons::{done, until};
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

/// What nobody answers or confirms lapses, money goes back, and a claim that nobody answers is decided.
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

/// Work approves itself, a contract that nobody funds is cancelled, a bonus clears, an award stands and is executed, and the
/// time for evidence is over.
const APPROVING: Act = Act { ends: 14, kills: &[("timers::before_fire", 3), ("timers::after_fire", 4)] };

/// The house lets a dispute lie.
const NEGLECTING: Act = Act { ends: 18, kills: &[("timers::after_fire", 0)] };

/// Earnings clear.
const CLEARING: Act = Act { ends: 20, kills: &[("timers::before_fire", 2), ("timers::after_fire", 0)] };

/// Nobody answers a recommendation, holds lapse, and four payouts go their ways: one is paid, one fails, of one nothing
/// is heard, and one waits for cash.
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

/// Nobody pays for arbitration, a job that was paused is closed, and then its proposal is, and a person has to look for
/// the payout that nothing is heard of.
const ESCALATING: Act = Act { ends: 44, kills: &[("timers::before_fire", 0), ("timers::after_fire", 3)] };

/// Cash comes in for the last payout.
const SETTLING: Act = Act { ends: 50, kills: &[("timers::before_fire", 0), ("timers::after_fire", 0)] };

/// Jobs and proposals expire, and money goes back that a provider may hold no longer.
const AGEING: Act = Act {
    ends: 100,
    kills: &[
        ("projection::before_commit", 0),
        ("projection::after_commit", 0),
        ("append::before", 0),
        ("timers::after_fire", 0),
        ("rail::before_call", 0),
    ],
};

/// A bonus is released as soon as its money is there.
const REWARDING: Kill = ("timers::after_fire", 0);

/// All of it.
const ACTS: [&Act; 9] =
    [&LAPSING, &APPROVING, &NEGLECTING, &CLEARING, &PAYING, &RETRYING, &ESCALATING, &SETTLING, &AGEING];

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
    /// The contract of which the end is asked for.
    ending: String,
    /// The dispute that goes from rung to rung because nobody does anything.
    dispute: String,
}

impl Story {
    async fn head(&self) -> u64 {
        records(&self.store).await.len() as u64
    }

    /// Lives until it is killed, each of an act's kills in turn.
    async fn play(&mut self, act: &Act) {
        for kill in act.kills {
            let life = self.killed_at(*kill, async |node| {
                if live(node, act.ends).await.is_ok() {
                    let log = entries(&self.store).await;
                    let types: Vec<_> = log.iter().map(|entry| entry.event_type.as_str()).collect();
                    panic!("no life ended at {kill:?} by day {}: {types:?}", act.ends);
                }
            });
            let written = life.await;
            self.killed.push(written);
        }
    }

    /// A life that ends there, or before its banner; as long as it lasts, this is done.
    async fn killed_at(&self, (place, survived): Kill, life: impl AsyncFnOnce(&Node)) -> Range<u64> {
        let failpoints = match survived {
            0 => format!("{place}=return"),
            hits => format!("{place}={hits}*off->return"),
        };
        let before = self.head().await;
        let status = match Node::start_still(&self.store, Some(&failpoints)) {
            Err(status) => status,
            Ok(node) => {
                life(&node).await;
                node.ended()
            }
        };
        assert_eq!(status.signal(), Some(SIGABRT), "{failpoints}: {status}");
        before + 1..self.head().await + 1
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
    /// whose end nobody answers, one whose refund the provider never speaks of, one on which nobody works, two that are
    /// disputed, and a search in which nobody answers.
    async fn begin() -> Self {
        let store = Store::new();
        let node = Node::start_still(&store, None).unwrap();
        let people = people(&node, "talent");
        let mut lost = Journey::new("lost", &["50.00"], STEPS);
        funded_with("pm_lostrefund", &mut lost, &people).await;
        until(&store, "escrow.funded", 1).await;
        give_back(&lost, &people).await;
        done(&people.talent, "agreeRefund", lost.milestone(0)).await;
        until(&store, "refund.acknowledged", 1).await;

        let mut unfunded = Journey::new("unfunded", &["10.00", "20.00"], STEPS);
        funded_with("pm_never", &mut unfunded, &people).await;
        let unanswered = funded("no-refund", "30.00", &people).await;
        give_back(&unanswered, &people).await;
        let ending = funded("ending", "40.00", &people).await.ids.contract;
        done(&people.client, "requestEnd", json!({"contractId": ending})).await;
        funded("idle", "70.00", &people).await;
        claimed("silent", "100.00", &people).await;
        let dispute = claimed("negotiated", "1600.00", &people).await;
        let answer = json!({"disputeId": dispute, "answer": "That is not how it was."});
        done(&people.talent, "respondToDispute", answer).await;
        unanswered_search(&node, &people).await;
        for payee in &PAYEES {
            let mut worked = Journey::new(payee.name, &[payee.price], STEPS).in_currency(payee.currency);
            worked.run(&self::people(&node, payee.name)).await.unwrap();
        }
        node.stop();
        Self { store, killed: Vec::new(), ending, dispute }
    }

    /// The client of the contract that has ended pays a bonus. It is released in the moment in which its money is there,
    /// so that life is cut short.
    async fn pay_bonus(&mut self) {
        let bonus = json!({"contractId": self.ending, "title": "Thank you.", "paymentMethod": "pm_card",
            "amount": {"amount": "25.00", "currency": "USD"}, "idempotencyKey": "bonus"});
        let life = self.killed_at(REWARDING, async |node| {
            // The node may be gone before it answers.
            if let Ok(answer) = node.persona("client").give("payBonus", &bonus).await {
                answer.done();
            }
        });
        let written = life.await;
        self.killed.push(written);
    }

    /// Everybody asks for money, which waits until the new payees' holds lapse, and the mediator recommends, much too late,
    /// how to divide what is disputed.
    async fn ask_for_payouts(&self) {
        let (node, _) = self.calm(CLEARING.ends).await;
        // The bonus, and what the payees have worked for.
        until(&self.store, "earnings.cleared", 1 + PAYEES.len()).await;
        for payee in &PAYEES {
            let request = json!({"amount": {"amount": payee.payout, "currency": payee.currency},
                "destination": payee.destination});
            done(&people(&node, payee.name).talent, "requestPayout", request).await;
        }
        let recommendation = json!({"disputeId": self.dispute, "reasons": "Most of it was never done.",
            "clientShare": {"amount": "1200.00", "currency": "USD"}});
        done(&node.persona("support"), "issueRecommendation", recommendation).await;
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

async fn funded(name: &str, price: &str, people: &People) -> Journey {
    let mut journey = Journey::new(name, &[price], STEPS);
    journey.run_to(people, Step::AwaitFunds(0)).await;
    journey
}

/// The client wants back all that a contract holds. The dispute's id.
async fn claimed(name: &str, price: &str, people: &People) -> String {
    let mut claim = funded(name, price, people).await.milestone(0);
    claim["claim"] = json!({"amount": price, "currency": "USD"});
    claim["reason"] = "Nothing has come of it.".into();
    let dispute = done(&people.client, "openDispute", claim).await;
    dispute["id"].as_str().unwrap().to_owned()
}

/// A job with an offer that nobody answers and a proposal that is never sent, and one that is paused after a proposal came
/// in and somebody was invited.
async fn unanswered_search(node: &Node, people: &People) {
    let mut offered = Journey::new("unanswered", &["10.00"], STEPS);
    offered.run_to(people, Step::MakeOffer).await;
    let draft = json!({"jobId": offered.ids.job, "coverLetter": "I am still thinking about it."});
    done(&node.person("talent", "undecided"), "saveProposal", draft).await;
    let mut paused = Journey::new("paused", &["10.00"], STEPS);
    paused.run_to(people, Step::SubmitProposal).await;
    let invited = node.person("talent", "invited").party().await;
    let job = json!({"jobId": paused.ids.job});
    done(&people.client, "inviteTalent", json!({"jobId": paused.ids.job, "talent": invited})).await;
    done(&people.client, "pauseJob", job).await;
}

async fn funded_with(method: &str, journey: &mut Journey, people: &People) {
    journey.run_to(people, Step::AcceptOffer).await;
    let mut fund = journey.milestone(0);
    fund["paymentMethod"] = method.into();
    done(&people.client, "fundMilestone", fund).await;
}

async fn give_back(journey: &Journey, people: &People) {
    let mut ask = journey.milestone(0);
    ask["reasons"] = "We changed our plans.".into();
    done(&people.client, "requestRefund", ask).await;
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
        ("escrow.released", 5),
        ("escrow.award_applied", 2),
        ("earnings.cleared", 6),
        ("contract.cancelled", 1),
        ("milestone.cancelled", 2),
        ("deposit.failed", 1),
        ("escrow.refunded", 4),
        ("refund.requested", 6),
        ("refund.confirmed", 5),
        ("contract.end_agreed", 1),
        ("contract.ended", 1),
        ("job.reopened", 1),
        ("job.invitation_lapsed", 1),
        ("job.closed", 1),
        ("offer.expired", 1),
        ("proposal.expired", 1),
        ("proposal.closed", 2),
        ("job.expired", 2),
        ("dispute.escalated", 1),
        ("dispute.evidence_sealed", 1),
        ("dispute.arbitration_offered", 1),
        ("dispute.decided", 2),
        ("dispute.finalized", 2),
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
    story.rest(&LAPSING, "contract.ended", 1).await;
    story.pay_bonus().await;
    story.play(&APPROVING).await;
    story.rest(&APPROVING, "milestone.approved", PAYEES.len()).await;
    story.play(&NEGLECTING).await;
    story.play(&CLEARING).await;
    story.ask_for_payouts().await;
    story.play(&PAYING).await;
    story.rest(&PAYING, "payout.failed", 1).await;
    story.play(&RETRYING).await;
    story.rest(&RETRYING, "payout.paid", 2).await;
    story.play(&ESCALATING).await;
    story.bring_cash().await;
    story.play(&SETTLING).await;
    story.rest(&SETTLING, "payout.paid", 3).await;
    story.play(&AGEING).await;
    let (node, now) = story.calm(END).await;
    until(&story.store, "refund.confirmed", 5).await;
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
    let played =
        ACTS.iter().flat_map(|act| act.kills).chain([&REWARDING]).map(|(place, _)| (*place).to_owned());
    assert_eq!(played.collect::<BTreeSet<_>>(), found);
}

#[test]
fn places_are_read_from_the_source_without_planted_defects_and_delays() {
    let source = r#"failpoint::kill("a::b"); fail::fail_point!("c::d", |_| abort());
        fail_point!("c::defect_e", |_| true); fail_point!("f::g");"#;
    assert_eq!(places(source), ["a::b", "c::d"]);
}
