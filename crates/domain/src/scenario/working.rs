//! Commands on a contract that is under way, and what they lead to.

use super::{CLIENT, CONTRACT, Given, SYSTEM, TALENT, approve, funded_contract, given, milestone, text};
use crate::contract::{
    AgreeEnd, FreezeFunds, Milestone, MilestoneEvent, MilestoneStatus, MoveFunds, PartiallyRelease,
    RequestEnd, Rest, SettleEnd, UnfreezeFunds, WorkSubmitted,
};
use crate::ledger::{AccountCode, LedgerAccount};
use crate::money::Money;
use crate::text::{Prose, Title};
use crate::timer::TimerKind;
use crate::{Event, State, StreamId};

/// The most that a milestone can be, with the client's charge of 15 % on top.
pub(crate) const OFFERABLE_MAX: i64 = Money::MINOR_MAX / 115 * 100;

pub(crate) const FREEZE: fn() -> FreezeFunds =
    || FreezeFunds { contract_id: CONTRACT, milestone_id: milestone(1), reason: text() };
pub(crate) const UNFREEZE: UnfreezeFunds =
    UnfreezeFunds { contract_id: CONTRACT, milestone_id: milestone(1) };
pub(crate) const MOVE: MoveFunds =
    MoveFunds { contract_id: CONTRACT, milestone_id: milestone(1), to: milestone(2) };

pub(crate) fn release_part(amount: Money, rest: Rest) -> PartiallyRelease {
    let reasons = (rest == Rest::AskedBack).then(text);
    PartiallyRelease { contract_id: CONTRACT, milestone_id: milestone(1), amount, rest, reasons }
}

/// A title.
pub(crate) fn line() -> Title {
    text()
}

/// A reason.
pub(crate) fn reason() -> Prose {
    text()
}

/// Work for a milestone, handed in.
pub(crate) fn work_on(number: u16) -> Event {
    let Event::Milestone(MilestoneEvent::WorkSubmitted(e)) = super::work() else { panic!("work") };
    Event::Milestone(MilestoneEvent::WorkSubmitted(WorkSubmitted { milestone_id: milestone(number), ..e }))
}

/// A contract whose one milestone was released, and whose end both sides agreed to, cleared.
pub(crate) fn ended(amount: Money) -> Given {
    let work = given(funded_contract(amount)).and([super::work()]).then(CLIENT, approve(milestone(1)));
    let end = work
        .then(CLIENT, RequestEnd { contract_id: CONTRACT })
        .then(TALENT, AgreeEnd { contract_id: CONTRACT });
    let epoch = end.epoch(TimerKind::SettleEnd);
    end.then(SYSTEM, SettleEnd { contract_id: CONTRACT, epoch })
}

impl Given {
    pub(crate) fn contract(&self) -> crate::contract::Contract {
        self.states.contract(CONTRACT).unwrap().clone()
    }

    pub(crate) fn milestone(&self, number: u16) -> Milestone {
        self.contract().milestone(milestone(number)).unwrap().clone()
    }

    pub(crate) fn status(&self, number: u16) -> MilestoneStatus {
        self.milestone(number).status()
    }

    /// Escrow, and what is held beside it, in minor units.
    pub(crate) fn held(&self, number: u16) -> (i64, i64) {
        let (contract, id) = (self.contract(), milestone(number));
        let of = |account| contract.held(account);
        (of(LedgerAccount::Escrow(CONTRACT, id)), of(LedgerAccount::ClientFeeHeld(CONTRACT, id)))
    }

    /// What a party's account holds, in minor units.
    pub(crate) fn balance(&self, who: super::Who, code: AccountCode) -> i64 {
        let stream = StreamId::Account(who.party(), self.contract().currency);
        self.states.state(&stream).and_then(State::as_account).map_or(0, |account| account.balance(code))
    }
}
