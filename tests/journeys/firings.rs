//! What fired, told by the log alone: the rules are folded over it again, and say which timers each state had; beside
//! them stands what was done in the timers' name.

use crate::log::records;
use crate::node::Store;
use aws_lc_rs::digest::{SHA256, digest};
use domain::codec::decode;
use domain::timer::{Timer, TimerKind, timers};
use domain::{Mark, State, StreamId, Timestamp};
use eventstore::{CommandKey, Header, Record};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// In whose name a timer's command is given.
const TIMERS: &str = "system:timers";

/// What is recorded of a timer that comes too late: something else had happened before its command was decided.
const REFUSED: &str = "process.command_refused";

/// How often what is overdue is looked for, and how long between two looks.
const LOOKS_MAX: usize = 500;
const PAUSE: Duration = Duration::from_millis(20);

macro_rules! kinds {
    ($($kind:ident $(($subject:pat))?,)*) => {
        /// Every kind of timer, by name.
        pub(crate) const KINDS: &[&str] = &[$(stringify!($kind)),*];

        /// A kind's name. A kind that is new in the rules doesn't compile here until it is listed, and once it is listed
        /// every test that goes through [`KINDS`] wants to see it fire.
        const fn name(kind: TimerKind) -> &'static str {
            match kind { $(TimerKind::$kind $(($subject))? => stringify!($kind),)* }
        }
    };
}

kinds! {
    ExpireJob,
    AutoCloseJob,
    LapseInvitation(_),
    ExpireOffer,
    ExpireProposal,
    CloseProposal(_),
    CancelUnfundedContract,
    ExpireDeposit,
    AutoApproveMilestone(_),
    AutoAgreeRefund(_),
    AutoAgreeEnd,
    SettleEnd,
    RefundHeldMilestone(_),
    ReleaseBonus(_),
    ClearEarnings(_),
    DefaultDispute,
    AutoEscalateDispute,
    SealEvidence,
    LapseRecommendation,
    LapseArbitrationOffer,
    MissDisputeDeadline,
    FinalizeAward,
    ExecuteAward(_),
    EscalateRefund,
    AutoApprovePayout,
    RetryPayout,
    EscalatePayout,
    LapsePayoutHold(_),
    SubmitDelayedPayout(_),
}

/// A timer that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Firing {
    /// The name of its kind.
    pub(crate) kind: &'static str,
    /// Of the first event that came of it.
    pub(crate) position: u64,
}

/// The log's timers.
#[derive(Debug, Default)]
pub(crate) struct Firings {
    /// What fired as it should, in order.
    pub(crate) fired: Vec<Firing>,
    /// What fired otherwise: twice, too early, or though no state had such a timer.
    pub(crate) wrong: Vec<String>,
    /// What is set, due, and has not fired.
    pub(crate) overdue: Vec<String>,
}

impl Firings {
    /// Those of a log, as of `now`.
    pub(crate) fn of(records: &[Arc<Record>], now: Timestamp) -> Self {
        let mut fold = Fold::default();
        for record in records {
            fold.read(record);
        }
        let Fold { mut firings, states, .. } = fold;
        for (stream, state) in &states {
            let due = timers(state).into_iter().filter(|timer| timer.due <= now);
            firings
                .overdue
                .extend(due.map(|timer| format!("{} of {stream}, due {}", name(timer.kind), timer.due)));
        }
        firings
    }

    /// Those of a store, once nothing is overdue any more.
    pub(crate) async fn settled(store: &Store, now: Timestamp) -> Self {
        for _ in 0..LOOKS_MAX {
            let firings = Self::of(&records(store).await, now);
            if firings.overdue.is_empty() {
                return firings;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Self::of(&records(store).await, now)
    }

    /// The kinds of which none fired at a position that `counts`.
    pub(crate) fn missing(&self, counts: impl Fn(u64) -> bool) -> BTreeSet<&'static str> {
        let fired: HashSet<_> =
            self.fired.iter().filter(|firing| counts(firing.position)).map(|firing| firing.kind).collect();
        KINDS.iter().copied().filter(|kind| !fired.contains(kind)).collect()
    }
}

/// The states of all streams so far.
#[derive(Default)]
struct Fold {
    states: HashMap<StreamId, State>,
    /// Every timer that was ever set, by the key of its command.
    set: HashMap<CommandKey, (StreamId, Timer)>,
    done: HashSet<CommandKey>,
    /// The command whose events are being read: they follow each other.
    command: Option<CommandKey>,
    firings: Firings,
}

impl Fold {
    fn read(&mut self, record: &Record) {
        let header = record.header();
        let begins = self.command.replace(header.command_key) != Some(header.command_key);
        if begins && &*header.actor == TIMERS {
            match self.judge(header) {
                Ok(Some(kind)) => self.firings.fired.push(Firing { kind, position: header.position.get() }),
                Ok(None) => {}
                Err(why) => self.firings.wrong.push(format!("position {}: {why}", header.position)),
            }
        }
        let event = decode(&header.event_type, header.schema_version, record.payload()).unwrap();
        for membership in &header.memberships {
            let stream = StreamId::parse(&membership.stream).unwrap();
            let mark = Mark { revision: membership.revision, at: Timestamp::from_micros(header.recorded_at) };
            let Some(state) = State::evolve(self.states.remove(&stream), &stream, &event, mark) else {
                continue;
            };
            for timer in timers(&state) {
                self.set.insert(key(&stream, &timer), (stream.clone(), timer));
            }
            self.states.insert(stream, state);
        }
    }

