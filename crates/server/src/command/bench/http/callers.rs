//! Who sits at the other end of a connection, and what they say next.

use super::client::Connection;
use crate::command::bench::sample::Caller;
use crate::wire::Failure;
use serde_json::{Value, json};
use std::net::SocketAddr;

const GRAPHQL: &str = "/graphql";

const CREATE_JOB: &str = "mutation($input: CreateJobInput!) { createJob(input: $input) \
    { job { id } position eventIds userErrors { code field message } } }";
const CREATE_JOB_ALONE: &str = "mutation($input: CreateJobInput!) { createJob(input: $input) \
    { position eventIds userErrors { code field message } } }";
const SUBMIT_JOB: &str = "mutation($input: SubmitJobInput!) { submitJob(input: $input) \
    { position eventIds userErrors { code field message } } }";
const SUBMIT_PROPOSAL: &str = "mutation($input: SubmitProposalInput!) { submitProposal(input: $input) \
    { proposal { id } position eventIds userErrors { code field message } } }";
const MAKE_OFFER: &str = "mutation($input: MakeOfferInput!) { makeOffer(input: $input) \
    { proposal { offer { number termsHash } } position eventIds userErrors { code field message } } }";
const ACCEPT_OFFER: &str = "mutation($input: AcceptOfferInput!) { acceptOffer(input: $input) \
    { contract { id } position eventIds userErrors { code field message } } }";
const JOBS: &str = "{ jobs(first: 20) { nodes { id client title description headcount hires status createdAt \
    openedAt } pageInfo { hasNextPage endCursor } } }";

/// What no answer to a command that was done has in it.
const REFUSED: &str = "\"code\":";
const FAILED: &str = "\"errors\":";

/// The tokens of a client and a talent.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) client: String,
    pub(super) talent: String,
}

/// What is said without looking at the answers.
pub(super) enum Asks {
    /// A page of jobs.
    Jobs,
    /// What somebody else said before, to the echo.
    Again(Vec<String>),
}

/// One end of a connection: says something, hears the answer, says what follows.
pub(super) struct Speaker {
    person: Person,
    said: usize,
    part: Part,
}

enum Part {
    Journey(At),
    Creates,
    Asks(Asks),
}

/// How far a journey is, with what the next step needs.
enum At {
    Beginning,
    Drafted(String),
    Open(String),
    Proposed(String),
    Offered(String, String),
}

/// A request: where to, whose token, what.
struct Request<'a> {
    path: String,
    token: &'a str,
    body: String,
}

impl Speaker {
    pub(super) fn journey(person: Person) -> Self {
        Self { person, said: 0, part: Part::Journey(At::Beginning) }
    }

    pub(super) fn creates(person: Person) -> Self {
        Self { person, said: 0, part: Part::Creates }
    }

    pub(super) fn asks(person: Person, asks: Asks) -> Self {
        Self { person, said: 0, part: Part::Asks(asks) }
    }

