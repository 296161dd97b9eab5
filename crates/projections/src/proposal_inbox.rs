//! The proposal inbox: one row for each proposal, with the newest offer on it.

use crate::columns::{Columns, Named, below, key, personal};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::read_models::ReadModels;
use crate::sql::{execute, statements};
use domain::id::{ContractId, JobId, PartyId, ProposalId};
use domain::proposal::{
    OfferMade, OfferTerms, Party, ProposalEvent, ProposalStatus, ProposalSubmitted, Salt, TermsHash,
};
use domain::{Event, Timestamp};
use rusqlite::{Connection, Row};

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 2,
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
    SUBMITTED = "submitted",
    OFFER_MADE = "offer_made",
    OFFER_EXPIRED = "offer_expired",
    OFFER_ACCEPTED = "offer_accepted",
    PROPOSAL = "proposal",
    PROPOSALS_OF_JOB = "proposals_of_job",
    PROPOSALS_OF_JOB_AND_TALENT = "proposals_of_job_and_talent",
    PROPOSALS_OF_CLIENT = "proposals_of_client",
    PROPOSALS_OF_TALENT = "proposals_of_talent",
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// The proposal, and the key of its place in a list.
    pub id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// What the talent says; `None` once it was erased.
    pub cover_letter: Option<String>,
    /// Where it stands.
    pub status: ProposalStatus,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The contract that it led to, once an offer was accepted.
    pub contract_id: Option<ContractId>,
    /// The newest offer: open while the proposal is offered, then the accepted one, or one that expired.
    pub offer: Option<OfferRow>,
}

/// An offer on a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
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
    /// When it lapses if it is not accepted.
    pub expires_at: Timestamp,
    /// Whether it has lapsed.
    pub expired: bool,
}

/// Which proposals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalFilter {
    /// All for this job.
    Job(JobId),
    /// Those of this talent for this job.
    JobAndTalent(JobId, PartyId),
    /// All for this client's jobs.
    Client(PartyId),
    /// All of this talent.
    Talent(PartyId),
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Proposal(ProposalEvent::Submitted(e)) => submitted(on, e, at),
        Event::Proposal(ProposalEvent::OfferMade(e)) => offer_made(on, e, at),
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => {
            let row = (key(e.proposal_id), ProposalStatus::Accepted.name(), key(e.contract_id));
            found("proposal", execute(on, OFFER_ACCEPTED, row)?)
        }
        Event::Proposal(ProposalEvent::OfferExpired(e)) => {
            let row = (key(e.proposal_id), ProposalStatus::Shortlisted.name());
            found("proposal", execute(on, OFFER_EXPIRED, row)?)
        }
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

fn submitted(on: &Connection, e: &ProposalSubmitted, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(e.proposal_id),
        key(e.job_id),
        key(e.client),
        key(e.talent),
        personal(&e.cover_letter)?,
        ProposalStatus::Submitted.name(),
        at.micros(),
    );
    execute(on, SUBMITTED, row)?;
    Ok(())
}

fn offer_made(on: &Connection, e: &OfferMade, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(e.proposal_id),
        ProposalStatus::Offered.name(),
        e.number,
        e.author.name(),
        serde_json::to_string(&e.terms)?,
        e.salt.to_string(),
        e.terms_hash.to_string(),
        at.micros(),
        e.expires_at.micros(),
    );
    found("proposal", execute(on, OFFER_MADE, row)?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<ProposalRow> {
    let mut columns = Columns::of(row);
    Ok(ProposalRow {
        id: columns.id()?,
        job_id: columns.id()?,
        client: columns.id()?,
        talent: columns.id()?,
        cover_letter: columns.personal()?,
        status: columns.named()?,
        submitted_at: columns.instant()?,
        contract_id: columns.optional_id()?,
        offer: offer(columns)?,
    })
}

fn offer(mut columns: Columns<'_>) -> rusqlite::Result<Option<OfferRow>> {
    let Some(number) = columns.take()? else {
        return Ok(None);
    };
    let offer = OfferRow {
        number,
        author: columns.named()?,
        terms: columns.json()?,
        salt: columns.text(|hex| Salt::parse(hex).ok())?,
        terms_hash: columns.text(|hex| TermsHash::parse(hex).ok())?,
        made_at: columns.instant()?,
        expires_at: columns.instant()?,
        expired: columns.take()?,
    };
    Ok(Some(offer))
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
            ProposalFilter::Talent(talent) => many(on, PROPOSALS_OF_TALENT, (key(talent), below, limit), row),
        });
        rows.map(|rows| page.slice(rows))
    }
}
