//! What a header's words mean: cleaned of units, remarks and numbering, alone or under the merged cells above them.

use std::borrow::Cow;

use crate::domain::Field;
use crate::intake::ask::Ask;
use crate::intake::cell;
use crate::intake::header::synonyms;
use crate::intake::header::traditional;
use crate::intake::sheet::Sure;

/// What a header is taken to mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meant {
    pub field: Field,
    /// Lower wins over higher in one sheet.
    pub rank: u8,
    pub sure: Sure,
    /// Which of several people in one row: 成员2姓名 is the second's.
    pub person: Option<u32>,
}

/// Letters of a header that are looked at: a cell may hold 32,767.
const LONGEST: usize = 200;

/// Whether a cell holds more letters than any word of a header, and is not worth normalising.
pub(crate) fn is_text(text: &str) -> bool {
    text.len() > LONGEST && text.chars().nth(LONGEST).is_some()
}

/// As much of a cell as is looked at.
pub(crate) fn beginning(text: &str) -> &str {
    text.char_indices()
        .nth(LONGEST)
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// A header word as words are compared: NFKC, simplified letters, no blanks, no `*`, no numbering before it, no unit or remark behind it.
pub fn key(text: &str) -> String {
    // ① is no 1: it numbers the column and is no part of its word. What goes on for long is no word at all.
    let text: String = in_chinese(text)
        .trim_start()
        .trim_start_matches(|c| ('①'..='⑳').contains(&c))
        .chars()
        .take(LONGEST)
        .collect();
    let text: String = cell::squeezed(&text)
        .chars()
        .filter(|c| *c != '*')
        .map(traditional::simplified)
        .collect();
    let mut key = text.as_str();
    for (open, close) in [('【', '】'), ('〔', '〕'), ('[', ']'), ('{', '}')] {
        let inside = key.strip_prefix(open).and_then(|k| k.strip_suffix(close));
        if let Some(inside) = inside.filter(|inside| !inside.contains(open) && !inside.is_empty()) {
            return self::key(inside);
        }
        if key.contains(open) && key.ends_with(close) {
            return self::key(&text.replace(open, "(").replace(close, ")"));
        }
    }
    key = key.trim_start_matches(['★', '☆', '※', '●', '◆', '#', '▲', '△', '·']);
    key = without_number(key);
    if let Some(rest) = key
        .strip_prefix("其中")
        .map(|rest| rest.trim_start_matches(':'))
        .filter(|rest| !rest.is_empty())
    {
        key = rest;
    }
    loop {
        let shorter = key.trim_end_matches([':', '、', ',', '※', '★']);
        let shorter = without_remark(shorter);
        if shorter == key || shorter.is_empty() {
            return key.to_owned();
        }
        key = shorter;
    }
}

/// Without a second language on lines of its own: 村, and Village below it.
fn in_chinese(text: &str) -> Cow<'_, str> {
    let is_foreign = |line: &&str| line.is_ascii() && line.bytes().any(|b| b.is_ascii_alphabetic());
    if text.is_ascii() || !text.contains('\n') || !text.lines().any(|line| is_foreign(&line)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.lines().filter(|line| !is_foreign(line)).collect())
}

/// A path of header words as paths are compared.
pub(crate) fn path_key(path: &str) -> String {
    cell::nfkc(path)
        .split('/')
        .map(key)
        .collect::<Vec<_>>()
        .join("/")
}

/// Without a bracket at the end that holds a unit or tells how to fill the column in: （元）, [元], （必填）.
fn without_remark(key: &str) -> &str {
    const UNITS: [&str; 19] = [
        "元",
        "万元",
        "人",
        "万人",
        "户",
        "%",
        "名",
        "个",
        "元/人",
        "人、元",
        "岁",
        "周岁",
        "元/年",
        "元/人年",
        "元/人·年",
        "月",
        "天",
        "角",
        "分",
    ];
    const BEGINS: [&str; 26] = [
        "必填",
        "选填",
        "必录",
        "单位",
        "填",
        "请",
        "格式",
        "如",
        "例",
        "按",
        "以",
        "与",
        "可",
        "非必",
        "不",
        "限",
        "同",
        "若",
        "年月日",
        "yyyy",
        "YYYY",
        "18位",
        "15位",
        "下拉",
        "文本",
        "见",
    ];
    let Some((rest, inside)) = key.strip_suffix(')').and_then(|open| open.rsplit_once('(')) else {
        return key;
    };
    let is_remark = UNITS.contains(&inside) || BEGINS.iter().any(|begin| inside.starts_with(begin));
    if is_remark && !rest.is_empty() {
        rest
    } else {
        key
    }
}

