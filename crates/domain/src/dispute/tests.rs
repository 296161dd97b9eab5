//! The ladder, rung by rung, and what nobody may do on it.

use super::*;
use crate::contract::{AwardApplied, EscrowEvent, FreezeFunds, MilestoneStatus, UnfreezeFunds};
use crate::id::PartyId;
use crate::ledger::AccountCode;
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::Salt;
use crate::refusal::Code;
use crate::scenario::ladder::{
    ARBITRATOR, CLIENT_AS_ARBITRATOR, Ladder, MEDIATOR, REVIEWER, disputed, disputed_after_release,
    disputed_by, open_dispute, reviewable,
};
use crate::scenario::{
    CLIENT, COMPLIANCE, CONTRACT, STRANGER, SYSTEM, TALENT, approve, funded_contract, given, milestone, now,
    released_contract, submit_work, usd,
};
use crate::text::Prose;
use proptest::prelude::*;

fn text() -> Prose {
    Prose::parse("some text").unwrap()
}

fn executed(ladder: &Ladder) -> Ladder {
    ladder.fire(TimerKind::ExecuteAward(milestone(1)))
}

fn milestone_status(ladder: &Ladder) -> MilestoneStatus {
    ladder.given.clone().into_states().contract(CONTRACT).unwrap().milestones[0].status()
}

#[test]
fn a_claim_freezes_all_that_the_milestone_holds_and_waits_for_the_other_side() {
    let ladder = disputed(250_000, 100_000);
    assert_eq!(ladder.held(), [0, 37_500, 250_000]);
    assert_eq!(milestone_status(&ladder), MilestoneStatus::Disputed);
    assert_eq!(ladder.dispute().status(), DisputeStatus::AwaitingResponse);
    assert_eq!(ladder.due(TimerKind::DefaultDispute), now().plus_days(5));
    ladder.refused(CLIENT, open_dispute(1), Code::WrongState);
    ladder.refused(TALENT, submit_work(milestone(1)), Code::WrongState);
}

#[test]
fn a_claim_is_a_part_of_what_is_held_and_for_the_two_sides_alone() {
    let funded = || given(funded_contract(usd(250_000)));
    funded().when(CLIENT, open_dispute(0)).refused_at(Code::AmountNotPositive, "claim");
    funded().when(TALENT, open_dispute(250_001)).refused_at(Code::ShareOutOfRange, "claim");
    let euros = OpenDispute { claim: Money::parse("1", "EUR").unwrap(), ..open_dispute(1) };
    funded().when(CLIENT, euros).refused_at(Code::CurrencyMismatch, "claim");
    funded().when(STRANGER, open_dispute(1)).refused(Code::NotFound);
    let frozen = FreezeFunds { contract_id: CONTRACT, milestone_id: milestone(1), reason: text() };
    funded().then(COMPLIANCE, frozen).when(CLIENT, open_dispute(1)).refused(Code::FundsFrozen);
}

#[test]
fn silence_decides_for_the_opener_who_gets_the_claim() {
    let ladder = disputed(250_000, 100_000).fire(TimerKind::DefaultDispute);
    assert_eq!(ladder.dispute().shares, Some(Shares { client: usd(100_000), talent: usd(150_000) }));
    assert_eq!(ladder.due(TimerKind::FinalizeAward), now().plus_days(12));
    let ladder = executed(&ladder.fire(TimerKind::FinalizeAward));
    assert_eq!(ladder.dispute().status(), DisputeStatus::Closed);
    assert_eq!((milestone_status(&ladder), ladder.held()), (MilestoneStatus::Resolved, [0; 3]));
}

#[test]
fn the_claim_of_a_talent_caps_what_the_talent_gets() {
    let ladder = disputed_by(TALENT, reviewable(250_000), 200_000).fire(TimerKind::DefaultDispute);
    assert_eq!(ladder.dispute().shares, Some(Shares { client: usd(50_000), talent: usd(200_000) }));
}

#[test]
fn only_the_respondent_answers_or_gives_in() {
    let ladder = disputed(250_000, 100_000);
    let dispute_id = ladder.id;
    ladder.refused(CLIENT, ConcedeDispute { dispute_id }, Code::WrongSide);
    ladder.refused(CLIENT, RespondToDispute { dispute_id, answer: text() }, Code::WrongSide);
    ladder.refused(STRANGER, ConcedeDispute { dispute_id }, Code::NotFound);
    let conceded = ladder.step(TALENT, ConcedeDispute { dispute_id });
    assert_eq!(conceded.dispute().status(), DisputeStatus::Settled);
    let conceded = executed(&conceded);
    assert_eq!(conceded.balance(CLIENT, AccountCode::RefundInTransit), 115_000);
}

