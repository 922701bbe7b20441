//! A large text as it comes from the disk, block by block: no more of it stands in memory than is being taken.
//!
//! Whoever is free takes the next block, finds the letters and cells in it and hands its rows on. What cannot be told from a
//! block alone (an encoding that breaks further down, a quote left open, another header among the rows) is left to be read whole.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use memchr::{memchr, memchr_iter, memrchr};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::separated::{self, Dialect};
use super::{Opened, Unhanded, decoding, hand_on, understood};
use crate::domain::Fault;
use crate::intake::book::{self, Trouble};
use crate::intake::header::{Ask, Found};
use crate::intake::kind::{self, Kind};
use crate::intake::rows::Gathered;
use crate::intake::{Origin, Sheet, Taker};

/// Bytes of a block: what is looked through more than once should stay in the processor's caches, and every block becomes a
/// piece in each bucket. Of a city, blocks of 2, 4 and 8 MiB took 24.6, 23.9 and 24.1 s and 4,240, 4,107 and 4,017 MiB.
const BLOCK_BYTES: usize = 4 << 20;

/// A file below so many blocks is read whole.
const LEAST_BLOCKS: u64 = 4;

/// Blocks that a single record may fill.
const MOST_OF_RECORD: usize = 16;

/// A text that was read.
pub struct Streamed {
    pub sheet: Sheet,
    pub digest: [u8; 32],
}

/// Reads a large text and hands its rows on. Nothing where the file is small, is no text, or has to be seen whole; what was
/// handed on does not count then.
pub fn read(
    ask: Ask<'_>,
    origin: &Origin,
    path: &Path,
    taker: &dyn Taker,
) -> Result<Option<Streamed>, Trouble> {
    let unreadable = |error: io::Error| {
        Trouble::Broken(Fault::Unreadable {
            file: origin.file.clone(),
            reason: error.to_string(),
        })
    };
    let mut file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.len() < LEAST_BLOCKS * BLOCK_BYTES as u64 {
        return Ok(None);
    }
    let mut start = Vec::with_capacity(BLOCK_BYTES);
    file.by_ref()
        .take(BLOCK_BYTES as u64)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    in_blocks(ask, origin, start, file, BLOCK_BYTES, taker)
}

/// Reads a text of which the start was read already, in blocks of about `size` bytes.
pub(super) fn in_blocks(
    ask: Ask<'_>,
    origin: &Origin,
    start: Vec<u8>,
    rest: impl Read + Send,
    size: usize,
    taker: &dyn Taker,
) -> Result<Option<Streamed>, Trouble> {
    let Some(end) = memrchr(b'\n', &start) else {
        return Ok(None);
    };
    if kind::of(&start) != Kind::Text {
        return Ok(None);
    }
    let has_header =
        |text: &str| understood(ask, text).is_ok_and(|seen| matches!(seen.found, Found::Header(_)));
    let Ok(decoded) = decoding::decode(&start[..=end], has_header) else {
        return Ok(None);
    };
    let Ok(seen) = understood(ask, &decoded.text) else {
        return Ok(None);
    };
    let Found::Header(header) = &seen.found else {
        return Ok(None);
    };
    // A record that goes on below the start was not seen as it is.
    let is_seen = seen.is_sure && !seen.head.is_whole(&decoded.text);
    if !is_seen
        || !can_be_cut(decoded.encoding, seen.dialect)
        || book::refusal(ask, origin, &seen.found, |at| seen.head.lines[at]).is_some()
    {
        return Ok(None);
    }

    let origin = Origin {
        encoding: decoded.encoding.to_owned(),
        ..origin.clone()
    };
    let mut opened = Opened::of(ask, header, &seen.head);
    let ticket = taker.begin(&opened.titles.opening(&origin, opened.plan.columns()));
    let (_, line) = seen.head.ends[header.end() - 1];
    // Lines end at the same bytes in every encoding that comes here.
    let from = memchr_iter(b'\n', &start)
        .nth(line as usize - 2)
        .map_or(0, |at| at + 1);
    let mut digest = Sha256::new_with_prefix(&start);
    let carried = start[from..].to_vec();
    let blocks = Blocks {
        rest,
        digest: &mut digest,
        carried,
        line,
        at: 0,
        size,
        dialect: seen.dialect,
        is_over: false,
    };
    let taken = |block: Result<Block, Odd>| -> Result<(usize, Gathered), Odd> {
        let block = block?;
        let text = decoding::as_before(&block.bytes, decoded.encoding).ok_or(Odd::Whole)?;
        let gathered = hand_on(
            &opened.plan,
            &text,
            block.line,
            block.lines,
            seen.dialect,
            (taker, ticket),
        )?;
        Ok((block.at, gathered.ok_or(Odd::Whole)?))
    };
    let mut parts = match blocks
        .par_bridge()
        .map(taken)
        .collect::<Result<Vec<_>, Odd>>()
    {
        Ok(parts) => parts,
        Err(odd) => {
            taker.void(ticket);
            return match odd {
                Odd::Whole => Ok(None),
                Odd::Unreadable(error) => Err(Trouble::Broken(Fault::Unreadable {
                    file: origin.file.clone(),
                    reason: error.to_string(),
                })),
                Odd::Broken(fault) => Err(Trouble::Broken(fault)),
            };
        }
    };
    parts.sort_by_key(|(at, _)| *at);
    let sheet = opened.sheet(
        &origin,
        parts.into_iter().map(|(_, gathered)| gathered).collect(),
    )?;
    Ok(Some(Streamed {
        sheet,
        digest: digest.finalize().into(),
    }))
}

