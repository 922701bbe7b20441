//! Ledger: notes of every cell that is read as something else than what was written.

use std::sync::{Mutex, PoisonError};

use crate::domain::money::yuan_text;
use crate::domain::{Fen, Field, Repair, Repairs, period::day_of_epoch};

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
    pub(crate) fn text(self) -> String {
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
pub(crate) struct Mended {
    /// Row of the table.
    pub(crate) at: usize,
    pub(crate) field: Field,
    pub(crate) rules: Repairs,
    pub(crate) after: After,
}

/// All repaired cells of one book: few, unless an office writes every cell oddly.
#[derive(Default)]
pub(crate) struct MendedCells(Mutex<Vec<Mended>>);

impl MendedCells {
    /// Rows of a column that wrote a month, and the days they were read as.
    pub(crate) fn months(&self, field: Field) -> Vec<(usize, i32)> {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_field = cells.iter().filter(|cell| cell.field == field);
        let of_month = |cell: &Mended| match cell.after {
            After::Day(day) if cell.rules.each().any(|rule| rule == Repair::MonthAsDay) => {
                Some((cell.at, day))
            }
            After::Day(_) | After::Nothing | After::Text(_) | After::Money(_) | After::Count(_) => {
                None
            }
        };
        of_field.filter_map(of_month).collect()
    }

    /// All of them, by row and field, and what came first of one cell before the rest.
    pub(crate) fn taken(&self) -> Vec<Mended> {
        let mut cells = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        cells.sort_unstable_by_key(|cell| (cell.at, cell.field, first_rule(cell)));
        cells
    }
}

fn first_rule(cell: &Mended) -> Option<u8> {
    cell.rules.each().next().map(Repair::index)
}

/// The notes of one thread, handed in when it is done.
pub(crate) struct Notes<'l> {
    ledger: &'l MendedCells,
    entries: Vec<Mended>,
}

impl<'l> Notes<'l> {
    pub(crate) fn of(ledger: &'l MendedCells) -> Self {
        Notes {
            ledger,
            entries: Vec::new(),
        }
    }

    /// Notes a cell, if it needed any rule.
    pub(crate) fn take(
        &mut self,
        (at, field): (usize, Field),
        rules: Repairs,
        after: impl FnOnce() -> After,
    ) {
        if !rules.is_none() {
            self.entries.push(Mended {
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

/// Rules that a cell which cannot be read needed: the one that says so.
pub(crate) const UNREADABLE: Repairs = Repairs::one(Repair::Unreadable);
