//! The stored form of a consumer's checkpoint.
//!
//! Nothing in the log says which consumers there are, so a row carries a digest of its own: an altered name would
//! otherwise look like a consumer that never ran.

use sha2::{Digest, Sha256};

use super::connection::{position, signed};
use crate::{Checkpoint, LeafHash, StoreFault};

/// SHA-256 of the name's length (four bytes, big-endian), the name, the position (eight bytes, big-endian), the leaf.
pub(super) fn digest(name: &str, position: i64, leaf: &[u8]) -> [u8; 32] {
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    Sha256::new()
        .chain_update(length.to_be_bytes())
        .chain_update(name)
        .chain_update(position.to_be_bytes())
        .chain_update(leaf)
        .finalize()
        .into()
}

/// The row's columns `position, leaf, digest`.
pub(super) fn encode(name: &str, checkpoint: Checkpoint) -> (i64, [u8; 32], [u8; 32]) {
    let (position, leaf) = (signed(checkpoint.position), *checkpoint.leaf.as_bytes());
    (position, leaf, digest(name, position, &leaf))
}

/// The checkpoint in a row, if it is as it was written.
pub(super) fn decode(
    name: &str,
    at: i64,
    leaf: [u8; 32],
    stored_digest: [u8; 32],
) -> Result<Checkpoint, StoreFault> {
    if digest(name, at, &leaf) != stored_digest {
        return Err(StoreFault::damaged(format!("the checkpoint of {name} differs from its digest")));
    }
    Ok(Checkpoint { position: position(at)?, leaf: LeafHash::from_bytes(leaf) })
}
