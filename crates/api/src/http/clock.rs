//! The clock of `dev`: shown to anybody, put forward by an admin. Production has no such address.

use super::body;
use super::{HttpState, Problem, SystemCode, TraceId, unknown};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::{Role, Timestamp};
use engine::Clock;
use serde::Deserialize;
use std::sync::Arc;

/// Largest request, in bytes.
const BODY_BYTES_MAX: usize = 1_024;

/// What the clock is asked: one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
enum Advance {
    /// To this instant; an earlier one leaves it alone.
    To(String),
    /// By so many seconds.
    BySeconds(u32),
}

/// Shows the marketplace's instant.
pub(super) async fn show(
    State(state): State<Arc<HttpState>>,
    trace: Extension<TraceId>,
) -> Result<Response, Problem> {
    match &state.simulated {
        Some(clock) => Ok(shown(clock.now())),
        None => Err(unknown(trace).await),
    }
}

/// Puts the clock forward, and shows it.
pub(super) async fn advance(
    State(state): State<Arc<HttpState>>,
    Extension(trace): Extension<TraceId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Some(clock) = state.simulated.clone() else {
        return Err(unknown(Extension(trace)).await);
    };
    let caller = state.authenticator.authenticate(&headers).ok().and_then(|caller| caller.actor());
    if !caller.is_some_and(|actor| actor.roles().contains(&Role::Admin)) {
        return Err(Problem::new(StatusCode::FORBIDDEN, domain::Code::Forbidden.as_str(), trace)
            .detail("the clock is put forward with the admin's token"));
    }
    let body = body::read(body, BODY_BYTES_MAX, trace).await?;
    let to = serde_json::from_slice(&body).ok().and_then(|advance| match advance {
        Advance::To(instant) => Timestamp::parse(&instant),
        Advance::BySeconds(seconds) => {
            Some(Timestamp::from_micros(clock.now().micros().saturating_add(i64::from(seconds) * 1_000_000)))
        }
    });
    let Some(to) = to else {
        return Err(Problem::new(StatusCode::BAD_REQUEST, SystemCode::BadUserInput.as_str(), trace)
            .detail(r#"expected {"to": "2026-01-31T12:00:00Z"} or {"bySeconds": 86400}"#));
    };
    clock.advance_to(to);
    Ok(shown(clock.now()))
}

fn shown(now: Timestamp) -> Response {
    axum::Json(serde_json::json!({ "now": now.to_string() })).into_response()
}
