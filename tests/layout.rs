//! Layout: however a clerk lays a table out, the same records come of it, and every other row has its reason.
//!
//! Sheets are written as lines with `|` between cells. A to D stand for identity numbers.

use std::fs;

use canbao::domain::fault::WrongHeader;
use canbao::domain::{Fate, Field, Refusal, RegionTree, SourceKind, columns, fault::Complaints};
use canbao::intake::{Silent, SourceSheet, Sure, read};
use canbao::scheme::{Scheme, SourceRule};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

const NUMBERS: [(&str, &str); 5] = [
    ("A", "11010519491231002X"),
    ("B", "440524188001010014"),
    ("C", "110101202311012176"),
    ("D", "440308199901101512"),
    ("E", "610104196209276908"),
];

fn rule(kind: SourceKind) -> SourceRule {
    SourceRule {
        files: vec!["*".into()],
        ..SourceRule::plain(kind)
    }
}

fn scheme(source: SourceRule) -> Scheme {
    Scheme {
        sources: vec![source],
        ..Scheme::plain(RegionTree::new("430321", Vec::new()))
    }
}

/// Cells of a sheet as this file writes them.
fn grid(text: &str) -> Vec<Vec<String>> {
    let cell = |cell: &str| {
        let cell = cell.trim();
        NUMBERS
            .iter()
            .find(|(letter, _)| *letter == cell)
            .map_or(cell, |(_, number)| number)
            .to_owned()
    };
    text.trim_matches('\n')
        .lines()
        .map(|line| line.split('|').map(cell).collect())
        .collect()
}

fn csv(cells: &[Vec<String>]) -> Vec<u8> {
    cells
        .iter()
        .map(|row| row.join(","))
        .collect::<Vec<_>>()
        .join("\n")
        .into_bytes()
}

