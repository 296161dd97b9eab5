//! Money that goes out, and accounts on hold.

use super::deposits::cost;
use super::{Law, Model, Status, Told, known, known_mut, law};
use domain::account::AccountEvent;
use domain::deposit::PaymentMethod;
use domain::id::PartyId;
use domain::money::{Currency, Money};
use domain::payout::{PayoutEvent, PayoutRequested, Resolution};
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
    /// When it is tried again, or a person has to look into it.
    pub(super) fn due(&self) -> Option<i64> {
        self.due
    }

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
    pub(crate) fn account(&mut self, party: PartyId, currency: Currency) -> &mut Account {
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
            p.party == party
                && !matches!(p.status, "Paid" | "Returned" | "Reversed" | "Cancelled" | "Rejected")
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
            return self.on_requested(e, told);
        }
        let account = self.accounts.get(&(of.party_id, of.currency.to_string()));
        let payout = known(&self.payouts, &of.payout_id)?;
        let of_currency = |p: &&Payout| p.is_away() && p.amount.currency() == of.currency;
        let committed: i128 =
            self.payouts.values().filter(of_currency).map(|p| i128::from(p.amount.minor())).sum();
        let scene = Scene {
            party: of.party_id,
            from: payout.status,
            minor: i128::from(payout.amount.minor()),
            on_hold: account.is_some_and(|account| !account.holds.is_empty()),
            free: self.free(of.party_id, payout.amount),
            cash: self.books.debit(&"1010", of.currency) - committed,
            is_own: told.who == of.party_id.to_string(),
        };
        let (to, due, lines) = match scene.before_it_is_sent(payout, event, told)? {
            Some(next) => next,
            None => scene.once_it_is_sent(payout, event, told)?,
        };
        if let PayoutEvent::Credited(_) = event {
            law(self.to_credit.take() == Some(of.payout_id), "what came back is credited")?;
        }
        if let PayoutEvent::Returned(_) | PayoutEvent::Reversed(_) = event {
            self.to_credit = (scene.from == "Paid").then_some(of.payout_id);
        }
        let payout = known_mut(&mut self.payouts, &of.payout_id)?;
        (payout.status, payout.due) = (to, due);
        if let PayoutEvent::Submitted(e) = event {
            payout.attempts = e.attempt;
        }
        match (event.journal_entry(), lines) {
            (Some(entry), Some(lines)) => self.books.post(entry, of.currency, lines),
            (None, None) => Ok(()),
            (Some(_), None) => Err("an entry where nothing moves".to_owned()),
            (None, Some(_)) => Err("money moves without an entry".to_owned()),
        }
    }

    fn on_requested(&mut self, e: &PayoutRequested, told: Told<'_>) -> Law {
        let of = e.of;
        told.by(&[of.party_id])?;
        let free = self.free(of.party_id, e.amount);
        law(i128::from(e.amount.minor()) <= free, format!("only {free} are free"))?;
        let review = self.policy()?.payouts.needs_review(e.amount);
        law(review == e.review, "a large payout is reviewed")?;
        let account = self.account(of.party_id, of.currency);
        law(account.holds.is_empty(), "nothing is asked for while on hold")?;
        account.destinations.insert(e.destination.clone());
        let (party, amount) = (of.party_id, e.amount);
        let payout = Payout { party, amount, status: "Requested", review, attempts: 0, due: None };
        law(self.payouts.insert(of.payout_id, payout).is_none(), "a payout begins once")
    }
}

/// Where a payout goes, until when it waits there, and what is posted.
type Next = (Status, Option<i64>, Option<Vec<(String, i128)>>);

/// What a payout's next step depends on.
struct Scene {
    party: PartyId,
    from: Status,
    minor: i128,
    on_hold: bool,
    /// Earnings that are free for a payout.
    free: i128,
    /// Settled cash that no payout has committed.
    cash: i128,
    /// Whether its own party acts.
    is_own: bool,
}

impl Scene {
    fn is(&self, states: &[Status]) -> Law {
        law(states.contains(&self.from), format!("not from {}", self.from))
    }

