//! Escrow: what funds a milestone, what is released, moved and sent back, and what clears.

use super::deposits::Matched;
use super::fees::Slice;
use super::milestones::Lot;
use super::owed::Owed;
use super::{Law, Model, Told, days, known, known_mut, law};
use domain::contract::{
    EarningsCleared, EarningsRefunded, EscrowEvent, EscrowFunded, EscrowMoved, EscrowRefunded, EscrowReleased,
};
use domain::id::{ContractId, LotId, MilestoneId, PartyId};

impl Model {
    pub(super) fn on_escrow(&mut self, event: &EscrowEvent, told: Told<'_>) -> Law {
        let milestone = match event {
            EscrowEvent::Funded(e) => self.on_funded(e, told).map(|()| e.milestone_id),
            EscrowEvent::Released(e) => self.on_released(e, told).map(|()| e.milestone_id),
            EscrowEvent::Refunded(e) => self.on_refunded(e, told).map(|()| e.milestone_id),
            EscrowEvent::Frozen(e) => self.on_frozen(e, told).map(|()| e.milestone_id),
            EscrowEvent::Unfrozen(e) => self.on_thawed(e, told).map(|()| e.milestone_id),
            EscrowEvent::AwardApplied(e) => self.on_awarded(e, told).map(|()| e.milestone_id),
            EscrowEvent::EarningsCleared(e) => self.on_cleared(e, told).map(|()| e.milestone_id),
            EscrowEvent::Moved(e) => {
                self.on_moved(e, told).and_then(|()| self.conserved(e.from)).map(|()| e.to)
            }
            EscrowEvent::EarningsRefunded(e) => self.on_granted(e, told).map(|()| e.milestone_id),
        }?;
        self.conserved(milestone)
    }

    /// What a milestone's escrow holds, frozen by no dispute.
    pub(crate) fn escrowed(&self, id: MilestoneId) -> Result<i128, String> {
        self.held("2110", id)
    }

    /// What a milestone's account of this row of the chart holds.
    pub(super) fn held(&self, code: &str, id: MilestoneId) -> Result<i128, String> {
        let contract_id = known(&self.milestones, &id)?.contract;
        let currency = known(&self.contracts, &contract_id)?.currency;
        Ok(self.books.credit(&of(code, contract_id, id), currency))
    }

    /// What the client pays on top of a milestone's amount: nothing on a bonus.
    pub(super) fn charge_on(&self, id: MilestoneId) -> Result<(i128, i128), String> {
        let milestone = known(&self.milestones, &id)?;
        let rates = known(&self.contracts, &milestone.contract)?.fees;
        if milestone.bonus {
            return Ok((0, 0));
        }
        let fee = super::books::share(rates.client_fee, milestone.amount);
        Ok((fee, super::books::tax(rates.client_fee_tax, fee)))
    }

