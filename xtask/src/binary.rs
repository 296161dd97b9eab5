//! The debug builds of the binary `counterfoil` that tests and golden files are made with.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{Failure, cargo, run};

/// Shown when the C compiler that the bundled SQLite and the cryptography library are built with is absent.
const INSTALL_CC: &str =
    "a C compiler is needed, and `cc` (or what the variable CC names) can't be run. Install it:
  Debian, Ubuntu   sudo apt-get install build-essential
  Fedora           sudo dnf install gcc
  Alpine           apk add build-base
  macOS            xcode-select --install";

/// Builds the binary as users get it, and returns its path.
pub(crate) fn plain() -> Result<PathBuf, Failure> {
    build(&[])
}

/// Builds the binary with failpoints compiled in and puts it beside the plain one, under a name of its own.
///
/// Both builds share one target directory, where they differ only in the crates that have failpoints. Cargo gives both
/// the same file name, so the plain binary has to be built after this returns.
pub(crate) fn with_failpoints() -> Result<PathBuf, Failure> {
    let built = build(&["--features", "counterfoil/failpoints"])?;
    let kept = built.with_file_name(format!("counterfoil-failpoints{EXE_SUFFIX}"));
    replace(&built, &kept)?;
    Ok(kept)
}

/// Features are resolved for the whole workspace, as `cargo test --workspace` does, so that dependencies are shared
/// with it instead of being compiled a second time with other features.
fn build(features: &[&str]) -> Result<PathBuf, Failure> {
    require_cc()?;
    run(cargo(&["build", "--workspace", "--bin", "counterfoil"]).args(features))?;
    // This program was itself built into the directory where cargo leaves the binaries of the debug profile.
    let this =
        std::env::current_exe().map_err(|error| Failure::Step(format!("own path is unknown: {error}")))?;
    let built = this.with_file_name(format!("counterfoil{EXE_SUFFIX}"));
    if built.is_file() { Ok(built) } else { Err(Failure::Step(format!("no binary at {}", built.display()))) }
}

/// Copies under a temporary name first: a file that some process still executes can't be written, only replaced.
fn replace(from: &Path, to: &Path) -> Result<(), Failure> {
    let fresh = to.with_extension("new");
    let copied = fs::copy(from, &fresh).and_then(|_| fs::rename(&fresh, to));
    copied.map_err(|error| Failure::Step(format!("{} could not be written: {error}", to.display())))
}

fn require_cc() -> Result<(), Failure> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    // CC may hold a wrapper and its arguments, as in `ccache cc`.
    let program = compiler.split_whitespace().next().unwrap_or("cc");
    let tried = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.map(|_| ()).map_err(|_| Failure::Step(INSTALL_CC.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_binary_has_the_new_content_and_leaves_no_temporary() {
        let directory = std::env::temp_dir().join(format!("counterfoil-xtask-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let (from, to) = (directory.join("built"), directory.join("kept"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();

        replace(&from, &to).unwrap();

        let (content, files) = (fs::read_to_string(&to).unwrap(), fs::read_dir(&directory).unwrap().count());
        fs::remove_dir_all(&directory).unwrap();
        assert_eq!((content.as_str(), files), ("new", 2));
    }
}