/// Without `1.`, `(1)`, `1、`, `一、` before the word.
fn without_number(key: &str) -> &str {
    let is_number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let bracketed = key.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    if let Some((inside, rest)) = bracketed {
        let is_short =
            !inside.is_empty() && inside.chars().count() <= 2 && inside.chars().all(is_number);
        return if is_short && !rest.is_empty() {
            rest
        } else {
            key
        };
    }
    let rest = key.trim_start_matches(is_number);
    let digits = key.chars().count() - rest.chars().count();
    match rest.strip_prefix(['.', '、', ')']) {
        Some(word) if (1..=2).contains(&digits) && !word.is_empty() => word,
        _ => key,
    }
}

/// What a header means. `above` are the keys of the merged cells over it, uppermost first.
pub(crate) fn known(ask: Ask<'_>, above: &[String], leaf: &str) -> Option<Meant> {
    if leaf.is_empty() {
        return None;
    }
    let joined = joined(ask, above, leaf);
    let person = above.iter().find_map(|parent| {
        numbered(parent)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(n, _)| n)
    });
    let meant = joined.or_else(|| {
        if is_another_s(ask, above, leaf) {
            None
        } else {
            alone(ask, leaf)
        }
    })?;
    Some(Meant {
        person: meant.person.or(person),
        ..meant
    })
}

/// What a word says by itself.
pub(crate) fn alone(ask: Ask<'_>, leaf: &str) -> Option<Meant> {
    word(ask, leaf, Sure::Word).or_else(|| {
        let (person, rest) = numbered(leaf)?;
        let meant = word(ask, &rest, Sure::Word)?;
        let may_repeat = matches!(meant.field, Field::Id | Field::Name)
            || ask.rule.unpivot.contains(&meant.field);
        may_repeat.then_some(Meant {
            person: Some(person),
            ..meant
        })
    })
}

/// What a word says with the cells above it: the whole path, or the nearest parent.
pub(crate) fn joined(ask: Ask<'_>, above: &[String], leaf: &str) -> Option<Meant> {
    let parents: Vec<&str> = above
        .iter()
        .map(|parent| topic(parent))
        .filter(|parent| !parent.is_empty())
        .collect();
    let nearest = *parents.last()?;
    let whole = format!("{}{leaf}", parents.concat());
    let said = |text: &str| word(ask, text, Sure::Joined);
    said(&whole)
        .or_else(|| said(&format!("{nearest}{leaf}")))
        .or_else(|| said(&overlapped(nearest, leaf)?))
}

fn word(ask: Ask<'_>, word: &str, sure: Sure) -> Option<Meant> {
    let (field, rank) = synonyms::field(ask.rule.kind, word, ask.year)?;
    Some(Meant {
        field,
        rank,
        sure: if rank > 0 { Sure::Lesser } else { sure },
        person: None,
    })
}

/// 缴费情况 over 日期 is about 缴费.
fn topic(parent: &str) -> &str {
    const KINDS: [&str; 7] = [
        "基本信息",
        "基本情况",
        "信息",
        "情况",
        "资料",
        "明细",
        "数据",
    ];
    KINDS
        .iter()
        .find_map(|kind| parent.strip_suffix(kind))
        .unwrap_or(parent)
}

/// 个人缴费 over 缴费金额 is 个人缴费金额.
fn overlapped(parent: &str, leaf: &str) -> Option<String> {
    let starts = parent.char_indices().map(|(at, _)| &parent[at..]);
    let shared = starts
        .filter(|end| *end != parent)
        .find(|end| leaf.starts_with(end))?;
    Some(format!("{parent}{}", leaf.strip_prefix(shared)?))
}

