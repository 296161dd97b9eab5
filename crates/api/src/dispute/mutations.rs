//! Commands that begin a dispute, answer it and give it up.

use super::{Dispute, of_outcome, read, text};
use crate::command::{give, inputs, payload};
use crate::money::MoneyInput;
use crate::scalar::{ContractId, DisputeId, MilestoneId};
use async_graphql::{Context, Object, Result};
use domain::dispute::{ConcedeDispute, EscalateDispute, OpenDispute, RespondToDispute, WithdrawDispute};

inputs! {
    /// Input of `openDispute`.
    OpenDisputeInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
        /// What the caller wants of what is held.
        claim: MoneyInput,
        /// Why; the other side reads it, at most 10,000 characters.
        reason: String,
    }
    /// Input of `respondToDispute`.
    RespondToDisputeInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the caller says; the opener reads it, at most 10,000 characters.
        answer: String,
    }
    /// Input of `concedeDispute`.
    ConcedeDisputeInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
    /// Input of `escalateDispute`.
    EscalateDisputeInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
    /// Input of `withdrawDispute`.
    WithdrawDisputeInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
}

payload! {
    /// What `openDispute` came to.
    OpenDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `respondToDispute` came to.
    RespondToDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `concedeDispute` came to.
    ConcedeDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `escalateDispute` came to.
    EscalateDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `withdrawDispute` came to.
    WithdrawDisputePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

/// Commands that begin a dispute, answer it and give it up.
#[derive(Default)]
pub(crate) struct DisputeMutations;

/// Commands that begin a dispute, answer it and give it up.
#[Object]
impl DisputeMutations {
    /// Claims a share of a milestone's money, which is frozen until that is settled. For both sides while it is held; for the
    /// client after the release too, while the earnings are on hold.
    async fn open_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone, how much of it, and why.")] input: OpenDisputeInput,
    ) -> Result<OpenDisputePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(OpenDispute {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                claim: read(&input.claim, "claim")?,
                reason: text(&input.reason, "reason")?,
            })
        });
        outcome.await.map(OpenDisputePayload)
    }

    /// Answers a claim; then both sides negotiate. For the side that did not open it.
    async fn respond_to_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, and what the caller says to it.")] input: RespondToDisputeInput,
    ) -> Result<RespondToDisputePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RespondToDispute { dispute_id: input.dispute_id.0, answer: text(&input.answer, "answer")? })
        });
        outcome.await.map(RespondToDisputePayload)
    }

    /// Gives in to a claim: the opener gets all of it. For the side that did not open it.
    async fn concede_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: ConcedeDisputeInput,
    ) -> Result<ConcedeDisputePayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ConcedeDispute { dispute_id: input.dispute_id.0 }));
        outcome.await.map(ConcedeDisputePayload)
    }

    /// Takes a dispute to support, once negotiation has had its time. For both sides.
    async fn escalate_dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: EscalateDisputeInput,
    ) -> Result<EscalateDisputePayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(EscalateDispute { dispute_id: input.dispute_id.0 }));
        outcome.await.map(EscalateDisputePayload)
    }

    /// Gives a dispute up: the money thaws, and the milestone is as it was. For the side that opened it; once there is a
    /// recommendation both sides have to, and the first proposes it.
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
