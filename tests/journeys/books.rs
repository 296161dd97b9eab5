//! The books as bookkeepers see them.

use crate::graphql::Caller;
use crate::node::Node;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Accounts of the operator's own book; all others are of the trust book.
const CORPORATE: [&str; 6] = ["1500", "2500", "2710", "4100", "4190", "5100"];
/// Accounts whose balance is usually a debit.
const DEBIT: [&str; 6] = ["1010", "1100", "1500", "1510", "4190", "5100"];

/// Debits, credits and balance of an account in one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) debits: i64,
    pub(crate) credits: i64,
    pub(crate) balance: i64,
}

/// The trial balance, by code and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Books(BTreeMap<(String, String), Row>);

impl Books {
    /// As finance reads them, once the read models have seen all of the log.
    pub(crate) async fn of(node: &Node) -> Self {
        let after = head(node).await;
        let query = "query($after: Position) { trialBalance(after: $after) { code currency \
                     debits { minorUnits } credits { minorUnits } balance { minorUnits } } }";
        let seen = node.persona("finance").see(query, json!({"after": after})).await;
        let rows = seen["trialBalance"].as_array().unwrap().iter();
        Self(
            rows.map(|row| {
                let text = |field: &str| row[field].as_str().unwrap().to_owned();
                let minor = |field: &str| row[field]["minorUnits"].as_i64().unwrap();
                let amounts =
                    Row { debits: minor("debits"), credits: minor("credits"), balance: minor("balance") };
                ((text("code"), text("currency")), amounts)
            })
            .collect(),
        )
    }

    /// What an account was debited and credited in dollars.
    pub(crate) fn turnover(&self, code: &str) -> (i64, i64) {
        let row = self.0.get(&(code.to_owned(), "USD".to_owned())).copied().unwrap_or_default();
        (row.debits, row.credits)
    }

    /// As the report of `verify` has them, refolded from the log.
    pub(crate) fn of_report(report: &Value) -> Self {
        let rows = report["balances"].as_array().unwrap().iter();
        Self(
            rows.map(|row| {
                let code = row["account"].as_str().unwrap().to_owned();
                let (debits, credits) = (row["debits"].as_i64().unwrap(), row["credits"].as_i64().unwrap());
                let balance =
                    if DEBIT.contains(&code.as_str()) { debits - credits } else { credits - debits };
                let currency = row["currency"].as_str().unwrap().to_owned();
                ((code, currency), Row { debits, credits, balance })
            })
            .collect(),
        )
    }

    /// An account's row; empty if nothing was posted to it.
    pub(crate) fn row(&self, code: &str, currency: &str) -> Row {
        self.0.get(&(code.to_owned(), currency.to_owned())).copied().unwrap_or_default()
    }

    /// An account's balance in dollars, in cents.
    pub(crate) fn balance(&self, code: &str) -> i64 {
        self.row(code, "USD").balance
    }

    /// Fails unless debits equal credits in each book and currency.
    #[track_caller]
    pub(crate) fn assert_closed(&self) {
        let mut sums: BTreeMap<(bool, &str), i64> = BTreeMap::new();
        for ((code, currency), row) in &self.0 {
            let book = CORPORATE.contains(&code.as_str());
            *sums.entry((book, currency)).or_default() += row.debits - row.credits;
        }
        assert!(sums.values().all(|sum| *sum == 0), "{self:?}");
    }
}

/// The newest position of the log.
pub(crate) async fn head(node: &Node) -> u64 {
    head_as(&node.persona("auditor")).await
}

async fn head_as(auditor: &Caller) -> u64 {
    let seen = auditor.see("{ readModels { head } }", Value::Null).await;
    let heads = seen["readModels"].as_array().unwrap().iter();
    heads.map(|model| model["head"].as_u64().unwrap()).max().unwrap()
}
