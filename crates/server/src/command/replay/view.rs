//! What is shown of states, by name.

use audit::as_of::ContractAt;
use domain::State;
use domain::contract::Contract;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Debug;

/// The status of the contract or of one of its milestones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Status {
    /// `contract`, or `milestone 1`.
    pub(super) of: String,
    /// Such as `changes_requested`.
    pub(super) status: String,
}

/// A status that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Changed {
    pub(super) of: String,
    pub(super) before: Option<String>,
    pub(super) after: String,
}

/// A step with the statuses after it.
#[derive(Serialize)]
pub(super) struct Step<'a> {
    #[serde(flatten)]
    pub(super) step: &'a audit::replay::Step,
    pub(super) states: &'a [Status],
}

/// The statuses of a contract and its milestones; what isn't a contract has none.
pub(super) fn states(state: Option<&State>) -> Vec<Status> {
    let Some(contract) = state.and_then(State::as_contract) else {
        return Vec::new();
    };
    let milestone = |milestone: &domain::contract::Milestone| Status {
        of: format!("milestone {}", milestone.number),
        status: name(milestone.status()),
    };
    let own = Status { of: "contract".to_owned(), status: name(contract.status()) };
    std::iter::once(own).chain(contract.milestones.iter().map(milestone)).collect()
}

/// What is new or another one than before.
pub(super) fn changed(before: &[Status], after: &[Status]) -> Vec<Changed> {
    let old = |of: &str| before.iter().find(|status| status.of == of).map(|status| status.status.clone());
    let changed = after.iter().map(|status| Changed {
        before: old(&status.of),
        of: status.of.clone(),
        after: status.status.clone(),
    });
    changed.filter(|status| status.before.as_ref() != Some(&status.after)).collect()
}

/// The contract as JSON: ids, parties, currency, statuses and amounts, and the balances.
pub(super) fn contract(of: &ContractAt) -> Value {
    let Contract { id, job_id, client, talent, currency, ref milestones, .. } = of.contract;
    let milestones: Vec<Value> = milestones
        .iter()
        .map(|milestone| {
            json!({
                "id": milestone.id,
                "number": milestone.number,
                "status": name(milestone.status()),
                "amount": milestone.amount,
            })
        })
        .collect();
    json!({
        "at": of.at,
        "contract": {
            "id": id,
            "job_id": job_id,
            "client": client,
            "talent": talent,
            "currency": currency,
            "status": name(of.contract.status()),
            "milestones": milestones,
        },
        "revision": of.revision,
        "balances": of.balances,
    })
}

/// The name of a status, such as `changes_requested`.
pub(super) fn name(status: impl Debug) -> String {
    let mut name = String::new();
    for c in format!("{status:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::contract::MilestoneStatus;

    fn status(of: &str, status: &str) -> Status {
        Status { of: of.into(), status: status.into() }
    }

    #[test]
    fn statuses_are_named_in_lower_case() {
        assert_eq!(name(MilestoneStatus::ChangesRequested), "changes_requested");
    }

    #[test]
    fn only_what_changed_is_told() {
        let before = [status("contract", "active"), status("milestone 1", "agreed")];
        let after =
            [status("contract", "active"), status("milestone 1", "funding"), status("milestone 2", "agreed")];
        let changed = changed(&before, &after);
        assert_eq!(
            changed,
            [
                Changed { of: "milestone 1".into(), before: Some("agreed".into()), after: "funding".into() },
                Changed { of: "milestone 2".into(), before: None, after: "agreed".into() },
            ]
        );
    }
}
