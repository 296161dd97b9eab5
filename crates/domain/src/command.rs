//! Commands: what somebody wants to happen. Each names the streams that its decision reads.

use crate::account::{Account, LapsePayoutHold, PlacePayoutHold, ReleasePayoutHold};
use crate::context::{Context, Role};
use crate::contract::{
    AgreeEnd, AgreeRefund, ApproveMilestone, AutoAgreeEnd, AutoAgreeRefund, AutoApproveMilestone,
    CancelContract, CancelUnfundedContract, ClearEarnings, ConfirmDeposit, Contract, FundMilestone,
    RefundMilestone, RejectRefund, RequestChanges, RequestEnd, RequestRefund, SettleEnd, SubmitWork,
    WithdrawEnd, WithdrawRefundRequest,
};
use crate::deposit::{
    AcknowledgeDeposit, ExpireDeposit, FailDeposit, ProviderObject, RefundDeposit, StartDepositAttempt,
};
use crate::dispute::WithdrawDispute;
use crate::event::Event;
use crate::job::{CreateJob, ExpireJob, SubmitJob};
use crate::marketplace::{
    PauseProcess, PauseRail, PublishPolicy, RebuildReadModel, ResumeProcess, ResumeRail,
};
use crate::payout::{
    AcknowledgePayout, ApprovePayout, AutoApprovePayout, CancelPayout, EscalatePayout, FailPayout, PayoutKey,
    RecordPayoutPaid, RejectPayout, RequestPayout, ResolvePayout, RetryPayout, ReturnPayout, ReversePayout,
    SubmitPayout,
};
use crate::proposal::{AcceptOffer, ExpireOffer, MakeOffer, SubmitProposal};
use crate::refund::{AcknowledgeRefund, ConfirmRefund, EscalateRefund, FailRefund, StartRefundAttempt};
use crate::refusal::Refusal;
use crate::stream::{State, States, StreamId};
use crate::treasury::RecordSettlement;
use crate::{account, contract, deposit, dispute, job, marketplace, payout, proposal, refund, treasury};

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $reach:ident, $primary:expr, $decide:path;)*) => {
        /// Anything that can be asked for. JSON (for the request's HMAC): `{"ApproveMilestone": {…}}`.
        #[derive(Clone, Debug, serde::Serialize)]
        pub enum Command {$(
            $(#[$doc])*
            $name($name),
        )*}

        /// The kinds of commands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind {$(
            $(#[$doc])*
            $name,
        )*}

        impl Command {
            /// Its kind.
            pub const fn kind(&self) -> CommandKind {
                match self { $(Self::$name(_) => CommandKind::$name,)* }
            }

            /// The decision of each command. Pure.
            pub(crate) fn decide(&self, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
                match self { $(Self::$name(command) => $decide(command, states, cx),)* }
            }

            /// The stream that the command is about; for a command that begins something, the stream that allows it.
            pub fn primary(&self) -> StreamId {
                match self {$(
                    Self::$name(command) => {
                        let primary: fn(&$name) -> StreamId = $primary;
                        primary(command)
                    }
                )*}
            }
        }

        impl CommandKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name, which is the GraphQL mutation's.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Who can reach it from outside.
            pub const fn reach(self) -> Reach {
                match self { $(Self::$name => Reach::$reach,)* }
            }
        }

        $(impl From<$name> for Command {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })*
    };
}

/// Whether a command is a mutation for people or internal to processes and providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A GraphQL mutation.
    People,
    /// Only processes, providers and the operator's command line.
    Internal,
}

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
    /// Opens a job to proposals.
    SubmitJob = "submitJob", People, |c| StreamId::Job(c.job_id),
        job::submit_job::decide;
    /// Ends a search that found nobody in time.
    ExpireJob = "expireJob", Internal, |c| StreamId::Job(c.job_id),
        job::expire_job::decide;
    /// Proposes oneself for a job.
    SubmitProposal = "submitProposal", People, |c| StreamId::Job(c.job_id),
        proposal::submit_proposal::decide;
    /// Offers a contract.
    MakeOffer = "makeOffer", People, |c| StreamId::Proposal(c.proposal_id),
        proposal::make_offer::decide;
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

