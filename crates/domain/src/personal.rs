//! Personal data in events: wrapped from the first event on, so that encryption can come without a new schema.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A personal field of an event. No decision reads it; erasing it breaks no proof.
///
/// JSON: `{"clear": value}` as written today, or `"erased"`. An encrypted form is a further variant beside these.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Personal<T> {
    /// The value as written.
    Clear(T),
    /// The key to the value was destroyed.
    Erased,
}

impl<T> Personal<T> {
    /// The value, unless it was erased.
    pub const fn clear(&self) -> Option<&T> {
        match self {
            Self::Clear(value) => Some(value),
            Self::Erased => None,
        }
    }
}

impl<T> std::fmt::Debug for Personal<T> {
    /// Never prints the value: what is debug-printed ends up in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_whether_the_value_is_there() {
        let clear = Personal::Clear("note".to_owned());
        assert_eq!(serde_json::to_string(&clear).unwrap(), r#"{"clear":"note"}"#);
        let erased: Personal<String> = serde_json::from_str(r#""erased""#).unwrap();
        assert_eq!(erased.clear(), None);
    }

    #[test]
    fn debug_output_never_shows_the_value() {
        assert!(!format!("{:?}", Personal::Clear("secret")).contains("secret"));
    }
}
