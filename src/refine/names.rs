//! Names: cleaned for comparison, and told apart from names that a system could not write.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::domain::blank::is_blank;
use crate::domain::{Repair, Repairs};

/// A name as it is compared: NFKC, without blanks, every middle dot as `·`. Blank → `None`.
pub fn clean(written: &str) -> Option<Cow<'_, str>> {
    // Three bytes from E4 B8 80 to E9 BF BF are a letter of the plain block of Han: almost every name, told without decoding.
    let (letters, rest) = written.as_bytes().as_chunks::<3>();
    let is_han = |letter: &[u8; 3]| {
        matches!(
            (letter[0], letter[1]),
            (0xe4, 0xb8..) | (0xe5..=0xe9, 0x80..)
        )
    };
    if !letters.is_empty() && rest.is_empty() && letters.iter().all(is_han) {
        return Some(Cow::Borrowed(written));
    }
    if !written.is_empty()
        && written
            .chars()
            .all(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '·' | 'A'..='Z' | 'a'..='z'))
    {
        return Some(Cow::Borrowed(written));
    }
    let cleaned: String = written
        .nfkc()
        .filter(|c| !is_blank(*c))
        .map(|c| if is_dot(c) { '·' } else { c })
        .collect();
    (!cleaned.is_empty()).then_some(Cow::Owned(cleaned))
}

/// The rules that a name needed to be cleaned.
pub(crate) fn repairs(written: &str, cleaned: Option<&str>) -> Repairs {
    let mut rules = Repairs::NONE;
    if cleaned == Some(written) {
        return rules;
    }
    for c in written.chars() {
        for plain in c.nfkc() {
            match plain {
                blank if is_blank(blank) => rules.add(Repair::Blanks),
                dot if is_dot(dot) => rules = rules.with(Repair::MiddleDot, c != '·'),
                _ => rules = rules.with(Repair::FullWidth, plain != c),
            }
        }
    }
    // Letters that only together have another form.
    rules.with(Repair::FullWidth, rules.is_none())
}

fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '.' | '‧' | '・' | '∙' | '⋅')
}

/// Whether a cleaned name holds a character that some system could not write.
pub fn has_unwritable(name: &str) -> bool {
    name.chars()
        .any(|c| is_unwritable(c) || c.is_ascii_alphabetic())
}

fn is_unwritable(c: char) -> bool {
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}');
    private || matches!(c, '?' | '□' | '〓' | '*' | '\u{fffd}')
}

/// Whether two different cleaned names agree everywhere but where one has an unwritable character.
/// Each such character, and each run of ASCII letters (pinyin), stands for exactly one character.
pub fn differ_only_in_unwritable(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (one, other) = (pattern(one), pattern(other));
    one.len() == other.len()
        && one
            .iter()
            .zip(&other)
            .all(|(a, b)| a.is_none() || b.is_none() || a == b)
}

/// The name's characters; `None` stands for any character.
fn pattern(name: &str) -> Vec<Option<char>> {
    let mut pattern = Vec::with_capacity(4);
    let mut in_letters = false;
    for c in name.chars() {
        let letter = c.is_ascii_alphabetic();
        if letter && !in_letters || is_unwritable(c) {
            pattern.push(None);
        } else if !letter {
            pattern.push(Some(c));
        }
        in_letters = letter;
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_blanks_and_with_one_kind_of_dot() {
        for (written, cleaned, rules) in [
            ("张三", Some("张三"), ""),
            ("𠮷䶮", Some("𠮷䶮"), ""),
            ("阿依古丽·买买提", Some("阿依古丽·买买提"), ""),
            (" 张\u{3000}三\u{200b}", Some("张三"), "blanks"),
            ("张三\u{202c}", Some("张三"), "blanks"),
            ("阿依古丽•买买提", Some("阿依古丽·买买提"), "middle-dot"),
            ("阿依古丽．买买提", Some("阿依古丽·买买提"), "middle-dot"),
            ("阿依古丽・买买提", Some("阿依古丽·买买提"), "middle-dot"),
            ("ＬＩ Ming", Some("LIMing"), "blanks full-width"),
            ("\u{f9e1}", Some("李"), "full-width"),
            ("e\u{301}", Some("é"), "full-width"),
            (" \u{200b}", None, "blanks"),
        ] {
            let got = clean(written);
            assert_eq!(got.as_deref(), cleaned, "{written}");
            let used: Vec<&str> = repairs(written, got.as_deref())
                .each()
                .map(Repair::code)
                .collect();
            assert_eq!(used.join(" "), rules, "{written}");
        }
    }

    #[test]
    fn an_unwritable_character_stands_for_exactly_one_character() {
        for (one, other, same) in [
            ("张三", "张三", false),
            ("张?", "张喆", true),
            ("张□明", "张喆明", true),
            ("张〓", "张*", true),
            ("张\u{e863}", "张䶮", true),
            ("张\u{fffd}", "张喆", true),
            ("张zhe明", "张喆明", true),
            ("张zhe", "张喆明", false),
            ("张??", "张喆", false),
            ("张三", "李三", false),
            ("张三?", "李三喆", false),
        ] {
            assert_eq!(differ_only_in_unwritable(one, other), same, "{one} {other}");
            assert_eq!(differ_only_in_unwritable(other, one), same, "{other} {one}");
        }
    }
}
