use super::*;

#[tokio::test]
async fn a_query_is_answered_with_its_cost() {
    let reply = site().query(GRAPHQL, "{ x: again { me } }").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/graphql-response+json; charset=utf-8");
    assert_eq!(
        reply.json(),
        json!({
            "data": {"x": {"me": "guest"}},
            "extensions": {"cost": {"depth": 2, "complexity": 2, "aliases": 1}},
        })
    );
}

#[tokio::test]
async fn variables_and_operation_names_are_honoured() {
    let body = json!({
        "query": "query A($t: String!) { echo(text: $t) } query B { me }",
        "operationName": "A", "variables": {"t": "hi"}, "extensions": null,
    });
    assert_eq!(site().post(GRAPHQL, body.to_string()).await.json()["data"], json!({"echo": "hi"}));
}

#[tokio::test]
async fn a_token_makes_the_caller_a_person() {
    let site = site();
    let (name, value) = bearer(&site.token(0));
    let body = json!({"query": "{ me }"}).to_string();
    let reply = site.send(request("POST", "/graphql").header(name, value).body(body.into()).unwrap()).await;
    assert_eq!(reply.json()["data"]["me"], "pty_01h455vb4pex5vsknk084sn02q");
}

#[tokio::test]
async fn a_bad_token_is_no_guest() {
    let site = site();
    for token in [site.token(7_200), super::site().token(0), "x".to_owned()] {
        let (name, value) = bearer(&token);
        let body = json!({"query": "{ me }"}).to_string();
        let reply =
            site.send(request("POST", "/graphql").header(name, value).body(body.into()).unwrap()).await;
        assert_eq!(reply.problem(), is(401, "UNAUTHENTICATED"));
        assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    assert_eq!(site.runs(), 0);
}

#[tokio::test]
async fn a_resolver_that_needs_a_person_answers_401_to_clients_that_read_it() {
    let reply = site().query(GRAPHQL, "{ private }").await;
    assert_eq!(reply.failure(), is(401, "UNAUTHENTICATED"));
    assert_eq!(reply.header("www-authenticate"), "Bearer");
    assert_eq!(site().query(JSON, "{ private }").await.failure(), is(200, "UNAUTHENTICATED"));
}

#[tokio::test]
async fn what_does_not_parse_is_400() {
    let site = site();
    assert_eq!(site.query(GRAPHQL, "{ me ").await.failure(), is(400, "BAD_USER_INPUT"));
    assert_eq!(site.query(GRAPHQL, "").await.failure(), is(400, "BAD_USER_INPUT"));
    assert!(site.query(GRAPHQL, "{ me ").await.json().get("data").is_none());
}

#[tokio::test]
async fn what_does_not_fit_the_schema_is_422() {
    let site = site();
    for query in
        ["{ mee }", "{ echo }", "{ echo(text: 1) }", "query A { me } query B { me }", "subscription { me }"]
    {
        let reply = site.query(GRAPHQL, query).await;
        assert_eq!(reply.failure(), is(422, "BAD_USER_INPUT"), "{query}");
        assert!(reply.json().get("data").is_none(), "{query}");
    }
    assert_eq!(site.runs(), 0);
}

#[tokio::test]
async fn plain_json_keeps_200_for_what_is_well_formed() {
    let site = site();
    for query in ["{ me ", "{ mee }", "{ __schema { queryType { name } } }"] {
        let reply = site.query(JSON, query).await;
        assert_eq!(reply.failure().0, 200, "{query}");
        assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
    }
    assert_eq!(site.post(JSON, "{").await.problem(), is(400, "MALFORMED_JSON"));
}

#[tokio::test]
async fn names_that_nearly_match_are_suggested_in_development_only() {
    let dev = GraphqlOptions { introspection: true, ..GraphqlOptions::default() };
    assert!(!site().query(GRAPHQL, "{ trase }").await.text.contains("mean"));
    assert!(site_with(dev, Vec::new()).query(GRAPHQL, "{ trase }").await.text.contains("mean"));
}

#[tokio::test]
async fn introspection_is_refused_unless_it_is_allowed() {
    let dev = GraphqlOptions { introspection: true, ..GraphqlOptions::default() };
    let query = "{ __schema { queryType { name } } }";
    assert_eq!(site().query(GRAPHQL, query).await.failure(), is(403, "FORBIDDEN"));
    let reply = site_with(dev, Vec::new()).query(GRAPHQL, query).await;
    assert_eq!(reply.json()["data"]["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn queries_go_by_get_and_mutations_do_not() {
    let site = site();
    let reply = site
        .get("/graphql?query=query(%24t:String!)%7Becho(text:%24t)%7D&variables=%7B%22t%22:%22a%22%7D")
        .await;
    assert_eq!(reply.json()["data"]["echo"], "a");
    let runs = site.runs();
    for uri in [
        "/graphql?query=mutation%7Bwrite%7D",
        "/graphql?query=query+Q%7Bme%7D+mutation+M%7Bwrite%7D&operationName=M",
    ] {
        let reply = site.get(uri).await;
        assert_eq!(reply.failure(), is(405, "BAD_USER_INPUT"));
        assert_eq!(reply.header("allow"), "POST");
    }
    assert_eq!(site.runs(), runs);
    assert_eq!(site.query(GRAPHQL, "mutation { write }").await.json()["data"]["write"], true);
}

#[tokio::test]
async fn addresses_without_a_query_or_with_bad_variables_are_400() {
    let site = site();
    assert_eq!(site.get("/graphql").await.problem(), is(400, "BAD_USER_INPUT"));
    assert_eq!(site.get("/graphql?query=%7Bme%7D&variables=%7B").await.problem(), is(400, "MALFORMED_JSON"));
    assert_eq!(site.get("/graphql?query=%7Bme%7D&variables=1").await.problem(), is(400, "BAD_USER_INPUT"));
}

#[tokio::test]
async fn other_methods_are_405_with_those_that_there_are() {
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let reply = site().send(request(method, "/graphql").body(Body::empty()).unwrap()).await;
        assert_eq!(reply.problem(), is(405, "BAD_USER_INPUT"), "{method}");
        assert_eq!(reply.header("allow"), "GET, HEAD, POST");
    }
}

#[tokio::test]
async fn types_that_are_not_served_are_406_and_not_read_415() {
    let site = site();
    assert_eq!(site.query("text/html", "{ me }").await.problem(), is(406, "BAD_USER_INPUT"));
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"]
    {
        let sent = Request::post("/graphql").header(CONTENT_TYPE, kind).body(Body::from("{}")).unwrap();
        assert_eq!(site.send(sent).await.problem(), is(415, "BAD_USER_INPUT"), "{kind}");
    }
    let bare = Request::post("/graphql").body(Body::from("{}")).unwrap();
    assert_eq!(site.send(bare).await.problem(), is(415, "BAD_USER_INPUT"));
    let utf8 = Request::post("/graphql").header(CONTENT_TYPE, "application/json;charset=UTF-8");
    assert_eq!(site.send(utf8.body(Body::from(r#"{"query":"{me}"}"#)).unwrap()).await.status, 200);
}

#[tokio::test]
async fn bodies_of_another_shape_are_400() {
    let site = site();
    for body in ["", "{", "nonsense", "{\"query\": \"{me}\"} x", "\u{1}"] {
        assert_eq!(site.post(GRAPHQL, body).await.problem(), is(400, "MALFORMED_JSON"), "{body}");
    }
    for body in [r#"{"query": 1}"#, "{}", "null", r#"{"query": "{me}", "variables": []}"#, "\"{me}\""] {
        assert_eq!(site.post(GRAPHQL, body).await.problem(), is(400, "BAD_USER_INPUT"), "{body}");
    }
    assert_eq!(site.post(GRAPHQL, vec![b'"', 0xff, b'"']).await.status, 400);
    assert_eq!(site.runs(), 0);
}

#[tokio::test]
async fn causes_of_failures_stay_inside() {
    let site = site();
    let reply = site.query(GRAPHQL, "{ broken me }").await;
    assert_eq!(reply.failure(), is(200, "INTERNAL"));
    assert_eq!(reply.json()["data"], json!({"broken": null, "me": "guest"}));
    assert_eq!(reply.json()["errors"][0]["path"], json!(["broken"]));
    assert!(!reply.text.contains("hunter2"));
}

#[tokio::test]
async fn a_panic_is_a_problem_with_a_trace_id() {
    let reply = site().query(GRAPHQL, "{ panics }").await;
    assert_eq!(reply.problem(), is(500, "INTERNAL"));
    assert!(!reply.text.contains("hunter2"));
}

#[tokio::test]
async fn what_takes_too_long_is_unavailable_or_for_a_mutation_unknown() {
    let short = GraphqlOptions { timeout: Duration::from_millis(1), ..GraphqlOptions::default() };
    let site = site_with(short, Vec::new());
    for accept in [GRAPHQL, JSON] {
        let reply = site.query(accept, "{ hangs }").await;
        assert_eq!(reply.failure(), is(503, "UNAVAILABLE"));
        assert_eq!(reply.header("retry-after"), "1");
        assert_eq!(site.query(accept, "mutation { hangs }").await.failure(), is(504, "OUTCOME_UNKNOWN"));
    }
}

#[tokio::test]
async fn the_callers_trace_goes_through() {
    let site = site();
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let body = json!({"query": "{ trace }"}).to_string();
    let sent = request("POST", "/graphql").header("traceparent", format!("00-{id}-00f067aa0ba902b7-01"));
    let reply = site.send(sent.body(body.into()).unwrap()).await;
    assert_eq!(reply.json()["data"]["trace"], id);
    assert_eq!(reply.header("trace-id"), id);
}
