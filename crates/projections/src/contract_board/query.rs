//! Contracts and milestones as they are read.

use super::funds::{DepositRow, deposit};
use super::{CONTRACT, CONTRACTS, CONTRACTS_OF_PARTY, MILESTONE, MILESTONES_OF_CONTRACT};
use crate::columns::{Columns, Named, below, key};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one, snapshot};
use crate::read_models::ReadModels;
use domain::Timestamp;
use domain::contract::{Change, ContractStatus, MilestoneStatus, PauseReason};
use domain::id::{ContractId, DisputeId, JobId, MilestoneId, PartyId, ProposalId, WorkId};
use domain::ledger::FeeQuote;
use domain::money::Currency;
use domain::policy::Windows;
use domain::proposal::{Party, TermsHash};
use rusqlite::{Connection, Row};

/// Which contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractFilter {
    /// All of the marketplace.
    All,
    /// Those in which this party is the client or the talent.
    Party(PartyId),
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractRow {
    /// The contract, and the key of its place in a list.
    pub id: ContractId,
    /// The job that hired.
    pub job_id: JobId,
    /// The proposal that led here.
    pub proposal_id: ProposalId,
    /// Who pays.
    pub client: PartyId,
    /// Who works.
    pub talent: PartyId,
    /// The one currency of the contract.
    pub currency: Currency,
    /// Where it stands.
    pub status: ContractStatus,
    /// What both sides agreed to.
    pub terms_hash: TermsHash,
    /// The fees, fixed.
    pub fees: FeeQuote,
    /// The windows, fixed.
    pub windows: Windows,
    /// The policy version that both come from.
    pub policy_version: u32,
    /// When it is cancelled if nothing is funded.
    pub unfunded_until: Timestamp,
    /// When the offer was accepted.
    pub created_at: Timestamp,
    /// The request that it end, unless it was taken back.
    pub end: Option<EndRow>,
    /// When it ended, if so.
    pub ended_at: Option<Timestamp>,
    /// Why it begins nothing new.
    pub pauses: Vec<PauseReason>,
    /// The amendment that waits for an answer.
    pub amendment: Option<AmendmentRow>,
    /// The side that wants to go on after the end, while the other has not agreed.
    pub reopen_proposer: Option<Party>,
    /// Its end by the house.
    pub termination: Option<TerminationRow>,
}

/// An amendment that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendmentRow {
    /// Counts the contract's amendments from 1.
    pub number: u32,
    /// Which side proposes it; the other answers.
    pub proposer: Party,
    /// What changes, all of it or nothing.
    pub changes: Vec<Change>,
    /// When it was proposed.
    pub proposed_at: Timestamp,
}

/// That the house ends a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminationRow {
    /// Since when.
    pub begun_at: Timestamp,
    /// Why; `None` once it was erased.
    pub reason: Option<String>,
}

/// A side's request that a contract end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndRow {
    /// Which side asked.
    pub requester: Party,
    /// When it asked.
    pub requested_at: Timestamp,
    /// When the end is agreed if the other side says nothing.
    pub answer_by: Timestamp,
    /// When it was agreed, if so; the contract ends once nothing is held for it.
    pub agreed_at: Option<Timestamp>,
}

/// A milestone. Its amounts are in minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilestoneRow {
    /// The milestone.
    pub id: MilestoneId,
    /// Its contract.
    pub contract_id: ContractId,
    /// Counts the contract's milestones from 1.
    pub number: u16,
    /// One line; `None` once it was erased.
    pub title: Option<String>,
    /// The contract's currency.
    pub currency: Currency,
    /// What escrow holds when it is funded.
    pub amount_minor: i64,
    /// Where it stands.
    pub status: MilestoneStatus,
    /// When it became part of the contract.
    pub agreed_at: Timestamp,
    /// When the client approved it, if so.
    pub approved_at: Option<Timestamp>,
    /// When the earnings of the newest release clear, if there was one.
    pub clears_at: Option<Timestamp>,
    /// What escrow holds now.
    pub escrow_held_minor: i64,
    /// What is held beside it now, for the client fee and its tax.
    pub client_fee_held_minor: i64,
    /// What of its escrow a dispute has frozen.
    pub escrow_frozen_minor: i64,
    /// How what was released so far divided.
    pub released: ReleasedRow,
    /// The newest work, if some was handed in.
    pub work: Option<WorkRow>,
    /// The newest request for changes, also once it was answered with new work.
    pub changes: Option<ChangesRow>,
    /// The request that its money go back, unless it or the dispute that it led to was taken back.
    pub refund_request: Option<RefundRequestRow>,
    /// The dispute that has frozen its escrow.
    pub dispute_id: Option<DisputeId>,
    /// Whether it is a bonus.
    pub bonus: bool,
    /// How often its work was sent back.
    pub rounds: u16,
    /// What of what was released the talent gave back.
    pub granted_minor: i64,
    /// The side that proposed it, while the other has not agreed.
    pub proposer: Option<Party>,
    /// The side that wants to do without it, while the other has not agreed.
    pub drop_proposer: Option<Party>,
    /// The milestone that its money is to fund, and how much of it, while the talent has not agreed.
    pub moves_to: Option<(MilestoneId, i64)>,
    /// Since when its money is frozen, if it is.
    pub frozen_at: Option<Timestamp>,
    /// The newest deposit, if one was requested.
    pub deposit: Option<DepositRow>,
}

