//! Proposals, and the negotiation that leads from one to a contract.

pub(crate) mod accept_offer;
pub(crate) mod counter_offer;
mod event;
pub(crate) mod expire_offer;
pub(crate) mod expire_proposal;
pub(crate) mod make_direct_offer;
pub(crate) mod make_offer;
pub(crate) mod moves;
pub(crate) mod revise_proposal;
mod state;
pub(crate) mod submit_proposal;
mod terms;
mod transitions;

pub use accept_offer::AcceptOffer;
pub use counter_offer::CounterOffer;
pub use event::{
    OfferAccepted, OfferDeclined, OfferExpired, OfferMade, OfferSuperseded, OfferWithdrawn, ProposalBegun,
    ProposalClosed, ProposalDeclined, ProposalEvent, ProposalExpired, ProposalRevised, ProposalSaved,
    ProposalShortlisted, ProposalSubmitted, ProposalWithdrawn, SavedProposalSubmitted,
};
pub use expire_offer::ExpireOffer;
pub use expire_proposal::{CloseProposal, ExpireProposal};
pub use make_direct_offer::MakeDirectOffer;
pub use make_offer::{MakeOffer, OfferedMilestone};
pub use moves::{DeclineOffer, DeclineProposal, ShortlistProposal, WithdrawOffer, WithdrawProposal};
pub use revise_proposal::ReviseProposal;
pub use state::{Offer, Proposal};
pub use submit_proposal::{PROPOSALS_MAX, SaveProposal, SubmitProposal, SubmitSavedProposal};
pub(crate) use terms::hex_bytes;
pub use terms::{MilestoneTerms, OfferTerms, Salt, TermsHash};
pub use transitions::{ProposalStatus, TRANSITIONS};

use crate::refusal::Refusal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A side of a negotiation and of the contract that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// Who pays.
    Client,
    /// Who works.
    Talent,
}

impl Party {
    /// The side that it deals with.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Talent,
            Self::Talent => Self::Client,
        }
    }

    /// The side itself, for somebody who acts with its role: a token for clients doesn't work as the talent that its
    /// bearer also is.
    pub(crate) fn held_by(self, actor: &crate::context::Actor) -> Result<Self, Refusal> {
        actor.person_as(self.role()).map(|_| self)
    }

    /// The role that this side acts with.
    pub const fn role(self) -> crate::context::Role {
        match self {
            Self::Client => crate::context::Role::Client,
            Self::Talent => crate::context::Role::Talent,
        }
    }
}
