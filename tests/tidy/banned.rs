//! Crates that must not be compiled, whoever asks for them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use crate::assert_clean;
use crate::tree::{METADATA, list, members, text};

/// Each banned crate and what is used instead.
const BANNED: &[(&str, &str)] = &[
    ("ring", "aws-lc-rs is the one cryptography library"),
    ("chrono", "jiff is the one library for instants and calendars"),
    ("openssl", "aws-lc-rs is the one cryptography library"),
    ("openssl-sys", "aws-lc-rs is the one cryptography library"),
    ("native-tls", "TLS is rustls on aws-lc-rs"),
    ("nats", "it is deprecated in favour of async-nats"),
];

/// The names of the packages that each named package brings in. Versions are merged: a ban concerns the name.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// A finding for each banned package that a root brings in, with a shortest chain that does.
fn banned(graph: &Graph, roots: &[String]) -> Vec<String> {
    let mut brought_by: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue: VecDeque<&str> = roots.iter().map(String::as_str).collect();
    while let Some(package) = queue.pop_front() {
        for dependency in graph.get(package).into_iter().flatten() {
            if !brought_by.contains_key(dependency.as_str()) && !roots.contains(dependency) {
                brought_by.insert(dependency, package);
                queue.push_back(dependency);
            }
        }
    }
    let compiled = BANNED.iter().filter(|(package, _)| brought_by.contains_key(package));
    compiled.map(|(package, instead)| format!("{}: {instead}", chain(package, &brought_by))).collect()
}

fn chain(package: &str, brought_by: &BTreeMap<&str, &str>) -> String {
    let steps = std::iter::successors(Some(package), |step| brought_by.get(step).copied());
    let mut names: Vec<&str> = steps.collect();
    names.reverse();
    names.join(" → ")
}

/// The graph that is compiled with the features that are on, tests included.
fn compiled(metadata: &Value) -> Graph {
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let mut graph = Graph::new();
    for node in list(&metadata["resolve"]["nodes"]) {
        let dependencies =
            list(&node["deps"]).iter().map(|dependency| names[text(&dependency["pkg"])].to_owned());
        graph.entry(names[text(&node["id"])].to_owned()).or_default().extend(dependencies);
    }
    graph
}

#[test]
fn no_banned_crate_is_compiled() {
    let roots: Vec<String> =
        members(&METADATA).into_iter().map(|package| text(&package["name"]).to_owned()).collect();
    assert_clean(&banned(&compiled(&METADATA), &roots));
}

#[test]
fn every_banned_crate_is_found_with_what_brings_it_in() {
    for (package, _) in BANNED {
        let graph = made_up(&[("counterfoil", &["reqwest"]), ("reqwest", &["tls"]), ("tls", &[package])]);
        let found = banned(&graph, &["counterfoil".to_owned()]);
        assert!(found[0].starts_with(&format!("counterfoil → reqwest → tls → {package}: ")), "{found:?}");
    }
}

#[test]
fn a_banned_crate_that_nothing_compiles_is_left_alone() {
    let graph = made_up(&[("counterfoil", &["reqwest"]), ("unused", &["ring"])]);
    assert_clean(&banned(&graph, &["counterfoil".to_owned()]));
}

#[test]
fn the_compiled_graph_reaches_beyond_direct_dependencies() {
    let graph = compiled(&METADATA);
    assert!(graph["counterfoil"].contains("rusqlite") && graph["rusqlite"].contains("libsqlite3-sys"));
}

fn made_up(edges: &[(&str, &[&str])]) -> Graph {
    let node = |(from, to): &(&str, &[&str])| {
        ((*from).to_owned(), to.iter().map(|name| (*name).to_owned()).collect())
    };
    edges.iter().map(node).collect()
}
