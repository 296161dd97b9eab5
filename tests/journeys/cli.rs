//! The command line.

use crate::node::{Node, Store};
use crate::process::run;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

const COMMANDS: [&str; 7] = ["dev", "serve", "verify", "token", "policy", "schema", "bench"];

#[test]
fn every_command_says_what_it_does() {
    let all = run(&["--help"]);
    assert_eq!(all.code, Some(0));
    for command in COMMANDS {
        assert!(all.stdout.contains(command), "{}", all.stdout);
        let help = run(&[command, "--help"]);
        assert_eq!(help.code, Some(0), "{command}");
        assert!(
            help.stdout.starts_with(|c: char| c.is_uppercase()),
            "{command} has no text: {}",
            help.stdout
        );
    }
}

#[test]
fn what_is_not_a_command_is_a_usage_error() {
    for arguments in [&["launch"][..], &["verify", "--everything"], &[], &["token", "--subject", "x"]] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_list_of_no_timers_can_not_be_asked_for() {
    let ended = run(&["timers", "--limit", "0"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("'0'") && ended.stderr.contains("expected a number from 1 on"),
        "{ended:?}"
    );
}

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_kept() {
    let ended = run(&["schema", "print"]);
    assert_eq!(ended.code, Some(0));
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../schemas/graphql/counterfoil.graphql");
    assert!(ended.stdout == std::fs::read_to_string(kept).unwrap(), "run cargo xtask golden --update");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_names_the_same_party_each_time_and_its_roles() {
    let store = Store::new();
    let node = Node::start(&store);
    let (first, second) = (node.person("client,talent", "asha"), node.person("client,talent", "asha"));
    assert_eq!(first.party().await, second.party().await);
    assert_ne!(first.party().await, node.person("client", "bruno").party().await);
    let seen = first.see("{ viewer { roles } }", serde_json::Value::Null).await;
    assert_eq!(seen["viewer"]["roles"], json!(["client", "talent"]));
    let party = first.party().await;
    assert_eq!(node.person("client", &party).party().await, party, "a party's id names itself");
}

#[test]
fn tokens_need_a_key_and_known_roles() {
    let store = Store::new();
    let token = |role: &str| run(&["token", "--data", &store.path(), "--role", role, "--subject", "x"]);
    let keyless = token("client");
    assert_eq!(keyless.code, Some(2));
    assert!(keyless.stderr.contains("counterfoil dev"), "{}", keyless.stderr);
    Node::start(&store).stop();
    for role in ["root", "system", "provider", ""] {
        let ended = token(role);
        assert_eq!(ended.code, Some(2), "{role}");
        assert_eq!(ended.stdout, "", "{role}");
    }
    assert_eq!(token("client").code, Some(0));
}

#[test]
fn verify_can_not_run_without_a_log() {
    let store = Store::new();
    let ended = run(&["verify", "--data", &store.path()]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(!store.data().exists(), "a look makes nothing");
}

#[test]
fn verify_tells_people_what_holds() {
    let store = Store::new();
    Node::start(&store).stop();
    let ended = run(&["verify", "--data", &store.path()]);
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("all holds"), "{}", ended.stdout);
}

#[test]
fn the_banner_says_where_everything_is() {
    let store = Store::new();
    let node = Node::start(&store);
    let banner = node.banner();
    assert_eq!(banner["data"], store.path());
    assert_eq!(banner["marketplaces"], json!(["main"]));
    let roles: Vec<_> = banner["tokens"].as_object().unwrap().keys().collect();
    assert_eq!(
        roles,
        ["admin", "arbitrator", "auditor", "client", "compliance", "finance", "support", "talent"]
    );
    for address in ["ready", "metrics"] {
        assert!(banner[address].as_str().unwrap().starts_with("http://127.0.0.1:"), "{address}");
    }
    assert!(node.url("/livez").starts_with("http://127.0.0.1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_answer() {
    let store = Store::new();
    let node = Node::start(&store);
    for path in ["/livez", "/readyz", "/startupz", "/metrics"] {
        let answer = node.http().get(node.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(path != "/metrics" || answer.text().await.unwrap().contains("counterfoil_"));
    }
}

#[test]
fn secrets_and_tokens_are_for_their_owner_alone() {
    let store = Store::new();
    let _node = Node::start(&store);
    for name in ["secrets/issuer.pk8", "secrets/request.key", "secrets/webhook.key", "tokens.json", "log.db"]
    {
        let mode = std::fs::metadata(store.data().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_hold_no_tokens_and_no_secrets() {
    let store = Store::new();
    let node = Node::start(&store);
    let client = node.persona("client");
    client.see("{ viewer { party } }", serde_json::Value::Null).await;
    let token = node.banner()["tokens"]["client"].as_str().unwrap().to_owned();
    node.stop();
    let secret = std::fs::read_to_string(store.data().join("secrets/webhook.key")).unwrap();
    let logged = store.logged();
    assert!(!logged.contains(&token) && !logged.contains(secret.trim()));
}
