//! Key: the findings that must follow, `code,id,other`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::domain::Code;

/// One expected finding: its code, the `id` column of the finding, a word for the reader.
pub(super) type Answer = (Code, String, String);

/// All expected findings.
pub(super) struct Key {
    /// By code, one text of lines each: a province's three million findings fit in memory so.
    rows: Vec<String>,
    /// Pairs of payment files (kept, repeated) that share rows: one finding a pair.
    pairs: BTreeSet<(usize, usize)>,
}

/// Between id and other while lines wait: it sorts before all that either may hold, so lines sort as their fields do.
const BETWEEN: &str = "\0";

impl Key {
    /// No findings.
    pub(super) fn new() -> Self {
        Key {
            rows: vec![String::new(); Code::COUNT],
            pairs: BTreeSet::new(),
        }
    }

    /// Expects a finding.
    pub(super) fn add(&mut self, code: Code, id: &str, other: &str) {
        let lines = &mut self.rows[usize::from(code.index())];
        for part in [id, BETWEEN, other, "\n"] {
            lines.push_str(part);
        }
    }

    /// Expects a row repeated between two payment files: one finding a pair, however many persons have it.
    pub(super) fn add_pair(&mut self, pair: (usize, usize)) {
        self.pairs.insert(pair);
    }

    /// Writes the key, sorted, and returns its rows by code.
    pub(super) fn write(mut self, path: &Path) -> Result<Vec<(Code, u64)>> {
        for (kept, repeated) in std::mem::take(&mut self.pairs) {
            self.add(
                Code::RowRepeated,
                "",
                &format!("payments {} = {}", kept + 1, repeated + 1),
            );
        }
        self.print(path)
            .with_context(|| path.display().to_string())?;
        let count = |code: &Code| self.lines(*code).count() as u64;
        Ok(Code::ALL
            .iter()
            .map(|code| (*code, count(code)))
            .filter(|(_, rows)| *rows > 0)
            .collect())
    }

    fn print(&self, path: &Path) -> std::io::Result<()> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"code,id,other\n")?;
        let mut codes = Code::ALL.to_vec();
        codes.sort_by_key(|code| code.code());
        for code in codes {
            let mut lines: Vec<&str> = self.lines(code).collect();
            lines.sort_unstable();
            for line in lines {
                let (id, other) = line.split_once(BETWEEN).unwrap_or((line, ""));
                writeln!(file, "{code},{id},{other}")?;
            }
        }
        file.flush()
    }

    fn lines(&self, code: Code) -> impl Iterator<Item = &str> {
        self.rows[usize::from(code.index())].split_terminator('\n')
    }
}
