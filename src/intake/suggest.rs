//! What a proposal for `columns` is made from: a bounded look at a sheet, and how like a header is to the words of a field.

use super::header;
use crate::domain::{Field, SourceKind};

/// The field that a header names in a book, by the words of the trade, and the rank of the word: 0 is the best.
pub fn meant(source: SourceKind, header: &str, year: i32) -> Option<(Field, u8)> {
    header::field(source, &header::key(header), year)
}

/// Whether a text is a word of headers that names no field: 备注, 序号.
pub fn is_word_of_headers(text: &str) -> bool {
    header::is_common(&header::key(text))
}

/// The word for a field that a header is most like, and how like in percent: the better of edits and of shared
/// characters. It orders proposals, and decides nothing.
pub fn likeness(source: SourceKind, field: Field, header: &str) -> Option<(&'static str, u8)> {
    let key = header::key(header);
    let scored =
        header::words_for(source, field).map(|word| (word, edits(&key, word), shared(&key, word)));
    // Among words that share as many characters the one in the same order is meant.
    let best = scored.max_by_key(|(_, edits, shared)| (*edits.max(shared), *edits.min(shared)))?;
    Some((best.0, best.1.max(best.2))).filter(|(_, percent)| *percent > 0)
}

fn edits(one: &str, other: &str) -> u8 {
    (strsim::normalized_levenshtein(one, other) * 100.0) as u8 // between 0 and 100
}

/// Characters that two words share, of all their characters: a word takes each of the other's only once.
fn shared(one: &str, other: &str) -> u8 {
    let mut rest: Vec<char> = other.chars().collect();
    let all = one.chars().count() + rest.len();
    let mut both: usize = 0;
    for c in one.chars() {
        if let Some(at) = rest.iter().position(|r| *r == c) {
            rest.swap_remove(at);
            both += 2;
        }
    }
    u8::try_from((both * 100).checked_div(all).unwrap_or(0)).unwrap_or(100) // a share of 100 at most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_most_like_the_word_it_was_meant_to_be() {
        for (header, field, word) in [
            ("身份号码", Field::Id, "身份证号码"),
            ("姓  名（全）", Field::Name, "姓名"),
            ("缴款金额", Field::Total, "缴费金额"),
            ("缴费曰期", Field::PaidOn, "缴费日期"),
        ] {
            let (found, percent) = likeness(SourceKind::Payments, field, header).expect(header);
            assert_eq!(found, word, "{header}");
            assert!(percent >= 50, "{header} {percent}");
        }
        assert_eq!(likeness(SourceKind::Payments, Field::Voucher, "甲"), None);
    }
}
