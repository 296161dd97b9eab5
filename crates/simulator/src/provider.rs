//! A payment provider that does everything that providers do: it answers late, twice, not at all, or with an error; it
//! reports before it answers, out of order, and again; and it keeps books of its own, against which ours are held.

use crate::coverage::{Coverage, Fault};
use async_trait::async_trait;
use domain::contract::ConfirmDeposit;
use domain::deposit::{FailDeposit, ProviderObject, ProviderWord};
use domain::money::{Currency, Money};
use domain::payout::{FailPayout, RecordPayoutPaid, ReturnPayout, ReversePayout};
use domain::refund::{ConfirmRefund, FailRefund};
use domain::treasury::RecordSettlement;
use domain::{Command, Timestamp};
use engine::process::{Call, CallOutcome, Order};
use engine::rail::{Deliver, Rail, RailError, Reporter, Signal, Webhook, WebhookError};
use engine::{Clock, Engine, SimulatedClock};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The rail's name: the stepper delivers webhooks as the sandbox's.
pub(crate) const RAIL: &str = "sandbox";

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The provider, and the rail to it.
pub(crate) struct Provider {
    books: Mutex<Books>,
    clock: Arc<SimulatedClock>,
    coverage: Arc<Mutex<Coverage>>,
}

struct Books {
    dice: Rng,
    orders: BTreeMap<String, CallOutcome>,
    reports: Vec<Report>,
    /// Every report ever made, by its id.
    words: BTreeMap<String, Command>,
    /// Reports made before the order is answered.
    early: Option<Engine>,
    /// Captured, less refunded and settled, per currency.
    holds: BTreeMap<Currency, i64>,
    /// Sent to the bank, less payouts, per currency.
    bank: BTreeMap<Currency, i64>,
    settlements: u32,
    objects: u32,
    /// Calls that fail before anything else.
    outage: u32,
    healed: bool,
}

struct Report {
    id: String,
    due: i64,
    /// Deliveries that are lost before one arrives.
    lost: u8,
    /// Deliveries that follow the first that arrives.
    again: u8,
}

impl Provider {
    pub(crate) fn new(seed: u64, clock: Arc<SimulatedClock>, coverage: Arc<Mutex<Coverage>>) -> Arc<Self> {
        let books = Books {
            dice: Rng::with_seed(seed),
            orders: BTreeMap::new(),
            reports: Vec::new(),
            words: BTreeMap::new(),
            early: None,
            holds: BTreeMap::new(),
            bank: BTreeMap::new(),
            settlements: 0,
            objects: 0,
            outage: 0,
            healed: false,
        };
        Arc::new(Self { books: Mutex::new(books), clock, coverage })
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn saw(&self, fault: Fault) {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner).fault(fault);
    }

    /// The engine that hears what is reported before the order is answered.
    pub(crate) fn reports_early_to(&self, engine: Engine) {
        self.books().early = Some(engine);
    }

    /// Fails the next `calls` calls.
    pub(crate) fn fail(&self, calls: u32) {
        self.books().outage = calls;
    }

    /// Everything works from here on, and what was lost is reported.
    pub(crate) fn heal(&self) {
        let mut books = self.books();
        books.healed = true;
        books.outage = 0;
        for report in &mut books.reports {
            report.lost = 0;
        }
    }

    /// What it holds for us, and what it has sent to the bank less what it paid out, by its own books.
    pub(crate) fn truth(&self, currency: Currency) -> (i64, i64) {
        let books = self.books();
        let of = |map: &BTreeMap<Currency, i64>| map.get(&currency).copied().unwrap_or_default();
        (of(&books.holds), of(&books.bank))
    }

    /// A word of the provider's to be reported again, out of its time.
    pub(crate) fn stale_word(&self, dice: &mut Rng) -> Option<Webhook> {
        let books = self.books();
        let ids: Vec<&String> = books.words.keys().collect();
        let id = ids.get(dice.usize(..ids.len().max(1)))?;
        Some(webhook(id))
    }
}

fn webhook(id: &str) -> Webhook {
    Webhook { id: id.to_owned(), timestamp: String::new(), signature: String::new(), body: Vec::new() }
}

impl Books {
    /// One in `of`, unless everything works.
    fn one_in(&mut self, of: u32) -> bool {
        !self.healed && self.dice.u32(..of) == 0
    }

    fn object(&mut self, kind: &str) -> Option<ProviderObject> {
        self.objects += 1;
        ProviderObject::parse(&format!("{kind}_{}", self.objects)).ok()
    }

    fn say(&mut self, id: String, due: i64, command: impl Into<Command>) {
        let lost = if self.one_in(12) { self.dice.u8(1..3) } else { 0 };
        let again = if self.one_in(8) { self.dice.u8(1..3) } else { 0 };
        self.words.insert(id.clone(), command.into());
        self.reports.push(Report { id, due, lost, again });
    }

