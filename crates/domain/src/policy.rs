//! What a marketplace decides for itself: fees, windows, limits. Published in versions; a contract pins the one that
//! its offer was made under.

use crate::ledger::FeeQuote;
use crate::money::{Currency, Money, Rate};
use crate::refusal::{Code, Refusal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A marketplace's policy, one version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// How jobs are searched for people.
    pub hiring: HiringRules,
    /// How disputes are settled. A contract has the rules of its policy version.
    pub disputes: DisputeRules,
}

/// Windows of time. Days are calendar days UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Days after which a client can demand the money of a milestone back on which no work was handed in.
    pub overdue_days: u16,
    /// Days that a provider lets money be held for a milestone.
    pub holding_days: u16,
    /// Days after a contract's end within which a bonus can be paid.
    pub bonus_days: u16,
    /// Days after a contract's end within which the talent can give released money back.
    pub give_back_days: u16,
    /// Days without any event after which the end of a contract that holds nothing is asked for.
    pub dormancy_days: u16,
}

/// Limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Most milestones of one offer.
    pub milestones: u16,
    /// Most people hired for one job.
    pub headcount: u16,
}

/// How jobs are searched for people. In force for each job as it comes along; nothing of it is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HiringRules {
    /// Whether support looks at a job before it opens.
    pub moderation: bool,
    /// Days that a job may be paused.
    pub paused_days: u16,
    /// Days that an invitation stands.
    pub invitation_days: u16,
    /// Days without a word after which a proposal lapses.
    pub silence_days: u16,
    /// Days that proposals outlive their job.
    pub grace_days: u16,
}

/// How disputes are settled: the ladder's windows and its costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeRules {
    /// Days that the respondent has to answer.
    pub response_days: u16,
    /// Days of negotiation after which either side may escalate.
    pub escalate_after_days: u16,
    /// Days after which negotiation becomes mediation by itself.
    pub negotiation_days: u16,
    /// Days to hand in evidence.
    pub evidence_days: u16,
    /// Business days that a mediator has to recommend.
    pub recommendation_business_days: u16,
    /// Days that both sides have to answer a recommendation.
    pub answer_days: u16,
    /// Days that both sides have to pay for arbitration.
    pub arbitration_days: u16,
    /// Days that an arbitrator has for the award.
    pub award_days: u16,
    /// Days that the loser has to appeal.
    pub appeal_days: u16,
    /// Days that an appeal's reviewer has.
    pub appeal_decision_days: u16,
    /// Per currency, what each side pays for arbitration. In a currency that isn't listed, disputes are decided from
    /// the documents, without a fee.
    pub arbitration_fees: Vec<Money>,
    /// What is disputed is decided from the documents, without a fee, below this many times the fee.
    pub small_claim_multiple: u16,
    /// Rounds of changes after which either side may dispute submitted work.
    pub rounds_of_changes: u16,
    /// Per currency, the largest share of a client that an award executes without a second person's approval.
    pub award_review_above: Vec<Money>,
}

/// How talents are paid out. In force for each payout as it comes along; nothing of it is pinned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
pub(crate) const MILESTONES_MAX: u16 = 100;
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
                overdue_days: 30,
                holding_days: 90,
                bonus_days: 365,
                give_back_days: 180,
                dormancy_days: 90,
            },
            limits: Limits { milestones: 50, headcount: 100 },
            payouts: PayoutRules::default(),
            hiring: HiringRules::default(),
            disputes: DisputeRules::default(),
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
            ("windows.overdue_days", self.windows.overdue_days),
            ("windows.holding_days", self.windows.holding_days),
            ("windows.bonus_days", self.windows.bonus_days),
            ("windows.give_back_days", self.windows.give_back_days),
            ("windows.dormancy_days", self.windows.dormancy_days),
            ("hiring.paused_days", self.hiring.paused_days),
            ("hiring.invitation_days", self.hiring.invitation_days),
            ("hiring.silence_days", self.hiring.silence_days),
            ("hiring.grace_days", self.hiring.grace_days),
            ("disputes.response_days", self.disputes.response_days),
            ("disputes.escalate_after_days", self.disputes.escalate_after_days),
            ("disputes.negotiation_days", self.disputes.negotiation_days),
            ("disputes.evidence_days", self.disputes.evidence_days),
            ("disputes.recommendation_business_days", self.disputes.recommendation_business_days),
            ("disputes.answer_days", self.disputes.answer_days),
            ("disputes.arbitration_days", self.disputes.arbitration_days),
            ("disputes.award_days", self.disputes.award_days),
            ("disputes.appeal_days", self.disputes.appeal_days),
            ("disputes.appeal_decision_days", self.disputes.appeal_decision_days),
            ("disputes.small_claim_multiple", self.disputes.small_claim_multiple),
            ("disputes.rounds_of_changes", self.disputes.rounds_of_changes),
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
        each_once("disputes.arbitration_fees", &self.disputes.arbitration_fees)?;
        each_once("disputes.award_review_above", &self.disputes.award_review_above)?;
        Ok(self)
    }
}

