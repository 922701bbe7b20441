//! Residents: the register, and the small books about its people (deaths, departures, students, last year, households).

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::Book;
use super::dates::Day;
use super::table::Table;
use super::{frame, repairs};
use crate::domain::period::epoch_day;
use crate::domain::{Fate, Field, columns as c};
use crate::scheme::Scheme;

/// One row a resident. A death or departure later than the as-of date has not happened yet.
pub(crate) fn register(table: &Table, scheme: &Scheme, as_of: NaiveDate) -> Result<DataFrame> {
    let mut book = Book::open(table, scheme);
    book.settle_equal_rows();
    let until = epoch_day(as_of);
    let happened = |field, name| {
        let mut days = repairs::days(table, field);
        days.iter_mut().filter(|day| matches!(day, Day::On(day) if *day > until)).for_each(|day| *day = Day::Blank);
        frame::days(name, &days)
    };
    let more = vec![
        happened(Field::Death, c::DEATH),
        happened(Field::MovedOut, c::MOVED_OUT),
        table.as_written(Field::Household, c::HOUSEHOLD),
        table.as_written(Field::Group, c::GROUP),
    ];
    book.into_frame(more)
}

/// One row a death.
pub(crate) fn deaths(table: &Table, scheme: &Scheme, as_of: NaiveDate) -> Result<DataFrame> {
    let days = repairs::days(table, Field::Death);
    event(table, scheme, as_of, &days).into_frame(vec![frame::days(c::DEATH, &days)])
}

/// One row a departure, with what it says of where to.
pub(crate) fn departures(table: &Table, scheme: &Scheme, as_of: NaiveDate) -> Result<DataFrame> {
    let days = repairs::days(table, Field::MovedOut);
    let more = vec![frame::days(c::MOVED_OUT, &days), table.as_written(Field::Disposition, c::DISPOSITION)];
    event(table, scheme, as_of, &days).into_frame(more)
}

/// A book of events: one later than the as-of date has not happened yet.
fn event<'t>(table: &'t Table, scheme: &Scheme, as_of: NaiveDate, days: &[Day]) -> Book<'t> {
    let mut book = Book::open(table, scheme);
    book.settle_equal_rows();
    book.fates.settle(Fate::AfterAsOf, |at| days[at].known().is_some_and(|day| day > epoch_day(as_of)));
    book
}

/// One row a student, with the place of the school and the days on which school begins and ends.
pub(crate) fn students(table: &Table, scheme: &Scheme) -> Result<DataFrame> {
    let mut book = Book::open(table, scheme);
    book.settle_equal_rows();
    let mut more = book.place_columns().to_vec();
    for (field, name) in [(Field::EnrolledOn, c::ENROLLED_ON), (Field::GraduatesOn, c::GRADUATES_ON)] {
        more.push(frame::days(name, &repairs::days(table, field)));
    }
    book.into_frame(more)
}

/// One row a registration of last year.
pub(crate) fn previous(table: &Table, scheme: &Scheme) -> Result<DataFrame> {
    let mut book = Book::open(table, scheme);
    book.settle_equal_rows();
    book.into_frame(Vec::new())
}

/// One row a member of a household; the head's name stands in where there is no number.
pub(crate) fn households(table: &Table, scheme: &Scheme) -> Result<DataFrame> {
    let mut book = Book::open(table, scheme);
    book.settle_equal_rows();
    let (household, head) = (table.texts(Field::Household), table.texts(Field::Head));
    let cells = (0..table.len).map(|at| household.get(at).or(head.get(at)));
    let more = vec![frame::text(c::HOUSEHOLD, cells)];
    book.into_frame(more)
}
