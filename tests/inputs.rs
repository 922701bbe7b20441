//! Folders as they really come: one of `tests/gallery/inputs` a habit or a mistake, and the run yields what its
//! `expect.toml` says: right values, or a stop by name. Written by hand from the folder's story, never copied from the
//! program. A new folder is a new case; nothing else knows of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx};
use canbao::domain::fault::Complaints;
use canbao::domain::{Accepted, GraveCode, Refusal};
use canbao::run::{Only, Order, reconcile};
use canbao::words::{self, Lang};
use polars::prelude::AnyValue;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use serde::Deserialize;

/// `expect.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Expect {
    /// The story in one sentence.
    what: String,
    as_of: String,
    /// Codes of grave facts that stop the run, all of them; none = it runs.
    #[serde(default)]
    stops: Vec<String>,
    /// Leave that is given, as `--accept` takes it.
    #[serde(default)]
    accept: Vec<String>,
    /// Words of the Chinese message of a stop or refusal.
    #[serde(default)]
    says: Vec<String>,
    /// Words that no message may have.
    #[serde(default)]
    never: Vec<String>,
    /// Another refusal is right as well, and no figure is then looked at.
    #[serde(default)]
    or_refused: bool,
    /// Values of data files.
    #[serde(default)]
    is: Vec<Is>,
    /// Documents that must be there; workbooks are then written as well.
    #[serde(default)]
    documents: Vec<String>,
}

/// Rows of a data file, or of a sheet of a workbook, in which columns have values: how many, or what another column says in
/// each of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Is {
    file: String,
    /// Of a workbook, which `documents` must name.
    sheet: Option<String>,
    #[serde(default, rename = "where")]
    rows_where: BTreeMap<String, String>,
    rows: Option<usize>,
    column: Option<String>,
    value: Option<String>,
}

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery/inputs")
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(gallery()).expect("the gallery");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}

/// A data file as text, row by row.
fn table(file: &Path) -> Vec<BTreeMap<String, String>> {
    if file.extension().is_some_and(|ending| ending == "csv") {
        let mut reader = csv::Reader::from_path(file).expect("a csv");
        let rows = reader.deserialize();
        return rows.map(|row| row.expect("a row")).collect();
    }
    let open = fs::File::open(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let frame = ParquetReader::new(open).finish().expect("a whole file");
    let text = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        other => other
            .get_str()
            .map_or_else(|| other.to_string(), str::to_owned),
    };
    let row = |at| {
        let cells = frame.columns().iter().map(|column| {
            let value = column.get(at).expect("a row of the frame");
            (column.name().to_string(), text(value))
        });
        cells.collect()
    };
    (0..frame.height()).map(row).collect()
}

/// A sheet of a workbook as text, row by row, below the first row that has these columns.
fn printed(file: &Path, sheet: &str, columns: &[&str]) -> Vec<BTreeMap<String, String>> {
    let mut book: Xlsx<_> =
        calamine::open_workbook(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let range = book.worksheet_range(sheet).expect("the sheet");
    let mut rows = range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>());
    let head = rows
        .find(|row| {
            columns
                .iter()
                .all(|column| row.iter().any(|cell| cell == column))
        })
        .unwrap_or_else(|| panic!("{sheet} has no columns {columns:?}"));
    rows.map(|row| head.iter().cloned().zip(row).collect())
        .collect()
}

fn leave(text: &str) -> Accepted {
    let (code, file) = match text.split_once('=') {
        Some((code, file)) => (code, Some(file.to_owned())),
        None => (text, None),
    };
    Accepted {
        code: GraveCode::from_code(code).unwrap_or_else(|| panic!("no code {code}")),
        file,
    }
}

