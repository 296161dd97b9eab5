//! Proposals and offers over GraphQL.

mod mutations;
mod queries;
mod types;

pub(crate) use mutations::ProposalMutations;
pub(crate) use queries::ProposalQueries;
pub(crate) use types::{FeeQuote, Proposal, Side};
