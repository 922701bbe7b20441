//! The binary records of an xlsb: what a sheet hides, and the cells that calamine passes over.

use super::spans;
use crate::intake::office::streamed::{Extra, MOST_COLUMNS, MOST_ROWS};
use crate::intake::sheets::lines::Hidden;

const ROW: u16 = 0x00;
const CELL_ERROR_OF_FORMULA: u16 = 0x0b;
const COLUMNS: u16 = 0x3c;
const CELL_RICH_TEXT: u16 = 0x3e;
const SHEET_DATA_END: u16 = 0x92;
const SHEET: u16 = 0x9c;

/// A record of a sheet holds one cell or less, of 32,767 characters. calamine makes room for what a record claims.
const LONGEST_RECORD: usize = 4 << 20;

/// Cuts a stream of chunks into records: a number of 1–2 bytes, a length of 1–4, and the content.
pub(super) struct Records {
    wanted: &'static [u16],
    number: u16,
    length: usize,
    shift: u32,
    state: State,
    content: Vec<u8>,
}

enum State {
    Number,
    SecondOfNumber,
    Length,
    Content { left: usize },
}

/// A record that claims to be longer than any is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Records {
    /// Will give the records of these numbers only.
    pub(super) fn of(wanted: &'static [u16]) -> Self {
        Records { wanted, number: 0, length: 0, shift: 0, state: State::Number, content: Vec::new() }
    }

    /// Takes the next chunk and gives the records that end in it.
    pub(super) fn take(&mut self, mut chunk: &[u8], mut each: impl FnMut(u16, &[u8])) -> Result<(), TooLong> {
        while let [byte, rest @ ..] = chunk {
            let low = byte & 0x7f;
            match self.state {
                State::Number => {
                    self.number = u16::from(low);
                    self.state = if *byte == low { State::Length } else { State::SecondOfNumber };
                    (self.length, self.shift) = (0, 0);
                }
                State::SecondOfNumber => {
                    self.number |= u16::from(low) << 7;
                    self.state = State::Length;
                }
                State::Length => {
                    self.length |= usize::from(low) << self.shift;
                    self.shift += 7;
                    if *byte == low || self.shift == 28 {
                        self.begin(&mut each)?;
                    }
                }
                State::Content { left } => {
                    let (here, rest) = chunk.split_at(left.min(chunk.len()));
                    if self.wanted.contains(&self.number) {
                        self.content.extend_from_slice(here);
                    }
                    self.state = State::Content { left: left - here.len() };
                    self.end(&mut each);
                    chunk = rest;
                    continue;
                }
            }
            chunk = rest;
        }
        Ok(())
    }

    fn begin(&mut self, each: &mut impl FnMut(u16, &[u8])) -> Result<(), TooLong> {
        if self.length > LONGEST_RECORD {
            return Err(TooLong);
        }
        self.content.clear();
        self.state = State::Content { left: self.length };
        self.end(each);
        Ok(())
    }

    fn end(&mut self, each: &mut impl FnMut(u16, &[u8])) {
        if matches!(self.state, State::Content { left: 0 }) {
            self.state = State::Number;
            if self.wanted.contains(&self.number) {
                each(self.number, &self.content);
            }
        }
    }
}

/// Looks at a sheet's records as they go by.
pub(super) struct Glance {
    records: Records,
    found: Found,
}

#[derive(Default)]
struct Found {
    row: Option<u32>,
    ended: bool,
    rows: Vec<(u32, u32)>,
    columns: Vec<(usize, usize)>,
    extra: Vec<Extra>,
}

impl Glance {
    pub(super) fn new() -> Self {
        let wanted = &[ROW, CELL_ERROR_OF_FORMULA, COLUMNS, CELL_RICH_TEXT, SHEET_DATA_END];
        Glance { records: Records::of(wanted), found: Found::default() }
    }

    /// Looks at the next chunk.
    pub(super) fn at(&mut self, chunk: &[u8]) -> Result<(), TooLong> {
        let found = &mut self.found;
        self.records.take(chunk, |number, content| found.take(number, content))
    }

    /// What the sheet hides, and what calamine will not tell of it.
    pub(super) fn seen(self) -> (Hidden, Vec<Extra>) {
        let Found { rows, columns, extra, .. } = self.found;
        let (rows, columns) = (spans::joined(rows, |n| n + 1), spans::joined(columns, |n| n + 1));
        (Hidden { sheet: false, rows, columns }, extra)
    }
}

impl Found {
    fn take(&mut self, number: u16, content: &[u8]) {
        // A record cut short is calamine's to complain of.
        match number {
            _ if self.ended => {}
            ROW => self.row(content).unwrap_or_default(),
            COLUMNS => self.columns(content).unwrap_or_default(),
            SHEET_DATA_END => self.ended = true,
            _ => self.cell(number, content).unwrap_or_default(),
        }
    }

