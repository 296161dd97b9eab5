//! The job board: one row for each job.

use crate::columns::{Columns, Named, below, key, personal};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::read_models::ReadModels;
use crate::sql::{execute, statements};
use domain::contract::ContractEvent;
use domain::id::{JobId, PartyId};
use domain::job::{JobEvent, JobStatus};
use domain::proposal::ProposalEvent;
use domain::{Event, Timestamp};
use rusqlite::{Connection, Row};

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 2,
    schema: SCHEMA,
    drop: DROP,
    reads: |noun| matches!(noun, "job" | "offer" | "contract"),
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("job_board.sql");
    SCHEMA = "schema",
    DROP = "drop",
    CREATED = "created",
    OPENED = "opened",
    FILLED = "filled",
    EXPIRED = "expired",
    REOPENED = "reopened",
    PLACE_FREE = "place_free",
    HIRED = "hired",
    JOB = "job",
    OPEN_JOBS = "open_jobs",
    PUBLIC_JOBS = "public_jobs",
    JOBS_OF_CLIENT = "jobs_of_client",
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// The job, and the key of its place in a list.
    pub id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// One line; `None` once it was erased.
    pub title: Option<String>,
    /// What is to be done; `None` once it was erased.
    pub description: Option<String>,
    /// How many people are wanted.
    pub headcount: u16,
    /// How many accepted an offer, less those whose contract came to nothing before it was funded.
    pub hires: u16,
    /// Where it stands. A draft is for its client alone.
    pub status: JobStatus,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it was opened to proposals, if it was.
    pub opened_at: Option<Timestamp>,
    /// When an open job expires, or an expired one did.
    pub expires_at: Option<Timestamp>,
    /// When its people were found, if they were.
    pub filled_at: Option<Timestamp>,
}

/// Which jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobFilter {
    /// Those that take proposals.
    Open,
    /// All but drafts: what everybody may see.
    Public,
    /// All of this client, drafts too.
    Client(PartyId),
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    let at = at.micros();
    match event {
        Event::Job(JobEvent::Created(e)) => {
            let (title, description) = (personal(&e.title)?, personal(&e.description)?);
            let status = JobStatus::Draft.name();
            let row = (key(e.job_id), key(e.client), title, description, e.headcount, status, at);
            execute(on, CREATED, row)?;
            Ok(())
        }
        Event::Job(JobEvent::Submitted(e)) => {
            let row = (key(e.job_id), JobStatus::Open.name(), at, e.expires_at.micros());
            found("job", execute(on, OPENED, row)?)
        }
        Event::Job(JobEvent::Filled(e)) => {
            found("job", execute(on, FILLED, (key(e.job_id), JobStatus::Filled.name(), at))?)
        }
        Event::Job(JobEvent::Expired(e)) => {
            found("job", execute(on, EXPIRED, (key(e.job_id), JobStatus::Expired.name()))?)
        }
        Event::Job(JobEvent::Reopened(e)) => {
            let row = (key(e.job_id), JobStatus::Open.name(), e.expires_at.micros());
            found("job", execute(on, REOPENED, row)?)
        }
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => {
            found("job", execute(on, HIRED, [key(e.job_id)])?)
        }
        Event::Contract(ContractEvent::Cancelled(e)) => {
            found("job", execute(on, PLACE_FREE, [key(e.job_id)])?)
        }
        // The board shows who was hired how often, not how it was negotiated, nor what became of the work.
        Event::Proposal(
            ProposalEvent::Submitted(_) | ProposalEvent::OfferMade(_) | ProposalEvent::OfferExpired(_),
        )
        | Event::Contract(
            ContractEvent::Created(_)
            | ContractEvent::EndRequested(_)
            | ContractEvent::EndWithdrawn(_)
            | ContractEvent::EndAgreed(_)
            | ContractEvent::Ended(_),
        )
        | Event::Marketplace(_)
        | Event::Milestone(_)
        | Event::Escrow(_)
        | Event::Deposit(_)
        | Event::Refund(_)
        | Event::Dispute(_)
        | Event::Account(_)
        | Event::Payout(_)
        | Event::Settlement(_)
        | Event::Process(_) => Ok(()),
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    let mut columns = Columns::of(row);
    Ok(JobRow {
        id: columns.id()?,
        client: columns.id()?,
        title: columns.personal()?,
        description: columns.personal()?,
        headcount: columns.take()?,
        hires: columns.take()?,
        status: columns.named()?,
        created_at: columns.instant()?,
        opened_at: columns.optional_instant()?,
        expires_at: columns.optional_instant()?,
        filled_at: columns.optional_instant()?,
    })
}

/// The job board.
impl ReadModels {
    /// A job, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn job(&self, id: JobId) -> Result<Option<JobRow>, QueryFault> {
        self.query(|on| one(on, JOB, [key(id)], row))
    }

    /// Those of the jobs that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn jobs_by_ids(&self, ids: &[JobId]) -> Result<Vec<JobRow>, QueryFault> {
        self.query(|on| each(on, JOB, ids, row))
    }

    /// A page of jobs, newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn jobs(&self, filter: JobFilter, page: Page<JobId>) -> Result<Slice<JobRow>, QueryFault> {
        let (below, limit) = (below(page.after), page.limit());
        let rows = self.query(|on| match filter {
            JobFilter::Open => many(on, OPEN_JOBS, (JobStatus::Open.name(), below, limit), row),
            JobFilter::Public => many(on, PUBLIC_JOBS, (below, limit), row),
            JobFilter::Client(client) => many(on, JOBS_OF_CLIENT, (key(client), below, limit), row),
        });
        rows.map(|rows| page.slice(rows))
    }
}
