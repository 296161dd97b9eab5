//! The index of commands: which of them are in its table, and which are on their way there.
//!
//! Shape: keys are hashes, so a row put into its place at once would be a page of its own in the write-ahead log. An
//! appended command is therefore only remembered. Once [`RUN_COMMANDS`] are, they become a run, which goes into the
//! table in the order of its keys, a few rows with each append, so that neighbours share a page. How far the table is
//! complete is the checkpoint of the consumer [`CONSUMER`], which moves with the last rows of a run; what follows it is
//! read from the records when the log is opened.
//!
//! A filter of all keys keeps those of new commands from being looked for at all. It is filled from the table after
//! the log was opened, and until then every key is looked for.
//!
//! Bounds: two runs in memory, and the filter. Ordering: a command is remembered after its commit and before anybody is
//! told of it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use rusqlite::{Connection, OptionalExtension};

use super::{connection::signed, consumer, reader, rows, seen::Seen, sql, transaction::Abort};
use crate::{AppendError, Batch, Checkpoint, CommandKey, PAGE_MAX, Position, Record, StoreFault};

/// The consumer whose checkpoint says how far the table is complete.
pub(super) const CONSUMER: &str = "command-index";

/// How many commands are remembered before they go into the table: enough that in a log of some million commands many
/// of them share a page.
const RUN_COMMANDS: usize = 65_536;

/// Rows that go into the table for each command appended. More than one, so that a run is through before the next.
const ROWS_PER_COMMAND: usize = 2;

/// Where a command's first record is to be looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// The log doesn't have the command.
    Nowhere,
    /// At this position.
    At(i64),
    /// In the table, if the log has the command at all. It must be asked *afterwards*: what was remembered before may
    /// have gone there meanwhile.
    Table,
}

/// The commands that the table may not have yet.
#[derive(Debug)]
pub(super) struct CommandIndex {
    pending: RwLock<Pending>,
    seen: Seen,
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
        // A record has at most one command of its own; there is room for as many again.
        let seen = Seen::for_keys(reader::head(connection)?.position.get().saturating_mul(2));
        for (key, _) in &rows {
            seen.add(key.as_bytes());
        }
        let run = Run { rows, stored: 0, through };
        let pending = Pending { fresh: HashMap::new(), run };
        Ok(Self { pending: RwLock::new(pending), seen, run_commands: RUN_COMMANDS })
    }

    /// Adds keys of the table to the filter, those that follow `after`; answers with the last of them, or `None` when
    /// all are there.
    pub(super) fn fill(
        &self,
        connection: &Connection,
        after: &[u8],
    ) -> Result<Option<Box<[u8]>>, StoreFault> {
        let (found, refused) = rows::commands(connection, after);
        if let Some(fault) = refused {
            return Err(fault);
        }
        for row in &found {
            // A key of another length is damage, and no command's.
            if let Ok(key) = <&[u8; 32]>::try_from(&row.key[..]) {
                self.seen.add(key);
            }
        }
        let last = found.into_iter().next_back().map(|row| row.key);
        if last.is_none() {
            self.seen.completed();
        }
        Ok(last)
    }

    /// Where the command is to be looked for.
    pub(super) fn place(&self, key: &CommandKey) -> Place {
        if !self.seen.may_hold(key.as_bytes()) {
            return Place::Nowhere;
        }
        let pending = self.pending.read().unwrap_or_else(PoisonError::into_inner);
        pending.find(key).map_or(Place::Table, Place::At)
    }

    /// Refuses a batch with a command that the log has already, or whose records are not adjacent.
    pub(super) fn admit(&self, connection: &Connection, batch: &Batch) -> Result<(), Abort<AppendError>> {
        let mut of_batch = HashSet::new();
        for (key, _) in batch.commands() {
            let known = match self.place(&key) {
                Place::Nowhere => false,
                Place::At(_) => true,
                Place::Table => stored(connection, &key)?.is_some(),
            };
            if known || !of_batch.insert(key) {
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
            connection.prepare_cached(sql::MOVE_CONSUMER)?.execute((CONSUMER, position, leaf, digest))?;
        }
        Ok(end)
    }

    /// Notes that `stored` rows of the run are in the table.
    pub(super) fn committed(&self, stored: usize) {
        self.pending.write().unwrap_or_else(PoisonError::into_inner).run.stored = stored;
    }

    /// Notes that `batch` is appended, and `stored` rows of the run with it.
    pub(super) fn appended(&self, batch: &Batch, stored: usize) {
        let mut pending = self.pending.write().unwrap_or_else(PoisonError::into_inner);
        pending.run.stored = stored;
        for (key, position) in batch.commands() {
            self.seen.add(key.as_bytes());
            pending.fresh.insert(key, signed(position));
        }
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
        self.run = Run { rows, stored: 0, through };
    }
}

impl Run {
    fn is_stored(&self) -> bool {
        self.stored == self.rows.len()
    }
}

/// The position of a command's first record, by the table.
pub(super) fn stored(connection: &Connection, key: &CommandKey) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached(sql::COMMAND)?.query_row([key.as_bytes()], |row| row.get(0)).optional()
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

