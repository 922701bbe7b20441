//! Old and plain formats: xls, ods, web pages, Excel 2003's XML, text in any encoding. The same table gives the same
//! rows in all of them, and what cannot be read is refused by name.
//!
//! `tests/files/old/README.md` says how the files were made.

use std::fs;
use std::path::Path;

use canbao::domain::fault::WrongContent;
use canbao::domain::{
    Damage, Fault, Field, Refusal, RegionTree, SourceKind, columns, fault::Complaints,
};
use canbao::intake::{Silent, SourceSheet, read};
use canbao::scheme::{Scheme, SourceRule};
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;

fn scheme() -> Scheme {
    Scheme {
        sources: vec![SourceRule {
            files: vec!["*".into()],
            ..SourceRule::plain(SourceKind::Rosters)
        }],
        ..Scheme::plain(RegionTree::new("430321", Vec::new()))
    }
}

fn outcome(bytes: impl AsRef<[u8]>) -> anyhow::Result<Vec<SourceSheet>> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("名册.xls"), bytes).unwrap();
    read(&scheme(), folder.path(), &Silent)
}

fn sheets(bytes: impl AsRef<[u8]>) -> Vec<SourceSheet> {
    outcome(bytes).unwrap()
}

fn sheet(bytes: impl AsRef<[u8]>) -> SourceSheet {
    let mut sheets = sheets(bytes);
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

fn refusal(bytes: impl AsRef<[u8]>) -> Refusal {
    let mut complaints = outcome(bytes)
        .unwrap_err()
        .downcast::<Complaints>()
        .unwrap()
        .0;
    assert_eq!(complaints.len(), 1);
    complaints.remove(0).refusal
}

fn fault(bytes: impl AsRef<[u8]>) -> Fault {
    outcome(bytes).unwrap_err().downcast::<Fault>().unwrap()
}

fn file(name: &str) -> Vec<u8> {
    fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/files/old")
            .join(name),
    )
    .unwrap()
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

const HEADER: [&str; 5] = ["序号", "姓名", "身份证号", "乡镇", "备注"];
const PEOPLE: [[&str; 5]; 3] = [
    ["1", "张三", "11010519491231002X", "易俗河镇", "补缴"],
    ["2", "李四", "440524188001010014", "谭家山镇", ""],
    [
        "3",
        "阿依古丽·买买提",
        "110105491231002",
        "易俗河镇",
        "港澳",
    ],
];

/// The people as text, with a separator and a line end.
fn separated(separator: &str, end: &str) -> String {
    [HEADER]
        .iter()
        .chain(&PEOPLE)
        .map(|row| row.join(separator) + end)
        .collect()
}

/// The people as a table of a page.
fn table(cell: impl Fn(&str) -> String, row_end: &str) -> String {
    let row = |row: &[&str; 5]| {
        format!(
            "<tr>{}{row_end}",
            row.iter().map(|text| cell(text)).collect::<String>()
        )
    };
    format!(
        "<table>{}</table>",
        [HEADER].iter().chain(&PEOPLE).map(row).collect::<String>()
    )
}

fn spreadsheet_2003() -> String {
    let cell = |text: &str| {
        let kind = if text.len() == 1 { "Number" } else { "String" };
        if text.is_empty() {
            "<Cell/>".to_owned()
        } else {
            format!("<Cell><Data ss:Type=\"{kind}\">{text}</Data></Cell>")
        }
    };
    let row = |row: &[&str; 5]| {
        format!(
            "<Row>{}</Row>",
            row.iter().map(|text| cell(text)).collect::<String>()
        )
    };
    let rows: String = [HEADER].iter().chain(&PEOPLE).map(row).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.SourceSheet\"?>\n\
         <Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\n \
         <Worksheet ss:Name=\"名册\">\n  <Table>{rows}</Table>\n </Worksheet>\n</Workbook>"
    )
}

