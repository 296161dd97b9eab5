//! What can be followed: one thing as it changes, and the tail of the log.
//!
//! Shape: an entity's subscription names its streams' changes, waits until the read models have applied the newest of
//! them, reads the row anew and tells it. Several changes at once are told as one, with the newest state.
//!
//! To follow something else, copy one of [`entity`]'s: it names the field, the stream, the read models and the row.

mod entity;
mod event;
#[cfg(test)]
mod tests;

pub(crate) use entity::{ContractChanges, DisputeChanges, JobChanges, PayoutChanges, ProposalChanges};
pub(crate) use event::EventChanges;

use crate::error::{system, thrown};
use crate::http::{Resume, SystemCode};
use crate::permission::reach;
use crate::read::WAIT_MAX;
use crate::scalar::Position as After;
use async_graphql::{Context, Error, Result};
use domain::{Refusal, StreamId};
use engine::Position;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use projections::{Changes, ChangesFault, Name, ReadModels, StreamChanges, Waited};

/// What is followed.
struct Entity {
    /// The field, as the table of permissions names it.
    field: &'static str,
    /// What it is called when it isn't there.
    noun: &'static str,
    stream: StreamId,
    /// The read models that its row comes from.
    models: &'static [Name],
}

impl Entity {
    /// The states of the entity with their positions: what it is now, or without that, if `after` is given, from the
    /// first change after it; then whatever it changes to. `read` gives the row as far as the caller reaches it.
    ///
    /// # Errors
    /// As for [`reach`]; NOT_FOUND if there is nothing that the caller reaches; UNAVAILABLE if a read model has halted.
    async fn states<'a, T, R>(
        self,
        ctx: &'a Context<'_>,
        after: Option<After>,
        read: R,
    ) -> Result<impl Stream<Item = Result<(After, T)>> + use<'a, T, R>>
    where
        T: Send + 'a,
        R: Fn(&ReadModels) -> Result<Option<T>> + Send + Sync + 'a,
    {
        reach(ctx, self.field)?;
        let (models, changes, resume) =
            (ctx.data::<ReadModels>()?, ctx.data::<Changes>()?, ctx.data::<Resume>()?);
        let head = changes.head();
        let after = resume.begin(after.map(|after| after.0), head);
        let start = after.unwrap_or(head);
        let following = Following {
            models,
            first: after.is_none().then_some(start),
            changed: changes.of_stream(self.stream.clone(), start),
            entity: self,
            read,
        };
        // Whoever doesn't reach it is told so at once, whether or not it ever changes.
        following.as_of(start).await?;
        Ok(try_unfold(following, move |mut following| async move {
            let position = following.next().await?;
            let row = following.as_of(position).await?;
            resume.reached(position);
            Ok(Some(((After(position), row), following)))
        }))
    }
}

/// A caller's way along an entity.
struct Following<'a, R> {
    models: &'a ReadModels,
    /// The position at which the state is told before there is any change.
    first: Option<Position>,
    changed: StreamChanges,
    entity: Entity,
    read: R,
}

impl<R> Following<'_, R> {
    async fn next(&mut self) -> Result<Position> {
        match self.first.take() {
            Some(first) => Ok(first),
            None => self.changed.next().await.map_err(|fault| unfollowed(&fault)),
        }
    }

    /// The row, once its read models have applied `position`.
    async fn as_of<T>(&self, position: Position) -> Result<T>
    where
        R: Fn(&ReadModels) -> Result<Option<T>>,
    {
        loop {
            match self.models.wait_for(self.entity.models, position, WAIT_MAX).await {
                Waited::Reached => break,
                // Nobody but the subscriber waits for it.
                Waited::Stale { .. } => {}
                Waited::Halted { name, at, reason } => {
                    tracing::error!(%name, %at, %reason, "a subscription reads a read model that has halted");
                    return Err(system(SystemCode::Unavailable, "this can't be followed at the moment"));
                }
            }
        }
        (self.read)(self.models)?.ok_or_else(|| thrown(&Refusal::not_found(self.entity.noun)))
    }
}

fn unfollowed(fault: &ChangesFault) -> Error {
    tracing::error!(%fault, "a subscription ended");
    system(SystemCode::Unavailable, "the log can't be followed at the moment; resume later")
}
