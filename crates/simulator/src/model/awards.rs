//! What disputes do to a milestone's money: it is frozen, thaws, or is divided.

use super::escrow::{earned, earnings, of};
use super::milestones::{Lot, Milestone};
use super::owed::Owed;
use super::{Law, Model, Status, Told, days, known, known_mut, later, law};
use domain::contract::{AwardApplied, Division, EscrowFrozen, EscrowUnfrozen};
use domain::id::MilestoneId;
use domain::ledger::Slice as Posted;

impl Milestone {
    /// The lots that a dispute after the release is about.
    fn open_lots(&self, status: Status) -> impl Iterator<Item = &Lot> {
        self.lots.iter().filter(move |lot| lot.status == status)
    }
}

impl Model {
    /// What a dispute about a milestone divides, before fees: its escrow, or what was released of it and is on hold.
    pub(crate) fn disputable(&self, id: MilestoneId) -> Result<i128, String> {
        let milestone = known(&self.milestones, &id)?;
        if milestone.status != "Released" {
            return self.escrowed(id);
        }
        let gross: i128 = milestone.open_lots("OnHold").map(|lot| lot.gross).sum();
        Ok(gross.min(milestone.grantable()))
    }

    pub(super) fn on_frozen(&mut self, e: &EscrowFrozen, told: Told<'_>) -> Law {
        let (id, escrow) = (e.contract_id, self.escrowed(e.milestone_id)?);
        self.debts.must(Owed::Frozen(e.dispute_id))?;
        let contract = known(&self.contracts, &id)?;
        let talent = contract.talent;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.moves_freely()?;
        let refused = milestone.status == "RefundRequested" && !e.resumes;
        let prior = if refused { milestone.prior } else { milestone.status };
        let released = milestone.status == "Released";
        let (mut lines, mut lots, mut total) = (Vec::new(), Vec::new(), 0);
        for lot in milestone.lots.iter_mut().filter(|lot| released && lot.status == "OnHold") {
            (lot.status, lot.stopped) = ("Disputed", told.at);
            lines.push((earnings(talent, id, lot.id), lot.net));
            lots.push(lot.id);
            total += lot.net;
        }
        if !released {
            lines.push((of("2110", id, e.milestone_id), escrow));
            total = escrow;
        }
        law(e.lots == lots, "all that is on hold is frozen")?;
        law(i128::from(e.amount.minor()) == total && total > 0, "all that is held is frozen")?;
        lines.push((of("2120", id, e.milestone_id), -total));
        (milestone.status, milestone.dispute) = ("Disputed", Some(e.dispute_id));
        (milestone.interrupted, milestone.moves) = (Some((prior, told.at)), None);
        self.books.post(&e.entry, contract.currency, lines)
    }

