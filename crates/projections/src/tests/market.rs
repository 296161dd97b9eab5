//! One marketplace for tests: commands decided by the domain's own rules, their events appended to a log in memory,
//! and read models that follow it.

use crate::{Name, Position, ReadModels, Waited, WorkerHandle};
use domain::contract::{ApproveMilestone, ConfirmDeposit, FundMilestone, RequestChanges, SubmitWork};
use domain::deposit::{AcknowledgeDeposit, FailDeposit, PaymentMethod, StartDepositAttempt};
use domain::id::{ContractId, DepositId, JobId, MilestoneId, PartyId, ProposalId};
use domain::job::{CreateJob, SubmitJob};
use domain::marketplace::PublishPolicy;
use domain::money::{Currency, Money};
use domain::policy::Policy;
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, SubmitProposal};
use domain::text::Text;
use domain::{Actor, Command, Context, Event, Role, State, States, StreamId, Timestamp, codec, execute};
use eventstore::{Batch, CommandKey, EventStore, Header, Membership, MemoryStore, Record, RequestMac};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

pub(super) const CLIENT: PartyId = PartyId::from_u128(1);
pub(super) const TALENT: PartyId = PartyId::from_u128(2);
pub(super) const OTHER: PartyId = PartyId::from_u128(3);

/// When the marketplace opens.
pub(super) const OPENING: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

const SECOND: i64 = 1_000_000;

/// Long enough for any test's log; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

