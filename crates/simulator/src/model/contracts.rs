//! Contracts, milestones, their money, and disputes about it.

use super::books::{proportion, share, tax};
use super::{Law, Model, Status, Told, days, known, known_mut, law};
use domain::contract::{ContractEvent, EscrowEvent, EscrowReleased, MilestoneEvent};
use domain::dispute::DisputeEvent;
use domain::id::{ContractId, DepositId, DisputeId, JobId, LotId, MilestoneId, PartyId, WorkId};
use domain::ledger::FeeQuote;
use domain::money::{Currency, Money};
use domain::policy::Windows;
use domain::proposal::Party;

/// A contract.
#[derive(Debug)]
pub(crate) struct Contract {
    pub(crate) job: JobId,
    pub(crate) client: PartyId,
    pub(crate) talent: PartyId,
    pub(crate) currency: Currency,
    fees: FeeQuote,
    windows: Windows,
    pub(crate) status: Status,
    unfunded_until: i64,
    /// Who asked for the end, and until when the other side answers.
    pub(crate) asked: Option<(Party, i64)>,
    pub(crate) agreed: bool,
    pub(crate) milestones: Vec<MilestoneId>,
    promised: Vec<Money>,
}

/// A milestone.
#[derive(Debug)]
pub(crate) struct Milestone {
    pub(crate) contract: ContractId,
    pub(crate) amount: i128,
    pub(crate) status: Status,
    /// Where it goes back to when an interruption ends.
    pub(crate) prior: Option<Status>,
    /// Client fee and tax that the client paid.
    charge: (i128, i128),
    pub(crate) deposit: Option<DepositId>,
    pub(crate) dispute: Option<DisputeId>,
    work: Option<WorkId>,
    due: i64,
    /// All that came in, went to the talent's side and went back, of the amount and of the charge.
    funded: (i128, i128),
    released: (i128, i128),
    refunded: (i128, i128),
    lots: Vec<(LotId, i64, bool)>,
}

impl Contract {
    /// The party on a side.
    pub(crate) fn side(&self, side: Party) -> PartyId {
        if side == Party::Client { self.client } else { self.talent }
    }
}

impl Milestone {
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.status, "Released" | "Refunded" | "Cancelled")
    }
}

impl Model {
    pub(super) fn on_contract(&mut self, event: &ContractEvent, told: Told<'_>) -> Law {
        if let ContractEvent::Created(e) = event {
            let offer = self.accepted(e)?;
            let until = days(told.at, e.windows.unfunded_days);
            law(e.unfunded_until.micros() == until, "a contract waits for funding for its window")?;
            let contract = Contract {
                job: e.job_id,
                client: e.client,
                talent: e.talent,
                currency: e.currency,
                fees: e.fees,
                windows: e.windows,
                status: "Created",
                unfunded_until: until,
                asked: None,
                agreed: false,
                milestones: Vec::new(),
                promised: offer.amounts,
            };
            return law(self.contracts.insert(e.contract_id, contract).is_none(), "a contract begins once");
        }
        let id = event.contract_id();
        let over = known(&self.contracts, &id)?.milestones.iter().all(|id| self.is_over(*id));
        let contract = known_mut(&mut self.contracts, &id)?;
        match event {
            ContractEvent::Created(_) => Ok(()),
            ContractEvent::Cancelled(e) => {
                told.by(&[contract.client, contract.talent]).or_else(|_| told.by_time(contract.unfunded_until))?;
                law(contract.status == "Created" && over, "only what was never funded is cancelled")?;
                contract.status = "Cancelled";
                let job = known_mut(&mut self.jobs, &e.job_id)?;
                law(contract.job == e.job_id && job.hires > 0, "the place goes back to the job that hired")?;
                job.hires -= 1;
                Ok(())
            }
            ContractEvent::EndRequested(e) => {
                told.by(&[contract.side(e.requester)])?;
                law(contract.status == "Active", "the end of what is active is asked for")?;
                let due = days(told.at, contract.windows.end_answer_days);
                law(e.answer_by.micros() == due, "an end is answered within the window")?;
                (contract.status, contract.asked) = ("Ending", Some((e.requester, due)));
                Ok(())
            }
            ContractEvent::EndWithdrawn(_) => {
                let (requester, _) = contract.asked.take().ok_or("nobody asked")?;
                told.by(&[contract.side(requester)])?;
                law(contract.status == "Ending" && !contract.agreed, "what is agreed isn't withdrawn")?;
                contract.status = "Active";
                Ok(())
            }
            ContractEvent::EndAgreed(_) => {
                let (requester, due) = contract.asked.ok_or("nobody asked")?;
                told.by(&[contract.side(requester.other())]).or_else(|_| told.by_time(due))?;
                law(contract.status == "Ending" && !contract.agreed, "an end is agreed once")?;
                contract.agreed = true;
                Ok(())
            }
            ContractEvent::Ended(_) => {
                told.by_time(i64::MIN)?;
                law(contract.agreed && over, "a contract ends when that is agreed and nothing is held")?;
                contract.status = "Ended";
                Ok(())
            }
        }
    }

