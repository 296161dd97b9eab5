//! The sandbox's provider: takes orders, and reports what comes of them by webhook.

use super::books::{Books, Place, Taken};
use crate::clock::{Clock, SystemClock};
use crate::process::{Call, CallOutcome};
use crate::rail::{Deliver, RailError, Reporter, WebhookSecret};
use async_trait::async_trait;
use domain::Timestamp;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How long an order that times out lets its caller wait.
const TIMEOUT: Duration = Duration::from_millis(100);
/// Pause before an undelivered webhook is sent again.
const REDELIVER_AFTER: Duration = Duration::from_millis(250);

/// The provider. Its books survive a crash of the process that it happens to live in.
pub struct SandboxProvider {
    books: Arc<Mutex<Books>>,
    clock: Arc<dyn Clock>,
    secret: WebhookSecret,
    new_order: Notify,
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
        Ok(Self { books: Arc::new(Mutex::new(books)), clock, secret, new_order: Notify::new() })
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
        let (ordered, now) = (call.clone(), self.clock.now());
        let (outcome, times_out) = self
            .with_books(move |books| {
                let outcome = books.take(&ordered, now)?;
                Ok((outcome, books.find(&ordered.provider_key).is_some_and(Taken::times_out)))
            })
            .await
            .map_err(|error| RailError(error.to_string()))?;
        self.new_order.notify_one();
        if times_out {
            tokio::time::sleep(TIMEOUT).await;
            return Err(RailError("no answer".to_owned()));
        }
        Ok(outcome)
    }

    /// What became of an order.
    pub(super) async fn find(&self, key: &str) -> Result<Option<CallOutcome>, RailError> {
        let key = key.to_owned();
        self.with_books(move |books| books.find(&key).map(Taken::outcome).transpose())
            .await
            .map_err(|error| RailError(error.to_string()))
    }

    /// Makes reports by webhook as they fall due, until each was taken as often as it is to be. Runs until it is
    /// dropped; one at a time.
    pub async fn report(&self, deliver: &dyn Deliver) {
        loop {
            match self.report_round(deliver).await {
                Ok(Round::Idle) => {
                    let next = self.next_report().await.unwrap_or_else(|| self.clock.now().plus_days(1));
                    tokio::select! {
                        () = self.new_order.notified() => {}
                        () = self.clock.sleep_until(next) => {}
                    }
                }
                Ok(Round::AllTaken) => {}
                Ok(Round::SomeMissed) => tokio::time::sleep(REDELIVER_AFTER).await,
                Err(error) => {
                    tracing::warn!(%error, "the sandbox can't write what it reported; it reports again");
                    tokio::time::sleep(REDELIVER_AFTER).await;
                }
            }
        }
    }

    async fn due(&self) -> io::Result<Vec<Place>> {
        let now = self.clock.now();
        self.with_books(move |books| {
            books.settle(now)?;
            Ok(books.due(now))
        })
        .await
    }

    /// Makes each report once that is due now.
    async fn report_round(&self, deliver: &dyn Deliver) -> io::Result<Round> {
        let due = self.due().await?;
        let mut round = if due.is_empty() { Round::Idle } else { Round::AllTaken };
        for place in due {
            if !self.report_one(deliver, place).await? {
                round = Round::SomeMissed;
            }
        }
        Ok(round)
    }

    /// Makes a report once, and says whether it was taken.
    async fn report_one(&self, deliver: &dyn Deliver, place: Place) -> io::Result<bool> {
        let found = self.with_books(move |books| {
            books.report(place).map(|(id, notice)| Ok((id, serde_json::to_vec(notice)?))).transpose()
        });
        let Some((id, body)) = found.await? else {
            return Ok(true);
        };
        // A signature's age is a matter between two machines, whatever time the marketplace lives in.
        let taken = deliver.deliver(&self.secret.sign(&id, SystemClock.now(), body)).await;
        if taken {
            self.with_books(move |books| books.reported(place)).await?;
        }
        Ok(taken)
    }
}

#[async_trait]
impl Reporter for SandboxProvider {
    async fn report_due(&self, deliver: &dyn Deliver) -> usize {
        let mut count = 0;
        for place in self.due().await.unwrap_or_default() {
            if self.report_one(deliver, place).await.unwrap_or(false) {
                count += 1;
            }
        }
        count
    }

    async fn next_report(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        self.with_books(move |books| Ok(books.next(now))).await.ok().flatten()
    }
}

/// What came of reporting everything once.
enum Round {
    /// There was nothing to report.
    Idle,
    AllTaken,
    SomeMissed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Order;
    use domain::id::DepositId;
    use domain::money::{Currency, Money};
    use std::fs;

    fn open(dir: &Path) -> io::Result<SandboxProvider> {
        SandboxProvider::open(dir, Arc::new(SystemClock), WebhookSecret::new(&[1; 32]))
    }

    fn call(key: &str) -> Call {
        let (deposit_id, payment_method) = (DepositId::from_u128(1), "pm_ok".to_owned());
        Call {
            order: Order::Capture { deposit_id, payment_method },
            provider_key: key.to_owned(),
            rail: "sandbox".to_owned(),
            amount: Money::new(100, Currency::USD).unwrap(),
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
