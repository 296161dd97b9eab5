//! What needs a person.

use crate::account::HoldReason;
use crate::connection::{AttentionItemConnection, connection, page};
use crate::money::Money;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{Cursor, DateTime, PartyId, Position};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::Timestamp;
use engine::Engine;
use projections::{AttentionKey, AttentionRow, Name, Page, ReadModels, Slice};
use std::time::Duration;

/// How long what ends by itself may take before a person looks into it: sending money without a purpose back takes
/// seconds, and settled cash comes every day.
const PATIENCE: Duration = Duration::from_hours(24);

/// Why a person is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::AttentionKind")]
pub(crate) enum AttentionKind {
    /// Nobody knows what became of a payout.
    PayoutUnknown,
    /// A payout waits for finance's approval.
    PayoutReview,
    /// A payout failed, and will not be tried again.
    PayoutFailed,
    /// A payout is held, and not every hold on the account lapses by itself.
    PayoutHeld,
    /// An approved payout has waited for settled cash for a day.
    PayoutDelayed,
    /// Nobody knows what became of a refund.
    RefundUnknown,
    /// Money came without a purpose, and has not been sent back for a day.
    DepositUnmatched,
    /// Nobody of the house went on with a dispute, though its deadline was extended.
    DisputeOverdue,
}

impl AttentionKind {
    /// Why a person is needed, in a sentence.
    const fn reason(self) -> &'static str {
        match self {
            Self::PayoutUnknown => "the provider has not said what became of the payout",
            Self::PayoutReview => "the payout is above the limit of its currency, or the currency has none",
            Self::PayoutFailed => "every attempt failed, and the payout will not be tried again",
            Self::PayoutHeld => "the account is on hold, and not every hold lapses by itself",
            Self::PayoutDelayed => "settled cash has not covered the payout for a day",
            Self::RefundUnknown => "the provider has not said what became of the refund",
            Self::DepositUnmatched => "the money has no purpose, and has not been sent back for a day",
            Self::DisputeOverdue => "nobody went on with the dispute, though its deadline was extended once",
        }
    }

    /// What that person does.
    const fn remedy(self) -> &'static str {
        match self {
            Self::PayoutUnknown => "ask the provider, then resolvePayout with what it says",
            Self::PayoutReview => "approvePayout or rejectPayout",
            Self::PayoutFailed => {
                "the money is available again; ask the talent to request a payout to another destination"
            }
            Self::PayoutHeld => {
                "settle what the holds stand for, then releasePayoutHold for each, or rejectPayout"
            }
            Self::PayoutDelayed => {
                "have the provider settle what it holds; the payout is sent once cash covers it"
            }
            Self::RefundUnknown => "ask the provider; its webhook, sent again, settles the refund",
            Self::DepositUnmatched => {
                "see with pauses whether refunding is paused; otherwise it is sent back by itself"
            }
            Self::DisputeOverdue => {
                "an admin goes on in place of the one who is late: the dispute says what waits"
            }
        }
    }
}

/// Something that needs a person.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AttentionItem {
    /// Why.
    kind: AttentionKind,
    /// The payout `pyo_…`, refund `rfd_…`, deposit `dep_…` or dispute `dsp_…`.
    id: ID,
    /// The provider's id of the payment, of money without a purpose.
    payment: Option<String>,
    /// Whose money it is; null of money without a purpose, and of what is disputed.
    party: Option<PartyId>,
    /// How much.
    amount: Money,
    /// Since when.
    since: DateTime,
    /// Why, in a sentence.
    reason: &'static str,
    /// What to do.
    remedy: &'static str,
    /// The holds that only a person releases, of a held payout.
    holds: Vec<HoldReason>,
}

impl From<AttentionRow> for AttentionItem {
    fn from(row: AttentionRow) -> Self {
        let kind = AttentionKind::from(row.kind);
        Self {
            kind,
            reason: kind.reason(),
            remedy: kind.remedy(),
            id: row.id.into(),
            payment: row.payment,
            party: row.party.map(PartyId),
            amount: row.amount.into(),
            since: DateTime(row.since),
            holds: row.holds.into_iter().map(HoldReason::from).collect(),
        }
    }
}

/// Queries on what needs a person.
#[derive(Default)]
pub(crate) struct AttentionQueries;

/// Queries on what needs a person.
#[Object]
impl AttentionQueries {
    /// What needs a person, oldest first. For support, finance, compliance, audit and administration.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn attention(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<AttentionItemConnection>> {
        reach(ctx, "Query.attention")?;
        let page = page(first, after.as_ref(), read_key)?;
        let models = settled(ctx, &[Name::PayoutDesk], after_position.map(|after| after.0)).await?;
        listed(needing_a_person(ctx, models, &page)?).map(Some)
    }
}

/// What needs a person at this instant.
pub(crate) fn needing_a_person(
    ctx: &Context<'_>,
    models: &ReadModels,
    page: &Page<AttentionKey>,
) -> Result<Slice<AttentionRow>> {
    let now = ctx.data::<Engine>()?.now();
    let for_long = i64::try_from(PATIENCE.as_micros()).unwrap_or(i64::MAX);
    let until = Timestamp::from_micros(now.micros().saturating_sub(for_long));
    queried(models.attention(until, page))
}

/// As it is told, to those whose field has let them pass.
pub(crate) fn listed(slice: Slice<AttentionRow>) -> Result<AttentionItemConnection> {
    connection(slice, |row| write_key(&row.key()), |row| Ok(Some(AttentionItem::from(row))))
}

fn write_key(key: &AttentionKey) -> String {
    format!("{} {} {}", key.since.micros(), key.id, key.payment)
}

fn read_key(text: &str) -> Option<AttentionKey> {
    let mut parts = text.splitn(3, ' ');
    let since = Timestamp::from_micros(parts.next()?.parse().ok()?);
    Some(AttentionKey { since, id: parts.next()?.to_owned(), payment: parts.next()?.to_owned() })
}
