//! Data loaders: relations are read together, one query for all that a response needs of a kind.

use crate::read::{queried, settled};
use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{Context, Result};
use domain::id::{ContractId, DisputeId, JobId, MilestoneId, PayoutId, ProposalId, RefundId};
use projections::{
    ContractRow, DisputeRow, EvidenceRow, InvitationRow, JobRow, LotRow, MilestoneRow, Name, OfferRow,
    PayoutRow, ProposalRow, QueryFault, QuestionRow, ReadModels, RefundRow, SettlementOfferRow,
};
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Reads rows by their ids.
pub(crate) struct Rows(ReadModels);

/// The loader of one request.
pub(crate) type RowLoader = DataLoader<Rows>;

/// What rows are read by; it says which read model keeps them, so that a relation waits for it as a query does.
pub(crate) trait Key {
    /// The read model.
    const MODEL: Name;
}

/// A loader for one request: nothing is shared between callers.
pub(crate) fn loader(read_models: ReadModels) -> RowLoader {
    DataLoader::new(Rows(read_models), tokio::spawn)
}

/// What `key` stands for, read together with what else the response needs of the kind, once its read model has seen
/// what the request waits for.
pub(crate) async fn load<K>(ctx: &Context<'_>, key: K) -> Result<Option<<Rows as Loader<K>>::Value>>
where
    K: Key + Send + Sync + Hash + Eq + Clone + 'static,
    Rows: Loader<K, Error = Arc<QueryFault>>,
{
    settled(ctx, &[K::MODEL], None).await?;
    let loaded = ctx.data::<RowLoader>()?.load_one(key).await;
    queried(loaded.map_err(|fault| (*fault).clone()))
}

macro_rules! by_id {
    ($($id:ty => $row:ty, $read:ident, $model:ident;)*) => {$(
        impl Key for $id {
            const MODEL: Name = Name::$model;
        }

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
    JobId => JobRow, jobs_by_ids, JobBoard;
    ProposalId => ProposalRow, proposals_by_ids, ProposalInbox;
    ContractId => ContractRow, contracts_by_ids, ContractBoard;
    MilestoneId => MilestoneRow, milestones_by_ids, ContractBoard;
    RefundId => RefundRow, refunds_by_ids, ContractBoard;
    DisputeId => DisputeRow, disputes_by_ids, DisputeDesk;
    PayoutId => PayoutRow, payouts_by_ids, PayoutDesk;
}

macro_rules! of_another {
    ($($(#[doc = $doc:literal])* $name:ident($id:ty) => $row:ty, $read:ident by $field:ident, $model:ident;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) struct $name(pub(crate) $id);

        impl Key for $name {
            const MODEL: Name = Name::$model;
        }

        impl Loader<$name> for Rows {
            type Value = Vec<$row>;
            type Error = Arc<QueryFault>;

            async fn load(&self, keys: &[$name]) -> Result<HashMap<$name, Self::Value>, Self::Error> {
                let ids: Vec<$id> = keys.iter().map(|key| key.0).collect();
                let mut found: HashMap<_, Vec<_>> = keys.iter().map(|key| (*key, Vec::new())).collect();
                for row in self.0.$read(&ids).map_err(Arc::new)? {
                    found.entry($name(row.$field)).or_default().push(row);
                }
                Ok(found)
            }
        }
    )*};
}

of_another! {
    /// The key of a job's invitations that stand.
    InvitationsOf(JobId) => InvitationRow, invitations_by_jobs by job_id, JobBoard;
    /// The key of a proposal's newest offers, the newest first.
    OffersOf(ProposalId) => OfferRow, offers_by_proposals by proposal_id, ProposalInbox;
    /// The key of a contract's milestones.
    MilestonesOf(ContractId) => MilestoneRow, milestones_by_contracts by contract_id, ContractBoard;
    /// The key of a milestone's refunds.
    RefundsOf(MilestoneId) => RefundRow, refunds_by_milestones by milestone_id, ContractBoard;
    /// The key of a milestone's lots of earnings.
    LotsOf(MilestoneId) => LotRow, lots_by_milestones by milestone_id, ContractBoard;
    /// The key of a dispute's evidence.
    EvidenceOf(DisputeId) => EvidenceRow, evidence_by_disputes by dispute_id, DisputeDesk;
    /// The key of a dispute's questions.
    QuestionsOf(DisputeId) => QuestionRow, questions_by_disputes by dispute_id, DisputeDesk;
    /// The key of a dispute's offers to settle.
    SettlementOffersOf(DisputeId) => SettlementOfferRow, offers_by_disputes by dispute_id, DisputeDesk;
}
