//! The seam between kinds of files: whatever a file is, its sheets come as lines of cells.

use crate::intake::cell::RowCells;
use crate::intake::merged::Merges;
use crate::intake::trouble::Trouble;

/// The rows of one sheet that hold anything, in order.
pub(crate) trait Lines<'a> {
    /// Puts the next row into `cells` (short rows are short) and gives its number, from 1; `None` at the end. Rows that
    /// hold nothing are left out: the numbers tell of them.
    fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble>;
}

/// A file with sheets.
pub(crate) trait Tabs {
    /// Names of the worksheets, in order; charts and macro sheets are none.
    fn names(&self) -> Vec<String>;

    /// What the file keeps out of sight on a sheet.
    fn hidden(&self, at: usize) -> OutOfSight;

    /// The cells of a sheet that the file merges down, from the top on.
    fn merged(&self, at: usize) -> Merges;

    /// Whether days are counted from 1904.
    fn since_1904(&self) -> bool {
        false
    }

    /// The lines of a sheet.
    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble>;
}

/// What a sheet keeps out of sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutOfSight {
    /// The whole sheet.
    pub sheet: bool,
    /// Row numbers from 1, ascending, without repeats: spans (first, last).
    pub rows: Vec<(u32, u32)>,
    /// Columns from 0, ascending: spans (first, last).
    pub columns: Vec<(usize, usize)>,
}

/// What a sheet says of itself beside its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Laid {
    pub hidden: OutOfSight,
    pub merged: Merges,
}

impl OutOfSight {
    /// Whether a row is out of sight.
    pub(crate) fn has_row(&self, row: u32) -> bool {
        let after = self.rows.partition_point(|(_, last)| *last < row);
        self.rows.get(after).is_some_and(|(first, _)| *first <= row)
    }

    /// Whether a column is out of sight.
    pub(crate) fn has_column(&self, column: usize) -> bool {
        self.columns
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&column))
    }
}
