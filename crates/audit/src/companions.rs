//! What one command records together: which events must follow the one that it begins with, and no others.
//!
//! Shape: the first event of a command, with the states before it, says which events follow, in order. Each further
//! record under the same key must be the next of these.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::contract::{ContractCreated, ContractEvent, EscrowEvent, MilestoneEvent};
use domain::deposit::{DepositEvent, ProviderObject};
use domain::id::{ContractId, DepositId, JobId, MilestoneId};
use domain::job::JobEvent;
use domain::money::Money;
use domain::personal::Personal;
use domain::proposal::{OfferAccepted, ProposalEvent};
use domain::text::Title;
use domain::{Event, State, States, StreamId, Timestamp};
use eventstore::{CommandKey, Header, Position};

use crate::pass::Breach;
use crate::report::code;

/// The facts of an event that follow from the one that its command began with; its fresh ids and its entry do not.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Companion {
    Contract(Box<ContractCreated>),
    Milestone { contract: ContractId, number: u16, title: Personal<Title>, amount: Money },
    JobFilled(JobId),
    Funded { contract: ContractId, milestone: MilestoneId, deposit: DepositId },
    Unmatched { deposit: DepositId, object: ProviderObject, amount: Money },
    Released { contract: ContractId, milestone: MilestoneId, gross: i64 },
}

impl Companion {
    /// The companion that `event` can be.
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Contract(ContractEvent::Created(e)) => Some(Self::Contract(Box::new(e.clone()))),
            Event::Milestone(MilestoneEvent::Agreed(e)) => Some(Self::Milestone {
                contract: e.contract_id,
                number: e.number,
                title: e.title.clone(),
                amount: e.amount,
            }),
            Event::Job(JobEvent::Filled(e)) => Some(Self::JobFilled(e.job_id)),
            Event::Escrow(EscrowEvent::Funded(e)) => Some(Self::Funded {
                contract: e.contract_id,
                milestone: e.milestone_id,
                deposit: e.deposit_id,
            }),
            Event::Escrow(EscrowEvent::Released(e)) => Some(Self::Released {
                contract: e.contract_id,
                milestone: e.milestone_id,
                gross: e.slice.gross,
            }),
            Event::Deposit(DepositEvent::Unmatched(e)) => Some(Self::Unmatched {
                deposit: e.deposit_id,
                object: e.provider_object.clone(),
                amount: e.amount,
            }),
            Event::Milestone(
                MilestoneEvent::WorkSubmitted(_)
                | MilestoneEvent::ChangesRequested(_)
                | MilestoneEvent::Approved(_),
            )
            | Event::Job(JobEvent::Created(_) | JobEvent::Submitted(_))
            | Event::Deposit(
                DepositEvent::Requested(_)
                | DepositEvent::AttemptStarted(_)
                | DepositEvent::Acknowledged(_)
                | DepositEvent::Confirmed(_)
                | DepositEvent::Failed(_),
            )
            | Event::Marketplace(_)
            | Event::Proposal(_)
            | Event::Process(_) => None,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Contract(_) => "contract.created with the terms of the offer",
            Self::Milestone { .. } => "milestone.agreed with the amount on offer",
            Self::JobFilled(_) => "job.filled",
            Self::Funded { .. } => "escrow.funded of its milestone",
            Self::Unmatched { .. } => "deposit.unmatched with the excess",
            Self::Released { .. } => "escrow.released of all that is left of its milestone",
        }
    }
}

/// The command that the last record belongs to, and what must still follow under its key.
#[derive(Default)]
pub(crate) struct Companions {
    key: Option<CommandKey>,
    actor: Option<Arc<str>>,
    begun: Position,
    awaited: VecDeque<Companion>,
    /// An event of this command can't be judged, so neither can what follows it.
    unknown: bool,
}

impl Companions {
    /// Takes the next event, with the states before it; answers with what is wrong, and where.
    pub(crate) fn next(
        &mut self,
        header: &Header,
        event: &Event,
        states: &States,
    ) -> Vec<(Position, Breach)> {
        let found = Companion::of(event);
        if self.key == Some(header.command_key) {
            // One command is one person's, process's or provider's.
            let found = found.filter(|_| self.actor.as_deref() == Some(&header.actor));
            return self.follow(header.position, found.as_ref(), event);
        }
        let mut breaches: Vec<_> = self.end().into_iter().collect();
        self.begin(header);
        match companions(event, states, Timestamp::from_micros(header.recorded_at)) {
            Some(awaited) => self.awaited = awaited,
            None => self.unknown = true,
        }
        if found.is_some() && !stands_alone(event, states) {
            breaches.push((header.position, unexpected(event)));
            self.unknown = true;
        }
        breaches
    }

    /// Takes an event that can't be judged.
    pub(crate) fn skip(&mut self, header: &Header) {
        if self.key != Some(header.command_key) {
            self.begin(header);
        }
        self.unknown = true;
    }

