//! What an audit comes to: for people as text, for machines as JSON.

use std::fmt::Write as _;

use domain::ledger::{AccountCode, Normal};
use domain::money::Currency;
use eventstore::{Finding, LeafHash, Position};
use serde::{Serialize, Serializer};

// The text of a log that holds fits a small terminal, however long its chart and many its currencies.
const ACCOUNTS_SHOWN_MAX: usize = 19;
const CURRENCIES_SHOWN_MAX: usize = 4;
const FINDINGS_SHOWN_MAX: usize = 20;
const ACCOUNT_WIDTH: usize = 32;

/// The codes of the findings that this crate makes itself. Permanent: a code is never renamed or reused.
///
/// Beside them a report carries the codes of [`eventstore::FindingCode`], and those of [`domain::refusal::Code`] for
/// events that the rules refuse where they stand.
pub mod code {
    /// The store can't say where its log ends.
    pub const HEAD_UNREADABLE: &str = "HEAD_UNREADABLE";
    /// A record can't be read, so that events, states and books were judged only up to the one before it.
    pub const RECORD_UNREADABLE: &str = "RECORD_UNREADABLE";
    /// A payload is not what its type says; an entry that doesn't balance is one of these.
    pub const EVENT_UNREADABLE: &str = "EVENT_UNREADABLE";
    /// An amount that no rule could have made.
    pub const AMOUNT_OUT_OF_RANGE: &str = "AMOUNT_OUT_OF_RANGE";
    /// The streams, their order or the revisions in the record are not those of the event.
    pub const MEMBERSHIP_MISMATCH: &str = "MEMBERSHIP_MISMATCH";
    /// An event is not followed by one that its command must have recorded with it.
    pub const COMPANION_MISSING: &str = "COMPANION_MISSING";
    /// An event stands where its command can't have recorded it.
    pub const COMPANION_UNEXPECTED: &str = "COMPANION_UNEXPECTED";
    /// Assets and liabilities of the trust book differ.
    pub const TRUST_UNEQUAL: &str = "TRUST_UNEQUAL";
    /// Debits and credits of the corporate book differ.
    pub const CORPORATE_UNEQUAL: &str = "CORPORATE_UNEQUAL";
    /// An account and its mirror in the other book differ.
    pub const MIRROR_UNEQUAL: &str = "MIRROR_UNEQUAL";
    /// A guarded account is below zero.
    pub const ACCOUNT_OVERDRAWN: &str = "ACCOUNT_OVERDRAWN";
    /// More is reserved for payouts than an account has available.
    pub const RESERVED_UNCOVERED: &str = "RESERVED_UNCOVERED";
    /// What was funded for a milestone is not what is held, frozen, released and refunded; or something is held for one
    /// that is over.
    pub const ESCROW_NOT_CONSERVED: &str = "ESCROW_NOT_CONSERVED";
    /// A balance summed from the entries is not the one that the folded states have.
    pub const BALANCE_DIFFERS: &str = "BALANCE_DIFFERS";
    /// So much was found that the rest was not judged.
    pub const MORE_FINDINGS: &str = "MORE_FINDINGS";
}

/// What an audit of a whole log comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose log it is.
    pub marketplace: String,
    /// Events that were judged.
    pub events: u64,
    /// Position of the last of them. JSON: a number.
    #[serde(serialize_with = "number")]
    pub head: Position,
    /// Its leaf hash, `None` for a log without events. JSON: hexadecimal.
    #[serde(serialize_with = "hexadecimal")]
    pub head_leaf: Option<LeafHash>,
    /// Contracts in the log.
    pub contracts: u64,
    /// Milestones of these contracts.
    pub milestones: u64,
    /// The trial balance, by account and currency.
    pub balances: Vec<TrialLine>,
    /// What is wrong, by position, those without one last; empty when all holds.
    pub findings: Vec<ReportFinding>,
}

/// One row of the trial balance: everything posted to the accounts of one code in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrialLine {
    /// The row of the chart. JSON: its four digits.
    #[serde(serialize_with = "four_digits")]
    pub account: AccountCode,
    /// The currency of the minor units.
    pub currency: Currency,
    /// Sum of the debits, in minor units.
    pub debits: i128,
    /// Sum of the credits, in minor units.
    pub credits: i128,
}

impl TrialLine {
    /// The balance in minor units, positive on the account's usual side.
    pub fn balance(&self) -> i128 {
        match self.account.normal() {
            Normal::Debit => self.debits - self.credits,
            Normal::Credit => self.credits - self.debits,
        }
    }
}

/// Something that is not as it was written, or not as the rules make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportFinding {
    /// The event concerned, if it is one.
    pub position: Option<u64>,
    /// What is wrong, see [`code`].
    pub code: &'static str,
    /// Where exactly and in what way, in one sentence.
    pub message: String,
}

impl From<Finding> for ReportFinding {
    fn from(finding: Finding) -> Self {
        Self {
            position: finding.position.map(Position::get),
            code: finding.code.as_str(),
            message: finding.detail,
        }
    }
}

impl Report {
    /// Whether nothing was found.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// The lowest position with a finding.
    pub fn first_bad(&self) -> Option<Position> {
        self.findings.iter().filter_map(|finding| finding.position).min().map(Position::new)
    }

