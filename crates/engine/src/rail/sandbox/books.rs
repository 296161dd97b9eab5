//! The sandbox provider's own books: a file of lines, each an order as it now is, the last one of a key holds.

use super::Notice;
use crate::process::{Call, CallOutcome, Order};
use domain::Timestamp;
use domain::deposit::{ProviderObject, ProviderWord};
use domain::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// How every line begins, so that one cut short is told from something that isn't the provider's.
const LINE_START: &[u8] = b"{\"key\":\"";
/// A late capture comes after this many minutes.
const LATE_MINUTES: u16 = 20;
/// The provider keeps this many thousandths of a settlement, and [`FEE_FIXED`] minor units.
const FEE_PER_MILLE: i64 = 29;
const FEE_FIXED: i64 = 30;

pub(super) struct Books {
    file: File,
    /// Where the last whole line ends.
    end: u64,
    /// In the order in which they were taken.
    taken: Vec<Taken>,
    by_key: HashMap<String, usize>,
}

/// An order that was taken: a line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Taken {
    key: String,
    /// The provider's id of it.
    pub(super) object: String,
    /// The token that says what comes of it.
    token: String,
    /// Declined at once: nothing to report.
    declined: Option<String>,
    reports: Vec<Report>,
}

/// What is to be reported of an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Report {
    /// From when on, µs.
    at: i64,
    pub(super) notice: Notice,
    /// How often it is still to be reported.
    left: u32,
}

/// Which report of which order.
pub(super) type Place = (usize, usize);

