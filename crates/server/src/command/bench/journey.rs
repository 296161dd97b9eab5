//! What a marketplace does all day: jobs that are posted, won, funded, delivered and approved, in process.

use super::append::{Log, job, person};
use super::disk;
use super::report::{Figure, Measured};
use super::sample::{Caller, Callers, take_turns};
use crate::wire::Failure;
use domain::contract::{
    ApproveMilestone, ConfirmDeposit, FundMilestone, MilestoneEvent, RequestChanges, SubmitWork,
};
use domain::deposit::{DepositEvent, DepositRequested, PaymentMethod};
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
const RAIL: &str = "sandbox";

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
    Ok(commands
        .beside("insert", Measured::steps(inserts), None)
        .noted(note))
}

/// Callers who each play one journey after the other.
pub(super) fn callers(engine: &Engine) -> Callers<Journey> {
    let journey = |number| Journey {
        engine: engine.clone(),
        client: person(number, Role::Client),
        talent: person(number, Role::Talent),
        given: 0,
        at: At::Beginning,
    };
    Callers((0..CALLERS).map(journey).collect())
}

/// One client and one talent, again and again.
pub(super) struct Journey {
    engine: Engine,
    client: Actor,
    talent: Actor,
    given: u64,
    at: At,
}

/// How far the journey is, with what the next step needs.
enum At {
    Beginning,
    Drafted(JobId),
    Open(JobId),
    Proposed(ProposalId),
    Offered(OfferMade),
    Contracted(ContractId, MilestoneId),
    Requested(DepositRequested),
    Funded(ContractId, MilestoneId),
    Submitted(ContractId, MilestoneId),
    SentBack(ContractId, MilestoneId),
    Resubmitted(ContractId, MilestoneId),
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
    fn next(&self) -> Result<(Actor, Command), Failure> {
        let (client, talent) = (self.client.clone(), self.talent.clone());
        Ok(match &self.at {
            At::Beginning => (client, job()?.into()),
            At::Drafted(job_id) => (client, SubmitJob { job_id: *job_id }.into()),
            At::Open(job_id) => {
                let cover_letter = Text::parse("I have done this before and can start on Monday.")?;
                (
                    talent,
                    SubmitProposal {
                        job_id: *job_id,
                        cover_letter,
                    }
                    .into(),
                )
            }
            At::Proposed(proposal_id) => {
                let milestones = [("Design", 250_000), ("Build", 600_000), ("Launch", 150_000)];
                let milestones = milestones.into_iter().map(offered).collect::<Result<_, _>>()?;
                (
                    client,
                    MakeOffer {
                        proposal_id: *proposal_id,
                        milestones,
                    }
                    .into(),
                )
            }
            At::Offered(offer) => {
                let OfferMade {
                    proposal_id,
                    number,
                    terms_hash,
                    ..
                } = *offer;
                (
                    talent,
                    AcceptOffer {
                        proposal_id,
                        number,
                        terms_hash,
                    }
                    .into(),
                )
            }
            At::Contracted(contract_id, milestone_id) => {
                let (contract_id, milestone_id) = (*contract_id, *milestone_id);
                let payment_method = PaymentMethod::parse("pm_bench")?;
                (
                    client,
                    FundMilestone {
                        contract_id,
                        milestone_id,
                        rail: RAIL,
                        payment_method,
                    }
                    .into(),
                )
            }
            At::Requested(deposit) => (Actor::Provider(RAIL), captured(deposit).into()),
            At::Funded(contract_id, milestone_id) => (
                talent,
                work(
                    *contract_id,
                    *milestone_id,
                    "A first version is in the shared folder.",
                )?,
            ),
            At::Submitted(contract_id, milestone_id) => {
                let reasons = Text::parse("Please use the colours of the style guide.")?;
                let (contract_id, milestone_id) = (*contract_id, *milestone_id);
                (
                    client,
                    RequestChanges {
                        contract_id,
                        milestone_id,
                        reasons,
                    }
                    .into(),
                )
            }
            At::SentBack(contract_id, milestone_id) => (
                talent,
                work(
                    *contract_id,
                    *milestone_id,
                    "The colours are those of the style guide now.",
                )?,
            ),
            At::Resubmitted(contract_id, milestone_id) => {
                let (contract_id, milestone_id) = (*contract_id, *milestone_id);
                (
                    client,
                    ApproveMilestone {
                        contract_id,
                        milestone_id,
                    }
                    .into(),
                )
            }
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
                At::Contracted(first.contract_id, first.milestone_id)
            }
            At::Contracted(..) => At::Requested(made(receipt, |event| match event {
                Event::Deposit(DepositEvent::Requested(deposit)) => Some(deposit),
                _ => None,
            })?),
            At::Requested(deposit) => At::Funded(deposit.contract_id, deposit.milestone_id),
            At::Funded(contract, milestone) => At::Submitted(contract, milestone),
            At::Submitted(contract, milestone) => At::SentBack(contract, milestone),
            At::SentBack(contract, milestone) => At::Resubmitted(contract, milestone),
            At::Resubmitted(..) => At::Beginning,
        };
        Ok(())
    }
}

fn offered((title, minor): (&str, i64)) -> Result<OfferedMilestone, Failure> {
    let amount = Money::parse("1.00", "USD")?.with_minor(minor)?;
    Ok(OfferedMilestone {
        title: Text::parse(title)?,
        amount,
    })
}

fn captured(deposit: &DepositRequested) -> ConfirmDeposit {
    ConfirmDeposit {
        deposit_id: deposit.deposit_id,
        rail: RAIL.to_owned(),
        provider_object: format!("bench_{}", deposit.deposit_id),
        captured: deposit.amount,
    }
}

fn work(contract_id: ContractId, milestone_id: MilestoneId, note: &str) -> Result<Command, Failure> {
    Ok(SubmitWork {
        contract_id,
        milestone_id,
        note: Text::parse(note)?,
    }
    .into())
}

/// The first of the command's events that is what the next step needs.
fn made<T>(receipt: &Receipt, pick: impl Fn(Event) -> Option<T>) -> Result<T, Failure> {
    receipt
        .events()?
        .into_iter()
        .find_map(pick)
        .ok_or_else(|| "a command had other events than it should".into())
}
