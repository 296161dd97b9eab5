//! What the house does to the marketplace: its policy, its processes, holds on accounts.

use super::{CURRENCIES, Move, one_of, text};
use crate::model::Model;
use crate::people::{self, TALENTS};
use domain::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use domain::marketplace::{PauseProcess, PublishPolicy, ResumeProcess};
use domain::money::{Money, Rate};
use domain::policy::Policy;
use domain::process::ProcessName;
use domain::{Actor, Role};
use fastrand::Rng;

pub(super) fn operate(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    match dice.u8(..10) {
        0..=2 => on_process(model, dice),
        3 => Some((Actor::System("policy"), PublishPolicy { policy: policy(dice)? }.into())),
        _ => on_hold(model, dice),
    }
}

fn on_process(model: &Model, dice: &mut Rng) -> Option<Move> {
    let process = one_of(dice, ProcessName::ALL)?;
    let paused = model.paused.contains(process.as_str());
    let command = if paused {
        ResumeProcess { process }.into()
    } else {
        PauseProcess { process, reason: text()? }.into()
    };
    Some((people::office(Role::Admin), command))
}

fn on_hold(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let (party_id, currency) = (people::party(dice.u128(TALENTS)), one_of(dice, &CURRENCIES)?);
    let stands = model.account(party_id, currency).holds.keys().next().copied();
    let command = match stands {
        Some(reason) => {
            let reason = *HoldReason::ALL.iter().find(|other| other.as_str() == reason)?;
            ReleasePayoutHold { party_id, currency, reason }.into()
        }
        None => PlacePayoutHold { party_id, currency, reason: one_of(dice, HoldReason::ALL)? }.into(),
    };
    Some((people::office(Role::Compliance), command))
}

/// Another policy: odd rates, other windows, arbitration that small disputes can afford.
fn policy(dice: &mut Rng) -> Option<Policy> {
    let mut policy = Policy::default();
    let mut rate = |most: u32| Rate::parse(&format!("0.{:09}", dice.u32(..most))).ok();
    policy.fees.talent_fee = rate(300_000_000)?;
    policy.fees.talent_fee_tax = rate(250_000_000)?;
    policy.fees.client_fee = rate(200_000_000)?;
    policy.fees.client_fee_tax = rate(250_000_000)?;
    policy.windows.review_days = dice.u16(2..20);
    policy.windows.clearing_days = dice.u16(1..15);
    policy.windows.holding_days = dice.u16(40..90);
    policy.windows.overdue_days = dice.u16(10..30);
    policy.windows.bonus_days = dice.u16(30..200);
    policy.hiring.moderation = dice.bool();
    policy.hiring.silence_days = dice.u16(10..60);
    policy.disputes.small_claim_multiple = dice.u16(1..4);
    let fee = dice.i64(100..2_000);
    let fees = CURRENCIES.into_iter().map(|currency| Money::new(fee, currency).ok());
    policy.disputes.arbitration_fees = fees.collect::<Option<_>>()?;
    Some(policy)
}
