//! Requests that would cost more than they may. None of them reaches a resolver.

use super::*;
use crate::http::body::DISCARDED;
use crate::limits::{ALIASES_MAX, DEPTH_MAX, STRING_BYTES_MAX};
use futures_util::StreamExt;

/// The document is refused as too costly, and no resolver ran.
#[track_caller]
fn refused(site: &Site, reply: &Reply) {
    assert_eq!(reply.failure(), is(422, "COST_LIMIT"), "{}", reply.text);
    assert!(reply.json().get("data").is_none());
    assert_eq!(site.runs(), 0);
}

async fn costs_too_much(query: &str) {
    let site = site();
    let reply = site.query(GRAPHQL, query).await;
    refused(&site, &reply);
}

#[tokio::test]
async fn a_thousand_aliases() {
    let aliases = each(1_000, |n| format!("a{n}: me "));
    costs_too_much(&format!("{{ {aliases} }}")).await;
}

#[tokio::test]
async fn aliases_within_the_limit_are_answered() {
    let aliases = each(ALIASES_MAX, |n| format!("a{n}: me "));
    let site = site();
    assert_eq!(site.query(GRAPHQL, &format!("{{ {aliases} }}")).await.status, 200);
    assert_eq!(site.runs(), ALIASES_MAX);
}

#[tokio::test]
async fn deep_nesting() {
    let nested = |n: usize| format!("{{ {} me {} }}", "again {".repeat(n), "}".repeat(n));
    costs_too_much(&nested(DEPTH_MAX)).await;
    costs_too_much(&nested(10_000)).await;
    assert_eq!(site().query(GRAPHQL, &nested(DEPTH_MAX - 1)).await.status, 200);
}

#[tokio::test]
async fn a_flood_of_directives() {
    costs_too_much(&format!("{{ me {} }}", "@include(if: true) ".repeat(1_000))).await;
    costs_too_much(&format!("{{ {} }}", "me @include(if: true) ".repeat(11))).await;
}

#[tokio::test]
async fn cycles_of_fragments() {
    costs_too_much("{ ...A } fragment A on Query { again { ...B } } fragment B on Query { again { ...A } }")
        .await;
    costs_too_much("{ ...A } fragment A on Query { ...A }").await;
}

#[tokio::test]
async fn fragments_that_double() {
    let levels = each(28, |n| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1));
    costs_too_much(&format!("{{ ...F0 }} {levels} fragment F28 on Query {{ me }}")).await;
}

#[tokio::test]
async fn lists_that_multiply_by_the_schemas_weights() {
    costs_too_much("{ many(size: 40) { many(size: 40) { me } } }").await;
    let site = site();
    let reply = site.query(GRAPHQL, "{ many(size: 4) { me trace } }").await;
    assert_eq!(reply.json()["extensions"]["cost"]["complexity"], 3, "as written");
}

#[tokio::test]
async fn long_strings() {
    let long = "x".repeat(STRING_BYTES_MAX + 1);
    costs_too_much(&format!("{{ echo(text: \"{long}\") }}")).await;
    let site = site();
    let body = json!({"query": "query($t: String!) { echo(text: $t) }", "variables": {"t": long}});
    let reply = site.post(GRAPHQL, body.to_string()).await;
    refused(&site, &reply);
}

#[tokio::test]
async fn arrays_of_operations() {
    let site = site();
    for body in [r#"[{"query": "{me}"}, {"query": "{me}"}]"#, "[]", " \n[[[", r#"["{me}", null, null]"#] {
        assert_eq!(site.post(GRAPHQL, body).await.problem(), is(400, "COST_LIMIT"), "{body}");
    }
    assert_eq!(site.runs(), 0);
}

#[tokio::test]
async fn bodies_above_the_limit() {
    let site = site();
    let fits = |len: usize| {
        let rest = r#"{"query": "{me}", "x": ""}"#.len();
        format!(r#"{{"query": "{{me}}", "x": "{}"}}"#, "x".repeat(len - rest))
    };
    assert_eq!(site.post(GRAPHQL, fits(GRAPHQL_BODY_BYTES_MAX)).await.status, 200);
    let runs = site.runs();
    let reply = site.post(GRAPHQL, fits(GRAPHQL_BODY_BYTES_MAX + 1)).await;
    assert_eq!(reply.problem(), is(413, "BODY_TOO_LARGE"));
    assert_eq!(site.runs(), runs);
}

#[tokio::test]
async fn bodies_of_unknown_length_are_read_to_a_bound_and_no_further() {
    let site = site();
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let chunks = futures_util::stream::iter(0..1_000).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(vec![b' '; 16 * 1024])
    });
    let reply = site.post(GRAPHQL, Body::from_stream(chunks)).await;
    assert_eq!(reply.problem(), is(413, "BODY_TOO_LARGE"));
    assert_eq!(read.load(Ordering::SeqCst), DISCARDED / (16 * 1024) + 1);
}

#[tokio::test]
async fn json_nested_as_deep_as_it_fits() {
    let site = site();
    let open = |len: usize| format!(r#"{{"query": "{{me}}", "variables": {{"v": {}"#, "[".repeat(len));
    assert_eq!(site.post(GRAPHQL, open(1024 * 1024)).await.problem(), is(413, "BODY_TOO_LARGE"));
    assert_eq!(site.post(GRAPHQL, open(200 * 1024)).await.problem(), is(400, "MALFORMED_JSON"));
    assert_eq!(site.runs(), 0);
}

#[tokio::test]
async fn documents_of_nothing_but_brackets() {
    for open in ["{me", "{echo(text:[", "{...{", "[", "query($v:["] {
        costs_too_much(&open.repeat(20_000)).await;
    }
}
