//! Key: the findings that must follow, `code,id,other`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::domain::Code;

use super::books::Pages;

/// One expected finding: its code, the `id` column of the finding, a word for the reader.
pub(super) type Answer = (Code, String, String);

/// All expected findings.
#[derive(Default)]
pub(super) struct Key {
    rows: Vec<Answer>,
    /// Pairs of payment files (kept, repeated) that share rows: one finding a pair.
    pairs: std::collections::BTreeSet<(usize, usize)>,
}

impl Key {
    /// Expects a finding.
    pub(super) fn add(&mut self, code: Code, id: &str, other: &str) {
        self.rows.push((code, id.to_owned(), other.to_owned()));
    }

    /// Takes over what the pages of some persons expect.
    pub(super) fn take(&mut self, pages: &Pages) {
        self.rows.extend(pages.answers.iter().cloned());
        self.pairs.extend(pages.pairs.iter().copied());
    }

    /// Writes the key, sorted, and returns its rows by code.
    pub(super) fn write(mut self, path: &Path) -> Result<Vec<(Code, u64)>> {
        for (kept, repeated) in &self.pairs {
            self.rows.push((Code::RowRepeated, String::new(), format!("payments {} = {}", kept + 1, repeated + 1)));
        }
        self.rows.sort_by(|a, b| (a.0.code(), &a.1, &a.2).cmp(&(b.0.code(), &b.1, &b.2)));
        let mut text = String::from("code,id,other\n");
        for (code, id, other) in &self.rows {
            text.push_str(&format!("{code},{id},{other}\n"));
        }
        std::fs::write(path, text).with_context(|| path.display().to_string())?;
        let count = |code: &Code| self.rows.iter().filter(|row| row.0 == *code).count() as u64;
        Ok(Code::ALL.iter().map(|code| (*code, count(code))).filter(|(_, rows)| *rows > 0).collect())
    }
}