    pub(super) fn on_milestone(&mut self, event: &MilestoneEvent, told: Told<'_>) -> Law {
        let contract = known_mut(&mut self.contracts, &event.contract_id())?;
        if let MilestoneEvent::Agreed(e) = event {
            let index = contract.milestones.len();
            law(usize::from(e.number) == index + 1, "milestones count without a gap")?;
            law(contract.promised.get(index) == Some(&e.amount), "a milestone is as it was offered")?;
            contract.milestones.push(e.milestone_id);
            let milestone = Milestone::agreed(e.contract_id, e.amount);
            return law(self.milestones.insert(e.milestone_id, milestone).is_none(), "a milestone begins once");
        }
        let (client, talent, windows, agreed) = (contract.client, contract.talent, contract.windows, contract.agreed);
        let milestones = &mut self.milestones;
        match event {
            MilestoneEvent::Agreed(_) => Ok(()),
            MilestoneEvent::WorkSubmitted(e) => {
                told.by(&[talent])?;
                let milestone = known_mut(milestones, &e.milestone_id)?;
                law(matches!(milestone.status, "Funded" | "ChangesRequested"), "work is for what is funded")?;
                let due = days(told.at, windows.review_days);
                law(e.review_ends_at.micros() == due, "a review takes the contract's window")?;
                (milestone.status, milestone.work, milestone.due) = ("Submitted", Some(e.work_id), due);
                Ok(())
            }
            MilestoneEvent::ChangesRequested(e) => {
                told.by(&[client])?;
                let milestone = known_mut(milestones, &e.milestone_id)?;
                law(milestone.status == "Submitted" && milestone.work == Some(e.work_id), "work that waits is sent back")?;
                (milestone.status, milestone.work) = ("ChangesRequested", None);
                Ok(())
            }
            MilestoneEvent::Approved(e) => {
                let milestone = known_mut(milestones, &e.milestone_id)?;
                told.by(&[client]).or_else(|_| told.by_time(milestone.due))?;
                law(milestone.status == "Submitted" && milestone.work == Some(e.work_id), "work that waits is approved")?;
                law(self.approved.replace(e.milestone_id).is_none(), "one approval in an append")
            }
            MilestoneEvent::RefundRequested(e) => {
                let milestone = known_mut(milestones, &e.milestone_id)?;
                law(e.reasons.is_some() || agreed, "only an agreed end asks without a word")?;
                if e.reasons.is_some() {
                    told.by(&[client])?;
                }
                law(matches!(milestone.status, "Funded" | "ChangesRequested"), "what is held without work is asked back")?;
                let due = days(told.at, windows.refund_answer_days);
                law(e.answer_by.micros() == due, "a refund is answered within the window")?;
                milestone.prior = Some(milestone.status);
                (milestone.status, milestone.due) = ("RefundRequested", due);
                Ok(())
            }
            MilestoneEvent::RefundRequestWithdrawn(e) => {
                told.by(&[client])?;
                let milestone = known_mut(milestones, &e.milestone_id)?;
                law(milestone.status == "RefundRequested", "only what was asked is withdrawn")?;
                milestone.status = milestone.prior.take().ok_or("it was interrupted nowhere")?;
                Ok(())
            }
            MilestoneEvent::Cancelled(e) => {
                let milestone = known_mut(milestones, &e.milestone_id)?;
                law(matches!(milestone.status, "Agreed" | "Funding"), "what is funded isn't cancelled")?;
                milestone.status = "Cancelled";
                Ok(())
            }
        }
    }

