//! GraphQL over HTTP, as a frontend would send it, and the mutations of the journey.

use serde_json::{Value, json};

/// The process ended before it answered.
#[derive(Debug)]
pub(crate) struct Gone;

/// Somebody who sends requests.
#[derive(Clone)]
pub(crate) struct Caller {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// What a mutation was answered with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// It is in the log.
    Done(Done),
    /// A rule said no, as data: the first of `userErrors`.
    Refused(Value),
    /// An error, without its trace id.
    Failed(Value),
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Done {
    pub(crate) position: u64,
    pub(crate) event_ids: Vec<String>,
    /// Null while the read models are behind.
    pub(crate) entity: Value,
}

impl Answer {
    /// In one line: `done`, `refused CODE at FIELD` or `failed CODE`.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Done(_) => "done".to_owned(),
            Self::Refused(error) => match error["field"].as_str() {
                Some(field) => format!("refused {} at {field}", error["code"].as_str().unwrap()),
                None => format!("refused {}", error["code"].as_str().unwrap()),
            },
            Self::Failed(error) => format!("failed {}", error["extensions"]["code"].as_str().unwrap()),
        }
    }

    /// What was done, or a panic with what was said instead.
    #[track_caller]
    pub(crate) fn done(self) -> Done {
        match self {
            Self::Done(done) => done,
            Self::Refused(error) | Self::Failed(error) => panic!("not done: {error}"),
        }
    }

    /// Whether the same is to be sent again, under the same key: the outcome is unknown, or nothing could be done.
    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self.told().as_str(), "failed OUTCOME_UNKNOWN" | "failed UNAVAILABLE")
    }
}

const JOB: &str = "entity: job { id status }";
const PROPOSAL: &str = "entity: proposal { id status offer { number termsHash } }";
const CONTRACT: &str = "entity: contract { id status milestones { id status } }";
const DISPUTE: &str = "entity: dispute { id status }";
const PAYOUT: &str = "entity: payout { id status }";
const REBUILD: &str = "entity: rebuild { name requestedAt }";

/// The mutations that the journeys send, by what is selected of the entity that each answers with.
const MUTATIONS: &[(&str, &[&str])] = &[
    (JOB, &["createJob", "submitJob", "inviteTalent", "pauseJob"]),
    (PROPOSAL, &["submitProposal", "saveProposal", "makeOffer", "makeDirectOffer", "counterOffer"]),
    (
        CONTRACT,
        &[
            "acceptOffer",
            "fundMilestone",
            "submitWork",
            "requestChanges",
            "approveMilestone",
            "partiallyRelease",
            "agreeMove",
            "proposeAmendment",
            "acceptAmendment",
            "cancelContract",
            "requestEnd",
            "agreeEnd",
            "payBonus",
            "requestRefund",
            "agreeRefund",
            "rejectRefund",
            "freezeFunds",
            "unfreezeFunds",
        ],
    ),
    (
        DISPUTE,
        &[
            "openDispute",
            "respondToDispute",
            "escalateDispute",
            "submitEvidence",
            "askDisputeQuestion",
            "issueRecommendation",
            "rejectRecommendation",
            "payArbitrationFee",
            "issueAward",
            "decideSmallClaim",
            "fileAppeal",
            "decideAppeal",
        ],
    ),
    (PAYOUT, &["requestPayout", "approvePayout"]),
    (REBUILD, &["rebuildReadModel"]),
];

/// The document of a mutation, with the entity or without.
pub(crate) fn document(mutation: &str, with_entity: bool) -> String {
    let (entity, _) = MUTATIONS.iter().find(|(_, names)| names.contains(&mutation)).unwrap();
    let (first, rest) = mutation.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    let entity = if with_entity { entity } else { "" };
    format!(
        "mutation($input: {input}!) {{ outcome: {mutation}(input: $input) {{ \
         {entity} position eventIds userErrors {{ code field message }} }} }}"
    )
}

impl Caller {
    pub(crate) fn new(http: reqwest::Client, url: String, token: Option<String>) -> Self {
        Self { http, url, token }
    }

    /// Sends a body, and returns the status and the JSON of the answer.
    pub(crate) async fn post(&self, body: impl Into<reqwest::Body>) -> Result<(u16, Value), Gone> {
        let mut request = self.http.post(&self.url).body(body);
        request = request.header("content-type", "application/json");
        request = request.header("accept", "application/graphql-response+json, application/json;q=0.9");
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.map_err(|error| gone(&error))?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|error| gone(&error))?;
        Ok((status, serde_json::from_slice(&body).unwrap()))
    }

    /// Sends an operation, and returns the whole answer.
    pub(crate) async fn send(&self, query: &str, variables: Value) -> Result<Value, Gone> {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.post(body).await.map(|(_, answer)| answer)
    }

    /// The data of a query that must not fail.
    pub(crate) async fn read(&self, query: &str, variables: Value) -> Result<Value, Gone> {
        let mut answer = self.send(query, variables).await?;
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        Ok(answer["data"].take())
    }

    /// As [`Caller::read`], where the node is expected to live.
    pub(crate) async fn see(&self, query: &str, variables: Value) -> Value {
        self.read(query, variables).await.expect("the node to be there")
    }

    /// Gives a command.
    pub(crate) async fn give(&self, mutation: &str, input: &Value) -> Result<Answer, Gone> {
        self.send(&document(mutation, true), json!({"input": input})).await.map(answered)
    }

    /// Gives a command without asking for the entity, so that the answer waits for no read model.
    pub(crate) async fn give_briefly(&self, mutation: &str, input: &Value) -> Result<Answer, Gone> {
        self.send(&document(mutation, false), json!({"input": input})).await.map(answered)
    }

    /// The caller's party.
    pub(crate) async fn party(&self) -> String {
        let seen = self.see("{ viewer { party } }", Value::Null).await;
        seen["viewer"]["party"].as_str().unwrap().to_owned()
    }
}

fn gone(error: &reqwest::Error) -> Gone {
    assert!(!error.is_timeout(), "no answer: {error}");
    Gone
}

fn answered(mut answer: Value) -> Answer {
    if let Some(error) = answer.pointer_mut("/errors/0") {
        let mut error = error.take();
        if let Some(extensions) = error["extensions"].as_object_mut() {
            extensions.remove("traceId");
        }
        return Answer::Failed(error);
    }
    let outcome = &mut answer["data"]["outcome"];
    if let Some(error) = outcome.pointer_mut("/userErrors/0") {
        return Answer::Refused(error.take());
    }
    let ids = outcome["eventIds"].as_array().unwrap().iter();
    Answer::Done(Done {
        position: outcome["position"].as_u64().unwrap(),
        event_ids: ids.map(|id| id.as_str().unwrap().to_owned()).collect(),
        entity: outcome["entity"].take(),
    })
}
