//! What is due: what will happen by itself, when, and to whom.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use crate::connection::{TimerConnection, connection, page};
use crate::error::system;
use crate::http::SystemCode;
use crate::permission::{Reach, reach};
use crate::scalar::{Cursor, DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::{Timestamp, timer};
use engine::Engine;
use engine::due::{Due, DueCursor, DueFilter};
use projections::Slice;

/// What happens by itself when a timer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum TimerKind {
    /// An open job expires.
    ExpireJob,
    /// A job that was paused too long is closed.
    AutoCloseJob,
    /// An invitation lapses.
    LapseInvitation,
    /// An unanswered offer expires.
    ExpireOffer,
    /// A proposal lapses on which nobody says anything.
    ExpireProposal,
    /// A proposal is closed whose job's search is over.
    CloseProposal,
    /// A contract that nobody funded is cancelled.
    CancelUnfundedContract,
    /// A deposit that nobody confirmed fails.
    ExpireDeposit,
    /// Submitted work that nobody reviewed is approved.
    AutoApproveMilestone,
    /// A refund that the talent says nothing to is agreed.
    AutoAgreeRefund,
    /// An end that the other side says nothing to is agreed.
    AutoAgreeEnd,
    /// A contract whose end is agreed, and that holds nothing, ends.
    SettleEnd,
    /// Money of a milestone goes back that was held for as long as it may be.
    RefundHeldMilestone,
    /// A bonus whose money is there is released.
    ReleaseBonus,
    /// Earnings on hold clear.
    ClearEarnings,
    /// A claim that the respondent says nothing to is decided for the opener.
    DefaultDispute,
    /// Negotiation that came to nothing goes to support.
    AutoEscalateDispute,
    /// No more evidence is heard.
    SealEvidence,
    /// Silence rejects a recommendation.
    LapseRecommendation,
    /// Nobody else pays for arbitration.
    LapseArbitrationOffer,
    /// Staff let a deadline pass.
    MissDisputeDeadline,
    /// A decision stands.
    FinalizeAward,
    /// What was agreed or decided in a dispute moves the milestone's money.
    ExecuteAward,
    /// A refund that the provider doesn't confirm needs a person.
    EscalateRefund,
    /// A payout that needs no person's review is approved.
    AutoApprovePayout,
    /// A payout that failed is tried again.
    RetryPayout,
    /// A payout whose outcome stays unknown needs a person.
    EscalatePayout,
    /// A hold that was placed for a time lapses.
    LapsePayoutHold,
    /// A payout that waited for settled cash is sent.
    SubmitDelayedPayout,
}

impl From<timer::TimerKind> for TimerKind {
    fn from(kind: timer::TimerKind) -> Self {
        use timer::TimerKind as Kind;
        match kind {
            Kind::ExpireJob => Self::ExpireJob,
            Kind::AutoCloseJob => Self::AutoCloseJob,
            Kind::LapseInvitation(_) => Self::LapseInvitation,
            Kind::ExpireOffer => Self::ExpireOffer,
            Kind::ExpireProposal => Self::ExpireProposal,
            Kind::CloseProposal(_) => Self::CloseProposal,
            Kind::CancelUnfundedContract => Self::CancelUnfundedContract,
            Kind::ExpireDeposit => Self::ExpireDeposit,
            Kind::AutoApproveMilestone(_) => Self::AutoApproveMilestone,
            Kind::AutoAgreeRefund(_) => Self::AutoAgreeRefund,
            Kind::AutoAgreeEnd => Self::AutoAgreeEnd,
            Kind::SettleEnd => Self::SettleEnd,
            Kind::RefundHeldMilestone(_) => Self::RefundHeldMilestone,
            Kind::ReleaseBonus(_) => Self::ReleaseBonus,
            Kind::ClearEarnings(_) => Self::ClearEarnings,
            Kind::DefaultDispute => Self::DefaultDispute,
            Kind::AutoEscalateDispute => Self::AutoEscalateDispute,
            Kind::SealEvidence => Self::SealEvidence,
            Kind::LapseRecommendation => Self::LapseRecommendation,
            Kind::LapseArbitrationOffer => Self::LapseArbitrationOffer,
            Kind::MissDisputeDeadline => Self::MissDisputeDeadline,
            Kind::FinalizeAward => Self::FinalizeAward,
            Kind::ExecuteAward(_) => Self::ExecuteAward,
            Kind::EscalateRefund => Self::EscalateRefund,
            Kind::AutoApprovePayout => Self::AutoApprovePayout,
            Kind::RetryPayout => Self::RetryPayout,
            Kind::EscalatePayout => Self::EscalatePayout,
            Kind::LapsePayoutHold(_) => Self::LapsePayoutHold,
            Kind::SubmitDelayedPayout(_) => Self::SubmitDelayedPayout,
        }
    }
}

