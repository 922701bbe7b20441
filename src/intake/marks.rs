//! Lines of a sheet that are no records, told by how they look: totals, signatures, remarks, page numbers, units.

use std::borrow::Cow;

use crate::intake::cell;

/// A number, a date or an identity number: what stands in a row of data and in no header.
pub(crate) fn is_value(text: &str) -> bool {
    looks_like_id(text) || is_number(text)
}

/// Digits with what surrounds them in numbers and dates.
fn is_number(text: &str) -> bool {
    let marks = |c: char| c.is_ascii_digit() || ".,-/:%¥￥+() ".contains(c) || c == 'E';
    text.bytes().any(|b| b.is_ascii_digit()) && text.chars().all(marks)
}

/// Ten letters or digits: an identity number, however damaged, and no word of a header or a total. Where Chinese stands
/// beside them they are days or telephones of a sentence as often as not.
pub(crate) fn looks_like_id(text: &str) -> bool {
    text.len() >= 10
        && text.bytes().filter(u8::is_ascii_alphanumeric).count() >= 10
        && !text.chars().any(is_han)
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// 15 or 18 characters of a citizen's number: plainly a person.
pub(crate) fn is_citizen_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    matches!((text.len(), digits), (15, 15) | (18, 17 | 18))
}

/// 合计 and its kin: alone, with a colon and a figure (合计：120人), or behind what is added up (××镇小计, 本页合计).
pub(crate) fn names_a_total(text: &str) -> bool {
    const NAMES: [&str; 6] = ["合计", "总计", "小计", "共计", "总合计", "累计"];
    // Every name ends in 计 or begins with 共, and no cell that long is one: this spares almost every row the normalising.
    if text.is_empty() || text.len() > 150 || !(text.contains('计') || text.contains('共')) {
        return false;
    }
    let word = cell::squeezed(text);
    let bare = word.trim_end_matches([':', '(', ')', '人', '户']);
    if NAMES.contains(&bare)
        || ["合计", "小计", "总计"]
            .iter()
            .any(|end| bare.ends_with(end))
    {
        return true;
    }
    let begins = |rest: &str| rest.starts_with(|c: char| c == ':' || c.is_ascii_digit());
    let figures =
        |rest: &str| !rest.is_empty() && (begins(rest) || rest.chars().all(is_of_a_figure));
    let starts = |rest: &str| {
        NAMES
            .iter()
            .any(|name| rest.strip_prefix(name).is_some_and(figures))
    };
    let behind = |start: &str| word.strip_prefix(start).is_some_and(starts);
    starts(&word)
        || ["以上", "本页", "本表", "全镇", "全村", "全县", "全乡"]
            .iter()
            .any(|start| behind(start))
        || is_count(&word)
}

/// 共120人
fn is_count(word: &str) -> bool {
    let figure = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.chars().all(is_of_a_figure)
            && rest.ends_with(['人', '户', '元'])
    };
    word.strip_prefix('共')
        .or_else(|| word.strip_prefix("以上共"))
        .is_some_and(figure)
}

fn is_of_a_figure(c: char) -> bool {
    c.is_ascii_digit()
        || ",.()%¥-人户元角分整万千百十个名零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖拾佰仟圆"
            .contains(c)
}

/// How the lines below a table begin that say who filled it in.
pub(crate) fn is_signature(text: &str) -> bool {
    const SIGNED: [&str; 43] = [
        "填表人",
        "填报人",
        "填报单位",
        "填表单位",
        "填表日期",
        "填报日期",
        "填报时间",
        "填表时间",
        "审核人",
        "审核:",
        "审核签字",
        "制表",
        "复核人",
        "复核:",
        "单位负责人",
        "主要负责人",
        "分管领导",
        "主管领导",
        "分管负责人",
        "负责人:",
        "负责人签字",
        "负责人签名",
        "统计负责人",
        "经办人:",
        "经办人签字",
        "签字:",
        "签名:",
        "签章:",
        "盖章:",
        "单位(盖章)",
        "单位(公章)",
        "报送日期",
        "打印日期",
        "打印时间",
        "打印人",
        "导出时间",
        "导出日期",
        "联系电话:",
        "户主签",
        "调查员",
        "调查人",
        "以上情况",
        "以上内容",
    ];
    const STAMPED: [&str; 5] = ["(盖章)", "(公章)", "(签章)", "(签字)", "(签名)"];
    let start = start_of(text);
    SIGNED.iter().any(|word| start.starts_with(word))
        || STAMPED.iter().any(|stamp| start.contains(stamp))
}

