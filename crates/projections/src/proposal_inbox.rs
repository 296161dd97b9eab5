//! The proposal inbox: one row for each proposal, and one for each offer on it.

use crate::columns::{Columns, Named, below, key, personal};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one, snapshot};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::read_models::ReadModels;
use crate::sql::{execute, statements};
use domain::id::{ContractId, JobId, PartyId, ProposalId};
use domain::personal::Personal;
use domain::proposal::{OfferMade, OfferTerms, Party, ProposalEvent, ProposalStatus, Salt, TermsHash};
use domain::text::Prose;
use domain::{Event, Timestamp};
use rusqlite::{Connection, Row};

/// Most offers of a proposal that are listed: its newest.
pub const OFFERS_LISTED_MAX: usize = 100;

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 3,
    schema: SCHEMA,
    drop: DROP,
    reads: |noun| matches!(noun, "proposal" | "offer"),
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("proposal_inbox.sql");
    SCHEMA = "schema",
    DROP = "drop",
    BEGUN = "begun",
    SUBMITTED = "submitted",
    REVISED = "revised",
    MOVED = "moved",
    DECLINED = "declined",
    ACCEPTED = "accepted",
    OFFERED = "offered",
    OFFER_MADE = "offer_made",
    OFFER_OVER = "offer_over",
    OPEN_OFFER_OVER = "open_offer_over",
    PROPOSAL = "proposal",
    PROPOSALS_OF_JOB = "proposals_of_job",
    PROPOSALS_OF_JOB_AND_TALENT = "proposals_of_job_and_talent",
    PROPOSALS_OF_CLIENT = "proposals_of_client",
    PROPOSALS_OF_CLIENT_IN = "proposals_of_client_in",
    PROPOSALS_OF_TALENT = "proposals_of_talent",
    PROPOSALS_OF_TALENT_IN = "proposals_of_talent_in",
    OFFERS_OF_PROPOSAL = "offers_of_proposal",
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// The proposal, and the key of its place in a list.
    pub id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Which version of the job it answers; none for what was only saved.
    pub job_version: Option<u32>,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// What the talent says; `None` once it was erased, and where the client began.
    pub cover_letter: Option<String>,
    /// Where it stands.
    pub status: ProposalStatus,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its client could see it first; never, for what was only saved.
    pub submitted_at: Option<Timestamp>,
    /// The contract that it led to, once an offer was accepted.
    pub contract_id: Option<ContractId>,
    /// Why one side declined, if it said so; `None` once it was erased.
    pub reasons: Option<String>,
    /// The newest offer.
    pub offer: Option<OfferRow>,
}

/// An offer on a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Counts the proposal's offers from 1.
    pub number: u32,
    /// Which side made it.
    pub author: Party,
    /// What is offered.
    pub terms: OfferTerms,
    /// What the hash was salted with, so that either side can check it.
    pub salt: Salt,
    /// What an acceptance has to name.
    pub terms_hash: TermsHash,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it lapses if nobody answers it.
    pub expires_at: Timestamp,
    /// What became of it.
    pub status: OfferStatus,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferStatus {
    /// It waits for its answer.
    Open,
    /// The other side answered with an offer of its own.
    Superseded,
    /// Its author took it back.
    Withdrawn,
    /// The other side didn't want it.
    Declined,
    /// The other side accepted it.
    Accepted,
    /// Nobody answered in time, or the proposal was over.
    Expired,
}

/// Which proposals. What was only saved is its talent's alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalFilter {
    /// All for this job.
    Job(JobId),
    /// Those of this talent for this job.
    JobAndTalent(JobId, PartyId),
    /// All for this client's jobs.
    Client(PartyId),
    /// Those for this client's jobs that stand so.
    ClientIn(PartyId, ProposalStatus),
    /// All of this talent.
    Talent(PartyId),
    /// Those of this talent that stand so.
    TalentIn(PartyId, ProposalStatus),
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Proposal(event) => apply_proposal(on, event, at),
        // The inbox ends where the contract begins.
        Event::Marketplace(_)
        | Event::Job(_)
        | Event::Contract(_)
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

