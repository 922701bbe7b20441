//! Seal: how a later run knows that a report is as the program wrote it.
//!
//! The manifest names the digest of every other document, and holds its own: `run.seal` is the SHA-256 of the manifest with
//! an empty seal.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::WhyKept;
use crate::report::part::Part;

/// The document that speaks of all others.
const MANIFEST: &str = "manifest.json";

/// A manifest's own digest, before it is known.
const UNSEALED: &str = "\"seal\": \"\"";

/// Digits of a SHA-256.
const DIGITS: usize = 64;

/// What the systems of Apple and Windows leave in folders by themselves. Nobody typed it.
const LITTER: [&str; 3] = [".ds_store", "thumbs.db", "desktop.ini"];

/// What is read of a file at once.
const BLOCK_BYTES: usize = 256 * 1024;

/// SHA-256 (hex) of documents by their path.
pub type Digests = BTreeMap<String, String>;

/// A digest as text.
pub(super) fn hex(hasher: Sha256) -> String {
    let bytes = hasher.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The manifest with its own digest in it; as it was where it has no place for one.
pub(super) fn sealed(mut manifest: Vec<u8>) -> Vec<u8> {
    let Some(at) = place_of_seal(&manifest) else {
        return manifest;
    };
    let digest = hex(Sha256::new_with_prefix(&manifest));
    manifest.splice(at..at, digest.into_bytes());
    manifest
}

/// Where the seal's digits begin, or are to be put.
fn place_of_seal(manifest: &[u8]) -> Option<usize> {
    let before = &UNSEALED[..UNSEALED.len() - 1];
    let found = memchr::memmem::rfind(manifest, before.as_bytes())?;
    Some(found + before.len())
}

/// Whether nobody has changed the manifest since it was sealed.
fn is_sealed(manifest: &[u8]) -> bool {
    let Some(at) = place_of_seal(manifest) else {
        return false;
    };
    let Some(seal) = manifest.get(at..at + DIGITS) else {
        return false;
    };
    let unsealed = [&manifest[..at], &manifest[at + DIGITS..]].concat();
    hex(Sha256::new_with_prefix(&unsealed)).as_bytes() == seal
}

/// What a run says that it wrote.
pub(super) struct Ledger {
    outputs: Digests,
    /// Which documents were asked for, by the code of `Part`.
    documents: String,
    /// Everything else that does not speak of the run itself.
    rest: Value,
}

impl Ledger {
    /// From the manifest of a report folder; `None` where there is none that can be believed.
    pub(super) fn of(folder: &Path) -> Option<Ledger> {
        let bytes = fs::read(folder.join(MANIFEST)).ok()?;
        if !is_sealed(&bytes) {
            return None;
        }
        let mut rest: Value = serde_json::from_slice(&bytes).ok()?;
        let manifest = rest.as_object_mut()?;
        manifest.remove("run");
        let outputs = manifest.remove("outputs")?;
        let documents = manifest.remove("documents")?.as_str()?.to_owned();
        Some(Ledger {
            outputs: serde_json::from_value(outputs).ok()?,
            documents,
            rest,
        })
    }

    /// Whether nothing is lost where this report stands instead of the other.
    pub(super) fn covers(&self, other: &Ledger) -> bool {
        self.is_of_everything() || self.documents == other.documents
    }

    fn is_of_everything(&self) -> bool {
        self.documents == Part::All.code()
    }

    /// Whether this report, which lies in `folder`, says all that the other says, and more.
    pub(super) fn says_as_much_as(&self, other: &Ledger, folder: &Path) -> bool {
        let is_there = |(path, digest): (&String, &String)| {
            self.outputs.get(path) == Some(digest)
                && digest_of(&folder.join(path)).is_ok_and(|found| found == *digest)
        };
        !other.covers(self)
            && self.covers(other)
            && self.rest == other.rest
            && other.outputs.iter().all(is_there)
    }
}

/// Why a report may not be removed: somebody may have worked on it. `None` = it is as the run wrote it.
pub(super) fn worked_on(folder: &Path, ledger: Option<&Ledger>) -> Option<WhyKept> {
    let Some(ledger) = ledger else {
        return Some(WhyKept::Unknown);
    };
    let mut found = Files::default();
    if found.below(folder, "").is_err() {
        return Some(WhyKept::Unknown);
    }
    let (ours, others): (Vec<_>, Vec<_>) = found
        .0
        .into_iter()
        .filter(|path| path != MANIFEST)
        .partition(|path| ledger.outputs.contains_key(path));
    let is_as_written = |path: &String| {
        let found = digest_of(&folder.join(path)).ok();
        found.as_ref() == ledger.outputs.get(path)
    };
    if let Some(document) = ours.into_iter().find(|path| !is_as_written(path)) {
        return Some(WhyKept::Changed { document });
    }
    let files = others.len() as u64;
    (files > 0).then_some(WhyKept::NotOurs { files })
}

/// Files below a folder, with `/` between the parts of their paths.
#[derive(Default)]
struct Files(Vec<String>);

impl Files {
    fn below(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                self.below(&entry.path(), &format!("{prefix}{name}/"))?;
            } else if !LITTER.contains(&name.to_lowercase().as_str()) {
                self.0.push(format!("{prefix}{name}"));
            }
        }
        self.0.sort();
        Ok(())
    }
}

/// The digest of a file; a link is none, wherever it leads.
fn digest_of(path: &Path) -> io::Result<String> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let bytes = file.read(&mut block)?;
        if bytes == 0 {
            return Ok(hex(hasher));
        }
        hasher.update(&block[..bytes]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_believed_only_as_it_was_sealed() {
        let manifest = br#"{"a": "x", "run": {"seal": ""}}"#.to_vec();
        let sealed = sealed(manifest.clone());
        assert!(is_sealed(&sealed));
        assert!(!is_sealed(&manifest), "no seal");
        let changed = String::from_utf8(sealed).unwrap().replace('x', "y");
        assert!(!is_sealed(changed.as_bytes()));
        assert!(!is_sealed(b"{}") && !is_sealed(b""));
    }
}
