//! Rebuilds that somebody asked for, and that go on by themselves while a node runs.
//!
//! Shape: a task rebuilds one read model after the other, in the order in which they were asked for. Whoever asks for
//! one that waits or is being rebuilt already is answered with that rebuild. Bounds: a read model waits once.
//!
//! Nothing of this outlives the process: a rebuild that it took with it changed nothing, and is asked for anew.

use crate::read_models::ReadModels;
use crate::{Name, RebuildError};
use eventstore::Position;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How long [`Rebuilds::stop`] waits until the file of the rebuild that it broke off is gone.
const FILE_GONE_WITHIN: Duration = Duration::from_secs(2);

/// A rebuild, as far as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// Of which read model.
    pub name: Name,
    /// Where the newest request stands in the log that this rebuild answers.
    pub requested_at: Position,
    /// Everything up to here is folded; once it is done, the position of the swap.
    pub position: Position,
    /// The log's head, as last seen by the rebuild.
    pub head: Position,
    /// What it is at.
    pub state: RebuildState,
}

/// What a rebuild is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RebuildState {
    /// Another read model is being rebuilt first.
    Waiting,
    /// It goes on beside the live rows.
    Running,
    /// Its rows are the live ones.
    Done,
    /// The live rows are as they were.
    Failed(RebuildError),
}

impl Rebuild {
    fn is_under_way(&self) -> bool {
        match self.state {
            RebuildState::Waiting | RebuildState::Running => true,
            RebuildState::Done | RebuildState::Failed(_) => false,
        }
    }
}

/// The newest rebuild of each read model that was asked for.
type Known = Arc<Mutex<BTreeMap<Name, Rebuild>>>;

/// The rebuilds of one node. Clones share them.
#[derive(Clone, Debug)]
pub struct Rebuilds {
    read_models: ReadModels,
    known: Known,
    queue: mpsc::Sender<Name>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Rebuilds {
    /// Waits for what is asked for. The task ends with the last clone, or by [`Rebuilds::stop`].
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn start(read_models: ReadModels) -> Self {
        let known = Known::default();
        let (queue, asked) = mpsc::channel(Name::ALL.len());
        let task = tokio::spawn(one_by_one(read_models.clone(), Arc::clone(&known), asked));
        Self { read_models, known, queue, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// Has the read model rebuilt because of the request that stands at `requested_at`, and answers with how far that
    /// is. A request that was heard before starts nothing, nor does one for a read model that waits or is being rebuilt.
    pub fn ask(&self, name: Name, requested_at: Position) -> Rebuild {
        let mut known = lock(&self.known);
        if let Some(rebuild) = known.get_mut(&name)
            && (rebuild.is_under_way() || requested_at <= rebuild.requested_at)
        {
            rebuild.requested_at = rebuild.requested_at.max(requested_at);
            return rebuild.clone();
        }
        let state = match self.queue.try_send(name) {
            Ok(()) => RebuildState::Waiting,
            // There is room for every read model, so the task has ended.
            Err(_) => RebuildState::Failed(RebuildError::NoWorker),
        };
        let head = self.read_models.shared().head().max(requested_at);
        let rebuild = Rebuild { name, requested_at, position: Position::START, head, state };
        known.insert(name, rebuild.clone());
        rebuild
    }

    /// The newest rebuild of each read model that was asked for, by name.
    pub fn all(&self) -> Vec<Rebuild> {
        lock(&self.known).values().cloned().collect()
    }

    /// The newest rebuild of this read model, if it was asked for.
    pub fn of(&self, name: Name) -> Option<Rebuild> {
        lock(&self.known).get(&name).cloned()
    }

    /// Breaks off what is under way, and waits a little until its file is gone. To be called before the worker stops.
    pub async fn stop(&self) {
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            task.abort();
            // It ends by being aborted, which is no fault.
            let _ = task.await;
        }
        let gone = self.read_models.shared().rebuilding().lock_owned();
        if tokio::time::timeout(FILE_GONE_WITHIN, gone).await.is_err() {
            tracing::warn!("the file of a rebuild is left to the next start");
        }
    }
}

/// Rebuilds what is asked for, until nobody can ask any more.
async fn one_by_one(read_models: ReadModels, known: Known, mut asked: mpsc::Receiver<Name>) {
    while let Some(name) = asked.recv().await {
        let change = |change: &dyn Fn(&mut Rebuild)| {
            if let Some(rebuild) = lock(&known).get_mut(&name) {
                change(rebuild);
            }
        };
        change(&|rebuild| rebuild.state = RebuildState::Running);
        let rebuilding = read_models.rebuild(name, |folded, head| {
            change(&|rebuild| (rebuild.position, rebuild.head) = (folded, head));
        });
        match rebuilding.await {
            Ok(at) => change(&|rebuild| {
                (rebuild.position, rebuild.head) = (at, rebuild.head.max(at));
                rebuild.state = RebuildState::Done;
            }),
            Err(error) => {
                tracing::warn!(%name, %error, "a read model was not rebuilt");
                change(&|rebuild| rebuild.state = RebuildState::Failed(error.clone()));
            }
        }
    }
}

fn lock(known: &Known) -> MutexGuard<'_, BTreeMap<Name, Rebuild>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}
