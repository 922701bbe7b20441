//! Spelling: days, amounts and lines as each book writes them.

use chrono::{Datelike, NaiveDate};

use crate::domain::Fen;
use crate::domain::money::yuan_text;

/// How a book spells days.
#[derive(Clone, Copy)]
pub(super) enum DaySpelling {
    Dashes,
    Slashes,
    Compact,
    Dots,
    Words,
    Clock,
}

/// How a book spells amounts.
#[derive(Clone, Copy)]
pub(super) enum AmountSpelling {
    Decimals,
    Shortest,
    Yuan,
}

pub(super) fn household_number(household: u32) -> String {
    format!("H{household:08}")
}

pub(super) fn money(fen: Fen, spelling: AmountSpelling) -> String {
    let shortest = yuan_text(fen);
    let decimals = if shortest.contains('.') {
        shortest
    } else {
        format!("{shortest}.00")
    };
    match spelling {
        AmountSpelling::Decimals => decimals,
        AmountSpelling::Shortest => yuan_text(fen),
        AmountSpelling::Yuan => format!("{decimals}元"),
    }
}

pub(super) fn day(day: NaiveDate, spelling: DaySpelling) -> String {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match spelling {
        DaySpelling::Dashes => format!("{y}-{m:02}-{d:02}"),
        DaySpelling::Slashes => format!("{y}/{m}/{d}"),
        DaySpelling::Compact => format!("{y}{m:02}{d:02}"),
        DaySpelling::Dots => format!("{y}.{m:02}.{d:02}"),
        DaySpelling::Words => format!("{y}年{m}月{d}日"),
        DaySpelling::Clock => format!("{y}-{m:02}-{d:02} 09:{:02}", d + 10),
    }
}

pub(super) fn cell(text: &mut String, field: &str) {
    text.push_str(field);
    text.push(',');
}

pub(super) fn line(text: &mut String, fields: &[&str]) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(field);
    }
    text.push('\n');
}
