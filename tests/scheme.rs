//! The five pipelines as their notices say, and a gallery of pipelines with mistakes.

use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::fault::Complaints;
use canbao::domain::fault::{WrongInputs, WrongSetting};
use canbao::domain::{Code, Complaint, Level, Ratio, Reason, Refusal, RegionTree, SourceKind};
use canbao::scheme::{self, Against, LateWhen, Mode, Scheme, Under};
use chrono::NaiveDate;

const SLUGS: [&str; 5] = [
    "xiangtan-2022",
    "zhuji-2023",
    "shaoyang-2022",
    "kaiping-2022",
    "qingtangpu-2022",
];

fn pipeline(slug: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("pipelines")
        .join(format!("{slug}.toml"))
}

fn complaints(error: &anyhow::Error) -> &[Complaint] {
    &error
        .downcast_ref::<Complaints>()
        .expect("loading only complains")
        .0
}

/// The scheme, or a panic that shows every complaint as a person would see it.
fn loaded(slug: &str) -> Scheme {
    scheme::load(&pipeline(slug)).unwrap_or_else(|error| {
        let shown: Vec<String> = complaints(&error)
            .iter()
            .map(|c| format!("{:?} {:?}\n{}", c.place, c.refusal, c.excerpt.0))
            .collect();
        panic!("{slug}:\n{}", shown.join("\n"))
    })
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date of the table below")
}

#[test]
fn every_pipeline_says_the_figures_of_its_notice() {
    // scheme, year, region, premium and fiscal in fen, window, cut-off, insured when paid, primary target
    #[rustfmt::skip]
    let expected = [
        ("xiangtan-2022",   2022, "430321",    32_000, None,         "2021-09-01", "2022-02-28", Some("2022-02-28"), false, Some((95, 100)), None),
        ("zhuji-2023",      2023, "341323117", 35_000, Some(61_000), "2022-10-01", "2023-02-28", None,               true,  None,            Some(41_850)),
        ("shaoyang-2022",   2022, "4305",      32_000, None,         "2021-09-01", "2022-02-28", Some("2022-02-28"), false, Some((95, 100)), None),
        ("kaiping-2022",    2022, "440783",    37_600, None,         "2021-10-01", "2021-12-25", Some("2021-12-31"), true,  Some((98, 100)), None),
        ("qingtangpu-2022", 2022, "430923101", 32_000, None,         "2021-09-01", "2021-12-31", Some("2021-12-31"), true,  Some((98, 100)), None),
    ];
    for (slug, year, region, premium, fiscal, from, to, cut_off, paid, target, persons) in expected
    {
        let scheme = loaded(slug);
        let [first, last] = ["01-01", "12-31"].map(|end| day(&format!("{year}-{end}")));
        assert_eq!(scheme.slug, slug);
        assert_eq!((scheme.year, scheme.regions.root()), (year, region));
        assert_eq!((scheme.premium, scheme.fiscal), (premium, fiscal), "{slug}");
        let (window, benefit) = (scheme.window, scheme.benefit);
        assert_eq!((window.from, window.to), (day(from), day(to)), "{slug}");
        assert_eq!((benefit.from, benefit.to), (first, last), "{slug}");
        assert_eq!(scheme.roster.cut_off, cut_off.map(day), "{slug}");
        assert_eq!(scheme.insured_when_paid, paid, "{slug}");
        let primary = scheme.primary_rate();
        let target = target.map(|(count, of)| Ratio { count, of });
        assert_eq!(primary.target, target, "{slug}");
        assert_eq!(primary.target_persons, persons, "{slug}");
        // In Qingtangpu money for another county is money gone astray.
        let digits = if slug == "qingtangpu-2022" { 6 } else { 4 };
        assert_eq!(scheme.pool_of(region), &region[..digits], "{slug}");
        assert_eq!(scheme.digest.len(), 64, "{slug}");
        let inputs = format!("sample_data/{slug}");
        assert!(scheme.inputs.ends_with(inputs), "{:?}", scheme.inputs);
    }
}

