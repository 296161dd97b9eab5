//! Who acts.

use domain::id::PartyId;
use domain::{Actor, Role};
use fastrand::Rng;
use std::ops::Range;

/// Clients, by number.
pub(crate) const CLIENTS: Range<u128> = 1..4;
/// Talents, by number.
pub(crate) const TALENTS: Range<u128> = 11..16;
/// Somebody with every role that a token can carry, who is a party to nothing.
const STAFF: u128 = 90;
/// Staff with one role each.
const OFFICES: &[(u128, Role)] = &[
    (91, Role::Finance),
    (92, Role::Compliance),
    (93, Role::Admin),
    (94, Role::Support),
    (95, Role::Arbitrator),
    (96, Role::Auditor),
    (97, Role::Agency),
];

pub(crate) fn party(number: u128) -> PartyId {
    PartyId::from_u128(number)
}

pub(crate) fn client(party: PartyId) -> Actor {
    Actor::Person { party, roles: vec![Role::Client] }
}

pub(crate) fn talent(party: PartyId) -> Actor {
    Actor::Person { party, roles: vec![Role::Talent] }
}

/// The person who holds an office.
pub(crate) fn office(role: Role) -> Actor {
    let number = OFFICES.iter().find(|(_, other)| *other == role).map_or(STAFF, |(number, _)| *number);
    Actor::Person { party: party(number), roles: vec![role] }
}

/// Somebody else with an office's role, as an appeal needs.
pub(crate) fn reviewer(role: Role) -> Actor {
    Actor::Person { party: party(STAFF), roles: vec![role] }
}

/// Anybody at all, often in a role that isn't theirs.
pub(crate) fn anybody(dice: &mut Rng) -> Actor {
    let roles = vec![Role::PEOPLE[dice.usize(..Role::PEOPLE.len())]];
    let number = match dice.u8(..4) {
        0 => dice.u128(CLIENTS),
        1 => dice.u128(TALENTS),
        // Who holds an office is a party to nothing, so that the office may always act.
        2 if !roles.iter().any(|role| matches!(role, Role::Client | Role::Talent)) => {
            OFFICES[dice.usize(..OFFICES.len())].0
        }
        _ => 99,
    };
    Actor::Person { party: party(number), roles }
}
