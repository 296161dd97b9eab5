//! What somebody may do next, by the model's own rules: a command that stands here must not be refused.

use crate::model::{Contract, Milestone, Model};
use crate::people::{self, CLIENTS, TALENTS};
use crate::provider::RAIL;
use domain::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use domain::contract::{
    AgreeEnd, AgreeRefund, ApproveMilestone, CancelContract, FundMilestone, RefundMilestone, RejectRefund,
    RequestChanges, RequestEnd, RequestRefund, SubmitWork, WithdrawEnd, WithdrawRefundRequest,
};
use domain::deposit::PaymentMethod;
use domain::dispute::WithdrawDispute;
use domain::id::{ContractId, DisputeId, JobId, MilestoneId, PartyId, PayoutId, ProposalId, TypedId};
use domain::job::{CreateJob, SubmitJob};
use domain::marketplace::{PauseProcess, PauseRail, ResumeProcess, ResumeRail};
use domain::money::{Currency, Money};
use domain::payout::{ApprovePayout, CancelPayout, RejectPayout, RequestPayout, Resolution, ResolvePayout};
use domain::process::ProcessName;
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, Party, SubmitProposal, TermsHash};
use domain::text::Text;
use domain::{Actor, Command, Role};
use fastrand::Rng;

/// Who gives which command.
pub(crate) type Move = (Actor, Command);

const CURRENCIES: [Currency; 3] = [Currency::USD, Currency::EUR, Currency::JPY];
/// Jobs that are looked for people at once, and contracts that are alive at once.
const OPEN_JOBS: usize = 6;
const LIVE_CONTRACTS: usize = 10;

fn text<const MAX: usize>() -> Option<Text<MAX>> {
    Text::parse("as simulated").ok()
}

fn one_of<T: Copy>(dice: &mut Rng, things: &[T]) -> Option<T> {
    things.get(dice.usize(..things.len().max(1))).copied()
}

fn amount(dice: &mut Rng, currency: Currency) -> Option<Money> {
    let minor = match dice.u8(..8) {
        0 => dice.i64(1..20),
        1 => dice.i64(1_000_000..5_000_000),
        2 => Money::MINOR_MAX / 1_000_000 + dice.i64(..1_000),
        _ => dice.i64(1_000..300_000),
    };
    Money::new(minor, currency).ok()
}

/// A move that moves something on, or begins something where little is alive.
pub(crate) fn valid(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let open: Vec<JobId> = model.jobs.iter().filter(|(_, job)| matches!(job.status, "Draft" | "Open")).map(|(id, _)| *id).collect();
    let live: Vec<ContractId> =
        model.contracts.iter().filter(|(_, c)| !matches!(c.status, "Ended" | "Cancelled")).map(|(id, _)| *id).collect();
    match dice.u8(..100) {
        0..=44 if !live.is_empty() => one_of(dice, &live).and_then(|id| on_contract(model, id, dice)),
        45..=59 => on_payouts(model, dice),
        60..=64 => operate(model, dice),
        _ if open.len() < OPEN_JOBS && live.len() < LIVE_CONTRACTS && dice.u8(..3) == 0 => create(dice),
        _ => one_of(dice, &open).and_then(|id| on_job(model, id, dice)),
    }
}

fn create(dice: &mut Rng) -> Option<Move> {
    let command = CreateJob { title: text()?, description: text()?, headcount: dice.u16(1..3) };
    Some((people::client(people::party(dice.u128(CLIENTS))), command.into()))
}

fn on_job(model: &Model, id: JobId, dice: &mut Rng) -> Option<Move> {
    let job = model.jobs.get(&id)?;
    let client = || people::client(job.client);
    if job.status == "Draft" {
        return Some((client(), SubmitJob { job_id: id }.into()));
    }
    let proposals: Vec<ProposalId> =
        model.proposals.iter().filter(|(_, p)| p.job == id && p.status != "Accepted").map(|(id, _)| *id).collect();
    if proposals.is_empty() || dice.u8(..4) == 0 {
        let party = people::party(dice.u128(TALENTS));
        if party == job.client {
            return None;
        }
        return Some((people::talent(party), SubmitProposal { job_id: id, cover_letter: text()? }.into()));
    }
    let proposal_id = one_of(dice, &proposals)?;
    let proposal = model.proposals.get(&proposal_id)?;
    let as_side = |side| match side {
        Party::Client => people::client(proposal.client),
        Party::Talent => people::talent(proposal.talent),
    };
    if proposal.status == "Offered" {
        let offer = proposal.offer.as_ref()?;
        let command = AcceptOffer { proposal_id, number: offer.number, terms_hash: offer.hash };
        return job.has_room().then(|| (as_side(offer.author.other()), command.into()));
    }
    let side = if dice.bool() { Party::Client } else { Party::Talent };
    let currency = one_of(dice, &CURRENCIES)?;
    let milestones = (0..dice.usize(1..4)).map(|_| {
        Some(OfferedMilestone { title: text()?, amount: amount(dice, currency)? })
    });
    Some((as_side(side), MakeOffer { proposal_id, milestones: milestones.collect::<Option<_>>()? }.into()))
}

