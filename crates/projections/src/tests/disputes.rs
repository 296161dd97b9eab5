//! Disputes on their desk, and what they do to the milestones of the contract board.

use super::endings::agrees;
use super::house::{House, folded};
use super::market::{CLIENT, Market, TALENT, begun, text, usd};
use crate::{AttentionKind, DisputeFilter, MilestoneRow, Page, ReadModels};
use domain::contract::MilestoneStatus;
use domain::dispute::{
    AskDisputeQuestion, ContentHash, DecideSmallClaim, Decision, DisputeStatus, EscalateDispute,
    IssueRecommendation, MakeSettlementOffer, OpenDispute, RejectRecommendation, RespondToDispute,
    ResumeDispute, SubmitEvidence, SuspendDispute, WithdrawDispute,
};
use domain::id::{ContractId, DisputeId, PartyId};
use domain::proposal::Party;
use domain::{Role, StreamId};

const MEDIATOR: PartyId = PartyId::from_u128(20);
const ARBITRATOR: PartyId = PartyId::from_u128(21);

impl Market {
    /// The client claims so much of the contract's first milestone.
    async fn claim(&mut self, contract_id: ContractId, minor: i64) -> DisputeId {
        let (milestone_id, claim) = (self.milestone(contract_id, 1), usd(minor));
        let open = OpenDispute { contract_id, milestone_id, claim, reason: text("It is not what we agreed") };
        let events = self.person(CLIENT, open).await;
        begun(&events, |stream| if let StreamId::Dispute(id) = stream { Some(*id) } else { None })
    }

    /// Fires the dispute's deadline.
    async fn deadline(&mut self, dispute_id: DisputeId) {
        self.fire(StreamId::Dispute(dispute_id)).await;
    }

    /// Both sides show what they have, and ask for nothing more.
    async fn mediate(&mut self, dispute_id: DisputeId) {
        self.person(TALENT, RespondToDispute { dispute_id, answer: text("It is") }).await;
        self.log.wait_until(self.log.now().plus_days(3));
        self.person(CLIENT, EscalateDispute { dispute_id }).await;
        let attachment = ContentHash::parse(&"ab".repeat(32)).ok();
        self.person(CLIENT, SubmitEvidence { dispute_id, text: text("A photo"), attachment }).await;
        self.house(MEDIATOR, Role::Support, AskDisputeQuestion { dispute_id, question: text("Of what?") })
            .await;
        self.person(TALENT, SubmitEvidence { dispute_id, text: text("Another"), attachment: None }).await;
        self.deadline(dispute_id).await;
    }
}

async fn shown(market: &Market) -> (ReadModels, House) {
    let (models, house) = folded(&market.log).await;
    market.states().for_each(|(stream, state)| agrees(&models, stream, state));
    (models, house)
}

fn first(models: &ReadModels, contract: ContractId) -> MilestoneRow {
    models.milestones_by_contracts(&[contract]).unwrap().swap_remove(0)
}

#[tokio::test]
async fn a_dispute_is_shown_with_all_that_was_said_until_its_award_is_executed() {
    let mut market = Market::open().await;
    let contract = market.funded(&[100_000]).await;
    let id = market.claim(contract, 50_000).await;
    let claimed = market.log.now();
    let (models, _house) = shown(&market).await;
    let row = models.dispute(id).unwrap().unwrap();
    assert_eq!((row.disputed, row.claim, row.opened_by), (usd(100_000), usd(50_000), Party::Client));
    assert_eq!(row.reason.as_deref(), Some("It is not what we agreed"));
    assert_eq!((row.due_at, row.answer), (Some(claimed.plus_days(5)), None));
    market.mediate(id).await;
    let client_share = usd(40_000);
    market.person(TALENT, MakeSettlementOffer { dispute_id: id, client_share: usd(10_000) }).await;
    let recommend = IssueRecommendation { dispute_id: id, client_share, reasons: text("Half is there") };
    market.house(MEDIATOR, Role::Support, recommend).await;
    market.person(CLIENT, RejectRecommendation { dispute_id: id }).await;
    let (models, _house) = shown(&market).await;
    let evidence = models.evidence_by_disputes(&[id]).unwrap();
    let told: Vec<_> = evidence.iter().map(|row| (row.number, row.author, row.text.as_deref())).collect();
    let expected = [(1, Party::Client, Some("A photo")), (2, Party::Talent, Some("Another"))];
    assert_eq!(told, expected);
    assert_eq!((evidence[0].attachment.is_some(), evidence[1].attachment), (true, None));
    assert_eq!(models.questions_by_disputes(&[id]).unwrap()[0].mediator, MEDIATOR);
    assert_eq!(models.offers_by_disputes(&[id]).unwrap()[0].talent_share, usd(90_000));
    let row = models.dispute(id).unwrap().unwrap();
    assert_eq!(row.recommendation.map(|recommended| recommended.shares.client), Some(client_share));
    assert_eq!((row.fee_minor, row.sealed_at.is_some()), (None, true));
    let reasons = text("Less than half");
    let decide = DecideSmallClaim { dispute_id: id, client_share: usd(30_000), reasons };
    market.house(ARBITRATOR, Role::Arbitrator, decide).await;
    market.deadline(id).await;
    market.fire(StreamId::Contract(contract)).await;
    let (models, _house) = shown(&market).await;
    let row = models.dispute(id).unwrap().unwrap();
    assert_eq!((row.status, row.closed_at), (DisputeStatus::Closed, Some(market.log.now())));
    let decision = row.decision.unwrap().decision;
    assert!(matches!(decision, Decision::SmallClaim { arbitrator: ARBITRATOR, .. }));
    let milestone = first(&models, contract);
    assert_eq!((milestone.status, milestone.dispute_id), (MilestoneStatus::Resolved, Some(id)));
    assert_eq!((milestone.escrow_frozen_minor, milestone.client_fee_held_minor), (0, 0));
    assert_eq!(milestone.released.gross_minor, 70_000);
    let refund = models.refunds_by_milestones(&[milestone.id]).unwrap().swap_remove(0);
    assert_eq!(refund.amount, usd(34_500));
    assert_eq!(models.lots_by_milestones(&[milestone.id]).unwrap()[0].amount, usd(61_600));
}

