//! Applying pages of the log to every read model: rows and checkpoints in one transaction.
//!
//! Shape: within the transaction each model has a savepoint of its own, in which its checkpoint moves first, and only
//! from where this writer left it; then its rows follow. A model that fails keeps what it applied before the failing
//! event, and halts there; the others go on. A fault of the file itself undoes the whole transaction, and may be
//! tried again.
//!
//! Cost: one commit for a page, however many events and models. Ordering: by position, each event once.

use crate::event_page::{EventPage, noun, recorded_at};
use crate::progress::Standing;
use crate::read_model::{ApplyError, ReadModel};
use crate::sql::execute;
use crate::{HaltReason, Name, OpenError, schema};
use domain::Timestamp;
use eventstore::{Checkpoint, Position};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::Path;

/// The one connection that writes, and where each read model stands.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    standings: Vec<Standing>,
}

/// What a page came to for one read model.
struct Step {
    to: Option<Checkpoint>,
    next_recorded_at: Option<Timestamp>,
    halted: Option<HaltReason>,
}

impl Writer {
    /// Opens the file at `path` for writing.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let (connection, standings) = schema::open(path, Name::ALL)?;
        Ok(Self { connection, standings })
    }

    /// Opens the file at `path` for writing this read model alone.
    pub(crate) fn open_one(path: &Path, name: Name) -> Result<Self, OpenError> {
        let (connection, standings) = schema::open(path, &[name])?;
        Ok(Self { connection, standings })
    }

    /// Moves everything committed into the file itself, so that a file left alone is whole without its write-ahead log.
    /// Where somebody still reads, what is left is moved at the next start.
    pub(crate) fn close(self) {
        if let Err(error) = schema::empty_write_ahead_log(&self.connection) {
            tracing::warn!(%error, "the write-ahead log of the read models is left as it is");
        }
    }

    /// Where each read model stands.
    pub(crate) fn standings(&self) -> &[Standing] {
        &self.standings
    }

    /// Those that have not halted.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Standing> {
        self.standings.iter().filter(|standing| standing.halted.is_none())
    }

    /// Stops a read model where it stands.
    pub(crate) fn halt(&mut self, name: Name, reason: &HaltReason) {
        for standing in self.standings.iter_mut().filter(|standing| standing.name == name) {
            standing.halted = Some(reason.clone());
        }
    }

    /// Has a read model go on from `standing`, where its rows were put by a rebuild.
    pub(crate) fn resume(&mut self, standing: &Standing) {
        for live in self.standings.iter_mut().filter(|live| live.name == standing.name) {
            live.clone_from(standing);
        }
    }

    /// The tables of the read models in the file.
    pub(crate) fn tables(&self) -> rusqlite::Result<Vec<String>> {
        schema::tables(&self.connection)
    }

    /// Notes that `page` is there to be applied.
    pub(crate) fn expect(&mut self, page: &EventPage) {
        for standing in self.standings.iter_mut().filter(|standing| stands_before(standing, page)) {
            standing.next_recorded_at = page.recorded_at(0);
        }
    }

    /// Applies `page` to every read model that stands right before it, and answers with how many events each took.
    ///
    /// # Errors
    /// A fault of the file. Nothing was applied, and no read model has moved.
    pub(crate) fn write(&mut self, page: &EventPage) -> rusqlite::Result<Vec<(Name, u64)>> {
        let moved_already = checkpoints_come_first();
        if moved_already {
            self.move_checkpoints(page)?;
        }
        let mut transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut steps = Vec::new();
        for standing in self.standings.iter_mut().filter(|standing| stands_before(standing, page)) {
            let step = step(&mut transaction, standing, page, moved_already)?;
            steps.push((standing, step));
        }
        before_commit();
        transaction.commit()?;
        after_commit();
        Ok(steps.into_iter().map(|(standing, step)| (standing.name, advance(standing, step))).collect())
    }

    /// Lets the file grow no further than `pages` pages of the engine, as if the disk were full then.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, pages: u32) {
        let pragma = format!("pragma max_page_count = {pages}");
        self.connection.query_row(&pragma, [], |_| Ok(())).unwrap();
    }

    /// Part of a planted defect: see [`checkpoints_come_first`].
    fn move_checkpoints(&mut self, page: &EventPage) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some((last, _)) = page.events().last() {
            for standing in self.standings.iter().filter(|standing| stands_before(standing, page)) {
                move_checkpoint(&transaction, standing, Checkpoint::at(last))?;
            }
        }
        transaction.commit()
    }
}

