//! Money that goes out.

use super::{CURRENCIES, Move, one_of, text};
use crate::model::Model;
use crate::people::{self, TALENTS};
use crate::provider::RAIL;
use domain::Role;
use domain::deposit::PaymentMethod;
use domain::id::PayoutId;
use domain::money::Money;
use domain::payout::{ApprovePayout, CancelPayout, RejectPayout, RequestPayout, Resolution, ResolvePayout};
use fastrand::Rng;

pub(super) fn on_payouts(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let open: Vec<PayoutId> = model
        .payouts
        .iter()
        .filter(|(_, p)| !matches!(p.status, "Paid" | "Returned" | "Reversed" | "Cancelled" | "Rejected"))
        .map(|(id, _)| *id)
        .collect();
    if open.is_empty() || dice.bool() {
        return request_payout(model, dice);
    }
    let payout_id = one_of(dice, &open)?;
    let payout = model.payouts.get(&payout_id)?;
    let (party, currency) = (payout.party, payout.amount.currency());
    let (status, review, will_retry) = (payout.status, payout.review, payout.will_retry());
    let on_hold = !model.account(party, currency).holds.is_empty();
    let owner = people::talent(party);
    match (status, dice.u8(..4)) {
        ("Requested", 0..=2) if review && !on_hold => {
            Some((people::office(Role::Finance), ApprovePayout { payout_id }.into()))
        }
        ("Requested" | "Held", 3) => {
            let office = if dice.bool() { Role::Finance } else { Role::Compliance };
            Some((people::office(office), RejectPayout { payout_id, reasons: text()? }.into()))
        }
        ("Requested" | "Held", 0) => Some((owner, CancelPayout { payout_id }.into())),
        ("Failed", 0) if will_retry => Some((owner, CancelPayout { payout_id }.into())),
        ("NeedsAttention", _) => {
            let resolution = if dice.bool() { Resolution::InTransit } else { Resolution::Failed };
            Some((people::office(Role::Finance), ResolvePayout { payout_id, resolution }.into()))
        }
        _ => None,
    }
}

fn request_payout(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let party_id = people::party(dice.u128(TALENTS));
    let currency = one_of(dice, &CURRENCIES)?;
    let free = model.free(party_id, Money::new(1, currency).ok()?);
    let most = i64::try_from(free).ok().filter(|free| *free > 0)?;
    if !model.account(party_id, currency).holds.is_empty() || model.under_way(party_id) > 40 {
        return None;
    }
    let minor = if dice.bool() { most } else { dice.i64(1..=most) };
    let amount = Money::new(minor.min(Money::MINOR_MAX), currency).ok()?;
    let destination = PaymentMethod::parse(if dice.u8(..8) == 0 { "ba_other" } else { "ba_usual" }).ok()?;
    Some((people::talent(party_id), RequestPayout { party_id, amount, rail: RAIL, destination }.into()))
}