#[test]
fn two_sides_settle_on_any_division_and_the_last_offer_stands() {
    let ladder = disputed(100_000, 10_000).negotiating();
    let dispute_id = ladder.id;
    let offer = |minor| MakeSettlementOffer { dispute_id, client_share: usd(minor) };
    ladder.refused(CLIENT, AcceptSettlementOffer { dispute_id, number: 1 }, Code::WrongState);
    ladder.refused(CLIENT, offer(100_001), Code::ShareOutOfRange);
    let ladder = ladder.step(CLIENT, offer(90_000)).step(TALENT, offer(40_000));
    ladder.refused(CLIENT, AcceptSettlementOffer { dispute_id, number: 1 }, Code::OfferSuperseded);
    ladder.refused(TALENT, AcceptSettlementOffer { dispute_id, number: 2 }, Code::WrongSide);
    let ladder = executed(&ladder.step(CLIENT, AcceptSettlementOffer { dispute_id, number: 2 }));
    // The chart's award 60/40: 460 back to the client, 528 of the talent's own.
    assert_eq!(ladder.balance(CLIENT, AccountCode::RefundInTransit), 46_000);
    assert_eq!(ladder.balance(TALENT, AccountCode::TalentOnHold), 52_800);
    assert_eq!(ladder.held(), [0; 3]);
}

#[test]
fn offers_are_bounded() {
    let mut ladder = disputed(100_000, 10_000).negotiating();
    let offer = MakeSettlementOffer { dispute_id: ladder.id, client_share: usd(1) };
    for _ in 0..OFFERS_MAX {
        ladder = ladder.step(CLIENT, offer.clone());
    }
    ladder.refused(TALENT, offer, Code::CountOutOfRange);
}

#[test]
fn negotiation_goes_to_support_after_three_days_by_either_side_and_after_seven_by_itself() {
    let ladder = disputed(250_000, 100_000).negotiating();
    let escalate = EscalateDispute { dispute_id: ladder.id };
    ladder.clone().later(2).refused(TALENT, escalate.clone(), Code::WrongState);
    assert_eq!(ladder.due(TimerKind::AutoEscalateDispute), now().plus_days(7));
    let auto = ladder.clone().fire(TimerKind::AutoEscalateDispute);
    assert_eq!(auto.dispute().status(), DisputeStatus::Mediation);
    let early = ladder.later(3).step(TALENT, escalate);
    assert_eq!(early.due(TimerKind::SealEvidence), now().plus_days(8));
}

#[test]
fn evidence_is_heard_until_it_is_sealed_and_no_longer() {
    let ladder = disputed(250_000, 100_000).mediated();
    let dispute_id = ladder.id;
    let evidence = || SubmitEvidence { dispute_id, text: text(), attachment: None };
    let ask = || AskDisputeQuestion { dispute_id, question: text() };
    ladder.refused(MEDIATOR, ladder.recommend(0), Code::WrongState);
    ladder.refused(STRANGER, evidence(), Code::NotFound);
    ladder.refused(CLIENT_AS_ARBITRATOR, ask(), Code::NotNeutral);
    let attached = ContentHash::parse(&"ab".repeat(32)).ok();
    let ladder = ladder.step(CLIENT, SubmitEvidence { attachment: attached, ..evidence() });
    let sealed = ladder.step(TALENT, evidence()).step(MEDIATOR, ask()).fire(TimerKind::SealEvidence);
    sealed.refused(CLIENT, evidence(), Code::EvidenceSealed);
    sealed.refused(MEDIATOR, ask(), Code::EvidenceSealed);
    assert_eq!((sealed.dispute().evidence.client, sealed.dispute().evidence.talent), (1, 1));
}

#[test]
fn each_side_hands_in_so_much_and_no_more() {
    let mut ladder = disputed(250_000, 100_000).mediated();
    let evidence = SubmitEvidence { dispute_id: ladder.id, text: text(), attachment: None };
    for _ in 0..EVIDENCE_PER_SIDE_MAX {
        ladder = ladder.step(CLIENT, evidence.clone());
    }
    ladder.refused(CLIENT, evidence.clone(), Code::CountOutOfRange);
    ladder.step(TALENT, evidence);
}

