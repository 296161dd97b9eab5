//! Reading a body within its bounds.

use super::{BODY_TIMEOUT, Problem, SystemCode, TraceId};
use axum::body::Body;
use axum::http::StatusCode;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// The body, of at most `max` bytes; no more than that is ever held. A length that is announced too large is refused
/// before the first byte.
///
/// # Errors
/// 413 when it is longer, 408 when it doesn't arrive in time, 400 when the connection breaks.
pub(super) async fn read(body: Body, max: usize, trace: TraceId) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::of(SystemCode::BodyTooLarge, trace).detail(format!("a body may have {max} bytes here"));
    let broken =
        |status, detail| Problem::new(status, SystemCode::BadUserInput.as_str(), trace).detail(detail);
    if axum::body::HttpBody::size_hint(&body).lower() > max as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(broken(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err(broken(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}
