//! A marketplace in memory with a draft, an open job with an offer, and a job that was filled: of its contract's
//! milestones one was paid for, one is disputed, and one was refunded. The talent's earnings have cleared, and a payout
//! of them waits for review; a process is paused; a read model was rebuilt.

use crate::auth::Caller;
use crate::http::{Execute, Resume};
use crate::schema::{Api, Parts};
use async_graphql::{Request, Response};
use audit::Auditor;
use domain::account::{HoldReason, ReleasePayoutHold};
use domain::contract::{
    ApproveMilestone, ConfirmDeposit, FundMilestone, MilestoneEvent, RefundMilestone, RejectRefund,
    RequestRefund, SubmitWork,
};
use domain::deposit::{DepositEvent, PaymentMethod, ProviderObject};
use domain::id::{
    ContractId, DepositId, DisputeId, JobId, MilestoneId, PartyId, PayoutId, ProposalId, RefundId,
};
use domain::job::{CreateJob, SubmitJob};
use domain::marketplace::PauseProcess;
use domain::money::{Currency, Money};
use domain::payout::RequestPayout;
use domain::process::ProcessName;
use domain::proposal::{AcceptOffer, MakeOffer, OfferMade, OfferedMilestone, ProposalEvent, SubmitProposal};
use domain::text::Text;
use domain::{Actor, Command, Event, Role, StreamId, Timestamp};
use engine::due::DueTable;
use engine::rail::{Sandbox, SandboxProvider, WebhookSecret};
use engine::step::Stepper;
use engine::{
    CACHE_BYTES_DEFAULT, Config, Engine, Entropy, IdempotencyKey, Position, Receipt, RequestSecret,
    SimulatedClock,
};
use eventstore::{EventStore, MemoryStore};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use projections::{Changes, Name, ReadModels, Rebuilds, Waited, WorkerHandle};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(super) const CLIENT: PartyId = PartyId::from_u128(1);
pub(super) const TALENT: PartyId = PartyId::from_u128(2);
pub(super) const STRANGER: PartyId = PartyId::from_u128(3);

/// How long the read models may take to see what the fixture wrote.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);

/// When everything begins.
const START: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);
/// When the earnings have cleared.
const CLEARED: Timestamp = START.plus_days(5);

/// What is in the marketplace, and the schema on it.
pub(super) struct House {
    pub(super) draft: JobId,
    pub(super) job: JobId,
    pub(super) proposal: ProposalId,
    pub(super) contract: ContractId,
    pub(super) milestone: MilestoneId,
    pub(super) payout: PayoutId,
    pub(super) refund: RefundId,
    pub(super) dispute: DisputeId,
    /// The end of the log, when the contract's milestones were only agreed.
    pub(super) agreed_at: Position,
    /// Of the milestone that was paid for.
    deposit: DepositId,
    engine: Engine,
    clock: Arc<SimulatedClock>,
    api: Api,
    _kept: (WorkerHandle, TempDir),
}

