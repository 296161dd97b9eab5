//! What needs a person.

use crate::connection::{AttentionItemConnection, connection, page};
use crate::money::Money;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{Cursor, DateTime, PartyId, Position};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::Timestamp;
use engine::Engine;
use projections::{AttentionKey, AttentionRow, Name};
use std::time::Duration;

/// How long money without a purpose may lie before a person looks into it: sending it back takes seconds.
const UNMATCHED_FOR: Duration = Duration::from_hours(24);

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
    /// Nobody knows what became of a refund.
    RefundUnknown,
    /// Money came without a purpose, and has not been sent back for a day.
    DepositUnmatched,
    /// Nobody of the house went on with a dispute, though its deadline was extended.
    DisputeOverdue,
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
}

impl From<AttentionRow> for AttentionItem {
    fn from(row: AttentionRow) -> Self {
        Self {
            kind: row.kind.into(),
            id: row.id.into(),
            payment: row.payment,
            party: row.party.map(PartyId),
            amount: row.amount.into(),
            since: DateTime(row.since),
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
        let now = ctx.data::<Engine>()?.now();
        let for_long = i64::try_from(UNMATCHED_FOR.as_micros()).unwrap_or(i64::MAX);
        let until = Timestamp::from_micros(now.micros().saturating_sub(for_long));
        let slice = queried(models.attention(until, &page))?;
        connection(slice, |row| write_key(&row.key()), |row| Ok(Some(AttentionItem::from(row)))).map(Some)
    }
}

fn write_key(key: &AttentionKey) -> String {
    format!("{} {} {}", key.since.micros(), key.id, key.payment)
}

fn read_key(text: &str) -> Option<AttentionKey> {
    let mut parts = text.splitn(3, ' ');
    let since = Timestamp::from_micros(parts.next()?.parse().ok()?);
    Some(AttentionKey { since, id: parts.next()?.to_owned(), payment: parts.next()?.to_owned() })
}
