//! Live connections: subscriptions over WebSocket and over server-sent events.
//!
//! Shape: both transports admit an operation the same way, and ask it for its next answer only when the one before was
//! handed to the connection. Nothing waits in a queue: a subscriber that falls behind makes its subscription look at
//! the log later.
//!
//! Bounds: [`LiveOptions`]. Ends: with the connection, with the token, or with the node, which then waits for all of
//! them to be told where to resume.

mod frame;
mod operation;
mod resume;
pub(super) mod socket;
pub(super) mod stream;

pub use resume::Resume;

use super::{Problem, SystemCode, TraceId};
use crate::auth::Session;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Interval};

/// What live connections may take.
#[derive(Clone, Copy, Debug)]
pub struct LiveOptions {
    /// Connections of the node, of both kinds together.
    pub connections_max: u32,
    /// Subscriptions of the node, over all its connections.
    pub subscriptions_max: u32,
    /// Subscriptions of one WebSocket.
    pub subscriptions_per_socket_max: usize,
    /// How long a WebSocket may take to say who it is.
    pub init_within: Duration,
    /// How long a WebSocket may take to accept a message before it is cut.
    pub send_within: Duration,
    /// How long a closing WebSocket may take to hear of it.
    pub close_within: Duration,
    /// How often an idle connection is shown to be alive. A WebSocket that is silent for three times as long is gone.
    pub beat: Duration,
}

impl Default for LiveOptions {
    fn default() -> Self {
        Self {
            connections_max: 4_096,
            subscriptions_max: 16_384,
            subscriptions_per_socket_max: 32,
            init_within: Duration::from_secs(5),
            send_within: Duration::from_secs(10),
            close_within: Duration::from_secs(2),
            beat: Duration::from_secs(15),
        }
    }
}

/// The live connections of a node. Clones share them.
#[derive(Clone, Debug)]
pub struct Live {
    options: LiveOptions,
    places: Arc<Semaphore>,
    subscriptions: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

impl Live {
    /// None yet.
    pub fn new(options: LiveOptions) -> Self {
        let permits = |max: u32| Arc::new(Semaphore::new(max as usize));
        let (places, subscriptions) = (permits(options.connections_max), permits(options.subscriptions_max));
        Self { options, places, subscriptions, stopping: watch::Sender::new(false) }
    }

    /// Tells every connection to end, and takes no more.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Waits until every connection has ended.
    pub async fn ended(&self) {
        // An error would say that the places were closed, which nobody does.
        let _ = self.places.acquire_many(self.options.connections_max).await;
    }

    /// A beat that begins with a pause.
    fn beat(&self) -> Interval {
        tokio::time::interval_at(Instant::now() + self.options.beat, self.options.beat)
    }

    /// A place for one more connection.
    fn enter(&self, trace: TraceId) -> Result<Place, Problem> {
        let unavailable = |detail| Problem::of(SystemCode::Unavailable, trace).detail(detail);
        if *self.stopping.borrow() {
            return Err(unavailable("this node is stopping; try another"));
        }
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(Place).map_err(|_| unavailable("this node has no place for another live connection"))
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new(LiveOptions::default())
    }
}

/// The place of a connection, free again when it is dropped.
#[derive(Debug)]
struct Place(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

/// Why a connection ends that is in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The node stops.
    Stopping,
    /// The token no longer holds.
    Expired,
}

/// What ends a connection that is in order.
struct Endings {
    stopping: watch::Receiver<bool>,
    expires: Option<Instant>,
}

impl Endings {
    fn of(live: &Live, session: &Session) -> Self {
        let mut endings = Self { stopping: live.stopping.subscribe(), expires: None };
        endings.expire_with(session);
        endings
    }

    fn expire_with(&mut self, session: &Session) {
        self.expires = session.remaining().and_then(|remaining| Instant::now().checked_add(remaining));
    }

    /// Waits for one of them. The future may be dropped and taken up again.
    async fn next(&mut self) -> Ending {
        let last = self.expires;
        let expiry = async {
            match last {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Whoever could tell it to stop is held by the router for as long as there are connections.
            _ = self.stopping.wait_for(|stopping| *stopping) => Ending::Stopping,
            () = expiry => Ending::Expired,
        }
    }
}
