//! Commands on contracts and milestones.

use super::{Contract, of_outcome};
use crate::command::{give, payload};
use crate::error::system;
use crate::http::SystemCode;
use crate::scalar::{ContractId, MilestoneId};
use async_graphql::{Context, InputObject, Object, Result};
use domain::contract::{ApproveMilestone, FundMilestone, RequestChanges, SubmitWork};
use domain::deposit::PaymentMethod;
use domain::text::Text;
use engine::Engine;

/// Input of `fundMilestone`.
#[derive(InputObject)]
pub(crate) struct FundMilestoneInput {
    /// The contract.
    contract_id: ContractId,
    /// The milestone.
    milestone_id: MilestoneId,
    /// The payment provider's token of the instrument, never a card's number.
    payment_method: String,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// Input of `submitWork`.
#[derive(InputObject)]
pub(crate) struct SubmitWorkInput {
    /// The contract.
    contract_id: ContractId,
    /// The milestone.
    milestone_id: MilestoneId,
    /// What the talent says about it, at most 10,000 characters.
    note: String,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// Input of `requestChanges`.
#[derive(InputObject)]
pub(crate) struct RequestChangesInput {
    /// The contract.
    contract_id: ContractId,
    /// The milestone.
    milestone_id: MilestoneId,
    /// Why, at most 10,000 characters.
    reasons: String,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// Input of `approveMilestone`.
#[derive(InputObject)]
pub(crate) struct ApproveMilestoneInput {
    /// The contract.
    contract_id: ContractId,
    /// The milestone.
    milestone_id: MilestoneId,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

payload! {
    /// What `fundMilestone` came to.
    FundMilestonePayload {
        /// The contract; the milestone is funded once the provider confirms the deposit.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `submitWork` came to.
    SubmitWorkPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `requestChanges` came to.
    RequestChangesPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `approveMilestone` came to.
    ApproveMilestonePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

/// Commands on contracts and milestones.
#[derive(Default)]
pub(crate) struct ContractMutations;

/// Commands on contracts and milestones.
#[Object]
impl ContractMutations {
    /// Has a milestone's amount, with the client fee on top, taken from a payment instrument. For the client.
    async fn fund_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone, and from what.")] input: FundMilestoneInput,
    ) -> Result<FundMilestonePayload> {
        let rail = ctx.data::<Engine>()?.default_rail();
        let rail = rail.ok_or_else(|| system(SystemCode::Unavailable, "this server takes no deposits"))?;
        let outcome = give(ctx, &input.idempotency_key, || {
            let payment_method = PaymentMethod::parse(&input.payment_method);
            Ok(FundMilestone {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                rail,
                payment_method: payment_method.map_err(|refusal| refusal.at("paymentMethod"))?,
            })
        });
        outcome.await.map(FundMilestonePayload)
    }

    /// Hands in work, which starts the review window. For the talent.
    async fn submit_work(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The work.")] input: SubmitWorkInput,
    ) -> Result<SubmitWorkPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(SubmitWork {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                note: Text::parse(&input.note).map_err(|refusal| refusal.at("note"))?,
            })
        });
        outcome.await.map(SubmitWorkPayload)
    }

    /// Sends work back with reasons. For the client.
    async fn request_changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: RequestChangesInput,
    ) -> Result<RequestChangesPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RequestChanges {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                reasons: Text::parse(&input.reasons).map_err(|refusal| refusal.at("reasons"))?,
            })
        });
        outcome.await.map(RequestChangesPayload)
    }

    /// Approves work and releases its escrow. For the client.
    async fn approve_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: ApproveMilestoneInput,
    ) -> Result<ApproveMilestonePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(ApproveMilestone { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(ApproveMilestonePayload)
    }
}
