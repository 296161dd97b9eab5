//! The sandbox's provider: payments in a file of its own, and the webhooks that report them.

use super::Notice;
use crate::clock::Clock;
use crate::process::{Call, CallOutcome};
use crate::rail::{RailError, Webhook, WebhookSecret};
use async_trait::async_trait;
use domain::deposit::{ProviderObject, ProviderWord};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
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
    books: Arc<Mutex<Books>>,
    clock: Arc<dyn Clock>,
    secret: WebhookSecret,
    new_payment: Notify,
}

/// How every line begins, so that one cut short is told from something that isn't the provider's.
const LINE_START: &[u8] = b"{\"key\":\"";

struct Books {
    file: File,
    /// Where the last whole line ends.
    end: u64,
    /// By idempotency key.
    payments: BTreeMap<String, Payment>,
    /// Keys of payments that are still to be reported, in the order of their reports.
    unreported: VecDeque<String>,
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
    /// Opens the provider's file in `dir`, or begins one that only its owner can read. A last line that a crash cut
    /// short was never acknowledged to anybody; it is removed.
    ///
    /// # Errors
    /// What the file system says; `InvalidData`, naming the file and the line, if it isn't the provider's. Such a file
    /// is left as it is.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>, secret: WebhookSecret) -> io::Result<Self> {
        let books = Books::open(&dir.join("sandbox-provider.jsonl"))?;
        Ok(Self { books: Arc::new(Mutex::new(books)), clock, secret, new_payment: Notify::new() })
    }

    /// Does `work` on the books, which may have to be flushed to the disk, where waiting keeps no other task waiting.
    async fn with_books<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Books) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let books = Arc::clone(&self.books);
        let worked = tokio::task::spawn_blocking(move || {
            work(&mut books.lock().unwrap_or_else(PoisonError::into_inner))
        });
        worked.await.map_err(io::Error::other)?
    }

    /// Takes an order, once per key.
    pub(super) async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        let ordered = call.clone();
        let outcome = self
            .with_books(move |books| match books.payments.get(&ordered.provider_key) {
                Some(payment) => payment.outcome(),
                None => books.take(&ordered),
            })
            .await
            .map_err(|error| RailError(error.to_string()))?;
        self.new_payment.notify_one();
        if call.payment_method == "pm_timeout" {
            tokio::time::sleep(TIMEOUT).await;
            return Err(RailError("no answer".to_owned()));
        }
        Ok(outcome)
    }

    /// What became of an order.
    pub(super) async fn find(&self, key: &str) -> Result<Option<CallOutcome>, RailError> {
        let key = key.to_owned();
        self.with_books(move |books| books.payments.get(&key).map(Payment::outcome).transpose())
            .await
            .map_err(|error| RailError(error.to_string()))
    }

    /// Reports payments by webhook until each was taken as often as it is to be. Runs until it is dropped; one at a
    /// time.
    pub async fn report(&self, deliver: &dyn Deliver) {
        loop {
            match self.report_round(deliver).await {
                Ok(Round::Idle) => self.new_payment.notified().await,
                Ok(Round::AllTaken) => {}
                Ok(Round::SomeMissed) => tokio::time::sleep(REDELIVER_AFTER).await,
                Err(error) => {
                    tracing::warn!(%error, "the sandbox can't write what it reported; it reports again");
                    tokio::time::sleep(REDELIVER_AFTER).await;
                }
            }
        }
    }

    /// Reports each payment once that is waiting now. One that isn't taken goes behind the others.
    async fn report_round(&self, deliver: &dyn Deliver) -> io::Result<Round> {
        let waiting = self.with_books(|books| Ok(books.unreported.len())).await?;
        let mut round = if waiting == 0 { Round::Idle } else { Round::AllTaken };
        for _ in 0..waiting {
            let Some(payment) = self.with_books(|books| Ok(books.next_report())).await? else {
                break;
            };
            let body = serde_json::to_vec(&payment.notice)?;
            let id = format!("msg_{}", payment.object);
            let taken = deliver.deliver(&self.secret.sign(&id, self.clock.now(), body)).await;
            if !taken {
                round = Round::SomeMissed;
            }
            self.with_books(move |books| books.reported(payment, taken)).await?;
        }
        Ok(round)
    }
}

/// What came of reporting everything once.
enum Round {
    /// There was nothing to report.
    Idle,
    AllTaken,
    SomeMissed,
}

