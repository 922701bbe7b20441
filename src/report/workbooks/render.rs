//! The one place that knows how a sheet looks: sheets → the bytes of an xlsx file.
//!
//! A4, one page wide, head repeated on every page, page x of y; 宋体 for figures, 仿宋 for the lines around them.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    FormatUnderline, IgnoreError, Url, Workbook, Worksheet,
};
use unicode_width::UnicodeWidthStr;

use crate::domain::Ratio;
use crate::domain::period::epoch_day;
use crate::report::Sink;
use crate::report::sheet::{Cell, Kind, Paper, PrintedColumn, PrintedSheet, Row, RowKind};
use crate::words::Lang;
use crate::words::tables::{Text, page_footer};

/// From this many rows on a sheet is written row by row to a scratch file instead of being held.
const LONG: usize = 2_000;
/// Of 1 to 9: beyond it, lists grow little smaller for much more time.
const COMPRESSION: u8 = 3;
/// Excel's own bound on a cell; nobody reads so far.
const LONGEST_TEXT: usize = 2_000;
const TITLE_FONT: &str = "宋体";
const BODY_FONT: &str = "宋体";
const NOTE_FONT: &str = "仿宋";
const BODY_SIZE: f64 = 10.5;
/// What a spreadsheet calls 1970-01-01.
const SERIAL_OF_1970: i32 = 25_569;
/// Height of one printed line of the body, in points.
const LINE: f64 = 15.0;

/// Writes a workbook. Sheets are made one after the other and dropped once written, so that the longest
/// of them, not all, stand in memory. Its time of creation is the as-of date: the same sheets give the same bytes.
pub(super) fn workbook(
    sheets: impl Iterator<Item = PrintedSheet>,
    as_of: NaiveDate,
    lang: Lang,
    sink: Sink<'_>,
) -> anyhow::Result<()> {
    let mut book = Workbook::new();
    book.set_zip_compression_level(COMPRESSION);
    let created = ExcelDateTime::from_ymd(
        u16::try_from(as_of.year())?,
        as_of.month() as u8,
        as_of.day() as u8,
    )?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let mut looks = Looks::default();
    for sheet in sheets {
        sheet.assert_totals();
        let page = if sheet.rows.len() > LONG {
            book.add_worksheet_with_constant_memory()?
        } else {
            book.add_worksheet()
        };
        Page {
            page,
            sheet: &sheet,
            looks: &mut looks,
            lang,
            at: 0,
            lent: Vec::new(),
        }
        .write()?;
    }
    Ok(book.save_to_writer(sink)?)
}

/// What a cell's format depends on, beside the kind of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Class {
    Title,
    Head,
    Left,
    Right,
    Note,
    Text,
    Centred,
    Ordinal,
    Count,
    Yuan,
    Date,
    /// With this many decimals.
    Percent(u32),
    Link,
    Fill,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Tone {
    Plain,
    Good,
    Bad,
}

/// Formats made so far: there are few, and making one a cell would be most of the time.
#[derive(Default)]
struct Looks(HashMap<(Class, RowKind, Tone), Format>);

impl Looks {
    fn of(&mut self, class: Class, row: RowKind, tone: Tone) -> &Format {
        self.0
            .entry((class, row, tone))
            .or_insert_with(|| look(class, row, tone))
    }
}

