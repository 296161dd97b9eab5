//! JSON Web Key Sets, read strictly: a key that isn't understood in full refuses the set.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

/// Most keys in a set.
const KEYS_MAX: usize = 16;
/// Bytes of an Ed25519 public key.
const ED25519_BYTES: usize = 32;
/// Bytes of an RSA modulus: 2,048 to 8,192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

/// A public key with its id and the one algorithm that it may be used with.
#[derive(Clone, Debug)]
pub struct PinnedKey {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl PinnedKey {
    /// The id by which tokens name the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

/// A JWKS document.
#[derive(Clone, Debug)]
pub struct Jwks {
    /// The keys, in the document's order; ids are unique.
    pub keys: Vec<PinnedKey>,
}

/// Why a JWKS document was refused.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// Not a JSON object with `keys`.
    #[error("not a JWKS document: {0}")]
    Json(#[from] serde_json::Error),
    /// No key, or too many.
    #[error("a JWKS document here has 1 to {KEYS_MAX} keys")]
    Count,
    /// A key without an id, or with another's.
    #[error("key {0} has no id of its own (kid)")]
    Kid(usize),
    /// A private or symmetric key, which has no place here.
    #[error("key {0:?} holds secret material; publish the public key only")]
    Secret(String),
    /// Not an Ed25519 key for EdDSA or an RSA key for RS256, for signatures.
    #[error("key {0:?} is neither Ed25519 for EdDSA nor RSA of 2,048 to 8,192 bits for RS256")]
    Unsupported(String),
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<RawKey>,
}

#[derive(Deserialize)]
struct RawKey {
    kid: Option<String>,
    kty: String,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<serde::de::IgnoredAny>,
    k: Option<serde::de::IgnoredAny>,
}

impl Jwks {
    /// Reads a document. `alg` may be absent, since each kind of key has one algorithm here; another one is refused.
    ///
    /// # Errors
    /// [`JwksError`] as its variants say.
    pub fn parse(json: &str) -> Result<Self, JwksError> {
        let raw: RawSet = serde_json::from_str(json)?;
        if raw.keys.is_empty() || raw.keys.len() > KEYS_MAX {
            return Err(JwksError::Count);
        }
        let mut keys: Vec<PinnedKey> = Vec::with_capacity(raw.keys.len());
        for (index, raw) in raw.keys.into_iter().enumerate() {
            let kid = match &raw.kid {
                Some(kid) if !kid.is_empty() && keys.iter().all(|known| known.kid != *kid) => kid.clone(),
                Some(_) | None => return Err(JwksError::Kid(index)),
            };
            keys.push(pin(kid, &raw)?);
        }
        Ok(Self { keys })
    }
}

fn pin(kid: String, raw: &RawKey) -> Result<PinnedKey, JwksError> {
    if raw.d.is_some() || raw.k.is_some() {
        return Err(JwksError::Secret(kid));
    }
    let found = match raw.kty.as_str() {
        _ if raw.usage.as_deref().is_some_and(|usage| usage != "sig") => None,
        // RFC 9864 renames EdDSA over Ed25519 to its curve.
        "OKP" if raw.crv.as_deref() == Some("Ed25519") && fits(raw, &["EdDSA", "Ed25519"]) => ed25519(raw),
        "RSA" if fits(raw, &["RS256"]) => rsa(raw),
        _ => None,
    };
    match found {
        Some((algorithm, key)) => Ok(PinnedKey { kid, algorithm, key }),
        None => Err(JwksError::Unsupported(kid)),
    }
}

fn fits(raw: &RawKey, names: &[&str]) -> bool {
    raw.alg.as_deref().is_none_or(|alg| names.contains(&alg))
}

fn ed25519(raw: &RawKey) -> Option<(Algorithm, DecodingKey)> {
    let x = URL_SAFE_NO_PAD.decode(raw.x.as_ref()?).ok()?;
    (x.len() == ED25519_BYTES).then(|| (Algorithm::EdDSA, DecodingKey::from_ed_der(&x)))
}

fn rsa(raw: &RawKey) -> Option<(Algorithm, DecodingKey)> {
    let n = URL_SAFE_NO_PAD.decode(raw.n.as_ref()?).ok()?;
    let e = URL_SAFE_NO_PAD.decode(raw.e.as_ref()?).ok()?;
    let sound = MODULUS_BYTES.contains(&n.len()) && n.first() != Some(&0) && !e.is_empty();
    sound.then(|| (Algorithm::RS256, DecodingKey::from_rsa_raw_components(&n, &e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn key_sets_are_read_strictly() {
        let x = URL_SAFE_NO_PAD.encode([7; 32]);
        let good = json!({"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": x});
        let parse = |keys: Value| Jwks::parse(&json!({"keys": keys}).to_string());
        assert!(parse(json!([good])).is_ok());
        let changed = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            json!([key])
        };
        for (name, value) in [
            ("kid", json!("")),
            ("kid", Value::Null),
            ("alg", json!("HS256")),
            ("alg", json!("none")),
            ("use", json!("enc")),
            ("crv", json!("Ed448")),
            ("x", json!("AAAA")),
            ("x", json!("not base64!")),
            ("kty", json!("oct")),
            ("d", json!("secret")),
            ("k", json!("secret")),
        ] {
            assert!(parse(changed(name, value.clone())).is_err(), "{name}: {value}");
        }
        assert!(matches!(parse(json!([good, good])), Err(JwksError::Kid(1))));
        assert!(matches!(parse(json!([])), Err(JwksError::Count)));
        assert!(matches!(Jwks::parse("[]"), Err(JwksError::Json(_))));
    }
}
