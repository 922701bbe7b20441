//! Grave facts: what stops a run because the reports would be about something else than the county
//! (docs/readings.md#grave). Each can be accepted for one run, in words that the reports then carry.

use chrono::NaiveDate;

use super::{Code, Field};

closed_list! {
    /// The stable code of a grave fact, as `--accept` takes it.
    pub enum GraveCode {
        /// A file that nobody claims holds a table of persons.
        UnclaimedPersons = "unclaimed-persons",
        /// Payments without an amount in most rows.
        AmountsMissing = "amounts-missing",
        /// A column that decides, which the family's other files have.
        ColumnLost = "column-lost",
        /// A csv that ends within its last row.
        CsvCut = "csv-cut",
        /// Many persons of a sheet have neither number nor name.
        NoIdentity = "no-identity",
        /// Many persons of the register have no place.
        NoPlaces = "no-places",
        /// Most rows of a book are of another region.
        OtherRegion = "other-region",
        /// Most rows of a book are of another year.
        OtherYear = "other-year",
        /// Far fewer rows than the same family's last list.
        Shrunk = "shrunk",
        /// A month without payments between months with them.
        MonthGap = "month-gap",
        /// No registration at all.
        NoRegistrations = "no-registrations",
        /// The as-of date lies outside what the books can say.
        AsOfOdd = "as-of-odd",
        /// A check of values fires on most rows: a column is misunderstood.
        ReadingFloods = "reading-floods",
        /// A column of person numbers that nobody uses.
        WhoseNumber = "whose-number",
        /// Two lists of one source hold mostly the same persons.
        FamilyTwice = "family-twice",
        /// Two rows of declared figures contradict each other about one region.
        TasksConflict = "tasks-conflict",
    }
}

/// A grave fact with its figures. `file`: its name relative to the inputs folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grave {
    /// See `GraveCode::UnclaimedPersons`.
    UnclaimedPersons { file: String, rows: u64 },
    /// See `GraveCode::AmountsMissing`; without a column for amounts `of` is 0.
    AmountsMissing {
        file: String,
        sheet: String,
        rows: u64,
        of: u64,
    },
    /// See `GraveCode::ColumnLost`.
    ColumnLost {
        file: String,
        field: Field,
        other: String,
    },
    /// See `GraveCode::CsvCut`.
    CsvCut { file: String, row: u64 },
    /// See `GraveCode::NoIdentity`.
    NoIdentity {
        file: String,
        sheet: String,
        rows: u64,
        of: u64,
    },
    /// See `GraveCode::NoPlaces`.
    NoPlaces { file: String, rows: u64, of: u64 },
    /// See `GraveCode::OtherRegion`.
    OtherRegion { file: String, rows: u64, of: u64 },
    /// See `GraveCode::OtherYear`.
    OtherYear { file: String, rows: u64, of: u64 },
    /// See `GraveCode::Shrunk`; `other`: what it is held against.
    Shrunk {
        file: String,
        rows: u64,
        before: u64,
        other: String,
    },
    /// See `GraveCode::MonthGap`.
    MonthGap { year: i32, month: u32 },
    /// See `GraveCode::NoRegistrations`.
    NoRegistrations,
    /// See `GraveCode::AsOfOdd`: before the window, where `newest` is none; else long after the newest book.
    AsOfOdd {
        as_of: NaiveDate,
        window: NaiveDate,
        newest: Option<NaiveDate>,
    },
    /// See `GraveCode::ReadingFloods`.
    ReadingFloods {
        file: String,
        code: Code,
        rows: u64,
        of: u64,
    },
    /// See `GraveCode::WhoseNumber`; `column`: its position in the sheet, from 1. Its header may be a name.
    WhoseNumber {
        file: String,
        sheet: String,
        column: u64,
    },
    /// See `GraveCode::FamilyTwice`.
    FamilyTwice {
        file: String,
        other: String,
        persons: u64,
    },
    /// See `GraveCode::TasksConflict`.
    TasksConflict {
        file: String,
        region: String,
        row: u32,
        other: String,
        other_row: u32,
    },
}

impl Grave {
    /// Its stable code.
    pub const fn code(&self) -> GraveCode {
        match self {
            Grave::UnclaimedPersons { .. } => GraveCode::UnclaimedPersons,
            Grave::AmountsMissing { .. } => GraveCode::AmountsMissing,
            Grave::ColumnLost { .. } => GraveCode::ColumnLost,
            Grave::CsvCut { .. } => GraveCode::CsvCut,
            Grave::NoIdentity { .. } => GraveCode::NoIdentity,
            Grave::NoPlaces { .. } => GraveCode::NoPlaces,
            Grave::OtherRegion { .. } => GraveCode::OtherRegion,
            Grave::OtherYear { .. } => GraveCode::OtherYear,
            Grave::Shrunk { .. } => GraveCode::Shrunk,
            Grave::MonthGap { .. } => GraveCode::MonthGap,
            Grave::NoRegistrations => GraveCode::NoRegistrations,
            Grave::AsOfOdd { .. } => GraveCode::AsOfOdd,
            Grave::ReadingFloods { .. } => GraveCode::ReadingFloods,
            Grave::WhoseNumber { .. } => GraveCode::WhoseNumber,
            Grave::FamilyTwice { .. } => GraveCode::FamilyTwice,
            Grave::TasksConflict { .. } => GraveCode::TasksConflict,
        }
    }

    /// The file that it is about, if it is about one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Grave::UnclaimedPersons { file, .. }
            | Grave::AmountsMissing { file, .. }
            | Grave::ColumnLost { file, .. }
            | Grave::CsvCut { file, .. }
            | Grave::NoIdentity { file, .. }
            | Grave::NoPlaces { file, .. }
            | Grave::OtherRegion { file, .. }
            | Grave::OtherYear { file, .. }
            | Grave::Shrunk { file, .. }
            | Grave::ReadingFloods { file, .. }
            | Grave::WhoseNumber { file, .. }
            | Grave::FamilyTwice { file, .. }
            | Grave::TasksConflict { file, .. } => Some(file),
            Grave::MonthGap { .. } | Grave::NoRegistrations | Grave::AsOfOdd { .. } => None,
        }
    }
}

/// Leave to run in spite of a grave fact: of one file, or of all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepted {
    /// Which fact.
    pub code: GraveCode,
    /// Of which file; `None` = wherever it comes.
    pub file: Option<String>,
}

impl Accepted {
    /// Whether it gives leave to this fact.
    pub fn covers(&self, grave: &Grave) -> bool {
        let same_file = |file: &String| grave.file() == Some(file);
        self.code == grave.code() && self.file.as_ref().is_none_or(same_file)
    }
}
