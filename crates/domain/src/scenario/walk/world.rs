//! One world of the walk: what is folded, at which instant, and how it came to be.

use super::novelty::News;
use super::samples::{self, Part};
use crate::account::HoldReason;
use crate::id::{
    ContractId, DepositId, DisputeId, JobId, LotId, MilestoneId, PayoutId, ProposalId, RefundId,
};
use crate::money::Currency;
use crate::scenario::{CONTRACT, DEPOSIT, Given, JOB, PROPOSAL, TALENT, milestone};
use crate::stream::{Decided, Folded};
use crate::timer::{Timer, TimerKind, firing, timers};
use crate::{Command, CommandKind, Context, Refusal, States, StreamId, Timestamp, execute};
use std::fmt;

/// A world.
#[derive(Clone)]
pub(crate) struct World {
    /// The beginning that it comes from.
    pub(super) beginning: &'static str,
    pub(super) states: States,
    pub(super) now: Timestamp,
    /// What was new here.
    pub(super) news: News,
    /// The commands that led here.
    steps: Vec<String>,
}

/// Somebody gives a command at an instant.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) command: Command,
    pub(super) at: Timestamp,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part.name, self.command.kind().as_str())
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.beginning)?;
        self.steps.iter().try_for_each(|step| write!(f, " > {step}"))
    }
}

impl World {
    pub(super) fn begin(beginning: &'static str, Given { states, now, .. }: Given) -> Self {
        Self { beginning, states, now, news: News::Landmark, steps: Vec::new() }
    }

    /// Everything that may happen next: each sample by everybody whose role has it, and each timer when it is due.
    pub(super) fn steps_on(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for command in samples::samples(self) {
            let granted = command.kind().roles();
            for part in samples::PARTS.iter().filter(|part| part.has_any(&granted)) {
                steps.push(Step { part: *part, command: command.clone(), at: self.now });
            }
        }
        for folded in self.states.folded() {
            for timer in folded.state.as_deref().map(timers).unwrap_or_default() {
                let (part, at) = (samples::TIMER, self.now.max(timer.due));
                let command = firing(&folded.stream, &timer);
                steps.extend(command.map(|command| Step { part, command, at }));
            }
        }
        steps
    }

    /// Commands of every timer that any of the streams can have, under an epoch that none has.
    pub(super) fn stale(&self) -> Vec<Command> {
        let mut found = Vec::new();
        for kind in CommandKind::ALL {
            for subject in self.subjects() {
                let Some(kind) = TimerKind::parse(kind.as_str(), &subject) else {
                    continue;
                };
                let timer = Timer { kind, due: self.now, epoch: u64::MAX };
                found.extend(self.streams().iter().filter_map(|stream| firing(stream, &timer)));
            }
        }
        found
    }

    /// What a timer can be about within its stream.
    fn subjects(&self) -> Vec<String> {
        let mut subjects = vec![
            String::new(),
            TALENT.party().to_string(),
            self.proposal().to_string(),
            self.lot().to_string(),
            self.payout().to_string(),
        ];
        subjects.extend(self.milestones().iter().map(ToString::to_string));
        subjects.extend(HoldReason::ALL.iter().map(|reason| reason.as_str().to_owned()));
        subjects
    }

    /// One stream of each kind, whether there is something in it or not.
    fn streams(&self) -> Vec<StreamId> {
        let account = StreamId::Account(TALENT.party(), Currency::USD);
        vec![
            StreamId::Marketplace,
            StreamId::Job(self.job()),
            StreamId::Proposal(self.proposal()),
            StreamId::Contract(self.contract()),
            StreamId::Deposit(self.deposit()),
            StreamId::Refund(self.refund()),
            StreamId::Dispute(self.dispute()),
            StreamId::Payout(self.payout()),
            StreamId::Cash(Currency::USD),
            account,
        ]
    }

    /// Decides the step's command on the streams that it names.
    pub(super) fn attempt(&self, step: &Step) -> Result<Decided, Refusal> {
        let command = &step.command;
        let mut read = States::default();
        let primary = self.states.state(&command.primary());
        let streams = [StreamId::Marketplace, command.primary()];
        for stream in streams.into_iter().chain(command.secondary(primary)) {
            let found = self.states.folded().iter().find(|folded| folded.stream == stream);
            read.put(found.cloned().unwrap_or(Folded { stream, revision: 0, state: None }));
        }
        // Another one for each step, and none that the scenario's own histories draw from.
        let seed = [128 + u8::try_from(self.steps.len()).unwrap(); 16];
        execute(command, read, &Context::new(step.at, step.part.who.actor(), seed))
    }

    /// The world after the decision.
    pub(super) fn after(&self, step: &Step, decided: &Decided, news: News) -> Self {
        let mut next = Self { now: step.at, news, ..self.clone() };
        decided.states.folded().iter().for_each(|folded| next.states.put(folded.clone()));
        next.steps.push(step.to_string());
        next
    }

    fn last<T>(&self, pick: impl Fn(&StreamId) -> Option<T>) -> Option<T> {
        let existing = self.states.folded().iter().rev().filter(|folded| folded.state.is_some());
        existing.map(|folded| &folded.stream).find_map(pick)
    }

    /// The first payout and the last, or one that doesn't exist.
    pub(super) fn payouts(&self) -> Vec<PayoutId> {
        let mut found = self.states.folded().iter().filter_map(|folded| match folded.stream {
            StreamId::Payout(id) => Some(id),
            _ => None,
        });
        let mut payouts = vec![found.next().unwrap_or_else(|| self.payout())];
        payouts.extend(found.next_back());
        payouts
    }

    /// The contract's milestones, or one that doesn't exist.
    pub(super) fn milestones(&self) -> Vec<MilestoneId> {
        let contract = self.states.contract(self.contract()).ok();
        let found: Vec<_> = contract
            .into_iter()
            .flat_map(|contract| &contract.milestones)
            .map(|milestone| milestone.id)
            .collect();
        if found.is_empty() { vec![milestone(1)] } else { found }
    }

    /// The contract's last lot of earnings, or one that doesn't exist.
    pub(super) fn lot(&self) -> LotId {
        let contract = self.states.contract(self.contract()).ok();
        let milestones = contract.into_iter().flat_map(|contract| &contract.milestones);
        milestones.flat_map(|milestone| &milestone.lots).last().map_or(LotId::from_u128(90), |lot| lot.id)
    }
}

/// The last thing of each kind, or an id that nothing has.
macro_rules! lasts {
    ($($name:ident: $stream:ident = $absent:expr => $id:ty;)*) => {
        impl World {$(
            pub(super) fn $name(&self) -> $id {
                let found = self.last(|stream| match stream {
                    StreamId::$stream(id) => Some(*id),
                    _ => None,
                });
                found.unwrap_or($absent)
            }
        )*}
    };
}
lasts! {
    job: Job = JOB => JobId;
    proposal: Proposal = PROPOSAL => ProposalId;
    contract: Contract = CONTRACT => ContractId;
    deposit: Deposit = DEPOSIT => DepositId;
    refund: Refund = RefundId::from_u128(91) => RefundId;
    dispute: Dispute = DisputeId::from_u128(92) => DisputeId;
    payout: Payout = PayoutId::from_u128(93) => PayoutId;
}
