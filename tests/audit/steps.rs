//! What can happen next to a contract and its money, one step after the other, whatever happened before.

use domain::account::{HoldReason, PlacePayoutHold, ReleasePayoutHold};
use domain::contract::{
    AgreeEnd, AgreeRefund, ApproveMilestone, CancelContract, ContractStatus, MilestoneStatus,
    RefundMilestone, RejectRefund, RequestChanges, RequestEnd, RequestRefund, SubmitWork, WithdrawEnd,
    WithdrawRefundRequest,
};
use domain::deposit::{PaymentMethod, ProviderObject, ProviderWord, RefundDeposit};
use domain::dispute::WithdrawDispute;
use domain::id::{DepositId, PartyId, PayoutId, RefundId};
use domain::ledger::{AccountCode, JournalEntry};
use domain::marketplace::{PauseProcess, PauseRail, RebuildReadModel, ResumeProcess, ResumeRail};
use domain::money::{Currency, Money};
use domain::payout::{
    AcknowledgePayout, ApprovePayout, CancelPayout, FailPayout, Payout, PayoutStatus, RecordPayoutPaid,
    RejectPayout, RequestPayout, Resolution, ResolvePayout, ReturnPayout, ReversePayout, SubmitPayout,
};
use domain::process::ProcessName;
use domain::refund::{
    AcknowledgeRefund, ConfirmRefund, FailRefund, Refund, RefundStatus, StartRefundAttempt,
};
use domain::timer::{Timer, TimerKind, firing, timers};
use domain::treasury::RecordSettlement;
use domain::{Actor, Role, State, StreamId};

use crate::history::{Fact, Hired, History, PROCESS, PROVIDER, object, person, text};
use crate::written::Random;

const TIMERS: Actor = Actor::System("timers");
const RAIL: &str = "sandbox";

/// Nobody who works or pays.
pub(crate) fn finance() -> Actor {
    person(900, Role::Finance)
}

fn compliance() -> Actor {
    person(901, Role::Compliance)
}

fn word(text: &str) -> ProviderWord {
    ProviderWord::parse(text).unwrap()
}

fn reported(id: &impl std::fmt::Display) -> ProviderObject {
    ProviderObject::parse(&format!("out_{id}")).unwrap()
}

impl History {
    /// Some thousand events in which everything happens that can.
    pub(crate) fn eventful() -> Vec<Fact> {
        let mut history = Self::new();
        history.operate();
        history.unanswered();
        history.searching();
        history.haggling();
        history.changing();
        history.disputing();
        let mut random = Random::seeded(7);
        let mut hired = Vec::new();
        for currency in [Currency::USD, Currency::USD, Currency::KWD, Currency::JPY].repeat(6) {
            hired.push(history.hire(["25000", "401", "7"], currency));
            for _ in 0..random.below(70) {
                let one = &hired[random.below(hired.len())];
                let (index, how) = (random.below(40) % 13, random.below(HOW));
                history.step(one, if index == 12 { 3 } else { index % 3 }, how);
            }
        }
        history.facts
    }

    /// A process and a rail are paused, and go on; a read model is to be rebuilt.
    fn operate(&mut self) {
        let admin = person(902, Role::Admin);
        let (process, rail) = (ProcessName::Funding, RAIL);
        self.give(&admin, PauseProcess { process, reason: text("Maintenance") });
        self.give(&admin, ResumeProcess { process });
        self.give(&admin, PauseRail { rail, reason: text("Maintenance") });
        self.give(&admin, ResumeRail { rail });
        self.give(&admin, RebuildReadModel { name: "job_board", reason: text("A row is wrong") });
    }

    /// An offer that nobody answers, for a job that nobody gets.
    fn unanswered(&mut self) {
        let offered = self.offer(["2500", "401", "7"], Currency::USD);
        assert!(
            self.fire(&StreamId::Proposal(offered.offer.proposal_id), |kind| kind == TimerKind::ExpireOffer)
        );
        assert!(self.fire(&StreamId::Job(offered.job), |kind| kind == TimerKind::ExpireJob));
    }

