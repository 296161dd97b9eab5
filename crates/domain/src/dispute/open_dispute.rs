//! OpenDispute: one side claims a share of a milestone's money, which is frozen, and the other has to answer.

use super::{Dispute, DisputeEvent, DisputeOpened, DisputeStatus, Opening, TRANSITIONS, rules_of};
use crate::command::CommandKind;
use crate::context::Context;
use crate::contract::refund_milestone::named;
use crate::contract::{Contract, EscrowEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneStatus};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId, PartyId};
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Claims a share of a milestone's money. The client may do so after the release too, while the earnings are on hold.
#[derive(Clone, Debug, Serialize)]
pub struct OpenDispute {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// What the opener wants of it.
    pub claim: Money,
    /// Why; the other side reads it.
    pub reason: Prose,
}

pub(crate) fn decide(command: &OpenDispute, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let side = contract.side(&cx.actor)?;
    let kind = CommandKind::OpenDispute;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Disputed)?;
    consult(TRANSITIONS, None, kind, role, DisputeStatus::AwaitingResponse)?;
    let opening = Opening::Claimed {
        reason: Personal::Clear(command.reason.clone()),
        respond_by: cx.now.plus_days(rules_of(states, contract)?.response_days),
    };
    opened(contract, milestone, (side, Some(command.claim)), opening, cx)
}

/// The facts that `side` opens a dispute about a milestone, in which it claims this much, or all, and that this freezes
/// the milestone's money.
pub(crate) fn opened(
    contract: &Contract,
    milestone: &Milestone,
    (side, claim): (Party, Option<Money>),
    opening: Opening,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    milestone.not_frozen()?;
    let disputed = contract.disputable(milestone)?;
    let claim = claim.unwrap_or(disputed);
    claimable(claim, disputed).map_err(|refusal| refusal.at("claim"))?;
    // A refused refund request is over, whatever becomes of the dispute; what else is interrupted may go on.
    let resumes = !matches!(opening, Opening::Refused { .. });
    let frozen = contract.frozen(milestone.id, cx.fresh(), resumes, cx.fresh())?;
    let opened = DisputeOpened {
        dispute_id: frozen.dispute_id,
        contract_id: contract.id,
        milestone_id: milestone.id,
        opener: contract.party(side),
        respondent: contract.party(side.other()),
        opened_by: side,
        disputed,
        claim,
        opening,
    };
    Ok(vec![Event::Dispute(DisputeEvent::Opened(opened)), Event::Escrow(EscrowEvent::Frozen(frozen))])
}

/// That `claim` is a part of what is disputed.
pub(crate) fn claimable(claim: Money, disputed: Money) -> Result<(), Refusal> {
    claim.positive()?;
    if claim.currency() != disputed.currency() {
        return Err(Refusal::new(Code::CurrencyMismatch, "a claim has the currency of the contract"));
    }
    if claim.minor() > disputed.minor() {
        let message = format!("at most {} minor units can be claimed", disputed.minor());
        return Err(Refusal::new(Code::ShareOutOfRange, message));
    }
    Ok(())
}

impl Dispute {
    /// Both parties, the client first.
    pub fn parties(&self) -> (PartyId, PartyId) {
        (self.party(Party::Client), self.party(Party::Talent))
    }
}
