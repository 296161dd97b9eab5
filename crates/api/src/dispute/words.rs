//! What is said and decided in a dispute, as callers see it.

use crate::money::Money;
use crate::proposal::Side;
use crate::scalar::{DateTime, PartyId, Sha256};
use async_graphql::{Enum, SimpleObject};
use domain::dispute::{
    Decision, DisputeAppealed, DisputeDecided, DisputeFinalized, DisputeSettled, Finality,
    RecommendationIssued, SettledBy,
};
use domain::personal::Personal;
use domain::proposal::{Party, TermsHash};
use domain::text::Prose;
use projections::{EvidenceRow, QuestionRow, SettlementOfferRow};

/// Who bears the fee of an arbitration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::dispute::FeeBearer")]
pub(crate) enum FeeBearer {
    /// The client.
    Client,
    /// The talent.
    Talent,
    /// Each bears half; a minor unit that can't be halved is the client's.
    Both,
}

/// On what ground somebody appeals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::dispute::AppealGround")]
pub(crate) enum AppealGround {
    /// There is evidence that could not be handed in before.
    NewEvidence,
    /// The rules of the procedure were broken.
    Procedure,
}

/// A piece of evidence.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct DisputeEvidence {
    /// Counts what was handed in, from 1.
    number: u16,
    /// Which side handed it in.
    author: Side,
    /// What it says; null once it was erased.
    text: Option<String>,
    /// SHA-256 of a document that is kept elsewhere.
    attachment: Option<Sha256>,
    /// SHA-256 of all of it with a salt, which is in the log.
    content_hash: Sha256,
    /// When it was handed in.
    submitted_at: DateTime,
}

impl From<EvidenceRow> for DisputeEvidence {
    fn from(row: EvidenceRow) -> Self {
        let hash = |hash: domain::dispute::ContentHash| Sha256(TermsHash::new(*hash.bytes()));
        Self {
            number: row.number,
            author: row.author.into(),
            text: row.text,
            attachment: row.attachment.map(hash),
            content_hash: hash(row.content_hash),
            submitted_at: DateTime(row.submitted_at),
        }
    }
}

/// A mediator's question to both sides.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct DisputeQuestion {
    /// Counts the questions, from 1.
    number: u16,
    /// Who asks.
    mediator: PartyId,
    /// What is asked; null once it was erased.
    question: Option<String>,
    /// When it was asked.
    asked_at: DateTime,
}

impl From<QuestionRow> for DisputeQuestion {
    fn from(row: QuestionRow) -> Self {
        Self {
            number: row.number,
            mediator: PartyId(row.mediator),
            question: row.question,
            asked_at: DateTime(row.asked_at),
        }
    }
}

/// An offer to settle a dispute.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct SettlementOffer {
    /// Counts the offers, from 1; the last one stands.
    number: u16,
    /// Which side made it.
    author: Side,
    /// What the client would get.
    client_share: Money,
    /// What the talent would have earned, before fees.
    talent_share: Money,
    /// When it was made.
    made_at: DateTime,
}

impl From<SettlementOfferRow> for SettlementOffer {
    fn from(row: SettlementOfferRow) -> Self {
        Self {
            number: row.number,
            author: row.author.into(),
            client_share: row.client_share.into(),
            talent_share: row.talent_share.into(),
            made_at: DateTime(row.made_at),
        }
    }
}

/// How a mediator would divide what is disputed.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Recommendation {
    /// Who recommends it.
    mediator: PartyId,
    /// What the client should get.
    client_share: Money,
    /// What the talent should have earned, before fees.
    talent_share: Money,
    /// Why; null once it was erased.
    reasons: Option<String>,
    /// Until when both sides can accept it.
    answer_by: DateTime,
    /// The side that has accepted it; where both have, the first of them.
    accepted_by: Option<Side>,
}

impl Recommendation {
    pub(super) fn of(e: &RecommendationIssued, accepted_by: Option<Party>) -> Self {
        Self {
            mediator: PartyId(e.mediator),
            client_share: e.shares.client.into(),
            talent_share: e.shares.talent.into(),
            reasons: said(&e.reasons),
            answer_by: DateTime(e.answer_by),
            accepted_by: accepted_by.map(Side::from),
        }
    }
}

/// By whom or by what a dispute is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum DecisionKind {
    /// The respondent said nothing: the opener gets what it claimed.
    Default,
    /// Only one side paid for arbitration: it gets all that it can.
    SolePayer,
    /// Nobody paid for arbitration: what was recommended stands.
    Recommendation,
    /// An arbitrator decided on the documents.
    SmallClaim,
    /// An arbitrator decided.
    Award,
}

