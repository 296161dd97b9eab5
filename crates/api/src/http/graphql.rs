//! `GET` and `POST /graphql`, by GraphQL over HTTP.
//!
//! Order: method, `Accept`, token, body, limits, execution; each step costs more than the one before, and what fails
//! early is never read further.

use super::answer::Answer;
use super::{
    GRAPHQL_BODY_BYTES_MAX, HttpState, Problem, REQUEST_TIMEOUT, SystemCode, TraceId, accept, body, params,
};
use crate::auth::Session;
use crate::limits;
use async_graphql::parser::types::OperationType;
use async_graphql::{ObjectType, Schema, SubscriptionType};
use axum::Extension;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::BoxStream;
use std::sync::Arc;
use std::time::Duration;

/// Executes GraphQL requests; every schema does. The request's data holds a [`Caller`](crate::auth::Caller) and a
/// [`TraceId`].
///
/// An error of a resolver should carry its code in `extensions.code`. One without a code, or with `INTERNAL`, is told
/// to the caller without its message, and the message is logged: it must not quote personal data.
#[async_trait::async_trait]
pub trait Execute: Send + Sync {
    /// Executes one query or mutation. Dropping the future abandons it at any point.
    async fn execute(&self, request: async_graphql::Request) -> async_graphql::Response;

    /// The answers to one subscription, in order; nothing runs unless they are asked for. The request's data holds a
    /// [`Resume`](super::Resume) too, which the resolver tells where it stands.
    fn subscribe(&self, request: async_graphql::Request) -> BoxStream<'static, async_graphql::Response>;
}

#[async_trait::async_trait]
impl<Q, M, S> Execute for Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    async fn execute(&self, request: async_graphql::Request) -> async_graphql::Response {
        Self::execute(self, request).await
    }

    fn subscribe(&self, request: async_graphql::Request) -> BoxStream<'static, async_graphql::Response> {
        self.execute_stream(request)
    }
}

/// How GraphQL behaves.
#[derive(Clone, Copy, Debug)]
pub struct GraphqlOptions {
    /// Whether `__schema` and `__type` are answered; only in development.
    pub introspection: bool,
    /// How long an operation may take.
    pub timeout: Duration,
}

impl Default for GraphqlOptions {
    fn default() -> Self {
        Self { introspection: false, timeout: REQUEST_TIMEOUT }
    }
}

pub(super) async fn serve(
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

async fn handle(
    state: &HttpState,
    trace: TraceId,
    parts: Parts,
    body: axum::body::Body,
) -> Result<Response, Problem> {
    let writes = match parts.method {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Err(Problem::method_not_allowed("GET, HEAD, POST", trace)),
    };
    let answer = answer_for(&parts.headers, trace)?;
    let caller = session(state, &parts.headers, trace)?.caller;
    let mut request = if writes {
        params::check_content_type(&parts.headers, trace)?;
        params::from_json(&body::read(body, GRAPHQL_BODY_BYTES_MAX, trace).await?, trace)?
    } else {
        params::from_query(&parts.uri, trace)?
    };
    let cost = match limits::admit(&mut request, state.graphql.introspection) {
        Ok(cost) => cost,
        Err(denied) => return Ok(answer.denied(denied)),
    };
    let name = request.operation_name.clone();
    let kind =
        request.parsed_query().ok().and_then(|document| limits::operation_type(document, name.as_deref()));
    let mutates = kind == Some(OperationType::Mutation);
    if mutates && !writes {
        return Ok(answer.mutation_by_get());
    }
    let execution = state.schema.execute(request.data(caller).data(trace));
    Ok(match tokio::time::timeout(state.graphql.timeout, execution).await {
        Ok(response) => answer.executed(response, cost),
        Err(_) => answer.timed_out(mutates),
    })
}

/// Who sends these headers.
pub(super) fn session(state: &HttpState, headers: &HeaderMap, trace: TraceId) -> Result<Session, Problem> {
    state.authenticator.session(headers).map_err(|error| {
        tracing::debug!(trace_id = %trace, %error, "a token was refused");
        Problem::of(SystemCode::Unauthenticated, trace).detail("the token was refused; get a new one")
    })
}

fn answer_for(headers: &HeaderMap, trace: TraceId) -> Result<Answer, Problem> {
    let media = accept::negotiate(headers).ok_or_else(|| {
        Problem::new(StatusCode::NOT_ACCEPTABLE, SystemCode::BadUserInput.as_str(), trace)
            .detail("answers are application/graphql-response+json or application/json")
    })?;
    Ok(Answer { media, trace })
}
