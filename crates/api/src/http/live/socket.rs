//! `/graphql/ws`: GraphQL over WebSocket, by the subprotocol `graphql-transport-ws`.
//!
//! One task for each connection: it hears a message, or asks one of the subscriptions for an answer and sends it, one
//! after the other. While a message can't be sent nothing else is asked for, and a client that takes none for too long
//! is cut, and told where to resume.

use super::frame::{CloseCode, Heard, PROTOCOL, Told, parse};
use super::operation::{Counted, Operation};
use super::{Ending, Endings, LiveOptions, Place, Resume};
use crate::auth::Session;
use crate::http::accept::Media;
use crate::http::answer::Answer;
use crate::http::{GRAPHQL_BODY_BYTES_MAX, HttpState, Problem, SystemCode, TraceId, graphql, params};
use async_graphql::{Response as Executed, ServerError};
use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::header::UPGRADE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use engine::Position;
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, abortable, once};
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::time::{Instant, Interval, timeout};

/// What a connection reads at a time.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Silent beats after which a client is gone.
const SILENT_BEATS_MAX: u32 = 3;

pub(in crate::http) async fn serve(
    State(state): State<Arc<HttpState>>,
    Extension(trace): Extension<TraceId>,
    request: axum::extract::Request,
) -> Response {
    match handle(state, trace, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn handle(
    state: Arc<HttpState>,
    trace: TraceId,
    request: axum::extract::Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    if parts.method != Method::GET {
        return Err(Problem::method_not_allowed("GET", trace));
    }
    let session = graphql::session(&state, &parts.headers, trace)?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.map_err(|_| {
        Problem::new(StatusCode::UPGRADE_REQUIRED, SystemCode::BadUserInput.as_str(), trace)
            .detail("this address takes WebSockets")
            .header(UPGRADE, HeaderValue::from_static("websocket"))
    })?;
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(
            Problem::of(SystemCode::BadUserInput, trace).detail("offer the subprotocol graphql-transport-ws")
        );
    }
    let place = state.live.enter(trace)?;
    let upgrade = upgrade.max_message_size(GRAPHQL_BODY_BYTES_MAX).max_frame_size(GRAPHQL_BODY_BYTES_MAX);
    // Taken by every connection for as long as it lasts, and nearly always idle.
    let upgrade = upgrade.read_buffer_size(READ_BUFFER_BYTES);
    Ok(upgrade.on_upgrade(move |socket| Connection::new(state, socket, session, trace, place).run()))
}

/// Why a connection ends.
enum End {
    /// The client is gone.
    Gone,
    /// It is told why.
    Close(CloseCode, String),
}

/// A client is told this.
fn closed<T>(code: CloseCode, reason: impl Into<String>) -> Result<T, End> {
    Err(End::Close(code, reason.into()))
}

/// What a subscription has to say: an answer, or that it is over.
type Said = (Arc<str>, Option<(Position, Executed)>);

/// A subscription that goes on.
struct Going {
    stop: AbortHandle,
    resume: Resume,
    /// What the last answer has seen that was handed to the connection: whatever is said after it, a reason to close
    /// too, the client hears after it.
    sent: Option<Position>,
    _counted: Counted,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.stop.abort();
    }
}

struct Connection {
    state: Arc<HttpState>,
    socket: WebSocket,
    /// Who calls: by the request's header, or by the init's payload.
    session: Session,
    acknowledged: bool,
    answer: Answer,
    endings: Endings,
    init_by: Instant,
    beat: Interval,
    heard: Instant,
    going: HashMap<Arc<str>, Going>,
    said: SelectAll<BoxStream<'static, Said>>,
    _place: Place,
}

impl Connection {
    fn new(state: Arc<HttpState>, socket: WebSocket, session: Session, trace: TraceId, place: Place) -> Self {
        let (options, now) = (state.live.options, Instant::now());
        Self {
            endings: Endings::of(&state.live, &session),
            socket,
            session,
            acknowledged: false,
            answer: Answer { media: Media::GraphqlResponse, trace },
            init_by: now + options.init_within,
            beat: state.live.beat(),
            heard: now,
            going: HashMap::new(),
            said: SelectAll::new(),
            state,
            _place: place,
        }
    }

    fn options(&self) -> &LiveOptions {
        &self.state.live.options
    }

    async fn run(mut self) {
        let Err(end) = self.converse().await;
        self.going.clear();
        self.said.clear();
        if let End::Close(code, reason) = end {
            let within = self.options().close_within;
            let _ = timeout(within, self.close(code, reason)).await;
        }
    }

