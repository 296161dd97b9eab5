//! Puts the rooms together: store, engine, rail, process, read models, HTTP; and takes them apart again in order.

use crate::command::{read_models_code, store_code};
use crate::node_file;
use crate::policy::differences;
use crate::secrets::{self, private_dir};
use crate::telemetry;
use api::auth::{AuthConfig, Authenticator};
use api::http::{GraphqlOptions, Health, HttpState, Live, Part, Stalled, WebhookSink};
use api::schema::Api;
use async_trait::async_trait;
use axum::serve::ListenerExt;
use domain::id::MarketplaceId;
use domain::policy::Policy;
use engine::due::{DueTable, TimersHandle};
use engine::process::ProcessHandle;
use engine::rail::{Deliver, Rail, Sandbox, SandboxProvider, Webhook, WebhookSecret};
use engine::{CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, Pauses, RequestSecret, SimulatedClock};
use eventstore::{EventStore, OpenError, SqliteStore};
use projections::{Changes, Name, ReadModels, Rebuilds, StartError, WorkerHandle};
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// How long requests may go on after the process was asked to end.
const DRAIN: Duration = Duration::from_secs(5);
/// How long the whole end may take, [`DRAIN`] included.
const END: Duration = Duration::from_secs(9);
/// How long a client may take no byte of an answer before its connection is cut: longer than a WebSocket, which is
/// told why first, and shorter than anybody waits.
const STALLED_WITHIN: Duration = Duration::from_secs(15);
/// How long the first answers of a development node wait for the read models.
const FOLLOWED_WITHIN: Duration = Duration::from_secs(10);
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
    /// The policy that is to be in force; the one that is, if none is named.
    pub(crate) policy: Option<Policy>,
    /// Where "now" comes from.
    pub(crate) clock: Arc<dyn Clock>,
    /// The same clock, if callers may put it forward.
    pub(crate) simulated: Option<Arc<SimulatedClock>>,
}

/// A running node.
pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) address: SocketAddr,
    data: PathBuf,
    store: Arc<dyn EventStore>,
    worker: WorkerHandle,
    rebuilds: Rebuilds,
    processes: Vec<ProcessHandle>,
    timers: TimersHandle,
    reports: Option<JoinHandle<()>>,
    http: JoinHandle<std::io::Result<()>>,
    /// Whether the end of `http` was seen already; it must not be waited for again.
    http_ended: bool,
    stop_http: watch::Sender<bool>,
}

impl Node {
    /// Opens the store and starts everything on it.
    pub(crate) async fn start(config: NodeConfig) -> Result<Self, Failure> {
        let store = open_store(&config.data, &config.marketplace)?;
        Self::start_on(Arc::new(store), config).await
    }

    /// Starts everything, consumers last but one, the listener's requests last.
    pub(crate) async fn start_on(store: Arc<dyn EventStore>, config: NodeConfig) -> Result<Self, Failure> {
        secrets::confirm_request_secret(&config.data, &config.request_secret)?;
        let read_models =
            ReadModels::open(&config.data.join("read.db")).map_err(|error| unusable_read_models(&error))?;
        let listener = listen(config.listen).await?;
        let address = listener.local_addr()?;
        let entropy = Entropy::system().map_err(|_| "the system has no randomness to give")?;
        let (engine, provider) = start_engine(store.clone(), &config, entropy).await?;
        if let Some(policy) = config.policy.clone() {
            publish(&engine, policy).await?;
        }
        let worker = read_models.start(store.clone()).map_err(|error| match &error {
            StartError::Open(open) => unusable_read_models(open),
            StartError::Running | StartError::Thread(_) => error.into(),
        })?;
        if config.development {
            follow(&read_models, &store).await?;
        }
        let processes = start_processes(&engine).await?;
        let timers = engine::due::run(engine.clone()).await?;
        let halted = processes.iter().map(|process| (process.name(), process.halted()));
        let halted = halted.chain([("timers", timers.halted())]).collect();
        let health = Parts {
            read_models: read_models.clone(),
            engine: engine.clone(),
            clock: config.clock.clone(),
            halted,
        };
        let rebuilds = Rebuilds::start(read_models.clone());
        let parts = api::schema::Parts {
            engine: engine.clone(),
            read_models: read_models.clone(),
            rebuilds: rebuilds.clone(),
            changes: Changes::start(store.clone()),
            auditor: audit::Auditor::new(store.clone()),
            clock: config.clock.clone(),
        };
        let api = Api::new(parts, config.development);
        let metrics = metrics(read_models, config.clock.clone());
        let state = http_state(&config, api, Arc::new(engine.clone()), health, metrics);
        let (stop_http, stopped) = watch::channel(false);
        let http = tokio::spawn(serve(listener, state, stopped));
        let post = Post::to(address)?;
        let reports = provider.map(|provider| tokio::spawn(async move { provider.report(&post).await }));
        node_file::announce(&config.data, address);
        Ok(Self {
            engine,
            address,
            data: config.data,
            store,
            worker,
            rebuilds,
            processes,
            timers,
            reports,
            http,
            http_ended: false,
            stop_http,
        })
    }

