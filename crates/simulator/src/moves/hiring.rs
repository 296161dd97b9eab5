//! Jobs, proposals and offers.

use super::{Move, Moves, as_side, offered, one_of, text};
use crate::model::{Job, Model, Proposal};
use crate::people::{self, CLIENTS, TALENTS};
use domain::id::{JobId, ProposalId};
use domain::job::{
    ApproveJob, CloseJob, CreateJob, InviteTalent, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob,
    ResumeJob, ReviseJob, SubmitJob,
};
use domain::proposal::{
    AcceptOffer, CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, MakeOffer, Party,
    ReviseProposal, SaveProposal, ShortlistProposal, SubmitProposal, SubmitSavedProposal, WithdrawOffer,
    WithdrawProposal,
};
use domain::{Actor, Role};
use fastrand::Rng;

pub(super) fn create(dice: &mut Rng) -> Option<Move> {
    let command = CreateJob { title: text()?, description: text()?, headcount: dice.u16(1..3) };
    Some((people::client(people::party(dice.u128(CLIENTS))), command.into()))
}

/// Whether its search goes on.
pub(super) fn goes_on(job: &Job) -> bool {
    matches!(job.status, "Draft" | "InReview" | "Open" | "Paused")
}

/// Something about one of the `open` jobs, seldom about one that is over.
pub(super) fn on_jobs(model: &Model, open: &[JobId], dice: &mut Rng) -> Option<Move> {
    let over: Vec<JobId> = model.jobs.iter().filter(|(_, job)| !goes_on(job)).map(|(id, _)| *id).collect();
    let jobs = if dice.u8(..7) == 0 { &over } else { open };
    let id = one_of(dice, jobs)?;
    let job = model.jobs.get(&id)?;
    let proposals: Vec<ProposalId> =
        model.proposals.iter().filter(|(_, p)| p.job == id && p.is_open()).map(|(id, _)| *id).collect();
    if proposals.is_empty() || dice.u8(..4) == 0 {
        return on_job((id, job), dice)?.draw(dice);
    }
    let proposal_id = one_of(dice, &proposals)?;
    on_proposal((proposal_id, model.proposals.get(&proposal_id)?), job, dice)?.draw(dice)
}

fn on_job((job_id, job): (JobId, &Job), dice: &mut Rng) -> Option<Moves> {
    let mut moves = Moves::default();
    let (client, support) = (|| people::client(job.client), || people::office(Role::Support));
    let headcount = job.hires.max(1) + dice.u16(..3);
    let revise = ReviseJob { job_id, title: text()?, description: text()?, headcount };
    if job.status != "Removed" {
        moves.add(1, support(), RemoveJob { job_id, reasons: text()? });
    }
    if !matches!(job.status, "Removed" | "InReview" | "Paused") {
        moves.add(2, client(), revise);
    }
    match job.status {
        "Draft" => moves.add(20, client(), SubmitJob { job_id }),
        "InReview" => {
            moves.add(20, support(), ApproveJob { job_id });
            moves.add(6, support(), RejectJob { job_id, reasons: text()? });
        }
        "Open" => {
            moves.add(1, client(), PauseJob { job_id });
            moves.add(1, client(), CloseJob { job_id });
            open_to_talents(&mut moves, (job_id, job), dice);
        }
        "Paused" => {
            moves.add(8, client(), ResumeJob { job_id });
            moves.add(2, client(), CloseJob { job_id });
        }
        "Removed" => moves.add(20, support(), ReinstateJob { job_id }),
        _ if job.hires < job.headcount => moves.add(8, client(), ReopenJob { job_id }),
        _ => {}
    }
    Some(moves)
}

/// What an open job is for.
fn open_to_talents(moves: &mut Moves, (job_id, job): (JobId, &Job), dice: &mut Rng) {
    let party = people::party(dice.u128(TALENTS));
    if party == job.client {
        return;
    }
    let (client, talent) = (people::client(job.client), people::talent(party));
    if let Some(cover_letter) = text() {
        let saved = SaveProposal { job_id, cover_letter };
        moves.add(3, talent.clone(), saved);
    }
    if let Some(cover_letter) = text() {
        moves.add(14, talent, SubmitProposal { job_id, cover_letter });
    }
    if let Some(milestones) = offered(dice) {
        moves.add(4, client.clone(), MakeDirectOffer { job_id, talent: party, milestones });
    }
    if !job.invited.contains_key(&party) {
        moves.add(4, client, InviteTalent { job_id, talent: party });
    }
}

fn on_proposal((proposal_id, proposal): (ProposalId, &Proposal), job: &Job, dice: &mut Rng) -> Option<Moves> {
    let mut moves = Moves::default();
    let by = |side: Party| as_side(proposal.side(side), side);
    let (client, talent): (Actor, Actor) = (by(Party::Client), by(Party::Talent));
    let status = proposal.status;
    if matches!(status, "Draft" | "Submitted") {
        moves.add(1, talent.clone(), ReviseProposal { proposal_id, cover_letter: text()? });
    }
    if matches!(status, "Draft" | "Submitted" | "Shortlisted") {
        moves.add(1, talent.clone(), WithdrawProposal { proposal_id });
    }
    if status == "Draft" && job.status == "Open" {
        moves.add(8, talent, SubmitSavedProposal { proposal_id });
    }
    if status == "Submitted" {
        moves.add(4, client.clone(), ShortlistProposal { proposal_id });
    }
    if matches!(status, "Submitted" | "Shortlisted") {
        moves.add(1, client, DeclineProposal { proposal_id, reasons: text() });
        if job.status == "Open" {
            let milestones = offered(dice)?;
            moves.add(14, by(super::side(dice)), MakeOffer { proposal_id, milestones });
        }
    }
    if status == "Offered" {
        let offer = proposal.offer.as_ref()?;
        let (author, other) = (by(offer.author), by(offer.author.other()));
        let number = offer.number;
        moves.add(1, author, WithdrawOffer { proposal_id });
        moves.add(1, other.clone(), DeclineOffer { proposal_id, number, reasons: text() });
        if job.status == "Open" {
            moves.add(3, other.clone(), CounterOffer { proposal_id, number, milestones: offered(dice)? });
        }
        if job.has_room() {
            moves.add(20, other, AcceptOffer { proposal_id, number, terms_hash: offer.hash });
        }
    }
    Some(moves)
}