/// Under 监护人, 上年 or 财政补助 a word is not about the person, the year or the payment of the row.
fn is_another_s(ask: Ask<'_>, above: &[String], leaf: &str) -> bool {
    const PEOPLE: [&str; 14] = [
        "监护人",
        "联系人",
        "代办人",
        "经办人",
        "收款人",
        "代收人",
        "户主",
        "家长",
        "配偶",
        "父亲",
        "母亲",
        "领款人",
        "委托人",
        "被委托人",
    ];
    const YEARS: [&str; 4] = ["上年", "去年", "往年", "历年"];
    const MONEY: [&str; 9] = [
        "财政", "资助", "补助", "补贴", "代缴", "退费", "应缴", "救助", "减免",
    ];
    let meant = alone(ask, leaf).map(|meant| meant.field);
    let any = |words: &[&str]| {
        above
            .iter()
            .any(|parent| words.iter().any(|word| parent.contains(word)))
    };
    let is_of_another_year = || {
        above
            .iter()
            .any(|parent| year(parent).is_some_and(|year| year != ask.year))
            || any(&YEARS)
    };
    match meant {
        None => false,
        Some(Field::Population) => false,
        Some(Field::Total | Field::Personal) => any(&MONEY) || is_of_another_year(),
        Some(
            Field::Id | Field::Name | Field::IdType | Field::Sex | Field::Birth | Field::PersonNo,
        ) => any(&PEOPLE),
        Some(_) => is_of_another_year(),
    }
}

/// The year that a parent begins with: 2021年.
fn year(parent: &str) -> Option<i32> {
    let (digits, rest) = parent.split_at_checked(4)?;
    (rest.is_empty() || rest.starts_with('年'))
        .then(|| digits.parse().ok())
        .flatten()
}

/// 成员2姓名, 姓名2, 姓名(2), 家庭成员二: which person it is of, and the word left.
fn numbered(key: &str) -> Option<(u32, String)> {
    for start in ["家庭成员", "成员", "第", "人员", "参保人"] {
        let Some(rest) = key.strip_prefix(start) else {
            continue;
        };
        let digits: String = rest
            .chars()
            .take_while(|c| number_of(*c).is_some())
            .collect();
        if let (Some(number), Some(rest)) = (number(&digits), rest.strip_prefix(&digits)) {
            let rest = ["人", "个", "位", "名", "成员"]
                .iter()
                .find_map(|word| rest.strip_prefix(word))
                .unwrap_or(rest);
            return Some((
                number,
                rest.trim_start_matches(['/', '-', '_', ':', '的', ')', '.'])
                    .to_owned(),
            ));
        }
    }
    let bare = key.trim_end_matches(')');
    let word = bare.trim_end_matches(|c| number_of(c).is_some());
    let number = number(bare.strip_prefix(word)?)?;
    Some((
        number,
        word.trim_end_matches(['(', '-', '_', '.']).to_owned(),
    ))
}

fn number(digits: &str) -> Option<u32> {
    if digits.is_empty() || digits.chars().count() > 2 {
        return None;
    }
    digits.parse().ok().or_else(|| {
        let mut values = digits.chars().map(number_of);
        match (values.next()?, values.next()) {
            (Some(one), None) => Some(one),
            (Some(10), Some(Some(one))) => Some(10 + one),
            _ => None,
        }
    })
}

fn number_of(c: char) -> Option<u32> {
    const HAN: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    c.to_digit(10).or_else(|| {
        (1u32..)
            .zip(HAN)
            .find(|(_, han)| *han == c)
            .map(|(number, _)| number)
    })
}

/// The column that a declared `$C` or `C列` points at, from 0.
pub(crate) fn column_letter(declared: &str) -> Option<usize> {
    let text = cell::squeezed(declared).to_ascii_uppercase();
    let letters = text.strip_prefix('$').or_else(|| text.strip_suffix('列'))?;
    if letters.is_empty() || letters.len() > 3 || !letters.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    Some(
        letters
            .bytes()
            .fold(0, |at, letter| at * 26 + usize::from(letter - b'A') + 1)
            - 1,
    )
}

