//! The rows that each step of a job leads to.

use super::house::{House, folded, reach};
use super::log::OPENING;
use super::market::{CLIENT, Market, OTHER, TALENT, text};
use crate::{ContractFilter, JobFilter, MilestoneRow, Page, ProposalFilter, ReadModels, ReleasedRow};
use domain::Event;
use domain::contract::{ContractStatus, MilestoneStatus};
use domain::deposit::DepositStatus;
use domain::id::{ContractId, JobId, TypedId};
use domain::job::{CreateJob, JobCreated, JobEvent, JobStatus, SubmitJob};
use domain::money::Currency;
use domain::personal::Personal;
use domain::proposal::{Party, ProposalStatus};

fn milestone(models: &ReadModels, contract: ContractId, number: usize) -> MilestoneRow {
    models.milestones_by_contracts(&[contract]).unwrap().swap_remove(number - 1)
}

#[tokio::test]
async fn a_draft_is_shown_with_what_its_client_wrote() {
    let mut market = Market::open().await;
    let id = market.draft("Paint the hall").await;
    let (models, _house) = folded(&market.log).await;
    let job = models.job(id).unwrap().unwrap();
    assert_eq!((job.client, job.headcount, job.hires, job.status), (CLIENT, 1, 0, JobStatus::Draft));
    assert_eq!(job.title.as_deref(), Some("Paint the hall"));
    assert_eq!(job.description.as_deref(), Some("Walls and ceiling"));
    assert_eq!((job.created_at, job.opened_at), (market.log.now(), None));
}

#[tokio::test]
async fn a_submitted_job_is_open_until_it_expires() {
    let mut market = Market::open().await;
    let id = market.open_job().await;
    let (models, _house) = folded(&market.log).await;
    let job = models.job(id).unwrap().unwrap();
    assert_eq!((job.status, job.opened_at), (JobStatus::Open, Some(market.log.now())));
    assert_eq!(job.expires_at, Some(market.log.now().plus_days(60)));
}

#[tokio::test]
async fn an_accepted_offer_counts_as_a_hire_and_fills_the_job() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    let (models, _house) = folded(&market.log).await;
    let job = models.job(models.contract(contract).unwrap().unwrap().job_id).unwrap().unwrap();
    assert_eq!((job.status, job.hires, job.filled_at), (JobStatus::Filled, 1, Some(market.log.now())));
}

#[tokio::test]
async fn drafts_are_their_clients_alone() {
    let mut market = Market::open().await;
    let draft = market.draft("Paint the hall").await;
    let open = market.open_job().await;
    let theirs = CreateJob { title: text("Theirs"), description: text("Theirs"), headcount: 2 };
    market.person(OTHER, theirs).await;
    let (models, _house) = folded(&market.log).await;
    let ids = |filter| {
        let jobs = models.jobs(filter, Page::first(10)).unwrap();
        jobs.rows.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(JobFilter::Public), [open]);
    assert_eq!(ids(JobFilter::In(JobStatus::Open)), [open]);
    assert_eq!(ids(JobFilter::Client(CLIENT)), [open, draft]);
}

#[tokio::test]
async fn a_filled_job_is_public_and_no_longer_open() {
    let mut market = Market::open().await;
    market.agree(&[100]).await;
    let (models, _house) = folded(&market.log).await;
    let count = |filter| models.jobs(filter, Page::first(10)).unwrap().rows.len();
    assert_eq!((count(JobFilter::Public), count(JobFilter::In(JobStatus::Open))), (1, 0));
}

#[tokio::test]
async fn a_proposal_is_found_from_every_side() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let id = market.propose(job).await;
    let (models, _house) = folded(&market.log).await;
    let proposal = models.proposal(id).unwrap().unwrap();
    assert_eq!((proposal.job_id, proposal.client, proposal.talent), (job, CLIENT, TALENT));
    assert_eq!((proposal.status, proposal.offer.as_ref()), (ProposalStatus::Submitted, None));
    assert_eq!(proposal.cover_letter.as_deref(), Some("I paint"));
    for filter in [
        ProposalFilter::Job(job),
        ProposalFilter::JobAndTalent(job, TALENT),
        ProposalFilter::Client(CLIENT),
        ProposalFilter::Talent(TALENT),
    ] {
        let found = models.proposals(filter, Page::first(10)).unwrap();
        assert_eq!(found.rows, std::slice::from_ref(&proposal), "{filter:?}");
    }
    for filter in [
        ProposalFilter::Job(JobId::from_u128(0)),
        ProposalFilter::JobAndTalent(job, OTHER),
        ProposalFilter::Client(TALENT),
        ProposalFilter::Talent(CLIENT),
    ] {
        let found = models.proposals(filter, Page::first(10)).unwrap();
        assert_eq!(found.rows, [], "{filter:?}");
    }
}

