//! Cells of the columns of persons, by kind: filled one person after the other.

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

    pub(super) fn put(&mut self, value: T::Native) {
        self.values.push(value);
    }

    pub(super) fn column(self) -> Column
    where
        ChunkedArray<T>: IntoColumn,
    {
        ChunkedArray::<T>::from_vec(self.name.into(), self.values).into_column()
    }
}

/// Values that not everybody has.
pub(super) struct Part<T: PolarsNumericType>(PrimitiveChunkedBuilder<T>);

impl<T: PolarsNumericType> Part<T> {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        Part(PrimitiveChunkedBuilder::new(name.into(), rows))
    }

    pub(super) fn put(&mut self, value: Option<T::Native>) {
        self.0.append_option(value);
    }

    fn cells(self) -> ChunkedArray<T> {
        self.0.finish()
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

/// See `ColumnKind::Flag`.
pub(super) struct Flag(BooleanChunkedBuilder);

impl Flag {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        Flag(BooleanChunkedBuilder::new(name.into(), rows))
    }

    pub(super) fn put(&mut self, value: bool) {
        self.0.append_value(value);
    }

    pub(super) fn column(self) -> Column {
        self.0.finish().into_column()
    }
}

/// See `ColumnKind::Day`.
pub(super) struct Day(Part<Int32Type>);

impl Day {
    pub(super) fn of(name: &'static str, rows: usize) -> Self {
        Day(Part::of(name, rows))
    }

    pub(super) fn put(&mut self, value: Option<i32>) {
        self.0.put(value);
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

    pub(super) fn put(&mut self, value: Option<At>) {
        self.0.put(value.map(At::number));
    }

    pub(super) fn column(self) -> Column {
        self.0.column()
    }
}
