//! Commands by which both sides talk to each other and to support.

use super::{Dispute, of_outcome, read, text};
use crate::command::{give, inputs, payload};
use crate::money::MoneyInput;
use crate::scalar::{DisputeId, Sha256};
use async_graphql::{Context, Object, Result};
use domain::dispute::{
    AcceptSettlementOffer, AskDisputeQuestion, ContentHash, MakeSettlementOffer, SubmitEvidence,
};

inputs! {
    /// Input of `makeSettlementOffer`.
    MakeSettlementOfferInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What the client would get of what is disputed; the rest is the talent's.
        client_share: MoneyInput,
    }
    /// Input of `acceptSettlementOffer`.
    AcceptSettlementOfferInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// The offer's number.
        number: u16,
    }
    /// Input of `submitEvidence`.
    SubmitEvidenceInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What it says, at most 10,000 characters.
        text: String,
        /// SHA-256 of a document that is kept elsewhere.
        attachment: Option<Sha256>,
    }
    /// Input of `askDisputeQuestion`.
    AskDisputeQuestionInput {
        /// The dispute.
        dispute_id: DisputeId,
        /// What both sides read, at most 10,000 characters.
        question: String,
    }
}

payload! {
    /// What `makeSettlementOffer` came to.
    MakeSettlementOfferPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `acceptSettlementOffer` came to.
    AcceptSettlementOfferPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `submitEvidence` came to.
    SubmitEvidencePayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

payload! {
    /// What `askDisputeQuestion` came to.
    AskDisputeQuestionPayload {
        /// The dispute.
        dispute: Dispute = of_outcome
    }
}

/// Commands by which both sides talk to each other and to support.
#[derive(Default)]
pub(crate) struct TalkMutations;

/// Commands by which both sides talk to each other and to support.
#[Object]
impl TalkMutations {
    /// Offers to settle; the last offer of either side stands. For both sides, until it is decided.
    async fn make_settlement_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, and what the client would get.")] input: MakeSettlementOfferInput,
    ) -> Result<MakeSettlementOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(MakeSettlementOffer {
                dispute_id: input.dispute_id.0,
                client_share: read(&input.client_share, "clientShare")?,
            })
        });
        outcome.await.map(MakeSettlementOfferPayload)
    }

    /// Accepts the offer that stands. For the side that did not make it.
    async fn accept_settlement_offer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which offer.")] input: AcceptSettlementOfferInput,
    ) -> Result<AcceptSettlementOfferPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AcceptSettlementOffer { dispute_id: input.dispute_id.0, number: input.number })
        });
        outcome.await.map(AcceptSettlementOfferPayload)
    }

    /// Hands in evidence, which the other side and staff read. For both sides, in mediation until it is sealed and in
    /// arbitration.
    async fn submit_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is.")] input: SubmitEvidenceInput,
    ) -> Result<SubmitEvidencePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(SubmitEvidence {
                dispute_id: input.dispute_id.0,
                text: text(&input.text, "text")?,
                attachment: input.attachment.map(|hash| ContentHash::new(*hash.0.bytes())),
            })
        });
        outcome.await.map(SubmitEvidencePayload)
    }

    /// Asks both sides something, which they answer with evidence. For support.
    async fn ask_dispute_question(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which dispute, and what is asked.")] input: AskDisputeQuestionInput,
    ) -> Result<AskDisputeQuestionPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AskDisputeQuestion {
                dispute_id: input.dispute_id.0,
                question: text(&input.question, "question")?,
            })
        });
        outcome.await.map(AskDisputeQuestionPayload)
    }
}
