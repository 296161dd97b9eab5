//! A contract as its decisions see it.

use super::milestone::{Lot, Milestone, Phase};
use super::{ContractEvent, ContractStatus, EscrowEvent, MilestoneEvent};
use crate::context::Actor;
use crate::deposit::DepositEvent;
use crate::event::Event;
use crate::id::{ContractId, DepositId, JobId, LotId, MilestoneId, PartyId};
use crate::ledger::{FeeQuote, JournalEntry, LedgerAccount};
use crate::money::Currency;
use crate::policy::Windows;
use crate::proposal::Party;
use crate::refusal::Refusal;
use crate::stream::Mark;
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
    /// The version of the policy whose other rules it has fixed.
    pub policy_version: u32,
    /// In the order of their numbers.
    pub milestones: Vec<Milestone>,
    phase: ContractPhase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ContractPhase {
    Created {
        unfunded_until: Timestamp,
        since: u64,
    },
    Active,
    /// One side wants the end.
    Ending {
        requester: Party,
        answer_by: Timestamp,
        since: u64,
    },
    /// The end is agreed, since the mark; it comes when nothing is held any more.
    EndAgreed {
        since: Mark,
    },
    Ended,
    Cancelled,
}

impl Contract {
    /// Where it stands.
    pub fn status(&self) -> ContractStatus {
        match self.phase {
            ContractPhase::Created { .. } => ContractStatus::Created,
            ContractPhase::Active => ContractStatus::Active,
            ContractPhase::Ending { .. } | ContractPhase::EndAgreed { .. } => ContractStatus::Ending,
            ContractPhase::Ended => ContractStatus::Ended,
            ContractPhase::Cancelled => ContractStatus::Cancelled,
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

    /// A lot of earnings, with the milestone whose release made it.
    ///
    /// # Errors
    /// `NOT_FOUND` when it isn't of this contract.
    pub fn lot(&self, id: LotId) -> Result<(&Milestone, &Lot), Refusal> {
        let lots = self.milestones.iter().flat_map(|m| m.lots.iter().map(move |lot| (m, lot)));
        lots.into_iter().find(|(_, lot)| lot.id == id).ok_or_else(|| Refusal::not_found("lot of earnings"))
    }

    /// The side that asked for the end, while the other has not answered.
    pub fn end_requester(&self) -> Option<Party> {
        if let ContractPhase::Ending { requester, .. } = self.phase { Some(requester) } else { None }
    }

    /// Whether the end is agreed.
    pub fn is_end_agreed(&self) -> bool {
        matches!(self.phase, ContractPhase::EndAgreed { .. })
    }

    /// Whether nothing is held for any milestone, and nothing will be.
    pub fn holds_nothing(&self) -> bool {
        self.milestones.iter().all(|milestone| milestone.status().is_over())
    }

    /// Every deposit that is under way, or has funded a milestone that is not over.
    pub fn deposits(&self) -> Vec<DepositId> {
        let open = self.milestones.iter().filter(|milestone| !milestone.status().is_over());
        open.filter_map(|milestone| milestone.deposit().or(milestone.funded_by)).collect()
    }

    /// Nobody funds it; an end is agreed by silence, and comes; work approves itself; lots clear.
    pub fn timers(&self) -> Vec<Timer> {
        let own = match self.phase {
            ContractPhase::Created { unfunded_until, since } => {
                Some((TimerKind::CancelUnfundedContract, unfunded_until, since))
            }
            ContractPhase::Ending { answer_by, since, .. } => {
                Some((TimerKind::AutoAgreeEnd, answer_by, since))
            }
            ContractPhase::EndAgreed { since } if self.holds_nothing() => {
                Some((TimerKind::SettleEnd, since.at, since.revision))
            }
            ContractPhase::EndAgreed { .. }
            | ContractPhase::Active
            | ContractPhase::Ended
            | ContractPhase::Cancelled => None,
        };
        let own = own.map(|(kind, due, epoch)| Timer { kind, due, epoch });
        own.into_iter().chain(self.milestones.iter().flat_map(Milestone::timers)).collect()
    }

    pub(crate) fn weight(&self) -> usize {
        let lots: usize = self.milestones.iter().map(|m| m.lots.len()).sum();
        self.milestones.len() * size_of::<Milestone>() + lots * size_of::<Lot>()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        if let Event::Contract(ContractEvent::Created(e)) = event {
            return Some(Self {
                id: e.contract_id,
                job_id: e.job_id,
                client: e.client,
                talent: e.talent,
                currency: e.currency,
                fees: e.fees,
                windows: e.windows,
                policy_version: e.policy_version,
                milestones: Vec::new(),
                phase: ContractPhase::Created { unfunded_until: e.unfunded_until, since: mark.revision },
            });
        }
        let mut contract = state?;
        let was_empty = contract.holds_nothing();
        match event {
            Event::Contract(event) => contract.on_contract(event, mark),
            Event::Milestone(event) => contract.on_milestone(event, mark.revision),
            Event::Escrow(event) => contract.on_escrow(event, mark.revision),
            Event::Deposit(event) => contract.on_deposit(event),
            Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Refund(_)
            | Event::Dispute(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        // The end comes when the last milestone is over, so that is when its timer is set.
        if let ContractPhase::EndAgreed { since } = &mut contract.phase
            && !was_empty
        {
            *since = mark;
        }
        Some(contract)
    }

    fn on_contract(&mut self, event: &ContractEvent, mark: Mark) {
        self.phase = match event {
            ContractEvent::Created(_) => return,
            ContractEvent::Cancelled(_) => ContractPhase::Cancelled,
            ContractEvent::EndRequested(e) => {
                ContractPhase::Ending { requester: e.requester, answer_by: e.answer_by, since: mark.revision }
            }
            ContractEvent::EndWithdrawn(_) => ContractPhase::Active,
            ContractEvent::EndAgreed(_) => ContractPhase::EndAgreed { since: mark },
            ContractEvent::Ended(_) => ContractPhase::Ended,
        };
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
            MilestoneEvent::RefundRequested(e) => {
                if let Some(milestone) = self.find(e.milestone_id) {
                    let prior = milestone.interruptible();
                    milestone.phase =
                        Phase::RefundRequested { prior, answer_by: e.answer_by, since: revision };
                }
            }
            MilestoneEvent::RefundRequestWithdrawn(e) => self.resume(e.milestone_id),
            MilestoneEvent::Cancelled(e) => self.moved(e.milestone_id, Phase::Cancelled),
        }
    }

    fn on_escrow(&mut self, event: &EscrowEvent, revision: u64) {
        match event {
            EscrowEvent::Funded(e) => {
                self.moved(e.milestone_id, Phase::Funded);
                if let Some(milestone) = self.find(e.milestone_id) {
                    milestone.charge = e.charge;
                    milestone.funded_by = Some(e.deposit_id);
                }
                if self.status() == ContractStatus::Created {
                    self.phase = ContractPhase::Active;
                }
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
            EscrowEvent::Refunded(e) => self.moved(e.milestone_id, Phase::Refunded),
            EscrowEvent::Frozen(e) => {
                if let Some(milestone) = self.find(e.milestone_id) {
                    let prior = milestone.interrupted().unwrap_or_else(|| milestone.interruptible());
                    milestone.phase = Phase::Disputed { prior, dispute: e.dispute_id };
                }
            }
            EscrowEvent::Unfrozen(e) => self.resume(e.milestone_id),
            EscrowEvent::EarningsCleared(_) => {}
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
            DepositEvent::AttemptStarted(_)
            | DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Refunded(_) => {}
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

    /// What interrupted the milestone is over.
    fn resume(&mut self, milestone: MilestoneId) {
        if let Some(milestone) = self.find(milestone)
            && let Some(prior) = milestone.interrupted()
        {
            milestone.phase = prior.phase();
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
    let kept = account.kept();
    kept.milestone == Some(milestone.id)
        || kept.lot.is_some_and(|lot| milestone.lots.iter().any(|other| other.id == lot))
}