    /// Ends the command; answers with what is missing from it.
    pub(crate) fn end(&mut self) -> Option<(Position, Breach)> {
        let missing = self.awaited.pop_front().filter(|_| !self.unknown)?;
        self.awaited.clear();
        let message = format!("the event is not followed by {}", missing.name());
        Some((self.begun, (code::COMPANION_MISSING, message)))
    }

    fn begin(&mut self, header: &Header) {
        *self = Self {
            key: Some(header.command_key),
            actor: Some(header.actor.clone()),
            begun: header.position,
            ..Self::default()
        };
    }

    fn follow(&mut self, at: Position, found: Option<&Companion>, event: &Event) -> Vec<(Position, Breach)> {
        if self.unknown {
            return Vec::new();
        }
        if found.is_some() && self.awaited.front() == found {
            self.awaited.pop_front();
            return Vec::new();
        }
        let missing = self.end();
        self.unknown = true;
        missing.into_iter().chain([(at, unexpected(event))]).collect()
    }
}

/// Whether a command may begin with `event`, though it is also a companion: money without a purpose may, unless its
/// payment was recorded before.
fn stands_alone(event: &Event, states: &States) -> bool {
    let Event::Deposit(DepositEvent::Unmatched(e)) = event else {
        return false;
    };
    let payment = StreamId::Provider(e.rail.clone(), e.provider_object.clone());
    !states.state(&payment).and_then(State::as_provider).is_some_and(|payment| payment.captured)
}

fn unexpected(event: &Event) -> Breach {
    let (name, _) = event.event_type();
    let message = format!("{name} as it is does not follow from what its command recorded before");
    (code::COMPANION_UNEXPECTED, message)
}

/// What must follow `event` when a command begins with it; `None` if the states don't have what it is about, which
/// the rules report.
fn companions(event: &Event, states: &States, recorded_at: Timestamp) -> Option<VecDeque<Companion>> {
    match event {
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => accepted(e, states, recorded_at),
        Event::Milestone(MilestoneEvent::Approved(e)) => {
            let contract = states.state(&StreamId::Contract(e.contract_id))?.as_contract()?;
            let milestone = contract.milestone(e.milestone_id).ok()?;
            Some(VecDeque::from([Companion::Released {
                contract: e.contract_id,
                milestone: e.milestone_id,
                gross: milestone.amount.minor() - milestone.charged.released,
            }]))
        }
        Event::Deposit(DepositEvent::Confirmed(e)) => {
            let deposit = states.state(&StreamId::Deposit(e.deposit_id))?.as_deposit()?;
            let funded = Companion::Funded {
                contract: deposit.contract_id,
                milestone: deposit.milestone_id,
                deposit: deposit.id,
            };
            let excess = e.captured.minor() - deposit.amount.minor();
            let unmatched = (excess > 0).then(|| {
                let object = e.provider_object.clone();
                let amount = e.captured.with_minor(excess).ok()?;
                Some(Companion::Unmatched { deposit: deposit.id, object, amount })
            });
            Some([funded].into_iter().chain(unmatched.flatten()).collect())
        }
        Event::Proposal(ProposalEvent::Submitted(_) | ProposalEvent::OfferMade(_))
        | Event::Milestone(
            MilestoneEvent::Agreed(_)
            | MilestoneEvent::WorkSubmitted(_)
            | MilestoneEvent::ChangesRequested(_),
        )
        | Event::Deposit(
            DepositEvent::Requested(_)
            | DepositEvent::AttemptStarted(_)
            | DepositEvent::Acknowledged(_)
            | DepositEvent::Failed(_)
            | DepositEvent::Unmatched(_),
        )
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Contract(_)
        | Event::Escrow(_)
        | Event::Process(_) => Some(VecDeque::new()),
    }
}

/// The contract as the open offer has it, its milestones, and the end of the search if that was the last place.
fn accepted(e: &OfferAccepted, states: &States, recorded_at: Timestamp) -> Option<VecDeque<Companion>> {
    let proposal = states.state(&StreamId::Proposal(e.proposal_id))?.as_proposal()?;
    let job = states.state(&StreamId::Job(e.job_id))?.as_job()?;
    let offer = proposal.offer()?;
    let terms = &offer.terms;
    let contract = Companion::Contract(Box::new(ContractCreated {
        contract_id: e.contract_id,
        job_id: proposal.job_id,
        proposal_id: proposal.id,
        client: proposal.client,
        talent: proposal.talent,
        currency: terms.milestones.first()?.amount.currency(),
        terms_hash: offer.terms_hash,
        fees: terms.fees,
        windows: terms.windows,
        policy_version: terms.policy_version,
        unfunded_until: recorded_at.plus_days(terms.windows.unfunded_days),
    }));
    let milestones = (1..).zip(&terms.milestones).map(|(number, milestone)| Companion::Milestone {
        contract: e.contract_id,
        number,
        title: milestone.title.clone(),
        amount: milestone.amount,
    });
    let last_place = job.hires.saturating_add(1) >= job.headcount;
    let filled = last_place.then_some(Companion::JobFilled(job.id));
    Some([contract].into_iter().chain(milestones).chain(filled).collect())
}
