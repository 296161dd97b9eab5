//! The codes of what goes wrong outside of the rules. The rules' own are [`domain::Code`].

use axum::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident;)*) => {
        /// The codes of system errors. Permanent: a code is never renamed or reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum SystemCode {$(
            $(#[$doc])*
            $name,
        )*}

        impl SystemCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as callers see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status that goes with it, unless the circumstances have a better one.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The page that explains the code and its remedy, Markdown.
            pub const fn page(self) -> &'static str {
                match self { $(
                    Self::$name => include_str!(concat!("../../../../schemas/errors/", $code, ".md")),
                )* }
            }
        }
    };
}

codes! {
    /// A bad token, or none where one is needed.
    Unauthenticated = "UNAUTHENTICATED", UNAUTHORIZED;
    /// The request's syntax, form or values are wrong.
    BadUserInput = "BAD_USER_INPUT", BAD_REQUEST;
    /// Whether the command was recorded isn't known; ask with its key.
    OutcomeUnknown = "OUTCOME_UNKNOWN", GATEWAY_TIMEOUT;
    /// The key was used for another command.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", CONFLICT;
    /// Too deep, too many, too long.
    CostLimit = "COST_LIMIT", UNPROCESSABLE_ENTITY;
    /// The body passes its bound.
    BodyTooLarge = "BODY_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The body isn't JSON.
    MalformedJson = "MALFORMED_JSON", BAD_REQUEST;
    /// Not at the moment.
    Unavailable = "UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// A defect of ours.
    Internal = "INTERNAL", INTERNAL_SERVER_ERROR;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_that_names_it_and_a_remedy() {
        for code in SystemCode::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {}\n", code.as_str())), "{code:?}");
            assert!(page.contains("## When") && page.contains("## Remedy"), "{code:?}");
        }
    }

    #[test]
    fn no_code_is_the_rules_own() {
        for code in SystemCode::ALL {
            assert!(domain::Code::ALL.iter().all(|rule| rule.as_str() != code.as_str()), "{code:?}");
        }
    }
}
