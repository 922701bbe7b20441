//! xls: the workbook stream of an OLE file, walked record by record.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{Cursor, Read};

use calamine::CellErrorType;
use cfb::CompoundFile;
use encoding_rs::Encoding;

use crate::domain::fault::WrongContent;
use crate::domain::{Damage, Fault, Refusal};
use crate::intake::bounds::{self, MOST_SHEETS};
use crate::intake::guard::{Panicked, guarded};
use crate::intake::kind;
use crate::intake::lines::OutOfSight;
use crate::intake::office::Shown;
use crate::intake::old::biff::{self, BiffRecords, BiffText, Continued, CutOff, Letters, Record};
use crate::intake::sheets::held::Held;
use crate::intake::spans;
use crate::intake::trouble::Trouble;

/// Largest xls file that is read. It is held whole; thirty full sheets (65,536 rows × 40 columns) take about as much, and
/// who has more rows than that has xlsx.
const MOST_BYTES: usize = 512 << 20;

/// Excel's own columns in an xls sheet: hidden "up to the last one" means up to here.
const COLUMNS: u16 = 256;

/// Reads the worksheets of an xls file. Charts, macro sheets and dialogs are none.
pub(crate) fn open(file: &str, bytes: &[u8]) -> Result<Held, Trouble> {
    // What a file that ends too early seems to suffer from depends on where it ends.
    read(file, bytes).map_err(|trouble| match trouble {
        Trouble::Broken(Fault::BrokenWorkbook { damage, .. }) if is_truncated(bytes, damage) => {
            Trouble::Broken(Fault::Truncated {
                file: file.to_owned(),
            })
        }
        trouble => trouble,
    })
}

fn is_truncated(bytes: &[u8], damage: Damage) -> bool {
    if kind::is_bare_xls(bytes) {
        damage == Damage::CutOff
    } else {
        is_cut_off(&mended(bytes))
    }
}

fn read(file: &str, bytes: &[u8]) -> Result<Held, Trouble> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal::Content(WrongContent::TooLarge {
            file: file.to_owned(),
            limit: MOST_BYTES as u64,
        })
        .into());
    }
    let stream = if kind::is_bare_xls(bytes) {
        Cow::Borrowed(bytes)
    } else {
        Cow::Owned(workbook_stream(file, bytes)?)
    };
    let globals = globals(file, &stream)?;
    let mut held = Held::new(file);
    held.since_1904 = globals.since_1904;
    let mut walked = 0_usize;
    for sheet in globals.sheets.iter().filter(|sheet| sheet.is_worksheet) {
        held.begin(sheet.name.clone())?;
        let walk = Walk {
            file,
            sheet,
            globals: &globals,
            stream: &stream,
        };
        walked = walked.saturating_add(walk.cells(&mut held)?);
        // A million names for one sheet would be walked a million times.
        if walked > stream.len() {
            return Err(walk.broken(Damage::SheetsOverlap));
        }
    }
    Ok(held)
}

fn broken(file: &str, sheet: &str, damage: Damage) -> Trouble {
    Trouble::Broken(Fault::broken(file, sheet, damage))
}

