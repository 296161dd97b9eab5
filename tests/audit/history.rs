//! Histories of a marketplace, decided by the real rules: jobs, offers, contracts, money in and money earned.

use std::collections::HashMap;

use domain::contract::{
    ApproveMilestone, ConfirmDeposit, ContractEvent, FundMilestone, MilestoneEvent, RequestChanges,
    SubmitWork,
};
use domain::deposit::{
    AcknowledgeDeposit, DepositEvent, FailDeposit, PaymentMethod, ProviderObject, ProviderWord,
    StartDepositAttempt,
};
use domain::id::{ContractId, DepositId, JobId, MilestoneId, PartyId};
use domain::job::{CreateJob, JobEvent, SubmitJob};
use domain::marketplace::PublishPolicy;
use domain::money::{Currency, Money};
use domain::policy::Policy;
use domain::proposal::{AcceptOffer, MakeOffer, OfferMade, OfferedMilestone, ProposalEvent, SubmitProposal};
use domain::stream::Folded;
use domain::text::Text;
use domain::{Actor, Command, Context, Event, Role, State, States, StreamId, Timestamp, codec, execute};
use serde_json::Value;

/// One event that a command recorded.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Numbers the command.
    pub(crate) command: u64,
    pub(crate) actor: String,
    /// When it was recorded, in µs since the epoch.
    pub(crate) at: i64,
    pub(crate) event: Event,
    /// The payload as it will be written.
    pub(crate) payload: Vec<u8>,
    /// The streams that it will be recorded in, if they are not its own.
    pub(crate) streams: Option<Vec<StreamId>>,
}

impl Fact {
    /// Makes it another event.
    pub(crate) fn replace(&mut self, event: Event) {
        self.payload = codec::encode(&event).unwrap();
        self.event = event;
    }

    /// Edits the payload as JSON. The event stays what it was when the payload is none any more.
    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut Value)) {
        let mut json = serde_json::from_slice(&self.payload).unwrap();
        edit(&mut json);
        self.payload = serde_json::to_vec(&json).unwrap();
        let (name, version) = self.event.event_type();
        if let Ok(event) = codec::decode(name, version, &self.payload) {
            self.event = event;
        }
    }
}

const BEGINNING: i64 = 1_790_000_000_000_000;
const SECOND: i64 = 1_000_000;

/// A marketplace that is being used.
pub(crate) struct History {
    pub(crate) states: HashMap<StreamId, Folded>,
    pub(crate) facts: Vec<Fact>,
    commands: u64,
    /// What the clock was put on, in µs.
    later: i64,
}

/// A contract on which money can move.
#[derive(Clone, Debug)]
pub(crate) struct Hired {
    pub(crate) client: Actor,
    pub(crate) talent: Actor,
    pub(crate) contract: ContractId,
    pub(crate) milestones: Vec<(MilestoneId, Money)>,
}

/// An offer that waits for its answer.
pub(crate) struct Offered {
    client: Actor,
    talent: Actor,
    pub(crate) job: JobId,
    pub(crate) offer: OfferMade,
}

pub(crate) fn person(number: u128, role: Role) -> Actor {
    let party = PartyId::from_u128(number);
    Actor::Person { party, roles: vec![role] }
}

pub(crate) fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::parse(text).unwrap()
}

pub(crate) const PROCESS: Actor = Actor::System("funding");
pub(crate) const PROVIDER: Actor = Actor::Provider("sandbox");

impl History {
    /// A marketplace with its policy.
    pub(crate) fn new() -> Self {
        let mut history = Self { states: HashMap::new(), facts: Vec::new(), commands: 0, later: 0 };
        let policy = Policy::default();
        history.give(&PROCESS, PublishPolicy { policy });
        history
    }

