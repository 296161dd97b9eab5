//! Jobs over GraphQL.

mod mutations;
mod queries;
mod types;

pub(crate) use mutations::JobMutations;
pub(crate) use queries::JobQueries;
pub(crate) use types::Job;
