//! A party's money in one currency: balances folded from the lines that name the party, what payouts have reserved,
//! and why nothing may be paid out.

mod event;
pub(crate) mod hold;

pub use event::{AccountEvent, HoldPlaced, HoldReleased};
pub use hold::{HoldReason, LapsePayoutHold, PlacePayoutHold, ReleasePayoutHold};

use crate::deposit::PaymentMethod;
use crate::event::Event;
use crate::id::{PartyId, PayoutId};
use crate::ledger::{AccountCode, JournalEntry};
use crate::payout::{PayoutEvent, PayoutStatus};
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::{Mark, StreamId};
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use std::collections::{BTreeMap, BTreeSet};

/// What a party's accounts hold, and what is under way there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Balances that are not zero, or once weren't, per row of the chart, in minor units; credits positive.
    pub balances: BTreeMap<AccountCode, i64>,
    /// Why nothing may be paid out; nothing may while there is a reason.
    pub holds: BTreeMap<HoldReason, Hold>,
    /// The payouts that are under way.
    pub payouts: BTreeMap<PayoutId, OpenPayout>,
    /// Where payouts went before.
    pub destinations: BTreeSet<PaymentMethod>,
}

/// A hold that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When it lapses by itself, if it does.
    pub until: Option<Timestamp>,
    /// The account's revision that placed it.
    pub since: u64,
}

/// A payout that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenPayout {
    /// How much, in minor units.
    pub minor: i64,
    /// Where it stands.
    pub status: PayoutStatus,
}

impl OpenPayout {
    /// What of the available balance is reserved for it: all, until it is posted.
    const fn reserved(self) -> i64 {
        match self.status {
            PayoutStatus::Requested | PayoutStatus::Held | PayoutStatus::Failed => self.minor,
            PayoutStatus::Approved
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Paid
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => 0,
        }
    }
}

impl Account {
    /// Most payouts under way at a time, since a hold has to find them all.
    pub const PAYOUTS_MAX: usize = 50;
    /// Most destinations that one account has known.
    pub const DESTINATIONS_MAX: usize = 50;

    /// A balance, in minor units.
    pub fn balance(&self, code: AccountCode) -> i64 {
        self.balances.get(&code).copied().unwrap_or_default()
    }

    /// What is reserved of the available balance, in minor units.
    pub fn reserved(&self) -> i64 {
        self.payouts.values().map(|payout| payout.reserved()).sum()
    }

    /// What can be asked for: available and not reserved, in minor units.
    pub fn free(&self) -> i64 {
        let reserved = if is_planted(Sabotage::SharedBalance) { 0 } else { self.reserved() };
        self.balance(AccountCode::TalentAvailable) - reserved
    }

    /// Whether nothing may be paid out.
    pub fn is_on_hold(&self) -> bool {
        !self.holds.is_empty()
    }

    /// # Errors
    /// [`Code::AccountOnHold`], naming each hold's reason, until when it stands, and who ends it.
    pub(crate) fn not_on_hold(&self) -> Result<(), Refusal> {
        if !self.is_on_hold() {
            return Ok(());
        }
        let told = |(reason, hold): (&HoldReason, &Hold)| match hold.until {
            Some(until) => format!("{} until {until}", reason.as_str()),
            None => format!("{} until it is released", reason.as_str()),
        };
        let holds: Vec<_> = self.holds.iter().map(told).collect();
        let remedy = if self.holds.values().all(|hold| hold.until.is_some()) {
            "ask again then"
        } else {
            "do what the reasons ask for; compliance or finance then release them, and you can ask again"
        };
        let message = format!("the account is on hold: {}; {remedy}", holds.join(", "));
        Err(Refusal::new(Code::AccountOnHold, message))
    }

    /// Holds that were placed for a time lapse.
    pub fn timers(&self) -> Vec<Timer> {
        let lapses = |(reason, hold): (&HoldReason, &Hold)| {
            hold.until.map(|due| Timer { kind: TimerKind::LapsePayoutHold(*reason), due, epoch: hold.since })
        };
        self.holds.iter().filter_map(lapses).collect()
    }

