//! The dispute desk: disputes, where each stands on the ladder, and what both sides and the house have said.

mod query;
mod words;

pub use query::{DisputeFilter, DisputeRow};
pub use words::{EvidenceRow, QuestionRow, SettlementOfferRow};

use crate::columns::{Named, key, personal};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::sql::{execute, statements};
use domain::contract::EscrowEvent;
use domain::dispute::{ArbitrationFeePaid, DisputeEvent, DisputeOpened, DisputeStatus, Opening};
use domain::id::DisputeId;
use domain::money::Money;
use domain::proposal::Party;
use domain::{Event, Timestamp};
use rusqlite::Connection;
use serde::Serialize;

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 1,
    schema: SCHEMA,
    drop: DROP,
    reads: |noun| matches!(noun, "dispute" | "escrow"),
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("dispute_desk.sql");
    SCHEMA = "schema",
    DROP = "drop",
    OPENED = "opened",
    JOINED = "joined",
    MOVED = "moved",
    RESPONDED = "responded",
    SEALED = "sealed",
    RECOMMENDED = "recommended",
    ACCEPTED = "accepted",
    ARBITRATION_OFFERED = "arbitration_offered",
    FEE_PAID = "fee_paid",
    FEES_SETTLED = "fees_settled",
    DEADLINE_MISSED = "deadline_missed",
    SETTLED = "settled",
    DECIDED = "decided",
    APPEALED = "appealed",
    FINALIZED = "finalized",
    WITHDRAWAL_PROPOSED = "withdrawal_proposed",
    CLOSED = "closed",
    SUSPENDED = "suspended",
    RESUMED = "resumed",
    EVIDENCE_SUBMITTED = "evidence_submitted",
    QUESTION_ASKED = "question_asked",
    OFFER_MADE = "offer_made",
    DISPUTE = "dispute",
    DISPUTES = "disputes",
    DISPUTES_OF_STATUS = "disputes_of_status",
    DISPUTES_OF_PARTY = "disputes_of_party",
    EVIDENCE_OF_DISPUTE = "evidence_of_dispute",
    QUESTIONS_OF_DISPUTE = "questions_of_dispute",
    OFFERS_OF_DISPUTE = "offers_of_dispute",
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Dispute(event) => on_dispute(on, event, at),
        Event::Escrow(EscrowEvent::AwardApplied(e)) => closed(on, e.dispute_id, DisputeStatus::Closed, at),
        // The money is the contract board's.
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
        | Event::Process(_) => Ok(()),
    }
}

fn on_dispute(on: &Connection, event: &DisputeEvent, at: Timestamp) -> Result<(), ApplyError> {
    let id = key(event.dispute_id());
    let rows = match event {
        DisputeEvent::Opened(e) => return opened(on, e, at),
        DisputeEvent::SettlementOffered(e) => return words::offer(on, e, at),
        DisputeEvent::EvidenceSubmitted(e) => return words::evidence(on, e, at),
        DisputeEvent::QuestionAsked(e) => return words::question(on, e, at),
        DisputeEvent::Responded(e) => {
            let row = (id, personal(&e.answer)?, e.escalates_from.micros());
            found("dispute", execute(on, RESPONDED, row)?)?;
            moved(on, e.dispute_id, DisputeStatus::Negotiation, Some(e.negotiates_until))?
        }
        DisputeEvent::Escalated(e) => {
            moved(on, e.dispute_id, DisputeStatus::Mediation, Some(e.evidence_until))?
        }
        DisputeEvent::EvidenceSealed(e) => {
            execute(on, SEALED, (id, at.micros()))?;
            moved(on, e.dispute_id, DisputeStatus::Mediation, Some(e.recommend_by))?
        }
        DisputeEvent::RecommendationIssued(e) => {
            execute(on, RECOMMENDED, (id, serde_json::to_string(e)?))?;
            moved(on, e.dispute_id, DisputeStatus::Recommended, Some(e.answer_by))?
        }
        DisputeEvent::RecommendationAccepted(e) => execute(on, ACCEPTED, (id, e.side.name()))?,
        DisputeEvent::ArbitrationOffered(e) => {
            execute(on, ARBITRATION_OFFERED, (id, e.fee.map(Money::minor)))?;
            moved(on, e.dispute_id, DisputeStatus::ArbitrationOffered, Some(e.due_at))?
        }
        DisputeEvent::FeePaid(e) => fee_paid(on, e)?,
        DisputeEvent::ArbitrationBegun(e) => {
            moved(on, e.dispute_id, DisputeStatus::Arbitration, Some(e.award_by))?
        }
        DisputeEvent::DeadlineMissed(e) => {
            execute(on, DEADLINE_MISSED, (id, e.extended_to.map(Timestamp::micros)))?
        }
        DisputeEvent::WithdrawalProposed(e) => execute(on, WITHDRAWAL_PROPOSED, (id, e.side.name()))?,
        DisputeEvent::FeesSettled(_) => execute(on, FEES_SETTLED, [id])?,
        DisputeEvent::Withdrawn(e) => return closed(on, e.dispute_id, DisputeStatus::Withdrawn, at),
        DisputeEvent::Suspended(_) => {
            execute(on, SUSPENDED, (id, DisputeStatus::Suspended.name(), at.micros()))?
        }
        DisputeEvent::Resumed(_) => execute(on, RESUMED, (id, at.micros()))?,
        DisputeEvent::Settled(_)
        | DisputeEvent::Decided(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_) => concluded(on, event)?,
    };
    found("dispute", rows)
}

