//! The canonical encoding of a record, and its leaf hash.
//!
//! Shape: a format byte, then every field in one fixed order; integers big-endian, anything of variable length behind
//! its length. The payload comes last. `docs/log-format.md` gives the layout byte by byte.
//!
//! Cost: encoding is one allocation of the exact size; decoding allocates only after a length was found to fit. Bounds:
//! the `*_MAX` constants, checked when decoding and before appending.
//!
//! There is exactly one encoding of a record: what decodes at all encodes to the same bytes again.

use std::{borrow::Cow, sync::Arc};

use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::{
    digest::{CommandKey, LeafHash, RequestMac},
    record::{Header, Membership, Position},
};

/// First byte of every record.
pub const RECORD_FORMAT: u8 = 1;
/// Most bytes of a marketplace's name.
pub const MARKETPLACE_BYTES_MAX: usize = 64;
/// Most bytes of an event's type.
pub const EVENT_TYPE_BYTES_MAX: usize = 128;
/// Most bytes of an actor's name.
pub const ACTOR_BYTES_MAX: usize = 256;
/// Most bytes of a stream's name.
pub const STREAM_BYTES_MAX: usize = 256;
/// Most streams that one record belongs to.
pub const MEMBERSHIPS_MAX: usize = 64;
/// Most bytes of a payload.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of all fields of fixed size, and of the lengths of the others, without memberships.
const FIXED_BYTES: usize = 1 + 4 + 8 + 16 + 4 + 2 + 8 + 8 + 32 + 32 + 4 + 16 + 1 + 4 + 4;

/// Why bytes are not a record, or a record may not be appended.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// Written by something newer, or not a record.
    #[error("record format {found} is not known here (this version reads format {RECORD_FORMAT})")]
    UnknownFormat {
        /// The first byte.
        found: u8,
    },
    /// The bytes end inside a field.
    #[error("the record ends inside its {field}")]
    Truncated {
        /// Name of that field.
        field: &'static str,
    },
    /// A length, count or number beyond what the field may hold.
    #[error("{field} is {found}, outside {min} to {max}")]
    OutOfBounds {
        /// Name of the field.
        field: &'static str,
        /// Its length, count or value.
        found: u64,
        /// The least allowed.
        min: u64,
        /// The most allowed.
        max: u64,
    },
    /// A text that is none.
    #[error("{field} is not UTF-8")]
    NotUtf8 {
        /// Name of the field.
        field: &'static str,
    },
    /// The byte before an optional field is neither 0 nor 1.
    #[error("the flag before {field} is {found}, neither 0 nor 1")]
    BadFlag {
        /// Name of the field.
        field: &'static str,
        /// The flag.
        found: u8,
    },
    /// One stream is named twice.
    #[error("the record belongs to the stream {stream} twice")]
    RepeatedStream {
        /// Its name.
        stream: Arc<str>,
    },
    /// More bytes follow the payload.
    #[error("{count} bytes follow the end of the record")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
}

