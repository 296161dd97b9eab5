//! Commands: what somebody wants to happen. Each names the streams that its decision reads.

use crate::context::Role;
use crate::contract::{ApproveMilestone, ConfirmDeposit, FundMilestone, RequestChanges, SubmitWork};
use crate::deposit::{AcknowledgeDeposit, FailDeposit, StartDepositAttempt};
use crate::job::{CreateJob, FillJob, SubmitJob};
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
    /// Closes a job to proposals because its people are found.
    FillJob = "fillJob", Internal;
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
            Self::FillJob(command) => StreamId::Job(command.job_id),
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
        match (self, primary) {
            (Self::AcceptOffer(_) | Self::MakeOffer(_), Some(State::Proposal(proposal))) => {
                vec![StreamId::Job(proposal.job_id)]
            }
            (Self::AcknowledgeDeposit(command), Some(State::Deposit(_))) => {
                vec![StreamId::Provider(
                    command.rail.clone(),
                    command.provider_object.clone(),
                )]
            }
            (Self::ConfirmDeposit(command), Some(State::Deposit(deposit))) => vec![
                StreamId::Contract(deposit.contract_id),
                StreamId::Provider(command.rail.clone(), command.provider_object.clone()),
            ],
            (Self::FailDeposit(_), Some(State::Deposit(deposit))) => {
                vec![StreamId::Contract(deposit.contract_id)]
            }
            (Self::ApproveMilestone(_), Some(State::Contract(contract))) => {
                vec![StreamId::Account(contract.talent, contract.currency)]
            }
            // The others read one stream, or their primary doesn't exist and they will be refused.
            _ => Vec::new(),
        }
    }
}

impl CommandKind {
    /// The roles that any machine's table gives this command: the coarse half of every permission.
    pub fn roles(self) -> Vec<Role> {
        fn of<S>(table: &[crate::transition::Transition<S>], kind: CommandKind, into: &mut Vec<Role>) {
            for role in table
                .iter()
                .filter(|row| row.command == kind)
                .flat_map(|row| row.actors)
            {
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

    #[test]
    fn every_command_stands_in_a_transition_table() {
        for kind in CommandKind::ALL {
            assert!(!kind.roles().is_empty(), "{kind:?}");
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
