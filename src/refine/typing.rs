//! Typing: every book's text by its own rules, whatever else its sheet says noted beside.

use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::places::Gazetteer;
use super::rows::UnknownWord;
use super::table::BookText;
use super::{elsewhere, payments, registrations, repairs, residents, rosters, tasks};
use crate::domain::SourceKind;
use crate::scheme::Scheme;

/// What becomes of the rows of one source.
pub(super) struct TypedBook {
    pub(super) frame: DataFrame,
    pub(super) repairs: DataFrame,
    pub(super) unknown_words: Vec<UnknownWord>,
}

/// Types the rows of a source, a piece of one sheet or all of them; of persons what each row says by itself.
pub(super) fn typed_book(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<TypedBook> {
    let kind = table.kind;
    let frame = match kind {
        SourceKind::Register => residents::register(table, scheme, gazetteer, as_of),
        SourceKind::Registrations => registrations::typed(table, scheme, gazetteer, as_of),
        SourceKind::Payments => payments::typed(table, scheme, gazetteer, as_of),
        SourceKind::Rosters => rosters::typed(table, scheme, gazetteer),
        SourceKind::Elsewhere => elsewhere::typed(table, scheme, gazetteer, as_of),
        SourceKind::Tasks => tasks::typed(table, scheme, as_of),
        SourceKind::Deaths => residents::deaths(table, scheme, gazetteer, as_of),
        SourceKind::Departures => residents::departures(table, scheme, gazetteer, as_of),
        SourceKind::Students => residents::students(table, scheme, gazetteer),
        SourceKind::Previous => residents::previous(table, scheme, gazetteer),
        SourceKind::Households => residents::households(table, scheme, gazetteer),
        SourceKind::HouseholdTotals => residents::household_totals(table, scheme, as_of),
    }?;
    let repairs = repairs::frame(table)?;
    let unknown =
        std::mem::take(&mut *table.unknown.lock().unwrap_or_else(PoisonError::into_inner));
    let unknown = unknown.into_iter();
    let unknown_words = unknown
        .map(|((field, word), rows)| UnknownWord {
            source: kind,
            field,
            word,
            rows,
        })
        .collect();
    Ok(TypedBook {
        frame,
        repairs,
        unknown_words,
    })
}
