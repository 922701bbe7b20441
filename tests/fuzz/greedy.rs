//! Files of a few bytes that ask for much: made here, since they are dull and quickly made.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const HEADER: &str = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>姓名</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>身份证号</t></is></c></row>";

/// (what it asks for, its bytes).
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        (
            "a cell in the last column of every row",
            xlsx(&rows(100_000, |r| format!("<c r=\"XFD{r}\"><v>1</v></c>"))),
        ),
        (
            "a header of all columns, a thousand times",
            xlsx(&rows(1_000, |_| "<c><v>1</v></c>".repeat(4_000))),
        ),
        ("words in every cell and no header", words()),
        (
            "elements in elements, two hundred thousand deep",
            xlsx(&format!("{HEADER}<row r=\"2\">{}", "<c>".repeat(200_000))),
        ),
        (
            "every row merged with every other",
            xlsx(&format!(
                "{HEADER}</sheetData><mergeCells>{}</mergeCells><sheetData>",
                merges()
            )),
        ),
        (
            "a row and a cell that repeat without end",
            ods(
                "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>x</text:p></table:table-cell></table:table-row>",
            ),
        ),
        (
            "spans of spans",
            html(&"<tr><td colspan=65534 rowspan=65534>x</td></tr>".repeat(3_000)),
        ),
        (
            "tables in tables",
            "<table><tr><td>".repeat(50_000).into_bytes(),
        ),
        ("a line of separators", ",".repeat(8_000_000).into_bytes()),
        ("quotes without end", "\"\n".repeat(2_000_000).into_bytes()),
        (
            "a quote in every line that opens",
            "姓名,身份证号\n"
                .to_owned()
                .into_bytes()
                .into_iter()
                .chain("\"x\n,\n".repeat(500_000).into_bytes())
                .collect(),
        ),
        (
            "rows and columns far away in Excel 2003's XML",
            sheet_2003(),
        ),
    ]
}

/// Every cell a word, as a header's are: rows that could each be one.
fn words() -> Vec<u8> {
    let row = format!(
        "<row>{}</row>",
        "<c t=\"inlineStr\"><is><t>数据</t></is></c>".repeat(45)
    );
    xlsx(&row.repeat(20_000))
}

fn rows(count: usize, cells: impl Fn(usize) -> String) -> String {
    let row = |r: usize| format!("<row r=\"{r}\">{}</row>", cells(r));
    HEADER.to_owned() + &(2..count + 2).map(row).collect::<String>()
}

fn merges() -> String {
    (1..40_000)
        .map(|n| format!("<mergeCell ref=\"A{n}:XFD1048576\"/>"))
        .collect()
}

fn xlsx(rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    zipped(&[
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Override PartName=\"/xl/workbook.xml\" ContentType=\"{kinds}.sheet.main+xml\"/>\
                 <Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"{kinds}.worksheet+xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{links}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{links}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{links}\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ])
}

fn ods(rows: &str) -> Vec<u8> {
    let names = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
                 xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
                 xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"";
    let header = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>身份证号</text:p></table:table-cell></table:table-row>";
    zipped(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        (
            "content.xml",
            format!(
                "<office:document-content {names}><office:body><office:spreadsheet><table:table table:name=\"Sheet1\">{header}{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
            ),
        ),
        (
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>".to_owned(),
        ),
    ])
}

fn html(rows: &str) -> Vec<u8> {
    format!(
        "<html><body><table><tr><td>姓名</td><td>身份证号</td></tr>{rows}</table></body></html>"
    )
    .into_bytes()
}

fn sheet_2003() -> Vec<u8> {
    let cell = "<Cell ss:Index=\"16384\" ss:MergeAcross=\"16384\" ss:MergeDown=\"1048576\"><Data ss:Type=\"String\">x</Data></Cell>";
    let far = format!(
        "<Row ss:Index=\"1048570\">{cell}</Row><Row ss:Index=\"4294967295\"><Cell ss:Index=\"4294967295\"/></Row>"
    );
    let header = "<Row><Cell><Data ss:Type=\"String\">身份证号</Data></Cell></Row>";
    format!(
        "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" \
         xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Worksheet ss:Name=\"Sheet1\"><Table>{header}{}</Table></Worksheet></Workbook>",
        far.repeat(2_000)
    )
    .into_bytes()
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
