//! `GET` and `POST /graphql/stream`: GraphQL over server-sent events, one connection for each subscription.
//!
//! Every event's `id` is where to resume, so that a browser which connects again with `Last-Event-ID` misses nothing.
//! `complete` says that the subscription is over; a stream that ends without it, because the node stops or the token no
//! longer holds, is to be resumed.

use super::operation::Operation;
use super::{Endings, Place, Resume};
use crate::http::accept::{Media, takes_event_stream};
use crate::http::answer::{Answer, Failed};
use crate::http::{GRAPHQL_BODY_BYTES_MAX, HttpState, Problem, SystemCode, TraceId, body, graphql, params};
use async_graphql::{Response as Executed, ServerError};
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use engine::Position;
use futures_util::{FutureExt, StreamExt};
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use tokio::time::Interval;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// What proxies are told, so that they pass events on as they come.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

pub(in crate::http) async fn serve(
    State(state): State<Arc<HttpState>>,
    Extension(trace): Extension<TraceId>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match handle(&state, trace, parts, body).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn handle(state: &HttpState, trace: TraceId, parts: Parts, body: Body) -> Result<Response, Problem> {
    let refused =
        |status, detail| Problem::new(status, SystemCode::BadUserInput.as_str(), trace).detail(detail);
    let writes = match parts.method {
        Method::GET => false,
        Method::POST => true,
        _ => return Err(Problem::method_not_allowed("GET, POST", trace)),
    };
    if !takes_event_stream(&parts.headers) {
        return Err(refused(StatusCode::NOT_ACCEPTABLE, "answers are text/event-stream"));
    }
    let session = graphql::session(state, &parts.headers, trace)?;
    let asked = last_event_id(&parts.headers).map_err(|()| {
        refused(StatusCode::BAD_REQUEST, "Last-Event-ID is to be an id of this stream's events")
    })?;
    let place = state.live.enter(trace)?;
    let request = if writes {
        params::check_content_type(&parts.headers, trace)?;
        params::from_json(&body::read(body, GRAPHQL_BODY_BYTES_MAX, trace).await?, trace)?
    } else {
        params::from_query(&parts.uri, trace)?
    };
    let answer = Answer { media: Media::GraphqlResponse, trace };
    let endings = Endings::of(&state.live, &session);
    let resume = Resume::after(asked);
    let operation = match Operation::admit(state, answer, request, session.caller, resume) {
        Ok(operation) => operation,
        Err(Failed { status, errors }) => return Ok(answer.errors(status, &errors)),
    };
    let beat = state.live.beat();
    let feed = Feed { operation, answer, endings, beat, opening: String::new(), over: false, _place: place };
    Ok(feed.begin())
}

/// The position of `Last-Event-ID`, if there is one.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Position>, ()> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(())?;
    Ok(Some(Position::new(number)))
}

/// The events of one connection.
struct Feed {
    operation: Operation,
    answer: Answer,
    endings: Endings,
    beat: Interval,
    /// What is sent first.
    opening: String,
    /// Whether `complete` was sent.
    over: bool,
    _place: Place,
}

impl Feed {
    /// Looks whether the subscription begins, which is known as soon as it is asked for its first answer: what is
    /// wrong with the document is still told by the status.
    fn begin(mut self) -> Response {
        match self.operation.answers.next().now_or_never() {
            Some(Some((position, executed))) => match self.answer.told(executed) {
                Ok(told) => write_next(&mut self.opening, position, told.get()),
                Err(Failed { status, errors }) if status != StatusCode::OK => {
                    return self.answer.errors(status, &errors);
                }
                Err(failed) => self.opening = self.end_with(&failed.errors),
            },
            Some(None) => self.opening = self.end(),
            None => {
                if let Some(start) = self.operation.resume.start() {
                    // No event yet, but a place to resume.
                    let _ = write!(self.opening, "id: {start}\n\n");
                }
            }
        }
        let events = Body::from_stream(futures_util::stream::unfold(self, Self::next));
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
        ];
        (headers, events).into_response()
    }

    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        let opening = std::mem::take(&mut self.opening);
        let text = match (opening.is_empty(), self.over) {
            (false, _) => opening,
            (true, true) => return None,
            (true, false) => tokio::select! {
                biased;
                _ = self.endings.next() => return None,
                answered = self.operation.answers.next() => self.tell(answered),
                _ = self.beat.tick() => ":\n\n".to_owned(),
            },
        };
        Some((Ok(text.into()), self))
    }

    fn tell(&mut self, answered: Option<(Position, Executed)>) -> String {
        let Some((position, executed)) = answered else { return self.end() };
        match self.answer.told(executed) {
            Ok(told) => {
                let mut text = String::new();
                write_next(&mut text, position, told.get());
                text
            }
            Err(failed) => self.end_with(&failed.errors),
        }
    }

    fn end(&mut self) -> String {
        self.over = true;
        "event: complete\ndata:\n\n".to_owned()
    }

    /// The errors with which the subscription ends.
    fn end_with(&mut self, errors: &[ServerError]) -> String {
        let told = serde_json::json!({ "errors": errors });
        format!("event: next\ndata: {told}\n\n{}", self.end())
    }
}

/// An answer in one line, as JSON is.
fn write_next(text: &mut String, position: Position, told: &str) {
    // Writing to a text can't fail.
    let _ = write!(text, "event: next\nid: {position}\ndata: {told}\n\n");
}
