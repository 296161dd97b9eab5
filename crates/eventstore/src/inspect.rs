//! What it means for a log to be sound, apart from how a backend stores it.
//!
//! Shape: an [`Inspector`] is fed the stored rows, consumers and batches before the events that they cover, events in
//! order of position, then the two indexes. It rebuilds both indexes from the records and compares both ways.
//!
//! Cost: one decoding and one hash per event. Bounds: it holds one entry per stream, per command and per event
//! identity, and at most [`FINDINGS_MAX`] findings.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::Arc,
};

use uuid::Uuid;

use crate::{
    Batch, CommandKey, FINDINGS_MAX, Finding, FindingCode, LeafHash, Membership, Position, Record,
    RequestMac, codec,
};

/// A stored event. Integers are signed here and below because a damaged row may hold any of them.
#[derive(Clone, Debug)]
pub(crate) struct EventRow {
    pub(crate) position: i64,
    pub(crate) record: Box<[u8]>,
    pub(crate) leaf: Box<[u8]>,
    /// Eight bytes for each membership: the position of that stream's previous record, 0 for none.
    pub(crate) previous: Box<[u8]>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchRow {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) recorded_at: i64,
}

impl BatchRow {
    pub(crate) fn of(batch: &Batch) -> Self {
        let signed = |position: Position| i64::try_from(position.get()).unwrap_or(i64::MAX);
        Self {
            first: signed(batch.after().next()),
            last: signed(batch.head().position),
            recorded_at: batch.recorded_at(),
        }
    }

