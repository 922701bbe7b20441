//! The gallery: one folder of `tests/gallery` a habit or a fault, and every file in it yields what the folder says.
//!
//! A folder holds `case.toml` (the habit in words, settings, what is set aside or refused), `expected.csv` (the data rows
//! as intake gives them: row, then the fields by code), perhaps `typed.csv` (columns of the typed frame), and files. Each
//! file is read alone and must yield the same. A new folder is a new case; nothing else knows of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::fault::WrongContent;
use canbao::domain::{Code, Fate, Field, Refusal, SourceKind, columns, fault::Complaints};
use canbao::intake::{Silent, SourceSheet, read};
use canbao::scheme::{Hidden, Scheme, SourceRule};
use canbao::words::{self, Lang};
use canbao::{refine, scheme};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, Column};
use serde::Deserialize;
use tempfile::TempDir;

/// Folders and files there are at least: a runner that finds nothing proves nothing.
const CASES: usize = 70;
const FILES: usize = 300;

/// `case.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The habit or fault, in one sentence.
    habit: String,
    #[serde(default = "register")]
    source: String,
    /// Settings of the source.
    hidden: Option<String>,
    #[serde(default)]
    unpivot: Vec<String>,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    /// Names of the refusals or faults of which one must come; `*` = any.
    #[serde(default)]
    refused: Vec<String>,
    /// The table, or else any refusal: where no promise was given.
    #[serde(default)]
    or_refused: bool,
    /// Rows may come in any order.
    #[serde(default)]
    any_order: bool,
    /// Facts that the refusal must carry.
    #[serde(default)]
    names: Vec<String>,
    /// Words that its Chinese sentence must have.
    #[serde(default)]
    words: Vec<String>,
    /// Compare only the fields of `expected.csv`.
    #[serde(default)]
    partial: bool,
    /// Rows set aside, by fate; exactly these.
    fates: Option<BTreeMap<String, u64>>,
    /// Rows set aside in all, where it is no matter why.
    aside: Option<u64>,
    /// Encoding told, by file (its beginning: `UTF-16` fits `UTF-16LE`).
    #[serde(default)]
    encodings: BTreeMap<String, String>,
    /// The header that each field is read from.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    beside: Option<Beside>,
}

/// What else is on the sheets, in all.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct Beside {
    hidden_sheets: u64,
    hidden_rows: u64,
    hidden_columns: Vec<String>,
    tables: Vec<Table>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Table {
    row: u32,
    column: usize,
    headers: Vec<String>,
}

fn register() -> String {
    "register".to_owned()
}

/// Every case with its folder, in order.
fn cases() -> Vec<(PathBuf, Case)> {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    let mut folders: Vec<PathBuf> = fs::read_dir(gallery)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.retain(|path| path.join("case.toml").is_file());
    folders.sort();
    let case = |path: PathBuf| {
        let text = fs::read_to_string(path.join("case.toml")).unwrap();
        let case = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path, case)
    };
    folders.into_iter().map(case).collect()
}

/// The files of a case, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| {
        !["case.toml", "expected.csv", "typed.csv"]
            .iter()
            .any(|own| path.ends_with(own))
    });
    files.sort();
    files
}

