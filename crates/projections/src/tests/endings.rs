//! How jobs, offers and contracts end, and what becomes of their money.

use super::house::folded;
use super::market::{CLIENT, Market, OTHER, TALENT, usd};
use super::money::word;
use crate::{DisputeFilter, EndRow, JobFilter, MilestoneRow, OfferStatus, Page, ReadModels};
use domain::contract::{ContractStatus, MilestoneStatus};
use domain::deposit::DepositStatus;
use domain::dispute::DisputeStatus;
use domain::id::{ContractId, JobId, ProposalId};
use domain::job::{Job, JobStatus};
use domain::ledger::AccountCode;
use domain::proposal::{Party, Proposal, ProposalStatus};
use domain::refund::RefundStatus;
use domain::timer::TimerKind;
use domain::{State, StreamId};

fn first(models: &ReadModels, contract: ContractId) -> MilestoneRow {
    models.milestones_by_contracts(&[contract]).unwrap().swap_remove(0)
}

fn status(models: &ReadModels, contract: ContractId) -> ContractStatus {
    models.contract(contract).unwrap().unwrap().status
}

#[tokio::test]
async fn a_job_that_finds_nobody_expires_and_takes_no_proposals() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    market.fire(StreamId::Job(job)).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.job(job).unwrap().unwrap().status, JobStatus::Expired);
    assert_eq!(models.jobs(JobFilter::In(JobStatus::Open), Page::first(10)).unwrap().rows, []);
    assert_eq!(models.jobs(JobFilter::Public, Page::first(10)).unwrap().rows.len(), 1);
}

#[tokio::test]
async fn a_cancelled_contract_gives_its_place_back_and_the_job_is_open_again() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100, 200]).await;
    let deposit = market.request_deposit(contract, 2).await;
    market.cancel(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.contract(contract).unwrap().unwrap();
    assert_eq!(row.status, ContractStatus::Cancelled);
    let job = models.job(row.job_id).unwrap().unwrap();
    assert_eq!((job.status, job.hires, job.filled_at), (JobStatus::Open, 0, None));
    assert_eq!(job.expires_at, Some(market.log.now().plus_days(60)));
    let milestones = models.milestones_by_contracts(&[contract]).unwrap();
    assert!(milestones.iter().all(|milestone| milestone.status == MilestoneStatus::Cancelled));
    assert_eq!(models.deposit(deposit).unwrap().unwrap().status, DepositStatus::Failed);
}

#[tokio::test]
async fn an_expired_offer_stays_visible_and_a_new_one_takes_its_place() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let proposal = market.propose(job).await;
    market.offer(proposal, &[100]).await;
    market.fire(StreamId::Proposal(proposal)).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(proposal).unwrap().unwrap();
    let offer = row.offer.unwrap();
    assert_eq!(
        (row.status, offer.number, offer.status),
        (ProposalStatus::Shortlisted, 1, OfferStatus::Expired)
    );
    market.offer(proposal, &[200]).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(proposal).unwrap().unwrap();
    let offer = row.offer.unwrap();
    assert_eq!((row.status, offer.number, offer.status), (ProposalStatus::Offered, 2, OfferStatus::Open));
}

#[tokio::test]
async fn a_request_for_the_end_is_shown_until_it_is_taken_back() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    market.request_end(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.contract(contract).unwrap().unwrap();
    let now = market.log.now();
    let asked =
        EndRow { requester: Party::Client, requested_at: now, answer_by: now.plus_days(7), agreed_at: None };
    assert_eq!((row.status, row.end), (ContractStatus::Ending, Some(asked)));
    market.withdraw_end(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.contract(contract).unwrap().unwrap();
    assert_eq!((row.status, row.end), (ContractStatus::Active, None));
}

#[tokio::test]
async fn an_agreed_end_sends_the_money_back_and_ends_the_contract() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000, 200]).await;
    market.request_end(contract).await;
    market.agree_end(contract).await;
    let agreed_at = market.log.now();
    let (models, _house) = folded(&market.log).await;
    let row = models.contract(contract).unwrap().unwrap();
    assert_eq!(row.end.map(|end| end.agreed_at), Some(Some(agreed_at)));
    assert_eq!(row.status, ContractStatus::Ending);
    let milestones = models.milestones_by_contracts(&[contract]).unwrap();
    let statuses: Vec<_> = milestones.iter().map(|milestone| milestone.status).collect();
    assert_eq!(statuses, [MilestoneStatus::Refunded, MilestoneStatus::Cancelled]);
    market.fire(StreamId::Contract(contract)).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(status(&models, contract), ContractStatus::Ended);
}

