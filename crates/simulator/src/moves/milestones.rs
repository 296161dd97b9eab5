//! Milestones: work, review, refunds, disputes, and what the house freezes.

use super::{Moves, as_side, money, one_of, text};
use crate::model::{Contract, Milestone, Model, days};
use crate::people;
use crate::provider::RAIL;
use domain::contract::{
    AgreeMilestone, AgreeMove, AgreeRefund, ApproveMilestone, CancelMilestone, DemandRefund, DropMove,
    FreezeEarnings, FreezeFunds, FundMilestone, MoveFunds, PartiallyRelease, RefundMilestone, RejectRefund,
    ReleaseEarly, RequestChanges, RequestRefund, Rest, SubmitWork, UnfreezeEarnings, UnfreezeFunds,
    WithdrawRefundRequest,
};
use domain::deposit::PaymentMethod;
use domain::dispute::OpenDispute;
use domain::id::{ContractId, MilestoneId};
use domain::proposal::Party;
use domain::{Actor, Role};
use fastrand::Rng;

/// Whether something may still become of its money.
pub(super) fn is_moving(milestone: &Milestone) -> bool {
    let lots = milestone.lots.iter().any(|lot| matches!(lot.status, "OnHold" | "Frozen"));
    !milestone.is_over() || lots
}

/// A milestone, as somebody acts on it.
struct Scene<'a> {
    model: &'a Model,
    contract_id: ContractId,
    contract: &'a Contract,
    milestone_id: MilestoneId,
    milestone: &'a Milestone,
    held: i128,
    now: i64,
}

impl Scene<'_> {
    fn by(&self, side: Party) -> Actor {
        as_side(self.contract.side(side), side)
    }

    fn client(&self) -> Actor {
        self.by(Party::Client)
    }

    fn talent(&self) -> Actor {
        self.by(Party::Talent)
    }

    fn is_frozen(&self) -> bool {
        self.milestone.frozen.is_some()
    }
}

/// All that may be done about a milestone.
pub(super) fn moves(model: &Model, milestone_id: MilestoneId, now: i64, dice: &mut Rng) -> Option<Moves> {
    let milestone = model.milestones.get(&milestone_id)?;
    let contract_id = milestone.contract;
    let contract = model.contracts.get(&contract_id)?;
    let held = model.escrowed(milestone_id).ok()?;
    let scene = Scene { model, contract_id, contract, milestone_id, milestone, held, now };
    let mut moves = Moves::default();
    match milestone.status {
        "Proposed" | "Agreed" => planned(&mut moves, &scene, dice)?,
        "Funded" | "ChangesRequested" => {
            waiting(&mut moves, &scene, dice)?;
            moving(&mut moves, &scene, dice);
        }
        "Submitted" => reviewed(&mut moves, &scene, dice)?,
        "RefundRequested" => asked_back(&mut moves, &scene)?,
        _ => {}
    }
    claims(&mut moves, &scene, dice)?;
    frost(&mut moves, &scene)?;
    Some(moves)
}

fn planned(moves: &mut Moves, scene: &Scene<'_>, dice: &mut Rng) -> Option<()> {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    let cancel = CancelMilestone { contract_id, milestone_id };
    if let Some(proposer) = scene.milestone.proposer.filter(|_| scene.milestone.status == "Proposed") {
        moves.add(1, scene.by(proposer), cancel);
        if scene.contract.takes_work() {
            let agree = AgreeMilestone { contract_id, milestone_id };
            moves.add(8, scene.by(proposer.other()), agree);
        }
        return Some(());
    }
    let dropper = scene.milestone.drops.map_or_else(|| super::side(dice), Party::other);
    moves.add(1, scene.by(dropper), cancel);
    if scene.contract.takes_work() {
        let payment_method = PaymentMethod::parse("pm_simulated").ok()?;
        moves.add(
            14,
            scene.client(),
            FundMilestone { contract_id, milestone_id, rail: RAIL, payment_method },
        );
    }
    Some(())
}

/// Money waits for work.
fn waiting(moves: &mut Moves, scene: &Scene<'_>, dice: &mut Rng) -> Option<()> {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    if !scene.milestone.bonus {
        moves.add(12, scene.talent(), SubmitWork { contract_id, milestone_id, note: text()? });
    }
    moves.add(3, scene.client(), RequestRefund { contract_id, milestone_id, reasons: text()? });
    if scene.is_frozen() {
        return Some(());
    }
    moves.add(1, scene.talent(), RefundMilestone { contract_id, milestone_id });
    if dice.bool() {
        moves.add(2, scene.client(), ReleaseEarly { contract_id, milestone_id });
    }
    let overdue = days(scene.milestone.waits_since, scene.contract.windows.overdue_days);
    if scene.now >= overdue {
        moves.add(12, scene.client(), DemandRefund { contract_id, milestone_id });
    }
    Some(())
}

