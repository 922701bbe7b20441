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
    let turns = scheme.turning_days(as_of);
    book.doubt_months(Field::Begun, &turns);
    book.doubt_months(Field::Ended, &turns);
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
    periods: Vec<Read<'t, Option<(i32, i32)>>>,
    year: i32,
}

impl<'t> Relations<'t> {
    pub(crate) fn read(table: &'t BookText<'t>, scheme: &Scheme, as_of: NaiveDate) -> Self {
        let ended = declared::ended(table);
        Relations {
            covers: vocabulary::covers(table, scheme),
            statuses: declared::statuses(table, scheme, ended.as_deref(), as_of),
            begun: repairs::days(table, Field::Begun),
            ended,
            periods: vocabulary::periods(table),
            year: scheme.year,
        }
    }

    /// Settles the rows that are of another year or of no cover of ours.
    pub(crate) fn settle(&self, book: &mut PersonRows<'_>) {
        book.settle(Fate::OtherYear, |at| {
            is_other_year(self.periods[at].0, self.year)
        });
        let is_other = |at: usize| self.covers[at].0 == Cover::OtherCover;
        book.settle(Fate::OtherScheme, is_other);
    }

    /// Whether the relation stands.
    pub(crate) fn is_normal(&self, at: usize) -> bool {
        self.statuses[at].0 == Status::Normal
    }

    /// Whether the relation is an employee's.
    pub(crate) fn is_of_employee(&self, at: usize) -> bool {
        self.covers[at].0 == Cover::Employee
    }

    /// Notes what is doubtful of the rows.
    pub(crate) fn doubt(&self, book: &mut PersonRows<'_>) {
        book.doubt(Doubt::UnknownWord, |at| {
            let unknown = self.covers[at].1.or(self.statuses[at].1);
            unknown.or(self.periods[at].1).is_some()
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
        let unknown = |at: usize| {
            let of_words = self.covers[at].1.or(self.statuses[at].1);
            of_words.or(self.periods[at].1)
        };
        vec![
            frame::indexes(c::COVER, covers),
            frame::indexes(c::STATUS, statuses.collect()),
            frame::rare_text(c::UNKNOWN_WORD, (0..self.covers.len()).map(unknown)),
            table.keys(Field::RegistrationNo, c::NUMBER),
            frame::days(c::BEGUN, &self.begun),
        ]
    }

    /// YEARS.
    pub(crate) fn several_years(&self) -> Column {
        several_years(self.periods.iter().map(|period| period.0))
    }

    /// ENDED, where a sheet says so.
    pub(crate) fn ended(&self) -> Option<Column> {
        let days = self.ended.as_ref()?;
        Some(frame::days(c::ENDED, days))
    }
}

/// Whether a row is of other coverage years only; one without a year is of the scheme's.
pub(crate) fn is_other_year(period: Option<(i32, i32)>, year: i32) -> bool {
    period.is_some_and(|(from, to)| !(from..=to).contains(&year))
}

/// YEARS of rows that are for several years, this one among them.
pub(crate) fn several_years(
    periods: impl ExactSizeIterator<Item = Option<(i32, i32)>> + Clone,
) -> Column {
    let several = periods.map(|period| {
        let (from, to) = period.filter(|(from, to)| from < to)?;
        u8::try_from(to - from + 1).ok()
    });
    frame::rare_indexes(c::YEARS, several)
}