#[tokio::test]
async fn earnings_that_a_dispute_froze_are_shown_as_disputed_and_then_as_taken() {
    let mut market = Market::open().await;
    let contract = market.released(100_000).await;
    let id = market.claim(contract, 40_000).await;
    let (models, _house) = shown(&market).await;
    let milestone = first(&models, contract);
    let lot = models.lots_by_milestones(&[milestone.id]).unwrap().swap_remove(0);
    assert_eq!((lot.disputed, milestone.escrow_frozen_minor), (true, 88_000));
    let clears_at = lot.clears_at;
    market.log.wait_until(market.log.now().plus_days(2));
    market.person(CLIENT, WithdrawDispute { dispute_id: id }).await;
    let (models, _house) = shown(&market).await;
    let lot = models.lots_by_milestones(&[milestone.id]).unwrap().swap_remove(0);
    assert!(!lot.disputed && lot.clears_at >= clears_at.plus_days(2), "{:?}", lot.clears_at);
    let again = market.claim(contract, 40_000).await;
    market.deadline(again).await;
    market.deadline(again).await;
    market.fire(StreamId::Contract(contract)).await;
    let (models, _house) = shown(&market).await;
    let lots = models.lots_by_milestones(&[milestone.id]).unwrap();
    assert_eq!((lots[0].amount, lots[0].taken_at), (usd(52_800), None));
    assert_eq!(lots[1].taken_at, Some(market.log.now()));
    let milestone = first(&models, contract);
    assert_eq!((milestone.released.gross_minor, milestone.released.talent_fee_minor), (60_000, 6_000));
}

#[tokio::test]
async fn a_review_and_a_refund_request_go_on_where_a_dispute_interrupted_them() {
    for submitted in [true, false] {
        let mut market = Market::open().await;
        let contract = market.funded(&[1_000]).await;
        if submitted {
            market.submit_work(contract, 1, "Done").await;
        } else {
            market.request_refund(contract).await;
        }
        let id = market.claim(contract, 1_000).await;
        let (models, _house) = shown(&market).await;
        let before = first(&models, contract);
        market.log.wait_until(market.log.now().plus_days(2));
        market.person(CLIENT, WithdrawDispute { dispute_id: id }).await;
        let (models, _house) = shown(&market).await;
        let after = first(&models, contract);
        let due = |row: &MilestoneRow| {
            let review = row.work.as_ref().map(|work| work.review_ends_at);
            row.refund_request.as_ref().map(|request| request.answer_by).or(review).unwrap()
        };
        assert!(due(&after) >= due(&before).plus_days(2), "{:?}", after.status);
        market.fire(StreamId::Contract(contract)).await;
        assert_eq!(market.log.now().micros() - due(&after).micros(), 1_000_000);
        shown(&market).await;
    }
}

#[tokio::test]
async fn disputes_are_found_by_where_they_stand_and_rest_while_they_are_suspended() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    let id = market.claim(contract, 1_000).await;
    let due = market.log.now().plus_days(5);
    market.system(SuspendDispute { dispute_id: id }).await;
    let (models, _house) = shown(&market).await;
    let found = |models: &ReadModels, status| {
        let page = models.disputes(DisputeFilter::Status(status), Page::first(10)).unwrap();
        page.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(found(&models, DisputeStatus::Suspended), [id]);
    assert_eq!(found(&models, DisputeStatus::AwaitingResponse), []);
    market.log.wait_until(market.log.now().plus_days(30));
    market.system(ResumeDispute { dispute_id: id }).await;
    let (models, _house) = shown(&market).await;
    let row = models.dispute(id).unwrap().unwrap();
    assert!(row.due_at >= Some(due.plus_days(30)) && row.status == DisputeStatus::AwaitingResponse);
}

#[tokio::test]
async fn a_deadline_that_staff_missed_twice_needs_a_person_until_somebody_goes_on() {
    let mut market = Market::open().await;
    let contract = market.funded(&[1_000]).await;
    let id = market.claim(contract, 1_000).await;
    market.mediate(id).await;
    let attention = |models: &ReadModels| {
        let page = models.attention(domain::Timestamp::from_micros(0), &Page::first(10)).unwrap();
        page.rows.into_iter().map(|row| (row.kind, row.id, row.amount)).collect::<Vec<_>>()
    };
    market.deadline(id).await;
    let (models, _house) = shown(&market).await;
    assert_eq!((attention(&models), models.dispute(id).unwrap().unwrap().deadlines_missed), (Vec::new(), 1));
    market.deadline(id).await;
    let (models, _house) = shown(&market).await;
    assert_eq!(attention(&models), [(AttentionKind::DisputeOverdue, id.to_string(), usd(1_000))]);
    let reasons = text("None of it is there");
    let recommend = IssueRecommendation { dispute_id: id, client_share: usd(1_000), reasons };
    market.house(MEDIATOR, Role::Support, recommend).await;
    let (models, _house) = shown(&market).await;
    assert_eq!(attention(&models), []);
}
