//! Tokens that nobody should take.

use crate::log::fingerprint;
use crate::node::{Node, Store};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What a good token is made of, to be changed.
struct Mint {
    key: Ed25519KeyPair,
    header: Value,
    claims: Value,
}

impl Mint {
    /// The node's own key, and the parts of its client's token.
    fn of(node: &Node, store: &Store) -> Self {
        let pkcs8 = std::fs::read(store.data().join("secrets/issuer.pk8")).unwrap();
        let token = node.banner()["tokens"]["client"].as_str().unwrap();
        let part = |n: usize| {
            let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(n).unwrap()).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        Self { key: Ed25519KeyPair::from_pkcs8(&pkcs8).unwrap(), header: part(0), claims: part(1) }
    }

    fn message(header: &Value, claims: &Value) -> String {
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", encoded(header), encoded(claims))
    }

    fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = Self::message(header, claims);
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// With another claim, properly signed.
    fn claiming(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        self.signed(&self.header, &claims)
    }

    /// Without a claim, properly signed.
    fn silent_about(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name);
        self.signed(&self.header, &claims)
    }

    /// With another header, properly signed.
    fn headed(&self, name: &str, value: Value) -> String {
        let mut header = self.header.clone();
        header[name] = value;
        self.signed(&header, &self.claims)
    }

    /// Says HS256, with the public key as its secret.
    fn confused(&self) -> String {
        let mut header = self.header.clone();
        header["alg"] = "HS256".into();
        let message = Self::message(&header, &self.claims);
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
        let tag = hmac::sign(&secret, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    }

    fn unsigned(&self) -> String {
        format!("{}.", Self::message(&json!({"alg": "none", "typ": "JWT"}), &self.claims))
    }

    /// A good signature under claims that it wasn't made for.
    fn altered(&self) -> String {
        let good = self.signed(&self.header, &self.claims);
        let mut claims = self.claims.clone();
        claims["roles"] = json!(["admin"]);
        let message = Self::message(&self.header, &claims);
        format!("{message}.{}", good.rsplit_once('.').unwrap().1)
    }

    fn by_another_key(&self) -> String {
        let key = Ed25519KeyPair::generate().unwrap();
        let message = Self::message(&self.header, &self.claims);
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).as_ref()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn none_of_them_is_taken_and_none_counts_as_a_guest() {
    let store = Store::new();
    let node = Node::start(&store);
    let mint = Mint::of(&node, &store);
    let before = fingerprint(&store).await;
    let now = mint.claims["iat"].as_i64().unwrap();
    let good = mint.signed(&mint.header, &mint.claims);
    for (what, token) in [
        ("unsigned", mint.unsigned()),
        ("HS256 by the public key", mint.confused()),
        ("altered", mint.altered()),
        ("another key", mint.by_another_key()),
        ("unknown kid", mint.headed("kid", json!("nobody"))),
        ("a path as kid", mint.headed("kid", json!("../../dev/null"))),
        ("a critical extension", mint.headed("crit", json!(["x"]))),
        ("expired", mint.claiming("exp", json!(now - 3_600))),
        ("exp as text", mint.claiming("exp", json!((now + 3_600).to_string()))),
        ("no exp", mint.silent_about("exp")),
        ("not yet", mint.claiming("nbf", json!(now + 3_600))),
        ("nbf as text", mint.claiming("nbf", json!(now.to_string()))),
        ("wrong audience", mint.claiming("aud", json!("somebody"))),
        ("no audience", mint.silent_about("aud")),
        ("wrong issuer", mint.claiming("iss", json!("https://example.org"))),
        ("another marketplace", mint.claiming("marketplace", json!("other"))),
        ("no marketplace", mint.silent_about("marketplace")),
        ("nobody", mint.silent_about("sub")),
        ("no such role", mint.claiming("roles", json!(["root"]))),
        ("a role from inside", mint.claiming("roles", json!(["system"]))),
        ("garbage", "x.y.z".to_owned()),
        ("half", good[..good.len() / 2].to_owned()),
    ] {
        let caller = node.bearer(&token);
        for query in [
            "{ viewer { party } }",
            "mutation { createJob(input: {title: \"T\", description: \"D\", idempotencyKey: \"k\"}) { position } }",
        ] {
            let (status, answer) = caller.post(json!({"query": query}).to_string()).await.unwrap();
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_eq!((status, code), (401, &json!("UNAUTHENTICATED")), "{what}");
        }
    }
    assert_eq!(fingerprint(&store).await, before);
    let taken = node.bearer(&good).see("{ viewer { roles } }", Value::Null).await;
    assert_eq!(taken["viewer"]["roles"], json!(["client"]), "the mint makes good ones too");
}
