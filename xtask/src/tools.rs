//! The accounting tools that the suites hold our books against: hledger and beancount, found or installed.
//!
//! As root on Debian or Ubuntu, what is missing is installed by apt. Beancount goes into a virtual environment of its
//! own under `target/tools`, at pinned versions. Elsewhere the error says what to install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Failure, Outcome, output, root, run};

/// Names hledger to the suites.
pub(crate) const HLEDGER_VARIABLE: &str = "COUNTERFOIL_HLEDGER";

/// Names the directory of `bean-check` and `bean-query` to the suites.
pub(crate) const BEANCOUNT_VARIABLE: &str = "COUNTERFOIL_BEANCOUNT";

const HLEDGER: &str = "hledger";

/// What is installed into the virtual environment.
const BEANCOUNT: &[&str] = &["beancount==3.2.3", "beanquery==0.2.0"];

/// What the suites call there.
const BEANCOUNT_PROGRAMS: &[&str] = &["bean-check", "bean-query"];

/// Shown when hledger is absent and can't be installed from here.
const INSTALL_HLEDGER: &str = "hledger 1.25 or newer is needed. Install it:
  Debian, Ubuntu   sudo apt-get install hledger
  Fedora           sudo dnf install hledger
  Alpine           apk add hledger
  macOS            brew install hledger
or name one with the variable COUNTERFOIL_HLEDGER.";

/// Shown when Python can't make a virtual environment and can't be installed from here.
const INSTALL_VENV: &str = "Python 3 with its module venv is needed for beancount. Install it:
  Debian, Ubuntu   sudo apt-get install python3-venv
  Fedora           sudo dnf install python3
  Alpine           apk add python3
  macOS            brew install python
or name a directory that has bean-check and bean-query with the variable COUNTERFOIL_BEANCOUNT.";

/// The tools, each under the variable that names it to the suites. A variable that is set already is left as it is.
pub(crate) fn ready() -> Result<[(&'static str, PathBuf); 2], Failure> {
    let hledger = named(HLEDGER_VARIABLE).map_or_else(hledger, Ok)?;
    let beancount = named(BEANCOUNT_VARIABLE).map_or_else(beancount, Ok)?;
    Ok([(HLEDGER_VARIABLE, hledger), (BEANCOUNT_VARIABLE, beancount)])
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn hledger() -> Result<PathBuf, Failure> {
    if !answers(Path::new(HLEDGER)) {
        install(HLEDGER, INSTALL_HLEDGER)?;
    }
    Ok(PathBuf::from(HLEDGER))
}

fn beancount() -> Result<PathBuf, Failure> {
    let environment = root().join("target").join("tools").join("beancount");
    let (programs, installed) = (environment.join("bin"), environment.join("installed"));
    // Written last, so that neither an installation that was cut off nor another version counts.
    let wanted = BEANCOUNT.join("\n");
    let complete = fs::read_to_string(&installed).is_ok_and(|found| found == wanted);
    if complete && BEANCOUNT_PROGRAMS.iter().all(|program| answers(&programs.join(program))) {
        return Ok(programs);
    }
    let venv = || Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment).output();
    if !venv().is_ok_and(|made| made.status.success()) {
        install("python3-venv", INSTALL_VENV)?;
        let made = venv().map_err(|error| Failure::Step(format!("python3 can't be run: {error}")))?;
        if !made.status.success() {
            return Err(Failure::Step(INSTALL_VENV.to_owned()));
        }
    }
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(programs.join("python3")).args(pip).args(BEANCOUNT))?;
    fs::write(&installed, wanted)
        .map_err(|error| Failure::Step(format!("{} could not be written: {error}", installed.display())))?;
    Ok(programs)
}

/// Whether the program can be run at all.
fn answers(program: &Path) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Installs a package where that is possible without asking anybody; else fails with `advice`.
fn install(package: &str, advice: &str) -> Outcome {
    let root = output(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0");
    if !root || !Path::new("/etc/debian_version").exists() {
        return Err(Failure::Step(advice.to_owned()));
    }
    let apt = |arguments: &[&str]| {
        run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = ["install", "--yes", "--no-install-recommends", package];
    // The lists of packages may be old, or not there at all.
    apt(&install).or_else(|_| apt(&["update"]).and_then(|()| apt(&install)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_does_not_answer() {
        assert!(!answers(Path::new("counterfoil-no-such-program")));
    }

    #[test]
    fn the_advice_names_the_variable_that_helps_without_it() {
        assert!(INSTALL_HLEDGER.contains(HLEDGER_VARIABLE));
        assert!(INSTALL_VENV.contains(BEANCOUNT_VARIABLE));
    }
}
