mod rsa;

use super::*;
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const PARTY: &str = "pty_01h455vb4pex5vsknk084sn02q";

fn marketplace() -> MarketplaceId {
    MarketplaceId::parse("demo").unwrap()
}

fn now() -> i64 {
    i64::try_from(jsonwebtoken::get_current_timestamp()).unwrap()
}

/// An authenticator with one pinned key, and that key.
struct Bench {
    pair: Ed25519KeyPair,
    kid: String,
    auth: Authenticator,
}

fn bench() -> Bench {
    bench_with(|_| {})
}

fn bench_with(configure: impl FnOnce(&mut AuthConfig)) -> Bench {
    let issuer = Issuer::generate().unwrap();
    let mut config = issuer.auth_config(marketplace());
    configure(&mut config);
    let kid = config.keys[0].kid().to_owned();
    Bench { pair: Ed25519KeyPair::from_pkcs8(issuer.pkcs8()).unwrap(), kid, auth: Authenticator::new(config) }
}

fn claims() -> Value {
    json!({
        "iss": Issuer::NAME, "aud": Issuer::AUDIENCE, "sub": PARTY, "nbf": now() - 5, "exp": now() + 600,
        "roles": ["client", "talent"], "marketplace": "demo",
    })
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

impl Bench {
    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid})
    }

    /// A token with this header and these claims, rightly signed.
    fn token(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(text.as_bytes()));
        format!("{text}.{signature}")
    }

    /// What becomes of a rightly signed token whose claims were changed by `change`.
    fn with(&self, change: impl FnOnce(&mut Value)) -> Result<Caller, AuthError> {
        let mut claims = claims();
        change(&mut claims);
        self.auth.verify(&self.token(&self.header(), &claims))
    }
}

fn headers(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())])
}

#[test]
fn a_good_token_names_party_and_roles() {
    let bench = bench();
    let token = bench.token(&bench.header(), &claims());
    let person =
        Caller::Person { party: PartyId::parse(PARTY).unwrap(), roles: vec![Role::Client, Role::Talent] };
    assert_eq!(bench.auth.authenticate(&headers(&format!("Bearer {token}"))), Ok(person.clone()));
    assert_eq!(bench.auth.authenticate(&headers(&format!("bearer {token}"))), Ok(person), "remembered");
}

#[test]
fn the_issuers_own_tokens_hold_after_a_restart_with_its_stored_key() {
    let first = Issuer::generate().unwrap();
    let again = Issuer::from_pkcs8(first.pkcs8()).unwrap();
    let marketplace = marketplace();
    let grant = Grant {
        subject: PARTY,
        roles: &[Role::Finance],
        marketplace: &marketplace,
        lifetime: Duration::from_mins(10),
    };
    let token = first.sign(&grant, Timestamp::from_micros(now() * 1_000_000)).unwrap();
    let keys = Jwks::parse(&again.jwks()).unwrap().keys;
    let auth = Authenticator::new(AuthConfig { keys, ..again.auth_config(marketplace.clone()) });
    assert!(matches!(auth.verify(&token), Ok(Caller::Person { roles, .. }) if roles == [Role::Finance]));
}

#[test]
fn no_header_is_a_guest_and_a_bad_header_is_not() {
    let bench = bench();
    assert_eq!(bench.auth.authenticate(&HeaderMap::new()), Ok(Caller::Guest));
    for value in ["", "Bearer", "Bearer ", "Basic dTpw", "Token abc"] {
        assert_eq!(bench.auth.authenticate(&headers(value)), Err(AuthError::Header), "{value:?}");
    }
    assert_eq!(bench.auth.authenticate(&headers("Bearer a.b.c")), Err(AuthError::Malformed));
    let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1));
    assert_eq!(bench.auth.authenticate(&headers(&long)), Err(AuthError::Header));
    let token = bench.token(&bench.header(), &claims());
    let mut twice = headers(&format!("Bearer {token}"));
    twice.append(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    assert_eq!(bench.auth.authenticate(&twice), Err(AuthError::Header));
}

