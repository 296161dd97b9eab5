//! Money: integer minor units with a currency, decimal rates, and the three ways to round and split.
//!
//! Intermediates are `i128`, results `i64`; nothing is ever a float. An amount above [`Money::MINOR_MAX`] is refused
//! at the edge, so that sums of many amounts stay far from overflow, and sums are checked all the same.

mod currency_table;
mod rate;
mod split;

pub use rate::{Rate, Rounding};
pub use split::{largest_remainder, proportion};

use crate::refusal::{Code, Refusal};
use crate::schema::text_schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency with its frozen exponent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// US dollar, two decimals.
    pub const USD: Self = Self(*b"USD");
    /// Euro, two decimals.
    pub const EUR: Self = Self(*b"EUR");
    /// Yen, no decimals.
    pub const JPY: Self = Self(*b"JPY");
    /// Kuwaiti dinar, three decimals.
    pub const KWD: Self = Self(*b"KWD");

    /// Reads a code of three capital letters.
    ///
    /// # Errors
    /// [`Code::CurrencyUnknown`] when the table of currencies doesn't have it.
    pub fn parse(code: &str) -> Result<Self, Refusal> {
        match currency_table::EXPONENTS.binary_search_by_key(&code, |row| row.0) {
            Ok(_) => {
                let mut bytes = [0; 3];
                bytes.copy_from_slice(code.as_bytes());
                Ok(Self(bytes))
            }
            Err(_) => {
                Err(Refusal::new(Code::CurrencyUnknown, "expected an ISO 4217 code such as USD, EUR or JPY"))
            }
        }
    }

    /// Every currency of the table, by code.
    pub fn all() -> impl Iterator<Item = Self> {
        currency_table::EXPONENTS.iter().filter_map(|(code, _)| Self::parse(code).ok())
    }

    /// The code, such as `USD`.
    pub fn code(&self) -> &str {
        // A `Currency` is only made of a row of the table, which is ASCII.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: JPY 0, USD 2, KWD 3.
    pub fn exponent(self) -> u8 {
        currency_table::EXPONENTS
            .binary_search_by_key(&self.code(), |row| row.0)
            .map_or(0, |i| currency_table::EXPONENTS[i].1)
    }

    /// `minor` units as a plain decimal, with exactly as many decimals as the currency has.
    pub fn print(self, minor: i64) -> String {
        let places = usize::from(self.exponent());
        let sign = if minor < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", minor.unsigned_abs(), width = places + 1);
        let (whole, decimals) = digits.split_at(digits.len() - places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&code).map_err(serde::de::Error::custom)
    }
}

text_schema!(Currency, "Currency", "An ISO 4217 code.", { "pattern": "^[A-Z]{3}$" });

/// An amount of one currency, never negative.
///
/// JSON: `{"minor": 250000, "currency": "USD"}`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawMoney")]
#[schemars(!try_from)]
pub struct Money {
    #[schemars(range(min = 0, max = Self::MINOR_MAX))]
    minor: i64,
    currency: Currency,
}

#[derive(Deserialize)]
struct RawMoney {
    minor: i64,
    currency: Currency,
}

impl TryFrom<RawMoney> for Money {
    type Error = Refusal;
    fn try_from(raw: RawMoney) -> Result<Self, Refusal> {
        Self::new(raw.minor, raw.currency)
    }
}

impl Money {
    /// The largest single amount, in minor units: 10¹⁵, ten trillion dollars.
    pub const MINOR_MAX: i64 = 1_000_000_000_000_000;