    /// Lets the next thing happen to a milestone, or to the whole contract behind the last one. `how`, below [`HOW`],
    /// says which.
    pub(crate) fn step(&mut self, hired: &Hired, index: usize, how: usize) {
        let contract = self.contract(hired);
        let Some(milestone) = contract.milestones.get(index) else {
            return self.step_contract(hired, how);
        };
        let open = matches!(contract.status(), ContractStatus::Created | ContractStatus::Active);
        match milestone.status() {
            MilestoneStatus::Agreed if open => self.step_in(hired, index, how),
            MilestoneStatus::Funded | MilestoneStatus::ChangesRequested => {
                if how.is_multiple_of(3) {
                    self.ask_back(hired, index);
                } else {
                    self.submit(hired, index);
                }
            }
            MilestoneStatus::Submitted => self.step_review(hired, index, how),
            MilestoneStatus::RefundRequested => self.step_asked_back(hired, index, how),
            MilestoneStatus::Disputed => {
                let dispute_id = milestone.dispute().unwrap();
                self.give(&hired.client, WithdrawDispute { dispute_id });
            }
            MilestoneStatus::Released if milestone.lots.iter().any(|lot| lot.on_hold > 0) => {
                self.clear(hired, index);
            }
            MilestoneStatus::Released => self.step_out(hired, how),
            MilestoneStatus::Refunded => self.step_back(hired, how),
            MilestoneStatus::Proposed
            | MilestoneStatus::Agreed
            | MilestoneStatus::Funding
            | MilestoneStatus::Approved
            | MilestoneStatus::Resolved
            | MilestoneStatus::Cancelled => {}
        }
    }

    /// Fires a timer that is set in `stream`, when it is due; answers whether there is one.
    pub(crate) fn fire(&mut self, stream: &StreamId, wanted: impl Fn(TimerKind) -> bool) -> bool {
        let set = self.states[stream].state.as_deref().map(timers).unwrap_or_default();
        let Some(timer) = set.into_iter().find(|timer: &Timer| wanted(timer.kind)) else {
            return false;
        };
        self.wait(timer.due);
        self.give(&TIMERS, firing(stream, &timer).unwrap());
        true
    }

    fn step_contract(&mut self, hired: &Hired, how: usize) {
        let (contract_id, stream) = (hired.contract, StreamId::Contract(hired.contract));
        match self.contract(hired).status() {
            ContractStatus::Created if how.is_multiple_of(2) => {
                let by = if how.is_multiple_of(4) { &hired.client } else { &hired.talent };
                if how > 8 {
                    self.request(hired, 0);
                }
                self.give(by, CancelContract { contract_id });
            }
            ContractStatus::Created => {
                self.fire(&stream, |kind| kind == TimerKind::CancelUnfundedContract);
            }
            ContractStatus::Active => drop(self.give(&hired.client, RequestEnd { contract_id })),
            ContractStatus::Ending if self.contract(hired).is_end_agreed() => {
                self.fire(&stream, |kind| kind == TimerKind::SettleEnd);
            }
            ContractStatus::Ending => match how % 3 {
                0 => drop(self.give(&hired.client, WithdrawEnd { contract_id })),
                1 => drop(self.fire(&stream, |kind| kind == TimerKind::AutoAgreeEnd)),
                _ => drop(self.give(&hired.talent, AgreeEnd { contract_id })),
            },
            ContractStatus::Paused
            | ContractStatus::Ended
            | ContractStatus::Terminating
            | ContractStatus::Terminated
            | ContractStatus::Cancelled => {}
        }
    }

    /// Money comes in: as it should, too much of it, not at all, or too late.
    fn step_in(&mut self, hired: &Hired, index: usize, how: usize) {
        match how {
            0 => self.fail(hired, index),
            1 | 2 => {
                let (deposit, amount) = self.request(hired, index);
                self.fire(&StreamId::Deposit(deposit), |kind| kind == TimerKind::ExpireDeposit);
                self.capture(deposit, amount);
                self.send_back(deposit);
            }
            3 | 4 => {
                let (deposit, amount) = self.request(hired, index);
                self.capture(deposit, amount.with_minor(amount.minor() + 5).unwrap());
                self.send_back(deposit);
            }
            _ => self.fund(hired, index, 0),
        }
    }

    fn send_back(&mut self, deposit_id: DepositId) {
        self.give(&PROCESS, RefundDeposit { deposit_id, provider_object: object(deposit_id) });
    }

    pub(crate) fn submit(&mut self, hired: &Hired, index: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        self.give(&hired.talent, SubmitWork { contract_id, milestone_id, note: text("Done") });
    }

