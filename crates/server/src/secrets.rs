//! Secrets in files that only their owner can read. `dev` makes its own; `serve` refuses to.

use aws_lc_rs::{hmac, rand};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// What is authenticated under the request secret to tell it from another one.
const CHECKED_TEXT: &[u8] = b"counterfoil request secret";

/// The bits of a mode by which anybody but the owner may do anything.
const FOR_OTHERS: u32 = 0o077;

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
    let text = read_private(path, "secret")?;
    let mut secret = [0; 32];
    hex::decode_to_slice(text.trim(), &mut secret).map_err(|_| Unsafe {
        what: format!("the secret in {} isn't 64 hexadecimal digits", path.display()),
        remedy: "make one with: openssl rand -hex 32".to_owned(),
    })?;
    Ok(secret)
}

/// Reads `what`, which is a text, from a file that nobody else can read.
pub(crate) fn read_private(path: &Path, what: &str) -> Result<String, Unsafe> {
    let shown = path.display();
    let unreadable = |error: io::Error| Unsafe {
        what: format!("the {what} in {shown} can't be read ({error})"),
        remedy: "name a readable file".to_owned(),
    };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.permissions().mode() & FOR_OTHERS != 0 {
        return Err(Unsafe {
            what: format!("the {what} in {shown} can be read by others"),
            remedy: "chmod 600 the file".to_owned(),
        });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Makes a folder that only its owner can enter. One that is there already is refused if others can, and left as it
/// is: it may be a folder that they need.
pub(crate) fn private_dir(path: &Path) -> Result<(), Unsafe> {
    let shown = path.display();
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    match made.and_then(|()| fs::metadata(path)) {
        Ok(found) if found.permissions().mode() & FOR_OTHERS == 0 => Ok(()),
        Ok(_) => Err(Unsafe {
            what: format!("others can enter the folder {shown}"),
            remedy: format!("chmod 700 {shown}, or name a folder of its own"),
        }),
        Err(error) => Err(Unsafe {
            what: format!("the folder {shown} can't be used ({error})"),
            remedy: "name one that this user can make or enter".to_owned(),
        }),
    }
}

/// Confirms that `secret` is the one that the log in `data` began with; on a log without a note of it, notes it.
///
/// Requests are compared with earlier ones by HMACs under this secret, so under another one every honest repeat would
/// look like a different request. The note is an HMAC too, and tells nothing of the secret.
pub(crate) fn confirm_request_secret(data: &Path, secret: &[u8; 32]) -> Result<(), Unsafe> {
    let path = data.join("request-secret.check");
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), CHECKED_TEXT);
    let check = hex::encode(tag.as_ref());
    let noted = kept(&path, || Ok(check.clone().into_bytes())).map_err(|error| Unsafe {
        what: format!("{} can't be read or made ({error})", path.display()),
        remedy: "make it readable to this user".to_owned(),
    })?;
    if noted.trim_ascii() == check.as_bytes() {
        return Ok(());
    }
    Err(Unsafe {
        what: format!("the request secret isn't the one that the log in {} began with", data.display()),
        remedy: format!(
            "give that one; if it is lost, remove {}, after which repeats of earlier requests are refused as different",
            path.display()
        ),
    })
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
    // A draft that was there already keeps its own mode.
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // Without this a power cut could take the new name away again.
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => File::open(dir)?.sync_all(),
        Some(_) | None => File::open(".")?.sync_all(),
    }
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
    fn a_secret_that_is_not_there_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_secret(&dir.path().join("secret")).unwrap_err().what.contains("can't be read"));
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused_and_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data");
        private_dir(&path).unwrap();
        private_dir(&path).unwrap();
        for mode in [0o755, 0o701, 0o770] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(private_dir(&path).unwrap_err().remedy.contains("chmod 700"), "{mode:o}");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn another_request_secret_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        confirm_request_secret(dir.path(), &[1; 32]).unwrap();
        confirm_request_secret(dir.path(), &[1; 32]).unwrap();
        let refused = confirm_request_secret(dir.path(), &[2; 32]).unwrap_err();
        assert!(refused.remedy.contains("request-secret.check"), "{refused}");
        confirm_request_secret(dir.path(), &[1; 32]).unwrap();
    }

    #[test]
    fn a_secret_once_made_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        assert_eq!(kept(&path, fresh_secret).unwrap(), kept(&path, fresh_secret).unwrap());
    }
}
