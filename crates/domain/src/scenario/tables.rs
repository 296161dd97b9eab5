//! Compares what decisions fold to with the transition tables: no state changes but by a row.

use super::standing::{Standing, standings};
use crate::machine::Machine;
use crate::{CommandKind, States};

/// Fails unless every state that `command` changed was changed by a row of its machine's table.
#[track_caller]
pub(crate) fn check(command: CommandKind, before: &States, after: &States) {
    let before = everything(before);
    for now in everything(after) {
        let same = |old: &&Standing| (old.machine, &old.subject) == (now.machine, &now.subject);
        let from = before.iter().find(same).map(|old| old.status.as_str());
        moved(&now, command, from);
    }
}

/// Everything that stands somewhere.
pub(crate) fn everything(states: &States) -> Vec<Standing> {
    states.folded().iter().filter_map(|folded| folded.state.as_deref()).flat_map(standings).collect()
}

#[track_caller]
fn moved(now: &Standing, command: CommandKind, from: Option<&str>) {
    if from == Some(&now.status) {
        return;
    }
    let rows = Machine::named(now.machine).unwrap().rows();
    // What other machines' rows make, such as a lot that a release makes, has a table only from there on.
    if from.is_none() && rows.iter().all(|row| !row.from.is_empty()) {
        return;
    }
    let listed = rows.iter().any(|row| row.command == command && row.leads(from, &now.status));
    assert!(listed, "no row has {command:?} lead a {} from {from:?} to {}", now.machine, now.status);
}

#[test]
#[should_panic(expected = "no row has SubmitJob lead a job from None to Open")]
fn a_move_that_no_row_has_is_seen() {
    let open = Standing { machine: "job", subject: "job_1".to_owned(), status: "Open".to_owned() };
    moved(&open, CommandKind::SubmitJob, None);
}
