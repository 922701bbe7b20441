//! A sheet as a value: what every cell means, nothing of how it looks. The renderer alone knows fonts and borders.

use chrono::NaiveDate;

use crate::domain::{Fen, Ratio};

/// What a column holds; decides alignment, width and what a total row does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words, left.
    Text,
    /// A short word or serial number, centred.
    Centred,
    /// Identity, voucher or case number: always text, never a number.
    Id,
    /// Persons or rows; totals add them up.
    Count,
    /// A rate; a total row has its own, never a sum.
    Percent,
    /// Money; totals add it up.
    Yuan,
    /// A day.
    Date,
    /// Empty, for a clerk to fill in.
    Fill,
}

/// One cell with its meaning.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing to say.
    Blank,
    /// `——`: the figure does not exist for this row.
    Dash,
    /// Words.
    Text(String),
    /// A serial number, rank or row number: sorts as a number, and is never summed.
    Ordinal(u64),
    /// A count of persons or rows.
    Count(u64),
    /// A sum of money.
    Yuan(Fen),
    /// A day.
    Date(NaiveDate),
    /// An exact rate. Below `targets` it prints with as many decimals as keep it apart from each of them.
    Percent {
        rate: Ratio,
        targets: Vec<Ratio>,
        met: Option<bool>,
    },
    /// Target reached or not: a colour and a text mark, so that it survives a black-and-white printer.
    Mark(bool),
    /// Words that lead to another sheet of the workbook.
    Link { text: String, sheet: String },
}

impl Cell {
    /// Words; blank when there are none.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Cell::Blank
        } else {
            Cell::Text(text)
        }
    }

    /// A row number that may not be known.
    pub fn ordinal(number: Option<u64>) -> Self {
        number.map_or(Cell::Blank, Cell::Ordinal)
    }

    /// A count that may not exist.
    pub fn count(count: Option<u64>) -> Self {
        count.map_or(Cell::Dash, Cell::Count)
    }

    /// A rate without a target; a dash without a denominator.
    pub fn rate(count: u64, of: u64) -> Self {
        Ratio::new(count, of).map_or(Cell::Dash, |rate| Cell::Percent {
            rate,
            targets: Vec::new(),
            met: None,
        })
    }

    /// A day that may not be known.
    pub fn date(day: Option<NaiveDate>) -> Self {
        day.map_or(Cell::Blank, Cell::Date)
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        matches!(self, Cell::Blank) || matches!(self, Cell::Text(text) if text.is_empty())
    }
}

/// A column.
#[derive(Clone, Debug)]
pub struct PrintedColumn {
    /// Words over it.
    pub head: String,
    /// What it holds.
    pub kind: Kind,
    /// Widest it may get, in half-width characters; longer cells wrap.
    pub widest: u16,
    /// Words a clerk may choose from, for `Kind::Fill`; empty = anything.
    pub choices: Vec<String>,
}

impl PrintedColumn {
    /// A column of the usual width for its kind.
    pub fn new(head: impl Into<String>, kind: Kind) -> Self {
        let widest = match kind {
            Kind::Text => 26,
            Kind::Id => 34,
            Kind::Fill | Kind::Centred | Kind::Count | Kind::Percent | Kind::Yuan | Kind::Date => {
                16
            }
        };
        PrintedColumn {
            head: head.into(),
            kind,
            widest,
            choices: Vec::new(),
        }
    }

    /// The same column with another greatest width.
    pub fn at_most(mut self, widest: u16) -> Self {
        self.widest = widest;
        self
    }

    /// The same column with words to choose from.
    pub fn one_of(mut self, choices: Vec<String>) -> Self {
        self.choices = choices;
        self
    }
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// A record or region.
    Item,
    /// Head of a group of rows; its first cell is printed across the table.
    Group,
    /// Sum of the items since the last group head.
    Subtotal,
    /// Sum of all items above.
    Total,
    /// Said of the whole, not a sum of the rows above (the scheme's own row).
    Whole,
    /// Says in words that there is nothing to list.
    Nothing,
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// One cell a column (a group head or a "nothing" row: one cell).
    pub cells: Vec<Cell>,
}

/// Which way the paper lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// A4, long side across: lists and wide tables.
    Landscape,
    /// A4 upright: the cover and short tables.
    Portrait,
    /// A3, long side across: a ledger with more columns than A4 can show in readable print.
    Large,
}

