//! Given / when / then for the tests of decisions, with one marketplace, its people and the events that lead up to
//! each step.

pub(crate) mod hiring;
pub(crate) mod ladder;
mod standing;
mod tables;
mod walk;
pub(crate) mod working;

use crate::contract::{
    ApproveMilestone, ChangesRequested, ConfirmDeposit, ContractCreated, ContractEvent, FundMilestone,
    MilestoneAgreed, MilestoneEvent, RejectRefund, RequestChanges, RequestRefund, SubmitWork, WorkSubmitted,
};
use crate::deposit::{
    DepositAttemptStarted, DepositConfirmed, DepositEvent, DepositFailed, DepositRequested, PaymentMethod,
    ProviderObject, ProviderWord,
};
use crate::id::{
    ContractId, DepositId, EntryId, JobId, LotId, MilestoneId, PartyId, ProposalId, RefundId, TypedId, WorkId,
};
use crate::job::{CreateJob, JobCreated, JobEvent, JobFilled, JobSubmitted};
use crate::marketplace::{MarketplaceEvent, PolicyPublished};
use crate::money::{Currency, Money};
use crate::personal::Personal;
use crate::policy::Policy;
use crate::proposal::{
    AcceptOffer, MakeOffer, MilestoneTerms, OfferAccepted, OfferMade, OfferTerms, OfferedMilestone, Party,
    ProposalEvent, ProposalSubmitted, Salt, SubmitProposal, TermsHash,
};
use crate::refund::{ConfirmRefund, FailRefund, StartRefundAttempt};
use crate::refusal::{Code, Refusal};
use crate::stream::{Decided, Folded};
use crate::text::Text;
use crate::timer::{TimerKind, timers};
use crate::{Actor, Command, Context, Event, Role, State, States, Timestamp, execute};
use uuid::Uuid;

/// A person of the scenario: number and roles.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    Person(u128, &'static [Role]),
    System,
    Provider(&'static str),
}

pub(crate) const CLIENT: Who = Who::Person(1, &[Role::Client]);
pub(crate) const TALENT: Who = Who::Person(2, &[Role::Talent]);
pub(crate) const OTHER_TALENT: Who = Who::Person(3, &[Role::Talent]);
pub(crate) const STRANGER: Who = Who::Person(4, &[Role::Client]);
pub(crate) const BOTH: Who = Who::Person(5, &[Role::Client, Role::Talent]);
pub(crate) const CLIENT_AS_TALENT: Who = Who::Person(1, &[Role::Talent]);
pub(crate) const TALENT_AS_CLIENT: Who = Who::Person(2, &[Role::Client]);
pub(crate) const ADMIN: Who = Who::Person(6, &[Role::Admin]);
pub(crate) const FINANCE: Who = Who::Person(7, &[Role::Finance]);
pub(crate) const COMPLIANCE: Who = Who::Person(8, &[Role::Compliance]);
pub(crate) const TALENT_AS_FINANCE: Who = Who::Person(2, &[Role::Talent, Role::Finance]);
pub(crate) const SYSTEM: Who = Who::System;
pub(crate) const PROVIDER: Who = Who::Provider("sandbox");
pub(crate) const OTHER_PROVIDER: Who = Who::Provider("elsewhere");

impl Who {
    pub(crate) fn party(self) -> PartyId {
        match self {
            Self::Person(n, _) => PartyId::from_uuid(Uuid::from_u128(n)),
            Self::System | Self::Provider(_) => PartyId::from_uuid(Uuid::nil()),
        }
    }

    pub(crate) fn actor(self) -> Actor {
        match self {
            Self::Person(_, roles) => Actor::Person { party: self.party(), roles: roles.to_vec() },
            Self::System => Actor::System("funding"),
            Self::Provider(rail) => Actor::Provider(rail),
        }
    }
}

macro_rules! ids {
    ($($name:ident: $id:ident = $n:literal;)*) => {$(
        pub(crate) const $name: $id = $id::from_u128($n);
    )*};
}
ids! { JOB: JobId = 10; PROPOSAL: ProposalId = 11; CONTRACT: ContractId = 12; DEPOSIT: DepositId = 13; WORK: WorkId = 14; }

pub(crate) const fn milestone(number: u16) -> MilestoneId {
    MilestoneId::from_u128(100 + number as u128)
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000)
}

pub(crate) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD).unwrap()
}

pub(crate) fn text<const MAX: usize>() -> Text<MAX> {
    Text::parse("some text").unwrap()
}

/// History, then a command, then what came of it.
#[derive(Clone)]
pub(crate) struct Given {
    states: States,
    now: Timestamp,
    nth: u8,
}

