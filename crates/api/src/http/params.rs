//! A GraphQL request out of a body or an address.

use super::{Problem, SystemCode, TraceId};
use async_graphql::{Request, Variables};
use axum::extract::Query;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// `extensions` is part of the form, and nothing in it is used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Params<V> {
    query: String,
    operation_name: Option<String>,
    #[serde(default = "Option::default")]
    variables: Option<V>,
}

impl<V> Params<V> {
    fn into_request(self, variables: Option<Variables>) -> Request {
        let mut request = Request::new(self.query).variables(variables.unwrap_or_default());
        request.operation_name = self.operation_name.filter(|name| !name.is_empty());
        request
    }
}

/// The body is to be `application/json`, in UTF-8: forms and plain text are what a foreign page could post.
pub(super) fn check_content_type(headers: &HeaderMap, trace: TraceId) -> Result<(), Problem> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let only = values.next().and_then(|value| value.to_str().ok()).filter(|_| values.next().is_none());
    if only.is_some_and(is_json) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, SystemCode::BadUserInput.as_str(), trace)
        .detail("the body is to be application/json in UTF-8"))
}

fn is_json(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"))
        && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

/// The request of a body.
pub(super) fn from_json(body: &[u8], trace: TraceId) -> Result<Request, Problem> {
    // It must be looked at first: a list would pass for the members of an object in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(StatusCode::BAD_REQUEST, SystemCode::CostLimit.as_str(), trace)
            .detail("send one operation at a time, not a list"));
    }
    let mut params: Params<Variables> = json(body, trace)?;
    let variables = params.variables.take();
    Ok(params.into_request(variables))
}

/// The request of an address: `query`, `operationName`, and `variables` as JSON.
pub(super) fn from_query(uri: &Uri, trace: TraceId) -> Result<Request, Problem> {
    let Query(mut params) = Query::<Params<String>>::try_from_uri(uri).map_err(|_| shape(trace))?;
    let variables = params.variables.take().filter(|text| !text.is_empty());
    let variables = variables.map(|text| json::<Option<Variables>>(text.as_bytes(), trace)).transpose()?;
    Ok(params.into_request(variables.flatten()))
}

fn json<T: DeserializeOwned>(text: &[u8], trace: TraceId) -> Result<T, Problem> {
    serde_json::from_slice(text).map_err(|error| {
        if error.is_data() {
            return shape(trace);
        }
        let (line, column) = (error.line(), error.column());
        Problem::of(SystemCode::MalformedJson, trace)
            .detail(format!("not JSON at line {line}, column {column}"))
    })
}

fn shape(trace: TraceId) -> Problem {
    Problem::of(SystemCode::BadUserInput, trace)
        .detail("expected `query`, a text, and if needed `operationName`, a text, and `variables`, an object")
}