/// Keeps others from the checkpoint of the index.
pub(super) fn check_consumer(consumer: &str) -> Result<(), StoreFault> {
    if consumer == CONSUMER {
        return Err(StoreFault::misuse(format!("{CONSUMER} is the store's own consumer")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        EventStore, SqliteStore,
        sample::{MARKETPLACE, batch, record},
        sqlite::{
            open,
            transaction::{self, Failure},
        },
    };

    const RUN: usize = 8;

    /// A log whose runs are short, written without a writer's thread.
    struct Log {
        opened: open::Opened,
        commands: CommandIndex,
        head: u64,
    }

    impl Log {
        fn open(directory: &Path) -> Self {
            let opened = open::for_writing(directory, MARKETPLACE).unwrap();
            let recovered = CommandIndex::recover(&opened.connection, &opened.marketplace).unwrap();
            let mut last = Some(Box::default());
            while let Some(after) = last {
                last = recovered.fill(&opened.connection, &after).unwrap();
            }
            let head = opened.head.position.get();
            Self { opened, commands: CommandIndex { run_commands: RUN, ..recovered }, head }
        }

        /// Appends `count` commands of one record each.
        fn append(&mut self, count: u64) {
            let batch = batch(self.head, count);
            let mut stored = 0;
            let write = |connection: &Connection| {
                self.commands.admit(connection, &batch)?;
                transaction::insert_batch(connection, &batch)?;
                stored = self.commands.store(connection, batch.commands().count())?;
                Ok(())
            };
            transaction::write::<AppendError>(&self.opened.connection, write).unwrap();
            self.commands.appended(&batch, stored);
            self.head += count;
        }

        /// The positions in the table, in the order of the keys.
        fn table(&self) -> Vec<i64> {
            let mut statement =
                self.opened.connection.prepare("select position from command order by key").unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        }

        fn complete_up_to(&self) -> u64 {
            let complete = reader::checkpoint(&self.opened.connection, CONSUMER).unwrap();
            complete.map_or(0, |complete| complete.position.get())
        }

        fn finds(&self, position: u64) -> bool {
            let key = record(position).header().command_key;
            let found = match self.commands.place(&key) {
                Place::Nowhere => None,
                Place::At(position) => Some(position),
                Place::Table => stored(&self.opened.connection, &key).unwrap(),
            };
            found == i64::try_from(position).ok()
        }
    }

    #[test]
    fn commands_are_remembered_until_a_run_is_full_and_then_go_into_the_table() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = Log::open(directory.path());
        log.append(7);
        assert_eq!((log.table(), log.complete_up_to()), (vec![], 0));
        log.append(1);
        log.append(3);
        assert_eq!((log.table(), log.complete_up_to()), ((1..=6).collect(), 0), "two rows for each command");
        log.append(1);
        assert_eq!((log.table(), log.complete_up_to()), ((1..=8).collect(), 8), "the run is through");
    }

    #[test]
    fn a_command_is_found_wherever_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = Log::open(directory.path());
        for count in [3, 1, 4, 1, 5, 9, 2, 6] {
            log.append(count);
            assert!((1..=log.head).all(|position| log.finds(position)), "with {} commands", log.head);
        }
        assert!(!log.finds(log.head + 1));
    }

    #[test]
    fn a_command_is_refused_again_wherever_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = Log::open(directory.path());
        log.append(RUN as u64);
        log.append(5);
        for position in 1..=log.head {
            let again = transaction::write(&log.opened.connection, |connection| {
                log.commands.admit(connection, &batch(position - 1, 1))
            });
            assert!(
                matches!(again, Err(Failure::Declined(AppendError::KeyTaken { .. }))),
                "position {position}"
            );
        }
    }

    #[test]
    fn what_a_killed_process_remembered_is_found_in_the_records() {
        let directory = tempfile::tempdir().unwrap();
        let mut log = Log::open(directory.path());
        log.append(RUN as u64);
        log.append(3);
        // Neither the run nor what came after it was completed.
        drop(log);
        let mut log = Log::open(directory.path());
        assert!(log.complete_up_to() == 0 && (1..=11).all(|position| log.finds(position)));
        log.append(6);
        assert_eq!((log.table(), log.complete_up_to()), ((1..=11).collect(), 11));
    }

    #[tokio::test]
    async fn a_reader_beside_the_writer_finds_what_the_table_lacks() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), MARKETPLACE).unwrap();
        store.append(batch(0, 3)).await.unwrap();
        let reader = SqliteStore::open_read_only(directory.path()).unwrap();
        let keys = [record(2), record(4)].map(|record| record.header().command_key);
        let found = reader.find_commands(&keys).await.unwrap();
        assert_eq!(found, [vec![record(2)], vec![]]);
    }

    #[tokio::test]
    async fn a_closed_log_has_every_command_in_the_table() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), MARKETPLACE).unwrap();
        store.append(batch(0, 3)).await.unwrap();
        store.close().await;
        drop(store);
        let log = Log::open(directory.path());
        assert_eq!((log.table(), log.complete_up_to()), (vec![1, 2, 3], 3));
        assert!(matches!(log.commands.place(&record(2).header().command_key), Place::Table));
    }

    #[tokio::test]
    async fn the_checkpoint_of_the_index_is_nobody_elses() {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path(), MARKETPLACE).unwrap();
        store.append(batch(0, 1)).await.unwrap();
        assert!(store.checkpoint(CONSUMER).await.is_err());
        assert!(store.advance(CONSUMER, None, Checkpoint::at(&record(1))).await.is_err());
    }
}
