//! The job board: one row for each job, and one for each invitation that stands.

use crate::columns::{Columns, Named, below, key, personal};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one, snapshot};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::read_models::ReadModels;
use crate::sql::{execute, statements};
use domain::contract::ContractEvent;
use domain::id::{JobId, PartyId};
use domain::job::{JobEvent, JobStatus};
use domain::personal::Personal;
use domain::proposal::ProposalEvent;
use domain::text::Prose;
use domain::{Event, Timestamp};
use rusqlite::{Connection, Row};

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 3,
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
    REVISED = "revised",
    MOVED = "moved",
    OPENED = "opened",
    REJECTED = "rejected",
    PAUSED = "paused",
    FILLED = "filled",
    REMOVED = "removed",
    REINSTATED = "reinstated",
    PLACE_FREE = "place_free",
    HIRED = "hired",
    INVITED = "invited",
    INVITATION_LAPSED = "invitation_lapsed",
    INVITATIONS_FALLEN = "invitations_fallen",
    JOB = "job",
    JOBS_IN = "jobs_in",
    PUBLIC_JOBS = "public_jobs",
    JOBS_OF_CLIENT = "jobs_of_client",
    JOBS_OF_CLIENT_IN = "jobs_of_client_in",
    JOBS_OF_INVITED = "jobs_of_invited",
    INVITATIONS_OF_JOB = "invitations_of_job",
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// The job, and the key of its place in a list.
    pub id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Counts what it said, from 1.
    pub version: u32,
    /// One line; `None` once it was erased.
    pub title: Option<String>,
    /// What is to be done; `None` once it was erased.
    pub description: Option<String>,
    /// How many people are wanted.
    pub headcount: u16,
    /// How many accepted an offer, less those whose contract came to nothing before it was funded.
    pub hires: u16,
    /// Where it stands. A draft, one in review and a removed one are for their client and for staff alone.
    pub status: JobStatus,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// When it was opened to proposals, if it was.
    pub opened_at: Option<Timestamp>,
    /// When an open job expires, or an expired one did.
    pub expires_at: Option<Timestamp>,
    /// When a paused job is closed if nobody resumes it.
    pub closes_at: Option<Timestamp>,
    /// When its people were found, if they were.
    pub filled_at: Option<Timestamp>,
    /// Why support sent it back, or removed it; `None` once it was erased, or stands no more.
    pub reasons: Option<String>,
}

/// An invitation that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationRow {
    /// The job.
    pub job_id: JobId,
    /// Who is invited.
    pub talent: PartyId,
    /// When.
    pub invited_at: Timestamp,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// Which jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobFilter {
    /// All that stand so.
    In(JobStatus),
    /// All but drafts, those in review and those removed: what everybody may see.
    Public,
    /// All of this client, in every state.
    Client(PartyId),
    /// Those of this client that stand so.
    ClientIn(PartyId, JobStatus),
    /// Those for which this talent is invited.
    Invited(PartyId),
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Job(event) => apply_job(on, event, at),
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => {
            found("job", execute(on, HIRED, [key(e.job_id)])?)
        }
        Event::Contract(ContractEvent::Cancelled(e)) => {
            found("job", execute(on, PLACE_FREE, [key(e.job_id)])?)
        }
        // The board shows who was hired how often, not how it was negotiated, nor what became of the work.
        Event::Proposal(_)
        | Event::Contract(_)
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

