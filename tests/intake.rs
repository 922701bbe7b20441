//! Intake: every kind of file and every mess gives the same rows, or a refusal that says what is wrong.

use std::fs;
use std::path::Path;

use canbao::domain::fault::{WrongContent, WrongHeader, WrongInputs};
use canbao::domain::{
    Fate, Fault, Field, Refusal, RegionTree, SourceKind, columns, fault::Complaints,
};
use canbao::intake::{Silent, SourceSheet, read};
use canbao::scheme::{Scheme, SourceRule};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};
use tempfile::TempDir;

fn rule(kind: SourceKind, files: &[&str]) -> SourceRule {
    SourceRule {
        files: files.iter().map(|f| f.to_string()).collect(),
        ..SourceRule::plain(kind)
    }
}

fn scheme(sources: Vec<SourceRule>) -> Scheme {
    Scheme {
        sources,
        ..Scheme::plain(RegionTree::new("430321", Vec::new()))
    }
}

struct Inputs(TempDir);

impl Inputs {
    fn new() -> Self {
        Inputs(TempDir::new().unwrap())
    }
    fn with(self, file: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
    fn read(&self, sources: Vec<SourceRule>) -> Vec<SourceSheet> {
        read(&scheme(sources), self.path(), &Silent).unwrap()
    }
    fn refusals(&self, sources: Vec<SourceRule>) -> Vec<Refusal> {
        let error = read(&scheme(sources), self.path(), &Silent).unwrap_err();
        error
            .downcast::<Complaints>()
            .unwrap()
            .0
            .into_iter()
            .map(|c| c.refusal)
            .collect()
    }
}

fn register(text: impl AsRef<[u8]>) -> SourceSheet {
    let mut sheets = Inputs::new()
        .with("a.csv", text)
        .read(vec![rule(SourceKind::Register, &["*"])]);
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

fn texts(sheet: &SourceSheet, field: Field) -> Vec<String> {
    let column = sheet.table.column(field.code()).unwrap();
    column
        .str()
        .unwrap()
        .iter()
        .map(|t| t.unwrap_or("∅").to_owned())
        .collect()
}

fn rows(sheet: &SourceSheet) -> Vec<u32> {
    sheet
        .table
        .column(columns::ROW)
        .unwrap()
        .u32()
        .unwrap()
        .iter()
        .flatten()
        .collect()
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

fn aside(sheet: &SourceSheet) -> Vec<(&'static str, u64)> {
    Fate::ALL
        .iter()
        .map(|f| (f.code(), sheet.set_aside.of(*f)))
        .filter(|(_, n)| *n > 0)
        .collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

const PLAIN: &str = "序号,姓名,身份证号,乡镇\n1,张三,11010519491231002X,易俗河镇\n2,李四,440524188001010014,谭家山镇\n";

#[test]
fn titles_blanks_notes_totals_and_repeated_headers_are_set_aside_by_reason() {
    let sheet = register(
        "湘潭县城乡居民名册,,,\n,,,单位：人\n\n序号,姓 名,身份证号*,所属乡镇\n1,张三,11010519491231002X,易俗河镇\n\
         湘潭县城乡居民名册\n序号,姓 名,身份证号*,所属乡镇\n2,李四,,易俗河镇\n,王五\n3,,440524188001010014\n\
         4,,,易俗河镇,迁入\n14,合 计,2人\n小计：,,,\n说明：以上为全部人员,,,\n填表人：赵六,审核人：钱七,2021年12月,,\n,,,\n",
    );
    assert_eq!(sheet.header_row, 4);
    assert_eq!(texts(&sheet, Field::Name), ["张三", "李四", "王五", "∅"]);
    assert_eq!(
        texts(&sheet, Field::Id),
        ["11010519491231002X", "∅", "∅", "440524188001010014"]
    );
    assert_eq!(rows(&sheet), [5, 8, 9, 10]);
    let expected = [
        ("blank", 2),
        ("heading", 5),
        ("note", 2),
        ("total", 2),
        ("too-long", 1),
    ];
    assert_eq!(aside(&sheet), expected);
    assert_eq!(sheet.origin.rows_read, 16);
    assert_eq!(sheet.totals.len(), 2);
    assert_eq!(sheet.totals[0].row, 12);
    let kept = [
        (Field::Serial, "14".into()),
        (Field::Name, "合 计".into()),
        (Field::Id, "2人".into()),
    ];
    assert_eq!(sheet.totals[0].cells, kept);
}

#[test]
fn one_table_in_every_form_is_the_same_rows_and_digests() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in PLAIN.lines().enumerate() {
        for (column, text) in line.split(',').enumerate() {
            sheet.write_string(row as u32, column as u16, text).unwrap();
        }
    }
    let column = |at: usize| {
        let mut cells = PLAIN.lines().map(|l| l.split(',').nth(at).unwrap());
        let name = cells.next().unwrap();
        Column::from(Series::new(name.into(), cells.collect::<Vec<_>>()))
    };
    let mut frame = DataFrame::new(2, (0..4).map(column).collect()).unwrap();
    let mut parquet = Vec::new();
    ParquetWriter::new(&mut parquet).finish(&mut frame).unwrap();
    let quoted =
        "\u{feff}".to_owned() + &PLAIN.replace(",张三,", ",\"张三\",").replace('\n', "\r\n");
    let inputs = Inputs::new()
        .with("1.csv", PLAIN)
        .with("2.txt", gb18030(&PLAIN.replace(',', "\t")))
        .with("3.csv", quoted)
        .with("4.csv", book.save_to_buffer().unwrap())
        .with("5.xlsx", parquet)
        .with("6.csv", "乡镇;姓名;身份证号;序号\n易俗河镇;张三;11010519491231002X;9\n谭家山镇;李四;440524188001010014;8");
    let sheets = inputs.read(vec![rule(SourceKind::Register, &["*"])]);
    let encodings: Vec<&str> = sheets.iter().map(|s| s.origin.encoding.as_str()).collect();
    assert_eq!(
        encodings,
        ["UTF-8", "GB18030", "UTF-8 BOM", "xlsx", "parquet", "UTF-8"]
    );
    for sheet in &sheets {
        assert_eq!(
            texts(sheet, Field::Name),
            ["张三", "李四"],
            "{}",
            sheet.origin.file
        );
        assert_eq!(texts(sheet, Field::Id), texts(&sheets[0], Field::Id));
        assert_eq!(
            texts(sheet, Field::Township),
            texts(&sheets[0], Field::Township)
        );
        assert_eq!(digests(sheet), digests(&sheets[0]), "{}", sheet.origin.file);
        assert_eq!(
            rows(sheet),
            if sheet.origin.encoding == "parquet" {
                [1, 2]
            } else {
                [2, 3]
            }
        );
    }
    assert_ne!(digests(&sheets[0])[0], digests(&sheets[0])[1]);
}

#[test]
fn ragged_rows_and_quoted_line_breaks_keep_their_lines() {
    let sheet = register(
        "姓名,身份证号,村\n\"张\n三\",11010519491231002X\n李四,440524188001010014,烟塘村,多出,的\n\
         王五,110101202311012176,\"烟塘村,\"\"东\"\"组\",,\n",
    );
    assert_eq!(texts(&sheet, Field::Name), ["张\n三", "王五"]);
    assert_eq!(texts(&sheet, Field::Village), ["∅", "烟塘村,\"东\"组"]);
    assert_eq!(rows(&sheet), [2, 5]);
    // Which of its cells is one too many is not known.
    assert_eq!(sheet.set_aside.of(Fate::TooLong), 1);
    assert_eq!(
        (sheet.too_long[0].row, sheet.too_long[0].found),
        (4, 5),
        "{:?}",
        sheet.too_long
    );
}

#[test]
fn a_large_csv_read_in_parts_loses_no_row() {
    let mut text = String::from("姓名,身份证号,备注\n");
    for n in 0..200_000 {
        text.push_str(&format!(
            "张三,{:018},{}\n",
            n,
            if n % 50_000 == 7 {
                "\"引,号\n\""
            } else {
                "很长很长的备注"
            }
        ));
    }
    let sheet = register(&text);
    assert_eq!(sheet.table.height(), 200_000);
    let ids = texts(&sheet, Field::Id);
    assert!(
        ids.iter()
            .enumerate()
            .all(|(n, id)| *id == format!("{n:018}"))
    );
    // Four records take two lines each.
    assert_eq!(*rows(&sheet).last().unwrap(), 200_001 + 4);
}

#[test]
fn workbook_cells_become_the_text_a_clerk_may_trust() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("缴费").unwrap();
    sheet
        .merge_range(0, 0, 0, 4, "缴费明细", &Format::new())
        .unwrap();
    for (column, header) in ["身份证号码", "姓名", "缴费金额（元）", "缴费日期", "凭证号"]
        .iter()
        .enumerate()
    {
        sheet.write_string(2, column as u16, *header).unwrap();
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let east_asian = Format::new().set_num_format_index(31);
    sheet.write_number(3, 0, 430_321_199_001_011_234.0).unwrap();
    sheet.write_number(3, 2, 320.5).unwrap();
    sheet
        .write_number_with_format(3, 3, 44_561.0, &day)
        .unwrap();
    sheet.write_boolean(3, 4, true).unwrap();
    sheet.write_number(5, 0, 110_105_491_231_002.0).unwrap();
    sheet.write_string(5, 1, " 张三\u{3000}").unwrap();
    sheet.write_number(5, 2, -320.0).unwrap();
    sheet
        .write_number_with_format(5, 3, 44_562.75, &east_asian)
        .unwrap();
    book.add_worksheet()
        .set_name("填写说明")
        .unwrap()
        .write_string(1, 0, "请勿改动")
        .unwrap();
    book.add_worksheet().set_name("Sheet3").unwrap();
    let inputs = Inputs::new().with("缴费.xlsx", book.save_to_buffer().unwrap());
    let sheets = inputs.read(vec![rule(SourceKind::Payments, &["*.xlsx"])]);
    let [paid, notes] = sheets.as_slice() else {
        panic!("the empty sheet is none")
    };
    assert_eq!(
        (
            paid.origin.sheet.as_str(),
            paid.header_row,
            paid.origin.rows_read
        ),
        ("缴费", 3, 6)
    );
    assert_eq!(
        texts(paid, Field::Id),
        ["4.3032119900101126E17", "110105491231002"]
    );
    assert_eq!(
        texts(paid, Field::Name),
        ["∅", " 张三\u{3000}"],
        "whoever cleans it must say what was written"
    );
    assert_eq!(texts(paid, Field::Total), ["320.5", "-320"]);
    assert_eq!(texts(paid, Field::PaidOn), ["2021-12-31", "2022-01-01"]);
    assert_eq!(texts(paid, Field::Voucher), ["TRUE", "∅"]);
    assert_eq!(rows(paid), [4, 6]);
    assert_eq!(aside(paid), [("blank", 2), ("heading", 2)]);
    assert_eq!(aside(notes), [("blank", 1), ("note", 1)]);
}

#[test]
fn a_header_of_two_levels_is_joined() {
    let header = "序号,姓名,身份证号,家庭住址,,备注\n,,,所属乡镇,行政村,\n";
    let sheet = register(format!(
        "{header}1,张三,11010519491231002X,易俗河镇,烟塘村,无\n{header}"
    ));
    assert_eq!(texts(&sheet, Field::Village), ["烟塘村"]);
    assert_eq!(sheet.header_row, 2);
    assert_eq!(sheet.columns[4].header, "家庭住址/行政村");
    assert_eq!(aside(&sheet), [("heading", 4)]);
}

#[test]
fn a_tasks_table_is_read_below_its_titles_with_its_total() {
    let text = "2022年任务表\n序号,单位,常住人口（人）,目标任务数,2021年实际参保人数\n1,易俗河镇,1000,880,870\n\
                2,谭家山镇,500,440,\n,合计,1500,1320,870\n注：不含开发区\n";
    let inputs = Inputs::new().with("任务数.csv", gb18030(text));
    let sheet = inputs
        .read(vec![rule(SourceKind::Tasks, &["任务*.csv"])])
        .remove(0);
    assert_eq!(texts(&sheet, Field::Township), ["易俗河镇", "谭家山镇"]);
    assert_eq!(texts(&sheet, Field::Population), ["1000", "500"]);
    assert_eq!(texts(&sheet, Field::LastYear), ["870", "∅"]);
    assert_eq!(aside(&sheet), [("heading", 2), ("note", 1), ("total", 1)]);
    assert!(
        sheet.totals[0]
            .cells
            .contains(&(Field::Task, "1320".into()))
    );
}

#[test]
fn several_files_of_a_source_come_in_order_with_their_batch_and_without_lock_files() {
    let mut source = rule(SourceKind::Register, &["名册_*.csv", "*"]);
    source.files.truncate(1);
    source.batch = Some(regex::Regex::new(r"_(\d{8})").unwrap());
    let inputs = Inputs::new()
        .with("名册_20220131.csv", PLAIN)
        .with("名册_20211231.csv", PLAIN)
        .with("~$名册_1.csv", "x")
        .with(".~lock.名册_2.csv#", "x")
        .with(".名册_3.csv", "x");
    let sheets = inputs.read(vec![source.clone()]);
    let batches: Vec<_> = sheets
        .iter()
        .map(|s| (s.origin.file.as_str(), s.origin.batch.as_deref()))
        .collect();
    assert_eq!(
        batches,
        [
            ("名册_20211231.csv", Some("20211231")),
            ("名册_20220131.csv", Some("20220131"))
        ]
    );
    assert_eq!(sheets[0].origin.sha256, sheets[1].origin.sha256);
    assert_eq!(sheets[0].origin.sha256.len(), 64);
    source.files = vec!["*".into()];
    let all = inputs.with("旧/名册_20201231.csv", "x").read(vec![source]);
    assert_eq!(
        all.len(),
        2,
        "lock files, dotfiles and files of other folders never match"
    );
}

#[test]
fn declared_columns_win_over_synonyms() {
    let mut source = rule(SourceKind::Payments, &["*"]);
    source.columns = vec![
        (Field::Place, "征收单位".into()),
        (Field::PaidOn, "到账时间".into()),
    ];
    let text = "身份证号,缴费金额,征收单位,缴费日期,到账时间\n11010519491231002X,320,湘潭县,2021-12-01,2021-12-02\n";
    let sheet = Inputs::new()
        .with("a.csv", text)
        .read(vec![source.clone()])
        .remove(0);
    assert_eq!(texts(&sheet, Field::Place), ["湘潭县"]);
    assert_eq!(texts(&sheet, Field::PaidOn), ["2021-12-02"]);
    source.columns.push((Field::Voucher, "流水".into()));
    let refusals = Inputs::new().with("a.csv", text).refusals(vec![source]);
    assert!(
        matches!(
            &refusals[..],
            [Refusal::Header(WrongHeader::DeclaredColumnMissing {
                field: Field::Voucher,
                ..
            })]
        ),
        "{refusals:?}"
    );
}

#[test]
fn two_columns_of_one_field_must_agree() {
    let text = "身份证号,缴费金额,入库金额\n11010519491231002X,320,320\n440524188001010014,320,{}\n合计,640,1\n";
    let read = |second: &str| Inputs::new().with("a.csv", text.replace("{}", second));
    let sheet = read("320")
        .read(vec![rule(SourceKind::Payments, &["*"])])
        .remove(0);
    assert_eq!(texts(&sheet, Field::Total), ["320", "320"]);
    let refusals = read("300").refusals(vec![rule(SourceKind::Payments, &["*"])]);
    let [
        Refusal::Header(WrongHeader::ColumnAmbiguous {
            field: Field::Total,
            headers,
            ..
        }),
    ] = &refusals[..]
    else {
        panic!("{refusals:?}")
    };
    assert_eq!(headers, &["缴费金额", "入库金额"]);
}

#[test]
fn what_cannot_be_read_is_refused_by_name_all_at_once() {
    let mut locked = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    let mut empty = Workbook::new();
    empty.add_worksheet();
    let mut no_header = Workbook::new();
    no_header
        .add_worksheet()
        .write_string(0, 0, "随便写写")
        .unwrap();
    let mut damaged = PLAIN.as_bytes().to_vec();
    let at = damaged.len() - 4;
    damaged[at] = 0xff;
    let inputs = Inputs::new()
        .with("01.xls", "MIME-Version: 1.0\n\n<table>")
        .with("02.xlsx", locked)
        .with("03.xlsx", "<html><body>请登录</body></html>")
        .with("04.csv", "%PDF-1.7")
        .with("05.csv", "")
        .with("06.csv", "\n\n")
        .with("07.xlsx", empty.save_to_buffer().unwrap())
        .with("08.xlsx", no_header.save_to_buffer().unwrap())
        .with("09.csv", "甲,乙\n1,2\n")
        .with("10.csv", "标题\n姓名,乡镇,村\n张三,某镇,某村\n")
        .with("11.csv", damaged)
        .with(
            "12.csv",
            [&gb18030("姓名,身份证号\n张三,1\n"), &b"\xff\xff\n"[..]].concat(),
        )
        .with("13.csv", "姓名,身份证号\n张三,1\n\"李四,2\n")
        .with("14.ods", "<?xml version=\"1.0\"?><book/>");
    let refusals = inputs.refusals(vec![rule(SourceKind::Register, &["*"])]);
    let file = |n: &str| n.to_owned();
    let wrong = |n: &str, found: &str| {
        Refusal::Content(WrongContent::WrongKind {
            file: file(n),
            found: found.into(),
        })
    };
    let expected = vec![
        wrong("01.xls", "mht"),
        Refusal::Content(WrongContent::Password {
            file: file("02.xlsx"),
        }),
        wrong("03.xlsx", "html"),
        wrong("04.csv", "pdf"),
        Refusal::Content(WrongContent::EmptySheet {
            file: file("05.csv"),
            sheet: String::new(),
        }),
        Refusal::Content(WrongContent::EmptySheet {
            file: file("06.csv"),
            sheet: String::new(),
        }),
        Refusal::Content(WrongContent::EmptySheet {
            file: file("07.xlsx"),
            sheet: String::new(),
        }),
        Refusal::Header(WrongHeader::NoHeader {
            file: file("08.xlsx"),
            sheet: "Sheet1".into(),
            missing: vec![Field::Id],
        }),
        Refusal::Header(WrongHeader::NoHeader {
            file: file("09.csv"),
            sheet: String::new(),
            missing: vec![Field::Id],
        }),
        Refusal::Header(WrongHeader::UnknownColumn {
            file: file("10.csv"),
            sheet: String::new(),
            row: 2,
            field: Field::Id,
            headers: ["姓名", "乡镇", "村"].map(str::to_owned).to_vec(),
        }),
        Refusal::Content(WrongContent::Undecodable {
            file: file("11.csv"),
            row: 3,
        }),
        Refusal::Content(WrongContent::Undecodable {
            file: file("12.csv"),
            row: 3,
        }),
        Refusal::Content(WrongContent::UnclosedQuote {
            file: file("13.csv"),
            row: 3,
        }),
        wrong("14.ods", "xml"),
    ];
    assert_eq!(refusals, expected);
}

#[test]
fn missing_folders_and_files_and_double_claims_are_refused_together() {
    let gone = read(&scheme(Vec::new()), Path::new("no such folder"), &Silent).unwrap_err();
    assert!(matches!(
        gone.downcast::<Complaints>().unwrap().0[0].refusal,
        Refusal::Inputs(WrongInputs::NoInputs { .. })
    ));
    let mut optional = rule(SourceKind::Deaths, &["死亡*"]);
    optional.required = false;
    let mut sources = vec![
        rule(SourceKind::Register, &["*.csv"]),
        rule(SourceKind::Previous, &["上年*"]),
    ];
    sources.extend([rule(SourceKind::Tasks, &["任务*"]), optional]);
    let refusals = Inputs::new().with("上年.csv", PLAIN).refusals(sources);
    let [
        Refusal::Inputs(WrongInputs::FileClaimedTwice { file, .. }),
        Refusal::Inputs(WrongInputs::NoMatchingFile {
            source: SourceKind::Tasks,
            ..
        }),
    ] = &refusals[..]
    else {
        panic!("{refusals:?}")
    };
    assert_eq!(file, "上年.csv");
}

#[test]
fn a_broken_workbook_is_a_fault_of_the_machine() {
    let mut book = Workbook::new();
    book.add_worksheet().write_string(0, 0, "姓名").unwrap();
    let mut bytes = book.save_to_buffer().unwrap();
    bytes.truncate(bytes.len() - 100);
    let inputs = Inputs::new().with("a.xlsx", bytes);
    let error = read(
        &scheme(vec![rule(SourceKind::Register, &["*"])]),
        inputs.path(),
        &Silent,
    )
    .unwrap_err();
    assert!(matches!(
        error.downcast::<Fault>().unwrap(),
        Fault::Truncated { .. }
    ));
}

/// Rows of any mess, as two kinds of file hold them.
fn messes() -> impl Strategy<Value = Vec<Vec<String>>> {
    let words = [
        "",
        "",
        "张三",
        "合计",
        "小 计",
        "11010519491231002X",
        "1",
        "注：说明",
        "填表人：李四",
        "姓名",
        "易俗河镇",
        "a\"b,c\nd",
        "'x",
    ];
    let cell = prop::sample::select(words.to_vec()).prop_map(str::to_owned);
    prop::collection::vec(prop::collection::vec(cell, 0..6), 0..30)
}

proptest! {
    #[test]
    fn any_mess_gives_every_row_one_fate_and_the_same_in_csv_and_xlsx(above in messes(), below in messes()) {
        let header: Vec<String> = ["序号", "姓名", "身份证号", "村"].map(str::to_owned).to_vec();
        // A row of a single word that is a header would rightly be taken for one.
        let above = above.into_iter().filter(|row| !row.iter().any(|c| c == "姓名"));
        // What stands beyond the header shifts the cells of a text, and none of a workbook.
        let below = below.into_iter().map(|mut row| { row.truncate(header.len()); row });
        let below: Vec<Vec<String>> = below.collect();
        let mut all: Vec<Vec<String>> = above.chain([header]).chain(below).collect();
        all.push(vec!["9".into(), "王五".into(), "440524188001010014".into()]);
        let quoted = |c: &String| format!("\"{}\"", c.replace('"', "\"\""));
        let csv: Vec<String> = all.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",")).collect();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (r, row) in all.iter().enumerate() {
            for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                sheet.write_string(r as u32, c as u16, text).unwrap();
            }
        }
        let inputs = Inputs::new().with("a.csv", csv.join("\r\n")).with("b.xlsx", book.save_to_buffer().unwrap());
        let sheets = inputs.read(vec![rule(SourceKind::Register, &["*"])]);
        let (csv, xlsx) = (&sheets[0], &sheets[1]);
        prop_assert_eq!(csv.origin.rows_read, all.len() as u64);
        prop_assert_eq!(xlsx.origin.rows_read, all.len() as u64);
        prop_assert_eq!(csv.table.height() as u64 + csv.set_aside.total(), all.len() as u64);
        prop_assert_eq!(aside(csv), aside(xlsx));
        prop_assert_eq!(digests(csv), digests(xlsx));
        prop_assert_eq!(texts(csv, Field::Name), texts(xlsx, Field::Name));
        // Line numbers count the line breaks inside cells, sheet rows do not.
        prop_assert!(rows(csv).is_sorted() && rows(xlsx).is_sorted());
        prop_assert_eq!(*rows(xlsx).last().unwrap() as usize, all.len());
    }
}

