//! parquet: the header is the schema, and row 1 is the first record.
//!
//! In:  the bytes of a file, and how much of it may be decoded at a time.
//! Out: its rows, handed on piece by piece.
//! Never: believes what the file says of its sizes, or decodes more at a time than there is room for.

mod content;
mod pages;
mod slices;

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::{PolarsError, PolarsResult, StringChunked};
use rayon::prelude::*;

use content::{Content, texts};
use slices::{NoRoom, Piece, Room};

use crate::domain::fault::WrongContent;
use crate::domain::fault::WrongHeader;
use crate::domain::{Fault, Refusal};
use crate::intake::ask::Ask;
use crate::intake::bounds::{MOST_CELL_BYTES, MOST_LETTERS};
use crate::intake::cell::RowCells;
use crate::intake::glimpse::Seen;
use crate::intake::guard::{Panicked, guarded_on_all_threads};
use crate::intake::handed::{Borrowed, Handed, Store, Taker, Ticket};
use crate::intake::header;
use crate::intake::rows::{Gathered, Met, PlainRun, Plan, joined};
use crate::intake::sheet::{Origin, SourceSheet};
use crate::intake::trouble::Trouble;

/// Rows gathered and handed on at a time.
const PART_ROWS: usize = 1 << 16;

/// Bytes of text that are copied at a time.
const PART_TEXT: usize = 64 << 20;

/// Records that a proposal for `columns` looks at.
const GLIMPSE_ROWS: usize = 1000;

/// Reads a parquet file as one sheet. It has no header row: `header_row` is 0, and names are headings of no row.
pub(crate) fn read(
    ask: Ask<'_>,
    mut origin: Origin,
    bytes: &[u8],
    taker: Option<&dyn Taker>,
) -> Result<SourceSheet, Trouble> {
    origin.encoding = "parquet".to_owned();
    let opened = Parquet::of(&origin.file, bytes)?;
    let names = opened.names();
    let room = Room {
        all: taker.map_or(slices::OF_A_SURVEY, Taker::room),
        threads: rayon::current_num_threads() as u64,
    };
    let cut = guarded(&origin.file, || Ok(opened.content.pieces(room)))?;
    let cut = cut.map_err(|NoRoom| beyond_memory(&origin.file, room.all / 2))?;
    if let (Some(seen), Some(first)) = (ask.seen, cut.first()) {
        let rows = first.rows.min(GLIMPSE_ROWS);
        look(seen, &names, &opened.texts(first.from, rows)?.texts);
    }
    let (header, missing) = header::named(ask, &names);
    if let Some(refusal) = header::unsettled(&origin, &header, 0) {
        return Err(refusal.into());
    }
    if let Some(field) = missing {
        return Err(Refusal::Header(WrongHeader::UnknownColumn {
            file: origin.file.clone(),
            sheet: String::new(),
            row: 0,
            field,
            headers: names.into_iter().map(Cow::into_owned).collect(),
        })
        .into());
    }
    let plan = Plan::new(ask, &header, &[]).fixed();
    let opening = Gathered::opening(&plan, &origin);
    let pieces = Pieces {
        opened: &opened,
        plan: &plan,
        ticket: taker.map(|taker| Ticket::of(taker, &opening)),
        room,
        text: AtomicU64::new(0),
    };
    joined(opening, pieces.all(cut)?)
}

/// A file whose own words about itself were read. What is wrong with it is told by its name.
struct Parquet<'b> {
    file: &'b str,
    content: Content<'b>,
}

impl<'b> Parquet<'b> {
    fn of(file: &'b str, bytes: &'b [u8]) -> Result<Self, Trouble> {
        let content = guarded(file, || Content::of(bytes))?
            .ok_or_else(|| swollen(file, content::most_text(bytes)))?;
        Ok(Parquet { file, content })
    }

