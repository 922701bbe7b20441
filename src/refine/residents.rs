//! Residents: the register, and the small books about its people (deaths, departures, students, last year, households).

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::money::Amount;
use super::places::Gazetteer;
use super::states::{self, RowState};
use super::table::BookText;
use super::written::is_no_number;
use super::{frame, repairs, tasks, vocabulary};
use crate::domain::period::epoch_day;
use crate::domain::{Doubt, Fate, Field, SourceKind, Status, columns as c};
use crate::scheme::{Late, Scheme};

/// One row a resident. A death or departure later than the as-of date has not happened yet.
pub(crate) fn register(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let until = epoch_day(as_of);
    let stated = if states::are_stated(table) {
        states::of_rows(table, scheme)
    } else {
        Vec::new()
    };
    let of = |at: usize| stated.get(at).and_then(|state| state.0);
    book.settle(Fate::Void, |at| {
        matches!(
            of(at),
            Some(RowState::Dead | RowState::Away | RowState::Void)
        )
    });
    book.doubt(Doubt::UnknownWord, |at| {
        stated.get(at).is_some_and(|state| state.0.is_none())
    });
    let happened = |field, name| {
        let mut days = repairs::days(table, field);
        days.iter_mut()
            .filter(|day| matches!(day, DayCell::On(day) if *day > until))
            .for_each(|day| *day = DayCell::Blank);
        frame::days(name, &days)
    };
    book.doubt_months(Field::Death, &scheme.turning_days(as_of));
    book.doubt_months(Field::MovedOut, &scheme.turning_days(as_of));
    let mut more = vec![
        happened(Field::Death, c::DEATH),
        happened(Field::MovedOut, c::MOVED_OUT),
        table.keys(Field::Household, c::HOUSEHOLD),
        table.as_written(Field::Group, c::GROUP),
    ];
    if scheme.lists.of_everyone() {
        more.push(table.as_written(Field::Head, c::HEAD));
    }
    if scheme.late.iter().any(Late::is_by_birth) {
        more.extend(book.births());
    }
    if !stated.is_empty() {
        let gone = (0..table.len).map(|at| match of(at)? {
            RowState::Dead => Some(SourceKind::Deaths.index()),
            RowState::Away => Some(SourceKind::Departures.index()),
            RowState::Counts
            | RowState::GivenBack
            | RowState::GivesBack
            | RowState::NotArrived
            | RowState::Void => None,
        });
        more.push(frame::rare_indexes(c::GONE, gone));
        let unknown = stated.iter().map(|state| state.1);
        more.push(frame::rare_text(c::UNKNOWN_WORD, unknown));
    }
    book.into_frame(more)
}

/// One row a death.
pub(crate) fn deaths(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let days = repairs::days(table, Field::Death);
    book.doubt(Doubt::Unread, |at| days[at] == DayCell::Unreadable);
    book.doubt_months(Field::Death, &scheme.turning_days(as_of));
    book.settle_later(as_of, |at| days[at].known());
    book.into_frame(vec![frame::days(c::DEATH, &days)])
}

/// One row a departure, with what it says of where to.
pub(crate) fn departures(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let days = repairs::days(table, Field::MovedOut);
    book.doubt(Doubt::Unread, |at| days[at] == DayCell::Unreadable);
    book.doubt_months(Field::MovedOut, &scheme.turning_days(as_of));
    book.settle_later(as_of, |at| days[at].known());
    book.into_frame(vec![
        frame::days(c::MOVED_OUT, &days),
        table.as_written(Field::Disposition, c::DISPOSITION),
    ])
}

/// One row a student, with the place of the school and the days on which school begins and ends.
pub(crate) fn students(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let mut more = Vec::new();
    if states::are_stated(table) {
        let states = states::of_rows(table, scheme);
        book.settle(Fate::Void, |at| states[at].0 == Some(RowState::Void));
        book.doubt(Doubt::UnknownWord, |at| states[at].0.is_none());
        let unknown = states.iter().map(|state| state.1);
        more.push(frame::rare_text(c::UNKNOWN_WORD, unknown));
    }
    for (field, name) in [
        (Field::EnrolledOn, c::ENROLLED_ON),
        (Field::GraduatesOn, c::GRADUATES_ON),
    ] {
        more.push(frame::days(name, &repairs::days(table, field)));
    }
    book.into_frame(more)
}

