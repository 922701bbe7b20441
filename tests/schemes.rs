//! The five schemes, whole: the committed samples against their answer keys, every printed figure against the data files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use calamine::{Data, Range, Reader, Xlsx};
use canbao::domain::{Code, SourceKind};
use canbao::run::{Only, Order, make_sample, reconcile};
use canbao::sample::{Form, SampleOrder};
use chrono::NaiveDate;
use polars::prelude::AnyValue;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

/// A scheme, the persons of its committed sample (seed 1, mixed), and the day its key holds for: the last of the month
/// after the window's end.
struct Case {
    slug: &'static str,
    people: u64,
    as_of: &'static str,
}

const XIANGTAN: Case = Case {
    slug: "xiangtan-2022",
    people: 2800,
    as_of: "2022-03-31",
};
const ZHUJI: Case = Case {
    slug: "zhuji-2023",
    people: 2600,
    as_of: "2023-03-31",
};
const SHAOYANG: Case = Case {
    slug: "shaoyang-2022",
    people: 3000,
    as_of: "2022-03-31",
};
const KAIPING: Case = Case {
    slug: "kaiping-2022",
    people: 2600,
    as_of: "2022-01-31",
};
const QINGTANGPU: Case = Case {
    slug: "qingtangpu-2022",
    people: 2600,
    as_of: "2022-01-31",
};
const ALL: [&Case; 5] = [&XIANGTAN, &ZHUJI, &SHAOYANG, &KAIPING, &QINGTANGPU];

/// Codes that no sample plants: they need rows longer than their header, rows of several lives, old numbers,
/// remarks behind names, or what a sender says.
const NO_STORY: [Code; 5] = [
    Code::RowTooLong,
    Code::ControlTotal,
    Code::IdShared,
    Code::IdClaimed,
    Code::MarkedGone,
];

/// Codes that a sample can hold.
fn plantable() -> impl Iterator<Item = &'static Code> {
    Code::ALL.iter().filter(|code| !NO_STORY.contains(code))
}

/// Codes that a notice leaves no room for, scheme by scheme. Whatever else can be planted is planted in all five.
const NOT_PLANTED: [(&str, Code, &str); 6] = [
    (
        "zhuji-2023",
        Code::RosterLate,
        "no cut-off day that lies before the as-of date",
    ),
    (
        "zhuji-2023",
        Code::RegionAmbiguous,
        "no two villages of one name",
    ),
    (
        "kaiping-2022",
        Code::RegionAmbiguous,
        "no two villages of one name",
    ),
    (
        "kaiping-2022",
        Code::OffRule,
        "the table has no rule between its columns",
    ),
    (
        "qingtangpu-2022",
        Code::RegionAmbiguous,
        "no two villages of one name",
    ),
    (
        "qingtangpu-2022",
        Code::OffRule,
        "the table has no rule between its columns",
    ),
];

/// A row of a file as texts: column → cell.
type Line = BTreeMap<String, String>;
/// (code, number) → how many.
type Counts = BTreeMap<(String, String), i64>;

impl Case {
    fn pipeline(&self) -> PathBuf {
        PathBuf::from(format!(
            "{}/pipelines/{}.toml",
            env!("CARGO_MANIFEST_DIR"),
            self.slug
        ))
    }

    fn sample(&self) -> PathBuf {
        PathBuf::from(format!(
            "{}/sample_data/{}",
            env!("CARGO_MANIFEST_DIR"),
            self.slug
        ))
    }

    fn as_of(&self) -> NaiveDate {
        self.as_of.parse().expect("a date")
    }

    /// The scheme's own pipeline, or the one that the sample brings along: its targets are of its size.
    fn pipeline_of(&self, inputs: &Path) -> PathBuf {
        let own = inputs.join("方案").join(format!("{}.toml", self.slug));
        if own.exists() { own } else { self.pipeline() }
    }

    fn order(&self, inputs: &Path, out: &Path) -> Order {
        Order {
            pipeline: self.pipeline_of(inputs),
            as_of: self.as_of(),
            inputs: Some(inputs.to_owned()),
            out: out.to_owned(),
            ..Order::default()
        }
    }

    /// Runs on these inputs and returns the report folder.
    fn run(&self, inputs: &Path, out: &Path, only: Option<Only>) -> PathBuf {
        let order = Order {
            only,
            ..self.order(inputs, out)
        };
        reconcile(&order)
            .unwrap_or_else(|error| panic!("{}: {error:?}", self.slug))
            .folder
    }

    /// The order whose outcome is committed.
    fn sample_order(&self, out: &Path) -> SampleOrder {
        SampleOrder {
            people: Some(self.people),
            seed: 1,
            weeks: 0,
            form: Form::Mixed,
            out: out.to_owned(),
            tasks: Vec::new(),
        }
    }

