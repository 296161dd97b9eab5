//! One id for each request, in the answer, in every error and in the log.

use super::{Problem, SystemCode};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::fmt;
use std::panic::AssertUnwindSafe;

/// The header of the answer.
pub(super) const TRACE_ID: HeaderName = HeaderName::from_static("trace-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// A trace's id as in W3C Trace Context: 16 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// The caller's id when there is one valid `traceparent`, or a random one.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(TRACEPARENT).iter();
        match (values.next().and_then(parse), values.next()) {
            (Some(id), None) => id,
            (Some(_) | None, _) => Self::random(),
        }
    }

    fn random() -> Self {
        let mut bytes = [0; 16];
        // Should the system's randomness fail, the id is merely no longer unique.
        let _ = aws_lc_rs::rand::fill(&mut bytes);
        bytes[15] |= u8::from(bytes == [0; 16]);
        Self(bytes)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `version-trace-parent-flags` in lower-case hexadecimals; later versions may append fields.
fn parse(value: &HeaderValue) -> Option<TraceId> {
    let mut parts = value.to_str().ok()?.split('-');
    let mut field = |len: usize| {
        let text = parts.next()?;
        let hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == len && hex).then_some(text)
    };
    let (version, trace, parent, _flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
    let more = parts.next().is_some();
    let id = u128::from_str_radix(trace, 16).ok()?;
    let parent_is_zero = parent.bytes().all(|byte| byte == b'0');
    let valid = id != 0 && !parent_is_zero && version != "ff" && (version != "00" || !more);
    valid.then(|| TraceId(id.to_be_bytes()))
}

/// Gives the request its id and the answer its header; a panic of a handler becomes a problem document.
///
/// The panic's message isn't logged here: it may quote what it was about.
pub(super) async fn layer(mut request: Request, next: Next) -> Response {
    let trace = TraceId::of(request.headers());
    request.extensions_mut().insert(trace);
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_panic) => {
            tracing::error!(trace_id = %trace, "a handler panicked");
            Problem::of(SystemCode::Internal, trace).into_response()
        }
    };
    if let Ok(value) = HeaderValue::from_str(&trace.to_string()) {
        response.headers_mut().insert(TRACE_ID, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> String {
        let headers = HeaderMap::from_iter([(TRACEPARENT, HeaderValue::from_str(value).unwrap())]);
        TraceId::of(&headers).to_string()
    }

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_valid_traceparent_is_continued() {
        assert_eq!(of(&format!("00-{ID}-00f067aa0ba902b7-01")), ID);
        assert_eq!(of(&format!("01-{ID}-00f067aa0ba902b7-01-later")), ID);
    }

    #[test]
    fn anything_else_starts_a_trace_of_its_own() {
        for value in [
            String::new(),
            ID.to_owned(),
            format!("ff-{ID}-00f067aa0ba902b7-01"),
            format!("00-{ID}-00f067aa0ba902b7-01-more"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{ID}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", ID.to_uppercase()),
            format!("00-{ID}-00f067aa0ba902b7"),
        ] {
            let id = of(&value);
            assert!(id.len() == 32 && id != ID && id != "0".repeat(32), "{value}");
        }
        assert_ne!(TraceId::random(), TraceId::random());
    }
}
