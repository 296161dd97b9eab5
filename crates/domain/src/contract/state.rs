//! A contract as its decisions see it.

use super::milestone::{Lot, Milestone, Phase};
use super::{ContractEvent, ContractStatus, EscrowEvent, EscrowFunded, EscrowReleased, MilestoneEvent};
use crate::context::Actor;
use crate::deposit::DepositEvent;
use crate::event::Event;
use crate::id::{ContractId, DepositId, EntryId, JobId, LotId, MilestoneId, PartyId};
use crate::ledger::{FeeQuote, JournalEntry, LedgerAccount, rules};
use crate::money::Currency;
use crate::policy::Windows;
use crate::proposal::Party;
use crate::refusal::Refusal;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A contract with its milestones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// The job that hired.
    pub job_id: JobId,
    /// Who pays.
    pub client: PartyId,
    /// Who works.
    pub talent: PartyId,
    /// Its one currency.
    pub currency: Currency,
    /// The fees, fixed.
    pub fees: FeeQuote,
    /// The windows, fixed.
    pub windows: Windows,
    /// In the order of their numbers.
    pub milestones: Vec<Milestone>,
    phase: ContractPhase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ContractPhase {
    Created { unfunded_until: Timestamp, since: u64 },
    Active,
}

impl Contract {
    /// Where it stands.
    pub fn status(&self) -> ContractStatus {
        match self.phase {
            ContractPhase::Created { .. } => ContractStatus::Created,
            ContractPhase::Active => ContractStatus::Active,
        }
    }

    /// The side that the actor is on.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else, `FORBIDDEN` for a party that acts without the side's role.
    pub fn side(&self, actor: &Actor) -> Result<Party, Refusal> {
        match actor.party() {
            Some(party) if party == self.client => Party::Client.held_by(actor),
            Some(party) if party == self.talent => Party::Talent.held_by(actor),
            Some(_) | None => Err(Refusal::not_found("contract")),
        }
    }

    /// A milestone.
    ///
    /// # Errors
    /// `NOT_FOUND` when it isn't of this contract.
    pub fn milestone(&self, id: MilestoneId) -> Result<&Milestone, Refusal> {
        self.milestones
            .iter()
            .find(|milestone| milestone.id == id)
            .ok_or_else(|| Refusal::not_found("milestone"))
    }

    /// What a guarded account of this contract holds, in minor units.
    pub fn held(&self, account: LedgerAccount) -> i64 {
        self.milestones.iter().filter(|m| owns(m, account)).map(|milestone| milestone.held(account)).sum()
    }

    /// The fact that `deposit` funds a milestone, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone.
    pub fn funded(
        &self,
        milestone: MilestoneId,
        deposit: DepositId,
        entry: EntryId,
    ) -> Result<EscrowFunded, Refusal> {
        let milestone = self.milestone(milestone)?;
        let charge = self.fees.client_charge(milestone.amount.minor());
        Ok(EscrowFunded {
            contract_id: self.id,
            milestone_id: milestone.id,
            deposit_id: deposit,
            amount: milestone.amount,
            charge,
            entry: rules::fund(entry, (self.id, milestone.id), milestone.amount, charge)?,
        })
    }

    /// The fact that `gross` minor units of a milestone's escrow are released at `now`, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone.
    pub fn released(
        &self,
        milestone: MilestoneId,
        gross: i64,
        (lot, entry): (LotId, EntryId),
        now: Timestamp,
    ) -> Result<EscrowReleased, Refusal> {
        let milestone = self.milestone(milestone)?;
        let slice = milestone.charged.slice(&self.fees, milestone.charge, milestone.amount.minor(), gross);
        let of = rules::Release {
            contract: self.id,
            milestone: milestone.id,
            talent: self.talent,
            lot,
            currency: self.currency,
        };
        Ok(EscrowReleased {
            contract_id: self.id,
            milestone_id: milestone.id,
            talent: self.talent,
            lot_id: lot,
            slice,
            clears_at: now.plus_days(self.windows.clearing_days),
            entry: rules::release(entry, &of, &slice)?,
        })
    }

    /// Nobody funds it; work approves itself; lots clear.
    pub fn timers(&self) -> Vec<Timer> {
        let unfunded = match self.phase {
            ContractPhase::Created { unfunded_until, since } => {
                Some(Timer { kind: TimerKind::CancelUnfunded, due: unfunded_until, epoch: since })
            }
            ContractPhase::Active => None,
        };
        unfunded.into_iter().chain(self.milestones.iter().flat_map(Milestone::timers)).collect()
    }

