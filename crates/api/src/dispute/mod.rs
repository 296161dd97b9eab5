//! Disputes over GraphQL.

mod mutations;
mod queries;
mod types;

pub(crate) use mutations::DisputeMutations;
pub(crate) use queries::DisputeQueries;
pub(crate) use types::{Dispute, of_outcome};