pub(crate) fn given(events: impl IntoIterator<Item = Event>) -> Given {
    let policy = PolicyPublished { version: 1, policy: Policy::default() };
    let mut given = Given { states: States::default(), now: now(), nth: 7 };
    given.states.evolve(&Event::Marketplace(MarketplaceEvent::PolicyPublished(policy)), now());
    given.and(events)
}

impl Given {
    pub(crate) fn into_states(self) -> States {
        self.states
    }

    pub(crate) fn and(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        for event in events {
            self.states.evolve(&event, self.now);
        }
        self
    }

    /// Goes on at another instant.
    pub(crate) fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// Does a step that must succeed.
    #[track_caller]
    pub(crate) fn then(self, who: Who, command: impl Into<Command>) -> Self {
        let events = self.clone().when(who, command).events().to_vec();
        Self { nth: self.nth + 1, ..self.and(events) }
    }

    /// The only timer that is set anywhere of this kind, under its epoch.
    #[track_caller]
    pub(crate) fn epoch(&self, kind: TimerKind) -> u64 {
        let states = self.states.folded().iter().filter_map(|folded| folded.state.as_deref());
        let set: Vec<_> = states.flat_map(timers).filter(|timer| timer.kind == kind).collect();
        let [timer] = set[..] else { panic!("{} timers of {kind:?}", set.len()) };
        timer.epoch
    }

    #[track_caller]
    pub(crate) fn when(self, who: Who, command: impl Into<Command>) -> Outcome {
        let command = command.into();
        let mut read = States::default();
        let primary = self.states.state(&command.primary());
        let streams = [crate::StreamId::Marketplace, command.primary()];
        for stream in streams.into_iter().chain(command.secondary(primary)) {
            let found = self.states.folded().iter().find(|folded| folded.stream == stream);
            read.put(found.cloned().unwrap_or(Folded { stream, revision: 0, state: None }));
        }
        let before = read.clone();
        let result = execute(&command, read, &Context::new(self.now, who.actor(), [self.nth; 16]));
        if let Ok(decided) = &result {
            tables::check(command.kind(), &before, &decided.states);
        }
        Outcome { result }
    }
}

pub(crate) struct Outcome {
    result: Result<Decided, Refusal>,
}

impl Outcome {
    pub(crate) fn events(&self) -> &[Event] {
        &self.result.as_ref().unwrap().events
    }

    #[track_caller]
    pub(crate) fn refused(&self, code: Code) {
        assert_eq!(self.result.as_ref().unwrap_err().code, code);
    }

    #[track_caller]
    pub(crate) fn refused_at(&self, code: Code, field: &str) {
        let refusal = self.result.as_ref().unwrap_err();
        assert_eq!((refusal.code, refusal.field.as_deref()), (code, Some(field)));
    }

    /// Shows every state that exists afterwards to `check`, which must see at least one.
    #[track_caller]
    pub(crate) fn state(&self, check: impl Fn(&State)) {
        let states = &self.result.as_ref().unwrap().states;
        let existing: Vec<_> = states.folded().iter().filter_map(|folded| folded.state.as_deref()).collect();
        assert!(existing.len() > 1, "nothing but the marketplace was touched");
        existing.into_iter().for_each(check);
    }

    #[track_caller]
    pub(crate) fn timer(&self, kind: TimerKind, due: Timestamp) {
        assert_eq!(self.due(kind), [due]);
    }

    #[track_caller]
    pub(crate) fn no_timer(&self, kind: TimerKind) {
        assert_eq!(self.due(kind), []);
    }

    fn due(&self, kind: TimerKind) -> Vec<Timestamp> {
        let states = &self.result.as_ref().unwrap().states;
        let all = states.folded().iter().filter_map(|folded| folded.state.as_deref()).flat_map(timers);
        all.filter(|timer| timer.kind == kind).map(|timer| timer.due).collect()
    }
}

// Commands.

pub(crate) fn create_job(headcount: u16) -> CreateJob {
    CreateJob { title: text(), description: text(), headcount }
}

pub(crate) fn propose() -> SubmitProposal {
    SubmitProposal { job_id: JOB, cover_letter: text() }
}

pub(crate) fn make_offer(amounts: &[Money]) -> MakeOffer {
    let milestones =
        amounts.iter().map(|amount| OfferedMilestone { title: text(), amount: *amount }).collect();
    MakeOffer { proposal_id: PROPOSAL, milestones }
}

pub(crate) fn accept(amounts: &[Money]) -> AcceptOffer {
    accept_number(1, amounts)
}

pub(crate) fn accept_number(number: u32, amounts: &[Money]) -> AcceptOffer {
    AcceptOffer { proposal_id: PROPOSAL, number, terms_hash: terms_hash(amounts) }
}

pub(crate) fn fund(milestone_id: MilestoneId) -> FundMilestone {
    let payment_method = PaymentMethod::parse("pm_ok").unwrap();
    FundMilestone { contract_id: CONTRACT, milestone_id, rail: "sandbox", payment_method }
}