/// The leaf hash of canonical bytes.
pub(crate) fn leaf(bytes: &[u8]) -> LeafHash {
    // The zero byte keeps a leaf from being taken for an inner node of the tree.
    LeafHash::from_bytes(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

/// The canonical bytes, and where the payload starts in them.
pub(crate) fn encode(header: &Header, payload: &[u8]) -> (Vec<u8>, usize) {
    let names = header.marketplace.len() + header.event_type.len() + header.actor.len();
    let memberships: usize = header.memberships.iter().map(|membership| 12 + membership.stream.len()).sum();
    let mut out = Vec::with_capacity(FIXED_BYTES + 16 + names + memberships + payload.len());
    out.push(RECORD_FORMAT);
    put_text(&mut out, &header.marketplace);
    out.extend_from_slice(&header.position.get().to_be_bytes());
    out.extend_from_slice(header.event_id.as_bytes());
    put_text(&mut out, &header.event_type);
    out.extend_from_slice(&header.schema_version.to_be_bytes());
    out.extend_from_slice(&header.recorded_at.to_be_bytes());
    out.extend_from_slice(&header.effective_at.to_be_bytes());
    out.extend_from_slice(header.command_key.as_bytes());
    out.extend_from_slice(header.request_mac.as_bytes());
    put_text(&mut out, &header.actor);
    out.extend_from_slice(header.correlation.as_bytes());
    out.push(u8::from(header.causation.is_some()));
    if let Some(causation) = &header.causation {
        out.extend_from_slice(causation.as_bytes());
    }
    put_length(&mut out, header.memberships.len());
    for membership in &header.memberships {
        put_text(&mut out, &membership.stream);
        out.extend_from_slice(&membership.revision.to_be_bytes());
    }
    put_length(&mut out, payload.len());
    let payload_at = out.len();
    out.extend_from_slice(payload);
    (out, payload_at)
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    // A length that does not fit is far beyond every limit, so `check` refuses the record before it is stored.
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
}

/// Reads a header, strictly; answers with it and with where the payload starts.
pub(crate) fn decode(bytes: &[u8], known: Option<&Arc<str>>) -> Result<(Header, usize), RecordError> {
    let mut input = Input { rest: bytes };
    let format = input.byte("format")?;
    if format != RECORD_FORMAT {
        return Err(RecordError::UnknownFormat { found: format });
    }
    let marketplace = input.text("marketplace", MARKETPLACE_BYTES_MAX)?;
    let header = Header {
        marketplace: match known {
            Some(known) if **known == *marketplace => Arc::clone(known),
            Some(_) | None => Arc::from(marketplace),
        },
        position: Position::new(input.number("position")?),
        event_id: Uuid::from_bytes(input.array("event id")?),
        event_type: Cow::Owned(input.text("event type", EVENT_TYPE_BYTES_MAX)?.to_owned()),
        schema_version: u16::from_be_bytes(input.array("schema version")?),
        recorded_at: i64::from_be_bytes(input.array("recorded instant")?),
        effective_at: i64::from_be_bytes(input.array("effective instant")?),
        command_key: CommandKey::from_bytes(input.array("command key")?),
        request_mac: RequestMac::from_bytes(input.array("request mac")?),
        actor: Arc::from(input.text("actor", ACTOR_BYTES_MAX)?),
        correlation: Uuid::from_bytes(input.array("correlation")?),
        causation: input.optional_uuid("causation")?,
        memberships: input.memberships()?,
    };
    let payload_length = input.length("payload", 0, PAYLOAD_BYTES_MAX)?;
    let payload_at = bytes.len() - input.rest.len();
    input.take(payload_length, "payload")?;
    if !input.rest.is_empty() {
        return Err(RecordError::TrailingBytes { count: input.rest.len() });
    }
    check_streams(&header.memberships)?;
    Ok((header, payload_at))
}

/// Holds a header that did not come from `decode` to the same limits.
pub(crate) fn check(header: &Header, payload_length: usize) -> Result<(), RecordError> {
    within("marketplace", header.marketplace.len(), 1, MARKETPLACE_BYTES_MAX)?;
    numbered("position", header.position.get())?;
    within("event type", header.event_type.len(), 1, EVENT_TYPE_BYTES_MAX)?;
    within("actor", header.actor.len(), 1, ACTOR_BYTES_MAX)?;
    within("memberships", header.memberships.len(), 1, MEMBERSHIPS_MAX)?;
    for membership in &header.memberships {
        within("stream", membership.stream.len(), 1, STREAM_BYTES_MAX)?;
        numbered("revision", membership.revision)?;
    }
    within("payload", payload_length, 0, PAYLOAD_BYTES_MAX)?;
    check_streams(&header.memberships)
}

fn check_streams(memberships: &[Membership]) -> Result<(), RecordError> {
    // Quadratic, which beats a set for the few streams that a record has; MEMBERSHIPS_MAX bounds it.
    for (index, membership) in memberships.iter().enumerate() {
        if memberships[..index].iter().any(|earlier| earlier.stream == membership.stream) {
            return Err(RecordError::RepeatedStream { stream: Arc::clone(&membership.stream) });
        }
    }
    Ok(())
}

fn within(field: &'static str, found: usize, min: usize, max: usize) -> Result<(), RecordError> {
    if (min..=max).contains(&found) {
        return Ok(());
    }
    Err(RecordError::OutOfBounds { field, found: found as u64, min: min as u64, max: max as u64 })
}

/// Positions and revisions count from 1 and fit the signed integers of the databases.
fn numbered(field: &'static str, found: u64) -> Result<(), RecordError> {
    let max = Position::LAST.get();
    if (1..=max).contains(&found) {
        return Ok(());
    }
    Err(RecordError::OutOfBounds { field, found, min: 1, max })
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(RecordError::Truncated { field })?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], RecordError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(RecordError::Truncated { field })?;
        self.rest = rest;
        Ok(*taken)
    }

    fn byte(&mut self, field: &'static str) -> Result<u8, RecordError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    fn number(&mut self, field: &'static str) -> Result<u64, RecordError> {
        let number = u64::from_be_bytes(self.array(field)?);
        numbered(field, number)?;
        Ok(number)
    }

    fn length(&mut self, field: &'static str, min: usize, max: usize) -> Result<usize, RecordError> {
        let length = u32::from_be_bytes(self.array(field)?) as usize;
        within(field, length, min, max)?;
        Ok(length)
    }

    fn text(&mut self, field: &'static str, max: usize) -> Result<&'a str, RecordError> {
        let length = self.length(field, 1, max)?;
        std::str::from_utf8(self.take(length, field)?).map_err(|_| RecordError::NotUtf8 { field })
    }

    fn optional_uuid(&mut self, field: &'static str) -> Result<Option<Uuid>, RecordError> {
        match self.byte(field)? {
            0 => Ok(None),
            1 => Ok(Some(Uuid::from_bytes(self.array(field)?))),
            found => Err(RecordError::BadFlag { field, found }),
        }
    }

    fn memberships(&mut self) -> Result<Vec<Membership>, RecordError> {
        let count = self.length("memberships", 1, MEMBERSHIPS_MAX)?;
        let mut memberships = Vec::with_capacity(count);
        for _ in 0..count {
            let stream = Arc::from(self.text("stream", STREAM_BYTES_MAX)?);
            memberships.push(Membership { stream, revision: self.number("revision")? });
        }
        Ok(memberships)
    }
}
