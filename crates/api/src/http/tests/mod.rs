//! The router over a made-up schema that counts how often a resolver ran.

#![allow(clippy::unused_async, reason = "resolvers are async, whether they wait or not")]

mod beside;
mod graphql;
mod hostile;
mod live;

use super::*;
use crate::auth::{AuthConfig, Caller, Grant, Issuer};
use async_graphql::{Context, Error, ErrorExtensions, Object, Schema};
use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION};
use axum::http::{HeaderMap, Request, request};
use domain::id::MarketplaceId;
use domain::{Role, Timestamp};
use engine::Pauses;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;

pub(super) const GRAPHQL: &str = "application/graphql-response+json";
pub(super) const JSON: &str = "application/json";

/// How often a resolver ran.
type Runs = Arc<AtomicUsize>;

struct Query;
struct Mutation;

fn defect() -> String {
    panic!("password=hunter2")
}

fn ran(ctx: &Context<'_>) {
    ctx.data_unchecked::<Runs>().fetch_add(1, Ordering::SeqCst);
}

#[Object]
impl Query {
    async fn me(&self, ctx: &Context<'_>) -> String {
        ran(ctx);
        match ctx.data_unchecked::<Caller>() {
            Caller::Guest => "guest".to_owned(),
            Caller::Person { party, .. } => party.to_string(),
        }
    }

    async fn trace(&self, ctx: &Context<'_>) -> String {
        ran(ctx);
        ctx.data_unchecked::<TraceId>().to_string()
    }

    async fn again(&self, ctx: &Context<'_>) -> Query {
        ran(ctx);
        Query
    }

    async fn echo(&self, ctx: &Context<'_>, text: String) -> String {
        ran(ctx);
        text
    }

    #[graphql(complexity = "size * child_complexity")]
    async fn many(&self, ctx: &Context<'_>, size: usize) -> Vec<Query> {
        ran(ctx);
        (0..size).map(|_| Query).collect()
    }

    async fn private(&self, ctx: &Context<'_>) -> async_graphql::Result<String> {
        ran(ctx);
        Err(Error::new("sign in").extend_with(|_, e| e.set("code", "UNAUTHENTICATED")))
    }

    async fn broken(&self, ctx: &Context<'_>) -> async_graphql::Result<Option<String>> {
        ran(ctx);
        Err(Error::from(std::io::Error::other("password=hunter2")))
    }

    async fn panics(&self, ctx: &Context<'_>) -> String {
        ran(ctx);
        defect()
    }

    async fn hangs(&self) -> String {
        std::future::pending().await
    }
}

#[Object]
impl Mutation {
    async fn write(&self, ctx: &Context<'_>) -> bool {
        ran(ctx);
        true
    }

    async fn hangs(&self) -> bool {
        std::future::pending().await
    }
}

/// Remembers what it took.
#[derive(Default)]
struct Sink(std::sync::Mutex<Vec<(String, Webhook)>>);

#[async_trait::async_trait]
impl WebhookSink for Sink {
    async fn receive(&self, rail: &str, webhook: Webhook) -> Result<(), WebhookError> {
        match (rail, webhook.signature.as_str()) {
            ("sandbox", "v1,good") => {
                self.0.lock().unwrap().push((rail.to_owned(), webhook));
                Ok(())
            }
            ("sandbox", "v1,unknown") => Err(WebhookError::UnknownReference),
            ("sandbox", "v1,busy") => Err(WebhookError::Unavailable),
            ("sandbox", "v1,malformed") => Err(WebhookError::Malformed),
            ("sandbox", _) => Err(WebhookError::Unsigned),
            _ => Err(WebhookError::UnknownRail),
        }
    }
}

struct Parts(Vec<Part>);

impl Health for Parts {
    fn started(&self) -> bool {
        !self.0.is_empty()
    }

    fn parts(&self) -> Vec<Part> {
        self.0.clone()
    }

    fn paused(&self) -> Pauses {
        Pauses::default()
    }
}