fn on_contract(model: &Model, id: ContractId, dice: &mut Rng) -> Option<Move> {
    let contract = model.contracts.get(&id)?;
    let (client, talent) = (people::client(contract.client), people::talent(contract.talent));
    let side = |side| if side == Party::Client { client.clone() } else { talent.clone() };
    let either = if dice.bool() { Party::Client } else { Party::Talent };
    if dice.u8(..6) == 0 {
        return match (contract.status, contract.asked) {
            ("Created", _) if dice.u8(..3) == 0 => Some((side(either), CancelContract { contract_id: id }.into())),
            ("Active", _) => Some((side(either), RequestEnd { contract_id: id }.into())),
            ("Ending", Some((requester, _))) if !contract.agreed && dice.bool() => {
                Some((side(requester), WithdrawEnd { contract_id: id }.into()))
            }
            ("Ending", Some((requester, _))) if !contract.agreed => {
                Some((side(requester.other()), AgreeEnd { contract_id: id }.into()))
            }
            _ => None,
        };
    }
    let open: Vec<MilestoneId> = contract
        .milestones
        .iter()
        .filter(|id| model.milestones.get(id).is_some_and(|m| !m.is_over()))
        .copied()
        .collect();
    let milestone_id = one_of(dice, &open)?;
    let milestone = model.milestones.get(&milestone_id)?;
    on_milestone((id, contract), (milestone_id, milestone), dice).map(|(party, command)| (side(party), command))
}

fn on_milestone(
    (contract_id, contract): (ContractId, &Contract),
    (milestone_id, milestone): (MilestoneId, &Milestone),
    dice: &mut Rng,
) -> Option<(Party, Command)> {
    let (client, talent) = (Party::Client, Party::Talent);
    let give_back = (talent, RefundMilestone { contract_id, milestone_id }.into());
    let work = (talent, SubmitWork { contract_id, milestone_id, note: text()? }.into());
    let ask = (client, RequestRefund { contract_id, milestone_id, reasons: text()? }.into());
    let all: Vec<(Party, Command)> = match milestone.status {
        "Agreed" if matches!(contract.status, "Created" | "Active") => {
            let payment_method = PaymentMethod::parse("pm_simulated").ok()?;
            vec![(client, FundMilestone { contract_id, milestone_id, rail: RAIL, payment_method }.into())]
        }
        "Funded" | "ChangesRequested" => vec![work.clone(), work.clone(), work, ask, give_back],
        "Submitted" => {
            let approve: (Party, Command) = (client, ApproveMilestone { contract_id, milestone_id }.into());
            let back = (client, RequestChanges { contract_id, milestone_id, reasons: text()? }.into());
            vec![approve.clone(), approve.clone(), approve, back, give_back]
        }
        "RefundRequested" => {
            let mut all = vec![
                (talent, AgreeRefund { contract_id, milestone_id }.into()),
                (talent, RejectRefund { contract_id, milestone_id, answer: text()? }.into()),
            ];
            // Once the end is agreed, a request is what brings it.
            if !contract.agreed {
                all.push((client, WithdrawRefundRequest { contract_id, milestone_id }.into()));
            }
            all
        }
        "Disputed" => vec![(client, WithdrawDispute { dispute_id: milestone.dispute? }.into())],
        _ => Vec::new(),
    };
    let index = dice.usize(..all.len().max(1));
    all.into_iter().nth(index)
}

