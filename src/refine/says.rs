//! What a table says of itself, for every row below that says nothing of it: coverage year and unit, from its header, its
//! titles, and the names of sheet and file (docs/readings.md#table-says).

use std::sync::LazyLock;

use regex::Regex;

use super::years::years;
use crate::domain::{Field, SourceKind};
use crate::intake::SourceSheet;

/// Coverage year and units of one sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Says {
    /// Its coverage years, first and last, where it names them as 年度 and is a book of rows of a year.
    pub(crate) years: Option<(i32, i32)>,
    /// Fields with another unit than yuan or persons: how many places the decimal point moves to the right.
    shifts: Vec<(Field, i32)>,
}

impl Says {
    pub(crate) fn of(sheet: &SourceSheet) -> Says {
        let titles = sheet.said.iter().filter(|line| line.row == 0);
        let titles: Vec<&str> = titles.map(|line| line.text.as_str()).collect();
        Says {
            years: years_of(sheet, &titles),
            shifts: shifts_of(sheet, &titles),
        }
    }

    /// By how many places the decimal point of a field's cells moves to the right.
    pub(crate) fn shift(&self, field: Field) -> i32 {
        let mut shifts = self.shifts.iter();
        let found = shifts.find(|(of, _)| *of == field);
        found.map_or(0, |(_, places)| *places) // yuan, persons
    }
}

/// `2024年度`, `2024-2025年度`: a year before 年 alone may be that of a month.
static YEAR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:20\d{2}年?[-—–~至])?20\d{2}\s*年度").expect("a constant expression")
});

/// The years that titles, sheet and file name, the first of them that names any.
fn years_of(sheet: &SourceSheet, titles: &[&str]) -> Option<(i32, i32)> {
    let kind = sheet.origin.source;
    if !matches!(
        kind,
        SourceKind::Registrations | SourceKind::Payments | SourceKind::Elsewhere
    ) {
        return None;
    }
    let title = titles.join(" ");
    let said = [
        title.as_str(),
        sheet.origin.sheet.as_str(),
        sheet.origin.file.as_str(),
    ];
    said.into_iter().find_map(|text| {
        let found = YEAR
            .find_iter(text)
            .filter_map(|found| years(found.as_str()));
        found.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)))
    })
}

/// Amounts of money, and numbers of persons.
const MONEY: [Field; 4] = [
    Field::Personal,
    Field::Total,
    Field::Subsidy,
    Field::Refunded,
];
/// See `MONEY`.
const PERSONS: [Field; 6] = [
    Field::Population,
    Field::Task,
    Field::Floor,
    Field::LastYear,
    Field::LastYearEmployee,
    Field::LastYearTotal,
];

/// Units with the places by which the point moves until yuan or persons are left.
const UNITS: [(&str, i32); 9] = [
    ("亿元", 8),
    ("万元", 4),
    ("千元", 3),
    ("百元", 2),
    ("万人", 4),
    ("元", 0),
    ("分", -2),
    ("人", 0),
    ("角", -1),
];

/// `（万元）`, `/万元`, `单位：分` in a header.
static IN_HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[(（\[【/／:：]\s*(?:单位[:：]?)?\s*(?:人民币)?(亿元|万元|千元|百元|万人|元|分|角|人)\s*(?:[)）\]】]|$)")
        .expect("a constant expression")
});
/// `单位：人、万元` in a title.
static IN_TITLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"单位\s*[:：]\s*([^\s)）]+)").expect("a constant expression"));

/// Of every field with a column: the unit of its header, else that of the titles.
fn shifts_of(sheet: &SourceSheet, titles: &[&str]) -> Vec<(Field, i32)> {
    let of_titles: Vec<(&str, i32)> = titles
        .iter()
        .flat_map(|title| IN_TITLE.captures_iter(title))
        .filter_map(|found| found.get(1))
        .flat_map(|units| units.as_str().split(['、', '，', ',', '/', '；']))
        .filter_map(unit)
        .collect();
    let mut shifts = Vec::new();
    for column in &sheet.columns {
        let Some(field) = column.field else { continue };
        let is_money = MONEY.contains(&field);
        if !is_money && !PERSONS.contains(&field) {
            continue;
        }
        let fits = |(name, _): &&(&str, i32)| name.ends_with('人') != is_money;
        let of_header = IN_HEADER.captures(&column.header);
        let of_header = of_header.and_then(|found| unit(found.get(1)?.as_str()));
        let said = of_header.as_ref().filter(fits);
        let said = said.or_else(|| of_titles.iter().find(fits));
        shifts.extend(said.map(|(_, places)| (field, *places)));
    }
    shifts.retain(|(_, places)| *places != 0);
    shifts
}

fn unit(text: &str) -> Option<(&'static str, i32)> {
    let text = text.trim().trim_start_matches("人民币");
    UNITS.into_iter().find(|(name, _)| *name == text)
}

/// A number with its decimal point moved to the right, or to the left; nothing of a cell that is no plain number, or that
/// states a unit of its own.
pub(crate) fn shifted(cell: &str, places: i32) -> Option<String> {
    let text = cell.trim().replace([',', '，'], "");
    let (sign, number) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.as_str()),
    };
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(rest) {
        return None;
    }
    let digits = format!("{whole}{rest}");
    let point = i32::try_from(whole.len()).ok()? + places;
    let (whole, rest) = match usize::try_from(point) {
        Ok(point) if point <= digits.len() => {
            let (whole, rest) = digits.split_at(point);
            (whole.to_owned(), rest.to_owned())
        }
        Ok(point) => (format!("{digits:0<point$}"), String::new()),
        Err(_) => {
            let zeros = usize::try_from(-point).ok()?;
            (String::new(), format!("{}{digits}", "0".repeat(zeros)))
        }
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let rest = rest.trim_end_matches('0');
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_of_a_number_moves_with_its_unit() {
        for (cell, places, expected) in [
            ("40000", -2, Some("400")),
            ("40,050", -2, Some("400.5")),
            ("5", -2, Some("0.05")),
            ("0.04", 4, Some("400")),
            ("0.0405", 4, Some("405")),
            ("-1.5", 4, Some("-15000")),
            ("4.1851", 4, Some("41851")),
            ("400元", 4, None),
            ("", 4, None),
            ("四百", 4, None),
        ] {
            assert_eq!(shifted(cell, places).as_deref(), expected, "{cell}");
        }
    }

    #[test]
    fn a_unit_stands_in_brackets_behind_a_slash_or_behind_its_name() {
        for (header, expected) in [
            ("缴费金额（分）", Some(-2)),
            ("缴费金额(万元)", Some(4)),
            ("缴费金额/元", Some(0)),
            ("应缴（单位：分）", Some(-2)),
            ("缴费金额", None),
            ("分户金额", None),
            ("个人缴费（分期）", None),
        ] {
            let found = IN_HEADER.captures(header);
            let found = found.and_then(|found| unit(found.get(1)?.as_str()));
            assert_eq!(found.map(|(_, places)| places), expected, "{header}");
        }
    }

    #[test]
    fn only_a_coverage_year_is_the_tables_year() {
        for (title, expected) in [
            ("远安县2024年度居民医保缴费明细", true),
            ("2024-2025年度缴费明细", true),
            ("2024 年度", true),
            ("2024年11月缴费明细", false),
            ("2024年城乡居民医保缴费明细", false),
            ("上年度", false),
        ] {
            assert_eq!(YEAR.is_match(title), expected, "{title}");
        }
    }
}
