//! A folder of one's own that goes away, whatever happens.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder. Dropping it removes it with everything in it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes a folder in `parent`, which must exist.
    pub(super) fn within(parent: &Path) -> io::Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("counterfoil-bench-{}-{number}", std::process::id()));
        // A server takes no folder that others can enter.
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("counterfoil: {} is left behind: {error}", self.0.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_away_with_everything_in_it() {
        let parent = tempfile::tempdir().unwrap();
        let (first, second) =
            (Scratch::within(parent.path()).unwrap(), Scratch::within(parent.path()).unwrap());
        fs::write(first.path().join("file"), "text").unwrap();
        assert_ne!(first.path(), second.path());
        drop((first, second));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}
