//! What processes did without effect on anything else: derived commands that a rule refused. They are recorded, so
//! that the same derivation finds the same outcome for ever.

use crate::command::CommandKind;
use crate::event::{Event, event_group};
use crate::refusal::Refusal;
use crate::stream::StreamId;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of processes.
    ProcessEvent {
        /// A derived command was refused.
        CommandRefused(CommandRefused) = "process.command_refused", 1;
    }
}

/// Payload of `process.command_refused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRefused {
    /// The process that derived it.
    pub process: String,
    /// The command's name.
    pub command: String,
    /// The refusal's code.
    pub code: String,
}

impl CommandRefused {
    /// The event of a derived command of `kind` that `process` gave and a rule refused.
    pub fn event(process: &str, kind: CommandKind, refusal: &Refusal) -> Event {
        Event::Process(ProcessEvent::CommandRefused(Self {
            process: process.to_owned(),
            command: kind.as_str().to_owned(),
            code: refusal.code.as_str().to_owned(),
        }))
    }
}

impl ProcessEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::CommandRefused(e) => vec![StreamId::Process(e.process.clone())],
        }
    }
}

/// How often a process's commands were refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Refusals so far.
    pub refused: u64,
}

impl Process {
    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Self {
        let mut state = state.unwrap_or_default();
        match event {
            Event::Process(ProcessEvent::CommandRefused(_)) => state.refused += 1,
            Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Deposit(_) => {}
        }
        state
    }
}
