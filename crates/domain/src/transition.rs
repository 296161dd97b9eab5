//! Transition tables: the one place that says which command leads from which state to which, and for whom.

use crate::command::CommandKind;
use crate::context::Role;
use crate::refusal::{Code, Refusal};
use std::fmt::Debug;

/// A row: `command`, by one of `actors`, leads from each of `from` to `to`. An empty `from` is "does not exist yet".
#[derive(Debug)]
pub struct Transition<S: 'static> {
    /// States that the command starts from.
    pub from: &'static [S],
    /// The command.
    pub command: CommandKind,
    /// The roles that may give it.
    pub actors: &'static [Role],
    /// The state that it leads to.
    pub to: S,
}

impl<S: Copy + PartialEq> Transition<S> {
    /// Whether this row leads from `from`, `None` for what does not exist yet, to `to`.
    pub fn leads(&self, from: Option<S>, to: S) -> bool {
        self.to == to && from.map_or(self.from.is_empty(), |state| self.from.contains(&state))
    }
}

/// Lets `command` lead from `from` to `to`, for somebody acting with `role`.
///
/// # Errors
/// [`Code::WrongSide`] when no row gives the role this command, [`Code::WrongState`] when none leads from here to there.
pub fn consult<S: Copy + PartialEq + Debug>(
    table: &'static [Transition<S>],
    from: Option<S>,
    command: CommandKind,
    role: Role,
    to: S,
) -> Result<(), Refusal> {
    let rows = || table.iter().filter(|row| row.command == command && row.actors.contains(&role));
    if rows().next().is_none() {
        return Err(Refusal::new(
            Code::WrongSide,
            format!("{} is not for the {} of it", command.as_str(), role.as_str()),
        ));
    }
    if rows().any(|row| row.leads(from, to)) {
        return Ok(());
    }
    let state = from.map_or("new".to_owned(), |state| format!("{state:?}"));
    Err(Refusal::new(Code::WrongState, format!("{} is not possible while it is {state}", command.as_str())))
}