    fn names(&self) -> Vec<Cow<'static, str>> {
        let names = self.content.names.iter();
        names.map(|name| Cow::Owned(name.to_string())).collect()
    }

    /// So many rows from this one on, every column as text.
    fn texts(&self, from: usize, rows: usize) -> Result<Texts, Trouble> {
        let frame = guarded(self.file, || self.content.rows(from, rows))?;
        let texts = texts(frame).map_err(|e| unreadable(self.file, &e))?;
        let mut longest_row = 0;
        for text in &texts {
            let longest = lengths_of(text).max().unwrap_or(0);
            // Before anything is copied: a text that the file holds once may stand in every row.
            if longest > MOST_CELL_BYTES {
                let at = lengths_of(text).position(|bytes| bytes == longest);
                return Err(self.long_cell(from + at.unwrap_or(0))); // the longest is among them
            }
            longest_row += longest;
        }
        Ok(Texts { texts, longest_row })
    }

    fn long_cell(&self, at: usize) -> Trouble {
        Refusal::Content(WrongContent::LongCell {
            file: self.file.to_owned(),
            row: at as u32 + 1,
            limit: MOST_LETTERS as u64,
        })
        .into()
    }
}

/// Columns of a piece as text.
struct Texts {
    texts: Vec<StringChunked>,
    /// Bytes of a row in which every text is as long as the longest of its column.
    longest_row: usize,
}

impl Texts {
    /// Rows of a part: no more than are copied at a time.
    fn part_rows(&self) -> usize {
        (PART_TEXT / self.longest_row.max(1)).clamp(1, PART_ROWS)
    }
}

/// Bytes of every text.
fn lengths_of(texts: &StringChunked) -> impl Iterator<Item = usize> {
    texts.iter().map(|text| text.map_or(0, str::len))
}

/// Calls polars' reader, which believes what a damaged file says of itself, and panics.
fn guarded<T: Send>(file: &str, read: impl FnOnce() -> PolarsResult<T>) -> Result<T, Trouble> {
    let gave_up = |Panicked| {
        Trouble::Broken(Fault::Unreadable {
            file: file.to_owned(),
            reason: Panicked::REASON.to_owned(),
        })
    };
    guarded_on_all_threads(read)
        .map_err(gave_up)?
        .map_err(|e| unreadable(file, &e))
}

fn unreadable(file: &str, error: &PolarsError) -> Trouble {
    let (file, reason) = (file.to_owned(), error.to_string());
    if reason.contains("utf8") || reason.contains("utf-8") {
        Refusal::Content(WrongContent::UndecodableTexts { file }).into()
    } else {
        Trouble::Broken(Fault::Unreadable { file, reason })
    }
}

fn swollen(file: &str, limit: u64) -> Trouble {
    Refusal::Content(WrongContent::Inflates {
        file: file.to_owned(),
        part: "parquet".to_owned(),
        limit_mib: limit >> 20,
    })
    .into()
}

fn beyond_memory(file: &str, allowed: u64) -> Trouble {
    Refusal::Content(WrongContent::BeyondMemory {
        file: file.to_owned(),
        allowed_mib: allowed.div_ceil(1 << 20),
    })
    .into()
}

/// The rows of a file, gathered piece by piece on all cores.
struct Pieces<'p> {
    opened: &'p Parquet<'p>,
    plan: &'p Plan<'p>,
    ticket: Option<Ticket<'p>>,
    room: Room,
    /// Bytes of text so far.
    text: AtomicU64,
}