/// The stream that holds the workbook. Other programs keep other things in files of this kind.
fn workbook_stream(file: &str, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
    let mended = mended(bytes);
    let failed = |_| broken(file, "", Damage::BadArchive);
    let gave_up = |Panicked| broken(file, "", Damage::ReaderGaveUp);
    let mut ole = guarded(|| CompoundFile::open(Cursor::new(&*mended)))
        .map_err(gave_up)?
        .map_err(failed)?;
    let has = |name: &str| guarded(|| ole.is_stream(name)).map_err(gave_up);
    let known = |names: &[&'static str]| -> Result<Option<&'static str>, Trouble> {
        for &name in names {
            if has(name)? {
                return Ok(Some(name));
            }
        }
        Ok(None)
    };
    let Some(name) = known(&["/Workbook", "/Book"])? else {
        let other = known(&["/WordDocument", "/PowerPoint Document", "/EncryptedPackage"])?;
        return Err(no_workbook(file.to_owned(), other).into());
    };
    let mut stream = Vec::new();
    let read = guarded(|| {
        ole.open_stream(name)
            .and_then(|mut content| content.read_to_end(&mut stream))
    });
    read.map_err(gave_up)?.map_err(failed)?;
    Ok(stream)
}

/// What is wrong with an OLE file that holds no workbook, but one of these streams or none.
fn no_workbook(file: String, stream: Option<&str>) -> Refusal {
    let found = match stream {
        Some("/WordDocument") => "doc",
        Some("/PowerPoint Document") => "ppt",
        Some(_) => return Refusal::Content(WrongContent::Password { file }),
        None => "OLE",
    };
    Refusal::Content(WrongContent::WrongKind {
        file,
        found: found.to_owned(),
    })
}

/// Whether an OLE file (as mended) uses sectors that lie behind its end.
fn is_cut_off(bytes: &[u8]) -> bool {
    /// What is no sector: free, the end of a chain, a sector of the table.
    const LAST_SECTOR: u32 = 0xffff_fffa;
    const FREE: u32 = 0xffff_ffff;
    let sector = if biff::u16_at(bytes, 30) == Some(12) {
        4096
    } else {
        512
    };
    let whole = bytes.len() / sector;
    let is_behind = |at: u32| at <= LAST_SECTOR && at as usize + 1 >= whole;
    if bytes.len() < 512 {
        return true;
    }
    // A header that tells of no table, or of no byte order, is damaged by itself.
    let count = biff::u32_at(bytes, 44).unwrap_or(0) as usize;
    if biff::u16_at(bytes, 28) != Some(0xfffe) || count == 0 {
        return false;
    }
    // Where the directory, the table of small sectors and the further table of tables begin; then the tables.
    let starts = [48, 60, 68]
        .into_iter()
        .filter_map(|place| biff::u32_at(bytes, place));
    let tables = || {
        (0..count.min(109))
            .filter_map(|n| biff::u32_at(bytes, 76 + 4 * n))
            .filter(|at| *at <= LAST_SECTOR)
    };
    if starts.chain(tables()).any(is_behind) {
        return true;
    }
    tables().enumerate().any(|(nth, table)| {
        let entries = (0..sector / 4).map(|n| {
            (
                nth * sector / 4 + n,
                biff::u32_at(bytes, (table as usize + 1) * sector + 4 * n),
            )
        });
        entries
            .filter(|(at, _)| at + 1 >= whole)
            .any(|(_, next)| next.is_none_or(|next| next != FREE))
    })
}

/// The file as crate cfb accepts it: a widespread JavaScript writer (SheetJS) marks the part of its sector table that lies
/// behind the end of the file as ends of chains instead of free. Nothing that names a sector is touched.
fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    const END_OF_CHAIN: u32 = 0xffff_fffe;
    let sector = if biff::u16_at(bytes, 30) == Some(12) {
        4096
    } else {
        512
    };
    let sectors = bytes.len().div_ceil(sector).saturating_sub(1);
    let mut mended = Cow::Borrowed(bytes);
    // The header lists the first 109 sectors of the table; files that need more of them are not of that writer.
    let listed = (0..109)
        .map_while(|n| biff::u32_at(bytes, 76 + 4 * n))
        .take_while(|at| (*at as usize) < sectors);
    for (nth, at) in listed.enumerate() {
        let beyond = sectors.saturating_sub(nth * sector / 4).min(sector / 4);
        for place in ((at as usize + 1) * sector..)
            .step_by(4)
            .take(sector / 4)
            .skip(beyond)
        {
            if biff::u32_at(bytes, place) == Some(END_OF_CHAIN) {
                mended.to_mut()[place..place + 4].fill(0xff);
            }
        }
    }
    mended
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

/// The records before the sheets on their way to being understood.
struct Opening<'a> {
    file: &'a str,
    globals: Globals,
    /// The code page of texts, where they have one.
    page: &'static Encoding,
    /// Formats by their number, and the format of every cell style.
    codes: HashMap<u32, Shown>,
    styles: Vec<u16>,
}

