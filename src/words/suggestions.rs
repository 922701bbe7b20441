//! Proposals of `check --suggest`, as lines of TOML with the evidence in comments.

use super::{Label, Lang, say};
use crate::survey::{At, Choice, Clue, Open, Proposal, Why};

/// All proposals. Every line is TOML: a comment, a heading, a setting, or blank.
pub(super) fn lines(proposals: &[Proposal], lang: Lang) -> Vec<String> {
    if proposals.is_empty() {
        return vec![say!(
            lang,
            "# 建议：没有需要声明的列。",
            "# proposals: no column needs declaring."
        )];
    }
    let mut lines = vec![say!(
        lang,
        "# 建议：核对后，把各行粘贴到方案文件同名的 [sources.…] 之下。只是建议，canbao 不会自行采用。",
        "# proposals: look at them, then paste the lines below the same [sources.…] of the pipeline. Nothing is taken by itself."
    )];
    for proposal in proposals {
        lines.push(String::new());
        lines.extend(of_source(proposal, lang));
    }
    lines
}

fn of_source(proposal: &Proposal, lang: Lang) -> Vec<String> {
    let source = proposal.source.code();
    let mut lines = Vec::new();
    let declares = !proposal.choices.is_empty();
    if declares || !proposal.unpivot.is_empty() {
        lines.push(format!("[sources.{source}]"));
    }
    lines.extend(
        proposal
            .choices
            .iter()
            .map(|one| comment(&choice(one, lang))),
    );
    lines.extend(proposal.open.iter().map(|one| comment(&open(one, lang))));
    if declares {
        if proposal.replaces {
            lines.push(say!(
                lang,
                "# 取代现有的 columns 一行",
                "# in place of the columns line that is there"
            ));
        }
        let entries = proposal
            .columns
            .iter()
            .map(|(field, headers)| format!("{} = {}", field.code(), headers_of(headers)));
        lines.push(format!(
            "columns = {{ {} }}",
            entries.collect::<Vec<_>>().join(", ")
        ));
    }
    if !proposal.unpivot.is_empty() {
        lines.push(say!(
            lang,
            "# 一行是一户，各人的列重复出现：逐人展开",
            "# a row is a household, and the columns of a person repeat: one row a person"
        ));
        let fields: Vec<String> = proposal
            .unpivot
            .iter()
            .map(|field| quoted(field.code()))
            .collect();
        lines.push(format!("unpivot = [{}]", fields.join(", ")));
    }
    lines
}

/// A comment on one line, whatever stands in a header.
fn comment(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("# {text}")
}

fn headers_of(headers: &[String]) -> String {
    let quoted: Vec<String> = headers.iter().map(|header| quoted(header)).collect();
    if let [one] = quoted.as_slice() {
        one.clone()
    } else {
        format!("[{}]", quoted.join(", "))
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            c if c.is_control() => written += &format!("\\u{:04X}", u32::from(c)),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

fn named(at: &At) -> String {
    let (file, sheet) = (&at.file, &at.sheet);
    if sheet.is_empty() {
        file.clone()
    } else {
        format!("{file} [{sheet}]")
    }
}

/// `常住人口.csv “号头”→证件号码：第 8 列，98% 为有效证件号码，列名近似“身份证号”`
fn choice(choice: &Choice, lang: Lang) -> String {
    let (at, header, field, column) = (
        named(&choice.at),
        &choice.header,
        choice.field.label(lang),
        choice.column,
    );
    let evidence: Vec<String> = choice
        .evidence
        .iter()
        .map(|one| reason(one, lang))
        .collect();
    let evidence = evidence.join(lang.pick("，", ", "));
    say!(
        lang,
        "{at} “{header}”→{field}：第 {column} 列，{evidence}",
        "{at} \"{header}\" is {field}: column {column}, {evidence}"
    )
}

/// Exhaustive: new evidence does not compile until it can be said.
fn reason(evidence: &Clue, lang: Lang) -> String {
    match evidence {
        Clue::ValidNumbers(p) => say!(
            lang,
            "{p}% 为有效证件号码",
            "{p}% are valid identity numbers"
        ),
        Clue::Names(p) => say!(
            lang,
            "{p}% 为二至四个汉字",
            "{p}% are two to four Chinese characters"
        ),
        Clue::Days(p) => say!(lang, "{p}% 为日期", "{p}% are days"),
        Clue::DaysInWindow(p) => say!(lang, "{p}% 为缴费期内的日期", "{p}% are days in the window"),
        Clue::BirthDays(p) => say!(
            lang,
            "{p}% 与证件号码中的出生日期相同",
            "{p}% are the birth date in the number"
        ),
        Clue::Premiums(p) => {
            say!(
                lang,
                "{p}% 为缴费标准或资助后应缴金额",
                "{p}% are the premium or what is left of it after a grant"
            )
        }
        Clue::Grants(p) => say!(lang, "{p}% 为资助标准或 0", "{p}% are grants or 0"),
        Clue::Regions(level, p) => {
            let level = level.label(lang);
            say!(
                lang,
                "{p}% 为区划表中的{level}",
                "{p}% are in the region table as {level}"
            )
        }
        Clue::Places(p) => say!(
            lang,
            "{p}% 为区划代码或地名",
            "{p}% are codes or names of places"
        ),
        Clue::Categories(p) => say!(
            lang,
            "{p}% 为方案中的对象类别",
            "{p}% are categories of the pipeline"
        ),
        Clue::Statuses(p) => say!(lang, "{p}% 为参保状态", "{p}% are words of a status"),
        Clue::Insurances(p) => say!(lang, "{p}% 为险种", "{p}% are words of an insurance"),
        Clue::Years(p) => say!(lang, "{p}% 为参保年度", "{p}% are the coverage year"),
        Clue::DocumentTypes(p) => say!(lang, "{p}% 为证件类型", "{p}% are kinds of documents"),
        Clue::Unique(p) => say!(lang, "{p}% 互不相同", "{p}% differ from all others"),
        Clue::LikeVouchers(p) => say!(
            lang,
            "{p}% 与凭证号写法相同",
            "{p}% are written like the vouchers"
        ),
        Clue::Counts(p) => say!(lang, "{p}% 为整数", "{p}% are whole numbers"),
        Clue::HeaderLike(word, p) => say!(
            lang,
            "列名与“{word}”{p}% 相似",
            "its header is {p}% like \"{word}\""
        ),
    }
}

fn open(open: &Open, lang: Lang) -> String {
    let (at, field) = (named(&open.at), open.field.label(lang));
    match &open.why {
        Why::Unnamed(column) => say!(
            lang,
            "{at} 第 {column} 列像是{field}，但没有列名：请在文件中补上列名",
            "{at}: column {column} looks like {field} but has no header: give it one in the file"
        ),
        Why::SameHeader(header) => say!(
            lang,
            "{at} 有多列同名“{header}”，无法指定哪一列是{field}：请在文件中改成不同的列名",
            "{at}: several columns are called \"{header}\", so none can be named for {field}: rename them in the file"
        ),
        Why::NotEverywhere(header) => say!(
            lang,
            "{at} 的“{header}”像是{field}，但同一来源的其他文件没有这一列，不能统一指定：请在文件中改用通用的列名",
            "{at}: \"{header}\" looks like {field}, but other files of the source have no such column: give it a usual header in the file"
        ),
        Why::Nowhere => {
            say!(
                lang,
                "{at} 没有像{field}的列：请补充后重新导出",
                "{at}: no column looks like {field}: export again with it"
            )
        }
    }
}