/// A recorded type with its version, the streams, and the payload.
pub(super) type Raw = ((&'static str, u16), Vec<String>, Vec<u8>);

/// A log in memory, to which events are appended as the engine would.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) store: MemoryStore,
    revisions: HashMap<String, u64>,
    records: u64,
    now: Timestamp,
}

impl Log {
    pub(super) fn new() -> Self {
        let store = MemoryStore::new("test");
        Self {
            store,
            revisions: HashMap::new(),
            records: 0,
            now: OPENING,
        }
    }

    pub(super) fn head(&self) -> Position {
        Position::new(self.records)
    }

    /// When the newest event was recorded.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Appends events in one batch, a second after the last ones.
    pub(super) async fn append(&mut self, events: &[Event]) {
        let payloads = events.iter().map(|event| {
            let streams = event.streams().iter().map(ToString::to_string).collect();
            (event.event_type(), streams, codec::encode(event).unwrap())
        });
        self.append_raw(payloads.collect()).await;
    }

    /// Appends something that may be no event at all.
    pub(super) async fn append_raw(&mut self, events: Vec<Raw>) {
        self.now = Timestamp::from_micros(self.now.micros() + SECOND);
        let after = self.head();
        let mut records = Vec::new();
        for ((event_type, schema_version), streams, payload) in events {
            self.records += 1;
            // A key for each record lets a test cut the log anywhere.
            let mut key = [0; 32];
            key[..8].copy_from_slice(&self.records.to_be_bytes());
            let header = Header {
                marketplace: Arc::clone(self.store.marketplace()),
                position: Position::new(self.records),
                event_id: Uuid::from_u128(u128::from(self.records)),
                event_type: event_type.into(),
                schema_version,
                recorded_at: self.now.micros(),
                effective_at: self.now.micros(),
                command_key: CommandKey::from_bytes(key),
                request_mac: RequestMac::from_bytes(key),
                actor: "system:test".into(),
                correlation: Uuid::nil(),
                causation: None,
                memberships: self.memberships(streams),
            };
            records.push(Arc::new(Record::seal(header, &payload)));
        }
        let batch = Batch::new(after, self.now.micros(), records).unwrap();
        self.store.append(batch).await.unwrap();
    }

    fn memberships(&mut self, streams: Vec<String>) -> Vec<Membership> {
        let membership = |stream: String| {
            let revision = self.revisions.entry(stream.clone()).or_default();
            *revision += 1;
            Membership {
                stream: stream.into(),
                revision: *revision,
            }
        };
        streams.into_iter().map(membership).collect()
    }
}

/// A marketplace whose commands go to a [`Log`].
pub(super) struct Market {
    pub(super) log: Log,
    states: States,
    seed: u8,
}

impl Market {
    /// A marketplace with a policy.
    pub(super) async fn open() -> Self {
        let mut market = Self {
            log: Log::new(),
            states: States::default(),
            seed: 0,
        };
        market
            .system(PublishPolicy {
                policy: Policy::default(),
            })
            .await;
        market
    }

    pub(super) async fn person(&mut self, party: PartyId, command: impl Into<Command>) -> Vec<Event> {
        self.give(
            Actor::Person {
                party,
                roles: vec![Role::Client, Role::Talent],
            },
            command.into(),
        )
        .await
    }

    pub(super) async fn system(&mut self, command: impl Into<Command>) -> Vec<Event> {
        self.give(Actor::System("test"), command.into()).await
    }

    pub(super) async fn provider(&mut self, command: impl Into<Command>) -> Vec<Event> {
        self.give(Actor::Provider("sandbox"), command.into()).await
    }

    async fn give(&mut self, actor: Actor, command: Command) -> Vec<Event> {
        self.seed += 1;
        let now = Timestamp::from_micros(self.log.now().micros() + SECOND);
        let decided = execute(
            &command,
            self.states.clone(),
            &Context::new(now, actor, [self.seed; 16]),
        )
        .unwrap();
        self.states = decided.states;
        self.log.append(&decided.events).await;
        decided.events
    }

    /// An open job of the client.
    pub(super) async fn open_job(&mut self) -> JobId {
        let job_id = self.draft("Paint the hall").await;
        self.person(CLIENT, SubmitJob { job_id }).await;
        job_id
    }

    pub(super) async fn draft(&mut self, title: &str) -> JobId {
        let (title, description) = (text(title), text("Walls and ceiling"));
        let events = self
            .person(
                CLIENT,
                CreateJob {
                    title,
                    description,
                    headcount: 1,
                },
            )
            .await;
        begun(&events, |stream| {
            if let StreamId::Job(id) = stream {
                Some(*id)
            } else {
                None
            }
        })
    }

    pub(super) async fn propose(&mut self, job_id: JobId) -> ProposalId {
        let events = self
            .person(
                TALENT,
                SubmitProposal {
                    job_id,
                    cover_letter: text("I paint"),
                },
            )
            .await;
        begun(&events, |stream| {
            if let StreamId::Proposal(id) = stream {
                Some(*id)
            } else {
                None
            }
        })
    }

    pub(super) async fn offer(&mut self, proposal_id: ProposalId, amounts: &[i64]) {
        let milestone = |(number, minor): (usize, &i64)| OfferedMilestone {
            title: text(&format!("Part {}", number + 1)),
            amount: usd(*minor),
        };
        let milestones = amounts.iter().enumerate().map(milestone).collect();
        self.person(
            CLIENT,
            MakeOffer {
                proposal_id,
                milestones,
            },
        )
        .await;
    }

    pub(super) async fn accept(&mut self, proposal_id: ProposalId) -> ContractId {
        let Some(State::Proposal(proposal)) = self.states.state(&StreamId::Proposal(proposal_id)) else {
            panic!("no proposal")
        };
        let offer = proposal.offer().unwrap();
        let accept = AcceptOffer {
            proposal_id,
            number: offer.number,
            terms_hash: offer.terms_hash,
        };
        let events = self.person(TALENT, accept).await;
        begun(&events, |stream| {
            if let StreamId::Contract(id) = stream {
                Some(*id)
            } else {
                None
            }
        })
    }

    /// A contract with milestones of these amounts, from the job on.
    pub(super) async fn agree(&mut self, amounts: &[i64]) -> ContractId {
        let job = self.open_job().await;
        let proposal = self.propose(job).await;
        self.offer(proposal, amounts).await;
        self.accept(proposal).await
    }

    /// The contract's milestone of this number.
    pub(super) fn milestone(&self, contract: ContractId, number: u16) -> MilestoneId {
        let Some(State::Contract(contract)) = self.states.state(&StreamId::Contract(contract)) else {
            panic!("no contract")
        };
        contract
            .milestones
            .iter()
            .find(|milestone| milestone.number == number)
            .unwrap()
            .id
    }

    pub(super) async fn request_deposit(&mut self, contract_id: ContractId, number: u16) -> DepositId {
        let (milestone_id, payment_method) = (
            self.milestone(contract_id, number),
            PaymentMethod::parse("pm").unwrap(),
        );
        let fund = FundMilestone {
            contract_id,
            milestone_id,
            rail: "sandbox",
            payment_method,
        };
        let events = self.person(CLIENT, fund).await;
        begun(&events, |stream| {
            if let StreamId::Deposit(id) = stream {
                Some(*id)
            } else {
                None
            }
        })
    }

    pub(super) async fn start_attempt(&mut self, deposit_id: DepositId) {
        self.system(StartDepositAttempt { deposit_id }).await;
    }

    pub(super) async fn acknowledge(&mut self, deposit_id: DepositId) {
        let (rail, provider_object) = ("sandbox".to_owned(), format!("pay_{deposit_id}"));
        self.system(AcknowledgeDeposit {
            deposit_id,
            rail,
            provider_object,
        })
        .await;
    }

    pub(super) async fn capture(&mut self, deposit_id: DepositId, minor: i64) {
        let (rail, provider_object) = ("sandbox".to_owned(), format!("pay_{deposit_id}"));
        self.provider(ConfirmDeposit {
            deposit_id,
            rail,
            provider_object,
            captured: usd(minor),
        })
        .await;
    }

    pub(super) async fn decline(&mut self, deposit_id: DepositId) {
        self.provider(FailDeposit {
            deposit_id,
            reason: "card_declined".to_owned(),
        })
        .await;
    }

    /// The milestone's money arrives, with the fee of 15 % on top.
    pub(super) async fn fund(&mut self, contract_id: ContractId, number: u16, minor: i64) -> DepositId {
        let deposit = self.request_deposit(contract_id, number).await;
        self.start_attempt(deposit).await;
        self.acknowledge(deposit).await;
        self.capture(deposit, minor + minor * 15 / 100).await;
        deposit
    }

    pub(super) async fn submit_work(&mut self, contract_id: ContractId, number: u16, note: &str) {
        let milestone_id = self.milestone(contract_id, number);
        self.person(
            TALENT,
            SubmitWork {
                contract_id,
                milestone_id,
                note: text(note),
            },
        )
        .await;
    }

    pub(super) async fn request_changes(&mut self, contract_id: ContractId, number: u16) {
        let milestone_id = self.milestone(contract_id, number);
        self.person(
            CLIENT,
            RequestChanges {
                contract_id,
                milestone_id,
                reasons: text("One coat more"),
            },
        )
        .await;
    }

    pub(super) async fn approve(&mut self, contract_id: ContractId, number: u16) {
        let milestone_id = self.milestone(contract_id, number);
        self.person(
            CLIENT,
            ApproveMilestone {
                contract_id,
                milestone_id,
            },
        )
        .await;
    }

    /// The whole journey: 2,500.00 for the first of three milestones, released after one round of changes, and 300.00
    /// on the way for the second.
    pub(super) async fn journey(&mut self) -> ContractId {
        let contract = self.agree(&[250_000, 30_000, 1]).await;
        self.fund(contract, 1, 250_000).await;
        self.submit_work(contract, 1, "First coat").await;
        self.request_changes(contract, 1).await;
        self.submit_work(contract, 1, "Second coat").await;
        self.approve(contract, 1).await;
        let declined = self.request_deposit(contract, 2).await;
        self.decline(declined).await;
        self.fund(contract, 2, 30_000).await;
        contract
    }
}

/// The id in the first stream that has such a one.
fn begun<T>(events: &[Event], pick: fn(&StreamId) -> Option<T>) -> T {
    events
        .iter()
        .flat_map(Event::streams)
        .find_map(|stream| pick(&stream))
        .unwrap()
}

/// A file of read models that is removed with the test.
pub(super) struct House {
    directory: TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("read.db")
    }

    pub(super) fn open(&self) -> ReadModels {
        ReadModels::open(&self.path()).unwrap()
    }

    /// Read models that have applied the whole log.
    pub(super) async fn follow(&self, log: &Log) -> (ReadModels, WorkerHandle) {
        let models = self.open();
        let worker = models.start(Arc::new(log.store.clone())).unwrap();
        reach(&models, log.head()).await;
        (models, worker)
    }

    /// Every table of the file, row by row, the checkpoints too.
    pub(super) fn dump(&self) -> Vec<String> {
        dump(&self.path())
    }

    /// Changes the file behind the read models' back.
    pub(super) fn tamper(&self, statements: &str) {
        Connection::open(self.path())
            .unwrap()
            .execute_batch(statements)
            .unwrap();
    }
}

pub(super) async fn reach(models: &ReadModels, position: Position) {
    assert_eq!(
        models.wait_for(Name::ALL, position, PATIENCE).await,
        Waited::Reached
    );
}

/// Read models of the log as it is, without a worker.
pub(super) async fn folded(log: &Log) -> (ReadModels, House) {
    let house = House::new();
    let (models, worker) = house.follow(log).await;
    worker.stop().await;
    (models, house)
}

fn dump(path: &Path) -> Vec<String> {
    let file = Connection::open(path).unwrap();
    let mut tables = file
        .prepare("select name from sqlite_schema where type = 'table' order by name")
        .unwrap();
    let names: Vec<String> = tables
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut lines = Vec::new();
    for name in names {
        let mut rows = file
            .prepare(&format!("select * from {name} order by 1, 2"))
            .unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<Value> = (0..columns).map(|column| row.get(column).unwrap()).collect();
            lines.push(format!("{name}: {values:?}"));
        }
    }
    lines
}
