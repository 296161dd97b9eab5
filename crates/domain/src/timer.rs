//! Timers as a function of state: what is due, when, and under which revision it was set.
//!
//! Nothing is scheduled or cancelled in the log. Whoever keeps the due table asks [`timers`] of every state that an
//! event changed; what [`firing`] makes of a timer is a command like any other, and its decision lets it go on only while
//! the state at the head still has that timer. So a stale row is harmless, and a timer fires once.

use crate::account::{HoldReason, LapsePayoutHold};
use crate::command::{Command, CommandKind};
use crate::contract::{
    AutoAgreeEnd, AutoAgreeRefund, AutoApproveMilestone, CancelUnfundedContract, ClearEarnings,
    RefundHeldMilestone, ReleaseBonus, SettleEnd,
};
use crate::deposit::ExpireDeposit;
use crate::dispute::{
    AutoEscalateDispute, DefaultDispute, ExecuteAward, FinalizeAward, LapseArbitrationOffer,
    LapseRecommendation, MissDisputeDeadline, SealEvidence,
};
use crate::id::{DisputeId, LotId, MilestoneId, PartyId, PayoutId, ProposalId, TypedId};
use crate::job::{AutoCloseJob, ExpireJob, LapseInvitation};
use crate::payout::{AutoApprovePayout, EscalatePayout, RetryPayout, SubmitPayout};
use crate::proposal::{CloseProposal, ExpireOffer, ExpireProposal};
use crate::refund::EscalateRefund;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::{State, StreamId};
use crate::time::Timestamp;

/// What happens by itself when a timer is due, and to what in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// An open job expires.
    ExpireJob,
    /// A job that was paused too long is closed.
    AutoCloseJob,
    /// An invitation lapses.
    LapseInvitation(PartyId),
    /// An unanswered offer expires.
    ExpireOffer,
    /// A proposal lapses on which nobody says anything.
    ExpireProposal,
    /// A proposal is closed whose job's search is over.
    CloseProposal(ProposalId),
    /// A contract that nobody funded is cancelled.
    CancelUnfundedContract,
    /// A deposit that nobody confirmed fails.
    ExpireDeposit,
    /// Submitted work that nobody reviewed is approved.
    AutoApproveMilestone(MilestoneId),
    /// A refund that the talent says nothing to is agreed.
    AutoAgreeRefund(MilestoneId),
    /// An end that the other side says nothing to is agreed.
    AutoAgreeEnd,
    /// A contract whose end is agreed, and that holds nothing, ends.
    SettleEnd,
    /// Money of a milestone goes back that was held for as long as it may be.
    RefundHeldMilestone(MilestoneId),
    /// A bonus whose money is there is released.
    ReleaseBonus(MilestoneId),
    /// Earnings on hold clear.
    ClearEarnings(LotId),
    /// A claim that the respondent says nothing to is decided for the opener.
    DefaultDispute,
    /// Negotiation that came to nothing goes to support.
    AutoEscalateDispute,
    /// No more evidence is heard.
    SealEvidence,
    /// Silence rejects a recommendation.
    LapseRecommendation,
    /// Nobody else pays for arbitration.
    LapseArbitrationOffer,
    /// Staff let a deadline pass.
    MissDisputeDeadline,
    /// A decision stands.
    FinalizeAward,
    /// What was agreed or decided in a dispute moves the milestone's money.
    ExecuteAward(MilestoneId),
    /// A refund that the provider doesn't confirm needs a person.
    EscalateRefund,
    /// A payout that needs no person's review is approved.
    AutoApprovePayout,
    /// A payout that failed is tried again.
    RetryPayout,
    /// A payout whose outcome stays unknown needs a person.
    EscalatePayout,
    /// A hold that was placed for a time lapses.
    LapsePayoutHold(HoldReason),
    /// A payout that waited for settled cash is sent.
    SubmitDelayedPayout(PayoutId),
}

