//! The accounts of the two books. Codes and names follow the chart; what an account is kept *per* is in its type.

use crate::id::{ContractId, LotId, MilestoneId, PartyId, TypedId};
use crate::refusal::{Code, Refusal};
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

macro_rules! chart {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $book:ident, $normal:ident, $title:literal;)*) => {
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
    };
}

chart! {
    /// Captured by the provider, not yet settled to us.
    ProviderClearing = "1100", Trust, Debit, "Provider clearing";
    /// Escrow of a milestone.
    Escrow = "2110", Trust, Credit, "Escrow";
    /// Client fee and its tax, held until the milestone is released.
    ClientFeeHeld = "2115", Trust, Credit, "Client fee held";
    /// Earnings that have not cleared.
    TalentOnHold = "2210", Trust, Credit, "Talent on hold";
    /// Money that came without, or too late for, its purpose.
    UnidentifiedReceipts = "2600", Trust, Credit, "Unidentified receipts";
    /// What trust owes the operator.
    DueToPlatform = "2700", Trust, Credit, "Due to platform";
    /// What the operator is owed by trust; mirrors 2700.
    DueFromTrust = "1500", Corporate, Debit, "Due from trust";
    /// VAT or sales tax on fees.
    TaxPayable = "2500", Corporate, Credit, "VAT and sales tax";
    /// Fees earned.
    FeeRevenue = "4100", Corporate, Credit, "Fee revenue";
}

/// An account as an entry names it: the code and what it is kept per.
///
/// Text, and JSON: the code and the ids, joined by colons, such as `2110:ctr_…:mil_…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// 1100.
    ProviderClearing,
    /// 2110, per milestone.
    Escrow(ContractId, MilestoneId),
    /// 2115, per milestone.
    ClientFeeHeld(ContractId, MilestoneId),
    /// 2210, per talent and earnings lot, with the contract whose stream the lot lives in.
    TalentOnHold(PartyId, ContractId, LotId),
    /// 2600.
    UnidentifiedReceipts,
    /// 2700.
    DueToPlatform,
    /// 1500.
    DueFromTrust,
    /// 2500.
    TaxPayable,
    /// 4100.
    FeeRevenue,
}

impl LedgerAccount {
    /// The row of the chart.
    pub const fn code(self) -> AccountCode {
        match self {
            Self::ProviderClearing => AccountCode::ProviderClearing,
            Self::Escrow(..) => AccountCode::Escrow,
            Self::ClientFeeHeld(..) => AccountCode::ClientFeeHeld,
            Self::TalentOnHold(..) => AccountCode::TalentOnHold,
            Self::UnidentifiedReceipts => AccountCode::UnidentifiedReceipts,
            Self::DueToPlatform => AccountCode::DueToPlatform,
            Self::DueFromTrust => AccountCode::DueFromTrust,
            Self::TaxPayable => AccountCode::TaxPayable,
            Self::FeeRevenue => AccountCode::FeeRevenue,
        }
    }

    /// The party whose money it is, where the account is kept per party.
    pub const fn party(self) -> Option<PartyId> {
        match self {
            Self::TalentOnHold(party, ..) => Some(party),
            Self::ProviderClearing
            | Self::Escrow(..)
            | Self::ClientFeeHeld(..)
            | Self::UnidentifiedReceipts
            | Self::DueToPlatform
            | Self::DueFromTrust
            | Self::TaxPayable
            | Self::FeeRevenue => None,
        }
    }

    /// The contract in whose stream the balance is guarded.
    pub const fn contract(self) -> Option<ContractId> {
        match self {
            Self::Escrow(contract, _)
            | Self::ClientFeeHeld(contract, _)
            | Self::TalentOnHold(_, contract, _) => Some(contract),
            Self::ProviderClearing
            | Self::UnidentifiedReceipts
            | Self::DueToPlatform
            | Self::DueFromTrust
            | Self::TaxPayable
            | Self::FeeRevenue => None,
        }
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// [`Code::IdMalformed`] for anything that [`fmt::Display`] would not print.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let foreign = || Refusal::new(Code::IdMalformed, "expected an account such as 2110:ctr_…:mil_…");
        let mut parts = text.split(':');
        let code = parts.next().and_then(|code| AccountCode::ALL.iter().find(|row| row.code() == code));
        let mut part = || parts.next().ok_or_else(foreign);
        let account = match code.ok_or_else(foreign)? {
            AccountCode::ProviderClearing => Self::ProviderClearing,
            AccountCode::Escrow => Self::Escrow(TypedId::parse(part()?)?, TypedId::parse(part()?)?),
            AccountCode::ClientFeeHeld => {
                Self::ClientFeeHeld(TypedId::parse(part()?)?, TypedId::parse(part()?)?)
            }
            AccountCode::TalentOnHold => Self::TalentOnHold(
                TypedId::parse(part()?)?,
                TypedId::parse(part()?)?,
                TypedId::parse(part()?)?,
            ),
            AccountCode::UnidentifiedReceipts => Self::UnidentifiedReceipts,
            AccountCode::DueToPlatform => Self::DueToPlatform,
            AccountCode::DueFromTrust => Self::DueFromTrust,
            AccountCode::TaxPayable => Self::TaxPayable,
            AccountCode::FeeRevenue => Self::FeeRevenue,
        };
        if parts.next().is_some() { Err(foreign()) } else { Ok(account) }
    }
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code().code();
        match self {
            Self::Escrow(contract, milestone) | Self::ClientFeeHeld(contract, milestone) => {
                write!(f, "{code}:{contract}:{milestone}")
            }
            Self::TalentOnHold(party, contract, lot) => write!(f, "{code}:{party}:{contract}:{lot}"),
            Self::ProviderClearing
            | Self::UnidentifiedReceipts
            | Self::DueToPlatform
            | Self::DueFromTrust
            | Self::TaxPayable
            | Self::FeeRevenue => f.write_str(code),
        }
    }
}

impl fmt::Debug for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

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
    use uuid::Uuid;

    #[test]
    fn every_account_reads_back_from_its_text() {
        let (contract, milestone) =
            (TypedId::from_uuid(Uuid::from_u128(1)), TypedId::from_uuid(Uuid::from_u128(2)));
        let (party, lot) = (TypedId::from_uuid(Uuid::from_u128(3)), TypedId::from_uuid(Uuid::from_u128(4)));
        for account in [
            LedgerAccount::ProviderClearing,
            LedgerAccount::Escrow(contract, milestone),
            LedgerAccount::ClientFeeHeld(contract, milestone),
            LedgerAccount::TalentOnHold(party, contract, lot),
            LedgerAccount::UnidentifiedReceipts,
            LedgerAccount::DueToPlatform,
            LedgerAccount::DueFromTrust,
            LedgerAccount::TaxPayable,
            LedgerAccount::FeeRevenue,
        ] {
            assert_eq!(LedgerAccount::parse(&account.to_string()), Ok(account));
        }
    }

    #[test]
    fn what_would_not_be_printed_is_not_read() {
        for text in ["", "9999", "1100:", "1100:x", "2110", "2110:ctr_x:mil_y", "2700 "] {
            assert!(LedgerAccount::parse(text).is_err(), "{text}");
        }
    }
}
