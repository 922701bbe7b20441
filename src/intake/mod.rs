//! Intake: file → text table with origin; the header found by content; every row kept.
//!
//! In:  the scheme's source rules and the folder of inputs.
//! Out: `Sheet`s: per sheet a frame of text columns named by field, with row number and digest, and the count of rows set aside.
//! Never: interprets a value, decides between two rows, or drops one.

use polars::prelude::DataFrame;

use crate::domain::{FateCounts, Field, SourceKind};

/// Where rows come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Which book.
    pub source: SourceKind,
    /// File name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// Sheet name; empty for csv.
    pub sheet: String,
    /// SHA-256 (hex) of the file's bytes.
    pub sha256: String,
    /// `UTF-8`, `UTF-8 BOM`, `GB18030`, `xlsx`, `parquet`.
    pub encoding: String,
    /// Batch found in the file name.
    pub batch: Option<String>,
    /// Rows met while reading, set aside or not; counted before anything is decided.
    pub rows_read: u64,
}

/// A column as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Header as written (levels joined by `/`).
    pub header: String,
    /// Field it holds; `None` = unused.
    pub field: Option<Field>,
}

/// A total row: kept for footing, counted in nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalRow {
    /// Row number from 1.
    pub row: u32,
    /// Cells of the matched columns.
    pub cells: Vec<(Field, String)>,
}

/// One sheet as text.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Where it comes from.
    pub origin: Origin,
    /// Row number of the header, from 1.
    pub header_row: u32,
    /// Every column of the header.
    pub columns: Vec<Column>,
    /// Data rows: one `String` column per matched field, named by `Field::code()`, cells as written but trimmed
    /// (null when blank; a number cell beyond 15 digits in scientific notation; a date cell as `YYYY-MM-DD`);
    /// `columns::ROW` (u32) and `columns::DIGEST` (u64).
    pub table: DataFrame,
    /// Rows set aside here: blank, heading, note, total, hidden.
    pub set_aside: FateCounts,
    /// Total rows.
    pub totals: Vec<TotalRow>,
}
