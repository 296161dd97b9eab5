//! From a mutation to a command and back: the actor, the key, the outcome.

use crate::auth::Caller;
use crate::error::{UserError, as_user_error, not_done};
use crate::permission::needs_token;
use async_graphql::{Context, Result};
use domain::id::PartyId;
use domain::{Actor, Command, Refusal, StreamId};
use engine::{Engine, IdempotencyKey, Position, Receipt};

/// What came of a mutation.
pub(crate) enum Outcome {
    /// It is in the log.
    Done(Receipt),
    /// A rule said no.
    Refused(UserError),
}

impl Outcome {
    pub(crate) fn position(&self) -> Option<Position> {
        match self {
            Self::Done(receipt) => Some(receipt.position()),
            Self::Refused(_) => None,
        }
    }

    pub(crate) fn event_ids(&self) -> Vec<async_graphql::ID> {
        match self {
            Self::Done(receipt) => receipt.event_ids().into_iter().map(|id| id.to_string().into()).collect(),
            Self::Refused(_) => Vec::new(),
        }
    }

    pub(crate) fn user_errors(&self) -> Vec<UserError> {
        match self {
            Self::Done(_) => Vec::new(),
            Self::Refused(error) => vec![error.clone()],
        }
    }

    /// The first stream of the events that `pick` takes: what the payload's entity is.
    pub(crate) fn find<T>(&self, pick: impl Fn(StreamId) -> Option<T>) -> Option<T> {
        match self {
            Self::Done(receipt) => receipt.streams().find_map(pick),
            Self::Refused(_) => None,
        }
    }
}

/// Gives the command that `read` makes of the input, on behalf of the caller.
pub(crate) async fn give<C: Into<Command>>(
    ctx: &Context<'_>,
    idempotency_key: &str,
    read: impl FnOnce() -> Result<C, Refusal>,
) -> Result<Outcome> {
    let actor = actor(ctx)?;
    let command = IdempotencyKey::parse(idempotency_key).and_then(|key| Ok((key, read()?.into())));
    let (key, command) = match command {
        Ok(command) => command,
        Err(refusal) => return as_user_error(refusal).map(Outcome::Refused),
    };
    match ctx.data::<Engine>()?.submit(actor, command, &key).await {
        Ok(receipt) => Ok(Outcome::Done(receipt)),
        Err(error) => not_done(error).map(Outcome::Refused),
    }
}

fn actor(ctx: &Context<'_>) -> Result<Actor> {
    ctx.data::<Caller>()?.actor().ok_or_else(needs_token)
}

/// The party that gives the command.
///
/// # Errors
/// UNAUTHENTICATED for a guest.
pub(crate) fn giver(ctx: &Context<'_>) -> Result<PartyId> {
    actor(ctx)?.party().ok_or_else(needs_token)
}

/// Defines inputs of mutations: what each command needs, and the key that every one of them carries.
macro_rules! inputs {
    ($($(#[doc = $doc:literal])* $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*
    })*) => {$(
        $(#[doc = $doc])*
        #[derive(async_graphql::InputObject)]
        pub(crate) struct $name {
            $($(#[doc = $field_doc])* $field: $ty,)*
            /// Names this request: sent again, it is done once.
            idempotency_key: String,
        }
    )*};
}
pub(crate) use inputs;

/// Defines the payload of a mutation: the entity, where its events stand, and what was refused.
macro_rules! payload {
    ($(#[doc = $doc:literal])* $name:ident { $(#[doc = $field_doc:literal])* $field:ident: $entity:ty = $load:expr }) => {
        $(#[doc = $doc])*
        pub(crate) struct $name(pub(crate) crate::command::Outcome);

        $(#[doc = $doc])*
        #[async_graphql::Object]
        impl $name {
            $(#[doc = $field_doc])*
            async fn $field(&self, ctx: &async_graphql::Context<'_>) -> async_graphql::Result<Option<$entity>> {
                let Some(position) = self.0.position() else { return Ok(None) };
                $load(ctx, &self.0, position).await
            }

            /// The log's position of the last event; give it to a read as `after` to see the change there.
            async fn position(&self) -> Option<crate::scalar::Position> {
                self.0.position().map(crate::scalar::Position)
            }

            /// The events' ids, in order.
            async fn event_ids(&self) -> Vec<async_graphql::ID> {
                self.0.event_ids()
            }

            /// Why nothing was done; empty when it was.
            async fn user_errors(&self) -> Vec<crate::error::UserError> {
                self.0.user_errors()
            }
        }
    };
}
pub(crate) use payload;