    fn step_review(&mut self, hired: &Hired, index: usize, how: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        match how {
            0 | 1 => {
                self.give(&hired.talent, RefundMilestone { contract_id, milestone_id });
            }
            2 | 3 => {
                let changes = RequestChanges { contract_id, milestone_id, reasons: text("Not quite") };
                self.give(&hired.client, changes);
            }
            4..=6 => self.auto_approve(hired, index),
            _ => {
                self.give(&hired.client, ApproveMilestone { contract_id, milestone_id });
            }
        }
    }

    pub(crate) fn auto_approve(&mut self, hired: &Hired, index: usize) {
        let kind = TimerKind::AutoApproveMilestone(hired.milestones[index].0);
        assert!(self.fire(&StreamId::Contract(hired.contract), |set| set == kind));
    }

    pub(crate) fn ask_back(&mut self, hired: &Hired, index: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        let ask = RequestRefund { contract_id, milestone_id, reasons: text("Too late") };
        self.give(&hired.client, ask);
    }

    /// The talent refuses a refund.
    pub(crate) fn dispute(&mut self, hired: &Hired, index: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        let refuse = RejectRefund { contract_id, milestone_id, answer: text("I have begun") };
        self.give(&hired.talent, refuse);
    }

    fn step_asked_back(&mut self, hired: &Hired, index: usize, how: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        let kind = TimerKind::AutoAgreeRefund(milestone_id);
        match how % 4 {
            // Once the end is agreed, what was asked back is part of it.
            0 if !self.contract(hired).is_end_agreed() => {
                drop(self.give(&hired.client, WithdrawRefundRequest { contract_id, milestone_id }));
            }
            1 => drop(self.fire(&StreamId::Contract(contract_id), |set| set == kind)),
            2 => self.dispute(hired, index),
            _ => self.agree_refund(hired, index),
        }
    }

    pub(crate) fn agree_refund(&mut self, hired: &Hired, index: usize) {
        let (contract_id, milestone_id) = (hired.contract, hired.milestones[index].0);
        self.give(&hired.talent, AgreeRefund { contract_id, milestone_id });
    }

    /// The client's refunds that are not at their end, the oldest first.
    pub(crate) fn refunds(&self, hired: &Hired) -> Vec<Refund> {
        let client = hired.client.party().unwrap();
        let states = self.states.values().filter_map(|folded| folded.state.as_deref());
        let mut refunds: Vec<Refund> = states.filter_map(State::as_refund).cloned().collect();
        refunds.retain(|refund| refund.client == client && refund.status() != RefundStatus::Failed);
        refunds.sort_unstable_by_key(|refund| (refund.status() == RefundStatus::Confirmed, refund.id));
        refunds
    }

    /// Money goes back.
    fn step_back(&mut self, hired: &Hired, how: usize) {
        let refunds = self.refunds(hired);
        let Some(refund) = refunds.first() else {
            return;
        };
        let refund_id = refund.id;
        let fail = FailRefund { refund_id, rail: RAIL.into(), reason: word("account_closed") };
        match (refund.status(), how) {
            (RefundStatus::Requested, _) => drop(self.give(&PROCESS, StartRefundAttempt { refund_id })),
            (RefundStatus::Started, 3..) => drop(self.give(
                &PROCESS,
                AcknowledgeRefund { refund_id, rail: RAIL.into(), provider_object: reported(&refund_id) },
            )),
            (RefundStatus::Acknowledged, 0..=3) => {
                self.fire(&StreamId::Refund(refund_id), |kind| kind == TimerKind::EscalateRefund);
            }
            (RefundStatus::Started | RefundStatus::NeedsAttention | RefundStatus::Acknowledged, 0..=8) => {
                self.confirm_refund(refund_id);
            }
            // What is confirmed may come back all the same.
            (RefundStatus::Confirmed, 1..) => {}
            _ => drop(self.give(&PROVIDER, fail)),
        }
    }

    pub(crate) fn confirm_refund(&mut self, refund_id: RefundId) {
        let provider_object = reported(&refund_id);
        self.give(&PROVIDER, ConfirmRefund { refund_id, rail: RAIL.into(), provider_object });
    }

    pub(crate) fn clear(&mut self, hired: &Hired, index: usize) {
        let lots = self.contract(hired).milestones[index].lots.clone();
        let stream = StreamId::Contract(hired.contract);
        assert!(self.fire(&stream, |kind| lots.iter().any(|lot| kind == TimerKind::ClearEarnings(lot.id))));
    }

