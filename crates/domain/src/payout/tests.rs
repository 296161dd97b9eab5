//! A payout's life, and what it may not do.

use super::*;
use crate::account::{HoldReason, LapsePayoutHold, PlacePayoutHold, ReleasePayoutHold};
use crate::contract::ClearEarnings;
use crate::deposit::{PaymentMethod, ProviderObject, ProviderWord};
use crate::id::PayoutId;
use crate::ledger::AccountCode;
use crate::money::{Currency, Money};
use crate::refusal::Code;
use crate::scenario::{
    CLIENT, COMPLIANCE, CONTRACT, FINANCE, Given, OTHER_PROVIDER, OTHER_TALENT, PROVIDER, SYSTEM, TALENT,
    TALENT_AS_FINANCE, given, now, released_contract, usd,
};
use crate::stream::StreamId;
use crate::timer::TimerKind;
use crate::treasury::RecordSettlement;
use crate::{Event, State};

/// A talent with 2,200.00 available, and 2,875.00 less fees settled.
fn earned() -> Given {
    let (events, lot_id, epoch) = released_contract(usd(250_000));
    let clear = ClearEarnings { contract_id: CONTRACT, lot_id, epoch };
    given(events).at(now().plus_days(5)).then(SYSTEM, clear)
}

fn settle(object: &str, minor: i64) -> RecordSettlement {
    let provider_object = ProviderObject::parse(object).unwrap();
    RecordSettlement { rail: "sandbox".into(), provider_object, gross: usd(minor), fee: usd(30) }
}

fn request(amount: Money) -> RequestPayout {
    let destination = PaymentMethod::parse("ba_home").unwrap();
    RequestPayout { party_id: TALENT.party(), amount, rail: "sandbox", destination }
}

/// The payout's id, from the account's newest.
fn requested(given: &Given) -> PayoutId {
    let states = given.clone().into_states();
    let account = states.account(TALENT.party(), Currency::USD).unwrap();
    *account.payouts.last_key_value().unwrap().0
}

/// A payout of 1,000.00, asked for when its destination is known and not yet approved.
fn asked() -> (Given, PayoutId) {
    let held = earned().then(PROVIDER, settle("set_1", 287_500)).then(TALENT, request(usd(100_000)));
    let payout_id = requested(&held);
    let epoch = held.epoch(TimerKind::LapsePayoutHold(HoldReason::NewPayee));
    let (party_id, currency) = (TALENT.party(), Currency::USD);
    let lapse = LapsePayoutHold { party_id, currency, reason: HoldReason::NewPayee, epoch };
    (held.at(now().plus_days(12)).then(SYSTEM, lapse), payout_id)
}

fn approved() -> (Given, PayoutId) {
    let (given, payout_id) = asked();
    let epoch = given.epoch(TimerKind::AutoApprovePayout);
    (given.then(SYSTEM, AutoApprovePayout { payout_id, epoch }), payout_id)
}

fn sent() -> (Given, PayoutId) {
    let (given, payout_id) = approved();
    (given.then(SYSTEM, SubmitPayout { payout_id }), payout_id)
}

fn paid(payout_id: PayoutId) -> RecordPayoutPaid {
    paid_by(payout_id, 1)
}

fn paid_by(payout_id: PayoutId, attempt: u16) -> RecordPayoutPaid {
    let provider_object = ProviderObject::parse("po_1").unwrap();
    RecordPayoutPaid { payout_id, rail: "sandbox".into(), attempt, provider_object }
}

fn fail(payout_id: PayoutId, attempt: u16) -> FailPayout {
    let reason = ProviderWord::parse("bank_down").unwrap();
    FailPayout { payout_id, rail: "sandbox".into(), attempt, reason }
}

fn balances(given: &Given) -> [i64; 3] {
    let states = given.clone().into_states();
    let account = states.account(TALENT.party(), Currency::USD).unwrap();
    [
        account.balance(AccountCode::TalentAvailable),
        account.balance(AccountCode::PayoutInTransit),
        account.reserved(),
    ]
}

