//! Contracts, milestones and their money over GraphQL.

mod milestone;
mod mutations;
mod queries;
mod types;

pub(crate) use mutations::ContractMutations;
pub(crate) use queries::ContractQueries;
pub(crate) use types::{Contract, of_outcome};
