//! Disputes, as far as a refused refund opens one: the milestone's escrow is frozen until the client withdraws.

pub(crate) mod withdraw_dispute;

pub use withdraw_dispute::WithdrawDispute;

use crate::command::CommandKind;
use crate::context::Role;
use crate::event::{Event, event_group};
use crate::id::{ContractId, DisputeId, MilestoneId, PartyId};
use crate::money::Money;
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::Prose;
use crate::transition::Transition;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a dispute.
    DisputeEvent {
        /// A refund was refused, and the two sides negotiate.
        Opened(DisputeOpened) = "dispute.opened", 1;
        /// The opener gave it up.
        Withdrawn(DisputeWithdrawn) = "dispute.withdrawn", 1;
    }
}

/// Payload of `dispute.opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeOpened {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money is disputed.
    pub milestone_id: MilestoneId,
    /// Who opened it.
    pub opener: PartyId,
    /// Who answers.
    pub respondent: PartyId,
    /// What the opener wants back, which caps what they can get.
    pub claim: Money,
    /// What the respondent says.
    pub answer: Personal<Prose>,
}

/// Payload of `dispute.withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeWithdrawn {
    /// The dispute.
    pub dispute_id: DisputeId,
}

impl DisputeEvent {
    /// The dispute that it is about.
    pub const fn dispute_id(&self) -> DisputeId {
        match self {
            Self::Opened(e) => e.dispute_id,
            Self::Withdrawn(e) => e.dispute_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        vec![StreamId::Dispute(self.dispute_id())]
    }
}

/// States of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// Both sides have spoken and look for a settlement.
    Negotiation,
    /// The opener gave it up.
    Withdrawn,
}

/// The table.
pub const TRANSITIONS: &[Transition<DisputeStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::RejectRefund,
        actors: &[Role::Talent],
        to: DisputeStatus::Negotiation,
    },
    Transition {
        from: &[DisputeStatus::Negotiation],
        command: CommandKind::WithdrawDispute,
        actors: &[Role::Client],
        to: DisputeStatus::Withdrawn,
    },
];

/// A dispute as its decisions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money is disputed.
    pub milestone_id: MilestoneId,
    /// Who opened it.
    pub opener: PartyId,
    /// Who answers.
    pub respondent: PartyId,
    status: DisputeStatus,
}

impl Dispute {
    /// Where it stands.
    pub const fn status(&self) -> DisputeStatus {
        self.status
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Event::Dispute(event) = event else {
            return state;
        };
        match event {
            DisputeEvent::Opened(e) => Some(Self {
                id: e.dispute_id,
                contract_id: e.contract_id,
                milestone_id: e.milestone_id,
                opener: e.opener,
                respondent: e.respondent,
                status: DisputeStatus::Negotiation,
            }),
            DisputeEvent::Withdrawn(_) => {
                state.map(|dispute| Self { status: DisputeStatus::Withdrawn, ..dispute })
            }
        }
    }
}
