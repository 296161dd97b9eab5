//! Commands that end a contract.

use super::{Contract, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::ContractId;
use async_graphql::{Context, Object, Result};
use domain::contract::{AgreeEnd, CancelContract, DisputeEnd, RequestEnd, WithdrawEnd};
use domain::text::Text;

inputs! {
    /// Input of `cancelContract`.
    CancelContractInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `requestEnd`.
    RequestEndInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `withdrawEnd`.
    WithdrawEndInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `agreeEnd`.
    AgreeEndInput {
        /// The contract.
        contract_id: ContractId,
    }
    /// Input of `disputeEnd`.
    DisputeEndInput {
        /// The contract.
        contract_id: ContractId,
        /// Why, at most 10,000 characters; the other side reads it.
        reason: String,
    }
}

payload! {
    /// What `cancelContract` came to.
    CancelContractPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `requestEnd` came to.
    RequestEndPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `withdrawEnd` came to.
    WithdrawEndPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `agreeEnd` came to.
    AgreeEndPayload {
        /// The contract; it ends once nothing is held any more.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `disputeEnd` came to.
    DisputeEndPayload {
        /// The contract; each of its milestones that holds money has a dispute.
        contract: Contract = of_outcome
    }
}

/// Commands that end a contract.
#[derive(Default)]
pub(crate) struct EndMutations;

/// Commands that end a contract.
#[Object]
impl EndMutations {
    /// Cancels a contract that nobody funded. For either side.
    async fn cancel_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: CancelContractInput,
    ) -> Result<CancelContractPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(CancelContract { contract_id: input.contract_id.0 }));
        outcome.await.map(CancelContractPayload)
    }

    /// Asks for the contract's end, which silence agrees to. For either side.
    async fn request_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: RequestEndInput,
    ) -> Result<RequestEndPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(RequestEnd { contract_id: input.contract_id.0 }));
        outcome.await.map(RequestEndPayload)
    }

    /// Takes the request for the end back. For the side that asked.
    async fn withdraw_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: WithdrawEndInput,
    ) -> Result<WithdrawEndPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(WithdrawEnd { contract_id: input.contract_id.0 }));
        outcome.await.map(WithdrawEndPayload)
    }

    /// Agrees to the end; what nobody worked on is refunded. For the side that was asked.
    async fn agree_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract.")] input: AgreeEndInput,
    ) -> Result<AgreeEndPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(AgreeEnd { contract_id: input.contract_id.0 }));
        outcome.await.map(AgreeEndPayload)
    }

    /// Agrees that the contract ends, and disputes the money of every milestone that holds some. For the side that was
    /// asked.
    async fn dispute_end(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract, and why.")] input: DisputeEndInput,
    ) -> Result<DisputeEndPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(DisputeEnd {
                contract_id: input.contract_id.0,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(DisputeEndPayload)
    }
}
