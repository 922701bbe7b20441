//! Forms: lines of fields → csv, xlsx or parquet, dressed as offices dress them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use polars::prelude::{Column as Series, DataFrame, IntoColumn, NamedFrom};
use polars_io::parquet::write::ParquetWriter;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet};

/// Form of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileForm {
    /// csv in GB18030.
    Gb18030,
    /// csv in UTF-8 with a byte order mark.
    Utf8Bom,
    /// Workbook.
    Xlsx,
    /// Parquet, every column text.
    Parquet,
}

/// What a workbook's cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// A number where the text is one.
    Number,
    /// A date where the text is `YYYY-MM-DD`.
    Day,
}

/// A column.
pub(super) struct Column {
    /// Its header.
    pub(super) header: String,
    /// Its cells in a workbook.
    pub(super) kind: Kind,
}

/// A file to be.
pub(super) struct Layout {
    /// File name without ending.
    pub(super) stem: String,
    /// First title line.
    pub(super) title: String,
    /// As-of date and units.
    pub(super) subtitle: String,
    /// Columns, the serial number's included.
    pub(super) columns: Vec<Column>,
    /// Whether the first column counts rows: lines do not hold it.
    pub(super) serial: bool,
    /// Whether title lines stand above and a signature below.
    pub(super) dressed: bool,
    /// Whether a total row stands below.
    pub(super) total_row: bool,
    /// Form.
    pub(super) form: FileForm,
    /// Creation day of a workbook.
    pub(super) made: NaiveDate,
}

const SIGNATURE: &str = "填表人：　　　　　　审核人：";
/// Data rows of a sheet; Excel holds 1,048,576.
const SHEET_ROWS: u64 = 500_000;

/// Writes one file and returns its name and data rows. `total` is a total row to take instead of a count.
pub(super) fn print(layout: &Layout, pages: &[&str], total: Option<&str>, out: &Path) -> Result<(String, u64)> {
    let rows = pages.iter().map(|page| memchr::memchr_iter(b'\n', page.as_bytes()).count() as u64).sum();
    let ending = match layout.form {
        FileForm::Gb18030 | FileForm::Utf8Bom => "csv",
        FileForm::Xlsx => "xlsx",
        FileForm::Parquet => "parquet",
    };
    let name = format!("{}.{ending}", layout.stem);
    let path = out.join(&name);
    // A data file needs no total of its own; a tasks table's is part of it.
    let counted = if layout.form == FileForm::Parquet { None } else { layout.total(pages, rows) };
    let total = total.map(str::to_owned).or(counted);
    match layout.form {
        FileForm::Gb18030 | FileForm::Utf8Bom => csv(layout, pages, total.as_deref(), &path),
        FileForm::Xlsx => xlsx(layout, pages, total.as_deref(), &path),
        FileForm::Parquet => parquet(layout, pages, total.as_deref(), rows, &path),
    }
    .with_context(|| path.display().to_string())?;
    Ok((name, rows))
}

impl Layout {
    /// 合计: sums of the money columns, or the count of rows in the last column.
    fn total(&self, pages: &[&str], rows: u64) -> Option<String> {
        if !self.total_row {
            return None;
        }
        let mut cells = vec![String::new(); self.columns.len()];
        "合计".clone_into(&mut cells[0]);
        let skip = usize::from(self.serial);
        let sums = self.columns.iter().enumerate().filter(|(_, column)| column.kind == Kind::Number);
        let mut summed = false;
        for (at, _) in sums {
            let fen: i64 = lines(pages).filter_map(|line| fen_of(line.split(',').nth(at - skip)?)).sum();
            cells[at] = format!("{}.{:02}", fen / 100, fen % 100);
            summed = true;
        }
        if !summed {
            let last = cells.len() - 1;
            cells[last] = format!("{rows}人");
        }
        Some(cells.join(","))
    }

    fn header(&self) -> String {
        self.columns.iter().map(|column| column.header.as_str()).collect::<Vec<_>>().join(",")
    }
}

fn lines<'a>(pages: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    pages.iter().flat_map(|page| page.lines())
}

/// Fen of a text that this room wrote: two decimals or none.
fn fen_of(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches('元');
    match digits.split_once('.') {
        Some((yuan, fen)) => format!("{yuan}{fen}").parse().ok(),
        None => digits.parse::<i64>().ok().map(|yuan| yuan * 100),
    }
}

fn csv(layout: &Layout, pages: &[&str], total: Option<&str>, path: &Path) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let gb = layout.form == FileForm::Gb18030;
    if !gb {
        file.write_all("\u{feff}".as_bytes())?;
    }
    let mut put = |text: &str| -> std::io::Result<()> {
        if gb { file.write_all(&encoding_rs::GB18030.encode(text).0) } else { file.write_all(text.as_bytes()) }
    };
    if layout.dressed {
        put(&format!("{}\r\n{}\r\n", layout.title, layout.subtitle))?;
    }
    put(&format!("{}\r\n", layout.header()))?;
    let mut serial = 0u64;
    let mut text = String::new();
    for page in pages {
        text.clear();
        text.reserve(page.len() + page.len() / 8);
        for line in page.lines() {
            serial += 1;
            if layout.serial {
                text.push_str(&serial.to_string());
                text.push(',');
            }
            text.push_str(line);
            text.push_str("\r\n");
        }
        put(&text)?;
    }
    if let Some(total) = total {
        put(&format!("{total}\r\n"))?;
    }
    if layout.dressed {
        put(&format!("{SIGNATURE}\r\n"))?;
    }
    file.flush()?;
    Ok(())
}

