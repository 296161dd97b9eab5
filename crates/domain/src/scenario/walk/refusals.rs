//! Every command in every world by everybody: what no table lets happen is refused, with the code that says why. A
//! refusal holds no events, so whatever is refused writes nothing.

use super::samples::{MISCAST, PARTS, Part, STRANGERS, part, samples};
use super::world::{Step, World};
use super::{ROWS, WALK};
use crate::refusal::Code;
use crate::scenario::standing::Standing;
use crate::scenario::tables::everything;
use crate::scenario::{CLIENT, CLIENT_AS_TALENT, TALENT, drafted, given, submitted};
use crate::{Command, CommandKind};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Findings that are shown of one kind.
const SHOWN_MAX: usize = 40;

/// What is refused for the state that something is in: the thing itself, its timer, its funds, its account, or what is
/// known already.
const OF_STATE: &[Code] =
    &[Code::WrongState, Code::TimerStale, Code::FundsFrozen, Code::AccountOnHold, Code::AlreadyRecorded];

/// What is refused for the side that somebody is on, where they may know of the thing at all.
const OF_SIDE: &[Code] = &[Code::Forbidden, Code::NotFound];

/// What anybody of the role may do: it begins something, or joins what is open to all.
const OPEN_TO_ANYBODY: &[CommandKind] =
    &[CommandKind::CreateJob, CommandKind::SaveProposal, CommandKind::SubmitProposal];

/// What somebody does who wants a job.
const PROPOSING: &[CommandKind] = &[CommandKind::SaveProposal, CommandKind::SubmitProposal];

/// Why a proposal is refused for a job of one's own: that it is, or that nobody can propose for it.
const OF_PROPOSING: &[Code] = &[Code::OwnJob, Code::WrongState, Code::JobFull, Code::NotFound];

/// Machines whose things are hidden from the other side at first, so that they are not even found.
const HIDDEN_AT_FIRST: &[&str] = &["proposal"];

/// A command, what it is about in a world, and where that stands there.
struct Try {
    command: Command,
    about: Vec<Standing>,
}

/// Everything that is tried in a world.
fn tried(world: &World) -> Vec<Try> {
    let everything = everything(&world.states);
    let mut commands = samples(world);
    commands.extend(world.stale());
    let about = |command: Command| {
        let json = serde_json::to_value(&command).unwrap();
        let fields = json.as_object().unwrap().values().next().unwrap();
        let is_about = |standing: &&Standing| fields[format!("{}_id", standing.machine)] == standing.subject;
        Try { about: everything.iter().filter(is_about).cloned().collect(), command }
    };
    commands.into_iter().map(about).collect()
}

impl Try {
    /// Where something stands from where none of the actor's rows leads on.
    fn refused_for_state(&self, part: &Part) -> Option<&Standing> {
        self.about.iter().find(|standing| {
            let rows = ROWS[standing.machine].iter().filter(|row| row.command == self.command.kind());
            let mut own = rows.clone().filter(|row| part.has_any(row.actors));
            rows.clone().next().is_some() && !own.any(|row| row.starts_from(Some(&standing.status)))
        })
    }

    /// Whether no role of the actor's has the command.
    fn refused_for_role(&self, part: &Part) -> bool {
        !part.has_any(&self.command.kind().roles())
    }

    fn is_open_to_anybody(&self) -> bool {
        OPEN_TO_ANYBODY.contains(&self.command.kind())
    }

    /// The code that the command is refused with.
    fn refusal(&self, world: &World, part: &Part) -> Option<Code> {
        let step = Step { part: *part, command: self.command.clone(), at: world.now };
        world.attempt(&step).err().map(|refusal| refusal.code)
    }
}

/// What was tried, and what of it did not end as it must, counted by what it has in common.
#[derive(Default)]
struct Findings {
    tried: usize,
    found: BTreeMap<String, (usize, String)>,
}

