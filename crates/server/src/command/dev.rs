//! `dev`: everything in one process on loopback, with secrets and tokens of its own.

use crate::demo::Stage;
use crate::options::DevOptions;
use crate::wire::{Failure, Node, NodeConfig, open_store, start_engine};
use crate::{demo, policy, secrets, shutdown, telemetry};
use api::auth::{Grant, Issuer};
use domain::id::MarketplaceId;
use domain::{Role, Timestamp};
use engine::step::Stepper;
use engine::{Clock, Entropy, SimulatedClock, SystemClock};
use eventstore::{EventStore, Head};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tracing::instrument::WithSubscriber;
use tracing::subscriber::NoSubscriber;

/// How long the tokens in `tokens.json` hold.
const TOKEN_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The people of `tokens.json`, one per role.
const PEOPLE: [Role; 8] = [
    Role::Client,
    Role::Talent,
    Role::Support,
    Role::Arbitrator,
    Role::Finance,
    Role::Auditor,
    Role::Compliance,
    Role::Admin,
];

pub(crate) async fn run(options: DevOptions) -> Result<ExitCode, Failure> {
    telemetry::logs();
    if !options.listen.ip().is_loopback() {
        return Err("dev signs its own tokens and listens on loopback only; use serve elsewhere".into());
    }
    let marketplace = MarketplaceId::parse(&options.store.marketplace)?;
    let policy = options.policy.as_deref().map(policy::read).transpose()?;
    let data = &options.store.data;
    // First, so that nothing is written into a folder that is somebody else's or in use.
    let store = open_store(data, &marketplace)?;
    let store: Arc<dyn EventStore> = Arc::new(store);
    let issuer = issuer(data)?;
    let head = store.head().await?;
    let seeded = (options.demo && head == Head::EMPTY).then_some(options.seed);
    let request_secret = secret(data, "request.key", seeded)?;
    let webhook_secret = secret(data, "webhook.key", None)?;
    let mut config = NodeConfig {
        data: data.clone(),
        marketplace: marketplace.clone(),
        listen: options.listen,
        auth: issuer.auth_config(marketplace.clone()),
        request_secret,
        sandbox: Some(webhook_secret),
        development: true,
        policy,
        clock: Arc::new(SystemClock),
        simulated: None,
    };
    let unfinished = data.join("demo-unfinished");
    if unfinished.exists() {
        let data = data.display();
        return Err(format!("the demo in {data} was cut short; remove {data} and start again").into());
    }
    if let Some(seed) = seeded {
        secrets::write_private(&unfinished, b"the demo is being written\n")?;
        fill(store.clone(), &mut config, &options, seed).await?;
        std::fs::remove_file(&unfinished)?;
    }
    (config.clock, config.simulated) = clock(&options, store.head().await?);
    let speed = options.clock_speed.unwrap_or(1);
    let clock = config.simulated.as_ref().map(|clock| ShownClock { now: clock.now(), speed });
    let node = Node::start_on(store, config).await?;
    let tokens = tokens(&issuer, &marketplace)?;
    let path = data.join("tokens.json");
    secrets::write_private(&path, &serde_json::to_vec_pretty(&tokens)?)?;
    // Whoever reads the banner may ask for the end at once.
    let asked = shutdown::asked();
    let banner = Banner { address: node.address, data, marketplace: &marketplace, tokens: &tokens, clock };
    if options.json {
        println!("{}", banner.json());
    } else {
        println!("{}", banner.text());
    }
    node.run(asked).await.map(|()| ExitCode::SUCCESS)
}

/// The marketplace's clock: the machine's, unless it is told otherwise or the log is ahead of it.
fn clock(options: &DevOptions, head: Head) -> (Arc<dyn Clock>, Option<Arc<SimulatedClock>>) {
    let now = SystemClock.now();
    let ahead = head.recorded_at > now.micros();
    let told = options.clock_speed.is_some() || (options.clock_start.is_some() && !options.demo);
    if !told && !ahead {
        return (Arc::new(SystemClock), None);
    }
    let begun = Timestamp::from_micros(head.recorded_at);
    let start = match options.clock_start {
        Some(start) if head == Head::EMPTY => start,
        // A log that is under way goes on from its last instant, and never back.
        Some(_) => begun,
        None => now.max(begun),
    };
    let clock = SimulatedClock::new(start, options.clock_speed.unwrap_or(1));
    let clock = Arc::new(if start < now { clock.catching_up() } else { clock });
    (clock.clone(), Some(clock))
}

/// Fills the empty log with the demo, under a clock of its own that ends today at midnight or where it is told to.
async fn fill(
    store: Arc<dyn EventStore>,
    config: &mut NodeConfig,
    options: &DevOptions,
    seed: u64,
) -> Result<(), Failure> {
    secrets::confirm_request_secret(&config.data, &config.request_secret)?;
    let midnight = SystemClock.now().day_begins();
    let start = options.clock_start.unwrap_or_else(|| midnight.minus_days(demo::DAYS));
    let clock = Arc::new(SimulatedClock::new(start, 0));
    let node_clock = std::mem::replace(&mut config.clock, clock.clone());
    let (engine, provider) = start_engine(store, config, Entropy::seeded(seed)).await?;
    config.clock = node_clock;
    let provider = provider.ok_or("the demo needs the sandbox")?;
    let processes = engine::process::all();
    let stepper = Stepper::begin(engine.clone(), clock.clone(), provider, processes).await?;
    let until = start.plus_days(demo::DAYS);
    let mut stage = Stage { engine: engine.clone(), clock, stepper, issuer: issuer_name(), until };
    // What the story leads its providers to would only puzzle a newcomer.
    demo::fill(&mut stage, seed).with_subscriber(NoSubscriber::new()).await?;
    // What falls due between the story's end and now happens at its own instant, not when somebody starts the node.
    // A clock that is told to run otherwise takes it from there.
    if options.clock_speed.is_none() {
        stage.stepper.advance_to(SystemClock.now()).await?;
    }
    stage.stepper.finish().await?;
    engine.stop().await;
    Ok(())
}

