//! Whether the process lives, has started, and can serve, and what was paused on purpose. The answers come from what is known already: nothing here
//! waits for a store.

use super::HttpState;
use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::process::ProcessName;
use engine::Pauses;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The state of one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name, such as `store` or `projections`.
    pub name: &'static str,
    /// `Ok`, or why it can't serve, for operators; never a secret or personal data.
    pub ready: Result<(), String>,
}

/// Says how the parts are. Called often, so it looks and never waits.
pub trait Health: Send + Sync {
    /// Whether everything was started once; it doesn't become false again.
    fn started(&self) -> bool;
    /// Every part that requests need.
    fn parts(&self) -> Vec<Part>;
    /// What an operator has paused. It serves all the same.
    fn paused(&self) -> Pauses;
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    parts: BTreeMap<&'static str, Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<Paused>,
}

/// The names of what is paused.
#[derive(Serialize)]
struct Paused {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    processes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rails: Vec<String>,
}

impl Paused {
    fn of(pauses: Pauses) -> Option<Self> {
        let names = Self {
            processes: pauses.processes.into_iter().map(ProcessName::as_str).collect(),
            rails: pauses.rails.into_iter().collect(),
        };
        (!names.processes.is_empty() || !names.rails.is_empty()).then_some(names)
    }
}

#[derive(Serialize)]
struct Detail {
    ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn live() -> Response {
    answer(StatusCode::OK, Report { status: "live", parts: BTreeMap::new(), paused: None })
}

pub(super) async fn started(State(state): State<Arc<HttpState>>) -> Response {
    let (status, word) = if state.health.started() {
        (StatusCode::OK, "started")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "starting")
    };
    answer(status, Report { status: word, parts: BTreeMap::new(), paused: None })
}

pub(super) async fn ready(State(state): State<Arc<HttpState>>) -> Response {
    let parts: BTreeMap<_, _> = state
        .health
        .parts()
        .into_iter()
        .map(|part| (part.name, Detail { ready: part.ready.is_ok(), reason: part.ready.err() }))
        .collect();
    let paused = Paused::of(state.health.paused());
    if state.health.started() && parts.values().all(|part| part.ready) {
        answer(StatusCode::OK, Report { status: "ready", parts, paused })
    } else {
        answer(StatusCode::SERVICE_UNAVAILABLE, Report { status: "unready", parts, paused })
    }
}

fn answer(status: StatusCode, report: Report) -> Response {
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(report)).into_response()
}
