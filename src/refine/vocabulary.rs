//! Vocabulary: words for statuses, insurances and hardship categories, in every department's spelling.

use super::table::BookText;
use super::years::{MOST_YEARS, years};
use crate::domain::blank::is_white;
use crate::domain::letters::plain_letters;
use crate::domain::region::region_word;
use crate::domain::{Cover, Field, SourceKind, Status};
use crate::scheme::{Late, LateWhen, Meaning, Scheme};

/// A word's meaning, and the word itself where the vocabulary does not know it.
pub(crate) type Read<'t, T> = (T, Option<&'t str>);

/// 参保状态 of every row.
pub(crate) fn statuses<'t>(table: &'t BookText<'t>, scheme: &Scheme) -> Vec<Read<'t, Status>> {
    let read = table.each_word(Field::Status, |cell| {
        let Some(cell) = cell else {
            return (Status::Normal, None);
        };
        status(cell, table.kind, scheme)
            .map_or((Status::Unknown, Some(cell)), |status| (status, None))
    });
    table.count_unknown(Field::Status, read.iter().map(|(_, unknown)| *unknown));
    read
}

/// 险种 of every row.
pub(crate) fn covers<'t>(table: &'t BookText<'t>, scheme: &Scheme) -> Vec<Read<'t, Cover>> {
    let read = table.each_word(Field::Scheme, |cell| {
        let Some(cell) = cell else {
            return (Cover::Resident, None);
        };
        cover(cell, table.kind, scheme)
            .map_or((Cover::OtherCover, Some(cell)), |cover| (cover, None))
    });
    table.count_unknown(Field::Scheme, read.iter().map(|(_, unknown)| *unknown));
    read
}

/// What a status word means; `None` when nobody knows it. The pipeline's vocabulary wins.
pub fn status(word: &str, source: SourceKind, scheme: &Scheme) -> Option<Status> {
    let word = region_word(word);
    if word.is_empty() {
        return Some(Status::Normal);
    }
    let declared = declared(&word, source, scheme, |means| {
        if let Meaning::Status(status) = means {
            Some(status)
        } else {
            None
        }
    });
    // 正常参保(已缴费): what stands in brackets behind a status is a remark.
    let without_remark = || {
        word.split_once('(')
            .map(|(status, _)| status)
            .filter(|status| !status.is_empty())
    };
    declared
        .or_else(|| built_in_status(&word))
        .or_else(|| built_in_status(without_remark()?))
}

/// The national code, with or without its word (`1`, `01`, `1.0`, `1-正常参保`), or the word alone.
fn built_in_status(word: &str) -> Option<Status> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return match word[..digits].trim_start_matches('0') {
            "" => Some(Status::Never),
            "1" => Some(Status::Normal),
            "2" => Some(Status::Suspended),
            "3" => Some(Status::Invalid),
            "4" => Some(Status::Ended),
            _ => None,
        };
    }
    match word {
        "未参保" | "否" | "未缴费" | "未缴" => Some(Status::Never),
        "正常参保" | "正常" | "参保" | "已参保" | "是" | "参保缴费" | "正常缴费" | "已缴费"
        | "已缴" | "缴费成功" | "在保" | "参保中" | "有效" => Some(Status::Normal),
        "暂停参保" | "暂停" | "中断" | "中断参保" => Some(Status::Suspended),
        "无效参保" | "无效" => Some(Status::Invalid),
        "终止参保" | "终止" | "停保" | "退保" | "注销" => Some(Status::Ended),
        _ => None,
    }
}

/// What a word for an insurance means; `None` when nobody knows it. The pipeline's vocabulary wins.
pub fn cover(word: &str, source: SourceKind, scheme: &Scheme) -> Option<Cover> {
    let word = region_word(word);
    if word.is_empty() {
        return Some(Cover::Resident);
    }
    let declared = declared(&word, source, scheme, |means| {
        if let Meaning::Cover(cover) = means {
            Some(cover)
        } else {
            None
        }
    });
    declared.or_else(|| built_in_cover(&word))
}

