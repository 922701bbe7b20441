//! From values a row to columns of a frame.

use std::borrow::Cow;

use polars::prelude::*;

use super::dates::DayCell;
use crate::domain::{Doubt, Doubts, columns as c};

/// Text, borrowed or not, nulls allowed.
pub(crate) fn text<'t>(
    name: &str,
    cells: impl ExactSizeIterator<Item = Option<&'t str>>,
) -> Column {
    let mut builder = StringChunkedBuilder::new(name.into(), cells.len());
    for cell in cells {
        builder.append_option(cell);
    }
    builder.finish().into_column()
}

/// Text that few rows have.
pub(crate) fn rare_text<'t>(
    name: &str,
    cells: impl ExactSizeIterator<Item = Option<&'t str>> + Clone,
) -> Column {
    if cells.clone().all(|cell| cell.is_none()) {
        return StringChunked::full_null(name.into(), cells.len()).into_column();
    }
    text(name, cells)
}

/// Text of the rows that have it, which ascend.
pub(crate) fn sparse_text(name: &str, cells: &[(usize, Cow<'_, str>)], rows: usize) -> Column {
    if cells.is_empty() {
        return StringChunked::full_null(name.into(), rows).into_column();
    }
    let mut cells = cells.iter().peekable();
    text(
        name,
        (0..rows).map(|at| {
            cells
                .next_if(|(row, _)| *row == at)
                .map(|(_, cell)| &**cell)
        }),
    )
}

/// Days since 1970; unreadable and blank are null.
pub(crate) fn days(name: &str, cells: &[DayCell]) -> Column {
    let days: Int32Chunked = cells.iter().map(|day| day.known()).collect();
    days.with_name(name.into()).into_date().into_column()
}

/// Whole numbers.
pub(crate) fn amounts(name: &str, cells: Vec<i64>) -> Column {
    Int64Chunked::from_vec(name.into(), cells).into_column()
}

/// Positions in a closed list.
pub(crate) fn indexes(name: &str, cells: Vec<u8>) -> Column {
    UInt8Chunked::from_vec(name.into(), cells).into_column()
}

/// Positions in a closed list that few rows have.
pub(crate) fn rare_indexes(
    name: &str,
    cells: impl ExactSizeIterator<Item = Option<u8>> + Clone,
) -> Column {
    if cells.clone().all(|cell| cell.is_none()) {
        return UInt8Chunked::full_null(name.into(), cells.len()).into_column();
    }
    let indexes: UInt8Chunked = cells.collect();
    indexes.with_name(name.into()).into_column()
}

/// Yes or no.
pub(crate) fn flags(name: &str, cells: impl Iterator<Item = bool>) -> Column {
    let flags: BooleanChunked = cells.collect();
    flags.with_name(name.into()).into_column()
}

/// Adds a doubt to DOUBTS of the rows that it holds of.
pub(crate) fn with_doubt(rows: &mut DataFrame, doubt: Doubt, holds: &[bool]) -> PolarsResult<()> {
    if !holds.contains(&true) {
        return Ok(());
    }
    let doubts = rows.column(c::DOUBTS)?.u16()?;
    let sets: UInt16Chunked = doubts
        .iter()
        .zip(holds)
        .map(|(set, holds)| match holds {
            true => {
                let set = Doubts::of_bits(set.unwrap_or(Doubts::NONE.bits()));
                Some(set.and(Doubts::one(doubt)).bits())
            }
            false => set,
        })
        .collect();
    rows.with_column(sets.with_name(c::DOUBTS.into()).into_column())?;
    Ok(())
}