    /// Roughly the bytes of what it keeps.
    pub(crate) fn weight(&self) -> usize {
        self.balances.len() * size_of::<(AccountCode, i64)>()
            + self.holds.len() * size_of::<(HoldReason, Hold)>()
            + self.payouts.len() * size_of::<(PayoutId, OpenPayout)>()
            + self.destinations.iter().map(|destination| destination.as_str().len()).sum::<usize>()
    }

    /// The account of `party` after `event`.
    pub(crate) fn evolve(account: Option<Self>, party: PartyId, event: &Event, mark: Mark) -> Self {
        let mut account = account.unwrap_or_default();
        for line in event.journal_entry().into_iter().flat_map(JournalEntry::lines) {
            if line.account.kept().party == Some(party) {
                *account.balances.entry(line.account.code()).or_default() -= line.signed();
            }
        }
        match event {
            Event::Account(AccountEvent::HoldPlaced(e)) => {
                account.holds.insert(e.reason, Hold { until: e.until, since: mark.revision });
            }
            Event::Account(AccountEvent::HoldReleased(e)) => {
                account.holds.remove(&e.reason);
            }
            Event::Payout(event) => account.on_payout(event),
            Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Deposit(_)
            | Event::Refund(_)
            | Event::Dispute(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        account
    }

    fn on_payout(&mut self, event: &PayoutEvent) {
        let id = event.of().payout_id;
        if let PayoutEvent::Requested(e) = event {
            self.destinations.insert(e.destination.clone());
            self.payouts.insert(id, OpenPayout { minor: e.amount.minor(), status: PayoutStatus::Requested });
            return;
        }
        let Some(payout) = self.payouts.get_mut(&id) else {
            return;
        };
        let (status, next) = event.leads_to(payout.status);
        payout.status = status;
        let over = match status {
            PayoutStatus::Failed => next.is_none(),
            PayoutStatus::Paid
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => true,
            PayoutStatus::Requested
            | PayoutStatus::Held
            | PayoutStatus::Approved
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention => false,
        };
        if over {
            self.payouts.remove(&id);
        }
    }
}

/// Which parties' streams an entry belongs to.
pub(crate) trait Joined {
    /// The account streams of the parties that the lines name, and those of settled cash, without repetition.
    fn joined(&self) -> Vec<StreamId>;
}

impl Joined for JournalEntry {
    fn joined(&self) -> Vec<StreamId> {
        let mut streams = Vec::new();
        for line in self.lines() {
            let account = line.account.kept().party.map(|party| StreamId::Account(party, line.currency));
            let cash =
                (line.account.code() == AccountCode::TrustBank).then_some(StreamId::Cash(line.currency));
            for stream in account.into_iter().chain(cash) {
                if !streams.contains(&stream) {
                    streams.push(stream);
                }
            }
        }
        streams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(holds: &[(HoldReason, Option<Timestamp>)]) -> String {
        let holds = holds.iter().map(|(reason, until)| (*reason, Hold { until: *until, since: 1 }));
        let account = Account { holds: holds.collect(), ..Account::default() };
        let refusal = account.not_on_hold().unwrap_err();
        assert_eq!(refusal.code, Code::AccountOnHold);
        refusal.message.into_owned()
    }

    #[test]
    fn a_hold_is_refused_with_its_reason_its_end_and_who_ends_it() {
        let until = Some(Timestamp::from_micros(0));
        assert_eq!(
            refusal(&[(HoldReason::NewPayee, until)]),
            "the account is on hold: new_payee until 1970-01-01T00:00:00.000000Z; ask again then"
        );
        assert_eq!(
            refusal(&[(HoldReason::Legal, None), (HoldReason::NewPayee, until)]),
            "the account is on hold: new_payee until 1970-01-01T00:00:00.000000Z, legal until it is released; do \
             what the reasons ask for; compliance or finance then release them, and you can ask again"
        );
        assert!(Account::default().not_on_hold().is_ok());
    }
}
