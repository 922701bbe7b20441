//! The assessment: tables of the worked boundary cases, and whole runs on a township of a few hundred synthetic persons.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::fault::Complaints;
use canbao::domain::{Cover, Fraction, Ratio, RegionLevel};
use canbao::measure::assessment::{GroupOnDay, Place, lagging, money, ranks, score};
use canbao::run::{Only, Order, reconcile};
use canbao::scheme::assessment::{Assessment, Average, Last, PersonsAt, ScoreRule, Steps};
use canbao::scheme::{self, Scheme};
use canbao::words::{self, Lang};
use chrono::{NaiveDate, Weekday};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day of the tables below")
}

fn ratio(count: u64, of: u64) -> Ratio {
    Ratio { count, of }
}

fn pipeline(slug: &str) -> Scheme {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("pipelines")
        .join(format!("{slug}.toml"));
    scheme::load(&path).unwrap_or_else(|error| panic!("{}", words::error(&error, Lang::En).0))
}

fn qingtangpu() -> Assessment {
    pipeline("qingtangpu-2022")
        .assessment
        .expect("the notice has one")
}

// ── the worked cases of the notices ──

#[test]
fn one_person_short_of_98_percent_costs_5883_yuan() {
    let assessment = qingtangpu();
    let (first, last, as_of) = (day("2021-12-20"), day("2021-12-31"), day("2022-01-31"));
    let groups = assessment.tiers[0].groups.clone();
    // persons on 12-20 and on 12-31 of a task of 3,000, insured of two in a special group; tier, yuan
    #[rustfmt::skip]
    let cases = [
        (2_940, 2_940, 2, Some(0), 14_700),
        (2_940, 2_990, 2, Some(0), 14_700),
        (2_939, 2_940, 2, Some(1), 11_760),
        (0,     3_050, 2, Some(1), 12_200),
        (2_939, 2_939, 2, Some(2),  8_817),
        (2_850, 2_850, 2, Some(2),  8_550),
        (2_849, 2_849, 2, Some(3),  5_698),
        (2_700, 2_700, 2, Some(3),  5_400),
        (2_699, 2_699, 2, Some(4),  2_699),
        (2_400, 2_400, 2, Some(4),  2_400),
        (2_399, 2_399, 2, None,         0),
        (2_940, 2_940, 1, None,         0),
        (2_400, 2_400, 0, None,         0),
    ];
    for (on_first, on_last, insured, tier, yuan) in cases {
        for &group in &groups {
            let on_day = GroupOnDay {
                group,
                persons: 2,
                deceased: 1,
                insured,
                settled: 2,
            };
            let place = Place {
                counts: [(first, on_first), (last, on_last)].into(),
                registered: BTreeMap::new(),
                groups: [((first, group), on_day), ((last, group), on_day)].into(),
            };
            let found = place.tier(&assessment, 3_000, as_of);
            let found = found.map(|found| (found.at, found.fen, found.due));
            let expected = Some((tier, yuan * 100, true));
            assert_eq!(found, expected, "{on_first} {on_last} {insured}");
        }
    }
    // 2,939 of 3,000 is not 98 %.
    assert!(ratio(2_939, 3_000) < ratio(98, 100));
}

#[test]
fn a_tier_before_its_day_is_measured_on_the_as_of_date_and_not_due() {
    let mut assessment = qingtangpu();
    let place = |as_of: &str| Place {
        counts: [(day(as_of), 2_940)].into(),
        ..Place::default()
    };
    // as-of, tier, day, due
    for (as_of, at, on, due) in [
        ("2021-12-15", Some(0), "2021-12-15", false),
        ("2021-12-20", Some(0), "2021-12-20", true),
        ("2021-12-25", Some(1), "2021-12-25", false),
        ("2021-12-31", Some(1), "2021-12-31", true),
    ] {
        let found = place(as_of)
            .tier(&assessment, 3_000, day(as_of))
            .expect("there are tiers");
        assert_eq!(
            (found.at, found.day, found.due),
            (at, day(on), due),
            "{as_of}"
        );
    }
    // Whose persons are paid is a setting: those of the tier's day, or of the cut-off.
    let place = Place {
        counts: [(day("2021-12-20"), 2_940), (day("2021-12-31"), 2_990)].into(),
        ..Place::default()
    };
    for (persons_at, yuan) in [(PersonsAt::TierDay, 14_700), (PersonsAt::CutOff, 14_950)] {
        assessment.persons_at = persons_at;
        let found = place
            .tier(&assessment, 3_000, day("2022-01-31"))
            .expect("there are tiers");
        assert_eq!(found.fen, yuan * 100, "{persons_at:?}");
    }
}