fn xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in [HEADER].iter().chain(&PEOPLE).enumerate() {
        for (column, text) in line.iter().enumerate() {
            sheet
                .write_string(row as u32, column as u16, *text)
                .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// Records as a well-known piece of PHP writes them: no workbook around the sheet, texts in the code page of the server.
fn bare_records() -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| {
        [
            &kind.to_le_bytes()[..],
            &(data.len() as u16).to_le_bytes(),
            data,
        ]
        .concat()
    };
    let mut bytes = record(0x809, &[0, 0, 0x10, 0, 0, 0, 0, 0]);
    for (row, line) in [HEADER].iter().chain(&PEOPLE).enumerate() {
        for (column, text) in line.iter().enumerate() {
            let text = gb18030(text);
            let head = [row as u16, column as u16, 0, text.len() as u16];
            let head: Vec<u8> = head.iter().flat_map(|n| n.to_le_bytes()).collect();
            bytes.extend(record(0x204, &[head, text].concat()));
        }
    }
    bytes.extend(record(0x0a, &[]));
    bytes
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn utf16(mark: &[u8], text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    [mark.to_vec(), text.encode_utf16().flat_map(bytes).collect()].concat()
}

/// An ods with this body.
fn ods(tables: &str) -> Vec<u8> {
    ods_of(&format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content><office:automatic-styles>\
         <style:style style:name=\"ta2\"><style:table-properties table:display=\"false\"/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    ))
}

fn ods_of(content: &str) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", content),
    ] {
        archive.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn ods_of_people() -> Vec<u8> {
    let cell = |text: &str| match text.len() {
        0 => "<table:table-cell/>".to_owned(),
        1 => format!(
            "<table:table-cell office:value-type=\"float\" office:value=\"{text}\"><text:p>{text}</text:p></table:table-cell>"
        ),
        _ => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
        ),
    };
    let row = |row: &[&str; 5]| {
        let cells: String = row.iter().map(|text| cell(text)).collect();
        format!(
            "<table:table-row>{cells}<table:table-cell table:number-columns-repeated=\"16379\"/></table:table-row>"
        )
    };
    let rows: String = [HEADER].iter().chain(&PEOPLE).map(row).collect();
    ods(&format!(
        "<table:table table:name=\"名册\">{rows}<table:table-row table:number-rows-repeated=\"1048572\">\
         <table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
    ))
}

#[test]
fn one_table_in_every_form_is_the_same_rows_texts_and_digests() {
    let csv = separated(",", "\n");
    let expected = sheet(&csv);
    assert_eq!(rows(&expected), [2, 3, 4]);
    let plain = |text: &str| format!("<td>{text}</td>");
    let page = |charset: &str| {
        format!(
            "<html><head><meta charset=\"{charset}\"></head><body>{}</body></html>",
            table(plain, "</tr>")
        )
    };
    let http = "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>";
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("UTF-8 BOM", [b"\xef\xbb\xbf", csv.as_bytes()].concat()),
        ("GB18030", gb18030(&csv)),
        ("GB18030", gb18030(&separated("\t", "\r\n"))),
        ("GB18030", gb18030(&separated("|", "\n"))),
        ("UTF-8", separated(";", "\r").into()),
        (
            "UTF-16LE",
            utf16(b"\xff\xfe", &separated("\t", "\r\n"), u16::to_le_bytes),
        ),
        ("UTF-16BE", utf16(b"\xfe\xff", &csv, u16::to_be_bytes)),
        ("UTF-16LE", utf16(b"", &csv, u16::to_le_bytes)),
        ("UTF-16BE", utf16(b"", &csv, u16::to_be_bytes)),
        ("html UTF-8", page("utf-8").into()),
        ("html GB18030", gb18030(&page("gbk"))),
        (
            "html GB18030",
            gb18030(&(http.to_owned() + &table(plain, ""))),
        ),
        ("html GB18030", gb18030(&page("utf-8"))),
        (
            "html UTF-16LE",
            utf16(b"\xff\xfe", &page("utf-16"), u16::to_le_bytes),
        ),
        (
            "html UTF-8",
            table(
                |text| format!("\n<TD style=\"vnd.ms-excel.numberformat:@\"> <p>{text}"),
                "",
            )
            .into(),
        ),
        (
            "html UTF-8",
            table(|text| format!("<td x:str>=\"{text}\""), "").into(),
        ),
        ("xml 2003", spreadsheet_2003().into()),
        (
            "xml 2003",
            gb18030(&spreadsheet_2003().replace("1.0\"", "1.0\" encoding=\"GB2312\"")),
        ),
        ("xls", bare_records()),
        ("ods", ods_of_people()),
        ("xlsx", xlsx()),
    ];
    for (encoding, bytes) in forms {
        let found = sheet(&bytes);
        assert_eq!(found.origin.encoding, encoding);
        assert_eq!(rows(&found), rows(&expected), "{encoding}");
        for field in [Field::Name, Field::Id, Field::Township] {
            assert_eq!(texts(&found, field), texts(&expected, field), "{encoding}");
        }
        assert_eq!(digests(&found), digests(&expected), "{encoding}");
        assert_eq!(found.columns, expected.columns, "{encoding}");
    }
}

#[test]
fn a_first_line_that_names_the_separator_is_a_line_above_the_header() {
    for separator in [";", "^", "\t"] {
        let found = sheet(format!(
            "sep={separator}\r\n{}",
            separated(separator, "\r\n")
        ));
        assert_eq!(rows(&found), [3, 4, 5]);
        assert_eq!(digests(&found), digests(&sheet(separated(",", "\n"))));
    }
}

#[test]
fn a_table_in_big5_has_the_headers_of_one_in_simplified_letters() {
    let traditional = "序號,姓名,身份證號碼,鄉鎮\n1,張三,11010519491231002X,易俗河鎮\n2,李四,440524188001010014,譚家山鎮\n";
    let found = sheet(encoding_rs::BIG5.encode(traditional).0);
    assert_eq!(found.origin.encoding, "Big5");
    assert_eq!(texts(&found, Field::Name), ["張三", "李四"]);
    assert_eq!(texts(&found, Field::Township), ["易俗河鎮", "譚家山鎮"]);
    assert_eq!(found.columns[2].header, "身份證號碼");
    assert_eq!(digests(&found), digests(&sheet(traditional)));
    let simplified =
        traditional.replacen("序號,姓名,身份證號碼,鄉鎮", "序号,姓名,身份证号码,乡镇", 1);
    assert_eq!(digests(&found), digests(&sheet(simplified)));
}

#[test]
fn files_of_other_programs_give_what_they_were_made_from() {
    let expected = sheets(file("mixed.xlsx"));
    for (name, encoding, sheets_held) in [
        ("libreoffice.xls", "xls", 2),
        ("1904.xls", "xls", 2),
        ("xlwt.xls", "xls", 1),
        ("libreoffice.ods", "ods", 2),
    ] {
        let found = sheets(file(name));
        assert_eq!(found.len(), sheets_held, "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(
                (found.origin.sheet.as_str(), found.origin.encoding.as_str()),
                (expected.origin.sheet.as_str(), encoding)
            );
            assert_eq!(
                (found.header_row, rows(found)),
                (expected.header_row, rows(expected)),
                "{name}"
            );
            for field in [Field::Name, Field::Id, Field::Identified, Field::Total] {
                assert_eq!(texts(found, field), texts(expected, field), "{name}");
            }
            assert_eq!(digests(found), digests(expected), "{name}");
        }
    }
    assert_eq!(
        texts(&expected[0], Field::Identified)[..2],
        ["2021-09-30", "2021-12-31"]
    );
    assert_eq!(texts(&expected[0], Field::Id)[2], "1.10101202311012E17");
}