    /// Runs until `asked` to end, or until a part can't go on; then stops everything in order, within [`END`].
    ///
    /// # Errors
    /// When a part ended by itself. If it was the committer, the log was closed without ceremony, and the next start
    /// finds out what it holds. Also when the end took too long.
    pub(crate) async fn run(mut self, asked: impl Future<Output = ()>) -> Result<(), Failure> {
        let failed = tokio::select! {
            () = asked => None,
            reason = self.engine.failed() => {
                Some(format!("the log can't be written: {reason}; start again to find out what it holds"))
            }
            ended = &mut self.http => {
                self.http_ended = true;
                Some(format!("the HTTP listener ended: {}; start again", why(ended)))
            }
            why = dead(&mut self.reports) => {
                self.reports = None;
                Some(format!("the sandbox's reports ended: {why}; start again"))
            }
        };
        tracing::info!("stopping");
        let in_time = tokio::time::timeout(END, self.stop()).await.is_ok();
        match failed {
            Some(reason) => Err(reason.into()),
            None if in_time => Ok(()),
            None => Err(format!(
                "stopping took longer than {} s and was broken off; what was acknowledged is in the log",
                END.as_secs()
            )
            .into()),
        }
    }

    /// Stops the listener, then what gives commands, then the committer, then what reads.
    pub(crate) async fn stop(mut self) {
        self.stop_http.send_replace(true);
        if !self.http_ended && tokio::time::timeout(DRAIN, &mut self.http).await.is_err() {
            // Its connections go with the process; until then no command of theirs is taken any more.
            self.http.abort();
            tracing::warn!("requests didn't end within {} s and are cut off", DRAIN.as_secs());
        }
        if let Some(reports) = self.reports {
            reports.abort();
        }
        self.timers.stop().await;
        for process in self.processes {
            process.stop().await;
        }
        self.engine.stop().await;
        self.rebuilds.stop().await;
        self.worker.stop().await;
        node_file::withdraw(&self.data);
        self.store.close().await;
    }
}

async fn listen(on: SocketAddr) -> Result<TcpListener, Failure> {
    let told = |error| format!("can't listen on {on}: {error}; choose another with --listen");
    Ok(TcpListener::bind(on).await.map_err(told)?)
}

/// Why the listener's task ended.
fn why(ended: Result<std::io::Result<()>, JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "it takes no more connections".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    }
}

/// Returns when the task, if there is one, has ended, and says why.
async fn dead(task: &mut Option<JoinHandle<()>>) -> String {
    match task {
        Some(task) => {
            task.await.err().map_or_else(|| "they just returned".to_owned(), |error| error.to_string())
        }
        None => std::future::pending().await,
    }
}

/// Waits until the read models have seen the log: whoever reads the banner asks at once, and should see what is there.
async fn follow(read_models: &ReadModels, store: &Arc<dyn EventStore>) -> Result<(), Failure> {
    let head = store.head().await?.position;
    drop(read_models.wait_for(Name::ALL, head, FOLLOWED_WITHIN).await);
    Ok(())
}

/// Starts every process where it stands.
async fn start_processes(engine: &Engine) -> Result<Vec<ProcessHandle>, Failure> {
    let mut processes = Vec::new();
    for process in engine::process::all() {
        processes.push(engine::process::run(engine.clone(), process).await?);
    }
    Ok(processes)
}

/// Starts the engine on `store`, with the sandbox if it takes deposits. Nothing runs by itself yet.
pub(crate) async fn start_engine(
    store: Arc<dyn EventStore>,
    config: &NodeConfig,
    entropy: Entropy,
) -> Result<(Engine, Option<Arc<SandboxProvider>>), Failure> {
    let sandbox = config.sandbox.map(|secret| WebhookSecret::new(&secret));
    let provider = match &sandbox {
        Some(secret) => {
            Some(Arc::new(SandboxProvider::open(&config.data, config.clock.clone(), secret.clone())?))
        }
        None => None,
    };
    let engine_config = Config {
        clock: config.clock.clone(),
        entropy,
        request_secret: RequestSecret::new(&config.request_secret),
        cache_bytes: CACHE_BYTES_DEFAULT,
        rails: provider.clone().zip(sandbox).map(rail).into_iter().collect(),
        due: DueTable::open(&config.data.join("due.db"))?,
    };
    Ok((Engine::start(store, engine_config).await?, provider))
}

