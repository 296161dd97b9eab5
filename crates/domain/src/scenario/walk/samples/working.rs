//! Commands on contracts, their milestones and what was earned with them.

use super::super::world::World;
use crate::Command;
use crate::contract::{
    AcceptAmendment, AgreeEnd, AgreeMilestone, AgreeMove, AgreeRefund, ApproveMilestone, CancelContract,
    CancelMilestone, Change, DemandRefund, DisputeEnd, DropMove, FreezeEarnings, FreezeFunds, FundMilestone,
    GrantRefund, MoveFunds, PartiallyRelease, PauseContract, PayBonus, ProposeAmendment, ProposeMilestone,
    RefundMilestone, RejectAmendment, RejectRefund, ReleaseEarly, ReopenContract, RequestChanges, RequestEnd,
    RequestRefund, Rest, ResumeContract, SubmitWork, TerminateContract, UnfreezeEarnings, UnfreezeFunds,
    WithdrawAmendment, WithdrawEnd, WithdrawRefundRequest,
};
use crate::deposit::PaymentMethod;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::scenario::{fund, milestone, text, usd};

pub(super) fn samples(world: &World) -> Vec<Command> {
    let contract_id = world.contract();
    let mut samples = whole(world, contract_id);
    samples.extend(terms(world, contract_id));
    for milestone_id in world.milestones() {
        samples.extend(work(contract_id, milestone_id));
        samples.extend(money(world, contract_id, milestone_id));
    }
    samples
}

fn whole(world: &World, contract_id: ContractId) -> Vec<Command> {
    let lot_id = world.lot();
    vec![
        CancelContract { contract_id }.into(),
        RequestEnd { contract_id }.into(),
        WithdrawEnd { contract_id }.into(),
        AgreeEnd { contract_id }.into(),
        DisputeEnd { contract_id, reason: text() }.into(),
        PauseContract { contract_id }.into(),
        ResumeContract { contract_id }.into(),
        TerminateContract { contract_id, reason: text() }.into(),
        ReopenContract { contract_id }.into(),
        FreezeEarnings { contract_id, lot_id, reason: text() }.into(),
        UnfreezeEarnings { contract_id, lot_id }.into(),
        PayBonus {
            contract_id,
            title: text(),
            amount: usd(1_000),
            rail: "sandbox",
            payment_method: PaymentMethod::parse("pm_ok").unwrap(),
        }
        .into(),
    ]
}

fn terms(world: &World, contract_id: ContractId) -> Vec<Command> {
    let number = world.states.contract(contract_id).map_or(1, |contract| contract.amendments);
    let mut samples: Vec<Command> = vec![
        ProposeMilestone { contract_id, title: text(), amount: usd(50_000) }.into(),
        AcceptAmendment { contract_id, number }.into(),
        RejectAmendment { contract_id, number }.into(),
        WithdrawAmendment { contract_id, number }.into(),
    ];
    let add = Change::Add { title: Personal::Clear(text()), amount: usd(50_000) };
    let revisions = world.milestones().into_iter().map(|milestone_id| Change::Revise {
        milestone_id,
        title: Some(Personal::Clear(text())),
        amount: None,
    });
    samples.extend(
        [add]
            .into_iter()
            .chain(revisions)
            .map(|change| ProposeAmendment { contract_id, changes: vec![change] }.into()),
    );
    samples
}

fn work(contract_id: ContractId, milestone_id: MilestoneId) -> [Command; 8] {
    [
        SubmitWork { contract_id, milestone_id, note: text() }.into(),
        RequestChanges { contract_id, milestone_id, reasons: text() }.into(),
        ApproveMilestone { contract_id, milestone_id }.into(),
        ReleaseEarly { contract_id, milestone_id }.into(),
        AgreeMilestone { contract_id, milestone_id }.into(),
        CancelMilestone { contract_id, milestone_id }.into(),
        FreezeFunds { contract_id, milestone_id, reason: text() }.into(),
        UnfreezeFunds { contract_id, milestone_id }.into(),
    ]
}

fn money(world: &World, contract_id: ContractId, milestone_id: MilestoneId) -> Vec<Command> {
    let release = |rest: Rest| -> Command {
        let reasons = (rest == Rest::AskedBack).then(text);
        PartiallyRelease { contract_id, milestone_id, amount: usd(10_000), rest, reasons }.into()
    };
    let others = world.milestones().into_iter().filter(|other| *other != milestone_id);
    let mut samples: Vec<Command> = others
        .chain([milestone(9)])
        .flat_map(|to| [release(Rest::RolledForward(to)), MoveFunds { contract_id, milestone_id, to }.into()])
        .collect();
    samples.extend::<[Command; 12]>([
        FundMilestone { contract_id, ..fund(milestone_id) }.into(),
        release(Rest::Kept),
        release(Rest::AskedBack),
        AgreeMove { contract_id, milestone_id }.into(),
        DropMove { contract_id, milestone_id }.into(),
        RequestRefund { contract_id, milestone_id, reasons: text() }.into(),
        WithdrawRefundRequest { contract_id, milestone_id }.into(),
        AgreeRefund { contract_id, milestone_id }.into(),
        RejectRefund { contract_id, milestone_id, answer: text() }.into(),
        RefundMilestone { contract_id, milestone_id }.into(),
        DemandRefund { contract_id, milestone_id }.into(),
        GrantRefund { contract_id, milestone_id, amount: usd(1_000) }.into(),
    ]);
    samples
}
