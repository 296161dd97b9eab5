//! Jobs: what they say, the search for people, and what support takes away.

use super::hiring::Job;
use super::owed::{Debts, Owed};
use super::{Law, Told, days, law};
use domain::job::JobEvent;
use domain::policy::HiringRules;

/// When something is told of a job, and what the policy then says.
pub(super) struct Now<'a> {
    pub(super) told: Told<'a>,
    pub(super) open_until: i64,
    pub(super) grace_until: i64,
    pub(super) rules: HiringRules,
}

/// What a job says, and whether support lets it open.
pub(super) fn written(job: &mut Job, event: &JobEvent, now: &Now<'_>, debts: &mut Debts) -> Law {
    match event {
        JobEvent::Revised(e) => {
            job.own(now.told)?;
            job.is(&["Draft", "Open", "Filled", "Closed", "Expired"])?;
            law(e.version == job.version + 1, "versions count without a gap")?;
            law(e.headcount >= job.hires.max(1), "nobody hired is revised away")?;
            (job.version, job.headcount) = (e.version, e.headcount);
            if job.status == "Open" && job.hires > 0 && job.hires == job.headcount {
                debts.owe(Owed::Filled(e.job_id));
            }
            Ok(())
        }
        JobEvent::Submitted(e) => {
            job.own(now.told)?;
            job.is(&["Draft"])?;
            law(
                e.expires_at.is_none() == now.rules.moderation,
                "support looks at it where the policy says so",
            )?;
            let Some(until) = e.expires_at else {
                job.status = "InReview";
                return Ok(());
            };
            job.opens(until.micros(), now.open_until)
        }
        JobEvent::Approved(e) => {
            job.staff(now.told)?;
            job.is(&["InReview"])?;
            job.opens(e.expires_at.micros(), now.open_until)
        }
        JobEvent::Rejected(_) => {
            job.staff(now.told)?;
            job.is(&["InReview"])?;
            job.status = "Draft";
            Ok(())
        }
        _ => Err("this is no draft's".to_owned()),
    }
}

/// The search for people.
pub(super) fn searched(job: &mut Job, event: &JobEvent, now: &Now<'_>, debts: &mut Debts) -> Law {
    match event {
        JobEvent::TalentInvited(e) => {
            job.own(now.told)?;
            job.is(&["Open"])?;
            let due = days(now.told.at, now.rules.invitation_days);
            law(
                e.expires_at.micros() == due && e.talent != job.client,
                "another is invited, for the window",
            )?;
            law(job.invited.insert(e.talent, due).is_none(), "an invitation stands once")
        }
        JobEvent::InvitationLapsed(e) => {
            job.is(&["Open", "Paused"])?;
            now.told.by_time(job.invited.remove(&e.talent).ok_or("nobody was invited")?)
        }
        JobEvent::Paused(e) => {
            job.own(now.told)?;
            job.is(&["Open"])?;
            law(e.closes_at.micros() == days(now.told.at, now.rules.paused_days), "a pause has its window")?;
            (job.status, job.until) = ("Paused", e.closes_at.micros());
            Ok(())
        }
        JobEvent::Resumed(e) => {
            job.own(now.told)?;
            job.is(&["Paused"])?;
            job.opens(e.expires_at.micros(), now.open_until)
        }
        JobEvent::Closed(e) => {
            job.is(&["Open", "Paused"])?;
            job.own(now.told).or_else(|_| now.told.by_time(job.until).and(job.is(&["Paused"])))?;
            job.ends("Closed", e.grace_ends_at.micros(), now.grace_until)
        }
        JobEvent::Filled(e) => {
            job.is(&["Open", "Paused"])?;
            debts.must(Owed::Filled(e.job_id))?;
            law(job.hires == job.headcount, "a job is filled by its last hire")?;
            job.ends("Filled", e.grace_ends_at.micros(), now.grace_until)
        }
        JobEvent::Expired(e) => {
            job.is(&["Open"])?;
            now.told.by_time(job.until)?;
            job.ends("Expired", e.grace_ends_at.micros(), now.grace_until)
        }
        JobEvent::Reopened(e) => {
            job.is(&["Filled", "Closed", "Expired"])?;
            if !debts.settles(Owed::Reopened(e.job_id)) {
                job.own(now.told)?;
            }
            law(job.hires < job.headcount, "a job opens when a place is free")?;
            job.opens(e.expires_at.micros(), now.open_until)
        }
        _ => Err("this is no search's".to_owned()),
    }
}

/// What support takes away, and puts back.
pub(super) fn taken_away(job: &mut Job, event: &JobEvent, now: &Now<'_>) -> Law {
    match event {
        JobEvent::Removed(e) => {
            job.staff(now.told)?;
            law(job.status != "Removed", "what is removed isn't removed again")?;
            job.prior = Some((job.status, job.until));
            job.ends("Removed", e.grace_ends_at.micros(), now.grace_until)
        }
        JobEvent::Reinstated(e) => {
            job.staff(now.told)?;
            job.is(&["Removed"])?;
            let (prior, until) = job.prior.take().ok_or("it was nothing before")?;
            let expected = match prior {
                "Open" => Some(now.open_until),
                "Paused" => Some(days(now.told.at, now.rules.paused_days)),
                _ => None,
            };
            law(
                e.until.map(domain::Timestamp::micros) == expected,
                "what goes on goes on for a whole window",
            )?;
            (job.status, job.until) = (prior, expected.unwrap_or(until));
            Ok(())
        }
        _ => Err("nobody took it away".to_owned()),
    }
}