pub(crate) fn issuer_name() -> &'static str {
    Issuer::NAME
}

/// The issuer of `dev`, whose key is made at the first start.
pub(crate) fn issuer(data: &Path) -> Result<Issuer, Failure> {
    let key = secrets::kept(&secrets_dir(data)?.join("issuer.pk8"), || {
        Issuer::generate().map(|issuer| issuer.pkcs8().to_vec()).map_err(std::io::Error::other)
    })?;
    Ok(Issuer::from_pkcs8(&key)?)
}

/// The secret of this name, made at the first start; one of a seeded demo follows from the seed.
fn secret(data: &Path, name: &str, seed: Option<u64>) -> Result<[u8; 32], Failure> {
    let path = secrets_dir(data)?.join(name);
    let fresh = || match seed {
        Some(seed) => Ok(format!("{seed:064x}").into_bytes()),
        None => secrets::fresh_secret(),
    };
    secrets::kept(&path, fresh)?;
    Ok(secrets::read_secret(&path)?)
}

fn secrets_dir(data: &Path) -> Result<std::path::PathBuf, Failure> {
    let dir = data.join("secrets");
    secrets::private_dir(&dir)?;
    Ok(dir)
}

fn tokens(issuer: &Issuer, marketplace: &MarketplaceId) -> Result<BTreeMap<&'static str, String>, Failure> {
    let now = SystemClock.now();
    PEOPLE
        .iter()
        .map(|role| {
            let grant =
                Grant { subject: role.as_str(), roles: &[*role], marketplace, lifetime: TOKEN_LIFETIME };
            Ok((role.as_str(), issuer.sign(&grant, now)?))
        })
        .collect()
}

struct Banner<'a> {
    address: SocketAddr,
    data: &'a Path,
    marketplace: &'a MarketplaceId,
    tokens: &'a BTreeMap<&'static str, String>,
    clock: Option<ShownClock>,
}

/// A clock that is not the machine's.
#[derive(Clone, Copy)]
struct ShownClock {
    now: Timestamp,
    speed: u32,
}

impl ShownClock {
    /// What it shows and how it runs, for people.
    fn text(self) -> String {
        let now = self.now.to_string();
        let now = now.get(..16).unwrap_or(&now).replace('T', " ");
        match self.speed {
            0 => format!("{now} UTC, simulated; it stands still until POST /dev/clock puts it forward"),
            1 => format!("{now} UTC, simulated; POST /dev/clock puts it forward"),
            speed => format!("{now} UTC, simulated; it runs {speed} times as fast as time"),
        }
    }
}

impl Banner<'_> {
    fn json(&self) -> String {
        let base = format!("http://{}", self.address);
        serde_json::json!({
            "graphql": format!("{base}/graphql"),
            "ready": format!("{base}/readyz"),
            "metrics": format!("{base}/metrics"),
            "data": self.data,
            "marketplaces": [self.marketplace],
            "tokens": self.tokens,
            "clock": self.clock.map(|clock| {
                serde_json::json!({"now": clock.now.to_string(), "speed": clock.speed})
            }),
        })
        .to_string()
    }

    fn text(&self) -> String {
        let (address, data) = (self.address, self.data.display());
        let clock = self.clock.map(|clock| format!("\x20 Clock     {}\n", clock.text())).unwrap_or_default();
        format!(
            "Counterfoil is running. Stop it with Ctrl-C; the next start goes on with the same store.\n\
             \n\
             \x20 GraphQL   http://{address}/graphql\n\
             \x20 Health    http://{address}/readyz   Metrics  http://{address}/metrics\n\
             \x20 Store     {data} (marketplace {})\n\
             \x20 Tokens    {data}/tokens.json, one per role, good for 30 days\n\
             {clock}\
             \n\
             Try next, in another terminal:\n\
             \x20 curl -s http://{address}/graphql -H 'content-type: application/json' \
             -d '{{\"query\":\"{{ jobs(first: 5) {{ nodes {{ title status hires headcount }} }} }}\"}}'",
            self.marketplace
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(clock: Option<ShownClock>) -> String {
        let (address, marketplace) = (([127, 0, 0, 1], 8080).into(), MarketplaceId::parse("main").unwrap());
        let (data, tokens) = (Path::new("here"), BTreeMap::new());
        Banner { address, data, marketplace: &marketplace, tokens: &tokens, clock }.text()
    }

    #[test]
    fn the_banner_is_short_and_tells_of_a_clock_that_is_not_the_machines() {
        let now = Timestamp::from_micros(0);
        let said = [(0, "stands still"), (1, "simulated"), (60, "60 times as fast")];
        for (speed, part) in said {
            let banner = banner(Some(ShownClock { now, speed }));
            let line = banner.lines().find(|line| line.starts_with("  Clock ")).unwrap();
            assert!(line.contains("1970-01-01 00:00 UTC") && line.contains(part), "{line}");
            assert!(banner.lines().count() <= 12, "{banner}");
        }
        assert!(!banner(None).contains("Clock"), "{}", banner(None));
    }
}