fn status(given: &Given, payout_id: PayoutId) -> PayoutStatus {
    given.clone().into_states().payout(payout_id).unwrap().status()
}

fn cash(given: &Given) -> (i64, i64) {
    let states = given.clone().into_states();
    states.cash(Currency::USD).map(|cash| (cash.settled, cash.committed())).unwrap()
}

#[test]
fn a_payout_is_reserved_then_posted_then_paid() {
    let (given, payout_id) = asked();
    assert_eq!(
        (status(&given, payout_id), balances(&given)),
        (PayoutStatus::Requested, [220_000, 0, 100_000])
    );
    let (given, _) = approved();
    assert_eq!(
        (status(&given, payout_id), balances(&given)),
        (PayoutStatus::Approved, [120_000, 100_000, 0])
    );
    let (given, _) = sent();
    assert_eq!((status(&given, payout_id), cash(&given)), (PayoutStatus::Submitted, (287_470, 100_000)));
    let given = given.then(PROVIDER, paid(payout_id));
    assert_eq!((status(&given, payout_id), balances(&given)), (PayoutStatus::Paid, [120_000, 0, 0]));
    assert_eq!(cash(&given), (187_470, 0));
    given.when(PROVIDER, paid(payout_id)).refused(Code::WrongState);
}

#[test]
fn a_first_payout_to_somewhere_waits_for_the_new_payees_window() {
    let held = earned().then(TALENT, request(usd(100_000)));
    let payout_id = requested(&held);
    assert_eq!(status(&held, payout_id), PayoutStatus::Held);
    let epoch = held.epoch(TimerKind::LapsePayoutHold(HoldReason::NewPayee));
    let (party_id, currency) = (TALENT.party(), Currency::USD);
    let lapse = LapsePayoutHold { party_id, currency, reason: HoldReason::NewPayee, epoch };
    held.clone().when(SYSTEM, lapse.clone()).refused(Code::TimerNotDue);
    held.clone().when(TALENT, request(usd(1))).refused(Code::AccountOnHold);
    let lapsed = held.at(now().plus_days(12)).then(SYSTEM, lapse.clone());
    assert_eq!(status(&lapsed, payout_id), PayoutStatus::Requested);
    lapsed.clone().when(SYSTEM, lapse).refused(Code::TimerStale);
    let again = lapsed.then(TALENT, request(usd(1)));
    assert_eq!(status(&again, requested(&again)), PayoutStatus::Requested, "the destination is known now");
}

#[test]
fn two_requests_never_share_a_balance() {
    let (given, _) = asked();
    given.clone().when(TALENT, request(usd(120_001))).refused_at(Code::BalanceTooLow, "amount");
    let both = given.then(TALENT, request(usd(120_000)));
    both.when(TALENT, request(usd(1))).refused_at(Code::BalanceTooLow, "amount");
}

#[test]
fn what_a_talent_does_not_have_is_not_paid_out() {
    let other = RequestPayout { party_id: OTHER_TALENT.party(), ..request(usd(1)) };
    earned().when(TALENT, request(usd(220_001))).refused_at(Code::BalanceTooLow, "amount");
    earned().when(TALENT, request(usd(0))).refused_at(Code::AmountNotPositive, "amount");
    earned()
        .when(TALENT, request(Money::parse("1", "EUR").unwrap()))
        .refused_at(Code::BalanceTooLow, "amount");
    earned().when(TALENT, other.clone()).refused(Code::NotFound);
    earned().when(OTHER_TALENT, request(usd(1))).refused(Code::NotFound);
    earned().when(OTHER_TALENT, other).refused_at(Code::BalanceTooLow, "amount");
    earned().when(CLIENT, request(usd(1))).refused(Code::Forbidden);
}