#[tokio::test]
async fn an_offer_is_shown_with_terms_whose_hash_can_be_checked() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let id = market.propose(job).await;
    market.offer(id, &[250_000, 30_000]).await;
    let (models, _house) = folded(&market.log).await;
    let proposal = models.proposal(id).unwrap().unwrap();
    let offer = proposal.offer.unwrap();
    assert_eq!((proposal.status, offer.number, offer.author), (ProposalStatus::Offered, 1, Party::Client));
    assert_eq!(offer.terms.milestones[0].amount.minor(), 250_000);
    assert_eq!(offer.terms.hash(id, offer.number, offer.salt).unwrap(), offer.terms_hash);
    assert_eq!(offer.expires_at, market.log.now().plus_days(7));
}

#[tokio::test]
async fn an_accepted_proposal_keeps_its_offer_and_names_the_contract() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.contract(contract).unwrap().unwrap();
    let proposal = models.proposal(row.proposal_id).unwrap().unwrap();
    assert_eq!((proposal.status, proposal.contract_id), (ProposalStatus::Accepted, Some(contract)));
    assert_eq!(proposal.offer.unwrap().terms_hash, row.terms_hash);
}

#[tokio::test]
async fn a_contract_begins_with_the_milestones_that_were_offered() {
    let mut market = Market::open().await;
    let id = market.agree(&[250_000, 30_000]).await;
    let (models, _house) = folded(&market.log).await;
    let contract = models.contract(id).unwrap().unwrap();
    assert_eq!((contract.client, contract.talent, contract.currency), (CLIENT, TALENT, Currency::USD));
    assert_eq!((contract.status, contract.policy_version), (ContractStatus::Created, 1));
    assert_eq!(contract.unfunded_until, market.log.now().plus_days(14));
    assert_eq!(contract.fees.client_charge(250_000).total(), 37_500);
    let milestones = models.milestones_by_contracts(&[id]).unwrap();
    let shown: Vec<_> =
        milestones.iter().map(|m| (m.number, m.amount_minor, m.title.as_deref(), m.status)).collect();
    let agreed = MilestoneStatus::Agreed;
    assert_eq!(shown, [(1, 250_000, Some("Part 1"), agreed), (2, 30_000, Some("Part 2"), agreed)]);
}

#[tokio::test]
async fn both_parties_have_a_contract_and_nobody_else() {
    let mut market = Market::open().await;
    let id = market.agree(&[100]).await;
    let (models, _house) = folded(&market.log).await;
    let of = |party| {
        let filter = ContractFilter::Party(party);
        models.contracts(filter, Page::first(10)).unwrap().rows
    };
    assert_eq!(of(CLIENT), models.contracts_by_ids(&[id]).unwrap());
    assert_eq!(of(TALENT), of(CLIENT));
    assert_eq!(of(OTHER), []);
}

#[tokio::test]
async fn all_contracts_are_listed_newest_first_whoever_is_a_party() {
    let mut market = Market::open().await;
    let ids = [market.agree(&[100]).await, market.agree(&[200]).await];
    let (models, _house) = folded(&market.log).await;
    let page = |after| {
        let page = Page { first: 1, after };
        models.contracts(ContractFilter::All, page).unwrap()
    };
    let (newest, oldest) = (page(None), page(Some(ids[1])));
    assert_eq!((newest.rows[0].id, newest.has_next), (ids[1], true));
    assert_eq!((oldest.rows[0].id, oldest.has_next), (ids[0], false));
}

#[tokio::test]
async fn a_deposit_is_followed_on_its_way() {
    let (mut market, house) = (Market::open().await, House::new());
    let contract = market.agree(&[250_000]).await;
    let id = market.request_deposit(contract, 1).await;
    let (models, worker) = house.follow(&market.log).await;
    let requested = milestone(&models, contract, 1);
    let deposit = requested.deposit.unwrap();
    assert_eq!((requested.status, deposit.id, deposit.amount_minor), (MilestoneStatus::Funding, id, 287_500));
    assert_eq!((deposit.status, deposit.rail.as_str()), (DepositStatus::Requested, "sandbox"));
    market.start_attempt(id).await;
    reach(&models, market.log.head()).await;
    assert_eq!(milestone(&models, contract, 1).deposit.unwrap().status, DepositStatus::Started);
    market.acknowledge(id).await;
    reach(&models, market.log.head()).await;
    assert_eq!(milestone(&models, contract, 1).deposit.unwrap().status, DepositStatus::Acknowledged);
    worker.stop().await;
}

#[tokio::test]
async fn captured_money_is_held_as_escrow_and_client_fee() {
    let mut market = Market::open().await;
    let contract = market.agree(&[250_000]).await;
    market.fund(contract, 1, 250_000).await;
    let (models, _house) = folded(&market.log).await;
    let funded = milestone(&models, contract, 1);
    assert_eq!(
        (funded.status, funded.deposit.unwrap().status),
        (MilestoneStatus::Funded, DepositStatus::Confirmed)
    );
    assert_eq!((funded.escrow_held_minor, funded.client_fee_held_minor), (250_000, 37_500));
    assert_eq!(models.contract(contract).unwrap().unwrap().status, ContractStatus::Active);
}

#[tokio::test]
async fn money_in_excess_does_not_undo_the_deposit_that_it_came_with() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    let deposit = market.request_deposit(contract, 1).await;
    market.capture(deposit, 1_000).await;
    let (models, _house) = folded(&market.log).await;
    let funded = milestone(&models, contract, 1);
    assert_eq!(
        (funded.status, funded.deposit.unwrap().status),
        (MilestoneStatus::Funded, DepositStatus::Confirmed)
    );
}

