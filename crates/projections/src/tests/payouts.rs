//! Payouts, accounts, and what needs a person.

use super::house::folded;
use super::market::{CLIENT, Market, OTHER, TALENT, text, usd};
use super::money::{ACCOUNT, word};
use super::pages::walk;
use crate::{
    AccountRow, AttentionKind, AttentionRow, BalanceFilter, HoldRow, Page, PauseKind, PauseRow, PayoutFilter,
    PayoutRow, ReadModels,
};
use domain::account::HoldReason;
use domain::id::{PartyId, PayoutId};
use domain::ledger::AccountCode;
use domain::marketplace::{PauseProcess, PauseRail, ResumeRail};
use domain::money::Currency;
use domain::payout::{ApprovePayout, CancelPayout, PayoutStatus, RejectPayout, Resolution, ResolvePayout};
use domain::process::ProcessName;
use domain::{StreamId, Timestamp};

async fn payout(market: &Market, id: PayoutId) -> PayoutRow {
    folded(&market.log).await.0.payout(id).unwrap().unwrap()
}

async fn account(market: &Market) -> AccountRow {
    folded(&market.log).await.0.account(TALENT, Currency::USD).unwrap().unwrap()
}

/// What needs a person now: why, and what.
async fn attention(market: &Market) -> Vec<(AttentionKind, String)> {
    let (models, _house) = folded(&market.log).await;
    let rows = models.attention(market.log.now(), &Page::first(100)).unwrap().rows;
    rows.into_iter().map(|row| (row.kind, row.id)).collect()
}

/// A marketplace with 880.00 to pay out.
async fn earned() -> Market {
    let mut market = Market::open().await;
    market.earn(100_000).await;
    market
}

#[tokio::test]
async fn cleared_earnings_are_available_and_others_on_hold() {
    let mut market = earned().await;
    market.released(10_000).await;
    let row = account(&market).await;
    assert_eq!((row.party, row.currency), (TALENT, Currency::USD));
    assert_eq!((row.available, row.reserved, row.on_hold), (88_000, 0, 8_800));
    assert_eq!((row.in_transit, row.refund_in_transit, row.wallet), (0, 0, 0));
    assert_eq!(row.holds, []);
}

#[tokio::test]
async fn a_requested_payout_is_reserved_and_held_while_its_destination_is_new() {
    let mut market = earned().await;
    let id = market.request_payout(30_000, "acct_12345678").await;
    let now = market.log.now();
    let row = payout(&market, id).await;
    assert_eq!((row.id, row.party, row.amount), (id, TALENT, usd(30_000)));
    assert_eq!((row.rail.as_str(), row.destination_hint.as_str()), ("sandbox", "5678"));
    assert_eq!((row.status, row.review, row.attempts), (PayoutStatus::Held, false, 0));
    assert_eq!((row.requested_at, row.changed_at), (now, now));
    let of = account(&market).await;
    assert_eq!((of.available, of.reserved), (88_000, 30_000));
    let hold = HoldRow { reason: HoldReason::NewPayee, placed_at: now, until: Some(now.plus_days(7)) };
    assert_eq!(of.holds, [hold]);
    market.fire(ACCOUNT).await;
    assert_eq!(payout(&market, id).await.status, PayoutStatus::Requested);
    assert_eq!(account(&market).await.holds, []);
}

#[tokio::test]
async fn a_short_token_is_not_shown_in_full_either() {
    let mut market = earned().await;
    let id = market.request_payout(1_000, "pm_1").await;
    assert_eq!(payout(&market, id).await.destination_hint, "_1");
}

