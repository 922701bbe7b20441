//! xlsx and xlsm, cell by cell: one stray far cell must not cost a machine its memory, so never a whole range.

use std::borrow::Cow;
use std::io::Cursor;

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};

use super::book::{self, Trouble};
use super::cell::{self, Cells};
use super::header::{self, Ask, Found, HEAD_ROWS, Header};
use super::rows::{Gathered, Plan};
use super::{Origin, Sheet};
use crate::domain::{Fault, Field, Refusal, SourceKind};

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// What a sheet turned out to be.
enum Verdict {
    /// It has what the source needs.
    Fits(Sheet),
    /// It has no header of this source: all its rows are notes. The refusal says so, should no other sheet fit.
    Notes(Sheet, Refusal),
    /// It is wrong, whatever the others are.
    Wrong(Refusal),
    /// No row at all.
    Empty,
}

/// Reads all worksheets of a workbook.
pub(super) fn read(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Vec<Sheet>, Trouble> {
    origin.encoding = "xlsx".to_owned();
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| broken(&origin, e))?;
    let is_sheet = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let names: Vec<String> = book.sheets_metadata().iter().filter(is_sheet).map(|s| s.name.clone()).collect();
    let (mut fitting, mut sheets, mut unfit, mut wrong) = (0, Vec::new(), Vec::new(), Vec::new());
    for name in names {
        origin.sheet = name;
        match sheet(ask, &origin, &mut book)? {
            Verdict::Fits(sheet) => {
                fitting += 1;
                sheets.push(sheet);
            }
            Verdict::Notes(sheet, refusal) => {
                sheets.push(sheet);
                unfit.push(refusal);
            }
            Verdict::Wrong(refusal) => wrong.push(refusal),
            Verdict::Empty => {}
        }
    }
    if !wrong.is_empty() {
        return Err(Trouble::Refused(wrong));
    }
    if fitting == 0 {
        let empty = || vec![Refusal::EmptySheet { file: origin.file.clone(), sheet: String::new() }];
        return Err(Trouble::Refused(if unfit.is_empty() { empty() } else { unfit }));
    }
    Ok(sheets)
}

fn broken(origin: &Origin, error: XlsxError) -> Trouble {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    match error {
        XlsxError::Password => Refusal::Password { file }.into(),
        other => Trouble::Broken(Fault::BrokenWorkbook { file, sheet, reason: other.to_string() }),
    }
}

fn sheet(ask: Ask<'_>, origin: &Origin, book: &mut Book<'_>) -> Result<Verdict, Trouble> {
    let cells = book.worksheet_cells_reader(&origin.sheet).map_err(|e| broken(origin, e))?;
    let mut rows = Rows { cells, waiting: None, ended: false };
    let (mut head, mut numbers) = (Vec::new(), Vec::new());
    let mut row = Cells::new();
    while head.len() <= HEAD_ROWS
        && let Some(number) = rows.next(&mut row).map_err(|e| broken(origin, e))?
    {
        head.push(std::mem::take(&mut row));
        numbers.push(number);
    }
    if head.is_empty() {
        return Ok(Verdict::Empty);
    }
    let found = header::find(ask, &head);
    let refusal = book::refusal(ask, origin, &found, |at| numbers[at]);
    let header = match (found, &refusal) {
        (Found::Header(header), None) => Some(header),
        (Found::Header(_), Some(_)) => None,
        (Found::Near { .. }, Some(_)) if names_people(ask, &head) => None,
        _ => return notes(ask, origin, head, numbers, rows, refusal),
    };
    if let (None, Some(refusal)) = (&header, refusal) {
        return Ok(Verdict::Wrong(refusal));
    }
    let Some(header) = header else { unreachable!("no header comes with a refusal") };
    data(ask, origin, &header, head, numbers, rows)
}

