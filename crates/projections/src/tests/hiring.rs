//! How jobs are searched for people, and how it is negotiated.

use super::house::folded;
use super::market::{CLIENT, Market, OTHER, TALENT, begun, text, usd};
use crate::{JobFilter, OfferStatus, Page, ProposalFilter};
use domain::id::{JobId, PartyId, ProposalId};
use domain::job::{
    ApproveJob, CloseJob, InviteTalent, JobStatus, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob,
    ResumeJob, ReviseJob, SubmitJob,
};
use domain::marketplace::PublishPolicy;
use domain::policy::{HiringRules, Policy};
use domain::proposal::{
    CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, OfferedMilestone, Party, ProposalStatus,
    ReviseProposal, SaveProposal, ShortlistProposal, SubmitSavedProposal, WithdrawOffer, WithdrawProposal,
};
use domain::{Event, State, StreamId};

const GUEST: PartyId = PartyId::from_u128(7);

impl Market {
    async fn moderate(&mut self, moderation: bool) {
        let hiring = HiringRules { moderation, ..HiringRules::default() };
        self.system(PublishPolicy { policy: Policy { hiring, ..Policy::default() } }).await;
    }

    async fn revise_job(&mut self, job_id: JobId, headcount: u16) {
        let (title, description) = (text("Paint both halls"), text("Walls, ceiling, doors"));
        self.person(CLIENT, ReviseJob { job_id, title, description, headcount }).await;
    }

    async fn remove(&mut self, job_id: JobId) {
        self.staff(RemoveJob { job_id, reasons: text("Not a job") }).await;
    }

    async fn save(&mut self, job_id: JobId) -> ProposalId {
        let events = self.person(TALENT, SaveProposal { job_id, cover_letter: text("I might") }).await;
        proposal_of(&events)
    }

    async fn counter(&mut self, party: PartyId, proposal_id: ProposalId, minor: i64) {
        let Some(State::Proposal(proposal)) = self.state(&StreamId::Proposal(proposal_id)) else {
            panic!("no proposal")
        };
        let number = proposal.offer().unwrap().number;
        self.person(party, CounterOffer { proposal_id, number, milestones: part(minor) }).await;
    }

    /// Jobs that go through every state, and come back.
    pub(super) async fn searches(&mut self) {
        self.moderate(true).await;
        let job_id = self.draft("Paint the hall").await;
        self.person(CLIENT, SubmitJob { job_id }).await;
        self.staff(RejectJob { job_id, reasons: text("Say where") }).await;
        self.revise_job(job_id, 2).await;
        self.person(CLIENT, SubmitJob { job_id }).await;
        self.remove(job_id).await;
        self.staff(ReinstateJob { job_id }).await;
        self.staff(ApproveJob { job_id }).await;
        self.moderate(false).await;
        self.person(CLIENT, InviteTalent { job_id, talent: GUEST }).await;
        self.fire(StreamId::Job(job_id)).await;
        self.person(CLIENT, InviteTalent { job_id, talent: TALENT }).await;
        self.person(CLIENT, InviteTalent { job_id, talent: GUEST }).await;
        self.person(CLIENT, PauseJob { job_id }).await;
        self.person(CLIENT, ResumeJob { job_id }).await;
        let proposal = self.propose(job_id).await;
        self.offer(proposal, &[100]).await;
        self.accept(proposal).await;
        self.revise_job(job_id, 1).await;
        self.revise_job(job_id, 2).await;
        self.person(CLIENT, ReopenJob { job_id }).await;
        self.remove(job_id).await;
        self.staff(ReinstateJob { job_id }).await;
        self.person(CLIENT, InviteTalent { job_id, talent: GUEST }).await;
        self.person(CLIENT, PauseJob { job_id }).await;
        self.remove(job_id).await;
        self.staff(ReinstateJob { job_id }).await;
        self.fire(StreamId::Job(job_id)).await;
        let gone = self.open_job().await;
        self.remove(gone).await;
    }

