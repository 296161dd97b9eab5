//! Secrets in files that only their owner can read. `dev` makes its own; `serve` refuses to.

use aws_lc_rs::rand;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// A setting that is absent or unsafe, with its remedy.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {remedy}")]
pub(crate) struct Unsafe {
    /// Which setting, and what is wrong with it.
    pub(crate) what: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// Reads a secret of 32 bytes in hexadecimal from a file that nobody else can read.
pub(crate) fn read_secret(path: &Path) -> Result<[u8; 32], Unsafe> {
    let wrong = |what: String, remedy: &str| Unsafe { what, remedy: remedy.to_owned() };
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| wrong(format!("the secret in {shown} can't be read ({error})"), "name a readable file"))?;
    let mode = fs::metadata(path).map(|meta| meta.permissions().mode()).unwrap_or_default();
    if mode & 0o077 != 0 {
        return Err(wrong(format!("the secret in {shown} can be read by others"), "chmod 600 the file"));
    }
    let mut secret = [0; 32];
    hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| {
        wrong(format!("the secret in {shown} isn't 64 hexadecimal digits"), "make one with: openssl rand -hex 32")
    })?;
    Ok(secret)
}

/// Makes a folder that only its owner can enter.
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The file's bytes, or those that `make` gives, written so that only the owner can read them.
pub(crate) fn kept(path: &Path, make: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make()?;
            write_private(path, &bytes)?;
            Ok(bytes)
        }
        read => read,
    }
}

/// Replaces the file in one step with one that only its owner can read.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

/// A secret of 32 fresh bytes, in hexadecimal.
pub(crate) fn fresh_secret() -> io::Result<Vec<u8>> {
    let mut bytes = [0_u8; 32];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("the system has no randomness to give"))?;
    Ok(hex::encode(bytes).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        kept(&path, fresh_secret).unwrap();
        assert!(read_secret(&path).is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_secret(&path).unwrap_err().remedy.contains("chmod"));
    }

    #[test]
    fn a_secret_once_made_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        assert_eq!(kept(&path, fresh_secret).unwrap(), kept(&path, fresh_secret).unwrap());
    }
}
