//! Sheets held in memory, for kinds of files that must be read to their end before their first row can be told: xls, ods,
//! web pages, Excel 2003's XML. Only filled cells are held, all text of a sheet in one string: a stray far cell costs
//! its own few bytes, and a row that a file repeats a million times is held once.

use std::borrow::Cow;

use crate::domain::fault::WrongContent;
use crate::domain::{Damage, Fault, Refusal};
use crate::intake::bounds::{self, MOST_COLUMNS, MOST_SHEETS};
use crate::intake::cell::{self, RowCells};
use crate::intake::lines::{Lines, OutOfSight, Tabs};
use crate::intake::merged::Merges;
use crate::intake::trouble::Trouble;

/// Most cells of a file, counted as a reader meets them: from the first column to the last filled one of every row,
/// repeats included. A full sheet of today (1,048,576 rows) with 48 columns; fifteen times an xls sheet of that width.
pub(crate) const MOST_CELLS: u64 = 48 << 20;

/// Most bytes of text of a file, repeats and names of sheets included: seven Chinese characters for every one of those
/// cells. More is one long text referred to again and again.
const MOST_TEXT: u64 = 1 << 30;

/// A file's sheets.
pub(crate) struct Held {
    file: String,
    tabs: Vec<Tab>,
    cells: u64,
    text: u64,
    /// Days are counted from 1904.
    pub since_1904: bool,
}

/// One sheet.
#[derive(Default)]
struct Tab {
    name: String,
    hidden: OutOfSight,
    merged: Merges,
    text: String,
    cells: Vec<Filled>,
    /// Rows that stand for several: (row, how many rows in all), ascending.
    repeats: Vec<(u32, u32)>,
}

/// A filled cell: its place, from 0, and its stretch of the tab's text.
#[derive(Clone, Copy)]
struct Filled {
    row: u32,
    column: u32,
    from: usize,
    to: usize,
}

impl Tab {
    /// Whether two cells that stand in order are in one place and differ: one of them would be lost.
    fn has_two_in_one_place(&self) -> bool {
        let text = |cell: &Filled| self.text.get(cell.from..cell.to);
        self.cells.windows(2).any(|pair| {
            (pair[0].row, pair[0].column) == (pair[1].row, pair[1].column)
                && text(&pair[0]) != text(&pair[1])
        })
    }
}

impl Held {
    /// Nothing yet.
    pub(crate) fn new(file: &str) -> Self {
        Held {
            file: file.to_owned(),
            tabs: Vec::new(),
            cells: 0,
            text: 0,
            since_1904: false,
        }
    }

    /// Begins a sheet; the cells that follow are its.
    pub(crate) fn begin(&mut self, name: String) -> Result<(), Trouble> {
        if self.tabs.len() >= MOST_SHEETS {
            return Err(bounds::too_many_sheets(&self.file).into());
        }
        self.text = self.text.saturating_add(name.len() as u64);
        self.tabs.push(Tab {
            name,
            ..Tab::default()
        });
        self.check(self.tabs.len() - 1)
    }

    /// How many sheets there are.
    pub(crate) fn len(&self) -> usize {
        self.tabs.len()
    }

    /// Name of the latest sheet.
    pub(crate) fn latest(&self) -> String {
        self.tabs
            .last()
            .map(|tab| tab.name.clone())
            .unwrap_or_default()
    }

    /// What the latest sheet keeps out of sight.
    pub(crate) fn hide(&mut self) -> &mut OutOfSight {
        if self.tabs.is_empty() {
            self.tabs.push(Tab::default());
        }
        self.hide_at(self.tabs.len() - 1)
    }

    /// What the sheet at a position keeps out of sight.
    pub(crate) fn hide_at(&mut self, at: usize) -> &mut OutOfSight {
        &mut self.tabs[at].hidden
    }

    /// Puts a cell, row and column from 0, into the latest sheet. Blank cells are not held.
    pub(crate) fn put(&mut self, row: u32, column: u32, text: &str) -> Result<(), Trouble> {
        let Some(at) = self.tabs.len().checked_sub(1) else {
            return Ok(());
        };
        self.put_into(at, (row, column), text)
    }

    /// Puts a cell into the sheet at a position.
    pub(crate) fn put_into(
        &mut self,
        at: usize,
        (row, column): (u32, u32),
        text: &str,
    ) -> Result<(), Trouble> {
        if cell::trimmed(text).is_empty() {
            return Ok(());
        }
        let tab = &mut self.tabs[at];
        if column >= MOST_COLUMNS {
            return Err(Trouble::Broken(Fault::broken(
                &self.file,
                &tab.name,
                Damage::CellOutside,
            )));
        }
        let beside = tab
            .cells
            .last()
            .filter(|last| last.row == row && last.column < column)
            .map(|last| last.column);
        self.cells += u64::from(beside.map_or(column + 1, |last| column - last));
        self.text = self.text.saturating_add(text.len() as u64);
        let from = tab.text.len();
        tab.text.push_str(text);
        tab.cells.push(Filled {
            row,
            column,
            from,
            to: tab.text.len(),
        });
        self.check(at)
    }

