//! What a provider calls things: its ids, its reasons, its tokens. Untrusted input, bounded where it comes in; what
//! was recorded is read back as it is.

use crate::refusal::{Code, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $allowed:expr, $remedy:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(#[schemars(length(min = 1, max = LEN_MAX))] String);

        impl $name {
            /// Reads what a provider sent.
            ///
            /// # Errors
            /// [`Code::TextEmpty`], [`Code::TextTooLong`] or [`Code::TextMalformed`].
            pub fn parse(text: &str) -> Result<Self, Refusal> {
                bounded(text, $allowed, $remedy)?;
                Ok(Self(text.to_owned()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

words! {
    /// A provider's id of something, such as a payment: 1 to 64 printable ASCII characters, none of them a `/`, so
    /// that it can end a stream's name.
    ProviderObject, |c| c.is_ascii_graphic() && c != b'/', "expected printable ASCII without a slash";
    /// A provider's word for why, such as `card_declined`: 1 to 64 of `a-z`, `0-9` and `_`.
    ProviderWord, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_', "expected a-z, 0-9 and _";
}

/// Longest word of a provider's that is recorded.
const LEN_MAX: usize = 64;

fn bounded(text: &str, allowed: fn(u8) -> bool, remedy: &'static str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::new(Code::TextEmpty, "the provider's word is needed"));
    }
    if text.len() > LEN_MAX {
        return Err(Refusal::new(Code::TextTooLong, "at most 64 characters"));
    }
    if text.bytes().all(allowed) { Ok(()) } else { Err(Refusal::new(Code::TextMalformed, remedy)) }
}

/// A provider's token of a payment instrument, never the instrument itself: 1 to 64 characters of `a-z`, `A-Z`,
/// `0-9`, `_` and `-`, and not so many digits in a row, with or without separators, that it could be a card's number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PaymentMethod(#[schemars(length(min = 1, max = LEN_MAX))] String);

impl PaymentMethod {
    /// The shortest card numbers have twelve digits.
    const DIGITS_MAX: usize = 11;

    /// Reads a token.
    ///
    /// # Errors
    /// [`Code::TextEmpty`], [`Code::TextTooLong`] or [`Code::TextMalformed`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let remedy = "give the provider's token, never a card's number";
        bounded(text, |c| c.is_ascii_alphanumeric() || c == b'_' || c == b'-', remedy)?;
        let joined: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut runs = joined.split(|c: char| !c.is_ascii_digit());
        if runs.any(|run| run.len() > Self::DIGITS_MAX) {
            return Err(Refusal::new(Code::TextMalformed, remedy));
        }
        Ok(Self(text.to_owned()))
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PaymentMethod {
    /// Never prints the token: what is debug-printed ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaymentMethod(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_no_tokens_with_or_without_separators() {
        for text in [
            "4242424242424242",
            "4242-4242-4242-4242",
            "4242_4242_4242_4242",
            "pm_4-2-4-2-4-2-4-2-4-2-4-2",
            "4242 4242",
        ] {
            let refusal = PaymentMethod::parse(text).unwrap_err();
            assert_eq!(refusal.code, Code::TextMalformed, "{text}");
        }
    }

    #[test]
    fn tokens_with_a_few_digits_pass() {
        for text in ["pm_1Q2w3E-card", "tok_12345678901", "src_2026-11-21"] {
            assert_eq!(PaymentMethod::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_slash_would_end_a_stream_name_elsewhere_and_is_refused() {
        assert!(ProviderObject::parse("pay_1:a.b#c").is_ok());
        for text in ["", "pay/1", "pay 1", "pay\u{e9}", &"x".repeat(65)] {
            assert!(ProviderObject::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_reason_is_one_word() {
        assert!(ProviderWord::parse("card_declined").is_ok());
        for text in ["", "Card declined", "<script>", &"x".repeat(65)] {
            assert!(ProviderWord::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn json_is_the_bare_text() {
        let word = ProviderWord::parse("card_declined").unwrap();
        assert_eq!(serde_json::to_string(&word).unwrap(), r#""card_declined""#);
    }
}