#[test]
fn a_recommendation_binds_when_both_sides_accept_it() {
    let ladder = disputed(100_000, 50_000).recommended(40_000);
    let accept = AcceptRecommendation { dispute_id: ladder.id };
    let ladder = ladder.step(TALENT, accept.clone());
    ladder.refused(TALENT, accept.clone(), Code::AlreadyRecorded);
    assert_eq!(ladder.dispute().status(), DisputeStatus::Recommended);
    let ladder = executed(&ladder.step(CLIENT, accept));
    assert_eq!(ladder.balance(TALENT, AccountCode::TalentOnHold), 52_800);
}

#[test]
fn nobody_gives_the_opener_more_than_it_claimed() {
    let ladder = disputed(100_000, 50_000).sealed();
    ladder.refused(MEDIATOR, ladder.recommend(50_001), Code::ShareOutOfRange);
    let talents = disputed_by(TALENT, reviewable(100_000), 50_000).sealed();
    talents.refused(MEDIATOR, talents.recommend(49_999), Code::ShareOutOfRange);
    talents.step(MEDIATOR, talents.recommend(50_000));
}

#[test]
fn silence_on_a_recommendation_offers_arbitration() {
    let ladder = disputed(250_000, 100_000).recommended(40_000);
    let ladder = ladder.step(CLIENT, AcceptRecommendation { dispute_id: ladder.id });
    let ladder = ladder.fire(TimerKind::LapseRecommendation);
    assert_eq!(ladder.dispute().status(), DisputeStatus::ArbitrationOffered);
    assert_eq!(ladder.dispute().fee, Some(usd(30_000)));
}

#[test]
fn nobody_pays_for_arbitration_with_money_that_is_not_there() {
    let ladder = disputed(250_000, 100_000).offered(40_000);
    let pay = PayArbitrationFee { dispute_id: ladder.id };
    ladder.refused(CLIENT, pay.clone(), Code::BalanceTooLow);
    ladder.refused(TALENT, pay.clone(), Code::BalanceTooLow);
    let paid = ladder.funds(30_000).step(CLIENT, pay.clone());
    paid.refused(CLIENT, pay.clone(), Code::AlreadyRecorded);
    assert_eq!((paid.dispute().fees_held(), paid.balance(CLIENT, AccountCode::ClientWallet)), (30_000, 0));
    assert_eq!(paid.step(TALENT, pay).dispute().status(), DisputeStatus::Arbitration);
}

#[test]
fn who_loses_an_arbitration_bears_its_fee_and_the_other_has_it_back() {
    let ladder = disputed(250_000, 100_000).arbitrated(40_000);
    let ladder = ladder.step(ARBITRATOR, ladder.award(100_000, FeeBearer::Talent));
    let ladder = executed(&ladder.fire(TimerKind::FinalizeAward));
    assert_eq!(ladder.balance(CLIENT, AccountCode::ClientWallet), 30_000);
    assert_eq!(ladder.balance(TALENT, AccountCode::TalentAvailable), 0);
    assert_eq!((ladder.dispute().fees_held(), ladder.held()), (0, [0; 3]));
}

#[test]
fn a_shared_fee_is_shared_to_the_last_unit() {
    let ladder = disputed(250_000, 100_000).arbitrated(40_000);
    let ladder = ladder.step(ARBITRATOR, ladder.award(50_000, FeeBearer::Both));
    let ladder = executed(&ladder.fire(TimerKind::FinalizeAward));
    assert_eq!(ladder.balance(CLIENT, AccountCode::ClientWallet), 15_000);
    assert_eq!(ladder.balance(TALENT, AccountCode::TalentAvailable), 15_000);
}

#[test]
fn who_alone_pays_for_arbitration_wins_and_has_the_fee_back() {
    let ladder = disputed(250_000, 100_000).offered(40_000).funds(30_000);
    let pay = PayArbitrationFee { dispute_id: ladder.id };
    let ladder = ladder.step(TALENT, pay).fire(TimerKind::LapseArbitrationOffer);
    assert_eq!(ladder.dispute().shares, Some(Shares { client: usd(0), talent: usd(250_000) }));
    assert_eq!(ladder.balance(TALENT, AccountCode::TalentAvailable), 30_000);
    let ladder = executed(&ladder.fire(TimerKind::FinalizeAward));
    assert_eq!(ladder.balance(CLIENT, AccountCode::RefundInTransit), 0);
}

