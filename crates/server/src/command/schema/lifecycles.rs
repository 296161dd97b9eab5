//! A page per machine: its diagram in Mermaid, and its table.

use super::{GENERATED, Made};
use domain::Role;
use domain::machine::{MACHINES, Machine, Row};

/// Where the pages are.
const DIRECTORY: &str = "docs/lifecycles";

/// The pages, and their index.
pub(super) fn pages() -> Vec<Made> {
    let made =
        |machine: &Machine| Made { path: format!("{DIRECTORY}/{}.md", machine.name), text: page(machine) };
    let index = Made { path: format!("{DIRECTORY}/README.md"), text: index() };
    MACHINES.iter().map(made).chain([index]).collect()
}

fn index() -> String {
    let row = |machine: &Machine| format!("| [{0}]({0}.md) | {1} |\n", machine.name, machine.about);
    let rows = MACHINES.iter().map(row).collect::<Vec<_>>().concat();
    format!(
        "{GENERATED}\n\n# Lifecycles\n\nEverything that has states, with the commands that lead from each to the next. \
         What no table lists does not happen.\nWho may give which command, all in one table: \
         [permissions](../permissions.md).\n\n| machine | what it is |\n|---|---|\n{rows}"
    )
}

fn page(machine: &Machine) -> String {
    let (name, about) = (machine.name, machine.about);
    let title = name[..1].to_uppercase() + &name[1..];
    let table: String = machine.rows().iter().map(table_row).collect();
    format!(
        "{GENERATED}\n\n# {title}\n\n{about}\n\n```mermaid\n{}```\n\n| from | command | by | to | what it does |\n\
         |---|---|---|---|---|\n{table}\n[All machines](README.md)\n",
        diagram(machine)
    )
}

fn table_row(row: &Row) -> String {
    let from = if row.from.is_empty() { "–".to_owned() } else { row.from.join(", ") };
    let (command, about) = (row.command.as_str(), row.command.about());
    format!("| {from} | `{command}` | {} | {} | {about} |\n", roles(row.actors), row.to)
}

/// Roles, as texts have them.
pub(super) fn roles(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

/// The states as a Mermaid diagram, with one arrow from each to each, whatever leads along it.
fn diagram(machine: &Machine) -> String {
    let mut arrows: Vec<(String, String, Vec<String>)> = Vec::new();
    let rows = machine.rows();
    for row in &rows {
        let label = format!("{} ({})", row.command.as_str(), roles(row.actors));
        let from = if row.from.is_empty() { vec!["[*]".to_owned()] } else { row.from.clone() };
        for from in from {
            match arrows.iter_mut().find(|(known, to, _)| *known == from && *to == row.to) {
                Some((_, _, labels)) => labels.push(label.clone()),
                None => arrows.push((from, row.to.clone(), vec![label.clone()])),
            }
        }
    }
    let ends = machine.states().into_iter().filter(|state| is_end(&rows, state));
    arrows.extend(ends.map(|state| (state, "[*]".to_owned(), Vec::new())));
    let lines = arrows.iter().map(|(from, to, labels)| match labels.as_slice() {
        [] => format!("    {from} --> {to}\n"),
        labels => format!("    {from} --> {to}: {}\n", labels.join("<br/>")),
    });
    format!("stateDiagram-v2\n{}", lines.collect::<String>())
}

/// Whether nothing leads on from the state.
fn is_end(rows: &[Row], state: &str) -> bool {
    rows.iter().all(|row| row.to == state || !row.starts_from(Some(state)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_arrow_carries_every_command_that_leads_along_it() {
        let refund = diagram(Machine::named("refund").unwrap());
        let begins: Vec<&str> = refund.lines().filter(|line| line.contains("[*] --> Requested")).collect();
        assert_eq!(begins.len(), 1, "{refund}");
        assert!(begins[0].contains("agreeRefund (talent)<br/>autoAgreeRefund (system)"), "{refund}");
    }

    #[test]
    fn a_state_that_nothing_leads_on_from_is_an_end() {
        let refund = diagram(Machine::named("refund").unwrap());
        assert!(refund.contains("    Failed --> [*]\n"), "{refund}");
        assert!(!refund.contains("    Requested --> [*]\n"), "{refund}");
    }

    #[test]
    fn every_row_stands_in_its_machine_s_page() {
        for machine in MACHINES {
            let page = page(machine);
            assert!(machine.rows().iter().all(|row| page.contains(&table_row(row))), "{}", machine.name);
        }
    }
}
