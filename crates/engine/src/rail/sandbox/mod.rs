//! The sandbox: a payment provider of our own for development, tests and demonstrations, and the rail to it.
//!
//! The provider stands for somebody else's system: it has a file of its own, is called under idempotency keys, and
//! reports by signed webhooks over HTTP, at least once, until it is heard. What it does depends on the instrument's
//! token: `pm_declined` is declined at once, `pm_insufficient_funds` fails later, `pm_timeout` takes the order but
//! doesn't answer, `pm_twice` reports everything twice, `pm_short` captures one minor unit too little, everything
//! else succeeds.

mod provider;

pub use provider::{Deliver, SandboxProvider};

use super::signature::{WebhookSecret, prove};
use super::{Rail, RailError, Signal, Webhook, WebhookError};
use crate::process::{Call, CallOutcome};
use async_trait::async_trait;
use domain::contract::ConfirmDeposit;
use domain::deposit::{FailDeposit, ProviderObject, ProviderWord};
use domain::id::DepositId;
use domain::money::Money;
use domain::{Refusal, Timestamp};
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
        let malformed =
            |field| move |refusal: Refusal| WebhookError::Malformed(refusal.at(field).to_string());
        let (Notice::Captured { payment, .. } | Notice::Failed { payment, .. }) = &notice;
        let provider_object = ProviderObject::parse(payment).map_err(malformed("payment"))?;
        let command = match notice {
            Notice::Captured { reference, amount, .. } => ConfirmDeposit {
                deposit_id: reference,
                rail: self.name().to_owned(),
                provider_object,
                captured: amount.positive().map_err(malformed("amount"))?,
            }
            .into(),
            Notice::Failed { reference, reason, .. } => FailDeposit {
                deposit_id: reference,
                rail: self.name().to_owned(),
                reason: ProviderWord::parse(&reason).map_err(malformed("reason"))?,
            }
            .into(),
        };
        Ok(Signal { id: webhook.id.clone(), command })
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
