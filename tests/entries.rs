//! Late entries as the notices have them: case, price and first day of cover, by the pipelines' own rules; and the same
//! from files to entries.parquet, findings, refunds and the audit figure.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use canbao::domain::region::region_word;
use canbao::people::entry::{
    Account, AtSchool, Declared, Dossier, Listed, Priced, Stopped, covered_at_school, entry, price,
};
use canbao::run::{Only, Order, reconcile};
use canbao::scheme::{self, Late, Scheme};
use chrono::NaiveDate;
use polars::prelude::{AnyValue, DataFrame};
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text} is no day"))
}

fn loaded(slug: &str) -> Scheme {
    scheme::load(&PathBuf::from(format!(
        "{}/pipelines/{slug}.toml",
        env!("CARGO_MANIFEST_DIR")
    )))
    .expect("a pipeline")
}

/// `born 2022-01-01; stop 2019-05-01 2022-03-01; case 复转军人 2022-02-02; on 监测人口 2023-03-01`: what the books say.
fn dossier(text: &str, scheme: &Scheme) -> Dossier {
    let mut dossier = Dossier::default();
    let parts = text.split(';').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let words: Vec<&str> = part.split(' ').collect();
        let date = |at: usize| {
            let stated = words.get(at).filter(|word| **word != "?");
            stated.map(|word| day(word))
        };
        match words[0] {
            "born" => dossier.birth = date(1),
            "employed" => dossier.employed.push(date(1)),
            "stop" => dossier.stopped.push(Stopped {
                begun: date(1),
                on: date(2).expect("a stop has a day"),
            }),
            "case" => dossier.declared.push(Declared {
                case: Some(region_word(words[1])),
                on: date(2),
            }),
            "event" => dossier.declared.push(Declared {
                case: None,
                on: date(1),
            }),
            "on" => dossier.rosters.push(Listed {
                category: category_of(scheme, words[1]),
                identified: date(2),
                ended: date(3),
            }),
            other => panic!("{other}"),
        }
    }
    dossier
}

fn category_of(scheme: &Scheme, name: &str) -> u16 {
    let mut categories = (0u16..).zip(&scheme.categories);
    let category = categories.find(|(_, category)| category.name == name);
    category.expect("a category of the scheme").0
}

/// Case, price, yuan, counted from, waits until, covered from: `-` where there is none.
fn said(scheme: &Scheme, who: &str, paid: &str, grant: i64) -> String {
    let (dossier, paid) = (dossier(who, scheme), day(paid));
    let Some(at) = entry(&dossier, paid, scheme) else {
        return "-".to_owned();
    };
    let rule = &scheme.late[at];
    let account = Account {
        grant: grant * 100,
        largest: 90_000,
        paid_last_year: 0,
        enrolled_last_year: false,
    };
    let Priced { price, payable, .. } = price(rule, &dossier, account, scheme);
    let cover = dossier.covered(rule, paid, 0, scheme);
    let date = |day: Option<NaiveDate>| day.map_or("-".to_owned(), |day| day.to_string());
    let days = [cover.starts_on, cover.waits_until, cover.from]
        .map(date)
        .join(" ");
    format!("{} {price} {} {days}", rule.name, payable / 100)
}