fn stands_before(standing: &Standing, page: &EventPage) -> bool {
    standing.halted.is_none() && Some(standing.position) == page.after()
}

/// Moves `standing` as it was committed, and answers with how many events that was.
fn advance(standing: &mut Standing, step: Step) -> u64 {
    let from = standing.position;
    if let Some(to) = step.to {
        (standing.position, standing.leaf) = (to.position, to.leaf);
    }
    standing.next_recorded_at = step.next_recorded_at;
    standing.halted = step.halted;
    standing.position.get() - from.get()
}

/// Applies as much of `page` as the read model can take. An event that fails is met once: what is in front of it was
/// applied without fault before, and is applied again without it.
fn step(
    on: &mut Transaction<'_>,
    standing: &Standing,
    page: &EventPage,
    moved: bool,
) -> rusqlite::Result<Step> {
    let (mut taken, mut halted) = (page.events().len(), None);
    while let Some((last, _)) = page.events().get(..taken).and_then(<[_]>::last) {
        // Dropped without a commit, a savepoint is undone.
        let savepoint = on.savepoint()?;
        let to = Checkpoint::at(last);
        if !moved && !move_checkpoint(&savepoint, standing, to)? {
            (taken, halted) = (0, Some(HaltReason::Fenced { expected: standing.position }));
        } else if let Some((index, reason)) = poison(&savepoint, standing.name.model(), page, taken)? {
            (taken, halted) = (index, Some(reason));
        } else {
            savepoint.commit()?;
            return Ok(Step { to: Some(to), next_recorded_at: page.recorded_at(taken), halted });
        }
    }
    Ok(Step { to: None, next_recorded_at: page.recorded_at(0), halted })
}

/// Moves the checkpoint if it is where this writer left it; `false` if it isn't.
pub(crate) fn move_checkpoint(
    on: &Connection,
    standing: &Standing,
    to: Checkpoint,
) -> rusqlite::Result<bool> {
    let (name, from) = (standing.name, signed(standing.position));
    let version = name.model().version;
    let params = (name.as_str(), version, from, signed(to.position), to.leaf.as_bytes());
    Ok(execute(on, schema::MOVE_CHECKPOINT, params)? == 1)
}

/// Applies the first `taken` records, and answers with the first that can't be applied, if there is one.
fn poison(
    on: &Connection,
    model: &ReadModel,
    page: &EventPage,
    taken: usize,
) -> rusqlite::Result<Option<(usize, HaltReason)>> {
    for (index, (record, event)) in page.events().iter().take(taken).enumerate() {
        let header = record.header();
        if !(model.reads)(noun(record)) {
            continue;
        }
        let why = match event {
            Ok(event) => match (model.apply)(on, event, recorded_at(record)) {
                Ok(()) => continue,
                Err(ApplyError::Engine(error)) if is_of_the_file(&error) => return Err(error),
                Err(error) => error.to_string(),
            },
            Err(why) => why.clone(),
        };
        let event_type = header.event_type.to_string();
        return Ok(Some((index, HaltReason::Poison { position: header.position, event_type, why })));
    }
    Ok(None)
}

/// Whether the fault is the file's or the machine's, rather than an event's that does not fit the rows.
fn is_of_the_file(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::DiskFull
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::FileLockingProtocolFailed
                | ErrorCode::OperationInterrupted
                | ErrorCode::OperationAborted
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
        )
    )
}

fn signed(position: Position) -> i64 {
    i64::try_from(position.get()).unwrap_or(i64::MAX)
}

/// The process dies with rows and checkpoints written, and not committed.
pub(crate) fn before_commit() {
    fail::fail_point!("projection::before_commit", |_| std::process::abort());
}

/// The process dies with rows and checkpoints committed, and nobody told.
pub(crate) fn after_commit() {
    fail::fail_point!("projection::after_commit", |_| std::process::abort());
}

/// A planted defect, to show that the tests which kill the process would find it: checkpoints are committed before the
/// rows, so that a process killed in between skips events.
fn checkpoints_come_first() -> bool {
    fail::fail_point!("projection::defect_checkpoint_first", |_| true);
    false
}
