//! A marketplace's policy in a file: TOML with every key of [`Policy`], read strictly and with all its mistakes at once.
//!
//! Which keys there are, and of which form, follows from the default policy itself: a key that the domain gains is
//! asked for here without a line of code, and `schemas/marketplaces/default.toml` must have it.

mod difference;
mod reading;

pub(crate) use difference::{Difference, differences};

use domain::policy::Policy;
use reading::Reading;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use toml::de::DeTable;

/// The default policy, with what each key means.
pub(crate) const DEFAULT: &str = include_str!("../../../../schemas/marketplaces/default.toml");

/// What is wrong with one key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The key with its tables, such as `windows.review_days`; empty where the text is no TOML.
    pub(crate) key: String,
    /// What it is.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, key, what, remedy } = self;
        let separator = if key.is_empty() { "" } else { ": " };
        write!(f, "line {line}: {key}{separator}{what}; {remedy}")
    }
}

/// Why a file is no policy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PolicyError {
    /// It can't be read.
    #[error("the policy in {file} can't be read ({source}); name a readable file")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It has mistakes.
    #[error("{file} is no policy{}", listed(.mistakes))]
    Mistaken {
        /// The file.
        file: String,
        /// At least one, in the order of their lines.
        mistakes: Vec<Mistake>,
    },
}

fn listed(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect();
    lines.concat()
}

/// Reads the policy in a file.
///
/// # Errors
/// [`PolicyError`], with every mistake that can be told from the others.
pub(crate) fn read(path: &Path) -> Result<Policy, PolicyError> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).map_err(|mistakes| PolicyError::Mistaken { file, mistakes }),
        Err(source) => Err(PolicyError::Unreadable { file, source }),
    }
}

/// Reads a policy: first the text, then the form of every key, then what each figure may be.
///
/// # Errors
/// The mistakes of the first of these steps that finds any.
pub(crate) fn parse(text: &str) -> Result<Policy, Vec<Mistake>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| unreadable(text, error)).collect());
    }
    let expected = serde_json::to_value(Policy::default()).map_err(|error| vec![internal(&error)])?;
    let mut reading = Reading::new(text);
    let found = reading.document(&document, &expected)?;
    let refused = |key: &str, what: String| vec![reading.refused(key, what, &expected)];
    let policy: Policy = serde_path_to_error::deserialize(found)
        .map_err(|error| refused(&error.path().to_string(), error.inner().to_string()))?;
    let checked = policy.checked();
    checked
        .map_err(|refusal| refused(refusal.field.as_deref().unwrap_or_default(), refusal.message.to_string()))
}

/// What the TOML reader says.
fn unreadable(text: &str, error: &toml::de::Error) -> Mistake {
    Mistake {
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        key: String::new(),
        what: error.message().to_owned(),
        remedy: "write the file as TOML 1.1".to_owned(),
    }
}

/// A default policy that isn't JSON, which no test lets pass.
fn internal(error: &serde_json::Error) -> Mistake {
    let remedy = "report this as a defect".to_owned();
    Mistake { line: 1, key: String::new(), what: error.to_string(), remedy }
}

/// The line that a byte of the text is on, from 1.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Whether this part of a policy is an amount of money, which a file writes with its decimals.
fn is_money(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| {
        fields.len() == 2 && fields.contains_key("minor") && fields.contains_key("currency")
    })
}

#[cfg(test)]
mod tests;
