//! Dates in all the forms of docs/readings.md#dates, and their neighbours.
//!
//! Declared forms, which are no repair: `20211231`, `2021-12-31`, `2021/12/31`, `2021.12.31`, `2021年12月31日`, month and
//! day with one digit or two, each alone or with a time of day behind it. A time of day is no part of a day: it is left
//! out. Everything else that still says one day only is a repair; month or day first (`31/12/2021`), two digits of a year,
//! a month without a day and days that no calendar has are unreadable.

use chrono::{Datelike, NaiveDate};
use unicode_normalization::UnicodeNormalization;

use super::ledger::UNREADABLE;
use super::written::{is_marker, is_nothing, is_quote, without_equals};
use crate::domain::blank::is_blank;
use crate::domain::period::{day_of_epoch, epoch_day, first_of_next_month};
use crate::domain::{Repair, Repairs};

/// What a date cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayCell {
    /// Nothing, or a dash for nothing.
    Blank,
    /// Days since 1970-01-01.
    On(i32),
    /// Impossible, ambiguous, or no date at all.
    Unreadable,
}

impl DayCell {
    /// The day, where there is one.
    pub fn known(self) -> Option<i32> {
        if let DayCell::On(day) = self {
            Some(day)
        } else {
            None
        }
    }
}

/// 1899-12-30, day 0 of the 1900 system as it counts from March 1900 on.
const SERIAL_ZERO: i32 = -25_569;

/// Days between the zero of Excel's calendar of 1900 and that of 1904.
pub(crate) const FROM_1900_TO_1904: i32 = 1_462;

/// The day of a cell.
pub fn read(cell: Option<&str>) -> DayCell {
    understand(cell).0
}

/// The day of a cell, and the rules it took to read it.
pub fn understand(cell: Option<&str>) -> (DayCell, Repairs) {
    let Some(cell) = cell else {
        return (DayCell::Blank, Repairs::NONE);
    };
    let plainest = plainest(cell.as_bytes());
    if plainest != DayCell::Unreadable {
        return (plainest, Repairs::NONE);
    }
    let plain = if cell.is_ascii() {
        parse(cell.trim_ascii().as_bytes())
    } else {
        (DayCell::Unreadable, Repairs::NONE)
    };
    if let (DayCell::On(day), rules) = plain {
        return match days_to_china(cell) {
            0 => plain,
            days => (
                DayCell::On(day + days),
                rules.with(Repair::ChinaClock, true),
            ),
        };
    }
    if plain.0 != DayCell::Unreadable {
        return plain;
    }
    match rewritten(cell) {
        (DayCell::Unreadable, _) => (DayCell::Unreadable, UNREADABLE),
        known => known,
    }
}

/// Which end of a month stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sense {
    /// Where something begins.
    First,
    /// Where something ends, or has happened.
    Last,
}

/// The day of a cell that may name a month only.
pub(crate) fn understand_month(cell: Option<&str>, sense: Sense) -> (DayCell, Repairs) {
    let read = understand(cell);
    match (read, cell) {
        ((DayCell::Unreadable, _), Some(cell)) => or_month(cell, sense).unwrap_or(read),
        _ => read,
    }
}

/// `2024-06`, `202406`, `2024年6月` as a day. `2024.1` may be October that lost its zero.
fn or_month(cell: &str, sense: Sense) -> Option<(DayCell, Repairs)> {
    let text: String = cell.nfkc().filter(|c| !is_blank(*c)).collect();
    let text = text.trim_end_matches('份').trim_end_matches('月');
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (year, month) = match (digits, text.get(digits..)?) {
        (6, "") => text.split_at(4),
        (4, rest) => (&text[..4], rest.trim_start_matches('年')),
        _ => return None,
    };
    let is_plain = month.len() < text.len() - 4; // 年 stood between
    let month = if is_plain || digits == 6 {
        month
    } else {
        let rest = month.strip_prefix(['-', '/', '.'])?;
        if month.starts_with('.') && rest == "1" {
            return None;
        }
        rest
    };
    let number = |text: &str| {
        let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| value(text.as_bytes()))
    };
    let (year, month) = (number(year)?, number(month)?);
    let (DayCell::On(first), true) = (day(year, month, 1), (1900..2100).contains(&year)) else {
        return None;
    };
    let read = match sense {
        Sense::First => first,
        Sense::Last => last_of_month(first),
    };
    Some((DayCell::On(read), Repairs::one(Repair::MonthAsDay)))
}

