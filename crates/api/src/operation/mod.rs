//! Operations over GraphQL: what is paused, what needs a person, what is due.

mod attention;
mod due;
mod mutations;
mod pause;

pub(crate) use attention::{AttentionItem, AttentionQueries};
pub(crate) use due::{DueQueries, Timer};
pub(crate) use mutations::OperationMutations;
pub(crate) use pause::PauseQueries;
