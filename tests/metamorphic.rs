//! One table is one table: whatever kind of file it is in, whatever stands around it, in whatever order its columns are,
//! the same rows come out, texts and digests.

mod reading;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use canbao::domain::{Field, SourceKind, columns};
use canbao::intake::{Silent, SourceSheet, read};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};
use polars_io::parquet::write::ParquetWriter;
use proptest::prelude::*;
use proptest::sample::select;
use rust_xlsxwriter::Workbook;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const FIELDS: [Field; 4] = [Field::Name, Field::Id, Field::Township, Field::Village];

/// What of a file is the same whatever the file is: (name, number, township, village, digest) a row.
type Rows = Vec<(Vec<Option<String>>, u64)>;

fn rows(sheets: &[SourceSheet]) -> Rows {
    let mut rows = Vec::new();
    for sheet in sheets {
        let column = |name| sheet.table.column(name).unwrap();
        let numbers = column(columns::ROW).u32().unwrap().iter().flatten();
        let file = &sheet.origin.file;
        assert!(numbers.is_sorted(), "{file}: rows in their order");
        let digests = column(columns::DIGEST).u64().unwrap().iter().flatten();
        for (at, digest) in digests.enumerate() {
            let text = |field: &Field| {
                let column = sheet.table.column(field.code()).ok()?;
                column.str().unwrap().get(at).map(str::to_owned)
            };
            rows.push((FIELDS.iter().map(text).collect(), digest));
        }
    }
    rows
}

/// Reads one file as a register.
fn read_alone(name: &str, bytes: &[u8]) -> Result<Rows, String> {
    let inputs = TempDir::new().unwrap();
    fs::write(inputs.path().join(name), bytes).unwrap();
    let scheme = reading::scheme(reading::rule(SourceKind::Register));
    read(&scheme, inputs.path(), &Silent)
        .map(|sheets| rows(&sheets))
        .map_err(|e| format!("{name}: {e}"))
}

type Grid = Vec<Vec<String>>;

fn grid(rows: &[&[&str]]) -> Grid {
    rows.iter()
        .map(|row| row.iter().map(|cell| (*cell).to_owned()).collect())
        .collect()
}

// --- forms ------------------------------------------------------------------------------------------------------------

