//! Complaints and faults: what was declared wrongly, and what the world did. Closed lists without language.

use std::fmt;
use std::path::PathBuf;

use super::RegionLevel;
use super::grave::Grave;

/// Where in a declaration something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// File as typed.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The lines around a mistake with carets under it, ready to print in a fixed-width font.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt(pub String);

/// Something typed or declared is wrong: exit 2, all at once, nothing written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Where; `None` for the command line.
    pub place: Option<Spot>,
    /// The text with carets.
    pub excerpt: Excerpt,
    /// What is wrong.
    pub refusal: Refusal,
}

/// What is wrong with a declaration, by family. `words` has the sentence and the advice for each member.
#[derive(Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Mistakes in one setting of the pipeline file.
    Setting(WrongSetting),
    /// Mistakes that only two settings, or the scheme as a whole, show.
    Rules(WrongRules),
    /// What there is to read: the pipeline, its regions, the files.
    Inputs(WrongInputs),
    /// Sheets, headers and columns of a file.
    Header(WrongHeader),
    /// What a file holds: letters, cells, sizes.
    Content(WrongContent),
    /// The earlier run that `--since` names.
    Earlier(WrongEarlier),
    /// A newest batch of rosters that is not believed.
    Rosters(WrongRosters),
    /// The reports would be about something else than the county.
    Grave(Grave),
    /// A command line that cannot be understood; its excerpt is how the command is written.
    CommandLine(Slip),
}

/// Mistakes in one setting of the pipeline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongSetting {
    /// Not TOML, or a value of the wrong type. `reason`: the parser's own words, in English.
    Syntax {
        slip: super::TomlSlip,
        reason: String,
    },
    /// A key that no setting has. `near` is the closest known key.
    UnknownKey { key: String, near: Option<String> },
    /// A setting that must be there is not.
    MissingKey { table: String, key: String },
    /// A word outside a closed list.
    UnknownWord {
        key: String,
        word: String,
        known: Vec<String>,
    },
    /// An empty text or list where something is needed.
    Empty { key: String },
    /// A date that no calendar has.
    BadDate { key: String, text: String },
    /// A period that ends before it begins.
    Backwards { key: String },
    /// A share outside 0–100 %, or not a share at all.
    BadShare { key: String, text: String },
    /// An amount that is negative, too fine (below a fen), or larger than the premium.
    BadAmount { key: String, text: String },
    /// A `files` pattern or `batch` expression that cannot be read.
    BadPattern { key: String, text: String },
}

/// Mistakes that only two settings, or the scheme as a whole, show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongRules {
    /// What a category pays and its grant do not add up to the premium.
    SumMismatch {
        category: String,
        pays_fen: i64,
        grant_fen: i64,
        premium_fen: i64,
    },
    /// The same word declared twice.
    Repeated { key: String, word: String },
    /// Not exactly one primary rate.
    PrimaryCount { found: usize },
    /// Only payment insures, and the primary rate of an assessed scheme counts registrations.
    CountsBesidePayment,
    /// A rule names a category that no `[[subsidy]]` or `[[group]]` declares.
    UnknownCategory { key: String, word: String },
    /// Two rules exclude each other.
    Contradiction { first: String, second: String },
}

/// What there is to read: the pipeline, its regions, the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongInputs {
    /// The pipeline file is not there or cannot be read.
    PipelineUnreadable { path: PathBuf, reason: String },
    /// The region table is missing, or has a row that makes no sense.
    RegionTable {
        path: PathBuf,
        line: usize,
        wrong: super::WrongRegion,
    },
    /// The scheme's region is not in its table.
    RegionNotInTable { code: String },
    /// Workbooks are asked of a region that the scheme does not have. `near`: codes and names of some that it has.
    RegionNotHere {
        code: String,
        scheme: String,
        near: Vec<String>,
    },
    /// Required source without a single matching file.
    NoMatchingFile {
        source: super::SourceKind,
        patterns: Vec<String>,
        folder: PathBuf,
    },
    /// The folder of inputs is not there.
    NoInputs { folder: PathBuf },
    /// A file is named where the folder of inputs should be.
    InputsAreAFile { file: PathBuf },
    /// One file matches two sources.
    FileClaimedTwice {
        file: String,
        first: super::SourceKind,
        second: super::SourceKind,
    },
}

