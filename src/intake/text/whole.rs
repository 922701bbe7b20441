//! A text that is held whole: its rows on all cores, or one after the other.

use rayon::prelude::*;

use super::broken_off;
use super::head::{TextHead, Understood, understood};
use super::parts::{Opened, Unhanded, gather, hand_on};
use super::separated::{self, Dialect, TextRecords, Unsplit};
use crate::domain::Refusal;
use crate::domain::decoding;
use crate::domain::fault::WrongContent;
use crate::intake::ask::Ask;
use crate::intake::bounds::MOST_COLUMNS;
use crate::intake::cell::RowCells;
use crate::intake::handed::{Taker, Ticket};
use crate::intake::header::{self, Found, Header};
use crate::intake::lines::{Lines, OutOfSight};
use crate::intake::merged::Merges;
use crate::intake::rows::Gathered;
use crate::intake::sheet::{Origin, SourceSheet};
use crate::intake::sheets::scroll::{self, Scroll, Way};
use crate::intake::trouble::Trouble;

/// Least bytes of text in a part: every part becomes a chunk of each column, and many small ones slow the later rooms.
const PART_BYTES: usize = 2 << 20;

/// Parts for every core: enough that none waits long for the last.
const PARTS_PER_CORE: usize = 4;

/// Reads a text file: its encoding and separator are found, its header too.
pub(crate) fn read(
    ask: Ask<'_>,
    mut origin: Origin,
    bytes: &[u8],
    taker: Option<&dyn Taker>,
) -> Result<SourceSheet, Trouble> {
    let file = origin.file.clone();
    let has_header =
        |text: &str| understood(ask, text).is_ok_and(|seen| matches!(seen.found, Found::Header(_)));
    let decoded = decoding::decode(bytes, has_header).map_err(|row| {
        Refusal::Content(WrongContent::Undecodable {
            file: file.clone(),
            row,
        })
    })?;
    origin.encoding = decoded.encoding.to_owned();
    let text: &str = &decoded.text;
    let Understood {
        dialect,
        head,
        found,
        ..
    } = understood(ask, text).map_err(|why| refusal(&file, why))?;
    if let Some(seen) = ask.seen {
        seen.rows("", &head.rows, &head.lines);
    }
    if head.is_whole(text) && head.is_blank() {
        return Err(Refusal::Content(WrongContent::EmptySheet {
            file,
            sheet: String::new(),
        })
        .into());
    }
    if let Some(refusal) = header::refusal(ask, &origin, &found, |at| head.lines[at]) {
        return Err(refusal.into());
    }
    let Found::Header(header) = found else {
        unreachable!("everything else was refused")
    };
    let titled = Titled {
        ask,
        origin: &origin,
        text,
        dialect,
        header: &header,
        head: &head,
    };
    let mut sheet = match titled.in_parts(taker)? {
        Some(sheet) => sheet,
        None => titled.row_by_row()?,
    };
    sheet.beside.cut_row = titled.cut_row();
    Ok(sheet)
}

fn refusal(file: &str, why: Unsplit) -> Refusal {
    let file = file.to_owned();
    match why {
        Unsplit::Unclosed(row) => Refusal::Content(WrongContent::UnclosedQuote { file, row }),
        Unsplit::TooWide(row) => Refusal::Content(WrongContent::TooManyColumns {
            file,
            row,
            limit: u64::from(MOST_COLUMNS),
        }),
    }
}

/// A text whose header was found.
struct Titled<'t> {
    ask: Ask<'t>,
    origin: &'t Origin,
    text: &'t str,
    dialect: Dialect,
    header: &'t Header,
    head: &'t TextHead<'t>,
}

impl Titled<'_> {
    /// The rows below the header, on all cores. Nothing if another header stands among them: what holds below it cannot
    /// be known in another part.
    fn in_parts(&self, taker: Option<&dyn Taker>) -> Result<Option<SourceSheet>, Trouble> {
        let unsplit = |why| Trouble::from(refusal(&self.origin.file, why));
        let opened = Opened::of(self.ask, self.header, self.head);
        let parts = self.parts(taker.is_some()).map_err(unsplit)?;
        let ticket =
            taker.map(|taker| Ticket::of(taker, &Gathered::opening(&opened.plan, self.origin)));
        let ends: Vec<u32> = parts.iter().skip(1).map(|(_, line)| *line).collect();
        let plan = &opened.plan;
        let gathered: Result<Vec<Option<Gathered>>, Trouble> = parts
            .into_par_iter()
            // Each for itself: a run of parts that one thread has begun could not be shared when the others are done.
            .with_max_len(1)
            .enumerate()
            .map(|(at, (part, line))| {
                let records = TextRecords::new(part, line, self.dialect);
                let Some(ticket) = ticket else {
                    let gathered = Gathered::new(plan, part.len() / 100);
                    return gather(gathered, plan, records).map_err(unsplit);
                };
                let lines = ends.get(at).map_or_else(
                    || separated::lines(part, self.dialect),
                    |end| (end - line) as usize,
                );
                hand_on(plan, records, lines, ticket).map_err(|why| match why {
                    Unhanded::Unsplit(why) => unsplit(why),
                    Unhanded::Broken(fault) => Trouble::Broken(fault),
                })
            })
            .collect();
        let Some(gathered) = gathered?.into_iter().collect::<Option<Vec<Gathered>>>() else {
            if let Some(ticket) = ticket {
                ticket.void();
            }
            return Ok(None);
        };
        opened.sheet(self.origin, gathered).map(Some)
    }

    /// The last row, should it break off.
    fn cut_row(&self) -> Option<u32> {
        let (from, line) = self.head.ends[self.header.end() - 1];
        let opened = Opened::of(self.ask, self.header, self.head);
        let rest = self.text.get(from..).unwrap_or("");
        broken_off::row(rest, line, &opened.plan, self.dialect)
    }

    /// What stands below the header, cut between records: text, and number of its first line.
    fn parts(&self, are_handed_on: bool) -> Result<Vec<(&str, u32)>, Unsplit> {
        let (from, line) = self.head.ends[self.header.end() - 1];
        let rest = self.text.get(from..).unwrap_or("");
        // Rows that are handed on stand in memory part by part: all parts are small.
        let size = if are_handed_on {
            PART_BYTES
        } else {
            PART_BYTES.max(rest.len() / (PARTS_PER_CORE * rayon::current_num_threads()))
        };
        separated::parts(rest, line, size, self.dialect)
    }

    /// The rows one after the other, as in a workbook.
    fn row_by_row(&self) -> Result<SourceSheet, Trouble> {
        let mut lines = Whole {
            records: TextRecords::new(self.text, 1, self.dialect),
            file: &self.origin.file,
        };
        let way = Way {
            ask: self.ask,
            origin: self.origin,
            hidden: &OutOfSight::default(),
            merged: &Merges::default(),
            gaps: false,
        };
        let mut scroll = Scroll::new(&mut lines);
        let head = scroll.head(way)?;
        scroll::data(way, self.header, head, &mut scroll)
    }
}

/// Every record of a text, blank ones too: its numbers are lines, and quoted breaks leave gaps that are no rows.
struct Whole<'t> {
    records: TextRecords<'t>,
    file: &'t str,
}

impl<'t> Lines<'t> for Whole<'t> {
    fn next(&mut self, cells: &mut RowCells<'t>) -> Result<Option<u32>, Trouble> {
        self.records
            .next(cells)
            .transpose()
            .map_err(|why| refusal(self.file, why).into())
    }
}
