//! `node.json` beside the lock: where the node that writes this store listens, for commands that go through it.

use crate::secrets::write_private;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
struct NodeFile {
    /// The node's process, which a file that a killed node left behind doesn't share with whoever came after.
    process: u32,
    url: String,
}

/// The file in the store's folder.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("node.json")
}

/// Says that this process listens at `address`. It serves without saying so, too.
pub(crate) fn announce(data: &Path, address: SocketAddr) {
    if let Err(error) = write(data, address) {
        tracing::warn!(%error, "commands that go through this node have to be told its address");
    }
}

/// Takes the word back.
pub(crate) fn withdraw(data: &Path) {
    match fs::remove_file(path(data)) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, "the file that says where this node listened is left where it is");
        }
        Ok(()) | Err(_) => {}
    }
}

fn write(data: &Path, address: SocketAddr) -> io::Result<()> {
    let url = format!("http://{}", reachable(address));
    let mut json = serde_json::to_vec(&NodeFile { process: std::process::id(), url })?;
    json.push(b'\n');
    write_private(&path(data), &json)
}

/// Where `process` listens, if it says so. What any other process said is no address to send a token to.
pub(crate) fn url_of(data: &Path, process: u32) -> Option<String> {
    let file: NodeFile = serde_json::from_slice(&fs::read(path(data)).ok()?).ok()?;
    (file.process == process).then_some(file.url)
}

/// Who listens on every address is reached on this machine's own.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_process_that_wrote_it_is_found_until_it_takes_it_back() {
        let (dir, process) = (tempfile::tempdir().unwrap(), std::process::id());
        assert_eq!(url_of(dir.path(), process), None);
        announce(dir.path(), "127.0.0.1:8080".parse().unwrap());
        assert_eq!(url_of(dir.path(), process).as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(fs::metadata(path(dir.path())).unwrap().permissions().mode() & 0o077, 0);
        withdraw(dir.path());
        assert_eq!(url_of(dir.path(), process), None);
        withdraw(dir.path());
    }

    #[test]
    fn what_another_process_left_behind_is_no_address() {
        let dir = tempfile::tempdir().unwrap();
        announce(dir.path(), "127.0.0.1:8080".parse().unwrap());
        assert_eq!(url_of(dir.path(), std::process::id() + 1), None);
        fs::write(path(dir.path()), "my notes").unwrap();
        assert_eq!(url_of(dir.path(), std::process::id()), None);
    }

    #[test]
    fn an_address_that_stands_for_all_is_reached_on_loopback() {
        for (listens, reached) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.7:80", "10.0.0.7:80")]
        {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), reached);
        }
    }
}
