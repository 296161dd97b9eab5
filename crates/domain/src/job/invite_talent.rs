//! InviteTalent: the client asks a talent to propose. The invitation is a word, not a right: it can be read by whom it
//! was sent to, lapses by time, and falls with the search.

use super::{InvitationLapsed, JobEvent, JobStatus, TalentInvited, moves};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{JobId, PartyId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use serde::Serialize;

/// Most invitations of one job that stand at once.
pub const INVITATIONS_MAX: usize = 100;

/// Invites a talent to propose.
#[derive(Clone, Debug, Serialize)]
pub struct InviteTalent {
    /// The job, which must be open.
    pub job_id: JobId,
    /// Who is invited.
    pub talent: PartyId,
}

/// Lets an invitation lapse, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct LapseInvitation {
    /// The job.
    pub job_id: JobId,
    /// Who was invited.
    pub talent: PartyId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &InviteTalent, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    job.is_of(&cx.actor)?;
    moves(job, (CommandKind::InviteTalent, Role::Client), JobStatus::Open)?;
    if command.talent == job.client {
        return Err(Refusal::new(Code::OwnJob, "nobody works for themselves").at("talent"));
    }
    if job.invitations.contains_key(&command.talent) {
        return Err(Refusal::new(Code::AlreadyRecorded, "the talent is invited already").at("talent"));
    }
    if job.invitations.len() >= INVITATIONS_MAX {
        let message = format!("{INVITATIONS_MAX} invitations stand: wait for answers");
        return Err(Refusal::new(Code::LimitReached, message).at("talent"));
    }
    let days = states.marketplace()?.policy.hiring.invitation_days;
    Ok(vec![Event::Job(JobEvent::TalentInvited(TalentInvited {
        job_id: job.id,
        talent: command.talent,
        expires_at: cx.now.plus_days(days),
    }))])
}

pub(crate) fn lapse(command: &LapseInvitation, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    guard(&job.timers(), TimerKind::LapseInvitation(command.talent), command.epoch, cx.now)?;
    moves(job, (CommandKind::LapseInvitation, Role::System), job.status())?;
    let lapsed = InvitationLapsed { job_id: job.id, talent: command.talent };
    Ok(vec![Event::Job(JobEvent::InvitationLapsed(lapsed))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PartyId;
    use crate::job::{CloseJob, PauseJob};
    use crate::scenario::hiring::{SUPPORT, job_in, remove};
    use crate::scenario::{CLIENT, JOB, OTHER_TALENT, STRANGER, SYSTEM, TALENT, Who, given, now};

    fn invite(who: Who) -> InviteTalent {
        InviteTalent { job_id: JOB, talent: who.party() }
    }

    fn timer(who: Who) -> TimerKind {
        TimerKind::LapseInvitation(who.party())
    }

    #[test]
    fn an_invitation_stands_for_the_policys_window_and_then_the_talent_can_be_invited_again() {
        let invited = given(job_in(JobStatus::Open)).then(CLIENT, invite(TALENT));
        invited.clone().when(CLIENT, invite(TALENT)).refused_at(Code::AlreadyRecorded, "talent");
        invited.clone().when(CLIENT, invite(OTHER_TALENT)).timer(timer(TALENT), now().plus_days(7));
        let lapse = LapseInvitation { job_id: JOB, talent: TALENT.party(), epoch: 3 };
        invited.clone().when(SYSTEM, lapse.clone()).refused(Code::TimerNotDue);
        let lapsed = invited.at(now().plus_days(7)).then(SYSTEM, lapse.clone());
        lapsed.clone().when(SYSTEM, lapse).refused(Code::TimerStale);
        lapsed.when(CLIENT, invite(TALENT)).timer(timer(TALENT), now().plus_days(14));
    }

    #[test]
    fn an_invitation_stands_while_the_job_is_paused_and_falls_with_the_search() {
        let invited = || given(job_in(JobStatus::Open)).then(CLIENT, invite(TALENT));
        invited().when(CLIENT, PauseJob { job_id: JOB }).timer(timer(TALENT), now().plus_days(7));
        invited().when(CLIENT, CloseJob { job_id: JOB }).no_timer(timer(TALENT));
        invited().when(SUPPORT, remove()).no_timer(timer(TALENT));
    }

    #[test]
    fn a_client_invites_others_to_their_own_open_job() {
        let open = || given(job_in(JobStatus::Open));
        open().when(CLIENT, invite(CLIENT)).refused_at(Code::OwnJob, "talent");
        open().when(STRANGER, invite(TALENT)).refused(Code::NotFound);
        given(job_in(JobStatus::Draft)).when(CLIENT, invite(TALENT)).refused(Code::WrongState);
    }

    #[test]
    fn a_job_has_no_more_invitations_than_it_can_keep() {
        let expires_at = now().plus_days(7);
        let sent = (0..INVITATIONS_MAX).map(|n| {
            let talent = PartyId::from_u128(1_000 + n as u128);
            Event::Job(JobEvent::TalentInvited(TalentInvited { job_id: JOB, talent, expires_at }))
        });
        let full = given(job_in(JobStatus::Open)).and(sent);
        full.when(CLIENT, invite(TALENT)).refused_at(Code::LimitReached, "talent");
    }
}
