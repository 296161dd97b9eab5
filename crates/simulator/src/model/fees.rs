//! Fees by cumulative difference, in exact fractions: what a release costs, what moves with escrow, and what a refund of
//! released money gives back.

use super::books::{floor, proportion, share, tax};
use domain::ledger::FeeQuote;

/// How much money divides into fees and taxes, in minor units: of one release, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) gross: i128,
    pub(crate) fee: i128,
    pub(crate) tax: i128,
    pub(crate) client_fee: i128,
    pub(crate) client_tax: i128,
}

impl Slice {
    /// What the talent has of it.
    pub(crate) fn net(self) -> i128 {
        self.gross - self.fee - self.tax
    }

    /// What of the client's charge it is.
    pub(crate) fn client(self) -> i128 {
        self.client_fee + self.client_tax
    }

    pub(crate) fn fees(self) -> i128 {
        self.fee + self.client_fee
    }

    pub(crate) fn taxes(self) -> i128 {
        self.tax + self.client_tax
    }

    pub(crate) fn plus(self, more: Self) -> Self {
        Self {
            gross: self.gross + more.gross,
            fee: self.fee + more.fee,
            tax: self.tax + more.tax,
            client_fee: self.client_fee + more.client_fee,
            client_tax: self.client_tax + more.client_tax,
        }
    }

    pub(crate) fn minus(self, less: Self) -> Self {
        Self {
            gross: self.gross - less.gross,
            fee: self.fee - less.fee,
            tax: self.tax - less.tax,
            client_fee: self.client_fee - less.client_fee,
            client_tax: self.client_tax - less.client_tax,
        }
    }
}

/// What a milestone's fees depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price {
    pub(crate) rates: FeeQuote,
    pub(crate) amount: i128,
    /// Client fee and tax that the client paid on top.
    pub(crate) charge: (i128, i128),
    /// All that was released.
    pub(crate) charged: Slice,
}

impl Price {
    /// What is due in all once `gross` is released.
    fn due(&self, gross: i128) -> Slice {
        let fee = share(self.rates.talent_fee, gross);
        let whole = self.charge.0 + self.charge.1;
        let client = proportion(whole, gross, self.amount);
        let client_tax = proportion(self.charge.1, client, whole);
        let tax = tax(self.rates.talent_fee_tax, fee);
        Slice { gross, fee, tax, client_fee: client - client_tax, client_tax }
    }

    /// What the next release of `gross` costs: what is due in all, less what was charged, and never more than it.
    pub(crate) fn next(&self, gross: i128) -> Slice {
        let due = self.due(self.charged.gross + gross);
        let more = due.minus(self.charged);
        let fee = more.fee.max(0).min(gross);
        let tax = more.tax.max(0).min(gross - fee);
        let client = more.client();
        let client_tax = more.client_tax.max(0).min(client.max(0));
        Slice { gross, fee, tax, client_fee: client - client_tax, client_tax }
    }

    /// What of the charge goes with `moved` of the escrow: its share, never a unit more, and all with the last of it.
    pub(crate) fn moves(&self, moved: i128) -> (i128, i128) {
        let left = (self.charge.0 - self.charged.client_fee, self.charge.1 - self.charged.client_tax);
        if self.charged.gross + moved >= self.amount {
            return left;
        }
        let whole = self.charge.0 + self.charge.1;
        let total = floor(whole, moved, self.amount).min(left.0 + left.1);
        let tax = floor(self.charge.1, total, whole).max(total - left.0).max(0).min(left.1);
        (total - tax, tax)
    }

    /// What of the fees comes back when `gross` of the released money is given back, of which `before` was.
    pub(crate) fn gives_back(&self, before: Slice, gross: i128) -> Slice {
        let sum = before.gross + gross;
        let fee = proportion(self.charged.fee, sum, self.charged.gross) - before.fee;
        let fee = fee.max(0).min(gross);
        let tax = proportion(self.charged.tax, sum, self.charged.gross) - before.tax;
        Slice { gross, fee, tax: tax.max(0).min(gross - fee), ..Slice::default() }
    }

    /// What an award takes back of released money, of which the talent has `granted` some, and `frozen` is left: what
    /// was charged above what is due on the rest.
    pub(crate) fn takes_back(&self, granted: Slice, back: i128, frozen: i128) -> Slice {
        let above = self.charged.minus(self.due(self.charged.gross - back));
        let tax = above.tax.max(0).min(back.min((self.charged.tax - granted.tax).max(0)));
        let fee = above.fee.max(0).min((back - tax).min((self.charged.fee - granted.fee).max(0)));
        let fee = fee.max(back - tax - frozen);
        let client = above.client().max(0);
        let client_tax = above.client_tax.max(0).min(client);
        Slice { gross: back, fee, tax, client_fee: client - client_tax, client_tax }
    }
}