    fn make(&self, order: SampleOrder) {
        make_sample(&self.pipeline(), &order)
            .unwrap_or_else(|error| panic!("{}: {error:?}", self.slug));
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn csv_lines(path: &Path) -> Vec<Line> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader =
        csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let header = reader.headers().expect("a header").clone();
    let line = |record: csv::StringRecord| {
        header
            .iter()
            .map(str::to_owned)
            .zip(record.iter().map(str::to_owned))
            .collect()
    };
    reader
        .records()
        .map(|record| line(record.expect("a whole record")))
        .collect()
}

fn parquet_lines(path: &Path) -> Vec<Line> {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let frame = ParquetReader::new(file)
        .finish()
        .expect("a whole parquet file");
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(|name| name.to_string())
        .collect();
    let cell = |name: &String, row| match frame
        .column(name)
        .expect("its own column")
        .get(row)
        .expect("a row of it")
    {
        AnyValue::Null => String::new(),
        value => value.str_value().into_owned(),
    };
    (0..frame.height())
        .map(|row| {
            names
                .iter()
                .map(|name| (name.clone(), cell(name, row)))
                .collect()
        })
        .collect()
}

fn counts(lines: &[Line]) -> Counts {
    let mut counts = Counts::new();
    for line in lines {
        *counts
            .entry((line["code"].clone(), line["id"].clone()))
            .or_default() += 1;
    }
    counts
}

fn key(folder: &Path) -> Counts {
    counts(&csv_lines(&folder.join("answer_key.csv")))
}

/// What the run found against what the key expects, one line a difference, code by code.
fn differences(key: &Counts, lines: &[Line]) -> Vec<String> {
    let found = counts(lines);
    let all: BTreeSet<&(String, String)> = key.keys().chain(found.keys()).collect();
    let count = |of: &Counts, at: &(String, String)| of.get(at).copied().unwrap_or(0);
    let differing = all
        .into_iter()
        .filter(|at| count(key, at) != count(&found, at));
    differing
        .map(|at| {
            let (code, id) = at;
            let of_it = lines
                .iter()
                .find(|line| line["code"] == *code && line["id"] == *id);
            let place = of_it.map_or_else(String::new, |line| {
                format!(
                    " ({} row {}: expected {:?}, found {:?})",
                    line["file"], line["row"], line["expected"], line["found"]
                )
            });
            format!(
                "{code:24} {id:20} key {} found {}{place}",
                count(key, at),
                count(&found, at)
            )
        })
        .collect()
}

fn assert_equals_key(case: &Case, inputs: &Path, report: &Path) {
    let lines = parquet_lines(&report.join("data/findings.parquet"));
    let differing = differences(&key(inputs), &lines);
    assert!(
        differing.is_empty(),
        "{}: {} differences\n{}",
        case.slug,
        differing.len(),
        differing.join("\n")
    );
    let checks = csv_lines(&report.join("data/checks.csv"));
    assert_eq!(checks.len(), Code::COUNT, "{}", case.slug);
    for check in checks {
        let rows = lines
            .iter()
            .filter(|line| line["code"] == check["check"])
            .count();
        assert_eq!(
            check["rows"],
            rows.to_string(),
            "{} {}",
            case.slug,
            check["check"]
        );
    }
}

/// The committed sample: its findings are its key, every check ran, and what can be planted is planted.
fn accepted(case: &Case) {
    let out = folder();
    let report = case.run(&case.sample(), out.path(), Some(Only::Data));
    assert_equals_key(case, &case.sample(), &report);
    for check in csv_lines(&report.join("data/checks.csv")) {
        assert_eq!(
            (check["ran"].as_str(), check["why_not"].as_str()),
            ("true", ""),
            "{} {}",
            case.slug,
            check["check"]
        );
    }
    let key = key(&case.sample());
    for code in plantable() {
        let planted = key.keys().any(|(planted, _)| planted == code.code());
        let excused = NOT_PLANTED
            .iter()
            .any(|(slug, other, _)| *slug == case.slug && *other == *code);
        assert_ne!(
            planted, excused,
            "{}: {code} planted: {planted}, listed as not planted: {excused}",
            case.slug
        );
    }
}

#[test]
fn xiangtan_finds_what_was_planted_and_nothing_else() {
    accepted(&XIANGTAN);
}

#[test]
fn zhuji_finds_what_was_planted_and_nothing_else() {
    accepted(&ZHUJI);
}

#[test]
fn shaoyang_finds_what_was_planted_and_nothing_else() {
    accepted(&SHAOYANG);
}

#[test]
fn kaiping_finds_what_was_planted_and_nothing_else() {
    accepted(&KAIPING);
}

#[test]
fn qingtangpu_finds_what_was_planted_and_nothing_else() {
    accepted(&QINGTANGPU);
}

#[test]
fn every_code_is_planted_in_at_least_one_scheme() {
    let keys: Vec<Counts> = ALL.iter().map(|case| key(&case.sample())).collect();
    for code in plantable() {
        assert!(
            keys.iter()
                .any(|key| key.keys().any(|(planted, _)| planted == code.code())),
            "{code}"
        );
    }
}

#[test]
fn another_seed_size_and_form_of_every_scheme_also_equals_its_key() {
    for (case, seed) in ALL.into_iter().zip(11..) {
        for (people, weeks, form) in [
            (1200, 0, Form::Csv),
            (900, 2, Form::Xlsx),
            (700, 0, Form::Parquet),
        ] {
            let (inputs, out) = (folder(), folder());
            case.make(SampleOrder {
                people: Some(people),
                seed,
                weeks,
                form,
                ..case.sample_order(inputs.path())
            });
            let report = case.run(inputs.path(), out.path(), Some(Only::Data));
            assert_equals_key(case, inputs.path(), &report);
        }
    }
}

/// Books as they lie in the folder on a day: what was exported later is of that day; of later payments the next file alone.
fn exported_by(day: NaiveDate, from: &Path, to: &Path) {
    let entries = fs::read_dir(from).expect("a folder");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file());
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = files.map(name).collect();
    names.sort();
    let mut has_later_payments = false;
    for name in names {
        let batch: String = name.chars().filter(char::is_ascii_digit).take(8).collect();
        let named = NaiveDate::parse_from_str(&batch, "%Y%m%d");
        let own = if named.map_or(true, |of| of <= day) {
            name.clone()
        } else if name.starts_with("缴费明细") && has_later_payments {
            continue;
        } else {
            has_later_payments |= name.starts_with("缴费明细");
            name.replace(&batch, &day.format("%Y%m%d").to_string())
        };
        fs::copy(from.join(name), to.join(own)).expect("a copy");
    }
}

#[test]
fn no_week_of_a_season_asks_for_leave() {
    for case in ALL {
        let window = canbao::scheme::load(&case.pipeline())
            .expect("a pipeline")
            .window;
        let made = folder();
        case.make(SampleOrder {
            weeks: 12,
            ..case.sample_order(made.path())
        });
        let week = |n: u64| window.from + chrono::Days::new(7 * n - 1);
        let later = window.to + chrono::Months::new(2);
        for day in [week(1), week(4), week(12), later] {
            let (inputs, out) = (folder(), folder());
            exported_by(day, made.path(), inputs.path());
            // The folder as it was on that day, and the whole one asked for that day.
            let whole = (day <= case.as_of()).then_some(made.path());
            for books in [inputs.path()].into_iter().chain(whole) {
                let order = Order {
                    as_of: day,
                    only: Some(Only::Data),
                    ..case.order(books, out.path())
                };
                let run = reconcile(&order);
                assert!(run.is_ok(), "{} {day}: {:?}", case.slug, run.err());
            }
        }
    }
}

#[test]
fn a_check_that_names_no_day_does_not_call_last_years_folder_late() {
    let late = |names_day: bool| {
        let order = Order {
            as_of: NaiveDate::from_ymd_opt(2030, 1, 1).expect("a date"),
            names_day,
            ..XIANGTAN.order(&XIANGTAN.sample(), Path::new("unused"))
        };
        let survey = canbao::run::survey(&order).expect("a survey");
        format!("{:?}", survey.into_errors()).contains("AsOfOdd")
    };
    assert!(late(true));
    assert!(!late(false));
}

