//! PlacePayoutHold and ReleasePayoutHold: nothing is paid out of an account while a reason stands.

use super::{AccountEvent, HoldPlaced, HoldReleased};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::PartyId;
use crate::money::Currency;
use crate::payout::{PayoutEvent, PayoutReleased, PayoutStatus, TRANSITIONS};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Why nothing may be paid out of an account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum HoldReason {$(
            $(#[$doc])*
            $name,
        )*}

        impl HoldReason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in texts, such as `new_payee`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Who the party is has not been verified.
    Kyc = "kyc";
    /// The party may be on a sanctions list.
    Sanctions = "sanctions";
    /// A tax form is missing.
    TaxForm = "tax_form";
    /// A dispute.
    Dispute = "dispute";
    /// A chargeback.
    Chargeback = "chargeback";
    /// A reserve is being built.
    Reserve = "reserve";
    /// The party owes money.
    NegativeBalance = "negative_balance";
    /// The first payout to a destination.
    NewPayee = "new_payee";
    /// The bank account was changed.
    BankChange = "bank_change";
    /// Trust has too little settled cash.
    Funding = "funding";
    /// The day's reconciliation is not clean.
    Reconciliation = "reconciliation";
    /// An order of a court or an authority.
    Legal = "legal";
    /// A payout came back.
    Payee = "payee";
}

/// Places a hold.
#[derive(Clone, Debug, Serialize)]
pub struct PlacePayoutHold {
    /// Whose account it is.
    pub party_id: PartyId,
    /// Its currency.
    pub currency: Currency,
    /// Why.
    pub reason: HoldReason,
}

/// Releases a hold.
#[derive(Clone, Debug, Serialize)]
pub struct ReleasePayoutHold {
    /// Whose account it is.
    pub party_id: PartyId,
    /// Its currency.
    pub currency: Currency,
    /// The reason that doesn't stand any more.
    pub reason: HoldReason,
}

/// Lets a hold lapse, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct LapsePayoutHold {
    /// Whose account it is.
    pub party_id: PartyId,
    /// Its currency.
    pub currency: Currency,
    /// The reason that doesn't stand any more.
    pub reason: HoldReason,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn place(command: &PlacePayoutHold, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (party_id, currency, reason) = (command.party_id, command.currency, command.reason);
    let kind = CommandKind::PlacePayoutHold;
    let role = cx.actor.role_for(kind)?;
    states.marketplace()?;
    // An account can be on hold before it ever held anything.
    let account = states.account(party_id, currency).cloned().unwrap_or_default();
    if account.holds.contains_key(&reason) {
        return Err(
            Refusal::new(Code::AlreadyRecorded, "the account is on hold for this reason").at("reason")
        );
    }
    let mut events = vec![Event::Account(AccountEvent::HoldPlaced(HoldPlaced {
        party_id,
        currency,
        reason,
        until: None,
    }))];
    for (id, open) in &account.payouts {
        match open.status {
            PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Failed => {
                events.push(states.payout(*id)?.held(kind, role, cx)?);
            }
            PayoutStatus::Held
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Paid
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => {}
        }
    }
    Ok(events)
}

pub(crate) fn release(
    command: &ReleasePayoutHold,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    if cx.actor.party() == Some(command.party_id) {
        return Err(Refusal::new(Code::WrongSide, "nobody releases a hold on their own account"));
    }
    let kind = CommandKind::ReleasePayoutHold;
    let role = cx.actor.role_for(kind)?;
    released((command.party_id, command.currency, command.reason), states, (kind, role))
}

pub(crate) fn lapse(command: &LapsePayoutHold, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let account = states.account(command.party_id, command.currency);
    let set = account.map(super::Account::timers).unwrap_or_default();
    guard(&set, TimerKind::LapsePayoutHold(command.reason), command.epoch, cx.now)?;
    let which = (command.party_id, command.currency, command.reason);
    released(which, states, (CommandKind::LapsePayoutHold, Role::System))
}

/// The hold's end, and with the last one that of all payouts that it held up.
fn released(
    (party_id, currency, reason): (PartyId, Currency, HoldReason),
    states: &States,
    (kind, role): (CommandKind, Role),
) -> Result<Vec<Event>, Refusal> {
    let account = states.account(party_id, currency).ok_or_else(|| Refusal::not_found("account"))?;
    if !account.holds.contains_key(&reason) {
        let message = "the account is not on hold for this reason";
        return Err(Refusal::new(Code::WrongState, message).at("reason"));
    }
    let mut events =
        vec![Event::Account(AccountEvent::HoldReleased(HoldReleased { party_id, currency, reason }))];
    if account.holds.len() == 1 {
        for (id, _) in account.payouts.iter().filter(|(_, open)| open.status == PayoutStatus::Held) {
            let payout = states.payout(*id)?;
            consult(TRANSITIONS, Some(payout.status()), kind, role, PayoutStatus::Requested)?;
            events.push(Event::Payout(PayoutEvent::Released(PayoutReleased { of: payout.of })));
        }
    }
    Ok(events)
}