#[test]
fn a_hold_stops_what_waits_and_its_end_lets_it_go_on() {
    let (party_id, currency, reason) = (TALENT.party(), Currency::USD, HoldReason::Sanctions);
    let place = PlacePayoutHold { party_id, currency, reason };
    let release = ReleasePayoutHold { party_id, currency, reason };
    for (given, payout_id) in [asked(), approved()] {
        let held = given.then(COMPLIANCE, place.clone());
        assert_eq!((status(&held, payout_id), balances(&held)), (PayoutStatus::Held, [220_000, 0, 100_000]));
        held.clone().when(COMPLIANCE, place.clone()).refused(Code::AlreadyRecorded);
        held.clone().when(FINANCE, ApprovePayout { payout_id }).refused(Code::AccountOnHold);
        held.clone().when(TALENT, release.clone()).refused(Code::Forbidden);
        held.clone().when(TALENT_AS_FINANCE, release.clone()).refused(Code::WrongSide);
        let released = held.then(COMPLIANCE, release.clone());
        assert_eq!(status(&released, payout_id), PayoutStatus::Requested);
        released.when(COMPLIANCE, release.clone()).refused_at(Code::WrongState, "reason");
    }
    let (given, payout_id) = sent();
    let away = given.then(COMPLIANCE, place);
    assert_eq!(status(&away, payout_id), PayoutStatus::Submitted, "what is away is not called back");
}

#[test]
fn large_payouts_need_finance_and_never_the_payee() {
    let (events, lot_id, epoch) = released_contract(usd(250_000));
    let clear = ClearEarnings { contract_id: CONTRACT, lot_id, epoch };
    let mut policy = crate::policy::Policy::default();
    policy.payouts.review_above = vec![usd(99_999)];
    policy.payouts.new_payee_days = 0;
    let publish = crate::marketplace::PublishPolicy { policy };
    let given = given(events).at(now().plus_days(5)).then(SYSTEM, clear).then(SYSTEM, publish);
    let small = given.clone().then(TALENT, request(usd(99_999)));
    small.epoch(TimerKind::AutoApprovePayout);
    let large = given.then(TALENT, request(usd(100_000)));
    let payout_id = requested(&large);
    let auto = AutoApprovePayout { payout_id, epoch: 1 };
    large.clone().when(SYSTEM, auto).refused(Code::TimerStale);
    large.clone().when(TALENT_AS_FINANCE, ApprovePayout { payout_id }).refused(Code::WrongSide);
    assert_eq!(status(&large.then(FINANCE, ApprovePayout { payout_id }), payout_id), PayoutStatus::Approved);
}

#[test]
fn a_payout_that_failed_is_tried_again_under_a_new_key_and_at_last_given_up() {
    let (mut given, payout_id) = sent();
    given.clone().when(PROVIDER, fail(payout_id, 2)).refused(Code::AlreadyRecorded);
    given.clone().when(OTHER_PROVIDER, fail(payout_id, 1)).refused(Code::NotFound);
    let mut instant = now().plus_days(12);
    let mut keys = Vec::new();
    for (attempt, hours) in [(1, 1), (2, 6), (3, 24)] {
        given = given.then(PROVIDER, fail(payout_id, attempt));
        assert_eq!(balances(&given), [220_000, 0, 100_000], "it stays reserved");
        let epoch = given.epoch(TimerKind::RetryPayout);
        let retry = RetryPayout { payout_id, epoch };
        given.clone().when(SYSTEM, retry.clone()).refused(Code::TimerNotDue);
        instant = instant.plus_hours(hours).plus_minutes(hours * 6);
        given = given.at(instant).then(SYSTEM, retry);
        let epoch = given.epoch(TimerKind::AutoApprovePayout);
        given = given.then(SYSTEM, AutoApprovePayout { payout_id, epoch });
        let outcome = given.clone().when(SYSTEM, SubmitPayout { payout_id });
        let [Event::Payout(PayoutEvent::Submitted(e))] = outcome.events() else { panic!("sent") };
        keys.push(e.provider_key.clone());
        given = given.and(outcome.events().to_vec());
    }
    assert_eq!(keys, [2, 3, 4].map(|attempt| format!("{payout_id}-{attempt}")));
    let over = given.then(PROVIDER, fail(payout_id, 4));
    assert_eq!(balances(&over), [220_000, 0, 0]);
    over.when(TALENT, CancelPayout { payout_id }).refused(Code::WrongState);
}

