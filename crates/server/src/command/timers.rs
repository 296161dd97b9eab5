//! `timers`: what happens by itself next, and why. Reads the table beside a running server, and never writes to it.

use crate::options::TimersOptions;
use crate::wire::{Failure, named};
use domain::Timestamp;
use engine::due::{Due, DueFilter, DueTable, PAGE_MAX};
use engine::{Clock, SystemClock};
use eventstore::{EventStore, SqliteStore};
use std::io::Write;
use std::process::ExitCode;

pub(crate) async fn run(options: &TimersOptions) -> Result<ExitCode, Failure> {
    let store = SqliteStore::open_read_only(&options.data).map_err(|error| named(&error))?;
    let head = store.head().await?;
    // A marketplace that lives in the future is overdue by its own clock.
    let now = SystemClock.now().max(Timestamp::from_micros(head.recorded_at));
    let path = options.data.join("due.db");
    if !path.exists() {
        let data = options.data.display();
        return Err(format!("{data} has no table of what is due yet; start dev or serve on it once").into());
    }
    let table = DueTable::open_read_only(&path)?;
    let mut filter = DueFilter { before: options.before, party: options.party, after: None };
    let mut rows: Vec<Due> = Vec::new();
    while rows.len() < options.limit {
        let page = table.list(&filter, (options.limit - rows.len()).min(PAGE_MAX))?;
        let Some(last) = page.last() else { break };
        filter.after = Some(last.cursor);
        rows.extend(page);
    }
    let mut output = std::io::stdout().lock();
    if options.json {
        for due in &rows {
            writeln!(output, "{}", json(due, now))?;
        }
    } else {
        write!(output, "{}", text(&rows, now))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn json(due: &Due, now: Timestamp) -> serde_json::Value {
    serde_json::json!({
        "due": due.due.to_string(),
        "overdue": due.due < now,
        "command": due.kind.command().as_str(),
        "stream": due.stream.to_string(),
        "subject": due.kind.subject(),
        "why": due.kind.reason(),
        "concerns": due.concerns.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "epoch": due.epoch,
    })
}

fn text(rows: &[Due], now: Timestamp) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    if rows.is_empty() {
        text.push_str("Nothing is due.\n");
    }
    for due in rows {
        let when = due.due.to_string();
        let when = when.get(..19).unwrap_or(&when).replace('T', " ");
        let mark = if due.due < now { "overdue" } else { "" };
        let subject = due.kind.subject().map(|subject| format!(" {subject}")).unwrap_or_default();
        let concerns: Vec<String> = due.concerns.iter().map(ToString::to_string).collect();
        let whom = if concerns.is_empty() {
            String::new()
        } else {
            format!("\n{:33}for {}", "", concerns.join(", "))
        };
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            "{when} UTC  {mark:7}  {:24}  {}{subject}\n{:33}because {}{whom}",
            due.kind.command().as_str(),
            due.stream,
            "",
            due.kind.reason()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::StreamId;
    use domain::id::JobId;
    use domain::timer::TimerKind;
    use engine::due::DueCursor;

    #[test]
    fn a_row_says_what_when_why_and_whether_it_is_overdue() {
        let due = Due {
            stream: StreamId::Job(JobId::from_u128(1)),
            kind: TimerKind::ExpireJob,
            due: Timestamp::from_micros(0),
            epoch: 2,
            concerns: vec![],
            cursor: DueCursor { due: 0, row: 1 },
        };
        let row = text(std::slice::from_ref(&due), Timestamp::from_micros(1));
        for part in ["1970-01-01 00:00:00 UTC", "overdue", "expireJob", "job/job_", "because the job"] {
            assert!(row.contains(part), "{row}");
        }
        assert!(!text(&[due], Timestamp::from_micros(0)).contains("overdue"));
    }
}