    pub(crate) fn weight(&self) -> usize {
        let lots: usize = self.milestones.iter().map(|m| m.lots.len()).sum();
        self.milestones.len() * size_of::<Milestone>() + lots * size_of::<Lot>()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, revision: u64) -> Option<Self> {
        if let Event::Contract(ContractEvent::Created(e)) = event {
            return Some(Self {
                id: e.contract_id,
                job_id: e.job_id,
                client: e.client,
                talent: e.talent,
                currency: e.currency,
                fees: e.fees,
                windows: e.windows,
                milestones: Vec::new(),
                phase: ContractPhase::Created { unfunded_until: e.unfunded_until, since: revision },
            });
        }
        let mut contract = state?;
        match event {
            Event::Milestone(event) => contract.on_milestone(event, revision),
            Event::Escrow(event) => contract.on_escrow(event, revision),
            Event::Deposit(event) => contract.on_deposit(event),
            Event::Contract(ContractEvent::Created(_))
            | Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Process(_) => {}
        }
        Some(contract)
    }

    fn on_milestone(&mut self, event: &MilestoneEvent, revision: u64) {
        match event {
            MilestoneEvent::Agreed(e) => {
                let milestone = Milestone::agreed(e.milestone_id, e.number, e.amount);
                self.milestones.push(milestone);
            }
            MilestoneEvent::WorkSubmitted(e) => {
                let phase =
                    Phase::Submitted { work: e.work_id, review_ends_at: e.review_ends_at, since: revision };
                self.moved(e.milestone_id, phase);
            }
            MilestoneEvent::ChangesRequested(e) => self.moved(e.milestone_id, Phase::ChangesRequested),
            // The release in the same append is what ends the milestone.
            MilestoneEvent::Approved(_) => {}
        }
    }

    fn on_escrow(&mut self, event: &EscrowEvent, revision: u64) {
        match event {
            EscrowEvent::Funded(e) => {
                self.moved(e.milestone_id, Phase::Funded);
                if let Some(milestone) = self.find(e.milestone_id) {
                    milestone.charge = e.charge;
                }
                self.phase = ContractPhase::Active;
            }
            EscrowEvent::Released(e) => {
                if let Some(milestone) = self.find(e.milestone_id) {
                    milestone.charged = milestone.charged.after(&e.slice);
                    let lot = Lot { id: e.lot_id, on_hold: 0, clears_at: e.clears_at, since: revision };
                    milestone.lots.push(lot);
                    if milestone.charged.released == milestone.amount.minor() {
                        milestone.phase = Phase::Released;
                    }
                }
            }
        }
        self.post(event.journal_entry());
    }

    fn on_deposit(&mut self, event: &DepositEvent) {
        match event {
            DepositEvent::Requested(e) => {
                self.moved(e.milestone_id, Phase::Funding { deposit: e.deposit_id });
            }
            DepositEvent::Failed(e) => self.funding_ended(e.milestone_id, e.deposit_id),
            DepositEvent::Unmatched(e) => self.funding_ended(e.milestone_id, e.deposit_id),
            DepositEvent::AttemptStarted(_) | DepositEvent::Acknowledged(_) | DepositEvent::Confirmed(_) => {}
        }
    }

    /// A deposit will not fund its milestone any more; if that still waits for it, it can be funded anew.
    fn funding_ended(&mut self, milestone: MilestoneId, deposit: DepositId) {
        if let Some(milestone) = self.find(milestone)
            && milestone.deposit() == Some(deposit)
        {
            milestone.phase = Phase::Agreed;
        }
    }

    fn post(&mut self, entry: &JournalEntry) {
        for line in entry.lines() {
            for milestone in self.milestones.iter_mut().filter(|milestone| owns(milestone, line.account)) {
                milestone.post(line);
            }
        }
    }

    fn find(&mut self, id: MilestoneId) -> Option<&mut Milestone> {
        self.milestones.iter_mut().find(|milestone| milestone.id == id)
    }

    fn moved(&mut self, id: MilestoneId, phase: Phase) {
        if let Some(milestone) = self.find(id) {
            milestone.phase = phase;
        }
    }
}

/// Whether the account's balance lives in this milestone.
fn owns(milestone: &Milestone, account: LedgerAccount) -> bool {
    match account {
        LedgerAccount::Escrow(_, id) | LedgerAccount::ClientFeeHeld(_, id) => id == milestone.id,
        LedgerAccount::TalentOnHold(_, _, lot) => milestone.lots.iter().any(|other| other.id == lot),
        LedgerAccount::ProviderClearing
        | LedgerAccount::UnidentifiedReceipts
        | LedgerAccount::DueToPlatform
        | LedgerAccount::DueFromTrust
        | LedgerAccount::TaxPayable
        | LedgerAccount::FeeRevenue => false,
    }
}
