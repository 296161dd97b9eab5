//! What somebody may do next, by the model's own rules: a command that stands here must not be refused. And what anybody
//! may try, most of which must be.

mod anything;
mod contracts;
mod disputes;
mod hiring;
mod milestones;
mod operating;
mod payouts;

pub(crate) use anything::any;

use crate::model::Model;
use crate::people;
use crate::provider::RAIL;
use domain::id::{ContractId, DisputeId, JobId};
use domain::marketplace::{PauseRail, ResumeRail};
use domain::money::{Currency, Money};
use domain::proposal::{OfferedMilestone, Party};
use domain::text::Text;
use domain::{Actor, Command, Role};
use fastrand::Rng;

/// Who gives which command.
pub(crate) type Move = (Actor, Command);

const CURRENCIES: [Currency; 3] = [Currency::USD, Currency::EUR, Currency::JPY];
/// Jobs that are looked for people at once, and contracts that are alive at once.
const OPEN_JOBS: usize = 6;
const LIVE_CONTRACTS: usize = 10;
/// Milestones of a contract to which no more are proposed.
const MILESTONES: usize = 9;

/// Moves of which one is drawn, the likelier the more they weigh.
#[derive(Default)]
struct Moves(Vec<(u32, Move)>);

impl Moves {
    fn add(&mut self, weight: u32, actor: Actor, command: impl Into<Command>) {
        self.0.push((weight, (actor, command.into())));
    }

    fn draw(self, dice: &mut Rng) -> Option<Move> {
        let total: u32 = self.0.iter().map(|(weight, _)| weight).sum();
        let mut at = dice.u32(..total.max(1));
        let here = |(weight, _): &(u32, Move)| {
            let here = at < *weight;
            at = at.saturating_sub(*weight);
            here
        };
        let place = self.0.iter().position(here)?;
        self.0.into_iter().nth(place).map(|(_, next)| next)
    }
}

fn text<const MAX: usize>() -> Option<Text<MAX>> {
    Text::parse("as simulated").ok()
}

fn one_of<T: Copy>(dice: &mut Rng, things: &[T]) -> Option<T> {
    things.get(dice.usize(..things.len().max(1))).copied()
}

fn side(dice: &mut Rng) -> Party {
    if dice.bool() { Party::Client } else { Party::Talent }
}

fn as_side(party: domain::id::PartyId, side: Party) -> Actor {
    if side == Party::Client { people::client(party) } else { people::talent(party) }
}

fn money(minor: i128, currency: Currency) -> Option<Money> {
    Money::new(i64::try_from(minor).ok()?, currency).ok()
}

fn amount(dice: &mut Rng, currency: Currency) -> Option<Money> {
    let minor = match dice.u8(..8) {
        0 => dice.i64(1..20),
        1 => dice.i64(1_000_000..5_000_000),
        2 => Money::MINOR_MAX / 1_000_000 + dice.i64(..1_000),
        _ => dice.i64(1_000..300_000),
    };
    Money::new(minor, currency).ok()
}

fn offered(dice: &mut Rng) -> Option<Vec<OfferedMilestone>> {
    let currency = one_of(dice, &CURRENCIES)?;
    let milestones = (0..dice.usize(1..4))
        .map(|_| Some(OfferedMilestone { title: text()?, amount: amount(dice, currency)? }));
    milestones.collect()
}

/// Draws until something may be done; what is drawn may be about what nobody can move on now.
const DRAWS: usize = 3;

/// A move that moves something on, or begins something where little is alive. `now` is the instant.
pub(crate) fn valid(model: &mut Model, now: i64, dice: &mut Rng) -> Option<Move> {
    (0..DRAWS).find_map(|_| drawn(model, now, dice))
}

fn drawn(model: &mut Model, now: i64, dice: &mut Rng) -> Option<Move> {
    let live: Vec<ContractId> = model
        .contracts
        .iter()
        .filter(|(_, c)| !matches!(c.status(), "Ended" | "Cancelled" | "Terminated"))
        .map(|(id, _)| *id)
        .collect();
    let disputes: Vec<DisputeId> = model
        .disputes
        .iter()
        .filter(|(_, d)| !matches!(d.status, "Closed" | "Withdrawn" | "Settled" | "Final"))
        .map(|(id, _)| *id)
        .collect();
    match dice.u8(..100) {
        0..=34 if !disputes.is_empty() => {
            one_of(dice, &disputes).and_then(|id| disputes::moves(model, id, now).draw(dice))
        }
        0..=58 if !live.is_empty() => {
            one_of(dice, &live).and_then(|id| contracts::on_contract(model, id, now, dice))
        }
        59..=61 => contracts::after_the_end(model, now, dice),
        62..=71 => payouts::on_payouts(model, dice),
        72..=76 => operating::operate(model, dice),
        _ => {
            let open: Vec<JobId> =
                model.jobs.iter().filter(|(_, job)| hiring::goes_on(job)).map(|(id, _)| *id).collect();
            let begins = open.len() < OPEN_JOBS && live.len() < LIVE_CONTRACTS && dice.u8(..3) == 0;
            if begins { hiring::create(dice) } else { hiring::on_jobs(model, &open, dice) }
        }
    }
}

/// Pausing a rail's calls and resuming them: what a call waits for it, it waits for until it is resumed.
pub(crate) fn pause_and_resume() -> Option<[Move; 2]> {
    let admin = people::office(Role::Admin);
    let pause = PauseRail { rail: RAIL, reason: text()? };
    Some([(admin.clone(), pause.into()), (admin, ResumeRail { rail: RAIL }.into())])
}
