//! Subscriptions over both transports, on a made-up schema whose positions are what it counts.

use super::*;
use async_graphql::Subscription;
use axum::http::header::{RETRY_AFTER, SEC_WEBSOCKET_PROTOCOL};
use engine::Position;
use futures_util::stream::unfold;
use futures_util::{FutureExt, SinkExt, Stream, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

/// Far longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct Subscription;

/// Tells when the stream that holds it is dropped.
struct Guard(Arc<Notify>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

/// Numbers after `after`, up to `to` if there is such a bound; each is the position that it reaches.
fn numbers(ctx: &Context<'_>, after: Option<u64>, to: Option<u64>) -> impl Stream<Item = u64> + use<> {
    let resume = ctx.data_unchecked::<Resume>().clone();
    let start = resume.asked(after.map(Position::new)).map_or(Position::START, |(_, asked)| asked);
    resume.begin(start);
    unfold(start.get(), move |last| {
        let (next, resume) = (last + 1, resume.clone());
        async move {
            if to.is_some_and(|to| next > to) {
                return None;
            }
            resume.reached(Position::new(next));
            Some((next, next))
        }
    })
}

#[Subscription]
impl Subscription {
    /// The numbers to `to`, and then the end.
    async fn count(&self, ctx: &Context<'_>, to: u64, after: Option<u64>) -> impl Stream<Item = u64> {
        numbers(ctx, after, Some(to))
    }

    /// The numbers to `to`, and then nothing.
    async fn wait(&self, ctx: &Context<'_>, to: u64, after: Option<u64>) -> impl Stream<Item = u64> {
        numbers(ctx, after, Some(to)).chain(futures_util::stream::pending())
    }

    /// Every number, each followed by far more than a connection buffers in a few.
    async fn flood(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let guard = Guard(ctx.data_unchecked::<Arc<Notify>>().clone());
        numbers(ctx, None, None).map(move |number| {
            let _held = &guard;
            format!("{number} {}", "x".repeat(64 * 1024))
        })
    }

    async fn me(&self, ctx: &Context<'_>) -> impl Stream<Item = bool> {
        let known = *ctx.data_unchecked::<Caller>() != Caller::Guest;
        futures_util::stream::iter([known])
    }

    async fn absent(&self) -> async_graphql::Result<futures_util::stream::Empty<u64>> {
        Err(Error::new("there is no such thing").extend_with(|_, e| e.set("code", "NOT_FOUND")))
    }

    async fn broken(&self) -> impl Stream<Item = async_graphql::Result<u64>> {
        futures_util::stream::iter([Ok(1), Err(Error::from(std::io::Error::other("password=hunter2")))])
    }
}

fn quick() -> LiveOptions {
    // The client that doesn't read is the only one that waits for `close_within`.
    LiveOptions { close_within: PATIENCE, ..LiveOptions::default() }
}

fn site_live(options: LiveOptions) -> Site {
    site_of(GraphqlOptions::default(), Vec::new(), Live::new(options))
}

/// A WebSocket of the test's.
struct Socket(WebSocketStream<TcpStream>);

impl Site {
    /// Where the router listens, for as long as the runtime of the test runs, and cuts who takes nothing for so long.
    async fn listen(&self, stalled: Duration) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = Stalled::new(listener, stalled);
        tokio::spawn(axum::serve(listener, self.router.clone()).into_future());
        address
    }

    async fn connect(&self, token: Option<&str>) -> Result<Socket, WsError> {
        let address = self.listen(PATIENCE).await;
        let mut request = format!("ws://{address}/graphql/ws").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("graphql-transport-ws"));
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        tokio_tungstenite::client_async(request, stream).await.map(|(socket, _)| Socket(socket))
    }

    /// A connection that was acknowledged.
    async fn open(&self) -> Socket {
        let mut socket = self.connect(None).await.unwrap();
        socket.say(&json!({"type": "connection_init"})).await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    /// Begins a stream, and gives its head and its body.
    async fn stream(&self, query: &str, last_event_id: Option<&str>) -> (u16, HeaderMap, Body) {
        let mut sent = request("POST", "/graphql/stream").header(ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id {
            sent = sent.header("last-event-id", id);
        }
        let sent = sent.body(Body::from(json!({"query": query}).to_string())).unwrap();
        let (parts, body) = self.router.clone().oneshot(sent).await.unwrap().into_parts();
        (parts.status.as_u16(), parts.headers, body)
    }

    /// As [`Site::stream`], to its end.
    async fn events(&self, query: &str, last_event_id: Option<&str>) -> String {
        let (status, headers, body) = self.stream(query, last_event_id).await;
        assert_eq!(
            (status, &headers[CONTENT_TYPE]),
            (200, &"text/event-stream; charset=utf-8".parse().unwrap())
        );
        String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}

impl Socket {
    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(&json!({"type": "subscribe", "id": id, "payload": {"query": query}})).await;
    }

    /// The next message, pings aside.
    async fn take(&mut self) -> Message {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.0.next()).await.unwrap().unwrap().unwrap();
            if !message.is_ping() {
                return message;
            }
        }
    }

    async fn hear(&mut self) -> Value {
        match self.take().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The code and the reason with which it is closed.
    async fn closed(&mut self) -> (u16, String) {
        match self.take().await {
            Message::Close(Some(frame)) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("{other:?}"),
        }
    }

    /// The code of the error with which the operation ends.
    async fn refused(&mut self, id: &str) -> String {
        let told = self.hear().await;
        assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!(id)), "{told}");
        assert_eq!(told["payload"][0]["extensions"]["traceId"].as_str().map(str::len), Some(32));
        told["payload"][0]["extensions"]["code"].as_str().unwrap().to_owned()
    }
}

