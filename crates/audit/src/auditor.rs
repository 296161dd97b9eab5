//! Answers about the past, for whoever may not know the store.

use std::sync::Arc;

use domain::State;
use domain::account::Account;
use domain::id::{ContractId, DisputeId, PartyId};
use domain::money::Currency;
use eventstore::{EventStore, Position};

use crate::as_of::{AccountAt, AsOf, AsOfError, At, ContractAt, Day, DisputeAt, LedgerAt};
use crate::timeline::{Step, Subject, Timeline};
use crate::{as_of, at};

/// The log of one marketplace, to be asked about the past. Clones share it.
#[derive(Clone)]
pub struct Auditor {
    store: Arc<dyn EventStore>,
}

impl Auditor {
    /// Asks this log.
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self { store }
    }

    /// The place that `as_of` means; what is asked about it later gives the same answers for ever.
    ///
    /// # Errors
    /// As [`at::resolve`].
    pub async fn resolve(&self, as_of: AsOf, effective_on: Option<Day>) -> Result<At, AsOfError> {
        at::resolve(&*self.store, as_of, effective_on).await
    }

    /// The contract as of `at`.
    ///
    /// # Errors
    /// As [`as_of::contract_at`].
    pub async fn contract(&self, id: ContractId, at: At) -> Result<ContractAt, AsOfError> {
        as_of::contract_at(&*self.store, id, at).await
    }

    /// The dispute as of `at`.
    ///
    /// # Errors
    /// As [`as_of::dispute_at`].
    pub async fn dispute(&self, id: DisputeId, at: At) -> Result<DisputeAt, AsOfError> {
        as_of::dispute_at(&*self.store, id, at).await
    }

    /// The party's money in `currency` as of `at`, and the state that decisions would have seen there.
    ///
    /// # Errors
    /// As [`as_of::account_at`].
    pub async fn account(
        &self,
        party: PartyId,
        currency: Currency,
        at: At,
    ) -> Result<(AccountAt, Account), AsOfError> {
        let mut timeline = Timeline::own(&*self.store, Subject::Account(party, currency), at).await?;
        timeline.run()?;
        let state = timeline.state().and_then(State::as_account).cloned().unwrap_or_default();
        let (revision, balances) = (timeline.revision(), timeline.balances());
        Ok((AccountAt { at, party, currency, revision, balances }, state))
    }

    /// The ledger as of `at`; reads the log from its beginning.
    ///
    /// # Errors
    /// As [`as_of::ledger_at`].
    pub async fn ledger(&self, at: At) -> Result<LedgerAt, AsOfError> {
        as_of::ledger_at(&*self.store, at, &|_, _| {}).await
    }

    /// The facts of `subject` up to `at` that stand after a position, at most `limit`, each with what stood after it;
    /// and whether there are more.
    ///
    /// # Errors
    /// As [`Timeline::read`].
    pub async fn timeline(
        &self,
        subject: Subject,
        at: At,
        after: Position,
        limit: usize,
    ) -> Result<(Vec<Step>, bool), AsOfError> {
        let timeline = Timeline::read(&*self.store, subject, at).await?;
        let later =
            |step: &Result<Step, AsOfError>| step.as_ref().map_or(true, |step| step.fact.position > after);
        let mut steps: Vec<Step> =
            timeline.filter(later).take(limit.saturating_add(1)).collect::<Result<_, _>>()?;
        let has_next = steps.len() > limit;
        steps.truncate(limit);
        Ok((steps, has_next))
    }
}
