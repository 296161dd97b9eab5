//! Reading everything that the log's file holds, for inspection.
//!
//! Shape: an [`Inspection`] goes through the file in steps, each a few short reads, and feeds the rows to the
//! [`Inspector`], which knows what they should be. What the engine refuses to read becomes a finding, and the
//! reading goes on behind it.
//!
//! Bounds: a step reads at most [`ROWS_MAX`] rows. The head is fixed at the start, so
//! a log that is being written meanwhile is inspected up to there.

use std::{fmt, fs, sync::Arc};

use rusqlite::Connection;

use super::{
    commands, consumer,
    pool::Pool,
    rows::{self, ROWS_MAX},
    seal, verify,
};
use crate::{FindingCode, Record, StoreFault, inspect::Inspector};

// Rows that follow one that can't be read are tried one by one, this many in a step.
const ROWS_TRIED: i64 = 256;
// After as many steps without a single readable row, the rest is given up.
const STEPS_TRIED: u32 = 64;
// The engine's own check is one long read, which beside a writer keeps the write-ahead log from starting over.
const STRUCTURE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// How far an inspection has come.
#[derive(Debug)]
enum Stage {
    Events { from: i64, failed: u32 },
    Streams { after: String },
    Commands { after: Vec<u8> },
    Structure,
    Done,
}

/// One way through the file.
#[derive(Debug)]
pub(super) struct Inspection {
    pool: Arc<Pool>,
    inspector: Inspector,
    stage: Stage,
    batched: i64,
}

impl Inspection {
    /// Fixes the head, and reads what is small.
    pub(super) fn begin(pool: Arc<Pool>, marketplace: Arc<str>) -> Result<Self, StoreFault> {
        // Checkpoints first: they never run ahead of the head that is fixed after them.
        let (consumers, consumers_refused) = pool.run(|connection| Ok(rows::consumers(connection)))?;
        let (head, head_refused) = pool.run(|connection| Ok(rows::head(connection)))?;
        let mut inspector = Inspector::new(marketplace, head);
        for (what, refused) in [("the consumers", consumers_refused), ("the head", head_refused)] {
            if let Some(fault) = refused {
                inspector.report(FindingCode::RowUnreadable, None, format!("{what} can't be read: {fault}"));
            }
        }
        let indexed = consumers.iter().find(|(row, _)| row.name == commands::CONSUMER);
        inspector.indexed(indexed.map_or(0, |(row, _)| row.position));
        for (row, digest) in consumers {
            if consumer::digest(&row.name, row.position, &row.leaf)[..] != digest[..] {
                let detail = format!("the checkpoint of {} differs from its digest", row.name);
                inspector.report(FindingCode::CheckpointMismatch, Some(row.position), detail);
            }
            inspector.consumer(row);
        }
        Ok(Self { pool, inspector, stage: Stage::Events { from: i64::MIN, failed: 0 }, batched: i64::MIN })
    }

    /// Reads some more. Answers with how far the events have been passed, or `None` when all is done.
    pub(super) fn step(&mut self) -> Result<Option<i64>, StoreFault> {
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        self.stage = match stage {
            Stage::Events { from, failed } => self.events(from, failed)?,
            Stage::Streams { after } => self.streams(&after)?,
            Stage::Commands { after } => self.commands(&after)?,
            Stage::Structure => self.structure()?,
            Stage::Done => return Ok(None),
        };
        Ok(Some(match self.stage {
            Stage::Events { from, .. } => from.saturating_sub(1).max(0),
            Stage::Streams { .. } | Stage::Commands { .. } | Stage::Structure | Stage::Done => {
                self.inspector.head()
            }
        }))
    }

    /// Ends the inspection.
    pub(super) fn finish(self) -> Vec<crate::Finding> {
        self.inspector.finish()
    }

    fn events(&mut self, from: i64, failed: u32) -> Result<Stage, StoreFault> {
        let head = self.inspector.head();
        let (rows, refused) = self.pool.run(|connection| Ok(rows::events(connection, from, head)))?;
        let last = rows.last().map(|row| row.position);
        if let Some(last) = last {
            self.batches(last)?;
        }
        for row in rows {
            self.inspector.event(row);
        }
        let next = last.map_or(from, |last| last.saturating_add(1));
        if refused.is_none() && last.is_some_and(|last| (from..head).contains(&last)) {
            return Ok(Stage::Events { from: next, failed: 0 });
        }
        if let Some(fault) = refused
            && next <= head
        {
            if failed < STEPS_TRIED {
                return self.try_events(next.max(1), failed);
            }
            let detail = format!("the records from position {next} on can't be read: {fault}");
            self.inspector.report(FindingCode::RowUnreadable, Some(next), detail);
        }
        self.batches(head)?;
        self.inspector.events_done();
        Ok(Stage::Streams { after: String::new() })
    }

