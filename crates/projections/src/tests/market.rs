//! One marketplace for tests: commands decided by the domain's own rules, their events appended to a log in memory.

use super::log::{Log, SECOND};
use domain::contract::{ApproveMilestone, ConfirmDeposit, FundMilestone, RequestChanges, SubmitWork};
use domain::deposit::{
    AcknowledgeDeposit, FailDeposit, PaymentMethod, ProviderObject, ProviderWord, StartDepositAttempt,
};
use domain::id::{ContractId, DepositId, JobId, MilestoneId, PartyId, ProposalId};
use domain::job::{CreateJob, SubmitJob};
use domain::marketplace::PublishPolicy;
use domain::money::{Currency, Money};
use domain::policy::Policy;
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, SubmitProposal};
use domain::stream::Folded;
use domain::text::Text;
use domain::timer::{firing, timers};
use domain::{Actor, Command, Context, Event, Role, State, States, StreamId, Timestamp, execute};

pub(super) const CLIENT: PartyId = PartyId::from_u128(1);
pub(super) const TALENT: PartyId = PartyId::from_u128(2);
pub(super) const OTHER: PartyId = PartyId::from_u128(3);

pub(super) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

/// A marketplace whose commands go to a [`Log`].
pub(super) struct Market {
    pub(super) log: Log,
    states: States,
    seed: u64,
}

impl Market {
    /// A marketplace with a policy.
    pub(super) async fn open() -> Self {
        let mut market = Self { log: Log::new(), states: States::default(), seed: 0 };
        market.system(PublishPolicy { policy: Policy::default() }).await;
        market
    }

    pub(super) async fn person(&mut self, party: PartyId, command: impl Into<Command>) -> Vec<Event> {
        self.give(Actor::Person { party, roles: vec![Role::Client, Role::Talent] }, command.into()).await
    }

    pub(super) async fn system(&mut self, command: impl Into<Command>) -> Vec<Event> {
        self.give(Actor::System("test"), command.into()).await
    }

    pub(super) async fn provider(&mut self, command: impl Into<Command>) -> Vec<Event> {
        self.give(Actor::Provider("sandbox"), command.into()).await
    }

    /// A command of somebody who operates the marketplace.
    pub(super) async fn staff(&mut self, command: impl Into<Command>) -> Vec<Event> {
        let roles = vec![Role::Finance, Role::Compliance, Role::Admin, Role::Support];
        self.give(Actor::Person { party: OTHER, roles }, command.into()).await
    }

    /// A command of somebody else of the house, with this one role.
    pub(super) async fn house(
        &mut self,
        party: PartyId,
        role: Role,
        command: impl Into<Command>,
    ) -> Vec<Event> {
        self.give(Actor::Person { party, roles: vec![role] }, command.into()).await
    }

    /// Fires what is due first in the stream, at its instant.
    pub(super) async fn fire(&mut self, stream: StreamId) -> Vec<Event> {
        let timer = timers(self.states.state(&stream).unwrap()).into_iter().min_by_key(|timer| timer.due);
        let timer = timer.unwrap();
        self.log.wait_until(timer.due);
        self.system(firing(&stream, &timer).unwrap()).await
    }

    /// A stream as the rules fold it.
    pub(super) fn state(&self, stream: &StreamId) -> Option<&State> {
        self.states.state(stream)
    }

    /// Every stream as the rules fold it.
    pub(super) fn states(&self) -> impl Iterator<Item = (&StreamId, &State)> {
        let folded = self.states.folded().iter();
        folded.filter_map(|folded| Some((&folded.stream, folded.state.as_deref()?)))
    }

    async fn give(&mut self, actor: Actor, command: Command) -> Vec<Event> {
        self.seed += 1;
        let now = Timestamp::from_micros(self.log.now().micros() + SECOND);
        self.read(&command);
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        let cx = Context::new(now, actor, seed);
        let decided = execute(&command, self.states.clone(), &cx).unwrap();
        self.states = decided.states;
        self.log.append(&decided.events).await;
        decided.events
    }

    /// Sees to it that every stream that the command reads is among the states, if only as one without events.
    fn read(&mut self, command: &Command) {
        let primary = command.primary();
        let secondary = command.secondary(self.states.state(&primary));
        for stream in [StreamId::Marketplace, primary].into_iter().chain(secondary) {
            if self.states.revision(&stream) == 0 {
                self.states.put(Folded { stream, revision: 0, state: None });
            }
        }
    }

