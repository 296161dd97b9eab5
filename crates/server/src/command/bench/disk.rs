//! What the machine gives before any of our code has run: a flush, and a durable insert.

use super::report::{Figure, Measured};
use super::sample::{Blocking, Subject, take_turns};
use crate::wire::Failure;
use rusqlite::Connection;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const PLAIN_SETTINGS: &str = include_str!("plain_settings.sql");
const PLAIN_INSERT: &str = include_str!("plain_insert.sql");

/// A page of most file systems and of SQLite.
const FLUSHED_BYTES: usize = 4_096;
/// The record that the aims were measured with.
const ROW_BYTES: usize = 377;

/// A write of 4 KiB at the end of a growing file, flushed.
pub(super) async fn flushes(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let sample = flusher(dir)?.run(time).await?;
    Ok(Figure::new("flushes", Measured::steps(sample)))
}

fn flusher(dir: &Path) -> Result<impl Subject + use<>, Failure> {
    let mut file = File::create_new(dir.join("flushed"))?;
    let block = [0x5a; FLUSHED_BYTES];
    Ok(Blocking(move || {
        file.write_all(&block)?;
        file.sync_data()?;
        Ok(1)
    }))
}

/// A durable insert of one row into SQLite, beside the flush that it can't do without.
pub(super) async fn inserts(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let (inserts, flushes) = take_turns(&mut inserter(dir)?, &mut flusher(dir)?, time).await?;
    Ok(Figure::new("events", Measured::steps(inserts)).beside("disk", Measured::steps(flushes), None))
}

/// One row for each transaction, each durable when the next begins: an event store without ours.
pub(super) fn inserter(dir: &Path) -> Result<impl Subject + use<>, Failure> {
    let connection = Connection::open(dir.join("plain.db"))?;
    connection.execute_batch(PLAIN_SETTINGS)?;
    let row = [0x5a; ROW_BYTES];
    Ok(Blocking(move || Ok(connection.prepare_cached(PLAIN_INSERT)?.execute([&row[..]])?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_plain_insert_is_as_durable_as_ours() {
        let dir = tempfile::tempdir().unwrap();
        inserter(dir.path()).unwrap().run(Duration::from_millis(5)).await.unwrap();
        let connection = Connection::open(dir.path().join("plain.db")).unwrap();
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        assert!(PLAIN_SETTINGS.contains("pragma synchronous = full;"));
        let rows: i64 = connection.query_row("select count(*) from plain", [], |row| row.get(0)).unwrap();
        assert!(rows > 0);
    }
}