    pub(super) fn on_escrow(&mut self, event: &EscrowEvent, told: Told<'_>) -> Law {
        let id = event.contract_id();
        match event {
            EscrowEvent::Funded(e) => {
                told.by_provider()?;
                let contract = known_mut(&mut self.contracts, &id)?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                law(milestone.status == "Funding" && milestone.deposit == Some(e.deposit_id), "what waits is funded")?;
                let fee = share(contract.fees.client_fee, milestone.amount);
                let charge = (fee, tax(contract.fees.client_fee_tax, fee));
                law(
                    (i128::from(e.charge.fee), i128::from(e.charge.tax)) == charge,
                    format!("the client pays {charge:?} on top"),
                )?;
                law(i128::from(e.amount.minor()) == milestone.amount, "a milestone is funded whole")?;
                let deposit = known(&self.deposits, &e.deposit_id)?;
                law(deposit.status == "Confirmed", "a confirmed deposit funds")?;
                milestone.charge = charge;
                milestone.funded = (milestone.amount, charge.0 + charge.1);
                milestone.status = "Funded";
                if contract.status == "Created" {
                    contract.status = "Active";
                }
                let held = charge.0 + charge.1;
                let lines = vec![
                    ("1100".to_owned(), milestone.amount + held),
                    (escrow(id, e.milestone_id), -milestone.amount),
                    (charge_of(id, e.milestone_id), -held),
                ];
                let currency = contract.currency;
                self.books.post(&e.entry, currency, lines)?;
                self.conserved(e.milestone_id)
            }
            EscrowEvent::Released(e) => self.on_released(e, told),
            EscrowEvent::Refunded(e) => {
                let contract = known(&self.contracts, &id)?;
                let (currency, client) = (contract.currency, contract.client);
                let agreed = contract.agreed;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                match milestone.status {
                    "RefundRequested" => {
                        told.by(&[contract.talent]).or_else(|_| told.by_time(milestone.due))?;
                    }
                    "Funded" | "ChangesRequested" | "Submitted" if agreed => {}
                    "Funded" | "ChangesRequested" | "Submitted" => told.by(&[contract.talent])?,
                    other => return Err(format!("nothing goes back from {other}")),
                }
                let held = self.books.credit(&escrow(id, e.milestone_id), currency);
                let charge = self.books.credit(&charge_of(id, e.milestone_id), currency);
                law((i128::from(e.amount.minor()), i128::from(e.charge)) == (held, charge), "all that is held goes back")?;
                milestone.refunded = (milestone.refunded.0 + held, milestone.refunded.1 + charge);
                (milestone.status, milestone.prior) = ("Refunded", None);
                self.sent.push((e.refund_id, held + charge));
                let lines = vec![
                    (escrow(id, e.milestone_id), held),
                    (charge_of(id, e.milestone_id), charge),
                    (format!("2400:{client}"), -held - charge),
                ];
                self.books.post(&e.entry, currency, lines)?;
                self.conserved(e.milestone_id)
            }
            EscrowEvent::Frozen(e) => {
                let contract = known(&self.contracts, &id)?;
                told.by(&[contract.talent])?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                law(milestone.status == "RefundRequested", "a refused refund freezes")?;
                law(self.opened.take() == Some(e.dispute_id), "a freeze belongs to the dispute that it opens")?;
                (milestone.status, milestone.dispute) = ("Disputed", Some(e.dispute_id));
                let held = self.books.credit(&escrow(id, e.milestone_id), contract.currency);
                law(i128::from(e.amount.minor()) == held, "all that is held is frozen")?;
                let lines = vec![(escrow(id, e.milestone_id), held), (frozen(id, e.milestone_id), -held)];
                self.books.post(&e.entry, contract.currency, lines)
            }
            EscrowEvent::Unfrozen(e) => {
                let contract = known(&self.contracts, &id)?;
                told.by(&[contract.client])?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                law(milestone.status == "Disputed" && milestone.dispute == Some(e.dispute_id), "what is frozen thaws")?;
                law(known(&self.disputes, &e.dispute_id)?.2 == "Withdrawn", "it thaws with its dispute")?;
                milestone.status = milestone.prior.take().ok_or("it was interrupted nowhere")?;
                milestone.dispute = None;
                let held = self.books.credit(&frozen(id, e.milestone_id), contract.currency);
                let lines = vec![(frozen(id, e.milestone_id), held), (escrow(id, e.milestone_id), -held)];
                self.books.post(&e.entry, contract.currency, lines)
            }
            EscrowEvent::EarningsCleared(e) => {
                let contract = known(&self.contracts, &id)?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                let lot = milestone.lots.iter_mut().find(|(lot, _, _)| *lot == e.lot_id).ok_or("no such lot")?;
                told.by_time(lot.1)?;
                law(!std::mem::replace(&mut lot.2, true), "a lot clears once")?;
                let account = format!("2210:{}:{id}:{}", contract.talent, e.lot_id);
                let held = self.books.credit(&account, contract.currency);
                let lines = vec![(account, held), (format!("2200:{}", contract.talent), -held)];
                self.books.post(&e.entry, contract.currency, lines)
            }
        }
    }

