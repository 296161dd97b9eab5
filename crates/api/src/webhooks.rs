//! Webhooks from HTTP to the engine.

use crate::http::{Webhook, WebhookError, WebhookSink};
use engine::Engine;
use engine::rail;

#[async_trait::async_trait]
impl WebhookSink for Engine {
    async fn receive(&self, rail: &str, webhook: Webhook) -> Result<(), WebhookError> {
        let Webhook { id, timestamp, signature, body } = webhook;
        let webhook = rail::Webhook { id, timestamp, signature, body: body.into() };
        self.receive_webhook(rail, &webhook).await.map_err(|error| {
            tracing::warn!(%error, "a webhook was not taken");
            match error {
                rail::WebhookError::UnknownRail => WebhookError::UnknownRail,
                rail::WebhookError::Unsigned => WebhookError::Unsigned,
                rail::WebhookError::Malformed(_) => WebhookError::Malformed,
                rail::WebhookError::UnknownReference => WebhookError::UnknownReference,
                rail::WebhookError::Unavailable => WebhookError::Unavailable,
            }
        })
    }
}