#[cfg(unix)]
#[test]
fn files_that_vanish_are_named_together() {
    let inputs = Inputs::new().with("c.csv", PLAIN);
    for name in ["a.csv", "b.csv"] {
        std::os::unix::fs::symlink("nowhere", inputs.path().join(name)).unwrap();
    }
    let error = read(
        &scheme(vec![rule(SourceKind::Register, &["*"])]),
        inputs.path(),
        &Silent,
    )
    .unwrap_err();
    let Fault::Several { faults } = error.downcast::<Fault>().unwrap() else {
        panic!("another fault")
    };
    let told = |fault: &Fault| match fault {
        Fault::Unreadable { file, reason } => (file.clone(), reason.contains("No such file")),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        faults.iter().map(told).collect::<Vec<_>>(),
        [("a.csv".to_owned(), true), ("b.csv".to_owned(), true)]
    );
}

#[test]
fn a_second_sheet_is_data_a_note_or_a_mistake() {
    let workbook = |header: [&str; 3]| {
        let mut book = Workbook::new();
        for (r, line) in PLAIN.lines().enumerate() {
            if r == 0 {
                book.add_worksheet();
                book.add_worksheet();
            }
            for (c, text) in line.split(',').enumerate() {
                book.worksheet_from_index(0)
                    .unwrap()
                    .write_string(r as u32, c as u16, text)
                    .unwrap();
            }
        }
        for (c, text) in header.iter().enumerate() {
            let second = book.worksheet_from_index(1).unwrap();
            // Where a number of a person stands, a sheet is no summary.
            let below = if header[2] == "人数" {
                "12"
            } else {
                "440524188001010014"
            };
            second
                .write_string(0, c as u16, *text)
                .unwrap()
                .write_string(1, c as u16, below)
                .unwrap();
        }
        Inputs::new().with("a.xlsx", book.save_to_buffer().unwrap())
    };
    let source = || vec![rule(SourceKind::Register, &["*"])];
    let both = workbook(["姓名", "证件号码", "村"]).read(source());
    assert_eq!(
        both.iter().map(|s| s.table.height()).collect::<Vec<_>>(),
        [2, 1]
    );
    let summary = workbook(["乡镇", "村", "人数"]).read(source());
    assert_eq!(
        (summary[1].table.height(), aside(&summary[1])),
        (0, vec![("note", 2)])
    );
    let refusals = workbook(["姓名", "村", "身份证号吗"]).refusals(source());
    let [
        Refusal::Header(WrongHeader::UnknownColumn {
            sheet,
            row: 1,
            field: Field::Id,
            ..
        }),
    ] = &refusals[..]
    else {
        panic!("{refusals:?}")
    };
    assert_eq!(sheet, "Sheet2");
}
