//! Commands on disputes.

use super::{Dispute, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::DisputeId;
use async_graphql::{Context, Object, Result};
use domain::dispute::WithdrawDispute;

inputs! {
    /// Input of `withdrawDispute`.
    WithdrawDisputeInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
}

payload! {
    /// What `withdrawDispute` came to.
    WithdrawDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

/// Commands on disputes.
#[derive(Default)]
pub(crate) struct DisputeMutations;

/// Commands on disputes.
#[Object]
impl DisputeMutations {
    /// Gives a dispute up: the escrow thaws, and the milestone is as it was. For the side that opened it.
    async fn withdraw_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: WithdrawDisputeInput,
    ) -> Result<WithdrawDisputePayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(WithdrawDispute { dispute_id: input.dispute_id.0 }));
        outcome.await.map(WithdrawDisputePayload)
    }
}
