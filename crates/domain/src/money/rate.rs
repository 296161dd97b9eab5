//! Rates as decimals between 0 and 1, applied in exact integer arithmetic.

use super::split::proportion;
use crate::refusal::{Code, Refusal};
use crate::schema::text_schema;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a product that falls between two minor units becomes one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearer; a tie to the even one.
    HalfEven,
    /// To the nearer; a tie away from zero.
    HalfUp,
    /// Towards zero.
    Floor,
}

/// A rate from 0 to 1 with at most nine decimals: `0.15` is 15 %. JSON: a decimal string.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Rate {
    billionths: i64,
}

const ONE: i64 = 1_000_000_000;
const DECIMALS: u32 = 9;

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self { billionths: 0 };

    /// `percent` %, for constants.
    ///
    /// # Panics
    /// Above 100; in a constant that is a compile error.
    pub const fn percent(percent: u8) -> Self {
        assert!(percent <= 100, "a rate is at most 100 %");
        Self { billionths: percent as i64 * (ONE / 100) }
    }

    /// Reads a decimal such as `0.15`.
    ///
    /// # Errors
    /// [`Code::RateOutOfRange`] outside 0…1, beyond nine decimals, or for what is no decimal.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        Decimal::from_str_exact(text).map_err(|_| out_of_range()).and_then(Self::try_from)
    }

    /// This share of `amount` minor units.
    pub fn of(self, amount: i64, rounding: Rounding) -> i64 {
        proportion(amount, self.billionths, ONE, rounding)
    }

    /// What of `gross` minor units is this rate on top of the rest: of 120 at 20 %, 20.
    pub fn within(self, gross: i64, rounding: Rounding) -> i64 {
        proportion(gross, self.billionths, ONE + self.billionths, rounding)
    }
}

text_schema!(Rate, "Rate", "A decimal from 0 to 1 with at most nine decimals: 0.15 is 15 %.", {
    "pattern": r"^(0(\.[0-9]{1,9})?|1)$"
});

fn out_of_range() -> Refusal {
    Refusal::new(
        Code::RateOutOfRange,
        "expected a decimal from 0 to 1 with at most nine decimals, such as 0.15",
    )
}

impl TryFrom<Decimal> for Rate {
    type Error = Refusal;
    fn try_from(rate: Decimal) -> Result<Self, Refusal> {
        let rate = rate.normalize();
        if rate.is_sign_negative() && !rate.is_zero() || rate > Decimal::ONE || rate.scale() > DECIMALS {
            return Err(out_of_range());
        }
        let billionths = rate.mantissa() * 10_i128.pow(DECIMALS - rate.scale());
        i64::try_from(billionths).map(|billionths| Self { billionths }).map_err(|_| out_of_range())
    }
}

impl From<Rate> for Decimal {
    fn from(rate: Rate) -> Self {
        Self::new(rate.billionths, DECIMALS).normalize()
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Decimal::from(*self), f)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_rate_of_an_amount_rounds_as_told() {
        let half = Rate::parse("0.5").unwrap();
        assert_eq!([1, 3, 5].map(|a| half.of(a, Rounding::HalfEven)), [0, 2, 2]);
        assert_eq!([1, 3, 5].map(|a| half.of(a, Rounding::HalfUp)), [1, 2, 3]);
        assert_eq!([1, 3, 5].map(|a| half.of(a, Rounding::Floor)), [0, 1, 2]);
        assert_eq!(Rate::percent(15).of(250_000, Rounding::HalfEven), 37_500);
        assert_eq!(Rate::percent(20).within(30_000, Rounding::HalfUp), 5_000);
    }

    #[test]
    fn rates_outside_zero_to_one_are_refused() {
        for text in ["-0.1", "1.000000001", "0.0000000001", "ten", "1e-2", ""] {
            assert_eq!(Rate::parse(text).unwrap_err().code, Code::RateOutOfRange, "{text}");
        }
    }

    #[test]
    fn json_is_a_decimal_string() {
        assert_eq!(serde_json::to_string(&Rate::percent(15)).unwrap(), r#""0.15""#);
        assert_eq!(serde_json::from_str::<Rate>(r#""0.15""#).unwrap(), Rate::percent(15));
    }

    proptest! {
        #[test]
        fn half_even_agrees_with_decimal_arithmetic(amount in 0..=1_000_000_000_000_000_i64, billionths in 0..=ONE) {
            let exact = Decimal::from(amount) * Decimal::new(billionths, DECIMALS);
            let expected = exact.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointNearestEven);
            prop_assert_eq!(Decimal::from(Rate { billionths }.of(amount, Rounding::HalfEven)), expected);
        }
    }
}