    fn moved(&mut self, amount: Money, holds: i64, bank: i64) {
        *self.holds.entry(amount.currency()).or_default() += holds;
        *self.bank.entry(amount.currency()).or_default() += bank;
    }

    /// A time for a report, mostly soon.
    fn when(&mut self, now: i64) -> i64 {
        if self.one_in(10) {
            now + i64::from(self.dice.u32(15..3_000)) * MINUTE
        } else {
            now + i64::from(self.dice.u32(..12)) * MINUTE
        }
    }

    /// Takes an order, once, and lays down what will be reported of it.
    fn take(&mut self, call: &Call, now: i64) -> Option<CallOutcome> {
        if let Some(outcome) = self.orders.get(&call.provider_key) {
            return Some(outcome.clone());
        }
        let declined = self.one_in(14);
        let key = call.provider_key.clone();
        let outcome = if declined {
            CallOutcome::Declined { reason: ProviderWord::parse("declined").ok()? }
        } else {
            let object = match &call.order {
                Order::Capture { deposit_id, .. } => self.capture(*deposit_id, call.amount, now)?,
                Order::Refund { refund_id, .. } => self.refund(*refund_id, call.amount, now)?,
                Order::Payout { payout_id, attempt, .. } => {
                    self.pay((*payout_id, *attempt), call.amount, now)?
                }
            };
            CallOutcome::Accepted { object }
        };
        self.orders.insert(key, outcome.clone());
        Some(outcome)
    }

    fn capture(
        &mut self,
        deposit_id: domain::id::DepositId,
        amount: Money,
        now: i64,
    ) -> Option<ProviderObject> {
        let object = self.object("pay")?;
        let rail = || RAIL.to_owned();
        let due = self.when(now);
        if self.one_in(10) {
            let reason = ProviderWord::parse("insufficient_funds").ok()?;
            self.say(format!("failed_{object}"), due, FailDeposit { deposit_id, rail: rail(), reason });
            return Some(object);
        }
        if self.one_in(25) {
            return Some(object);
        }
        let captured = match self.dice.u32(..40) {
            0 if !self.healed && amount.minor() > 1 => amount.with_minor(amount.minor() - 1).ok()?,
            1 if !self.healed => amount.with_minor(amount.minor() + 7).ok()?,
            _ => amount,
        };
        let twice = self.one_in(25);
        for payment in std::iter::once(object.clone()).chain(twice.then(|| self.object("pay")).flatten()) {
            self.moved(captured, captured.minor(), 0);
            let id = format!("captured_{payment}");
            let command = ConfirmDeposit { deposit_id, rail: rail(), provider_object: payment, captured };
            self.say(id, due, command);
        }
        Some(object)
    }

    fn refund(&mut self, refund_id: domain::id::RefundId, amount: Money, now: i64) -> Option<ProviderObject> {
        let object = self.object("re")?;
        let due = self.when(now);
        let (rail, reason) = (RAIL.to_owned(), ProviderWord::parse("closed").ok()?);
        if self.one_in(12) {
            self.say(format!("failed_{object}"), due, FailRefund { refund_id, rail, reason });
            return Some(object);
        }
        if self.one_in(20) && !self.healed {
            return Some(object);
        }
        self.moved(amount, -amount.minor(), 0);
        let sent = ConfirmRefund { refund_id, rail: rail.clone(), provider_object: object.clone() };
        self.say(format!("sent_{object}"), due, sent);
        if self.one_in(15) {
            self.moved(amount, amount.minor(), 0);
            self.say(format!("back_{object}"), due + 2 * DAY, FailRefund { refund_id, rail, reason });
        }
        Some(object)
    }

    fn pay(&mut self, of: (domain::id::PayoutId, u16), amount: Money, now: i64) -> Option<ProviderObject> {
        let ((payout_id, attempt), object) = (of, self.object("po")?);
        let due = self.when(now);
        let (rail, reason) = (RAIL.to_owned(), ProviderWord::parse("bank_down").ok()?);
        if self.one_in(6) {
            self.say(format!("failed_{object}"), due, FailPayout { payout_id, rail, attempt, reason });
            return Some(object);
        }
        if self.one_in(15) {
            return Some(object);
        }
        let cost = amount.with_minor(i64::from(self.dice.u8(..5)).min(amount.minor())).ok()?;
        self.moved(amount, 0, -amount.minor());
        let comes_back = self.one_in(4);
        let paid =
            RecordPayoutPaid { payout_id, rail: rail.clone(), attempt, provider_object: object.clone() };
        if !(comes_back && self.one_in(3)) {
            self.say(format!("paid_{object}"), due, paid);
        }
        if comes_back {
            self.moved(amount, 0, amount.minor() - cost.minor());
            let back = due + DAY;
            if self.dice.bool() {
                self.say(format!("returned_{object}"), back, ReturnPayout { payout_id, rail, reason, cost });
            } else {
                self.say(format!("reversed_{object}"), back, ReversePayout { payout_id, rail, reason, cost });
            }
        }
        Some(object)
    }

