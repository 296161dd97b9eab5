//! What a marketplace does all day: jobs that are posted, won, funded, delivered and approved, in process.

use super::append::{Log, job, person};
use super::disk;
use super::report::{Figure, Measured};
use super::sample::{Caller, Callers, take_turns};
use crate::wire::Failure;
use domain::contract::{
    ApproveMilestone, ConfirmDeposit, FundMilestone, MilestoneEvent, RequestChanges, SubmitWork,
};
use domain::deposit::{DepositEvent, DepositRequested, PaymentMethod, ProviderObject};
use domain::id::{ContractId, JobId, MilestoneId, ProposalId};
use domain::job::SubmitJob;
use domain::money::Money;
use domain::proposal::{AcceptOffer, MakeOffer, OfferMade, OfferedMilestone, ProposalEvent, SubmitProposal};
use domain::text::Text;
use domain::{Actor, Command, Event, Role};
use engine::{Engine, IdempotencyKey, Receipt};
use std::path::Path;
use std::time::Duration;

/// Who plays at the same time.
const CALLERS: usize = 32;
/// The rail whose provider confirms the deposits; nobody calls it.
pub(super) const RAIL: &str = "sandbox";

/// Whole journeys, beside the plain insert.
pub(super) async fn measure(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let log = Log::open(dir).await?;
    let (commands, inserts) = take_turns(&mut callers(&log.engine), &mut disk::inserter(dir)?, time).await?;
    log.close().await;
    let events = commands.events_per_second();
    let note = format!(
        "whole journeys by {CALLERS} callers, {events:.0} events/s, {:.2} events a command",
        events / commands.steps_per_second()
    );
    let commands = Figure::new("commands", Measured::steps(commands));
    Ok(commands.beside("insert", Measured::steps(inserts), None).noted(note))
}

/// Callers who each play one journey after the other.
pub(super) fn callers(engine: &Engine) -> Callers<Journey> {
    Callers(journeys(engine).collect())
}

/// As many journeys as there are callers.
pub(super) fn journeys(engine: &Engine) -> impl Iterator<Item = Journey> {
    (0..CALLERS).map(|number| journey(engine, number))
}

/// The journeys of the `number`-th client and talent, before the first step.
pub(super) fn journey(engine: &Engine, number: usize) -> Journey {
    Journey {
        engine: engine.clone(),
        client: person(number, Role::Client),
        talent: person(number, Role::Talent),
        given: 0,
        at: At::Beginning,
    }
}

/// One client and one talent, again and again.
pub(super) struct Journey {
    engine: Engine,
    client: Actor,
    talent: Actor,
    given: u64,
    at: At,
}

/// A milestone with its contract.
type Milestone = (ContractId, MilestoneId);

/// How far the journey is, with what the next step needs.
enum At {
    Beginning,
    Drafted(JobId),
    Open(JobId),
    Proposed(ProposalId),
    Offered(OfferMade),
    Contracted(Milestone),
    Requested(DepositRequested),
    Funded(Milestone),
    Submitted(Milestone),
    SentBack(Milestone),
    Resubmitted(Milestone),
}

impl Caller for Journey {
    async fn step(&mut self) -> Result<usize, Failure> {
        let (actor, command) = self.next()?;
        self.given += 1;
        let key = IdempotencyKey::parse(&format!("{}/{}", self.client, self.given))?;
        let receipt = self.engine.submit(actor, command, &key).await?;
        self.proceed(&receipt)?;
        Ok(receipt.event_ids().len())
    }
}

impl Journey {
    /// Plays until the money of a milestone is asked for, and leaves that journey there.
    pub(super) async fn ask_for_money(&mut self) -> Result<(), Failure> {
        while !matches!(self.at, At::Requested(_)) {
            self.step().await?;
        }
        self.at = At::Beginning;
        Ok(())
    }

    /// Plays until a milestone is funded; returns its contract.
    pub(super) async fn fund(&mut self) -> Result<ContractId, Failure> {
        loop {
            if let At::Funded((contract_id, _)) = self.at {
                return Ok(contract_id);
            }
            self.step().await?;
        }
    }

    /// From a funded milestone on: has work handed in, or sent back, without end.
    pub(super) async fn revise(&mut self) -> Result<usize, Failure> {
        let events = self.step().await?;
        if let At::Resubmitted(milestone) = self.at {
            self.at = At::Submitted(milestone);
        }
        Ok(events)
    }