#[test]
fn where_nobody_pays_the_recommendation_stands() {
    let ladder = disputed(250_000, 100_000).offered(40_000).fire(TimerKind::LapseArbitrationOffer);
    assert_eq!(ladder.dispute().shares.map(|shares| shares.client), Some(usd(40_000)));
}

#[test]
fn a_small_claim_is_decided_from_the_documents_for_nothing() {
    let ladder = disputed(100_000, 50_000).offered(40_000);
    let dispute_id = ladder.id;
    let decide = || DecideSmallClaim { dispute_id, client_share: usd(30_000), reasons: text() };
    ladder.refused(CLIENT, PayArbitrationFee { dispute_id }, Code::WrongState);
    ladder.refused(MEDIATOR, decide(), Code::NotNeutral);
    ladder.refused(CLIENT_AS_ARBITRATOR, decide(), Code::NotNeutral);
    let ladder = ladder.step(ARBITRATOR, decide());
    assert_eq!(ladder.dispute().status(), DisputeStatus::Decided);
    let large = disputed(250_000, 50_000).offered(40_000);
    large.refused(ARBITRATOR, DecideSmallClaim { dispute_id: large.id, ..decide() }, Code::WrongState);
}

#[test]
fn mediator_arbitrator_and_reviewer_are_three_people_and_no_party() {
    let ladder = disputed(250_000, 100_000).arbitrated(40_000);
    let award = ladder.award(50_000, FeeBearer::Both);
    ladder.refused(MEDIATOR, award.clone(), Code::NotNeutral);
    ladder.refused(CLIENT_AS_ARBITRATOR, award.clone(), Code::NotNeutral);
    let ladder = ladder.step(ARBITRATOR, award);
    let appealed = ladder.step(CLIENT, ladder.appeal());
    let decide = DecideAppeal { dispute_id: appealed.id, client_share: usd(60_000), reasons: text() };
    for who in [MEDIATOR, ARBITRATOR, CLIENT_AS_ARBITRATOR] {
        appealed.refused(who, decide.clone(), Code::NotNeutral);
    }
    let appealed = executed(&appealed.step(REVIEWER, decide));
    assert_eq!(appealed.dispute().shares.map(|shares| shares.client), Some(usd(60_000)));
}

#[test]
fn who_lost_appeals_once_and_a_decision_on_it_that_never_comes_leaves_the_award() {
    let ladder = disputed(250_000, 100_000).fire(TimerKind::DefaultDispute);
    ladder.refused(CLIENT, ladder.appeal(), Code::WrongSide);
    let appealed = ladder.step(TALENT, ladder.appeal());
    appealed.refused(TALENT, appealed.appeal(), Code::WrongState);
    let ladder = appealed.fire(TimerKind::FinalizeAward);
    assert_eq!(ladder.dispute().status(), DisputeStatus::Final);
    assert_eq!(ladder.dispute().shares.map(|shares| shares.client), Some(usd(100_000)));
    ladder.refused(TALENT, ladder.appeal(), Code::WrongState);
}

#[test]
fn the_opener_withdraws_alone_until_there_is_a_recommendation() {
    let ladder = disputed(250_000, 100_000).mediated();
    let withdraw = WithdrawDispute { dispute_id: ladder.id };
    ladder.refused(TALENT, withdraw.clone(), Code::WrongSide);
    let withdrawn = ladder.step(CLIENT, withdraw.clone());
    assert_eq!(
        (milestone_status(&withdrawn), withdrawn.held()),
        (MilestoneStatus::Funded, [250_000, 37_500, 0])
    );
    let paid = disputed(250_000, 100_000).arbitrated(40_000).step(TALENT, withdraw.clone());
    paid.refused(TALENT, withdraw.clone(), Code::WrongSide);
    let paid = paid.step(CLIENT, withdraw);
    assert_eq!(paid.dispute().status(), DisputeStatus::Withdrawn);
    assert_eq!(paid.balance(CLIENT, AccountCode::ClientWallet), 30_000);
}

