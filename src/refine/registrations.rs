//! Registrations: 医保 export → typed.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::places::Gazetteer;
use super::table::BookText;
use super::vocabulary::Read;
use super::{declared, frame, repairs, vocabulary};
use crate::domain::period::epoch_day;
use crate::domain::{Cover, Doubt, Fate, Field, Status, columns as c};
use crate::scheme::Scheme;

/// One row a registration.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let relations = Relations::read(table, scheme, as_of);
    relations.settle(&mut book);
    book.settle(Fate::AfterAsOf, |at| {
        relations.begin_after(at, scheme, as_of)
    });
    relations.doubt(&mut book);
    let mut more = relations.columns(table);
    more.push(frame::amounts(
        c::SUBSIDISED,
        repairs::amounts(table, Field::Subsidy),
    ));
    more.extend(relations.ended());
    more.extend(made_on(table));
    more.extend(declared::cases(table, scheme));
    more.extend(declared::broken_years(table));
    book.into_frame(more)
}

/// MADE_ON, where a sheet says so.
pub(crate) fn made_on(table: &BookText<'_>) -> Option<Column> {
    let stated = table.has(Field::MadeOn);
    stated.then(|| frame::days(c::MADE_ON, &repairs::days(table, Field::MadeOn)))
}

/// What registrations say, and reports of them from elsewhere.
pub(crate) struct Relations<'t> {
    covers: Vec<Read<'t, Cover>>,
    statuses: Vec<Read<'t, Status>>,
    begun: Vec<DayCell>,
    ended: Option<Vec<DayCell>>,
    other_year: Vec<bool>,
}

impl<'t> Relations<'t> {
    pub(crate) fn read(table: &'t BookText<'t>, scheme: &Scheme, as_of: NaiveDate) -> Self {
        let ended = declared::ended(table);
        Relations {
            covers: vocabulary::covers(table, scheme),
            statuses: declared::statuses(table, scheme, ended.as_deref(), as_of),
            begun: repairs::days(table, Field::Begun),
            ended,
            other_year: other_year(table, scheme),
        }
    }

    /// Settles the rows that are of another year or of no cover of ours.
    pub(crate) fn settle(&self, book: &mut PersonRows<'_>) {
        book.settle(Fate::OtherYear, |at| self.other_year[at]);
        let is_other = |at: usize| self.covers[at].0 == Cover::OtherCover;
        book.settle(Fate::OtherScheme, is_other);
    }

    /// Notes what is doubtful of the rows.
    pub(crate) fn doubt(&self, book: &mut PersonRows<'_>) {
        book.doubt(Doubt::UnknownWord, |at| {
            self.covers[at].1.is_some() || self.statuses[at].1.is_some()
        });
    }

    /// Whether a relation begins after the as-of date. A resident pays in autumn for a cover that begins with the benefit
    /// period: in the payment window such a registration is there already.
    pub(crate) fn begin_after(&self, at: usize, scheme: &Scheme, as_of: NaiveDate) -> bool {
        let limit = if self.covers[at].0 == Cover::Resident {
            as_of.max(scheme.benefit.from)
        } else {
            as_of
        };
        self.begun[at]
            .known()
            .is_some_and(|day| day > epoch_day(limit))
    }

    /// COVER, STATUS, UNKNOWN_WORD, NUMBER and BEGUN.
    pub(crate) fn columns(&self, table: &BookText<'_>) -> Vec<Column> {
        let covers = self.covers.iter().map(|cover| cover.0.index()).collect();
        let statuses = self.statuses.iter().map(|status| status.0.index());
        let unknown = self.covers.iter().zip(&self.statuses);
        vec![
            frame::indexes(c::COVER, covers),
            frame::indexes(c::STATUS, statuses.collect()),
            frame::rare_text(
                c::UNKNOWN_WORD,
                unknown.map(|(cover, status)| cover.1.or(status.1)),
            ),
            table.keys(Field::RegistrationNo, c::NUMBER),
            frame::days(c::BEGUN, &self.begun),
        ]
    }

    /// ENDED, where a sheet says so.
    pub(crate) fn ended(&self) -> Option<Column> {
        let days = self.ended.as_ref()?;
        Some(frame::days(c::ENDED, days))
    }
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
