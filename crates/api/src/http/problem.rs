//! Problem documents (RFC 9457), for whatever isn't a GraphQL answer.

use super::{RETRY_AFTER_SECONDS, SystemCode, TraceId};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::borrow::Cow;

/// A failure as `application/problem+json`: `type`, `title`, `status`, `detail`, and as extensions `code`, `traceId`
/// and, for clients that only know GraphQL's form, `errors`.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    trace: TraceId,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with this status and code.
    pub fn new(status: StatusCode, code: &'static str, trace: TraceId) -> Self {
        let detail = status.canonical_reason().unwrap_or("failed").into();
        Self { status, code, detail, trace, headers: Vec::new() }
    }

    /// A problem with the code's own status and what belongs to it: a challenge, or when to try again.
    pub fn of(code: SystemCode, trace: TraceId) -> Self {
        let problem = Self::new(code.status(), code.as_str(), trace);
        match code {
            SystemCode::Unauthenticated => {
                problem.header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""))
            }
            SystemCode::Unavailable | SystemCode::OutcomeUnknown => {
                problem.header(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS))
            }
            SystemCode::Internal => problem.detail(super::answer::OPAQUE),
            SystemCode::BadUserInput
            | SystemCode::IdempotencyMismatch
            | SystemCode::CostLimit
            | SystemCode::BodyTooLarge
            | SystemCode::MalformedJson => problem,
        }
    }

    /// 405, with the methods that there are.
    pub(super) fn method_not_allowed(allowed: &'static str, trace: TraceId) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, SystemCode::BadUserInput.as_str(), trace)
            .detail(format!("this address takes {allowed}"))
            .header(ALLOW, HeaderValue::from_static(allowed))
    }

    /// Says what happened, in a sentence for people that quotes nothing personal.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let trace = self.trace.to_string();
        let body = json!({
            "type": format!("urn:counterfoil:error:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "traceId": trace,
            "errors": [{"message": self.detail, "extensions": {"code": self.code, "traceId": trace}}],
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.headers);
        response
    }
}