    fn row(&mut self, content: &[u8]) -> Option<()> {
        let row = word(content, 0)?;
        self.row = Some(row);
        // fDyZero of BrtRowHdr, [MS-XLSB] 2.4.755.
        if content.get(11)? & 0x10 != 0 && row < MOST_ROWS {
            spans::push(&mut self.rows, row + 1);
        }
        Some(())
    }

    fn columns(&mut self, content: &[u8]) -> Option<()> {
        let (first, last) = (word(content, 0)?, word(content, 4)?);
        // fHidden of BrtColInfo, [MS-XLSB] 2.4.327.
        if content.get(16)? & 1 != 0 && first < MOST_COLUMNS {
            self.columns.push((first as usize, last.min(MOST_COLUMNS - 1) as usize));
        }
        Some(())
    }

    fn cell(&mut self, number: u16, content: &[u8]) -> Option<()> {
        let (row, column) = (self.row?, word(content, 0)?);
        let text = if number == CELL_RICH_TEXT { wide(content.get(9..)?)? } else { error(*content.get(8)?).to_owned() };
        self.extra.push(Extra { row, column, text });
        Some(())
    }
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
        _ => "#ERROR!",
    }
}

fn word(content: &[u8], at: usize) -> Option<u32> {
    let bytes = content.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}

/// A text: its length in UTF-16 units, then the units.
fn wide(content: &[u8]) -> Option<String> {
    let units = word(content, 0)? as usize;
    let bytes = content.get(4..)?.get(..units.checked_mul(2)?)?;
    let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

/// The relation of every sheet, in order, from `workbook.bin`.
pub(super) fn sheet_relations(workbook: &[u8]) -> Result<Vec<String>, TooLong> {
    let mut relations = Vec::new();
    Records::of(&[SHEET]).take(workbook, |_, content| {
        // A sheet without a relation is none to calamine either.
        if word(content, 8) != Some(u32::MAX) {
            relations.push(content.get(8..).and_then(wide).unwrap_or_default());
        }
    })?;
    Ok(relations)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as [MS-XLSB] 2.1.4 writes it.
    fn record(number: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = if number < 0x80 { vec![number as u8] } else { vec![number as u8 | 0x80, (number >> 7) as u8] };
        let mut length = content.len();
        while length > 0x7f {
            bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        bytes.push(length as u8);
        bytes.extend_from_slice(content);
        bytes
    }

    fn row(number: u32, flags: u8) -> Vec<u8> {
        let mut content = number.to_le_bytes().to_vec();
        content.extend([0; 7]);
        content.extend([flags, 0, 0, 0, 0, 0]);
        record(ROW, &content)
    }

    fn sheet() -> Vec<u8> {
        let mut columns = [1_u32, 2, 0, 0].map(u32::to_le_bytes).concat();
        columns.extend([1, 0]);
        let mut error = [3_u32, 0].map(u32::to_le_bytes).concat();
        error.push(0x2a);
        let mut rich = [5_u32, 0].map(u32::to_le_bytes).concat();
        rich.extend([1, 2, 0, 0, 0]);
        rich.extend("张三".encode_utf16().flat_map(u16::to_le_bytes));
        let mut bytes = record(COLUMNS, &columns);
        for part in [
            row(0, 0),
            row(4, 0x10),
            record(0x07, &[9; 200]),
            record(CELL_ERROR_OF_FORMULA, &error),
            row(5, 0x10),
            record(CELL_RICH_TEXT, &rich),
            record(SHEET_DATA_END, &[]),
            row(9, 0x10),
        ] {
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn hidden_rows_and_columns_are_found_however_the_stream_is_cut() {
        for size in [1, 2, 3, 7, 1000] {
            let mut glance = Glance::new();
            sheet().chunks(size).for_each(|chunk| glance.at(chunk).unwrap());
            let (hidden, extra) = glance.seen();
            assert_eq!(hidden.rows, [(5, 6)]);
            assert_eq!(hidden.columns, [(1, 2)]);
            let extra: Vec<_> = extra.iter().map(|e| (e.row, e.column, e.text.as_str())).collect();
            assert_eq!(extra, [(4, 3, "#N/A"), (5, 5, "张三")]);
        }
    }

    #[test]
    fn a_record_that_claims_a_gigabyte_is_refused() {
        let mut glance = Glance::new();
        assert_eq!(glance.at(&[0x07, 0xff, 0xff, 0xff, 0x7f]), Err(TooLong));
    }
}
