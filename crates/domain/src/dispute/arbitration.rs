//! Arbitration: both sides pay for it, and an arbitrator decides; a small claim is decided from the documents, for
//! nothing.
//!
//! Each side pays from what is its own here: the client from the wallet, the talent from what is available.

use super::{
    ArbitrationBegun, ArbitrationFeePaid, ArbitrationFeesSettled, Decision, Dispute, DisputeEvent,
    DisputeStatus, FeeBearer, Rung, by_party, by_role, by_timer,
};
use crate::account::Account;
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{DisputeId, EntryId, PartyId};
use crate::ledger::FeeQuote;
use crate::ledger::LedgerAccount;
use crate::ledger::awards::{self, FeeDivision};
use crate::money::{Money, Rounding};
use crate::personal::Personal;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::timer::TimerKind;
use serde::Serialize;

/// Pays for arbitration.
#[derive(Clone, Debug, Serialize)]
pub struct PayArbitrationFee {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Decides for the only side that paid, or as recommended if none did, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct LapseArbitrationOffer {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Decides a small claim from the documents.
#[derive(Clone, Debug, Serialize)]
pub struct DecideSmallClaim {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the client gets.
    pub client_share: Money,
    /// Why; both sides read it.
    pub reasons: Prose,
}

/// Decides after arbitration.
#[derive(Clone, Debug, Serialize)]
pub struct IssueAward {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the client gets.
    pub client_share: Money,
    /// Who bears the fee.
    pub fee_bearer: FeeBearer,
    /// Why; both sides read it.
    pub reasons: Prose,
}

pub(crate) fn pay(command: &PayArbitrationFee, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (kind, id) = (CommandKind::PayArbitrationFee, command.dispute_id);
    let (dispute, side) = by_party(states, id, (kind, DisputeStatus::ArbitrationOffered), cx)?;
    let fee = dispute.fee.ok_or_else(|| Refusal::new(Code::WrongState, "a small claim costs no fee"))?;
    if dispute.paid.side(side) > 0 {
        return Err(Refusal::new(Code::AlreadyRecorded, "this side has paid for arbitration"));
    }
    covered(dispute.party(side), side, fee, states)?;
    let paid = DisputeEvent::FeePaid(dispute.fee_paid(side, fee, cx.fresh())?);
    let mut events = vec![Event::Dispute(paid)];
    if dispute.paid.side(side.other()) > 0 {
        dispute.can((kind, side.role()), DisputeStatus::Arbitration)?;
        let award_by = cx.now.plus_days(dispute.rules(states)?.award_days);
        let begun = ArbitrationBegun { dispute_id: dispute.id, award_by };
        events.push(Event::Dispute(DisputeEvent::ArbitrationBegun(begun)));
    }
    Ok(events)
}

/// That a talent has the fee available, beside what payouts have reserved. Of the client's wallet nothing is reserved,
/// and what the entry draws on it is checked like every draw.
fn covered(party: PartyId, side: Party, fee: Money, states: &States) -> Result<(), Refusal> {
    let available = states.account(party, fee.currency()).map_or(0, Account::free);
    if side == Party::Talent && available < fee.minor() {
        let message = format!("{available} minor units are available, and the fee is {}", fee.minor());
        return Err(Refusal::new(Code::BalanceTooLow, message));
    }
    Ok(())
}

pub(crate) fn lapse(
    command: &LapseArbitrationOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::LapseArbitrationOffer, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, DisputeStatus::Decided, cx)?;
    let payer = [Party::Client, Party::Talent].into_iter().find(|side| dispute.paid.side(*side) > 0);
    let (decision, shares) = if let Some(side) = payer {
        (Decision::SolePayer(side), dispute.won_by(side)?)
    } else {
        let nothing = || Refusal::new(Code::WrongState, "nothing was recommended");
        (Decision::Recommendation, dispute.recommended.ok_or_else(nothing)?)
    };
    let decided = dispute.decided(decision, shares, states, cx)?;
    let back = dispute.fees_settled(None, states, cx)?;
    Ok([decided].into_iter().chain(back.map(Event::Dispute)).collect())
}

pub(crate) fn decide_small_claim(
    command: &DecideSmallClaim,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let arbitrator = cx.actor.person_as(Role::Arbitrator)?;
    let by = (CommandKind::DecideSmallClaim, Role::Arbitrator);
    let dispute = by_role(states, command.dispute_id, by, DisputeStatus::Decided)?;
    dispute.neutral(arbitrator, Rung::Arbitration)?;
    if dispute.fee.is_some() {
        return Err(Refusal::new(Code::WrongState, "this is no small claim: both sides pay for arbitration"));
    }
    let shares = dispute.divided(command.client_share).map_err(|refusal| refusal.at("clientShare"))?;
    let reasons = Personal::Clear(command.reasons.clone());
    Ok(vec![dispute.decided(Decision::SmallClaim { arbitrator, reasons }, shares, states, cx)?])
}

pub(crate) fn award(command: &IssueAward, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let arbitrator = cx.actor.person_as(Role::Arbitrator)?;
    let by = (CommandKind::IssueAward, Role::Arbitrator);
    let dispute = by_role(states, command.dispute_id, by, DisputeStatus::Decided)?;
    dispute.neutral(arbitrator, Rung::Arbitration)?;
    let shares = dispute.divided(command.client_share).map_err(|refusal| refusal.at("clientShare"))?;
    let reasons = Personal::Clear(command.reasons.clone());
    let decision = Decision::Award { arbitrator, reasons, fees: command.fee_bearer };
    Ok(vec![dispute.decided(decision, shares, states, cx)?])
}

impl Dispute {
    /// The fact that `side` pays the fee, with its entry.
    pub(crate) fn fee_paid(
        &self,
        side: Party,
        fee: Money,
        entry: EntryId,
    ) -> Result<ArbitrationFeePaid, Refusal> {
        let payer = self.party(side);
        let from = match side {
            Party::Client => LedgerAccount::ClientWallet(payer),
            Party::Talent => LedgerAccount::TalentAvailable(payer),
        };
        let entry = awards::arbitration_fee(entry, self.id, from, fee)?;
        Ok(ArbitrationFeePaid { dispute_id: self.id, side, payer, amount: fee, entry })
    }

