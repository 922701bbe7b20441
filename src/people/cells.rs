//! Cells of the columns of persons, by kind: filled some persons at a time.

use polars::prelude::*;

use super::places::Place as At;

/// Values that everybody has.
pub(super) struct Whole<T: PolarsNumericType> {
    name: &'static str,
    values: Vec<T::Native>,
}

impl<T: PolarsNumericType> Whole<T> {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        let values = Vec::with_capacity(rows);
        Whole { name, values }
    }

    pub(super) fn put(&mut self, values: impl Iterator<Item = T::Native>) {
        self.values.extend(values);
    }

    pub(super) fn column(self) -> Column
    where
        ChunkedArray<T>: IntoColumn,
    {
        ChunkedArray::<T>::from_vec(self.name.into(), self.values).into_column()
    }
}

/// The value that stands where nothing is stated, until the column is made: no position, no day.
pub(super) trait Absent: Sized {
    const ABSENT: Self;
}

impl Absent for u16 {
    const ABSENT: u16 = u16::MAX;
}

impl Absent for u32 {
    const ABSENT: u32 = u32::MAX;
}

impl Absent for i32 {
    const ABSENT: i32 = i32::MAX;
}

/// Values that not everybody has.
pub(super) struct Part<T: PolarsNumericType> {
    name: &'static str,
    values: Vec<T::Native>,
}

impl<T: PolarsNumericType<Native: Absent>> Part<T> {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        let values = Vec::with_capacity(rows);
        Part { name, values }
    }

    pub(super) fn put(&mut self, values: impl Iterator<Item = Option<T::Native>>) {
        let cells = values.map(|value| value.unwrap_or(T::Native::ABSENT));
        self.values.extend(cells);
    }

    fn cells(self) -> ChunkedArray<T> {
        let cells = ChunkedArray::<T>::from_vec(self.name.into(), self.values);
        let stated = cells.not_equal(T::Native::ABSENT);
        let stated = stated.downcast_as_array().values().clone();
        let array = cells.downcast_as_array().clone();
        ChunkedArray::with_chunk(self.name.into(), array.with_validity(Some(stated)))
    }

    pub(super) fn column(self) -> Column
    where
        ChunkedArray<T>: IntoColumn,
    {
        self.cells().into_column()
    }
}

/// See `ColumnKind::Key`.
pub(super) type Key = Whole<UInt64Type>;
/// See `ColumnKind::Count`.
pub(super) type Count = Whole<UInt32Type>;
/// See `ColumnKind::Money`.
pub(super) type Money = Whole<Int64Type>;
/// See `ColumnKind::Row`.
pub(super) type Row = Part<UInt32Type>;
/// See `ColumnKind::Category`.
pub(super) type Category = Part<UInt16Type>;

/// See `ColumnKind::Set`.
pub(super) type Set = Whole<UInt16Type>;

/// See `ColumnKind::Flag`.
pub(super) struct Flag {
    name: &'static str,
    values: Vec<u8>,
}

impl Flag {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        let values = Vec::with_capacity(rows);
        Flag { name, values }
    }

    pub(super) fn put(&mut self, values: impl Iterator<Item = bool>) {
        self.values.extend(values.map(u8::from));
    }

    pub(super) fn column(self) -> Column {
        let values = UInt8Chunked::from_vec(self.name.into(), self.values);
        values.not_equal(0).into_column()
    }
}

/// See `ColumnKind::Day`.
pub(super) struct Day(Part<Int32Type>);

impl Day {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        Day(Part::of(name, rows))
    }

    pub(super) fn put(&mut self, values: impl Iterator<Item = Option<i32>>) {
        self.0.put(values);
    }

    pub(super) fn column(self) -> Column {
        self.0.cells().into_date().into_column()
    }
}

/// See `ColumnKind::Place`.
pub(super) struct Place(Part<UInt32Type>);

impl Place {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        Place(Part::of(name, rows))
    }

    pub(super) fn put(&mut self, values: impl Iterator<Item = Option<At>>) {
        self.0.put(values.map(|place| place.map(At::number)));
    }

    pub(super) fn column(self) -> Column {
        self.0.column()
    }
}
