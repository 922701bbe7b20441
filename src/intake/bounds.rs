//! How large a sheet and a workbook may be, as spreadsheet programs count: what lies beyond is no cell.

use crate::domain::Refusal;
use crate::domain::fault::WrongContent;

/// Rows of the tallest sheet that any spreadsheet has.
pub(crate) const MOST_ROWS: u32 = 1_048_576;

/// Columns of the widest.
pub(crate) const MOST_COLUMNS: u32 = 16_384;

/// Letters of the longest text that a cell of any spreadsheet holds.
pub(crate) const MOST_LETTERS: usize = 32_767;

/// Bytes that so many letters take at most.
pub(crate) const MOST_CELL_BYTES: usize = 4 * MOST_LETTERS;

/// Most sheets of a file.
pub(crate) const MOST_SHEETS: usize = 10_000;

/// A file with more of them.
pub(crate) fn too_many_sheets(file: &str) -> Refusal {
    Refusal::Content(WrongContent::TooManySheets {
        file: file.to_owned(),
        limit: MOST_SHEETS as u64,
    })
}