    /// Some fifty events: one contract from the job to the last release, another one as far as the agreement.
    pub(crate) fn short() -> Vec<Fact> {
        let mut history = Self::new();
        let hired = history.hire(["2500", "400.01", "0.07"], Currency::USD);
        for index in 0..hired.milestones.len() {
            history.fund(&hired, index, 0);
            history.work(&hired, index);
        }
        history.hire(["1.001", "2", "3"], Currency::KWD);
        history.facts
    }

    /// Some thousand events in three currencies, with failed deposits, late money and too much of it.
    pub(crate) fn long() -> Vec<Fact> {
        let mut history = Self::new();
        let currencies = [Currency::USD, Currency::JPY, Currency::KWD].into_iter().cycle();
        for (number, currency) in (0..23_usize).zip(currencies) {
            let hired = history.hire(["2500", "401", "7"], currency);
            for index in 0..hired.milestones.len() {
                match (number + index) % 4 {
                    0 => history.fail(&hired, index),
                    1 => history.fund(&hired, index, 5),
                    _ => {}
                }
                if (number + index) % 4 != 1 {
                    history.fund(&hired, index, 0);
                }
                history.work(&hired, index);
            }
        }
        history.facts
    }

    /// Gives a command, which must succeed, and answers with its events.
    pub(crate) fn give(&mut self, actor: &Actor, command: impl Into<Command>) -> Vec<Event> {
        let command = command.into();
        let at = self.now();
        let mut seed = [0; 16];
        seed[..8].copy_from_slice(&self.commands.to_be_bytes());
        let context = Context::new(Timestamp::from_micros(at), actor.clone(), seed);
        let decided = execute(&command, self.read(&command), &context).unwrap();
        for folded in decided.states.folded() {
            self.states.insert(folded.stream.clone(), folded.clone());
        }
        self.facts.extend(decided.events.iter().map(|event| Fact {
            command: self.commands,
            actor: actor.to_string(),
            at,
            event: event.clone(),
            payload: codec::encode(event).unwrap(),
            streams: None,
        }));
        self.commands += 1;
        decided.events
    }

    /// The instant of the next command, in µs since the epoch.
    fn now(&self) -> i64 {
        BEGINNING + SECOND * i64::try_from(self.commands / 3).unwrap() + self.later
    }

    /// Waits until `instant`, if it is to come.
    pub(crate) fn wait(&mut self, instant: Timestamp) {
        self.later += (instant.micros() - self.now()).max(0);
    }

    fn read(&self, command: &Command) -> States {
        let state = |stream: &StreamId| self.states.get(stream).and_then(|folded| folded.state.as_deref());
        let primary = command.primary();
        let secondary = command.secondary(state(&primary));
        let mut states = States::default();
        for stream in [StreamId::Marketplace, primary].into_iter().chain(secondary) {
            let found = self.states.get(&stream).cloned();
            states.put(found.unwrap_or(Folded { stream, revision: 0, state: None }));
        }
        states
    }

    /// From the job to the offer.
    pub(crate) fn offer(&mut self, amounts: [&str; 3], currency: Currency) -> Offered {
        let client = person(u128::from(self.commands) + 1_000, Role::Client);
        let talent = person(u128::from(self.commands) % 7 + 1, Role::Talent);
        let create = CreateJob { title: text("A job"), description: text("To be done"), headcount: 1 };
        let [Event::Job(JobEvent::Created(job))] = &self.give(&client, create)[..] else { panic!("a job") };
        self.give(&client, SubmitJob { job_id: job.job_id });
        let propose = SubmitProposal { job_id: job.job_id, cover_letter: text("I can") };
        let [Event::Proposal(ProposalEvent::Submitted(proposal))] = &self.give(&talent, propose)[..] else {
            panic!("a proposal")
        };
        let milestones = amounts.map(|amount| OfferedMilestone {
            title: text("A part"),
            amount: Money::parse(amount, currency.code()).unwrap(),
        });
        let offer = MakeOffer { proposal_id: proposal.proposal_id, milestones: milestones.into() };
        let [Event::Proposal(ProposalEvent::OfferMade(offer))] = &self.give(&client, offer)[..] else {
            panic!("an offer")
        };
        Offered { client, talent, job: job.job_id, offer: offer.clone() }
    }