#[test]
fn six_points_at_98_percent_and_a_cliff_at_90() {
    let rule = qingtangpu().score.expect("the notice has one");
    let with = |steps| ScoreRule { steps, ..rule };
    // count, of, linear, started, full
    #[rustfmt::skip]
    let cases = [
        (102, 100,     "6.4000", "6.4000", "6.4000"),
        (1_015, 1_000, "6.3500", "6.3000", "6.3000"),
        (100, 100,     "6.2000", "6.2000", "6.2000"),
        (99, 100,      "6.1000", "6.1000", "6.1000"),
        (98, 100,      "6.0000", "6.0000", "6.0000"),
        (2_939, 3_000, "5.9933", "5.8000", "6.0000"),
        (97, 100,      "5.8000", "5.8000", "5.8000"),
        (95, 100,      "5.4000", "5.4000", "5.4000"),
        (90, 100,      "4.4000", "4.4000", "4.4000"),
        (2_699, 3_000, "0.0000", "0.0000", "0.0000"),
        (0, 100,       "0.0000", "0.0000", "0.0000"),
        (200, 100,    "16.2000", "16.2000", "16.2000"),
    ];
    for (count, of, linear, started, full) in cases {
        let found = [Steps::Linear, Steps::Started, Steps::Full]
            .map(|steps| score(&with(steps), &Fraction::from(ratio(count, of))).decimals(4));
        assert_eq!(found, [linear, started, full], "{count}/{of}");
    }
    // Without a cliff the points run out, and never below nothing.
    let endless = ScoreRule {
        zero_below: None,
        ..rule
    };
    let points = |count| score(&endless, &Fraction::from(ratio(count, 100))).decimals(4);
    assert_eq!([points(89), points(1)], ["4.2000", "0.0000"]);
}

#[test]
fn the_mean_of_scores_is_not_the_score_of_the_mean() {
    let rule = qingtangpu().score.expect("the notice has one");
    let rates = [
        Fraction::from(ratio(89, 100)),
        Fraction::from(ratio(99, 100)),
    ];
    let scores: Vec<Fraction> = rates.iter().map(|rate| score(&rule, rate)).collect();
    assert_eq!(Fraction::mean(&scores).expect("two").decimals(2), "3.05");
    assert_eq!(
        score(&rule, &Fraction::mean(&rates).expect("two")).decimals(1),
        "5.2"
    );
}

#[test]
fn work_money_is_exact() {
    // persons, fen a person, yuan
    for (persons, fen, yuan) in [
        (6_460_302, 300, 19_380_906),
        (7_033_380, 300, 21_100_140),
        (41_850, 100, 41_850),
        (3, 50, 1),
    ] {
        assert_eq!(money(persons, fen) / 100, yuan, "{persons}");
    }
    let fund = |slug| {
        pipeline(slug)
            .assessment
            .and_then(|assessment| assessment.fund)
            .map(|fund| (fund.fen, fund.employees_too))
    };
    assert_eq!(fund("shaoyang-2022"), Some((300, false)));
    assert_eq!(fund("zhuji-2023"), Some((100, false)));
}

#[test]
fn ties_share_a_rank_and_lag_together() {
    let of = |counts: &[u64]| {
        counts
            .iter()
            .map(|count| ratio(*count, 100))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ranks(&[ratio(1, 2), ratio(50, 100), ratio(1, 3)]),
        [1, 1, 3]
    );
    assert_eq!(ranks(&of(&[70, 90, 80, 90])), [4, 1, 3, 1]);
    let fifth = Last::Share(ratio(20, 100));
    // counts of 100, who lags, positions of those
    #[rustfmt::skip]
    let cases: [(&[u64], Last, &[usize]); 9] = [
        (&[90, 80, 70, 60, 50], Last::Places(3), &[2, 3, 4]),
        (&[90, 70, 70, 60, 50], Last::Places(3), &[1, 2, 3, 4]),
        (&[90, 80, 50, 50, 50], Last::Places(3), &[2, 3, 4]),
        (&[90, 80, 50, 50, 50], Last::Places(1), &[2, 3, 4]),
        (&[90, 80],             Last::Places(3), &[0, 1]),
        (&[90, 80, 70, 60, 50], fifth,           &[4]),
        (&[90, 80, 70, 60, 50, 40], fifth,       &[4, 5]),
        (&[90, 80, 70],         fifth,           &[2]),
        (&[],                   Last::Places(3), &[]),
    ];
    for (counts, last, expected) in cases {
        let lags = lagging(&of(counts), last);
        let found: Vec<usize> = (0..counts.len()).filter(|at| lags[*at]).collect();
        assert_eq!(found, expected, "{counts:?} {last:?}");
    }
}

#[test]
fn issues_fall_on_their_weekday_from_the_first_on() {
    // scheme, day, issue
    for (slug, on, issue) in [
        ("qingtangpu-2022", "2021-10-06", None),
        ("qingtangpu-2022", "2021-10-13", Some(1)),
        ("qingtangpu-2022", "2021-10-14", None),
        ("qingtangpu-2022", "2021-12-22", Some(11)),
        ("kaiping-2022", "2021-11-01", None),
        ("kaiping-2022", "2021-11-04", Some(1)),
        ("kaiping-2022", "2021-11-11", Some(2)),
        ("zhuji-2023", "2022-10-07", Some(1)),
    ] {
        let weekly = pipeline(slug)
            .assessment
            .and_then(|assessment| assessment.weekly)
            .expect("the notice has a weekly table");
        assert_eq!(weekly.issue(day(on)), issue, "{slug} {on}");
    }
}

