//! One file per subcommand.

pub(crate) mod bench;
pub(crate) mod dev;
pub(crate) mod export;
pub(crate) mod policy;
pub(crate) mod reading;
pub(crate) mod rebuild;
pub(crate) mod replay;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod timers;
pub(crate) mod token;
pub(crate) mod verify;

use eventstore::OpenError;

macro_rules! store_codes {
    ($($name:ident = $code:literal;)*) => {
        /// Codes of what can be wrong with a store, each with its page.
        #[derive(Clone, Copy)]
        enum StoreCode { $($name,)* }

        impl StoreCode {
            const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The page, compiled in so that a code without one doesn't build.
            #[cfg(test)]
            const fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("../../../../schemas/errors/", $code, ".md")),)*
                }
            }

            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

store_codes! {
    Foreign = "STORE_FOREIGN";
    InUse = "STORE_IN_USE";
    Damaged = "STORE_DAMAGED";
    Newer = "STORE_NEWER";
    Absent = "STORE_ABSENT";
    Unreadable = "STORE_UNREADABLE";
    ReadModelsUnusable = "READ_MODELS_UNUSABLE";
}

/// The code of what is wrong with a store.
pub(crate) fn store_code(error: &OpenError) -> &'static str {
    match error {
        OpenError::InUse { .. } => StoreCode::InUse,
        OpenError::NewerFormat { .. } => StoreCode::Newer,
        OpenError::Damaged { .. } => StoreCode::Damaged,
        OpenError::Absent { .. } => StoreCode::Absent,
        OpenError::Io { .. } => StoreCode::Unreadable,
        // Another marketplace's log or something else altogether: not the one that is meant.
        OpenError::Foreign { .. }
        | OpenError::MarketplaceMismatch { .. }
        | OpenError::BadMarketplace { .. } => StoreCode::Foreign,
    }
    .as_str()
}

/// The code of what is wrong with the file of the read models, which is no part of the store: it can be made anew.
pub(crate) fn read_models_code(error: &projections::OpenError) -> &'static str {
    use projections::OpenError as E;
    match error {
        E::Foreign { .. } | E::Format { .. } | E::Damaged { .. } => StoreCode::ReadModelsUnusable,
        E::Io { .. } => StoreCode::Unreadable,
    }
    .as_str()
}

#[cfg(test)]
mod tests {
    use super::{StoreCode, store_code};
    use eventstore::{OpenError, SqliteStore};
    use std::path::PathBuf;

    #[test]
    fn what_the_system_refuses_is_not_called_damaged() {
        let path = PathBuf::from("log.db");
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let refused = OpenError::Io { path, source: denied.into() };
        assert_eq!(store_code(&refused), "STORE_UNREADABLE");
    }

    #[test]
    fn no_store_is_not_called_a_foreign_one() {
        let dir = tempfile::tempdir().unwrap();
        let refused = SqliteStore::open_read_only(dir.path()).unwrap_err();
        assert_eq!(store_code(&refused), "STORE_ABSENT");
    }

    #[test]
    fn every_store_code_has_a_page_that_names_it() {
        for code in StoreCode::ALL {
            assert!(code.page().starts_with(&format!("# {}\n", code.as_str())));
        }
    }
}
