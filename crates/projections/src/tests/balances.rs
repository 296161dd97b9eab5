//! The account balances after the journey.

use super::house::folded;
use super::market::{CLIENT, Market, TALENT};
use crate::{BalanceFilter, Page, ReadModels, TrialBalanceRow};
use domain::id::ContractId;
use domain::ledger::AccountCode;
use domain::money::Currency;

/// Code and balance of each account that the filter finds.
fn found(models: &ReadModels, filter: BalanceFilter) -> Vec<(AccountCode, i64)> {
    let rows = models.balances(filter, Page::first(100)).unwrap().rows;
    rows.iter().map(|row| (row.account.code(), row.balance_minor())).collect()
}

#[tokio::test]
async fn every_account_has_what_the_entries_say() {
    let mut market = Market::open().await;
    let contract = market.journey().await;
    let (models, _house) = folded(&market.log).await;
    let expected = [
        (AccountCode::ProviderClearing, 287_500 + 34_500),
        (AccountCode::DueFromTrust, 25_000 + 5_000 + 37_500),
        (AccountCode::TaxPayable, 5_000),
        (AccountCode::DueToPlatform, 25_000 + 5_000 + 37_500),
        (AccountCode::FeeRevenue, 25_000 + 37_500),
    ];
    let shared = [AccountCode::Escrow, AccountCode::ClientFeeHeld, AccountCode::TalentOnHold];
    let mut all = found(&models, BalanceFilter::All);
    all.retain(|(code, _)| !shared.contains(code));
    all.sort_unstable();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(all, expected);
    let mut kept: Vec<_> = found(&models, BalanceFilter::Contract(contract));
    kept.sort_unstable();
    let of_contract = [
        (AccountCode::Escrow, 0),
        (AccountCode::Escrow, 30_000),
        (AccountCode::ClientFeeHeld, 0),
        (AccountCode::ClientFeeHeld, 4_500),
        (AccountCode::TalentOnHold, 220_000),
    ];
    assert_eq!(kept, of_contract);
}

#[tokio::test]
async fn a_partys_accounts_are_those_kept_for_it() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(found(&models, BalanceFilter::Party(TALENT)), [(AccountCode::TalentOnHold, 220_000)]);
    assert_eq!(found(&models, BalanceFilter::Party(CLIENT)), []);
    assert_eq!(found(&models, BalanceFilter::Contract(ContractId::from_u128(0))), []);
}

#[tokio::test]
async fn the_trial_balance_sums_the_accounts_of_each_code() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, _house) = folded(&market.log).await;
    let accounts = models.balances(BalanceFilter::All, Page::first(100)).unwrap().rows;
    let trial = models.trial_balance().unwrap();
    for total in &trial {
        let of_code: Vec<_> = accounts.iter().filter(|row| row.account.code() == total.code).collect();
        assert_eq!(of_code.iter().map(|row| row.debits_minor).sum::<i64>(), total.debits_minor);
        assert_eq!(of_code.iter().map(|row| row.credits_minor).sum::<i64>(), total.credits_minor);
    }
    assert_eq!(trial.len(), 8);
}

#[tokio::test]
async fn each_book_balances() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, _house) = folded(&market.log).await;
    let trial = models.trial_balance().unwrap();
    for code in AccountCode::ALL {
        let book = |row: &&TrialBalanceRow| row.code.book() == code.book() && row.currency == Currency::USD;
        let debits: i64 = trial.iter().filter(book).map(|row| row.debits_minor).sum();
        let credits: i64 = trial.iter().filter(book).map(|row| row.credits_minor).sum();
        assert!(debits == credits && debits > 0, "{code:?}");
    }
}
