//! What the walk must have met: every command, every state, every row of every table, every type of event.

use super::{Seen, WALK, World, samples};
use crate::event::Event;
use crate::machine::MACHINES;
use crate::scenario::standing::STANDS_NOWHERE;
use crate::scenario::tables::everything;
use crate::scenario::{Given, given};
use crate::{Command, CommandKind, States};
use std::collections::BTreeSet;

/// Types of events that no command leads to: who gives commands writes them.
const WRITTEN_BESIDE_COMMANDS: &[&str] = &["process.command_refused"];

/// Fails with every name at once.
#[track_caller]
fn nothing_is_missing(what: &str, missing: &[String]) {
    assert!(missing.is_empty(), "{what}:\n  {}", missing.join("\n  "));
}

#[test]
fn every_command_has_a_sample_or_a_timer() {
    let empty = World::begin("nothing", Given { states: States::default(), ..given([]) });
    let timers = empty.stale();
    let sampled: BTreeSet<_> = samples::samples(&empty).iter().chain(&timers).map(Command::kind).collect();
    let missing: Vec<_> = CommandKind::ALL.iter().filter(|kind| !sampled.contains(kind)).collect();
    let missing: Vec<_> = missing.iter().map(|kind| format!("{kind:?}")).collect();
    nothing_is_missing("commands without a sample in scenario/walk/samples", &missing);
}

#[test]
fn every_state_is_reached() {
    let reached: BTreeSet<(&str, String)> = WALK
        .worlds
        .iter()
        .flat_map(|world| everything(&world.states))
        .map(|standing| (standing.machine, standing.status))
        .collect();
    let mut missing = Vec::new();
    for machine in MACHINES.iter().filter(|machine| !STANDS_NOWHERE.contains(&machine.name)) {
        let states = machine.states().into_iter();
        let unreached = states.filter(|state| !reached.contains(&(machine.name, state.clone())));
        missing.extend(unreached.map(|state| format!("{}: {state}", machine.name)));
    }
    nothing_is_missing("states that nothing leads to", &missing);
}

#[test]
fn every_row_of_every_table_happens() {
    let mut missing = Vec::new();
    for machine in MACHINES.iter().filter(|machine| !STANDS_NOWHERE.contains(&machine.name)) {
        for row in machine.rows() {
            let from: Vec<Option<String>> =
                if row.from.is_empty() { vec![None] } else { row.from.into_iter().map(Some).collect() };
            for from in from {
                let shown = from.clone().unwrap_or_else(|| "nothing".to_owned());
                let seen = Seen { machine: machine.name, from, command: row.command, to: row.to.clone() };
                if !WALK.moves.contains(&seen) {
                    missing.push(format!("{}: {:?} from {shown} to {}", machine.name, row.command, row.to));
                }
            }
        }
    }
    nothing_is_missing("rows that no history carries out", &missing);
}

#[test]
fn every_type_of_event_happens() {
    let types = Event::types().map(|(name, _)| name);
    let missing: Vec<_> = types
        .filter(|name| !WALK.events.contains_key(name) && !WRITTEN_BESIDE_COMMANDS.contains(name))
        .map(str::to_owned)
        .collect();
    nothing_is_missing("types of events that no command leads to", &missing);
}

#[test]
fn the_auditor_finds_every_decision_lawful() {
    nothing_is_missing("what decisions make and the auditor would not have", &WALK.unlawful);
}
