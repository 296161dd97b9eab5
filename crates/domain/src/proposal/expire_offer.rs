//! ExpireOffer: nobody answered the open offer within the policy's window. The proposal stays in view.

use super::{OfferExpired, ProposalEvent, ProposalStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::ProposalId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Lets the open offer lapse, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ExpireOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ExpireOffer, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    guard(&proposal.timers(), TimerKind::ExpireOffer, command.epoch, cx.now)?;
    let (kind, to) = (CommandKind::ExpireOffer, ProposalStatus::Shortlisted);
    consult(TRANSITIONS, Some(proposal.status()), kind, Role::System, to)?;
    let offer = proposal.offer().ok_or_else(|| Refusal::new(Code::WrongState, "no offer is open"))?;
    Ok(vec![Event::Proposal(ProposalEvent::OfferExpired(OfferExpired {
        proposal_id: proposal.id,
        number: offer.number,
    }))])
}

#[cfg(test)]
mod tests {
    use crate::proposal::ExpireOffer;
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, PROPOSAL, SYSTEM, TALENT, accept, drafted, given, make_offer, now, offered, proposed,
        submitted, usd,
    };
    use crate::timer::TimerKind;

    #[test]
    fn an_offer_that_nobody_answers_lapses_and_another_can_be_made() {
        let history = || [drafted(1), submitted(), proposed(), offered(&[usd(100)])];
        let expire = ExpireOffer { proposal_id: PROPOSAL, epoch: 2 };
        let lapsed = given(history()).at(now().plus_days(7)).when(SYSTEM, expire.clone());
        lapsed.no_timer(TimerKind::ExpireOffer);
        let after = || given(history()).and(lapsed.events().to_vec());
        after().when(TALENT, accept(&[usd(100)])).refused(Code::WrongState);
        after().when(CLIENT, make_offer(&[usd(90)])).timer(TimerKind::ExpireOffer, now().plus_days(7));
        after().at(now().plus_days(7)).when(SYSTEM, expire).refused(Code::TimerStale);
    }
}