#[test]
fn every_pipeline_assesses_as_its_notice_says() {
    // scheme, level, weekday, cut-off, criticise, lag, tiers, leaders, clinic
    #[rustfmt::skip]
    let expected = [
        ("xiangtan-2022",   RegionLevel::Township, None,               None,               false, false, 0, 0, None),
        ("zhuji-2023",      RegionLevel::Village,  Some(Weekday::Fri), Some("2022-12-31"), true,  true,  0, 0, None),
        ("shaoyang-2022",   RegionLevel::County,   None,               None,               false, false, 0, 0, None),
        ("kaiping-2022",    RegionLevel::Township, Some(Weekday::Thu), None,               false, false, 0, 0, None),
        ("qingtangpu-2022", RegionLevel::Village,  Some(Weekday::Wed), Some("2021-12-31"), false, false, 5, 3, Some(ratio(85, 100))),
    ];
    for (slug, level, weekday, cut_off, criticise, lag, tiers, leaders, clinic) in expected {
        let found = pipeline(slug).assessment.expect("every notice has one");
        assert_eq!(
            (found.level, found.weekly.map(|weekly| weekly.weekday)),
            (level, weekday),
            "{slug}"
        );
        assert_eq!(
            (found.cut_off, found.criticise),
            (cut_off.map(day), criticise),
            "{slug}"
        );
        assert_eq!(
            (found.lag.is_some(), found.tiers.len(), found.leaders.len()),
            (lag, tiers, leaders),
            "{slug}"
        );
        assert_eq!(found.clinic_below, clinic, "{slug}");
    }
    let template = pipeline("template")
        .assessment
        .expect("the template shows everything");
    assert!(
        template.weekly.is_some()
            && template.lag.is_some()
            && template.fund.is_some()
            && template.score.is_some()
    );
    assert_eq!((template.tiers.len(), template.leaders.len()), (1, 1));
}

// ── a township of a few hundred ──

const HEAD: &str = r#"[scheme]
name = "示例镇2022年度城乡居民基本医疗保险"
year = 2022
region = "439921100"
basis = "示例方案"
inputs = "in"
[premium]
personal = 320
[window]
from = 2021-09-01
to = 2021-12-31
[benefit]
from = 2022-01-01
to = 2022-12-31
[roster]
decides = ["payment-day"]
[[subsidy]]
category = "特困人员"
grant = "100%"
payer = "县医保局"
[[subsidy]]
category = "脱贫人口"
[[group]]
name = "脱贫100%"
categories = ["脱贫人口"]
[coverage]
insured-when = "paid"
[[coverage.rate]]
name = "参保率"
count = "paid"
schemes = ["resident"]
against = "task"
target = "98%"
primary = true
[sources.register]
files = ["底册.csv"]
[sources.registrations]
files = ["登记.csv"]
[sources.payments]
files = ["缴费.csv"]
[sources.rosters]
files = ["名册.csv"]
[sources.tasks]
files = ["任务.csv"]
[sources.deaths]
files = ["死亡.csv"]
"#;

const VILLAGES: [(&str, &str); 5] = [
    ("439921100200", "东风村"),
    ("439921100201", "红旗村"),
    ("439921100202", "前进村"),
    ("439921100203", "光明村"),
    ("439921100204", "向阳村"),
];

/// A township under `[assessment]`, with the files that its people come to.
struct Township {
    folder: tempfile::TempDir,
    people: u64,
    register: String,
    registrations: String,
    payments: String,
    rosters: String,
    deaths: String,
    tasks: String,
}

