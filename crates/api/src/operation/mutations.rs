//! Commands of operators: what stops, and goes on.

use super::pause::{Pause, ProcessName, of_outcome};
use crate::command::{give, inputs, payload};
use async_graphql::{Context, Object, Result};
use domain::Refusal;
use domain::marketplace::{PauseProcess, PauseRail, ResumeProcess, ResumeRail};
use domain::text::Text;
use engine::Engine;

inputs! {
    /// Input of `pauseProcess`.
    PauseProcessInput {
        /// Which process.
        process: ProcessName,
        /// Why, one line of at most 200 characters.
        reason: String,
    }
    /// Input of `resumeProcess`.
    ResumeProcessInput {
        /// Which process.
        process: ProcessName,
    }
    /// Input of `pauseRail`.
    PauseRailInput {
        /// Which rail.
        rail: String,
        /// Why, one line of at most 200 characters.
        reason: String,
    }
    /// Input of `resumeRail`.
    ResumeRailInput {
        /// Which rail.
        rail: String,
    }
}

payload! {
    /// What `pauseProcess` came to.
    PauseProcessPayload {
        /// All that is paused now.
        pauses: Vec<Pause> = of_outcome
    }
}

payload! {
    /// What `resumeProcess` came to.
    ResumeProcessPayload {
        /// All that is paused now.
        pauses: Vec<Pause> = of_outcome
    }
}

payload! {
    /// What `pauseRail` came to.
    PauseRailPayload {
        /// All that is paused now.
        pauses: Vec<Pause> = of_outcome
    }
}

payload! {
    /// What `resumeRail` came to.
    ResumeRailPayload {
        /// All that is paused now.
        pauses: Vec<Pause> = of_outcome
    }
}

/// Commands of operators.
#[derive(Default)]
pub(crate) struct OperationMutations;

/// Commands of operators.
#[Object]
impl OperationMutations {
    /// Pauses a process; what it would do waits. For administrators.
    async fn pause_process(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which process, and why.")] input: PauseProcessInput,
    ) -> Result<PauseProcessPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(PauseProcess {
                process: input.process.into(),
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(PauseProcessPayload)
    }

    /// Has a process go on where it stopped. For administrators.
    async fn resume_process(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which process.")] input: ResumeProcessInput,
    ) -> Result<ResumeProcessPayload> {
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ResumeProcess { process: input.process.into() }));
        outcome.await.map(ResumeProcessPayload)
    }

    /// Pauses the calls to a rail's provider. For administrators.
    async fn pause_rail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rail, and why.")] input: PauseRailInput,
    ) -> Result<PauseRailPayload> {
        let engine = ctx.data::<Engine>()?;
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(PauseRail {
                rail: rail(engine, &input.rail)?,
                reason: Text::parse(&input.reason).map_err(|refusal| refusal.at("reason"))?,
            })
        });
        outcome.await.map(PauseRailPayload)
    }

    /// Has the calls to a rail's provider go on. For administrators.
    async fn resume_rail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rail.")] input: ResumeRailInput,
    ) -> Result<ResumeRailPayload> {
        let engine = ctx.data::<Engine>()?;
        let outcome =
            give(ctx, &input.idempotency_key, || Ok(ResumeRail { rail: rail(engine, &input.rail)? }));
        outcome.await.map(ResumeRailPayload)
    }
}

fn rail(engine: &Engine, name: &str) -> Result<&'static str, Refusal> {
    engine.rail_named(name).ok_or_else(|| Refusal::not_found("rail").at("rail"))
}
