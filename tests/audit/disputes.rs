//! Disputes on every rung of the ladder, and logs of them that are forged.

use audit::code;
use domain::contract::{MilestoneStatus, RefundMilestone};
use domain::dispute::{
    AcceptRecommendation, AcceptSettlementOffer, AppealGround, AskDisputeQuestion, ConcedeDispute,
    DecideAppeal, DecideSmallClaim, EscalateDispute, FeeBearer, FileAppeal, IssueAward, IssueRecommendation,
    MakeSettlementOffer, OpenDispute, PayArbitrationFee, RejectRecommendation, RespondToDispute,
    ResumeDispute, SubmitEvidence, SuspendDispute, WithdrawDispute,
};
use domain::id::DisputeId;
use domain::money::{Currency, Money};
use domain::refund::{FailRefund, StartRefundAttempt};
use domain::timer::TimerKind;
use domain::{Actor, Role, StreamId};
use serde_json::{Value, json};

use crate::forged::{add, find, found};
use crate::history::{Fact, Hired, History, PROCESS, PROVIDER, person, text};
use crate::outgoing::{recorded_by, recorded_earlier};
use crate::written::Written;

fn mediator() -> Actor {
    person(910, Role::Support)
}

fn arbitrator() -> Actor {
    person(911, Role::Arbitrator)
}

