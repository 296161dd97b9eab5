//! The facts that move a contract's money, each with its entry. Decisions make them, and the audit makes them again.

use super::{
    Contract, EarningsCleared, EarningsRefunded, EscrowFunded, EscrowMoved, EscrowRefunded, EscrowReleased,
    Milestone,
};
use crate::id::{DepositId, EntryId, LotId, MilestoneId, RefundId};
use crate::ledger::{ClientCharge, rules};
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::time::Timestamp;

impl Contract {
    /// What the client pays on top of a milestone's amount: nothing on a bonus.
    pub fn charge_on(&self, milestone: &Milestone) -> ClientCharge {
        if milestone.bonus {
            return ClientCharge::default();
        }
        self.fees.client_charge(milestone.amount.minor())
    }

    /// What a deposit for a milestone takes: its amount, and the client's charge on top.
    ///
    /// # Errors
    /// [`Code::AmountTooLarge`].
    pub fn price_of(&self, milestone: &Milestone) -> Result<Money, Refusal> {
        milestone.amount.with_minor(milestone.amount.minor() + self.charge_on(milestone).total())
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
        let charge = self.charge_on(milestone);
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
        let deposit_id = milestone.funding()?;
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

    /// The fact that `amount` of a milestone's escrow funds another, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestones; [`Code::WrongState`] for one that no deposit funded.
    pub fn moved(
        &self,
        (from, to): (MilestoneId, MilestoneId),
        amount: Money,
        entry: EntryId,
    ) -> Result<EscrowMoved, Refusal> {
        let (source, target) = (self.milestone(from)?, self.milestone(to)?);
        let mut charge = source.charged.moved(source.charge, source.amount.minor(), amount.minor());
        if is_planted(Sabotage::CreditLostInRollForward) {
            charge = ClientCharge::default();
        }
        Ok(EscrowMoved {
            contract_id: self.id,
            from: source.id,
            to: target.id,
            deposit_id: source.funding()?,
            amount,
            charge,
            entry: rules::roll_forward(entry, self.id, (from, to), (amount, charge.total()))?,
        })
    }

    /// The fact that the talent gives `amount` of a milestone's released money back by `refund`, with its entry.
    ///
    /// # Errors
    /// `NOT_FOUND` for another contract's milestone; [`Code::WrongState`] for one that no deposit funded.
    pub fn granted(
        &self,
        milestone: MilestoneId,
        amount: Money,
        refund: RefundId,
        entry: EntryId,
    ) -> Result<EarningsRefunded, Refusal> {
        let milestone = self.milestone(milestone)?;
        let granted = milestone.charged.granted(&milestone.granted, amount.minor());
        Ok(EarningsRefunded {
            contract_id: self.id,
            milestone_id: milestone.id,
            talent: self.talent,
            client: self.client,
            deposit_id: milestone.funding()?,
            refund_id: refund,
            amount,
            talent_fee: granted.talent_fee,
            talent_tax: granted.talent_tax,
            entry: rules::grant(entry, (self.talent, self.client), granted, self.currency)?,
        })
    }
}

impl Milestone {
    /// The deposit that its money came with.
    ///
    /// # Errors
    /// [`Code::WrongState`] for a milestone that no deposit funded.
    pub(super) fn funding(&self) -> Result<DepositId, Refusal> {
        self.funded_by.ok_or_else(|| Refusal::new(Code::WrongState, "no deposit has funded it"))
    }
}
