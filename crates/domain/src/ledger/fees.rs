//! Fees and tax by cumulative difference: each release charges the fee on all that was released so far, less what
//! was charged before, so that any slicing of a release costs the same.
//!
//! Source: docs/decisions/0004-fees-by-cumulative-difference.md.

use crate::money::{Rate, Rounding, proportion};
use crate::sabotage::{Sabotage, is_planted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rates fixed when an offer is made, and pinned by the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeeQuote {
    /// Talent fee, as a share of what is released.
    pub talent_fee: Rate,
    /// Tax on the talent fee, taken from the talent's slice.
    pub talent_fee_tax: Rate,
    /// Client fee on top of a milestone's amount.
    pub client_fee: Rate,
    /// Tax on the client fee, on top of it.
    pub client_fee_tax: Rate,
}

/// What a client pays on top of a milestone's amount, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClientCharge {
    /// The client fee.
    pub fee: i64,
    /// Tax on it.
    pub tax: i64,
}

impl ClientCharge {
    /// Fee and tax: what 2115 holds when the milestone is funded.
    pub const fn total(self) -> i64 {
        self.fee + self.tax
    }
}

impl FeeQuote {
    /// The charge on top of `amount` minor units.
    pub fn client_charge(&self, amount: i64) -> ClientCharge {
        let fee = self.client_fee.of(amount, Rounding::HalfEven);
        ClientCharge { fee, tax: self.client_fee_tax.of(fee, Rounding::HalfUp) }
    }
}

/// What was released of a milestone so far, and charged on it: cumulative, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charged {
    /// Released from escrow, before fees.
    pub released: i64,
    /// Talent fee charged.
    pub talent_fee: i64,
    /// Tax on the talent fee charged.
    pub talent_tax: i64,
    /// Client fee earned.
    pub client_fee: i64,
    /// Tax on the client fee earned.
    pub client_tax: i64,
}

/// What the talent gave back of what was released, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// What the client gets.
    pub amount: i64,
    /// What of it the platform gives back, of its talent fee.
    pub talent_fee: i64,
    /// Tax on that.
    pub talent_tax: i64,
}

impl Granted {
    /// What the talent gives back: the amount less fee and tax.
    pub const fn net(self) -> i64 {
        self.amount - self.talent_fee - self.talent_tax
    }

    /// The sums after `more`.
    #[must_use]
    pub const fn after(self, more: Self) -> Self {
        Self {
            amount: self.amount.saturating_add(more.amount),
            talent_fee: self.talent_fee.saturating_add(more.talent_fee),
            talent_tax: self.talent_tax.saturating_add(more.talent_tax),
        }
    }
}

/// One release: what leaves escrow and how it divides, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Slice {
    /// From escrow (2110).
    pub gross: i64,
    /// Talent fee.
    pub talent_fee: i64,
    /// Tax on the talent fee.
    pub talent_tax: i64,
    /// Client fee, from 2115.
    pub client_fee: i64,
    /// Tax on the client fee, from 2115.
    pub client_tax: i64,
}

impl Slice {
    /// What the talent earns: gross less fee and tax.
    pub const fn net(self) -> i64 {
        self.gross - self.talent_fee - self.talent_tax
    }
}

impl Charged {
    /// How the next release of `gross` divides, for a milestone of `amount` whose client paid `charge` on top.
    ///
    /// Fee and tax never exceed the slice; what exceeds it waits for the next. The client's charge is earned in
    /// proportion to what is released, and its tax in proportion to what is earned, so neither ever runs backwards.
    pub fn slice(&self, quote: &FeeQuote, charge: ClientCharge, amount: i64, gross: i64) -> Slice {
        let released = self.released + gross;
        let mut fee_due = quote.talent_fee.of(released, Rounding::HalfEven);
        if is_planted(Sabotage::FeeRoundedPerSlice) {
            fee_due = self.talent_fee + quote.talent_fee.of(gross, Rounding::HalfEven);
        }
        let tax_due = quote.talent_fee_tax.of(fee_due, Rounding::HalfUp);
        let talent_fee = (fee_due - self.talent_fee).clamp(0, gross.max(0));
        let talent_tax = (tax_due - self.talent_tax).clamp(0, (gross - talent_fee).max(0));
        let earned = proportion(charge.total(), released, amount, Rounding::HalfEven);
        let client_tax_due = proportion(charge.tax, earned, charge.total(), Rounding::HalfEven);
        let client = earned - self.client_fee - self.client_tax;
        let client_tax = (client_tax_due - self.client_tax).clamp(0, client.max(0));
        Slice { gross, talent_fee, talent_tax, client_fee: client - client_tax, client_tax }
    }

