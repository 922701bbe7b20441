//! What reading gives: sheets as text, every row of which knows where it comes from.

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
    /// `UTF-8`, `UTF-8 BOM`, `UTF-16LE`, `UTF-16BE`, `GB18030`, `Big5`, `xlsx`, `xlsb`, `xls`, `ods`, `html GB18030` (a web page and
    /// its encoding), `xml 2003`, `parquet`.
    pub encoding: String,
    /// Batch found in the file name: the day or month that it says, or what the pipeline's expression finds.
    pub batch: Option<String>,
    /// The name a sender gives its list: the file's, without its batch, and without marks of copies and versions.
    pub family: String,
    /// Days that lost their format are counted from 1904, as old programs on the Mac do, not from 1900.
    pub since_1904: bool,
    /// Rows met while reading, set aside or not; counted before anything is decided. A household's row counts once for
    /// every person in it, and once if nobody is.
    pub rows_read: u64,
}

/// A column as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceColumn {
    /// Header as written (levels joined by `/`).
    pub header: String,
    /// Field it holds; `None` = unused.
    pub field: Option<Field>,
    /// What says so; `None` = unused.
    pub sure: Option<Sure>,
}

/// How sure it is that a column holds its field, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// The pipeline's `columns` says so.
    Declared,
    /// The header is a word of the trade for it.
    Word,
    /// The header and the merged cells above it say so together.
    Joined,
    /// The header may say so: a lesser word, taken because no better one is there (户主身份证号 for the household).
    Lesser,
}

/// What a sheet holds beside its table or out of sight. Reported; what was set aside is counted in its fates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The sheet itself is hidden.
    pub hidden_sheet: bool,
    /// Hidden rows that hold anything below the header.
    pub hidden_rows: u64,
    /// Headers of hidden columns.
    pub hidden_columns: Vec<String>,
    /// Other tables on the sheet: beside the table or below it.
    pub tables: Vec<SideTable>,
    /// A text whose last row ends in the middle: the export, or a copy of it, broke off.
    pub cut_row: Option<u32>,
}

/// A table on a sheet that is not the sheet's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideTable {
    /// Row of its header, from 1.
    pub row: u32,
    /// Its first column, from 0.
    pub column: usize,
    /// Its headers.
    pub headers: Vec<String>,
    /// Beside the sheet's own table: what its headers would mean if they were the table's.
    pub fields: Vec<Field>,
}

/// A total row: kept for footing, counted in nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalRow {
    /// Row number from 1.
    pub row: u32,
    /// Cells of the matched columns.
    pub cells: Vec<(Field, String)>,
}

/// A row of a text with more cells than its header: a comma within a cell, perhaps. Which cell is which is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongRow {
    /// Row number from 1.
    pub row: u32,
    /// Cells of the header.
    pub expected: u32,
    /// Cells of the row.
    pub found: u32,
    /// What looks like the number of a citizen among its cells, wherever it stands: of these persons not everything is known.
    pub numbers: Vec<String>,
}

/// A line of a sheet that is no record and says something of the rows below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLine {
    /// Row number from 1; 0 for a title.
    pub row: u32,
    /// What its label names, where it has one.
    pub field: Option<Field>,
    /// What is said; blank where a label has nothing behind it.
    pub text: String,
}

/// A column in which cells are merged down over data rows (docs/readings.md#merged).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedColumn {
    /// What it holds.
    pub field: Field,
    /// Rows, ascending spans (first, last), whose blank cell was filled with the text of the merged cell over it.
    pub filled: Vec<(u32, u32)>,
    /// Rows under one merged amount, the one that holds it included: whose how much of it is, is not known.
    pub undivided: Vec<(u32, u32)>,
}

/// One sheet as text.
#[derive(Clone, Debug)]
pub struct SourceSheet {
    /// Where it comes from.
    pub origin: Origin,
    /// Row number of the header (of its last level), from 1; 0 where no row is one (parquet; a sheet of notes).
    pub header_row: u32,
    /// Every column of the header, in its place: columns of tables beside it are blank. What further headers of the form
    /// name below it stands behind them.
    pub columns: Vec<SourceColumn>,
    /// Data rows: one `String` column per matched field, named by `Field::code()`, cells as written but trimmed, numbers
    /// and names with the blanks around them
    /// (null when blank; a number cell beyond 15 digits in scientific notation; a date cell as `YYYY-MM-DD`);
    /// `columns::ROW` (u32) and `columns::DIGEST` (u64). With `unpivot` every person of a household's row is a row here,
    /// under the number of the household's row and with its shared columns.
    pub table: DataFrame,
    /// Rows set aside here: blank, heading, note, total, hidden, too long.
    pub set_aside: FateCounts,
    /// Total rows.
    pub totals: Vec<TotalRow>,
    /// Rows of a text with more cells than their header.
    pub too_long: Vec<LongRow>,
    /// Columns, from 1, that no field is read from and that hold numbers of persons in most records; none where the pipeline
    /// says which number a record is about.
    pub unused_numbers: Vec<u64>,
    /// What else is on the sheet.
    pub beside: Surroundings,
    /// Columns in which cells are merged down.
    pub merged: Vec<MergedColumn>,
    /// Titles above the header (row 0), and what lines between records say of the rows below them.
    pub said: Vec<SheetLine>,
}

impl SourceSheet {
    /// Rows counted while reading are data or set aside, every one. A difference is our bug.
    pub fn assert_balanced(&self) {
        let SourceSheet {
            origin,
            table,
            set_aside,
            ..
        } = self;
        let accounted = table.height() as u64 + set_aside.total();
        assert_eq!(
            origin.rows_read, accounted,
            "rows lost or born in {} {}",
            origin.file, origin.sheet
        );
    }
}