/// The last day of the month of a day.
pub(crate) fn last_of_month(day: i32) -> i32 {
    epoch_day(first_of_next_month(day_of_epoch(day))) - 1
}

/// The first day of the month of a day.
pub(crate) fn first_of_month(day: i32) -> i32 {
    let date = day_of_epoch(day);
    epoch_day(date.with_day(1).unwrap_or(date)) // every month has a first
}

/// How many days China's clock is ahead (1), behind (-1) or neither of a day written with a clock of elsewhere: `…T16:00:00Z`
/// is the next day there.
fn days_to_china(cell: &str) -> i32 {
    const CHINA: i32 = 8 * 60;
    let text = cell.trim_ascii();
    let Some((_, time)) = text.split_once(['T', ' ']) else {
        return 0;
    };
    let time = time.trim_ascii();
    let (clock, ahead) = if let Some(clock) = time.strip_suffix('Z') {
        (clock, 0)
    } else {
        let Some(at) = time.rfind(['+', '-']) else {
            return 0;
        };
        let (clock, distance) = time.split_at(at);
        let digits: Vec<u8> = distance.bytes().filter(u8::is_ascii_digit).collect();
        let (hours, minutes) = digits.split_at(digits.len().min(2));
        let minutes = value(hours) * 60 + value(minutes);
        let minutes = i32::try_from(minutes).unwrap_or(CHINA);
        (
            clock,
            if distance.starts_with('-') {
                -minutes
            } else {
                minutes
            },
        )
    };
    let parts = clock.split([':', '.']).take(2);
    let parts: Vec<i32> = parts
        .filter_map(|part| part.trim_ascii().parse().ok())
        .collect();
    let [hour @ 0..=24, minute @ 0..=59] = parts[..] else {
        return 0;
    };
    let minutes = hour * 60 + minute;
    (minutes - ahead + CHINA).div_euclid(24 * 60)
}

/// `20211231` and `2021-12-31`, as almost every system writes a day; anything else is left to `parse`.
fn plainest(text: &[u8]) -> DayCell {
    let digits = match *text {
        [a, b, c, d, e, f, g, h] => [a, b, c, d, e, f, g, h],
        [a, b, c, d, b'-', e, f, b'-', g, h] => [a, b, c, d, e, f, g, h],
        _ => return DayCell::Unreadable,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return DayCell::Unreadable;
    }
    day(
        value(&digits[..4]),
        value(&digits[4..6]),
        value(&digits[6..]),
    )
}

/// The day on which something ends: 长期, 至今 and the far end of a database's calendar say that it does not.
pub fn understand_end(cell: Option<&str>) -> (DayCell, Repairs) {
    let open = |text: &str| {
        matches!(
            text,
            "长期" | "长期有效" | "至今" | "否" | "未退出" | "在享" | "正常"
        ) || text.starts_with("9999-12-31")
            || text == "99991231"
    };
    if cell.is_some_and(|text| open(text.trim())) {
        (DayCell::Blank, Repairs::NONE)
    } else {
        understand_month(cell, Sense::Last)
    }
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
    // The calendar has no year 0.
    year > 0 && (1..=longest).contains(&day)
}