#[tokio::test]
async fn an_approved_payout_waits_for_cash_and_is_followed_until_it_is_paid() {
    let mut market = earned().await;
    let id = market.approved_payout(30_000).await;
    let of = account(&market).await;
    assert_eq!((of.available, of.reserved, of.in_transit), (58_000, 0, 30_000));
    market.submit_payout(id).await;
    let row = payout(&market, id).await;
    assert_eq!((row.status, row.waiting_for_cash), (PayoutStatus::Approved, true));
    market.settle(115_000).await;
    market.submit_payout(id).await;
    let row = payout(&market, id).await;
    assert_eq!((row.status, row.waiting_for_cash, row.attempts), (PayoutStatus::Submitted, false, 1));
    assert_eq!(row.escalates_at, Some(market.log.now().plus_minutes(60)));
    market.acknowledge_payout(id).await;
    let row = payout(&market, id).await;
    assert_eq!(row.status, PayoutStatus::InTransit);
    assert!(row.escalates_at > Some(market.log.now().plus_days(1)));
    market.pay(id).await;
    let row = payout(&market, id).await;
    assert_eq!((row.status, row.escalates_at, row.changed_at), (PayoutStatus::Paid, None, market.log.now()));
    let of = account(&market).await;
    assert_eq!((of.available, of.reserved, of.in_transit), (58_000, 0, 0));
    assert_eq!(attention(&market).await, []);
}

#[tokio::test]
async fn a_failed_payout_stays_reserved_until_it_is_not_tried_again_and_needs_a_person_then() {
    let mut market = earned().await;
    market.settle(115_000).await;
    let id = market.approved_payout(30_000).await;
    for attempt in 1..=3 {
        market.submit_payout(id).await;
        market.fail_payout(id, attempt).await;
        let row = payout(&market, id).await;
        assert_eq!((row.status, row.attempts), (PayoutStatus::Failed, attempt));
        assert_eq!(row.failure, Some(word("bank_refused")));
        assert!(row.retry_at > Some(market.log.now()) && row.escalates_at.is_none());
        assert_eq!(account(&market).await.reserved, 30_000);
        assert_eq!(attention(&market).await, []);
        market.fire(StreamId::Payout(id)).await;
        assert_eq!(payout(&market, id).await.retry_at, None);
        market.fire(StreamId::Payout(id)).await;
    }
    market.submit_payout(id).await;
    market.fail_payout(id, 4).await;
    assert_eq!(payout(&market, id).await.retry_at, None);
    let of = account(&market).await;
    assert_eq!((of.available, of.reserved), (88_000, 0));
    assert_eq!(attention(&market).await, [(AttentionKind::PayoutFailed, id.to_string())]);
}

#[tokio::test]
async fn a_payout_without_word_needs_a_person_until_one_found_out() {
    let mut market = earned().await;
    market.settle(115_000).await;
    let id = market.approved_payout(30_000).await;
    market.submit_payout(id).await;
    market.fire(StreamId::Payout(id)).await;
    let (models, _house) = folded(&market.log).await;
    let rows = models.attention(Timestamp::from_micros(0), &Page::first(10)).unwrap().rows;
    let expected = AttentionRow {
        kind: AttentionKind::PayoutUnknown,
        id: id.to_string(),
        payment: None,
        party: Some(TALENT),
        amount: usd(30_000),
        since: market.log.now(),
        holds: vec![],
    };
    assert_eq!(rows, [expected]);
    market.staff(ResolvePayout { payout_id: id, resolution: Resolution::InTransit }).await;
    assert_eq!(attention(&market).await, []);
    assert_eq!(payout(&market, id).await.status, PayoutStatus::InTransit);
}

#[tokio::test]
async fn a_payout_found_never_sent_fails() {
    let mut market = earned().await;
    market.settle(115_000).await;
    let id = market.approved_payout(30_000).await;
    market.submit_payout(id).await;
    market.fire(StreamId::Payout(id)).await;
    market.staff(ResolvePayout { payout_id: id, resolution: Resolution::Failed }).await;
    let row = payout(&market, id).await;
    assert!(row.status == PayoutStatus::Failed && row.retry_at.is_some() && row.failure.is_some());
}

fn ids(models: &ReadModels, filter: PayoutFilter) -> Vec<PayoutId> {
    let payouts = models.payouts(&filter, Page::first(100)).unwrap();
    payouts.rows.iter().map(|payout| payout.id).collect()
}

