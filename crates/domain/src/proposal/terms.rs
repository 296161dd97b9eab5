//! The terms of an offer, and the salted hash under which they are accepted.

use crate::id::ProposalId;
use crate::ledger::FeeQuote;
use crate::money::Money;
use crate::personal::Personal;
use crate::policy::Windows;
use crate::refusal::{Code, Refusal};
use crate::text::Title;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// One milestone as offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneTerms {
    /// One line.
    pub title: Personal<Title>,
    /// What the client pays into escrow for it, above zero; the client fee comes on top.
    pub amount: Money,
}

/// What is offered. Immutable; a change is a new offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferTerms {
    /// At least one, all in one currency.
    pub milestones: Vec<MilestoneTerms>,
    /// The fees, fixed with the offer.
    pub fees: FeeQuote,
    /// The windows that the contract will pin.
    pub windows: Windows,
    /// The policy version that fees and windows come from.
    pub policy_version: u32,
}

macro_rules! hex_bytes {
    ($($(#[$doc:meta])* $name:ident, $len:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Of these bytes.
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn bytes(&self) -> &[u8; $len] {
                &self.0
            }

            /// Reads lower-case hexadecimal.
            ///
            /// # Errors
            /// [`Code::IdMalformed`] for anything else.
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                let mut bytes = [0; $len];
                let lower = !text.bytes().any(|c| c.is_ascii_uppercase());
                if lower && hex::decode_to_slice(text, &mut bytes).is_ok() {
                    return Ok(Self(bytes));
                }
                Err(Refusal::new(Code::IdMalformed, concat!("expected ", $len, " bytes in lower-case hexadecimal")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        crate::schema::text_schema!($name, stringify!($name), concat!($len, " bytes in lower-case hexadecimal."), {
            "pattern": "^[0-9a-f]*$", "minLength": 2 * $len, "maxLength": 2 * $len
        });

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

pub(crate) use hex_bytes;

hex_bytes! {
    /// SHA-256 of an offer's salt and terms.
    TermsHash, 32;
    /// Random bytes that keep a hash of erased terms from being guessed.
    Salt, 16;
}

impl OfferTerms {
    /// The hash of offer `number` on `proposal`: SHA-256 of the salt and of the JSON of what was agreed.
    ///
    /// # Errors
    /// [`Code::TermsMismatch`] if the terms can't be written, which no terms of ours cause.
    pub fn hash(&self, proposal: ProposalId, number: u32, salt: Salt) -> Result<TermsHash, Refusal> {
        let json = serde_json::to_vec(&(proposal, number, self))
            .map_err(|_| Refusal::new(Code::TermsMismatch, "the terms can't be hashed"))?;
        Ok(TermsHash(Sha256::new().chain_update(salt.0).chain_update(json).finalize().into()))
    }
}
