use super::market::{CLIENT, House, Market, TALENT, folded};
use super::pages::drafted;
use crate::*;
use domain::id::JobId;
use std::sync::Arc;
use std::time::Instant;
fn time(name: &str, mut f: impl FnMut()) {
    let mut best = std::time::Duration::MAX;
    for _ in 0..2000 {
        let t = Instant::now();
        f();
        best = best.min(t.elapsed());
    }
    eprintln!("{name}: {best:?}");
}
#[tokio::test]
async fn speed() {
    let mut market = Market::open().await;
    for _ in 0..8 {
        market.journey().await;
    }
    for i in 0..5 {
        let e: Vec<_> = (0..8000u128).map(|n| drafted(1_000_000 + i * 8000 + n)).collect();
        market.log.append(&e).await;
    }
    let house = House::new();
    let models = house.open();
    let t = Instant::now();
    let w = models.start(Arc::new(market.log.store.clone())).unwrap();
    super::market::reach(&models, market.log.head()).await;
    eprintln!("applied {} in {:?}", market.log.head(), t.elapsed());
    w.stop().await;
    let ids: Vec<_> = models
        .jobs(JobFilter::Client(CLIENT), Page::first(20))
        .unwrap()
        .rows
        .iter()
        .map(|j| j.id)
        .collect();
    time("20 jobs", || {
        assert_eq!(
            models
                .jobs(JobFilter::Client(CLIENT), Page::first(20))
                .unwrap()
                .rows
                .len(),
            20
        );
    });
    time("1 job", || {
        models.job(ids[0]).unwrap();
    });
    time("20 jobs by id", || {
        models.jobs_by_ids(&ids).unwrap();
    });
    let c = models.contracts_of(CLIENT, Page::first(20)).unwrap().rows;
    eprintln!("{} contracts", c.len());
    time("8 contracts", || {
        models.contracts_of(CLIENT, Page::first(20)).unwrap();
    });
    let cids: Vec<_> = c.iter().map(|c| c.id).collect();
    time("milestones of 8 contracts", || {
        assert_eq!(models.milestones_by_contracts(&cids).unwrap().len(), 24);
    });
    time("8 proposals", || {
        models
            .proposals(ProposalFilter::Client(CLIENT), Page::first(20))
            .unwrap();
    });
    time("20 balances", || {
        models.balances(BalanceFilter::All, Page::first(20)).unwrap();
    });
    time("trial", || {
        models.trial_balance().unwrap();
    });
    let _ = (JobId::from_u128(1), TALENT, folded(&market.log).await);
}
