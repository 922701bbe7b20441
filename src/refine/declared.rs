//! What a row declares of a late entry: the case, its day, when a relation ended, how many years are broken.
//!
//! Few offices write such columns, so the frame has them only where a sheet has: no book pays for what it lacks.

use polars::prelude::*;

use super::table::Table;
use super::written::is_nothing;
use super::{dates, frame, repairs, vocabulary};
use crate::domain::{Field, columns as c};
use crate::scheme::Scheme;

/// LATE_CASE, UNKNOWN_CASE and EVENT_ON, where a sheet declares cases or their days.
pub(crate) fn cases(table: &Table, scheme: &Scheme) -> Vec<Column> {
    if !table.has(Field::LateCase) && !table.has(Field::EventOn) {
        return Vec::new();
    }
    let words = table.each_word(Field::LateCase, |cell| {
        cell.filter(|word| !is_nothing(word.trim())).map(|word| (vocabulary::names_late_case(word, scheme), word))
    });
    let that_are = |known: bool| words.iter().map(move |word| word.filter(|word| word.0 == known).map(|(_, word)| word));
    table.count_unknown(Field::LateCase, that_are(false));
    vec![
        frame::rare_text(c::LATE_CASE, that_are(true)),
        frame::rare_text(c::UNKNOWN_CASE, that_are(false)),
        frame::days(c::EVENT_ON, &repairs::days(table, Field::EventOn)),
    ]
}

/// ENDED, where a sheet says when relations ended.
pub(crate) fn ended(table: &Table) -> Option<Column> {
    let days = || repairs::days_by(table, Field::Ended, dates::understand_end);
    table.has(Field::Ended).then(|| frame::days(c::ENDED, &days()))
}

/// BROKEN_YEARS and REPAID_YEARS, where a sheet counts them.
pub(crate) fn broken_years(table: &Table) -> Vec<Column> {
    if !table.has(Field::BrokenYears) {
        return Vec::new();
    }
    let counts = |name: &str, field| {
        let years: Int64Chunked = repairs::counts(table, field).into_iter().collect();
        years.with_name(name.into()).into_column()
    };
    vec![counts(c::BROKEN_YEARS, Field::BrokenYears), counts(c::REPAID_YEARS, Field::RepaidYears)]
}
