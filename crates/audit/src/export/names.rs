//! Names that hledger, ledger-cli and beancount all accept.

use std::fmt::Write as _;

use domain::ledger::{Book, LedgerAccount};
use domain::money::Currency;

/// The commodity of a currency's minor unit, such as `USDMINOR`.
pub fn commodity_name(currency: Currency) -> String {
    format!("{currency}MINOR")
}

/// The account as the journals call it, such as `Liabilities:Trust:2110-Escrow:CTR-01H…:MIL-01H…`: kind, book, row of
/// the chart, and what it is kept per, ids in upper case with a hyphen. No two accounts have the same.
pub fn account_name(account: LedgerAccount) -> String {
    let code = account.code();
    let kind = match code.code().as_bytes().first() {
        Some(b'1') => "Assets",
        Some(b'2') => "Liabilities",
        Some(b'3') => "Equity",
        Some(b'4') => "Income",
        Some(_) | None => "Expenses",
    };
    let book = match code.book() {
        Book::Trust => "Trust",
        Book::Corporate => "Corporate",
    };
    let mut name = format!("{kind}:{book}:{}", code.code());
    for part in code.title().split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        name.push('-');
        name.push_str(part);
    }
    for id in account.to_string().split(':').skip(1) {
        name.push(':');
        name.push_str(&id.to_ascii_uppercase().replace('_', "-"));
    }
    name
}

/// The text, with every character that a tool might read as its own written as `%` and two hexadecimal digits for each
/// byte. Event types, actors and ids come out as they are.
pub(super) fn word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-' | b'@' | b'/') {
            word.push(char::from(byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(word, "%{byte:02X}");
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ContractId, LotId, MilestoneId, PartyId};

    #[test]
    fn an_account_is_named_by_kind_book_row_and_ids() {
        let (contract, milestone) = (ContractId::from_u128(1), MilestoneId::from_u128(2));
        assert_eq!(
            account_name(LedgerAccount::Escrow(contract, milestone)),
            "Liabilities:Trust:2110-Escrow:CTR-00000000000000000000000001:MIL-00000000000000000000000002"
        );
        assert_eq!(
            account_name(LedgerAccount::TalentOnHold(PartyId::from_u128(3), contract, LotId::from_u128(4))),
            "Liabilities:Trust:2210-Talent-on-hold:PTY-00000000000000000000000003:\
             CTR-00000000000000000000000001:LOT-00000000000000000000000004"
        );
        assert_eq!(account_name(LedgerAccount::DueFromTrust), "Assets:Corporate:1500-Due-from-trust");
        assert_eq!(account_name(LedgerAccount::FeeRevenue), "Income:Corporate:4100-Fee-revenue");
    }

    #[test]
    fn what_a_tool_could_misread_is_written_as_bytes() {
        assert_eq!(word("provider:sandbox"), "provider:sandbox");
        assert_eq!(word("a\nb;c\"d\\e, f"), "a%0Ab%3Bc%22d%5Ce%2C%20f");
        assert_eq!(word("100%é"), "100%25%C3%A9");
    }
}
