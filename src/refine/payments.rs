//! Payments: tax export → typed, reversals netted.

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::ledger::Notes;
use super::money::Amount;
use super::places::Gazetteer;
use super::repairs;
use super::table::{BookText, SheetPart};
use super::vocabulary;
use super::{declared, frame, registrations};
use crate::domain::{Cover, Doubt, Fate, Fen, Field, Price, columns as c};
use crate::scheme::Scheme;

/// One row a payment or reversal.
pub(crate) fn typed(
    table: &BookText,
    scheme: &Scheme,
    gazetteer: &Gazetteer,
    as_of: NaiveDate,
) -> Result<DataFrame> {
    let mut book = PersonRows::open(table, scheme, gazetteer);
    let covers = vocabulary::covers(table, scheme);
    let other_year = registrations::other_year(table, scheme);
    let money = Money::read(table).with_gaps(table);
    book.settle(Fate::OtherYear, |at| other_year[at]);
    book.settle(Fate::OtherScheme, |at| covers[at].0 == Cover::OtherCover);
    book.settle_later(as_of, |at| money.paid_on[at].known());

    book.doubt(Doubt::Unread, |at| money.is_unread(at));
    book.doubt(Doubt::UnknownWord, |at| covers[at].1.is_some());

    let mut more = vec![
        frame::indexes(
            c::COVER,
            covers.iter().map(|cover| cover.0.index()).collect(),
        ),
        frame::rare_text(c::UNKNOWN_WORD, covers.iter().map(|cover| cover.1)),
    ];
    more.extend(money.columns(table));
    more.extend(declared::cases(table, scheme));
    if scheme.late.iter().any(|rule| rule.price == Price::TwoYears) && table.has(Field::Year) {
        more.push(frame::flags(
            c::FOR_LAST_YEAR,
            registrations::last_year(table, scheme).into_iter(),
        ));
    }
    book.into_frame(more)
}

/// Money of every row as written.
pub(crate) struct Money<'t> {
    parts: Vec<Paid<'t>>,
    /// 缴费日期.
    pub(crate) paid_on: Vec<DayCell>,
    /// Text of a payment day that could not be read, else of an amount.
    unreadable: Vec<Option<&'t str>>,
}

#[derive(Clone, Copy)]
struct Paid<'t> {
    personal: Fen,
    subsidised: Fen,
    blank: bool,
    unreadable: Option<&'t str>,
}

impl<'t> Money<'t> {
    /// Reads amounts and days.
    pub(crate) fn read(table: &'t BookText<'t>) -> Self {
        let has = table.by_part(|part| AMOUNTS.map(|field| part.has(field)));
        let cells = AMOUNTS.map(|field| table.texts(field));
        let parts = table
            .each_noting(|at, notes| paid(notes, at, has[at], cells.map(|column| column.get(at))));
        let days = table.texts(Field::PaidOn);
        let paid_on = repairs::days(table, Field::PaidOn);
        let unreadable =
            table.each(|at| days.get(at).filter(|_| paid_on[at] == DayCell::Unreadable));
        Money {
            parts,
            paid_on,
            unreadable,
        }
    }

    /// The same where a row must say what was paid, and when: a blank amount is no nought, and a blank day no day in the window.
    /// A column that a sheet does not have is no gap.
    fn with_gaps(mut self, table: &'t BookText<'t>) -> Self {
        let states = table.by_part(states_amounts);
        let has_day = table.by_part(|part| part.has(Field::PaidOn));
        for at in 0..self.parts.len() {
            let paid = &mut self.parts[at];
            // Who is granted all pays nothing, which many systems leave blank.
            let lacks = states[at] && paid.blank && paid.subsidised == 0;
            paid.unreadable = paid.unreadable.or(lacks.then_some(BLANK));
            let lacks_day = has_day[at] && self.paid_on[at] == DayCell::Blank;
            self.unreadable[at] = self.unreadable[at].or(lacks_day.then_some(BLANK));
        }
        self
    }

    /// No amount is written in the row.
    pub(crate) fn is_blank(&self, at: usize) -> bool {
        self.parts[at].blank
    }

    /// A day or an amount is written that nobody can read.
    pub(crate) fn is_unread(&self, at: usize) -> bool {
        let is_written = |text: Option<&str>| text.is_some_and(|text| text != BLANK);
        is_written(self.unreadable[at]) || is_written(self.parts[at].unreadable)
    }

    /// PERSONAL … ORIGINAL, as written.
    pub(crate) fn columns(&self, table: &BookText) -> Vec<Column> {
        vec![
            frame::amounts(
                c::PERSONAL,
                self.parts.iter().map(|paid| paid.personal).collect(),
            ),
            frame::amounts(
                c::SUBSIDISED,
                self.parts.iter().map(|paid| paid.subsidised).collect(),
            ),
            frame::days(c::PAID_ON, &self.paid_on),
            frame::rare_text(c::UNREADABLE, self.unreadable.iter().copied()),
            frame::rare_text(
                c::UNREADABLE_AMOUNT,
                self.parts.iter().map(|paid| paid.unreadable),
            ),
            table.keys(Field::Voucher, c::VOUCHER),
            table.keys(Field::OriginalVoucher, c::ORIGINAL),
        ]
    }
}

/// Whether a sheet states amounts paid.
pub(crate) fn states_amounts(part: &SheetPart) -> bool {
    part.has(Field::Personal) || part.has(Field::Total)
}

/// What a gap says.
const BLANK: &str = "";

/// Columns of money, in the order in which a payment's parts follow from them.
const AMOUNTS: [Field; 3] = [Field::Personal, Field::Total, Field::Subsidy];

/// Personal and subsidised money from the columns that the sheet has (docs/readings.md#amounts).
fn paid<'t>(
    notes: &mut Notes<'_>,
    at: usize,
    [has_personal, has_total, has_subsidy]: [bool; 3],
    cells: [Option<&'t str>; 3],
) -> Paid<'t> {
    let mut which = AMOUNTS.into_iter();
    let [personal, total, subsidy] = cells.map(|cell| {
        which.next().map_or(Amount::Blank, |field| {
            repairs::amount(notes, at, field, cell)
        })
    });
    let amounts = [
        (has_personal, personal),
        (has_total, total),
        (has_subsidy, subsidy),
    ];
    let unread = amounts
        .iter()
        .position(|(has, amount)| *has && *amount == Amount::Unreadable);
    let blank = [personal, total]
        .iter()
        .all(|amount| *amount == Amount::Blank);
    // A part that follows from two amounts follows only when both can be read.
    let without = |from: Amount, part: Amount| match (from, part) {
        (Amount::Fen(from), Amount::Fen(part)) => from - part,
        (Amount::Fen(from), Amount::Blank) => from,
        _ => 0,
    };
    let (personal, subsidised) = match (has_personal, has_total, has_subsidy) {
        (true, _, true) => (personal.or_zero(), subsidy.or_zero()),
        (true, true, false) => (personal.or_zero(), without(total, personal)),
        (true, false, false) => (personal.or_zero(), 0),
        (false, true, true) => (without(total, subsidy), subsidy.or_zero()),
        (false, _, _) => (total.or_zero(), subsidy.or_zero()),
    };
    Paid {
        personal,
        subsidised,
        blank,
        unreadable: unread.and_then(|which| cells[which]),
    }
}