    /// What leads up to the call, or ends it before; `None` for what follows the call.
    fn before_it_is_sent(
        &self,
        payout: &Payout,
        event: &PayoutEvent,
        told: Told<'_>,
    ) -> Result<Option<Next>, String> {
        let was_posted = self.from == "Approved";
        Ok(Some(match event {
            PayoutEvent::Held(e) => {
                self.is(&["Requested", "Approved", "Failed"])?;
                law(self.on_hold, "what is held up is held up by a hold")?;
                law(e.entry.is_some() == was_posted, "what was posted is available again")?;
                ("Held", None, was_posted.then(|| back(self.party, self.minor)))
            }
            PayoutEvent::Released(_) => {
                law(!self.on_hold, "the last hold is gone")?;
                self.is(&["Held"]).map(|()| ("Requested", None, None))?
            }
            PayoutEvent::Approved(_) => {
                self.is(&["Requested"])?;
                law(!self.on_hold, "nothing goes while on hold")?;
                law(!self.is_own, "nobody approves their own")?;
                law(!payout.review || !told.who.starts_with("system:"), "a person reviews it")?;
                let lines = vec![(available(self.party), self.minor), (transit(self.party), -self.minor)];
                ("Approved", None, Some(lines))
            }
            PayoutEvent::Delayed(_) => self.is(&["Approved"]).map(|()| ("Approved", None, None))?,
            PayoutEvent::Submitted(e) => {
                self.is(&["Approved"])?;
                law(!self.on_hold, "nothing is sent while on hold")?;
                law(e.attempt == payout.attempts + 1, "attempts count without a gap")?;
                law(e.amount == payout.amount, "what is sent is the payout")?;
                law(self.minor <= self.cash, format!("only {} are settled and free", self.cash))?;
                ("Submitted", Some(e.escalates_at.micros()), None)
            }
            PayoutEvent::Retried(_) => {
                told.by_time(payout.due.ok_or("nothing is due")?)?;
                self.is(&["Failed"]).map(|()| ("Requested", None, None))?
            }
            PayoutEvent::Cancelled(_) => {
                law(self.is_own, "the talent takes it back")?;
                self.is(&["Requested", "Held", "Failed"])?;
                law(self.from != "Failed" || payout.due.is_some(), "what failed for good isn't cancelled")?;
                ("Cancelled", None, None)
            }
            PayoutEvent::Rejected(_) => {
                law(!self.is_own, "nobody rejects their own")?;
                self.is(&["Requested", "Held"]).map(|()| ("Rejected", None, None))?
            }
            PayoutEvent::Requested(_)
            | PayoutEvent::Acknowledged(_)
            | PayoutEvent::Escalated(_)
            | PayoutEvent::Resolved(_)
            | PayoutEvent::Paid(_)
            | PayoutEvent::Failed(_)
            | PayoutEvent::Returned(_)
            | PayoutEvent::Reversed(_)
            | PayoutEvent::Credited(_) => return Ok(None),
        }))
    }

    fn once_it_is_sent(&self, payout: &Payout, event: &PayoutEvent, told: Told<'_>) -> Result<Next, String> {
        const AWAY: &[Status] = &["Submitted", "InTransit", "NeedsAttention"];
        Ok(match event {
            PayoutEvent::Acknowledged(e) => {
                self.is(&["Submitted", "NeedsAttention"])?;
                ("InTransit", Some(e.escalates_at.micros()), None)
            }
            PayoutEvent::Escalated(_) => {
                self.is(&["Submitted", "InTransit"])?;
                told.by_time(payout.due.ok_or("nothing is due")?)?;
                ("NeedsAttention", None, None)
            }
            PayoutEvent::Resolved(e) => {
                self.is(&["NeedsAttention"])?;
                law(!self.is_own, "nobody resolves their own")?;
                match e.resolution {
                    Resolution::InTransit => {
                        ("InTransit", e.escalates_at.map(domain::Timestamp::micros), None)
                    }
                    Resolution::Failed => (self.from, None, None),
                }
            }
            PayoutEvent::Paid(_) => {
                told.by_provider()?;
                let given_up = self.from == "Failed" && payout.due.is_none();
                law(!given_up || self.free >= self.minor, "what was given up is paid from what is free")?;
                let posted = payout.is_away() || self.from == "Approved";
                let waits = matches!(self.from, "Requested" | "Held" | "Failed");
                law(posted || waits, format!("not from {}", self.from))?;
                let source = if posted { transit(self.party) } else { available(self.party) };
                ("Paid", None, Some(vec![(source, self.minor), ("1010".to_owned(), -self.minor)]))
            }
            PayoutEvent::Failed(e) => {
                self.is(AWAY)?;
                law(!told.is_time(), "silence is no failure")?;
                law(e.retry_at.is_none_or(|retry| retry.micros() > told.at), "a retry is later")?;
                ("Failed", e.retry_at.map(domain::Timestamp::micros), Some(back(self.party, self.minor)))
            }
            PayoutEvent::Returned(e) => ("Returned", None, Some(self.returned(e.cost)?)),
            PayoutEvent::Reversed(e) => ("Reversed", None, Some(self.returned(e.cost)?)),
            PayoutEvent::Credited(_) => {
                let lines =
                    vec![(format!("2310:{}", self.party), self.minor), (available(self.party), -self.minor)];
                (self.from, None, Some(lines))
            }
            PayoutEvent::Requested(_)
            | PayoutEvent::Held(_)
            | PayoutEvent::Released(_)
            | PayoutEvent::Approved(_)
            | PayoutEvent::Delayed(_)
            | PayoutEvent::Submitted(_)
            | PayoutEvent::Retried(_)
            | PayoutEvent::Cancelled(_)
            | PayoutEvent::Rejected(_) => return Err("this comes before it is sent".to_owned()),
        })
    }

    /// What comes back, less what the provider kept: after it was paid to the returned, before that to the available.
    fn returned(&self, kept: Money) -> Result<Vec<(String, i128)>, String> {
        self.is(&["Submitted", "InTransit", "NeedsAttention", "Paid"])?;
        let kept = i128::from(kept.minor());
        let mut lines = cost(kept);
        if self.from == "Paid" {
            let returned = format!("2310:{}", self.party);
            lines.extend([("1010".to_owned(), self.minor - kept), (returned, -self.minor)]);
        } else {
            lines.extend(back(self.party, self.minor));
            lines.push(("1010".to_owned(), -kept));
        }
        Ok(lines)
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
