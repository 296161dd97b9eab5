//! RecordSettlement: a provider paid what it had captured to the trust bank account, and kept its fees.

use super::{SettlementEvent, SettlementRecorded, SettlementStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::{Provider, ProviderObject};
use crate::event::Event;
use crate::ledger::rules;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Records that `gross` less `fee` arrived at the bank.
#[derive(Clone, Debug, Serialize)]
pub struct RecordSettlement {
    /// The rail that reports.
    pub rail: String,
    /// The provider's id of the settlement.
    pub provider_object: ProviderObject,
    /// Captured less refunded, before fees.
    pub gross: Money,
    /// What the provider kept; what goes beyond the gross it took from the bank.
    pub fee: Money,
}

pub(crate) fn decide(
    command: &RecordSettlement,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    if !cx.actor.speaks_for(&command.rail) {
        return Err(Refusal::not_found("settlement"));
    }
    if Provider::is_recorded(states, &command.rail, &command.provider_object) {
        return Err(Refusal::new(Code::AlreadyRecorded, "this settlement was recorded before"));
    }
    consult(TRANSITIONS, None, CommandKind::RecordSettlement, Role::Provider, SettlementStatus::Recorded)?;
    if command.fee.currency() != command.gross.currency() {
        return Err(Refusal::new(Code::CurrencyMismatch, "a settlement has one currency").at("fee"));
    }
    Ok(vec![Event::Settlement(SettlementEvent::Recorded(SettlementRecorded {
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        gross: command.gross,
        fee: command.fee,
        entry: rules::settled(cx.fresh(), command.gross, command.fee)?,
    }))])
}
