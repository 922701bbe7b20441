//! Account: what the rows of a sheet come to before any of them is judged: how many say whom they are about, where, when and
//! how much. Pieces add up, so that it costs no second look at the rows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;

use super::places::Atlas;
use super::table::BookText;
use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::{Code, Fate, Fen, Field, columns as c};
use crate::scheme::Scheme;

/// What the data rows of a sheet come to.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Data rows.
    pub rows: u64,
    /// Rows with neither number nor name.
    pub nobody: u64,
    /// Rows that name no place below the scheme's region.
    pub placeless: u64,
    /// Rows whose place lies outside the scheme's region.
    pub outside: u64,
    /// Rows of another coverage year.
    pub other_year: u64,
    /// Rows in which no amount is written.
    pub no_amount: u64,
    /// Money as written, personal and subsidised.
    pub fen: Fen,
    /// Rows by month of payment.
    pub months: BTreeMap<(i32, u32), u64>,
    /// First and last payment day, in days since 1970.
    pub days: Option<(i32, i32)>,
    /// Last payment day that is not after the as-of date.
    pub last_paid: Option<i32>,
    /// Values that could not be read, by the check that says so.
    pub unread: BTreeMap<Code, u64>,
    /// Rows by number of their place, until places are known.
    places: PlHashMap<u32, u64>,
}

impl Account {
    /// Of a piece of a book of persons.
    pub(super) fn of(
        table: &BookText<'_>,
        frame: &DataFrame,
        (scheme, as_of): (&Scheme, NaiveDate),
    ) -> PolarsResult<Self> {
        let mut account = Account {
            rows: frame.height() as u64,
            ..Account::default()
        };
        account.persons(frame)?;
        account.money(table, frame, as_of)?;
        account.places = rows_by_place(frame.column(c::PLACE)?.u32()?);
        let other_year = Fate::OtherYear.index();
        let fates = frame.column(c::FATE)?.u8()?.into_no_null_iter();
        account.other_year = fates.filter(|fate| *fate == other_year).count() as u64;
        // A title of another year contradicts the rows that name this one.
        let foreign = table.parts.iter().filter(|part| {
            let years = part.says.years;
            years.is_some_and(|(from, to)| !(from..=to).contains(&scheme.year))
        });
        let foreign = foreign.map(|part| part.rows.len() as u64).sum();
        account.other_year = account.other_year.max(foreign);
        Ok(account)
    }

    fn persons(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let verdicts = frame.column(c::ID_VERDICT)?.u8()?;
        if verdicts.null_count() == verdicts.len() {
            return Ok(());
        }
        let names = frame.column(c::NAME)?.str()?;
        for (verdict, name) in verdicts.iter().zip(names.iter()) {
            let Some(code) = verdict.map(Code::at) else {
                continue;
            };
            self.nobody += u64::from(code == Code::IdMissing && name.is_none());
            *self.unread.entry(code).or_default() += 1;
        }
        Ok(())
    }

    fn money(
        &mut self,
        table: &BookText<'_>,
        frame: &DataFrame,
        as_of: NaiveDate,
    ) -> PolarsResult<()> {
        let Ok(paid_on) = frame.column(c::PAID_ON) else {
            return Ok(());
        };
        for name in [c::PERSONAL, c::SUBSIDISED] {
            self.fen += frame.column(name)?.i64()?.into_no_null_iter().sum::<Fen>();
        }
        let unreadable = frame.column(c::UNREADABLE_AMOUNT)?;
        self.unread_of(
            Code::AmountWrong,
            unreadable.len() - unreadable.null_count(),
        );
        let [personal, total] = [Field::Personal, Field::Total].map(|field| table.texts(field));
        let is_blank = |at: &usize| personal.get(*at).is_none() && total.get(*at).is_none();
        self.no_amount = (0..table.len).filter(is_blank).count() as u64;
        let as_of = epoch_day(as_of);
        let mut last = None;
        for day in paid_on.date()?.physical().iter().flatten() {
            if day <= as_of {
                self.last_paid = self.last_paid.max(Some(day));
            }
            let span = self.days.get_or_insert((day, day));
            *span = (span.0.min(day), span.1.max(day));
            let month = match last {
                Some((same, month)) if same == day => month,
                _ => month_of(day),
            };
            last = Some((day, month));
            *self.months.entry(month).or_default() += 1;
        }
        Ok(())
    }

    fn unread_of(&mut self, code: Code, rows: usize) {
        if rows > 0 {
            *self.unread.entry(code).or_default() += rows as u64;
        }
    }

    /// Adds another piece's.
    pub(super) fn append(&mut self, other: Account) {
        self.rows += other.rows;
        self.nobody += other.nobody;
        self.other_year += other.other_year;
        self.no_amount += other.no_amount;
        self.fen += other.fen;
        for (month, rows) in other.months {
            *self.months.entry(month).or_default() += rows;
        }
        let spans = [self.days, other.days].into_iter().flatten();
        self.days = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        self.last_paid = self.last_paid.max(other.last_paid);
        for (code, rows) in other.unread {
            *self.unread.entry(code).or_default() += rows;
        }
        for (place, rows) in other.places {
            *self.places.entry(place).or_default() += rows;
        }
    }

    /// Counts what is known of the places once all are.
    pub(super) fn place(&mut self, atlas: &Atlas) {
        for (place, rows) in std::mem::take(&mut self.places) {
            let lies = atlas.lies(place);
            self.placeless += if lies.nowhere { rows } else { 0 };
            self.outside += if lies.outside { rows } else { 0 };
            if lies.unknown {
                *self.unread.entry(Code::RegionUnknown).or_default() += rows;
            }
        }
    }
}

/// Rows by number of their place. Neighbours of one village mostly stand together: each run of them is looked up once.
fn rows_by_place(places: &UInt32Chunked) -> PlHashMap<u32, u64> {
    let mut by_place = PlHashMap::default();
    let mut run: Option<(u32, u64)> = None;
    for place in places.into_no_null_iter() {
        run = match run {
            Some((same, rows)) if same == place => Some((same, rows + 1)),
            ended => {
                if let Some((place, rows)) = ended {
                    *by_place.entry(place).or_default() += rows;
                }
                Some((place, 1))
            }
        };
    }
    if let Some((place, rows)) = run {
        *by_place.entry(place).or_default() += rows;
    }
    by_place
}

/// The month of a day since 1970.
fn month_of(day: i32) -> (i32, u32) {
    use chrono::Datelike;
    let day = day_of_epoch(day);
    (day.year(), day.month())
}
