//! What changed between two moments.

use super::view::{Changed, changed, states};
use crate::wire::Failure;
use audit::Progress;
use audit::as_of::{AsOf, At, Day, LedgerAt, ledger_at, resolve};
use audit::replay::{Balance, Fact, Subject, Timeline};
use domain::ledger::{AccountCode, LedgerAccount};
use domain::money::Currency;
use eventstore::EventStore;
use serde::Serialize;
use std::collections::BTreeMap;

/// A balance that is not what it was, in minor units, positive on the account's usual side.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Moved {
    /// An account of the subject, or a row of the chart for the ledger.
    pub(super) account: String,
    #[serde(skip)]
    pub(super) row: AccountCode,
    pub(super) currency: Currency,
    pub(super) before: i128,
    pub(super) after: i128,
    pub(super) change: i128,
}

/// What changed of a contract or an account.
#[derive(Serialize)]
pub(super) struct Difference {
    pub(super) of: String,
    pub(super) from: At,
    pub(super) to: At,
    pub(super) states: Vec<Changed>,
    pub(super) balances: Vec<Moved>,
    pub(super) facts: Vec<Fact>,
}

/// What changed of the ledger.
#[derive(Serialize)]
pub(super) struct LedgerDifference {
    pub(super) of: &'static str,
    pub(super) from: At,
    pub(super) to: At,
    pub(super) entries: u64,
    pub(super) balances: Vec<Moved>,
}

/// The two places, in the order of the log.
pub(super) async fn between(
    store: &dyn EventStore,
    (before, after): (AsOf, AsOf),
    effective_on: Option<Day>,
) -> Result<(At, At), Failure> {
    let from = resolve(store, before, effective_on).await?;
    let to = resolve(store, after, effective_on).await?;
    if from.position > to.position {
        let (from, to) = (from.position, to.position);
        return Err(format!("--diff goes forward: position {from} is after {to}; swap them").into());
    }
    Ok((from, to))
}

/// What changed of `subject`. Where it did not exist yet, it had nothing.
pub(super) async fn of(
    store: &dyn EventStore,
    subject: Subject,
    (from, to): (At, At),
) -> Result<Difference, Failure> {
    let mut timeline = Timeline::read(store, subject, to).await?;
    let (mut before, mut facts) = ((Vec::new(), Vec::new()), Vec::new());
    while let Some(step) = timeline.next().transpose()? {
        if step.fact.position <= from.position {
            before = (states(timeline.state()), step.balances);
        } else {
            facts.push(step.fact);
        }
    }
    let row = |balance: &Balance| ((balance.account, balance.currency), balance.minor);
    let after = timeline.balances();
    let balances = moved(before.1.iter().map(row), after.iter().map(row));
    let states = changed(&before.0, &states(timeline.state()));
    let of = subject.stream().to_string();
    Ok(Difference { of, from, to, states, balances: balances.collect(), facts })
}

/// What changed of the ledger.
pub(super) async fn of_ledger(
    store: &dyn EventStore,
    (from, to): (At, At),
    progress: Progress<'_>,
) -> Result<LedgerDifference, Failure> {
    let before = ledger_at(store, from, progress).await?;
    let after = ledger_at(store, to, progress).await?;
    let rows = |ledger: &LedgerAt| -> Vec<_> {
        ledger.balances.iter().map(|line| ((line.account, line.currency), line.balance())).collect()
    };
    let balances = moved(rows(&before).into_iter(), rows(&after).into_iter()).collect();
    let entries = after.entries - before.entries;
    Ok(LedgerDifference { of: "ledger", from, to, entries, balances })
}

/// An account as it is named here.
trait Named: Ord + Copy {
    fn name(self) -> String;
    fn row(self) -> AccountCode;
}

impl Named for LedgerAccount {
    fn name(self) -> String {
        self.to_string()
    }
    fn row(self) -> AccountCode {
        self.code()
    }
}

impl Named for AccountCode {
    fn name(self) -> String {
        self.code().to_owned()
    }
    fn row(self) -> AccountCode {
        self
    }
}

/// The balances that differ; what one side lacks is zero there.
fn moved<A: Named>(
    before: impl Iterator<Item = ((A, Currency), i128)>,
    after: impl Iterator<Item = ((A, Currency), i128)>,
) -> impl Iterator<Item = Moved> {
    let mut sides: BTreeMap<(A, Currency), (i128, i128)> = BTreeMap::new();
    for (key, minor) in before {
        sides.entry(key).or_default().0 = minor;
    }
    for (key, minor) in after {
        sides.entry(key).or_default().1 = minor;
    }
    sides.into_iter().filter(|(_, (before, after))| before != after).map(
        |((account, currency), (before, after))| Moved {
            account: account.name(),
            row: account.row(),
            currency,
            before,
            after,
            change: after - before,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_appeared_vanished_or_moved_is_told_and_the_rest_is_not() {
        let row = |account, minor| ((account, Currency::USD), minor);
        let (one, two, three, four) = (
            AccountCode::ProviderClearing,
            AccountCode::Escrow,
            AccountCode::DueToPlatform,
            AccountCode::FeeRevenue,
        );
        let before = [row(one, 5), row(two, 7), row(three, 1)];
        let after = [row(one, 5), row(three, 4), row(four, -2)];
        let told: Vec<_> = moved(before.into_iter(), after.into_iter())
            .map(|moved| (moved.account, moved.before, moved.after, moved.change))
            .collect();
        assert_eq!(told, [("2110".into(), 7, 0, -7), ("2700".into(), 1, 4, 3), ("4100".into(), 0, -2, -2)]);
    }
}
