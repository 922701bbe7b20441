//! xls: the workbook stream of an OLE file, walked record by record.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};
use cfb::CompoundFile;

use super::biff::{self, CutOff, Letters, Parts, Record, Records, Shown, Text};
use super::book::Trouble;
use super::cell;
use super::held::{self, Held};
use super::lines::Hidden;
use super::xlsx;
use crate::domain::{Fault, Refusal};

/// Largest xls file that is read. It is held whole; thirty full sheets (65,536 rows × 40 columns) take about as much, and
/// who has more rows than that has xlsx.
const MOST_BYTES: usize = 512 << 20;

/// Excel's own columns in an xls sheet: hidden "up to the last one" means up to here.
const COLUMNS: u16 = 256;

/// Reads the worksheets of an xls file. Charts, macro sheets and dialogs are none.
pub(super) fn open(file: &str, bytes: &[u8]) -> Result<Held, Trouble> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::TooLarge { file: file.to_owned(), limit: MOST_BYTES as u64 }.into());
    }
    let stream = workbook_stream(file, bytes)?;
    let globals = globals(file, &stream)?;
    let mut held = Held::new(file);
    let mut walked = 0_usize;
    for sheet in globals.sheets.iter().filter(|sheet| sheet.is_worksheet) {
        held.begin(sheet.name.clone());
        let walk = Walk { file, sheet, globals: &globals, stream: &stream };
        walked = walked.saturating_add(walk.cells(&mut held)?);
        // A million names for one sheet would be walked a million times.
        if walked > stream.len() {
            return Err(walk.broken("it lies inside another sheet"));
        }
    }
    Ok(held)
}

fn broken(file: &str, sheet: &str, reason: impl Into<String>) -> Trouble {
    Trouble::Broken(Fault::BrokenWorkbook { file: file.to_owned(), sheet: sheet.to_owned(), reason: reason.into() })
}

/// The stream that holds the workbook. Other programs keep other things in files of this kind.
fn workbook_stream(file: &str, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mut ole = CompoundFile::open(Cursor::new(bytes)).map_err(|e| broken(file, "", e.to_string()))?;
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| ole.is_stream(name)) else {
        let other = [("/WordDocument", "doc"), ("/PowerPoint Document", "ppt"), ("/EncryptedPackage", "")];
        return Err(match other.iter().find(|(name, _)| ole.is_stream(name)) {
            Some((_, "")) => Refusal::Password { file: file.to_owned() }.into(),
            Some((_, kind)) => Refusal::WrongKind { file: file.to_owned(), found: (*kind).to_owned() }.into(),
            None => Refusal::WrongKind { file: file.to_owned(), found: "OLE".to_owned() }.into(),
        });
    };
    let mut stream = Vec::new();
    let read = ole.open_stream(name).and_then(|mut content| content.read_to_end(&mut stream));
    read.map_err(|e| broken(file, "", e.to_string()))?;
    Ok(stream)
}

/// What the workbook says before its sheets.
struct Globals {
    letters: Letters,
    since_1904: bool,
    /// Shared texts; `None` where the bytes are no text.
    texts: Vec<Option<String>>,
    /// What the format of every cell style makes of a number.
    shown: Vec<Shown>,
    sheets: Vec<BoundSheet>,
}

/// A sheet as the workbook lists it.
struct BoundSheet {
    name: String,
    at: usize,
    is_hidden: bool,
    is_worksheet: bool,
}

