//! The parts of a zip archive, found as calamine finds them, inflated under a limit.

use std::collections::{HashMap, HashSet};
use std::io::{Cursor, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memmem;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::inflate::{self, Gauge, LISTED, Limit};
use crate::domain::fault::WrongContent;
use crate::domain::{Fault, Refusal};
use crate::intake::guard::{Panicked, guarded};
use crate::intake::office::damage;
use crate::intake::trouble::Trouble;

/// Pictures of persons in cells make tens of thousands of parts; a directory beyond that is there to exhaust a machine.
const MOST_PARTS: usize = 100_000;

/// Bytes inflated at a time: what stays in a core's cache.
const CHUNK: usize = 128 << 10;

/// What may be cut in two by the end of a chunk: a name with `="true"` and some blanks.
pub(super) const SEAM: usize = 48;

/// An archive. Clones share its directory and its count of what was inflated.
#[derive(Clone)]
pub(crate) struct Parts<'b> {
    file: Arc<str>,
    archive: ZipArchive<Cursor<&'b [u8]>>,
    /// Names as calamine compares them: `/` between folders, small letters.
    places: Arc<HashMap<String, usize>>,
    /// Names that several parts have.
    doubled: Arc<HashSet<String>>,
    inflated: Arc<AtomicU64>,
    /// Bytes of the whole file.
    held: u64,
}

impl<'b> Parts<'b> {
    /// Reads the directory at the end of the archive.
    pub(super) fn open(file: &str, bytes: &'b [u8]) -> Result<Self, Trouble> {
        if !has_end(bytes) {
            return Err(Trouble::Broken(Fault::Truncated {
                file: file.to_owned(),
            }));
        }
        if memmem::find_iter(bytes, b"PK\x01\x02")
            .nth(MOST_PARTS)
            .is_some()
        {
            return Err(Refusal::Content(WrongContent::TooManyParts {
                file: file.to_owned(),
                limit: MOST_PARTS as u64,
            })
            .into());
        }
        let archive = guarded(|| ZipArchive::new(Cursor::new(bytes)))
            .map_err(|_| broken(file, Panicked::REASON))?
            .map_err(|e| zip_trouble(file, &e))?;
        let mut places = HashMap::with_capacity(archive.len());
        for (at, name) in archive.file_names().enumerate() {
            let name = name.map_err(|e| zip_trouble(file, &e))?;
            places.insert(plain(&name), at);
        }
        let (places, doubled, held) = (places.into(), doubled(bytes).into(), bytes.len() as u64);
        Ok(Parts {
            file: file.into(),
            archive,
            places,
            doubled,
            inflated: Arc::default(),
            held,
        })
    }

    /// The file's name.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, part: &str) -> bool {
        self.place(part).is_some()
    }

    /// The names of all parts, as they are compared.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    fn place(&self, part: &str) -> Option<usize> {
        self.places.get(&part.to_ascii_lowercase()).copied()
    }

    /// The whole of a small part; `None` = there is none.
    pub(crate) fn whole(&mut self, part: &str) -> Result<Option<Vec<u8>>, Trouble> {
        let mut whole = Vec::new();
        let take = |chunk: &[u8]| {
            whole.extend_from_slice(chunk);
            Ok(())
        };
        Ok(self.pass(part, LISTED, 1, take)?.map(|_| whole))
    }

    /// Inflates a part chunk by chunk (all of one size but the last) and gives its size; `None` = there is none.
    /// `times`: how often it will be read.
    pub(super) fn pass(
        &mut self,
        part: &str,
        limit: Limit,
        times: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), Trouble>,
    ) -> Result<Option<u64>, Trouble> {
        let (file, total) = (self.file.clone(), self.inflated.clone());
        let Some(mut entry) = self.entry(part)? else {
            return Ok(None);
        };
        let mut gauge = Gauge::new(&file, part, limit, entry.packed);
        let mut chunk = vec![0; CHUNK];
        loop {
            let filled = guarded(|| fill(&mut entry.reader, &mut chunk))
                .map_err(|_| broken(&file, Panicked::REASON))?
                .map_err(|e| damaged(&file, part, &e))?;
            gauge.count(filled)?;
            let counted = (filled as u64).saturating_mul(times);
            if total
                .fetch_add(counted, Ordering::Relaxed)
                .saturating_add(counted)
                > inflate::TOTAL
            {
                return Err(inflate::refusal(&file, part, inflate::TOTAL).into());
            }
            each(&chunk[..filled])?;
            if filled < chunk.len() {
                return Ok(Some(gauge.inflated()));
            }
        }
    }

    /// A part that was passed before, to be read once more.
    pub(crate) fn again(&mut self, part: &str) -> Result<Option<impl Read + use<'_, 'b>>, Trouble> {
        Ok(self.entry(part)?.map(|entry| entry.reader))
    }

    fn entry(&mut self, part: &str) -> Result<Option<Entry<'_, 'b>>, Trouble> {
        let Some(at) = self.place(part) else {
            return Ok(None);
        };
        // Every program would read another one of them.
        if self.doubled.contains(&plain(part)) {
            return Err(broken(
                &self.file,
                format!("damaged archive: part {part} twice"),
            ));
        }
        let (file, held) = (self.file.clone(), self.held);
        let locked = self
            .archive
            .by_index_data(at)
            .map_err(|e| zip_trouble(&file, &e))?
            .encrypted();
        if locked {
            return Err(Refusal::Content(WrongContent::Password {
                file: file.to_string(),
            })
            .into());
        }
        let reader = guarded(|| self.archive.by_index(at))
            .map_err(|_| broken(&file, Panicked::REASON))?
            .map_err(|e| zip_trouble(&file, &e))?;
        // A declared packed size may lie too, but no part is packed into more than the file.
        let packed = reader.compressed_size().min(held);
        Ok(Some(Entry { reader, packed }))
    }
}