impl House {
    pub(super) async fn open() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new("main"));
        let dir = tempfile::tempdir().unwrap();
        let read_models = ReadModels::open(&dir.path().join("read.db")).unwrap();
        let worker = read_models.start(store.clone()).unwrap();
        let clock = Arc::new(SimulatedClock::new(START, 0));
        let secret = WebhookSecret::new(&[7; 32]);
        let provider = SandboxProvider::open(dir.path(), clock.clone(), secret.clone()).unwrap();
        let provider = Arc::new(provider);
        let config = Config {
            clock: clock.clone(),
            entropy: Entropy::seeded(1),
            request_secret: RequestSecret::new(&[9; 32]),
            cache_bytes: CACHE_BYTES_DEFAULT,
            rails: vec![Arc::new(Sandbox::new(provider.clone(), vec![secret]))],
            due: DueTable::in_memory().unwrap(),
        };
        let engine = Engine::start(store.clone(), config).await.unwrap();
        let mut time = Stepper::begin(engine.clone(), clock.clone(), provider, Vec::new()).await.unwrap();

        let market = Market(&engine);
        let (draft, job) = (market.draft("draft").await, market.draft("job").await);
        let open = market.draft("open").await;
        let (proposal, contract, milestones) = market.agree(job).await;
        let agreed_at = store.head().await.unwrap().position;
        let [milestone, disputed, refunded] = milestones[..] else { panic!("{milestones:?}") };
        let deposit = market.pay(contract, milestone).await;
        let dispute = market.disagree(contract, disputed).await;
        let refund = market.give_back(contract, refunded).await;
        time.advance_to(CLEARED).await.unwrap();
        let payout = market.ask_for_payout().await;
        market.offer(open).await;
        market.pause().await;
        time.settle().await.unwrap();

        let head = store.head().await.unwrap().position;
        let waited = read_models.wait_for(Name::ALL, head, SETTLED_WITHIN).await;
        assert!(matches!(waited, Waited::Reached), "{waited:?}");
        let api = api(engine.clone(), read_models, store, clock.clone());
        let kept = (worker, dir);
        Self {
            draft,
            job,
            proposal,
            contract,
            milestone,
            payout,
            refund,
            dispute,
            agreed_at,
            deposit,
            engine,
            clock,
            api,
            _kept: kept,
        }
    }

    /// The answer to a document, to a subscription the first one.
    pub(super) async fn ask(&self, caller: &Caller, document: &str) -> Response {
        let request = Request::new(document).data(caller.clone());
        if document.starts_with("subscription") {
            return self.follow(caller, document).next().await.unwrap();
        }
        self.api.execute(request).await
    }

    /// The answers to a subscription.
    pub(super) fn follow(&self, caller: &Caller, document: &str) -> BoxStream<'static, Response> {
        self.api.subscribe(Request::new(document).data(caller.clone()).data(Resume::default()))
    }

    /// The provider reports a second payment for a deposit that was paid already. It isn't sent back, since that is
    /// paused.
    pub(super) async fn pay_twice(&self) {
        let confirm = ConfirmDeposit {
            deposit_id: self.deposit,
            rail: "sandbox".to_owned(),
            provider_object: ProviderObject::parse("pay_twice").unwrap(),
            captured: usd(700),
        };
        Market(&self.engine).give(Actor::Provider("sandbox"), "pay-twice", confirm).await;
    }

    /// Lets a day and a minute pass, in which nothing is recorded.
    pub(super) fn wait_a_day(&self) {
        self.clock.advance_to(self.engine.now().plus_days(1).plus_minutes(1));
    }
}

