//! A milestone as its contract's decisions see it: where it stands, and its money.

use super::MilestoneStatus;
use super::disputed::Interrupted;
use super::lot::Lot;
use crate::id::{DepositId, DisputeId, MilestoneId, WorkId};
use crate::ledger::{AccountCode, Charged, ClientCharge, Granted, LedgerAccount, Line};
use crate::money::Money;
use crate::policy::Windows;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Its id.
    pub id: MilestoneId,
    /// Its number on the contract, from 1.
    pub number: u16,
    /// What escrow holds when it is funded. What moves away from it later is no part of it any more.
    pub amount: Money,
    /// Whether it is a bonus: without work, and without a client fee.
    pub bonus: bool,
    /// What the client paid on top.
    pub charge: ClientCharge,
    /// What was released and charged so far.
    pub charged: Charged,
    /// What of that the talent gave back.
    pub granted: Granted,
    /// The lots of earnings that its releases made.
    pub lots: Vec<Lot>,
    /// The deposit whose money it holds, or held. It is always one: money that moves here funds all of it.
    pub funded_by: Option<DepositId>,
    /// How often its work was sent back.
    pub rounds: u16,
    pub(super) phase: Phase,
    /// When the provider began to hold its money.
    pub(super) held_since: Option<Mark>,
    /// Since when its money waits for work.
    pub(super) waits_since: Option<Timestamp>,
    /// Since when its money is frozen, if it is.
    pub(super) frozen_at: Option<Timestamp>,
    /// The side that wants to do without it.
    pub(super) drop_proposer: Option<Party>,
    /// The milestone that its money is to fund, and how much of it.
    pub(super) moves_to: Option<(MilestoneId, Money)>,
    /// Balance of 2110, in minor units.
    pub(super) escrow: i64,
    /// Balance of 2115, in minor units.
    pub(super) fee_held: i64,
    /// Balance of 2120, in minor units.
    pub(super) frozen: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Proposed {
        proposer: Party,
    },
    Agreed,
    Funding {
        deposit: DepositId,
    },
    Funded,
    Submitted {
        work: WorkId,
        review_ends_at: Timestamp,
        since: u64,
    },
    ChangesRequested,
    RefundRequested {
        prior: Prior,
        answer_by: Timestamp,
        since: u64,
    },
    /// Its clocks stand still since then; once the dispute is settled or decided, the award is to be executed.
    Disputed {
        dispute: DisputeId,
        interrupted: Interrupted,
        since: Timestamp,
        awarded: Option<Mark>,
    },
    Resolved {
        dispute: DisputeId,
    },
    /// While its money is frozen an approval waits.
    Approved,
    Released,
    Refunded,
    Cancelled,
}

/// Where a milestone goes back to when what interrupted it is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prior {
    Funded,
    ChangesRequested,
}

impl Prior {
    pub(super) const fn phase(self) -> Phase {
        match self {
            Self::Funded => Phase::Funded,
            Self::ChangesRequested => Phase::ChangesRequested,
        }
    }

    const fn status(self) -> MilestoneStatus {
        match self {
            Self::Funded => MilestoneStatus::Funded,
            Self::ChangesRequested => MilestoneStatus::ChangesRequested,
        }
    }
}