fn separated(grid: &Grid, separator: &str, end: &str) -> String {
    let cell = |text: &String| {
        let plain = !text.contains(['"', '\n', '\r']) && !text.contains(separator);
        if plain {
            text.clone()
        } else {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
    };
    grid.iter()
        .map(|row| row.iter().map(cell).collect::<Vec<_>>().join(separator) + end)
        .collect()
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let order = |unit: u16| {
        if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(order)
        .collect()
}

fn xlsx(grid: &Grid) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in grid.iter().enumerate() {
        for (c, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(r as u32, c as u16, text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn html(grid: &Grid) -> String {
    let row = |row: &Vec<String>| {
        let cells: String = row
            .iter()
            .map(|text| format!("<td>{}</td>", escaped(text)))
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = grid.iter().map(row).collect();
    format!(
        "<html><head><meta charset=\"utf-8\"></head><body><table>\n{rows}</table></body></html>"
    )
}

fn ods(grid: &Grid) -> Vec<u8> {
    let cell = |text: &String| match text.as_str() {
        "" => "<table:table-cell/>".to_owned(),
        text => format!(
            "<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>",
            escaped(text)
        ),
    };
    let row = |row: &Vec<String>| {
        format!(
            "<table:table-row>{}</table:table-row>",
            row.iter().map(cell).collect::<String>()
        )
    };
    let rows: String = grid.iter().map(row).collect();
    let names = "xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
                 xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
                 xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"";
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content {names} office:version=\"1.2\"><office:body>\
         <office:spreadsheet><table:table table:name=\"Sheet1\">{rows}</table:table></office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><manifest:manifest xmlns:manifest=\
         \"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"><manifest:file-entry manifest:full-path=\"/\" \
         manifest:media-type=\"{kind}\"/><manifest:file-entry manifest:full-path=\"content.xml\" \
         manifest:media-type=\"text/xml\"/></manifest:manifest>"
    );
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let as_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, text) in [
        ("mimetype", kind),
        ("content.xml", &content),
        ("META-INF/manifest.xml", &manifest),
    ] {
        archive.start_file(name, as_is).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn excel_2003(grid: &Grid) -> String {
    let cell = |(at, text): (usize, &String)| match text.as_str() {
        "" => String::new(),
        text => format!(
            "<Cell ss:Index=\"{}\"><Data ss:Type=\"String\">{}</Data></Cell>",
            at + 1,
            escaped(text)
        ),
    };
    let row = |row: &Vec<String>| {
        format!(
            "<Row>{}</Row>\n",
            row.iter().enumerate().map(cell).collect::<String>()
        )
    };
    let rows: String = grid.iter().map(row).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Excel.Sheet\"?>\n<Workbook \
         xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\
         <Worksheet ss:Name=\"Sheet1\"><Table>\n{rows}</Table></Worksheet></Workbook>"
    )
}

fn parquet(grid: &Grid) -> Vec<u8> {
    let column = |at: usize| {
        let cells: Vec<Option<&str>> = grid[1..]
            .iter()
            .map(|row| Some(row[at].as_str()).filter(|t| !t.is_empty()))
            .collect();
        Column::from(Series::new(grid[0][at].as_str().into(), cells))
    };
    let mut frame =
        DataFrame::new(grid.len() - 1, (0..grid[0].len()).map(column).collect()).unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    bytes
}

/// The grid in every form that text around a table can stand in.
fn forms(grid: &Grid) -> Vec<(&'static str, Vec<u8>)> {
    let csv = separated(grid, ",", "\n");
    vec![
        ("utf-8.csv", csv.clone().into_bytes()),
        (
            "bom.csv",
            format!("\u{feff}{}", separated(grid, ",", "\r\n")).into_bytes(),
        ),
        (
            "gb18030.csv",
            encoding_rs::GB18030.encode(&csv).0.into_owned(),
        ),
        ("tab.txt", separated(grid, "\t", "\r\n").into_bytes()),
        (
            "semicolon.csv",
            encoding_rs::GB18030
                .encode(&separated(grid, ";", "\n"))
                .0
                .into_owned(),
        ),
        ("bar.txt", separated(grid, "|", "\n").into_bytes()),
        (
            "utf-16-le.txt",
            utf16(&separated(grid, "\t", "\r\n"), false),
        ),
        ("utf-16-be.csv", utf16(&csv, true)),
        ("book.xlsx", xlsx(grid)),
        ("book.ods", ods(grid)),
        ("page.xls", html(grid).into_bytes()),
        (
            "page-gbk.xls",
            encoding_rs::GBK
                .encode(&html(grid).replace("utf-8", "gb2312"))
                .0
                .into_owned(),
        ),
        ("sheet-2003.xls", excel_2003(grid).into_bytes()),
    ]
}

// --- people and what stands around them -----------------------------------------------------------------------------------

/// A number on random digits with its check character.
fn number() -> impl Strategy<Value = String> {
    (1940..2020_u32, 1..=12_u32, 1..=28_u32, 1..=999_u32).prop_map(
        |(year, month, day, sequence)| {
            let stem = format!("430321{year}{month:02}{day:02}{sequence:03}");
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: usize = stem
                .bytes()
                .zip(weights)
                .map(|(digit, weight)| usize::from(digit - b'0') * weight)
                .sum();
            format!("{stem}{}", &"10X98765432"[sum % 11..=sum % 11])
        },
    )
}

/// Serial, name, number, township, village, remark.
fn people() -> impl Strategy<Value = Grid> {
    let name = select(vec![
        "张建国",
        "欧阳雪梅",
        "阿卜杜拉·买买提",
        "李 秀英",
        "王<五>",
        "赵&六",
        "钱\"七\"",
        "孙〇八",
        "",
    ]);
    let township = select(vec!["易俗河镇", "谭家山镇", "花石镇"]);
    let village = select(vec!["烟塘村", "双扬村,东组", "郭家桥社区", "A;B|C村", ""]);
    let remark = select(vec!["", "", "迁入", "320", "第\"3\"户"]);
    let person = (name, number(), township, village, remark);
    prop::collection::vec(person, 1..12).prop_map(|people| {
        let row = |(at, (name, number, township, village, remark)): (
            usize,
            (&str, String, &str, &str, &str),
        )| {
            [
                &(at + 1).to_string(),
                name,
                &number,
                township,
                village,
                remark,
            ]
            .map(str::to_owned)
            .to_vec()
        };
        people.into_iter().enumerate().map(row).collect()
    })
}

/// What an office puts around its table.
#[derive(Clone, Debug)]
struct Office {
    order: Vec<usize>,
    titles: bool,
    two_rows: bool,
    totals: bool,
    again_after: Option<usize>,
    blank_before: usize,
}

const HEADER: [&str; 6] = ["序号", "姓名", "身份证号", "乡镇", "村", "备注"];
const PARENTS: [&str; 6] = [
    "序号",
    "基本信息",
    "基本信息",
    "家庭住址",
    "家庭住址",
    "备注",
];

fn office() -> impl Strategy<Value = Office> {
    let order = Just((0..HEADER.len()).collect::<Vec<_>>()).prop_shuffle();
    let again = prop::option::of(0..6_usize);
    (
        order,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        again,
        0..2_usize,
    )
        .prop_map(
            |(order, titles, two_rows, totals, again_after, blank_before)| Office {
                order,
                titles,
                two_rows,
                totals,
                again_after,
                blank_before,
            },
        )
}

impl Office {
    /// The table as this office sends it.
    fn sends(&self, people: &Grid) -> Grid {
        let arranged = |row: &Vec<String>| -> Vec<String> {
            self.order.iter().map(|at| row[*at].clone()).collect()
        };
        let header = self.header();
        let mut sent = Grid::new();
        if self.titles {
            let title = "湘潭县2022年度城乡居民基本医疗保险参保人员名册";
            sent.extend(grid(&[
                &[title, "", "", "", "", ""],
                &["", "", "", "", "", "单位：人"],
            ]));
        }
        let blank = vec![String::new(); 6];
        sent.extend(std::iter::repeat_n(blank, self.blank_before));
        sent.extend(header.clone());
        for (at, person) in people.iter().enumerate() {
            sent.push(arranged(person));
            if self.again_after == Some(at) {
                sent.extend(header.clone());
            }
        }
        if self.totals {
            let count = format!("{}人", people.len());
            sent.extend(grid(&[
                &["合计", &count, "", "", "", ""],
                &["", "", "", "", "", ""],
                &["填表人：赵六", "", "审核人：钱七", "", "", ""],
                &["注：以上人员均为常住人口。", "", "", "", "", ""],
            ]));
        }
        sent
    }

    /// One header row; or two, where neighbours of one parent are merged (a merged cell holds its text once).
    fn header(&self) -> Grid {
        let words: Vec<&str> = self.order.iter().map(|at| HEADER[*at]).collect();
        if !self.two_rows {
            return vec![words.into_iter().map(str::to_owned).collect()];
        }
        let parents: Vec<&str> = self.order.iter().map(|at| PARENTS[*at]).collect();
        let upper = parents.iter().enumerate().map(|(at, parent)| {
            let merged = at > 0 && parents[at - 1] == *parent;
            if merged {
                String::new()
            } else {
                (*parent).to_owned()
            }
        });
        let lower = words.iter().zip(&parents).map(|(word, parent)| {
            if word == parent {
                String::new()
            } else {
                (*word).to_owned()
            }
        });
        vec![upper.collect(), lower.collect()]
    }
}

fn plainly(people: &Grid) -> Grid {
    let mut all = grid(&[&HEADER]);
    all.extend(people.iter().cloned());
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_table_in_every_form_and_from_every_office_is_the_same_rows(people in people(), office in office()) {
        let expected = read_alone("plain.csv", separated(&plainly(&people), ",", "\n").as_bytes()).unwrap();
        let texts: Vec<Vec<Option<String>>> = expected.iter().map(|(texts, _)| texts.clone()).collect();
        let written = |row: &Vec<String>| row[1..5].iter().map(|t| Some(t.clone()).filter(|t| !t.is_empty())).collect::<Vec<_>>();
        prop_assert_eq!(texts, people.iter().map(written).collect::<Vec<_>>());
        for (name, bytes) in forms(&office.sends(&people)) {
            prop_assert_eq!(read_alone(name, &bytes), Ok(expected.clone()), "{} {:?}", name, &office);
        }
        let arranged: Grid = plainly(&people).iter().map(|row| office.order.iter().map(|at| row[*at].clone()).collect()).collect();
        prop_assert_eq!(read_alone("table.parquet", &parquet(&arranged)), Ok(expected));
    }
}

/// Folders of the gallery in which the same table stands, in files of other writers.
const OF_OTHER_WRITERS: [&str; 14] = [
    "01-xlsx-by-several-writers",
    "02-xlsm",
    "03-xlsb",
    "04-xls",
    "06-ods",
    "08-html-named-xls",
    "09-spreadsheet-2003-xml",
    "10-text",
    "13-parquet",
    "15-wide-xml-habits",
    "20-titles-units-totals-signatures",
    "26-several-sheets",
    "34-header-repeated-after-page-breaks",
    "35-blank-rows-and-columns",
];

#[test]
fn files_of_other_writers_hold_the_same_rows_as_their_text() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    let plain = fs::read(gallery.join("10-text/utf-8.csv")).unwrap();
    let expected = read_alone("plain.csv", &plain).unwrap();
    assert_eq!(expected.len(), 3);
    let (mut tried, mut wrong) = (0, Vec::new());
    for folder in OF_OTHER_WRITERS {
        for entry in fs::read_dir(gallery.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if ["case.toml", "expected.csv"].contains(&name.as_str()) {
                continue;
            }
            tried += 1;
            match read_alone(&name, &fs::read(&path).unwrap()) {
                Ok(found) if found == expected => {}
                Ok(found) => wrong.push(format!("{folder}/{name}: {found:?}")),
                Err(why) => wrong.push(format!("{folder}/{name}: {why}")),
            }
        }
    }
    assert!(tried > 60, "only {tried} files");
    assert!(wrong.is_empty(), "of {tried} files:\n{}", wrong.join("\n"));
}