#[tokio::test]
async fn money_that_comes_after_the_end_was_asked_for_does_not_undo_the_request() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000, 200]).await;
    let deposit = market.request_deposit(contract, 2).await;
    market.request_end(contract).await;
    market.capture(deposit, 230).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(status(&models, contract), ContractStatus::Ending);
}

#[tokio::test]
async fn a_refund_request_is_shown_with_its_reasons_until_it_is_taken_back() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    market.submit_work(contract, 1, "First coat").await;
    market.request_changes(contract, 1).await;
    market.request_refund(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = first(&models, contract);
    let (asked, now) = (row.refund_request.unwrap(), market.log.now());
    assert_eq!(
        (row.status, asked.reasons.as_deref()),
        (MilestoneStatus::RefundRequested, Some("Nobody came"))
    );
    assert_eq!((asked.requested_at, asked.answer_by), (now, now.plus_days(7)));
    market.withdraw_refund_request(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = first(&models, contract);
    assert_eq!((row.status, row.refund_request), (MilestoneStatus::ChangesRequested, None));
}

#[tokio::test]
async fn an_agreed_end_asks_for_the_money_of_unfinished_work_without_words() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    market.submit_work(contract, 1, "First coat").await;
    market.request_changes(contract, 1).await;
    market.request_end(contract).await;
    market.agree_end(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = first(&models, contract);
    assert_eq!(row.status, MilestoneStatus::RefundRequested);
    assert_eq!(row.refund_request.unwrap().reasons, None);
}

#[tokio::test]
async fn a_refund_is_followed_to_its_end_and_beyond() {
    let mut market = Market::open().await;
    let contract = market.agree(&[1_000]).await;
    let deposit = market.fund(contract, 1, 1_000).await;
    market.request_refund(contract).await;
    let id = market.agree_refund(contract).await;
    let (models, _house) = folded(&market.log).await;
    let milestone = first(&models, contract);
    assert_eq!((milestone.status, milestone.escrow_held_minor), (MilestoneStatus::Refunded, 0));
    let requested = models.refund(id).unwrap().unwrap();
    assert_eq!((requested.deposit_id, requested.client), (deposit, CLIENT));
    assert_eq!((requested.amount, requested.status), (usd(1_150), RefundStatus::Requested));
    assert_eq!((requested.requested_at, requested.escalates_at), (market.log.now(), None));
    market.send_refund(id).await;
    let (models, _house) = folded(&market.log).await;
    let sent = models.refund(id).unwrap().unwrap();
    assert_eq!(sent.status, RefundStatus::Acknowledged);
    assert_eq!(sent.escalates_at, Some(market.log.now().plus_hours(24)));
    market.fire(StreamId::Refund(id)).await;
    let (models, _house) = folded(&market.log).await;
    let silent = models.refund(id).unwrap().unwrap();
    assert_eq!((silent.status, silent.escalates_at), (RefundStatus::NeedsAttention, None));
    market.confirm_refund(id).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.refund(id).unwrap().unwrap().status, RefundStatus::Confirmed);
    market.fail_refund(id).await;
    let (models, _house) = folded(&market.log).await;
    let failed = models.refund(id).unwrap().unwrap();
    assert_eq!((failed.status, &failed.failure), (RefundStatus::Failed, &Some(word("account_closed"))));
    assert_eq!(models.refunds_by_milestones(&[milestone.id]).unwrap(), [failed]);
}

#[tokio::test]
async fn a_dispute_freezes_the_escrow_until_it_is_withdrawn() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    let id = market.dispute(contract).await;
    let (models, _house) = folded(&market.log).await;
    let row = first(&models, contract);
    assert_eq!((row.status, row.dispute_id), (MilestoneStatus::Disputed, Some(id)));
    assert_eq!((row.escrow_held_minor, row.escrow_frozen_minor), (0, 1_000));
    let dispute = models.dispute(id).unwrap().unwrap();
    assert_eq!((dispute.opener, dispute.respondent, dispute.claim), (CLIENT, TALENT, usd(1_000)));
    assert_eq!((dispute.contract_id, dispute.milestone_id), (contract, row.id));
    assert_eq!(
        (dispute.status, dispute.answer.as_deref()),
        (DisputeStatus::Negotiation, Some("I was there"))
    );
    assert_eq!(dispute.opened_at, market.log.now());
    market.withdraw_dispute(id).await;
    let (models, _house) = folded(&market.log).await;
    let row = first(&models, contract);
    assert_eq!((row.status, row.dispute_id), (MilestoneStatus::Funded, None));
    assert_eq!((row.escrow_held_minor, row.escrow_frozen_minor, row.refund_request), (1_000, 0, None));
    assert_eq!(models.dispute(id).unwrap().unwrap().status, DisputeStatus::Withdrawn);
}

