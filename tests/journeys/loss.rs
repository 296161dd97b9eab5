//! The check that nothing acknowledged is lost: whatever was, is sent again under its key, and must be answered with
//! the same events at the same positions.

use crate::graphql::{Answer, Done};
use crate::journey::{Command, People};
use serde_json::Value;

/// How often an answer that says neither yes nor no is asked for again.
const ATTEMPTS_MAX: usize = 20;

/// A command, and the answer that its giver has.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) command: Command,
    /// Without the entity, which changes.
    pub(crate) done: Done,
}

impl PartialEq for Acknowledged {
    fn eq(&self, other: &Self) -> bool {
        self.done == other.done
    }
}

impl Acknowledged {
    pub(crate) fn new(command: &Command, done: &Done) -> Self {
        let entity = Value::Null;
        Self { command: command.clone(), done: Done { entity, ..done.clone() } }
    }
}

/// Sends every acknowledged command again, and says which are answered otherwise than before.
pub(crate) async fn lost<'a>(
    people: &People,
    acknowledged: impl IntoIterator<Item = &'a Acknowledged>,
) -> Vec<String> {
    let mut lost = Vec::new();
    for Acknowledged { command, done } in acknowledged {
        let again = ask(people, command).await;
        if again != Answer::Done(done.clone()) {
            lost.push(format!("{command:?}: {done:?}, and now {again:?}"));
        }
    }
    lost
}

async fn ask(people: &People, command: &Command) -> Answer {
    let caller = people.with_role(command.role);
    let mut attempts = 0;
    loop {
        let answer = caller.give_briefly(command.mutation, &command.input).await;
        let answer = answer.expect("the node to be there");
        attempts += 1;
        if !answer.is_undecided() || attempts == ATTEMPTS_MAX {
            return answer;
        }
    }
}