impl Township {
    fn new(assessment: &str, tasks: &[u64]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("in")).expect("writable");
        fs::create_dir(folder.path().join("regions")).expect("writable");
        let mut table =
            "code,name,level,parent,alias,unit\n439921,示例县,county,4399,,\n439921100,示例镇,township,439921,,\n".to_owned();
        let mut tasks_table = "村(社区)名称,任务数\n".to_owned();
        for ((code, name), task) in VILLAGES.iter().zip(tasks) {
            let _ = writeln!(table, "{code},{name},village,439921100,,");
            let _ = writeln!(tasks_table, "{name},{task}");
        }
        fs::write(folder.path().join("regions/town-2022.csv"), table).expect("writable");
        fs::write(
            folder.path().join("town-2022.toml"),
            format!("{HEAD}{assessment}"),
        )
        .expect("writable");
        Township {
            folder,
            people: 0,
            register: "姓名,身份证号,村\n".into(),
            registrations: "参保登记号,姓名,身份证号,险种,参保状态,村,参保日期\n".into(),
            payments: "凭证号,姓名,身份证号,缴费年度,缴费金额,缴费日期,村\n".into(),
            rosters: "姓名,身份证号,对象类别,认定日期,村\n".into(),
            deaths: "姓名,身份证号,死亡日期\n".into(),
            tasks: tasks_table,
        }
    }

    /// Someone on the register of a village: the name and number, and the village's name.
    fn person(&mut self, village: usize) -> (String, &'static str) {
        let n = self.people;
        self.people += 1;
        let digits = 439_921_198_000_000_000 / 10 + (101 + n / 900) * 1_000 + 100 + n % 900;
        let id = format!(
            "{digits}{}",
            canbao::domain::person::check_character(digits)
        );
        let who = format!(
            "王{},{id}",
            ["一", "二", "三", "四", "五", "六", "七"][usize::try_from(n % 7).expect("small")]
        );
        let village = VILLAGES[village].1;
        let _ = writeln!(self.register, "{who},{village}");
        (who, village)
    }

    fn registered(&mut self, village: usize, cover: &str, begun: &str) -> String {
        let (who, name) = self.person(village);
        let _ = writeln!(
            self.registrations,
            "D{},{who},{cover},正常参保,{name},{begun}",
            self.people
        );
        who
    }

    /// So many registered residents who paid on a day.
    fn paid(&mut self, village: usize, on: &str, persons: usize) {
        for _ in 0..persons {
            // Covers begin with the year, whenever they are paid for: a weekly table in autumn counts them.
            let who = self.registered(village, "居民", "2022-01-01");
            let (serial, name) = (self.people, VILLAGES[village].1);
            let _ = writeln!(self.payments, "V{serial},{who},2022,320,{on},{name}");
        }
    }

    fn on_roster(&mut self, who: &str, category: &str, identified: &str, village: usize) {
        let _ = writeln!(
            self.rosters,
            "{who},{category},{identified},{}",
            VILLAGES[village].1
        );
    }

    fn order(&self, as_of: &str, since: Option<PathBuf>) -> Order {
        let files = [
            ("底册", &self.register),
            ("登记", &self.registrations),
            ("缴费", &self.payments),
            ("名册", &self.rosters),
            ("任务", &self.tasks),
            ("死亡", &self.deaths),
        ];
        for (name, text) in files
            .into_iter()
            .filter(|(_, text)| text.lines().count() > 1)
        {
            fs::write(
                self.folder.path().join("in").join(format!("{name}.csv")),
                text,
            )
            .expect("writable");
        }
        Order {
            pipeline: self.folder.path().join("town-2022.toml"),
            as_of: day(as_of),
            out: self.folder.path().join("reports"),
            only: Some(Only::Data),
            since,
            ..Order::default()
        }
    }

    fn run(&self, as_of: &str, since: Option<&Path>) -> PathBuf {
        let order = self.order(as_of, since.map(Path::to_owned));
        reconcile(&order)
            .unwrap_or_else(|error| panic!("{}", words::error(&error, Lang::En).0))
            .folder
    }
}

type Line = BTreeMap<String, String>;

fn lines(report: &Path, file: &str) -> Vec<Line> {
    let bytes = fs::read(report.join("data").join(file)).expect("it was written");
    let mut reader = csv::Reader::from_reader(
        bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .expect("a mark for Excel"),
    );
    let head = reader.headers().expect("a head").clone();
    let line = |record: csv::StringRecord| {
        head.iter()
            .map(str::to_owned)
            .zip(record.iter().map(str::to_owned))
            .collect()
    };
    reader
        .records()
        .map(|record| line(record.expect("a whole line")))
        .collect()
}

/// Some columns of every village, joined by blanks; `·` where nothing stands.
fn villages(report: &Path, columns: &[&str]) -> Vec<String> {
    let of = |line: &Line| {
        let cells = columns.iter().map(|column| {
            if line[*column].is_empty() {
                "·"
            } else {
                &line[*column]
            }
        });
        cells.collect::<Vec<_>>().join(" ")
    };
    lines(report, "assessment.csv")
        .iter()
        .filter(|line| line["level"] == "village" && !line["code"].is_empty())
        .map(of)
        .collect()
}

const EVERYTHING: &str = r#"
[assessment]
weekday = "wednesday"
from = 2021-10-13
cut-off = 2021-12-31
criticise = true
[assessment.fund]
yuan = 3
counts = "all"
[[assessment.tier]]
by = 2021-12-20
at-least = "98%"
yuan = 5
groups = ["脱贫100%"]
[[assessment.tier]]
by = 2021-12-31
at-least = "98%"
yuan = 4
groups = ["脱贫100%"]
[[assessment.tier]]
by = 2021-12-31
at-least = "80%"
yuan = 1
groups = ["脱贫100%"]
[assessment.score]
points = 6
full-at = "98%"
above = "0.1"
below = "0.2"
zero-below = "90%"
[[assessment.leader]]
post = "联村领导一"
regions = ["439921100200", "439921100204"]
[assessment.clinic]
below = "85%"
"#;