/// Sheets, headers and columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongHeader {
    /// A sheet without a header row that holds the fields its source needs.
    NoHeader {
        file: String,
        sheet: String,
        missing: Vec<super::Field>,
    },
    /// A required column is not there though a header was found.
    UnknownColumn {
        file: String,
        sheet: String,
        row: u32,
        field: super::Field,
        headers: Vec<String>,
    },
    /// `columns` names a header that the sheet does not have.
    DeclaredColumnMissing {
        file: String,
        sheet: String,
        field: super::Field,
        header: String,
        headers: Vec<String>,
    },
    /// Two columns claim one field and their values differ, first in this row.
    ColumnAmbiguous {
        file: String,
        sheet: String,
        row: u32,
        field: super::Field,
        headers: Vec<String>,
    },
    /// Several people stand in one row, and the pipeline does not say so.
    PeopleBeside {
        file: String,
        sheet: String,
        row: u32,
        headers: Vec<String>,
    },
    /// No sheet of a workbook has a name that the source asks for.
    NoMatchingSheet {
        file: String,
        patterns: Vec<String>,
        sheets: Vec<String>,
    },
}

/// What a file holds: letters, cells, sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongContent {
    /// A sheet or file without any row.
    EmptySheet { file: String, sheet: String },
    /// Bytes that no accepted encoding explains.
    Undecodable { file: String, row: u32 },
    /// Texts of a parquet file that are no UTF-8.
    UndecodableTexts { file: String },
    /// A quote that never closes.
    UnclosedQuote { file: String, row: u32 },
    /// A row with the header of another file behind it: two files were joined without a line end between them.
    Glued { file: String, row: u32 },
    /// The content is of another kind than canbao reads.
    WrongKind { file: String, found: String },
    /// The workbook asks for a password.
    Password { file: String },
    /// A part of a zipped workbook inflates to more than canbao takes in.
    Inflates {
        file: String,
        part: String,
        limit_mib: u64,
    },
    /// Rows of a file, or all its text, that take more than memory has room for.
    BeyondMemory { file: String, allowed_mib: u64 },
    /// More merged cells than a sheet has room for.
    TooManyMerges {
        file: String,
        sheet: String,
        limit: u64,
    },
    /// An archive of more parts than any workbook has.
    TooManyParts { file: String, limit: u64 },
    /// A cell with more letters than any spreadsheet takes in one.
    LongCell { file: String, row: u32, limit: u64 },
    /// Cells so far apart that the blank ones between them are too many.
    Scattered { file: String, sheet: String },
    /// A row of text with more columns than any spreadsheet has.
    TooManyColumns { file: String, row: u32, limit: u64 },
    /// More cells than a file that must be read whole may have.
    TooManyCells {
        file: String,
        sheet: String,
        limit: u64,
    },
    /// More sheets than any workbook has.
    TooManySheets { file: String, limit: u64 },
    /// More text than a file that must be read whole may hold, repeats included.
    TooMuchText {
        file: String,
        sheet: String,
        limit: u64,
    },
    /// More bytes than a file that must be read whole may have.
    TooLarge { file: String, limit: u64 },
}

