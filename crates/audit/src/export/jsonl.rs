//! The log as JSON lines: everything that a record says, so that its leaf hash can be computed again from a line.

use std::io::{self, Write};

use domain::id::{EventId, TypedId};
use eventstore::{Micros, Record};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::at::instant;

#[derive(Serialize)]
struct Line<'a> {
    position: u64,
    event_id: EventId,
    #[serde(rename = "type")]
    event_type: &'a str,
    schema_version: u16,
    #[serde(serialize_with = "instant")]
    recorded_at: Micros,
    #[serde(serialize_with = "instant")]
    effective_at: Micros,
    actor: &'a str,
    correlation: Uuid,
    causation: Option<EventId>,
    command_key: String,
    request_mac: String,
    streams: Vec<Stream<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_hex: Option<String>,
    leaf: String,
}

#[derive(Serialize)]
struct Stream<'a> {
    stream: &'a str,
    revision: u64,
}

/// One event. The payload is `payload`, its bytes as they were written; should it not be JSON on one line, it is
/// `payload_hex` instead.
pub(super) fn event(out: &mut dyn Write, record: &Record) -> io::Result<()> {
    let header = record.header();
    let payload = json(record.payload());
    let line = Line {
        position: header.position.get(),
        event_id: EventId::from_uuid(header.event_id),
        event_type: &header.event_type,
        schema_version: header.schema_version,
        recorded_at: header.recorded_at,
        effective_at: header.effective_at,
        actor: &header.actor,
        correlation: header.correlation,
        causation: header.causation.map(EventId::from_uuid),
        command_key: hex::encode(header.command_key.as_bytes()),
        request_mac: hex::encode(header.request_mac.as_bytes()),
        streams: header
            .memberships
            .iter()
            .map(|held| Stream { stream: &held.stream, revision: held.revision })
            .collect(),
        payload,
        payload_hex: payload.is_none().then(|| hex::encode(record.payload())),
        leaf: hex::encode(record.leaf().as_bytes()),
    };
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

/// The bytes as JSON, if they are all of one value and one line; nothing is left out or added.
fn json(payload: &[u8]) -> Option<&RawValue> {
    let raw: &RawValue = serde_json::from_slice(payload).ok()?;
    let whole = raw.get().len() == payload.len() && !payload.contains(&b'\n') && !payload.contains(&b'\r');
    whole.then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventstore::{CommandKey, Header, Membership, Position, RequestMac};
    use serde_json::Value;

    fn written(payload: &[u8]) -> String {
        let header = Header {
            marketplace: "demo".into(),
            position: Position::new(7),
            event_id: Uuid::from_u128(7),
            event_type: "job.created".into(),
            schema_version: 1,
            recorded_at: 1,
            effective_at: -1,
            command_key: CommandKey::from_bytes([1; 32]),
            request_mac: RequestMac::from_bytes([2; 32]),
            actor: "a \"b\"\n\u{2028}".into(),
            correlation: Uuid::nil(),
            causation: None,
            memberships: vec![Membership { stream: "job/x".into(), revision: 3 }],
        };
        let mut out = Vec::new();
        event(&mut out, &Record::seal(header, payload)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_payload_keeps_its_bytes() {
        let payload = r#"{"b": 1.50,  "a":"\u00e9é"}"#;
        let line = written(payload.as_bytes());
        assert!(line.contains(&format!(r#""payload":{payload},"#)), "{line}");
        assert!(line.contains(r#""effective_at":"1969-12-31T23:59:59.999999Z""#), "{line}");
    }

    #[test]
    fn whatever_the_payload_is_the_event_is_one_line() {
        for payload in [&b"{\n}"[..], b"not json", b" 1", b"1 ", b"{}{}", b"\xff", b""] {
            let line = written(payload);
            assert_eq!(line.matches(['\n', '\r']).count(), 1, "{line}");
            let value: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(value["payload_hex"], hex::encode(payload));
            assert!(value.get("payload").is_none());
            assert_eq!(value["actor"], "a \"b\"\n\u{2028}");
        }
    }
}
