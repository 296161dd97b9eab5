//! Puts the rooms together: store, engine, rail, process, read models, HTTP; and takes them apart again in order.

use crate::{shutdown, telemetry};
use api::auth::{AuthConfig, Authenticator};
use api::http::{GraphqlOptions, Health, HttpState, Part};
use async_trait::async_trait;
use axum::serve::ListenerExt;
use domain::id::MarketplaceId;
use engine::process::{Funding, ProcessHandle};
use engine::rail::{Deliver, Rail, Sandbox, SandboxProvider, Webhook, WebhookSecret};
use engine::{CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, RequestSecret, SystemClock};
use eventstore::{EventStore, SqliteStore};
use projections::{ReadModels, WorkerHandle};
use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// How long requests may go on after the process was asked to end.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a webhook of the sandbox waits for its answer.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);

/// Everything that a node needs to know.
pub(crate) struct NodeConfig {
    pub(crate) data: PathBuf,
    pub(crate) marketplace: MarketplaceId,
    pub(crate) listen: SocketAddr,
    pub(crate) auth: AuthConfig,
    pub(crate) request_secret: [u8; 32],
    /// The secret of the sandbox's webhooks, if the sandbox takes deposits.
    pub(crate) sandbox: Option<[u8; 32]>,
    pub(crate) development: bool,
}

/// A running node.
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    store: Arc<dyn EventStore>,
    worker: WorkerHandle,
    process: ProcessHandle,
    reports: Option<JoinHandle<()>>,
    http: JoinHandle<std::io::Result<()>>,
    stop_http: watch::Sender<bool>,
}

impl Node {
    /// Starts everything, consumers last but one, the listener's requests last.
    pub(crate) async fn start(config: NodeConfig) -> Result<Self, Failure> {
        let store: Arc<dyn EventStore> =
            Arc::new(SqliteStore::open(&config.data, &config.marketplace.to_string())
                .map_err(|error| named(&error))?);
        let read_models = ReadModels::open(&config.data.join("read.db"))?;
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|error| format!("can't listen on {}: {error}; choose another with --listen", config.listen))?;
        let address = listener.local_addr()?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let sandbox = config.sandbox.map(|secret| WebhookSecret::new(&secret));
        let provider = match &sandbox {
            Some(secret) => Some(Arc::new(SandboxProvider::open(&config.data, clock.clone(), secret.clone())?)),
            None => None,
        };
        let engine = Engine::start(
            store.clone(),
            Config {
                clock: clock.clone(),
                entropy: Entropy::system().map_err(|_| "the system has no randomness to give")?,
                request_secret: RequestSecret::new(&config.request_secret),
                cache_bytes: CACHE_BYTES_DEFAULT,
                rails: provider.clone().zip(sandbox).map(rail).into_iter().collect(),
            },
        )
        .await?;
        let worker = read_models.start(store.clone())?;
        let process = engine::process::run(engine.clone(), Arc::new(Funding)).await?;
        let state = http_state(&config, &engine, &read_models, clock);
        let (stop_http, stopped) = watch::channel(false);
        let http = tokio::spawn(serve(listener, state, stopped));
        let reports = provider.map(|provider| tokio::spawn(report(provider, address)));
        Ok(Self { engine, address, store, worker, process, reports, http, stop_http })
    }

    /// Runs until asked to end, or until the committer can't go on; then stops everything in order.
    ///
    /// # Errors
    /// When the committer failed: the log was closed without ceremony, and the next start finds out what it holds.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let failed = tokio::select! {
            () = shutdown::asked() => None,
            reason = self.engine.failed() => Some(reason),
        };
        tracing::info!("stopping");
        self.stop().await;
        match failed {
            None => Ok(()),
            Some(reason) => Err(format!("the log can't be written: {reason}; start again to find out what it holds").into()),
        }
    }

    /// Stops the listener, then what gives commands, then the committer, then what reads.
    pub(crate) async fn stop(self) {
        self.stop_http.send_replace(true);
        if tokio::time::timeout(DRAIN, self.http).await.is_err() {
            tracing::warn!("requests were cut off");
        }
        if let Some(reports) = self.reports {
            reports.abort();
        }
        self.process.stop().await;
        self.engine.stop().await;
        self.worker.stop().await;
        self.store.close().await;
    }
}

fn rail((provider, secret): (Arc<SandboxProvider>, WebhookSecret)) -> Arc<dyn Rail> {
    Arc::new(Sandbox::new(provider, vec![secret]))
}

/// Prefixes the error with the code of its page.
fn named(error: &eventstore::OpenError) -> Failure {
    format!("{}: {error}", crate::command::store_code(error)).into()
}

fn http_state(config: &NodeConfig, engine: &Engine, read_models: &ReadModels, clock: Arc<dyn Clock>) -> HttpState {
    let graphql = GraphqlOptions { introspection: config.development, ..GraphqlOptions::default() };
    HttpState {
        schema: Arc::new(api::schema::Api::new(engine.clone(), read_models.clone(), clock.clone(), config.development)),
        authenticator: Arc::new(Authenticator::new(config.auth.clone())),
        webhooks: Arc::new(engine.clone()),
        health: Arc::new(Parts { read_models: read_models.clone(), clock: clock.clone() }),
        metrics: metrics(read_models.clone(), clock),
        graphql,
    }
}

async fn serve(listener: TcpListener, state: HttpState, mut stopped: watch::Receiver<bool>) -> std::io::Result<()> {
    // Answers are small and whole: waiting for more to send only adds latency.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let stop = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    axum::serve(listener, api::http::router(state)).with_graceful_shutdown(stop).await
}

/// Renders the metrics, with the read models' lag as of now.
fn metrics(read_models: ReadModels, clock: Arc<dyn Clock>) -> Arc<dyn Fn() -> String + Send + Sync> {
    let render = telemetry::metrics();
    Arc::new(move || {
        read_models.record_metrics(clock.now());
        render()
    })
}

/// What `/readyz` looks at.
struct Parts {
    read_models: ReadModels,
    clock: Arc<dyn Clock>,
}

impl Health for Parts {
    fn started(&self) -> bool {
        true
    }

    fn parts(&self) -> Vec<Part> {
        let halted: Vec<String> = self
            .read_models
            .status(self.clock.now())
            .into_iter()
            .filter_map(|status| status.halted.map(|why| format!("{}: {why}", status.name)))
            .collect();
        let ready = if halted.is_empty() { Ok(()) } else { Err(halted.join("; ")) };
        vec![Part { name: "read_models", ready }]
    }
}

async fn report(provider: Arc<SandboxProvider>, address: SocketAddr) {
    match reqwest::Client::builder().timeout(DELIVERY_TIMEOUT).build() {
        Ok(client) => provider.report(&Post { client, url: format!("http://{address}/webhooks/sandbox") }).await,
        Err(error) => tracing::error!(%error, "the sandbox can't report"),
    }
}

/// Posts the sandbox's webhooks to this node, as a provider would.
struct Post {
    client: reqwest::Client,
    url: String,
}

#[async_trait]
impl Deliver for Post {
    async fn deliver(&self, webhook: &Webhook) -> bool {
        let sent = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", &webhook.id)
            .header("webhook-timestamp", &webhook.timestamp)
            .header("webhook-signature", &webhook.signature)
            .body(webhook.body.clone())
            .send()
            .await;
        sent.is_ok_and(|response| response.status().is_success())
    }
}
