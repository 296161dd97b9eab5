//! Plays the script: each step becomes a command of the person who would give it.

use super::cast::{CHANGES, LETTERS, NOTES, REFUSALS, REGRETS, REJECTIONS, TALENTS};
use super::script::{Chance, Cue};
use super::stories::{STORIES, Step, Story};
use crate::wire::Failure;
use domain::account::{PlacePayoutHold, ReleasePayoutHold};
use domain::contract::{
    AgreeEnd, AgreeRefund, ApproveMilestone, CancelContract, ContractEvent, FundMilestone, MilestoneEvent,
    RefundMilestone, RejectRefund, RequestChanges, RequestEnd, RequestRefund, SubmitWork, WithdrawEnd,
    WithdrawRefundRequest,
};
use domain::deposit::PaymentMethod;
use domain::dispute::{DisputeEvent, WithdrawDispute};
use domain::id::{ContractId, DisputeId, JobId, MilestoneId, PartyId, PayoutId, ProposalId};
use domain::job::{CreateJob, JobEvent, SubmitJob};
use domain::ledger::FeeQuote;
use domain::marketplace::{PauseProcess, PublishPolicy};
use domain::money::{Money, Rate};
use domain::payout::{ApprovePayout, CancelPayout, PayoutEvent, RejectPayout, RequestPayout, ResolvePayout};
use domain::policy::Policy;
use domain::proposal::{
    AcceptOffer, MakeOffer, OfferMade, OfferedMilestone, Party, ProposalEvent, SubmitProposal,
};
use domain::text::Text;
use domain::{Actor, Command, Event, Refusal, Role};
use engine::{Engine, IdempotencyKey, Receipt};

mod deal;
mod quarrel;
mod search;

const NO_FEES: FeeQuote = FeeQuote {
    talent_fee: Rate::ZERO,
    talent_fee_tax: Rate::ZERO,
    client_fee: Rate::ZERO,
    client_fee_tax: Rate::ZERO,
};

/// Who gives a step's command.
#[derive(Clone, Copy)]
enum Giver {
    Person(&'static str, Role),
    Operator,
}

/// Plays cues on an engine, and keeps what came of them.
pub(super) struct Player {
    engine: Engine,
    issuer: &'static str,
    rail: &'static str,
    chance: Chance,
    told: Vec<Told>,
}

/// What a story has made so far.
#[derive(Clone, Default)]
struct Told {
    job: Option<JobId>,
    proposal: Option<ProposalId>,
    offer: Option<OfferMade>,
    contract: Option<ContractId>,
    milestones: Vec<MilestoneId>,
    payout: Option<PayoutId>,
    dispute: Option<DisputeId>,
    /// Who proposed beside the story's talent.
    rivals: Vec<&'static str>,
}

impl Player {
    pub(super) fn new(engine: Engine, issuer: &'static str, seed: u64) -> Result<Self, Failure> {
        let rail = engine.default_rail().ok_or("the demo needs a rail")?;
        let told = vec![Told::default(); STORIES.iter().map(|stories| stories.len()).sum()];
        Ok(Self { engine, issuer, rail, chance: Chance::new(seed.wrapping_add(1)), told })
    }

    /// Has the cue's command given, and keeps what it made.
    pub(super) async fn play(&mut self, cue: &Cue) -> Result<(), Failure> {
        let (giver, command) = self.command(cue)?;
        let actor = match giver {
            Giver::Person(name, role) => {
                Actor::Person { party: party(self.issuer, name)?, roles: vec![role] }
            }
            Giver::Operator => Actor::System("marketplace"),
        };
        let key = IdempotencyKey::parse(&format!("demo/{}/{}", cue.number, cue.place))?;
        let receipt = self.engine.submit(actor, command, &key).await?;
        match self.told.get_mut(cue.number) {
            Some(told) if cue.step != Step::Rival => told.learn(&receipt),
            _ => Ok(()),
        }
    }

    fn command(&mut self, cue: &Cue) -> Result<(Giver, Command), Failure> {
        let told = self.told.get_mut(cue.number).ok_or("no such story")?;
        if cue.step == Step::Rival {
            let free = |name: &&'static str| *name != cue.story.talent && !told.rivals.contains(name);
            // The talent of tokens.json chooses their own jobs.
            let others: Vec<_> = TALENTS.iter().skip(1).copied().filter(free).collect();
            told.rivals.push(self.chance.one_of(&others).ok_or("everybody has proposed")?);
        }
        let Cue { story, step, .. } = *cue;
        let scene = Scene { story, told, rail: self.rail, issuer: self.issuer };
        Ok((scene.giver(step)?, scene.command(step, &mut self.chance)?))
    }
}

/// A story where it stands.
struct Scene<'a> {
    story: &'static Story,
    told: &'a Told,
    rail: &'static str,
    issuer: &'static str,
}

