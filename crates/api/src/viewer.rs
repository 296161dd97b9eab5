//! The caller, as the API knows them.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use crate::auth::Caller;
use crate::permission::reach;
use crate::scalar::PartyId;
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use domain::Role;

/// The side on which a caller stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum Acting {
    /// As the one who pays.
    Client,
    /// As the one who works.
    Talent,
}

/// Who asks.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Viewer {
    /// The party; null for a guest.
    party: Option<PartyId>,
    /// The token's roles.
    roles: Vec<&'static str>,
}

/// The query on the caller.
#[derive(Default)]
pub(crate) struct ViewerQueries;

/// The query on the caller.
#[Object]
impl ViewerQueries {
    /// Who the token says the caller is.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>> {
        reach(ctx, "Query.viewer")?;
        let (party, roles) = match ctx.data::<Caller>()? {
            Caller::Guest => (None, Vec::new()),
            Caller::Person { party, roles } => {
                (Some(PartyId(*party)), roles.iter().copied().map(Role::as_str).collect())
            }
        };
        Ok(Some(Viewer { party, roles }))
    }
}