impl Findings {
    /// Takes in that `command`, by `part` in `world`, was refused with `code`, which is one of those that it must be.
    fn expect(&mut self, (world, part): (&World, &Part), tried: &Try, holds: impl Fn(Code) -> bool) {
        self.tried += 1;
        let code = tried.refusal(world, part);
        if !code.is_some_and(holds) {
            let what = format!("{:?} by {}: {code:?}", tried.command.kind(), part.name);
            self.found.entry(what).or_insert_with(|| (0, world.to_string())).0 += 1;
        }
    }

    #[track_caller]
    fn none(&self) {
        let mut shown = String::new();
        for (what, (count, world)) in self.found.iter().take(SHOWN_MAX) {
            writeln!(shown, "{what} ({count} times), first after {world}").unwrap();
        }
        assert!(self.found.is_empty(), "{} findings:\n{shown}", self.found.len());
        assert!(self.tried > 0, "nothing was tried");
    }
}

/// Everything that is tried in any world, with the world.
fn everywhere() -> impl Iterator<Item = (&'static World, Try)> {
    WALK.landmarks().flat_map(|world| tried(world).into_iter().map(move |tried| (world, tried)))
}

#[test]
fn a_role_that_no_row_gives_a_command_is_forbidden_it_everywhere() {
    let mut findings = Findings::default();
    for (world, tried) in everywhere() {
        let everybody = PARTS.iter().chain(STRANGERS).chain(MISCAST);
        for part in everybody.filter(|part| tried.refused_for_role(part)) {
            findings.expect((world, part), &tried, |code| code == Code::Forbidden);
        }
    }
    findings.none();
}

#[test]
fn what_no_row_leads_on_from_is_refused_for_its_state() {
    let mut findings = Findings::default();
    for (world, tried) in everywhere() {
        for part in PARTS.iter().filter(|part| !tried.refused_for_role(part)) {
            if let Some(Standing { machine, .. }) = tried.refused_for_state(part) {
                let is_hidden = |code| HIDDEN_AT_FIRST.contains(machine) && code == Code::NotFound;
                findings.expect((world, part), &tried, |code| is_hidden(code) || OF_STATE.contains(&code));
            }
        }
    }
    findings.none();
}

#[test]
fn strangers_find_nothing_of_what_others_have() {
    let mut findings = Findings::default();
    for (world, tried) in everywhere().filter(|(_, tried)| !tried.is_open_to_anybody()) {
        for part in STRANGERS.iter().filter(|part| !tried.refused_for_role(part)) {
            findings.expect((world, part), &tried, |code| code == Code::NotFound);
        }
    }
    findings.none();
}

#[test]
fn nobody_acts_for_the_other_side() {
    let mut findings = Findings::default();
    for (world, tried) in everywhere().filter(|(_, tried)| !tried.is_open_to_anybody()) {
        for part in MISCAST.iter().filter(|part| !tried.refused_for_role(part)) {
            findings.expect((world, part), &tried, |code| OF_SIDE.contains(&code));
        }
    }
    findings.none();
}

#[test]
fn nobody_proposes_for_a_job_of_their_own() {
    let mut findings = Findings::default();
    let own = part("the client as a talent", CLIENT_AS_TALENT);
    for (world, tried) in everywhere().filter(|(_, tried)| PROPOSING.contains(&tried.command.kind())) {
        findings.expect((world, &own), &tried, |code| OF_PROPOSING.contains(&code));
    }
    findings.none();
}

#[test]
fn the_tables_tell_what_is_refused_from_what_is_not() {
    let open = World::begin("an open job", given([drafted(1), submitted()]));
    let (client, talent) = (part("client", CLIENT), part("talent", TALENT));
    let of = |kind| tried(&open).into_iter().find(|tried| tried.command.kind() == kind).unwrap();
    assert!(of(CommandKind::SubmitJob).refused_for_state(&client).is_some(), "it is open already");
    assert!(of(CommandKind::PauseJob).refused_for_state(&client).is_none());
    assert!(of(CommandKind::PauseJob).refused_for_role(&talent));
    assert!(!of(CommandKind::PauseJob).refused_for_role(&client));
    assert_eq!(of(CommandKind::PauseJob).refusal(&open, &client), None);
}
