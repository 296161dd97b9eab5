//! Rebuilding a read model: folded anew from the log beside the live one, which goes on, and then put in its place.
//!
//! Shape: a file of its own beside the live one, `read.rebuild-NAME.db`, is filled by the same functions as the live
//! rows, page by page. Once it is near the head it goes to the worker, the only one that writes live rows: between two
//! of its commits the worker folds what is still missing, and in one transaction the live tables are made anew from the
//! file and the checkpoint moves with them. So a query sees the rows of before or those of after.
//!
//! Cost: a fold of the whole log beside the live worker, and room for the rows twice. The live read models wait for the
//! last [`LAST_LEG_MAX`] events and for the copy, which takes rows as they are stored. Bounds: one rebuild at a time;
//! one page of the log; the engine's cache twice.
//!
//! Faults: nothing is swapped unless everything was applied. A rebuild that was broken off, or killed with its process,
//! changed nothing; its file is removed, at the latest before the next worker or rebuild begins.

use crate::event_page::EventPage;
use crate::progress::Standing;
use crate::read_models::ReadModels;
use crate::writer::{self, Writer};
use crate::{HaltReason, Name, RebuildError, schema};
use eventstore::{Checkpoint, EventStore, FaultKind, PAGE_MAX, Position, Record, StoreFault};
use rusqlite::TransactionBehavior;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};

/// Most events that are left for the worker to fold, while the live read models wait.
const LAST_LEG_MAX: u64 = 1_000;

/// What the engine may leave: the file, and what it keeps beside it.
const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Where a rebuild finds the running worker, and the log that it follows.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) swaps: mpsc::Sender<Swap>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Rebuilding.
impl ReadModels {
    /// Folds `name` anew from the log beside its live rows, and puts it in their place: never before the position that
    /// they have reached, unless that is not in the log any more. Queries and the worker go on meanwhile. Heals rows
    /// that were damaged, and has a halted read model follow the log again if nothing in the log halts it anew.
    ///
    /// `progress` is told what is folded, and the log's head. Answers with the position of the swap. Dropped, the
    /// rebuild ends without a swap, unless the worker is at it already.
    ///
    /// # Errors
    /// [`RebuildError`]; the live rows are as they were.
    pub async fn rebuild(
        &self,
        name: Name,
        mut progress: impl FnMut(Position, Position) + Send,
    ) -> Result<Position, RebuildError> {
        let shared = self.shared();
        let desk = shared.desk().ok_or(RebuildError::NoWorker)?;
        let only = shared.rebuilding().try_lock_owned().map_err(|_| RebuildError::Running)?;
        let path = shared.path().to_owned();
        let mut beside = off_thread(move || Beside::begin(&path, name, only)).await?;
        loop {
            let head = desk.store.head().await?.position;
            progress(beside.position(), head);
            if head.get().saturating_sub(beside.position().get()) <= LAST_LEG_MAX {
                break;
            }
            let records = desk.store.read(beside.position(), PAGE_MAX).await?;
            beside = off_thread(move || beside.fold(records)).await?;
        }
        let (reply, answer) = oneshot::channel();
        desk.swaps
            .send(Swap { beside: Box::new(beside), reply })
            .await
            .map_err(|_| RebuildError::NoWorker)?;
        answer.await.map_err(|_| RebuildError::NoWorker)?
    }
}

/// Runs `work` where it may wait for the file.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RebuildError> + Send + 'static,
) -> Result<T, RebuildError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(RebuildError::File(error.to_string())))
}

/// The read model as far as it is folded anew.
#[derive(Debug)]
pub(crate) struct Beside {
    writer: Writer,
    standing: Standing,
    // Last, so that the connection is closed when the file is removed.
    file: SideFile,
}

impl Beside {
    fn begin(live: &Path, name: Name, only: OwnedMutexGuard<()>) -> Result<Self, RebuildError> {
        let file = SideFile { path: side_path(live, name), _only: only };
        // What is left of an earlier rebuild may be damaged, or the work of another version.
        remove(&file.path).map_err(|error| RebuildError::File(error.to_string()))?;
        let writer =
            Writer::open_one(&file.path, name).map_err(|error| RebuildError::File(error.to_string()))?;
        let standing = standing(&writer, name)?;
        begun();
        Ok(Self { writer, standing, file })
    }

    fn position(&self) -> Position {
        self.standing.position
    }

