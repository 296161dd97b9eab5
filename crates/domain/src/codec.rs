//! Events to recorded bytes and back. The payload is JSON text in the order of the struct's fields; the bytes that
//! were written stay the record for ever, and older schema versions are lifted here when they are read.

use crate::account::AccountEvent;
use crate::contract::{ContractEvent, EscrowEvent, MilestoneEvent};
use crate::deposit::DepositEvent;
use crate::dispute::DisputeEvent;
use crate::event::Event;
use crate::job::JobEvent;
use crate::marketplace::MarketplaceEvent;
use crate::payout::PayoutEvent;
use crate::process::ProcessEvent;
use crate::proposal::ProposalEvent;
use crate::refund::RefundEvent;
use crate::treasury::SettlementEvent;

/// Why recorded bytes are no event of ours.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The log was written by a newer version, or isn't ours.
    #[error("unknown event type {name} version {version}: was the log written by a newer version?")]
    UnknownType {
        /// The recorded type name.
        name: String,
        /// The recorded schema version.
        version: u16,
    },
    /// The payload isn't what its type says; for an entry, this includes that it doesn't balance.
    #[error("payload of {name} can't be read: {source}")]
    Payload {
        /// The recorded type name.
        name: String,
        /// What the decoder says.
        source: serde_json::Error,
    },
    /// The payload can't be written; no event of ours does this.
    #[error("payload of {name} can't be written: {source}")]
    Unwritable {
        /// The type name.
        name: &'static str,
        /// What the encoder says.
        source: serde_json::Error,
    },
}

/// The payload bytes of an event, as they are recorded.
///
/// # Errors
/// [`CodecError::Unwritable`], which no event of ours causes.
pub fn encode(event: &Event) -> Result<Vec<u8>, CodecError> {
    match event {
        Event::Marketplace(event) => event.to_json(),
        Event::Job(event) => event.to_json(),
        Event::Proposal(event) => event.to_json(),
        Event::Contract(event) => event.to_json(),
        Event::Milestone(event) => event.to_json(),
        Event::Escrow(event) => event.to_json(),
        Event::Deposit(event) => event.to_json(),
        Event::Refund(event) => event.to_json(),
        Event::Dispute(event) => event.to_json(),
        Event::Account(event) => event.to_json(),
        Event::Payout(event) => event.to_json(),
        Event::Settlement(event) => event.to_json(),
        Event::Process(event) => event.to_json(),
    }
    .map_err(|source| CodecError::Unwritable { name: event.event_type().0, source })
}

/// Reads an event from its recorded type, schema version and payload.
///
/// # Errors
/// [`CodecError::UnknownType`] or [`CodecError::Payload`].
pub fn decode(event_type: &str, version: u16, payload: &[u8]) -> Result<Event, CodecError> {
    let noun = event_type.split_once('.').map_or(event_type, |(noun, _)| noun);
    let read = match noun {
        "marketplace" => {
            MarketplaceEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Marketplace))
        }
        "job" => JobEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Job)),
        "proposal" | "offer" => {
            ProposalEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Proposal))
        }
        "contract" => ContractEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Contract)),
        "milestone" => {
            MilestoneEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Milestone))
        }
        "escrow" | "earnings" => {
            EscrowEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Escrow))
        }
        "deposit" => DepositEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Deposit)),
        "refund" => RefundEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Refund)),
        "dispute" => DisputeEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Dispute)),
        "account" => AccountEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Account)),
        "payout" => PayoutEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Payout)),
        "settlement" => {
            SettlementEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Settlement))
        }
        "process" => ProcessEvent::from_json(event_type, version, payload).map(|r| r.map(Event::Process)),
        _ => None,
    };
    match read {
        Some(Ok(event)) => Ok(event),
        Some(Err(source)) => Err(CodecError::Payload { name: event_type.to_owned(), source }),
        None => Err(CodecError::UnknownType { name: event_type.to_owned(), version }),
    }
}