/// The schema on all of this, where a read model was asked to be rebuilt.
fn api(
    engine: Engine,
    read_models: ReadModels,
    store: Arc<dyn EventStore>,
    clock: Arc<SimulatedClock>,
) -> Api {
    let rebuilds = Rebuilds::start(read_models.clone());
    rebuilds.ask(Name::JobBoard, Position::START);
    let changes = Changes::start(store.clone());
    let parts = Parts { engine, read_models, rebuilds, changes, auditor: Auditor::new(store), clock };
    Api::new(parts, false)
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

    /// Opens the job, has the talent propose and the client offer three milestones.
    async fn offer(&self, job_id: JobId) -> OfferMade {
        self.submit(job_id).await;
        let propose = SubmitProposal { job_id, cover_letter: text() };
        let proposed = self.give(talent(), &format!("propose/{job_id}"), propose).await;
        let proposal_id = proposed
            .streams()
            .find_map(|stream| if let StreamId::Proposal(id) = stream { Some(id) } else { None })
            .unwrap();
        let milestone = || OfferedMilestone { title: text(), amount: usd(2_000_000) };
        let make = MakeOffer { proposal_id, milestones: vec![milestone(), milestone(), milestone()] };
        let offered = self.give(client(), &format!("offer/{job_id}"), make).await;
        let mut events = offered.events().unwrap();
        let Some(Event::Proposal(ProposalEvent::OfferMade(offer))) = events.pop() else {
            panic!("{offered:?}")
        };
        offer
    }

    async fn agree(&self, job_id: JobId) -> (ProposalId, ContractId, Vec<MilestoneId>) {
        let offer = self.offer(job_id).await;
        let proposal_id = offer.proposal_id;
        let accept = AcceptOffer { proposal_id, number: offer.number, terms_hash: offer.terms_hash };
        let accepted = self.give(talent(), "accept", accept).await.events().unwrap();
        let agreed = accepted.iter().filter_map(|event| {
            if let Event::Milestone(MilestoneEvent::Agreed(e)) = event { Some(e) } else { None }
        });
        let agreed: Vec<_> = agreed.collect();
        (proposal_id, agreed[0].contract_id, agreed.iter().map(|e| e.milestone_id).collect())
    }

    async fn fund(&self, contract_id: ContractId, milestone_id: MilestoneId) -> DepositId {
        let payment_method = PaymentMethod::parse("pm_card").unwrap();
        let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
        let funded = self.give(client(), &format!("fund/{milestone_id}"), fund).await;
        let [Event::Deposit(DepositEvent::Requested(deposit))] = &funded.events().unwrap()[..] else {
            panic!("{funded:?}")
        };
        let confirm = ConfirmDeposit {
            deposit_id: deposit.deposit_id,
            rail: "sandbox".to_owned(),
            provider_object: ProviderObject::parse(&format!("pay_{milestone_id}")).unwrap(),
            captured: deposit.amount,
        };
        self.give(Actor::Provider("sandbox"), &format!("confirm/{milestone_id}"), confirm).await;
        deposit.deposit_id
    }

    /// Funds the milestone, hands in work and approves it, so that both the house and the talent hold money.
    async fn pay(&self, contract_id: ContractId, milestone_id: MilestoneId) -> DepositId {
        let deposit = self.fund(contract_id, milestone_id).await;
        self.give(talent(), "work", SubmitWork { contract_id, milestone_id, note: text() }).await;
        self.give(client(), "approve", ApproveMilestone { contract_id, milestone_id }).await;
        deposit
    }

    async fn disagree(&self, contract_id: ContractId, milestone_id: MilestoneId) -> DisputeId {
        self.fund(contract_id, milestone_id).await;
        let ask = RequestRefund { contract_id, milestone_id, reasons: text() };
        self.give(client(), "ask-for-refund", ask).await;
        let refuse = RejectRefund { contract_id, milestone_id, answer: text() };
        let refused = self.give(talent(), "refuse-refund", refuse).await;
        let dispute = |stream| if let StreamId::Dispute(id) = stream { Some(id) } else { None };
        refused.streams().find_map(dispute).unwrap()
    }

    async fn give_back(&self, contract_id: ContractId, milestone_id: MilestoneId) -> RefundId {
        self.fund(contract_id, milestone_id).await;
        let refunded = self.give(talent(), "give-back", RefundMilestone { contract_id, milestone_id }).await;
        let refund = |stream| if let StreamId::Refund(id) = stream { Some(id) } else { None };
        refunded.streams().find_map(refund).unwrap()
    }

    /// Asks for so much that it is reviewed, and has the hold for the new destination released.
    async fn ask_for_payout(&self) -> PayoutId {
        let destination = PaymentMethod::parse("ba_bank").unwrap();
        let ask = RequestPayout { party_id: TALENT, amount: usd(1_500_000), rail: "sandbox", destination };
        let asked = self.give(talent(), "ask-for-payout", ask).await;
        let (currency, reason) = (Currency::USD, HoldReason::NewPayee);
        let release = ReleasePayoutHold { party_id: TALENT, currency, reason };
        self.give(staff(Role::Compliance), "release-hold", release).await;
        let payout = |stream| if let StreamId::Payout(id) = stream { Some(id) } else { None };
        asked.streams().find_map(payout).unwrap()
    }

    async fn pause(&self) {
        let pause = PauseProcess { process: ProcessName::Refunding, reason: text() };
        self.give(staff(Role::Admin), "pause", pause).await;
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

fn staff(role: Role) -> Actor {
    Actor::Person { party: PartyId::from_u128(9), roles: vec![role] }
}
