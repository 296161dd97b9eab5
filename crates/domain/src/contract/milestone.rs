//! A milestone as its contract's decisions see it: where it stands, and its money.

use super::MilestoneStatus;
use crate::id::{DepositId, LotId, MilestoneId, WorkId};
use crate::ledger::{Charged, ClientCharge, LedgerAccount, Line};
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
    pub(super) phase: Phase,
    /// Balance of 2110, in minor units.
    escrow: i64,
    /// Balance of 2115, in minor units.
    fee_held: i64,
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
    Released,
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
            phase: Phase::Agreed,
            escrow: 0,
            fee_held: 0,
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
            Phase::Released => MilestoneStatus::Released,
        }
    }

    /// The deposit that is under way.
    pub fn deposit(&self) -> Option<DepositId> {
        match self.phase {
            Phase::Funding { deposit } => Some(deposit),
            Phase::Agreed
            | Phase::Funded
            | Phase::Submitted { .. }
            | Phase::ChangesRequested
            | Phase::Released => None,
        }
    }

    /// The work that waits for review.
    pub fn work(&self) -> Option<WorkId> {
        match self.phase {
            Phase::Submitted { work, .. } => Some(work),
            Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::ChangesRequested
            | Phase::Released => None,
        }
    }

    /// What a guarded account of this milestone holds, in minor units.
    pub fn held(&self, account: LedgerAccount) -> i64 {
        match account {
            LedgerAccount::Escrow(..) => self.escrow,
            LedgerAccount::ClientFeeHeld(..) => self.fee_held,
            LedgerAccount::TalentOnHold(_, _, lot) => {
                self.lots.iter().find(|other| other.id == lot).map_or(0, |lot| lot.on_hold)
            }
            LedgerAccount::ProviderClearing
            | LedgerAccount::UnidentifiedReceipts
            | LedgerAccount::DueToPlatform
            | LedgerAccount::DueFromTrust
            | LedgerAccount::TaxPayable
            | LedgerAccount::FeeRevenue => 0,
        }
    }

    /// Applies a line to the balances that live here.
    pub(super) fn post(&mut self, line: &Line) {
        match line.account {
            LedgerAccount::Escrow(..) => self.escrow -= line.signed(),
            LedgerAccount::ClientFeeHeld(..) => self.fee_held -= line.signed(),
            LedgerAccount::TalentOnHold(_, _, lot) => {
                if let Some(lot) = self.lots.iter_mut().find(|other| other.id == lot) {
                    lot.on_hold -= line.signed();
                }
            }
            LedgerAccount::ProviderClearing
            | LedgerAccount::UnidentifiedReceipts
            | LedgerAccount::DueToPlatform
            | LedgerAccount::DueFromTrust
            | LedgerAccount::TaxPayable
            | LedgerAccount::FeeRevenue => {}
        }
    }

    /// Work approves itself, lots clear.
    pub(super) fn timers(&self) -> impl Iterator<Item = Timer> {
        let review = match self.phase {
            Phase::Submitted { review_ends_at, since, .. } => {
                Some(Timer { kind: TimerKind::AutoApprove, due: review_ends_at, epoch: since })
            }
            Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Funded
            | Phase::ChangesRequested
            | Phase::Released => None,
        };
        let lots = self.lots.iter().filter(|lot| lot.on_hold > 0);
        review.into_iter().chain(lots.map(|lot| Timer {
            kind: TimerKind::ClearEarnings,
            due: lot.clears_at,
            epoch: lot.since,
        }))
    }
}
