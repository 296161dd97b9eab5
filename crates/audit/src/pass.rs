//! The semantic pass: one event after the other, against the states that the events before it make.
//!
//! Shape: an event that the rules refuse where it stands is a finding and changes no state, so that what follows is
//! judged by what can have happened; its entry is posted all the same, since the books say what the entries say.

use std::collections::HashMap;
use std::sync::Arc;

use domain::contract::{AwardApplied, Division, EscrowEvent};
use domain::dispute::DisputeEvent;
use domain::money::Money;
use domain::recheck::{self, Recorded, recheck};
use domain::stream::Folded;
use domain::{Event, States, StreamId, Timestamp, codec};
use eventstore::{Header, LeafHash, Position, Record};

use crate::books::Books;
use crate::companions::Companions;
use crate::refold;
use crate::report::{Report, ReportFinding, code};
use crate::verify::FINDINGS_MAX;

/// Something wrong with an event: its code, and a sentence.
pub(crate) type Breach = (&'static str, String);

/// Everything that is known after the events so far.
#[derive(Default)]
pub(crate) struct Pass {
    states: HashMap<StreamId, Folded>,
    books: Books,
    companions: Companions,
    findings: Vec<ReportFinding>,
    events: u64,
    position: Position,
    leaf: Option<LeafHash>,
}

impl Pass {
    /// The last position that was judged.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// Whether so much was found that the rest is not worth judging.
    pub(crate) fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    /// Judges the next record.
    pub(crate) fn record(&mut self, record: &Record) {
        if self.is_full() {
            return;
        }
        let header = record.header();
        self.events += 1;
        self.position = header.position;
        self.leaf = Some(record.leaf());
        match codec::decode(&header.event_type, header.schema_version, record.payload()) {
            Ok(event) if in_range(&event) => self.event(header, &event),
            Ok(_) => self.unjudged(
                header,
                code::AMOUNT_OUT_OF_RANGE,
                "an amount is beyond what any rule makes".to_owned(),
            ),
            Err(error) => self.unjudged(header, code::EVENT_UNREADABLE, error.to_string()),
        }
    }

    fn event(&mut self, header: &Header, event: &Event) {
        let streams = event.streams();
        let members: Vec<String> = streams.iter().map(ToString::to_string).collect();
        let mut states = States::default();
        self.take(streams, &mut states);
        let owner = states.folded().first().and_then(|folded| folded.state.as_deref());
        let reads = recheck::reads(event, owner);
        self.take(reads, &mut states);
        let mut breaches = memberships(header, &members, &states);
        let recorded = Recorded { at: Timestamp::from_micros(header.recorded_at), actor: &header.actor };
        let together = self.companions.next(header, event, &states);
        for (position, breach) in together {
            self.found(position, breach);
        }
        match recheck(event, &states, recorded) {
            Ok(()) => drop(states.evolve(event, recorded.at)),
            Err(refusal) => breaches.push((refusal.code.as_str(), refusal.message.into_owned())),
        }
        self.put_back(header, &members, &states);
        breaches.extend(self.books.event(header, event, &states));
        for breach in breaches {
            self.found(header.position, breach);
        }
    }

    /// Passes over an event that can't be judged; its streams have it all the same.
    fn unjudged(&mut self, header: &Header, code: &'static str, message: String) {
        self.found(header.position, (code, message));
        self.companions.skip(header);
        let known = header.memberships.iter().filter_map(|membership| {
            let stream = StreamId::parse(&membership.stream)?;
            Some((stream, membership.stream.to_string()))
        });
        let (streams, members): (Vec<StreamId>, Vec<String>) = known.unzip();
        let mut states = States::default();
        self.take(streams, &mut states);
        self.put_back(header, &members, &states);
    }

    /// Moves the states of `streams` into `states`, so that they evolve without being copied.
    fn take(&mut self, streams: Vec<StreamId>, states: &mut States) {
        for stream in streams {
            if states.folded().iter().any(|folded| folded.stream == stream) {
                continue;
            }
            let folded = self.states.remove(&stream).unwrap_or(Folded { stream, revision: 0, state: None });
            states.put(folded);
        }
    }

    /// Keeps the states again, of which the first are those of `members`.
    fn put_back(&mut self, header: &Header, members: &[String], states: &States) {
        for (index, folded) in states.folded().iter().enumerate() {
            let mut folded = folded.clone();
            // After a gap the revisions are counted on from what the record says, so that a gap is found once.
            if let Some(revision) = members.get(index).and_then(|name| header.revision_in(name)) {
                folded.revision = revision;
            }
            if folded.revision > 0 {
                self.states.insert(folded.stream.clone(), folded);
            }
        }
    }

    fn found(&mut self, position: impl Into<Option<Position>>, (code, message): Breach) {
        if !self.is_full() {
            self.findings.push(ReportFinding { position: position.into().map(Position::get), code, message });
        }
    }

    /// Ends a log that was read whole.
    pub(crate) fn end(&mut self) {
        if self.is_full() {
            return;
        }
        if let Some((position, breach)) = self.companions.end() {
            self.found(position, breach);
        }
        self.compare();
    }

    /// Compares the books with the states as they are now, and looks at each effective day.
    pub(crate) fn compare(&mut self) {
        let states = self.states.values();
        let states = states.filter_map(|folded| Some((&folded.stream, folded.state.as_deref()?)));
        let mut differing = refold::compare(&self.books, states);
        differing.extend(self.books.unequal_days().map(|breach| (None, breach)));
        for (position, breach) in differing {
            self.found(position, breach);
        }
    }

    /// What it all comes to, with what was found before.
    pub(crate) fn report(self, marketplace: &Arc<str>, mut findings: Vec<ReportFinding>) -> Report {
        if self.is_full() {
            let message = format!(
                "only the first {FINDINGS_MAX} are listed, and nothing after position {} was judged",
                self.position
            );
            findings.push(ReportFinding { position: None, code: code::MORE_FINDINGS, message });
        }
        findings.extend(self.findings);
        findings.sort_by_key(|finding| finding.position.unwrap_or(u64::MAX));
        let contracts = self.states.values().filter_map(|folded| folded.state.as_deref()?.as_contract());
        let (contracts, milestones) = contracts
            .fold((0, 0), |(count, sum), contract| (count + 1, sum + contract.milestones.len() as u64));
        Report {
            marketplace: marketplace.to_string(),
            events: self.events,
            head: self.position,
            head_leaf: self.leaf,
            contracts,
            milestones,
            balances: self.books.trial(),
            findings,
        }
    }
}

/// Compares the streams and revisions in the record with those of the event, which are the first of `states`.
fn memberships(header: &Header, members: &[String], states: &States) -> Vec<Breach> {
    let expected = members.iter().map(String::as_str);
    let expected = expected.zip(states.folded().iter().map(|folded| folded.revision + 1));
    let recorded = header.memberships.iter();
    if recorded.map(|membership| (&*membership.stream, membership.revision)).eq(expected.clone()) {
        return Vec::new();
    }
    let named: Vec<String> = expected.map(|(stream, revision)| format!("{stream} at {revision}")).collect();
    let message = format!("the event belongs to {}, and the record says otherwise", named.join(", "));
    vec![(code::MEMBERSHIP_MISMATCH, message)]
}

fn among_amounts(minor: &[i64]) -> bool {
    minor.iter().all(|minor| (0..=Money::MINOR_MAX).contains(minor))
}

fn in_range_award(e: &AwardApplied) -> bool {
    let (slice, back) = match &e.division {
        Division::Escrow { earned, charge_back } => (earned, *charge_back),
        Division::Earnings { taken_back } => (taken_back, 0),
    };
    among_amounts(&[
        slice.gross,
        slice.talent_fee,
        slice.talent_tax,
        slice.client_fee,
        slice.client_tax,
        back,
    ])
}

/// Whether a bare number of minor units that the rules reckon with is one that an amount can have, so that they can
/// be asked at all. Those of an entry are bounded where it is decoded.
fn in_range(event: &Event) -> bool {
    match event {
        Event::Escrow(EscrowEvent::Released(e)) => among_amounts(&[e.slice.gross]),
        Event::Escrow(EscrowEvent::Refunded(e)) => among_amounts(&[e.charge]),
        Event::Escrow(EscrowEvent::AwardApplied(e)) => in_range_award(e),
        Event::Dispute(DisputeEvent::FeesSettled(e)) => among_amounts(&[e.client_back, e.talent_back, e.tax]),
        Event::Escrow(EscrowEvent::Moved(e)) => among_amounts(&[e.charge.fee, e.charge.tax]),
        Event::Escrow(EscrowEvent::EarningsRefunded(e)) => among_amounts(&[e.talent_fee, e.talent_tax]),
        Event::Escrow(
            EscrowEvent::Funded(_)
            | EscrowEvent::Frozen(_)
            | EscrowEvent::Unfrozen(_)
            | EscrowEvent::EarningsCleared(_),
        )
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Deposit(_)
        | Event::Refund(_)
        | Event::Dispute(_)
        | Event::Account(_)
        | Event::Payout(_)
        | Event::Settlement(_)
        | Event::Process(_) => true,
    }
}