#[tokio::test]
async fn both_parties_have_a_dispute_and_nobody_else() {
    let mut market = Market::open().await;
    let mut ids = Vec::new();
    for amount in [1_000, 2_000] {
        let contract = market.funded(&[amount]).await;
        ids.push(market.dispute(contract).await);
    }
    ids.reverse();
    let (models, _house) = folded(&market.log).await;
    let found = |filter| {
        let disputes = models.disputes(filter, Page::first(10)).unwrap();
        disputes.rows.iter().map(|dispute| dispute.id).collect::<Vec<_>>()
    };
    for filter in [DisputeFilter::All, DisputeFilter::Party(CLIENT), DisputeFilter::Party(TALENT)] {
        assert_eq!(found(filter), ids, "{filter:?}");
    }
    assert_eq!(found(DisputeFilter::Party(OTHER)), []);
    assert_eq!(models.disputes_by_ids(&ids[1..]).unwrap()[0].id, ids[1]);
}

#[tokio::test]
async fn each_release_makes_a_lot_that_clears() {
    let mut market = Market::open().await;
    let contract = market.released(100_000).await;
    let released_at = market.log.now();
    let (models, _house) = folded(&market.log).await;
    let milestone = first(&models, contract).id;
    let lot = models.lots_by_milestones(&[milestone]).unwrap().swap_remove(0);
    assert_eq!((lot.milestone_id, lot.amount, lot.cleared_at), (milestone, usd(88_000), None));
    assert_eq!(lot.clears_at, released_at.plus_days(5));
    market.fire(StreamId::Contract(contract)).await;
    let (models, _house) = folded(&market.log).await;
    let lot = models.lots_by_milestones(&[milestone]).unwrap().swap_remove(0);
    assert_eq!(lot.cleared_at, Some(market.log.now()));
}

#[tokio::test]
async fn money_that_comes_too_late_is_shown_beside_the_newer_deposit_with_its_refund() {
    let mut market = Market::open().await;
    let contract = market.agree(&[1_000]).await;
    let late = market.request_deposit(contract, 1).await;
    market.fire(StreamId::Deposit(late)).await;
    let newer = market.request_deposit(contract, 1).await;
    market.capture(late, 1_150).await;
    let received_at = market.log.now();
    let (models, _house) = folded(&market.log).await;
    let milestone = first(&models, contract);
    assert_eq!(milestone.deposit.map(|deposit| deposit.id), Some(newer));
    let deposits = models.deposits_by_milestones(&[milestone.id]).unwrap();
    let shown: Vec<_> = deposits.iter().map(|deposit| (deposit.id, deposit.status)).collect();
    assert_eq!(shown, [(newer, DepositStatus::Requested), (late, DepositStatus::Unmatched)]);
    let unmatched = models.unmatched_by_deposits(&[newer, late]).unwrap().swap_remove(0);
    assert_eq!((unmatched.deposit_id, unmatched.amount), (late, usd(1_150)));
    assert_eq!((unmatched.received_at, unmatched.refund_id), (received_at, None));
    let refund = market.refund_deposit(late).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.unmatched_by_deposits(&[late]).unwrap()[0].refund_id, Some(refund));
    assert_eq!(models.refunds_by_ids(&[refund]).unwrap()[0].milestone_id, milestone.id);
}

fn job_agrees(models: &ReadModels, id: JobId, job: &Job) {
    let row = models.job(id).unwrap().unwrap();
    assert_eq!((row.status, row.hires), (job.status(), job.hires));
    assert_eq!((row.version, row.headcount), (job.version, job.headcount));
    let invitations = models.invitations_by_jobs(&[id]).unwrap();
    let shown: Vec<_> = invitations.iter().map(|row| (row.talent, row.expires_at)).collect();
    let stand = job.invitations.iter().map(|(talent, invitation)| (*talent, invitation.expires_at));
    assert_eq!(shown, stand.collect::<Vec<_>>());
    for timer in job.timers() {
        match timer.kind {
            TimerKind::ExpireJob => assert_eq!(row.expires_at, Some(timer.due)),
            TimerKind::AutoCloseJob => assert_eq!(row.closes_at, Some(timer.due)),
            _ => {}
        }
    }
}

