//! Disputes: what both sides say, and what the house decides.

use super::{Moves, as_side, money, text};
use crate::model::{Dispute, Model, OFFERS_MAX, PIECES_MAX, Rung};
use crate::people;
use domain::dispute::{
    AcceptRecommendation, AcceptSettlementOffer, AppealGround, AskDisputeQuestion, ConcedeDispute,
    DecideAppeal, DecideSmallClaim, EscalateDispute, FeeBearer, FileAppeal, IssueAward, IssueRecommendation,
    MakeSettlementOffer, PayArbitrationFee, RejectRecommendation, RespondToDispute, ResumeDispute,
    SubmitEvidence, SuspendDispute, WithdrawDispute,
};
use domain::id::{DisputeId, TypedId};
use domain::money::{Currency, Money};
use domain::proposal::Party;
use domain::{Actor, Role};

/// A dispute, as somebody acts in it.
struct Scene<'a> {
    model: &'a Model,
    id: DisputeId,
    dispute: &'a Dispute,
    currency: Currency,
    /// Whether the house has frozen the money.
    frozen: bool,
    now: i64,
}

impl Scene<'_> {
    fn by(&self, side: Party) -> Actor {
        as_side(self.dispute.party(side), side)
    }

    /// Somebody of the house who may act at a rung.
    fn staff(&self, role: Role, rung: Rung) -> Option<Actor> {
        let actor = if rung == Rung::Appeal { people::reviewer(role) } else { people::office(role) };
        self.dispute.is_neutral(&actor.to_string(), rung).then_some(actor)
    }

    /// Something between the least and the most that the house may give the client.
    fn judged(&self) -> Option<Money> {
        let (least, most) = self.dispute.range();
        let salt = i128::try_from(self.id.uuid().as_u128() >> 64).unwrap_or_default();
        money(least + (salt ^ i128::from(self.now)).rem_euclid(most - least + 1), self.currency)
    }
}

/// All that may be done in a dispute.
pub(super) fn moves(model: &Model, id: DisputeId, now: i64) -> Moves {
    let mut moves = Moves::default();
    let Some(dispute) = model.disputes.get(&id) else { return moves };
    let Some(contract) = model.contracts.get(&dispute.contract) else { return moves };
    let frozen = model.milestones.get(&dispute.milestone).is_none_or(|m| m.frozen.is_some());
    let scene = Scene { model, id, dispute, currency: contract.currency, frozen, now };
    let found = match dispute.status {
        "AwaitingResponse" => answers(&mut moves, &scene),
        "Negotiation" => {
            negotiation(&mut moves, &scene);
            Some(())
        }
        "Mediation" => mediation(&mut moves, &scene),
        "Recommended" => {
            recommended(&mut moves, &scene);
            Some(())
        }
        "ArbitrationOffered" => offered(&mut moves, &scene),
        "Arbitration" => arbitration(&mut moves, &scene),
        "Decided" | "Appealed" => appeal(&mut moves, &scene),
        _ => Some(()),
    };
    if found.is_some() {
        agreement(&mut moves, &scene);
        rest(&mut moves, &scene);
    }
    moves
}

fn answers(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let respondent = scene.by(scene.dispute.opener.other());
    moves.add(20, respondent.clone(), RespondToDispute { dispute_id: scene.id, answer: text()? });
    moves.add(2, respondent, ConcedeDispute { dispute_id: scene.id });
    Some(())
}

fn negotiation(moves: &mut Moves, scene: &Scene<'_>) {
    if scene.now >= scene.dispute.escalates_from {
        for side in [Party::Client, Party::Talent] {
            moves.add(12, scene.by(side), EscalateDispute { dispute_id: scene.id });
        }
    }
}

fn evidence(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    for side in [Party::Client, Party::Talent].into_iter().filter(|side| scene.dispute.hears(*side)) {
        let evidence = SubmitEvidence { dispute_id: scene.id, text: text()?, attachment: None };
        moves.add(3, scene.by(side), evidence);
    }
    Some(())
}

fn mediation(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let dispute_id = scene.id;
    evidence(moves, scene)?;
    let Some(mediator) = scene.staff(Role::Support, Rung::Mediation) else { return Some(()) };
    if scene.dispute.sealed {
        let recommends = IssueRecommendation { dispute_id, client_share: scene.judged()?, reasons: text()? };
        moves.add(5, mediator, recommends);
    } else if scene.dispute.questions < PIECES_MAX {
        moves.add(3, mediator, AskDisputeQuestion { dispute_id, question: text()? });
    }
    Some(())
}

