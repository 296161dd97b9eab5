//! Money that comes in, and what goes back.

use super::owed::Owed;
use super::{Law, Model, Status, Told, known, known_mut, law, minutes};
use domain::deposit::{DepositEvent, DepositRequested, DepositUnmatched};
use domain::id::{ContractId, DepositId, MilestoneId, PartyId};
use domain::money::{Currency, Money};
use domain::refund::{RefundEvent, RefundRequested};
use domain::treasury::SettlementEvent;
use std::collections::BTreeMap;

/// A deposit.
#[derive(Debug)]
pub(crate) struct Deposit {
    contract: ContractId,
    milestone: MilestoneId,
    client: PartyId,
    amount: Money,
    pub(crate) status: Status,
    expires: i64,
    /// Per payment of the provider: captured, of it without a purpose, and sent back.
    payments: BTreeMap<String, (i128, i128, i128)>,
    /// The payment that funded the milestone.
    confirmed: Option<String>,
}

/// What of the payment that funded a milestone has not gone back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matched<'a> {
    object: &'a str,
    pub(crate) left: i128,
}

/// A refund.
#[derive(Debug)]
pub(crate) struct Refund {
    client: PartyId,
    amount: Money,
    pub(crate) status: Status,
    escalates: i64,
}

impl Refund {
    /// When a person has to look into it.
    pub(super) fn due(&self) -> Option<i64> {
        (self.status == "Acknowledged").then_some(self.escalates)
    }
}

impl Deposit {
    /// When it is given up.
    pub(super) fn due(&self) -> Option<i64> {
        self.is_pending().then_some(self.expires)
    }

    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.status, "Requested" | "Started" | "Acknowledged")
    }

    pub(super) fn matched(&self) -> Option<Matched<'_>> {
        let object = self.confirmed.as_deref()?;
        let (captured, _, back) = self.payments.get(object)?;
        Some(Matched { object, left: captured - back })
    }
}

impl Model {
    pub(super) fn on_deposit(&mut self, event: &DepositEvent, told: Told<'_>) -> Law {
        if let DepositEvent::Requested(e) = event {
            return self.on_deposit_requested(e, told);
        }
        if let DepositEvent::Unmatched(e) = event {
            return self.on_unmatched(e, told);
        }
        let deposit = known_mut(&mut self.deposits, &event.deposit_id())?;
        match event {
            DepositEvent::Requested(_) | DepositEvent::Unmatched(_) => Ok(()),
            DepositEvent::AttemptStarted(e) => {
                told.by_process("funding")?;
                law(
                    deposit.status == "Requested" && e.amount == deposit.amount,
                    "one call is claimed, for the amount",
                )?;
                deposit.status = "Started";
                Ok(())
            }
            DepositEvent::Acknowledged(_) => {
                told.by_process("funding")?;
                law(deposit.status == "Started", "what was ordered is acknowledged")?;
                deposit.status = "Acknowledged";
                Ok(())
            }
            DepositEvent::Confirmed(e) => {
                told.by_provider()?;
                law(deposit.is_pending(), "what is pending is confirmed")?;
                law(e.captured.currency() == deposit.amount.currency(), "in its currency")?;
                law(e.captured.minor() >= deposit.amount.minor(), "by its whole amount")?;
                deposit.status = "Confirmed";
                let captured = i128::from(e.captured.minor());
                deposit.confirmed = Some(e.provider_object.to_string());
                deposit.payments.insert(e.provider_object.to_string(), (captured, 0, 0));
                self.record_once(&e.rail, &e.provider_object)
            }
            DepositEvent::Failed(e) => {
                law(deposit.is_pending(), "what is pending fails")?;
                if told.is_time() && e.reason.as_str() == "expired" {
                    told.by_time(deposit.expires)?;
                }
                deposit.status = "Failed";
                self.give_up(e.milestone_id, e.deposit_id)
            }
            DepositEvent::Refunded(e) => {
                told.by_process("refunding")?;
                let payment =
                    deposit.payments.get_mut(e.provider_object.as_str()).ok_or("no such payment")?;
                let amount = i128::from(e.amount.minor());
                law(payment.1 == amount && amount > 0, "all that has no purpose goes back")?;
                payment.1 = 0;
                self.sent.push((e.refund_id, e.deposit_id, amount));
                let client = deposit.client;
                let lines = vec![("2600".to_owned(), amount), (format!("2400:{client}"), -amount)];
                self.books.post(&e.entry, e.amount.currency(), lines)
            }
        }
    }

