//! A marketplace in memory with a draft, an open job, and a job that was filled and paid for.

use crate::auth::Caller;
use crate::http::{Execute, Resume};
use crate::schema::Api;
use async_graphql::{Request, Response};
use domain::contract::{ApproveMilestone, ConfirmDeposit, FundMilestone, MilestoneEvent, SubmitWork};
use domain::deposit::{DepositEvent, PaymentMethod, ProviderObject};
use domain::id::{ContractId, JobId, MilestoneId, PartyId, ProposalId};
use domain::job::{CreateJob, SubmitJob};
use domain::money::{Currency, Money};
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, ProposalEvent, SubmitProposal};
use domain::text::Text;
use domain::{Actor, Command, Event, Role, StreamId, Timestamp};
use engine::{CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, IdempotencyKey, Receipt, RequestSecret};
use eventstore::{EventStore, MemoryStore};
use futures_util::StreamExt;
use projections::{Changes, Name, ReadModels, Waited, WorkerHandle};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(super) const CLIENT: PartyId = PartyId::from_u128(1);
pub(super) const TALENT: PartyId = PartyId::from_u128(2);
pub(super) const STRANGER: PartyId = PartyId::from_u128(3);

/// How long the read models may take to see what the fixture wrote.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }
}

/// What is in the marketplace, and the schema on it.
pub(super) struct House {
    pub(super) draft: JobId,
    pub(super) job: JobId,
    pub(super) proposal: ProposalId,
    pub(super) contract: ContractId,
    pub(super) milestone: MilestoneId,
    api: Api,
    _worker: WorkerHandle,
    _dir: TempDir,
}

impl House {
    pub(super) async fn open() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new("main"));
        let dir = tempfile::tempdir().unwrap();
        let read_models = ReadModels::open(&dir.path().join("read.db")).unwrap();
        let worker = read_models.start(store.clone()).unwrap();
        let config = Config {
            clock: Arc::new(Still),
            entropy: Entropy::seeded(1),
            request_secret: RequestSecret::new(&[9; 32]),
            cache_bytes: CACHE_BYTES_DEFAULT,
            rails: Vec::new(),
        };
        let engine = Engine::start(store.clone(), config).await.unwrap();
        let market = Market(&engine);
        let (draft, job) = (market.draft("draft").await, market.draft("job").await);
        let open = market.draft("open").await;
        market.submit(open).await;
        let (proposal, contract, milestone) = market.agree(job).await;
        market.pay(contract, milestone).await;
        let head = store.head().await.unwrap().position;
        let waited = read_models.wait_for(Name::ALL, head, SETTLED_WITHIN).await;
        assert!(matches!(waited, Waited::Reached), "{waited:?}");
        let changes = Changes::start(store);
        let api = Api::new(engine, read_models, changes, Arc::new(Still), false);
        Self { draft, job, proposal, contract, milestone, api, _worker: worker, _dir: dir }
    }

    /// The answer to a document, to a subscription the first one.
    pub(super) async fn ask(&self, caller: &Caller, document: &str) -> Response {
        let request = Request::new(document).data(caller.clone());
        if document.starts_with("subscription") {
            return self.api.subscribe(request.data(Resume::default())).next().await.unwrap();
        }
        self.api.execute(request).await
    }
}

struct Market<'a>(&'a Engine);

impl Market<'_> {
    async fn give(&self, actor: Actor, key: &str, command: impl Into<Command>) -> Receipt {
        let key = IdempotencyKey::parse(key).unwrap();
        self.0.submit(actor, command.into(), &key).await.unwrap()
    }

    async fn draft(&self, key: &str) -> JobId {
        let command = CreateJob { title: text(), description: text(), headcount: 1 };
        let receipt = self.give(client(), key, command).await;
        receipt
            .streams()
            .find_map(|stream| if let StreamId::Job(id) = stream { Some(id) } else { None })
            .unwrap()
    }

    async fn submit(&self, job_id: JobId) {
        self.give(client(), &format!("submit/{job_id}"), SubmitJob { job_id }).await;
    }

    async fn agree(&self, job_id: JobId) -> (ProposalId, ContractId, MilestoneId) {
        self.submit(job_id).await;
        let propose = SubmitProposal { job_id, cover_letter: text() };
        let proposed = self.give(talent(), "propose", propose).await;
        let proposal_id = proposed
            .streams()
            .find_map(|stream| if let StreamId::Proposal(id) = stream { Some(id) } else { None })
            .unwrap();
        let milestones = vec![OfferedMilestone { title: text(), amount: usd(250_000) }];
        let offered = self.give(client(), "offer", MakeOffer { proposal_id, milestones }).await;
        let [Event::Proposal(ProposalEvent::OfferMade(offer))] = &offered.events().unwrap()[..] else {
            panic!("{offered:?}")
        };
        let accept = AcceptOffer { proposal_id, number: offer.number, terms_hash: offer.terms_hash };
        let accepted = self.give(talent(), "accept", accept).await.events().unwrap();
        let agreed = accepted.iter().find_map(|event| {
            if let Event::Milestone(MilestoneEvent::Agreed(e)) = event { Some(e) } else { None }
        });
        let agreed = agreed.unwrap();
        (proposal_id, agreed.contract_id, agreed.milestone_id)
    }

    /// Funds the milestone, hands in work and approves it, so that both the house and the talent hold money.
    async fn pay(&self, contract_id: ContractId, milestone_id: MilestoneId) {
        let payment_method = PaymentMethod::parse("pm_card").unwrap();
        let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
        let funded = self.give(client(), "fund", fund).await;
        let [Event::Deposit(DepositEvent::Requested(deposit))] = &funded.events().unwrap()[..] else {
            panic!("{funded:?}")
        };
        let confirm = ConfirmDeposit {
            deposit_id: deposit.deposit_id,
            rail: "sandbox".to_owned(),
            provider_object: ProviderObject::parse("pay_1").unwrap(),
            captured: deposit.amount,
        };
        self.give(Actor::Provider("sandbox"), "confirm", confirm).await;
        self.give(talent(), "work", SubmitWork { contract_id, milestone_id, note: text() }).await;
        self.give(client(), "approve", ApproveMilestone { contract_id, milestone_id }).await;
    }
}

fn text<const MAX: usize>() -> Text<MAX> {
    Text::parse("some text").unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

fn client() -> Actor {
    Actor::Person { party: CLIENT, roles: vec![Role::Client] }
}

fn talent() -> Actor {
    Actor::Person { party: TALENT, roles: vec![Role::Talent] }
}
