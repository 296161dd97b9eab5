//! Commands: what somebody wants to happen. Each names the streams that its decision reads.

use crate::account::{Account, LapsePayoutHold, PlacePayoutHold, ReleasePayoutHold};
use crate::contract::{
    AgreeRefund, AutoAgreeRefund, Contract, DemandRefund, GrantRefund, RefundHeldMilestone, RefundMilestone,
    UnfreezeFunds,
};
use crate::deposit::ProviderObject;
use crate::dispute::ExecuteAward;
use crate::id::{DepositId, DisputeId};
use crate::payout::PayoutKey;
use crate::stream::{State, StreamId};

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $reach:ident, $primary:expr, $decide:path;)*) => {
        /// Anything that can be asked for. JSON (for the request's HMAC): `{"ApproveMilestone": {…}}`.
        #[derive(Clone, Debug, serde::Serialize)]
        pub enum Command {$(
            $(#[doc = $doc])*
            $name($name),
        )*}

        /// The kinds of commands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind {$(
            $(#[doc = $doc])*
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

            /// What it does, in a sentence.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*).trim_ascii(),)* }
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

mod table;

pub use table::{Command, CommandKind};

/// Whether a command is a mutation for people or internal to processes and providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A GraphQL mutation.
    People,
    /// Only processes, providers and the operator's command line.
    Internal,
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
            Some(State::Dispute(dispute)) => {
                let account = |party| StreamId::Account(party, dispute.disputed.currency());
                let (client, talent) = dispute.parties();
                streams.extend([StreamId::Contract(dispute.contract_id), account(client), account(talent)]);
            }
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
        if let Self::CloseProposal(command) = self {
            streams.push(StreamId::Proposal(command.proposal_id));
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
            | CommandKind::PartiallyRelease
            | CommandKind::ReleaseEarly
            | CommandKind::ReleaseBonus
            | CommandKind::ClearEarnings => {
                vec![account(contract.talent)]
            }
            CommandKind::OpenDispute => vec![account(contract.talent)],
            CommandKind::ExecuteAward => {
                let both = [account(contract.talent), account(contract.client)];
                let money = self.funded_by(contract).map(StreamId::Deposit).into_iter().chain(both);
                money.chain(self.disputed(contract).map(StreamId::Dispute)).collect()
            }
            CommandKind::UnfreezeFunds | CommandKind::GrantRefund => {
                let both = [account(contract.talent), account(contract.client)];
                self.funded_by(contract).map(StreamId::Deposit).into_iter().chain(both).collect()
            }
            CommandKind::TerminateContract => deposits().collect(),
            CommandKind::DisputeEnd => deposits().chain([account(contract.talent)]).collect(),
            CommandKind::AgreeRefund
            | CommandKind::AutoAgreeRefund
            | CommandKind::RefundMilestone
            | CommandKind::DemandRefund
            | CommandKind::RefundHeldMilestone => {
                let funded_by = self.funded_by(contract).map(StreamId::Deposit);
                funded_by.into_iter().chain([account(contract.client)]).collect()
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

    /// The deposit that funded the milestone whose money goes back.
    fn funded_by(&self, contract: &Contract) -> Option<DepositId> {
        let (Self::AgreeRefund(AgreeRefund { milestone_id, .. })
        | Self::AutoAgreeRefund(AutoAgreeRefund { milestone_id, .. })
        | Self::RefundMilestone(RefundMilestone { milestone_id, .. })
        | Self::DemandRefund(DemandRefund { milestone_id, .. })
        | Self::RefundHeldMilestone(RefundHeldMilestone { milestone_id, .. })
        | Self::UnfreezeFunds(UnfreezeFunds { milestone_id, .. })
        | Self::ExecuteAward(ExecuteAward { milestone_id, .. })
        | Self::GrantRefund(GrantRefund { milestone_id, .. })) = self
        else {
            return None;
        };
        contract.milestone(*milestone_id).ok()?.funded_by
    }

    /// The dispute whose award is executed.
    fn disputed(&self, contract: &Contract) -> Option<DisputeId> {
        let Self::ExecuteAward(ExecuteAward { milestone_id, .. }) = self else {
            return None;
        };
        contract.milestone(*milestone_id).ok()?.dispute()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Role;
    use crate::contract::{FundMilestone, RequestChanges, SubmitWork};
    use crate::deposit::PaymentMethod;
    use crate::job::CreateJob;
    use crate::proposal::{MakeOffer, OfferedMilestone, SubmitProposal};
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
