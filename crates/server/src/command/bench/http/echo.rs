//! What axum does with JSON when nothing of ours has to be done: parses the body, renders an answer.

use crate::wire::Failure;
use axum::extract::State;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server that answers `/0`, `/1`, … with the answers it was given.
pub(super) struct Echo {
    pub(super) address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Echo {
    pub(super) async fn start(answers: impl Iterator<Item = &str>) -> Result<Self, Failure> {
        let mut router = Router::new();
        for (number, answer) in answers.enumerate() {
            let answer: Arc<Value> = Arc::new(serde_json::from_str(answer)?);
            router = router.route(&format!("/{number}"), post(echo).with_state(answer));
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, serving })
    }

    pub(super) async fn stop(self) {
        self.serving.abort();
        // What it ends with is the abort.
        let _ = self.serving.await;
    }
}

async fn echo(State(answer): State<Arc<Value>>, Json(body): Json<Value>) -> Json<Arc<Value>> {
    std::hint::black_box(body);
    Json(answer)
}
