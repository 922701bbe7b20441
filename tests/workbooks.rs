//! Workbooks: built from hand-made facts, read back with calamine, compared cell by cell.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use canbao::domain::{
    Code, Cover, Fraction, Ratio, Reason, Region, RegionLevel, RegionTree, SourceKind, Standing,
};
use canbao::intake::Origin;
use canbao::judge::{Change, Extra, Remark, RosterChange};
use canbao::measure::Refunds;
use canbao::measure::assessment::{
    AssessedRegion, Chain, GroupOnDay, LeaderFigures, Previous, TierFigure,
};
use canbao::measure::{
    Assessed, Audit, BridgeLine, CheckRun, Facts, Funding, GroupFigures, Household, Member,
    PersonLists, RateFigure, RegionFigures,
};
use canbao::report::{Contents, workbooks};
use canbao::scheme::assessment::{
    Assessment, Average, FundRule, LagRule, Last, Leader, PersonsAt, ScoreRule, Steps, Tier, Weekly,
};
use canbao::scheme::{
    Against, Category, Footnote, Group, ListsAsked, Rate, RefundRule, RosterRule, Scheme, Under,
};
use canbao::words::Lang;
use chrono::NaiveDate;
use polars::prelude::*;

const BASIS: &str = "湘潭县2022年度城乡居民基本医疗保险参保缴费工作方案";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn region((code, name, level, parent): (&str, &str, RegionLevel, &str)) -> Region {
    Region {
        unit: code.ends_with('A'),
        ..Region::plain(code, name, level, parent)
    }
}

fn tree() -> RegionTree {
    use RegionLevel::{County, Township, Village};
    let rows = [
        ("430321", "湘潭县", County, "4303"),
        ("430321100", "易俗河镇", Township, "430321"),
        ("430321100201", "烟塘村", Village, "430321100"),
        ("430321100202", "石塘村", Village, "430321100"),
        ("430321101", "谭家山镇", Township, "430321"),
        ("430321101201", "石塘村", Village, "430321101"),
        ("430321102", "锦石乡", Township, "430321"),
        ("430321102201", "碧泉村", Village, "430321102"),
        ("430321A", "天易经开区", Township, "430321"),
        ("4303", "湘潭市", RegionLevel::City, "43"),
        ("4301", "长沙市", RegionLevel::City, "43"),
    ];
    RegionTree::new("430321", rows.map(region).to_vec())
}

fn scheme() -> Scheme {
    let note = |under: &Under| Footnote {
        under: vec![*under],
        text: format!("约定-{under}"),
    };
    Scheme {
        slug: "xiangtan-2022".into(),
        digest: "0123456789abcdef0123456789abcdef".into(),
        name: "湘潭县2022年度城乡居民基本医疗保险".into(),
        basis: BASIS.into(),
        roster: RosterRule {
            payment_day: true,
            cut_off_day: true,
            cut_off: Some(day("2022-02-28")),
        },
        categories: vec![
            Category::plain("特困对象（五保、三无）", 32_000, "县医保局"),
            Category::plain("低保对象", 16_000, "县医保局"),
            Category::plain("风险监测对象", 16_000, "县贫困帮扶中心"),
        ],
        refunds: vec![RefundRule {
            reason: Reason::MovedOut,
            before: Some(day("2022-01-01")),
            clause: "方案第三条".into(),
        }],
        rates: rates(),
        clauses: Code::ALL.iter().map(|_| BASIS.to_owned()).collect(),
        notes: Under::ALL.iter().map(note).collect(),
        ..Scheme::plain(tree())
    }
}

/// The rate that ranks, of everyone; the tasks', of residents.
fn rates() -> Vec<Rate> {
    let target = Some(Ratio { count: 95, of: 100 });
    vec![
        Rate {
            covers: vec![Cover::Resident, Cover::Employee],
            target,
            ..Rate::plain("常住人口基本医保参保率", Against::Population)
        },
        Rate {
            covers: vec![Cover::Resident],
            target,
            primary: false,
            ..Rate::plain("居民医保任务完成率", Against::Task)
        },
    ]
}

/// Figures of a row without a rank: level, code and parent; population and task; residents, employees and uninsured.
/// Everyone is on the register, and three who died.
fn figures(
    (level, code, parent): (RegionLevel, &str, &str),
    [population, task]: [Option<u64>; 2],
    [residents, employees, uninsured]: [u64; 3],
) -> RegionFigures {
    let insured = residents + employees;
    let mut standings = [0; Standing::COUNT];
    for (standing, persons) in [
        (Standing::LocalResident, residents),
        (Standing::LocalEmployee, employees),
        (Standing::Uninsured, uninsured),
        (Standing::Deceased, 3),
    ] {
        standings[standing as usize] = persons;
    }
    let mut bridge = [0; BridgeLine::COUNT];
    for (line, persons) in [
        (BridgeLine::Registered, insured),
        (BridgeLine::Local, insured),
        (BridgeLine::DeceasedRegister, 3),
        (BridgeLine::Uninsured, uninsured),
        (BridgeLine::Register, insured + uninsured + 3),
    ] {
        bridge[line as usize] = persons;
    }
    let target = Ratio { count: 95, of: 100 };
    let figure = |count, of: Option<u64>| RateFigure {
        count,
        of,
        need: of.map(|of| target.ceil_of(of)),
    };
    RegionFigures {
        paid_resident: 0,
        paid_employee: 0,
        level,
        code: code.into(),
        parent: parent.into(),
        unit: code.ends_with('A'),
        population,
        task,
        floor: task.map(|task| target.half_up_of(task)),
        last_year: population.map(|persons| persons - 100),
        registered_resident: residents,
        registered_employee: employees,
        standings,
        rates: vec![figure(insured, population), figure(residents, task)],
        rank: None,
        bridge,
    }
}

fn coverage() -> Vec<RegionFigures> {
    use RegionLevel::{County, Township, Village};
    let (some, none) = (Some::<u64>, None);
    #[rustfmt::skip]
    let table = [
        // place                                  population     task           persons                   rank
        ((County,   "430321",       "4303"),      some(160_000), some(150_000), [145_000, 12_000, 3_000], Some(1)),
        // One person short of 95 % of 100,000: 94,999.
        ((Township, "430321100",    "430321"),    some(100_000), some(90_000),  [88_000, 6_999, 2_000],   Some(3)),
        ((Township, "430321101",    "430321"),    some(40_000),  some(38_000),  [37_500, 4_000, 700],     Some(1)),
        ((Township, "430321102",    "430321"),    some(20_000),  some(22_000),  [19_000, 401, 300],       Some(2)),
        ((Township, "430321A",      "430321"),    none,          none,          [0, 600, 0],              None),
        ((Township, "",             "430321"),    none,          none,          [500, 0, 0],              None),
        ((Village,  "430321100201", "430321100"), some(2_000),   none,          [1_900, 60, 10],          Some(1)),
        ((Village,  "430321100202", "430321100"), some(1_000),   none,          [800, 60, 90],            Some(3)),
        ((Village,  "430321101201", "430321101"), some(500),     none,          [400, 60, 40],            Some(2)),
    ];
    let row = |(place, population, task, persons, rank)| RegionFigures {
        rank,
        ..figures(place, [population, task], persons)
    };
    table.map(row).to_vec()
}