/// The forms without 年, 月 and 日.
fn parse(text: &[u8]) -> (DayCell, Repairs) {
    if text.is_empty() {
        return (DayCell::Blank, Repairs::NONE);
    }
    let (first, rest) = digits(text);
    let found = match (first.len(), rest) {
        (4, [separator @ (b'-' | b'/' | b'.' | b' '), rest @ ..]) => {
            return separated(value(first), *separator, rest);
        }
        (8, rest) if is_time(rest) => {
            day(value(&first[..4]), value(&first[4..6]), value(&first[6..]))
        }
        (12 | 14 | 17, []) if is_time_of_day(&first[8..]) => {
            day(value(&first[..4]), value(&first[4..6]), value(&first[6..8]))
        }
        // Seconds or thousandths since 1970: 2001 to 2033.
        (10 | 13, []) if first[0] == b'1' => {
            let seconds = value(&first[..10]) + 8 * 3_600;
            let day = i32::try_from(seconds / 86_400).unwrap_or(0); // ten digits
            return (DayCell::On(day), Repairs::one(Repair::ChinaClock));
        }
        // A date cell whose format was lost: 1927 to 2173.
        (5, rest) if first[0] != b'0' && is_fraction(rest) => {
            return i32::try_from(value(first)).map_or(
                (DayCell::Unreadable, Repairs::NONE),
                |serial| {
                    (
                        DayCell::On(SERIAL_ZERO + serial),
                        Repairs::one(Repair::SerialDay),
                    )
                },
            );
        }
        _ => DayCell::Unreadable,
    };
    (found, Repairs::NONE)
}

/// Month and day behind the year, blanks around the separators allowed.
fn separated(year: u64, separator: u8, text: &[u8]) -> (DayCell, Repairs) {
    let unreadable = (DayCell::Unreadable, Repairs::NONE);
    // `2021 - 12 - 31`: the separator stands behind a blank.
    let (separator, text, mut spaced) = match (separator, text.trim_ascii_start()) {
        (b' ', [separator @ (b'-' | b'/' | b'.'), rest @ ..]) => (*separator, rest, true),
        (b' ', _) => return unreadable,
        _ => (separator, text, false),
    };
    let mut number = |text: &mut &[u8]| {
        spaced |= text.starts_with(b" ");
        let (number, rest) = digits(text.trim_ascii_start());
        *text = rest;
        (1..=2).contains(&number.len()).then(|| value(number))
    };
    let mut text = text;
    let Some(month) = number(&mut text) else {
        return unreadable;
    };
    let trimmed = text.trim_ascii_start();
    let blank_before = trimmed.len() < text.len();
    let [next, rest @ ..] = trimmed else {
        return unreadable;
    };
    let mut text = rest;
    let Some(date) = number(&mut text) else {
        return unreadable;
    };
    if *next != separator || !is_time(text) {
        return unreadable;
    }
    (
        day(year, month, date),
        Repairs::NONE.with(Repair::Blanks, spaced || blank_before),
    )
}

/// Nothing, or a time of day after a blank or `T`.
fn is_time(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [b' ' | b'T', time @ ..] => is_clock(time.trim_ascii()),
        _ => false,
    }
}

/// `8`, `08:30`, `08:30:15.0`, `083000`, each with or without the distance from Greenwich.
fn is_clock(time: &[u8]) -> bool {
    let (hour, rest) = digits(time);
    let rest = match (hour.len(), rest) {
        (0, rest) => return rest.is_empty(),
        (1 | 2, [b':', rest @ ..]) => {
            let (minute, rest) = digits(rest);
            if !(1..=2).contains(&minute.len()) {
                return false;
            }
            match rest {
                [b':', rest @ ..] => {
                    let (second, rest) = digits(rest);
                    if second.len() > 2 {
                        return false;
                    }
                    rest
                }
                rest => rest,
            }
        }
        (1 | 2, rest) => rest,
        (4 | 6, rest) if is_time_of_day(hour) => rest,
        _ => return false,
    };
    let rest = if let [b'.', rest @ ..] = rest {
        digits(rest).1
    } else {
        rest
    };
    match rest.trim_ascii() {
        [] | b"Z" => true,
        [b'+' | b'-', distance @ ..] => {
            (2..=5).contains(&distance.len())
                && distance.iter().all(|b| b.is_ascii_digit() || *b == b':')
        }
        _ => false,
    }
}

