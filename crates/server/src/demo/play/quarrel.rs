//! Disputes, from the first word to the last.

use super::super::cast::{ANSWERS, CLAIMS, PROOFS, QUESTIONS, RULINGS};
use super::super::script::Chance;
use super::super::stories::Quarrel;
use super::{Giver, Scene, said};
use crate::wire::Failure;
use domain::dispute::{
    AcceptSettlementOffer, AppealGround, AskDisputeQuestion, DecideAppeal, DecideSmallClaim, EscalateDispute,
    FileAppeal, IssueAward, IssueRecommendation, MakeSettlementOffer, OpenDispute, PayArbitrationFee,
    RejectRecommendation, RespondToDispute, SubmitEvidence,
};
use domain::id::DisputeId;
use domain::proposal::Party;
use domain::{Command, Role};

impl Scene<'_> {
    /// Who gives the command.
    pub(super) fn quarreller(quarrel: Quarrel, side: impl Fn(Party) -> Giver) -> Giver {
        match quarrel {
            Quarrel::Claim(by, ..)
            | Quarrel::Answer(by)
            | Quarrel::Offer(by, _)
            | Quarrel::AcceptOffer(by, _)
            | Quarrel::Escalate(by)
            | Quarrel::Evidence(by)
            | Quarrel::Refuse(by)
            | Quarrel::PayFee(by)
            | Quarrel::Appeal(by) => side(by),
            Quarrel::Ask | Quarrel::Recommend(_) => Giver::Person("support", Role::Support),
            Quarrel::SmallClaim(_) | Quarrel::Award(..) => Giver::Person("arbitrator", Role::Arbitrator),
            // Whoever has decided doesn't decide again.
            Quarrel::DecideAppeal(_) => Giver::Person("reviewer", Role::Arbitrator),
        }
    }

    /// The command.
    pub(super) fn quarrel(&self, quarrel: Quarrel, chance: &mut Chance) -> Result<Command, Failure> {
        if let Quarrel::Claim(_, index, claim) = quarrel {
            let (contract_id, milestone_id) = (self.contract()?, self.milestone(index)?);
            let (claim, reason) = (self.money(claim)?, said(CLAIMS, chance)?);
            return Ok(OpenDispute { contract_id, milestone_id, claim, reason }.into());
        }
        let dispute_id = self.dispute()?;
        let share = |amount| self.money(amount);
        Ok(match quarrel {
            Quarrel::Claim(..) | Quarrel::Answer(_) => {
                RespondToDispute { dispute_id, answer: said(ANSWERS, chance)? }.into()
            }
            Quarrel::Offer(_, amount) => {
                MakeSettlementOffer { dispute_id, client_share: share(amount)? }.into()
            }
            Quarrel::AcceptOffer(_, number) => AcceptSettlementOffer { dispute_id, number }.into(),
            Quarrel::Escalate(_) => EscalateDispute { dispute_id }.into(),
            Quarrel::Evidence(_) => {
                SubmitEvidence { dispute_id, text: said(PROOFS, chance)?, attachment: None }.into()
            }
            Quarrel::Ask => AskDisputeQuestion { dispute_id, question: said(QUESTIONS, chance)? }.into(),
            Quarrel::Recommend(amount) => {
                let (client_share, reasons) = (share(amount)?, said(RULINGS, chance)?);
                IssueRecommendation { dispute_id, client_share, reasons }.into()
            }
            Quarrel::Refuse(_) => RejectRecommendation { dispute_id }.into(),
            Quarrel::PayFee(_) => PayArbitrationFee { dispute_id }.into(),
            Quarrel::SmallClaim(amount) => {
                let (client_share, reasons) = (share(amount)?, said(RULINGS, chance)?);
                DecideSmallClaim { dispute_id, client_share, reasons }.into()
            }
            Quarrel::Award(amount, fee_bearer) => {
                let (client_share, reasons) = (share(amount)?, said(RULINGS, chance)?);
                IssueAward { dispute_id, client_share, fee_bearer, reasons }.into()
            }
            Quarrel::Appeal(_) => {
                let reasons = said(CLAIMS, chance)?;
                FileAppeal { dispute_id, ground: AppealGround::NewEvidence, reasons }.into()
            }
            Quarrel::DecideAppeal(amount) => {
                let (client_share, reasons) = (share(amount)?, said(RULINGS, chance)?);
                DecideAppeal { dispute_id, client_share, reasons }.into()
            }
        })
    }

    pub(super) fn dispute(&self) -> Result<DisputeId, Failure> {
        Ok(self.told.dispute.ok_or("there is no dispute yet")?)
    }
}
