//! What is served beside GraphQL.

use super::*;

fn webhook(rail: &str, signature: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(format!("/webhooks/{rail}"))
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", "1700000000")
        .header("webhook-signature", signature)
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_webhook_is_handed_on_byte_for_byte() {
    let site = site();
    let body = " {\"a\" : 1}\n";
    assert_eq!(site.send(webhook("sandbox", "v1,good", body)).await.status, 204);
    let taken = site.sink.0.lock().unwrap();
    let (rail, webhook) = &taken[0];
    assert_eq!(
        (rail.as_str(), webhook.id.as_str(), webhook.timestamp.as_str()),
        ("sandbox", "msg_1", "1700000000")
    );
    assert_eq!((webhook.signature.as_str(), &webhook.body[..]), ("v1,good", body.as_bytes()));
}

#[tokio::test]
async fn each_kind_of_refusal_has_its_status() {
    let site = site();
    for (rail, signature, status, code) in [
        ("sandbox", "v1,bad", 401, "UNAUTHENTICATED"),
        ("sandbox", "v1,unknown", 404, "NOT_FOUND"),
        ("sandbox", "v1,malformed", 400, "BAD_USER_INPUT"),
        ("sandbox", "v1,busy", 503, "UNAVAILABLE"),
        ("other", "v1,good", 404, "NOT_FOUND"),
        ("%ff", "v1,good", 404, "NOT_FOUND"),
    ] {
        let reply = site.send(webhook(rail, signature, "{}")).await;
        assert_eq!(reply.problem(), is(status, code), "{rail} {signature}");
    }
    assert!(site.sink.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn webhooks_without_their_headers_are_not_handed_on() {
    let site = site();
    let without = |name: &str| {
        let mut request = webhook("sandbox", "v1,good", "{}");
        request.headers_mut().remove(name);
        request
    };
    assert_eq!(site.send(without("webhook-signature")).await.problem(), is(401, "UNAUTHENTICATED"));
    assert_eq!(site.send(without("webhook-id")).await.problem(), is(400, "BAD_USER_INPUT"));
    assert_eq!(site.send(without("webhook-timestamp")).await.problem(), is(400, "BAD_USER_INPUT"));
    let mut twice = webhook("sandbox", "v1,good", "{}");
    twice.headers_mut().append("webhook-id", HeaderValue::from_static("msg_2"));
    assert_eq!(site.send(twice).await.problem(), is(400, "BAD_USER_INPUT"));
    assert!(site.sink.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn webhooks_are_bounded_and_only_posted() {
    let site = site();
    let fits = vec![b'x'; WEBHOOK_BODY_BYTES_MAX];
    let long = vec![b'x'; WEBHOOK_BODY_BYTES_MAX + 1];
    assert_eq!(site.send(webhook("sandbox", "v1,good", fits)).await.status, 204);
    assert_eq!(site.send(webhook("sandbox", "v1,good", long)).await.problem(), is(413, "BODY_TOO_LARGE"));
    let reply = site.get("/webhooks/sandbox").await;
    assert_eq!(reply.problem(), is(405, "BAD_USER_INPUT"));
    assert_eq!(reply.header("allow"), "POST");
}

#[tokio::test]
async fn health_says_which_part_is_not_ready_and_why() {
    let parts = vec![
        Part { name: "store", ready: Ok(()) },
        Part { name: "projections", ready: Err("behind by 900 events".to_owned()) },
    ];
    let site = site_with(GraphqlOptions::default(), parts);
    let reply = site.get("/readyz").await;
    assert_eq!(reply.status, 503);
    let parts = json!({
        "store": {"ready": true},
        "projections": {"ready": false, "reason": "behind by 900 events"},
    });
    assert_eq!(reply.json(), json!({"status": "unready", "parts": parts}));
    assert_eq!(site.get("/startupz").await.status, 200);
    assert_eq!(site.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_process_that_has_not_started_lives_and_is_not_ready() {
    let site = site_with(GraphqlOptions::default(), Vec::new());
    assert_eq!(site.get("/livez").await.status, 200);
    assert_eq!(site.get("/startupz").await.status, 503);
    assert_eq!(site.get("/readyz").await.status, 503);
    assert_eq!(super::site().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn metrics_are_text() {
    let reply = site().get("/metrics").await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "counterfoil_up 1\n"));
    assert!(reply.header("content-type").starts_with("text/plain"));
    let post = site().send(request("POST", "/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!(post.problem(), is(405, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn unknown_addresses_are_problems_too() {
    assert_eq!(site().get("/nowhere").await.problem(), is(404, "NOT_FOUND"));
}