    fn on_funded(&mut self, e: &EscrowFunded, told: Told<'_>) -> Law {
        told.by_provider()?;
        let (id, charge) = (e.contract_id, self.charge_on(e.milestone_id)?);
        let contract = known_mut(&mut self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.is(&["Funding"])?;
        law(milestone.deposit.take() == Some(e.deposit_id), "what waits is funded")?;
        let paid = (i128::from(e.charge.fee), i128::from(e.charge.tax));
        law(paid == charge, format!("the client pays {charge:?} on top"))?;
        law(i128::from(e.amount.minor()) == milestone.amount, "a milestone is funded whole")?;
        law(known(&self.deposits, &e.deposit_id)?.status == "Confirmed", "a confirmed deposit funds")?;
        let beside = charge.0 + charge.1;
        (milestone.status, milestone.charge) = ("Funded", charge);
        (milestone.funded_by, milestone.drops) = (Some(e.deposit_id), None);
        (milestone.held_since, milestone.waits_since) = (told.at, told.at);
        milestone.flow.into.0 += milestone.amount;
        milestone.flow.into.1 += beside;
        contract.funded();
        let lines = vec![
            ("1100".to_owned(), milestone.amount + beside),
            (of("2110", id, e.milestone_id), -milestone.amount),
            (of("2115", id, e.milestone_id), -beside),
        ];
        self.books.post(&e.entry, contract.currency, lines)
    }

    fn on_released(&mut self, e: &EscrowReleased, told: Told<'_>) -> Law {
        let (id, gross) = (e.contract_id, i128::from(e.slice.gross));
        let held = self.escrowed(e.milestone_id)?;
        let contract = known(&self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        if !self.debts.settles(Owed::Released(e.milestone_id, gross)) {
            law(milestone.bonus, "a release follows an approval")?;
            milestone.is(&["Funded"])?;
            told.by_time(milestone.held_since)?;
            law(gross == held, "a bonus is released whole")?;
        }
        milestone.moves_freely()?;
        milestone.is(&["Submitted", "Approved", "Funded", "ChangesRequested"])?;
        let due = days(told.at, contract.windows.clearing_days);
        law(e.clears_at.micros() == due && e.talent == contract.talent, "earnings clear after the window")?;
        let slice = milestone.price(contract).next(gross);
        milestone.charged = milestone.charged.plus(slice);
        milestone.flow.out.0 += gross;
        milestone.flow.out.1 += slice.client();
        milestone.status = if milestone.charged.gross == milestone.amount { "Released" } else { "Funded" };
        milestone.waits_since = told.at;
        milestone.lots.push(Lot::new(e.lot_id, gross, slice.net(), due));
        let mut lines = earned(&slice, &earnings(contract.talent, id, e.lot_id));
        lines.extend([
            (of("2110", id, e.milestone_id), gross),
            (of("2115", id, e.milestone_id), slice.client()),
        ]);
        self.books.post(&e.entry, contract.currency, lines)
    }

    fn on_refunded(&mut self, e: &EscrowRefunded, told: Told<'_>) -> Law {
        let id = e.contract_id;
        let (held, charge) = (self.escrowed(e.milestone_id)?, self.held("2115", e.milestone_id)?);
        let wound_up = self.debts.settles(Owed::GivenBack(e.milestone_id));
        let contract = known(&self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.moves_freely()?;
        milestone.is(&["RefundRequested", "Funded", "ChangesRequested", "Submitted"])?;
        if !wound_up {
            let waits = matches!(milestone.status, "Funded" | "ChangesRequested");
            let overdue = days(milestone.waits_since, contract.windows.overdue_days);
            let demanded = waits && told.at >= overdue && told.by(&[contract.client]).is_ok();
            let due =
                milestone.due(contract.windows.holding_days).filter(|_| milestone.status != "Submitted");
            let lapsed = due.is_some_and(|due| told.by_time(due).is_ok());
            law(
                told.by(&[contract.talent]).is_ok() || demanded || lapsed,
                format!("{} sends nothing back from {}", told.who, milestone.status),
            )?;
        }
        let back = (i128::from(e.amount.minor()), i128::from(e.charge));
        law(back == (held, charge), "all that is held goes back")?;
        law(milestone.funded_by == Some(e.deposit_id), "it goes back the way it came")?;
        milestone.flow.out.0 += held;
        milestone.flow.out.1 += charge;
        milestone.status = "Refunded";
        self.sent.push((e.refund_id, e.deposit_id, held + charge));
        let lines = vec![
            (of("2110", id, e.milestone_id), held),
            (of("2115", id, e.milestone_id), charge),
            (format!("2400:{}", contract.client), -held - charge),
        ];
        self.books.post(&e.entry, contract.currency, lines)
    }

    fn on_moved(&mut self, e: &EscrowMoved, told: Told<'_>) -> Law {
        let (id, held) = (e.contract_id, self.escrowed(e.from)?);
        let contract = known(&self.contracts, &id)?;
        told.by(&[contract.talent])?;
        let amount = Self::minor(contract, e.amount)?;
        let from = known_mut(&mut self.milestones, &e.from)?;
        from.is(&["Funded", "ChangesRequested"])?;
        from.moves_freely()?;
        law(from.moves.take() == Some((e.to, amount)), "what was proposed moves")?;
        law(from.funded_by == Some(e.deposit_id), "the money keeps its deposit")?;
        let charge = from.price(contract).moves(amount);
        let told_of = (i128::from(e.charge.fee), i128::from(e.charge.tax));
        law(told_of == charge, format!("{charge:?} of the charge moves along, not {told_of:?}"))?;
        let (total, held_since) = (charge.0 + charge.1, from.held_since);
        from.flow.out.0 += amount;
        from.flow.out.1 += total;
        if held == amount && from.charged.gross == 0 {
            (from.status, from.charge, from.funded_by) = ("Agreed", (0, 0), None);
        } else {
            from.amount -= amount;
            from.charge = (from.charge.0 - charge.0, from.charge.1 - charge.1);
            if held == amount {
                from.status = "Released";
            }
        }
        let to = known_mut(&mut self.milestones, &e.to)?;
        to.is(&["Agreed"])?;
        law(to.amount == amount, "a milestone is funded whole")?;
        (to.status, to.charge, to.funded_by, to.drops) = ("Funded", charge, Some(e.deposit_id), None);
        // The provider has held it since it was captured, wherever it moves.
        (to.held_since, to.waits_since) = (held_since, told.at);
        to.flow.into.0 += amount;
        to.flow.into.1 += total;
        let lines = vec![
            (of("2110", id, e.from), amount),
            (of("2115", id, e.from), total),
            (of("2110", id, e.to), -amount),
            (of("2115", id, e.to), -total),
        ];
        self.books.post(&e.entry, contract.currency, lines)
    }

    fn on_granted(&mut self, e: &EarningsRefunded, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        let (client, talent, currency) = (contract.client, contract.talent, contract.currency);
        told.by(&[talent])?;
        law(contract.status() == "Ended", "what was released is given back after the end")?;
        law(told.at <= days(contract.ended, contract.windows.give_back_days), "for its window")?;
        let gross = Self::minor(contract, e.amount)?;
        let free = self.free(talent, e.amount);
        let milestone = known(&self.milestones, &e.milestone_id)?;
        milestone.is(&["Released"])?;
        law(gross > 0 && gross <= milestone.grantable(), "no more than was released is given back")?;
        law(milestone.funded_by == Some(e.deposit_id), "it goes back the way it came")?;
        let back = milestone.price(contract).gives_back(milestone.granted, gross);
        let told_of = (i128::from(e.talent_fee), i128::from(e.talent_tax));
        law(told_of == (back.fee, back.tax), format!("the platform gives back {back:?}"))?;
        law(back.net() <= free, format!("only {free} are free"))?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.granted = milestone.granted.plus(back);
        self.sent.push((e.refund_id, e.deposit_id, gross));
        let returned = back.fee + back.tax;
        let lines = vec![
            (format!("2200:{talent}"), back.net()),
            ("1510".to_owned(), returned),
            (format!("2400:{client}"), -gross),
            ("4190".to_owned(), back.fee),
            ("2500".to_owned(), back.tax),
            ("2710".to_owned(), -returned),
        ];
        self.books.post(&e.entry, currency, lines)
    }

    fn on_cleared(&mut self, e: &EarningsCleared, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        let (talent, currency) = (contract.talent, contract.currency);
        let lot = self.lot(e.milestone_id, e.lot_id)?;
        law(lot.status == "OnHold", "what is on hold clears, once")?;
        told.by_time(lot.clears)?;
        lot.status = "Cleared";
        let net = lot.net;
        law(i128::from(e.amount.minor()) == net, "a lot clears whole")?;
        let lines = vec![(earnings(talent, e.contract_id, e.lot_id), net), (format!("2200:{talent}"), -net)];
        self.books.post(&e.entry, currency, lines)
    }

    /// What came in is held, earned or gone; and what is over holds nothing.
    pub(super) fn conserved(&self, id: MilestoneId) -> Law {
        let milestone = known(&self.milestones, &id)?;
        let (escrow, beside) = (self.escrowed(id)?, self.held("2115", id)?);
        let frozen = self.held("2120", id)?;
        let of_lots = milestone.lots.iter().filter(|lot| lot.status == "Disputed").map(|lot| lot.net);
        let frozen_earnings: i128 = of_lots.sum();
        let flow = &milestone.flow;
        law(
            flow.into.0 - flow.out.0 == escrow + frozen - frozen_earnings,
            format!("{id} lost or gained money"),
        )?;
        law(flow.into.1 - flow.out.1 == beside, format!("{id} lost or gained client fee"))?;
        law(
            !milestone.is_over() || (escrow, frozen, beside) == (0, 0, 0),
            format!("{id} is over and holds {escrow}, {frozen} and {beside}"),
        )
    }

    /// The payment that a milestone's money came with, and what of it can still go back.
    pub(crate) fn payment_of(&self, id: MilestoneId) -> Option<Matched<'_>> {
        let deposit = self.milestones.get(&id)?.funded_by?;
        self.deposits.get(&deposit)?.matched()
    }
}

impl Lot {
    pub(super) fn new(id: LotId, gross: i128, net: i128, clears: i64) -> Self {
        // What leaves the talent nothing has nothing to clear.
        let status = if net == 0 { "Cleared" } else { "OnHold" };
        Self { id, gross, net, clears, status, stopped: 0 }
    }
}

/// An account of a milestone, as it is written.
pub(super) fn of(code: &str, contract: ContractId, milestone: MilestoneId) -> String {
    format!("{code}:{contract}:{milestone}")
}

/// A lot's account, as it is written.
pub(super) fn earnings(talent: PartyId, contract: ContractId, lot: LotId) -> String {
    format!("2210:{talent}:{contract}:{lot}")
}

/// What a release of this slice earns, beside what it takes from escrow.
pub(super) fn earned(slice: &Slice, lot: &str) -> Vec<(String, i128)> {
    let (fees, taxes) = (slice.fees(), slice.taxes());
    vec![
        (lot.to_owned(), -slice.net()),
        ("2700".to_owned(), -fees - taxes),
        ("1500".to_owned(), fees + taxes),
        ("4100".to_owned(), -fees),
        ("2500".to_owned(), -taxes),
    ]
}
