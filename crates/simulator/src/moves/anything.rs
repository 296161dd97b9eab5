//! Anything at all, by anybody, mostly about what there is: most of it must be refused.

use super::{CURRENCIES, Move, amount, as_side, money, one_of, text};
use crate::model::{Dispute, Model};
use crate::people::{self, CLIENTS, TALENTS};
use crate::provider::RAIL;
use domain::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use domain::contract::{
    AcceptAmendment, AgreeEnd, AgreeMilestone, AgreeMove, AgreeRefund, ApproveMilestone, CancelContract,
    CancelMilestone, Change, DemandRefund, DisputeEnd, DropMove, FreezeEarnings, FreezeFunds, FundMilestone,
    GrantRefund, MoveFunds, PartiallyRelease, PauseContract, PayBonus, ProposeAmendment, ProposeMilestone,
    RefundMilestone, RejectAmendment, RejectRefund, ReleaseEarly, ReopenContract, RequestChanges, RequestEnd,
    RequestRefund, Rest, ResumeContract, SubmitWork, TerminateContract, UnfreezeEarnings, UnfreezeFunds,
    WithdrawAmendment, WithdrawEnd, WithdrawRefundRequest,
};
use domain::deposit::PaymentMethod;
use domain::dispute::{
    AcceptRecommendation, AcceptSettlementOffer, AppealGround, AskDisputeQuestion, ConcedeDispute,
    DecideAppeal, DecideSmallClaim, EscalateDispute, FeeBearer, FileAppeal, IssueAward, IssueRecommendation,
    MakeSettlementOffer, OpenDispute, PayArbitrationFee, RejectRecommendation, RespondToDispute,
    SubmitEvidence, WithdrawDispute,
};
use domain::id::{ContractId, DisputeId, JobId, LotId, MilestoneId, PartyId, PayoutId, ProposalId, TypedId};
use domain::job::{
    ApproveJob, CloseJob, CreateJob, InviteTalent, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob,
    ResumeJob, ReviseJob, SubmitJob,
};
use domain::marketplace::{PauseProcess, ResumeProcess};
use domain::money::Money;
use domain::payout::{ApprovePayout, CancelPayout, RejectPayout, RequestPayout, Resolution, ResolvePayout};
use domain::personal::Personal;
use domain::process::ProcessName;
use domain::proposal::{
    AcceptOffer, CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, MakeOffer, OfferedMilestone,
    ReviseProposal, SaveProposal, ShortlistProposal, SubmitProposal, SubmitSavedProposal, TermsHash,
    WithdrawOffer, WithdrawProposal,
};
use domain::{Actor, Command, Role};
use fastrand::Rng;

/// What may be tried, and whose affair it is: the client's, and the talent's.
type Tried = (Vec<Command>, Option<[PartyId; 2]>);

/// Anything at all, by anybody: most of it must be refused.
pub(crate) fn any(model: &Model, dice: &mut Rng) -> Option<Move> {
    if let Some(next) = tempted(model, dice).filter(|_| dice.bool()) {
        return Some(next);
    }
    let (commands, parties) = match dice.u8(..10) {
        0 | 1 => on_hiring(model, dice)?,
        2..=4 => on_contract(model, dice)?,
        5..=7 => on_dispute(model, dice)?,
        8 => on_payout(model, dice)?,
        _ => on_house(dice)?,
    };
    let index = dice.usize(..commands.len().max(1));
    let command = commands.into_iter().nth(index)?;
    // Mostly somebody with the right role, so that it isn't the role that is refused.
    let actor = if dice.u8(..4) == 0 { None } else { somebody(&command, parties, dice) };
    Some((actor.unwrap_or_else(|| people::anybody(dice)), command))
}

