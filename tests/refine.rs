//! Refine, from sheets of text to typed rows: what a clerk wrote, and what the program makes of it.

use std::hash::{DefaultHasher, Hash, Hasher};

use canbao::domain::region::Region;
use canbao::domain::{
    Code, Cover, Days, Fate, FateCounts, Field, RegionLevel, RegionTree, Repair, SourceKind,
    Status, columns as c,
};
use canbao::intake::{Column as Header, Origin, Sheet};
use canbao::refine::{Division, Rows, typed};
use canbao::scheme::{
    Category, EntryRules, Hidden, Meaning, Mode, RosterRule, Scheme, SourceRule, TasksRule, Word,
};
use chrono::NaiveDate;
use polars::prelude::*;
use rand::SeedableRng;
use rand::seq::SliceRandom;

const ZHANG: &str = "11010519491231002X";
const LI: &str = "440524188001010014";
const WANG: &str = "440308199901101512";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn scheme() -> Scheme {
    let region = |code: &str, name: &str, level, parent: &str| Region {
        code: code.into(),
        name: name.into(),
        level,
        parent: parent.into(),
        aliases: Vec::new(),
        unit: false,
    };
    let rule = |kind, mode, batch: Option<&str>, category: Option<&str>| SourceRule {
        kind,
        files: Vec::new(),
        mode,
        batch: batch.map(|text| regex::Regex::new(text).expect("an expression")),
        required: false,
        columns: Vec::new(),
        category: category.map(str::to_owned),
        hidden: Hidden::Read,
        unpivot: Vec::new(),
        sheets: Vec::new(),
    };
    let category = |name: &str, also: &[&str], grant| Category {
        name: name.into(),
        also: also.iter().map(|word| (*word).to_owned()).collect(),
        grant,
        payer: "县医保局".into(),
    };
    Scheme {
        slug: "test-2022".into(),
        digest: String::new(),
        name: "试验县2022年度".into(),
        year: 2022,
        pool_digits: 4,
        basis: "试验".into(),
        inputs: "inputs".into(),
        premium: 32_000,
        fiscal: None,
        window: Days {
            from: day("2021-09-01"),
            to: day("2022-02-28"),
        },
        benefit: Days {
            from: day("2022-01-01"),
            to: day("2022-12-31"),
        },
        roster: RosterRule {
            payment_day: true,
            cut_off_day: true,
            cut_off: None,
        },
        categories: vec![
            category("低保对象", &["低保户"], 16_000),
            category("重度残疾人(1~2级)", &["一、二级残疾"], 16_000),
        ],
        late: Vec::new(),
        entries: EntryRules::default(),
        refunds: Vec::new(),
        insured_when_paid: false,
        rates: Vec::new(),
        groups: Vec::new(),
        levels: Code::ALL.iter().map(|code| code.default_level()).collect(),
        clauses: Code::ALL.iter().map(|_| String::new()).collect(),
        vocabulary: vec![
            Word {
                source: Some(SourceKind::Registrations),
                word: "3".into(),
                means: Meaning::Status(Status::Ended),
            },
            Word {
                source: None,
                word: "惠民保".into(),
                means: Meaning::Cover(Cover::OtherCover),
            },
        ],
        sources: vec![
            rule(
                SourceKind::Register,
                Mode::Snapshot,
                Some(r"_(\d{8})"),
                None,
            ),
            rule(SourceKind::Registrations, Mode::Snapshot, None, None),
            rule(SourceKind::Payments, Mode::Increment, None, None),
            rule(SourceKind::Rosters, Mode::Snapshot, None, Some("低保户")),
        ],
        tasks: TasksRule::default(),
        notes: Vec::new(),
        assessment: None,
        lists: canbao::scheme::ListsAsked::default(),
        roster_stop: canbao::scheme::RosterStop::default(),
        regions: RegionTree::new(
            "430321",
            vec![
                region("430321", "湘潭县", RegionLevel::County, "4303"),
                region("430321100", "易俗河镇", RegionLevel::Township, "430321"),
                region(
                    "430321100201",
                    "烟塘村委会",
                    RegionLevel::Village,
                    "430321100",
                ),
                region("430321101", "谭家山镇", RegionLevel::Township, "430321"),
                region("430381", "湘乡市", RegionLevel::County, "4303"),
                region("430502", "双清区", RegionLevel::County, "4305"),
            ],
        ),
    }
}

/// A sheet as intake hands it over; cells of a row are split by `|`, empty = blank.
fn sheet(source: SourceKind, file: &str, fields: &[Field], rows: &[&str]) -> Sheet {
    let cells: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.split('|').map(str::trim).collect())
        .collect();
    let mut columns: Vec<Column> = (fields.iter().enumerate())
        .map(|(at, field)| {
            let texts: StringChunked = cells
                .iter()
                .map(|row| Some(row[at]).filter(|cell| !cell.is_empty()))
                .collect();
            texts.with_name(field.code().into()).into_column()
        })
        .collect();
    let digest = |row: &Vec<&str>| {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        hasher.finish()
    };
    let numbers: Vec<u32> = (2..).take(rows.len()).collect();
    columns.push(UInt32Chunked::from_vec(c::ROW.into(), numbers).into_column());
    columns.push(
        UInt64Chunked::from_vec(c::DIGEST.into(), cells.iter().map(digest).collect()).into_column(),
    );
    let mut set_aside = FateCounts::default();
    set_aside.add(Fate::Heading, 1);
    let batch = regex::Regex::new(r"_(\d{8})").expect("an expression");
    Sheet {
        origin: Origin {
            source,
            file: file.into(),
            sheet: String::new(),
            sha256: String::new(),
            encoding: "UTF-8".into(),
            batch: batch.captures(file).map(|found| found[1].to_owned()),
            since_1904: false,
            rows_read: rows.len() as u64 + 1,
        },
        header_row: 1,
        columns: fields
            .iter()
            .map(|field| Header {
                header: field.code().into(),
                field: Some(*field),
                sure: None,
            })
            .collect(),
        table: DataFrame::new(rows.len(), columns).expect("equal lengths"),
        set_aside,
        totals: Vec::new(),
        beside: Default::default(),
    }
}

