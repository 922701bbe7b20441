//! Figures: tables of figures are few and small, so each source's are typed as one.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::places::Gazetteer;
use super::repairs::unread;
use super::rows::Rows;
use super::table::BookText;
use super::typing::{TypedBook, typed_book};
use crate::domain::{SourceKind, columns as c};
use crate::intake::SourceSheet;
use crate::scheme::Scheme;

/// The sheets of every source with their positions in `Rows::origins`; `pieces` are their text, in no order.
pub(super) fn by_source(
    pieces: Vec<(u32, DataFrame)>,
    sheets: &[SourceSheet],
) -> PolarsResult<BTreeMap<SourceKind, Vec<(u32, SourceSheet)>>> {
    let mut text_of: BTreeMap<u32, DataFrame> = BTreeMap::new();
    for (origin, text) in pieces {
        match text_of.get_mut(&origin) {
            Some(mine) => {
                mine.vstack_mut_owned(text)?;
            }
            None => {
                text_of.insert(origin, text);
            }
        }
    }
    let mut books: BTreeMap<SourceKind, Vec<(u32, SourceSheet)>> = BTreeMap::new();
    let in_order = SortMultipleOptions::default().with_maintain_order(true);
    for (origin, mut table) in text_of {
        table.sort_in_place([c::ROW], in_order.clone())?;
        let sheet = SourceSheet {
            table,
            ..sheets[origin as usize].clone()
        };
        let book = books.entry(sheet.origin.source).or_default();
        book.push((origin, sheet));
    }
    Ok(books)
}

impl Rows {
    /// Types tables of figures: their frames, repairs and unknown words.
    pub(super) fn take_figures(
        &mut self,
        books: BTreeMap<SourceKind, Vec<(u32, SourceSheet)>>,
        scheme: &Scheme,
        as_of: NaiveDate,
    ) -> Result<()> {
        let nowhere = Gazetteer::default();
        for (kind, sheets) in books {
            let TypedBook {
                frame,
                repairs,
                mut unknown_words,
            } = typed_book(&BookText::new(kind, sheets)?, scheme, &nowhere, as_of)?;
            self.frames.push((kind, frame));
            self.unknown_words.append(&mut unknown_words);
            self.unread.vstack_mut_owned(unread(&repairs)?)?;
            self.repairs.vstack_mut_owned(repairs)?;
        }
        self.unknown_words.sort();
        Ok(())
    }
}
