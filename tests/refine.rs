//! Refine, from sheets of text to typed rows: what a clerk wrote, and what the program makes of it.

use std::hash::{DefaultHasher, Hash, Hasher};

use canbao::domain::person::check_character;
use canbao::domain::region::Region;
use canbao::domain::{
    Code, Cover, Fate, FateCounts, Field, RegionLevel, RegionTree, Repair, SourceKind, Status,
    columns as c,
};
use canbao::intake::{Origin, SheetLine, SourceColumn as Header, SourceSheet};
use canbao::refine::{Rows, typed};
use canbao::scheme::{Category, Meaning, Mode, RosterRule, Scheme, SourceRule, Word};
use canbao::vault::Division;
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
    let also = |word: &str| vec![word.to_owned()];
    Scheme {
        roster: RosterRule {
            payment_day: true,
            cut_off_day: true,
            cut_off: None,
        },
        categories: vec![
            Category {
                also: also("低保户"),
                ..Category::plain("低保对象", 16_000, "县医保局")
            },
            Category {
                also: also("一、二级残疾"),
                ..Category::plain("重度残疾人(1~2级)", 16_000, "县医保局")
            },
        ],
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
        sources: sources(),
        ..Scheme::plain(regions())
    }
}

fn sources() -> Vec<SourceRule> {
    let optional = |kind| SourceRule {
        required: false,
        ..SourceRule::plain(kind)
    };
    vec![
        SourceRule {
            batch: Some(regex::Regex::new(r"_(\d{8})").expect("an expression")),
            ..optional(SourceKind::Register)
        },
        optional(SourceKind::Registrations),
        SourceRule {
            mode: Mode::Increment,
            ..optional(SourceKind::Payments)
        },
        SourceRule {
            category: Some("低保户".into()),
            ..optional(SourceKind::Rosters)
        },
    ]
}

fn regions() -> RegionTree {
    use RegionLevel::{County, Township, Village};
    let rows = [
        ("430321", "湘潭县", County, "4303"),
        ("430321100", "易俗河镇", Township, "430321"),
        ("430321100201", "烟塘村委会", Village, "430321100"),
        ("430321101", "谭家山镇", Township, "430321"),
        ("430381", "湘乡市", County, "4303"),
        ("430502", "双清区", County, "4305"),
    ];
    let region = |(code, name, level, parent)| Region::plain(code, name, level, parent);
    RegionTree::new("430321", rows.map(region).to_vec())
}

/// A sheet as intake hands it over; cells of a row are split by `|`, empty = blank.
fn sheet(source: SourceKind, file: &str, fields: &[Field], rows: &[&str]) -> SourceSheet {
    let cells = |row: &&str| row.split('|').map(|cell| cell.trim().to_owned()).collect();
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let mut columns: Vec<Column> = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let texts = cells.iter().map(|row| Some(row[at].as_str()));
        let texts: StringChunked = texts
            .map(|cell| cell.filter(|text| !text.is_empty()))
            .collect();
        columns.push(texts.with_name(field.code().into()).into_column());
    }
    let numbers: Vec<u32> = (2..).take(rows.len()).collect();
    let digests = cells.iter().map(digest).collect();
    columns.push(UInt32Chunked::from_vec(c::ROW.into(), numbers).into_column());
    columns.push(UInt64Chunked::from_vec(c::DIGEST.into(), digests).into_column());
    let mut set_aside = FateCounts::default();
    set_aside.add(Fate::Heading, 1);
    let header = |field: &Field| Header {
        header: field.code().into(),
        field: Some(*field),
        sure: None,
    };
    SourceSheet {
        origin: origin(source, file, rows.len()),
        header_row: 1,
        columns: fields.iter().map(header).collect(),
        table: DataFrame::new(rows.len(), columns).expect("equal lengths"),
        set_aside,
        totals: Vec::new(),
        too_long: Vec::new(),
        unused_numbers: Vec::new(),
        beside: Default::default(),
        merged: Vec::new(),
        said: Vec::new(),
    }
}

fn digest(row: &Vec<String>) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish()
}

fn origin(source: SourceKind, file: &str, rows: usize) -> Origin {
    let batch = regex::Regex::new(r"_(\d{8})").expect("an expression");
    Origin {
        source,
        file: file.into(),
        sheet: String::new(),
        sha256: String::new(),
        encoding: "UTF-8".into(),
        batch: batch.captures(file).map(|found| found[1].to_owned()),
        family: String::new(),
        since_1904: false,
        rows_read: rows as u64 + 1,
    }
}

