//! Coverage years as clerks write them.

use unicode_normalization::UnicodeNormalization;

use crate::domain::blank::is_white;

/// More years at once nobody pays for.
pub(super) const MOST_YEARS: i32 = 10;

/// Coverage years of a cell, first and last: `2025`, `2025年度`, `2025-01-01`, `202501-202512`, `2024-2025`, `25年度`,
/// `2024年12月-2025年12月`. `None` = it names none that can be told.
pub fn years(cell: &str) -> Option<(i32, i32)> {
    let text: String = cell.nfkc().filter(|c| !is_white(*c)).collect();
    let runs = || {
        text.split(|c: char| !c.is_ascii_digit())
            .filter(|run| !run.is_empty())
    };
    let full = |run: &str| {
        let year: i32 = run.get(..4)?.parse().ok()?;
        let is_date = matches!(run.len(), 4 | 6 | 8) && (1990..2100).contains(&year);
        is_date.then_some(year)
    };
    let short = |run: &str| {
        let year: i32 = run.parse().ok()?;
        (run.len() == 2).then_some(2000 + year)
    };
    let mut found: Vec<i32> = runs().filter_map(full).collect();
    let numbers = runs().count();
    // 2024-25年度: no month is the 25th.
    if let ([first], Some(last)) = (found.as_slice(), runs().nth(1).and_then(short))
        && numbers == 2
        && last == first + 1
        && last > 2012
    {
        found.push(last);
    }
    // 25年度, 24-25: nothing but years of two digits.
    if found.is_empty() && numbers <= 2 && runs().all(|run| run.len() == 2) {
        let is_bare = |c: char| c.is_ascii_digit() || "年度-至~到/—".contains(c);
        if text.chars().all(is_bare) {
            found = runs().filter_map(short).collect();
        }
    }
    let (from, to) = (*found.iter().min()?, *found.iter().max()?);
    (to - from < MOST_YEARS).then_some((from, to))
}