/// Villages of 50: one reaches its task by the first day, one by the last, one too late, one leaves a poor person out,
/// one is far behind.
fn town(assessment: &str) -> Township {
    let mut town = Township::new(assessment, &[50; 5]);
    town.paid(0, "2021-12-20", 49);
    town.paid(1, "2021-12-19", 48);
    town.paid(1, "2021-12-31", 1);
    town.paid(2, "2021-12-01", 48);
    town.paid(2, "2022-01-01", 1);
    town.paid(3, "2021-12-20", 49);
    town.paid(4, "2021-11-01", 41);
    // Dead and on the roster: nobody can insure them.
    let (dead, _) = town.person(0);
    town.on_roster(&dead, "脱贫人口", "2020-01-01", 0);
    let _ = writeln!(town.deaths, "{dead},2021-06-01");
    // On the roster only after the last day: not yet to be covered.
    let (later, _) = town.person(1);
    town.on_roster(&later, "脱贫人口", "2022-01-02", 1);
    let (poor, _) = town.person(3);
    town.on_roster(&poor, "脱贫人口", "2020-01-01", 3);
    // Free of charge, and known as such in time; the other too late.
    let free = town.registered(4, "居民", "");
    town.on_roster(&free, "特困人员", "2021-10-01", 4);
    let late = town.registered(4, "居民", "");
    town.on_roster(&late, "特困人员", "2022-01-02", 4);
    town.registered(4, "职工", "2021-01-01");
    town.registered(4, "职工", "2022-01-01");
    town
}

#[test]
fn what_counts_by_the_cut_off_and_what_it_brings() {
    let town = town(EVERYTHING);
    let report = town.run("2022-01-05", None);
    let columns = ["day", "count", "of", "rate", "need", "missing", "rank"];
    assert_eq!(
        villages(&report, &columns),
        [
            "2021-12-31 49 50 0.980000 49 0 1",
            "2021-12-31 49 50 0.980000 49 0 1",
            "2021-12-31 48 50 0.960000 49 1 4",
            "2021-12-31 49 50 0.980000 49 0 1",
            "2021-12-31 42 50 0.840000 49 7 5",
        ]
    );
    #[rustfmt::skip]
    let columns = [
        "criticised", "tier", "tier_fen", "tier_due", "score", "fund_persons", "fund_fen", "clinic", "lagging",
    ];
    assert_eq!(
        villages(&report, &columns),
        [
            "false 1 24500 true 6.0000 49 14700 false ·",
            "false 2 19600 true 6.0000 49 14700 false ·",
            "true 3 4800 true 5.6000 48 14400 false ·",
            "false 0 0 true 6.0000 49 14700 false ·",
            "true 3 4200 true 0.0000 43 12900 true ·",
        ]
    );
    let whole = &lines(&report, "assessment.csv")[0];
    let whole = ["code", "count", "of"].map(|column| whole[column].as_str());
    assert_eq!(whole, ["439921100", "237", "250"]);
    let leader = &lines(&report, "leaders.csv")[0];
    assert_eq!(leader["mean_rate"], "0.910000");
    assert_eq!(leader["score"], "3.0000");
    assert_eq!(leader["regions"], "439921100200|439921100204");
}

#[test]
fn a_village_that_the_tasks_table_forgets_leaves_the_whole_without_a_rate_and_is_not_ranked() {
    let mut town = town(EVERYTHING);
    town.tasks = town.tasks.replace("向阳村,50\n", "");
    let report = town.run("2022-01-05", None);
    assert_eq!(
        villages(&report, &["of", "need", "rank", "criticised"])[3..],
        ["50 49 1 false", "· · · ·"]
    );
    let whole = &lines(&report, "assessment.csv")[0];
    assert_eq!(
        (
            whole["count"].as_str(),
            whole["of"].as_str(),
            whole["need"].as_str()
        ),
        ("237", "", "")
    );
    let coverage = lines(&report, "coverage.csv");
    let root = coverage
        .iter()
        .find(|line| line["code"] == "439921100")
        .expect("it has a row");
    assert_eq!(
        ["task", "target_met", "missing", "rank"].map(|column| root[column].as_str()),
        [""; 4]
    );
    // A village that nobody lives in is missed by nobody.
    let mut empty = Township::new(EVERYTHING, &[50; 5]);
    empty.paid(0, "2021-12-20", 49);
    empty.tasks = empty.tasks.replace("向阳村,50\n", "");
    assert_eq!(
        lines(&empty.run("2022-01-05", None), "assessment.csv")[0]["of"],
        "200"
    );
}