impl Books {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let foreign = |line: usize| {
            let what =
                format!("{}: line {line} isn't the sandbox provider's; move the file away", path.display());
            io::Error::new(io::ErrorKind::InvalidData, what)
        };
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (lines, cut) = bytes.split_at(whole);
        let mut payments = BTreeMap::new();
        let mut count = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            count += 1;
            let payment: Payment = serde_json::from_slice(line).map_err(|_| foreign(count))?;
            payments.insert(payment.key.clone(), payment);
        }
        if !cut.starts_with(LINE_START) && !LINE_START.starts_with(cut) {
            return Err(foreign(count + 1));
        }
        let unreported = payments.values().filter(|payment| payment.is_due());
        let mut books = Self {
            file,
            end: whole as u64,
            unreported: unreported.map(|payment| payment.key.clone()).collect(),
            payments,
        };
        books.cut_tail()?;
        Ok(books)
    }

    /// The payment whose report is next; it stays so until [`Books::reported`].
    fn next_report(&self) -> Option<Payment> {
        self.payments.get(self.unreported.front()?).cloned()
    }

    /// Notes whether the next report was taken. If it isn't written down, the report is due again.
    fn reported(&mut self, mut payment: Payment, taken: bool) -> io::Result<()> {
        if taken {
            payment.reported += 1;
            self.write(&payment)?;
        }
        self.unreported.pop_front();
        if payment.is_due() {
            self.unreported.push_back(payment.key);
        }
        Ok(())
    }

    fn take(&mut self, call: &Call) -> io::Result<CallOutcome> {
        let object = format!("pay_{}", call.provider_key);
        let (reference, payment) = (call.deposit_id, object.clone());
        let captured = |amount| Notice::Captured { reference, payment: payment.clone(), amount };
        let failed =
            |reason: &str| Notice::Failed { reference, payment: payment.clone(), reason: reason.to_owned() };
        let one_less = call.amount.with_minor(call.amount.minor() - 1).unwrap_or(call.amount);
        let (notice, declined, reports) = match call.payment_method.as_str() {
            "pm_declined" => (failed("card_declined"), Some("card_declined".to_owned()), 0),
            "pm_insufficient_funds" => (failed("insufficient_funds"), None, 1),
            "pm_twice" => (captured(call.amount), None, 2),
            "pm_short" => (captured(one_less), None, 1),
            _ => (captured(call.amount), None, 1),
        };
        let payment =
            Payment { key: call.provider_key.clone(), object, notice, declined, reports, reported: 0 };
        self.write(&payment)?;
        if payment.is_due() {
            self.unreported.push_back(payment.key.clone());
        }
        payment.outcome()
    }

    fn write(&mut self, payment: &Payment) -> io::Result<()> {
        let mut line = serde_json::to_vec(payment)?;
        line.push(b'\n');
        self.cut_tail()?;
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.end += line.len() as u64;
        self.payments.insert(payment.key.clone(), payment.clone());
        Ok(())
    }

    /// Removes what a write that failed may have left behind the last whole line.
    fn cut_tail(&mut self) -> io::Result<()> {
        self.file.set_len(self.end)
    }
}

impl Payment {
    fn is_due(&self) -> bool {
        self.reported < self.reports
    }

    /// What the caller is told, in words that can be recorded.
    fn outcome(&self) -> io::Result<CallOutcome> {
        let outcome = match &self.declined {
            Some(reason) => ProviderWord::parse(reason).map(|reason| CallOutcome::Declined { reason }),
            None => ProviderObject::parse(&self.object).map(|object| CallOutcome::Accepted { object }),
        };
        outcome.map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use domain::id::DepositId;
    use domain::money::{Currency, Money};
    use std::fs;

    fn open(dir: &Path) -> io::Result<SandboxProvider> {
        SandboxProvider::open(dir, Arc::new(SystemClock), WebhookSecret::new(&[1; 32]))
    }

    fn call(key: &str) -> Call {
        Call {
            deposit_id: DepositId::from_u128(1),
            provider_key: key.to_owned(),
            rail: "sandbox".to_owned(),
            amount: Money::new(100, Currency::USD).unwrap(),
            payment_method: "pm_ok".to_owned(),
        }
    }

    /// The bytes of a provider's file with these payments, and where it is.
    async fn file_of(dir: &Path, keys: &[&str]) -> (Vec<u8>, std::path::PathBuf) {
        let provider = open(dir).unwrap();
        for key in keys {
            provider.order(&call(key)).await.unwrap();
        }
        let path = dir.join("sandbox-provider.jsonl");
        (fs::read(&path).unwrap(), path)
    }

    #[tokio::test]
    async fn a_last_line_cut_short_is_forgotten_and_the_next_order_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (whole, path) = file_of(dir.path(), &["one", "two"]).await;
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in first..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let provider = open(dir.path()).unwrap();
            assert!(provider.find("one").await.unwrap().is_some());
            assert_eq!(provider.find("two").await.unwrap(), None, "cut at {cut}");
            provider.order(&call("three")).await.unwrap();
            drop(provider);
            assert!(open(dir.path()).unwrap().find("three").await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn a_file_that_is_not_the_providers_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let (whole, path) = file_of(dir.path(), &["one", "two"]).await;
        let mut damaged = whole.clone();
        damaged[0] = b'[';
        for foreign in [&b"dear diary"[..], b"dear diary\n", b"{}\n", b"\n", &damaged] {
            fs::write(&path, foreign).unwrap();
            let refused = open(dir.path()).err().unwrap();
            assert_eq!(refused.kind(), io::ErrorKind::InvalidData, "{refused}");
            assert!(refused.to_string().contains("line 1"), "{refused}");
            assert_eq!(fs::read(&path).unwrap(), foreign);
        }
        fs::write(&path, &whole).unwrap();
        assert!(open(dir.path()).is_ok(), "the file as it was is taken");
    }

    /// Takes every second webhook.
    struct EverySecond(Mutex<Vec<String>>);

    #[async_trait]
    impl Deliver for EverySecond {
        async fn deliver(&self, webhook: &Webhook) -> bool {
            let mut seen = self.0.lock().unwrap();
            seen.push(webhook.id.clone());
            seen.len().is_multiple_of(2)
        }
    }

    #[tokio::test]
    async fn what_was_not_taken_is_reported_again_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let deliver = EverySecond(Mutex::default());
        let provider = open(dir.path()).unwrap();
        for key in ["one", "two", "three"] {
            provider.order(&call(key)).await.unwrap();
        }
        assert!(matches!(provider.report_round(&deliver).await.unwrap(), Round::SomeMissed));
        drop(provider);
        let provider = open(dir.path()).unwrap();
        while !matches!(provider.report_round(&deliver).await.unwrap(), Round::Idle) {}
        assert_eq!(
            *deliver.0.lock().unwrap(),
            ["one", "two", "three", "one", "three", "three"].map(|key| format!("msg_pay_{key}"))
        );
    }
}
