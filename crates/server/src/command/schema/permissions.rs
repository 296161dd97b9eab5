//! The page that says who may do what: every command, whom it is for, and where it leads each machine.

use super::lifecycles::roles;
use super::{GENERATED, Made};
use domain::CommandKind;
use domain::command::Reach;
use domain::machine::{MACHINES, Machine, Row};

pub(super) fn page() -> Made {
    let of_reach = |reach| -> String {
        CommandKind::ALL.iter().filter(|kind| kind.reach() == reach).map(|kind| lines(*kind)).collect()
    };
    let header = "| command | what it does | by | machine | from | to |\n|---|---|---|---|---|---|\n";
    let text = format!(
        "{GENERATED}\n\n# Permissions\n\nWho may give which command, and where it leads. What no row grants is denied. A \
         row is for those of its roles who are\nparties to the thing itself; who is, each decision asks for itself. \
         Diagrams: [lifecycles](lifecycles/README.md).\n\n## Commands of people\n\nEach is a mutation of the GraphQL \
         schema.\n\n{header}{}\n## Commands of timers, processes and providers\n\nNobody reaches them from outside.\n\n\
         {header}{}",
        of_reach(Reach::People),
        of_reach(Reach::Internal),
    );
    Made { path: "docs/permissions.md".to_owned(), text }
}

/// A line for each row of any machine that has the command, the command named in the first.
fn lines(kind: CommandKind) -> String {
    let rows = MACHINES.iter().flat_map(|machine| machine.rows().into_iter().map(move |row| (machine, row)));
    let own = rows.filter(|(_, row)| row.command == kind);
    let named = format!("`{}` | {}", kind.as_str(), kind.about());
    own.enumerate().map(|(index, row)| line(if index == 0 { &named } else { " | " }, &row)).collect()
}

fn line(named: &str, (machine, row): &(&Machine, Row)) -> String {
    let from = if row.from.is_empty() { "–".to_owned() } else { row.from.join(", ") };
    format!(
        "| {named} | {} | [{}](lifecycles/{}.md) | {from} | {} |\n",
        roles(row.actors),
        machine.name,
        machine.name,
        row.to
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_named_once_with_whom_it_is_for() {
        let page = page().text;
        for kind in CommandKind::ALL {
            let named = format!("| `{}` |", kind.as_str());
            assert_eq!(page.matches(&named).count(), 1, "{kind:?}");
            let line = page.lines().find(|line| line.starts_with(&named)).unwrap();
            let some = kind.roles().iter().any(|role| line.contains(role.as_str()));
            assert!(some, "{line}");
        }
    }
}