/// Formats of a workbook.
struct Looks {
    title: Format,
    header: Format,
    text: Format,
    day: Format,
}

fn xlsx(layout: &Layout, pages: &[&str], total: Option<&str>, path: &Path) -> Result<()> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::parse_from_str(&layout.made.format("%Y-%m-%d").to_string())?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let looks = Looks {
        title: Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center),
        header: Format::new().set_bold().set_align(FormatAlign::Center),
        text: Format::new().set_num_format("@"),
        day: Format::new().set_num_format("yyyy-mm-dd"),
    };
    let mut all = lines(pages).peekable();
    let mut serial = 0u64;
    let mut sheets = 0;
    while sheets == 0 || all.peek().is_some() {
        sheets += 1;
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        let name = if sheets == 1 { "Sheet1".to_owned() } else { format!("Sheet{sheets}") };
        sheet.set_name(name)?;
        let mut row = head(sheet, layout, &looks)?;
        for line in all.by_ref().take(usize::try_from(SHEET_ROWS).unwrap_or(usize::MAX)) {
            serial += 1;
            if layout.serial {
                sheet.write_number(row, 0, serial as f64)?;
            }
            cells(sheet, layout, &looks, row, u16::from(layout.serial), line)?;
            row += 1;
        }
        if all.peek().is_none() {
            if let Some(total) = total {
                cells(sheet, layout, &looks, row, 0, total)?;
                row += 1;
            }
            if layout.dressed {
                sheet.write_string(row, 0, SIGNATURE)?;
            }
        }
    }
    workbook.save(path)?;
    Ok(())
}

/// Title lines and header; the first row below them.
fn head(sheet: &mut Worksheet, layout: &Layout, looks: &Looks) -> Result<u32> {
    let mut row = 0;
    for (at, column) in layout.columns.iter().enumerate() {
        let width = if column.header.contains("证") {
            21
        } else if column.kind == Kind::Day {
            12
        } else {
            10
        };
        sheet.set_column_width(u16::try_from(at)?, width)?;
    }
    if layout.dressed {
        let last = u16::try_from(layout.columns.len() - 1)?;
        sheet.merge_range(0, 0, 0, last, &layout.title, &looks.title)?;
        sheet.write_string(1, 0, &layout.subtitle)?;
        row = 2;
    }
    for (at, column) in layout.columns.iter().enumerate() {
        sheet.write_string_with_format(row, u16::try_from(at)?, &column.header, &looks.header)?;
    }
    Ok(row + 1)
}

fn cells(sheet: &mut Worksheet, layout: &Layout, looks: &Looks, row: u32, first: u16, line: &str) -> Result<()> {
    for (at, text) in (first..).zip(line.split(',')) {
        if text.is_empty() {
            continue;
        }
        let kind = layout.columns.get(usize::from(at)).map_or(Kind::Text, |column| column.kind);
        if let (Kind::Number, Ok(number)) = (kind, text.parse::<f64>()) {
            sheet.write_number(row, at, number)?;
            continue;
        }
        match kind {
            Kind::Day if text.len() == 10 && text.as_bytes()[4] == b'-' && &text[..4] > "1900" => {
                sheet.write_datetime_with_format(row, at, &ExcelDateTime::parse_from_str(text)?, &looks.day)?;
            }
            _ => {
                sheet.write_string_with_format(row, at, text, &looks.text)?;
            }
        }
    }
    Ok(())
}

/// Columns of text; no title lines, and no total row but a tasks table's own.
fn parquet(layout: &Layout, pages: &[&str], total: Option<&str>, rows: u64, path: &Path) -> Result<()> {
    let capacity = usize::try_from(rows)? + 1;
    let skip = usize::from(layout.serial);
    let mut columns: Vec<Vec<&str>> = (0..layout.columns.len() - skip).map(|_| Vec::with_capacity(capacity)).collect();
    for line in lines(pages) {
        for (column, text) in columns.iter_mut().zip(line.split(',')) {
            column.push(text);
        }
    }
    if let Some(total) = total {
        for (column, text) in columns.iter_mut().zip(total.split(',').skip(skip)) {
            column.push(text);
        }
    }
    let height = columns.first().map_or(0, Vec::len);
    let series: Vec<Series> = layout.columns[skip..]
        .iter()
        .zip(columns)
        .map(|(column, texts)| {
            let cells: Vec<Option<&str>> = texts.into_iter().map(|text| (!text.is_empty()).then_some(text)).collect();
            polars::prelude::Series::new(column.header.as_str().into(), cells).into_column()
        })
        .collect();
    let mut frame = DataFrame::new(height, series)?;
    ParquetWriter::new(File::create(path)?).with_row_group_size(Some(1 << 18)).finish(&mut frame)?;
    Ok(())
}
