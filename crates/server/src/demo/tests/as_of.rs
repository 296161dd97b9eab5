//! What a contract was at each of its positions: as the read models showed it when they stood there, and as it is folded
//! from the whole log afterwards.

use super::filled;
use audit::as_of::{AsOf, AsOfError, account_at, contract_at, resolve};
use audit::replay::Balance;
use domain::StreamId;
use domain::codec::decode;
use domain::contract::{ContractStatus, MilestoneStatus};
use domain::id::{ContractId, MilestoneId, PartyId};
use domain::ledger::{AccountCode, JournalEntry, LedgerAccount};
use domain::money::Currency;
use eventstore::{Batch, CommandKey, EventStore, MemoryStore, Position, Record};
use projections::{AccountRow, BalanceFilter, MilestoneRow, Name, Page, ReadModels, Waited};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Only a read model that has halted lets anybody wait for so long.
const PATIENCE: Duration = Duration::from_secs(30);
/// The rows of the chart that an account shows.
const SHOWN: [AccountCode; 5] = [
    AccountCode::TalentAvailable,
    AccountCode::TalentOnHold,
    AccountCode::PayoutInTransit,
    AccountCode::RefundInTransit,
    AccountCode::ClientWallet,
];

/// What is told of a contract and of its talent's money in its currency. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    status: ContractStatus,
    /// What each milestone holds in escrow, beside it for the client fee, and frozen.
    milestones: Vec<(MilestoneId, MilestoneStatus, [i64; 3])>,
    contract: BTreeMap<LedgerAccount, i128>,
    talent: BTreeMap<LedgerAccount, i128>,
    /// The talent's money by row of the chart.
    account: [i128; 5],
}

/// A contract at one of its positions.
struct Compared {
    position: Position,
    contract: ContractId,
    /// Whether the event there moved money of the contract, or of its talent in its currency.
    moved: bool,
    /// What the read models had shown before it, if the contract was there.
    before: Option<Told>,
    shown: Told,
    folded: Told,
}

/// The event as that of a command of its own, so that it can be appended, and shown, without those beside it.
fn alone(record: &Record) -> Arc<Record> {
    let mut header = record.header().clone();
    let mut key = [0; 32];
    key[..8].copy_from_slice(&header.position.get().to_be_bytes());
    header.command_key = CommandKey::from_bytes(key);
    Arc::new(Record::seal(header, record.payload()))
}

async fn append(store: &MemoryStore, record: &Arc<Record>) {
    let after = Position::new(record.position().get() - 1);
    let batch = Batch::new(after, record.header().recorded_at, vec![record.clone()]).unwrap();
    store.append(batch).await.unwrap();
}

/// Every contract of the demo at each position of its own stream and of its talent's account.
async fn compared() -> Vec<Compared> {
    let records: Vec<Arc<Record>> = filled(1).await.iter().map(|record| alone(record)).collect();
    let (whole, growing) = (MemoryStore::new("main"), MemoryStore::new("main"));
    for record in &records {
        append(&whole, record).await;
    }
    let directory = tempfile::tempdir().unwrap();
    let models = ReadModels::open(&directory.path().join("read.db")).unwrap();
    let worker = models.start(Arc::new(growing.clone())).unwrap();
    let mut seen: BTreeMap<ContractId, (PartyId, Currency, Told)> = BTreeMap::new();
    let mut compared = Vec::new();
    for record in &records {
        append(&growing, record).await;
        let position = record.position();
        assert_eq!(models.wait_for(Name::ALL, position, PATIENCE).await, Waited::Reached);
        let streams = streams(record);
        let is_in = |(id, (talent, currency, _)): (&ContractId, &(PartyId, Currency, Told))| {
            streams.contains(&StreamId::Account(*talent, *currency)).then_some(*id)
        };
        let own = |stream: &StreamId| if let StreamId::Contract(id) = stream { Some(*id) } else { None };
        let touched: BTreeSet<ContractId> =
            seen.iter().filter_map(is_in).chain(streams.iter().filter_map(own)).collect();
        for contract in touched {
            let (talent, currency, shown) = shown(&models, contract);
            let folded = folded(&whole, contract, position).await;
            let before = seen.insert(contract, (talent, currency, shown.clone())).map(|(.., told)| told);
            let moved = moves(record, contract, talent, currency);
            compared.push(Compared { position, contract, moved, before, shown, folded });
        }
    }
    worker.stop().await;
    compared
}