/// Somebody with a role that the command takes: a party, a stranger, the office, or a party who holds that office too.
fn somebody(command: &Command, parties: Option<[PartyId; 2]>, dice: &mut Rng) -> Option<Actor> {
    let role = one_of(dice, &command.kind().roles())?;
    let parties = parties.filter(|_| dice.u8(..6) > 0);
    Some(match role {
        Role::Client => people::client(parties.map_or_else(|| people::party(dice.u128(CLIENTS)), |p| p[0])),
        Role::Talent => people::talent(parties.map_or_else(|| people::party(dice.u128(TALENTS)), |p| p[1])),
        other => match parties.filter(|_| dice.bool()) {
            Some(parties) => Actor::Person { party: parties[dice.usize(..2)], roles: vec![other] },
            None if dice.u8(..4) == 0 => people::reviewer(other),
            None => people::office(other),
        },
    })
}

/// One of what there is, the newest most likely; seldom what never was.
fn some<T: TypedId + Copy>(known: impl DoubleEndedIterator<Item = T>, dice: &mut Rng) -> T {
    let strange = T::from_uuid(uuid::Uuid::from_u128(dice.u128(..)));
    if dice.u8(..14) == 0 {
        return strange;
    }
    let newest: Vec<T> = known.rev().take(if dice.bool() { 6 } else { usize::MAX }).collect();
    one_of(dice, &newest).unwrap_or(strange)
}

fn on_hiring(model: &Model, dice: &mut Rng) -> Option<Tried> {
    let job_id: JobId = some(model.jobs.keys().copied(), dice);
    let proposal_id: ProposalId = some(model.proposals.keys().copied(), dice);
    let proposal = model.proposals.get(&proposal_id);
    let amount = Money::new(dice.i64(-2..1_000_000), one_of(dice, &CURRENCIES)?).ok()?;
    let milestones = vec![OfferedMilestone { title: text()?, amount }; dice.usize(..3)];
    let offer = proposal.and_then(|proposal| proposal.offer.clone());
    let strange = TermsHash::parse(&"ab".repeat(32)).ok()?;
    let terms_hash = offer.as_ref().map_or(strange, |offer| offer.hash);
    let number = offer.as_ref().map_or(1, |offer| offer.number) + u32::from(dice.u8(..10) == 0);
    let (talent, headcount) = (people::party(dice.u128(TALENTS)), dice.u16(..200));
    let commands: Vec<Command> = vec![
        CreateJob { title: text()?, description: text()?, headcount }.into(),
        ReviseJob { job_id, title: text()?, description: text()?, headcount: headcount % 4 }.into(),
        SubmitJob { job_id }.into(),
        ApproveJob { job_id }.into(),
        RejectJob { job_id, reasons: text()? }.into(),
        InviteTalent { job_id, talent }.into(),
        PauseJob { job_id }.into(),
        ResumeJob { job_id }.into(),
        CloseJob { job_id }.into(),
        ReopenJob { job_id }.into(),
        RemoveJob { job_id, reasons: text()? }.into(),
        ReinstateJob { job_id }.into(),
        SubmitProposal { job_id, cover_letter: text()? }.into(),
        SaveProposal { job_id, cover_letter: text()? }.into(),
        SubmitSavedProposal { proposal_id }.into(),
        ReviseProposal { proposal_id, cover_letter: text()? }.into(),
        WithdrawProposal { proposal_id }.into(),
        ShortlistProposal { proposal_id }.into(),
        DeclineProposal { proposal_id, reasons: None }.into(),
        MakeDirectOffer { job_id, talent, milestones: milestones.clone() }.into(),
        MakeOffer { proposal_id, milestones: milestones.clone() }.into(),
        CounterOffer { proposal_id, number, milestones }.into(),
        WithdrawOffer { proposal_id }.into(),
        DeclineOffer { proposal_id, number, reasons: None }.into(),
        AcceptOffer { proposal_id, number, terms_hash }.into(),
    ];
    Some((commands, proposal.map(|proposal| [proposal.client, proposal.talent])))
}

