//! The sentences of `check` and `sample`.

use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::complaints::wrong;
use super::warnings::warning;
use super::{Label, Lang, grouped, say, suggestions, told, told_all};
use crate::domain::{Fate, FateCounts};
use crate::intake::{Origin, SideTable, SourceColumn, Sure, Surroundings};
use crate::survey::{Content, FirstRows, Survey, SurveyedFile, SurveyedSheet};

/// Columns of a terminal that a line keeps to, where its words can be parted.
const WIDTH: usize = 100;

/// Everything that `check` found: every file and sheet, what looks wrong, and what could be declared.
pub fn text(survey: &Survey, lang: Lang) -> String {
    let (as_of, inputs) = (survey.as_of, survey.inputs.display());
    let mut lines = vec![
        survey.scheme.name.clone(),
        say!(
            lang,
            "截至 {as_of}，数据文件夹 {inputs}",
            "as of {as_of}, inputs {inputs}"
        ),
        String::new(),
    ];
    for one in &survey.files {
        lines.extend(file(one, lang));
    }
    lines.extend(unclaimed(&survey.unclaimed, lang));
    lines.extend(warnings(survey, lang));
    lines.extend(first_rows(&survey.first_rows, lang));
    lines.push(closing(survey, lang));
    if let Some(proposals) = &survey.proposals {
        lines.push(String::new());
        lines.extend(suggestions::lines(proposals, lang));
    }
    lines.join("\n")
}

/// Where to look for what would stop the run.
fn first_rows(all: &[FirstRows], lang: Lang) -> Vec<String> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![say!(
        lang,
        "运行会停在这些行（各列前 20 行）",
        "a run would stop for these rows (the first twenty of each)"
    )];
    for one in all {
        let sheets = one.rows.iter().map(|(sheet, rows)| {
            let rows: Vec<String> = rows.iter().map(u32::to_string).collect();
            let rows = rows.join(lang.pick("、", ", "));
            match sheet.as_str() {
                "" => rows,
                sheet => format!("[{sheet}] {rows}"),
            }
        });
        let (code, file) = (one.code.code(), &one.file);
        let rows = sheets.collect::<Vec<_>>().join(lang.pick("；", "; "));
        lines.push(say!(
            lang,
            "  {code}  {file}：第 {rows} 行",
            "  {code}  {file}: rows {rows}"
        ));
    }
    lines.push(String::new());
    lines
}

/// A file with its sheets, or what is wrong with it. A blank line ends each.
fn file(file: &SurveyedFile, lang: Lang) -> Vec<String> {
    let (source, name) = (file.source.label(lang), &file.file);
    let unusable = |why: String| {
        let text = say!(lang, "不能使用：{why}", "cannot be used: {why}");
        let head = format!("{source}  {name}");
        std::iter::once(head)
            .chain(broken(&text, "  ", "    ", lang))
            .chain([String::new()])
            .collect()
    };
    match &file.content {
        Content::Sheets(sheets) => sheets.iter().flat_map(|one| sheet(one, lang)).collect(),
        Content::Refused(refusals) => {
            let told: Vec<String> = refusals
                .iter()
                .map(|refusal| wrong(refusal, lang))
                .collect();
            unusable(told.join(lang.pick("；", "; ")))
        }
        Content::Broken => unusable(say!(lang, "读取失败", "reading it failed")),
    }
}

fn sheet(one: &SurveyedSheet, lang: Lang) -> Vec<String> {
    let sheet = &one.sheet;
    let origin = &sheet.origin;
    let (source, file) = (origin.source.label(lang), &origin.file);
    let tab = if origin.sheet.is_empty() {
        String::new()
    } else {
        format!(" [{}]", origin.sheet)
    };
    let mut parts = vec![(
        say!(lang, "格式", "form"),
        vec![form(origin, sheet.header_row, lang)],
    )];
    for (label, sure) in sureness(lang) {
        parts.push((label, taken(&sheet.columns, sure, lang)));
    }
    let unused = sheet
        .columns
        .iter()
        .filter(|column| column.field.is_none() && !column.header.is_empty());
    parts.push((
        say!(lang, "未使用列", "columns, unused"),
        unused.map(|column| told(&column.header, lang)).collect(),
    ));
    parts.push((
        say!(lang, "行数", "rows"),
        rows(origin.rows_read, &one.fates, lang),
    ));
    let days = one
        .days
        .map(|(first, last)| say!(lang, "{first} 至 {last}", "{first} to {last}"));
    parts.push((
        say!(lang, "缴费日期", "payment days"),
        days.into_iter().collect(),
    ));
    parts.push((
        say!(lang, "隐藏内容", "hidden"),
        hidden(&sheet.beside, lang),
    ));
    parts.push((
        say!(lang, "其他表格", "other tables"),
        sheet
            .beside
            .tables
            .iter()
            .map(|table| side_table(table, lang))
            .collect(),
    ));
    parts.retain(|(_, items)| !items.is_empty());
    let mut lines = vec![format!("{source}  {file}{tab}")];
    let widest = parts
        .iter()
        .map(|(label, _)| label.width())
        .max()
        .unwrap_or(0);
    lines.extend(
        parts
            .iter()
            .flat_map(|(label, items)| paragraph(label, items, widest, lang)),
    );
    lines.push(String::new());
    lines
}

