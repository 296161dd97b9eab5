//! Commands of the higher rungs: recommendation, arbitration, appeal.

use super::{AppealGround, Dispute, FeeBearer, of_outcome, read, text};
use crate::command::{give, inputs, payload};
use crate::money::MoneyInput;
use crate::scalar::DisputeId;
use async_graphql::{Context, Object, Result};
use domain::dispute::{
    AcceptRecommendation, DecideAppeal, DecideSmallClaim, FileAppeal, IssueAward, IssueRecommendation,
    PayArbitrationFee, RejectRecommendation,
};

inputs! {
    /// Input of `issueRecommendation`.
    IssueRecommendationInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the client should get of what is disputed; the rest is the talent's.
        client_share: MoneyInput,
        /// Why; both sides read it, at most 10,000 characters.
        reasons: String,
    }
    /// Input of `acceptRecommendation`.
    AcceptRecommendationInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
    /// Input of `rejectRecommendation`.
    RejectRecommendationInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
    /// Input of `payArbitrationFee`.
    PayArbitrationFeeInput {
        /// The dispute.
        dispute_id: DisputeId,
    }
    /// Input of `decideSmallClaim`.
    DecideSmallClaimInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the client gets of what is disputed; the rest is the talent's.
        client_share: MoneyInput,
        /// Why; both sides read it, at most 10,000 characters.
        reasons: String,
    }
    /// Input of `issueAward`.
    IssueAwardInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the client gets of what is disputed; the rest is the talent's.
        client_share: MoneyInput,
        /// Who bears the fee.
        fee_bearer: FeeBearer,
        /// Why; both sides read it, at most 10,000 characters.
        reasons: String,
    }
    /// Input of `fileAppeal`.
    FileAppealInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// On what ground.
        ground: AppealGround,
        /// Why; the other side and the reviewer read it, at most 10,000 characters.
        reasons: String,
    }
    /// Input of `decideAppeal`.
    DecideAppealInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the client gets of what is disputed; the rest is the talent's.
        client_share: MoneyInput,
        /// Why; both sides read it, at most 10,000 characters.
        reasons: String,
    }
}

payload! {
    /// What `issueRecommendation` came to.
    IssueRecommendationPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `acceptRecommendation` came to.
    AcceptRecommendationPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `rejectRecommendation` came to.
    RejectRecommendationPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `payArbitrationFee` came to.
    PayArbitrationFeePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `decideSmallClaim` came to.
    DecideSmallClaimPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `issueAward` came to.
    IssueAwardPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `fileAppeal` came to.
    FileAppealPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `decideAppeal` came to.
    DecideAppealPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

/// Commands of the higher rungs: recommendation, arbitration, appeal.
#[derive(Default)]
pub(crate) struct RulingMutations;

/// Commands of the higher rungs: recommendation, arbitration, appeal.
#[Object]
impl RulingMutations {
    /// Recommends how to divide what is disputed, once the evidence is sealed. For support.
    async fn issue_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, what the client should get, and why.")]
        input: IssueRecommendationInput,
    ) -> Result<IssueRecommendationPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(IssueRecommendation {
                dispute_id: input.dispute_id.0,
                client_share: read(&input.client_share, "clientShare")?,
                reasons: text(&input.reasons, "reasons")?,
            })
        });
        outcome.await.map(IssueRecommendationPayload)
    }

    /// Accepts the recommendation, which binds once both sides have. For both sides.
    async fn accept_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: AcceptRecommendationInput,
    ) -> Result<AcceptRecommendationPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(AcceptRecommendation { dispute_id: input.dispute_id.0 }));
        outcome.await.map(AcceptRecommendationPayload)
    }

    /// Rejects the recommendation: the next rung is arbitration. For both sides.
    async fn reject_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: RejectRecommendationInput,
    ) -> Result<RejectRecommendationPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(RejectRecommendation { dispute_id: input.dispute_id.0 }));
        outcome.await.map(RejectRecommendationPayload)
    }

    /// Pays for arbitration, the client from the wallet and the talent from what is available. For both sides.
    async fn pay_arbitration_fee(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute.")] input: PayArbitrationFeeInput,
    ) -> Result<PayArbitrationFeePayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(PayArbitrationFee { dispute_id: input.dispute_id.0 }));
        outcome.await.map(PayArbitrationFeePayload)
    }

    /// Decides a small claim from the documents. For an arbitrator who has not acted in it.
    async fn decide_small_claim(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, what the client gets, and why.")] input: DecideSmallClaimInput,
    ) -> Result<DecideSmallClaimPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(DecideSmallClaim {
                dispute_id: input.dispute_id.0,
                client_share: read(&input.client_share, "clientShare")?,
                reasons: text(&input.reasons, "reasons")?,
            })
        });
        outcome.await.map(DecideSmallClaimPayload)
    }

    /// Decides after arbitration. For an arbitrator who has not acted in it.
    async fn issue_award(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, what the client gets, who bears the fee, and why.")]
        input: IssueAwardInput,
    ) -> Result<IssueAwardPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(IssueAward {
                dispute_id: input.dispute_id.0,
                client_share: read(&input.client_share, "clientShare")?,
                fee_bearer: input.fee_bearer.into(),
                reasons: text(&input.reasons, "reasons")?,
            })
        });
        outcome.await.map(IssueAwardPayload)
    }

    /// Has a decision looked at again, once, by somebody else. For a side that got less than it could have.
    async fn file_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, on what ground, and why.")] input: FileAppealInput,
    ) -> Result<FileAppealPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(FileAppeal {
                dispute_id: input.dispute_id.0,
                ground: input.ground.into(),
                reasons: text(&input.reasons, "reasons")?,
            })
        });
        outcome.await.map(FileAppealPayload)
    }

    /// Decides an appeal. For support or an arbitrator who has not acted in it.
    async fn decide_appeal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, what the client gets, and why.")] input: DecideAppealInput,
    ) -> Result<DecideAppealPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(DecideAppeal {
                dispute_id: input.dispute_id.0,
                client_share: read(&input.client_share, "clientShare")?,
                reasons: text(&input.reasons, "reasons")?,
            })
        });
        outcome.await.map(DecideAppealPayload)
    }
}
