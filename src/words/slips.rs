//! Slips: what is wrong with how a pipeline file or a region table is written.

use super::labels::Label;
use super::reasons::plainly;
use super::{Halves, Lang, say};
use crate::domain::{TomlSlip, WrongRegion};

/// What is wrong with the writing of a pipeline file. The parser's own words are English: only English readers get them.
pub(super) fn of_toml(slip: TomlSlip, reason: &str, lang: Lang) -> Halves {
    if lang == Lang::En {
        return (
            format!("the pipeline file does not parse: {reason}"),
            "correct the marked place after pipelines/template.toml; keys are bare ASCII, texts stand in double quotes".into(),
        );
    }
    let (what, advice) = in_chinese(slip);
    (format!("方案文件写法有误：{what}"), advice.to_owned())
}

fn in_chinese(slip: TomlSlip) -> (&'static str, &'static str) {
    match slip {
        TomlSlip::FullWidth => (
            "用了中文标点",
            "改为英文标点：引号 \"、等号 =、逗号 ,、方括号 []、井号 #；引号里面的文字不用改",
        ),
        TomlSlip::Unquoted => (
            "值的写法不对，文字要加引号",
            "文字加英文双引号；数字不带单位和逗号，日期写成 2022-02-28，是否写 true 或 false",
        ),
        TomlSlip::NoValue => ("等号后面没有写值", "补写值；不需要这项设置的，删去整行"),
        TomlSlip::NoEquals => ("名称后面没有等号", "写成“名称 = 值”；说明文字前面加 #"),
        TomlSlip::OpenQuote => ("引号没有成对", "补上缺少的英文双引号"),
        TomlSlip::OpenBracket => ("方括号没有成对", "在这一项的末尾补上方括号 ]"),
        TomlSlip::NoComma => ("两项之间没有逗号", "两项之间加英文逗号"),
        TomlSlip::BadKey => (
            "这一行不是“名称 = 值”",
            "设置的名称只用英文字母、数字和 -；说明文字前面加 #",
        ),
        TomlSlip::KeyTwice => ("同一项设置写了两次", "只保留一处"),
        TomlSlip::TableTwice => (
            "同一段写了两次",
            "合并为一段；可以有多段的（如 [[subsidy]]），每段都用双层方括号",
        ),
        TomlSlip::Backslash => (
            "双引号里有反斜杠",
            "路径中用 / 代替反斜杠，或把两边的双引号改为单引号",
        ),
        TomlSlip::LeadingZero => ("数字以 0 开头", "代码加双引号；数量去掉开头的 0"),
        TomlSlip::Surplus => (
            "值的后面还有内容",
            "一行只写一项；数字里不用逗号，说明文字前面加 #",
        ),
        TomlSlip::WantsText => ("这里要写文字", "加英文双引号，区划代码也是"),
        TomlSlip::WantsList => ("这里要写一个列表", "放在方括号里，如 [\"甲\", \"乙\"]"),
        TomlSlip::WantsTable => ("这里要写一段设置", "对照 pipelines/template.toml 更正"),
        TomlSlip::WantsYesNo => ("这里只能写是或否", "写 true 或 false，不加引号"),
        TomlSlip::WantsWhole => ("这里要写整数", "写不小于 0 的整数，不加引号，不带单位"),
        TomlSlip::WantsDay => ("这里要写日期", "写成 2022-02-28，不加引号"),
        TomlSlip::WantsAmount => (
            "这里要写金额",
            "写多少元，如 320 或 0.5，不加引号，不带单位",
        ),
        TomlSlip::WantsDecimal => ("这里要写数字", "写不小于 0 的数字，不加引号，不带单位"),
        TomlSlip::Other => (
            "标出之处不合 TOML 格式",
            "对照 pipelines/template.toml 更正；名称用英文，文字加英文双引号",
        ),
    }
}

/// What is wrong with a region table.
pub(super) fn of_regions(wrong: &WrongRegion, lang: Lang) -> String {
    match wrong {
        WrongRegion::Unreadable { reason } => plainly(reason, lang),
        WrongRegion::OldWorkbook => say!(
            lang,
            "是旧式工作簿（xls）或加了密码，请另存为不加密码的 xlsx 或 csv",
            "it is an old workbook (xls) or has a password: save it as xlsx or csv without one"
        ),
        WrongRegion::NoCsv => say!(lang, "不是完好的 csv", "it is no whole csv"),
        WrongRegion::NoColumn { name } => {
            let chinese = match name.as_str() {
                "code" => "代码",
                "name" => "名称",
                "level" => "级别",
                _ => "上级代码",
            };
            say!(lang, "没有 {name}（{chinese}）列", "no column {name}")
        }
        WrongRegion::NoRows => say!(lang, "表头之下没有内容", "no rows"),
        WrongRegion::Surplus { cells, headers } => say!(
            lang,
            "有 {cells} 格，表头只有 {headers} 列",
            "{cells} cells under {headers} headers"
        ),
        WrongRegion::NoName => say!(lang, "没有名称", "no name"),
        WrongRegion::BadUnit { word } => say!(
            lang,
            "unit 写的是“{word}”，只能写 yes（是）、no（否）或不写",
            "unit is \"{word}\", not yes or no"
        ),
        WrongRegion::BadLevel { word } => say!(
            lang,
            "level 写的是“{word}”，只能写 province（省）、city（市）、county（县）、township（乡镇）、village（村）",
            "level is \"{word}\", not province, city, county, township or village"
        ),
        WrongRegion::Repeated { code, line } => say!(
            lang,
            "代码 {code} 第 {line} 行已有",
            "code {code} stands on line {line} already"
        ),
        WrongRegion::BadCode {
            code,
            level,
            parent,
        } => {
            let level = level.label(lang);
            say!(
                lang,
                "代码“{code}”不是 {parent} 之下{level}一级的代码",
                "code \"{code}\" is none of a {level} below \"{parent}\""
            )
        }
        WrongRegion::NoParent { parent } => {
            say!(lang, "上级 {parent} 不在表中", "parent {parent} has no row")
        }
        WrongRegion::ParentTooLow {
            parent,
            parent_level,
            level,
        } => {
            let (above, level) = (parent_level.label(lang), level.label(lang));
            say!(
                lang,
                "上级 {parent} 是{above}，不高于{level}",
                "parent {parent} is a {above}, no higher than a {level}"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_slip_is_told_in_the_words_of_a_parser() {
        for &slip in TomlSlip::ALL {
            let (what, advice) = of_toml(slip, "expected literal string", Lang::Zh);
            for word in ["expected", "string", "literal"] {
                assert!(!what.contains(word) && !advice.contains(word), "{what}");
            }
            assert!(!advice.is_empty());
        }
    }

    #[test]
    fn a_parent_that_is_not_there_is_told_in_both_languages() {
        let wrong = WrongRegion::NoParent {
            parent: "32".into(),
        };
        assert_eq!(of_regions(&wrong, Lang::Zh), "上级 32 不在表中");
        assert_eq!(of_regions(&wrong, Lang::En), "parent 32 has no row");
    }
}
