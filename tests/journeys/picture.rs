//! Everything that the read models show of some journeys, without ids and instants, so that two runs can be compared.

use crate::books::{Books, head};
use crate::journey::{Journey, People};
use crate::node::Node;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most nodes of one page.
const PAGE_MAX: usize = 100;

/// What the read models show.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    /// How many rows each list has for the client: more than there should be are as wrong as fewer.
    pub(crate) lists: BTreeMap<&'static str, usize>,
    /// Each journey's job, proposal, contract and accounts, by name.
    pub(crate) journeys: BTreeMap<String, Value>,
    pub(crate) books: Books,
}

const LISTS: &[(&str, &str)] = &[
    (
        "jobs",
        "query($after: Position) { it: jobs(filter: { mine: true }, first: 100, afterPosition: $after) { nodes { id } } }",
    ),
    (
        "proposals",
        "query($after: Position) { it: proposals(filter: { actingAs: CLIENT }, first: 100, afterPosition: $after) { nodes { id } } }",
    ),
    (
        "contracts",
        "query($after: Position) { it: contracts(first: 100, afterPosition: $after) { nodes { id } } }",
    ),
];

const JOURNEY: &str = "query($id: JobId!, $after: Position) { job(id: $id, after: $after) {
    title description status headcount hires
    proposals(first: 2) { nodes { status coverLetter
        offer { number author milestones { title amount { amount } clientTotal { amount } } }
        contract { status currency policyVersion milestones {
            number title status amount { amount } escrowHeld { amount } clientFeeHeld { amount }
            released { gross { amount } net { amount } talentFee { amount } clientFee { amount } }
            deposit { amount { amount } rail failure }
            work { note } changes { reasons } } } } } } }";

const ACCOUNTS: &str = "query($id: ContractId!, $after: Position) {
    accountBalances(contractId: $id, first: 100, afterPosition: $after) {
        nodes { code currency debits { amount } credits { amount } balance { amount } } } }";

impl Picture {
    /// What the node shows once its read models have seen all of the log.
    pub(crate) async fn of(node: &Node, journeys: &[Journey]) -> Self {
        let people = People::of(node);
        let after = head(node).await;
        let mut lists = BTreeMap::new();
        for (name, query) in LISTS {
            let seen = people.client.see(query, json!({"after": after})).await;
            let count = seen["it"]["nodes"].as_array().unwrap().len();
            assert!(count < PAGE_MAX, "{name}: the page may have cut the list");
            lists.insert(*name, count);
        }
        let mut shown = BTreeMap::new();
        for journey in journeys {
            let mut seen = people.client.see(JOURNEY, json!({"id": journey.ids.job, "after": after})).await;
            if !journey.ids.contract.is_empty() {
                let variables = json!({"id": journey.ids.contract, "after": after});
                seen["accounts"] = people.client.see(ACCOUNTS, variables).await;
                sort(&mut seen["accounts"]);
            }
            shown.insert(journey.name.clone(), seen);
        }
        Self { lists, journeys: shown, books: Books::of(node).await }
    }
}

/// Accounts come in the order of their ids, which differ from run to run.
fn sort(accounts: &mut Value) {
    if let Some(nodes) = accounts.pointer_mut("/accountBalances/nodes").and_then(Value::as_array_mut) {
        nodes.sort_by_key(Value::to_string);
    }
}