/// A sheet.
#[derive(Clone, Debug)]
pub struct PrintedSheet {
    /// Name on the tab: unique in its workbook, at most 31 characters.
    pub name: String,
    /// Large centred line(s).
    pub titles: Vec<String>,
    /// What to do about what is listed, right under the title; empty = nothing.
    pub advice: String,
    /// Small line at the left under the title.
    pub left: String,
    /// Small line at the right under the title: as-of date, unit.
    pub right: String,
    /// Columns.
    pub columns: Vec<PrintedColumn>,
    /// Rows under the head.
    pub rows: Vec<Row>,
    /// Lines under the table.
    pub notes: Vec<String>,
    /// Line for signatures; empty = none.
    pub signature: String,
    /// Columns that stay in sight while scrolling to the right.
    pub frozen: u16,
    /// Whether the head carries filters.
    pub filter: bool,
    /// Paper.
    pub paper: Paper,
}

impl PrintedSheet {
    /// The same with what its figures are in, at the right above the table.
    pub fn in_unit(mut self, unit: impl Into<String>) -> Self {
        self.right = unit.into();
        self
    }

    /// The same with what to do about what it lists.
    pub fn advised(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }

    /// Adds an item.
    pub fn item(&mut self, cells: Vec<Cell>) {
        self.push(RowKind::Item, cells);
    }

    /// Adds a row of any kind; group heads and "nothing" rows have one cell, all others one a column.
    pub fn push(&mut self, kind: RowKind, cells: Vec<Cell>) {
        let wanted = if matches!(kind, RowKind::Group | RowKind::Nothing) {
            1
        } else {
            self.columns.len()
        };
        assert_eq!(
            cells.len(),
            wanted,
            "a row of {} has the wrong number of cells",
            self.name
        );
        self.rows.push(Row { kind, cells });
    }

    /// Adds a sum of the items above: of all (`Total`) or of those since the last group head (`Subtotal`).
    /// Counts and money are summed here, from the printed cells; `others` fills the cells that no sum can, by column.
    pub fn total(&mut self, kind: RowKind, label: (usize, &str), others: Vec<(usize, Cell)>) {
        let sums = self.sums(kind, self.rows.len());
        let mut cells: Vec<Cell> = sums
            .into_iter()
            .map(|sum| sum.unwrap_or(Cell::Blank))
            .collect();
        cells[label.0] = Cell::text(label.1);
        for (at, cell) in others {
            assert!(
                !matches!(cell, Cell::Count(_) | Cell::Yuan(_)),
                "what can be summed is summed, column {at} of {}",
                self.name
            );
            cells[at] = cell;
        }
        self.push(kind, cells);
    }

    /// Sums of the items before row `end` that a total of this kind covers, one a column; `None` where nothing adds up.
    pub fn sums(&self, kind: RowKind, end: usize) -> Vec<Option<Cell>> {
        let rows = &self.rows[..end];
        let start = match kind {
            RowKind::Subtotal => rows
                .iter()
                .rposition(|row| row.kind == RowKind::Group)
                .map_or(0, |at| at + 1),
            RowKind::Item | RowKind::Group | RowKind::Total | RowKind::Whole | RowKind::Nothing => {
                0
            }
        };
        let mut sums: Vec<Option<Cell>> = vec![None; self.columns.len()];
        for row in rows[start..].iter().filter(|row| row.kind == RowKind::Item) {
            for (sum, cell) in sums.iter_mut().zip(&row.cells) {
                *sum = match (sum.take(), cell) {
                    (None, Cell::Count(n)) => Some(Cell::Count(*n)),
                    (None, Cell::Yuan(fen)) => Some(Cell::Yuan(*fen)),
                    (Some(Cell::Count(m)), Cell::Count(n)) => Some(Cell::Count(m + n)),
                    (Some(Cell::Yuan(m)), Cell::Yuan(n)) => Some(Cell::Yuan(m + n)),
                    (sum, _) => sum,
                };
            }
        }
        sums
    }

    /// Every total is the sum of the printed rows. A difference is our bug, so it stops before a wrong table is written.
    pub fn assert_totals(&self) {
        for (at, row) in self.rows.iter().enumerate() {
            if !matches!(row.kind, RowKind::Total | RowKind::Subtotal) {
                continue;
            }
            for (sum, cell) in self.sums(row.kind, at).iter().zip(&row.cells) {
                if let Cell::Count(_) | Cell::Yuan(_) = cell {
                    assert_eq!(
                        sum.as_ref(),
                        Some(cell),
                        "a total of {} is not the sum of its rows",
                        self.name
                    );
                }
            }
        }
    }

