//! What both sides show and offer in a dispute, and what the mediator asks.

use super::{
    EVIDENCE_OF_DISPUTE, EVIDENCE_SUBMITTED, OFFER_MADE, OFFERS_OF_DISPUTE, QUESTION_ASKED,
    QUESTIONS_OF_DISPUTE,
};
use crate::columns::{Columns, Named, key, personal};
use crate::error::QueryFault;
use crate::read_model::ApplyError;
use crate::read_models::ReadModels;
use crate::sql::execute;
use domain::Timestamp;
use domain::dispute::{ContentHash, DisputeQuestionAsked, EvidenceSubmitted, SettlementOffered};
use domain::id::{DisputeId, PartyId};
use domain::money::Money;
use domain::proposal::Party;
use rusqlite::{Connection, Row};

/// A piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceRow {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts what was handed in, from 1.
    pub number: u16,
    /// Which side handed it in.
    pub author: Party,
    /// What it says; `None` once it was erased.
    pub text: Option<String>,
    /// The hash of a document that is kept elsewhere.
    pub attachment: Option<ContentHash>,
    /// The hash of all of it, salted.
    pub content_hash: ContentHash,
    /// When it was handed in.
    pub submitted_at: Timestamp,
}

/// A mediator's question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuestionRow {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts the questions, from 1.
    pub number: u16,
    /// Who asks.
    pub mediator: PartyId,
    /// What both sides read; `None` once it was erased.
    pub question: Option<String>,
    /// When it was asked.
    pub asked_at: Timestamp,
}

/// An offer to settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettlementOfferRow {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts the offers, from 1; the last one stands.
    pub number: u16,
    /// Which side made it.
    pub author: Party,
    /// What the client would get.
    pub client_share: Money,
    /// What the talent would have earned, before fees.
    pub talent_share: Money,
    /// When it was made.
    pub made_at: Timestamp,
}

pub(super) fn evidence(on: &Connection, e: &EvidenceSubmitted, at: Timestamp) -> Result<(), ApplyError> {
    let attachment = e.attachment.map(|hash| hash.to_string());
    let (text, hash) = (personal(&e.text)?, e.content_hash.to_string());
    let row = (key(e.dispute_id), e.number, e.author.name(), text, attachment, hash, at.micros());
    execute(on, EVIDENCE_SUBMITTED, row)?;
    Ok(())
}

pub(super) fn question(on: &Connection, e: &DisputeQuestionAsked, at: Timestamp) -> Result<(), ApplyError> {
    let row = (key(e.dispute_id), e.number, key(e.mediator), personal(&e.question)?, at.micros());
    execute(on, QUESTION_ASKED, row)?;
    Ok(())
}

pub(super) fn offer(on: &Connection, e: &SettlementOffered, at: Timestamp) -> Result<(), ApplyError> {
    let (client, talent) = (e.shares.client, e.shares.talent);
    let currency = client.currency();
    let (id, author) = (key(e.dispute_id), e.author.name());
    let row = (id, e.number, author, currency.code(), client.minor(), talent.minor(), at.micros());
    execute(on, OFFER_MADE, row)?;
    Ok(())
}

fn evidence_row(row: &Row<'_>) -> rusqlite::Result<EvidenceRow> {
    let mut columns = Columns::of(row);
    Ok(EvidenceRow {
        dispute_id: columns.id()?,
        number: columns.take()?,
        author: columns.named()?,
        text: columns.personal()?,
        attachment: columns.optional_text(|hex| ContentHash::parse(hex).ok())?,
        content_hash: columns.text(|hex| ContentHash::parse(hex).ok())?,
        submitted_at: columns.instant()?,
    })
}

fn question_row(row: &Row<'_>) -> rusqlite::Result<QuestionRow> {
    let mut columns = Columns::of(row);
    Ok(QuestionRow {
        dispute_id: columns.id()?,
        number: columns.take()?,
        mediator: columns.id()?,
        question: columns.personal()?,
        asked_at: columns.instant()?,
    })
}

fn offer_row(row: &Row<'_>) -> rusqlite::Result<SettlementOfferRow> {
    let mut columns = Columns::of(row);
    Ok(SettlementOfferRow {
        dispute_id: columns.id()?,
        number: columns.take()?,
        author: columns.named()?,
        client_share: columns.money()?,
        talent_share: columns.money()?,
        made_at: columns.instant()?,
    })
}

/// What was said in disputes. The domain bounds how much that is, far below a page.
impl ReadModels {
    /// The evidence of these disputes, in the order of `disputes` and then as it was handed in.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn evidence_by_disputes(&self, disputes: &[DisputeId]) -> Result<Vec<EvidenceRow>, QueryFault> {
        self.of_each(EVIDENCE_OF_DISPUTE, disputes, evidence_row)
    }

    /// The questions in these disputes, in the order of `disputes` and then as they were asked.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn questions_by_disputes(&self, disputes: &[DisputeId]) -> Result<Vec<QuestionRow>, QueryFault> {
        self.of_each(QUESTIONS_OF_DISPUTE, disputes, question_row)
    }

    /// The offers in these disputes, in the order of `disputes` and then newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn offers_by_disputes(&self, disputes: &[DisputeId]) -> Result<Vec<SettlementOfferRow>, QueryFault> {
        self.of_each(OFFERS_OF_DISPUTE, disputes, offer_row)
    }
}