/// The digits behind the day of a stamp: hour and minute, perhaps second, perhaps thousandths.
fn is_time_of_day(digits: &[u8]) -> bool {
    let below = |at: usize, limit| digits.get(at..at + 2).is_none_or(|two| value(two) < limit);
    below(0, 24) && below(2, 60) && below(4, 60)
}

fn is_fraction(rest: &[u8]) -> bool {
    matches!(rest, [] | [b'.', ..]) && rest.iter().skip(1).all(u8::is_ascii_digit)
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|b| b.is_ascii_digit()).count())
}

/// Longer rows of digits than a date has are cut off: they are no date anyway.
fn value(digits: &[u8]) -> u64 {
    digits
        .iter()
        .take(18)
        .fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

/// The cell without quotes, marks nobody sees and full-width forms; then with 年, 月 and 日.
fn rewritten(cell: &str) -> (DayCell, Repairs) {
    let cell = cell.trim_matches(is_blank);
    let mut rules = Repairs::NONE;
    let mut text = String::with_capacity(cell.len());
    for c in without_equals(cell).unwrap_or(cell).chars() {
        for plain in c.nfkc() {
            if is_quote(plain) {
                rules.add(Repair::Quotes);
            } else if is_blank(plain) {
                if !plain.is_whitespace() {
                    rules.add(Repair::Blanks);
                } else {
                    text.push(' ');
                }
            } else {
                // A time of day is left out, however it is written.
                if plain != c && plain != ':' {
                    rules.add(Repair::FullWidth);
                }
                text.push(plain);
            }
        }
    }
    let text = text.trim();
    if is_nothing(text) {
        return (DayCell::Blank, Repairs::NONE);
    }
    if is_marker(text) {
        return (DayCell::Blank, Repairs::one(Repair::NullMarker));
    }
    let (day, more) = if text.is_ascii() {
        parse(clock_words(text).trim().as_bytes())
    } else {
        marked(text)
    };
    (
        day,
        more.each()
            .fold(rules, |rules, rule| rules.with(rule, true)),
    )
}

/// `2021年12月31日`, and what is written in between: 2021.12.31日, 2021年12月31, 二〇二一年十二月三十一日.
fn marked(text: &str) -> (DayCell, Repairs) {
    let mut cursor = Cursor {
        rest: text,
        han: false,
        spaced: false,
    };
    let found = cursor.marked();
    let rules = Repairs::NONE
        .with(Repair::HanNumerals, cursor.han)
        .with(Repair::Blanks, cursor.spaced);
    match found {
        Some((day, odd)) => (day, rules.with(Repair::DateMarks, odd)),
        None => (DayCell::Unreadable, Repairs::NONE),
    }
}

struct Cursor<'t> {
    rest: &'t str,
    han: bool,
    spaced: bool,
}

impl<'t> Cursor<'t> {
    /// The day, and whether its marks are other than 年, 月 and 日 or one separator twice.
    fn marked(&mut self) -> Option<(DayCell, bool)> {
        let year = self.number(4)?;
        let first = self.mark()?;
        let month = self.number(2)?;
        let second = self.mark()?;
        let date = self.number(2)?;
        let before = self.rest;
        let blank = before.starts_with(' ');
        let last = self
            .rest
            .trim_start()
            .chars()
            .next()
            .filter(|mark| matches!(mark, '日' | '号'));
        if let Some(mark) = last {
            self.rest = self.rest.trim_start().strip_prefix(mark)?;
            self.spaced |= blank;
        }
        let dash = |mark| {
            if matches!(mark, '年' | '月') {
                '-'
            } else {
                mark
            }
        };
        let in_place = !matches!(first, '月') && second != '年' && dash(first) == dash(second);
        let time = clock_words(self.rest);
        // 日 ends the date; a time may follow it at once.
        let is_time =
            is_time(time.as_bytes()) || last.is_some() && is_clock(time.trim().as_bytes());
        if !in_place || !is_time {
            return None;
        }
        let declared = match (first, second, last) {
            ('年', '月', Some('日')) => true,
            (one, other, None) => one == other,
            _ => false,
        };
        Some((day(year, month, date), !declared))
    }

