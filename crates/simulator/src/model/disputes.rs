//! Disputes: the ladder from a claim over negotiation, mediation and arbitration to an award.

use super::owed::Owed;
use super::{DAY, Law, Model, Status, Told, days, known, known_mut, later, law};
use domain::dispute::{DisputeEvent, DisputeOpened, FeeBearer, Opening, Shares};
use domain::id::{ContractId, DisputeId, MilestoneId, PartyId};
use domain::policy::DisputeRules;
use domain::proposal::Party;

/// Most pieces of evidence of a side, questions of a mediator, and offers to settle.
pub(crate) const PIECES_MAX: u16 = 20;
pub(crate) const OFFERS_MAX: u16 = 50;

/// A dispute.
#[derive(Debug)]
pub(crate) struct Dispute {
    pub(crate) contract: ContractId,
    pub(crate) milestone: MilestoneId,
    /// The client, and the talent.
    pub(crate) parties: [PartyId; 2],
    pub(crate) opener: Party,
    pub(crate) disputed: i128,
    pub(crate) claim: i128,
    pub(crate) status: Status,
    /// The last offer: its number, its author, and what the client would get.
    pub(crate) offer: Option<(u16, Party, i128)>,
    /// How many pieces of evidence each side handed in.
    pub(crate) pieces: [u16; 2],
    pub(crate) questions: u16,
    pub(crate) sealed: bool,
    /// Who acted for the house, and at which rung.
    pub(super) staff: Vec<(PartyId, Rung)>,
    pub(super) recommended: Option<i128>,
    pub(crate) accepted: Option<Party>,
    pub(crate) given_up: Option<Party>,
    /// What each side pays for arbitration, and what each has paid.
    pub(crate) fee: Option<i128>,
    pub(crate) paid: [i128; 2],
    pub(super) bearer: Option<FeeBearer>,
    /// What the client gets, as is agreed or decided.
    pub(crate) shares: Option<i128>,
    pub(super) due: Option<i64>,
    pub(super) extended: bool,
    pub(crate) escalates_from: i64,
    pub(super) suspended: Option<(Status, i64)>,
}

/// Where somebody of the house acts: each rung is somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rung {
    Mediation,
    Arbitration,
    Appeal,
}

/// Rungs at which both sides may still agree.
pub(super) const OPEN: &[Status] =
    &["Negotiation", "Mediation", "Recommended", "ArbitrationOffered", "Arbitration"];
/// Rungs from which only both sides together give it up.
pub(super) const BOTH: &[Status] = &["Recommended", "ArbitrationOffered", "Arbitration"];

pub(super) fn place(side: Party) -> usize {
    usize::from(side == Party::Talent)
}

impl Dispute {
    pub(crate) fn party(&self, side: Party) -> PartyId {
        self.parties[place(side)]
    }

    pub(crate) fn has_paid(&self, side: Party) -> bool {
        self.paid[place(side)] > 0
    }

    /// Whether a side may hand in more.
    pub(crate) fn hears(&self, side: Party) -> bool {
        let open = self.status == "Arbitration" || self.status == "Mediation" && !self.sealed;
        open && self.pieces[place(side)] < PIECES_MAX
    }

    pub(super) fn fees_held(&self) -> i128 {
        self.paid[0] + self.paid[1]
    }

    /// When time decides.
    pub(super) fn due(&self) -> Option<i64> {
        self.due.filter(|_| self.suspended.is_none())
    }

    pub(crate) fn is_open(&self) -> bool {
        OPEN.contains(&self.status)
    }

    pub(crate) fn takes_both(&self) -> bool {
        BOTH.contains(&self.status)
    }

    /// Whether somebody may act at a rung.
    pub(crate) fn is_neutral(&self, person: &str, rung: Rung) -> bool {
        let party = self.parties.iter().any(|party| party.to_string() == person);
        !party && self.staff.iter().all(|(other, at)| other.to_string() != person || *at == rung)
    }

    /// Who has mediated.
    pub(crate) fn mediator(&self) -> Option<PartyId> {
        self.staff.iter().find(|(_, rung)| *rung == Rung::Mediation).map(|(person, _)| *person)
    }

    /// What the client gets if a side gets all that it can.
    pub(super) fn won_by(&self, side: Party) -> i128 {
        let opener = if side == self.opener { self.claim } else { 0 };
        if self.opener == Party::Client { opener } else { self.disputed - opener }
    }

    /// Whether a side could have got more.
    pub(crate) fn has_lost(&self, side: Party) -> bool {
        let part = |client: i128| if side == Party::Client { client } else { self.disputed - client };
        self.shares.is_some_and(|client| part(client) < part(self.won_by(side)))
    }

