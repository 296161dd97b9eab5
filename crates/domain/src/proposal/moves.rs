//! What one side does to a proposal or an offer without further terms: the client shortlists or declines, the talent
//! withdraws; an offer's author takes it back, the other side declines it, and with it the proposal.

use super::{
    OfferDeclined, OfferWithdrawn, Party, Proposal, ProposalDeclined, ProposalEvent, ProposalShortlisted,
    ProposalStatus, ProposalWithdrawn, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::ProposalId;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Takes a proposal back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawProposal {
    /// The proposal.
    pub proposal_id: ProposalId,
}

/// Keeps a proposal in view.
#[derive(Clone, Debug, Serialize)]
pub struct ShortlistProposal {
    /// The proposal.
    pub proposal_id: ProposalId,
}

/// Says no to a proposal.
#[derive(Clone, Debug, Serialize)]
pub struct DeclineProposal {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// Why; the talent reads it.
    pub reasons: Option<Prose>,
}

/// Takes the open offer back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
}

/// Says no to the open offer, and to the proposal.
#[derive(Clone, Debug, Serialize)]
pub struct DeclineOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The offer's number, so that a newer one is not declined by accident.
    pub number: u32,
    /// Why; the author reads it.
    pub reasons: Option<Prose>,
}

pub(crate) fn withdraw(
    command: &WithdrawProposal,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::WithdrawProposal, ProposalStatus::Withdrawn);
    let (proposal, _) = moved(command.proposal_id, by, states, cx)?;
    Ok(vec![Event::Proposal(ProposalEvent::Withdrawn(ProposalWithdrawn {
        proposal_id: proposal.id,
        job_id: proposal.job_id,
    }))])
}

pub(crate) fn shortlist(
    command: &ShortlistProposal,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::ShortlistProposal, ProposalStatus::Shortlisted);
    let (proposal, _) = moved(command.proposal_id, by, states, cx)?;
    let shortlisted = ProposalShortlisted { proposal_id: proposal.id };
    Ok(vec![Event::Proposal(ProposalEvent::Shortlisted(shortlisted))])
}

pub(crate) fn decline(
    command: &DeclineProposal,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::DeclineProposal, ProposalStatus::Declined);
    let (proposal, _) = moved(command.proposal_id, by, states, cx)?;
    Ok(vec![Event::Proposal(ProposalEvent::Declined(ProposalDeclined {
        proposal_id: proposal.id,
        job_id: proposal.job_id,
        reasons: command.reasons.clone().map(Personal::Clear),
    }))])
}

pub(crate) fn withdraw_offer(
    command: &WithdrawOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::WithdrawOffer, ProposalStatus::Shortlisted);
    let (proposal, side) = moved(command.proposal_id, by, states, cx)?;
    let offer = proposal.offer().filter(|offer| offer.author == side);
    let offer = offer.ok_or_else(|| Refusal::new(Code::WrongSide, "an offer is taken back by its author"))?;
    let withdrawn = OfferWithdrawn { proposal_id: proposal.id, number: offer.number };
    Ok(vec![Event::Proposal(ProposalEvent::OfferWithdrawn(withdrawn))])
}

pub(crate) fn decline_offer(
    command: &DeclineOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::DeclineOffer, ProposalStatus::Declined);
    let (proposal, side) = moved(command.proposal_id, by, states, cx)?;
    let offer = proposal.offered_to(side, command.number)?;
    Ok(vec![Event::Proposal(ProposalEvent::OfferDeclined(OfferDeclined {
        proposal_id: proposal.id,
        job_id: proposal.job_id,
        number: offer.number,
        reasons: command.reasons.clone().map(Personal::Clear),
    }))])
}

/// The proposal and the actor's side of it, if the command leads it to `to`.
fn moved<'a>(
    proposal_id: ProposalId,
    (kind, to): (CommandKind, ProposalStatus),
    states: &'a States,
    cx: &Context,
) -> Result<(&'a Proposal, Party), Refusal> {
    let proposal = states.proposal(proposal_id)?;
    let side = proposal.side(&cx.actor)?;
    consult(TRANSITIONS, Some(proposal.status()), kind, side.role(), to)?;
    Ok((proposal, side))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hiring::{decline as no, negotiates, proposal_in};
    use crate::scenario::{CLIENT, JOB, OTHER_TALENT, PROPOSAL, STRANGER, TALENT, given, make_offer, usd};
    use crate::timer::TimerKind;

    const WITHDRAW: WithdrawProposal = WithdrawProposal { proposal_id: PROPOSAL };
    const SHORTLIST: ShortlistProposal = ShortlistProposal { proposal_id: PROPOSAL };
    const TAKE_BACK: WithdrawOffer = WithdrawOffer { proposal_id: PROPOSAL };

    fn decline_offer(number: u32) -> DeclineOffer {
        DeclineOffer { proposal_id: PROPOSAL, number, reasons: None }
    }

    #[test]
    fn a_talent_withdraws_until_an_offer_is_open() {
        for status in [ProposalStatus::Draft, ProposalStatus::Submitted, ProposalStatus::Shortlisted] {
            let withdrawn = given(proposal_in(status)).when(TALENT, WITHDRAW);
            negotiates(&withdrawn, ProposalStatus::Withdrawn);
            withdrawn.no_timer(TimerKind::ExpireProposal);
        }
        given(proposal_in(ProposalStatus::Offered)).when(TALENT, WITHDRAW).refused(Code::WrongState);
        given(proposal_in(ProposalStatus::Submitted)).when(CLIENT, WITHDRAW).refused(Code::Forbidden);
        given(proposal_in(ProposalStatus::Submitted)).when(OTHER_TALENT, WITHDRAW).refused(Code::NotFound);
    }

    #[test]
    fn a_client_shortlists_once_and_declines_with_or_without_reasons() {
        let submitted = || given(proposal_in(ProposalStatus::Submitted));
        submitted().when(STRANGER, SHORTLIST).refused(Code::NotFound);
        let shortlisted = submitted().then(CLIENT, SHORTLIST);
        shortlisted.clone().when(CLIENT, SHORTLIST).refused(Code::WrongState);
        negotiates(&shortlisted.when(CLIENT, no()), ProposalStatus::Declined);
        let silent = DeclineProposal { reasons: None, ..no() };
        negotiates(&submitted().when(CLIENT, silent), ProposalStatus::Declined);
        given(proposal_in(ProposalStatus::Offered)).when(CLIENT, no()).refused(Code::WrongState);
    }

    #[test]
    fn an_offer_is_taken_back_by_its_author_and_another_can_follow() {
        let offered = || given(proposal_in(ProposalStatus::Offered));
        offered().when(TALENT, TAKE_BACK).refused(Code::WrongSide);
        let back = offered().then(CLIENT, TAKE_BACK);
        back.clone().when(CLIENT, TAKE_BACK).refused(Code::WrongState);
        negotiates(&back.when(TALENT, make_offer(&[usd(5)])), ProposalStatus::Offered);
    }

    #[test]
    fn an_offer_is_declined_by_the_other_side_and_the_proposal_is_over() {
        let offered = || given(proposal_in(ProposalStatus::Offered));
        offered().when(CLIENT, decline_offer(1)).refused(Code::WrongSide);
        offered().when(TALENT, decline_offer(2)).refused_at(Code::OfferSuperseded, "offer");
        let declined = offered().then(TALENT, decline_offer(1));
        assert_eq!(declined.clone().into_states().job(JOB).unwrap().proposals.len(), 0);
        declined.when(CLIENT, make_offer(&[usd(5)])).refused(Code::WrongState);
    }
}
