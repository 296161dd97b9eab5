//! A frozen sample of each type and version of event, in `tests/compat/events.jsonl`: what later versions must still
//! read. Lines are added when an event is new, by `cargo xtask golden --update`, and never changed.

use super::WALK;
use crate::CommandKind;
use crate::codec::{decode, encode};
use crate::event::Event;
use crate::process::CommandRefused;
use crate::refusal::{Code, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

const FROZEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compat/events.jsonl");

/// Set by `cargo xtask golden --update`.
const ADD_VARIABLE: &str = "COUNTERFOIL_ADD_FROZEN_EVENTS";

const CANNOT_BE_READ: &str = "tests/compat/events.jsonl has events that can't be read any more, and is not changed. Logs \
    hold events of this form: give the new form a new schema version, and lift the old one in codec.rs. Only an event \
    that no release has written may be frozen anew: delete its line and run cargo xtask golden --update again.";

#[derive(Serialize, Deserialize)]
struct Line {
    r#type: String,
    version: u16,
    sha256: String,
    payload: Box<RawValue>,
}

impl Line {
    fn of(event: &Event) -> Self {
        let (name, version) = event.event_type();
        let payload = String::from_utf8(encode(event).unwrap()).unwrap();
        let sha256 = hex::encode(Sha256::digest(&payload));
        Self { r#type: name.to_owned(), version, sha256, payload: RawValue::from_string(payload).unwrap() }
    }
}

/// An event of each type: the longest that the walk met, and those that no command leads to.
fn samples() -> BTreeMap<&'static str, Event> {
    let met = WALK.events.iter().map(|(name, (_, event))| (*name, event.clone()));
    let mut samples: BTreeMap<_, _> = met.collect();
    let refusal = Refusal::new(Code::WrongState, "it is over");
    let refused = CommandRefused::event("funding", CommandKind::StartDepositAttempt, &refusal);
    samples.insert(refused.event_type().0, refused);
    samples
}

#[test]
fn every_type_of_event_has_a_frozen_sample() {
    let mut text = std::fs::read_to_string(FROZEN).unwrap_or_default();
    let frozen: Vec<Line> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_frozen =
        |name: &str, version| frozen.iter().any(|line| line.r#type == name && line.version == version);
    let missing: Vec<_> = Event::types().filter(|(name, version)| !is_frozen(name, *version)).collect();
    if std::env::var_os(ADD_VARIABLE).is_none() {
        assert!(missing.is_empty(), "run cargo xtask golden --update, which adds {missing:?}");
        return;
    }
    let is_unreadable =
        |line: &&Line| decode(&line.r#type, line.version, line.payload.get().as_bytes()).is_err();
    let unreadable: Vec<_> = frozen.iter().filter(is_unreadable).map(|line| &line.r#type).collect();
    assert!(unreadable.is_empty(), "{unreadable:?}: {CANNOT_BE_READ}");
    let samples = samples();
    for (name, _) in missing {
        let event = samples.get(name).unwrap_or_else(|| panic!("nothing leads to {name}: give it a sample"));
        writeln!(text, "{}", serde_json::to_string(&Line::of(event)).unwrap()).unwrap();
    }
    std::fs::write(FROZEN, text).unwrap();
}
