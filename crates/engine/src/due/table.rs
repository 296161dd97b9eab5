//! The due table: SQLite, rows and checkpoint in one transaction.

use super::{Due, DueCursor, DueFilter, PAGE_MAX};
use domain::id::{PartyId, TypedId};
use domain::timer::{Timer, TimerKind};
use domain::{StreamId, Timestamp};
use eventstore::{Checkpoint, FaultKind, LeafHash, Position, StoreFault};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, Transaction, params};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

const SCHEMA: &str = include_str!("schema.sql");
/// Version of the rows and of what they mean; a file of another one is emptied and built anew.
const VERSION: i64 = 2;
/// How long a reader waits for whoever keeps the table.
const READ_WITHIN: std::time::Duration = std::time::Duration::from_secs(5);

/// The timers that are set, and how far the log was read for them.
#[derive(Debug)]
pub struct DueTable(Mutex<Connection>);

/// Why the table can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("the table of what is due can't be opened: {0}; remove the file, and it is built anew from the log")]
pub struct OpenError(#[from] rusqlite::Error);

/// What one stream has now.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) stream: StreamId,
    /// Each timer, with the people whom it concerns.
    pub(super) timers: Vec<(Timer, Vec<PartyId>)>,
}

impl DueTable {
    /// Opens the table at `path`, or begins one.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let connection = Connection::open(path)?;
        // What a crash of the machine takes from the end is read from the log again.
        connection.execute_batch("pragma journal_mode = wal; pragma synchronous = normal;")?;
        Self::prepared(connection)
    }

    /// Opens the table at `path` beside whoever keeps it, for reading.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(READ_WITHIN)?;
        Ok(Self(Mutex::new(connection)))
    }

    /// A table in memory.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::prepared(Connection::open_in_memory()?)
    }

    fn prepared(connection: Connection) -> Result<Self, OpenError> {
        connection.execute_batch(SCHEMA)?;
        let version: Option<i64> =
            connection.query_row("select version from meta", [], |row| row.get(0)).optional()?;
        if version.is_some_and(|version| version != VERSION) {
            connection.execute_batch("delete from due; delete from concern; delete from meta;")?;
        }
        // A firing whose outcome is not in the rows yet is given again, under its key.
        connection.execute("update due set fired = 0 where fired = 1", [])?;
        Ok(Self(Mutex::new(connection)))
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the log was read.
    pub(super) fn checkpoint(&self) -> Result<Option<Checkpoint>, StoreFault> {
        let read = |row: &Row<'_>| {
            let (position, leaf): (i64, [u8; 32]) = (row.get(0)?, row.get(1)?);
            let position = Position::new(u64::try_from(position).unwrap_or_default());
            Ok(Checkpoint { position, leaf: LeafHash::from_bytes(leaf) })
        };
        self.lock().query_row("select position, leaf from meta", [], read).optional().map_err(fault)
    }

    /// Replaces the rows of `sets`, and moves the checkpoint.
    pub(super) fn apply(&self, sets: &[Set], to: Checkpoint) -> Result<(), StoreFault> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(fault)?;
        for set in sets {
            replace(&transaction, set).map_err(fault)?;
        }
        let position = i64::try_from(to.position.get()).unwrap_or(i64::MAX);
        transaction
            .prepare_cached(
                "insert into meta (id, version, position, leaf) values (1, ?1, ?2, ?3)
                 on conflict (id) do update set position = ?2, leaf = ?3",
            )
            .and_then(|mut statement| statement.execute(params![VERSION, position, to.leaf.as_bytes()]))
            .map_err(fault)?;
        transaction.commit().map_err(fault)
    }

    /// The first rows that are due at `now` and were not fired, without those `under_way`.
    pub(super) fn fireable(
        &self,
        now: Timestamp,
        under_way: &[i64],
        limit: usize,
    ) -> Result<Vec<Due>, StoreFault> {
        let connection = self.lock();
        let sql = "select id, stream, kind, subject, due, epoch, concerns from due
                   where fired = 0 and due <= ?1 order by due, id limit ?2";
        let mut statement = connection.prepare_cached(sql).map_err(fault)?;
        let limit_all = i64::try_from(limit + under_way.len()).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![now.micros(), limit_all], read_row).map_err(fault)?;
        let rows: Vec<Option<Due>> = rows.collect::<rusqlite::Result<_>>().map_err(fault)?;
        let fresh = rows.into_iter().flatten().filter(|due| !under_way.contains(&due.cursor.row));
        Ok(fresh.take(limit).collect())
    }

    /// When the first row after `now` is due.
    pub(super) fn next_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreFault> {
        let sql = "select min(due) from due where fired = 0 and due > ?1";
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql).map_err(fault)?;
        let due: Option<i64> = statement.query_row([now.micros()], |row| row.get(0)).map_err(fault)?;
        Ok(due.map(Timestamp::from_micros))
    }

    /// Notes that a row's command was given, so that it isn't given again before the log has been read that far.
    pub(super) fn fired(&self, row: i64) -> Result<(), StoreFault> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("update due set fired = 1 where id = ?1").map_err(fault)?;
        statement.execute([row]).map(|_| ()).map_err(fault)
    }

    /// As [`crate::Engine::due`].
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn list(&self, filter: &DueFilter, limit: usize) -> Result<Vec<Due>, StoreFault> {
        let by_party = "select d.id, d.stream, d.kind, d.subject, d.due, d.epoch, d.concerns from concern c
                        join due d on d.id = c.id
                        where c.party = ?5 and (c.due, c.id) > (?1, ?2) and c.due <= ?3
                        order by c.due, c.id limit ?4";
        let all = "select id, stream, kind, subject, due, epoch, concerns from due
                   where (due, id) > (?1, ?2) and due <= ?3 and ?5 is null order by due, id limit ?4";
        let sql = if filter.party.is_some() { by_party } else { all };
        let after = filter.after.unwrap_or(DueCursor { due: i64::MIN, row: 0 });
        let before = filter.before.map_or(i64::MAX, Timestamp::micros);
        let party = filter.party.map(|party| party.to_string());
        let limit = i64::try_from(limit.min(PAGE_MAX)).unwrap_or(i64::MAX);
        let connection = self.lock();
        let mut statement = connection.prepare_cached(sql).map_err(fault)?;
        let rows = statement
            .query_map(params![after.due, after.row, before, limit, party], read_row)
            .map_err(fault)?;
        let rows: Vec<Option<Due>> = rows.collect::<rusqlite::Result<_>>().map_err(fault)?;
        Ok(rows.into_iter().flatten().collect())
    }
}