fn on_contract(model: &Model, dice: &mut Rng) -> Option<Tried> {
    let milestone_id: MilestoneId = some(model.milestones.keys().copied(), dice);
    let milestone = model.milestones.get(&milestone_id);
    let contract_id: ContractId = match milestone.filter(|_| dice.u8(..14) > 0) {
        Some(milestone) => milestone.contract,
        None => some(model.contracts.keys().copied(), dice),
    };
    let contract = model.contracts.get(&contract_id);
    let amendment = contract.and_then(|contract| contract.amendment.as_ref());
    let number = amendment.map_or(1, |amendment| amendment.number) + u32::from(dice.u8(..10) == 0);
    let changes = vec![Change::Add { title: Personal::Clear(text()?), amount: amount(dice, CURRENCIES[0])? }];
    let commands: Vec<Command> = vec![
        CancelContract { contract_id }.into(),
        RequestEnd { contract_id }.into(),
        WithdrawEnd { contract_id }.into(),
        AgreeEnd { contract_id }.into(),
        DisputeEnd { contract_id, reason: text()? }.into(),
        PauseContract { contract_id }.into(),
        ResumeContract { contract_id }.into(),
        TerminateContract { contract_id, reason: text()? }.into(),
        ReopenContract { contract_id }.into(),
        ProposeAmendment { contract_id, changes }.into(),
        AcceptAmendment { contract_id, number }.into(),
        RejectAmendment { contract_id, number }.into(),
        WithdrawAmendment { contract_id, number }.into(),
    ];
    let parties = contract.map(|contract| [contract.client, contract.talent]);
    if dice.u8(..5) == 0 {
        return Some((commands, parties));
    }
    Some((on_milestone(model, (contract_id, milestone_id), dice)?, parties))
}

fn on_milestone(
    model: &Model,
    (contract_id, milestone_id): (ContractId, MilestoneId),
    dice: &mut Rng,
) -> Option<Vec<Command>> {
    let milestone = model.milestones.get(&milestone_id);
    let lots: Vec<LotId> = milestone.into_iter().flat_map(|m| m.lots.iter().map(|lot| lot.id)).collect();
    let lot_id = some(lots.into_iter(), dice);
    let to = some(model.milestones.keys().copied(), dice);
    let currency = model.contracts.get(&contract_id).map_or(CURRENCIES[0], |contract| contract.currency);
    let amount = Money::new(dice.i64(-2..300_000), currency).ok()?;
    let (reason, reasons) = (text()?, text()?);
    let rest = one_of(dice, &[Rest::Kept, Rest::AskedBack, Rest::RolledForward(to)])?;
    let payment_method = PaymentMethod::parse("pm_any").ok()?;
    let bonus =
        PayBonus { contract_id, title: text()?, amount, rail: RAIL, payment_method: payment_method.clone() };
    Some(vec![
        FundMilestone { contract_id, milestone_id, rail: RAIL, payment_method }.into(),
        SubmitWork { contract_id, milestone_id, note: text()? }.into(),
        RequestChanges { contract_id, milestone_id, reasons }.into(),
        ApproveMilestone { contract_id, milestone_id }.into(),
        PartiallyRelease { contract_id, milestone_id, amount, rest, reasons: None }.into(),
        ReleaseEarly { contract_id, milestone_id }.into(),
        MoveFunds { contract_id, milestone_id, to }.into(),
        AgreeMove { contract_id, milestone_id }.into(),
        DropMove { contract_id, milestone_id }.into(),
        RequestRefund { contract_id, milestone_id, reasons: text()? }.into(),
        AgreeRefund { contract_id, milestone_id }.into(),
        RejectRefund { contract_id, milestone_id, answer: text()? }.into(),
        WithdrawRefundRequest { contract_id, milestone_id }.into(),
        RefundMilestone { contract_id, milestone_id }.into(),
        DemandRefund { contract_id, milestone_id }.into(),
        GrantRefund { contract_id, milestone_id, amount }.into(),
        ProposeMilestone { contract_id, title: text()?, amount }.into(),
        AgreeMilestone { contract_id, milestone_id }.into(),
        CancelMilestone { contract_id, milestone_id }.into(),
        FreezeFunds { contract_id, milestone_id, reason }.into(),
        UnfreezeFunds { contract_id, milestone_id }.into(),
        FreezeEarnings { contract_id, lot_id, reason: text()? }.into(),
        UnfreezeEarnings { contract_id, lot_id }.into(),
        OpenDispute { contract_id, milestone_id, claim: amount, reason: text()? }.into(),
        bonus.into(),
    ])
}