#[test]
fn a_payout_that_settled_cash_does_not_cover_waits_for_its_turn() {
    let mut policy = crate::policy::Policy::default();
    policy.payouts.new_payee_days = 0;
    let publish = crate::marketplace::PublishPolicy { policy };
    let mut given = earned().then(SYSTEM, publish).then(PROVIDER, settle("set_1", 50_030));
    let mut payouts = Vec::new();
    for minor in [100_000, 40_000] {
        given = given.then(TALENT, request(usd(minor)));
        let states = given.clone().into_states();
        let account = states.account(TALENT.party(), Currency::USD).unwrap();
        let (payout_id, _) = account.payouts.iter().find(|(_, open)| open.minor == minor).unwrap();
        payouts.push(*payout_id);
        let epoch = given.epoch(TimerKind::AutoApprovePayout);
        given = given.then(SYSTEM, AutoApprovePayout { payout_id: *payout_id, epoch });
        given = given.then(SYSTEM, SubmitPayout { payout_id: *payout_id });
        assert_eq!(status(&given, *payout_id), PayoutStatus::Approved);
    }
    let [first, second] = payouts[..] else { panic!("two") };
    given.clone().when(SYSTEM, SubmitPayout { payout_id: second }).refused(Code::CashTooLow);
    let settled = given.then(PROVIDER, settle("set_2", 60_030));
    settled.epoch(TimerKind::SubmitDelayedPayout(first));
    settled.clone().when(SYSTEM, SubmitPayout { payout_id: second }).refused(Code::CashTooLow);
    let sent = settled.then(SYSTEM, SubmitPayout { payout_id: first });
    assert_eq!((status(&sent, first), cash(&sent)), (PayoutStatus::Submitted, (110_000, 100_000)));
    let failed = sent.then(PROVIDER, fail(first, 1));
    failed.epoch(TimerKind::SubmitDelayedPayout(second));
}

#[test]
fn money_that_comes_back_is_the_talents_and_holds_the_account() {
    let returned = |payout_id| ReturnPayout {
        payout_id,
        rail: "sandbox".into(),
        reason: ProviderWord::parse("no_account").unwrap(),
        cost: usd(500),
    };
    let (given, payout_id) = sent();
    for (given, left) in [(given.clone(), 286_970), (given.then(PROVIDER, paid(payout_id)), 286_970)] {
        let back = given.then(PROVIDER, returned(payout_id));
        assert_eq!((status(&back, payout_id), balances(&back)), (PayoutStatus::Returned, [220_000, 0, 0]));
        assert_eq!(cash(&back), (left, 0));
        back.when(TALENT, request(usd(1))).refused(Code::AccountOnHold);
    }
}

#[test]
fn a_payment_in_error_is_reversed_whether_its_payment_was_heard_of_or_not() {
    let reversed = |payout_id| ReversePayout {
        payout_id,
        rail: "sandbox".into(),
        reason: ProviderWord::parse("paid_twice").unwrap(),
        cost: usd(0),
    };
    let (given, payout_id) = sent();
    for given in [given.clone(), given.then(PROVIDER, paid(payout_id))] {
        let back = given.then(PROVIDER, reversed(payout_id));
        assert_eq!((status(&back, payout_id), balances(&back)), (PayoutStatus::Reversed, [220_000, 0, 0]));
        assert_eq!(cash(&back), (287_470, 0));
    }
}