fn next(id: &str, data: &Value) -> Value {
    json!({"type": "next", "id": id, "payload": {"data": data}})
}

#[tokio::test]
async fn a_subscription_is_answered_until_it_is_over() {
    let mut socket = site().open().await;
    socket.subscribe("a", "subscription { count(to: 2) }").await;
    for number in [1, 2] {
        assert_eq!(socket.hear().await, next("a", &json!({"count": number})));
    }
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "a"}));
    socket.say(&json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
}

#[tokio::test]
async fn an_operation_that_the_client_completes_says_nothing_more_and_its_id_is_free() {
    let mut socket = site().open().await;
    socket.subscribe("a", "subscription { wait(to: 1) }").await;
    assert_eq!(socket.hear().await, next("a", &json!({"wait": 1})));
    socket.say(&json!({"type": "complete", "id": "a"})).await;
    socket.subscribe("a", "subscription { count(to: 1) }").await;
    assert_eq!(socket.hear().await, next("a", &json!({"count": 1})));
    assert_eq!(socket.hear().await, json!({"type": "complete", "id": "a"}));
}

#[tokio::test]
async fn whoever_breaks_the_protocol_is_closed_with_its_code() {
    let init = json!({"type": "connection_init"});
    let subscribe = json!({
        "type": "subscribe", "id": "1", "payload": {"query": "subscription { wait(to: 0) }"},
    });
    let forged = json!({"type": "connection_init", "payload": {"authorization": "Bearer x"}});
    let list = json!({"type": "subscribe", "id": "1", "payload": []});
    let cases: [(&[&Value], u16); 7] = [
        (&[&json!("hello")], 4400),
        (&[&json!({"type": "start", "id": "1"})], 4400),
        (&[&subscribe], 4401),
        (&[&forged], 4403),
        (&[&init, &subscribe, &subscribe], 4409),
        (&[&init, &init], 4429),
        (&[&init, &list], 4400),
    ];
    for (messages, code) in cases {
        let mut socket = site_live(quick()).connect(None).await.unwrap();
        for message in messages {
            socket.say(message).await;
        }
        if messages[0] == &init {
            socket.hear().await;
        }
        assert_eq!(socket.closed().await.0, code, "{messages:?}");
    }
    let mut socket = site_live(quick()).connect(None).await.unwrap();
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn whoever_does_not_initialise_in_time_is_closed() {
    let options = LiveOptions { init_within: Duration::from_millis(20), ..quick() };
    let mut socket = site_live(options).connect(None).await.unwrap();
    assert_eq!(socket.closed().await.0, 4408);
}

#[tokio::test]
async fn a_message_beyond_the_bound_of_a_body_closes() {
    let mut socket = site_live(quick()).open().await;
    socket.subscribe("a", &"x".repeat(GRAPHQL_BODY_BYTES_MAX)).await;
    assert_eq!(socket.closed().await.0, 4400);
}

#[tokio::test]
async fn the_token_comes_by_header_or_by_init() {
    let site = site();
    let token = site.token(0);
    for (header, payload) in [(Some(&*token), None), (None, Some(format!("Bearer {token}")))] {
        let mut socket = site.connect(header).await.unwrap();
        socket.say(&json!({"type": "connection_init", "payload": {"authorization": payload}})).await;
        socket.hear().await;
        socket.subscribe("a", "subscription { me }").await;
        assert_eq!(socket.hear().await, next("a", &json!({"me": true})));
    }
    let refused = site.connect(Some("x")).await.err().unwrap();
    assert!(matches!(refused, WsError::Http(response) if response.status() == 401));
}

#[tokio::test]
async fn what_is_no_subscription_within_the_limits_is_refused_and_the_connection_goes_on() {
    let site = site();
    let mut socket = site.open().await;
    let deep = format!("subscription {{ count(to: 1) {} }}", "{ a ".repeat(12) + &"}".repeat(12));
    for (query, code) in [
        ("{ me }", "BAD_USER_INPUT"),
        ("mutation { write }", "BAD_USER_INPUT"),
        ("subscription { ", "BAD_USER_INPUT"),
        ("subscription { nothing }", "BAD_USER_INPUT"),
        ("subscription { count(to: 1) me }", "BAD_USER_INPUT"),
        ("subscription { ... { me } }", "BAD_USER_INPUT"),
        ("subscription A { me } subscription B { me }", "BAD_USER_INPUT"),
        ("subscription { absent }", "NOT_FOUND"),
        (&deep, "COST_LIMIT"),
    ] {
        socket.subscribe("a", query).await;
        assert_eq!(socket.refused("a").await, code, "{query}");
    }
    assert_eq!(site.runs(), 0);
    socket.subscribe("a", "subscription { me }").await;
    assert_eq!(socket.hear().await, next("a", &json!({"me": false})));
}

#[tokio::test]
async fn an_error_of_ours_ends_the_subscription_without_its_message() {
    let site = site();
    let mut socket = site.open().await;
    socket.subscribe("a", "subscription { broken }").await;
    assert_eq!(socket.hear().await, next("a", &json!({"broken": 1})));
    assert_eq!(socket.refused("a").await, "INTERNAL");
    let events = site.events("subscription { broken }", None).await;
    assert!(events.contains("INTERNAL") && !events.contains("hunter2"), "{events}");
    assert!(events.ends_with("event: complete\ndata:\n\n"), "{events}");
}

#[tokio::test]
async fn a_connection_has_so_many_subscriptions_and_no_more() {
    let mut socket = site_live(LiveOptions { subscriptions_per_socket_max: 2, ..quick() }).open().await;
    for id in ["a", "b", "c"] {
        socket.subscribe(id, "subscription { wait(to: 0) }").await;
    }
    assert_eq!(socket.refused("c").await, "COST_LIMIT");
}

#[tokio::test]
async fn a_node_has_so_many_subscriptions_and_one_that_ends_makes_place() {
    let site = site_live(LiveOptions { subscriptions_max: 1, ..quick() });
    let mut socket = site.open().await;
    socket.subscribe("a", "subscription { wait(to: 1) }").await;
    socket.hear().await;
    socket.subscribe("b", "subscription { wait(to: 0) }").await;
    assert_eq!(socket.refused("b").await, "UNAVAILABLE");
    assert_eq!(site.stream("subscription { wait(to: 0) }", None).await.0, 503);
    socket.say(&json!({"type": "complete", "id": "a"})).await;
    socket.subscribe("b", "subscription { me }").await;
    assert_eq!(socket.hear().await, next("b", &json!({"me": false})));
}

#[tokio::test]
async fn a_node_has_so_many_connections_of_both_kinds_and_no_more() {
    let site = site_live(LiveOptions { connections_max: 2, ..quick() });
    let socket = site.open().await;
    let (_, _, stream) = site.stream("subscription { wait(to: 0) }", None).await;
    let (status, headers, _) = site.stream("subscription { wait(to: 0) }", None).await;
    assert_eq!((status, headers.contains_key(RETRY_AFTER)), (503, true));
    let refused = site.connect(None).await.err().unwrap();
    assert!(matches!(refused, WsError::Http(response) if response.status() == 503));
    drop(stream);
    assert_eq!(site.stream("subscription { wait(to: 0) }", None).await.0, 200);
    drop(socket);
    tokio::time::timeout(PATIENCE, site.live.ended()).await.unwrap();
}

#[tokio::test]
async fn a_subscription_ends_with_its_token() {
    let site = site_live(quick());
    // It holds for the last few of the seconds by which clocks may differ.
    let token = site.token(3_600 + 26);
    let mut socket = site.connect(Some(&token)).await.unwrap();
    socket.say(&json!({"type": "connection_init"})).await;
    socket.hear().await;
    socket.subscribe("a", "subscription { wait(to: 7, after: 6) }").await;
    socket.hear().await;
    let (name, value) = bearer(&token);
    let sent = request("POST", "/graphql/stream").header(name, value);
    let body = json!({"query": "subscription { wait(to: 1) }"}).to_string();
    let body = site.router.clone().oneshot(sent.body(Body::from(body)).unwrap()).await.unwrap().into_body();
    assert_eq!(socket.closed().await, (4403, "the token has expired; resume after 7".to_owned()));
    let events = tokio::time::timeout(PATIENCE, body.collect()).await.unwrap().unwrap().to_bytes();
    assert!(!events.ends_with(b"event: complete\ndata:\n\n"), "it may be resumed with a new token");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_told_where_to_resume() {
    let site = site_live(LiveOptions { send_within: Duration::from_millis(50), ..quick() });
    let mut socket = site.open().await;
    socket.subscribe("a", "subscription { flood }").await;
    // The stream is dropped once the connection is cut, and only then anything is read.
    tokio::time::timeout(PATIENCE, site.flooded.notified()).await.unwrap();
    let mut last = String::new();
    loop {
        match socket.take().await {
            Message::Text(text) => {
                let told: Value = serde_json::from_str(&text).unwrap();
                let flood = told["payload"]["data"]["flood"].as_str().unwrap();
                last = flood.split_once(' ').unwrap().0.to_owned();
            }
            Message::Close(Some(frame)) => {
                let reason = format!("slow consumer; resume after {last}");
                assert_eq!((u16::from(frame.code), frame.reason.as_str()), (4499, &*reason));
                return;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stream_that_nobody_reads_is_cut() {
    let site = site();
    let address = site.listen(Duration::from_millis(50)).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    let get = "GET /graphql/stream?query=subscription%7Bflood%7D HTTP/1.1\r\nhost: a\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut client, get.as_bytes()).await.unwrap();
    tokio::time::timeout(PATIENCE, site.flooded.notified()).await.unwrap();
    tokio::time::timeout(PATIENCE, site.live.ended()).await.unwrap();
}

#[tokio::test]
async fn a_node_that_stops_tells_sockets_where_to_resume_and_ends_streams() {
    let site = site_live(quick());
    let mut socket = site.open().await;
    socket.subscribe("a", "subscription { wait(to: 9, after: 8) }").await;
    socket.hear().await;
    socket.subscribe("b", "subscription { wait(to: 0, after: 5) }").await;
    socket.say(&json!({"type": "ping"})).await;
    socket.hear().await;
    let (_, _, stream) = site.stream("subscription { wait(to: 3) }", None).await;
    site.live.stop();
    assert_eq!(socket.closed().await, (1001, "the node stops; resume after 5".to_owned()));
    let events = stream.collect().await.unwrap().to_bytes();
    assert!(!events.ends_with(b"event: complete\ndata:\n\n"), "it may be resumed at another node");
    drop(socket);
    tokio::time::timeout(PATIENCE, site.live.ended()).await.unwrap();
    assert_eq!(site.stream("subscription { me }", None).await.0, 503);
}

#[tokio::test]
async fn events_carry_the_position_and_resume_after_the_last_one() {
    let site = site();
    let all = "event: next\nid: 1\ndata: {\"data\":{\"count\":1}}\n\n\
               event: next\nid: 2\ndata: {\"data\":{\"count\":2}}\n\n\
               event: complete\ndata:\n\n";
    assert_eq!(site.events("subscription { count(to: 2) }", None).await, all);
    let rest = &all[all.find("event: next\nid: 2").unwrap()..];
    assert_eq!(site.events("subscription { count(to: 2, after: 0) }", Some("1")).await, rest);
    let get = Request::get("/graphql/stream?query=subscription%7Bcount(to:2,after:1)%7D");
    let reply = site.send(get.header(ACCEPT, "text/event-stream").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.text, rest);
}

#[tokio::test]
async fn a_stream_without_events_says_where_to_resume_and_that_it_is_alive() {
    let site = site_live(LiveOptions { beat: Duration::from_millis(1), ..quick() });
    let (_, _, mut body) = site.stream("subscription { wait(to: 0, after: 4) }", None).await;
    for expected in ["id: 4\n\n", ":\n\n", ":\n\n"] {
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), expected);
    }
}

#[tokio::test]
async fn what_is_wrong_before_the_stream_begins_is_told_by_its_status() {
    let site = site();
    for (query, status, code) in [
        ("{ me }", 400, "BAD_USER_INPUT"),
        ("subscription { ", 400, "BAD_USER_INPUT"),
        ("subscription { nothing }", 422, "BAD_USER_INPUT"),
    ] {
        let (told, headers, body) = site.stream(query, None).await;
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        assert_eq!(Reply { status: told, headers, text }.failure(), is(status, code), "{query}");
    }
    let events = site.events("subscription { absent }", None).await;
    assert!(events.contains("NOT_FOUND") && events.ends_with("event: complete\ndata:\n\n"), "{events}");
    let body = || Body::from(json!({"query": "subscription { me }"}).to_string());
    let post = || request("POST", "/graphql/stream");
    let (name, value) = bearer("x");
    for (sent, failure) in [
        (post().header(ACCEPT, JSON), is(406, "BAD_USER_INPUT")),
        (post().header("last-event-id", "x"), is(400, "BAD_USER_INPUT")),
        (post().header(name, value), is(401, "UNAUTHENTICATED")),
        (request("PUT", "/graphql/stream"), is(405, "BAD_USER_INPUT")),
        (request("POST", "/graphql/ws"), is(405, "BAD_USER_INPUT")),
        (request("GET", "/graphql/ws"), is(426, "BAD_USER_INPUT")),
    ] {
        assert_eq!(site.send(sent.body(body()).unwrap()).await.problem(), failure);
    }
    assert_eq!(
        site.stream("subscription { wait(to: 0) }", Some("3")).now_or_never().map(|it| it.0),
        Some(200)
    );
}
