//! Zipped workbooks: what they are, what they hold, and what a hostile one may not do.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use canbao::domain::fault::WrongContent;
use canbao::domain::{Fault, Field, Refusal, SourceKind, fault::Complaints};
use canbao::intake::{Silent, SourceSheet, read};
use canbao::scheme;
use rust_xlsxwriter::{Workbook, XlsxError};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

// ---- files made by hand ----

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";

/// An archive of these parts.
fn archive<'p>(parts: impl IntoIterator<Item = (&'p str, &'p [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(
            name,
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated),
        )
        .unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An xlsx of which every part can be replaced.
struct Xlsx(Vec<(String, Vec<u8>)>);

impl Xlsx {
    /// One sheet of these rows.
    fn of(rows: &str) -> Self {
        let parts = [
            (
                "[Content_Types].xml",
                r#"<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
            ),
            (
                "_rels/.rels",
                r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            (
                "xl/workbook.xml",
                r#"<workbook><sheets><sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
            ),
            ("xl/worksheets/sheet1.xml", ""),
        ];
        let parts =
            parts.map(|(name, text)| (name.to_owned(), format!("{XML}{text}").into_bytes()));
        Xlsx(parts.into()).with(
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        )
    }

    fn with(mut self, name: &str, text: impl AsRef<str>) -> Self {
        self.0.retain(|(n, _)| n != name);
        self.0.push((
            name.to_owned(),
            format!("{XML}{}", text.as_ref()).into_bytes(),
        ));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(n, _)| n != name);
        self
    }

    /// A part of so many MiB: a beginning, then one byte over and over.
    fn with_swollen(self, name: &str, start: &str, byte: char, mib: usize) -> Vec<u8> {
        self.with_repeated(name, start, &byte.to_string(), mib)
    }

    fn with_repeated(self, name: &str, start: &str, text: &str, mib: usize) -> Vec<u8> {
        let whole = self.without(name).bytes();
        let mut zip = ZipWriter::new_append(Cursor::new(whole)).unwrap();
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(name, options).unwrap();
        zip.write_all(format!("{XML}{start}").as_bytes()).unwrap();
        let block = text.repeat((1 << 20) / text.len()).into_bytes();
        (0..mib).for_each(|_| zip.write_all(&block).unwrap());
        zip.finish().unwrap().into_inner()
    }

    fn bytes(&self) -> Vec<u8> {
        archive(
            self.0
                .iter()
                .map(|(name, bytes)| (name.as_str(), &bytes[..])),
        )
    }
}