#[test]
fn settings_change_what_the_same_people_bring() {
    // instead of, write, column, villages
    #[rustfmt::skip]
    let cases = [
        ("counts = \"all\"", "counts = \"resident\"", "fund_persons", "49 49 48 49 42"),
        ("cut-off = 2021-12-31\n", "", "count", "49 49 49 49 42"),
        ("criticise = true", "criticise = false", "criticised", "· · · · ·"),
        (", \"439921100204\"", "", "clinic", "false false false false true"),
        ("below = \"85%\"", "below = \"84%\"", "clinic", "false false false false false"),
        ("groups = [\"脱贫100%\"]", "", "tier", "1 2 3 1 3"),
    ];
    for (from, to, column, expected) in cases {
        assert!(EVERYTHING.contains(from));
        let town = town(&EVERYTHING.replace(from, to));
        let report = town.run("2022-01-05", None);
        assert_eq!(villages(&report, &[column]).join(" "), expected, "{to}");
    }
    let mean = town(&EVERYTHING.replace("zero-below", "average = \"rate\"\nzero-below"));
    let report = mean.run("2022-01-05", None);
    assert_eq!(lines(&report, "leaders.csv")[0]["score"], "4.6000");
    let plain = town("");
    let report = plain.run("2022-01-05", None);
    assert!(
        !report.join("data/assessment.csv").exists(),
        "no assessment, no file"
    );
}

#[test]
fn buckets_change_nothing() {
    let town = town(EVERYTHING);
    let one = town.run("2022-01-05", None);
    let read =
        |report: &Path| fs::read(report.join("data/assessment.csv")).expect("it was written");
    let whole = read(&one);
    let five = reconcile(&Order {
        buckets: Some(5),
        ..town.order("2022-01-05", None)
    })
    .expect("the same once more")
    .folder;
    assert_eq!(read(&five), whole);
}

const WEEKS: &str = "[assessment]\nweekday = \"wednesday\"\nfrom = 2021-12-08\n[assessment.lag]\nbottom = 1\nweeks = 2\n";

/// Three villages of 10; the first two lag together, then the second leaves the first behind.
fn three_villages(assessment: &str) -> Township {
    let mut town = Township::new(assessment, &[10; 3]);
    town.paid(0, "2021-12-08", 5);
    town.paid(1, "2021-12-08", 5);
    town.paid(1, "2021-12-20", 2);
    town.paid(2, "2021-12-08", 9);
    town
}

const CHAIN: [&str; 7] = [
    "rank",
    "previous_rank",
    "rank_change",
    "points_change",
    "lagging",
    "lag_weeks",
    "summoned",
];

#[test]
fn lagging_in_two_consecutive_issues_is_summoned_and_in_no_others() {
    let town = three_villages(WEEKS);
    let first = town.run("2021-12-08", None);
    assert_eq!(
        villages(&first, &CHAIN),
        ["2 · · · true 1 ·", "2 · · · true 1 ·", "1 · · · false 0 ·"]
    );
    let second = town.run("2021-12-15", Some(&first));
    assert_eq!(
        villages(&second, &CHAIN),
        [
            "2 2 0 0.00 true 2 true",
            "2 2 0 0.00 true 2 true",
            "1 1 0 0.00 false 0 false"
        ]
    );
    let third = town.run("2021-12-22", Some(&second));
    assert_eq!(
        villages(&third, &CHAIN),
        [
            "3 2 -1 0.00 true 3 true",
            "2 2 0 20.00 false 0 false",
            "1 1 0 0.00 false 0 false"
        ]
    );
    // Not the issue before: nobody is judged.
    let skipping = town.run("2021-12-29", Some(&second));
    assert_eq!(villages(&skipping, &CHAIN)[0], "3 2 -1 0.00 true 1 ·");
    // No day of issue.
    let between = town.run("2021-12-23", Some(&third));
    assert_eq!(villages(&between, &CHAIN)[0], "3 3 0 0.00 true · ·");
    // An issue seven days after a day that is none.
    let after = town.run("2021-12-30", Some(&between));
    assert_eq!(villages(&after, &CHAIN)[0], "3 3 0 0.00 true · ·");
}

#[test]
fn three_weeks_need_a_chain_and_one_week_needs_none() {
    let town = three_villages(&WEEKS.replace("weeks = 2", "weeks = 3"));
    let first = town.run("2021-12-08", None);
    let second = town.run("2021-12-15", Some(&first));
    assert_eq!(villages(&second, &CHAIN)[0], "2 2 0 0.00 true 2 false");
    let third = town.run("2021-12-22", Some(&second));
    assert_eq!(villages(&third, &CHAIN)[0], "3 2 -1 0.00 true 3 true");
    let town = three_villages(&WEEKS.replace("weeks = 2", "weeks = 1"));
    let alone = town.run("2021-12-22", None);
    assert_eq!(
        villages(&alone, &CHAIN),
        [
            "3 · · · true 1 true",
            "2 · · · false 0 false",
            "1 · · · false 0 false"
        ]
    );
}

