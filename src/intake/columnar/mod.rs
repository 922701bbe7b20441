//! parquet: the header is the schema, and row 1 is the first record.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::{
    ArrowDataType, ArrowField, Column, DataFrame, DataType, Int64Chunked, IntoColumn, PlSmallStr,
    PolarsError, PolarsResult, StringChunked, TimeUnit,
};
use polars_io::SerReader;
use polars_io::parquet::metadata::FileMetadata;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};
use rayon::prelude::*;

use super::ask::Ask;
use super::bounds::{MOST_CELL_BYTES, MOST_LETTERS};
use super::cell::{self, RowCells};
use super::glimpse::Seen;
use super::guard::{Panicked, guarded_on_all_threads};
use super::handed::{Borrowed, Handed, Store, Taker, Ticket};
use super::header;
use super::rows::{Gathered, Met, PlainRun, Plan, joined};
use super::sheet::{Origin, SourceSheet};
use super::trouble::Trouble;
use crate::domain::fault::WrongContent;
use crate::domain::fault::WrongHeader;
use crate::domain::{Fault, Refusal};

/// Rows gathered and handed on at a time.
const PART_ROWS: usize = 1 << 16;

/// Rows of a row group that are decoded at a time: to cut a group means to decode what stands before the cut once more, so
/// only groups beyond what memory takes are cut.
const LARGEST_PIECE: usize = 2_000_000;

/// Bytes of text that a file may hold, and inflate to: twice what a province's persons take.
const MOST_TEXT: u64 = 24 << 30;

/// Text that a small file may hold, whatever its size, and how many times its own size beyond: what says the same in every row
/// takes next to no room, yet no book says the same in every cell.
const FREE_TEXT: u64 = 256 << 20;
const MOST_TIMES: u64 = 200;

/// Bytes of text that are copied at a time.
const PART_TEXT: usize = 64 << 20;

/// Rows that may take no room at all, as one value throughout does. Beyond, a record of a person takes more than a byte:
/// a few hundred bytes that claim hundreds of millions of rows are no export.
const FREE_ROWS: usize = 1_000_000;

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
    if let Some(seen) = ask.seen {
        look(seen, &names, &opened.texts(0, GLIMPSE_ROWS)?.texts);
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
        text: AtomicU64::new(0),
    };
    let parts: Vec<Vec<Gathered>> = opened
        .content
        .pieces()
        .into_par_iter()
        .with_max_len(1)
        .map(|piece| pieces.gathered(piece))
        .collect::<Result<_, _>>()?;
    joined(opening, parts.into_iter().flatten().collect())
}

/// A file whose own words about itself were read. What is wrong with it is told by its name.
struct Parquet<'b> {
    file: &'b str,
    content: Content<'b>,
}