/// 注：, 说明1., 备注、, a whole sentence: a remark is marked as one, since a name may begin with any of these characters.
pub(crate) fn is_remark(text: &str) -> bool {
    let start = start_of(text);
    let marked = |rest: &str| rest.starts_with([':', '.', '、', '1', '2', '3']);
    if text.ends_with('。') {
        return true;
    }
    ["说明", "填表说明", "填报说明", "备注", "附注", "注", "附"]
        .iter()
        .any(|word| start.strip_prefix(word).is_some_and(marked))
}

/// A label of a form before what it names: (户号, H001) of 户号：H001; nothing behind it where that stands in another cell.
pub(crate) fn labelled(text: &str) -> Option<(&str, &str)> {
    const LONGEST: usize = 12;
    let (label, value) = text.split_once([':', '：'])?;
    let label = cell::trimmed(label);
    let is_of_a_word = |c: char| is_han(c) || c.is_whitespace() || "()（）/、".contains(c);
    let is_one = !label.is_empty()
        && label.chars().count() <= LONGEST
        && label.chars().all(is_of_a_word)
        && label.chars().any(is_han);
    is_one.then(|| (label, cell::trimmed(value)))
}

/// All labels of a cell with what they name: 户号：H001 户主：张三.
pub(crate) fn pairs(text: &str) -> Vec<(&str, &str)> {
    if text.matches([':', '：']).count() < 2 {
        return labelled(text).into_iter().collect();
    }
    let words = text.split_whitespace();
    words.filter_map(labelled).collect()
}

/// Whether a label ends here: cheap, since every row is asked.
pub(crate) fn ends_as_a_label(text: &str) -> bool {
    text.ends_with([':', '：']) && labelled(text).is_some()
}

/// A line to write on, or to part what is above from what is below: no letter, no digit.
pub(crate) fn is_rule(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}

/// 第1页, 共3页, 1/3页.
pub(crate) fn is_page_number(text: &str) -> bool {
    let start = start_of(text);
    let counted = |word: &str| {
        let rest = word.trim_start_matches(|c: char| {
            c.is_ascii_digit() || "一二三四五六七八九十/-—".contains(c)
        });
        rest.len() < word.len() && rest.starts_with('页')
    };
    start.strip_prefix(['第', '共']).is_some_and(counted)
        || counted(&start)
        || start.starts_with("页码")
}

/// The name of a table: 各乡镇参保情况汇总表.
pub(crate) fn is_title(text: &str) -> bool {
    const ENDS: [&str; 9] = [
        "表",
        "名册",
        "花名册",
        "名单",
        "一览",
        "台账",
        "汇总",
        "统计",
        "清册",
    ];
    // A paragraph, and not worth normalising.
    if text.len() > 300 {
        return false;
    }
    let word = cell::squeezed(text);
    let word = word
        .trim_end_matches(')')
        .rsplit_once('(')
        .map_or(word.as_str(), |(front, _)| front);
    word.chars().count() >= 4 && ENDS.iter().any(|end| word.ends_with(end))
}

/// A sentence or the name of a place, among cells too long for most names: it holds marks, digits, or letters by which
/// no name is written down from another language.
pub(crate) fn is_said(text: &str) -> bool {
    const LETTERS: &str = "以上已经无有的请按如为是在于名单表册员村镇乡县组市省街办年月号元共公示说填报审核位注缴费统分";
    text.chars().any(|c| {
        c.is_ascii_digit() || (!c.is_alphanumeric() && !c.is_whitespace()) || LETTERS.contains(c)
    })
}

