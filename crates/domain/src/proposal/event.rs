//! What happens to proposals and offers.

use super::{OfferTerms, Party, Salt, TermsHash};
use crate::event::event_group;
use crate::id::{ContractId, JobId, PartyId, ProposalId};
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::Prose;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a proposal.
    ProposalEvent {
        /// A talent began one that nobody else sees yet.
        Saved(ProposalSaved) = "proposal.saved", 1;
        /// A talent proposed.
        Submitted(ProposalSubmitted) = "proposal.submitted", 1;
        /// A talent proposed what was saved before.
        SavedSubmitted(SavedProposalSubmitted) = "proposal.saved_submitted", 1;
        /// A client began it, with an offer to a talent.
        Begun(ProposalBegun) = "proposal.begun", 1;
        /// The talent wrote it anew.
        Revised(ProposalRevised) = "proposal.revised", 1;
        /// The talent took it back.
        Withdrawn(ProposalWithdrawn) = "proposal.withdrawn", 1;
        /// The client keeps it in view.
        Shortlisted(ProposalShortlisted) = "proposal.shortlisted", 1;
        /// The client doesn't want it.
        Declined(ProposalDeclined) = "proposal.declined", 1;
        /// Nobody said anything for too long.
        Expired(ProposalExpired) = "proposal.expired", 1;
        /// Its job's search was over.
        Closed(ProposalClosed) = "proposal.closed", 1;
        /// One side offered a contract.
        OfferMade(OfferMade) = "offer.made", 1;
        /// The other side answers with an offer of its own.
        OfferSuperseded(OfferSuperseded) = "offer.superseded", 1;
        /// Its author took it back.
        OfferWithdrawn(OfferWithdrawn) = "offer.withdrawn", 1;
        /// The other side doesn't want it, nor another.
        OfferDeclined(OfferDeclined) = "offer.declined", 1;
        /// The other side accepted.
        OfferAccepted(OfferAccepted) = "offer.accepted", 1;
        /// Nobody answered in time.
        OfferExpired(OfferExpired) = "offer.expired", 1;
    }
}

/// Payload of `proposal.saved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalSaved {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it will answer.
    pub job_id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// What the talent says.
    pub cover_letter: Personal<Prose>,
    /// Days without a word after which it lapses.
    pub silence_days: u16,
}

/// Payload of `proposal.submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalSubmitted {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Which version of the job.
    pub job_version: u32,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// What the talent says.
    pub cover_letter: Personal<Prose>,
    /// Days without a word after which it lapses.
    pub silence_days: u16,
}

/// Payload of `proposal.saved_submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SavedProposalSubmitted {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Which version of the job.
    pub job_version: u32,
    /// Who proposes.
    pub talent: PartyId,
}

/// Payload of `proposal.begun`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalBegun {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that hires.
    pub job_id: JobId,
    /// Which version of the job.
    pub job_version: u32,
    /// Whose job it is.
    pub client: PartyId,
    /// Who is wanted.
    pub talent: PartyId,
    /// Days without a word after which it lapses.
    pub silence_days: u16,
}

/// Payload of `proposal.revised`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalRevised {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Which version of the job it answers now; none while it is only saved.
    pub job_version: Option<u32>,
    /// What the talent says.
    pub cover_letter: Personal<Prose>,
}

/// Payload of `proposal.withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalWithdrawn {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it was for.
    pub job_id: JobId,
}

/// Payload of `proposal.shortlisted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalShortlisted {
    /// The proposal.
    pub proposal_id: ProposalId,
}

/// Payload of `proposal.declined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalDeclined {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it was for.
    pub job_id: JobId,
    /// Why, if the client says so.
    pub reasons: Option<Personal<Prose>>,
}

/// Payload of `proposal.expired`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalExpired {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it was for.
    pub job_id: JobId,
}

/// Payload of `proposal.closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProposalClosed {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it was for.
    pub job_id: JobId,
}

/// Payload of `offer.made`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Payload of `offer.superseded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferSuperseded {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Which offer; the next one takes its place.
    pub number: u32,
}

/// Payload of `offer.withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferWithdrawn {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Which offer.
    pub number: u32,
}

/// Payload of `offer.declined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferDeclined {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job that it was for.
    pub job_id: JobId,
    /// Which offer.
    pub number: u32,
    /// Why, if the other side says so.
    pub reasons: Option<Personal<Prose>>,
}

/// Payload of `offer.accepted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferExpired {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Which offer.
    pub number: u32,
}

impl ProposalEvent {
    /// The proposal that it is about.
    pub const fn proposal_id(&self) -> ProposalId {
        match self {
            Self::Saved(e) => e.proposal_id,
            Self::Submitted(e) => e.proposal_id,
            Self::SavedSubmitted(e) => e.proposal_id,
            Self::Begun(e) => e.proposal_id,
            Self::Revised(e) => e.proposal_id,
            Self::Withdrawn(e) => e.proposal_id,
            Self::Shortlisted(e) => e.proposal_id,
            Self::Declined(e) => e.proposal_id,
            Self::Expired(e) => e.proposal_id,
            Self::Closed(e) => e.proposal_id,
            Self::OfferMade(e) => e.proposal_id,
            Self::OfferSuperseded(e) => e.proposal_id,
            Self::OfferWithdrawn(e) => e.proposal_id,
            Self::OfferDeclined(e) => e.proposal_id,
            Self::OfferAccepted(e) => e.proposal_id,
            Self::OfferExpired(e) => e.proposal_id,
        }
    }

    /// The job, of an event with which the proposal begins or stops to count among those that are open for it.
    const fn job_id(&self) -> Option<JobId> {
        match self {
            Self::Submitted(e) => Some(e.job_id),
            Self::SavedSubmitted(e) => Some(e.job_id),
            Self::Begun(e) => Some(e.job_id),
            Self::Withdrawn(e) => Some(e.job_id),
            Self::Declined(e) => Some(e.job_id),
            Self::Expired(e) => Some(e.job_id),
            Self::Closed(e) => Some(e.job_id),
            Self::OfferDeclined(e) => Some(e.job_id),
            // The job counts its hires too, so that the headcount holds whichever proposal is accepted.
            Self::OfferAccepted(e) => Some(e.job_id),
            Self::Saved(_)
            | Self::Revised(_)
            | Self::Shortlisted(_)
            | Self::OfferMade(_)
            | Self::OfferSuperseded(_)
            | Self::OfferWithdrawn(_)
            | Self::OfferExpired(_) => None,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let proposal = StreamId::Proposal(self.proposal_id());
        [proposal].into_iter().chain(self.job_id().map(StreamId::Job)).collect()
    }
}