fn on_dispute(model: &Model, dice: &mut Rng) -> Option<Tried> {
    let open = model.disputes.iter().filter(|(_, dispute)| !matches!(dispute.status, "Closed" | "Withdrawn"));
    let open: Vec<DisputeId> = open.map(|(id, _)| *id).collect();
    let known = if dice.u8(..8) == 0 { model.disputes.keys().copied().collect() } else { open };
    let dispute_id: DisputeId = some(known.into_iter(), dice);
    let dispute = model.disputes.get(&dispute_id);
    let parties = dispute.map(|dispute| dispute.parties);
    let currency = dispute.and_then(|dispute| model.contracts.get(&dispute.contract)).map(|c| c.currency);
    let share = dispute.map_or(1, |dispute| i64::try_from(dispute.disputed).unwrap_or(1));
    let share = dice.i64(-1..=share.saturating_add(1));
    let client_share = Money::new(share, currency.unwrap_or(CURRENCIES[0])).ok()?;
    let number = dispute.and_then(|dispute| dispute.offer).map_or(1, |(number, _, _)| number);
    let fee_bearer = one_of(dice, &[FeeBearer::Client, FeeBearer::Talent, FeeBearer::Both])?;
    let commands: Vec<Command> = vec![
        RespondToDispute { dispute_id, answer: text()? }.into(),
        ConcedeDispute { dispute_id }.into(),
        MakeSettlementOffer { dispute_id, client_share }.into(),
        AcceptSettlementOffer { dispute_id, number: number.saturating_add(dice.u16(..2)) }.into(),
        EscalateDispute { dispute_id }.into(),
        SubmitEvidence { dispute_id, text: text()?, attachment: None }.into(),
        AskDisputeQuestion { dispute_id, question: text()? }.into(),
        IssueRecommendation { dispute_id, client_share, reasons: text()? }.into(),
        AcceptRecommendation { dispute_id }.into(),
        RejectRecommendation { dispute_id }.into(),
        PayArbitrationFee { dispute_id }.into(),
        DecideSmallClaim { dispute_id, client_share, reasons: text()? }.into(),
        IssueAward { dispute_id, client_share, fee_bearer, reasons: text()? }.into(),
        FileAppeal { dispute_id, ground: AppealGround::NewEvidence, reasons: text()? }.into(),
        DecideAppeal { dispute_id, client_share, reasons: text()? }.into(),
        WithdrawDispute { dispute_id }.into(),
    ];
    Some((commands, parties))
}

