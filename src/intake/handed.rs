//! Rows as they are handed on while a file is read: in a frame, or with their text still where the file has it.

use std::borrow::Cow;

use polars::prelude::{DataFrame, IntoColumn, NamedFromOwned, Series, StringChunkedBuilder};

use super::cell;
use super::sheet::SourceSheet;
use crate::domain::{Fault, Field, columns};

/// Data rows of a sheet.
#[derive(Debug)]
pub enum Handed<'t> {
    /// As `Sheet::table` has them.
    Frame(DataFrame),
    /// The same, without a copy of their text.
    Borrowed(Borrowed<'t>),
}

/// Data rows whose text still stands in the file: it is copied by whoever keeps it, and most of it nobody keeps.
#[derive(Debug, Default)]
pub struct Borrowed<'t> {
    /// Row numbers.
    pub rows: Vec<u32>,
    /// Digests.
    pub digests: Vec<u64>,
    /// The cells of every matched field as `Sheet::table` has them.
    pub cells: Vec<(Field, CellTexts<'t>)>,
}

/// The cells of one field; "" where they are blank.
#[derive(Debug)]
pub enum CellTexts<'t> {
    /// All as they stand in the file.
    Plain(Vec<&'t str>),
    /// Some had to be written anew: quotes within quotes.
    Mixed(Vec<Cow<'t, str>>),
}

impl<'t> CellTexts<'t> {
    /// The cell of a row, "" where it is blank.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        match self {
            CellTexts::Plain(cells) => cells[at],
            CellTexts::Mixed(cells) => &cells[at],
        }
    }

    /// How many.
    fn len(&self) -> usize {
        match self {
            CellTexts::Plain(cells) => cells.len(),
            CellTexts::Mixed(cells) => cells.len(),
        }
    }

    fn push(&mut self, cell: Cow<'t, str>) {
        match (&mut *self, cell) {
            (CellTexts::Plain(cells), Cow::Borrowed(cell)) => cells.push(cell),
            (CellTexts::Mixed(cells), cell) => cells.push(cell),
            (CellTexts::Plain(cells), Cow::Owned(cell)) => {
                let before = std::mem::take(cells).into_iter().map(Cow::Borrowed);
                *self = CellTexts::Mixed(before.chain([Cow::Owned(cell)]).collect());
            }
        }
    }

    /// Adds cells as they stand in the file.
    pub fn extend(&mut self, cells: impl Iterator<Item = &'t str>) {
        match self {
            CellTexts::Plain(mine) => mine.extend(cells),
            CellTexts::Mixed(mine) => mine.extend(cells.map(Cow::Borrowed)),
        }
    }
}

impl Handed<'_> {
    /// How many rows.
    pub fn height(&self) -> usize {
        match self {
            Handed::Frame(frame) => frame.height(),
            Handed::Borrowed(borrowed) => borrowed.rows.len(),
        }
    }

    /// Number of the first row.
    pub fn first_row(&self) -> Option<u32> {
        match self {
            Handed::Frame(frame) => frame
                .column(columns::ROW)
                .ok()?
                .u32()
                .ok()?
                .iter()
                .next()
                .flatten(),
            Handed::Borrowed(borrowed) => borrowed.rows.first().copied(),
        }
    }

    /// The rows with a copy of their text.
    ///
    /// # Panics
    /// When a column of borrowed text is not of every row.
    pub fn into_frame(self) -> DataFrame {
        match self {
            Handed::Frame(frame) => frame,
            Handed::Borrowed(borrowed) => borrowed.frame(),
        }
    }
}

impl<'t> Borrowed<'t> {
    /// Nothing yet, with room for so many rows.
    pub fn new(fields: &[Field], capacity: usize) -> Self {
        Borrowed {
            rows: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
            cells: fields
                .iter()
                .map(|field| (*field, CellTexts::Plain(Vec::with_capacity(capacity))))
                .collect(),
        }
    }

    fn frame(self) -> DataFrame {
        let Borrowed {
            rows,
            digests,
            cells,
        } = self;
        let text = |(field, cells): (Field, CellTexts<'t>)| {
            let mut builder = StringChunkedBuilder::new(field.code().into(), cells.len());
            (0..cells.len()).for_each(|at| {
                builder.append_option(Some(cells.get(at)).filter(|cell| !cell.is_empty()))
            });
            builder.finish().into_column()
        };
        let height = rows.len();
        let mut all: Vec<_> = cells.into_iter().map(text).collect();
        all.push(Series::from_vec(columns::ROW.into(), rows).into_column());
        all.push(Series::from_vec(columns::DIGEST.into(), digests).into_column());
        DataFrame::new(height, all).expect("one column a field, each of every row")
    }
}

