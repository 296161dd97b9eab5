//! The index of commands: which of them are in its table, and which are on their way there.
//!
//! Shape: keys are hashes, so a row put into its place at once would be a page of its own in the write-ahead log. An
//! appended command is therefore only remembered. Once [`RUN_COMMANDS`] are, they become a run, which goes into the
//! table in the order of its keys, a few rows with each append, so that neighbours share a page. How far the table is
//! complete is the checkpoint of the consumer [`CONSUMER`], which moves with the last rows of a run; what follows it is
//! read from the records when the log is opened.
//!
//! Bounds: two runs in memory. Ordering: a command is remembered after its commit and before anybody is told of it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use rusqlite::{Connection, OptionalExtension};

use super::{connection::signed, consumer, reader, sql, transaction::Abort};
use crate::{AppendError, Batch, Checkpoint, CommandKey, PAGE_MAX, Position, Record, StoreFault};

/// The consumer whose checkpoint says how far the table is complete.
pub(super) const CONSUMER: &str = "command-index";

/// How many commands are remembered before they go into the table: enough that in a log of some million commands many
/// of them share a page.
const RUN_COMMANDS: usize = 65_536;

/// Rows that go into the table for each command appended. More than one, so that a run is through before the next.
const ROWS_PER_COMMAND: usize = 2;

/// The commands that the table may not have yet.
#[derive(Debug)]
pub(super) struct CommandIndex {
    pending: RwLock<Pending>,
    run_commands: usize,
}

#[derive(Debug, Default)]
struct Pending {
    fresh: HashMap<CommandKey, i64>,
    run: Run,
}

/// Commands in the order of their keys, with the position of each one's first record.
#[derive(Debug, Default)]
struct Run {
    rows: Vec<(CommandKey, i64)>,
    /// How many of the rows are in the table.
    stored: usize,
    /// What the table is complete up to once all are.
    through: Option<Checkpoint>,
}

impl CommandIndex {
    /// Finds in the records what the table lacks.
    pub(super) fn recover(connection: &Connection, marketplace: &Arc<str>) -> Result<Self, StoreFault> {
        let mut rows = Vec::new();
        let mut through = None;
        unindexed(connection, marketplace, |previous, record| {
            let key = record.header().command_key;
            if previous != Some(key) {
                rows.push((key, signed(record.position())));
            }
            through = Some(Checkpoint::at(record));
        })?;
        rows.sort_unstable();
        let run = Run {
            rows,
            stored: 0,
            through,
        };
        let pending = Pending {
            fresh: HashMap::new(),
            run,
        };
        Ok(Self {
            pending: RwLock::new(pending),
            run_commands: RUN_COMMANDS,
        })
    }

    /// The position of the command's first record, if it is remembered. One that isn't must be looked for in the
    /// table *afterwards*, since it may have gone there meanwhile.
    pub(super) fn pending(&self, key: &CommandKey) -> Option<i64> {
        self.pending
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .find(key)
    }

    /// Refuses a batch with a command that the log has already, or whose records are not adjacent.
    pub(super) fn admit(&self, connection: &Connection, batch: &Batch) -> Result<(), Abort<AppendError>> {
        let mut seen = HashSet::new();
        for (key, _) in batch.commands() {
            let taken = !seen.insert(key) || self.pending(&key).is_some() || stored(connection, &key)?.is_some();
            if taken {
                return Err(Abort::Declined(AppendError::KeyTaken { key }));
            }
        }
        Ok(())
    }

    /// Puts into the table what is due when `commands` are appended; answers with how many rows of the run are there
    /// once the transaction is committed.
    pub(super) fn store(&self, connection: &Connection, commands: usize) -> rusqlite::Result<usize> {
        let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
        let run = &pending.run;
        let end = run.rows.len().min(run.stored + ROWS_PER_COMMAND * commands);
        let mut insert = connection.prepare_cached(sql::INSERT_COMMAND)?;
        for (key, position) in &run.rows[run.stored..end] {
            // One that was remembered before a crash may be in the table already.
            insert.execute((key.as_bytes(), position))?;
        }
        if end == run.rows.len()
            && end > run.stored
            && let Some(through) = run.through
        {
            let (position, leaf, digest) = consumer::encode(CONSUMER, through);
            connection
                .prepare_cached(sql::MOVE_CONSUMER)?
                .execute((CONSUMER, position, leaf, digest))?;
        }
        Ok(end)
    }

    /// Notes that `stored` rows of the run are in the table.
    pub(super) fn committed(&self, stored: usize) {
        self.pending
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .run
            .stored = stored;
    }

    /// Notes that `batch` is appended, and `stored` rows of the run with it.
    pub(super) fn appended(&self, batch: &Batch, stored: usize) {
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        pending.run.stored = stored;
        pending
            .fresh
            .extend(batch.commands().map(|(key, position)| (key, signed(position))));
        if pending.fresh.len() >= self.run_commands && pending.run.is_stored() {
            pending.begin_run(batch.records().last().map(|record| Checkpoint::at(record)));
        }
    }

    /// Makes a run of whatever is left, up to `head`; answers with how many rows are to be stored.
    pub(super) fn close_run(&self, head: Checkpoint) -> usize {
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        if pending.run.is_stored() && !pending.fresh.is_empty() {
            pending.begin_run(Some(head));
        }
        pending.run.rows.len() - pending.run.stored
    }
}

impl Pending {
    fn find(&self, key: &CommandKey) -> Option<i64> {
        self.fresh.get(key).copied().or_else(|| {
            let rows = &self.run.rows;
            let at = rows.binary_search_by(|(other, _)| other.cmp(key)).ok()?;
            Some(rows[at].1)
        })
    }

    fn begin_run(&mut self, through: Option<Checkpoint>) {
        let mut rows: Vec<_> = self.fresh.drain().collect();
        rows.sort_unstable();
        self.run = Run {
            rows,
            stored: 0,
            through,
        };
    }
}

impl Run {
    fn is_stored(&self) -> bool {
        self.stored == self.rows.len()
    }
}

/// The position of a command's first record, by the table.
pub(super) fn stored(connection: &Connection, key: &CommandKey) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(sql::COMMAND)?
        .query_row([key.as_bytes()], |row| row.get(0))
        .optional()
}

/// Where those of `keys` begin that the table may lack, by the records; for a reader that the writer tells nothing.
pub(super) fn find_unindexed(
    connection: &Connection,
    marketplace: &Arc<str>,
    keys: &HashSet<CommandKey>,
) -> Result<HashMap<CommandKey, i64>, StoreFault> {
    let mut found = HashMap::new();
    unindexed(connection, marketplace, |_, record| {
        let key = record.header().command_key;
        if keys.contains(&key) {
            found.entry(key).or_insert(signed(record.position()));
        }
    })?;
    Ok(found)
}

/// Shows `take` every record that the table may not know of, after the key of the record before it.
fn unindexed(
    connection: &Connection,
    marketplace: &Arc<str>,
    mut take: impl FnMut(Option<CommandKey>, &Record),
) -> Result<(), StoreFault> {
    let complete = reader::checkpoint(connection, CONSUMER)?;
    let mut after = complete.map_or(Position::START, |complete| complete.position);
    let mut previous = None;
    loop {
        let page = reader::page(connection, marketplace, after, PAGE_MAX)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.position();
        for record in &page {
            take(previous.replace(record.header().command_key), record);
        }
    }
}
