//! Refunds as a table a clerk could review: what a person has in the books of a city of two pools, and what goes back,
//! from where, why, and whether the rules allow it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use canbao::run::{Only, Order, reconcile};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

const PIPELINE: &str = r#"
[scheme]
name = "两县市2022年度居民医保"
year = 2022
region = "4305"
pool-digits = 6
basis = "示例通知"
inputs = "in"
[premium]
personal = 320
[window]
from = 2021-09-01
to = 2022-02-28
[benefit]
from = 2022-01-01
to = 2022-12-31
[roster]
decides = ["payment-day", "cut-off"]
cut-off = 2022-02-28
[[subsidy]]
category = "低保对象"
grant = "50%"
payer = "县医保局"
[coverage]
[[coverage.rate]]
name = "参保率"
count = "registered"
schemes = ["resident"]
against = "register"
primary = true
[sources]
register = { files = ["常住人口*.csv"] }
registrations = { files = ["参保登记*.csv"] }
payments = { files = ["缴费明细*.csv"] }
rosters = { files = ["资助名册*.csv"] }
deaths = { files = ["死亡*.csv"] }
departures = { files = ["迁出*.csv"] }
students = { files = ["在校*.csv"] }
elsewhere = { files = ["异地*.csv"] }
"#;

const REGIONS: &str = "code,name,level,parent,alias,unit\n\
    4305,邵阳市,city,43,,\n430502,双清区,county,4305,,\n430582,邵东市,county,4305,,\n\
    430502001,兴隆街道,township,430502,,\n430582100,城关镇,township,430582,,\n4301,长沙市,city,43,,\n";

/// What the books hold about one person, in short hand; blank = nothing.
struct Story {
    told: &'static str,
    /// County of the register entry.
    lives: &'static str,
    /// `county scheme begun`, separated by `;`.
    registered: &'static str,
    /// `county day yuan voucher`, separated by `;`.
    paid: &'static str,
    /// `roster`, `dead DAY`, `left DAY`, `student COUNTY`, separated by `;`.
    besides: &'static str,
    /// `reason kept-pool ground refund-pool yuan eligible`, separated by `;`.
    expected: &'static str,
}

const fn story(
    told: &'static str,
    lives: &'static str,
    registered: &'static str,
    paid: &'static str,
    besides: &'static str,
    expected: &'static str,
) -> Story {
    Story { told, lives, registered, paid, besides, expected }
}

