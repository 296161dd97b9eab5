//! The development server's own issuer: one Ed25519 key that signs tokens and publishes its public half.

use super::{AuthConfig, PinnedKey, install_crypto};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::MarketplaceId;
use domain::{Role, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use std::time::Duration;

/// What a token grants.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// Whom it names: a party's id, or any text of 1 to 255 bytes, from which the party is derived.
    pub subject: &'a str,
    /// The roles.
    pub roles: &'a [Role],
    /// Where it holds.
    pub marketplace: &'a MarketplaceId,
    /// For how long, in whole seconds.
    pub lifetime: Duration,
}

/// Why a key can't be made or used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The system's random source failed.
    #[error("no key could be made")]
    Generate,
    /// Not an Ed25519 key in PKCS#8.
    #[error("not an Ed25519 private key in PKCS#8: {0}")]
    Rejected(#[from] aws_lc_rs::error::KeyRejected),
    /// Signing failed.
    #[error("the token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    roles: Vec<&'static str>,
    marketplace: &'a MarketplaceId,
}

/// An issuer with its key pair.
pub struct Issuer {
    pkcs8: Vec<u8>,
    public: Vec<u8>,
    kid: String,
}

impl Issuer {
    /// The `iss` of its tokens.
    pub const NAME: &'static str = "counterfoil-dev";
    /// The `aud` of its tokens.
    pub const AUDIENCE: &'static str = "counterfoil";

    /// An issuer with a fresh key.
    ///
    /// # Errors
    /// [`IssuerError::Generate`].
    pub fn generate() -> Result<Self, IssuerError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| IssuerError::Generate)?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| IssuerError::Generate)?;
        Ok(Self::with(&pair, pkcs8.as_ref()))
    }

    /// The issuer of a stored key.
    ///
    /// # Errors
    /// [`IssuerError::Rejected`].
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, IssuerError> {
        Ok(Self::with(&Ed25519KeyPair::from_pkcs8(pkcs8)?, pkcs8))
    }

    fn with(pair: &Ed25519KeyPair, pkcs8: &[u8]) -> Self {
        let public = pair.public_key().as_ref().to_vec();
        let x = URL_SAFE_NO_PAD.encode(&public);
        // The thumbprint of RFC 7638: the required members in lexical order, without white space.
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
        Self { pkcs8: pkcs8.to_vec(), public, kid }
    }

    /// The private key in PKCS#8, to be stored where only the server's user can read it.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The public key as a JWKS document.
    pub fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(&self.public);
        let kid = &self.kid;
        format!(
            r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"{kid}","x":"{x}"}}]}}"#
        )
    }

    /// How to verify this issuer's tokens, for one marketplace.
    pub fn auth_config(&self, marketplace: MarketplaceId) -> AuthConfig {
        AuthConfig {
            issuer: Self::NAME.to_owned(),
            audience: Self::AUDIENCE.to_owned(),
            marketplace,
            keys: vec![PinnedKey {
                kid: self.kid.clone(),
                algorithm: Algorithm::EdDSA,
                key: DecodingKey::from_ed_der(&self.public),
            }],
            // Whoever holds this key signs for anybody anyway.
            trusts_party_ids: true,
        }
    }

    /// A token for `grant`, valid from `now` on.
    ///
    /// # Errors
    /// [`IssuerError::Sign`].
    pub fn sign(&self, grant: &Grant<'_>, now: Timestamp) -> Result<String, IssuerError> {
        install_crypto();
        let now = now.micros().div_euclid(1_000_000);
        let lifetime = i64::try_from(grant.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iss: Self::NAME,
            aud: Self::AUDIENCE,
            sub: grant.subject,
            iat: now,
            nbf: now,
            exp: now.saturating_add(lifetime),
            roles: grant.roles.iter().map(|role| role.as_str()).collect(),
            marketplace: grant.marketplace,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        Ok(jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&self.pkcs8))?)
    }
}