struct Entry<'a, 'b> {
    reader: ZipFile<'a, Cursor<&'b [u8]>>,
    packed: u64,
}

/// Reads until the buffer is full or the part ends.
fn fill(reader: &mut impl Read, chunk: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < chunk.len() {
        match reader.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// A name as calamine compares it.
fn plain(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// Whether the record that ends an archive stands where it must, whole: within the last 64 KiB and a bit.
fn has_end(bytes: &[u8]) -> bool {
    end(bytes).is_some()
}

/// The record that ends an archive, and where it stands.
fn end(bytes: &[u8]) -> Option<(usize, &[u8; 22])> {
    let tail = bytes.len().saturating_sub(0xffff + 22);
    let at = tail + memmem::rfind(&bytes[tail..], b"PK\x05\x06")?;
    bytes[at..].first_chunk().map(|record| (at, record))
}

/// Names that stand in the directory more than once: crate zip tells only the last of those that are written alike.
fn doubled(bytes: &[u8]) -> HashSet<String> {
    let number = |record: &[u8], at: usize| {
        Some(usize::from(u16::from_le_bytes(
            *record.get(at..)?.first_chunk()?,
        )))
    };
    let (mut met, mut doubled) = (HashSet::new(), HashSet::new());
    let Some((end, record)) = end(bytes) else {
        return doubled;
    };
    let size = u32::from_le_bytes([record[12], record[13], record[14], record[15]]) as usize;
    // Larger archives than this kind of directory can tell of hold no workbook that is read here.
    let mut rest = end
        .checked_sub(size)
        .and_then(|start| bytes.get(start..end))
        .unwrap_or_default();
    while let Some(entry) = rest.strip_prefix(b"PK\x01\x02")
        && let (Some(length), Some(extra), Some(comment)) =
            (number(entry, 24), number(entry, 26), number(entry, 28))
        && let Some(name) = entry.get(42..).and_then(|entry| entry.get(..length))
    {
        if let Some(again) = met.replace(plain(&String::from_utf8_lossy(name))) {
            doubled.insert(again);
        }
        rest = entry
            .get(42 + length + extra + comment..)
            .unwrap_or_default();
    }
    doubled
}

/// A workbook that cannot be read, as a whole.
pub(super) fn broken(file: &str, reason: impl ToString) -> Trouble {
    let (reason, sheet) = (reason.to_string(), String::new());
    Trouble::Broken(Fault::BrokenWorkbook {
        file: file.to_owned(),
        sheet,
        damage: damage::of(&reason),
        reason,
    })
}

fn damaged(file: &str, part: &str, error: &std::io::Error) -> Trouble {
    broken(file, format!("damaged part {part}: {error}"))
}

fn zip_trouble(file: &str, error: &ZipError) -> Trouble {
    match error {
        ZipError::InvalidPassword => Refusal::Content(WrongContent::Password {
            file: file.to_owned(),
        })
        .into(),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            Refusal::Content(WrongContent::Password {
                file: file.to_owned(),
            })
            .into()
        }
        other => broken(file, format!("damaged archive: {other}")),
    }
}
