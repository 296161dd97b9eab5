//! Who calls: bearer tokens (JWT), verified against pinned keys.
//!
//! A token says nothing until its signature holds under a key that was pinned beforehand, with the algorithm pinned
//! to that key; the token's own header only names which. Every registered claim that is relied on is required, with
//! the right type. A request without a token is a guest's; a request with a bad one is refused, never a guest's.
//!
//! Cost: one signature check for each token and process, then a look-up ([`VERIFIED_MAX`] tokens are remembered).

mod issuer;
mod jwks;
#[cfg(test)]
mod tests;

pub use issuer::{Grant, Issuer, IssuerError};
pub use jwks::{Jwks, JwksError, PinnedKey};

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use domain::id::{MarketplaceId, PartyId, TypedId};
use domain::{Actor, Role};
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Seconds by which `exp` and `nbf` may be missed, for clocks that differ.
pub const LEEWAY_SECONDS: u64 = 30;
/// Longest token, in bytes; longer ones are refused unread.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// Longest subject, in bytes (OpenID Connect's bound).
pub const SUBJECT_BYTES_MAX: usize = 255;
/// Verified tokens that are remembered.
pub const VERIFIED_MAX: usize = 4_096;

/// Names aws-lc as the cryptography of `jsonwebtoken`, which otherwise guesses at first use and panics if it can't.
///
/// Call it before the first token is signed or verified; calling it again does nothing.
pub fn install_crypto() {
    // An error means that a provider is installed already, and this crate is built with exactly one.
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: no token was sent.
    Guest,
    /// A person whose token holds.
    Person {
        /// Who.
        party: PartyId,
        /// The roles of the token, in its order.
        roles: Vec<Role>,
    },
}

impl Caller {
    /// The caller as one who gives commands; guests give none.
    pub fn actor(&self) -> Option<Actor> {
        match self {
            Self::Guest => None,
            Self::Person { party, roles } => Some(Actor::Person { party: *party, roles: roles.clone() }),
        }
    }
}

/// A caller, and how long their token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who calls.
    pub caller: Caller,
    /// The last second of the token, since the Unix epoch, [`LEEWAY_SECONDS`] included; a guest has none.
    pub expires: Option<u64>,
}

impl Session {
    /// The session of somebody without a token.
    pub const GUEST: Self = Self { caller: Caller::Guest, expires: None };

    /// How long the token still holds, in whole seconds; `None` for ever.
    pub fn remaining(&self) -> Option<Duration> {
        let now = jsonwebtoken::get_current_timestamp();
        self.expires.map(|last| Duration::from_secs(last.saturating_add(1).saturating_sub(now)))
    }
}

/// Why a token was refused. For the log; callers are told only that it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Not one header of the form `Bearer <token>`.
    #[error("the Authorization header isn't one Bearer token")]
    Header,
    /// Not a signed token, or with extensions that must be understood and aren't.
    #[error("the token can't be read")]
    Malformed,
    /// No key of that id is pinned.
    #[error("the token names no pinned key")]
    KeyUnknown,
    /// Another algorithm than the key's.
    #[error("the token's algorithm isn't its key's")]
    Algorithm,
    /// The signature doesn't hold.
    #[error("the signature doesn't hold")]
    Signature,
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// Before its `nbf`.
    #[error("the token isn't valid yet")]
    NotYet,
    /// A claim is missing, of the wrong type, or for another issuer or audience.
    #[error("a claim is missing, mistyped or not for us")]
    Claims,
    /// For another marketplace.
    #[error("the token is for another marketplace")]
    Marketplace,
    /// A role that no person can have.
    #[error("the token names an unknown role")]
    Role,
}

/// What tokens must say, and the keys that may sign them.
#[derive(Clone, Debug)]
pub struct AuthConfig {
    /// The `iss` that tokens must carry.
    pub issuer: String,
    /// The `aud` that tokens must carry, alone or in a list.
    pub audience: String,
    /// The `marketplace` that tokens must carry.
    pub marketplace: MarketplaceId,
    /// The keys, each with its algorithm.
    pub keys: Vec<PinnedKey>,
    /// Whether a subject that is a party's id stands for that party. Only for issuers that give no subject which its
    /// bearer could choose: with this, whoever chooses `pty_…` is that party.
    pub trusts_party_ids: bool,
}

/// Verifies the tokens of one marketplace.
pub struct Authenticator {
    issuer: String,
    marketplace: MarketplaceId,
    trusts_party_ids: bool,
    keys: HashMap<String, (DecodingKey, Validation)>,
    verified: Mutex<HashMap<[u8; 32], Verified>>,
}

struct Verified {
    caller: Caller,
    nbf: u64,
    exp: u64,
}

impl Verified {
    fn session(&self) -> Session {
        Session { caller: self.caller.clone(), expires: Some(self.exp.saturating_add(LEEWAY_SECONDS)) }
    }
}

/// The claims that are used; `iss` and `aud` are compared by `jsonwebtoken` and needn't be kept.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: u64,
    nbf: u64,
    roles: Vec<String>,
    marketplace: String,
}

