//! What processes did without effect on anything else: derived commands that a rule refused. They are recorded, so
//! that the same derivation finds the same outcome for ever.

use crate::command::CommandKind;
use crate::event::{Event, event_group};
use crate::refusal::Refusal;
use crate::stream::StreamId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The processes: who gives derived commands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ProcessName {$(
            $(#[$doc])*
            $name,
        )*}

        impl ProcessName {
            /// Every process.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name of its checkpoint, and of its actor, `system:NAME`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

names! {
    /// Has requested deposits captured.
    Funding = "funding";
    /// Sends money back that has no purpose, and what was refunded.
    Refunding = "refunding";
    /// Sends approved payouts.
    Payouts = "payouts";
    /// Fires what is due.
    Timers = "timers";
}

event_group! {
    /// Events of processes.
    ProcessEvent {
        /// A derived command was refused.
        CommandRefused(CommandRefused) = "process.command_refused", 1;
    }
}

/// Payload of `process.command_refused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
        if let Event::Process(ProcessEvent::CommandRefused(_)) = event {
            state.refused += 1;
        }
        state
    }
}
