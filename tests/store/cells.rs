//! Every value that a log's file stores, one by one, to be changed behind the store's back.

use eventstore::{
    Finding,
    FindingCode::{CheckpointMismatch, IdentityDiffers, MarketplaceMismatch},
};
use rusqlite::{Connection, types::Value};

pub(crate) fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Integer(integer) => integer.to_be_bytes().to_vec(),
        Value::Blob(bytes) => bytes.clone(),
        Value::Null | Value::Real(_) | Value::Text(_) => panic!("{value:?} is not stored in a log"),
    }
}

/// `value` with one bit of its byte `index` turned.
pub(crate) fn flipped(value: &Value, index: usize) -> Value {
    let mut bytes = bytes_of(value);
    bytes[index] ^= 1 << (index % 8);
    match value {
        Value::Integer(_) => Value::Integer(i64::from_be_bytes(bytes.try_into().unwrap())),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => Value::Blob(bytes),
    }
}

/// A table, its columns (the key first), and the columns that name the first and the last position of a row. Texts
/// are marked: they are read and written as bytes, since a damaged one may be no text.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: &'static [Column],
    about: &'static str,
}

pub(crate) struct Column {
    pub(crate) name: &'static str,
    is_text: bool,
}

const fn plain(name: &'static str) -> Column {
    Column { name, is_text: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, is_text: true }
}

const TABLES: [Table; 6] = [
    Table { name: "meta", columns: &[text("name"), text("value")], about: "0, 0" },
    Table {
        name: "event",
        columns: &[plain("position"), plain("record"), plain("leaf"), plain("previous")],
        about: "position, position",
    },
    Table {
        name: "batch",
        columns: &[plain("first_position"), plain("last_position"), plain("recorded_at")],
        about: "first_position, last_position",
    },
    Table {
        name: "stream_head",
        columns: &[text("stream"), plain("revision"), plain("position")],
        about: "position, position",
    },
    Table { name: "command", columns: &[plain("key"), plain("position")], about: "position, position" },
    Table {
        name: "consumer",
        columns: &[text("name"), plain("position"), plain("leaf"), plain("digest")],
        about: "position, position",
    },
];

impl Column {
    fn read(&self) -> String {
        if self.is_text { format!("cast({} as blob)", self.name) } else { self.name.to_owned() }
    }

    fn parameter(&self, number: u8) -> String {
        if self.is_text { format!("cast(?{number} as text)") } else { format!("?{number}") }
    }
}

/// One stored value.
pub(crate) struct Cell {
    pub(crate) table: &'static Table,
    pub(crate) column: &'static Column,
    pub(crate) key: Value,
    pub(crate) value: Value,
    pub(crate) about: std::ops::RangeInclusive<i64>,
}

impl Cell {
    pub(crate) fn all(connection: &Connection) -> Vec<Self> {
        let read = |(table, column): (&'static Table, &'static Column)| {
            let (key, value) = (table.columns[0].read(), column.read());
            let query = format!("select {key}, {value}, {} from {}", table.about, table.name);
            let mut statement = connection.prepare(&query).unwrap();
            let cells = statement.query_map([], |row| {
                let (key, value, about) = (row.get(0)?, row.get(1)?, row.get(2)?..=row.get(3)?);
                Ok(Self { table, column, key, value, about })
            });
            cells.unwrap().map(Result::unwrap).collect::<Vec<_>>()
        };
        let columns = |table: &'static Table| table.columns.iter().map(move |column| (table, column));
        TABLES.iter().flat_map(columns).flat_map(read).collect()
    }

    /// Writes `value` in the row that now has the key `key`.
    pub(crate) fn write(
        &self,
        connection: &Connection,
        key: &Value,
        value: &Value,
    ) -> rusqlite::Result<usize> {
        let key_column = &self.table.columns[0];
        let update = format!(
            "update {} set {} = {} where {} = {}",
            self.table.name,
            self.column.name,
            self.column.parameter(1),
            key_column.name,
            key_column.parameter(2)
        );
        connection.execute(&update, (value, key))
    }

    /// The key of its row once `value` is written.
    pub(crate) fn key_with<'a>(&'a self, value: &'a Value) -> &'a Value {
        if std::ptr::eq(self.column, &raw const self.table.columns[0]) { value } else { &self.key }
    }

    /// Whether `finding` tells where this cell is.
    pub(crate) fn is_located_by(&self, finding: &Finding) -> bool {
        let at = finding.position.map_or(0, |position| i64::try_from(position.get()).unwrap());
        match self.table.name {
            "meta" => matches!(finding.code, IdentityDiffers | MarketplaceMismatch),
            "consumer" => finding.code == CheckpointMismatch || finding.detail.contains("consumers"),
            _ => self.about.contains(&at),
        }
    }
}