fn globals(file: &str, stream: &[u8]) -> Result<Globals, Trouble> {
    let cut = |CutOff(at): CutOff| broken(file, "", format!("cut off at byte {at}"));
    let mut globals =
        Globals { letters: Letters::Wide, since_1904: false, texts: Vec::new(), shown: Vec::new(), sheets: Vec::new() };
    let mut page = encoding_rs::WINDOWS_1252;
    let (mut codes, mut styles): (HashMap<u16, Shown>, Vec<u16>) = Default::default();
    let mut records = Records::new(stream, 0);
    while let Some(record) = records.next().map_err(cut)? {
        let Record { kind, data, .. } = record;
        match kind {
            BOF if biff::u16_at(data, 0).is_some_and(|version| version != 0x0600) => globals.letters = Letters::Page(page),
            FILEPASS => return Err(Refusal::Password { file: file.to_owned() }.into()),
            CODEPAGE => {
                if let Some(known) = biff::u16_at(data, 0).and_then(biff::code_page) {
                    page = known;
                }
                if let Letters::Page(encoding) = &mut globals.letters {
                    *encoding = page;
                }
            }
            DATEMODE => globals.since_1904 = biff::u16_at(data, 0) == Some(1),
            FORMAT => codes.extend(format(data, globals.letters)),
            XF => styles.extend(biff::u16_at(data, 2)),
            BOUNDSHEET => {
                let sheet = bound_sheet(data, globals.letters);
                globals.sheets.push(sheet.ok_or_else(|| broken(file, "", "a sheet without a name"))?);
            }
            SST => globals.texts = shared_texts(file, records.continued(data).map_err(cut)?)?,
            EOF => break,
            _ => {}
        }
    }
    let of_style = |style: &u16| codes.get(style).copied().unwrap_or_else(|| biff::built_in(*style));
    globals.shown = styles.iter().map(of_style).collect();
    Ok(globals)
}

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const FILEPASS: u16 = 0x002f;
const CODEPAGE: u16 = 0x0042;
const DATEMODE: u16 = 0x0022;
const FORMAT: u16 = 0x041e;
const XF: u16 = 0x00e0;
const BOUNDSHEET: u16 = 0x0085;
const SST: u16 = 0x00fc;
const NUMBER: u16 = 0x0203;
const RK: u16 = 0x027e;
const MULRK: u16 = 0x00bd;
const LABELSST: u16 = 0x00fd;
const LABEL: u16 = 0x0204;
const RSTRING: u16 = 0x00d6;
const BOOLERR: u16 = 0x0205;
const FORMULA: u16 = 0x0006;
const STRING: u16 = 0x0207;
const ROW: u16 = 0x0208;
const COLINFO: u16 = 0x007d;

fn format(data: &[u8], letters: Letters) -> Option<(u16, Shown)> {
    let id = biff::u16_at(data, 0)?;
    let length_bytes = if matches!(letters, Letters::Wide) { 2 } else { 1 };
    match Parts::new(vec![data.get(2..)?]).text(length_bytes, letters) {
        Text::Is(code) => Some((id, biff::shown(&code))),
        Text::Undecodable | Text::Cut => None,
    }
}

fn bound_sheet(data: &[u8], letters: Letters) -> Option<BoundSheet> {
    let name = match Parts::new(vec![data.get(6..)?]).text(1, letters) {
        Text::Is(name) => name.chars().filter(|c| *c != '\0').collect(),
        Text::Undecodable | Text::Cut => return None,
    };
    // Six bytes were there, or no name had been found behind them.
    Some(BoundSheet { name, at: biff::u32_at(data, 0)? as usize, is_hidden: data[4] & 3 != 0, is_worksheet: data[5] == 0 })
}

/// The texts that cells share. Their stated number is not believed: they are read until they end.
fn shared_texts(file: &str, mut parts: Vec<&[u8]>) -> Result<Vec<Option<String>>, Trouble> {
    let cut = || broken(file, "", "the shared texts are cut off");
    parts[0] = parts[0].get(8..).ok_or_else(cut)?;
    let mut parts = Parts::new(parts);
    let mut texts = Vec::new();
    while !parts.ended() {
        texts.push(match parts.text(2, Letters::Wide) {
            Text::Is(text) => Some(text),
            Text::Undecodable => None,
            Text::Cut => return Err(cut()),
        });
    }
    Ok(texts)
}

/// The walk over one worksheet.
struct Walk<'a> {
    file: &'a str,
    sheet: &'a BoundSheet,
    globals: &'a Globals,
    stream: &'a [u8],
}