impl TimerKind {
    /// The command that it gives.
    pub const fn command(self) -> CommandKind {
        match self {
            Self::ExpireJob => CommandKind::ExpireJob,
            Self::AutoCloseJob => CommandKind::AutoCloseJob,
            Self::LapseInvitation(_) => CommandKind::LapseInvitation,
            Self::ExpireOffer => CommandKind::ExpireOffer,
            Self::ExpireProposal => CommandKind::ExpireProposal,
            Self::CloseProposal(_) => CommandKind::CloseProposal,
            Self::CancelUnfundedContract => CommandKind::CancelUnfundedContract,
            Self::ExpireDeposit => CommandKind::ExpireDeposit,
            Self::AutoApproveMilestone(_) => CommandKind::AutoApproveMilestone,
            Self::AutoAgreeRefund(_) => CommandKind::AutoAgreeRefund,
            Self::AutoAgreeEnd => CommandKind::AutoAgreeEnd,
            Self::SettleEnd => CommandKind::SettleEnd,
            Self::RefundHeldMilestone(_) => CommandKind::RefundHeldMilestone,
            Self::ReleaseBonus(_) => CommandKind::ReleaseBonus,
            Self::ClearEarnings(_) => CommandKind::ClearEarnings,
            Self::DefaultDispute => CommandKind::DefaultDispute,
            Self::AutoEscalateDispute => CommandKind::AutoEscalateDispute,
            Self::SealEvidence => CommandKind::SealEvidence,
            Self::LapseRecommendation => CommandKind::LapseRecommendation,
            Self::LapseArbitrationOffer => CommandKind::LapseArbitrationOffer,
            Self::MissDisputeDeadline => CommandKind::MissDisputeDeadline,
            Self::FinalizeAward => CommandKind::FinalizeAward,
            Self::ExecuteAward(_) => CommandKind::ExecuteAward,
            Self::EscalateRefund => CommandKind::EscalateRefund,
            Self::AutoApprovePayout => CommandKind::AutoApprovePayout,
            Self::RetryPayout => CommandKind::RetryPayout,
            Self::EscalatePayout => CommandKind::EscalatePayout,
            Self::LapsePayoutHold(_) => CommandKind::LapsePayoutHold,
            Self::SubmitDelayedPayout(_) => CommandKind::SubmitPayout,
        }
    }

    /// What in the stream it is about, where the stream alone doesn't say: `mil_…`, `lot_…`, `pyo_…`, a hold's reason.
    pub fn subject(self) -> Option<String> {
        match self {
            Self::AutoApproveMilestone(id)
            | Self::AutoAgreeRefund(id)
            | Self::RefundHeldMilestone(id)
            | Self::ReleaseBonus(id)
            | Self::ExecuteAward(id) => Some(id.to_string()),
            Self::ClearEarnings(id) => Some(id.to_string()),
            Self::LapseInvitation(id) => Some(id.to_string()),
            Self::CloseProposal(id) => Some(id.to_string()),
            Self::SubmitDelayedPayout(id) => Some(id.to_string()),
            Self::LapsePayoutHold(reason) => Some(reason.as_str().to_owned()),
            Self::ExpireJob
            | Self::AutoCloseJob
            | Self::ExpireOffer
            | Self::ExpireProposal
            | Self::CancelUnfundedContract
            | Self::ExpireDeposit
            | Self::AutoAgreeEnd
            | Self::SettleEnd
            | Self::DefaultDispute
            | Self::AutoEscalateDispute
            | Self::SealEvidence
            | Self::LapseRecommendation
            | Self::LapseArbitrationOffer
            | Self::MissDisputeDeadline
            | Self::FinalizeAward
            | Self::EscalateRefund
            | Self::AutoApprovePayout
            | Self::RetryPayout
            | Self::EscalatePayout => None,
        }
    }

    /// Reads a kind from its command's name and its subject, empty where there is none.
    pub fn parse(command: &str, subject: &str) -> Option<Self> {
        let kind = match command {
            "autoApproveMilestone" => Self::AutoApproveMilestone(MilestoneId::parse(subject).ok()?),
            "autoAgreeRefund" => Self::AutoAgreeRefund(MilestoneId::parse(subject).ok()?),
            "lapseInvitation" => Self::LapseInvitation(PartyId::parse(subject).ok()?),
            "closeProposal" => Self::CloseProposal(ProposalId::parse(subject).ok()?),
            "refundHeldMilestone" => Self::RefundHeldMilestone(MilestoneId::parse(subject).ok()?),
            "executeAward" => Self::ExecuteAward(MilestoneId::parse(subject).ok()?),
            "releaseBonus" => Self::ReleaseBonus(MilestoneId::parse(subject).ok()?),
            "clearEarnings" => Self::ClearEarnings(LotId::parse(subject).ok()?),
            "submitPayout" => Self::SubmitDelayedPayout(PayoutId::parse(subject).ok()?),
            "lapsePayoutHold" => {
                let reason = HoldReason::ALL.iter().find(|reason| reason.as_str() == subject)?;
                Self::LapsePayoutHold(*reason)
            }
            other => {
                let plain = Self::PLAIN.iter().find(|kind| kind.command().as_str() == other)?;
                return subject.is_empty().then_some(*plain);
            }
        };
        Some(kind)
    }

