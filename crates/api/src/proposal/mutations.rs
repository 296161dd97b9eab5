//! Commands on proposals.

use super::{Proposal, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::{JobId, ProposalId};
use async_graphql::{Context, Object, Result};
use domain::Refusal;
use domain::proposal::{
    DeclineProposal, ReviseProposal, SaveProposal, ShortlistProposal, SubmitProposal, SubmitSavedProposal,
    WithdrawProposal,
};
use domain::text::{Prose, Text};

inputs! {
    /// Input of `submitProposal`.
    SubmitProposalInput {
        /// The job, which must be open.
        job_id: JobId,
        /// What the talent says, at most 10,000 characters.
        cover_letter: String,
    }
    /// Input of `saveProposal`.
    SaveProposalInput {
        /// The job, which must be open.
        job_id: JobId,
        /// What the talent says, at most 10,000 characters.
        cover_letter: String,
    }
    /// Input of `submitSavedProposal`.
    SubmitSavedProposalInput {
        /// The proposal, whose job must be open.
        proposal_id: ProposalId,
    }
    /// Input of `reviseProposal`.
    ReviseProposalInput {
        /// The proposal.
        proposal_id: ProposalId,
        /// What the talent says, at most 10,000 characters.
        cover_letter: String,
    }
    /// Input of `withdrawProposal`.
    WithdrawProposalInput {
        /// The proposal.
        proposal_id: ProposalId,
    }
    /// Input of `shortlistProposal`.
    ShortlistProposalInput {
        /// The proposal.
        proposal_id: ProposalId,
    }
    /// Input of `declineProposal`.
    DeclineProposalInput {
        /// The proposal.
        proposal_id: ProposalId,
        /// Why, at most 10,000 characters; the talent reads it.
        reasons: Option<String>,
    }
}

payload! {
    /// What `submitProposal` came to.
    SubmitProposalPayload {
        /// The proposal.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `saveProposal` came to.
    SaveProposalPayload {
        /// The draft.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `submitSavedProposal` came to.
    SubmitSavedProposalPayload {
        /// The proposal.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `reviseProposal` came to.
    ReviseProposalPayload {
        /// The proposal as it says now.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `withdrawProposal` came to.
    WithdrawProposalPayload {
        /// The proposal that was taken back.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `shortlistProposal` came to.
    ShortlistProposalPayload {
        /// The shortlisted proposal.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `declineProposal` came to.
    DeclineProposalPayload {
        /// The declined proposal.
        proposal: Proposal = of_outcome
    }
}

fn letter(text: &str) -> Result<Prose, Refusal> {
    Text::parse(text).map_err(|refusal| refusal.at("coverLetter"))
}

/// The reasons, if there are any.
pub(super) fn reasons(text: Option<&str>) -> Result<Option<Prose>, Refusal> {
    text.map(|text| Text::parse(text).map_err(|refusal| refusal.at("reasons"))).transpose()
}

/// Commands on proposals.
#[derive(Default)]
pub(crate) struct ProposalMutations;

/// Commands on proposals.
#[Object]
impl ProposalMutations {
    /// Answers an open job. For talents.
    async fn submit_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] input: SubmitProposalInput,
    ) -> Result<SubmitProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let cover_letter = letter(&input.cover_letter)?;
            Ok(SubmitProposal { job_id: input.job_id.0, cover_letter })
        });
        outcome.await.map(SubmitProposalPayload)
    }

    /// Begins a proposal that nobody else sees until it is submitted. For talents.
    async fn save_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: SaveProposalInput,
    ) -> Result<SaveProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let cover_letter = letter(&input.cover_letter)?;
            Ok(SaveProposal { job_id: input.job_id.0, cover_letter })
        });
        outcome.await.map(SaveProposalPayload)
    }

    /// Answers an open job with what was saved. For its talent.
    async fn submit_saved_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: SubmitSavedProposalInput,
    ) -> Result<SubmitSavedProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(SubmitSavedProposal { proposal_id: input.proposal_id.0 })
        });
        outcome.await.map(SubmitSavedProposalPayload)
    }

    /// Writes a proposal anew, before it is shortlisted or an offer is made; it answers the job as it is now. For its talent.
    async fn revise_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it says from now on.")] input: ReviseProposalInput,
    ) -> Result<ReviseProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let cover_letter = letter(&input.cover_letter)?;
            Ok(ReviseProposal { proposal_id: input.proposal_id.0, cover_letter })
        });
        outcome.await.map(ReviseProposalPayload)
    }

    /// Takes a proposal back on which no offer is open. For its talent.
    async fn withdraw_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: WithdrawProposalInput,
    ) -> Result<WithdrawProposalPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(WithdrawProposal { proposal_id: input.proposal_id.0 }));
        outcome.await.map(WithdrawProposalPayload)
    }

    /// Keeps a proposal in view. For the job's client.
    async fn shortlist_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: ShortlistProposalInput,
    ) -> Result<ShortlistProposalPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ShortlistProposal { proposal_id: input.proposal_id.0 }));
        outcome.await.map(ShortlistProposalPayload)
    }

    /// Says no to a proposal. For the job's client.
    async fn decline_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal, and why.")] input: DeclineProposalInput,
    ) -> Result<DeclineProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let reasons = reasons(input.reasons.as_deref())?;
            Ok(DeclineProposal { proposal_id: input.proposal_id.0, reasons })
        });
        outcome.await.map(DeclineProposalPayload)
    }
}
