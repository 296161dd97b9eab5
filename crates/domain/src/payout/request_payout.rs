//! RequestPayout: a talent asks for available money. It is reserved at once, so two requests never share a balance.

use super::{PayoutEvent, PayoutHeld, PayoutKey, PayoutRequested, PayoutStatus, TRANSITIONS};
use crate::account::{Account, AccountEvent, HoldPlaced, HoldReason};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::PaymentMethod;
use crate::event::Event;
use crate::id::PartyId;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Asks for a payout.
#[derive(Clone, Debug, Serialize)]
pub struct RequestPayout {
    /// Whose account pays, which is the talent's own.
    pub party_id: PartyId,
    /// How much, in the currency of the account.
    pub amount: Money,
    /// The rail that sends it.
    pub rail: &'static str,
    /// The provider's token of where it goes.
    pub destination: PaymentMethod,
}

pub(crate) fn decide(command: &RequestPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    if cx.actor.person_as(Role::Talent)? != command.party_id {
        return Err(Refusal::not_found("account"));
    }
    let amount = command.amount.positive().map_err(|refusal| refusal.at("amount"))?;
    let account = states.account(command.party_id, amount.currency()).cloned().unwrap_or_default();
    account.takes_payout(amount, &command.destination)?;
    let rules = &states.marketplace()?.policy.payouts;
    let (kind, role) = (CommandKind::RequestPayout, Role::Talent);
    consult(TRANSITIONS, None, kind, role, PayoutStatus::Requested)?;
    let of = PayoutKey { payout_id: cx.fresh(), party_id: command.party_id, currency: amount.currency() };
    let mut events = vec![Event::Payout(PayoutEvent::Requested(PayoutRequested {
        of,
        amount,
        rail: command.rail.to_owned(),
        destination: command.destination.clone(),
        review: rules.needs_review(amount),
    }))];
    if rules.new_payee_days > 0 && !account.destinations.contains(&command.destination) {
        consult(TRANSITIONS, None, kind, role, PayoutStatus::Held)?;
        events.push(Event::Account(AccountEvent::HoldPlaced(HoldPlaced {
            party_id: of.party_id,
            currency: of.currency,
            reason: HoldReason::NewPayee,
            until: Some(cx.now.plus_days(rules.new_payee_days)),
        })));
        events.push(Event::Payout(PayoutEvent::Held(PayoutHeld { of, entry: None })));
    }
    Ok(events)
}

impl Account {
    /// Whether `amount` can be paid out to `destination` now.
    fn takes_payout(&self, amount: Money, destination: &PaymentMethod) -> Result<(), Refusal> {
        self.not_on_hold()?;
        if amount.minor() > self.free() {
            let currency = amount.currency();
            let message = format!("{} {currency} can be paid out", currency.print(self.free().max(0)));
            return Err(Refusal::new(Code::BalanceTooLow, message).at("amount"));
        }
        let known = self.destinations.contains(destination);
        if self.payouts.len() >= Self::PAYOUTS_MAX
            || !known && self.destinations.len() >= Self::DESTINATIONS_MAX
        {
            let message = format!(
                "at most {} payouts under way, and {} destinations, per account",
                Self::PAYOUTS_MAX,
                Self::DESTINATIONS_MAX
            );
            return Err(Refusal::new(Code::CountOutOfRange, message));
        }
        Ok(())
    }
}