fn proposal_agrees(models: &ReadModels, id: ProposalId, proposal: &Proposal) {
    let row = models.proposal(id).unwrap().unwrap();
    assert_eq!((row.status, row.job_version), (proposal.status(), proposal.job_version));
    assert_eq!(row.submitted_at.is_some(), proposal.job_version.is_some());
    let offers = models.offers_by_proposals(&[id]).unwrap();
    assert_eq!(offers.first(), row.offer.as_ref());
    let numbers: Vec<_> = offers.iter().map(|offer| offer.number).collect();
    assert_eq!(numbers, (1..=proposal.offers).rev().collect::<Vec<_>>());
    let open = offers.iter().find(|offer| offer.status == OfferStatus::Open);
    assert_eq!(open.map(|offer| offer.number), proposal.offer().map(|offer| offer.number));
}

/// Fails unless the row of what this stream is about stands where the rules have it.
pub(super) fn agrees(models: &ReadModels, stream: &StreamId, state: &State) {
    match (stream, state) {
        (StreamId::Job(id), State::Job(job)) => job_agrees(models, *id, job),
        (StreamId::Proposal(id), State::Proposal(proposal)) => proposal_agrees(models, *id, proposal),
        (StreamId::Contract(id), State::Contract(contract)) => {
            let row = models.contract(*id).unwrap().unwrap();
            assert_eq!(row.status, contract.status());
            assert_eq!(
                row.end.is_some_and(|end| end.agreed_at.is_some()),
                contract.is_end_agreed() || contract.status() == ContractStatus::Ended
            );
            for milestone in &contract.milestones {
                let row = models.milestone(milestone.id).unwrap().unwrap();
                assert_eq!((row.status, row.dispute_id), (milestone.status(), milestone.dispute()));
                let lots = models.lots_by_milestones(&[milestone.id]).unwrap();
                let mut held: Vec<_> = lots
                    .iter()
                    .map(|lot| (lot.id, lot.cleared_at.is_none() && !lot.disputed && lot.taken_at.is_none()))
                    .collect();
                held.reverse();
                let lots = milestone.lots.iter().map(|lot| (lot.id, lot.on_hold > 0));
                assert_eq!(held, lots.collect::<Vec<_>>());
            }
        }
        (StreamId::Deposit(id), State::Deposit(deposit)) => {
            assert_eq!(models.deposit(*id).unwrap().unwrap().status, deposit.status());
            let open = models.unmatched_by_deposits(&[*id]).unwrap();
            let open = open.iter().filter(|row| row.refund_id.is_none()).map(|row| row.amount.minor());
            let unmatched: i64 = deposit.payments.iter().map(|payment| payment.unmatched).sum();
            assert_eq!(open.sum::<i64>(), unmatched);
        }
        (StreamId::Refund(id), State::Refund(refund)) => {
            assert_eq!(models.refund(*id).unwrap().unwrap().status, refund.status());
        }
        (StreamId::Dispute(id), State::Dispute(dispute)) => {
            let row = models.dispute(*id).unwrap().unwrap();
            assert_eq!((row.status, row.due_at), (dispute.status(), dispute.due_at()));
            assert_eq!(row.client_share_minor, dispute.shares.map(|shares| shares.client.minor()));
            assert_eq!(row.client_paid_minor + row.talent_paid_minor, dispute.fees_held());
        }
        (StreamId::Payout(id), State::Payout(payout)) => {
            let row = models.payout(*id).unwrap().unwrap();
            assert_eq!((row.status, row.attempts), (payout.status(), payout.attempts));
            assert_eq!(row.retry_at.is_some(), payout.will_retry());
        }
        (StreamId::Account(party, currency), State::Account(account)) => {
            let row = models.account(*party, *currency).unwrap().unwrap();
            assert_eq!(row.available, account.balance(AccountCode::TalentAvailable));
            assert_eq!((row.reserved, row.available - row.reserved), (account.reserved(), account.free()));
            let holds: Vec<_> = row.holds.iter().map(|hold| (hold.reason, hold.until)).collect();
            let expected = account.holds.iter().map(|(reason, hold)| (*reason, hold.until));
            assert_eq!(holds.len(), account.holds.len());
            assert!(expected.into_iter().all(|hold| holds.contains(&hold)));
        }
        (StreamId::Marketplace | StreamId::Cash(_) | StreamId::Provider(..) | StreamId::Process(_), _) => {}
        (stream, state) => panic!("{stream} has {state:?}"),
    }
}

#[tokio::test]
async fn everything_stands_where_the_rules_have_it() {
    let mut market = Market::open().await;
    market.everything().await;
    let (models, _house) = folded(&market.log).await;
    for (stream, state) in market.states() {
        agrees(&models, stream, state);
    }
}
