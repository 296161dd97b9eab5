//! Commands that give a milestone's money back.

use super::{Contract, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::{ContractId, MilestoneId};
use async_graphql::{Context, Object, Result};
use domain::contract::{AgreeRefund, RefundMilestone, RejectRefund, RequestRefund, WithdrawRefundRequest};
use domain::text::Text;

inputs! {
    /// Input of `requestRefund`.
    RequestRefundInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
        /// Why, at most 10,000 characters; the talent reads it.
        reasons: String,
    }
    /// Input of `withdrawRefundRequest`.
    WithdrawRefundRequestInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `agreeRefund`.
    AgreeRefundInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `rejectRefund`.
    RejectRefundInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
        /// What the talent says to it, at most 10,000 characters.
        answer: String,
    }
    /// Input of `refundMilestone`.
    RefundMilestoneInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
}

payload! {
    /// What `requestRefund` came to.
    RequestRefundPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `withdrawRefundRequest` came to.
    WithdrawRefundRequestPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `agreeRefund` came to.
    AgreeRefundPayload {
        /// The contract; the milestone is refunded, and the money is on its way to the client.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `rejectRefund` came to.
    RejectRefundPayload {
        /// The contract; its milestone has the dispute.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `refundMilestone` came to.
    RefundMilestonePayload {
        /// The contract; the milestone is refunded, and the money is on its way to the client.
        contract: Contract = of_outcome
    }
}

/// Commands that give a milestone's money back.
#[derive(Default)]
pub(crate) struct RefundMutations;

/// Commands that give a milestone's money back.
#[Object]
impl RefundMutations {
    /// Asks for a milestone's money back, which silence agrees to. For the client.
    async fn request_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone, and why.")] input: RequestRefundInput,
    ) -> Result<RequestRefundPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RequestRefund {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                reasons: Text::parse(&input.reasons).map_err(|refusal| refusal.at("reasons"))?,
            })
        });
        outcome.await.map(RequestRefundPayload)
    }

    /// Takes the request for a refund back. For the client.
    async fn withdraw_refund_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: WithdrawRefundRequestInput,
    ) -> Result<WithdrawRefundRequestPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(WithdrawRefundRequest { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(WithdrawRefundRequestPayload)
    }

    /// Agrees to a refund. For the talent.
    async fn agree_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: AgreeRefundInput,
    ) -> Result<AgreeRefundPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AgreeRefund { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(AgreeRefundPayload)
    }

    /// Refuses a refund, which opens a dispute and freezes the escrow. For the talent.
    async fn reject_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone, and why not.")] input: RejectRefundInput,
    ) -> Result<RejectRefundPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RejectRefund {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                answer: Text::parse(&input.answer).map_err(|refusal| refusal.at("answer"))?,
            })
        });
        outcome.await.map(RejectRefundPayload)
    }

    /// Gives a milestone's money back, unasked. For the talent.
    async fn refund_milestone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: RefundMilestoneInput,
    ) -> Result<RefundMilestonePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RefundMilestone { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(RefundMilestonePayload)
    }
}
