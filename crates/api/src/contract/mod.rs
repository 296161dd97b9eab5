//! Contracts, milestones and their money over GraphQL.

mod ending;
mod milestone;
mod mutations;
mod oversight;
mod paying;
mod queries;
mod refund;
mod refunding;
mod terms;
mod timeline;
mod types;

pub(crate) use ending::EndMutations;
pub(crate) use mutations::ContractMutations;
pub(crate) use oversight::OversightMutations;
pub(crate) use paying::PayingMutations;
pub(crate) use queries::ContractQueries;
pub(crate) use refund::Refund;
pub(crate) use refunding::RefundMutations;
pub(crate) use terms::TermsMutations;
pub(crate) use timeline::{Balance, Fact};
pub(crate) use types::{Contract, of_outcome};
