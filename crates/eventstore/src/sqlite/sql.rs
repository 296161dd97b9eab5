//! The statements of `statements.sql`, each found by its name when the program is compiled: a name that is not there
//! is a compiler error.

/// What a new file is made of.
pub(super) const SCHEMA: &str = include_str!("schema.sql");

const STATEMENTS: &str = include_str!("statements.sql");
const MARK: &str = "-- name: ";

macro_rules! statements {
    ($($name:ident = $text:literal,)*) => {
        $(pub(super) const $name: &str = statement($text);)*
    };
}

statements! {
    SETTINGS = "settings",
    WRITER_SETTINGS = "writer_settings",
    JOURNAL_MODE = "journal_mode",
    SYNCHRONOUS = "synchronous",
    AUTOCHECKPOINT = "autocheckpoint",
    IDENTITY = "identity",
    APPLICATION_ID = "application_id",
    USER_VERSION = "user_version",
    SCHEMA_OF_FILE = "schema",
    INSERT_META = "insert_meta",
    META = "meta",
    BEGIN_READ = "begin_read",
    BEGIN_WRITE = "begin_write",
    COMMIT = "commit",
    ROLLBACK = "rollback",
    INSERT_EVENT = "insert_event",
    INSERT_BATCH = "insert_batch",
    INSERT_COMMAND = "insert_command",
    STREAM_HEAD = "stream_head",
    MOVE_STREAM_HEAD = "move_stream_head",
    CONSUMER = "consumer",
    MOVE_CONSUMER = "move_consumer",
    LEAF = "leaf",
    TAIL = "tail",
    LAST_EVENT = "last_event",
    PAGE = "page",
    EVENT = "event",
    COMMAND = "command",
    INSPECT_EVENTS = "inspect_events",
    INSPECT_BATCHES = "inspect_batches",
    INSPECT_STREAMS = "inspect_streams",
    INSPECT_COMMANDS = "inspect_commands",
    INSPECT_CONSUMERS = "inspect_consumers",
    STRUCTURE = "structure",
    CHECKPOINT_STATE = "checkpoint_state",
    CHECKPOINT_PASSIVE = "checkpoint_passive",
    CHECKPOINT_RESTART = "checkpoint_restart",
    CHECKPOINT_TRUNCATE = "checkpoint_truncate",
}

/// The statement of this name: the lines between its header and the next one.
const fn statement(name: &str) -> &'static str {
    let text = STATEMENTS.as_bytes();
    let mut at = 0;
    while at < text.len() {
        let named = at + MARK.len();
        if matches(text, at, MARK.as_bytes()) && matches(text, named, name.as_bytes()) {
            let after = named + name.len();
            if after < text.len() && text[after] == b' ' {
                let start = find(text, after, b"\n");
                let end = find(text, start, MARK.as_bytes());
                return STATEMENTS.split_at(end).0.split_at(start).1.trim_ascii();
            }
        }
        at += 1;
    }
    panic!("no statement of this name");
}

const fn matches(text: &[u8], at: usize, wanted: &[u8]) -> bool {
    let mut index = 0;
    while index < wanted.len() {
        if at + index >= text.len() || text[at + index] != wanted[index] {
            return false;
        }
        index += 1;
    }
    true
}

/// Where `wanted` starts at or after `from`, or the end.
const fn find(text: &[u8], from: usize, wanted: &[u8]) -> usize {
    let mut at = from;
    while at < text.len() && !matches(text, at, wanted) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn every_statement_prepares_on_a_new_file() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let texts = STATEMENTS.split(MARK).skip(1).map(|text| text.split_once('\n').unwrap().1);
        for text in texts.flat_map(|text| text.split_inclusive(';')).filter(|text| !text.trim().is_empty()) {
            connection.prepare(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
    }

    #[test]
    fn a_statement_ends_where_the_next_begins() {
        assert_eq!(COMMIT, "commit;");
    }
}
