//! The light pass over the records of an xlsb: what the workbook lists, and what a sheet hides.

use crate::intake::bounds::{MOST_COLUMNS, MOST_ROWS};
use crate::intake::lines::OutOfSight;
use crate::intake::merged::{Merges, TooMany};
use crate::intake::office::records::{BinRecords, TooLong, wide, word};
use crate::intake::spans;

const ROW: u16 = 0x00;
const COLUMNS: u16 = 0x3c;
const SHEET_DATA_END: u16 = 0x92;
const MERGED: u16 = 0xb0;
const SHEETS_END: u16 = 0x90;
const PROPERTIES: u16 = 0x99;
const SHEET: u16 = 0x9c;

/// Looks at a sheet's records as they go by.
pub(super) struct BinGlance {
    records: BinRecords,
    found: Found,
}

struct Found {
    ended: bool,
    rows: Vec<(u32, u32)>,
    columns: Vec<(usize, usize)>,
    merges: Result<Merges, TooMany>,
}

impl Default for Found {
    fn default() -> Self {
        Found {
            ended: false,
            rows: Vec::new(),
            columns: Vec::new(),
            merges: Ok(Merges::default()),
        }
    }
}

impl BinGlance {
    /// Nothing seen yet.
    pub(super) fn new() -> Self {
        BinGlance {
            records: BinRecords::of(&[ROW, COLUMNS, SHEET_DATA_END, MERGED]),
            found: Found::default(),
        }
    }

    /// Looks at the next chunk.
    pub(super) fn at(&mut self, chunk: &[u8]) -> Result<(), TooLong> {
        let found = &mut self.found;
        self.records
            .take(chunk, |number, content| found.take(number, content))
    }

    /// What the sheet hides, and what it merges down.
    pub(super) fn seen(self) -> Result<(OutOfSight, Merges), TooMany> {
        let Found {
            rows,
            columns,
            merges,
            ..
        } = self.found;
        let (rows, columns) = (
            spans::joined(rows, |n| n + 1),
            spans::joined(columns, |n| n + 1),
        );
        let hidden = OutOfSight {
            sheet: false,
            rows,
            columns,
        };
        Ok((hidden, merges?.sorted()))
    }
}

impl Found {
    fn take(&mut self, number: u16, content: &[u8]) {
        // A record cut short is the reader's to complain of.
        match number {
            // They stand behind the cells.
            MERGED => self.merged(content).unwrap_or_default(),
            _ if self.ended => {}
            ROW => self.row(content).unwrap_or_default(),
            COLUMNS => self.columns(content).unwrap_or_default(),
            _ => self.ended = true,
        }
    }

    fn row(&mut self, content: &[u8]) -> Option<()> {
        let row = word(content, 0)?;
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
            self.columns
                .push((first as usize, last.min(MOST_COLUMNS - 1) as usize));
        }
        Some(())
    }

    fn merged(&mut self, content: &[u8]) -> Option<()> {
        // BrtMergeCell, [MS-XLSB] 2.4.706: first and last row, first and last column.
        let (rows, columns) = (
            (word(content, 0)?, word(content, 4)?),
            (word(content, 8)?, word(content, 12)?),
        );
        if let Ok(merges) = &mut self.merges
            && let Err(many) = merges.add(rows, columns)
        {
            self.merges = Err(many);
        }
        Some(())
    }
}

/// What `workbook.bin` says.
#[derive(Default)]
pub(super) struct BinWorkbook {
    pub(super) sheets: Vec<ListedSheet>,
    pub(super) is_1904: bool,
    ended: bool,
}

/// A sheet as the workbook lists it.
pub(super) struct ListedSheet {
    pub(super) name: String,
    /// Empty: the sheet was deleted, and its macros remain.
    pub(super) relation: String,
    pub(super) is_hidden: bool,
}

impl BinWorkbook {
    /// What the records list; why they cannot be read otherwise.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let (mut workbook, mut is_short) = (BinWorkbook::default(), false);
        let read =
            BinRecords::of(&[PROPERTIES, SHEET, SHEETS_END]).take(bytes, |number, content| {
                match number {
                    SHEETS_END => workbook.ended = true,
                    PROPERTIES => {
                        workbook.is_1904 = content.first().is_some_and(|flags| flags & 1 != 0)
                    }
                    _ => match entry(content) {
                        Some(entry) => workbook.sheets.push(entry),
                        None => is_short = true,
                    },
                }
            });
        read.map_err(|TooLong| TooLong::REASON)?;
        if is_short || !workbook.ended {
            Err("a list of sheets without an end")
        } else {
            Ok(workbook)
        }
    }
}

fn entry(content: &[u8]) -> Option<ListedSheet> {
    // BrtBundleSh, [MS-XLSB] 2.4.314: state, number, relation (which may be none), name.
    let length = word(content, 8)?;
    let (relation, name) = if length == u32::MAX {
        (String::new(), content.get(12..)?)
    } else {
        let bytes = (length as usize).checked_mul(2)?.checked_add(12)?;
        (wide(content.get(8..)?)?, content.get(bytes..)?)
    };
    Some(ListedSheet {
        name: wide(name)?,
        relation,
        is_hidden: word(content, 0)? != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::merged::Down;
    use crate::intake::office::records::tests::record;

    fn row(number: u32, flags: u8) -> Vec<u8> {
        let mut content = number.to_le_bytes().to_vec();
        content.extend([0; 7]);
        content.extend([flags, 0, 0, 0, 0, 0]);
        record(ROW, &content)
    }

    fn merged(area: [u32; 4]) -> Vec<u8> {
        record(MERGED, &area.map(u32::to_le_bytes).concat())
    }

    fn sheet() -> Vec<u8> {
        let mut columns = [1_u32, 2, 0, 0].map(u32::to_le_bytes).concat();
        columns.extend([1, 0]);
        let mut bytes = record(COLUMNS, &columns);
        for part in [
            row(0, 0),
            row(4, 0x10),
            record(0x07, &[9; 200]),
            row(5, 0x10),
            record(SHEET_DATA_END, &[]),
            row(9, 0x10),
            merged([1, 3, 0, 0]),
            merged([0, 0, 0, 7]),
        ] {
            bytes.extend(part);
        }
        bytes
    }

    #[test]
    fn hidden_rows_and_columns_are_found_however_the_stream_is_cut() {
        for size in [1, 2, 3, 7, 1000] {
            let mut glance = BinGlance::new();
            sheet()
                .chunks(size)
                .for_each(|chunk| glance.at(chunk).unwrap());
            let (hidden, merged) = glance.seen().unwrap();
            assert_eq!(hidden.rows, [(5, 6)]);
            assert_eq!(hidden.columns, [(1, 2)]);
            let down = Down {
                first: 2,
                last: 4,
                column: 0,
            };
            assert_eq!(merged.each(), [down]);
        }
    }

    #[test]
    fn a_record_that_claims_a_gigabyte_is_refused() {
        let mut glance = BinGlance::new();
        assert_eq!(glance.at(&[0x07, 0xff, 0xff, 0xff, 0x7f]), Err(TooLong));
    }
}