fn on_payouts(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let open: Vec<PayoutId> = model
        .payouts
        .iter()
        .filter(|(_, p)| !matches!(p.status, "Paid" | "Returned" | "Reversed" | "Cancelled" | "Rejected"))
        .map(|(id, _)| *id)
        .collect();
    if open.is_empty() || dice.bool() {
        return request_payout(model, dice);
    }
    let payout_id = one_of(dice, &open)?;
    let payout = model.payouts.get(&payout_id)?;
    let (party, currency) = (payout.party, payout.amount.currency());
    let (status, review, will_retry) = (payout.status, payout.review, payout.will_retry());
    let on_hold = !model.account(party, currency).holds.is_empty();
    let owner = people::talent(party);
    match (status, dice.u8(..4)) {
        ("Requested", 0..=2) if review && !on_hold => {
            Some((people::office(Role::Finance), ApprovePayout { payout_id }.into()))
        }
        ("Requested" | "Held", 3) => {
            let office = if dice.bool() { Role::Finance } else { Role::Compliance };
            Some((people::office(office), RejectPayout { payout_id, reasons: text()? }.into()))
        }
        ("Requested" | "Held", 0) => Some((owner, CancelPayout { payout_id }.into())),
        ("Failed", 0) if will_retry => Some((owner, CancelPayout { payout_id }.into())),
        ("NeedsAttention", _) => {
            let resolution = if dice.bool() { Resolution::InTransit } else { Resolution::Failed };
            Some((people::office(Role::Finance), ResolvePayout { payout_id, resolution }.into()))
        }
        _ => None,
    }
}

fn request_payout(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    let party_id = people::party(dice.u128(TALENTS));
    let currency = one_of(dice, &CURRENCIES)?;
    let free = model.free(party_id, Money::new(1, currency).ok()?);
    let most = i64::try_from(free).ok().filter(|free| *free > 0)?;
    if !model.account(party_id, currency).holds.is_empty() || model.under_way(party_id) > 40 {
        return None;
    }
    let minor = if dice.bool() { most } else { dice.i64(1..=most) };
    let amount = Money::new(minor.min(Money::MINOR_MAX), currency).ok()?;
    let destination = PaymentMethod::parse(if dice.u8(..8) == 0 { "ba_other" } else { "ba_usual" }).ok()?;
    Some((people::talent(party_id), RequestPayout { party_id, amount, rail: RAIL, destination }.into()))
}

fn operate(model: &mut Model, dice: &mut Rng) -> Option<Move> {
    if dice.u8(..3) == 0 {
        let process = one_of(dice, ProcessName::ALL)?;
        let paused = model.paused.contains(process.as_str());
        let command = if paused {
            ResumeProcess { process }.into()
        } else {
            PauseProcess { process, reason: text()? }.into()
        };
        return Some((people::office(Role::Admin), command));
    }
    let (party_id, currency) = (people::party(dice.u128(TALENTS)), one_of(dice, &CURRENCIES)?);
    let stands = model.account(party_id, currency).holds.keys().next().copied();
    let command = match stands {
        Some(reason) => {
            let reason = *HoldReason::ALL.iter().find(|other| other.as_str() == reason)?;
            ReleasePayoutHold { party_id, currency, reason }.into()
        }
        None => PlacePayoutHold { party_id, currency, reason: one_of(dice, HoldReason::ALL)? }.into(),
    };
    Some((people::office(Role::Compliance), command))
}

/// Pausing a rail's calls and resuming them: what a call waits for it, it waits for until it is resumed.
pub(crate) fn pause_and_resume() -> Option<[Move; 2]> {
    let admin = people::office(Role::Admin);
    let pause = PauseRail { rail: RAIL, reason: text()? };
    Some([(admin.clone(), pause.into()), (admin, ResumeRail { rail: RAIL }.into())])
}

