//! A bounded look at a sheet, from which proposals are made. Never printed.

use std::sync::Mutex;

use super::cell::{self, RowCells};
use super::lines::Lines;
use super::trouble::Trouble;

/// Rows of a sheet that are looked at: titles and header, and enough people for a share of them to mean something.
const ROWS: usize = 2000;

/// Cells of a sheet after which no further row is looked at: a row may have 16,384.
const CELLS: usize = 250_000;

/// Sheets of a file that are looked at: a workbook of hundreds of sheets repeats itself.
const SHEETS: usize = 40;

/// The first rows of a sheet, as written but trimmed, whatever became of it. Never printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glimpse {
    /// Sheet name; empty for csv.
    pub sheet: String,
    /// Cells, row by row.
    pub rows: Vec<Vec<String>>,
    /// Their row numbers, from 1; 0 for the column names of a parquet file.
    pub numbers: Vec<u32>,
}

/// What was looked at in one file.
#[derive(Debug, Default)]
pub(crate) struct Seen(Mutex<Vec<Glimpse>>);

impl Seen {
    /// Looks at rows that are at hand.
    pub(crate) fn rows(&self, sheet: &str, rows: &[RowCells<'_>], numbers: &[u32]) {
        let texts = |row: &RowCells<'_>| {
            row.iter()
                .map(|cell| cell::trimmed(cell).to_owned())
                .collect()
        };
        let rows = rows.iter().take(ROWS).map(texts).collect();
        self.keep(Glimpse {
            sheet: sheet.to_owned(),
            rows,
            numbers: numbers.iter().take(ROWS).copied().collect(),
        });
    }

    /// Looks at the first lines of a sheet, which are then gone.
    pub(crate) fn lines<'a>(
        &self,
        sheet: &str,
        lines: &mut (dyn Lines<'a> + 'a),
    ) -> Result<(), Trouble> {
        if self.is_full() {
            return Ok(());
        }
        let (mut rows, mut numbers) = (Vec::new(), Vec::new());
        let (mut cells, mut seen) = (RowCells::new(), 0);
        while rows.len() < ROWS
            && seen < CELLS
            && let Some(number) = lines.next(&mut cells)?
        {
            seen += cells.len();
            rows.push(std::mem::take(&mut cells));
            numbers.push(number);
        }
        self.rows(sheet, &rows, &numbers);
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.0.lock().is_ok_and(|seen| seen.len() >= SHEETS)
    }

    fn keep(&self, glimpse: Glimpse) {
        if let Ok(mut seen) = self.0.lock()
            && seen.len() < SHEETS
        {
            seen.push(glimpse);
        }
    }

    /// All of it, in the order of the sheets.
    pub(crate) fn into_glimpses(self) -> Vec<Glimpse> {
        self.0.into_inner().unwrap_or_default() // nobody panics while holding it: nothing is lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_looked_at_than_a_proposal_needs() {
        let seen = Seen::default();
        let row: RowCells<'_> = vec![" 甲 ".into()];
        seen.rows(
            "a",
            &vec![row.clone(); ROWS + 5],
            &(1..=2005).collect::<Vec<u32>>(),
        );
        (0..SHEETS + 5).for_each(|_| seen.rows("b", std::slice::from_ref(&row), &[1]));
        let glimpses = seen.into_glimpses();
        assert_eq!(
            (
                glimpses.len(),
                glimpses[0].rows.len(),
                glimpses[0].numbers.len()
            ),
            (SHEETS, ROWS, ROWS)
        );
        assert_eq!(glimpses[0].rows[0], ["甲"]);
    }
}
