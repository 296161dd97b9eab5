//! Where two policies differ, key by key.

use super::is_money;
use domain::money::Money;
use domain::policy::Policy;
use serde_json::Value;
use std::fmt;

/// A key in which two policies differ.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// The key with its tables.
    pub(crate) key: String,
    /// What it was, as a file writes it.
    pub(crate) before: String,
    /// What it is now.
    pub(crate) after: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.key, self.before, self.after)
    }
}

/// Every key in which they differ, in the order of their names.
///
/// # Errors
/// When a policy is no JSON, which none is.
pub(crate) fn differences(before: &Policy, after: &Policy) -> serde_json::Result<Vec<Difference>> {
    let mut found = Vec::new();
    compare("", &serde_json::to_value(before)?, &serde_json::to_value(after)?, &mut found);
    Ok(found)
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) if !is_money(before) => {
            for (key, old) in old {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, old, new.get(key).unwrap_or(&Value::Null), found);
            }
        }
        _ if before == after => {}
        _ => {
            found.push(Difference { key: path.to_owned(), before: shown(before), after: shown(after) });
        }
    }
}

/// A value as a file writes it.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(shown).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Object(_) => match serde_json::from_value::<Money>(value.clone()) {
            Ok(money) => {
                let (amount, currency) = (money.currency().print(money.minor()), money.currency());
                format!(r#"{{ amount = "{amount}", currency = "{currency}" }}"#)
            }
            Err(_) => value.to_string(),
        },
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