    /// Proposals that end in every way.
    pub(super) async fn negotiations(&mut self) {
        let job_id = self.open_job().await;
        let saved = self.save(job_id).await;
        self.rewrite(saved, "I shall").await;
        self.person(TALENT, SubmitSavedProposal { proposal_id: saved }).await;
        self.rewrite(saved, "I shall, gladly").await;
        self.person(CLIENT, ShortlistProposal { proposal_id: saved }).await;
        self.person(TALENT, WithdrawProposal { proposal_id: saved }).await;
        let declined = self.propose(job_id).await;
        let reasons = Some(text("Too far away"));
        self.person(CLIENT, DeclineProposal { proposal_id: declined, reasons }).await;
        let haggled = self.propose(job_id).await;
        self.offer(haggled, &[100]).await;
        self.counter(TALENT, haggled, 200).await;
        self.person(TALENT, WithdrawOffer { proposal_id: haggled }).await;
        self.offer(haggled, &[150]).await;
        self.person(TALENT, DeclineOffer { proposal_id: haggled, number: 3, reasons: None }).await;
        let silent = self.save(job_id).await;
        self.fire(StreamId::Proposal(silent)).await;
        let job_id = self.open_job().await;
        let direct = MakeDirectOffer { job_id, talent: OTHER, milestones: part(300) };
        self.person(CLIENT, direct).await;
        self.propose(job_id).await;
        self.person(CLIENT, CloseJob { job_id }).await;
        for _ in 0..2 {
            self.fire(StreamId::Job(job_id)).await;
        }
    }

    async fn rewrite(&mut self, proposal_id: ProposalId, letter: &str) {
        self.person(TALENT, ReviseProposal { proposal_id, cover_letter: text(letter) }).await;
    }
}

fn part(minor: i64) -> Vec<OfferedMilestone> {
    vec![OfferedMilestone { title: text("All of it"), amount: usd(minor) }]
}

fn proposal_of(events: &[Event]) -> ProposalId {
    begun(events, |stream| if let StreamId::Proposal(id) = stream { Some(*id) } else { None })
}

#[tokio::test]
async fn a_job_in_review_is_found_by_those_who_look_and_by_nobody_else() {
    let mut market = Market::open().await;
    market.moderate(true).await;
    let job_id = market.draft("Paint the hall").await;
    market.person(CLIENT, SubmitJob { job_id }).await;
    let (models, _house) = folded(&market.log).await;
    let count = |filter| models.jobs(filter, Page::first(10)).unwrap().rows.len();
    assert_eq!(count(JobFilter::In(JobStatus::InReview)), 1);
    assert_eq!(count(JobFilter::ClientIn(CLIENT, JobStatus::InReview)), 1);
    assert_eq!((count(JobFilter::In(JobStatus::Open)), count(JobFilter::Public)), (0, 0));
    market.staff(RejectJob { job_id, reasons: text("Say where") }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.job(job_id).unwrap().unwrap();
    assert_eq!((row.status, row.reasons.as_deref()), (JobStatus::Draft, Some("Say where")));
    market.person(CLIENT, SubmitJob { job_id }).await;
    market.staff(ApproveJob { job_id }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.job(job_id).unwrap().unwrap();
    assert_eq!((row.status, row.reasons), (JobStatus::Open, None));
    assert_eq!((row.opened_at, row.version), (Some(market.log.now()), 1));
}

#[tokio::test]
async fn a_revised_job_says_what_it_says_now_and_which_version_that_is() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    market.revise_job(job, 3).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.job(job).unwrap().unwrap();
    assert_eq!((row.version, row.headcount, row.title.as_deref()), (2, 3, Some("Paint both halls")));
}

#[tokio::test]
async fn an_invitation_is_listed_for_the_talent_until_it_lapses_or_the_search_is_over() {
    let mut market = Market::open().await;
    let job_id = market.open_job().await;
    market.person(CLIENT, InviteTalent { job_id, talent: TALENT }).await;
    market.person(CLIENT, InviteTalent { job_id, talent: GUEST }).await;
    let (models, _house) = folded(&market.log).await;
    let invited = |talent| models.jobs(JobFilter::Invited(talent), Page::first(10)).unwrap().rows.len();
    assert_eq!((invited(TALENT), invited(GUEST), invited(OTHER)), (1, 1, 0));
    market.fire(StreamId::Job(job_id)).await;
    let (models, _house) = folded(&market.log).await;
    let left = models.invitations_by_jobs(&[job_id]).unwrap();
    assert_eq!(left.iter().map(|row| row.talent).collect::<Vec<_>>(), [GUEST]);
    market.person(CLIENT, CloseJob { job_id }).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.invitations_by_jobs(&[job_id]).unwrap(), []);
}