#[test]
fn a_page_by_libreoffice_is_read_as_it_shows_the_table() {
    let found = sheet(file("libreoffice.html"));
    assert_eq!(found.origin.encoding, "html UTF-8");
    // LibreOffice leaves the hidden row out.
    assert_eq!(
        texts(&found, Field::Name),
        ["张三", "王五", "阿依古丽·买买提", "赵六"]
    );
    assert_eq!(
        texts(&found, Field::Identified),
        [
            "2021年9月30日",
            "2022年1月1日",
            "2021/10/8",
            "2021年11月11日"
        ]
    );
    assert_eq!(texts(&found, Field::Total), ["320", "-320", "1280", "0"]);
}

#[test]
fn formulas_are_their_values() {
    for name in ["formulas.xls", "formulas.ods"] {
        let found = sheet(file(name));
        assert_eq!(
            texts(&found, Field::Id),
            ["11010519491231002X", "440524188001010014"],
            "{name}"
        );
        assert_eq!(texts(&found, Field::Total), ["320", "#DIV/0!"], "{name}");
    }
}

#[test]
fn a_stray_cell_in_the_last_corner_of_an_xls_costs_nothing() {
    let found = sheet(file("far-cell.xls"));
    assert_eq!(rows(&found), [2, 3]);
    assert_eq!(found.origin.rows_read, 65_536);
}

