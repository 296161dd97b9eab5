//! Contracts: their terms, whether they go on, and how they end.

use super::owed::Owed;
use super::{Law, Model, Status, Told, days, known, known_mut, law};
use domain::contract::{
    AmendmentProposed, Change, ContractCancelled, ContractCreated, ContractEvent, PauseReason,
};
use domain::id::{ContractId, JobId, MilestoneId, PartyId};
use domain::ledger::FeeQuote;
use domain::money::{Currency, Money};
use domain::policy::Windows;
use domain::proposal::Party;
use std::collections::BTreeSet;

/// A contract.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) job: JobId,
    pub(crate) client: PartyId,
    pub(crate) talent: PartyId,
    pub(crate) currency: Currency,
    pub(super) fees: FeeQuote,
    pub(crate) windows: Windows,
    /// Whose rules for disputes it has.
    pub(crate) policy: u32,
    phase: Status,
    unfunded_until: i64,
    /// Who asked for the end, and until when the other side answers.
    pub(crate) asked: Option<(Party, i64)>,
    /// Whether the end is agreed, or the house ends it: what is held winds up.
    pub(crate) winds_up: bool,
    /// When it ended.
    pub(crate) ended: i64,
    pub(crate) pauses: BTreeSet<PauseReason>,
    amendments: u32,
    pub(crate) amendment: Option<Amendment>,
    /// Who wants to go on after the end.
    pub(crate) reopens: Option<Party>,
    pub(crate) milestones: Vec<MilestoneId>,
}

/// An amendment that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Amendment {
    pub(crate) number: u32,
    pub(crate) author: Party,
    pub(crate) changes: Vec<Change>,
}

impl Contract {
    pub(crate) fn status(&self) -> Status {
        if self.phase == "Active" && !self.pauses.is_empty() { "Paused" } else { self.phase }
    }

    /// When it is cancelled, or its end agreed to, by silence.
    pub(super) fn due(&self) -> Option<i64> {
        match self.phase {
            "Created" => Some(self.unfunded_until),
            "Ending" => self.asked.map(|(_, due)| due),
            _ => None,
        }
    }

    /// Whether it ends as soon as nothing is held.
    pub(super) fn settles(&self) -> bool {
        self.winds_up && matches!(self.phase, "Ending" | "Terminating")
    }

    /// The party on a side.
    pub(crate) fn side(&self, side: Party) -> PartyId {
        if side == Party::Client { self.client } else { self.talent }
    }

    pub(super) fn parties(&self) -> [PartyId; 2] {
        [self.client, self.talent]
    }

    /// Whether new work is begun for it.
    pub(crate) fn takes_work(&self) -> bool {
        matches!(self.status(), "Created" | "Active")
    }

    /// Money is there for the first time.
    pub(super) fn funded(&mut self) {
        if self.phase == "Created" {
            self.phase = "Active";
        }
    }

    fn is(&self, states: &[Status]) -> Law {
        law(states.contains(&self.status()), format!("not from {}", self.status()))
    }
}

impl Model {
    pub(super) fn on_contract(&mut self, event: &ContractEvent, told: Told<'_>) -> Law {
        match event {
            ContractEvent::Created(e) => self.on_created(e, told),
            ContractEvent::Cancelled(e) => self.on_cancelled(e, told),
            ContractEvent::EndRequested(_)
            | ContractEvent::EndWithdrawn(_)
            | ContractEvent::EndAgreed(_)
            | ContractEvent::EndDisputed(_)
            | ContractEvent::TerminationBegun(_)
            | ContractEvent::Ended(_) => self.on_end(event, told),
            ContractEvent::AmendmentProposed(_)
            | ContractEvent::AmendmentAccepted(_)
            | ContractEvent::AmendmentRejected(_)
            | ContractEvent::AmendmentWithdrawn(_) => self.on_amendment(event, told),
            ContractEvent::Paused(_)
            | ContractEvent::Resumed(_)
            | ContractEvent::ReopenProposed(_)
            | ContractEvent::Reopened(_) => self.on_going_on(event, told),
        }
    }