#[rustfmt::skip]
const STORIES: &[Story] = &[
    story("paid once, where registered",           "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "", ""),
    story("in two pools of one run: home stays",   "双清区", "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 true"),
    story("the other pool was first, home stays",  "邵东市", "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430582 residence 430502 320 true"),
    story("the kept one began after January",      "邵东市", "双清区 390 2021-10-01; 邵东市 390 2022-01-05", "双清区 2021-10-01 320 A; 邵东市 2022-01-05 320 B", "",
          "R02 430582 residence 430502 320 false"),
    story("at school in one of them",              "",       "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "student 邵东市",
          "R02 430582 school 430502 320 true"),
    story("nothing tells them apart",              "",       "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430502 lowest-code 430582 320 true"),
    story("registered here, charged there",        "双清区", "双清区 390 2021-10-01", "邵东市 2021-10-01 320 A", "", "R04 430502 only-registration 430582 320 true"),
    story("twice in one pool",                     "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A; 双清区 2022-02-01 320 B", "",
          "R01 430502 only-registration 430502 320 true"),
    story("two instalments are no refund",         "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 160 A; 双清区 2022-02-01 160 B", "", ""),
    story("charged in full on the roster",         "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "roster", "R07 430502 only-registration 430502 160 true"),
    story("charged too much",                      "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 350 A", "", "R11 430502 only-registration 430502 30 true"),
    story("an employee since November",            "双清区", "双清区 390 2021-10-01; 邵东市 310 2021-11-01", "双清区 2021-10-01 320 A", "", "R03 430582 employee 430502 320 true"),
    story("an employee since February",            "双清区", "双清区 390 2021-10-01; 邵东市 310 2022-02-01", "双清区 2021-10-01 320 A", "", "R03 430582 employee 430502 320 false"),
    story("died in December",                      "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "dead 2021-12-20", "R05 430502 only-registration 430502 320 true"),
    story("died in January",                       "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "dead 2022-01-02", ""),
];

/// A valid number for a person's position.
fn number(at: usize) -> String {
    let digits = format!("43050219800101{:03}", 11 + at);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
    format!("{digits}{}", &"10X98765432"[(sum % 11) as usize..][..1])
}

fn parts(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>()).filter(|part| !part.is_empty())
}

/// Writes the books of every story into one folder.
fn write_books(stories: &[Story], folder: &Path) {
    let mut register = "身份证号,姓名,县市区,乡镇\n".to_owned();
    let mut registrations = "身份证号,姓名,参保地,险种,参保状态,参保日期\n".to_owned();
    let mut payments = "身份证号,姓名,缴费地,缴费金额,缴费日期,凭证号\n".to_owned();
    let mut rosters = "身份证号,姓名,对象类别,认定日期\n".to_owned();
    let mut deaths = "身份证号,姓名,死亡日期\n".to_owned();
    let mut departures = "身份证号,姓名,迁出日期\n".to_owned();
    let mut students = "身份证号,姓名,参保地\n".to_owned();
    for (at, story) in stories.iter().enumerate() {
        let (id, name) = (number(at), "王小明");
        let township = if story.lives == "双清区" { "兴隆街道" } else { "城关镇" };
        if !story.lives.is_empty() {
            writeln!(register, "{id},{name},{},{township}", story.lives).unwrap();
        }
        for part in parts(story.registered) {
            writeln!(registrations, "{id},{name},{},{},1,{}", part[0], part[1], part[2]).unwrap();
        }
        for part in parts(story.paid) {
            writeln!(payments, "{id},{name},{},{},{},{}{at}", part[0], part[2], part[1], part[3]).unwrap();
        }
        for part in parts(story.besides) {
            match part[0] {
                "roster" => writeln!(rosters, "{id},{name},低保对象,2021-01-01").unwrap(),
                "dead" => writeln!(deaths, "{id},{name},{}", part[1]).unwrap(),
                "left" => writeln!(departures, "{id},{name},{}", part[1]).unwrap(),
                "student" => writeln!(students, "{id},{name},{}", part[1]).unwrap(),
                other => panic!("{other}"),
            }
        }
    }
    let files = [
        ("常住人口", register),
        ("参保登记", registrations),
        ("缴费明细", payments),
        ("资助名册", rosters),
        ("死亡", deaths),
        ("迁出", departures),
        ("在校", students),
    ];
    for (book, text) in files {
        fs::write(folder.join(format!("{book}.csv")), text).unwrap();
    }
}

/// (person, `reason kept-pool ground refund-pool yuan eligible`) of every case of a run.
fn cases(folder: &Path) -> Vec<(String, String)> {
    let file = fs::File::open(folder.join("data/cases.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let cell = |name: &str, at: usize| frame.column(name).unwrap().get(at).unwrap().str_value().into_owned();
    let case = |at: usize| {
        let yuan = cell("refund_fen", at).parse::<i64>().unwrap() / 100;
        let [reason, kept, ground, from] = ["reason", "keep_pool", "kept_why", "refund_pool"].map(|name| cell(name, at));
        (cell("id", at), format!("{reason} {kept} {ground} {from} {yuan} {}", cell("eligible", at)))
    };
    (0..frame.height()).map(case).collect()
}

#[test]
fn every_story_gives_back_what_a_clerk_would_give_back() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = folder.path().join("in");
    for part in ["in", "regions"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    fs::write(folder.path().join("city.toml"), PIPELINE).unwrap();
    fs::write(folder.path().join("regions/city.csv"), REGIONS).unwrap();
    write_books(STORIES, &inputs);
    let order = Order {
        pipeline: folder.path().join("city.toml"),
        as_of: chrono::NaiveDate::from_ymd_opt(2022, 3, 31).unwrap(),
        out: folder.path().join("out"),
        only: Some(Only::Data),
        ..Default::default()
    };
    let found = cases(&reconcile(&order).unwrap().folder);
    let mut wrong = Vec::new();
    for (at, story) in STORIES.iter().enumerate() {
        let id = number(at);
        let mut mine: Vec<&str> = found.iter().filter(|(person, _)| *person == id).map(|(_, case)| case.as_str()).collect();
        mine.sort_unstable();
        let expected: Vec<String> = parts(story.expected).map(|part| part.join(" ")).collect();
        if mine != expected {
            wrong.push(format!("{}: {mine:?} instead of {expected:?}", story.told));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
