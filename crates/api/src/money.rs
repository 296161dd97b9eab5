//! Money in and out of the API: decimal strings, never floats.

use crate::scalar::{CurrencyCode, MinorUnits};
use async_graphql::{InputObject, SimpleObject};
use domain::Refusal;
use domain::money::Currency;

/// An amount of one currency.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Money {
    /// A plain decimal with as many decimals as the currency has, such as `2500.00`.
    amount: String,
    /// The currency.
    currency: CurrencyCode,
    /// The same amount in minor units, such as cents.
    minor_units: MinorUnits,
}

impl Money {
    pub(crate) fn of(minor: i64, currency: Currency) -> Self {
        Self {
            amount: currency.print(minor),
            currency: CurrencyCode(currency.code().to_owned()),
            minor_units: MinorUnits(minor),
        }
    }
}

impl From<domain::money::Money> for Money {
    fn from(money: domain::money::Money) -> Self {
        Self::of(money.minor(), money.currency())
    }
}

/// An amount, as a decimal string.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct MoneyInput {
    /// A plain decimal such as `2500.00`, with at most as many decimals as the currency has.
    amount: String,
    /// The currency.
    currency: CurrencyCode,
}

impl MoneyInput {
    pub(crate) fn read(&self) -> Result<domain::money::Money, Refusal> {
        domain::money::Money::parse(&self.amount, &self.currency.0)
    }
}