fn rows(sheets: Vec<Sheet>) -> Rows {
    let rows = typed(sheets, &scheme(), day("2022-03-31")).expect("sheets keep the contract");
    rows.assert_balanced();
    rows
}

/// A cell as text, null as nothing; closed lists by position.
fn cell(frame: &DataFrame, column: &str, at: usize) -> String {
    match frame
        .column(column)
        .expect("a column of the contract")
        .get(at)
        .expect("a row")
    {
        AnyValue::Null => String::new(),
        value => value
            .get_str()
            .map_or_else(|| value.to_string(), str::to_owned),
    }
}

fn fates(rows: &Rows, kind: SourceKind) -> Vec<&'static str> {
    let frame = rows.frame(kind).expect("the source was read");
    let fates = frame.column(c::FATE).expect("FATE").u8().expect("u8");
    fates
        .into_no_null_iter()
        .map(|fate| Fate::at(fate).code())
        .collect()
}

fn table(rows: &Rows, kind: SourceKind, columns: &[&str]) -> Vec<String> {
    let frame = rows.frame(kind).expect("the source was read");
    let line = |at| {
        columns
            .iter()
            .map(|name| cell(frame, name, at))
            .collect::<Vec<_>>()
            .join("|")
    };
    (0..frame.height()).map(line).collect()
}

#[test]
fn repeated_payments_are_told_by_voucher_and_otherwise_by_equal_rows_of_two_files() {
    use Field::{Id, Name, PaidOn, Total, Voucher};
    let fields = [Id, Name, Total, PaidOn, Voucher];
    let payments = |file, lines: &[&str]| sheet(SourceKind::Payments, file, &fields, lines);
    let found = rows(vec![
        payments(
            "b.csv",
            &[
                &format!("{ZHANG}|张三|320|2021-10-01|V1"), // once more in another file
                &format!("{WANG}|王五|320|2021-10-02|"),    // equal to a row of a.csv, no voucher
            ],
        ),
        payments(
            "a.csv",
            &[
                &format!("{ZHANG}|张三|320|2021-10-01|V1"),
                &format!("{ZHANG}|张三|-320|2021-10-09|V1"), // other sign
                &format!("{LI}|李四|320|2021-10-01|V1"),     // a voucher shared by two persons
                &format!("{WANG}|王五|320|2021-10-02|"),
                &format!("{WANG}|王五|320|2021-10-02|"), // equal rows of one file count
                "123|赵六|320|2021-10-02|V2",
                "123|赵六|320.00|2021-10-03|V2", // unusable, and still the same person and voucher
            ],
        ),
    ]);
    assert_eq!(
        fates(&found, SourceKind::Payments),
        [
            "reversed",
            "reversed",
            "used",
            "used",
            "used",
            "id-unusable",
            "repeated", // a.csv
            "repeated",
            "repeated", // b.csv
        ]
    );
    let kept = table(&found, SourceKind::Payments, &[c::KEPT_ORIGIN, c::KEPT_ROW]);
    assert_eq!(
        (
            kept[6].as_str(),
            kept[7].as_str(),
            kept[8].as_str(),
            kept[0].as_str()
        ),
        ("0|7", "0|2", "0|5", "|")
    );
}

