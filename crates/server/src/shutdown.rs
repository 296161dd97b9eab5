//! The two ways to end: somebody asks for it, or the committer can't go on.

use tokio::signal::unix::{SignalKind, signal};

/// Takes over SIGTERM and SIGINT now, so that from here on neither ends the process by itself, and returns what waits
/// for one of them.
pub(crate) fn asked() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            // Without handlers the signals end the process by themselves.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
