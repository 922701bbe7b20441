//! Dates in all the forms of domain.md §9.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use crate::domain::period::epoch_day;

/// What a date cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// Nothing.
    Blank,
    /// Days since 1970-01-01.
    On(i32),
    /// Impossible, ambiguous, or no date at all.
    Unreadable,
}

impl Day {
    /// The day, where there is one.
    pub fn known(self) -> Option<i32> {
        if let Day::On(day) = self { Some(day) } else { None }
    }
}

/// 1899-12-30, day 0 of the 1900 system as it counts from March 1900 on.
const SERIAL_ZERO: i32 = -25_569;

/// Reads `20211231`, `2021.12.31`, `2021/12/31`, `2021-12-31 08:30`, `2021年12月31日`, `44561`.
pub fn read(cell: Option<&str>) -> Day {
    let Some(cell) = cell else { return Day::Blank };
    if cell.is_ascii() {
        return parse(cell.trim().as_bytes());
    }
    let text: String = cell.nfkc().map(|c| if matches!(c, '年' | '月') { '-' } else { c }).collect();
    let text: String = text.trim().chars().filter(|c| !matches!(c, '\u{200b}' | '\u{feff}')).collect();
    // 日 ends the date; a time may follow it.
    parse(text.replacen('日', " ", 1).trim().as_bytes())
}

/// Whether a day exists in the calendar.
pub(crate) fn exists(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=longest).contains(&day)
}

fn parse(text: &[u8]) -> Day {
    if text.is_empty() {
        return Day::Blank;
    }
    let (first, rest) = digits(text);
    match (first.len(), rest) {
        (4, [separator @ (b'-' | b'/' | b'.'), rest @ ..]) => separated(value(first), *separator, rest),
        (8, rest) if is_time(rest) => day(value(&first[..4]), value(&first[4..6]), value(&first[6..])),
        (14, []) => day(value(&first[..4]), value(&first[4..6]), value(&first[6..8])),
        // A date cell whose format was lost: 1927 to 2173.
        (5, rest) if first[0] != b'0' && is_fraction(rest) => {
            i32::try_from(value(first)).map_or(Day::Unreadable, |serial| Day::On(SERIAL_ZERO + serial))
        }
        _ => Day::Unreadable,
    }
}

fn separated(year: u64, separator: u8, text: &[u8]) -> Day {
    let (month, rest) = digits(skip_blanks(text));
    let [next, rest @ ..] = rest else { return Day::Unreadable };
    let (date, rest) = digits(skip_blanks(rest));
    let fits = *next == separator && (1..=2).contains(&month.len()) && (1..=2).contains(&date.len());
    if fits && is_time(rest) { day(year, value(month), value(date)) } else { Day::Unreadable }
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

/// Nothing, or a time of day after a blank or `T`.
fn is_time(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [b' ' | b'T', time @ ..] => time.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b' ' | b'Z' | b'+')),
        _ => false,
    }
}

fn is_fraction(rest: &[u8]) -> bool {
    matches!(rest, [] | [b'.', ..]) && rest.iter().skip(1).all(u8::is_ascii_digit)
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|b| b.is_ascii_digit()).count())
}

fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

fn day(year: u64, month: u64, day: u64) -> Day {
    // Before 1800 or after 2199 a digit was mistyped.
    let known = (1800..2200).contains(&year).then_some((year, month, day));
    let date = known
        .and_then(|(y, m, d)| NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, u32::try_from(m).ok()?, u32::try_from(d).ok()?));
    date.map_or(Day::Unreadable, |date| Day::On(epoch_day(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_every_form_and_impossible_ones_are_said_so() {
        for (written, date) in [
            ("20211231", "2021-12-31"),
            ("2021.12.31", "2021-12-31"),
            ("2021/12/31", "2021-12-31"),
            ("2021/1/5", "2021-01-05"),
            ("2021-12-31", "2021-12-31"),
            ("2021-12-31 08:30", "2021-12-31"),
            ("2021-12-31T08:30:00", "2021-12-31"),
            ("2021/12/31 08:30:00", "2021-12-31"),
            ("20211231083000", "2021-12-31"),
            ("2021年12月31日", "2021-12-31"),
            ("2021年1月5日 08:30", "2021-01-05"),
            ("２０２１－１２－３１", "2021-12-31"),
            ("44561", "2021-12-31"),
            ("44561.354166", "2021-12-31"),
            ("20210229", "unreadable"),
            ("2021-02-30", "unreadable"),
            ("2021-13-01", "unreadable"),
            ("2021年12月", "unreadable"),
            ("2021-12/31", "unreadable"),
            ("12/31/2021", "unreadable"),
            ("21-12-31", "unreadable"),
            ("202112", "unreadable"),
            ("2021", "unreadable"),
            ("2021-12-310", "unreadable"),
            ("不详", "unreadable"),
            ("00000", "unreadable"),
        ] {
            let got = match read(Some(written)) {
                Day::On(day) => crate::domain::period::day_of_epoch(day).to_string(),
                Day::Unreadable => "unreadable".to_owned(),
                Day::Blank => "blank".to_owned(),
            };
            assert_eq!(got, date, "{written}");
        }
        assert_eq!((read(None), read(Some(" "))), (Day::Blank, Day::Blank));
    }
}