#[test]
fn what_is_no_table_is_refused_with_what_it_is() {
    let mht = "MIME-Version: 1.0\nX-Document-Type: Workbook\nContent-Type: multipart/related; boundary=\"x\"\n\n--x\n<table>";
    let frames = "<html><frameset><frame src=\"a.files/sheet001.htm\"></frameset></html>";
    for (bytes, expected) in [
        (mht.as_bytes(), "mht"),
        (frames.as_bytes(), "html frameset (a.files/sheet001.htm)"),
        (
            b"<html><body>\xc7\xeb\xc9\xd4\xba\xf3</body></html>",
            "html",
        ),
        (b"<?xml version=\"1.0\"?><root/>", "xml"),
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "xls (Excel 2)"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00", "xls (Excel 4)"),
        (b"\x01\x02\x00\x03\x04\x05\x06\x07\x08", "binary"),
    ] {
        assert_eq!(
            refusal(bytes),
            Refusal::Content(WrongContent::WrongKind {
                file: "名册.xls".into(),
                found: expected.into()
            })
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_row() {
    let broken = |text: &str, byte: &[u8]| {
        let (before, after) = text.split_at(text.find("李四").unwrap());
        [gb18030(before), byte.to_vec(), gb18030(after)].concat()
    };
    let page = format!(
        "<html><meta charset=gbk>\n{}",
        table(|text| format!("<td>{text}\n"), "")
    );
    let xml = spreadsheet_2003().replace("1.0\"", "1.0\" encoding=\"GB2312\"");
    for (bytes, expected) in [
        (broken(&separated(",", "\n"), b"\xff,"), 3),
        (broken(&separated(",", "\n"), b"\0"), 3),
        (
            [
                utf16(b"\xff\xfe", &separated(",", "\n"), u16::to_le_bytes),
                vec![b'x'],
            ]
            .concat(),
            5,
        ),
        (broken(&page, b"\xff<"), 13),
        (broken(&xml, b"\xff<"), 5),
    ] {
        assert_eq!(
            refusal(bytes),
            Refusal::Content(WrongContent::Undecodable {
                file: "名册.xls".into(),
                row: expected
            })
        );
    }
}

#[test]
fn a_file_cut_off_anywhere_is_told_and_never_half_read() {
    let is_told = |bytes: &[u8], name: &str| {
        for length in (600..bytes.len()).step_by(601) {
            assert!(
                outcome(&bytes[..length]).is_err(),
                "{length} bytes of {name} were read"
            );
        }
    };
    for name in ["libreoffice.xls", "xlwt.xls", "libreoffice.ods"] {
        is_told(&file(name), name);
    }
    is_told(spreadsheet_2003().as_bytes(), "xml 2003");
    for name in ["libreoffice.xls", "xlwt.xls", "libreoffice.ods"] {
        let whole = file(name);
        let half = fault(&whole[..whole.len() / 2]);
        assert!(matches!(half, Fault::Truncated { .. }), "{name}: {half:?}");
    }
    let whole = ods("<table:table table:name=\"a\"><table:table-row>");
    assert!(matches!(fault(whole), Fault::BrokenWorkbook { .. }));
}

#[test]
fn an_ods_that_repeats_a_cell_over_the_whole_sheet_is_refused() {
    let cell = "<table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>张三</text:p></table:table-cell>";
    let full = format!(
        "<table:table table:name=\"表\"><table:table-row table:number-rows-repeated=\"1048576\">{cell}</table:table-row></table:table>"
    );
    let Refusal::Content(WrongContent::TooManyCells { sheet, .. }) = refusal(ods(&full)) else {
        panic!("read")
    };
    assert_eq!(sheet, "表");
    let wide = full.replace("16384", "99999999999");
    assert!(matches!(fault(ods(&wide)), Fault::BrokenWorkbook { .. }));
    let blanks = "<table:table-cell office:value-type=\"string\"><text:p>a<text:s text:c=\"4000000000\"/>b</text:p></table:table-cell>";
    let long = full.replace("1048576", "1").replace(cell, blanks);
    assert!(outcome(ods(&long)).is_err(), "no header was to be found");
    let laughs = ods_of(
        "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><office:document-content><table:table table:name=\"表\">\
         <table:table-row><table:table-cell><text:p>&b;</text:p></table:table-cell></table:table-row></table:table></office:document-content>",
    );
    assert!(matches!(
        fault(laughs),
        Fault::BrokenWorkbook {
            damage: Damage::UnknownEntity,
            ..
        }
    ));
}

#[test]
fn a_long_text_that_an_ods_repeats_row_by_row_is_refused() {
    let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
    let row = |times: u32, cells: [String; 2]| {
        format!(
            "<table:table-row table:number-rows-repeated=\"{times}\">{}</table:table-row>",
            cells.concat()
        )
    };
    let head = row(1, [cell("姓名"), cell("身份证号")]);
    let long = row(
        100_000,
        [cell(&"张".repeat(32_767)), cell("110105491231002")],
    );
    let found = refusal(ods(&format!(
        "<table:table table:name=\"表\">{head}{long}</table:table>"
    )));
    assert!(
        matches!(&found, Refusal::Content(WrongContent::TooMuchText { sheet, .. }) if sheet == "表"),
        "{found:?}"
    );
}

#[test]
fn a_text_or_tag_without_end_in_an_ods_is_never_held() {
    let long = "x".repeat(3 << 20);
    let in_pieces = "x&amp;<text:span/>".repeat(800_000);
    for cell in [
        format!("<table:table-cell><text:p>{long}</text:p></table:table-cell>"),
        format!("<table:table-cell><text:p>{in_pieces}</text:p></table:table-cell>"),
        format!("<table:table-cell office:string-value=\"{long}\"/>"),
        format!("<!--{long}--><table:table-cell/>"),
    ] {
        let whole = ods(&format!(
            "<table:table table:name=\"表\"><table:table-row>{cell}</table:table-row></table:table>"
        ));
        let found = fault(whole);
        assert!(
            matches!(
                found,
                Fault::BrokenWorkbook {
                    damage: Damage::LongText,
                    ..
                }
            ),
            "{found:?}"
        );
    }
    let deep = ods_of(&"<a>".repeat(2_000));
    assert!(matches!(
        fault(deep),
        Fault::BrokenWorkbook {
            damage: Damage::TooDeep,
            ..
        }
    ));
}

/// What is looked through must be what is read.
#[test]
fn an_ods_with_two_contents_is_refused() {
    for other in ["CONTENT.XML", "content.xm_"] {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        let content = "<office:document-content/>";
        for (name, text) in [
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("content.xml", content),
            (other, content),
        ] {
            archive.start_file(name, stored).unwrap();
            std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
        }
        let mut bytes = archive.finish().unwrap().into_inner();
        while let Some(at) = bytes.windows(11).position(|name| name == b"content.xm_") {
            bytes[at + 10] = b'l';
        }
        let found = fault(bytes);
        assert!(
            matches!(
                found,
                Fault::BrokenWorkbook {
                    damage: Damage::DoubledPart,
                    ..
                }
            ),
            "{other}: {found:?}"
        );
    }
}

#[test]
fn sheets_without_end_are_refused() {
    let table = "<table><tr><td>姓名</td></tr></table>".repeat(10_001);
    let sheet = "<Worksheet ss:Name=\"名册\"><Table/></Worksheet>";
    let xml = spreadsheet_2003().replace(
        "</Workbook>",
        &format!("{}</Workbook>", sheet.repeat(10_000)),
    );
    for bytes in [
        format!("<html>{table}").into_bytes(),
        xml.into_bytes(),
        ods(&"<table:table></table:table>".repeat(10_001)),
    ] {
        assert_eq!(
            refusal(bytes),
            Refusal::Content(WrongContent::TooManySheets {
                file: "名册.xls".into(),
                limit: 10_000
            })
        );
    }
}

#[test]
fn rows_that_an_ods_repeats_are_as_many_rows() {
    let row = |times: &str, cells: &[&str]| {
        let cell = |text: &&str| {
            format!(
                "<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"
            )
        };
        let cells: String = cells.iter().map(cell).collect();
        format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
    };
    let table = [
        row("1", &["姓名", "身份证号"]),
        row("3", &["张三", "11010519491231002X"]),
        row("2", &[]),
        row("1", &["李四", "440524188001010014"]),
    ];
    let found = sheet(ods(&format!(
        "<table:table table:name=\"a\">{}</table:table>",
        table.concat()
    )));
    assert_eq!(rows(&found), [2, 3, 4, 7]);
    assert_eq!(texts(&found, Field::Name), ["张三", "张三", "张三", "李四"]);
}

#[test]
fn a_locked_ods_asks_for_its_password() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            "<manifest:file-entry manifest:full-path=\"content.xml\"><manifest:encryption-data/></manifest:file-entry>",
        ),
        ("content.xml", "\u{1}\u{2}"),
    ] {
        archive.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut archive, text.as_bytes()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert_eq!(
        refusal(bytes),
        Refusal::Content(WrongContent::Password {
            file: "名册.xls".into()
        })
    );
}
