//! Deposits: money on its way in, from the intent through the one call to the provider to the outcome.

pub(crate) mod attempt;
mod event;
mod state;
mod transitions;

pub use attempt::{AcknowledgeDeposit, FailDeposit, StartDepositAttempt};
pub use event::{
    DepositAcknowledged, DepositAttemptStarted, DepositConfirmed, DepositEvent, DepositFailed,
    DepositRequested, DepositUnmatched,
};
pub use state::{Deposit, Provider};
pub use transitions::{DepositStatus, TRANSITIONS};

use crate::refusal::{Code, Refusal};

/// A provider's id of something, such as a payment.
pub type ProviderObject = String;

/// A provider's token of a payment instrument, never the instrument itself: 1 to 64 characters of `a-z`, `A-Z`,
/// `0-9`, `_` and `-`, and not so many digits in a row that it could be a card's number.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PaymentMethod(String);

impl PaymentMethod {
    /// Longest token.
    const LEN_MAX: usize = 64;
    /// The shortest card numbers have twelve digits.
    const DIGITS_MAX: usize = 11;

    /// Reads a token.
    ///
    /// # Errors
    /// [`Code::TextEmpty`], [`Code::TextTooLong`] or [`Code::TextMalformed`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Err(Refusal::new(
                Code::TextEmpty,
                "the provider's token of an instrument is needed",
            ));
        }
        if text.len() > Self::LEN_MAX {
            return Err(Refusal::new(
                Code::TextTooLong,
                "a token has at most 64 characters",
            ));
        }
        let foreign = text
            .bytes()
            .any(|c| !c.is_ascii_alphanumeric() && c != b'_' && c != b'-');
        let mut runs = text.split(|c: char| !c.is_ascii_digit());
        if foreign || runs.any(|run| run.len() > Self::DIGITS_MAX) {
            return Err(Refusal::new(
                Code::TextMalformed,
                "give the provider's token, never a card's number",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_no_tokens() {
        assert_eq!(
            PaymentMethod::parse("4242424242424242").unwrap_err().code,
            Code::TextMalformed
        );
        assert_eq!(
            PaymentMethod::parse("4242 4242").unwrap_err().code,
            Code::TextMalformed
        );
        assert!(PaymentMethod::parse("pm_1Q2w3E-card").is_ok());
    }
}