impl Walk<'_> {
    /// Every cell of the sheet, and what it keeps out of sight. Gives how many bytes the sheet takes.
    fn cells(&self, held: &mut Held) -> Result<usize, Trouble> {
        let cut = |CutOff(at): CutOff| self.broken(format!("cut off at byte {at}"));
        if self.sheet.at >= self.stream.len() {
            return Err(self.broken("it lies behind the end of the file"));
        }
        held.hide().sheet = self.sheet.is_hidden;
        let mut records = Records::new(self.stream, self.sheet.at);
        // Charts inside a sheet are streams of their own, with cells of their own.
        let (mut depth, mut formula) = (0_usize, None);
        while let Some(record) = records.next().map_err(cut)? {
            match record.kind {
                BOF => depth += 1,
                EOF if depth <= 1 => return Ok(record.at - self.sheet.at),
                EOF => depth -= 1,
                _ if depth > 1 => {}
                STRING => {
                    let parts = records.continued(record.data).map_err(cut)?;
                    if let Some((row, column)) = formula.take() {
                        self.put_text(held, row, column, Parts::new(parts))?;
                    }
                }
                LABEL | RSTRING => {
                    let (row, column) = self.place(&record)?;
                    let mut parts = records.continued(record.data).map_err(cut)?;
                    parts[0] = parts[0].get(6..).unwrap_or(&[]);
                    self.put_text(held, row, column, Parts::new(parts))?;
                }
                FORMULA => formula = self.formula(held, &record)?,
                ROW | COLINFO => hide(held.hide(), record.kind, record.data),
                _ => self.plain(held, &record)?,
            }
        }
        // A stream that was cut between two records has lost its end.
        Err(self.broken("it has no end"))
    }

    fn broken(&self, reason: impl Into<String>) -> Trouble {
        broken(self.file, &self.sheet.name, reason)
    }

    fn short(&self, record: &Record<'_>) -> Trouble {
        self.broken(format!("the record at byte {} is too short", record.at))
    }

    /// Where a cell stands: the first four bytes of every cell's record.
    fn place(&self, record: &Record<'_>) -> Result<(u32, u32), Trouble> {
        let place = biff::u16_at(record.data, 0).zip(biff::u16_at(record.data, 2));
        place.map(|(row, column)| (row.into(), column.into())).ok_or_else(|| self.short(record))
    }

    /// A record that is a cell, or cells, by itself; what is none is passed over.
    fn plain(&self, held: &mut Held, record: &Record<'_>) -> Result<(), Trouble> {
        let (kind, data) = (record.kind, record.data);
        if !matches!(kind, NUMBER | RK | MULRK | LABELSST | BOOLERR) {
            return Ok(());
        }
        let (row, column) = self.place(record)?;
        let short = || self.short(record);
        let style = || biff::u16_at(data, 4).ok_or_else(short);
        match kind {
            NUMBER => held.put(row, column, &self.number(biff::f64_at(data, 6).ok_or_else(short)?, style()?)),
            RK => held.put(row, column, &self.number(biff::rk(biff::u32_at(data, 6).ok_or_else(short)?), style()?)),
            LABELSST => self.put_shared(held, row, column, biff::u32_at(data, 6).ok_or_else(short)?),
            BOOLERR => {
                let (value, is_error) = data.get(6).zip(data.get(7)).ok_or_else(short)?;
                held.put(row, column, &truth_or_error(*value, *is_error != 0))
            }
            _ => {
                // Many numbers of one row: style and packed number each, the last column behind them.
                let packed = data.get(4..data.len().saturating_sub(2)).ok_or_else(short)?;
                for (column, one) in (column..).zip(packed.as_chunks::<6>().0) {
                    let (style, packed) = biff::u16_at(one, 0).zip(biff::u32_at(one, 2)).ok_or_else(short)?;
                    held.put(row, column, &self.number(biff::rk(packed), style))?;
                }
                Ok(())
            }
        }
    }

    /// A formula's value. A text stands in the record behind: its place is given back.
    fn formula(&self, held: &mut Held, record: &Record<'_>) -> Result<Option<(u32, u32)>, Trouble> {
        let (row, column) = self.place(record)?;
        let value = record.data.get(6..14).ok_or_else(|| self.short(record))?;
        if value[6..] != [0xff, 0xff] {
            let style = biff::u16_at(record.data, 4).ok_or_else(|| self.short(record))?;
            let number = biff::f64_at(value, 0).ok_or_else(|| self.short(record))?;
            held.put(row, column, &self.number(number, style))?;
            return Ok(None);
        }
        match value[0] {
            0 => return Ok(Some((row, column))),
            1 => held.put(row, column, &truth_or_error(value[2], false))?,
            2 => held.put(row, column, &truth_or_error(value[2], true))?,
            _ => {}
        }
        Ok(None)
    }

    fn put_shared(&self, held: &mut Held, row: u32, column: u32, at: u32) -> Result<(), Trouble> {
        match self.globals.texts.get(at as usize) {
            Some(Some(text)) => held.put(row, column, text),
            Some(None) => Err(self.undecodable(row)),
            None => Err(self.broken(format!("row {} names a text that the file does not hold", row + 1))),
        }
    }

    fn put_text(&self, held: &mut Held, row: u32, column: u32, mut parts: Parts<'_>) -> Result<(), Trouble> {
        match parts.text(2, self.globals.letters) {
            Text::Is(text) => held.put(row, column, &text),
            Text::Undecodable => Err(self.undecodable(row)),
            // Some writers leave an empty text out altogether.
            Text::Cut if parts.ended() => Ok(()),
            Text::Cut => Err(self.broken(format!("a text in row {} is cut off", row + 1))),
        }
    }

    fn undecodable(&self, row: u32) -> Trouble {
        Refusal::Undecodable { file: self.file.to_owned(), row: row + 1 }.into()
    }

    fn number(&self, value: f64, style: u16) -> String {
        let kind = match self.globals.shown.get(usize::from(style)) {
            Some(Shown::Day) => ExcelDateTimeType::DateTime,
            Some(Shown::Duration) => ExcelDateTimeType::TimeDelta,
            Some(Shown::Number) | None => return cell::number(value),
        };
        xlsx::date(&ExcelDateTime::new(value, kind, self.globals.since_1904))
    }
}