    pub(super) fn on_thawed(&mut self, e: &EscrowUnfrozen, told: Told<'_>) -> Law {
        let (id, frozen) = (e.contract_id, self.held("2120", e.milestone_id)?);
        self.debts.must(Owed::Thawed(e.dispute_id))?;
        let contract = known(&self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.is(&["Disputed"])?;
        milestone.moves_freely()?;
        law(milestone.dispute.take() == Some(e.dispute_id), "it thaws with its dispute")?;
        let (prior, since) = milestone.interrupted.take().ok_or("it was interrupted nowhere")?;
        milestone.status = prior;
        milestone.due = later(milestone.due, since, told.at);
        milestone.waits_since = later(milestone.waits_since, since, told.at);
        law(i128::from(e.amount.minor()) == frozen, "all that is frozen thaws")?;
        let mut lines = vec![(of("2120", id, e.milestone_id), frozen)];
        for lot in milestone.lots.iter_mut().filter(|lot| lot.status == "Disputed") {
            (lot.status, lot.clears) = ("OnHold", later(lot.clears, lot.stopped, told.at));
            lines.push((earnings(contract.talent, id, lot.id), -lot.net));
        }
        if prior != "Released" {
            lines.push((of("2110", id, e.milestone_id), -frozen));
        }
        if contract.winds_up && matches!(prior, "Funded" | "ChangesRequested") {
            self.debts.owe(Owed::AskedBack(e.milestone_id));
        }
        self.books.post(&e.entry, contract.currency, lines)
    }

    pub(super) fn on_awarded(&mut self, e: &AwardApplied, told: Told<'_>) -> Law {
        self.debts.settles(Owed::Award(e.dispute_id));
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        law(matches!(dispute.status, "Settled" | "Final"), "what is agreed or decided for good is executed")?;
        law(dispute.fees_held() == 0, "the fees are settled first")?;
        dispute.status = "Closed";
        let (client, disputed) = (dispute.shares.ok_or("nothing was decided")?, dispute.disputed);
        let shares = (i128::from(e.shares.client.minor()), i128::from(e.shares.talent.minor()));
        law(shares == (client, disputed - client), "what was agreed or decided is executed")?;
        let milestone = known(&self.milestones, &e.milestone_id)?;
        milestone.is(&["Disputed"])?;
        milestone.moves_freely()?;
        law(milestone.dispute == Some(e.dispute_id), "it is its own milestone's dispute")?;
        told.by_time(milestone.awarded.ok_or("nothing waits to be executed")?)?;
        let contract = known(&self.contracts, &e.contract_id)?;
        law((e.client, e.talent) == (contract.client, contract.talent), "it is between the parties")?;
        let (back, left) = match e.division {
            Division::Escrow { earned, charge_back } => {
                self.divide_escrow(e, shares, &earned, charge_back)?
            }
            Division::Earnings { taken_back } => self.divide_earnings(e, shares.0, &taken_back)?,
        };
        self.pay_out(e, told, (back, left))
    }

    /// What goes back is sent, what is left for the talent is on hold.
    fn pay_out(&mut self, e: &AwardApplied, told: Told<'_>, (back, left): (i128, i128)) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.status = "Resolved";
        law(e.refund.is_some() == (back > 0), "what goes back is refunded")?;
        if let Some(refund) = &e.refund {
            law(milestone.funded_by == Some(refund.deposit_id), "it goes back the way it came")?;
            law(i128::from(refund.amount.minor()) == back, format!("{back} go back"))?;
            self.sent.push((refund.refund_id, refund.deposit_id, back));
        }
        law(e.lot.is_some() == (left > 0), "what is left for the talent is on hold")?;
        if let Some(lot) = &e.lot {
            let due = days(told.at, contract.windows.clearing_days);
            law(i128::from(lot.amount.minor()) == left, format!("{left} are left for the talent"))?;
            law(lot.clears_at.micros() == due, "earnings clear after the window")?;
            let gross = i128::from(e.shares.talent.minor());
            milestone.lots.push(Lot::new(lot.lot_id, gross, left, due));
        }
        Ok(())
    }

    /// Of escrow the talent's share is earned as in a release; all else, and what is left of the charge, goes back.
    fn divide_escrow(
        &mut self,
        e: &AwardApplied,
        (client, talent): (i128, i128),
        posted: &Posted,
        charge_back: i64,
    ) -> Result<(i128, i128), String> {
        let id = e.contract_id;
        let (frozen, beside) = (self.held("2120", e.milestone_id)?, self.held("2115", e.milestone_id)?);
        law(frozen == client + talent, "all that is frozen is divided")?;
        let contract = known(&self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        let slice = milestone.price(contract).next(talent);
        same(posted, &slice)?;
        let returned = beside - slice.client();
        law(i128::from(charge_back) == returned, format!("{returned} of the charge go back"))?;
        milestone.charged = milestone.charged.plus(slice);
        milestone.flow.out.0 += frozen;
        milestone.flow.out.1 += beside;
        let lot = e.lot.map_or_else(String::new, |lot| earnings(contract.talent, id, lot.lot_id));
        let mut lines = earned(&slice, &lot);
        lines.extend([
            (of("2120", id, e.milestone_id), frozen),
            (of("2115", id, e.milestone_id), beside),
            (format!("2400:{}", contract.client), -client - returned),
        ]);
        self.books.post(&e.entry, contract.currency, lines)?;
        Ok((client + returned, slice.net()))
    }

    /// Of earnings the client's share is taken back, and the platform gives back its fees on it.
    fn divide_earnings(
        &mut self,
        e: &AwardApplied,
        client: i128,
        posted: &Posted,
    ) -> Result<(i128, i128), String> {
        let (id, frozen) = (e.contract_id, self.held("2120", e.milestone_id)?);
        let contract = known(&self.contracts, &id)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        let taken = milestone.price(contract).takes_back(milestone.granted, client, frozen);
        same(posted, &taken)?;
        let (fees, taxes) = (taken.fees(), taken.taxes());
        let (back, left) = (client + taken.client(), frozen - taken.net());
        law(left >= 0, "no more is taken than is frozen")?;
        milestone.charged = milestone.charged.minus(taken);
        for lot in milestone.lots.iter_mut().filter(|lot| lot.status == "Disputed") {
            lot.status = "Taken";
        }
        let lot = e.lot.map_or_else(String::new, |lot| earnings(contract.talent, id, lot.lot_id));
        let lines = vec![
            (of("2120", id, e.milestone_id), frozen),
            ("1510".to_owned(), fees + taxes),
            (format!("2400:{}", contract.client), -back),
            (lot, -left),
            ("4190".to_owned(), fees),
            ("2500".to_owned(), taxes),
            ("2710".to_owned(), -fees - taxes),
        ];
        self.books.post(&e.entry, contract.currency, lines)?;
        Ok((back, left))
    }
}

/// That the event tells what the rules come to.
fn same(posted: &Posted, slice: &super::fees::Slice) -> Law {
    let told = super::fees::Slice {
        gross: i128::from(posted.gross),
        fee: i128::from(posted.talent_fee),
        tax: i128::from(posted.talent_tax),
        client_fee: i128::from(posted.client_fee),
        client_tax: i128::from(posted.client_tax),
    };
    law(told == *slice, format!("told {told:?} where the rules say {slice:?}"))
}