pub(crate) fn confirm(captured: Money) -> ConfirmDeposit {
    confirm_object("pay_1", captured)
}

pub(crate) fn confirm_object(object: &str, captured: Money) -> ConfirmDeposit {
    ConfirmDeposit {
        deposit_id: DEPOSIT,
        rail: "sandbox".into(),
        provider_object: ProviderObject::parse(object).unwrap(),
        captured,
    }
}

pub(crate) fn submit_work(milestone_id: MilestoneId) -> SubmitWork {
    SubmitWork { contract_id: CONTRACT, milestone_id, note: text() }
}

pub(crate) fn request_changes(milestone_id: MilestoneId) -> RequestChanges {
    RequestChanges { contract_id: CONTRACT, milestone_id, reasons: text() }
}

pub(crate) fn approve(milestone_id: MilestoneId) -> ApproveMilestone {
    ApproveMilestone { contract_id: CONTRACT, milestone_id }
}

pub(crate) fn request_refund() -> RequestRefund {
    RequestRefund { contract_id: CONTRACT, milestone_id: milestone(1), reasons: text() }
}

pub(crate) fn reject_refund() -> RejectRefund {
    RejectRefund { contract_id: CONTRACT, milestone_id: milestone(1), answer: text() }
}

pub(crate) fn confirm_refund(refund_id: RefundId) -> ConfirmRefund {
    let provider_object = ProviderObject::parse("ref_1").unwrap();
    ConfirmRefund { refund_id, rail: "sandbox".into(), provider_object }
}

pub(crate) fn fail_refund(refund_id: RefundId) -> FailRefund {
    let reason = ProviderWord::parse("account_closed").unwrap();
    FailRefund { refund_id, rail: "sandbox".into(), reason }
}

// Events.

pub(crate) fn drafted(headcount: u16) -> Event {
    drafted_by(CLIENT, headcount)
}

pub(crate) fn drafted_by(who: Who, headcount: u16) -> Event {
    Event::Job(JobEvent::Created(JobCreated {
        job_id: JOB,
        client: who.party(),
        title: Personal::Clear(text()),
        description: Personal::Clear(text()),
        headcount,
    }))
}

pub(crate) fn submitted() -> Event {
    Event::Job(JobEvent::Submitted(JobSubmitted { job_id: JOB, expires_at: Some(now().plus_days(60)) }))
}

pub(crate) fn proposed() -> Event {
    Event::Proposal(ProposalEvent::Submitted(ProposalSubmitted {
        proposal_id: PROPOSAL,
        job_id: JOB,
        job_version: 1,
        client: CLIENT.party(),
        talent: TALENT.party(),
        cover_letter: Personal::Clear(text()),
        silence_days: Policy::default().hiring.silence_days,
    }))
}

fn terms(amounts: &[Money]) -> OfferTerms {
    let policy = Policy::default();
    OfferTerms {
        milestones: amounts
            .iter()
            .map(|amount| MilestoneTerms { title: Personal::Clear(text()), amount: *amount })
            .collect(),
        fees: policy.fees,
        windows: policy.windows,
        policy_version: 1,
    }
}

pub(crate) fn terms_hash(amounts: &[Money]) -> TermsHash {
    terms(amounts).hash(PROPOSAL, 1, Salt::new([1; 16])).unwrap()
}

pub(crate) fn offered(amounts: &[Money]) -> Event {
    Event::Proposal(ProposalEvent::OfferMade(OfferMade {
        proposal_id: PROPOSAL,
        number: 1,
        author: Party::Client,
        terms: terms(amounts),
        salt: Salt::new([1; 16]),
        terms_hash: terms_hash(amounts),
        expires_at: now().plus_days(7),
    }))
}

pub(crate) fn accepted(amounts: &[Money]) -> Vec<Event> {
    let policy = Policy::default();
    let mut events = vec![
        Event::Proposal(ProposalEvent::OfferAccepted(OfferAccepted {
            proposal_id: PROPOSAL,
            job_id: JOB,
            number: 1,
            terms_hash: terms_hash(amounts),
            contract_id: CONTRACT,
        })),
        Event::Contract(ContractEvent::Created(ContractCreated {
            contract_id: CONTRACT,
            job_id: JOB,
            proposal_id: PROPOSAL,
            client: CLIENT.party(),
            talent: TALENT.party(),
            currency: amounts[0].currency(),
            terms_hash: terms_hash(amounts),
            fees: policy.fees,
            windows: policy.windows,
            policy_version: 1,
            unfunded_until: now().plus_days(14),
        })),
    ];
    for (number, amount) in (1..).zip(amounts) {
        events.push(Event::Milestone(MilestoneEvent::Agreed(MilestoneAgreed {
            contract_id: CONTRACT,
            milestone_id: milestone(number),
            number,
            title: Personal::Clear(text()),
            amount: *amount,
        })));
    }
    let grace_ends_at = now().plus_days(3);
    events.push(Event::Job(JobEvent::Filled(JobFilled { job_id: JOB, grace_ends_at })));
    events
}

