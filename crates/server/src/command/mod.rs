//! One file per subcommand.

pub(crate) mod bench;
pub(crate) mod dev;
pub(crate) mod schema;
pub(crate) mod serve;
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
}

/// The code of what is wrong with a store.
pub(crate) fn store_code(error: &OpenError) -> &'static str {
    match error {
        OpenError::InUse { .. } => StoreCode::InUse,
        OpenError::NewerFormat { .. } => StoreCode::Newer,
        OpenError::Damaged { .. } | OpenError::Io { .. } => StoreCode::Damaged,
        // Another marketplace's log, no log, or something else altogether: in any case not the one that is meant.
        _ => StoreCode::Foreign,
    }
    .as_str()
}

#[cfg(test)]
mod tests {
    use super::StoreCode;

    #[test]
    fn every_store_code_has_a_page_that_names_it() {
        for code in StoreCode::ALL {
            assert!(code.page().starts_with(&format!("# {}\n", code.as_str())));
        }
    }
}
