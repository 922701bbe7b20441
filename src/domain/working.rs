//! Working days: what a term of a few days is counted in.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Monday to Friday, less the holidays that are named. A Saturday worked in place of a holiday counts as none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    /// Days on which nobody works, whatever weekday they are.
    pub holidays: BTreeSet<NaiveDate>,
}

impl WorkingDays {
    /// Whether offices work on a day.
    pub fn has(&self, day: NaiveDate) -> bool {
        !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !self.holidays.contains(&day)
    }

    /// The n-th working day after a day; the day itself for none.
    pub fn after(&self, day: NaiveDate, n: u32) -> NaiveDate {
        let later = day.iter_days().skip(1).filter(|later| self.has(*later));
        let nth = n.checked_sub(1).map(|skip| later.skip(skip as usize)); // a handful of days
        nth.and_then(|mut days| days.next()).unwrap_or(day)
    }

    /// The earliest day of which the n-th working day after is not before `until`.
    pub fn earliest_reaching(&self, until: NaiveDate, n: u32) -> NaiveDate {
        let earlier = std::iter::successors(Some(until), |day| day.checked_sub_days(Days::new(1)));
        let reaching = earlier.take_while(|day| self.after(*day, n) >= until);
        reaching.last().unwrap_or(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_term_is_counted_from_monday_to_friday_without_holidays() {
        let plain = WorkingDays::default();
        let spring = WorkingDays {
            holidays: (23..=27).map(|at| day(&format!("2023-01-{at}"))).collect(),
        };
        for (of, from, n, expected) in [
            (&plain, "2022-12-23", 0, "2022-12-23"), // a Friday
            (&plain, "2022-12-23", 1, "2022-12-26"),
            (&plain, "2022-12-23", 5, "2022-12-30"),
            (&plain, "2022-12-24", 5, "2022-12-30"), // a Saturday
            (&plain, "2022-12-26", 5, "2023-01-02"),
            (&plain, "2023-01-20", 1, "2023-01-23"),
            (&spring, "2023-01-20", 1, "2023-01-30"),
        ] {
            assert_eq!(of.after(day(from), n), day(expected), "{from} + {n}");
        }
    }

    #[test]
    fn the_earliest_day_that_reaches_another_is_where_its_term_still_runs() {
        let plain = WorkingDays::default();
        for (until, n, expected) in [
            ("2022-12-31", 5, "2022-12-26"), // Friday 12-23 ends on Friday 12-30
            ("2022-12-26", 5, "2022-12-19"), // Sunday 12-18 ends on Friday 12-23
            ("2022-12-26", 0, "2022-12-26"),
        ] {
            let found = plain.earliest_reaching(day(until), n);
            assert_eq!(found, day(expected), "{until} - {n}");
        }
    }
}
