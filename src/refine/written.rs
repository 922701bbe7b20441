//! What clerks and spreadsheets write around a value, and instead of one.

use crate::domain::blank::is_blank;

/// Quotes that make a spreadsheet keep text, straight or curled by a word processor.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '"' | '“' | '”')
}

/// `="4303…"`: the `=` belongs to the quotes.
pub(crate) fn without_equals(text: &str) -> Option<&str> {
    text.strip_prefix('=')
        .filter(|rest| rest.starts_with(is_quote))
}

/// What stands in a cell for a number that there is none of: nothing, or zeros only. It tells nothing apart.
pub(crate) fn is_no_number(text: &str) -> bool {
    // Numbers begin with a letter or with another digit, nearly all of them.
    if matches!(
        text.as_bytes().first(),
        Some(b'1'..=b'9' | b'A'..=b'M' | b'O'..=b'Z')
    ) {
        return false;
    }
    let text = text.trim_matches(|c: char| is_blank(c) || is_quote(c));
    is_nothing(text) || text.chars().all(|c| matches!(c, '0' | '０' | '.'))
}

/// What databases and spreadsheets write for nothing: MySQL, Navicat, pandas, a look-up that found nothing, day 0.
pub(crate) fn is_marker(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "\\N", "(NULL)", "NULL", "[NULL]", "<NULL>", "NAT", "NAN", "NONE", "#N/A", "<NA>",
        "(空白)", "(空)", "空白", "NIL",
    ];
    const NO_DAYS: [&str; 6] = [
        "0000-00-00",
        "0000/00/00",
        "0000.00.00",
        "00000000",
        "1900-01-00",
        "1900/1/0",
    ];
    // Hardly any cell begins like one of them.
    match text.as_bytes().first() {
        Some(b'0' | b'1') => NO_DAYS.contains(&text.split([' ', 'T']).next().unwrap_or_default()),
        Some(b'\\' | b'(' | b'[' | b'<' | b'#' | b'N' | b'n' | 0xe7) => {
            text.len() <= 32 && WORDS.contains(&text.to_uppercase().as_str())
        }
        _ => false,
    }
}

/// How offices write an empty cell: a dash, a stroke, 无. A plain reading of nothing, no repair.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "无" | "空" | "NULL" | "null" | "N/A" | "n/a")
        || text
            .chars()
            .all(|c| matches!(c, '-' | '—' | '–' | '/' | '\\'))
}
