//! xlsb: Excel's binary workbook, as some bureaus keep theirs to save space. Its records are read here, without calamine,
//! which passes over cells written short, rich texts and formulas that end in an error.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io::{ErrorKind, Read};

use crate::intake::lines::{Lines, OutOfSight, Tabs};
use crate::intake::merged::Merges;
use crate::intake::office::number_format::Shown;
use crate::intake::office::records::{BinRecords, TooLong, wide, word};
use crate::intake::office::streamed::{FilledRows, Guarded, Next, Placed, Unread};
use crate::intake::office::tags::Mistake;
use crate::intake::office::texts::SharedTexts;
use crate::intake::office::zipped::{Package, Parts};
use crate::intake::trouble::Trouble;

const SHARED_TEXT: u16 = 0x13;
const FORMAT: u16 = 0x2c;
const CELL_STYLE: u16 = 0x2f;
const CELL_STYLES_BEGIN: u16 = 0x269;
const CELL_STYLES_END: u16 = 0x26a;
const SHEET_DATA_BEGIN: u16 = 0x91;
const SHEET_DATA_END: u16 = 0x92;

/// A row, and every cell: with its column (1 to 11, and the rich text), or behind the one before (12 to 18).
const OF_CELLS: &[u16] = &[
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    0x3e,
    SHEET_DATA_BEGIN,
    SHEET_DATA_END,
];

/// Bytes read at a time: what stays in a core's cache.
const CHUNK: usize = 64 << 10;

const CUT_SHORT: Mistake = Mistake::Xml("a record cut short");

/// An open workbook.
pub(crate) struct Xlsb<'b> {
    package: Package,
    parts: Parts<'b>,
    texts: SharedTexts,
    kinds: Vec<Shown>,
}

impl<'b> Xlsb<'b> {
    /// Opens a workbook that was looked through: its shared texts and formats.
    pub(crate) fn open(package: Package, mut parts: Parts<'b>) -> Result<Self, Trouble> {
        let file = package.file.clone();
        let kinds = kinds(&parts.whole(&package.styles)?.unwrap_or_default())
            .map_err(|e| trouble(&file, "", e))?;
        let texts = match parts.again(&package.texts)? {
            Some(reader) => texts(Guarded(reader)).map_err(|e| trouble(&file, "", e))?,
            None => SharedTexts::default(),
        };
        Ok(Xlsb {
            package,
            parts,
            texts,
            kinds,
        })
    }
}

impl Tabs for Xlsb<'_> {
    fn names(&self) -> Vec<String> {
        self.package
            .tabs
            .iter()
            .map(|tab| tab.name.clone())
            .collect()
    }

    fn hidden(&self, at: usize) -> OutOfSight {
        self.package.tabs[at].hidden.clone()
    }

    fn merged(&self, at: usize) -> Merges {
        self.package.tabs[at].merged.clone()
    }

    fn lines<'s>(&'s mut self, at: usize) -> Result<Box<dyn Lines<'s> + 's>, Trouble> {
        let (tab, file) = (&self.package.tabs[at], &*self.package.file);
        let lost = || trouble(file, &tab.name, Mistake::Xml("a sheet without its part"));
        let reader = self.parts.again(&tab.part)?.ok_or_else(lost)?;
        let mut sheet = SheetCells {
            texts: &self.texts,
            kinds: &self.kinds,
            is_1904: self.package.is_1904,
            row: 0,
            last: None,
            filled: None,
            is_again: false,
            cells: VecDeque::new(),
            began: false,
            end: None,
        };
        let mut stream = Stream {
            reader: Guarded(reader),
            records: BinRecords::of(OF_CELLS),
            chunk: vec![0; CHUNK],
        };
        let next = move || {
            sheet
                .next(&mut stream)
                .map_err(|e| trouble(file, &tab.name, e))
        };
        Ok(Box::new(FilledRows::new(file, &tab.name, next)))
    }
}

fn trouble(file: &str, sheet: &str, mistake: Mistake) -> Trouble {
    Unread::Broken(mistake.into_reason()).trouble(file, sheet)
}

/// The records of a part.
struct Stream<R> {
    reader: R,
    records: BinRecords,
    chunk: Vec<u8>,
}