/// The earlier run that `--since` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongEarlier {
    /// The folder of an earlier run lacks a file.
    EarlierMissing { file: PathBuf },
    /// A file of an earlier run that does not say what it must. `line` 0: the file as a whole.
    EarlierBroken {
        file: PathBuf,
        line: u64,
        what: String,
    },
    /// The earlier run has no assessment of the level.
    EarlierNotAssessed { file: PathBuf, level: RegionLevel },
    /// A file of an earlier run lacks a place of the region table.
    EarlierLacks {
        file: PathBuf,
        code: String,
        name: String,
    },
    /// The earlier run is of another pipeline.
    EarlierOfAnother {
        folder: PathBuf,
        found: String,
        wanted: String,
    },
    /// The earlier run is not of an earlier day.
    EarlierIsNot {
        folder: PathBuf,
        found: chrono::NaiveDate,
        as_of: chrono::NaiveDate,
    },
    /// A comparison is asked for that the pipeline has no table for.
    NothingToCompare { pipeline: PathBuf },
}

/// A newest batch of rosters that is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongRosters {
    /// The newest batch of a roster has fewer persons than the allowed share of the batch before.
    RosterShrunk {
        files: Vec<String>,
        before_files: Vec<String>,
        now: u64,
        before: u64,
        limit: String,
    },
    /// Too many rows of the newest batch of rosters have no number.
    RosterBlank {
        files: Vec<String>,
        blank: u64,
        rows: u64,
        limit: String,
    },
}

/// What is wrong with a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slip {
    /// No command was named.
    NoCommand { known: Vec<String> },
    /// A command that there is not. `near` is the closest known one.
    UnknownCommand {
        typed: String,
        near: Option<String>,
        known: Vec<String>,
    },
    /// An option that there is not, or not for this command.
    UnknownOption { typed: String, near: Option<String> },
    /// One word too many: often a path with a blank in it.
    Surplus { typed: String },
    /// Something that must be there is not.
    Missing { names: Vec<String> },
    /// An option without its value.
    NoValue { option: String },
    /// A value outside a closed list.
    BadChoice {
        option: String,
        typed: String,
        known: Vec<String>,
    },
    /// Not a whole number, or too small.
    BadNumber {
        option: String,
        typed: String,
        least: u64,
    },
    /// Not a size of memory.
    BadSize { option: String, typed: String },
    /// An option that may stand once only.
    Twice { option: String },
    /// Anything else, in the parser's own words.
    Other { reason: String },
}

closed_list! {
    /// What is broken in a workbook.
    pub enum Damage {
        /// It ends in the middle.
        CutOff = "cut-off",
        /// The directory of the archive, or of the OLE file.
        BadArchive = "bad-archive",
        /// Packed content that cannot be unpacked.
        BadPart = "bad-part",
        /// Two parts of one name.
        DoubledPart = "doubled-part",
        /// A sheet, or the list of sheets, that is not in the file.
        MissingPart = "missing-part",
        /// XML that is none.
        BadXml = "bad-xml",
        /// Elements in each other, deeper than any writer lays them.
        TooDeep = "too-deep",
        /// An entity of the file's own.
        UnknownEntity = "unknown-entity",
        /// Bytes that are no letters.
        BadLetters = "bad-letters",
        /// A record shorter than its kind is.
        ShortRecord = "short-record",
        /// A record longer than any is.
        LongRecord = "long-record",
        /// A text longer than any cell may hold.
        LongText = "long-text",
        /// More shared texts claimed than there are.
        TooManySharedTexts = "too-many-shared-texts",
        /// A cell that names a shared text that is not there.
        NoSharedText = "no-shared-text",
        /// Rows that go backwards.
        RowsOutOfOrder = "rows-out-of-order",
        /// Two rows of one number, or two cells in one place.
        DoubledPlace = "doubled-place",
        /// A cell outside of any sheet.
        CellOutside = "cell-outside",
        /// A row or cell that does not say where it stands.
        NoPlace = "no-place",
        /// A cell of a kind that there is not.
        UnknownCell = "unknown-cell",
        /// A sheet without a name.
        Nameless = "nameless",
        /// Two sheets of one name.
        SameNames = "same-names",
        /// Sheets that lie inside each other.
        SheetsOverlap = "sheets-overlap",
        /// The reader gave up.
        ReaderGaveUp = "reader-gave-up",
        /// Anything else.
        Other = "other",
    }
}

