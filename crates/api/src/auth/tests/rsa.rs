//! Keys of an OpenID Connect provider.

use super::*;
use aws_lc_rs::{rand, rsa, signature};

/// The two integers of an `RSAPublicKey` in DER: SEQUENCE { INTEGER n, INTEGER e }, long lengths of two bytes.
fn rsa_components(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    assert_eq!(der[..2], [0x30, 0x82]);
    assert_eq!(der[4..6], [0x02, 0x82]);
    let len = usize::from(u16::from_be_bytes([der[6], der[7]]));
    let n = der[8..8 + len].iter().copied().skip_while(|byte| *byte == 0).collect();
    (n, der[8 + len + 2..].to_vec())
}

#[test]
fn rs256_holds_under_an_rsa_key_and_under_no_other() {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let (n, e) = rsa_components(pair.public_key().as_ref());
    let set = json!({"keys": [{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "r",
        "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e)}]});
    let auth = Authenticator::new(AuthConfig {
        issuer: Issuer::NAME.to_owned(),
        audience: Issuer::AUDIENCE.to_owned(),
        marketplace: marketplace(),
        keys: Jwks::parse(&set.to_string()).unwrap().keys,
        trusts_party_ids: false,
    });
    let signed = |alg: &str, padding| {
        let text = unsigned(&json!({"alg": alg, "kid": "r"}), &claims());
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &rand::SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    assert!(auth.verify(&signed("RS256", &signature::RSA_PKCS1_SHA256)).is_ok());
    assert_eq!(auth.verify(&signed("RS512", &signature::RSA_PKCS1_SHA512)), Err(AuthError::Algorithm));
    assert_eq!(auth.verify(&signed("EdDSA", &signature::RSA_PKCS1_SHA256)), Err(AuthError::Algorithm));
}
