//! What one event of an append demands of the rest of it: an approval its release, a claim its freeze.

use super::{Law, law};
use domain::dispute::FeeBearer;
use domain::id::{ContractId, DisputeId, JobId, MilestoneId, ProposalId};
use domain::money::Money;

/// Something that has still to come in the append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owed {
    /// An accepted offer makes its contract.
    Contract(ProposalId),
    /// What was offered, or added by an amendment, becomes a milestone.
    Milestone(ContractId, Money),
    /// An amendment's change is made.
    Revised(MilestoneId, Option<Money>),
    /// The last hire fills the job.
    Filled(JobId),
    /// A place that is free again opens the job.
    Reopened(JobId),
    /// The milestone of a contract that is over is cancelled.
    Cancelled(MilestoneId),
    /// The deposit of a bonus is given up, which is over with it.
    GivenUp(MilestoneId),
    /// Whose milestones are cancelled is cancelled itself.
    ContractCancelled(ContractId),
    /// What was approved, of this much escrow, is released.
    Released(MilestoneId, i128),
    /// What is held goes back.
    GivenBack(MilestoneId),
    /// What is held is asked back.
    AskedBack(MilestoneId),
    /// The rest of a partial release is to fund this one.
    Moves(MilestoneId, MilestoneId),
    /// The house freezes what a contract holds that it ends.
    FundsFrozen(MilestoneId),
    /// What a contract holds whose end is disputed is disputed.
    Disputed(MilestoneId),
    /// A claim freezes the money.
    Frozen(DisputeId),
    /// What was given up thaws.
    Thawed(DisputeId),
    /// Fees that were paid for arbitration go to whom they belong.
    FeesSettled(DisputeId, Option<FeeBearer>),
    /// With both fees paid the arbitration begins.
    Arbitration(DisputeId),
    /// What both sides accepted settles the dispute.
    Settled(DisputeId),
    /// What was agreed or decided moves the money.
    Award(DisputeId),
    /// A bonus is taken from the client's instrument.
    Deposit(MilestoneId),
}

/// All that is owed in an append.
#[derive(Debug, Default)]
pub(crate) struct Debts(Vec<Owed>);

impl Debts {
    /// `owed` has to come.
    pub(crate) fn owe(&mut self, owed: Owed) {
        self.0.push(owed);
    }

    /// Whether `owed` had to come; it has.
    pub(crate) fn settles(&mut self, owed: Owed) -> bool {
        let place = self.0.iter().position(|other| *other == owed);
        place.map(|place| self.0.remove(place)).is_some()
    }

    /// That `owed` had to come.
    pub(crate) fn must(&mut self, owed: Owed) -> Law {
        law(self.settles(owed), format!("nothing led to this: {owed:?}"))
    }

    /// That nothing is left at the end of an append.
    pub(crate) fn none_left(&mut self) -> Law {
        let left = std::mem::take(&mut self.0);
        law(left.is_empty(), format!("an append leaves out what must follow in it: {left:?}"))
    }
}