/// One row a registration of last year.
pub(crate) fn previous(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let mut unknown = None;
    if table.has(Field::Status) {
        let statuses = vocabulary::statuses(table, scheme);
        // A relation that ended with its year stood in it.
        book.settle(Fate::Void, |at| {
            matches!(statuses[at].0, Status::Invalid | Status::Never)
        });
        book.doubt(Doubt::UnknownWord, |at| statuses[at].1.is_some());
        let words = statuses.iter().map(|status| status.1);
        unknown = Some(frame::rare_text(c::UNKNOWN_WORD, words));
    }
    // A ledger prints them where this year's books do not say; nobody else asks.
    let said = [
        (Field::Household, c::HOUSEHOLD),
        (Field::Group, c::GROUP),
        (Field::Head, c::HEAD),
    ];
    let said = said.into_iter().filter(|_| scheme.lists.of_everyone());
    book.into_frame(
        said.map(|(field, name)| table.keys(field, name))
            .chain(unknown)
            .collect(),
    )
}

/// One row a member of a household; the head's name stands in where there is no number.
pub(crate) fn households(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
) -> Result<DataFrame> {
    let book = PersonRows::open(table, scheme, gazetteer);
    book.into_frame(vec![
        household_or_head(table),
        table.as_written(Field::Group, c::GROUP),
        table.as_written(Field::Head, c::HEAD),
        table.as_written(Field::Relation, c::RELATION),
        stated(table),
        table.as_written(Field::AccountName, c::ACCOUNT_NAME),
        table.as_written(Field::Bank, c::BANK),
        table.as_written(Field::Account, c::ACCOUNT),
    ])
}

/// One row a household of a received summary; no persons.
pub(crate) fn household_totals(
    table: &BookText,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut columns = tasks::region_rows(table, scheme, as_of)?;
    let members: Int64Chunked = repairs::counts(table, Field::Members).into_iter().collect();
    columns.extend([
        household_or_head(table),
        table.as_written(Field::Head, c::HEAD),
        members.with_name(c::MEMBERS.into()).into_column(),
        stated(table),
    ]);
    Ok(DataFrame::new(table.len, columns)?)
}

/// The household's number; where there is none, its head's name, else its account, else a household of one.
fn household_or_head(table: &BookText) -> Column {
    let [household, head, account, person] =
        [Field::Household, Field::Head, Field::Account, Field::Id].map(|field| table.texts(field));
    frame::text(
        c::HOUSEHOLD,
        (0..table.len).map(|at| {
            let number = household.get(at).filter(|number| !is_no_number(number));
            let others = [head, account, person].map(|column| column.get(at));
            number.or_else(|| others.into_iter().flatten().next())
        }),
    )
}

/// What a list of a collective account says is to be charged; a blank says nothing.
fn stated(table: &BookText) -> Column {
    let (total, personal) = (table.texts(Field::Total), table.texts(Field::Personal));
    let shifts =
        table.by_part(|part| [Field::Total, Field::Personal].map(|of| part.says.shift(of)));
    let cells = table.each_noting(|at, notes| {
        let written = total
            .get(at)
            .map(|cell| (Field::Total, shifts[at][0], cell))
            .or(personal
                .get(at)
                .map(|cell| (Field::Personal, shifts[at][1], cell)));
        let (field, shift, cell) = written?;
        match repairs::amount(notes, at, (field, shift), Some(cell)) {
            Amount::Fen(fen) => Some(fen),
            Amount::Blank | Amount::Unreadable => None,
        }
    });
    let cells: Int64Chunked = cells.into_iter().collect();
    cells.with_name(c::STATED.into()).into_column()
}
