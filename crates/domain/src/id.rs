//! Typed ids: a prefix that says what is named, then a UUIDv7 in Crockford base32 (`job_01h455vb4pex5vsknk084sn02q`).
//!
//! One type per noun, so that a milestone's id never stands where a contract's is meant. The text form is the only
//! one that leaves the process: in events, in GraphQL, in URLs.

use crate::refusal::{Code, Refusal};
use uuid::Uuid;

const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const TEXT_LEN: usize = 26;
/// Marks what is no digit in [`DIGITS`].
const FOREIGN: u8 = 0xff;

/// The value of each character. Ids are read with every event of a replay, so a look-up beats a search.
const DIGITS: [u8; 256] = {
    let mut digits = [FOREIGN; 256];
    let mut value: u8 = 0;
    while value < 32 {
        digits[CROCKFORD[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

/// The 26 characters of a 128-bit value, lower case, most significant first.
fn crockford(value: Uuid) -> [u8; TEXT_LEN] {
    let mut bits = value.as_u128();
    let mut text = [0; TEXT_LEN];
    for c in text.iter_mut().rev() {
        *c = CROCKFORD[(bits & 31) as usize];
        bits >>= 5;
    }
    text
}

/// The value of 26 lower-case characters, or `None` when one is foreign or the value exceeds 128 bits.
fn from_crockford(text: &str) -> Option<Uuid> {
    // The first character carries three bits only: 26 × 5 is two bits more than a UUID has.
    if text.len() != TEXT_LEN || text.as_bytes()[0] > b'7' {
        return None;
    }
    let mut bits: u128 = 0;
    for c in text.bytes() {
        let digit = DIGITS[usize::from(c)];
        if digit == FOREIGN {
            return None;
        }
        bits = (bits << 5) | u128::from(digit);
    }
    Some(Uuid::from_u128(bits))
}

/// What every typed id can do.
pub trait TypedId: Copy {
    /// The prefix before the underscore, such as `job`.
    const PREFIX: &'static str;
    /// Wraps a UUID.
    fn from_uuid(value: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
    /// Reads the text form.
    ///
    /// # Errors
    /// [`Code::IdMalformed`] when the prefix is another noun's or the rest isn't 26 characters of Crockford base32.
    fn parse(text: &str) -> Result<Self, Refusal> {
        text.strip_prefix(Self::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .and_then(from_crockford)
            .map(Self::from_uuid)
            .ok_or_else(|| {
                Refusal::new(
                    Code::IdMalformed,
                    format!("expected an id like {}_01h455vb4pex5vsknk084sn02q", Self::PREFIX),
                )
            })
    }
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id of a 128-bit number.
            pub const fn from_u128(n: u128) -> Self {
                Self(Uuid::from_u128(n))
            }
        }

        impl TypedId for $name {
            const PREFIX: &'static str = $prefix;
            fn from_uuid(value: Uuid) -> Self {
                Self(value)
            }
            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                let text = crockford(self.0);
                // Every character comes from the alphabet, which is ASCII.
                f.write_str(std::str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Refusal;
            fn from_str(text: &str) -> Result<Self, Refusal> {
                Self::parse(text)
            }
        }

        crate::schema::text_schema!($name, stringify!($name), concat!("An id with the prefix ", $prefix, "."), {
            "pattern": concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")
        });

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

typed_ids! {
    /// A person or company that acts on the marketplace.
    PartyId = "pty";
    /// A job that a client posted.
    JobId = "job";
    /// A talent's proposal for a job, with the negotiation that follows.
    ProposalId = "prp";
    /// A contract between a client and a talent.
    ContractId = "ctr";
    /// A milestone of a contract.
    MilestoneId = "mil";
    /// Work that a talent handed in for a milestone.
    WorkId = "wrk";
    /// Money on its way in; our reference at the payment provider.
    DepositId = "dep";
    /// Money on its way back to a client; our reference at the payment provider.
    RefundId = "rfd";
    /// Money on its way out to a talent; our reference at the payment provider.
    PayoutId = "pyo";
    /// A dispute about a milestone.
    DisputeId = "dsp";
    /// A journal entry.
    EntryId = "ent";
    /// The earnings of one release, on hold until they clear.
    LotId = "lot";
    /// A fact in the log.
    EventId = "evt";
}

/// A marketplace: 1 to 32 characters of `a-z`, `0-9` and `-`, starting with a letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct MarketplaceId(std::sync::Arc<str>);

impl MarketplaceId {
    /// Longest name, in characters.
    pub const LEN_MAX: usize = 32;

    /// Reads a marketplace's name.
    ///
    /// # Errors
    /// [`Code::IdMalformed`] when it isn't of the form above.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let fits = text.len() <= Self::LEN_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(Refusal::new(
                Code::IdMalformed,
                "a marketplace's id has 1 to 32 characters of a-z, 0-9 and -, the first a letter",
            ))
        }
    }

    /// The name, shared.
    pub fn shared(&self) -> std::sync::Arc<str> {
        self.0.clone()
    }
}

impl std::fmt::Display for MarketplaceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_reads_back_from_its_text(bits: u128) {
            let id = JobId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(JobId::parse(&id.to_string()).unwrap(), id);
        }

        #[test]
        fn ids_sort_as_their_texts(a: u128, b: u128) {
            let (a, b) = (JobId::from_uuid(Uuid::from_u128(a)), JobId::from_uuid(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn text_form_is_the_published_one() {
        let id = PartyId::from_uuid("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
        assert_eq!(id.to_string(), "pty_01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn foreign_prefixes_and_overlong_values_are_refused() {
        for text in [
            "",
            "job",
            "job_",
            "mil_01h455vb4pex5vsknk084sn02q",
            "job_81h455vb4pex5vsknk084sn02q",
            "job_01H455VB4PEX5VSKNK084SN02Q",
            "job_01h455vb4pex5vsknk084sn02qq",
            "job_01h455vb4pex5vsknk084sn0éq",
        ] {
            assert_eq!(JobId::parse(text).unwrap_err().code, Code::IdMalformed, "{text}");
        }
    }
}
