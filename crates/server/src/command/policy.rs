//! `policy`: the default policy as a file, and whether a file is one.

use crate::options::{PolicyAction, PolicyOptions};
use crate::policy::{self, Difference, Mistake, PolicyError, differences};
use crate::wire::Failure;
use domain::policy::Policy;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Exit code when the file is no policy.
const MISTAKEN: u8 = 1;

pub(crate) fn run(options: &PolicyOptions) -> Result<ExitCode, Failure> {
    match &options.action {
        PolicyAction::Print => {
            print!("{}", policy::DEFAULT);
            Ok(ExitCode::SUCCESS)
        }
        PolicyAction::Check { file, json } => check(file, *json),
    }
}

fn check(file: &Path, json: bool) -> Result<ExitCode, Failure> {
    match policy::read(file) {
        Ok(policy) => {
            let changed = differences(&Policy::default(), &policy)?;
            println!("{}", if json { sound_json(&changed) } else { sound_text(file, &changed) });
            Ok(ExitCode::SUCCESS)
        }
        Err(PolicyError::Mistaken { mistakes, .. }) if json => {
            println!("{}", mistaken_json(&mistakes));
            Ok(ExitCode::from(MISTAKEN))
        }
        Err(error @ PolicyError::Mistaken { .. }) => {
            println!("{error}");
            Ok(ExitCode::from(MISTAKEN))
        }
        Err(error @ PolicyError::Unreadable { .. }) => Err(error.into()),
    }
}

fn sound_text(file: &Path, changed: &[Difference]) -> String {
    let file = file.display();
    if changed.is_empty() {
        return format!("{file} is the default policy");
    }
    let lines: Vec<String> = changed.iter().map(|difference| format!("  {difference}")).collect();
    format!("{file} is a policy. It differs from the default in\n{}", lines.join("\n"))
}

fn sound_json(changed: &[Difference]) -> String {
    let differences: Vec<_> = changed
        .iter()
        .map(|Difference { key, before, after }| json!({ "key": key, "default": before, "is": after }))
        .collect();
    json!({ "mistakes": [], "differences": differences }).to_string()
}

fn mistaken_json(mistakes: &[Mistake]) -> String {
    let mistakes: Vec<_> = mistakes
        .iter()
        .map(|Mistake { line, key, what, remedy }| {
            json!({ "line": line, "key": key, "what": what, "remedy": remedy })
        })
        .collect();
    json!({ "mistakes": mistakes }).to_string()
}
