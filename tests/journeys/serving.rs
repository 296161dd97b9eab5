//! `serve`: what it refuses to start without, and whom it then listens to.

use crate::graphql::Caller;
use crate::node::{Node, Store};
use crate::process::{Owned, counterfoil, run};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The files that `serve` wants, made of those that `dev` left.
struct Files {
    directory: tempfile::TempDir,
    token: String,
}

impl Files {
    fn of(store: &Store) -> Self {
        let node = Node::start(store);
        let token = node.banner()["tokens"]["client"].as_str().unwrap().to_owned();
        node.stop();
        let files = Self { directory: tempfile::tempdir().unwrap(), token };
        let secrets = store.data().join("secrets");
        fs::write(files.jwks(), files.public_keys(&secrets)).unwrap();
        for name in ["request.key", "webhook.key"] {
            fs::copy(secrets.join(name), files.path(name)).unwrap();
        }
        files
    }

    fn public_keys(&self, secrets: &Path) -> String {
        let header = URL_SAFE_NO_PAD.decode(self.token.split('.').next().unwrap()).unwrap();
        let header: Value = serde_json::from_slice(&header).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(&fs::read(secrets.join("issuer.pk8")).unwrap()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": header["kid"], "x": x}]})
            .to_string()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn jwks(&self) -> PathBuf {
        self.path("jwks.json")
    }

    /// The whole command line, in pairs of flag and value, the data's first.
    fn arguments(&self, store: &Store) -> Vec<(&'static str, String)> {
        let shown = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("--data", store.path()),
            ("--listen", "127.0.0.1:0".to_owned()),
            ("--issuer", "counterfoil-dev".to_owned()),
            ("--jwks-file", shown(self.jwks())),
            ("--request-secret-file", shown(self.path("request.key"))),
            ("--rail", "sandbox".to_owned()),
            ("--webhook-secret-file", shown(self.path("webhook.key"))),
        ]
    }
}

fn line<'a>(arguments: &'a [(&'static str, String)], without: &str) -> Vec<&'a str> {
    let kept = arguments.iter().filter(|(flag, _)| *flag != without);
    std::iter::once("serve").chain(kept.flat_map(|(flag, value)| [*flag, value.as_str()])).collect()
}

#[test]
fn each_absent_setting_is_named_with_its_flag() {
    let store = Store::new();
    let files = Files::of(&store);
    let arguments = files.arguments(&store);
    for flag in ["--issuer", "--jwks-file", "--request-secret-file", "--webhook-secret-file"] {
        let ended = run(&line(&arguments, flag));
        assert_eq!(ended.code, Some(2), "{ended:?}");
        let variable = flag.trim_start_matches("--").replace('-', "_").to_uppercase();
        let remedy = format!("{flag} or COUNTERFOIL_{variable}");
        assert!(ended.stderr.contains(&remedy), "no {remedy} in {}", ended.stderr);
    }
}

#[test]
fn secrets_that_others_can_read_or_that_are_none_are_refused() {
    let store = Store::new();
    let files = Files::of(&store);
    let arguments = files.arguments(&store);
    let secret = files.path("request.key");
    fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
    let ended = run(&line(&arguments, ""));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("chmod 600"), "{}", ended.stderr);
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    fs::write(&secret, "secret").unwrap();
    let ended = run(&line(&arguments, ""));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("openssl rand -hex 32") && !ended.stderr.contains("\nsecret"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_takes_its_issuers_tokens_and_tells_nothing_of_the_schema() {
    let store = Store::new();
    let files = Files::of(&store);
    let arguments = files.arguments(&store);
    let mut command = counterfoil(&line(&arguments, ""));
    command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Owned(command.spawn().unwrap());
    let mut banner = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut banner).unwrap();
    let banner: Value = serde_json::from_str(&banner).unwrap();
    assert!(banner.get("tokens").is_none(), "production gives nobody a token");

    let url = banner["graphql"].as_str().unwrap().to_owned();
    let client = Caller::new(reqwest::Client::new(), url.clone(), Some(files.token.clone()));
    let seen = client.see("{ viewer { roles } }", Value::Null).await;
    assert_eq!(seen["viewer"]["roles"], json!(["client"]));
    let guest = Caller::new(reqwest::Client::new(), url, None);
    let refused = guest.send("{ __schema { types { name } } }", Value::Null).await.unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN");
    process.terminate();
    assert!(process.wait().success());
}