#[tokio::test]
async fn a_removed_job_is_off_the_board_and_comes_back_where_it_was() {
    let mut market = Market::open().await;
    let job_id = market.open_job().await;
    market.person(CLIENT, PauseJob { job_id }).await;
    market.remove(job_id).await;
    let (models, _house) = folded(&market.log).await;
    assert_eq!(models.jobs(JobFilter::Public, Page::first(10)).unwrap().rows, []);
    let row = models.job(job_id).unwrap().unwrap();
    assert_eq!((row.status, row.reasons.as_deref()), (JobStatus::Removed, Some("Not a job")));
    market.staff(ReinstateJob { job_id }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.job(job_id).unwrap().unwrap();
    let closes_at = Some(market.log.now().plus_days(30));
    assert_eq!((row.status, row.reasons, row.closes_at), (JobStatus::Paused, None, closes_at));
}

#[tokio::test]
async fn every_offer_stays_with_what_became_of_it() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let id = market.propose(job).await;
    market.offer(id, &[100]).await;
    market.counter(TALENT, id, 300).await;
    market.counter(CLIENT, id, 200).await;
    let (models, _house) = folded(&market.log).await;
    let shown = |offers: Vec<crate::OfferRow>| -> Vec<_> {
        offers.iter().map(|offer| (offer.number, offer.author, offer.status)).collect()
    };
    let expected = [
        (3, Party::Client, OfferStatus::Open),
        (2, Party::Talent, OfferStatus::Superseded),
        (1, Party::Client, OfferStatus::Superseded),
    ];
    assert_eq!(shown(models.offers_by_proposals(&[id]).unwrap()), expected);
    market.person(TALENT, DeclineOffer { proposal_id: id, number: 3, reasons: Some(text("No")) }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(id).unwrap().unwrap();
    assert_eq!((row.status, row.reasons.as_deref()), (ProposalStatus::Declined, Some("No")));
    assert_eq!(row.offer.map(|offer| offer.status), Some(OfferStatus::Declined));
}

#[tokio::test]
async fn what_is_only_saved_is_in_its_talents_inbox_alone() {
    let mut market = Market::open().await;
    let job = market.open_job().await;
    let id = market.save(job).await;
    let (models, _house) = folded(&market.log).await;
    let count = |filter| models.proposals(filter, Page::first(10)).unwrap().rows.len();
    assert_eq!((count(ProposalFilter::Job(job)), count(ProposalFilter::Client(CLIENT))), (0, 0));
    assert_eq!(count(ProposalFilter::ClientIn(CLIENT, ProposalStatus::Draft)), 0);
    assert_eq!(count(ProposalFilter::TalentIn(TALENT, ProposalStatus::Draft)), 1);
    assert_eq!(count(ProposalFilter::JobAndTalent(job, TALENT)), 1);
    market.person(TALENT, SubmitSavedProposal { proposal_id: id }).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(id).unwrap().unwrap();
    assert_eq!((row.job_version, row.submitted_at), (Some(1), Some(market.log.now())));
    let found =
        models.proposals(ProposalFilter::ClientIn(CLIENT, ProposalStatus::Submitted), Page::first(10));
    assert_eq!(found.unwrap().rows, [row]);
}

#[tokio::test]
async fn a_direct_offer_is_in_both_inboxes_without_a_letter_and_is_over_with_the_search() {
    let mut market = Market::open().await;
    let job_id = market.open_job().await;
    let direct = MakeDirectOffer { job_id, talent: TALENT, milestones: part(300) };
    let id = proposal_of(&market.person(CLIENT, direct).await);
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(id).unwrap().unwrap();
    assert_eq!((row.status, row.cover_letter.as_deref()), (ProposalStatus::Offered, None));
    for filter in [ProposalFilter::Client(CLIENT), ProposalFilter::Talent(TALENT)] {
        assert_eq!(models.proposals(filter, Page::first(10)).unwrap().rows, std::slice::from_ref(&row));
    }
    market.person(CLIENT, CloseJob { job_id }).await;
    market.fire(StreamId::Job(job_id)).await;
    let (models, _house) = folded(&market.log).await;
    let row = models.proposal(id).unwrap().unwrap();
    assert_eq!(row.status, ProposalStatus::Expired);
    assert_eq!(row.offer.map(|offer| offer.status), Some(OfferStatus::Expired));
}