    /// The report for people: at most 25 lines when all holds, and twenty findings more when it doesn't.
    pub fn text(&self) -> String {
        let mut text = format!(
            "{}: {} events, {} contracts, {} milestones\nhead at position {}",
            self.marketplace, self.events, self.contracts, self.milestones, self.head
        );
        // Writing to a string can't fail, here and below.
        let _ = match self.head_leaf {
            Some(leaf) => writeln!(text, ", leaf {leaf}"),
            None => writeln!(text),
        };
        self.write_balances(&mut text);
        self.write_findings(&mut text);
        text
    }

    fn write_balances(&self, text: &mut String) {
        let distinct = |mut all: Vec<Currency>| {
            all.sort_unstable();
            all.dedup();
            all
        };
        let currencies = distinct(self.balances.iter().map(|line| line.currency).collect());
        let shown = &currencies[..currencies.len().min(CURRENCIES_SHOWN_MAX)];
        let mut accounts: Vec<AccountCode> = self.balances.iter().map(|line| line.account).collect();
        accounts.dedup();
        if accounts.is_empty() {
            return;
        }
        let _ = write!(text, "{:ACCOUNT_WIDTH$}", "balance");
        for currency in shown {
            let _ = write!(text, " {:>18}", currency.code());
        }
        text.push('\n');
        for account in accounts.iter().take(ACCOUNTS_SHOWN_MAX) {
            let _ = write!(text, "{} {:27}", account.code(), account.title());
            for currency in shown {
                let line =
                    self.balances.iter().find(|line| line.account == *account && line.currency == *currency);
                let _ = write!(text, " {:>18}", line.map_or(String::new(), printed));
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        let accounts = accounts.len().saturating_sub(ACCOUNTS_SHOWN_MAX);
        let currencies = currencies.len() - shown.len();
        if accounts + currencies > 0 {
            let _ =
                writeln!(text, "… {accounts} more accounts and {currencies} more currencies, in the JSON");
        }
    }

    fn write_findings(&self, text: &mut String) {
        if self.holds() {
            text.push_str("\nall holds: records, indexes, events, entries and balances\n");
            return;
        }
        let count = self.findings.len();
        let _ = match self.first_bad() {
            Some(first) => writeln!(text, "\nDOES NOT HOLD: {count} findings, the first at position {first}"),
            None => writeln!(text, "\nDOES NOT HOLD: {count} findings"),
        };
        for finding in self.findings.iter().take(FINDINGS_SHOWN_MAX) {
            let place = finding
                .position
                .map_or_else(|| "the log".to_owned(), |position| format!("position {position}"));
            let _ = writeln!(text, "{place}: {}: {}", finding.code, finding.message);
        }
        if count > FINDINGS_SHOWN_MAX {
            let _ = writeln!(text, "… {} more findings, in the JSON", count - FINDINGS_SHOWN_MAX);
        }
    }
}

/// The balance as a decimal of its currency; in minor units, said so, when it is beyond 64 bits.
fn printed(line: &TrialLine) -> String {
    match i64::try_from(line.balance()) {
        Ok(minor) => line.currency.print(minor),
        Err(_) => format!("{} minor", line.balance()),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn number<S: Serializer>(position: &Position, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(position.get())
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn hexadecimal<S: Serializer>(leaf: &Option<LeafHash>, to: S) -> Result<S::Ok, S::Error> {
    leaf.map(|leaf| leaf.to_string()).serialize(to)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
fn four_digits<S: Serializer>(account: &AccountCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(account.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(findings: usize) -> Report {
        let line = |account, currency| TrialLine { account, currency, debits: 0, credits: 287_500 };
        let currencies =
            [Currency::EUR, Currency::JPY, Currency::KWD, Currency::USD, Currency::parse("CHF").unwrap()];
        let accounts = AccountCode::ALL.iter();
        let finding = |position| ReportFinding {
            position: Some(position),
            code: code::BALANCE_DIFFERS,
            message: "one is more".into(),
        };
        Report {
            marketplace: "demo".into(),
            events: 50,
            head: Position::new(50),
            head_leaf: Some(LeafHash::from_bytes([7; 32])),
            contracts: 2,
            milestones: 6,
            balances: accounts
                .flat_map(|account| currencies.map(|currency| line(*account, currency)))
                .collect(),
            findings: (7..7 + findings as u64).map(finding).collect(),
        }
    }

    #[test]
    fn a_log_that_holds_is_told_in_25_lines() {
        let text = report(0).text();
        assert!(text.lines().count() <= 25, "{text}");
        assert!(text.contains("all holds"), "{text}");
    }

    #[test]
    fn a_balance_is_printed_on_its_usual_side_in_its_currency() {
        let text = report(0).text();
        let escrow = text.lines().find(|line| line.starts_with("2110")).unwrap();
        let clearing = text.lines().find(|line| line.starts_with("1100")).unwrap();
        assert!(escrow.contains("2875.00") && escrow.contains(" 287500"), "{escrow}");
        assert!(clearing.contains("-2875.00"), "{clearing}");
    }

    #[test]
    fn the_first_bad_position_is_named_and_the_list_is_cut() {
        let text = report(30).text();
        assert!(text.contains("DOES NOT HOLD: 30 findings, the first at position 7"), "{text}");
        assert!(text.contains("… 10 more findings"), "{text}");
    }

    #[test]
    fn json_has_plain_numbers_and_hexadecimal() {
        let json = serde_json::to_value(report(1)).unwrap();
        assert_eq!(json["head"], 50);
        assert_eq!(json["head_leaf"], "07".repeat(32));
        assert_eq!(json["balances"][0]["account"], "1010");
        assert_eq!(json["balances"][0]["credits"], 287_500);
        assert_eq!(json["findings"][0]["code"], "BALANCE_DIFFERS");
    }
}
