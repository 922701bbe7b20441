//! Slips: what the parser says of a pipeline file, as the slip of the pen that it is, without what only follows from it.

use std::ops::Range;

use toml::de::Error;

use super::excerpt;
use crate::domain::TomlSlip;

/// A slip with its place and the parser's own words.
pub(super) struct Slipped {
    pub(super) at: Range<usize>,
    pub(super) slip: TomlSlip,
    pub(super) reason: String,
}

/// What is really wrong, in order of place: one slip a line, and only the first where the rest of the file follows from it.
pub(super) fn slips(text: &str, errors: &[Error]) -> Vec<Slipped> {
    let mut all: Vec<Slipped> = errors.iter().map(|error| slipped(text, error)).collect();
    let is_open = errors.iter().any(|error| {
        ["unclosed array", "unclosed inline"]
            .iter()
            .any(|open| error.message().starts_with(open))
    });
    all.sort_by_key(|one| one.at.start);
    if is_open {
        // Everything to the end of the file is then taken for members of the list.
        all.truncate(1);
        for one in &mut all {
            if one.slip == TomlSlip::NoComma {
                one.slip = TomlSlip::OpenBracket;
            }
        }
    }
    let table_twice = all.iter().position(|one| one.slip == TomlSlip::TableTwice);
    let (mut place, mut line_before) = (0, 0);
    all.retain(|one| {
        let line = excerpt::line_and_column(text, one.at.start).0;
        let of_the_table = one.slip == TomlSlip::KeyTwice || one.slip == TomlSlip::TableTwice;
        let follows =
            line == line_before || of_the_table && table_twice.is_some_and(|first| place > first);
        (place, line_before) = (place + 1, line);
        !follows
    });
    if let Some(first) = all.iter().position(|one| one.slip == TomlSlip::OpenQuote) {
        all.truncate(first + 1);
    }
    all
}

fn slipped(text: &str, error: &Error) -> Slipped {
    let at = error.span().unwrap_or(0..0);
    let reason = error.message().to_owned();
    let marked = text.get(at.clone()).unwrap_or("").trim();
    let begins = text
        .get(..at.start)
        .unwrap_or("")
        .rfind('\n')
        .map_or(0, |n| n + 1);
    let line = text
        .get(begins..)
        .unwrap_or("")
        .lines()
        .next()
        .unwrap_or("");
    let says = |words: &str| reason.starts_with(words);
    let slip = if has_full_width_marks(line) {
        TomlSlip::FullWidth
    } else if says("string values must be quoted") && marked.is_empty() {
        TomlSlip::NoValue
    } else if says("string values must be quoted") {
        TomlSlip::Unquoted
    } else if says("key with no value") || says("missing assignment") {
        TomlSlip::NoEquals
    } else if says("missing value for key") || says("missing value") {
        TomlSlip::NoValue
    } else if says("missing escaped value") || says("too few unicode") || says("invalid value") {
        TomlSlip::Backslash
    } else if says("invalid basic string")
        || says("invalid literal string")
        || says("invalid multi-line")
    {
        TomlSlip::OpenQuote
    } else if says("unclosed") {
        TomlSlip::OpenBracket
    } else if says("missing comma") {
        TomlSlip::NoComma
    } else if says("invalid unquoted key") || says("unquoted keys") || says("invalid key-value") {
        TomlSlip::BadKey
    } else if says("duplicate key") && line.trim_start().starts_with('[') {
        TomlSlip::TableTwice
    } else if says("duplicate key") {
        TomlSlip::KeyTwice
    } else if says("unexpected leading zero") {
        TomlSlip::LeadingZero
    } else if says("unexpected key or value") || says("unexpected content") {
        TomlSlip::Surplus
    } else {
        TomlSlip::Other
    };
    Slipped { at, slip, reason }
}

/// Marks of Chinese where TOML wants its own: outside of texts and comments, or at the end of a text that nothing closes.
fn has_full_width_marks(line: &str) -> bool {
    let full_width = |c: char| "“”‘’＂＝，；：、［］【】｛｝＃".contains(c);
    let mut in_text = None;
    for c in line.chars() {
        match in_text {
            Some(quote) if c == quote => in_text = None,
            Some(_) => {}
            None if c == '#' => return false,
            None if c == '"' || c == '\'' => in_text = Some(c),
            None if full_width(c) => return true,
            None => {}
        }
    }
    in_text.is_some() && line.trim_end().ends_with(['”', '’', '＂'])
}