/// A sheet as it is written: a line of field codes, then rows; ZHANG, LI and WANG stand for their numbers.
fn book(source: SourceKind, file: &str, text: &str) -> SourceSheet {
    let text = text
        .replace("ZHANG", ZHANG)
        .replace("LI|", &format!("{LI}|"));
    let text = text.replace("WANG", WANG);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let head = lines.next().expect("a line of field codes");
    let field = |code| Field::from_code(code).unwrap_or_else(|| panic!("no field {code}"));
    let fields: Vec<Field> = head.split('|').map(field).collect();
    sheet(source, file, &fields, &lines.collect::<Vec<_>>())
}

fn rows(sheets: Vec<SourceSheet>) -> Rows {
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
    let head = "id|name|total|paid-on|voucher\n";
    let payments = |file, lines: &str| book(SourceKind::Payments, file, &format!("{head}{lines}"));
    // Once more in another file; equal to a row of a.csv, no voucher; unusable, and still the same person and voucher.
    let second = payments(
        "b.csv",
        "ZHANG|张三|320|2021-10-01|V1
         WANG|王五|320|2021-10-02|
         123|赵六|320.00|2021-10-03|V2",
    );
    // The second row has another sign, the third a voucher shared by two persons; equal rows of one file count, with a voucher
    // and without.
    let first = payments(
        "a.csv",
        "ZHANG|张三|320|2021-10-01|V1
         ZHANG|张三|-320|2021-10-09|V1
         LI|李四|320|2021-10-01|V1
         LI|李四|320|2021-10-01|V1
         WANG|王五|320|2021-10-02|
         WANG|王五|320|2021-10-02|
         123|赵六|320|2021-10-02|V2",
    );
    let found = rows(vec![second, first]);
    let fates = fates(&found, SourceKind::Payments).join(" ");
    let of_a = "reversed reversed used used used used id-unusable";
    assert_eq!(fates, format!("{of_a} repeated repeated repeated"));
    let kept = table(&found, SourceKind::Payments, &[c::KEPT_ORIGIN, c::KEPT_ROW]);
    let of_repeated: Vec<&str> = [7, 8, 9, 0].iter().map(|at| kept[*at].as_str()).collect();
    assert_eq!(of_repeated, ["0|2", "0|6", "0|8", "|"]);
}

#[test]
fn what_the_lines_of_printed_forms_say_holds_for_the_rows_below_them() {
    let line = |row, field, text: &str| SheetLine {
        row,
        field: Some(field),
        text: text.to_owned(),
    };
    let lines = [ZHANG, LI, WANG].map(|id| format!("{id}|某"));
    let lines = lines.each_ref().map(String::as_str);
    let fields = [Field::Id, Field::Name];
    let mut register = sheet(SourceKind::Register, "a.xlsx", &fields, &lines);
    // Rows 2 to 4: of the first household; below row 2 another; below row 3 one whose number was left open.
    register.said = vec![
        line(1, Field::Household, "H1"),
        line(2, Field::Household, "H2"),
        line(3, Field::Household, ""),
    ];
    let found = rows(vec![register]);
    let households = table(&found, SourceKind::Register, &[c::HOUSEHOLD]);
    assert_eq!(households, ["H1", "H2", ""]);
}

