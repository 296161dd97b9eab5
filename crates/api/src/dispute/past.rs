//! A dispute as it stood: of what its row tells, what was said and decided by then.

use domain::dispute::{Dispute, DisputeStatus};
use domain::money::Money;
use projections::DisputeRow;

/// The row as it was while the dispute stood as `then`.
pub(super) fn rewound(now: DisputeRow, then: &Dispute) -> DisputeRow {
    // What a suspension interrupts was said all the same.
    let stood = then.prior().unwrap_or(then.status());
    let had_come_to = Progress::of(stood);
    DisputeRow {
        status: then.status(),
        due_at: then.due_at(),
        deadlines_missed: missed(then),
        escalates_from: then.escalates_from(),
        answer: now.answer.filter(|_| stood != DisputeStatus::AwaitingResponse),
        sealed_at: now.sealed_at.filter(|_| then.evidence.is_sealed),
        recommendation: now.recommendation.filter(|_| then.recommended.is_some()),
        accepted_by: then.accepted_by,
        fee_minor: then.fee.map(Money::minor),
        client_paid_minor: then.paid.client,
        talent_paid_minor: then.paid.talent,
        decision: now.decision.filter(|_| had_come_to.decision),
        appeal: now.appeal.filter(|_| had_come_to.appeal),
        finality: now.finality.filter(|_| had_come_to.outcome),
        settlement: now.settlement.filter(|_| had_come_to.outcome),
        withdrawal_by: then.withdrawal_by,
        client_share_minor: then.shares.map(|shares| shares.client.minor()),
        closed_at: now.closed_at.filter(|_| then.status().is_over()),
        ..now
    }
}

/// How far a dispute had come. The row says what there was of it: a dispute that is settled has no decision.
struct Progress {
    decision: bool,
    appeal: bool,
    outcome: bool,
}

impl Progress {
    const fn of(stood: DisputeStatus) -> Self {
        let (decision, appeal, outcome) = match stood {
            DisputeStatus::AwaitingResponse
            | DisputeStatus::Negotiation
            | DisputeStatus::Mediation
            | DisputeStatus::Recommended
            | DisputeStatus::ArbitrationOffered
            | DisputeStatus::Arbitration
            | DisputeStatus::Suspended => (false, false, false),
            DisputeStatus::Decided => (true, false, false),
            DisputeStatus::Appealed => (true, true, false),
            DisputeStatus::Settled
            | DisputeStatus::Final
            | DisputeStatus::Closed
            | DisputeStatus::Withdrawn => (true, true, true),
        };
        Self { decision, appeal, outcome }
    }
}

/// How often staff had let the deadline pass: once if it is extended, twice if there is none any more.
fn missed(then: &Dispute) -> u16 {
    let waits_for_staff = match then.status() {
        DisputeStatus::Mediation | DisputeStatus::ArbitrationOffered | DisputeStatus::Arbitration => true,
        DisputeStatus::AwaitingResponse
        | DisputeStatus::Negotiation
        | DisputeStatus::Recommended
        | DisputeStatus::Decided
        | DisputeStatus::Appealed
        | DisputeStatus::Settled
        | DisputeStatus::Final
        | DisputeStatus::Closed
        | DisputeStatus::Withdrawn
        | DisputeStatus::Suspended => false,
    };
    if waits_for_staff && then.due_at().is_none() { 2 } else { u16::from(then.is_extended()) }
}