fn groups() -> Vec<GroupFigures> {
    let tally = |residents: u64, employees: u64, uninsured: u64| {
        let mut tally = [0; Standing::COUNT];
        tally[Standing::LocalResident as usize] = residents;
        tally[Standing::LocalEmployee as usize] = employees;
        tally[Standing::Military as usize] = 1;
        tally[Standing::Uninsured as usize] = uninsured;
        tally
    };
    let rows = |first: u64| {
        vec![
            ("430321100".to_owned(), tally(first, 10, 5)),
            ("430321101".to_owned(), tally(first * 2, 10, 1)),
            ("430321102".to_owned(), tally(first / 2, 0, 40)),
            (String::new(), tally(2, 0, 3)),
        ]
    };
    vec![
        GroupFigures {
            name: "低保对象".into(),
            must_be_100: true,
            rows: rows(300),
        },
        GroupFigures {
            name: "参军/服刑:对象".into(),
            must_be_100: false,
            rows: rows(90),
        },
    ]
}

/// Rows of findings: code, id, name, region code, expected, found, amount.
type FindingRow = (
    Code,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Option<i64>,
);

fn finding_rows() -> Vec<FindingRow> {
    #[rustfmt::skip]
    let rows = vec![
        (Code::IdTruncated, "430321199001010000", "周一", "430321100201", "18位有效号码", "4.30321E+17", None),
        (Code::NameRareCharacter, "11010519491231002X", "李㛃□", "430321101201", "李㛃𡋾", "李㛃□", None),
        (Code::DuplicatePayment, "440524188001010014", "王小明", "430321100", "32000", "64000", Some(32_000)),
        (Code::PaidNotRegistered, "110101202311012176", "赵六", "430321100202", "", "", Some(32_000)),
        (Code::HardshipUninsured, "440308199901101512", "孙七", "430321100202", "低保对象", "", None),
        (Code::HardshipUninsured, "610104196209276908", "失联人", "430321100202", "特困对象", "", None),
        (Code::Uninsured, "110101202311012176", "赵六", "430321100202", "", "", None),
        (Code::Uninsured, "440308199901101512", "孙七", "430321100202", "", "", None),
        (Code::Uninsured, "810000199408230021", "阿卜杜拉·买买提", "430321101201", "", "", None),
        (Code::NotOnRegister, "830000199201300022", "无名", "", "", "", None),
        (Code::Footing, "", "", "430321", "780873", "780872", None),
        (Code::OffRule, "", "", "430321101", "4562", "4571", None),
    ];
    rows
}

fn findings(rows: &[FindingRow]) -> DataFrame {
    let texts = |of: fn(&FindingRow) -> String| rows.iter().map(of).collect::<Vec<String>>();
    let same = |text: &str| vec![text.to_owned(); rows.len()];
    let numbers: Vec<Option<u32>> = (0..rows.len() as u32).map(|row| Some(row + 5)).collect();
    let other: Vec<Option<u32>> = rows.iter().map(|row| row.6.map(|_| 17)).collect();
    df!(
        "code" => texts(|row| row.0.code().into()),
        "level" => texts(|row| row.0.default_level().code().into()),
        "id" => texts(|row| row.1.into()),
        "name" => texts(|row| row.2.into()),
        "region_code" => texts(|row| row.3.into()),
        "region" => texts(|row| if row.3.is_empty() { String::new() } else { tree().name(row.3).to_owned() }),
        "source" => texts(|row| if row.1.is_empty() { "tasks".into() } else { "registrations".into() }),
        "file" => same("医保参保登记20220331.xlsx"),
        "sheet" => same("居民参保"),
        "row" => numbers,
        "expected" => texts(|row| row.4.into()),
        "found" => texts(|row| row.5.into()),
        "other_source" => texts(|row| if row.6.is_some() { "payments".into() } else { String::new() }),
        "other_file" => texts(|row| if row.6.is_some() { "缴费明细_202112.csv".into() } else { String::new() }),
        "other_sheet" => same(""),
        "other_row" => other,
        "amount_fen" => rows.iter().map(|row| row.6).collect::<Vec<Option<i64>>>(),
        "clause" => same(BASIS),
        "acts" => texts(|row| row.0.acts().code().into()),
    )
    .unwrap()
}

fn cases() -> DataFrame {
    let frame = df!(
        "case" => ["4303-2022-AAAAAAAAAA", "4303-2022-BBBBBBBBBB", "4303-2022-CCCCCCCCCC", "4301-2022-DDDDDDDDDD"],
        "reason" => ["R01", "R07", "R03", "R02"],
        "id" => ["440524188001010014", "11010519491231002X", "440308199901101512", "610104196209276908"],
        "name" => ["王小明", "李㛃□", "孙七", "周八"],
        "scheme" => ["resident"; 4],
        "keep_pool" => ["4303"; 4],
        "kept_why" => ["only-registration", "residence", "employee", "only-registration"],
        "refund_pool" => ["4303", "4303", "4303", "4301"],
        "voucher" => ["043011211200000001", "043011211200000002", "043011211200000003", "043011211200000004"],
        "paid_fen" => [32_000i64, 32_000, 32_000, 32_000],
        "refund_fen" => [32_000i64, 16_050, 32_000, 32_000],
        "eligible" => [true, true, false, true],
        "why_not" => ["", "", "not-before-limit|2022-02-01|2022-01-01", ""],
        "doubts" => [""; 4],
        "clause" => ["暂行规程第十六条"; 4],
        "evidence" => ["voucher", "voucher|roster-page", "voucher|other-relation", "voucher|other-relation"],
        "state" => ["proposed"; 4],
    );
    let days = [
        days("paid_on", "2021-12-01 2021-12-02 2022-01-03 -"),
        days(
            "first_paid_on",
            "2021-10-01 2021-12-02 2022-01-03 2021-09-09",
        ),
        days("event_on", "- - 2022-02-01 2021-11-11"),
    ];
    frame.unwrap().hstack(&days).unwrap()
}

fn entries() -> DataFrame {
    let frame = df!(
        "id" => ["440308199901101512", "11010519491231002X", "830000199201300022", "440524188001010014"],
        "name" => ["孙七", "李㛃□", "无名", "王小明"],
        "region_code" => ["430321100202", "430321101201", "", "430321100202"],
        "case" => ["新生儿出生90天内", "复转军人", "late", "student"],
        "price" => ["personal", "unpriced", "personal", "personal"],
        "payable_fen" => [32_000i64, 90_000, 32_000, 32_000],
        "paid_fen" => [32_000i64, 90_000, 32_000, 32_000],
        "clause" => ["方案二（三）2", "方案二（三）3", "国办发〔2024〕38号", "通知三"],
    );
    let days = [
        days("paid_on", "2022-03-01 2022-03-02 2022-03-03 2021-09-09"),
        days("starts_on", "2022-01-02 - 2022-03-03 2021-09-01"),
        days("waits_until", "- - 2022-06-02 -"),
        days("benefit_from", "2022-01-02 - 2022-06-03 2021-09-01"),
        days("benefit_to", "2022-12-31 2022-12-31 2022-12-31 2022-08-31"),
    ];
    frame.unwrap().hstack(&days).unwrap()
}

fn audit(kind: Extra, region_code: &str, persons: u64, registrations: u64) -> Audit {
    Audit {
        kind,
        region_code: region_code.into(),
        persons,
        registrations,
        fen: Some(58_000 * registrations as i64),
    }
}

fn subsidy() -> DataFrame {
    df!(
        "id" => ["440308199901101512", "11010519491231002X", "830000199201300022"],
        "name" => ["孙七", "李㛃□", "无名"],
        "region_code" => ["430321100202", "430321101201", ""],
        "category" => ["低保对象", "低保对象", "风险监测对象"],
        "payer" => ["县医保局", "县医保局", "县贫困帮扶中心"],
        "premium_fen" => [32_000i64; 3],
        "payable_fen" => [16_000i64; 3],
        "grant_fen" => [16_000i64; 3],
        "paid_fen" => [0i64, 32_000, 16_000],
        "subsidised_fen" => [0i64, 0, 16_000],
        "difference_fen" => [0i64, 16_000, 0],
        "verdict" => ["open", "missed", "right"],
    )
    .unwrap()
}

