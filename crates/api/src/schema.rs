//! The schema: every noun's queries and mutations, and what each request is given.

use crate::account::{AccountMutations, AccountQueries, LedgerQueries, PartyAccountQueries};
use crate::contract::{
    ContractMutations, ContractQueries, EndMutations, OversightMutations, PayingMutations, RefundMutations,
    TermsMutations,
};
use crate::dispute::{DisputeMutations, DisputeQueries, RulingMutations, TalkMutations};
use crate::http::Execute;
use crate::job::{JobMutations, JobQueries, ModerationMutations};
use crate::limits::{self, Breach};
use crate::loader::loader;
use crate::marketplace::MarketplaceQueries;
use crate::node::NodeQueries;
use crate::operation::{
    AttentionQueries, DueQueries, OperationMutations, PauseQueries, RebuildMutations, RebuildQueries,
};
use crate::payout::{PayoutMutations, PayoutQueries};
use crate::proposal::{OfferMutations, ProposalMutations, ProposalQueries};
use crate::read::Staleness;
use crate::subscription::{
    AccountChanges, ContractChanges, DisputeChanges, EventChanges, JobChanges, PayoutChanges,
    ProposalChanges, QueueChanges,
};
use crate::viewer::ViewerQueries;
use async_graphql::{
    MergedObject, MergedSubscription, Request, Response, SDLExportOptions, Schema, SchemaBuilder, Value,
};
use async_trait::async_trait;
use audit::Auditor;
use engine::{Clock, Engine};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use projections::{Changes, ReadModels, Rebuilds};
use std::sync::{Arc, LazyLock};

/// Everything that can be read.
#[derive(MergedObject, Default)]
pub struct Query(
    ViewerQueries,
    NodeQueries,
    JobQueries,
    ProposalQueries,
    ContractQueries,
    AccountQueries,
    PartyAccountQueries,
    LedgerQueries,
    PayoutQueries,
    DisputeQueries,
    AttentionQueries,
    PauseQueries,
    RebuildQueries,
    DueQueries,
    MarketplaceQueries,
);

/// Everything that can be done: the commands that people may give. Each is done once per idempotency key, and answers
/// with where its events stand or with why it was refused.
#[derive(MergedObject, Default)]
pub struct Mutation(
    JobMutations,
    ModerationMutations,
    ProposalMutations,
    OfferMutations,
    ContractMutations,
    EndMutations,
    RefundMutations,
    PayingMutations,
    TermsMutations,
    OversightMutations,
    DisputeMutations,
    TalkMutations,
    RulingMutations,
    PayoutMutations,
    AccountMutations,
    OperationMutations,
    RebuildMutations,
);

/// Everything that can be followed as it changes. Each answer says at which position it stands: given as `after`, or as
/// `Last-Event-ID`, that is where a later subscription goes on.
#[derive(MergedSubscription, Default)]
pub struct Subscription(
    JobChanges,
    ProposalChanges,
    ContractChanges,
    PayoutChanges,
    DisputeChanges,
    AccountChanges,
    QueueChanges,
    EventChanges,
);

type Built = Schema<Query, Mutation, Subscription>;

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
}

/// The schema in SDL, sorted, with descriptions.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    let mut sdl = builder().finish().sdl_with_options(options);
    // One line break at the end, as any text file.
    sdl.truncate(sdl.trim_end().len());
    sdl.push('\n');
    sdl
}

/// What the schema reads and calls.
pub struct Parts {
    /// Where commands go.
    pub engine: Engine,
    /// What queries read.
    pub read_models: ReadModels,
    /// Where rebuilds of them are asked for.
    pub rebuilds: Rebuilds,
    /// What subscriptions follow.
    pub changes: Changes,
    /// What the past is asked of.
    pub auditor: Auditor,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// The executable schema with what it reads and calls.
pub struct Api {
    schema: Built,
    read_models: ReadModels,
}

impl Api {
    /// A schema on all of this, which is of one log. In `development`, names that nearly match are suggested.
    pub fn new(parts: Parts, development: bool) -> Self {
        let Parts { engine, read_models, rebuilds, changes, auditor, clock } = parts;
        let builder = limits::guard(builder(), development).data(engine).data(rebuilds);
        let builder = builder.data(changes).data(auditor).data(clock);
        Self { schema: builder.data(read_models.clone()).finish(), read_models }
    }
}

#[async_trait]
impl Execute for Api {
    async fn execute(&self, request: Request) -> Response {
        let staleness = Arc::new(Staleness::default());
        let request = request.data(loader(self.read_models.clone())).data(staleness.clone());
        let again = copy_of(&request);
        let mut response = with_cost(self.schema.execute(request).await, again).await;
        if let Some(at) = staleness.at() {
            response.extensions.insert("stale".to_owned(), Value::Boolean(true));
            response.extensions.insert("position".to_owned(), Value::Number(at.get().into()));
        }
        response
    }

