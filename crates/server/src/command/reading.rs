//! What the commands that read the log share: opening it beside a running server, progress, and where answers go.

use super::store_code;
use crate::wire::{Failure, named};
use eventstore::{OpenError, Position, SqliteStore};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What takes no longer needs no progress bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// What is exported is money and people's words: for its owner alone.
const MODE: u32 = 0o600;

/// Opens the log for reading; a server that runs on it isn't disturbed.
pub(crate) fn open(data: &Path) -> Result<SqliteStore, Failure> {
    SqliteStore::open_read_only(data).map_err(|error| match &error {
        OpenError::Damaged { .. } => {
            format!("{}: {error}; counterfoil verify says what is wrong", store_code(&error)).into()
        }
        _ => named(&error),
    })
}

/// A progress bar on standard error, for what takes longer than a second.
pub(crate) struct Bar {
    bar: ProgressBar,
    begun: Instant,
}

impl Bar {
    /// `shared` says that lines are written to the terminal meanwhile, which a bar would tear apart.
    pub(crate) fn new(shared: bool) -> Self {
        let target = if shared { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {eta} left") {
            bar.set_style(style);
        }
        Self { bar, begun: Instant::now() }
    }

    pub(crate) fn tell(&self, passed: Position, goal: Position) {
        if self.begun.elapsed() > PATIENCE {
            self.bar.set_length(goal.get());
            self.bar.set_position(passed.get());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Where an answer goes: standard output, or a file that appears under its name only when it is whole.
pub(crate) struct Output {
    to: BufWriter<Box<dyn Write + Send>>,
    file: Option<Unfinished>,
}

struct Unfinished {
    partial: PathBuf,
    whole: PathBuf,
    handle: File,
}

impl Output {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(whole) = path else {
            return Ok(Self { to: BufWriter::new(Box::new(io::stdout())), file: None });
        };
        let refused = |error| format!("{} can't be written: {error}", whole.display());
        // A pipe or a device is written as it is; there is nothing to put in its place.
        if std::fs::metadata(whole).is_ok_and(|found| !found.is_file()) {
            let to = OpenOptions::new().write(true).open(whole).map_err(refused)?;
            return Ok(Self { to: BufWriter::new(Box::new(to)), file: None });
        }
        let mut partial = whole.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(MODE);
        let handle = options.open(&partial).map_err(refused)?;
        let to = BufWriter::new(Box::new(handle.try_clone()?) as Box<dyn Write + Send>);
        Ok(Self { to, file: Some(Unfinished { partial, whole: whole.to_owned(), handle }) })
    }

    /// Whether lines appear on a terminal as they are written.
    pub(crate) fn is_terminal(&self) -> bool {
        self.file.is_none() && io::stdout().is_terminal()
    }

    pub(crate) fn writer(&mut self) -> &mut (dyn Write + Send) {
        &mut self.to
    }

    /// Writes what is left, and gives the file its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        self.to.flush().map_err(|error| format!("the output can't be written: {error}"))?;
        if let Some(Unfinished { partial, whole, handle }) = self.file {
            handle.sync_all()?;
            std::fs::rename(&partial, &whole)
                .map_err(|error| format!("{} can't be written: {error}", whole.display()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_appears_whole_and_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("books.journal");
        let mut output = Output::open(Some(&path)).unwrap();
        output.writer().write_all(b"one").unwrap();
        assert!(!path.exists());
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_was_there_stays_until_the_new_file_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("books.journal");
        std::fs::write(&path, "old").unwrap();
        let mut output = Output::open(Some(&path)).unwrap();
        output.writer().write_all(b"new").unwrap();
        drop(output);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
}
