//! Names: cleaned for comparison, and told apart from names that a system could not write.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::domain::blank::is_blank;
use crate::domain::letters::{plain_letter, plain_letters};
use crate::domain::{Repair, Repairs};

/// Remarks that stand behind names, also without brackets: the person is gone.
const GONE: [&str; 10] = [
    "已故", "亡故", "病故", "去世", "过世", "死亡", "迁出", "外迁", "销户", "注销",
];

/// Letters of a name without which nothing behind it is taken for a remark: 张* and 张1 hide a letter.
const SHORTEST: usize = 2;

/// A name as it is compared: plain letters, without blanks, every middle dot as `·`, without what is remarked behind it. Blank
/// → `None`. What is cleaned stays as it is when it is cleaned again.
pub fn clean(written: &str) -> Option<Cow<'_, str>> {
    // Three bytes from E4 B8 80 to E9 BF BF are a letter of the plain block of Han: almost every name, told without decoding.
    let (letters, rest) = written.as_bytes().as_chunks::<3>();
    let is_han = |letter: &[u8; 3]| {
        matches!(
            (letter[0], letter[1]),
            (0xe4, 0xb8..) | (0xe5..=0xe9, 0x80..)
        )
    };
    let is_plain = |c| matches!(c, '\u{4e00}'..='\u{9fff}' | '·' | 'A'..='Z' | 'a'..='z');
    let is_han = !letters.is_empty() && rest.is_empty() && letters.iter().all(is_han);
    if is_han && letters.len() < SHORTEST + 2
        || !written.is_empty()
            && (is_han || written.chars().all(is_plain))
            && without_remark(written).len() == written.len()
    {
        return Some(Cow::Borrowed(written));
    }
    let mut cleaned = folded(written);
    loop {
        let again = folded(without_remark(&cleaned));
        if again == cleaned {
            break;
        }
        cleaned = again;
    }
    (!cleaned.is_empty()).then_some(Cow::Owned(cleaned))
}

/// Plain letters without blanks, with one kind of dot.
fn folded(text: &str) -> String {
    plain_letters(text)
        .filter(|c| !is_blank(*c))
        .map(|c| if is_dot(c) { '·' } else { c })
        .collect()
}

/// A folded name without the last thing that is remarked behind it: brackets, digits, a star, a word for gone.
fn without_remark(name: &str) -> &str {
    let bracket = name
        .strip_suffix([')', ']', '】', '〕', '}'])
        .and_then(|rest| rest.rfind(['(', '[', '【', '〔', '{']));
    let word = GONE.iter().find_map(|word| name.strip_suffix(word));
    let behind =
        |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '-' | '_' | '(' | '、' | ',');
    let before = match (bracket, word) {
        (Some(at), _) => &name[..at],
        (None, Some(before)) => before.strip_suffix('已').unwrap_or(before),
        (None, None) => name.trim_end_matches(behind),
    };
    if before.chars().nth(SHORTEST - 1).is_some() {
        before
    } else {
        name
    }
}

/// Whether a remark behind the name says that the person is gone.
pub(crate) fn says_gone(written: &str, cleaned: &str) -> bool {
    let folded = folded(written);
    let remark = folded.strip_prefix(cleaned).unwrap_or_default();
    let bare = remark.trim_matches(|c: char| !c.is_alphabetic());
    GONE.iter().any(|word| remark.contains(word)) || matches!(bare, "故" | "亡" | "死" | "殁")
}

/// 王芳之子: a newborn without a name of its own, entered under a parent's number.
pub(crate) fn is_newborn(name: &str) -> bool {
    ["之子", "之女", "之儿", "之婴"].iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|parent| !parent.is_empty())
    })
}

/// The rules that a name needed to be cleaned.
pub(crate) fn repairs(written: &str, cleaned: Option<&str>) -> Repairs {
    let mut rules = Repairs::NONE;
    if cleaned == Some(written) {
        return rules;
    }
    let folded = folded(&folded(written)); // letters that come together once a blank between them is gone
    let kept = cleaned.map_or(0, |cleaned| cleaned.chars().count());
    let mut place = 0;
    for c in written.chars() {
        for plain in c.nfkc() {
            let is_remark = place >= kept && kept > 0;
            place += usize::from(!is_blank(plain));
            match plain {
                blank if is_blank(blank) => rules.add(Repair::Blanks),
                _ if is_remark => {}
                dot if is_dot(dot) => rules = rules.with(Repair::MiddleDot, c != '·'),
                _ if plain_letter(c) != c => rules.add(Repair::Radical),
                _ => rules = rules.with(Repair::FullWidth, plain != c),
            }
        }
    }
    let is_remarked = cleaned.is_some_and(|cleaned| cleaned.len() < folded.len());
    rules = rules.with(Repair::NameRemark, is_remarked);
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
            ("e \u{301}", Some("é"), "blanks"),
            ("⻢⾭", Some("马青"), "radical"),
            ("王⽂⻓", Some("王文长"), "full-width radical"),
            ("王建国（大）", Some("王建国"), "name-remark"),
            ("李秀英(小)1", Some("李秀英"), "name-remark"),
            ("张伟 【户主】", Some("张伟"), "blanks name-remark"),
            ("刘洋１", Some("刘洋"), "name-remark"),
            ("陈静*", Some("陈静"), "name-remark"),
            ("杨帆（已故）", Some("杨帆"), "name-remark"),
            ("杨帆已迁出", Some("杨帆"), "name-remark"),
            ("张*", Some("张*"), ""),
            ("张1", Some("张1"), ""),
            ("(大)", Some("(大)"), ""),
            ("黄敏、其妻李某", Some("黄敏、其妻李某"), ""),
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
    fn what_is_cleaned_stays_as_it_is() {
        let pieces = [
            "王", "建国", "e", "\u{301}", " ", "(大)", "（", "）", "1", "*", "已故", "迁出", "⻢",
            "．", "\u{200b}", "ﬁ", "…", "½", "【", "】", "-", "A", "𠮷", "ｶ", "ﾞ",
        ];
        let mut seed = 1u64;
        for _ in 0..20_000 {
            let mut written = String::new();
            for _ in 0..6 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                written.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let once = clean(&written).map(Cow::into_owned);
            let twice = once.as_deref().and_then(clean);
            assert_eq!(once.as_deref(), twice.as_deref(), "{written:?}");
        }
    }

    #[test]
    fn a_remark_says_that_somebody_is_gone_by_its_words() {
        for (written, gone) in [
            ("杨帆（已故）", true),
            ("杨帆(故)", true),
            ("赵磊 迁出", true),
            ("赵磊(2023年迁出)", true),
            ("王建国（大）", false),
            ("王建国", false),
            ("(故)", false),
        ] {
            let cleaned = clean(written).unwrap_or_default();
            assert_eq!(says_gone(written, &cleaned), gone, "{written}");
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
