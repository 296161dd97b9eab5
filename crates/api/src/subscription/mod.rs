//! What can be followed: one thing as it changes, a queue, and the tail of the log.
//!
//! Shape: a subscription names the topic whose changes concern it, waits until the read models have applied the newest of
//! them, reads its row or its page anew and tells it. Several changes at once are told as one, with the newest state.
//! Whatever a relation adds to an answer has seen the change too.
//!
//! To follow something else, copy one of [`entity`]'s: it names the field, the stream, the read models and the row. For a
//! list, copy one of [`queue`]'s.

mod entity;
mod event;
mod queue;
#[cfg(test)]
mod tests;

pub(crate) use entity::{
    AccountChanges, ContractChanges, DisputeChanges, JobChanges, PayoutChanges, ProposalChanges,
};
pub(crate) use event::EventChanges;
pub(crate) use queue::QueueChanges;

use crate::error::{system, thrown};
use crate::http::{Resume, SystemCode};
use crate::permission::reach;
use crate::read::{Staleness, reached};
use crate::scalar::Position as After;
use async_graphql::{Context, Error, Result};
use domain::Refusal;
use engine::Position;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use projections::{Changes, ChangesFault, Name, ReadModels, Topic, TopicChanges};
use std::sync::Arc;
use std::time::Duration;

/// What is followed.
struct Followed {
    /// The field, as the table of permissions names it.
    field: &'static str,
    /// What it is called when it isn't there.
    noun: &'static str,
    /// Whose changes concern it.
    topic: Topic,
    /// The read models that its row comes from.
    models: &'static [Name],
    /// How soon it is looked at again though nothing has changed, if time alone can change it.
    again: Option<Duration>,
}

impl Followed {
    /// Its states with their positions: what it is now, or without that, if `after` is given, from the first change
    /// after it; then whatever it changes to. `read` gives it as far as the caller reaches it.
    ///
    /// # Errors
    /// As for [`reach`] and [`begin`]; NOT_FOUND if there is nothing that the caller reaches; UNAVAILABLE if a read model
    /// has halted.
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
        let start = begin(ctx, after).await?;
        let following = Following {
            models,
            staleness: Arc::clone(ctx.data::<Arc<Staleness>>()?),
            first: resume.asked(after.map(|after| after.0)).is_none().then_some(start),
            changed: changes.of(self.topic.clone(), start),
            seen: start,
            followed: self,
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

/// Where a subscription begins: after the position that it resumes from, or at the end of the log.
///
/// # Errors
/// BAD_USER_INPUT for a position that the log has not come to; UNAVAILABLE if the log can't be read.
async fn begin(ctx: &Context<'_>, after: Option<After>) -> Result<Position> {
    let (changes, resume) = (ctx.data::<Changes>()?, ctx.data::<Resume>()?);
    let asked = resume.asked(after.map(|after| after.0));
    let start = asked.map_or_else(|| changes.head(), |(_, position)| position);
    if let Some((field, position)) = asked.filter(|_| start > changes.head()) {
        // Another node may have appended what wasn't announced here yet.
        let head = changes.newest().await.map_err(|fault| unfollowed(&fault))?;
        if position > head {
            let message = format!(
                "{field}: the log ends at position {head}, before position {position}; resume after {head} or an \
                 earlier one"
            );
            return Err(system(SystemCode::BadUserInput, &message));
        }
    }
    resume.begin(start);
    Ok(start)
}

/// A caller's way along what is followed.
struct Following<'a, R> {
    models: &'a ReadModels,
    /// What relations wait for.
    staleness: Arc<Staleness>,
    /// The position at which the state is told before there is any change.
    first: Option<Position>,
    changed: TopicChanges,
    /// The newest position that was looked at.
    seen: Position,
    followed: Followed,
    read: R,
}

impl<R> Following<'_, R> {
    async fn next(&mut self) -> Result<Position> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let changed = self.changed.next();
        let next = match self.followed.again {
            None => changed.await,
            Some(again) => tokio::time::timeout(again, changed).await.unwrap_or(Ok(self.seen)),
        };
        self.seen = next.map_err(|fault| unfollowed(&fault))?;
        Ok(self.seen)
    }

    /// The row, once its read models have applied `position`. What is read for the answer afterwards waits for it too.
    async fn as_of<T>(&self, position: Position) -> Result<T>
    where
        R: Fn(&ReadModels) -> Result<Option<T>>,
    {
        self.staleness.remember(Some(position));
        reached(self.models, self.followed.models, position).await?;
        (self.read)(self.models)?.ok_or_else(|| thrown(&Refusal::not_found(self.followed.noun)))
    }
}

fn unfollowed(fault: &ChangesFault) -> Error {
    tracing::error!(%fault, "a subscription ended");
    system(SystemCode::Unavailable, "the log can't be followed at the moment; resume later")
}