    /// Settles what it holds, less a fee.
    fn settle(&mut self, now: i64) -> Option<()> {
        let held: Vec<(Currency, i64)> =
            self.holds.iter().filter(|(_, minor)| **minor > 0).map(|(c, m)| (*c, *m)).collect();
        for (currency, minor) in held {
            self.settlements += 1;
            let gross = Money::new(minor, currency).ok()?;
            let fee = gross.with_minor(minor / 100).ok()?;
            self.moved(gross, -minor, minor - fee.minor());
            let name = format!("set_{}", self.settlements);
            let provider_object = ProviderObject::parse(&name).ok()?;
            self.say(name, now, RecordSettlement { rail: RAIL.to_owned(), provider_object, gross, fee });
        }
        Some(())
    }
}

#[async_trait]
impl Rail for Provider {
    fn name(&self) -> &'static str {
        RAIL
    }

    async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        let now = self.clock.now().micros();
        let (outcome, unanswered, early) = {
            let mut books = self.books();
            if books.outage > 0 {
                books.outage -= 1;
                drop(books);
                self.saw(Fault::ProviderDown);
                return Err(RailError("it is down".to_owned()));
            }
            let before = books.reports.len();
            let outcome = books.take(call, now).ok_or_else(|| RailError("garbage".to_owned()))?;
            let early = if books.reports.len() > before && books.one_in(10) {
                books.reports.last().map(|report| report.id.clone()).zip(books.early.clone())
            } else {
                None
            };
            (outcome, books.one_in(12), early)
        };
        if let Some((id, engine)) = early {
            self.saw(Fault::WebhookEarly);
            drop(engine.receive_webhook(RAIL, &webhook(&id)).await);
        }
        if unanswered {
            self.saw(Fault::ProviderUnanswered);
            return Err(RailError("no answer".to_owned()));
        }
        Ok(outcome)
    }

    async fn find(&self, provider_key: &str) -> Result<Option<CallOutcome>, RailError> {
        let mut books = self.books();
        if books.outage > 0 {
            books.outage -= 1;
            return Err(RailError("it is down".to_owned()));
        }
        Ok(books.orders.get(provider_key).cloned())
    }

    fn verify(&self, webhook: &Webhook, _: Timestamp) -> Result<Signal, WebhookError> {
        let books = self.books();
        let command = books.words.get(&webhook.id).ok_or(WebhookError::Unsigned)?.clone();
        Ok(Signal { id: webhook.id.clone(), command })
    }
}

#[async_trait]
impl Reporter for Provider {
    async fn report_due(&self, deliver: &dyn Deliver) -> usize {
        let now = self.clock.now().micros();
        let due: Vec<String> = {
            let mut books = self.books();
            let mut lost = 0;
            let mut ids = Vec::new();
            for report in books.reports.iter_mut().filter(|report| report.due <= now) {
                if report.lost > 0 {
                    report.lost -= 1;
                    report.due = now + 10 * MINUTE;
                    lost += 1;
                } else {
                    ids.push(report.id.clone());
                }
            }
            if lost > 0 {
                self.saw(Fault::WebhookLost);
            }
            if ids.len() > 1 && !books.healed && books.dice.bool() {
                books.dice.shuffle(&mut ids);
                self.saw(Fault::WebhooksReordered);
            }
            ids
        };
        let mut taken = 0;
        for id in due {
            if !deliver.deliver(&webhook(&id)).await {
                continue;
            }
            taken += 1;
            let mut books = self.books();
            let Some(index) = books.reports.iter().position(|report| report.id == id) else { continue };
            if books.reports[index].again > 0 {
                books.reports[index].again -= 1;
                books.reports[index].due = now + MINUTE;
                self.saw(Fault::WebhookDoubled);
            } else {
                books.reports.swap_remove(index);
            }
        }
        taken
    }

    async fn next_report(&self) -> Option<Timestamp> {
        let now = self.clock.now().micros();
        let books = self.books();
        let next = books.reports.iter().map(|report| report.due).filter(|due| *due > now).min();
        next.map(Timestamp::from_micros)
    }
}

impl Provider {
    /// Has what it holds settled now.
    pub(crate) fn settle(&self) {
        let now = self.clock.now().micros();
        let _ = self.books().settle(now);
    }
}
