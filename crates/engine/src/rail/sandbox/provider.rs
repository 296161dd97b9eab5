//! The sandbox's provider: payments in a file of its own, and the webhooks that report them.

use super::Notice;
use crate::clock::Clock;
use crate::process::{Call, CallOutcome};
use crate::rail::{RailError, Webhook, WebhookSecret};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How long `pm_timeout` lets its caller wait.
const TIMEOUT: Duration = Duration::from_millis(100);
/// Pause before an undelivered webhook is sent again.
const REDELIVER_AFTER: Duration = Duration::from_millis(250);

/// Sends a webhook; `true` when it was taken.
#[async_trait]
pub trait Deliver: Send + Sync + 'static {
    /// Sends it once.
    async fn deliver(&self, webhook: &Webhook) -> bool;
}

/// The provider. Its payments survive a crash of the process that it happens to live in.
pub struct SandboxProvider {
    books: Mutex<Books>,
    clock: Arc<dyn Clock>,
    secret: WebhookSecret,
    new_payment: Notify,
}

struct Books {
    file: File,
    /// By idempotency key.
    payments: BTreeMap<String, Payment>,
}

/// A line of the file: the payment as it now is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Payment {
    key: String,
    object: String,
    notice: Notice,
    /// Declined at once: nothing to report.
    declined: Option<String>,
    /// How often it is to be reported, and was.
    reports: u32,
    reported: u32,
}

impl SandboxProvider {
    /// Opens the provider's file in `dir`, or begins one.
    ///
    /// # Errors
    /// What the file system says, or a file that isn't the provider's.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>, secret: WebhookSecret) -> std::io::Result<Self> {
        let path = dir.join("sandbox-provider.jsonl");
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(&path)?;
        let mut payments = BTreeMap::new();
        for line in BufReader::new(File::open(&path)?).lines() {
            // A line cut short by a crash was never acknowledged to anybody.
            if let Ok(payment) = serde_json::from_str::<Payment>(&line?) {
                payments.insert(payment.key.clone(), payment);
            }
        }
        let books = Mutex::new(Books { file, payments });
        Ok(Self {
            books,
            clock,
            secret,
            new_payment: Notify::new(),
        })
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an order, once per key.
    pub(super) async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        let outcome = {
            let mut books = self.books();
            match books.payments.get(&call.provider_key) {
                Some(payment) => payment.outcome(),
                None => books.take(call).map_err(|error| RailError(error.to_string()))?,
            }
        };
        self.new_payment.notify_one();
        if call.payment_method == "pm_timeout" {
            tokio::time::sleep(TIMEOUT).await;
            return Err(RailError("no answer".to_owned()));
        }
        Ok(outcome)
    }

    /// What became of an order.
    pub(super) fn find(&self, key: &str) -> Option<CallOutcome> {
        self.books().payments.get(key).map(Payment::outcome)
    }

    /// Reports payments by webhook until each was taken as often as it is to be. Runs until it is dropped.
    pub async fn report(&self, deliver: &dyn Deliver) {
        loop {
            let due: Vec<Payment> = self
                .books()
                .payments
                .values()
                .filter(|p| p.reported < p.reports)
                .cloned()
                .collect();
            let mut missed = false;
            for mut payment in due {
                let Ok(body) = serde_json::to_vec(&payment.notice) else {
                    continue;
                };
                let webhook = self
                    .secret
                    .sign(&format!("msg_{}", payment.object), self.clock.now(), body);
                if deliver.deliver(&webhook).await {
                    payment.reported += 1;
                    missed |= self.books().write(payment).is_err();
                } else {
                    missed = true;
                }
            }
            if missed {
                tokio::time::sleep(REDELIVER_AFTER).await;
            } else if self
                .books()
                .payments
                .values()
                .all(|payment| payment.reported >= payment.reports)
            {
                self.new_payment.notified().await;
            }
        }
    }
}

impl Books {
    fn take(&mut self, call: &Call) -> std::io::Result<CallOutcome> {
        let object = format!("pay_{}", call.provider_key);
        let (reference, payment) = (call.deposit_id, object.clone());
        let captured = |amount| Notice::Captured {
            reference,
            payment: payment.clone(),
            amount,
        };
        let failed = |reason: &str| Notice::Failed {
            reference,
            payment: payment.clone(),
            reason: reason.to_owned(),
        };
        let one_less = call
            .amount
            .with_minor(call.amount.minor() - 1)
            .unwrap_or(call.amount);
        let (notice, declined, reports) = match call.payment_method.as_str() {
            "pm_declined" => (failed("card_declined"), Some("card_declined".to_owned()), 0),
            "pm_insufficient_funds" => (failed("insufficient_funds"), None, 1),
            "pm_twice" => (captured(call.amount), None, 2),
            "pm_short" => (captured(one_less), None, 1),
            _ => (captured(call.amount), None, 1),
        };
        let payment = Payment {
            key: call.provider_key.clone(),
            object,
            notice,
            declined,
            reports,
            reported: 0,
        };
        let outcome = payment.outcome();
        self.write(payment)?;
        Ok(outcome)
    }

    fn write(&mut self, payment: Payment) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&payment)?;
        // A line break first, so that a line cut short by a crash doesn't swallow this one.
        line.insert(0, b'\n');
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.payments.insert(payment.key.clone(), payment);
        Ok(())
    }
}

impl Payment {
    fn outcome(&self) -> CallOutcome {
        match &self.declined {
            Some(reason) => CallOutcome::Declined {
                reason: reason.clone(),
            },
            None => CallOutcome::Accepted {
                object: self.object.clone(),
            },
        }
    }
}