#[test]
fn the_smallest_samples_run_too_and_equal_their_keys() {
    // Departments whose list is of one or two persons lose one to the next month's.
    for people in [7, 11, 20, 37, 60] {
        for seed in 1..=11 {
            let (inputs, out) = (folder(), folder());
            KAIPING.make(SampleOrder {
                people: Some(people),
                seed,
                ..KAIPING.sample_order(inputs.path())
            });
            let report = KAIPING.run(inputs.path(), out.path(), Some(Only::Data));
            assert_equals_key(&KAIPING, inputs.path(), &report);
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path
                    .strip_prefix(root)
                    .expect("inside")
                    .to_string_lossy()
                    .replace('\\', "/");
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// Names of files that one folder has and the other has not, or whose bytes differ.
fn differing(one: &BTreeMap<String, Vec<u8>>, two: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    names
        .into_iter()
        .filter(|name| one.get(*name) != two.get(*name))
        .cloned()
        .collect()
}

#[test]
fn the_committed_samples_are_what_the_program_makes_today() {
    let mut bytes = 0;
    for case in ALL {
        let made = folder();
        case.make(case.sample_order(made.path()));
        let committed = files(&case.sample());
        bytes += committed.values().map(Vec::len).sum::<usize>();
        let differing = differing(&committed, &files(made.path()));
        assert!(
            differing.is_empty(),
            "canbao sample pipelines/{0}.toml --people {1} --seed 1 --out sample_data/{0} writes other bytes: {differing:?}",
            case.slug,
            case.people
        );
        assert!(case.people <= 3000);
    }
    assert!(bytes <= 6_000_000, "{bytes} bytes of samples");
}

/// The sixth scheme, written from docs/scheme.md alone, lies with its notice, region table and data
/// in one folder.
#[test]
fn the_sixth_scheme_written_from_the_guide_equals_its_key_and_needs_no_code() {
    let folder_of = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/sample_data/yuanan-2025"
    ));
    let pipeline = folder_of.join("yuanan-2025.toml");
    let (made, out) = (folder(), folder());
    let order = SampleOrder {
        people: Some(1500),
        ..XIANGTAN.sample_order(made.path())
    };
    make_sample(&pipeline, &order).unwrap_or_else(|error| panic!("{error:?}"));
    let differing = differing(&files(&folder_of.join("data")), &files(made.path()));
    assert!(
        differing.is_empty(),
        "canbao sample sample_data/yuanan-2025/yuanan-2025.toml --people 1500 --seed 1 --out sample_data/yuanan-2025/data: {differing:?}"
    );
    let run = Order {
        pipeline,
        as_of: "2025-03-31".parse().expect("a date"),
        out: out.path().to_owned(),
        ..Order::default()
    };
    let outcome = reconcile(&run).unwrap_or_else(|error| panic!("{error:?}"));
    let found = parquet_lines(&outcome.folder.join("data/findings.parquet"));
    let wrong = differences(&key(&folder_of.join("data")), &found);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_waits(&outcome.folder);
}

/// What only this notice has: waiting by coverage year, and none where a rule says so.
fn assert_waits(report: &Path) {
    let entries = parquet_lines(&report.join("data/entries.parquet"));
    let waits = |line: &Line| (line["case"].clone(), !line["waits_until"].is_empty());
    let waits: BTreeSet<(String, bool)> = entries.iter().map(waits).collect();
    for (case, waiting) in [
        ("late", true),
        ("其他未在集中缴费期参保", true),
        ("职工医保中断三个月内", false),
        ("新生儿出生90日内", false),
    ] {
        assert!(
            waits.contains(&(case.to_owned(), waiting)),
            "{case}: {waits:?}"
        );
    }
}

/// Checks that say nothing without a book.
fn silent_without(kind: SourceKind) -> &'static [Code] {
    match kind {
        SourceKind::Rosters => &[
            Code::HardshipUninsured,
            Code::SubsidyMissed,
            Code::SubsidyUnentitled,
            Code::SubsidyOverlap,
            Code::RosterLate,
            Code::RosterEnded,
        ],
        SourceKind::Deaths => &[Code::DeceasedRegistered, Code::DeceasedPaid],
        SourceKind::Departures => &[Code::MovedOut],
        SourceKind::Students => &[Code::StudentDuplicate],
        SourceKind::Households => &[Code::HouseholdDuplicate],
        SourceKind::Tasks => &[Code::Footing, Code::FiguresRepeated, Code::OffRule],
        _ => &[],
    }
}

#[test]
fn without_an_optional_book_the_run_works_and_names_the_checks_that_did_not() {
    let mut tried = BTreeSet::new();
    for case in ALL {
        let scheme = canbao::scheme::load(&case.pipeline()).expect("a pipeline");
        for rule in scheme.sources.iter().filter(|rule| !rule.required) {
            let heads: Vec<&str> = rule
                .files
                .iter()
                .filter_map(|pattern| pattern.split('*').next())
                .collect();
            let (inputs, out) = (folder(), folder());
            let mut left_out = 0;
            for (name, bytes) in files(&case.sample()) {
                if heads.iter().any(|head| name.starts_with(head)) {
                    left_out += 1;
                } else if !name.contains('/') {
                    fs::write(inputs.path().join(name), bytes).expect("a copy");
                }
            }
            if left_out == 0 {
                continue; // the sample has no such book
            }
            let kind = rule.kind;
            tried.insert(kind.code());
            let report = case.run(inputs.path(), out.path(), Some(Only::Data));
            for check in csv_lines(&report.join("data/checks.csv")) {
                let silent = silent_without(kind)
                    .iter()
                    .any(|code| code.code() == check["check"]);
                let of = format!("{} without {}: {check:?}", case.slug, kind.code());
                assert_eq!(check["ran"], (!silent).to_string(), "{of}");
                assert_eq!(check["why_not"].contains(kind.code()), silent, "{of}");
                assert!(!silent || check["rows"] == "0", "{of}");
            }
        }
    }
    assert!(tried.len() >= 7, "{tried:?}");
}

/// A sheet below its titles: the header and the rows that have as many cells.
struct Table {
    header: Vec<String>,
    rows: Vec<BTreeMap<String, Data>>,
}

fn workbook(bytes: &[u8]) -> Vec<(String, Range<Data>)> {
    let mut book = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a workbook");
    book.worksheets()
}

/// The table whose header has this word.
fn table(range: &Range<Data>, word: &str) -> Table {
    let rows: Vec<&[Data]> = range.rows().collect();
    let at = rows
        .iter()
        .position(|row| row.iter().any(|cell| text(cell) == word));
    let at = at.unwrap_or_else(|| panic!("no header with {word}"));
    let header: Vec<String> = rows[at].iter().map(text).collect();
    let line = |row: &&[Data]| header.iter().cloned().zip(row.iter().cloned()).collect();
    Table {
        rows: rows[at + 1..].iter().map(line).collect(),
        header,
    }
}