impl<'b> Parquet<'b> {
    fn of(file: &'b str, bytes: &'b [u8]) -> Result<Self, Trouble> {
        let content =
            guarded(file, || Content::of(bytes))?.ok_or_else(|| swollen(file, most_text(bytes)))?;
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

/// The rows of a file, gathered piece by piece on all cores.
struct Pieces<'p> {
    opened: &'p Parquet<'p>,
    plan: &'p Plan<'p>,
    ticket: Option<Ticket<'p>>,
    /// Bytes of text so far.
    text: AtomicU64,
}

impl Pieces<'_> {
    /// So many rows from this one on, in parts.
    fn gathered(&self, (from, rows): (usize, usize)) -> Result<Vec<Gathered>, Trouble> {
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
            self.admit(text_bytes(part))?;
            let gathered = Gathered::new(self.plan, height(part));
            return Ok(gather(gathered, self.plan, part, first));
        };
        let (gathered, bytes) = gather_borrowing(self.plan, part, first);
        self.admit(bytes)?;
        let (rows, rest) = gathered.split(self.plan);
        ticket
            .take(Handed::Borrowed(rows))
            .map_err(Trouble::Broken)?;
        Ok(rest)
    }

    /// Lets text in while the file holds no more than it may.
    fn admit(&self, bytes: u64) -> Result<(), Trouble> {
        let most = self.opened.content.most_text();
        match self.text.fetch_add(bytes, Ordering::Relaxed) + bytes {
            all if all > most => Err(swollen(self.opened.file, most)),
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

/// What a file says of itself.
struct Content<'b> {
    bytes: &'b [u8],
    metadata: FileMetadata,
    without_groups: FileMetadata,
    /// Names of the columns that hold one value a row, and their positions.
    names: Vec<PlSmallStr>,
    flat: Vec<usize>,
    /// Rows of every row group.
    groups: Vec<usize>,
}

impl<'b> Content<'b> {
    /// The columns that hold one value a row. What the writer noted of its own types is left aside: by the file's types
    /// categories are plain texts.
    ///
    /// Nothing if the file claims what its bytes cannot hold.
    fn of(bytes: &'b [u8]) -> PolarsResult<Option<Self>> {
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let mut metadata = FileMetadata::clone(reader.get_metadata()?);
        metadata.key_value_metadata = None;
        let groups: Vec<usize> = metadata
            .row_groups
            .iter()
            .map(|group| group.num_rows())
            .collect();
        let grouped = groups.iter().copied().fold(0, usize::saturating_add);
        let rows = metadata.num_rows.max(grouped);
        let inflated = metadata
            .row_groups
            .iter()
            .map(|group| group.total_byte_size() as u64)
            .fold(0, u64::saturating_add);
        if rows > FREE_ROWS && rows > bytes.len() || inflated > most_text(bytes) {
            return Ok(None);
        }
        let without_groups = FileMetadata {
            row_groups: Vec::new(),
            num_rows: 0,
            ..metadata.clone()
        };
        reader.set_metadata(Arc::new(metadata.clone()));
        let schema = reader.schema()?;
        let is_kept =
            |(_, (_, field)): &(usize, (&PlSmallStr, &ArrowField))| is_flat(field.dtype());
        let (flat, names) = schema
            .iter()
            .enumerate()
            .filter(is_kept)
            .map(|(at, (name, _))| (at, name.clone()))
            .unzip();
        Ok(Some(Content {
            bytes,
            metadata,
            without_groups,
            names,
            flat,
            groups,
        }))
    }

    /// Bytes of text that it may hold.
    fn most_text(&self) -> u64 {
        most_text(self.bytes)
    }

    /// Rows read at a time, (from, number): whole row groups where they are not too large; one without rows for a table
    /// without any, which is a month without a payment.
    fn pieces(&self) -> Vec<(usize, usize)> {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for rows in &self.groups {
            let to = from + rows;
            while from < to {
                let rows = (to - from).min(LARGEST_PIECE);
                pieces.push((from, rows));
                from += rows;
            }
        }
        if pieces.is_empty() {
            pieces.push((0, 0));
        }
        pieces
    }

    /// So many rows from this one on, of one row group.
    ///
    /// The reader decodes every row group that it is told of up to the last row asked for, so it is told of one.
    fn rows(&self, from: usize, rows: usize) -> PolarsResult<DataFrame> {
        let mut metadata = FileMetadata::clone(&self.without_groups);
        let mut before = 0;
        for group in &self.metadata.row_groups {
            if from < before + group.num_rows() {
                metadata.num_rows = group.num_rows();
                metadata.row_groups.push(group.clone());
                break;
            }
            before += group.num_rows();
        }
        let mut reader = ParquetReader::new(Cursor::new(self.bytes)).set_rechunk(true);
        reader.set_metadata(Arc::new(metadata));
        // Pieces are read side by side; columns of one piece need not be.
        let reader = reader
            .with_projection(Some(self.flat.clone()))
            .read_parallel(ParallelStrategy::None);
        reader
            .with_slice(Some((from.saturating_sub(before), rows)))
            .finish()
    }
}

/// Bytes of text that a file may hold, and inflate to.
fn most_text(bytes: &[u8]) -> u64 {
    let times = (bytes.len() as u64).saturating_mul(MOST_TIMES);
    times.clamp(FREE_TEXT, MOST_TEXT)
}

fn is_flat(kind: &ArrowDataType) -> bool {
    use ArrowDataType::{FixedSizeList, LargeList, List, Map, Struct};
    !matches!(
        kind,
        List(_) | LargeList(_) | FixedSizeList(..) | Struct(_) | Map(..)
    )
}

/// Every column as text, the way the other readers write numbers and dates.
fn texts(frame: DataFrame) -> PolarsResult<Vec<StringChunked>> {
    frame.columns().iter().map(text).collect()
}

/// Moments that are stored by Greenwich, on the clock that China has everywhere: a payment half an hour after midnight is
/// of that day.
fn in_china(column: &Column, unit: TimeUnit) -> PolarsResult<Column> {
    let second = match unit {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    };
    let moments = column.to_physical_repr();
    let moved: Int64Chunked = moments
        .i64()?
        .iter()
        .map(|moment| moment.map(|m| m.saturating_add(8 * 3600 * second)))
        .collect();
    moved
        .with_name(column.name().clone())
        .into_column()
        .cast(&DataType::Datetime(unit, None))
}

fn text(column: &Column) -> PolarsResult<StringChunked> {
    let column = match column.dtype() {
        DataType::Datetime(unit, Some(_)) => in_china(column, *unit)?.cast(&DataType::Date)?,
        DataType::Datetime(..) => column.cast(&DataType::Date)?,
        _ => column.clone(),
    };
    let text = match column.dtype() {
        DataType::String => column.str()?.clone(),
        DataType::Float32 | DataType::Float64 => {
            let numbers = column.cast(&DataType::Float64)?;
            let mut text: StringChunked =
                numbers.f64()?.iter().map(|n| n.map(cell::number)).collect();
            text.rename(column.name().clone());
            text
        }
        // Hive and old Spark write texts without saying that they are. What is no UTF-8 is an error, never a blank.
        DataType::Binary => column.strict_cast(&DataType::String)?.str()?.clone(),
        DataType::Boolean => column
            .bool()?
            .iter()
            .map(|b| b.map(|b| if b { "TRUE" } else { "FALSE" }))
            .collect(),
        _ => column.cast(&DataType::String)?.str()?.clone(),
    };
    Ok(text.rechunk().into_owned())
}

#[cfg(test)]
mod tests {
    use polars::prelude::df;
    use polars_io::parquet::write::ParquetWriter;

    use super::super::handed::Keeper;
    use super::*;
    use crate::domain::SourceKind;
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
        let origin = || Origin {
            source: SourceKind::Register,
            file: "a.parquet".into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: None,
            family: String::new(),
            since_1904: false,
            rows_read: 0,
        };
        let rule = SourceRule::plain(SourceKind::Register);
        let ask = Ask {
            rule: &rule,
            year: 2022,
            seen: None,
        };
        let keeper = Keeper::default();
        let rest = read(ask, origin(), &bytes, Some(&keeper)).ok().unwrap();
        let (handed, copied) = (
            keeper.whole(rest),
            read(ask, origin(), &bytes, None).ok().unwrap(),
        );
        assert!(handed.table.height() > 3_900 && handed.set_aside.total() > 5);
        assert!(handed.table.equals_missing(&copied.table));
        assert_eq!(
            (handed.set_aside, handed.totals),
            (copied.set_aside, copied.totals)
        );
        assert_eq!(handed.origin.rows_read, copied.origin.rows_read);
    }
}