#[test]
fn a_review_that_a_dispute_interrupted_goes_on_with_what_was_left_of_it() {
    let given = given(reviewable(250_000)).at(now().plus_days(4)).then(TALENT, open_dispute(250_000));
    let states = given.clone().into_states();
    let dispute_id = states.contract(CONTRACT).unwrap().milestones[0].dispute().unwrap();
    let given = given.at(now().plus_days(6)).then(TALENT, WithdrawDispute { dispute_id });
    let review = TimerKind::AutoApproveMilestone(milestone(1));
    let ladder = Ladder { given, id: dispute_id };
    assert_eq!(ladder.due(review), now().plus_days(16));
    ladder.step(CLIENT, approve(milestone(1)));
}

#[test]
fn a_client_disputes_what_was_released_while_it_is_on_hold_and_a_talent_does_not() {
    let (events, lot, _) = released_contract(usd(100_000));
    given(events.clone()).when(TALENT, open_dispute(1)).refused(Code::WrongState);
    let ladder = disputed_after_release(100_000, 40_000);
    assert_eq!((ladder.held(), ladder.dispute().disputed), ([0, 0, 88_000], usd(100_000)));
    let withdrawn = ladder.clone().later(3).step(CLIENT, WithdrawDispute { dispute_id: ladder.id });
    assert_eq!(withdrawn.due(TimerKind::ClearEarnings(lot)), now().plus_days(8));
    let cleared = withdrawn.fire(TimerKind::ClearEarnings(lot));
    cleared.refused(CLIENT, open_dispute(1), Code::WrongState);
    let conceded = executed(&ladder.clone().step(TALENT, ConcedeDispute { dispute_id: ladder.id }));
    // The chart's award after release: 460 back to the client, 528 stay the talent's.
    assert_eq!(conceded.balance(CLIENT, AccountCode::RefundInTransit), 46_000);
    assert_eq!(conceded.balance(TALENT, AccountCode::TalentOnHold), 52_800);
    assert_eq!((milestone_status(&conceded), conceded.held()), (MilestoneStatus::Resolved, [0; 3]));
}

#[test]
fn an_award_waits_while_compliance_has_frozen_the_money() {
    let ladder = disputed(250_000, 100_000);
    let (contract_id, milestone_id) = (CONTRACT, milestone(1));
    let dispute_id = ladder.id;
    let given = ladder.given.then(COMPLIANCE, FreezeFunds { contract_id, milestone_id, reason: text() });
    let frozen = Ladder { given, id: dispute_id };
    frozen.refused(CLIENT, WithdrawDispute { dispute_id }, Code::FundsFrozen);
    let settled = frozen.when(TALENT, ConcedeDispute { dispute_id });
    settled.no_timer(TimerKind::ExecuteAward(milestone_id));
    let frozen = frozen.step(TALENT, ConcedeDispute { dispute_id }).later(1);
    let given = frozen.given.then(COMPLIANCE, UnfreezeFunds { contract_id, milestone_id });
    let thawed = executed(&Ladder { given, id: dispute_id });
    assert_eq!(thawed.dispute().status(), DisputeStatus::Closed);
}

#[test]
fn a_deadline_that_staff_miss_is_extended_once() {
    let ladder = disputed(250_000, 100_000).sealed().fire(TimerKind::MissDisputeDeadline);
    assert!(ladder.dispute().is_extended());
    let ladder = ladder.fire(TimerKind::MissDisputeDeadline);
    assert_eq!((ladder.dispute().due_at(), ladder.dispute().timers()), (None, Vec::new()));
    ladder.step(MEDIATOR, ladder.recommend(0));
}

#[test]
fn a_dispute_that_rests_moves_its_deadlines() {
    let ladder = disputed(250_000, 100_000);
    let dispute_id = ladder.id;
    let resting = ladder.later(2).step(SYSTEM, SuspendDispute { dispute_id });
    assert_eq!(resting.dispute().timers(), []);
    resting.refused(TALENT, ConcedeDispute { dispute_id }, Code::WrongState);
    let resumed = resting.later(10).step(SYSTEM, ResumeDispute { dispute_id });
    assert_eq!(resumed.due(TimerKind::DefaultDispute), now().plus_days(15));
    resumed.refused(SYSTEM, ResumeDispute { dispute_id }, Code::WrongState);
}

