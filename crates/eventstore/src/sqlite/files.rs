//! The files of a store's directory: which there are, whose they are, and who holds the lock.
//!
//! Shape: `lock` is held by the one process that writes; `log.db` is the log; `log.seal` exists only while `log.db`
//! is exactly as it was when the store was last closed. Everything here looks before it touches: what is not ours is
//! refused and left as it is.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::raw::RawFile;
use crate::OpenError;

/// Marks a file as ours: "CFLG" as a big-endian integer.
pub(super) const APPLICATION_ID: u32 = 0x4346_4c47;
/// The newest layout of the file.
pub(super) const FORMAT: u32 = 1;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_BYTES: usize = 100;
const LOCK_BYTES_MAX: u64 = 64;
// A reader's glance at the lock must not turn a writer away.
const LOCK_ATTEMPTS: u32 = 3;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The directory of a store, and the names in it.
#[derive(Clone, Debug)]
pub(super) struct Files {
    /// The directory, without links in its path if it exists.
    pub(super) directory: PathBuf,
}

/// Whether there is a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nothing of ours.
    Absent,
    /// A log that says it is ours.
    Ours,
}

impl Files {
    /// The files of an existing directory.
    pub(super) fn existing(directory: &Path) -> Result<Self, OpenError> {
        match fs::canonicalize(directory) {
            Ok(found) if found.is_dir() => Ok(Self { directory: found }),
            Ok(found) => Err(OpenError::foreign(&found, "it is not a directory")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(OpenError::Absent { path: directory.to_owned() })
            }
            Err(error) => Err(OpenError::io(directory, error)),
        }
    }

    /// The files of `directory`, which is made if it does not exist, for its owner alone.
    pub(super) fn existing_or_new(directory: &Path) -> Result<Self, OpenError> {
        match Self::existing(directory) {
            Err(OpenError::Absent { .. }) => {
                let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
                let missing = directory.ancestors().take_while(is_missing).count();
                let mut builder = DirBuilder::new();
                builder.recursive(true).mode(0o700);
                builder.create(directory).map_err(|error| OpenError::io(directory, error))?;
                let files = Self::existing(directory)?;
                // A flushed file is no use in a directory that a power cut takes away.
                for parent in files.directory.ancestors().skip(1).take(missing) {
                    sync(parent).map_err(|error| OpenError::io(parent, error))?;
                }
                Ok(files)
            }
            other => other,
        }
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log.db")
    }

    pub(super) fn write_ahead_log(&self) -> PathBuf {
        self.directory.join("log.db-wal")
    }

