//! A walk through everything that can happen: from a few beginnings, every command that there is a sample of is given by
//! everybody whose role has it, and every timer is let come due, again and again, for as long as that leads to something
//! new. What it finds is what the tests here judge.
//!
//! Nothing here knows a command or a machine by name but the samples. A state that the walk doesn't reach, a command
//! without a sample and a row that leads nowhere are told by their names; what is missing is a line in `samples`.

mod corpus;
mod coverage;
mod novelty;
mod refusals;
mod samples;
mod world;

use super::ladder::judged;
use super::standing::{Standing, standings};
use super::tables::{check, everything};
use crate::codec::encode;
use crate::machine::{MACHINES, Row};
use crate::recheck::Recorded;
use crate::stream::Decided;
use crate::{CommandKind, Event, StreamId};
use novelty::{News, Novelty};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;
use world::{Step, World};

/// A walk that finds more worlds than this tells apart what is the same.
const WORLDS_MAX: usize = 10_000;

/// The rows of every machine's table, made once.
static ROWS: LazyLock<BTreeMap<&str, Vec<Row>>> =
    LazyLock::new(|| MACHINES.iter().map(|machine| (machine.name, machine.rows())).collect());

/// The walk, once for all tests.
static WALK: LazyLock<Walk> = LazyLock::new(walk);

/// A move of a machine that was seen to happen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    machine: &'static str,
    from: Option<String>,
    command: CommandKind,
    to: String,
}

/// What was found.
#[derive(Default)]
struct Walk {
    /// Worlds of which each has something that those before it lack.
    worlds: Vec<World>,
    /// The moves that happened.
    moves: BTreeSet<Seen>,
    /// The longest event of each type, with its length.
    events: BTreeMap<&'static str, (usize, Event)>,
    /// What decisions made and the auditor wouldn't have.
    unlawful: Vec<String>,
    novelty: Novelty,
}

fn walk() -> Walk {
    let mut walk = Walk::default();
    let mut ahead: VecDeque<World> = samples::beginnings().into();
    while let Some(world) = ahead.pop_front() {
        for step in world.steps_on() {
            let Ok(decided) = world.attempt(&step) else {
                continue;
            };
            check(step.command.kind(), &world.states, &decided.states);
            let news = walk.learns(&world, &step, &decided);
            if news != News::None {
                walk.judge(&world, &step, &decided);
                walk.remember(&decided.events);
                ahead.push_back(world.after(&step, &decided, news));
            }
        }
        walk.worlds.push(world);
        assert!(walk.worlds.len() <= WORLDS_MAX, "the walk has no end");
    }
    walk
}

impl Walk {
    /// Worlds in which every stream is found in each of the ways in which it can stand.
    fn landmarks(&self) -> impl Iterator<Item = &World> {
        self.worlds.iter().filter(|world| world.news == News::Landmark)
    }

    /// How much the decision shows that was not met before.
    fn learns(&mut self, world: &World, step: &Step, decided: &Decided) -> News {
        let command = step.command.kind();
        let before = everything(&world.states);
        let has_rows = |standing: &Standing| ROWS[standing.machine].iter().any(|row| row.command == command);
        let mut moves = false;
        for Standing { machine, subject, status } in written(decided).into_iter().filter(has_rows) {
            let same = |old: &&Standing| (old.machine, &old.subject) == (machine, &subject);
            let from = before.iter().find(same).map(|old| old.status.clone());
            moves |= self.moves.insert(Seen { machine, from, command, to: status });
        }
        let news = self.novelty.of(world, command, decided);
        if moves { News::Landmark } else { news }
    }

    /// Asks the auditor about every event of the decision.
    fn judge(&mut self, world: &World, step: &Step, decided: &Decided) {
        let mut states = world.states.clone();
        let actor = step.part.who.actor().to_string();
        for event in &decided.events {
            if let Err(refusal) = judged(&states, event, Recorded { at: step.at, actor: &actor }) {
                let name = event.event_type().0;
                self.unlawful.push(format!("{name} of {step}: {refusal}, after {world}"));
            }
            states.evolve(event, step.at);
        }
    }

    fn remember(&mut self, events: &[Event]) {
        for event in events {
            let (name, length) = (event.event_type().0, encode(event).unwrap().len());
            if self.events.get(name).is_none_or(|(known, _)| *known < length) {
                self.events.insert(name, (length, event.clone()));
            }
        }
    }
}

/// Where everything stands in the streams that the decision wrote to.
fn written(decided: &Decided) -> Vec<Standing> {
    let streams: BTreeSet<&StreamId> =
        decided.memberships.iter().flatten().map(|membership| &membership.stream).collect();
    let states = streams.into_iter().filter_map(|stream| decided.states.state(stream));
    states.flat_map(standings).collect()
}