/// Of each scheme category and grant in yuan, in declared order.
#[rustfmt::skip]
const GRANTS: [(&str, &str); 5] = [
    ("xiangtan-2022",
        "百岁老人 320 重点优抚对象 320 特困对象（五保、三无） 320 一、二级残疾 320 孤儿 320 事实无人抚养儿童 320 \
         低保对象 160 风险监测对象 160"),
    ("zhuji-2023",
        "特困人员 350 计生代缴对象 350 重点优抚对象 350 低保对象 300 返贫致贫人口 270 监测人口 175 稳定脱贫人口 0"),
    ("shaoyang-2022",
        "特困人员 320 重度残疾人 320 孤儿 320 事实无人抚养儿童 320 低保对象 160 农村低收入监测人口 160 \
         返贫致贫人口 160 困难退役军人 0 困境儿童 0 稳定脱贫人口 0"),
    ("kaiping-2022",
        "最低生活保障对象 376 低收入家庭成员 376 特困供养人员 376 最低生活保障边缘家庭救助对象 376 返贫致贫人口 376 \
         监测人口 376 重度残疾人 376 精神和智力残疾人 376 困境儿童 376 困难退役军人等优抚对象 376"),
    ("qingtangpu-2022",
        "特困人员 320 重度残疾人 320 孤儿 320 事实无人抚养儿童 320 三、四级残疾人 160 低保对象 160 监测户 160 \
         返贫致贫人口 160 已脱贫人口 0 已建档的两病患者 0"),
];

#[test]
fn every_pipeline_says_the_grants_of_its_notice() {
    for (slug, grants) in GRANTS {
        let scheme = loaded(slug);
        let found: Vec<String> = scheme
            .categories
            .iter()
            .map(|c| format!("{} {}", c.name, c.grant / 100))
            .collect();
        assert_eq!(found.join(" "), grants, "{slug}");
        for category in &scheme.categories {
            assert_eq!(
                category.grant == 0,
                category.payer.is_empty(),
                "{slug}: {}",
                category.name
            );
        }
    }
}

#[test]
fn every_pipeline_declares_the_same_files_of_eleven_sources() {
    for slug in SLUGS {
        let scheme = loaded(slug);
        let required: Vec<SourceKind> = scheme
            .sources
            .iter()
            .filter(|s| s.required)
            .map(|s| s.kind)
            .collect();
        use SourceKind::{Payments, Register, Registrations, Tasks};
        assert_eq!(
            required,
            [Register, Registrations, Payments, Tasks],
            "{slug}"
        );
        // A summary of households is declared only where the notice has one.
        let summaries = usize::from(scheme.source(SourceKind::HouseholdTotals).is_some());
        assert_eq!(
            scheme.sources.len(),
            SourceKind::COUNT - 1 + summaries,
            "{slug}"
        );
        for source in &scheme.sources {
            // Whatever form the file comes in: its name says whose it is.
            let [pattern] = source.files.as_slice() else {
                panic!("{slug}: {:?}", source.files)
            };
            assert!(pattern.ends_with('*') && !pattern.contains('.'), "{slug}");
        }
        let mode = |kind| scheme.source(kind).expect("declared").mode;
        assert_eq!(mode(SourceKind::Payments), Mode::Increment, "{slug}");
        assert_eq!(mode(SourceKind::Registrations), Mode::Snapshot, "{slug}");
    }
}

#[test]
fn rules_that_only_xiangtan_and_zhuji_have_are_read() {
    let xiangtan = loaded("xiangtan-2022");
    assert_eq!(xiangtan.tasks.floor_share, Ratio::new(95, 100));
    assert_eq!(xiangtan.late[0].when, [LateWhen::BornWithinDays(90)]);
    assert_eq!(xiangtan.late[3].when, [LateWhen::OnRoster(vec![7])]);
    assert_eq!(xiangtan.rates[1].against, Against::Population);
    assert_eq!(xiangtan.rates[1].covers.len(), 2);
    assert_eq!(xiangtan.clause(Code::RosterLate), "附件2备注");
    assert_eq!(xiangtan.clause(Code::IdMissing), xiangtan.basis);
    assert_eq!(xiangtan.level(Code::IdSuspect), Level::Note);
    let zhuji = loaded("zhuji-2023");
    assert_eq!(zhuji.tasks.task_share, Ratio::new(88, 100));
    assert!(zhuji.groups.iter().all(|group| group.must_be_100));
    // The defaults.
    assert!(!zhuji.tasks.task_at_least_last_year);
    assert!(!zhuji.tasks.over_population_off);
}

