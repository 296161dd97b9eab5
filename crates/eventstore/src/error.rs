//! What can go wrong with a store, apart from an append's own outcomes.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use thiserror::Error;

/// What sort of fault it is, so that a caller can choose what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The disk or the file system refused.
    Io,
    /// No space is left. Nothing was written, and the store stays usable.
    Full,
    /// The store was opened for reading only.
    ReadOnly,
    /// What is stored is not what was written.
    Damaged,
    /// The store was closed.
    Closed,
    /// An earlier error left the fate of a write open; the store accepts nothing until it is opened again.
    Stopped,
    /// The caller asked for something that no store can do.
    Misuse,
    /// The database engine refused for another reason.
    Engine,
}

/// A failure of the machinery: what sort, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct StoreFault {
    /// What sort of fault.
    pub kind: FaultKind,
    /// One sentence for the operator's log, without event contents.
    pub message: String,
}

impl StoreFault {
    /// A fault of this kind.
    pub fn new(kind: FaultKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string() }
    }

    pub(crate) fn misuse(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Misuse, message)
    }

    pub(crate) fn damaged(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Damaged, message)
    }

    pub(crate) fn closed() -> Self {
        Self::new(FaultKind::Closed, "the store is closed")
    }
}

/// Why a store could not be opened. Whatever the reason, what was found there was left as it is.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is something else where the store should be.
    #[error("{} is not a log of ours: {why}", path.display())]
    Foreign {
        /// What was looked at.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// Another process writes this store.
    #[error(
        "the store in {} is in use by {}; stop it first, or use a command that only reads",
        path.display(),
        process.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
    )]
    InUse {
        /// The store's directory.
        path: PathBuf,
        /// The id of that process, if it could be read.
        process: Option<u32>,
    },
    /// It is a log of ours, but something in it is missing or altered.
    #[error("the log at {} is damaged: {why}", path.display())]
    Damaged {
        /// What was looked at.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A later version of this program wrote it.
    #[error("the log at {} has format {found}; this version knows {known}", path.display())]
    NewerFormat {
        /// The log's file.
        path: PathBuf,
        /// The format it has.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// It is another marketplace's log.
    #[error("the log in {} belongs to the marketplace {found}, not {expected}", path.display())]
    MarketplaceMismatch {
        /// The store's directory.
        path: PathBuf,
        /// The marketplace asked for.
        expected: String,
        /// The marketplace in the log.
        found: String,
    },
    /// A marketplace's name that no record could carry.
    #[error("{name:?} can't name a marketplace: it must have 1 to {} bytes", crate::MARKETPLACE_BYTES_MAX)]
    BadMarketplace {
        /// The name asked for.
        name: String,
    },
    /// There is nothing to read.
    #[error("there is no log in {}", path.display())]
    Absent {
        /// The store's directory.
        path: PathBuf,
    },
    /// The file system or the database engine refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was looked at.
        path: PathBuf,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl OpenError {
    pub(crate) fn foreign(path: &Path, why: impl fmt::Display) -> Self {
        Self::Foreign { path: path.to_owned(), why: why.to_string() }
    }

    pub(crate) fn damaged(path: &Path, why: impl fmt::Display) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.to_string() }
    }

    pub(crate) fn io(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }
}