#[test]
fn the_auditor_finds_what_the_ladder_would_have_refused() {
    let ladder = disputed(250_000, 100_000).sealed();
    let forged = |event| ladder.judged(MEDIATOR, &Event::Dispute(event)).map_err(|refusal| refusal.code);
    let shares = Shares::of(usd(250_000), usd(100_000)).unwrap();
    let issued = |mediator: crate::scenario::Who, shares| {
        DisputeEvent::RecommendationIssued(RecommendationIssued {
            dispute_id: ladder.id,
            mediator: mediator.party(),
            shares,
            reasons: Personal::Clear(text()),
            answer_by: now().plus_days(10),
        })
    };
    assert_eq!(forged(issued(MEDIATOR, shares)), Ok(()));
    assert_eq!(forged(issued(REVIEWER, shares)), Err(Code::Forbidden));
    assert_eq!(forged(issued(CLIENT, shares)), Err(Code::NotNeutral));
    let short = Shares { talent: usd(149_999), ..shares };
    assert_eq!(forged(issued(MEDIATOR, short)), Err(Code::WrongState));
    let salt = Salt::new([1; 16]);
    let late = EvidenceSubmitted {
        dispute_id: ladder.id,
        number: 2,
        author: Party::Client,
        text: Personal::Clear(text()),
        attachment: None,
        salt,
        content_hash: ContentHash::of(&text(), None, salt),
    };
    assert_eq!(forged(DisputeEvent::EvidenceSubmitted(late)), Err(Code::EvidenceSealed));
}

#[test]
fn the_auditor_divides_the_money_again() {
    let settled = disputed(250_000, 100_000);
    let settled = settled.step(TALENT, ConcedeDispute { dispute_id: settled.id });
    let award = settled.next(TimerKind::ExecuteAward(milestone(1)));
    let [Event::Escrow(EscrowEvent::AwardApplied(applied)), Event::Refund(_)] = &award[..] else {
        panic!("the award and its refund")
    };
    let judged = |applied| {
        let event = Event::Escrow(EscrowEvent::AwardApplied(applied));
        settled.judged(SYSTEM, &event).map_err(|refusal| refusal.code)
    };
    assert_eq!(judged(applied.clone()), Ok(()));
    let shares = Shares::of(usd(250_000), usd(99_999)).unwrap();
    assert_eq!(judged(AwardApplied { shares, ..applied.clone() }), Err(Code::WrongState));
    assert_eq!(judged(AwardApplied { refund: None, ..applied.clone() }), Err(Code::EntryUnbalanced));
}

#[test]
fn the_house_decides_for_nobody_it_is() {
    let ladder = disputed(250_000, 100_000).sealed();
    let parties: [PartyId; 2] = [CLIENT.party(), TALENT.party()];
    for party in parties {
        assert_eq!(ladder.dispute().neutral(party, Rung::Appeal).unwrap_err().code, Code::NotNeutral);
    }
    ladder.refused(CLIENT_AS_ARBITRATOR, ladder.recommend(0), Code::NotNeutral);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_division_leaves_nothing_held_and_gives_out_what_came_in(
        amount in 1..=250_000_i64,
        per_mille in 0..=1_000_i64,
        released in any::<bool>(),
    ) {
        let ladder = if released { disputed_after_release(amount, amount) } else { disputed(amount, amount) };
        let (dispute_id, client_share) = (ladder.id, usd(amount * per_mille / 1_000));
        let ladder = ladder.negotiating().step(TALENT, MakeSettlementOffer { dispute_id, client_share });
        let ladder = executed(&ladder.step(CLIENT, AcceptSettlementOffer { dispute_id, number: 1 }));
        prop_assert_eq!(ladder.held(), [0; 3]);
        let states = ladder.given.clone().into_states();
        let contract = states.contract(CONTRACT).unwrap();
        let charged = contract.milestones[0].charged;
        let fees = charged.talent_fee + charged.talent_tax + charged.client_fee + charged.client_tax;
        let back = ladder.balance(CLIENT, AccountCode::RefundInTransit);
        let earned = ladder.balance(TALENT, AccountCode::TalentOnHold);
        let charge = contract.fees.client_charge(amount).total();
        prop_assert_eq!(back + earned + fees, amount + charge);
        prop_assert_eq!(charged.released, amount - client_share.minor());
    }
}
