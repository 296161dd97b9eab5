//! `schema print`: the GraphQL schema as the code has it.

use crate::options::{SchemaAction, SchemaOptions};
use crate::wire::Failure;
use std::process::ExitCode;

#[expect(clippy::unnecessary_wraps, reason = "every subcommand has this shape")]
pub(crate) fn run(options: &SchemaOptions) -> Result<ExitCode, Failure> {
    match options.action {
        SchemaAction::Print => print!("{}", api::schema::sdl()),
    }
    Ok(ExitCode::SUCCESS)
}
