//! The table of commands: what each is called, who can reach it, which stream it is about, and what decides it.

use super::{Reach, provider};
use crate::account::{LapsePayoutHold, PlacePayoutHold, ReleasePayoutHold};
use crate::context::Context;
use crate::contract::{
    AcceptAmendment, AgreeEnd, AgreeMilestone, AgreeMove, AgreeRefund, ApproveMilestone, AutoAgreeEnd,
    AutoAgreeRefund, AutoApproveMilestone, CancelContract, CancelMilestone, CancelUnfundedContract,
    ClearEarnings, ConfirmDeposit, DemandRefund, DisputeEnd, DropMove, FreezeEarnings, FreezeFunds,
    FundMilestone, GrantRefund, MoveFunds, PartiallyRelease, PauseContract, PayBonus, ProposeAmendment,
    ProposeMilestone, RefundHeldMilestone, RefundMilestone, RejectAmendment, RejectRefund, ReleaseBonus,
    ReleaseEarly, ReopenContract, RequestChanges, RequestEnd, RequestRefund, ResumeContract, SettleEnd,
    SubmitWork, TerminateContract, UnfreezeEarnings, UnfreezeFunds, WithdrawAmendment, WithdrawEnd,
    WithdrawRefundRequest,
};
use crate::deposit::{AcknowledgeDeposit, ExpireDeposit, FailDeposit, RefundDeposit, StartDepositAttempt};
use crate::dispute::{
    AcceptRecommendation, AcceptSettlementOffer, AskDisputeQuestion, AutoEscalateDispute, ConcedeDispute,
    DecideAppeal, DecideSmallClaim, DefaultDispute, EscalateDispute, ExecuteAward, FileAppeal, FinalizeAward,
    IssueAward, IssueRecommendation, LapseArbitrationOffer, LapseRecommendation, MakeSettlementOffer,
    MissDisputeDeadline, OpenDispute, PayArbitrationFee, RejectRecommendation, RespondToDispute,
    ResumeDispute, SealEvidence, SubmitEvidence, SuspendDispute, WithdrawDispute,
};
use crate::event::Event;
use crate::job::{
    ApproveJob, AutoCloseJob, CloseJob, CreateJob, ExpireJob, InviteTalent, LapseInvitation, PauseJob,
    ReinstateJob, RejectJob, RemoveJob, ReopenJob, ResumeJob, ReviseJob, SubmitJob,
};
use crate::marketplace::{
    PauseProcess, PauseRail, PublishPolicy, RebuildReadModel, ResumeProcess, ResumeRail,
};
use crate::payout::{
    AcknowledgePayout, ApprovePayout, AutoApprovePayout, CancelPayout, EscalatePayout, FailPayout,
    RecordPayoutPaid, RejectPayout, RequestPayout, ResolvePayout, RetryPayout, ReturnPayout, ReversePayout,
    SubmitPayout,
};
use crate::proposal::{
    AcceptOffer, CloseProposal, CounterOffer, DeclineOffer, DeclineProposal, ExpireOffer, ExpireProposal,
    MakeDirectOffer, MakeOffer, ReviseProposal, SaveProposal, ShortlistProposal, SubmitProposal,
    SubmitSavedProposal, WithdrawOffer, WithdrawProposal,
};
use crate::refund::{AcknowledgeRefund, ConfirmRefund, EscalateRefund, FailRefund, StartRefundAttempt};
use crate::refusal::Refusal;
use crate::stream::{States, StreamId};
use crate::treasury::RecordSettlement;
use crate::{account, contract, deposit, dispute, job, marketplace, payout, proposal, refund, treasury};

