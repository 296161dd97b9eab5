//! A milestone as its contract's decisions see it: where it stands, and its money.

use super::MilestoneStatus;
use crate::id::{DepositId, DisputeId, LotId, MilestoneId, WorkId};
use crate::ledger::{AccountCode, Charged, ClientCharge, LedgerAccount, Line};
use crate::money::Money;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// Its id.
    pub id: MilestoneId,
    /// Its number on the contract, from 1.
    pub number: u16,
    /// What escrow holds when it is funded.
    pub amount: Money,
    /// What the client paid on top.
    pub charge: ClientCharge,
    /// What was released and charged so far.
    pub charged: Charged,
    /// The lots of earnings that its releases made.
    pub lots: Vec<Lot>,
    /// The deposit whose money it holds, or held.
    pub funded_by: Option<DepositId>,
    pub(super) phase: Phase,
    /// Balance of 2110, in minor units.
    pub(super) escrow: i64,
    /// Balance of 2115, in minor units.
    pub(super) fee_held: i64,
    /// Balance of 2120, in minor units.
    pub(super) frozen: i64,
}

/// Earnings of one release, on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Balance of 2210, in minor units.
    pub on_hold: i64,
    /// When it clears.
    pub clears_at: Timestamp,
    /// The contract's revision that made it.
    pub since: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Agreed,
    Funding { deposit: DepositId },
    Funded,
    Submitted { work: WorkId, review_ends_at: Timestamp, since: u64 },
    ChangesRequested,
    RefundRequested { prior: Prior, answer_by: Timestamp, since: u64 },
    Disputed { prior: Prior, dispute: DisputeId },
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
    pub(super) fn agreed(id: MilestoneId, number: u16, amount: Money) -> Self {
        Self {
            id,
            number,
            amount,
            charge: ClientCharge::default(),
            charged: Charged::default(),
            lots: Vec::new(),
            funded_by: None,
            phase: Phase::Agreed,
            escrow: 0,
            fee_held: 0,
            frozen: 0,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> MilestoneStatus {
        match self.phase {
            Phase::Agreed => MilestoneStatus::Agreed,
            Phase::Funding { .. } => MilestoneStatus::Funding,
            Phase::Funded => MilestoneStatus::Funded,
            Phase::Submitted { .. } => MilestoneStatus::Submitted,
            Phase::ChangesRequested => MilestoneStatus::ChangesRequested,
            Phase::RefundRequested { .. } => MilestoneStatus::RefundRequested,
            Phase::Disputed { .. } => MilestoneStatus::Disputed,
            Phase::Released => MilestoneStatus::Released,
            Phase::Refunded => MilestoneStatus::Refunded,
            Phase::Cancelled => MilestoneStatus::Cancelled,
        }
    }

    /// The deposit that is under way.
    pub fn deposit(&self) -> Option<DepositId> {
        if let Phase::Funding { deposit } = self.phase { Some(deposit) } else { None }
    }

    /// The work that waits for review.
    pub fn work(&self) -> Option<WorkId> {
        if let Phase::Submitted { work, .. } = self.phase { Some(work) } else { None }
    }

    /// The dispute that has frozen its escrow.
    pub fn dispute(&self) -> Option<DisputeId> {
        if let Phase::Disputed { dispute, .. } = self.phase { Some(dispute) } else { None }
    }

    /// Where it goes back to when the refund request or the dispute is withdrawn.
    pub fn prior(&self) -> Option<MilestoneStatus> {
        self.interrupted().map(Prior::status)
    }

    /// What the refund request or the dispute has interrupted.
    pub(super) fn interrupted(&self) -> Option<Prior> {
        match self.phase {
            Phase::RefundRequested { prior, .. } | Phase::Disputed { prior, .. } => Some(prior),
            Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::Submitted { .. }
            | Phase::ChangesRequested
            | Phase::Released
            | Phase::Refunded
            | Phase::Cancelled => None,
        }
    }

    /// What an interruption would have it go back to.
    pub(super) fn interruptible(&self) -> Prior {
        if self.phase == Phase::ChangesRequested { Prior::ChangesRequested } else { Prior::Funded }
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

    /// Work approves itself, silence agrees to a refund, lots clear.
    pub(super) fn timers(&self) -> impl Iterator<Item = Timer> {
        let waits = match self.phase {
            Phase::Submitted { review_ends_at, since, .. } => {
                Some((TimerKind::AutoApproveMilestone(self.id), review_ends_at, since))
            }
            Phase::RefundRequested { answer_by, since, .. } => {
                Some((TimerKind::AutoAgreeRefund(self.id), answer_by, since))
            }
            Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::ChangesRequested
            | Phase::Disputed { .. }
            | Phase::Released
            | Phase::Refunded
            | Phase::Cancelled => None,
        };
        let lots = self.lots.iter().filter(|lot| lot.on_hold > 0);
        let clears = lots.map(|lot| (TimerKind::ClearEarnings(lot.id), lot.clears_at, lot.since));
        waits.into_iter().chain(clears).map(|(kind, due, epoch)| Timer { kind, due, epoch })
    }
}