/// Has the policy come into force, and says what changes by that.
async fn publish(engine: &Engine, policy: Policy) -> Result<(), Failure> {
    let Some(published) = engine.publish_policy(policy.clone()).await? else {
        return Ok(());
    };
    for change in differences(&published.before, &policy)? {
        tracing::info!(version = published.version, %change, "a new version of the policy is in force");
    }
    Ok(())
}

fn rail((provider, secret): (Arc<SandboxProvider>, WebhookSecret)) -> Arc<dyn Rail> {
    Arc::new(Sandbox::new(provider, vec![secret]))
}

/// Opens the store in `data`, a folder that nobody else can enter, for writing; makes both if there is nothing.
///
/// # Errors
/// What is wrong with the store, with the code of its page; else, that others can enter the folder. What is there is
/// left as it is.
pub(crate) fn open_store(data: &Path, marketplace: &MarketplaceId) -> Result<SqliteStore, Failure> {
    if let Err(open_to_others) = private_dir(data) {
        // Whose folder it is comes first: nobody should be told to close one that isn't ours.
        return Err(match SqliteStore::open_read_only(data) {
            Err(OpenError::Absent { .. }) | Ok(_) => open_to_others.into(),
            Err(error) => named(&error),
        });
    }
    SqliteStore::open(data, &marketplace.to_string()).map_err(|error| named(&error))
}

/// Prefixes the error with the code of its page.
pub(crate) fn named(error: &OpenError) -> Failure {
    format!("{}: {error}", store_code(error)).into()
}

fn unusable_read_models(error: &projections::OpenError) -> Failure {
    format!("{}: {error}", read_models_code(error)).into()
}

fn http_state(
    config: &NodeConfig,
    api: Api,
    webhooks: Arc<dyn WebhookSink>,
    health: Parts,
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
) -> HttpState {
    HttpState {
        schema: Arc::new(api),
        authenticator: Arc::new(Authenticator::new(config.auth.clone())),
        webhooks,
        health: Arc::new(health),
        metrics,
        graphql: GraphqlOptions { introspection: config.development, ..GraphqlOptions::default() },
        live: Live::default(),
        simulated: config.simulated.clone(),
    }
}

async fn serve(
    listener: TcpListener,
    state: HttpState,
    mut stopped: watch::Receiver<bool>,
) -> std::io::Result<()> {
    // Answers are small and whole: waiting for more to send only adds latency.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let listener = Stalled::new(listener, STALLED_WITHIN);
    let (live, stopping) = (state.live.clone(), state.live.clone());
    let stop = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
        stopping.stop();
    };
    axum::serve(listener, api::http::router(state)).with_graceful_shutdown(stop).await?;
    // A WebSocket is no longer one of the server's requests, which is all that it waits for.
    live.ended().await;
    Ok(())
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
    engine: Engine,
    clock: Arc<dyn Clock>,
    /// Why a process has halted, if it has.
    halted: Vec<(&'static str, watch::Receiver<Option<String>>)>,
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
        let processes = self
            .halted
            .iter()
            .map(|(name, halted)| Part { name, ready: halted.borrow().clone().map_or(Ok(()), Err) });
        [Part { name: "read_models", ready }].into_iter().chain(processes).collect()
    }

    fn paused(&self) -> Pauses {
        self.engine.paused()
    }
}

/// Posts the sandbox's webhooks to this node, as a provider would.
struct Post {
    client: reqwest::Client,
    url: String,
}

impl Post {
    fn to(address: SocketAddr) -> Result<Self, Failure> {
        // A proxy would see the webhooks, and couldn't reach this node's own address from elsewhere.
        let client = reqwest::Client::builder().no_proxy().timeout(DELIVERY_TIMEOUT).build()?;
        Ok(Self { client, url: format!("http://{address}/webhooks/sandbox") })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn main() -> MarketplaceId {
        MarketplaceId::parse("main").unwrap()
    }

    fn refused(data: &Path) -> String {
        open_store(data, &main()).unwrap_err().to_string()
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused_and_nothing_is_put_into_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let refused = refused(dir.path());
        assert!(refused.contains("chmod 700"), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        fs::set_permissions(dir.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(open_store(dir.path(), &main()).is_ok());
    }

    #[test]
    fn a_foreign_file_is_named_as_such_whoever_can_enter_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("log.db"), "dear diary").unwrap();
        for mode in [0o700, 0o755] {
            fs::set_permissions(dir.path(), Permissions::from_mode(mode)).unwrap();
            let refused = refused(dir.path());
            assert!(refused.starts_with("STORE_FOREIGN: "), "{refused}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_task_that_died_is_noticed_and_says_why() {
        let mut reports = Some(tokio::spawn(std::future::pending::<()>()));
        reports.as_ref().unwrap().abort();
        assert!(dead(&mut reports).await.contains("cancelled"));
        let none = tokio::time::timeout(Duration::ZERO, dead(&mut None)).await;
        assert!(none.is_err(), "no task never dies");
    }
}