/// What was released of a milestone so far and how it divided, in minor units of the milestone's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleasedRow {
    /// From escrow.
    pub gross_minor: i64,
    /// Talent fee.
    pub talent_fee_minor: i64,
    /// Tax on the talent fee.
    pub talent_tax_minor: i64,
    /// Client fee.
    pub client_fee_minor: i64,
    /// Tax on the client fee.
    pub client_tax_minor: i64,
}

impl ReleasedRow {
    /// What the talent earned: gross less fee and tax.
    pub const fn net_minor(&self) -> i64 {
        self.gross_minor - self.talent_fee_minor - self.talent_tax_minor
    }
}

/// Work that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkRow {
    /// This hand-in.
    pub id: WorkId,
    /// What the talent says about it; `None` once it was erased.
    pub note: Option<String>,
    /// When it was handed in.
    pub submitted_at: Timestamp,
    /// When it counts as approved if the client says nothing.
    pub review_ends_at: Timestamp,
}

/// Work that was sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangesRow {
    /// The hand-in that was sent back.
    pub work_id: WorkId,
    /// Why; `None` once it was erased.
    pub reasons: Option<String>,
    /// When it was sent back.
    pub requested_at: Timestamp,
}

/// A request that a milestone's money go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRequestRow {
    /// When it was made.
    pub requested_at: Timestamp,
    /// When it is agreed if the talent says nothing.
    pub answer_by: Timestamp,
    /// Why; `None` where an agreed end asks without words, or once it was erased.
    pub reasons: Option<String>,
}

fn contract(row: &Row<'_>) -> rusqlite::Result<ContractRow> {
    let mut columns = Columns::of(row);
    Ok(ContractRow {
        id: columns.id()?,
        job_id: columns.id()?,
        proposal_id: columns.id()?,
        client: columns.id()?,
        talent: columns.id()?,
        currency: columns.currency()?,
        status: columns.named()?,
        terms_hash: columns.text(|hex| TermsHash::parse(hex).ok())?,
        fees: columns.json()?,
        windows: columns.json()?,
        policy_version: columns.take()?,
        unfunded_until: columns.instant()?,
        created_at: columns.instant()?,
        end: end(&mut columns)?,
        ended_at: columns.optional_instant()?,
        pauses: pauses(&mut columns)?,
        amendment: amendment(&mut columns)?,
        reopen_proposer: columns.optional_text(Party::named)?,
        termination: termination(&mut columns)?,
    })
}

fn pauses(columns: &mut Columns<'_>) -> rusqlite::Result<Vec<PauseReason>> {
    let client = columns.optional_instant()?.map(|_| PauseReason::Client);
    let support = columns.optional_instant()?.map(|_| PauseReason::Support);
    Ok(client.into_iter().chain(support).collect())
}

fn amendment(columns: &mut Columns<'_>) -> rusqlite::Result<Option<AmendmentRow>> {
    let Some(number) = columns.take()? else {
        columns.skip(3);
        return Ok(None);
    };
    Ok(Some(AmendmentRow {
        number,
        proposer: columns.named()?,
        changes: columns.json()?,
        proposed_at: columns.instant()?,
    }))
}

fn termination(columns: &mut Columns<'_>) -> rusqlite::Result<Option<TerminationRow>> {
    let Some(begun_at) = columns.optional_instant()? else {
        columns.skip(1);
        return Ok(None);
    };
    Ok(Some(TerminationRow { begun_at, reason: columns.personal()? }))
}

fn moves_to(columns: &mut Columns<'_>) -> rusqlite::Result<Option<(MilestoneId, i64)>> {
    let Some(to) = columns.optional_id()? else {
        columns.skip(1);
        return Ok(None);
    };
    Ok(Some((to, columns.take()?)))
}

fn end(columns: &mut Columns<'_>) -> rusqlite::Result<Option<EndRow>> {
    let Some(requester) = columns.optional_text(Party::named)? else {
        columns.skip(3);
        return Ok(None);
    };
    Ok(Some(EndRow {
        requester,
        requested_at: columns.instant()?,
        answer_by: columns.instant()?,
        agreed_at: columns.optional_instant()?,
    }))
}

