//! What a GraphQL request may cost, checked before any resolver runs.
//!
//! Three passes, each bounded by the one before: a scan walks the text once, so that the recursive
//! parser never meets nesting that would exhaust its stack; the parsed document is measured with every fragment
//! measured once and counted wherever it is spread, so that a few lines that expand to billions of fields are
//! refused in time linear in their length; and only then do async-graphql's own rules see it, whose fragment walks
//! are exponential. The schema's weights, where it declares any, are held against the same bound by [`guard`].
//!
//! No extension of async-graphql is used where fields are resolved: a single one makes it resolve every field by a slower
//! path. What a refused request weighs is found on a schema of its own.
//!
//! For a valid document the bounds imply each other: every fragment is used, so at most as many fields are written
//! as are counted.

mod measure;
mod scan;
#[cfg(test)]
mod tests;
mod weigh;

pub(crate) use weigh::{scale, weigh};

use crate::http::SystemCode;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Pos, Request, SchemaBuilder, ServerError, Value};
use domain::Code;

/// Deepest field; fields below `__schema` and `__type` aren't counted.
pub const DEPTH_MAX: usize = 10;
/// Fields of a request, fragments counted wherever they are spread; once as they are, and once weighted by the schema.
pub const COMPLEXITY_MAX: usize = 1_000;
/// Aliases, fragments counted wherever they are spread.
pub const ALIASES_MAX: usize = 30;
/// Directives, fragments counted wherever they are spread.
pub const DIRECTIVES_MAX: usize = 10;
/// Bytes of one string, as written in the document or as decoded from the variables.
pub const STRING_BYTES_MAX: usize = 64 * 1024;
/// Brackets open at a time, and selection sets within each other, through fragments too. It keeps recursion, ours
/// and the libraries', far from the end of a thread's stack.
pub const NESTING_MAX: usize = 32;
/// Tokens of a document. A request within the other limits has a tenth of it, unless long lists stand in it instead
/// of in the variables.
pub const TOKENS_MAX: usize = 10_000;

/// All that async-graphql says when its bound on weighted complexity is passed.
const TOO_COMPLEX: &str = "Query is too complex.";

/// What a request costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Levels of fields.
    pub depth: usize,
    /// Fields, before the schema's weights.
    pub complexity: usize,
    /// Aliases.
    pub aliases: usize,
}

/// The limit that a request passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// [`DEPTH_MAX`].
    #[error("the request is {0} levels deep, of at most {DEPTH_MAX}; ask for less in one request")]
    Depth(usize),
    /// [`COMPLEXITY_MAX`], as written.
    #[error(
        "the request has {0} fields, of at most {COMPLEXITY_MAX}; ask for fewer, or send several requests"
    )]
    Complexity(usize),
    /// [`COMPLEXITY_MAX`], by the schema's weights.
    #[error(
        "the request costs {} of at most {COMPLEXITY_MAX}; ask for fewer rows with `first`, or for fewer fields of \
         each",
        .0.map_or("more than is allowed,".to_owned(), |cost| cost.to_string())
    )]
    Weight(Option<usize>),
    /// [`ALIASES_MAX`].
    #[error("the request has {0} aliases, of at most {ALIASES_MAX}; send several requests")]
    Aliases(usize),
    /// [`DIRECTIVES_MAX`].
    #[error("the request has {0} directives, of at most {DIRECTIVES_MAX}; send several requests")]
    Directives(usize),
    /// A fragment contains itself.
    #[error("a fragment contains itself")]
    FragmentCycle,
    /// [`NESTING_MAX`].
    #[error("the request nests deeper than {NESTING_MAX} levels of brackets or fragments")]
    Nesting,
    /// [`TOKENS_MAX`].
    #[error("the document has more than {TOKENS_MAX} tokens; send long lists as variables")]
    Tokens,
    /// [`STRING_BYTES_MAX`].
    #[error("a string is longer than {STRING_BYTES_MAX} bytes")]
    StringTooLong,
    /// `__schema` or `__type`, where introspection is off.
    #[error("introspection is off; the schema is published as a file")]
    Introspection,
}

impl Breach {
    /// The code that callers see.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Introspection => Code::Forbidden.as_str(),
            Self::Depth(_)
            | Self::Complexity(_)
            | Self::Weight(_)
            | Self::Aliases(_)
            | Self::Directives(_)
            | Self::FragmentCycle
            | Self::Nesting
            | Self::Tokens
            | Self::StringTooLong => SystemCode::CostLimit.as_str(),
        }
    }
}

/// Why a request isn't executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It passes a limit.
    Breach(Breach),
    /// It isn't a GraphQL document.
    Syntax {
        /// What was expected, without a copy of the document.
        message: String,
        /// Where.
        locations: Vec<Pos>,
    },
}

impl From<Breach> for Denied {
    fn from(breach: Breach) -> Self {
        Self::Breach(breach)
    }
}

/// Adds to a schema what only the schema can do: the bound on weighted complexity, and silence about names that
/// nearly match, unless `suggestions` (development).
pub fn guard<Q, M, S>(builder: SchemaBuilder<Q, M, S>, suggestions: bool) -> SchemaBuilder<Q, M, S> {
    let builder = builder.limit_complexity(COMPLEXITY_MAX).limit_recursive_depth(NESTING_MAX);
    if suggestions { builder } else { builder.disable_suggestions() }
}

/// The limit that an error of validation stands for, if any. What the request costs isn't known from it.
pub fn breach_of(error: &ServerError) -> Option<Breach> {
    (error.path.is_empty() && error.message == TOO_COMPLEX).then_some(Breach::Weight(None))
}

/// The error that tells a breach.
pub(crate) fn error_of(breach: Breach) -> ServerError {
    let mut error = ServerError::new(breach.to_string(), None);
    error.extensions.get_or_insert_default().set("code", breach.code());
    error
}

/// Checks `request`, keeps the parsed document in it, and returns its cost before the schema's weights.
///
/// # Errors
/// [`Denied`]; nothing was resolved.
pub fn admit(request: &mut Request, introspection: bool) -> Result<Cost, Denied> {
    scan::scan(&request.query)?;
    if request.variables.values().any(has_long_string) {
        return Err(Breach::StringTooLong.into());
    }
    let document = request.parsed_query().map_err(|error| Denied::Syntax {
        message: expectation(&error.message),
        locations: error.locations,
    })?;
    let measured = measure::measure(document)?;
    if measured.introspects && !introspection {
        return Err(Breach::Introspection.into());
    }
    Ok(measured.cost)
}

/// The kind of operation that `name` selects, or of the only one; `None` when that can't be told.
pub fn operation_type(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => operation,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name)?,
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next()?,
        (DocumentOperations::Single(_), Some(_)) | (DocumentOperations::Multiple(_), None) => return None,
    };
    Some(operation.node.ty)
}

/// JSON's own bound on nesting keeps the recursion short.
fn has_long_string(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() > STRING_BYTES_MAX,
        Value::List(items) => items.iter().any(has_long_string),
        Value::Object(fields) => {
            fields.iter().any(|(name, value)| name.len() > STRING_BYTES_MAX || has_long_string(value))
        }
        Value::Null | Value::Number(_) | Value::Boolean(_) | Value::Enum(_) | Value::Binary(_) => false,
    }
}

/// The parser draws a picture with the offending line, and then says what it expected: only that is passed on, since
/// a line of the document may hold personal data, and end up in the logs of whoever sent it.
fn expectation(message: &str) -> String {
    message.rsplit_once("\n  = ").map_or(message, |(_, expected)| expected).trim().to_owned()
}
