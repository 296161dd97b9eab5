//! Deciding one command on the states at the head, and sealing its events into records. Synchronous and pure but for
//! the cache that it evolves.

use super::batch::Draft;
use super::cache::Cache;
use super::run::{Job, Request};
use crate::entropy::Entropy;
use domain::codec::encode;
use domain::id::{EventId, TypedId};
use domain::process::CommandRefused;
use domain::stream::Decided;
use domain::{Actor, Code, Context, Refusal, States, StreamId, Timestamp, execute};
use eventstore::{FaultKind, Header, Membership, Record, StoreFault};
use std::borrow::Cow;
use std::sync::Arc;

/// What became of a command before it is appended.
pub(super) enum Step {
    /// Its events are in the draft.
    Drafted,
    /// A rule said no; the caller is told now.
    Refused(Job, Refusal),
    /// Streams that the decision reads aren't in the cache.
    Cold(Job, Vec<StreamId>),
    /// It can't be recorded; the caller is told now.
    Fault(Job, StoreFault),
}

/// The streams that a command reads, as far as the cache knows its primary one.
fn reads(request: &Request, cache: &mut Cache) -> Vec<StreamId> {
    let primary = request.command.primary();
    let secondary = request.command.secondary(cache.get(&primary).and_then(|folded| folded.state.as_deref()));
    let mut streams = vec![StreamId::Marketplace];
    for stream in std::iter::once(primary).chain(secondary) {
        if !streams.contains(&stream) {
            streams.push(stream);
        }
    }
    streams
}

/// Those of them that aren't in the cache.
pub(super) fn cold(request: &Request, cache: &mut Cache) -> Vec<StreamId> {
    let mut streams = reads(request, cache);
    streams.retain(|stream| cache.get(stream).is_none());
    streams
}

/// Decides `job` and adds its events to the draft.
pub(super) fn decide(
    job: Job,
    draft: &mut Draft,
    cache: &mut Cache,
    entropy: &mut Entropy,
    log: &Arc<str>,
) -> Step {
    let (mut states, mut cold) = (States::default(), Vec::new());
    for stream in reads(&job.request, cache) {
        match cache.get(&stream) {
            Some(folded) => states.put(folded.clone()),
            None => cold.push(stream),
        }
    }
    if !cold.is_empty() {
        return Step::Cold(job, cold);
    }
    let request = &job.request;
    let seed = seed(request, entropy);
    let cx = Context::new(Timestamp::from_micros(draft.recorded_at), request.actor.clone(), seed);
    let (decided, refusal) = match execute(&request.command, states, &cx) {
        Ok(decided) => (decided, None),
        Err(refusal) => match record_refusal(request, &refusal, cache, cx.now) {
            Ok(decided) => (decided, Some(refusal)),
            Err(Some(cold)) => return Step::Cold(job, vec![cold]),
            Err(None) => return Step::Refused(job, refusal),
        },
    };
    match seal(&decided, request, &cx, draft, log) {
        Ok(records) => {
            decided.states.folded().iter().for_each(|folded| cache.put(folded.clone()));
            draft.push(job, records, refusal);
            Step::Drafted
        }
        Err(fault) => Step::Fault(job, fault),
    }
}

/// Fresh ids of a person's command can't be guessed; those of a derived command follow from its key.
fn seed(request: &Request, entropy: &mut Entropy) -> [u8; 16] {
    match request.actor {
        Actor::Person { .. } | Actor::Provider(_) => entropy.next(),
        Actor::System(_) => {
            let mut seed = [0; 16];
            seed.copy_from_slice(&request.key.as_bytes()[..16]);
            seed
        }
    }
}

/// A process's refused command is recorded, so that deriving it again finds the same outcome. `Err(None)` for
/// everybody else's, `Err(Some(stream))` when the process's stream must be loaded first.
fn record_refusal(
    request: &Request,
    refusal: &Refusal,
    cache: &mut Cache,
    now: Timestamp,
) -> Result<Decided, Option<StreamId>> {
    let Actor::System(process) = request.actor else {
        return Err(None);
    };
    // A timer that fired too early fires again: nothing was decided about it.
    if refusal.code == Code::TimerNotDue {
        return Err(None);
    }
    let event = CommandRefused::event(process, request.command.kind(), refusal);
    let stream = StreamId::Process(process.to_owned());
    let mut states = States::default();
    states.put(cache.get(&stream).cloned().ok_or(Some(stream))?);
    let memberships = vec![states.evolve(&event, now)];
    Ok(Decided { events: vec![event], memberships, states })
}

fn seal(
    decided: &Decided,
    request: &Request,
    cx: &Context,
    draft: &Draft,
    log: &Arc<str>,
) -> Result<Vec<Arc<Record>>, StoreFault> {
    let misuse = |error: &dyn std::fmt::Display| StoreFault::new(FaultKind::Misuse, error);
    let mut position = draft.next_position();
    let mut records = Vec::with_capacity(decided.events.len());
    let actor: Arc<str> = request.actor.to_string().into();
    let mut correlation = request.cause.map(|cause| cause.correlation);
    for (event, memberships) in decided.events.iter().zip(&decided.memberships) {
        let (event_type, schema_version) = event.event_type();
        let event_id = cx.fresh::<EventId>().uuid();
        let header = Header {
            marketplace: log.clone(),
            position,
            event_id,
            event_type: Cow::Borrowed(event_type),
            schema_version,
            recorded_at: draft.recorded_at,
            effective_at: draft.recorded_at,
            command_key: request.key,
            request_mac: request.mac,
            actor: actor.clone(),
            correlation: *correlation.get_or_insert(event_id),
            causation: request.cause.map(|cause| cause.event_id.uuid()),
            memberships: memberships.iter().map(named).collect(),
        };
        let payload = encode(event).map_err(|error| misuse(&error))?;
        let record = Record::seal(header, &payload);
        record.check().map_err(|error| misuse(&error))?;
        records.push(Arc::new(record));
        position = position.next();
    }
    Ok(records)
}

fn named(membership: &domain::stream::Membership) -> Membership {
    Membership { stream: membership.stream.to_string().into(), revision: membership.revision }
}