impl Pieces<'_> {
    /// All of them, in order: first those that are decoded alone, then the others side by side.
    fn all(&self, cut: Vec<Piece>) -> Result<Vec<Gathered>, Trouble> {
        let one = |piece: Piece| -> Result<_, Trouble> { Ok((piece.from, self.gathered(piece)?)) };
        let (alone, others): (Vec<Piece>, Vec<Piece>) =
            cut.into_iter().partition(|piece| piece.alone);
        let mut parts = alone.into_iter().map(one).collect::<Result<Vec<_>, _>>()?;
        let others = others.into_par_iter().with_max_len(1).map(one);
        parts.append(&mut others.collect::<Result<Vec<_>, _>>()?);
        parts.sort_by_key(|(from, _)| *from);
        Ok(parts.into_iter().flat_map(|(_, parts)| parts).collect())
    }

    /// The rows of a piece, in parts.
    fn gathered(&self, Piece { from, rows, .. }: Piece) -> Result<Vec<Gathered>, Trouble> {
        let piece = self.opened.texts(from, rows)?;
        let part_rows = piece.part_rows();
        let mut parts = Vec::new();
        for at in (0..rows.max(1)).step_by(part_rows) {
            let part: Vec<StringChunked> = piece
                .texts
                .iter()
                .map(|text| text.slice(at as i64, part_rows.min(rows - at)))
                .collect();
            parts.push(self.part(&part, (from + at) as u32 + 1)?);
        }
        Ok(parts)
    }

    /// Rows handed on where somebody takes them; what is left of them is given.
    fn part(&self, part: &[StringChunked], first: u32) -> Result<Gathered, Trouble> {
        let Some(ticket) = self.ticket else {
            self.admit(part, text_bytes(part))?;
            let gathered = Gathered::new(self.plan, height(part));
            return Ok(gather(gathered, self.plan, part, first));
        };
        let (gathered, bytes) = gather_borrowing(self.plan, part, first);
        self.admit(part, bytes)?;
        let (rows, rest) = gathered.split(self.plan);
        ticket
            .take(Handed::Borrowed(rows))
            .map_err(Trouble::Broken)?;
        Ok(rest)
    }

    /// Lets text in while the file holds no more than it may, and no more than there is room for. As in a csv, a cell takes a
    /// byte though it be blank.
    fn admit(&self, part: &[StringChunked], bytes: u64) -> Result<(), Trouble> {
        let bytes = bytes + (part.len() * height(part)) as u64;
        let all = self.text.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let (file, content) = (self.opened.file, &self.opened.content);
        let kept = content.most_kept(self.room.all / 2);
        match content.most_text() {
            most if all > most => Err(swollen(file, most)),
            _ if all > kept => Err(beyond_memory(file, kept)),
            _ => Ok(()),
        }
    }
}