    /// The least and the most that the house may give the client.
    pub(crate) fn range(&self) -> (i128, i128) {
        let (one, other) = (self.won_by(Party::Client), self.won_by(Party::Talent));
        (one.min(other), one.max(other))
    }

    pub(super) fn is(&self, states: &[Status]) -> Law {
        law(states.contains(&self.status), format!("not from {}", self.status))
    }

    pub(super) fn moves(&mut self, to: Status, due: Option<i64>) {
        (self.status, self.due, self.extended) = (to, due, false);
    }

    /// That time decides, which is due.
    pub(super) fn by_time(&self, told: Told<'_>) -> Law {
        told.by_time(self.due.ok_or("nothing is due")?)
    }

    pub(super) fn acts(&mut self, who: &str, person: PartyId, rung: Rung) -> Law {
        law(person.to_string() == who, "who acts is named")?;
        law(self.is_neutral(who, rung), "each rung is somebody else's, and no party's")?;
        if !self.staff.iter().any(|(other, _)| *other == person) {
            self.staff.push((person, rung));
        }
        Ok(())
    }

    /// What the client gets of shares that are all that is disputed.
    pub(super) fn divided(&self, shares: &Shares) -> Result<i128, String> {
        let (client, talent) = (i128::from(shares.client.minor()), i128::from(shares.talent.minor()));
        law(client >= 0 && talent >= 0, "nobody's share is below nothing")?;
        law(client + talent == self.disputed, "the shares are all that is disputed")?;
        Ok(client)
    }

    /// The same of what the house decides, which gives the opener no more than it claims.
    pub(super) fn judged(&self, shares: &Shares) -> Result<i128, String> {
        let client = self.divided(shares)?;
        let (least, most) = self.range();
        law((least..=most).contains(&client), "the opener gets no more than it claims")?;
        Ok(client)
    }
}

impl Model {
    /// The rules that a contract has pinned.
    pub(crate) fn rules(&self, contract: ContractId) -> Result<DisputeRules, String> {
        let version = known(&self.contracts, &contract)?.policy;
        self.policies
            .get(&version)
            .map(|policy| policy.disputes.clone())
            .ok_or_else(|| "no policy".to_owned())
    }

    pub(super) fn on_dispute(&mut self, event: &DisputeEvent, told: Told<'_>) -> Law {
        match event {
            DisputeEvent::Opened(e) => self.on_opened(e, told),
            DisputeEvent::Responded(_)
            | DisputeEvent::SettlementOffered(_)
            | DisputeEvent::Escalated(_)
            | DisputeEvent::WithdrawalProposed(_) => self.on_talk(event, told),
            DisputeEvent::EvidenceSubmitted(_)
            | DisputeEvent::QuestionAsked(_)
            | DisputeEvent::EvidenceSealed(_)
            | DisputeEvent::RecommendationIssued(_)
            | DisputeEvent::RecommendationAccepted(_) => self.on_mediation(event, told),
            DisputeEvent::ArbitrationOffered(e) => self.on_arbitration_offered(e, told),
            DisputeEvent::FeePaid(e) => self.on_fee_paid(e, told),
            DisputeEvent::ArbitrationBegun(_)
            | DisputeEvent::DeadlineMissed(_)
            | DisputeEvent::Appealed(_)
            | DisputeEvent::Suspended(_)
            | DisputeEvent::Resumed(_) => self.on_clock(event, told),
            DisputeEvent::Settled(e) => self.on_settled(e, told),
            DisputeEvent::Decided(e) => self.on_decided(e, told),
            DisputeEvent::Finalized(e) => self.on_finalized(e, told),
            DisputeEvent::Withdrawn(e) => self.on_withdrawn(e, told),
            DisputeEvent::FeesSettled(e) => self.on_fees_settled(e, told),
        }
    }

