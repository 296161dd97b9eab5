//! The accounts of the two books. Codes and names follow the chart; what an account is kept *per* is in its type.

use crate::id::{ContractId, DisputeId, LotId, MilestoneId, PartyId, TypedId};
use crate::refusal::{Code, Refusal};
use crate::schema::text_schema;
use std::fmt;

/// A book balances by itself, per currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Book {
    /// Other people's money: only assets and liabilities.
    Trust,
    /// The operator's own profit and loss, with accounts that mirror the trust book.
    Corporate,
}

/// The side on which an account's balance is usually found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normal {
    /// Assets and expenses.
    Debit,
    /// Liabilities and income.
    Credit,
}

/// What an account is kept per, as far as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Whose money it is.
    pub party: Option<PartyId>,
    /// In whose stream the balance is guarded.
    pub contract: Option<ContractId>,
    /// The milestone whose money it is.
    pub milestone: Option<MilestoneId>,
    /// The earnings of one release.
    pub lot: Option<LotId>,
    /// The dispute in whose stream the balance is guarded.
    pub dispute: Option<DisputeId>,
}

impl Kept {
    const NOTHING: Self = Self { party: None, contract: None, milestone: None, lot: None, dispute: None };
}

/// Defines the chart of accounts: code, book, normal side, name, and what each account is kept per.
macro_rules! chart {
    ($($(#[$doc:meta])* $name:ident $(($($kept:ident: $id:ty),+))? = $code:literal, $book:ident, $normal:ident, $title:literal;)*) => {
        /// The chart of accounts: code, book, normal side, name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AccountCode {$(
            $(#[$doc])*
            $name,
        )*}

        impl AccountCode {
            /// Every account of the chart, in the order of the codes' groups.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The four-digit code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The book that it belongs to.
            pub const fn book(self) -> Book {
                match self { $(Self::$name => Book::$book,)* }
            }

            /// Where its balance is usually found.
            pub const fn normal(self) -> Normal {
                match self { $(Self::$name => Normal::$normal,)* }
            }

            /// The name for people.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }

        /// An account as an entry names it: the code and what it is kept per.
        ///
        /// Text, and JSON: the code and the ids, joined by colons, such as `2110:ctr_…:mil_…`.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LedgerAccount {$(
            $(#[$doc])*
            $name $(($($id),+))?,
        )*}

        impl LedgerAccount {
            /// The row of the chart.
            pub const fn code(self) -> AccountCode {
                match self { $(chart!(@any $name $($($kept)+)?) => AccountCode::$name,)* }
            }

            /// What it is kept per.
            pub const fn kept(self) -> Kept {
                match self {$(
                    Self::$name $(($($kept),+))? => Kept { $($($kept: Some($kept),)+)? ..Kept::NOTHING },
                )*}
            }

            /// Reads the ids of an account of `code`.
            fn with_ids<'a>(code: AccountCode, mut id: impl FnMut() -> Result<&'a str, Refusal>) -> Result<Self, Refusal> {
                Ok(match code {$(
                    AccountCode::$name => Self::$name $(($(chart!(@id id $kept)),+))?,
                )*})
            }
        }

        impl fmt::Display for LedgerAccount {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.code().code())?;
                match self {$(
                    Self::$name $(($($kept),+))? => { $($(write!(f, ":{}", $kept)?;)+)? }
                )*}
                Ok(())
            }
        }

        #[cfg(test)]
        const EVERY: &[LedgerAccount] = &[$(LedgerAccount::$name $(($(<$id>::from_u128(7)),+))?),*];
    };
    (@any $name:ident) => { Self::$name };
    (@any $name:ident $($kept:ident)+) => { Self::$name(..) };
    (@id $id:ident $kept:ident) => { TypedId::parse($id()?)? };
}

