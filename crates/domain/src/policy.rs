//! What a marketplace decides for itself: fees, windows, limits. Published in versions; a contract pins the one that
//! its offer was made under.

use crate::ledger::FeeQuote;
use crate::money::{Currency, Money, Rate};
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
    /// How talents are paid out.
    pub payouts: PayoutRules,
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
    /// Days that a talent has to answer a refund request.
    pub refund_answer_days: u16,
    /// Days that the other side has to answer an end request.
    pub end_answer_days: u16,
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

/// How talents are paid out. In force for each payout as it comes along; nothing of it is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutRules {
    /// Per currency, the largest amount that needs no review by finance. A currency that isn't listed always does.
    pub review_above: Vec<Money>,
    /// Days that an account is on hold after a payout to a destination it never had before; 0 for none.
    pub new_payee_days: u16,
    /// Hours until a payout that failed is tried again, one figure per retry; up to a tenth is added to each.
    pub retry_hours: Vec<u16>,
    /// Minutes that a provider may leave us without any word on a payout before a person looks into it.
    pub unknown_minutes: u16,
    /// Business days that a payout may be in transit before a person looks into it.
    pub transit_business_days: u16,
    /// Hours that a refund may be in transit before a person looks into it.
    pub refund_transit_hours: u16,
}

/// No window is longer, so that no due instant overflows.
const WINDOW_MAX: u16 = 3_650;
/// One contract is folded for each of its decisions, so its milestones are bounded.
const MILESTONES_MAX: u16 = 100;
/// Retries of one payout.
const RETRIES_MAX: usize = 10;

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
                refund_answer_days: 7,
                end_answer_days: 7,
            },
            limits: Limits { milestones: 50, headcount: 100 },
            payouts: PayoutRules::default(),
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
            ("windows.refund_answer_days", self.windows.refund_answer_days),
            ("windows.end_answer_days", self.windows.end_answer_days),
            ("payouts.unknown_minutes", self.payouts.unknown_minutes),
            ("payouts.transit_business_days", self.payouts.transit_business_days),
            ("payouts.refund_transit_hours", self.payouts.refund_transit_hours),
        ];
        for (key, value) in windows {
            within(key, value, WINDOW_MAX)?;
        }
        within("limits.milestones", self.limits.milestones, MILESTONES_MAX)?;
        within("limits.headcount", self.limits.headcount, u16::MAX)?;
        self.payouts.check()?;
        Ok(self)
    }
}

impl Default for PayoutRules {
    fn default() -> Self {
        let at_most = |minor, currency| Money::new(minor, currency).ok();
        let review_above = [
            at_most(1_000_000, Currency::USD),
            at_most(1_000_000, Currency::EUR),
            at_most(1_500_000, Currency::JPY),
        ];
        Self {
            review_above: review_above.into_iter().flatten().collect(),
            new_payee_days: 7,
            retry_hours: vec![1, 6, 24],
            unknown_minutes: 60,
            transit_business_days: 5,
            refund_transit_hours: 24,
        }
    }
}

impl PayoutRules {
    /// Whether a payout of `amount` needs finance's approval.
    pub fn needs_review(&self, amount: Money) -> bool {
        let limit = self.review_above.iter().find(|limit| limit.currency() == amount.currency());
        limit.is_none_or(|limit| amount.minor() > limit.minor())
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.new_payee_days > WINDOW_MAX {
            return within("payouts.new_payee_days", self.new_payee_days, WINDOW_MAX);
        }
        if self.retry_hours.len() > RETRIES_MAX {
            let message = format!("at most {RETRIES_MAX} retries");
            return Err(Refusal::new(Code::PolicyInvalid, message).at("payouts.retry_hours"));
        }
        for hours in &self.retry_hours {
            within("payouts.retry_hours", *hours, WINDOW_MAX)?;
        }
        for (index, limit) in self.review_above.iter().enumerate() {
            if self.review_above[..index].iter().any(|other| other.currency() == limit.currency()) {
                let message = format!("{} is listed twice", limit.currency());
                return Err(Refusal::new(Code::PolicyInvalid, message).at("payouts.review_above"));
            }
        }
        Ok(())
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
    fn a_currency_without_a_limit_is_always_reviewed() {
        let rules = PayoutRules::default();
        let of = |amount, currency| Money::parse(amount, currency).unwrap();
        assert!(!rules.needs_review(of("10000", "USD")));
        assert!(rules.needs_review(of("10000.01", "USD")));
        assert!(rules.needs_review(of("1", "KWD")));
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
