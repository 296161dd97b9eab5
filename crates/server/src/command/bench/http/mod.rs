//! The real server over loopback, beside an echo of JSON that has axum in it and nothing of ours.
//!
//! Client, connections, requests and answers are the same on both sides: the echo answers each request with what the
//! real server answered, parsed once and rendered every time.

mod callers;
mod client;
mod echo;

use super::report::{Figure, Measured};
use super::sample::{Callers, Sample, take_turns};
use super::{MARKETPLACE, append};
use crate::wire::{Failure, Node, NodeConfig};
use api::auth::{Grant, Issuer};
use callers::{Asks, Person, Speaker, Talker};
use domain::Role;
use domain::id::MarketplaceId;
use domain::job::SubmitJob;
use domain::{Event, job::JobEvent};
use engine::{Clock, Engine, IdempotencyKey, SystemClock};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Connections that are kept alive, each with one request at a time.
const CONNECTIONS: usize = 64;
/// What commands must reach of the echo.
const COMMANDS_AT_LEAST: f64 = 0.25;
/// How many jobs are open while a page of them is asked for.
const OPEN_JOBS: u64 = 100;
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// What is said to the server.
#[derive(Clone, Copy)]
pub(super) enum Exchange {
    /// From the draft of a job to the accepted offer, each step asking for what the next one needs.
    Journey,
    /// Drafts of jobs, asking for nothing but the position.
    CreateJob,
    /// A page of twenty jobs.
    Jobs,
}

impl Exchange {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Journey => "commands",
            Self::CreateJob => "createJob",
            Self::Jobs => "queries",
        }
    }

    fn speaker(self, person: Person) -> Speaker {
        match self {
            Self::Journey => Speaker::journey(person),
            Self::CreateJob => Speaker::creates(person),
            Self::Jobs => Speaker::asks(person, Asks::Jobs),
        }
    }
}

/// One exchange after the other on each connection, beside the echo.
pub(super) async fn measure(exchange: Exchange, dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let issuer = Issuer::generate()?;
    let node = start(dir, &issuer).await?;
    let outcome = compare(exchange, &node, &issuer, time).await;
    node.stop().await;
    let (served, echoed) = outcome?;
    let echoed = Measured::steps(echoed);
    Ok(match exchange {
        Exchange::Journey => Figure::new("commands", Measured::steps(served))
            .beside("echo", echoed, Some(COMMANDS_AT_LEAST))
            .noted(format!(
                "{CONNECTIONS} connections; createJob, submitJob, submitProposal, makeOffer, acceptOffer; \
                            all but submitJob answer with what they changed, read after their own write"
            )),
        Exchange::CreateJob => Figure::new("commands", Measured::steps(served))
            .beside("echo", echoed, None)
            .noted(format!("{CONNECTIONS} connections; answers with the position and the events' ids")),
        Exchange::Jobs => Figure::new("queries", Measured::steps(served))
            .beside("echo", echoed, None)
            .noted(format!("{CONNECTIONS} connections; twenty jobs of nine fields")),
    })
}

async fn compare(
    exchange: Exchange,
    node: &Node,
    issuer: &Issuer,
    time: Duration,
) -> Result<(Sample, Sample), Failure> {
    fill(&node.engine).await?;
    let mut recorder = Talker::open(node.address, exchange.speaker(person(issuer, CONNECTIONS)?)).await?;
    let exchanges = recorder.record().await?;
    let echo = echo::Echo::start(exchanges.iter().map(|(_, answer)| answer.as_str())).await?;
    let requests: Vec<String> = exchanges.into_iter().map(|(request, _)| request).collect();
    let (mut served, mut echoed) = (Vec::new(), Vec::new());
    for number in 0..CONNECTIONS {
        let person = person(issuer, number)?;
        let again = Speaker::asks(person.clone(), Asks::Again(requests.clone()));
        served.push(Talker::open(node.address, exchange.speaker(person)).await?);
        echoed.push(Talker::open(echo.address, again).await?);
    }
    let outcome = take_turns(&mut Callers(served), &mut Callers(echoed), time).await;
    echo.stop().await;
    outcome
}

/// A server as `serve` starts it, with keys of its own.
async fn start(dir: &Path, issuer: &Issuer) -> Result<Node, Failure> {
    let marketplace = MarketplaceId::parse(MARKETPLACE)?;
    Node::start(NodeConfig {
        data: dir.to_owned(),
        marketplace: marketplace.clone(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        auth: issuer.auth_config(marketplace),
        request_secret: [0x5a; 32],
        sandbox: None,
        policy: None,
        development: false,
        clock: Arc::new(SystemClock),
        simulated: None,
    })
    .await
}

/// Opens jobs, so that there is a page of them.
pub(super) async fn fill(engine: &Engine) -> Result<(), Failure> {
    let client = append::person(0, Role::Client);
    for number in 0..OPEN_JOBS {
        let key = |step: &str| IdempotencyKey::parse(&format!("fill/{number}/{step}"));
        let created = engine.submit(client.clone(), append::job()?.into(), &key("create")?).await?;
        let job_id = created.events()?.into_iter().find_map(|event| match event {
            Event::Job(JobEvent::Created(created)) => Some(created.job_id),
            _ => None,
        });
        let job_id = job_id.ok_or("a draft has an id")?;
        engine.submit(client.clone(), SubmitJob { job_id }.into(), &key("open")?).await?;
    }
    Ok(())
}

/// A client and a talent with tokens of their own.
fn person(issuer: &Issuer, number: usize) -> Result<Person, Failure> {
    let marketplace = MarketplaceId::parse(MARKETPLACE)?;
    let token = |role: Role| {
        let subject = format!("{}-{number}", role.as_str());
        let grant =
            Grant { subject: &subject, roles: &[role], marketplace: &marketplace, lifetime: TOKEN_LIFETIME };
        issuer.sign(&grant, SystemClock.now())
    };
    Ok(Person { client: token(Role::Client)?, talent: token(Role::Talent)? })
}