impl Scene<'_> {
    /// Who gives the step's command.
    fn giver(&self, step: Step) -> Result<Giver, Failure> {
        let client = Giver::Person(self.story.client, Role::Client);
        let talent = Giver::Person(self.story.talent, Role::Talent);
        let side = |party| match party {
            Party::Client => client,
            Party::Talent => talent,
        };
        Ok(match step {
            Step::Draft
            | Step::Open
            | Step::Fund(..)
            | Step::Changes(_)
            | Step::Approve(_)
            | Step::AskRefund(_)
            | Step::ForgetRefund(_)
            | Step::WithdrawDispute => client,
            Step::Propose
            | Step::Work(_)
            | Step::AgreeRefund(_)
            | Step::RefuseRefund(_)
            | Step::GiveBack(_)
            | Step::Payout(..)
            | Step::CancelPayout => talent,
            Step::Rival => {
                let rival = self.told.rivals.last().copied();
                Giver::Person(rival.ok_or("there is no rival")?, Role::Talent)
            }
            Step::Offer(by)
            | Step::Cancel(by)
            | Step::AskEnd(by)
            | Step::ForgetEnd(by)
            | Step::AgreeEnd(by) => side(by),
            Step::Accept => side(self.offer()?.author.other()),
            Step::Search(search) => self.searcher(search, side)?,
            Step::Deal(deal) => Self::dealer(deal, side),
            Step::Quarrel(quarrel) => Self::quarreller(quarrel, side),
            Step::ApprovePayout | Step::Resolve(_) => Giver::Person("finance", Role::Finance),
            Step::RejectPayout | Step::Hold(_) | Step::ReleaseHold(_) => {
                Giver::Person("compliance", Role::Compliance)
            }
            Step::Pause(..) => Giver::Person("admin", Role::Admin),
            Step::Moderated | Step::NoFees | Step::UsualFees => Giver::Operator,
        })
    }

    /// The step's command.
    fn command(&self, step: Step, chance: &mut Chance) -> Result<Command, Failure> {
        Ok(match step {
            Step::Draft => self.draft()?.into(),
            Step::Open => SubmitJob { job_id: self.job()? }.into(),
            Step::Propose | Step::Rival => {
                SubmitProposal { job_id: self.job()?, cover_letter: said(LETTERS, chance)? }.into()
            }
            Step::Offer(_) => MakeOffer { proposal_id: self.proposal()?, milestones: self.terms()? }.into(),
            Step::Accept => {
                let OfferMade { proposal_id, number, terms_hash, .. } = *self.offer()?;
                AcceptOffer { proposal_id, number, terms_hash }.into()
            }
            Step::Search(search) => self.search(search, chance)?,
            Step::Deal(deal) => self.deal(deal, chance)?,
            Step::Quarrel(quarrel) => self.quarrel(quarrel, chance)?,
            Step::Cancel(_) => CancelContract { contract_id: self.contract()? }.into(),
            Step::AskEnd(_) => RequestEnd { contract_id: self.contract()? }.into(),
            Step::ForgetEnd(_) => WithdrawEnd { contract_id: self.contract()? }.into(),
            Step::AgreeEnd(_) => AgreeEnd { contract_id: self.contract()? }.into(),
            Step::Fund(index, _)
            | Step::Work(index)
            | Step::Changes(index)
            | Step::Approve(index)
            | Step::AskRefund(index)
            | Step::ForgetRefund(index)
            | Step::AgreeRefund(index)
            | Step::RefuseRefund(index)
            | Step::GiveBack(index) => self.of_milestone(step, index, chance)?,
            Step::WithdrawDispute => WithdrawDispute { dispute_id: self.dispute()? }.into(),
            Step::Payout(index, per_cent, destination) => {
                self.requested(index, per_cent, destination)?.into()
            }
            Step::CancelPayout => CancelPayout { payout_id: self.payout()? }.into(),
            Step::ApprovePayout => ApprovePayout { payout_id: self.payout()? }.into(),
            Step::RejectPayout => {
                RejectPayout { payout_id: self.payout()?, reasons: said(REJECTIONS, chance)? }.into()
            }
            Step::Resolve(resolution) => ResolvePayout { payout_id: self.payout()?, resolution }.into(),
            Step::Hold(reason) => {
                let (party_id, currency) = (self.talent()?, self.amount(0)?.currency());
                PlacePayoutHold { party_id, currency, reason }.into()
            }
            Step::ReleaseHold(reason) => {
                let (party_id, currency) = (self.talent()?, self.amount(0)?.currency());
                ReleasePayoutHold { party_id, currency, reason }.into()
            }
            Step::Pause(process, reason) => PauseProcess { process, reason: Text::parse(reason)? }.into(),
            Step::Moderated => search::moderated().into(),
            Step::NoFees => PublishPolicy { policy: Policy { fees: NO_FEES, ..Policy::default() } }.into(),
            Step::UsualFees => PublishPolicy { policy: Policy::default() }.into(),
        })
    }

    fn of_milestone(&self, step: Step, index: usize, chance: &mut Chance) -> Result<Command, Failure> {
        let contract_id = self.contract()?;
        let milestone_id = self.milestone(index)?;
        Ok(match step {
            Step::Fund(_, token) => {
                let payment_method = PaymentMethod::parse(token)?;
                FundMilestone { contract_id, milestone_id, rail: self.rail, payment_method }.into()
            }
            Step::Work(_) => SubmitWork { contract_id, milestone_id, note: said(NOTES, chance)? }.into(),
            Step::Changes(_) => {
                RequestChanges { contract_id, milestone_id, reasons: said(CHANGES, chance)? }.into()
            }
            Step::Approve(_) => ApproveMilestone { contract_id, milestone_id }.into(),
            Step::AskRefund(_) => {
                RequestRefund { contract_id, milestone_id, reasons: said(REGRETS, chance)? }.into()
            }
            Step::ForgetRefund(_) => WithdrawRefundRequest { contract_id, milestone_id }.into(),
            Step::AgreeRefund(_) => AgreeRefund { contract_id, milestone_id }.into(),
            Step::RefuseRefund(_) => {
                RejectRefund { contract_id, milestone_id, answer: said(REFUSALS, chance)? }.into()
            }
            Step::GiveBack(_) => RefundMilestone { contract_id, milestone_id }.into(),
            other => return Err(format!("{other:?} is about no milestone").into()),
        })
    }

    fn draft(&self) -> Result<CreateJob, Failure> {
        let (title, description) = (Text::parse(self.story.title)?, Text::parse(self.story.brief)?);
        Ok(CreateJob { title, description, headcount: self.story.headcount })
    }

    fn terms(&self) -> Result<Vec<OfferedMilestone>, Failure> {
        let (currency, milestones) = self.story.terms;
        let milestones = milestones.iter().map(|(title, amount)| {
            let (title, amount) = (Text::parse(title)?, Money::parse(amount, currency)?);
            Ok(OfferedMilestone { title, amount })
        });
        Ok(milestones.collect::<Result<_, Refusal>>()?)
    }

    fn requested(&self, index: usize, per_cent: i64, token: &str) -> Result<RequestPayout, Failure> {
        let whole = self.amount(index)?;
        let amount = whole.with_minor(whole.minor() * per_cent / 100)?;
        let destination = PaymentMethod::parse(token)?;
        Ok(RequestPayout { party_id: self.talent()?, amount, rail: self.rail, destination })
    }

    fn talent(&self) -> Result<PartyId, Failure> {
        party(self.issuer, self.story.talent)
    }

    fn amount(&self, index: usize) -> Result<Money, Failure> {
        let (currency, milestones) = self.story.terms;
        let (_, amount) = milestones.get(index).ok_or("there is no such milestone")?;
        Ok(Money::parse(amount, currency)?)
    }

    fn job(&self) -> Result<JobId, Failure> {
        Ok(self.told.job.ok_or("there is no job yet")?)
    }

    fn proposal(&self) -> Result<ProposalId, Failure> {
        Ok(self.told.proposal.ok_or("there is no proposal yet")?)
    }

    fn offer(&self) -> Result<&OfferMade, Failure> {
        Ok(self.told.offer.as_ref().ok_or("there is no offer yet")?)
    }

    fn contract(&self) -> Result<ContractId, Failure> {
        Ok(self.told.contract.ok_or("there is no contract yet")?)
    }

    fn milestone(&self, index: usize) -> Result<MilestoneId, Failure> {
        Ok(*self.told.milestones.get(index).ok_or("there is no such milestone")?)
    }

    fn payout(&self) -> Result<PayoutId, Failure> {
        Ok(self.told.payout.ok_or("there is no payout yet")?)
    }
}

