//! Milestones: work, its review, what is agreed about the money, and what the house freezes.

use super::fees::{Price, Slice};
use super::owed::Owed;
use super::{Contract, Law, Model, Status, Told, days, known, known_mut, later, law};
use domain::contract::{
    BonusPromised, EarningsFrozen, EarningsUnfrozen, FundsMoveProposed, FundsUnfrozen, MilestoneDropProposed,
    MilestoneDropped, MilestoneEvent, MilestonePartiallyReleased, MilestoneProposed,
    MilestoneRefundRequested, MilestoneRevised, Rest, WorkSubmitted,
};
use domain::id::{ContractId, DepositId, DisputeId, LotId, MilestoneId, WorkId};
use domain::proposal::Party;

/// A milestone.
#[derive(Debug)]
pub(crate) struct Milestone {
    pub(crate) contract: ContractId,
    pub(crate) amount: i128,
    pub(crate) bonus: bool,
    pub(crate) status: Status,
    /// Who proposed it, while it is proposed; or who would do without it.
    pub(crate) proposer: Option<Party>,
    pub(crate) drops: Option<Party>,
    /// Where it goes back to when the refund request is withdrawn.
    pub(crate) prior: Status,
    /// Where it goes back to when the dispute is withdrawn, and since when it is disputed.
    pub(super) interrupted: Option<(Status, i64)>,
    /// Client fee and tax that the client paid.
    pub(super) charge: (i128, i128),
    pub(crate) deposit: Option<DepositId>,
    pub(super) funded_by: Option<DepositId>,
    pub(crate) dispute: Option<DisputeId>,
    /// Since when the award waits to be executed.
    pub(super) awarded: Option<i64>,
    work: Option<WorkId>,
    /// When the open window ends.
    pub(super) due: i64,
    pub(super) held_since: i64,
    pub(crate) waits_since: i64,
    /// Since when the house has frozen its money.
    pub(crate) frozen: Option<i64>,
    pub(crate) moves: Option<(MilestoneId, i128)>,
    pub(super) charged: Slice,
    pub(crate) granted: Slice,
    pub(super) flow: Flow,
    pub(crate) lots: Vec<Lot>,
}

/// All that came in, was earned and went back, of the amount and of the charge beside it.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) into: (i128, i128),
    pub(super) out: (i128, i128),
}

/// Earnings of one release.
#[derive(Debug)]
pub(crate) struct Lot {
    pub(crate) id: LotId,
    pub(crate) gross: i128,
    pub(super) net: i128,
    pub(super) clears: i64,
    pub(crate) status: Status,
    /// Since when its clock stands still.
    pub(super) stopped: i64,
}

impl Milestone {
    pub(super) fn new(contract: ContractId, amount: i128, status: Status) -> Self {
        Self {
            contract,
            amount,
            bonus: false,
            status,
            proposer: None,
            drops: None,
            prior: "Funded",
            interrupted: None,
            charge: (0, 0),
            deposit: None,
            funded_by: None,
            dispute: None,
            awarded: None,
            work: None,
            due: 0,
            held_since: 0,
            waits_since: 0,
            frozen: None,
            moves: None,
            charged: Slice::default(),
            granted: Slice::default(),
            flow: Flow::default(),
            lots: Vec::new(),
        }
    }

    /// When silence decides about it, its money can be held no longer, an award is executed or earnings clear.
    pub(super) fn due(&self, holding_days: u16) -> Option<i64> {
        let own = match self.status {
            _ if self.frozen.is_some() => None,
            "Submitted" | "RefundRequested" => Some(self.due),
            "Funded" if self.bonus => Some(self.held_since),
            "Funded" | "ChangesRequested" => Some(days(self.held_since, holding_days)),
            "Disputed" => self.awarded,
            _ => None,
        };
        let lots = self.lots.iter().filter(|lot| lot.status == "OnHold").map(|lot| lot.clears);
        own.into_iter().chain(lots).min()
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.status, "Resolved" | "Released" | "Refunded" | "Cancelled")
    }

    /// What its fees depend on.
    pub(super) fn price(&self, contract: &Contract) -> Price {
        Price { rates: contract.fees, amount: self.amount, charge: self.charge, charged: self.charged }
    }

    /// What of the released money the talent has not given back.
    pub(crate) fn grantable(&self) -> i128 {
        self.charged.gross - self.granted.gross
    }

    pub(super) fn is(&self, states: &[Status]) -> Law {
        law(states.contains(&self.status), format!("not from {}", self.status))
    }

    pub(super) fn moves_freely(&self) -> Law {
        law(self.frozen.is_none(), "what the house has frozen doesn't move")
    }

    fn reviewed(&self, work: WorkId) -> Law {
        self.is(&["Submitted"])?;
        law(self.work == Some(work), "work that waits is reviewed")
    }
}

