//! Operations over GraphQL: what is paused, what needs a person, what is due, what is rebuilt.

mod attention;
mod due;
mod mutations;
mod pause;
mod rebuild;

pub(crate) use attention::{AttentionItem, AttentionQueries, listed, needing_a_person};
pub(crate) use due::{DueQueries, Timer};
pub(crate) use mutations::OperationMutations;
pub(crate) use pause::PauseQueries;
pub(crate) use rebuild::{RebuildMutations, RebuildQueries};
