//! Lists a notice asks for: ledgers by village, whom to canvass, collective accounts, feedback to departments, roster changes
//! with their safety stop. The whole program on small inputs, its workbooks read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use calamine::{Data, Reader, Xlsx};
use canbao::domain::person::check_character;
use canbao::run::{Order, Outcome, reconcile};
use polars::prelude::*;
use tempfile::TempDir;

const PIPELINE: &str = r#"
[scheme]
name = "示例县2022年度城乡居民基本医疗保险"
year = 2022
region = "430321"
basis = "示例方案"
inputs = "in"
[premium]
personal = 320
[window]
from = 2021-09-01
to = 2022-02-28
[benefit]
from = 2022-01-01
to = 2022-12-31
[[subsidy]]
category = "特困人员"
grant = 320
payer = "医保局"
[[subsidy]]
category = "低保对象"
grant = 160
payer = "医保局"
[[subsidy]]
category = "监测对象"
grant = 160
payer = "乡村振兴局"
[coverage]
insured-when = "paid"
[[coverage.rate]]
name = "参保率"
count = "insured"
schemes = ["resident"]
against = "register"
target = "98%"
primary = true
[lists]
enrolled = true
uninsured = true
canvass = true
households = true
hardship = true
[sources.register]
files = ["人口*.csv"]
[sources.registrations]
files = ["登记*.csv"]
[sources.payments]
files = ["缴费*.csv"]
[sources.rosters]
files = ["名册*.csv"]
batch = '_(\d{6})'
[sources.previous]
files = ["上年*.csv"]
[sources.households]
files = ["集体*.csv"]
[sources.household-totals]
files = ["汇总*.csv"]
[sources.deaths]
files = ["死亡*.csv"]
"#;

const REGIONS: &str = "code,name,level,parent,alias,unit\n4303,湘潭市,city,43,,\n430321,示例县,county,4303,,\n\
430321100,甲镇,township,430321,,\n430321100201,东村,village,430321100,,\n430321100202,西村,village,430321100,,\n\
430321101,乙镇,township,430321,,\n430321101201,南村,village,430321101,,\n";

/// The n-th person's number, born on 1980-01-01.
fn id(n: u64) -> String {
    let digits = 43_032_119_800_101_000 + n;
    format!("{digits}{}", check_character(digits))
}

struct World(TempDir);

