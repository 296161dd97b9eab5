//! What an operator has paused, as the head of the log has it, for whoever acts on it.

use crate::fold::fold_on;
use domain::process::ProcessName;
use domain::{State, StreamId};
use eventstore::{EventStore, FaultKind, StoreFault};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A pause is heeded within this time, on every node.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What an operator has paused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pauses {
    /// Processes, which do nothing.
    pub processes: BTreeSet<ProcessName>,
    /// Rails, on which no provider is called.
    pub rails: BTreeSet<String>,
}

/// What is paused now, and a receiver of what is from here on. The watch ends when the last receiver is gone.
pub(crate) async fn watch(store: &Arc<dyn EventStore>) -> Result<watch::Receiver<Pauses>, StoreFault> {
    let mut known = Known::default();
    known.look(store).await?;
    let (told, pauses) = watch::channel(known.pauses());
    let (store, mut head) = (store.clone(), store.watch_head());
    tokio::spawn(async move {
        loop {
            tokio::select! {
                changed = head.changed() => if changed.is_err() { return },
                () = told.closed() => return,
            }
            while let Err(fault) = known.look(&store).await {
                tracing::warn!(%fault, "what is paused can't be read");
                if fault.kind == FaultKind::Stopped || told.is_closed() {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            told.send_if_modified(|before| {
                let now = known.pauses();
                let differs = *before != now;
                *before = now;
                differs
            });
            tokio::time::sleep(LOOK_EVERY).await;
        }
    });
    Ok(pauses)
}

/// The marketplace's stream, as far as it was read.
#[derive(Default)]
pub(crate) struct Known {
    revision: u64,
    state: Option<State>,
}

impl Known {
    pub(crate) async fn look(&mut self, store: &Arc<dyn EventStore>) -> Result<(), StoreFault> {
        let name: Arc<str> = StreamId::Marketplace.to_string().into();
        if store.stream_revisions(std::slice::from_ref(&name)).await?.first() == Some(&self.revision) {
            return Ok(());
        }
        let records = store.read_stream(&name, self.revision).await?;
        let known = (self.revision, self.state.clone());
        (self.revision, self.state) = fold_on(&StreamId::Marketplace, known, &records)?;
        Ok(())
    }

    pub(crate) fn pauses(&self) -> Pauses {
        self.state.as_ref().and_then(State::as_marketplace).map_or_else(Pauses::default, |marketplace| {
            Pauses {
                processes: marketplace.paused_processes.clone(),
                rails: marketplace.paused_rails.clone(),
            }
        })
    }
}