fn text(cell: &Data) -> String {
    match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn number(cell: &Data) -> i64 {
    match cell {
        Data::Float(number) if number.fract() == 0.0 => *number as i64,
        Data::Int(number) => *number,
        other => panic!("{other:?} is no whole number"),
    }
}

/// Yuan as fen.
fn fen(cell: &Data) -> i64 {
    match cell {
        Data::Float(yuan) => (yuan * 100.0).round() as i64,
        Data::Int(yuan) => yuan * 100,
        other => panic!("{other:?} is no amount"),
    }
}

fn sum(lines: &[&Line], column: &str) -> i64 {
    lines
        .iter()
        .map(|line| line[column].parse::<i64>().unwrap_or(0))
        .sum()
}

/// A whole report of a committed sample.
fn whole(case: &Case) -> (tempfile::TempDir, PathBuf) {
    let out = folder();
    let report = case.run(&case.sample(), out.path(), None);
    (out, report)
}

/// Sheets whose name begins so, with the level that their rows have in coverage.csv.
const LEVELS: [(&str, &str); 4] = [
    ("市", "city"),
    ("县", "county"),
    ("乡镇", "township"),
    ("村", "village"),
];

const PROGRESS: [(&str, &str); 10] = [
    ("底册人口", "register"),
    ("常住人口", "population"),
    ("任务数", "task"),
    ("保底任务数", "floor"),
    ("上年参保数", "last_year"),
    ("累计参保", "registered"),
    ("居民", "registered_resident"),
    ("职工", "registered_employee"),
    ("尚差", "missing"),
    ("排名", "rank"),
];

const STANDINGS: [(&str, &str); 14] = [
    ("底册人口", "register"),
    ("数据待核", "pending"),
    ("死亡", "deceased"),
    ("本地职工", "local-employee"),
    ("本地居民", "local-resident"),
    ("异地职工", "elsewhere-employee"),
    ("异地居民", "elsewhere-resident"),
    ("参军", "military"),
    ("服刑", "prison"),
    ("失联", "unreachable"),
    ("自愿放弃", "declined"),
    ("其他原因", "other"),
    ("未参保", "uninsured"),
    ("参保人数", "insured"),
];

/// Compares a sheet's printed rows with the coverage rows of a level, in their order; its total row with their sums.
fn compare(of: &str, table: &Table, coverage: &[&Line], columns: &[(&str, &str)]) -> usize {
    let mut compared = 0;
    for (printed, line) in table.rows.iter().zip(coverage) {
        let name = &line["name"];
        assert_eq!(text(&printed["单位"]), *name, "{of}");
        for (head, column) in columns {
            let Some(cell) = printed.get(*head) else {
                let says = |line: &&Line| !["", "0"].contains(&&*line[*column]);
                let nothing = *column == "rank" || !coverage.iter().any(says);
                assert!(nothing, "{of}: no column {head}");
                continue;
            };
            let (cell, value) = (text(cell), line[*column].as_str());
            let same = cell == value || (value.is_empty() && ["", "——"].contains(&cell.as_str()));
            // The scheme's own row has no rivals, so no rank is printed.
            let unrivalled = *head == "排名" && coverage.len() == 1;
            assert!(
                same || unrivalled,
                "{of} {name} {head}: printed {cell:?}, data {value:?}"
            );
            compared += 1;
        }
    }
    assert!(table.rows.len() >= coverage.len(), "{of}");
    if coverage.len() > 1 {
        compare_total(of, table, coverage, columns);
    }
    compared
}

/// The row behind those of the regions, and of persons of whom no place at this level is known, is the sum of the printed
/// ones, and of the data.
fn compare_total(of: &str, table: &Table, coverage: &[&Line], columns: &[(&str, &str)]) {
    let is_total = |row: &BTreeMap<String, Data>| text(&row["单位"]) == "合计";
    let until = table.rows.iter().position(is_total).expect("a total");
    let (rows, total) = (&table.rows[..until], &table.rows[until]);
    let unplaced = rows.get(coverage.len());
    assert!(rows.len() <= coverage.len() + 1, "{of}");
    if let Some(row) = unplaced {
        assert!(text(&row["单位"]).starts_with("未落到"), "{of}");
    }
    for (head, column) in columns.iter().filter(|(head, _)| *head != "排名") {
        let Some(cell) = total.get(*head) else {
            continue;
        };
        if *head == "尚差" {
            // Missing is against the whole's own target, which stands one row below where there is one.
            assert_eq!(text(cell), "——", "{of}");
            continue;
        }
        let figure = |row: &BTreeMap<String, Data>| text(&row[*head]).parse::<i64>().unwrap_or(0);
        let rest = unplaced.map_or(0, figure);
        assert_eq!(number(cell), sum(coverage, column) + rest, "{of} {head}");
        let printed: i64 = rows.iter().map(figure).sum();
        assert_eq!(number(cell), printed, "{of} {head}");
    }
}

#[test]
fn the_progress_workbook_prints_the_figures_of_the_data_files_and_its_totals_are_sums_of_its_rows()
{
    for case in ALL {
        let (_out, report) = whole(case);
        let coverage = csv_lines(&report.join("data/coverage.csv"));
        let mut compared = 0;
        for (name, range) in
            workbook(&fs::read(report.join("参保进度通报.xlsx")).expect("a workbook"))
        {
            let Some((kind, level)) = name.split_once('-') else {
                continue;
            };
            let Some((_, level)) = LEVELS.iter().find(|(word, _)| *word == level) else {
                continue;
            };
            let lines: Vec<&Line> = coverage
                .iter()
                .filter(|line| line["level"] == *level)
                .collect();
            let columns = match kind {
                "进度" => &PROGRESS[..],
                "状态" => &STANDINGS,
                _ => continue,
            };
            let of = format!("{} {name}", case.slug);
            compared += compare(&of, &table(&range, "底册人口"), &lines, columns);
        }
        assert!(
            compared > 100,
            "{}: only {compared} figures compared",
            case.slug
        );
    }
}

#[test]
fn sums_of_the_refund_workbook_are_those_of_the_cases() {
    for case in ALL {
        let (_out, report) = whole(case);
        let cases = parquet_lines(&report.join("data/cases.parquet"));
        assert!(refunds(&cases, None).0 > 5, "{}", case.slug);
        let audit = csv_lines(&report.join("data/audit.csv"));
        let book = fs::read(report.join("退费台账.xlsx")).expect("a workbook");
        let mut listed = 0;
        for (name, range) in workbook(&book) {
            let of = format!("{} {name}", case.slug);
            match name.as_str() {
                "财政补助重复" => assert_audit(case, &table(&range, "重复情形"), &audit),
                "汇总" => assert_refund_sums(&of, &table(&range, "退费统筹区"), &cases),
                "申请表" => assert_applications(&of, &table(&range, "退费金额"), &cases),
                "待核" => assert_doubtful(&of, &range, &cases),
                _ => listed += assert_cases_of_a_pool(&of, &table(&range, "退费金额"), &cases),
            }
        }
        // Every case stands on the sheet of its pool.
        assert_eq!(listed, cases.len(), "{}", case.slug);
    }
}

/// Number and fen of the cases: of all, or of those with an answer.
fn refunds(cases: &[Line], answer: Option<&str>) -> (i64, i64) {
    let given = |line: &Line| match (line["eligible"].as_str(), line["doubts"].as_str()) {
        ("true", "") => "符合条件",
        ("false", "") => "不符合",
        (_, _) => "待核",
    };
    let wanted = |line: &&Line| answer.is_none_or(|answer| given(line) == answer);
    let lines: Vec<&Line> = cases.iter().filter(wanted).collect();
    (lines.len() as i64, sum(&lines, "refund_fen"))
}

fn total_of<'a>(of: &str, table: &'a Table) -> &'a BTreeMap<String, Data> {
    let is_total = |row: &&BTreeMap<String, Data>| row.values().any(|cell| text(cell) == "合计");
    let total = table.rows.iter().find(is_total);
    total.unwrap_or_else(|| panic!("{of}: no total"))
}

