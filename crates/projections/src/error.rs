//! What can go wrong with read models. Nothing here is lost for good: the log is the truth, and rows can be folded
//! anew from it.

use eventstore::{CheckpointError, Position, StoreFault};
use std::path::PathBuf;
use thiserror::Error;

/// Why a file of read models could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is something else where the file should be. It was not changed.
    #[error("{} is not a file of read models: {why}", path.display())]
    Foreign {
        /// What was looked at.
        path: PathBuf,
        /// What it is instead.
        why: &'static str,
    },
    /// Another version of this program made it.
    #[error("{} has format {found}, this version knows {known}: delete it, and it is rebuilt from the log", path.display())]
    Format {
        /// What was looked at.
        path: PathBuf,
        /// The format that it has.
        found: u32,
        /// The format known here.
        known: u32,
    },
    /// It is ours, but its content is broken.
    #[error("{} is damaged: delete it, and it is rebuilt from the log", path.display())]
    Damaged {
        /// What was looked at.
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

/// Why a worker could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// One is running already.
    #[error("the read models have a worker already")]
    Running,
    /// The file can't be opened for writing.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The operating system gives it no thread.
    #[error("no thread for the read models: {0}")]
    Thread(std::io::Error),
}

/// Why a read model was not rebuilt. Its live rows are as they were.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RebuildError {
    /// Only the worker may swap rows, and none is running.
    #[error("the read models have no worker: it was stopped, or the log or their file can't be trusted")]
    NoWorker,
    /// There is one at a time.
    #[error("a read model is being rebuilt already; wait for its end")]
    Running,
    /// The read model would halt.
    #[error("the rebuilt read model halts: {0}")]
    Halted(HaltReason),
    /// The log can't be read.
    #[error("the log: {0}")]
    Log(#[from] StoreFault),
    /// The file system or the database engine refused.
    #[error("a file can't be written: {0}; the disk must have room for the read model twice")]
    File(String),
}

impl From<rusqlite::Error> for RebuildError {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error.to_string())
    }
}

/// Why a read model stopped following the log. It stays where it is until it is rebuilt or the program is started
/// again.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HaltReason {
    /// An event can't be read, or does not fit the rows.
    #[error("{event_type} at position {position} can't be applied: {why}")]
    Poison {
        /// Where the event stands; everything before it was applied.
        position: Position,
        /// Its recorded type.
        event_type: String,
        /// What is wrong, without its content.
        why: String,
    },
    /// The checkpoint is not in the log, which was restored to an earlier state or is another one.
    #[error("{0}; rebuild the read model, or delete the file of read models: either folds this log anew")]
    Diverged(CheckpointError),
    /// Somebody else moved the checkpoint: two workers write one file.
    #[error("another worker moved the checkpoint on from position {expected}")]
    Fenced {
        /// Where this worker had left it.
        expected: Position,
    },
    /// The log can't be trusted any more.
    #[error("the log: {0}")]
    Log(StoreFault),
    /// The file of read models can't be trusted any more.
    #[error("the file of read models: {0}; delete it, and it is rebuilt from the log")]
    File(String),
}

/// A query that could not be answered: the file system or the database engine failed, or a stored value is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a read model can't be queried: {message}")]
pub struct QueryFault {
    message: String,
}

impl From<rusqlite::Error> for QueryFault {
    fn from(error: rusqlite::Error) -> Self {
        Self { message: error.to_string() }
    }
}
