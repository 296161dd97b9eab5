//! Why a rule said no: a permanent code, the field it is about, and a sentence that names the remedy.
//!
//! The code is the contract with callers; each has a page in `schemas/errors/`, compiled in, so that a code without
//! a page doesn't build. Messages may change.

use std::borrow::Cow;
use std::fmt;

/// What a caller has to make of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input itself is wrong; nothing was looked at.
    Input,
    /// The rules or the current state forbid it; the same command may succeed later.
    Business,
    /// There is no such thing, or the caller is no party to it, and the two can't be told apart.
    NotFound,
    /// The caller's role lacks the action altogether.
    Forbidden,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:ident;)*) => {
        /// The codes of refusals. Permanent: a code is never renamed or reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {$(
            $(#[$doc])*
            $name,
        )*}

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as callers see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What to make of it.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// The page that explains the code and its remedy, Markdown.
            pub const fn page(self) -> &'static str {
                match self { $(
                    Self::$name => include_str!(concat!("../../../schemas/errors/", $code, ".md")),
                )* }
            }
        }
    };
}

codes! {
    /// The role lacks the action.
    Forbidden = "FORBIDDEN", Forbidden;
    /// No such thing, or none that the caller may know of.
    NotFound = "NOT_FOUND", NotFound;
    /// An id isn't of the form `prefix_…`.
    IdMalformed = "ID_MALFORMED", Input;
    /// The idempotency key is empty, too long, or not printable ASCII.
    IdempotencyKeyMalformed = "IDEMPOTENCY_KEY_MALFORMED", Input;
    /// Text is needed.
    TextEmpty = "TEXT_EMPTY", Input;
    /// The text is longer than its bound.
    TextTooLong = "TEXT_TOO_LONG", Input;
    /// The text has control characters, or what could be a card's number.
    TextMalformed = "TEXT_MALFORMED", Input;
    /// Not a plain decimal.
    AmountMalformed = "AMOUNT_MALFORMED", Input;
    /// Below zero.
    AmountNegative = "AMOUNT_NEGATIVE", Input;
    /// Zero, where more is needed.
    AmountNotPositive = "AMOUNT_NOT_POSITIVE", Input;
    /// More decimals than the currency has.
    AmountTooPrecise = "AMOUNT_TOO_PRECISE", Input;
    /// Above the largest amount.
    AmountTooLarge = "AMOUNT_TOO_LARGE", Input;
    /// No such currency.
    CurrencyUnknown = "CURRENCY_UNKNOWN", Input;
    /// Amounts of two currencies, where one is needed.
    CurrencyMismatch = "CURRENCY_MISMATCH", Business;
    /// Another amount than is needed.
    AmountMismatch = "AMOUNT_MISMATCH", Business;
    /// A rate outside 0…1.
    RateOutOfRange = "RATE_OUT_OF_RANGE", Input;
    /// A policy's value is outside what makes sense.
    PolicyInvalid = "POLICY_INVALID", Input;
    /// A number outside its bounds, such as a headcount of 0.
    CountOutOfRange = "COUNT_OUT_OF_RANGE", Input;
    /// The state doesn't allow the command.
    WrongState = "WRONG_STATE", Business;
    /// A party, but not the one who may do this.
    WrongSide = "WRONG_SIDE", Business;
    /// The client proposes for their own job.
    OwnJob = "OWN_JOB", Business;
    /// The job has its people.
    JobFull = "JOB_FULL", Business;
    /// There are as many of these as there may be at once.
    LimitReached = "LIMIT_REACHED", Business;
    /// The offer was replaced by a newer one.
    OfferSuperseded = "OFFER_SUPERSEDED", Business;
    /// The terms that were accepted aren't those on offer.
    TermsMismatch = "TERMS_MISMATCH", Business;
    /// A share of what is disputed below zero, above all of it, or above what was claimed.
    ShareOutOfRange = "SHARE_OUT_OF_RANGE", Business;
    /// The evidence of the dispute is sealed.
    EvidenceSealed = "EVIDENCE_SEALED", Business;
    /// Somebody who acted on the contract or in the dispute before would decide.
    NotNeutral = "NOT_NEUTRAL", Business;
    /// A guarded balance would go below zero.
    BalanceTooLow = "BALANCE_TOO_LOW", Business;
    /// The party's account in this currency is on hold.
    AccountOnHold = "ACCOUNT_ON_HOLD", Business;
    /// The milestone's money is frozen.
    FundsFrozen = "FUNDS_FROZEN", Business;
    /// Trust has not settled enough cash yet.
    CashTooLow = "CASH_TOO_LOW", Business;
    /// The timer was set anew or is gone.
    TimerStale = "TIMER_STALE", Business;
    /// The timer's instant has not come.
    TimerNotDue = "TIMER_NOT_DUE", Business;
    /// Its day has not come.
    TooEarly = "TOO_EARLY", Business;
    /// Its time is over.
    TooLate = "TOO_LATE", Business;
    /// The fact was recorded before.
    AlreadyRecorded = "ALREADY_RECORDED", Business;
    /// An entry that doesn't balance; a bug, and never appended.
    EntryUnbalanced = "ENTRY_UNBALANCED", Business;
    /// A decision writes to a stream that it did not read; a bug, and never appended.
    StreamUnread = "STREAM_UNREAD", Business;
}

/// A rule's no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// The permanent code.
    pub code: Code,
    /// The input field it is about, as the caller named it (`milestones[1].amount`).
    pub field: Option<Cow<'static, str>>,
    /// One sentence for people, naming the remedy.
    pub message: Cow<'static, str>,
}

impl Refusal {
    /// A refusal about the command as a whole.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: None, message: message.into() }
    }

    /// There is no such `what`, or none that the caller may know of.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
    }

    /// Names the field; an outer field goes before one that is there already.
    #[must_use]
    pub fn at(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        let outer = field.into();
        self.field = Some(match self.field {
            Some(inner) => format!("{outer}.{inner}").into(),
            None => outer,
        });
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{} at {field}: {}", self.code.as_str(), self.message),
            None => write!(f, "{}: {}", self.code.as_str(), self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_that_names_it_and_a_remedy() {
        for code in Code::ALL {
            let page = code.page();
            assert!(page.starts_with(&format!("# {}\n", code.as_str())), "{code:?}");
            assert!(page.contains("## Remedy"), "{code:?}");
        }
    }

    #[test]
    fn fields_nest_from_the_outside_in() {
        let refusal = Refusal::new(Code::AmountNegative, "no").at("amount").at("milestones[1]");
        assert_eq!(refusal.field.as_deref(), Some("milestones[1].amount"));
    }
}