impl Default for PayoutRules {
    fn default() -> Self {
        Self {
            review_above: figures(1_000_000, 1_000_000, 1_500_000),
            new_payee_days: 7,
            retry_hours: vec![1, 6, 24],
            unknown_minutes: 60,
            transit_business_days: 5,
            refund_transit_hours: 24,
        }
    }
}

/// A figure in each currency that a marketplace has from the start, in minor units.
fn figures(usd: i64, eur: i64, jpy: i64) -> Vec<Money> {
    let figures = [(usd, Currency::USD), (eur, Currency::EUR), (jpy, Currency::JPY)];
    figures.into_iter().filter_map(|(minor, currency)| Money::new(minor, currency).ok()).collect()
}

impl Default for HiringRules {
    fn default() -> Self {
        Self { moderation: false, paused_days: 30, invitation_days: 7, silence_days: 60, grace_days: 3 }
    }
}

impl Default for DisputeRules {
    fn default() -> Self {
        Self {
            response_days: 5,
            escalate_after_days: 3,
            negotiation_days: 7,
            evidence_days: 5,
            recommendation_business_days: 2,
            answer_days: 2,
            arbitration_days: 7,
            award_days: 14,
            appeal_days: 7,
            appeal_decision_days: 7,
            arbitration_fees: figures(30_000, 30_000, 45_000),
            small_claim_multiple: 5,
            rounds_of_changes: 3,
            award_review_above: figures(1_000_000, 1_000_000, 1_500_000),
        }
    }
}

impl DisputeRules {
    /// What each side pays for arbitration, or `None` where the documents decide.
    pub fn arbitration_fee(&self, currency: Currency) -> Option<Money> {
        let fee = self.arbitration_fees.iter().find(|fee| fee.currency() == currency);
        fee.copied().filter(|fee| fee.minor() > 0)
    }

    /// Whether an award of `share` to the client needs a second person's approval.
    pub fn needs_review(&self, share: Money) -> bool {
        is_above(&self.award_review_above, share)
    }
}

/// Whether `amount` is above the limit of its currency. What has no limit is always above it.
fn is_above(limits: &[Money], amount: Money) -> bool {
    let limit = limits.iter().find(|limit| limit.currency() == amount.currency());
    limit.is_none_or(|limit| amount.minor() > limit.minor())
}

impl PayoutRules {
    /// Whether a payout of `amount` needs finance's approval.
    pub fn needs_review(&self, amount: Money) -> bool {
        is_above(&self.review_above, amount)
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
        each_once("payouts.review_above", &self.review_above)
    }
}

/// Amounts of one figure per currency.
fn each_once(key: &'static str, amounts: &[Money]) -> Result<(), Refusal> {
    for (index, amount) in amounts.iter().enumerate() {
        if amount.minor() < 0 {
            return Err(Refusal::new(Code::PolicyInvalid, "expected 0 or more").at(key));
        }
        if amounts[..index].iter().any(|other| other.currency() == amount.currency()) {
            let message = format!("{} is listed twice", amount.currency());
            return Err(Refusal::new(Code::PolicyInvalid, message).at(key));
        }
    }
    Ok(())
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