/// A line that only says in what a table is counted: 单位：元, or 元 under every sum.
pub(crate) fn is_units(row: &[Cow<'_, str>]) -> bool {
    let mut filled = row
        .iter()
        .map(|text| cell::trimmed(text))
        .filter(|text| !text.is_empty())
        .peekable();
    filled.peek().is_some() && filled.all(is_unit)
}

/// 元, （人）, 单位：人、元
pub(crate) fn is_unit(text: &str) -> bool {
    const UNITS: [&str; 14] = [
        "元",
        "万元",
        "人",
        "万人",
        "户",
        "%",
        "个",
        "名",
        "岁",
        "周岁",
        "元/人",
        "人、元",
        "人次",
        "元/年",
    ];
    if text.len() > 40 {
        return false;
    }
    let word = cell::squeezed(text);
    let word = word
        .trim_start_matches(['(', '['])
        .trim_end_matches([')', ']']);
    let units = word.strip_prefix("单位:").unwrap_or(word);
    let counted = |c: char| "人户元万%个、,/".contains(c);
    UNITS.contains(&units)
        || (units.len() < word.len() && !units.is_empty() && units.chars().all(counted))
}

/// A line that numbers the columns above it: 1 2 3 4, 栏次, 甲 乙 1 2 3=1+2.
pub(crate) fn is_numbering(row: &[Cow<'_, str>], header_width: usize) -> bool {
    let mut last = 0;
    let mut filled = 0;
    for text in row
        .iter()
        .map(|text| cell::trimmed(text))
        .filter(|text| !text.is_empty())
    {
        filled += 1;
        match column_number(text) {
            Some(Some(number)) if number == last + 1 => last = number,
            Some(None) => {}
            _ => return false,
        }
    }
    filled >= 2 && filled * 2 >= header_width
}

/// The number that a cell gives its column; `Some(None)`: 栏次, 甲.
fn column_number(text: &str) -> Option<Option<u32>> {
    const WORDS: [&str; 15] = [
        "栏次", "栏号", "列次", "列号", "序号", "甲", "乙", "丙", "丁", "戊", "己", "A", "B", "C",
        "—",
    ];
    if text.len() > 100 {
        return None;
    }
    let word = cell::squeezed(text);
    if WORDS.contains(&word.as_str()) {
        return Some(None);
    }
    let first = word
        .split('=')
        .next()
        .unwrap_or("")
        .trim_matches(['(', ')', '[', ']']);
    if first.len() > 3 {
        return None;
    }
    first.parse().ok().map(Some)
}

fn start_of(text: &str) -> String {
    cell::squeezed(&text.chars().take(24).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'t>(text: &'t str) -> Vec<Cow<'t, str>> {
        text.split(',').map(Cow::Borrowed).collect()
    }

    #[test]
    fn totals_are_told_from_names() {
        for (text, expected) in [
            ("合计", true),
            ("合 计", true),
            ("小　计：", true),
            ("合计：120人", true),
            ("合计120人", true),
            ("共计叁佰元整", true),
            ("总计：120人，其中低保10人", true),
            ("易俗河镇小计", true),
            ("本页合计", true),
            ("本页小计（人）", true),
            ("共120人", true),
            ("以上共计120人", true),
            ("累计", true),
            ("计春华", false),
            ("共青村", false),
            ("大计村", false),
            ("会计", false),
            ("共同富裕示范户", false),
            ("累计三年未参保", false),
        ] {
            assert_eq!(names_a_total(text), expected, "{text}");
        }
    }

    #[test]
    fn signatures_page_numbers_and_titles_are_told_from_names() {
        for text in [
            "填表人：张三",
            "村委会（盖章）",
            "经办人: ",
            "打印时间 2021-12-01",
            "制表：李四",
        ] {
            assert!(is_signature(text), "{text}");
        }
        for text in [
            "第1页",
            "第 1 页 共 3 页",
            "共3页",
            "1/3页",
            "第一页",
            "页码",
        ] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["各乡镇参保情况汇总表", "低保对象名册（续）"] {
            assert!(is_title(text), "{text}");
        }
        for text in ["张三", "第五元", "表弟", "欧阳册", "负责", "易俗河镇"] {
            assert!(
                !is_signature(text) && !is_page_number(text) && !is_title(text),
                "{text}"
            );
        }
    }

    #[test]
    fn lines_that_number_columns_or_name_units_are_told_from_records() {
        for (text, numbers, units) in [
            ("1,2,3,4", true, false),
            ("栏次,1,2,3", true, false),
            ("甲,乙,1,2=1+3", true, false),
            ("(1),(2),(3),(4)", true, false),
            ("1,易俗河镇,2,3", false, false),
            ("1,,,", false, false),
            ("1,2,,", true, false),
            ("2,3,4,5", false, false),
            (",,元,人", false, true),
            ("单位：元,,,", false, true),
            ("单位：人、元", false, true),
            ("单位：易俗河镇,,,", false, false),
            (",,,", false, false),
        ] {
            assert_eq!(
                (is_numbering(&row(text), 4), is_units(&row(text))),
                (numbers, units),
                "{text}"
            );
        }
    }
}