    /// Where the batch after this one begins.
    fn next(self) -> i64 {
        self.first.max(self.last).saturating_add(1)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct StreamHeadRow {
    pub(crate) stream: String,
    pub(crate) revision: i64,
    pub(crate) position: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct CommandRow {
    pub(crate) key: Box<[u8]>,
    pub(crate) position: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct ConsumerRow {
    pub(crate) name: String,
    pub(crate) position: i64,
    pub(crate) leaf: Box<[u8]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct StreamHead {
    revision: u64,
    position: i64,
}

/// Takes the stored rows, and keeps what does not fit.
#[derive(Debug)]
pub(crate) struct Inspector {
    marketplace: Arc<str>,
    /// The head when the inspection began; what was appended since is not inspected.
    head: i64,
    /// The last other marketplace that was reported, so that one altered name is one finding.
    foreign: Option<Arc<str>>,
    expected: i64,
    recorded_at: i64,
    batches: VecDeque<BatchRow>,
    /// The last batch taken.
    batched: Option<BatchRow>,
    streams: HashMap<Arc<str>, StreamHead>,
    command: Option<(CommandKey, RequestMac)>,
    commands: Vec<(CommandKey, i64)>,
    commands_seen: Vec<bool>,
    /// Up to where the index of commands must be complete.
    indexed: i64,
    identities: Vec<(Uuid, i64)>,
    consumers: BTreeMap<i64, Vec<ConsumerRow>>,
    findings: Vec<Finding>,
    unreported: usize,
}

impl Inspector {
    /// Begins with a log of `marketplace` that ends at `head`.
    pub(crate) fn new(marketplace: Arc<str>, head: i64) -> Self {
        Self {
            marketplace,
            head,
            foreign: None,
            expected: 1,
            recorded_at: i64::MIN,
            batches: VecDeque::new(),
            batched: None,
            streams: HashMap::new(),
            command: None,
            commands: Vec::new(),
            commands_seen: Vec::new(),
            indexed: i64::MAX,
            identities: Vec::new(),
            consumers: BTreeMap::new(),
            findings: Vec::new(),
            unreported: 0,
        }
    }

    /// The marketplace whose log it is.
    pub(crate) fn marketplace(&self) -> &Arc<str> {
        &self.marketplace
    }

    /// Where the log ended when the inspection began.
    pub(crate) fn head(&self) -> i64 {
        self.head
    }

    /// Keeps a finding.
    pub(crate) fn report(&mut self, code: FindingCode, position: Option<i64>, detail: impl fmt::Display) {
        if self.findings.len() >= FINDINGS_MAX {
            self.unreported += 1;
            return;
        }
        let position = position.and_then(|position| u64::try_from(position).ok()).map(Position::new);
        self.findings.push(Finding { position, code, detail: detail.to_string() });
    }

    /// Notes that the index of commands may lack those that were recorded after `position`.
    pub(crate) fn indexed(&mut self, position: i64) {
        self.indexed = position;
    }

    /// Takes a consumer's checkpoint, to be compared when the events come by.
    pub(crate) fn consumer(&mut self, row: ConsumerRow) {
        self.consumers.entry(row.position).or_default().push(row);
    }

    /// Takes a batch, in order, before the events that it covers.
    pub(crate) fn batch(&mut self, row: BatchRow) {
        if row.last < row.first {
            let detail = format!("a batch covers positions {} to {}", row.first, row.last);
            self.report(FindingCode::BatchMismatch, Some(row.first), detail);
        }
        let next = self.batched.map_or(1, BatchRow::next);
        if row.first > next {
            let detail = format!("no batch covers positions {next} to {}", row.first - 1);
            self.report(FindingCode::BatchMismatch, Some(next), detail);
        } else if row.first < next {
            let before = self.batched.map_or(row.first, |before| before.first);
            let detail =
                format!("the batch from {before} ends at {}, but one begins at {}", next - 1, row.first);
            self.report(FindingCode::BatchMismatch, Some(before), detail);
        }
        self.batched = Some(row);
        self.batches.push_back(row);
    }

    /// Passes over the event at `position`, which can't be read.
    pub(crate) fn unreadable(&mut self, position: i64, why: impl fmt::Display) {
        self.follow(position);
        self.report(FindingCode::RowUnreadable, Some(position), why);
        self.command = None;
    }

    /// Takes an event, in order of position.
    pub(crate) fn event(&mut self, row: EventRow) {
        let position = row.position;
        self.follow(position);
        let leaf = codec::leaf(&row.record);
        if row.leaf[..] != leaf.as_bytes()[..] {
            let detail =
                format!("the record hashes to {leaf}, the leaf beside it is {}", hex::encode(&row.leaf));
            self.report(FindingCode::LeafMismatch, Some(position), detail);
        }
        self.compare_consumers(position, leaf);
        match Record::decode_shared(row.record, Some(&self.marketplace)) {
            Ok(record) => {
                self.compare_header(position, &record);
                self.compare_streams(position, &record.header().memberships, &row.previous);
            }
            Err(error) => {
                self.report(FindingCode::RecordMalformed, Some(position), error);
                self.command = None;
            }
        }
    }

    /// Notes that `position` comes next.
    fn follow(&mut self, position: i64) {
        if position > self.expected {
            self.missing(position.saturating_sub(1));
        } else if position < self.expected {
            let detail = format!("a row stands at {position} where {} follows", self.expected);
            self.report(FindingCode::PositionMismatch, Some(position), detail);
        }
        self.expected = position.saturating_add(1).max(1);
    }

    fn missing(&mut self, last: i64) {
        let detail = format!("there is no record at positions {} to {last}", self.expected);
        self.report(FindingCode::RecordMissing, Some(self.expected), detail);
        self.command = None;
    }

    fn compare_consumers(&mut self, position: i64, leaf: LeafHash) {
        for row in self.consumers.remove(&position).unwrap_or_default() {
            if row.leaf[..] != leaf.as_bytes()[..] {
                let detail =
                    format!("the checkpoint of {} names another leaf than the log has there", row.name);
                self.report(FindingCode::CheckpointMismatch, Some(position), detail);
            }
        }
    }

    fn compare_header(&mut self, position: i64, record: &Record) {
        let header = record.header();
        if i64::try_from(header.position.get()) != Ok(position) {
            let detail = format!("the record says position {}", header.position);
            self.report(FindingCode::PositionMismatch, Some(position), detail);
        }
        if header.marketplace != self.marketplace && self.foreign.as_ref() != Some(&header.marketplace) {
            self.foreign = Some(Arc::clone(&header.marketplace));
            let detail =
                format!("the record names {}, the log is of {}", header.marketplace, self.marketplace);
            self.report(FindingCode::MarketplaceMismatch, Some(position), detail);
        }
        self.compare_time(position, header.recorded_at);
        match self.command {
            Some((key, mac)) if key == header.command_key => {
                if mac != header.request_mac {
                    let detail =
                        "the record names another request than the one before it of the same command";
                    self.report(FindingCode::RequestMismatch, Some(position), detail);
                }
            }
            Some(_) | None => self.commands.push((header.command_key, position)),
        }
        self.command = Some((header.command_key, header.request_mac));
        self.identities.push((header.event_id, position));
    }

    fn compare_time(&mut self, position: i64, recorded_at: i64) {
        if recorded_at < self.recorded_at {
            let detail = format!("recorded at {recorded_at}, before the {} in front of it", self.recorded_at);
            self.report(FindingCode::RecordedAtMismatch, Some(position), detail);
        }
        self.recorded_at = recorded_at;
        // The batch of a record is the last that begins at or before it, whatever end that one claims.
        while self.batches.get(1).is_some_and(|batch| batch.first <= position) {
            self.batches.pop_front();
        }
        match self.batches.front() {
            Some(batch) if (batch.first..=batch.last).contains(&position) => {
                if batch.recorded_at != recorded_at {
                    let detail = format!("recorded at {recorded_at}, but its batch at {}", batch.recorded_at);
                    self.report(FindingCode::RecordedAtMismatch, Some(position), detail);
                }
            }
            Some(_) | None => {
                self.report(FindingCode::BatchMismatch, Some(position), "no batch covers the record");
            }
        }
    }

    fn compare_streams(&mut self, position: i64, memberships: &[Membership], previous: &[u8]) {
        let (pointers, rest) = previous.as_chunks::<8>();
        if pointers.len() != memberships.len() || !rest.is_empty() {
            let detail =
                format!("{} bytes of back-pointers for {} streams", previous.len(), memberships.len());
            self.report(FindingCode::BackPointerMismatch, Some(position), detail);
        }
        for (index, membership) in memberships.iter().enumerate() {
            let Membership { stream, revision } = membership;
            let head = self.streams.get(stream).copied().unwrap_or_default();
            if *revision != head.revision + 1 {
                let detail =
                    format!("revision {revision} of {stream} follows its revision {}", head.revision);
                self.report(FindingCode::RevisionMismatch, Some(position), detail);
            } else if let Some(pointer) = pointers.get(index).map(|bytes| i64::from_be_bytes(*bytes))
                && pointer != head.position
            {
                let detail = format!("the pointer for {stream} leads to {pointer}, not to {}", head.position);
                self.report(FindingCode::BackPointerMismatch, Some(position), detail);
            }
            self.streams.insert(Arc::clone(stream), StreamHead { revision: *revision, position });
        }
    }

    /// Ends the events and prepares for the indexes.
    pub(crate) fn events_done(&mut self) {
        let recorded = self.expected - 1;
        if recorded < self.head {
            self.missing(self.head);
        }
        let batched = self.batched.map_or(0, |last| last.last);
        if batched != recorded {
            let first = self.batched.map_or(1, |last| last.first);
            let detail =
                format!("the last batch, from {first}, ends at {batched}, the records at {recorded}");
            self.report(FindingCode::BatchMismatch, Some(first), detail);
        }
        for row in std::mem::take(&mut self.consumers).into_values().flatten() {
            let detail = format!("the checkpoint of {} is not in the log", row.name);
            self.report(FindingCode::CheckpointMismatch, Some(row.position), detail);
        }
        let mut identities = std::mem::take(&mut self.identities);
        identities.sort_unstable();
        for [(earlier, at), (later, position)] in identities.array_windows() {
            if earlier == later {
                let detail = format!("the event {later} is already at position {at}");
                self.report(FindingCode::EventIdRepeated, Some(*position), detail);
            }
        }
        self.commands.sort_unstable();
        let commands = std::mem::take(&mut self.commands);
        for [(earlier, at), (later, position)] in commands.array_windows() {
            if earlier == later {
                let detail = format!("the command {later} already has records from position {at}");
                self.report(FindingCode::CommandScattered, Some(*position), detail);
            }
        }
        self.commands = commands;
        self.commands.dedup_by_key(|(key, _)| *key);
        self.commands_seen = vec![false; self.commands.len()];
    }

    /// Takes a row of the index of streams. One that points beyond the inspected head was written since, and is
    /// compared with what `lookup` finds there.
    pub(crate) fn stream_head(&mut self, row: &StreamHeadRow, lookup: impl Fn(i64) -> Option<Record>) {
        let known = self.streams.remove(row.stream.as_str());
        let sound = if row.position > self.head {
            let revision = lookup(row.position).and_then(|record| record.header().revision_in(&row.stream));
            revision.is_some_and(|revision| i64::try_from(revision) == Ok(row.revision))
        } else {
            known.is_some_and(|head| {
                head.position == row.position && i64::try_from(head.revision) == Ok(row.revision)
            })
        };
        if !sound {
            let held = known.map_or_else(
                || "no such stream".to_owned(),
                |head| format!("revision {} at position {}", head.revision, head.position),
            );
            let detail = format!(
                "the index has {} at revision {}, position {}; the records have {held}",
                row.stream, row.revision, row.position
            );
            let position = known.map_or(row.position, |head| head.position);
            self.report(FindingCode::StreamIndexMismatch, Some(position), detail);
        }
    }

    /// Takes a row of the index of commands; as for [`Inspector::stream_head`].
    pub(crate) fn command(&mut self, row: &CommandRow, lookup: impl Fn(i64) -> Option<Record>) {
        let known = self.commands.binary_search_by(|(key, _)| key.as_bytes()[..].cmp(&row.key[..])).ok();
        let position = known.map(|index| {
            self.commands_seen[index] = true;
            self.commands[index].1
        });
        let sound = if row.position > self.head {
            lookup(row.position)
                .is_some_and(|record| record.header().command_key.as_bytes()[..] == row.key[..])
        } else {
            position == Some(row.position)
        };
        if !sound {
            let held =
                position.map_or_else(|| "no such command".to_owned(), |at| format!("it at position {at}"));
            let detail = format!(
                "the index has the command {} at position {}; the records have {held}",
                hex::encode(&row.key),
                row.position
            );
            self.report(FindingCode::CommandIndexMismatch, Some(position.unwrap_or(row.position)), detail);
        }
    }

    /// Ends the inspection: whatever the records have and an index did not bring is missing there.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        let mut streams: Vec<_> = std::mem::take(&mut self.streams).into_iter().collect();
        streams.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        for (stream, head) in streams {
            let detail = format!("the index lacks the stream {stream}");
            self.report(FindingCode::StreamIndexMismatch, Some(head.position), detail);
        }
        let commands = std::mem::take(&mut self.commands);
        let unseen = commands
            .iter()
            .zip(&self.commands_seen)
            .filter(|((_, position), seen)| !**seen && *position <= self.indexed)
            .map(|(command, _)| command);
        let unseen: Vec<_> = unseen.collect();
        for (key, position) in unseen {
            let detail = format!("the index lacks the command {key}");
            self.report(FindingCode::CommandIndexMismatch, Some(*position), detail);
        }
        if self.unreported > 0 {
            let detail = format!("{} more findings are not listed", self.unreported);
            self.findings.push(Finding { position: None, code: FindingCode::MoreFindings, detail });
        }
        self.findings
    }
}
