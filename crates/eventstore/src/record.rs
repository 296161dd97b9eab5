//! A recorded event: where it stands, what it belongs to, and the bytes that were written.
//!
//! Shape: a [`Header`] beside an opaque payload, both inside one canonical encoding whose hash is the leaf.
//!
//! Cost: sealing and decoding each allocate once for the bytes and hash them once. Bounds: see the `*_MAX` constants
//! of the encoding.

use std::{borrow::Cow, fmt, sync::Arc};

use uuid::Uuid;

use crate::{
    LeafHash, RecordError, codec,
    digest::{CommandKey, RequestMac},
};

/// Microseconds since the Unix epoch, UTC.
pub type Micros = i64;

/// Where a record stands in its log. Records start at 1, without gaps; 0 is the place before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// The place before the first record.
    pub const START: Self = Self(0);

    /// The last place that every backend can number (they count in signed 64-bit integers).
    pub const LAST: Self = Self(i64::MAX as u64);

    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number of this place.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<u64> for Position {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

/// That a record is the `revision`-th of `stream`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Membership {
    /// Name of the stream, unique within the marketplace.
    pub stream: Arc<str>,
    /// Counts the stream's records from 1, without gaps.
    pub revision: u64,
}

/// Everything that the log itself knows about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose log it is in.
    pub marketplace: Arc<str>,
    /// Where it stands in that log.
    pub position: Position,
    /// Its identity, unique for ever.
    pub event_id: Uuid,
    /// What happened, in the caller's vocabulary.
    pub event_type: Cow<'static, str>,
    /// Version of the payload's shape.
    pub schema_version: u16,
    /// When it was recorded; never before the record in front of it.
    pub recorded_at: Micros,
    /// When it took effect in the world.
    pub effective_at: Micros,
    /// Which command caused it.
    pub command_key: CommandKey,
    /// Which request that command was.
    pub request_mac: RequestMac,
    /// Who caused it.
    pub actor: Arc<str>,
    /// What larger undertaking it belongs to.
    pub correlation: Uuid,
    /// Which event led to it, if one did.
    pub causation: Option<Uuid>,
    /// The streams that it belongs to, at least one, each named once. Their order is part of the record.
    pub memberships: Vec<Membership>,
}

impl Header {
    /// The revision of this record in `stream`, if it belongs to it.
    pub fn revision_in(&self, stream: &str) -> Option<u64> {
        self.memberships.iter().find(|membership| &*membership.stream == stream).map(|found| found.revision)
    }
}

/// A header and a payload, sealed into canonical bytes.
#[derive(Clone, Debug)]
pub struct Record {
    header: Header,
    bytes: Box<[u8]>,
    payload_at: usize,
    leaf: LeafHash,
}

impl Record {
    /// Encodes and hashes.
    ///
    /// It cannot fail, so that deciding need not; a record beyond the limits is refused by
    /// [`Batch::new`](crate::Batch::new).
    pub fn seal(header: Header, payload: &[u8]) -> Self {
        let (bytes, payload_at) = codec::encode(&header, payload);
        let leaf = codec::leaf(&bytes);
        Self { header, bytes: bytes.into_boxed_slice(), payload_at, leaf }
    }

    /// Decodes canonical bytes and hashes them. Sealing the result again gives the same bytes.
    ///
    /// # Errors
    /// [`RecordError`] for anything but the one encoding of a record within the limits.
    pub fn decode(bytes: impl Into<Box<[u8]>>) -> Result<Self, RecordError> {
        Self::decode_shared(bytes, None)
    }

    /// Like [`Record::decode`], reusing `marketplace` when the record names the same one.
    pub(crate) fn decode_shared(
        bytes: impl Into<Box<[u8]>>,
        marketplace: Option<&Arc<str>>,
    ) -> Result<Self, RecordError> {
        let bytes = bytes.into();
        let (header, payload_at) = codec::decode(&bytes, marketplace)?;
        let leaf = codec::leaf(&bytes);
        Ok(Self { header, bytes, payload_at, leaf })
    }

    /// Says whether the record is within the limits of the encoding.
    ///
    /// # Errors
    /// [`RecordError`] names the field beyond them.
    pub fn check(&self) -> Result<(), RecordError> {
        codec::check(&self.header, self.payload().len())
    }

    /// What the log knows about it.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        self.header.position
    }

    /// The payload, exactly as it was given to [`Record::seal`].
    pub fn payload(&self) -> &[u8] {
        self.bytes.get(self.payload_at..).unwrap_or_default()
    }

    /// The canonical bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash of the canonical bytes.
    pub fn leaf(&self) -> LeafHash {
        self.leaf
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Record {}
