//! Named statements, found in their file when the program is compiled: a name that is not there is a compiler error.
//!
//! A statement is what stands between its header, `-- name: …`, and the next one. Placeholders are written `$1`, which
//! SQLite would number by first appearance; here they become `?1`, which it takes by number.

use rusqlite::{Connection, Params};

const MARK: &[u8] = b"-- name: ";

/// Takes statements from an `.sql` file into constants: `statements! { include_str!("x.sql"); NAME = "name", … }`.
macro_rules! statements {
    ($file:expr; $($name:ident = $text:literal,)*) => {
        const TEXT: &str = $file;
        const FILE: &[u8] = &$crate::sql::numbered::<{ TEXT.len() }>(TEXT);
        $(pub(crate) const $name: &str = $crate::sql::statement(FILE, $text);)*

        #[cfg(test)]
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$(($text, $name)),*];
        #[cfg(test)]
        pub(crate) const STATEMENTS_WRITTEN: usize = $crate::sql::count(FILE);
    };
}
pub(crate) use statements;

/// Runs a statement that changes rows, and answers with how many.
pub(crate) fn execute(on: &Connection, statement: &str, params: impl Params) -> rusqlite::Result<usize> {
    on.prepare_cached(statement)?.execute(params)
}

/// The file with `?1` for `$1`.
pub(crate) const fn numbered<const LEN: usize>(text: &str) -> [u8; LEN] {
    let text = text.as_bytes();
    let mut numbered = [0; LEN];
    let mut at = 0;
    while at < LEN {
        let placeholder = text[at] == b'$' && at + 1 < LEN && text[at + 1].is_ascii_digit();
        numbered[at] = if placeholder { b'?' } else { text[at] };
        at += 1;
    }
    numbered
}

/// The statement of this name: the lines between its header and the next one.
pub(crate) const fn statement(file: &'static [u8], name: &str) -> &'static str {
    let mut at = 0;
    while at < file.len() {
        let named = at + MARK.len();
        if matches(file, at, MARK) && matches(file, named, name.as_bytes()) {
            let after = named + name.len();
            if after < file.len() && file[after] == b' ' {
                let start = find(file, after, b"\n");
                let end = find(file, start, MARK);
                return match std::str::from_utf8(file.split_at(end).0.split_at(start).1.trim_ascii()) {
                    Ok(statement) => statement,
                    Err(_) => panic!("the file is not UTF-8"),
                };
            }
        }
        at += 1;
    }
    panic!("no statement of this name");
}

/// How many statements the file has.
#[cfg(test)]
pub(crate) const fn count(file: &[u8]) -> usize {
    let (mut count, mut at) = (0, find(file, 0, MARK));
    while at < file.len() {
        count += 1;
        at = find(file, at + MARK.len(), MARK);
    }
    count
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