impl Books {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
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
        let mut books = Self { file, end: whole as u64, taken: Vec::new(), by_key: HashMap::new() };
        let mut count = 0;
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            count += 1;
            books.keep(serde_json::from_slice(line).map_err(|_| foreign(count))?);
        }
        if !cut.starts_with(LINE_START) && !LINE_START.starts_with(cut) {
            return Err(foreign(count + 1));
        }
        books.cut_tail()?;
        Ok(books)
    }

    fn keep(&mut self, taken: Taken) {
        if let Some(index) = self.by_key.get(&taken.key) {
            self.taken[*index] = taken;
        } else {
            self.by_key.insert(taken.key.clone(), self.taken.len());
            self.taken.push(taken);
        }
    }

    /// The order under a key.
    pub(super) fn find(&self, key: &str) -> Option<&Taken> {
        self.by_key.get(key).and_then(|index| self.taken.get(*index))
    }

    /// Takes an order, once per key.
    pub(super) fn take(&mut self, call: &Call, now: Timestamp) -> io::Result<CallOutcome> {
        if let Some(taken) = self.find(&call.provider_key) {
            return taken.outcome();
        }
        let taken = match &call.order {
            Order::Capture { payment_method, .. } => capture(call, payment_method, now),
            Order::Refund { payment, .. } => {
                let token = self.taken.iter().find(|taken| taken.object == payment.as_str());
                let token = token.map(|taken| taken.token.clone()).unwrap_or_default();
                refund(call, &token, now)
            }
            Order::Payout { destination, .. } => payout(call, destination, now),
        };
        let outcome = taken.outcome();
        self.write(taken)?;
        outcome
    }

    /// Reports that are due at `now` and not yet taken, in the order in which they fell due.
    pub(super) fn due(&self, now: Timestamp) -> Vec<Place> {
        let mut due: Vec<(i64, Place)> = self.waiting().filter(|(at, _)| *at <= now.micros()).collect();
        due.sort_unstable();
        due.into_iter().map(|(_, place)| place).collect()
    }

    fn waiting(&self) -> impl Iterator<Item = (i64, Place)> {
        self.taken.iter().enumerate().flat_map(|(index, taken)| {
            let reports = taken.reports.iter().enumerate().filter(|(_, report)| report.left > 0);
            reports.map(move |(nth, report)| (report.at, (index, nth)))
        })
    }

    /// When the next report after `now` falls due, or the next settlement may.
    pub(super) fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let reports = self.waiting().map(|(at, _)| at).filter(|at| *at > now.micros());
        let settles = self.captured(i64::MAX).into_iter().any(|(_, minor)| minor > 0);
        let midnight = settles.then(|| now.day_begins().plus_days(1).micros());
        reports.chain(midnight).min().map(Timestamp::from_micros)
    }

    /// A report, and the id of the webhook that makes it.
    pub(super) fn report(&self, (index, nth): Place) -> Option<(String, &Notice)> {
        let taken = self.taken.get(index)?;
        let suffix = if nth == 0 { String::new() } else { format!("_{nth}") };
        taken.reports.get(nth).map(|report| (format!("msg_{}{suffix}", taken.object), &report.notice))
    }

    /// Notes that a report was taken. If it isn't written down, the report is due again.
    pub(super) fn reported(&mut self, (index, nth): Place) -> io::Result<()> {
        let Some(mut taken) = self.taken.get(index).cloned() else {
            return Ok(());
        };
        if let Some(report) = taken.reports.get_mut(nth) {
            report.left = report.left.saturating_sub(1);
        }
        self.write(taken)
    }

    /// Settles what was captured more than a day before this day began, less what was refunded.
    pub(super) fn settle(&mut self, now: Timestamp) -> io::Result<()> {
        let today = now.day_begins();
        let by = today.minus_days(1).micros();
        for (currency, minor) in self.captured(by) {
            let fee = (minor.saturating_mul(FEE_PER_MILLE) / 1_000 + FEE_FIXED).min(minor);
            let day = today.to_string();
            let object = format!("set_{currency}_{}", day.get(..10).unwrap_or(&day));
            if minor <= 0 || self.find(&object).is_some() {
                continue;
            }
            let (Ok(gross), Ok(fee)) = (Money::new(minor, currency), Money::new(fee, currency)) else {
                continue;
            };
            let notice = Notice::Settled { settlement: object.clone(), gross, fee };
            let reports = vec![Report { at: now.micros(), notice, left: 1 }];
            let taken = Taken { key: object.clone(), object, token: String::new(), declined: None, reports };
            self.write(taken)?;
        }
        Ok(())
    }

    /// Per currency, what was captured until `by`, less what was refunded and settled.
    fn captured(&self, by: i64) -> BTreeMap<Currency, i64> {
        let mut sums = BTreeMap::new();
        for report in self.taken.iter().flat_map(|taken| &taken.reports) {
            let (amount, sign) = match &report.notice {
                Notice::Captured { amount, .. } if report.at <= by => (amount, 1),
                Notice::RefundSent { amount, .. } => (amount, -1),
                Notice::Settled { gross, .. } => (gross, -1),
                Notice::Captured { .. }
                | Notice::Failed { .. }
                | Notice::RefundFailed { .. }
                | Notice::PayoutPaid { .. }
                | Notice::PayoutFailed { .. }
                | Notice::PayoutReturned { .. }
                | Notice::PayoutReversed { .. } => continue,
            };
            *sums.entry(amount.currency()).or_default() += sign * amount.minor();
        }
        sums
    }

    fn write(&mut self, taken: Taken) -> io::Result<()> {
        let mut line = serde_json::to_vec(&taken)?;
        line.push(b'\n');
        self.cut_tail()?;
        self.file.write_all(&line)?;
        self.file.sync_data()?;
        self.end += line.len() as u64;
        self.keep(taken);
        Ok(())
    }

    /// Removes what a write that failed may have left behind the last whole line.
    fn cut_tail(&mut self) -> io::Result<()> {
        self.file.set_len(self.end)
    }
}