#[test]
fn one_voucher_with_another_word_is_never_repeated_and_the_later_book_has_the_last() {
    let head = "id|name|total|paid-on|voucher|status\n";
    let payments = |file, lines: &str| book(SourceKind::Payments, file, &format!("{head}{lines}"));
    // Files, fates of all rows in order of file, rows with the doubt.
    for (what, files, expected, doubted) in [
        (
            "refunded in the later file",
            vec![
                ("缴费_20211031.csv", "ZHANG|张三|320|2021-10-01|V1|缴费成功"),
                ("缴费_20211130.csv", "ZHANG|张三|320|2021-10-01|V1|已退款"),
            ],
            "superseded void",
            0,
        ),
        (
            "another amount in the later file",
            vec![
                ("缴费_20211031.csv", "ZHANG|张三|320|2021-10-01|V1|缴费成功"),
                ("缴费_20211130.csv", "ZHANG|张三|160|2021-10-01|V1|缴费成功"),
            ],
            "superseded used",
            0,
        ),
        (
            "the same in the later file",
            vec![
                ("缴费_20211031.csv", "ZHANG|张三|320|2021-10-01|V1|缴费成功"),
                ("缴费_20211130.csv", "ZHANG|张三|320|2021-10-01|V1|缴费成功"),
            ],
            "used repeated",
            0,
        ),
        (
            "without a voucher, refunded in the later file",
            vec![
                ("缴费_20211031.csv", "ZHANG|张三|320|2021-10-01||缴费成功"),
                ("缴费_20211130.csv", "ZHANG|张三|320|2021-10-01||已退款"),
            ],
            "superseded void",
            0,
        ),
        (
            "without a voucher, one of two refunded in the later file",
            vec![
                (
                    "缴费_20211031.csv",
                    "ZHANG|张三|320|2021-10-01||缴费成功
                     ZHANG|张三|320|2021-10-01||缴费成功",
                ),
                (
                    "缴费_20211130.csv",
                    "ZHANG|张三|320|2021-10-01||已退款
                     ZHANG|张三|320|2021-10-01||缴费成功",
                ),
            ],
            "superseded superseded void used",
            0,
        ),
        (
            "without a voucher, two lines of one file are two payments",
            vec![(
                "缴费.csv",
                "ZHANG|张三|320|2021-10-01||缴费成功
                 ZHANG|张三|320|2021-10-01||已退款",
            )],
            "used void",
            0,
        ),
        (
            "in one file nobody knows which is later",
            vec![(
                "缴费.csv",
                "ZHANG|张三|320|2021-10-01|V1|缴费成功
                 ZHANG|张三|320|2021-10-01|V1|作废",
            )],
            "used void",
            2,
        ),
    ] {
        let sheets = files.iter().map(|(file, lines)| payments(file, lines));
        let found = rows(sheets.collect());
        assert_eq!(
            fates(&found, SourceKind::Payments).join(" "),
            expected,
            "{what}"
        );
        let doubts = table(&found, SourceKind::Payments, &[c::DOUBTS]);
        let those = doubts.iter().filter(|set| !set.is_empty()).count();
        assert_eq!(those, doubted, "{what}");
    }
}

#[test]
fn what_payments_say_of_themselves_in_all_columns_decides_what_is_left_of_them() {
    // status, flag, business, refunded, amount: fate and money after reversals
    for (cells, expected) in [
        ("缴费成功||缴费||320", "used|32000"),
        ("1|Z|10||320", "used|32000"),
        ("已退款||||320", "void|32000"),
        ("|已退费|||320", "void|32000"),
        ("缴费成功|||320|320", "void|32000"),
        ("缴费成功|||120|320", "used|20000"),
        ("未到账||||320", "not-arrived|32000"),
        ("甲||||320", "not-arrived|32000"),
        ("||退费||320", "used|0"),
        ("失败||退费||320", "void|32000"),
    ] {
        let text = format!("id|status|reversal-flag|business|refunded|total\nZHANG|{cells}");
        let found = rows(vec![book(SourceKind::Payments, "a.csv", &text)]);
        let fate = fates(&found, SourceKind::Payments).join("");
        let net = table(&found, SourceKind::Payments, &[c::NET_PERSONAL]).join("");
        assert_eq!(format!("{fate}|{net}"), expected, "{cells}");
    }
}

