//! Jobs, proposals, contracts, payouts, disputes and accounts as they change.

use super::Followed;
use crate::account::{Account, whose};
use crate::contract::Contract;
use crate::dispute::Dispute;
use crate::error::thrown;
use crate::job::Job;
use crate::payout::Payout;
use crate::proposal::Proposal;
use crate::read::queried;
use crate::scalar::{ContractId, CurrencyCode, DisputeId, JobId, PartyId, PayoutId, Position, ProposalId};
use async_graphql::{Context, Result, SimpleObject, Subscription};
use domain::StreamId;
use futures_util::{Stream, TryStreamExt};
use projections::{Name, ReadModels, Topic};

/// A job as it became.
#[derive(SimpleObject)]
pub(crate) struct JobChange {
    /// Everything up to here is in it.
    position: Position,
    /// The job.
    job: Job,
}

/// A proposal as it became.
#[derive(SimpleObject)]
pub(crate) struct ProposalChange {
    /// Everything up to here is in it.
    position: Position,
    /// The proposal.
    proposal: Proposal,
}

/// A contract as it became.
#[derive(SimpleObject)]
pub(crate) struct ContractChange {
    /// Everything up to here is in it.
    position: Position,
    /// The contract.
    contract: Contract,
}

/// A payout as it became.
#[derive(SimpleObject)]
pub(crate) struct PayoutChange {
    /// Everything up to here is in it.
    position: Position,
    /// The payout.
    payout: Payout,
}

/// A dispute as it became.
#[derive(SimpleObject)]
pub(crate) struct DisputeChange {
    /// Everything up to here is in it.
    position: Position,
    /// The dispute.
    dispute: Dispute,
}

/// A party's account as it became.
#[derive(SimpleObject)]
pub(crate) struct AccountChange {
    /// Everything up to here is in it.
    position: Position,
    /// The account; null while no money has ever moved there.
    account: Option<Account>,
}

/// Jobs as they change.
#[derive(Default)]
pub(crate) struct JobChanges;

/// Jobs as they change.
#[Subscription]
impl JobChanges {
    /// A job: as it is now, or with `after` from its first change after that position; then whatever it changes to.
    async fn job_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job.")] job_id: JobId,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<JobChange>>> {
        let followed = Followed {
            field: "Subscription.jobChanged",
            noun: "job",
            topic: Topic::Stream(StreamId::Job(job_id.0)),
            models: &[Name::JobBoard],
            again: None,
        };
        let read = move |models: &ReadModels| Job::visible(ctx, queried(models.job(job_id.0))?);
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, job)| JobChange { position, job }))
    }
}

/// Proposals as they change.
#[derive(Default)]
pub(crate) struct ProposalChanges;

/// Proposals as they change.
#[Subscription]
impl ProposalChanges {
    /// A proposal: as it is now, or with `after` from its first change after that position; then whatever it changes
    /// to.
    async fn proposal_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] proposal_id: ProposalId,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<ProposalChange>>> {
        let followed = Followed {
            field: "Subscription.proposalChanged",
            noun: "proposal",
            topic: Topic::Stream(StreamId::Proposal(proposal_id.0)),
            models: &[Name::ProposalInbox],
            again: None,
        };
        let read =
            move |models: &ReadModels| Proposal::visible(ctx, queried(models.proposal(proposal_id.0))?);
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, proposal)| ProposalChange { position, proposal }))
    }
}

/// Contracts as they change.
#[derive(Default)]
pub(crate) struct ContractChanges;

/// Contracts as they change.
#[Subscription]
impl ContractChanges {
    /// A contract with its milestones: as it is now, or with `after` from its first change after that position; then
    /// whatever it changes to.
    async fn contract_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The contract.")] contract_id: ContractId,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<ContractChange>>> {
        let followed = Followed {
            field: "Subscription.contractChanged",
            noun: "contract",
            topic: Topic::Stream(StreamId::Contract(contract_id.0)),
            models: &[Name::ContractBoard],
            again: None,
        };
        let read =
            move |models: &ReadModels| Contract::visible(ctx, queried(models.contract(contract_id.0))?);
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, contract)| ContractChange { position, contract }))
    }
}

/// Payouts as they change.
#[derive(Default)]
pub(crate) struct PayoutChanges;

/// Payouts as they change.
#[Subscription]
impl PayoutChanges {
    /// A payout: as it is now, or with `after` from its first change after that position; then whatever it changes to.
    async fn payout_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payout.")] payout_id: PayoutId,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<PayoutChange>>> {
        let followed = Followed {
            field: "Subscription.payoutChanged",
            noun: "payout",
            topic: Topic::Stream(StreamId::Payout(payout_id.0)),
            models: &[Name::PayoutDesk],
            again: None,
        };
        let read = move |models: &ReadModels| Payout::visible(ctx, queried(models.payout(payout_id.0))?);
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, payout)| PayoutChange { position, payout }))
    }
}

/// Disputes as they change.
#[derive(Default)]
pub(crate) struct DisputeChanges;

/// Disputes as they change.
#[Subscription]
impl DisputeChanges {
    /// A dispute: as it is now, or with `after` from its first change after that position; then whatever it changes to.
    async fn dispute_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dispute.")] dispute_id: DisputeId,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<DisputeChange>>> {
        let followed = Followed {
            field: "Subscription.disputeChanged",
            noun: "dispute",
            topic: Topic::Stream(StreamId::Dispute(dispute_id.0)),
            models: &[Name::DisputeDesk],
            again: None,
        };
        let read = move |models: &ReadModels| Dispute::visible(ctx, queried(models.dispute(dispute_id.0))?);
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, dispute)| DisputeChange { position, dispute }))
    }
}

/// Parties' accounts as they change.
#[derive(Default)]
pub(crate) struct AccountChanges;

/// Parties' accounts as they change.
#[Subscription]
impl AccountChanges {
    /// A party's money in one currency: as it is now, or with `after` from its first change after that position; then
    /// whatever it changes to.
    async fn account_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency.")] currency: CurrencyCode,
        #[graphql(desc = "Whose account; the caller's own unless said otherwise.")] party_id: Option<PartyId>,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<AccountChange>>> {
        let party = whose(ctx, party_id)?;
        let currency = currency.read().map_err(|refusal| thrown(&refusal.at("currency")))?;
        let followed = Followed {
            field: "Subscription.accountChanged",
            noun: "account",
            topic: Topic::Stream(StreamId::Account(party, currency)),
            models: &[Name::PayoutDesk],
            again: None,
        };
        // An account that is still empty can be followed too, so that nobody has to wait for their first money.
        let read = move |models: &ReadModels| {
            let row = queried(models.account(party, currency))?;
            Ok(Account::reached(ctx, party)?.then(|| row.map(Account::from)))
        };
        let states = followed.states(ctx, after, read).await?;
        Ok(states.map_ok(|(position, account)| AccountChange { position, account }))
    }
}
