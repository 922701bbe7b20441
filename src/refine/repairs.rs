//! Repairs: columns read cell by cell, what it took to read them noted.

use polars::prelude::*;

use super::dates::{self, DayCell, Sense};
use super::ledger::{After, Mended, Notes};
use super::money::{self, Amount};
use super::says::shifted;
use super::table::BookText;
use crate::domain::{Fen, Field, Repair, Repairs, columns as c};

/// The days of a column.
pub(crate) fn days(table: &BookText, field: Field) -> Vec<DayCell> {
    let sense = sense(field);
    days_by(table, field, |cell| dates::understand_month(cell, sense))
}

/// Which end of a month a column means that writes months for days: where something begins the first, else the last.
fn sense(field: Field) -> Sense {
    let begins = matches!(
        field,
        Field::Begun | Field::Identified | Field::Approved | Field::EnrolledOn | Field::EventOn
    );
    if begins { Sense::First } else { Sense::Last }
}

/// The days of a column, read by a rule of its own.
pub(crate) fn days_by(
    table: &BookText,
    field: Field,
    read: impl Fn(Option<&str>) -> (DayCell, Repairs) + Sync + Send,
) -> Vec<DayCell> {
    let cells = table.texts(field);
    table.each_noting(|at, notes| {
        let (mut day, rules) = read(cells.get(at));
        // A serial counts from where the workbook says.
        if let DayCell::On(serial) = &mut day
            && rules.each().any(|rule| rule == Repair::SerialDay)
            && table.part(at).origin.since_1904
        {
            *serial += dates::FROM_1900_TO_1904;
        }
        notes.take((at, field), rules, || {
            day.known().map_or(After::Nothing, After::Day)
        });
        day
    })
}

/// One amount.
pub(crate) fn amount(
    notes: &mut Notes<'_>,
    at: usize,
    (field, shift): (Field, i32),
    cell: Option<&str>,
) -> Amount {
    let moved = moved(cell, shift);
    let (amount, rules) = money::understand(moved.as_deref().or(cell));
    let rules = rules.with(Repair::Unit, moved.is_some());
    notes.take((at, field), rules, || {
        if let Amount::Fen(fen) = amount {
            After::Money(fen)
        } else {
            After::Nothing
        }
    });
    amount
}

/// A cell whose sheet states it in another unit, in yuan or persons.
fn moved(cell: Option<&str>, shift: i32) -> Option<String> {
    cell.filter(|_| shift != 0)
        .and_then(|cell| shifted(cell, shift))
}

/// The amounts of a column; what cannot be read counts as 0.
pub(crate) fn amounts(table: &BookText, field: Field) -> Vec<Fen> {
    let cells = table.texts(field);
    let shifts = table.by_part(|part| part.says.shift(field));
    table.each_noting(|at, notes| amount(notes, at, (field, shifts[at]), cells.get(at)).or_zero())
}

/// The counts of persons of a column.
pub(crate) fn counts(table: &BookText, field: Field) -> Vec<Option<i64>> {
    let cells = table.texts(field);
    let shifts = table.by_part(|part| part.says.shift(field));
    table.each_noting(|at, notes| {
        let cell = cells.get(at);
        let moved = moved(cell, shifts[at]);
        let (count, rules) = money::understand_count(moved.as_deref().or(cell));
        let rules = rules.with(Repair::Unit, moved.is_some());
        notes.take((at, field), rules, || {
            count.map_or(After::Nothing, After::Count)
        });
        count
    })
}

/// One row a repaired cell and rule, in order of sheet, row, field and rule: ORIGIN, ROW, FIELD, BEFORE, AFTER, RULE.
/// `AFTER` is what the whole cell is read as in the end, whichever of its rules the row names.
pub(crate) fn frame(table: &BookText) -> PolarsResult<DataFrame> {
    let cells = table.ledger.taken();
    let rows: usize = cells.iter().map(|cell| cell.rules.each().count()).sum();
    let (mut origins, mut numbers) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut fields, mut rules) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let mut before = StringChunkedBuilder::new(c::BEFORE.into(), rows);
    let mut after = StringChunkedBuilder::new(c::AFTER.into(), rows);
    for Mended {
        at,
        field,
        rules: used,
        after: value,
    } in cells
    {
        let (written, value) = (table.texts(field).get(at).unwrap_or(""), value.text()); // a repaired cell is there
        for rule in used.each() {
            origins.push(table.origin[at]);
            numbers.push(table.row[at]);
            fields.push(field.index());
            rules.push(rule.index());
            // What was filled is written nowhere else.
            before.append_value(if rule == Repair::Merged { "" } else { written });
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

/// Repairs with the number of their origin.
pub(super) fn of_origin(mut repairs: DataFrame, origin: u32) -> PolarsResult<DataFrame> {
    repairs.with_column(
        UInt32Chunked::full(c::ORIGIN.into(), origin, repairs.height()).into_column(),
    )?;
    Ok(repairs)
}

/// Those that could not be read. Column by column: to filter the frame is to wait for polars' threads, and a thread that
/// reads files begins another piece of one while it waits, and in that another, until memory is full.
pub(super) fn unread(repairs: &DataFrame) -> PolarsResult<DataFrame> {
    let rules = repairs.column(c::RULE)?.u8()?;
    let is_unread: BooleanChunked = rules
        .into_no_null_iter()
        .map(|rule| rule == Repair::Unreadable.index())
        .collect();
    let columns = repairs
        .columns()
        .iter()
        .map(|column| column.filter(&is_unread));
    DataFrame::new_infer_height(columns.collect::<PolarsResult<_>>()?)
}