impl World {
    fn new() -> World {
        let world = World(tempfile::tempdir().expect("a folder"));
        fs::create_dir_all(world.at("in")).expect("a folder");
        fs::create_dir_all(world.at("regions")).expect("a folder");
        fs::write(world.at("p.toml"), PIPELINE).expect("a pipeline");
        fs::write(world.at("regions/p.csv"), REGIONS).expect("a region table");
        world
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// A csv of these lines; `#3` stands for the third person's number.
    fn file(&self, name: &str, text: &str) -> &World {
        let mut written = text.to_owned();
        for n in (0..100).rev() {
            written = written.replace(&format!("#{n}"), &id(n));
        }
        fs::write(self.at("in").join(name), written.replace('\n', "\r\n")).expect("a file");
        self
    }

    fn edit(&self, from: &str, to: &str) -> &World {
        let text = fs::read_to_string(self.at("p.toml")).expect("a pipeline");
        assert!(text.contains(from), "{from}");
        fs::write(self.at("p.toml"), text.replace(from, to)).expect("a pipeline");
        self
    }

    fn run(&self) -> Report {
        let order = Order {
            pipeline: self.at("p.toml"),
            as_of: "2022-03-31".parse().expect("a day"),
            out: self.at("out"),
            ..Order::default()
        };
        Report(reconcile(&order).unwrap_or_else(|error| panic!("{error:?}")))
    }

    fn typed(&self, lang: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_canbao"));
        command.args([
            "run",
            "p.toml",
            "--as-of",
            "2022-03-31",
            "--out",
            "out",
            "--lang",
            lang,
        ]);
        command
            .current_dir(self.0.path())
            .output()
            .expect("the program starts")
    }
}

struct Report(Outcome);

type Lines = Vec<BTreeMap<String, String>>;

impl Report {
    fn parquet(&self, name: &str) -> Lines {
        use polars_io::SerReader;
        let file = fs::File::open(self.0.folder.join("data").join(name)).expect("a data file");
        let frame = polars_io::parquet::read::ParquetReader::new(file)
            .finish()
            .expect("a whole file");
        let names: Vec<String> = frame
            .get_column_names()
            .iter()
            .map(ToString::to_string)
            .collect();
        let cell = |name: &String, row| match frame
            .column(name)
            .expect("its column")
            .get(row)
            .expect("a row")
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

    fn findings(&self, code: &str) -> Lines {
        self.parquet("findings.parquet")
            .into_iter()
            .filter(|line| line["code"] == code)
            .collect()
    }

    /// Every sheet of a workbook: rows as texts.
    fn workbook(&self, path: &str) -> BTreeMap<String, Vec<Vec<String>>> {
        let bytes =
            fs::read(self.0.folder.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook");
        let text = |cell: &Data| cell.to_string();
        let rows = |range: &calamine::Range<Data>| {
            range
                .rows()
                .map(|row| row.iter().map(text).collect())
                .collect()
        };
        book.worksheets()
            .iter()
            .map(|(name, range)| (name.clone(), rows(range)))
            .collect()
    }

    /// Rows of a sheet under its heads: those that begin with a serial number.
    fn items(&self, path: &str, sheet: &str) -> Lines {
        let book = self.workbook(path);
        let rows = book
            .get(sheet)
            .unwrap_or_else(|| panic!("no sheet {sheet} in {path}: {:?}", book.keys()));
        let at = rows
            .iter()
            .position(|row| row[0] == "序号")
            .expect("a head");
        let heads = &rows[at];
        let is_item = |row: &&Vec<String>| row[0].parse::<u64>().is_ok();
        rows[at + 1..]
            .iter()
            .filter(is_item)
            .map(|row| heads.iter().cloned().zip(row.iter().cloned()).collect())
            .collect()
    }
}

fn names(lines: &Lines) -> Vec<&str> {
    lines.iter().map(|line| line["姓名"].as_str()).collect()
}

/// Six people in two villages and one in a third; one number is unusable.
fn people(world: &World) {
    world
        .file(
            "人口.csv",
            "乡镇,村,组,户号,户主姓名,姓名,身份证号\n甲镇,东村,1组,H1,张一,张一,#1\n甲镇,东村,1组,H1,张一,张二,#2\n\
             甲镇,东村,2组,H2,李三,李三,#3\n甲镇,西村,1组,H3,王四,王四,#4\n甲镇,西村,1组,H3,王四,王五,430321198001011\n\
             乙镇,南村,1组,#6,赵六,赵六,#6\n乙镇,南村,1组,#6,赵六,赵七,#7\n",
        )
        .file("登记.csv", "姓名,身份证号,险种,参保状态,乡镇,村\n张一,#1,390,1,甲镇,东村\n张二,#2,390,1,甲镇,东村\n王四,#4,310,1,甲镇,西村\n赵六,#6,390,1,乙镇,南村\n")
        .file("缴费.csv", "姓名,身份证号,缴费金额,缴费日期,凭证号\n张一,#1,320,2021-10-01,A1\n李三,#3,320,2021-10-02,A2\n")
        .file("死亡.csv", "姓名,身份证号,死亡日期\n赵七,#7,2021-12-01\n")
        .file("上年.csv", "姓名,身份证号,乡镇,村\n张二,#2,甲镇,东村\n钱八,#8,乙镇,南村\n赵七,#7,乙镇,南村\n")
        .file("名册民政_202203.csv", "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期\n乙镇,南村,赵六,#6,特困人员,2021-01-01,\n甲镇,东村,李三,#3,低保对象,2021-01-01,\n");
}

#[test]
fn the_ledgers_of_every_village_add_up_to_the_standings_of_its_register() {
    let world = World::new();
    people(&world);
    let report = world.run();
    let mut standings: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in report.parquet("standings.parquet") {
        let village = ["东村", "西村", "南村"][usize::from(line["region_code"].ends_with('2'))
            + 2 * usize::from(line["region_code"].contains("101201"))];
        let name = match line["standing"].as_str() {
            "local-resident" => "本地居民",
            "local-employee" => "本地职工",
            "uninsured" => "未参保",
            "deceased" => "死亡",
            "pending" => "数据待核",
            other => panic!("{other}"),
        };
        *standings
            .entry((village.to_owned(), name.to_owned()))
            .or_default() += 1;
    }
    let mut ledgers: BTreeMap<(String, String), u64> = BTreeMap::new();
    for packet in ["分发/甲镇.xlsx", "分发/乙镇.xlsx"] {
        for sheet in ["参保台账", "未参保台账"] {
            for line in report.items(packet, sheet) {
                *ledgers
                    .entry((line["村（社区）"].clone(), line["参保状态"].clone()))
                    .or_default() += 1;
            }
        }
    }
    assert_eq!(ledgers, standings);
    assert_eq!(ledgers.values().sum::<u64>(), 7);
}

#[test]
fn a_ledger_says_household_payment_and_place_and_asks_for_the_reason() {
    let world = World::new();
    people(&world);
    let report = world.run();
    let enrolled = report.items("分发/甲镇.xlsx", "参保台账");
    assert_eq!(names(&enrolled), ["张一", "王四"]);
    let first = &enrolled[0];
    assert_eq!(
        (
            first["村小组"].as_str(),
            first["户号"].as_str(),
            first["户主姓名"].as_str()
        ),
        ("1组", "H1", "张一")
    );
    assert_eq!(
        (first["参保地"].as_str(), first["个人实缴"].as_str()),
        ("甲镇东村", "320")
    );
    let open = report.items("分发/甲镇.xlsx", "未参保台账");
    assert_eq!(names(&open), ["张二", "李三", "王五"]);
    // name, this year
    for (line, state) in open
        .iter()
        .zip(["已登记未缴费", "已缴费未登记", "未登记未缴费"])
    {
        assert_eq!(line["本年参保缴费状态"], state, "{line:?}");
        assert_eq!(line["未参保原因"], "");
    }
    assert_eq!(open[1]["困难群众"], "★ 困难群众");
}

#[test]
fn the_canvass_list_holds_who_is_not_insured_yet_and_no_whole_number() {
    let world = World::new();
    people(&world);
    let report = world.run();
    let first = report.items("分发/甲镇.xlsx", "宣传发动名单");
    assert_eq!(names(&first), ["张二", "李三"]);
    assert_eq!(
        (
            first[0]["上年参保状态"].as_str(),
            first[0]["性别"].as_str(),
            first[0]["年龄"].as_str()
        ),
        ("上年参保", "女", "42")
    );
    assert_eq!(
        first[0]["证件号码（脱敏）"],
        format!("4303**********{}", &id(2)[14..])
    );
    // In no book of this year but last year's; who died is not asked. Whoever is free by a grant is insured.
    let second = report.items("分发/乙镇.xlsx", "宣传发动名单");
    assert_eq!(names(&second), ["钱八"]);
    let numbers: BTreeSet<String> = (1..9).map(id).collect();
    for packet in ["分发/甲镇.xlsx", "分发/乙镇.xlsx"] {
        for cell in report.workbook(packet)["宣传发动名单"].iter().flatten() {
            assert!(!numbers.contains(cell), "{cell}");
        }
    }
}

#[test]
fn nothing_is_listed_that_the_pipeline_does_not_ask_for() {
    let world = World::new();
    people(&world);
    for key in ["enrolled", "uninsured", "canvass", "households", "hardship"] {
        world.edit(&format!("{key} = true"), &format!("{key} = false"));
    }
    let report = world.run();
    let sheets: Vec<String> = report.workbook("分发/甲镇.xlsx").into_keys().collect();
    assert_eq!(sheets.len(), 3, "{sheets:?}");
    for file in ["集体账户.xlsx", "未参保困难人员核实表.xlsx"] {
        assert!(!report.0.folder.join(file).exists(), "{file}");
    }
    assert_eq!(report.0.facts.lists.everyone.width(), 0);
}

const MEMBERS: &str = "户号,户主姓名,姓名,身份证号码,与户主关系,应缴金额,账号\n";

/// These columns of every line, joined by `|`.
fn told(lines: &Lines, columns: &str) -> Vec<String> {
    let line = |line: &BTreeMap<String, String>| {
        let cells = columns.split(' ').map(|column| line[column].as_str());
        cells.collect::<Vec<_>>().join("|")
    };
    lines.iter().map(line).collect()
}

fn added(lines: &Lines, column: &str) -> f64 {
    let figures = lines.iter().map(|line| line[column].parse::<f64>());
    figures.map(|figure| figure.expect("a figure")).sum()
}

/// 张一 and 李三 have paid already; 张二 stands in two households; 王四 is an employee; 赵六 is subsidised in full; 赵七 died
/// before the benefit period.
fn run_of_households() -> (World, Report) {
    let world = World::new();
    people(&world);
    let lines = "H1,张一,张一,#1,户主,320,6228\nH1,张一,张二,#2,子女,320,6228\nH2,李三,李三,#3,户主,160,\n\
                 H3,王四,王四,#4,户主,,\nH6,赵六,赵六,#6,户主,320,\nH6,赵六,赵七,#7,配偶,320,\nH9,赵六,张二,#2,子女,320,\n";
    world.file("集体.csv", &format!("{MEMBERS}{lines}"));
    let report = world.run();
    (world, report)
}

#[test]
fn households_are_charged_what_their_members_owe_and_details_add_up_to_the_summary() {
    let (_world, report) = run_of_households();
    let summary = report.items("集体账户.xlsx", "汇总表");
    let detail = report.items("集体账户.xlsx", "明细表");
    assert_eq!(added(&summary, "应缴金额"), added(&detail, "应缴金额"));
    let mut charged = told(&detail, "姓名 应缴金额");
    charged.sort();
    let mut expected = [
        "张一|0",
        "张二|320",
        "张二|0",
        "李三|0",
        "王四|0",
        "赵六|0",
        "赵七|0",
    ];
    expected.sort_unstable();
    assert_eq!(charged, expected);
    // Neither the second 张二 nor the employee nor the dead.
    assert_eq!(added(&summary, "户内参保人数"), 4.0);
    assert_eq!(detail[0]["与户主关系"], "户主");
    let h1 = told(&summary, "户主姓名 户主身份证号 账号 应缴金额 已缴金额");
    assert!(
        h1.contains(&format!("张一|{}|6228|320|320", id(1))),
        "{h1:?}"
    );
    assert_eq!(added(&summary, "已缴金额"), 480.0);
    assert_eq!(added(&detail, "已缴金额"), 480.0);
    // The township's own households only.
    assert_eq!(report.items("分发/乙镇.xlsx", "明细表").len(), 2);
}

#[test]
fn who_owes_nothing_and_is_charged_all_the_same_stands_at_the_row_of_the_list() {
    let (_world, report) = run_of_households();
    let wrong = report.findings("amount-wrong");
    let at = told(&wrong, "id expected found row");
    assert!(at.contains(&format!("{}|0|32000|6", id(6))), "{at:?}");
    // 张二 in the second household, the subsidised, the dead.
    let of_the_list = wrong.iter().filter(|line| line["source"] == "households");
    let charged: BTreeSet<&str> = of_the_list.map(|line| line["id"].as_str()).collect();
    let expected = [2, 6, 7].map(id);
    let expected = BTreeSet::from_iter(expected.iter().map(String::as_str));
    assert_eq!(charged, expected, "{wrong:?}");
    assert_eq!(report.findings("household-duplicate").len(), 1);
}

#[test]
fn who_is_not_charged_is_no_finding_at_0_yuan_and_one_at_376() {
    for (stated, found) in [(0, 0), (376, 4)] {
        let world = World::new();
        people(&world);
        let of = |household: &str, head: &str, who: &str| {
            format!("{household},{head},{who},其他,{stated},\n")
        };
        // An employee, the dead, the subsidised in full, and 张二 in the second of two households.
        let lines = [
            of("H3", "王四", "王四,#4"),
            of("H6", "赵六", "赵七,#7"),
            of("H6", "赵六", "赵六,#6"),
            of("H9", "赵六", "张二,#2"),
        ];
        world.file(
            "集体.csv",
            &format!("{MEMBERS}H1,张一,张二,#2,子女,320,\n{}", lines.concat()),
        );
        let wrong = world.run().findings("amount-wrong");
        let wrong: Vec<_> = wrong
            .iter()
            .filter(|line| line["source"] == "households")
            .collect();
        assert_eq!(wrong.len(), found, "{wrong:?}");
        assert!(
            wrong
                .iter()
                .all(|line| line["expected"] == "0" && line["amount_fen"] == "37600"),
            "{wrong:?}"
        );
    }
}

#[test]
fn a_received_summary_that_is_off_by_one_person_or_by_money_is_found() {
    let members =
        "H1,张一,张一,#1,户主,320,\nH1,张一,张二,#2,子女,320,\nH2,李三,李三,#3,户主,160,\n";
    let head = "序号,户主姓名,户主身份证号,户内参保人数,应缴金额";
    #[rustfmt::skip]
    let cases = [
        // A person too many, and money too much.
        ("1,张一,#1,3,640\n2,李三,#3,1,320\n合计,,,4,960",
            vec!["household-totals|2|2|3", "household-totals|3|160.00|320.00"]),
        // Right figures, and a total row that is not their sum.
        ("1,张一,#1,2,640\n2,李三,#3,1,160\n合计,,,4,800",
            vec!["household-totals|4|3|4"]),
        // A household that only one of the two lists.
        ("1,张一,#1,2,640\n2,周九,#9,1,320",
            vec!["household-totals|3|0.00|320.00", "household-totals|3|0|1", "households|4|1|0"]),
    ];
    for (summary, expected) in cases {
        let world = World::new();
        people(&world);
        world
            .file("集体.csv", &format!("{MEMBERS}{members}"))
            .file("汇总.csv", &format!("{head}\n{summary}\n"));
        let mut off = told(
            &world.run().findings("footing"),
            "source row expected found",
        );
        off.sort_unstable();
        assert_eq!(off, expected, "{summary}");
    }
}

/// A department's list of so many persons, the first `blank` of them without a number.
fn roster(persons: std::ops::Range<u64>, blank: u64) -> String {
    let line = |n: u64| {
        format!(
            "甲镇,东村,人{n},{},低保对象,2021-01-01,\n",
            if n < blank { String::new() } else { id(n) }
        )
    };
    format!(
        "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期\n{}",
        persons.map(line).collect::<String>()
    )
}

#[test]
fn a_roster_that_arrives_half_empty_or_without_numbers_stops_the_run_and_leaves_older_reports() {
    let shrank = Some(["名册人数骤减", "a roster shrank"]);
    let numberless = Some(["没有号码", "without a number"]);
    #[rustfmt::skip]
    let cases = [
        // newest          the month before        what stops it
        (roster(0..19, 0), Some(roster(0..40, 0)), shrank),
        (roster(0..20, 0), Some(roster(0..40, 0)), None),
        (roster(0..40, 3), None,                   numberless),
        (roster(0..40, 2), None,                   None),
        (roster(0..3, 1),  None,                   None),
        (roster(0..10, 2), None,                   None),
        (roster(0..3, 2),  None,                   numberless),
        // One or two may go from a short list.
        (roster(0..1, 0),  Some(roster(0..3, 0)),  None),
        (roster(0..1, 0),  Some(roster(0..4, 0)),  shrank),
    ];
    for (newest, before, stop) in cases {
        let world = World::new();
        people(&world);
        world.file("名册民政_202203.csv", &newest);
        if let Some(before) = &before {
            world.file("名册民政_202202.csv", before);
        }
        match stop {
            Some(told) => assert_stopped(&world, told),
            None => assert_eq!(world.typed("zh").status.code(), Some(0)),
        }
    }
}

/// In both languages, with older reports left as they are; and not with the limits lifted for one run.
fn assert_stopped(world: &World, told: [&str; 2]) {
    let older = world.at("out/p/2022-03-31/manifest.json");
    fs::create_dir_all(older.parent().expect("a folder")).expect("a folder");
    fs::write(&older, "older").expect("a report");
    for (lang, told) in ["zh", "en"].into_iter().zip(told) {
        let output = world.typed(lang);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        let names_limit = error.contains("shrink-limit") || error.contains("blank-limit");
        assert!(error.contains(told) && names_limit, "{error}");
        assert_eq!(fs::read_to_string(&older).expect("it is there"), "older");
    }
    let lifted = "shrink-limit = \"0%\"\nblank-limit = \"100%\"\nbatch =";
    world.edit("batch =", lifted);
    assert_eq!(world.typed("zh").status.code(), Some(0), "{told:?}");
}

#[test]
fn one_departments_list_without_numbers_does_not_hide_among_the_others() {
    let world = World::new();
    people(&world);
    world
        .file("名册民政_202203.csv", &roster(0..200, 0))
        .file("名册残联_202203.csv", &roster(0..10, 3));
    let output = world.typed("zh");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("名册残联_202203.csv") && !error.contains("名册民政_202203.csv"),
        "{error}"
    );
    // What a spreadsheet leaves of a number is none.
    let cut = (30..40).fold(roster(30..40, 0), |text, n| {
        if n < 33 {
            text.replace(&id(n), "4.40783E+17")
        } else {
            text
        }
    });
    world.file("名册残联_202203.csv", &cut);
    assert_eq!(world.typed("zh").status.code(), Some(2));
}

#[test]
fn a_department_that_sends_nothing_new_keeps_its_last_list() {
    let world = World::new();
    people(&world);
    world
        .file("名册残联_202202.csv", &roster(30..33, 0))
        .file("名册民政_202202.csv", &roster(0..2, 0));
    assert_eq!(world.typed("zh").status.code(), Some(0));
    let used = world.at("out/p/2022-03-31/data/sources.csv");
    let used = fs::read_to_string(used).expect("it is there");
    let counts = |file: &str| {
        used.lines()
            .any(|line| line.contains(file) && line.ends_with(",3"))
    };
    assert!(counts("名册残联_202202.csv"), "{used}");
    // The same list under another name is none that is missing.
    world.file("名册残疾人联合会_202203.csv", &roster(30..33, 0));
    assert_eq!(world.typed("zh").status.code(), Some(0));
}

#[test]
fn changes_between_two_batches_are_told_person_by_person() {
    let world = World::new();
    people(&world);
    let batch = |lines: &str| {
        let head = "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期";
        let row = |line: &str| format!("甲镇,东村,{}\n", line.trim());
        format!(
            "{head}\n{}",
            lines.trim().lines().map(row).collect::<String>()
        )
    };
    let before = batch(
        "
        人20,#20,低保对象,2021-01-01,
        人21,#21,低保对象,2021-01-01,
        人22,#22,低保对象,2021-01-01,
        人23,#23,低保对象,2021-01-01,
        人24,#24,低保对象,2021-01-01,2022-01-01
        人26,#26,低保对象,2021-01-01,
        无号,430321,低保对象,2021-01-01,",
    );
    let newest = batch(
        "
        人20,#20,低保对象,2021-01-01,
        人21,#21,特困人员,2022-03-01,
        人22,#22,低保对象,2021-01-01,2022-03-15
        人25,#25,低保对象,2022-03-01,
        人26,#26,低保对象,2021-02-01,
        无号,430321,低保对象,2021-01-01,",
    );
    world.file("名册民政_202202.csv", &before);
    world.file("名册民政_202203.csv", &newest);
    let report = world.run();
    let changes = report.parquet("roster_changes.parquet");
    assert_eq!(
        told(&changes, "change name category before after"),
        [
            "new|人25|低保对象||identified=2022-03-01",
            "changed|人21|特困人员|category=低保对象|category=特困人员",
            "changed|人26|低保对象|identified=2021-01-01|identified=2021-02-01",
            "gone|人22|低保对象|ended=|ended=2022-03-15",
            "gone|人23|低保对象||",
        ]
    );
    assert_eq!(changes[4]["source_file"], "名册民政_202202.csv");
    let sheet = report.items("资助台账.xlsx", "名册变动");
    assert_eq!(
        told(&sheet, "变动"),
        ["新增", "变更", "变更", "取消", "取消"]
    );
    assert_eq!(sheet[3]["变动后"], "退出日期 2022-03-15");
}

/// Two departments that share a payer: its own list is neither's.
fn run_of_two_departments() -> (World, Report) {
    let world = World::new();
    people(&world);
    let head = "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期";
    let lines = "乙镇,南村,赵六,#6,监测对象,2021-01-01,\n甲镇,东村,张二,#2,监测对象,2021-01-01,\n\
                 甲镇,西村,王四,#4,监测对象,2021-01-01,2021-12-01\n甲镇,西村,坏号,43032119,监测对象,2021-01-01,\n";
    world.file("名册振兴_202203.csv", &format!("{head}\n{lines}"));
    let line = "甲镇,东村,李三,#3,特困人员,2021-01-01,\n";
    world.file("名册残联_202203.csv", &format!("{head}\n{line}"));
    let report = world.run();
    (world, report)
}

#[test]
fn every_department_learns_of_everyone_on_its_list() {
    let (_world, report) = run_of_two_departments();
    let back = report.items("部门反馈.xlsx", "反馈-名册振兴");
    let listed = BTreeSet::from_iter(names(&back));
    assert_eq!(listed, BTreeSet::from(["赵六", "张二", "王四", "坏号"]));
    #[rustfmt::skip]
    let table = [
        ("赵六", "参保状态",         "本地居民"),
        ("赵六", "备注",             "由其他渠道资助：医保局"),
        ("王四", "参保状态",         "本地职工"),
        ("王四", "参保地",           "甲镇西村"),
        ("王四", "核对结论",         "已退出名册（见退出日期）"),
        ("王四", "备注",             ""),
        ("坏号", "核对结论",         "证件号码待核"),
        ("坏号", "参保状态",         "数据待核"),
        ("张二", "参保状态",         "未参保"),
        ("张二", "本年参保缴费状态", "已登记未缴费"),
    ];
    for (name, column, expected) in table {
        let line = back.iter().find(|line| line["姓名"] == name);
        assert_eq!(line.expect("listed")[column], expected, "{name} {column}");
    }
    // By payer: everyone of its categories, whoever grants.
    let payer = report.items("资助台账.xlsx", "反馈-乡村振兴局");
    assert_eq!(payer.len(), 4);
}

#[test]
fn every_department_learns_who_of_its_list_is_uninsured() {
    let (_world, report) = run_of_two_departments();
    let of = |sheet| report.items("未参保困难人员核实表.xlsx", sheet);
    assert_eq!(names(&of("核实-名册振兴")), ["张二"]);
    let sheets = ["核实-名册残联", "核实-名册民政", "核实-名册振兴"];
    let listed: usize = sheets.iter().map(|sheet| of(sheet).len()).sum();
    // 李三 is on two departments' lists, and each of them verifies.
    assert_eq!(listed, report.findings("hardship-uninsured").len() + 1);
}

#[test]
fn a_department_reads_why_its_row_counts_for_nothing_and_nobody_on_no_roster_is_on_its_list() {
    let world = World::new();
    people(&world);
    let by_payment = "[roster]\ncut-off = 2021-12-31\ndecides = [\"payment-day\"]\n";
    world.edit("[coverage]\n", &format!("{by_payment}[coverage]\n"));
    world.file(
        "名册振兴_202203.csv",
        "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期\n甲镇,东村,张一,#1,未知户,2021-01-01,\n甲镇,东村,张二,#2,监测对象,2022-02-01,\n\
         甲镇,西村,王四,#4,监测对象,2022-05-01,\n",
    );
    // Subsidised, and on no roster at all.
    world.file(
        "缴费二.csv",
        "姓名,身份证号,缴费金额,资助金额,缴费日期,凭证号\n孙九,#9,160,160,2021-10-03,A3\n",
    );
    let report = world.run();
    // One list of one department, two payers: each department has its own all the same.
    let back = told(
        &report.items("部门反馈.xlsx", "反馈-名册振兴"),
        "姓名 对象类别 核对结论",
    );
    let says = |start: &str| back.iter().any(|line| line.starts_with(start));
    assert!(
        says("张一|未知户|对象类别不识别（见 category-unknown）"),
        "{back:?}"
    );
    assert!(
        says("张二|监测对象|在册未生效（逾期审批，见 roster-late）"),
        "{back:?}"
    );
    assert!(says("王四|监测对象|在册未生效"), "{back:?}");
    let of = |sheet| report.items("资助台账.xlsx", sheet);
    assert_eq!(names(&of("反馈-无资助")), ["张一"]);
    assert_eq!(names(&of("反馈-不在册")), ["孙九"]);
}

#[test]
fn money_is_told_by_township_and_a_total_keeps_its_label() {
    let world = World::new();
    people(&world);
    world.file(
        "登记二.csv",
        "姓名,身份证号,险种,参保状态,乡镇,村\n李三,#3,390,1,甲镇,东村\n",
    );
    let report = world.run();
    let funding = &report.workbook("资助台账.xlsx")["资金汇总"];
    let head = funding
        .iter()
        .find(|row| row.contains(&"资助金额".to_owned()) || row.contains(&"资助部门".to_owned()));
    assert!(
        funding
            .iter()
            .flatten()
            .any(|cell| cell == "乡镇（街道）" || cell == "乡镇"),
        "{head:?}"
    );
    assert!(
        !funding.iter().flatten().any(|cell| cell == "县（市、区）"),
        "{head:?}"
    );
    // Nobody names a village here: its column is dropped, the total's label is not.
    let no_village = World::new();
    no_village
        .file("人口.csv", "乡镇,姓名,身份证号\n甲镇,张一,#1\n")
        .file(
            "登记.csv",
            "姓名,身份证号,险种,参保状态,乡镇\n张一,#1,390,1,甲镇\n",
        )
        .file(
            "缴费.csv",
            "姓名,身份证号,缴费金额,缴费日期,凭证号\n张一,#1,320,2021-10-01,A1\n",
        );
    let enrolled = &no_village.run().workbook("分发/甲镇.xlsx")["参保台账"];
    assert!(enrolled.iter().any(|row| row[0] == "合计"), "{enrolled:?}");
}

#[test]
fn a_finding_about_a_row_is_in_the_region_of_its_person() {
    let world = World::new();
    people(&world);
    // The register has 张二 in a village of 甲镇; this roster names another town and a category that nobody knows.
    world.file(
        "名册振兴_202203.csv",
        "乡镇,村,姓名,身份证号,对象类别,认定日期,退出日期\n乙镇,南村,张二,#2,未知户,2021-01-01,\n乙镇,南村,坏号,43032119,未知户,2021-01-01,\n",
    );
    let found = world.run().findings("category-unknown");
    let at: Vec<(&str, &str)> = found
        .iter()
        .map(|line| (line["name"].as_str(), line["region_code"].as_str()))
        .collect();
    assert_eq!(
        BTreeSet::from_iter(at),
        BTreeSet::from([("张二", "430321100201"), ("坏号", "430321101201")])
    );
}

#[test]
fn a_wrong_setting_of_the_lists_is_a_complaint() {
    for (from, to, told) in [
        ("enrolled = true", "enroled = true", "enroled"),
        ("enrolled = true", "enrolled = \"yes\"", "enrolled"),
        ("batch =", "shrink-limit = \"150%\"\nbatch =", "150%"),
        (
            "[sources.previous]\n",
            "[sources.previous]\nblank-limit = \"5%\"\n",
            "blank-limit",
        ),
    ] {
        let world = World::new();
        people(&world);
        world.edit(from, to);
        let output = world.typed("zh");
        assert_eq!(output.status.code(), Some(2));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(told),
            "{told}"
        );
    }
}
