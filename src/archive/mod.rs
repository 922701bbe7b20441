//! Archive: what an earlier run left behind.
//!
//! In:  a report folder, named by whoever asks for a comparison; the last one beside the report to be.
//! Out: its figures by region, as plain rows; what lay in its folder of inputs.
//! Never: writes, judges, or trusts a folder of another pipeline or a later day.

mod last;
mod lines;

use std::io::ErrorKind;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::Value;

use crate::domain::fault::WrongEarlier;
use crate::domain::{Fault, Refusal, RegionLevel};

use lines::{Line, Lines, refuse};

pub use last::{HeldBook, LastRun, last_run, run_of};

/// An earlier run of the same pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The day it speaks of.
    pub as_of: NaiveDate,
    /// Rows of assessment.csv that name a region.
    pub assessed: Vec<EarlierAssessed>,
}

/// What an earlier run must be to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedRun<'a> {
    /// Pipeline.
    pub slug: &'a str,
    /// Day of this run.
    pub as_of: NaiveDate,
    /// Level under assessment.
    pub level: RegionLevel,
    /// Code and name of every place of that level.
    pub places: Vec<(&'a str, &'a str)>,
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
    /// Whether it was summoned; `None` where that run did not know.
    pub summoned: Option<bool>,
}

/// Reads the report folder of an earlier run.
///
/// # Errors
/// `Complaints` when a file is missing, makes no sense or lacks a place, or when the folder is of another pipeline, of
/// another assessment or not of an earlier day; a `Fault` when the machine fails.
pub fn earlier(folder: &Path, wanted: &WantedRun<'_>) -> anyhow::Result<Earlier> {
    let manifest = needed(&folder.join("manifest.json"))?;
    let as_of = of_manifest(&manifest, folder, wanted.slug)?;
    if as_of >= wanted.as_of {
        return Err(refuse(Refusal::Earlier(WrongEarlier::EarlierIsNot {
            folder: folder.to_owned(),
            found: as_of,
            as_of: wanted.as_of,
        })));
    }
    let coverage = folder.join("data").join("coverage.csv");
    let covered = Lines::of(&coverage, &needed(&coverage)?)?
        .regions(|line| Ok((line.level()?, line.text("code")?.to_owned())))?;
    whole(&coverage, wanted, &covered)?;
    // Its progress table counts registered rows, the assessment those who had paid by the day: never one against the other.
    let assessment = folder.join("data").join("assessment.csv");
    let not_assessed = || {
        refuse(Refusal::Earlier(WrongEarlier::EarlierNotAssessed {
            file: assessment.clone(),
            level: wanted.level,
        }))
    };
    let bytes = read(&assessment)?.ok_or_else(not_assessed)?;
    let assessed = Lines::of(&assessment, &bytes)?.regions(assessed)?;
    if !assessed.is_empty() && !assessed.iter().any(|row| row.level == wanted.level) {
        return Err(not_assessed());
    }
    let places: Vec<(RegionLevel, String)> = assessed
        .iter()
        .map(|row| (row.level, row.code.clone()))
        .collect();
    whole(&assessment, wanted, &places)?;
    Ok(Earlier { as_of, assessed })
}

/// Refuses a file that lacks a place: it was cut short, or the table of regions has changed since.
fn whole(
    file: &Path,
    wanted: &WantedRun<'_>,
    found: &[(RegionLevel, String)],
) -> anyhow::Result<()> {
    let has = |code: &str| {
        found
            .iter()
            .any(|(level, own)| *level == wanted.level && own == code)
    };
    match wanted.places.iter().find(|(code, _)| !has(code)) {
        None => Ok(()),
        Some((code, name)) => {
            let (file, code, name) = (file.to_owned(), (*code).to_owned(), (*name).to_owned());
            Err(refuse(Refusal::Earlier(WrongEarlier::EarlierLacks {
                file,
                code,
                name,
            })))
        }
    }
}

/// The day of a run, from its manifest.
fn of_manifest(bytes: &[u8], folder: &Path, slug: &str) -> anyhow::Result<NaiveDate> {
    let file = folder.join("manifest.json");
    let broken = |what: &str| {
        refuse(Refusal::Earlier(WrongEarlier::EarlierBroken {
            file: file.clone(),
            line: 0,
            what: what.to_owned(),
        }))
    };
    let manifest: Value = serde_json::from_slice(bytes).map_err(|_| broken("JSON"))?;
    let found = manifest["pipeline"]["slug"]
        .as_str()
        .ok_or_else(|| broken("pipeline.slug"))?;
    if found != slug {
        let (found, wanted) = (found.to_owned(), slug.to_owned());
        return Err(refuse(Refusal::Earlier(WrongEarlier::EarlierOfAnother {
            folder: folder.to_owned(),
            found,
            wanted,
        })));
    }
    manifest["as_of"]
        .as_str()
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| broken("as_of"))
}