fn truth_or_error(value: u8, is_error: bool) -> String {
    if !is_error {
        return if value != 0 { "TRUE" } else { "FALSE" }.to_owned();
    }
    let error = match value {
        0x00 => CellErrorType::Null,
        0x07 => CellErrorType::Div0,
        0x0f => CellErrorType::Value,
        0x17 => CellErrorType::Ref,
        0x1d => CellErrorType::Name,
        0x24 => CellErrorType::Num,
        0x2b => CellErrorType::GettingData,
        _ => CellErrorType::NA,
    };
    error.to_string()
}

/// What ROW and COLINFO say is out of sight: rows without height, columns marked so.
fn hide(hidden: &mut Hidden, kind: u16, data: &[u8]) {
    match kind {
        ROW => {
            let marked = biff::u16_at(data, 12).is_some_and(|flags| flags & 0x20 != 0);
            if let Some(row) = biff::u16_at(data, 0).filter(|_| marked) {
                held::widen(&mut hidden.rows, u32::from(row) + 1, u32::from(row) + 1, |row| row + 1);
            }
        }
        _ => {
            let marked = biff::u16_at(data, 8).is_some_and(|flags| flags & 1 != 0);
            if let Some((first, last)) = biff::u16_at(data, 0).zip(biff::u16_at(data, 2)).filter(|_| marked) {
                let last = last.min(COLUMNS - 1);
                if first <= last {
                    held::widen(&mut hidden.columns, usize::from(first), usize::from(last), |column| column + 1);
                }
            }
        }
    }
}
