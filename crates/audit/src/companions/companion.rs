//! The facts of an event that follow from what its command recorded before; its fresh ids and its entry do not.

use domain::Event;
use domain::account::{AccountEvent, HoldReason};
use domain::contract::{ContractCreated, ContractEvent, EscrowEvent, MilestoneEvent};
use domain::deposit::{DepositEvent, ProviderObject, ProviderWord};
use domain::id::{ContractId, DepositId, DisputeId, JobId, MilestoneId, PartyId, PayoutId, ProposalId};
use domain::job::JobEvent;
use domain::money::{Currency, Money};
use domain::payout::PayoutEvent;
use domain::personal::Personal;
use domain::proposal::{Party, ProposalEvent};
use domain::refund::{RefundEvent, RefundRequested};
use domain::text::Title;

use super::disputes::of_dispute;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Companion {
    Contract(Box<ContractCreated>),
    ContractCancelled(ContractId),
    Milestone { contract: ContractId, number: u16, title: Personal<Title>, amount: Money },
    MilestoneCancelled(ContractId, MilestoneId),
    MilestoneRevised { milestone: MilestoneId, title: Option<Personal<Title>>, amount: Option<Money> },
    RefundAsked(ContractId, MilestoneId),
    MoveProposed { from: MilestoneId, to: MilestoneId },
    FundsFrozen(MilestoneId),
    Disputed(MilestoneId),
    BonusDeposit(MilestoneId, Money),
    OfferMade { proposal: ProposalId, number: u32, author: Party },
    JobFilled(JobId),
    JobReopened(JobId),
    Funded { contract: ContractId, milestone: MilestoneId, deposit: DepositId },
    Released { contract: ContractId, milestone: MilestoneId, gross: i64 },
    Refunded(ContractId, MilestoneId),
    Frozen(MilestoneId, DisputeId),
    Unfrozen(MilestoneId, DisputeId),
    AwardApplied(DisputeId),
    DisputeSettled(DisputeId),
    ArbitrationBegun(DisputeId),
    FeesSettled(DisputeId),
    DepositFailed { deposit: DepositId, reason: ProviderWord },
    Unmatched { deposit: DepositId, object: ProviderObject, amount: Money },
    RefundRequested(Box<RefundRequested>),
    HoldPlaced { account: (PartyId, Currency), reason: HoldReason, lapses: bool },
    PayoutHeld(PayoutId),
    PayoutReleased(PayoutId),
    PayoutFailed(PayoutId),
    PayoutCredited(PayoutId),
}

