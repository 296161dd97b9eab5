//! A dispute as its decisions see it.

use super::{
    ArbitrationFeePaid, ContentHash, Decision, DisputeEvent, DisputeOpened, DisputeStatus, EvidenceSubmitted,
    FeeBearer, Finality, Opening, Shares,
};
use crate::context::Actor;
use crate::contract::EscrowEvent;
use crate::event::Event;
use crate::id::{ContractId, DisputeId, MilestoneId, PartyId};
use crate::money::Money;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A dispute about a milestone's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money is disputed.
    pub milestone_id: MilestoneId,
    /// Who opened it.
    pub opener: PartyId,
    /// Who answers.
    pub respondent: PartyId,
    /// Which side opened it.
    pub opened_by: Party,
    /// What is divided.
    pub disputed: Money,
    /// What the opener wants of that.
    pub claim: Money,
    /// How many offers to settle were made.
    pub offers: u16,
    /// The last of them.
    pub offer: Option<Offer>,
    /// What was handed in, and whether more can be.
    pub evidence: Evidence,
    /// The people of the house who acted in it, each at one rung.
    pub staff: Vec<(PartyId, Rung)>,
    /// What the mediator recommends.
    pub recommended: Option<Shares>,
    /// The side that has accepted that.
    pub accepted_by: Option<Party>,
    /// The side that wants to give it up.
    pub withdrawal_by: Option<Party>,
    /// What each side pays for arbitration, once that is offered and not free.
    pub fee: Option<Money>,
    /// What both sides have paid.
    pub paid: PaidFees,
    /// Who bears the fee of the arbitration that took place.
    pub fee_bearer: Option<FeeBearer>,
    /// How it was settled or decided.
    pub shares: Option<Shares>,
    /// Where it stood when it was suspended, and since when it is.
    suspended: Option<(DisputeStatus, Timestamp)>,
    status: DisputeStatus,
    deadline: Option<Deadline>,
    escalates_from: Option<Timestamp>,
}

/// An offer to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Counts from 1.
    pub number: u16,
    /// Which side made it.
    pub author: Party,
    /// How it would divide what is disputed.
    pub shares: Shares,
}

/// What both sides handed in. The texts are in the log alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How many pieces are the client's.
    pub client: u16,
    /// How many pieces are the talent's.
    pub talent: u16,
    /// How many questions the mediator asked.
    pub questions: u16,
    /// Whether no more is heard before the recommendation.
    pub is_sealed: bool,
}

/// What is held of the fees for arbitration, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaidFees {
    /// From the client.
    pub client: i64,
    /// From the talent.
    pub talent: i64,
}

impl PaidFees {
    /// From `side`.
    pub const fn side(self, side: Party) -> i64 {
        match side {
            Party::Client => self.client,
            Party::Talent => self.talent,
        }
    }

    /// From both.
    pub const fn total(self) -> i64 {
        self.client + self.talent
    }
}

/// Where somebody of the house acts. Each rung is somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// In the mediation.
    Mediation,
    /// In the arbitration, or the decision on the documents.
    Arbitration,
    /// In the appeal.
    Appeal,
}

/// When what it waits for is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deadline {
    due: Timestamp,
    since: u64,
    /// Whether it was missed before, and extended.
    is_extended: bool,
}

impl Dispute {
    /// Where it stands.
    pub const fn status(&self) -> DisputeStatus {
        self.status
    }

    /// When what it waits for is due; `None` for what waits for an admin, or for nobody.
    pub fn due_at(&self) -> Option<Timestamp> {
        self.deadline.map(|deadline| deadline.due)
    }