/// Looks at the names, as row 0, and at the first records.
fn look(seen: &Seen, names: &[Cow<'_, str>], texts: &[StringChunked]) {
    let height = height(texts);
    let record = |row: usize| {
        texts
            .iter()
            .map(|text| Cow::Borrowed(text.get(row).unwrap_or("")))
            .collect()
    };
    let rows: Vec<RowCells<'_>> = std::iter::once(names.to_vec())
        .chain((0..height).map(record))
        .collect();
    seen.rows("", &rows, &(0..=height as u32).collect::<Vec<_>>());
}

fn height(texts: &[StringChunked]) -> usize {
    texts.first().map_or(0, StringChunked::len)
}

/// Bytes of these texts, each counted wherever it stands.
fn text_bytes(texts: &[StringChunked]) -> u64 {
    texts
        .iter()
        .flat_map(|text| text.downcast_iter())
        .map(|text| text.total_bytes_len() as u64)
        .sum()
}

/// The rows of these texts, the first of which has this number.
fn gather<'t, S: Store<'t>>(
    mut gathered: Gathered<S>,
    plan: &Plan<'_>,
    texts: &'t [StringChunked],
    first: u32,
) -> Gathered<S> {
    let mut columns: Vec<_> = texts.iter().map(|text| text.iter()).collect();
    let mut cells = RowCells::new();
    for row in (first..).take(height(texts)) {
        cells.clear();
        cells.extend(
            columns
                .iter_mut()
                .map(|column| Cow::Borrowed(column.next().flatten().unwrap_or(""))),
        );
        gathered.take(plan, Met::plain(row), &mut cells);
    }
    gathered
}

/// The same without a copy of their text, and how many bytes a copy would take. Plain rows are taken many at a time.
fn gather_borrowing<'t>(
    plan: &Plan<'_>,
    texts: &'t [StringChunked],
    first: u32,
) -> (Gathered<Borrowed<'t>>, u64) {
    let mut gathered = Gathered::borrowing(plan, height(texts));
    let Some(mut run) = PlainRun::of(plan) else {
        return (gather(gathered, plan, texts, first), text_bytes(texts));
    };
    let mut bytes = 0;
    let mut columns: Vec<_> = texts.iter().map(|text| text.iter()).collect();
    for row in (first..).take(height(texts)) {
        let before = run.cells.len();
        let cells = columns
            .iter_mut()
            .map(|column| column.next().flatten().unwrap_or(""));
        run.cells
            .extend(cells.inspect(|cell| bytes += cell.len() as u64));
        if plan.has_citizen_number(&run.cells[before..]) {
            run.rows.push(row);
            if run.is_full() {
                gathered.take_run(plan, &mut run);
            }
        } else {
            let mut cells: RowCells<'t> = run.cells.drain(before..).map(Cow::Borrowed).collect();
            gathered.take_run(plan, &mut run);
            gathered.take(plan, Met::plain(row), &mut cells);
        }
    }
    gathered.take_run(plan, &mut run);
    (gathered, bytes)
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;
    use polars_io::parquet::write::ParquetWriter;

    use super::*;
    use crate::domain::SourceKind;
    use crate::intake::handed::Keeper;
    use crate::scheme::SourceRule;

    #[test]
    fn rows_handed_on_without_a_copy_are_those_read_with_one() {
        // Long runs of plain records, and between them what is none: blank, a total, a note, a number that only looks like one.
        let cells = |at: usize| match at % 1_999 {
            7 | 8 => [None, None, None, None],
            600 => [Some("合计".to_owned()), None, None, Some("600".to_owned())],
            601 => [Some("填表人：".to_owned()), None, None, None],
            1_300 => [
                Some("王五".to_owned()),
                Some("护照 G12345678".to_owned()),
                Some("烟塘村".to_owned()),
                None,
            ],
            other => {
                let id = format!(
                    "{}43032119800101{at:04}",
                    if other == 9 { "  " } else { "" }
                );
                [
                    Some(format!("模拟{at} ")),
                    Some(id),
                    Some("易俗河镇烟塘村第三村民小组".to_owned()),
                    at.is_multiple_of(2).then(|| at.to_string()),
                ]
            }
        };
        let column = |which: usize| {
            (0..4_000)
                .map(|at| cells(at)[which].clone())
                .collect::<Vec<_>>()
        };
        let mut frame = df!("姓名" => column(0), "身份证号" => column(1), "村" => column(2), "备注" => column(3)).unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .with_row_group_size(Some(1_500))
            .finish(&mut frame)
            .unwrap();
        let rule = SourceRule::plain(SourceKind::Register);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        let copied = read(ask, origin(), &bytes, None).ok().unwrap();
        // However many pieces it is read in.
        for room in [1 << 30, 1 << 20] {
            let keeper = Keeper {
                room,
                ..Keeper::default()
            };
            let rest = read(ask, origin(), &bytes, Some(&keeper)).ok().unwrap();
            let handed = keeper.whole(rest);
            assert!(handed.table.height() > 3_900 && handed.set_aside.total() > 5);
            assert!(handed.table.equals_missing(&copied.table));
            assert_eq!(
                (handed.set_aside, &handed.totals),
                (copied.set_aside, &copied.totals)
            );
            assert_eq!(handed.origin.rows_read, copied.origin.rows_read);
        }
    }

    #[test]
    fn text_that_a_small_file_says_in_every_row_is_read_within_memory_or_refused() {
        const ROWS: usize = 20_000;
        let same = |text: &str| vec![text.to_owned(); ROWS];
        let mut frame = df!(
            "姓名" => same("张三"),
            "身份证号" => same("11010519491231002X"),
            "备注" => same(&"长".repeat(300)),
        )
        .unwrap();
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
        assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
        let rule = SourceRule::plain(SourceKind::Register);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        // 18 MB of text: 900 bytes a row, and more.
        for (room, is_read) in [
            (1 << 30, true),
            (64 << 20, true),
            (8 << 20, false),
            (1 << 10, false),
        ] {
            let keeper = Keeper {
                room,
                ..Keeper::default()
            };
            match read(ask, origin(), &bytes, Some(&keeper)) {
                Ok(rest) => assert!(is_read && rest.origin.rows_read == ROWS as u64, "{room}"),
                Err(Trouble::Refused(refusals)) => assert!(
                    !is_read
                        && matches!(
                            &refusals[..],
                            [Refusal::Content(WrongContent::BeyondMemory {
                                allowed_mib: 1..,
                                ..
                            })]
                        ),
                    "{room}: {refusals:?}"
                ),
                Err(Trouble::Broken(_)) => panic!("it is whole"),
            }
        }
    }

    fn origin() -> Origin {
        Origin {
            source: SourceKind::Register,
            file: "a.parquet".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            family: String::new(),
            since_1904: false,
            rows_read: 0,
        }
    }
}
