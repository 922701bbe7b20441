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

use super::broken_off;
use super::head::understood;
use super::parts::{Opened, Unhanded, hand_on};
use super::separated::{self, Dialect, TextRecords};
use crate::domain::Fault;
use crate::domain::decoding;
use crate::intake::ask::Ask;
use crate::intake::handed::{Taker, Ticket};
use crate::intake::header::{self, Found};
use crate::intake::kind::{self, FileKind};
use crate::intake::rows::Gathered;
use crate::intake::sheet::{Origin, SourceSheet};
use crate::intake::trouble::Trouble;

/// Bytes of a block: few enough for the processor's caches, many enough that buckets get few pieces.
const BLOCK_BYTES: usize = 4 << 20;

/// A file below so many blocks is read whole.
const LEAST_BLOCKS: u64 = 4;

/// Blocks that a single record may fill.
const MOST_OF_RECORD: usize = 16;

/// A text that was read.
pub(crate) struct Streamed {
    pub sheet: SourceSheet,
    pub digest: [u8; 32],
}

/// How a large text is read.
pub(crate) struct Stream<'r> {
    pub ask: Ask<'r>,
    pub origin: &'r Origin,
    /// Takes the rows. What it took does not count where a text turns out to have to be seen whole.
    pub taker: &'r dyn Taker,
}

/// What the start of a text says of all of it.
struct Start<'r> {
    encoding: &'static str,
    dialect: Dialect,
    opened: Opened<'r>,
    /// Where the rows begin: number of the line, and the byte.
    line: u32,
    from: usize,
}

impl<'r> Stream<'r> {
    /// Reads a text and hands its rows on. Nothing where the file is small, is no text, or has to be seen whole.
    ///
    /// # Errors
    /// The file cannot be read, or whoever takes the rows cannot keep them.
    pub(crate) fn read(&self, path: &Path) -> Result<Option<Streamed>, Trouble> {
        let unreadable = |error: io::Error| self.unreadable(&error);
        let mut file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.len() < LEAST_BLOCKS * BLOCK_BYTES as u64 {
            return Ok(None);
        }
        let mut start = Vec::with_capacity(BLOCK_BYTES);
        file.by_ref()
            .take(BLOCK_BYTES as u64)
            .read_to_end(&mut start)
            .map_err(unreadable)?;
        self.in_blocks(start, file, BLOCK_BYTES)
    }

    /// Reads a text of which the start was read already, in blocks of about `size` bytes.
    pub(super) fn in_blocks(
        &self,
        start: Vec<u8>,
        rest: impl Read + Send,
        size: usize,
    ) -> Result<Option<Streamed>, Trouble> {
        let Some(begun) = self.begun(&start) else {
            return Ok(None);
        };
        let origin = Origin {
            encoding: begun.encoding.to_owned(),
            ..self.origin.clone()
        };
        let plan = &begun.opened.plan;
        let ticket = Ticket::of(self.taker, &Gathered::opening(plan, &origin));
        let mut digest = Sha256::new_with_prefix(&start);
        let blocks = Blocks {
            rest,
            digest: &mut digest,
            carried: start[begun.from..].to_vec(),
            line: begun.line,
            at: 0,
            size,
            dialect: begun.dialect,
            is_over: false,
        };
        let taken = |block: Result<Block, Odd>| -> Result<Taken, Odd> {
            let block = block?;
            let text = decoding::as_before(&block.bytes, begun.encoding).ok_or(Odd::Whole)?;
            let records = TextRecords::new(&text, block.line, begun.dialect);
            let gathered = hand_on(plan, records, block.lines, ticket)?;
            Ok(Taken {
                at: block.at,
                gathered: gathered.ok_or(Odd::Whole)?,
                cut_row: block
                    .is_last
                    .then(|| broken_off::row(&text, block.line, plan, begun.dialect))
                    .flatten(),
            })
        };
        let mut parts = match blocks
            .par_bridge()
            .map(taken)
            .collect::<Result<Vec<_>, Odd>>()
        {
            Ok(parts) => parts,
            Err(odd) => {
                ticket.void();
                return match odd {
                    Odd::Whole => Ok(None),
                    Odd::Unreadable(error) => Err(self.unreadable(&error)),
                    Odd::Broken(fault) => Err(Trouble::Broken(fault)),
                };
            }
        };
        parts.sort_by_key(|part| part.at);
        let cut_row = parts.last().and_then(|part| part.cut_row);
        let gathered = parts.into_iter().map(|part| part.gathered).collect();
        let mut sheet = begun.opened.sheet(&origin, gathered)?;
        sheet.beside.cut_row = cut_row;
        Ok(Some(Streamed {
            sheet,
            digest: digest.finalize().into(),
        }))
    }

    /// What the start says, where all else can be told block by block.
    fn begun(&self, start: &[u8]) -> Option<Start<'r>> {
        let end = memrchr(b'\n', start)?;
        if kind::of(start) != FileKind::Text {
            return None;
        }
        let has_header = |text: &str| {
            understood(self.ask, text).is_ok_and(|seen| matches!(seen.found, Found::Header(_)))
        };
        let decoded = decoding::decode(&start[..=end], has_header).ok()?;
        let seen = understood(self.ask, &decoded.text).ok()?;
        let Found::Header(header) = &seen.found else {
            return None;
        };
        // A record that goes on below the start was not seen as it is.
        let is_seen = seen.is_sure && !seen.head.is_whole(&decoded.text);
        let row_of = |at: usize| seen.head.lines[at];
        if !is_seen
            || !can_be_cut(decoded.encoding, seen.dialect)
            || header::refusal(self.ask, self.origin, &seen.found, row_of).is_some()
        {
            return None;
        }
        let (_, line) = seen.head.ends[header.end() - 1];
        // Lines end at the same bytes in every encoding that comes here.
        let from = memchr_iter(b'\n', start)
            .nth(line as usize - 2)
            .map_or(0, |at| at + 1);
        Some(Start {
            encoding: decoded.encoding,
            dialect: seen.dialect,
            opened: Opened::of(self.ask, header, &seen.head),
            line,
            from,
        })
    }

    fn unreadable(&self, error: &io::Error) -> Trouble {
        Trouble::Broken(Fault::Unreadable {
            file: self.origin.file.clone(),
            reason: error.to_string(),
        })
    }
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

/// What came of a block.
struct Taken {
    at: usize,
    gathered: Gathered,
    /// The last row, should it break off.
    cut_row: Option<u32>,
}

/// Whole records.
struct Block {
    at: usize,
    bytes: Vec<u8>,
    /// Number of the first line.
    line: u32,
    /// No fewer than records.
    lines: usize,
    /// Nothing comes behind it.
    is_last: bool,
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
            is_last: self.is_over,
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
