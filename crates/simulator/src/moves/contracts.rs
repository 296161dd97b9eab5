//! Contracts: their terms, their end, and what comes after it.

use super::{MILESTONES, Move, Moves, amount, as_side, milestones, money, one_of, side, text};
use crate::model::{Contract, Milestone, Model, days};
use crate::people;
use crate::provider::RAIL;
use domain::contract::{
    AcceptAmendment, AgreeEnd, CancelContract, Change, DisputeEnd, GrantRefund, PauseContract, PauseReason,
    PayBonus, ProposeAmendment, ProposeMilestone, RejectAmendment, ReopenContract, RequestEnd,
    ResumeContract, TerminateContract, WithdrawAmendment, WithdrawEnd,
};
use domain::deposit::PaymentMethod;
use domain::id::{ContractId, MilestoneId};
use domain::personal::Personal;
use domain::proposal::Party;
use domain::{Actor, Role};
use fastrand::Rng;

/// Something about a contract that is alive, mostly about one of its milestones.
pub(super) fn on_contract(model: &Model, id: ContractId, now: i64, dice: &mut Rng) -> Option<Move> {
    let contract = model.contracts.get(&id)?;
    let moving = |id: &&MilestoneId| model.milestones.get(*id).is_some_and(milestones::is_moving);
    let open: Vec<MilestoneId> = contract.milestones.iter().filter(moving).copied().collect();
    if open.is_empty() || dice.u8(..4) == 0 {
        return terms(model, (id, contract), dice)?.draw(dice);
    }
    let milestone = one_of(dice, &open)?;
    milestones::moves(model, milestone, now, dice)?.draw(dice)
}

fn terms(model: &Model, (contract_id, contract): (ContractId, &Contract), dice: &mut Rng) -> Option<Moves> {
    let mut moves = Moves::default();
    let by = |side: Party| as_side(contract.side(side), side);
    let either = |dice: &mut Rng| by(side(dice));
    let status = contract.status();
    if status == "Created" {
        moves.add(1, either(dice), CancelContract { contract_id });
    }
    if contract.takes_work() && contract.milestones.len() < MILESTONES {
        let amount = amount(dice, contract.currency)?;
        moves.add(3, either(dice), ProposeMilestone { contract_id, title: text()?, amount });
    }
    if matches!(status, "Active" | "Paused") {
        moves.add(3, either(dice), RequestEnd { contract_id });
        pauses(&mut moves, (contract_id, contract));
    }
    if status == "Active" && contract.amendment.is_none() {
        let changes = changes(model, contract, dice)?;
        if amendable(model, contract, &changes) {
            moves.add(4, either(dice), ProposeAmendment { contract_id, changes });
        }
    }
    if matches!(status, "Created" | "Active" | "Paused" | "Ending") && dice.u8(..4) == 0 {
        let reason = text()?;
        moves.add(1, people::office(Role::Compliance), TerminateContract { contract_id, reason });
    }
    answers(&mut moves, model, (contract_id, contract));
    if let Some((requester, _)) = contract.asked.filter(|_| status == "Ending") {
        moves.add(2, by(requester), WithdrawEnd { contract_id });
        moves.add(3, by(requester.other()), AgreeEnd { contract_id });
        moves.add(3, by(requester.other()), DisputeEnd { contract_id, reason: text()? });
    }
    Some(moves)
}

/// What stops a contract from beginning anything new, and has it go on.
fn pauses(moves: &mut Moves, (contract_id, contract): (ContractId, &Contract)) {
    let reasons: [(PauseReason, Actor); 2] = [
        (PauseReason::Client, people::client(contract.client)),
        (PauseReason::Support, people::office(Role::Support)),
    ];
    for (reason, actor) in reasons {
        if contract.pauses.contains(&reason) {
            moves.add(6, actor, ResumeContract { contract_id });
        } else {
            moves.add(1, actor, PauseContract { contract_id });
        }
    }
}

/// What becomes of the amendment that waits for an answer.
fn answers(moves: &mut Moves, model: &Model, (contract_id, contract): (ContractId, &Contract)) {
    let Some(amendment) = &contract.amendment else { return };
    let by = |side: Party| as_side(contract.side(side), side);
    let (number, author, other) = (amendment.number, by(amendment.author), by(amendment.author.other()));
    if contract.status() == "Active" && amendable(model, contract, &amendment.changes) {
        moves.add(8, other.clone(), AcceptAmendment { contract_id, number });
    }
    if matches!(contract.status(), "Active" | "Paused" | "Ending") {
        moves.add(2, other, RejectAmendment { contract_id, number });
        moves.add(2, author, WithdrawAmendment { contract_id, number });
    }
}

