//! Free text with a bound, checked once at the edge.

use crate::card::has_card_number;
use crate::refusal::{Code, Refusal};
use std::fmt;

/// Text of 1 to `MAX` characters, trimmed, without control characters other than line breaks and tabs, and without
/// what could be a card's number.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> schemars::JsonSchema for Text<MAX> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }
}

/// A title: at most 200 characters.
pub type Title = Text<200>;
/// A description, letter, note or list of reasons: at most 10,000 characters.
pub type Prose = Text<10_000>;

impl<const MAX: usize> Text<MAX> {
    /// Reads a text.
    ///
    /// # Errors
    /// [`Code::TextEmpty`], [`Code::TextTooLong`] or [`Code::TextMalformed`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = Self::bounded(text)?;
        if has_card_number(text.as_str()) {
            return Err(Refusal::new(
                Code::TextMalformed,
                "this looks like a card's number: leave it out, and pay with the provider's token",
            ));
        }
        Ok(text)
    }

    /// What holds of every text, recorded ones too: those were looked through for card numbers when they came in.
    fn bounded(text: &str) -> Result<Self, Refusal> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Refusal::new(Code::TextEmpty, "some text is needed here"));
        }
        // A character has at most four bytes, so a long body is refused before it is counted.
        if trimmed.len() > 4 * MAX || trimmed.chars().count() > MAX {
            return Err(Refusal::new(Code::TextTooLong, format!("at most {MAX} characters")));
        }
        if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Refusal::new(Code::TextMalformed, "control characters are not allowed"));
        }
        Ok(Self(trimmed.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    /// Never prints the text: what is debug-printed ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::bounded(&text)
    }
}

impl<const MAX: usize> From<Text<MAX>> for String {
    fn from(text: Text<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_long_and_control_characters_are_refused() {
        assert_eq!(Title::parse("  \n ").unwrap_err().code, Code::TextEmpty);
        assert_eq!(Title::parse(&"é".repeat(201)).unwrap_err().code, Code::TextTooLong);
        assert_eq!(Title::parse("a\u{0}b").unwrap_err().code, Code::TextMalformed);
    }

    #[test]
    fn bounds_count_characters_not_bytes() {
        assert_eq!(Title::parse(&"é".repeat(200)).unwrap().as_str().chars().count(), 200);
    }

    #[test]
    fn card_numbers_are_refused_when_they_come_in_and_read_when_they_are_recorded() {
        let text = "pay me on 4242 4242 4242 4242 please";
        assert_eq!(Prose::parse(text).unwrap_err().code, Code::TextMalformed);
        let recorded: Prose = serde_json::from_value(text.into()).unwrap();
        assert_eq!(recorded.as_str(), text);
    }

    #[test]
    fn debug_output_never_shows_the_text() {
        assert_eq!(format!("{:?}", Title::parse("canary").unwrap()), "Text(…)");
    }
}
