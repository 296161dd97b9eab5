//! GraphQL answers: every error with its code and trace id, and the HTTP status that the media type asks for.

use super::accept::Media;
use super::{Problem, RETRY_AFTER_SECONDS, SystemCode, TraceId};
use crate::limits::{self, Breach, Cost, Denied};
use async_graphql::{
    ErrorExtensionValues, Name, PathSegment, Response as Executed, ServerError, Value, value,
};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;

/// What callers read instead of the cause of an internal error.
pub(super) const OPAQUE: &str = "something failed on our side; the log has the cause under this trace id";

/// How async-graphql begins its message when the value of an argument doesn't fit its type. Nothing else marks these
/// errors as the caller's when they come up only while a field is resolved.
const VALUE_ERRORS: [&str; 2] = ["Failed to parse \"", "Expected input type \""];

/// How to answer one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) media: Media,
    pub(super) trace: TraceId,
}

/// Errors that end a subscription.
#[derive(Debug)]
pub(super) struct Failed {
    /// The status that goes with them if nothing was answered before.
    pub(super) status: StatusCode,
    pub(super) errors: Vec<ServerError>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

impl Answer {
    /// Not executed: it passes a limit or doesn't parse.
    pub(super) fn denied(self, denied: Denied) -> Response {
        let (status, error) = self.refusal(denied);
        self.render(self.soft(status), None, &[error], &BTreeMap::new())
    }

    /// As [`Answer::denied`], for who renders it: the status that goes with it, and the error.
    pub(super) fn refusal(self, denied: Denied) -> (StatusCode, ServerError) {
        let (status, code, mut error) = match denied {
            Denied::Breach(breach) => {
                let forbidden = breach == Breach::Introspection;
                let status = if forbidden { StatusCode::FORBIDDEN } else { SystemCode::CostLimit.status() };
                (status, breach.code(), ServerError::new(breach.to_string(), None))
            }
            Denied::Syntax { message, locations } => {
                let mut error = ServerError::new(message, None);
                error.locations = locations;
                (StatusCode::BAD_REQUEST, SystemCode::BadUserInput.as_str(), error)
            }
        };
        self.mark(&mut error, code);
        (status, error)
    }

    /// An error of ours with this code.
    pub(super) fn error(self, code: SystemCode, message: impl Into<String>) -> ServerError {
        let mut error = ServerError::new(message, None);
        self.mark(&mut error, code.as_str());
        error
    }

    /// Errors alone, instead of a stream.
    pub(super) fn errors(self, status: StatusCode, errors: &[ServerError]) -> Response {
        let mut response = self.render(status, None, errors, &BTreeMap::new());
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }

    /// A mutation came by GET, which browsers and caches repeat as they like.
    pub(super) fn mutation_by_get(self) -> Response {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let mut response = self.failed(status, SystemCode::BadUserInput, "mutations are sent with POST");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        response
    }

