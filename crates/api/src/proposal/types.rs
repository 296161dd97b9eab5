//! Proposals and offers as callers see them.

use crate::contract::Contract;
use crate::job::Job;
use crate::loader::{OffersOf, load};
use crate::money::Money;
use crate::permission::reach;
use crate::scalar::{DateTime, PartyId, Sha256};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use projections::{OfferRow, ProposalRow};

/// States of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::proposal::ProposalStatus")]
pub(crate) enum ProposalStatus {
    /// Only the talent sees it.
    Draft,
    /// The client can read it.
    Submitted,
    /// The client keeps it in view; no offer is open.
    Shortlisted,
    /// One offer is open.
    Offered,
    /// An offer was accepted; a contract exists.
    Accepted,
    /// One side doesn't want the other's.
    Declined,
    /// The talent took it back.
    Withdrawn,
    /// Nobody said anything for too long, or the search was over.
    Expired,
}

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::OfferStatus")]
pub(crate) enum OfferStatus {
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

/// A side of a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::proposal::Party")]
pub(crate) enum Side {
    /// Who pays.
    Client,
    /// Who works.
    Talent,
}

/// Fees as fixed by an offer: decimals from 0 to 1.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct FeeQuote {
    /// Share of what is released that the talent pays.
    talent_fee: String,
    /// Tax on the talent fee.
    talent_fee_tax: String,
    /// Share of a milestone's amount that the client pays on top.
    client_fee: String,
    /// Tax on the client fee.
    client_fee_tax: String,
}

impl From<domain::ledger::FeeQuote> for FeeQuote {
    fn from(quote: domain::ledger::FeeQuote) -> Self {
        Self {
            talent_fee: quote.talent_fee.to_string(),
            talent_fee_tax: quote.talent_fee_tax.to_string(),
            client_fee: quote.client_fee.to_string(),
            client_fee_tax: quote.client_fee_tax.to_string(),
        }
    }
}

/// A milestone on offer.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct OfferedMilestone {
    /// One line; null once it was erased.
    title: Option<String>,
    /// What escrow would hold.
    amount: Money,
    /// What the client would pay: the amount, the client fee and tax on it.
    client_total: Money,
}

/// Terms on the table.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Offer {
    /// Counts the proposal's offers from 1.
    number: u32,
    /// Who made it; the other side may accept it.
    author: Side,
    /// What an acceptance has to name.
    terms_hash: Sha256,
    /// What the hash was salted with, so that either side can check it.
    salt: String,
    /// When it was made.
    made_at: DateTime,
    /// When it lapses.
    expires_at: DateTime,
    /// What became of it.
    status: OfferStatus,
    /// What is offered.
    milestones: Vec<OfferedMilestone>,
    /// The fees, fixed with the offer.
    fees: FeeQuote,
}

impl From<&OfferRow> for Offer {
    fn from(row: &OfferRow) -> Self {
        let fees = row.terms.fees;
        let milestone = |terms: &domain::proposal::MilestoneTerms| {
            let amount = terms.amount;
            OfferedMilestone {
                title: terms.title.clear().map(|title| title.as_str().to_owned()),
                amount: amount.into(),
                client_total: Money::of(
                    amount.minor() + fees.client_charge(amount.minor()).total(),
                    amount.currency(),
                ),
            }
        };
        Self {
            number: row.number,
            author: row.author.into(),
            terms_hash: Sha256(row.terms_hash),
            salt: row.salt.to_string(),
            made_at: DateTime(row.made_at),
            expires_at: DateTime(row.expires_at),
            status: row.status.into(),
            milestones: row.terms.milestones.iter().map(milestone).collect(),
            fees: fees.into(),
        }
    }
}

/// A talent's answer to a job, with the negotiation that follows.
#[derive(Clone, Debug)]
pub(crate) struct Proposal(ProposalRow);

impl Proposal {
    /// The proposal of this row, if there is one and the caller reaches it: what was only saved is its talent's and
    /// staff's. There is no other way to make a [`Proposal`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no proposal at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<ProposalRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Proposal")?;
        let visible = |row: &ProposalRow| {
            let parties = [row.talent, row.client];
            reach.covers(if row.submitted_at.is_some() { &parties } else { &parties[..1] })
        };
        Ok(row.into().filter(visible).map(Self))
    }
}

/// A talent's answer to a job, with the negotiation that follows.
#[Object]
impl Proposal {
    /// Its id, `prp_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The job that it answers.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::visible(ctx, load(ctx, self.0.job_id).await?)
    }

    /// Which version of the job it answers; null for what was only saved.
    async fn job_version(&self) -> Option<u32> {
        self.0.job_version
    }

    /// Whose job it is.
    async fn client(&self) -> PartyId {
        PartyId(self.0.client)
    }

    /// Who proposes.
    async fn talent(&self) -> PartyId {
        PartyId(self.0.talent)
    }

    /// What the talent says; null once it was erased, and where the client began.
    async fn cover_letter(&self) -> Option<&str> {
        self.0.cover_letter.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> ProposalStatus {
        self.0.status.into()
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When its client could see it first; null for what was only saved.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.0.submitted_at.map(DateTime)
    }

    /// Why one side declined, if it said so.
    async fn reasons(&self) -> Option<&str> {
        self.0.reasons.as_deref()
    }

    /// Every offer, the newest first; at most 100.
    async fn offers(&self, ctx: &Context<'_>) -> Result<Option<Vec<Offer>>> {
        let rows = load(ctx, OffersOf(self.0.id)).await?.unwrap_or_default();
        Ok(Some(rows.iter().map(Offer::from).collect()))
    }

    /// The newest offer: open while the proposal is offered, the accepted one afterwards.
    async fn offer(&self) -> Option<Offer> {
        self.0.offer.as_ref().map(Offer::from)
    }

    /// The contract that it led to.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        let Some(id) = self.0.contract_id else {
            return Ok(None);
        };
        Contract::visible(ctx, load(ctx, id).await?)
    }
}
