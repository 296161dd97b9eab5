//! The messages of `graphql-transport-ws`, and the codes with which a WebSocket is closed.

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The subprotocol.
pub(super) const PROTOCOL: &str = "graphql-transport-ws";
/// Longest id of an operation, in bytes; a close frame quotes it.
pub(super) const ID_BYTES_MAX: usize = 64;

/// Why a WebSocket is closed: RFC 6455's code for a node that goes away, the subprotocol's, and one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseCode {
    /// The node stops; connect again.
    GoingAway = 1_001,
    /// A message that the subprotocol doesn't have.
    BadMessage = 4_400,
    /// An operation before the connection was acknowledged.
    Unauthorized = 4_401,
    /// The token doesn't hold, or no longer.
    Forbidden = 4_403,
    /// The connection wasn't initialised in time.
    InitTimeout = 4_408,
    /// The id of an operation that is still going on.
    DuplicateId = 4_409,
    /// The connection was initialised before.
    TooManyInits = 4_429,
    /// The client doesn't take what it asked for; ours.
    SlowConsumer = 4_499,
}

/// A message of the client.
#[derive(Debug)]
pub(super) enum Heard {
    /// With the value of `Authorization`, if there is one.
    Init {
        authorization: Option<String>,
    },
    Ping,
    Pong,
    /// With the request as JSON.
    Subscribe {
        id: String,
        request: Box<RawValue>,
    },
    Complete {
        id: String,
    },
}

#[derive(Deserialize)]
struct Incoming {
    #[serde(rename = "type")]
    kind: String,
    id: Option<String>,
    payload: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Init {
    #[serde(alias = "Authorization")]
    authorization: Option<String>,
}

/// Reads a message; `None` if the subprotocol has no such thing.
pub(super) fn parse(text: &str) -> Option<Heard> {
    let Incoming { kind, id, payload } = serde_json::from_str(text).ok()?;
    let id = id.filter(|id| !id.is_empty() && id.len() <= ID_BYTES_MAX);
    Some(match kind.as_str() {
        "connection_init" => {
            let init: Option<Init> =
                payload.map(|payload| serde_json::from_str(payload.get())).transpose().ok()?;
            Heard::Init { authorization: init.and_then(|init| init.authorization) }
        }
        "ping" => Heard::Ping,
        "pong" => Heard::Pong,
        "subscribe" => Heard::Subscribe { id: id?, request: payload? },
        "complete" => Heard::Complete { id: id? },
        _ => return None,
    })
}

/// A message of ours.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Told<'a> {
    ConnectionAck,
    Pong,
    Next { id: &'a str, payload: &'a RawValue },
    Error { id: &'a str, payload: &'a [ServerError] },
    Complete { id: &'a str },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_subprotocol_does_not_have_is_no_message() {
        let long = "x".repeat(ID_BYTES_MAX + 1);
        for text in [
            "",
            "[]",
            r#"{"type": "start", "id": "1", "payload": {}}"#,
            r#"{"type": "subscribe", "payload": {}}"#,
            r#"{"type": "subscribe", "id": "1"}"#,
            r#"{"type": "subscribe", "id": "", "payload": {}}"#,
            r#"{"type": "connection_init", "payload": {"authorization": 1}}"#,
            r#"{"type": "complete"}"#,
            &format!(r#"{{"type": "complete", "id": "{long}"}}"#),
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_init_carries_a_token_or_none() {
        let token = |text: &str| match parse(text) {
            Some(Heard::Init { authorization }) => authorization,
            other => panic!("{other:?}"),
        };
        assert_eq!(token(r#"{"type": "connection_init"}"#), None);
        assert_eq!(token(r#"{"type": "connection_init", "payload": null}"#), None);
        assert_eq!(token(r#"{"type": "connection_init", "payload": {"theme": 1}}"#), None);
        for name in ["authorization", "Authorization"] {
            let text = format!(r#"{{"type": "connection_init", "payload": {{"{name}": "Bearer x"}}}}"#);
            assert_eq!(token(&text).as_deref(), Some("Bearer x"));
        }
    }
}