    /// It took too long. A mutation may have been recorded all the same.
    pub(super) fn timed_out(self, mutates: bool) -> Response {
        let (code, message) = if mutates {
            (
                SystemCode::OutcomeUnknown,
                "no answer in time; send the same again, with the same idempotency key",
            )
        } else {
            (SystemCode::Unavailable, "no answer in time")
        };
        let mut response = self.failed(code.status(), code, message);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECONDS));
        response
    }

    fn failed(self, status: StatusCode, code: SystemCode, message: &str) -> Response {
        let error = self.error(code, message);
        self.render(status, None, &[error], &BTreeMap::new())
    }

    /// One answer of a subscription, as JSON.
    ///
    /// # Errors
    /// [`Failed`] when the subscription ends with it, or never began.
    pub(super) fn told(self, executed: Executed) -> Result<Box<RawValue>, Failed> {
        let (executed, resolved) = self.labelled(executed);
        let Executed { data, errors, extensions, .. } = executed;
        if data == Value::Null && !errors.is_empty() {
            let status = match resolved {
                false => StatusCode::UNPROCESSABLE_ENTITY,
                true if errors.iter().all(is_unauthenticated) => StatusCode::UNAUTHORIZED,
                true => StatusCode::OK,
            };
            return Err(Failed { status, errors });
        }
        let body = Body { errors: &errors, data: Some(&data), extensions: &extensions };
        to_raw_value(&body).map_err(|_| {
            let errors = vec![self.error(SystemCode::Internal, OPAQUE)];
            Failed { status: StatusCode::OK, errors }
        })
    }

    /// What execution made of it. Errors without a code get one: before the first resolver the caller's, then ours.
    pub(super) fn executed(self, executed: Executed, cost: Cost) -> Response {
        let (executed, resolved) = self.labelled(executed);
        let Executed { data, errors, mut extensions, .. } = executed;
        if !resolved {
            let status = self.soft(StatusCode::UNPROCESSABLE_ENTITY);
            return self.render(status, None, &errors, &extensions);
        }
        let Cost { depth, complexity, aliases } = cost;
        let told = value!({ "depth": depth, "complexity": complexity, "aliases": aliases });
        extensions.insert("cost".to_owned(), told);
        if data == Value::Null && !errors.is_empty() && errors.iter().all(is_unauthenticated) {
            let status = self.soft(StatusCode::UNAUTHORIZED);
            let mut response = self.render(status, Some(&data), &errors, &extensions);
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return response;
        }
        self.render(StatusCode::OK, Some(&data), &errors, &extensions)
    }

    /// With a code and the trace id in every error, and null where a field failed; and whether a resolver ran.
    fn labelled(self, mut executed: Executed) -> (Executed, bool) {
        let Executed { data, errors, .. } = &mut executed;
        // An error of a resolver names its field, so that errors without any are validation's.
        let resolved = *data != Value::Null || errors.iter().all(|error| !error.path.is_empty());
        for error in errors {
            self.label(error, resolved);
            put_null(data, &error.path);
        }
        (executed, resolved)
    }

    /// The status for clients that read it; those of plain JSON expect 200 for whatever was well-formed.
    const fn soft(self, status: StatusCode) -> StatusCode {
        match self.media {
            Media::GraphqlResponse => status,
            Media::Json => StatusCode::OK,
        }
    }

    fn label(self, error: &mut ServerError, resolved: bool) {
        if let Some(breach) = limits::breach_of(error) {
            error.message = breach.to_string();
            return self.mark(error, breach.code());
        }
        let value_error =
            error.source.is_none() && VALUE_ERRORS.iter().any(|start| error.message.starts_with(start));
        let internal = SystemCode::Internal.as_str();
        let code = match code(error) {
            Some(code) => code.to_owned(),
            None if resolved && !value_error => internal.to_owned(),
            None => SystemCode::BadUserInput.as_str().to_owned(),
        };
        if code == internal {
            tracing::error!(
                trace_id = %self.trace, path = ?error.path, cause = %error.message, "a resolver failed"
            );
            OPAQUE.clone_into(&mut error.message);
            error.extensions = None;
        }
        self.mark(error, &code);
    }

    fn mark(self, error: &mut ServerError, code: &str) {
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("code", code);
        extensions.set("traceId", self.trace.to_string());
    }

    fn render(
        self,
        status: StatusCode,
        data: Option<&Value>,
        errors: &[ServerError],
        extensions: &BTreeMap<String, Value>,
    ) -> Response {
        match serde_json::to_vec(&Body { errors, data, extensions }) {
            Ok(body) => {
                let no_store = HeaderValue::from_static("no-store");
                let headers = [(CONTENT_TYPE, self.media.content_type()), (CACHE_CONTROL, no_store)];
                (status, headers, body).into_response()
            }
            Err(_) => Problem::of(SystemCode::Internal, self.trace).into_response(),
        }
    }
}

/// async-graphql leaves a field out whose resolver failed; GraphQL wants null in its place.
fn put_null(data: &mut Value, path: &[PathSegment]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let mut at = data;
    for segment in parents {
        let inner = match (at, segment) {
            (Value::Object(fields), PathSegment::Field(name)) => fields.get_mut(name.as_str()),
            (Value::List(items), PathSegment::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return,
        }
    }
    if let (Value::Object(fields), PathSegment::Field(name)) = (at, last) {
        fields.entry(Name::new(name)).or_insert(Value::Null);
    }
}

fn is_unauthenticated(error: &ServerError) -> bool {
    code(error) == Some(SystemCode::Unauthenticated.as_str())
}

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        Value::Null
        | Value::Number(_)
        | Value::Boolean(_)
        | Value::Binary(_)
        | Value::Enum(_)
        | Value::List(_)
        | Value::Object(_) => None,
    }
}