fn look(class: Class, row: RowKind, tone: Tone) -> Format {
    let base = Format::new()
        .set_font_name(BODY_FONT)
        .set_font_size(BODY_SIZE)
        .set_align(FormatAlign::VerticalCenter);
    let framed = base.clone().set_border(FormatBorder::Thin).set_text_wrap();
    let note = base.clone().set_font_name(NOTE_FONT).set_text_wrap();
    let mut look = match class {
        Class::Title => base
            .set_font_name(TITLE_FONT)
            .set_font_size(18)
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_text_wrap(),
        Class::Head => framed
            .set_bold()
            .set_align(FormatAlign::Center)
            .set_background_color(Color::RGB(0xD9E2F3)),
        Class::Left => note.set_align(FormatAlign::Left),
        Class::Right => note.set_align(FormatAlign::Right),
        Class::Note => note
            .set_align(FormatAlign::Left)
            .set_align(FormatAlign::Top),
        Class::Text => framed.set_align(FormatAlign::Left).set_num_format("@"),
        Class::Centred => framed.set_align(FormatAlign::Center).set_num_format("@"),
        Class::Ordinal => framed.set_align(FormatAlign::Center).set_num_format("0"),
        Class::Count => framed.set_align(FormatAlign::Right).set_num_format("#,##0"),
        Class::Yuan => framed
            .set_align(FormatAlign::Right)
            .set_num_format("#,##0.00"),
        Class::Date => framed
            .set_align(FormatAlign::Center)
            .set_num_format("yyyy-mm-dd"),
        Class::Percent(0) => framed.set_align(FormatAlign::Right).set_num_format("0%"),
        Class::Percent(places) => framed
            .set_align(FormatAlign::Right)
            .set_num_format(format!("0.{}%", "0".repeat(places as usize))),
        Class::Link => framed
            .set_align(FormatAlign::Left)
            .set_font_color(Color::RGB(0x0563C1))
            .set_underline(FormatUnderline::Single),
        Class::Fill => framed
            .set_align(FormatAlign::Left)
            .set_num_format("@")
            .set_background_color(Color::RGB(0xFFFBE6)),
    };
    look = match row {
        RowKind::Total | RowKind::Subtotal => {
            look.set_bold().set_background_color(Color::RGB(0xFFF2CC))
        }
        RowKind::Whole => look.set_bold().set_background_color(Color::RGB(0xEDEDED)),
        RowKind::Group => look
            .set_bold()
            .set_background_color(Color::RGB(0xE2EFDA))
            .set_align(FormatAlign::Left),
        RowKind::Nothing => look.set_align(FormatAlign::Center),
        RowKind::Item => look,
    };
    match tone {
        Tone::Plain => look,
        Tone::Good => look.set_font_color(Color::RGB(0x00702E)),
        Tone::Bad => look.set_font_color(Color::RGB(0xC00000)).set_bold(),
    }
}

struct Page<'a> {
    page: &'a mut Worksheet,
    sheet: &'a PrintedSheet,
    looks: &'a mut Looks,
    lang: Lang,
    /// Next row to write, from 0.
    at: u32,
    /// The look that each column lends to the cells of a long list while they are written.
    lent: Vec<Class>,
}

