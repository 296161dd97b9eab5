//! A dispute about a milestone of the scenario, climbed rung by rung. The auditor judges every event on the way.

use super::{
    CLIENT, CONTRACT, Given, Outcome, SYSTEM, TALENT, Who, funded_contract, given, milestone,
    released_contract, text, usd, work,
};
use crate::deposit::ProviderWord;
use crate::dispute::{
    AppealGround, AskDisputeQuestion, Dispute, EscalateDispute, FeeBearer, FileAppeal, IssueAward,
    IssueRecommendation, OpenDispute, PayArbitrationFee, RejectRecommendation, RespondToDispute,
    SubmitEvidence,
};
use crate::id::{DisputeId, EntryId, RefundId};
use crate::ledger::{AccountCode, JournalEntry, LedgerAccount, Line};
use crate::money::Currency;
use crate::recheck::{Recorded, reads, recheck};
use crate::refund::{RefundEvent, RefundFailed};
use crate::refusal::{Code, Refusal};
use crate::stream::Folded;
use crate::timer::{Timer, TimerKind, firing};
use crate::{Command, Event, Role, States, StreamId, Timestamp};

pub(crate) const MEDIATOR: Who = Who::Person(20, &[Role::Support, Role::Arbitrator]);
pub(crate) const ARBITRATOR: Who = Who::Person(21, &[Role::Arbitrator, Role::Support]);
pub(crate) const REVIEWER: Who = Who::Person(22, &[Role::Support]);
pub(crate) const CLIENT_AS_ARBITRATOR: Who = Who::Person(1, &[Role::Client, Role::Support, Role::Arbitrator]);

/// A dispute, and the history that led to where it stands.
#[derive(Clone)]
pub(crate) struct Ladder {
    pub(crate) given: Given,
    pub(crate) id: DisputeId,
}

/// The client wants `claim` of a milestone of `amount`, on which nobody worked yet.
pub(crate) fn disputed(amount: i64, claim: i64) -> Ladder {
    disputed_by(CLIENT, funded_contract(usd(amount)), claim)
}

/// The client wants `claim` of a milestone of `amount` that was released.
pub(crate) fn disputed_after_release(amount: i64, claim: i64) -> Ladder {
    disputed_by(CLIENT, released_contract(usd(amount)).0, claim)
}

/// Somebody wants `claim` of the milestone that `events` lead to.
pub(crate) fn disputed_by(who: Who, events: Vec<Event>, claim: i64) -> Ladder {
    let ladder = Ladder { given: given(events), id: DisputeId::from_u128(0) };
    let open = open_dispute(claim);
    let id = ladder.given.clone().when(who, open.clone()).events().iter().find_map(|event| match event {
        Event::Dispute(event) => Some(event.dispute_id()),
        _ => None,
    });
    Ladder { id: id.unwrap(), ..ladder }.step(who, open)
}

pub(crate) fn open_dispute(claim: i64) -> OpenDispute {
    let claim = usd(claim);
    OpenDispute { contract_id: CONTRACT, milestone_id: milestone(1), claim, reason: text() }
}

/// The contract of a milestone of `amount`, whose work waits for review.
pub(crate) fn reviewable(amount: i64) -> Vec<Event> {
    let mut events = funded_contract(usd(amount));
    events.push(work());
    events
}

impl Ladder {
    pub(crate) fn dispute(&self) -> Dispute {
        self.given.clone().into_states().dispute(self.id).unwrap().clone()
    }

    /// Does a step that must succeed, and that the auditor must find lawful.
    #[track_caller]
    pub(crate) fn step(&self, who: Who, command: impl Into<Command>) -> Self {
        let command = command.into();
        let events = self.given.clone().when(who, command.clone()).events().to_vec();
        let mut states = self.given.clone().into_states();
        for event in &events {
            let at = Self { given: Given { states, ..self.given.clone() }, id: self.id };
            assert_eq!(at.judged(who, event), Ok(()), "{:?}", event.event_type());
            states = at.given.and([event.clone()]).into_states();
        }
        Self { given: self.given.clone().then(who, command), id: self.id }
    }

    /// What the auditor says of an event that somebody recorded next.
    pub(crate) fn judged(&self, who: Who, event: &Event) -> Result<(), Refusal> {
        let recorded = Recorded { at: self.given.now, actor: &who.actor().to_string() };
        judged(&self.given.states, event, recorded)
    }

    /// What a timer's command would record.
    #[track_caller]
    pub(crate) fn next(&self, kind: TimerKind) -> Vec<Event> {
        let (stream, timer) = self.timer(kind);
        self.when(SYSTEM, firing(&stream, &timer).unwrap()).events().to_vec()
    }

    #[track_caller]
    pub(crate) fn refused(&self, who: Who, command: impl Into<Command>, code: Code) {
        self.when(who, command).refused(code);
    }

    pub(crate) fn when(&self, who: Who, command: impl Into<Command>) -> Outcome {
        self.given.clone().when(who, command)
    }

    /// Goes on so many days later.
    pub(crate) fn later(&self, days: u16) -> Self {
        let now = self.given.now.plus_days(days);
        Self { given: self.given.clone().at(now), id: self.id }
    }

    /// The timer of this kind.
    #[track_caller]
    pub(crate) fn timer(&self, kind: TimerKind) -> (StreamId, Timer) {
        let states = self.given.clone().into_states();
        let found = states.folded().iter().find_map(|folded| {
            let set = folded.state.as_deref().map(crate::timer::timers).unwrap_or_default();
            let timer = set.into_iter().find(|timer| timer.kind == kind);
            timer.map(|timer| (folded.stream.clone(), timer))
        });
        found.unwrap_or_else(|| panic!("no timer of {kind:?}"))
    }

