//! Columns of a book, cell by cell: what a builder reads.

use chrono::NaiveDate;
use polars::prelude::*;

use crate::domain::columns as c;
use crate::domain::period::epoch_day;

/// A date as an expression.
pub fn day(date: NaiveDate) -> Expr {
    lit(epoch_day(date)).cast(DataType::Date)
}

/// The values of a column that stands in one piece.
pub type Values<'f, T> = &'f <T as PolarsDataType>::Array;

/// Days since 1970 of a column of dates.
pub fn days<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, Int32Type>> {
    Ok(frame.column(name)?.date()?.physical().downcast_as_array())
}

/// A column of text.
pub fn texts<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, StringType>> {
    Ok(frame.column(name)?.str()?.downcast_as_array())
}

/// A column of money.
pub fn money<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, Int64Type>> {
    Ok(frame.column(name)?.i64()?.downcast_as_array())
}

/// A column of positions in a closed list.
pub fn indexes<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, UInt8Type>> {
    Ok(frame.column(name)?.u8()?.downcast_as_array())
}

/// A column of doubts.
pub fn doubts<'f>(frame: &'f DataFrame) -> PolarsResult<Values<'f, UInt16Type>> {
    Ok(frame.column(c::DOUBTS)?.u16()?.downcast_as_array())
}

/// A column of row or sheet numbers, or of positions.
pub fn numbers<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, UInt32Type>> {
    Ok(frame.column(name)?.u32()?.downcast_as_array())
}

/// A column of flags.
pub fn flags<'f>(frame: &'f DataFrame, name: &str) -> PolarsResult<Values<'f, BooleanType>> {
    Ok(frame.column(name)?.bool()?.downcast_as_array())
}

/// What a column of persons says at a position; nothing of somebody whom the index knows from other books only.
pub fn of_person<T: PolarsDataType>(
    column: &ChunkedArray<T>,
    at: usize,
) -> Option<T::Physical<'_>> {
    if at < column.len() {
        column.get(at)
    } else {
        None
    }
}