#[test]
fn a_word_on_an_attempt_that_was_given_up_is_a_fact_all_the_same() {
    let (given, payout_id) = sent();
    let failed = given.then(PROVIDER, fail(payout_id, 1));
    let late = failed.clone().then(PROVIDER, paid(payout_id));
    assert_eq!((status(&late, payout_id), balances(&late)), (PayoutStatus::Paid, [120_000, 0, 0]));
    assert_eq!(cash(&late), (187_470, 0));
    let epoch = failed.epoch(TimerKind::RetryPayout);
    let retried = failed.at(now().plus_days(13)).then(SYSTEM, RetryPayout { payout_id, epoch });
    let epoch = retried.epoch(TimerKind::AutoApprovePayout);
    let approved = retried.then(SYSTEM, AutoApprovePayout { payout_id, epoch });
    let late = approved.clone().then(PROVIDER, paid(payout_id));
    assert_eq!((status(&late, payout_id), balances(&late)), (PayoutStatus::Paid, [120_000, 0, 0]));
    let again = approved.then(SYSTEM, SubmitPayout { payout_id });
    let doubled = again.then(PROVIDER, paid(payout_id));
    assert_eq!(status(&doubled, payout_id), PayoutStatus::Submitted, "the second attempt goes on");
    doubled.clone().when(TALENT, request(usd(1))).refused(Code::AccountOnHold);
    assert_eq!(status(&doubled.then(PROVIDER, paid_by(payout_id, 2)), payout_id), PayoutStatus::Paid);
}

#[test]
fn a_silent_provider_brings_in_a_person() {
    let (given, payout_id) = sent();
    let epoch = given.epoch(TimerKind::EscalatePayout);
    let escalate = EscalatePayout { payout_id, epoch };
    given.clone().when(SYSTEM, escalate.clone()).refused(Code::TimerNotDue);
    let silent = given.at(now().plus_days(13)).then(SYSTEM, escalate);
    let resolve = |resolution| ResolvePayout { payout_id, resolution };
    silent.clone().when(COMPLIANCE, resolve(Resolution::Failed)).refused(Code::Forbidden);
    silent.clone().when(TALENT_AS_FINANCE, resolve(Resolution::Failed)).refused(Code::WrongSide);
    let transit = silent.clone().then(FINANCE, resolve(Resolution::InTransit));
    assert_eq!(status(&transit, payout_id), PayoutStatus::InTransit);
    transit.epoch(TimerKind::EscalatePayout);
    let failed = silent.clone().then(FINANCE, resolve(Resolution::Failed));
    assert_eq!(
        (status(&failed, payout_id), balances(&failed)),
        (PayoutStatus::Failed, [220_000, 0, 100_000])
    );
    let late = silent.then(PROVIDER, paid(payout_id));
    assert_eq!(status(&late, payout_id), PayoutStatus::Paid);
}

#[test]
fn a_talent_takes_back_and_finance_refuses_what_is_not_sent() {
    let reject = |payout_id| RejectPayout { payout_id, reasons: crate::text::Text::parse("no").unwrap() };
    let (given, payout_id) = asked();
    for (who, command) in
        [(TALENT, CancelPayout { payout_id }.into()), (FINANCE, crate::Command::from(reject(payout_id)))]
    {
        assert_eq!(balances(&given.clone().then(who, command)), [220_000, 0, 0]);
    }
    given.when(OTHER_TALENT, CancelPayout { payout_id }).refused(Code::NotFound);
    let (given, payout_id) = sent();
    given.clone().when(TALENT, CancelPayout { payout_id }).refused(Code::WrongState);
    given.when(FINANCE, reject(payout_id)).refused(Code::WrongState);
}

#[test]
fn a_settlement_counts_once_and_its_fee_is_part_of_it() {
    let once = earned().then(PROVIDER, settle("set_1", 287_500));
    once.when(PROVIDER, settle("set_1", 287_500)).refused(Code::AlreadyRecorded);
    earned().when(OTHER_PROVIDER, settle("set_1", 287_500)).refused(Code::NotFound);
    let outcome = earned().when(PROVIDER, settle("set_1", 287_500));
    outcome.state(|state| {
        if let State::Cash(cash) = state {
            assert_eq!(cash.settled, 287_470);
        }
    });
    let streams = outcome.events()[0].streams();
    assert!(streams.contains(&StreamId::Cash(Currency::USD)));
}
