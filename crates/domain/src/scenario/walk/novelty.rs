//! What makes a world worth going on from: that a command came to something that it never did, or that things are as
//! they never were together.

use super::super::standing::{details, standings};
use super::world::World;
use crate::stream::{Decided, Folded};
use crate::timer::timers;
use crate::{CommandKind, State};
use std::collections::{BTreeMap, BTreeSet};

/// How much a decision shows that was not met before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    None,
    /// Streams are as they never were at once, or this beginning had not come so far.
    Beside,
    /// A command came to something else, or a stream is as none ever was.
    Landmark,
}

/// Something that was met.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Feature {
    /// A command, and the types of the events that it led to.
    Outcome(CommandKind, Vec<&'static str>),
    /// The same, from this beginning: what a policy or a history changes comes late.
    From(&'static str, CommandKind, Vec<&'static str>),
    /// Two facts of one stream.
    Within(u16, u16),
    /// Two facts of a world.
    Beside(u16, u16),
}

/// All that was met.
#[derive(Default)]
pub(super) struct Novelty {
    /// Facts by their text.
    facts: BTreeMap<String, u16>,
    features: BTreeSet<Feature>,
}

impl Novelty {
    /// Takes the decision in.
    pub(super) fn of(&mut self, world: &World, command: CommandKind, decided: &Decided) -> News {
        let types: Vec<_> = decided.events.iter().map(|event| event.event_type().0).collect();
        let mut is_landmark = self.features.insert(Feature::Outcome(command, types.clone()));
        let mut is_beside = self.features.insert(Feature::From(world.beginning, command, types));
        let mut seen = BTreeSet::new();
        for state in decided.states.folded().iter().filter_map(|folded| folded.state.as_deref()) {
            let own = self.numbered(stand(state));
            let mut whole = self.numbered(due(state).chain(details(state)));
            whole.extend(&own);
            is_landmark |= self.met(&whole, &whole, Feature::Within);
            seen.extend(own);
        }
        let unseen = |folded: &&Folded| decided.states.state(&folded.stream).is_none();
        let beside = world.states.folded().iter().filter(unseen).filter_map(|folded| folded.state.as_deref());
        let beside = self.numbered(beside.flat_map(stand));
        is_beside |= self.met(&seen, &seen, Feature::Beside);
        is_beside |= self.met(&seen, &beside, Feature::Beside);
        match (is_landmark, is_beside) {
            (true, _) => News::Landmark,
            (false, true) => News::Beside,
            (false, false) => News::None,
        }
    }

    /// Adds every pair of facts, and says whether any was new.
    fn met(&mut self, some: &BTreeSet<u16>, others: &BTreeSet<u16>, of: fn(u16, u16) -> Feature) -> bool {
        let mut is_new = false;
        for one in some {
            for other in others {
                is_new |= self.features.insert(of(*one.min(other), *one.max(other)));
            }
        }
        is_new
    }

    fn numbered(&mut self, facts: impl Iterator<Item = String>) -> BTreeSet<u16> {
        let mut numbers = BTreeSet::new();
        for fact in facts {
            let next = u16::try_from(self.facts.len()).unwrap();
            numbers.insert(*self.facts.entry(fact).or_insert(next));
        }
        numbers
    }
}

/// Where the things in a state stand, whichever ids they have.
fn stand(state: &State) -> impl Iterator<Item = String> + use<> {
    standings(state).into_iter().map(|standing| format!("{} {}", standing.machine, standing.status))
}

/// What is due in a state.
fn due(state: &State) -> impl Iterator<Item = String> + use<> {
    timers(state).into_iter().map(|timer| format!("{} is due", timer.kind.command().as_str()))
}
