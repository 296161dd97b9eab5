//! Whether an open file is the one that this version makes: its two numbers, its definitions, its marketplace.

use std::{collections::BTreeSet, sync::Arc};

use rusqlite::Connection;

use super::{
    connection::value,
    files::{APPLICATION_ID, FORMAT},
    sql,
};
use crate::StoreFault;

/// The row of `meta` that names the marketplace.
pub(super) const MARKETPLACE: &str = "marketplace";

type Definition = (String, String, String, String);

/// What the file's two numbers should be and are not.
pub(super) fn identity(connection: &Connection) -> Result<Vec<String>, StoreFault> {
    let (application, format): (i64, i64) =
        (value(connection, sql::APPLICATION_ID)?, value(connection, sql::USER_VERSION)?);
    let mut differences = Vec::new();
    if application != i64::from(APPLICATION_ID) {
        differences.push(format!("the application id is {application:#x}"));
    }
    if format != i64::from(FORMAT) {
        differences.push(format!("the format is {format}"));
    }
    Ok(differences)
}

/// Every definition that is missing, added or altered.
pub(super) fn schema(connection: &Connection) -> Result<Vec<String>, StoreFault> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(sql::SCHEMA)?;
    let (wanted, found) = (definitions(&fresh)?, definitions(connection)?);
    let names = |difference: &Definition| format!("{} {}", difference.0, difference.1);
    let missing = wanted.difference(&found).map(|definition| format!("{} is not as made", names(definition)));
    let added = found.difference(&wanted).map(|definition| format!("{} is not ours", names(definition)));
    Ok(missing.chain(added).collect())
}

fn definitions(connection: &Connection) -> Result<BTreeSet<Definition>, StoreFault> {
    let mut statement = connection.prepare(sql::SCHEMA_OF_FILE)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The marketplace whose log the file says it is.
pub(super) fn marketplace(connection: &Connection) -> Result<Arc<str>, StoreFault> {
    let mut statement = connection.prepare(sql::META)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows: Vec<(String, Arc<str>)> = rows.collect::<rusqlite::Result<_>>()?;
    match rows.as_slice() {
        [(name, marketplace)] if name == MARKETPLACE => Ok(Arc::clone(marketplace)),
        _ => Err(StoreFault::damaged("the table meta does not name exactly one marketplace")),
    }
}