impl Model {
    pub(super) fn on_milestone(&mut self, event: &MilestoneEvent, told: Told<'_>) -> Law {
        match event {
            MilestoneEvent::Agreed(e) => {
                self.debts.must(Owed::Milestone(e.contract_id, e.amount))?;
                let milestone = Milestone::new(e.contract_id, i128::from(e.amount.minor()), "Agreed");
                self.begin(e.milestone_id, e.number, milestone)
            }
            MilestoneEvent::Proposed(e) => self.on_proposed(e, told),
            MilestoneEvent::BonusPromised(e) => self.on_bonus(e, told),
            MilestoneEvent::ProposalAgreed(_)
            | MilestoneEvent::DropProposed(_)
            | MilestoneEvent::Dropped(_)
            | MilestoneEvent::Revised(_)
            | MilestoneEvent::Cancelled(_) => self.on_plan(event, told),
            MilestoneEvent::WorkSubmitted(_)
            | MilestoneEvent::ChangesRequested(_)
            | MilestoneEvent::Approved(_)
            | MilestoneEvent::PartiallyReleased(_)
            | MilestoneEvent::ReleasedEarly(_) => self.on_work(event, told),
            MilestoneEvent::RefundRequested(e) => self.on_asked_back(e, told),
            MilestoneEvent::RefundRequestWithdrawn(e) => {
                let contract = known(&self.contracts, &e.contract_id)?;
                told.by(&[contract.client])?;
                law(!contract.winds_up, "what winds up isn't taken back")?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.is(&["RefundRequested"])?;
                milestone.status = milestone.prior;
                Ok(())
            }
            MilestoneEvent::MoveProposed(e) => self.on_move(e, told),
            MilestoneEvent::MoveDropped(e) => {
                told.by(&known(&self.contracts, &e.contract_id)?.parties())?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.is(&["Funded", "ChangesRequested"])?;
                law(milestone.moves.take().is_some(), "nobody wants its money to move")
            }
            MilestoneEvent::FundsFrozen(_)
            | MilestoneEvent::FundsUnfrozen(_)
            | MilestoneEvent::EarningsFrozen(_)
            | MilestoneEvent::EarningsUnfrozen(_) => self.on_frost(event, told),
        }
    }

    /// A milestone comes to its contract.
    fn begin(&mut self, id: MilestoneId, number: u16, milestone: Milestone) -> Law {
        let contract = known_mut(&mut self.contracts, &milestone.contract)?;
        contract.milestones.push(id);
        law(usize::from(number) == contract.milestones.len(), "milestones count without a gap")?;
        law(milestone.amount > 0, "a milestone has an amount")?;
        law(self.milestones.insert(id, milestone).is_none(), "a milestone begins once")
    }

    fn on_proposed(&mut self, e: &MilestoneProposed, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        told.by(&[contract.side(e.proposer)])?;
        law(contract.takes_work(), "what goes on takes new work")?;
        let mut milestone = Milestone::new(e.contract_id, Self::minor(contract, e.amount)?, "Proposed");
        milestone.proposer = Some(e.proposer);
        self.begin(e.milestone_id, e.number, milestone)
    }

    fn on_bonus(&mut self, e: &BonusPromised, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        told.by(&[contract.client])?;
        law(contract.status() == "Ended", "a bonus comes after the end")?;
        law(told.at <= days(contract.ended, contract.windows.bonus_days), "a bonus has its window")?;
        let mut milestone = Milestone::new(e.contract_id, Self::minor(contract, e.amount)?, "Agreed");
        milestone.bonus = true;
        self.debts.owe(Owed::Deposit(e.milestone_id));
        self.begin(e.milestone_id, e.number, milestone)
    }