impl Milestone {
    pub(super) fn new(id: MilestoneId, number: u16, amount: Money, phase: Phase) -> Self {
        Self {
            id,
            number,
            amount,
            bonus: false,
            charge: ClientCharge::default(),
            charged: Charged::default(),
            granted: Granted::default(),
            lots: Vec::new(),
            funded_by: None,
            rounds: 0,
            phase,
            held_since: None,
            waits_since: None,
            frozen_at: None,
            drop_proposer: None,
            moves_to: None,
            escrow: 0,
            fee_held: 0,
            frozen: 0,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> MilestoneStatus {
        match self.phase {
            Phase::Proposed { .. } => MilestoneStatus::Proposed,
            Phase::Agreed => MilestoneStatus::Agreed,
            Phase::Funding { .. } => MilestoneStatus::Funding,
            Phase::Funded => MilestoneStatus::Funded,
            Phase::Submitted { .. } => MilestoneStatus::Submitted,
            Phase::ChangesRequested => MilestoneStatus::ChangesRequested,
            Phase::RefundRequested { .. } => MilestoneStatus::RefundRequested,
            Phase::Disputed { .. } => MilestoneStatus::Disputed,
            Phase::Approved => MilestoneStatus::Approved,
            Phase::Resolved { .. } => MilestoneStatus::Resolved,
            Phase::Released => MilestoneStatus::Released,
            Phase::Refunded => MilestoneStatus::Refunded,
            Phase::Cancelled => MilestoneStatus::Cancelled,
        }
    }

    /// The side that proposed it, while the other has not agreed.
    pub fn proposer(&self) -> Option<Party> {
        if let Phase::Proposed { proposer } = self.phase { Some(proposer) } else { None }
    }

    /// The side that wants to do without it, while the other has not agreed.
    pub fn drop_proposer(&self) -> Option<Party> {
        self.drop_proposer.filter(|_| self.phase == Phase::Agreed)
    }

    /// The milestone that its money is to fund, and how much of it, while the talent has not agreed.
    pub fn moves_to(&self) -> Option<(MilestoneId, Money)> {
        self.moves_to
    }

    /// Whether its money is frozen, and its clocks stand still.
    pub fn is_frozen(&self) -> bool {
        self.frozen_at.is_some()
    }

    /// That its money may move.
    ///
    /// # Errors
    /// [`Code::FundsFrozen`] while it is frozen.
    pub fn not_frozen(&self) -> Result<(), Refusal> {
        if self.is_frozen() {
            return Err(Refusal::new(Code::FundsFrozen, "the milestone's money is frozen"));
        }
        Ok(())
    }

    /// What a deposit leaves it as that comes to nothing: it can be funded anew, and a bonus is over.
    pub fn unfunded(&self) -> MilestoneStatus {
        if self.bonus { MilestoneStatus::Cancelled } else { MilestoneStatus::Agreed }
    }

    /// Where it stands once `amount` of its escrow moved to another milestone: with nothing left, it is over if some of it
    /// was released, and to be funded anew if not.
    pub fn after_move(&self, amount: Money) -> MilestoneStatus {
        match (self.escrow > amount.minor(), self.charged.released > 0) {
            (true, _) => self.status(),
            (false, true) => MilestoneStatus::Released,
            (false, false) => MilestoneStatus::Agreed,
        }
    }

    /// What of its escrow was neither released nor moved nor given back, in minor units, frozen by no dispute.
    pub fn rest(&self) -> i64 {
        self.escrow
    }

    /// The deposit that is under way.
    pub fn deposit(&self) -> Option<DepositId> {
        if let Phase::Funding { deposit } = self.phase { Some(deposit) } else { None }
    }

    /// The work that waits for review.
    pub fn work(&self) -> Option<WorkId> {
        if let Phase::Submitted { work, .. } = self.phase { Some(work) } else { None }
    }

    /// The work that waits for review.
    ///
    /// # Errors
    /// [`Code::WrongState`] when none does.
    pub(super) fn reviewed(&self) -> Result<WorkId, Refusal> {
        self.work().ok_or_else(|| Refusal::new(Code::WrongState, "no work waits for review"))
    }

    /// The dispute that has frozen its money, or divided it.
    pub fn dispute(&self) -> Option<DisputeId> {
        if let Phase::Disputed { dispute, .. } | Phase::Resolved { dispute } = self.phase {
            Some(dispute)
        } else {
            None
        }
    }

    /// Where it goes back to when the refund request or the dispute is withdrawn.
    pub fn prior(&self) -> Option<MilestoneStatus> {
        if let Phase::Disputed { interrupted, .. } = self.phase {
            return Some(interrupted.status());
        }
        self.interrupted().map(Prior::status)
    }

    /// What the refund request has interrupted.
    pub(super) fn interrupted(&self) -> Option<Prior> {
        match self.phase {
            Phase::RefundRequested { prior, .. } => Some(prior),
            Phase::Proposed { .. }
            | Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::Submitted { .. }
            | Phase::ChangesRequested
            | Phase::Disputed { .. }
            | Phase::Approved
            | Phase::Resolved { .. }
            | Phase::Released
            | Phase::Refunded
            | Phase::Cancelled => None,
        }
    }

    /// What an interruption would have it go back to.
    pub(super) fn interruptible(&self) -> Prior {
        if self.phase == Phase::ChangesRequested { Prior::ChangesRequested } else { Prior::Funded }
    }

    /// Since when its money waits for work that nobody has handed in.
    pub fn waits_since(&self) -> Option<Timestamp> {
        let waits = matches!(self.phase, Phase::Funded | Phase::ChangesRequested);
        self.waits_since.filter(|_| waits)
    }

    /// When the window ends that is open, if its clock stood still from the freeze, or from its own beginning after
    /// that, until `now`; `None` where nothing is frozen or no window is open.
    pub fn resumed(&self, windows: &Windows, now: Timestamp) -> Option<Timestamp> {
        let frozen_at = self.frozen_at?;
        let (ends_at, days) = match self.phase {
            Phase::Submitted { review_ends_at, .. } => (review_ends_at, windows.review_days),
            Phase::RefundRequested { answer_by, .. } => (answer_by, windows.refund_answer_days),
            Phase::Proposed { .. }
            | Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::ChangesRequested
            | Phase::Disputed { .. }
            | Phase::Approved
            | Phase::Resolved { .. }
            | Phase::Released
            | Phase::Refunded
            | Phase::Cancelled => return None,
        };
        // A window that was stopped before begins, in effect, later than it did; never after this freeze.
        Some(ends_at.later_by(frozen_at.max(ends_at.minus_days(days)), now))
    }

    /// Its money moves again, and the window that is open ends at `ends_at`.
    pub(super) fn unfreeze(&mut self, ends_at: Option<Timestamp>, mark: Mark) {
        // Meanwhile a dispute stops the same clock, and sets it when it thaws.
        let runs = !matches!(self.phase, Phase::Disputed { .. });
        if let Some(frozen_at) = self.frozen_at.take().filter(|_| runs) {
            let waits = self.waits_since;
            self.waits_since = waits.map(|since| since.later_by(frozen_at.max(since), mark.at));
        }
        if let (
            Phase::Submitted { review_ends_at: due, since, .. }
            | Phase::RefundRequested { answer_by: due, since, .. },
            Some(ends_at),
        ) = (&mut self.phase, ends_at)
        {
            (*due, *since) = (ends_at, mark.revision);
        }
    }

    /// What a guarded account of this milestone holds, in minor units.
    pub fn held(&self, account: LedgerAccount) -> i64 {
        if let Some(id) = account.kept().lot {
            return self.lots.iter().find(|lot| lot.id == id).map_or(0, |lot| lot.on_hold);
        }
        let held = [
            (AccountCode::Escrow, self.escrow),
            (AccountCode::ClientFeeHeld, self.fee_held),
            (AccountCode::EscrowInDispute, self.frozen),
        ];
        held.into_iter().find(|(code, _)| *code == account.code()).map_or(0, |(_, minor)| minor)
    }

    /// Applies a line to the balances that live here.
    pub(super) fn post(&mut self, line: &Line) {
        let balance = if let Some(id) = line.account.kept().lot {
            self.lots.iter_mut().find(|lot| lot.id == id).map(|lot| &mut lot.on_hold)
        } else {
            let held = [
                (AccountCode::Escrow, &mut self.escrow),
                (AccountCode::ClientFeeHeld, &mut self.fee_held),
                (AccountCode::EscrowInDispute, &mut self.frozen),
            ];
            held.into_iter().find(|(code, _)| *code == line.account.code()).map(|(_, balance)| balance)
        };
        if let Some(balance) = balance {
            *balance -= line.signed();
        }
    }

    /// Work approves itself, silence agrees to a refund, money is held no longer than it may be, a bonus is released, an
    /// award executed, lots clear. While the money is frozen only the lots go on.
    pub(super) fn timers(&self, windows: &Windows) -> impl Iterator<Item = Timer> {
        let waits = match self.phase {
            Phase::Submitted { review_ends_at, since, .. } => {
                Some((TimerKind::AutoApproveMilestone(self.id), review_ends_at, since))
            }
            Phase::RefundRequested { answer_by, since, .. } => {
                Some((TimerKind::AutoAgreeRefund(self.id), answer_by, since))
            }
            Phase::Funded if self.bonus => {
                self.held_since.map(|held| (TimerKind::ReleaseBonus(self.id), held.at, held.revision))
            }
            Phase::Funded | Phase::ChangesRequested => self.held_since.map(|held| {
                let due = held.at.plus_days(windows.holding_days);
                (TimerKind::RefundHeldMilestone(self.id), due, held.revision)
            }),
            Phase::Disputed { awarded, .. } => {
                awarded.map(|mark| (TimerKind::ExecuteAward(self.id), mark.at, mark.revision))
            }
            Phase::Proposed { .. }
            | Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Approved
            | Phase::Resolved { .. }
            | Phase::Released
            | Phase::Refunded
            | Phase::Cancelled => None,
        };
        let waits = waits.filter(|_| !self.is_frozen());
        let waits = waits.map(|(kind, due, epoch)| Timer { kind, due, epoch });
        waits.into_iter().chain(self.lots.iter().filter_map(Lot::timer))
    }
}