#[test]
fn a_count_of_weeks_that_may_be_too_low_denies_nobody_and_confirms_whoever_has_enough() {
    let town = three_villages(&WEEKS.replace("weeks = 2", "weeks = 3"));
    // The second issue, told without the first: the last ones had lagged for one week or for two.
    let second = town.run("2021-12-15", None);
    let third = town.run("2021-12-22", Some(&second));
    assert_eq!(
        villages(&third, &CHAIN[4..]),
        ["true 2 ·", "false 0 false", "false 0 false"]
    );
    let fourth = town.run("2021-12-29", Some(&third));
    assert_eq!(
        villages(&fourth, &CHAIN[4..]),
        ["true 3 true", "false 0 false", "false 0 false"]
    );
}

/// Why a run is refused against an earlier report, with exit code 2.
fn refused(town: &Township, as_of: &str, since: &Path) -> String {
    let error = reconcile(&town.order(as_of, Some(since.to_owned()))).err();
    let error = error.expect("it is refused");
    assert_eq!(words::error(&error, Lang::Zh).1, 2);
    let complaints = error.downcast_ref::<Complaints>().expect("a complaint");
    format!("{:?}", complaints.0[0].refusal)
}

#[test]
fn an_earlier_report_of_another_day_folder_or_scheme_is_refused_with_exit_code_2() {
    let town = three_villages(WEEKS);
    let first = town.run("2021-12-15", None);
    assert!(refused(&town, "2021-12-15", &first).starts_with("EarlierIsNot"));
    assert!(refused(&town, "2021-12-14", &first).starts_with("EarlierIsNot"));
    assert!(refused(&town, "2021-12-22", town.folder.path()).starts_with("EarlierMissing"));
    let manifest = fs::read_to_string(first.join("manifest.json")).expect("it was written");
    let other = manifest.replace("town-2022", "other-2022");
    fs::write(first.join("manifest.json"), other).expect("writable");
    assert!(refused(&town, "2021-12-22", &first).starts_with("EarlierOfAnother"));
}

#[test]
fn an_earlier_report_that_lacks_a_table_or_a_place_is_refused_with_exit_code_2() {
    let town = three_villages(WEEKS);
    let first = town.run("2021-12-15", None);
    // Never registrations against payments.
    for (file, kind) in [
        ("data/assessment.csv", "EarlierNotAssessed"),
        ("data/coverage.csv", "EarlierMissing"),
    ] {
        let whole = fs::read_to_string(first.join(file)).expect("it was written");
        let cut = whole.lines().filter(|line| !line.contains("439921100202"));
        let cut: Vec<&str> = cut.collect();
        fs::write(first.join(file), cut.join("\n")).expect("writable");
        let told = refused(&town, "2021-12-22", &first);
        assert!(told.starts_with("EarlierLacks"), "{told}");
        assert!(told.contains(file) && told.contains("前进村"), "{told}");
        fs::remove_file(first.join(file)).expect("it was written");
        assert!(refused(&town, "2021-12-22", &first).starts_with(kind));
        fs::write(first.join(file), whole).expect("writable");
    }
    let other = "level,code,count,of,lag_weeks,summoned\ntownship,439921100,1,2,,\n";
    fs::write(first.join("data/assessment.csv"), other).expect("writable");
    assert!(refused(&town, "2021-12-22", &first).starts_with("EarlierNotAssessed"));
    // There is nothing to compare.
    let plain = three_villages("");
    let error = reconcile(&plain.order("2021-12-22", Some(first))).err();
    assert_eq!(words::error(&error.expect("refused"), Lang::En).1, 2);
}

// ── the gallery of mistakes ──

/// Instead of, write, kind; the complaint stands at what is written, or at the head of its table.
#[rustfmt::skip]
const MISTAKES: [(&str, &str, &str); 20] = [
    ("weekday = \"wednesday\"",   "weekday = \"mittwoch\"",     "UnknownWord"),
    ("cut-off = 2021-12-31",      "cut-off = 2021-02-30",       "BadDate"),
    ("cut-off = 2021-12-31",      "cut-off = 2021-10-01",       "Backwards"),
    ("criticise = true",          "criticise = 1",              "Syntax"),
    ("criticise = true",          "blame = true",               "UnknownKey"),
    ("criticise = true",          "level = \"county\"",         "Contradiction"),
    ("criticise = true",          "level = \"hamlet\"",         "UnknownWord"),
    ("criticise = true",          "persons-at = \"noon\"",      "UnknownWord"),
    ("yuan = 3",                  "yuan = 0",                   "BadAmount"),
    ("counts = \"all\"",          "counts = \"some\"",          "UnknownWord"),
    ("by = 2021-12-20",           "by = 2022-01-20",            "Contradiction"),
    ("at-least = \"98%\"",        "at-least = \"198%\"",        "BadShare"),
    ("groups = [\"脱贫100%\"]",   "groups = [\"低保100%\"]",    "UnknownWord"),
    ("points = 6",                "points = \"six\"",           "Syntax"),
    ("zero-below = \"90%\"",      "zero-below = \"99%\"",       "Contradiction"),
    ("zero-below = \"90%\"",      "steps = \"giant\"",          "UnknownWord"),
    ("\"439921100200\", ",        "\"439921100999\", ",         "RegionNotInTable"),
    ("\"439921100200\", ",        "\"439921100\", ",            "Contradiction"),
    ("\"439921100200\", ",        "\"439921100204\", ",         "Repeated"),
    ("below = \"85%\"",           "below = 85",                 "BadShare"),
];