#[test]
fn every_case_of_the_notices_has_its_condition_price_and_first_day() {
    #[rustfmt::skip]
    let table = [
        // scheme          who                                              paid on       grant  case, price, yuan, counted from, waits until, covered from
        // A1: the day of birth is day 0
        ("xiangtan-2022", "born 2022-01-01",                               "2022-04-01", 0, "新生儿出生90天内 personal 320 2022-01-01 - 2022-01-01"),
        ("xiangtan-2022", "born 2022-01-01",                               "2022-04-02", 0, "新生儿未在90天内参保缴费 unpriced 900 2022-05-01 - 2022-05-01"),
        ("xiangtan-2022", "born 2021-12-20",                               "2022-01-05", 0, "新生儿出生90天内 personal 320 2021-12-20 - 2021-12-20"),
        ("xiangtan-2022", "born 2021-08-31",                               "2022-03-01", 0, "-"),
        ("xiangtan-2022", "born 2022-04-02",                               "2022-04-01", 0, "-"),
        // A2 to A4
        ("xiangtan-2022", "case 儿童福利机构接收 2022-03-10",              "2022-06-01", 0, "儿童福利机构接收的儿童 personal 320 2022-03-10 - 2022-03-10"),
        ("xiangtan-2022", "case 儿童福利机构接收",                         "2022-06-01", 0, "儿童福利机构接收的儿童 personal 320 - - -"),
        ("xiangtan-2022", "case 儿童福利机构接收; event 2022-03-09",       "2022-06-01", 0, "儿童福利机构接收的儿童 personal 320 2022-03-09 - 2022-03-09"),
        ("xiangtan-2022", "case 儿童福利机构接收 2022-03-10",              "2022-02-28", 0, "-"),
        ("xiangtan-2022", "stop 2015-01-01 2022-01-10",                    "2022-02-15", 0, "职工医保断保90天内 personal 320 2022-01-10 - 2022-01-10"),
        ("xiangtan-2022", "stop 2015-01-01 2021-12-31",                    "2022-02-15", 0, "-"),
        ("xiangtan-2022", "stop 2015-01-01 2022-03-10",                    "2022-06-08", 0, "职工医保断保90天内 personal 320 2022-03-10 - 2022-03-10"),
        ("xiangtan-2022", "stop 2015-01-01 2022-03-10",                    "2022-06-09", 0, "职工医保断保未在90天内参保缴费 unpriced 900 2022-07-01 - 2022-07-01"),
        ("xiangtan-2022", "stop ? 2020-01-01; stop ? 2022-03-10",          "2022-06-08", 0, "职工医保断保90天内 personal 320 2022-03-10 - 2022-03-10"),
        ("xiangtan-2022", "stop ? 2022-03-10; employed",                   "2022-06-08", 0, "-"),
        ("xiangtan-2022", "stop ? 2022-03-10; employed 2022-06-08",        "2022-06-08", 0, "-"),
        ("xiangtan-2022", "stop ? 2022-03-10; employed 2022-06-09",        "2022-06-08", 0, "职工医保断保90天内 personal 320 2022-03-10 - 2022-03-10"),
        ("xiangtan-2022", "stop ? 2022-06-30",                             "2022-06-08", 0, "-"),
        ("xiangtan-2022", "stop ? 2021-08-31",                             "2022-06-08", 0, "-"),
        ("xiangtan-2022", "on 风险监测对象 2022-03-05",                    "2022-03-05", 0, "脱贫不稳定户、边缘易致贫户、突发严重困难户 personal 320 2022-03-05 - 2022-03-05"),
        // 未参保的, not 新增: whenever certified, also on no stated day
        ("xiangtan-2022", "on 风险监测对象 2021-08-31",                    "2022-03-05", 0, "脱贫不稳定户、边缘易致贫户、突发严重困难户 personal 320 2022-03-05 - 2022-03-05"),
        ("xiangtan-2022", "on 风险监测对象",                               "2022-03-05", 0, "脱贫不稳定户、边缘易致贫户、突发严重困难户 personal 320 2022-03-05 - 2022-03-05"),
        ("xiangtan-2022", "on 风险监测对象 2022-03-06",                    "2022-03-05", 0, "-"),
        ("xiangtan-2022", "on 风险监测对象 2021-08-31",                    "2022-02-28", 0, "-"),
        ("xiangtan-2022", "on 风险监测对象 2022-03-01 2022-03-05",         "2022-03-05", 0, "-"),
        ("xiangtan-2022", "on 低保对象 2022-03-05",                        "2022-03-05", 0, "-"),
        // B1 to B7
        ("xiangtan-2022", "case 新迁入户口 2022-03-05",                    "2022-12-31", 0, "当年新迁入户口 unpriced 900 2023-01-01 - -"),
        // 当年: a stated day lies in the season or later, and never after the payment
        ("xiangtan-2022", "case 新迁入户口 2021-08-31",                    "2022-03-05", 0, "-"),
        ("xiangtan-2022", "case 新迁入户口; event 2021-08-31",             "2022-03-05", 0, "-"),
        ("xiangtan-2022", "case 新迁入户口 2021-09-01",                    "2022-03-05", 0, "当年新迁入户口 unpriced 900 2022-04-01 - 2022-04-01"),
        ("xiangtan-2022", "case 新迁入户口",                               "2022-03-05", 0, "当年新迁入户口 unpriced 900 2022-04-01 - 2022-04-01"),
        ("xiangtan-2022", "case 复转军人 2022-04-01",                      "2022-03-31", 0, "-"),
        ("xiangtan-2022", "case 复转军人 2015-04-01",                      "2022-03-31", 0, "复转军人 unpriced 900 2022-04-01 - 2022-04-01"),
        ("xiangtan-2022", "case 复转军人",                                 "2022-03-31", 0, "复转军人 unpriced 900 2022-04-01 - 2022-04-01"),
        ("xiangtan-2022", "case 刑满释放",                                 "2022-03-01", 0, "刑满释放人员 unpriced 900 2022-04-01 - 2022-04-01"),
        ("xiangtan-2022", "case 大中专毕业生",                             "2022-07-01", 0, "未及时就业的大中专毕业生 unpriced 900 2022-08-01 - 2022-08-01"),
        ("xiangtan-2022", "case 新就业形态从业人员",                       "2022-07-01", 0, "新就业形态从业人员凭居住证初次参保 unpriced 900 2022-08-01 - 2022-08-01"),
        ("xiangtan-2022", "case 复转军人",                                 "2022-02-28", 0, "-"),
        // zhuji: a gap of exactly three months, and one day more
        ("zhuji-2023",    "born 2023-01-01",                               "2023-04-01", 0, "新生儿出生90日内 personal 350 2023-01-01 - 2023-01-01"),
        ("zhuji-2023",    "stop 2021-04-01 2023-03-31",                    "2023-06-30", 0, "职工医保满2年、中断不超过3个月 personal 350 2023-07-01 - 2023-07-01"),
        ("zhuji-2023",    "stop 2021-04-01 2023-03-31",                    "2023-07-01", 0, "职工医保满2年、中断超过3个月 personal 350 2023-07-02 2024-01-01 -"),
        ("zhuji-2023",    "stop 2021-03-15 2023-03-15",                    "2023-06-15", 0, "职工医保满2年、中断不超过3个月 personal 350 2023-06-16 - 2023-06-16"),
        ("zhuji-2023",    "stop 2021-03-15 2023-03-15",                    "2023-06-16", 0, "职工医保满2年、中断超过3个月 personal 350 2023-06-17 2023-12-16 2023-12-17"),
        ("zhuji-2023",    "stop 2021-04-02 2023-03-31",                    "2023-06-30", 0, "-"),
        ("zhuji-2023",    "stop ? 2023-03-31",                             "2023-06-30", 0, "-"),
        // two years in two adjoining relations, and with one day between
        ("zhuji-2023",    "stop 2021-04-01 2022-06-30; stop 2022-07-01 2023-03-31", "2023-06-30", 0, "职工医保满2年、中断不超过3个月 personal 350 2023-07-01 - 2023-07-01"),
        ("zhuji-2023",    "stop 2021-04-01 2022-06-29; stop 2022-07-01 2023-03-31", "2023-06-30", 0, "-"),
        ("zhuji-2023",    "on 监测人口 2022-09-30",                        "2023-03-08", 175, "-"),
        ("zhuji-2023",    "case 退役军人 2022-09-30",                      "2023-05-31", 0, "-"),
        ("zhuji-2023",    "case 退役军人 2022-10-01",                      "2023-05-31", 0, "当年退出现役的军人及随军未就业配偶 personal 350 2023-06-01 - 2023-06-01"),
        ("zhuji-2023",    "case 退役军人",                                 "2023-05-31", 0, "当年退出现役的军人及随军未就业配偶 personal 350 2023-06-01 - 2023-06-01"),
        ("zhuji-2023",    "case 随军未就业配偶",                           "2023-05-31", 0, "当年退出现役的军人及随军未就业配偶 personal 350 2023-06-01 - 2023-06-01"),
        ("zhuji-2023",    "on 监测人口 2023-03-01",                        "2023-03-08", 175, "动态新增救助对象 personal 175 2023-03-09 - 2023-03-09"),
        ("zhuji-2023",    "case 刑满释放",                                 "2023-05-31", 0, "刑满释放等退出其他制度保障的人员 personal 350 2023-06-01 - 2023-06-01"),
        // kaiping: six months from the first of the month after birth; two years where cover begins last year
        ("kaiping-2022",  "born 2021-10-15",                               "2022-04-30", 0, "新生儿出生次月起六个月内 two-years 752 2021-10-15 - 2021-10-15"),
        ("kaiping-2022",  "born 2021-10-15",                               "2022-05-03", 0, "新生儿六个月后 personal 376 2022-06-01 - 2022-06-01"),
        ("kaiping-2022",  "born 2021-10-15",                               "2021-11-20", 0, "新生儿出生次月起六个月内 two-years 752 2021-10-15 - 2021-10-15"),
        ("kaiping-2022",  "born 2021-10-15",                               "2022-04-30", 376, "新生儿出生次月起六个月内 two-years 0 2021-10-15 - 2021-10-15"),
        ("kaiping-2022",  "born 2021-12-31",                               "2022-06-30", 0, "新生儿出生次月起六个月内 two-years 752 2021-12-31 - 2021-12-31"),
        ("kaiping-2022",  "born 2022-01-01",                               "2022-07-31", 0, "新生儿出生次月起六个月内 personal 376 2022-01-01 - 2022-01-01"),
        ("kaiping-2022",  "born 2022-01-01",                               "2022-08-01", 0, "新生儿六个月后 personal 376 2022-09-01 - 2022-09-01"),
        ("kaiping-2022",  "on 困境儿童 2022-02-01",                        "2022-02-02", 0, "未参保的困难居民 personal 376 2022-03-01 - 2022-03-01"),
        ("kaiping-2022",  "on 困境儿童 2019-02-01",                        "2022-02-02", 376, "未参保的困难居民 personal 0 2022-03-01 - 2022-03-01"),
        ("kaiping-2022",  "case 职工退休 2021-09-30",                      "2022-01-30", 0, "-"),
        ("kaiping-2022",  "case 刑释人员 2021-09-30",                      "2022-01-30", 0, "刑释人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "stop ? 2022-01-01",                             "2022-09-30", 0, "当年就业转失业人员（按停保日期） personal 376 2022-10-01 - 2022-10-01"),
        ("kaiping-2022",  "stop ? 2021-12-31",                             "2022-01-30", 0, "-"),
        ("kaiping-2022",  "stop ? 2021-11-30; case 领取完失业保险金",      "2022-01-30", 0, "跨年按规定领取完失业保险金人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 就业转失业 2021-12-01",                    "2022-01-20", 0, "-"),
        ("kaiping-2022",  "case 就业转失业 2022-01-01",                    "2022-01-20", 0, "当年就业转失业人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 领取完失业保险金 2021-12-01",              "2022-01-20", 0, "跨年按规定领取完失业保险金人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 职工退休",                                 "2022-01-30", 0, "当年职工退休未达最低缴费年限人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 退伍军人",                                 "2021-12-26", 0, "当年退伍军人 personal 376 2022-01-01 - 2022-01-01"),
        ("kaiping-2022",  "case 刑释人员",                                 "2022-01-30", 0, "刑释人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 户籍新迁入",                               "2022-01-30", 0, "市外户籍新迁入人员 personal 376 2022-02-01 - 2022-02-01"),
        ("kaiping-2022",  "case 转学",                                     "2022-09-10", 0, "当年新入学或转学的非本市户籍在校生 personal 376 2022-10-01 - 2022-10-01"),
        ("kaiping-2022",  "case 申领居住证",                               "2022-01-30", 0, "当年申领居住证人员 personal 376 2022-02-01 - 2022-02-01"),
        ("qingtangpu-2022", "born 2022-01-10",                             "2022-04-10", 0, "新生儿出生90天内 personal 320 2022-01-10 - 2022-01-10"),
        ("qingtangpu-2022", "born 2022-01-10",                             "2022-04-11", 0, "-"),
        ("shaoyang-2022", "born 2022-01-01",                               "2022-04-01", 160, "新生儿出生90天内 personal 160 2022-01-01 - 2022-01-01"),
    ];
    let schemes: BTreeMap<&str, Scheme> = table.iter().map(|row| (row.0, loaded(row.0))).collect();
    let wrong: Vec<String> = table
        .iter()
        .map(|(slug, who, paid, grant, expected)| {
            (
                said(&schemes[slug], who, paid, *grant),
                slug,
                who,
                paid,
                expected,
            )
        })
        .filter(|(found, .., expected)| found != *expected)
        .map(|(found, slug, who, paid, expected)| {
            format!("{slug} {who}, paid {paid}:\n  {found}\n  instead of {expected}")
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_full_price_is_the_whole_standard_where_the_fiscal_part_is_known() {
    let xiangtan = loaded("xiangtan-2022");
    let known = Scheme {
        fiscal: Some(58_000),
        ..xiangtan.clone()
    };
    let rule = xiangtan
        .late
        .iter()
        .find(|rule| rule.name == "复转军人")
        .expect("it is there");
    #[rustfmt::skip]
    let table = [
        // fiscal     grant   largest  price       payable
        (&known,      0,      32_000,  "full",     90_000),
        (&known,      16_000, 0,       "full",     74_000),
        (&xiangtan,   0,      32_000,  "unpriced", 32_000),
        (&xiangtan,   0,      90_000,  "unpriced", 90_000),
        (&xiangtan,   0,      10_000,  "unpriced", 32_000),
    ];
    for (scheme, grant, largest, expected, payable) in table {
        let account = Account {
            grant,
            largest,
            paid_last_year: 0,
            enrolled_last_year: false,
        };
        let found = price(rule, &Dossier::default(), account, scheme);
        assert_eq!(
            (found.price.code(), found.payable),
            (expected, payable),
            "grant {grant}, paid {largest}"
        );
    }
}

#[test]
fn a_rule_that_states_its_wait_sets_the_wait_of_the_coverage_year_aside() {
    let zhuji = loaded("zhuji-2023");
    let rule = |wait_months| Late {
        wait_months,
        ..Late::plain("任一", "条款", Vec::new())
    };
    for (stated, by_year, until) in [
        (None, 3, Some("2023-06-30")),
        (Some(0), 3, None),
        (Some(6), 3, Some("2023-09-30")),
    ] {
        let nobody = Dossier::default();
        let cover = nobody.covered(&rule(stated), day("2023-04-01"), by_year, &zhuji);
        assert_eq!(cover.waits_until, until.map(day), "{stated:?}");
    }
}

#[rustfmt::skip]
const OWED_OF_TWO_YEARS: [(i64, i64, i64, i64); 10] = [
    // grant   paid for last year   payable  granted for both
    (0,        0,                   75_200,  0),
    (0,        37_600,              37_600,  0),
    (0,        10_000,              65_200,  0),
    (0,        90_000,              37_600,  0),
    (0,        -5_000,              75_200,  0),
    (37_600,   0,                   0,       75_200),
    (37_600,   37_600,              0,       37_600),
    (18_800,   0,                   37_600,  37_600),
    (18_800,   10_000,              27_600,  37_600),
    (18_800,   30_000,              18_800,  26_400),
];

#[test]
fn of_two_years_only_what_is_still_owed_for_the_first_is_due() {
    let kaiping = loaded("kaiping-2022");
    let rule = &kaiping.late[0];
    let newborn = dossier("born 2021-10-15", &kaiping);
    for (grant, paid_last_year, payable, granted) in OWED_OF_TWO_YEARS {
        let priced = |enrolled_last_year| {
            let account = Account {
                grant,
                largest: 0,
                paid_last_year,
                enrolled_last_year,
            };
            let priced = price(rule, &newborn, account, &kaiping);
            (priced.payable, priced.grant)
        };
        let expected = (payable, granted);
        assert_eq!(
            priced(false),
            expected,
            "grant {grant}, paid {paid_last_year}"
        );
        // On last year's list, whoever paid.
        assert_eq!(priced(true), (37_600 - grant, grant), "grant {grant}");
    }
}

#[rustfmt::skip]
const SCHOOL_YEARS: [(&str, &str, &str, bool, &str); 15] = [
    // enrolled     graduates      paid           employed  covered
    ("2021-09-01",  "-",           "2021-10-01",  false,    "2021-09-01 2022-08-31"),
    ("2021-09-01",  "-",           "2021-10-02",  false,    "2022-01-01 2022-12-31"),
    ("-",           "-",           "2021-09-20",  false,    "2021-09-01 2022-08-31"),
    ("2021-09-10",  "-",           "2021-10-10",  false,    "2021-09-10 2022-08-31"),
    ("2019-09-01",  "-",           "2021-09-20",  false,    "2021-09-01 2022-08-31"),
    ("2021-09-01",  "2022-06-30",  "2021-09-20",  false,    "2021-09-01 2022-12-31"),
    ("2021-09-01",  "2022-06-30",  "2021-09-20",  true,     "2021-09-01 2022-08-31"),
    ("2021-09-01",  "2023-06-30",  "2021-09-20",  false,    "2021-09-01 2022-08-31"),
    ("2021-09-01",  "2022-06-30",  "2021-12-20",  false,    "2022-01-01 2022-12-31"),
    ("2021-09-01",  "-",           "-",           false,    "2022-01-01 2022-12-31"),
    // a day outside the school year is not its first day
    ("2022-09-01",  "-",           "2021-09-20",  false,    "2021-09-01 2022-08-31"),
    ("2022-09-01",  "-",           "2022-09-20",  false,    "-"),
    // paid after the window: in time for school, or not at all
    ("2022-03-01",  "-",           "2022-04-01",  false,    "2022-03-01 2022-08-31"),
    ("2022-03-01",  "-",           "2022-04-02",  false,    "-"),
    ("2021-09-01",  "2022-06-30",  "2022-03-01",  false,    "-"),
];

#[test]
fn students_are_covered_by_school_year_when_they_pay_within_a_month_of_enrolment() {
    let shaoyang = loaded("shaoyang-2022");
    let rule = shaoyang
        .entries
        .students
        .as_ref()
        .expect("the notice has one");
    for (enrolled, graduates, paid, employed, expected) in SCHOOL_YEARS {
        let date = |text: &str| (text != "-").then(|| day(text));
        let school = AtSchool {
            enrolled: date(enrolled),
            graduates: date(graduates),
            employed,
        };
        let found = covered_at_school(rule, school, date(paid), &shaoyang);
        assert_eq!(
            found.map_or("-".to_owned(), |(from, to)| format!("{from} {to}")),
            expected,
            "{enrolled} {graduates} {paid} {employed}"
        );
    }
}

// ── from files to reports ──

const TABLE: &str = "code,name,level,parent,alias,unit\n\
                     439921,示例县,county,4399,,\n\
                     439921100,城关镇,township,439921,,\n\
                     439922,邻县,county,4399,,\n";

/// A scheme with every kind of rule; `more` stands at the end.
const PIPELINE: &str = r#"[scheme]
name = "示例"
year = YEAR
region = "439921"
basis = "方案"
inputs = "in"
[premium]
personal = 300
fiscal = 600
previous = 280
[window]
from = LAST-09-01
to = LAST-12-31
[benefit]
from = YEAR-01-01
to = YEAR-12-31
[roster]
decides = ["payment-day"]
until = LAST-12-31
[[subsidy]]
category = "低保对象"
grant = 150
payer = "县医保局"
[[late]]
name = "新生儿"
clause = "一"
born-within-months = 6
price = "two-years"
starts = "birth"
[[late]]
name = "动态新增"
clause = "二"
on-roster = ["低保对象"]
starts = "next-day"
[[late]]
name = "复转军人"
clause = "三"
case = ["复转军人"]
price = "full"
starts = "next-month"
keeps-grant = false
[[late]]
name = "断保"
clause = "四"
employee-gap-days = 90
starts = "cover-stop"
[coverage]
[[coverage.rate]]
name = "完成率"
count = "registered"
schemes = ["resident"]
against = "register"
primary = true
MORE
[sources.register]
files = ["底册*.csv"]
[sources.registrations]
files = ["登记*.csv"]
[sources.payments]
files = ["缴费*.csv"]
[sources.rosters]
files = ["名册*.csv"]
[sources.elsewhere]
files = ["异地*.csv"]
[sources.departures]
files = ["迁出*.csv"]
[sources.students]
files = ["学生*.csv"]
"#;

/// The pipeline of a year with more tables of the notice.
fn pipeline(year: i32, more: &str) -> String {
    let (year, last) = (year.to_string(), (year - 1).to_string());
    let pipeline = PIPELINE.replace("YEAR", &year).replace("LAST", &last);
    pipeline.replace("MORE", more)
}

/// A person born on this day: a whole number with its check digit.
fn number(birth: &str, ordinal: u32) -> String {
    let digits = format!("439921{}{ordinal:03}", birth.replace('-', ""));
    canbao::domain::PersonKey::national(digits.parse().expect("digits"))
        .national_text()
        .expect("a national number")
}

/// A finished run; its folder goes when it goes.
struct Report {
    _folder: tempfile::TempDir,
    data: PathBuf,
}

fn run(pipeline: &str, as_of: &str, files: &[(&str, String)]) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().to_owned();
    fs::create_dir_all(root.join("regions")).expect("writable");
    fs::create_dir_all(root.join("in")).expect("writable");
    fs::write(root.join("p.toml"), pipeline).expect("writable");
    fs::write(root.join("regions/p.csv"), TABLE).expect("writable");
    for (name, text) in files {
        fs::write(root.join("in").join(name), text).expect("writable");
    }
    let order = Order {
        pipeline: root.join("p.toml"),
        as_of: day(as_of),
        out: root.join("out"),
        only: Some(Only::Data),
        ..Order::default()
    };
    let outcome = reconcile(&order).unwrap_or_else(|error| panic!("{error:?}"));
    Report {
        _folder: folder,
        data: outcome.folder.join("data"),
    }
}

impl Report {
    /// Rows in the order of their text; `columns` are words.
    fn lines(&self, file: &str, columns: &str) -> Vec<String> {
        let file = fs::File::open(self.data.join(file)).expect("a data file");
        let frame: DataFrame = ParquetReader::new(file)
            .finish()
            .expect("a whole parquet file");
        let cell = |name: &str, row| {
            let column = frame.column(name).expect("a column");
            match column.get(row).expect("a row") {
                AnyValue::Null => "-".to_owned(),
                value => value.str_value().into_owned(),
            }
        };
        let line = |row| {
            let cells = columns.split(' ').map(|name| cell(name, row));
            cells.collect::<Vec<_>>().join(" ")
        };
        let mut lines: Vec<String> = (0..frame.height()).map(line).collect();
        lines.sort();
        lines
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.data.join(file)).expect("a data file")
    }
}

const REGISTERED: &str =
    "姓名,身份证号,险种,参保状态,参保日期,停保日期,中途参保情形,断缴年数,修复年数";
const PAID: &str = "姓名,身份证号,缴费年度,缴费金额,资助金额,缴费日期,凭证号";

const PAID_IN_PERSON: &str = "姓名,身份证号,缴费年度,个人缴费金额,资助金额,缴费日期,凭证号";
const LISTED: &str = "姓名,身份证号,对象类别,认定日期";

/// Persons by name, each with a number of its own.
struct People(Vec<(&'static str, String)>);

impl People {
    fn born(days: &[(&'static str, &str)]) -> People {
        let numbered = (1..).zip(days);
        People(
            numbered
                .map(|(at, (name, birth))| (*name, number(birth, at)))
                .collect(),
        )
    }

    /// A file: a header, and rows that begin with a name, behind which the person's number is put.
    fn sheet(&self, header: &str, rows: &str) -> String {
        let mut text = format!("{header}\n");
        for row in rows.lines().map(str::trim).filter(|row| !row.is_empty()) {
            let (name, rest) = row.split_once(',').expect("a name and more cells");
            let person = self.0.iter().find(|(known, _)| *known == name);
            let (_, number) = person.expect("a person of the table");
            text += &format!("{name},{number},{rest}\n");
        }
        text
    }
}

#[test]
fn payable_findings_and_entries_follow_from_the_files() {
    let report = run(&pipeline(2022, ""), "2022-06-30", &books_of_seven());
    let columns = "name case price payable_fen paid_fen starts_on waits_until benefit_from clause";
    assert_eq!(
        report.lines("entries.parquet", columns),
        [
            "丁 断保 personal 30000 30000 2022-01-20 - 2022-01-20 四",
            "丙 复转军人 full 90000 30000 2022-03-01 - 2022-03-01 三",
            "乙 新生儿 two-years 58000 30000 2021-11-15 - 2021-11-15 一",
            "戊 动态新增 personal 15000 15000 2022-02-11 - 2022-02-11 二",
            "甲 新生儿 two-years 30000 30000 2021-10-15 - 2021-10-15 一",
        ]
    );
    assert_eq!(
        of_codes(&report, &[MONEY, "category-unknown"].join(" ")),
        [
            "丙 amount-wrong 90000 30000",
            "乙 amount-wrong 58000 30000",
            "己 outside-window 2021-12-31 2022-02-10",
            "己 subsidy-unentitled 0 15000",
            "庚 category-unknown late-case 说不清",
            "庚 outside-window 2021-12-31 2022-02-10",
        ]
    );
    assert_eq!(
        report.lines("cases.parquet", "name reason"),
        [""; 0],
        "what is due in full is no surplus"
    );
}

const SEVEN: [(&str, &str); 7] = [
    ("甲", "2021-10-15"),
    ("乙", "2021-11-15"),
    ("丙", "1990-01-01"),
    ("丁", "1980-01-01"),
    ("戊", "1970-01-01"),
    ("己", "1971-01-01"),
    ("庚", "1972-01-01"),
];

/// A newborn who paid for both years, one who did not, a soldier, one dismissed from work, one newly on a roster, one on
/// it for years, and one who declares what nobody knows.
fn books_of_seven() -> [(&'static str, String); 3] {
    let people = People::born(&SEVEN);
    let registered = "
        甲,390,1,,,,,
        乙,390,1,,,,,
        丙,390,1,,, 复转军人 ,,
        丁,390,1,,,,,
        丁,310,4,2015-01-01,2022-01-20,,,
        戊,390,1,,,,,
        己,390,1,,,,,
        庚,390,1,,,说不清,,";
    let paid = "
        甲,2022,300,0,2022-02-01,A1
        甲,2021,280,0,2022-02-01,A2
        乙,2022,300,0,2022-02-01,B1
        丙,2022,300,0,2022-02-10,C1
        丁,2022,300,0,2022-02-10,D1
        戊,2022,300,150,2022-02-10,E1
        己,2022,300,150,2022-02-10,F1
        庚,2022,300,0,2022-02-10,G1";
    let rosters = "
        戊,低保对象,2022-01-15
        己,低保对象,2020-01-15";
    [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID, paid)),
        ("名册.csv", people.sheet(LISTED, rosters)),
    ]
}

#[test]
fn waiting_by_coverage_year_runs_from_the_entry_and_the_longer_one_counts() {
    let files = books_of_broken_years();
    let columns = "name case starts_on waits_until benefit_from";
    assert_eq!(
        run(&pipeline(2025, ""), "2025-06-30", &files).lines("entries.parquet", columns),
        [
            "丁 late 2025-01-01 2025-06-30 2025-07-01",
            "丙 late 2025-02-10 2025-09-09 2025-09-10",
            "乙 late 2025-01-01 2025-04-30 2025-05-01",
            "戊 复转军人 2025-03-01 2025-07-31 2025-08-01",
            "甲 late 2025-02-10 2025-05-09 2025-05-10",
        ]
    );
    let rule = "[waiting]\nfixed-months = 0\nmonths-a-broken-year = 0\nlong-break-months = 0";
    let without = run(&pipeline(2025, rule), "2025-06-30", &files);
    let without = without.lines("entries.parquet", "name waits_until");
    assert!(
        without.iter().all(|line| line.ends_with(" -")),
        "{without:?}"
    );
}

/// Registrations with years of no cover, and years repaid; half of the people pay in time.
fn books_of_broken_years() -> [(&'static str, String); 2] {
    let people = People::born(&["甲", "乙", "丙", "丁", "戊", "己"].map(|p| (p, "1980-01-01")));
    let registered = "
        甲,390,1,,,,0,
        乙,390,1,,,,1,
        丙,390,1,,,,4,
        丁,390,1,,,,4,4
        戊,390,1,,,复转军人,2,
        己,390,1,,,,0,";
    let paid = "
        甲,2025,300,0,2025-02-10,V0
        乙,2025,300,0,2024-10-01,V1
        丙,2025,300,0,2025-02-10,V2
        丁,2025,300,0,2024-10-01,V3
        戊,2025,900,0,2025-02-10,V4
        己,2025,300,0,2024-10-01,V5";
    [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID, paid)),
    ]
}

#[test]
fn departures_give_money_back_only_where_the_pipeline_says_so() {
    let files = books_of_departures();
    let refund = |reason, before| format!("[[refund]]\nreason = \"{reason}\"\nbefore = {before}\n");
    let new_year = refund("R06", "2022-01-01") + &refund("R10", "2022-01-01");
    let any = refund("R06", "\"any\"");
    #[rustfmt::skip]
    let table = [
        // rules    cases: name, reason, fen, day of the event, refundable
        (&*new_year, vec!["丙 R10 30000 2021-11-11 true", "甲 R06 30000 2021-12-31 true"]),
        ("",         vec![]),
        (&*any,      vec!["乙 R06 30000 2022-01-01 true", "戊 R06 30000 - true", "甲 R06 30000 2021-12-31 true"]),
    ];
    for (rules, expected) in table {
        let report = run(&pipeline(2022, rules), "2022-06-30", &files);
        let columns = "name reason refund_fen event_on eligible";
        assert_eq!(report.lines("cases.parquet", columns), expected, "{rules}");
    }
}

/// Six who paid: two moved away, one of them too late; one joined the army, one has cover for life, one left on no day.
fn books_of_departures() -> [(&'static str, String); 3] {
    let names = ["甲", "乙", "丙", "丁", "戊", "己"];
    let people = People::born(&names.map(|name| (name, "1980-01-01")));
    let registered = names.map(|name| format!("{name},390,1,,,,,")).join("\n");
    let paid = "
        甲,2022,300,0,2021-10-01,V0
        乙,2022,300,0,2021-10-02,V1
        丙,2022,300,0,2021-10-03,V2
        丁,2022,300,0,2021-10-04,V3
        戊,2022,300,0,2021-10-05,V4
        己,2022,300,0,2021-10-06,V5";
    let left = "
        甲,2021-12-31,迁往外省
        乙,2022-01-01,迁往外省
        丙,2021-11-11,参军入伍
        丁,2021-11-11,享受职工退休终身待遇
        戊,,";
    [
        ("登记.csv", people.sheet(REGISTERED, &registered)),
        ("缴费.csv", people.sheet(PAID, paid)),
        (
            "迁出.csv",
            people.sheet("姓名,身份证号,迁出日期,去向", left),
        ),
    ]
}

#[test]
fn a_students_second_voucher_is_a_students_case_and_extra_registrations_are_counted_for_the_auditor()
 {
    let people = People::born(&["甲", "乙", "丙", "丁", "戊"].map(|p| (p, "2002-01-01")));
    let registered = "
        甲,390,1,,,,,
        乙,390,1,,,,,
        丙,390,1,2022-01-01,,,,
        丙,390,1,2022-01-02,,,,
        丁,390,1,,,,,
        丁,310,1,2022-01-02,,,,
        戊,390,1,,,,,";
    let paid = "
        甲,2022,300,0,2021-10-01,A1
        甲,2022,300,0,2021-10-02,A2
        乙,2022,300,0,2021-10-01,B1
        乙,2022,300,0,2021-10-02,B2";
    let (at_school, away) = ("甲,2021-09-05,2024-06-30", "戊,390,1,440101");
    let files = [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID, paid)),
        (
            "学生.csv",
            people.sheet("姓名,身份证号,入学日期,毕业日期", at_school),
        ),
        (
            "异地.csv",
            people.sheet("姓名,身份证号,险种,参保状态,参保地", away),
        ),
    ];
    let report = run(&pipeline(2022, SCHOOL), "2022-06-30", &files);
    let cases = report.lines("cases.parquet", "name reason voucher");
    assert_eq!(cases, ["乙 R01 B2", "甲 R08 A2"]);
    let entries = report.lines(
        "entries.parquet",
        "name case benefit_from benefit_to clause",
    );
    assert_eq!(entries, ["甲 student 2021-09-05 2022-08-31 五"]);
    assert_eq!(
        report.text("audit.csv"),
        "kind,region_code,persons,registrations,fen\n\
         same-pool,,1,1,60000\ncross-region,,1,1,60000\ncross-scheme,,1,1,60000\n"
    );
}

const SCHOOL: &str = "[students]\nfrom = 2021-09-01\nto = 2022-08-31\nclause = \"五\"";

/// Codes that grants and days decide.
const MONEY: &str =
    "amount-wrong outside-window subsidy-unentitled subsidy-missed duplicate-payment";

/// Whose findings these are, of some codes.
fn of_codes(report: &Report, codes: &str) -> Vec<String> {
    let wanted: Vec<&str> = codes.split(' ').collect();
    let findings = report.lines("findings.parquet", "name code expected found");
    let of_these = |line: &String| wanted.iter().any(|code| line.contains(code));
    findings.into_iter().filter(of_these).collect()
}

#[test]
fn after_the_last_day_of_grants_the_rosters_rule_grants_whatever_the_entry() {
    let files = books_of_four_on_rosters();
    let soldiers = "name = \"军人\"\nclause = \"三\"\ncase = [\"军人\"]\nkeeps-grant = false\n";
    let newly = "name = \"动态新增\"\n";
    let pipeline = pipeline(2022, "")
        .replace("price = \"two-years\"\n", "")
        .replace(newly, &format!("{soldiers}[[late]]\n{newly}"));
    let report = run(&pipeline, "2022-06-30", &files);
    let columns = "name category payable_fen grant_fen";
    assert_eq!(
        report.lines("subsidy.parquet", columns),
        [
            "丁 低保对象 30000 0",
            "丙 低保对象 30000 0",
            "乙 低保对象 30000 0",
            "甲 低保对象 15000 15000",
        ]
    );
}

/// A newborn, a soldier, one listed before, one who paid elsewhere first.
fn books_of_four_on_rosters() -> [(&'static str, String); 4] {
    let people = People::born(&[
        ("甲", "2022-01-05"),
        ("乙", "1990-01-01"),
        ("丙", "2022-01-06"),
        ("丁", "1991-01-01"),
    ]);
    let registered = "
        甲,390,1,,,,,
        乙,390,1,,,军人,,
        丙,390,1,,,,,
        丁,390,1,,,,,";
    let paid = "
        甲,2022,150,150,2022-02-10,A1
        乙,2022,900,0,2022-02-10,B1
        丙,2022,300,150,2022-02-10,C1
        丁,2022,150,150,2022-02-10,D1";
    let rosters = "
        甲,低保对象,2022-01-15
        乙,低保对象,2022-01-15
        丙,低保对象,2021-08-31
        丁,低保对象,2020-01-15";
    let elsewhere = "姓名,身份证号,险种,缴费金额,缴费日期,参保地";
    [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID_IN_PERSON, paid)),
        ("名册.csv", people.sheet(LISTED, rosters)),
        (
            "异地.csv",
            people.sheet(elsewhere, "丁,390,300,2021-10-01,440101"),
        ),
    ]
}

#[test]
fn a_listed_grant_is_that_of_the_roster_that_opens_the_door() {
    let kaiping = pipeline(2022, "")
        .replace(
            "on-roster = [\"低保对象\"]",
            "on-roster = [\"低保对象\"]\nnewly = false\nkeeps-grant = \"listed\"",
        )
        .replace(
            "decides = [\"payment-day\"]\nuntil = 2021-12-31",
            "decides = [\"cut-off\"]\ncut-off = 2021-12-31",
        )
        .replace("grant = 150", "grant = 300");
    let people = People::born(&[("丙", "1970-01-01"), ("丁", "1971-01-01")]);
    let registered = "丙,390,1,,,,,\n丁,390,1,,,,,";
    let paid = "丙,2022,0,300,2022-01-10,C1\n丁,2022,300,0,2022-01-10,D1";
    let rosters = "丙,低保对象,2022-01-05,\n丁,低保对象,2020-01-05,2022-01-09";
    let ending = format!("{LISTED},退出日期");
    let files = [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID_IN_PERSON, paid)),
        ("名册.csv", people.sheet(&ending, rosters)),
    ];
    let report = run(&kaiping, "2022-06-30", &files);
    let entries = report.lines("entries.parquet", "name case payable_fen paid_fen");
    assert_eq!(entries, ["丙 动态新增 0 0"]);
    let window = "丁 outside-window 2021-12-31 2022-01-10";
    let found = of_codes(&report, MONEY);
    assert_eq!(found, [window, "丁 subsidy-missed 0 30000"]);
    let granted = report.lines("subsidy.parquet", "name grant_fen verdict");
    assert_eq!(granted[0], "丁 30000 missed");
}