#[expect(clippy::wildcard_enum_match_arm, reason = "most commands read their primary stream alone")]
impl Command {
    /// The further streams that the decision reads or its events join, which may follow from the primary's state.
    /// The marketplace's is always among those folded.
    pub fn secondary(&self, primary: Option<&State>) -> Vec<StreamId> {
        let mut streams = self.reported();
        match primary {
            Some(State::Proposal(proposal)) => streams.push(StreamId::Job(proposal.job_id)),
            Some(State::Contract(contract)) => streams.extend(self.beside_contract(contract)),
            Some(State::Deposit(deposit)) => match self {
                Self::RefundDeposit(command) => {
                    let paid = deposit.payment(&command.provider_object).map(|payment| payment.captured);
                    streams.extend(paid.map(|paid| StreamId::Account(deposit.client, paid.currency())));
                }
                Self::ConfirmDeposit(_) | Self::FailDeposit(_) | Self::ExpireDeposit(_) => {
                    streams.push(StreamId::Contract(deposit.contract_id));
                }
                _ => {}
            },
            Some(State::Refund(refund)) => {
                streams.push(StreamId::Account(refund.client, refund.amount.currency()));
            }
            Some(State::Dispute(dispute)) => streams.push(StreamId::Contract(dispute.contract_id)),
            Some(State::Payout(payout)) => {
                let PayoutKey { party_id, currency, .. } = payout.of;
                streams.extend([StreamId::Account(party_id, currency), StreamId::Cash(currency)]);
            }
            Some(State::Account(account)) => streams.extend(self.beside_account(account)),
            Some(
                State::Marketplace(_)
                | State::Job(_)
                | State::Cash(_)
                | State::Provider(_)
                | State::Process(_),
            )
            | None => {}
        }
        if let Self::RecordSettlement(command) = self {
            streams.push(StreamId::Cash(command.gross.currency()));
        }
        streams
    }

    /// The provider's object that the command reports on.
    fn reported(&self) -> Vec<StreamId> {
        let (rail, object) = match self {
            Self::AcknowledgeDeposit(command) => (&command.rail, &command.provider_object),
            Self::ConfirmDeposit(command) => (&command.rail, &command.provider_object),
            Self::AcknowledgeRefund(command) => (&command.rail, &command.provider_object),
            Self::ConfirmRefund(command) => (&command.rail, &command.provider_object),
            Self::AcknowledgePayout(command) => (&command.rail, &command.provider_object),
            Self::RecordPayoutPaid(command) => (&command.rail, &command.provider_object),
            _ => return Vec::new(),
        };
        vec![provider(rail, object)]
    }