fn assert_refund_sums(of: &str, table: &Table, cases: &[Line]) {
    let total = total_of(of, table);
    for (count, amount, answer) in [
        ("件数", "退费金额", None),
        ("符合条件件数", "符合条件金额", Some("符合条件")),
        ("待核件数", "待核金额", Some("待核")),
        ("不符合件数", "不符合金额", Some("不符合")),
    ] {
        let printed = (number(&total[count]), fen(&total[amount]));
        assert_eq!(printed, refunds(cases, answer), "{of} {count}");
    }
}

/// Every case that is eligible, and their sum.
fn assert_applications(of: &str, table: &Table, cases: &[Line]) {
    let (eligible, fen_of_them) = refunds(cases, Some("符合条件"));
    assert_eq!(fen(&total_of(of, table)["退费金额"]), fen_of_them, "{of}");
    let rows = table.rows.iter();
    let persons = rows.filter(|row| text(&row["案号"]).contains('-'));
    assert_eq!(persons.count() as i64, eligible, "{of}");
}

/// Every case that waits for an answer, with its doubt in words.
fn assert_doubtful(of: &str, range: &Range<Data>, cases: &[Line]) {
    let (waiting, fen_of_them) = refunds(cases, Some("待核"));
    if waiting == 0 {
        return;
    }
    let table = table(range, "退费金额");
    assert_eq!(fen(&total_of(of, &table)["退费金额"]), fen_of_them, "{of}");
    let rows = table.rows.iter();
    let persons = rows.filter(|row| text(&row["案号"]).contains('-'));
    assert_eq!(persons.count() as i64, waiting, "{of}");
}

/// Rows of a pool's sheet against the cases, its total against its rows; how many rows.
fn assert_cases_of_a_pool(of: &str, table: &Table, cases: &[Line]) -> usize {
    let (mut rows, mut amounts) = (0, 0);
    for row in &table.rows {
        let number = text(&row["案号"]);
        let Some(line) = cases.iter().find(|line| line["case"] == number) else {
            continue;
        };
        let amount = fen(&row["退费金额"]);
        assert_eq!(amount.to_string(), line["refund_fen"], "{of}");
        assert_eq!(text(&row["证件号码"]), line["id"], "{of}");
        rows += 1;
        amounts += amount;
    }
    assert_eq!(fen(&total_of(of, table)["退费金额"]), amounts, "{of}");
    rows
}

/// The sheet for the auditor is audit.csv, with a total that is its sum.
fn assert_audit(case: &Case, printed: &Table, audit: &[Line]) {
    assert!(
        audit.len() > 2,
        "{}: extra registrations were planted",
        case.slug
    );
    let all: Vec<&Line> = audit.iter().collect();
    let total = printed
        .rows
        .iter()
        .find(|row| text(&row["重复情形"]) == "合计")
        .expect("a total");
    assert_eq!(
        number(&total["多占登记数"]),
        sum(&all, "registrations"),
        "{}",
        case.slug
    );
    assert_eq!(
        number(&total["人数"]),
        sum(&all, "persons"),
        "{}",
        case.slug
    );
    match total.get("财政补助重复") {
        Some(cell) => assert_eq!(fen(cell), sum(&all, "fen"), "{}", case.slug),
        None => assert!(
            audit.iter().all(|line| line["fen"].is_empty()),
            "{}",
            case.slug
        ),
    }
}

#[test]
fn the_sheet_of_late_entries_lists_everyone_but_students() {
    for case in ALL {
        let (_out, report) = whole(case);
        let entries = parquet_lines(&report.join("data/entries.parquet"));
        let listed: Vec<&Line> = entries
            .iter()
            .filter(|line| line["case"] != "student")
            .collect();
        assert!(listed.len() > 1, "{}: late entries were planted", case.slug);
        let book = workbook(&fs::read(report.join("资助台账.xlsx")).expect("a workbook"));
        let (_, range) = book
            .iter()
            .find(|(name, _)| name == "中途参保")
            .expect("its sheet");
        let table = table(range, "中途参保情形");
        let rows: Vec<_> = table
            .rows
            .iter()
            .filter(|row| {
                entries
                    .iter()
                    .any(|line| line["id"] == text(&row["证件号码"]))
            })
            .collect();
        assert_eq!(rows.len(), listed.len(), "{}", case.slug);
        for (row, line) in rows.iter().zip(&listed) {
            assert_eq!(text(&row["证件号码"]), line["id"], "{}", case.slug);
            assert_eq!(text(&row["中途参保情形"]), line["case"], "{}", case.slug);
            assert_eq!(
                fen(&row["个人应缴"]).to_string(),
                line["payable_fen"],
                "{}",
                case.slug
            );
        }
    }
}

