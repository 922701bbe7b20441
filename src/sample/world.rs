//! World: what the scheme fixes for everyone in the sample: days, prices, places, files.

use anyhow::{Result, bail};
use chrono::{Datelike, Days as Later, NaiveDate};

use crate::domain::period::{self, months_later};
use crate::domain::{Fen, Price, SourceKind};
use crate::scheme::{Category, Late, LateWhen, Mode, Scheme};

use super::dice::{Dice, Purpose};
use super::order::SampleOrder;
use super::places::{self, Neighbourhood};

/// What everyone shares.
pub(super) struct World<'a> {
    /// The scheme.
    pub(super) scheme: &'a Scheme,
    /// Seed of all chance.
    pub(super) seed: u64,
    /// The day the key holds for.
    pub(super) as_of: NaiveDate,
    /// Places inside and outside.
    pub(super) around: Neighbourhood,
    /// A day before the window and the cut-off: who was identified before it is on the roster all the season.
    pub(super) anchor: NaiveDate,
    /// First days of the payment files, in order.
    pub(super) files_from: Vec<NaiveDate>,
    /// Categories with a grant: positions.
    pub(super) granted: Vec<usize>,
    /// Two categories with equal grants of different payers, if there are such.
    pub(super) overlap: Option<(usize, usize)>,
}

impl<'a> World<'a> {
    /// Reads the season off the scheme.
    pub(super) fn new(scheme: &'a Scheme, order: &SampleOrder) -> Result<Self> {
        let Some(as_of) = end_of_next_month(scheme.window.to) else {
            bail!("the window ends beyond the calendar")
        };
        let granted: Vec<usize> = (0..scheme.categories.len())
            .filter(|&i| scheme.categories[i].grant > 0)
            .collect();
        let overlap = granted.iter().enumerate().find_map(|(n, &a)| {
            let one = &scheme.categories[a];
            let other = granted[n + 1..].iter().find(|&&b| {
                let two = &scheme.categories[b];
                one.grant == two.grant && one.payer != two.payer
            });
            other.map(|&b| (a, b))
        });
        Ok(World {
            scheme,
            seed: order.seed,
            as_of,
            around: places::look_around(scheme),
            anchor: scheme
                .roster
                .cut_off
                .map_or(scheme.window.from, |day| day.min(scheme.window.from)),
            files_from: payment_files(scheme.window.from, scheme.window.to, as_of, order.weeks),
            granted,
            overlap,
        })
    }

    /// Chance of its own for a purpose.
    pub(super) fn dice(&self, purpose: Purpose) -> Dice {
        Dice::new(self.seed, purpose)
    }

    /// Whether the scheme has this book.
    pub(super) fn has(&self, kind: SourceKind) -> bool {
        self.scheme.source(kind).is_some()
    }

    /// Whether exports of the payments add up.
    pub(super) fn payments_add_up(&self) -> bool {
        self.scheme
            .source(SourceKind::Payments)
            .is_none_or(|rule| rule.mode == Mode::Increment)
    }

    /// Day of the roster lists of the month before, where the scheme tells batches apart by their file names.
    pub(super) fn rosters_before(&self) -> Option<NaiveDate> {
        let rule = self.scheme.source(SourceKind::Rosters)?;
        let dated = rule.mode == Mode::Snapshot && rule.batch.is_some();
        dated
            .then(|| self.as_of.with_day(1).map(|first| before(first, 1)))
            .flatten()
    }

    /// The file that a payment of this day stands in.
    pub(super) fn file_of(&self, day: NaiveDate) -> usize {
        self.files_from
            .iter()
            .rposition(|from| *from <= day)
            .unwrap_or(0)
    }

    /// Last day of a payment file.
    pub(super) fn file_until(&self, file: usize) -> NaiveDate {
        self.files_from
            .get(file + 1)
            .map_or(self.as_of, |next| before(*next, 1))
    }

    /// The category at a position.
    pub(super) fn category(&self, at: usize) -> &Category {
        &self.scheme.categories[at]
    }

