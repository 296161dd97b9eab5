//! `serve`: production. Every absent secret and unsafe setting is refused, with its remedy.

use crate::options::ServeOptions;
use crate::secrets::{Unsafe, read_secret};
use crate::wire::{Failure, Node, NodeConfig};
use crate::{policy, shutdown, telemetry};
use api::auth::{AuthConfig, Jwks};
use domain::id::MarketplaceId;
use engine::SystemClock;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) async fn run(options: ServeOptions) -> Result<ExitCode, Failure> {
    telemetry::logs();
    let json = options.json;
    let config = config(options)?;
    let (data, marketplace) = (config.data.clone(), config.marketplace.clone());
    let node = Node::start(config).await?;
    // Whoever reads the banner may ask for the end at once.
    let asked = shutdown::asked();
    let base = format!("http://{}", node.address);
    if json {
        let banner = serde_json::json!({
            "graphql": format!("{base}/graphql"),
            "ready": format!("{base}/readyz"),
            "metrics": format!("{base}/metrics"),
            "data": data,
            "marketplaces": [marketplace],
        });
        println!("{banner}");
    } else {
        println!("Counterfoil serves {marketplace} at {base}/graphql from {}", data.display());
    }
    node.run(asked).await.map(|()| ExitCode::SUCCESS)
}

/// The configuration, or the first thing that is absent or unsafe.
fn config(options: ServeOptions) -> Result<NodeConfig, Failure> {
    let marketplace = MarketplaceId::parse(&options.marketplace)?;
    let data = needed(options.data, "no folder of the store", "--data or COUNTERFOIL_DATA")?;
    let issuer = needed(options.issuer, "no token issuer", "--issuer or COUNTERFOIL_ISSUER")?;
    let jwks =
        needed(options.jwks_file, "no keys of the token issuer", "--jwks-file or COUNTERFOIL_JWKS_FILE")?;
    let request_secret = needed(
        options.request_secret_file,
        "no secret for the requests' HMACs",
        "--request-secret-file or COUNTERFOIL_REQUEST_SECRET_FILE",
    )?;
    let mut sandbox = None;
    if options.rail.is_some() {
        let path = needed(
            options.webhook_secret_file,
            "no secret for the rail's webhooks",
            "--webhook-secret-file or COUNTERFOIL_WEBHOOK_SECRET_FILE",
        )?;
        sandbox = Some(read_secret(&path)?);
    }
    let keys = keys(&jwks)?;
    let policy = options.policy.as_deref().map(policy::read).transpose()?;
    Ok(NodeConfig {
        data,
        marketplace: marketplace.clone(),
        listen: options.listen,
        auth: AuthConfig {
            issuer,
            audience: options.audience,
            marketplace,
            keys: keys.keys,
            trusts_party_ids: options.subjects_are_parties,
        },
        request_secret: read_secret(&request_secret)?,
        sandbox,
        development: false,
        policy,
        clock: Arc::new(SystemClock),
        simulated: None,
    })
}

fn keys(path: &Path) -> Result<Jwks, Failure> {
    let json = std::fs::read_to_string(path)
        .map_err(|error| format!("the keys in {} can't be read: {error}", path.display()))?;
    Ok(Jwks::parse(&json).map_err(|error| format!("the keys in {}: {error}", path.display()))?)
}

fn needed<T>(value: Option<T>, what: &str, remedy: &str) -> Result<T, Unsafe> {
    value.ok_or_else(|| Unsafe { what: what.to_owned(), remedy: format!("give one with {remedy}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Cli, Subcommand};
    use clap::Parser;

    #[test]
    fn production_has_no_default_folder() {
        let Subcommand::Serve(options) = Cli::parse_from(["counterfoil", "serve"]).command else {
            panic!("serve is serve");
        };
        let Err(refused) = config(ServeOptions { data: None, ..options }) else {
            panic!("no folder was named");
        };
        assert!(refused.to_string().contains("--data or COUNTERFOIL_DATA"), "{refused}");
    }
}
