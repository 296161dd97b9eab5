//! What happens to accounts beside the money that moves through them.

use super::HoldReason;
use crate::event::event_group;
use crate::id::PartyId;
use crate::money::Currency;
use crate::stream::StreamId;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of an account.
    AccountEvent {
        /// Nothing is paid out of it while the reason stands.
        HoldPlaced(HoldPlaced) = "account.hold_placed", 1;
        /// The reason doesn't stand any more.
        HoldReleased(HoldReleased) = "account.hold_released", 1;
    }
}

/// Payload of `account.hold_placed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldPlaced {
    /// Whose account it is.
    pub party_id: PartyId,
    /// Its currency.
    pub currency: Currency,
    /// Why.
    pub reason: HoldReason,
    /// When it lapses by itself, if it does.
    pub until: Option<Timestamp>,
}

/// Payload of `account.hold_released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldReleased {
    /// Whose account it is.
    pub party_id: PartyId,
    /// Its currency.
    pub currency: Currency,
    /// Which reason.
    pub reason: HoldReason,
}

impl AccountEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let (party, currency) = match self {
            Self::HoldPlaced(e) => (e.party_id, e.currency),
            Self::HoldReleased(e) => (e.party_id, e.currency),
        };
        vec![StreamId::Account(party, currency)]
    }
}