    fn on_opened(&mut self, e: &DisputeOpened, told: Told<'_>) -> Law {
        let rules = self.rules(e.contract_id)?;
        let (disputed, claim) = (i128::from(e.disputed.minor()), i128::from(e.claim.minor()));
        law(disputed == self.disputable(e.milestone_id)?, "all that is held is disputed")?;
        law(claim > 0 && claim <= disputed, "a part of what is disputed is claimed")?;
        let contract = known(&self.contracts, &e.contract_id)?;
        let (opener, respondent) = (contract.side(e.opened_by), contract.side(e.opened_by.other()));
        law((opener, respondent) == (e.opener, e.respondent), "a dispute is between the parties")?;
        let milestone = known(&self.milestones, &e.milestone_id)?;
        milestone.moves_freely()?;
        let (status, due, escalates_from) = match &e.opening {
            Opening::Claimed { respond_by, .. } => {
                told.by(&[opener])?;
                let all = self.debts.settles(Owed::Disputed(e.milestone_id));
                law(!all || claim == disputed, "an end is disputed whole")?;
                let held = ["Funded", "Submitted", "ChangesRequested", "RefundRequested"];
                let after = milestone.status == "Released" && e.opened_by == Party::Client;
                law(after || held.contains(&milestone.status), format!("not from {}", milestone.status))?;
                let due = days(told.at, rules.response_days);
                law(respond_by.micros() == due, "a claim is answered within the window")?;
                ("AwaitingResponse", due, 0)
            }
            Opening::Refused { escalates_from, negotiates_until, .. } => {
                told.by(&[respondent])?;
                milestone.is(&["RefundRequested"])?;
                law(e.opened_by == Party::Client && claim == disputed, "the client has claimed all")?;
                let (from, due) =
                    (days(told.at, rules.escalate_after_days), days(told.at, rules.negotiation_days));
                law((escalates_from.micros(), negotiates_until.micros()) == (from, due), "in its windows")?;
                ("Negotiation", due, from)
            }
        };
        self.debts.owe(Owed::Frozen(e.dispute_id));
        let dispute = Dispute {
            contract: e.contract_id,
            milestone: e.milestone_id,
            parties: contract.parties(),
            opener: e.opened_by,
            disputed,
            claim,
            status,
            offer: None,
            pieces: [0; 2],
            questions: 0,
            sealed: false,
            staff: Vec::new(),
            recommended: None,
            accepted: None,
            given_up: None,
            fee: None,
            paid: [0; 2],
            bearer: None,
            shares: None,
            due: Some(due),
            extended: false,
            escalates_from,
            suspended: None,
        };
        law(self.disputes.insert(e.dispute_id, dispute).is_none(), "a dispute begins once")
    }

    fn on_talk(&mut self, event: &DisputeEvent, told: Told<'_>) -> Law {
        let rules = self.rules_of(event.dispute_id())?;
        let dispute = known_mut(&mut self.disputes, &event.dispute_id())?;
        match event {
            DisputeEvent::Responded(e) => {
                dispute.is(&["AwaitingResponse"])?;
                told.by(&[dispute.party(dispute.opener.other())])?;
                let (from, due) =
                    (days(told.at, rules.escalate_after_days), days(told.at, rules.negotiation_days));
                let told_of = (e.escalates_from.micros(), e.negotiates_until.micros());
                law(told_of == (from, due), "negotiation has its windows")?;
                dispute.escalates_from = from;
                dispute.moves("Negotiation", Some(due));
                Ok(())
            }
            DisputeEvent::SettlementOffered(e) => {
                dispute.is(OPEN)?;
                told.by(&[dispute.party(e.author)])?;
                let next = dispute.offer.map_or(1, |(number, _, _)| number + 1);
                law(e.number == next && next <= OFFERS_MAX, "offers count without a gap, to their limit")?;
                dispute.offer = Some((e.number, e.author, dispute.divided(&e.shares)?));
                Ok(())
            }
            DisputeEvent::Escalated(e) => {
                dispute.is(&["Negotiation"])?;
                let early = told.at < dispute.escalates_from;
                let either = told.by(&dispute.parties).and(law(!early, "it is negotiated first"));
                either.or_else(|_| dispute.by_time(told))?;
                let due = days(told.at, rules.evidence_days);
                law(e.evidence_until.micros() == due, "evidence has its window")?;
                dispute.moves("Mediation", Some(due));
                Ok(())
            }
            DisputeEvent::WithdrawalProposed(e) => {
                dispute.is(BOTH)?;
                told.by(&[dispute.party(e.side)])?;
                law(dispute.given_up.replace(e.side).is_none(), "one side proposes to give it up")
            }
            _ => Err("this is no talk".to_owned()),
        }
    }