    fn next(&self) -> Result<(Actor, Command), Failure> {
        let (client, talent) = (self.client.clone(), self.talent.clone());
        Ok(match &self.at {
            At::Beginning => (client, job()?.into()),
            At::Drafted(job) => (client, SubmitJob { job_id: *job }.into()),
            At::Open(job) => (talent, propose(*job)?),
            At::Proposed(proposal) => (client, offer(*proposal)?),
            At::Offered(offer) => (talent, accept(offer)),
            At::Contracted(milestone) => (client, fund(*milestone)?),
            At::Requested(deposit) => (Actor::Provider(RAIL), capture(deposit)?),
            At::Funded(milestone) => (talent, work(*milestone, "A first version is in the shared folder.")?),
            At::Submitted(milestone) => (client, send_back(*milestone)?),
            At::SentBack(milestone) => (talent, work(*milestone, "The colours are those of the guide now.")?),
            At::Resubmitted(milestone) => (client, approve(*milestone)),
        })
    }

    fn proceed(&mut self, receipt: &Receipt) -> Result<(), Failure> {
        let at = std::mem::replace(&mut self.at, At::Beginning);
        self.at = match at {
            At::Beginning => At::Drafted(made(receipt, |event| match event {
                Event::Job(domain::job::JobEvent::Created(created)) => Some(created.job_id),
                _ => None,
            })?),
            At::Drafted(job) => At::Open(job),
            At::Open(_) => At::Proposed(made(receipt, |event| match event {
                Event::Proposal(ProposalEvent::Submitted(submitted)) => Some(submitted.proposal_id),
                _ => None,
            })?),
            At::Proposed(_) => At::Offered(made(receipt, |event| match event {
                Event::Proposal(ProposalEvent::OfferMade(offer)) => Some(offer),
                _ => None,
            })?),
            At::Offered(_) => {
                let first = made(receipt, |event| match event {
                    Event::Milestone(MilestoneEvent::Agreed(agreed)) => Some(agreed),
                    _ => None,
                })?;
                At::Contracted((first.contract_id, first.milestone_id))
            }
            At::Contracted(_) => At::Requested(made(receipt, |event| match event {
                Event::Deposit(DepositEvent::Requested(deposit)) => Some(deposit),
                _ => None,
            })?),
            At::Requested(deposit) => At::Funded((deposit.contract_id, deposit.milestone_id)),
            At::Funded(milestone) => At::Submitted(milestone),
            At::Submitted(milestone) => At::SentBack(milestone),
            At::SentBack(milestone) => At::Resubmitted(milestone),
            At::Resubmitted(_) => At::Beginning,
        };
        Ok(())
    }
}

fn propose(job_id: JobId) -> Result<Command, Failure> {
    let cover_letter = Text::parse("I have done this before and can start on Monday.")?;
    Ok(SubmitProposal { job_id, cover_letter }.into())
}

fn offer(proposal_id: ProposalId) -> Result<Command, Failure> {
    let milestone = |(title, amount)| -> Result<_, Failure> {
        Ok(OfferedMilestone { title: Text::parse(title)?, amount: Money::parse(amount, "USD")? })
    };
    let milestones = [("Design", "2500.00"), ("Build", "6000.00"), ("Launch", "1500.00")];
    let milestones = milestones.into_iter().map(milestone).collect::<Result<_, _>>()?;
    Ok(MakeOffer { proposal_id, milestones }.into())
}

fn accept(offer: &OfferMade) -> Command {
    let OfferMade { proposal_id, number, terms_hash, .. } = *offer;
    AcceptOffer { proposal_id, number, terms_hash }.into()
}

fn fund((contract_id, milestone_id): Milestone) -> Result<Command, Failure> {
    let payment_method = PaymentMethod::parse("pm_bench")?;
    Ok(FundMilestone { contract_id, milestone_id, rail: RAIL, payment_method }.into())
}

fn capture(deposit: &DepositRequested) -> Result<Command, Failure> {
    let provider_object = ProviderObject::parse(&format!("bench_{}", deposit.deposit_id))?;
    let (deposit_id, captured) = (deposit.deposit_id, deposit.amount);
    Ok(ConfirmDeposit { deposit_id, rail: RAIL.to_owned(), provider_object, captured }.into())
}

fn work((contract_id, milestone_id): Milestone, note: &str) -> Result<Command, Failure> {
    Ok(SubmitWork { contract_id, milestone_id, note: Text::parse(note)? }.into())
}

fn send_back((contract_id, milestone_id): Milestone) -> Result<Command, Failure> {
    let reasons = Text::parse("Please use the colours of the style guide.")?;
    Ok(RequestChanges { contract_id, milestone_id, reasons }.into())
}

fn approve((contract_id, milestone_id): Milestone) -> Command {
    ApproveMilestone { contract_id, milestone_id }.into()
}

/// The first of the command's events that is what the next step needs.
fn made<T>(receipt: &Receipt, pick: impl Fn(Event) -> Option<T>) -> Result<T, Failure> {
    receipt
        .events()?
        .into_iter()
        .find_map(pick)
        .ok_or_else(|| "a command had other events than it should".into())
}