#[test]
fn algorithm_none_is_refused() {
    let bench = bench();
    for alg in ["none", "None", "NONE", ""] {
        let text = unsigned(&json!({"alg": alg, "kid": bench.kid}), &claims());
        assert_eq!(bench.auth.verify(&format!("{text}.")), Err(AuthError::Malformed), "{alg}");
    }
}

#[test]
fn the_public_key_is_no_hmac_secret() {
    let bench = bench();
    let text = unsigned(&json!({"alg": "HS256", "kid": bench.kid}), &claims());
    let key = hmac::Key::new(hmac::HMAC_SHA256, bench.pair.public_key().as_ref());
    let mac = URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes()));
    assert_eq!(bench.auth.verify(&format!("{text}.{mac}")), Err(AuthError::Algorithm));
}

#[test]
fn kids_are_looked_up_and_never_followed() {
    let bench = bench();
    for kid in [json!("other"), json!(""), json!("../../dev/null"), json!("' or 1=1 --"), Value::Null] {
        let header = json!({"alg": "EdDSA", "kid": kid});
        assert_eq!(bench.auth.verify(&bench.token(&header, &claims())), Err(AuthError::KeyUnknown), "{kid}");
    }
    let none = bench.token(&json!({"alg": "EdDSA"}), &claims());
    assert_eq!(bench.auth.verify(&none), Err(AuthError::KeyUnknown));
}

#[test]
fn a_key_in_the_header_is_not_used() {
    let (bench, stranger) = (bench(), bench());
    let x = URL_SAFE_NO_PAD.encode(stranger.pair.public_key());
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
    let header = json!({"alg": "EdDSA", "kid": bench.kid, "jwk": jwk, "jku": "https://example.org/jwks"});
    assert_eq!(bench.auth.verify(&stranger.token(&header, &claims())), Err(AuthError::Signature));
}

#[test]
fn extensions_that_must_be_understood_are_refused() {
    let bench = bench();
    let header = json!({"alg": "EdDSA", "kid": bench.kid, "crit": ["b64"], "b64": false});
    assert_eq!(bench.auth.verify(&bench.token(&header, &claims())), Err(AuthError::Malformed));
}

#[test]
fn a_changed_claim_breaks_the_signature() {
    let bench = bench();
    let token = bench.token(&bench.header(), &claims());
    let mut forged = claims();
    forged["roles"] = json!(["admin"]);
    let signature = token.rsplit_once('.').unwrap().1;
    let forged = format!("{}.{signature}", unsigned(&bench.header(), &forged));
    assert_eq!(bench.auth.verify(&forged), Err(AuthError::Signature));
}

#[test]
fn times_are_numbers_and_in_force() {
    let bench = bench();
    let text = |seconds: i64| json!(seconds.to_string());
    for name in ["exp", "nbf"] {
        for wrong in [text(now()), json!(null), json!(true), json!([now()]), json!(-1), json!({"t": 1})] {
            assert!(bench.with(|c| c[name] = wrong.clone()).is_err(), "{name}: {wrong}");
        }
    }
    assert_eq!(bench.with(|c| c["exp"] = json!(now() - 3_600)), Err(AuthError::Expired));
    assert_eq!(bench.with(|c| c["nbf"] = json!(now() + 3_600)), Err(AuthError::NotYet));
}

#[test]
fn leeway_is_half_a_minute_and_no_more() {
    let bench = bench();
    const { assert!(LEEWAY_SECONDS <= 30) };
    assert!(bench.with(|c| c["exp"] = json!(now() - 5)).is_ok());
    assert_eq!(bench.with(|c| c["exp"] = json!(now() - 60)), Err(AuthError::Expired));
}

