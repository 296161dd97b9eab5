//! What the simulator finds, and doesn't.

use domain::account::HoldReason;
use domain::id::{LotId, MilestoneId, PartyId, PayoutId, ProposalId};
use domain::timer::TimerKind;
use simulator::{Fault, Outcome, Settings, Step, StoreKind, run};

fn settings(seed: u64, store: StoreKind, worlds: usize) -> Settings {
    Settings { seed, store, worlds, tell: false }
}

fn drawn(seed: u64, store: StoreKind, steps: usize) -> Outcome {
    let worlds = steps.div_ceil(2_500);
    let steps: Vec<Step> = Step::drawn(seed, worlds).take(steps).collect();
    run(settings(seed, store, worlds), &steps)
}

/// What a run of 20,000 steps may leave at zero, and why.
const UNREACHED: &[(&str, &str)] = &[
    // Changes nothing of the marketplace; journeys ask for it over HTTP.
    ("command", "rebuildReadModel"),
    ("event", "marketplace.read_model_rebuild_requested"),
    // One machine each with a single state, of which no stream of its own tells.
    ("state", "marketplace Open"),
    ("state", "settlement Recorded"),
];

/// The commands that timers give: those that read back as a timer's, of whatever they are about.
fn timers() -> impl Iterator<Item = &'static str> {
    let subjects = [
        String::new(),
        MilestoneId::from_u128(1).to_string(),
        LotId::from_u128(1).to_string(),
        PartyId::from_u128(1).to_string(),
        ProposalId::from_u128(1).to_string(),
        PayoutId::from_u128(1).to_string(),
        HoldReason::NewPayee.as_str().to_owned(),
    ];
    let commands = domain::CommandKind::ALL.iter().map(|kind| kind.as_str());
    commands.filter(move |name| subjects.iter().any(|subject| TimerKind::parse(name, subject).is_some()))
}

#[test]
fn twenty_thousand_steps_break_nothing_and_reach_everything() {
    let outcome = drawn(1, StoreKind::Memory, 20_000);
    assert_eq!(outcome.breach, None);
    let mut missed = Vec::new();
    let mut expect = |group: &'static str, name: &str| {
        if outcome.coverage.of(group, name) == 0 && !UNREACHED.contains(&(group, name)) {
            missed.push(format!("{group} {name}"));
        }
    };
    for kind in domain::CommandKind::ALL.iter().filter(|kind| kind.reach() == domain::command::Reach::People)
    {
        expect("command", kind.as_str());
    }
    for (name, _) in domain::Event::types() {
        expect("event", name);
    }
    for machine in domain::machine::MACHINES {
        for state in machine.states() {
            expect("state", &format!("{} {state}", machine.name));
        }
    }
    for kind in timers() {
        expect("timer", kind);
    }
    for fault in Fault::ALL {
        expect("fault", fault.text());
    }
    assert!(missed.is_empty(), "never reached: {missed:#?}\n{}", outcome.coverage);
}

#[test]
fn a_run_on_sqlite_breaks_nothing() {
    assert_eq!(drawn(2, StoreKind::Sqlite, 1_000).breach, None);
}

#[test]
fn a_seed_replays_exactly() {
    let [first, second] = [1, 2].map(|_| drawn(3, StoreKind::Memory, 1_500));
    assert_eq!(first.breach, None);
    assert_eq!(
        (first.simulated, first.coverage.to_string()),
        (second.simulated, second.coverage.to_string())
    );
}

/// Each defect, planted in the product's rules, is found.
#[cfg(feature = "sabotage")]
mod controls {
    use super::*;
    use domain::sabotage::{Sabotage, plant};

    fn found(defect: Sabotage) {
        plant(Some(defect));
        let breach = (1..=3).find_map(|seed| drawn(seed, StoreKind::Memory, 6_600).breach);
        plant(None);
        assert!(breach.is_some(), "{defect:?} goes unnoticed");
    }

    #[test]
    fn every_planted_defect_is_found() {
        for defect in Sabotage::ALL {
            found(*defect);
        }
    }

    #[test]
    fn what_is_found_is_made_short() {
        plant(Some(Sabotage::DoubleRelease));
        let steps: Vec<Step> = Step::drawn(1, 1).take(2_000).collect();
        let settings = settings(1, StoreKind::Memory, 1);
        let (at, _) = run(settings, &steps).breach.expect("it is found");
        let short = simulator::shrink(settings, &steps[..=at]);
        assert!(run(settings, &short).breach.is_some());
        plant(None);
        assert!(short.len() < 40, "{} steps", short.len());
        assert_eq!(run(settings, &short).breach, None, "without the defect nothing breaks");
    }
}
