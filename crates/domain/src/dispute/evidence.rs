//! SubmitEvidence, AskDisputeQuestion and SealEvidence: what both sides show, and what the mediator asks of them, while
//! it is open. Nothing that was handed in is ever changed.

use super::{
    ContentHash, Dispute, DisputeEvent, DisputeQuestionAsked, DisputeStatus, EVIDENCE_PER_SIDE_MAX,
    EvidenceSealed, EvidenceSubmitted, QUESTIONS_MAX, Rung, by_party, by_role, by_timer,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::DisputeId;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;
use crate::text::Prose;
use crate::timer::TimerKind;
use serde::Serialize;

/// Hands in evidence; the other side and staff read it.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitEvidence {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What it says.
    pub text: Prose,
    /// SHA-256 of a document that is kept elsewhere.
    pub attachment: Option<ContentHash>,
}

/// Asks both sides something.
#[derive(Clone, Debug, Serialize)]
pub struct AskDisputeQuestion {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What both sides read, and answer with evidence.
    pub question: Prose,
}

/// Ends the time for evidence, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct SealEvidence {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn submit(command: &SubmitEvidence, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let stands = states.dispute(command.dispute_id)?.status();
    let by = (CommandKind::SubmitEvidence, stands);
    let (dispute, author) = by_party(states, command.dispute_id, by, cx)?;
    dispute.hears()?;
    if dispute.evidence.of(author) >= EVIDENCE_PER_SIDE_MAX {
        let message = format!("each side hands in at most {EVIDENCE_PER_SIDE_MAX} pieces of evidence");
        return Err(Refusal::new(Code::CountOutOfRange, message));
    }
    let salt = cx.fresh_salt();
    Ok(vec![Event::Dispute(DisputeEvent::EvidenceSubmitted(EvidenceSubmitted {
        dispute_id: dispute.id,
        number: dispute.evidence.next(),
        author,
        text: Personal::Clear(command.text.clone()),
        attachment: command.attachment,
        salt,
        content_hash: ContentHash::of(&command.text, command.attachment, salt),
    }))])
}

pub(crate) fn ask(
    command: &AskDisputeQuestion,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let mediator = cx.actor.person_as(Role::Support)?;
    let by = (CommandKind::AskDisputeQuestion, Role::Support);
    let dispute = by_role(states, command.dispute_id, by, DisputeStatus::Mediation)?;
    dispute.neutral(mediator, Rung::Mediation)?;
    dispute.hears()?;
    if dispute.evidence.questions >= QUESTIONS_MAX {
        let message = format!("at most {QUESTIONS_MAX} questions are asked");
        return Err(Refusal::new(Code::CountOutOfRange, message));
    }
    Ok(vec![Event::Dispute(DisputeEvent::QuestionAsked(DisputeQuestionAsked {
        dispute_id: dispute.id,
        number: dispute.evidence.questions + 1,
        mediator,
        question: Personal::Clear(command.question.clone()),
    }))])
}

pub(crate) fn seal(command: &SealEvidence, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::SealEvidence, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, DisputeStatus::Mediation, cx)?;
    let days = dispute.rules(states)?.recommendation_business_days;
    Ok(vec![Event::Dispute(DisputeEvent::EvidenceSealed(EvidenceSealed {
        dispute_id: dispute.id,
        recommend_by: cx.now.plus_business_days(days),
    }))])
}

impl Dispute {
    /// That evidence is heard where it stands.
    ///
    /// # Errors
    /// [`Code::EvidenceSealed`].
    pub(crate) fn hears(&self) -> Result<(), Refusal> {
        let sealed = self.evidence.is_sealed && !is_planted(Sabotage::EvidenceAfterSealing);
        if self.status() == DisputeStatus::Mediation && sealed {
            return Err(Refusal::new(Code::EvidenceSealed, "the evidence is sealed"));
        }
        Ok(())
    }
}
