//! What a marketplace decides for itself: fees, windows, limits. Published in versions; a contract pins the one that
//! its offer was made under.

use crate::ledger::FeeQuote;
use crate::money::Rate;
use crate::refusal::{Code, Refusal};
use serde::{Deserialize, Serialize};

/// A marketplace's policy, one version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Rates of fees and of the tax on them.
    pub fees: FeeQuote,
    /// How long things stay open.
    pub windows: Windows,
    /// How much of what is allowed.
    pub limits: Limits,
}

/// Windows of time. Days are calendar days UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// Days that a job stays open.
    pub job_open_days: u16,
    /// Days that an offer stands.
    pub offer_days: u16,
    /// Minutes that a card payment may take.
    pub card_funding_minutes: u16,
    /// Days that a contract may stay unfunded.
    pub unfunded_days: u16,
    /// Days that a client has to review submitted work.
    pub review_days: u16,
    /// Days that released earnings stay on hold.
    pub clearing_days: u16,
}

/// Limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most milestones of one offer.
    pub milestones: u16,
    /// Most people hired for one job.
    pub headcount: u16,
}

/// No window is longer, so that no due instant overflows.
const WINDOW_MAX: u16 = 3_650;
/// One contract is folded for each of its decisions, so its milestones are bounded.
const MILESTONES_MAX: u16 = 100;

impl Default for Policy {
    fn default() -> Self {
        Self {
            fees: FeeQuote {
                talent_fee: Rate::percent(10),
                talent_fee_tax: Rate::percent(20),
                client_fee: Rate::percent(15),
                client_fee_tax: Rate::ZERO,
            },
            windows: Windows {
                job_open_days: 60,
                offer_days: 7,
                card_funding_minutes: 15,
                unfunded_days: 14,
                review_days: 14,
                clearing_days: 5,
            },
            limits: Limits { milestones: 50, headcount: 100 },
        }
    }
}

impl Policy {
    /// The policy itself, if every value makes sense.
    ///
    /// # Errors
    /// [`Code::PolicyInvalid`], naming the key.
    pub fn checked(self) -> Result<Self, Refusal> {
        let windows = [
            ("windows.job_open_days", self.windows.job_open_days),
            ("windows.offer_days", self.windows.offer_days),
            ("windows.card_funding_minutes", self.windows.card_funding_minutes),
            ("windows.unfunded_days", self.windows.unfunded_days),
            ("windows.review_days", self.windows.review_days),
            ("windows.clearing_days", self.windows.clearing_days),
        ];
        for (key, value) in windows {
            within(key, value, WINDOW_MAX)?;
        }
        within("limits.milestones", self.limits.milestones, MILESTONES_MAX)?;
        within("limits.headcount", self.limits.headcount, u16::MAX)?;
        Ok(self)
    }
}

fn within(key: &'static str, value: u16, max: u16) -> Result<(), Refusal> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(Refusal::new(Code::PolicyInvalid, format!("expected 1 to {max}")).at(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_makes_sense() {
        assert!(Policy::default().checked().is_ok());
    }

    #[test]
    fn a_window_of_nothing_is_refused_by_its_key() {
        let mut policy = Policy::default();
        policy.windows.review_days = 0;
        let refusal = policy.checked().unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field.as_deref()),
            (Code::PolicyInvalid, Some("windows.review_days"))
        );
    }
}