    /// The next mark between two numbers, blanks before it allowed.
    fn mark(&mut self) -> Option<char> {
        let text = self.rest.trim_start();
        self.spaced |= text.len() < self.rest.len();
        let mark = text
            .chars()
            .next()
            .filter(|mark| matches!(mark, '年' | '月' | '-' | '/' | '.'))?;
        self.rest = text.strip_prefix(mark)?;
        Some(mark)
    }

    /// The next number: four digits, or up to two; in digits or in Han.
    fn number(&mut self, most: usize) -> Option<u64> {
        let text = self.rest.trim_start();
        self.spaced |= text.len() < self.rest.len();
        let ascii = text.bytes().take_while(u8::is_ascii_digit).count();
        if ascii > 0 {
            let (number, rest) = text.split_at(ascii);
            self.rest = rest;
            let fits = if most == 4 { ascii == 4 } else { ascii <= most };
            return fits.then(|| value(number.as_bytes()));
        }
        let end = text
            .find(|c| han_digit(c).is_none() && c != '十')
            .unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        self.rest = rest;
        self.han = true;
        if most == 4 {
            han_year(number)
        } else {
            han_number(number)
        }
    }
}

fn han_digit(c: char) -> Option<u64> {
    if c == '○' {
        return Some(0);
    }
    "〇一二三四五六七八九"
        .chars()
        .position(|digit| digit == c || (digit == '〇' && c == '零'))
        .map(|at| at as u64)
}

/// 二〇二一
fn han_year(text: &str) -> Option<u64> {
    let digits: Option<Vec<u64>> = text.chars().map(han_digit).collect();
    digits
        .filter(|digits| digits.len() == 4)
        .map(|digits| digits.into_iter().fold(0, |sum, digit| sum * 10 + digit))
}

/// 一 to 九十九
fn han_number(text: &str) -> Option<u64> {
    let one = |text: &str| {
        let mut digits = text.chars();
        match (digits.next(), digits.next()) {
            (Some(digit), None) => han_digit(digit),
            _ => None,
        }
    };
    match text.split_once('十') {
        None => one(text),
        Some((tens, ones)) => {
            let tens = if tens.is_empty() { 1 } else { one(tens)? };
            Some(tens * 10 + if ones.is_empty() { 0 } else { one(ones)? })
        }
    }
}

/// A time of day without its words: 上午8时30分 → ` 8:30`; the day of the week goes too.
fn clock_words(text: &str) -> String {
    let mut text = text.to_owned();
    for week in ["星期", "周"] {
        if let Some((before, tail)) = text.split_once(week)
            && let Some(after) = tail.strip_prefix(['一', '二', '三', '四', '五', '六', '日', '天'])
        {
            text = format!("{before} {after}");
        }
    }
    for word in [
        "凌晨", "早上", "上午", "中午", "下午", "晚上", "AM", "PM", "am", "pm",
    ] {
        text = text.replacen(word, " ", 1);
    }
    let text = text.replace(['时', '点', '分'], ":").replace('秒', "");
    text.trim_end_matches([':', ' ']).to_owned()
}