#[test]
fn a_second_voucher_of_an_unpriced_entry_is_one_too_many() {
    let people = People::born(&[("丙", "1990-01-01")]);
    let paid = "丙,2022,900,0,2022-02-10,C1\n丙,2022,300,0,2022-02-11,C2";
    let files = [
        (
            "登记.csv",
            people.sheet(REGISTERED, "丙,390,1,,,复转军人,,"),
        ),
        ("缴费.csv", people.sheet(PAID, paid)),
    ];
    let unpriced = pipeline(2022, "").replace("fiscal = 600\n", "");
    let report = run(&unpriced, "2022-06-30", &files);
    let entries = report.lines("entries.parquet", "price payable_fen paid_fen");
    assert_eq!(entries, ["unpriced 90000 120000"]);
    let cases = report.lines("cases.parquet", "reason voucher refund_fen");
    assert_eq!(cases, ["R01 C2 30000"]);
}

#[test]
fn a_grant_of_two_years_is_funded_for_both() {
    let people = People::born(&[("甲", "2021-10-15")]);
    let files = [
        ("登记.csv", people.sheet(REGISTERED, "甲,390,1,,,,,")),
        (
            "缴费.csv",
            people.sheet(PAID_IN_PERSON, "甲,2022,280,300,2022-02-01,A1"),
        ),
        ("名册.csv", people.sheet(LISTED, "甲,低保对象,2021-11-15")),
    ];
    let always = pipeline(2022, "").replace("until = 2021-12-31\n", "");
    let report = run(&always, "2022-06-30", &files);
    let granted = report.lines("subsidy.parquet", "payable_fen grant_fen paid_fen verdict");
    assert_eq!(granted, ["28000 30000 28000 right"]);
    assert_eq!(of_codes(&report, MONEY), [""; 0]);
    let funding = report.text("funding.csv");
    assert!(funding.contains("30000"), "{funding}");
}

#[test]
fn a_student_in_time_for_school_is_not_late_and_a_late_one_has_no_days() {
    let people = People::born(&[("甲", "2002-01-01"), ("乙", "2002-01-01")]);
    let registered = "甲,390,1,,,,,\n乙,390,1,,,,,";
    let paid = "甲,2022,300,0,2022-03-20,A1\n乙,2022,300,0,2022-03-20,B1";
    let at_school = "甲,2022-03-01\n乙,2021-09-01";
    let files = [
        ("登记.csv", people.sheet(REGISTERED, registered)),
        ("缴费.csv", people.sheet(PAID, paid)),
        (
            "学生.csv",
            people.sheet("姓名,身份证号,入学日期", at_school),
        ),
    ];
    let report = run(&pipeline(2022, SCHOOL), "2022-06-30", &files);
    let found = of_codes(&report, MONEY);
    assert_eq!(found, ["乙 outside-window 2021-12-31 2022-03-20"]);
    let columns = "name case starts_on benefit_from benefit_to";
    let [late, in_time] = [
        "乙 student - - -",
        "甲 student 2022-03-01 2022-03-01 2022-08-31",
    ];
    assert_eq!(report.lines("entries.parquet", columns), [late, in_time]);
}
