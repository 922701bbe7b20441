//! Rows of words: whether a row says what columns hold.

use std::borrow::Cow;

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell;
use crate::intake::header::meaning::{self, key};
use crate::intake::header::synonyms;
use crate::intake::marks;

/// The fields a row names, if it were the header.
pub(crate) fn fields_of(ask: Ask<'_>, row: &[Cow<'_, str>]) -> Vec<Field> {
    let words = row
        .iter()
        .map(|text| cell::trimmed(text))
        .filter(|text| !meaning::is_text(text));
    words
        .filter_map(|text| meaning::alone(ask, &key(text)))
        .map(|meant| meant.field)
        .collect()
}

/// Whether a row below a table is the header of another: words of headers, at least two, and hardly anything else.
pub(crate) fn looks_like_a_header(ask: Ask<'_>, row: &[Cow<'_, str>]) -> bool {
    let filled = || {
        row.iter()
            .map(|text| cell::trimmed(text))
            .filter(|text| !text.is_empty())
    };
    // Almost every row of data ends here: with a serial number, an amount or a date.
    if filled().next().is_some_and(marks::names_a_total) || filled().any(marks::is_value) {
        return false;
    }
    let all = filled().count();
    let (mut words, mut others) = (0, 0);
    for text in filled() {
        match is_word(ask, text) {
            true => words += 1,
            false => others += 1,
        }
        // A row of ordinary text ends here, at a third of its cells.
        if others * 3 > all {
            return false;
        }
    }
    words >= 2
}

/// A word of headers, whether or not it names a field.
pub(crate) fn is_word(ask: Ask<'_>, text: &str) -> bool {
    if meaning::is_text(text) {
        return false;
    }
    let key = key(text);
    synonyms::is_common(&key) || meaning::alone(ask, &key).is_some()
}
