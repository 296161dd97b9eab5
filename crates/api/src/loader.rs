//! Data loaders: relations are read together, one query for all that a response needs of a kind.

use crate::read::queried;
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};
use domain::id::{ContractId, JobId, ProposalId};
use projections::{ContractRow, JobRow, MilestoneRow, ProposalRow, QueryFault, ReadModels};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Reads rows by their ids.
pub(crate) struct Rows(ReadModels);

/// The loader of one request.
pub(crate) type RowLoader = DataLoader<Rows>;

/// The key of a contract's milestones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct MilestonesOf(pub(crate) ContractId);

/// A loader for one request: nothing is shared between callers.
pub(crate) fn loader(read_models: ReadModels) -> RowLoader {
    DataLoader::new(Rows(read_models), tokio::spawn)
}

/// What `key` stands for, read together with what else the response needs of the kind.
pub(crate) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Rows as Loader<K>>::Value>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Rows: Loader<K, Error = Arc<QueryFault>>,
{
    let loaded = ctx.data::<RowLoader>()?.load_one(key).await;
    queried(loaded.map_err(|fault| (*fault).clone()))
}

macro_rules! by_id {
    ($($id:ty => $row:ty, $read:ident;)*) => {$(
        impl Loader<$id> for Rows {
            type Value = $row;
            type Error = Arc<QueryFault>;

            async fn load(&self, keys: &[$id]) -> Result<HashMap<$id, $row>, Self::Error> {
                let rows = self.0.$read(keys).map_err(Arc::new)?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    )*};
}

by_id! {
    JobId => JobRow, jobs_by_ids;
    ProposalId => ProposalRow, proposals_by_ids;
    ContractId => ContractRow, contracts_by_ids;
}

impl Loader<MilestonesOf> for Rows {
    type Value = Vec<MilestoneRow>;
    type Error = Arc<QueryFault>;

    async fn load(&self, keys: &[MilestonesOf]) -> Result<HashMap<MilestonesOf, Self::Value>, Self::Error> {
        let contracts: Vec<ContractId> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<_, Vec<_>> = keys.iter().map(|key| (*key, Vec::new())).collect();
        for row in self.0.milestones_by_contracts(&contracts).map_err(Arc::new)? {
            found.entry(MilestonesOf(row.contract_id)).or_default().push(row);
        }
        Ok(found)
    }
}
