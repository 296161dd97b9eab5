//! Which of our crates may depend on which. A dependency that the table lacks is an arrow that must not exist.

use serde_json::Value;

use crate::assert_clean;
use crate::tree::{METADATA, list, members, text};

/// Each package of the workspace and those of ours that it may depend on. The package in `crates/server` is called
/// `counterfoil`; being in no row's right side, it can be used by nothing.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("eventstore", &[]),
    ("engine", &["domain", "eventstore"]),
    ("projections", &["domain", "eventstore"]),
    ("audit", &["domain", "eventstore"]),
    ("api", &["audit", "domain", "engine", "projections"]),
    ("counterfoil", &["api", "audit", "domain", "engine", "eventstore", "projections"]),
    ("testkit", &["audit", "domain", "engine", "eventstore", "projections"]),
    ("simulator", &["audit", "domain", "engine", "eventstore"]),
    ("tests", &[]),
    ("xtask", &[]),
];

/// Packages of others that one of ours must not name, because another crate stands between them.
const FOREIGN_FORBIDDEN: &[(&str, &[&str])] = &[("api", &["rusqlite", "sqlx"])];

/// A dependency as a manifest declares it. Build dependencies count as normal ones.
struct Arrow<'a> {
    from: &'a str,
    to: &'a str,
    development: bool,
}

fn forbidden(arrows: &[Arrow<'_>]) -> Vec<String> {
    let found = arrows.iter().filter_map(|arrow| {
        let reason = objection(arrow)?;
        Some(format!("{} → {}: {reason}", arrow.from, arrow.to))
    });
    found.collect()
}

fn objection(arrow: &Arrow<'_>) -> Option<&'static str> {
    let row = |table: &'static [(&str, &'static [&'static str])], name: &str| {
        table.iter().find(|(package, _)| *package == name).map(|(_, others)| *others)
    };
    let Some(allowed) = row(ALLOWED, arrow.from) else {
        return Some("the depending package has no row in the table of allowed arrows");
    };
    if row(ALLOWED, arrow.to).is_none() {
        let foreign = row(FOREIGN_FORBIDDEN, arrow.from).unwrap_or_default();
        return foreign.contains(&arrow.to).then_some("another crate of ours stands between them");
    }
    if arrow.development {
        // Tests may see anything but the binary's package, which they start as a process.
        return (arrow.to == "counterfoil").then_some("nothing depends on the binary's package");
    }
    (!allowed.contains(&arrow.to)).then_some("the table of allowed arrows does not have it")
}

fn declared(metadata: &Value) -> Vec<Arrow<'_>> {
    let mut arrows = Vec::new();
    for package in members(metadata) {
        for dependency in list(&package["dependencies"]) {
            let development = dependency["kind"] == "dev";
            arrows.push(Arrow { from: text(&package["name"]), to: text(&dependency["name"]), development });
        }
    }
    arrows
}

#[test]
fn no_crate_depends_on_one_that_it_must_not_know() {
    assert_clean(&forbidden(&declared(&METADATA)));
}

#[test]
fn every_package_of_the_workspace_has_a_row() {
    let rows: Vec<&str> = ALLOWED.iter().map(|(package, _)| *package).collect();
    let missing = members(&METADATA).into_iter().map(|package| text(&package["name"]).to_owned());
    assert_clean(&missing.filter(|name| !rows.contains(&name.as_str())).collect::<Vec<_>>());
}

#[test]
fn every_arrow_that_must_never_exist_is_found() {
    let never = [
        ("domain", "eventstore"),
        ("domain", "testkit"),
        ("eventstore", "domain"),
        ("engine", "projections"),
        ("engine", "audit"),
        ("projections", "engine"),
        ("projections", "audit"),
        ("audit", "engine"),
        ("audit", "projections"),
        ("api", "eventstore"),
        ("api", "rusqlite"),
        ("api", "sqlx"),
        ("api", "counterfoil"),
        ("testkit", "counterfoil"),
        ("counterfoil", "testkit"),
        ("tests", "domain"),
        ("a-new-crate", "domain"),
    ];
    for (from, to) in never {
        let found = forbidden(&[Arrow { from, to, development: false }]);
        assert!(found.iter().any(|finding| finding.starts_with(&format!("{from} → {to}"))), "{from} → {to}");
    }
}

#[test]
fn not_even_a_test_depends_on_the_binary_s_package() {
    assert_eq!(forbidden(&[Arrow { from: "tests", to: "counterfoil", development: true }]).len(), 1);
}

#[test]
fn arrows_of_the_design_and_those_of_tests_pass() {
    let allowed = [("engine", "domain", false), ("api", "projections", false), ("engine", "testkit", true)];
    assert_clean(&forbidden(&allowed.map(|(from, to, development)| Arrow { from, to, development })));
}

#[test]
fn declared_dependencies_are_read_with_their_kind() {
    let metadata = serde_json::json!({
        "workspace_members": ["a"],
        "packages": [
            { "id": "a", "name": "api", "dependencies": [
                { "name": "rusqlite", "kind": null }, { "name": "testkit", "kind": "dev" },
            ] },
            { "id": "b", "name": "somebody-else", "dependencies": [{ "name": "api", "kind": null }] },
        ],
    });
    let read: Vec<_> = declared(&metadata)
        .into_iter()
        .map(|arrow| (arrow.from.to_owned(), arrow.to.to_owned(), arrow.development))
        .collect();
    assert_eq!(
        read,
        [("api".to_owned(), "rusqlite".to_owned(), false), ("api".to_owned(), "testkit".to_owned(), true)]
    );
}