fn capture(call: &Call, token: &str, now: Timestamp) -> Taken {
    let object = format!("pay_{}", call.provider_key);
    let Order::Capture { deposit_id: reference, .. } = call.order else {
        return taken(call, object, token, Vec::new());
    };
    let captured = |amount| Notice::Captured { reference, payment: object.clone(), amount };
    let failed =
        |reason: &str| Notice::Failed { reference, payment: object.clone(), reason: reason.to_owned() };
    let one_less = call.amount.with_minor(call.amount.minor() - 1).unwrap_or(call.amount);
    let reports = match token {
        "pm_declined" | "pm_never" => Vec::new(),
        "pm_insufficient_funds" => vec![once(now, failed("insufficient_funds"))],
        "pm_twice" => vec![Report { left: 2, ..once(now, captured(call.amount)) }],
        "pm_short" => vec![once(now, captured(one_less))],
        "pm_late" => vec![once(now.plus_minutes(LATE_MINUTES), captured(call.amount))],
        _ => vec![once(now, captured(call.amount))],
    };
    let declined = (token == "pm_declined").then(|| "card_declined".to_owned());
    Taken { declined, ..taken(call, object.clone(), token, reports) }
}

fn refund(call: &Call, token: &str, now: Timestamp) -> Taken {
    let object = format!("re_{}", call.provider_key);
    let Order::Refund { refund_id: reference, .. } = call.order else {
        return taken(call, object, token, Vec::new());
    };
    let reports = match token {
        "pm_lostrefund" => Vec::new(),
        "pm_norefund" => {
            let (refund, reason) = (object.clone(), "account_closed".to_owned());
            vec![once(now, Notice::RefundFailed { reference, refund, reason })]
        }
        _ => {
            let notice = Notice::RefundSent { reference, refund: object.clone(), amount: call.amount };
            vec![once(now, notice)]
        }
    };
    taken(call, object, token, reports)
}

fn payout(call: &Call, token: &str, now: Timestamp) -> Taken {
    let object = format!("po_{}", call.provider_key);
    let Order::Payout { payout_id: reference, attempt, .. } = call.order else {
        return taken(call, object, token, Vec::new());
    };
    let paid = once(now, Notice::PayoutPaid { reference, payout: object.clone(), attempt });
    let failed = || {
        let (payout, reason) = (object.clone(), "bank_unavailable".to_owned());
        once(now, Notice::PayoutFailed { reference, payout, attempt, reason })
    };
    let cost = call.amount.with_minor(call.amount.minor().min(500)).unwrap_or(call.amount);
    let (payout, tomorrow) = (object.clone(), now.plus_days(1));
    let reports = match token {
        "ba_declined" | "ba_never" => Vec::new(),
        "ba_fails" => vec![failed()],
        "ba_fails_once" if attempt == 1 => vec![failed()],
        "ba_returned" => {
            let reason = "no_account".to_owned();
            vec![paid, once(tomorrow, Notice::PayoutReturned { reference, payout, reason, cost })]
        }
        "ba_reversed" => {
            let reason = "paid_in_error".to_owned();
            vec![paid, once(tomorrow, Notice::PayoutReversed { reference, payout, reason, cost })]
        }
        _ => vec![paid],
    };
    let declined = (token == "ba_declined").then(|| "invalid_account".to_owned());
    Taken { declined, ..taken(call, object.clone(), token, reports) }
}

fn taken(call: &Call, object: String, token: &str, reports: Vec<Report>) -> Taken {
    Taken { key: call.provider_key.clone(), object, token: token.to_owned(), declined: None, reports }
}

fn once(at: Timestamp, notice: Notice) -> Report {
    Report { at: at.micros(), notice, left: 1 }
}

impl Taken {
    /// Whether the caller is left without an answer.
    pub(super) fn times_out(&self) -> bool {
        matches!(self.token.as_str(), "pm_timeout" | "ba_timeout") && !self.object.starts_with("re_")
    }

    /// What the caller is told, in words that can be recorded.
    pub(super) fn outcome(&self) -> io::Result<CallOutcome> {
        let outcome = match &self.declined {
            Some(reason) => ProviderWord::parse(reason).map(|reason| CallOutcome::Declined { reason }),
            None => ProviderObject::parse(&self.object).map(|object| CallOutcome::Accepted { object }),
        };
        outcome.map_err(io::Error::other)
    }
}