impl Page<'_> {
    fn write(mut self) -> anyhow::Result<()> {
        let widths = self.widths();
        self.set_up(&widths)?;
        self.above(&widths)?;
        let head = self.at;
        self.head(&widths)?;
        let first = self.at;
        // A row goes to its file when the next one begins: the notes below must push out the last of the list.
        let lends = self.sheet.rows.len() > LONG && !self.sheet.notes.is_empty();
        if lends {
            self.lend()?;
        }
        for row in &self.sheet.rows {
            self.row(row, &widths)?;
        }
        self.around(head, first)?;
        self.below(&widths)?;
        if lends { self.take_back() } else { Ok(()) }
    }

    /// Gives columns the look that most of their cells have. A cell without a look of its own takes its column's for the price
    /// of a number; to find its own is to hash the whole format, which took a fifth of the time of a long list.
    fn lend(&mut self) -> anyhow::Result<()> {
        self.lent = self
            .sheet
            .columns
            .iter()
            .map(|column| usual(column.kind))
            .collect();
        for (at, class) in (0u16..).zip(&self.lent) {
            self.page
                .set_column_format(at, self.looks.of(*class, RowKind::Item, Tone::Plain))?;
        }
        Ok(())
    }

    /// Below its list a column has no look.
    fn take_back(&mut self) -> anyhow::Result<()> {
        for (at, _) in (0u16..).zip(&self.lent) {
            self.page.set_column_format(at, &Format::default())?;
        }
        Ok(())
    }

    fn last_column(&self) -> u16 {
        // A sheet has a handful of columns; Excel itself stops at 16,384.
        self.sheet.columns.len() as u16 - 1
    }

    /// Width of every column in characters of the default font: the widest cell or head that it must show on one line.
    fn widths(&self) -> Vec<f64> {
        let columns = &self.sheet.columns;
        let mut widths: Vec<usize> = columns.iter().map(head_width).collect();
        for row in self
            .sheet
            .rows
            .iter()
            .filter(|row| !matches!(row.kind, RowKind::Group | RowKind::Nothing))
        {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(self.cell_width(cell));
            }
        }
        // Digits and letters of 宋体 are a little wider than those of the default font; two more for the cell's edges.
        widths
            .iter()
            .zip(columns)
            .map(|(&width, column)| (width.min(usize::from(column.widest)) as f64) * 1.06 + 2.0)
            .collect()
    }

    fn cell_width(&self, cell: &Cell) -> usize {
        match cell {
            Cell::Blank => 0,
            Cell::Dash => 4,
            Cell::Text(text) | Cell::Link { text, .. } => text.width(),
            Cell::Ordinal(n) => digits(*n),
            Cell::Count(n) => grouped(digits(*n)),
            Cell::Yuan(fen) => {
                grouped(digits((fen / 100).unsigned_abs()) + usize::from(*fen <= -100)) + 3
            }
            Cell::Date(_) => 10,
            Cell::Percent { .. } => printed_percent(cell).len() + 1,
            Cell::Mark(met) => mark(*met, self.lang).width(),
        }
    }

    fn set_up(&mut self, widths: &[f64]) -> anyhow::Result<()> {
        let sheet = self.sheet;
        self.page.set_name(&sheet.name)?;
        // 8 and 9 are the format's own numbers for A3 and A4.
        match sheet.paper {
            Paper::Landscape => self.page.set_landscape().set_paper_size(9),
            Paper::Portrait => self.page.set_portrait().set_paper_size(9),
            Paper::Large => self.page.set_landscape().set_paper_size(8),
        };
        self.page.set_print_fit_to_pages(1, 0);
        self.page.set_print_center_horizontally(true);
        self.page.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
        self.page.set_footer(page_footer(self.lang));
        for (at, width) in (0u16..).zip(widths) {
            self.page.set_column_width(at, *width)?;
        }
        Ok(())
    }

    /// Titles, what to do, and the line under them.
    fn above(&mut self, widths: &[f64]) -> anyhow::Result<()> {
        let last = self.last_column();
        let across: f64 = widths.iter().sum();
        for title in &self.sheet.titles {
            // 18-point letters are 1.7 times as wide as those the widths are counted in.
            let lines = lines(title.width() as f64 * 1.8, across);
            self.across((0, last), title, Band::of(Class::Title, 28.0 * lines))?;
        }
        if !self.sheet.advice.is_empty() {
            let advice = &self.sheet.advice;
            let height = LINE * lines(advice.width() as f64 * 1.06, across - 1.0) + 4.0;
            self.across((0, last), advice, Band::of(Class::Left, height))?;
        }
        let (left, right) = (&self.sheet.left, &self.sheet.right);
        if left.is_empty() && right.is_empty() {
            return Ok(());
        }
        // The left line takes the columns that hold it, the right one the rest.
        let mut split = 0usize;
        let mut room = 0.0;
        let share =
            across * (left.width() as f64 + 1.0) / (left.width() + right.width() + 2) as f64;
        while split < usize::from(last) && (room < share || split == 0) {
            room += widths[split];
            split += 1;
        }
        if last == 0 || right.is_empty() {
            split = usize::from(last) + 1;
        }
        let height = LINE
            * lines(left.width() as f64 * 1.06, widths[..split].iter().sum()).max(lines(
                right.width() as f64 * 1.06,
                widths[split..].iter().sum(),
            ));
        let at = self.at;
        self.across((0, split as u16 - 1), left, Band::of(Class::Left, height))?;
        if split <= usize::from(last) {
            self.at = at;
            self.across((split as u16, last), right, Band::of(Class::Right, height))?;
        }
        Ok(())
    }

    /// One text over several columns; moves on to the next row.
    fn across(&mut self, columns: (u16, u16), text: &str, band: Band) -> anyhow::Result<()> {
        let (first, last) = columns;
        let look = self.looks.of(band.class, band.row, Tone::Plain);
        if first == last {
            self.page
                .write_string_with_format(self.at, first, text, look)?;
        } else {
            self.page
                .merge_range(self.at, first, self.at, last, text, look)?;
        }
        self.page.set_row_height(self.at, band.height.min(400.0))?;
        self.at += 1;
        Ok(())
    }

    fn head(&mut self, widths: &[f64]) -> anyhow::Result<()> {
        let look = self.looks.of(Class::Head, RowKind::Item, Tone::Plain);
        let mut most = 1.0_f64;
        for ((at, column), width) in (0u16..).zip(&self.sheet.columns).zip(widths) {
            self.page
                .write_string_with_format(self.at, at, &column.head, look)?;
            most = most.max(
                column
                    .head
                    .split('\n')
                    .map(|line| lines(line.width() as f64 * 1.1, width - 1.0))
                    .sum(),
            );
        }
        self.page.set_row_height(self.at, LINE * most + 6.0)?;
        self.at += 1;
        Ok(())
    }

    fn row(&mut self, row: &Row, widths: &[f64]) -> anyhow::Result<()> {
        if matches!(row.kind, RowKind::Group | RowKind::Nothing) {
            let Cell::Text(text) = &row.cells[0] else {
                anyhow::bail!("a head of rows is words")
            };
            let band = Band {
                row: row.kind,
                ..Band::of(Class::Text, LINE + self.air())
            };
            return self.across((0, self.last_column()), text, band);
        }
        let mut most = 1.0_f64;
        for (((at, cell), column), width) in (0u16..)
            .zip(&row.cells)
            .zip(&self.sheet.columns)
            .zip(widths)
        {
            // Bytes are at least as many as half-width characters: most cells are seen to fit without measuring them.
            if let Cell::Text(text) | Cell::Link { text, .. } = cell
                && text.len() as f64 > *width - 2.0
            {
                let wrapped = |line: &str| lines(line.width() as f64 * 1.06, width - 1.5);
                most = most.max(text.split('\n').map(wrapped).sum());
            }
            self.cell(at, cell, column, row.kind)?;
        }
        // Set, not left to the program that opens it: Excel measures wrapped rows, WPS and printers do not always.
        self.page
            .set_row_height(self.at, (LINE * most + self.air()).min(400.0))?;
        self.at += 1;
        Ok(())
    }

    /// Room above and below the words of a row: tables to read have some, lists to search have little.
    fn air(&self) -> f64 {
        match (self.sheet.filter, self.sheet.paper) {
            (true, _) => 2.0,
            (false, Paper::Portrait) => 7.0,
            (false, _) => 5.0,
        }
    }

    fn cell(
        &mut self,
        at: u16,
        cell: &Cell,
        column: &PrintedColumn,
        row: RowKind,
    ) -> anyhow::Result<()> {
        let (class, tone) = class(cell, column.kind, row);
        let lent = self.lent.get(usize::from(at)) == Some(&class)
            && row == RowKind::Item
            && tone == Tone::Plain;
        // What has nothing in it is there for its look alone.
        let look = if lent && !cell.is_empty() {
            None
        } else {
            Some(self.looks.of(class, row, tone))
        };
        let mut put = Put {
            page: self.page,
            row: self.at,
            column: at,
            look,
        };
        match cell {
            Cell::Blank => put.text(""),
            Cell::Dash => put.text("——"),
            Cell::Text(text) => put.text(&bounded(text)),
            // Counts stay far below 2^53 and money in yuan with two decimals far below 10^13: exact as printed.
            Cell::Ordinal(n) | Cell::Count(n) => put.number(*n as f64),
            Cell::Yuan(fen) => put.number(*fen as f64 / 100.0),
            Cell::Date(day) => put.number(f64::from(epoch_day(*day) + SERIAL_OF_1970)),
            Cell::Percent { rate, .. } => put.number(rate.count as f64 / rate.of as f64),
            Cell::Mark(met) => put.text(mark(*met, self.lang)),
            Cell::Link { text, sheet } => put.link(&bounded(text), sheet),
        }
    }

    /// What hangs on the table as a whole: frozen and repeated head, filters, words to choose from.
    fn around(&mut self, head: u32, first: u32) -> anyhow::Result<()> {
        let (end, last) = (self.at, self.last_column());
        self.page.set_freeze_panes(first, self.sheet.frozen)?;
        self.page.set_repeat_rows(head, head)?;
        if end == first {
            return Ok(());
        }
        if self.sheet.filter && self.sheet.rows.iter().any(|row| row.kind == RowKind::Item) {
            let items = self
                .sheet
                .rows
                .iter()
                .rposition(|row| row.kind == RowKind::Item)
                .map_or(0, |at| at as u32);
            self.page.autofilter(head, 0, first + items, last)?;
        }
        for (at, column) in (0u16..).zip(&self.sheet.columns) {
            if !column.choices.is_empty() {
                let rule = choices(column, self.lang)?;
                self.page
                    .add_data_validation(first, at, end - 1, at, &rule)?;
            }
            if matches!(column.kind, Kind::Id | Kind::Centred | Kind::Text) {
                self.page.ignore_error_range(
                    first,
                    at,
                    end - 1,
                    at,
                    IgnoreError::NumberStoredAsText,
                )?;
            }
        }
        Ok(())
    }

    /// Notes and signatures.
    fn below(&mut self, widths: &[f64]) -> anyhow::Result<()> {
        let last = self.last_column();
        let across: f64 = widths.iter().sum();
        for note in &self.sheet.notes {
            let height = LINE * lines(note.width() as f64 * 1.06, across - 1.0);
            self.across((0, last), note, Band::of(Class::Note, height))?;
        }
        if !self.sheet.signature.is_empty() {
            self.at += 1;
            let signature = Band::of(Class::Left, 24.0);
            self.across((0, last), &self.sheet.signature, signature)?;
        }
        Ok(())
    }
}

