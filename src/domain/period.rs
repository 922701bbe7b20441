//! Periods: closed ranges of days.

use chrono::{Datelike, Months, NaiveDate};

/// Both ends count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Days {
    /// Whether the day lies inside, ends included.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }
}

/// The same day so many calendar months later, or the last day of that month where it is shorter.
/// Beyond the calendar the day itself: no notice counts so far.
pub fn months_later(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day) // years beyond 262,000
}

/// The first of the month after a day.
pub fn first_of_next_month(day: NaiveDate) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day); // every month has a first
    months_later(first, 1)
}

/// Days since 1970-01-01: what a date column of a frame holds.
pub fn epoch_day(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - 719_163
}

/// The date of a number that `epoch_day` gave.
pub fn day_of_epoch(days: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(days + 719_163).expect("dates in frames were dates before") // inverse of epoch_day
}
