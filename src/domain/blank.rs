//! Blank: characters that stand in a cell and say nothing.

/// White space, and the two marks that are pasted into cells like it: U+200B and a BOM. Around cells and in words that are
/// compared.
#[inline]
pub fn is_white(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

/// White space, and all marks that nobody sees: also directional marks and joiners of web pages, soft hyphens and NUL. In
/// values that are read: whatever such a mark does there, it is no part of a number, a name or a day.
#[inline]
pub fn is_blank(c: char) -> bool {
    let is_mark = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{ad}');
    is_white(c) || is_mark || c == '\0'
}