#[test]
fn fates_are_settled_in_their_precedence() {
    use Field::{Begun, Id, Name, RegistrationNo, Scheme, Year};
    let fields = [Id, Name, Scheme, Year, Begun, RegistrationNo];
    let lines = [
        format!("{ZHANG}|张三|390|2022|2021-10-01|R1"),
        format!("{ZHANG}|张三|390|2022|2021-10-01|R1"), // repeated
        format!("{ZHANG}|张三|养老|2021|2022-04-01|R2"), // another year before another scheme before too late
        format!("{ZHANG}|张三|养老|2022|2022-04-01|R3"),
        format!("{ZHANG}|张三|390||2022-04-01|R4"),
        format!("{ZHANG}|张三|||2022-03-31|R5"),
        "1|李四|390|2021||".to_owned(),
        "1|李四|390|2022||".to_owned(),
        format!("{LI}|李四|惠民保|2022||"),
        format!("{LI}|李四|车险|2022||"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = rows(vec![sheet(
        SourceKind::Registrations,
        "a.csv",
        &fields,
        &lines,
    )]);
    assert_eq!(
        fates(&found, SourceKind::Registrations),
        [
            "used",
            "repeated",
            "other-year",
            "other-scheme",
            "after-as-of",
            "used",
            "other-year",
            "id-unusable",
            "other-scheme",
            "other-scheme",
        ]
    );
    let words = table(&found, SourceKind::Registrations, &[c::UNKNOWN_WORD]);
    assert_eq!((words[8].as_str(), words[9].as_str()), ("", "车险"));
}

#[test]
fn only_the_newest_batch_of_a_snapshot_counts() {
    let fields = [Field::Id, Field::Name];
    let line = format!("{ZHANG}|张三");
    let register = |file| sheet(SourceKind::Register, file, &fields, &[&line]);
    let found = rows(vec![
        register("常住人口_20220201.csv"),
        register("常住人口_20220301_a.csv"),
        register("常住人口_20220301_b.csv"),
        register("常住人口.csv"),
    ]);
    let by_file: Vec<(String, &str)> = found
        .origins
        .iter()
        .map(|o| o.file.clone())
        .zip(fates(&found, SourceKind::Register))
        .collect();
    let expected = [
        ("常住人口.csv", "superseded"),
        ("常住人口_20220201.csv", "superseded"),
        ("常住人口_20220301_a.csv", "used"),
        ("常住人口_20220301_b.csv", "repeated"),
    ];
    assert_eq!(
        by_file,
        expected.map(|(file, fate)| (file.to_owned(), fate))
    );
}

#[test]
fn money_follows_from_the_columns_that_a_sheet_has() {
    use Field::{Id, Personal, Subsidy, Total};
    // fields, cells, personal, subsidised, unreadable
    for (fields, cells, expected) in [
        (&[Id, Total][..], "320", "32000|0|"),
        (&[Id, Personal][..], "320", "32000|0|"),
        (&[Id, Total, Subsidy][..], "320|160", "16000|16000|"),
        (&[Id, Personal, Subsidy][..], "160|160", "16000|16000|"),
        (&[Id, Personal, Total][..], "160|320", "16000|16000|"),
        (
            &[Id, Personal, Total, Subsidy][..],
            "160|320|150",
            "16000|15000|",
        ),
        (&[Id, Total, Subsidy][..], "|160", "0|16000|"),
        (&[Id, Total][..], "叁佰", "0|0|叁佰"),
        (&[Id, Personal, Total][..], "叁佰|320", "0|0|叁佰"),
    ] {
        let found = rows(vec![sheet(
            SourceKind::Payments,
            "a.csv",
            fields,
            &[&format!("{ZHANG}|{cells}")],
        )]);
        let got = table(
            &found,
            SourceKind::Payments,
            &[c::PERSONAL, c::SUBSIDISED, c::UNREADABLE_AMOUNT],
        );
        assert_eq!(got, [expected], "{fields:?} {cells}");
    }
}

#[test]
fn places_say_region_pool_and_whether_it_is_here() {
    use Field::{Id, Place, Township, Village};
    use SourceKind::{Elsewhere, Registrations};
    // source, place, township, village → region, here, pool, text, verdict
    for (source, cells, expected) in [
        (
            Registrations,
            "|易俗河镇|烟塘村",
            "430321100201|true|4303||",
        ),
        (Registrations, "430321||", "|true|4303||"),
        (Registrations, "430321|易俗河镇|", "430321100|true|4303||"),
        (
            Registrations,
            "430321100201|易俗河镇|烟塘村",
            "430321100201|true|4303||",
        ),
        (Registrations, "||", "|true|4303||"),
        (Registrations, "湘乡市|易俗河镇|", "|false|4303||"),
        (Registrations, "430502||", "|false|4305||"),
        (
            Registrations,
            "火星|易俗河镇|",
            "430321100|true|4303|火星|region-unknown",
        ),
        (
            Registrations,
            "|易俗河镇|火星村",
            "430321100|true|4303|火星村|region-unknown",
        ),
        (
            Registrations,
            "||易俗河镇烟塘村",
            "430321100201|true|4303||",
        ),
        (
            Registrations,
            "|易俗河镇|烟塘村（居）",
            "430321100201|true|4303||",
        ),
        (
            Registrations,
            "|易俗河镇|烟糖村",
            "430321100|true|4303|烟糖村|region-unknown",
        ),
        (
            Registrations,
            "湖南省湘潭市湘潭县易俗河镇烟塘村||",
            "430321100201|true|4303||",
        ),
        (
            Elsewhere,
            "湘潭县易俗河镇火星村||",
            "430321100|true|4303|湘潭县易俗河镇火星村|region-unknown",
        ),
        (Elsewhere, "火星||", "|false|火星|火星|region-unknown"),
        (Elsewhere, "||", "|false|?||"),
        (Elsewhere, "430321||", "|true|4303||"),
        (Elsewhere, "双清区||", "|false|4305||"),
    ] {
        let line = format!("{ZHANG}|{cells}");
        let found = rows(vec![sheet(
            source,
            "a.csv",
            &[Id, Place, Township, Village],
            &[&line],
        )]);
        let frame = found.frame(source).expect("read");
        let verdict = frame
            .column(c::REGION_VERDICT)
            .expect("column")
            .u8()
            .expect("u8")
            .get(0);
        let mut got = table(
            &found,
            source,
            &[c::REGION, c::HERE, c::POOL, c::REGION_TEXT],
        )
        .remove(0);
        got.push('|');
        got.push_str(verdict.map_or("", |code| Code::at(code).code()));
        assert_eq!(got, expected, "{source} {cells}");
    }
}

#[test]
fn other_places_rows_are_registrations_payments_or_both() {
    use Field::{Id, PaidOn, Place, Status, Total};
    for (fields, cells, expected) in [
        (&[Id, Place][..], "430502", "true|false"),
        (&[Id, Place, Status][..], "430502|正常", "true|false"),
        (
            &[Id, Place, Total, PaidOn][..],
            "430502|320|2021-10-01",
            "false|true",
        ),
        (
            &[Id, Place, Status, Total][..],
            "430502|正常|320",
            "true|true",
        ),
        (
            &[Id, Place, Status, Total][..],
            "430502|正常|",
            "true|false",
        ),
    ] {
        let found = rows(vec![sheet(
            SourceKind::Elsewhere,
            "a.csv",
            fields,
            &[&format!("{ZHANG}|{cells}")],
        )]);
        assert_eq!(
            table(
                &found,
                SourceKind::Elsewhere,
                &[c::IS_REGISTRATION, c::IS_PAYMENT]
            ),
            [expected],
            "{fields:?}"
        );
    }
}

#[test]
fn categories_are_found_in_every_departments_spelling() {
    use Field::{Category, Id, Name};
    let lines = [
        "低保对象",
        "低保户",
        "重度残疾人（1～2级）",
        " 一、二级残疾 ",
        "特困",
        "",
    ]
    .map(|word| format!("{LI}|李四|{word}"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = rows(vec![
        sheet(SourceKind::Rosters, "a.csv", &[Id, Name, Category], &lines),
        sheet(
            SourceKind::Rosters,
            "b.csv",
            &[Id, Name],
            &[&format!("{LI}|李四")],
        ),
    ]);
    let got = table(&found, SourceKind::Rosters, &[c::CATEGORY, c::UNKNOWN_WORD]);
    assert_eq!(got, ["0|", "0|", "1|", "1|", "|特困", "|", "0|"]);
}

#[test]
fn the_register_ignores_what_has_not_happened_yet_and_the_lists_set_it_aside() {
    use Field::{Death, Id, MovedOut, Name};
    let fields = [Id, Name, Death, MovedOut];
    let lines = [
        format!("{ZHANG}|张三|2022-03-31|"),
        format!("{LI}|李四|2022-04-01|2022-05-01"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = rows(vec![
        sheet(SourceKind::Register, "a.csv", &fields, &lines),
        sheet(
            SourceKind::Deaths,
            "b.csv",
            &fields[..3],
            &[
                &format!("{ZHANG}|张三|2022-03-31"),
                &format!("{LI}|李四|2022-04-01"),
            ],
        ),
    ]);
    assert_eq!(
        table(&found, SourceKind::Register, &[c::DEATH, c::MOVED_OUT]),
        ["2022-03-31|", "|"]
    );
    assert_eq!(fates(&found, SourceKind::Register), ["used", "used"]);
    assert_eq!(fates(&found, SourceKind::Deaths), ["used", "after-as-of"]);
}

#[test]
fn rows_that_cannot_be_joined_are_persons_of_their_own() {
    let fields = [Field::Id, Field::Name];
    let found = rows(vec![sheet(
        SourceKind::Register,
        "a.csv",
        &fields,
        &["1|张三", "1|张三", "1|李四", "|王五", "4.30321E+17|赵六"],
    )]);
    let frame = found.frame(SourceKind::Register).expect("read");
    assert_eq!(
        frame
            .column(c::KEY)
            .expect("KEY")
            .n_unique()
            .expect("countable"),
        5
    );
    assert_eq!(fates(&found, SourceKind::Register), ["id-unusable"; 5]);
}

#[test]
fn statuses_speak_the_language_of_their_source() {
    let lines = [
        format!("{ZHANG}|3"),
        format!("{LI}|暂停参保"),
        format!("{WANG}|"),
        "x|冻结".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = rows(vec![sheet(
        SourceKind::Registrations,
        "a.csv",
        &[Field::Id, Field::Status],
        &lines,
    )]);
    let frame = found.frame(SourceKind::Registrations).expect("read");
    let statuses = frame.column(c::STATUS).expect("STATUS").u8().expect("u8");
    let got: Vec<&str> = statuses
        .into_no_null_iter()
        .map(|status| Status::at(status).code())
        .collect();
    assert_eq!(got, ["ended", "suspended", "normal", "unknown"]);
}

#[test]
fn tasks_keep_their_figures_and_name_the_regions_themselves() {
    use Field::{Population, RegionCode, Task, Township, Village};
    let fields = [RegionCode, Township, Village, Population, Task];
    let lines = [
        "430321|||780,873|687168",
        "430321100|易俗河镇||1000|880人",
        "430321100201|易俗河镇|烟塘村|12.5|",
        "|谭家山镇|||1",
    ];
    let found = rows(vec![sheet(SourceKind::Tasks, "a.csv", &fields, &lines)]);
    let got = table(
        &found,
        SourceKind::Tasks,
        &[c::REGION, c::POPULATION, c::TASK, c::REGION_VERDICT],
    );
    assert_eq!(
        got,
        [
            "430321|780873|687168|",
            "430321100|1000|880|",
            "430321100201|||",
            "430321101||1|"
        ]
    );
}

/// Sheets of every kind of trouble; `seed` shuffles rows and files.
fn shuffled(seed: u64) -> Vec<Sheet> {
    use Field::{Id, Name, OriginalVoucher, PaidOn, Place, Total, Voucher};
    let fields = [Id, Name, Total, PaidOn, Voucher, OriginalVoucher, Place];
    let mut files: Vec<(&str, Vec<String>)> = vec![("a.csv", Vec::new()), ("b.csv", Vec::new())];
    for (at, file) in files.iter_mut().enumerate() {
        for n in 0..60 {
            let id = [ZHANG, LI, WANG, "", "77", "4.3E+17"][n % 6];
            let name = ["张三", "李四", "王五"][n % 3];
            let amount = [320, 160, -320, 320, -160][(n + at) % 5];
            let voucher = if n % 4 == 0 {
                String::new()
            } else {
                format!("V{}", n / 7)
            };
            let place = ["430321", "430502", ""][n / 20];
            file.1.push(format!(
                "{id}|{name}|{amount}|2021-1{}-0{}|{voucher}||{place}",
                n % 3,
                n % 8 + 1
            ));
        }
    }
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    if seed > 0 {
        files.iter_mut().for_each(|file| file.1.shuffle(&mut rng));
        files.shuffle(&mut rng);
    }
    files
        .iter()
        .map(|(name, lines)| {
            sheet(
                SourceKind::Payments,
                name,
                &fields,
                &lines.iter().map(String::as_str).collect::<Vec<_>>(),
            )
        })
        .collect()
}

#[test]
fn no_order_of_rows_or_files_changes_what_becomes_of_them() {
    let columns = [
        c::KEY,
        c::ORIGIN,
        c::FATE,
        c::ID,
        c::NAME,
        c::POOL,
        c::PERSONAL,
        c::NET_PERSONAL,
        c::UNMATCHED,
        c::VOUCHER,
    ];
    let outcome = |seed| {
        let mut lines = table(&rows(shuffled(seed)), SourceKind::Payments, &columns);
        lines.sort();
        lines
    };
    let expected = outcome(0);
    assert!(
        expected.iter().any(|line| line.contains("true")),
        "the example has unmatched reversals"
    );
    for seed in 1..20 {
        assert_eq!(outcome(seed), expected, "seed {seed}");
    }
}

#[test]
fn under_the_header_of_disability_cards_both_lengths_are_read() {
    let lines = ["44052418800101001443", LI, "440524188001010015"];
    let mut roster = sheet(SourceKind::Rosters, "a.csv", &[Field::Id], &lines);
    roster.columns[0].header = "残疾证号".into();
    let found = rows(vec![roster]);
    assert_eq!(
        table(&found, SourceKind::Rosters, &[c::ID]),
        [LI, LI, "440524188001010015"]
    );
    assert_eq!(
        fates(&found, SourceKind::Rosters),
        ["used", "used", "id-unusable"]
    );
}

/// source file row field before → after rule, one line a repaired cell and rule.
fn repaired(rows: &Rows) -> Vec<String> {
    let frame = &rows.repairs;
    let line = |at: usize| {
        let code = |name: &str| {
            frame
                .column(name)
                .expect("column")
                .u8()
                .expect("u8")
                .get(at)
                .expect("no null")
        };
        let origin = &rows.origins[frame
            .column(c::ORIGIN)
            .expect("column")
            .u32()
            .expect("u32")
            .get(at)
            .expect("no null") as usize];
        let (field, rule) = (Field::at(code(c::FIELD)), Repair::at(code(c::RULE)));
        let [row, before, after] = [c::ROW, c::BEFORE, c::AFTER].map(|name| cell(frame, name, at));
        format!(
            "{} {} {row} {field} [{before}] [{after}] {rule}",
            origin.source, origin.file
        )
    };
    (0..frame.height()).map(line).collect()
}

#[test]
fn every_repair_of_every_data_row_is_listed_whatever_its_fate() {
    use Field::{
        Category, Ended, Id, Identified, Name, PaidOn, Population, Subsidy, Total, Township,
    };
    let found = rows(vec![
        sheet(
            SourceKind::Tasks,
            "t.csv",
            &[Township, Population],
            &["易俗河镇|1,000人", "谭家山镇|约五万"],
        ),
        sheet(
            SourceKind::Rosters,
            "r.csv",
            &[Id, Name, Category, Identified, Ended, Subsidy],
            &[
                &format!("{LI}|李四|低保户|44561|长期|160元"),
                &format!("{WANG}|王五|低保户|2021年12月31|2021-02-30|壹佰"),
            ],
        ),
        sheet(
            SourceKind::Payments,
            "p.csv",
            &[Id, Name, Total, PaidOn],
            &[
                // once plain: nothing to list
                &format!("{ZHANG}|张三|320|2021-10-01"),
                "\u{200b}11010519491231002x|阿依古丽•买买提|￥1,280.00|2021年12月31日",
                // unusable, and repaired nevertheless
                "'4405241880|李\u{a0}四|（320）|昨天",
                // after the as-of date
                &format!("{LI}|李四|320圆|44 561"),
            ],
        ),
    ]);
    assert_eq!(
        repaired(&found),
        [
            "payments p.csv 3 id [\u{200b}11010519491231002x] [11010519491231002X] blanks",
            "payments p.csv 3 id [\u{200b}11010519491231002x] [11010519491231002X] check-letter",
            "payments p.csv 3 name [阿依古丽•买买提] [阿依古丽·买买提] middle-dot",
            "payments p.csv 3 total [￥1,280.00] [1280] currency-mark",
            "payments p.csv 3 total [￥1,280.00] [1280] thousands",
            "payments p.csv 4 id ['4405241880] [4405241880] quotes",
            "payments p.csv 4 name [李\u{a0}四] [李四] blanks",
            "payments p.csv 4 total [（320）] [-320] parentheses",
            "payments p.csv 4 paid-on [昨天] [] unreadable",
            "payments p.csv 5 total [320圆] [320] unit",
            "payments p.csv 5 paid-on [44 561] [] unreadable",
            "rosters r.csv 2 subsidy [160元] [160] unit",
            "rosters r.csv 2 identified [44561] [2021-12-31] serial-day",
            "rosters r.csv 3 subsidy [壹佰] [] unreadable",
            "rosters r.csv 3 identified [2021年12月31] [2021-12-31] date-marks",
            "rosters r.csv 3 ended [2021-02-30] [] unreadable",
            "tasks t.csv 2 population [1,000人] [1000] unit",
            "tasks t.csv 2 population [1,000人] [1000] thousands",
            "tasks t.csv 3 population [约五万] [] unreadable",
        ]
    );
    let counts = found.repair_counts();
    assert_eq!(counts.values().sum::<u64>(), found.repairs.height() as u64);
    assert_eq!(counts.get(&(0, Id, Repair::CheckLetter)), Some(&1));
    assert_eq!(counts.get(&(1, Ended, Repair::Unreadable)), Some(&1));
}

#[test]
fn where_nothing_is_repaired_the_list_is_there_and_empty() {
    let names: Vec<String> = rows(Vec::new())
        .repairs
        .get_column_names()
        .iter()
        .map(|name| name.to_string())
        .collect();
    assert_eq!(
        names,
        [c::ORIGIN, c::ROW, c::FIELD, c::BEFORE, c::AFTER, c::RULE]
    );
    let plain = rows(vec![sheet(
        SourceKind::Register,
        "a.csv",
        &[Field::Id, Field::Name],
        &[&format!("{ZHANG}|张三")],
    )]);
    assert_eq!(
        (plain.repairs.height(), plain.repairs.schema()),
        (0, rows(Vec::new()).repairs.schema())
    );
}

#[test]
fn a_code_means_what_its_source_says_and_words_nobody_knows_are_counted_by_column() {
    use Field::{Category, Id, IdType, Name, Place, Scheme, Status as Word};
    let found = rows(vec![
        // the pipeline says 3 = ended for registrations; elsewhere the national code stands: invalid
        sheet(
            SourceKind::Registrations,
            "a.csv",
            &[Id, Scheme, Word, IdType],
            &[
                &format!("{ZHANG}|390|3|01"),
                &format!("{LI}|390|正常参保(已缴费)|01"),
                &format!("{WANG}|车险|冻结|船员证"),
                &format!("{WANG}|390|冻结|"),
                &format!("{WANG}|390|暂停参保（欠费）|"),
            ],
        ),
        sheet(
            SourceKind::Elsewhere,
            "b.csv",
            &[Id, Place, Word],
            &[
                &format!("{ZHANG}|430502|3"),
                &format!("{ZHANG}|430502|冻结"),
            ],
        ),
        sheet(
            SourceKind::Rosters,
            "c.csv",
            &[Id, Name, Category],
            &[&format!("{ZHANG}|张三|三无"), &format!("{LI}|李四|三无")],
        ),
    ]);
    let statuses = |kind| -> Vec<&str> {
        let column = found
            .frame(kind)
            .expect("read")
            .column(c::STATUS)
            .expect("STATUS")
            .u8()
            .expect("u8");
        column
            .into_no_null_iter()
            .map(|status| Status::at(status).code())
            .collect()
    };
    assert_eq!(
        statuses(SourceKind::Registrations),
        ["ended", "normal", "unknown", "unknown", "suspended"]
    );
    assert_eq!(statuses(SourceKind::Elsewhere), ["invalid", "unknown"]);
    let unknown: Vec<String> = found
        .unknown_words
        .iter()
        .map(|word| format!("{} {} {} {}", word.source, word.field, word.word, word.rows))
        .collect();
    assert_eq!(
        unknown,
        [
            "registrations id-type 船员证 1",
            "registrations scheme 车险 1",
            "registrations status 冻结 2",
            "rosters category 三无 2",
            "elsewhere status 冻结 1",
        ]
    );
}

/// `code expected < found` of every finding of some codes, in the order of the list.
fn findings(sheets: Vec<Sheet>, codes: &[Code]) -> Vec<String> {
    let (scheme, as_of) = (scheme(), day("2022-03-31"));
    let buckets = canbao::refine::sorted(
        sheets,
        &scheme,
        as_of,
        Division {
            buckets: 3,
            ..Division::WHOLE
        },
    )
    .expect("sorted");
    let lists = canbao::measure::Lists::none(&buckets.figures(), &scheme, None);
    let take = |bucket, said| lists.take(bucket, said);
    let judged = canbao::judge::by_bucket(
        &buckets,
        &scheme,
        as_of,
        canbao::judge::Printed::Lists,
        &take,
    )
    .expect("judged");
    let facts = canbao::measure::facts(&buckets.figures(), judged, lists, &scheme, as_of)
        .expect("measured");
    let found = facts.findings.frame().expect("held");
    let line = |at| {
        let [code, source, row, expected, found] =
            ["code", "source", "row", "expected", "found"].map(|name| cell(&found, name, at));
        (codes.iter().any(|wanted| wanted.code() == code))
            .then(|| format!("{code} {source} {row}: {expected} < {found}"))
    };
    (0..found.height()).filter_map(line).collect()
}

#[test]
fn a_truncated_number_is_given_the_numbers_of_other_books_that_begin_so_and_bear_the_name() {
    let fields = [Field::Id, Field::Name];
    // two valid numbers that share their first 15 digits, and one that does not
    let (first, second, other) = (
        "430321199001011037",
        "430321199001011017",
        "430321199001012001",
    );
    let valid = |digits: &str| {
        let digits17 = digits[..17].parse().expect("digits");
        format!(
            "{}{}",
            &digits[..17],
            canbao::domain::person::check_character(digits17)
        )
    };
    let [first, second, other] = [first, second, other].map(valid);
    let truncated = "430321199001011000";
    let book = |kind, file, lines: &[String]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        sheet(kind, file, &fields, &lines)
    };
    let of = |number: &str, name: &str| format!("{number}|{name}");
    let sheets = vec![
        book(
            SourceKind::Registrations,
            "a.csv",
            &[
                of("4.30321199001011E+17", "张三"),
                of(truncated, "张 三"),
                of(truncated, "李四"),
                of("4.30321E+17", "张三"),
                of(truncated, ""),
                // its own book is no other source
                of(&second, "李四"),
            ],
        ),
        book(
            SourceKind::Register,
            "b.csv",
            &[
                of(&second, "张三"),
                of(&first, "张三"),
                of(&other, "张三"),
                of(&first, "王五"),
            ],
        ),
        book(SourceKind::Previous, "c.csv", &[of(&first, "张\u{200b}三")]),
    ];
    let found = rows(sheets.clone());
    let both = if first < second {
        format!("{first}|{second}")
    } else {
        format!("{second}|{first}")
    };
    let mut got = findings(sheets, &[Code::IdTruncated]);
    got.sort();
    assert_eq!(
        got,
        [
            format!("id-truncated registrations 2: {both} < 4.30321199001011E+17"),
            format!("id-truncated registrations 3: {both} < {truncated}"),
            format!("id-truncated registrations 4:  < {truncated}"),
            "id-truncated registrations 5:  < 4.30321E+17".to_owned(),
            format!("id-truncated registrations 6:  < {truncated}"),
        ]
    );
    let keys = found
        .frame(SourceKind::Registrations)
        .expect("read")
        .column(c::ID_VERDICT)
        .expect("column")
        .null_count();
    assert_eq!(keys, 1, "candidates are shown, never taken");
}

#[test]
fn a_day_or_amount_that_nobody_can_read_is_a_finding() {
    use Field::{
        Category, Death, Ended, Id, Identified, Name, PaidOn, Population, Subsidy, Total, Township,
    };
    let sheets = vec![
        sheet(
            SourceKind::Register,
            "a.csv",
            &[Id, Name, Death],
            &[&format!("{ZHANG}|张三|2021-13-01"), &format!("{LI}|李四|—")],
        ),
        sheet(
            SourceKind::Rosters,
            "b.csv",
            &[Id, Name, Category, Identified, Ended, Subsidy],
            &[
                &format!("{ZHANG}|张三|低保户|2021-02-30|05/06/2021|壹佰"),
                &format!("{LI}|李四|低保户|44561|长期|160元"),
            ],
        ),
        sheet(
            SourceKind::Tasks,
            "c.csv",
            &[Township, Population],
            &["易俗河镇|约五万"],
        ),
        // said by outside-window and amount-wrong
        sheet(
            SourceKind::Payments,
            "d.csv",
            &[Id, Name, Total, PaidOn],
            &[&format!("{ZHANG}|张三|叁佰|昨天")],
        ),
    ];
    rows(sheets.clone());
    let mut got = findings(sheets, &[Code::CategoryUnknown, Code::AmountWrong]);
    got.sort();
    assert_eq!(
        got,
        [
            "amount-wrong payments 2: 16000 < 叁佰",
            "category-unknown register 2: death < 2021-13-01",
            "category-unknown rosters 2: subsidy|identified|ended < 壹佰|2021-02-30|05/06/2021",
            "category-unknown tasks 2: population < 约五万",
        ]
    );
}

#[test]
fn region_words_that_are_unknown_or_ambiguous_come_with_the_regions_they_may_be() {
    use Field::{Id, Name, Township, Village};
    let lines = [
        format!("{ZHANG}|张三|易俗河镇|烟糖村"),
        format!("{LI}|李四||易俗河"),
        format!("{WANG}|王五|易俗河镇|湘江欧城小区三栋二单元八零一室"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let sheets = vec![sheet(
        SourceKind::Register,
        "a.csv",
        &[Id, Name, Township, Village],
        &lines,
    )];
    let found = rows(sheets.clone());
    let mut got = findings(sheets, &[Code::RegionUnknown]);
    got.sort();
    assert_eq!(
        got,
        [
            "region-unknown register 2: 烟塘村委会(430321100201) < 烟糖村",
            "region-unknown register 3: 易俗河镇(430321100) < 易俗河",
            "region-unknown register 4:  < 湘江欧城小区三栋二单元八零一室",
        ]
    );
    assert_eq!(
        table(&found, SourceKind::Register, &[c::REGION]),
        ["430321100", "", "430321100"],
        "never taken"
    );
}

#[test]
fn a_hundred_thousand_rows_with_words_nobody_knows_are_soon_looked_up() {
    let lines: Vec<String> = (0..100_000)
        .map(|n| format!("{ZHANG}|张三|易俗河镇|烟糖{}村", n % 3_000))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let fields = [Field::Id, Field::Name, Field::Township, Field::Village];
    let sheets = vec![sheet(SourceKind::Register, "a.csv", &fields, &lines)];
    rows(sheets.clone());
    let begun = std::time::Instant::now();
    assert_eq!(findings(sheets, &[Code::RegionUnknown]).len(), 100_000);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// Cells that have broken programs before, and any text at all.
fn mess() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let known = [
        "",
        ZHANG,
        LI,
        "4.3E+17",
        "43032119900101123",
        "E1",
        "１２",
        "残",
        "320",
        "-320",
        "(1,2)",
        "¥",
        "2021年",
        "44561",
        "99999",
        "20210231",
        "2022",
        "3",
        "310",
        "养老",
        "易俗河镇",
        "430321A",
        "4303",
        "火星",
        "*",
        "𠮷\u{e863}",
        "V1",
        "\u{200b}",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[^|]{0,24}"]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(60))]

    #[test]
    fn any_mess_of_cells_in_any_book_keeps_every_row(
        lines in proptest::collection::vec(proptest::collection::vec(mess(), Field::COUNT), 0..12),
        from in 0..Field::COUNT,
        source in 0..SourceKind::COUNT,
    ) {
        let fields = &Field::ALL[from..];
        let lines: Vec<String> = lines.iter().map(|cells| cells[from..].join("|")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let kind = SourceKind::ALL[source];
        let found = rows(vec![sheet(kind, "b.csv", fields, &lines), sheet(kind, "a.csv", fields, &lines)]);
        assert_eq!(fates(&found, kind).len(), 2 * lines.len());
    }
}

#[test]
fn every_frame_has_the_columns_that_later_rooms_rely_on() {
    let person = "key:u64 origin:u32 row:u32 fate:u8 id:str id_verdict:u8 name:str kept_origin:u32 kept_row:u32 region:str \
                  region_text:str region_verdict:u8 place:u32";
    let registration = "here:bool pool:str cover:u8 status:u8 unknown_word:str number:str begun:date subsidised:i64";
    let payment = "here:bool pool:str cover:u8 unknown_word:str personal:i64 subsidised:i64 net_personal:i64 net_subsidised:i64 \
                   unmatched:bool paid_on:date unreadable:str unreadable_amount:str voucher:str original:str";
    let elsewhere = format!("{registration} {payment} is_registration:bool is_payment:bool");
    for kind in SourceKind::ALL.iter().filter(|kind| kind.has_persons()) {
        let more = match kind {
            SourceKind::Register => "death:date moved_out:date household:str group:str",
            SourceKind::Registrations => registration,
            SourceKind::Payments => payment,
            SourceKind::Elsewhere => &elsewhere,
            SourceKind::Rosters => {
                "category:u16 unknown_word:str identified:date approved:date ended:date subsidised:i64"
            }
            SourceKind::Deaths => "death:date",
            SourceKind::Departures => "moved_out:date disposition:str",
            SourceKind::Students => "here:bool pool:str enrolled_on:date graduates_on:date",
            SourceKind::Households => {
                "household:str group:str head:str relation:str stated:i64 account_name:str bank:str account:str"
            }
            SourceKind::Previous | SourceKind::Tasks | SourceKind::HouseholdTotals => "",
        };
        // with a row and without any
        for lines in [&[ZHANG][..], &[]] {
            let found = rows(vec![sheet(*kind, "a.csv", &[Field::Id], lines)]);
            let frame = found.frame(*kind).expect("read");
            let mut got: Vec<String> = frame
                .columns()
                .iter()
                .map(|column| format!("{}:{}", column.name(), column.dtype()))
                .collect();
            let mut expected: Vec<&str> = person
                .split_whitespace()
                .chain(more.split_whitespace())
                .collect();
            got.sort();
            expected.sort();
            expected.dedup();
            assert_eq!(got, expected, "{kind}");
        }
    }
}

#[test]
fn a_day_that_lost_its_format_counts_from_where_its_workbook_says() {
    for (since_1904, day_paid) in [(false, "2021-12-31"), (true, "2026-01-01")] {
        let fields = [Field::Id, Field::Total, Field::PaidOn];
        let mut payments = sheet(
            SourceKind::Payments,
            "缴费.xlsx",
            &fields,
            &["11010519491231002X|320|44561"],
        );
        payments.origin.since_1904 = since_1904;
        let rows = typed(vec![payments], &scheme(), day("2026-03-31"))
            .expect("a sheet that keeps the contract");
        let paid = rows
            .frame(SourceKind::Payments)
            .expect("payments")
            .column(c::PAID_ON)
            .expect("a day");
        let days: Vec<i32> = paid
            .date()
            .expect("days")
            .physical()
            .iter()
            .flatten()
            .collect();
        assert_eq!(
            days,
            [canbao::domain::period::epoch_day(day(day_paid))],
            "{since_1904}"
        );
    }
}

/// Everything that `Rows` hold, in an order that does not come from buckets.
fn settled_rows(sheets: Vec<Sheet>, division: Division) -> Vec<(SourceKind, DataFrame)> {
    let (scheme, as_of) = (scheme(), day("2022-03-31"));
    let rows = canbao::refine::sorted(sheets, &scheme, as_of, division)
        .expect("sorted")
        .whole()
        .expect("read back");
    let in_order = |frame: &DataFrame| {
        frame
            .sort(
                [c::ORIGIN, c::ROW],
                SortMultipleOptions::default().with_maintain_order(true),
            )
            .expect("sorted")
    };
    rows.frames
        .iter()
        .map(|(kind, frame)| (*kind, in_order(frame)))
        .collect()
}

#[test]
fn rows_that_were_written_to_many_scratch_files_come_back_as_they_were() {
    let number = |at: u64| {
        let digits17 = 43_032_119_900_101_000 + at;
        format!(
            "{digits17}{}",
            canbao::domain::person::check_character(digits17)
        )
    };
    // Files of one book that know different columns, and rows that repeat each other across files.
    let lines = |from: u64, more: &str| -> Vec<String> {
        (from..from + 700)
            .map(|at| format!("{}|张三{at}|{more}", number(at % 1_000)))
            .collect()
    };
    let sheets = || {
        let of = |file: &str, fields: &[Field], lines: Vec<String>| {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            sheet(SourceKind::Registrations, file, fields, &lines)
        };
        vec![
            of(
                "a_20220331.csv",
                &[Field::Id, Field::Name, Field::Village],
                lines(0, "烟塘村"),
            ),
            of(
                "b_20220331.csv",
                &[Field::Id, Field::Name, Field::Status],
                lines(350, "正常参保"),
            ),
            of(
                "c_20220331.csv",
                &[Field::Id, Field::Name, Field::Begun],
                lines(600, "2022-01-01"),
            ),
        ]
    };
    let whole = settled_rows(sheets(), Division::WHOLE);
    assert_eq!(whole[0].1.height(), 2_100);
    let folder = tempfile::tempdir().expect("a folder");
    for (buckets, waiting) in [(1, 1), (7, 50), (7, 150), (64, 5)] {
        let scratch = Some(folder.path().join("scratch"));
        let read_back = settled_rows(
            sheets(),
            Division {
                buckets,
                scratch: scratch.clone(),
                waiting,
            },
        );
        for ((kind, mine), (_, theirs)) in whole.iter().zip(&read_back) {
            let theirs = theirs
                .select(mine.get_column_names_owned())
                .expect("the same columns");
            assert!(
                mine.equals_missing(&theirs),
                "{kind} in {buckets} buckets, {waiting} waiting"
            );
        }
        assert!(!folder.path().join("scratch").exists());
    }
}