    /// Reads events one by one, for where a scan stopped.
    fn try_events(&mut self, from: i64, failed: u32) -> Result<Stage, StoreFault> {
        let last = from.saturating_add(ROWS_TRIED - 1).min(self.inspector.head());
        self.batches(last)?;
        let mut found = false;
        for position in from..=last {
            match self.pool.run(|connection| Ok(rows::event(connection, position)))? {
                Ok(Some(row)) => {
                    found = true;
                    self.inspector.event(row);
                }
                Ok(None) => {}
                Err(fault) => self.inspector.unreadable(position, fault),
            }
        }
        Ok(Stage::Events { from: last.saturating_add(1), failed: if found { 0 } else { failed + 1 } })
    }

    /// Feeds the batches that begin at or before `last` and were not fed yet.
    fn batches(&mut self, last: i64) -> Result<(), StoreFault> {
        while self.batched <= last {
            let from = self.batched;
            let (rows, refused) = self.pool.run(|connection| Ok(rows::batches(connection, from, last)))?;
            let full = rows.len() == ROWS_MAX;
            self.batched = match rows.last() {
                Some(row) if full => row.first.saturating_add(1),
                Some(_) | None => last.saturating_add(1),
            };
            for row in rows {
                self.inspector.batch(row);
            }
            if let Some(fault) = refused {
                let detail = format!("batches can't be read: {fault}");
                self.inspector.report(FindingCode::RowUnreadable, Some(from), detail);
            }
        }
        Ok(())
    }

    fn streams(&mut self, after: &str) -> Result<Stage, StoreFault> {
        let (rows, refused) = self.pool.run(|connection| Ok(rows::streams(connection, after)))?;
        let pool = Arc::clone(&self.pool);
        for row in &rows {
            self.inspector.stream_head(row, |position| lookup(&pool, position));
        }
        if let Some(fault) = refused {
            self.give_up("the index of streams", &fault);
        } else if let Some(last) = rows.last().filter(|last| *last.stream > *after) {
            return Ok(Stage::Streams { after: last.stream.clone() });
        }
        Ok(Stage::Commands { after: Vec::new() })
    }

    fn commands(&mut self, after: &[u8]) -> Result<Stage, StoreFault> {
        let (rows, refused) = self.pool.run(|connection| Ok(rows::commands(connection, after)))?;
        let pool = Arc::clone(&self.pool);
        for row in &rows {
            self.inspector.command(row, |position| lookup(&pool, position));
        }
        if let Some(fault) = refused {
            self.give_up("the index of commands", &fault);
        } else if let Some(last) = rows.last().filter(|last| last.key[..] > after[..]) {
            return Ok(Stage::Commands { after: last.key.to_vec() });
        }
        Ok(Stage::Structure)
    }

    fn give_up(&mut self, what: &str, why: &dyn fmt::Display) {
        self.inspector.report(
            FindingCode::RowUnreadable,
            None,
            format!("{what} can't be read further: {why}"),
        );
    }

    /// The engine's own check, the definitions, and the seal.
    fn structure(&mut self) -> Result<Stage, StoreFault> {
        let length = fs::metadata(self.pool.files.log())?.len();
        if length <= STRUCTURE_BYTES_MAX {
            let (faults, refused) = self.pool.run(|connection| Ok(rows::structure(connection)))?;
            let faults = faults.into_iter().filter(|fault| fault != "ok");
            for fault in faults.chain(refused.map(|fault| fault.message)) {
                self.inspector.report(FindingCode::StructureDamaged, None, fault);
            }
        }
        for (code, check) in [
            (FindingCode::SchemaDiffers, verify::schema as fn(&Connection) -> _),
            (FindingCode::IdentityDiffers, verify::identity),
        ] {
            let differences = self.pool.run(|connection| Ok(check(connection)))?;
            for difference in differences.unwrap_or_else(|fault| vec![fault.message]) {
                self.inspector.report(code, None, difference);
            }
        }
        let named = self.pool.run(|connection| Ok(verify::marketplace(connection)))?;
        if named.as_ref() != Ok(self.inspector.marketplace()) {
            let found = named.map_or_else(|fault| fault.message, |name| format!("it names {name}"));
            self.inspector.report(
                FindingCode::IdentityDiffers,
                None,
                format!("the table meta has changed: {found}"),
            );
        }
        for found in seal::compare(&self.pool.files)? {
            self.inspector.report(found.code, None, found.detail);
        }
        Ok(Stage::Done)
    }
}

/// The record at `position`, if there is a sound one.
fn lookup(pool: &Pool, position: i64) -> Option<Record> {
    let row = pool.run(|connection| Ok(rows::event(connection, position).ok().flatten())).ok().flatten()?;
    Record::decode(row.record).ok()
}
