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

/// The state to which `command` leads from `from`, for somebody acting with `role`.
///
/// # Errors
/// [`Code::WrongSide`] when no row gives the role this command, [`Code::WrongState`] when none starts from here.
pub fn consult<S: Copy + PartialEq + Debug>(
    table: &'static [Transition<S>],
    from: Option<S>,
    command: CommandKind,
    role: Role,
) -> Result<S, Refusal> {
    let mut rows = table
        .iter()
        .filter(|row| row.command == command && row.actors.contains(&role))
        .peekable();
    if rows.peek().is_none() {
        return Err(Refusal::new(
            Code::WrongSide,
            format!("{} is not for the {} of it", command.as_str(), role.as_str()),
        ));
    }
    rows.find(|row| from.map_or(row.from.is_empty(), |state| row.from.contains(&state)))
        .map(|row| row.to)
        .ok_or_else(|| {
            let state = from.map_or("new".to_owned(), |state| format!("{state:?}"));
            Refusal::new(
                Code::WrongState,
                format!("{} is not possible while it is {state}", command.as_str()),
            )
        })
}
