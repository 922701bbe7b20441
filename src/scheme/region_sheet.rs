//! The first sheet of a workbook as the csv that a clerk would have saved of it.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

/// Columns at most: a stray cell far to the right is still told as one too many.
const MOST_COLUMNS: usize = 64;

/// Line by line: row 7 is line 7, rows without a cell are empty lines. Read cell by cell, never as a whole range, which a stray
/// far cell makes as large as the machine.
///
/// # Errors
/// Where the workbook is broken. What the reader says of it is not kept: it may quote cells.
pub(super) fn as_csv(bytes: &[u8]) -> Result<String, String> {
    let reason = |_| "the reader gave up".to_owned(); // words knows it
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(reason)?;
    let sheet = book.sheet_names().first().cloned();
    let sheet = sheet.ok_or_else(|| "no sheet".to_owned())?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(reason)?;
    let mut text = String::new();
    let (mut row, mut line) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(reason)? {
        let written = written(cell.get_value());
        if written.is_empty() {
            continue;
        }
        let (of_row, column) = cell.get_position();
        if of_row != row {
            finish(&mut text, &mut line);
            // Rows come in order; one that does not only stands on a later line.
            let blank = of_row.saturating_sub(row + 1);
            text.extend(std::iter::repeat_n('\n', blank as usize));
            row = of_row;
        }
        let column = (column as usize).min(MOST_COLUMNS);
        line.resize(line.len().max(column), String::new());
        line.push(written);
    }
    finish(&mut text, &mut line);
    Ok(text)
}

/// A line of the csv, in quotes where it must be.
fn finish(text: &mut String, line: &mut Vec<String>) {
    let cells: Vec<String> = line
        .drain(..)
        .map(|cell| match cell.contains([',', '"']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell,
        })
        .collect();
    text.push_str(&cells.join(","));
    text.push('\n');
}

/// What a cell shows: a code stored as a number is its digits, never `430321.0` or `4.3E+11`.
fn written(cell: &DataRef<'_>) -> String {
    let text = match cell {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(), // never with an exponent
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Bool(is_true) => is_true.to_string(),
        DataRef::DateTime(day) => day.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ") // a line break in a cell ends no line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workbook(cells: impl Fn(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        cells(book.add_worksheet());
        book.add_worksheet()
            .write_string(0, 0, "第二张")
            .expect("a cell");
        book.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn a_row_is_a_line_and_a_number_its_digits() {
        let bytes = workbook(|sheet| {
            sheet.write_string(1, 0, "code").expect("a cell");
            sheet.write_string(1, 1, "name").expect("a cell");
            sheet.write_number(4, 0, 420_525_101_200.0).expect("a cell");
            sheet.write_string(4, 1, "甲,\"乙\"\n村").expect("a cell");
            sheet.write_string(5, 0, "  ").expect("a cell");
            sheet.write_number(6, 1, 0.5).expect("a cell");
        });
        let expected = "\ncode,name\n\n\n420525101200,\"甲,\"\"乙\"\" 村\"\n\n,0.5\n";
        assert_eq!(as_csv(&bytes).expect("a workbook"), expected);
    }

    #[test]
    fn a_stray_far_cell_costs_no_memory_and_is_one_too_many() {
        let bytes = workbook(|sheet| {
            sheet.write_string(0, 0, "code").expect("a cell");
            sheet.write_string(1_048_575, 16_383, "远").expect("a cell");
        });
        let text = as_csv(&bytes).expect("a workbook");
        assert_eq!(text.lines().count(), 1_048_576);
        let last = text.lines().last().expect("a line");
        assert_eq!(last.matches(',').count(), MOST_COLUMNS);
    }
}