    fn on_created(&mut self, e: &ContractCreated, told: Told<'_>) -> Law {
        self.debts.must(Owed::Contract(e.proposal_id))?;
        let offer = self.accepted(e)?;
        let until = days(told.at, e.windows.unfunded_days);
        law(e.unfunded_until.micros() == until, "a contract waits for funding for its window")?;
        let policy = self.policies.get(&e.policy_version).ok_or("no such policy was published")?;
        law((policy.fees, policy.windows) == (e.fees, e.windows), "a contract has its policy's terms")?;
        for amount in offer.amounts {
            self.debts.owe(Owed::Milestone(e.contract_id, amount));
        }
        let contract = Contract {
            job: e.job_id,
            client: e.client,
            talent: e.talent,
            currency: e.currency,
            fees: e.fees,
            windows: e.windows,
            policy: e.policy_version,
            phase: "Created",
            unfunded_until: until,
            asked: None,
            winds_up: false,
            ended: i64::MAX,
            pauses: BTreeSet::new(),
            amendments: 0,
            amendment: None,
            reopens: None,
            milestones: Vec::new(),
        };
        law(self.contracts.insert(e.contract_id, contract).is_none(), "a contract begins once")
    }

    fn on_cancelled(&mut self, e: &ContractCancelled, told: Told<'_>) -> Law {
        let over = self.holds_nothing(e.contract_id)?;
        let contract = known_mut(&mut self.contracts, &e.contract_id)?;
        told.by(&contract.parties()).or_else(|_| told.by_time(contract.unfunded_until))?;
        law(contract.phase == "Created" && over, "only what was never funded is cancelled")?;
        while self.debts.settles(Owed::ContractCancelled(e.contract_id)) {}
        contract.phase = "Cancelled";
        let job = known_mut(&mut self.jobs, &e.job_id)?;
        law(contract.job == e.job_id && job.hires > 0, "the place goes back to the job that hired")?;
        job.hires -= 1;
        if job.status == "Filled" {
            self.debts.owe(Owed::Reopened(e.job_id));
        }
        Ok(())
    }

    fn on_end(&mut self, event: &ContractEvent, told: Told<'_>) -> Law {
        let id = event.contract_id();
        let over = self.holds_nothing(id)?;
        let contract = known_mut(&mut self.contracts, &id)?;
        let asked = contract.asked.ok_or("nobody asked for the end");
        match event {
            ContractEvent::EndRequested(e) => {
                told.by(&[contract.side(e.requester)])?;
                contract.is(&["Active", "Paused"])?;
                let due = days(told.at, contract.windows.end_answer_days);
                law(e.answer_by.micros() == due, "an end is answered within the window")?;
                (contract.phase, contract.asked) = ("Ending", Some((e.requester, due)));
                return Ok(());
            }
            ContractEvent::EndWithdrawn(_) => {
                told.by(&[contract.side(asked?.0)])?;
                (contract.phase, contract.asked) = ("Active", None);
                return Ok(());
            }
            ContractEvent::EndAgreed(_) => {
                let (requester, due) = asked?;
                told.by(&[contract.side(requester.other())]).or_else(|_| told.by_time(due))?;
            }
            ContractEvent::EndDisputed(_) => told.by(&[contract.side(asked?.0.other())])?,
            ContractEvent::TerminationBegun(_) => {
                told.by_house(&contract.parties())?;
                contract.is(&["Created", "Active", "Paused", "Ending"])?;
                contract.phase = "Terminating";
            }
            ContractEvent::Ended(_) => {
                told.by_time(i64::MIN)?;
                law(contract.settles() && over, "a contract ends when that is agreed and nothing is held")?;
                let ends = contract.phase == "Ending";
                contract.phase = if ends { "Ended" } else { "Terminated" };
                (contract.ended, contract.winds_up) = (told.at, false);
                return Ok(());
            }
            _ => return Err("this is no end".to_owned()),
        }
        (contract.asked, contract.amendment, contract.winds_up) = (None, None, true);
        self.wind_up(id, event)
    }

    /// What becomes of the milestones of a contract whose end is agreed, disputed, or the house's will.
    fn wind_up(&mut self, id: ContractId, event: &ContractEvent) -> Law {
        let disputed = matches!(event, ContractEvent::EndDisputed(_));
        let terminated = matches!(event, ContractEvent::TerminationBegun(_));
        for milestone_id in &known(&self.contracts, &id)?.milestones {
            let milestone = known(&self.milestones, milestone_id)?;
            let follows = match milestone.status {
                // A bonus is over with its deposit.
                "Funding" if milestone.bonus => Owed::GivenUp(*milestone_id),
                "Proposed" | "Agreed" | "Funding" => Owed::Cancelled(*milestone_id),
                "Disputed" if terminated && milestone.frozen.is_none() => Owed::FundsFrozen(*milestone_id),
                "ChangesRequested" if !disputed && !terminated => Owed::AskedBack(*milestone_id),
                "Funded" | "Submitted" | "ChangesRequested" | "RefundRequested"
                    if milestone.frozen.is_none() =>
                {
                    match (disputed, terminated, milestone.status) {
                        (true, _, _) => Owed::Disputed(*milestone_id),
                        (_, true, _) => Owed::FundsFrozen(*milestone_id),
                        (_, _, "Funded") => Owed::GivenBack(*milestone_id),
                        _ => continue,
                    }
                }
                _ => continue,
            };
            self.debts.owe(follows);
        }
        Ok(())
    }

