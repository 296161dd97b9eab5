//! The sandbox: a payment provider of our own for development, tests and demonstrations, and the rail to it.
//!
//! The provider stands for somebody else's system: it has a file of its own, is called under idempotency keys, and
//! reports by signed webhooks over HTTP, at least once, until it is heard. What it does depends on the token of the
//! instrument or of the destination:
//!
//! | token | what comes of it |
//! |---|---|
//! | `pm_declined` | declined at once |
//! | `pm_insufficient_funds` | fails later |
//! | `pm_timeout` | takes the order but doesn't answer |
//! | `pm_twice` | reports everything twice |
//! | `pm_short` | captures one minor unit too little |
//! | `pm_late` | captures twenty minutes later |
//! | `pm_never` | nothing is ever heard of it |
//! | `pm_norefund` | captures, and refuses refunds |
//! | `ba_declined` | a payout is declined at once |
//! | `ba_fails`, `ba_fails_once` | it fails later, always or the first time |
//! | `ba_timeout`, `ba_never` | as for payments |
//! | `ba_returned`, `ba_reversed` | it is paid, and a day later comes back |
//!
//! Everything else succeeds. What was captured by a day's beginning is settled a day later, less refunds and a fee.

mod books;
mod provider;

pub use provider::SandboxProvider;

use super::signature::{WebhookSecret, prove};
use super::{Rail, RailError, Signal, Webhook, WebhookError};
use crate::process::{Call, CallOutcome};
use async_trait::async_trait;
use domain::contract::ConfirmDeposit;
use domain::deposit::{FailDeposit, ProviderObject, ProviderWord};
use domain::id::{DepositId, PayoutId, RefundId};
use domain::money::Money;
use domain::payout::{FailPayout, RecordPayoutPaid, ReturnPayout, ReversePayout};
use domain::refund::{ConfirmRefund, FailRefund};
use domain::treasury::RecordSettlement;
use domain::{Command, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The rail to the sandbox.
pub struct Sandbox {
    provider: Arc<SandboxProvider>,
    secrets: Vec<WebhookSecret>,
}

impl Sandbox {
    /// A rail to `provider`, which signs with one of `secrets`.
    pub fn new(provider: Arc<SandboxProvider>, secrets: Vec<WebhookSecret>) -> Self {
        Self { provider, secrets }
    }
}

/// A webhook's body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Notice {
    /// Money was captured.
    #[serde(rename = "payment.captured")]
    Captured { reference: DepositId, payment: String, amount: Money },
    /// It will not be.
    #[serde(rename = "payment.failed")]
    Failed { reference: DepositId, payment: String, reason: String },
    /// A refund was sent.
    #[serde(rename = "refund.sent")]
    RefundSent { reference: RefundId, refund: String, amount: Money },
    /// A refund will not be sent, or came back.
    #[serde(rename = "refund.failed")]
    RefundFailed { reference: RefundId, refund: String, reason: String },
    /// A payout was sent.
    #[serde(rename = "payout.paid")]
    PayoutPaid { reference: PayoutId, payout: String, attempt: u16 },
    /// An attempt at a payout failed.
    #[serde(rename = "payout.failed")]
    PayoutFailed { reference: PayoutId, payout: String, attempt: u16, reason: String },
    /// A payout came back.
    #[serde(rename = "payout.returned")]
    PayoutReturned { reference: PayoutId, payout: String, reason: String, cost: Money },
    /// A payout had been paid in error.
    #[serde(rename = "payout.reversed")]
    PayoutReversed { reference: PayoutId, payout: String, reason: String, cost: Money },
    /// What was captured is at the bank.
    #[serde(rename = "settlement.paid")]
    Settled { settlement: String, gross: Money, fee: Money },
}

impl Notice {
    /// The provider's id of what it is about.
    fn object(&self) -> (&'static str, &str) {
        match self {
            Self::Captured { payment, .. } | Self::Failed { payment, .. } => ("payment", payment),
            Self::RefundSent { refund, .. } | Self::RefundFailed { refund, .. } => ("refund", refund),
            Self::PayoutPaid { payout, .. }
            | Self::PayoutFailed { payout, .. }
            | Self::PayoutReturned { payout, .. }
            | Self::PayoutReversed { payout, .. } => ("payout", payout),
            Self::Settled { settlement, .. } => ("settlement", settlement),
        }
    }