#[test]
fn rules_that_only_shaoyang_kaiping_and_qingtangpu_have_are_read() {
    let shaoyang = loaded("shaoyang-2022");
    assert!(shaoyang.tasks.task_at_least_last_year);
    assert!(!shaoyang.tasks.over_population_off);
    let kaiping = loaded("kaiping-2022");
    assert_eq!(kaiping.primary_rate().against, Against::Residents);
    assert!(!kaiping.roster.payment_day && kaiping.roster.cut_off_day);
    assert_eq!(kaiping.late[0].when, [LateWhen::BornWithinMonths(6)]);
    for &reason in Reason::ALL {
        let unlimited = [Reason::WrongPool, Reason::SubsidyMissed, Reason::EntryError];
        let expected = (!unlimited.contains(&reason)).then_some(Some(day("2022-01-01")));
        let rule = kaiping.refunds.iter().find(|rule| rule.reason == reason);
        assert_eq!(rule.map(|rule| rule.before), expected, "{reason}");
    }
    let qingtangpu = loaded("qingtangpu-2022");
    let communities = ["清塘社区", "回春社区", "袁桃社区"];
    let last_year = &qingtangpu.primary_rate().against_by_region;
    assert_eq!(last_year.len(), 3);
    for (code, against) in last_year {
        let name = qingtangpu.regions.name(code);
        assert!(communities.contains(&name), "{code} {name}");
        assert_eq!(*against, Against::LastYear);
    }
}

/// These words of place, township and village name this region, and nothing is wrong with them.
fn assert_names(tree: &RegionTree, words: [Option<&str>; 3], name: &str) {
    let named = tree.resolve(None, words);
    assert_eq!(named.problem, None, "{words:?}");
    let code = named.inside.unwrap_or_default();
    assert_eq!(tree.name(&code), name, "{words:?}");
}

#[test]
fn every_village_of_the_published_tables_is_found() {
    let zhuji = loaded("zhuji-2023").regions;
    let villages = "姜山 刘寨 潼山 红旗 双井 朱集 张家 星光 岳巷 双杨 苗河 固城 湖光";
    for village in villages.split(' ') {
        let official = match village {
            "双杨" => "双扬村委会".to_owned(),
            other => format!("{other}村委会"),
        };
        let (short, long) = (format!("{village}村"), format!("{village}村委会"));
        assert_names(&zhuji, [None, None, Some(&short)], &official);
        assert_names(&zhuji, [None, Some("朱集镇"), Some(&long)], &official);
    }
    let qingtangpu = loaded("qingtangpu-2022").regions;
    for community in ["回春社区", "袁桃社区", "清塘社区"] {
        assert_names(&qingtangpu, [None, None, Some(community)], community);
    }
}

#[test]
fn every_township_and_county_of_the_published_tables_is_found() {
    let xiangtan = loaded("xiangtan-2022").regions;
    let townships = "青山桥镇 易俗河镇 中路铺镇 茶恩寺镇 乌石镇 石潭镇 杨嘉桥镇 锦石乡 河口镇 云湖桥镇 射埠镇 排头乡 \
                     花石镇 分水乡 谭家山镇 白石镇 石鼓镇 天易经开区";
    for township in townships.split_whitespace() {
        assert_names(&xiangtan, [None, Some(township), None], township);
    }
    for (place, code) in [("湘乡市", "430381"), ("长沙市", "4301")] {
        let named = xiangtan.resolve(Some(place), [None; 3]);
        assert_eq!(named.outside.as_deref(), Some(code), "{place}");
    }
    let shaoyang = loaded("shaoyang-2022").regions;
    let counties =
        "市本级 双清区 大祥区 北塔区 邵东市 新邵县 邵阳县 隆回县 洞口县 绥宁县 新宁县 武冈市";
    for county in counties.split(' ') {
        assert_names(&shaoyang, [Some(county), None, None], county);
    }
    let [short, zone] = ["城步县", "经开区"].map(|word| [Some(word), None, None]);
    assert_names(&shaoyang, short, "城步苗族自治县");
    assert_names(&shaoyang, zone, "双清区");
    assert!(shaoyang.get("4305A").is_some_and(|unit| unit.unit));
    let kaiping = loaded("kaiping-2022").regions;
    assert_names(&kaiping, [None, Some("翠山湖管委会"), None], "翠山湖新区");
}

