//! xlsx and xlsm, cell by cell: one stray far cell must not cost a machine its memory, so never a whole range.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};

use super::book::Trouble;
use super::cell::{self, Cells};
use super::lines::{Hidden, Lines, Tabs};
use crate::domain::{Fault, Refusal};

/// An open workbook.
pub(super) struct Book<'b> {
    file: String,
    names: Vec<String>,
    hidden: Vec<Hidden>,
    xlsx: Xlsx<Cursor<&'b [u8]>>,
}

impl<'b> Book<'b> {
    /// Opens a workbook: its sheets' names, shared texts and formats.
    pub(super) fn open(file: &str, bytes: &'b [u8]) -> Result<Self, Trouble> {
        let xlsx = Xlsx::new(Cursor::new(bytes)).map_err(|e| broken(file, "", e))?;
        let sheets = xlsx.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let hidden = |sheet: &calamine::Sheet| Hidden { sheet: sheet.visible != SheetVisible::Visible, ..Hidden::default() };
        let (names, hidden) = sheets.map(|sheet| (sheet.name.clone(), hidden(sheet))).unzip();
        Ok(Book { file: file.to_owned(), names, hidden, xlsx })
    }
}

impl Tabs for Book<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn hidden(&self, at: usize) -> Hidden {
        self.hidden[at].clone()
    }

    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
        let (file, sheet) = (&self.file, &self.names[at]);
        let cells = self.xlsx.worksheet_cells_reader(sheet).map_err(|e| broken(file, sheet, e))?;
        Ok(Box::new(Rows { file, sheet, cells, waiting: None, ended: false }))
    }
}

fn broken(file: &str, sheet: &str, error: XlsxError) -> Trouble {
    match error {
        XlsxError::Password => Refusal::Password { file: file.to_owned() }.into(),
        other => {
            Trouble::Broken(Fault::BrokenWorkbook { file: file.to_owned(), sheet: sheet.to_owned(), reason: other.to_string() })
        }
    }
}

/// Rows of a worksheet that hold anything. Rows without a cell are told by the numbers they leave out; what is merely
/// formatted below the last row is no row.
struct Rows<'a, 'b> {
    file: &'a str,
    sheet: &'a str,
    cells: XlsxCellReader<'a, Cursor<&'b [u8]>>,
    waiting: Option<(u32, u32, Cow<'a, str>)>,
    /// calamine's reader calls it an error to be asked again after the last cell.
    ended: bool,
}

impl<'a> Lines<'a> for Rows<'a, '_> {
    fn next(&mut self, row: &mut Cells<'a>) -> Result<Option<u32>, Trouble> {
        row.clear();
        let mut number = None;
        if let Some((at, column, text)) = self.waiting.take() {
            number = Some(at);
            put(row, column, text);
        }
        while !self.ended {
            let Some(cell) = self.cells.next_cell().map_err(|e| broken(self.file, self.sheet, e))? else {
                self.ended = true;
                break;
            };
            let (at, column) = cell.get_position();
            let text = text(cell.get_value());
            if cell::trimmed(&text).is_empty() {
                continue;
            }
            if number.is_some_and(|n| n != at) {
                self.waiting = Some((at, column, text));
                break;
            }
            number = Some(at);
            put(row, column, text);
        }
        Ok(number.map(|n| n + 1))
    }
}

fn put<'a>(row: &mut Cells<'a>, column: u32, text: Cow<'a, str>) {
    let column = column as usize;
    if row.len() <= column {
        row.resize(column + 1, Cow::Borrowed(""));
    }
    row[column] = text;
}

/// A cell as a clerk would type it.
fn text<'a>(value: &DataRef<'a>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DurationIso(text) => Cow::Owned(text.clone()),
        DataRef::DateTimeIso(text) => Cow::Owned(text.split('T').next().unwrap_or(text).to_owned()),
        DataRef::Int(value) => Cow::Owned(value.to_string()),
        DataRef::Float(value) => Cow::Owned(cell::number(*value)),
        DataRef::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(value) => Cow::Owned(date(value)),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    }
}

/// `YYYY-MM-DD`; a mere time or duration, or a serial that no calendar has, stays a number.
pub(super) fn date(value: &ExcelDateTime) -> String {
    if value.is_duration() || !(1.0..2_958_466.0).contains(&value.as_f64()) {
        return cell::number(value.as_f64());
    }
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