    fn next(&mut self) -> Request<'_> {
        self.said += 1;
        let said = self.said;
        let Person { client, talent } = &self.person;
        let command = |token, query, input: Value| {
            let mut input = input;
            input["idempotencyKey"] = json!(format!("bench/{said}"));
            let body = json!({ "query": query, "variables": { "input": input } }).to_string();
            Request { path: GRAPHQL.to_owned(), token, body }
        };
        match &self.part {
            Part::Journey(At::Beginning) => command(client, CREATE_JOB, job()),
            Part::Journey(At::Drafted(job)) => command(client, SUBMIT_JOB, json!({ "jobId": job })),
            Part::Journey(At::Open(job)) => {
                let letter = "I have done this before and can start on Monday.";
                command(talent, SUBMIT_PROPOSAL, json!({ "jobId": job, "coverLetter": letter }))
            }
            Part::Journey(At::Proposed(proposal)) => {
                let milestone = |title: &str, amount: &str| json!({ "title": title, "amount": { "amount": amount, "currency": "USD" } });
                let milestones = [
                    milestone("Design", "2500.00"),
                    milestone("Build", "6000.00"),
                    milestone("Launch", "1500.00"),
                ];
                command(client, MAKE_OFFER, json!({ "proposalId": proposal, "milestones": milestones }))
            }
            Part::Journey(At::Offered(proposal, hash)) => command(
                talent,
                ACCEPT_OFFER,
                json!({ "proposalId": proposal, "offer": 1, "termsHash": hash }),
            ),
            Part::Creates => command(client, CREATE_JOB_ALONE, job()),
            Part::Asks(Asks::Jobs) => Request {
                path: GRAPHQL.to_owned(),
                token: client,
                body: json!({ "query": JOBS }).to_string(),
            },
            Part::Asks(Asks::Again(requests)) => {
                let number = said % requests.len();
                Request { path: format!("/{number}"), token: client, body: requests[number].clone() }
            }
        }
    }

    fn hear(&mut self, answer: &str) -> Result<(), Failure> {
        let failed =
            answer.contains(FAILED) || (!matches!(self.part, Part::Asks(_)) && answer.contains(REFUSED));
        if failed {
            return Err(format!("the server answered {answer}").into());
        }
        if let Part::Journey(at) = &mut self.part {
            *at = match std::mem::replace(at, At::Beginning) {
                At::Beginning => At::Drafted(text(answer, "id")?),
                At::Drafted(job) => At::Open(job),
                At::Open(_) => At::Proposed(text(answer, "id")?),
                At::Proposed(proposal) => At::Offered(proposal, text(answer, "termsHash")?),
                At::Offered(..) => At::Beginning,
            };
        }
        Ok(())
    }

    /// Whether what is said next is what was said first.
    fn is_through(&self) -> bool {
        match &self.part {
            Part::Journey(at) => matches!(at, At::Beginning),
            Part::Creates | Part::Asks(_) => true,
        }
    }
}

/// What a client writes about a job, of a common length.
fn job() -> Value {
    let description = "The old one is slow on phones. Details by message; the milestones say what we expect.";
    json!({ "title": "Rebuild our booking site", "description": description, "headcount": 1 })
}

/// The text of the first field of that name. Answers are searched rather than parsed: the client is to cost little.
fn text(answer: &str, name: &str) -> Result<String, Failure> {
    let found = answer.split_once(&format!("\"{name}\":\"")).and_then(|(_, rest)| rest.split_once('"'));
    found.map(|(text, _)| text.to_owned()).ok_or_else(|| format!("no {name} in {answer}").into())
}

/// A speaker on a connection.
pub(super) struct Talker {
    connection: Connection,
    speaker: Speaker,
}

impl Talker {
    pub(super) async fn open(address: SocketAddr, speaker: Speaker) -> Result<Self, Failure> {
        Ok(Self { connection: Connection::open(address).await?, speaker })
    }

    /// Says everything once, and returns it with the answers.
    pub(super) async fn record(&mut self) -> Result<Vec<(String, String)>, Failure> {
        let mut recorded = Vec::new();
        loop {
            recorded.push(self.exchange().await?);
            if self.speaker.is_through() {
                return Ok(recorded);
            }
        }
    }

    async fn exchange(&mut self) -> Result<(String, String), Failure> {
        let Request { path, token, body } = self.speaker.next();
        let answer = self.connection.post(&path, token, &body).await?.to_owned();
        self.speaker.hear(&answer)?;
        Ok((body, answer))
    }
}

impl Caller for Talker {
    async fn step(&mut self) -> Result<usize, Failure> {
        self.exchange().await.map(|_| 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_its_field() {
        let answer = r#"{"data":{"makeOffer":{"proposal":{"offer":{"number":1,"termsHash":"ab"}}}}}"#;
        assert_eq!(text(answer, "termsHash").unwrap(), "ab");
        assert!(text(answer, "id").is_err());
    }

    #[test]
    fn a_refused_command_ends_the_measuring() {
        let person = Person { client: String::new(), talent: String::new() };
        let refused = r#"{"data":{"createJob":{"position":null,"userErrors":[{"code":"FORBIDDEN"}]}}}"#;
        assert!(Speaker::creates(person).hear(refused).is_err());
    }
}
