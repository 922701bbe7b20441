//! What a row declares of a late entry: the case, its day, when a relation ended, how many years are broken.
//!
//! Few offices write such columns, so the frame has them only where a sheet has: no book pays for what it lacks.

use chrono::NaiveDate;
use polars::prelude::*;

use super::dates::DayCell;
use super::table::BookText;
use super::vocabulary::Read;
use super::written::is_nothing;
use super::{dates, frame, repairs, vocabulary};
use crate::domain::period::epoch_day;
use crate::domain::region::region_word;
use crate::domain::{Field, Status, columns as c};
use crate::scheme::Scheme;

/// LATE_CASE, UNKNOWN_CASE and EVENT_ON, where a sheet declares cases or their days.
pub(crate) fn cases(table: &BookText, scheme: &Scheme) -> Vec<Column> {
    if !table.has(Field::LateCase) && !table.has(Field::EventOn) {
        return Vec::new();
    }
    let words = table.each_word(Field::LateCase, |cell| {
        let word = cell.filter(|word| !is_nothing(word.trim()))?;
        // What stands in brackets behind a case is a remark, unless a rule has it in its word.
        let plain = || {
            word.split(['(', '（', '[', '【', '〔'])
                .next()
                .map(str::trim)
                .filter(|plain| !plain.is_empty())
        };
        let known = [Some(word), plain()]
            .into_iter()
            .flatten()
            .find(|word| vocabulary::names_late_case(word, scheme));
        Some((known.is_some(), known.unwrap_or(word)))
    });
    let that_are = |known: bool| {
        words
            .iter()
            .map(move |word| word.filter(|word| word.0 == known).map(|(_, word)| word))
    };
    table.count_unknown(Field::LateCase, that_are(false));
    vec![
        frame::rare_text(c::LATE_CASE, that_are(true)),
        frame::rare_text(c::UNKNOWN_CASE, that_are(false)),
        frame::days(c::EVENT_ON, &repairs::days(table, Field::EventOn)),
    ]
}

/// When relations ended, where a sheet says so.
pub(crate) fn ended(table: &BookText) -> Option<Vec<DayCell>> {
    table
        .has(Field::Ended)
        .then(|| repairs::days_by(table, Field::Ended, dates::understand_end))
}

/// 参保状态 of every row. A row that states none, but that the relation ended by the as-of date, is of one that ended.
pub(crate) fn statuses<'t>(
    table: &'t BookText<'t>,
    scheme: &Scheme,
    ended: Option<&[DayCell]>,
    as_of: NaiveDate,
) -> Vec<Read<'t, Status>> {
    let mut statuses = vocabulary::statuses(table, scheme);
    let (words, until) = (table.texts(Field::Status), epoch_day(as_of));
    for (at, day) in ended.into_iter().flatten().enumerate() {
        let is_silent = || {
            words
                .get(at)
                .is_none_or(|word| region_word(word).is_empty())
        };
        if day.known().is_some_and(|day| day <= until) && is_silent() {
            statuses[at].0 = Status::Ended;
        }
    }
    statuses
}

/// More years than there has been insurance for residents are a slip, and counted as these.
const MOST_YEARS: i64 = 60;

/// BROKEN_YEARS and REPAID_YEARS, where a sheet counts them.
pub(crate) fn broken_years(table: &BookText) -> Vec<Column> {
    if !table.has(Field::BrokenYears) {
        return Vec::new();
    }
    let counts = |name: &str, field| {
        let years = repairs::counts(table, field)
            .into_iter()
            .map(|years| years.map(|years| years.min(MOST_YEARS)));
        let years: Int64Chunked = years.collect();
        years.with_name(name.into()).into_column()
    };
    vec![
        counts(c::BROKEN_YEARS, Field::BrokenYears),
        counts(c::REPAID_YEARS, Field::RepaidYears),
    ]
}