    /// The kinds of which a state has at most one.
    const PLAIN: &'static [Self] = &[
        Self::ExpireJob,
        Self::AutoCloseJob,
        Self::ExpireOffer,
        Self::ExpireProposal,
        Self::CancelUnfundedContract,
        Self::ExpireDeposit,
        Self::AutoAgreeEnd,
        Self::SettleEnd,
        Self::DefaultDispute,
        Self::AutoEscalateDispute,
        Self::SealEvidence,
        Self::LapseRecommendation,
        Self::LapseArbitrationOffer,
        Self::MissDisputeDeadline,
        Self::FinalizeAward,
        Self::EscalateRefund,
        Self::AutoApprovePayout,
        Self::RetryPayout,
        Self::EscalatePayout,
    ];

    /// Why it will happen, for people.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ExpireJob => "the job has been open for as long as it may",
            Self::AutoCloseJob => "the job has been paused for as long as it may",
            Self::LapseInvitation(_) => "the talent did not answer the invitation in time",
            Self::ExpireOffer => "nobody answered the offer",
            Self::ExpireProposal => "nobody has said anything about the proposal",
            Self::CloseProposal(_) => "the search that the proposal answered is over",
            Self::CancelUnfundedContract => "nobody funded the contract",
            Self::ExpireDeposit => "the provider did not confirm the money in time",
            Self::AutoApproveMilestone(_) => "the client did not review the work in time",
            Self::AutoAgreeRefund(_) => "the talent did not answer the refund request in time",
            Self::AutoAgreeEnd => "the other side did not answer the end request in time",
            Self::SettleEnd => "the end is agreed and nothing is held any more",
            Self::RefundHeldMilestone(_) => "the provider may hold the milestone's money no longer",
            Self::ReleaseBonus(_) => "the money of the bonus is there",
            Self::ClearEarnings(_) => "the earnings have been on hold for as long as they must",
            Self::DefaultDispute => "the other side did not answer the claim in time",
            Self::AutoEscalateDispute => "negotiation has taken as long as it may",
            Self::SealEvidence => "the time for evidence is over",
            Self::LapseRecommendation => "the recommendation was not accepted in time",
            Self::LapseArbitrationOffer => "not both sides paid for arbitration in time",
            Self::MissDisputeDeadline => "nobody of the house decided in time",
            Self::FinalizeAward => "nobody appealed in time, or nobody decided the appeal",
            Self::ExecuteAward(_) => "the dispute is settled, or decided for good",
            Self::EscalateRefund => "the provider has not said what became of the refund",
            Self::AutoApprovePayout => "the payout needs nobody's review",
            Self::RetryPayout => "the last attempt failed for certain",
            Self::EscalatePayout => "the provider has not said what became of the payout",
            Self::LapsePayoutHold(_) => "the hold was placed for a time",
            Self::SubmitDelayedPayout(_) => "settled cash covers the payout now",
        }
    }
}

/// One timer. It fires only while the state still has it under this epoch, so a stale one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What is due.
    pub kind: TimerKind,
    /// When.
    pub due: Timestamp,
    /// The stream's revision that set it.
    pub epoch: u64,
}

/// The timers that are set in `state`.
pub fn timers(state: &State) -> Vec<Timer> {
    match state {
        State::Job(job) => job.timers(),
        State::Proposal(proposal) => proposal.timers(),
        State::Contract(contract) if is_planted(Sabotage::SkippedTimer) => {
            let kept = contract.timers().into_iter();
            kept.filter(|timer| !matches!(timer.kind, TimerKind::AutoApproveMilestone(_))).collect()
        }
        State::Contract(contract) => contract.timers(),
        State::Deposit(deposit) => deposit.timers(),
        State::Refund(refund) => refund.timers(),
        State::Payout(payout) => payout.timers(),
        State::Account(account) => account.timers(),
        State::Cash(cash) => cash.timers(),
        State::Dispute(dispute) => dispute.timers(),
        State::Marketplace(_) | State::Provider(_) | State::Process(_) => Vec::new(),
    }
}

