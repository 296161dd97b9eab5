//! How a no is told: business refusals as `userErrors`, system errors as GraphQL errors with a code.

use crate::http::SystemCode;
use async_graphql::{Error, ErrorExtensions, SimpleObject};
use domain::refusal::Kind;
use domain::{Code, Refusal};
use engine::ExecuteError;

/// Why a command was refused. Nothing was written; the same command may succeed later.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct UserError {
    /// A permanent code; its page says what to do about it.
    code: &'static str,
    /// The input field that it is about, such as `milestones[1].amount`.
    field: Option<String>,
    /// One sentence for people. May change.
    message: String,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.as_str(),
            field: refusal.field.map(std::borrow::Cow::into_owned),
            message: refusal.message.into_owned(),
        }
    }
}

/// An error with its code.
pub(crate) fn system(code: SystemCode, message: &str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str()))
}

/// An error with a refusal's code, and the field that it is about if it names one.
pub(crate) fn thrown(refusal: &Refusal) -> Error {
    Error::new(refusal.message.as_ref()).extend_with(|_, extensions| {
        extensions.set("code", refusal.code.as_str());
        if let Some(field) = &refusal.field {
            extensions.set("field", field.as_ref());
        }
    })
}

/// The caller's role lacks the field.
pub(crate) fn forbidden() -> Error {
    thrown(&Refusal::new(Code::Forbidden, "your roles don't include this"))
}

/// A refusal as data, unless it says that there is nothing to talk about.
pub(crate) fn as_user_error(refusal: Refusal) -> Result<UserError, Error> {
    match refusal.code.kind() {
        Kind::Input | Kind::Business => Ok(refusal.into()),
        Kind::NotFound | Kind::Forbidden => Err(thrown(&refusal)),
    }
}

/// What a caller is told when a command was not done.
pub(crate) fn not_done(error: ExecuteError) -> Result<UserError, Error> {
    match error {
        ExecuteError::Refused(refusal) => as_user_error(refusal),
        ExecuteError::IdempotencyMismatch => Err(system(
            SystemCode::IdempotencyMismatch,
            "this idempotency key was used for another request; use a new one",
        )),
        ExecuteError::Unknown(_) => Err(system(
            SystemCode::OutcomeUnknown,
            "whether this was recorded is not known; send the same request again with the same key",
        )),
        ExecuteError::Overloaded => {
            Err(system(SystemCode::Unavailable, "too many commands are waiting; try again"))
        }
        ExecuteError::Fault(fault) => {
            tracing::error!(%fault, "a command was not recorded");
            Err(system(SystemCode::Unavailable, "nothing was recorded; try again"))
        }
    }
}