fn changes(model: &Model, contract: &Contract, dice: &mut Rng) -> Option<Vec<Change>> {
    let mut changes = Vec::new();
    for id in &contract.milestones {
        let milestone = model.milestones.get(id)?;
        if !matches!(milestone.status, "Agreed" | "Funded") || dice.bool() {
            continue;
        }
        let amount = amount(dice, contract.currency).filter(|_| milestone.status == "Agreed");
        changes.push(Change::Revise { milestone_id: *id, title: text().map(Personal::Clear), amount });
    }
    if changes.is_empty() || dice.bool() {
        changes
            .push(Change::Add { title: Personal::Clear(text()?), amount: amount(dice, contract.currency)? });
    }
    Some(changes)
}

/// Whether all of it can be made as the milestones stand.
fn amendable(model: &Model, contract: &Contract, changes: &[Change]) -> bool {
    let can = |change: &Change| match change {
        Change::Add { .. } => contract.milestones.len() < MILESTONES,
        Change::Revise { milestone_id, amount, .. } => {
            model.milestones.get(milestone_id).is_some_and(|milestone| match amount {
                Some(_) => milestone.status == "Agreed",
                None => matches!(milestone.status, "Agreed" | "Funded"),
            })
        }
    };
    changes.iter().all(can)
}

/// Something about a contract that has ended.
pub(super) fn after_the_end(model: &Model, now: i64, dice: &mut Rng) -> Option<Move> {
    let ended: Vec<ContractId> =
        model.contracts.iter().filter(|(_, c)| c.status() == "Ended").map(|(id, _)| *id).collect();
    let contract_id = one_of(dice, &ended)?;
    let contract = model.contracts.get(&contract_id)?;
    let mut moves = Moves::default();
    let client = people::client(contract.client);
    let reopener = contract.reopens.map_or_else(|| side(dice), Party::other);
    let weight = if contract.reopens.is_some() { 4 } else { 1 };
    moves.add(weight, as_side(contract.side(reopener), reopener), ReopenContract { contract_id });
    if now <= days(contract.ended, contract.windows.bonus_days) && contract.milestones.len() < 2 * MILESTONES
    {
        let bonus = PayBonus {
            contract_id,
            title: text()?,
            amount: amount(dice, contract.currency)?,
            rail: RAIL,
            payment_method: PaymentMethod::parse("pm_simulated").ok()?,
        };
        moves.add(3, client, bonus);
    }
    let frozen = |id: &&MilestoneId| model.milestones.get(*id).is_some_and(is_disputable);
    let mut disputable: Vec<MilestoneId> = contract.milestones.iter().filter(frozen).copied().collect();
    dice.shuffle(&mut disputable);
    if let Some(next) = disputable.first().and_then(|id| milestones::moves(model, *id, now, dice)) {
        moves.0.extend(next.0);
    }
    grants(&mut moves, model, (contract_id, contract), now, dice);
    moves.draw(dice)
}

fn is_disputable(milestone: &Milestone) -> bool {
    milestones::is_moving(milestone)
}

/// What the talent may give back of what was released.
fn grants(
    moves: &mut Moves,
    model: &Model,
    (contract_id, contract): (ContractId, &Contract),
    now: i64,
    dice: &mut Rng,
) {
    if now > days(contract.ended, contract.windows.give_back_days) {
        return;
    }
    for milestone_id in contract.milestones.iter().copied() {
        let Some(milestone) = model.milestones.get(&milestone_id) else { continue };
        let left = model.payment_of(milestone_id).map_or(0, |payment| payment.left);
        let Some(one) = money(1, contract.currency) else { continue };
        // What the platform gives back of its fee is not the talent's to have.
        let most = milestone.grantable().min(left).min(model.free(contract.talent, one));
        if milestone.status != "Released" || most <= 0 {
            continue;
        }
        let part = if dice.bool() { most } else { most - i128::from(dice.u32(..1_000)) % most };
        if let Some(amount) = money(part, contract.currency) {
            moves.add(4, people::talent(contract.talent), GrantRefund { contract_id, milestone_id, amount });
        }
    }
}