impl<'t> Store<'t> for Borrowed<'t> {
    fn put(&mut self, slot: usize, kept: &str, AsWritten(written): AsWritten<'_, 't>) {
        let cell = match written {
            // What is kept is the whole cell, or the cell without the blanks around it.
            Cow::Borrowed(whole) if whole.len() == kept.len() => Cow::Borrowed(*whole),
            Cow::Borrowed(whole) => Cow::Borrowed(cell::trimmed(whole)),
            Cow::Owned(_) => Cow::Owned(kept.to_owned()),
        };
        self.cells[slot].1.push(cell);
    }

    fn blank(&mut self, slot: usize) {
        self.cells[slot].1.push(Cow::Borrowed(""));
    }

    fn end_row(&mut self, row: u32, digest: u64) {
        self.rows.push(row);
        self.digests.push(digest);
    }
}

/// Takes rows while files are still being read, so that no book ever stands in memory as text. Called from several threads.
pub trait Taker: Sync {
    /// A sheet begins; gives the ticket under which its rows come, in pieces and in any order. What is only known at its end
    /// (rows read, digest of the file) is not there yet.
    fn begin(&self, sheet: &SourceSheet) -> u32;
    /// Data rows of a sheet.
    ///
    /// # Errors
    /// The machine cannot keep them.
    fn take(&self, ticket: u32, rows: Handed<'_>) -> Result<(), Fault>;
    /// Bytes that rows may take while they are decoded, all files together, where a file does not come line by line.
    fn room(&self) -> u64;
    /// The rows under this ticket do not count: their sheet is read once more in another way.
    fn void(&self, ticket: u32);
    /// A sheet is complete. Rows that are still in its table were not handed on before.
    ///
    /// # Errors
    /// The machine cannot keep them.
    fn finish(&self, sheet: SourceSheet) -> Result<(), Fault>;
}

/// A taker, and the ticket under which it takes the rows of one sheet.
#[derive(Clone, Copy)]
pub(crate) struct Ticket<'t> {
    taker: &'t dyn Taker,
    number: u32,
}

impl<'t> Ticket<'t> {
    /// For a sheet that begins.
    pub(crate) fn of(taker: &'t dyn Taker, sheet: &SourceSheet) -> Self {
        Ticket {
            taker,
            number: taker.begin(sheet),
        }
    }

    /// Hands rows on.
    ///
    /// # Errors
    /// The machine cannot keep them.
    pub(crate) fn take(self, rows: Handed<'_>) -> Result<(), Fault> {
        self.taker.take(self.number, rows)
    }

    /// What was handed on does not count.
    pub(crate) fn void(self) {
        self.taker.void(self.number);
    }
}

/// A cell as written: what stands in the file itself may be kept without a copy.
pub(crate) struct AsWritten<'c, 'a>(pub &'c Cow<'a, str>);

/// Where the cells of records go.
pub(crate) trait Store<'a> {
    /// The cell of a row: what is kept of what was written, which is all of it or all but the blanks around it.
    fn put(&mut self, slot: usize, kept: &str, written: AsWritten<'_, 'a>);
    /// A blank cell.
    fn blank(&mut self, slot: usize);
    /// All cells of the row were put.
    fn end_row(&mut self, row: u32, digest: u64);
}

/// Keeps what is handed on, for tests.
#[cfg(test)]
pub(crate) struct Keeper {
    pub pieces: std::sync::Mutex<Vec<DataFrame>>,
    pub room: u64,
}

#[cfg(test)]
impl Default for Keeper {
    fn default() -> Self {
        Keeper {
            pieces: std::sync::Mutex::default(),
            room: 1 << 30,
        }
    }
}

#[cfg(test)]
impl Taker for Keeper {
    fn begin(&self, _: &SourceSheet) -> u32 {
        0
    }
    fn take(&self, _: u32, rows: Handed<'_>) -> Result<(), Fault> {
        self.pieces.lock().unwrap().push(rows.into_frame());
        Ok(())
    }
    fn room(&self) -> u64 {
        self.room
    }
    fn void(&self, _: u32) {
        self.pieces.lock().unwrap().clear();
    }
    fn finish(&self, _: SourceSheet) -> Result<(), Fault> {
        Ok(())
    }
}

#[cfg(test)]
impl Keeper {
    /// A sheet with the rows that were handed on before it: pieces come in any order, rows of a piece in theirs.
    pub(crate) fn whole(self, mut sheet: SourceSheet) -> SourceSheet {
        let mut pieces = self.pieces.into_inner().unwrap();
        pieces.retain(|piece| piece.height() > 0);
        pieces.sort_by_key(|piece| piece.column(columns::ROW).unwrap().u32().unwrap().get(0));
        pieces
            .iter()
            .for_each(|piece| _ = sheet.table.vstack_mut(piece).unwrap());
        sheet
    }
}