    fn on_mediation(&mut self, event: &DisputeEvent, told: Told<'_>) -> Law {
        let (id, rules) = (event.dispute_id(), self.rules_of(event.dispute_id())?);
        let dispute = known_mut(&mut self.disputes, &id)?;
        match event {
            DisputeEvent::EvidenceSubmitted(e) => {
                told.by(&[dispute.party(e.author)])?;
                law(dispute.hears(e.author), "what is sealed stays sealed")?;
                dispute.pieces[place(e.author)] += 1;
                let number = dispute.pieces[0] + dispute.pieces[1];
                law(e.number == number, "evidence counts without a gap")
            }
            DisputeEvent::QuestionAsked(e) => {
                dispute.is(&["Mediation"])?;
                law(!dispute.sealed, "who has heard enough asks no more")?;
                dispute.acts(told.who, e.mediator, Rung::Mediation)?;
                dispute.questions += 1;
                law(e.number == dispute.questions && e.number <= PIECES_MAX, "questions count")
            }
            DisputeEvent::EvidenceSealed(e) => {
                dispute.is(&["Mediation"])?;
                dispute.by_time(told)?;
                law(!std::mem::replace(&mut dispute.sealed, true), "evidence is sealed once")?;
                let due = business_days(told.at, rules.recommendation_business_days);
                law(e.recommend_by.micros() == due, "a recommendation has its window")?;
                dispute.moves("Mediation", Some(due));
                Ok(())
            }
            DisputeEvent::RecommendationIssued(e) => {
                dispute.is(&["Mediation"])?;
                law(dispute.sealed, "both sides are heard first")?;
                dispute.acts(told.who, e.mediator, Rung::Mediation)?;
                dispute.recommended = Some(dispute.judged(&e.shares)?);
                let due = days(told.at, rules.answer_days);
                law(e.answer_by.micros() == due, "an answer has its window")?;
                dispute.moves("Recommended", Some(due));
                Ok(())
            }
            DisputeEvent::RecommendationAccepted(e) => {
                dispute.is(&["Recommended"])?;
                told.by(&[dispute.party(e.side)])?;
                let before = dispute.accepted.replace(e.side);
                law(before != Some(e.side), "a side accepts once")?;
                if before.is_some() {
                    self.debts.owe(Owed::Settled(id));
                }
                Ok(())
            }
            _ => Err("this is no mediation".to_owned()),
        }
    }

    /// What sets its clock, or stops it.
    fn on_clock(&mut self, event: &DisputeEvent, told: Told<'_>) -> Law {
        let (id, rules) = (event.dispute_id(), self.rules_of(event.dispute_id())?);
        let dispute = known_mut(&mut self.disputes, &id)?;
        match event {
            DisputeEvent::ArbitrationBegun(e) => {
                self.debts.must(Owed::Arbitration(id))?;
                let due = days(told.at, rules.award_days);
                law(e.award_by.micros() == due, "an award has its window")?;
                dispute.moves("Arbitration", Some(due));
                Ok(())
            }
            DisputeEvent::DeadlineMissed(e) => {
                dispute.by_time(told)?;
                let mediates = dispute.status == "Mediation" && dispute.sealed;
                let small = dispute.status == "ArbitrationOffered" && dispute.fee.is_none();
                law(mediates || small || dispute.status == "Arbitration", "staff miss their deadlines")?;
                let until = if mediates {
                    business_days(told.at, rules.recommendation_business_days)
                } else {
                    days(told.at, rules.award_days)
                };
                let due = Some(until).filter(|_| !dispute.extended);
                law(e.extended_to.map(domain::Timestamp::micros) == due, "a deadline is extended once")?;
                (dispute.due, dispute.extended) = (due, true);
                Ok(())
            }
            DisputeEvent::Appealed(e) => {
                dispute.is(&["Decided"])?;
                told.by(&[dispute.party(e.side)])?;
                law(dispute.has_lost(e.side), "who lost appeals")?;
                let due = days(told.at, rules.appeal_decision_days);
                law(e.decide_by.micros() == due, "an appeal has its window")?;
                dispute.moves("Appealed", Some(due));
                Ok(())
            }
            DisputeEvent::Suspended(_) => {
                law(!matches!(dispute.status, "Closed" | "Withdrawn" | "Suspended"), "what is over rests")?;
                dispute.suspended = Some((dispute.status, told.at));
                dispute.status = "Suspended";
                Ok(())
            }
            DisputeEvent::Resumed(_) => {
                let (status, since) = dispute.suspended.take().ok_or("it doesn't rest")?;
                dispute.status = status;
                dispute.escalates_from = later(dispute.escalates_from, since, told.at);
                dispute.due = dispute.due.map(|due| later(due, since, told.at));
                Ok(())
            }
            _ => Err("this sets no clock".to_owned()),
        }
    }

    pub(super) fn rules_of(&self, id: DisputeId) -> Result<DisputeRules, String> {
        self.rules(known(&self.disputes, &id)?.contract)
    }
}

/// `days` business days after `at`: Saturdays and Sundays don't count.
fn business_days(at: i64, days: u16) -> i64 {
    let (mut at, mut left) = (at, days);
    while left > 0 {
        at += DAY;
        // 5 January 1970 was a Monday.
        let weekday = (at.div_euclid(DAY) - 4).rem_euclid(7);
        left -= u16::from(weekday < 5);
    }
    at
}