    /// Applies `records`, which follow what was applied.
    fn fold(mut self, records: Vec<Arc<Record>>) -> Result<Self, RebuildError> {
        let Some(page) = EventPage::of(records) else {
            let message = format!("the log ends at {}, before its head", self.position());
            return Err(StoreFault::new(FaultKind::Damaged, message).into());
        };
        self.writer.write(&page)?;
        self.standing = standing(&self.writer, self.standing.name)?;
        match &self.standing.halted {
            Some(reason) => Err(RebuildError::Halted(reason.clone())),
            None => Ok(self),
        }
    }

    /// Folds what is missing and takes the place of the live read model. For the worker, between two commits of `writer`,
    /// which writes the file at `path` from `log`. Answers with the position of the swap.
    pub(crate) fn take_over(
        self,
        writer: &mut Writer,
        path: &Path,
        (log, runtime): (&dyn EventStore, &Handle),
    ) -> Result<Position, RebuildError> {
        let live = standing(writer, self.standing.name)?;
        let swapped = runtime.block_on(caught_up(self, &live, log))?.swap(path, &live)?;
        let (name, position) = (swapped.name, swapped.position);
        writer.resume(&swapped);
        tracing::info!(%name, %position, "a read model was rebuilt");
        Ok(position)
    }

    /// Puts the rows in the place of the live ones, which stand at `live`, and answers with where they stand then.
    fn swap(self, path: &Path, live: &Standing) -> Result<Standing, RebuildError> {
        let Self { writer, standing, file } = self;
        let tables = writer.tables()?;
        writer.close();
        let mut connection = schema::connect_beside(path, &file.path)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for table in &tables {
            transaction.execute_batch(&schema::of_table(schema::DROP_LIVE, table))?;
        }
        transaction.execute_batch(live.name.model().schema)?;
        for table in &tables {
            transaction.execute_batch(&schema::of_table(schema::COPY_BESIDE, table))?;
        }
        let to = Checkpoint { position: standing.position, leaf: standing.leaf };
        if !writer::move_checkpoint(&transaction, live, to)? {
            return Err(RebuildError::Halted(HaltReason::Fenced { expected: live.position }));
        }
        writer::before_commit();
        transaction.commit()?;
        writer::after_commit();
        // As long as the rows are; a worker that goes on would keep the room for ever.
        if let Err(error) = schema::empty_write_ahead_log(&connection) {
            tracing::warn!(%error, "the write-ahead log of the read models is left as it is");
        }
        Ok(standing)
    }
}

/// The file of a rebuild is there, and nothing is folded into it yet; here a rebuild can be made to take its time.
fn begun() {
    fail::fail_point!("rebuild::begun");
}

fn standing(writer: &Writer, name: Name) -> Result<Standing, RebuildError> {
    let found = writer.standings().iter().find(|standing| standing.name == name);
    found.cloned().ok_or_else(|| RebuildError::File(format!("{name} is not in it")))
}

/// A read model folded anew, on its way to the worker.
#[derive(Debug)]
pub(crate) struct Swap {
    pub(crate) beside: Box<Beside>,
    /// Answered once where the read model stands was made known.
    pub(crate) reply: oneshot::Sender<Result<Position, RebuildError>>,
}

/// Folds up to the head, so that what would halt the read model is met here and not after the swap; never less than to
/// where `live` stands, unless it has halted because that is not in the log.
async fn caught_up(
    mut beside: Beside,
    live: &Standing,
    store: &dyn EventStore,
) -> Result<Beside, RebuildError> {
    let head = store.head().await?.position;
    let target = if live.halted.is_some() { head } else { head.max(live.position) };
    while beside.position() < target {
        let distance = usize::try_from(target.get() - beside.position().get()).unwrap_or(PAGE_MAX);
        let records = store.read(beside.position(), distance.min(PAGE_MAX)).await?;
        beside = beside.fold(records)?;
    }
    Ok(beside)
}

/// The file of a rebuild, removed once it is not needed. Nobody else makes one meanwhile.
#[derive(Debug)]
struct SideFile {
    path: PathBuf,
    _only: OwnedMutexGuard<()>,
}

impl Drop for SideFile {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, "the file of a rebuild is left where it is");
        }
    }
}

fn side_path(live: &Path, name: Name) -> PathBuf {
    live.with_extension(format!("rebuild-{name}.db"))
}

/// Removes what rebuilds that were killed have left beside the file at `live`: it holds personal data.
pub(crate) fn remove_left_over(live: &Path) {
    for name in Name::ALL {
        if let Err(error) = remove(&side_path(live, *name)) {
            tracing::warn!(%error, "the file of a rebuild is left where it is");
        }
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    for suffix in SUFFIXES {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