impl Authenticator {
    /// Verifies by `config`. Without keys no token is ever accepted.
    pub fn new(config: AuthConfig) -> Self {
        install_crypto();
        let keys = config
            .keys
            .into_iter()
            .map(|pinned| {
                let mut validation = Validation::new(pinned.algorithm);
                validation.leeway = LEEWAY_SECONDS;
                validation.validate_nbf = true;
                validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
                validation.set_issuer(&[&config.issuer]);
                validation.set_audience(&[&config.audience]);
                (pinned.kid, (pinned.key, validation))
            })
            .collect();
        Self {
            issuer: config.issuer,
            marketplace: config.marketplace,
            trusts_party_ids: config.trusts_party_ids,
            keys,
            verified: Mutex::default(),
        }
    }

    /// The caller of a request with these headers.
    ///
    /// # Errors
    /// [`AuthError`] when there is an `Authorization` header and its token doesn't hold.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, AuthError> {
        self.session(headers).map(|session| session.caller)
    }

    /// As [`Authenticator::authenticate`], with how long the token holds.
    ///
    /// # Errors
    /// As for [`Authenticator::authenticate`].
    pub fn session(&self, headers: &HeaderMap) -> Result<Session, AuthError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Ok(Session::GUEST);
        };
        if values.next().is_some() {
            return Err(AuthError::Header);
        }
        self.session_of(value.to_str().map_err(|_| AuthError::Header)?)
    }

    /// The session of one `Bearer <token>`.
    ///
    /// # Errors
    /// [`AuthError`] when it has another form, or its token doesn't hold.
    pub fn session_of(&self, authorization: &str) -> Result<Session, AuthError> {
        let (scheme, token) = authorization.split_once(' ').ok_or(AuthError::Header)?;
        let token = token.trim_matches(' ');
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > TOKEN_BYTES_MAX {
            return Err(AuthError::Header);
        }
        self.verified(token)
    }

    /// The person of a token.
    ///
    /// # Errors
    /// [`AuthError`] when it doesn't hold.
    pub fn verify(&self, token: &str) -> Result<Caller, AuthError> {
        self.verified(token).map(|session| session.caller)
    }

    fn verified(&self, token: &str) -> Result<Session, AuthError> {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        if let Some(found) = self.remembered(&key) {
            return found;
        }
        let verified = self.check(token)?;
        let session = verified.session();
        let mut remembered = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= VERIFIED_MAX {
            remembered.clear();
        }
        remembered.insert(key, verified);
        Ok(session)
    }

    /// What is known of a token whose signature held before; its times are judged anew.
    fn remembered(&self, key: &[u8; 32]) -> Option<Result<Session, AuthError>> {
        let mut remembered = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let verified = remembered.get(key)?;
        let now = jsonwebtoken::get_current_timestamp();
        if verified.exp.saturating_add(LEEWAY_SECONDS) < now {
            remembered.remove(key);
            return Some(Err(AuthError::Expired));
        }
        if verified.nbf > now + LEEWAY_SECONDS {
            return Some(Err(AuthError::NotYet));
        }
        Some(Ok(verified.session()))
    }

    fn check(&self, token: &str) -> Result<Verified, AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|e| refused(&e))?;
        if header.crit.is_some() {
            return Err(AuthError::Malformed);
        }
        let kid = header.kid.ok_or(AuthError::KeyUnknown)?;
        let (key, validation) = self.keys.get(&kid).ok_or(AuthError::KeyUnknown)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, validation).map_err(|e| refused(&e))?.claims;
        if claims.marketplace != *self.marketplace.shared() {
            return Err(AuthError::Marketplace);
        }
        let roles = claims
            .roles
            .iter()
            .map(|name| Role::parse_person(name))
            .collect::<Option<Vec<_>>>()
            .ok_or(AuthError::Role)?;
        let party = self.party(&claims.sub)?;
        Ok(Verified { caller: Caller::Person { party, roles }, nbf: claims.nbf, exp: claims.exp })
    }

    fn party(&self, subject: &str) -> Result<PartyId, AuthError> {
        let typed = |rest: &str| rest.starts_with('_');
        if self.trusts_party_ids && subject.strip_prefix(PartyId::PREFIX).is_some_and(typed) {
            // One that only looks like a party's id is refused, so that a slip of the pen makes no new party.
            return PartyId::parse(subject).map_err(|_| AuthError::Claims);
        }
        party_of(&self.issuer, subject)
    }
}

/// The party of an issuer's subject: a UUIDv8 made of the first 16 bytes of SHA-256(issuer ‖ 0 ‖ subject), the same for
/// ever, and another for every issuer.
///
/// # Errors
/// [`AuthError::Claims`] for an empty or overlong subject.
pub fn party_of(issuer: &str, subject: &str) -> Result<PartyId, AuthError> {
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
        return Err(AuthError::Claims);
    }
    let text = [issuer.as_bytes(), &[0], subject.as_bytes()].concat();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(&SHA256, &text).as_ref()[..16]);
    Ok(PartyId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}

fn refused(error: &jsonwebtoken::errors::Error) -> AuthError {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::ExpiredSignature => AuthError::Expired,
        ErrorKind::ImmatureSignature => AuthError::NotYet,
        ErrorKind::InvalidSignature => AuthError::Signature,
        ErrorKind::InvalidAlgorithm => AuthError::Algorithm,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::InvalidIssuer
        | ErrorKind::InvalidAudience
        | ErrorKind::InvalidSubject => AuthError::Claims,
        // A foreign enum that grows: what is left is a token that can't be read. `alg: none` ends here too.
        _ => AuthError::Malformed,
    }
}
