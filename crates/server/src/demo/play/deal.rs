//! What else happens to a contract: milestones that come later, parts of their money, pauses, and the house's hand.

use super::super::cast::{CHANGES, FREEZES};
use super::super::script::Chance;
use super::super::stories::Deal;
use super::{Giver, Scene, said};
use crate::wire::Failure;
use domain::contract::{
    AgreeMilestone, AgreeMove, FreezeFunds, PartiallyRelease, PauseContract, PayBonus, ProposeMilestone,
    ReleaseEarly, Rest, TerminateContract,
};
use domain::deposit::PaymentMethod;
use domain::money::Money;
use domain::proposal::Party;
use domain::text::Text;
use domain::{Command, Role};

impl Scene<'_> {
    /// Who gives the command.
    pub(super) fn dealer(deal: Deal, side: impl Fn(Party) -> Giver) -> Giver {
        match deal {
            Deal::Propose(by, ..) | Deal::Pause(by) => side(by),
            Deal::Agree(..) | Deal::ReleasePart(..) | Deal::ReleaseEarly(_) | Deal::Bonus(..) => {
                side(Party::Client)
            }
            Deal::AgreeMove(_) => side(Party::Talent),
            Deal::Freeze(_) | Deal::Terminate => Giver::Person("compliance", Role::Compliance),
        }
    }

    /// The command.
    pub(super) fn deal(&self, deal: Deal, chance: &mut Chance) -> Result<Command, Failure> {
        let contract_id = self.contract()?;
        Ok(match deal {
            Deal::Propose(_, title, amount) => {
                ProposeMilestone { contract_id, title: Text::parse(title)?, amount: self.money(amount)? }
                    .into()
            }
            Deal::Agree(index) => AgreeMilestone { contract_id, milestone_id: self.milestone(index)? }.into(),
            Deal::Pause(_) => PauseContract { contract_id }.into(),
            Deal::ReleasePart(index, amount, to) => {
                let milestone_id = self.milestone(index)?;
                let (amount, rest) = (self.money(amount)?, Rest::RolledForward(self.milestone(to)?));
                let reasons = Some(said(CHANGES, chance)?);
                PartiallyRelease { contract_id, milestone_id, amount, rest, reasons }.into()
            }
            Deal::AgreeMove(index) => AgreeMove { contract_id, milestone_id: self.milestone(index)? }.into(),
            Deal::ReleaseEarly(index) => {
                ReleaseEarly { contract_id, milestone_id: self.milestone(index)? }.into()
            }
            Deal::Bonus(title, amount) => {
                let (title, amount) = (Text::parse(title)?, self.money(amount)?);
                let payment_method = PaymentMethod::parse("pm_card")?;
                PayBonus { contract_id, title, amount, rail: self.rail, payment_method }.into()
            }
            Deal::Freeze(index) => {
                let (milestone_id, reason) = (self.milestone(index)?, said(FREEZES, chance)?);
                FreezeFunds { contract_id, milestone_id, reason }.into()
            }
            Deal::Terminate => TerminateContract { contract_id, reason: said(FREEZES, chance)? }.into(),
        })
    }

    /// An amount in the story's currency.
    pub(super) fn money(&self, amount: &str) -> Result<Money, Failure> {
        Ok(Money::parse(amount, self.story.terms.0)?)
    }
}
