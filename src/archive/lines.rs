//! A data file of an earlier report, line by line, with what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::fault::{Complaints, WrongEarlier};
use crate::domain::{Complaint, Refusal, RegionLevel};

/// A complaint about an earlier report.
pub(super) fn refuse(refusal: Refusal) -> anyhow::Error {
    Complaints(vec![Complaint::from(refusal)]).into()
}

/// The lines of a data file under the names of its columns.
pub(super) struct Lines<'a> {
    file: &'a Path,
    head: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(file: &'a Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let mut reader =
            csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes));
        let broken = |error: csv::Error| {
            let line = error.position().map_or(0, csv::Position::line);
            refuse(Refusal::Earlier(WrongEarlier::EarlierBroken {
                file: file.to_owned(),
                line,
                what: "CSV".to_owned(),
            }))
        };
        let head = reader
            .headers()
            .map_err(broken)?
            .iter()
            .map(str::to_owned)
            .zip(0..)
            .collect();
        let records = reader
            .records()
            .collect::<Result<Vec<_>, _>>()
            .map_err(broken)?;
        Ok(Lines {
            file,
            head,
            records,
        })
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Line<'_>> {
        self.records.iter().map(|record| Line {
            lines: self,
            record,
        })
    }

    /// Those that name a region: 其他 is nobody's rival.
    pub(super) fn regions<T>(
        &self,
        of: impl Fn(&Line<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<T>> {
        let mut found = Vec::new();
        for line in self.all() {
            if !line.text("code")?.is_empty() {
                found.push(of(&line)?);
            }
        }
        Ok(found)
    }
}

/// One of them.
pub(super) struct Line<'a> {
    lines: &'a Lines<'a>,
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    fn broken(&self, column: &str) -> anyhow::Error {
        let line = self.record.position().map_or(0, csv::Position::line);
        refuse(Refusal::Earlier(WrongEarlier::EarlierBroken {
            file: self.lines.file.to_owned(),
            line,
            what: column.to_owned(),
        }))
    }

    pub(super) fn text(&self, column: &str) -> anyhow::Result<&str> {
        let at = self.lines.head.get(column).copied();
        at.and_then(|at| self.record.get(at))
            .ok_or_else(|| self.broken(column))
    }

    pub(super) fn maybe<T: std::str::FromStr>(&self, column: &str) -> anyhow::Result<Option<T>> {
        match self.text(column)? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.broken(column)),
        }
    }

    pub(super) fn number(&self, column: &str) -> anyhow::Result<u64> {
        self.maybe(column)?.ok_or_else(|| self.broken(column))
    }

    pub(super) fn level(&self) -> anyhow::Result<RegionLevel> {
        RegionLevel::from_code(self.text("level")?).ok_or_else(|| self.broken("level"))
    }
}