    /// The fact that what was paid goes to whom it belongs, if anything was.
    pub(crate) fn fees_settled(
        &self,
        bearer: Option<FeeBearer>,
        states: &States,
        cx: &Context,
    ) -> Result<Option<DisputeEvent>, Refusal> {
        if self.fees_held() == 0 {
            return Ok(None);
        }
        let quote = &states.contract(self.contract_id)?.fees;
        self.fees_divided(bearer, quote, cx.fresh()).map(|settled| Some(DisputeEvent::FeesSettled(settled)))
    }

    /// What was paid goes back but for one fee, which `bearer` bears, with its entry. Tax is within the fee, at the rate
    /// of who bears it.
    pub(crate) fn fees_divided(
        &self,
        bearer: Option<FeeBearer>,
        quote: &FeeQuote,
        entry: EntryId,
    ) -> Result<ArbitrationFeesSettled, Refusal> {
        let fee = self.fee.map_or(0, Money::minor);
        let client_bears = match bearer {
            Some(FeeBearer::Client) => fee,
            Some(FeeBearer::Both) => fee - fee / 2,
            Some(FeeBearer::Talent) | None => 0,
        };
        let talent_bears = if bearer.is_some() { fee - client_bears } else { 0 };
        let tax = quote.client_fee_tax.within(client_bears, Rounding::HalfUp)
            + quote.talent_fee_tax.within(talent_bears, Rounding::HalfUp);
        let to = FeeDivision {
            client: self.paid.client - client_bears,
            talent: self.paid.talent - talent_bears,
            kept: client_bears + talent_bears,
            tax,
        };
        let currency = self.disputed.currency();
        Ok(ArbitrationFeesSettled {
            dispute_id: self.id,
            bearer,
            client_back: to.client,
            talent_back: to.talent,
            tax,
            entry: awards::arbitration_fees_settled(entry, self.id, self.parties(), &to, currency)?,
        })
    }
}