#[test]
fn the_funding_sheet_is_the_funding_file_and_its_total_the_sum() {
    for case in ALL {
        let (_out, report) = whole(case);
        let book = fs::read(report.join("资助台账.xlsx")).expect("a workbook");
        let (_, range) = workbook(&book).swap_remove(0);
        let table = table(&range, "资助金额");
        let mut expected = funding_of(&report);
        let mut printed = funding_in(&table);
        expected.sort();
        printed.sort();
        assert!(expected.len() > 3, "{}", case.slug);
        assert_eq!(printed, expected, "{}", case.slug);
        let total = table
            .rows
            .iter()
            .find(|row| text(&row["资助部门"]) == "合计");
        let total = total.expect("a total");
        let persons: i64 = printed.iter().map(|(_, persons, _)| persons).sum();
        let amount: i64 = printed.iter().map(|(.., fen)| fen).sum();
        assert_eq!(number(&total["人数"]), persons, "{}", case.slug);
        assert_eq!(fen(&total["资助金额"]), amount, "{}", case.slug);
    }
}

/// Payer, category and place; persons; fen.
type Funded = ([String; 3], i64, i64);

fn funding_of(report: &Path) -> Vec<Funded> {
    let regions = csv_lines(&report.join("data/coverage.csv"));
    let name = |code: &str| {
        let region = regions
            .iter()
            .find(|line| !code.is_empty() && line["code"] == code);
        region.map_or("其他".to_owned(), |line| line["name"].clone())
    };
    let row = |line: &Line| {
        let number = |column: &str| line[column].parse().expect("a number");
        let place = name(&line["region_code"]);
        let words = [line["payer"].clone(), line["category"].clone(), place];
        (words, number("persons"), number("fen"))
    };
    csv_lines(&report.join("data/funding.csv"))
        .iter()
        .map(row)
        .collect()
}

fn funding_in(table: &Table) -> Vec<Funded> {
    // A city's funding names the county beside the township.
    let persons = table.header.iter().position(|head| head == "人数");
    let place = &table.header[persons.expect("a column of persons") - 1];
    let row = |row: &BTreeMap<String, Data>| {
        let words = ["资助部门", "对象类别", place].map(|column| text(&row[column]));
        (words, number(&row["人数"]), fen(&row["资助金额"]))
    };
    let rows = table.rows.iter();
    let items = rows.filter(|row| !text(&row["对象类别"]).is_empty());
    items.map(row).collect()
}

#[test]
fn the_problem_workbook_lists_every_finding_once() {
    for case in ALL {
        let (_out, report) = whole(case);
        let findings = parquet_lines(&report.join("data/findings.parquet"));
        let sheets = workbook(&fs::read(report.join("问题清单.xlsx")).expect("a workbook"));
        let contents = table(&sheets[0].1, "代码");
        let mut listed = 0;
        for row in &contents.rows {
            let (code, tab) = (text(&row["代码"]), text(&row["问题"]));
            if Code::from_code(&code).is_none() {
                continue;
            }
            let of = format!("{} {code}", case.slug);
            let found: Vec<&Line> = findings
                .iter()
                .filter(|line| line["code"] == code)
                .collect();
            assert_eq!(number(&row["问题数"]), found.len() as i64, "{of}");
            let sheet = sheets.iter().find(|(name, _)| *name == tab);
            let (_, range) = sheet.unwrap_or_else(|| panic!("no sheet {tab}"));
            let mut rows = table(range, "序号").rows;
            rows.retain(|row| text(&row["序号"]).parse::<u64>().is_ok());
            assert_eq!(rows.len(), found.len(), "{of}");
            let printed = rows.iter().filter_map(|row| row.get("身份证号").map(text));
            let printed: BTreeSet<String> = printed.filter(|id| !id.is_empty()).collect();
            let ids = found.iter().map(|line| line["id"].clone());
            let ids: BTreeSet<String> = ids.filter(|id| !id.is_empty()).collect();
            assert_eq!(printed, ids, "{of}");
            listed += rows.len();
        }
        assert_eq!(listed, findings.len(), "{}", case.slug);
    }
}

/// The region directly below the scheme's in which a region lies.
fn first_below(scheme: &canbao::scheme::Scheme, code: &str) -> String {
    let tree = &scheme.regions;
    let path = if code.is_empty() {
        Vec::new()
    } else {
        tree.path(code)
    };
    path.get(1)
        .and_then(|code| tree.get(code))
        .map_or("其他".to_owned(), |region| region.name.clone())
}

#[test]
fn a_packet_holds_only_people_of_its_own_place_and_every_uninsured_person_stands_in_one() {
    for case in ALL {
        let (_out, report) = whole(case);
        let scheme = canbao::scheme::load(&case.pipeline()).expect("a pipeline");
        let findings = parquet_lines(&report.join("data/findings.parquet"));
        // A person may be found in two places; each finding belongs to the place of its own region.
        let found = places_by_id(&scheme, &findings);
        let standings = parquet_lines(&report.join("data/standings.parquet"));
        let registered = places_by_id(&scheme, &standings);
        let mut ledgers = 0;
        let mut seen = BTreeSet::new();
        let packets = packets(&report);
        assert!(packets.len() > 5, "{}", case.slug);
        for (place, bytes) in packets {
            for (sheet, range) in workbook(&bytes) {
                let of = format!("{} {place} {sheet}", case.slug);
                match sheet.as_str() {
                    "参保台账" | "未参保台账" => {
                        let ids = ids_in(&range, "证件号码");
                        assert_all_of(&of, &ids, &registered, &place);
                        ledgers += ids.len();
                    }
                    // A household stands where its head lives, with all its members.
                    "汇总表" | "明细表" => {}
                    _ => {
                        let ids = ids_in(&range, "身份证号");
                        assert_all_of(&of, &ids, &found, &place);
                        seen.extend(ids);
                    }
                }
            }
        }
        let numbered = registered.iter().filter(|(id, _)| !id.is_empty());
        let numbered: usize = numbered.map(|(_, places)| places.len()).sum();
        let asked = scheme.lists.enrolled && scheme.lists.uninsured;
        assert!(
            !asked || ledgers >= numbered,
            "{}: {ledgers} of {numbered}",
            case.slug
        );
        for line in findings.iter().filter(|line| line["code"] == "uninsured") {
            assert!(
                seen.contains(&line["id"]),
                "{}: {line:?} is in no packet",
                case.slug
            );
        }
    }
}

/// Places below the scheme's region in which each number stands.
type Places = BTreeMap<String, BTreeSet<String>>;

fn places_by_id(scheme: &canbao::scheme::Scheme, lines: &[Line]) -> Places {
    let mut places = Places::new();
    for line in lines {
        let place = first_below(scheme, &line["region_code"]);
        places.entry(line["id"].clone()).or_default().insert(place);
    }
    places
}

/// Place and workbook of every packet.
fn packets(report: &Path) -> Vec<(String, Vec<u8>)> {
    let packet = |(name, bytes): (String, Vec<u8>)| {
        let place = name.strip_prefix("分发/")?.strip_suffix(".xlsx")?;
        Some((place.to_owned(), bytes))
    };
    files(report).into_iter().filter_map(packet).collect()
}