#[tokio::test]
async fn a_failed_deposit_says_why_and_lets_the_milestone_be_funded_anew() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    let declined = market.request_deposit(contract, 1).await;
    market.decline(declined).await;
    let (models, _house) = folded(&market.log).await;
    let agreed = milestone(&models, contract, 1);
    let deposit = agreed.deposit.unwrap();
    assert_eq!((agreed.status, deposit.status), (MilestoneStatus::Agreed, DepositStatus::Failed));
    assert_eq!(deposit.failure.as_deref(), Some("card_declined"));
}

#[tokio::test]
async fn money_for_an_older_deposit_changes_nothing_about_the_newer_one() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    let declined = market.request_deposit(contract, 1).await;
    market.decline(declined).await;
    let newer = market.request_deposit(contract, 1).await;
    market.capture(declined, 115).await;
    let (models, _house) = folded(&market.log).await;
    let funding = milestone(&models, contract, 1);
    let deposit = funding.deposit.unwrap();
    assert_eq!(
        (funding.status, deposit.id, deposit.status),
        (MilestoneStatus::Funding, newer, DepositStatus::Requested)
    );
    assert_eq!(deposit.failure, None);
}

#[tokio::test]
async fn work_waits_for_review_until_it_counts_as_approved() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    market.fund(contract, 1, 100).await;
    market.submit_work(contract, 1, "First coat").await;
    let (models, _house) = folded(&market.log).await;
    let submitted = milestone(&models, contract, 1);
    let work = submitted.work.unwrap();
    assert_eq!((submitted.status, work.note.as_deref()), (MilestoneStatus::Submitted, Some("First coat")));
    assert_eq!((work.submitted_at, work.review_ends_at), (market.log.now(), market.log.now().plus_days(14)));
}

#[tokio::test]
async fn work_sent_back_is_shown_with_the_reasons() {
    let mut market = Market::open().await;
    let contract = market.agree(&[100]).await;
    market.fund(contract, 1, 100).await;
    market.submit_work(contract, 1, "First coat").await;
    market.request_changes(contract, 1).await;
    let (models, _house) = folded(&market.log).await;
    let back = milestone(&models, contract, 1);
    let changes = back.changes.unwrap();
    assert_eq!(
        (back.status, changes.reasons.as_deref()),
        (MilestoneStatus::ChangesRequested, Some("One coat more"))
    );
    assert_eq!(changes.work_id, back.work.unwrap().id);
}

#[tokio::test]
async fn an_approved_milestone_is_released_and_nothing_is_held_for_it() {
    let mut market = Market::open().await;
    let contract = market.journey().await;
    let (models, _house) = folded(&market.log).await;
    let released = milestone(&models, contract, 1);
    assert_eq!(released.status, MilestoneStatus::Released);
    assert_eq!((released.escrow_held_minor, released.client_fee_held_minor), (0, 0));
    let divided = ReleasedRow {
        gross_minor: 250_000,
        talent_fee_minor: 25_000,
        talent_tax_minor: 5_000,
        client_fee_minor: 37_500,
        client_tax_minor: 0,
    };
    assert_eq!((released.released, released.released.net_minor()), (divided, 220_000));
    assert_eq!(released.clears_at, released.approved_at.map(|at| at.plus_days(5)));
    assert_eq!(released.work.unwrap().note.as_deref(), Some("Second coat"));
}

#[tokio::test]
async fn an_erased_text_reads_as_nothing() {
    let mut market = Market::open().await;
    let job_id = JobId::from_u128(7);
    let (title, description) = (Personal::Erased, Personal::Clear(text("kept")));
    let created = JobCreated { job_id, client: CLIENT, title, description, headcount: 1 };
    market.log.append(&[Event::Job(JobEvent::Created(created))]).await;
    let (models, _house) = folded(&market.log).await;
    let job = models.job(job_id).unwrap().unwrap();
    assert_eq!((job.title, job.description.as_deref()), (None, Some("kept")));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.job(JobId::from_u128(0)).unwrap(), None);
    assert_eq!(models.contract(ContractId::from_uuid(job.uuid())).unwrap(), None);
    let known = models.jobs_by_ids(&[JobId::from_u128(0), job]).unwrap();
    assert_eq!(known.iter().map(|job| job.id).collect::<Vec<_>>(), [job]);
}

#[tokio::test]
async fn a_log_that_grows_is_followed() {
    let (mut market, house) = (Market::open().await, House::new());
    let (models, worker) = house.follow(&market.log).await;
    let id = market.draft("Paint the hall").await;
    reach(&models, market.log.head()).await;
    assert_eq!(models.job(id).unwrap().unwrap().status, JobStatus::Draft);
    market.person(CLIENT, SubmitJob { job_id: id }).await;
    reach(&models, market.log.head()).await;
    let job = models.job(id).unwrap().unwrap();
    assert!(job.status == JobStatus::Open && job.opened_at > Some(OPENING));
    worker.stop().await;
}
