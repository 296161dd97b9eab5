//! The log: the contract that every backend keeps, and what is particular to files.
#![allow(clippy::unwrap_used, reason = "a suite panics where a promise is broken")]

mod cells;
mod control;
mod damage;
mod damaged_file;
mod format;
mod scratch;
mod sqlite;

mod memory {
    use eventstore::MemoryStore;
    use testkit::{records::MARKETPLACE, store_contract};

    store_contract!(|| MemoryStore::new(MARKETPLACE));
}

mod sqlite_contract {
    use testkit::store_contract;

    use crate::scratch::Scratch;

    store_contract!(Scratch::maker());
}