/// A contract of these milestones, nothing funded.
pub(crate) fn contract(amounts: &[Money]) -> Vec<Event> {
    let mut events = vec![drafted(1), submitted(), proposed(), offered(amounts)];
    events.extend(accepted(amounts));
    events
}

/// A deposit of 115 % of 2,500.00 for the first milestone, not yet sent to the provider.
pub(crate) fn requested() -> Event {
    Event::Deposit(DepositEvent::Requested(DepositRequested {
        deposit_id: DEPOSIT,
        contract_id: CONTRACT,
        milestone_id: milestone(1),
        client: CLIENT.party(),
        amount: usd(287_500),
        rail: "sandbox".into(),
        payment_method: PaymentMethod::parse("pm_ok").unwrap(),
        expires_at: now().plus_minutes(15),
    }))
}

/// The same, claimed.
pub(crate) fn funding() -> Vec<Event> {
    let provider_key = DEPOSIT.to_string();
    let started = DepositAttemptStarted {
        deposit_id: DEPOSIT,
        provider_key,
        rail: "sandbox".into(),
        amount: usd(287_500),
        payment_method: PaymentMethod::parse("pm_ok").unwrap(),
    };
    vec![requested(), Event::Deposit(DepositEvent::AttemptStarted(started))]
}

pub(crate) fn fail_deposit() -> Event {
    Event::Deposit(DepositEvent::Failed(DepositFailed {
        deposit_id: DEPOSIT,
        contract_id: CONTRACT,
        milestone_id: milestone(1),
        reason: ProviderWord::parse("card_declined").unwrap(),
    }))
}

/// The same deposit, confirmed, on the contract of [`funded_contract`] or one of 2,500.00.
pub(crate) fn funded(captured: Money) -> Vec<Event> {
    let confirmed = DepositConfirmed {
        deposit_id: DEPOSIT,
        rail: "sandbox".into(),
        provider_object: ProviderObject::parse("pay_1").unwrap(),
        captured,
    };
    vec![Event::Deposit(DepositEvent::Confirmed(confirmed))]
}

/// A contract of one milestone whose escrow holds its amount.
pub(crate) fn funded_contract(amount: Money) -> Vec<Event> {
    funded_first(&[amount])
}

/// A contract of these milestones; the escrow of the first holds its amount.
pub(crate) fn funded_first(amounts: &[Money]) -> Vec<Event> {
    let mut events = contract(amounts);
    events.extend(funding());
    events.extend(funded(usd(287_500)));
    let given = given(events.clone());
    let contract = given.states.contract(CONTRACT).unwrap();
    let fact = contract.funded(milestone(1), DEPOSIT, EntryId::from_uuid(Uuid::from_u128(15))).unwrap();
    events.push(Event::Escrow(crate::contract::EscrowEvent::Funded(fact)));
    events
}

/// The same, with its work approved: the events, the lot of earnings, and the revision that sets its timer.
pub(crate) fn released_contract(amount: Money) -> (Vec<Event>, LotId, u64) {
    let mut events = funded_contract(amount);
    events.push(work());
    let released = given(events.clone()).when(CLIENT, approve(milestone(1))).events().to_vec();
    events.extend(released);
    let states = given(events.clone()).into_states();
    let lot = states.contract(CONTRACT).unwrap().milestones[0].lots[0].id;
    let epoch = contract_events(&events);
    (events, lot, epoch)
}

/// The events that have a refund's call made.
pub(crate) fn refund_started(events: &[Event], refund_id: RefundId) -> Vec<Event> {
    given(events.to_vec()).when(SYSTEM, StartRefundAttempt { refund_id }).events().to_vec()
}

/// How many of the events are the contract's: its revision.
pub(crate) fn contract_events(events: &[Event]) -> u64 {
    let of_contract = |event: &&Event| event.streams().contains(&crate::StreamId::Contract(CONTRACT));
    events.iter().filter(of_contract).count() as u64
}

pub(crate) fn work() -> Event {
    Event::Milestone(MilestoneEvent::WorkSubmitted(WorkSubmitted {
        contract_id: CONTRACT,
        milestone_id: milestone(1),
        work_id: WORK,
        note: Personal::Clear(text()),
        review_ends_at: now().plus_days(14),
    }))
}

pub(crate) fn changes_requested() -> Event {
    Event::Milestone(MilestoneEvent::ChangesRequested(ChangesRequested {
        contract_id: CONTRACT,
        milestone_id: milestone(1),
        work_id: WORK,
        reasons: Personal::Clear(text()),
    }))
}