fn reviewer() -> Actor {
    person(912, Role::Support)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

impl History {
    /// Everything that can happen to disputes, once at least.
    pub(crate) fn disputing(&mut self) {
        self.conceded();
        self.defaulted();
        self.negotiated();
        self.recommended();
        self.small_claim();
        self.arbitrated();
        self.paid_by_one();
        self.given_up_by_both();
        self.suspended();
    }

    fn large(&mut self) -> Hired {
        self.hire(["2500", "2500", "2500"], Currency::USD)
    }

    /// Claims so much of a milestone.
    fn claim(&mut self, hired: &Hired, index: usize, minor: i64) -> DisputeId {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        let claim = usd(minor);
        self.give(
            &hired.client,
            OpenDispute { contract_id, milestone_id, claim, reason: text("Unfinished") },
        );
        let milestone = self.contract(hired).milestone(milestone_id).unwrap();
        assert_eq!(milestone.status(), MilestoneStatus::Disputed);
        milestone.dispute().unwrap()
    }

    fn due(&mut self, id: DisputeId, kind: TimerKind) {
        assert!(self.fire(&StreamId::Dispute(id), |set| set == kind), "{kind:?}");
    }

    fn execute(&mut self, hired: &Hired, index: usize) {
        let kind = TimerKind::ExecuteAward(hired.milestones[index].0);
        assert!(self.fire(&StreamId::Contract(hired.contract), |set| set == kind));
    }

    /// Both sides have shown what they have.
    fn mediated(&mut self, hired: &Hired, dispute_id: DisputeId) {
        self.give(&hired.talent, RespondToDispute { dispute_id, answer: text("It is finished") });
        self.due(dispute_id, TimerKind::AutoEscalateDispute);
        self.give(&hired.client, SubmitEvidence { dispute_id, text: text("A list"), attachment: None });
        self.give(&mediator(), AskDisputeQuestion { dispute_id, question: text("Of what?") });
        self.give(&hired.talent, SubmitEvidence { dispute_id, text: text("Another"), attachment: None });
        self.due(dispute_id, TimerKind::SealEvidence);
        self.due(dispute_id, TimerKind::MissDisputeDeadline);
        let (client_share, reasons) = (usd(50_001), text("A part is there"));
        self.give(&mediator(), IssueRecommendation { dispute_id, client_share, reasons });
    }

    /// Escrow is divided as the talent concedes, and then earnings of a release.
    pub(crate) fn conceded(&mut self) {
        let hired = self.large();
        self.fund(&hired, 0, 0);
        self.fund(&hired, 1, 0);
        self.work(&hired, 1);
        for (index, minor) in [(0, 100_001), (1, 33_333)] {
            let dispute_id = self.claim(&hired, index, minor);
            self.give(&hired.talent, ConcedeDispute { dispute_id });
            self.execute(&hired, index);
        }
    }

    /// Silence decides, and the appeal against that is decided.
    pub(crate) fn defaulted(&mut self) {
        let hired = self.large();
        self.fund(&hired, 0, 0);
        self.submit(&hired, 0);
        let dispute_id = self.claim(&hired, 0, 250_000);
        self.due(dispute_id, TimerKind::DefaultDispute);
        let (ground, reasons) = (AppealGround::Procedure, text("I was ill"));
        self.give(&hired.talent, FileAppeal { dispute_id, ground, reasons });
        let decide = DecideAppeal { dispute_id, client_share: usd(0), reasons: text("It is all there") };
        self.give(&reviewer(), decide);
        self.execute(&hired, 0);
    }

    /// A refund is refused, and both sides settle; another dispute is withdrawn.
    pub(crate) fn negotiated(&mut self) {
        let hired = self.large();
        self.fund(&hired, 0, 0);
        self.ask_back(&hired, 0);
        self.dispute(&hired, 0);
        let dispute_id = self.contract(&hired).milestones[0].dispute().unwrap();
        for (by, minor) in [(&hired.client, 200_000), (&hired.talent, 10_000)] {
            self.give(by, MakeSettlementOffer { dispute_id, client_share: usd(minor) });
        }
        self.give(&hired.client, AcceptSettlementOffer { dispute_id, number: 2 });
        self.execute(&hired, 0);
        self.fund(&hired, 1, 0);
        self.work(&hired, 1);
        let dispute_id = self.claim(&hired, 1, 1);
        self.give(&hired.client, WithdrawDispute { dispute_id });
    }

    pub(crate) fn recommended(&mut self) {
        let hired = self.large();
        self.fund(&hired, 0, 0);
        let dispute_id = self.claim(&hired, 0, 100_000);
        self.mediated(&hired, dispute_id);
        for by in [&hired.client, &hired.talent] {
            self.give(by, AcceptRecommendation { dispute_id });
        }
        self.execute(&hired, 0);
    }

    pub(crate) fn small_claim(&mut self) {
        let hired = self.hire(["1000", "401", "7"], Currency::USD);
        self.fund(&hired, 0, 0);
        let dispute_id = self.claim(&hired, 0, 100_000);
        self.mediated(&hired, dispute_id);
        self.due(dispute_id, TimerKind::LapseRecommendation);
        let (client_share, reasons) = (usd(40_000), text("Less than half"));
        self.give(&arbitrator(), DecideSmallClaim { dispute_id, client_share, reasons });
        self.give(
            &hired.client,
            FileAppeal { dispute_id, ground: AppealGround::NewEvidence, reasons: text("A letter came") },
        );
        self.due(dispute_id, TimerKind::FinalizeAward);
        self.execute(&hired, 0);
    }

    /// Both sides have money here, and one of three milestones is left to dispute.
    fn arbitrable(&mut self) -> (Hired, DisputeId) {
        let hired = self.large();
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[0].0);
        self.fund(&hired, 0, 0);
        self.give(&hired.talent, RefundMilestone { contract_id, milestone_id });
        let refund_id = self.refunds(&hired)[0].id;
        self.give(&PROCESS, StartRefundAttempt { refund_id });
        let reason = domain::deposit::ProviderWord::parse("account_closed").unwrap();
        self.give(&PROVIDER, FailRefund { refund_id, rail: "sandbox".into(), reason });
        self.fund(&hired, 1, 0);
        self.work(&hired, 1);
        self.clear(&hired, 1);
        self.fund(&hired, 2, 0);
        let dispute_id = self.claim(&hired, 2, 250_000);
        self.mediated(&hired, dispute_id);
        self.give(&hired.talent, RejectRecommendation { dispute_id });
        (hired, dispute_id)
    }

    pub(crate) fn arbitrated(&mut self) {
        let (hired, dispute_id) = self.arbitrable();
        for by in [&hired.client, &hired.talent] {
            self.give(by, PayArbitrationFee { dispute_id });
        }
        self.give(&hired.client, SubmitEvidence { dispute_id, text: text("A letter"), attachment: None });
        let (client_share, fee_bearer) = (usd(150_000), FeeBearer::Talent);
        let reasons = text("More than half is missing");
        self.give(&arbitrator(), IssueAward { dispute_id, client_share, fee_bearer, reasons });
        self.due(dispute_id, TimerKind::FinalizeAward);
        self.execute(&hired, 2);
    }

    pub(crate) fn paid_by_one(&mut self) {
        let (hired, dispute_id) = self.arbitrable();
        self.give(&hired.client, PayArbitrationFee { dispute_id });
        self.due(dispute_id, TimerKind::LapseArbitrationOffer);
        self.due(dispute_id, TimerKind::FinalizeAward);
        self.execute(&hired, 2);
        let (_, dispute_id) = self.arbitrable();
        self.due(dispute_id, TimerKind::LapseArbitrationOffer);
    }

    pub(crate) fn given_up_by_both(&mut self) {
        let (hired, dispute_id) = self.arbitrable();
        self.give(&hired.talent, PayArbitrationFee { dispute_id });
        for by in [&hired.talent, &hired.client] {
            self.give(by, WithdrawDispute { dispute_id });
        }
    }

    pub(crate) fn suspended(&mut self) {
        let hired = self.large();
        self.fund(&hired, 0, 0);
        let dispute_id = self.claim(&hired, 0, 100_000);
        self.give(&hired.talent, RespondToDispute { dispute_id, answer: text("It is finished") });
        self.give(&PROCESS, SuspendDispute { dispute_id });
        self.give(&PROCESS, ResumeDispute { dispute_id });
        let from = self.escalates_from(dispute_id);
        self.wait(from);
        self.give(&hired.client, EscalateDispute { dispute_id });
    }

    fn escalates_from(&self, id: DisputeId) -> domain::Timestamp {
        let folded = &self.states[&StreamId::Dispute(id)];
        let dispute = folded.state.as_deref().and_then(domain::State::as_dispute).unwrap();
        dispute.escalates_from().unwrap()
    }
}