fn milestone(row: &Row<'_>) -> rusqlite::Result<MilestoneRow> {
    let mut columns = Columns::of(row);
    let row = MilestoneRow {
        id: columns.id()?,
        contract_id: columns.id()?,
        number: columns.take()?,
        title: columns.personal()?,
        currency: columns.currency()?,
        amount_minor: columns.take()?,
        status: columns.named()?,
        agreed_at: columns.instant()?,
        approved_at: columns.optional_instant()?,
        clears_at: columns.optional_instant()?,
        escrow_held_minor: columns.take()?,
        client_fee_held_minor: columns.take()?,
        escrow_frozen_minor: columns.take()?,
        released: released(&mut columns)?,
        work: work(&mut columns)?,
        changes: changes(&mut columns)?,
        refund_request: refund_request(&mut columns)?,
        dispute_id: columns.optional_id()?,
        bonus: columns.take()?,
        rounds: columns.take()?,
        granted_minor: columns.take()?,
        proposer: columns.optional_text(Party::named)?,
        drop_proposer: columns.optional_text(Party::named)?,
        moves_to: moves_to(&mut columns)?,
        frozen_at: columns.optional_instant()?,
        deposit: deposit(&mut columns)?,
    };
    // Only what is agreed and unfunded can be done without.
    let drop_proposer = row.drop_proposer.filter(|_| row.status == MilestoneStatus::Agreed);
    Ok(MilestoneRow { drop_proposer, ..row })
}

fn released(columns: &mut Columns<'_>) -> rusqlite::Result<ReleasedRow> {
    Ok(ReleasedRow {
        gross_minor: columns.take()?,
        talent_fee_minor: columns.take()?,
        talent_tax_minor: columns.take()?,
        client_fee_minor: columns.take()?,
        client_tax_minor: columns.take()?,
    })
}

fn work(columns: &mut Columns<'_>) -> rusqlite::Result<Option<WorkRow>> {
    let Some(id) = columns.optional_id()? else {
        columns.skip(3);
        return Ok(None);
    };
    Ok(Some(WorkRow {
        id,
        note: columns.personal()?,
        submitted_at: columns.instant()?,
        review_ends_at: columns.instant()?,
    }))
}

fn changes(columns: &mut Columns<'_>) -> rusqlite::Result<Option<ChangesRow>> {
    let Some(work_id) = columns.optional_id()? else {
        columns.skip(2);
        return Ok(None);
    };
    Ok(Some(ChangesRow { work_id, reasons: columns.personal()?, requested_at: columns.instant()? }))
}

fn refund_request(columns: &mut Columns<'_>) -> rusqlite::Result<Option<RefundRequestRow>> {
    let Some(requested_at) = columns.optional_instant()? else {
        columns.skip(2);
        return Ok(None);
    };
    let answer_by = columns.instant()?;
    Ok(Some(RefundRequestRow { requested_at, answer_by, reasons: columns.personal()? }))
}

/// The contract board.
impl ReadModels {
    /// A contract, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn contract(&self, id: ContractId) -> Result<Option<ContractRow>, QueryFault> {
        self.query(|on| one(on, CONTRACT, [key(id)], contract))
    }

    /// Those of the contracts that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn contracts_by_ids(&self, ids: &[ContractId]) -> Result<Vec<ContractRow>, QueryFault> {
        self.query(|on| each(on, CONTRACT, ids, contract))
    }

    /// A page of contracts, newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn contracts(
        &self,
        filter: ContractFilter,
        page: Page<ContractId>,
    ) -> Result<Slice<ContractRow>, QueryFault> {
        let (below, limit) = (below(page.after), page.limit());
        let rows = self.query(|on| match filter {
            ContractFilter::All => many(on, CONTRACTS, (below, limit), contract),
            ContractFilter::Party(party) => {
                many(on, CONTRACTS_OF_PARTY, (key(party), below, limit), contract)
            }
        });
        rows.map(|rows| page.slice(rows))
    }

    /// A milestone, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn milestone(&self, id: MilestoneId) -> Result<Option<MilestoneRow>, QueryFault> {
        self.query(|on| one(on, MILESTONE, [key(id)], milestone))
    }

    /// Those of the milestones that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn milestones_by_ids(&self, ids: &[MilestoneId]) -> Result<Vec<MilestoneRow>, QueryFault> {
        self.query(|on| each(on, MILESTONE, ids, milestone))
    }

    /// Every milestone of these contracts, in the order of `contracts` and then of their numbers. A contract has no
    /// more milestones than its policy allows, and costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn milestones_by_contracts(&self, contracts: &[ContractId]) -> Result<Vec<MilestoneRow>, QueryFault> {
        let milestones = |on: &Connection| {
            let mut rows = Vec::new();
            for contract in contracts {
                rows.extend(many(on, MILESTONES_OF_CONTRACT, [key(*contract)], milestone)?);
            }
            Ok(rows)
        };
        self.query(|on| snapshot(on, milestones))
    }
}
