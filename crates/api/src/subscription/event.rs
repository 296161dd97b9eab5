//! The tail of the log: that something happened, not what it says.

use super::{begin, unfollowed};
use crate::http::Resume;
use crate::permission::reach;
use crate::scalar::{DateTime, Position};
use async_graphql::{Context, ID, Result, SimpleObject, Subscription};
use domain::id::{EventId, TypedId};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use projections::{Change, Changes};
use std::collections::VecDeque;

/// An event of the log, without what it says.
#[derive(SimpleObject)]
pub(crate) struct RecordedEvent {
    /// Where it stands.
    position: Position,
    /// Its id, `evt_…`.
    id: ID,
    /// What happened, such as `contract.created`.
    #[graphql(name = "type")]
    event_type: String,
    /// When it was recorded.
    recorded_at: DateTime,
    /// Who caused it: a party with roles, a process or a payment provider.
    actor: String,
    /// The streams that it belongs to, such as `contract/ctr_…`.
    streams: Vec<String>,
}

impl From<&Change> for RecordedEvent {
    fn from(change: &Change) -> Self {
        Self {
            position: Position(change.position),
            id: EventId::from_uuid(change.event_id).to_string().into(),
            event_type: change.event_type.clone().into_owned(),
            recorded_at: DateTime(change.recorded_at),
            actor: change.actor.to_string(),
            streams: change.streams.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The log as it grows.
#[derive(Default)]
pub(crate) struct EventChanges;

/// The log as it grows.
#[Subscription]
impl EventChanges {
    /// Every event after a position, or from now on, in order, none left out and none twice. For support, finance,
    /// audit and administration.
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Resume after this position; 0 is the beginning of the log.")] after: Option<
            Position,
        >,
    ) -> Result<impl Stream<Item = Result<RecordedEvent>>> {
        reach(ctx, "Subscription.events")?;
        let (changes, resume) = (ctx.data::<Changes>()?, ctx.data::<Resume>()?);
        let tail = changes.tail(begin(ctx, after).await?);
        Ok(try_unfold((tail, VecDeque::new()), move |(mut tail, mut page)| async move {
            let next = loop {
                match page.pop_front() {
                    Some(change) => break change,
                    None => page.extend(tail.next().await.map_err(|fault| unfollowed(&fault))?),
                }
            };
            resume.reached(next.position);
            Ok(Some((RecordedEvent::from(&*next), (tail, page))))
        }))
    }
}