/// Whether the bytes of separator, quote and line break are nothing else in this encoding: GB18030 has digits and whatever
/// comes after `?` inside its letters.
fn can_be_cut(encoding: &str, dialect: Dialect) -> bool {
    let is_apart = !matches!(dialect.separator, b'0'..=b'9' | b'@'..=0xff);
    dialect.line_break == b'\n'
        && (encoding.starts_with("UTF-8") || encoding == "GB18030" && is_apart)
}

/// Why a text is not read in blocks.
enum Odd {
    /// It has to be seen whole.
    Whole,
    Unreadable(io::Error),
    Broken(Fault),
}

impl From<Unhanded> for Odd {
    fn from(why: Unhanded) -> Self {
        match why {
            // Told when the file was seen whole.
            Unhanded::Unsplit(_) => Odd::Whole,
            Unhanded::Broken(fault) => Odd::Broken(fault),
        }
    }
}

/// Whole records.
struct Block {
    at: usize,
    bytes: Vec<u8>,
    /// Number of the first line.
    line: u32,
    /// No fewer than records.
    lines: usize,
}

/// What is left of a file, in blocks. Its digest grows with every block.
struct Blocks<'d, R> {
    rest: R,
    digest: &'d mut Sha256,
    /// What was read and is in no block yet.
    carried: Vec<u8>,
    line: u32,
    at: usize,
    size: usize,
    dialect: Dialect,
    is_over: bool,
}

impl<R: Read> Blocks<'_, R> {
    fn read(&mut self) -> Result<Option<Block>, Odd> {
        let mut bytes = std::mem::take(&mut self.carried);
        let end = loop {
            let before = bytes.len();
            // What was carried is short but for the first time and within a long record.
            let wanted = if before < self.size {
                self.size - before
            } else {
                self.size
            };
            bytes.reserve_exact(wanted);
            let read = self
                .rest
                .by_ref()
                .take(wanted as u64)
                .read_to_end(&mut bytes)
                .map_err(Odd::Unreadable)?;
            self.digest.update(&bytes[before..]);
            if read < wanted {
                self.is_over = true;
                break bytes.len();
            }
            match end_of_records(&bytes, self.dialect) {
                0 if bytes.len() > self.size * MOST_OF_RECORD => return Err(Odd::Whole),
                0 => {}
                end => break end,
            }
        };
        self.carried = bytes[end..].to_vec();
        bytes.truncate(end);
        if bytes.is_empty() {
            return Ok(None);
        }
        let lines = memchr_iter(self.dialect.line_break, &bytes).count();
        let block = Block {
            at: self.at,
            line: self.line,
            lines: lines + 1,
            bytes,
        };
        self.at += 1;
        // Fewer lines than there are numbers for them: rows are counted in 32 bits.
        self.line = u32::try_from(lines)
            .ok()
            .and_then(|lines| self.line.checked_add(lines))
            .ok_or(Odd::Whole)?;
        Ok(Some(block))
    }
}

impl<R: Read> Iterator for Blocks<'_, R> {
    type Item = Result<Block, Odd>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let block = self.read();
        self.is_over |= block.is_err();
        block.transpose()
    }
}

/// Where the last record ends that is known to end, 0 if none does.
fn end_of_records(bytes: &[u8], dialect: Dialect) -> usize {
    if memchr(b'"', bytes).is_none() {
        return memrchr(dialect.line_break, bytes).map_or(0, |at| at + 1);
    }
    let mut end = 0;
    // The last quote is open: what follows is of the record that goes on.
    let _ = separated::ends(bytes, dialect, |at, _| end = at);
    end
}
