//! Commands on jobs and proposals.

use super::super::world::World;
use crate::Command;
use crate::job::{
    ApproveJob, CloseJob, InviteTalent, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob, ResumeJob,
    ReviseJob, SubmitJob,
};
use crate::proposal::{
    AcceptOffer, CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, MakeOffer, ReviseProposal,
    SaveProposal, ShortlistProposal, SubmitProposal, SubmitSavedProposal, TermsHash, WithdrawOffer,
    WithdrawProposal,
};
use crate::scenario::{TALENT, create_job, make_offer, terms_hash, text, usd};

/// What the milestones of an offer cost.
const AMOUNTS: [i64; 2] = [250_000, 50_000];

pub(super) fn samples(world: &World) -> Vec<Command> {
    let mut samples = jobs(world);
    samples.extend(proposals(world));
    samples
}

fn jobs(world: &World) -> Vec<Command> {
    let job_id = world.job();
    let revise =
        |headcount| -> Command { ReviseJob { job_id, title: text(), description: text(), headcount }.into() };
    vec![
        create_job(1).into(),
        revise(1),
        revise(2),
        SubmitJob { job_id }.into(),
        ApproveJob { job_id }.into(),
        RejectJob { job_id, reasons: text() }.into(),
        InviteTalent { job_id, talent: TALENT.party() }.into(),
        PauseJob { job_id }.into(),
        ResumeJob { job_id }.into(),
        CloseJob { job_id }.into(),
        ReopenJob { job_id }.into(),
        RemoveJob { job_id, reasons: text() }.into(),
        ReinstateJob { job_id }.into(),
    ]
}

fn proposals(world: &World) -> Vec<Command> {
    let (job_id, proposal_id) = (world.job(), world.proposal());
    let (number, terms_hash) = on_the_table(world);
    let milestones = || make_offer(&AMOUNTS.map(usd)).milestones;
    vec![
        SaveProposal { job_id, cover_letter: text() }.into(),
        SubmitProposal { job_id, cover_letter: text() }.into(),
        SubmitSavedProposal { proposal_id }.into(),
        ReviseProposal { proposal_id, cover_letter: text() }.into(),
        WithdrawProposal { proposal_id }.into(),
        ShortlistProposal { proposal_id }.into(),
        DeclineProposal { proposal_id, reasons: Some(text()) }.into(),
        MakeOffer { proposal_id, milestones: milestones() }.into(),
        MakeDirectOffer { job_id, talent: TALENT.party(), milestones: milestones() }.into(),
        CounterOffer { proposal_id, number, milestones: milestones() }.into(),
        WithdrawOffer { proposal_id }.into(),
        DeclineOffer { proposal_id, number, reasons: Some(text()) }.into(),
        AcceptOffer { proposal_id, number, terms_hash }.into(),
    ]
}

/// The number and the hash of the offer that can be accepted.
fn on_the_table(world: &World) -> (u32, TermsHash) {
    let proposal = world.states.proposal(world.proposal()).ok();
    let offer = proposal.and_then(|proposal| proposal.offer());
    offer.map_or_else(|| (1, terms_hash(&[usd(1)])), |offer| (offer.number, offer.terms_hash))
}
