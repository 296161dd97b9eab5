//! Commands by which the house oversees contracts and their money.

use super::{Contract, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::{ContractId, LotId, MilestoneId};
use async_graphql::{Context, Object, Result};
use domain::contract::{FreezeEarnings, FreezeFunds, TerminateContract, UnfreezeEarnings, UnfreezeFunds};
use domain::text::Text;

inputs! {
    /// Input of `freezeFunds`.
    FreezeFundsInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
        /// Why, at most 10,000 characters; it is recorded, and the parties don't read it.
        reason: String,
    }
    /// Input of `unfreezeFunds`.
    UnfreezeFundsInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `freezeEarnings`.
    FreezeEarningsInput {
        /// The contract.
        contract_id: ContractId,
        /// The lot.
        lot_id: LotId,
        /// Why, at most 10,000 characters; it is recorded, and the parties don't read it.
        reason: String,
    }
    /// Input of `unfreezeEarnings`.
    UnfreezeEarningsInput {
        /// The contract.
        contract_id: ContractId,
        /// The lot.
        lot_id: LotId,
    }
    /// Input of `terminateContract`.
    TerminateContractInput {
        /// The contract.
        contract_id: ContractId,
        /// Why, at most 10,000 characters; both sides read it.
        reason: String,
    }
}

payload! {
    /// What `freezeFunds` came to.
    FreezeFundsPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `unfreezeFunds` came to.
    UnfreezeFundsPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `freezeEarnings` came to.
    FreezeEarningsPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `unfreezeEarnings` came to.
    UnfreezeEarningsPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `terminateContract` came to.
    TerminateContractPayload {
        /// The contract; it is terminated once nothing is held any more.
        contract: Contract = of_outcome
    }
}

/// Commands by which the house oversees contracts and their money.
#[derive(Default)]
pub(crate) struct OversightMutations;

/// Commands by which the house oversees contracts and their money.
#[Object]
impl OversightMutations {
    /// Freezes the money that a milestone holds, and stops its clocks. For compliance.
    async fn freeze_funds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone, and why.")] input: FreezeFundsInput,
    ) -> Result<FreezeFundsPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(FreezeFunds {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(FreezeFundsPayload)
    }

    /// Has a milestone's money move again, and its clocks go on; an approval that waited releases it. For compliance.
    async fn unfreeze_funds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: UnfreezeFundsInput,
    ) -> Result<UnfreezeFundsPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(UnfreezeFunds { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(UnfreezeFundsPayload)
    }

    /// Keeps a lot of earnings on hold. For compliance.
    async fn freeze_earnings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lot, and why.")] input: FreezeEarningsInput,
    ) -> Result<FreezeEarningsPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(FreezeEarnings {
                contract_id: input.contract_id.0,
                lot_id: input.lot_id.0,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(FreezeEarningsPayload)
    }

    /// Lets a lot of earnings go on to clear. For compliance.
    async fn unfreeze_earnings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which lot.")] input: UnfreezeEarningsInput,
    ) -> Result<UnfreezeEarningsPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(UnfreezeEarnings { contract_id: input.contract_id.0, lot_id: input.lot_id.0 })
        });
        outcome.await.map(UnfreezeEarningsPayload)
    }

    /// Ends a contract for the house: what nobody funded is cancelled, what is held is frozen. For compliance.
    async fn terminate_contract(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which contract, and why.")] input: TerminateContractInput,
    ) -> Result<TerminateContractPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(TerminateContract {
                contract_id: input.contract_id.0,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(TerminateContractPayload)
    }
}