    /// The provider settles all that it has captured, less `fee` minor units; answers whether that was anything.
    pub(crate) fn settle(&mut self, currency: Currency, fee: i64) -> bool {
        let entries = self.facts.iter().filter_map(|fact| fact.event.journal_entry());
        let lines = entries.flat_map(JournalEntry::lines).filter(|line| line.currency == currency);
        let captured = lines.filter(|line| line.account.code() == AccountCode::ProviderClearing);
        let gross: i64 = captured.map(domain::ledger::Line::signed).sum();
        if gross <= fee {
            return false;
        }
        let money = |minor| Money::new(minor, currency).unwrap();
        let provider_object = reported(&format!("settled_{}", self.facts.len()));
        let rail = RAIL.into();
        let settle = RecordSettlement { rail, provider_object, gross: money(gross), fee: money(fee) };
        self.give(&PROVIDER, settle);
        true
    }

    fn account(&self, hired: &Hired) -> (PartyId, Currency, domain::account::Account) {
        let (party, currency) = (hired.talent.party().unwrap(), hired.milestones[0].1.currency());
        let folded = self.states.get(&StreamId::Account(party, currency));
        let account = folded.and_then(|folded| folded.state.as_deref()?.as_account().cloned());
        (party, currency, account.unwrap_or_default())
    }

    fn payout(&self, id: PayoutId) -> Payout {
        self.states[&StreamId::Payout(id)].state.as_deref().and_then(State::as_payout).unwrap().clone()
    }

    /// Money goes out.
    fn step_out(&mut self, hired: &Hired, how: usize) {
        let (party_id, currency, account) = self.account(hired);
        if let Some(payout) = account.payouts.keys().nth(how % account.payouts.len().max(1)) {
            return self.step_payout(hired, *payout, how);
        }
        if account.is_on_hold() {
            return self.release_hold(hired, how);
        }
        let states = self.states.values().filter_map(|folded| folded.state.as_deref());
        let payouts = states.filter_map(State::as_payout).filter(|payout| payout.of.party_id == party_id);
        let paid =
            payouts.filter(|payout| payout.of.currency == currency && payout.status() == PayoutStatus::Paid);
        match (paid.map(|payout| payout.of.payout_id).min(), how) {
            (Some(paid), 0..=2) => self.give_back(paid, 7),
            (Some(payout_id), 3..=7) => {
                let (reason, cost) = (word("duplicate"), Money::new(0, currency).unwrap());
                self.give(&PROVIDER, ReversePayout { payout_id, rail: RAIL.into(), reason, cost });
            }
            _ if account.free() > 0 => {
                let half = (account.free() + 1) / 2;
                self.request_payout(hired, half, how);
                if how > 8 && account.free() > half {
                    self.request_payout(hired, account.free() - half, 0);
                }
            }
            _ => {}
        }
    }

    /// Asks for `minor` units; what was used before is no new destination. Nothing happens while the account is on hold.
    pub(crate) fn request_payout(
        &mut self,
        hired: &Hired,
        minor: i64,
        destination: usize,
    ) -> Option<PayoutId> {
        let (party_id, currency, account) = self.account(hired);
        if account.is_on_hold() {
            return None;
        }
        let request = RequestPayout {
            party_id,
            amount: Money::new(minor, currency).unwrap(),
            rail: RAIL,
            destination: PaymentMethod::parse(&format!("bank_{}", destination % 2)).unwrap(),
        };
        let events = self.give(&hired.talent, request);
        events.iter().find_map(|event| match event {
            domain::Event::Payout(event) => Some(event.of().payout_id),
            _ => None,
        })
    }

    fn release_hold(&mut self, hired: &Hired, how: usize) {
        let (party_id, currency, account) = self.account(hired);
        let stream = StreamId::Account(party_id, currency);
        let lapse = |kind| matches!(kind, TimerKind::LapsePayoutHold(_));
        if how.is_multiple_of(2) && self.fire(&stream, lapse) {
            return;
        }
        let reason = *account.holds.keys().next().unwrap();
        self.give(&compliance(), ReleasePayoutHold { party_id, currency, reason });
    }

