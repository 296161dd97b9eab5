//! Requests that are refused before anything is executed.

use crate::log::fingerprint;
use crate::node::{Node, Store};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Status and code of the answer to `body`, sent by a client.
async fn refused(node: &Node, body: String) -> (u16, String) {
    let (status, answer) = node.persona("client").post(body).await.unwrap();
    let code = &answer["errors"][0]["extensions"]["code"];
    assert!(answer["errors"][0]["extensions"]["traceId"].is_string(), "{answer}");
    (status, code.as_str().unwrap().to_owned())
}

fn query(document: &str) -> String {
    json!({"query": document}).to_string()
}

fn aliases(count: usize) -> String {
    let create = r#"createJob(input: {title: "T", description: "D", idempotencyKey: "k"}) { position }"#;
    let mut document = "mutation { ".to_owned();
    for n in 0..count {
        write!(document, "a{n}: {create} ").unwrap();
    }
    document + "}"
}

/// What is sent, in words and bytes, with the status and code that answer it.
type Attack = (&'static str, String, (u16, &'static str));

fn bodies() -> Vec<Attack> {
    let nested =
        format!(r#"{{"query": "{{ viewer {{ party }} }}", "variables": {{"v": {}"#, "[".repeat(200_000));
    let malformed = (400, "MALFORMED_JSON");
    vec![
        ("JSON cut short", "{\"query\": ".to_owned(), malformed),
        ("a byte order mark", "\u{feff}{}".to_owned(), malformed),
        ("nothing", String::new(), malformed),
        ("nested JSON", nested, malformed),
        ("no query", "{}".to_owned(), (400, "BAD_USER_INPUT")),
        ("a batch", "[{}]".to_owned(), (400, "COST_LIMIT")),
        ("an oversized body", query(&"x".repeat(256 * 1024)), (413, "BODY_TOO_LARGE")),
    ]
}

fn documents() -> Vec<Attack> {
    let deep = "proposals { nodes { job { ".repeat(8);
    let deep = format!("{{ job(id: \"job_\") {{ {deep} id {} }} }}", "} } }".repeat(8));
    let long = format!("{{ node(id: \"{}\") {{ id }} }}", "x".repeat(64 * 1024 + 1));
    let directives = format!("{{ viewer {{ party {} }} }}", "@include(if: true) ".repeat(100));
    let wide = "{ jobs(first: 100) { nodes { proposals(first: 100) { nodes { id } } } } }";
    let costly = (422, "COST_LIMIT");
    vec![
        ("a document cut short", query("mutation {"), (400, "BAD_USER_INPUT")),
        ("an unknown field", query("{ everything }"), (422, "BAD_USER_INPUT")),
        ("too deep a query", query(&deep), costly),
        ("1,000 aliases", query(&aliases(1_000)), costly),
        ("100 directives", query(&directives), costly),
        ("a cycle of fragments", query("{ ...A } fragment A on Query { ...A }"), costly),
        ("a long string", query(&long), costly),
        ("lists of lists", query(wide), costly),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_refused_with_its_code_and_the_log_is_as_before() {
    let store = Store::new();
    let node = Node::start(&store);
    let before = fingerprint(&store).await;
    for (what, body, expected) in bodies().into_iter().chain(documents()) {
        let (status, code) = refused(&node, body).await;
        assert_eq!((status, code.as_str()), expected, "{what}");
    }
    assert_eq!(fingerprint(&store).await, before);
    let alive = node.persona("client").see("{ viewer { roles } }", Value::Null).await;
    assert_eq!(alive["viewer"]["roles"], json!(["client"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_aliases_are_no_attack() {
    let node_store = Store::new();
    let node = Node::start(&node_store);
    let (status, answer) = node.persona("client").post(query(&aliases(3))).await.unwrap();
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["data"]["a0"], answer["data"]["a2"], "one key, one effect");
}

#[tokio::test(flavor = "multi_thread")]
async fn mutations_are_refused_over_get() {
    let store = Store::new();
    let node = Node::start(&store);
    let before = fingerprint(&store).await;
    let document = aliases(1);
    let encoded: String = document.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02x}").unwrap();
        text
    });
    let token = node.banner()["tokens"]["client"].as_str().unwrap();
    let address = node.url(&format!("/graphql?query={encoded}"));
    let answer = node.http().get(address).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(fingerprint(&store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_a_foreign_page_could_post_are_refused() {
    let store = Store::new();
    let node = Node::start(&store);
    let token = node.banner()["tokens"]["client"].as_str().unwrap();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = node.http().post(node.url("/graphql")).header("content-type", kind);
        let answer = request.bearer_auth(token).body(query("{ viewer { party } }")).send().await.unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
    }
}
