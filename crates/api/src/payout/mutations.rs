//! Commands on payouts.

use super::types::PayoutResolution;
use super::{Payout, of_outcome};
use crate::command::{give, giver, inputs, payload};
use crate::error::system;
use crate::http::SystemCode;
use crate::money::MoneyInput;
use crate::scalar::PayoutId;
use async_graphql::{Context, Object, Result};
use domain::deposit::PaymentMethod;
use domain::payout::{ApprovePayout, CancelPayout, RejectPayout, RequestPayout, ResolvePayout};
use domain::text::Text;
use engine::Engine;

inputs! {
    /// Input of `requestPayout`.
    RequestPayoutInput {
        /// How much, of what the caller has available and has not reserved.
        amount: MoneyInput,
        /// The payment provider's token of where the money goes, never an account's number.
        destination: String,
    }
    /// Input of `approvePayout`.
    ApprovePayoutInput {
        /// The payout.
        payout_id: PayoutId,
    }
    /// Input of `cancelPayout`.
    CancelPayoutInput {
        /// The payout.
        payout_id: PayoutId,
    }
    /// Input of `rejectPayout`.
    RejectPayoutInput {
        /// The payout.
        payout_id: PayoutId,
        /// Why, at most 10,000 characters; the talent reads it.
        reasons: String,
    }
    /// Input of `resolvePayout`.
    ResolvePayoutInput {
        /// The payout.
        payout_id: PayoutId,
        /// What was found out.
        resolution: PayoutResolution,
    }
}

payload! {
    /// What `requestPayout` came to.
    RequestPayoutPayload {
        /// The payout; it is held where the destination is new or the account is on hold.
        payout: Payout = of_outcome
    }
}

payload! {
    /// What `approvePayout` came to.
    ApprovePayoutPayload {
        /// The payout.
        payout: Payout = of_outcome
    }
}

payload! {
    /// What `cancelPayout` came to.
    CancelPayoutPayload {
        /// The payout.
        payout: Payout = of_outcome
    }
}

payload! {
    /// What `rejectPayout` came to.
    RejectPayoutPayload {
        /// The payout.
        payout: Payout = of_outcome
    }
}

payload! {
    /// What `resolvePayout` came to.
    ResolvePayoutPayload {
        /// The payout.
        payout: Payout = of_outcome
    }
}

/// Commands on payouts.
#[derive(Default)]
pub(crate) struct PayoutMutations;

/// Commands on payouts.
#[Object]
impl PayoutMutations {
    /// Asks for a payout from the caller's own account; the amount is reserved at once. For the talent.
    async fn request_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much, and where to.")] input: RequestPayoutInput,
    ) -> Result<RequestPayoutPayload> {
        let party_id = giver(ctx)?;
        let rail = ctx.data::<Engine>()?.default_rail();
        let rail = rail.ok_or_else(|| system(SystemCode::Unavailable, "this server pays nothing out"))?;
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RequestPayout {
                party_id,
                amount: input.amount.read().map_err(|refusal| refusal.at("amount"))?,
                rail,
                destination: PaymentMethod::parse(&input.destination)
                    .map_err(|refusal| refusal.at("destination"))?,
            })
        });
        outcome.await.map(RequestPayoutPayload)
    }

    /// Lets a payout go that needs a review. For finance, and not for whom it pays.
    async fn approve_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout.")] input: ApprovePayoutInput,
    ) -> Result<ApprovePayoutPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ApprovePayout { payout_id: input.payout_id.0 }));
        outcome.await.map(ApprovePayoutPayload)
    }

    /// Takes a payout back that was not sent; its amount is free again. For the talent.
    async fn cancel_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout.")] input: CancelPayoutInput,
    ) -> Result<CancelPayoutPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(CancelPayout { payout_id: input.payout_id.0 }));
        outcome.await.map(CancelPayoutPayload)
    }

    /// Refuses a payout; its amount is free again. For finance and compliance.
    async fn reject_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout, and why.")] input: RejectPayoutInput,
    ) -> Result<RejectPayoutPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(RejectPayout {
                payout_id: input.payout_id.0,
                reasons: Text::parse(&input.reasons).map_err(|refusal| refusal.at("reasons"))?,
            })
        });
        outcome.await.map(RejectPayoutPayload)
    }

    /// Records what became of a payout of which the provider said nothing. For finance.
    async fn resolve_payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which payout, and what became of it.")] input: ResolvePayoutInput,
    ) -> Result<ResolvePayoutPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(ResolvePayout { payout_id: input.payout_id.0, resolution: input.resolution.into() })
        });
        outcome.await.map(ResolvePayoutPayload)
    }
}
