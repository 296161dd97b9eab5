//! The facts that move a contract's money, each with its entry. Decisions make them, and the audit makes them again.

use super::{
    Contract, EarningsCleared, EscrowFrozen, EscrowFunded, EscrowRefunded, EscrowReleased, EscrowUnfrozen,
};
use crate::id::{DepositId, DisputeId, EntryId, LotId, MilestoneId, RefundId};
use crate::ledger::rules;
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

impl Contract {
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

    /// The fact that what is left of a milestone's escrow, and of the charge beside it, goes back by `refund`, with
    /// its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone; [`Code::WrongState`] for one that no deposit funded.
    pub fn refunded(
        &self,
        milestone: MilestoneId,
        refund: RefundId,
        entry: EntryId,
    ) -> Result<EscrowRefunded, Refusal> {
        let milestone = self.milestone(milestone)?;
        let deposit_id =
            milestone.funded_by.ok_or_else(|| Refusal::new(Code::WrongState, "no deposit has funded it"))?;
        let amount = milestone.amount.with_minor(milestone.escrow)?;
        let accounts = (self.id, milestone.id);
        Ok(EscrowRefunded {
            contract_id: self.id,
            milestone_id: milestone.id,
            client: self.client,
            deposit_id,
            refund_id: refund,
            amount,
            charge: milestone.fee_held,
            entry: rules::refund(entry, accounts, self.client, (amount, milestone.fee_held))?,
        })
    }

    /// The fact that `dispute` freezes all of a milestone's escrow, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone.
    pub fn frozen(
        &self,
        milestone: MilestoneId,
        dispute: DisputeId,
        entry: EntryId,
    ) -> Result<EscrowFrozen, Refusal> {
        let milestone = self.milestone(milestone)?;
        let amount = milestone.amount.with_minor(milestone.escrow)?;
        Ok(EscrowFrozen {
            contract_id: self.id,
            milestone_id: milestone.id,
            dispute_id: dispute,
            amount,
            entry: rules::freeze(entry, (self.id, milestone.id), amount)?,
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
        Ok(EscrowUnfrozen {
            contract_id: self.id,
            milestone_id: milestone.id,
            dispute_id: dispute,
            amount,
            entry: rules::thaw(entry, (self.id, milestone.id), amount)?,
        })
    }

    /// The fact that a lot of earnings clears, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` when it isn't of this contract.
    pub fn cleared(&self, lot: LotId, entry: EntryId) -> Result<EarningsCleared, Refusal> {
        let (milestone, lot) = self.lot(lot)?;
        let amount = milestone.amount.with_minor(lot.on_hold)?;
        Ok(EarningsCleared {
            contract_id: self.id,
            milestone_id: milestone.id,
            talent: self.talent,
            lot_id: lot.id,
            amount,
            entry: rules::clear(entry, self.talent, (self.id, lot.id), amount)?,
        })
    }
}