fn streams(record: &Record) -> Vec<StreamId> {
    let memberships = record.header().memberships.iter();
    memberships.map(|membership| StreamId::parse(&membership.stream).unwrap()).collect()
}

/// Whether the event has an entry that moves money of the contract, or of the talent in the currency.
fn moves(record: &Record, contract: ContractId, talent: PartyId, currency: Currency) -> bool {
    let header = record.header();
    let event = decode(&header.event_type, header.schema_version, record.payload()).unwrap();
    event.journal_entry().into_iter().flat_map(JournalEntry::lines).any(|line| {
        let kept = line.account.kept();
        kept.contract == Some(contract) || kept.party == Some(talent) && line.currency == currency
    })
}

/// What the read models show now, and whose money it is about.
fn shown(models: &ReadModels, id: ContractId) -> (PartyId, Currency, Told) {
    let contract = models.contract(id).unwrap().unwrap();
    let (talent, currency) = (contract.talent, contract.currency);
    let milestone = |row: &MilestoneRow| {
        let held = [row.escrow_held_minor, row.client_fee_held_minor, row.escrow_frozen_minor];
        (row.id, row.status, held)
    };
    let balances = |filter| -> BTreeMap<LedgerAccount, i128> {
        let slice = models.balances(filter, Page::first(100)).unwrap();
        assert!(!slice.has_next, "one page holds all of {filter:?}");
        let rows = slice.rows.iter().filter(|row| row.currency == currency);
        rows.map(|row| (row.account, i128::from(row.balance_minor()))).collect()
    };
    let account = models.account(talent, currency).unwrap();
    let minor = |row: AccountRow| {
        [row.available, row.on_hold, row.in_transit, row.refund_in_transit, row.wallet].map(i128::from)
    };
    let told = Told {
        status: contract.status,
        milestones: models.milestones_by_contracts(&[id]).unwrap().iter().map(milestone).collect(),
        contract: balances(BalanceFilter::Contract(id)),
        talent: balances(BalanceFilter::Party(talent)),
        account: account.map_or([0; 5], minor),
    };
    (talent, currency, told)
}

/// What the log says of the contract as of the position.
async fn folded(log: &MemoryStore, id: ContractId, position: Position) -> Told {
    let at = resolve(log, AsOf::Position(position), None).await.unwrap();
    let then = contract_at(log, id, at).await.unwrap();
    let of = &then.contract;
    let talent = match account_at(log, of.talent, of.currency, at).await {
        Ok(account) => sheet(&account.balances),
        // Nothing was earned in this currency yet.
        Err(AsOfError::Unknown { .. } | AsOfError::NotYet { .. }) => BTreeMap::new(),
        Err(error) => panic!("{error}"),
    };
    let milestones = of.milestones.iter().map(|milestone| {
        let held = |account: fn(ContractId, MilestoneId) -> LedgerAccount| of.held(account(id, milestone.id));
        let held =
            [LedgerAccount::Escrow, LedgerAccount::ClientFeeHeld, LedgerAccount::EscrowInDispute].map(held);
        (milestone.id, milestone.status(), held)
    });
    let row =
        |code| talent.iter().filter(|(account, _)| account.code() == code).map(|(_, minor)| minor).sum();
    Told {
        status: of.status(),
        milestones: milestones.collect(),
        contract: sheet(&then.balances),
        account: SHOWN.map(row),
        talent,
    }
}

fn sheet(balances: &[Balance]) -> BTreeMap<LedgerAccount, i128> {
    balances.iter().map(|balance| (balance.account, balance.minor)).collect()
}

#[tokio::test]
async fn as_of_each_position_a_contract_is_what_was_shown_there() {
    let compared = compared().await;
    let contracts: BTreeSet<ContractId> = compared.iter().map(|compared| compared.contract).collect();
    assert!(contracts.len() > 50 && compared.len() > 500, "{} of {}", compared.len(), contracts.len());
    for Compared { position, contract, shown, folded, .. } in &compared {
        assert_eq!(shown, folded, "{contract} at position {position}");
    }
}

#[tokio::test]
async fn an_event_that_moves_money_and_is_left_out_on_one_side_is_found() {
    let compared = compared().await;
    let moved: Vec<&Compared> = compared.iter().filter(|compared| compared.moved).collect();
    assert!(moved.len() > 200, "{} movements of money", moved.len());
    for Compared { position, contract, before, folded, .. } in moved {
        // Read models that leave the event out show what they showed before it.
        assert_ne!(before.as_ref(), Some(folded), "{contract} at position {position}");
    }
}