fn apply_proposal(on: &Connection, event: &ProposalEvent, at: Timestamp) -> Result<(), ApplyError> {
    let id = key(event.proposal_id());
    let moved = |status: ProposalStatus| found("proposal", execute(on, MOVED, (id, status.name()))?);
    match event {
        ProposalEvent::Saved(e) => {
            let who = (e.job_id, None, (e.client, e.talent), Some(&e.cover_letter));
            begun(on, (id, ProposalStatus::Draft, at), who)
        }
        ProposalEvent::Submitted(e) => {
            let who = (e.job_id, Some(e.job_version), (e.client, e.talent), Some(&e.cover_letter));
            begun(on, (id, ProposalStatus::Submitted, at), who)
        }
        ProposalEvent::Begun(e) => {
            let who = (e.job_id, Some(e.job_version), (e.client, e.talent), None);
            begun(on, (id, ProposalStatus::Shortlisted, at), who)
        }
        ProposalEvent::SavedSubmitted(e) => {
            let row = (id, ProposalStatus::Submitted.name(), e.job_version, at.micros());
            found("proposal", execute(on, SUBMITTED, row)?)
        }
        ProposalEvent::Revised(e) => {
            let row = (id, e.job_version, personal(&e.cover_letter)?);
            found("proposal", execute(on, REVISED, row)?)
        }
        ProposalEvent::Withdrawn(_) => moved(ProposalStatus::Withdrawn),
        ProposalEvent::Shortlisted(_) => moved(ProposalStatus::Shortlisted),
        ProposalEvent::Declined(e) => declined(on, id, e.reasons.as_ref()),
        ProposalEvent::Expired(_) | ProposalEvent::Closed(_) => {
            let (open, expired) = (OfferStatus::Open.name(), OfferStatus::Expired.name());
            execute(on, OPEN_OFFER_OVER, (id, open, expired))?;
            moved(ProposalStatus::Expired)
        }
        ProposalEvent::OfferMade(e) => offer_made(on, e, at),
        ProposalEvent::OfferSuperseded(e) => {
            offer_over(on, (id, e.number), OfferStatus::Superseded)?;
            moved(ProposalStatus::Shortlisted)
        }
        ProposalEvent::OfferWithdrawn(e) => {
            offer_over(on, (id, e.number), OfferStatus::Withdrawn)?;
            moved(ProposalStatus::Shortlisted)
        }
        ProposalEvent::OfferExpired(e) => {
            offer_over(on, (id, e.number), OfferStatus::Expired)?;
            moved(ProposalStatus::Shortlisted)
        }
        ProposalEvent::OfferDeclined(e) => {
            offer_over(on, (id, e.number), OfferStatus::Declined)?;
            declined(on, id, e.reasons.as_ref())
        }
        ProposalEvent::OfferAccepted(e) => {
            offer_over(on, (id, e.number), OfferStatus::Accepted)?;
            let row = (id, ProposalStatus::Accepted.name(), key(e.contract_id));
            found("proposal", execute(on, ACCEPTED, row)?)
        }
    }
}

/// What a proposal begins with: its job, the job's version if the client can see it, client and talent, the letter.
type Beginning<'a> = (JobId, Option<u32>, (PartyId, PartyId), Option<&'a Personal<Prose>>);

fn begun(
    on: &Connection,
    (id, status, at): ([u8; 16], ProposalStatus, Timestamp),
    (job_id, job_version, (client, talent), letter): Beginning<'_>,
) -> Result<(), ApplyError> {
    let letter = letter.map(personal).transpose()?.flatten();
    let (job, client, talent) = (key(job_id), key(client), key(talent));
    execute(on, BEGUN, (id, job, job_version, client, talent, letter, status.name(), at.micros()))?;
    Ok(())
}

fn declined(on: &Connection, id: [u8; 16], reasons: Option<&Personal<Prose>>) -> Result<(), ApplyError> {
    let reasons = reasons.map(personal).transpose()?.flatten();
    found("proposal", execute(on, DECLINED, (id, ProposalStatus::Declined.name(), reasons))?)
}

fn offer_made(on: &Connection, e: &OfferMade, at: Timestamp) -> Result<(), ApplyError> {
    let id = key(e.proposal_id);
    found("proposal", execute(on, OFFERED, (id, ProposalStatus::Offered.name(), e.number))?)?;
    let row = (
        id,
        e.number,
        e.author.name(),
        serde_json::to_string(&e.terms)?,
        e.salt.to_string(),
        e.terms_hash.to_string(),
        at.micros(),
        e.expires_at.micros(),
        OfferStatus::Open.name(),
    );
    execute(on, OFFER_MADE, row)?;
    Ok(())
}

