//! A closed log as one file: whatever byte of it is changed, somebody says so.

use std::fs::File;
use std::os::unix::fs::FileExt;

use eventstore::SqliteStore;

use crate::history::History;
use crate::written::{Random, Written};

const SAMPLES: usize = 600;

#[test]
fn any_sampled_byte_of_a_closed_file_is_found_when_it_is_opened_or_verified() {
    let written = Written::new(&History::short());
    let file = File::options().read(true).write(true).open(written.file()).unwrap();
    let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
    let mut random = Random::seeded(4);
    // The file's header whole, the rest of it sampled.
    let sampled: Vec<usize> = (0..SAMPLES).map(|_| random.below(length)).collect();
    for at in (0..100).chain(sampled) {
        let mut byte = [0];
        file.read_exact_at(&mut byte, at as u64).unwrap();
        let mask = random.mask();
        file.write_all_at(&[byte[0] ^ mask], at as u64).unwrap();
        let found = match SqliteStore::open_read_only(written.path()) {
            Ok(store) => !written.verify_open(&store).holds(),
            Err(_) => true,
        };
        assert!(found, "byte {at} of {length}, mask {mask}");
        file.write_all_at(&byte, at as u64).unwrap();
    }
    assert!(written.verify().holds(), "everything was put back");
}

#[test]
fn a_file_cut_short_or_made_longer_is_found() {
    for change in [-4_096_i64, -1, 1, 4_096] {
        let written = Written::new(&History::short());
        let file = File::options().write(true).open(written.file()).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.checked_add_signed(change).unwrap()).unwrap();
        let found = match SqliteStore::open_read_only(written.path()) {
            Ok(store) => !written.verify_open(&store).holds(),
            Err(_) => true,
        };
        assert!(found, "{change} bytes");
    }
}
