//! Money that a dispute has frozen: what it interrupts, and the facts that freeze, thaw and divide it, each with its
//! entry. Decisions make them, and the audit makes them again.

use super::lot::{Lot, LotStatus};
use super::milestone::{Phase, Prior};
use super::{
    AwardApplied, AwardLot, AwardRefund, Contract, Division, EscrowFrozen, EscrowUnfrozen, Milestone,
    MilestoneStatus,
};
use crate::dispute::Shares;
use crate::id::{DisputeId, EntryId, LotId, MilestoneId, PartyId, RefundId, WorkId};
use crate::ledger::awards::{self, Award};
use crate::ledger::{JournalEntry, rules};
use crate::money::Money;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::Mark;
use crate::time::Timestamp;

/// What a dispute interrupts, with the clock that stands still meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interrupted {
    Funded,
    Submitted { work: WorkId, review_ends_at: Timestamp },
    ChangesRequested,
    RefundRequested { prior: Prior, answer_by: Timestamp },
    Released,
}

impl Interrupted {
    pub(super) const fn status(self) -> MilestoneStatus {
        match self {
            Self::Funded => MilestoneStatus::Funded,
            Self::Submitted { .. } => MilestoneStatus::Submitted,
            Self::ChangesRequested => MilestoneStatus::ChangesRequested,
            Self::RefundRequested { .. } => MilestoneStatus::RefundRequested,
            Self::Released => MilestoneStatus::Released,
        }
    }

    /// What goes on at `mark`, its clock as much later as it stood still.
    fn goes_on(self, disputed_at: Timestamp, mark: Mark) -> Phase {
        let since = mark.revision;
        match self {
            Self::Funded => Phase::Funded,
            Self::Submitted { work, review_ends_at } => {
                let review_ends_at = review_ends_at.later_by(disputed_at, mark.at);
                Phase::Submitted { work, review_ends_at, since }
            }
            Self::ChangesRequested => Phase::ChangesRequested,
            Self::RefundRequested { prior, answer_by } => {
                let answer_by = answer_by.later_by(disputed_at, mark.at);
                Phase::RefundRequested { prior, answer_by, since }
            }
            Self::Released => Phase::Released,
        }
    }
}

impl Milestone {
    /// A dispute freezes its money and stops its clocks.
    pub(super) fn disputed(&mut self, e: &EscrowFrozen, mark: Mark) {
        let interrupted = match self.phase {
            Phase::Submitted { work, review_ends_at, .. } => Interrupted::Submitted { work, review_ends_at },
            Phase::RefundRequested { prior, answer_by, .. } if e.resumes => {
                Interrupted::RefundRequested { prior, answer_by }
            }
            Phase::Funded | Phase::RefundRequested { prior: Prior::Funded, .. } => Interrupted::Funded,
            Phase::ChangesRequested | Phase::RefundRequested { prior: Prior::ChangesRequested, .. } => {
                Interrupted::ChangesRequested
            }
            Phase::Released => Interrupted::Released,
            Phase::Proposed { .. }
            | Phase::Agreed
            | Phase::Funding { .. }
            | Phase::Disputed { .. }
            | Phase::Approved
            | Phase::Resolved { .. }
            | Phase::Refunded
            | Phase::Cancelled => return,
        };
        self.moves_to = None;
        for lot in self.lots.iter_mut().filter(|lot| e.lots.contains(&lot.id)) {
            lot.disputed = lot.on_hold;
        }
        self.phase = Phase::Disputed { dispute: e.dispute_id, interrupted, since: mark.at, awarded: None };
    }

    /// The dispute is settled or decided for good: the award is to be executed.
    pub(super) fn awarded(&mut self, id: DisputeId, mark: Mark) {
        if let Phase::Disputed { dispute, awarded, .. } = &mut self.phase
            && *dispute == id
        {
            *awarded = Some(mark);
        }
    }