/// The letters over a column, as a spreadsheet shows them.
pub(crate) fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SourceKind;
    use crate::scheme::SourceRule;

    #[test]
    fn headers_are_compared_without_what_surrounds_them() {
        for (written, expected) in [
            (" 姓 \u{200b}名\n", "姓名"),
            ("*身份证号码（必填）", "身份证号码"),
            ("身份证号码*", "身份证号码"),
            ("缴费金额（元）", "缴费金额"),
            ("缴费金额[元]", "缴费金额"),
            ("缴费金额【单位：元】", "缴费金额"),
            ("1.姓名", "姓名"),
            ("(1)姓名", "姓名"),
            ("①姓名", "姓名"),
            ("一、姓名", "姓名"),
            ("其中：个人缴费金额（元）（必填）", "个人缴费金额"),
            ("姓名：", "姓名"),
            ("镇（街）", "镇(街)"),
            ("2022年任务数", "2022年任务数"),
            ("村（社区）", "村(社区)"),
            ("（元）", "(元)"),
            ("【乡镇】", "乡镇"),
            ("［乡镇］*", "乡镇"),
            ("村\nVillage", "村"),
            ("Village\r\n村", "村"),
            ("身份证\n号码\nID No.", "身份证号码"),
            ("身份证\n号码", "身份证号码"),
            ("name\nid", "nameid"),
        ] {
            assert_eq!(key(written), expected, "{written:?}");
            assert_eq!(key(&key(written)), expected, "{written:?} twice");
        }
    }

    fn rule(kind: SourceKind) -> SourceRule {
        SourceRule::plain(kind)
    }

    #[test]
    fn words_mean_what_the_cells_above_them_say() {
        use SourceKind::*;
        for (source, path, expected) in [
            (Payments, "个人缴费/金额", Some(Field::Personal)),
            (Payments, "个人缴费/缴费金额", Some(Field::Personal)),
            (Payments, "缴费情况/日期", Some(Field::PaidOn)),
            (Payments, "缴费情况/个人缴费/金额", Some(Field::Personal)),
            (Payments, "财政补助/金额", None),
            (Payments, "财政补助/缴费金额", None),
            (Payments, "财政资助/金额", Some(Field::Subsidy)),
            (Payments, "缴费/金额", Some(Field::Total)),
            (Payments, "上年/缴费金额", None),
            (Payments, "2021年/缴费金额", None),
            (Payments, "2022年/缴费金额", Some(Field::Total)),
            (Register, "户主信息/姓名", Some(Field::Head)),
            (Register, "户主/身份证号", Some(Field::Household)),
            (Register, "监护人/姓名", None),
            (Register, "家庭住址/行政村", Some(Field::Village)),
            (Register, "人员信息/基本情况/姓名", Some(Field::Name)),
            (Register, "成员1/姓名", Some(Field::Name)),
            (Register, "成员2姓名", Some(Field::Name)),
            (Register, "姓名（3）", Some(Field::Name)),
            (Register, "村3", None),
            (Tasks, "2021年/任务数", None),
            (Tasks, "2022年/任务数", Some(Field::Task)),
            (Tasks, "2021年/实际参保人数", Some(Field::LastYear)),
            (
                Tasks,
                "2021年实际参保人数/基本医疗保险",
                Some(Field::LastYearTotal),
            ),
            (
                Tasks,
                "2021年实际参保人数/其中：城镇职工医保",
                Some(Field::LastYearEmployee),
            ),
            (
                Tasks,
                "2021年实际参保人数/其中：城乡居民医保",
                Some(Field::LastYear),
            ),
            (Tasks, "2020年实际参保人数/其中：城乡居民医保", None),
            (Tasks, "2020年/常住人口", Some(Field::Population)),
        ] {
            let (rule, mut words) = (rule(source), path.split('/').map(key).collect::<Vec<_>>());
            let leaf = words.pop().unwrap_or_default();
            let meant = known(
                Ask {
                    rule: &rule,
                    year: 2022,
                    seen: None,
                },
                &words,
                &leaf,
            );
            assert_eq!(meant.map(|meant| meant.field), expected, "{path}");
        }
    }

    #[test]
    fn people_in_one_row_are_told_apart_by_their_number() {
        for (key, expected) in [
            ("姓名1", Some((1, "姓名"))),
            ("姓名(12)", Some((12, "姓名"))),
            ("成员二姓名", Some((2, "姓名"))),
            ("家庭成员十一", Some((11, ""))),
            ("第3人身份证号", Some((3, "身份证号"))),
            ("成员4", Some((4, ""))),
            ("姓名", None),
        ] {
            assert_eq!(
                numbered(key),
                expected.map(|(n, rest): (u32, &str)| (n, rest.to_owned())),
                "{key}"
            );
        }
    }

    #[test]
    fn columns_are_pointed_at_as_a_spreadsheet_letters_them() {
        for (declared, column) in [
            ("C列", Some(2)),
            ("$aa", Some(26)),
            ("$XFD", Some(16_383)),
            ("列", None),
            ("姓名列", None),
        ] {
            assert_eq!(column_letter(declared), column, "{declared}");
        }
        assert_eq!(
            (letters(0), letters(26), letters(16_383)),
            ("A".into(), "AA".into(), "XFD".into())
        );
    }
}
