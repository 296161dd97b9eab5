//! Money that goes out, and accounts on hold.

use super::deposits::cost;
use super::{Law, Model, Status, Told, known, known_mut, law};
use domain::account::AccountEvent;
use domain::deposit::PaymentMethod;
use domain::id::PartyId;
use domain::ledger::JournalEntry;
use domain::money::Money;
use domain::payout::{PayoutEvent, Resolution};
use std::collections::{BTreeMap, BTreeSet};

/// A payout.
#[derive(Debug)]
pub(crate) struct Payout {
    pub(crate) party: PartyId,
    pub(crate) amount: Money,
    pub(crate) status: Status,
    pub(crate) review: bool,
    attempts: u16,
    /// When what waits may happen: a retry, an escalation.
    due: Option<i64>,
}

/// A party's holds and destinations in one currency.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Reasons, with when they lapse.
    pub(crate) holds: BTreeMap<&'static str, Option<i64>>,
    pub(crate) destinations: BTreeSet<PaymentMethod>,
}

impl Payout {
    /// What it keeps of the available balance, without an entry yet.
    fn reserved(&self) -> i128 {
        let reserved = match self.status {
            "Requested" | "Held" => true,
            "Failed" => self.due.is_some(),
            _ => false,
        };
        if reserved { i128::from(self.amount.minor()) } else { 0 }
    }

    fn is_away(&self) -> bool {
        matches!(self.status, "Submitted" | "InTransit" | "NeedsAttention")
    }

    pub(crate) fn will_retry(&self) -> bool {
        self.status == "Failed" && self.due.is_some()
    }
}

impl Model {
    /// A party's holds and destinations.
    pub(crate) fn account(&mut self, party: PartyId, currency: impl ToString) -> &mut Account {
        self.accounts.entry((party, currency.to_string())).or_default()
    }

    /// What of a party's earnings is free for a payout.
    pub(crate) fn free(&self, party: PartyId, of: Money) -> i128 {
        let payouts = self.payouts.values();
        let mine = payouts.filter(|p| p.party == party && p.amount.currency() == of.currency());
        let reserved: i128 = mine.map(Payout::reserved).sum();
        self.books.credit(&format!("2200:{party}"), of.currency()) - reserved
    }

    /// How many payouts of a party are under way.
    pub(crate) fn under_way(&self, party: PartyId) -> usize {
        let open = |p: &&Payout| {
            p.party == party && !matches!(p.status, "Paid" | "Returned" | "Reversed" | "Cancelled" | "Rejected")
        };
        self.payouts.values().filter(open).count()
    }

    pub(super) fn on_account(&mut self, event: &AccountEvent, told: Told<'_>) -> Law {
        match event {
            AccountEvent::HoldPlaced(e) => {
                let until = e.until.map(domain::Timestamp::micros);
                let account = self.account(e.party_id, e.currency);
                let first = account.holds.insert(e.reason.as_str(), until).is_none();
                law(first, "an account is on hold for a reason once")
            }
            AccountEvent::HoldReleased(e) => {
                let account = self.account(e.party_id, e.currency);
                let until = account.holds.remove(e.reason.as_str()).ok_or("it is not on hold for this")?;
                if told.is_time() {
                    told.by_time(until.ok_or("this hold never lapses")?)?;
                }
                law(told.who != e.party_id.to_string(), "nobody releases their own hold")
            }
        }
    }

