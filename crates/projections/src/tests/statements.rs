//! The statements themselves.

use super::house::House;
use super::log::OPENING;
use super::market::Market;
use crate::{Name, Position, schema};
use domain::codec;
use eventstore::EventStore;
use rusqlite::{Connection, StatementStatus};

fn open() -> (Connection, House) {
    let house = House::new();
    house.open();
    (Connection::open(house.path()).unwrap(), house)
}

/// The statements of each read model, and of the file itself.
fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_models = Name::ALL.iter().flat_map(|name| name.model().statements.0);
    of_models.chain(schema::STATEMENTS).copied()
}

/// Those that are not one statement each, or name no table; they are run whenever a file is opened, or rebuilt.
const SPECIAL: &[&str] =
    &["schema", "drop", "identity", "writer_settings", "reader_settings", "drop_live", "copy_beside"];

fn single() -> impl Iterator<Item = (&'static str, &'static str)> {
    all().filter(|(name, _)| !SPECIAL.contains(name))
}

#[test]
fn every_statement_prepares() {
    let (file, _house) = open();
    for (name, statement) in single() {
        file.prepare(statement).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_statement_of_a_file_is_used() {
    for name in Name::ALL {
        let (used, written) = name.model().statements;
        assert_eq!(used.len(), written, "{name}");
    }
    assert_eq!(schema::STATEMENTS.len(), schema::STATEMENTS_WRITTEN);
}

#[test]
fn placeholders_are_taken_by_number() {
    for (name, statement) in all() {
        assert!(!statement.contains('$'), "{name}");
    }
    let (file, _house) = open();
    let swapped = crate::sql::numbered::<14>("select $2 - $1");
    let swapped = std::str::from_utf8(&swapped).unwrap();
    assert_eq!(file.query_row(swapped, [1, 10], |row| row.get::<_, i64>(0)).unwrap(), 9);
}

/// What the engine says that it would do.
fn plan(file: &Connection, statement: &str) -> Vec<String> {
    let mut steps = file.prepare(&format!("explain query plan {statement}")).unwrap();
    let blanks = vec![rusqlite::types::Null; steps.parameter_count()];
    let steps = steps.query_map(rusqlite::params_from_iter(blanks), |row| row.get(3)).unwrap();
    steps.collect::<Result<_, _>>().unwrap()
}

fn scans_or_sorts(step: &str) -> bool {
    step.starts_with("SCAN") || step.contains("TEMP B-TREE")
}

#[test]
fn no_query_but_of_a_few_rows_scans_and_none_sorts() {
    let (file, _house) = open();
    for (name, statement) in single() {
        for step in plan(&file, statement) {
            let whole = ["trial_balance", "pauses", "tables"].contains(&name)
                && !step.contains("USE TEMP B-TREE FOR GROUP");
            assert!(whole || !scans_or_sorts(&step), "{name}: {step}");
        }
    }
}

#[test]
fn a_query_that_scans_or_sorts_would_be_found() {
    let (file, _house) = open();
    for statement in ["select * from job_board where title = ?1", "select * from job_board order by title"] {
        assert!(plan(&file, statement).iter().any(|step| scans_or_sorts(step)), "{statement}");
    }
}

/// How often the statements were planned again when other values were bound to them.
fn planned_again(file: &Connection) -> i32 {
    let queries = single().filter(|(_, statement)| statement.starts_with("select"));
    let replanned = queries.map(|(_, statement)| {
        let mut query = file.prepare(statement).unwrap();
        for byte in [1, 2] {
            let values = vec![[byte; 16]; query.parameter_count()];
            // A value of the wrong kind finds nothing, or is refused as a limit; either is after planning.
            let _ = query.exists(rusqlite::params_from_iter(values));
        }
        query.get_status(StatementStatus::RePrepare)
    });
    replanned.sum()
}

#[test]
fn a_statement_is_planned_once_whatever_is_bound_to_it() {
    let (by_default, house) = open();
    let reader = schema::connect_reader(&house.path()).unwrap();
    assert_eq!(planned_again(&reader), 0);
    assert!(planned_again(&by_default) > 0, "the engine never plans again, so this shows nothing");
}

#[tokio::test]
async fn a_read_model_reads_every_noun_that_would_change_its_rows() {
    let mut market = Market::open().await;
    market.everything().await;
    let records = market.log.store.read(Position::START, 1_000).await.unwrap();
    for name in Name::ALL {
        let (file, model) = (Connection::open_in_memory().unwrap(), name.model());
        file.execute_batch(model.schema).unwrap();
        let mut passed_by = 0;
        for record in &records {
            let header = record.header();
            if !(model.reads)(header.event_type.split_once('.').unwrap().0) {
                let event =
                    codec::decode(&header.event_type, header.schema_version, record.payload()).unwrap();
                (model.apply)(&file, &event, OPENING).unwrap();
                passed_by += 1;
            }
        }
        let reads_all = [Name::AccountBalances, Name::PayoutDesk].contains(name);
        assert!(passed_by > 0 || reads_all, "{name}");
        assert_eq!(
            file.query_row("select total_changes()", [], |row| row.get::<_, i64>(0)).unwrap(),
            0,
            "{name}"
        );
    }
}