    pub(crate) fn due(&self, kind: TimerKind) -> Timestamp {
        self.timer(kind).1.due
    }

    /// Lets a timer fire when it is due, and not before.
    #[track_caller]
    pub(crate) fn fire(&self, kind: TimerKind) -> Self {
        let (stream, timer) = self.timer(kind);
        let command = firing(&stream, &timer).unwrap();
        if timer.due > self.given.now {
            self.refused(SYSTEM, command.clone(), Code::TimerNotDue);
        }
        let at = timer.due.max(self.given.now);
        Self { given: self.given.clone().at(at), id: self.id }.step(SYSTEM, command)
    }

    pub(crate) fn negotiating(&self) -> Self {
        let dispute_id = self.id;
        let who = if self.dispute().opener == CLIENT.party() { TALENT } else { CLIENT };
        self.step(who, RespondToDispute { dispute_id, answer: text() })
    }

    pub(crate) fn mediated(&self) -> Self {
        let dispute_id = self.id;
        self.negotiating().later(3).step(CLIENT, EscalateDispute { dispute_id })
    }

    pub(crate) fn sealed(&self) -> Self {
        let dispute_id = self.id;
        let evidence = SubmitEvidence { dispute_id, text: text(), attachment: None };
        let asked = self.mediated().step(MEDIATOR, AskDisputeQuestion { dispute_id, question: text() });
        asked.step(TALENT, evidence).fire(TimerKind::SealEvidence)
    }

    pub(crate) fn recommended(&self, client_share: i64) -> Self {
        let recommend = self.recommend(client_share);
        self.sealed().step(MEDIATOR, recommend)
    }

    pub(crate) fn recommend(&self, client_share: i64) -> IssueRecommendation {
        IssueRecommendation { dispute_id: self.id, client_share: usd(client_share), reasons: text() }
    }

    /// Arbitration is offered after a no to a recommendation of `client_share`.
    pub(crate) fn offered(&self, client_share: i64) -> Self {
        let dispute_id = self.id;
        self.recommended(client_share).step(TALENT, RejectRecommendation { dispute_id })
    }

    /// Both sides have 300.00, and pay it.
    pub(crate) fn arbitrated(&self, client_share: i64) -> Self {
        let dispute_id = self.id;
        let paid = self.offered(client_share).funds(30_000).step(CLIENT, PayArbitrationFee { dispute_id });
        paid.step(TALENT, PayArbitrationFee { dispute_id })
    }

    pub(crate) fn award(&self, client_share: i64, fee_bearer: FeeBearer) -> IssueAward {
        let client_share = usd(client_share);
        IssueAward { dispute_id: self.id, client_share, fee_bearer, reasons: text() }
    }

    pub(crate) fn appeal(&self) -> FileAppeal {
        FileAppeal { dispute_id: self.id, ground: AppealGround::NewEvidence, reasons: text() }
    }

    /// The client's wallet and what the talent has available hold so much more.
    pub(crate) fn funds(&self, minor: i64) -> Self {
        let entry = JournalEntry::balanced(
            EntryId::from_u128(99),
            vec![
                Line::debit(LedgerAccount::ProviderClearing, 2 * minor, Currency::USD),
                Line::credit(LedgerAccount::ClientWallet(CLIENT.party()), minor, Currency::USD),
                Line::credit(LedgerAccount::TalentAvailable(TALENT.party()), minor, Currency::USD),
            ],
        );
        let reason = ProviderWord::parse("test_funds").unwrap();
        let failed = RefundFailed { refund_id: RefundId::from_u128(99), reason, entry: entry.unwrap() };
        Self { given: self.given.clone().and([Event::Refund(RefundEvent::Failed(failed))]), id: self.id }
    }

    /// What the accounts of the talent or the client hold.
    pub(crate) fn balance(&self, who: Who, code: AccountCode) -> i64 {
        let states = self.given.clone().into_states();
        states.account(who.party(), Currency::USD).map_or(0, |account| account.balance(code))
    }

    /// What the milestone's 2110, 2115 and 2120 hold.
    pub(crate) fn held(&self) -> [i64; 3] {
        let states = self.given.clone().into_states();
        let contract = states.contract(CONTRACT).unwrap();
        let accounts = [
            LedgerAccount::Escrow(CONTRACT, milestone(1)),
            LedgerAccount::ClientFeeHeld(CONTRACT, milestone(1)),
            LedgerAccount::EscrowInDispute(CONTRACT, milestone(1)),
        ];
        accounts.map(|account| contract.held(account))
    }
}

/// What the auditor says of an event that is recorded after these states.
pub(crate) fn judged(states: &States, event: &Event, recorded: Recorded<'_>) -> Result<(), Refusal> {
    recheck(event, &read(states, event), recorded)
}

/// What the auditor reads to judge `event`: its own streams, and those that it says it reads.
fn read(states: &States, event: &Event) -> States {
    let streams = event.streams();
    let owner = states.state(&streams[0]).cloned();
    let mut found = States::default();
    for stream in streams.into_iter().chain(reads(event, owner.as_ref())) {
        let folded = states.folded().iter().find(|folded| folded.stream == stream);
        found.put(folded.cloned().unwrap_or(Folded { stream, revision: 0, state: None }));
    }
    found
}
