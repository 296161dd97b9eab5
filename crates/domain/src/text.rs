//! Free text with a bound, checked once at the edge.

use crate::refusal::{Code, Refusal};

/// Text of 1 to `MAX` characters, trimmed, without control characters other than line breaks and tabs.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text<const MAX: usize>(String);

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
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Refusal::new(Code::TextEmpty, "some text is needed here"));
        }
        // A character has at most four bytes, so a long body is refused before it is counted.
        if trimmed.len() > 4 * MAX || trimmed.chars().count() > MAX {
            return Err(Refusal::new(
                Code::TextTooLong,
                format!("at most {MAX} characters"),
            ));
        }
        if trimmed
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(Refusal::new(
                Code::TextMalformed,
                "control characters are not allowed",
            ));
        }
        Ok(Self(trimmed.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        Self::parse(&text)
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
        assert_eq!(
            Title::parse(&"é".repeat(201)).unwrap_err().code,
            Code::TextTooLong
        );
        assert_eq!(Title::parse("a\u{0}b").unwrap_err().code, Code::TextMalformed);
    }

    #[test]
    fn bounds_count_characters_not_bytes() {
        assert_eq!(
            Title::parse(&"é".repeat(200)).unwrap().as_str().chars().count(),
            200
        );
    }
}