impl Companion {
    /// The companion that `event` can be.
    pub(super) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Contract(event) => of_contract(event),
            Event::Milestone(event) => of_milestone(event),
            Event::Proposal(ProposalEvent::OfferMade(e)) => {
                Some(Self::OfferMade { proposal: e.proposal_id, number: e.number, author: e.author })
            }
            Event::Job(event) => of_job(event),
            Event::Escrow(event) => of_escrow(event),
            Event::Deposit(DepositEvent::Requested(e)) => Some(Self::BonusDeposit(e.milestone_id, e.amount)),
            Event::Deposit(DepositEvent::Failed(e)) => {
                Some(Self::DepositFailed { deposit: e.deposit_id, reason: e.reason.clone() })
            }
            Event::Deposit(DepositEvent::Unmatched(e)) => Some(Self::Unmatched {
                deposit: e.deposit_id,
                object: e.provider_object.clone(),
                amount: e.amount,
            }),
            Event::Refund(RefundEvent::Requested(e)) => Some(Self::RefundRequested(Box::new(e.clone()))),
            Event::Account(AccountEvent::HoldPlaced(e)) => Some(Self::HoldPlaced {
                account: (e.party_id, e.currency),
                reason: e.reason,
                lapses: e.until.is_some(),
            }),
            Event::Dispute(event) => of_dispute(event),
            Event::Payout(event) => of_payout(event),
            Event::Deposit(
                DepositEvent::AttemptStarted(_)
                | DepositEvent::Acknowledged(_)
                | DepositEvent::Confirmed(_)
                | DepositEvent::Refunded(_),
            )
            | Event::Refund(
                RefundEvent::AttemptStarted(_)
                | RefundEvent::Acknowledged(_)
                | RefundEvent::Confirmed(_)
                | RefundEvent::Failed(_)
                | RefundEvent::Escalated(_),
            )
            | Event::Account(AccountEvent::HoldReleased(_))
            | Event::Marketplace(_)
            | Event::Proposal(_)
            | Event::Settlement(_)
            | Event::Process(_) => None,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Contract(_) => "contract.created with the terms of the offer",
            Self::ContractCancelled(_) => "contract.cancelled",
            Self::Milestone { .. } => "milestone.agreed with the amount on offer",
            Self::MilestoneCancelled(..) => "milestone.cancelled of each that was not funded",
            Self::MilestoneRevised { .. } => "milestone.revised as the amendment says",
            Self::RefundAsked(..) => "milestone.refund_requested of what goes back to work, or is asked back",
            Self::MoveProposed { .. } => "milestone.move_proposed of the rest",
            Self::Disputed(_) => "dispute.opened of each that holds money",
            Self::FundsFrozen(_) => "milestone.funds_frozen of each that holds money",
            Self::BonusDeposit(..) => "deposit.requested of the bonus",
            Self::OfferMade { .. } => "offer.made of the next number",
            Self::JobFilled(_) => "job.filled",
            Self::JobReopened(_) => "job.reopened",
            Self::Funded { .. } => "escrow.funded of its milestone",
            Self::Released { .. } => "escrow.released of its milestone, and of as much",
            Self::Refunded(..) => "escrow.refunded of each milestone that nobody worked on",
            Self::Frozen(..) => "escrow.frozen of its milestone",
            Self::Unfrozen(..) => "escrow.unfrozen of its milestone",
            Self::AwardApplied(_) => "escrow.award_applied of its milestone",
            Self::DisputeSettled(_) => "dispute.settled",
            Self::ArbitrationBegun(_) => "dispute.arbitration_begun",
            Self::FeesSettled(_) => "dispute.fees_settled",
            Self::DepositFailed { .. } => "deposit.failed of what was under way",
            Self::Unmatched { .. } => "deposit.unmatched with the excess",
            Self::RefundRequested(_) => "refund.requested of the same amount, the way that it came",
            Self::HoldPlaced { .. } => "account.hold_placed",
            Self::PayoutHeld(_) => "payout.held of each payout that waits",
            Self::PayoutReleased(_) => "payout.released of each payout that was held",
            Self::PayoutFailed(_) => "payout.failed",
            Self::PayoutCredited(_) => "payout.credited",
        }
    }
}

fn of_job(event: &JobEvent) -> Option<Companion> {
    match event {
        JobEvent::Filled(e) => Some(Companion::JobFilled(e.job_id)),
        JobEvent::Reopened(e) => Some(Companion::JobReopened(e.job_id)),
        JobEvent::Created(_)
        | JobEvent::Revised(_)
        | JobEvent::Submitted(_)
        | JobEvent::Approved(_)
        | JobEvent::Rejected(_)
        | JobEvent::TalentInvited(_)
        | JobEvent::InvitationLapsed(_)
        | JobEvent::Paused(_)
        | JobEvent::Resumed(_)
        | JobEvent::Closed(_)
        | JobEvent::Expired(_)
        | JobEvent::Removed(_)
        | JobEvent::Reinstated(_) => None,
    }
}

fn of_contract(event: &ContractEvent) -> Option<Companion> {
    match event {
        ContractEvent::Created(e) => Some(Companion::Contract(Box::new(e.clone()))),
        ContractEvent::Cancelled(e) => Some(Companion::ContractCancelled(e.contract_id)),
        ContractEvent::EndRequested(_)
        | ContractEvent::EndWithdrawn(_)
        | ContractEvent::EndAgreed(_)
        | ContractEvent::EndDisputed(_)
        | ContractEvent::Ended(_)
        | ContractEvent::AmendmentProposed(_)
        | ContractEvent::AmendmentAccepted(_)
        | ContractEvent::AmendmentRejected(_)
        | ContractEvent::AmendmentWithdrawn(_)
        | ContractEvent::Paused(_)
        | ContractEvent::Resumed(_)
        | ContractEvent::TerminationBegun(_)
        | ContractEvent::ReopenProposed(_)
        | ContractEvent::Reopened(_) => None,
    }
}

