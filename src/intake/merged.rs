//! Merged cells: what a clerk wrote once for the rows of a group, as the file itself declares it (docs/readings.md#merged).

use crate::domain::Refusal;
use crate::domain::fault::WrongContent;
use crate::intake::bounds::{MOST_COLUMNS, MOST_ROWS};
use crate::intake::cell::{self, RowCells};
use crate::intake::marks;

/// Cells merged down that a sheet may have: eight columns in which every two rows are merged.
const MOST: usize = 4 << 20;

/// One column's cells from a row down to another: rows from 1, columns from 0. In order of their first rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Down {
    pub first: u32,
    pub last: u32,
    pub column: u32,
}

/// The cells of a sheet that are merged down in one column. What is merged across is a title, and no business of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Merges(Vec<Down>);

/// More merged cells than a sheet may have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl TooMany {
    /// Told with the sheet.
    pub(crate) fn refusal(self, file: &str, sheet: &str) -> Refusal {
        Refusal::Content(WrongContent::TooManyMerges {
            file: file.to_owned(),
            sheet: sheet.to_owned(),
            limit: MOST as u64,
        })
    }
}

impl Merges {
    /// Takes merged cells, rows and columns from 0, if they go down in one column of a sheet.
    pub(crate) fn add(&mut self, rows: (u32, u32), columns: (u32, u32)) -> Result<(), TooMany> {
        let goes_down = columns.0 == columns.1 && rows.0 < rows.1;
        if !goes_down || rows.0 >= MOST_ROWS || columns.0 >= MOST_COLUMNS {
            return Ok(());
        }
        if self.0.len() >= MOST {
            return Err(TooMany);
        }
        self.0.push(Down {
            first: rows.0 + 1,
            last: rows.1.min(MOST_ROWS - 1) + 1,
            column: columns.0,
        });
        Ok(())
    }

    /// From the top down, whatever the order of the file.
    pub(crate) fn sorted(mut self) -> Self {
        if !self.0.is_sorted() {
            self.0.sort_unstable();
        }
        self
    }

    /// All of them.
    pub(crate) fn each(&self) -> &[Down] {
        &self.0
    }
}

/// A merged cell over the rows being read, and what stands in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cover {
    pub column: usize,
    /// The row that holds the text.
    pub first: u32,
    last: u32,
    pub text: String,
}

/// The merged cells over the row being read, while the rows of a sheet go by.
pub(crate) struct Covers<'m> {
    /// Those that begin further down.
    below: &'m [Down],
    over: Vec<Cover>,
}

impl<'m> Covers<'m> {
    /// Of sorted merges, before the first row.
    pub(crate) fn new(merges: &'m Merges) -> Self {
        Covers {
            below: merges.each(),
            over: Vec::new(),
        }
    }

    /// Goes on to a row, and gives the cells over it; those that begin in it are among them where somebody asks for the column.
    pub(crate) fn over(
        &mut self,
        row: u32,
        cells: &RowCells<'_>,
        is_asked_for: impl Fn(usize) -> bool,
    ) -> &[Cover] {
        self.over.retain(|cover| cover.last >= row);
        while let Some((down, below)) = self.below.split_first()
            && down.first <= row
        {
            self.below = below;
            let column = down.column as usize;
            let text = cell::at(cells, column);
            let says = down.first == row && !text.is_empty() && !marks::names_a_total(text);
            if says && is_asked_for(column) {
                // Merged cells do not overlap; where a file says so, the later counts.
                self.over.retain(|cover| cover.column != column);
                self.over.push(Cover {
                    column,
                    first: row,
                    last: down.last,
                    text: text.to_owned(),
                });
            }
        }
        &self.over
    }

    /// The row just met is a header: what is merged there is a header too.
    pub(crate) fn forget(&mut self, row: u32) {
        self.over.retain(|cover| cover.first != row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First and last row, first and last column, from 0.
    type Area = ((u32, u32), (u32, u32));

    fn merges(all: &[Area]) -> Merges {
        let mut merges = Merges::default();
        for (rows, columns) in all {
            merges.add(*rows, *columns).unwrap();
        }
        merges.sorted()
    }

    #[test]
    fn only_what_goes_down_in_one_column_of_a_sheet_is_kept() {
        let kept = merges(&[
            ((4, 5), (1, 1)),
            ((0, 0), (0, 7)),
            ((1, 2), (0, 1)),
            ((3, 3), (2, 2)),
            ((1, u32::MAX), (0, 0)),
            ((MOST_ROWS, MOST_ROWS + 1), (0, 0)),
            ((1, 2), (MOST_COLUMNS, MOST_COLUMNS)),
        ]);
        let down = |first, last, column| Down {
            first,
            last,
            column,
        };
        assert_eq!(kept.each(), [down(2, MOST_ROWS, 0), down(5, 6, 1)]);
    }

    #[test]
    fn a_merged_cell_covers_its_own_rows_and_columns_that_are_asked_for() {
        let merges = merges(&[
            ((1, 3), (0, 0)),
            ((1, 2), (1, 1)),
            ((4, 5), (0, 0)),
            ((6, 7), (0, 0)),
        ]);
        let mut covers = Covers::new(&merges);
        let mut over = |row: u32, first: &'static str| -> Vec<String> {
            let cells: RowCells<'_> = vec![first.into(), "乙".into()];
            let over = covers.over(row, &cells, |column| column == 0);
            over.iter().map(|cover| cover.text.clone()).collect()
        };
        assert_eq!(over(2, "甲"), ["甲"]);
        assert_eq!(over(4, ""), ["甲"], "row 3 may be left out");
        assert!(over(5, " ").is_empty(), "nothing is written in it");
        assert!(
            over(7, "合计").is_empty(),
            "the total of a column is nobody's place"
        );
        assert!(over(9, "丙").is_empty());
        covers = Covers::new(&merges);
        covers.over(2, &vec!["甲".into()], |_| true);
        covers.forget(2);
        assert!(covers.over(3, &vec![], |_| true).is_empty());
    }

    #[test]
    fn a_million_merged_cells_in_any_order_are_passed_once() {
        let mut merges = Merges::default();
        for pair in (0..500_000).rev() {
            merges.add((2 * pair, 2 * pair + 1), (0, 0)).unwrap();
            merges.add((2 * pair, 2 * pair + 1), (3, 3)).unwrap();
        }
        let merges = merges.sorted();
        let mut covers = Covers::new(&merges);
        let cells: RowCells<'_> = vec!["甲".into(), "".into(), "".into(), "乙".into()];
        let blank = RowCells::new();
        let met: usize = (1..=1_000_000)
            .map(|row| {
                let cells = if row % 2 == 1 { &cells } else { &blank };
                covers.over(row, cells, |_| true).len()
            })
            .sum();
        assert_eq!(met, 2_000_000);
    }
}