impl Told {
    /// Keeps the ids of what was made.
    fn learn(&mut self, receipt: &Receipt) -> Result<(), Failure> {
        for event in receipt.events()? {
            match event {
                Event::Job(JobEvent::Created(made)) => self.job = Some(made.job_id),
                Event::Proposal(ProposalEvent::Submitted(made)) => self.proposal = Some(made.proposal_id),
                Event::Proposal(ProposalEvent::Saved(made)) => self.proposal = Some(made.proposal_id),
                Event::Proposal(ProposalEvent::Begun(made)) => self.proposal = Some(made.proposal_id),
                Event::Proposal(ProposalEvent::OfferMade(made)) => self.offer = Some(made),
                Event::Contract(ContractEvent::Created(made)) => self.contract = Some(made.contract_id),
                Event::Milestone(MilestoneEvent::Agreed(made)) => self.milestones.push(made.milestone_id),
                Event::Milestone(MilestoneEvent::Proposed(made)) => self.milestones.push(made.milestone_id),
                Event::Milestone(MilestoneEvent::BonusPromised(made)) => {
                    self.milestones.push(made.milestone_id);
                }
                Event::Payout(PayoutEvent::Requested(made)) => self.payout = Some(made.of.payout_id),
                Event::Dispute(DisputeEvent::Opened(made)) => self.dispute = Some(made.dispute_id),
                _ => {}
            }
        }
        Ok(())
    }
}

fn party(issuer: &str, name: &str) -> Result<PartyId, Failure> {
    api::auth::party_of(issuer, name).map_err(|_| format!("{name} is no subject").into())
}

/// One of these texts.
fn said<const MAX: usize>(texts: &[&'static str], chance: &mut Chance) -> Result<Text<MAX>, Failure> {
    Ok(Text::parse(chance.one_of(texts).ok_or("there is nothing to say")?)?)
}