/// How a dispute is decided.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct DisputeDecision {
    /// By whom or by what.
    kind: DecisionKind,
    /// What the client gets.
    client_share: Money,
    /// What the talent has earned, before fees.
    talent_share: Money,
    /// Who decided; null where nobody had to.
    arbitrator: Option<PartyId>,
    /// Why; null where nobody decided, or once it was erased.
    reasons: Option<String>,
    /// Who bears the fee of the arbitration.
    fee_bearer: Option<FeeBearer>,
    /// Until when who lost can appeal.
    appeal_until: DateTime,
}

impl From<DisputeDecided> for DisputeDecision {
    fn from(e: DisputeDecided) -> Self {
        let (kind, arbitrator, reasons, fee_bearer) = match &e.decision {
            Decision::Default => (DecisionKind::Default, None, None, None),
            Decision::SolePayer(_) => (DecisionKind::SolePayer, None, None, None),
            Decision::Recommendation => (DecisionKind::Recommendation, None, None, None),
            Decision::SmallClaim { arbitrator, reasons } => {
                (DecisionKind::SmallClaim, Some(*arbitrator), said(reasons), None)
            }
            Decision::Award { arbitrator, reasons, fees } => {
                (DecisionKind::Award, Some(*arbitrator), said(reasons), Some(*fees))
            }
        };
        Self {
            kind,
            client_share: e.shares.client.into(),
            talent_share: e.shares.talent.into(),
            arbitrator: arbitrator.map(PartyId),
            reasons,
            fee_bearer: fee_bearer.map(FeeBearer::from),
            appeal_until: DateTime(e.appeal_until),
        }
    }
}

/// A request that a decision be looked at again.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct DisputeAppeal {
    /// Which side appeals.
    side: Side,
    /// On what ground.
    ground: AppealGround,
    /// Why; null once it was erased.
    reasons: Option<String>,
    /// When the decision stands if nobody decides the appeal.
    decide_by: DateTime,
}

impl From<DisputeAppealed> for DisputeAppeal {
    fn from(e: DisputeAppealed) -> Self {
        Self {
            side: e.side.into(),
            ground: e.ground.into(),
            reasons: said(&e.reasons),
            decide_by: DateTime(e.decide_by),
        }
    }
}

/// What ended a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum OutcomeKind {
    /// The respondent gave in.
    Conceded,
    /// One side accepted the other's offer.
    OfferAccepted,
    /// Both sides accepted the recommendation.
    RecommendationAccepted,
    /// Nobody appealed against the decision in time.
    Unchallenged,
    /// Nobody decided the appeal in time: the decision stands.
    AppealLapsed,
    /// The appeal was decided.
    AppealDecided,
}

/// What a dispute came to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct DisputeOutcome {
    /// What ended it.
    kind: OutcomeKind,
    /// What the client gets.
    client_share: Money,
    /// What the talent has earned, before fees.
    talent_share: Money,
    /// Who decided the appeal.
    reviewer: Option<PartyId>,
    /// Why; null where no appeal was decided, or once it was erased.
    reasons: Option<String>,
}

impl From<DisputeSettled> for DisputeOutcome {
    fn from(e: DisputeSettled) -> Self {
        let kind = match e.by {
            SettledBy::Concession => OutcomeKind::Conceded,
            SettledBy::Offer(_) => OutcomeKind::OfferAccepted,
            SettledBy::Recommendation => OutcomeKind::RecommendationAccepted,
        };
        Self {
            kind,
            client_share: e.shares.client.into(),
            talent_share: e.shares.talent.into(),
            reviewer: None,
            reasons: None,
        }
    }
}

impl From<DisputeFinalized> for DisputeOutcome {
    fn from(e: DisputeFinalized) -> Self {
        let (kind, reviewer, reasons) = match &e.finality {
            Finality::Unchallenged => (OutcomeKind::Unchallenged, None, None),
            Finality::AppealLapsed => (OutcomeKind::AppealLapsed, None, None),
            Finality::Appeal { reviewer, reasons } => {
                (OutcomeKind::AppealDecided, Some(*reviewer), said(reasons))
            }
        };
        Self {
            kind,
            client_share: e.shares.client.into(),
            talent_share: e.shares.talent.into(),
            reviewer: reviewer.map(PartyId),
            reasons,
        }
    }
}

fn said(text: &Personal<Prose>) -> Option<String> {
    text.clear().map(|text| text.as_str().to_owned())
}