/// What it comes to.
fn concluded(on: &Connection, event: &DisputeEvent) -> Result<usize, ApplyError> {
    let id = event.dispute_id();
    let said = |statement, json: String, client: i64| execute(on, statement, (key(id), json, client));
    let (to, due) = match event {
        DisputeEvent::Settled(e) => {
            said(SETTLED, json(e)?, e.shares.client.minor())?;
            (DisputeStatus::Settled, None)
        }
        DisputeEvent::Decided(e) => {
            said(DECIDED, json(e)?, e.shares.client.minor())?;
            (DisputeStatus::Decided, Some(e.appeal_until))
        }
        DisputeEvent::Finalized(e) => {
            said(FINALIZED, json(e)?, e.shares.client.minor())?;
            (DisputeStatus::Final, None)
        }
        DisputeEvent::Appealed(e) => {
            execute(on, APPEALED, (key(id), json(e)?))?;
            (DisputeStatus::Appealed, Some(e.decide_by))
        }
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
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::FeesSettled(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => return Ok(1),
    };
    Ok(moved(on, id, to, due)?)
}

fn opened(on: &Connection, e: &DisputeOpened, at: Timestamp) -> Result<(), ApplyError> {
    let (status, due, escalates_from, reason, answer) = match &e.opening {
        Opening::Claimed { reason, respond_by } => {
            (DisputeStatus::AwaitingResponse, respond_by, None, personal(reason)?, None)
        }
        Opening::Refused { answer, escalates_from, negotiates_until } => {
            let from = Some(escalates_from.micros());
            (DisputeStatus::Negotiation, negotiates_until, from, None, personal(answer)?)
        }
    };
    let currency = e.disputed.currency();
    let row = (
        key(e.dispute_id),
        key(e.contract_id),
        key(e.milestone_id),
        key(e.opener),
        key(e.respondent),
        e.opened_by.name(),
        currency.code(),
        e.disputed.minor(),
        e.claim.minor(),
        reason,
        answer,
        status.name(),
        at.micros(),
        due.micros(),
        escalates_from,
    );
    execute(on, OPENED, row)?;
    for party in [e.opener, e.respondent] {
        execute(on, JOINED, (key(party), key(e.dispute_id)))?;
    }
    Ok(())
}

fn fee_paid(on: &Connection, e: &ArbitrationFeePaid) -> rusqlite::Result<usize> {
    let (client, talent) = match e.side {
        Party::Client => (e.amount.minor(), 0),
        Party::Talent => (0, e.amount.minor()),
    };
    execute(on, FEE_PAID, (key(e.dispute_id), client, talent))
}

fn moved(
    on: &Connection,
    id: DisputeId,
    to: DisputeStatus,
    due: Option<Timestamp>,
) -> rusqlite::Result<usize> {
    execute(on, MOVED, (key(id), to.name(), due.map(Timestamp::micros)))
}

fn closed(on: &Connection, id: DisputeId, to: DisputeStatus, at: Timestamp) -> Result<(), ApplyError> {
    found("dispute", execute(on, CLOSED, (key(id), to.name(), at.micros()))?)
}

fn json<T: Serialize>(event: &T) -> serde_json::Result<String> {
    serde_json::to_string(event)
}