/// `  行数：  共 1,005 行、已采用 1,000、…`: the items behind the label, broken between items, every further line below the first item.
fn paragraph(label: &str, items: &[String], widest: usize, lang: Lang) -> Vec<String> {
    let separator = lang.pick("、", ", ");
    let head = format!(
        "  {label}{}{}",
        lang.pick("：", ": "),
        " ".repeat(widest - label.width())
    );
    let indent = " ".repeat(head.width());
    let mut lines = vec![head];
    let mut is_first = true;
    for (at, item) in items.iter().enumerate() {
        let item = if at + 1 < items.len() {
            format!("{item}{separator}")
        } else {
            item.clone()
        };
        let current = lines.last_mut().expect("the head is there"); // pushed above
        if !is_first && current.width() + item.trim_end().width() > WIDTH {
            current.truncate(current.trim_end().len());
            lines.push(format!("{indent}{item}"));
        } else {
            current.push_str(&item);
        }
        is_first = false;
    }
    lines
}

fn form(origin: &Origin, header_row: u32, lang: Lang) -> String {
    let encoding = &origin.encoding;
    // Encodings are written with capitals, kinds of files are not.
    let is_text = encoding.starts_with(|c: char| c.is_ascii_uppercase());
    let kind = if is_text {
        say!(lang, "文本 {encoding}", "text in {encoding}")
    } else {
        encoding.clone()
    };
    let header = match header_row {
        0 => say!(lang, "无表头行", "no header row"),
        row => say!(lang, "表头在第 {row} 行", "header in row {row}"),
    };
    let batch = origin
        .batch
        .as_ref()
        .map(|batch| say!(lang, "批次 {batch}", "batch {batch}"));
    [kind, header]
        .into_iter()
        .chain(batch)
        .collect::<Vec<_>>()
        .join(lang.pick("，", ", "))
}

/// How sure a column is, the surest first. Exhaustive: a new kind does not compile until it has its words.
fn sureness(lang: Lang) -> [(String, Sure); 4] {
    [Sure::Declared, Sure::Word, Sure::Joined, Sure::Lesser].map(|sure| {
        let label = match sure {
            Sure::Declared => say!(lang, "方案指定", "columns, declared"),
            Sure::Word => say!(lang, "列名一致", "columns"),
            Sure::Joined => say!(lang, "上下级列", "columns, two levels"),
            Sure::Lesser => say!(lang, "近似列名", "columns, lesser word"),
        };
        (label, sure)
    })
}

fn taken(columns: &[SourceColumn], sure: Sure, lang: Lang) -> Vec<String> {
    let of_kind = columns.iter().filter(|column| column.sure == Some(sure));
    of_kind
        .filter_map(|column| {
            column
                .field
                .map(|field| format!("{}→{}", told(&column.header, lang), field.label(lang)))
        })
        .collect()
}

fn rows(read: u64, fates: &FateCounts, lang: Lang) -> Vec<String> {
    let read = grouped(read);
    let all = say!(lang, "共 {read} 行：", "{read} in all: ");
    // What is used first, then what was set aside last.
    let found = Fate::ALL.iter().rev().filter(|fate| fates.of(**fate) > 0);
    let mut parts: Vec<String> = found
        .map(|fate| format!("{} {}", fate.label(lang), grouped(fates.of(*fate))))
        .collect();
    match parts.first_mut() {
        Some(first) => first.insert_str(0, &all),
        None => parts.push(say!(lang, "共 {read} 行", "{read} in all")),
    }
    parts
}

