//! Rosters: lists of persons certified as in hardship → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::places::Gazetteer;
use super::states::{self, RowState};
use super::table::BookText;
use super::{dates, frame, repairs, vocabulary};
use crate::domain::period::{first_of_next_month, months_later};
use crate::domain::{Doubt, Fate, Field, columns as c};
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
    let states = states::of_rows(table, scheme);
    // Of an entry in a state that nobody knows nobody is granted anything.
    let is_known = |at: usize| states[at].0.is_some();
    let categories: UInt16Chunked = (0..table.len)
        .map(|at| category(at).filter(|_| is_known(at))?.0)
        .collect();
    // An entry without a word, in a cell or in the pipeline, says as little as one with a word that nobody knows.
    let unknown = (0..table.len).map(|at| {
        category(at).map_or(Some(""), |(found, word, _)| found.is_none().then_some(word))
    });
    table.count_unknown(Field::Category, unknown.clone());
    let unknown = unknown.zip(&states).map(|(word, state)| word.or(state.1));
    let identified = repairs::days(table, Field::Identified);
    let approved = repairs::days(table, Field::Approved);
    let ended = repairs::days_by(table, Field::Ended, dates::understand_end);
    for days in [&identified, &approved, &ended] {
        book.doubt(Doubt::Unread, |at| days[at] == DayCell::Unreadable);
    }
    // A payment on any day of the window may fall into the month.
    let (from, to) = (scheme.window.from, scheme.window.to);
    let mut turns: Vec<NaiveDate> = (0..)
        .map(|months| months_later(from, months))
        .take_while(|day| *day <= to)
        .filter_map(|day| first_of_next_month(day).pred_opt())
        .collect();
    turns.extend(scheme.turning_days(to));
    for field in [Field::Identified, Field::Approved, Field::Ended] {
        book.doubt_months(field, &turns);
    }
    book.doubt(Doubt::UnknownWord, |at| {
        !is_known(at) || category(at).is_none_or(|(found, ..)| found.is_none())
    });
    // A day says more than a word: until then the entry stood.
    book.settle(Fate::Void, |at| {
        // An end that nobody can read is one all the same.
        let is_ended = states[at].0 == Some(RowState::Void) && ended[at].known().is_none();
        is_ended || ended[at] == DayCell::Unreadable
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
