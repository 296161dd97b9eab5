//! Reading the past: as of a position or an instant, and money also as of an accounting date.

use crate::error::system;
use crate::http::SystemCode;
use crate::scalar::{Date, DateTime, Position};
use async_graphql::{Context, InputObject, Result, SimpleObject};
use audit::Auditor;
use audit::as_of::{AsOf, AsOfError, At};
use domain::Timestamp;

/// A place in the log: after a position, or after the last event recorded at or before an instant; the newest if
/// neither is given.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct AsOfInput {
    /// After the event at this position.
    position: Option<Position>,
    /// After the last event that was recorded at or before this instant.
    recorded_at: Option<DateTime>,
    /// Only entries up to this accounting date count, where sums of entries are told.
    effective_on: Option<Date>,
}

impl AsOfInput {
    /// The place, resolved once, so that several answers are about the same one.
    ///
    /// # Errors
    /// BAD_USER_INPUT for two places at once, or one beyond the end of the log.
    pub(crate) async fn resolve<'a>(&self, ctx: &Context<'a>) -> Result<(&'a Auditor, At)> {
        let as_of = match (self.position, self.recorded_at) {
            (None, None) => AsOf::Head,
            (Some(position), None) => AsOf::Position(position.0),
            (None, Some(instant)) => AsOf::RecordedAt(instant.0.micros()),
            (Some(_), Some(_)) => {
                let message = "asOf: expected a position or recordedAt, not both";
                return Err(system(SystemCode::BadUserInput, message));
            }
        };
        let auditor = ctx.data::<Auditor>()?;
        let at = answered(auditor.resolve(as_of, self.effective_on.map(|day| day.0)).await)?;
        at.map(|at| (auditor, at)).ok_or_else(unreadable)
    }
}

/// The place in the log that an answer is about. Asked again with this position, the answer is the same for ever.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct Place {
    /// The last event that counts.
    position: Position,
    /// When it was recorded; null when none counts.
    recorded_at: Option<DateTime>,
    /// The last accounting date whose entries count; null for all of them.
    effective_on: Option<Date>,
}

impl From<At> for Place {
    fn from(at: At) -> Self {
        Self {
            position: Position(at.position),
            recorded_at: at.recorded_at.map(|micros| DateTime(Timestamp::from_micros(micros))),
            effective_on: at.effective_on.map(Date),
        }
    }
}

/// An answer of the auditor; none about what did not exist there.
///
/// # Errors
/// BAD_USER_INPUT for a place beyond the end of the log; what else goes wrong is the machinery's fault.
pub(crate) fn answered<T>(result: Result<T, AsOfError>) -> Result<Option<T>> {
    match result {
        Ok(answer) => Ok(Some(answer)),
        Err(AsOfError::Unknown { .. } | AsOfError::NotYet { .. }) => Ok(None),
        Err(error @ AsOfError::BeyondHead { .. }) => {
            Err(system(SystemCode::BadUserInput, &format!("asOf.position: {error}")))
        }
        Err(error @ (AsOfError::TooMany { .. } | AsOfError::Unreadable { .. } | AsOfError::Store(_))) => {
            tracing::error!(%error, "the past can't be read");
            Err(unreadable())
        }
    }
}

fn unreadable() -> async_graphql::Error {
    system(SystemCode::Unavailable, "this can't be read at the moment; try again")
}
