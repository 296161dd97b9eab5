//! `dev --demo`: fills a new store with a small marketplace, by real commands.
//!
//! Each job goes as far as its line in [`JOBS`] says, each step given by the person who would give it; deposits go
//! through the sandbox, which confirms them by webhook. The people of `tokens.json` take part, so their tokens show
//! something.

use crate::wire::Failure;
use domain::contract::MilestoneEvent;
use domain::contract::{ApproveMilestone, FundMilestone, RequestChanges, SubmitWork};
use domain::deposit::PaymentMethod;
use domain::id::{ContractId, JobId, MilestoneId, PartyId, ProposalId};
use domain::job::{CreateJob, SubmitJob};
use domain::money::Money;
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, ProposalEvent, SubmitProposal, TermsHash};
use domain::text::Text;
use domain::{Actor, Code, Command, Event, Refusal, Role, StreamId};
use engine::{Engine, ExecuteError, IdempotencyKey, Receipt};
use std::time::Duration;

/// How far a job goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    Draft,
    Open,
    Proposed,
    Offered,
    Contracted,
    Funded,
    WorkSubmitted,
    ChangesRequested,
    Approved,
}

struct Line {
    title: &'static str,
    client: &'static str,
    talent: &'static str,
    currency: &'static str,
    milestones: &'static [(&'static str, &'static str)],
    reach: Reach,
}

const fn line(
    title: &'static str,
    (client, talent): (&'static str, &'static str),
    currency: &'static str,
    milestones: &'static [(&'static str, &'static str)],
    reach: Reach,
) -> Line {
    Line { title, client, talent, currency, milestones, reach }
}

const JOBS: &[Line] = &[
    line(
        "Rebuild our booking site",
        ("client", "talent"),
        "USD",
        &[("Design", "2500.00"), ("Build", "6000.00"), ("Launch", "1500.00")],
        Reach::Approved,
    ),
    line(
        "Translate a cookbook",
        ("client", "noor"),
        "EUR",
        &[("Chapters 1 to 6", "800.00")],
        Reach::WorkSubmitted,
    ),
    line(
        "Record a product tour",
        ("asha", "talent"),
        "USD",
        &[("Script", "300.00"), ("Film", "900.00")],
        Reach::ChangesRequested,
    ),
    line(
        "Localize a game for Japan",
        ("asha", "kenji"),
        "JPY",
        &[("Menus", "120000"), ("Story", "480000")],
        Reach::Approved,
    ),
    line("Audit a payroll model", ("bruno", "noor"), "KWD", &[("Review", "450.500")], Reach::Funded),
    line(
        "Illustrate a children's book",
        ("bruno", "lena"),
        "EUR",
        &[("Sketches", "600.00")],
        Reach::Contracted,
    ),
    line("Port a parser to Rust", ("client", "kenji"), "USD", &[("Port", "4200.00")], Reach::Offered),
    line("Photograph a restaurant", ("asha", "lena"), "USD", &[("Shoot", "700.00")], Reach::Proposed),
    line("Write release notes", ("bruno", "talent"), "USD", &[("Notes", "150.00")], Reach::Open),
    line("Name our newsletter", ("client", "talent"), "USD", &[("Name", "80.00")], Reach::Draft),
];

/// How long a deposit may take to be confirmed, in steps of [`PAUSE`].
const CONFIRMATION_STEPS_MAX: usize = 500;
const PAUSE: Duration = Duration::from_millis(10);

/// Fills the store. Started again, it finds what it did before under the same keys, and does the rest.
pub(crate) async fn fill(engine: &Engine, issuer: &str) -> Result<(), Failure> {
    for (number, line) in JOBS.iter().enumerate() {
        Story { engine, line, number, issuer }.tell().await?;
    }
    Ok(())
}

struct Story<'a> {
    engine: &'a Engine,
    line: &'a Line,
    number: usize,
    issuer: &'a str,
}

