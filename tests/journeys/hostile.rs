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

#[tokio::test(flavor = "multi_thread")]
async fn each_is_refused_with_its_code_and_the_log_is_as_before() {
    let store = Store::new();
    let node = Node::start(&store);
    let before = fingerprint(&store).await;
    let deep = "proposals { nodes { job { ".repeat(8);
    let deep = format!("{{ job(id: \"job_\") {{ {deep} id {} }} }}", "} } }".repeat(8));
    let nested = format!(
        r#"{{"query": "{{ viewer {{ party }} }}", "variables": {{"v": {}"#,
        "[".repeat(200_000)
    );
    for (what, body, expected) in [
        ("not JSON", "{\"query\": ".to_owned(), (400, "MALFORMED_JSON")),
        ("not UTF-8's JSON", "\u{feff}{}".to_owned(), (400, "MALFORMED_JSON")),
        ("empty", String::new(), (400, "MALFORMED_JSON")),
        ("no query", "{}".to_owned(), (400, "BAD_USER_INPUT")),
        ("nested JSON", nested, (400, "MALFORMED_JSON")),
        (
            "oversized",
            query(&"x".repeat(256 * 1024)),
            (413, "BODY_TOO_LARGE"),
        ),
        ("a batch", "[{}]".to_owned(), (400, "COST_LIMIT")),
        ("syntax", query("mutation {"), (400, "BAD_USER_INPUT")),
        (
            "unknown field",
            query("{ everything }"),
            (422, "BAD_USER_INPUT"),
        ),
        ("too deep", query(&deep), (422, "COST_LIMIT")),
        ("1,000 aliases", query(&aliases(1_000)), (422, "COST_LIMIT")),
        (
            "a fragment's cycle",
            query("{ ...A } fragment A on Query { ...A }"),
            (422, "COST_LIMIT"),
        ),
        (
            "too costly lists",
            query("{ jobs(first: 100) { nodes { proposals(first: 100) { nodes { id } } } } }"),
            (422, "COST_LIMIT"),
        ),
    ] {
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
        let answer = request
            .bearer_auth(token)
            .body(query("{ viewer { party } }"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 415, "{kind}");
    }
}
