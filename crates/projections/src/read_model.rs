//! What a read model is, and the registry of all of them.
//!
//! A read model is data and one function: the statements that make and drop its tables, the events that it reads, and
//! what each does to the rows. It keeps no position of its own and knows nothing of the worker.

use domain::{Event, Timestamp};
use rusqlite::Connection;

/// A read model, as its module describes it.
#[derive(Debug)]
pub(crate) struct ReadModel {
    /// Version of the tables and of what they mean. Raising it has the rows dropped and folded anew.
    pub(crate) version: u32,
    /// Makes the tables.
    pub(crate) schema: &'static str,
    /// Drops every table that this or an earlier version made.
    pub(crate) drop: &'static str,
    /// Whether events of this noun, the part of the type name before the dot, concern the rows. All others pass by
    /// unread, so that an event which can't be decoded halts only the models that would have read it.
    pub(crate) reads: fn(noun: &str) -> bool,
    /// What an event, recorded at this instant, does to the rows.
    pub(crate) apply: fn(&Connection, &Event, Timestamp) -> Result<(), ApplyError>,
    /// The statements that the module names, and how many its file has.
    #[cfg(test)]
    pub(crate) statements: (&'static [(&'static str, &'static str)], usize),
}

/// Why an event could not be applied.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    /// The database refused.
    #[error(transparent)]
    Engine(#[from] rusqlite::Error),
    /// A value can't be written as JSON.
    #[error("a value can't be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// The row that the event continues isn't there.
    #[error("there is no row of the {0} that the event names")]
    Absent(&'static str),
}

/// Accepts that an event changed `rows` rows of `noun` if it found one to continue.
pub(crate) fn found(noun: &'static str, rows: usize) -> Result<(), ApplyError> {
    if rows == 0 { Err(ApplyError::Absent(noun)) } else { Ok(()) }
}

/// Defines [`Name`](crate::Name): one line per read model, naming its module.
macro_rules! registry {
    ($($(#[$doc:meta])* $name:ident = $module:ident,)*) => {
        /// The read models.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Name {$(
            $(#[$doc])*
            $name,
        )*}

        impl Name {
            /// Every read model.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in metrics, logs and the file, such as `job_board`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($module),)* }
            }

            /// The read model of this name, if there is one.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == name)
            }

            pub(crate) const fn model(self) -> &'static read_model::ReadModel {
                match self { $(Self::$name => &$module::MODEL,)* }
            }
        }

        impl std::fmt::Display for Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use registry;
