//! The accounts of parties: what they hold, what payouts have reserved of it, and why nothing may be paid out.

use super::attention::AttentionKind;
use super::{
    ACCOUNT, ACCOUNTS, HELD, HELD_ATTENTION, HOLD_PLACED, HOLD_RELEASED, HOLDS, LAPSING_ATTENDED, POST,
};
use crate::columns::{Columns, Named, key};
use crate::error::QueryFault;
use crate::pool::{many, one, snapshot};
use crate::read_model::{ApplyError, found};
use crate::read_models::ReadModels;
use crate::sql::execute;
use domain::Timestamp;
use domain::account::{AccountEvent, HoldReason};
use domain::id::{PartyId, PayoutId};
use domain::ledger::{LedgerAccount, Line};
use domain::money::Currency;
use rusqlite::{Connection, Row};

/// A party's money in one currency. Amounts are minor units of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Whose money it is.
    pub party: PartyId,
    /// The currency.
    pub currency: Currency,
    /// Earnings that have cleared (2200), those that payouts have reserved too.
    pub available: i64,
    /// What of the available money payouts have reserved; `available - reserved` can be asked for.
    pub reserved: i64,
    /// Earnings that have not cleared (2210).
    pub on_hold: i64,
    /// Payouts on their way (2300).
    pub in_transit: i64,
    /// Refunds on their way to the party as a client (2400).
    pub refund_in_transit: i64,
    /// The party's money as a client, without a purpose yet (2100).
    pub wallet: i64,
    /// Why nothing may be paid out; nothing may while there is a reason.
    pub holds: Vec<HoldRow>,
}

/// A hold that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// Why.
    pub reason: HoldReason,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it lapses by itself, if it does.
    pub until: Option<Timestamp>,
}

pub(super) fn apply(on: &Connection, event: &AccountEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        AccountEvent::HoldPlaced(e) => {
            post_nothing(on, e.party_id, e.currency)?;
            let (party, until) = (key(e.party_id), e.until.map(Timestamp::micros));
            let row = (party, e.currency.code(), e.reason.as_str(), at.micros(), until);
            execute(on, HOLD_PLACED, row)?;
            attend_held(on, e.party_id, e.currency, at)
        }
        AccountEvent::HoldReleased(e) => {
            let row = (key(e.party_id), e.currency.code(), e.reason.as_str());
            found("hold", execute(on, HOLD_RELEASED, row)?)?;
            attend_held(on, e.party_id, e.currency, at)
        }
    }
}

/// Has a person look into the payouts that are held already if a hold stands that does not lapse by itself, and not
/// any more if none does. One that was listed before keeps its place.
fn attend_held(on: &Connection, party: PartyId, currency: Currency, at: Timestamp) -> Result<(), ApplyError> {
    let held: Vec<PayoutId> = many(on, HELD, (key(party), currency.code()), |row| Columns::of(row).id())?;
    for payout in held {
        let (id, kind) = (payout.to_string(), AttentionKind::PayoutHeld.name());
        execute(on, HELD_ATTENTION, (key(payout), id.as_str(), kind, at.micros()))?;
        execute(on, LAPSING_ATTENDED, (id, key(party), currency.code()))?;
    }
    Ok(())
}

/// Sees to it that the account has a row.
fn post_nothing(on: &Connection, party: PartyId, currency: Currency) -> rusqlite::Result<()> {
    execute(on, POST, (key(party), currency.code(), 0, 0, 0, 0, 0)).map(|_| ())
}

/// Keeps what a party has from the entries themselves, whichever event carries them.
pub(super) fn post(on: &Connection, line: &Line) -> Result<(), ApplyError> {
    let minor = -line.signed();
    let (party, [available, on_hold, in_transit, refund_in_transit, wallet]) = match line.account {
        LedgerAccount::TalentAvailable(party) => (party, [minor, 0, 0, 0, 0]),
        LedgerAccount::TalentOnHold(party, ..) => (party, [0, minor, 0, 0, 0]),
        LedgerAccount::PayoutInTransit(party) => (party, [0, 0, minor, 0, 0]),
        LedgerAccount::RefundInTransit(party) => (party, [0, 0, 0, minor, 0]),
        LedgerAccount::ClientWallet(party) => (party, [0, 0, 0, 0, minor]),
        // What came back is credited in the same append; the others are nobody's in particular, or a contract's.
        LedgerAccount::PayoutReturned(_)
        | LedgerAccount::TrustBank
        | LedgerAccount::ProviderClearing
        | LedgerAccount::DueFromPlatform
        | LedgerAccount::Escrow(..)
        | LedgerAccount::ClientFeeHeld(..)
        | LedgerAccount::EscrowInDispute(..)
        | LedgerAccount::ArbitrationFeesHeld(_)
        | LedgerAccount::UnidentifiedReceipts
        | LedgerAccount::DueToPlatform
        | LedgerAccount::DueFromTrust
        | LedgerAccount::TaxPayable
        | LedgerAccount::DueToTrust
        | LedgerAccount::FeeRevenue
        | LedgerAccount::FeeRefunds
        | LedgerAccount::ProcessingCost => return Ok(()),
    };
    let currency = line.currency.code();
    execute(on, POST, (key(party), currency, available, on_hold, in_transit, refund_in_transit, wallet))?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AccountRow> {
    let mut columns = Columns::of(row);
    Ok(AccountRow {
        party: columns.id()?,
        currency: columns.currency()?,
        available: columns.take()?,
        on_hold: columns.take()?,
        in_transit: columns.take()?,
        refund_in_transit: columns.take()?,
        wallet: columns.take()?,
        reserved: columns.take()?,
        holds: Vec::new(),
    })
}

fn hold(row: &Row<'_>) -> rusqlite::Result<HoldRow> {
    let mut columns = Columns::of(row);
    Ok(HoldRow {
        reason: columns
            .text(|text| HoldReason::ALL.iter().find(|reason| reason.as_str() == text).copied())?,
        placed_at: columns.instant()?,
        until: columns.optional_instant()?,
    })
}

fn with_holds(on: &Connection, mut account: AccountRow) -> rusqlite::Result<AccountRow> {
    account.holds = holds(on, account.party, account.currency)?;
    Ok(account)
}

/// The holds of an account, by reason.
pub(super) fn holds(on: &Connection, party: PartyId, currency: Currency) -> rusqlite::Result<Vec<HoldRow>> {
    many(on, HOLDS, (key(party), currency.code()), hold)
}

/// The accounts of the payout desk.
impl ReadModels {
    /// A party's account in a currency, if money ever moved there.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn account(&self, party: PartyId, currency: Currency) -> Result<Option<AccountRow>, QueryFault> {
        let account = |on: &Connection| {
            let account = one(on, ACCOUNT, (key(party), currency.code()), row)?;
            account.map(|account| with_holds(on, account)).transpose()
        };
        self.query(|on| snapshot(on, account))
    }

    /// A party's accounts, by currency: one for each in which money ever moved.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn accounts(&self, party: PartyId) -> Result<Vec<AccountRow>, QueryFault> {
        let accounts = |on: &Connection| {
            let accounts = many(on, ACCOUNTS, [key(party)], row)?;
            accounts.into_iter().map(|account| with_holds(on, account)).collect()
        };
        self.query(|on| snapshot(on, accounts))
    }
}
