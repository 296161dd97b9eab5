//! The job as callers see it.

use crate::connection::{ProposalConnection, connection, page};
use crate::permission::{Reach, reach};
use crate::proposal::Proposal;
use crate::read::{queried, settled};
use crate::scalar::{Cursor, DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result};
use domain::id::{ProposalId, TypedId};
use domain::job;
use projections::{JobRow, Name, ProposalFilter};

/// States of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::job::JobStatus")]
pub(crate) enum JobStatus {
    /// Only the client sees it.
    Draft,
    /// Talents can propose.
    Open,
    /// Its people are found.
    Filled,
    /// Nobody was found in time.
    Expired,
}

/// What a client needs done.
#[derive(Clone, Debug)]
pub(crate) struct Job(JobRow);

impl Job {
    /// The job of this row, if there is one and the caller reaches it: what was opened is open to everybody, a draft
    /// is its client's and staff's. There is no other way to make a [`Job`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no job at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<JobRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Job")?;
        let visible = |row: &JobRow| match row.status {
            job::JobStatus::Open | job::JobStatus::Filled | job::JobStatus::Expired => true,
            job::JobStatus::Draft => reach.covers(&[row.client]),
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
