//! Who may have a read model rebuilt, and what they are told.

use super::house::{House, STRANGER};
use super::*;
use domain::CommandKind;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const WITHIN: Duration = Duration::from_secs(20);

fn mutation(name: &str, key: &str) -> String {
    format!(
        r#"mutation {{ rebuildReadModel(input: {{ name: "{name}", reason: "a row is wrong", idempotencyKey: "{key}" }}) {{
            position eventIds rebuild {{ name requestedAt }} userErrors {{ code field }}
        }} }}"#
    )
}

fn as_role(role: Role) -> Caller {
    Caller::Person { party: STRANGER, roles: vec![role] }
}

async fn answer(house: &House, caller: &Caller, document: &str) -> Value {
    serde_json::to_value(house.ask(caller, document).await).unwrap()
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

/// The rebuild of this read model, once it has ended.
async fn ended(house: &House, name: &str) -> Value {
    let begun = Instant::now();
    loop {
        let document = "{ rebuilds { name state position head requestedAt failure } }";
        let told = answer(house, &as_role(Role::Admin), document).await;
        let rebuilds = told["data"]["rebuilds"].as_array().unwrap();
        let rebuild = rebuilds.iter().find(|rebuild| rebuild["name"] == name).unwrap();
        if rebuild["state"] != "WAITING" && rebuild["state"] != "RUNNING" {
            return rebuild.clone();
        }
        assert!(begun.elapsed() < WITHIN, "{rebuild} has no end");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn only_those_whom_the_table_names_have_a_read_model_rebuilt() {
    let house = House::open().await;
    let granted = CommandKind::RebuildReadModel.roles();
    assert_eq!(granted, [Role::Admin]);
    for role in Role::PEOPLE {
        // What isn't there is no way to learn what is.
        for name in ["job_board", "none"] {
            let told = answer(&house, &as_role(*role), &mutation(name, "k")).await;
            let expected = match (granted.contains(role), name) {
                (false, _) => json!("FORBIDDEN"),
                (true, "none") => json!("NOT_FOUND"),
                (true, _) => Value::Null,
            };
            assert_eq!(*code(&told), expected, "{role:?} {name}");
        }
    }
    let nobody = Caller::Person { party: STRANGER, roles: vec![] };
    assert_eq!(*code(&answer(&house, &nobody, &mutation("job_board", "k")).await), "FORBIDDEN");
    assert_eq!(*code(&answer(&house, &Caller::Guest, &mutation("job_board", "k")).await), "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_repeat_by_somebody_who_is_no_administrator_any_more_is_forbidden() {
    let house = House::open().await;
    let first = answer(&house, &as_role(Role::Admin), &mutation("job_board", "k")).await;
    assert_eq!(first["errors"], Value::Null);
    let again = answer(&house, &as_role(Role::Auditor), &mutation("job_board", "k")).await;
    assert_eq!(*code(&again), "FORBIDDEN");
}

#[tokio::test]
async fn who_asked_is_in_the_log_and_a_repeat_neither_asks_nor_begins_again() {
    let house = House::open().await;
    let admin = as_role(Role::Admin);
    let mut first = answer(&house, &admin, &mutation("contract_board", "k")).await;
    let asked = first["data"]["rebuildReadModel"].take();
    assert_eq!(asked["userErrors"], json!([]));
    assert_eq!(asked["rebuild"], json!({"name": "contract_board", "requestedAt": asked["position"]}));
    let after = asked["position"].as_u64().unwrap() - 1;
    let events = format!("subscription {{ events(after: {after}) {{ type actor }} }}");
    let event = answer(&house, &admin, &events).await["data"]["events"].take();
    assert_eq!(event["type"], "marketplace.read_model_rebuild_requested");
    assert!(event["actor"].as_str().unwrap().contains(&STRANGER.to_string()), "{event}");
    let done = ended(&house, "contract_board").await;
    assert_eq!((&done["state"], &done["failure"]), (&json!("DONE"), &Value::Null));
    assert_eq!((&done["position"], &done["head"]), (&asked["position"], &asked["position"]));
    let mut again = answer(&house, &admin, &mutation("contract_board", "k")).await;
    assert_eq!(again["data"]["rebuildReadModel"].take(), asked);
    assert_eq!(ended(&house, "contract_board").await, done);
}

#[tokio::test]
async fn a_name_that_no_read_model_has_is_answered_with_those_that_there_are() {
    let house = House::open().await;
    let told = answer(&house, &as_role(Role::Admin), &mutation("job_bord", "k")).await;
    assert_eq!(*code(&told), "NOT_FOUND");
    let message = told["errors"][0]["message"].as_str().unwrap();
    assert!(projections::Name::ALL.iter().all(|name| message.contains(name.as_str())), "{message}");
}

#[tokio::test]
async fn a_reason_is_needed() {
    let house = House::open().await;
    let document = mutation("job_board", "k").replace("a row is wrong", " ");
    let told = answer(&house, &as_role(Role::Admin), &document).await;
    let refused = &told["data"]["rebuildReadModel"];
    assert_eq!(refused["userErrors"], json!([{"code": "TEXT_EMPTY", "field": "reason"}]));
    assert_eq!(refused["rebuild"], Value::Null);
}
