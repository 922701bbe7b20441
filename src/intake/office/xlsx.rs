//! xlsx and xlsm, cell by cell: one stray far cell must not cost a machine its memory, so never a whole range.

use std::io::Cursor;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::intake::lines::{Laid, Lines, OutOfSight, Tabs};
use crate::intake::merged::Merges;
use crate::intake::office::streamed::{FilledRows, Unread, called, placed};
use crate::intake::trouble::Trouble;

/// An open workbook.
pub(crate) struct OddXlsx<'b> {
    file: String,
    names: Vec<String>,
    laid: Vec<Laid>,
    xlsx: Xlsx<Cursor<&'b [u8]>>,
}

impl<'b> OddXlsx<'b> {
    /// Opens a workbook that was looked through (`laid`: every sheet, charts and all): its sheets' names, shared
    /// texts and formats.
    pub(crate) fn open(file: &str, bytes: &'b [u8], laid: Vec<Laid>) -> Result<Self, Trouble> {
        let xlsx = called(file, "", reason, || Xlsx::new(Cursor::new(bytes)))?;
        let (names, laid) = tabs(file, xlsx.sheets_metadata(), laid)?;
        Ok(OddXlsx {
            file: file.to_owned(),
            names,
            laid,
            xlsx,
        })
    }
}

/// Names of the worksheets and how they are laid out.
fn tabs(
    file: &str,
    sheets: &[calamine::Sheet],
    laid: Vec<Laid>,
) -> Result<(Vec<String>, Vec<Laid>), Trouble> {
    let laid = laid
        .into_iter()
        .chain(std::iter::repeat_with(Laid::default));
    let (mut names, mut worksheets) = (Vec::new(), Vec::new());
    for (sheet, mut laid) in sheets.iter().zip(laid) {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        // calamine finds a sheet by its name: the second of two would give the rows of the first once more.
        if names.contains(&sheet.name) {
            return Err(
                Unread::Broken("two sheets of one name".to_owned()).trouble(file, &sheet.name)
            );
        }
        names.push(sheet.name.clone());
        laid.hidden.sheet = sheet.visible != SheetVisible::Visible;
        worksheets.push(laid);
    }
    Ok((names, worksheets))
}

impl Tabs for OddXlsx<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn hidden(&self, at: usize) -> OutOfSight {
        self.laid[at].hidden.clone()
    }

    fn merged(&self, at: usize) -> Merges {
        self.laid[at].merged.clone()
    }

    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
        let (file, sheet) = (&self.file, &self.names[at]);
        let mut cells = called(file, sheet, reason, || {
            self.xlsx.worksheet_cells_reader(sheet)
        })?;
        let next = move || {
            called(file, sheet, reason, || {
                Ok(cells.next_cell()?.as_ref().map(placed))
            })
        };
        Ok(Box::new(FilledRows::new(file, sheet, next)))
    }
}

/// calamine quotes what it does not understand, which may be a person's name: only the kind of mistake is told.
fn reason(error: XlsxError) -> Unread {
    match error {
        XlsxError::Password => Unread::Password,
        XlsxError::Unrecognized { typ, .. } => Unread::Broken(format!("unrecognized {typ}")),
        XlsxError::CellError(_) => Unread::Broken("unrecognized error value".to_owned()),
        XlsxError::CellTAttribute(_) => Unread::Broken("unrecognized kind of cell".to_owned()),
        other => Unread::Broken(other.to_string()),
    }
}