    /// From the job to the contract.
    pub(crate) fn hire(&mut self, amounts: [&str; 3], currency: Currency) -> Hired {
        let Offered { client, talent, offer, .. } = self.offer(amounts, currency);
        let accept = AcceptOffer {
            proposal_id: offer.proposal_id,
            number: offer.number,
            terms_hash: offer.terms_hash,
        };
        let events = self.give(&talent, accept);
        let [_, Event::Contract(ContractEvent::Created(contract)), agreed @ .., _] = &events[..] else {
            panic!("a contract")
        };
        let agreed = agreed.iter().filter_map(|event| match event {
            Event::Milestone(MilestoneEvent::Agreed(milestone)) => {
                Some((milestone.milestone_id, milestone.amount))
            }
            _ => None,
        });
        Hired { client, talent, contract: contract.contract_id, milestones: agreed.collect() }
    }

    pub(crate) fn request(&mut self, hired: &Hired, index: usize) -> (DepositId, Money) {
        let fund = FundMilestone {
            contract_id: hired.contract,
            milestone_id: hired.milestones[index].0,
            rail: "sandbox",
            payment_method: PaymentMethod::parse("pm_ok").unwrap(),
        };
        let [Event::Deposit(DepositEvent::Requested(deposit))] = &self.give(&hired.client, fund)[..] else {
            panic!("a deposit")
        };
        let deposit_id = deposit.deposit_id;
        self.give(&PROCESS, StartDepositAttempt { deposit_id });
        let acknowledge =
            AcknowledgeDeposit { deposit_id, rail: "sandbox".into(), provider_object: object(deposit_id) };
        self.give(&PROCESS, acknowledge);
        (deposit_id, deposit.amount)
    }

    /// Funds a milestone; the provider captures `excess` minor units too many.
    pub(crate) fn fund(&mut self, hired: &Hired, index: usize, excess: i64) {
        let (deposit, amount) = self.request(hired, index);
        self.capture(deposit, amount.with_minor(amount.minor() + excess).unwrap());
    }

    /// A deposit fails, and its money comes all the same.
    pub(crate) fn fail(&mut self, hired: &Hired, index: usize) {
        let (deposit_id, amount) = self.request(hired, index);
        let fail = FailDeposit {
            deposit_id,
            rail: "sandbox".into(),
            reason: ProviderWord::parse("card_declined").unwrap(),
        };
        self.give(&PROVIDER, fail);
        self.capture(deposit_id, amount);
    }

    pub(crate) fn capture(&mut self, deposit_id: DepositId, captured: Money) {
        let confirm = ConfirmDeposit {
            deposit_id,
            rail: "sandbox".into(),
            provider_object: object(deposit_id),
            captured,
        };
        self.give(&PROVIDER, confirm);
    }

    /// Work, changes, work again, approval.
    pub(crate) fn work(&mut self, hired: &Hired, index: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        let submit = SubmitWork { contract_id, milestone_id, note: text("Done") };
        let changes = RequestChanges { contract_id, milestone_id, reasons: text("Not quite") };
        self.give(&hired.talent, submit.clone());
        self.give(&hired.client, changes);
        self.give(&hired.talent, submit);
        let approve = ApproveMilestone { contract_id, milestone_id };
        self.give(&hired.client, approve);
    }

    /// The state of a contract.
    pub(crate) fn contract(&self, hired: &Hired) -> &domain::contract::Contract {
        let folded = &self.states[&StreamId::Contract(hired.contract)];
        folded.state.as_deref().and_then(State::as_contract).unwrap()
    }
}

pub(crate) fn object(deposit: DepositId) -> ProviderObject {
    ProviderObject::parse(&format!("pay_{deposit}")).unwrap()
}
