//! `verify`: the whole log, first its structure, then its meaning.

use eventstore::{EventStore, FaultKind, Position, StoreFault};

use crate::pass::Pass;
use crate::report::{Report, ReportFinding, code};

/// Most findings of the semantic pass; it ends there. The structural ones have a bound of their own.
pub const FINDINGS_MAX: usize = 100;

// A bad record refuses its whole page, which is then read again in parts, so pages are no larger than pays.
const PAGE: usize = 256;

/// Verifies the log in `store`, up to the head that it has now.
///
/// Two passes, and `progress` is told `(passed, head)` from time to time in each. The first is the store's own
/// inspection: leaf hashes, gapless positions, indexes rebuilt from the records and compared. The second decodes
/// every event in order of position, compares the streams and revisions in its record with the event's own, asks the
/// domain whether it could have happened and whether its money is what the posting rules make, holds what one command
/// recorded together, and checks the invariants of the books after every entry. At the end the balances summed from
/// the entries are compared with those of the folded states.
///
/// Cost: every record is read, hashed and decoded twice. Bounds: pages, and at most [`FINDINGS_MAX`] findings of the
/// second pass; but all streams are held folded, so memory grows with the number of streams and milestones.
///
/// # Errors
/// A fault of the store that is no damage. Damage is a finding; once there is one, so is every further fault.
pub async fn verify(
    store: &dyn EventStore,
    progress: &(dyn Fn(Position, Position) + Sync),
) -> Result<Report, StoreFault> {
    let fixed = store.head().await.map(|head| head.position);
    let goal = fixed.as_ref().copied().unwrap_or(Position::START);
    let structure = store.inspect(&|passed| progress(passed, goal)).await?;
    let mut findings: Vec<ReportFinding> = structure.into_iter().map(ReportFinding::from).collect();
    let head = match fixed {
        Ok(head) => Some(head),
        Err(fault) => {
            findings.push(damage(fault, &findings, (None, code::HEAD_UNREADABLE))?);
            None
        }
    };
    let mut pass = Pass::default();
    match read(store, head, &mut pass, progress).await {
        Ok(()) => pass.end(),
        Err(fault) => {
            let place = Some(pass.position().next());
            findings.push(damage(fault, &findings, (place, code::RECORD_UNREADABLE))?);
            pass.compare();
        }
    }
    Ok(pass.report(store.marketplace(), findings))
}

/// The finding that a fault is, if it is one.
fn damage(
    fault: StoreFault,
    found: &[ReportFinding],
    (position, code): (Option<Position>, &'static str),
) -> Result<ReportFinding, StoreFault> {
    if fault.kind != FaultKind::Damaged && found.is_empty() {
        return Err(fault);
    }
    Ok(ReportFinding { position: position.map(Position::get), code, message: fault.message })
}

/// Feeds the pass everything up to `head`; without one, everything there is.
async fn read(
    store: &dyn EventStore,
    head: Option<Position>,
    pass: &mut Pass,
    progress: &(dyn Fn(Position, Position) + Sync),
) -> Result<(), StoreFault> {
    let end = head.unwrap_or(Position::LAST);
    let mut limit = PAGE;
    while pass.position() < end && !pass.is_full() {
        let left = usize::try_from(end.get() - pass.position().get()).unwrap_or(usize::MAX);
        limit = limit.min(left);
        match store.read(pass.position(), limit).await {
            Ok(page) if page.is_empty() => break,
            Ok(page) => {
                for record in page.iter().take_while(|record| record.position() <= end) {
                    pass.record(record);
                }
                progress(pass.position(), head.unwrap_or(pass.position()));
            }
            // Smaller pages bring what is sound in front of the bad record.
            Err(_) if limit > 1 => limit /= 2,
            Err(fault) => return Err(fault),
        }
    }
    match head {
        Some(head) if pass.position() < head && !pass.is_full() => {
            Err(StoreFault::new(FaultKind::Damaged, format!("the log ends before its head at {head}")))
        }
        Some(_) | None => Ok(()),
    }
}
