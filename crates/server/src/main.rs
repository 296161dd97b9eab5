//! `counterfoil`: the one binary. It alone sees every room, and wires them together.

mod command;
mod demo;
mod node_file;
mod options;
mod policy;
mod secrets;
mod shutdown;
mod telemetry;
mod wire;

use clap::Parser;
use options::{Cli, Subcommand};
use std::process::ExitCode;

/// Exit code when the command could not be carried out; 1 is kept for "it was, and the answer is no".
const COULD_NOT: u8 = 2;

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _scenario = fail::FailScenario::setup();
    let cli = Cli::parse();
    api::auth::install_crypto();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not(&error),
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Subcommand::Dev(options) => command::dev::run(options).await,
            Subcommand::Serve(options) => command::serve::run(options).await,
            Subcommand::Verify(options) => command::verify::run(options).await,
            Subcommand::Replay(options) => command::replay::run(options).await,
            Subcommand::Export(options) => command::export::run(options).await,
            Subcommand::Rebuild(options) => command::rebuild::run(options).await,
            Subcommand::Timers(options) => command::timers::run(&options).await,
            Subcommand::Token(options) => command::token::run(&options),
            Subcommand::Policy(options) => command::policy::run(&options),
            Subcommand::Schema(options) => command::schema::run(&options),
            Subcommand::Bench(options) => command::bench::run(options).await,
        }
    });
    // What is still running was given its time; waiting for it here would have no end.
    runtime.shutdown_background();
    outcome.unwrap_or_else(|failure| could_not(&*failure))
}

fn could_not(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    // Whoever read the output has seen enough of it.
    let mut causes = std::iter::successors(Some(error), |cause| cause.source());
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if causes.any(closed) {
        return ExitCode::SUCCESS;
    }
    eprintln!("counterfoil: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        eprintln!("  because {inner}");
        cause = inner.source();
    }
    ExitCode::from(COULD_NOT)
}