    /// What becomes of a milestone that nobody funded.
    fn on_plan(&mut self, event: &MilestoneEvent, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &event.contract_id())?;
        match event {
            MilestoneEvent::ProposalAgreed(e) => {
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.is(&["Proposed"])?;
                law(contract.takes_work(), "what goes on takes new work")?;
                let proposer = milestone.proposer.take().ok_or("nobody proposed it")?;
                milestone.status = "Agreed";
                told.by(&[contract.side(proposer.other())])
            }
            MilestoneEvent::DropProposed(MilestoneDropProposed { milestone_id, proposer, .. }) => {
                let milestone = known_mut(&mut self.milestones, milestone_id)?;
                milestone.is(&["Agreed"])?;
                told.by(&[contract.side(*proposer)])?;
                law(milestone.drops.replace(*proposer).is_none(), "one side proposes to drop it")
            }
            MilestoneEvent::Dropped(MilestoneDropped { milestone_id, .. }) => {
                let milestone = known_mut(&mut self.milestones, milestone_id)?;
                milestone.is(&["Proposed", "Agreed"])?;
                let dropper = milestone.drops.map(Party::other);
                let who = if milestone.status == "Proposed" { milestone.proposer } else { dropper };
                milestone.status = "Cancelled";
                told.by(&[contract.side(who.ok_or("nobody proposed to drop it")?)])
            }
            MilestoneEvent::Revised(MilestoneRevised { milestone_id, amount, .. }) => {
                self.debts.must(Owed::Revised(*milestone_id, *amount))?;
                let milestone = known_mut(&mut self.milestones, milestone_id)?;
                let Some(amount) = amount else { return milestone.is(&["Agreed", "Funded"]) };
                milestone.amount = Self::minor(contract, *amount)?;
                milestone.is(&["Agreed"])
            }
            MilestoneEvent::Cancelled(e) => {
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.is(&["Proposed", "Agreed", "Funding"])?;
                milestone.status = "Cancelled";
                if !self.debts.settles(Owed::Cancelled(e.milestone_id)) {
                    self.debts.owe(Owed::ContractCancelled(e.contract_id));
                }
                Ok(())
            }
            _ => Err("this is no plan".to_owned()),
        }
    }

    fn on_work(&mut self, event: &MilestoneEvent, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &event.contract_id())?;
        let (client, talent, windows) = (contract.client, contract.talent, contract.windows);
        match event {
            MilestoneEvent::WorkSubmitted(WorkSubmitted {
                milestone_id, work_id, review_ends_at, ..
            }) => {
                told.by(&[talent])?;
                let milestone = known_mut(&mut self.milestones, milestone_id)?;
                milestone.is(&["Funded", "ChangesRequested"])?;
                law(!milestone.bonus, "a bonus takes no work")?;
                let due = days(told.at, windows.review_days);
                law(review_ends_at.micros() == due, "a review takes the contract's window")?;
                (milestone.status, milestone.work, milestone.due) = ("Submitted", Some(*work_id), due);
                Ok(())
            }
            MilestoneEvent::ChangesRequested(e) => {
                told.by(&[client])?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.reviewed(e.work_id)?;
                (milestone.status, milestone.waits_since) = ("ChangesRequested", told.at);
                if contract.winds_up {
                    self.debts.owe(Owed::AskedBack(e.milestone_id));
                }
                Ok(())
            }
            MilestoneEvent::Approved(e) => {
                let held = self.escrowed(e.milestone_id)?;
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.reviewed(e.work_id)?;
                let silence = || milestone.moves_freely().and(told.by_time(milestone.due));
                told.by(&[client]).or_else(|_| silence())?;
                if milestone.frozen.is_some() {
                    milestone.status = "Approved";
                } else {
                    self.debts.owe(Owed::Released(e.milestone_id, held));
                }
                Ok(())
            }
            MilestoneEvent::PartiallyReleased(e) => self.on_partly(e, told),
            MilestoneEvent::ReleasedEarly(e) => {
                told.by(&[client])?;
                let held = self.escrowed(e.milestone_id)?;
                let milestone = known(&self.milestones, &e.milestone_id)?;
                milestone.is(&["Funded", "ChangesRequested"])?;
                milestone.moves_freely()?;
                self.debts.owe(Owed::Released(e.milestone_id, held));
                Ok(())
            }
            _ => Err("this is no work".to_owned()),
        }
    }

    fn on_partly(&mut self, e: &MilestonePartiallyReleased, told: Told<'_>) -> Law {
        let (id, held) = (e.milestone_id, self.escrowed(e.milestone_id)?);
        let contract = known(&self.contracts, &e.contract_id)?;
        told.by(&[contract.client])?;
        let milestone = known(&self.milestones, &id)?;
        milestone.reviewed(e.work_id)?;
        milestone.moves_freely()?;
        let gross = Self::minor(contract, e.amount)?;
        law(gross > 0 && gross < held, "a part is released")?;
        self.debts.owe(Owed::Released(id, gross));
        match e.rest {
            Rest::Kept | Rest::RolledForward(_) if contract.winds_up => self.debts.owe(Owed::AskedBack(id)),
            Rest::AskedBack => self.debts.owe(Owed::AskedBack(id)),
            Rest::Kept => {}
            Rest::RolledForward(to) => {
                let needs = known(&self.milestones, &to)?.amount;
                law(held - gross == needs, "the rest is all that the other needs")?;
                self.debts.owe(Owed::Moves(id, to));
            }
        }
        Ok(())
    }

    fn on_asked_back(&mut self, e: &MilestoneRefundRequested, told: Told<'_>) -> Law {
        let contract = known(&self.contracts, &e.contract_id)?;
        if !self.debts.settles(Owed::AskedBack(e.milestone_id)) {
            told.by(&[contract.client])?;
            law(e.reasons.is_some(), "who asks says why")?;
        }
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.is(&["Funded", "ChangesRequested"])?;
        let due = days(told.at, contract.windows.refund_answer_days);
        law(e.answer_by.micros() == due, "a refund is answered within the window")?;
        milestone.prior = milestone.status;
        (milestone.status, milestone.due) = ("RefundRequested", due);
        Ok(())
    }

    fn on_move(&mut self, e: &FundsMoveProposed, told: Told<'_>) -> Law {
        let held = self.escrowed(e.milestone_id)?;
        let contract = known(&self.contracts, &e.contract_id)?;
        told.by(&[contract.client])?;
        self.debts.settles(Owed::Moves(e.milestone_id, e.to));
        let to = known(&self.milestones, &e.to)?;
        law(to.contract == e.contract_id && to.status == "Agreed", "what nobody funded is funded so")?;
        let amount = Self::minor(contract, e.amount)?;
        law(amount == to.amount && amount <= held, "all that the other needs moves, and it is there")?;
        let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
        milestone.is(&["Funded", "ChangesRequested"])?;
        milestone.moves_freely()?;
        milestone.moves = Some((e.to, amount));
        Ok(())
    }

    /// What the house freezes, and lets go.
    fn on_frost(&mut self, event: &MilestoneEvent, told: Told<'_>) -> Law {
        let parties = known(&self.contracts, &event.contract_id())?.parties();
        told.by_house(&parties)?;
        match event {
            MilestoneEvent::FundsFrozen(e) => {
                self.debts.settles(Owed::FundsFrozen(e.milestone_id));
                let milestone = known_mut(&mut self.milestones, &e.milestone_id)?;
                milestone.is(&["Funded", "Submitted", "ChangesRequested", "RefundRequested", "Disputed"])?;
                law(milestone.frozen.replace(told.at).is_none(), "it is frozen once")
            }
            MilestoneEvent::FundsUnfrozen(e) => self.on_funds_unfrozen(e, told.at),
            MilestoneEvent::EarningsFrozen(EarningsFrozen { milestone_id, lot_id, .. }) => {
                let lot = self.lot(*milestone_id, *lot_id)?;
                law(lot.status == "OnHold", "what is on hold is frozen")?;
                (lot.status, lot.stopped) = ("Frozen", told.at);
                Ok(())
            }
            MilestoneEvent::EarningsUnfrozen(EarningsUnfrozen {
                milestone_id, lot_id, clears_at, ..
            }) => {
                let lot = self.lot(*milestone_id, *lot_id)?;
                law(lot.status == "Frozen", "what is frozen is let go")?;
                (lot.status, lot.clears) = ("OnHold", later(lot.clears, lot.stopped, told.at));
                law(clears_at.micros() == lot.clears, "its clock goes on where it stood")
            }
            _ => Err("nothing of this is frozen".to_owned()),
        }
    }

    fn on_funds_unfrozen(&mut self, e: &FundsUnfrozen, now: i64) -> Law {
        let (id, held) = (e.milestone_id, self.escrowed(e.milestone_id)?);
        let contract = known(&self.contracts, &e.contract_id)?;
        let milestone = known_mut(&mut self.milestones, &id)?;
        let since = milestone.frozen.take().ok_or("it is not frozen")?;
        let window = match milestone.status {
            "Submitted" => Some(contract.windows.review_days),
            "RefundRequested" => Some(contract.windows.refund_answer_days),
            _ => None,
        };
        if let Some(window) = window {
            // Of the window only what lies after its beginning stood still.
            let began = milestone.due - days(0, window);
            milestone.due = later(milestone.due, since.max(began), now);
        }
        let ends = window.map(|_| milestone.due);
        law(e.ends_at.map(domain::Timestamp::micros) == ends, "a clock goes on where it stood")?;
        if milestone.status != "Disputed" {
            milestone.waits_since = later(milestone.waits_since, since.max(milestone.waits_since), now);
        }
        match milestone.status {
            "Approved" => self.debts.owe(Owed::Released(id, held)),
            "Funded" if contract.winds_up => self.debts.owe(Owed::GivenBack(id)),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn lot(&mut self, milestone: MilestoneId, id: LotId) -> Result<&mut Lot, String> {
        let milestone = known_mut(&mut self.milestones, &milestone)?;
        milestone.lots.iter_mut().find(|lot| lot.id == id).ok_or_else(|| format!("{id} was never told of"))
    }
}