fn globals(file: &str, stream: &[u8]) -> Result<Globals, Trouble> {
    let cut = |CutOff| broken(file, "", Damage::CutOff);
    let mut opening = Opening {
        file,
        globals: Globals {
            letters: Letters::Wide,
            since_1904: false,
            texts: Vec::new(),
            shown: Vec::new(),
            sheets: Vec::new(),
        },
        // What names no code page was written by a program that knows none: by a system of this country.
        page: encoding_rs::GB18030,
        codes: HashMap::new(),
        styles: Vec::new(),
    };
    let mut records = BiffRecords::new(stream, 0);
    while let Some(record) = records.next().map_err(cut)? {
        match record.kind {
            BOF if opening.begins_a_sheet(&record) => break,
            EOF => break,
            SST => {
                let parts = records.continued(record.data).map_err(cut)?;
                opening.globals.texts = shared_texts(file, parts)?;
            }
            _ => opening.take(&record)?,
        }
    }
    let mut globals = opening.globals;
    let of_style = |style: &u16| Shown::of_number(&opening.codes, u32::from(*style));
    globals.shown = opening.styles.iter().map(of_style).collect();
    Ok(globals)
}

impl Opening<'_> {
    /// What a BOF begins: the workbook, or a sheet that has none around it.
    fn begins_a_sheet(&mut self, record: &Record<'_>) -> bool {
        if biff::u16_at(record.data, 0) != Some(0x0600) {
            self.globals.letters = Letters::Page(self.page);
        }
        let is_sheet = biff::u16_at(record.data, 2) == Some(WORKSHEET);
        if is_sheet {
            self.globals.sheets.push(BoundSheet {
                name: "Sheet1".to_owned(),
                at: record.at,
                is_hidden: false,
                is_worksheet: true,
            });
        }
        is_sheet
    }

    fn take(&mut self, record: &Record<'_>) -> Result<(), Trouble> {
        let (file, data, globals) = (self.file, record.data, &mut self.globals);
        match record.kind {
            FILEPASS => {
                let file = file.to_owned();
                return Err(Refusal::Content(WrongContent::Password { file }).into());
            }
            CODEPAGE => {
                if let Some(known) = biff::u16_at(data, 0).and_then(biff::code_page) {
                    self.page = known;
                }
                if let Letters::Page(encoding) = &mut globals.letters {
                    *encoding = self.page;
                }
            }
            DATEMODE => globals.since_1904 = biff::u16_at(data, 0) == Some(1),
            FORMAT => self.codes.extend(format(data, globals.letters)),
            XF => self.styles.extend(biff::u16_at(data, 2)),
            BOUNDSHEET if globals.sheets.len() >= MOST_SHEETS => {
                return Err(bounds::too_many_sheets(file).into());
            }
            BOUNDSHEET => {
                let sheet = bound_sheet(data, globals.letters);
                let nameless = || broken(file, "", Damage::Nameless);
                globals.sheets.push(sheet.ok_or_else(nameless)?);
            }
            _ => {}
        }
        Ok(())
    }
}

const BOF: u16 = 0x0809;
/// What begins behind a BOF: a worksheet by itself.
const WORKSHEET: u16 = 0x0010;
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
const MERGECELLS: u16 = 0x00e5;
const COLINFO: u16 = 0x007d;

fn format(data: &[u8], letters: Letters) -> Option<(u32, Shown)> {
    let id = biff::u16_at(data, 0)?;
    let length_bytes = if matches!(letters, Letters::Wide) {
        2
    } else {
        1
    };
    match Continued::new(vec![data.get(2..)?]).text(length_bytes, letters) {
        BiffText::Is(code) => Some((id.into(), Shown::of_code(&code))),
        BiffText::Undecodable | BiffText::Cut => None,
    }
}

fn bound_sheet(data: &[u8], letters: Letters) -> Option<BoundSheet> {
    let name = match Continued::new(vec![data.get(6..)?]).text(1, letters) {
        BiffText::Is(name) => name.chars().filter(|c| *c != '\0').collect(),
        BiffText::Undecodable | BiffText::Cut => return None,
    };
    // Six bytes were there, or no name had been found behind them.
    Some(BoundSheet {
        name,
        at: biff::u32_at(data, 0)? as usize,
        is_hidden: data[4] & 3 != 0,
        is_worksheet: data[5] == 0,
    })
}

