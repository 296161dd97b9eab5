//! ReopenContract: after the end both sides go on. It takes effect when the second of them says so.

use super::{ContractEvent, ContractReopened, ContractStatus, ReopenProposed, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::ContractId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Goes on after the end.
#[derive(Clone, Debug, Serialize)]
pub struct ReopenContract {
    /// The contract.
    pub contract_id: ContractId,
}

pub(crate) fn decide(command: &ReopenContract, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let (stands, contract_id) = (contract.status(), contract.id);
    let moves = |to| consult(TRANSITIONS, Some(stands), CommandKind::ReopenContract, side.role(), to);
    let event = match contract.reopen_proposer() {
        None => {
            moves(ContractStatus::Ended)?;
            ContractEvent::ReopenProposed(ReopenProposed { contract_id, proposer: side })
        }
        Some(proposer) if proposer == side => {
            return Err(Refusal::new(Code::AlreadyRecorded, "the other side has yet to agree to go on"));
        }
        Some(_) => {
            moves(contract.resumable())?;
            ContractEvent::Reopened(ContractReopened { contract_id })
        }
    };
    Ok(vec![Event::Contract(event)])
}

#[cfg(test)]
mod tests {
    use super::ReopenContract;
    use crate::contract::ContractStatus;
    use crate::refusal::Code;
    use crate::scenario::working::ended;
    use crate::scenario::{CLIENT, CONTRACT, STRANGER, TALENT, funded_contract, given, usd};

    const REOPEN: ReopenContract = ReopenContract { contract_id: CONTRACT };

    #[test]
    fn a_contract_goes_on_after_its_end_when_both_sides_say_so() {
        let one = ended(usd(250_000)).then(TALENT, REOPEN);
        assert_eq!(one.contract().status(), ContractStatus::Ended);
        one.clone().when(TALENT, REOPEN).refused(Code::AlreadyRecorded);
        one.clone().when(STRANGER, REOPEN).refused(Code::NotFound);
        let both = one.then(CLIENT, REOPEN);
        assert_eq!(both.contract().status(), ContractStatus::Active);
        both.when(CLIENT, REOPEN).refused(Code::WrongState);
    }

    #[test]
    fn only_what_has_ended_is_reopened() {
        given(funded_contract(usd(1))).when(CLIENT, REOPEN).refused(Code::WrongState);
    }
}
