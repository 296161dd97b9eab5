//! A lot of earnings: what one release made, on hold until it clears.

use crate::command::CommandKind;
use crate::context::Role;
use crate::id::LotId;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use crate::transition::Transition;

/// States of a lot of earnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LotStatus {
    /// It clears by itself.
    OnHold,
    /// It stays until it is unfrozen.
    Frozen,
    /// A dispute has frozen it.
    Disputed,
    /// The talent has it.
    Cleared,
    /// An award took it and made another of what is left.
    Taken,
}

/// The lot's table. A release makes it, on hold.
pub const LOT_TRANSITIONS: &[Transition<LotStatus>] = &[
    Transition {
        from: &[LotStatus::OnHold],
        command: CommandKind::ClearEarnings,
        actors: &[Role::System],
        to: LotStatus::Cleared,
    },
    Transition {
        from: &[LotStatus::OnHold],
        command: CommandKind::FreezeEarnings,
        actors: &[Role::Compliance],
        to: LotStatus::Frozen,
    },
    Transition {
        from: &[LotStatus::Frozen],
        command: CommandKind::UnfreezeEarnings,
        actors: &[Role::Compliance],
        to: LotStatus::OnHold,
    },
    Transition {
        from: &[LotStatus::OnHold],
        command: CommandKind::OpenDispute,
        actors: &[Role::Client],
        to: LotStatus::Disputed,
    },
    Transition {
        from: &[LotStatus::Disputed],
        command: CommandKind::WithdrawDispute,
        actors: &[Role::Client, Role::Talent],
        to: LotStatus::OnHold,
    },
    Transition {
        from: &[LotStatus::Disputed],
        command: CommandKind::ExecuteAward,
        actors: &[Role::System],
        to: LotStatus::Taken,
    },
];

/// Earnings of one release, on hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// What was released, before fees, in minor units.
    pub gross: i64,
    /// Balance of 2210, in minor units.
    pub on_hold: i64,
    /// What of 2120 a dispute has frozen of it, in minor units.
    pub disputed: i64,
    /// When it clears.
    pub clears_at: Timestamp,
    /// The contract's revision that made it, or set its clock going again.
    pub since: u64,
    /// Since when it is frozen, if it is.
    pub frozen_at: Option<Timestamp>,
    /// Whether an award took it.
    pub is_taken: bool,
}

impl Lot {
    /// A lot of this many minor units before fees, that the contract's revision `since` makes.
    pub(super) const fn new((id, gross): (LotId, i64), clears_at: Timestamp, since: u64) -> Self {
        Self { id, gross, on_hold: 0, disputed: 0, clears_at, since, frozen_at: None, is_taken: false }
    }

    /// Where it stands.
    pub const fn status(&self) -> LotStatus {
        match self.frozen_at {
            _ if self.is_taken => LotStatus::Taken,
            _ if self.disputed > 0 => LotStatus::Disputed,
            _ if self.on_hold == 0 => LotStatus::Cleared,
            Some(_) => LotStatus::Frozen,
            None => LotStatus::OnHold,
        }
    }

    /// When it clears if its clock goes on at `now`; `None` while its clock runs.
    pub fn resumed(&self, now: Timestamp) -> Option<Timestamp> {
        self.frozen_at.map(|frozen_at| self.clears_at.later_by(frozen_at, now))
    }

    /// It clears, unless it is frozen.
    pub(super) fn timer(&self) -> Option<Timer> {
        let (kind, due, epoch) = (TimerKind::ClearEarnings(self.id), self.clears_at, self.since);
        (self.status() == LotStatus::OnHold).then_some(Timer { kind, due, epoch })
    }
}
