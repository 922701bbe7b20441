//! The gallery of findings: one smallest folder of `tests/gallery/findings` a code, and it yields what the folder says.
//!
//! A folder is named by its code and holds a pipeline (`case.toml`), its files, and `expected.csv`: every finding of the
//! run, written by hand from the reading, never copied from the program. `canbao run case.toml --as-of 2025-03-31`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::{Accepted, Code, GraveCode, Holds};
use canbao::run::{Only, Order, reconcile};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

/// Columns of `expected.csv`.
const COLUMNS: [&str; 6] = ["code", "source", "row", "expected", "found", "amount_fen"];

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery/findings")
}

/// The findings of a folder, as lines of `expected.csv`.
fn found(folder: &Path) -> BTreeSet<Vec<String>> {
    let out = tempfile::tempdir().expect("a scratch folder");
    let order = Order {
        pipeline: folder.join("case.toml"),
        as_of: NaiveDate::from_ymd_opt(2025, 3, 31).expect("a day of March"),
        out: out.path().to_owned(),
        only: Some(Only::Data),
        // The smallest folder that fires a check is soon mostly of another region, or without places.
        accepted: GraveCode::ALL
            .iter()
            .map(|code| Accepted {
                code: *code,
                file: None,
            })
            .collect(),
        ..Order::default()
    };
    let outcome =
        reconcile(&order).unwrap_or_else(|error| panic!("{}: {error:?}", folder.display()));
    let file = fs::File::open(outcome.folder.join("data/findings.parquet")).expect("the findings");
    let findings = ParquetReader::new(file).finish().expect("a whole file");
    let line = |row| COLUMNS.map(|name| cell(&findings, name, row)).to_vec();
    (0..findings.height()).map(line).collect()
}

fn cell(findings: &DataFrame, name: &str, row: usize) -> String {
    let column = findings.column(name).expect("a column of the findings");
    match column.get(row).expect("a row of the findings") {
        AnyValue::Null => String::new(),
        value => value
            .get_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    }
}

fn expected(folder: &Path) -> BTreeSet<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join("expected.csv"))
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    assert_eq!(reader.headers().expect("a header"), &COLUMNS[..]);
    let lines = reader.records().map(|record| record.expect("a record"));
    lines
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn every_code_has_one_folder_that_yields_what_was_written_by_hand() {
    let mut wrong = String::new();
    for code in Code::ALL {
        let folder = gallery().join(code.code());
        let (expected, found) = (expected(&folder), found(&folder));
        if !expected.iter().any(|line| line[0] == code.code()) {
            wrong += &format!("{code}: expected.csv does not have it\n");
        }
        for line in expected.difference(&found) {
            wrong += &format!("{code}: not found {}\n", line.join(","));
        }
        for line in found.difference(&expected) {
            wrong += &format!("{code}: not expected {}\n", line.join(","));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_folder_is_of_an_unknown_code() {
    for entry in fs::read_dir(gallery()).expect("the gallery") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        assert!(
            path.is_file() || Code::from_code(&name).is_some(),
            "{name} is no code"
        );
    }
}

/// What `expected` and `found` are declared to hold is what the gallery has there.
#[test]
fn expected_and_found_hold_what_is_declared_of_the_code() {
    for code in Code::ALL {
        for line in expected(&gallery().join(code.code())) {
            let of = Code::from_code(&line[0]).expect("a known code");
            for (holds, value) in [(of.expected(), &line[3]), (of.found(), &line[4])] {
                assert!(
                    value.is_empty() || is_held(holds, value),
                    "{of}: {value} is no {holds}"
                );
            }
        }
    }
}

fn is_held(holds: Holds, value: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match holds {
        Holds::Nothing => false,
        Holds::Money => value.parse::<i64>().is_ok(),
        Holds::Day => value.parse::<NaiveDate>().is_ok(),
        Holds::Pool => value.len() == 4 && digits(value),
        Holds::Region => value.len() >= 6 && digits(value),
        Holds::Regions => value
            .split('|')
            .all(|one| one.ends_with(')') && one.contains('(')),
        Holds::Id | Holds::Ids | Holds::IdOrRows => value.bytes().any(|byte| byte.is_ascii_digit()),
        Holds::Figure => value.parse::<f64>().is_ok(),
        Holds::Category | Holds::Fields | Holds::Name | Holds::Text => !digits(value),
    }
}
