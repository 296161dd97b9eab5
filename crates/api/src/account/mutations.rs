//! Commands on accounts.

use super::party::{Account, HoldReason, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::{CurrencyCode, PartyId};
use async_graphql::{Context, Object, Result};
use domain::account::{PlacePayoutHold, ReleasePayoutHold};

inputs! {
    /// Input of `placePayoutHold`.
    PlacePayoutHoldInput {
        /// Whose account.
        party_id: PartyId,
        /// The account's currency.
        currency: CurrencyCode,
        /// Why.
        reason: HoldReason,
    }
    /// Input of `releasePayoutHold`.
    ReleasePayoutHoldInput {
        /// Whose account.
        party_id: PartyId,
        /// The account's currency.
        currency: CurrencyCode,
        /// Why.
        reason: HoldReason,
    }
}

payload! {
    /// What `placePayoutHold` came to.
    PlacePayoutHoldPayload {
        /// The account with the hold.
        account: Account = of_outcome
    }
}

payload! {
    /// What `releasePayoutHold` came to.
    ReleasePayoutHoldPayload {
        /// The account.
        account: Account = of_outcome
    }
}

/// Commands on accounts.
#[derive(Default)]
pub(crate) struct AccountMutations;

/// Commands on accounts.
#[Object]
impl AccountMutations {
    /// Places a hold: nothing is paid out of the account while a reason stands. For compliance and finance.
    async fn place_payout_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account, and why.")] input: PlacePayoutHoldInput,
    ) -> Result<PlacePayoutHoldPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(PlacePayoutHold {
                party_id: input.party_id.0,
                currency: input.currency.read().map_err(|refusal| refusal.at("currency"))?,
                reason: input.reason.into(),
            })
        });
        outcome.await.map(PlacePayoutHoldPayload)
    }

    /// Releases a hold; what waited for the last one goes on. For compliance and finance.
    async fn release_payout_hold(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account, and why.")] input: ReleasePayoutHoldInput,
    ) -> Result<ReleasePayoutHoldPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(ReleasePayoutHold {
                party_id: input.party_id.0,
                currency: input.currency.read().map_err(|refusal| refusal.at("currency"))?,
                reason: input.reason.into(),
            })
        });
        outcome.await.map(ReleasePayoutHoldPayload)
    }
}