#[test]
fn fates_are_settled_in_their_precedence() {
    // Row and fate; another year comes before another scheme before too late.
    #[rustfmt::skip]
    let cases = [
        ("ZHANG|张三|390|2022|2021-10-01|R1",  "used"),
        ("ZHANG|张三|390|2022|2021-10-01|R1",  "repeated"),
        ("ZHANG|张三|养老|2021|2022-04-01|R2", "other-year"),
        ("ZHANG|张三|养老|2022|2022-04-01|R3", "other-scheme"),
        ("ZHANG|张三|390||2022-04-01|R4",      "after-as-of"),
        ("ZHANG|张三|||2022-03-31|R5",         "used"),
        ("1|李四|390|2021||",                  "other-year"),
        ("1|李四|390|2022||",                  "id-unusable"),
        ("LI|李四|惠民保|2022||",              "other-scheme"),
        ("LI|李四|车险|2022||",                "other-scheme"),
    ];
    let lines = cases.map(|(line, _)| line).join("\n");
    let text = format!("id|name|scheme|year|begun|registration-no\n{lines}");
    let found = rows(vec![book(SourceKind::Registrations, "a.csv", &text)]);
    let expected = cases.map(|(_, fate)| fate);
    assert_eq!(fates(&found, SourceKind::Registrations), expected);
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
    use SourceKind::{Elsewhere, Registrations};
    #[rustfmt::skip]
    let cases = [
        // source       place, township, village             region, here, pool, text, verdict
        (Registrations, "|易俗河镇|烟塘村",                   "430321100201|true|4303||"),
        (Registrations, "430321||",                           "|true|4303||"),
        (Registrations, "430321|易俗河镇|",                   "430321100|true|4303||"),
        (Registrations, "430321100201|易俗河镇|烟塘村",       "430321100201|true|4303||"),
        (Registrations, "||",                                 "|true|4303||"),
        (Registrations, "湘乡市|易俗河镇|",                   "|false|4303||"),
        (Registrations, "430502||",                           "|false|4305||"),
        (Registrations, "火星|易俗河镇|",                     "430321100|true|4303|火星|region-unknown"),
        (Registrations, "|易俗河镇|火星村",                   "430321100|true|4303|火星村|region-unknown"),
        (Registrations, "||易俗河镇烟塘村",                   "430321100201|true|4303||"),
        (Registrations, "|易俗河镇|烟塘村（居）",             "430321100201|true|4303||"),
        (Registrations, "|易俗河镇|烟糖村",                   "430321100|true|4303|烟糖村|region-unknown"),
        (Registrations, "湖南省湘潭市湘潭县易俗河镇烟塘村||", "430321100201|true|4303||"),
        (Elsewhere,     "湘潭县易俗河镇火星村||",
            "430321100|true|4303|湘潭县易俗河镇火星村|region-unknown"),
        (Elsewhere,     "火星||",                             "|false|火星|火星|region-unknown"),
        (Elsewhere,     "||",                                 "|false|?||"),
        (Elsewhere,     "430321||",                           "|true|4303||"),
        (Elsewhere,     "双清区||",                           "|false|4305||"),
    ];
    for (source, cells, expected) in cases {
        let text = format!("id|place|township|village\nZHANG|{cells}");
        let found = rows(vec![book(source, "a.csv", &text)]);
        let frame = found.frame(source).expect("read");
        let verdict = frame.column(c::REGION_VERDICT).expect("column");
        let verdict = verdict.u8().expect("u8").get(0);
        let code = verdict.map_or("", |code| Code::at(code).code());
        let columns = [c::REGION, c::HERE, c::POOL, c::REGION_TEXT];
        let place = &table(&found, source, &columns)[0];
        assert_eq!(format!("{place}|{code}"), expected, "{source} {cells}");
    }
}

#[test]
fn other_places_rows_are_registrations_payments_or_both() {
    use Field::{Id, PaidOn, Place, Status, Total};
    #[rustfmt::skip]
    let cases = [
        (&[Id, Place][..],                "430502",                "true|false"),
        (&[Id, Place, Status][..],        "430502|正常",           "true|false"),
        (&[Id, Place, Total, PaidOn][..], "430502|320|2021-10-01", "false|true"),
        (&[Id, Place, Status, Total][..], "430502|正常|320",       "true|true"),
        (&[Id, Place, Status, Total][..], "430502|正常|",          "true|false"),
    ];
    for (fields, cells, expected) in cases {
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
fn shuffled(seed: u64) -> Vec<SourceSheet> {
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
            let day = format!("2021-1{}-0{}", n % 3, n % 8 + 1);
            file.1
                .push(format!("{id}|{name}|{amount}|{day}|{voucher}||{place}"));
        }
    }
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    if seed > 0 {
        files.iter_mut().for_each(|file| file.1.shuffle(&mut rng));
        files.shuffle(&mut rng);
    }
    let of = |(name, lines): &(&str, Vec<String>)| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        sheet(SourceKind::Payments, name, &fields, &lines)
    };
    files.iter().map(of).collect()
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
    let found = rows(books_to_repair());
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
    assert_eq!(counts.get(&(0, Field::Id, Repair::CheckLetter)), Some(&1));
    assert_eq!(counts.get(&(1, Field::Ended, Repair::Unreadable)), Some(&1));
}

