//! Commands on proposals and offers.

use super::Proposal;
use crate::command::{Outcome, give, payload};
use crate::contract::{self, Contract};
use crate::money::MoneyInput;
use crate::read::{queried, settled};
use crate::scalar::{JobId, ProposalId, Sha256};
use async_graphql::{Context, InputObject, Object, Result};
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, SubmitProposal};
use domain::text::Text;
use domain::{Refusal, StreamId};
use engine::Position;
use projections::Name;

/// Input of `submitProposal`.
#[derive(InputObject)]
pub(crate) struct SubmitProposalInput {
    /// The job, which must be open.
    job_id: JobId,
    /// What the talent says, at most 10,000 characters.
    cover_letter: String,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// A milestone of an offer.
#[derive(InputObject)]
pub(crate) struct OfferedMilestoneInput {
    /// One line, at most 200 characters.
    title: String,
    /// What escrow is to hold; the client fee comes on top.
    amount: MoneyInput,
}

impl OfferedMilestoneInput {
    fn read(&self) -> Result<OfferedMilestone, Refusal> {
        Ok(OfferedMilestone {
            title: Text::parse(&self.title).map_err(|refusal| refusal.at("title"))?,
            amount: self.amount.read().map_err(|refusal| refusal.at("amount"))?,
        })
    }
}

/// Input of `makeOffer`.
#[derive(InputObject)]
pub(crate) struct MakeOfferInput {
    /// The proposal that is negotiated.
    proposal_id: ProposalId,
    /// At least one, all in one currency.
    milestones: Vec<OfferedMilestoneInput>,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// Input of `acceptOffer`.
#[derive(InputObject)]
pub(crate) struct AcceptOfferInput {
    /// The proposal.
    proposal_id: ProposalId,
    /// The offer's number, so that a newer one is not accepted by accident.
    offer: u32,
    /// The hash of the terms that were read.
    terms_hash: Sha256,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

payload! {
    /// What `submitProposal` came to.
    SubmitProposalPayload {
        /// The proposal.
        proposal: Proposal = proposal
    }
}

payload! {
    /// What `makeOffer` came to.
    MakeOfferPayload {
        /// The proposal with the offer.
        proposal: Proposal = proposal
    }
}

payload! {
    /// What `acceptOffer` came to.
    AcceptOfferPayload {
        /// The contract that this made.
        contract: Contract = contract::of_outcome
    }
}

async fn proposal(ctx: &Context<'_>, outcome: &Outcome, position: Position) -> Result<Option<Proposal>> {
    let id = outcome.find(|stream| if let StreamId::Proposal(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::ProposalInbox], Some(position)).await?;
    Proposal::visible(ctx, queried(models.proposal(id))?)
}

/// Commands on proposals and offers.
#[derive(Default)]
pub(crate) struct ProposalMutations;

/// Commands on proposals and offers.
#[Object]
impl ProposalMutations {
    /// Answers an open job. For talents.
    async fn submit_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] input: SubmitProposalInput,
    ) -> Result<SubmitProposalPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(SubmitProposal {
                job_id: input.job_id.0,
                cover_letter: Text::parse(&input.cover_letter)
                    .map_err(|refusal| refusal.at("coverLetter"))?,
            })
        });
        outcome.await.map(SubmitProposalPayload)
    }

    /// Puts terms on the table. For either side of the proposal.
    async fn make_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The terms.")] input: MakeOfferInput,
    ) -> Result<MakeOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let milestones = input.milestones.iter().enumerate();
            let milestones = milestones
                .map(|(i, milestone)| {
                    milestone.read().map_err(|refusal| refusal.at(format!("milestones[{i}]")))
                })
                .collect::<Result<_, _>>()?;
            Ok(MakeOffer { proposal_id: input.proposal_id.0, milestones })
        });
        outcome.await.map(MakeOfferPayload)
    }

    /// Accepts the open offer, which makes the contract. For the side that did not make the offer.
    async fn accept_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptOfferInput,
    ) -> Result<AcceptOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AcceptOffer {
                proposal_id: input.proposal_id.0,
                number: input.offer,
                terms_hash: input.terms_hash.0,
            })
        });
        outcome.await.map(AcceptOfferPayload)
    }
}
