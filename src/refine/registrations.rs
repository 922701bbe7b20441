//! Registrations: 医保 export → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::places::Gazetteer;
use super::table::BookText;
use super::{declared, frame, repairs, vocabulary};
use crate::domain::period::epoch_day;
use crate::domain::{Cover, Fate, Field, columns as c};
use crate::scheme::Scheme;

/// One row a registration.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let covers = vocabulary::covers(table, scheme);
    let ended = declared::ended(table);
    let statuses = declared::statuses(table, scheme, ended.as_deref(), as_of);
    let other_year = other_year(table, scheme);
    let begun = repairs::days(table, Field::Begun);
    book.settle(Fate::OtherYear, |at| other_year[at]);
    book.settle(Fate::OtherScheme, |at| covers[at].0 == Cover::OtherCover);
    book.settle(Fate::AfterAsOf, |at| {
        is_after(begun[at].known(), covers[at].0, scheme, as_of)
    });

    let unknown = (0..table.len).map(|at| covers[at].1.or(statuses[at].1));
    let mut more = vec![
        frame::indexes(
            c::COVER,
            covers.iter().map(|cover| cover.0.index()).collect(),
        ),
        frame::indexes(
            c::STATUS,
            statuses.iter().map(|status| status.0.index()).collect(),
        ),
        frame::rare_text(c::UNKNOWN_WORD, unknown),
        table.as_written(Field::RegistrationNo, c::NUMBER),
        frame::days(c::BEGUN, &begun),
        frame::amounts(c::SUBSIDISED, repairs::amounts(table, Field::Subsidy)),
    ];
    more.extend(ended.map(|days| frame::days(c::ENDED, &days)));
    more.extend(declared::cases(table, scheme));
    more.extend(declared::broken_years(table));
    book.into_frame(more)
}

/// Whether a relation begins after the as-of date. A resident pays in autumn for a cover that begins with the benefit
/// period: in the payment window such a registration is there already.
pub(crate) fn is_after(
    begun: Option<i32>,
    cover: Cover,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> bool {
    let limit = if cover == Cover::Resident {
        as_of.max(scheme.benefit.from)
    } else {
        as_of
    };
    begun.is_some_and(|day| day > epoch_day(limit))
}

/// Whether a row is of another coverage year; a cell without a year is of the scheme's.
pub(crate) fn other_year(table: &BookText, scheme: &Scheme) -> Vec<bool> {
    table.each_word(Field::Year, |cell| {
        cell.and_then(vocabulary::year)
            .is_some_and(|year| year != scheme.year)
    })
}

/// Whether a row is of the coverage year before the scheme's.
pub(crate) fn last_year(table: &BookText, scheme: &Scheme) -> Vec<bool> {
    table.each_word(Field::Year, |cell| {
        cell.and_then(vocabulary::year) == Some(scheme.year - 1)
    })
}
