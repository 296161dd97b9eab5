//! Disputes over GraphQL.

mod mutations;
mod past;
mod queries;
mod rulings;
mod talks;
mod types;
mod words;

pub(crate) use mutations::DisputeMutations;
pub(crate) use queries::DisputeQueries;
pub(crate) use rulings::RulingMutations;
pub(crate) use talks::TalkMutations;
pub(crate) use types::{Dispute, of_outcome};
use words::{AppealGround, FeeBearer};

use crate::money::MoneyInput;
use domain::Refusal;
use domain::money::Money;
use domain::text::{Prose, Text};

/// An amount of the input's `field`.
fn read(amount: &MoneyInput, field: &'static str) -> Result<Money, Refusal> {
    amount.read().map_err(|refusal| refusal.at(field))
}

/// A text of the input's `field`.
fn text(text: &str, field: &'static str) -> Result<Prose, Refusal> {
    Text::parse(text).map_err(|refusal| refusal.at(field))
}
