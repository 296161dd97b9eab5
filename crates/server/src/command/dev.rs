//! `dev`: everything in one process on loopback, with secrets and tokens of its own.

use crate::options::DevOptions;
use crate::wire::{Failure, Node, NodeConfig, open_store};
use crate::{demo, secrets, shutdown, telemetry};
use api::auth::{Grant, Issuer};
use domain::Role;
use domain::id::MarketplaceId;
use engine::{Clock, SystemClock};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

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
    let data = &options.store.data;
    // First, so that nothing is written into a folder that is somebody else's or in use.
    let store = open_store(data, &marketplace)?;
    let issuer = issuer(data)?;
    let request_secret = secret(data, "request.key")?;
    let webhook_secret = secret(data, "webhook.key")?;
    let config = NodeConfig {
        data: data.clone(),
        marketplace: marketplace.clone(),
        listen: options.listen,
        auth: issuer.auth_config(marketplace.clone()),
        request_secret,
        sandbox: Some(webhook_secret),
        development: true,
    };
    let node = Node::start_on(store, config).await?;
    let tokens = tokens(&issuer, &marketplace)?;
    let path = data.join("tokens.json");
    secrets::write_private(&path, &serde_json::to_vec_pretty(&tokens)?)?;
    if options.demo {
        demo::fill(&node.engine, issuer_name()).await?;
    }
    // Whoever reads the banner may ask for the end at once.
    let asked = shutdown::asked();
    let banner = Banner { address: node.address, data, marketplace: &marketplace, tokens: &tokens };
    if options.json {
        println!("{}", banner.json());
    } else {
        println!("{}", banner.text());
    }
    node.run(asked).await.map(|()| ExitCode::SUCCESS)
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

fn secret(data: &Path, name: &str) -> Result<[u8; 32], Failure> {
    let path = secrets_dir(data)?.join(name);
    secrets::kept(&path, secrets::fresh_secret)?;
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
        })
        .to_string()
    }

    fn text(&self) -> String {
        let (address, data) = (self.address, self.data.display());
        format!(
            "Counterfoil is running. Stop it with Ctrl-C; the next start goes on with the same store.\n\
             \n\
             \x20 GraphQL   http://{address}/graphql\n\
             \x20 Health    http://{address}/readyz   Metrics  http://{address}/metrics\n\
             \x20 Store     {data} (marketplace {})\n\
             \x20 Tokens    {data}/tokens.json, one per role, good for 30 days\n\
             \n\
             Try next, in another terminal:\n\
             \x20 curl -s http://{address}/graphql -H 'content-type: application/json' \
             -d '{{\"query\":\"{{ jobs(first: 5) {{ nodes {{ title status hires headcount }} }} }}\"}}'",
            self.marketplace
        )
    }
}
