//! A parquet file as polars reads it: what it says of itself, and its rows as text.

use std::io::Cursor;
use std::sync::Arc;

use polars::prelude::{
    ArrowDataType, ArrowField, Column, DataFrame, DataType, Int64Chunked, IntoColumn, PlSmallStr,
    PolarsResult, StringChunked, TimeUnit,
};
use polars_io::SerReader;
use polars_io::parquet::metadata::FileMetadata;
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};

use super::pages::Chunk;
use super::slices::{NoRoom, Piece, Room};
use crate::intake::cell;

/// Bytes of text that a file may hold, and inflate to: twice what a province's persons take.
const MOST_TEXT: u64 = 24 << 30;

/// Text that a small file may hold, whatever its size, and how many times its own size beyond: what says the same in every row
/// takes next to no room, yet no book says the same in every cell.
const FREE_TEXT: u64 = 256 << 20;
const MOST_TIMES: u64 = 200;

/// Text that may wait for its turn however little memory there is for it, in times the size of the file: what a book is
/// expected to take, three times over.
const TIMES_EXPECTED: u64 = 30;

/// Rows that may take no room at all, as one value throughout does. Beyond, a record of a person takes more than a byte:
/// a few hundred bytes that claim hundreds of millions of rows are no export.
const FREE_ROWS: usize = 1_000_000;

/// What a file says of itself.
pub(super) struct Content<'b> {
    bytes: &'b [u8],
    metadata: FileMetadata,
    without_groups: FileMetadata,
    /// Names of the columns that hold one value a row, and their positions.
    pub(super) names: Vec<PlSmallStr>,
    flat: Vec<usize>,
}

impl<'b> Content<'b> {
    /// The columns that hold one value a row. What the writer noted of its own types is left aside: by the file's types
    /// categories are plain texts.
    ///
    /// Nothing if the file claims what its bytes cannot hold.
    pub(super) fn of(bytes: &'b [u8]) -> PolarsResult<Option<Self>> {
        let mut reader = ParquetReader::new(Cursor::new(bytes));
        let mut metadata = FileMetadata::clone(reader.get_metadata()?);
        metadata.key_value_metadata = None;
        let groups = metadata.row_groups.iter().map(|group| group.num_rows());
        let grouped = groups.fold(0, usize::saturating_add);
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
        }))
    }

    /// Bytes of text that it may hold.
    pub(super) fn most_text(&self) -> u64 {
        most_text(self.bytes)
    }

    /// Bytes of text that it may hold where there is room for so many.
    pub(super) fn most_kept(&self, room: u64) -> u64 {
        (self.bytes.len() as u64)
            .saturating_mul(TIMES_EXPECTED)
            .max(room)
    }

    /// Rows read at a time, in order: one piece without rows for a table without any, which is a month without a payment.
    pub(super) fn pieces(&self, room: Room) -> Result<Vec<Piece>, NoRoom> {
        let (mut pieces, mut from) = (Vec::new(), 0);
        for group in &self.metadata.row_groups {
            let columns = self
                .names
                .iter()
                .filter_map(|name| group.columns_under_root_iter(name));
            let chunks: Vec<Chunk> = columns
                .flatten()
                .map(|column| {
                    let range = column.byte_range();
                    let bytes = self.bytes.get(range.start as usize..range.end as usize);
                    let values = u64::try_from(column.num_values()).unwrap_or(0);
                    let stated = u64::try_from(column.uncompressed_size()).unwrap_or(0);
                    Chunk::of(bytes.unwrap_or_default(), values, stated)
                })
                .collect();
            pieces.append(&mut room.pieces(from, group.num_rows(), &chunks)?);
            from += group.num_rows();
        }
        if pieces.is_empty() {
            pieces.push(Piece::default());
        }
        Ok(pieces)
    }

    /// So many rows from this one on, of one row group.
    ///
    /// The reader decodes every row group that it is told of up to the last row asked for, so it is told of one.
    pub(super) fn rows(&self, from: usize, rows: usize) -> PolarsResult<DataFrame> {
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
pub(super) fn most_text(bytes: &[u8]) -> u64 {
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
pub(super) fn texts(frame: DataFrame) -> PolarsResult<Vec<StringChunked>> {
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