impl Story<'_> {
    async fn tell(&self) -> Result<(), Failure> {
        let Some((proposal, number, terms_hash)) = self.negotiate().await? else { return Ok(()) };
        let accepted =
            self.talent("accept", AcceptOffer { proposal_id: proposal, number, terms_hash }).await?;
        let contract: ContractId = named(&accepted, |stream| match stream {
            StreamId::Contract(id) => Some(id),
            _ => None,
        })?;
        let milestone = first_milestone(&accepted)?;
        self.work(contract, milestone).await
    }

    /// From the draft to an offer; `None` if the story ends before it is accepted.
    async fn negotiate(&self) -> Result<Option<(ProposalId, u32, TermsHash)>, Failure> {
        let description =
            format!("{}. Details by message; the milestones say what we expect.", self.line.title);
        let create = CreateJob {
            title: Text::parse(self.line.title)?,
            description: Text::parse(&description)?,
            headcount: 1,
        };
        let job_id: JobId = named(&self.client("create", create).await?, |stream| match stream {
            StreamId::Job(id) => Some(id),
            _ => None,
        })?;
        if self.ends_at(Reach::Draft) {
            return Ok(None);
        }
        self.client("open", SubmitJob { job_id }).await?;
        if self.ends_at(Reach::Open) {
            return Ok(None);
        }
        let letter = Text::parse("I have done this before and can start on Monday.")?;
        let proposed = self.talent("propose", SubmitProposal { job_id, cover_letter: letter }).await?;
        let proposal_id: ProposalId = named(&proposed, |stream| match stream {
            StreamId::Proposal(id) => Some(id),
            _ => None,
        })?;
        if self.ends_at(Reach::Proposed) {
            return Ok(None);
        }
        let milestones = self.line.milestones.iter().map(|(title, amount)| {
            Ok(OfferedMilestone {
                title: Text::parse(title)?,
                amount: Money::parse(amount, self.line.currency)?,
            })
        });
        let milestones = milestones.collect::<Result<Vec<_>, Refusal>>()?;
        let offered = self.client("offer", MakeOffer { proposal_id, milestones }).await?;
        if self.ends_at(Reach::Offered) {
            return Ok(None);
        }
        match offered.events()?.first() {
            Some(Event::Proposal(ProposalEvent::OfferMade(offer))) => {
                Ok(Some((proposal_id, offer.number, offer.terms_hash)))
            }
            _ => Err("an offer is one event".into()),
        }
    }

    /// From an unfunded contract as far as the story goes.
    async fn work(&self, contract_id: ContractId, milestone_id: MilestoneId) -> Result<(), Failure> {
        if self.ends_at(Reach::Contracted) {
            return Ok(());
        }
        let rail = self.engine.default_rail().ok_or("dev has a rail")?;
        let payment_method = PaymentMethod::parse("pm_demo")?;
        self.client("fund", FundMilestone { contract_id, milestone_id, rail, payment_method }).await?;
        if self.ends_at(Reach::Funded) {
            return Ok(());
        }
        let hand_in =
            |note: &str| Ok::<_, Refusal>(SubmitWork { contract_id, milestone_id, note: Text::parse(note)? });
        self.once_funded("work", hand_in("A first version is in the shared folder.")?).await?;
        if self.ends_at(Reach::WorkSubmitted) {
            return Ok(());
        }
        let reasons = Text::parse("Please use the colours of the style guide.")?;
        self.client("changes", RequestChanges { contract_id, milestone_id, reasons }).await?;
        if self.ends_at(Reach::ChangesRequested) {
            return Ok(());
        }
        self.talent("rework", hand_in("The colours are those of the style guide now.")?).await?;
        self.client("approve", ApproveMilestone { contract_id, milestone_id }).await?;
        Ok(())
    }

    fn ends_at(&self, reach: Reach) -> bool {
        self.line.reach == reach
    }

    async fn client(&self, step: &str, command: impl Into<Command>) -> Result<Receipt, Failure> {
        Ok(self.give(self.line.client, Role::Client, step, command.into()).await?)
    }

    async fn talent(&self, step: &str, command: impl Into<Command>) -> Result<Receipt, Failure> {
        Ok(self.give(self.line.talent, Role::Talent, step, command.into()).await?)
    }

    /// Gives the talent's command again while the deposit isn't confirmed yet.
    async fn once_funded(&self, step: &str, command: SubmitWork) -> Result<Receipt, Failure> {
        for _ in 0..CONFIRMATION_STEPS_MAX {
            match self.give(self.line.talent, Role::Talent, step, command.clone().into()).await {
                Err(ExecuteError::Refused(refusal)) if refusal.code == Code::WrongState => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return Ok(outcome?),
            }
        }
        Err("the sandbox did not confirm a deposit in time".into())
    }

    async fn give(
        &self,
        name: &str,
        role: Role,
        step: &str,
        command: Command,
    ) -> Result<Receipt, ExecuteError> {
        let party: PartyId =
            api::auth::party_of(self.issuer, name).map_err(|_| Refusal::not_found("person"))?;
        let key = IdempotencyKey::parse(&format!("demo/{}/{step}", self.number))?;
        self.engine.submit(Actor::Person { party, roles: vec![role] }, command, &key).await
    }
}

fn named<T>(receipt: &Receipt, pick: impl Fn(StreamId) -> Option<T>) -> Result<T, Failure> {
    receipt.streams().find_map(pick).ok_or_else(|| "the receipt names what was made".into())
}

fn first_milestone(receipt: &Receipt) -> Result<MilestoneId, Failure> {
    let events = receipt.events()?;
    events
        .iter()
        .find_map(|event| match event {
            Event::Milestone(MilestoneEvent::Agreed(milestone)) => Some(milestone.milestone_id),
            _ => None,
        })
        .ok_or_else(|| "a contract has a milestone".into())
}