fn offer_over(on: &Connection, (id, number): ([u8; 16], u32), status: OfferStatus) -> Result<(), ApplyError> {
    found("offer", execute(on, OFFER_OVER, (id, number, status.name()))?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<ProposalRow> {
    let mut columns = Columns::of(row);
    let id = columns.id()?;
    Ok(ProposalRow {
        id,
        job_id: columns.id()?,
        job_version: columns.take()?,
        client: columns.id()?,
        talent: columns.id()?,
        cover_letter: columns.personal()?,
        status: columns.named()?,
        created_at: columns.instant()?,
        submitted_at: columns.optional_instant()?,
        contract_id: columns.optional_id()?,
        reasons: columns.personal()?,
        offer: newest_offer(id, columns)?,
    })
}

fn newest_offer(id: ProposalId, mut columns: Columns<'_>) -> rusqlite::Result<Option<OfferRow>> {
    let Some(number) = columns.take()? else {
        return Ok(None);
    };
    offer_of((id, number), columns).map(Some)
}

fn offer(row: &Row<'_>) -> rusqlite::Result<OfferRow> {
    let mut columns = Columns::of(row);
    let of = (columns.id()?, columns.take()?);
    offer_of(of, columns)
}

fn offer_of(
    (proposal_id, number): (ProposalId, u32),
    mut columns: Columns<'_>,
) -> rusqlite::Result<OfferRow> {
    Ok(OfferRow {
        proposal_id,
        number,
        author: columns.named()?,
        terms: columns.json()?,
        salt: columns.text(|hex| Salt::parse(hex).ok())?,
        terms_hash: columns.text(|hex| TermsHash::parse(hex).ok())?,
        made_at: columns.instant()?,
        expires_at: columns.instant()?,
        status: columns.named()?,
    })
}

/// The proposal inbox.
impl ReadModels {
    /// A proposal, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn proposal(&self, id: ProposalId) -> Result<Option<ProposalRow>, QueryFault> {
        self.query(|on| one(on, PROPOSAL, [key(id)], row))
    }

    /// Those of the proposals that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn proposals_by_ids(&self, ids: &[ProposalId]) -> Result<Vec<ProposalRow>, QueryFault> {
        self.query(|on| each(on, PROPOSAL, ids, row))
    }

    /// A page of proposals, newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn proposals(
        &self,
        filter: ProposalFilter,
        page: Page<ProposalId>,
    ) -> Result<Slice<ProposalRow>, QueryFault> {
        let (below, limit) = (below(page.after), page.limit());
        let rows = self.query(|on| match filter {
            ProposalFilter::Job(job) => many(on, PROPOSALS_OF_JOB, (key(job), below, limit), row),
            ProposalFilter::JobAndTalent(job, talent) => {
                many(on, PROPOSALS_OF_JOB_AND_TALENT, (key(job), key(talent), below, limit), row)
            }
            ProposalFilter::Client(client) => many(on, PROPOSALS_OF_CLIENT, (key(client), below, limit), row),
            ProposalFilter::ClientIn(client, status) => {
                many(on, PROPOSALS_OF_CLIENT_IN, (key(client), status.name(), below, limit), row)
            }
            ProposalFilter::Talent(talent) => many(on, PROPOSALS_OF_TALENT, (key(talent), below, limit), row),
            ProposalFilter::TalentIn(talent, status) => {
                many(on, PROPOSALS_OF_TALENT_IN, (key(talent), status.name(), below, limit), row)
            }
        });
        rows.map(|rows| page.slice(rows))
    }

    /// The newest offers on these proposals, at most [`OFFERS_LISTED_MAX`] of each, newest first, in the order of
    /// `proposals`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn offers_by_proposals(&self, proposals: &[ProposalId]) -> Result<Vec<OfferRow>, QueryFault> {
        let offers = |on: &Connection| {
            let mut rows = Vec::new();
            for proposal in proposals {
                let limit = i64::try_from(OFFERS_LISTED_MAX).unwrap_or(i64::MAX);
                rows.extend(many(on, OFFERS_OF_PROPOSAL, (key(*proposal), limit), offer)?);
            }
            Ok(rows)
        };
        self.query(|on| snapshot(on, offers))
    }
}