    /// The command that records it on `rail`.
    fn command(self, rail: &str) -> Result<Command, WebhookError> {
        let malformed =
            |field| move |refusal: Refusal| WebhookError::Malformed(refusal.at(field).to_string());
        let (field, object) = self.object();
        let provider_object = ProviderObject::parse(object).map_err(malformed(field))?;
        let rail = rail.to_owned();
        let word = |reason: &str| ProviderWord::parse(reason).map_err(malformed("reason"));
        Ok(match self {
            Self::Captured { reference, amount, .. } => {
                let captured = amount.positive().map_err(malformed("amount"))?;
                ConfirmDeposit { deposit_id: reference, rail, provider_object, captured }.into()
            }
            Self::Failed { reference, reason, .. } => {
                FailDeposit { deposit_id: reference, rail, reason: word(&reason)? }.into()
            }
            Self::RefundSent { reference, .. } => {
                ConfirmRefund { refund_id: reference, rail, provider_object }.into()
            }
            Self::RefundFailed { reference, reason, .. } => {
                FailRefund { refund_id: reference, rail, reason: word(&reason)? }.into()
            }
            Self::PayoutPaid { reference, attempt, .. } => {
                RecordPayoutPaid { payout_id: reference, rail, attempt, provider_object }.into()
            }
            Self::PayoutFailed { reference, attempt, reason, .. } => {
                FailPayout { payout_id: reference, rail, attempt, reason: word(&reason)? }.into()
            }
            Self::PayoutReturned { reference, reason, cost, .. } => {
                ReturnPayout { payout_id: reference, rail, reason: word(&reason)?, cost }.into()
            }
            Self::PayoutReversed { reference, reason, cost, .. } => {
                ReversePayout { payout_id: reference, rail, reason: word(&reason)?, cost }.into()
            }
            Self::Settled { gross, fee, .. } => {
                let gross = gross.positive().map_err(malformed("gross"))?;
                RecordSettlement { rail, provider_object, gross, fee }.into()
            }
        })
    }
}

#[async_trait]
impl Rail for Sandbox {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        self.provider.order(call).await
    }

    async fn find(&self, provider_key: &str) -> Result<Option<CallOutcome>, RailError> {
        self.provider.find(provider_key).await
    }

    fn verify(&self, webhook: &Webhook, now: Timestamp) -> Result<Signal, WebhookError> {
        prove(webhook, &self.secrets, now)?;
        let notice: Notice = serde_json::from_slice(&webhook.body)
            .map_err(|error| WebhookError::Malformed(error.to_string()))?;
        Ok(Signal { id: webhook.id.clone(), command: notice.command(self.name())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    fn verified(body: &str) -> Result<Signal, WebhookError> {
        let dir = tempfile::tempdir().unwrap();
        let secret = WebhookSecret::new(&[1; 32]);
        let provider = SandboxProvider::open(dir.path(), Arc::new(SystemClock), secret.clone()).unwrap();
        let webhook = secret.sign("msg_1", NOW, body.as_bytes().to_vec());
        Sandbox::new(Arc::new(provider), vec![secret]).verify(&webhook, NOW)
    }

    #[test]
    fn a_capture_becomes_a_confirmation() {
        let body = r#"{"type":"payment.captured","reference":"dep_01h455vb4pex5vsknk084sn02q","payment":"pay_1","amount":{"minor":100,"currency":"USD"}}"#;
        let signal = verified(body).unwrap();
        assert_eq!(signal.command.kind(), domain::CommandKind::ConfirmDeposit);
    }

    #[test]
    fn every_notice_becomes_the_command_that_records_it() {
        use domain::CommandKind;
        let (pyo, rfd) = (PayoutId::from_u128(1), RefundId::from_u128(1));
        let of = |rest: String| format!("{{{rest}}}");
        let payout = |kind: &str, rest: &str| {
            of(format!(r#""type":"payout.{kind}","reference":"{pyo}","payout":"po_1"{rest}"#))
        };
        let cost = r#","reason":"no_account","cost":{"minor":5,"currency":"USD"}"#;
        let amount = r#","amount":{"minor":5,"currency":"USD"}"#;
        let bodies = [
            (payout("paid", r#","attempt":1"#), CommandKind::RecordPayoutPaid),
            (payout("failed", r#","attempt":1,"reason":"bank_down""#), CommandKind::FailPayout),
            (payout("returned", cost), CommandKind::ReturnPayout),
            (payout("reversed", cost), CommandKind::ReversePayout),
            (
                of(format!(r#""type":"refund.sent","reference":"{rfd}","refund":"re_1"{amount}"#)),
                CommandKind::ConfirmRefund,
            ),
            (
                of(format!(r#""type":"refund.failed","reference":"{rfd}","refund":"re_1","reason":"closed""#)),
                CommandKind::FailRefund,
            ),
            (
                of(r#""type":"settlement.paid","settlement":"set_1","gross":{"minor":5,"currency":"USD"},"fee":{"minor":1,"currency":"USD"}"#.to_owned()),
                CommandKind::RecordSettlement,
            ),
        ];
        for (body, kind) in bodies {
            assert_eq!(verified(&body).unwrap().command.kind(), kind, "{body}");
        }
    }

    #[test]
    fn words_that_no_record_takes_are_malformed() {
        let failed = |payment: &str, reason: &str| {
            format!(
                r#"{{"type":"payment.failed","reference":"dep_01h455vb4pex5vsknk084sn02q","payment":"{payment}","reason":"{reason}"}}"#
            )
        };
        assert!(verified(&failed("pay_1", "card_declined")).is_ok());
        for body in
            [failed("pay/1", "card_declined"), failed("", "card_declined"), failed("pay_1", "No money!")]
        {
            assert!(matches!(verified(&body), Err(WebhookError::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn garbage_zero_and_negative_amounts_are_malformed() {
        let with = |minor: &str| {
            format!(
                r#"{{"type":"payment.captured","reference":"dep_01h455vb4pex5vsknk084sn02q","payment":"pay_1","amount":{{"minor":{minor},"currency":"USD"}}}}"#
            )
        };
        for body in [String::new(), "[]".to_owned(), with("0"), with("-5"), with("1.5"), with("1e30")] {
            assert!(matches!(verified(&body), Err(WebhookError::Malformed(_))), "{body}");
        }
    }
}