#[test]
fn the_template_loads_and_shows_every_setting() {
    let scheme = loaded("template");
    assert_eq!(scheme.late.len(), 8);
    assert!(
        scheme.entries.students.is_some()
            && scheme.entries.waiting.is_some()
            && scheme.entries.granted_until.is_some()
    );
    assert_eq!(scheme.vocabulary.len(), 2);
    assert_eq!(scheme.level(Code::DuplicatePayment), Level::Deny);
    assert_eq!(scheme.sources.len(), SourceKind::COUNT);
    assert_eq!(
        (scheme.categories[0].grant, scheme.fiscal),
        (32_000, Some(58_000))
    );
    assert_eq!(scheme.rates[1].target_persons, Some(30_000));
    assert!(scheme.refunds[0].before.is_some());
    assert!(
        scheme
            .source(SourceKind::Register)
            .is_some_and(|s| s.batch.is_some())
    );
    assert_eq!(
        scheme
            .source(SourceKind::Rosters)
            .and_then(|s| s.category.as_deref()),
        Some("低保对象")
    );
}

#[test]
fn every_pipeline_states_what_its_notice_leaves_open() {
    for slug in SLUGS {
        let scheme = loaded(slug);
        for under in [Under::Coverage, Under::Funding, Under::Late] {
            let said = scheme.notes_under(under).count();
            assert!(
                said > 0 || (slug, under) == ("kaiping-2022", Under::Coverage),
                "{slug}: {under}"
            );
        }
    }
}

// ── the gallery of mistakes ──

const TABLE: &str = "code,name,level,parent,alias,unit\n\
                     439921,示例县,county,4399,,\n\
                     439921100,城关镇,township,439921,,\n\
                     439921100201,东风村委会,village,439921100,东丰村,\n";

const SOUND: &str = r#"[scheme]
name = "示例"
year = 2022
region = "439921"
basis = "方案"
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
decides = ["cut-off"]
cut-off = 2022-02-28
[[subsidy]]
category = "低保对象"
also = ["低保户"]
grant = "50%"
pays = 160
payer = "县医保局"
[[late]]
name = "新生儿"
clause = "二"
born-within-days = 90
[[refund]]
reason = "R05"
before = 2022-01-01
clause = "五"
[[group]]
name = "困难"
categories = ["低保对象"]
[coverage]
insured-when = "paid"
[[coverage.rate]]
name = "完成率"
count = "registered"
schemes = ["resident"]
against = "task"
target = "95%"
primary = true
[levels]
uninsured = "note"
[clauses]
uninsured = "一"
[sources.payments]
files = ["缴费*.csv"]
batch = '_(\d{8})'
"#;

/// A folder with a pipeline `p.toml` and its region table.
fn written(pipeline: &str, table: Option<&str>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a scratch folder");
    fs::write(folder.path().join("p.toml"), pipeline).expect("writable");
    fs::create_dir(folder.path().join("regions")).expect("writable");
    if let Some(table) = table {
        fs::write(folder.path().join("regions/p.csv"), table).expect("writable");
    }
    folder
}

/// What a pipeline and its region table are refused for: kind, line and column, in order.
fn refused(pipeline: &str, table: Option<&str>) -> Vec<String> {
    let folder = written(pipeline, table);
    let Err(error) = scheme::load(&folder.path().join("p.toml")) else {
        return Vec::new();
    };
    complaints(&error)
        .iter()
        .map(|complaint| {
            let kind = format!("{:?}", complaint.refusal);
            let kind = kind.split([' ', '{']).next().unwrap_or_default();
            let place = complaint.place.as_ref().expect("a declaration has a place");
            assert!(complaint.excerpt.0.contains('^'), "{}", complaint.excerpt.0);
            format!("{kind} {}:{}", place.line, place.column)
        })
        .collect()
}

#[test]
fn a_sound_pipeline_is_not_complained_of() {
    assert_eq!(refused(SOUND, Some(TABLE)), [""; 0]);
    assert_eq!(refused(&format!("\u{feff}{SOUND}"), Some(TABLE)), [""; 0]);
    assert_eq!(refused(&SOUND.replace('\n', "\r\n"), Some(TABLE)), [""; 0]);
}

