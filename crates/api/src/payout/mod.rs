//! Payouts over GraphQL.

mod mutations;
mod queries;
mod types;

pub(crate) use mutations::PayoutMutations;
pub(crate) use queries::PayoutQueries;
pub(crate) use types::{Payout, of_outcome};
