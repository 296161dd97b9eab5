//! Reading a log from its beginning: as events, beside the same rows as bytes.

use super::append::Log;
use super::journey;
use super::report::{Figure, Measured};
use super::sample::{Blocking, Caller, Callers, Subject, take_turns};
use crate::wire::Failure;
use domain::codec;
use eventstore::{EventStore, PAGE_MAX, Position, Record, SqliteStore, StoreFault};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const RAW_PAGE: &str = include_str!("raw_page.sql");

/// Of what the raw rows must be read in half the time of, at most.
const PARSED_AT_LEAST: f64 = 0.5;
/// How long the log is that is read.
const EVENTS: u64 = 200_000;
/// How long it may take to write it, in multiples of the time measured; then what there is has to do.
const FILLING_MAX: u32 = 10;

/// Pages of decoded events, the next one being read meanwhile, as a projection reads them when it is rebuilt.
pub(super) async fn measure(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let events = fill(dir, time).await?;
    let store = SqliteStore::open_read_only(&dir.join("log"))?;
    let mut parsed = Callers(vec![Parsed { store, after: Position::START, ahead: None }]);
    let (parsed, raw) = take_turns(&mut parsed, &mut raw(&dir.join("log").join("log.db"))?, time).await?;
    let note =
        format!("a log of {events} events of whole journeys, in pages of {PAGE_MAX}; the times are a page's");
    let figure = Figure::new("events", Measured::events(parsed)).noted(note);
    Ok(figure.beside("raw rows", Measured::events(raw), Some(PARSED_AT_LEAST)))
}

async fn fill(dir: &Path, time: Duration) -> Result<u64, Failure> {
    let (log, start) = (Log::open(dir).await?, Instant::now());
    let mut callers = journey::callers(&log.engine);
    while start.elapsed() < time * FILLING_MAX && log.store.head().await?.position.get() < EVENTS {
        callers.run(time / FILLING_MAX).await?;
    }
    let events = log.store.head().await?.position.get();
    log.close().await;
    Ok(events)
}

type Page = Result<Vec<Arc<Record>>, StoreFault>;

struct Parsed {
    store: SqliteStore,
    after: Position,
    /// The page after the one that is being decoded.
    ahead: Option<JoinHandle<Page>>,
}

impl Parsed {
    fn read(&self, after: Position) -> JoinHandle<Page> {
        let store = self.store.clone();
        tokio::spawn(async move { store.read(after, PAGE_MAX).await })
    }
}

impl Caller for Parsed {
    async fn step(&mut self) -> Result<usize, Failure> {
        let page = match self.ahead.take() {
            Some(page) => page.await??,
            None => self.read(self.after).await??,
        };
        // After the last page it begins again.
        self.after = page.last().map_or(Position::START, |record| record.position());
        self.ahead = Some(self.read(self.after));
        // Without this the reading could be left to wait on the very thread that decodes.
        tokio::task::block_in_place(|| {
            for record in &page {
                let header = record.header();
                std::hint::black_box(codec::decode(
                    &header.event_type,
                    header.schema_version,
                    record.payload(),
                )?);
            }
            Ok::<_, Failure>(page.len())
        })
    }
}

/// The columns that an event is made of, copied out and not looked at.
fn raw(file: &Path) -> Result<impl Subject + use<>, Failure> {
    let connection = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    let (mut after, mut bytes) = (0_i64, Vec::new());
    Ok(Blocking(move || {
        bytes.clear();
        let mut statement = connection.prepare_cached(RAW_PAGE)?;
        let mut rows = statement.query((after, i64::try_from(PAGE_MAX)?))?;
        let (mut count, mut last) = (0, 0);
        while let Some(row) = rows.next()? {
            last = row.get(0)?;
            bytes.extend_from_slice(row.get_ref(1)?.as_blob()?);
            bytes.extend_from_slice(row.get_ref(2)?.as_blob()?);
            count += 1;
        }
        after = last;
        std::hint::black_box(&bytes);
        Ok(count)
    }))
}