commands! {
    /// Publishes a version of the marketplace's policy.
    PublishPolicy = "publishPolicy", Internal, |_| StreamId::Marketplace,
        marketplace::publish_policy::decide;
    /// Pauses a process.
    PauseProcess = "pauseProcess", People, |_| StreamId::Marketplace,
        marketplace::pause::process;
    /// Has a paused process go on.
    ResumeProcess = "resumeProcess", People, |_| StreamId::Marketplace,
        marketplace::pause::resume_process;
    /// Pauses the calls to a rail's provider.
    PauseRail = "pauseRail", People, |_| StreamId::Marketplace,
        marketplace::pause::rail;
    /// Has the calls to a rail's provider go on.
    ResumeRail = "resumeRail", People, |_| StreamId::Marketplace,
        marketplace::pause::resume_rail;
    /// Asks for a read model to be folded anew from the log.
    RebuildReadModel = "rebuildReadModel", People, |_| StreamId::Marketplace,
        marketplace::rebuild::decide;
    /// Creates a job as a draft.
    CreateJob = "createJob", People, |_| StreamId::Marketplace,
        job::create_job::decide;
    /// Writes a job anew.
    ReviseJob = "reviseJob", People, |c| StreamId::Job(c.job_id),
        job::revise_job::decide;
    /// Opens a job to proposals, or has support look at it first.
    SubmitJob = "submitJob", People, |c| StreamId::Job(c.job_id),
        job::submit_job::decide;
    /// Opens a job that support has looked at.
    ApproveJob = "approveJob", People, |c| StreamId::Job(c.job_id),
        job::moderation::approve;
    /// Sends a job back to its client.
    RejectJob = "rejectJob", People, |c| StreamId::Job(c.job_id),
        job::moderation::reject;
    /// Invites a talent to propose.
    InviteTalent = "inviteTalent", People, |c| StreamId::Job(c.job_id),
        job::invite_talent::decide;
    /// Lets an invitation lapse.
    LapseInvitation = "lapseInvitation", Internal, |c| StreamId::Job(c.job_id),
        job::invite_talent::lapse;
    /// Has a job take no proposals for a while.
    PauseJob = "pauseJob", People, |c| StreamId::Job(c.job_id),
        job::moves::pause;
    /// Has a paused job take proposals again.
    ResumeJob = "resumeJob", People, |c| StreamId::Job(c.job_id),
        job::moves::resume;
    /// Ends a search.
    CloseJob = "closeJob", People, |c| StreamId::Job(c.job_id),
        job::moves::close;
    /// Ends a search that was paused for too long.
    AutoCloseJob = "autoCloseJob", Internal, |c| StreamId::Job(c.job_id),
        job::moves::auto_close;
    /// Goes on with a search that was over.
    ReopenJob = "reopenJob", People, |c| StreamId::Job(c.job_id),
        job::moves::reopen;
    /// Takes a job away.
    RemoveJob = "removeJob", People, |c| StreamId::Job(c.job_id),
        job::moderation::remove;
    /// Puts a job back as it was.
    ReinstateJob = "reinstateJob", People, |c| StreamId::Job(c.job_id),
        job::moderation::reinstate;
    /// Ends a search that found nobody in time.
    ExpireJob = "expireJob", Internal, |c| StreamId::Job(c.job_id),
        job::expire_job::decide;
    /// Proposes oneself for a job.
    SubmitProposal = "submitProposal", People, |c| StreamId::Job(c.job_id),
        proposal::submit_proposal::decide;
    /// Begins a proposal that only the talent sees.
    SaveProposal = "saveProposal", People, |c| StreamId::Job(c.job_id),
        proposal::submit_proposal::save;
    /// Proposes what was saved.
    SubmitSavedProposal = "submitSavedProposal", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::submit_proposal::saved;
    /// Writes a proposal anew.
    ReviseProposal = "reviseProposal", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::revise_proposal::decide;
    /// Takes a proposal back.
    WithdrawProposal = "withdrawProposal", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::moves::withdraw;
    /// Keeps a proposal in view.
    ShortlistProposal = "shortlistProposal", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::moves::shortlist;
    /// Says no to a proposal.
    DeclineProposal = "declineProposal", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::moves::decline;
    /// Lets a proposal lapse on which nobody says anything.
    ExpireProposal = "expireProposal", Internal, |c| StreamId::Proposal(c.proposal_id),
        proposal::expire_proposal::expire;
    /// Closes a proposal whose job's search is over.
    CloseProposal = "closeProposal", Internal, |c| StreamId::Job(c.job_id),
        proposal::expire_proposal::close;
    /// Offers a contract to a talent who has not proposed.
    MakeDirectOffer = "makeDirectOffer", People, |c| StreamId::Job(c.job_id),
        proposal::make_direct_offer::decide;
    /// Offers a contract.
    MakeOffer = "makeOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::make_offer::decide;
    /// Answers an offer with another.
    CounterOffer = "counterOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::counter_offer::decide;
    /// Takes an offer back.
    WithdrawOffer = "withdrawOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::moves::withdraw_offer;
    /// Says no to an offer.
    DeclineOffer = "declineOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::moves::decline_offer;
    /// Accepts an offer, which makes the contract.
    AcceptOffer = "acceptOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::accept_offer::decide;
    /// Lets an offer lapse that nobody answered in time.
    ExpireOffer = "expireOffer", Internal, |c| StreamId::Proposal(c.proposal_id),
        proposal::expire_offer::decide;
    /// Cancels a contract that nobody funded.
    CancelContract = "cancelContract", People, |c| StreamId::Contract(c.contract_id),
        contract::cancel_contract::decide;
    /// Cancels a contract that nobody funded in time.
    CancelUnfundedContract = "cancelUnfundedContract", Internal, |c| StreamId::Contract(c.contract_id),
        contract::cancel_contract::unfunded;
    /// Asks for the contract's end.
    RequestEnd = "requestEnd", People, |c| StreamId::Contract(c.contract_id),
        contract::end_contract::request;
    /// Takes the request for the end back.
    WithdrawEnd = "withdrawEnd", People, |c| StreamId::Contract(c.contract_id),
        contract::end_contract::withdraw;
    /// Agrees to the end that the other side asked for.
    AgreeEnd = "agreeEnd", People, |c| StreamId::Contract(c.contract_id),
        contract::end_contract::agree;
    /// Agrees to an end that the other side says nothing to.
    AutoAgreeEnd = "autoAgreeEnd", Internal, |c| StreamId::Contract(c.contract_id),
        contract::end_contract::auto;
    /// Disputes what becomes of the money at the end that the other side asked for.
    DisputeEnd = "disputeEnd", People, |c| StreamId::Contract(c.contract_id),
        contract::dispute_end::decide;
    /// Ends a contract that holds nothing any more.
    SettleEnd = "settleEnd", Internal, |c| StreamId::Contract(c.contract_id),
        contract::end_contract::settle;
    /// Asks the client's payment instrument for the money of a milestone.
    FundMilestone = "fundMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::fund_milestone::decide;
    /// Claims the one call to the provider.
    StartDepositAttempt = "startDepositAttempt", Internal, |c| StreamId::Deposit(c.deposit_id),
        deposit::attempt::start;
    /// Records that the provider took the order.
    AcknowledgeDeposit = "acknowledgeDeposit", Internal, |c| StreamId::Deposit(c.deposit_id),
        deposit::attempt::acknowledge;
    /// Records that the provider captured the money.
    ConfirmDeposit = "confirmDeposit", Internal, |c| StreamId::Deposit(c.deposit_id),
        contract::confirm_deposit::decide;
    /// Records that the provider will not capture the money.
    FailDeposit = "failDeposit", Internal, |c| StreamId::Deposit(c.deposit_id),
        deposit::attempt::fail;
    /// Gives a deposit up that nobody confirmed in time.
    ExpireDeposit = "expireDeposit", Internal, |c| StreamId::Deposit(c.deposit_id),
        deposit::expire_deposit::decide;
    /// Sends back what was captured without a purpose.
    RefundDeposit = "refundDeposit", Internal, |c| StreamId::Deposit(c.deposit_id),
        deposit::refund_deposit::decide;
    /// Hands in work for a milestone.
    SubmitWork = "submitWork", People, |c| StreamId::Contract(c.contract_id),
        contract::submit_work::decide;
    /// Sends work back with reasons.
    RequestChanges = "requestChanges", People, |c| StreamId::Contract(c.contract_id),
        contract::request_changes::decide;
    /// Approves work and releases its escrow.
    ApproveMilestone = "approveMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::approve_milestone::decide;
    /// Approves work that nobody reviewed in time.
    AutoApproveMilestone = "autoApproveMilestone", Internal, |c| StreamId::Contract(c.contract_id),
        contract::approve_milestone::auto;
    /// Releases a part of a milestone's escrow.
    PartiallyRelease = "partiallyRelease", People, |c| StreamId::Contract(c.contract_id),
        contract::partially_release::partially;
    /// Releases a milestone's escrow before work is handed in.
    ReleaseEarly = "releaseEarly", People, |c| StreamId::Contract(c.contract_id),
        contract::partially_release::early;
    /// Wants the money of a milestone to fund another.
    MoveFunds = "moveFunds", People, |c| StreamId::Contract(c.contract_id),
        contract::move_funds::propose;
    /// Agrees to the move, which moves the money.
    AgreeMove = "agreeMove", People, |c| StreamId::Contract(c.contract_id),
        contract::move_funds::agree;
    /// Has the money stay where it is.
    DropMove = "dropMove", People, |c| StreamId::Contract(c.contract_id),
        contract::move_funds::decline;
    /// Takes the money of an overdue milestone back.
    DemandRefund = "demandRefund", People, |c| StreamId::Contract(c.contract_id),
        contract::demand_refund::demand;
    /// Sends a milestone's money back that was held for as long as it may be.
    RefundHeldMilestone = "refundHeldMilestone", Internal, |c| StreamId::Contract(c.contract_id),
        contract::demand_refund::held;
    /// Proposes a further milestone.
    ProposeMilestone = "proposeMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::propose_milestone::propose;
    /// Agrees to a milestone that the other side proposed.
    AgreeMilestone = "agreeMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::propose_milestone::agree;
    /// Does without a milestone that nobody funded.
    CancelMilestone = "cancelMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::propose_milestone::cancel;
    /// Freezes the money that a milestone holds.
    FreezeFunds = "freezeFunds", People, |c| StreamId::Contract(c.contract_id),
        contract::freeze_funds::freeze;
    /// Has the money that a milestone holds move again.
    UnfreezeFunds = "unfreezeFunds", People, |c| StreamId::Contract(c.contract_id),
        contract::freeze_funds::unfreeze;
    /// Keeps a lot of earnings on hold.
    FreezeEarnings = "freezeEarnings", People, |c| StreamId::Contract(c.contract_id),
        contract::freeze_earnings::freeze;
    /// Lets a lot of earnings go on to clear.
    UnfreezeEarnings = "unfreezeEarnings", People, |c| StreamId::Contract(c.contract_id),
        contract::freeze_earnings::unfreeze;
    /// Proposes to change what was agreed.
    ProposeAmendment = "proposeAmendment", People, |c| StreamId::Contract(c.contract_id),
        contract::amend_contract::propose;
    /// Accepts an amendment, which makes its changes.
    AcceptAmendment = "acceptAmendment", People, |c| StreamId::Contract(c.contract_id),
        contract::amend_contract::accept;
    /// Refuses an amendment.
    RejectAmendment = "rejectAmendment", People, |c| StreamId::Contract(c.contract_id),
        contract::amend_contract::reject;
    /// Takes an amendment back.
    WithdrawAmendment = "withdrawAmendment", People, |c| StreamId::Contract(c.contract_id),
        contract::amend_contract::withdraw;
    /// Has a contract begin nothing new.
    PauseContract = "pauseContract", People, |c| StreamId::Contract(c.contract_id),
        contract::pause_contract::pause;
    /// Has a paused contract go on.
    ResumeContract = "resumeContract", People, |c| StreamId::Contract(c.contract_id),
        contract::pause_contract::resume;
    /// Ends a contract for the house.
    TerminateContract = "terminateContract", People, |c| StreamId::Contract(c.contract_id),
        contract::terminate_contract::decide;
    /// Goes on after the end.
    ReopenContract = "reopenContract", People, |c| StreamId::Contract(c.contract_id),
        contract::reopen_contract::decide;
    /// Pays the talent a bonus after the end.
    PayBonus = "payBonus", People, |c| StreamId::Contract(c.contract_id),
        contract::pay_bonus::pay;
    /// Releases a bonus whose money is there.
    ReleaseBonus = "releaseBonus", Internal, |c| StreamId::Contract(c.contract_id),
        contract::pay_bonus::release;
    /// Gives released money back.
    GrantRefund = "grantRefund", People, |c| StreamId::Contract(c.contract_id),
        contract::grant_refund::decide;
    /// Clears a lot of earnings.
    ClearEarnings = "clearEarnings", Internal, |c| StreamId::Contract(c.contract_id),
        contract::clear_earnings::decide;
    /// Asks for a milestone's money back.
    RequestRefund = "requestRefund", People, |c| StreamId::Contract(c.contract_id),
        contract::refund_milestone::request;
    /// Takes a refund request back.
    WithdrawRefundRequest = "withdrawRefundRequest", People, |c| StreamId::Contract(c.contract_id),
        contract::refund_milestone::withdraw;
    /// Agrees to a refund.
    AgreeRefund = "agreeRefund", People, |c| StreamId::Contract(c.contract_id),
        contract::refund_milestone::agree;
    /// Agrees to a refund that the talent says nothing to.
    AutoAgreeRefund = "autoAgreeRefund", Internal, |c| StreamId::Contract(c.contract_id),
        contract::refund_milestone::auto;
    /// Refuses a refund, which opens a dispute.
    RejectRefund = "rejectRefund", People, |c| StreamId::Contract(c.contract_id),
        contract::reject_refund::decide;
    /// Gives a milestone's money back, unasked.
    RefundMilestone = "refundMilestone", People, |c| StreamId::Contract(c.contract_id),
        contract::refund_milestone::give_back;
    /// Claims a share of a milestone's money.
    OpenDispute = "openDispute", People, |c| StreamId::Contract(c.contract_id),
        dispute::open_dispute::decide;
    /// Answers a claim.
    RespondToDispute = "respondToDispute", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::respond_to_dispute::respond;
    /// Gives in to a claim.
    ConcedeDispute = "concedeDispute", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::respond_to_dispute::concede;
    /// Decides for the opener because the respondent said nothing.
    DefaultDispute = "defaultDispute", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::respond_to_dispute::default;
    /// Offers to settle a dispute.
    MakeSettlementOffer = "makeSettlementOffer", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::settlement::offer;
    /// Accepts the other side's offer to settle.
    AcceptSettlementOffer = "acceptSettlementOffer", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::settlement::accept;
    /// Takes a dispute to support.
    EscalateDispute = "escalateDispute", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::escalate_dispute::decide;
    /// Takes a dispute to support that was negotiated for as long as it may be.
    AutoEscalateDispute = "autoEscalateDispute", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::escalate_dispute::auto;
    /// Hands in evidence.
    SubmitEvidence = "submitEvidence", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::evidence::submit;
    /// Asks both sides of a dispute something.
    AskDisputeQuestion = "askDisputeQuestion", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::evidence::ask;
    /// Ends the time for evidence.
    SealEvidence = "sealEvidence", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::evidence::seal;
    /// Recommends how to divide what is disputed.
    IssueRecommendation = "issueRecommendation", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::recommendation::issue;
    /// Accepts the recommendation.
    AcceptRecommendation = "acceptRecommendation", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::recommendation::accept;
    /// Rejects the recommendation.
    RejectRecommendation = "rejectRecommendation", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::recommendation::reject;
    /// Takes silence on a recommendation for a no.
    LapseRecommendation = "lapseRecommendation", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::recommendation::lapse;
    /// Pays for arbitration.
    PayArbitrationFee = "payArbitrationFee", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::arbitration::pay;
    /// Decides a dispute for which not both sides paid.
    LapseArbitrationOffer = "lapseArbitrationOffer", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::arbitration::lapse;
    /// Decides a small claim from the documents.
    DecideSmallClaim = "decideSmallClaim", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::arbitration::decide_small_claim;
    /// Decides after arbitration.
    IssueAward = "issueAward", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::arbitration::award;
    /// Records that staff let a deadline pass.
    MissDisputeDeadline = "missDisputeDeadline", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::missed_deadline::decide;
    /// Has a decision looked at again.
    FileAppeal = "fileAppeal", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::appeal::file;
    /// Decides an appeal.
    DecideAppeal = "decideAppeal", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::appeal::decide;
    /// Lets a decision stand.
    FinalizeAward = "finalizeAward", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::appeal::finalize;
    /// Divides a milestone's money as was agreed or decided.
    ExecuteAward = "executeAward", Internal, |c| StreamId::Contract(c.contract_id),
        dispute::execute_award::decide;
    /// Lets a dispute rest while a chargeback is open.
    SuspendDispute = "suspendDispute", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::suspend_dispute::suspend;
    /// Has a dispute go on where it rested.
    ResumeDispute = "resumeDispute", Internal, |c| StreamId::Dispute(c.dispute_id),
        dispute::suspend_dispute::resume;
    /// Gives a dispute up.
    WithdrawDispute = "withdrawDispute", People, |c| StreamId::Dispute(c.dispute_id),
        dispute::withdraw_dispute::decide;
    /// Claims the one call to the provider.
    StartRefundAttempt = "startRefundAttempt", Internal, |c| StreamId::Refund(c.refund_id),
        refund::attempt::start;
    /// Records that the provider took the order.
    AcknowledgeRefund = "acknowledgeRefund", Internal, |c| StreamId::Refund(c.refund_id),
        refund::attempt::acknowledge;
    /// Records that the provider has sent the money back.
    ConfirmRefund = "confirmRefund", Internal, |c| StreamId::Refund(c.refund_id),
        refund::attempt::confirm;
    /// Records that the provider will not send the money back, or that it came back.
    FailRefund = "failRefund", Internal, |c| StreamId::Refund(c.refund_id),
        refund::attempt::fail;
    /// Has a person look into a refund.
    EscalateRefund = "escalateRefund", Internal, |c| StreamId::Refund(c.refund_id),
        refund::attempt::escalate;
    /// Places a hold on an account.
    PlacePayoutHold = "placePayoutHold", People, |c| StreamId::Account(c.party_id, c.currency),
        account::hold::place;
    /// Releases a hold on an account.
    ReleasePayoutHold = "releasePayoutHold", People, |c| StreamId::Account(c.party_id, c.currency),
        account::hold::release;
    /// Lets a hold lapse that was placed for a time.
    LapsePayoutHold = "lapsePayoutHold", Internal, |c| StreamId::Account(c.party_id, c.currency),
        account::hold::lapse;
    /// Asks for a payout.
    RequestPayout = "requestPayout", People, |c| StreamId::Account(c.party_id, c.amount.currency()),
        payout::request_payout::decide;
    /// Lets a payout go.
    ApprovePayout = "approvePayout", People, |c| StreamId::Payout(c.payout_id),
        payout::approve_payout::decide;
    /// Lets a payout go that needs nobody's review.
    AutoApprovePayout = "autoApprovePayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::approve_payout::auto;
    /// Takes a payout back.
    CancelPayout = "cancelPayout", People, |c| StreamId::Payout(c.payout_id),
        payout::end::cancel;
    /// Refuses a payout.
    RejectPayout = "rejectPayout", People, |c| StreamId::Payout(c.payout_id),
        payout::end::reject;
    /// Claims the one call of a payout's attempt.
    SubmitPayout = "submitPayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::submit_payout::decide;
    /// Records that the provider took the order.
    AcknowledgePayout = "acknowledgePayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::acknowledge;
    /// Has a person look into a payout.
    EscalatePayout = "escalatePayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::escalate;
    /// Records what a person found out about a payout.
    ResolvePayout = "resolvePayout", People, |c| StreamId::Payout(c.payout_id),
        payout::outcome::resolve;
    /// Records that the provider has sent the money.
    RecordPayoutPaid = "recordPayoutPaid", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::paid;
    /// Records that the provider did not send the money.
    FailPayout = "failPayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::fail;
    /// Records that the money came back.
    ReturnPayout = "returnPayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::returned;
    /// Records that the provider had paid in error.
    ReversePayout = "reversePayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::outcome::reversed;
    /// Begins a payout anew that failed.
    RetryPayout = "retryPayout", Internal, |c| StreamId::Payout(c.payout_id),
        payout::retry_payout::decide;
    /// Records that a provider settled what it had captured.
    RecordSettlement = "recordSettlement", Internal, |c| provider(&c.rail, &c.provider_object),
        treasury::record_settlement::decide;
}
