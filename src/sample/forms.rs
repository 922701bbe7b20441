//! Forms: lines of fields → csv, xlsx or parquet, dressed as offices dress them.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use polars::prelude::{
    DataFrame, DataType, IntoColumn, IntoSeries, PlSmallStr, Schema, StringChunkedBuilder,
};
use polars_io::parquet::write::{BatchedWriter, ParquetWriter};
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
pub(super) enum CellKind {
    /// Text.
    Text,
    /// A serial number. Parquet has none.
    Serial,
    /// A number where the text is one.
    Number,
    /// A date where the text is `YYYY-MM-DD`.
    Day,
}

/// A column.
pub(super) struct FileColumn {
    /// Its header.
    pub(super) header: String,
    /// Its cells in a workbook.
    pub(super) kind: CellKind,
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
    pub(super) columns: Vec<FileColumn>,
    /// Whether the first column is a serial number.
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

/// A file while its rows come in.
pub(super) struct Printer<'a> {
    layout: &'a Layout,
    name: String,
    path: PathBuf,
    rows: u64,
    /// Fen by money column of the lines, so far.
    sums: Vec<(usize, i64)>,
    sheet: Sheet,
}

/// What a file's lines become.
enum Sheet {
    Csv(Csv),
    Xlsx(Box<Xlsx>),
    Parquet(Box<Parquet>),
}

impl<'a> Printer<'a> {
    /// Opens the file. `rows` are the lines to come, a total line among them: what row groups of parquet of about `group`
    /// rows are divided by; other forms do without.
    pub(super) fn open(layout: &'a Layout, rows: u64, group: usize, out: &Path) -> Result<Self> {
        let ending = match layout.form {
            FileForm::Gb18030 | FileForm::Utf8Bom => "csv",
            FileForm::Xlsx => "xlsx",
            FileForm::Parquet => "parquet",
        };
        let name = format!("{}.{ending}", layout.stem);
        let path = out.join(&name);
        let sheet = match layout.form {
            FileForm::Gb18030 | FileForm::Utf8Bom => Csv::open(layout, &path).map(Sheet::Csv),
            FileForm::Xlsx => Xlsx::open(layout).map(|sheet| Sheet::Xlsx(Box::new(sheet))),
            FileForm::Parquet => Parquet::open(layout, rows, group, &path)
                .map(|sheet| Sheet::Parquet(Box::new(sheet))),
        };
        let sheet = sheet.with_context(|| path.display().to_string())?;
        Ok(Printer {
            layout,
            name,
            path,
            rows: 0,
            sums: layout.money_columns(),
            sheet,
        })
    }

    /// Takes the next lines.
    pub(super) fn take(&mut self, page: &str) -> Result<()> {
        self.rows += memchr::memchr_iter(b'\n', page.as_bytes()).count() as u64;
        let summed = if self.sums.is_empty() { "" } else { page };
        for line in summed.lines() {
            for (at, sum) in &mut self.sums {
                *sum += line.split(',').nth(*at).and_then(fen_of).unwrap_or(0);
            }
        }
        match &mut self.sheet {
            Sheet::Csv(sheet) => sheet.take(page),
            Sheet::Xlsx(sheet) => sheet.take(self.layout, page),
            Sheet::Parquet(sheet) => sheet.take(page),
        }
        .with_context(|| self.path.display().to_string())
    }

    /// Closes the file and returns its name and data rows. `total` is a total row to take instead of a count.
    pub(super) fn finish(self, total: Option<&str>) -> Result<(String, u64)> {
        let counted = self.total();
        let total = total.or(counted.as_deref());
        match self.sheet {
            Sheet::Csv(sheet) => sheet.finish(self.layout, total),
            Sheet::Xlsx(sheet) => sheet.finish(self.layout, total, &self.path),
            Sheet::Parquet(sheet) => sheet.finish(self.layout, total),
        }
        .with_context(|| self.path.display().to_string())?;
        Ok((self.name, self.rows))
    }

    /// 合计: sums of the money columns, or the count of rows in the last column. A data file needs none.
    fn total(&self) -> Option<String> {
        if !self.layout.total_row || self.layout.form == FileForm::Parquet {
            return None;
        }
        let mut cells = vec![String::new(); self.layout.columns.len()];
        "合计".clone_into(&mut cells[0]);
        for (at, fen) in &self.sums {
            cells[*at] = format!("{}.{:02}", fen / 100, fen % 100);
        }
        if self.sums.is_empty() {
            let last = cells.len() - 1;
            cells[last] = format!("{}人", self.rows);
        }
        Some(cells.join(","))
    }
}