/// What makes a timer the same: command, subject, instant and epoch.
type Key = (String, String, i64, i64);

fn key(timer: &Timer) -> Key {
    let subject = timer.kind.subject().unwrap_or_default();
    let epoch = i64::try_from(timer.epoch).unwrap_or(i64::MAX);
    (timer.kind.command().as_str().to_owned(), subject, timer.due.micros(), epoch)
}

/// Has the stream's rows be those of `set`; what is the same stays, fired or not.
fn replace(transaction: &Transaction<'_>, set: &Set) -> rusqlite::Result<()> {
    let stream = set.stream.to_string();
    let mut known = transaction
        .prepare_cached("select kind, subject, due, epoch, id, concerns from due where stream = ?1")?;
    let rows: Vec<(Key, i64, String)> = known
        .query_map([&stream], |row| {
            let key = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((key, row.get(4)?, row.get(5)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let set_now: Vec<(Key, &[PartyId])> =
        set.timers.iter().map(|(timer, concerns)| (key(timer), &**concerns)).collect();
    let wanted: BTreeSet<&Key> = set_now.iter().map(|(key, _)| key).collect();
    let mut kept = BTreeSet::new();
    for (key, id, concerns) in &rows {
        if wanted.contains(key) {
            kept.insert(key);
            continue;
        }
        transaction.prepare_cached("delete from due where id = ?1")?.execute([id])?;
        for party in concerns.split_whitespace() {
            transaction
                .prepare_cached("delete from concern where party = ?1 and due = ?2 and id = ?3")?
                .execute(params![party, key.2, id])?;
        }
    }
    for (key, concerns) in set_now.iter().filter(|(key, _)| !kept.contains(key)) {
        insert(transaction, &stream, key, concerns)?;
    }
    Ok(())
}

fn insert(
    transaction: &Transaction<'_>,
    stream: &str,
    (kind, subject, due, epoch): &Key,
    concerns: &[PartyId],
) -> rusqlite::Result<()> {
    let concerns: Vec<String> = concerns.iter().map(ToString::to_string).collect();
    transaction
        .prepare_cached(
            "insert into due (stream, kind, subject, due, epoch, concerns) values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![stream, kind, subject, due, epoch, concerns.join(" ")])?;
    let id = transaction.last_insert_rowid();
    for party in &concerns {
        transaction
            .prepare_cached("insert or ignore into concern (party, due, id) values (?1, ?2, ?3)")?
            .execute(params![party, due, id])?;
    }
    Ok(())
}

/// A row; `None` for one that this version wouldn't write.
fn read_row(row: &Row<'_>) -> rusqlite::Result<Option<Due>> {
    let (id, stream, kind, subject): (i64, String, String, String) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (due, epoch, concerns): (i64, i64, String) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let known = StreamId::parse(&stream).zip(TimerKind::parse(&kind, &subject));
    Ok(known.map(|(stream, kind)| Due {
        stream,
        kind,
        due: Timestamp::from_micros(due),
        epoch: u64::try_from(epoch).unwrap_or_default(),
        concerns: concerns.split_whitespace().filter_map(|party| PartyId::parse(party).ok()).collect(),
        cursor: DueCursor { due, row: id },
    }))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn fault(error: rusqlite::Error) -> StoreFault {
    StoreFault::new(FaultKind::Engine, format!("the table of what is due: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ContractId, JobId, LotId};

    const HERE: Checkpoint = Checkpoint { position: Position::new(1), leaf: LeafHash::from_bytes([1; 32]) };

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn job(n: u128, due: i64, epoch: u64) -> Set {
        let timer = Timer { kind: TimerKind::ExpireJob, due: at(due), epoch };
        Set { stream: StreamId::Job(JobId::from_u128(n)), timers: vec![(timer, vec![PartyId::from_u128(n)])] }
    }

    fn dues(rows: &[Due]) -> Vec<i64> {
        rows.iter().map(|row| row.due.micros()).collect()
    }

    #[test]
    fn rows_come_in_due_order_and_only_when_they_are_due() {
        let table = DueTable::in_memory().unwrap();
        table.apply(&[job(1, 30, 2), job(2, 10, 2), job(3, 20, 2)], HERE).unwrap();
        assert_eq!(dues(&table.fireable(at(20), &[], 10).unwrap()), [10, 20]);
        assert_eq!(table.next_after(at(20)).unwrap(), Some(at(30)));
        assert_eq!(table.checkpoint().unwrap(), Some(HERE));
    }

    #[test]
    fn what_was_fired_or_is_under_way_does_not_fire_until_it_is_set_anew() {
        let table = DueTable::in_memory().unwrap();
        table.apply(&[job(1, 10, 2), job(2, 20, 2)], HERE).unwrap();
        let first = table.fireable(at(99), &[], 1).unwrap()[0].cursor.row;
        assert_eq!(dues(&table.fireable(at(99), &[first], 1).unwrap()), [20]);
        table.fired(first).unwrap();
        table.apply(&[job(1, 10, 2)], HERE).unwrap();
        assert_eq!(dues(&table.fireable(at(99), &[], 10).unwrap()), [20], "it is the same timer");
        table.apply(&[job(1, 10, 3)], HERE).unwrap();
        assert_eq!(dues(&table.fireable(at(99), &[], 10).unwrap()), [10, 20], "it is another");
    }

    #[test]
    fn a_page_is_of_one_party_or_of_all_and_goes_on_where_the_last_ended() {
        let table = DueTable::in_memory().unwrap();
        table.apply(&[job(1, 10, 1), job(2, 10, 1), job(3, 30, 1)], HERE).unwrap();
        let filter = DueFilter::default();
        let first = table.list(&filter, 2).unwrap();
        let rest = table.list(&DueFilter { after: Some(first[1].cursor), ..filter }, 2).unwrap();
        assert_eq!((dues(&first), dues(&rest)), (vec![10, 10], vec![30]));
        let party = Some(PartyId::from_u128(3));
        assert_eq!(dues(&table.list(&DueFilter { party, ..filter }, 10).unwrap()), [30]);
        assert!(table.list(&DueFilter { before: Some(at(29)), party, ..filter }, 10).unwrap().is_empty());
        table.apply(&[Set { timers: vec![], ..job(3, 30, 1) }], HERE).unwrap();
        assert!(table.list(&DueFilter { party, ..filter }, 10).unwrap().is_empty());
    }

    #[test]
    fn each_timer_of_a_stream_concerns_its_own_people() {
        let table = DueTable::in_memory().unwrap();
        let stream = StreamId::Job(JobId::from_u128(1));
        let (client, talent) = (PartyId::from_u128(1), PartyId::from_u128(2));
        let expire = || (Timer { kind: TimerKind::ExpireJob, due: at(9), epoch: 1 }, vec![client]);
        let kind = TimerKind::LapseInvitation(talent);
        let lapse = (Timer { kind, due: at(5), epoch: 2 }, vec![client, talent]);
        table.apply(&[Set { stream: stream.clone(), timers: vec![expire(), lapse] }], HERE).unwrap();
        let of =
            |party| dues(&table.list(&DueFilter { party: Some(party), ..DueFilter::default() }, 9).unwrap());
        assert_eq!((of(client), of(talent)), (vec![5, 9], vec![5]));
        table.apply(&[Set { stream, timers: vec![expire()] }], HERE).unwrap();
        assert_eq!((of(client), of(talent)), (vec![9], vec![]));
    }

    #[test]
    fn every_kind_of_timer_reads_back() {
        let table = DueTable::in_memory().unwrap();
        let stream = StreamId::Contract(ContractId::from_u128(1));
        let kind = TimerKind::ClearEarnings(LotId::from_u128(9));
        let timers = vec![(Timer { kind, due: at(1), epoch: 5 }, vec![])];
        table.apply(&[Set { stream: stream.clone(), timers }], HERE).unwrap();
        let row = &table.list(&DueFilter::default(), 1).unwrap()[0];
        assert_eq!((&row.stream, row.kind, row.epoch), (&stream, kind, 5));
    }

    #[test]
    fn a_file_of_another_version_is_built_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("due.db");
        DueTable::open(&path).unwrap().apply(&[job(1, 10, 2)], HERE).unwrap();
        assert_eq!(DueTable::open(&path).unwrap().checkpoint().unwrap(), Some(HERE));
        Connection::open(&path).unwrap().execute("update meta set version = 99", []).unwrap();
        let anew = DueTable::open(&path).unwrap();
        assert_eq!(anew.checkpoint().unwrap(), None);
        assert!(anew.list(&DueFilter::default(), 10).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_is_no_table_is_refused_with_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("due.db");
        std::fs::write(&path, "dear diary, today I wrote no database at all").unwrap();
        assert!(DueTable::open(&path).unwrap_err().to_string().contains("remove the file"));
    }
}