    /// Says that a row of the latest sheet stands for so many equal rows.
    pub(crate) fn repeat(&mut self, row: u32, times: u32) -> Result<(), Trouble> {
        let Some(at) = self.tabs.len().checked_sub(1) else {
            return Ok(());
        };
        let tab = &mut self.tabs[at];
        let Some(last) = tab.cells.last().filter(|last| last.row == row && times > 1) else {
            return Ok(());
        };
        let again = u64::from(times) - 1;
        let text: u64 = tab
            .cells
            .iter()
            .rev()
            .take_while(|cell| cell.row == row)
            .map(|cell| (cell.to - cell.from) as u64)
            .sum();
        self.cells = self
            .cells
            .saturating_add((u64::from(last.column) + 1).saturating_mul(again));
        self.text = self.text.saturating_add(text.saturating_mul(again));
        tab.repeats.push((row, times));
        self.check(at)
    }

    /// Says that cells of the sheet at a position are merged, rows and columns from 0.
    pub(crate) fn merge(
        &mut self,
        at: usize,
        rows: (u32, u32),
        columns: (u32, u32),
    ) -> Result<(), Trouble> {
        let tab = &mut self.tabs[at];
        tab.merged
            .add(rows, columns)
            .map_err(|many| many.refusal(&self.file, &tab.name).into())
    }

    /// Counts work that leaves no cell behind, such as finding the next free column under merged cells.
    pub(crate) fn spend(&mut self, at: usize, cells: u32) -> Result<(), Trouble> {
        self.cells += u64::from(cells);
        self.check(at)
    }

    fn check(&self, at: usize) -> Result<(), Trouble> {
        if self.cells <= MOST_CELLS && self.text <= MOST_TEXT {
            return Ok(());
        }
        let (file, sheet) = (self.file.clone(), self.tabs[at].name.clone());
        if self.cells > MOST_CELLS {
            return Err(Refusal::Content(WrongContent::TooManyCells {
                file,
                sheet,
                limit: MOST_CELLS,
            })
            .into());
        }
        Err(Refusal::Content(WrongContent::TooMuchText {
            file,
            sheet,
            limit: MOST_TEXT,
        })
        .into())
    }
}

impl Tabs for Held {
    fn since_1904(&self) -> bool {
        self.since_1904
    }

    fn names(&self) -> Vec<String> {
        self.tabs.iter().map(|tab| tab.name.clone()).collect()
    }

    fn hidden(&self, at: usize) -> OutOfSight {
        let mut hidden = self.tabs[at].hidden.clone();
        hidden.rows.sort_unstable();
        hidden.columns.sort_unstable();
        hidden
    }

    fn merged(&self, at: usize) -> Merges {
        self.tabs[at].merged.clone().sorted()
    }

    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
        let tab = &mut self.tabs[at];
        // Most files tell their cells in order.
        if !tab.cells.is_sorted_by_key(|cell| (cell.row, cell.column)) {
            tab.cells.sort_by_key(|cell| (cell.row, cell.column));
        }
        if tab.has_two_in_one_place() {
            return Err(Trouble::Broken(Fault::broken(
                &self.file,
                &tab.name,
                Damage::DoubledPlace,
            )));
        }
        Ok(Box::new(Rows {
            tab,
            next: 0,
            repeats: 0,
            again: None,
        }))
    }
}

/// The rows of a held sheet.
struct Rows<'a> {
    tab: &'a Tab,
    /// Position of the next cell.
    next: usize,
    /// Position of the next repeated row.
    repeats: usize,
    /// The row to tell again: where its cells begin, its next number, and how often.
    again: Option<(usize, u32, u32)>,
}

impl<'a> Rows<'a> {
    /// The row whose cells begin at a position: put into `row`; gives where the next row begins.
    fn fill(&self, from: usize, row: &mut RowCells<'a>) -> usize {
        let tab: &'a Tab = self.tab;
        let first = tab.cells[from];
        let mut to = from;
        while let Some(cell) = tab.cells.get(to).filter(|cell| cell.row == first.row) {
            let column = cell.column as usize;
            if row.len() <= column {
                row.resize(column + 1, Cow::Borrowed(""));
            }
            row[column] = Cow::Borrowed(tab.text.get(cell.from..cell.to).unwrap_or(""));
            to += 1;
        }
        to
    }
}

