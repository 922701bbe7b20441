//! Columns of sheets as data: the head, what stands under it, how wide it may get.

use super::Books;
use crate::report::sheet::{Kind, PrintedColumn};
use crate::words::tables::Head;

/// A column, before the language of its head is known.
#[derive(Clone, Copy)]
pub(super) struct Heading {
    head: Head,
    kind: Kind,
    widest: Option<u16>,
}

/// A column of the usual width for its kind.
pub(super) const fn heading(head: Head, kind: Kind) -> Heading {
    Heading {
        head,
        kind,
        widest: None,
    }
}

impl Heading {
    /// The same with another greatest width.
    pub(super) const fn at_most(self, widest: u16) -> Heading {
        Heading {
            widest: Some(widest),
            ..self
        }
    }
}

impl Books<'_> {
    /// The columns in the language of the workbook.
    pub(super) fn columns(&self, headings: &[Heading]) -> Vec<PrintedColumn> {
        let column = |heading: &Heading| {
            let column = self.column(heading.head, heading.kind);
            match heading.widest {
                Some(widest) => column.at_most(widest),
                None => column,
            }
        };
        headings.iter().map(column).collect()
    }
}
