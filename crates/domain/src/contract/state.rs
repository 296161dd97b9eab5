//! A contract as its decisions see it.

use super::{Change, ContractStatus, Lot, Milestone, PauseReason};
use crate::context::Actor;
use crate::id::{ContractId, DepositId, JobId, LotId, MilestoneId, PartyId};
use crate::ledger::{FeeQuote, LedgerAccount};
use crate::money::Currency;
use crate::policy::Windows;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use std::collections::BTreeSet;

/// About what a title takes in memory.
const TITLE_BYTES: usize = 64;

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
    /// Why it begins nothing new; once it is active it is paused while there is a reason.
    pub pauses: BTreeSet<PauseReason>,
    /// How many amendments were ever proposed.
    pub amendments: u32,
    /// The amendment that is proposed, while it is not answered.
    pub amendment: Option<Amendment>,
    pub(super) reopen_proposer: Option<Party>,
    pub(super) phase: ContractPhase,
}

/// An amendment that is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Counts the contract's amendments from 1.
    pub number: u32,
    /// Which side proposes it; the other answers.
    pub proposer: Party,
    /// What changes, all of it or nothing.
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContractPhase {
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
    /// The house ends it; it has ended when nothing is held any more.
    Terminating {
        since: Mark,
    },
    Ended {
        at: Timestamp,
    },
    Terminated,
    Cancelled,
}

impl Contract {
    /// Where it stands.
    pub fn status(&self) -> ContractStatus {
        match self.phase {
            ContractPhase::Created { .. } => ContractStatus::Created,
            ContractPhase::Active if self.pauses.is_empty() => ContractStatus::Active,
            ContractPhase::Active => ContractStatus::Paused,
            ContractPhase::Ending { .. } | ContractPhase::EndAgreed { .. } => ContractStatus::Ending,
            ContractPhase::Terminating { .. } => ContractStatus::Terminating,
            ContractPhase::Ended { .. } => ContractStatus::Ended,
            ContractPhase::Terminated => ContractStatus::Terminated,
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

    /// That the actor, who acts for the house, is no party to it.
    ///
    /// # Errors
    /// [`Code::WrongSide`].
    pub(crate) fn is_foreign_to(&self, actor: &Actor) -> Result<(), Refusal> {
        let own = actor.party().is_some_and(|party| party == self.client || party == self.talent);
        if own {
            return Err(Refusal::new(Code::WrongSide, "nobody acts for the house on their own contract"));
        }
        Ok(())
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

    /// Where it goes on when the request for the end is taken back, or the two sides reopen it.
    pub fn resumable(&self) -> ContractStatus {
        if self.pauses.is_empty() { ContractStatus::Active } else { ContractStatus::Paused }
    }

    /// Whether the end is agreed, or the house ends it: what is not settled yet winds up.
    pub fn is_end_agreed(&self) -> bool {
        matches!(self.phase, ContractPhase::EndAgreed { .. } | ContractPhase::Terminating { .. })
    }

    /// When it ended, if both sides had agreed to that.
    pub fn ended_at(&self) -> Option<Timestamp> {
        if let ContractPhase::Ended { at } = self.phase { Some(at) } else { None }
    }

    /// When the client can demand a milestone's money back on which no work was handed in; `None` where none waits.
    pub fn overdue_at(&self, milestone: &Milestone) -> Option<Timestamp> {
        milestone.waits_since().map(|since| since.plus_days(self.windows.overdue_days))
    }

    /// The side that wants to go on after the end, while the other has not agreed.
    pub fn reopen_proposer(&self) -> Option<Party> {
        self.reopen_proposer
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
            ContractPhase::EndAgreed { since } | ContractPhase::Terminating { since }
                if self.holds_nothing() =>
            {
                Some((TimerKind::SettleEnd, since.at, since.revision))
            }
            ContractPhase::EndAgreed { .. }
            | ContractPhase::Terminating { .. }
            | ContractPhase::Active
            | ContractPhase::Ended { .. }
            | ContractPhase::Terminated
            | ContractPhase::Cancelled => None,
        };
        let own = own.map(|(kind, due, epoch)| Timer { kind, due, epoch });
        own.into_iter().chain(self.milestones.iter().flat_map(|m| m.timers(&self.windows))).collect()
    }

    pub(crate) fn weight(&self) -> usize {
        let lots: usize = self.milestones.iter().map(|m| m.lots.len()).sum();
        let changes = self.amendment.as_ref().map_or(0, |amendment| amendment.changes.len());
        self.milestones.len() * size_of::<Milestone>()
            + lots * size_of::<Lot>()
            + changes * (size_of::<Change>() + TITLE_BYTES)
    }
}

/// Whether the account's balance lives in this milestone.
pub(super) fn owns(milestone: &Milestone, account: LedgerAccount) -> bool {
    let kept = account.kept();
    kept.milestone == Some(milestone.id)
        || kept.lot.is_some_and(|lot| milestone.lots.iter().any(|other| other.id == lot))
}
