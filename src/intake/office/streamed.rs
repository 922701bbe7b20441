//! What the streamed workbooks have in common: cells become rows here, and calamine's text, and nowhere else.

use std::borrow::Cow;
use std::io::Read;

use calamine::{Cell, DataRef, ExcelDateTime};

use crate::domain::fault::WrongContent;
use crate::domain::{Fault, Refusal};
use crate::intake::bounds::{MOST_CELL_BYTES, MOST_COLUMNS, MOST_ROWS};
use crate::intake::cell::{self, RowCells};
use crate::intake::guard::{Panicked, guarded};
use crate::intake::lines::Lines;
use crate::intake::office::damage;
use crate::intake::trouble::Trouble;

/// Blank cells between filled ones that a sheet may make us pass, all rows together. 1 M rows of 30 columns need 30 M;
/// 1 M rows with one cell each in the last column would need 17,000 M.
const MOST_PADDING: u64 = 200_000_000;

/// A cell: row and column from 0, and its text.
pub(crate) type Placed<'a> = (u32, u32, Cow<'a, str>);

/// The next cell of a sheet, `None` after the last one.
pub(crate) type Next<'a, E = Trouble> = Result<Option<Placed<'a>>, E>;

/// A cell of calamine's.
pub(crate) fn placed<'a>(cell: &Cell<DataRef<'a>>) -> Placed<'a> {
    let (row, column) = cell.get_position();
    (row, column, text(cell.get_value()))
}

/// Why calamine does not read on.
pub(crate) enum Unread {
    /// The file asks for a password.
    Password,
    /// Anything else, in its words.
    Broken(String),
}

impl Unread {
    /// As trouble with a sheet.
    pub(crate) fn trouble(self, file: &str, sheet: &str) -> Trouble {
        match self {
            Unread::Password => Refusal::Content(WrongContent::Password {
                file: file.to_owned(),
            })
            .into(),
            Unread::Broken(reason) => {
                let (file, sheet, damage) =
                    (file.to_owned(), sheet.to_owned(), damage::of(&reason));
                Trouble::Broken(Fault::BrokenWorkbook {
                    file,
                    sheet,
                    damage,
                    reason,
                })
            }
        }
    }
}

/// Calls into calamine: its panics and its errors become trouble with a sheet.
pub(crate) fn called<T, E>(
    file: &str,
    sheet: &str,
    reason: impl FnOnce(E) -> Unread,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, Trouble> {
    guarded(call)
        .map_err(|Panicked| Unread::Broken(Panicked::REASON.to_owned()).trouble(file, sheet))?
        .map_err(|e| reason(e).trouble(file, sheet))
}

/// A part's reader, whose panics are errors.
pub(crate) struct Guarded<R>(pub R);

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        guarded(|| self.0.read(buffer))
            .unwrap_or_else(|_| Err(std::io::Error::other(Panicked::REASON)))
    }
}

/// Rows of a worksheet that hold anything. Rows without a cell are told by the numbers they leave out; what is merely
/// formatted below the last row is no row.
pub(crate) struct FilledRows<'a, F> {
    file: &'a str,
    sheet: &'a str,
    /// Gives the reader's next cell.
    cells: F,
    /// The first cell of the next row, by row and column.
    waiting: Option<Placed<'a>>,
    padding: u64,
    /// calamine's reader calls it an error to be asked again after the last cell.
    ended: bool,
}

impl<'a, F: FnMut() -> Next<'a>> FilledRows<'a, F> {
    /// From the reader's next cell on; file and sheet are for what is wrong.
    pub(crate) fn new(file: &'a str, sheet: &'a str, cells: F) -> Self {
        FilledRows {
            file,
            sheet,
            cells,
            waiting: None,
            padding: 0,
            ended: false,
        }
    }

    fn trouble(&self, reason: String) -> Trouble {
        Unread::Broken(reason).trouble(self.file, self.sheet)
    }

    /// The next cell that holds anything.
    fn next_filled(&mut self) -> Next<'a> {
        while !self.ended {
            let Some(cell) = (self.cells)()? else {
                self.ended = true;
                break;
            };
            if !cell::trimmed(&cell.2).is_empty() {
                return Ok(Some(cell));
            }
        }
        Ok(None)
    }

    /// Puts a cell where it belongs.
    fn put(
        &mut self,
        cells: &mut RowCells<'a>,
        (row, column, text): Placed<'a>,
    ) -> Result<(), Trouble> {
        if row >= MOST_ROWS || column >= MOST_COLUMNS {
            return Err(self.trouble("a cell outside of any sheet".to_owned()));
        }
        // A text that the file holds once may stand in every cell.
        if text.len() > MOST_CELL_BYTES {
            return Err(self.trouble("a text longer than any cell may hold".to_owned()));
        }
        let column = column as usize;
        match cells.get_mut(column) {
            Some(cell) if cell.is_empty() => *cell = text,
            Some(cell) if *cell == text => {}
            Some(_) => return Err(self.trouble("two cells in one place".to_owned())),
            None => {
                self.padding += (column - cells.len()) as u64;
                if self.padding > MOST_PADDING {
                    return Err(Refusal::Content(WrongContent::Scattered {
                        file: self.file.to_owned(),
                        sheet: self.sheet.to_owned(),
                    })
                    .into());
                }
                cells.resize(column, Cow::Borrowed(""));
                cells.push(text);
            }
        }
        Ok(())
    }
}

impl<'a, F: FnMut() -> Next<'a>> Lines<'a> for FilledRows<'a, F> {
    fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
        cells.clear();
        let first = match self.waiting.take() {
            Some(waiting) => Some(waiting),
            None => self.next_filled()?,
        };
        let Some(first) = first else {
            return Ok(None);
        };
        let row = first.0;
        self.put(cells, first)?;
        while let Some(cell) = self.next_filled()? {
            let next = cell.0;
            if next < row {
                return Err(self.trouble(format!(
                    "row {} after row {}",
                    u64::from(next) + 1,
                    u64::from(row) + 1
                )));
            }
            if next > row {
                self.waiting = Some(cell);
                break;
            }
            self.put(cells, cell)?;
        }
        Ok(Some(row + 1))
    }
}

/// A cell of calamine's as a clerk would type it.
fn text<'a>(value: &DataRef<'a>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::String(text) | DataRef::DurationIso(text) => Cow::Owned(text.clone()),
        DataRef::DateTimeIso(text) => Cow::Owned(iso_day(text).to_owned()),
        DataRef::Int(value) => Cow::Owned(cell::number(*value as f64)),
        DataRef::Float(value) => Cow::Owned(cell::number(*value)),
        DataRef::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(value) => Cow::Owned(date(value)),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    }
}

/// The day of `2021-12-31T08:30:00`; a mere time stays.
pub(crate) fn iso_day(text: &str) -> &str {
    match text.split_once('T') {
        Some((day, _)) if !day.is_empty() => day,
        _ => text,
    }
}

/// `YYYY-MM-DD`; a mere time or duration, or a serial that no calendar has, stays a number.
pub(crate) fn date(value: &ExcelDateTime) -> String {
    if value.is_duration() || !(1.0..2_958_466.0).contains(&value.as_f64()) {
        return cell::number(value.as_f64());
    }
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}
