//! MakeOffer: one side puts terms on the table, with the fees fixed and everything hashed.

use super::{MilestoneTerms, OfferMade, OfferTerms, Party, ProposalEvent, ProposalStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::ProposalId;
use crate::marketplace::Marketplace;
use crate::money::Money;
use crate::personal::Personal;
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Title;
use crate::transition::consult;
use serde::Serialize;

/// Offers a contract on a proposal.
#[derive(Clone, Debug, Serialize)]
pub struct MakeOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// At least one, all in one currency.
    pub milestones: Vec<OfferedMilestone>,
}

/// A milestone on offer.
#[derive(Clone, Debug, Serialize)]
pub struct OfferedMilestone {
    /// One line.
    pub title: Title,
    /// Above zero; the client fee comes on top.
    pub amount: Money,
}

pub(crate) fn decide(command: &MakeOffer, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    let author = proposal.side(&cx.actor)?;
    let (kind, to) = (CommandKind::MakeOffer, ProposalStatus::Offered);
    consult(TRANSITIONS, Some(proposal.status()), kind, author.role(), to)?;
    states.job(proposal.job_id)?.takes_proposals(proposal.of(author))?;
    let offer = (proposal.id, proposal.offers + 1, author);
    Ok(vec![made(offer, &command.milestones, states, cx)?])
}

/// The event of an offer of `milestones`, by its number and author on a proposal.
pub(super) fn made(
    (proposal_id, number, author): (ProposalId, u32, Party),
    milestones: &[OfferedMilestone],
    states: &States,
    cx: &Context,
) -> Result<Event, Refusal> {
    let marketplace = states.marketplace()?;
    let terms = terms(milestones, marketplace)?;
    let salt = cx.fresh_salt();
    Ok(Event::Proposal(ProposalEvent::OfferMade(OfferMade {
        proposal_id,
        number,
        author,
        terms_hash: terms.hash(proposal_id, number, salt)?,
        terms,
        salt,
        expires_at: cx.now.plus_days(marketplace.policy.windows.offer_days),
    })))
}

fn terms(milestones: &[OfferedMilestone], marketplace: &Marketplace) -> Result<OfferTerms, Refusal> {
    let policy = &marketplace.policy;
    let amounts: Vec<Money> = milestones.iter().map(|milestone| milestone.amount).collect();
    offerable(&amounts, policy)?;
    let milestones = milestones
        .iter()
        .map(|m| MilestoneTerms { title: Personal::Clear(m.title.clone()), amount: m.amount })
        .collect();
    Ok(OfferTerms {
        milestones,
        fees: policy.fees,
        windows: policy.windows,
        policy_version: marketplace.version,
    })
}

/// Whether milestones of these amounts can be offered under `policy`: as many as it allows, each above zero, in one
/// currency, and with the client's charge on top no more in sum than an amount can be.
pub(crate) fn offerable(amounts: &[Money], policy: &Policy) -> Result<(), Refusal> {
    let most = policy.limits.milestones;
    let first = amounts.first().filter(|_| amounts.len() <= usize::from(most));
    let first = first.ok_or_else(|| {
        Refusal::new(Code::CountOutOfRange, format!("expected 1 to {most}")).at("milestones")
    })?;
    let mut total = first.with_minor(0)?;
    for (i, amount) in amounts.iter().enumerate() {
        let sum = amount.positive().and_then(|amount| {
            let charge = policy.fees.client_charge(amount.minor());
            total.plus(amount)?.plus(amount.with_minor(charge.total())?)
        });
        total = sum.map_err(|refusal| refusal.at("amount").at(format!("milestones[{i}]")))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::money::Money;
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, STRANGER, TALENT, drafted, given, make_offer, now, offered, proposed, submitted, usd,
    };
    use crate::timer::TimerKind;

    fn negotiating() -> [crate::Event; 3] {
        [drafted(1), submitted(), proposed()]
    }

    #[test]
    fn an_offer_stands_for_the_policys_window() {
        given(negotiating())
            .when(CLIENT, make_offer(&[usd(250_000)]))
            .timer(TimerKind::ExpireOffer, now().plus_days(7));
    }

    #[test]
    fn strangers_see_no_proposal() {
        given(negotiating()).when(STRANGER, make_offer(&[usd(1)])).refused(Code::NotFound);
    }

    #[test]
    fn one_offer_is_open_at_a_time() {
        given(negotiating())
            .and([offered(&[usd(100)])])
            .when(TALENT, make_offer(&[usd(1)]))
            .refused(Code::WrongState);
    }

    #[test]
    fn zero_is_refused_at_its_milestone() {
        given(negotiating())
            .when(CLIENT, make_offer(&[usd(1), usd(0)]))
            .refused_at(Code::AmountNotPositive, "milestones[1].amount");
    }

    #[test]
    fn mixed_currencies_are_refused_at_their_milestone() {
        given(negotiating())
            .when(CLIENT, make_offer(&[usd(1), Money::parse("1", "EUR").unwrap()]))
            .refused_at(Code::CurrencyMismatch, "milestones[1].amount");
    }

    #[test]
    fn a_sum_that_overflows_is_refused() {
        given(negotiating())
            .when(CLIENT, make_offer(&[usd(Money::MINOR_MAX)]))
            .refused_at(Code::AmountTooLarge, "milestones[0].amount");
    }

    #[test]
    fn an_offer_of_nothing_is_refused() {
        given(negotiating()).when(CLIENT, make_offer(&[])).refused_at(Code::CountOutOfRange, "milestones");
    }
}
