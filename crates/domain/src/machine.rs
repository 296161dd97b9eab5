//! The state machines, all in one list. Whoever asks what a command may do, draws a machine, or checks one, asks here:
//! permissions, the diagrams in `docs/lifecycles` and the tests that try everything everywhere all follow from it.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;
use crate::{contract, deposit, dispute, job, marketplace, payout, proposal, refund, treasury};
use std::fmt::Debug;

/// One machine: something that is in one state at a time, and what leads it from each to the next.
pub struct Machine {
    /// What it is the machine of, lower case: `milestone`.
    pub name: &'static str,
    /// What that is, in a sentence.
    pub about: &'static str,
    table: &'static dyn Table,
}

/// The machines, in the order in which a piece of work meets them.
pub const MACHINES: &[Machine] = &[
    Machine {
        name: "marketplace",
        about: "The marketplace itself: its policy, and what an operator has paused.",
        table: &marketplace::TRANSITIONS,
    },
    Machine {
        name: "job",
        about: "What a client wants done, and the search for people to do it.",
        table: &job::TRANSITIONS,
    },
    Machine {
        name: "proposal",
        about: "A talent's wish to do a job, and the negotiation that follows.",
        table: &proposal::TRANSITIONS,
    },
    Machine {
        name: "contract",
        about: "What a client and a talent have agreed, until it ends.",
        table: &contract::TRANSITIONS,
    },
    Machine {
        name: "milestone",
        about: "A part of a contract with its own amount, work and escrow.",
        table: &contract::MILESTONE_TRANSITIONS,
    },
    Machine {
        name: "lot",
        about: "Earnings of one release, until the talent has them. A release makes it, on hold.",
        table: &contract::LOT_TRANSITIONS,
    },
    Machine {
        name: "deposit",
        about: "Money on its way in, from a client's payment instrument to a milestone's escrow.",
        table: &deposit::TRANSITIONS,
    },
    Machine {
        name: "refund",
        about: "Money on its way back to the instrument that it came from.",
        table: &refund::TRANSITIONS,
    },
    Machine {
        name: "dispute",
        about: "A disagreement about a milestone's money, and the way to its end.",
        table: &dispute::TRANSITIONS,
    },
    Machine {
        name: "payout",
        about: "Money on its way out, from a talent's balance to a destination.",
        table: &payout::TRANSITIONS,
    },
    Machine {
        name: "settlement",
        about: "What a provider has paid into the trust bank account, recorded once.",
        table: &treasury::TRANSITIONS,
    },
];

/// A row of a machine's table, with the states' names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// States that the command starts from; none for what does not exist yet.
    pub from: Vec<String>,
    /// The command.
    pub command: CommandKind,
    /// The roles that may give it.
    pub actors: &'static [Role],
    /// The state that it leads to.
    pub to: String,
}

impl Row {
    /// Whether this row leads from `from`, `None` for what does not exist yet, to `to`.
    pub fn leads(&self, from: Option<&str>, to: &str) -> bool {
        self.to == to && self.starts_from(from)
    }

    /// Whether this row starts from `from`, `None` for what does not exist yet.
    pub fn starts_from(&self, from: Option<&str>) -> bool {
        from.map_or(self.from.is_empty(), |state| self.from.iter().any(|from| from == state))
    }
}

impl Machine {
    /// The machine of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        MACHINES.iter().find(|machine| machine.name == name)
    }

    /// The rows of its table.
    pub fn rows(&self) -> Vec<Row> {
        self.table.rows()
    }

    /// Every state that its table names, in the order in which it first does.
    pub fn states(&self) -> Vec<String> {
        let mut states = Vec::new();
        for row in self.rows() {
            for state in row.from.into_iter().chain([row.to]) {
                if !states.contains(&state) {
                    states.push(state);
                }
            }
        }
        states
    }
}

impl CommandKind {
    /// The roles that any machine's table gives this command: the coarse half of every permission.
    pub fn roles(self) -> Vec<Role> {
        let mut roles = Vec::new();
        for machine in MACHINES {
            machine.table.grant(self, &mut roles);
        }
        roles
    }
}

/// A transition table of any machine.
trait Table: Sync {
    fn rows(&self) -> Vec<Row>;

    /// Adds the roles that the table gives the command.
    fn grant(&self, command: CommandKind, roles: &mut Vec<Role>);
}

impl<S: Copy + Debug + Sync> Table for &'static [Transition<S>] {
    fn rows(&self) -> Vec<Row> {
        let name = |state: &S| format!("{state:?}");
        let row = |row: &Transition<S>| Row {
            from: row.from.iter().map(name).collect(),
            command: row.command,
            actors: row.actors,
            to: name(&row.to),
        };
        self.iter().map(row).collect()
    }

    fn grant(&self, command: CommandKind, roles: &mut Vec<Role>) {
        for role in self.iter().filter(|row| row.command == command).flat_map(|row| row.actors) {
            if !roles.contains(role) {
                roles.push(*role);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_machines_share_a_name() {
        for (index, machine) in MACHINES.iter().enumerate() {
            assert!(MACHINES[..index].iter().all(|other| other.name != machine.name), "{}", machine.name);
        }
    }

    #[test]
    fn a_row_leads_from_each_of_its_states_to_one() {
        let row = Row {
            from: vec!["Open".to_owned()],
            command: CommandKind::ExpireJob,
            actors: &[Role::System],
            to: "Expired".to_owned(),
        };
        assert!(row.leads(Some("Open"), "Expired"));
        assert!(!row.leads(None, "Expired") && !row.leads(Some("Open"), "Open"));
    }
}