fn facts() -> Facts {
    let rows = finding_rows();
    let missing = |code| match code {
        Code::StudentDuplicate => vec![SourceKind::Students],
        _ => Vec::new(),
    };
    let check = |code: &Code| CheckRun {
        code: *code,
        missing: missing(*code),
        rows: rows.iter().filter(|row| row.0 == *code).count() as u64,
    };
    Facts {
        as_of: day("2022-03-31"),
        origins: Vec::new(),
        fates: Vec::new(),
        coverage: coverage(),
        groups: groups(),
        funding: funding(),
        granted: None,
        checks: Code::ALL.iter().map(check).collect(),
        findings: findings(&rows).into(),
        cases: cases().into(),
        refunds: Refunds {
            cases: 4,
            eligible: 3,
            refund_fen: 112_050,
            eligible_fen: 80_050,
        },
        subsidy: subsidy().into(),
        entries: entries().into(),
        audit: vec![
            audit(Extra::SamePool, "430321100", 2, 3),
            audit(Extra::CrossScheme, "", 1, 1),
        ],
        standings: standings().into(),
        transit: transit().into(),
        exported: canbao::refine::Exported::default(),
        repairs: DataFrame::empty().into(),
        persons: 160_003,
        accepted: Vec::new(),
        accounts: Vec::new(),
        last: None,
        unclaimed: Vec::new(),
        assessment: None,
        lists: canbao::measure::PersonLists::default(),
    }
}

fn funding() -> Vec<Funding> {
    let row =
        |(payer, category, region_code, persons, fen): (&str, &str, &str, u64, i64)| Funding {
            payer: payer.into(),
            category: category.into(),
            region_code: region_code.into(),
            persons,
            fen,
        };
    [
        ("县医保局", "低保对象", "430321100", 3, 48_000),
        ("县医保局", "低保对象", "", 1, 16_000),
        ("县医保局", "特困对象（五保、三无）", "430321101", 2, 64_000),
        ("县贫困帮扶中心", "风险监测对象", "430321102", 5, 80_050),
    ]
    .map(row)
    .to_vec()
}

fn standings() -> DataFrame {
    df!(
        "id" => ["440308199901101512", "11010519491231002X"],
        "name" => ["孙七", "李㛃□"],
        "region_code" => ["430321100202", "430321101201"],
        "standing" => ["uninsured", "local-resident"],
        "source" => ["register", "register"],
        "file" => ["人口.csv", "人口.csv"],
        "row" => [2u32, 3],
    )
    .unwrap()
}

fn transit() -> DataFrame {
    let frame = df!(
        "what" => ["registration"],
        "id" => ["440308199901101512"],
        "name" => ["孙七"],
        "region_code" => ["430321100202"],
        "fen" => [32_000_i64],
        "source" => ["payments"],
        "file" => ["缴费.csv"],
        "sheet" => [""],
        "row" => [2u32],
    );
    let days = [days("paid_on", "2022-03-28"), days("until", "2022-04-04")];
    frame.unwrap().hstack(&days).unwrap()
}

type Book = BTreeMap<String, Range<Data>>;

fn built(facts: &Facts, lang: Lang) -> BTreeMap<String, Vec<u8>> {
    built_by(&scheme(), facts, lang)
}

fn built_by(scheme: &Scheme, facts: &Facts, lang: Lang) -> BTreeMap<String, Vec<u8>> {
    let run = &canbao::report::RunInfo::default();
    let documents = workbooks(Contents {
        facts,
        scheme,
        lang,
        run,
    });
    let written = documents.unwrap().into_iter();
    written
        .map(|doc| (doc.path.clone(), doc.bytes().unwrap()))
        .collect()
}

fn read(bytes: &[u8]) -> Book {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).unwrap();
    book.worksheets().into_iter().collect()
}

fn word(text: &str) -> Data {
    Data::String(text.to_owned())
}