    fn subscribe(&self, request: Request) -> BoxStream<'static, Response> {
        let request = request.data(loader(self.read_models.clone())).data(Arc::new(Staleness::never()));
        // Only the first answer can be that of validation.
        let mut again = Some(copy_of(&request));
        let told = move |response| {
            let again = again.take();
            async move {
                match again {
                    Some(again) => with_cost(response, again).await,
                    None => response,
                }
            }
        };
        self.schema.execute_stream(request).then(told).boxed()
    }
}

/// Weighs what was refused as too heavy.
static SCALE: LazyLock<Built> = LazyLock::new(|| limits::scale(builder()));

/// The same document with the same variables.
fn copy_of(request: &Request) -> Request {
    let mut copy = Request::new(request.query.as_str()).variables(request.variables.clone());
    copy.operation_name.clone_from(&request.operation_name);
    copy
}

/// The response; if the request, of which `again` is a copy, was refused as too heavy, with what it costs.
async fn with_cost(mut response: Response, again: Request) -> Response {
    if response.errors.iter().any(|error| limits::breach_of(error).is_some()) {
        let cost = limits::weigh(&SCALE, again).await;
        response.errors = vec![limits::error_of(Breach::Weight(cost))];
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::Variables;
    use domain::CommandKind;
    use domain::command::Reach;

    /// The names of the fields of an object type in the SDL.
    fn fields(sdl: &str, object: &str) -> Vec<String> {
        let start = sdl.find(&format!("\ntype {object} ")).unwrap();
        let body = &sdl[start..start + sdl[start..].find("\n}").unwrap()];
        let members = body.lines().filter_map(|line| line.strip_prefix('\t'));
        let names = members.map(|line| line.split(['(', ':']).next().unwrap_or_default());
        let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        // What is told of a field stands between two lines of quotes, and could look like one.
        let mut told = false;
        let fields = names.filter(|name| {
            told ^= *name == "\"\"\"";
            !told && is_name(name)
        });
        fields.map(str::to_owned).collect()
    }

    #[test]
    fn every_command_for_people_is_a_mutation_and_no_other_is() {
        let mut expected: Vec<_> = CommandKind::ALL
            .iter()
            .filter(|kind| kind.reach() == Reach::People)
            .map(|kind| kind.as_str().to_owned())
            .collect();
        expected.sort();
        assert_eq!(fields(&sdl(), "Mutation"), expected);
    }

    #[tokio::test]
    async fn who_asks_for_too_many_rows_is_told_what_it_costs_and_what_to_do() {
        for (document, cost) in [
            (
                "query($n: Int) { jobs(first: $n) { nodes { proposals(first: $n) { nodes { id } } } } }",
                20_605,
            ),
            (
                "subscription($n: Int) { disputesChanged(first: $n) { disputes { nodes { contract { \
              timeline(first: $n) { nodes { id } } } } } } }",
                22_305,
            ),
        ] {
            let variables = Variables::from_json(serde_json::json!({"n": 100}));
            let request = Request::new(document).variables(variables);
            let again = copy_of(&request);
            let schema = limits::guard(builder(), false).finish();
            let refused = schema.execute_stream(request).next().await.unwrap();
            let [error] = &with_cost(refused, again).await.errors[..] else { panic!("{document}") };
            let told = format!(
                "the request costs {cost} of at most 1000; ask for fewer rows with `first`, or for fewer fields of each"
            );
            assert_eq!(error.message, told);
            assert_eq!(error.extensions.as_ref().unwrap().get("code"), Some(&Value::from("COST_LIMIT")));
        }
    }

    #[test]
    fn everything_in_the_schema_is_described() {
        let sdl = sdl();
        let mut described = false;
        for line in sdl.lines().map(str::trim_start) {
            let declares =
                ["type ", "enum ", "input ", "interface ", "scalar "].iter().any(|k| line.starts_with(k));
            assert!(described || !declares || line.starts_with("scalar Boolean"), "{line}");
            described = line.starts_with("\"\"\"") || (described && line.starts_with('@'));
        }
    }
}
