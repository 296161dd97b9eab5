//! Reading a body within its bounds.

use super::{BODY_TIMEOUT, Problem, SystemCode, TraceId};
use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

/// How much of a body that is refused as too large is still read, and thrown away. A connection closed on a client that
/// is still writing is reset, and the client never sees the answer; beyond this much, that is its own fault.
pub(super) const DISCARDED: usize = 1024 * 1024;

/// The body, of at most `max` bytes; no more than that is ever held. What is too long is refused, an announced length
/// before the first byte is kept; up to [`DISCARDED`] bytes of it are read first, so that the client hears why.
///
/// # Errors
/// 413 when it is longer, 408 when it doesn't arrive in time, 400 when the connection breaks.
pub(super) async fn read(body: Body, max: usize, trace: TraceId) -> Result<Bytes, Problem> {
    let too_large =
        || Problem::of(SystemCode::BodyTooLarge, trace).detail(format!("a body may have {max} bytes here"));
    let broken =
        |status, detail| Problem::new(status, SystemCode::BadUserInput.as_str(), trace).detail(detail);
    let announced = axum::body::HttpBody::size_hint(&body).lower();
    if announced > DISCARDED as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIMEOUT, held(body, max)).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => Err(broken(StatusCode::BAD_REQUEST, "the body broke off")),
        Err(_) => Err(broken(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}

/// The body, or `None` when it is longer than `max`; then what follows is thrown away as it comes, up to a bound.
async fn held(body: Body, max: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut body = body;
    let (mut kept, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        if length <= max {
            kept.extend_from_slice(&data);
        } else if length <= DISCARDED {
            kept = BytesMut::new();
        } else {
            return Ok(None);
        }
    }
    Ok((length <= max).then(|| kept.freeze()))
}