/// A row of inline texts.
fn texts(row: u32, cells: &[&str]) -> String {
    let cell = |(at, text): (usize, &&str)| {
        let column = char::from(b'A' + at as u8);
        format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    format!(
        r#"<row r="{row}">{}</row>"#,
        cells.iter().enumerate().map(cell).collect::<String>()
    )
}

/// Header and one person; `more` stands behind them.
fn people(more: &str) -> String {
    texts(1, &["姓名", "身份证号", "出生日期"])
        + &texts(2, &["张三", "11010519491231002X", "19491231"])
        + more
}

// ---- reading them ----

/// Reads one file of the residents' register under the given name.
fn intake(name: &str, bytes: &[u8]) -> anyhow::Result<Vec<SourceSheet>> {
    let inputs = TempDir::new().unwrap();
    fs::write(inputs.path().join(name), bytes).unwrap();
    let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml");
    let mut scheme = scheme::load(&pipeline).unwrap();
    scheme
        .sources
        .retain(|rule| rule.kind == SourceKind::Register);
    scheme.sources.iter_mut().for_each(|rule| {
        rule.files = vec!["*".into()];
        rule.columns.clear();
        rule.batch = None;
    });
    read(&scheme, inputs.path(), &Silent)
}

fn refusal(bytes: &[u8]) -> Refusal {
    let mut complaints = intake("a.xlsx", bytes)
        .unwrap_err()
        .downcast::<Complaints>()
        .unwrap()
        .0;
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    complaints.remove(0).refusal
}

fn fault(bytes: &[u8]) -> Fault {
    intake("a.xlsx", bytes)
        .unwrap_err()
        .downcast::<Fault>()
        .unwrap()
}

/// What a broken workbook is said to suffer from.
fn broken(bytes: &[u8]) -> String {
    match fault(bytes) {
        Fault::BrokenWorkbook { file, reason, .. } if file == "a.xlsx" => reason,
        other => panic!("{other:?}"),
    }
}

fn column(sheet: &SourceSheet, field: Field) -> Vec<String> {
    let texts = sheet.table.column(field.code()).unwrap().str().unwrap();
    texts
        .iter()
        .map(|text| text.unwrap_or("").to_owned())
        .collect()
}

/// The texts of the third column, 出生日期, as canbao reads them.
fn days(bytes: &[u8]) -> Vec<String> {
    let sheets = intake("a.xlsx", bytes).unwrap();
    column(&sheets[0], Field::Birth)
}

fn wrong_kind(found: &str) -> Refusal {
    Refusal::Content(WrongContent::WrongKind {
        file: "a.xlsx".into(),
        found: found.into(),
    })
}

// ---- what it is ----

#[test]
fn a_workbook_is_known_by_its_parts_whatever_its_name() {
    let macros = Xlsx::of(&people("")).with(
        "[Content_Types].xml",
        r#"<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>"#,
    );
    let elsewhere = Xlsx::of(&people(""))
        .with("_rels/.rels", r#"<Relationships><Relationship Id="r1" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/buch/mappe.xml"/></Relationships>"#)
        .with("buch/mappe.xml", r#"<x:workbook><x:sheets><x:sheet name="名单" sheetId="1" r:id="q"/></x:sheets></x:workbook>"#)
        .with("buch/_rels/mappe.xml.rels", r#"<Relationships><Relationship Id="q" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/></Relationships>"#)
        .with("[Content_Types].xml", "<Types/>");
    assert!(
        matches!(
            refusal(&elsewhere.bytes()),
            Refusal::Content(WrongContent::WrongKind { .. })
        ),
        "a package that says nothing of its main part"
    );
    for (name, book) in [("名册.xls", Xlsx::of(&people(""))), ("名册.csv", macros)] {
        let sheets = intake(name, &book.bytes()).unwrap();
        assert_eq!(column(&sheets[0], Field::Id), ["11010519491231002X"]);
        assert_eq!(sheets[0].origin.encoding, "xlsx");
    }
}

#[test]
fn archives_of_another_kind_are_refused_by_what_they_are() {
    let inner = Xlsx::of(&people("")).bytes();
    let package = |main: &str, kind: &str| {
        let relations = format!(
            r#"<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{main}"/></Relationships>"#
        );
        let types = format!(
            r#"<Types><Override PartName="/{main}" ContentType="application/{kind}.main+xml"/></Types>"#
        );
        archive([
            ("_rels/.rels", relations.as_bytes()),
            ("[Content_Types].xml", types.as_bytes()),
            (main, b"<x/>"),
        ])
    };
    let open = |kind: &str| {
        archive([(
            "mimetype",
            format!("application/vnd.oasis.opendocument.{kind}").as_bytes(),
        )])
    };
    for (bytes, found) in [
        (archive([("名册.xlsx", &inner[..])]), "zip"),
        (archive([("备注.txt", &b"xl/workbook.xml"[..])]), "zip"),
        (archive([]), "zip"),
        (
            package(
                "word/document.xml",
                "vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            "docx",
        ),
        (
            package(
                "ppt/presentation.xml",
                "vnd.openxmlformats-officedocument.presentationml.presentation",
            ),
            "pptx",
        ),
        (open("text"), "odt"),
        (open("presentation"), "odp"),
    ] {
        assert_eq!(refusal(&bytes), wrong_kind(found));
    }
}

#[test]
fn a_truncated_archive_is_called_truncated_wherever_it_ends() {
    let whole = Xlsx::of(&people("")).bytes();
    for length in [30, whole.len() / 2, whole.len() - 22, whole.len() - 1] {
        assert!(
            matches!(fault(&whole[..length]), Fault::Truncated { file } if file == "a.xlsx"),
            "{length}"
        );
    }
}

#[test]
fn a_damaged_part_is_a_broken_workbook_though_its_directory_is_whole() {
    let whole = Xlsx::of(&people("")).bytes();
    let name = b"xl/worksheets/sheet1.xml";
    let at = whole.windows(name.len()).position(|w| w == name).unwrap() + name.len();
    let mut damaged = whole.clone();
    damaged[at + 120] ^= 0x55;
    assert!(broken(&damaged).starts_with("damaged part xl/worksheets/sheet1.xml"));
}

#[test]
fn encrypted_parts_and_an_encrypted_ods_ask_for_a_password() {
    let mut locked = Xlsx::of(&people("")).bytes();
    // The flag of encryption, in the local header and in the directory, of every part.
    for (mark, flag) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> = locked
            .windows(4)
            .enumerate()
            .filter(|(_, w)| w == mark)
            .map(|(at, _)| at + flag)
            .collect();
        places.into_iter().for_each(|at| locked[at] |= 1);
    }
    let ods = archive([
        ("mimetype", &b"application/vnd.oasis.opendocument.spreadsheet"[..]),
        (
            "META-INF/manifest.xml",
            b"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>",
        ),
        ("content.xml", b"\x07\x07"),
    ]);
    for bytes in [locked, ods] {
        assert_eq!(
            refusal(&bytes),
            Refusal::Content(WrongContent::Password {
                file: "a.xlsx".into()
            })
        );
    }
}

// ---- what a hostile one may not do ----

/// Peak resident memory of this process, in MiB.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn inflates(bytes: &[u8], part: &str) {
    assert!(bytes.len() < 6 << 20, "{} bytes", bytes.len());
    let began = Instant::now();
    match refusal(bytes) {
        Refusal::Content(WrongContent::Inflates {
            file, part: found, ..
        }) => assert_eq!((&file[..], &found[..]), ("a.xlsx", part)),
        other => panic!("{other:?}"),
    }
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

/// Set for the process that has the bombs to itself: the memory of tests that run beside one is not its own.
const ALONE: &str = "CANBAO_TEST_ALONE";

#[test]
fn bombs_are_refused_in_seconds_and_without_their_memory() {
    if std::env::var_os(ALONE).is_none() {
        let test = "bombs_are_refused_in_seconds_and_without_their_memory";
        let alone = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(
            alone.status.success(),
            "{}",
            String::from_utf8_lossy(&alone.stdout)
        );
        return;
    }
    let start = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>";
    let sheet = Xlsx::of("").with_swollen("xl/worksheets/sheet1.xml", start, '0', 1024);
    let began = Instant::now();
    assert!(broken(&sheet).contains("a text longer than any cell may hold"));
    let blanks = Xlsx::of("").with_swollen(
        "xl/worksheets/sheet1.xml",
        "<worksheet><sheetData>",
        '<',
        1024,
    );
    assert!(broken(&blanks).contains("a text longer than any cell may hold"));
    let tags = Xlsx::of("").with_repeated(
        "xl/worksheets/sheet1.xml",
        "<worksheet><sheetData>",
        "<c/>",
        1024,
    );
    inflates(&tags, "xl/worksheets/sheet1.xml");
    let texts =
        Xlsx::of(&people("")).with_swollen("xl/sharedStrings.xml", "<sst><si><t>", '0', 500);
    inflates(&texts, "xl/sharedStrings.xml");
    let styles = Xlsx::of(&people("")).with_swollen("xl/styles.xml", "<styleSheet>", ' ', 100);
    inflates(&styles, "xl/styles.xml");
    let workbook = Xlsx::of(&people("")).with_swollen("xl/workbook.xml", "<workbook>", ' ', 100);
    inflates(&workbook, "xl/workbook.xml");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    assert!(peak_mib() < 300, "{} MiB", peak_mib());
}

#[test]
fn a_directory_that_lies_about_sizes_deceives_nobody() {
    let mut liar = Xlsx::of(&people("")).with_swollen("xl/sharedStrings.xml", "<sst>", ' ', 500);
    // Uncompressed sizes, in local headers and in the directory: all claim 1 KiB.
    for (mark, size) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let places: Vec<usize> = liar
            .windows(4)
            .enumerate()
            .filter(|(_, w)| w == mark)
            .map(|(at, _)| at + size)
            .collect();
        places
            .into_iter()
            .for_each(|at| liar[at..at + 4].copy_from_slice(&1024_u32.to_le_bytes()));
    }
    assert!(broken(&liar).starts_with("damaged part xl/sharedStrings.xml"));
}

#[test]
fn an_entry_of_a_deleted_sheet_and_folders_of_windows_do_no_harm() {
    let book = Xlsx::of(&people(""))
        .with(
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="Macro" sheetId="2" r:id=""/><sheet name="名单" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        )
        .with("_rels/.rels", r#"<Relationships><Relationship Id="r1" Type="x/relationships/officeDocument" Target="xl\workbook.xml"/></Relationships>"#)
        .with("xl/_rels/workbook.xml.rels", r#"<Relationships><Relationship Id="r1" Type="x/relationships/worksheet" Target="worksheets\sheet1.xml"/></Relationships>"#);
    let sheets = intake("a.xlsx", &book.bytes()).unwrap();
    assert_eq!(
        sheets
            .iter()
            .map(|sheet| &sheet.origin.sheet[..])
            .collect::<Vec<_>>(),
        ["名单"]
    );
    assert_eq!(column(&sheets[0], Field::Id), ["11010519491231002X"]);
}

#[test]
fn counts_that_claim_too_much_make_no_room() {
    let claims = |count: &str, odd: &str| {
        let texts =
            format!(r#"{odd}<sst count="1" uniqueCount="{count}"><si><t>张三</t></si></sst>"#);
        Xlsx::of(&people(""))
            .with("xl/sharedStrings.xml", texts)
            .bytes()
    };
    for count in ["7", "99999999999", "18446744073709551615"] {
        assert_eq!(intake("a.xlsx", &claims(count, "")).unwrap().len(), 1);
    }
    // With a comment calamine reads them, which makes room first.
    assert_eq!(intake("a.xlsx", &claims("7", "<!---->")).unwrap().len(), 1);
    assert!(broken(&claims("18446744073709551615", "<!---->")).contains("claims more texts"));
    // A file without sheets goes to calamine too, and one whose relations are not all of one kind: wherever the part is.
    for folder in ["xl", "/xl"] {
        let lost = Xlsx::of("")
            .without("xl/_rels/workbook.xml.rels")
            .without("xl/worksheets/sheet1.xml")
            .with("_rels/.rels", r#"<Relationships><Relationship Type="x/relationships/officeDocument" Target="//xl/workbook.xml"/></Relationships>"#)
            .with(&format!("{folder}/sharedStrings.xml"), r#"<sst uniqueCount="4294967295"/>"#);
        assert!(
            broken(&lost.bytes()).contains("claims more texts"),
            "{folder}"
        );
    }
    let part = "x".repeat(40);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..100_002 {
        zip.start_file(
            format!("{part}{n}"),
            SimpleFileOptions::default().compression_method(CompressionMethod::Stored),
        )
        .unwrap();
    }
    let many = zip.finish().unwrap().into_inner();
    assert_eq!(
        refusal(&many),
        Refusal::Content(WrongContent::TooManyParts {
            file: "a.xlsx".into(),
            limit: 100_000
        })
    );
}

#[test]
fn a_far_cell_costs_nothing_and_a_million_of_them_are_refused() {
    let far = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let rows = format!(
        r#"<worksheet><dimension ref="A1:XFD1048576"/><sheetData>{}</sheetData></worksheet>"#,
        people(far)
    );
    let began = Instant::now();
    let sheets = intake(
        "a.xlsx",
        &Xlsx::of("").with("xl/worksheets/sheet1.xml", rows).bytes(),
    )
    .unwrap();
    assert_eq!(sheets[0].origin.rows_read, 1_048_576);
    let many: String = (3..40_000)
        .map(|row| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#))
        .collect();
    let scattered = Refusal::Content(WrongContent::Scattered {
        file: "a.xlsx".into(),
        sheet: "名单".into(),
    });
    assert_eq!(refusal(&Xlsx::of(&people(&many)).bytes()), scattered);
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn rows_that_go_backwards_and_cells_outside_of_any_sheet_are_broken() {
    for (rows, reason) in [
        (
            r#"<row r="9"><c r="A9"><v>1</v></c></row><row r="4"><c r="A4"><v>1</v></c></row>"#,
            "row 4 after row 9",
        ),
        (
            r#"<row r="9"><c r="A1048577"><v>1</v></c></row>"#,
            "outside of any sheet",
        ),
        (
            r#"<row r="9"><c r="XFE9"><v>1</v></c></row>"#,
            "outside of any sheet",
        ),
        (
            r#"<row r="9"><c r="A4294967295"><v>1</v></c></row>"#,
            "outside of any sheet",
        ),
        (
            r#"<row r="9"><c r="A0"><v>1</v></c></row>"#,
            "row component",
        ),
        (
            r#"<row r="3"><c r="A3"><v>1</v></c><c r="A3"><v>2</v></c></row>"#,
            "two cells in one place",
        ),
        (
            r#"<row r="3"><c r="A3"><v>1</v></c></row><row r="3"><c r="A3"><v>1</v></c></row>"#,
            "two rows in one place",
        ),
        (
            r#"<row r="3"><c r="A3"><v>1</v></c></row><row r="3"><c r="B3"><v>1</v></c></row>"#,
            "two rows in one place",
        ),
    ] {
        let found = broken(&Xlsx::of(&people(rows)).bytes());
        assert!(found.contains(reason), "{found}");
    }
    // Out of order within a row, the same once more, and a row without anything below it: read as they stand.
    let odd = r#"<row r="3"><c r="C3"><v>20200101</v></c><c r="A3" t="str"><v>李四</v></c><c r="B3"><v>8</v></c>
        <c r="B3"><v>8</v></c></row><row r="3"><c r="A3" s="0"/></row><row r="3"/>"#;
    let sheets = intake("a.xlsx", &Xlsx::of(&people(odd)).bytes()).unwrap();
    assert_eq!(column(&sheets[0], Field::Name), ["张三", "李四"]);
    assert_eq!(column(&sheets[0], Field::Birth), ["19491231", "20200101"]);
}

#[test]
fn two_sheets_of_one_name_are_not_read_as_one_sheet_twice() {
    let workbook = r#"<workbook><sheets><sheet name="甲" r:id="r1"/><sheet name="甲" r:id="r1"/></sheets></workbook>"#;
    let bytes = Xlsx::of(&people(""))
        .with("xl/workbook.xml", workbook)
        .bytes();
    assert!(broken(&bytes).contains("two sheets of one name"));
}

#[test]
fn odd_xml_ends_in_a_table_or_a_clear_refusal() {
    let entities = people("").replace("张三", "&lol;");
    let doctype = format!(
        "<!DOCTYPE x [<!ENTITY lol \"haha\"><!ENTITY big \"&lol;&lol;&lol;\">]><worksheet><sheetData>{entities}</sheetData></worksheet>"
    );
    let with_sheet = |text: &str| Xlsx::of("").with("xl/worksheets/sheet1.xml", text).bytes();
    for text in [
        &doctype[..],
        "<worksheet><sheetData><row><c><v>1",
        "<worksheet><sheetData><row><c",
        "",
        "\0\0\0\0",
    ] {
        broken(&with_sheet(text));
    }
    let prefixed = people("").replace("<", "<x:").replace("<x:/", "</x:");
    let sheets = intake(
        "a.xlsx",
        &with_sheet(&format!(
            "<x:worksheet><x:sheetData>{prefixed}</x:sheetData></x:worksheet>"
        )),
    )
    .unwrap();
    assert_eq!(column(&sheets[0], Field::Name), ["张三"]);
    let named = people("").replace("张三", "&#24352;<![CDATA[三]]>&amp;");
    let sheets = intake("a.xlsx", &Xlsx::of(&named).bytes()).unwrap();
    assert_eq!(column(&sheets[0], Field::Name), ["张三&"]);
}

// ---- what cells hold ----

/// Styles whose n-th cell format is the n-th of these number formats; 164 and up are made of the texts.
fn styles(formats: &[u32], own: &[&str]) -> String {
    let own: String = own
        .iter()
        .enumerate()
        .map(|(n, text)| format!(r#"<numFmt numFmtId="{}" formatCode="{text}"/>"#, 164 + n))
        .collect();
    let xfs: String = formats
        .iter()
        .map(|format| format!(r#"<xf numFmtId="{format}"/>"#))
        .collect();
    format!("<styleSheet><numFmts>{own}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>")
}

/// A row a value: the third column holds it as the given cell says.
fn with_days(cells: &[&str]) -> String {
    let row = |(at, cell): (usize, &&str)| {
        let row = at + 3;
        format!(
            r#"<row r="{row}"><c r="A{row}" t="str"><v>李四</v></c><c r="B{row}" t="str"><v>11010519491231002X</v></c>{}</row>"#,
            cell.replacen('#', &format!("C{row}"), 1)
        )
    };
    people(&cells.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn dates_of_both_systems_and_of_east_asian_formats_are_days() {
    let formats: Vec<u32> = std::iter::once(0)
        .chain(14..=17)
        .chain([22])
        .chain(27..=36)
        .chain(50..=58)
        .chain(164..=166)
        .collect();
    let own = [
        "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@",
        "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
        "0.00_ ",
    ];
    let cells: Vec<String> = (0..formats.len())
        .map(|style| format!(r##"<c r="#" s="{style}"><v>44561</v></c>"##))
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let book = || Xlsx::of(&with_days(&cells)).with("xl/styles.xml", styles(&formats, &own));
    let mut expected = vec!["19491231", "44561"];
    expected.extend(std::iter::repeat_n("2021-12-31", formats.len() - 2));
    expected.push("44561");
    assert_eq!(days(&book().bytes()), expected);
    let later = book().with(
        "xl/workbook.xml",
        r#"<workbook><workbookPr date1904="1"/><sheets><sheet name="名单" r:id="r1"/></sheets></workbook>"#,
    );
    assert_eq!(days(&later.bytes())[2], "2026-01-01");
}

#[test]
fn every_kind_of_cell_is_read_as_a_clerk_would_type_it() {
    let long = "长".repeat(32_767);
    let long_cell = format!(r##"<c r="#" t="inlineStr"><is><t>{long}</t></is></c>"##);
    let cases = [
        (r##"<c r="#" t="b"><v>1</v></c>"##, "TRUE"),
        (r##"<c r="#" t="e"><v>#N/A</v></c>"##, "#N/A"),
        (
            r##"<c r="#" t="e"><f>1/0</f><v>#DIV/0!</v></c>"##,
            "#DIV/0!",
        ),
        (
            r##"<c r="#" t="str"><f>A1&amp;"x"</f><v>甲&lt;乙</v></c>"##,
            "甲<乙",
        ),
        (r##"<c r="#"><f>1+1</f></c>"##, ""),
        (
            r##"<c r="#" t="d"><v>2021-12-31T08:30:00</v></c>"##,
            "2021-12-31",
        ),
        (r##"<c r="#" t="d"><v>T08:30:00</v></c>"##, "T08:30:00"),
        (r##"<c r="#" s="1"><v>0.5</v></c>"##, "0.5"),
        (r##"<c r="#" s="1"><v>60</v></c>"##, "1900-02-29"),
        (r##"<c r="#" s="1"><v>-1</v></c>"##, "-1"),
        (r##"<c r="#" s="1"><v>2958466</v></c>"##, "2958466"),
        (r##"<c r="#" s="99"><v>44561</v></c>"##, "44561"),
        (
            r##"<c r="#"><v>430321199001011234</v></c>"##,
            "4.3032119900101126E17",
        ),
        (r##"<c r="#" t="s"><v>0</v></c>"##, "张三丰"),
        (r##"<c r="#" t="s"><v>1</v></c>"##, "渡辺"),
        (r##"<c r="#" t="s"><v>2</v></c>"##, ""),
        (r##"<c r="#" t="s"><v>3</v></c>"##, "尾"),
        (
            r##"<c r="#" t="inlineStr"><is><r><t>粗</t></r><r><rPr><b/></rPr><t>细</t></r></is></c>"##,
            "粗细",
        ),
        (r##"<c r="#" t="inlineStr"><is/></c>"##, ""),
        (&long_cell, &long),
    ];
    let texts = r#"<sst uniqueCount="4"><si><r><t>张</t></r><r><t xml:space="preserve">三丰</t></r></si>
        <si><t>渡辺</t><rPh sb="0" eb="1"><t>わたなべ</t></rPh><phoneticPr/></si><si/><si><t>尾</t></si></sst>"#;
    let rows = with_days(&cases.map(|(cell, _)| cell));
    let book = Xlsx::of(&rows)
        .with("xl/sharedStrings.xml", texts)
        .with("xl/styles.xml", styles(&[0, 14], &[]));
    let mut expected = vec!["19491231"];
    expected.extend(cases.map(|(_, text)| text));
    assert_eq!(days(&book.bytes()), expected);
}

#[test]
fn rows_and_cells_without_numbers_count_on() {
    let rows = people("").replace(" r=\"1\"", "").replace(" r=\"2\"", "");
    let rows = ["A1", "B1", "C1", "A2", "B2", "C2"]
        .iter()
        .fold(rows, |rows, at| rows.replace(&format!(" r=\"{at}\""), ""));
    assert!(!rows.contains("r=\""));
    assert_eq!(days(&Xlsx::of(&rows).bytes()), ["19491231"]);
}

#[test]
fn a_message_about_a_broken_cell_never_quotes_it() {
    let book = Xlsx::of(&people(
        r#"<row r="3"><c r="A3" t="b"><v>欧阳测试</v></c></row>"#,
    ));
    assert!(!broken(&book.bytes()).contains("欧阳"));
}

#[test]
fn a_workbook_of_the_writers_own_is_read_like_one_made_by_hand() -> Result<(), XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .write_row(0, 0, ["姓名", "身份证号", "出生日期"])?
        .write_row(1, 0, ["张三", "11010519491231002X", "19491231"])?;
    assert_eq!(
        days(&book.save_to_buffer()?),
        days(&Xlsx::of(&people("")).bytes())
    );
    Ok(())
}

// ---- xlsb ----

/// A record as [MS-XLSB] 2.1.4 writes it.
fn record(number: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = if number < 0x80 {
        vec![number as u8]
    } else {
        vec![number as u8 | 0x80, (number >> 7) as u8]
    };
    let mut length = content.len();
    while length > 0x7f {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(content);
    bytes
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    words(&[units.len() as u32])
        .into_iter()
        .chain(units.into_iter().flat_map(u16::to_le_bytes))
        .collect()
}

/// A cell record: column, style, content.
fn cell(number: u16, column: u32, style: u32, content: &[u8]) -> Vec<u8> {
    record(number, &[&words(&[column, style]), content].concat())
}

fn row(number: u32, hidden: bool) -> Vec<u8> {
    let mut content = words(&[number, 0]);
    content.extend([0, 0, 0, if hidden { 0x10 } else { 0 }, 0, 0, 0, 0, 0]);
    record(0x00, &content)
}

/// One sheet of these records; the second cell style is a date, the shared texts are 姓名 and 身份证号.
fn xlsb(rows: &[Vec<u8>]) -> Vec<u8> {
    let sheet = [
        record(0x81, &[]),
        record(0x94, &words(&[0, 9, 0, 9])),
        record(0x91, &[]),
        rows.concat(),
        record(0x92, &[]),
        record(0x82, &[]),
    ];
    let workbook = [
        record(0x83, &[]),
        record(0x99, &[0; 12]),
        record(0x8f, &[]),
        record(0x9c, &[words(&[0, 1]), wide("r1"), wide("名单")].concat()),
        record(0x90, &[]),
        record(0x84, &[]),
    ];
    let text = |text: &str| record(0x13, &[vec![0], wide(text)].concat());
    let texts = [
        record(0x9f, &words(&[2, 2])),
        text("姓名"),
        text("身份证号"),
        record(0xa0, &[]),
    ];
    let format = |number: u16| {
        record(
            0x2f,
            &[&[0, 0][..], &number.to_le_bytes(), &[0; 12]].concat(),
        )
    };
    let styles = [record(0x0269, &words(&[2])), format(0), format(31)];
    let relations = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let main = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.bin"/></Relationships>"#;
    let types = r#"<Types><Override PartName="/xl/workbook.bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>"#;
    archive([
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", main.as_bytes()),
        ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
        ("xl/workbook.bin", &workbook.concat()),
        ("xl/worksheets/sheet1.bin", &sheet.concat()),
        ("xl/sharedStrings.bin", &texts.concat()),
        ("xl/styles.bin", &styles.concat()),
    ])
}

/// Header and one person, in records.
fn people_of_xlsb() -> Vec<Vec<u8>> {
    vec![
        row(0, false),
        cell(0x07, 0, 0, &words(&[0])),
        cell(0x07, 1, 0, &words(&[1])),
        cell(0x06, 2, 0, &wide("出生日期")),
        row(1, false),
        cell(0x06, 0, 0, &wide("张三")),
        cell(0x06, 1, 0, &wide("11010519491231002X")),
        cell(0x05, 2, 1, &44_561_f64.to_le_bytes()),
    ]
}

#[test]
fn an_xlsb_is_read_with_rich_texts_and_formulas_that_end_in_an_error() {
    let mut rows = people_of_xlsb();
    rows.extend([
        row(4, true),
        cell(0x3e, 0, 0, &[vec![0], wide("李四")].concat()),
        cell(0x06, 1, 0, &wide("11010519491231002X")),
        cell(0x0b, 2, 0, &[0x2a, 0, 0]),
        row(5, false),
        cell(0x06, 0, 0, &wide("王五")),
        cell(0x06, 1, 0, &wide("11010519491231002X")),
        cell(0x02, 2, 0, &words(&[(320 << 2) | 2])),
    ]);
    let sheets = intake("a.xlsx", &xlsb(&rows)).unwrap();
    assert_eq!(sheets[0].origin.encoding, "xlsb");
    assert_eq!(sheets[0].origin.rows_read, 6);
    assert_eq!(column(&sheets[0], Field::Name), ["张三", "李四", "王五"]);
    assert_eq!(
        column(&sheets[0], Field::Birth),
        ["2021-12-31", "#N/A", "320"]
    );
}

#[test]
fn cells_of_an_xlsb_written_short_stand_behind_the_one_before() {
    let short = |number: u16, style: u32, content: &[u8]| {
        record(number, &[&words(&[style]), content].concat())
    };
    let mut rows = people_of_xlsb();
    for (at, day) in [
        (2, short(0x0d, 1, &words(&[(44_561 << 2) | 2]))),
        (3, short(0x10, 1, &44_561_f64.to_le_bytes())),
        (4, short(0x0d, 0, &words(&[(12_345 << 2) | 3]))),
        (5, short(0x0e, 0, &[0x07])),
        (6, short(0x0f, 0, &[1])),
    ] {
        rows.extend([
            row(at, false),
            cell(0x06, 0, 0, &wide("李四")),
            short(0x11, 0, &wide("110")),
            day,
        ]);
    }
    // A blank takes its place too.
    rows.extend([
        row(7, false),
        cell(0x06, 0, 0, &wide("王五")),
        short(0x0c, 0, &[]),
        short(0x12, 0, &words(&[1])),
    ]);
    let sheets = intake("a.xlsx", &xlsb(&rows)).unwrap();
    assert_eq!(
        column(&sheets[0], Field::Id),
        ["11010519491231002X", "110", "110", "110", "110", "110", ""]
    );
    let expected = [
        "2021-12-31",
        "2021-12-31",
        "2021-12-31",
        "123.45",
        "#DIV/0!",
        "TRUE",
        "身份证号",
    ];
    assert_eq!(column(&sheets[0], Field::Birth), expected);
}

#[test]
fn records_that_lead_nowhere_or_claim_too_much_make_a_broken_workbook() {
    for (number, content, reason) in [
        (
            0x07,
            words(&[0, 0, 4_000_000]),
            "a shared text that is not there",
        ),
        (0x07, words(&[0, 0]), "a record cut short"),
        (0x06, words(&[0, 0, u32::MAX]), "a record cut short"),
        (0x0d, words(&[0]), "a record cut short"),
        (0x00, vec![1], "a record cut short"),
    ] {
        let mut rows = people_of_xlsb();
        rows.extend([row(2, false), record(number, &content)]);
        assert_eq!(broken(&xlsb(&rows)), reason);
    }
    let mut rows = people_of_xlsb();
    rows.push(vec![0x07, 0xff, 0xff, 0xff, 0x7f]);
    assert!(broken(&xlsb(&rows)).contains("a record too long"));
    let mut rows = people_of_xlsb();
    rows.push(vec![0x06, 0x7f]); // swallows the end of the sheet
    assert!(broken(&xlsb(&rows)).contains("a sheet without an end"));
}
