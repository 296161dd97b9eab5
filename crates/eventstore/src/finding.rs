//! What an inspection can find, as values with permanent codes.

use std::fmt;

use crate::Position;

/// Most findings that one inspection reports; a last one says how many more there were.
pub const FINDINGS_MAX: usize = 1_000;

/// Something stored that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The record concerned, if it is one.
    pub position: Option<Position>,
    /// What is wrong.
    pub code: FindingCode,
    /// Where exactly and in what way, in one sentence without event contents.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(position) => write!(f, "{} at position {position}: {}", self.code, self.detail),
            None => write!(f, "{}: {}", self.code, self.detail),
        }
    }
}

macro_rules! finding_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What is wrong with a log. The text of a code is permanent.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FindingCode {
            $($(#[$doc])* $name,)*
        }

        impl FindingCode {
            /// The permanent text of the code.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

finding_codes! {
    /// A block of the file differs from the seal that was written when the store was closed.
    SealMismatch = "SEAL_MISMATCH",
    /// The seal itself can't be trusted.
    SealDamaged = "SEAL_DAMAGED",
    /// The database engine finds its own structure broken.
    StructureDamaged = "STRUCTURE_DAMAGED",
    /// A table, index or trigger is not the one that this version creates.
    SchemaDiffers = "SCHEMA_DIFFERS",
    /// The file no longer says that it is ours, or in which format.
    IdentityDiffers = "IDENTITY_DIFFERS",
    /// A stored row can't be read.
    RowUnreadable = "ROW_UNREADABLE",
    /// Positions without a record.
    RecordMissing = "RECORD_MISSING",
    /// Bytes that are not a record.
    RecordMalformed = "RECORD_MALFORMED",
    /// A record that does not have the leaf hash beside it.
    LeafMismatch = "LEAF_MISMATCH",
    /// A record that says it stands elsewhere.
    PositionMismatch = "POSITION_MISMATCH",
    /// A record of another marketplace.
    MarketplaceMismatch = "MARKETPLACE_MISMATCH",
    /// A recorded instant before the one in front of it, or other than its batch's.
    RecordedAtMismatch = "RECORDED_AT_MISMATCH",
    /// Batches that do not cover the positions exactly once.
    BatchMismatch = "BATCH_MISMATCH",
    /// A stream whose revisions have a gap or a repetition.
    RevisionMismatch = "REVISION_MISMATCH",
    /// A pointer to a stream's previous record that leads elsewhere.
    BackPointerMismatch = "BACK_POINTER_MISMATCH",
    /// The index of streams differs from the records.
    StreamIndexMismatch = "STREAM_INDEX_MISMATCH",
    /// The index of commands differs from the records.
    CommandIndexMismatch = "COMMAND_INDEX_MISMATCH",
    /// A command whose records are not adjacent.
    CommandScattered = "COMMAND_SCATTERED",
    /// Records of one command that name different requests.
    RequestMismatch = "REQUEST_MISMATCH",
    /// Two records with one identity.
    EventIdRepeated = "EVENT_ID_REPEATED",
    /// A consumer's checkpoint that is not in the log, or was altered.
    CheckpointMismatch = "CHECKPOINT_MISMATCH",
    /// There are more findings than are reported.
    MoreFindings = "MORE_FINDINGS",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