fn recommended(moves: &mut Moves, scene: &Scene<'_>) {
    let dispute_id = scene.id;
    for side in [Party::Client, Party::Talent] {
        if scene.dispute.accepted != Some(side) {
            moves.add(2, scene.by(side), AcceptRecommendation { dispute_id });
        }
        moves.add(5, scene.by(side), RejectRecommendation { dispute_id });
    }
}

fn offered(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let dispute_id = scene.id;
    let Some(fee) = scene.dispute.fee else {
        let Some(arbitrator) = scene.staff(Role::Arbitrator, Rung::Arbitration) else { return Some(()) };
        let decides = DecideSmallClaim { dispute_id, client_share: scene.judged()?, reasons: text()? };
        moves.add(8, arbitrator, decides);
        return Some(());
    };
    let one = money(1, scene.currency)?;
    let wallet = format!("2100:{}", scene.dispute.party(Party::Client));
    let talent = scene.model.free(scene.dispute.party(Party::Talent), one);
    let has = [(Party::Client, scene.model.books.credit(&wallet, scene.currency)), (Party::Talent, talent)];
    for (side, has) in has {
        if has >= fee && !scene.dispute.has_paid(side) {
            moves.add(20, scene.by(side), PayArbitrationFee { dispute_id });
        }
    }
    Some(())
}

fn arbitration(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    evidence(moves, scene)?;
    let Some(arbitrator) = scene.staff(Role::Arbitrator, Rung::Arbitration) else { return Some(()) };
    for fee_bearer in [FeeBearer::Client, FeeBearer::Talent, FeeBearer::Both] {
        let (client_share, reasons) = (scene.judged()?, text()?);
        let award = IssueAward { dispute_id: scene.id, client_share, fee_bearer, reasons };
        moves.add(4, arbitrator.clone(), award);
    }
    Some(())
}

fn appeal(moves: &mut Moves, scene: &Scene<'_>) -> Option<()> {
    let dispute_id = scene.id;
    if scene.dispute.status == "Decided" {
        for side in [Party::Client, Party::Talent].into_iter().filter(|side| scene.dispute.has_lost(*side)) {
            let appeal = FileAppeal { dispute_id, ground: AppealGround::Procedure, reasons: text()? };
            moves.add(4, scene.by(side), appeal);
        }
        return Some(());
    }
    for role in [Role::Support, Role::Arbitrator] {
        let Some(reviewer) = scene.staff(role, Rung::Appeal) else { continue };
        let decides = DecideAppeal { dispute_id, client_share: scene.judged()?, reasons: text()? };
        moves.add(4, reviewer, decides);
    }
    Some(())
}

/// Both sides may agree, or give it up, before it is decided.
fn agreement(moves: &mut Moves, scene: &Scene<'_>) {
    let (dispute, dispute_id) = (scene.dispute, scene.id);
    let alone = matches!(dispute.status, "AwaitingResponse" | "Negotiation" | "Mediation");
    if alone && !scene.frozen {
        moves.add(1, scene.by(dispute.opener), WithdrawDispute { dispute_id });
    }
    if !dispute.is_open() {
        return;
    }
    let number = dispute.offer.map_or(0, |(number, _, _)| number);
    if let Some((_, author, _)) = dispute.offer {
        moves.add(1, scene.by(author.other()), AcceptSettlementOffer { dispute_id, number });
    }
    let offer = money(dispute.disputed / 3, scene.currency).filter(|_| number < OFFERS_MAX);
    if let Some(client_share) = offer {
        for side in [Party::Client, Party::Talent] {
            moves.add(1, scene.by(side), MakeSettlementOffer { dispute_id, client_share });
        }
    }
    match dispute.given_up {
        None if dispute.takes_both() => {
            moves.add(1, scene.by(Party::Client), WithdrawDispute { dispute_id });
            moves.add(1, scene.by(Party::Talent), WithdrawDispute { dispute_id });
        }
        Some(first) if dispute.takes_both() && !scene.frozen => {
            moves.add(2, scene.by(first.other()), WithdrawDispute { dispute_id });
        }
        None | Some(_) => {}
    }
}

/// Nobody's clock runs while a chargeback is open, which the system says.
fn rest(moves: &mut Moves, scene: &Scene<'_>) {
    let (dispute_id, system) = (scene.id, Actor::System("chargebacks"));
    if scene.dispute.status == "Suspended" {
        moves.add(4, system, ResumeDispute { dispute_id });
    } else if scene.now % 5 == 0 {
        moves.add(1, system, SuspendDispute { dispute_id });
    }
}
