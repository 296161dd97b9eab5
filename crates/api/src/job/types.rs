//! The job as callers see it.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use crate::connection::{ProposalConnection, connection, page};
use crate::loader::{InvitationsOf, load};
use crate::permission::{Reach, reach};
use crate::proposal::Proposal;
use crate::read::{queried, settled};
use crate::scalar::{Cursor, DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::id::{ProposalId, TypedId};
use domain::job;
use projections::{InvitationRow, JobRow, Name, ProposalFilter};

/// States of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::job::JobStatus")]
pub(crate) enum JobStatus {
    /// Only the client sees it.
    Draft,
    /// Support looks at it before it opens.
    InReview,
    /// Talents can propose.
    Open,
    /// It takes no proposals for a while.
    Paused,
    /// Its people are found.
    Filled,
    /// The client ended the search, or left it paused for too long.
    Closed,
    /// Nobody was found in time.
    Expired,
    /// Support took it away; only its client and staff see it.
    Removed,
}

/// An invitation to propose that stands.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Invitation {
    /// Who is invited.
    talent: PartyId,
    /// When.
    invited_at: DateTime,
    /// When it lapses.
    expires_at: DateTime,
}

impl From<InvitationRow> for Invitation {
    fn from(row: InvitationRow) -> Self {
        Self {
            talent: PartyId(row.talent),
            invited_at: DateTime(row.invited_at),
            expires_at: DateTime(row.expires_at),
        }
    }
}

/// What a client needs done.
#[derive(Clone, Debug)]
pub(crate) struct Job(JobRow);

impl Job {
    /// The job of this row, if there is one and the caller reaches it: what was opened is open to everybody; a draft,
    /// one in review and a removed one are their client's and staff's. There is no other way to make a [`Job`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no job at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<JobRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Job")?;
        let visible = |row: &JobRow| match row.status {
            job::JobStatus::Open
            | job::JobStatus::Paused
            | job::JobStatus::Filled
            | job::JobStatus::Closed
            | job::JobStatus::Expired => true,
            job::JobStatus::Draft | job::JobStatus::InReview | job::JobStatus::Removed => {
                reach.covers(&[row.client])
            }
        };
        Ok(row.into().filter(visible).map(Self))
    }
}

/// What a client needs done.
#[Object]
impl Job {
    /// Its id, `job_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Whose job it is.
    async fn client(&self) -> PartyId {
        PartyId(self.0.client)
    }

    /// Counts what it said, from 1; a proposal names the version that it answers.
    async fn version(&self) -> u32 {
        self.0.version
    }

    /// One line; null once it was erased.
    async fn title(&self) -> Option<&str> {
        self.0.title.as_deref()
    }

    /// What is to be done; null once it was erased.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// How many people are wanted.
    async fn headcount(&self) -> u16 {
        self.0.headcount
    }

    /// How many accepted an offer.
    async fn hires(&self) -> u16 {
        self.0.hires
    }

    /// Where it stands.
    async fn status(&self) -> JobStatus {
        self.0.status.into()
    }

    /// When it was drafted.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was opened to proposals.
    async fn opened_at(&self) -> Option<DateTime> {
        self.0.opened_at.map(DateTime)
    }

    /// When it expires if it is still open.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }

    /// When it is closed if it is still paused.
    async fn closes_at(&self) -> Option<DateTime> {
        self.0.closes_at.map(DateTime)
    }

    /// Why support sent it back or removed it; for its client and for staff.
    async fn reasons(&self, ctx: &Context<'_>) -> Result<Option<&str>> {
        let told = reach(ctx, "Job")?.covers(&[self.0.client]);
        Ok(self.0.reasons.as_deref().filter(|_| told))
    }

    /// The invitations that stand, as far as the caller may see them: all for its client and for staff, their own for a
    /// talent.
    async fn invitations(&self, ctx: &Context<'_>) -> Result<Option<Vec<Invitation>>> {
        let reach = reach(ctx, "Job")?;
        let rows = load(ctx, InvitationsOf(self.0.id)).await?.unwrap_or_default();
        let told = rows.into_iter().filter(|row| reach.covers(&[self.0.client, row.talent]));
        Ok(Some(told.map(Invitation::from).collect()))
    }

    /// The proposals for it that the caller may see: all for its client and for staff, their own for a talent.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn proposals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
    ) -> Result<Option<ProposalConnection>> {
        let filter = match reach(ctx, "Proposal")? {
            Reach::Any => ProposalFilter::Job(self.0.id),
            Reach::Own(party) if party == self.0.client => ProposalFilter::Job(self.0.id),
            Reach::Own(party) => ProposalFilter::JobAndTalent(self.0.id, party),
            Reach::Public => return Ok(None),
        };
        let page = page(first, after.as_ref(), |key| ProposalId::parse(key).ok())?;
        let models = settled(ctx, &[Name::ProposalInbox], None).await?;
        let slice = queried(models.proposals(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Proposal::visible(ctx, row)).map(Some)
    }
}
