//! Commands on offers.

use super::mutations::reasons;
use super::{Proposal, of_outcome};
use crate::command::{give, inputs, payload};
use crate::contract::{self, Contract};
use crate::money::MoneyInput;
use crate::scalar::{JobId, PartyId, ProposalId, Sha256};
use async_graphql::{Context, InputObject, Object, Result};
use domain::Refusal;
use domain::proposal::{
    AcceptOffer, CounterOffer, DeclineOffer, MakeDirectOffer, MakeOffer, OfferedMilestone, WithdrawOffer,
};
use domain::text::Text;

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

/// What is offered.
fn offered(milestones: &[OfferedMilestoneInput]) -> Result<Vec<OfferedMilestone>, Refusal> {
    let milestones = milestones.iter().enumerate();
    let read = milestones
        .map(|(i, milestone)| milestone.read().map_err(|refusal| refusal.at(format!("milestones[{i}]"))));
    read.collect()
}

inputs! {
    /// Input of `makeDirectOffer`.
    MakeDirectOfferInput {
        /// The client's own job, which must be open.
        job_id: JobId,
        /// Who is wanted.
        talent: PartyId,
        /// At least one, all in one currency.
        milestones: Vec<OfferedMilestoneInput>,
    }
    /// Input of `makeOffer`.
    MakeOfferInput {
        /// The proposal that is negotiated.
        proposal_id: ProposalId,
        /// At least one, all in one currency.
        milestones: Vec<OfferedMilestoneInput>,
    }
    /// Input of `counterOffer`.
    CounterOfferInput {
        /// The proposal.
        proposal_id: ProposalId,
        /// The open offer's number, so that a newer one is not answered by accident.
        offer: u32,
        /// At least one, all in one currency.
        milestones: Vec<OfferedMilestoneInput>,
    }
    /// Input of `withdrawOffer`.
    WithdrawOfferInput {
        /// The proposal.
        proposal_id: ProposalId,
    }
    /// Input of `declineOffer`.
    DeclineOfferInput {
        /// The proposal.
        proposal_id: ProposalId,
        /// The offer's number, so that a newer one is not declined by accident.
        offer: u32,
        /// Why, at most 10,000 characters; the author reads it.
        reasons: Option<String>,
    }
    /// Input of `acceptOffer`.
    AcceptOfferInput {
        /// The proposal.
        proposal_id: ProposalId,
        /// The offer's number, so that a newer one is not accepted by accident.
        offer: u32,
        /// The hash of the terms that were read.
        terms_hash: Sha256,
    }
}

payload! {
    /// What `makeDirectOffer` came to.
    MakeDirectOfferPayload {
        /// The proposal that this began, with the offer.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `makeOffer` came to.
    MakeOfferPayload {
        /// The proposal with the offer.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `counterOffer` came to.
    CounterOfferPayload {
        /// The proposal with the offer that took the place of the other.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `withdrawOffer` came to.
    WithdrawOfferPayload {
        /// The proposal, with no open offer.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `declineOffer` came to.
    DeclineOfferPayload {
        /// The declined proposal.
        proposal: Proposal = of_outcome
    }
}

payload! {
    /// What `acceptOffer` came to.
    AcceptOfferPayload {
        /// The contract that this made.
        contract: Contract = contract::of_outcome
    }
}

/// Commands on offers.
#[derive(Default)]
pub(crate) struct OfferMutations;

/// Commands on offers.
#[Object]
impl OfferMutations {
    /// Offers a contract to a talent who has not proposed. For the job's client.
    async fn make_direct_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom, and the terms.")] input: MakeDirectOfferInput,
    ) -> Result<MakeDirectOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let milestones = offered(&input.milestones)?;
            Ok(MakeDirectOffer { job_id: input.job_id.0, talent: input.talent.0, milestones })
        });
        outcome.await.map(MakeDirectOfferPayload)
    }

    /// Puts terms on the table. For either side of the proposal.
    async fn make_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The terms.")] input: MakeOfferInput,
    ) -> Result<MakeOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(MakeOffer { proposal_id: input.proposal_id.0, milestones: offered(&input.milestones)? })
        });
        outcome.await.map(MakeOfferPayload)
    }

    /// Answers the open offer with another, which takes its place. For the side that did not make the offer.
    async fn counter_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer, and the terms instead.")] input: CounterOfferInput,
    ) -> Result<CounterOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let milestones = offered(&input.milestones)?;
            Ok(CounterOffer { proposal_id: input.proposal_id.0, number: input.offer, milestones })
        });
        outcome.await.map(CounterOfferPayload)
    }

    /// Takes the open offer back. For the side that made it.
    async fn withdraw_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: WithdrawOfferInput,
    ) -> Result<WithdrawOfferPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(WithdrawOffer { proposal_id: input.proposal_id.0 }));
        outcome.await.map(WithdrawOfferPayload)
    }

    /// Says no to the open offer, and with it to the proposal. For the side that did not make the offer.
    async fn decline_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer, and why.")] input: DeclineOfferInput,
    ) -> Result<DeclineOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let reasons = reasons(input.reasons.as_deref())?;
            Ok(DeclineOffer { proposal_id: input.proposal_id.0, number: input.offer, reasons })
        });
        outcome.await.map(DeclineOfferPayload)
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