/// Anything at all, by anybody: most of it must be refused.
pub(crate) fn any(model: &Model, dice: &mut Rng) -> Option<Move> {
    fn some<T: TypedId + Copy>(known: Vec<T>, dice: &mut Rng) -> T {
        let strange = T::from_uuid(uuid::Uuid::from_u128(dice.u128(..)));
        let near = known.get(dice.usize(..known.len().max(1))).copied();
        near.filter(|_| dice.u8(..10) > 0).unwrap_or(strange)
    }
    let job_id: JobId = some(model.jobs.keys().copied().collect(), dice);
    let proposal_id: ProposalId = some(model.proposals.keys().copied().collect(), dice);
    let dispute_id: DisputeId = some(model.disputes.keys().copied().collect(), dice);
    let payout_id: PayoutId = some(model.payouts.keys().copied().collect(), dice);
    let milestone_id: MilestoneId = some(model.milestones.keys().copied().collect(), dice);
    let contract_id = match model.milestones.get(&milestone_id) {
        Some(milestone) if dice.u8(..10) > 0 => milestone.contract,
        _ => some(model.contracts.keys().copied().collect(), dice),
    };
    let currency = one_of(dice, &CURRENCIES)?;
    let amount = Money::new(dice.i64(-2..1_000_000), currency).ok()?;
    let party_id: PartyId = people::party(dice.u128(TALENTS));
    let (payment_method, destination) = (PaymentMethod::parse("pm_any").ok()?, PaymentMethod::parse("ba_any").ok()?);
    let reason = one_of(dice, HoldReason::ALL)?;
    let process = one_of(dice, ProcessName::ALL)?;
    let milestones = vec![OfferedMilestone { title: text()?, amount }; dice.usize(..3)];
    let offer = model.proposals.get(&proposal_id).and_then(|proposal| proposal.offer.clone());
    let strange = TermsHash::parse(&"ab".repeat(32)).ok()?;
    let terms_hash = offer.as_ref().map_or(strange, |offer| offer.hash);
    let number = offer.as_ref().map_or(1, |offer| offer.number) + u32::from(dice.u8(..10) == 0);
    let commands: Vec<Command> = vec![
        CreateJob { title: text()?, description: text()?, headcount: dice.u16(..200) }.into(),
        SubmitJob { job_id }.into(),
        SubmitProposal { job_id, cover_letter: text()? }.into(),
        MakeOffer { proposal_id, milestones }.into(),
        AcceptOffer { proposal_id, number, terms_hash }.into(),
        CancelContract { contract_id }.into(),
        RequestEnd { contract_id }.into(),
        WithdrawEnd { contract_id }.into(),
        AgreeEnd { contract_id }.into(),
        FundMilestone { contract_id, milestone_id, rail: RAIL, payment_method }.into(),
        SubmitWork { contract_id, milestone_id, note: text()? }.into(),
        RequestChanges { contract_id, milestone_id, reasons: text()? }.into(),
        ApproveMilestone { contract_id, milestone_id }.into(),
        RequestRefund { contract_id, milestone_id, reasons: text()? }.into(),
        AgreeRefund { contract_id, milestone_id }.into(),
        RejectRefund { contract_id, milestone_id, answer: text()? }.into(),
        WithdrawRefundRequest { contract_id, milestone_id }.into(),
        RefundMilestone { contract_id, milestone_id }.into(),
        WithdrawDispute { dispute_id }.into(),
        RequestPayout { party_id, amount, rail: RAIL, destination }.into(),
        ApprovePayout { payout_id }.into(),
        CancelPayout { payout_id }.into(),
        RejectPayout { payout_id, reasons: text()? }.into(),
        ResolvePayout { payout_id, resolution: Resolution::Failed }.into(),
        PlacePayoutHold { party_id, currency, reason }.into(),
        ReleasePayoutHold { party_id, currency, reason }.into(),
        PauseProcess { process, reason: text()? }.into(),
        ResumeProcess { process }.into(),
    ];
    let index = dice.usize(..commands.len());
    let command = commands.into_iter().nth(index)?;
    // Half of the time somebody with the right role, so that it isn't the role that is refused.
    let own = own(model, &command, dice);
    Some((own.unwrap_or_else(|| people::anybody(dice)), command))
}

/// Somebody who may give this command, for something else.
fn own(model: &Model, command: &Command, dice: &mut Rng) -> Option<Actor> {
    if dice.bool() {
        return None;
    }
    let role = one_of(dice, &command.kind().roles())?;
    Some(match role {
        Role::Client => {
            let known = one_of(dice, &model.contracts.values().map(|c| c.client).collect::<Vec<_>>());
            people::client(known.unwrap_or_else(|| people::party(dice.u128(CLIENTS))))
        }
        Role::Talent => {
            let known = one_of(dice, &model.contracts.values().map(|c| c.talent).collect::<Vec<_>>());
            people::talent(known.unwrap_or_else(|| people::party(dice.u128(TALENTS))))
        }
        other => people::office(other),
    })
}
