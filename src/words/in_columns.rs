//! Labels and values below each other: a Chinese character is two columns wide.

use unicode_width::UnicodeWidthStr;

/// Label, two blanks after the widest, value.
pub(super) fn aligned(pairs: &[(String, String)]) -> Vec<String> {
    let widest = pairs
        .iter()
        .map(|(label, _)| label.width())
        .max()
        .unwrap_or(0);
    pairs
        .iter()
        .map(|(label, value)| format!("{label}{}{value}", " ".repeat(widest - label.width() + 2)))
        .collect()
}

/// Label, and the count at the right edge of one column. A Chinese character is two columns wide.
pub(super) fn counted(pairs: &[(String, String)]) -> Vec<String> {
    let widest = pairs
        .iter()
        .map(|(label, _)| label.width())
        .max()
        .unwrap_or(0);
    let longest = pairs
        .iter()
        .map(|(_, count)| count.len())
        .max()
        .unwrap_or(0);
    pairs
        .iter()
        .map(|(label, count)| {
            format!(
                "{label}{}{count:>longest$}",
                " ".repeat(widest - label.width() + 2)
            )
        })
        .collect()
}
