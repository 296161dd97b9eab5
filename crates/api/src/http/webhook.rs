//! Webhooks of payment providers, in the form of Standard Webhooks: what was signed is handed on byte for byte, and
//! whoever knows the secret judges it.

use super::{HttpState, Problem, REQUEST_TIMEOUT, SystemCode, TraceId, WEBHOOK_BODY_BYTES_MAX, body};
use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use bytes::Bytes;
use domain::Code;
use std::sync::Arc;

/// Longest value of a webhook's header, in bytes.
const WEBHOOK_HEADER_BYTES_MAX: usize = 1_024;

/// A message as it came; nothing of it is verified.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `webhook-id`, the same for every delivery of one message.
    pub id: String,
    /// `webhook-timestamp` as written: seconds since the epoch, a part of what is signed.
    pub timestamp: String,
    /// `webhook-signature`: one or more of `v1,<base64>`, separated by spaces.
    pub signature: String,
    /// The bytes that are signed.
    pub body: Bytes,
}

/// Why a webhook wasn't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No rail has this name.
    #[error("there is no such rail")]
    UnknownRail,
    /// No signature of it holds, or its timestamp is too old or too far ahead.
    #[error("the signature doesn't hold")]
    Unsigned,
    /// Signed, but not a message that the rail understands.
    #[error("the message can't be understood")]
    Malformed,
    /// Signed and understood, but about something that was never begun here.
    #[error("the message refers to nothing that is known here")]
    UnknownReference,
    /// It couldn't be recorded now; the provider is to send it again.
    #[error("the message can't be recorded at the moment")]
    Unavailable,
}

/// Takes webhooks: verifies, and answers once what they say is durable.
#[async_trait::async_trait]
pub trait WebhookSink: Send + Sync {
    /// Takes one message for `rail`. The same message may come again, and is then taken once.
    ///
    /// # Errors
    /// [`WebhookError`]; nothing was recorded, except after `Unavailable`, when it isn't known.
    async fn receive(&self, rail: &str, webhook: Webhook) -> Result<(), WebhookError>;
}

pub(super) async fn serve(
    State(state): State<Arc<HttpState>>,
    rail: Result<Path<String>, PathRejection>,
    Extension(trace): Extension<TraceId>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Problem> {
    let header = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let value = values.next().filter(|value| value.len() <= WEBHOOK_HEADER_BYTES_MAX)?;
        let only = values.next().is_none();
        value.to_str().ok().filter(|text| only && !text.is_empty()).map(str::to_owned)
    };
    let problem = |error| refused(error, trace);
    let Ok(Path(rail)) = rail else {
        return Err(problem(WebhookError::UnknownRail));
    };
    let signature = header("webhook-signature").ok_or_else(|| problem(WebhookError::Unsigned))?;
    let id = header("webhook-id").ok_or_else(|| problem(WebhookError::Malformed))?;
    let timestamp = header("webhook-timestamp").ok_or_else(|| problem(WebhookError::Malformed))?;
    let body = body::read(body, WEBHOOK_BODY_BYTES_MAX, trace).await?;
    let taken = state.webhooks.receive(&rail, Webhook { id, timestamp, signature, body });
    match tokio::time::timeout(REQUEST_TIMEOUT, taken).await {
        Ok(Ok(())) => Ok(StatusCode::NO_CONTENT),
        Ok(Err(error)) => Err(problem(error)),
        Err(_) => Err(problem(WebhookError::Unavailable)),
    }
}

fn refused(error: WebhookError, trace: TraceId) -> Problem {
    let problem = match error {
        WebhookError::UnknownRail | WebhookError::UnknownReference => {
            Problem::new(StatusCode::NOT_FOUND, Code::NotFound.as_str(), trace)
        }
        WebhookError::Unsigned => {
            let code = SystemCode::Unauthenticated;
            Problem::new(code.status(), code.as_str(), trace)
                .header(WWW_AUTHENTICATE, HeaderValue::from_static("StandardWebhooks"))
        }
        WebhookError::Malformed => Problem::of(SystemCode::BadUserInput, trace),
        WebhookError::Unavailable => Problem::of(SystemCode::Unavailable, trace),
    };
    problem.detail(error.to_string())
}
