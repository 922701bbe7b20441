//! What clerks and spreadsheets write around a value, and instead of one.

/// White space, and the marks that nobody sees: U+200B, directional marks and joiners of web pages, a BOM.
pub(crate) fn is_blank(c: char) -> bool {
    let is_format = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{ad}');
    c.is_whitespace() || is_format || matches!(c, '\0' | '\u{feff}')
}

/// Quotes that make a spreadsheet keep text, straight or curled by a word processor.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '`' | '"' | '“' | '”')
}

/// `="4303…"`: the `=` belongs to the quotes.
pub(crate) fn without_equals(text: &str) -> Option<&str> {
    text.strip_prefix('=')
        .filter(|rest| rest.starts_with(is_quote))
}

/// How offices write an empty cell: a dash, a stroke, 无. A plain reading of nothing, no repair.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "无" | "空" | "NULL" | "null" | "N/A" | "n/a")
        || text
            .chars()
            .all(|c| matches!(c, '-' | '—' | '–' | '/' | '\\'))
}
