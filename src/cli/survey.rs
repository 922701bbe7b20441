//! The texts of `check` and `sample` on standard output.

use std::path::Path;

use crate::run::Survey;
use crate::sample::SampleSummary;
use crate::words::{Lang, check};

/// What was found in every file.
pub(super) fn text(survey: &Survey, lang: Lang) -> String {
    let mut lines = vec![survey.scheme.name.clone(), String::new()];
    for one in &survey.sheets {
        lines.push(check::sheet(&one.sheet, lang));
        lines.extend(check::columns(&one.sheet, lang));
        lines.push(check::rows(one.sheet.origin.rows_read, &one.fates, lang));
        if let Some((first, last)) = one.days {
            lines.push(check::days(first, last, lang));
        }
        lines.push(String::new());
    }
    lines.extend(survey.absent.iter().map(|kind| check::absent(*kind, lang)));
    lines.join("\n")
}

/// What was made.
pub(super) fn sample(summary: &SampleSummary, out: &Path, lang: Lang) -> String {
    let mut lines = vec![check::made(summary.people, out, lang)];
    lines.extend(summary.files.iter().map(|(file, rows)| check::made_file(file, *rows, lang)));
    lines.push(check::planted(summary.planted.iter().map(|(_, rows)| rows).sum(), lang));
    lines.join("\n")
}