fn ids_in(range: &Range<Data>, column: &str) -> Vec<String> {
    let rows = table(range, "序号").rows;
    let ids = rows.iter().filter_map(|row| row.get(column).map(text));
    ids.filter(|id| !id.is_empty()).collect()
}

fn assert_all_of(of: &str, ids: &[String], places: &Places, place: &str) {
    for id in ids {
        let theirs = places
            .get(id)
            .unwrap_or_else(|| panic!("{of}: {id} is nowhere"));
        assert!(theirs.contains(place), "{of}: {id} belongs to {theirs:?}");
    }
}

#[test]
fn identity_numbers_are_text_in_every_workbook() {
    for case in ALL {
        let (_out, report) = whole(case);
        let standings = parquet_lines(&report.join("data/standings.parquet"));
        let ids: BTreeSet<&str> = standings.iter().map(|line| line["id"].as_str()).collect();
        let mut seen = 0;
        for (name, bytes) in files(&report)
            .into_iter()
            .filter(|(name, _)| name.ends_with(".xlsx"))
        {
            for (sheet, range) in workbook(&bytes) {
                for cell in range.rows().flatten() {
                    match cell {
                        Data::String(text) if ids.contains(text.as_str()) => seen += 1,
                        Data::Float(number) => {
                            assert!(*number < 1e14, "{} {name} {sheet}: {number}", case.slug)
                        }
                        Data::Int(number) => assert!(
                            *number < 100_000_000_000_000,
                            "{} {name} {sheet}: {number}",
                            case.slug
                        ),
                        _ => {}
                    }
                }
            }
        }
        assert!(seen > 100, "{}: only {seen} numbers seen", case.slug);
    }
}

/// The files of a report; of the manifest what does not speak of the run itself.
fn without_run(report: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(report);
    let manifest = files.get_mut("manifest.json").expect("a manifest");
    let mut value: serde_json::Value = serde_json::from_slice(manifest).expect("json");
    value
        .as_object_mut()
        .expect("an object")
        .remove("run")
        .expect("it speaks of the run");
    *manifest = value.to_string().into_bytes();
    files
}

#[test]
fn a_second_run_and_any_number_of_buckets_write_the_same_bytes() {
    for case in ALL {
        let (_out, first) = whole(case);
        let first = without_run(&first);
        let again = folder();
        let differs = differing(
            &first,
            &without_run(&case.run(&case.sample(), again.path(), None)),
        );
        assert!(differs.is_empty(), "{}: {differs:?}", case.slug);
        for buckets in [2, 7] {
            let out = folder();
            let order = Order {
                buckets: Some(buckets),
                ..case.order(&case.sample(), out.path())
            };
            let report = reconcile(&order)
                .unwrap_or_else(|error| panic!("{}: {error:?}", case.slug))
                .folder;
            let differs = differing(&first, &without_run(&report));
            assert!(
                differs.is_empty(),
                "{} in {buckets} buckets: {differs:?}",
                case.slug
            );
        }
    }
}

#[test]
fn only_data_leaves_the_data_files_and_the_manifest() {
    let (_out, whole) = whole(&XIANGTAN);
    let out = folder();
    let data = without_run(&XIANGTAN.run(&XIANGTAN.sample(), out.path(), Some(Only::Data)));
    for name in data.keys() {
        assert!(
            name.starts_with("data/") || name == "manifest.json",
            "{name}"
        );
    }
    let expected: BTreeSet<String> = files(&whole)
        .into_keys()
        .filter(|name| !name.ends_with(".xlsx") && !name.ends_with(".html"))
        .collect();
    assert_eq!(data.keys().cloned().collect::<BTreeSet<_>>(), expected);
    let whole = without_run(&whole);
    for name in data.keys().filter(|name| name.starts_with("data/")) {
        assert!(data[name] == whole[name], "{name}");
    }
}

#[test]
fn the_share_of_every_place_with_a_table_of_its_own_looks_like_a_share() {
    for (case, column) in [
        (&XIANGTAN, "rate_task"),
        (&SHAOYANG, "rate_population"),
        (&ZHUJI, "rate_task"),
        (&QINGTANGPU, "rate_task"),
    ] {
        let out = folder();
        let report = case.run(&case.sample(), out.path(), Some(Only::Data));
        let rates: Vec<(f64, String)> = csv_lines(&report.join("data/coverage.csv"))
            .into_iter()
            .filter_map(|line| Some((line[column].parse().ok()?, line["name"].clone())))
            .collect();
        assert!(rates.len() > 10, "{}", case.slug);
        for (rate, name) in &rates {
            // The three districts of 邵阳 house the employees of 市本级: 50.99 % in 双清区 as published.
            let district = ["双清区", "大祥区", "北塔区"].contains(&name.as_str());
            assert!(
                (if district { 0.5 } else { 0.85 }..=1.2).contains(rate),
                "{} {name}: {rate}",
                case.slug
            );
        }
    }
}

#[test]
fn a_unit_of_shaoyang_has_employees_only_and_counties_have_them_as_published() {
    let out = folder();
    let report = SHAOYANG.run(&SHAOYANG.sample(), out.path(), Some(Only::Data));
    let coverage = csv_lines(&report.join("data/coverage.csv"));
    let number = |line: &Line, column: &str| line[column].parse::<u64>().unwrap_or(0);
    let of = |code: &str| {
        coverage
            .iter()
            .find(|line| line["code"] == code)
            .expect("a row of the table")
    };
    let unit = of("4305A");
    assert_eq!(
        (
            number(unit, "register"),
            number(unit, "registered_resident")
        ),
        (0, 0)
    );
    let whole = number(of("4305"), "registered_employee");
    // 183,715 of 573,078 employees, those that faults plant among them.
    assert_eq!((number(unit, "registered_employee"), whole), (84, 260));
    let (high, low) = (of("430529"), of("430582"));
    // 12.0 % of the people of 城步, 4.1 % of those of 邵东.
    let rate = |line: &Line| number(line, "registered_employee") * 1000 / number(line, "register");
    assert!(
        rate(high) > 2 * rate(low),
        "{} and {}",
        rate(high),
        rate(low)
    );
}