    fn on_released(&mut self, e: &EscrowReleased, told: Told<'_>) -> Law {
        let id = e.contract_id;
        let contract = known(&self.contracts, &id)?;
        law(self.approved.take() == Some(e.milestone_id), "a release follows its approval")?;
        let held = self.books.credit(&escrow(id, e.milestone_id), contract.currency);
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        law(milestone.status == "Submitted", "what waits for review is released")?;
        law(i128::from(e.slice.gross) == held, "an approval releases all that is held")?;
        let due = days(told.at, contract.windows.clearing_days);
        law(e.clears_at.micros() == due && e.talent == contract.talent, "earnings clear after the window")?;
        let before = milestone.released.0;
        let now = before + held;
        let fee_on = |gross| share(contract.fees.talent_fee, gross);
        let tax_on = |gross| tax(contract.fees.talent_fee_tax, fee_on(gross));
        let (fee, levied) = (fee_on(now) - fee_on(before), tax_on(now) - tax_on(before));
        let (fee, levied) = (fee.min(held), levied.min(held - fee.min(held)));
        let whole = milestone.charge.0 + milestone.charge.1;
        let earned_by = |gross| proportion(whole, gross, milestone.amount);
        let taxed_by = |gross| proportion(milestone.charge.1, earned_by(gross), whole);
        let earned = earned_by(now) - earned_by(before);
        let client_tax = taxed_by(now) - taxed_by(before);
        milestone.released = (now, milestone.released.1 + earned);
        if now == milestone.amount {
            milestone.status = "Released";
        }
        milestone.lots.push((e.lot_id, due, false));
        let (fees, taxes) = (fee + earned - client_tax, levied + client_tax);
        let lines = vec![
            (escrow(id, e.milestone_id), held),
            (charge_of(id, e.milestone_id), earned),
            (format!("2210:{}:{id}:{}", contract.talent, e.lot_id), fee + levied - held),
            ("2700".to_owned(), -fees - taxes),
            ("1500".to_owned(), fees + taxes),
            ("4100".to_owned(), -fees),
            ("2500".to_owned(), -taxes),
        ];
        let currency = contract.currency;
        self.books.post(&e.entry, currency, lines)?;
        self.conserved(e.milestone_id)
    }

    pub(super) fn on_dispute(&mut self, event: &DisputeEvent, told: Told<'_>) -> Law {
        match event {
            DisputeEvent::Opened(e) => {
                told.by(&[e.respondent])?;
                let contract = known(&self.contracts, &e.contract_id)?;
                law((contract.client, contract.talent) == (e.opener, e.respondent), "a dispute is between the parties")?;
                let milestone = known(&self.milestones, &e.milestone_id)?;
                law(milestone.dispute.is_none(), "one dispute is open for a milestone")?;
                self.opened = Some(e.dispute_id);
                let dispute = (e.contract_id, e.milestone_id, "Negotiation");
                law(self.disputes.insert(e.dispute_id, dispute).is_none(), "a dispute begins once")
            }
            DisputeEvent::Withdrawn(e) => {
                let (contract, _, status) = known_mut(&mut self.disputes, &e.dispute_id)?;
                told.by(&[known(&self.contracts, contract)?.client])?;
                law(*status == "Negotiation", "what is over isn't withdrawn")?;
                *status = "Withdrawn";
                Ok(())
            }
        }
    }

    /// What came in is held, earned or gone back; and what is over holds nothing.
    fn conserved(&self, id: MilestoneId) -> Law {
        let milestone = known(&self.milestones, &id)?;
        let currency = known(&self.contracts, &milestone.contract)?.currency;
        let credit = |account: String| self.books.credit(&account, currency);
        let contract = milestone.contract;
        let held = credit(escrow(contract, id)) + credit(frozen(contract, id));
        let charge = credit(charge_of(contract, id));
        law(
            milestone.funded.0 == held + milestone.released.0 + milestone.refunded.0,
            format!("{id} lost or gained money"),
        )?;
        law(
            milestone.funded.1 == charge + milestone.released.1 + milestone.refunded.1,
            format!("{id} lost or gained client fee"),
        )?;
        law(!milestone.is_over() || (held, charge) == (0, 0), format!("{id} is over and holds {held} and {charge}"))
    }

    fn is_over(&self, milestone: MilestoneId) -> bool {
        self.milestones.get(&milestone).is_some_and(Milestone::is_over)
    }
}

impl Milestone {
    fn agreed(contract: ContractId, amount: Money) -> Self {
        Self {
            contract,
            amount: i128::from(amount.minor()),
            status: "Agreed",
            prior: None,
            charge: (0, 0),
            deposit: None,
            dispute: None,
            work: None,
            due: 0,
            funded: (0, 0),
            released: (0, 0),
            refunded: (0, 0),
            lots: Vec::new(),
        }
    }
}

fn escrow(contract: ContractId, milestone: MilestoneId) -> String {
    format!("2110:{contract}:{milestone}")
}

fn charge_of(contract: ContractId, milestone: MilestoneId) -> String {
    format!("2115:{contract}:{milestone}")
}

fn frozen(contract: ContractId, milestone: MilestoneId) -> String {
    format!("2120:{contract}:{milestone}")
}
