//! `schema`: what the code defines and others read, printed or written as files: the GraphQL schema, the events' JSON
//! schemas, the machines' diagrams, and who may do what.

mod events;
mod lifecycles;
mod permissions;

use crate::options::{SchemaAction, SchemaOptions};
use crate::wire::Failure;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// Said at the top of what is generated.
const GENERATED: &str = "<!-- Generated from the transition tables by `cargo xtask golden --update`. -->";

/// A file that the code makes: its path below the repository's root, and what is in it.
struct Made {
    path: String,
    text: String,
}

pub(crate) fn run(options: &SchemaOptions) -> Result<ExitCode, Failure> {
    match &options.action {
        SchemaAction::Print => print!("{}", api::schema::sdl()),
        SchemaAction::Write { directory } => {
            for made in everything() {
                write(directory, &made)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn everything() -> Vec<Made> {
    let mut everything =
        vec![Made { path: "schemas/graphql/counterfoil.graphql".to_owned(), text: api::schema::sdl() }];
    everything.extend(events::schemas());
    everything.extend(lifecycles::pages());
    everything.push(permissions::page());
    everything
}

fn write(directory: &Path, made: &Made) -> Result<(), Failure> {
    let path = directory.join(&made.path);
    let written =
        path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, &made.text));
    Ok(written.map_err(|error| format!("{} can't be written: {error}", path.display()))?)
}
