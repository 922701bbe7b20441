//! Whatever a file looks like, each of its rows has one fate: rows read = rows written = rows accounted for.

mod oracle;

use std::collections::BTreeMap;
use std::fs;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};

use oracle::drive;
use oracle::files::{Written, pipeline_text};
use oracle::random::{day, plain_scheme, regions};
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
    let cell = |who: usize, odd: usize, column: &str| -> String {
        let odd_cells = [
            "",
            "合计",
            "2022",
            "-320",
            "上月",
            "\"引号\"\"\"",
            "310",
            "   ",
        ];
        match column {
            "姓名" => ["王建国", "李㛃", "张三"][who % 3].to_owned(),
            "身份证号" if odd != 3 => oracle::random::number_of(who),
            "缴费金额" if odd.is_multiple_of(2) => "320".to_owned(),
            _ => odd_cells[odd].to_owned(),
        }
    };
    match mess {
        Mess::Title => "2022年度城乡居民基本医疗保险参保情况".to_owned(),
        Mess::Blank => String::new(),
        Mess::Commas => ",".repeat(head.len() - 1),
        Mess::HeaderAgain => head.join(","),
        Mess::Total => format!("合计{}", ",".repeat(head.len() - 1)),
        Mess::Note => "填表人：某某  审核人：某某".to_owned(),
        Mess::Broken(who) => {
            let cells: Vec<String> = head
                .iter()
                .map(|column| format!("\"{}\n\"", cell(*who, 2, column)))
                .collect();
            cells.join(",")
        }
        Mess::Data(who, odd, width) => {
            let wanted = head.len().saturating_add_signed(*width).max(2);
            let cells: Vec<String> = (0..wanted)
                .map(|i| cell(*who, *odd, head.get(i).unwrap_or(&"备注")))
                .collect();
            cells.join(",")
        }
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
    for ((name, _, head), (above, lines, ends, last_break)) in HEADS.iter().zip(files) {
        // Above the header stand only titles and blank lines, or there would be two headers to choose from.
        let titles = above
            .iter()
            .map(|kind| [Mess::Title, Mess::Blank, Mess::Commas, Mess::Note][kind % 4].clone());
        let data = std::iter::once(Mess::HeaderAgain)
            .chain(lines.iter().cloned())
            .chain([Mess::Data(0, 0, 0)]);
        let all: Vec<String> = titles
            .chain(data)
            .map(|line| written(head, &line))
            .collect();
        rows_written.insert((*name).to_owned(), all.len() as u64);
        let line_break = if ends % 2 == 0 { "\n" } else { "\r\n" };
        let end = if *last_break { line_break } else { "" };
        let text = all.join(line_break) + end;
        let bytes = if *ends >= 2 {
            encoding_rs::GB18030.encode(&text).0.into_owned()
        } else {
            text.into_bytes()
        };
        fs::write(inputs.join(name), bytes).map_err(failed)?;
    }
    let report = drive::run(
        &empty_scheme(place.path(), inputs),
        day(2022, 3, 31),
        &place.path().join("reports"),
        1,
    )
    .map_err(|error| TestCaseError::fail(format!("the program stopped: {error:?}")))?;
    let sources = drive::csv_lines(&report.join("data/sources.csv"));
    prop_assert_eq!(sources.len(), rows_written.len(), "one line a file");
    for line in &sources {
        let number = |text: &str| text.parse::<u64>().expect("a count");
        let known = ["source", "file", "sheet", "sha256", "encoding", "rows_read"];
        let fates: u64 = line
            .iter()
            .filter(|(column, _)| !known.contains(&column.as_str()))
            .map(|(_, n)| number(n))
            .sum();
        let read = number(&line["rows_read"]);
        prop_assert_eq!(
            read,
            fates,
            "rows read and rows by fate of {}",
            &line["file"]
        );
        prop_assert_eq!(
            read,
            rows_written[&line["file"]],
            "rows read and rows written of {}",
            &line["file"]
        );
    }
    Ok(())
}

/// The plain scheme without a tasks table.
fn empty_scheme(folder: &std::path::Path, inputs: std::path::PathBuf) -> Written {
    let world = World {
        scheme: plain_scheme(),
        as_of: day(2022, 3, 31),
        books: BTreeMap::new(),
        tasks: vec![],
        tasks_total: None,
        spelling: 0,
        wide: false,
    };
    fs::create_dir_all(folder.join("regions")).expect("a folder of our own");
    let table: String = regions()
        .iter()
        .map(|r| {
            format!(
                "{},{},{},{},{},{}\n",
                r.code,
                r.name,
                r.level,
                r.parent,
                r.alias,
                if r.unit { "yes" } else { "" }
            )
        })
        .collect();
    fs::write(
        folder.join("regions/small-2022.csv"),
        format!("code,name,level,parent,alias,unit\n{table}"),
    )
    .expect("a folder of our own");
    let pipeline = folder.join("small-2022.toml");
    fs::write(&pipeline, pipeline_text(&world)).expect("a folder of our own");
    Written { pipeline, inputs }
}
