//! Shelves: where the rows of a book wait, one a bucket.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;

use anyhow::Result;
use polars::prelude::*;

use super::pieces::{self, Labels, Piece, WaitingPiece, stacked};
use super::scratch::{self, unreadable};

/// What books are called by: in their order, and in names of files.
pub trait Titled: Copy + Ord + Display + Send + Sync {}

impl<T: Copy + Ord + Display + Send + Sync> Titled for T {}

/// A book's rows of one bucket.
#[derive(Default)]
pub(super) struct BookShelf {
    /// In memory.
    waiting: Vec<WaitingPiece>,
    /// Rows of those.
    rows: usize,
    files: Vec<PathBuf>,
}

impl BookShelf {
    pub(super) fn put(&mut self, piece: WaitingPiece) {
        self.rows += piece.rows;
        self.waiting.push(piece);
    }

    pub(super) fn put_file(&mut self, file: PathBuf) {
        self.files.push(file);
    }

    /// Takes what waits in memory, once it is as many rows.
    pub(super) fn full(&mut self, rows: usize) -> Option<Vec<WaitingPiece>> {
        (self.rows >= rows).then(|| {
            self.rows = 0;
            std::mem::take(&mut self.waiting)
        })
    }

    /// Looks at its pieces that count, in order of place and row. A file in which something is wrong is named.
    ///
    /// # Errors
    /// `Fault` where a file cannot be read or is damaged, and what `look` says.
    pub(super) fn read<T>(
        &self,
        form: &Placing<'_>,
        look: impl FnOnce(&[(u32, Piece<'_>)]) -> PolarsResult<T>,
    ) -> Result<T> {
        let written: Vec<Vec<u8>> = self
            .files
            .iter()
            .map(|file| scratch::read_bytes(file))
            .collect::<Result<_, _>>()?;
        let looked = || {
            let mut all: Vec<Piece<'_>> = self.waiting.iter().map(WaitingPiece::piece).collect();
            for bytes in &written {
                all.append(&mut pieces::read(bytes, form.places.len())?);
            }
            look(&form.in_place(all))
        };
        looked().map_err(|error| {
            // Which file it was is asked only now.
            let damaged = self
                .files
                .iter()
                .zip(&written)
                .find(|(_, bytes)| !form.is_of(bytes));
            match damaged {
                Some((file, _)) => unreadable(file, &error).into(),
                None => error.into(),
            }
        })
    }

    /// Lets go of its files: they are read once.
    pub(super) fn remove_files(&mut self) {
        self.files.drain(..).for_each(|file| scratch::remove(&file));
    }
}

/// What the pieces of a shelf come to.
#[derive(Clone, Copy)]
pub(super) struct Placing<'v> {
    pub(super) labels: Labels,
    /// Where every lot stands; `None` = its rows do not count.
    pub(super) places: &'v [Option<u32>],
    /// Every column that the rows of the book have.
    pub(super) schema: &'v Schema,
}

impl Placing<'_> {
    /// Pieces that count, in order of place and row.
    fn in_place<'p>(&self, pieces: Vec<Piece<'p>>) -> Vec<(u32, Piece<'p>)> {
        let mut placed: Vec<(u32, Piece<'p>)> = pieces
            .into_iter()
            .filter_map(|piece| Some((self.places[piece.lot as usize]?, piece)))
            .collect();
        placed.sort_by_key(|(place, piece)| (*place, piece.from));
        placed
    }

    pub(super) fn stacked(&self, pieces: &[(u32, Piece<'_>)]) -> PolarsResult<DataFrame> {
        stacked(pieces, self.schema, self.labels)
    }

    /// Whether bytes are pieces of this form, whether they count or not.
    fn is_of(&self, bytes: &[u8]) -> bool {
        let opened = || {
            let pieces = pieces::read(bytes, self.places.len())?.into_iter();
            self.stacked(&pieces.map(|piece| (0, piece)).collect::<Vec<_>>())
        };
        opened().is_ok()
    }
}

/// The shelves of all books.
pub(super) struct Shelves<B>(BTreeMap<B, Vec<BookShelf>>);

impl<B> Default for Shelves<B> {
    fn default() -> Self {
        Shelves(BTreeMap::new())
    }
}

impl<B: Titled> Shelves<B> {
    /// The shelves of a book, one a bucket.
    pub(super) fn of_book(&mut self, book: B, buckets: u32) -> &mut Vec<BookShelf> {
        let shelves = self.0.entry(book).or_default();
        shelves.resize_with(buckets as usize, BookShelf::default);
        shelves
    }

    /// The other way round: the shelves of every bucket, by book.
    pub(super) fn by_bucket(self, buckets: u32) -> Vec<BTreeMap<B, BookShelf>> {
        let mut all: Vec<BTreeMap<B, BookShelf>> = (0..buckets).map(|_| BTreeMap::new()).collect();
        for (book, shelves) in self.0 {
            for (bucket, shelf) in all.iter_mut().zip(shelves) {
                bucket.insert(book, shelf);
            }
        }
        all
    }
}