/// The people whom a timer of this stream concerns.
pub fn concerns(stream: &StreamId, state: &State, kind: TimerKind) -> Vec<PartyId> {
    match (stream, state) {
        (_, State::Job(job)) => [job.client].into_iter().chain(job.concerned(kind)).collect(),
        (_, State::Proposal(proposal)) => vec![proposal.client, proposal.talent],
        (_, State::Contract(contract)) => vec![contract.client, contract.talent],
        (_, State::Deposit(deposit)) => vec![deposit.client],
        (_, State::Dispute(dispute)) => vec![dispute.opener, dispute.respondent],
        (_, State::Refund(refund)) => vec![refund.client],
        (_, State::Payout(payout)) => vec![payout.of.party_id],
        (StreamId::Account(party, _), _) => vec![*party],
        _ => Vec::new(),
    }
}

/// The command that a timer of `stream` gives when it is due; `None` for a timer that the stream can't have.
pub fn firing(stream: &StreamId, timer: &Timer) -> Option<Command> {
    let epoch = timer.epoch;
    if let StreamId::Dispute(id) = stream {
        return of_dispute(timer.kind, *id, epoch);
    }
    let command = match (timer.kind, stream) {
        (TimerKind::ExpireJob, StreamId::Job(job_id)) => ExpireJob { job_id: *job_id, epoch }.into(),
        (TimerKind::AutoCloseJob, StreamId::Job(job_id)) => AutoCloseJob { job_id: *job_id, epoch }.into(),
        (TimerKind::LapseInvitation(talent), StreamId::Job(job_id)) => {
            LapseInvitation { job_id: *job_id, talent, epoch }.into()
        }
        (TimerKind::CloseProposal(proposal_id), StreamId::Job(job_id)) => {
            CloseProposal { job_id: *job_id, proposal_id, epoch }.into()
        }
        (TimerKind::ExpireProposal, StreamId::Proposal(proposal_id)) => {
            ExpireProposal { proposal_id: *proposal_id, epoch }.into()
        }
        (TimerKind::ExpireOffer, StreamId::Proposal(proposal_id)) => {
            ExpireOffer { proposal_id: *proposal_id, epoch }.into()
        }
        (TimerKind::CancelUnfundedContract, StreamId::Contract(id)) => {
            CancelUnfundedContract { contract_id: *id, epoch }.into()
        }
        (TimerKind::AutoApproveMilestone(milestone_id), StreamId::Contract(id)) => {
            AutoApproveMilestone { contract_id: *id, milestone_id, epoch }.into()
        }
        (TimerKind::AutoAgreeRefund(milestone_id), StreamId::Contract(id)) => {
            AutoAgreeRefund { contract_id: *id, milestone_id, epoch }.into()
        }
        (TimerKind::AutoAgreeEnd, StreamId::Contract(id)) => AutoAgreeEnd { contract_id: *id, epoch }.into(),
        (TimerKind::SettleEnd, StreamId::Contract(id)) => SettleEnd { contract_id: *id, epoch }.into(),
        (TimerKind::RefundHeldMilestone(milestone_id), StreamId::Contract(id)) => {
            RefundHeldMilestone { contract_id: *id, milestone_id, epoch }.into()
        }
        (TimerKind::ReleaseBonus(milestone_id), StreamId::Contract(id)) => {
            ReleaseBonus { contract_id: *id, milestone_id, epoch }.into()
        }
        (TimerKind::ClearEarnings(lot_id), StreamId::Contract(id)) => {
            ClearEarnings { contract_id: *id, lot_id, epoch }.into()
        }
        (TimerKind::ExpireDeposit, StreamId::Deposit(id)) => ExpireDeposit { deposit_id: *id, epoch }.into(),
        (TimerKind::ExecuteAward(milestone_id), StreamId::Contract(id)) => {
            ExecuteAward { contract_id: *id, milestone_id, epoch }.into()
        }
        (TimerKind::EscalateRefund, StreamId::Refund(id)) => EscalateRefund { refund_id: *id, epoch }.into(),
        (TimerKind::AutoApprovePayout, StreamId::Payout(id)) => {
            AutoApprovePayout { payout_id: *id, epoch }.into()
        }
        (TimerKind::RetryPayout, StreamId::Payout(id)) => RetryPayout { payout_id: *id, epoch }.into(),
        (TimerKind::EscalatePayout, StreamId::Payout(id)) => EscalatePayout { payout_id: *id, epoch }.into(),
        (TimerKind::LapsePayoutHold(reason), StreamId::Account(party_id, currency)) => {
            LapsePayoutHold { party_id: *party_id, currency: *currency, reason, epoch }.into()
        }
        (TimerKind::SubmitDelayedPayout(payout_id), StreamId::Cash(_)) => SubmitPayout { payout_id }.into(),
        _ => return None,
    };
    Some(command)
}