    /// An open job of the client.
    pub(super) async fn open_job(&mut self) -> JobId {
        let job_id = self.draft("Paint the hall").await;
        self.person(CLIENT, SubmitJob { job_id }).await;
        job_id
    }

    pub(super) async fn draft(&mut self, title: &str) -> JobId {
        let (title, description) = (text(title), text("Walls and ceiling"));
        let events = self.person(CLIENT, CreateJob { title, description, headcount: 1 }).await;
        begun(&events, |stream| if let StreamId::Job(id) = stream { Some(*id) } else { None })
    }

    pub(super) async fn propose(&mut self, job_id: JobId) -> ProposalId {
        let events = self.person(TALENT, SubmitProposal { job_id, cover_letter: text("I paint") }).await;
        begun(&events, |stream| if let StreamId::Proposal(id) = stream { Some(*id) } else { None })
    }

    pub(super) async fn offer(&mut self, proposal_id: ProposalId, amounts: &[i64]) {
        let milestone = |(number, minor): (usize, &i64)| OfferedMilestone {
            title: text(&format!("Part {}", number + 1)),
            amount: usd(*minor),
        };
        let milestones = amounts.iter().enumerate().map(milestone).collect();
        self.person(CLIENT, MakeOffer { proposal_id, milestones }).await;
    }

    pub(super) async fn accept(&mut self, proposal_id: ProposalId) -> ContractId {
        let Some(State::Proposal(proposal)) = self.states.state(&StreamId::Proposal(proposal_id)) else {
            panic!("no proposal")
        };
        let offer = proposal.offer().unwrap();
        let accept = AcceptOffer { proposal_id, number: offer.number, terms_hash: offer.terms_hash };
        let events = self.person(TALENT, accept).await;
        begun(&events, |stream| if let StreamId::Contract(id) = stream { Some(*id) } else { None })
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
        contract.milestones.iter().find(|milestone| milestone.number == number).unwrap().id
    }

    pub(super) async fn request_deposit(&mut self, contract_id: ContractId, number: u16) -> DepositId {
        let (milestone_id, payment_method) =
            (self.milestone(contract_id, number), PaymentMethod::parse("pm").unwrap());
        let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
        let events = self.person(CLIENT, fund).await;
        begun(&events, |stream| if let StreamId::Deposit(id) = stream { Some(*id) } else { None })
    }

    pub(super) async fn start_attempt(&mut self, deposit_id: DepositId) {
        self.system(StartDepositAttempt { deposit_id }).await;
    }

    pub(super) async fn acknowledge(&mut self, deposit_id: DepositId) {
        let (rail, provider_object) =
            ("sandbox".to_owned(), ProviderObject::parse(&format!("pay_{deposit_id}")).unwrap());
        self.system(AcknowledgeDeposit { deposit_id, rail, provider_object }).await;
    }

    pub(super) async fn capture(&mut self, deposit_id: DepositId, minor: i64) {
        let (rail, provider_object) =
            ("sandbox".to_owned(), ProviderObject::parse(&format!("pay_{deposit_id}")).unwrap());
        self.provider(ConfirmDeposit { deposit_id, rail, provider_object, captured: usd(minor) }).await;
    }

    pub(super) async fn decline(&mut self, deposit_id: DepositId) {
        self.provider(FailDeposit {
            deposit_id,
            rail: "sandbox".to_owned(),
            reason: ProviderWord::parse("card_declined").unwrap(),
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
        self.person(TALENT, SubmitWork { contract_id, milestone_id, note: text(note) }).await;
    }

    pub(super) async fn request_changes(&mut self, contract_id: ContractId, number: u16) {
        let milestone_id = self.milestone(contract_id, number);
        self.person(CLIENT, RequestChanges { contract_id, milestone_id, reasons: text("One coat more") })
            .await;
    }

    pub(super) async fn approve(&mut self, contract_id: ContractId, number: u16) {
        let milestone_id = self.milestone(contract_id, number);
        self.person(CLIENT, ApproveMilestone { contract_id, milestone_id }).await;
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
pub(super) fn begun<T>(events: &[Event], pick: fn(&StreamId) -> Option<T>) -> T {
    events.iter().flat_map(Event::streams).find_map(|stream| pick(&stream)).unwrap()
}
