//! Relay's `node` and `nodes`: anything with an id of its own, by that id.

use crate::contract::{self, Contract};
use crate::error::thrown;
use crate::job::{Job, visible};
use crate::loader::RowLoader;
use crate::permission::reach;
use crate::proposal::Proposal;
use crate::read::{queried, settled};
use crate::scalar::Position;
use async_graphql::{Context, ID, Interface, Object, Result};
use domain::id::{ContractId, JobId, ProposalId, TypedId};
use domain::{Code, Refusal};
use projections::Name;

/// Most ids of one `nodes`.
const NODES_MAX: usize = 100;

/// Anything with an id of its own.
#[derive(Interface)]
#[graphql(field(
    name = "id",
    ty = "ID",
    desc = "Its id: a prefix that says what it is, and a UUIDv7."
))]
pub(crate) enum Node {
    /// A job.
    Job(Job),
    /// A proposal.
    Proposal(Proposal),
    /// A contract.
    Contract(Contract),
}

/// Queries by id.
#[derive(Default)]
pub(crate) struct NodeQueries;

/// Queries by id.
#[Object]
impl NodeQueries {
    /// What has this id; null if nothing that the caller may see has.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Node>> {
        reach(ctx, "Query.node")?;
        wait(ctx, after).await?;
        find(ctx, &id).await
    }

    /// What has each of these ids, in their order; null where nothing that the caller may see has. At most 100.
    #[graphql(complexity = "5 + ids.len() * child_complexity")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids.")] ids: Vec<ID>,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Vec<Option<Node>>>> {
        reach(ctx, "Query.nodes")?;
        if ids.len() > NODES_MAX {
            return Err(thrown(&Refusal::new(
                Code::CountOutOfRange,
                format!("ids: at most {NODES_MAX}"),
            )));
        }
        wait(ctx, after).await?;
        let found = futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id)));
        found.await.map(Some)
    }
}

async fn wait(ctx: &Context<'_>, after: Option<Position>) -> Result<()> {
    let touched = [Name::JobBoard, Name::ProposalInbox, Name::ContractBoard];
    settled(ctx, &touched, after.map(|after| after.0))
        .await
        .map(|_| ())
}

async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let loader = ctx.data::<RowLoader>()?;
    if let Ok(id) = JobId::parse(id) {
        let row = queried(loader.load_one(id).await.map_err(|e| (*e).clone()))?;
        return Ok(row
            .filter(|row| visible(row, reach(ctx, "Job").ok()))
            .map(|row| Node::Job(Job(row))));
    }
    if let Ok(id) = ProposalId::parse(id) {
        let Ok(reach) = reach(ctx, "Proposal") else {
            return Ok(None);
        };
        let row = queried(loader.load_one(id).await.map_err(|e| (*e).clone()))?;
        let seen = row.filter(|row| reach.covers(&[row.client, row.talent]));
        return Ok(seen.map(|row| Node::Proposal(Proposal(row))));
    }
    if let Ok(id) = ContractId::parse(id) {
        if reach(ctx, "Contract").is_err() {
            return Ok(None);
        }
        return Ok(contract::load(ctx, id).await?.map(Node::Contract));
    }
    // An id of no noun that has a node is as absent as any other.
    Ok(None)
}