    pub(super) fn on_payout(&mut self, event: &PayoutEvent, told: Told<'_>) -> Law {
        let of = *event.of();
        if let PayoutEvent::Requested(e) = event {
            told.by(&[of.party_id])?;
            let free = self.free(of.party_id, e.amount);
            law(i128::from(e.amount.minor()) <= free, format!("only {free} are free"))?;
            let review = self.policy()?.payouts.needs_review(e.amount);
            law(review == e.review, "a large payout is reviewed")?;
            let account = self.account(of.party_id, of.currency);
            law(account.holds.is_empty(), "nothing is asked for while on hold")?;
            account.destinations.insert(e.destination.clone());
            let payout = Payout {
                party: of.party_id,
                amount: e.amount,
                status: "Requested",
                review,
                attempts: 0,
                due: None,
            };
            return law(self.payouts.insert(of.payout_id, payout).is_none(), "a payout begins once");
        }
        let on_hold = self.accounts.get(&(of.party_id, of.currency.to_string())).is_some_and(|a| !a.holds.is_empty());
        let free = self.free(of.party_id, known(&self.payouts, &of.payout_id)?.amount);
        let settled = self.books.debit(&"1010", of.currency);
        let committed: i128 = self.payouts.values().filter(|p| p.is_away() && p.amount.currency() == of.currency).map(|p| i128::from(p.amount.minor())).sum();
        let payout = known_mut(&mut self.payouts, &of.payout_id)?;
        let minor = i128::from(payout.amount.minor());
        let from = payout.status;
        let is = |states: &[Status]| law(states.contains(&from), format!("not from {from}"));
        let (to, due, lines) = match event {
            PayoutEvent::Requested(_) => return Ok(()),
            PayoutEvent::Held(e) => {
                is(&["Requested", "Approved", "Failed"])?;
                law(on_hold, "what is held up is held up by a hold")?;
                law(e.entry.is_some() == (from == "Approved"), "what was posted is available again")?;
                ("Held", None, (from == "Approved").then(|| back(of.party_id, minor)))
            }
            PayoutEvent::Released(_) => {
                is(&["Held"])?;
                law(!on_hold, "the last hold is gone")?;
                ("Requested", None, None)
            }
            PayoutEvent::Approved(_) => {
                is(&["Requested"])?;
                law(!on_hold, "nothing goes while on hold")?;
                law(told.who != of.party_id.to_string(), "nobody approves their own")?;
                law(!payout.review || !told.who.starts_with("system:"), "a person reviews it")?;
                let lines = vec![(available(of.party_id), minor), (transit(of.party_id), -minor)];
                ("Approved", None, Some(lines))
            }
            PayoutEvent::Delayed(_) => {
                is(&["Approved"])?;
                ("Approved", None, None)
            }
            PayoutEvent::Submitted(e) => {
                is(&["Approved"])?;
                law(!on_hold, "nothing is sent while on hold")?;
                law(e.attempt == payout.attempts + 1 && e.amount == payout.amount, "attempts count without a gap")?;
                law(minor <= settled - committed, format!("only {} are settled and free", settled - committed))?;
                payout.attempts = e.attempt;
                ("Submitted", Some(e.escalates_at.micros()), None)
            }
            PayoutEvent::Acknowledged(e) => {
                is(&["Submitted", "NeedsAttention"])?;
                ("InTransit", Some(e.escalates_at.micros()), None)
            }
            PayoutEvent::Escalated(_) => {
                is(&["Submitted", "InTransit"])?;
                told.by_time(payout.due.ok_or("nothing is due")?)?;
                ("NeedsAttention", None, None)
            }
            PayoutEvent::Resolved(e) => {
                is(&["NeedsAttention"])?;
                law(told.who != of.party_id.to_string(), "nobody resolves their own")?;
                match e.resolution {
                    Resolution::InTransit => ("InTransit", e.escalates_at.map(domain::Timestamp::micros), None),
                    Resolution::Failed => (from, None, None),
                }
            }
            PayoutEvent::Paid(_) => {
                told.by_provider()?;
                is(&["Requested", "Held", "Approved", "Submitted", "InTransit", "NeedsAttention", "Failed"])?;
                let given_up = from == "Failed" && payout.due.is_none();
                law(!given_up || free >= minor, "what was given up is paid from what is free")?;
                let posted = payout.is_away() || from == "Approved";
                let source = if posted { transit(of.party_id) } else { available(of.party_id) };
                ("Paid", None, Some(vec![(source, minor), ("1010".to_owned(), -minor)]))
            }
            PayoutEvent::Failed(e) => {
                is(&["Submitted", "InTransit", "NeedsAttention"])?;
                if let Some(retry) = e.retry_at {
                    law(retry.micros() > told.at, "a retry is later")?;
                }
                ("Failed", e.retry_at.map(domain::Timestamp::micros), Some(back(of.party_id, minor)))
            }
            PayoutEvent::Retried(_) => {
                is(&["Failed"])?;
                told.by_time(payout.due.ok_or("nothing is due")?)?;
                ("Requested", None, None)
            }
            PayoutEvent::Returned(e) => {
                is(&["Submitted", "InTransit", "NeedsAttention", "Paid"])?;
                self.to_credit = (from == "Paid").then_some(of.payout_id);
                ("Returned", None, Some(returned(of.party_id, from, minor, i128::from(e.cost.minor()))))
            }
            PayoutEvent::Reversed(e) => {
                is(&["Submitted", "InTransit", "NeedsAttention", "Paid"])?;
                self.to_credit = (from == "Paid").then_some(of.payout_id);
                ("Reversed", None, Some(returned(of.party_id, from, minor, i128::from(e.cost.minor()))))
            }
            PayoutEvent::Credited(_) => {
                law(self.to_credit.take() == Some(of.payout_id), "what came back is credited")?;
                let lines = vec![(format!("2310:{}", of.party_id), minor), (available(of.party_id), -minor)];
                (from, None, Some(lines))
            }
            PayoutEvent::Cancelled(_) => {
                told.by(&[of.party_id])?;
                is(&["Requested", "Held", "Failed"])?;
                law(from != "Failed" || payout.due.is_some(), "what failed for good isn't cancelled")?;
                ("Cancelled", None, None)
            }
            PayoutEvent::Rejected(_) => {
                is(&["Requested", "Held"])?;
                law(told.who != of.party_id.to_string(), "nobody rejects their own")?;
                ("Rejected", None, None)
            }
        };
        (payout.status, payout.due) = (to, due);
        let entry: Option<&JournalEntry> = event.journal_entry();
        match (entry, lines) {
            (Some(entry), Some(lines)) => self.books.post(entry, of.currency, lines),
            (None, None) => Ok(()),
            (Some(_), None) => Err("an entry where nothing moves".to_owned()),
            (None, Some(_)) => Err("money moves without an entry".to_owned()),
        }
    }
}

fn available(party: PartyId) -> String {
    format!("2200:{party}")
}

fn transit(party: PartyId) -> String {
    format!("2300:{party}")
}

/// From transit to available.
fn back(party: PartyId, minor: i128) -> Vec<(String, i128)> {
    vec![(transit(party), minor), (available(party), -minor)]
}

/// What comes back, less what the provider kept: after it was paid to the returned, before that to the available.
fn returned(party: PartyId, from: Status, minor: i128, kept: i128) -> Vec<(String, i128)> {
    let mut lines = cost(kept);
    if from == "Paid" {
        lines.extend([("1010".to_owned(), minor - kept), (format!("2310:{party}"), -minor)]);
    } else {
        lines.extend(back(party, minor));
        lines.push(("1010".to_owned(), -kept));
    }
    lines
}