/// Money is to fund another milestone.
fn moving(moves: &mut Moves, scene: &Scene<'_>, dice: &mut Rng) {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    if let Some((to, amount)) = scene.milestone.moves {
        moves.add(8, scene.by(super::side(dice)), DropMove { contract_id, milestone_id });
        let target = scene.model.milestones.get(&to);
        let stands = target.is_some_and(|to| to.status == "Agreed" && to.amount == amount);
        if stands && amount <= scene.held && !scene.is_frozen() {
            moves.add(12, scene.talent(), AgreeMove { contract_id, milestone_id });
        }
    }
    let fits = |id: &&MilestoneId| {
        let to = scene.model.milestones.get(*id);
        to.is_some_and(|to| to.status == "Agreed" && to.amount <= scene.held)
    };
    let targets: Vec<MilestoneId> = scene.contract.milestones.iter().filter(fits).copied().collect();
    if let Some(to) = one_of(dice, &targets).filter(|_| !scene.is_frozen()) {
        moves.add(14, scene.client(), MoveFunds { contract_id, milestone_id, to });
    }
}

fn reviewed(moves: &mut Moves, scene: &Scene<'_>, dice: &mut Rng) -> Option<()> {
    let (contract_id, milestone_id, held) = (scene.contract_id, scene.milestone_id, scene.held);
    moves.add(10, scene.client(), ApproveMilestone { contract_id, milestone_id });
    moves.add(4, scene.client(), RequestChanges { contract_id, milestone_id, reasons: text()? });
    if scene.is_frozen() {
        return Some(());
    }
    moves.add(1, scene.talent(), RefundMilestone { contract_id, milestone_id });
    if held < 2 {
        return Some(());
    }
    let currency = scene.contract.currency;
    let part = 1 + i128::from(dice.u32(..)) % (held - 1);
    for (rest, reasons) in [(Rest::Kept, None), (Rest::AskedBack, text())] {
        let amount = money(part, currency)?;
        let part = PartiallyRelease { contract_id, milestone_id, amount, rest, reasons };
        moves.add(4, scene.client(), part);
    }
    for to in scene.contract.milestones.iter().copied() {
        let needs = scene.model.milestones.get(&to).filter(|to| to.status == "Agreed").map(|to| to.amount);
        if let Some(amount) =
            needs.filter(|needs| *needs < held).and_then(|needs| money(held - needs, currency))
        {
            let rest = Rest::RolledForward(to);
            let part = PartiallyRelease { contract_id, milestone_id, amount, rest, reasons: None };
            moves.add(9, scene.client(), part);
        }
    }
    Some(())
}

fn asked_back(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    // Once the end is agreed, a request is what brings it.
    if !scene.contract.winds_up {
        moves.add(3, scene.client(), WithdrawRefundRequest { contract_id, milestone_id });
    }
    if !scene.is_frozen() {
        moves.add(2, scene.talent(), AgreeRefund { contract_id, milestone_id });
        moves.add(4, scene.talent(), RejectRefund { contract_id, milestone_id, answer: text()? });
    }
    Some(())
}

/// Who disputes what is held, or what was released and is on hold.
fn claims(moves: &mut Moves, scene: &Scene<'_>, dice: &mut Rng) -> Option<()> {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    let side = match scene.milestone.status {
        "Released" => Party::Client,
        "Funded" | "Submitted" | "ChangesRequested" | "RefundRequested" => super::side(dice),
        _ => return Some(()),
    };
    let disputed = scene.model.disputable(milestone_id).ok()?;
    if disputed <= 0 || scene.is_frozen() {
        return Some(());
    }
    let claim = if dice.bool() { disputed } else { 1 + i128::from(dice.u32(..)) % disputed };
    let (claim, reason) = (money(claim, scene.contract.currency)?, text()?);
    moves.add(4, scene.by(side), OpenDispute { contract_id, milestone_id, claim, reason });
    Some(())
}

/// What compliance freezes, and lets go.
fn frost(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let (contract_id, milestone_id) = (scene.contract_id, scene.milestone_id);
    let compliance = || people::office(Role::Compliance);
    if scene.is_frozen() {
        moves.add(5, compliance(), UnfreezeFunds { contract_id, milestone_id });
    } else if matches!(
        scene.milestone.status,
        "Funded" | "Submitted" | "ChangesRequested" | "RefundRequested" | "Disputed"
    ) {
        moves.add(1, compliance(), FreezeFunds { contract_id, milestone_id, reason: text()? });
    }
    for lot in &scene.milestone.lots {
        match lot.status {
            "OnHold" => {
                let freeze = FreezeEarnings { contract_id, lot_id: lot.id, reason: text()? };
                moves.add(1, compliance(), freeze);
            }
            "Frozen" => moves.add(4, compliance(), UnfreezeEarnings { contract_id, lot_id: lot.id }),
            _ => {}
        }
    }
    Some(())
}