fn built_in_cover(word: &str) -> Option<Cover> {
    if word.starts_with("310") {
        return Some(Cover::Employee);
    }
    if ["390", "391", "380"]
        .iter()
        .any(|code| word.starts_with(code))
    {
        return Some(Cover::Resident);
    }
    // Pensions also come as 城乡居民 and 职工, and 职工医保 may say that it includes 生育: medical cover decides.
    let says = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    let beside = says(&["大额", "补充", "补助", "长期护理", "长护"]);
    if beside || says(&["养老", "失业", "工伤", "生育"]) && !says(&["医疗", "医保"]) {
        return Some(Cover::OtherCover);
    }
    if says(&["居民", "新农合", "城居", "合作医疗"]) {
        return Some(Cover::Resident);
    }
    says(&["职工", "灵活就业"]).then_some(Cover::Employee)
}

/// The pipeline's meaning of a word: of this book before that of every book.
fn declared<T>(
    word: &str,
    source: SourceKind,
    scheme: &Scheme,
    meaning: impl Fn(Meaning) -> Option<T>,
) -> Option<T> {
    let find = |book: Option<SourceKind>| {
        scheme
            .vocabulary
            .iter()
            .filter(|w| w.source == book && w.word == word)
            .find_map(|w| meaning(w.means))
    };
    find(Some(source)).or_else(|| find(None))
}

/// Position in `Scheme::categories` of a department's word, compared without blanks and with one kind of bracket.
pub fn category(word: &str, scheme: &Scheme) -> Option<u16> {
    let word = category_word(word);
    let answers = |known: &String| category_word(known) == word;
    let by_name = scheme
        .categories
        .iter()
        .position(|category| answers(&category.name));
    let found = by_name.or_else(|| {
        scheme
            .categories
            .iter()
            .position(|category| category.also.iter().any(answers))
    });
    found.and_then(|at| u16::try_from(at).ok())
}

/// Positions of all categories of a cell that names several, where each of them is known: the best grant first.
pub fn categories(cell: &str, scheme: &Scheme) -> Option<Vec<u16>> {
    let parts = plain_letters(cell).collect::<String>();
    let parts = parts.split(|c: char| is_white(c) || matches!(c, '、' | ',' | '/' | ';' | '+'));
    let parts = parts.filter(|part| !part.is_empty());
    let mut all = parts
        .map(|part| category(part, scheme))
        .collect::<Option<Vec<u16>>>()?;
    all.sort_unstable_by_key(|at| {
        (
            std::cmp::Reverse(scheme.categories[usize::from(*at)].grant),
            *at,
        )
    });
    all.dedup();
    (!all.is_empty()).then_some(all)
}

/// Whether a rule for late entries names this declared case, is called so, or is about what it says.
pub fn names_late_case(word: &str, scheme: &Scheme) -> bool {
    let word = region_word(word);
    let has = |holds: &dyn Fn(&LateWhen) -> bool| {
        scheme.late.iter().flat_map(|rule| &rule.when).any(holds)
    };
    has(&|when| matches!(when, LateWhen::Case(words) if words.contains(&word)))
        || scheme
            .late
            .iter()
            .any(|rule| region_word(&rule.name) == word)
        || word == "新生儿" && scheme.late.iter().any(Late::is_by_birth)
        || ["职工医保断保", "断保"].contains(&word.as_str()) && has(&LateWhen::is_of_employees)
}

fn category_word(text: &str) -> String {
    let kept = plain_letters(text).filter(|c| !is_white(*c));
    let same = |c| match c {
        '[' | '【' | '〔' | '〖' | '{' => '(',
        ']' | '】' | '〕' | '〗' | '}' => ')',
        '～' | '—' | '–' | '-' => '~',
        c => c,
    };
    kept.map(same).collect()
}