fn history(tell: impl FnOnce(&mut History)) -> Vec<Fact> {
    let mut history = History::new();
    tell(&mut history);
    history.facts
}

/// Tells a history.
type Tell = fn(&mut History);

#[test]
fn disputes_hold_on_every_rung() {
    let report = Written::new(&history(History::disputing)).verify();
    assert!(report.holds(), "{}", report.text());
}

#[test]
fn what_must_follow_in_a_dispute_and_does_not_is_found() {
    let all: [(Tell, (&str, usize), &str); 8] = [
        (History::conceded, ("escrow.award_applied", 0), "refund.requested"),
        (History::recommended, ("dispute.recommendation_accepted", 1), "dispute.settled"),
        (History::arbitrated, ("dispute.fee_paid", 1), "dispute.arbitration_begun"),
        (History::arbitrated, ("dispute.fees_settled", 0), "escrow.award_applied"),
        (History::paid_by_one, ("dispute.decided", 0), "dispute.fees_settled"),
        (History::given_up_by_both, ("dispute.withdrawn", 0), "dispute.fees_settled"),
        (History::given_up_by_both, ("dispute.fees_settled", 0), "escrow.unfrozen"),
        (History::conceded, ("dispute.opened", 1), "escrow.frozen"),
    ];
    for (tell, (name, nth), then) in all {
        let mut facts = history(tell);
        let at = find(&facts, name, nth);
        assert_eq!(facts[at + 1].event.event_type().0, then);
        facts.remove(at + 1);
        let begun = facts.iter().position(|fact| fact.command == facts[at].command).unwrap();
        // Money that should have moved is missed in the balances too, and there it may have been due before.
        let report = Written::new(&facts).verify();
        let position = Some(begun as u64 + 1);
        let is_missed = |finding: &audit::ReportFinding| {
            finding.position == position && finding.code == code::COMPANION_MISSING
        };
        assert!(report.findings.iter().any(is_missed), "{}", report.text());
    }
}

#[test]
fn an_award_of_other_shares_than_were_agreed_is_found() {
    let mut facts = history(History::conceded);
    let at = find(&facts, "escrow.award_applied", 0);
    facts[at].edit(|payload| payload["shares"]["client"]["minor"] = json!(100_000));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn an_award_whose_fees_are_off_by_one_is_found_though_both_books_balance() {
    for nth in [0, 1] {
        let mut facts = history(History::conceded);
        let at = find(&facts, "escrow.award_applied", nth);
        facts[at].edit(|payload| {
            let (more, sign) =
                if nth == 0 { (["2700", "1500", "4100"], 1) } else { (["1510", "2710", "4190"], -1) };
            for code in more {
                add(payload, code, 1);
            }
            add(payload, "2210", -sign);
        });
        found(&facts, at, "ENTRY_UNBALANCED");
    }
}

#[test]
fn a_fee_of_arbitration_that_the_wrong_side_bears_is_found() {
    let mut facts = history(History::arbitrated);
    let at = find(&facts, "dispute.fees_settled", 0);
    facts[at].edit(|payload| payload["bearer"] = Value::from("client"));
    found(&facts, at, "WRONG_STATE");
}

#[test]
fn a_decision_by_somebody_who_acted_before_is_found() {
    let mediator = mediator().party().unwrap().to_string();
    let mut facts = history(History::arbitrated);
    let at = find(&facts, "dispute.decided", 0);
    facts[at].edit(|payload| payload["decision"]["award"]["arbitrator"] = Value::from(mediator.clone()));
    recorded_by(&mut facts, at, &mediator);
    found(&facts, at, "NOT_NEUTRAL");
}

#[test]
fn what_a_dispute_lets_happen_too_early_is_found() {
    let all: [(Tell, &str); 5] = [
        (History::defaulted, "dispute.decided"),
        (History::recommended, "dispute.escalated"),
        (History::recommended, "dispute.evidence_sealed"),
        (History::paid_by_one, "dispute.decided"),
        (History::small_claim, "dispute.finalized"),
    ];
    for (tell, name) in all {
        let mut facts = history(tell);
        let at = find(&facts, name, 0);
        recorded_earlier(&mut facts, at, 1);
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn evidence_that_was_changed_or_came_too_late_is_found() {
    let mut facts = history(History::recommended);
    let at = find(&facts, "dispute.evidence_submitted", 1);
    facts[at].edit(|payload| payload["text"]["clear"] = Value::from("Something else"));
    found(&facts, at, "WRONG_STATE");
    let mut facts = history(History::recommended);
    let sealed = find(&facts, "dispute.evidence_sealed", 0);
    let mut late = facts[find(&facts, "dispute.evidence_submitted", 1)].clone();
    late.edit(|payload| payload["number"] = json!(3));
    (late.at, late.command) = (facts[sealed].at, 1_000_000);
    facts.truncate(sealed + 1);
    facts.push(late);
    found(&facts, sealed + 1, "EVIDENCE_SEALED");
}