    pub(crate) fn step_payout(&mut self, hired: &Hired, payout_id: PayoutId, how: usize) {
        let (party_id, currency, account) = self.account(hired);
        let stream = StreamId::Payout(payout_id);
        let hold = || account.holds.keys().next().copied();
        match (self.payout(payout_id).status(), how) {
            (PayoutStatus::Requested | PayoutStatus::Held | PayoutStatus::Failed, 0) => {
                self.give(&hired.talent, CancelPayout { payout_id });
            }
            (PayoutStatus::Requested | PayoutStatus::Held, 1) => {
                self.give(&finance(), RejectPayout { payout_id, reasons: text("Not yours") });
            }
            (PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Failed, 2)
                if hold().is_none() =>
            {
                let place = PlacePayoutHold { party_id, currency, reason: HoldReason::Kyc };
                self.give(&compliance(), place);
            }
            (PayoutStatus::Held, _) if hold().is_some() => self.release_hold(hired, how),
            (PayoutStatus::Requested, 3) | (PayoutStatus::Held, _) if hold().is_none() => {}
            (PayoutStatus::Requested, _) => {
                if !self.fire(&stream, |kind| kind == TimerKind::AutoApprovePayout) && hold().is_none() {
                    self.give(&finance(), ApprovePayout { payout_id });
                }
            }
            (PayoutStatus::Approved, _) => self.submit_payout(payout_id, currency),
            (PayoutStatus::Failed, _) => {
                self.fire(&stream, |kind| kind == TimerKind::RetryPayout);
            }
            _ => self.step_sent(payout_id, how),
        }
    }

    /// Sends a payout. One that waits for settled cash is sent when there is some.
    pub(crate) fn submit_payout(&mut self, payout_id: PayoutId, currency: Currency) {
        let cash = StreamId::Cash(currency);
        let folded = self.states.get(&cash).and_then(|folded| folded.state.as_deref()?.as_cash());
        if folded.is_some_and(|cash| cash.is_waiting(payout_id)) {
            self.settle(currency, 3);
            self.fire(&cash, |kind| matches!(kind, TimerKind::SubmitDelayedPayout(_)));
        } else {
            self.give(&PROCESS, SubmitPayout { payout_id });
        }
    }

    /// What comes of a payout that was sent.
    fn step_sent(&mut self, payout_id: PayoutId, how: usize) {
        let payout = self.payout(payout_id);
        match (payout.status(), how) {
            (PayoutStatus::Submitted, 3..=8) => self.acknowledge_payout(payout_id),
            (PayoutStatus::NeedsAttention, 3..=6) => {
                let failed = how.is_multiple_of(2);
                let resolution = if failed { Resolution::Failed } else { Resolution::InTransit };
                self.give(&finance(), ResolvePayout { payout_id, resolution });
            }
            (PayoutStatus::Submitted | PayoutStatus::InTransit, 0) => {
                self.fire(&StreamId::Payout(payout_id), |kind| kind == TimerKind::EscalatePayout);
            }
            (_, 1 | 2) => self.fail_payout(payout_id),
            (_, 9) => self.give_back(payout_id, 0),
            _ => self.pay(payout_id),
        }
    }

    pub(crate) fn acknowledge_payout(&mut self, payout_id: PayoutId) {
        let (provider_object, attempt) = (reported(&payout_id), self.payout(payout_id).attempts);
        self.give(&PROCESS, AcknowledgePayout { payout_id, rail: RAIL.into(), attempt, provider_object });
    }

    pub(crate) fn fail_payout(&mut self, payout_id: PayoutId) {
        let attempt = self.payout(payout_id).attempts;
        let reason = word("bank_down");
        self.give(&PROVIDER, FailPayout { payout_id, rail: RAIL.into(), attempt, reason });
    }

    pub(crate) fn pay(&mut self, payout_id: PayoutId) {
        let (provider_object, attempt) = (reported(&payout_id), self.payout(payout_id).attempts);
        self.give(&PROVIDER, RecordPayoutPaid { payout_id, rail: RAIL.into(), attempt, provider_object });
    }

    /// The money comes back, less `cost` minor units.
    pub(crate) fn give_back(&mut self, payout_id: PayoutId, cost: i64) {
        let amount = self.payout(payout_id).amount;
        let cost = amount.with_minor(cost.min(amount.minor())).unwrap();
        let reason = word("account_closed");
        self.give(&PROVIDER, ReturnPayout { payout_id, rail: RAIL.into(), reason, cost });
    }
}

/// The ways in which a step may go.
pub(crate) const HOW: usize = 12;