fn of_milestone(event: &MilestoneEvent) -> Option<Companion> {
    match event {
        MilestoneEvent::Agreed(e) => Some(Companion::Milestone {
            contract: e.contract_id,
            number: e.number,
            title: e.title.clone(),
            amount: e.amount,
        }),
        MilestoneEvent::Cancelled(e) => Some(Companion::MilestoneCancelled(e.contract_id, e.milestone_id)),
        MilestoneEvent::RefundRequested(e) => Some(Companion::RefundAsked(e.contract_id, e.milestone_id)),
        MilestoneEvent::Revised(e) => Some(Companion::MilestoneRevised {
            milestone: e.milestone_id,
            title: e.title.clone(),
            amount: e.amount,
        }),
        MilestoneEvent::MoveProposed(e) => Some(Companion::MoveProposed { from: e.milestone_id, to: e.to }),
        MilestoneEvent::FundsFrozen(e) => Some(Companion::FundsFrozen(e.milestone_id)),
        MilestoneEvent::WorkSubmitted(_)
        | MilestoneEvent::ChangesRequested(_)
        | MilestoneEvent::Approved(_)
        | MilestoneEvent::RefundRequestWithdrawn(_)
        | MilestoneEvent::Proposed(_)
        | MilestoneEvent::ProposalAgreed(_)
        | MilestoneEvent::DropProposed(_)
        | MilestoneEvent::Dropped(_)
        | MilestoneEvent::PartiallyReleased(_)
        | MilestoneEvent::ReleasedEarly(_)
        | MilestoneEvent::MoveDropped(_)
        | MilestoneEvent::FundsUnfrozen(_)
        | MilestoneEvent::BonusPromised(_)
        | MilestoneEvent::EarningsFrozen(_)
        | MilestoneEvent::EarningsUnfrozen(_) => None,
    }
}

fn of_escrow(event: &EscrowEvent) -> Option<Companion> {
    match event {
        EscrowEvent::Funded(e) => Some(Companion::Funded {
            contract: e.contract_id,
            milestone: e.milestone_id,
            deposit: e.deposit_id,
        }),
        EscrowEvent::Released(e) => Some(Companion::Released {
            contract: e.contract_id,
            milestone: e.milestone_id,
            gross: e.slice.gross,
        }),
        EscrowEvent::Refunded(e) => Some(Companion::Refunded(e.contract_id, e.milestone_id)),
        EscrowEvent::Frozen(e) => Some(Companion::Frozen(e.milestone_id, e.dispute_id)),
        EscrowEvent::Unfrozen(e) => Some(Companion::Unfrozen(e.milestone_id, e.dispute_id)),
        EscrowEvent::AwardApplied(e) => Some(Companion::AwardApplied(e.dispute_id)),
        EscrowEvent::EarningsCleared(_) | EscrowEvent::Moved(_) | EscrowEvent::EarningsRefunded(_) => None,
    }
}

fn of_payout(event: &PayoutEvent) -> Option<Companion> {
    match event {
        PayoutEvent::Held(e) => Some(Companion::PayoutHeld(e.of.payout_id)),
        PayoutEvent::Released(e) => Some(Companion::PayoutReleased(e.of.payout_id)),
        PayoutEvent::Failed(e) => Some(Companion::PayoutFailed(e.of.payout_id)),
        PayoutEvent::Credited(e) => Some(Companion::PayoutCredited(e.of.payout_id)),
        PayoutEvent::Requested(_)
        | PayoutEvent::Approved(_)
        | PayoutEvent::Delayed(_)
        | PayoutEvent::Submitted(_)
        | PayoutEvent::Acknowledged(_)
        | PayoutEvent::Escalated(_)
        | PayoutEvent::Resolved(_)
        | PayoutEvent::Paid(_)
        | PayoutEvent::Retried(_)
        | PayoutEvent::Returned(_)
        | PayoutEvent::Reversed(_)
        | PayoutEvent::Cancelled(_)
        | PayoutEvent::Rejected(_) => None,
    }
}