#[tokio::test]
async fn a_large_payout_needs_finance_until_it_is_approved_or_refused() {
    let mut market = Market::open().await;
    market.earn(3_000_000).await;
    let small = market.request_payout(1_000, "acct_12345678").await;
    market.fire(ACCOUNT).await;
    let large = market.request_payout(1_000_001, "acct_12345678").await;
    let larger = market.request_payout(1_000_002, "acct_12345678").await;
    let (models, _house) = folded(&market.log).await;
    let all = PayoutFilter::default();
    let review = PayoutFilter { needs_review: true, ..all };
    let mine = PayoutFilter { party: Some(TALENT), ..all };
    let requested = PayoutFilter { status: Some(PayoutStatus::Requested), ..all };
    for filter in [all, mine, requested, PayoutFilter { party: Some(TALENT), ..requested }] {
        assert_eq!(ids(&models, filter), [larger, large, small], "{filter:?}");
    }
    for filter in [review, PayoutFilter { needs_review: true, ..mine }] {
        assert_eq!(ids(&models, filter), [larger, large], "{filter:?}");
        assert_eq!(ids(&models, PayoutFilter { status: Some(PayoutStatus::Paid), ..filter }), []);
        assert_eq!(ids(&models, PayoutFilter { party: Some(OTHER), ..filter }), []);
    }
    let waits = |id: PayoutId| (AttentionKind::PayoutReview, id.to_string());
    assert_eq!(attention(&market).await, [waits(large), waits(larger)]);
    market.staff(RejectPayout { payout_id: large, reasons: text("Who is this?") }).await;
    market.staff(ApprovePayout { payout_id: larger }).await;
    let (models, _house) = folded(&market.log).await;
    let rows = models.payouts_by_ids(&[large, larger]).unwrap();
    assert_eq!(rows[0].rejection.as_deref(), Some("Who is this?"));
    let statuses: Vec<_> = rows.iter().map(|row| (row.status, row.review)).collect();
    assert_eq!(statuses, [(PayoutStatus::Rejected, true), (PayoutStatus::Approved, true)]);
    assert_eq!(ids(&models, review), []);
    assert_eq!(attention(&market).await, []);
    assert_eq!(account(&market).await.reserved, 1_000);
}

#[tokio::test]
async fn a_held_payout_needs_review_again_once_the_hold_is_released() {
    let mut market = Market::open().await;
    market.earn(3_000_000).await;
    let id = market.request_payout(1_000_001, "acct_12345678").await;
    assert_eq!(attention(&market).await, []);
    market.fire(ACCOUNT).await;
    let waits = [(AttentionKind::PayoutReview, id.to_string())];
    assert_eq!(attention(&market).await, waits);
    market.hold(HoldReason::Legal).await;
    assert_eq!(attention(&market).await, [(AttentionKind::PayoutHeld, id.to_string())]);
    assert_eq!(account(&market).await.reserved, 1_000_001);
    market.release_hold(HoldReason::Legal).await;
    assert_eq!(attention(&market).await, waits);
}

/// The held payouts that need a person: which, since when, and the holds that keep them.
async fn held_up(market: &Market) -> Vec<(String, Timestamp, Vec<HoldReason>)> {
    let (models, _house) = folded(&market.log).await;
    let mut rows = models.attention(market.log.now(), &Page::first(100)).unwrap().rows;
    rows.retain(|row| row.kind == AttentionKind::PayoutHeld);
    rows.into_iter().map(|row| (row.id, row.since, row.holds)).collect()
}

#[tokio::test]
async fn a_held_payout_needs_a_person_while_a_hold_stands_that_does_not_lapse_by_itself() {
    let mut market = earned().await;
    let id = market.request_payout(30_000, "acct_12345678").await;
    assert_eq!(held_up(&market).await, [], "the new payee's hold lapses");
    market.hold(HoldReason::Kyc).await;
    let since = market.log.now();
    let waits = |holds: &[HoldReason]| [(id.to_string(), since, holds.to_vec())];
    assert_eq!(held_up(&market).await, waits(&[HoldReason::Kyc]));
    market.hold(HoldReason::Legal).await;
    assert_eq!(held_up(&market).await, waits(&[HoldReason::Kyc, HoldReason::Legal]));
    market.release_hold(HoldReason::Kyc).await;
    assert_eq!(held_up(&market).await, waits(&[HoldReason::Legal]));
    market.release_hold(HoldReason::Legal).await;
    assert_eq!(payout(&market, id).await.status, PayoutStatus::Held);
    assert_eq!(attention(&market).await, [], "only the new payee's hold is left");
}

