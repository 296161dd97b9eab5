//! Rebuilding a read model, asked for by an operator. The log says who asked and why; it says nothing of the rows, which
//! no rule reads.

use super::pause::operated;
use super::{MarketplaceEvent, ReadModelRebuildRequested};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::text::Title;
use serde::Serialize;

/// Asks for a read model to be folded anew from the log.
#[derive(Clone, Debug, Serialize)]
pub struct RebuildReadModel {
    /// Which read model.
    pub name: &'static str,
    /// Why.
    pub reason: Title,
}

/// Refuses nothing that an operator asks for: a read model may be rebuilt at any time, and as often as somebody likes.
pub(crate) fn decide(
    command: &RebuildReadModel,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    operated(states, CommandKind::RebuildReadModel, cx)?;
    let (name, reason) = (command.name.to_owned(), command.reason.clone());
    let requested = ReadModelRebuildRequested { name, reason };
    Ok(vec![Event::Marketplace(MarketplaceEvent::ReadModelRebuildRequested(requested))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Code;
    use crate::scenario::{ADMIN, CLIENT, FINANCE, given};

    fn rebuild() -> RebuildReadModel {
        RebuildReadModel { name: "job_board", reason: Title::parse("a row is wrong").unwrap() }
    }

    #[test]
    fn an_operator_asks_with_a_reason_and_nobody_else_does() {
        given([]).when(CLIENT, rebuild()).refused(Code::Forbidden);
        given([]).when(FINANCE, rebuild()).refused(Code::Forbidden);
        let requested = ReadModelRebuildRequested {
            name: "job_board".to_owned(),
            reason: Title::parse("a row is wrong").unwrap(),
        };
        let event = Event::Marketplace(MarketplaceEvent::ReadModelRebuildRequested(requested));
        assert_eq!(given([]).when(ADMIN, rebuild()).events(), [event]);
    }

    #[test]
    fn asking_changes_nothing_and_may_be_repeated() {
        let asked = given([]).when(ADMIN, rebuild()).events().to_vec();
        let before = given([]).into_states();
        let after = given(asked.clone()).into_states();
        assert_eq!(after.marketplace().unwrap(), before.marketplace().unwrap());
        assert_eq!(given(asked).when(ADMIN, rebuild()).events().len(), 1);
    }
}
