//! The published tables of the notices (`tests/published/*.csv`, as printed): what canbao finds in them, and that
//! samples reproduce them, each figure computed here from the printed table alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::{Accepted, GraveCode, Ratio};
use canbao::run::{Only, Order, make_sample, reconcile};
use canbao::sample::{Form, SampleOrder};
use polars::prelude::AnyValue;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

/// A row of a file as texts: column → cell.
type Line = BTreeMap<String, String>;

fn pipeline(slug: &str) -> PathBuf {
    PathBuf::from(format!(
        "{}/pipelines/{slug}.toml",
        env!("CARGO_MANIFEST_DIR")
    ))
}

fn printed(table: &str) -> String {
    let path = format!("{}/tests/published/{table}.csv", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).expect("a published table")
}

fn lines(text: &str) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
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

fn csv_lines(path: &Path) -> Vec<Line> {
    lines(&fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn findings(report: &Path) -> Vec<Line> {
    let file = fs::File::open(report.join("data/findings.parquet")).expect("findings");
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

fn run((slug, as_of): (&str, &str), inputs: &Path, out: &Path, only: Option<Only>) -> PathBuf {
    let order = Order {
        pipeline: pipeline(slug),
        as_of: as_of.parse().expect("a date"),
        inputs: Some(inputs.to_owned()),
        out: out.to_owned(),
        only,
        // One person without a place stands for the whole register.
        accepted: [GraveCode::Shrunk, GraveCode::NoPlaces]
            .map(|code| Accepted { code, file: None })
            .to_vec(),
        ..Order::default()
    };
    reconcile(&order)
        .unwrap_or_else(|error| panic!("{slug}: {error:?}"))
        .folder
}

/// What canbao finds in a tasks table: code, row as a clerk counts them, expected, found.
fn found_in(slug: &str, as_of: &str, table: &str) -> Vec<(String, String, String, String)> {
    let folder = || tempfile::tempdir().expect("a folder");
    let (inputs, out) = (folder(), folder());
    // The other books must be there; one person without a fault is enough.
    let registered = "姓名,身份证号,险种,参保状态\n王建国,11010519491231002X,390,1\n";
    let paid =
        "姓名,身份证号,个人缴费金额,缴费日期,凭证号\n王建国,11010519491231002X,0,2021-10-01,1\n";
    for (name, text) in [
        ("常住人口.csv", "姓名,身份证号\n王建国,11010519491231002X\n"),
        ("参保登记.csv", registered),
        ("缴费明细.csv", paid),
        ("任务分解.csv", table),
    ] {
        fs::write(inputs.path().join(name), text).expect("a file");
    }
    let report = run((slug, as_of), inputs.path(), out.path(), Some(Only::Data));
    let about_tables = "footing figures-repeated off-rule region-unknown region-ambiguous";
    let mut found = findings(&report);
    found.retain(|line| about_tables.split(' ').any(|code| code == line["code"]));
    found.sort_by_key(|line| {
        (
            line["code"].clone(),
            line["row"].parse::<u32>().expect("a row"),
        )
    });
    let told = |line: Line| {
        ["code", "row", "expected", "found"]
            .map(|c| line[c].clone())
            .into()
    };
    found.into_iter().map(told).collect()
}

fn assert_found(slug: &str, as_of: &str, table: &str, expected: &[(&str, u32, u64, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(code, row, expected, found)| {
            (
                (*code).to_owned(),
                row.to_string(),
                expected.to_string(),
                found.to_string(),
            )
        })
        .collect();
    assert_eq!(found_in(slug, as_of, table), expected, "{slug}");
}

#[test]
fn the_table_of_zhuji_is_one_over_its_target_has_one_row_off_its_rule_and_two_villages_alike() {
    let expected = [
        ("figures-repeated", 12, 2841, 2841), // 苗河村, as 双杨村 in row 11
        ("footing", 15, 41_850, 41_851),      // the text says 41,850 twice, the total row 41,851
        ("off-rule", 6, 4562, 4571),          // 双井村
    ];
    assert_found(
        "zhuji-2023",
        "2023-03-31",
        &printed("zhuji-tasks"),
        &expected,
    );
}

#[test]
fn the_total_of_the_floors_of_xiangtan_is_the_sum_of_rounded_rows_and_nothing_else_is_to_be_said() {
    assert_found(
        "xiangtan-2022",
        "2022-03-31",
        &printed("xiangtan-tasks"),
        &[("off-rule", 19, 741_829, 741_830)],
    );
}

/// The table of 邵阳 below the two rows of header that the notice prints.
fn shaoyang_as_printed() -> String {
    let table = printed("shaoyang-2021");
    let (_, rows) = table.split_once('\n').expect("a header");
    let header = "序号,县市区,2021年实际参保人数,,,2020年统计公报常住人口数\n,,基本医疗保险,其中：城镇职工医保,其中：城乡居民医保,\n";
    format!("{header}{rows}")
}

#[test]
fn nine_counties_of_shaoyang_have_more_insured_than_residents_and_every_sum_is_right() {
    let expected = [
        ("off-rule", 7, 1_038_416, 1_066_058),
        ("off-rule", 8, 612_943, 723_147),
        ("off-rule", 9, 752_125, 874_161),
        ("off-rule", 10, 1_009_778, 1_101_627),
        ("off-rule", 11, 675_495, 762_407),
        ("off-rule", 12, 290_664, 324_062),
        ("off-rule", 13, 513_777, 572_916),
        ("off-rule", 14, 227_911, 250_573),
        ("off-rule", 15, 640_181, 724_078),
    ];
    assert_found(
        "shaoyang-2022",
        "2022-03-31",
        &shaoyang_as_printed(),
        &expected,
    );
}

#[test]
fn a_wrong_sum_in_any_figure_of_the_table_of_shaoyang_is_found_at_its_row() {
    let table = shaoyang_as_printed();
    #[rustfmt::skip]
    let cases = [
        // A row whose parts do not make it: also its column's total is off.
        ("161774,19759,142015", "161784,19759,142015", vec!["4 161774 161784", "16 7033390 7033380"]),
        ("183715,183715,,",     "183715,183705,,",     vec!["3 183705 183715", "16 573068 573078"]),
        ("7033380,573078,",     "7033380,573079,",     vec!["16 573078 573079"]),
        ("6460302,6563520",     "6460301,6563521",     vec!["16 6460302 6460301", "16 6563520 6563521"]),
    ];
    for (printed, wrong, expected) in cases {
        assert!(table.contains(printed), "{printed}");
        let table = table.replace(printed, wrong);
        let found = found_in("shaoyang-2022", "2022-03-31", &table);
        let footing = found.iter().filter(|line| line.0 == "footing");
        let footing = footing.map(|(_, row, expected, found)| format!("{row} {expected} {found}"));
        assert_eq!(footing.collect::<Vec<_>>(), expected, "{wrong}");
    }
}

#[test]
fn every_rate_of_shaoyang_is_what_the_printed_counts_come_to() {
    let counts = lines(&printed("shaoyang-2021"));
    for rate in lines(&printed("shaoyang-rates")) {
        let name = &rate["县市区"];
        let line = counts
            .iter()
            .find(|line| line["县市区"] == *name)
            .expect("a row of the table");
        let population = figure(line, "2020年常住人口").expect("a population");
        for (column, of) in [
            ("参保率", "基本医疗保险"),
            ("居民占常住人口", "城乡居民医保"),
        ] {
            let ratio =
                Ratio::new(figure(line, of).expect("a count"), population).expect("a population");
            assert_eq!(format!("{}%", ratio.percent(2)), rate[column], "{name}");
        }
    }
}

/// A sample and its run: the folder of the sample, the report, and what keeps them there.
struct Made {
    inputs: tempfile::TempDir,
    _out: tempfile::TempDir,
    report: PathBuf,
    coverage: Vec<Line>,
}

fn made(slug: &str, as_of: &str, people: Option<u64>, only: Option<Only>) -> Made {
    let (inputs, out) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let order = SampleOrder {
        people,
        seed: 1,
        weeks: 0,
        form: Form::Csv,
        out: inputs.path().to_owned(),
        tasks: Vec::new(),
    };
    make_sample(&pipeline(slug), &order).unwrap_or_else(|error| panic!("{slug}: {error:?}"));
    let report = run((slug, as_of), inputs.path(), out.path(), only);
    let coverage = csv_lines(&report.join("data/coverage.csv"));
    Made {
        inputs,
        _out: out,
        report,
        coverage,
    }
}

impl Made {
    fn row(&self, name: &str) -> &Line {
        // 城步县 is what the notice calls 城步苗族自治县; 姜山村 is the place of 姜山村委会, 双杨村 is officially 双扬村委会.
        let official = name
            .replace("城步县", "城步苗族自治县")
            .replace("双杨村", "双扬村");
        let names = [format!("{official}委会"), official];
        self.coverage
            .iter()
            .find(|line| names.contains(&line["name"]))
            .unwrap_or_else(|| panic!("no row {name}"))
    }

    fn number(&self, name: &str, column: &str) -> Option<u64> {
        self.row(name)[column].parse().ok()
    }

    /// The findings are those of the key, code by code and person by person.
    fn assert_equals_key(&self) {
        let count = |lines: Vec<Line>| {
            let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
            for line in lines {
                *counts
                    .entry((line["code"].clone(), line["id"].clone()))
                    .or_default() += 1;
            }
            counts
        };
        let (key, found) = (
            count(csv_lines(&self.inputs.path().join("answer_key.csv"))),
            count(findings(&self.report)),
        );
        let all: BTreeSet<_> = key.keys().chain(found.keys()).collect();
        let off: Vec<_> = all
            .into_iter()
            .filter(|at| key.get(at) != found.get(at))
            .take(20)
            .collect();
        assert!(off.is_empty(), "{off:?}");
    }

    /// Names that the key gives for a finding about the tasks table.
    fn planted(&self, code: &str) -> BTreeSet<String> {
        let key = csv_lines(&self.inputs.path().join("answer_key.csv"));
        key.into_iter()
            .filter(|line| line["code"] == code && line["id"].is_empty())
            .map(|line| line["other"].clone())
            .collect()
    }
}

/// `count / of` with six decimals, half up.
fn six(count: u64, of: u64) -> String {
    let millionths = (2 * u128::from(count) * 1_000_000 + u128::from(of)) / (2 * u128::from(of));
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// `figure × people / whole`, half up.
fn share(figure: u64, people: u64, whole: u64) -> u64 {
    (2 * figure * people + whole) / (2 * whole)
}

fn figure(line: &Line, column: &str) -> Option<u64> {
    line[column].parse().ok()
}

#[test]
fn zhuji_at_full_size_has_every_printed_figure_and_no_fault_in_its_table_but_the_printed_ones() {
    let made = made("zhuji-2023", "2023-03-31", None, Some(Only::Data));
    made.assert_equals_key();
    let printed = lines(&printed("zhuji-tasks"));
    let (villages, total) = printed.split_at(13);
    for line in villages {
        assert_village(&made, line);
    }
    let town = |column: &str| made.number("朱集镇", column);
    assert_eq!(town("population"), figure(&total[0], "村人口数"));
    assert_eq!(town("task"), figure(&total[0], "任务数"));
    assert_eq!(
        [town("population"), town("task")],
        [Some(47_547), Some(41_851)]
    );
    // The text's 41,850 is the target.
    let registered = town("registered_resident").expect("a count");
    assert_eq!(town("missing"), Some(41_850u64.saturating_sub(registered)));
    let mut of_the_table = findings(&made.report);
    let about_tables = ["footing", "figures-repeated", "off-rule"];
    of_the_table.retain(|line| about_tables.contains(&line["code"].as_str()));
    let told = |line: &Line| format!("{} {} {}", line["code"], line["expected"], line["found"]);
    assert_eq!(
        of_the_table.iter().map(told).collect::<Vec<_>>(),
        [
            "footing 41850 41851",
            "figures-repeated 2841 2841",
            "off-rule 4562 4571",
        ]
    );
}

/// A village has its printed figures, and as many persons as it is printed with.
fn assert_village(made: &Made, line: &Line) {
    let name = &line["村名"];
    let of = |column: &str| made.number(name, column);
    let (population, task) = (
        figure(line, "村人口数"),
        figure(line, "任务数").expect("a task"),
    );
    assert_eq!(of("population"), population, "{name}");
    assert_eq!(of("task"), Some(task), "{name}");
    let registered = of("registered_resident").expect("a count");
    assert_eq!(made.row(name)["rate_task"], six(registered, task), "{name}");
    assert_eq!(
        of("missing"),
        Some(task.saturating_sub(registered)),
        "{name}"
    );
    // Those of the village, but for the few whom a fault leaves out of the register or puts there twice.
    let (register, population) = (
        of("register").expect("a count"),
        population.expect("a count"),
    );
    let few = register.abs_diff(population) * 100 <= population;
    assert!(few, "{name}: {register}");
}

#[test]
fn xiangtan_at_one_in_a_hundred_has_every_task_and_floor_in_proportion() {
    // A tenth more persons than the table's tasks at that size.
    let people = 780_873 * 110 / 10_000;
    let made = made(
        "xiangtan-2022",
        "2022-03-31",
        Some(people),
        Some(Only::Data),
    );
    made.assert_equals_key();
    let off: BTreeSet<String> = made.planted("off-rule");
    let printed = lines(&printed("xiangtan-tasks"));
    let (mut alike, mut sums) = (0, [0, 0]);
    for line in &printed[..17] {
        let name = &line["单位"];
        let of = |column: &str| made.number(name, column).expect("a figure");
        let task = figure(line, "2022年任务数").expect("a task");
        let task = share(task, people * 100, 780_873 * 110);
        let (own_task, own_floor) = (of("task"), of("floor"));
        alike += usize::from((own_task, own_floor) == (task, share(task, 95, 100)));
        let is_off = own_floor != share(own_task, 95, 100);
        assert_eq!(is_off, off.contains(name), "{name}");
        sums = [sums[0] + own_task, sums[1] + own_floor];
        let registered = of("registered_resident");
        assert_eq!(
            made.row(name)["rate_task"],
            six(registered, own_task),
            "{name}"
        );
        let missing = own_floor.saturating_sub(registered);
        assert_eq!(of("missing"), missing, "{name}");
    }
    // Two rows copy a neighbour's figures, two are off the rule: these are planted.
    assert_eq!(alike, 13);
    let whole = ["task", "floor"].map(|column| made.number("湘潭县", column));
    assert_eq!(whole, sums.map(Some));
    // At full size the rows are the printed ones, and so are their sums.
    let sum =
        |column: &str| -> u64 { printed[..17].iter().filter_map(|l| figure(l, column)).sum() };
    let sums = ["2022年任务数", "2022年保底任务数"].map(sum);
    assert_eq!(sums, [780_873, 741_830]);
}

#[test]
fn shaoyang_at_one_in_a_hundred_has_exactly_the_registrations_published_with_every_fault_among_them()
 {
    let people = 65_635;
    let made = made("shaoyang-2022", "2022-03-31", Some(people), None);
    made.assert_equals_key();
    let printed = lines(&printed("shaoyang-2021"));
    let scaled = |line: &Line, column: &str| {
        figure(line, column).map_or(0, |figure| share(figure, people, 6_563_520))
    };
    let (mut alike, mut sums) = (0, [0, 0]);
    for line in &printed[..13] {
        let [resident, employee] = ["城乡居民医保", "城镇职工医保"].map(|c| scaled(line, c));
        let population = assert_county(&made, &line["县市区"], [resident, employee]);
        alike += usize::from(population == Some(scaled(line, "2020年常住人口")));
        sums = [sums[0] + resident, sums[1] + employee];
    }
    // Two counties have the population of another: planted.
    assert_eq!(alike, 10);
    assert_eq!(made.planted("figures-repeated").len(), 2);
    let columns = ["registered_resident", "registered_employee"];
    let city = columns.map(|column| made.number("邵阳市", column));
    assert_eq!(city, sums.map(Some));
    let villages = made
        .coverage
        .iter()
        .filter(|line| line["level"] == "village");
    assert_eq!(
        villages.filter(|line| !line["code"].is_empty()).count(),
        3675
    );
    assert_residents_rate_is_printed(&made);
}

/// A county has these registrations, and a rate of its population where it has one.
fn assert_county(made: &Made, name: &str, [resident, employee]: [u64; 2]) -> Option<u64> {
    let of = |column: &str| made.number(name, column);
    let registered = resident + employee;
    assert_eq!(of("registered_resident"), Some(resident), "{name}");
    assert_eq!(of("registered_employee"), Some(employee), "{name}");
    assert_eq!(of("registered"), Some(registered), "{name}");
    let (row, population) = (made.row(name), of("population"));
    match population {
        Some(all) => assert_eq!(row["rate_population"], six(registered, all), "{name}"),
        None => {
            assert_eq!(name, "市本级");
            assert_eq!((&*row["rate_population"], &*row["rank"]), ("", ""));
        }
    }
    population
}

/// The 通报 has the share of residents in the population of every county.
fn assert_residents_rate_is_printed(made: &Made) {
    use calamine::{Data, Reader, Xlsx};
    let bytes = fs::read(made.report.join("参保进度通报.xlsx")).expect("a workbook");
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
    let mut sheets = book.worksheets().into_iter();
    let sheet = sheets.find(|(name, _)| name.ends_with("-县"));
    let (_, sheet) = sheet.expect("a sheet of counties");
    let rows: Vec<&[Data]> = sheet.rows().collect();
    let is_header = |row: &&[Data]| row.iter().any(|cell| *cell == "单位");
    let header = rows.iter().position(is_header).expect("a header");
    let at = |word: &str| {
        let mut heads = rows[header].iter();
        let at = heads.position(|cell| cell.to_string().starts_with(word));
        at.unwrap_or_else(|| panic!("no column {word}"))
    };
    let (place, rate) = (at("单位"), at("居民参保数占常住人口"));
    let mut seen = 0;
    for row in &rows[header + 1..] {
        let name = row[place].to_string();
        let mut counties = made
            .coverage
            .iter()
            .filter(|line| line["level"] == "county");
        let Some(line) = counties.find(|line| line["name"] == name) else {
            continue;
        };
        if let (Some(of), Data::Float(printed)) = (figure(line, "population"), &row[rate]) {
            let count = figure(line, "registered_resident").expect("a count");
            let exact = count as f64 / of as f64;
            assert!((printed - exact).abs() < 1e-9, "{name}: {printed}");
            seen += 1;
        }
    }
    assert_eq!(seen, 12);
}