    pub(super) fn seal(&self) -> PathBuf {
        self.directory.join("log.seal")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    /// The log while it is being made, and what the engine may leave beside it.
    pub(super) fn unfinished(&self) -> [PathBuf; 4] {
        ["", "-wal", "-shm", "-journal"].map(|suffix| self.directory.join(format!("log.db.new{suffix}")))
    }

    /// Whether commits may stand in the write-ahead log that are not in the log's file.
    pub(super) fn has_write_ahead_log(&self) -> bool {
        fs::symlink_metadata(self.write_ahead_log()).is_ok_and(|found| found.len() > 0)
    }

    /// Makes what was done to the directory's entries survive a power cut.
    pub(super) fn sync_directory(&self) -> io::Result<()> {
        sync(&self.directory)
    }

    /// Looks at the log's file, as bytes, without the engine.
    pub(super) fn presence(&self) -> Result<Presence, OpenError> {
        let path = self.log();
        // Asked first, because a writer that is closing moves pages while the file is looked at.
        let complete = !self.has_write_ahead_log();
        let Some(length) = plain_file(&path)? else {
            let orphan = [self.write_ahead_log(), self.seal()].into_iter().find(|path| path.exists());
            return match orphan {
                Some(orphan) => {
                    let why = format!("log.db is gone, but {} is here", orphan.display());
                    Err(OpenError::damaged(&path, why))
                }
                None => Ok(Presence::Absent),
            };
        };
        if length == 0 {
            return Err(OpenError::damaged(&path, "the file is empty"));
        }
        let mut header = [0; HEADER_BYTES];
        let count = RawFile::open(&path)
            .and_then(|file| file.read_at(&mut header, 0))
            .map_err(|error| OpenError::io(&path, error))?;
        identify(&path, &header[..count], complete.then_some(length))
    }
}

/// Reads the engine's file header: the magic, and the two numbers that say whose file it is and in which format; then the
/// number of pages, unless part of them may stand in a write-ahead log.
fn identify(path: &Path, header: &[u8], length: Option<u64>) -> Result<Presence, OpenError> {
    if !header.starts_with(MAGIC) {
        return Err(OpenError::foreign(path, "it is not an SQLite file (bytes 0 to 15)"));
    }
    if header.len() < HEADER_BYTES {
        return Err(OpenError::damaged(path, "the file ends inside its header"));
    }
    let number =
        |at: usize| header[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let (pages, format, application) = (number(28), number(60), number(68));
    if application != APPLICATION_ID {
        return Err(OpenError::foreign(
            path,
            format!("it is an SQLite file of another application (bytes 68 to 71 are {application:#010x})"),
        ));
    }
    if format > FORMAT {
        return Err(OpenError::NewerFormat { path: path.to_owned(), found: format, known: FORMAT });
    }
    if format != FORMAT {
        return Err(OpenError::damaged(path, format!("its format is {format} (bytes 60 to 63)")));
    }
    // The engine writes 1 for a page of 65,536 bytes.
    let page = match number(16) >> 16 {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    if let Some(length) = length
        && length != page * u64::from(pages)
    {
        let why = format!("the file has {length} bytes, its header says {pages} pages of {page}");
        return Err(OpenError::damaged(path, why));
    }
    Ok(Presence::Ours)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The length of an ordinary file; `None` if there is nothing.
fn plain_file(path: &Path) -> Result<Option<u64>, OpenError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(Some(found.len())),
        Ok(found) if found.is_symlink() => Err(OpenError::foreign(path, "it is a symbolic link")),
        Ok(_) => Err(OpenError::foreign(path, "it is not an ordinary file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(OpenError::io(path, error)),
    }
}

/// A new file that only its owner may read.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// The right to write a store, held until it is dropped. The system gives it up for a process that dies.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    pub(super) fn acquire(files: &Files, presence: Presence) -> Result<Self, OpenError> {
        let path = files.lock();
        let mut file = open_lock(&path, presence)?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < LOCK_ATTEMPTS => thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let process = holder(&mut file);
                    return Err(OpenError::InUse { path: files.directory.clone(), process });
                }
                Err(TryLockError::Error(error)) => return Err(OpenError::io(&path, error)),
            }
        }
        // Whatever was read of it moved the place where writing goes on.
        file.rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(format!("{}\n", std::process::id()).as_bytes()))
            .map_err(|error| OpenError::io(&path, error))?;
        Ok(Self { _file: file })
    }
}

fn open_lock(path: &Path, presence: Presence) -> Result<File, OpenError> {
    let Some(_) = plain_file(path)? else {
        return match create_private(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open_lock(path, presence),
            other => other.map_err(|error| OpenError::io(path, error)),
        };
    };
    let mut file =
        OpenOptions::new().read(true).write(true).open(path).map_err(|error| OpenError::io(path, error))?;
    // Beside a log of ours the lock is ours. Beside none it may be somebody else's file of that name.
    let mut text = String::new();
    let read = (&mut file).take(LOCK_BYTES_MAX).read_to_string(&mut text);
    let empty = read.as_ref().is_ok_and(|count| *count == 0);
    if presence == Presence::Absent && !empty && process_id(&text).is_none() {
        return Err(OpenError::foreign(path, "it is a file that no store of ours wrote"));
    }
    Ok(file)
}

/// The process id that the holder wrote. Empty for a moment after the lock was taken, hence the `Option`.
fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(LOCK_BYTES_MAX).read_to_string(&mut text).ok()?;
    process_id(&text)
}

fn process_id(text: &str) -> Option<u32> {
    text.strip_suffix('\n')?.parse().ok()
}
