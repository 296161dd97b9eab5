use super::{NOW, config, engine_on, memory};
use crate::{Engine, ExecuteError};
use domain::policy::Policy;
use domain::{Code, Refusal};

fn patient() -> Policy {
    let mut policy = Policy::default();
    policy.windows.review_days = 30;
    policy
}

#[tokio::test]
async fn a_policy_that_differs_is_published_and_one_in_force_is_not() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let head = store.head().await.unwrap().position;
    assert!(engine.publish_policy(Policy::default()).await.unwrap().is_none());
    assert_eq!(store.head().await.unwrap().position, head, "nothing was written");
    let published = engine.publish_policy(patient()).await.unwrap().unwrap();
    assert_eq!((published.version, published.before), (2, Policy::default()));
    assert!(engine.publish_policy(patient()).await.unwrap().is_none());
    let back = engine.publish_policy(Policy::default()).await.unwrap().unwrap();
    assert_eq!((back.version, back.before), (3, patient()));
}

#[tokio::test]
async fn a_policy_that_makes_no_sense_is_refused_and_the_one_in_force_stays() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let mut senseless = Policy::default();
    senseless.windows.review_days = 0;
    let refused = engine.publish_policy(senseless).await.unwrap_err();
    assert!(matches!(refused, ExecuteError::Refused(Refusal { code: Code::PolicyInvalid, .. })), "{refused}");
    assert!(engine.publish_policy(Policy::default()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_published_policy_outlives_its_engine() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    engine.publish_policy(patient()).await.unwrap();
    engine.stop().await;
    let next = Engine::start(store.clone(), config(2, NOW)).await.unwrap();
    assert!(next.publish_policy(patient()).await.unwrap().is_none());
}
