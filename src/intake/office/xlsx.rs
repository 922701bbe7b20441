//! xlsx and xlsm, cell by cell: one stray far cell must not cost a machine its memory, so never a whole range.

use std::io::Cursor;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use crate::intake::lines::{Lines, OutOfSight, Tabs};
use crate::intake::office::streamed::{FilledRows, Unread, called, placed};
use crate::intake::trouble::Trouble;

/// An open workbook.
pub(crate) struct OddXlsx<'b> {
    file: String,
    names: Vec<String>,
    hidden: Vec<OutOfSight>,
    xlsx: Xlsx<Cursor<&'b [u8]>>,
}

impl<'b> OddXlsx<'b> {
    /// Opens a workbook that was looked through (`hidden`: of every sheet, charts and all): its sheets' names, shared
    /// texts and formats.
    pub(crate) fn open(
        file: &str,
        bytes: &'b [u8],
        hidden: Vec<OutOfSight>,
    ) -> Result<Self, Trouble> {
        let xlsx = called(file, "", reason, || Xlsx::new(Cursor::new(bytes)))?;
        let (names, hidden) = tabs(file, xlsx.sheets_metadata(), hidden)?;
        Ok(OddXlsx {
            file: file.to_owned(),
            names,
            hidden,
            xlsx,
        })
    }
}

/// Names of the worksheets and what they hide.
fn tabs(
    file: &str,
    sheets: &[calamine::Sheet],
    hidden: Vec<OutOfSight>,
) -> Result<(Vec<String>, Vec<OutOfSight>), Trouble> {
    let hidden = hidden
        .into_iter()
        .chain(std::iter::repeat_with(OutOfSight::default));
    let (mut names, mut hides) = (Vec::new(), Vec::new());
    for (sheet, hidden) in sheets.iter().zip(hidden) {
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
        hides.push(OutOfSight {
            sheet: sheet.visible != SheetVisible::Visible,
            ..hidden
        });
    }
    Ok((names, hides))
}

impl Tabs for OddXlsx<'_> {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn hidden(&self, at: usize) -> OutOfSight {
        self.hidden[at].clone()
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