    /// What of the client's `charge` goes with `moved` minor units of escrow to another milestone, where `amount` was
    /// agreed and `charge` paid: its share, rounded down, and all that is left with the last of the escrow. What stays
    /// is never less than its share, so what was earned of it never runs backwards.
    pub fn moved(&self, charge: ClientCharge, amount: i64, moved: i64) -> ClientCharge {
        let left = ClientCharge { fee: charge.fee - self.client_fee, tax: charge.tax - self.client_tax };
        if self.released + moved >= amount {
            return left;
        }
        let total = proportion(charge.total(), moved, amount, Rounding::Floor).min(left.total());
        let tax = proportion(charge.tax, total, charge.total(), Rounding::Floor);
        let tax = tax.clamp((total - left.fee).max(0), left.tax);
        ClientCharge { fee: total - tax, tax }
    }

    /// How `amount` minor units of what was released divide that the talent gives back: what the platform gives back
    /// of its fee and the tax on it, and what the talent does.
    pub fn granted(&self, before: &Granted, amount: i64) -> Granted {
        let sum = before.amount.saturating_add(amount);
        let fee_due = proportion(self.talent_fee, sum, self.released, Rounding::HalfEven);
        let tax_due = proportion(self.talent_tax, sum, self.released, Rounding::HalfEven);
        let talent_fee = (fee_due - before.talent_fee).clamp(0, amount.max(0));
        let talent_tax = (tax_due - before.talent_tax).clamp(0, (amount - talent_fee).max(0));
        Granted { amount, talent_fee, talent_tax }
    }

    /// The sums after `slice`.
    #[must_use]
    pub fn after(&self, slice: &Slice) -> Self {
        Self {
            released: self.released + slice.gross,
            talent_fee: self.talent_fee + slice.talent_fee,
            talent_tax: self.talent_tax + slice.talent_tax,
            client_fee: self.client_fee + slice.client_fee,
            client_tax: self.client_tax + slice.client_tax,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;
    use proptest::prelude::*;

    fn quote(talent: u8, talent_tax: u8, client: u8, client_tax: u8) -> FeeQuote {
        FeeQuote {
            talent_fee: Rate::percent(talent),
            talent_fee_tax: Rate::percent(talent_tax),
            client_fee: Rate::percent(client),
            client_fee_tax: Rate::percent(client_tax),
        }
    }

    #[test]
    fn fifteen_percent_on_top_of_2500_makes_2875() {
        let charge = quote(10, 20, 15, 0).client_charge(250_000);
        assert_eq!(250_000 + charge.total(), 287_500);
    }

    #[test]
    fn releasing_1000_of_2500_divides_as_the_chart_says() {
        let quote = quote(10, 20, 15, 20);
        let charge = quote.client_charge(250_000);
        assert_eq!(charge, ClientCharge { fee: 37_500, tax: 7_500 });
        let slice = Charged::default().slice(&quote, charge, 250_000, 100_000);
        let expected = Slice {
            gross: 100_000,
            talent_fee: 10_000,
            talent_tax: 2_000,
            client_fee: 15_000,
            client_tax: 3_000,
        };
        assert_eq!((slice, slice.net()), (expected, 88_000));
    }

    #[test]
    fn a_slice_too_small_for_its_fee_leaves_the_rest_to_the_next() {
        let quote = quote(100, 20, 0, 0);
        let first = Charged::default().slice(&quote, ClientCharge::default(), 10, 5);
        assert_eq!((first.talent_fee, first.talent_tax, first.net()), (5, 0, 0));
    }

    fn rates() -> impl Strategy<Value = FeeQuote> {
        (0..=50_u8, 0..=50_u8, 0..=100_u8, 0..=100_u8).prop_map(|(a, b, c, d)| quote(a, b, c, d))
    }

    proptest! {
        #[test]
        fn any_slicing_of_a_release_costs_the_same(
            quote in rates(),
            amount in 1..=Money::MINOR_MAX,
            cuts in prop::collection::vec(0.0..1.0_f64, 0..8),
        ) {
            let charge = quote.client_charge(amount);
            let whole = Charged::default().after(&Charged::default().slice(&quote, charge, amount, amount));
            let mut sliced = Charged::default();
            for cut in cuts {
                #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a random cut, not money")]
                let gross = ((amount - sliced.released) as f64 * cut) as i64;
                let slice = sliced.slice(&quote, charge, amount, gross);
                prop_assert!([slice.talent_fee, slice.talent_tax, slice.client_fee, slice.client_tax, slice.net()]
                    .iter().all(|part| *part >= 0), "{slice:?}");
                sliced = sliced.after(&slice);
            }
            let rest = sliced.slice(&quote, charge, amount, amount - sliced.released);
            sliced = sliced.after(&rest);
            prop_assert_eq!(sliced.client_fee + sliced.client_tax, charge.total());
            prop_assert_eq!(sliced, whole);
        }
    }
}