    /// What a decision on a contract reads beside it.
    fn beside_contract(&self, contract: &Contract) -> Vec<StreamId> {
        let account = |party| StreamId::Account(party, contract.currency);
        let deposits = || contract.deposits().into_iter().map(StreamId::Deposit);
        match self.kind() {
            CommandKind::ApproveMilestone
            | CommandKind::AutoApproveMilestone
            | CommandKind::ClearEarnings => {
                vec![account(contract.talent)]
            }
            CommandKind::AgreeRefund | CommandKind::AutoAgreeRefund | CommandKind::RefundMilestone => {
                let funded_by = match self {
                    Self::AgreeRefund(AgreeRefund { milestone_id, .. })
                    | Self::AutoAgreeRefund(AutoAgreeRefund { milestone_id, .. })
                    | Self::RefundMilestone(RefundMilestone { milestone_id, .. }) => {
                        contract.milestone(*milestone_id).ok().and_then(|milestone| milestone.funded_by)
                    }
                    _ => None,
                };
                funded_by.map(StreamId::Deposit).into_iter().chain([account(contract.client)]).collect()
            }
            CommandKind::AgreeEnd | CommandKind::AutoAgreeEnd => {
                deposits().chain([account(contract.client)]).collect()
            }
            CommandKind::CancelContract | CommandKind::CancelUnfundedContract => {
                deposits().chain([StreamId::Job(contract.job_id)]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a decision on an account reads beside it.
    fn beside_account(&self, account: &Account) -> Vec<StreamId> {
        let (Self::PlacePayoutHold(PlacePayoutHold { currency, .. })
        | Self::ReleasePayoutHold(ReleasePayoutHold { currency, .. })
        | Self::LapsePayoutHold(LapsePayoutHold { currency, .. })) = self
        else {
            return match self {
                // A first destination holds the payout up at once, which settled cash has to know of.
                Self::RequestPayout(command) => vec![StreamId::Cash(command.amount.currency())],
                _ => Vec::new(),
            };
        };
        let payouts = account.payouts.keys().map(|payout| StreamId::Payout(*payout));
        payouts.chain([StreamId::Cash(*currency)]).collect()
    }
}

fn provider(rail: &str, object: &ProviderObject) -> StreamId {
    StreamId::Provider(rail.to_owned(), object.clone())
}

impl CommandKind {
    /// The roles that any machine's table gives this command: the coarse half of every permission.
    pub fn roles(self) -> Vec<Role> {
        fn of<S>(table: &[crate::transition::Transition<S>], kind: CommandKind, into: &mut Vec<Role>) {
            for role in table.iter().filter(|row| row.command == kind).flat_map(|row| row.actors) {
                if !into.contains(role) {
                    into.push(*role);
                }
            }
        }
        let mut roles = Vec::new();
        of(job::TRANSITIONS, self, &mut roles);
        of(proposal::TRANSITIONS, self, &mut roles);
        of(contract::TRANSITIONS, self, &mut roles);
        of(contract::MILESTONE_TRANSITIONS, self, &mut roles);
        of(deposit::TRANSITIONS, self, &mut roles);
        of(marketplace::TRANSITIONS, self, &mut roles);
        of(refund::TRANSITIONS, self, &mut roles);
        of(dispute::TRANSITIONS, self, &mut roles);
        of(payout::TRANSITIONS, self, &mut roles);
        of(treasury::TRANSITIONS, self, &mut roles);
        roles
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deposit::PaymentMethod;
    use crate::proposal::OfferedMilestone;
    use crate::scenario::{fund, make_offer, milestone, propose, request_changes, submit_work, usd};
    use crate::text::Text;

    #[test]
    fn every_command_stands_in_a_transition_table() {
        for kind in CommandKind::ALL {
            assert!(!kind.roles().is_empty(), "{kind:?}");
        }
    }

    #[test]
    fn debug_output_of_a_command_never_shows_what_people_wrote() {
        const CANARY: &str = "canary";
        fn text<const MAX: usize>() -> Text<MAX> {
            Text::parse(CANARY).unwrap()
        }
        let offered = OfferedMilestone { title: text(), amount: usd(1) };
        let payment_method = PaymentMethod::parse(CANARY).unwrap();
        let with_text: [Command; 6] = [
            CreateJob { title: text(), description: text(), headcount: 1 }.into(),
            SubmitProposal { cover_letter: text(), ..propose() }.into(),
            MakeOffer { milestones: vec![offered], ..make_offer(&[]) }.into(),
            FundMilestone { payment_method, ..fund(milestone(1)) }.into(),
            SubmitWork { note: text(), ..submit_work(milestone(1)) }.into(),
            RequestChanges { reasons: text(), ..request_changes(milestone(1)) }.into(),
        ];
        for command in with_text {
            let json = serde_json::to_string(&command).unwrap();
            assert!(json.contains(CANARY), "no canary in {json}");
            assert!(!format!("{command:?}").contains(CANARY), "{:?}", command.kind());
        }
    }

    #[test]
    fn what_people_reach_is_for_people_and_the_rest_is_not() {
        for kind in CommandKind::ALL {
            let for_people = kind.roles().iter().any(|role| Role::PEOPLE.contains(role));
            assert_eq!(for_people, kind.reach() == Reach::People, "{kind:?}");
        }
    }
}
