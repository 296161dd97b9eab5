//! What each event does to a contract. Evolution is total and never refuses.

use super::lot::Lot;
use super::milestone::{Milestone, Phase};
use super::state::{Amendment, Contract, ContractPhase, owns};
use super::{
    ContractCreated, ContractEvent, ContractStatus, EscrowEvent, EscrowMoved, EscrowReleased, MilestoneEvent,
};
use crate::deposit::DepositEvent;
use crate::dispute::{DisputeEvent, DisputeFinalized, DisputeSettled};
use crate::event::Event;
use crate::id::{DepositId, LotId, MilestoneId};
use crate::ledger::{ClientCharge, Granted, JournalEntry};
use crate::stream::Mark;

impl Contract {
    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        if let Event::Contract(ContractEvent::Created(e)) = event {
            return Some(Self::created(e, mark));
        }
        let mut contract = state?;
        let was_empty = contract.holds_nothing();
        match event {
            Event::Contract(event) => contract.on_contract(event, mark),
            Event::Milestone(event) => contract.on_milestone(event, mark),
            Event::Escrow(event) => contract.on_escrow(event, mark),
            Event::Deposit(event) => contract.on_deposit(event),
            Event::Dispute(event) => contract.on_dispute(event, mark),
            Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Refund(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        // The end comes when the last milestone is over, so that is when its timer is set.
        if let ContractPhase::EndAgreed { since } | ContractPhase::Terminating { since } = &mut contract.phase
            && !was_empty
        {
            *since = mark;
        }
        Some(contract)
    }

    fn created(e: &ContractCreated, mark: Mark) -> Self {
        Self {
            id: e.contract_id,
            job_id: e.job_id,
            client: e.client,
            talent: e.talent,
            currency: e.currency,
            fees: e.fees,
            windows: e.windows,
            policy_version: e.policy_version,
            milestones: Vec::new(),
            pauses: std::collections::BTreeSet::new(),
            amendments: 0,
            amendment: None,
            reopen_proposer: None,
            phase: ContractPhase::Created { unfunded_until: e.unfunded_until, since: mark.revision },
        }
    }

    fn on_contract(&mut self, event: &ContractEvent, mark: Mark) {
        match event {
            ContractEvent::Created(_) => {}
            ContractEvent::Cancelled(_) => self.phase = ContractPhase::Cancelled,
            ContractEvent::EndRequested(e) => {
                let (requester, answer_by) = (e.requester, e.answer_by);
                self.phase = ContractPhase::Ending { requester, answer_by, since: mark.revision };
            }
            ContractEvent::EndWithdrawn(_) => self.phase = ContractPhase::Active,
            ContractEvent::EndAgreed(_) | ContractEvent::EndDisputed(_) => {
                self.phase = ContractPhase::EndAgreed { since: mark };
                self.amendment = None;
            }
            ContractEvent::Ended(_) => {
                let terminated = matches!(self.phase, ContractPhase::Terminating { .. });
                self.phase =
                    if terminated { ContractPhase::Terminated } else { ContractPhase::Ended { at: mark.at } };
            }
            ContractEvent::AmendmentProposed(e) => {
                self.amendments = e.number;
                let (number, proposer, changes) = (e.number, e.proposer, e.changes.clone());
                self.amendment = Some(Amendment { number, proposer, changes });
            }
            ContractEvent::AmendmentAccepted(_)
            | ContractEvent::AmendmentRejected(_)
            | ContractEvent::AmendmentWithdrawn(_) => self.amendment = None,
            ContractEvent::Paused(e) => drop(self.pauses.insert(e.reason)),
            ContractEvent::Resumed(e) => drop(self.pauses.remove(&e.reason)),
            ContractEvent::TerminationBegun(_) => {
                self.phase = ContractPhase::Terminating { since: mark };
                self.amendment = None;
            }
            ContractEvent::ReopenProposed(e) => self.reopen_proposer = Some(e.proposer),
            ContractEvent::Reopened(_) => {
                self.reopen_proposer = None;
                self.phase = ContractPhase::Active;
            }
        }
    }

    fn on_milestone(&mut self, event: &MilestoneEvent, mark: Mark) {
        match event {
            MilestoneEvent::Agreed(e) => {
                let milestone = Milestone::new(e.milestone_id, e.number, e.amount, Phase::Agreed);
                self.milestones.push(milestone);
            }
            MilestoneEvent::ProposalAgreed(e) => self.moved_to(e.milestone_id, Phase::Agreed),
            MilestoneEvent::WorkSubmitted(e) => {
                let (work, review_ends_at) = (e.work_id, e.review_ends_at);
                self.moved_to(
                    e.milestone_id,
                    Phase::Submitted { work, review_ends_at, since: mark.revision },
                );
            }
            MilestoneEvent::ChangesRequested(e) => {
                self.with(e.milestone_id, |milestone| {
                    milestone.phase = Phase::ChangesRequested;
                    milestone.rounds = milestone.rounds.saturating_add(1);
                    milestone.waits_since = Some(mark.at);
                });
            }
            // The release in the same append is what ends the milestone, unless it has to wait.
            MilestoneEvent::Approved(e) => self.with(e.milestone_id, |milestone| {
                if milestone.is_frozen() {
                    milestone.phase = Phase::Approved;
                }
            }),
            MilestoneEvent::RefundRequested(e) => self.with(e.milestone_id, |milestone| {
                let prior = milestone.interruptible();
                milestone.phase =
                    Phase::RefundRequested { prior, answer_by: e.answer_by, since: mark.revision };
            }),
            MilestoneEvent::RefundRequestWithdrawn(e) => self.resume(e.milestone_id),
            MilestoneEvent::Cancelled(e) => self.moved_to(e.milestone_id, Phase::Cancelled),
            MilestoneEvent::Dropped(e) => self.moved_to(e.milestone_id, Phase::Cancelled),
            MilestoneEvent::Proposed(_)
            | MilestoneEvent::DropProposed(_)
            | MilestoneEvent::Revised(_)
            | MilestoneEvent::BonusPromised(_) => self.on_price(event),
            MilestoneEvent::PartiallyReleased(_)
            | MilestoneEvent::ReleasedEarly(_)
            | MilestoneEvent::MoveProposed(_)
            | MilestoneEvent::MoveDropped(_)
            | MilestoneEvent::FundsFrozen(_)
            | MilestoneEvent::FundsUnfrozen(_)
            | MilestoneEvent::EarningsFrozen(_)
            | MilestoneEvent::EarningsUnfrozen(_) => self.on_funds(event, mark),
        }
    }

    /// What is agreed, or is to be.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
    fn on_price(&mut self, event: &MilestoneEvent) {
        match event {
            MilestoneEvent::Proposed(e) => {
                let phase = Phase::Proposed { proposer: e.proposer };
                self.milestones.push(Milestone::new(e.milestone_id, e.number, e.amount, phase));
            }
            MilestoneEvent::DropProposed(e) => {
                self.with(e.milestone_id, |milestone| milestone.drop_proposer = Some(e.proposer));
            }
            MilestoneEvent::Revised(e) => self.with(e.milestone_id, |milestone| {
                milestone.amount = e.amount.unwrap_or(milestone.amount);
            }),
            MilestoneEvent::BonusPromised(e) => {
                let milestone = Milestone::new(e.milestone_id, e.number, e.amount, Phase::Agreed);
                self.milestones.push(Milestone { bonus: true, ..milestone });
            }
            _ => {}
        }
    }

    /// Whether money may move, and where to.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
    fn on_funds(&mut self, event: &MilestoneEvent, mark: Mark) {
        match event {
            MilestoneEvent::MoveProposed(e) => {
                self.with(e.milestone_id, |milestone| milestone.moves_to = Some((e.to, e.amount)));
            }
            MilestoneEvent::MoveDropped(e) => {
                self.with(e.milestone_id, |milestone| milestone.moves_to = None);
            }
            MilestoneEvent::FundsFrozen(e) => {
                self.with(e.milestone_id, |milestone| milestone.frozen_at = Some(mark.at));
            }
            MilestoneEvent::FundsUnfrozen(e) => {
                self.with(e.milestone_id, |milestone| milestone.unfreeze(e.ends_at, mark));
            }
            MilestoneEvent::EarningsFrozen(e) => {
                self.with_lot(e.milestone_id, e.lot_id, |lot| lot.frozen_at = Some(mark.at));
            }
            MilestoneEvent::EarningsUnfrozen(e) => self.with_lot(e.milestone_id, e.lot_id, |lot| {
                (lot.frozen_at, lot.clears_at, lot.since) = (None, e.clears_at, mark.revision);
            }),
            _ => {}
        }
    }

    fn on_escrow(&mut self, event: &EscrowEvent, mark: Mark) {
        match event {
            EscrowEvent::Funded(e) => {
                self.with(e.milestone_id, |milestone| milestone.funded(e.deposit_id, e.charge, mark));
                if self.status() == ContractStatus::Created {
                    self.phase = ContractPhase::Active;
                }
            }
            EscrowEvent::Released(e) => self.with(e.milestone_id, |milestone| milestone.released(e, mark)),
            EscrowEvent::Refunded(e) => self.moved_to(e.milestone_id, Phase::Refunded),
            EscrowEvent::Frozen(e) => self.with(e.milestone_id, |milestone| milestone.disputed(e, mark)),
            EscrowEvent::Unfrozen(e) => self.with(e.milestone_id, |milestone| milestone.thawed(mark)),
            EscrowEvent::AwardApplied(e) => {
                self.with(e.milestone_id, |milestone| milestone.resolved(e, mark));
            }
            EscrowEvent::EarningsCleared(_) => {}
            EscrowEvent::Moved(e) => self.moved_funds(e, mark),
            EscrowEvent::EarningsRefunded(e) => self.with(e.milestone_id, |milestone| {
                let (talent_fee, talent_tax) = (e.talent_fee, e.talent_tax);
                let granted = Granted { amount: e.amount.minor(), talent_fee, talent_tax };
                milestone.granted = milestone.granted.after(granted);
            }),
        }
        self.post(event.journal_entry());
    }

    /// What is left of the source is its price; what moved whole leaves it to be funded anew.
    fn moved_funds(&mut self, e: &EscrowMoved, mark: Mark) {
        let mut held_since = None;
        self.with(e.from, |milestone| {
            held_since = milestone.held_since;
            milestone.moves_to = None;
            let left = milestone.escrow.saturating_sub(e.amount.minor());
            if left == 0 && milestone.charged.released == 0 {
                (milestone.charge, milestone.funded_by) = (ClientCharge::default(), None);
                (milestone.held_since, milestone.waits_since) = (None, None);
                milestone.phase = Phase::Agreed;
                return;
            }
            let minor = milestone.amount.minor().saturating_sub(e.amount.minor());
            milestone.amount = milestone.amount.with_minor(minor).unwrap_or(milestone.amount);
            milestone.charge.fee = milestone.charge.fee.saturating_sub(e.charge.fee);
            milestone.charge.tax = milestone.charge.tax.saturating_sub(e.charge.tax);
            if left == 0 {
                milestone.phase = Phase::Released;
            }
        });
        self.with(e.to, |milestone| {
            milestone.funded(e.deposit_id, e.charge, mark);
            // The provider has held it since it was captured, wherever it moves.
            milestone.held_since = held_since.map(|held| Mark { at: held.at, revision: mark.revision });
        });
    }

    fn on_deposit(&mut self, event: &DepositEvent) {
        match event {
            DepositEvent::Requested(e) => {
                self.moved_to(e.milestone_id, Phase::Funding { deposit: e.deposit_id });
            }
            DepositEvent::Failed(e) => self.funding_ended(e.milestone_id, e.deposit_id),
            DepositEvent::Unmatched(e) => self.funding_ended(e.milestone_id, e.deposit_id),
            DepositEvent::AttemptStarted(_)
            | DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Refunded(_) => {}
        }
    }

    fn on_dispute(&mut self, event: &DisputeEvent, mark: Mark) {
        // Its other events are not the contract's.
        if let DisputeEvent::Settled(DisputeSettled { milestone_id, dispute_id, .. })
        | DisputeEvent::Finalized(DisputeFinalized { milestone_id, dispute_id, .. }) = event
        {
            self.with(*milestone_id, |milestone| milestone.awarded(*dispute_id, mark));
        }
    }

    /// A deposit will not fund its milestone any more; if that still waits for it, it can be funded anew.
    fn funding_ended(&mut self, milestone: MilestoneId, deposit: DepositId) {
        self.with(milestone, |milestone| {
            if milestone.deposit() == Some(deposit) {
                milestone.phase = if milestone.bonus { Phase::Cancelled } else { Phase::Agreed };
            }
        });
    }

    /// What interrupted the milestone is over.
    fn resume(&mut self, milestone: MilestoneId) {
        self.with(milestone, |milestone| {
            if let Some(prior) = milestone.interrupted() {
                milestone.phase = prior.phase();
            }
        });
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

    fn with(&mut self, id: MilestoneId, change: impl FnOnce(&mut Milestone)) {
        if let Some(milestone) = self.find(id) {
            change(milestone);
        }
    }

    fn with_lot(&mut self, milestone: MilestoneId, id: LotId, change: impl FnOnce(&mut Lot)) {
        self.with(milestone, |milestone| {
            if let Some(lot) = milestone.lots.iter_mut().find(|lot| lot.id == id) {
                change(lot);
            }
        });
    }

    fn moved_to(&mut self, id: MilestoneId, phase: Phase) {
        self.with(id, |milestone| milestone.phase = phase);
    }
}

impl Milestone {
    fn funded(&mut self, deposit: DepositId, charge: ClientCharge, mark: Mark) {
        self.phase = Phase::Funded;
        self.charge = charge;
        self.funded_by = Some(deposit);
        self.drop_proposer = None;
        (self.held_since, self.waits_since) = (Some(mark), Some(mark.at));
    }

    /// What is not released stays for more work.
    fn released(&mut self, e: &EscrowReleased, mark: Mark) {
        self.charged = self.charged.after(&e.slice);
        self.lots.push(Lot::new((e.lot_id, e.slice.gross), e.clears_at, mark.revision));
        if self.charged.released == self.amount.minor() {
            self.phase = Phase::Released;
        } else {
            self.phase = Phase::Funded;
            self.waits_since = Some(mark.at);
        }
    }
}
