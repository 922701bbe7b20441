//! Archive: what an earlier run left behind.
//!
//! In:  a report folder, named by whoever asks for a comparison.
//! Out: its figures by region, as plain rows.
//! Never: writes, judges, or trusts a folder of another pipeline or a later day.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::Value;

use crate::domain::fault::Complaints;
use crate::domain::{Complaint, Fault, Refusal, RegionLevel, Standing};

/// An earlier run of the same pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The day it speaks of.
    pub as_of: NaiveDate,
    /// Rows of coverage.csv that name a region.
    pub coverage: Vec<EarlierRegion>,
    /// Rows of assessment.csv that name a region; empty where that run wrote none.
    pub assessed: Vec<EarlierAssessed>,
}

/// Counts of one region in coverage.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRegion {
    /// Level.
    pub level: RegionLevel,
    /// Region code.
    pub code: String,
    /// Code of the region above.
    pub parent: String,
    /// Persons on the register.
    pub register: u64,
    /// Published population.
    pub population: Option<u64>,
    /// Task.
    pub task: Option<u64>,
    /// Last year's enrolment.
    pub last_year: Option<u64>,
    /// Normal resident rows.
    pub registered_resident: u64,
    /// Normal employee rows.
    pub registered_employee: u64,
    /// Register persons by `Standing::index`.
    pub standings: [u64; Standing::COUNT],
}

/// What one region had reached in assessment.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAssessed {
    /// Level.
    pub level: RegionLevel,
    /// Region code.
    pub code: String,
    /// Persons counted.
    pub count: u64,
    /// Denominator.
    pub of: Option<u64>,
    /// Consecutive issues in which it lagged; `None` where that run was no issue.
    pub lag_weeks: Option<u32>,
}

/// Reads the report folder of an earlier run.
///
/// # Errors
/// `Complaints` when a file is missing or makes no sense, or when the folder is of another pipeline or not of an earlier
/// day; a `Fault` when the machine fails.
pub fn earlier(folder: &Path, slug: &str, as_of: NaiveDate) -> anyhow::Result<Earlier> {
    let manifest = needed(&folder.join("manifest.json"))?;
    let day = of_manifest(&manifest, folder, slug)?;
    if day >= as_of {
        return Err(refuse(Refusal::EarlierIsNot { folder: folder.to_owned(), found: day, as_of }));
    }
    let coverage = folder.join("data").join("coverage.csv");
    let coverage = Lines::of(&coverage, &needed(&coverage)?)?.regions(|line| line.coverage())?;
    let assessment = folder.join("data").join("assessment.csv");
    // A run of a pipeline without an assessment writes none.
    let assessed = match read(&assessment)? {
        Some(bytes) => Lines::of(&assessment, &bytes)?.regions(|line| line.assessed())?,
        None => Vec::new(),
    };
    Ok(Earlier { as_of: day, coverage, assessed })
}

fn refuse(refusal: Refusal) -> anyhow::Error {
    Complaints(vec![Complaint::from(refusal)]).into()
}

/// The day of a run, from its manifest.
fn of_manifest(bytes: &[u8], folder: &Path, slug: &str) -> anyhow::Result<NaiveDate> {
    let file = folder.join("manifest.json");
    let broken = |what: &str| refuse(Refusal::EarlierBroken { file: file.clone(), line: 0, what: what.to_owned() });
    let manifest: Value = serde_json::from_slice(bytes).map_err(|_| broken("JSON"))?;
    let found = manifest["pipeline"]["slug"].as_str().ok_or_else(|| broken("pipeline.slug"))?;
    if found != slug {
        let (found, wanted) = (found.to_owned(), slug.to_owned());
        return Err(refuse(Refusal::EarlierOfAnother { folder: folder.to_owned(), found, wanted }));
    }
    manifest["as_of"].as_str().and_then(|day| day.parse().ok()).ok_or_else(|| broken("as_of"))
}

/// The bytes of a file; `None` where there is none.
fn read(file: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Fault::Unreadable { file: file.display().to_string(), reason: error.to_string() }.into()),
    }
}

fn needed(file: &Path) -> anyhow::Result<Vec<u8>> {
    read(file)?.ok_or_else(|| refuse(Refusal::EarlierMissing { file: file.to_owned() }))
}

/// The lines of a data file under the names of its columns.
struct Lines<'a> {
    file: &'a Path,
    head: BTreeMap<String, usize>,
    records: Vec<csv::StringRecord>,
}

impl<'a> Lines<'a> {
    fn of(file: &'a Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes));
        let broken = |error: csv::Error| {
            let line = error.position().map_or(0, csv::Position::line);
            refuse(Refusal::EarlierBroken { file: file.to_owned(), line, what: "CSV".to_owned() })
        };
        let head = reader.headers().map_err(broken)?.iter().map(str::to_owned).zip(0..).collect();
        let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(broken)?;
        Ok(Lines { file, head, records })
    }