/// A text over several columns: its class, the row it stands for, how high it is.
#[derive(Clone, Copy)]
struct Band {
    class: Class,
    row: RowKind,
    height: f64,
}

impl Band {
    /// Beside the table, as an item's words look.
    const fn of(class: Class, height: f64) -> Band {
        Band {
            class,
            row: RowKind::Item,
            height,
        }
    }
}

/// The words of a column that a clerk chooses from.
fn choices(column: &PrintedColumn, lang: Lang) -> anyhow::Result<DataValidation> {
    Ok(DataValidation::new()
        .allow_list_strings(&column.choices)?
        .set_error_title(Text::ChooseTitle.text(lang))?
        .set_error_message(Text::ChooseMessage.text(lang))?)
}

/// One cell to be written; without a look of its own it takes its column's.
struct Put<'p> {
    page: &'p mut Worksheet,
    row: u32,
    column: u16,
    look: Option<&'p Format>,
}

impl Put<'_> {
    fn text(&mut self, text: &str) -> anyhow::Result<()> {
        match self.look {
            Some(look) => self
                .page
                .write_string_with_format(self.row, self.column, text, look)?,
            None => self.page.write_string(self.row, self.column, text)?,
        };
        Ok(())
    }

    fn number(&mut self, number: f64) -> anyhow::Result<()> {
        match self.look {
            Some(look) => {
                self.page
                    .write_number_with_format(self.row, self.column, number, look)?
            }
            None => self.page.write_number(self.row, self.column, number)?,
        };
        Ok(())
    }

    fn link(&mut self, text: &str, sheet: &str) -> anyhow::Result<()> {
        let link = Url::new(format!("internal:'{}'!A1", sheet.replace('\'', "''"))).set_text(text);
        match self.look {
            Some(look) => self
                .page
                .write_url_with_format(self.row, self.column, link, look)?,
            None => self.page.write_url(self.row, self.column, link)?,
        };
        Ok(())
    }
}