/// A timer that is set: something that happens by itself unless somebody is faster.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Timer {
    /// What happens.
    kind: TimerKind,
    /// When.
    due_at: DateTime,
    /// Whether that instant has passed, so that it happens as soon as it can.
    overdue: bool,
    /// Why.
    reason: &'static str,
    /// The id of what it happens to; of a hold, whose account it is on; of an invitation, its job.
    target_id: Option<ID>,
    /// The stream that has it, such as `contract/ctr_…`.
    stream: String,
    /// What in the stream it is about, where the stream alone doesn't say: `mil_…`, `lot_…`, `pyo_…`, `prp_…`, the
    /// invited `pty_…`, a hold's reason.
    subject: Option<String>,
    /// The people whom it concerns.
    parties: Vec<PartyId>,
}

impl Timer {
    fn of(due: Due, now: Timestamp) -> Self {
        Self {
            kind: due.kind.into(),
            due_at: DateTime(due.due),
            overdue: due.due <= now,
            reason: due.kind.reason(),
            target_id: target(&due).map(ID),
            stream: due.stream.to_string(),
            subject: due.kind.subject(),
            parties: due.concerns.into_iter().map(PartyId).collect(),
        }
    }
}

/// What in the stream it is about, or the stream itself.
fn target(due: &Due) -> Option<String> {
    let of_stream =
        matches!(due.kind, timer::TimerKind::LapsePayoutHold(_) | timer::TimerKind::LapseInvitation(_));
    let subject = due.kind.subject().filter(|_| !of_stream);
    subject.or_else(|| due.stream.to_string().split('/').nth(1).map(str::to_owned))
}

/// Queries on what is due.
#[derive(Default)]
pub(crate) struct DueQueries;

/// Queries on what is due.
#[Object]
impl DueQueries {
    /// The timers that are set, in the order in which they are due: those that concern the caller; all for staff.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn due(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those due at this instant or earlier.")] before: Option<DateTime>,
        #[graphql(desc = "Only those that concern this party.")] party_id: Option<PartyId>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
    ) -> Result<Option<TimerConnection>> {
        reach(ctx, "Query.due")?;
        let asked = party_id.map(|party| party.0);
        let party = match reach(ctx, "Timer")? {
            Reach::Any => asked,
            Reach::Own(own) if asked.is_none_or(|asked| asked == own) => Some(own),
            Reach::Own(_) | Reach::Public => return Ok(None),
        };
        let page = page(first, after.as_ref(), read_cursor)?;
        let filter = DueFilter { before: before.map(|before| before.0), party, after: page.after };
        let engine = ctx.data::<Engine>()?;
        let mut rows = engine.due(&filter, page.first + 1).map_err(|fault| {
            tracing::error!(%fault, "what is due can't be read");
            system(SystemCode::Unavailable, "this can't be read at the moment; try again")
        })?;
        let has_next = rows.len() > page.first;
        rows.truncate(page.first);
        let now = engine.now();
        let slice = Slice { rows, has_next };
        // The filter has left out what is beyond the caller's reach.
        connection(slice, |due| write_cursor(due.cursor), |due| Ok(Some(Timer::of(due, now)))).map(Some)
    }
}

fn write_cursor(cursor: DueCursor) -> String {
    format!("{} {}", cursor.due, cursor.row)
}

fn read_cursor(text: &str) -> Option<DueCursor> {
    let (due, row) = text.split_once(' ')?;
    Some(DueCursor { due: due.parse().ok()?, row: row.parse().ok()? })
}
