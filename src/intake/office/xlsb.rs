//! xlsb, cell by cell: Excel's binary workbook, as some bureaus keep theirs to save space.

use std::io::Cursor;

use calamine::{Reader, Xlsb, XlsbError};

use crate::intake::book::Trouble;
use crate::intake::office::streamed::{Extra, Reason, Rows, called, placed};
use crate::intake::office::xlsx;
use crate::intake::sheets::lines::{Hidden, Lines, Tabs};

/// An open workbook.
pub(in crate::intake) struct Book<'b> {
    file: String,
    names: Vec<String>,
    hidden: Vec<Hidden>,
    /// By worksheet, as `names`.
    extra: Vec<Vec<Extra>>,
    xlsb: Xlsb<Cursor<&'b [u8]>>,
}

impl<'b> Book<'b> {
    /// Opens a workbook that was looked through (`hidden` and `extra`: of every sheet, charts and all).
    pub(in crate::intake) fn open(
        file: &str,
        bytes: &'b [u8],
        hidden: Vec<Hidden>,
        extra: Vec<Vec<Extra>>,
    ) -> Result<Self, Trouble> {
        let xlsb = called(file, "", reason, || Xlsb::new(Cursor::new(bytes)))?;
        let sheets = xlsb.sheets_metadata();
        let (names, hidden) = xlsx::tabs(file, sheets, hidden)?;
        let of_worksheet = |(sheet, extra): (&calamine::Sheet, Vec<Extra>)| names.contains(&sheet.name).then_some(extra);
        let extra = sheets.iter().zip(extra).filter_map(of_worksheet).collect();
        Ok(Book { file: file.to_owned(), names, hidden, extra, xlsb })
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
        let extra = self.extra.get(at).cloned().unwrap_or_default();
        let mut cells = called(file, sheet, reason, || self.xlsb.worksheet_cells_reader(sheet))?;
        let next = move || called(file, sheet, reason, || Ok(cells.next_cell()?.as_ref().map(placed)));
        Ok(Box::new(Rows::new(file, sheet, next, extra)))
    }
}

fn reason(error: XlsbError) -> Reason {
    match error {
        XlsbError::Password => Reason::Password,
        XlsbError::Unrecognized { typ, .. } => Reason::Broken(format!("unrecognized {typ}")),
        other => Reason::Broken(other.to_string()),
    }
}
