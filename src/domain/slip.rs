//! Slips of the pen: what is wrong with how a pipeline file or a region table is written.

use super::RegionLevel;

closed_list! {
    /// How a pipeline file is not as TOML is written. The code of a wanted kind of value is its name in English.
    pub enum TomlSlip {
        /// Quotes, equals signs, commas or brackets of Chinese.
        FullWidth = "full-width",
        /// A value that is neither a number nor a day, without quotes.
        Unquoted = "unquoted",
        /// Nothing after the equals sign.
        NoValue = "no-value",
        /// No equals sign.
        NoEquals = "no-equals",
        /// A quote that nothing closes.
        OpenQuote = "open-quote",
        /// A bracket that nothing closes.
        OpenBracket = "open-bracket",
        /// No comma between two members of a list.
        NoComma = "no-comma",
        /// A key of other letters than ASCII, or a line that is no setting.
        BadKey = "bad-key",
        /// A key that stands twice.
        KeyTwice = "key-twice",
        /// A table that stands twice.
        TableTwice = "table-twice",
        /// A backslash between double quotes.
        Backslash = "backslash",
        /// A number that begins with 0.
        LeadingZero = "leading-zero",
        /// More on a line than one setting.
        Surplus = "surplus",
        /// Something else is there instead of a text.
        WantsText = "string",
        /// Instead of a list.
        WantsList = "array",
        /// Instead of a table.
        WantsTable = "table",
        /// Instead of true or false.
        WantsYesNo = "boolean",
        /// Instead of a whole number.
        WantsWhole = "integer ≥ 0",
        /// Instead of a day.
        WantsDay = "date",
        /// Instead of an amount.
        WantsAmount = "amount in yuan",
        /// Instead of a number.
        WantsDecimal = "decimal number ≥ 0",
        /// Anything else.
        Other = "other",
    }
}

/// What is wrong with a region table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongRegion {
    /// The machine says no.
    Unreadable { reason: String },
    /// A workbook of before 2007, or one with a password.
    OldWorkbook,
    /// Not as a csv is written.
    NoCsv,
    /// A needed column is not there.
    NoColumn { name: String },
    /// Nothing stands under the header.
    NoRows,
    /// More cells than headers.
    Surplus { cells: usize, headers: usize },
    /// A region without a name.
    NoName,
    /// `unit` is neither yes nor no.
    BadUnit { word: String },
    /// No level is called so.
    BadLevel { word: String },
    /// The code stands on an earlier line already.
    Repeated { code: String, line: usize },
    /// The code is none of its level below its parent.
    BadCode {
        code: String,
        level: RegionLevel,
        parent: String,
    },
    /// The parent is not in the table.
    NoParent { parent: String },
    /// The parent stands no higher.
    ParentTooLow {
        parent: String,
        parent_level: RegionLevel,
        level: RegionLevel,
    },
}
