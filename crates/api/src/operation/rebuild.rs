//! Rebuilding read models while they are read.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use crate::command::{Outcome, give, inputs, payload};
use crate::permission::reach;
use crate::scalar::Position;
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use domain::marketplace::{MarketplaceEvent, RebuildReadModel};
use domain::text::Text;
use domain::{Code, Event, Refusal};
use projections::{Name, Rebuilds};

inputs! {
    /// Input of `rebuildReadModel`.
    RebuildReadModelInput {
        /// Which read model, as `readModels` names it, such as `job_board`.
        name: String,
        /// Why, one line of at most 200 characters.
        reason: String,
    }
}

payload! {
    /// What `rebuildReadModel` came to.
    RebuildReadModelPayload {
        /// How far the rebuild is: the one that was begun, or the one that was under way already.
        rebuild: Rebuild = of_outcome
    }
}

/// What a rebuild is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum RebuildState {
    /// Another read model is being rebuilt first.
    Waiting,
    /// It goes on beside the live rows.
    Running,
    /// Its rows are the live ones.
    Done,
    /// The live rows are as they were.
    Failed,
}

/// The rebuild of a read model, folded anew from the log beside the live rows and then put in their place.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Rebuild {
    /// The read model's name.
    name: &'static str,
    /// What it is at.
    state: RebuildState,
    /// Everything up to here is folded; once it is done, where it took the live rows' place.
    position: Position,
    /// The newest position of the log when it last looked.
    head: Position,
    /// The position of the newest request for it.
    requested_at: Position,
    /// Why it failed, if it did.
    failure: Option<String>,
}

impl From<projections::Rebuild> for Rebuild {
    fn from(rebuild: projections::Rebuild) -> Self {
        use projections::RebuildState as State;
        let (state, failure) = match rebuild.state {
            State::Waiting => (RebuildState::Waiting, None),
            State::Running => (RebuildState::Running, None),
            State::Done => (RebuildState::Done, None),
            State::Failed(error) => (RebuildState::Failed, Some(error.to_string())),
        };
        Self {
            name: rebuild.name.as_str(),
            state,
            position: Position(rebuild.position),
            head: Position(rebuild.head),
            requested_at: Position(rebuild.requested_at),
            failure,
        }
    }
}

/// The rebuild that the command asked for.
async fn of_outcome(ctx: &Context<'_>, outcome: &Outcome, _: engine::Position) -> Result<Option<Rebuild>> {
    reach(ctx, "Rebuild")?;
    let rebuilds = ctx.data::<Rebuilds>()?;
    Ok(requested(outcome).and_then(|name| rebuilds.of(name)).map(Rebuild::from))
}

/// The read model that the log says is to be rebuilt.
fn requested(outcome: &Outcome) -> Option<Name> {
    let Outcome::Done(receipt) = outcome else { return None };
    receipt.events().ok()?.into_iter().find_map(|event| {
        if let Event::Marketplace(MarketplaceEvent::ReadModelRebuildRequested(request)) = event {
            Name::parse(&request.name)
        } else {
            None
        }
    })
}

fn known(name: &str) -> Result<&'static str, Refusal> {
    Name::parse(name).map(Name::as_str).ok_or_else(|| {
        let names: Vec<&str> = Name::ALL.iter().map(|name| name.as_str()).collect();
        let message = format!("there is no such read model; there are {}", names.join(", "));
        Refusal::new(Code::NotFound, message).at("name")
    })
}

/// Commands on read models.
#[derive(Default)]
pub(crate) struct RebuildMutations;

/// Commands on read models.
#[Object]
impl RebuildMutations {
    /// Has a read model folded anew from the log, beside the live one, which is read meanwhile, and put in its place. The
    /// answer doesn't wait for the end; `rebuilds` tells it. One that is under way already is not begun again.
    /// For administrators.
    async fn rebuild_read_model(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which read model, and why.")] input: RebuildReadModelInput,
    ) -> Result<RebuildReadModelPayload> {
        // A repeat is answered from the log whoever sends it, and begins what a restart took away. So it is asked here
        // whether the caller may have that done now.
        reach(ctx, "Rebuild")?;
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RebuildReadModel {
                name: known(&input.name)?,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        let outcome = outcome.await?;
        if let (Some(name), Some(position)) = (requested(&outcome), outcome.position()) {
            ctx.data::<Rebuilds>()?.ask(name, position);
        }
        Ok(RebuildReadModelPayload(outcome))
    }
}

/// Queries on rebuilds.
#[derive(Default)]
pub(crate) struct RebuildQueries;

/// Queries on rebuilds.
#[Object]
impl RebuildQueries {
    /// The newest rebuild of each read model that was asked for since the node was started. For administrators.
    async fn rebuilds(&self, ctx: &Context<'_>) -> Result<Option<Vec<Rebuild>>> {
        reach(ctx, "Query.rebuilds")?;
        reach(ctx, "Rebuild")?;
        Ok(Some(ctx.data::<Rebuilds>()?.all().into_iter().map(Rebuild::from).collect()))
    }
}