/// What a cell looks like in a column of this kind and a row of that.
fn class(cell: &Cell, kind: Kind, row: RowKind) -> (Class, Tone) {
    let class = match cell {
        Cell::Blank | Cell::Text(_) if kind == Kind::Fill && row != RowKind::Item => Class::Centred,
        Cell::Blank | Cell::Text(_) => of_words(kind),
        Cell::Dash | Cell::Mark(_) => Class::Centred,
        Cell::Ordinal(_) => Class::Ordinal,
        Cell::Count(_) => Class::Count,
        Cell::Yuan(_) => Class::Yuan,
        Cell::Date(_) => Class::Date,
        Cell::Percent { .. } => Class::Percent(places(cell)),
        Cell::Link { .. } => Class::Link,
    };
    let tone = match cell {
        Cell::Percent { met, .. } => tone(*met),
        Cell::Mark(met) => tone(Some(*met)),
        Cell::Blank
        | Cell::Dash
        | Cell::Text(_)
        | Cell::Ordinal(_)
        | Cell::Count(_)
        | Cell::Yuan(_)
        | Cell::Date(_)
        | Cell::Link { .. } => Tone::Plain,
    };
    (class, tone)
}

/// Words in a column of this kind.
fn of_words(kind: Kind) -> Class {
    match kind {
        Kind::Text => Class::Text,
        Kind::Fill => Class::Fill,
        Kind::Centred | Kind::Id | Kind::Count | Kind::Percent | Kind::Yuan | Kind::Date => {
            Class::Centred
        }
    }
}