    fn on_deposit_requested(&mut self, e: &DepositRequested, told: Told<'_>) -> Law {
        told.by(&[e.client])?;
        let charge = self.charge_on(e.milestone_id)?;
        let contract = known(&self.contracts, &e.contract_id)?;
        let bonus = self.debts.settles(Owed::Deposit(e.milestone_id));
        law(bonus || contract.takes_work(), "what goes on is funded")?;
        let due = minutes(told.at, contract.windows.card_funding_minutes);
        law(e.expires_at.micros() == due, "a card payment has its window")?;
        let price = Self::minor(contract, e.amount)?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        law(milestone.status == "Agreed" && milestone.bonus == bonus, "what is agreed is funded")?;
        law(price == milestone.amount + charge.0 + charge.1, "the charge comes on top")?;
        (milestone.status, milestone.deposit) = ("Funding", Some(e.deposit_id));
        let deposit = Deposit {
            contract: e.contract_id,
            milestone: e.milestone_id,
            client: e.client,
            amount: e.amount,
            status: "Requested",
            expires: due,
            payments: BTreeMap::new(),
            confirmed: None,
        };
        law(self.deposits.insert(e.deposit_id, deposit).is_none(), "a deposit begins once")
    }

    fn on_unmatched(&mut self, e: &DepositUnmatched, told: Told<'_>) -> Law {
        told.by_provider()?;
        let deposit = known_mut(&mut self.deposits, &e.deposit_id)?;
        law(
            (deposit.contract, deposit.milestone) == (e.contract_id, e.milestone_id),
            "it is its own milestone's",
        )?;
        let amount = i128::from(e.amount.minor());
        let object = e.provider_object.to_string();
        // What is left over beside a confirmed amount is of the same payment.
        let excess = deposit.payments.contains_key(&object);
        let payment = deposit.payments.entry(object).or_insert((amount, 0, 0));
        payment.1 += amount;
        law(payment.1 <= payment.0, "no more is without a purpose than was captured")?;
        if deposit.is_pending() {
            let short =
                e.amount.minor() < deposit.amount.minor() || e.amount.currency() != deposit.amount.currency();
            law(
                short
                    || self
                        .milestones
                        .get(&e.milestone_id)
                        .is_none_or(|m| m.deposit != Some(e.deposit_id) || m.status != "Funding"),
                "money that is awaited funds",
            )?;
        }
        if deposit.status != "Confirmed" {
            deposit.status = "Unmatched";
        }
        if !excess {
            self.record_once(&e.rail, &e.provider_object)?;
        }
        self.give_up(e.milestone_id, e.deposit_id)?;
        let lines = vec![("1100".to_owned(), amount), ("2600".to_owned(), -amount)];
        self.books.post(&e.entry, e.amount.currency(), lines)
    }

    /// A milestone that still waits for this deposit can be funded anew.
    fn give_up(&mut self, id: MilestoneId, deposit: DepositId) -> Law {
        let milestone = known_mut(&mut self.milestones, &id)?;
        if milestone.status == "Funding" && milestone.deposit == Some(deposit) {
            milestone.status = if milestone.bonus { "Cancelled" } else { "Agreed" };
            milestone.deposit = None;
        }
        self.debts.settles(Owed::GivenUp(id));
        Ok(())
    }

