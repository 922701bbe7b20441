//! Numbers: identity numbers that are valid and given to one person only.

use std::collections::HashMap;

use chrono::{Datelike, Days as Later, NaiveDate};

use crate::domain::PersonKey;
use crate::domain::period::epoch_day;

/// Gives out sequence numbers by region and day of birth.
#[derive(Default)]
pub(super) struct IdNumbers {
    given: HashMap<(u32, i32), [u16; 2]>,
}

impl IdNumbers {
    /// First 17 digits of a number nobody has yet, and the day of birth in it: a later one when a day is full.
    /// Sequences ending 00 are left out: a number ending 000 would look like one cut off by a spreadsheet.
    pub(super) fn give(&mut self, prefix: u32, birth: NaiveDate, male: bool) -> (u64, NaiveDate) {
        let mut birth = birth;
        loop {
            let day = epoch_day(birth);
            let used = &mut self.given.entry((prefix, day)).or_default()[usize::from(male)];
            // Sequences begin anywhere in the day's five hundred a sex, and go round once.
            let begin = (u64::from(prefix) * 31 + u64::from(day.unsigned_abs()) * 197) % SEQUENCES;
            while u64::from(*used) < SEQUENCES {
                let turn = (begin + u64::from(*used)) % SEQUENCES;
                *used += 1;
                let sequence = 2 * turn + 2 - u64::from(male);
                if !sequence.is_multiple_of(100) {
                    let ymd = u64::try_from(birth.year()).unwrap_or(0) * 10_000
                        + u64::from(birth.month() * 100 + birth.day());
                    return (
                        (u64::from(prefix) * 100_000_000 + ymd) * 1000 + sequence,
                        birth,
                    );
                }
            }
            birth = birth + Later::new(1);
        }
    }
}

/// Sequences a sex and day: 001, 003 … 997 and 002, 004 … 998.
const SEQUENCES: u64 = 499;

/// Whether a number is a man's.
pub(super) fn is_male(digits17: u64) -> bool {
    digits17 % 2 == 1
}

/// The day of birth in a number that was given out.
pub(super) fn birth(digits17: u64) -> NaiveDate {
    PersonKey::national(digits17).birth().unwrap_or_default()
}

/// The 18 characters of a number.
pub(super) fn text(digits17: u64) -> String {
    PersonKey::national(digits17)
        .national_text()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_given_twice_and_each_is_valid() {
        let mut numbers = IdNumbers::default();
        let born = NaiveDate::from_ymd_opt(1975, 3, 9).expect("a date");
        let mut seen = std::collections::HashSet::new();
        for i in 0..3000u32 {
            let (digits, birth) = numbers.give(430321, born, i % 2 == 0);
            assert!(seen.insert(digits));
            assert_eq!(PersonKey::national(digits).birth(), Some(birth));
            assert_eq!(super::birth(digits), birth);
            assert_eq!(digits % 2, u64::from(i % 2 == 0), "odd means male");
            assert!(!text(digits).ends_with("000"));
            assert_eq!(text(digits).len(), 18);
        }
    }
}
