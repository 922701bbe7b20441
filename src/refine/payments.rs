//! Payments: tax export → typed, reversals netted.

use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::book::PersonRows;
use super::dates::DayCell;
use super::ledger::Notes;
use super::money::Amount;
use super::places::Gazetteer;
use super::repairs;
use super::states::{PaymentStates, RowState};
use super::sums::Sums;
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
    let periods = vocabulary::periods(table);
    let money = Money::read(table, scheme);
    money.settle(&mut book);
    book.settle(Fate::OtherYear, |at| {
        registrations::is_other_year(periods[at].0, scheme.year)
    });
    book.settle(Fate::OtherScheme, |at| covers[at].0 == Cover::OtherCover);
    book.settle_later(as_of, |at| money.paid_on[at].known());

    book.doubt(Doubt::Unread, |at| money.is_unread(at));
    book.doubt_months(Field::PaidOn, &scheme.turning_days(as_of));
    book.doubt(Doubt::UnknownWord, |at| {
        let unknown = covers[at].1.or(periods[at].1);
        unknown.is_some() || money.states.is_doubtful(at)
    });

    let mut more = vec![
        frame::indexes(
            c::COVER,
            covers.iter().map(|cover| cover.0.index()).collect(),
        ),
        frame::rare_text(
            c::UNKNOWN_WORD,
            (0..table.len).map(|at| {
                let word = covers[at].1.or(money.states.unknown(at));
                word.or(periods[at].1)
            }),
        ),
        registrations::several_years(periods.iter().map(|period| period.0)),
    ];
    more.extend(money.columns(table));
    more.extend(declared::cases(table, scheme));
    if scheme.late.iter().any(|rule| rule.price == Price::TwoYears) && table.has(Field::Year) {
        more.push(frame::flags(
            c::FOR_LAST_YEAR,
            periods
                .iter()
                .map(|period| period.0 == Some((scheme.year - 1, scheme.year - 1))),
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
    /// What each row says of itself.
    pub(crate) states: PaymentStates<'t>,
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
    pub(crate) fn read(table: &'t BookText<'t>, scheme: &Scheme) -> Self {
        let has = table.by_part(|part| AMOUNTS.map(|field| part.has(field)));
        let shifts = table.by_part(|part| AMOUNTS.map(|field| part.says.shift(field)));
        let cells = AMOUNTS.map(|field| table.texts(field));
        let parts = table.each_noting(|at, notes| {
            let cells = cells.map(|column| column.get(at));
            paid(notes, at, (has[at], shifts[at]), cells)
        });
        let mut sums = Sums::default();
        for (at, paid) in parts.iter().enumerate() {
            let paid: &Paid<'_> = paid;
            if has[at] == [false, true, true] && paid.subsidised != 0 {
                sums.count(paid.total(), paid.subsidised, scheme.premium);
            }
        }
        *table.sums.lock().unwrap_or_else(PoisonError::into_inner) += sums;
        let days = table.texts(Field::PaidOn);
        let paid_on = repairs::days(table, Field::PaidOn);
        let unreadable =
            table.each(|at| days.get(at).filter(|_| paid_on[at] == DayCell::Unreadable));
        let mut money = Money {
            parts,
            paid_on,
            unreadable,
            states: PaymentStates::read(table, scheme),
        };
        money.give_back(table);
        money.with_gaps(table)
    }

    /// Turns the sign of what gives money back, and takes off what a column says went back of a payment.
    fn give_back(&mut self, table: &BookText) {
        let returned = table
            .has(Field::Refunded)
            .then(|| repairs::amounts(table, Field::Refunded));
        for at in 0..self.parts.len() {
            let returned = returned.as_ref().map_or(0, |returned| returned[at].abs());
            let state = self.states.of(at);
            let paid = &mut self.parts[at];
            if state == RowState::GivesBack {
                paid.turn(returned);
            } else if returned > 0 && state == RowState::Counts && paid.total() > 0 {
                if returned >= paid.total() {
                    self.states.set(at, RowState::GivenBack);
                } else {
                    paid.lower(returned);
                }
            }
        }
    }

    /// Money went back by this row's own word: what is still positive counts for nobody.
    fn is_given_back(&self, at: usize) -> bool {
        self.states.of(at) == RowState::GivenBack && self.parts[at].total() >= 0
    }

    /// Whether the row's own word takes its money out of every sum: back again, or stands for nothing.
    pub(crate) fn is_void(&self, at: usize) -> bool {
        self.is_given_back(at) || self.states.of(at) == RowState::Void
    }

    /// Whether the row says that its money has not come.
    pub(crate) fn is_awaited(&self, at: usize) -> bool {
        self.states.of(at) == RowState::NotArrived
    }

    /// Settles the rows that say of themselves that they do not count, or not yet.
    fn settle(&self, book: &mut PersonRows<'_>) {
        if self.states.are_stated() {
            book.settle(Fate::Void, |at| self.is_void(at));
            book.settle(Fate::NotArrived, |at| self.is_awaited(at));
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

    /// No money stands in the row, and nothing that could be some.
    pub(crate) fn is_nothing(&self, at: usize) -> bool {
        self.parts[at].total() == 0 && self.parts[at].unreadable.is_none()
    }

    /// A day or an amount cannot be read, or is not written where the sheet has a column for it.
    pub(crate) fn is_unread(&self, at: usize) -> bool {
        self.unreadable[at].is_some() || self.parts[at].unreadable.is_some()
    }

    /// PERSONAL … ORIGINAL, as written.
    pub(crate) fn columns(&self, table: &BookText) -> Vec<Column> {
        let mut columns = vec![
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
        ];
        if self.states.are_stated() {
            let given_back = (0..self.parts.len()).map(|at| self.is_given_back(at));
            columns.push(frame::flags(c::REFUNDED, given_back));
        }
        columns
    }
}

impl Paid<'_> {
    fn total(&self) -> Fen {
        self.personal + self.subsidised
    }

    /// As money that went back; `returned` where the row names no other amount.
    fn turn(&mut self, returned: Fen) {
        if self.total() > 0 {
            (self.personal, self.subsidised) = (-self.personal, -self.subsidised);
        } else if self.total() == 0 {
            self.personal = -returned;
            self.blank &= returned == 0;
        }
    }

    /// Less what went back: the person's own money first.
    fn lower(&mut self, returned: Fen) {
        let own = returned.min(self.personal.max(0));
        self.personal -= own;
        self.subsidised -= returned - own;
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
    ([has_personal, has_total, has_subsidy], shifts): ([bool; 3], [i32; 3]),
    cells: [Option<&'t str>; 3],
) -> Paid<'t> {
    let mut which = AMOUNTS.into_iter().zip(shifts);
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
    let personal = match (personal, has_personal && has_total) {
        // A blank beside a sum is not nothing.
        (Amount::Blank, true) => match (total, subsidy) {
            (Amount::Fen(total), Amount::Fen(subsidy)) => Amount::Fen(total - subsidy),
            (total, _) => total,
        },
        (personal, _) => personal,
    };
    let blank = [personal, total]
        .iter()
        .all(|amount| *amount == Amount::Blank);
    // A part that follows from two amounts follows only when both can be read.
    let without = |from: Amount, part: Amount| match (from, part) {
        (Amount::Fen(from), Amount::Fen(part)) => from - part,
        (Amount::Fen(from), Amount::Blank) => from,
        _ => 0,
    };
    // A subsidy beside no sum is more than the sum: how both are read is settled for the sheet (`Sums`).
    let beside = |total: Amount, subsidy: Amount| match (total, subsidy) {
        (Amount::Blank | Amount::Unreadable, Amount::Fen(subsidy)) => -subsidy,
        _ => without(total, subsidy),
    };
    let (personal, subsidised) = match (has_personal, has_total, has_subsidy) {
        (true, _, true) => (personal.or_zero(), subsidy.or_zero()),
        (true, true, false) => (personal.or_zero(), without(total, personal)),
        (true, false, false) => (personal.or_zero(), 0),
        (false, true, true) => (beside(total, subsidy), subsidy.or_zero()),
        (false, _, _) => (total.or_zero(), subsidy.or_zero()),
    };
    Paid {
        personal,
        subsidised,
        blank,
        unreadable: unread.and_then(|which| cells[which]),
    }
}
