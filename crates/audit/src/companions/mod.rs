//! What one command records together: which events must follow the one that it begins with, and no others.
//!
//! Shape: each event of a command, with the states before it, says which events follow it at once, in order. Each
//! further record under the same key must be the next of these.

mod companion;
mod disputes;
mod follows;
mod milestones;

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Event, States, Timestamp};
use eventstore::{CommandKey, Header, Position};

use self::companion::Companion;
use self::follows::{begun, follows, stands_alone};
use crate::pass::Breach;
use crate::report::code;

/// The command that the last record belongs to, and what must still follow under its key.
#[derive(Default)]
pub(crate) struct Companions {
    key: Option<CommandKey>,
    actor: Option<Arc<str>>,
    begun: Position,
    awaited: VecDeque<Companion>,
    /// An event of this command can't be judged, so neither can what follows it.
    unknown: bool,
}

impl Companions {
    /// Takes the next event, with the states before it; answers with what is wrong, and where.
    pub(crate) fn next(
        &mut self,
        header: &Header,
        event: &Event,
        states: &States,
    ) -> Vec<(Position, Breach)> {
        let found = Companion::of(event);
        if self.key == Some(header.command_key) {
            // One command is one person's, process's or provider's.
            let found = found.filter(|_| self.actor.as_deref() == Some(&header.actor));
            return self.follow(header, found.as_ref(), (event, states));
        }
        let mut breaches: Vec<_> = self.end().into_iter().collect();
        self.begin(header);
        if let Some(whole) = begun(event, &header.actor, states) {
            self.awaited = whole;
            breaches.extend(self.follow(header, found.as_ref(), (event, states)));
            return breaches;
        }
        self.await_after(header, event, states);
        if found.is_some() && !stands_alone(event, &header.actor, states) {
            breaches.push((header.position, unexpected(event)));
            self.unknown = true;
        }
        breaches
    }

    /// Takes an event that can't be judged.
    pub(crate) fn skip(&mut self, header: &Header) {
        if self.key != Some(header.command_key) {
            self.begin(header);
        }
        self.unknown = true;
    }

    /// Ends the command; answers with what is missing from it.
    pub(crate) fn end(&mut self) -> Option<(Position, Breach)> {
        let missing = self.awaited.pop_front().filter(|_| !self.unknown)?;
        self.awaited.clear();
        let message = format!("the event is not followed by {}", missing.name());
        Some((self.begun, (code::COMPANION_MISSING, message)))
    }

    fn begin(&mut self, header: &Header) {
        *self = Self {
            key: Some(header.command_key),
            actor: Some(header.actor.clone()),
            begun: header.position,
            ..Self::default()
        };
    }

    fn follow(
        &mut self,
        header: &Header,
        found: Option<&Companion>,
        (event, states): (&Event, &States),
    ) -> Vec<(Position, Breach)> {
        if self.unknown {
            return Vec::new();
        }
        if found.is_some() && self.awaited.front() == found {
            self.awaited.pop_front();
            self.await_after(header, event, states);
            return Vec::new();
        }
        let missing = self.end();
        self.unknown = true;
        missing.into_iter().chain([(header.position, unexpected(event))]).collect()
    }

    /// Puts what must follow `event` in front of all else that is awaited.
    fn await_after(&mut self, header: &Header, event: &Event, states: &States) {
        match follows(event, states, Timestamp::from_micros(header.recorded_at)) {
            Some(mut next) => {
                next.append(&mut self.awaited);
                self.awaited = next;
            }
            None => self.unknown = true,
        }
    }
}

fn unexpected(event: &Event) -> Breach {
    let (name, _) = event.event_type();
    let message = format!("{name} as it is does not follow from what its command recorded before");
    (code::COMPANION_UNEXPECTED, message)
}