impl<'a> Lines<'a> for Rows<'a> {
    fn next(&mut self, row: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
        row.clear();
        if let Some((from, number, times)) = self.again.take() {
            self.fill(from, row);
            self.again = (times > 1).then(|| (from, number.saturating_add(1), times - 1));
            return Ok(Some(number));
        }
        let Some(first) = self.tab.cells.get(self.next).copied() else {
            return Ok(None);
        };
        let from = self.next;
        self.next = self.fill(from, row);
        let number = first.row.saturating_add(1);
        if let Some((_, times)) = self
            .tab
            .repeats
            .get(self.repeats)
            .filter(|(row, _)| *row == first.row)
        {
            self.repeats += 1;
            self.again = Some((from, number.saturating_add(1), times - 1));
        }
        Ok(Some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(held: &mut Held) -> Vec<(u32, Vec<String>)> {
        let mut lines = held.lines(0).ok().unwrap();
        let (mut row, mut all) = (RowCells::new(), Vec::new());
        while let Some(number) = lines.next(&mut row).ok().unwrap() {
            all.push((number, row.iter().map(|cell| cell.to_string()).collect()));
        }
        all
    }

    #[test]
    fn cells_in_any_order_are_rows_in_order_and_one_that_stands_twice_is_one() {
        let mut held = Held::new("a.xls");
        held.begin("表".into()).ok().unwrap();
        for (row, column, text) in [
            (3, 1, "d"),
            (0, 2, "c"),
            (0, 0, "a"),
            (3, 1, "d"),
            (1, 0, " "),
        ] {
            held.put(row, column, text).ok().unwrap();
        }
        let expected = [(1, vec!["a", "", "c"]), (4, vec!["", "d"])];
        assert_eq!(
            rows(&mut held),
            expected
                .map(|(n, cells)| (n, cells.into_iter().map(str::to_owned).collect::<Vec<_>>()))
        );
    }

    #[test]
    fn two_cells_that_differ_in_one_place_are_told_and_neither_is_kept() {
        let mut held = Held::new("a.xls");
        held.begin("表".into()).ok().unwrap();
        for (row, text) in [(3, "d"), (0, "a"), (3, "e")] {
            held.put(row, 1, text).ok().unwrap();
        }
        assert!(matches!(
            held.lines(0),
            Err(Trouble::Broken(Fault::BrokenWorkbook {
                damage: Damage::DoubledPlace,
                ..
            }))
        ));
    }

    #[test]
    fn a_repeated_row_is_told_as_often_as_it_stands_there() {
        let mut held = Held::new("a.ods");
        held.begin("表".into()).ok().unwrap();
        for (row, text, times) in [(0, "a", 3), (5, "b", 1), (6, "c", 2)] {
            held.put(row, 0, text).ok().unwrap();
            held.repeat(row, times).ok().unwrap();
        }
        let told: Vec<(u32, String)> = rows(&mut held)
            .into_iter()
            .map(|(n, mut cells)| (n, cells.remove(0)))
            .collect();
        let expected = [(1, "a"), (2, "a"), (3, "a"), (6, "b"), (7, "c"), (8, "c")];
        assert_eq!(told, expected.map(|(n, text)| (n, text.to_owned())));
    }

    #[test]
    fn what_repeats_would_expand_to_is_counted_before_it_is_done() {
        let mut held = Held::new("a.ods");
        held.begin("表".into()).ok().unwrap();
        held.put(0, 16_383, "x").ok().unwrap();
        let Err(Trouble::Refused(refusals)) = held.repeat(0, 1_048_576) else {
            panic!("17 thousand million cells were let in")
        };
        assert_eq!(
            refusals,
            [Refusal::Content(WrongContent::TooManyCells {
                file: "a.ods".into(),
                sheet: "表".into(),
                limit: MOST_CELLS
            })]
        );
    }

    #[test]
    fn text_counts_as_often_as_it_stands_there() {
        let mut held = Held::new("a.ods");
        held.begin("表".into()).ok().unwrap();
        held.put(0, 0, &"张".repeat(32_767)).ok().unwrap();
        held.put(0, 1, "110105491231002").ok().unwrap();
        let Err(Trouble::Refused(refusals)) = held.repeat(0, 100_000) else {
            panic!("ten thousand million bytes were let in")
        };
        assert_eq!(
            refusals,
            [Refusal::Content(WrongContent::TooMuchText {
                file: "a.ods".into(),
                sheet: "表".into(),
                limit: MOST_TEXT
            })]
        );
    }

    #[test]
    fn sheets_have_an_end() {
        let mut held = Held::new("a.xls");
        (0..MOST_SHEETS).for_each(|_| held.begin(String::new()).ok().unwrap());
        let Err(Trouble::Refused(refusals)) = held.begin(String::new()) else {
            panic!("one sheet too many was let in")
        };
        assert_eq!(
            refusals,
            [Refusal::Content(WrongContent::TooManySheets {
                file: "a.xls".into(),
                limit: 10_000
            })]
        );
    }
}