/// The coverage years of every row, first and last, and the word that names none; nothing where the row says nothing of it.
pub(crate) fn periods<'t>(table: &'t BookText<'t>) -> Vec<Read<'t, Option<(i32, i32)>>> {
    let read = |field| {
        table.each_word(field, |cell| {
            let Some(cell) = cell else {
                return (None, None);
            };
            let read = years(cell);
            let is_this = matches!(
                region_word(cell).as_str(),
                "本年" | "本年度" | "当年" | "当年度" | "今年"
            );
            (read, (read.is_none() && !is_this).then_some(cell))
        })
    };
    let mut periods = read(Field::Year);
    if table.has(Field::YearTo) {
        for (period, (end, unknown)) in periods.iter_mut().zip(read(Field::YearTo)) {
            period.1 = period.1.or(unknown);
            period.0 = match (period.0, end) {
                (Some((from, to)), Some((_, end))) if (to..to + MOST_YEARS).contains(&end) => {
                    Some((from, end))
                }
                (None, end) => end,
                (period, _) => period,
            };
        }
    }
    // What the table says of itself holds where a row says nothing.
    for part in table.parts.iter().filter(|part| part.says.years.is_some()) {
        let silent = |period: &&mut Read<'_, Option<(i32, i32)>>| **period == (None, None);
        let rows = &mut periods[part.rows.clone()];
        rows.iter_mut()
            .filter(silent)
            .for_each(|period| period.0 = part.says.years);
    }
    table.count_unknown(Field::Year, periods.iter().map(|(_, unknown)| *unknown));
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_insurance_is_told_by_code_and_by_word() {
        for (word, cover) in [
            ("310", Some(Cover::Employee)),
            ("310职工基本医疗保险", Some(Cover::Employee)),
            ("城镇职工", Some(Cover::Employee)),
            ("灵活就业人员", Some(Cover::Employee)),
            ("职工基本医疗保险(含生育保险)", Some(Cover::Employee)),
            ("职工大额医疗费用补助", Some(Cover::OtherCover)),
            ("390", Some(Cover::Resident)),
            ("391", Some(Cover::Resident)),
            ("新农合", Some(Cover::Resident)),
            ("城乡居民基本医疗保险", Some(Cover::Resident)),
            ("城乡居民基本养老保险", Some(Cover::OtherCover)),
            ("职工工伤保险", Some(Cover::OtherCover)),
            ("车险", None),
        ] {
            assert_eq!(built_in_cover(word), cover, "{word}");
        }
    }

    #[test]
    fn a_cell_names_a_year_or_several_or_none() {
        for (cell, found) in [
            ("2022", Some((2022, 2022))),
            ("2022年度", Some((2022, 2022))),
            ("2022.0", Some((2022, 2022))),
            ("2022-01-01", Some((2022, 2022))),
            ("２０２２", Some((2022, 2022))),
            ("202501-202512", Some((2025, 2025))),
            ("2025-01-01至2025-12-31", Some((2025, 2025))),
            ("25", Some((2025, 2025))),
            ("24年度", Some((2024, 2024))),
            ("24-25年度", Some((2024, 2025))),
            ("2024-2025", Some((2024, 2025))),
            ("2024-2025年度", Some((2024, 2025))),
            ("2024-25年度", Some((2024, 2025))),
            ("2024年12月-2025年12月", Some((2024, 2025))),
            ("2024-12", Some((2024, 2024))),
            ("本年", None),
            ("45658", None),
            ("上年", None),
            ("1", None),
        ] {
            assert_eq!(years(cell), found, "{cell}");
        }
    }

    #[test]
    fn brackets_and_blanks_do_not_tell_categories_apart() {
        assert_eq!(
            category_word("城乡重度（1～2级） 残疾人员"),
            category_word("城乡重度[1~2级]残疾人员")
        );
    }
}
