//! The two ways to end: somebody asks for it, or the committer can't go on.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the process is asked to end by SIGTERM or SIGINT.
pub(crate) async fn asked() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without handlers the signals end the process by themselves.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
