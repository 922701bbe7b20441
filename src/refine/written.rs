//! What clerks and spreadsheets write around a value, and instead of one.

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