    fn on_amendment(&mut self, event: &ContractEvent, told: Told<'_>) -> Law {
        let id = event.contract_id();
        if let ContractEvent::AmendmentProposed(e) = event {
            return self.on_proposed_amendment(e, told);
        }
        let contract = known_mut(&mut self.contracts, &id)?;
        let amendment = contract.amendment.take().ok_or("no amendment waits for an answer")?;
        let (author, other) = (contract.side(amendment.author), contract.side(amendment.author.other()));
        let is = |number: u32| law(number == amendment.number, "the open amendment is meant");
        match event {
            ContractEvent::AmendmentAccepted(e) => {
                told.by(&[other])?;
                is(e.number)?;
                contract.is(&["Active"])?;
                for change in amendment.changes {
                    self.debts.owe(match change {
                        Change::Add { amount, .. } => Owed::Milestone(id, amount),
                        Change::Revise { milestone_id, amount, .. } => Owed::Revised(milestone_id, amount),
                    });
                }
                Ok(())
            }
            ContractEvent::AmendmentRejected(e) => is(e.number).and(told.by(&[other])),
            ContractEvent::AmendmentWithdrawn(e) => is(e.number).and(told.by(&[author])),
            _ => Err("this is no answer".to_owned()),
        }
    }

    fn on_proposed_amendment(&mut self, e: &AmendmentProposed, told: Told<'_>) -> Law {
        let contract = known_mut(&mut self.contracts, &e.contract_id)?;
        told.by(&[contract.side(e.proposer)])?;
        contract.is(&["Active"])?;
        law(contract.amendment.is_none(), "one amendment is answered before the next")?;
        law(e.number == contract.amendments + 1, "amendments count without a gap")?;
        contract.amendments = e.number;
        contract.amendment =
            Some(Amendment { number: e.number, author: e.proposer, changes: e.changes.clone() });
        Ok(())
    }

    fn on_going_on(&mut self, event: &ContractEvent, told: Told<'_>) -> Law {
        let contract = known_mut(&mut self.contracts, &event.contract_id())?;
        let parties = contract.parties();
        let reasoned = |reason| match reason {
            PauseReason::Client => told.by(&parties[..1]),
            PauseReason::Support => told.by_house(&parties),
        };
        match event {
            ContractEvent::Paused(e) => {
                reasoned(e.reason)?;
                contract.is(&["Active", "Paused"])?;
                law(contract.pauses.insert(e.reason), "a reason stands once")
            }
            ContractEvent::Resumed(e) => {
                reasoned(e.reason)?;
                contract.is(&["Paused"])?;
                law(contract.pauses.remove(&e.reason), "it was paused for another reason")
            }
            ContractEvent::ReopenProposed(e) => {
                told.by(&[contract.side(e.proposer)])?;
                contract.is(&["Ended"])?;
                law(contract.reopens.replace(e.proposer).is_none(), "one side proposes to go on")
            }
            ContractEvent::Reopened(_) => {
                contract.is(&["Ended"])?;
                let proposer = contract.reopens.take().ok_or("nobody proposed to go on")?;
                told.by(&[contract.side(proposer.other())])?;
                (contract.phase, contract.ended) = ("Active", i64::MAX);
                Ok(())
            }
            _ => Err("this neither stops it nor has it go on".to_owned()),
        }
    }

    /// Whether nothing is held for any of its milestones, and nothing will be.
    pub(crate) fn holds_nothing(&self, id: ContractId) -> Result<bool, String> {
        let is_over = |id| self.milestones.get(id).is_some_and(super::Milestone::is_over);
        Ok(known(&self.contracts, &id)?.milestones.iter().all(is_over))
    }

    /// Money of the contract, in its currency.
    pub(super) fn minor(contract: &Contract, money: Money) -> Result<i128, String> {
        law(money.currency() == contract.currency, "a contract has one currency")?;
        Ok(i128::from(money.minor()))
    }
}