#[tokio::test]
async fn an_approved_payout_that_is_held_needs_a_person_until_it_is_released() {
    let mut market = earned().await;
    let id = market.approved_payout(30_000).await;
    market.hold(HoldReason::Sanctions).await;
    assert_eq!(held_up(&market).await, [(id.to_string(), market.log.now(), vec![HoldReason::Sanctions])]);
    market.release_hold(HoldReason::Sanctions).await;
    assert_eq!(attention(&market).await, []);
    assert_eq!(payout(&market, id).await.status, PayoutStatus::Requested);
}

#[tokio::test]
async fn a_payout_that_waits_for_cash_needs_a_person_if_it_waits_for_long() {
    let mut market = earned().await;
    let id = market.approved_payout(30_000).await;
    assert_eq!(attention(&market).await, [], "it has not been sent yet");
    market.submit_payout(id).await;
    let since = market.log.now();
    let (models, _house) = folded(&market.log).await;
    let until = |instant| models.attention(instant, &Page::first(10)).unwrap().rows;
    assert_eq!(until(Timestamp::from_micros(since.micros() - 1)), []);
    let row = until(since).swap_remove(0);
    assert_eq!((row.kind, row.id, row.since), (AttentionKind::PayoutDelayed, id.to_string(), since));
    assert_eq!((row.party, row.amount, row.holds), (Some(TALENT), usd(30_000), vec![]));
    market.settle(115_000).await;
    market.submit_payout(id).await;
    assert_eq!(attention(&market).await, []);
}

#[tokio::test]
async fn a_cancelled_payout_is_free_again() {
    let mut market = earned().await;
    let id = market.request_payout(30_000, "acct_12345678").await;
    market.person(TALENT, CancelPayout { payout_id: id }).await;
    assert_eq!(payout(&market, id).await.status, PayoutStatus::Cancelled);
    let of = account(&market).await;
    assert_eq!((of.available, of.reserved), (88_000, 0));
}

#[tokio::test]
async fn a_payout_that_came_back_is_available_again_and_holds_the_account() {
    let mut market = earned().await;
    market.settle(115_000).await;
    let id = market.approved_payout(30_000).await;
    market.submit_payout(id).await;
    market.pay(id).await;
    market.return_payout(id).await;
    let row = payout(&market, id).await;
    assert_eq!((row.status, row.failure), (PayoutStatus::Returned, Some(word("no_account"))));
    let of = account(&market).await;
    assert_eq!((of.available, of.in_transit), (88_000, 0));
    let hold = HoldRow { reason: HoldReason::Payee, placed_at: market.log.now(), until: None };
    assert_eq!(of.holds, [hold]);
}

#[tokio::test]
async fn a_refund_without_word_needs_a_person_until_it_is_over() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    market.request_refund(contract).await;
    let id = market.agree_refund(contract).await;
    market.send_refund(id).await;
    assert_eq!(attention(&market).await, []);
    market.fire(StreamId::Refund(id)).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.attention(market.log.now(), &Page::first(10)).unwrap().rows.swap_remove(0);
    assert_eq!((row.kind, row.id.as_str()), (AttentionKind::RefundUnknown, id.to_string().as_str()));
    assert_eq!((row.party, row.amount, row.since), (Some(CLIENT), usd(1_150), market.log.now()));
    let of = models.account(CLIENT, Currency::USD).unwrap().unwrap();
    assert_eq!((of.refund_in_transit, of.wallet), (1_150, 0));
    market.fail_refund(id).await;
    assert_eq!(attention(&market).await, []);
    let (models, _house) = folded(&market.log).await;
    let of = models.account(CLIENT, Currency::USD).unwrap().unwrap();
    assert_eq!((of.refund_in_transit, of.wallet), (0, 1_150));
}