    fn on_refund_requested(&mut self, e: &RefundRequested, told: Told<'_>) -> Law {
        let amount = i128::from(e.amount.minor());
        let posted = self.sent.iter().position(|sent| *sent == (e.refund_id, e.deposit_id, amount));
        self.sent.swap_remove(posted.ok_or("nobody posted this refund")?);
        let deposit = known_mut(&mut self.deposits, &e.deposit_id)?;
        law(deposit.client == e.client, "money goes back to whom it came from")?;
        let matched = deposit.matched().is_some_and(|matched| matched.object == e.payment.as_str());
        law(
            matched || told.by_process("refunding").is_ok(),
            "escrow goes back on the payment that funded it",
        )?;
        let payment = deposit.payments.get_mut(e.payment.as_str()).ok_or("no such payment")?;
        payment.2 += amount;
        law(payment.2 <= payment.0, "no more goes back than was captured")?;
        let refund = Refund { client: e.client, amount: e.amount, status: "Requested", escalates: i64::MAX };
        law(self.refunds.insert(e.refund_id, refund).is_none(), "a refund begins once")
    }

    pub(super) fn on_refund(&mut self, event: &RefundEvent, told: Told<'_>) -> Law {
        if let RefundEvent::Requested(e) = event {
            return self.on_refund_requested(e, told);
        }
        let refund = known_mut(&mut self.refunds, &event.refund_id())?;
        let (amount, currency) = (i128::from(refund.amount.minor()), refund.amount.currency());
        let transit = format!("2400:{}", refund.client);
        let wallet = format!("2100:{}", refund.client);
        match event {
            RefundEvent::Requested(_) => Ok(()),
            RefundEvent::AttemptStarted(e) => {
                told.by_process("refunding")?;
                law(
                    refund.status == "Requested" && e.amount == refund.amount,
                    "one call is claimed, for the amount",
                )?;
                refund.status = "Started";
                Ok(())
            }
            RefundEvent::Acknowledged(e) => {
                told.by_process("refunding")?;
                law(refund.status == "Started", "what was ordered is acknowledged")?;
                (refund.status, refund.escalates) = ("Acknowledged", e.escalates_at.micros());
                Ok(())
            }
            RefundEvent::Confirmed(e) => {
                told.by_provider()?;
                law(
                    matches!(refund.status, "Started" | "Acknowledged" | "NeedsAttention"),
                    "what is away is confirmed",
                )?;
                refund.status = "Confirmed";
                self.record_once(&e.rail, &e.provider_object)?;
                self.books.post(&e.entry, currency, vec![(transit, amount), ("1100".to_owned(), -amount)])
            }
            RefundEvent::Failed(e) => {
                let from = match refund.status {
                    "Confirmed" => "1100".to_owned(),
                    "Started" | "Acknowledged" | "NeedsAttention" => transit,
                    other => return Err(format!("{other} doesn't fail")),
                };
                refund.status = "Failed";
                self.books.post(&e.entry, currency, vec![(from, amount), (wallet, -amount)])
            }
            RefundEvent::Escalated(_) => {
                told.by_time(refund.escalates)?;
                law(refund.status == "Acknowledged", "what is in transit is escalated")?;
                refund.status = "NeedsAttention";
                Ok(())
            }
        }
    }

    pub(super) fn on_settlement(&mut self, event: &SettlementEvent, told: Told<'_>) -> Law {
        told.by_provider()?;
        let SettlementEvent::Recorded(e) = event;
        self.record_once(&e.rail, &e.provider_object)?;
        let (gross, fee) = (i128::from(e.gross.minor()), i128::from(e.fee.minor()));
        let mut lines = cost(fee);
        lines.extend([("1010".to_owned(), gross - fee), ("1100".to_owned(), -gross)]);
        self.books.post(&e.entry, e.gross.currency(), lines)
    }

    /// What providers hold for us, by our books.
    pub(crate) fn clearing(&self, currency: Currency) -> i128 {
        self.books.total("1100", currency)
    }
}

/// A cost that was taken from trust, which the operator owes to it.
pub(super) fn cost(minor: i128) -> Vec<(String, i128)> {
    vec![("1510".to_owned(), minor), ("5100".to_owned(), minor), ("2710".to_owned(), -minor)]
}
