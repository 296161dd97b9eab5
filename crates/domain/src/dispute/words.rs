//! What a dispute's events say: how it began, how it was settled, decided and ended, and how the money is divided.

use crate::id::PartyId;
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::{Party, Salt, hex_bytes};
use crate::refusal::{Code, Refusal};
use crate::text::Prose;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// How what is disputed is divided. The two parts are all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shares {
    /// What goes back to the client.
    pub client: Money,
    /// What the talent has earned, before the talent fee.
    pub talent: Money,
}

impl Shares {
    /// `disputed`, of which the client gets `client`.
    ///
    /// # Errors
    /// [`Code::CurrencyMismatch`]; [`Code::ShareOutOfRange`] for more than is disputed.
    pub fn of(disputed: Money, client: Money) -> Result<Self, Refusal> {
        if client.currency() != disputed.currency() {
            return Err(Refusal::new(Code::CurrencyMismatch, "a share has the currency of the dispute"));
        }
        if !(0..=disputed.minor()).contains(&client.minor()) {
            let message = format!("the client's share is 0 to {} minor units", disputed.minor());
            return Err(Refusal::new(Code::ShareOutOfRange, message));
        }
        let talent = disputed.with_minor(disputed.minor() - client.minor())?;
        Ok(Self { client, talent })
    }

    /// All of `disputed` but `part`, which is `side`'s.
    ///
    /// # Errors
    /// As [`Shares::of`].
    pub fn with(disputed: Money, side: Party, part: Money) -> Result<Self, Refusal> {
        let shares = Self::of(disputed, part)?;
        Ok(match side {
            Party::Client => shares,
            Party::Talent => Self { client: shares.talent, talent: shares.client },
        })
    }

    /// What `side` gets.
    pub const fn side(self, side: Party) -> Money {
        match side {
            Party::Client => self.client,
            Party::Talent => self.talent,
        }
    }
}

/// How a dispute began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// One side claims, and the other has to answer.
    Claimed {
        /// Why.
        reason: Personal<Prose>,
        /// When it is decided for the opener if the other side says nothing.
        respond_by: Timestamp,
    },
    /// The talent refused a refund, which answers what the client claimed.
    Refused {
        /// What the talent says.
        answer: Personal<Prose>,
        /// From when on either side may take it to support.
        escalates_from: Timestamp,
        /// When it goes there by itself.
        negotiates_until: Timestamp,
    },
}

/// How both sides agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    /// The respondent conceded the claim.
    Concession,
    /// One side accepted the other's offer of this number.
    Offer(u16),
    /// Both accepted the mediator's recommendation.
    Recommendation,
}

/// Who bears the fee of an arbitration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeeBearer {
    /// The client.
    Client,
    /// The talent.
    Talent,
    /// Each bears half; a minor unit that can't be halved is the client's.
    Both,
}

/// By whom or by what a dispute is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The respondent said nothing: the opener gets what it claimed.
    Default,
    /// Only this side paid for arbitration: it gets all that it can.
    SolePayer(Party),
    /// Nobody paid for arbitration: what was recommended stands.
    Recommendation,
    /// An arbitrator decided on the documents.
    SmallClaim {
        /// Who.
        arbitrator: PartyId,
        /// Why; both sides read it.
        reasons: Personal<Prose>,
    },
    /// An arbitrator decided.
    Award {
        /// Who.
        arbitrator: PartyId,
        /// Why; both sides read it.
        reasons: Personal<Prose>,
        /// Who bears the fee.
        fees: FeeBearer,
    },
}

/// On what ground somebody appeals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppealGround {
    /// There is evidence that could not be handed in before.
    NewEvidence,
    /// The rules of the procedure were broken.
    Procedure,
}

/// Why nothing more can be said against a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finality {
    /// Nobody appealed in time.
    Unchallenged,
    /// Nobody decided the appeal in time: the decision stands.
    AppealLapsed,
    /// The appeal was decided.
    Appeal {
        /// By whom.
        reviewer: PartyId,
        /// Why; both sides read it.
        reasons: Personal<Prose>,
    },
}

/// Who gave a dispute up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawnBy {
    /// Its opener.
    Opener,
    /// Both sides; once there is a recommendation, one alone can't.
    Both,
}

hex_bytes! {
    /// SHA-256 of evidence, or of a document that is kept elsewhere.
    ContentHash, 32;
}

impl ContentHash {
    /// The hash of what a side hands in: SHA-256 of the salt, the text, and the hash of the document, if there is one.
    pub fn of(text: &Prose, attachment: Option<Self>, salt: Salt) -> Self {
        let hash = Sha256::new().chain_update(salt.bytes()).chain_update(text.as_str());
        let document = attachment.map_or(Vec::new(), |document| document.0.to_vec());
        Self(hash.chain_update(document).finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::usd;

    #[test]
    fn shares_are_all_that_is_disputed() {
        let shares = Shares::of(usd(1_000), usd(400)).unwrap();
        assert_eq!((shares.client, shares.talent), (usd(400), usd(600)));
        assert_eq!(Shares::of(usd(1_000), usd(1_001)).unwrap_err().code, Code::ShareOutOfRange);
        assert_eq!(Shares::with(usd(1_000), Party::Talent, usd(400)).unwrap().client, usd(600));
    }

    #[test]
    fn a_hash_covers_text_and_document() {
        let text = |text| Prose::parse(text).unwrap();
        let (salt, document) = (Salt::new([1; 16]), ContentHash([2; 32]));
        let hash = ContentHash::of(&text("a"), None, salt);
        assert_ne!(hash, ContentHash::of(&text("b"), None, salt));
        assert_ne!(hash, ContentHash::of(&text("a"), Some(document), salt));
        assert_ne!(hash, ContentHash::of(&text("a"), None, Salt::new([2; 16])));
    }
}
