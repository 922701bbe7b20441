//! Rosters: lists of persons certified as in hardship → typed.

use anyhow::Result;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::places::Gazetteer;
use super::table::BookText;
use super::{dates, frame, repairs, vocabulary};
use crate::domain::{Doubt, Field, columns as c};
use crate::scheme::Scheme;

/// One row an entry of a roster.
pub(crate) fn typed(table: &BookText, scheme: &Scheme, gazetteer: &Gazetteer) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let read = |word| {
        let one = vocabulary::category(word, scheme);
        let several = || vocabulary::categories(word, scheme).filter(|all| all.len() > 1);
        let first = |word| vocabulary::categories(word, scheme)?.first().copied();
        let is_several = one.is_none() && several().is_some();
        (one.or_else(|| first(word)), word, is_several)
    };
    let known = table.each_word(Field::Category, |cell| cell.map(read));
    // A department's whole file may be one category, said by the pipeline instead of a column.
    let declared = scheme
        .source(table.kind)
        .and_then(|rule| rule.category.as_deref())
        .map(read);
    let of_sheet = table.by_part(|part| {
        if part.has(Field::Category) {
            None
        } else {
            declared
        }
    });
    let category = |at: usize| known[at].or(of_sheet[at]);
    let categories: UInt16Chunked = (0..table.len)
        .map(|at| category(at).and_then(|(found, ..)| found))
        .collect();
    // An entry without a word, in a cell or in the pipeline, says as little as one with a word that nobody knows.
    let unknown = (0..table.len).map(|at| {
        category(at).map_or(Some(""), |(found, word, _)| found.is_none().then_some(word))
    });
    table.count_unknown(Field::Category, unknown.clone());
    let identified = repairs::days(table, Field::Identified);
    let approved = repairs::days(table, Field::Approved);
    let ended = repairs::days_by(table, Field::Ended, dates::understand_end);
    for days in [&identified, &approved, &ended] {
        book.doubt(Doubt::Unread, |at| days[at] == DayCell::Unreadable);
    }
    book.doubt(Doubt::UnknownWord, |at| {
        category(at).is_none_or(|(found, ..)| found.is_none())
    });
    let more = vec![
        all_categories(
            table,
            |at| category(at).filter(|known| known.2).map(|known| known.1),
            scheme,
        ),
        categories.with_name(c::CATEGORY.into()).into_column(),
        frame::rare_text(c::UNKNOWN_WORD, unknown),
        frame::days(c::IDENTIFIED, &identified),
        frame::days(c::APPROVED, &approved),
        frame::days(c::ENDED, &ended),
        frame::amounts(c::SUBSIDISED, repairs::amounts(table, Field::Subsidy)),
    ];
    book.into_frame(more)
}

/// CATEGORIES: of rows whose cell names several all of them.
fn all_categories<'t>(
    table: &BookText<'_>,
    several: impl Fn(usize) -> Option<&'t str>,
    scheme: &Scheme,
) -> Column {
    let mut known: PlHashMap<&str, String> = PlHashMap::default();
    for word in (0..table.len).filter_map(&several) {
        known.entry(word).or_insert_with(|| {
            let all = vocabulary::categories(word, scheme).unwrap_or_default(); // asked before
            let all: Vec<String> = all.iter().map(u16::to_string).collect();
            all.join("|")
        });
    }
    let cells = (0..table.len).map(|at| several(at).and_then(|word| known.get(word)));
    frame::rare_text(c::CATEGORIES, cells.map(|all| all.map(String::as_str)))
}