    /// The dispute was withdrawn, and what it interrupted goes on.
    pub(super) fn thawed(&mut self, mark: Mark) {
        let Phase::Disputed { interrupted, since, .. } = self.phase else {
            return;
        };
        self.phase = interrupted.goes_on(since, mark);
        self.waits_since = self.waits_since.map(|waits| waits.later_by(since, mark.at));
        for lot in self.lots.iter_mut().filter(|lot| lot.disputed > 0) {
            lot.disputed = 0;
            (lot.clears_at, lot.since) = (lot.clears_at.later_by(since, mark.at), mark.revision);
        }
    }

    /// What was disputed is divided.
    pub(super) fn resolved(&mut self, e: &AwardApplied, mark: Mark) {
        self.phase = Phase::Resolved { dispute: e.dispute_id };
        self.charged = match &e.division {
            Division::Escrow { earned, .. } => self.charged.after(earned),
            Division::Earnings { taken_back } => self.charged.without(taken_back),
        };
        for lot in self.lots.iter_mut().filter(|lot| lot.disputed > 0) {
            (lot.disputed, lot.is_taken) = (0, true);
        }
        if let Some(lot) = &e.lot {
            let gross = e.shares.talent.minor();
            self.lots.push(Lot::new((lot.lot_id, gross), lot.clears_at, mark.revision));
        }
    }

    /// The lots that a dispute after the release is about.
    fn disputable(&self) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(|lot| lot.status() == LotStatus::OnHold)
    }

    /// The lots that a dispute has frozen, with how much of each.
    fn disputed_lots(&self) -> Vec<(LotId, i64)> {
        let frozen = self.lots.iter().filter(|lot| lot.disputed > 0);
        frozen.map(|lot| (lot.id, lot.disputed)).collect()
    }
}

impl Contract {
    /// The party on `side`.
    pub const fn party(&self, side: Party) -> PartyId {
        match side {
            Party::Client => self.client,
            Party::Talent => self.talent,
        }
    }

    /// What a dispute about a milestone divides: its escrow; once that is released, what was released and neither
    /// cleared nor given back, before fees.
    ///
    /// # Errors
    /// [`Code::WrongState`] when nothing is left to divide.
    pub fn disputable(&self, milestone: &Milestone) -> Result<Money, Refusal> {
        let minor = if milestone.status() == MilestoneStatus::Released {
            let released: i64 = milestone.disputable().map(|lot| lot.gross).sum();
            released.min(milestone.charged.released - milestone.granted.amount)
        } else {
            milestone.escrow
        };
        if minor <= 0 {
            return Err(Refusal::new(Code::WrongState, "nothing of its money is held any more"));
        }
        milestone.amount.with_minor(minor)
    }

    /// The fact that `dispute` freezes all that a milestone holds, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone.
    pub fn frozen(
        &self,
        milestone: MilestoneId,
        dispute: DisputeId,
        resumes: bool,
        entry: EntryId,
    ) -> Result<EscrowFrozen, Refusal> {
        let milestone = self.milestone(milestone)?;
        let accounts = (self.id, milestone.id);
        let lots: Vec<_> = if milestone.status() == MilestoneStatus::Released {
            milestone.disputable().map(|lot| (lot.id, lot.on_hold)).collect()
        } else {
            Vec::new()
        };
        let (minor, entry) = if lots.is_empty() {
            let escrow = milestone.amount.with_minor(milestone.escrow)?;
            (escrow.minor(), rules::freeze(entry, accounts, escrow)?)
        } else {
            let entry = awards::freeze_earnings(entry, self.talent, accounts, &lots, self.currency)?;
            (lots.iter().map(|(_, minor)| minor).sum(), entry)
        };
        Ok(EscrowFrozen {
            contract_id: self.id,
            milestone_id: milestone.id,
            dispute_id: dispute,
            amount: milestone.amount.with_minor(minor)?,
            lots: lots.into_iter().map(|(lot, _)| lot).collect(),
            resumes,
            entry,
        })
    }

