//! `verify`: re-reads the whole log and proves it.

use super::store_code;
use crate::options::VerifyOptions;
use crate::wire::Failure;
use eventstore::SqliteStore;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::process::ExitCode;

/// Exit code when something was altered or doesn't balance.
const ALTERED: u8 = 1;

pub(crate) async fn run(options: VerifyOptions) -> Result<ExitCode, Failure> {
    let store = SqliteStore::open_read_only(&options.data)
        .map_err(|error| Failure::from(format!("{}: {error}", store_code(&error))))?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left") {
        bar.set_style(style);
    }
    let report = audit::verify(&store, &|position, head| {
        bar.set_length(head.get());
        bar.set_position(position.get());
    })
    .await;
    bar.finish_and_clear();
    let report = report?;
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{}", report.text());
    }
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(ALTERED) })
}
