//! What a request costs by the schema's weights, to tell whoever was refused: async-graphql only says that it is too much.

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{
    ObjectType, Request, Schema, SchemaBuilder, ServerError, SubscriptionType, ValidationResult,
};
use async_trait::async_trait;
use std::sync::{Arc, OnceLock};

/// Notes what validation counts, and ends there.
struct Scale;

/// Where [`Scale`] notes it.
type Weight = Arc<OnceLock<usize>>;

impl ExtensionFactory for Scale {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Scale {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let counted = next.run(ctx).await?;
        if let Some(weight) = ctx.data_opt::<Weight>() {
            // It is asked once for each request.
            let _ = weight.set(counted.complexity);
        }
        Err(vec![ServerError::new("weighed", None)])
    }
}

/// A schema that weighs requests and resolves nothing, so that it needs none of what resolvers read.
pub(crate) fn scale<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> Schema<Q, M, S>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    builder.limit_recursive_depth(super::NESTING_MAX).extension(Scale).finish()
}

/// What `request` costs on a [`scale`]; `None` for one that isn't valid.
pub(crate) async fn weigh<Q, M, S>(scale: &Schema<Q, M, S>, request: Request) -> Option<usize>
where
    Q: ObjectType + 'static,
    M: ObjectType + 'static,
    S: SubscriptionType + 'static,
{
    let weight = Weight::default();
    scale.execute(request.data(Arc::clone(&weight))).await;
    weight.get().copied()
}