#[test]
fn every_mistake_is_told_with_its_line_and_column() {
    // instead of, write, complaints
    #[rustfmt::skip]
    let gallery = [
        (r#"name = "示例""#,              r#"name = "示例"#,                          "Syntax 2:11"),
        (r#"year = 2022"#,                r#"yaer = 2022"#,                          "MissingKey 1:1, UnknownKey 3:1"),
        (r#"year = 2022"#,                r#"year = "2022""#,                        "Syntax 3:8"),
        (r#"year = 2022"#,                r#"year = 2023"#,                          "Contradiction 12:1"),
        (r#"name = "示例""#,              r#"name = " ""#,                           "Empty 2:8"),
        (r#"region = "439921""#,          r#"region = "439922""#,                    "RegionNotInTable 4:10"),
        ("inputs = \"in\"\n",             "inputs = \"in\"\nregions = \"没有.csv\"\n",  "RegionTable 7:11"),
        ("inputs = \"in\"\n",             "inputs = \"in\"\npool-digits = 5\n",      "UnknownWord 7:15"),
        ("[premium]\npersonal = 320\n",   "",                                        "MissingKey 1:1"),
        ("personal = 320",                "personal = -320",                         "BadAmount 8:12"),
        ("personal = 320",                "personal = 320.005",                      "BadAmount 8:12"),
        ("personal = 320",                "personal = 0",                            "BadAmount 8:12"),
        ("personal = 320",                "personal = true",                         "Syntax 8:12"),
        ("personal = 320",                "personal = 320\nfiscal = 580\ntotal = 901", "Contradiction 10:9"),
        ("from = 2021-09-01",             "from = 2021-09-31",                       "BadDate 10:8"),
        ("from = 2021-09-01",             "from = \"2021-9-1\"",                     "BadDate 10:8"),
        ("from = 2021-09-01",             "from = 2021-09-01T08:00:00",              "BadDate 10:8"),
        ("from = 2021-09-01",             "from = 2021-09-01 to",                    "Syntax 10:8"),
        ("from = 2021-09-01",             "from = 2022-09-01",                       "Backwards 11:6"),
        ("decides = [\"cut-off\"]",       "decides = [\"cutoff\"]",                  "UnknownWord 16:12"),
        ("cut-off = 2022-02-28\n",        "",                                        "Contradiction 16:11"),
        ("also = [\"低保户\"]",           "also = [\"低 保对象\"]",                   "Repeated 20:9"),
        ("grant = \"50%\"",               "grant = \"150%\"",                        "BadShare 21:9"),
        ("grant = \"50%\"",               "grant = 321",                             "BadAmount 21:9"),
        ("grant = \"50%\"",               "grant = 150",                             "SumMismatch 22:8"),
        ("payer = \"县医保局\"\n",        "",                                        "MissingKey 18:1"),
        ("born-within-days = 90\n",       "",                                        "MissingKey 24:1"),
        ("born-within-days = 90",         "born-within-days = 90\nborn-within-months = 6", "Contradiction 24:1"),
        ("before = 2022-01-01\nclause",   "before = 2022-01-01\nuntil = 2022-03-31\nclause", "Contradiction 31:9"),
        ("before = 2022-01-01\nclause = \"五\"", "until = 2022-03-31",                "MissingKey 28:1"),
        ("born-within-days = 90",         "on-roster = [\"特困\"]",                  "UnknownCategory 27:14"),
        ("born-within-days = 90",         "employee-gap-days = 9\nemployee-gap-months = 3", "Contradiction 24:1"),
        ("born-within-days = 90",         "born-within-days = 90\nprice = \"unpriced\"", "UnknownWord 28:9"),
        ("born-within-days = 90",         "born-within-days = 90\nstarts = \"event\"", "MissingKey 24:1"),
        ("born-within-days = 90",         "employee-years = 2\nstarts = \"birth\"",  "MissingKey 24:1"),
        ("born-within-days = 90",         "born-from = 2021-01-01\nstarts = \"cover-stop\"", "MissingKey 24:1"),
        ("born-within-days = 90",         "employee-years = 2\nprice = \"two-years\"", "MissingKey 24:1"),
        ("born-within-days = 90",         "case = []",                               "Empty 27:8"),
        ("born-within-days = 90",         "case = [\"复转军人\"]\nstarts = \"event\"\nwait-months = 6\nkeeps-grant = false", ""),
        ("born-within-days = 90",         "born-within-days = 90\nkeeps-grant = 1",  "Syntax 28:15"),
        ("born-within-days = 90",         "born-within-days = 90\nkeeps-grant = \"listed\"", "MissingKey 24:1"),
        ("born-within-days = 90",         "born-within-days = 90\nnewly = false",    "MissingKey 24:1"),
        ("born-within-days = 90",         "on-roster = [\"低保对象\"]\nnewly = 0",   "Syntax 28:9"),
        ("born-within-days = 90",         "on-roster = [\"低保对象\"]\nnewly = false\nkeeps-grant = \"listed\"", ""),
        ("born-within-days = 90",         "born-within-days = 90\nevent-from = 2021-09-01", "MissingKey 24:1"),
        ("born-within-days = 90",         "case = [\"复转军人\"]\nevent-from = 2021-02-30", "BadDate 28:14"),
        ("personal = 320",                "personal = 320\nprevious = -1",           "BadAmount 9:12"),
        ("cut-off = 2022-02-28",          "cut-off = 2022-02-28\nuntil = 2022-02-30", "BadDate 18:9"),
        ("cut-off = 2022-02-28",          "cut-off = 2022-02-28\nuntil = 2021-10-31", "Contradiction 18:9"),
        ("personal = 320",                "personal = 1000001",                      "BadAmount 8:12"),
        ("personal = 320",                "personal = 320\nprevious = 1000001",      "BadAmount 9:12"),
        ("personal = 320",                "personal = 320\nfiscal = 9999999999",     "BadAmount 9:10"),
        ("born-within-days = 90",         "born-within-days = 4294967296",           "UnknownWord 27:20"),
        ("born-within-days = 90",         "born-within-months = 1441",               "UnknownWord 27:22"),
        ("born-within-days = 90",         "born-within-days = 90\nwait-months = 9999999999", "UnknownWord 28:15"),
        ("born-within-days = 90",         "employee-gap-months = 9999999999",        "UnknownWord 27:23"),
        ("born-within-days = 90",         "born-within-days = 90\n[[late]]\nname = \"新生儿\"\nclause = \"三\"\nborn-within-days = 60", "Repeated 29:8"),
        ("born-within-days = 90",         "employee-years = 121",                    "UnknownWord 27:18"),
        ("[levels]",                      "[waiting]\nfixed-months = 99999\n[levels]", "UnknownWord 45:16"),
        ("[levels]",                      "[students]\nfrom = 2021-09-01\nto = 2022-08-31\n[levels]", "MissingKey 44:1"),
        ("[levels]",                      "[students]\nfrom = 2021-09-01\nto = 2022-08-31\ngraduates-until = 2022-07-31\nclause = \"三\"\n[levels]", "Contradiction 47:19"),
        ("[levels]",                      "[waiting]\nfixed-month = 3\n[levels]",    "UnknownKey 45:1"),
        ("reason = \"R05\"",              "reason = \"R12\"",                        "UnknownWord 29:10"),
        ("categories = [\"低保对象\"]",   "categories = [\"低保户\", \"边缘户\"]",    "UnknownCategory 34:22"),
        ("categories = [\"低保对象\"]",   "categories = []",                         "Empty 34:14"),
        ("primary = true",                "primary = false",                         "PrimaryCount 35:1"),
        ("target = \"95%\"",              "target = \"95\"",                         "BadShare 42:10"),
        ("target = \"95%\"",              "target = \"95%\"\ntarget-persons = 9",    "Contradiction 43:18"),
        ("target = \"95%\"",              "against-by-region = { \"430000\" = \"task\" }", "RegionNotInTable 42:23"),
        ("against = \"task\"",            "against = \"tasks\"",                     "UnknownWord 41:11"),
        ("[levels]\n",                    "[tasks]\nover-population = \"no\"\n[levels]\n", "UnknownWord 45:19"),
        ("[levels]\n",                    "[tasks]\ntask-at-least = \"task\"\n[levels]\n", "UnknownWord 45:17"),
        ("[levels]\n",                    "[tasks]\nfloor-share = 95\n[levels]\n",   "BadShare 45:15"),
        ("uninsured = \"note\"",          "uninsred = \"note\"",                     "UnknownKey 45:1"),
        ("uninsured = \"note\"",          "uninsured = \"loud\"",                    "UnknownWord 45:13"),
        ("uninsured = \"一\"",            "没有 = 1",                                "Syntax 47:1"),
        ("uninsured = \"一\"",            "unknown = \"一\"",                        "UnknownKey 47:1"),
        ("[sources.payments]",            "[sources.payment]",                       "UnknownKey 48:10"),
        ("[\"缴费*.csv\"]",               "[\"缴费[.csv\"]",                         "BadPattern 49:10"),
        ("[\"缴费*.csv\"]",               "[\"缴费*.csv\", \"缴费*.csv\"]",           "Repeated 49:21"),
        (r"'_(\d{8})'",                   r"'_(\d{8}'",                              "BadPattern 50:9"),
        (r"'_(\d{8})'",                   "'x'\ncategory = \"低保户\"",              "Contradiction 51:12"),
        ("[levels]",                      "[[note]]\nunder = \"cover\"\ntext = \"分母\"\n[levels]", "UnknownWord 45:9"),
        ("[levels]",                      "[[note]]\nunder = [\"coverage\"]\n[levels]", "MissingKey 44:1"),
        ("[levels]",                      "[[levels]]",                              "Syntax 44:1"),
    ];
    let mut wrong = Vec::new();
    for (instead_of, write, expected) in gallery {
        assert!(SOUND.contains(instead_of), "{instead_of}");
        let found = refused(&SOUND.replacen(instead_of, write, 1), Some(TABLE)).join(", ");
        if found != expected {
            wrong.push(format!("{write:?}: {found} instead of {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_slip_of_the_pen_is_told_once_in_chinese_and_never_in_the_words_of_a_parser() {
    // instead of, write, what a clerk reads
    #[rustfmt::skip]
    let gallery = [
        ("name = \"示例\"",           "name = “示例”",               "用了中文标点"),
        ("name = \"示例\"",           "name = \"示例”",              "用了中文标点"),
        ("year = 2022",               "year ＝ 2022",                "用了中文标点"),
        ("decides = [\"cut-off\"]",   "decides = ［\"cut-off\"］",    "用了中文标点"),
        ("also = [\"低保户\"]",       "also = [\"低保户\"，\"低保\"]",  "用了中文标点"),
        ("[premium]",                 "＃ 标准\n[premium]",           "用了中文标点"),
        ("name = \"示例\"",           "name = 示例",                 "文字要加引号"),
        ("personal = 320",            "personal = 320元",            "文字要加引号"),
        ("from = 2021-09-01",         "from = 2021年9月1日",         "文字要加引号"),
        ("name = \"示例\"",           "name = \"示例",               "引号没有成对"),
        ("year = 2022",               "year =",                      "等号后面没有写值"),
        ("year = 2022",               "year 2022",                   "名称后面没有等号"),
        ("year = 2022",               "year = 2022\nyear = 2022",    "同一项设置写了两次"),
        ("[benefit]",                 "[window]",                    "同一段写了两次"),
        ("[premium]",                 "[premium",                    "方括号没有成对"),
        ("decides = [\"cut-off\"]",   "decides = [\"cut-off\"",      "方括号没有成对"),
        ("also = [\"低保户\"]",       "also = [\"低保户\" \"低保\"]",  "两项之间没有逗号"),
        ("inputs = \"in\"",           "inputs = \"D:\\数据\\zhuji\"", "双引号里有反斜杠"),
        ("inputs = \"in\"",           "inputs = \"D:\\users\"",      "双引号里有反斜杠"),
        ("[premium]",                 "缴费标准\n[premium]",          "这一行不是"),
        ("personal = 320",            "personal = 0320",             "数字以 0 开头"),
        ("personal = 320",            "personal = 1,320",            "值的后面还有内容"),
        ("region = \"439921\"",       "region = 439921",             "这里要写文字"),
        ("year = 2022",               "year = \"2022\"",             "这里要写整数"),
    ];
    let mut wrong = Vec::new();
    for (from, to, words) in gallery {
        assert!(SOUND.contains(from), "{from}");
        let folder = written(&SOUND.replacen(from, to, 1), Some(TABLE));
        let error = scheme::load(&folder.path().join("p.toml")).expect_err(to);
        let said = canbao::words::error(&error, canbao::words::Lang::Zh).0;
        let english = [
            "expected", "string", "missing", "unclosed", "invalid", "found",
        ];
        let sentences: String = said.lines().filter(|line| !line.contains('|')).collect();
        let is_english = english.iter().any(|word| sentences.contains(word));
        if !said.contains(words) || said.matches("错误：").count() != 1 || is_english {
            wrong.push(format!("{to}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_hangs_on_a_region_that_makes_no_sense_is_not_told_once_more() {
    let rows = "439921101,河口镇,town,439921,,\n439921101200,河村,village,439921101,,\n";
    let found = refused(SOUND, Some(&format!("{TABLE}{rows}")));
    assert_eq!(found, ["RegionTable 5:1"]);
}

#[test]
fn every_senseless_region_row_is_told_with_its_line() {
    // a row more, complaints
    #[rustfmt::skip]
    let gallery = [
        ("439921100,又一镇,township,439921,,",          "RegionTable 5:1"), // stands already
        ("439921101200,孤儿村,village,439921101,,",     "RegionTable 5:1"), // no such parent
        ("439921101,河口镇,town,439921,,",              "RegionTable 5:1"), // no such level
        ("439921101,,township,439921,,",                "RegionTable 5:1"), // no name
        ("43992101,河口镇,township,439921,,",           "RegionTable 5:1"), // too short a code
        ("439921A,经开区,township,439921,,",            "RegionTable 5:1"), // a unit must say so
        ("439921A,经开区,township,439921,,yes",         ""),
        ("439921A,经开区,township,439921,,对",          "RegionTable 5:1"), // told once
        ("439922,邻县,county,4399,,",                   ""),
        ("440101,远区,county,4401,,",                   "RegionTable 5:1"), // its city is neither here nor above
        ("439921101,河口镇,township,439921,,,多",       "RegionTable 5:1"),
    ];
    for (row, expected) in gallery {
        assert_eq!(
            refused(SOUND, Some(&format!("{TABLE}{row}\n"))).join(", "),
            expected,
            "{row}"
        );
    }
    assert_eq!(refused(SOUND, None), ["RegionTable 1:1"]);
    assert_eq!(
        refused(SOUND, Some("code,name\n1,2\n")),
        ["RegionTable 1:1"]
    );
}

#[test]
fn five_mistakes_at_once_are_five_complaints() {
    let pipeline = SOUND
        .replace("personal = 320", "personal = 320\nfsical = 580")
        .replace("to = 2022-02-28", "to = 2022-02-30")
        .replace("grant = \"50%\"", "grant = 150")
        .replace("target = \"95%\"", "target = \"195%\"")
        .replace("[\"缴费*.csv\"]", "[]");
    assert_eq!(
        refused(&pipeline, Some(TABLE)),
        [
            "UnknownKey 9:1",
            "BadDate 12:6",
            "SumMismatch 23:8",
            "BadShare 43:10",
            "Empty 50:9"
        ]
    );
}

#[test]
fn any_line_missing_and_any_end_cut_off_is_answered() {
    // Whatever is cut out, the answer is complaints or a scheme, never a crash.
    let lines: Vec<&str> = SOUND.lines().collect();
    for missing in 0..lines.len() {
        let rest: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != missing)
            .map(|(_, l)| *l)
            .collect();
        refused(&rest.join("\n"), Some(TABLE));
    }
    let coverage_ends = SOUND.find("[levels]").expect("it is there");
    for (cut, _) in SOUND.char_indices() {
        let found = refused(&SOUND[..cut], Some(TABLE));
        assert!(
            cut >= coverage_ends || !found.is_empty(),
            "{}",
            &SOUND[..cut]
        );
    }
    for (cut, _) in TABLE.char_indices() {
        refused(SOUND, Some(&TABLE[..cut]));
    }
}

#[test]
fn a_mistyped_key_is_answered_with_the_nearest_known_one() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("p.toml");
    fs::write(&path, SOUND.replace("decides =", "decide =")).expect("writable");
    let error = scheme::load(&path).expect_err("a key is mistyped");
    let near = complaints(&error).iter().find_map(|c| match &c.refusal {
        Refusal::Setting(WrongSetting::UnknownKey { key, near }) => {
            Some((key.as_str(), near.as_deref()))
        }
        _ => None,
    });
    assert_eq!(near, Some(("roster.decide", Some("decides"))));
}

#[test]
fn the_digest_changes_with_the_pipeline_and_with_its_region_table() {
    let digest = |pipeline: &str, table: &str| {
        let folder = tempfile::tempdir().expect("a scratch folder");
        fs::create_dir(folder.path().join("regions")).expect("writable");
        fs::write(folder.path().join("p.toml"), pipeline).expect("writable");
        fs::write(folder.path().join("regions/p.csv"), table).expect("writable");
        scheme::load(&folder.path().join("p.toml"))
            .expect("a sound pipeline")
            .digest
    };
    let plain = digest(SOUND, TABLE);
    assert_eq!(plain, digest(SOUND, TABLE));
    assert_ne!(plain, digest(&format!("{SOUND}# 注\n"), TABLE));
    assert_ne!(plain, digest(SOUND, &TABLE.replace("城关镇", "城关乡")));
}

#[test]
fn a_pipeline_that_is_not_there_is_a_complaint() {
    let error = scheme::load(&pipeline("nowhere")).expect_err("there is no such file");
    assert!(matches!(
        complaints(&error)[0].refusal,
        Refusal::Inputs(WrongInputs::PipelineUnreadable { .. })
    ));
}
