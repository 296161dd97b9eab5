//! Events: what happened, in groups. A reader dismisses a group by name, never with a wildcard.

use crate::account::{AccountEvent, Joined};
use crate::contract::{ContractEvent, EscrowEvent, MilestoneEvent};
use crate::deposit::DepositEvent;
use crate::dispute::DisputeEvent;
use crate::job::JobEvent;
use crate::ledger::JournalEntry;
use crate::marketplace::MarketplaceEvent;
use crate::payout::PayoutEvent;
use crate::process::ProcessEvent;
use crate::proposal::ProposalEvent;
use crate::refund::RefundEvent;
use crate::schema::EventSchema;
use crate::stream::StreamId;
use crate::treasury::SettlementEvent;

/// Defines a group of events: an enum whose variants each hold the payload of one event type, with the type's name
/// and schema version as they are recorded. Names are permanent.
macro_rules! event_group {
    ($(#[$doc:meta])* $group:ident { $($(#[doc = $about:literal])* $variant:ident($payload:ty) = $name:literal, $version:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $group {$(
            $(#[doc = $about])*
            $variant($payload),
        )*}

        impl $group {
            /// Names and schema versions of the group's event types.
            pub const TYPES: &'static [(&'static str, u16)] = &[$(($name, $version)),*];

            /// The schemas of the payloads.
            pub(crate) fn schemas() -> Vec<crate::schema::EventSchema> {
                vec![$(crate::schema::EventSchema::of::<$payload>(($name, $version), concat!($($about),*)),)*]
            }

            /// The recorded type name and schema version.
            pub const fn event_type(&self) -> (&'static str, u16) {
                match self { $(Self::$variant(_) => ($name, $version),)* }
            }

            /// The payload as JSON text.
            pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
                match self { $(Self::$variant(payload) => serde_json::to_vec(payload),)* }
            }

            /// Reads a payload, or `None` for a type that isn't of this group.
            pub(crate) fn from_json(event_type: &str, version: u16, json: &[u8]) -> Option<serde_json::Result<Self>> {
                match (event_type, version) {
                    $(($name, $version) => Some(serde_json::from_slice(json).map(Self::$variant)),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use event_group;

/// Anything that can have happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Policy and operation of the marketplace.
    Marketplace(MarketplaceEvent),
    /// Jobs.
    Job(JobEvent),
    /// Proposals and the negotiation that follows.
    Proposal(ProposalEvent),
    /// A contract's existence and terms.
    Contract(ContractEvent),
    /// Work on milestones.
    Milestone(MilestoneEvent),
    /// Money of milestones.
    Escrow(EscrowEvent),
    /// Money on its way in.
    Deposit(DepositEvent),
    /// Money on its way back.
    Refund(RefundEvent),
    /// Disputes.
    Dispute(DisputeEvent),
    /// Holds on accounts.
    Account(AccountEvent),
    /// Money on its way out.
    Payout(PayoutEvent),
    /// Money that providers settled.
    Settlement(SettlementEvent),
    /// What processes did without effect on anything else.
    Process(ProcessEvent),
}

impl Event {
    /// The recorded type name and schema version, such as `("milestone.approved", 1)`.
    pub const fn event_type(&self) -> (&'static str, u16) {
        match self {
            Self::Marketplace(event) => event.event_type(),
            Self::Job(event) => event.event_type(),
            Self::Proposal(event) => event.event_type(),
            Self::Contract(event) => event.event_type(),
            Self::Milestone(event) => event.event_type(),
            Self::Escrow(event) => event.event_type(),
            Self::Deposit(event) => event.event_type(),
            Self::Refund(event) => event.event_type(),
            Self::Dispute(event) => event.event_type(),
            Self::Account(event) => event.event_type(),
            Self::Payout(event) => event.event_type(),
            Self::Settlement(event) => event.event_type(),
            Self::Process(event) => event.event_type(),
        }
    }

    /// Every event type with its current schema version.
    pub fn types() -> impl Iterator<Item = (&'static str, u16)> {
        [
            MarketplaceEvent::TYPES,
            JobEvent::TYPES,
            ProposalEvent::TYPES,
            ContractEvent::TYPES,
            MilestoneEvent::TYPES,
            EscrowEvent::TYPES,
            DepositEvent::TYPES,
            RefundEvent::TYPES,
            DisputeEvent::TYPES,
            AccountEvent::TYPES,
            PayoutEvent::TYPES,
            SettlementEvent::TYPES,
            ProcessEvent::TYPES,
        ]
        .into_iter()
        .flatten()
        .copied()
    }

    /// The schema of every event type's payload, of its current version.
    pub fn schemas() -> impl Iterator<Item = EventSchema> {
        [
            MarketplaceEvent::schemas(),
            JobEvent::schemas(),
            ProposalEvent::schemas(),
            ContractEvent::schemas(),
            MilestoneEvent::schemas(),
            EscrowEvent::schemas(),
            DepositEvent::schemas(),
            RefundEvent::schemas(),
            DisputeEvent::schemas(),
            AccountEvent::schemas(),
            PayoutEvent::schemas(),
            SettlementEvent::schemas(),
            ProcessEvent::schemas(),
        ]
        .into_iter()
        .flatten()
    }

    /// The entry that the event causes, if it moves money.
    pub const fn journal_entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::Escrow(event) => Some(event.journal_entry()),
            Self::Deposit(event) => event.journal_entry(),
            Self::Refund(event) => event.journal_entry(),
            Self::Dispute(event) => event.journal_entry(),
            Self::Payout(event) => event.journal_entry(),
            Self::Settlement(event) => Some(event.journal_entry()),
            Self::Marketplace(_)
            | Self::Job(_)
            | Self::Proposal(_)
            | Self::Contract(_)
            | Self::Milestone(_)
            | Self::Account(_)
            | Self::Process(_) => None,
        }
    }

    /// The stream whose first event this is, if it begins something under an id of its own.
    pub const fn begins(&self) -> Option<StreamId> {
        match self {
            Self::Job(JobEvent::Created(e)) => Some(StreamId::Job(e.job_id)),
            Self::Proposal(ProposalEvent::Saved(e)) => Some(StreamId::Proposal(e.proposal_id)),
            Self::Proposal(ProposalEvent::Submitted(e)) => Some(StreamId::Proposal(e.proposal_id)),
            Self::Proposal(ProposalEvent::Begun(e)) => Some(StreamId::Proposal(e.proposal_id)),
            Self::Contract(ContractEvent::Created(e)) => Some(StreamId::Contract(e.contract_id)),
            Self::Deposit(DepositEvent::Requested(e)) => Some(StreamId::Deposit(e.deposit_id)),
            Self::Refund(RefundEvent::Requested(e)) => Some(StreamId::Refund(e.refund_id)),
            Self::Dispute(DisputeEvent::Opened(e)) => Some(StreamId::Dispute(e.dispute_id)),
            Self::Payout(PayoutEvent::Requested(e)) => Some(StreamId::Payout(e.of.payout_id)),
            Self::Marketplace(_)
            | Self::Job(_)
            | Self::Proposal(_)
            | Self::Contract(_)
            | Self::Milestone(_)
            | Self::Escrow(_)
            | Self::Deposit(_)
            | Self::Refund(_)
            | Self::Dispute(_)
            | Self::Account(_)
            | Self::Payout(_)
            | Self::Settlement(_)
            | Self::Process(_) => None,
        }
    }

    /// The streams that the event belongs to, its owner's first; those of parties' accounts follow from the entry.
    pub fn streams(&self) -> Vec<StreamId> {
        let mut streams = match self {
            Self::Marketplace(event) => event.streams(),
            Self::Job(event) => event.streams(),
            Self::Proposal(event) => event.streams(),
            Self::Contract(event) => event.streams(),
            Self::Milestone(event) => event.streams(),
            Self::Escrow(event) => event.streams(),
            Self::Deposit(event) => event.streams(),
            Self::Refund(event) => event.streams(),
            Self::Dispute(event) => event.streams(),
            Self::Account(event) => event.streams(),
            Self::Payout(event) => event.streams(),
            Self::Settlement(event) => event.streams(),
            Self::Process(event) => event.streams(),
        };
        if let Some(entry) = self.journal_entry() {
            for account in entry.joined() {
                if !streams.contains(&account) {
                    streams.push(account);
                }
            }
        }
        streams
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_are_unique_and_of_one_form() {
        let mut names: Vec<_> = Event::types().map(|(name, _)| name).collect();
        for name in &names {
            let (noun, verb) = name.split_once('.').unwrap();
            assert!(
                [noun, verb].iter().all(|part| part.bytes().all(|c| c.is_ascii_lowercase() || c == b'_'))
            );
        }
        let before = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), before);
    }
}
