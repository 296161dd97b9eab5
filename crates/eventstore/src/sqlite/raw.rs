//! Reading the log's file as bytes, in a process that may also have it open through the engine.
//!
//! The system gives up a process's locks on a file as soon as the process closes *any* descriptor of it, so a glance
//! at the bytes could undo the locks by which the engine's connections are protected from other processes. Hence one
//! descriptor per file and process: shared by everybody who looks, held by everybody who has connections, and closed
//! only when nobody does either.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
};

/// Device and inode: what the system's locks go by.
type Identity = (u64, u64);

static OPEN: Mutex<BTreeMap<Identity, Weak<RawFile>>> = Mutex::new(BTreeMap::new());

fn open_files() -> MutexGuard<'static, BTreeMap<Identity, Weak<RawFile>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file open for reading its bytes.
#[derive(Debug)]
pub(super) struct RawFile {
    identity: Identity,
    /// `None` only while it is being dropped.
    file: Option<File>,
}

impl RawFile {
    /// The descriptor that this process has of the file at `path`, or a new one.
    pub(super) fn open(path: &Path) -> io::Result<Arc<Self>> {
        loop {
            let mut open = open_files();
            let found = fs::metadata(path)?;
            match open.get(&(found.dev(), found.ino())).map(Weak::upgrade) {
                Some(Some(raw)) => return Ok(raw),
                // The last holder is about to close it; only then may there be another.
                Some(None) => {
                    drop(open);
                    thread::yield_now();
                }
                None => {
                    let file = File::open(path)?;
                    let opened = file.metadata()?;
                    let identity = (opened.dev(), opened.ino());
                    let raw = Arc::new(Self { identity, file: Some(file) });
                    open.insert(identity, Arc::downgrade(&raw));
                    return Ok(raw);
                }
            }
        }
    }

    /// Fills `bytes` from `offset` on, as far as the file goes; answers with how many there are.
    pub(super) fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let Some(file) = &self.file else { return Ok(0) };
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

impl Drop for RawFile {
    fn drop(&mut self) {
        let mut open = open_files();
        drop(self.file.take());
        open.remove(&self.identity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_once_and_closed_with_its_last_holder() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        let (first, second) = (RawFile::open(&path).unwrap(), RawFile::open(&path).unwrap());
        assert!(Arc::ptr_eq(&first, &second));
        let mut bytes = [0; 8];
        assert_eq!((first.read_at(&mut bytes, 4).unwrap(), &bytes[..6]), (6, &b"456789"[..]));
        let identity = first.identity;
        drop(first);
        assert!(open_files().contains_key(&identity));
        drop(second);
        assert!(!open_files().contains_key(&identity));
    }
}