#[tokio::test]
async fn money_without_a_purpose_needs_a_person_if_it_stays() {
    let mut market = Market::open().await;
    let contract = market.agree(&[1_000]).await;
    let late = market.request_deposit(contract, 1).await;
    market.fire(StreamId::Deposit(late)).await;
    market.capture(late, 1_150).await;
    let came = market.log.now();
    let (models, _house) = folded(&market.log).await;
    let until = |instant| models.attention(instant, &Page::first(10)).unwrap().rows;
    assert_eq!(until(Timestamp::from_micros(came.micros() - 1)), []);
    let row = until(came).swap_remove(0);
    assert_eq!((row.kind, row.id), (AttentionKind::DepositUnmatched, late.to_string()));
    assert_eq!((row.payment, row.party), (Some(format!("pay_{late}")), None));
    assert_eq!((row.amount, row.since), (usd(1_150), came));
    market.refund_deposit(late).await;
    assert_eq!(attention(&market).await, []);
}

#[tokio::test]
async fn walking_pages_of_any_size_gives_everything_that_needs_a_person_once_oldest_first() {
    let mut market = Market::open().await;
    market.everything().await;
    let (models, _house) = folded(&market.log).await;
    let page = |page| models.attention(market.log.now(), &page).unwrap();
    let whole = page(Page::first(100)).rows;
    assert!(whole.len() > 2 && whole.is_sorted_by_key(|row| row.since), "{whole:?}");
    for first in 1..=whole.len() {
        assert_eq!(walk(first, AttentionRow::key, page), whole);
    }
}

/// What the account balances say that the party has on accounts of this code.
fn balance(models: &ReadModels, party: PartyId, code: AccountCode) -> i64 {
    let rows = models.balances(BalanceFilter::Party(party), Page::first(100)).unwrap().rows;
    rows.iter().filter(|row| row.account.code() == code).map(crate::BalanceRow::balance_minor).sum()
}

#[tokio::test]
async fn accounts_are_what_the_balances_say() {
    let mut market = Market::open().await;
    market.everything().await;
    let (models, _house) = folded(&market.log).await;
    for party in [CLIENT, TALENT] {
        let of = models.account(party, Currency::USD).unwrap().unwrap();
        let shown = [
            (AccountCode::TalentAvailable, of.available),
            (AccountCode::TalentOnHold, of.on_hold),
            (AccountCode::PayoutInTransit, of.in_transit),
            (AccountCode::RefundInTransit, of.refund_in_transit),
            (AccountCode::ClientWallet, of.wallet),
            (AccountCode::PayoutReturned, 0),
        ];
        for (code, minor) in shown {
            assert_eq!(minor, balance(&models, party, code), "{code:?} of {party}");
        }
        assert_eq!(models.accounts(party).unwrap(), [of]);
    }
    assert_eq!(models.accounts(OTHER).unwrap(), []);
    assert_eq!(models.account(TALENT, Currency::EUR).unwrap(), None);
}

#[tokio::test]
async fn what_is_paused_is_listed_until_it_is_resumed() {
    let mut market = Market::open().await;
    market.staff(PauseRail { rail: "sandbox", reason: text("Incident") }).await;
    let rail_since = market.log.now();
    market.staff(PauseProcess { process: ProcessName::Funding, reason: text("Bank outage") }).await;
    let since = market.log.now();
    let row = |kind, what: &str, since, reason: &str| PauseRow {
        kind,
        what: what.to_owned(),
        since,
        reason: reason.to_owned(),
    };
    let process = row(PauseKind::Process, "funding", since, "Bank outage");
    let rail = row(PauseKind::Rail, "sandbox", rail_since, "Incident");
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.pauses().unwrap(), [process.clone(), rail]);
    market.staff(ResumeRail { rail: "sandbox" }).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.pauses().unwrap(), [process]);
}
