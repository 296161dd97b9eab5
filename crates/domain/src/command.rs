//! Commands: what somebody wants to happen. Each names the streams that its decision reads.

use crate::context::Role;
use crate::contract::{
    ApproveMilestone, ConfirmDeposit, Contract, FundMilestone, RequestChanges, SubmitWork,
};
use crate::deposit::{AcknowledgeDeposit, Deposit, FailDeposit, ProviderObject, StartDepositAttempt};
use crate::job::{CreateJob, SubmitJob};
use crate::marketplace::PublishPolicy;
use crate::proposal::{AcceptOffer, MakeOffer, SubmitProposal};
use crate::stream::{State, StreamId};
use crate::{contract, deposit, job, proposal};

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $reach:ident;)*) => {
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
    PublishPolicy = "publishPolicy", Internal;
    /// Creates a job as a draft.
    CreateJob = "createJob", People;
    /// Opens a job to proposals.
    SubmitJob = "submitJob", People;
    /// Proposes oneself for a job.
    SubmitProposal = "submitProposal", People;
    /// Offers a contract.
    MakeOffer = "makeOffer", People;
    /// Accepts an offer, which makes the contract.
    AcceptOffer = "acceptOffer", People;
    /// Asks the client's payment instrument for the money of a milestone.
    FundMilestone = "fundMilestone", People;
    /// Claims the one call to the provider.
    StartDepositAttempt = "startDepositAttempt", Internal;
    /// Records that the provider took the order.
    AcknowledgeDeposit = "acknowledgeDeposit", Internal;
    /// Records that the provider captured the money.
    ConfirmDeposit = "confirmDeposit", Internal;
    /// Records that the provider will not capture the money.
    FailDeposit = "failDeposit", Internal;
    /// Hands in work for a milestone.
    SubmitWork = "submitWork", People;
    /// Sends work back with reasons.
    RequestChanges = "requestChanges", People;
    /// Approves work and releases its escrow.
    ApproveMilestone = "approveMilestone", People;
}

impl Command {
    /// The stream that the command is about; for a command that begins something, the stream that allows it.
    pub fn primary(&self) -> StreamId {
        match self {
            Self::PublishPolicy(_) | Self::CreateJob(_) => StreamId::Marketplace,
            Self::SubmitJob(command) => StreamId::Job(command.job_id),
            Self::SubmitProposal(command) => StreamId::Job(command.job_id),
            Self::MakeOffer(command) => StreamId::Proposal(command.proposal_id),
            Self::AcceptOffer(command) => StreamId::Proposal(command.proposal_id),
            Self::FundMilestone(command) => StreamId::Contract(command.contract_id),
            Self::StartDepositAttempt(command) => StreamId::Deposit(command.deposit_id),
            Self::AcknowledgeDeposit(command) => StreamId::Deposit(command.deposit_id),
            Self::ConfirmDeposit(command) => StreamId::Deposit(command.deposit_id),
            Self::FailDeposit(command) => StreamId::Deposit(command.deposit_id),
            Self::SubmitWork(command) => StreamId::Contract(command.contract_id),
            Self::RequestChanges(command) => StreamId::Contract(command.contract_id),
            Self::ApproveMilestone(command) => StreamId::Contract(command.contract_id),
        }
    }

    /// The further streams that the decision reads or its events join, which may follow from the primary's state.
    /// The marketplace's is always among those folded.
    pub fn secondary(&self, primary: Option<&State>) -> Vec<StreamId> {
        let provider =
            |rail: &str, object: &ProviderObject| StreamId::Provider(rail.to_owned(), object.clone());
        let deposit = primary.and_then(State::as_deposit);
        let contract_of = |deposit: &Deposit| StreamId::Contract(deposit.contract_id);
        match self {
            Self::AcceptOffer(_) | Self::MakeOffer(_) => {
                let proposal = primary.and_then(State::as_proposal);
                proposal.map(|proposal| StreamId::Job(proposal.job_id)).into_iter().collect()
            }
            Self::AcknowledgeDeposit(command) => {
                vec![provider(&command.rail, &command.provider_object)]
            }
            Self::ConfirmDeposit(command) => {
                let reported = provider(&command.rail, &command.provider_object);
                deposit.map(contract_of).into_iter().chain([reported]).collect()
            }
            Self::FailDeposit(_) => deposit.map(contract_of).into_iter().collect(),
            Self::ApproveMilestone(_) => {
                let contract = primary.and_then(State::as_contract);
                let account = |contract: &Contract| StreamId::Account(contract.talent, contract.currency);
                contract.map(account).into_iter().collect()
            }
            Self::PublishPolicy(_)
            | Self::CreateJob(_)
            | Self::SubmitJob(_)
            | Self::SubmitProposal(_)
            | Self::FundMilestone(_)
            | Self::StartDepositAttempt(_)
            | Self::SubmitWork(_)
            | Self::RequestChanges(_) => Vec::new(),
        }
    }
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
        of(crate::marketplace::TRANSITIONS, self, &mut roles);
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
