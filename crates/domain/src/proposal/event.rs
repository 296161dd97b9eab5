//! What happens to proposals and offers.

use super::{OfferTerms, Party, Salt, TermsHash};
use crate::event::event_group;
use crate::id::{ContractId, JobId, PartyId, ProposalId};
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::Prose;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a proposal.
    ProposalEvent {
        /// A talent proposed.
        Submitted(ProposalSubmitted) = "proposal.submitted", 1;
        /// One side offered a contract.
        OfferMade(OfferMade) = "offer.made", 1;
        /// The other side accepted.
        OfferAccepted(OfferAccepted) = "offer.accepted", 1;
        /// Nobody answered in time.
        OfferExpired(OfferExpired) = "offer.expired", 1;
    }
}

/// Payload of `proposal.submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalSubmitted {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// What the talent says.
    pub cover_letter: Personal<Prose>,
}

/// Payload of `offer.made`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferMade {
    /// The proposal that is negotiated.
    pub proposal_id: ProposalId,
    /// Counts the proposal's offers from 1.
    pub number: u32,
    /// Who offers.
    pub author: Party,
    /// What is offered.
    pub terms: OfferTerms,
    /// Keeps the hash from being guessed.
    pub salt: Salt,
    /// What the other side accepts.
    pub terms_hash: TermsHash,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// Payload of `offer.accepted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferAccepted {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that hires.
    pub job_id: JobId,
    /// Which offer.
    pub number: u32,
    /// What was accepted.
    pub terms_hash: TermsHash,
    /// The contract that this makes.
    pub contract_id: ContractId,
}

/// Payload of `offer.expired`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferExpired {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Which offer.
    pub number: u32,
}

impl ProposalEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::Submitted(e) => vec![StreamId::Proposal(e.proposal_id)],
            Self::OfferMade(e) => vec![StreamId::Proposal(e.proposal_id)],
            Self::OfferExpired(e) => vec![StreamId::Proposal(e.proposal_id)],
            // The job counts its hires, so that the headcount holds whichever proposal is accepted.
            Self::OfferAccepted(e) => vec![StreamId::Proposal(e.proposal_id), StreamId::Job(e.job_id)],
        }
    }
}
