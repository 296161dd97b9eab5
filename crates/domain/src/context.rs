//! What a decision is given besides state and command: who acts, when, and fresh ids.

use crate::id::{PartyId, TypedId};
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::fmt;
use uuid::Uuid;

/// A role. People carry theirs in tokens; [`Role::System`] and [`Role::Provider`] never come from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Posts jobs and pays.
    Client,
    /// Proposes, works, is paid.
    Talent,
    /// Acts for an agency's members.
    Agency,
    /// Support and mediation.
    Support,
    /// Decides disputes.
    Arbitrator,
    /// Payouts, reconciliation, close.
    Finance,
    /// Reads everything, changes nothing.
    Auditor,
    /// Verification and holds.
    Compliance,
    /// Policy and operation.
    Admin,
    /// Timers and processes.
    System,
    /// A payment provider.
    Provider,
}

impl Role {
    /// The roles that a token may carry.
    pub const PEOPLE: &'static [Self] = &[
        Self::Client,
        Self::Talent,
        Self::Agency,
        Self::Support,
        Self::Arbitrator,
        Self::Finance,
        Self::Auditor,
        Self::Compliance,
        Self::Admin,
    ];

    /// The name in tokens and texts, lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Talent => "talent",
            Self::Agency => "agency",
            Self::Support => "support",
            Self::Arbitrator => "arbitrator",
            Self::Finance => "finance",
            Self::Auditor => "auditor",
            Self::Compliance => "compliance",
            Self::Admin => "admin",
            Self::System => "system",
            Self::Provider => "provider",
        }
    }

    /// Reads a role that a token may carry.
    pub fn parse_person(text: &str) -> Option<Self> {
        Self::PEOPLE.iter().copied().find(|role| role.as_str() == text)
    }
}

/// Who gives a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person, with the roles of the token.
    Person {
        /// Who.
        party: PartyId,
        /// As what.
        roles: Vec<Role>,
    },
    /// A process or timer of ours, by name.
    System(&'static str),
    /// A payment provider, by its rail's name.
    Provider(&'static str),
}

impl Actor {
    /// The roles that the actor acts with.
    pub fn roles(&self) -> &[Role] {
        match self {
            Self::Person { roles, .. } => roles,
            Self::System(_) => &[Role::System],
            Self::Provider(_) => &[Role::Provider],
        }
    }

    /// The person, or `NOT_FOUND` for what only people have.
    pub fn party(&self) -> Option<PartyId> {
        match self {
            Self::Person { party, .. } => Some(*party),
            Self::System(_) | Self::Provider(_) => None,
        }
    }

    /// Whether the actor may report what a provider does on `rail`: the provider itself, or we.
    pub(crate) fn speaks_for(&self, rail: &str) -> bool {
        match self {
            Self::Provider(own) => *own == rail,
            Self::System(_) | Self::Person { .. } => true,
        }
    }

    /// The role that lets the actor give commands of `kind`: the first that any machine's table grants them to.
    ///
    /// # Errors
    /// [`Code::Forbidden`] when none does.
    pub(crate) fn role_for(&self, kind: crate::CommandKind) -> Result<Role, Refusal> {
        let granted = kind.roles();
        self.roles()
            .iter()
            .copied()
            .find(|role| granted.contains(role))
            .ok_or_else(|| Refusal::new(Code::Forbidden, format!("{} is not for this role", kind.as_str())))
    }

    /// The person who acts with `role`.
    ///
    /// # Errors
    /// [`Code::Forbidden`] when the actor is no person or lacks the role.
    pub fn person_as(&self, role: Role) -> Result<PartyId, Refusal> {
        match self {
            Self::Person { party, roles } if roles.contains(&role) => Ok(*party),
            Self::Person { .. } | Self::System(_) | Self::Provider(_) => {
                Err(Refusal::new(Code::Forbidden, format!("this is for the role {}", role.as_str())))
            }
        }
    }
}

impl fmt::Display for Actor {
    /// As recorded: `pty_…`, `system:funding`, `provider:sandbox`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person { party, .. } => write!(f, "{party}"),
            Self::System(name) => write!(f, "system:{name}"),
            Self::Provider(rail) => write!(f, "provider:{rail}"),
        }
    }
}

/// The circumstances of one decision.
#[derive(Debug)]
pub struct Context {
    /// The instant that will be recorded.
    pub now: Timestamp,
    /// Who gives the command.
    pub actor: Actor,
    seed: [u8; 16],
    drawn: Cell<u16>,
}

impl Context {
    /// A context whose fresh ids follow from `seed`; the seed must never be given twice, or ids repeat.
    pub const fn new(now: Timestamp, actor: Actor, seed: [u8; 16]) -> Self {
        Self { now, actor, seed, drawn: Cell::new(0) }
    }

    /// Sixteen fresh bytes that nobody can guess who doesn't know the seed.
    pub fn fresh_salt(&self) -> crate::proposal::Salt {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.draw().1[..16]);
        crate::proposal::Salt::new(bytes)
    }

    /// A number from 0 to `most`, drawn.
    pub(crate) fn fresh_number(&self, most: u16) -> u16 {
        let hash = self.draw().1;
        let wide = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        u16::try_from(wide % (u32::from(most) + 1)).unwrap_or(most)
    }

    /// How many were drawn before, and the hash of the seed and that number.
    fn draw(&self) -> (u16, [u8; 32]) {
        let n = self.drawn.get();
        self.drawn.set(n.wrapping_add(1));
        (n, Sha256::new().chain_update(self.seed).chain_update(n.to_be_bytes()).finalize().into())
    }

    /// The next fresh id: a UUIDv7 of `now` whose ids rise in the order drawn, the rest hashed from the seed.
    pub fn fresh<T: TypedId>(&self) -> T {
        let (n, hash) = self.draw();
        let mut bytes = [0; 16];
        let millis = self.now.micros().div_euclid(1_000);
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&hash[..10]);
        // Within one decision the twelve bits after the instant count, so that ids sort in the order of their making.
        bytes[6] = 0x70 | (n >> 8) as u8 & 0x0f;
        bytes[7] = (n & 0xff) as u8;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        T::from_uuid(Uuid::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::JobId;

    fn context(seed: u8) -> Context {
        Context::new(Timestamp::from_micros(1_700_000_000_000_000), Actor::System("test"), [seed; 16])
    }

    #[test]
    fn fresh_ids_are_version_7_and_rise() {
        let cx = context(1);
        let ids: Vec<JobId> = (0..300).map(|_| cx.fresh()).collect();
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(ids[0].uuid().get_version_num(), 7);
    }

    #[test]
    fn one_seed_gives_one_run_and_two_seeds_two() {
        assert_eq!(context(1).fresh::<JobId>(), context(1).fresh::<JobId>());
        assert_ne!(context(1).fresh::<JobId>(), context(2).fresh::<JobId>());
    }

    #[test]
    fn tokens_never_carry_the_roles_of_machines() {
        assert_eq!(Role::parse_person("client"), Some(Role::Client));
        assert_eq!(Role::parse_person("system"), None);
        assert_eq!(Role::parse_person("provider"), None);
    }
}
