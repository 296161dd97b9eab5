//! Where everything stands: the state of each machine that a stream's state holds. The one place, in tests, that knows
//! how a machine's states are read off.

use crate::State;
use crate::contract::Change;
use crate::ledger::AccountCode;
use crate::proposal::Party;

/// Something that a machine is about, and the state that it is in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// The machine's name.
    pub(crate) machine: &'static str,
    /// Its id as text, as a command names it.
    pub(crate) subject: String,
    /// The state's name.
    pub(crate) status: String,
}

/// What a provider settled is recorded once, and stands nowhere afterwards.
pub(crate) const STANDS_NOWHERE: &[&str] = &["settlement"];

/// Everything that stands somewhere in this state.
pub(crate) fn standings(state: &State) -> Vec<Standing> {
    let one = |machine, subject: String, status: String| Standing { machine, subject, status };
    match state {
        State::Marketplace(_) => vec![one("marketplace", "marketplace".to_owned(), "Open".to_owned())],
        State::Job(job) => vec![one("job", job.id.to_string(), format!("{:?}", job.status()))],
        State::Proposal(proposal) => {
            vec![one("proposal", proposal.id.to_string(), format!("{:?}", proposal.status()))]
        }
        State::Contract(contract) => {
            let mut found =
                vec![one("contract", contract.id.to_string(), format!("{:?}", contract.status()))];
            for milestone in &contract.milestones {
                found.push(one("milestone", milestone.id.to_string(), format!("{:?}", milestone.status())));
                let lots = milestone.lots.iter();
                found.extend(lots.map(|lot| one("lot", lot.id.to_string(), format!("{:?}", lot.status()))));
            }
            found
        }
        State::Deposit(deposit) => {
            vec![one("deposit", deposit.id.to_string(), format!("{:?}", deposit.status()))]
        }
        State::Refund(refund) => vec![one("refund", refund.id.to_string(), format!("{:?}", refund.status()))],
        State::Dispute(dispute) => {
            vec![one("dispute", dispute.id.to_string(), format!("{:?}", dispute.status()))]
        }
        State::Payout(payout) => {
            vec![one("payout", payout.of.payout_id.to_string(), format!("{:?}", payout.status()))]
        }
        State::Account(_) | State::Cash(_) | State::Provider(_) | State::Process(_) => Vec::new(),
    }
}

/// What else of a state its decisions look at, where no status tells it.
pub(crate) fn details(state: &State) -> Vec<String> {
    match state {
        State::Job(job) => vec![format!("places left {}", job.headcount > job.hires)],
        State::Contract(contract) => {
            let mut found = vec![
                format!("end agreed {}", contract.is_end_agreed()),
                format!("reopening proposed {}", contract.reopen_proposer().is_some()),
            ];
            for milestone in contract.milestones.iter().filter(|milestone| !milestone.status().is_over()) {
                let (is_part, is_move) = (milestone.charged.released > 0, milestone.moves_to().is_some());
                found.push(format!("{:?}, part released {is_part}, moves {is_move}", milestone.status()));
            }
            found.extend(contract.pauses.iter().map(|reason| format!("paused {reason:?}")));
            let changes = contract.amendment.iter().flat_map(|amendment| &amendment.changes);
            found.extend(changes.map(|change| match change {
                Change::Add { .. } => "to be added to".to_owned(),
                Change::Revise { .. } => "to be revised".to_owned(),
            }));
            found
        }
        State::Dispute(dispute) => {
            let paid = [Party::Client, Party::Talent].map(|side| dispute.paid.side(side) > 0);
            vec![format!("paid {paid:?}"), format!("sealed {}", dispute.evidence.is_sealed)]
        }
        State::Account(account) => {
            let codes = AccountCode::ALL.iter().filter(|code| account.balance(**code) != 0);
            codes.map(|code| format!("has {}", code.code())).collect()
        }
        State::Marketplace(_)
        | State::Proposal(_)
        | State::Deposit(_)
        | State::Refund(_)
        | State::Payout(_)
        | State::Cash(_)
        | State::Provider(_)
        | State::Process(_) => Vec::new(),
    }
}
