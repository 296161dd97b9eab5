//! Whatever is in a log, `verify` comes back with an answer.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::LazyLock;

use eventstore::{MemoryStore, SqliteStore};
use proptest::prelude::*;
use serde_json::Value;

use crate::history::{Fact, History};
use crate::written::{MARKETPLACE, Written, append, runtime, verify};

static FACTS: LazyLock<Vec<Fact>> = LazyLock::new(History::short);
static WRITTEN: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let written = Written::new(&FACTS);
    let files = std::fs::read_dir(written.path()).unwrap().map(Result::unwrap);
    let read =
        files.map(|file| (file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
    read.collect()
});

/// Numbers at the edges of what a field, an amount or a sum can hold.
fn extreme() -> impl Strategy<Value = i64> {
    prop_oneof![
        Just(0),
        Just(-1),
        Just(1),
        Just(i64::MAX),
        Just(i64::MIN),
        Just(1_000_000_000_000_000),
        Just(i64::from(u32::MAX)),
        Just(i64::from(u16::MAX)),
        any::<i64>(),
    ]
}

/// The numbers in a JSON text, in order.
fn numbers<'a>(json: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match json {
        Value::Number(_) => found.push(json),
        Value::Array(values) => values.iter_mut().for_each(|value| numbers(value, found)),
        Value::Object(fields) => fields.values_mut().for_each(|value| numbers(value, found)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_over_random_parts_of_the_file_are_found(
        spots in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u8>(), 1..600)), 1..4),
    ) {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in WRITTEN.iter() {
            std::fs::write(directory.path().join(name), content).unwrap();
        }
        let path = directory.path().join("log.db");
        let before = std::fs::read(&path).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        for (at, bytes) in &spots {
            let at = at.index(before.len());
            let bytes = &bytes[..bytes.len().min(before.len() - at)];
            file.write_all_at(bytes, at as u64).unwrap();
        }
        let changed = std::fs::read(&path).unwrap() != before;
        let found = match SqliteStore::open_read_only(directory.path()) {
            Ok(store) => match verify(&runtime(), &store) {
                Ok(report) => {
                    prop_assert!(!report.text().is_empty());
                    !report.holds()
                }
                Err(_) => true,
            },
            Err(_) => true,
        };
        prop_assert_eq!(found, changed);
    }

    #[test]
    fn extreme_numbers_under_good_hashes_are_judged_without_a_panic(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), extreme()), 1..6),
    ) {
        let mut facts = FACTS.clone();
        for (fact, number, value) in &edits {
            let count = facts.len();
            facts[fact.index(count)].edit(|json| {
                let mut found = Vec::new();
                numbers(json, &mut found);
                if !found.is_empty() {
                    let count = found.len();
                    *found[number.index(count)] = Value::from(*value);
                }
            });
        }
        let store = MemoryStore::new(MARKETPLACE);
        runtime().block_on(append(&store, &facts));
        let report = verify(&runtime(), &store).unwrap();
        prop_assert!(!report.text().is_empty());
    }
}