    /// Those that name a region: 其他 is nobody's rival.
    fn regions<T>(&self, of: impl Fn(&Line<'_>) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
        let mut found = Vec::new();
        for record in &self.records {
            let line = Line { lines: self, record };
            if !line.text("code")?.is_empty() {
                found.push(of(&line)?);
            }
        }
        Ok(found)
    }
}

struct Line<'a> {
    lines: &'a Lines<'a>,
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    fn broken(&self, column: &str) -> anyhow::Error {
        let line = self.record.position().map_or(0, csv::Position::line);
        refuse(Refusal::EarlierBroken { file: self.lines.file.to_owned(), line, what: column.to_owned() })
    }

    fn text(&self, column: &str) -> anyhow::Result<&str> {
        let at = self.lines.head.get(column).copied();
        at.and_then(|at| self.record.get(at)).ok_or_else(|| self.broken(column))
    }

    fn maybe<T: std::str::FromStr>(&self, column: &str) -> anyhow::Result<Option<T>> {
        match self.text(column)? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.broken(column)),
        }
    }

    fn number(&self, column: &str) -> anyhow::Result<u64> {
        self.maybe(column)?.ok_or_else(|| self.broken(column))
    }

    fn level(&self) -> anyhow::Result<RegionLevel> {
        RegionLevel::from_code(self.text("level")?).ok_or_else(|| self.broken("level"))
    }

    fn coverage(&self) -> anyhow::Result<EarlierRegion> {
        let mut standings = [0; Standing::COUNT];
        for (count, standing) in standings.iter_mut().zip(Standing::ALL) {
            *count = self.number(standing.code())?;
        }
        Ok(EarlierRegion {
            level: self.level()?,
            code: self.text("code")?.to_owned(),
            parent: self.text("parent")?.to_owned(),
            register: self.number("register")?,
            population: self.maybe("population")?,
            task: self.maybe("task")?,
            last_year: self.maybe("last_year")?,
            registered_resident: self.number("registered_resident")?,
            registered_employee: self.number("registered_employee")?,
            standings,
        })
    }

    fn assessed(&self) -> anyhow::Result<EarlierAssessed> {
        Ok(EarlierAssessed {
            level: self.level()?,
            code: self.text("code")?.to_owned(),
            count: self.number("count")?,
            of: self.maybe("of")?,
            lag_weeks: self.maybe("lag_weeks")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "level,code,name,parent,register,population,task,floor,last_year,registered,registered_resident,\
registered_employee,local-employee,local-resident";

    fn folder(manifest: Option<&str>, coverage: Option<String>) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("data")).expect("a folder in it");
        let files = [("manifest.json", manifest.map(str::to_owned)), ("data/coverage.csv", coverage)];
        for (file, text) in files.into_iter().filter_map(|(file, text)| text.map(|text| (file, text))) {
            std::fs::write(folder.path().join(file), text).expect("a file in it");
        }
        folder
    }

    fn table(rows: &str) -> String {
        let standings: Vec<&str> = Standing::ALL.iter().map(|standing| standing.code()).collect();
        let head = HEAD.replace("local-employee,local-resident", &standings.join(","));
        format!("\u{feff}{head}\n{}", rows.replace('~', &["1"; Standing::COUNT].join(",")))
    }

    #[test]
    fn an_earlier_run_is_read_or_refused_with_its_reason() {
        let sound = r#"{"pipeline":{"slug":"a-2022"},"as_of":"2022-03-24"}"#;
        let row = "township,430321100,镇,430321,12,,10,,,9,9,0,~\ntownship,,其他,430321,0,,,,,1,1,0,~\n";
        let as_of: NaiveDate = "2022-03-31".parse().expect("a day");
        // manifest, coverage, what is said
        #[rustfmt::skip]
        let cases = [
            (Some(sound),                                               Some(table(row)),                      ""),
            (None,                                                      Some(table(row)),                      "EarlierMissing"),
            (Some(sound),                                               None,                                  "EarlierMissing"),
            (Some("{"),                                                 Some(table(row)),                      "EarlierBroken"),
            (Some(r#"{"pipeline":{"slug":"a-2022"}}"#),                 Some(table(row)),                      "as_of"),
            (Some(r#"{"pipeline":{"slug":"b"},"as_of":"2022-03-24"}"#), Some(table(row)),                      "EarlierOfAnother"),
            (Some(r#"{"pipeline":{"slug":"a-2022"},"as_of":"2022-03-31"}"#), Some(table(row)),                 "EarlierIsNot"),
            (Some(sound),                                               Some(table(&row.replace("9,9", "9,x"))), "line: 2, what: \"registered_resident\""),
            (Some(sound),                                               Some("level,code\nvillage,1\n".into()), "EarlierBroken"),
        ];
        for (manifest, coverage, said) in cases {
            let folder = folder(manifest, coverage);
            match earlier(folder.path(), "a-2022", as_of) {
                Ok(found) => {
                    assert_eq!(said, "");
                    assert_eq!((found.coverage.len(), found.coverage[0].task, found.coverage[0].population), (1, Some(10), None));
                    assert!(found.assessed.is_empty());
                }
                Err(error) => assert!(!said.is_empty() && format!("{error}").contains(said), "{said}: {error}"),
            }
        }
    }
}
