//! Warnings: what looks wrong, with its figures, by family. Closed lists without language.

use std::fmt;

use chrono::NaiveDate;

use crate::domain::{Code, Field, SourceKind};

/// A sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// Its book.
    pub source: SourceKind,
    /// File name relative to the inputs folder.
    pub file: String,
    /// Sheet name; empty for csv.
    pub sheet: String,
}

/// What a number of rows is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yardstick {
    /// Σ population of the tasks table.
    Population,
    /// Σ task of the tasks table.
    Task,
    /// Σ last year's enrolment of the tasks table.
    LastYear,
    /// Rows of another book.
    Book(SourceKind),
}

/// What looks wrong, by family. `words` has the sentence and the advice for each member.
#[derive(Clone, PartialEq, Eq)]
pub enum Warning {
    /// How much there is.
    Size(OddSize),
    /// Of which days it is.
    Time(OddTime),
    /// What stands there twice.
    Sameness(OddSameness),
    /// What stands in the cells.
    Cells(OddCells),
}

/// How much there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddSize {
    /// A declared source without a file.
    Absent { source: SourceKind },
    /// A sheet with a header and no data.
    NoRows { at: At },
    /// A sheet of a workbook in which nothing is data, though it has rows.
    SheetSetAside { at: At, rows: u64 },
    /// A table beside the sheet's own, set aside, that names fields which the sheet lacks.
    FieldsBeside {
        at: At,
        headers: Vec<String>,
        fields: Vec<Field>,
    },
    /// Far fewer rows than expected.
    FewRows {
        source: SourceKind,
        rows: u64,
        expected: u64,
        by: Yardstick,
    },
    /// A sender's list far smaller than the one before it.
    Shrunk {
        source: SourceKind,
        file: String,
        rows: u64,
        before: u64,
        batch: String,
    },
    /// A sender that sent nothing since others did: its last list counts, `days` older than theirs.
    NotSentAgain {
        source: SourceKind,
        file: String,
        batch: String,
        days: u64,
    },
    /// An archive that nobody looks into, with so many files, where they can be counted.
    Archive { file: String, files: Option<u64> },
    /// A pipe, a socket or a device among the files.
    NoFile { file: String },
    /// A sheet that ends where a spreadsheet, or an export, cuts it off.
    CutOff { at: At, rows: u64 },
}

/// Of which days it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddTime {
    /// The newest payment day lies long before the day it should reach.
    Stale { newest: NaiveDate, until: NaiveDate },
    /// No payment of a sheet lies in the window.
    OutsideWindow {
        at: At,
        first: NaiveDate,
        last: NaiveDate,
    },
    /// No row of a sheet is of the coverage year.
    OtherYear { at: At, rows: u64 },
    /// Files named by a later day than the one the reports would speak of.
    NamedLater {
        files: Vec<String>,
        as_of: NaiveDate,
    },
}

/// What stands there twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddSameness {
    /// A row of a tasks table about a region that another row of it speaks of too: their figures are added.
    RowsAdded { at: At, row: u32 },
    /// The same bytes twice.
    SameFile { file: String, other: String },
    /// The same rows twice, in whatever order and form.
    SameRows { at: At, other: At, rows: u64 },
}

/// What stands in the cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddCells {
    /// Many blank cells in a column that should have none.
    BlankCells {
        at: At,
        field: Field,
        blank: u64,
        of: u64,
    },
    /// Most regions of a sheet are none of this scheme's.
    Foreign { at: At, foreign: u64, of: u64 },
    /// Many unusable numbers of one kind: usually one cause for all.
    BadNumbers {
        at: At,
        code: Code,
        rows: u64,
        of: u64,
    },
    /// Words that the vocabulary does not know: those that may be shown, and how many others in how many rows.
    UnknownWords {
        source: SourceKind,
        words: Vec<(String, u64)>,
        others: u64,
        rows_of_others: u64,
    },
}

impl fmt::Debug for Warning {
    /// As the member alone: it says enough.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Size(one) => one.fmt(f),
            Warning::Time(one) => one.fmt(f),
            Warning::Sameness(one) => one.fmt(f),
            Warning::Cells(one) => one.fmt(f),
        }
    }
}
