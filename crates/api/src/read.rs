//! Reading at or after a position: waits for every read model that a field touches, those of relations too. A query waits
//! for a bounded time, and says so when that ran out; a subscription waits for as long as it takes.

use crate::error::system;
use crate::http::SystemCode;
use async_graphql::{Context, Result};
use engine::Position;
use projections::{Name, QueryFault, ReadModels, Waited};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a read waits for its position before it answers with what there is.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(2);

/// What a request waits for, and whether anything that it read was older than that; told in the response's
/// `extensions.stale`.
#[derive(Debug, Default)]
pub(crate) struct Staleness {
    oldest: Mutex<Option<Position>>,
    awaited: Mutex<Option<Awaited>>,
    patience: Patience,
}

/// How long a request waits for what it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Patience {
    /// [`WAIT_MAX`], and then it is answered with what there is.
    #[default]
    Bounded,
    /// Until it is there: nobody but the subscriber waits for it.
    Unbounded,
}

/// The newest position that a request has named, and how long it waits for it: all that it reads waits no longer than
/// this together, however many relations lead on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Awaited {
    position: Position,
    until: Instant,
}

impl Staleness {
    /// That of a subscription, whose answers are never older than the change that they tell.
    pub(crate) fn never() -> Self {
        Self { patience: Patience::Unbounded, ..Self::default() }
    }

    fn mark(&self, at: Position) {
        let mut oldest = self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        *oldest = Some(oldest.map_or(at, |other| other.min(at)));
    }

    /// Where the slowest read model that was read stood, if it was behind what was asked for.
    pub(crate) fn at(&self) -> Option<Position> {
        *self.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has everything that is read from here on wait for `after`.
    pub(crate) fn remember(&self, after: Option<Position>) {
        let _awaited = self.newest(after);
    }

    /// What to wait for from here on: `after`, unless something newer was named before.
    fn newest(&self, after: Option<Position>) -> Option<Awaited> {
        let mut awaited = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(position) = after.filter(|after| awaited.is_none_or(|known| known.position < *after)) {
            *awaited = Some(Awaited { position, until: Instant::now() + WAIT_MAX });
        }
        *awaited
    }
}

/// Has everything that the request reads from here on wait for `after`.
pub(crate) fn remember(ctx: &Context<'_>, after: Option<Position>) -> Result<()> {
    ctx.data::<Arc<Staleness>>()?.remember(after);
    Ok(())
}

/// The read models, once those named have seen `after` and what the request has named before, or the time has run out.
///
/// # Errors
/// UNAVAILABLE for a subscription, if one of them has halted.
pub(crate) async fn settled<'a>(
    ctx: &Context<'a>,
    names: &[Name],
    after: Option<Position>,
) -> Result<&'a ReadModels> {
    let (models, staleness) = (ctx.data::<ReadModels>()?, ctx.data::<Arc<Staleness>>()?);
    let Some(awaited) = staleness.newest(after) else { return Ok(models) };
    if staleness.patience == Patience::Unbounded {
        reached(models, names, awaited.position).await?;
        return Ok(models);
    }
    let within = awaited.until.saturating_duration_since(Instant::now());
    match models.wait_for(names, awaited.position, within).await {
        Waited::Reached => {}
        Waited::Stale { at } => staleness.mark(at),
        Waited::Halted { name, at, reason } => {
            tracing::error!(%name, %at, %reason, "a query reads a read model that has halted");
            staleness.mark(at);
        }
    }
    Ok(models)
}

/// Waits until the read models named have seen `position`, however long that takes.
///
/// # Errors
/// UNAVAILABLE if one of them has halted.
pub(crate) async fn reached(models: &ReadModels, names: &[Name], position: Position) -> Result<()> {
    loop {
        match models.wait_for(names, position, WAIT_MAX).await {
            Waited::Reached => return Ok(()),
            Waited::Stale { .. } => {}
            Waited::Halted { name, at, reason } => {
                tracing::error!(%name, %at, %reason, "a subscription reads a read model that has halted");
                return Err(system(SystemCode::Unavailable, "this can't be followed at the moment"));
            }
        }
    }
}

/// A read that failed is the machinery's fault, not the caller's.
pub(crate) fn queried<T>(result: Result<T, QueryFault>) -> Result<T> {
    result.map_err(|fault| {
        tracing::error!(%fault, "a query failed");
        system(SystemCode::Unavailable, "this can't be read at the moment; try again")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};

    /// A root field that names a position, and a relation that doesn't.
    struct Root;

    #[Object]
    #[expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]
    impl Root {
        async fn named(&self, ctx: &Context<'_>) -> Result<Relation> {
            remember(ctx, Some(Position::new(7)))?;
            Ok(Relation)
        }

        async fn unnamed(&self) -> Relation {
            Relation
        }
    }

    struct Relation;

    #[Object]
    impl Relation {
        async fn read(&self, ctx: &Context<'_>) -> Result<bool> {
            settled(ctx, &[Name::ProposalInbox], None).await.map(|_| true)
        }
    }

    #[tokio::test]
    async fn a_relation_waits_for_what_the_field_before_it_named_and_is_stale_without_it() {
        let dir = tempfile::tempdir().unwrap();
        // Nobody keeps these up, so they stay where they are.
        let models = ReadModels::open(&dir.path().join("read.db")).unwrap();
        let schema = Schema::build(Root, EmptyMutation, EmptySubscription).data(models).finish();
        for (document, stale) in
            [("{ unnamed { read } }", None), ("{ named { read } }", Some(Position::START))]
        {
            let staleness = Arc::new(Staleness::default());
            let response = schema.execute(Request::new(document).data(Arc::clone(&staleness))).await;
            assert!(response.is_ok(), "{response:?}");
            assert_eq!(staleness.at(), stale, "{document}");
        }
    }

    #[tokio::test]
    async fn what_a_subscription_reads_is_waited_for_beyond_the_bound_of_a_query() {
        let dir = tempfile::tempdir().unwrap();
        let models = ReadModels::open(&dir.path().join("read.db")).unwrap();
        let schema = Schema::build(Root, EmptyMutation, EmptySubscription).data(models).finish();
        let answered = async |staleness| {
            let request = Request::new("{ named { read } }").data(Arc::new(staleness));
            tokio::time::timeout(WAIT_MAX + Duration::from_secs(1), schema.execute(request)).await.is_ok()
        };
        let both = futures_util::join!(answered(Staleness::default()), answered(Staleness::never()));
        assert_eq!(both, (true, false));
    }

    #[test]
    fn only_a_newer_position_makes_a_request_wait_anew() {
        let staleness = Staleness::default();
        assert_eq!(staleness.newest(None), None);
        let first = staleness.newest(Some(Position::new(5)));
        assert_eq!(staleness.newest(None), first);
        assert_eq!(staleness.newest(Some(Position::new(4))), first);
        let newer = staleness.newest(Some(Position::new(6)));
        assert_eq!(newer.map(|awaited| awaited.position), Some(Position::new(6)));
    }
}