fn xlsx(cells: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in cells.iter().enumerate() {
        for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(r as u32, c as u16, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn outcome(source: &SourceRule, bytes: &[u8]) -> Result<SourceSheet, Vec<Refusal>> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a"), bytes).unwrap();
    match read(&scheme(source.clone()), folder.path(), &Silent) {
        Ok(mut sheets) => Ok(sheets.remove(0)),
        Err(error) => Err(error
            .downcast::<Complaints>()
            .unwrap()
            .0
            .into_iter()
            .map(|c| c.refusal)
            .collect()),
    }
}

/// The sheet as both kinds of file give it: they must agree in everything but their names.
fn sheet(source: &SourceRule, text: &str) -> SourceSheet {
    let cells = grid(text);
    let of_csv =
        outcome(source, &csv(&cells)).unwrap_or_else(|e| panic!("csv refused: {e:?}\n{text}"));
    let of_xlsx =
        outcome(source, &xlsx(&cells)).unwrap_or_else(|e| panic!("xlsx refused: {e:?}\n{text}"));
    for sheet in [&of_csv, &of_xlsx] {
        let fields: Vec<Field> = Field::ALL
            .iter()
            .copied()
            .filter(|f| sheet.table.column(f.code()).is_ok())
            .collect();
        assert_eq!(lines(sheet, &fields), lines(&of_csv, &fields), "{text}");
        assert_eq!(fates(sheet), fates(&of_csv), "{text}");
        assert_eq!(digests(sheet), digests(&of_csv), "{text}");
        assert_eq!(sheet.columns, of_csv.columns, "{text}");
        assert_eq!(sheet.beside, of_csv.beside, "{text}");
        assert_eq!(sheet.header_row, of_csv.header_row, "{text}");
        assert_eq!(
            sheet.origin.rows_read,
            sheet.table.height() as u64 + sheet.set_aside.total()
        );
    }
    of_xlsx
}

fn refusals(source: &SourceRule, text: &str) -> Vec<Refusal> {
    let cells = grid(text);
    let of_csv = outcome(source, &csv(&cells))
        .map(|s| lines(&s, &[Field::Id]))
        .expect_err("csv was read");
    let of_xlsx = outcome(source, &xlsx(&cells))
        .map(|s| lines(&s, &[Field::Id]))
        .expect_err("xlsx was read");
    let codes = |refusals: &[Refusal]| {
        refusals
            .iter()
            .map(std::mem::discriminant)
            .collect::<Vec<_>>()
    };
    assert_eq!(codes(&of_csv), codes(&of_xlsx), "{text}");
    of_csv
}

/// `row cell cell …` of every record; identity numbers by their letters.
fn lines(sheet: &SourceSheet, fields: &[Field]) -> Vec<String> {
    let rows = sheet.table.column(columns::ROW).unwrap().u32().unwrap();
    let text = |field: &Field, at: usize| {
        let Ok(column) = sheet.table.column(field.code()) else {
            return "∅";
        };
        let text = column.str().unwrap().get(at).unwrap_or("∅");
        NUMBERS
            .iter()
            .find(|(_, number)| *number == text)
            .map_or(text, |(letter, _)| letter)
    };
    let line = |at| {
        let cells: Vec<&str> = fields.iter().map(|field| text(field, at)).collect();
        format!("{} {}", rows.get(at).unwrap(), cells.join(" "))
    };
    (0..sheet.table.height()).map(line).collect()
}

fn fates(sheet: &SourceSheet) -> String {
    let counted = Fate::ALL
        .iter()
        .filter(|fate| sheet.set_aside.of(**fate) > 0);
    counted
        .map(|fate| format!("{} {}", fate.code(), sheet.set_aside.of(*fate)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn digests(sheet: &SourceSheet) -> Vec<u64> {
    sheet
        .table
        .column(columns::DIGEST)
        .unwrap()
        .u64()
        .unwrap()
        .iter()
        .flatten()
        .collect()
}

fn side_tables(sheet: &SourceSheet) -> Vec<String> {
    let table =
        |t: &canbao::intake::SideTable| format!("{}:{} {}", t.row, t.column, t.headers.join(" "));
    sheet.beside.tables.iter().map(table).collect()
}

const PERSON: [Field; 3] = [Field::Name, Field::Id, Field::Village];
const MONEY: [Field; 4] = [Field::Name, Field::Id, Field::Personal, Field::PaidOn];

// ── headers ──

#[test]
fn a_header_of_three_levels_joins_the_cells_above_each_word() {
    let text = "
        湘潭县2022年度缴费名册 |  |  |  |  |  |  |
        序号 | 姓名 | 身份证号 | 缴费情况 |      |          |      | 备注
             |      |          | 个人缴费 |      | 财政补助 |      |
             |      |          | 金额     | 日期 | 金额     | 日期 |
        1    | 张三 | A        | 320      | 2021-12-01 | 580 | 2022-01-31 | 无
        2    | 李四 | B        | 320      | 2021-12-02 | 580 | 2022-01-31 |
        合计 |      |          | 640      |      | 1160     |      |";
    let sheet = sheet(&rule(SourceKind::Payments), text);
    assert_eq!(
        lines(&sheet, &MONEY),
        ["5 张三 A 320 2021-12-01", "6 李四 B 320 2021-12-02"]
    );
    assert_eq!(fates(&sheet), "heading 4 total 1");
    assert_eq!(sheet.header_row, 4);
    let headers: Vec<&str> = sheet.columns.iter().map(|c| c.header.as_str()).collect();
    assert_eq!(
        headers,
        [
            "序号",
            "姓名",
            "身份证号",
            "缴费情况/个人缴费/金额",
            "缴费情况/个人缴费/日期",
            "缴费情况/财政补助/金额",
            "缴费情况/财政补助/日期",
            "备注"
        ]
    );
    assert_eq!(sheet.columns[3].sure, Some(Sure::Joined));
    assert_eq!(
        sheet.columns[5].field, None,
        "what the state pays is not what the person paid"
    );
    assert_eq!(sheet.totals.len(), 1);
}

#[test]
fn parents_that_are_no_words_of_the_trade_are_levels_and_titles_are_not() {
    let below = "
        1 | 张三 | A | 烟塘村
        2 | 李四 | B | 吴家巷社区";
    #[rustfmt::skip]
    let table = [
        ("人员信息 | | | 家庭住址 \n 序号 | 姓名 | 身份证号 | 行政村",           "人员信息/姓名"),
        ("湘潭县城乡居民名册 | | | \n 序号 | 姓名 | 身份证号 | 行政村",          "姓名"),
        (" | 湘潭县城乡居民名册 | | \n 序号 | 姓名 | 身份证号 | 行政村",         "姓名"),
        ("填报单位：易俗河镇 | | | 单位：人 \n 序号 | 姓名 | 身份证号 | 行政村", "姓名"),
        ("易俗河镇 | | 2021年12月 | \n 序号 | 姓名 | 身份证号 | 行政村",         "姓名"),
        ("乡镇 | 易俗河镇 | 村 | 烟塘村 \n 序号 | 姓名 | 身份证号 | 行政村",     "姓名"),
    ];
    for (head, header) in table {
        let sheet = sheet(&rule(SourceKind::Register), &format!("{head}{below}"));
        assert_eq!(
            lines(&sheet, &PERSON),
            ["3 张三 A 烟塘村", "4 李四 B 吴家巷社区"],
            "{head}"
        );
        assert_eq!(fates(&sheet), "heading 2");
        assert_eq!(sheet.columns[1].header, header, "{head}");
    }
}

#[test]
fn a_row_of_data_is_never_a_level_of_the_header() {
    for (header, row, expected) in [
        (
            "序号 | 姓名 | 身份证号 | 村",
            "1 | 张三 | | 社区",
            "2 张三 ∅ 社区",
        ),
        (
            "姓名 | 身份证号 | 家庭住址 | | 备注",
            "张三 | | 乡镇 | 村 | 无",
            "2 张三 ∅ ∅",
        ),
        (
            "姓名 | 身份证号 | 与户主关系 | 村",
            "张三 | 4303 | 户主 | 村",
            "2 张三 4303 村",
        ),
        (
            "序号 | 姓名 | 身份证号 | 村",
            " | 李四 | 待补 | 烟塘村",
            "2 李四 待补 烟塘村",
        ),
        (
            "序号 | 姓名 | 身份证号 | 村",
            "2 | 李四 | | 姓名",
            "2 李四 ∅ 姓名",
        ),
        (
            "序号 | 姓名 | 身份证号 | 村",
            " | 赵六 | | 姓名",
            "2 赵六 ∅ 姓名",
        ),
    ] {
        // As many cells as the header: a shorter last row would be a file that did not arrive whole.
        let rest = " |".repeat(header.matches('|').count() - 2);
        let text = format!("{header}\n{row}\n9 | 王五 | C{rest}\n");
        let sheet = sheet(&rule(SourceKind::Register), &text);
        assert_eq!(lines(&sheet, &PERSON)[0], expected, "{row}");
        assert_eq!(sheet.header_row, 1);
    }
}

#[test]
fn lines_of_units_and_of_column_numbers_below_a_header_are_headings() {
    let below = "
        1 | 张三 | A | 320
        2 | 李四 | B | 320";
    for between in [
        "单位：元 | | |",
        " | | | 元",
        "1 | 2 | 3 | 4",
        "栏次 | 1 | 2 | 3",
        "甲 | 乙 | 1 | 2",
        "(1) | (2) | (3) | (4)",
    ] {
        let header = "序号 | 姓名 | 身份证号 | 个人缴费金额";
        let sheet = sheet(
            &rule(SourceKind::Payments),
            &format!("{header}\n{between}{below}\n{header}\n{between}\n3 | 王五 | C | 320"),
        );
        assert_eq!(
            lines(&sheet, &MONEY),
            ["3 张三 A 320 ∅", "4 李四 B 320 ∅", "7 王五 C 320 ∅"],
            "{between}"
        );
        assert_eq!(fates(&sheet), "heading 4", "{between}");
        assert_eq!(sheet.header_row, 1);
    }
}

#[test]
fn a_printed_table_of_a_notice_is_read_below_its_two_levels() {
    let text = "
        2021年邵阳市基本医疗保险参保情况表 | | | | |
        序号 | 县市区 | 2021年实际参保人数 | | | 2020年统计公报常住人口数
             |        | 基本医疗保险 | 其中：城镇职工医保 | 其中：城乡居民医保 |
        1    | 市本级 | 183715 | 183715 | |
        2    | 双清区 | 161774 | 19759 | 142015 | 317283
        14   | 合计   | 345489 | 203474 | 142015 | 317283

        备注：双清区相关数据包含经开区参保情况。";
    let sheet = sheet(&rule(SourceKind::Tasks), text);
    assert_eq!(
        lines(&sheet, &[Field::County, Field::Population]),
        ["4 市本级 ∅", "5 双清区 317283"]
    );
    let last_year = [
        Field::LastYearTotal,
        Field::LastYearEmployee,
        Field::LastYear,
    ];
    assert_eq!(
        lines(&sheet, &last_year),
        ["4 183715 183715 ∅", "5 161774 19759 142015"]
    );
    assert!(
        sheet.totals[0]
            .cells
            .contains(&(Field::LastYearEmployee, "203474".into()))
    );
    assert_eq!(fates(&sheet), "blank 1 heading 3 note 1 total 1");
    assert_eq!(
        sheet.columns[4].header,
        "2021年实际参保人数/其中：城乡居民医保"
    );
}

#[test]
fn headers_mean_what_they_mean_however_they_are_dressed() {
    for header in [
        "身份证号码（必填）",
        "*公民身份号码",
        "1.身份证号",
        "(3)证件号码",
        "身 份 证 号",
        "身份证号：",
        "【身份证号】".trim_matches(['【', '】']),
        "③身份证号",
    ] {
        let sheet = sheet(
            &rule(SourceKind::Register),
            &format!("{header} | 姓名 | 完成数 | 去向\nA | 张三 | 1 | 务工"),
        );
        assert_eq!(
            lines(&sheet, &[Field::Id, Field::Name]),
            ["2 A 张三"],
            "{header}"
        );
        assert!(sheet.columns[2].field.is_none() && sheet.columns[3].field.is_none());
    }
}

// ── questions, not guesses ──

#[test]
fn two_columns_of_one_field_are_taken_when_they_say_the_same() {
    let source = rule(SourceKind::Payments);
    let table = |one: &str, two: &str| {
        format!(
            "身份证号 | 缴费金额 | 缴费日期 | 入库金额 | 入库日期\nA | {one}\nB | {two}\n合计 | 640 | | 1 |"
        )
    };
    let agreeing = table(
        "320 | 2021-12-31 | 320.00 | 20211231",
        " | | ３２０ | 2021年12月30日",
    );
    let sheet = sheet(&source, &agreeing);
    let fields = [Field::Id, Field::Total, Field::PaidOn];
    assert_eq!(
        lines(&sheet, &fields),
        ["2 A 320 2021-12-31", "3 B ３２０ 2021年12月30日"]
    );
    #[rustfmt::skip]
    let cases = [
        ("320 | 2021-12-31 | 300 | 2021-12-31", Field::Total,  ["缴费金额", "入库金额"]),
        ("320 | 2021-12-31 | 320 | 2022-01-01", Field::PaidOn, ["缴费日期", "入库日期"]),
    ];
    for (second, field, headers) in cases {
        let text = table("320 | 2021-12-31 | 320 | 2021-12-31", second);
        let found = refusals(&source, &text);
        let expected = Refusal::Header(WrongHeader::ColumnAmbiguous {
            file: "a".into(),
            sheet: String::new(),
            row: 3,
            field,
            headers: headers.map(str::to_owned).to_vec(),
        });
        assert_eq!(found, [expected]);
        let mut settled = source.clone();
        settled.columns = vec![
            (Field::Total, "入库金额".into()),
            (Field::PaidOn, "缴费日期".into()),
        ];
        assert!(outcome(&settled, &csv(&grid(&text))).is_ok());
    }
}

#[test]
fn columns_settles_alike_headers_by_their_path_or_letter() {
    let text = "
        姓名 | 应缴 |      | 实缴 |
             | 证件号码 | 金额 | 证件号码 | 金额
        张三 | A | 350 | B | 320";
    let mut source = rule(SourceKind::Register);
    let found = refusals(&source, text);
    let [
        Refusal::Header(WrongHeader::ColumnAmbiguous {
            field: Field::Id,
            headers,
            row: 3,
            ..
        }),
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(headers, &["应缴/证件号码", "实缴/证件号码"]);
    for (declared, id) in [
        ("实缴/证件号码", "B"),
        ("应缴／证件号码", "A"),
        ("D列", "B"),
        ("$B", "A"),
    ] {
        source.columns = vec![(Field::Id, declared.into())];
        assert_eq!(
            lines(&sheet(&source, text), &[Field::Id]),
            [format!("3 {id}")],
            "{declared}"
        );
    }
    source.columns = vec![(Field::Id, "证件号码".into())];
    assert_eq!(
        refusals(&source, text).len(),
        1,
        "a word of both settles nothing"
    );
    let alike = "姓名 | 证件号码 | 证件号码\n张三 | A | B";
    let found = refusals(&rule(SourceKind::Register), alike);
    let [Refusal::Header(WrongHeader::ColumnAmbiguous { headers, .. })] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(headers, &["证件号码(B列)", "证件号码(C列)"]);
}

#[test]
fn a_disability_number_serves_where_no_better_number_is() {
    let source = rule(SourceKind::Rosters);
    let number = "11010519491231002X41";
    let both = sheet(
        &source,
        &format!("姓名 | 残疾证号 | 身份证号\n张三 | {number} | A"),
    );
    assert_eq!(lines(&both, &[Field::Id]), ["2 A"]);
    assert_eq!(
        (both.columns[1].field, both.columns[2].sure),
        (None, Some(Sure::Word))
    );
    let only = sheet(&source, &format!("姓名 | 残疾证号\n张三 | {number}"));
    assert_eq!(lines(&only, &[Field::Id]), [format!("2 {number}")]);
    assert_eq!(only.columns[1].sure, Some(Sure::Lesser));
}

#[test]
fn a_kind_of_person_is_not_taken_for_an_insurance_or_a_hardship() {
    let text = "姓名 | 身份证号 | 险种 | 参保类别 | 人员类别 | 救助身份\n张三 | A | 390 | 学生 | 未成年人 | 低保对象";
    let sheet = sheet(&rule(SourceKind::Rosters), text);
    assert_eq!(
        lines(&sheet, &[Field::Scheme, Field::Category]),
        ["2 390 低保对象"]
    );
}

// ── several tables on a sheet ──

/// Tables right of the table, left of it, with a word of it, with one that has rows of its own, and starting higher or lower;
/// those that are found, and the fates of rows.
const BESIDE: [(&str, [&str; 1], &str); 4] = [
    (
        "
    序号 | 姓名 | 身份证号 | 村 | | 村 | 人数
    1 | 张三 | A | 烟塘村 | | 烟塘村 | 2
    2 | 李四 | B | 烟塘村 | | 吴家巷社区 | 1
    3 | 王五 | C | 吴家巷社区 | | 合计 | 3",
        ["1:5 村 人数"],
        "heading 1",
    ),
    (
        "
    类别 | 完成率 | | 序号 | 姓名 | 身份证号 | 村
    低保 | 50% | | 1 | 张三 | A | 烟塘村
    特困 | 60% | | 2 | 李四 | B | 烟塘村
      | | | 3 | 王五 | C | 吴家巷社区",
        ["1:0 类别 完成率"],
        "heading 1",
    ),
    (
        "
    序号 | 姓名 | 身份证号 | 村 | | 对象 | 标准
    1 | 张三 | A | 烟塘村 | | 低保 | 160
    2 | 李四 | B | 烟塘村 | | 特困 | 0
    3 | 王五 | C | 吴家巷社区 | | |
      | | | | | 孤儿 | 0",
        ["1:5 对象 标准"],
        "heading 1 note 1",
    ),
    (
        "
    序号 | 姓名 | 身份证号 | 村 | | |
    1 | 张三 | A | 烟塘村 | | 乡镇 | 人数
    2 | 李四 | B | 烟塘村 | | 易俗河镇 | 2
    3 | 王五 | C | 吴家巷社区 | | 谭家山镇 | 1
      | | | | | 合计 | 3",
        ["2:5 乡镇 人数"],
        "heading 1 note 1",
    ),
];

#[test]
fn tables_beside_the_table_are_listed_and_no_part_of_records() {
    let main = "
        序号 | 姓名 | 身份证号 | 村
        1 | 张三 | A | 烟塘村
        2 | 李四 | B | 烟塘村
        3 | 王五 | C | 吴家巷社区";
    let source = rule(SourceKind::Register);
    let alone = sheet(&source, main);
    for (text, tables, aside) in BESIDE {
        let found = sheet(&source, text);
        assert_eq!(lines(&found, &PERSON), lines(&alone, &PERSON), "{text}");
        assert_eq!(digests(&found), digests(&alone), "{text}");
        assert_eq!(side_tables(&found), tables, "{text}");
        assert_eq!(fates(&found), aside, "{text}");
    }
}

#[test]
fn an_empty_column_inside_a_table_divides_nothing() {
    let source = rule(SourceKind::Register);
    let plain = sheet(
        &source,
        "序号 | 姓名 | 身份证号 | 村 | 去向\n1 | 张三 | A | 烟塘村 | 务工\n2 | 李四 | B | 烟塘村 |",
    );
    for text in [
        "序号 | 姓名 | | 身份证号 | 村 | | 去向\n1 | 张三 | | A | 烟塘村 | | 务工\n2 | 李四 | | B | 烟塘村 | | ",
        "序号 | | 身份证号 | 姓名 | | 村 | 去向\n1 | | A | 张三 | | 烟塘村 | 务工\n2 | | B | 李四 | | 烟塘村 |",
        " | 序号 | 姓名 | 身份证号 | | | 村 | 去向\n | 1 | 张三 | A | | | 烟塘村 | 务工\n | 2 | 李四 | B | | | 烟塘村 |",
    ] {
        let found = sheet(&source, text);
        assert_eq!(lines(&found, &PERSON), lines(&plain, &PERSON), "{text}");
        assert_eq!(digests(&found), digests(&plain), "{text}");
        assert!(found.beside.tables.is_empty());
    }
}

/// A word that names nothing stands on both sides; a sum of the row's own; a day that not all have yet. And the days.
const BEHIND_A_GAP: [(&str, [&str; 3]); 3] = [
    (
        "姓名 | 身份证号 | 缴费金额 | 备注 | | 缴费日期 | 凭证号 | 备注
        张三 | A | 320 | | | 2021-12-01 | 71 |
        李四 | B | 320 | 补缴 | | 2021-12-02 | 72 |
        王五 | C | 320 | | | 2021-12-03 | 73 | 现金",
        ["2021-12-01", "2021-12-02", "2021-12-03"],
    ),
    (
        "序号 | 姓名 | 身份证号 | 缴费金额 | | 合计 | 缴费日期
        1 | 张三 | A | 320 | | 320 | 2021-12-01
        2 | 李四 | B | 320 | | 320 | 2021-12-02
        3 | 王五 | C | 320 | | 320 | 2021-12-03
        合计 | | | 960 | | 960 |",
        ["2021-12-01", "2021-12-02", "2021-12-03"],
    ),
    (
        "姓名 | 身份证号 | 缴费金额 | 备注 | | 缴费日期 | 备注
        张三 | A | 320 | | | 2021-12-01 |
        李四 | B | 320 | | | 2021-12-02 |
        王五 | C | 320 | | | |
        赵六 | D | 320 | | | |
         | | | | | 经办人： | 李四",
        ["2021-12-01", "2021-12-02", "∅"],
    ),
];

#[test]
fn columns_behind_a_gap_whose_rows_are_the_tables_rows_are_the_tables() {
    let fields = [Field::Id, Field::Total, Field::PaidOn];
    for (text, days) in BEHIND_A_GAP {
        let sheet = sheet(&rule(SourceKind::Payments), text);
        let expected = ["A", "B", "C"]
            .iter()
            .zip(days)
            .enumerate()
            .map(|(at, (id, day))| format!("{} {id} 320 {day}", at + 2));
        assert_eq!(
            lines(&sheet, &fields)[..3],
            expected.collect::<Vec<_>>(),
            "{text}"
        );
        assert!(sheet.beside.tables.is_empty(), "{text}");
    }
    // A summary is none of the table's, and what it names that the table lacks is told.
    let text = "姓名 | 身份证号 | 缴费金额 | | 村 | 人数
        张三 | A | 320 | | 烟塘村 | 1
        李四 | B | 320 | | 新塘村 | 1
        王五 | C | 320 | | 合计 | 2";
    let sheet = sheet(&rule(SourceKind::Payments), text);
    assert_eq!(side_tables(&sheet), ["1:4 村 人数"]);
    assert_eq!(sheet.beside.tables[0].fields, [Field::Village]);
}

#[test]
fn a_list_continued_beside_itself_is_asked_about() {
    for text in [
        "姓名 | 身份证号 | | 姓名 | 身份证号\n张三 | A | | 王五 | C\n李四 | B | | |",
        "姓名 | 身份证号 | 姓名 | 身份证号\n张三 | A | |\n李四 | B | 王五 | C",
        "姓名1 | 身份证号1 | 姓名2 | 身份证号2\n张三 | A | 王五 | C",
        "成员1 | | 成员2 |\n姓名 | 身份证号 | 姓名 | 身份证号\n张三 | A | 王五 | C",
    ] {
        let found = refusals(&rule(SourceKind::Register), text);
        assert!(
            matches!(
                &found[..],
                [Refusal::Header(WrongHeader::PeopleBeside { .. })]
            ),
            "{found:?}\n{text}"
        );
        let mut source = rule(SourceKind::Register);
        source.unpivot = vec![Field::Name, Field::Id];
        let found = sheet(&source, text);
        let ids: Vec<String> = lines(&found, &[Field::Id])
            .iter()
            .map(|line| line.chars().last().unwrap().to_string())
            .collect();
        assert!(
            ids.contains(&"A".to_owned()) && ids.contains(&"C".to_owned()),
            "{ids:?}"
        );
    }
}

#[test]
fn a_table_of_the_form_below_another_is_read_with_its_own_header() {
    let text = "
        易俗河镇名册 | | |
        姓名 | 身份证号 | 村 |
        张三 | A | 烟塘村 |
        小计 | 1 | |

        谭家山镇名册 | | |
        序号 | 身份证号码 | 姓名 | 性别
        1 | B | 李四 | 男
        2 | C | 王五 | 女
        姓名 | 身份证号 | 村 |
        赵六 | D | 新塘村 |";
    let sheet = sheet(&rule(SourceKind::Register), text);
    let fields = [Field::Name, Field::Id, Field::Village, Field::Sex];
    assert_eq!(
        lines(&sheet, &fields),
        [
            "3 张三 A 烟塘村 ∅",
            "8 李四 B ∅ 男",
            "9 王五 C ∅ 女",
            "11 赵六 D 新塘村 ∅"
        ]
    );
    assert_eq!(fates(&sheet), "blank 1 heading 4 note 1 total 1");
    assert_eq!(sheet.header_row, 2);
    let plain = self::sheet(
        &rule(SourceKind::Register),
        "姓名 | 身份证号 | 性别\n李四 | B | 男",
    );
    assert_eq!(digests(&sheet)[1], digests(&plain)[0]);
}

#[test]
fn a_summary_below_or_above_the_table_is_set_aside_until_the_table_goes_on() {
    let text = "
        乡镇 | 人数 | 完成率 |
        易俗河镇 | 2 | 50% |

        姓名 | 身份证号 | 村 | 备注
        张三 | A | 烟塘村 |

        各村汇总表 | | |
        村 | 人数 | 金额 | 占比
        烟塘村 | 1 | 320 | 100%
        合计 | 1 | 320 |
        李四 | B | 新塘村 |
        村 | 人数 | 金额 | 占比
        新塘村 | 1 | 320 | 1
        姓名 | 身份证号 | 村 | 备注
        王五 | | 新塘村 |";
    let sheet = sheet(&rule(SourceKind::Register), text);
    assert_eq!(
        lines(&sheet, &PERSON),
        ["5 张三 A 烟塘村", "11 李四 B 新塘村", "15 王五 ∅ 新塘村"]
    );
    assert_eq!(
        side_tables(&sheet),
        [
            "1:0 乡镇 人数 完成率",
            "8:0 村 人数 金额 占比",
            "12:0 村 人数 金额 占比"
        ]
    );
    assert_eq!(fates(&sheet), "blank 2 heading 2 note 8");
}

#[test]
fn a_header_below_is_read_whole_wherever_a_table_stood_beside_the_first() {
    let text = "
        姓名 | 身份证号 | | 村 | 人数 |
        张三 | A | | 烟塘村 | 2 |
        李四 | B | | 合计 | 2 |
        序号 | 姓名 | 身份证号 | 村 | 与户主关系 | 性别
        1 | 王五 | C | 新塘村 | 户主 | 女";
    let sheet = sheet(&rule(SourceKind::Register), text);
    assert_eq!(
        lines(
            &sheet,
            &[Field::Name, Field::Id, Field::Village, Field::Sex]
        ),
        ["2 张三 A ∅ ∅", "3 李四 B ∅ ∅", "5 王五 C 新塘村 女"]
    );
    assert_eq!(side_tables(&sheet), ["1:3 村 人数"]);
}

#[test]
fn a_household_of_one_column_loses_no_row() {
    let found = sheet(
        &households(),
        "户号 | 姓名1 | 身份证号1\n甲1 | 张三 | A\n甲2 | | \n甲3 | 李四 | B",
    );
    assert_eq!(
        lines(&found, &[Field::Household, Field::Name]),
        ["2 甲1 张三", "4 甲3 李四"]
    );
    assert_eq!(
        (fates(&found).as_str(), found.origin.rows_read),
        ("heading 1 note 1", 4)
    );
}

#[test]
fn a_list_of_people_without_what_the_source_needs_is_another_table() {
    let text = "
        姓名 | 身份证号 | 缴费金额
        张三 | A | 320
        未缴费人员名单 | |
        姓名 | 身份证号 | 原因
        李四 | B | 外出务工
        王五 | C | 失联";
    let sheet = sheet(&rule(SourceKind::Payments), text);
    assert_eq!(lines(&sheet, &[Field::Id, Field::Total]), ["2 A 320"]);
    assert_eq!(fates(&sheet), "heading 1 note 4");
    assert_eq!(side_tables(&sheet), ["4:0 姓名 身份证号 原因"]);
}

#[test]
fn a_large_csv_with_a_second_header_far_below_is_read_in_order() {
    let mut text = String::from("姓名,身份证号,备注\n");
    for n in 0..120_000 {
        if n == 100_000 {
            text.push_str("身份证号,姓名,村\n");
        }
        let id = format!("{n:018}");
        text.push_str(&if n < 100_000 {
            format!("张三,{id},很长很长很长很长很长的备注\n")
        } else {
            format!("{id},李四,烟塘村\n")
        });
    }
    let sheet = outcome(&rule(SourceKind::Register), text.as_bytes()).unwrap();
    assert_eq!(sheet.table.height(), 120_000);
    let ids = sheet.table.column("id").unwrap().str().unwrap().clone();
    assert!(
        ids.iter()
            .enumerate()
            .all(|(n, id)| id == Some(&format!("{n:018}")))
    );
    assert_eq!(
        (fates(&sheet), sheet.origin.rows_read),
        ("heading 2".to_owned(), 120_002)
    );
}

// ── totals, notes, pages ──

#[test]
fn totals_are_told_wherever_their_name_stands_and_people_are_none() {
    for (row, fate) in [
        ("合计 | | | ", "total"),
        ("14 | 合 计 | | ", "total"),
        (" | 小 计 | 2人 | ", "total"),
        ("合计：120人 | | | ", "total"),
        ("共计120人，其中低保3人 | | | ", "total"),
        (" | | | 烟塘村小计", "total"),
        ("3 | 易俗河镇小计 | | ", "total"),
        ("本页小计 | 2 | | ", "total"),
        ("本页合计 | | | ", "total"),
        ("总计 | | | ", "total"),
        ("累计 | 3 | | ", "total"),
        ("共计 | 3 | | ", "total"),
        ("以上共3人 | | | ", "total"),
        ("3 | 计小计 | C | ", ""),
        ("3 | 计春华 | | ", ""),
        ("3 | 王五 | C | 大计村", ""),
        ("3 | 共青 | 待补 | 会计村", ""),
    ] {
        let text = format!(
            "序号 | 姓名 | 身份证号 | 村\n1 | 张三 | A | 烟塘村\n{row}\n2 | 李四 | B | 烟塘村"
        );
        let sheet = sheet(&rule(SourceKind::Register), &text);
        let expected = if fate.is_empty() {
            "heading 1".to_owned()
        } else {
            format!("heading 1 {fate} 1")
        };
        assert_eq!(fates(&sheet), expected, "{row}");
    }
}

#[test]
fn signatures_page_numbers_and_remarks_are_notes_in_whatever_column() {
    for row in [
        "填表人：张三 | 审核人：李四 | 2021年12月 | 联系电话：123",
        "村委会（盖章） | | 经办人： | ",
        "第1页 共3页 | | | ",
        " | | 第 1 页 | 共 3 页",
        "打印时间：2021-12-01 10:30 | | | ",
        "以上名单已公示七日无异议 | | | ",
        "注：本表一式两份 | | | ",
        " | 单位负责人： | | 填报日期：",
        "5 | | | ",
    ] {
        for header in ["姓名 | 身份证号 | 村 | 备注", "序号 | 姓名 | 身份证号 | 村"]
        {
            let number = if header.starts_with('姓') {
                "张三 | A | 烟塘村 |"
            } else {
                "1 | 张三 | A | 烟塘村"
            };
            if header.starts_with('姓') && row.starts_with('5') {
                continue;
            }
            let sheet = sheet(
                &rule(SourceKind::Register),
                &format!("{header}\n{number}\n{row}\n{number}"),
            );
            assert_eq!(
                (fates(&sheet).as_str(), sheet.table.height()),
                ("heading 1 note 1", 2),
                "{header}: {row}"
            );
        }
    }
}

#[test]
fn every_level_of_a_header_repeated_on_a_new_page_is_a_heading() {
    let header = "
        名册 | | | | |
        单位：元 | | | | |
        序号 | 姓名 | 身份证号 | 个人缴费 | | 家庭住址
             |      |          | 金额     | 日期 | 行政村
        1 | 2 | 3 | 4 | 5 | 6";
    let text = format!(
        "{header}\n1 | 张三 | A | 320 | 2021-12-01 | 烟塘村{header}\n2 | 李四 | B | 320 | 2021-12-01 | 烟塘村"
    );
    let sheet = sheet(&rule(SourceKind::Payments), &text);
    assert_eq!(
        lines(&sheet, &MONEY),
        ["6 张三 A 320 2021-12-01", "12 李四 B 320 2021-12-01"]
    );
    assert_eq!(
        (fates(&sheet).as_str(), sheet.header_row),
        ("heading 10", 4)
    );
}

#[test]
fn days_and_telephones_in_the_column_of_numbers_make_nobody_of_a_line() {
    for (row, fate) in [
        ("说明：1.2021年9月1日至2022年2月28日为缴费期 | | ", "note"),
        ("填表人：王五 电话：0731-57881234 | | ", "note"),
        ("合计：2021-09-01至2021-12-31 | | ", "total"),
        ("0731-57881234 | 填表人：王五 | ", "note"),
        ("4303211990 | 王五 | 烟塘村", ""),
        ("440524188001010014（错） | 王五 | 烟塘村", ""),
        ("440524188001010014 | 填表人 | 烟塘村", ""),
    ] {
        let sheet = sheet(
            &rule(SourceKind::Register),
            &format!("身份证号 | 姓名 | 村\nA | 张三 | 烟塘村\n{row}"),
        );
        let expected = if fate.is_empty() {
            "heading 1".to_owned()
        } else {
            format!("heading 1 {fate} 1")
        };
        assert_eq!(fates(&sheet), expected, "{row}");
    }
}

/// Header, a row, and how many people it is.
#[rustfmt::skip]
const STAMPS_AND_LONG_NAMES: [(&str, &str, usize); 8] = [
    ("姓名 | 身份证号 | 镇 | 村 | 备注", "张小宝 | | 易俗河镇 | 金霞村 | 监护人代办（签字）",  1),
    ("姓名 | 身份证号 | 镇 | 村 | 备注", "张小宝 | | | | 监护人代办（签字）",                  1),
    ("姓名 | 身份证号 | 镇 | 村 | 备注", "填表人：张三 | 王五 | 二〇二一 | 谭家山镇 | 金霞村", 0),
    ("姓名 | 身份证号 | 镇 | 村 | 备注", " | | 村委会（盖章） | 二〇二一 | ",                  0),
    ("姓名 | 身份证号",                  "买买提阿卜杜拉江 | ",                                1),
    ("序号 | 姓名 | 身份证号 | 村",      " | 阿布都热合曼麦麦提 | | ",                         1),
    ("姓名 | 身份证号",                  "易俗河镇低保对象名册 | ",                            0),
    ("姓名 | 身份证号",                  "以上人员均已公示无异议 | ",                          0),
];

#[test]
fn a_person_stays_one_beside_a_stamp_and_alone_under_a_long_name() {
    for (header, row, people) in STAMPS_AND_LONG_NAMES {
        let sheet = sheet(&rule(SourceKind::Register), &format!("{header}\n{row}"));
        let expected = if people == 1 {
            "heading 1"
        } else {
            "heading 1 note 1"
        };
        assert_eq!(
            (fates(&sheet).as_str(), sheet.table.height()),
            (expected, people),
            "{row}"
        );
    }
}

// ── sheets of a workbook ──

fn book(sheets: &[(&str, String)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, text) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (r, row) in grid(text).iter().enumerate() {
            for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(r as u32, c as u16, text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Every sheet of a workbook, or why there is none.
fn sheets(source: &SourceRule, bytes: &[u8]) -> Result<Vec<SourceSheet>, Vec<Refusal>> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a"), bytes).unwrap();
    let refusals = |error: anyhow::Error| {
        error
            .downcast::<Complaints>()
            .unwrap()
            .0
            .into_iter()
            .map(|c| c.refusal)
            .collect()
    };
    read(&scheme(source.clone()), folder.path(), &Silent).map_err(refusals)
}

#[test]
fn a_sheet_of_people_without_a_header_stops_the_run() {
    let first = ("一", "姓名 | 身份证号 | 村\n张三 | A | 烟塘村".to_owned());
    // Right from the top, far below a text, and below a header of unknown words.
    let below = format!("{}李四 | B | 烟塘村", "请各村核对\n".repeat(1200));
    for text in [
        "李四 | B | 烟塘村\n王五 | C | 烟塘村".to_owned(),
        below,
        "甲栏 | 乙栏\n李四 | B".to_owned(),
    ] {
        let refusals = sheets(
            &rule(SourceKind::Register),
            &book(&[first.clone(), ("二", text)]),
        )
        .unwrap_err();
        let [Refusal::Header(WrongHeader::NoHeader { sheet, .. })] = &refusals[..] else {
            panic!("{refusals:?}")
        };
        assert_eq!(sheet, "二");
    }
    let notes = (
        "说明",
        "请各村核对\n电话：0731-57881234\n乡镇 | 人数\n易俗河镇 | 120".to_owned(),
    );
    let read = sheets(&rule(SourceKind::Register), &book(&[first, notes])).unwrap();
    assert_eq!(
        read.iter().map(fates).collect::<Vec<_>>(),
        ["heading 1", "note 4"]
    );
}

#[test]
fn only_the_sheets_that_a_source_asks_for_are_read() {
    let people = |id: &str| format!("姓名 | 身份证号\n张三 | {id}");
    let bytes = book(&[
        ("明细1", people("A")),
        ("明细2", people("B")),
        ("旧", people("C")),
        ("续", "李四 | D".to_owned()),
    ]);
    let asks = |patterns: &[&str]| SourceRule {
        sheets: patterns.iter().map(|text| (*text).to_owned()).collect(),
        ..rule(SourceKind::Register)
    };
    let read = sheets(&asks(&["明细*"]), &bytes).unwrap();
    let told: Vec<_> = read
        .iter()
        .map(|sheet| {
            (
                sheet.origin.sheet.as_str(),
                sheet.table.height(),
                fates(sheet),
            )
        })
        .collect();
    let expected = [
        ("明细1", 1, "heading 1"),
        ("明细2", 1, "heading 1"),
        ("旧", 0, "note 2"),
        ("续", 0, "note 1"),
    ];
    assert_eq!(
        told,
        expected.map(|(name, height, fates)| (name, height, fates.to_owned()))
    );
    assert_eq!(
        sheets(&asks(&["明细2", "旧"]), &bytes)
            .unwrap()
            .iter()
            .filter(|sheet| sheet.table.height() == 1)
            .count(),
        2
    );
    let refusals = sheets(&asks(&["名册"]), &bytes).unwrap_err();
    assert!(
        matches!(&refusals[..], [Refusal::Header(WrongHeader::NoMatchingSheet { sheets, .. })] if sheets.len() == 4),
        "{refusals:?}"
    );
}

// ── households ──

fn households() -> SourceRule {
    SourceRule {
        unpivot: vec![Field::Name, Field::Id, Field::Relation],
        ..rule(SourceKind::Households)
    }
}

/// Headers of two people in a row, and in how many rows they stand.
#[rustfmt::skip]
const HEADERS_OF_TWO: [(&str, usize); 4] = [
    ("户号 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系 | 村", 1),
    ("户号 | 姓名1 | 身份证号1 | 与户主关系1 | 姓名2 | 身份证号2 | 与户主关系2 | 村", 1),
    ("户号 | 成员1姓名 | 成员1身份证号 | 成员1与户主关系 | 成员2姓名 | 成员2身份证号 | 成员2与户主关系 | 村", 1),
    ("户号 | 成员1 | | | 成员2 | | | 村\n | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系 | ", 2),
];

#[test]
fn every_person_of_a_households_row_is_a_record_with_what_the_row_shares() {
    use Field::{Household, Id, Name, Relation, Village};
    let by_person = "户号 | 姓名 | 身份证号 | 与户主关系 | 村
        甲1 | 张三 | A | 户主 | 烟塘村
        甲1 | 李四 | B | 配偶 | 烟塘村
        甲2 | 王五 | C | 户主 | 新塘村";
    let plain = sheet(&rule(SourceKind::Households), by_person);
    let by_household = "
        甲1 | 张三 | A | 户主 | 李四 | B | 配偶 | 烟塘村
        甲2 | 王五 | C | 户主 | | | | 新塘村
        丙3 | | | | | | | 空户村
        合计 | | | | | | |";
    for (head, levels) in HEADERS_OF_TWO {
        let found = sheet(&households(), &format!("{head}{by_household}"));
        let expected = [
            format!("{} 甲1 张三 A 户主 烟塘村", levels + 1),
            format!("{} 甲1 李四 B 配偶 烟塘村", levels + 1),
            format!("{} 甲2 王五 C 户主 新塘村", levels + 2),
        ];
        let fields = [Household, Name, Id, Relation, Village];
        assert_eq!(lines(&found, &fields), expected, "{head}");
        assert_eq!(digests(&found), digests(&plain), "{head}");
        let aside = format!("heading {levels} note 1 total 1");
        assert_eq!(fates(&found), aside, "{head}");
        assert_eq!(found.origin.rows_read, 5 + levels as u64);
    }
}

#[test]
fn people_of_a_row_may_stand_field_by_field() {
    let by_field = "户号 | 姓名1 | 姓名2 | 身份证号1 | 身份证号2 | 关系 | 村
        甲1 | 张三 | 李四 | A | B | | 烟塘村";
    let found = sheet(&households(), by_field);
    assert_eq!(
        lines(&found, &[Field::Name, Field::Id, Field::Village]),
        ["2 张三 A 烟塘村", "2 李四 B 烟塘村"]
    );
}

#[test]
fn a_household_without_numbers_keeps_its_people_apart_and_a_dash_is_nobody() {
    let text = "姓名 | 身份证号 | 姓名 | 身份证号 | 姓名 | 身份证号\n张三 | | 李四 | B | / | —\n - | | | | | ";
    let found = sheet(&households(), text);
    assert_eq!(
        lines(&found, &[Field::Name, Field::Id]),
        ["2 张三 ∅", "2 李四 B"]
    );
    assert_eq!(fates(&found), "heading 1 note 1");
}

const MEMBER: [Field; 5] = [
    Field::Name,
    Field::Id,
    Field::Relation,
    Field::Household,
    Field::Village,
];

#[test]
fn people_under_merged_cells_keep_their_columns_whatever_the_others_have() {
    for (text, expected) in [
        // The householder has no relation, and another's is not given to him.
        (
            "户主情况 | | 家庭成员1 | | | 家庭成员2 | | | 村
             姓名 | 身份证号 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系 |
             张三 | A | 李四 | B | 配偶 | | | | 烟塘村
             王五 | C | | | | 赵六 | D | 女 | 新塘村",
            &["3 张三 A ∅ ∅ 烟塘村", "3 李四 B 配偶 ∅ 烟塘村", "4 王五 C ∅ ∅ 新塘村", "4 赵六 D 女 ∅ 新塘村"][..],
        ),
        // Told once more among the members, the householder is no person of his own.
        (
            "户主信息 | | 成员1 | | | 成员2 | |
             姓名 | 身份证号 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系
             张三 | A | 张三 | A | 本人 | 李四 | B | 配偶
             王五 | C | 王五 | C | 本人 | | |",
            &["3 张三 A 本人 A ∅", "3 李四 B 配偶 A ∅", "4 王五 C 本人 C ∅"],
        ),
        // One merged cell over all members; no number anywhere.
        (
            "户主 | | | 家庭成员 | | | | |
             姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系
             张三 | A | 户主 | 李四 | B | 配偶 | 王五 | C | 子",
            &["3 张三 A 户主 ∅ ∅", "3 李四 B 配偶 ∅ ∅", "3 王五 C 子 ∅ ∅"],
        ),
        // 基本信息 and 证件信息 are no people.
        (
            "基本信息 | 证件信息 | 基本信息 | 证件信息
             姓名 | 身份证号 | 姓名 | 身份证号
             张三 | A | 李四 | B",
            &["3 张三 A ∅ ∅ ∅", "3 李四 B ∅ ∅ ∅"],
        ),
        // Without merged cells: behind every relation stands nobody whose it could be, or before every one.
        (
            "姓名 | 身份证号 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系
             张三 | A | 李四 | B | 配偶 | 王五 | C | 子",
            &["2 张三 A ∅ ∅ ∅", "2 李四 B 配偶 ∅ ∅", "2 王五 C 子 ∅ ∅"],
        ),
        (
            "与户主关系 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 姓名 | 身份证号
             户主 | 张三 | A | 配偶 | 李四 | B | 王五 | C",
            &["2 张三 A 户主 ∅ ∅", "2 李四 B 配偶 ∅ ∅", "2 王五 C ∅ ∅ ∅"],
        ),
    ] {
        assert_eq!(lines(&sheet(&households(), text), &MEMBER), expected, "{text}");
    }
}

#[test]
fn people_whose_columns_cannot_be_told_apart_are_asked_about() {
    for text in [
        // The relation ends a person, or begins the next.
        "姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号 | 与户主关系 | 姓名 | 身份证号\n张三 | A | 甲 | 李四 | B | 乙 | 王五 | C",
        "姓名 | 身份证号 | 姓名 | 与户主关系 | 身份证号 | 与户主关系\n张三 | A | 李四 | 甲 | B | 乙",
        "姓名1 | 姓名2 | 身份证号1 | 身份证号2 | 与户主关系\n张三 | 李四 | A | B | 甲",
        "姓名 | 姓名 | 姓名 | 身份证号 | 身份证号\n张三 | 李四 | 王五 | A | B",
        // The householder stands among the members in one row, and not in the other.
        "户主信息 | | 成员1 | | \n姓名 | 身份证号 | 姓名 | 身份证号 | 与户主关系\n张三 | A | 张三 | A | 本人\n王五 | C | 李四 | B | 配偶",
    ] {
        let found = refusals(&households(), text);
        assert!(
            matches!(&found[..], [Refusal::Header(WrongHeader::PeopleBeside { headers, .. })] if headers.len() >= 3),
            "{found:?}\n{text}"
        );
    }
}

// ── the same records, laid out in any way ──

#[derive(Clone, Debug)]
struct Layout {
    titles: usize,
    units: usize,
    levels: usize,
    order: Vec<usize>,
    totals: bool,
    page: usize,
    signature: bool,
    beside: usize,
    gap: bool,
    blank_rows: bool,
}

const HEADS: [(&str, &str, &str); 7] = [
    ("", "", "序号"),
    ("", "", "姓名"),
    ("", "", "身份证号"),
    ("家庭住址", "", "乡镇"),
    ("家庭住址", "", "村"),
    ("缴费情况", "个人缴费", "金额"),
    ("缴费情况", "个人缴费", "日期"),
];

/// Columns that stand under one parent stay together, or the parent would stand twice; everything else is shuffled.
fn orders() -> impl Strategy<Value = Vec<usize>> {
    Just(vec![vec![0], vec![1], vec![2], vec![3, 4], vec![5, 6]])
        .prop_shuffle()
        .prop_map(|groups| groups.concat())
}

fn layouts() -> impl Strategy<Value = Layout> {
    let marks = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (
        0usize..3,
        0usize..4,
        1usize..4,
        orders(),
        0usize..6,
        0usize..3,
        marks,
    )
        .prop_map(
            |(titles, units, levels, order, page, beside, (totals, signature, gap, blank_rows))| {
                Layout {
                    titles,
                    units,
                    levels,
                    order,
                    totals,
                    page,
                    signature,
                    beside,
                    gap,
                    blank_rows,
                }
            },
        )
}

type Person = (String, String, String, String, u32, u32);

fn people() -> impl Strategy<Value = Vec<Person>> {
    let name = prop::sample::select(vec![
        "张三",
        "李四",
        "计春华",
        "欧阳村",
        "阿卜杜拉·买买提",
        "王注",
    ]);
    let id = prop::sample::select(NUMBERS.map(|(_, number)| number).to_vec());
    let town = prop::sample::select(vec!["易俗河镇", "谭家山镇", "中路铺镇"]);
    let village = prop::sample::select(vec!["烟塘村", "吴家巷社区", "大计村", "社区"]);
    let person =
        (name, id, town, village, 1u32..400, 1u32..29).prop_map(|(n, i, t, v, money, day)| {
            (
                n.to_owned(),
                i.to_owned(),
                t.to_owned(),
                v.to_owned(),
                money,
                day,
            )
        });
    prop::collection::vec(person, 1..14)
}

fn laid_out(people: &[Person], layout: &Layout) -> Vec<Vec<String>> {
    let heads: Vec<Head> = layout.order.iter().map(|at| HEADS[*at]).collect();
    let mut header = header(&heads, layout.levels);
    let beside = layout.titles + header.len() - 1;
    header.extend(units(&heads, layout.units));
    let titles = ["湘潭县2022年度缴费名册", "填报单位：湘潭县医保局"];
    let mut rows: Vec<Vec<String>> = titles[..layout.titles].iter().map(line).collect();
    rows.extend(header.clone());
    for (at, person) in people.iter().enumerate() {
        if layout.page > 0 && at > 0 && at % layout.page == 0 {
            rows.push(line(&"第1页 共2页"));
            rows.extend(header.clone());
        }
        if layout.blank_rows && at % 3 == 1 {
            rows.push(line(&""));
        }
        let cells = cells_of(at, person);
        rows.push(layout.order.iter().map(|at| cells[*at].clone()).collect());
    }
    if layout.totals {
        rows.push(line(&"合计"));
    }
    if layout.signature {
        rows.push(
            ["填表人：某某", "", "审核人：某某"]
                .map(str::to_owned)
                .into(),
        );
    }
    if layout.gap {
        rows.iter_mut().for_each(|row| row.insert(0, String::new()));
    }
    if layout.beside > 0 {
        let right = heads.len() + usize::from(layout.gap) + 1;
        put_beside(&mut rows[beside + layout.beside - 1..], right);
    }
    rows
}

/// Two levels above a word, and the word.
type Head = (&'static str, &'static str, &'static str);

fn line(text: &&str) -> Vec<String> {
    vec![(*text).to_owned()]
}

fn cells_of(at: usize, (name, id, town, village, money, day): &Person) -> Vec<String> {
    let day = format!("2021-12-{day:02}");
    let number = (at + 1).to_string();
    let texts = [name, id, town, village].map(String::clone);
    [number]
        .into_iter()
        .chain(texts)
        .chain([money.to_string(), day])
        .collect()
}

/// The header in so many rows; a merged cell holds its text in its first column.
fn header(heads: &[Head], levels: usize) -> Vec<Vec<String>> {
    if levels == 1 {
        let joined = |(_, middle, leaf): &Head| format!("{middle}{leaf}");
        return vec![heads.iter().map(joined).collect()];
    }
    let path = |(top, middle, leaf): &Head| {
        let above = match levels {
            2 => vec![if middle.is_empty() { *top } else { *middle }],
            _ => vec![*top, *middle],
        };
        let words = above.into_iter().chain([*leaf]);
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    };
    let paths: Vec<Vec<&str>> = heads.iter().map(path).collect();
    let cell = |level: usize, at: usize| {
        let word = paths[at].get(level).copied().unwrap_or("");
        let merged = at > 0
            && level + 1 < paths[at].len()
            && paths[at - 1].get(..=level) == paths[at].get(..=level);
        if merged {
            String::new()
        } else {
            word.to_owned()
        }
    };
    let row = |level| (0..heads.len()).map(|at| cell(level, at)).collect();
    (0..levels).map(row).collect()
}

/// A row under the header that says in what the columns are, or counts them.
fn units(heads: &[Head], which: usize) -> Option<Vec<String>> {
    let unit = |(.., leaf): &Head| if *leaf == "金额" { "元" } else { "" }.to_owned();
    match which {
        1 => Some(line(&"单位：元")),
        2 => Some((1..=heads.len()).map(|n| n.to_string()).collect()),
        3 => Some(heads.iter().map(unit).collect()),
        _ => None,
    }
}

/// A small table of its own, from a column on.
fn put_beside(rows: &mut [Vec<String>], right: usize) {
    let side = [["统计单位", "人数"], ["甲", "3"], ["乙", "4"], ["丙", "5"]];
    for (row, cells) in rows.iter_mut().zip(side) {
        row.resize(right, String::new());
        row.extend(cells.map(str::to_owned));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_same_records_in_any_layout_are_the_same_rows_and_digests(people in people(), layout in layouts()) {
        let plain = Layout {
            titles: 0, units: 0, levels: 1, order: (0..HEADS.len()).collect(), totals: false, page: 0, signature: false,
            beside: 0, gap: false, blank_rows: false,
        };
        let source = rule(SourceKind::Payments);
        let fields = [Field::Name, Field::Id, Field::Township, Field::Village, Field::Personal, Field::PaidOn];
        let without_row = |sheet: &SourceSheet| -> Vec<String> {
            lines(sheet, &fields).into_iter().map(|line| line.split_once(' ').unwrap().1.to_owned()).collect()
        };
        let expected = outcome(&source, &csv(&laid_out(&people, &plain))).unwrap();
        let cells = laid_out(&people, &layout);
        for bytes in [csv(&cells), xlsx(&cells)] {
            let found = outcome(&source, &bytes).map_err(|e| TestCaseError::fail(format!("{e:?}\n{cells:?}")))?;
            prop_assert_eq!(without_row(&found), without_row(&expected), "{:?}", cells);
            prop_assert_eq!(digests(&found), digests(&expected), "{:?}", cells);
            prop_assert_eq!(found.origin.rows_read, found.table.height() as u64 + found.set_aside.total());
        }
    }
}