#[test]
fn every_file_of_the_gallery_yields_what_its_folder_says() {
    // CANBAO_GALLERY=36 tries the folders of that name alone.
    let wanted = std::env::var("CANBAO_GALLERY").unwrap_or_default();
    let (mut read, mut wrong) = (0, Vec::new());
    let cases = cases();
    assert!(cases.len() >= CASES, "only {} cases found", cases.len());
    for (folder, case) in &cases {
        let name = folder.file_name().unwrap().to_string_lossy();
        if !name.contains(&wanted) {
            continue;
        }
        let files = files(folder);
        assert!(!files.is_empty(), "{name}: no file");
        for file in files {
            read += 1;
            if let Err(why) = tried(folder, case, &file) {
                wrong.push(format!(
                    "{name}/{} ({}):\n{why}",
                    file.file_name().unwrap().to_string_lossy(),
                    case.habit
                ));
            }
        }
    }
    assert!(
        read >= FILES || !wanted.is_empty(),
        "only {read} files found"
    );
    assert!(
        wrong.is_empty(),
        "{} of {read} files:\n\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// One file alone in a folder of inputs.
fn tried(folder: &Path, case: &Case, file: &Path) -> Result<(), String> {
    let inputs = TempDir::new().unwrap();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    fs::copy(file, inputs.path().join(&name)).unwrap();
    let scheme = scheme(case);
    let read = std::panic::catch_unwind(|| read(&scheme, inputs.path(), &Silent))
        .map_err(|_| "it panics\n".to_owned())?;
    match read {
        Err(error) => refused(case, &name, &error),
        Ok(_) if !case.refused.is_empty() => {
            Err(format!("read, though {:?} was to come\n", case.refused))
        }
        Ok(sheets) => {
            table(folder, case, &name, &sheets)?;
            typed(folder, sheets, &scheme)
        }
    }
}

/// A bureau's pipeline with this case's source alone.
fn scheme(case: &Case) -> Scheme {
    let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml");
    let mut scheme = scheme::load(&pipeline).unwrap();
    let field = |code: &String| Field::from_code(code).unwrap_or_else(|| panic!("no field {code}"));
    scheme.sources = vec![SourceRule {
        as_of: None,
        expect: Vec::new(),
        kind: SourceKind::from_code(&case.source).unwrap(),
        files: vec!["*".into()],
        mode: scheme::Mode::Snapshot,
        batch: None,
        required: true,
        columns: case
            .columns
            .iter()
            .map(|(code, header)| (field(code), header.clone()))
            .collect(),
        category: None,
        hidden: match case.hidden.as_deref() {
            None => Hidden::Read,
            Some("set-aside") => Hidden::SetAside,
            Some(other) => panic!("hidden = {other}"),
        },
        unpivot: case.unpivot.iter().map(field).collect(),
        sheets: Vec::new(),
        reports: None,
    }];
    scheme
}

/// A refusal or fault of the kind that was to come, with its facts, in words of both languages that name the file.
fn refused(case: &Case, name: &str, error: &anyhow::Error) -> Result<(), String> {
    let text = match error.downcast_ref::<Complaints>() {
        Some(complaints) => complaints
            .0
            .iter()
            .map(|c| format!("{:?} ", c.refusal))
            .collect(),
        None => format!("{error:?}"),
    };
    if case.refused.is_empty() && !case.or_refused {
        return Err(format!("refused: {text}\n"));
    }
    let any = case.or_refused || case.refused.iter().any(|kind| kind == "*");
    if !any
        && !case
            .refused
            .iter()
            .any(|kind| text.starts_with(kind.as_str()))
    {
        return Err(format!("{:?} was to come, but {text}\n", case.refused));
    }
    if let Some(fact) = case.names.iter().find(|fact| !text.contains(fact.as_str())) {
        return Err(format!("nothing of {fact} in {text}\n"));
    }
    for lang in [Lang::Zh, Lang::En] {
        let (said, code) = words::error(error, lang);
        if !said.contains(name) || !(2..=3).contains(&code) {
            return Err(format!("the file is not named, or code {code}: {said}\n"));
        }
    }
    let said = words::error(error, Lang::Zh).0;
    match case.words.iter().find(|word| !said.contains(word.as_str())) {
        Some(word) => Err(format!("no {word} in {said}\n")),
        None => Ok(()),
    }
}

/// Rows, fates, headers and the rest, as intake gives them.
fn table(folder: &Path, case: &Case, name: &str, sheets: &[SourceSheet]) -> Result<(), String> {
    let mut wrong = String::new();
    if folder.join("expected.csv").exists() {
        let expected = records(&folder.join("expected.csv"));
        let mut found = gathered(&expected[0], case, sheets);
        if case.any_order {
            found[1..].sort_by_key(|record| record[0].parse::<u32>().ok());
        }
        differing(&mut wrong, &expected, &found);
    }
    let aside = Fate::ALL.iter().map(|fate| {
        (
            fate.code().to_owned(),
            sheets.iter().map(|s| s.set_aside.of(*fate)).sum::<u64>(),
        )
    });
    let aside: BTreeMap<String, u64> = aside.filter(|(_, rows)| *rows > 0).collect();
    if let Some(fates) = case.fates.as_ref().filter(|fates| **fates != aside) {
        let _ = writeln!(wrong, "  set aside {fates:?}, found {aside:?}");
    }
    let all: u64 = aside.values().sum();
    if let Some(expected) = case.aside.filter(|rows| *rows != all) {
        let _ = writeln!(wrong, "  {expected} rows set aside, found {aside:?}");
    }
    if let Some(encoding) = case
        .encodings
        .get(name)
        .filter(|told| !sheets[0].origin.encoding.starts_with(told.as_str()))
    {
        let _ = writeln!(
            wrong,
            "  encoding {encoding}, found {}",
            sheets[0].origin.encoding
        );
    }
    for (code, header) in &case.headers {
        let of = |sheet: &SourceSheet| {
            sheet
                .columns
                .iter()
                .find(|c| c.field.is_some_and(|f| f.code() == code))
                .map(|c| c.header.clone())
        };
        let found = sheets.iter().find_map(of);
        if found.as_ref() != Some(header) {
            let _ = writeln!(wrong, "  {code} from {header}, found {found:?}");
        }
    }
    beside(&mut wrong, case, sheets);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn beside(wrong: &mut String, case: &Case, sheets: &[SourceSheet]) {
    let Some(expected) = &case.beside else { return };
    let mut found = Beside::default();
    for SourceSheet { beside, .. } in sheets {
        found.hidden_sheets += u64::from(beside.hidden_sheet);
        found.hidden_rows += beside.hidden_rows;
        found
            .hidden_columns
            .extend(beside.hidden_columns.iter().cloned());
        let table = |t: &canbao::intake::SideTable| Table {
            row: t.row,
            column: t.column,
            headers: t.headers.clone(),
        };
        found.tables.extend(beside.tables.iter().map(table));
    }
    if found != *expected {
        let _ = writeln!(wrong, "  beside {expected:?}\n   found {found:?}");
    }
}

/// The data rows of all sheets as `expected.csv` writes them. Fields that it does not name follow, unless `partial`.
fn gathered(header: &[String], case: &Case, sheets: &[SourceSheet]) -> Vec<Vec<String>> {
    let mut header = header.to_vec();
    if !case.partial {
        for column in sheets.iter().flat_map(|sheet| sheet.table.columns()) {
            let code = column.name().to_string();
            if Field::from_code(&code).is_some() && !header.contains(&code) {
                header.push(code);
            }
        }
    }
    let mut records = vec![header.clone()];
    for sheet in sheets {
        for at in 0..sheet.table.height() {
            let cell = |name: &String| match name.as_str() {
                "sheet" => sheet.origin.sheet.clone(),
                "row" => text(sheet.table.column(columns::ROW).unwrap(), at),
                code => sheet
                    .table
                    .column(code)
                    .map_or_else(|_| String::new(), |column| text(column, at)),
            };
            records.push(header.iter().map(cell).collect());
        }
    }
    records
}

/// Columns of the typed frame, by row.
fn typed(folder: &Path, sheets: Vec<SourceSheet>, scheme: &Scheme) -> Result<(), String> {
    if !folder.join("typed.csv").exists() {
        return Ok(());
    }
    let expected = records(&folder.join("typed.csv"));
    let rows = refine::typed(
        sheets,
        scheme,
        NaiveDate::from_ymd_opt(2022, 3, 31).unwrap(),
    )
    .map_err(|e| e.to_string())?;
    rows.assert_balanced();
    let frame = &rows.frames[0].1;
    let mut found = vec![expected[0].clone()];
    for at in 0..frame.height() {
        let cell = |name: &String| {
            let column = frame
                .column(name)
                .unwrap_or_else(|_| panic!("no column {name}"));
            match (name.as_str(), column.get(at).unwrap()) {
                (columns::ID_VERDICT, AnyValue::UInt8(index)) => Code::at(index).code().to_owned(),
                (columns::FATE, AnyValue::UInt8(index)) => Fate::at(index).code().to_owned(),
                _ => text(column, at),
            }
        };
        found.push(expected[0].iter().map(cell).collect());
    }
    let mut wrong = String::new();
    differing(&mut wrong, &expected, &found);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn text(column: &Column, at: usize) -> String {
    match column.get(at).unwrap() {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    }
}

/// Lists the records that differ.
fn differing(wrong: &mut String, expected: &[Vec<String>], found: &[Vec<String>]) {
    let none = Vec::new();
    for at in 0..expected.len().max(found.len()) {
        let (expected, found) = (
            expected.get(at).unwrap_or(&none),
            found.get(at).unwrap_or(&none),
        );
        if expected != found {
            let short = |cells: &[String]| {
                cells
                    .iter()
                    .map(|c| c.chars().take(40).collect::<String>())
                    .collect::<Vec<_>>()
                    .join(",")
            };
            let _ = writeln!(
                wrong,
                "  expected {}\n     found {}",
                short(expected),
                short(found)
            );
        }
    }
}

fn records(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(false)
        .from_path(path)
        .unwrap();
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|found| record(found.unwrap()))
        .collect()
}

#[test]
fn every_case_says_what_it_expects() {
    let refusals = format!(
        "{:?}",
        Refusal::Content(WrongContent::Password {
            file: String::new()
        })
    );
    assert!(
        refusals.starts_with("Password"),
        "cases name refusals as they are written"
    );
    for (folder, case) in cases() {
        let (name, habit) = (folder.display(), &case.habit);
        assert!(!habit.is_empty(), "{name}");
        let tables = ["expected.csv", "typed.csv"]
            .iter()
            .filter(|table| folder.join(table).exists())
            .count();
        assert_ne!(
            tables > 0,
            !case.refused.is_empty(),
            "{name}: a table or a refusal, one of them"
        );
        for code in case.headers.keys() {
            assert!(Field::from_code(code).is_some(), "{name}: {code}");
        }
        for fate in case.fates.iter().flat_map(BTreeMap::keys) {
            assert!(Fate::from_code(fate).is_some(), "{name}: {fate}");
        }
        for file in case.encodings.keys() {
            assert!(folder.join(file).is_file(), "{name}: {file}");
        }
        if !case.partial && folder.join("expected.csv").exists() {
            let header = records(&folder.join("expected.csv")).remove(0);
            let known = |column: &String| {
                ["sheet", "row"].contains(&column.as_str()) || Field::from_code(column).is_some()
            };
            assert!(header.iter().all(known), "{name}: {header:?}");
        }
    }
}