/// A router with what stands behind it.
pub(super) struct Site {
    router: Router,
    live: Live,
    /// Told whenever a flood ends.
    flooded: Arc<tokio::sync::Notify>,
    runs: Runs,
    sink: Arc<Sink>,
    issuer: Issuer,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

fn marketplace() -> MarketplaceId {
    MarketplaceId::parse("demo").unwrap()
}

pub(super) fn site() -> Site {
    site_with(GraphqlOptions::default(), vec![Part { name: "store", ready: Ok(()) }])
}

pub(super) fn site_with(graphql: GraphqlOptions, parts: Vec<Part>) -> Site {
    site_of(graphql, parts, Live::default())
}

fn site_of(graphql: GraphqlOptions, parts: Vec<Part>, live: Live) -> Site {
    let (runs, sink, issuer) = (Runs::default(), Arc::new(Sink::default()), Issuer::generate().unwrap());
    let flooded = Arc::new(tokio::sync::Notify::new());
    let builder = Schema::build(Query, Mutation, live::Subscription).data(runs.clone()).data(flooded.clone());
    let config: AuthConfig = issuer.auth_config(marketplace());
    let router = router(HttpState {
        schema: Arc::new(crate::limits::guard(builder, graphql.introspection).finish()),
        authenticator: Arc::new(Authenticator::new(config)),
        webhooks: sink.clone(),
        health: Arc::new(Parts(parts)),
        metrics: Arc::new(|| "counterfoil_up 1\n".to_owned()),
        graphql,
        live: live.clone(),
        simulated: None,
    });
    Site { router, live, flooded, runs, sink, issuer }
}

impl Site {
    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// POST of a body as JSON, answered in `accept`.
    pub(super) async fn post(&self, accept: &str, body: impl Into<Body>) -> Reply {
        self.send(request("POST", "/graphql").header(ACCEPT, accept).body(body.into()).unwrap()).await
    }

    /// POST of a document.
    pub(super) async fn query(&self, accept: &str, query: &str) -> Reply {
        self.post(accept, json!({ "query": query }).to_string()).await
    }

    pub(super) async fn get(&self, uri: &str) -> Reply {
        self.send(request("GET", uri).body(Body::empty()).unwrap()).await
    }

    pub(super) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// A token that holds for an hour from `ago` seconds ago.
    pub(super) fn token(&self, ago: i64) -> String {
        let now = i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap() - ago;
        let marketplace = marketplace();
        let grant = Grant {
            subject: "pty_01h455vb4pex5vsknk084sn02q",
            roles: &[Role::Client],
            marketplace: &marketplace,
            lifetime: Duration::from_hours(1),
        };
        self.issuer.sign(&grant, Timestamp::from_micros(now * 1_000_000)).unwrap()
    }
}

pub(super) fn request(method: &str, uri: &str) -> request::Builder {
    Request::builder().method(method).uri(uri).header(CONTENT_TYPE, JSON)
}

pub(super) fn bearer(token: &str) -> (axum::http::HeaderName, String) {
    (AUTHORIZATION, format!("Bearer {token}"))
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code of a failure; checks what every failure has: a trace id, and the same one in the header.
    #[track_caller]
    pub(super) fn failure(&self) -> (u16, String) {
        let body = self.json();
        let trace = self.header("trace-id");
        assert_eq!(trace.len(), 32);
        for error in body["errors"].as_array().unwrap() {
            assert_eq!(error["extensions"]["traceId"], trace, "{body}");
            assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
        }
        (self.status, body["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned())
    }

    /// As [`Reply::failure`], and a problem document.
    #[track_caller]
    pub(super) fn problem(&self) -> (u16, String) {
        let (status, code) = self.failure();
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)));
        assert_eq!(body["type"], format!("urn:counterfoil:error:{code}"));
        assert!(body["title"].is_string() && body["detail"].is_string());
        (status, code)
    }
}

/// `part` of every number below `count`, one after the other.
pub(super) fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().concat()
}

/// A status and a code, to compare with.
pub(super) fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