    /// The fact that all that `dispute` froze of a milestone thaws, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone.
    pub fn unfrozen(
        &self,
        milestone: MilestoneId,
        dispute: DisputeId,
        entry: EntryId,
    ) -> Result<EscrowUnfrozen, Refusal> {
        let milestone = self.milestone(milestone)?;
        let amount = milestone.amount.with_minor(milestone.frozen)?;
        let (accounts, lots) = ((self.id, milestone.id), milestone.disputed_lots());
        let entry = if lots.is_empty() {
            rules::thaw(entry, accounts, amount)?
        } else {
            awards::thaw_earnings(entry, self.talent, accounts, &lots, self.currency)?
        };
        Ok(EscrowUnfrozen {
            contract_id: self.id,
            milestone_id: milestone.id,
            dispute_id: dispute,
            amount,
            entry,
        })
    }

    /// The fact that `dispute` divides a milestone's frozen money in these shares at `now`, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone; [`Code::WrongState`] for one that no deposit funded.
    pub fn awarded(
        &self,
        milestone: MilestoneId,
        (dispute, shares): (DisputeId, Shares),
        (refund_id, lot_id, entry): (RefundId, LotId, EntryId),
        now: Timestamp,
    ) -> Result<AwardApplied, Refusal> {
        let milestone = self.milestone(milestone)?;
        let of = Award {
            contract: self.id,
            milestone: milestone.id,
            client: self.client,
            talent: self.talent,
            lot: lot_id,
            currency: self.currency,
        };
        let Divided { division, back, left, entry } = self.divided(milestone, &of, shares, entry)?;
        let refund =
            |amount| milestone.funding().map(|deposit_id| AwardRefund { deposit_id, refund_id, amount });
        let refund = (back > 0).then(|| milestone.amount.with_minor(back).and_then(refund)).transpose()?;
        let clears_at = now.plus_days(self.windows.clearing_days);
        let lot = AwardLot { lot_id, amount: milestone.amount.with_minor(left)?, clears_at };
        Ok(AwardApplied {
            contract_id: self.id,
            milestone_id: milestone.id,
            dispute_id: dispute,
            client: self.client,
            talent: self.talent,
            shares,
            division,
            refund,
            lot: (left > 0).then_some(lot),
            entry,
        })
    }

    /// What the shares come to. What the talent keeps counts as released, so that it costs what a release of it does.
    fn divided(
        &self,
        milestone: &Milestone,
        of: &Award,
        shares: Shares,
        entry: EntryId,
    ) -> Result<Divided, Refusal> {
        let (client, talent) = (shares.client.minor(), shares.talent.minor());
        let (charge, amount) = (milestone.charge, milestone.amount.minor());
        if milestone.disputed_lots().is_empty() {
            let earned = milestone.charged.slice(&self.fees, charge, amount, talent);
            let mut charge_back = milestone.fee_held - earned.client_fee - earned.client_tax;
            if is_planted(Sabotage::ClientFeeForgottenInAward) {
                charge_back = 0;
            }
            return Ok(Divided {
                division: Division::Escrow { earned, charge_back },
                back: client + charge_back,
                left: earned.net(),
                entry: awards::award_escrow(entry, of, (client, charge_back), &earned)?,
            });
        }
        let parts = (client, milestone.frozen);
        let taken_back =
            milestone.charged.taken_back(&self.fees, (charge, amount), &milestone.granted, parts);
        Ok(Divided {
            division: Division::Earnings { taken_back },
            back: client + taken_back.client_fee + taken_back.client_tax,
            left: milestone.frozen - taken_back.net(),
            entry: awards::award_earnings(entry, of, milestone.frozen, &taken_back)?,
        })
    }
}

/// How an award divides: what goes back and what is left for the talent, in minor units.
struct Divided {
    division: Division,
    back: i64,
    left: i64,
    entry: JournalEntry,
}
