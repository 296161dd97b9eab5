//! Events that were once written must be readable for ever: each line of `events.jsonl` is one, frozen when its type, or
//! a new version of it, came to be.
//!
//! A line that fails here is not to be corrected: logs hold such events. A new form is a new schema version, and the old
//! one is lifted by the codec. `cargo xtask golden --update` adds the line of what is new.

#![allow(clippy::unwrap_used, reason = "a suite panics where a promise is broken")]

mod schemas;

use aws_lc_rs::digest::{SHA256, digest};
use domain::Event;
use domain::codec::{decode, encode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

const FROZEN: &str = include_str!("events.jsonl");

#[derive(Deserialize)]
struct Line<'a> {
    r#type: &'a str,
    version: u16,
    sha256: &'a str,
    #[serde(borrow)]
    payload: &'a RawValue,
}

impl Line<'_> {
    /// Whether the payload is, byte for byte, the one that was frozen.
    fn is_untouched(&self) -> bool {
        hex::encode(digest(&SHA256, self.payload.get().as_bytes())) == self.sha256
    }

    fn event(&self) -> Event {
        decode(self.r#type, self.version, self.payload.get().as_bytes())
            .unwrap_or_else(|error| panic!("{} v{}: {error}", self.r#type, self.version))
    }

    fn is_current(&self) -> bool {
        Event::types().any(|(name, version)| (name, version) == (self.r#type, self.version))
    }
}

fn lines() -> Vec<Line<'static>> {
    FROZEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_frozen_event_is_as_it_was_frozen() {
    for line in lines() {
        assert!(line.is_untouched(), "{} v{} was changed: restore its line", line.r#type, line.version);
    }
}

#[test]
fn every_frozen_event_reads_and_writes_the_same() {
    for line in lines() {
        let event = line.event();
        let written = encode(&event).unwrap();
        let (name, version) = event.event_type();
        assert_eq!(decode(name, version, &written).unwrap(), event, "{name} v{version}");
        if line.is_current() {
            let (before, after): (Value, Value) = (
                serde_json::from_str(line.payload.get()).unwrap(),
                serde_json::from_slice(&written).unwrap(),
            );
            assert_eq!(after, before, "{name} v{version}: a new form needs a new version");
        }
    }
}

#[test]
fn every_type_of_event_has_a_line_of_its_current_version() {
    let frozen: BTreeSet<_> = lines().iter().map(|line| (line.r#type, line.version)).collect();
    let missing: Vec<_> = Event::types().filter(|event_type| !frozen.contains(event_type)).collect();
    assert!(missing.is_empty(), "run cargo xtask golden --update, which adds {missing:?}");
}

#[test]
fn every_version_is_frozen_once() {
    let mut frozen = BTreeSet::new();
    for line in lines() {
        assert!(frozen.insert((line.r#type, line.version)), "{} v{} twice", line.r#type, line.version);
    }
}

#[test]
fn an_altered_line_is_noticed() {
    let line = FROZEN.lines().next().unwrap();
    let altered = line.replacen("\"payload\":{\"", "\"payload\":{ \"", 1);
    assert!(serde_json::from_str::<Line<'_>>(line).unwrap().is_untouched());
    assert!(!serde_json::from_str::<Line<'_>>(&altered).unwrap().is_untouched());
}