#[test]
fn every_mistake_of_an_assessment_is_told_in_its_place() {
    let line_of = |text: &str, what: &str| {
        text[..text.find(what).expect("it stands there")]
            .matches('\n')
            .count()
            + 1
    };
    for (from, to, kind) in MISTAKES {
        let text = format!("{HEAD}{EVERYTHING}").replacen(from, to, 1);
        let found = complaints(&EVERYTHING.replacen(from, to, 1));
        let lines: Vec<usize> = found.iter().map(|(_, line)| *line).collect();
        assert!(
            found.iter().any(|(found, _)| found == kind),
            "{to}: {found:?}"
        );
        assert!(
            lines.contains(&line_of(&text, to)) || kind == "Repeated",
            "{to}: {lines:?}"
        );
    }
}

#[test]
fn what_is_missing_of_an_assessment_is_told_at_the_head_of_its_table() {
    for without in [
        "weekday = \"wednesday\"\n",
        "yuan = 3\n",
        "by = 2021-12-20\n",
        "full-at = \"98%\"\n",
        "post = \"联村领导一\"\n",
        "below = \"85%\"\n",
    ] {
        let found = complaints(&EVERYTHING.replacen(without, "", 1));
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["MissingKey"], "without {without}");
    }
}

#[test]
fn who_lags_is_told_by_a_number_or_by_a_share_and_needs_a_weekday() {
    let lag = |rule: &str| {
        complaints(&format!(
            "[assessment]\nweekday = \"friday\"\n[assessment.lag]\n{rule}"
        ))
    };
    assert_eq!(lag("bottom = 3\nshare = \"20%\"\n")[0].0, "Contradiction");
    assert_eq!(lag("bottom = 0\n")[0].0, "UnknownWord");
    assert_eq!(lag("weeks = 0\n")[0].0, "UnknownWord");
    assert!(lag("").is_empty(), "the last three in two weeks");
    assert_eq!(
        complaints("[assessment]\n[assessment.lag]\n")[0].0,
        "MissingKey"
    );
}

/// Kinds and lines of what a pipeline with this assessment is refused for.
fn complaints(assessment: &str) -> Vec<(String, usize)> {
    let town = Township::new(assessment, &[10; 5]);
    let Err(error) = scheme::load(&town.folder.path().join("town-2022.toml")) else {
        return Vec::new();
    };
    let complaints = &error
        .downcast_ref::<Complaints>()
        .expect("loading only complains")
        .0;
    let kind = |text: String| text.split([' ', '{']).next().unwrap_or_default().to_owned();
    let line = |place: &Option<canbao::domain::Spot>| place.as_ref().map_or(0, |place| place.line);
    complaints
        .iter()
        .map(|complaint| {
            (
                kind(format!("{:?}", complaint.refusal)),
                line(&complaint.place),
            )
        })
        .collect()
}

#[test]
fn defaults_are_those_the_template_states() {
    let town = Township::new("[assessment]\n", &[10; 5]);
    let found = scheme::load(&town.folder.path().join("town-2022.toml"))
        .expect("nothing is required")
        .assessment;
    let found = found.expect("it is written");
    assert_eq!(
        (found.level, found.weekly, found.cut_off),
        (RegionLevel::Village, None, None)
    );
    assert_eq!(
        (found.persons_at, found.criticise, found.lag, found.fund),
        (PersonsAt::TierDay, false, None, None)
    );
}

#[test]
fn defaults_of_a_weekly_table_with_lag_and_fund_are_those_the_template_states() {
    let written = "weekday = \"monday\"\n[assessment.lag]\n[assessment.fund]\nyuan = 1\n";
    let town = Township::new(&format!("[assessment]\n{written}"), &[10; 5]);
    let found = scheme::load(&town.folder.path().join("town-2022.toml"))
        .expect("nothing else is required")
        .assessment;
    let found = found.expect("it is written");
    assert_eq!(
        found.weekly.map(|weekly| weekly.first),
        Some(day("2021-09-06")),
        "the first Monday of the window"
    );
    let lag = found.lag.expect("it is written");
    assert_eq!((lag.last, lag.weeks), (Last::Places(3), 2));
    assert!(!found.fund.expect("it is written").employees_too);
    let score = qingtangpu().score.expect("the notice has one");
    assert_eq!(
        (score.steps, score.average),
        (Steps::Linear, Average::Score)
    );
    assert_eq!(
        Cover::ALL.len(),
        3,
        "resident, employee and what is neither"
    );
}
