//! Periods: closed ranges of days.

use chrono::{Datelike, NaiveDate};

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

/// Days since 1970-01-01: what a date column of a frame holds.
pub fn epoch_day(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - 719_163
}

/// The date of a number that `epoch_day` gave.
pub fn day_of_epoch(days: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(days + 719_163).expect("dates in frames were dates before") // inverse of epoch_day
}