    /// Says why, and hears the client out, so that what was sent isn't lost with the connection.
    async fn close(&mut self, code: CloseCode, reason: String) {
        let frame = CloseFrame { code: code as u16, reason: reason.into() };
        if self.socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = self.socket.recv().await {}
        }
    }

    async fn converse(&mut self) -> Result<Infallible, End> {
        loop {
            tokio::select! {
                ending = self.endings.next() => return self.end(ending),
                () = tokio::time::sleep_until(self.init_by), if !self.acknowledged => {
                    return closed(CloseCode::InitTimeout, "Connection initialisation timeout");
                }
                _ = self.beat.tick() => self.show_alive().await?,
                message = self.socket.recv() => self.hear(message).await?,
                Some((id, answered)) = self.said.next() => self.pass_on(&id, answered).await?,
            }
        }
    }

    fn end<T>(&self, ending: Ending) -> Result<T, End> {
        match ending {
            Ending::Stopping => closed(CloseCode::GoingAway, self.with_place("the node stops")),
            Ending::Expired => closed(CloseCode::Forbidden, self.with_place("the token has expired")),
        }
    }

    /// `reason`, and where to resume: for several subscriptions the earliest place.
    fn with_place(&self, reason: &str) -> String {
        let places = self.going.values().filter_map(|going| going.sent.or(going.resume.start()));
        places.min().map_or_else(|| reason.to_owned(), |at| format!("{reason}; resume after {at}"))
    }

    async fn show_alive(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > self.options().beat * SILENT_BEATS_MAX {
            return Err(End::Gone);
        }
        self.send(Message::Ping(axum::body::Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let within = self.options().send_within;
        let sent = tokio::select! {
            biased;
            sent = timeout(within, self.socket.send(message)) => sent,
            ending = self.endings.next() => return self.end(ending),
        };
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => {
                metrics::counter!("counterfoil_slow_clients_cut_total", "transport" => "websocket")
                    .increment(1);
                closed(CloseCode::SlowConsumer, self.with_place("slow consumer"))
            }
        }
    }

    async fn tell(&mut self, told: &Told<'_>) -> Result<(), End> {
        let text = serde_json::to_string(told).map_err(|_| End::Gone)?;
        self.send(Message::Text(text.into())).await
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let text = match message {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Ok(Message::Text(text))) => Some(text),
            // The answer to a ping goes out by itself.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                self.heard = Instant::now();
                return Ok(());
            }
            // Too long, or not WebSocket's form at all.
            Some(Ok(Message::Binary(_)) | Err(_)) => None,
        };
        self.heard = Instant::now();
        match text.as_deref().and_then(parse) {
            None => closed(CloseCode::BadMessage, "Invalid message"),
            Some(Heard::Init { authorization }) => self.init(authorization.as_deref()).await,
            Some(Heard::Ping) => self.tell(&Told::Pong).await,
            Some(Heard::Pong) => Ok(()),
            Some(Heard::Subscribe { id, request }) => self.subscribe(id.into(), request.get()).await,
            Some(Heard::Complete { id }) => {
                self.going.remove(&*id);
                Ok(())
            }
        }
    }

    async fn init(&mut self, authorization: Option<&str>) -> Result<(), End> {
        if self.acknowledged {
            return closed(CloseCode::TooManyInits, "Too many initialisation requests");
        }
        if let Some(authorization) = authorization {
            self.session = match self.state.authenticator.session_of(authorization) {
                Ok(session) => session,
                Err(error) => {
                    tracing::debug!(trace_id = %self.answer.trace, %error, "a token was refused");
                    return closed(CloseCode::Forbidden, "the token was refused; get a new one");
                }
            };
            self.endings.expire_with(&self.session);
        }
        self.acknowledged = true;
        self.tell(&Told::ConnectionAck).await
    }

    async fn subscribe(&mut self, id: Arc<str>, request: &str) -> Result<(), End> {
        if !self.acknowledged {
            return closed(CloseCode::Unauthorized, "Unauthorized");
        }
        if self.going.contains_key(&id) {
            return closed(CloseCode::DuplicateId, format!("Subscriber for {id} already exists"));
        }
        let Ok(request) = params::from_json(request.as_bytes(), self.answer.trace) else {
            return closed(CloseCode::BadMessage, "Invalid message");
        };
        let most = self.options().subscriptions_per_socket_max;
        if self.going.len() >= most {
            let message = format!("a connection may have {most} subscriptions");
            return self.fail(&id, &[self.answer.error(SystemCode::CostLimit, message)]).await;
        }
        let (caller, resume) = (self.session.caller.clone(), Resume::default());
        match Operation::admit(&self.state, self.answer, request, caller, resume) {
            Ok(operation) => {
                self.begin(id, operation);
                Ok(())
            }
            Err(failed) => self.fail(&id, &failed.errors).await,
        }
    }

    fn begin(&mut self, id: Arc<str>, operation: Operation) {
        let Operation { answers, resume, counted } = operation;
        let (name, over) = (Arc::clone(&id), Arc::clone(&id));
        let answers = answers.map(move |answered| (Arc::clone(&name), Some(answered)));
        // Once it is stopped it says nothing more, not even that it is over, so that its id can be used again.
        let (said, stop) = abortable(answers.chain(once(async move { (over, None) })));
        self.said.push(said.boxed());
        self.going.insert(id, Going { stop, resume, sent: None, _counted: counted });
    }

    async fn fail(&mut self, id: &str, errors: &[ServerError]) -> Result<(), End> {
        self.tell(&Told::Error { id, payload: errors }).await
    }

    async fn pass_on(&mut self, id: &str, answered: Option<(Position, Executed)>) -> Result<(), End> {
        let Some((position, executed)) = answered else {
            self.going.remove(id);
            return self.tell(&Told::Complete { id }).await;
        };
        match self.answer.told(executed) {
            Ok(payload) => {
                if let Some(going) = self.going.get_mut(id) {
                    going.sent = Some(position);
                }
                self.tell(&Told::Next { id, payload: &payload }).await
            }
            Err(failed) => {
                self.going.remove(id);
                self.fail(id, &failed.errors).await
            }
        }
    }
}
