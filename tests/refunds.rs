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
[[subsidy]]
category = "特困人员"
grant = "100%"
payer = "县医保局"
[[subsidy]]
category = "脱贫人口"
grant = "50%"
payer = "乡村振兴局"
[[late]]
name = "新生儿"
born-within-days = 90
clause = "一"
[[late]]
name = "退役军人"
case = ["复转军人"]
clause = "一"
[[refund]]
reason = "R06"
before = 2022-01-01
[[refund]]
reason = "R09"
before = 2022-01-01
[[refund]]
reason = "R10"
before = 2022-01-01
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
    /// `county scheme begun ended`, separated by `;`; without `ended` the status is stated, with it left blank; `made=DAY`
    /// in its place is the day on which the registration was made.
    registered: &'static str,
    /// `county day yuan voucher case`, separated by `;`; no case = none declared; `own+granted` yuan where it is both.
    paid: &'static str,
    /// `roster` (half), `whole-roster`, `dead DAY`, `left DAY 去向`, `student COUNTY`, separated by `;`.
    besides: &'static str,
    /// `reason kept-pool ground refund-pool yuan eligible`, separated by `;`.
    expected: &'static str,
}

impl Story {
    fn of([told, lives, registered, paid, besides, expected]: [&'static str; 6]) -> Story {
        Story {
            told,
            lives,
            registered,
            paid,
            besides,
            expected,
        }
    }
}

/// Told, lives, registered, paid, besides; expected.
#[rustfmt::skip]
const STORIES: &[[&str; 6]] = &[
    ["paid once, where registered",           "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "", ""],
    ["in two pools of one run: home stays",   "双清区", "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 true"],
    ["the other pool was first, home stays",  "邵东市", "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430582 residence 430502 320 true"],
    ["the kept one began after January",      "邵东市", "双清区 390 2021-10-01; 邵东市 390 2022-01-05", "双清区 2021-10-01 320 A; 邵东市 2022-01-05 320 B", "",
          "R02 430582 residence 430502 320 false"],
    ["at school in one of them",              "",       "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "student 邵东市",
          "R02 430582 school 430502 320 true"],
    ["nothing tells them apart",              "",       "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430502 lowest-code 430582 320 true"],
    ["registered here, charged there",        "双清区", "双清区 390 2021-10-01", "邵东市 2021-10-01 320 A", "", "R04 430502 only-registration 430582 320 true"],
    ["twice in one pool",                     "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A; 双清区 2022-02-01 320 B", "",
          "R01 430502 only-registration 430502 320 true"],
    ["two instalments are no refund",         "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 160 A; 双清区 2022-02-01 160 B", "", ""],
    ["charged in full on the roster",         "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "roster", "R07 430502 only-registration 430502 160 true"],
    ["charged too much",                      "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 350 A", "", "R11 430502 only-registration 430502 30 false"],
    ["an employee since November",            "双清区", "双清区 390 2021-10-01; 邵东市 310 2021-11-01", "双清区 2021-10-01 320 A", "", "R03 430582 employee 430502 320 true"],
    ["an employee since February",            "双清区", "双清区 390 2021-10-01; 邵东市 310 2022-02-01", "双清区 2021-10-01 320 A", "", "R03 430582 employee 430502 320 false"],
    ["died in December",                      "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "dead 2021-12-20", "R05 430502 only-registration 430502 320 true"],
    ["at school, though the home is registered", "双清区", "双清区 390 2021-10-01; 邵东市 390 2021-11-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "student 邵东市",
          "R02 430582 school 430502 320 true"],
    ["moved away in November",                "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "left 2021-11-20", "R06 430502 only-registration 430502 320 true"],
    ["moved away in January",                 "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "left 2022-01-20", ""],
    ["joined the army",                       "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "left 2021-11-20 参军", "R10 430502 only-registration 430502 320 true"],
    ["cannot be reached",                     "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "left 2021-11-20 失联", ""],
    ["studies abroad",                        "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "left 2021-11-20 出国留学", ""],
    ["moved and pays where they live now",    "双清区", "双清区 390 2021-10-01; 长沙市 390 2021-11-25", "双清区 2021-10-01 320 A; 长沙市 2021-11-25 320 B", "left 2021-11-20 户口迁出",
          "R06 4301 only-registration 430502 320 true"],
    ["moved, pays there twice",               "",       "长沙市 390 2021-11-25", "长沙市 2021-11-25 320 A; 长沙市 2021-12-25 320 B", "left 2021-11-20 户口迁出",
          "R01 4301 only-registration 4301 320 true"],
    ["left and came back late",               "双清区", "双清区 390 2022-03-10", "双清区 2022-03-10 320 A 复转军人（2022年）", "left 2021-11-20 参军", ""],
    ["the other relation stopped in December", "双清区", "双清区 390 2021-10-01; 邵东市 390 2020-01-01 2021-12-31", "双清区 2021-10-01 320 A", "", ""],
    ["was an employee until November",        "双清区", "双清区 390 2021-12-01; 邵东市 310 2020-01-01 2021-11-30", "双清区 2021-12-01 320 A", "", ""],
    ["the other relation goes on until June", "双清区", "双清区 390 2021-10-01; 邵东市 310 2020-01-01 2022-06-30", "双清区 2021-10-01 320 A", "", "R03 430582 employee 430502 320 true"],
    // 01-01 is the first day of everybody's cover, and says nothing of when a registration was made.
    ["both paid, the kept one says January",  "双清区", "双清区 390 2022-01-01; 邵东市 390 2022-01-01", "双清区 2021-10-01 320 A; 邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 true"],
    ["the later payment came in January",     "双清区", "双清区 390 2021-10-01; 邵东市 390 2021-10-01", "双清区 2021-10-01 320 A; 邵东市 2022-01-05 320 B", "",
          "R02 430502 residence 430582 320 false"],
    ["the kept payment came in January",      "双清区", "双清区 390 2021-10-01; 邵东市 390 2021-10-01", "双清区 2022-01-05 320 A; 邵东市 2021-10-01 320 B", "",
          "R02 430502 residence 430582 320 false"],
    ["one payment, the kept one says January", "双清区", "双清区 390 2022-01-01; 邵东市 390 2022-01-01", "邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 false"],
    ["one payment, the kept one was made in December", "双清区", "双清区 390 2022-01-01 made=2021-12-31; 邵东市 390 2022-01-01", "邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 true"],
    ["one payment, the kept one was made in January", "双清区", "双清区 390 2021-10-01 made=2022-01-01; 邵东市 390 2022-01-01", "邵东市 2021-11-01 320 B", "",
          "R02 430502 residence 430582 320 false"],
    ["granted in full beside own money",      "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A; 双清区 2021-12-01 0+320 B", "whole-roster",
          "R07 430502 only-registration 430502 320 true"],
    ["granted first, then own money in full", "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 160+160 A; 双清区 2021-12-01 320 B", "roster",
          "R07 430502 only-registration 430502 320 true"],
    ["the granted one comes last",            "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A; 双清区 2021-12-01 160+160 B", "roster",
          "R07 430502 only-registration 430502 320 true"],
    ["own part twice is paid twice",          "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 160 A; 双清区 2021-12-01 160+160 B", "roster",
          "R01 430502 only-registration 430502 160 true"],
    ["our roster lowers nothing elsewhere",   "双清区", "长沙市 390 2021-10-01", "长沙市 2021-10-01 320 A", "roster", ""],
    ["another pool asks for more",            "双清区", "长沙市 390 2021-10-01", "长沙市 2021-10-01 380 A", "", ""],
    ["another pool was paid twice",           "双清区", "长沙市 390 2021-10-01", "长沙市 2021-10-01 320 A; 长沙市 2021-11-01 320 B", "roster",
          "R01 4301 only-registration 4301 320 true"],
    ["twice the highest price at once",       "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A; 双清区 2021-11-01 640 B", "",
          "R01 430502 only-registration 430502 640 false"],
    ["died in January",                       "双清区", "双清区 390 2021-10-01", "双清区 2021-10-01 320 A", "dead 2022-01-02", ""],
];

/// A valid number for a person's position.
fn number(at: usize) -> String {
    let digits = format!("43050219800101{:03}", 11 + at);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits
        .chars()
        .zip(weights)
        .map(|(digit, weight)| digit.to_digit(10).unwrap() * weight)
        .sum();
    format!("{digits}{}", &"10X98765432"[(sum % 11) as usize..][..1])
}

fn parts(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.split(';')
        .map(|part| part.split_whitespace().collect::<Vec<_>>())
        .filter(|part| !part.is_empty())
}

/// Books as they grow, by name: their header, then rows.
struct Books(Vec<(&'static str, String)>);

impl Books {
    fn new() -> Books {
        let registrations = "参保地,险种,参保状态,参保日期,停保时间,经办日期";
        let payments = "缴费地,个人缴费金额,资助金额,缴费日期,凭证号,中途参保情形";
        let books = [
            ("常住人口", "县市区,乡镇"),
            ("参保登记", registrations),
            ("缴费明细", payments),
            ("资助名册", "对象类别,认定日期"),
            ("死亡", "死亡日期"),
            ("迁出", "迁出日期,去向"),
            ("在校", "参保地"),
            ("异地参保", registrations),
            ("异地缴费", payments),
        ];
        Books(
            books
                .map(|(name, head)| (name, format!("身份证号,姓名,{head}\n")))
                .into(),
        )
    }

    /// One more row about the person of a story.
    fn row(&mut self, book: &str, at: usize, cells: &str) {
        let known = self.0.iter_mut().find(|(name, _)| *name == book);
        let (_, text) = known.unwrap_or_else(|| panic!("no book {book}"));
        writeln!(text, "{},王小明,{cells}", number(at)).unwrap();
    }

    fn story(&mut self, at: usize, story: &Story) {
        match story.lives {
            "" => {}
            "双清区" => self.row("常住人口", at, "双清区,兴隆街道"),
            county => self.row("常住人口", at, &format!("{county},城关镇")),
        }
        let book = |county, here, away| if county == "长沙市" { away } else { here };
        for part in parts(story.registered) {
            let further = |at: usize| part.get(at).copied().unwrap_or_default();
            let made = further(3).strip_prefix("made=");
            let (county, ended) = (part[0], if made.is_some() { "" } else { further(3) });
            let status = if ended.is_empty() { "1" } else { "" };
            let days = format!("{},{ended},{}", part[2], made.unwrap_or_default());
            let cells = format!("{county},{},{status},{days}", part[1]);
            self.row(book(county, "参保登记", "异地参保"), at, &cells);
        }
        for part in parts(story.paid) {
            let (county, case) = (part[0], part.get(4).unwrap_or(&""));
            let voucher = format!("{}{at}", part[3]);
            let (own, granted) = part[2].split_once('+').unwrap_or((part[2], "0"));
            let cells = format!("{county},{own},{granted},{},{voucher},{case}", part[1]);
            self.row(book(county, "缴费明细", "异地缴费"), at, &cells);
        }
        for part in parts(story.besides) {
            let reason = part.get(2).unwrap_or(&"");
            match part[0] {
                "roster" => self.row("资助名册", at, "低保对象,2021-01-01"),
                "whole-roster" => self.row("资助名册", at, "特困人员,2021-01-01"),
                "dead" => self.row("死亡", at, part[1]),
                "left" => self.row("迁出", at, &format!("{},{reason}", part[1])),
                "student" => self.row("在校", at, part[1]),
                other => panic!("{other}"),
            }
        }
    }

    fn write(self, folder: &Path) {
        for (book, text) in self.0 {
            fs::write(folder.join(format!("{book}.csv")), text).unwrap();
        }
    }
}

/// A folder with the city's pipeline and an empty folder for its books.
fn city() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["in", "regions"] {
        fs::create_dir(folder.path().join(part)).unwrap();
    }
    fs::write(folder.path().join("city.toml"), PIPELINE).unwrap();
    fs::write(folder.path().join("regions/city.csv"), REGIONS).unwrap();
    folder
}

/// What is told of the person of a story.
fn of(at: usize, found: &[(String, String)]) -> Vec<&str> {
    let id = number(at);
    let own = found.iter().filter(|(person, _)| *person == id);
    own.map(|(_, told)| told.as_str()).collect()
}

/// (person, `reason kept-pool ground refund-pool yuan eligible`) of every case of a run.
fn cases(folder: &Path) -> Vec<(String, String)> {
    let file = fs::File::open(folder.join("data/cases.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let cell = |name: &str, at: usize| {
        frame
            .column(name)
            .unwrap()
            .get(at)
            .unwrap()
            .str_value()
            .into_owned()
    };
    let case = |at: usize| {
        let yuan = cell("refund_fen", at).parse::<i64>().unwrap() / 100;
        let [reason, kept, ground, from] =
            ["reason", "keep_pool", "kept_why", "refund_pool"].map(|name| cell(name, at));
        (
            cell("id", at),
            format!(
                "{reason} {kept} {ground} {from} {yuan} {}",
                cell("eligible", at)
            ),
        )
    };
    (0..frame.height()).map(case).collect()
}

fn order(folder: &Path) -> Order {
    Order {
        pipeline: folder.join("city.toml"),
        as_of: chrono::NaiveDate::from_ymd_opt(2022, 3, 31).unwrap(),
        out: folder.join("out"),
        only: Some(Only::Data),
        ..Default::default()
    }
}

#[test]
fn every_story_gives_back_what_a_clerk_would_give_back() {
    let folder = city();
    let mut books = Books::new();
    let stories: Vec<Story> = STORIES.iter().copied().map(Story::of).collect();
    for (at, story) in stories.iter().enumerate() {
        books.story(at, story);
    }
    books.write(&folder.path().join("in"));
    let found = cases(&reconcile(&order(folder.path())).unwrap().folder);
    let mut wrong = Vec::new();
    for (at, story) in stories.iter().enumerate() {
        let mut mine = of(at, &found);
        mine.sort_unstable();
        let expected: Vec<String> = parts(story.expected).map(|part| part.join(" ")).collect();
        if mine != expected {
            wrong.push(format!("{}: {mine:?} instead of {expected:?}", story.told));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What an entitled person paid and was subsidised, and what is told of it.
struct Payment {
    told: &'static str,
    /// Categories of the person's rosters.
    on: &'static [&'static str],
    /// `personal+subsidised` in yuan, separated by blanks.
    paid: &'static str,
    /// `expected found` in yuan of every wrong amount, separated by `;`.
    wrong: &'static str,
}

const fn payment(
    told: &'static str,
    on: &'static [&'static str],
    paid: &'static str,
    wrong: &'static str,
) -> Payment {
    Payment {
        told,
        on,
        paid,
        wrong,
    }
}

#[rustfmt::skip]
const PAYMENTS: &[Payment] = &[
    payment("both parts right",                 &["低保对象"], "160+160", ""),
    payment("no subsidy recorded",              &["低保对象"], "160+0", ""),
    payment("too little of the subsidy",        &["低保对象"], "160+100", "160 100"),
    payment("too much of the subsidy",          &["低保对象"], "160+320", "160 320"),
    payment("too little of a whole subsidy",    &["特困人员"], "0+100", "320 100"),
    payment("a whole subsidy twice in one row", &["特困人员"], "0+640", "320 640"),
    payment("both parts in instalments",        &["低保对象"], "100+60 60+100", ""),
    payment("a subsidy that does not add up",   &["低保对象"], "100+60 60+60", "160 60; 160 60"),
    payment("the personal part is wrong",       &["低保对象"], "100+160", "160 100"),
    payment("two payers for one person",        &["低保对象", "脱贫人口"], "160+320", ""),
    payment("charged in full, which is another finding", &["低保对象"], "320+0", ""),
];

/// (person, `expected found`) of every amount-wrong of a run.
fn wrong_amounts(folder: &Path) -> Vec<(String, String)> {
    let file = fs::File::open(folder.join("data/findings.parquet")).unwrap();
    let frame = ParquetReader::new(file).finish().unwrap();
    let cell = |name: &str, at: usize| {
        frame
            .column(name)
            .unwrap()
            .get(at)
            .unwrap()
            .str_value()
            .into_owned()
    };
    let yuan = |name: &str, at: usize| cell(name, at).parse::<i64>().unwrap() / 100;
    let of_amounts = (0..frame.height()).filter(|at| cell("code", *at) == "amount-wrong");
    of_amounts
        .map(|at| {
            (
                cell("id", at),
                format!("{} {}", yuan("expected", at), yuan("found", at)),
            )
        })
        .collect()
}

#[test]
fn a_right_personal_part_hides_no_wrong_subsidy() {
    let folder = city();
    let mut rosters = "身份证号,姓名,对象类别,认定日期\n".to_owned();
    let mut payments = "身份证号,姓名,缴费地,个人缴费金额,资助金额,缴费日期,凭证号\n".to_owned();
    for (at, row) in PAYMENTS.iter().enumerate() {
        let who = format!("{},王小明", number(at));
        for category in row.on {
            writeln!(rosters, "{who},{category},2021-01-01").unwrap();
        }
        for (nth, part) in row.paid.split(' ').enumerate() {
            let money = part.replace('+', ",");
            writeln!(payments, "{who},双清区,{money},2021-10-01,A{at}B{nth}").unwrap();
        }
    }
    fs::write(folder.path().join("in/资助名册.csv"), rosters).unwrap();
    fs::write(folder.path().join("in/缴费明细.csv"), payments).unwrap();
    let found = wrong_amounts(&reconcile(&order(folder.path())).unwrap().folder);
    for (at, row) in PAYMENTS.iter().enumerate() {
        assert_eq!(of(at, &found).join("; "), row.wrong, "{}", row.told);
    }
}