#[test]
fn the_share_of_kaiping_is_of_those_whom_residents_insurance_is_for() {
    let out = folder();
    let report = KAIPING.run(&KAIPING.sample(), out.path(), Some(Only::Data));
    let mut seen = 0;
    for line in csv_lines(&report.join("data/coverage.csv"))
        .iter()
        .filter(|line| !line["missing"].is_empty())
    {
        let number = |column: &str| line[column].parse::<u64>().expect("a count");
        let of = number("register")
            - number("local-employee")
            - number("elsewhere-employee")
            - number("deceased");
        let count = number("local-resident") + number("elsewhere-resident");
        let need = (98 * of).div_ceil(100);
        assert_eq!(
            number("missing"),
            need.saturating_sub(count),
            "{}",
            line["name"]
        );
        assert_eq!(
            line["target_met"],
            (count >= need).to_string(),
            "{}",
            line["name"]
        );
        seen += u64::from(of < number("register"));
    }
    assert!(seen > 10, "{seen} places have employees or deceased");
}

#[test]
fn last_years_persons_have_a_place_of_their_own() {
    // Where the tasks table states last year's figures, they stand instead of a count of persons.
    for case in [&XIANGTAN, &ZHUJI] {
        let out = folder();
        let report = case.run(&case.sample(), out.path(), Some(Only::Data));
        let coverage = csv_lines(&report.join("data/coverage.csv"));
        let last_year = |line: &Line| line["last_year"].parse::<u64>().unwrap_or(0);
        let villages: Vec<&Line> = coverage
            .iter()
            .filter(|line| line["level"] == "village")
            .collect();
        let (other, named): (Vec<&Line>, Vec<&Line>) = villages
            .into_iter()
            .partition(|line| line["code"].is_empty());
        assert_eq!(
            other.into_iter().map(last_year).sum::<u64>(),
            0,
            "{}",
            case.slug
        );
        assert!(
            named.into_iter().map(last_year).sum::<u64>() > 500,
            "{}",
            case.slug
        );
    }
}

/// Sums of a table of published figures.
fn published(slug: &str) -> BTreeMap<&'static str, u64> {
    let path = PathBuf::from(format!(
        "{}/pipelines/tasks/{slug}.csv",
        env!("CARGO_MANIFEST_DIR")
    ));
    let rows = canbao::sample::published(&path).expect("a table");
    let mut sums = BTreeMap::new();
    for row in &rows {
        let figures = [
            ("population", row.population),
            ("task", row.task),
            ("floor", row.floor),
            ("resident", row.resident),
            ("employee", row.employee),
        ];
        for (name, figure) in figures {
            *sums.entry(name).or_insert(0) += figure.unwrap_or(0);
        }
    }
    sums
}

#[test]
fn published_tables_add_up_as_their_notices_print_them() {
    let sums = published("zhuji-2023");
    assert_eq!((sums["population"], sums["task"]), (47_547, 41_851));
    let sums = published("xiangtan-2022");
    assert_eq!((sums["task"], sums["floor"]), (780_873, 741_830));
}

/// Every sheet of a workbook as rows of texts.
fn sheets(path: &Path) -> BTreeMap<String, Vec<Vec<String>>> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let rows = |range: Range<Data>| {
        range
            .rows()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect()
    };
    book.worksheets()
        .into_iter()
        .map(|(name, range)| (name, rows(range)))
        .collect()
}

fn run_of(case: &Case, out: &Path, region: Option<&str>) -> PathBuf {
    let order = Order {
        region: region.map(str::to_owned),
        ..case.order(&case.sample(), out)
    };
    reconcile(&order)
        .unwrap_or_else(|error| panic!("{}: {error:?}", case.slug))
        .folder
}

fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into()
        })
        .collect()
}

#[test]
fn workbooks_of_a_township_are_its_rows_of_the_whole_and_data_files_stay_whole() {
    let out = folder();
    let (whole, part) = (
        run_of(&XIANGTAN, out.path(), None),
        run_of(&XIANGTAN, out.path(), Some("430321100")),
    );
    assert!(whole.ends_with("2022-03-31") && part.ends_with("2022-03-31-430321100"));
    assert_eq!(
        differing(&files(&whole.join("data")), &files(&part.join("data"))),
        Vec::<String>::new()
    );
    assert_eq!(
        names(&part.join("分发")),
        BTreeSet::from(["易俗河镇.xlsx".to_owned()])
    );
    let (all, own) = (
        sheets(&whole.join("分发/易俗河镇.xlsx")),
        sheets(&part.join("分发/易俗河镇.xlsx")),
    );
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        own.keys().collect::<Vec<_>>()
    );
    for (name, rows) in &own {
        // The title names the township; all else is what the packet of the whole run says.
        assert!(
            rows[0].concat().contains("（易俗河镇）"),
            "{name}: {:?}",
            rows[0]
        );
        assert_eq!(rows[1..], all[name][1..], "{name}");
    }
}

#[test]
fn lists_and_tables_of_a_county_hold_its_own_places_and_persons_only() {
    let out = folder();
    let (whole, part) = (
        run_of(&SHAOYANG, out.path(), None),
        run_of(&SHAOYANG, out.path(), Some("430524")),
    );
    let found = parquet_lines(&whole.join("data/findings.parquet"));
    let own = found
        .iter()
        .filter(|line| line["region_code"].starts_with("430524"))
        .count();
    assert!(own > 0 && own < found.len());
    let problems = sheets(&part.join("问题清单.xlsx"));
    let listed = |rows: &Vec<Vec<String>>| {
        rows.iter()
            .filter(|row| row[0].parse::<u64>().is_ok())
            .count()
    };
    let contents = listed(&problems["目录"]);
    assert_eq!(problems.values().map(listed).sum::<usize>() - contents, own);
    // Packets are of its townships, as those of the whole city are of its counties.
    let coverage = csv_lines(&whole.join("data/coverage.csv"));
    let below = |code: &str| -> BTreeSet<String> {
        let mine = coverage
            .iter()
            .filter(|line| line["parent"] == code && !line["code"].is_empty());
        mine.map(|line| format!("{}.xlsx", line["name"])).collect()
    };
    let packets = |folder: &Path| -> BTreeSet<String> {
        names(&folder.join("分发"))
            .into_iter()
            .filter(|name| name != "其他.xlsx")
            .collect()
    };
    assert_eq!(packets(&whole), below("4305"));
    assert_eq!(packets(&part), below("430524"));
    let others: Vec<&String> = coverage
        .iter()
        .filter(|line| line["parent"] == "4305" && line["code"] != "430524")
        .map(|line| &line["name"])
        .collect();
    for (name, rows) in sheets(&part.join("参保进度通报.xlsx")) {
        for row in rows.iter().filter(|row| row[0].parse::<u64>().is_ok()) {
            assert!(
                !row.iter().any(|cell| others.contains(&cell)),
                "{name}: {row:?}"
            );
        }
    }
}