impl<R: Read> Stream<R> {
    /// Gives the records that end in the next bytes; false at the end of the part.
    fn read(&mut self, each: impl FnMut(u16, &[u8])) -> Result<bool, Mistake> {
        let filled = loop {
            match self.reader.read(&mut self.chunk) {
                Ok(filled) => break filled,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Mistake::Damaged(e.to_string())),
            }
        };
        self.records
            .take(&self.chunk[..filled], each)
            .map_err(|TooLong| Mistake::Xml(TooLong::REASON))?;
        Ok(filled > 0)
    }
}

fn texts(reader: impl Read) -> Result<SharedTexts, Mistake> {
    let (mut texts, mut is_short) = (SharedTexts::default(), false);
    let mut stream = Stream {
        reader,
        records: BinRecords::of(&[SHARED_TEXT]),
        chunk: vec![0; CHUNK],
    };
    let mut take = |_: u16, content: &[u8]| match content.get(1..).and_then(wide) {
        Some(text) => texts.push(&text),
        None => is_short = true,
    };
    while stream.read(&mut take)? {}
    if is_short { Err(CUT_SHORT) } else { Ok(texts) }
}

/// The kind of every cell style, from `styles.bin`.
fn kinds(styles: &[u8]) -> Result<Vec<Shown>, Mistake> {
    let (mut own, mut kinds, mut inside, mut is_short) = (HashMap::new(), Vec::new(), false, false);
    let half = |content: &[u8], at: usize| {
        Some(u32::from(u16::from_le_bytes(
            *content.get(at..)?.first_chunk::<2>()?,
        )))
    };
    let mut records = BinRecords::of(&[FORMAT, CELL_STYLE, CELL_STYLES_BEGIN, CELL_STYLES_END]);
    let read = records.take(styles, |number, content| match number {
        CELL_STYLES_BEGIN => inside = true,
        CELL_STYLES_END => inside = false,
        FORMAT => match half(content, 0).zip(content.get(2..).and_then(wide)) {
            Some((id, code)) => drop(own.insert(id, Shown::of_code(&code))),
            None => is_short = true,
        },
        _ if inside => match half(content, 2) {
            Some(id) => kinds.push(Shown::of_number(&own, id)),
            None => is_short = true,
        },
        _ => {}
    });
    read.map_err(|TooLong| Mistake::Xml(TooLong::REASON))?;
    if is_short { Err(CUT_SHORT) } else { Ok(kinds) }
}

/// The cells of a sheet in the order of the file.
struct SheetCells<'s> {
    texts: &'s SharedTexts,
    kinds: &'s [Shown],
    is_1904: bool,
    row: u32,
    /// Column of the last cell of the row.
    last: Option<u32>,
    /// The last row in which anything stood, and whether this one has its number.
    filled: Option<u32>,
    is_again: bool,
    /// Cells of the records so far.
    cells: VecDeque<Placed<'s>>,
    began: bool,
    /// What ended the cells.
    end: Option<Result<(), Mistake>>,
}

