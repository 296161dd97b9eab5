//! Under which key a command is known for ever, and how a repetition is told from another request.

use crate::committer::ExecuteError;
use aws_lc_rs::hmac;
use domain::id::EventId;
use domain::timer::Timer;
use domain::{Actor, Code, Command, CommandKind, Refusal, StreamId};
use eventstore::{CommandKey, FaultKind, RequestMac, StoreFault};
use sha2::{Digest, Sha256};

/// What a caller names a command by, so that a repetition is recognized: 1 to 128 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Longest key.
    pub const LEN_MAX: usize = 128;

    /// Reads a caller's key.
    ///
    /// # Errors
    /// [`Code::IdempotencyKeyMalformed`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let fits = (1..=Self::LEN_MAX).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic());
        if fits {
            return Ok(Self(text.to_owned()));
        }
        Err(Refusal::new(
            Code::IdempotencyKeyMalformed,
            "expected 1 to 128 printable ASCII characters without spaces",
        )
        .at("idempotencyKey"))
    }

    /// The key of a command that a process derives from `event`: the same however often it is derived.
    pub fn derived(event: EventId, kind: CommandKind, target: &str) -> Self {
        Self(format!("{event}/{}/{target}", kind.as_str()))
    }

    /// The key of a timer's firing: the same however often it is fired.
    pub(crate) fn of_timer(stream: &StreamId, timer: &Timer) -> Self {
        let subject = timer.kind.subject().unwrap_or_default();
        Self(format!("{stream}/{}/{subject}/{}", timer.kind.command().as_str(), timer.epoch))
    }

    pub(crate) fn of_webhook(id: &str) -> Self {
        Self(format!("webhook/{id}"))
    }

    pub(crate) fn of_policy(version: u32) -> Self {
        Self(format!("policy/{version}"))
    }

    /// SHA-256 of the actor and the key, so that no two actors share a key.
    pub(crate) fn command_key(&self, actor: &Actor) -> CommandKey {
        let hash = Sha256::new()
            .chain_update(actor.to_string())
            // No actor's text has a zero byte, so two pairs never run together to the same bytes.
            .chain_update([0])
            .chain_update(&self.0)
            .finalize();
        CommandKey::from_bytes(hash.into())
    }
}

/// The secret key of the requests' HMACs. A plain hash would let a reader of the log test guesses at personal data.
#[derive(Clone)]
pub struct RequestSecret(hmac::Key);

impl RequestSecret {
    /// A secret of 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    pub(crate) fn mac(&self, actor: &Actor, command: &Command) -> Result<RequestMac, ExecuteError> {
        let request = serde_json::to_vec(&(actor.to_string(), command))
            .map_err(|error| StoreFault::new(FaultKind::Misuse, error))?;
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(&self.0, &request).as_ref());
        Ok(RequestMac::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::PartyId;

    fn person(n: u128) -> Actor {
        Actor::Person { party: PartyId::from_u128(n), roles: vec![] }
    }

    #[test]
    fn two_people_never_share_a_key() {
        let key = IdempotencyKey::parse("k").unwrap();
        assert_eq!(key.command_key(&person(1)), key.command_key(&person(1)));
        assert_ne!(key.command_key(&person(1)), key.command_key(&person(2)));
    }

    #[test]
    fn keys_are_printable_and_bounded() {
        for text in ["", "a b", "é", &"k".repeat(129)] {
            assert_eq!(IdempotencyKey::parse(text).unwrap_err().code, Code::IdempotencyKeyMalformed);
        }
        assert!(IdempotencyKey::parse(&"k".repeat(128)).is_ok());
    }
}
