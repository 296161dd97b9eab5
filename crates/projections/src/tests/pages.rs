//! Pages: walking them gives the whole list once, in order, whatever their size.

use super::house::{House, folded};
use super::log::Log;
use super::market::{CLIENT, Market, text};
use crate::{BalanceFilter, BalanceRow, JobFilter, JobRow, PAGE_ROWS_MAX, Page, ReadModels, Slice};
use domain::Event;
use domain::id::JobId;
use domain::job::{JobCreated, JobEvent};
use domain::personal::Personal;
use proptest::prelude::*;

/// A drafted job of the client, with this number for its id.
pub(super) fn drafted(id: u128) -> Event {
    let job_id = JobId::from_u128(id);
    let (title, description) = (Personal::Clear(text("A job")), Personal::Clear(text("To be done")));
    Event::Job(JobEvent::Created(JobCreated { job_id, client: CLIENT, title, description, headcount: 1 }))
}

/// Read models of as many jobs of one client, and their ids, newest first.
async fn with_jobs(count: u128) -> (ReadModels, House, Vec<JobId>) {
    let mut log = Log::new();
    let ids: Vec<_> = (1..=count).map(JobId::from_u128).collect();
    let events: Vec<_> = (1..=count).map(drafted).collect();
    if !events.is_empty() {
        log.append(&events).await;
    }
    let (models, house) = folded(&log).await;
    (models, house, ids.into_iter().rev().collect())
}

/// Every row of the list, page by page, checking that each page but the last says that there is a next one.
pub(super) fn walk<K: Clone, T>(
    first: usize,
    key: fn(&T) -> K,
    page: impl Fn(Page<K>) -> Slice<T>,
) -> Vec<T> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let slice = page(Page { first, after: after.clone() });
        assert!(slice.rows.len() == first || !slice.has_next, "a page was short before the end");
        after = slice.rows.last().map(key).or(after);
        rows.extend(slice.rows);
        if !slice.has_next {
            return rows;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn walking_pages_of_any_size_gives_every_job_once_newest_first(count in 0..40_u128, first in 1..15_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (models, _house, ids) = runtime.block_on(with_jobs(count));
        let jobs = walk(first, |job: &JobRow| job.id, |page| models.jobs(JobFilter::Client(CLIENT), page).unwrap());
        prop_assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), ids);
    }
}

#[tokio::test]
async fn walking_pages_of_any_size_gives_every_account_once_in_order() {
    let mut market = Market::open().await;
    let contract = market.journey().await;
    let (models, _house) = folded(&market.log).await;
    for filter in [BalanceFilter::All, BalanceFilter::Contract(contract)] {
        let whole = models.balances(filter, Page::first(PAGE_ROWS_MAX)).unwrap().rows;
        assert!(whole.is_sorted_by_key(|row| (row.account.to_string(), row.currency)));
        for first in 1..=whole.len() {
            let walked = walk(first, BalanceRow::key, |page| models.balances(filter, page).unwrap());
            assert_eq!(walked, whole);
        }
    }
}

#[tokio::test]
async fn a_page_has_no_more_rows_than_the_bound() {
    let (models, _house, _) = with_jobs(PAGE_ROWS_MAX as u128 + 1).await;
    let page = models.jobs(JobFilter::Client(CLIENT), Page::first(usize::MAX)).unwrap();
    assert_eq!((page.rows.len(), page.has_next), (PAGE_ROWS_MAX, true));
}

#[tokio::test]
async fn an_empty_page_says_whether_the_list_has_rows() {
    let (models, _house, _) = with_jobs(1).await;
    let page = models.jobs(JobFilter::Client(CLIENT), Page::first(0)).unwrap();
    assert_eq!((page.rows.len(), page.has_next), (0, true));
}

#[tokio::test]
async fn a_page_may_begin_after_a_row_that_never_was() {
    let (models, _house, _) = with_jobs(2).await;
    let after = Some(JobId::from_u128(1_000));
    let page = models.jobs(JobFilter::Client(CLIENT), Page { first: 10, after }).unwrap();
    assert_eq!(page.rows.len(), 2);
}

#[tokio::test]
async fn a_list_that_grows_never_repeats_a_row_on_the_next_page() {
    let (models, house, ids) = with_jobs(4).await;
    let first = models.jobs(JobFilter::Client(CLIENT), Page::first(2)).unwrap();
    house.tamper("insert into job_board (id, client, headcount, status, created_at) select x'ffffffffffffffffffffffffffffffff', client, headcount, status, created_at from job_board limit 1");
    let after = first.rows.last().map(|job| job.id);
    let second = models.jobs(JobFilter::Client(CLIENT), Page { first: 10, after }).unwrap();
    assert_eq!(second.rows.iter().map(|job| job.id).collect::<Vec<_>>(), ids[2..]);
}