    /// Whether staff have missed the deadline before, which was extended for that.
    pub fn is_extended(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline.is_extended)
    }

    /// From when on either side may take it to support.
    pub const fn escalates_from(&self) -> Option<Timestamp> {
        self.escalates_from
    }

    /// Where it stood before it was suspended.
    pub fn prior(&self) -> Option<DisputeStatus> {
        self.suspended.map(|(prior, _)| prior)
    }

    /// What 2130 holds for it, in minor units.
    pub const fn fees_held(&self) -> i64 {
        self.paid.total()
    }

    /// The party on `side`.
    pub fn party(&self, side: Party) -> PartyId {
        if side == self.opened_by { self.opener } else { self.respondent }
    }

    /// The side that the actor is on.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else, `FORBIDDEN` for a party that acts without the side's role.
    pub fn side(&self, actor: &Actor) -> Result<Party, Refusal> {
        match actor.party() {
            Some(party) if party == self.opener => self.opened_by.held_by(actor),
            Some(party) if party == self.respondent => self.opened_by.other().held_by(actor),
            Some(_) | None => Err(Refusal::not_found("dispute")),
        }
    }

    /// That `person`, who would act at `rung`, is no party to it and acted at no other rung.
    ///
    /// # Errors
    /// [`Code::NotNeutral`].
    pub fn neutral(&self, person: PartyId, rung: Rung) -> Result<(), Refusal> {
        if person == self.opener || person == self.respondent {
            return Err(Refusal::new(Code::NotNeutral, "nobody decides a dispute of their own"));
        }
        let forgets = rung == Rung::Appeal && is_planted(Sabotage::AppealByTheMediator);
        let elsewhere = |at: Rung| at != rung && !(forgets && at == Rung::Mediation);
        if self.staff.iter().any(|(other, at)| *other == person && elsewhere(*at)) {
            return Err(Refusal::new(Code::NotNeutral, "each rung is somebody else's"));
        }
        Ok(())
    }

    /// What is disputed, divided so that the client gets `client`, by somebody else than the two sides.
    ///
    /// # Errors
    /// As [`Shares::of`]; [`Code::ShareOutOfRange`] for more than the opener claimed.
    pub fn divided(&self, client: Money) -> Result<Shares, Refusal> {
        let shares = Shares::of(self.disputed, client)?;
        if shares.side(self.opened_by).minor() > self.claim.minor() {
            let message = format!("the opener claims {} minor units and gets no more", self.claim.minor());
            return Err(Refusal::new(Code::ShareOutOfRange, message));
        }
        Ok(shares)
    }

    /// What it comes to if `winner` gets all that it can: the opener its claim, the respondent everything.
    ///
    /// # Errors
    /// None for what was opened by the rules.
    pub fn won_by(&self, winner: Party) -> Result<Shares, Refusal> {
        let opener = if winner == self.opened_by { self.claim } else { self.claim.with_minor(0)? };
        Shares::with(self.disputed, self.opened_by, opener)
    }

    /// Whether `side` got less than it could have.
    pub fn has_lost(&self, side: Party) -> bool {
        let best = self.won_by(side).ok();
        self.shares.zip(best).is_some_and(|(got, best)| got.side(side).minor() < best.side(side).minor())
    }

    /// The one deadline of where it stands.
    pub fn timers(&self) -> Vec<Timer> {
        let kind = match self.status {
            DisputeStatus::AwaitingResponse => TimerKind::DefaultDispute,
            DisputeStatus::Negotiation => TimerKind::AutoEscalateDispute,
            DisputeStatus::Mediation if !self.evidence.is_sealed => TimerKind::SealEvidence,
            DisputeStatus::ArbitrationOffered if self.fee.is_some() => TimerKind::LapseArbitrationOffer,
            DisputeStatus::Mediation | DisputeStatus::ArbitrationOffered | DisputeStatus::Arbitration => {
                TimerKind::MissDisputeDeadline
            }
            DisputeStatus::Recommended => TimerKind::LapseRecommendation,
            DisputeStatus::Decided | DisputeStatus::Appealed => TimerKind::FinalizeAward,
            // The contract has the award executed.
            DisputeStatus::Settled
            | DisputeStatus::Final
            | DisputeStatus::Closed
            | DisputeStatus::Withdrawn
            | DisputeStatus::Suspended => return Vec::new(),
        };
        let timer = |deadline: Deadline| Timer { kind, due: deadline.due, epoch: deadline.since };
        self.deadline.map(timer).into_iter().collect()
    }

    /// Roughly the bytes of what it keeps.
    pub(crate) const fn weight(&self) -> usize {
        self.staff.len() * size_of::<(PartyId, Rung)>()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        if let Event::Dispute(DisputeEvent::Opened(e)) = event {
            return Some(Self::opened(e, mark));
        }
        let mut dispute = state?;
        match event {
            Event::Dispute(event) => dispute.on(event, mark),
            Event::Escrow(EscrowEvent::AwardApplied(_)) => dispute.moves(DisputeStatus::Closed, None, mark),
            Event::Escrow(_)
            | Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Deposit(_)
            | Event::Refund(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        Some(dispute)
    }

    fn opened(e: &DisputeOpened, mark: Mark) -> Self {
        let (status, due, escalates_from) = match &e.opening {
            Opening::Claimed { respond_by, .. } => (DisputeStatus::AwaitingResponse, *respond_by, None),
            Opening::Refused { escalates_from, negotiates_until, .. } => {
                (DisputeStatus::Negotiation, *negotiates_until, Some(*escalates_from))
            }
        };
        Self {
            id: e.dispute_id,
            contract_id: e.contract_id,
            milestone_id: e.milestone_id,
            opener: e.opener,
            respondent: e.respondent,
            opened_by: e.opened_by,
            disputed: e.disputed,
            claim: e.claim,
            offers: 0,
            offer: None,
            evidence: Evidence::default(),
            staff: Vec::new(),
            recommended: None,
            accepted_by: None,
            withdrawal_by: None,
            fee: None,
            paid: PaidFees::default(),
            fee_bearer: None,
            shares: None,
            suspended: None,
            status,
            deadline: Some(Deadline { due, since: mark.revision, is_extended: false }),
            escalates_from,
        }
    }

    fn on(&mut self, event: &DisputeEvent, mark: Mark) {
        match event {
            DisputeEvent::Opened(_) => {}
            DisputeEvent::Responded(e) => {
                self.escalates_from = Some(e.escalates_from);
                self.moves(DisputeStatus::Negotiation, Some(e.negotiates_until), mark);
            }
            DisputeEvent::SettlementOffered(e) => {
                self.offers = e.number;
                self.offer = Some(Offer { number: e.number, author: e.author, shares: e.shares });
            }
            DisputeEvent::Escalated(e) => {
                self.moves(DisputeStatus::Mediation, Some(e.evidence_until), mark);
            }
            DisputeEvent::EvidenceSubmitted(e) => self.heard(e),
            DisputeEvent::QuestionAsked(e) => {
                self.evidence.questions = e.number;
                self.acted(e.mediator, Rung::Mediation);
            }
            DisputeEvent::EvidenceSealed(e) => {
                self.evidence.is_sealed = true;
                self.moves(DisputeStatus::Mediation, Some(e.recommend_by), mark);
            }
            DisputeEvent::RecommendationIssued(e) => {
                self.acted(e.mediator, Rung::Mediation);
                self.recommended = Some(e.shares);
                self.moves(DisputeStatus::Recommended, Some(e.answer_by), mark);
            }
            DisputeEvent::RecommendationAccepted(e) => self.accepted_by = Some(e.side),
            DisputeEvent::ArbitrationOffered(e) => {
                self.fee = e.fee;
                self.moves(DisputeStatus::ArbitrationOffered, Some(e.due_at), mark);
            }
            DisputeEvent::FeePaid(e) => self.holds(e),
            DisputeEvent::ArbitrationBegun(e) => {
                self.moves(DisputeStatus::Arbitration, Some(e.award_by), mark);
            }
            DisputeEvent::DeadlineMissed(e) => {
                let (since, is_extended) = (mark.revision, true);
                self.deadline = e.extended_to.map(|due| Deadline { due, since, is_extended });
            }
            DisputeEvent::WithdrawalProposed(e) => self.withdrawal_by = Some(e.side),
            DisputeEvent::FeesSettled(_) => self.paid = PaidFees::default(),
            DisputeEvent::Settled(_)
            | DisputeEvent::Decided(_)
            | DisputeEvent::Appealed(_)
            | DisputeEvent::Finalized(_)
            | DisputeEvent::Withdrawn(_)
            | DisputeEvent::Suspended(_)
            | DisputeEvent::Resumed(_) => self.concluded(event, mark),
        }
    }

    /// What brings it towards its end, or keeps it from there.
    fn concluded(&mut self, event: &DisputeEvent, mark: Mark) {
        match event {
            DisputeEvent::Settled(e) => {
                self.shares = Some(e.shares);
                self.moves(DisputeStatus::Settled, None, mark);
            }
            DisputeEvent::Decided(e) => {
                self.shares = Some(e.shares);
                if let Decision::Award { arbitrator, .. } | Decision::SmallClaim { arbitrator, .. } =
                    &e.decision
                {
                    self.acted(*arbitrator, Rung::Arbitration);
                }
                if let Decision::Award { fees, .. } = &e.decision {
                    self.fee_bearer = Some(*fees);
                }
                self.moves(DisputeStatus::Decided, Some(e.appeal_until), mark);
            }
            DisputeEvent::Appealed(e) => self.moves(DisputeStatus::Appealed, Some(e.decide_by), mark),
            DisputeEvent::Finalized(e) => {
                self.shares = Some(e.shares);
                if let Finality::Appeal { reviewer, .. } = &e.finality {
                    self.acted(*reviewer, Rung::Appeal);
                }
                self.moves(DisputeStatus::Final, None, mark);
            }
            DisputeEvent::Withdrawn(_) => self.moves(DisputeStatus::Withdrawn, None, mark),
            DisputeEvent::Suspended(_) => {
                self.suspended = Some((self.status, mark.at));
                self.status = DisputeStatus::Suspended;
            }
            DisputeEvent::Resumed(_) => self.resumed(mark),
            DisputeEvent::Opened(_)
            | DisputeEvent::Responded(_)
            | DisputeEvent::SettlementOffered(_)
            | DisputeEvent::Escalated(_)
            | DisputeEvent::EvidenceSubmitted(_)
            | DisputeEvent::QuestionAsked(_)
            | DisputeEvent::EvidenceSealed(_)
            | DisputeEvent::RecommendationIssued(_)
            | DisputeEvent::RecommendationAccepted(_)
            | DisputeEvent::ArbitrationOffered(_)
            | DisputeEvent::FeePaid(_)
            | DisputeEvent::ArbitrationBegun(_)
            | DisputeEvent::DeadlineMissed(_)
            | DisputeEvent::WithdrawalProposed(_)
            | DisputeEvent::FeesSettled(_) => {}
        }
    }

    fn moves(&mut self, to: DisputeStatus, due: Option<Timestamp>, mark: Mark) {
        let since = mark.revision;
        self.status = to;
        self.deadline = due.map(|due| Deadline { due, since, is_extended: false });
    }

    /// It goes on where it rested, and every deadline is as much later.
    fn resumed(&mut self, mark: Mark) {
        let Some((prior, since)) = self.suspended.take() else {
            return;
        };
        self.status = prior;
        let later = |instant: Timestamp| instant.later_by(since, mark.at);
        self.escalates_from = self.escalates_from.map(later);
        self.deadline = self.deadline.map(|deadline| Deadline {
            due: later(deadline.due),
            since: mark.revision,
            ..deadline
        });
    }

    fn heard(&mut self, e: &EvidenceSubmitted) {
        match e.author {
            Party::Client => self.evidence.client += 1,
            Party::Talent => self.evidence.talent += 1,
        }
    }

    fn holds(&mut self, e: &ArbitrationFeePaid) {
        let paid = match e.side {
            Party::Client => &mut self.paid.client,
            Party::Talent => &mut self.paid.talent,
        };
        *paid = paid.saturating_add(e.amount.minor());
    }

    fn acted(&mut self, person: PartyId, rung: Rung) {
        if !self.staff.contains(&(person, rung)) {
            self.staff.push((person, rung));
        }
    }
}

impl Evidence {
    /// How many pieces are `side`'s.
    pub const fn of(self, side: Party) -> u16 {
        match side {
            Party::Client => self.client,
            Party::Talent => self.talent,
        }
    }

    /// The number of the next piece.
    pub const fn next(self) -> u16 {
        self.client.saturating_add(self.talent).saturating_add(1)
    }
}

impl EvidenceSubmitted {
    /// Whether the hash is that of what was handed in; nobody can say of what was erased.
    pub fn is_hashed(&self) -> bool {
        let hash = |text| ContentHash::of(text, self.attachment, self.salt);
        self.text.clear().is_none_or(|text| hash(text) == self.content_hash)
    }
}
