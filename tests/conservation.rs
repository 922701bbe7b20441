//! Whatever a file looks like, each of its rows has one fate: rows read = rows written = rows accounted for.

mod oracle;

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};

use oracle::drive;
use oracle::files::{Written, pipeline_text, regions_text};
use oracle::random::{day, plain_scheme};
use oracle::world::World;

/// A line of a messy file.
#[derive(Clone, Debug)]
enum Mess {
    Title,
    Blank,
    Commas,
    HeaderAgain,
    Total,
    Note,
    /// A row of data: which person, which of the odd cells, how many cells it is short or long by.
    Data(usize, usize, isize),
    /// A cell with a line break inside quotes: still one row.
    Broken(usize),
}

const HEADS: [(&str, &str, &[&str]); 4] = [
    (
        "居民_1.csv",
        "register",
        &["序号", "姓名", "身份证号", "乡镇", "村"],
    ),
    (
        "登记_1.csv",
        "registrations",
        &["姓名", "身份证号", "参保地", "险种", "参保状态", "参保年度"],
    ),
    (
        "缴费_1.csv",
        "payments",
        &["姓名", "身份证号", "缴费金额", "缴费日期", "凭证号"],
    ),
    (
        "名册_1.csv",
        "rosters",
        &["姓名", "身份证号", "对象类别", "认定日期"],
    ),
];

fn mess() -> impl Strategy<Value = Mess> {
    prop_oneof![
        8 => (0usize..6, 0usize..8, -3isize..3).prop_map(|(who, odd, width)| Mess::Data(who, odd, width)),
        1 => Just(Mess::Title),
        1 => Just(Mess::Blank),
        1 => Just(Mess::Commas),
        1 => Just(Mess::HeaderAgain),
        1 => Just(Mess::Total),
        1 => Just(Mess::Note),
        1 => (0usize..6).prop_map(Mess::Broken),
    ]
}

/// One line of csv, without its line break.
fn written(head: &[&str], mess: &Mess) -> String {
    let total = format!("合计{}", ",".repeat(head.len() - 1));
    match mess {
        Mess::Title => "2022年度城乡居民基本医疗保险参保情况".to_owned(),
        Mess::Blank => String::new(),
        Mess::Commas => ",".repeat(head.len() - 1),
        Mess::HeaderAgain => head.join(","),
        Mess::Total => total,
        Mess::Note => "填表人：某某  审核人：某某".to_owned(),
        Mess::Broken(who) => {
            let cells = head.iter().map(|column| cell(*who, 2, column));
            let cells: Vec<String> = cells.map(|cell| format!("\"{cell}\n\"")).collect();
            cells.join(",")
        }
        Mess::Data(who, odd, width) => {
            let wanted = head.len().saturating_add_signed(*width).max(2);
            let column = |at: usize| head.get(at).unwrap_or(&"备注");
            let cells = (0..wanted).map(|at| cell(*who, *odd, column(at)));
            cells.collect::<Vec<_>>().join(",")
        }
    }
}

#[rustfmt::skip]
const ODD: [&str; 8] = ["", "合计", "2022", "-320", "上月", "\"引号\"\"\"", "310", "   "];

fn cell(who: usize, odd: usize, column: &str) -> String {
    match column {
        "姓名" => ["王建国", "李㛃", "张三"][who % 3].to_owned(),
        "身份证号" if odd != 3 => oracle::random::number_of(who),
        "缴费金额" if odd.is_multiple_of(2) => "320".to_owned(),
        _ => ODD[odd].to_owned(),
    }
}

#[test]
fn every_row_of_any_mess_has_one_fate() {
    let file = || {
        (
            prop::collection::vec(0usize..6, 0..5),
            prop::collection::vec(mess(), 1..25),
            0usize..4,
            any::<bool>(),
        )
    };
    let base = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let config = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => base,
        None => Config {
            cases: 120,
            rng_seed: RngSeed::Fixed(2022),
            ..base
        },
    };
    proptest!(config, |(files in prop::collection::vec(file(), 4))| {
        conserved(&files)?;
    });
}

type File = (Vec<usize>, Vec<Mess>, usize, bool);

fn conserved(files: &[File]) -> Result<(), TestCaseError> {
    let failed = |error: std::io::Error| TestCaseError::fail(error.to_string());
    let place = tempfile::tempdir().map_err(failed)?;
    let inputs = place.path().join("inputs");
    fs::create_dir_all(&inputs).map_err(failed)?;
    let mut rows_written: BTreeMap<String, u64> = BTreeMap::new();
    for ((name, _, head), file) in HEADS.iter().zip(files) {
        let lines = lines_of(head, file);
        rows_written.insert((*name).to_owned(), lines.len() as u64);
        fs::write(inputs.join(name), bytes_of(&lines, file)).map_err(failed)?;
    }
    let written = empty_scheme(place.path(), inputs);
    let out = place.path().join("reports");
    let stopped = |error| TestCaseError::fail(format!("the program stopped: {error:?}"));
    let report = drive::run(&written, day(2022, 3, 31), &out, 1).map_err(stopped)?;
    let sources = drive::csv_lines(&report.join("data/sources.csv"));
    prop_assert_eq!(sources.len(), rows_written.len(), "one line a file");
    for line in &sources {
        let number = |text: &str| text.parse::<u64>().expect("a count");
        let known = ["source", "file", "sheet", "sha256", "encoding", "rows_read"];
        let fates = line
            .iter()
            .filter(|(column, _)| !known.contains(&&***column));
        let fates: u64 = fates.map(|(_, rows)| number(rows)).sum();
        let (file, read) = (&line["file"], number(&line["rows_read"]));
        prop_assert_eq!(read, fates, "rows read and rows by fate of {}", file);
        prop_assert_eq!(
            read,
            rows_written[file],
            "rows read and written of {}",
            file
        );
    }
    Ok(())
}

/// Above the header stand only titles and blank lines, or there would be two headers to choose from.
fn lines_of(head: &[&str], (above, lines, ..): &File) -> Vec<String> {
    let kinds = [Mess::Title, Mess::Blank, Mess::Commas, Mess::Note];
    let titles = above.iter().map(|kind| kinds[kind % 4].clone());
    let header = std::iter::once(Mess::HeaderAgain);
    let data = lines.iter().cloned().chain([Mess::Data(0, 0, 0)]);
    let all = titles.chain(header).chain(data);
    all.map(|line| written(head, &line)).collect()
}

fn bytes_of(lines: &[String], (.., ends, last_break): &File) -> Vec<u8> {
    let line_break = if ends % 2 == 0 { "\n" } else { "\r\n" };
    let end = if *last_break { line_break } else { "" };
    let text = lines.join(line_break) + end;
    if *ends >= 2 {
        encoding_rs::GB18030.encode(&text).0.into_owned()
    } else {
        text.into_bytes()
    }
}

/// The plain scheme without a tasks table.
fn empty_scheme(folder: &std::path::Path, inputs: std::path::PathBuf) -> Written {
    let world = World {
        scheme: plain_scheme(),
        as_of: day(2022, 3, 31),
        exported: None,
        books: BTreeMap::new(),
        tasks: vec![],
        tasks_total: None,
        spelling: 0,
        wide: false,
    };
    fs::create_dir_all(folder.join("regions")).expect("a folder of our own");
    let regions = folder.join("regions/small-2022.csv");
    fs::write(regions, regions_text(&world.scheme)).expect("a folder of our own");
    let pipeline = folder.join("small-2022.toml");
    fs::write(&pipeline, pipeline_text(&world)).expect("a folder of our own");
    Written { pipeline, inputs }
}
