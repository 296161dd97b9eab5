//! Pausing: an operator stops a process, or the calls to a rail's provider, and has it go on. Nothing is lost meanwhile:
//! a paused process keeps its place in the log, and what is due becomes overdue.

use super::{
    Marketplace, MarketplaceEvent, MarketplaceStatus, ProcessPaused, ProcessResumed, RailPaused, RailResumed,
    TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::process::ProcessName;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Title;
use crate::transition::consult;
use serde::Serialize;

/// Pauses a process.
#[derive(Clone, Debug, Serialize)]
pub struct PauseProcess {
    /// Which process.
    pub process: ProcessName,
    /// Why.
    pub reason: Title,
}

/// Has a process go on.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeProcess {
    /// Which process.
    pub process: ProcessName,
}

/// Pauses the calls to a rail's provider.
#[derive(Clone, Debug, Serialize)]
pub struct PauseRail {
    /// Which rail.
    pub rail: &'static str,
    /// Why.
    pub reason: Title,
}

/// Has the calls to a rail's provider go on.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeRail {
    /// Which rail.
    pub rail: &'static str,
}

pub(crate) fn process(command: &PauseProcess, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let paused = operated(states, CommandKind::PauseProcess, cx)?.paused_processes.contains(&command.process);
    changes(!paused, "the process is paused already", "process")?;
    let (process, reason) = (command.process, command.reason.clone());
    Ok(vec![Event::Marketplace(MarketplaceEvent::ProcessPaused(ProcessPaused { process, reason }))])
}

pub(crate) fn resume_process(
    command: &ResumeProcess,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let paused =
        operated(states, CommandKind::ResumeProcess, cx)?.paused_processes.contains(&command.process);
    changes(paused, "the process is not paused", "process")?;
    let process = command.process;
    Ok(vec![Event::Marketplace(MarketplaceEvent::ProcessResumed(ProcessResumed { process }))])
}

pub(crate) fn rail(command: &PauseRail, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let paused = operated(states, CommandKind::PauseRail, cx)?.paused_rails.contains(command.rail);
    changes(!paused, "the rail is paused already", "rail")?;
    let (rail, reason) = (command.rail.to_owned(), command.reason.clone());
    Ok(vec![Event::Marketplace(MarketplaceEvent::RailPaused(RailPaused { rail, reason }))])
}

pub(crate) fn resume_rail(
    command: &ResumeRail,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let paused = operated(states, CommandKind::ResumeRail, cx)?.paused_rails.contains(command.rail);
    changes(paused, "the rail is not paused", "rail")?;
    let rail = command.rail.to_owned();
    Ok(vec![Event::Marketplace(MarketplaceEvent::RailResumed(RailResumed { rail }))])
}

/// The marketplace, if an operator may give this command.
pub(super) fn operated<'a>(
    states: &'a States,
    kind: CommandKind,
    cx: &Context,
) -> Result<&'a Marketplace, Refusal> {
    cx.actor.person_as(Role::Admin)?;
    let marketplace = states.marketplace()?;
    consult(TRANSITIONS, Some(MarketplaceStatus::Open), kind, Role::Admin, MarketplaceStatus::Open)?;
    Ok(marketplace)
}

fn changes(something: bool, message: &'static str, field: &'static str) -> Result<(), Refusal> {
    if something { Ok(()) } else { Err(Refusal::new(Code::WrongState, message).at(field)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ADMIN, CLIENT, given};

    #[test]
    fn a_process_is_paused_and_resumed_by_an_operator() {
        let pause =
            || PauseProcess { process: ProcessName::Funding, reason: Title::parse("bank outage").unwrap() };
        let resume = ResumeProcess { process: ProcessName::Funding };
        given([]).when(CLIENT, pause()).refused(Code::Forbidden);
        given([]).when(ADMIN, resume.clone()).refused_at(Code::WrongState, "process");
        let paused = given([]).when(ADMIN, pause()).events().to_vec();
        given(paused.clone()).when(ADMIN, pause()).refused_at(Code::WrongState, "process");
        let states = given(paused.clone()).into_states();
        assert!(states.marketplace().unwrap().paused_processes.contains(&ProcessName::Funding));
        let resumed = given(paused.clone()).when(ADMIN, resume).events().to_vec();
        let states = given(paused).and(resumed).into_states();
        assert!(states.marketplace().unwrap().paused_processes.is_empty());
    }

    #[test]
    fn a_rail_is_paused_and_resumed_by_an_operator() {
        let pause = PauseRail { rail: "sandbox", reason: Title::parse("incident").unwrap() };
        let paused = given([]).when(ADMIN, pause).events().to_vec();
        given([]).when(ADMIN, ResumeRail { rail: "sandbox" }).refused_at(Code::WrongState, "rail");
        let resumed = given(paused.clone()).when(ADMIN, ResumeRail { rail: "sandbox" }).events().to_vec();
        assert!(given(paused).and(resumed).into_states().marketplace().unwrap().paused_rails.is_empty());
    }
}
