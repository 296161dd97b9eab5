//! Disputes that staff let lie, once a deadline was missed that had been extended.

use super::{ATTENDED, AttentionKind, DISPUTE_ATTENTION, DISPUTE_OPENED, DISPUTE_OVER};
use crate::columns::{Named, key};
use crate::read_model::{ApplyError, found};
use crate::sql::execute;
use domain::Timestamp;
use domain::dispute::DisputeEvent;
use domain::id::DisputeId;
use rusqlite::Connection;

pub(super) fn apply(on: &Connection, event: &DisputeEvent, at: Timestamp) -> Result<(), ApplyError> {
    let id = event.dispute_id();
    match event {
        DisputeEvent::Opened(e) => {
            let currency = e.disputed.currency();
            execute(on, DISPUTE_OPENED, (key(id), currency.code(), e.disputed.minor()))?;
            Ok(())
        }
        DisputeEvent::DeadlineMissed(e) if e.extended_to.is_none() => {
            let kind = AttentionKind::DisputeOverdue.name();
            found("dispute", execute(on, DISPUTE_ATTENTION, (key(id), id.to_string(), kind, at.micros()))?)
        }
        DisputeEvent::RecommendationIssued(_) | DisputeEvent::Decided(_) => attended(on, id),
        DisputeEvent::Settled(_) | DisputeEvent::Withdrawn(_) | DisputeEvent::Finalized(_) => {
            attended(on, id)?;
            execute(on, DISPUTE_OVER, [key(id)])?;
            Ok(())
        }
        DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::FeePaid(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::FeesSettled(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => Ok(()),
    }
}

/// Somebody has looked into it, if that was needed.
fn attended(on: &Connection, id: DisputeId) -> Result<(), ApplyError> {
    execute(on, ATTENDED, (id.to_string(), ""))?;
    Ok(())
}