/// Whether a row of the head names people (or, for tasks, stands for itself): a sheet that does and lacks a column is
/// a broken book, not a note. A summary by township in a workbook of persons is a note.
fn names_people(ask: Ask<'_>, head: &[Cells<'_>]) -> bool {
    let person = |field: Field| matches!(field, Field::Id | Field::Name);
    ask.rule.kind == SourceKind::Tasks || head.iter().any(|row| header::fields_of(ask, row).into_iter().any(person))
}

fn data(
    ask: Ask<'_>,
    origin: &Origin,
    header: &Header,
    head: Vec<Cells<'_>>,
    numbers: Vec<u32>,
    mut rows: Rows<'_, '_>,
) -> Result<Verdict, Trouble> {
    let last = header.at + header.levels - 1;
    let plan = Plan::new(ask.rule.kind, header, &head[..=last]);
    let mut gathered = Gathered::new(&plan, 1024);
    let mut before = 0;
    for (at, (cells, number)) in head.iter().zip(&numbers).enumerate() {
        gathered.take_blanks(u64::from(number - before - 1));
        if at <= last {
            gathered.take_heading(cells)
        } else {
            gathered.take(&plan, *number, cells)
        }
        before = *number;
    }
    rest(origin, &plan, &mut gathered, &mut rows, before)?;
    Ok(match book::sheet(origin, Some((header, numbers[last])), &plan, vec![gathered]) {
        Ok(sheet) => Verdict::Fits(sheet),
        Err(Trouble::Refused(mut refusals)) if refusals.len() == 1 => Verdict::Wrong(refusals.remove(0)),
        Err(other) => return Err(other),
    })
}

fn notes(
    ask: Ask<'_>,
    origin: &Origin,
    head: Vec<Cells<'_>>,
    numbers: Vec<u32>,
    mut rows: Rows<'_, '_>,
    refusal: Option<Refusal>,
) -> Result<Verdict, Trouble> {
    let plan = Plan::of_notes(ask.rule.kind);
    let mut gathered = Gathered::new(&plan, 0);
    let mut before = 0;
    for (cells, number) in head.iter().zip(&numbers) {
        gathered.take_blanks(u64::from(number - before - 1));
        gathered.take(&plan, *number, cells);
        before = *number;
    }
    rest(origin, &plan, &mut gathered, &mut rows, before)?;
    let sheet = book::sheet(origin, None, &plan, vec![gathered])?;
    let refusal = refusal.unwrap_or(Refusal::EmptySheet { file: origin.file.clone(), sheet: origin.sheet.clone() });
    Ok(Verdict::Notes(sheet, refusal))
}

/// The rows behind the head.
fn rest(origin: &Origin, plan: &Plan, gathered: &mut Gathered, rows: &mut Rows<'_, '_>, mut before: u32) -> Result<(), Trouble> {
    let mut cells = Cells::new();
    while let Some(number) = rows.next(&mut cells).map_err(|e| broken(origin, e))? {
        gathered.take_blanks(u64::from(number.saturating_sub(before + 1)));
        gathered.take(plan, number, &cells);
        before = number;
    }
    Ok(())
}

/// Rows of a worksheet that hold anything. Rows without a cell are told by the numbers they leave out; what is merely
/// formatted below the last row is no row.
struct Rows<'a, 'b> {
    cells: XlsxCellReader<'a, Cursor<&'b [u8]>>,
    waiting: Option<(u32, u32, Cow<'a, str>)>,
    /// calamine's reader calls it an error to be asked again after the last cell.
    ended: bool,
}

impl<'a> Rows<'a, '_> {
    /// Puts the next row into `row` and gives its number, from 1.
    fn next(&mut self, row: &mut Cells<'a>) -> Result<Option<u32>, XlsxError> {
        row.clear();
        let mut number = None;
        if let Some((at, column, text)) = self.waiting.take() {
            number = Some(at);
            put(row, column, text);
        }
        while !self.ended {
            let Some(cell) = self.cells.next_cell()? else {
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
fn date(value: &ExcelDateTime) -> String {
    if value.is_duration() || !(1.0..2_958_466.0).contains(&value.as_f64()) {
        return cell::number(value.as_f64());
    }
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
