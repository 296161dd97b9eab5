//! Subscriptions: a contract and an account followed over a WebSocket, the log over server-sent events, and their ends.

use crate::journey::{Journey, People, Step, WHOLE};
use crate::node::{Node, Store};
use crate::process::run;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const AMOUNTS: &[&str] = &["2500.00"];
const CONTRACT: &str = "subscription($id: ContractId!, $after: Position) { contractChanged(contractId: $id, after: $after) { \
     position contract { status milestones { status } } } }";
const EVENTS: &str =
    "subscription($after: Position) { events(after: $after) { position id type actor streams } }";
const ACCOUNT: &str = "subscription($after: Position) { accountChanged(currency: \"USD\", after: $after) { \
     position account { onHold { amount } } } }";
/// How long a message may take that is sure to come; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The token of this role in the banner.
fn token(node: &Node, role: &str) -> String {
    node.banner()["tokens"][role].as_str().unwrap().to_owned()
}

/// The token of somebody else.
fn stranger(store: &Store) -> String {
    let ended = run(&["token", "--data", &store.path(), "--role", "client", "--subject", "a stranger"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout.trim().to_owned()
}

/// A WebSocket that speaks `graphql-transport-ws`.
struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects, as whoever holds the token.
    async fn open(node: &Node, token: Option<&str>) -> Self {
        let url = node.url("/graphql/ws").replace("http://", "ws://");
        let mut request = url.into_client_request().unwrap();
        let subprotocol = "graphql-transport-ws".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", subprotocol);
        let stream = TcpStream::connect(request.uri().authority().unwrap().as_str()).await.unwrap();
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        let mut socket = Self(socket);
        let payload = token.map(|token| json!({"authorization": format!("Bearer {token}")}));
        socket.say(&json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(socket.hear().await["type"], "connection_ack");
        socket
    }

    async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.say(&json!({"type": "subscribe", "id": "1", "payload": payload})).await;
    }

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

    /// The position and the milestone's status of the contract's next state.
    async fn state(&mut self) -> (u64, String) {
        let told = self.hear().await;
        let change = &told["payload"]["data"]["contractChanged"];
        let status = change["contract"]["milestones"][0]["status"].as_str();
        (change["position"].as_u64().unwrap(), status.unwrap_or_else(|| panic!("{told}")).to_owned())
    }

    /// The error that a subscription ends with, without its trace id.
    async fn refused(&mut self, query: &str, variables: Value) -> Value {
        self.subscribe(query, variables).await;
        let mut told = self.hear().await;
        assert_eq!(told["type"], "error", "{told}");
        let mut error = told["payload"][0].take();
        error["extensions"].as_object_mut().unwrap().remove("traceId");
        error
    }
}

/// A stream of server-sent events.
struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn open(node: &Node, role: &str, (query, variables): (&str, Value), last: Option<u64>) -> Self {
        let mut request = node.http().post(node.url("/graphql/stream")).bearer_auth(token(node, role));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let request =
            request.header("accept", "text/event-stream").header("content-type", "application/json");
        let body = json!({"query": query, "variables": variables}).to_string();
        let response = request.body(body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    /// The id and the data of the next event that has any; `None` at the end of the stream.
    async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let (id, data) = (field("id: "), field("data: "));
                if let Some((id, data)) = id.zip(data) {
                    let mut data: Value = serde_json::from_str(data).unwrap();
                    return Some((id.parse().unwrap(), data["data"].take()));
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await.unwrap().unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The error that the stream ends with.
    async fn refusal(&mut self) -> Value {
        while let Some(chunk) = tokio::time::timeout(PATIENCE, self.response.chunk()).await.unwrap().unwrap()
        {
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        assert!(self.text.ends_with("event: complete\ndata:\n\n"), "{}", self.text);
        let data = self.text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        serde_json::from_str::<Value>(data).unwrap()["errors"][0].take()
    }

    /// The positions of the log's events until `enough` says so.
    async fn positions(&mut self, enough: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut positions = Vec::new();
        while let Some((id, data)) = self.next().await {
            assert_eq!(data["events"]["position"], id, "{data}");
            positions.push(id);
            if enough(id) {
                break;
            }
        }
        positions
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_follows_a_contract_from_the_agreement_to_the_release() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::AcceptOffer).await;
    let variables = json!({"id": journey.ids.contract});
    let mut sockets = Vec::new();
    for role in ["client", "talent", "auditor"] {
        let mut socket = Socket::open(&node, Some(&token(&node, role))).await;
        socket.subscribe(CONTRACT, variables.clone()).await;
        let (position, status) = socket.state().await;
        assert_eq!(status, "AGREED");
        sockets.push((socket, position));
    }
    let metrics = node.http().get(node.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.lines().any(|line| line == "counterfoil_subscriptions 3"), "{metrics}");
    let mut funded_at = 0;
    for (step, expected) in [
        (Step::AwaitFunds(0), "FUNDED"),
        (Step::SubmitWork(0), "SUBMITTED"),
        (Step::RequestChanges(0), "CHANGES_REQUESTED"),
        (Step::Resubmit(0), "SUBMITTED"),
        (Step::Approve(0), "RELEASED"),
    ] {
        journey.run_to(&people, step).await;
        for (socket, last) in &mut sockets {
            loop {
                let (position, status) = socket.state().await;
                assert!(position > *last, "{step:?}: {position} after {last}");
                *last = position;
                if status == expected {
                    break;
                }
            }
        }
        if expected == "FUNDED" {
            funded_at = sockets[0].1;
        }
    }
    // Whoever was away meanwhile is told what has become of it, once.
    let mut late = Socket::open(&node, Some(&token(&node, "client"))).await;
    late.subscribe(CONTRACT, json!({"id": journey.ids.contract, "after": funded_at})).await;
    assert_eq!(late.state().await, (sockets[0].1, "RELEASED".to_owned()));
    late.say(&json!({"type": "ping"})).await;
    assert_eq!(late.hear().await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_talent_follows_their_account_from_nothing_to_their_earnings_and_resumes_there() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    let mut socket = Socket::open(&node, Some(&token(&node, "talent"))).await;
    socket.subscribe(ACCOUNT, Value::Null).await;
    let told = socket.hear().await["payload"]["data"]["accountChanged"].take();
    assert_eq!(told["account"], Value::Null, "no money has ever moved there");
    journey.run_to(&people, Step::Approve(0)).await;
    let earned = socket.hear().await["payload"]["data"]["accountChanged"].take();
    let shown = people
        .with_role("talent")
        .see("{ account(currency: \"USD\") { onHold { amount } } }", json!({}))
        .await;
    assert_eq!(earned["account"], shown["account"]);
    assert_ne!(earned["account"]["onHold"]["amount"], "0.00");

    // Somebody who comes later, over the other transport, is told the same once, with the place to resume.
    let after = told["position"].as_u64().unwrap();
    let mut late = Events::open(&node, "talent", (ACCOUNT, json!({"after": after})), None).await;
    let (id, data) = late.next().await.unwrap();
    assert_eq!((json!(id), &data["accountChanged"]), (earned["position"].clone(), &earned));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_the_log_has_not_come_to_is_refused_over_both_transports() {
    let store = Store::new();
    let node = Node::start(&store);
    let refused_with = |error: &Value, field: &str| {
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: the log ends at position ")), "{message}");
        assert!(message.contains("before position 1000000; resume after "), "{message}");
    };
    let beyond = json!({"after": 1_000_000});
    for (role, query) in [("auditor", EVENTS), ("talent", ACCOUNT)] {
        let mut socket = Socket::open(&node, Some(&token(&node, role))).await;
        refused_with(&socket.refused(query, beyond.clone()).await, "after");
        for (variables, last, field) in
            [(beyond.clone(), None, "after"), (Value::Null, Some(1_000_000), "Last-Event-ID")]
        {
            let mut events = Events::open(&node, role, (query, variables), last).await;
            refused_with(&events.refusal().await, field);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_events_resume_with_nothing_lost_and_nothing_doubled() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::SubmitProposal).await;
    let mut seen = Vec::new();
    let from_the_beginning = (EVENTS, json!({"after": 0}));
    while journey.next().is_some() {
        // A connection for a few events each, while the log goes on.
        let last = seen.last().copied();
        let mut events = Events::open(&node, "auditor", from_the_beginning.clone(), last).await;
        journey.advance(&people).await.unwrap();
        let position = journey.position();
        seen.extend(events.positions(|at| at >= position.min(last.unwrap_or(0) + 2)).await);
    }
    let position = journey.position();
    let mut events = Events::open(&node, "auditor", from_the_beginning, seen.last().copied()).await;
    if seen.last() < Some(&position) {
        seen.extend(events.positions(|at| at >= position).await);
    }
    let all: Vec<u64> = (1..=*seen.last().unwrap()).collect();
    assert_eq!(seen, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_followed_by_its_parties_and_the_log_by_those_who_read_it() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::AcceptOffer).await;
    let (contract, absent) =
        (json!({"id": journey.ids.contract}), json!({"id": other(&journey.ids.contract)}));
    let mut somebody = Socket::open(&node, Some(&stranger(&store))).await;
    let refused = somebody.refused(CONTRACT, contract.clone()).await;
    assert_eq!(refused["extensions"]["code"], "NOT_FOUND");
    assert_eq!(refused, somebody.refused(CONTRACT, absent).await);
    let forbidden = somebody.refused(EVENTS, Value::Null).await;
    assert_eq!(forbidden["extensions"]["code"], "FORBIDDEN");
    let mut guest = Socket::open(&node, None).await;
    for (query, variables) in [(CONTRACT, contract), (EVENTS, Value::Null)] {
        let refused = guest.refused(query, variables).await;
        assert_eq!(refused["extensions"]["code"], "UNAUTHENTICATED");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_ends_says_where_to_resume_and_the_next_one_goes_on_there() {
    let store = Store::new();
    let node = Node::start(&store);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&People::of(&node), Step::AcceptOffer).await;
    let mut socket = Socket::open(&node, Some(&token(&node, "client"))).await;
    socket.subscribe(CONTRACT, json!({"id": journey.ids.contract})).await;
    let (position, _) = socket.state().await;
    let mut events = Events::open(&node, "finance", (EVENTS, json!({"after": 0})), None).await;
    let seen = events.positions(|at| at >= position).await;
    node.terminate();
    match socket.take().await {
        Message::Close(Some(frame)) => {
            let expected = (1001, format!("the node stops; resume after {position}"));
            assert_eq!((u16::from(frame.code), frame.reason.to_string()), expected);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(events.next().await, None);
    drop(socket);
    let status = tokio::task::spawn_blocking(move || node.ended()).await.unwrap();
    assert!(status.success(), "{status}");

    let node = Node::start(&store);
    let last = seen.last().copied();
    let mut events = Events::open(&node, "finance", (EVENTS, json!({"after": 0})), last).await;
    let mut socket = Socket::open(&node, Some(&token(&node, "client"))).await;
    socket.subscribe(CONTRACT, json!({"id": journey.ids.contract, "after": position})).await;
    socket.say(&json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await["type"], "pong", "nothing has changed since");
    journey.run_to(&People::of(&node), Step::AwaitFunds(0)).await;
    while socket.state().await.1 != "FUNDED" {}
    assert_eq!(events.next().await.map(|(at, _)| at), last.map(|last| last + 1));
}

/// An id of the same form.
fn other(id: &str) -> String {
    let (rest, last) = id.split_at(id.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}