chart! {
    /// Trust's money at the bank.
    TrustBank = "1010", Trust, Debit, "Trust bank";
    /// Captured by the provider, not yet settled to us.
    ProviderClearing = "1100", Trust, Debit, "Provider clearing";
    /// What the operator owes to trust, such as costs that were taken from it.
    DueFromPlatform = "1510", Trust, Debit, "Due from platform";
    /// A client's money without a purpose yet.
    ClientWallet(party: PartyId) = "2100", Trust, Credit, "Client wallet";
    /// Escrow of a milestone.
    Escrow(contract: ContractId, milestone: MilestoneId) = "2110", Trust, Credit, "Escrow";
    /// Client fee and its tax, held until the milestone is released.
    ClientFeeHeld(contract: ContractId, milestone: MilestoneId) = "2115", Trust, Credit, "Client fee held";
    /// Escrow that a dispute has frozen.
    EscrowInDispute(contract: ContractId, milestone: MilestoneId) = "2120", Trust, Credit, "Escrow in dispute";
    /// What both sides paid for arbitration, until it is known who bears it.
    ArbitrationFeesHeld(dispute: DisputeId) = "2130", Trust, Credit, "Arbitration fees held";
    /// Earnings that can be paid out.
    TalentAvailable(party: PartyId) = "2200", Trust, Credit, "Talent available";
    /// Earnings that have not cleared, per lot, with the contract in whose stream the lot lives.
    TalentOnHold(party: PartyId, contract: ContractId, lot: LotId) = "2210", Trust, Credit, "Talent on hold";
    /// Payouts on their way.
    PayoutInTransit(party: PartyId) = "2300", Trust, Credit, "Payout in transit";
    /// Payouts that came back after they were paid.
    PayoutReturned(party: PartyId) = "2310", Trust, Credit, "Payout returned";
    /// Refunds on their way.
    RefundInTransit(party: PartyId) = "2400", Trust, Credit, "Refund in transit";
    /// Money that came without, or too late for, its purpose.
    UnidentifiedReceipts = "2600", Trust, Credit, "Unidentified receipts";
    /// What trust owes the operator.
    DueToPlatform = "2700", Trust, Credit, "Due to platform";
    /// What the operator is owed by trust; mirrors 2700.
    DueFromTrust = "1500", Corporate, Debit, "Due from trust";
    /// VAT or sales tax on fees.
    TaxPayable = "2500", Corporate, Credit, "VAT and sales tax";
    /// What the operator owes to trust; mirrors 1510.
    DueToTrust = "2710", Corporate, Credit, "Due to trust";
    /// Fees earned.
    FeeRevenue = "4100", Corporate, Credit, "Fee revenue";
    /// Fees that were given back; reduces what was earned.
    FeeRefunds = "4190", Corporate, Debit, "Fee refunds";
    /// What payment providers charge.
    ProcessingCost = "5100", Corporate, Debit, "Processing cost";
}

impl LedgerAccount {
    /// Reads the text form.
    ///
    /// # Errors
    /// [`Code::IdMalformed`] for anything that [`fmt::Display`] would not print.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let foreign = || Refusal::new(Code::IdMalformed, "expected an account such as 2110:ctr_…:mil_…");
        let mut parts = text.split(':');
        let code = parts.next().and_then(|code| AccountCode::ALL.iter().find(|row| row.code() == code));
        let account = Self::with_ids(*code.ok_or_else(foreign)?, || parts.next().ok_or_else(foreign))?;
        if parts.next().is_some() { Err(foreign()) } else { Ok(account) }
    }
}

impl fmt::Debug for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_schema!(LedgerAccount, "LedgerAccount", "An account of the chart: its code, and what it is kept per.", {
    "pattern": "^[0-9]{4}(:[0-9A-Za-z_]+)*$"
});

impl serde::Serialize for LedgerAccount {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for LedgerAccount {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_back_from_its_text() {
        for account in EVERY {
            assert_eq!(LedgerAccount::parse(&account.to_string()), Ok(*account));
        }
    }

    #[test]
    fn what_would_not_be_printed_is_not_read() {
        for text in ["", "9999", "1100:", "1100:x", "2110", "2110:ctr_x:mil_y", "2700 "] {
            assert!(LedgerAccount::parse(text).is_err(), "{text}");
        }
    }
}