#[test]
fn a_remembered_token_expires_all_the_same() {
    let bench = bench();
    let token = bench.token(&bench.header(), &claims());
    bench.auth.verify(&token).unwrap();
    for verified in bench.auth.verified.lock().unwrap().values_mut() {
        verified.exp = u64::try_from(now() - 3_600).unwrap();
    }
    assert_eq!(bench.auth.verify(&token), Err(AuthError::Expired));
}

#[test]
fn memory_of_tokens_is_bounded() {
    let bench = bench();
    let kept = Verified { caller: Caller::Guest, nbf: 0, exp: u64::MAX };
    for n in 0..VERIFIED_MAX as u64 {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&n.to_be_bytes());
        let copy = Verified { caller: kept.caller.clone(), ..kept };
        bench.auth.verified.lock().unwrap().insert(key, copy);
    }
    bench.with(|_| ()).unwrap();
    assert!(bench.auth.verified.lock().unwrap().len() <= VERIFIED_MAX);
}

#[test]
fn every_claim_is_required() {
    let bench = bench();
    for name in ["iss", "aud", "sub", "nbf", "exp", "roles", "marketplace"] {
        let refused = bench.with(|c| {
            c.as_object_mut().unwrap().remove(name);
        });
        assert!(refused.is_err(), "{name}");
    }
}

#[test]
fn tokens_for_others_are_refused() {
    let bench = bench();
    assert_eq!(bench.with(|c| c["iss"] = json!("https://evil.example")), Err(AuthError::Claims));
    assert_eq!(bench.with(|c| c["aud"] = json!("another-service")), Err(AuthError::Claims));
    assert_eq!(bench.with(|c| c["aud"] = json!([])), Err(AuthError::Claims));
    assert_eq!(bench.with(|c| c["marketplace"] = json!("other")), Err(AuthError::Marketplace));
    assert!(bench.with(|c| c["aud"] = json!(["x", Issuer::AUDIENCE])).is_ok(), "one of several");
}

#[test]
fn only_roles_of_people_are_accepted() {
    let bench = bench();
    for role in ["system", "provider", "root", "Client", ""] {
        assert_eq!(bench.with(|c| c["roles"] = json!(["client", role])), Err(AuthError::Role), "{role:?}");
    }
    assert_eq!(bench.with(|c| c["roles"] = json!("client")), Err(AuthError::Malformed));
}

#[test]
fn foreign_subjects_become_parties_of_their_issuer() {
    let one = party_of("https://id.example", "auth0|42").unwrap();
    assert_eq!(one, party_of("https://id.example", "auth0|42").unwrap());
    assert_ne!(one, party_of("https://other.example", "auth0|42").unwrap());
    assert_eq!((one.uuid().get_version_num(), one.uuid().get_variant()), (8, uuid::Variant::RFC4122));
}

#[test]
fn without_trust_in_party_ids_nobody_names_themselves_a_party() {
    let bench = bench_with(|config| config.trusts_party_ids = false);
    let derived = party_of(Issuer::NAME, PARTY).unwrap();
    assert_ne!(derived, PartyId::parse(PARTY).unwrap());
    let told = bench.with(|claims| claims["sub"] = json!(PARTY));
    assert!(matches!(told, Ok(Caller::Person { party, .. }) if party == derived), "{told:?}");
}

#[test]
fn trusted_subjects_that_only_look_like_party_ids_are_refused() {
    let bench = bench();
    for subject in ["pty_", "pty_x", "pty_01H455VB4PEX5VSKNK084SN02Q"] {
        let told = bench.with(|claims| claims["sub"] = json!(subject));
        assert_eq!(told, Err(AuthError::Claims), "{subject}");
    }
}

#[test]
fn subjects_have_at_least_one_byte_and_at_most_their_bound() {
    for subject in ["", &"x".repeat(SUBJECT_BYTES_MAX + 1)] {
        assert_eq!(party_of("i", subject), Err(AuthError::Claims), "{subject}");
    }
}