/// What the machine or the world did: exit 3, older reports untouched.
#[derive(Debug)]
pub enum Fault {
    /// A file vanished, may not be read, or is broken.
    Unreadable { file: String, reason: String },
    /// A folder of inputs that may not be listed.
    Unlistable { folder: PathBuf, reason: String },
    /// A zipped file that ends in the middle.
    Truncated { file: String },
    /// A cell, sheet or archive inside a workbook is broken. `reason` is for developers and never told to people: a
    /// parser's own words may quote a cell.
    BrokenWorkbook {
        file: String,
        sheet: String,
        damage: Damage,
        reason: String,
    },
    /// The output folder cannot be written.
    Unwritable { path: PathBuf, reason: String },
    /// The disk is full.
    DiskFull { path: PathBuf },
    /// A report is open in another program; the new one stands beside it.
    OutputLocked { path: PathBuf, pending: PathBuf },
    /// Several files at once, each with its own fault.
    Several { faults: Vec<Fault> },
    /// Another run is writing reports of the same pipeline into this folder.
    Busy { path: PathBuf },
}

impl fmt::Display for Fault {
    /// For logs and developers; people read the sentences of `words`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
impl std::error::Error for Fault {}

/// One or more complaints, as an error that `anyhow` can carry.
#[derive(Debug)]
pub struct Complaints(pub Vec<Complaint>);

impl fmt::Display for Complaints {
    /// For logs and developers; people read the sentences of `words`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl std::error::Error for Complaints {}

impl fmt::Debug for Refusal {
    /// As the member alone: it says enough.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Setting(one) => one.fmt(f),
            Refusal::Rules(one) => one.fmt(f),
            Refusal::Inputs(one) => one.fmt(f),
            Refusal::Header(one) => one.fmt(f),
            Refusal::Content(one) => one.fmt(f),
            Refusal::Earlier(one) => one.fmt(f),
            Refusal::Rosters(one) => one.fmt(f),
            Refusal::Grave(one) => one.fmt(f),
            Refusal::CommandLine(slip) => f.debug_tuple("CommandLine").field(slip).finish(),
        }
    }
}

/// Each family is a refusal, and a complaint without a place.
macro_rules! of_family {
    ($($family:ident($of:ident)),+ $(,)?) => {$(
        impl From<$of> for Refusal {
            fn from(one: $of) -> Self {
                Refusal::$family(one)
            }
        }
        impl From<$of> for Complaint {
            fn from(one: $of) -> Self {
                Refusal::from(one).into()
            }
        }
    )+};
}
of_family!(
    Setting(WrongSetting),
    Rules(WrongRules),
    Inputs(WrongInputs),
    Header(WrongHeader),
    Content(WrongContent),
    Earlier(WrongEarlier),
    Rosters(WrongRosters),
    Grave(Grave),
    CommandLine(Slip),
);

impl From<Refusal> for Complaint {
    fn from(refusal: Refusal) -> Self {
        Complaint {
            place: None,
            excerpt: Excerpt::default(),
            refusal,
        }
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Fault::unwritable(PathBuf::new(), &error)
    }
}

impl Fault {
    /// A workbook that is broken; `sheet` is empty where it is none of its sheets.
    pub fn broken(file: &str, sheet: &str, damage: Damage) -> Self {
        let reason = damage.code().to_owned();
        Fault::BrokenWorkbook {
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            damage,
            reason,
        }
    }

    /// A write that failed, told apart by what the machine said.
    pub fn unwritable(path: PathBuf, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            Fault::DiskFull { path }
        } else {
            Fault::Unwritable {
                path,
                reason: error.to_string(),
            }
        }
    }
}