fn apply_job(on: &Connection, event: &JobEvent, at: Timestamp) -> Result<(), ApplyError> {
    let (id, now) = (key(event.job_id()), at.micros());
    let opened = |expires_at: Timestamp| {
        found("job", execute(on, OPENED, (id, JobStatus::Open.name(), now, expires_at.micros()))?)
    };
    match event {
        JobEvent::Created(e) => {
            let (title, description) = (personal(&e.title)?, personal(&e.description)?);
            let status = JobStatus::Draft.name();
            execute(on, CREATED, (id, key(e.client), title, description, e.headcount, status, now))?;
            Ok(())
        }
        JobEvent::Revised(e) => {
            let (title, description) = (personal(&e.title)?, personal(&e.description)?);
            found("job", execute(on, REVISED, (id, e.version, title, description, e.headcount))?)
        }
        JobEvent::Submitted(e) => match e.expires_at {
            Some(expires_at) => opened(expires_at),
            None => found("job", execute(on, MOVED, (id, JobStatus::InReview.name()))?),
        },
        JobEvent::Approved(e) => opened(e.expires_at),
        JobEvent::Resumed(e) => opened(e.expires_at),
        JobEvent::Reopened(e) => opened(e.expires_at),
        JobEvent::Rejected(e) => judged(on, REJECTED, (id, JobStatus::Draft), &e.reasons),
        JobEvent::TalentInvited(e) => {
            execute(on, INVITED, (id, key(e.talent), now, e.expires_at.micros()))?;
            Ok(())
        }
        JobEvent::InvitationLapsed(e) => {
            found("invitation", execute(on, INVITATION_LAPSED, (id, key(e.talent)))?)
        }
        JobEvent::Paused(e) => {
            found("job", execute(on, PAUSED, (id, JobStatus::Paused.name(), e.closes_at.micros()))?)
        }
        JobEvent::Filled(_) => {
            execute(on, INVITATIONS_FALLEN, [id])?;
            found("job", execute(on, FILLED, (id, JobStatus::Filled.name(), now))?)
        }
        JobEvent::Closed(_) => over(on, id, JobStatus::Closed),
        JobEvent::Expired(_) => over(on, id, JobStatus::Expired),
        JobEvent::Removed(e) => {
            execute(on, INVITATIONS_FALLEN, [id])?;
            judged(on, REMOVED, (id, JobStatus::Removed), &e.reasons)
        }
        JobEvent::Reinstated(e) => {
            let (open, paused) = (JobStatus::Open.name(), JobStatus::Paused.name());
            let until = e.until.map(Timestamp::micros);
            found("job", execute(on, REINSTATED, (id, open, paused, until))?)
        }
    }
}

/// The search is over, and the invitations with it.
fn over(on: &Connection, id: [u8; 16], status: JobStatus) -> Result<(), ApplyError> {
    execute(on, INVITATIONS_FALLEN, [id])?;
    found("job", execute(on, MOVED, (id, status.name()))?)
}

/// Support decided, and said why.
fn judged(
    on: &Connection,
    statement: &str,
    (id, status): ([u8; 16], JobStatus),
    reasons: &Personal<Prose>,
) -> Result<(), ApplyError> {
    found("job", execute(on, statement, (id, status.name(), personal(reasons)?))?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    let mut columns = Columns::of(row);
    Ok(JobRow {
        id: columns.id()?,
        client: columns.id()?,
        version: columns.take()?,
        title: columns.personal()?,
        description: columns.personal()?,
        headcount: columns.take()?,
        hires: columns.take()?,
        status: columns.named()?,
        created_at: columns.instant()?,
        opened_at: columns.optional_instant()?,
        expires_at: columns.optional_instant()?,
        closes_at: columns.optional_instant()?,
        filled_at: columns.optional_instant()?,
        reasons: columns.personal()?,
    })
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<InvitationRow> {
    let mut columns = Columns::of(row);
    Ok(InvitationRow {
        job_id: columns.id()?,
        talent: columns.id()?,
        invited_at: columns.instant()?,
        expires_at: columns.instant()?,
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
            JobFilter::In(status) => many(on, JOBS_IN, (status.name(), below, limit), row),
            JobFilter::Public => many(on, PUBLIC_JOBS, (below, limit), row),
            JobFilter::Client(client) => many(on, JOBS_OF_CLIENT, (key(client), below, limit), row),
            JobFilter::ClientIn(client, status) => {
                many(on, JOBS_OF_CLIENT_IN, (key(client), status.name(), below, limit), row)
            }
            JobFilter::Invited(talent) => many(on, JOBS_OF_INVITED, (key(talent), below, limit), row),
        });
        rows.map(|rows| page.slice(rows))
    }

    /// The invitations of these jobs that stand, in the order of `jobs`. A job has no more of them than its rules allow,
    /// and costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn invitations_by_jobs(&self, jobs: &[JobId]) -> Result<Vec<InvitationRow>, QueryFault> {
        let invitations = |on: &Connection| {
            let mut rows = Vec::new();
            for job in jobs {
                rows.extend(many(on, INVITATIONS_OF_JOB, [key(*job)], invitation)?);
            }
            Ok(rows)
        };
        self.query(|on| snapshot(on, invitations))
    }
}
