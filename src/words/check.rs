//! The sentences of `check` and `sample`.

use std::path::Path;

use chrono::NaiveDate;

use super::{Label, Lang, grouped, say};
use crate::domain::{Fate, FateCounts, SourceKind};
use crate::intake::Sheet;

/// `常住人口：常住人口.xlsx [Sheet1]  xlsx，表头在第 3 行`
pub fn sheet(sheet: &Sheet, lang: Lang) -> String {
    let origin = &sheet.origin;
    let (source, file, encoding, header) = (origin.source.label(lang), &origin.file, &origin.encoding, sheet.header_row);
    let name = if origin.sheet.is_empty() { String::new() } else { format!(" [{}]", origin.sheet) };
    match header {
        0 => say!(lang, "{source}：{file}{name}  {encoding}，无表头行", "{source}: {file}{name}  {encoding}, no header row"),
        _ => say!(
            lang,
            "{source}：{file}{name}  {encoding}，表头在第 {header} 行",
            "{source}: {file}{name}  {encoding}, header in row {header}"
        ),
    }
}

/// Which column is which field, and which are unused.
pub fn columns(sheet: &Sheet, lang: Lang) -> Vec<String> {
    let used =
        sheet.columns.iter().filter_map(|column| column.field.map(|field| format!("{}→{}", column.header, field.label(lang))));
    let unused: Vec<String> = sheet
        .columns
        .iter()
        .filter(|column| column.field.is_none() && !column.header.is_empty())
        .map(|c| c.header.clone())
        .collect();
    let used = super::listed(&used.collect::<Vec<_>>(), lang);
    let mut lines = vec![say!(lang, "  识别的列：{used}", "  columns: {used}")];
    if !unused.is_empty() {
        let unused = super::listed(&unused, lang);
        lines.push(say!(lang, "  未使用的列：{unused}", "  unused columns: {unused}"));
    }
    lines
}

/// Rows by fate.
pub fn rows(read: u64, fates: &FateCounts, lang: Lang) -> String {
    let parts = Fate::ALL.iter().filter(|fate| fates.of(**fate) > 0);
    let parts: Vec<String> = parts.map(|fate| format!("{} {}", fate.label(lang), grouped(fates.of(*fate)))).collect();
    let (read, parts) = (grouped(read), super::listed(&parts, lang));
    say!(lang, "  共 {read} 行：{parts}", "  {read} rows: {parts}")
}

/// First and last payment day.
pub fn days(first: NaiveDate, last: NaiveDate, lang: Lang) -> String {
    say!(lang, "  缴费日期：{first} 至 {last}", "  payment days: {first} to {last}")
}

/// A declared source that was not sent.
pub fn absent(kind: SourceKind, lang: Lang) -> String {
    let source = kind.label(lang);
    say!(lang, "没有找到：{source}（相关核对将不运行）", "not found: {source} (its checks will not run)")
}

/// What `sample` made.
pub fn made(people: u64, out: &Path, lang: Lang) -> String {
    let (people, out) = (grouped(people), out.display());
    say!(lang, "已生成 {people} 人的模拟数据：{out}", "made a synthetic scheme of {people} persons: {out}")
}

/// One file of it.
pub fn made_file(file: &str, rows: u64, lang: Lang) -> String {
    let rows = grouped(rows);
    say!(lang, "  {file}  {rows} 行", "  {file}  {rows} rows")
}

/// Rows of the answer key.
pub fn planted(rows: u64, lang: Lang) -> String {
    let rows = grouped(rows);
    say!(lang, "  answer_key.csv  {rows} 条应发现的问题", "  answer_key.csv  {rows} findings to be found")
}