impl<'s> SheetCells<'s> {
    fn next(&mut self, stream: &mut Stream<impl Read>) -> Next<'s, Mistake> {
        loop {
            if let Some(cell) = self.cells.pop_front() {
                return Ok(Some(cell));
            }
            if let Some(end) = self.end.take() {
                return end.map(|()| None);
            }
            let more = stream.read(|number, content| self.take(number, content))?;
            if !more && self.end.is_none() {
                return Err(Mistake::Xml("a sheet without an end"));
            }
        }
    }

    fn take(&mut self, number: u16, content: &[u8]) {
        match number {
            _ if self.end.is_some() => {}
            SHEET_DATA_BEGIN => self.began = true,
            SHEET_DATA_END => self.end = Some(Ok(())),
            _ if !self.began => {}
            0 => match word(content, 0) {
                Some(row) => {
                    self.is_again = self.filled == Some(row);
                    (self.row, self.last) = (row, None);
                }
                None => self.end = Some(Err(CUT_SHORT)),
            },
            _ => match self.cell(number, content) {
                Ok(Some(_)) if self.is_again => {
                    self.end = Some(Err(Mistake::Xml("two rows in one place")));
                }
                Ok(Some(cell)) => {
                    self.filled = Some(self.row);
                    self.cells.push_back(cell);
                }
                Ok(None) => {}
                Err(mistake) => self.end = Some(Err(mistake)),
            },
        }
    }

    /// A cell: its column unless it is written short, its style, its value ([MS-XLSB] 2.5.9 and 2.5.10).
    fn cell(&mut self, number: u16, content: &[u8]) -> Result<Option<Placed<'s>>, Mistake> {
        let (column, content) = if (12..=18).contains(&number) {
            (self.last.map_or(0, |last| last.saturating_add(1)), content)
        } else {
            (
                word(content, 0).ok_or(CUT_SHORT)?,
                content.get(4..).ok_or(CUT_SHORT)?,
            )
        };
        self.last = Some(column);
        let style = word(content, 0).ok_or(CUT_SHORT)? & 0x00ff_ffff;
        let value = content.get(4..).ok_or(CUT_SHORT)?;
        let text = match number {
            1 | 12 => return Ok(None),
            2 | 13 => packed(value).map(|value| Cow::Owned(self.number(value, style))),
            3 | 11 | 14 => value.first().map(|code| Cow::Borrowed(error(*code))),
            4 | 10 | 15 => value
                .first()
                .map(|value| Cow::Borrowed(if *value == 0 { "FALSE" } else { "TRUE" })),
            5 | 9 | 16 => value
                .first_chunk()
                .map(|value| Cow::Owned(self.number(f64::from_le_bytes(*value), style))),
            6 | 8 | 17 => wide(value).map(Cow::Owned),
            7 | 18 => {
                let at = word(value, 0).ok_or(CUT_SHORT)? as usize;
                let text = self
                    .texts
                    .at(at)
                    .ok_or(Mistake::Xml("a shared text that is not there"))?;
                Some(Cow::Borrowed(text))
            }
            // A rich text: flags, then as a text.
            _ => value.get(1..).and_then(wide).map(Cow::Owned),
        };
        Ok(Some((self.row, column, text.ok_or(CUT_SHORT)?)))
    }

    fn number(&self, value: f64, style: u32) -> String {
        self.kinds
            .get(style as usize)
            .copied()
            .unwrap_or(Shown::Number)
            .text(value, self.is_1904)
    }
}

/// A number in four bytes, [MS-XLSB] 2.5.123: an integer or the upper part of a float, in hundredths or not.
fn packed(value: &[u8]) -> Option<f64> {
    let bits = word(value, 0)?;
    let whole = bits & !0b11;
    let number = if bits & 0b10 != 0 {
        f64::from(whole.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(whole) << 32)
    };
    Some(if bits & 1 != 0 {
        number / 100.0
    } else {
        number
    })
}

fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => "#ERROR!",
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{DataRef, Reader};

    use super::*;
    use crate::intake::office::zipped::Zipped;

    /// Filled cells of the first sheet, as they are found here.
    fn ours(bytes: &[u8]) -> usize {
        let Ok(Zipped::Xlsb(package, parts)) = Zipped::look("a.xlsb", bytes) else {
            panic!("an xlsb")
        };
        let mut book = Xlsb::open(package, parts).unwrap();
        let (mut lines, mut row, mut filled) = (book.lines(0).unwrap(), Vec::new(), 0);
        while lines.next(&mut row).unwrap().is_some() {
            filled += row.iter().filter(|text| !text.is_empty()).count();
        }
        filled
    }

    /// The same, as calamine finds them.
    fn calamines(bytes: &[u8]) -> usize {
        let mut book = calamine::Xlsb::new(Cursor::new(bytes)).unwrap();
        let first = book.sheet_names().remove(0);
        let mut cells = book.worksheet_cells_reader(&first).unwrap();
        let mut filled = 0;
        while let Some(cell) = cells.next_cell().unwrap() {
            let is_filled = match cell.get_value() {
                DataRef::Empty => false,
                DataRef::String(text) => !text.is_empty(),
                DataRef::SharedString(text) => !text.is_empty(),
                _ => true,
            };
            filled += usize::from(is_filled);
        }
        filled
    }

    /// Should calamine find them all one day, this reader may go.
    #[test]
    fn calamine_passes_over_cells_that_are_written_short() {
        let whole = include_bytes!("../../../tests/gallery/03-xlsb/sheetjs.xlsb");
        let short = include_bytes!("../../../tests/gallery/03-xlsb/short-records.xlsb");
        let shared =
            include_bytes!("../../../tests/gallery/03-xlsb/short-records-shared-texts.xlsb");
        assert_eq!(calamines(whole), ours(whole));
        for bytes in [&short[..], shared] {
            assert_eq!(ours(bytes), ours(whole));
            assert!(calamines(bytes) < ours(bytes), "{}", calamines(bytes));
        }
    }
}