/// Rows of a sheet as text, numbers as they are stored.
fn texts(range: &Range<Data>) -> Vec<Vec<String>> {
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

/// The row whose cells contain `key`, as heads → cells.
fn row_of(range: &Range<Data>, head: &str, key: &str) -> BTreeMap<String, Data> {
    let head_at = range
        .rows()
        .position(|row| row.iter().any(|cell| *cell == Data::String(head.into())))
        .unwrap();
    let heads: Vec<String> = range
        .rows()
        .nth(head_at)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let row = range
        .rows()
        .skip(head_at + 1)
        .find(|row| row.iter().any(|cell| *cell == Data::String(key.into())));
    let row = row.unwrap_or_else(|| panic!("no row {key}"));
    heads.into_iter().zip(row.iter().cloned()).collect()
}

fn number(cell: &Data) -> f64 {
    match cell {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        other => panic!("not a number: {other:?}"),
    }
}

#[test]
fn there_is_a_workbook_for_each_reader_and_a_packet_for_each_place() {
    let facts = facts();
    let paths: Vec<String> = built(&facts, Lang::Zh).into_keys().collect();
    for path in [
        "参保进度通报.xlsx",
        "问题清单.xlsx",
        "退费台账.xlsx",
        "资助台账.xlsx",
    ] {
        assert!(paths.contains(&path.to_owned()), "{path}");
    }
    for place in ["易俗河镇", "谭家山镇", "锦石乡", "天易经开区", "其他"] {
        assert!(paths.contains(&format!("分发/{place}.xlsx")), "{place}");
    }
    assert_eq!(paths.len(), 9);
    assert_eq!(
        built(&facts, Lang::En).into_keys().collect::<Vec<_>>(),
        paths
    );
}

#[test]
fn the_same_contents_give_the_same_bytes() {
    let facts = facts();
    for lang in [Lang::Zh, Lang::En] {
        assert_eq!(built(&facts, lang), built(&facts, lang));
    }
}

#[test]
fn progress_repeats_coverage_and_a_miss_by_one_person_is_marked() {
    let facts = facts();
    let book = read(&built(&facts, Lang::Zh)["参保进度通报.xlsx"]);
    let sheet = &book["进度-乡镇"];
    let row = row_of(sheet, "排名", "易俗河镇");
    let primary = "常住人口基本医保参保率（分母：常住人口）";
    assert_eq!(number(&row["排名"]), 3.0);
    assert_eq!(number(&row["累计参保"]), 94_999.0);
    assert_eq!(number(&row[primary]), 0.94999);
    // The primary rate's mark names its target and day; any other its rate as well.
    for (mark, expected) in [
        ("是否达标（目标95%，截至2022年3月31日）", "▲ 未达标"),
        (
            "是否达标（居民医保任务完成率，目标保底任务数，截至2022年3月31日）",
            "✓ 达标",
        ),
    ] {
        assert_eq!(row[mark], word(expected), "{row:?}");
    }
    let total = row_of(sheet, "排名", "合计");
    let sum: u64 = coverage()
        .iter()
        .filter(|row| row.level == RegionLevel::Township)
        .map(RegionFigures::registered)
        .sum();
    assert_eq!(number(&total["累计参保"]), sum as f64);
    assert_eq!(number(&total[primary]), sum as f64 / 160_000.0);
}

#[test]
fn a_place_without_denominator_leaves_the_total_without_a_rate_and_the_sheet_says_so() {
    let mut facts = facts();
    let note = |facts: &Facts| {
        let book = read(&built(facts, Lang::Zh)["参保进度通报.xlsx"]);
        let sheet = book["进度-乡镇"].clone();
        let said = texts(&sheet)
            .concat()
            .iter()
            .any(|cell| cell.contains("任务表缺数"));
        (
            row_of(&sheet, "排名", "合计")["常住人口基本医保参保率（分母：常住人口）"].clone(),
            said,
        )
    };
    assert!(
        matches!(note(&facts), (Data::Float(_), false)),
        "units and 其他 have none by nature"
    );
    let place = facts
        .coverage
        .iter_mut()
        .find(|row| row.code == "430321101")
        .expect("a township");
    place.rates[0].of = None;
    assert_eq!(note(&facts), (word("——"), true));
}

#[test]
fn the_report_of_a_whole_province_ends_at_the_county_and_says_where_the_villages_are() {
    use RegionLevel::{City, County, Province, Township, Village};
    let places = [
        ("43", "湖南省", Province, ""),
        ("4303", "湘潭市", City, "43"),
        ("430321", "湘潭县", County, "4303"),
        ("430321100", "易俗河镇", Township, "430321"),
        ("430321100201", "烟塘村", Village, "430321100"),
    ];
    let scheme = Scheme {
        regions: RegionTree::new("43", places.map(region).to_vec()),
        ..scheme()
    };
    let row = |(code, _, level, parent)| RegionFigures {
        rank: Some(1),
        ..figures((level, code, parent), [Some(1_000), None], [900, 60, 40])
    };
    let facts = Facts {
        coverage: places.map(row).to_vec(),
        ..facts()
    };
    let progress = |scheme: &Scheme| read(&built_by(scheme, &facts, Lang::Zh)["参保进度通报.xlsx"]);
    let says = |book: &Book, sheet: &str, text: &str| {
        let cells = texts(&book[sheet]).concat();
        cells.iter().any(|cell| cell.contains(text))
    };
    let whole = progress(&scheme);
    let is_lower = |name: &&String| name.contains("乡镇") || name.contains("村");
    assert_eq!(whole.keys().find(is_lower), None);
    assert!(says(&whole, "进度-县", "湘潭县"));
    assert!(says(&whole, "进度-县", "coverage.csv"));
    let of_a_county = progress(&scheme.within("430321").unwrap());
    assert!(says(&of_a_county, "进度-村", "烟塘村"));
    assert!(!says(&of_a_county, "进度-县", "coverage.csv"));
}

#[test]
fn what_the_pipeline_settled_is_printed_under_the_tables_it_affects() {
    let facts = facts();
    let built = built(&facts, Lang::Zh);
    for (path, sheet, under) in [
        ("参保进度通报.xlsx", "进度-乡镇", "coverage"),
        ("参保进度通报.xlsx", "群体-低保对象", "groups"),
        ("参保进度通报.xlsx", "参保桥", "bridge"),
        ("参保进度通报.xlsx", "核对", "tasks"),
        ("资助台账.xlsx", "资金汇总", "funding"),
        ("退费台账.xlsx", "汇总", "refunds"),
    ] {
        let book = read(&built[path]);
        let sheet = book
            .get(sheet)
            .unwrap_or_else(|| panic!("{sheet} of {:?}", book.keys()));
        let notes: Vec<String> = texts(sheet)
            .concat()
            .into_iter()
            .filter(|cell| cell.contains("约定-"))
            .collect();
        assert_eq!(notes, [format!("约定-{under}")], "{path}");
    }
}

#[test]
fn the_report_for_leaders_names_no_person() {
    let facts = facts();
    let book = read(&built(&facts, Lang::Zh)["参保进度通报.xlsx"]);
    for (name, sheet) in &book {
        for cell in texts(sheet).concat() {
            for (_, id, person, ..) in finding_rows() {
                assert!(id.is_empty() || !cell.contains(id), "{name}: {cell}");
                assert!(
                    person.is_empty() || !cell.contains(person),
                    "{name}: {cell}"
                );
            }
        }
    }
}

#[test]
fn groups_come_in_the_order_of_their_rate_and_other_has_neither_task_nor_rate() {
    let facts = facts();
    let book = read(&built(&facts, Lang::Zh)["参保进度通报.xlsx"]);
    let sheet = texts(&book["群体-低保对象"]);
    let places: Vec<&str> = sheet
        .iter()
        .map(|row| row[1].as_str())
        .filter(|name| name.ends_with(['镇', '乡', '他', '计']))
        .collect();
    assert_eq!(places, ["谭家山镇", "易俗河镇", "锦石乡", "其他", "合计"]);
    let other = row_of(&book["群体-低保对象"], "序号", "其他");
    assert_eq!(other["任务数"], word("——"));
    assert_eq!(other["完成率"], word("——"));
    // 316 + 612 + 191 persons of places.
    assert_eq!(
        number(&row_of(&book["群体-低保对象"], "序号", "合计")["任务数"]),
        1_119.0
    );
    assert!(book.contains_key("群体-参军_服刑_对象"));
}

#[test]
fn every_finding_stands_on_the_sheet_of_its_code_with_number_and_origin() {
    let book = read(&built(&facts(), Lang::Zh)["问题清单.xlsx"]);
    let rows = finding_rows();
    let total = row_of(&book["目录"], "序号", "合计");
    assert_eq!(number(&total["问题数"]), rows.len() as f64);
    let numbered = || rows.iter().enumerate().filter(|(_, row)| !row.1.is_empty());
    let mut seen = 0;
    for (name, sheet) in book.iter().filter(|(name, _)| *name != "目录") {
        let printed = texts(sheet);
        for (at, (code, id, person, ..)) in numbered() {
            let cells = [(*id).to_owned(), (at + 5).to_string()];
            let of_it = |row: &&Vec<String>| cells.iter().all(|cell| row.contains(cell));
            let Some(row) = printed.iter().find(of_it) else {
                continue;
            };
            for cell in [person, "医保参保登记20220331.xlsx"] {
                let told = row.contains(&cell.to_owned());
                assert!(told, "{name} {code} {cell}: {row:?}");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, numbered().count());
    let says = |sheet: &&Range<Data>| texts(sheet).concat().contains(&"王小明".to_owned());
    let row = row_of(book.values().find(says).unwrap(), "姓名", "王小明");
    assert_eq!((&row["应为"], &row["实为"]), (&word("320"), &word("640")));
    assert_eq!(number(&row["涉及金额"]), 320.0);
}

#[test]
fn identity_voucher_and_case_numbers_are_text_in_every_workbook() {
    let facts = facts();
    for (path, bytes) in built(&facts, Lang::Zh) {
        for (name, sheet) in read(&bytes) {
            for cell in sheet.rows().flatten() {
                if let Data::Float(number) = cell {
                    assert!(
                        number.abs() < 1e9,
                        "{path} {name} holds {number} as a number"
                    );
                }
            }
        }
    }
}

#[test]
fn refunds_add_up_by_pool_and_only_eligible_cases_are_applied_for() {
    let facts = facts();
    let book = read(&built(&facts, Lang::Zh)["退费台账.xlsx"]);
    let total = row_of(&book["汇总"], "件数", "合计");
    assert_eq!(
        (number(&total["件数"]), number(&total["退费金额"])),
        (4.0, 1_120.5)
    );
    assert_eq!(
        (
            number(&total["符合条件件数"]),
            number(&total["符合条件金额"])
        ),
        (3.0, 800.5)
    );
    let application = texts(&book["申请表"]).concat();
    assert!(application.contains(&"4303-2022-BBBBBBBBBB".to_owned()));
    assert!(!application.contains(&"4303-2022-CCCCCCCCCC".to_owned()));
    let ledger = row_of(&book["退费-4301 长沙市"], "姓名", "周八");
    assert_eq!(ledger["应缴统筹区"], word("4303 湘潭市"));
    assert_eq!(ledger["错缴统筹区"], word("4301 长沙市"));
    assert_eq!(ledger["凭证号"], word("043011211200000004"));
    assert_eq!(number(&ledger["退费金额"]), 320.0);
    let refused = row_of(&book["退费-4303 湘潭市"], "姓名", "孙七");
    assert_eq!(refused["是否符合"], word("否"));
    assert!(refused["不符合原因"].to_string().contains("2022-02-01"));
}

#[test]
fn funding_adds_up_by_payer_and_each_payer_hears_what_became_of_its_people() {
    let facts = facts();
    let book = read(&built(&facts, Lang::Zh)["资助台账.xlsx"]);
    let total = row_of(&book["资金汇总"], "资助部门", "合计");
    assert_eq!(
        (number(&total["人数"]), number(&total["资助金额"])),
        (11.0, 2_080.5)
    );
    let row = row_of(&book["反馈-县医保局"], "姓名", "孙七");
    assert_eq!(row["是否资助"], word("否"));
    let row = row_of(&book["反馈-县贫困帮扶中心"], "姓名", "无名");
    assert_eq!(row["参保状态"], word("未见于底册人口"));
    assert!(
        !texts(&book["反馈-县贫困帮扶中心"])
            .concat()
            .contains(&"孙七".to_owned())
    );
}

#[test]
fn late_entries_say_price_first_day_and_what_is_missing() {
    let facts = facts();
    let sheet = &read(&built(&facts, Lang::Zh)["资助台账.xlsx"])["中途参保"];
    assert_eq!(
        row_of(sheet, "姓名", "孙七")["待遇开始"],
        row_of(sheet, "姓名", "孙七")["待遇起算日"]
    );
    let unpriced = row_of(sheet, "姓名", "李㛃□");
    assert_eq!(unpriced["缴费口径"], word("未定价（财政部分未定）"));
    assert_eq!(unpriced["待遇开始"], Data::Empty);
    assert!(
        matches!(&unpriced["说明"], Data::String(text) if text.ends_with("缺情形日期")),
        "{:?}",
        unpriced["说明"]
    );
    assert_eq!(
        row_of(sheet, "姓名", "无名")["中途参保情形"],
        word("等待期（无中途参保情形）")
    );
    let cells = texts(sheet).concat();
    assert!(
        !cells.contains(&"王小明".to_owned()),
        "students stand in the data file"
    );
    assert!(
        cells.iter().any(|cell| cell.ends_with("共1")),
        "and are counted"
    );
    let audit = &read(&built(&facts, Lang::Zh)["退费台账.xlsx"])["财政补助重复"];
    let total = row_of(audit, "重复情形", "合计");
    assert_eq!(
        (&total["多占登记数"], &total["财政补助重复"]),
        (&Data::Float(4.0), &Data::Float(2_320.0))
    );
}

#[test]
fn a_packet_holds_its_own_people_only_and_nobody_pays_twice() {
    let facts = facts();
    let books = built(&facts, Lang::Zh);
    let book = read(&books["分发/易俗河镇.xlsx"]);
    let names = |sheet: &str| {
        let cells = texts(&book[sheet]).concat();
        finding_rows()
            .iter()
            .map(|row| row.2)
            .filter(|name| !name.is_empty() && cells.contains(&(*name).to_owned()))
            .collect::<Vec<_>>()
    };
    // 赵六 is uninsured, but has paid: only the registration is missing.
    assert_eq!(names("未参保"), ["孙七", "失联人", "孙七"]);
    assert_eq!(names("已缴费待登记"), ["赵六", "赵六"]);
    assert_eq!(names("问题人员"), ["周一", "王小明"]);
    assert_eq!(
        row_of(&book["未参保"], "姓名", "孙七")["困难群众"],
        word("★ 困难群众")
    );
    assert_eq!(
        row_of(&book["未参保"], "姓名", "孙七")["类别或原因"],
        word("低保对象")
    );
    for (path, bytes) in &books {
        if path.starts_with("分发/") && !path.contains("易俗河") {
            for (name, sheet) in read(bytes) {
                assert!(
                    !texts(&sheet).concat().contains(&"王小明".to_owned()),
                    "{path} {name}"
                );
            }
        }
    }
    let empty = read(&books["分发/锦石乡.xlsx"]);
    for sheet in ["未参保", "已缴费待登记", "问题人员"] {
        assert!(
            texts(&empty[sheet]).concat().contains(&"无".to_owned()),
            "{sheet}"
        );
    }
}

#[test]
fn every_table_carries_title_day_and_basis() {
    let facts = facts();
    for (path, bytes) in built(&facts, Lang::Zh) {
        for (name, sheet) in read(&bytes) {
            let cells = texts(&sheet).concat();
            assert!(
                cells[0].starts_with("湘潭县2022年度城乡居民基本医疗保险"),
                "{path} {name}: {}",
                cells[0]
            );
            assert!(
                cells.contains(&"截至2022年3月31日".to_owned()),
                "{path} {name}"
            );
            assert!(cells.contains(&format!("依据：{BASIS}")), "{path} {name}");
        }
    }
}

#[test]
fn long_lists_are_written_and_read_back_whole() {
    let mut facts = facts();
    let rows: Vec<FindingRow> = (0..30_000)
        .map(|_| {
            (
                Code::Uninsured,
                "440308199901101512",
                "孙七",
                "430321100202",
                "",
                "",
                None,
            )
        })
        .collect();
    facts.findings = findings(&rows).into();
    let books = built(&facts, Lang::Zh);
    let book = read(&books["分发/易俗河镇.xlsx"]);
    let listed = book["未参保"]
        .rows()
        .filter(|row| row.contains(&word("440308199901101512")))
        .count();
    assert_eq!(listed, 30_000);
}

/// A column of days; `-` is none.
fn days(name: &str, days: &str) -> Column {
    let days = days.split(' ').filter(|text| !text.is_empty());
    let days: Vec<Option<i32>> = days
        .map(|text| (text != "-").then(|| canbao::domain::period::epoch_day(day(text))))
        .collect();
    let days = Column::new(name.into(), days);
    days.cast(&DataType::Date).unwrap()
}

/// What `measure` hands over for the lists a pipeline asks for.
fn person_lists() -> PersonLists {
    PersonLists {
        roster: persons_of_rosters(),
        everyone: everyone(),
        households: households(),
        changes: vec![RosterChange {
            change: Change::Gone,
            id: "610104196209276908".into(),
            name: "周八".into(),
            region_code: "430321101201".into(),
            category: "低保对象".into(),
            before: "ended=".into(),
            after: "ended=2022-03-01".into(),
            origin: 0,
            row: 7,
        }],
        roster_changes: DataFrame::empty(),
    }
}

fn everyone() -> DataFrame {
    let frame = df!(
        "id" => ["11010519491231002X", "440308199901101512", "440524188001010014"],
        "name" => ["李㛃□", "孙七", "王小明"],
        "region_code" => ["430321100201", "430321100202", "430321100202"],
        "on_register" => [true, true, false],
        "standing" => ["local-resident", "uninsured", "uninsured"],
        "enrolment" => ["done", "unpaid", "nothing"],
        "place" => ["430321100201", "430321100202", ""],
        "category" => ["", "低保对象", ""],
        "hardship" => [false, true, false],
        "payable_fen" => [32_000i64, 16_000, 0],
        "paid_fen" => [32_000i64, 0, 0],
        "granted_fen" => [0i64; 3],
        "last_year" => [true, true, true],
        "to_canvass" => [false, true, true],
        "male" => [Some(false), Some(true), None],
        "group" => ["1组", "2组", ""],
        "household" => ["H1", "440308199901101512", ""],
        "head" => ["李㛃□", "孙七", ""],
    );
    let days = [
        days("paid_on", "2021-10-01 - -"),
        days("birth", "1949-12-31 1999-01-10 -"),
    ];
    frame.unwrap().hstack(&days).unwrap()
}

fn persons_of_rosters() -> DataFrame {
    let frame = df!(
        "id" => ["440308199901101512", "440308199901101512", "4403"],
        "name" => ["孙七", "孙七", "残号"],
        "region_code" => ["430321100202", "430321100202", ""],
        "list" => ["名册_民政", "名册_振兴", "名册_振兴"],
        "category" => ["风险监测对象"; 3],
        "payer" => ["县贫困帮扶中心"; 3],
        "in_force" => [true, true, false],
        "out_of_force" => ["", "", ""],
        "standing" => ["uninsured", "uninsured", ""],
        "enrolment" => ["unpaid", "unpaid", ""],
        "place" => ["430321100202", "430321100202", ""],
        "grant_fen" => [16_000i64, 16_000, 0],
        "granted_by" => ["县医保局", "县医保局", ""],
        "granted_fen" => [0i64; 3],
        "verdict" => ["open", "open", ""],
    );
    let days = [days("identified", "- - -"), days("ended", "- - -")];
    frame.unwrap().hstack(&days).unwrap()
}

fn households() -> Vec<Household> {
    let member = |name: &str, id: &str, charge_fen, remark| Member {
        id: id.into(),
        name: name.into(),
        relation: "户主".into(),
        category: String::new(),
        charge_fen,
        paid_fen: 0,
        stated_fen: Some(32_000),
        remark,
    };
    let household = |region: &str, number: &str, members| Household {
        region_code: region.into(),
        household: number.into(),
        group: "1组".into(),
        head: "李㛃□".into(),
        head_id: "11010519491231002X".into(),
        account: ["村集体".into(), "农商行".into(), "6228".into()],
        members,
    };
    let subsidised = Some(Remark::Subsidised);
    let first = vec![
        member("李㛃□", "11010519491231002X", 32_000, None),
        member("孙七", "440308199901101512", 16_000, None),
    ];
    let second = vec![member("王小明", "440524188001010014", 0, subsidised)];
    vec![
        household("430321100201", "H1", first),
        household("430321101201", "H2", second),
    ]
}

fn built_with_lists(lang: Lang) -> BTreeMap<String, Vec<u8>> {
    let lists = ListsAsked {
        enrolled: true,
        uninsured: true,
        canvass: true,
        households: true,
        hardship: true,
    };
    let origin = Origin {
        source: SourceKind::Households,
        file: "集体账户.xlsx".into(),
        sheet: String::new(),
        sha256: String::new(),
        encoding: "xlsx".into(),
        batch: None,
        family: String::new(),
        since_1904: false,
        rows_read: 3,
    };
    let facts = Facts {
        lists: person_lists(),
        origins: vec![origin],
        accounts: vec![canbao::refine::Account::default()],
        fates: vec![canbao::domain::FateCounts::default()],
        ..facts()
    };
    built_by(&Scheme { lists, ..scheme() }, &facts, lang)
}

#[test]
fn ledgers_and_the_canvass_list_stand_in_the_packet_of_their_place_only() {
    let built = built_with_lists(Lang::Zh);
    let packet = read(&built["分发/易俗河镇.xlsx"]);
    let enrolled = texts(&packet["参保台账"]).concat();
    assert!(enrolled.contains(&"李㛃□".to_owned()) && !enrolled.contains(&"孙七".to_owned()));
    let open = row_of(&packet["未参保台账"], "姓名", "孙七");
    assert_eq!(open["本年参保缴费状态"], word("已登记未缴费"));
    assert_eq!(open["未参保原因"], Data::Empty);
    let canvass = row_of(&packet["宣传发动名单"], "姓名", "孙七");
    assert_eq!(canvass["证件号码（脱敏）"], word("4403**********1512"));
    assert_eq!(
        canvass["户号"],
        word("4403**********1512"),
        "a household's number may be its head's"
    );
    assert_eq!(
        (number(&canvass["年龄"]), &canvass["性别"]),
        (23.0, &word("男"))
    );
    assert!(
        !texts(&packet["未参保台账"])
            .concat()
            .contains(&"王小明".to_owned()),
        "not on the register"
    );
    let other = read(&built["分发/谭家山镇.xlsx"]);
    for sheet in ["参保台账", "未参保台账", "宣传发动名单"] {
        assert!(
            texts(&other[sheet]).concat().contains(&"无".to_owned()),
            "{sheet}"
        );
    }
}

#[test]
fn collective_accounts_are_summed_by_village_and_in_all() {
    let book = read(&built_with_lists(Lang::Zh)["集体账户.xlsx"]);
    for (sheet, head) in [("汇总表", "户内参保人数"), ("明细表", "户主姓名")] {
        let sums: Vec<f64> = texts(&book[sheet])
            .iter()
            .filter(|row| row.iter().any(|cell| cell == "小计" || cell == "合计"))
            // What is due stands before what is paid already.
            .map(|row| {
                row.iter()
                    .filter_map(|cell| cell.parse::<f64>().ok())
                    .rev()
                    .nth(1)
                    .unwrap()
            })
            .collect();
        assert_eq!(sums, [480.0, 0.0, 480.0], "{sheet} {head}");
    }
    let check = row_of(&book["集体账户核对"], "户号", "H2");
    assert_eq!(
        (number(&check["报送金额"]), number(&check["差额"])),
        (320.0, 320.0)
    );
    assert_eq!(check["是否相符"], word("▲"));
}

#[test]
fn departments_get_their_own_lists_back_and_changes_are_said_in_words() {
    let built = built_with_lists(Lang::Zh);
    let back = read(&built["部门反馈.xlsx"]);
    let row = row_of(&back["反馈-名册_振兴"], "姓名", "孙七");
    assert_eq!(number(&row["应资助"]), 0.0, "another payer grants");
    assert_eq!(row["备注"], word("由其他渠道资助：县医保局"));
    assert_eq!(
        row_of(&back["反馈-名册_振兴"], "姓名", "残号")["参保状态"],
        word("数据待核")
    );
    let subsidies = read(&built["资助台账.xlsx"]);
    let change = row_of(&subsidies["名册变动"], "变动", "周八");
    assert_eq!(
        (change["变动前"].clone(), change["变动后"].clone()),
        (
            "退出日期 空".to_owned().into(),
            "退出日期 2022-03-01".to_owned().into()
        )
    );
    let hardship = read(&built["未参保困难人员核实表.xlsx"]);
    assert_eq!(
        row_of(&hardship["核实-名册_民政"], "姓名", "孙七")["参保状态"],
        word("未参保")
    );
}

#[test]
fn the_lists_speak_english_too() {
    let built = built_with_lists(Lang::En);
    let packet = read(&built["分发/易俗河镇.xlsx"]);
    for sheet in [
        "Enrolled",
        "Not enrolled",
        "To canvass",
        "Households",
        "Members",
    ] {
        assert!(packet.contains_key(sheet), "{sheet}: {:?}", packet.keys());
    }
    assert_eq!(
        row_of(&packet["To canvass"], "Name", "孙七")["This year"],
        word("registered, not paid")
    );
}

#[test]
fn a_list_of_several_pages_is_whole_and_repeats_its_head_on_every_page() {
    let crowd = ["440308199901101512", "11010519491231002X"].repeat(75);
    let uninsured = |id| (Code::Uninsured, id, "孙七", "430321101201", "", "", None);
    let mut rows = finding_rows();
    rows.extend(crowd.into_iter().map(uninsured));
    let facts = Facts {
        findings: findings(&rows).into(),
        ..facts()
    };
    let bytes = &built(&facts, Lang::Zh)["问题清单.xlsx"];
    let listed = texts(&read(bytes)["未参保"]);
    let numbered = listed.iter().filter(|row| row[0].parse::<f64>().is_ok());
    let expected = rows.iter().filter(|row| row.0 == Code::Uninsured).count();
    assert_eq!(numbered.count(), expected);
    let head = listed.iter().position(|row| row[0] == "序号");
    let head = head.expect("a head") + 1;
    let book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let titles = book
        .defined_names()
        .iter()
        .filter(|(name, _)| name.contains("Print_Titles"));
    let titles: Vec<&String> = titles.map(|(_, rows)| rows).collect();
    let wanted = format!("未参保!${head}:${head}");
    assert!(
        titles.iter().any(|rows| **rows == wanted),
        "{wanted} of {titles:?}"
    );
}

// ── the assessment ──

/// The rules of a notice that has everything, over three townships and a unit.
fn assessment_rules() -> Assessment {
    Assessment {
        rate: None,
        level: RegionLevel::Township,
        weekly: Some(Weekly {
            weekday: chrono::Weekday::Thu,
            first: day("2022-03-03"),
        }),
        cut_off: Some(day("2022-03-31")),
        persons_at: PersonsAt::TierDay,
        criticise: true,
        lag: Some(LagRule {
            last: Last::Places(1),
            weeks: 2,
        }),
        fund: Some(FundRule {
            fen: 350,
            employees_too: false,
        }),
        tiers: vec![
            Tier {
                by: day("2022-03-20"),
                at_least: Ratio { count: 98, of: 100 },
                fen: 500,
                groups: vec![0],
            },
            Tier {
                by: day("2022-04-15"),
                at_least: Ratio { count: 80, of: 100 },
                fen: 100,
                groups: vec![0],
            },
        ],
        score: Some(ScoreRule {
            points: Ratio { count: 6, of: 1 },
            full_at: Ratio { count: 98, of: 100 },
            above: Ratio { count: 1, of: 10 },
            below: Ratio { count: 2, of: 10 },
            zero_below: Some(Ratio { count: 90, of: 100 }),
            steps: Steps::Linear,
            average: Average::Score,
        }),
        leaders: vec![Leader {
            post: "联乡领导一".into(),
            regions: vec!["430321100".into(), "430321101".into()],
        }],
        clinic_below: Some(Ratio { count: 85, of: 100 }),
    }
}

/// A row of the assessment: code, persons, of whom, rank. The county is the whole.
fn place(code: &str, count: u64, of: Option<u64>, rank: Option<u32>) -> AssessedRegion {
    let whole = code == "430321";
    let ratio = of.and_then(|of| Ratio::new(count, of));
    let is_last = |rank| rank == 3;
    AssessedRegion {
        level: if whole {
            RegionLevel::County
        } else {
            RegionLevel::Township
        },
        code: code.into(),
        whole,
        rate: RateFigure {
            count,
            of,
            need: of.map(|of| Ratio { count: 98, of: 100 }.ceil_of(of)),
        },
        rank,
        previous: None,
        lagging: rank.map(is_last),
        lag_weeks: rank.map(|rank| if is_last(rank) { 2 } else { 0 }),
        summoned: rank.map(is_last),
        criticised: rank.map(|rank| rank > 1),
        tier: rank.map(|rank| tier(count, !is_last(rank))),
        score: ratio.filter(|_| rank.is_some()).map(Fraction::from),
        fund: (!whole).then_some((count, count as i64 * 350)),
        clinic: rank.map(is_last),
    }
}

/// The first tier, at a yuan a person, reached or not: its group is covered where it is.
fn tier(count: u64, reached: bool) -> TierFigure {
    TierFigure {
        at: reached.then_some(1),
        day: day("2022-03-31"),
        persons: if reached { count } else { 0 },
        fen: if reached { count as i64 * 100 } else { 0 },
        due: false,
        groups: vec![GroupOnDay {
            group: 0,
            persons: 4,
            deceased: 1,
            insured: if reached { 4 } else { 3 },
            settled: 4,
        }],
    }
}

fn assessed() -> Assessed {
    let previous = |count, of, rank| {
        Some(Previous {
            count,
            ratio: Ratio { count, of },
            rank,
        })
    };
    let mut rows = vec![
        place("430321", 6_439, Some(7_000), None),
        place("430321100", 2_939, Some(3_000), Some(2)),
        place("430321101", 2_000, Some(2_000), Some(1)),
        place("430321102", 1_500, Some(2_000), Some(3)),
        place("430321A", 0, None, None),
        place("", 0, None, None),
    ];
    rows[1].previous = previous(2_950, 3_000, Some(1));
    rows[2].previous = previous(1_900, 2_000, Some(2));
    rows[3].previous = previous(1_500, 2_000, Some(3));
    let exact = |count, of| Fraction::from(Ratio { count, of });
    Assessed {
        running: true,
        day: day("2022-03-31"),
        issue: Some(5),
        chain: Chain::Unbroken,
        since: Some(day("2022-03-24")),
        rows,
        leaders: vec![LeaderFigures {
            post: "联乡领导一".into(),
            regions: vec!["430321100".into(), "430321101".into()],
            mean_rate: Fraction::mean(&[exact(2_939, 3_000), Fraction::whole(1)]),
            score: Some(exact(609_665, 100_000)),
        }],
    }
}

fn assessed_book(change: impl Fn(&mut Assessed), lang: Lang) -> Book {
    let mut assessed = assessed();
    change(&mut assessed);
    let facts = Facts {
        assessment: Some(assessed),
        ..facts()
    };
    let mut scheme = scheme();
    scheme.assessment = Some(assessment_rules());
    scheme.groups = vec![Group {
        name: "低保对象".into(),
        categories: vec![1],
        must_be_100: true,
    }];
    let run = canbao::report::RunInfo::default();
    let documents = workbooks(Contents {
        facts: &facts,
        scheme: &scheme,
        lang,
        run: &run,
    })
    .unwrap();
    read(&documents[0].bytes().unwrap())
}

#[test]
fn the_weekly_table_stands_in_the_order_of_ranks_with_changes_and_summonses() {
    let book = assessed_book(|_| {}, Lang::Zh);
    let sheet = &book["周通报"];
    let rows = texts(sheet);
    assert!(rows[0][0].contains("周通报（第5期）"), "{:?}", rows[0]);
    let names = rows.iter().map(|row| row[1].as_str());
    let places = names.filter(|name| name.ends_with(['镇', '乡', '区', '他', '计', '）']));
    let order = "乡镇（街道） 谭家山镇 易俗河镇 锦石乡 天易经开区 其他 合计 湘潭县（整体）";
    assert_eq!(places.collect::<Vec<_>>().join(" "), order);
    // place, heads, cells
    #[rustfmt::skip]
    let expected = [
        ("易俗河镇", [("排名", "2"), ("完成数", "2939"), ("尚差", "1"), ("上期排名", "1"), ("名次升降", "↓1"), ("增减（百分点）", "-0.37"), ("较上期新增", "-11"), ("排名落后", ""), ("约谈", "")]),
        ("谭家山镇", [("排名", "1"), ("完成数", "2000"), ("尚差", "0"), ("上期排名", "2"), ("名次升降", "↑1"), ("增减（百分点）", "+5.00"), ("较上期新增", "+100"), ("排名落后", ""), ("约谈", "")]),
        ("锦石乡",   [("排名", "3"), ("完成数", "1500"), ("尚差", "460"), ("上期排名", "3"), ("名次升降", "→"), ("增减（百分点）", "0.00"), ("较上期新增", "+0"), ("排名落后", "▲ 落后"), ("约谈", "▲ 约谈")]),
        ("其他",     [("排名", "——"), ("完成数", "0"), ("尚差", "——"), ("上期排名", "——"), ("名次升降", "——"), ("增减（百分点）", "——"), ("较上期新增", "——"), ("排名落后", ""), ("约谈", "")]),
    ];
    for (place, cells) in expected {
        assert_row(sheet, ("名次升降", place), &cells);
    }
    let total = row_of(sheet, "名次升降", "合计");
    assert_eq!(total["尚差"], word("——")); // the whole's own, one row below
    let total = ["完成数", "分母"].map(|head| number(&total[head]));
    assert_eq!(total, [6_439.0, 7_000.0]);
    let whole = row_of(sheet, "名次升降", "湘潭县（整体）");
    assert_eq!(number(&whole["尚差"]), 421.0); // 6,860 - 6,439
    assert_eq!(number(&whole["达标需"]), 6_860.0);
    assert_notes(
        sheet,
        &[
            "每周四，首期为2022年3月3日",
            "末1名",
            "连续2期",
            "2022年3月24日一期相比",
            "在参保地缴费",
        ],
    );
}

/// The row of a place, found under a header with a word, has these cells.
fn assert_row(sheet: &Range<Data>, (header, place): (&str, &str), cells: &[(&str, &str)]) {
    let row = row_of(sheet, header, place);
    for (head, cell) in cells {
        assert_eq!(row[*head].to_string(), *cell, "{place} {head}");
    }
}

/// The first column says all of this.
fn assert_notes(sheet: &Range<Data>, wanted: &[&str]) {
    let notes: Vec<String> = texts(sheet).into_iter().map(|row| row[0].clone()).collect();
    let notes = notes.join("\n");
    for said in wanted {
        assert!(notes.contains(said), "{said}: {notes}");
    }
}

#[test]
fn the_notes_say_why_nobody_is_summoned() {
    // chain, issue, what is said in both languages
    #[rustfmt::skip]
    let cases = [
        (Chain::NoIssue,                   None,    "不是通报日",       "no day of issue"),
        (Chain::FirstIssue,                Some(1), "首期，没有上一期", "first issue"),
        (Chain::NoEarlier,                 Some(5), "未指定上一期报表", "No earlier report"),
        (Chain::Broken(day("2022-03-17")), Some(5), "不连续",           "Not consecutive"),
    ];
    for (chain, issue, zh, en) in cases {
        for (lang, tab, said) in [(Lang::Zh, "周通报", zh), (Lang::En, "Weekly", en)] {
            let book = assessed_book(
                |assessed| (assessed.chain, assessed.issue) = (chain, issue),
                lang,
            );
            assert!(
                texts(&book[tab])
                    .concat()
                    .iter()
                    .any(|cell| cell.contains(said)),
                "{chain:?} {said}"
            );
        }
    }
}

#[test]
fn the_assessment_table_has_money_that_adds_up_and_states_its_rules() {
    let book = assessed_book(|_| {}, Lang::Zh);
    let sheet = &book["考核"];
    // place, heads, cells
    #[rustfmt::skip]
    let expected = [
        ("谭家山镇", [("通报批评", ""), ("奖补档次", "第2档"), ("奖补人数", "2000"), ("奖补金额", "2000"), ("是否到期", "未到期"), ("得分", "1.0000"), ("工作经费", "7000"), ("卫生室", "")]),
        ("易俗河镇", [("通报批评", "▲ 通报批评"), ("奖补档次", "第2档"), ("奖补人数", "2939"), ("奖补金额", "2939"), ("是否到期", "未到期"), ("得分", "0.9797"), ("工作经费", "10286.5"), ("卫生室", "")]),
        ("锦石乡",   [("通报批评", "▲ 通报批评"), ("奖补档次", "无"), ("奖补人数", "0"), ("奖补金额", "0"), ("是否到期", "未到期"), ("得分", "0.7500"), ("工作经费", "5250"), ("卫生室", "▲ 列入名单")]),
        ("天易经开区", [("通报批评", ""), ("奖补档次", "——"), ("奖补人数", "——"), ("奖补金额", "——"), ("是否到期", "——"), ("得分", "——"), ("工作经费", "0"), ("卫生室", "")]),
    ];
    for (place, cells) in expected {
        assert_row(sheet, ("奖补档次", place), &cells);
    }
    let total = row_of(sheet, "奖补档次", "合计");
    assert_eq!(
        (number(&total["奖补金额"]), number(&total["工作经费"])),
        (4_939.0, 22_536.5)
    );
    assert_notes(
        sheet,
        &[
            "第1档：2022年3月20日前（含）完成率98%（含）以上，且低保对象全部参保，每人5元",
            "每上浮一个百分点加0.1分",
            "低于90%的不计分",
            "居民参保人数 × 3.50元",
            "低于85%（不含）",
        ],
    );
    // 2,939 of 3,000 stands in its cell as it is, and is not printed as 98 %.
    assert_eq!(
        number(&row_of(sheet, "奖补档次", "易俗河镇")["完成率"]),
        2_939.0 / 3_000.0
    );
}

#[test]
fn groups_leaders_and_clinics_have_their_own_sheets() {
    let book = assessed_book(|_| {}, Lang::Zh);
    let group = row_of(&book["考核群体"], "测算日", "锦石乡");
    let counts = ["在册人数（不含死亡）", "在册死亡", "参保人数", "已落实数"]
        .map(|head| number(&group[head]));
    assert_eq!(counts, [4.0, 1.0, 3.0, 4.0]);
    assert_eq!(
        (number(&group["参保率"]), number(&group["落实率"])),
        (0.75, 1.0)
    );
    assert_eq!(group["是否全部参保"], word("▲ 未达标"));
    let leader = row_of(&book["联村领导"], "岗位", "联乡领导一");
    assert_eq!(leader["所联单位"], word("易俗河镇、谭家山镇"));
    assert_eq!(
        (leader["平均完成率"].to_string(), leader["得分"].to_string()),
        ("98.9833%".into(), "6.0967".into())
    );
    let clinics: Vec<String> = texts(&book["卫生室"])
        .into_iter()
        .map(|row| row[1].clone())
        .collect();
    assert!(
        clinics.contains(&"锦石乡".to_owned()) && !clinics.contains(&"易俗河镇".to_owned()),
        "{clinics:?}"
    );
    let plain = read(&built(&facts(), Lang::Zh)["参保进度通报.xlsx"]);
    assert!(!plain.contains_key("周通报") && !plain.contains_key("考核"));
}

#[test]
fn sheets_of_an_assessment_speak_english_where_asked_to() {
    let english = assessed_book(|_| {}, Lang::En);
    for tab in [
        "Weekly",
        "Assessment",
        "Groups required",
        "Leaders",
        "Clinics",
    ] {
        // A rate keeps the name that its pipeline gives it.
        let rate = "常住人口基本医保参保率";
        let han = |cell: &String| {
            let said = cell.replace(rate, "");
            said.contains("完成") || said.contains("参保率")
        };
        let cells = texts(&english[tab]).concat();
        let chinese = cells.iter().skip(1).find(|cell| han(cell));
        assert_eq!(chinese, None, "{tab}");
    }
}