    /// `minor` units of `currency`.
    ///
    /// # Errors
    /// [`Code::AmountNegative`] or [`Code::AmountTooLarge`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, Refusal> {
        if minor < 0 {
            return Err(Refusal::new(Code::AmountNegative, "an amount can't be negative"));
        }
        if minor > Self::MINOR_MAX {
            return Err(too_large(currency));
        }
        Ok(Self { minor, currency })
    }

    /// Reads a plain decimal such as `2500.00`: digits, and at most as many decimals as the currency has.
    ///
    /// # Errors
    /// [`Code::CurrencyUnknown`], [`Code::AmountMalformed`], [`Code::AmountNegative`], [`Code::AmountTooPrecise`] or
    /// [`Code::AmountTooLarge`]; `2500.000` USD is too precise, since what looks rounded may have been cut.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, Refusal> {
        let currency = Currency::parse(currency)?;
        let malformed = || Refusal::new(Code::AmountMalformed, "expected a plain decimal such as 2500.00");
        if amount.starts_with('-') {
            return Err(Refusal::new(Code::AmountNegative, "an amount can't be negative"));
        }
        let (whole, decimals) = match amount.split_once('.') {
            Some((_, "")) => return Err(malformed()),
            Some(parts) => parts,
            None => (amount, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|c| c.is_ascii_digit()) {
            return Err(malformed());
        }
        let places = usize::from(currency.exponent());
        if decimals.len() > places {
            return Err(Refusal::new(Code::AmountTooPrecise, format!("{currency} has {places} decimals")));
        }
        let minor = format!("{whole}{decimals:0<places$}").parse().map_err(|_| too_large(currency))?;
        Self::new(minor, currency)
    }

    /// Minor units, 0 or more.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The same currency with another number of minor units.
    ///
    /// # Errors
    /// As [`Money::new`].
    pub fn with_minor(self, minor: i64) -> Result<Self, Refusal> {
        Self::new(minor, self.currency)
    }

    /// The amount itself, if it is above zero.
    ///
    /// # Errors
    /// [`Code::AmountNotPositive`] for zero.
    pub fn positive(self) -> Result<Self, Refusal> {
        if self.minor == 0 {
            return Err(Refusal::new(Code::AmountNotPositive, "an amount above zero is needed"));
        }
        Ok(self)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Code::CurrencyMismatch`] or [`Code::AmountTooLarge`].
    pub fn plus(self, other: Self) -> Result<Self, Refusal> {
        if self.currency != other.currency {
            return Err(Refusal::new(
                Code::CurrencyMismatch,
                format!("expected {}, found {}", self.currency, other.currency),
            ));
        }
        self.with_minor(self.minor.saturating_add(other.minor))
    }
}

fn too_large(currency: Currency) -> Refusal {
    Refusal::new(Code::AmountTooLarge, format!("at most {} {currency}", currency.print(Money::MINOR_MAX)))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.print(self.minor), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(amount: &str, currency: &str) -> Code {
        Money::parse(amount, currency).unwrap_err().code
    }

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        assert_eq!(Money::parse("2500.5", "USD").unwrap().to_string(), "2500.50 USD");
        assert_eq!(Money::parse("2500", "JPY").unwrap().minor(), 2500);
        assert_eq!(Money::parse("0.001", "KWD").unwrap().minor(), 1);
        assert_eq!(Currency::USD.print(-5), "-0.05");
    }

    #[test]
    fn bad_amounts_are_refused_each_with_its_code() {
        for text in ["", ".", "1.", ".5", "1e3", "1,000", " 1", "+1", "0x1", "1.0.0", "١"] {
            assert_eq!(refused(text, "USD"), Code::AmountMalformed, "{text:?}");
        }
        assert_eq!(refused("-1", "USD"), Code::AmountNegative);
        assert_eq!(refused("1.000", "USD"), Code::AmountTooPrecise);
        assert_eq!(refused("1.0", "JPY"), Code::AmountTooPrecise);
        assert_eq!(refused("10000000000000.01", "USD"), Code::AmountTooLarge);
        assert_eq!(refused("99999999999999999999999999", "USD"), Code::AmountTooLarge);
        assert_eq!(refused("1", "usd"), Code::CurrencyUnknown);
        assert_eq!(refused("1", "ÖÖ"), Code::CurrencyUnknown);
    }

    #[test]
    fn mixed_currencies_never_add_up() {
        let sum = Money::parse("1", "USD").unwrap().plus(Money::parse("1", "EUR").unwrap());
        assert_eq!(sum.unwrap_err().code, Code::CurrencyMismatch);
    }

    #[test]
    fn frozen_exponents_are_those_of_iso_4217() {
        assert!(currency_table::EXPONENTS.is_sorted_by_key(|row| row.0));
        for (code, exponent) in currency_table::EXPONENTS {
            let iso = iso_currency::Currency::from_code(code).unwrap();
            assert_eq!(iso.exponent(), Some(u16::from(*exponent)), "{code}");
        }
    }

    proptest! {
        #[test]
        fn every_amount_prints_and_reads_back(minor in 0..=Money::MINOR_MAX, row in 0..currency_table::EXPONENTS.len()) {
            let currency = Currency::parse(currency_table::EXPONENTS[row].0).unwrap();
            let read = Money::parse(&currency.print(minor), currency.code()).unwrap();
            prop_assert_eq!((read.minor(), read.currency()), (minor, currency));
        }
    }
}