fn hidden(beside: &Surroundings, lang: Lang) -> Vec<String> {
    let sheet = beside
        .hidden_sheet
        .then(|| say!(lang, "整张工作表", "the whole sheet"));
    let rows = grouped(beside.hidden_rows);
    let rows = (beside.hidden_rows > 0).then(|| say!(lang, "{rows} 行", "{rows} row(s)"));
    let columns = beside.hidden_columns.iter().map(|header| {
        let header = told(header, lang);
        say!(lang, "列“{header}”", "column \"{header}\"")
    });
    sheet.into_iter().chain(rows).chain(columns).collect()
}

fn side_table(table: &SideTable, lang: Lang) -> String {
    let (row, column) = (table.row, table.column.saturating_add(1));
    let headers = told_all(&table.headers, lang);
    say!(
        lang,
        "第 {row} 行第 {column} 列起（{headers}）",
        "from row {row}, column {column} ({headers})"
    )
}

/// Files that stay unread, by name.
fn unclaimed(files: &[String], lang: Lang) -> Vec<String> {
    const SHOWN: usize = 20;
    if files.is_empty() {
        return Vec::new();
    }
    let count = grouped(files.len() as u64);
    let mut names = files
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(lang.pick("、", ", "));
    if files.len() > SHOWN {
        names.push_str(lang.pick(" 等", " and more"));
    }
    let text = say!(
        lang,
        "未读取的文件（{count} 个，不符合任何数据源的 files）：{names}",
        "files that are not read ({count}; no source's files names them): {names}"
    );
    broken(&text, "", "  ", lang)
        .into_iter()
        .chain([String::new()])
        .collect()
}

fn warnings(survey: &Survey, lang: Lang) -> Vec<String> {
    if survey.warnings.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![say!(lang, "请留意", "please look at")];
    for one in &survey.warnings {
        let (what, advice) = warning(one, lang);
        lines.extend(broken(&what, "  · ", "    ", lang));
        let advice = say!(lang, "处理：{advice}", "what to do: {advice}");
        lines.extend(broken(&advice, "    ", "    ", lang));
    }
    lines.push(String::new());
    lines
}

/// A sentence over several lines: Chinese is parted behind its points, English at blanks.
fn broken(text: &str, first: &str, further: &str, lang: Lang) -> Vec<String> {
    let parts = text.split_inclusive(|c: char| match lang {
        Lang::Zh => "，；、：。".contains(c),
        Lang::En => c == ' ',
    });
    let mut lines = vec![first.to_owned()];
    let mut is_first = true;
    for part in parts {
        let current = lines.last_mut().expect("the first line is there"); // pushed above
        if !is_first && current.width() + part.trim_end().width() > WIDTH {
            current.truncate(current.trim_end().len());
            lines.push(format!("{further}{part}"));
        } else {
            current.push_str(part);
        }
        is_first = false;
    }
    lines
}

fn closing(survey: &Survey, lang: Lang) -> String {
    let sheets = survey.files.iter().filter_map(|file| {
        if let Content::Sheets(sheets) = &file.content {
            Some(sheets)
        } else {
            None
        }
    });
    let usable = sheets.clone().count();
    let rows = grouped(sheets.flatten().map(|one| one.sheet.origin.rows_read).sum());
    let (files, unusable, notes) = (
        survey.files.len(),
        survey.files.len() - usable,
        survey.warnings.len(),
    );
    say!(
        lang,
        "共 {files} 个文件，读出 {rows} 行；不能使用的 {unusable} 个，需留意的 {notes} 处。预检不写任何文件。",
        "{files} file(s), {rows} rows read; {unusable} cannot be used, {notes} thing(s) to look at. A check writes nothing."
    )
}

/// What `sample` made.
pub fn made(people: u64, out: &Path, lang: Lang) -> String {
    let (people, out) = (grouped(people), out.display());
    say!(
        lang,
        "已生成 {people} 人的模拟数据：{out}",
        "made a synthetic scheme of {people} persons: {out}"
    )
}

/// One file of it.
pub fn made_file(file: &str, rows: u64, lang: Lang) -> String {
    let rows = grouped(rows);
    say!(lang, "  {file}  {rows} 行", "  {file}  {rows} rows")
}

/// The pipeline that holds for a sample's size.
pub fn made_pipeline(file: &Path, lang: Lang) -> String {
    let file = file.display();
    say!(
        lang,
        "  {file}  人数按样本缩小的方案：核对本样本时用它",
        "  {file}  the pipeline with its targets at the sample's size: run the sample by it"
    )
}

/// Rows of the answer key.
pub fn planted(rows: u64, lang: Lang) -> String {
    let rows = grouped(rows);
    say!(
        lang,
        "  answer_key.csv  {rows} 条应发现的问题",
        "  answer_key.csv  {rows} findings to be found"
    )
}