impl Is {
    fn differs(&self, report: &Path) -> Option<String> {
        assert!(
            self.rows.is_some() || self.column.is_some() && self.value.is_some(),
            "{}: neither rows nor a value",
            self.file
        );
        let all = match &self.sheet {
            Some(sheet) => {
                let wanted = self.rows_where.keys().chain(&self.column);
                let wanted: Vec<&str> = wanted.map(String::as_str).collect();
                printed(&report.join(&self.file), sheet, &wanted)
            }
            None => table(&report.join("data").join(&self.file)),
        };
        let rows: Vec<_> = all
            .into_iter()
            .filter(|row| {
                let mut wanted = self.rows_where.iter();
                wanted.all(|(column, value)| row.get(column) == Some(value))
            })
            .collect();
        let of = format!("{} where {:?}", self.file, self.rows_where);
        if let Some(wanted) = self.rows.filter(|wanted| *wanted != rows.len()) {
            return Some(format!("{of}: {} row(s), not {wanted}", rows.len()));
        }
        let (column, value) = self.column.as_ref().zip(self.value.as_ref())?;
        if rows.is_empty() {
            return Some(format!("{of}: no row"));
        }
        let other = rows.iter().find(|row| row.get(column) != Some(value))?;
        Some(format!(
            "{of}: {column} is {:?}, not {value}",
            other.get(column)
        ))
    }
}

/// What does not hold of a folder.
fn wrong(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("expect.toml")).expect("expect.toml");
    let expect: Expect =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let asserts = expect.is.len() + expect.stops.len() + expect.says.len() + expect.documents.len();
    assert!(asserts > 0, "{}: asserts nothing", folder.display());
    let out = tempfile::tempdir().expect("a scratch folder");
    let order = Order {
        pipeline: folder.join("case.toml"),
        as_of: expect.as_of.parse().expect("a day"),
        out: out.path().to_owned(),
        only: expect.documents.is_empty().then_some(Only::Data),
        accepted: expect.accept.iter().map(|text| leave(text)).collect(),
        ..Order::default()
    };
    match reconcile(&order) {
        Ok(outcome) => {
            if !expect.stops.is_empty() {
                return vec![format!("runs, and should stop by {:?}", expect.stops)];
            }
            let values = expect.is.iter();
            let mut wrong: Vec<String> = values
                .filter_map(|is| is.differs(&outcome.folder))
                .collect();
            let lacking = |path: &&String| !outcome.folder.join(path).is_file();
            let lacking = expect.documents.iter().filter(lacking);
            wrong.extend(lacking.map(|path| format!("no {path}")));
            wrong
        }
        Err(error) => refused(&expect, &error),
    }
}

fn refused(expect: &Expect, error: &anyhow::Error) -> Vec<String> {
    let said = words::error(error, Lang::Zh).0;
    let mut wrong = Vec::new();
    let complaints = error.downcast_ref::<Complaints>();
    let mut stops: Vec<&str> = complaints
        .iter()
        .flat_map(|all| &all.0)
        .filter_map(|one| match &one.refusal {
            Refusal::Grave(grave) => Some(grave.code().code()),
            _ => None,
        })
        .collect();
    stops.sort_unstable();
    stops.dedup();
    let mut wanted: Vec<&str> = expect.stops.iter().map(String::as_str).collect();
    wanted.sort_unstable();
    let is_told = expect.or_refused || !expect.says.is_empty() && expect.is.is_empty();
    if stops != wanted || stops.is_empty() && !is_told {
        wrong.push(format!("stops by {stops:?}, not {wanted:?}: {said}"));
    }
    let lacking = expect.says.iter().filter(|words| !said.contains(*words));
    wrong.extend(lacking.map(|words| format!("does not say {words}: {said}")));
    let leaked = expect.never.iter().filter(|words| said.contains(*words));
    wrong.extend(leaked.map(|words| format!("says {words}: {said}")));
    wrong
}

#[test]
fn every_folder_of_inputs_comes_to_its_right_values_or_stops_by_name() {
    // CANBAO_INPUTS=36 tries the folders of that name alone.
    let wanted = std::env::var("CANBAO_INPUTS").unwrap_or_default();
    let mut all = String::new();
    let folders = folders();
    assert!(!folders.is_empty(), "the gallery is empty");
    for folder in &folders {
        let name = folder.file_name().expect("a name").to_string_lossy();
        if !name.contains(&wanted) {
            continue;
        }
        for one in wrong(folder) {
            let _ = writeln!(all, "{name}: {one}");
        }
    }
    assert!(all.is_empty(), "\n{all}");
}

#[test]
fn every_story_is_a_sentence() {
    for folder in folders() {
        let text = fs::read_to_string(folder.join("expect.toml")).expect("expect.toml");
        let expect: Expect = toml::from_str(&text).expect("expect.toml");
        assert!(expect.what.len() > 20, "{}: no story", folder.display());
    }
}