/// What most cells of a column look like.
fn usual(kind: Kind) -> Class {
    match kind {
        Kind::Count => Class::Count,
        Kind::Yuan => Class::Yuan,
        Kind::Date => Class::Date,
        Kind::Text | Kind::Centred | Kind::Id | Kind::Percent | Kind::Fill => of_words(kind),
    }
}

fn mark(met: bool, lang: Lang) -> &'static str {
    if met {
        Text::Met.text(lang)
    } else {
        Text::Unmet.text(lang)
    }
}

/// Lines a text of this width takes in a column of that width.
fn lines(text: f64, column: f64) -> f64 {
    (text / column.max(1.0)).ceil().max(1.0)
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Digits with thousands separators between them.
fn grouped(digits: usize) -> usize {
    digits + digits.saturating_sub(1) / 3
}

/// What a head needs: long ones break into two or three lines rather than widen a column of small figures.
fn head_width(column: &PrintedColumn) -> usize {
    let longest = column
        .head
        .split('\n')
        .map(UnicodeWidthStr::width)
        .max()
        .unwrap_or(0);
    let floor = match column.kind {
        Kind::Fill => usize::from(column.widest),
        Kind::Count | Kind::Percent | Kind::Centred | Kind::Yuan if longest > 8 => {
            longest.div_ceil(4).max(8)
        }
        Kind::Text
        | Kind::Id
        | Kind::Date
        | Kind::Count
        | Kind::Percent
        | Kind::Centred
        | Kind::Yuan => longest,
    };
    // An English word does not break.
    let word = column
        .head
        .split_whitespace()
        .filter(|word| word.is_ascii())
        .map(str::len)
        .max()
        .unwrap_or(0);
    floor.max(word)
}

fn bounded(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST_TEXT {
        text.into()
    } else {
        text.chars()
            .take(LONGEST_TEXT / 4)
            .chain("…".chars())
            .collect()
    }
}

fn tone(met: Option<bool>) -> Tone {
    match met {
        None => Tone::Plain,
        Some(true) => Tone::Good,
        Some(false) => Tone::Bad,
    }
}

/// A rate as it will be read: two decimals, more where it would otherwise print as a target that it misses.
pub(super) fn printed_percent(cell: &Cell) -> String {
    let Cell::Percent { rate, targets, .. } = cell else {
        return String::new();
    };
    let texts = targets
        .iter()
        .map(|target| rate.percent_against(2, *target));
    texts
        .max_by_key(String::len)
        .unwrap_or_else(|| Ratio::percent(*rate, 2))
}

fn places(cell: &Cell) -> u32 {
    printed_percent(cell)
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_one_person_short_prints_with_more_decimals_and_a_rate_reached_does_not() {
        let share = Ratio { count: 95, of: 100 };
        let printed = |count, of, targets| {
            printed_percent(&Cell::Percent {
                rate: Ratio { count, of },
                targets,
                met: None,
            })
        };
        // count, of, targets, printed
        for (count, of, targets, expected) in [
            (94_999, 100_000, vec![share], "94.999"),
            (95_000, 100_000, Vec::new(), "95.00"),
            (94_999, 100_000, Vec::new(), "95.00"),
            // 35,291 of 37,149 persons; 35,292 are needed, a hair over 95 %.
            (
                35_291,
                37_149,
                vec![
                    share,
                    Ratio {
                        count: 35_292,
                        of: 37_149,
                    },
                ],
                "94.999",
            ),
            (11_766, 10_000, vec![], "117.66"),
        ] {
            assert_eq!(printed(count, of, targets), expected, "{count}/{of}");
        }
    }

    /// Parts of a workbook by name.
    fn parts(sheet: PrintedSheet) -> impl FnMut(&str) -> String {
        let mut bytes = Vec::new();
        let as_of = NaiveDate::from_ymd_opt(2022, 3, 31).unwrap();
        workbook(std::iter::once(sheet), as_of, Lang::Zh, &mut bytes).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        move |part| std::io::read_to_string(archive.by_name(part).unwrap()).unwrap()
    }

    /// Everything between tags of this name inside an element, in order.
    fn inside<'x>(xml: &'x str, element: &str, tag: &str) -> Vec<&'x str> {
        let (_, rest) = xml.split_once(&format!("<{element}")).unwrap();
        let (own, _) = rest.split_once(&format!("</{element}>")).unwrap();
        own.split(&format!("<{tag}")).skip(1).collect()
    }

    fn attribute<'x>(tag: &'x str, name: &str) -> &'x str {
        tag.split_once(&format!(" {name}=\""))
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or("", |(value, _)| value)
    }

    /// What every cell of a row looks like, whatever numbers its looks have.
    fn looks_of_row(row: usize, sheet: PrintedSheet) -> Vec<String> {
        let mut part = parts(sheet);
        let (styles, cells) = (part("xl/styles.xml"), part("xl/worksheets/sheet1.xml"));
        assert!(
            !inside(&cells, "cols", "col")
                .iter()
                .any(|column| column.contains(" style=")),
            "an empty column has a look"
        );
        let look = |cell: &str| {
            let xf = format!(
                " {}",
                inside(&styles, "cellXfs", "xf ")
                    [attribute(cell, "s").parse::<usize>().unwrap_or(0)]
            );
            let part = |element, tag, id| {
                inside(&styles, element, tag)[attribute(&xf, id).parse::<usize>().unwrap()]
            };
            let number = attribute(&xf, "numFmtId");
            let own: Vec<String> = inside(&styles, "numFmts", "numFmt ")
                .into_iter()
                .map(|own| format!(" {own}"))
                .collect();
            let own = own.iter().find(|own| attribute(own, "numFmtId") == number);
            let number = own.map_or(number, |own| attribute(own, "formatCode"));
            let (_, alignment) = xf.split_once("<alignment").unwrap_or_default();
            let parts = [
                part("fonts", "font>", "fontId"),
                part("fills", "fill>", "fillId"),
                part("borders", "border>", "borderId"),
            ];
            [&parts[..], &[number, alignment]].concat().join(" ")
        };
        let row = inside(&cells, "sheetData", "row ")
            .into_iter()
            .nth(row)
            .unwrap();
        row.split("<c ")
            .skip(1)
            .map(|cell| look(&format!(" {cell}")))
            .collect()
    }

    #[test]
    fn a_cell_of_a_long_list_looks_like_that_of_a_short_one() {
        let kinds = [
            Kind::Text,
            Kind::Centred,
            Kind::Id,
            Kind::Count,
            Kind::Yuan,
            Kind::Date,
            Kind::Percent,
            Kind::Fill,
            Kind::Text,
        ];
        let day = NaiveDate::from_ymd_opt(2022, 3, 31).unwrap();
        let list = |rows: usize| PrintedSheet {
            name: "表".to_owned(),
            titles: Vec::new(),
            advice: String::new(),
            left: String::new(),
            right: String::new(),
            columns: kinds
                .iter()
                .map(|kind| PrintedColumn::new("列", *kind))
                .collect(),
            rows: (0..rows)
                .map(|_| Row {
                    kind: RowKind::Item,
                    cells: vec![
                        Cell::text("云湖桥镇"),
                        Cell::Ordinal(7),
                        Cell::text("110101199001011237"),
                        Cell::Count(3),
                        Cell::Yuan(32_000),
                        Cell::Date(day),
                        Cell::rate(1, 3),
                        Cell::Blank,
                        Cell::Text(String::new()),
                    ],
                })
                .collect(),
            notes: vec!["注".to_owned()],
            signature: String::new(),
            frozen: 0,
            filter: true,
            paper: Paper::Landscape,
        };
        let short = looks_of_row(1, list(LONG));
        assert_eq!(short.len(), kinds.len());
        assert!(
            short[4].contains("#,##0.00") && short[0].contains("left"),
            "{short:?}"
        );
        for row in [1, LONG, LONG + 1] {
            assert_eq!(looks_of_row(row, list(LONG + 1)), short, "row {row}");
        }
    }

    #[test]
    fn a_long_head_over_small_figures_breaks_instead_of_widening_the_column() {
        let column = PrintedColumn::new("等于：底册中本地参保人数", Kind::Count);
        assert!(head_width(&column) <= 12);
        assert_eq!(head_width(&PrintedColumn::new("未参保", Kind::Count)), 6);
        assert!(head_width(&PrintedColumn::new("elsewhere", Kind::Count)) >= 9);
    }
}