/// What somebody would gladly do, and may not: who asked for a payout approves it, money moves to what was funded
/// meanwhile, the mediator decides the appeal, and a side is heard after the evidence was sealed.
fn tempted(model: &Model, dice: &mut Rng) -> Option<Move> {
    let waits = model.payouts.iter().filter(|(_, payout)| payout.status == "Requested" && payout.review);
    let waiting: Vec<PayoutId> = waits.map(|(id, _)| *id).collect();
    if let Some(payout_id) = one_of(dice, &waiting).filter(|_| dice.bool()) {
        let maker = Actor::Person { party: model.payouts.get(&payout_id)?.party, roles: vec![Role::Finance] };
        return Some((maker, ApprovePayout { payout_id }.into()));
    }
    let is_funded = |id: &MilestoneId| model.milestones.get(id).is_some_and(|to| to.status == "Funded");
    let stale = model.milestones.iter().find(|(_, m)| m.moves.is_some_and(|(to, _)| is_funded(&to)));
    if let Some((milestone_id, milestone)) = stale.filter(|_| dice.bool()) {
        let contract_id = milestone.contract;
        let talent = people::talent(model.contracts.get(&contract_id)?.talent);
        return Some((talent, AgreeMove { contract_id, milestone_id: *milestone_id }.into()));
    }
    let heard = |dispute: &Dispute| {
        let appealed = dispute.status == "Appealed" && dispute.mediator().is_some();
        appealed || dispute.status == "Mediation" && dispute.sealed
    };
    let such = model.disputes.iter().filter(|(_, dispute)| heard(dispute)).map(|(id, _)| *id);
    let dispute_id = one_of(dice, &such.collect::<Vec<DisputeId>>())?;
    let dispute = model.disputes.get(&dispute_id)?;
    if dispute.status == "Mediation" {
        let side = super::side(dice);
        let evidence = SubmitEvidence { dispute_id, text: text()?, attachment: None };
        return Some((as_side(dispute.party(side), side), evidence.into()));
    }
    let mediator = Actor::Person { party: dispute.mediator()?, roles: vec![Role::Support] };
    let client_share = money(dispute.range().0, model.contracts.get(&dispute.contract)?.currency)?;
    Some((mediator, DecideAppeal { dispute_id, client_share, reasons: text()? }.into()))
}

fn on_payout(model: &Model, dice: &mut Rng) -> Option<Tried> {
    let waits = model.payouts.iter().filter(|(_, payout)| payout.status == "Requested" && payout.review);
    let waiting: Vec<PayoutId> = waits.map(|(id, _)| *id).collect();
    let known = if dice.u8(..4) > 0 { waiting } else { model.payouts.keys().copied().collect() };
    let payout_id: PayoutId = some(known.into_iter(), dice);
    // Mostly all that somebody has, of which a payout that waits has reserved some.
    let (mut party_id, mut currency) = (people::party(dice.u128(TALENTS)), one_of(dice, &CURRENCIES)?);
    let mut minor = dice.i64(-2..1_000_000);
    if let Some(payout) = model.payouts.get(&payout_id).filter(|_| dice.u8(..4) > 0) {
        (party_id, currency) = (payout.party, payout.amount.currency());
        minor = i64::try_from(model.books.credit(&format!("2200:{party_id}"), currency)).ok()?;
    }
    let amount = Money::new(minor, currency).ok()?;
    let destination = PaymentMethod::parse("ba_any").ok()?;
    let commands: Vec<Command> = vec![
        RequestPayout { party_id, amount, rail: RAIL, destination: destination.clone() }.into(),
        RequestPayout { party_id, amount, rail: RAIL, destination }.into(),
        ApprovePayout { payout_id }.into(),
        ApprovePayout { payout_id }.into(),
        CancelPayout { payout_id }.into(),
        RejectPayout { payout_id, reasons: text()? }.into(),
        ResolvePayout { payout_id, resolution: Resolution::Failed }.into(),
    ];
    Some((commands, model.payouts.get(&payout_id).map(|payout| [payout.party; 2])))
}

fn on_house(dice: &mut Rng) -> Option<Tried> {
    let (party_id, currency) = (people::party(dice.u128(TALENTS)), one_of(dice, &CURRENCIES)?);
    let (reason, process) = (one_of(dice, HoldReason::ALL)?, one_of(dice, ProcessName::ALL)?);
    let commands: Vec<Command> = vec![
        PlacePayoutHold { party_id, currency, reason }.into(),
        ReleasePayoutHold { party_id, currency, reason }.into(),
        PauseProcess { process, reason: text()? }.into(),
        ResumeProcess { process }.into(),
    ];
    Some((commands, Some([party_id; 2])))
}
