//! Repairs: notes of every cell that is read as something else than what was written.

use std::sync::{Mutex, PoisonError};

use polars::prelude::*;

use super::dates::{self, Day};
use super::money::{self, Amount};
use super::table::Table;
use crate::domain::money::yuan_text;
use crate::domain::{Fen, Field, Repair, Repairs, columns as c, period::day_of_epoch};

/// What a repaired cell is read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Nothing: it could not be read, or nothing was left of it.
    Nothing,
    /// Text.
    Text(String),
    /// A day since 1970, written `2021-12-31`.
    Day(i32),
    /// Fen, written in yuan.
    Money(Fen),
    /// Persons.
    Count(i64),
}

impl After {
    fn text(self) -> String {
        match self {
            After::Nothing => String::new(),
            After::Text(text) => text,
            After::Day(day) => day_of_epoch(day).to_string(),
            After::Money(fen) => yuan_text(fen),
            After::Count(persons) => persons.to_string(),
        }
    }
}

/// One repaired cell. What was written still stands in the table.
struct Entry {
    at: usize,
    field: Field,
    rules: Repairs,
    after: After,
}

/// All repaired cells of one book: few, unless an office writes every cell oddly.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Vec<Entry>>);

/// The notes of one thread, handed in when it is done.
pub(crate) struct Notes<'l> {
    ledger: &'l Ledger,
    entries: Vec<Entry>,
}

impl<'l> Notes<'l> {
    pub(crate) fn of(ledger: &'l Ledger) -> Self {
        Notes {
            ledger,
            entries: Vec::new(),
        }
    }

    /// Notes a cell, if it needed any rule.
    pub(crate) fn take(
        &mut self,
        at: usize,
        field: Field,
        rules: Repairs,
        after: impl FnOnce() -> After,
    ) {
        if !rules.is_none() {
            self.entries.push(Entry {
                at,
                field,
                rules,
                after: after(),
            });
        }
    }
}

impl Drop for Notes<'_> {
    fn drop(&mut self) {
        if !self.entries.is_empty() {
            self.ledger
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .append(&mut self.entries);
        }
    }
}

/// The days of a column.
pub(crate) fn days(table: &Table, field: Field) -> Vec<Day> {
    days_by(table, field, dates::understand)
}

/// The days of a column, read by a rule of its own.
pub(crate) fn days_by(
    table: &Table,
    field: Field,
    read: impl Fn(Option<&str>) -> (Day, Repairs) + Sync + Send,
) -> Vec<Day> {
    let cells = table.texts(field);
    table.each_noting(|at, notes| {
        let (mut day, rules) = read(cells.get(at));
        // A serial counts from where the workbook says.
        if let Day::On(serial) = &mut day
            && rules.each().any(|rule| rule == Repair::SerialDay)
            && table.part(at).origin.since_1904
        {
            *serial += dates::FROM_1900_TO_1904;
        }
        notes.take(at, field, rules, || {
            day.known().map_or(After::Nothing, After::Day)
        });
        day
    })
}

/// One amount.
pub(crate) fn amount(notes: &mut Notes<'_>, at: usize, field: Field, cell: Option<&str>) -> Amount {
    let (amount, rules) = money::understand(cell);
    notes.take(at, field, rules, || {
        if let Amount::Fen(fen) = amount {
            After::Money(fen)
        } else {
            After::Nothing
        }
    });
    amount
}

/// The amounts of a column; what cannot be read counts as 0.
pub(crate) fn amounts(table: &Table, field: Field) -> Vec<Fen> {
    let cells = table.texts(field);
    table.each_noting(|at, notes| amount(notes, at, field, cells.get(at)).or_zero())
}

/// The counts of persons of a column.
pub(crate) fn counts(table: &Table, field: Field) -> Vec<Option<i64>> {
    let cells = table.texts(field);
    table.each_noting(|at, notes| {
        let (count, rules) = money::understand_count(cells.get(at));
        notes.take(at, field, rules, || {
            count.map_or(After::Nothing, After::Count)
        });
        count
    })
}

/// One row a repaired cell and rule, in order of sheet, row, field and rule: ORIGIN, ROW, FIELD, BEFORE, AFTER, RULE.
/// `AFTER` is what the whole cell is read as in the end, whichever of its rules the row names.
pub(crate) fn frame(table: &Table) -> PolarsResult<DataFrame> {
    let mut entries = std::mem::take(
        &mut *table
            .ledger
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner),
    );
    entries.sort_unstable_by_key(|entry| (entry.at, entry.field));
    let rows: usize = entries.iter().map(|entry| entry.rules.each().count()).sum();
    let (mut origins, mut numbers) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut fields, mut rules) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut before = StringChunkedBuilder::new(c::BEFORE.into(), rows);
    let mut after = StringChunkedBuilder::new(c::AFTER.into(), rows);
    for Entry {
        at,
        field,
        rules: used,
        after: value,
    } in entries
    {
        let (written, value) = (table.texts(field).get(at).unwrap_or(""), value.text()); // a repaired cell is there
        for rule in used.each() {
            origins.push(table.origin[at]);
            numbers.push(table.row[at]);
            fields.push(field.index());
            rules.push(rule.index());
            before.append_value(written);
            after.append_value(&value);
        }
    }
    let columns = vec![
        UInt32Chunked::from_vec(c::ORIGIN.into(), origins).into_column(),
        UInt32Chunked::from_vec(c::ROW.into(), numbers).into_column(),
        UInt8Chunked::from_vec(c::FIELD.into(), fields).into_column(),
        before.finish().into_column(),
        after.finish().into_column(),
        UInt8Chunked::from_vec(c::RULE.into(), rules).into_column(),
    ];
    DataFrame::new(rows, columns)
}

/// Rules that a cell which cannot be read needed: the one that says so.
pub(crate) const UNREADABLE: Repairs = Repairs::one(Repair::Unreadable);