/// The command of a dispute's timer.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds are no dispute's")]
fn of_dispute(kind: TimerKind, dispute_id: DisputeId, epoch: u64) -> Option<Command> {
    let command = match kind {
        TimerKind::DefaultDispute => DefaultDispute { dispute_id, epoch }.into(),
        TimerKind::AutoEscalateDispute => AutoEscalateDispute { dispute_id, epoch }.into(),
        TimerKind::SealEvidence => SealEvidence { dispute_id, epoch }.into(),
        TimerKind::LapseRecommendation => LapseRecommendation { dispute_id, epoch }.into(),
        TimerKind::LapseArbitrationOffer => LapseArbitrationOffer { dispute_id, epoch }.into(),
        TimerKind::MissDisputeDeadline => MissDisputeDeadline { dispute_id, epoch }.into(),
        TimerKind::FinalizeAward => FinalizeAward { dispute_id, epoch }.into(),
        _ => return None,
    };
    Some(command)
}

/// Lets a firing go on if `set`, the timers of the state at the head, has it, and `now` is not before its instant.
///
/// # Errors
/// [`Code::TimerStale`], or [`Code::TimerNotDue`], after which it can be fired again.
pub(crate) fn guard(set: &[Timer], kind: TimerKind, epoch: u64, now: Timestamp) -> Result<(), Refusal> {
    if is_planted(Sabotage::LostEpochGuard) {
        return Ok(());
    }
    let timer = set.iter().find(|timer| timer.kind == kind && timer.epoch == epoch);
    let timer = timer
        .ok_or_else(|| Refusal::new(Code::TimerStale, "the state has moved on since the timer was set"))?;
    if timer.due <= now {
        return Ok(());
    }
    Err(Refusal::new(Code::TimerNotDue, format!("it is due at {}", timer.due)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_command_and_subject() {
        let with_subject = [
            TimerKind::AutoApproveMilestone(MilestoneId::from_u128(1)),
            TimerKind::AutoAgreeRefund(MilestoneId::from_u128(2)),
            TimerKind::RefundHeldMilestone(MilestoneId::from_u128(5)),
            TimerKind::ReleaseBonus(MilestoneId::from_u128(6)),
            TimerKind::ExecuteAward(MilestoneId::from_u128(7)),
            TimerKind::ClearEarnings(LotId::from_u128(3)),
            TimerKind::SubmitDelayedPayout(PayoutId::from_u128(4)),
            TimerKind::LapsePayoutHold(HoldReason::NewPayee),
            TimerKind::LapseInvitation(PartyId::from_u128(5)),
            TimerKind::CloseProposal(ProposalId::from_u128(6)),
        ];
        for kind in TimerKind::PLAIN.iter().chain(&with_subject) {
            let subject = kind.subject().unwrap_or_default();
            assert_eq!(TimerKind::parse(kind.command().as_str(), &subject), Some(*kind));
        }
        assert_eq!(TimerKind::parse("expireJob", "mil_x"), None);
    }

    #[test]
    fn a_timer_fires_under_its_own_epoch_and_not_before_its_instant() {
        let at = Timestamp::from_micros;
        let set = [Timer { kind: TimerKind::ExpireJob, due: at(100), epoch: 3 }];
        let code = |kind, epoch, now| guard(&set, kind, epoch, at(now)).map_err(|refusal| refusal.code);
        assert_eq!(code(TimerKind::ExpireJob, 3, 100), Ok(()));
        assert_eq!(code(TimerKind::ExpireJob, 3, 99), Err(Code::TimerNotDue));
        assert_eq!(code(TimerKind::ExpireJob, 2, 100), Err(Code::TimerStale));
        assert_eq!(code(TimerKind::ExpireOffer, 3, 100), Err(Code::TimerStale));
    }
}