fn day(year: u64, month: u64, day: u64) -> DayCell {
    // Before 1800 or after 2199 a digit was mistyped.
    let known = (1800..2200).contains(&year).then_some((year, month, day));
    let date = known.and_then(|(y, m, d)| {
        NaiveDate::from_ymd_opt(
            i32::try_from(y).ok()?,
            u32::try_from(m).ok()?,
            u32::try_from(d).ok()?,
        )
    });
    date.map_or(DayCell::Unreadable, |date| DayCell::On(epoch_day(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said((day, rules): (DayCell, Repairs)) -> String {
        let day = match day {
            DayCell::On(day) => crate::domain::period::day_of_epoch(day).to_string(),
            DayCell::Unreadable => "unreadable".to_owned(),
            DayCell::Blank => "blank".to_owned(),
        };
        rules
            .each()
            .filter(|rule| *rule != Repair::Unreadable)
            .fold(day, |day, rule| format!("{day} {rule}"))
    }

    #[test]
    fn dates_are_read_in_every_form_and_impossible_ones_are_said_so() {
        for (written, read) in [
            // declared forms
            ("20211231", "2021-12-31"),
            ("2021.12.31", "2021-12-31"),
            ("2021/12/31", "2021-12-31"),
            ("2021/1/5", "2021-01-05"),
            ("2021-12-31", "2021-12-31"),
            ("2021年12月31日", "2021-12-31"),
            ("2021年1月5日", "2021-01-05"),
            ("2024-02-29", "2024-02-29"),
            // with a time of day
            ("2021-12-31 08:30", "2021-12-31"),
            ("2021-12-31 0:00:00", "2021-12-31"),
            ("2021-12-31 08:30:15.0", "2021-12-31"),
            ("2021-12-31T08:30:00", "2021-12-31"),
            ("2021-12-31T08:30:00Z", "2021-12-31"),
            ("2021-12-31T08:30:00+08:00", "2021-12-31"),
            ("2021-12-31T08:30:00.123-0500", "2021-12-31"),
            ("2021/12/31 08:30:00", "2021-12-31"),
            ("2021/12/31 8:30 PM", "2021-12-31"),
            ("2021/12/31 上午8:30", "2021-12-31"),
            ("2021年1月5日 08:30", "2021-01-05"),
            ("2021年1月5日08时30分05秒", "2021-01-05"),
            ("2021年12月31日 星期五", "2021-12-31"),
            ("2021-12-31 周五", "2021-12-31"),
            ("20211231 083000", "2021-12-31"),
            ("20211231083000", "2021-12-31"),
            ("202112312359", "2021-12-31"),
            ("20211231235959999", "2021-12-31"),
            // repairs
            ("44561", "2021-12-31 serial-day"),
            ("44561.354166", "2021-12-31 serial-day"),
            ("２０２１－１２－３１", "2021-12-31 full-width"),
            ("２０２１年１２月３１日", "2021-12-31 full-width"),
            ("４４５６１", "2021-12-31 full-width serial-day"),
            ("2021 年 12 月 31 日", "2021-12-31 blanks"),
            ("2021 - 12 - 31", "2021-12-31 blanks"),
            ("2021- 1- 5", "2021-01-05 blanks"),
            ("2021\u{200b}1231", "2021-12-31 blanks"),
            ("'2021-12-31", "2021-12-31 quotes"),
            ("=\"2021-12-31\"", "2021-12-31 quotes"),
            ("2021.12.31日", "2021-12-31 date-marks"),
            ("2021年12月31", "2021-12-31 date-marks"),
            ("2021年12月31号", "2021-12-31 date-marks"),
            ("2021年12-31", "2021-12-31 date-marks"),
            ("二〇二一年十二月三十一日", "2021-12-31 han-numerals"),
            ("二零二一年一月五日", "2021-01-05 han-numerals"),
            ("二○二一年十月二十日", "2021-10-20 han-numerals"),
            // nothing
            ("1740672000000", "2025-02-28 china-clock"),
            ("1740672000", "2025-02-28 china-clock"),
            ("2025-02-28T16:00:00Z", "2025-03-01 china-clock"),
            ("2025-02-28T15:59:59Z", "2025-02-28"),
            ("2025-02-28T23:59:59+08:00", "2025-02-28"),
            ("2025-03-01T00:30:00+09:00", "2025-02-28 china-clock"),
            ("2025-02-28 24:00:00", "2025-02-28"),
            ("\\N", "blank null-marker"),
            ("(NULL)", "blank null-marker"),
            ("NaT", "blank null-marker"),
            ("#N/A", "blank null-marker"),
            ("0000-00-00", "blank null-marker"),
            ("0000-00-00 00:00:00", "blank null-marker"),
            ("1900-01-00", "blank null-marker"),
            ("（空白）", "blank null-marker"),
            ("None", "blank null-marker"),
            (" ", "blank"),
            ("—", "blank"),
            ("/", "blank"),
            ("无", "blank"),
            // no day, or more than one
            ("20210229", "unreadable"),
            ("20211231999999", "unreadable"),
            ("20211231 999999", "unreadable"),
            ("202112312400", "unreadable"),
            ("20211231086000", "unreadable"),
            ("20211231083060000", "unreadable"),
            ("2021-02-30", "unreadable"),
            ("1900-02-29", "unreadable"),
            ("2021-13-01", "unreadable"),
            ("2021-00-10", "unreadable"),
            ("0001-01-01", "unreadable"),
            ("2021年12月", "unreadable"),
            ("2021年13月31日", "unreadable"),
            ("2021月12年31日", "unreadable"),
            ("二〇二一年十二月三十二日", "unreadable"),
            ("2021-12/31", "unreadable"),
            ("2021.12月31日", "unreadable"),
            ("12/31/2021", "unreadable"),
            ("31/12/2021", "unreadable"),
            ("05/06/2021", "unreadable"),
            ("21-12-31", "unreadable"),
            ("202112", "unreadable"),
            ("2021", "unreadable"),
            ("2021 12 31", "unreadable"),
            ("2021-12-310", "unreadable"),
            ("2021-12-31 至 2022-01-05", "unreadable"),
            ("2021-12-31 2022-01-05", "unreadable"),
            ("2021-12-31、2022-01-05", "unreadable"),
            ("99999999999999999999999999", "unreadable"),
            ("4.4561E4", "unreadable"),
            ("不详", "unreadable"),
            ("00000", "unreadable"),
        ] {
            assert_eq!(said(understand(Some(written))), read, "{written}");
        }
        assert_eq!(understand(None), (DayCell::Blank, Repairs::NONE));
        assert_eq!(understand(Some("2021-02-30")).1, UNREADABLE);
    }

    #[test]
    fn a_month_is_its_first_or_its_last_day() {
        for (written, first, last) in [
            (
                "2024-06",
                "2024-06-01 month-as-day",
                "2024-06-30 month-as-day",
            ),
            (
                "202406",
                "2024-06-01 month-as-day",
                "2024-06-30 month-as-day",
            ),
            (
                "2024年6月",
                "2024-06-01 month-as-day",
                "2024-06-30 month-as-day",
            ),
            (
                "2024年06月份",
                "2024-06-01 month-as-day",
                "2024-06-30 month-as-day",
            ),
            (
                "2024/2",
                "2024-02-01 month-as-day",
                "2024-02-29 month-as-day",
            ),
            (
                "2024.10",
                "2024-10-01 month-as-day",
                "2024-10-31 month-as-day",
            ),
            ("2024-06-15", "2024-06-15", "2024-06-15"),
            ("2024.1", "unreadable", "unreadable"),
            ("202413", "unreadable", "unreadable"),
            ("2024年上半年", "unreadable", "unreadable"),
            ("24.6.30", "unreadable", "unreadable"),
            ("2024年", "unreadable", "unreadable"),
        ] {
            let read = |sense| said(understand_month(Some(written), sense));
            assert_eq!(
                (read(Sense::First).as_str(), read(Sense::Last).as_str()),
                (first, last),
                "{written}"
            );
        }
    }

    #[test]
    fn an_end_that_never_comes_is_no_end() {
        for (written, read) in [
            ("长期", "blank"),
            ("9999-12-31", "blank"),
            ("99991231", "blank"),
            ("9999-12-31 00:00:00", "blank"),
            ("2022-01-31", "2022-01-31"),
            ("9999", "unreadable"),
        ] {
            assert_eq!(said(understand_end(Some(written))), read, "{written}");
        }
        assert_eq!(
            said(understand(Some("长期"))),
            "unreadable",
            "what begins has a day"
        );
    }
}