impl Layout {
    /// Money columns that a total row adds up, with nothing in them yet.
    fn money_columns(&self) -> Vec<(usize, i64)> {
        let counted = self.total_row && self.form != FileForm::Parquet;
        let money = self
            .columns
            .iter()
            .enumerate()
            .filter(|(_, column)| counted && column.kind == CellKind::Number);
        money.map(|(at, _)| (at, 0)).collect()
    }

    fn header(&self) -> String {
        self.columns
            .iter()
            .map(|column| column.header.as_str())
            .collect::<Vec<_>>()
            .join(",")
    }
}

/// Fen of a text that this room wrote: two decimals or none.
fn fen_of(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches('元');
    match digits.split_once('.') {
        Some((yuan, fen)) => format!("{yuan}{fen}").parse().ok(),
        None => digits.parse::<i64>().ok().map(|yuan| yuan * 100),
    }
}

/// A text file.
struct Csv {
    file: BufWriter<File>,
    gb18030: bool,
}

impl Csv {
    fn open(layout: &Layout, path: &Path) -> Result<Self> {
        let file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        let mut sheet = Csv {
            file,
            gb18030: layout.form == FileForm::Gb18030,
        };
        if !sheet.gb18030 {
            sheet.put("\u{feff}")?;
        }
        if layout.dressed {
            sheet.put(&format!("{}\r\n{}\r\n", layout.title, layout.subtitle))?;
        }
        sheet.put(&format!("{}\r\n", layout.header()))?;
        Ok(sheet)
    }

    fn put(&mut self, text: &str) -> std::io::Result<()> {
        if self.gb18030 {
            self.file.write_all(&encoding_rs::GB18030.encode(text).0)
        } else {
            self.file.write_all(text.as_bytes())
        }
    }

    fn take(&mut self, page: &str) -> Result<()> {
        let mut text = String::with_capacity(page.len() + page.len() / 8);
        for line in page.lines() {
            text.push_str(line);
            text.push_str("\r\n");
        }
        Ok(self.put(&text)?)
    }

    fn finish(mut self, layout: &Layout, total: Option<&str>) -> Result<()> {
        if let Some(total) = total {
            self.put(&format!("{total}\r\n"))?;
        }
        if layout.dressed {
            self.put(&format!("{SIGNATURE}\r\n"))?;
        }
        Ok(self.file.flush()?)
    }
}

/// Formats of a workbook.
struct Looks {
    title: Format,
    header: Format,
    text: Format,
    day: Format,
}

/// A workbook.
struct Xlsx {
    workbook: Workbook,
    looks: Looks,
    sheets: usize,
    /// The row that comes next.
    row: u32,
    /// Data rows of the last sheet.
    rows: u64,
}

