//! Commands on money on its way in, back and out, most of them a provider's word.

use super::super::world::World;
use crate::Command;
use crate::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use crate::contract::ConfirmDeposit;
use crate::deposit::{
    AcknowledgeDeposit, FailDeposit, PaymentMethod, ProviderObject, ProviderWord, RefundDeposit,
    StartDepositAttempt,
};
use crate::id::{DepositId, PayoutId};
use crate::money::{Currency, Money};
use crate::payout::{
    AcknowledgePayout, ApprovePayout, CancelPayout, FailPayout, RecordPayoutPaid, RejectPayout,
    RequestPayout, Resolution, ResolvePayout, ReturnPayout, ReversePayout, SubmitPayout,
};
use crate::refund::{AcknowledgeRefund, ConfirmRefund, FailRefund, StartRefundAttempt};
use crate::scenario::{TALENT, text, usd};
use crate::treasury::RecordSettlement;

const RAIL: &str = "sandbox";

fn object(text: &str) -> ProviderObject {
    ProviderObject::parse(text).unwrap()
}

/// The provider's id of a payment, which no other deposit has.
fn payment(deposit: DepositId, number: u8) -> ProviderObject {
    object(&format!("{deposit}_{number}"))
}

fn word() -> ProviderWord {
    ProviderWord::parse("account_closed").unwrap()
}

pub(super) fn samples(world: &World) -> Vec<Command> {
    let mut samples = deposits(world);
    samples.extend(refunds(world));
    samples.extend(payouts(world));
    samples
}

fn deposits(world: &World) -> Vec<Command> {
    let (deposit_id, rail) = (world.deposit(), RAIL.to_owned());
    let amount = world.states.deposit(deposit_id).map_or(usd(1), |deposit| deposit.amount);
    let (first, second) = (payment(deposit_id, 1), payment(deposit_id, 2));
    let confirm = |payment: &ProviderObject, captured: Money| -> Command {
        ConfirmDeposit { deposit_id, rail: RAIL.to_owned(), provider_object: payment.clone(), captured }
            .into()
    };
    vec![
        StartDepositAttempt { deposit_id }.into(),
        AcknowledgeDeposit { deposit_id, rail: rail.clone(), provider_object: first.clone() }.into(),
        confirm(&first, amount),
        confirm(&second, amount),
        confirm(&first, usd(7)),
        FailDeposit { deposit_id, rail, reason: word() }.into(),
        RefundDeposit { deposit_id, provider_object: first }.into(),
        RefundDeposit { deposit_id, provider_object: second }.into(),
    ]
}

fn refunds(world: &World) -> Vec<Command> {
    let (refund_id, rail, provider_object) = (world.refund(), RAIL.to_owned(), object("ref_1"));
    vec![
        StartRefundAttempt { refund_id }.into(),
        AcknowledgeRefund { refund_id, rail: rail.clone(), provider_object: provider_object.clone() }.into(),
        ConfirmRefund { refund_id, rail: rail.clone(), provider_object }.into(),
        FailRefund { refund_id, rail, reason: word() }.into(),
    ]
}

fn payouts(world: &World) -> Vec<Command> {
    let (party_id, currency, reason) = (TALENT.party(), Currency::USD, HoldReason::Kyc);
    let destination = PaymentMethod::parse("ba_1").unwrap();
    let settlement = RecordSettlement {
        rail: RAIL.to_owned(),
        provider_object: object("set_1"),
        gross: usd(100_000),
        fee: usd(100),
    };
    let mut samples: Vec<Command> = vec![
        PlacePayoutHold { party_id, currency, reason }.into(),
        ReleasePayoutHold { party_id, currency, reason }.into(),
        RequestPayout { party_id, amount: usd(20_000), rail: RAIL, destination }.into(),
        settlement.into(),
    ];
    samples.extend(world.payouts().into_iter().flat_map(|payout_id| payout(world, payout_id)));
    samples
}

fn payout(world: &World, payout_id: PayoutId) -> [Command; 11] {
    let attempt = world.states.payout(payout_id).map_or(1, |payout| payout.attempts);
    let (rail, reason, provider_object, cost) = (|| RAIL.to_owned(), word(), object("tr_1"), usd(25));
    [
        ApprovePayout { payout_id }.into(),
        CancelPayout { payout_id }.into(),
        RejectPayout { payout_id, reasons: text() }.into(),
        SubmitPayout { payout_id }.into(),
        AcknowledgePayout { payout_id, rail: rail(), attempt, provider_object: provider_object.clone() }
            .into(),
        RecordPayoutPaid { payout_id, rail: rail(), attempt, provider_object }.into(),
        FailPayout { payout_id, rail: rail(), attempt, reason: reason.clone() }.into(),
        ReturnPayout { payout_id, rail: rail(), reason: reason.clone(), cost }.into(),
        ReversePayout { payout_id, rail: rail(), reason, cost }.into(),
        ResolvePayout { payout_id, resolution: Resolution::InTransit }.into(),
        ResolvePayout { payout_id, resolution: Resolution::Failed }.into(),
    ]
}
