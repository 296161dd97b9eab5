//! A subscription that was admitted: within the limits of any request, and of the right kind.

use super::Resume;
use crate::auth::Caller;
use crate::http::answer::{Answer, Failed};
use crate::http::{HttpState, SystemCode};
use crate::limits;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType, Selection};
use async_graphql::{Request, Response};
use axum::http::StatusCode;
use engine::Position;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// A subscription, counted in the gauge for as long as it is held.
pub(super) struct Operation {
    /// Its answers, each with the position that it has seen.
    pub(super) answers: BoxStream<'static, (Position, Response)>,
    pub(super) resume: Resume,
    pub(super) counted: Counted,
}

/// One of the node's subscriptions, and of the gauge's.
#[derive(Debug)]
pub(super) struct Counted(#[expect(dead_code, reason = "held, not looked at")] OwnedSemaphorePermit);

impl Counted {
    /// `None` if the node has as many as it may.
    fn one(state: &HttpState) -> Option<Self> {
        let permit = Arc::clone(&state.live.subscriptions).try_acquire_owned().ok()?;
        metrics::gauge!("counterfoil_subscriptions").increment(1.0);
        Some(Self(permit))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!("counterfoil_subscriptions").decrement(1.0);
    }
}

impl Operation {
    /// The subscription of `request`, for `caller`; nothing of it has run yet.
    ///
    /// # Errors
    /// [`Failed`] if it passes a limit, doesn't parse, is no subscription to exactly one field, or is one too many.
    pub(super) fn admit(
        state: &HttpState,
        answer: Answer,
        mut request: Request,
        caller: Caller,
        resume: Resume,
    ) -> Result<Self, Failed> {
        if let Err(denied) = limits::admit(&mut request, state.graphql.introspection) {
            let (status, error) = answer.refusal(denied);
            return Err(Failed { status, errors: vec![error] });
        }
        let name = request.operation_name.clone();
        let objection =
            request.parsed_query().map_or(Some(NOT_ONE), |document| objection(document, name.as_deref()));
        if let Some(objection) = objection {
            let errors = vec![answer.error(SystemCode::BadUserInput, objection)];
            return Err(Failed { status: StatusCode::BAD_REQUEST, errors });
        }
        let Some(counted) = Counted::one(state) else {
            let errors =
                vec![answer.error(SystemCode::Unavailable, "this node has no place for more; try again")];
            return Err(Failed { status: SystemCode::Unavailable.status(), errors });
        };
        let request = request.data(caller).data(answer.trace).data(resume.clone());
        let standing = resume.clone();
        let answers = state.schema.subscribe(request);
        let answers = answers.map(move |response| (standing.position(), response)).boxed();
        Ok(Self { answers, resume, counted })
    }
}

const NOT_ONE: &str = "the document has none or several operations; name the one that is meant";

/// What is wrong with the operation as a subscription, if anything is.
fn objection(document: &ExecutableDocument, name: Option<&str>) -> Option<&'static str> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => None,
    };
    let Some(operation) = operation else { return Some(NOT_ONE) };
    if operation.node.ty != OperationType::Subscription {
        return Some("only subscriptions are served here; send queries and mutations to /graphql");
    }
    // GraphQL asks for one field; within a fragment async-graphql wouldn't even look for it.
    match operation.node.selection_set.node.items.as_slice() {
        [only] if matches!(only.node, Selection::Field(_)) => None,
        _ => Some("a subscription selects exactly one field, outside of any fragment"),
    }
}
