//! Money in and out of the API: decimal strings, never floats.

use crate::error::system;
use crate::http::SystemCode;
use crate::scalar::{CurrencyCode, MinorUnits};
use async_graphql::{InputObject, Result, SimpleObject};
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

    /// A sum of many amounts.
    ///
    /// # Errors
    /// INTERNAL for one that no marketplace's books can come to.
    pub(crate) fn sum(minor: i128, currency: Currency) -> Result<Self> {
        let minor = i64::try_from(minor);
        minor
            .map(|minor| Self::of(minor, currency))
            .map_err(|_| system(SystemCode::Internal, "a sum is larger than can be told"))
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
