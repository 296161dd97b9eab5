//! The longer way from a draft to a contract.

use super::super::cast::{LETTERS, OBJECTIONS, PARTINGS};
use super::super::script::Chance;
use super::super::stories::Search;
use super::{Giver, Scene, said};
use crate::wire::Failure;
use domain::job::{
    ApproveJob, CloseJob, InviteTalent, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob, ResumeJob,
    ReviseJob,
};
use domain::marketplace::PublishPolicy;
use domain::policy::{HiringRules, Policy};
use domain::proposal::{
    CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, Party, ReviseProposal, SaveProposal,
    ShortlistProposal, SubmitSavedProposal, WithdrawOffer, WithdrawProposal,
};
use domain::text::Text;
use domain::{Command, Role};

/// A policy under which support looks at every job.
pub(super) fn moderated() -> PublishPolicy {
    let hiring = HiringRules { moderation: true, ..HiringRules::default() };
    PublishPolicy { policy: Policy { hiring, ..Policy::default() } }
}

impl Scene<'_> {
    /// Who gives the command.
    pub(super) fn searcher(&self, search: Search, side: impl Fn(Party) -> Giver) -> Result<Giver, Failure> {
        Ok(match search {
            Search::Approve | Search::Reject | Search::Remove | Search::Reinstate => {
                Giver::Person("support", Role::Support)
            }
            Search::Revise(_)
            | Search::Invite
            | Search::Pause
            | Search::Resume
            | Search::Close
            | Search::Reopen
            | Search::Shortlist
            | Search::Decline
            | Search::DirectOffer => side(Party::Client),
            Search::Save | Search::Rewrite | Search::SubmitSaved | Search::Withdraw => side(Party::Talent),
            Search::TakeBack => side(self.offer()?.author),
            Search::Counter | Search::DeclineOffer => side(self.offer()?.author.other()),
        })
    }

    /// The command.
    pub(super) fn search(&self, search: Search, chance: &mut Chance) -> Result<Command, Failure> {
        let job_id = self.job()?;
        Ok(match search {
            Search::Approve => ApproveJob { job_id }.into(),
            Search::Reject => RejectJob { job_id, reasons: said(OBJECTIONS, chance)? }.into(),
            Search::Remove => RemoveJob { job_id, reasons: said(OBJECTIONS, chance)? }.into(),
            Search::Reinstate => ReinstateJob { job_id }.into(),
            Search::Revise(headcount) => {
                let (title, description) = (Text::parse(self.story.title)?, Text::parse(self.story.brief)?);
                ReviseJob { job_id, title, description, headcount }.into()
            }
            Search::Invite => InviteTalent { job_id, talent: self.talent()? }.into(),
            Search::Pause => PauseJob { job_id }.into(),
            Search::Resume => ResumeJob { job_id }.into(),
            Search::Close => CloseJob { job_id }.into(),
            Search::Reopen => ReopenJob { job_id }.into(),
            Search::Save => SaveProposal { job_id, cover_letter: said(LETTERS, chance)? }.into(),
            Search::DirectOffer => {
                MakeDirectOffer { job_id, talent: self.talent()?, milestones: self.terms()? }.into()
            }
            Search::Rewrite
            | Search::SubmitSaved
            | Search::Withdraw
            | Search::Shortlist
            | Search::Decline
            | Search::Counter
            | Search::TakeBack
            | Search::DeclineOffer => self.negotiate(search, chance)?,
        })
    }

    fn negotiate(&self, search: Search, chance: &mut Chance) -> Result<Command, Failure> {
        let proposal_id = self.proposal()?;
        let number = || self.offer().map(|offer| offer.number);
        Ok(match search {
            Search::Rewrite => ReviseProposal { proposal_id, cover_letter: said(LETTERS, chance)? }.into(),
            Search::SubmitSaved => SubmitSavedProposal { proposal_id }.into(),
            Search::Withdraw => WithdrawProposal { proposal_id }.into(),
            Search::Shortlist => ShortlistProposal { proposal_id }.into(),
            Search::Decline => DeclineProposal { proposal_id, reasons: Some(said(PARTINGS, chance)?) }.into(),
            Search::Counter => {
                CounterOffer { proposal_id, number: number()?, milestones: self.terms()? }.into()
            }
            Search::TakeBack => WithdrawOffer { proposal_id }.into(),
            Search::DeclineOffer => {
                DeclineOffer { proposal_id, number: number()?, reasons: Some(said(PARTINGS, chance)?) }.into()
            }
            other => return Err(format!("{other:?} is about no proposal").into()),
        })
    }
}
