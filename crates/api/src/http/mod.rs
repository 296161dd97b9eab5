//! HTTP: GraphQL, its subscriptions by WebSocket and by server-sent events, webhooks of payment providers, health and metrics.
//!
//! Every answer carries the request's trace id in the header `trace-id`; every failure outside of GraphQL is a
//! problem document of RFC 9457. Nothing here decides: it reads, bounds, hands over, and renders.

mod accept;
mod answer;
mod body;
mod clock;
mod code;
mod graphql;
mod health;
mod live;
mod params;
mod problem;
mod stalled;
mod trace;
mod webhook;

#[cfg(test)]
mod tests;

pub use code::SystemCode;
pub use graphql::{Execute, GraphqlOptions};
pub use health::{Health, Part};
pub use live::{Live, LiveOptions, Resume};
pub use problem::Problem;
pub use stalled::Stalled;
pub use trace::TraceId;
pub use webhook::{Webhook, WebhookError, WebhookSink};

use crate::auth::Authenticator;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router, middleware};
use engine::SimulatedClock;
use std::sync::Arc;
use std::time::Duration;

/// Largest body of a GraphQL request, in bytes.
pub const GRAPHQL_BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest body of a webhook, in bytes.
pub const WEBHOOK_BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a GraphQL request or a webhook may take after its body has arrived.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds after which a caller may try again what was unavailable.
pub const RETRY_AFTER_SECONDS: u32 = 1;

/// What the routes need.
#[derive(Clone)]
pub struct HttpState {
    /// The schema, built through [`crate::limits::guard`].
    pub schema: Arc<dyn Execute>,
    /// Who calls.
    pub authenticator: Arc<Authenticator>,
    /// Where webhooks go.
    pub webhooks: Arc<dyn WebhookSink>,
    /// Whether the parts are ready.
    pub health: Arc<dyn Health>,
    /// The metrics as text, in Prometheus' format.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// How GraphQL behaves.
    pub graphql: GraphqlOptions,
    /// The live connections.
    pub live: Live,
    /// The marketplace's clock, if a developer may put it forward.
    pub simulated: Option<Arc<SimulatedClock>>,
}

/// All routes.
pub fn router(state: HttpState) -> Router {
    Router::new()
        .route("/graphql", any(graphql::serve))
        .route("/graphql/stream", any(live::stream::serve))
        .route("/graphql/ws", any(live::socket::serve))
        .route("/webhooks/{rail}", post(webhook::serve).fallback(post_only))
        .route("/livez", get(health::live).fallback(get_only))
        .route("/readyz", get(health::ready).fallback(get_only))
        .route("/startupz", get(health::started).fallback(get_only))
        .route("/dev/clock", get(clock::show).post(clock::advance).fallback(get_only))
        .route("/metrics", get(metrics).fallback(get_only))
        .fallback(unknown)
        .with_state(Arc::new(state))
        .layer(middleware::from_fn(trace::layer))
}

async fn metrics(State(state): State<Arc<HttpState>>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(CONTENT_TYPE, kind)], (state.metrics)()).into_response()
}

async fn unknown(Extension(trace): Extension<TraceId>) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, domain::Code::NotFound.as_str(), trace)
        .detail("there is nothing at this address")
}

async fn post_only(Extension(trace): Extension<TraceId>) -> Problem {
    Problem::method_not_allowed("POST", trace)
}

async fn get_only(Extension(trace): Extension<TraceId>) -> Problem {
    Problem::method_not_allowed("GET, HEAD", trace)
}
