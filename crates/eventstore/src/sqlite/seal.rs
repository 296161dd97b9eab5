//! The seal: what the log's file was, byte for byte, when the store was closed.
//!
//! Shape: a small text of the file's length and a hash for each block. While it exists the file is exactly as it
//! says: the writer removes it, durably, before its first write, and writes it again when it has closed the file.
//! So a changed byte is found even where the engine keeps nothing.
//!
//! Cost: one hash of the whole file on closing. Bounds: no file beyond [`SEALED_BYTES_MAX`] is sealed; it is then
//! closed without one, which proves nothing and is no finding.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    str::Lines,
};

use sha2::{Digest, Sha256};

use super::{
    files::{Files, create_private},
    raw::RawFile,
};
use crate::{Finding, FindingCode, StoreFault};

const TITLE: &str = "counterfoil log seal 1";
const BLOCK_BYTES: usize = 64 * 1024;
const SEALED_BYTES_MAX: u64 = 1024 * 1024 * 1024;
// The text for the largest file that is sealed, generously.
const TEXT_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Writes the seal of a file that was just closed, durably.
pub(super) fn write(files: &Files) -> Result<(), StoreFault> {
    if files.has_write_ahead_log() || fs::metadata(files.log())?.len() > SEALED_BYTES_MAX {
        return Ok(());
    }
    let unfinished = files.directory.join("log.seal.new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let mut file = create_private(&unfinished)?;
    file.write_all(describe(&blocks(&*RawFile::open(&files.log())?)?).as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, files.seal())?;
    files.sync_directory()?;
    Ok(())
}

/// Removes the seal, durably.
pub(super) fn remove(files: &Files) -> Result<(), StoreFault> {
    fs::remove_file(files.seal())?;
    files.sync_directory()?;
    Ok(())
}

/// Compares the file with its seal. Without a seal, or with commits outside the file, there is nothing to compare.
pub(super) fn compare(files: &Files) -> Result<Vec<Finding>, StoreFault> {
    let Some(text) = read(files)? else {
        return Ok(Vec::new());
    };
    if files.has_write_ahead_log() {
        return Ok(Vec::new());
    }
    let findings = match parse(&text) {
        Some(sealed) => differences(&sealed, &blocks(&*RawFile::open(&files.log())?)?),
        None => vec![finding(FindingCode::SealDamaged, "the seal is not as it was written".to_owned())],
    };
    // A writer that came meanwhile has removed the seal before it changed the file.
    if findings.is_empty() || read(files)?.as_deref() == Some(&text) { Ok(findings) } else { Ok(Vec::new()) }
}

/// A file's length, and the hash of each block of it.
#[derive(Debug, PartialEq, Eq)]
struct Blocks {
    length: u64,
    hashes: Vec<String>,
}

fn read(files: &Files) -> Result<Option<Vec<u8>>, StoreFault> {
    let mut text = Vec::new();
    match File::open(files.seal()) {
        Ok(file) => file.take(TEXT_BYTES_MAX).read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    Ok(Some(text))
}

fn blocks(file: &RawFile) -> io::Result<Blocks> {
    let mut blocks = Blocks { length: 0, hashes: Vec::new() };
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let count = file.read_at(&mut block, blocks.length)?;
        if count == 0 {
            return Ok(blocks);
        }
        blocks.length += count as u64;
        blocks.hashes.push(hex::encode(Sha256::digest(&block[..count])));
    }
}

fn describe(blocks: &Blocks) -> String {
    let mut text = format!("{TITLE}\nlength {}\nblock {BLOCK_BYTES}\n", blocks.length);
    for hash in &blocks.hashes {
        text.push_str(hash);
        text.push('\n');
    }
    // The last line tells a damaged seal from a damaged log.
    let check = hex::encode(Sha256::digest(&text));
    text + "check " + &check + "\n"
}

/// Reads a seal, if it is exactly as one is written.
fn parse(text: &[u8]) -> Option<Blocks> {
    let text = std::str::from_utf8(text).ok()?;
    let mut lines: Lines<'_> = text.lines();
    if lines.next()? != TITLE {
        return None;
    }
    let length = lines.next()?.strip_prefix("length ")?.parse().ok()?;
    let hashes = lines.skip(1).take_while(|line| !line.starts_with("check ")).map(str::to_owned).collect();
    let blocks = Blocks { length, hashes };
    (describe(&blocks) == text).then_some(blocks)
}

fn differences(sealed: &Blocks, found: &Blocks) -> Vec<Finding> {
    let mut findings = Vec::new();
    if sealed.length != found.length {
        let detail = format!("log.db has {} bytes, its seal says {}", found.length, sealed.length);
        findings.push(finding(FindingCode::SealMismatch, detail));
    }
    for (index, (sealed_hash, found_hash)) in sealed.hashes.iter().zip(&found.hashes).enumerate() {
        if sealed_hash != found_hash {
            let first = index * BLOCK_BYTES;
            let last = (first + BLOCK_BYTES - 1).min(usize::try_from(found.length).unwrap_or(usize::MAX) - 1);
            let detail = format!("bytes {first} to {last} of log.db differ from its seal");
            findings.push(finding(FindingCode::SealMismatch, detail));
        }
    }
    findings
}

fn finding(code: FindingCode, detail: String) -> Finding {
    Finding { position: None, code, detail }
}
