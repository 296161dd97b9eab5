//! Signatures of webhooks, by the Standard Webhooks scheme: HMAC-SHA-256 over `id.timestamp.body`, in base64.

use super::{Webhook, WebhookError};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Timestamp;

/// A webhook's timestamp may differ from now by this many seconds.
const TOLERANCE_SECONDS: i64 = 300;
/// Most signatures of one webhook that are tried.
const SIGNATURES_MAX: usize = 4;

/// A secret shared with a provider.
#[derive(Clone)]
pub struct WebhookSecret(hmac::Key);

impl WebhookSecret {
    /// A secret of 32 bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Signs a body: the whole webhook, ready to be sent.
    pub fn sign(&self, id: &str, now: Timestamp, body: Vec<u8>) -> Webhook {
        let timestamp = now.micros().div_euclid(1_000_000).to_string();
        let mut webhook = Webhook { id: id.to_owned(), timestamp, signature: String::new(), body };
        let tag = hmac::sign(&self.0, &signed(&webhook));
        webhook.signature = format!("v1,{}", STANDARD.encode(tag.as_ref()));
        webhook
    }
}

/// Proves that a webhook was signed with one of `secrets`, recently. Two may be live while one replaces the other.
///
/// # Errors
/// [`WebhookError::Unsigned`].
pub(super) fn prove(
    webhook: &Webhook,
    secrets: &[WebhookSecret],
    now: Timestamp,
) -> Result<(), WebhookError> {
    let sent: i64 = webhook.timestamp.parse().map_err(|_| WebhookError::Unsigned)?;
    let age = now.micros().div_euclid(1_000_000).saturating_sub(sent);
    if age.saturating_abs() > TOLERANCE_SECONDS {
        return Err(WebhookError::Unsigned);
    }
    let message = signed(webhook);
    let proven = webhook.signature.split(' ').take(SIGNATURES_MAX).any(|signature| {
        let tag = signature.strip_prefix("v1,").and_then(|tag| STANDARD.decode(tag).ok());
        // `hmac::verify` compares in constant time.
        tag.is_some_and(|tag| secrets.iter().any(|secret| hmac::verify(&secret.0, &message, &tag).is_ok()))
    });
    if proven { Ok(()) } else { Err(WebhookError::Unsigned) }
}

fn signed(webhook: &Webhook) -> Vec<u8> {
    [webhook.id.as_bytes(), b".", webhook.timestamp.as_bytes(), b".", &webhook.body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

    fn secret(n: u8) -> WebhookSecret {
        WebhookSecret::new(&[n; 32])
    }

    fn webhook() -> Webhook {
        secret(1).sign("msg_1", NOW, b"{}".to_vec())
    }

    #[test]
    fn either_of_two_live_secrets_proves_a_webhook() {
        assert!(prove(&webhook(), &[secret(1)], NOW).is_ok());
        assert!(prove(&webhook(), &[secret(2), secret(1)], NOW).is_ok());
        assert!(prove(&webhook(), &[secret(2)], NOW).is_err());
    }

    #[test]
    fn any_change_breaks_the_signature() {
        let changes: [fn(&mut Webhook); 4] = [
            |w| w.id.push('x'),
            |w| w.body.push(b' '),
            |w| w.timestamp = (w.timestamp.parse::<i64>().unwrap() + 1).to_string(),
            |w| w.signature = "v1,AAAA".to_owned(),
        ];
        for change in changes {
            let mut webhook = webhook();
            change(&mut webhook);
            assert!(prove(&webhook, &[secret(1)], NOW).is_err(), "{webhook:?}");
        }
    }

    #[test]
    fn five_minutes_is_the_limit_both_ways() {
        for (minutes, proven) in [(5, true), (6, false)] {
            assert_eq!(prove(&webhook(), &[secret(1)], NOW.plus_minutes(minutes)).is_ok(), proven);
        }
        let early = secret(1).sign("msg_1", NOW.plus_minutes(6), b"{}".to_vec());
        assert!(prove(&early, &[secret(1)], NOW).is_err());
    }
}
