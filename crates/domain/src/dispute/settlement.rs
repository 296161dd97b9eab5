//! MakeSettlementOffer and AcceptSettlementOffer: the two sides may agree at every rung before the decision, on any
//! division.

use super::{DisputeEvent, DisputeStatus, OFFERS_MAX, SettledBy, SettlementOffered, Shares, by_party};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::DisputeId;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use serde::Serialize;

/// Offers to settle; the last offer of either side stands.
#[derive(Clone, Debug, Serialize)]
pub struct MakeSettlementOffer {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the client would get of what is disputed.
    pub client_share: Money,
}

/// Accepts the other side's offer.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptSettlementOffer {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The offer's number.
    pub number: u16,
}

pub(crate) fn offer(
    command: &MakeSettlementOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let stands = states.dispute(command.dispute_id)?.status();
    let by = (CommandKind::MakeSettlementOffer, stands);
    let (dispute, author) = by_party(states, command.dispute_id, by, cx)?;
    if dispute.offers >= OFFERS_MAX {
        let message = format!("{OFFERS_MAX} offers were made: accept the last, or go on");
        return Err(Refusal::new(Code::CountOutOfRange, message));
    }
    let shares = Shares::of(dispute.disputed, command.client_share);
    Ok(vec![Event::Dispute(DisputeEvent::SettlementOffered(SettlementOffered {
        dispute_id: dispute.id,
        number: dispute.offers + 1,
        author,
        shares: shares.map_err(|refusal| refusal.at("clientShare"))?,
    }))])
}

pub(crate) fn accept(
    command: &AcceptSettlementOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::AcceptSettlementOffer, DisputeStatus::Settled);
    let (dispute, side) = by_party(states, command.dispute_id, by, cx)?;
    let offer = dispute.offer.ok_or_else(|| Refusal::new(Code::WrongState, "nobody offers to settle"))?;
    if offer.number != command.number {
        let message = format!("offer {} stands now", offer.number);
        return Err(Refusal::new(Code::OfferSuperseded, message).at("number"));
    }
    if offer.author == side {
        return Err(Refusal::new(Code::WrongSide, "an offer is accepted by the other side"));
    }
    dispute.settled(SettledBy::Offer(offer.number), offer.shares, states, cx)
}
