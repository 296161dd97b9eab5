//! `verify`: re-reads the whole log and proves it.

use super::store_code;
use crate::options::VerifyOptions;
use crate::wire::{Failure, named};
use eventstore::{OpenError, SqliteStore};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::process::ExitCode;

/// Exit code when something was altered or doesn't balance.
const ALTERED: u8 = 1;

pub(crate) async fn run(options: VerifyOptions) -> Result<ExitCode, Failure> {
    let store = match SqliteStore::open_read_only(&options.data) {
        Ok(store) => store,
        // Altered so much that it can't be opened as a log: an answer, not a failure to look.
        Err(error @ OpenError::Damaged { .. }) => {
            let (code, message) = (store_code(&error), error.to_string());
            if options.json {
                let finding = serde_json::json!({"position": null, "code": code, "message": message});
                println!("{}", serde_json::json!({"findings": [finding]}));
            } else {
                println!("{code}: {message}");
            }
            return Ok(ExitCode::from(ALTERED));
        }
        Err(error) => return Err(named(&error)),
    };
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