    /// What is open of the year before of a newborn who pays on a day, where the notice asks for two years.
    pub(super) fn owes_for_last_year(&self, birth: NaiveDate, paid: NaiveDate) -> Fen {
        let within = |when: &LateWhen| match when {
            LateWhen::BornWithinDays(days) => paid <= after(birth, u64::from(*days)),
            LateWhen::BornWithinMonths(months) => {
                paid < months_later(period::first_of_next_month(birth), *months)
            }
            _ => false,
        };
        let two_years = |rule: &Late| rule.price == Price::TwoYears && rule.when.iter().all(within);
        let owes = birth <= paid
            && birth < self.scheme.benefit.from
            && self.scheme.late.iter().any(two_years);
        if owes {
            self.scheme.entries.previous
        } else {
            0
        }
    }

    /// The case and price of late entries by declared case alone.
    pub(super) fn declared_cases(&self) -> Vec<(&[String], &'a Late)> {
        let case = |rule: &'a Late| match rule.when.as_slice() {
            [LateWhen::Case(words)] => Some((words.as_slice(), rule)),
            _ => None,
        };
        self.scheme.late.iter().filter_map(case).collect()
    }

    /// A day shortly after the window on which an employee cover stops whose holder may then enter as a resident at the
    /// personal price, having been covered for years.
    pub(super) fn cover_stop(&self) -> Option<NaiveDate> {
        let stop = after(self.scheme.window.to, 8);
        let fits = |when: &LateWhen| match when {
            LateWhen::EmployeeGapDays(days) => *days >= 20,
            LateWhen::EmployeeGapMonths(months) => *months >= 1,
            LateWhen::EmployeeStoppedFrom(day) => *day <= stop,
            LateWhen::EmployeeYears(years) => *years <= 3,
            _ => false,
        };
        let rule = self
            .scheme
            .late
            .iter()
            .find(|rule| rule.when.iter().all(fits))?;
        (rule.price == Price::Personal && after(stop, 20) <= self.as_of).then_some(stop)
    }

    /// What a person of one category pays.
    pub(super) fn payable(&self, category: usize) -> Fen {
        self.scheme.premium - self.category(category).grant
    }
}

/// A day so many days later.
pub(super) fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Later::new(days)).unwrap_or(day)
}

/// A day so many days earlier.
pub(super) fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Later::new(days)).unwrap_or(day)
}

fn first_of_next_month(day: NaiveDate) -> Option<NaiveDate> {
    if day.month() == 12 {
        NaiveDate::from_ymd_opt(day.year() + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(day.year(), day.month() + 1, 1)
    }
}

fn end_of_next_month(day: NaiveDate) -> Option<NaiveDate> {
    Some(before(first_of_next_month(first_of_next_month(day)?)?, 1))
}

/// A file a month, and one a week for the last `weeks` weeks of the window.
fn payment_files(from: NaiveDate, to: NaiveDate, as_of: NaiveDate, weeks: u32) -> Vec<NaiveDate> {
    let weekly_from = after(before(to, 7 * u64::from(weeks)), 1);
    let mut starts = vec![from];
    let mut next = first_of_next_month(from);
    while let Some(month) = next.filter(|month| *month <= as_of) {
        if weeks == 0 || month < weekly_from || month > to {
            starts.push(month);
        }
        next = first_of_next_month(month);
    }
    for week in 0..weeks {
        starts.push(after(weekly_from, 7 * u64::from(week)));
    }
    starts.push(after(to, 1));
    starts.retain(|start| *start >= from && *start <= as_of);
    starts.sort();
    starts.dedup();
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_files_are_months_then_weeks_then_the_time_after_the_window() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a date");
        let months = payment_files(day(2021, 9, 1), day(2021, 12, 31), day(2022, 1, 31), 0);
        assert_eq!(
            months,
            [
                day(2021, 9, 1),
                day(2021, 10, 1),
                day(2021, 11, 1),
                day(2021, 12, 1),
                day(2022, 1, 1)
            ]
        );
        let weeks = payment_files(day(2021, 9, 1), day(2021, 12, 31), day(2022, 1, 31), 2);
        assert_eq!(
            weeks[3..],
            [
                day(2021, 12, 1),
                day(2021, 12, 18),
                day(2021, 12, 25),
                day(2022, 1, 1)
            ]
        );
        assert_eq!(end_of_next_month(day(2022, 2, 28)), Some(day(2022, 3, 31)));
        assert_eq!(end_of_next_month(day(2021, 12, 25)), Some(day(2022, 1, 31)));
    }
}
