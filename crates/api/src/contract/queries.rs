//! Reading contracts.

use super::Contract;
use crate::as_of::AsOfInput;
use crate::connection::{ContractConnection, connection, page};
use crate::permission::{Reach, reach};
use crate::read::{queried, settled};
use crate::scalar::{ContractId, Cursor, Position};
use async_graphql::{Context, Object, Result};
use domain::id::TypedId;
use projections::{ContractFilter, Name};

/// Queries on contracts.
#[derive(Default)]
pub(crate) struct ContractQueries;

/// Queries on contracts.
#[Object]
impl ContractQueries {
    /// A contract; null if there is none, or the caller is no party to it.
    async fn contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract.")] id: ContractId,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
        #[graphql(desc = "As it stood at this place in the log, instead of now.")] as_of: Option<AsOfInput>,
    ) -> Result<Option<Contract>> {
        reach(ctx, "Query.contract")?;
        let models = settled(ctx, &[Name::ContractBoard], after.map(|after| after.0)).await?;
        let contract = Contract::visible(ctx, queried(models.contract(id.0))?)?;
        match (contract, as_of) {
            (Some(contract), Some(as_of)) => contract.back_to(ctx, &as_of).await,
            (contract, _) => Ok(contract),
        }
    }

    /// The caller's contracts, on either side, newest first; all for staff.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn contracts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<ContractConnection>> {
        reach(ctx, "Query.contracts")?;
        let filter = match reach(ctx, "Contract")? {
            Reach::Any => ContractFilter::All,
            Reach::Own(party) => ContractFilter::Party(party),
            Reach::Public => return Ok(None),
        };
        let page = page(first, after.as_ref(), |key| domain::id::ContractId::parse(key).ok())?;
        let models = settled(ctx, &[Name::ContractBoard], after_position.map(|after| after.0)).await?;
        let slice = queried(models.contracts(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Contract::visible(ctx, row)).map(Some)
    }
}