/// The texts that cells share. Their stated number is not believed: they are read until they end.
fn shared_texts(file: &str, mut parts: Vec<&[u8]>) -> Result<Vec<Option<String>>, Trouble> {
    let cut = || broken(file, "", Damage::CutOff);
    parts[0] = parts[0].get(8..).ok_or_else(cut)?;
    let mut parts = Continued::new(parts);
    let mut texts = Vec::new();
    while !parts.ended() {
        texts.push(match parts.text(2, Letters::Wide) {
            BiffText::Is(text) => Some(text),
            BiffText::Undecodable => None,
            BiffText::Cut => return Err(cut()),
        });
    }
    Ok(texts)
}

/// Merged cells of the latest sheet: how many, then first and last row, first and last column of each
/// ([MS-XLS] 2.4.168 MergeCells). What is cut short is not there.
fn merge(held: &mut Held, data: &[u8]) -> Result<(), Trouble> {
    let many = usize::from(biff::u16_at(data, 0).unwrap_or(0));
    let at = held.len().saturating_sub(1);
    let areas = data.get(2..).unwrap_or(&[]).as_chunks::<8>().0;
    for area in areas.iter().take(many) {
        let [first, last, left, right] =
            [0, 2, 4, 6].map(|at| u32::from(u16::from_le_bytes([area[at], area[at + 1]])));
        held.merge(at, (first, last), (left, right))?;
    }
    Ok(())
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
        let cut = |CutOff| self.broken(Damage::CutOff);
        if self.sheet.at >= self.stream.len() {
            return Err(self.broken(Damage::MissingPart));
        }
        held.hide().sheet = self.sheet.is_hidden;
        let mut records = BiffRecords::new(self.stream, self.sheet.at);
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
                    if let Some(place) = formula.take() {
                        self.put_text(held, place, Continued::new(parts))?;
                    }
                }
                LABEL | RSTRING => {
                    let place = self.place(&record)?;
                    let mut parts = records.continued(record.data).map_err(cut)?;
                    parts[0] = parts[0].get(6..).unwrap_or(&[]);
                    self.put_text(held, place, Continued::new(parts))?;
                }
                FORMULA => formula = self.formula(held, &record)?,
                ROW | COLINFO => hide(held.hide(), record.kind, record.data),
                MERGECELLS => merge(held, record.data)?,
                _ => self.plain(held, &record)?,
            }
        }
        // Some writers leave the end mark of the last sheet out. The stream itself is whole, or cfb had said so.
        Ok(self.stream.len() - self.sheet.at)
    }

    fn broken(&self, damage: Damage) -> Trouble {
        broken(self.file, &self.sheet.name, damage)
    }

    fn short(&self) -> Trouble {
        self.broken(Damage::ShortRecord)
    }

    /// Where a cell stands: the first four bytes of every cell's record.
    fn place(&self, record: &Record<'_>) -> Result<(u32, u32), Trouble> {
        let place = biff::u16_at(record.data, 0).zip(biff::u16_at(record.data, 2));
        place
            .map(|(row, column)| (row.into(), column.into()))
            .ok_or_else(|| self.short())
    }

    /// A record that is a cell, or cells, by itself; what is none is passed over.
    fn plain(&self, held: &mut Held, record: &Record<'_>) -> Result<(), Trouble> {
        let (kind, data) = (record.kind, record.data);
        if !matches!(kind, NUMBER | RK | MULRK | LABELSST | BOOLERR) {
            return Ok(());
        }
        let (row, column) = self.place(record)?;
        let short = || self.short();
        let style = || biff::u16_at(data, 4).ok_or_else(short);
        match kind {
            NUMBER => held.put(
                row,
                column,
                &self.number(biff::f64_at(data, 6).ok_or_else(short)?, style()?),
            ),
            RK => held.put(
                row,
                column,
                &self.number(biff::rk(biff::u32_at(data, 6).ok_or_else(short)?), style()?),
            ),
            LABELSST => self.put_shared(
                held,
                (row, column),
                biff::u32_at(data, 6).ok_or_else(short)?,
            ),
            BOOLERR => {
                let (value, is_error) = data.get(6).zip(data.get(7)).ok_or_else(short)?;
                held.put(row, column, &truth_or_error(*value, *is_error != 0))
            }
            _ => {
                // Many numbers of one row: style and packed number each, the last column behind them.
                let packed = data
                    .get(4..data.len().saturating_sub(2))
                    .ok_or_else(short)?;
                for (column, one) in (column..).zip(packed.as_chunks::<6>().0) {
                    let (style, packed) = biff::u16_at(one, 0)
                        .zip(biff::u32_at(one, 2))
                        .ok_or_else(short)?;
                    held.put(row, column, &self.number(biff::rk(packed), style))?;
                }
                Ok(())
            }
        }
    }

    /// A formula's value. A text stands in the record behind: its place is given back.
    fn formula(&self, held: &mut Held, record: &Record<'_>) -> Result<Option<(u32, u32)>, Trouble> {
        let (row, column) = self.place(record)?;
        let value = record.data.get(6..14).ok_or_else(|| self.short())?;
        if value[6..] != [0xff, 0xff] {
            let style = biff::u16_at(record.data, 4).ok_or_else(|| self.short())?;
            let number = biff::f64_at(value, 0).ok_or_else(|| self.short())?;
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

    fn put_shared(
        &self,
        held: &mut Held,
        (row, column): (u32, u32),
        at: u32,
    ) -> Result<(), Trouble> {
        match self.globals.texts.get(at as usize) {
            Some(Some(text)) => held.put(row, column, text),
            Some(None) => Err(self.undecodable(row)),
            None => Err(self.broken(Damage::NoSharedText)),
        }
    }

    fn put_text(
        &self,
        held: &mut Held,
        (row, column): (u32, u32),
        mut parts: Continued<'_>,
    ) -> Result<(), Trouble> {
        match parts.text(2, self.globals.letters) {
            BiffText::Is(text) => held.put(row, column, &text),
            BiffText::Undecodable => Err(self.undecodable(row)),
            // Some writers leave an empty text out altogether.
            BiffText::Cut if parts.ended() => Ok(()),
            BiffText::Cut => Err(self.broken(Damage::CutOff)),
        }
    }

    fn undecodable(&self, row: u32) -> Trouble {
        Refusal::Content(WrongContent::Undecodable {
            file: self.file.to_owned(),
            row: row + 1,
        })
        .into()
    }

    fn number(&self, value: f64, style: u16) -> String {
        let shown = self.globals.shown.get(usize::from(style)).copied();
        shown
            .unwrap_or(Shown::Number)
            .text(value, self.globals.since_1904)
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
fn hide(hidden: &mut OutOfSight, kind: u16, data: &[u8]) {
    match kind {
        ROW => {
            let marked = biff::u16_at(data, 12).is_some_and(|flags| flags & 0x20 != 0);
            if let Some(row) = biff::u16_at(data, 0).filter(|_| marked) {
                spans::widen(
                    &mut hidden.rows,
                    u32::from(row) + 1,
                    u32::from(row) + 1,
                    |row| row + 1,
                );
            }
        }
        _ => {
            let marked = biff::u16_at(data, 8).is_some_and(|flags| flags & 1 != 0);
            if let Some((first, last)) = biff::u16_at(data, 0)
                .zip(biff::u16_at(data, 2))
                .filter(|_| marked)
            {
                let last = last.min(COLUMNS - 1);
                if first <= last {
                    spans::widen(
                        &mut hidden.columns,
                        usize::from(first),
                        usize::from(last),
                        |column| column + 1,
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use calamine::{Data, Reader, Xls};

    use super::*;
    use crate::intake::cell;
    use crate::intake::cell::RowCells;
    use crate::intake::lines::Tabs;
    use crate::intake::office::streamed;

    type Filled = BTreeMap<(u32, usize), String>;

    fn ours(held: &mut Held, at: usize) -> Filled {
        let mut lines = held.lines(at).ok().unwrap();
        let (mut row, mut filled) = (RowCells::new(), Filled::new());
        while let Some(number) = lines.next(&mut row).ok().unwrap() {
            let texts = row.iter().enumerate().filter(|(_, text)| !text.is_empty());
            filled.extend(texts.map(|(column, text)| ((number, column), text.to_string())));
        }
        filled
    }

    fn theirs(range: &calamine::Range<Data>) -> Filled {
        let (top, left) = range.start().unwrap_or_default();
        let text = |value: &Data| match value {
            Data::Empty => String::new(),
            Data::Int(value) => value.to_string(),
            Data::Float(value) => cell::number(*value),
            Data::DateTime(value) => streamed::date(value),
            Data::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            other => other.to_string(),
        };
        let filled = range.used_cells().map(|(row, column, value)| {
            ((top + row as u32 + 1, left as usize + column), text(value))
        });
        filled
            .filter(|(_, text)| !cell::trimmed(text).is_empty())
            .collect()
    }

    #[test]
    fn two_readers_read_the_same_cells() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/old");
        let mut files = 0;
        for path in std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if path.extension().is_none_or(|ending| ending != "xls") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let mut other = Xls::new(Cursor::new(&bytes[..])).unwrap();
            let mut held = open("a.xls", &bytes).ok().unwrap();
            for (at, name) in held.names().into_iter().enumerate() {
                assert_eq!(
                    ours(&mut held, at),
                    theirs(&other.worksheet_range(&name).unwrap()),
                    "{path:?} {name}"
                );
            }
            files += 1;
        }
        assert!(files >= 5);
    }

    #[test]
    fn what_programs_hide_is_hidden() {
        for (bytes, others) in [
            (
                &include_bytes!("../../../tests/files/old/libreoffice.xls")[..],
                1,
            ),
            (include_bytes!("../../../tests/files/old/xlwt.xls"), 0),
        ] {
            let held = open("a.xls", bytes).ok().unwrap();
            let hidden = held.hidden(0);
            assert_eq!(
                (hidden.sheet, hidden.rows, hidden.columns),
                (false, vec![(4, 4)], vec![(6, 6)])
            );
            let names = held.names();
            assert_eq!(
                (1..names.len()).filter(|at| held.hidden(*at).sheet).count(),
                others
            );
        }
    }

    /// A stream of records, and the OLE file around it.
    fn records(all: &[(u16, &[u8])]) -> Vec<u8> {
        let record = |(kind, data): &(u16, &[u8])| {
            [
                &kind.to_le_bytes()[..],
                &(data.len() as u16).to_le_bytes(),
                data,
            ]
            .concat()
        };
        all.iter().flat_map(record).collect()
    }

    fn ole(name: &str, stream: &[u8]) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        std::io::Write::write_all(&mut file.create_stream(name).unwrap(), stream).unwrap();
        file.into_inner().into_inner()
    }

    fn excel95(bound: &[&[u8]], sheet: &[(u16, &[u8])]) -> Vec<u8> {
        let globals = |at: u32| {
            let bound: Vec<Vec<u8>> = bound
                .iter()
                .map(|rest| [&at.to_le_bytes()[..], rest].concat())
                .collect();
            let mut all: Vec<(u16, &[u8])> =
                vec![(BOF, b"\x00\x05\x05\x00\0\0\0\0"), (CODEPAGE, b"\xa8\x03")];
            all.extend([
                (FORMAT, &b"\xa4\x00\x0byyyy\\-mm\\-d"[..]),
                (XF, b"\0\0\0\0"),
                (XF, b"\0\0\xa4\0"),
            ]);
            all.extend(bound.iter().map(|data| (BOUNDSHEET, &data[..])));
            all.push((EOF, b""));
            records(&all)
        };
        let at = globals(0).len() as u32;
        [
            globals(at),
            records(&[(BOF, b"\x00\x05\x10\x00\0\0\0\0")]),
            records(sheet),
        ]
        .concat()
    }

    #[test]
    fn an_excel_95_workbook_is_read_by_its_code_page() {
        // Sheet 名册; 姓名 张三 as GBK; a date; a chart sheet; a chart inside the sheet, with a cell of its own.
        let cells: [(u16, &[u8]); 8] = [
            (LABEL, b"\0\0\0\0\0\0\x04\0\xd0\xd5\xc3\xfb"),
            (BOF, b"\x00\x05\x20\x00"),
            (LABEL, b"\0\0\0\0\0\0\x01\0x"),
            (EOF, b""),
            (LABEL, b"\x01\0\0\0\0\0\x04\0\xd5\xc5\xc8\xfd"),
            (RK, b"\x01\0\x01\0\x01\0\x46\xb8\x02\x00"),
            (
                FORMULA,
                b"\x01\0\x02\0\0\0\x02\0\x07\0\0\0\xff\xff\0\0\0\0\0\0\0\0",
            ),
            (EOF, b""),
        ];
        let bound: [&[u8]; 2] = [b"\0\0\x04\xc3\xfb\xb2\xe1", b"\0\x02\x01c"];
        let mut held = open("a.xls", &ole("Book", &excel95(&bound, &cells)))
            .ok()
            .unwrap();
        assert_eq!(held.names(), ["名册"]);
        let expected = [
            ((1, 0), "姓名"),
            ((2, 0), "张三"),
            ((2, 1), "2021-12-31"),
            ((2, 2), "#DIV/0!"),
        ];
        assert_eq!(
            ours(&mut held, 0),
            expected
                .map(|(place, text)| (place, text.to_owned()))
                .into()
        );
    }

    #[test]
    fn what_is_no_whole_workbook_is_refused_by_name() {
        let refused = |bytes: &[u8]| match open("a.xls", bytes) {
            Err(Trouble::Refused(mut refusals)) => refusals.remove(0),
            other => panic!("{:?}", other.map(|_| ())),
        };
        let damage = |bytes: &[u8]| match open("a.xls", bytes) {
            Err(Trouble::Broken(Fault::BrokenWorkbook { damage, .. })) => damage,
            other => panic!("{:?}", other.map(|_| ())),
        };
        let file = || "a.xls".to_owned();
        let kind = |found: &str| {
            Refusal::Content(WrongContent::WrongKind {
                file: file(),
                found: found.to_owned(),
            })
        };
        for (name, expected) in [
            ("WordDocument", kind("doc")),
            ("PowerPoint Document", kind("ppt")),
            ("Contents", kind("OLE")),
        ] {
            assert_eq!(refused(&ole(name, b"text")), expected);
        }
        let locked = records(&[(BOF, b"\x00\x06\x05\x00"), (FILEPASS, b"\x01\0\x01\0")]);
        assert_eq!(
            refused(&ole("Workbook", &locked)),
            Refusal::Content(WrongContent::Password { file: file() })
        );

        let sheet: &[u8] = b"\0\0\x01a";
        let cut = ole(
            "Book",
            &excel95(&[sheet], &[(LABEL, b"\0\0\0\0\0\0\x09\0short")]),
        );
        assert_eq!(damage(&cut), Damage::CutOff);
        let listed = records(&vec![
            (BOUNDSHEET, &b"\0\0\0\0\0\0\x01\0a"[..]);
            MOST_SHEETS + 1
        ]);
        let endless = [records(&[(BOF, b"\x00\x06\x05\x00")]), listed].concat();
        assert_eq!(
            refused(&ole("Workbook", &endless)),
            Refusal::Content(WrongContent::TooManySheets {
                file: file(),
                limit: 10_000
            })
        );
        let twice = ole("Book", &excel95(&[sheet, sheet], &[(EOF, b"")]));
        assert!(
            open("a.xls", &twice).is_ok(),
            "two names for a tiny sheet cost nothing"
        );
        let many: Vec<&[u8]> = vec![sheet; 300];
        let blanks: Vec<(u16, &[u8])> = vec![(0x0201, b"\0\0\0\0\0\0"); 1000];
        assert_eq!(
            damage(&ole("Book", &excel95(&many, &blanks))),
            Damage::SheetsOverlap
        );

        let whole = include_bytes!("../../../tests/files/old/libreoffice.xls");
        for length in (0..whole.len()).step_by(97) {
            let found = open("a.xls", &whole[..length]).map(|_| ());
            let is_told = matches!(found, Err(Trouble::Broken(Fault::Truncated { .. })))
                || length < 512 && found.is_err();
            assert!(is_told, "{length} bytes of {}: {found:?}", whole.len());
        }
    }
}