    /// Removes columns in which no item says anything: a book without sheets needs no sheet column.
    pub fn drop_empty_columns(&mut self) {
        let keep: Vec<bool> = (0..self.columns.len())
            .map(|at| {
                let says =
                    |row: &Row| !matches!(row.cells.get(at), None | Some(Cell::Blank | Cell::Dash));
                self.columns[at].kind == Kind::Fill
                    || self
                        .rows
                        .iter()
                        .any(|row| row.kind == RowKind::Item && says(row))
            })
            .collect();
        if !keep.contains(&true) || !self.rows.iter().any(|row| row.kind == RowKind::Item) {
            return;
        }
        self.keep_columns(&keep);
    }

    /// Removes lines of figures that are 0 in every row, so that the others print larger.
    pub fn drop_zero_columns(&mut self) {
        let keep: Vec<bool> = (0..self.columns.len())
            .map(|at| {
                !self
                    .rows
                    .iter()
                    .all(|row| matches!(row.cells.get(at), None | Some(Cell::Count(0))))
            })
            .collect();
        self.keep_columns(&keep);
    }

    fn keep_columns(&mut self, keep: &[bool]) {
        retain(&mut self.columns, keep);
        for row in self
            .rows
            .iter_mut()
            .filter(|row| !matches!(row.kind, RowKind::Group | RowKind::Nothing))
        {
            retain(&mut row.cells, keep);
        }
    }
}

fn retain<T>(list: &mut Vec<T>, keep: &[bool]) {
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        keep[at - 1]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> PrintedSheet {
        let columns = vec![
            PrintedColumn::new("单位", Kind::Text),
            PrintedColumn::new("人数", Kind::Count),
            PrintedColumn::new("金额", Kind::Yuan),
        ];
        PrintedSheet {
            name: "表".into(),
            titles: Vec::new(),
            advice: String::new(),
            left: String::new(),
            right: String::new(),
            columns,
            rows: Vec::new(),
            notes: Vec::new(),
            signature: String::new(),
            frozen: 0,
            filter: false,
            paper: Paper::Portrait,
        }
    }

    fn filled() -> PrintedSheet {
        let mut sheet = sheet();
        sheet.push(RowKind::Group, vec![Cell::text("甲")]);
        sheet.item(vec![Cell::text("一"), Cell::Count(3), Cell::Yuan(100)]);
        sheet.item(vec![Cell::text("二"), Cell::Dash, Cell::Yuan(50)]);
        sheet.total(RowKind::Subtotal, (0, "小计"), Vec::new());
        sheet.push(RowKind::Group, vec![Cell::text("乙")]);
        sheet.item(vec![Cell::text("三"), Cell::Count(4), Cell::Yuan(7)]);
        sheet.total(RowKind::Subtotal, (0, "小计"), Vec::new());
        sheet.total(RowKind::Total, (0, "合计"), Vec::new());
        sheet
    }

    #[test]
    fn a_total_is_the_sum_of_all_items_and_a_subtotal_of_its_group() {
        let sheet = filled();
        sheet.assert_totals();
        assert_eq!(sheet.rows[3].cells[1..], [Cell::Count(3), Cell::Yuan(150)]);
        assert_eq!(sheet.rows[6].cells[1..], [Cell::Count(4), Cell::Yuan(7)]);
        assert_eq!(sheet.rows[7].cells[1..], [Cell::Count(7), Cell::Yuan(157)]);
    }

    #[test]
    #[should_panic(expected = "is not the sum of its rows")]
    fn a_total_that_is_not_the_sum_of_its_rows_stops_the_program() {
        let mut sheet = filled();
        sheet.rows[7].cells[1] = Cell::Count(8);
        sheet.assert_totals();
    }

    #[test]
    fn a_column_in_which_nothing_is_said_is_left_out() {
        let mut sheet = sheet();
        sheet.item(vec![Cell::text("一"), Cell::Dash, Cell::Yuan(1)]);
        sheet.total(RowKind::Total, (0, "合计"), Vec::new());
        sheet.drop_empty_columns();
        assert_eq!(
            sheet
                .columns
                .iter()
                .map(|c| c.head.as_str())
                .collect::<Vec<_>>(),
            ["单位", "金额"]
        );
        assert_eq!(sheet.rows[1].cells, [Cell::text("合计"), Cell::Yuan(1)]);
    }
}