    /// Which kind of timer gave this command, if it was right to; `None` for one that came too late and was refused.
    fn judge(&mut self, header: &Header) -> Result<Option<&'static str>, String> {
        let Some((stream, timer)) = self.set.get(&header.command_key) else {
            return Err("no state ever had this timer".to_owned());
        };
        let what = format!("{} of {stream}", name(timer.kind));
        if !self.done.insert(header.command_key) {
            return Err(format!("{what} fired twice"));
        }
        if header.recorded_at < timer.due.micros() {
            return Err(format!("{what} fired before {}", timer.due));
        }
        let stands = self.states.get(stream).is_some_and(|state| timers(state).contains(timer));
        match (stands, header.event_type == REFUSED) {
            (true, false) => Ok(Some(name(timer.kind))),
            (false, true) => Ok(None),
            (true, true) => Err(format!("{what} was refused, though nothing had happened before it")),
            (false, false) => Err(format!("{what} fired after it was gone")),
        }
    }
}

/// The key under which a timer's command is known for ever. Were it another in another version, whatever had fired
/// under the old one could fire again.
fn key(stream: &StreamId, timer: &Timer) -> CommandKey {
    let subject = timer.kind.subject().unwrap_or_default();
    let text = format!("{TIMERS}\0{stream}/{}/{subject}/{}", timer.kind.command().as_str(), timer.epoch);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    CommandKey::from_bytes(bytes)
}

/// A log in which a job was open until it expired, once nothing is overdue, and the instant after that.
async fn expired() -> (Vec<Arc<Record>>, Timestamp) {
    use crate::journey::{Journey, People, Step, WHOLE};
    use crate::node::Node;
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    Journey::new("job", &["1.00"], WHOLE).run_to(&People::of(&node), Step::SubmitJob).await;
    let now = node.put_forward(61).await.unwrap();
    assert_eq!(Firings::settled(&store, now).await.fired.len(), 1);
    (records(&store).await, now)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_that_fired_twice_early_late_or_never_is_found() {
    let (log, now) = expired().await;
    let sound = Firings::of(&log, now);
    assert_eq!((sound.wrong, sound.overdue), (vec![], vec![]));
    assert_eq!(sound.fired.iter().map(|firing| firing.kind).collect::<Vec<_>>(), ["ExpireJob"]);

    let (fired, before): (Vec<_>, Vec<_>) =
        log.iter().cloned().partition(|record| &*record.header().actor == TIMERS);
    let other = before.last().cloned().unwrap();
    let twice = [log.clone(), vec![other], fired.clone()].concat();
    let found = Firings::of(&twice, now).wrong.join("; ");
    assert!(found.contains("ExpireJob of job/") && found.contains("fired twice"), "{found}");

    let never = Firings::of(&before, now);
    assert!(never.overdue.join("; ").contains("ExpireJob of job/"), "{:?}", never.overdue);
    assert_eq!(never.missing(|_| true).len(), KINDS.len());

    let altered = |change: &dyn Fn(&mut Header)| {
        let forged = [before.clone(), vec![altered_record(&fired, change)]].concat();
        Firings::of(&forged, now).wrong.join("; ")
    };
    let early = altered(&|header| header.recorded_at -= 60 * 86_400_000_000);
    assert!(early.contains("fired before"), "{early}");
    let unset = altered(&|header| header.command_key = CommandKey::from_bytes([7; 32]));
    assert!(unset.contains("no state ever had this timer"), "{unset}");
    let mut header = fired[0].header().clone();
    header.event_type = REFUSED.into();
    let refusal = br#"{"process": "timers", "command": "expireJob", "code": "TIMER_STALE"}"#;
    let refused = [before.clone(), vec![Arc::new(Record::seal(header, refusal))]].concat();
    let refused = Firings::of(&refused, now).wrong.join("; ");
    assert!(refused.contains("was refused"), "{refused}");

    // Somebody else did it first.
    let by_hand = altered_record(&fired, &|header| {
        header.actor = "somebody".into();
        header.command_key = CommandKey::from_bytes([7; 32]);
    });
    let gone = [before.clone(), vec![by_hand], fired.clone()].concat();
    let gone = Firings::of(&gone, now).wrong.join("; ");
    assert!(gone.contains("fired after it was gone"), "{gone}");
}

/// The first of the records with another header.
fn altered_record(records: &[Arc<Record>], change: &dyn Fn(&mut Header)) -> Arc<Record> {
    let record = records.first().unwrap();
    let mut header = record.header().clone();
    change(&mut header);
    Arc::new(Record::seal(header, record.payload()))
}