/// The bytes of a file; `None` where there is none.
fn read(file: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Fault::Unreadable {
            file: file.display().to_string(),
            reason: error.to_string(),
        }
        .into()),
    }
}

fn needed(file: &Path) -> anyhow::Result<Vec<u8>> {
    read(file)?.ok_or_else(|| {
        refuse(Refusal::Earlier(WrongEarlier::EarlierMissing {
            file: file.to_owned(),
        }))
    })
}

fn assessed(line: &Line<'_>) -> anyhow::Result<EarlierAssessed> {
    Ok(EarlierAssessed {
        level: line.level()?,
        code: line.text("code")?.to_owned(),
        count: line.number("count")?,
        of: line.maybe("of")?,
        lag_weeks: line.maybe("lag_weeks")?,
        summoned: line.maybe("summoned")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COVERAGE: &str =
        "\u{feff}level,code,name\ntownship,430321100,镇\nvillage,430321100001,村\ntownship,,其他\n";
    const ASSESSED: &str = "\u{feff}level,code,count,of,lag_weeks,summoned\ncounty,430321,9,12,,\ntownship,430321100,9,12,1,\n";
    const SOUND: &str = r#"{"pipeline":{"slug":"a-2022"},"as_of":"2022-03-24"}"#;

    fn folder(files: [(&str, Option<String>); 3]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("data")).expect("a folder in it");
        for (file, text) in files
            .into_iter()
            .filter_map(|(file, text)| text.map(|text| (file, text)))
        {
            std::fs::write(folder.path().join(file), text).expect("a file in it");
        }
        folder
    }

    #[test]
    fn an_earlier_run_is_read_or_refused_with_its_reason() {
        let wanted = WantedRun {
            slug: "a-2022",
            as_of: "2022-03-31".parse().expect("a day"),
            level: RegionLevel::Township,
            places: vec![("430321100", "镇")],
        };
        let (manifest, coverage, assessed) =
            ("manifest.json", "data/coverage.csv", "data/assessment.csv");
        // file, instead of, write ("" = no such file), what is said
        #[rustfmt::skip]
        let cases = [
            ("",       "",                       "x", ""),
            (manifest, "",                       "",  "EarlierMissing"),
            (coverage, "",                       "",  "EarlierMissing"),
            (assessed, "",                       "",  "EarlierNotAssessed"),
            (assessed, "township,430321100",     "village,430321100001", "EarlierNotAssessed"),
            (coverage, "township,430321100,镇\n", "township,430321101,镇\n", "coverage.csv\", code: \"430321100\", name: \"镇\""),
            (assessed, "township,430321100,9,12,1,\n", "township,430321101,9,12,1,\n", "assessment.csv\", code: \"430321100\", name: \"镇\""),
            (manifest, "{",                      "x", "EarlierBroken"),
            (manifest, ",\"as_of\":\"2022-03-24\"", " ", "as_of"),
            (manifest, "a-2022",                 "b", "EarlierOfAnother"),
            (manifest, "03-24",                  "03-31", "EarlierIsNot"),
            (assessed, "430321100,9",            "430321100,x", "line: 3, what: \"count\""),
            (coverage, "level,code",             "levels,code", "EarlierBroken"),
        ];
        for (file, from, to, said) in cases {
            let files = [
                (manifest, SOUND),
                (coverage, COVERAGE),
                (assessed, ASSESSED),
            ]
            .map(|(name, text)| {
                let is_there = name != file || !to.is_empty();
                (
                    name,
                    is_there.then(|| {
                        if name == file {
                            text.replacen(from, to, 1)
                        } else {
                            text.to_owned()
                        }
                    }),
                )
            });
            let folder = folder(files);
            match earlier(folder.path(), &wanted) {
                Ok(found) => {
                    assert_eq!(said, "", "{file} {to}");
                    let row = &found.assessed[1];
                    assert_eq!(
                        (
                            found.assessed.len(),
                            row.count,
                            row.of,
                            row.lag_weeks,
                            row.summoned
                        ),
                        (2, 9, Some(12), Some(1), None)
                    );
                }
                Err(error) => assert!(
                    !said.is_empty() && format!("{error:?}").contains(said),
                    "{said}: {error:?}"
                ),
            }
        }
    }
}