/// Of the payments the first is plain, so that there is nothing to list; the third is unusable, and repaired nevertheless;
/// the last is after the as-of date.
fn books_to_repair() -> Vec<SourceSheet> {
    let tasks = "township|population
        易俗河镇|1,000人
        谭家山镇|约五万";
    let rosters = "id|name|category|identified|ended|subsidy
        LI|李四|低保户|44561|长期|160元
        WANG|王五|低保户|2021年12月31|2021-02-30|壹佰";
    let payments = "id|name|total|paid-on
        ZHANG|张三|320|2021-10-01
        \u{200b}11010519491231002x|阿依古丽•买买提|￥1,280.00|2021年12月31日
        '4405241880|李\u{a0}四|（320）|昨天
        LI|李四|320圆|44 561";
    vec![
        book(SourceKind::Tasks, "t.csv", tasks),
        book(SourceKind::Rosters, "r.csv", rosters),
        book(SourceKind::Payments, "p.csv", payments),
    ]
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
    // The pipeline says 3 = ended for registrations; elsewhere the national code stands: invalid.
    let registrations = "id|scheme|status|id-type
        ZHANG|390|3|01
        LI|390|正常参保(已缴费)|01
        WANG|车险|冻结|船员证
        WANG|390|冻结|
        WANG|390|暂停参保（欠费）|";
    let elsewhere = "id|place|status\nZHANG|430502|3\nZHANG|430502|冻结";
    let rosters = "id|name|category\nZHANG|张三|三无\nLI|李四|三无";
    let found = rows(vec![
        book(SourceKind::Registrations, "a.csv", registrations),
        book(SourceKind::Elsewhere, "b.csv", elsewhere),
        book(SourceKind::Rosters, "c.csv", rosters),
    ]);
    let statuses = |kind| -> Vec<&str> {
        let frame = found.frame(kind).expect("read");
        let column = frame.column(c::STATUS).expect("STATUS").u8().expect("u8");
        let statuses = column.into_no_null_iter();
        statuses.map(|status| Status::at(status).code()).collect()
    };
    assert_eq!(
        statuses(SourceKind::Registrations),
        ["ended", "normal", "unknown", "unknown", "suspended"]
    );
    assert_eq!(statuses(SourceKind::Elsewhere), ["invalid", "unknown"]);
    let unknown = found.unknown_words.iter();
    let unknown = unknown.map(|w| format!("{} {} {} {}", w.source, w.field, w.word, w.rows));
    assert_eq!(
        unknown.collect::<Vec<_>>(),
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
fn findings(sheets: Vec<SourceSheet>, codes: &[Code]) -> Vec<String> {
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
    let lists = canbao::measure::GatheredLists::none(&buckets.figures(), &scheme, None);
    let take = |bucket, said| lists.take(bucket, said);
    let brief = canbao::judge::Brief {
        scheme: &scheme,
        as_of,
        in_transit_since: None,
        printed: canbao::judge::Printed::Lists,
    };
    let judged = canbao::judge::by_bucket(&buckets, brief, &take).expect("judged");
    let gathered = canbao::measure::Gathered {
        rows: &buckets.figures(),
        judged,
        lists,
    };
    let facts = canbao::measure::facts(gathered, &scheme, as_of).expect("measured");
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
    let number = |digits17| format!("{digits17}{}", check_character(digits17));
    // Two valid numbers that share their first 15 digits, and one that does not.
    let [second, first] = [43_032_119_900_101_101, 43_032_119_900_101_103].map(number);
    let other = number(43_032_119_900_101_200);
    let truncated = "430321199001011000";
    // Its own book is no other source.
    let registrations = format!(
        "id|name
         4.30321199001011E+17|张三
         {truncated}|张 三
         {truncated}|李四
         4.30321E+17|张三
         {truncated}|
         {second}|李四"
    );
    let register = format!("id|name\n{second}|张三\n{first}|张三\n{other}|张三\n{first}|王五");
    let sheets = vec![
        book(SourceKind::Registrations, "a.csv", &registrations),
        book(SourceKind::Register, "b.csv", &register),
        book(
            SourceKind::Previous,
            "c.csv",
            &format!("id|name\n{first}|张\u{200b}三"),
        ),
    ];
    let found = rows(sheets.clone());
    let mut got = findings(sheets, &[Code::IdTruncated]);
    got.sort();
    assert_eq!(
        got,
        [
            format!("id-truncated registrations 2: {second}|{first} < 4.30321199001011E+17"),
            format!("id-truncated registrations 3: {second}|{first} < {truncated}"),
            format!("id-truncated registrations 4:  < {truncated}"),
            "id-truncated registrations 5:  < 4.30321E+17".to_owned(),
            format!("id-truncated registrations 6:  < {truncated}"),
        ]
    );
    let frame = found.frame(SourceKind::Registrations).expect("read");
    let verdicts = frame.column(c::ID_VERDICT).expect("column");
    assert_eq!(
        verdicts.null_count(),
        1,
        "candidates are shown, never taken"
    );
}

#[test]
fn a_day_or_amount_that_nobody_can_read_is_a_finding() {
    let register = "id|name|death\nZHANG|张三|2021-13-01\nLI|李四|—";
    let rosters = "id|name|category|identified|ended|subsidy
        ZHANG|张三|低保户|2021-02-30|05/06/2021|壹佰
        LI|李四|低保户|44561|长期|160元";
    let tasks = "township|population\n易俗河镇|约五万";
    // Said by outside-window and amount-wrong.
    let payments = "id|name|total|paid-on\nZHANG|张三|叁佰|昨天";
    let sheets = vec![
        book(SourceKind::Register, "a.csv", register),
        book(SourceKind::Rosters, "b.csv", rosters),
        book(SourceKind::Tasks, "c.csv", tasks),
        book(SourceKind::Payments, "d.csv", payments),
    ];
    rows(sheets.clone());
    let mut got = findings(sheets, &[Code::CategoryUnknown, Code::AmountWrong]);
    got.sort();
    assert_eq!(
        got,
        [
            "amount-wrong payments 2: 32000 < 叁佰",
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
    let person = "key:u64 origin:u32 row:u32 fate:u8 id:str id_verdict:u8 name:str kept_origin:u32 kept_row:u32 conflict:str \
                  region:str region_text:str region_verdict:u8 place:u32 doubts:u16";
    let registration = "here:bool pool:str cover:u8 status:u8 unknown_word:str number:str begun:date subsidised:i64";
    let payment = "here:bool pool:str cover:u8 unknown_word:str personal:i64 subsidised:i64 net_personal:i64 net_subsidised:i64 \
                   unmatched:bool paid_on:date unreadable:str unreadable_amount:str voucher:str original:str years:u8";
    let elsewhere = format!("{registration} {payment} is_registration:bool is_payment:bool");
    for kind in SourceKind::ALL.iter().filter(|kind| kind.has_persons()) {
        let more = match kind {
            SourceKind::Register => "death:date moved_out:date household:str group:str",
            SourceKind::Registrations => registration,
            SourceKind::Payments => payment,
            SourceKind::Elsewhere => &elsewhere,
            SourceKind::Rosters => {
                "category:u16 categories:str unknown_word:str identified:date approved:date ended:date subsidised:i64"
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
fn settled_rows(sheets: Vec<SourceSheet>, division: Division) -> Vec<(SourceKind, DataFrame)> {
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
    let whole = settled_rows(files_of_one_book(), Division::WHOLE);
    assert_eq!(whole[0].1.height(), 2_100);
    let folder = tempfile::tempdir().expect("a folder");
    for (buckets, waiting) in [(1, 1), (7, 50), (7, 150), (64, 5)] {
        let division = Division {
            buckets,
            scratch: Some(folder.path().join("scratch")),
            waiting,
            ..Division::WHOLE
        };
        let read_back = settled_rows(files_of_one_book(), division);
        for ((kind, mine), (_, theirs)) in whole.iter().zip(&read_back) {
            let theirs = theirs.select(mine.get_column_names_owned());
            let theirs = theirs.expect("the same columns");
            let same = mine.equals_missing(&theirs);
            assert!(same, "{kind} in {buckets} buckets, {waiting} waiting");
        }
        assert!(!folder.path().join("scratch").exists());
    }
}

/// Files of one book that know different columns, and rows that repeat each other across files.
fn files_of_one_book() -> Vec<SourceSheet> {
    let line = |at: u64, more: &str| {
        let digits17 = 43_032_119_900_101_000 + at % 1_000;
        let number = format!("{digits17}{}", check_character(digits17));
        format!("{number}|张三{at}|{more}\n")
    };
    let file = |(file, from, field, more): (&str, u64, &str, &str)| {
        let lines: String = (from..from + 700).map(|at| line(at, more)).collect();
        let text = format!("id|name|{field}\n{lines}");
        book(SourceKind::Registrations, file, &text)
    };
    [
        ("a_20220331.csv", 0, "village", "烟塘村"),
        ("b_20220331.csv", 350, "status", "正常参保"),
        ("c_20220331.csv", 600, "begun", "2022-01-01"),
    ]
    .map(file)
    .into()
}