impl Xlsx {
    fn open(layout: &Layout) -> Result<Self> {
        let mut workbook = Workbook::new();
        let made = ExcelDateTime::parse_from_str(&layout.made.format("%Y-%m-%d").to_string())?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let looks = Looks {
            title: Format::new()
                .set_bold()
                .set_font_size(16)
                .set_align(FormatAlign::Center),
            header: Format::new().set_bold().set_align(FormatAlign::Center),
            text: Format::new().set_num_format("@"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
        };
        let mut book = Xlsx {
            workbook,
            looks,
            sheets: 0,
            row: 0,
            rows: 0,
        };
        book.add_sheet(layout)?;
        Ok(book)
    }

    fn add_sheet(&mut self, layout: &Layout) -> Result<()> {
        self.sheets += 1;
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        let name = if self.sheets == 1 {
            "Sheet1".to_owned()
        } else {
            format!("Sheet{}", self.sheets)
        };
        sheet.set_name(name)?;
        self.row = head(sheet, layout, &self.looks)?;
        self.rows = 0;
        Ok(())
    }

    fn take(&mut self, layout: &Layout, page: &str) -> Result<()> {
        for line in page.lines() {
            if self.rows == SHEET_ROWS {
                self.add_sheet(layout)?;
            }
            self.write(layout, line)?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes a line into the next row.
    fn write(&mut self, layout: &Layout, line: &str) -> Result<()> {
        let (row, sheet) = (
            self.row,
            self.workbook.worksheet_from_index(self.sheets - 1)?,
        );
        for ((at, text), column) in (0..).zip(line.split(',')).zip(&layout.columns) {
            match (column.kind, text.parse::<f64>()) {
                _ if text.is_empty() => continue,
                (CellKind::Serial | CellKind::Number, Ok(number)) => {
                    sheet.write_number(row, at, number)?
                }
                (CellKind::Day, _) if is_day(text) => {
                    let day = ExcelDateTime::parse_from_str(text)?;
                    sheet.write_datetime_with_format(row, at, &day, &self.looks.day)?
                }
                _ => sheet.write_string_with_format(row, at, text, &self.looks.text)?,
            };
        }
        self.row += 1;
        Ok(())
    }

    fn finish(
        mut self: Box<Self>,
        layout: &Layout,
        total: Option<&str>,
        path: &Path,
    ) -> Result<()> {
        if let Some(total) = total {
            self.write(layout, total)?;
        }
        if layout.dressed {
            let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
            sheet.write_string(self.row, 0, SIGNATURE)?;
        }
        Ok(self.workbook.save(path)?)
    }
}

/// Title lines and header; the first row below them.
fn head(sheet: &mut Worksheet, layout: &Layout, looks: &Looks) -> Result<u32> {
    let mut row = 0;
    for (at, column) in layout.columns.iter().enumerate() {
        let width = if column.header.contains("证") {
            21
        } else if column.kind == CellKind::Day {
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

/// Whether a workbook can hold a text as a date.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.as_bytes()[4] == b'-' && &text[..4] > "1900"
}

/// Columns of text; no title lines, no serial numbers, and no total row but a tasks table's own.
struct Parquet {
    file: BatchedWriter<File>,
    /// Headers of the columns that follow the serial number.
    headers: Vec<String>,
    /// Whether lines begin with one.
    serial: bool,
    /// Lines of the row group that is being filled.
    lines: String,
    waiting: usize,
    /// Rows of the row groups to come, the next one last.
    groups: Vec<usize>,
}

impl Parquet {
    fn open(layout: &Layout, rows: u64, group: usize, path: &Path) -> Result<Self> {
        let headers: Vec<String> = layout.columns[usize::from(layout.serial)..]
            .iter()
            .map(|column| column.header.clone())
            .collect();
        let text = |header: &String| (PlSmallStr::from_str(header), DataType::String);
        // Files are written beside each other already; columns beside each other as well would have them all in memory.
        let writer = ParquetWriter::new(File::create(path)?).set_parallel(false);
        let file = writer.batched(&headers.iter().map(text).collect::<Schema>())?;
        let groups = row_groups(usize::try_from(rows)?, group);
        Ok(Parquet {
            file,
            headers,
            serial: layout.serial,
            lines: String::new(),
            waiting: 0,
            groups,
        })
    }

    fn take(&mut self, page: &str) -> Result<()> {
        for line in page.split_inclusive('\n') {
            self.lines.push_str(line);
            self.waiting += 1;
            if self.groups.last() == Some(&self.waiting) {
                self.groups.pop();
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let (lines, rows) = (
            std::mem::take(&mut self.lines),
            std::mem::take(&mut self.waiting),
        );
        let mut columns: Vec<StringChunkedBuilder> = self
            .headers
            .iter()
            .map(|header| StringChunkedBuilder::new(header.as_str().into(), rows))
            .collect();
        for line in lines.lines() {
            for (column, text) in columns
                .iter_mut()
                .zip(line.split(',').skip(usize::from(self.serial)))
            {
                column.append_option((!text.is_empty()).then_some(text));
            }
        }
        drop(lines);
        let columns = columns
            .into_iter()
            .map(|column| column.finish().into_series().into_column())
            .collect();
        Ok(self.file.write_batch(&DataFrame::new(rows, columns)?)?)
    }

    fn finish(mut self, layout: &Layout, total: Option<&str>) -> Result<()> {
        if let Some(total) = total {
            self.take(&format!("{total}\n"))?;
        }
        assert!(
            self.waiting == 0 && self.groups.is_empty(),
            "as many rows as were counted: {}",
            layout.stem
        );
        self.file.finish()?;
        Ok(())
    }
}

/// Rows of the row groups of a file, the first one last: as many groups of `group` rows as are full, and what is left
/// over shared among them, as polars divides a table that it has whole.
fn row_groups(rows: usize, group: usize) -> Vec<usize> {
    if rows == 0 {
        return Vec::new();
    }
    let groups = (rows / group).max(1);
    let each = rows / groups;
    let mut sizes = vec![each; groups];
    sizes[0] = rows - each * (groups - 1);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_hold_every_row_once_and_are_never_twice_as_large_as_asked_for() {
        for rows in [1, 99, 100, 101, 199, 200, 299, 1000, 1099] {
            let sizes = row_groups(rows, 100);
            assert_eq!(sizes.iter().sum::<usize>(), rows);
            assert!(
                sizes.iter().all(|size| (1..200).contains(size)),
                "{rows}: {sizes:?}"
            );
        }
        assert!(row_groups(0, 100).is_empty());
        assert_eq!(row_groups(1050, 100), [105; 10]);
        assert_eq!(row_groups(305, 100), [103, 101, 101]);
    }
}
