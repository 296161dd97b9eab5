//! Commands on disputes.

use super::super::world::World;
use crate::Command;
use crate::dispute::{
    AcceptRecommendation, AcceptSettlementOffer, AppealGround, AskDisputeQuestion, ConcedeDispute,
    DecideAppeal, DecideSmallClaim, EscalateDispute, FeeBearer, FileAppeal, IssueAward, IssueRecommendation,
    MakeSettlementOffer, OpenDispute, PayArbitrationFee, RejectRecommendation, RespondToDispute,
    ResumeDispute, SubmitEvidence, SuspendDispute, WithdrawDispute,
};
use crate::id::DisputeId;
use crate::money::Money;
use crate::scenario::{text, usd};

pub(super) fn samples(world: &World) -> Vec<Command> {
    let (contract_id, dispute_id) = (world.contract(), world.dispute());
    let open =
        |milestone_id| OpenDispute { contract_id, milestone_id, claim: usd(20_000), reason: text() }.into();
    let mut samples: Vec<Command> = world.milestones().into_iter().map(open).collect();
    let dispute = world.states.dispute(dispute_id).ok();
    let client_share = dispute.map_or(usd(1), |dispute| usd(dispute.claim.minor() / 2));
    samples.extend(between_parties(dispute_id, client_share, dispute.map_or(1, |dispute| dispute.offers)));
    samples.extend(by_the_house(dispute_id, client_share));
    samples
}

fn between_parties(dispute_id: DisputeId, client_share: Money, number: u16) -> [Command; 11] {
    [
        RespondToDispute { dispute_id, answer: text() }.into(),
        ConcedeDispute { dispute_id }.into(),
        MakeSettlementOffer { dispute_id, client_share }.into(),
        AcceptSettlementOffer { dispute_id, number }.into(),
        EscalateDispute { dispute_id }.into(),
        SubmitEvidence { dispute_id, text: text(), attachment: None }.into(),
        AcceptRecommendation { dispute_id }.into(),
        RejectRecommendation { dispute_id }.into(),
        PayArbitrationFee { dispute_id }.into(),
        FileAppeal { dispute_id, ground: AppealGround::Procedure, reasons: text() }.into(),
        WithdrawDispute { dispute_id }.into(),
    ]
}

fn by_the_house(dispute_id: DisputeId, client_share: Money) -> [Command; 7] {
    [
        AskDisputeQuestion { dispute_id, question: text() }.into(),
        IssueRecommendation { dispute_id, client_share, reasons: text() }.into(),
        DecideSmallClaim { dispute_id, client_share, reasons: text() }.into(),
        IssueAward { dispute_id, client_share, fee_bearer: FeeBearer::Both, reasons: text() }.into(),
        DecideAppeal { dispute_id, client_share, reasons: text() }.into(),
        SuspendDispute { dispute_id }.into(),
        ResumeDispute { dispute_id }.into(),
    ]
}
