//! Relay's `node` and `nodes`: anything with an id of its own, by that id.

use crate::contract::{Contract, Refund};
use crate::dispute::Dispute;
use crate::error::thrown;
use crate::job::Job;
use crate::loader::load;
use crate::payout::Payout;
use crate::permission::reach;
use crate::proposal::Proposal;
use crate::read::remember;
use crate::scalar::Position;
use async_graphql::{Context, ID, Interface, Object, Result};
use domain::id::{ContractId, DisputeId, JobId, PayoutId, ProposalId, RefundId, TypedId};
use domain::{Code, Refusal};

/// Most ids of one `nodes`.
const NODES_MAX: usize = 100;

/// Anything with an id of its own.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id: a prefix that says what it is, and a UUIDv7."))]
pub(crate) enum Node {
    /// A job.
    Job(Job),
    /// A proposal.
    Proposal(Proposal),
    /// A contract.
    Contract(Contract),
    /// A refund.
    Refund(Refund),
    /// A dispute.
    Dispute(Dispute),
    /// A payout.
    Payout(Payout),
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
        remember(ctx, after.map(|after| after.0))?;
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
            return Err(thrown(&Refusal::new(Code::CountOutOfRange, format!("ids: at most {NODES_MAX}"))));
        }
        remember(ctx, after.map(|after| after.0))?;
        let found = futures_util::future::try_join_all(ids.iter().map(|id| find(ctx, id)));
        found.await.map(Some)
    }
}

/// What has the id, if it is within the caller's reach. Unlike a query for one type, this refuses nobody: an id that
/// the caller's roles don't reach is as absent as one that nothing has.
async fn find(ctx: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    if let Ok(id) = JobId::parse(id)
        && reach(ctx, "Job").is_ok()
    {
        let job = Job::visible(ctx, load(ctx, id).await?)?;
        return Ok(job.map(Node::Job));
    }
    if let Ok(id) = ProposalId::parse(id)
        && reach(ctx, "Proposal").is_ok()
    {
        let proposal = Proposal::visible(ctx, load(ctx, id).await?)?;
        return Ok(proposal.map(Node::Proposal));
    }
    if let Ok(id) = ContractId::parse(id)
        && reach(ctx, "Contract").is_ok()
    {
        let contract = Contract::visible(ctx, load(ctx, id).await?)?;
        return Ok(contract.map(Node::Contract));
    }
    if let Ok(id) = RefundId::parse(id)
        && reach(ctx, "Refund").is_ok()
    {
        return Ok(Refund::find(ctx, id).await?.map(Node::Refund));
    }
    if let Ok(id) = DisputeId::parse(id)
        && reach(ctx, "Dispute").is_ok()
    {
        let dispute = Dispute::visible(ctx, load(ctx, id).await?)?;
        return Ok(dispute.map(Node::Dispute));
    }
    if let Ok(id) = PayoutId::parse(id)
        && reach(ctx, "Payout").is_ok()
    {
        let payout = Payout::visible(ctx, load(ctx, id).await?)?;
        return Ok(payout.map(Node::Payout));
    }
    Ok(None)
}
