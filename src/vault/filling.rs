//! Filling: rows come in, piece by piece and from several threads, and wait in the bucket of their key.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use polars::prelude::*;

use super::division::Division;
use super::moves::Moves;
use super::opening::Vault;
use super::pieces::{self, Dividing, Labels, WaitingPiece};
use super::rekeying::Rekeying;
use super::scratch::{Kept, Scratch};
use super::shelves::{Placing, Shelves, Titled};
use crate::domain::Fault;

/// So many rows, kept for later, are not worth a file.
const FEW_ROWS: usize = 256;

/// A vault while rows come in.
pub struct Filling<B> {
    labels: Labels,
    division: Division,
    scratch: Option<Scratch>,
    come: Mutex<Come<B>>,
}

/// What has come in.
struct Come<B> {
    /// Every column that the rows of a book have.
    schemas: BTreeMap<B, Schema>,
    shelves: Shelves<B>,
}

impl<B: Titled> Filling<B> {
    /// With nothing in it.
    ///
    /// # Errors
    /// `Fault` where the scratch folder cannot be made.
    pub fn new(division: Division, labels: Labels) -> Result<Self, Fault> {
        let scratch = division.scratch.clone().map(Scratch::make).transpose()?;
        let come = Come {
            schemas: BTreeMap::new(),
            shelves: Shelves::default(),
        };
        Ok(Filling {
            labels,
            division,
            scratch,
            come: Mutex::new(come),
        })
    }

    /// Whether rows of a book have come, or that it has none.
    pub fn knows(&self, book: B) -> bool {
        self.come().schemas.contains_key(&book)
    }

    /// Bytes that rows may take while they are decoded, on their way here.
    pub fn room(&self) -> u64 {
        self.division.decoded
    }

    /// The folder where buckets lie that do not fit into memory. It goes when the vault goes.
    pub fn scratch(&self) -> Option<&Path> {
        self.scratch.as_ref().map(Scratch::folder)
    }

    /// Takes rows of a book that follow each other in a lot. From then on the book is known, if without rows.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    ///
    /// # Panics
    /// When the rows lack a labelled column, or have one that cannot be packed.
    pub fn take(&self, book: B, lot: u32, rows: DataFrame) -> Result<(), Fault> {
        let dividing = Dividing {
            labels: self.labels,
            buckets: self.division.buckets,
            key: |key| key,
        };
        let parts = dividing
            .divided(&rows, lot)
            .unwrap_or_else(|error| panic!("rows of {book} are not as promised: {error}"));
        let schema = rows.schema().as_ref().clone();
        drop(rows);
        self.come().schemas.entry(book).or_default().merge(schema);
        self.put(book, parts)
    }

    fn come(&self) -> MutexGuard<'_, Come<B>> {
        self.come.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts pieces on the shelves of their buckets, and writes what has waited long enough.
    fn put(&self, book: B, parts: Vec<(usize, WaitingPiece)>) -> Result<(), Fault> {
        let mut full = Vec::new();
        let mut come = self.come();
        let shelves = come.shelves.of_book(book, self.division.buckets);
        for (bucket, piece) in parts {
            shelves[bucket].put(piece);
            if self.scratch.is_some() {
                let pieces = shelves[bucket].full(self.division.waiting);
                full.extend(pieces.map(|pieces| (bucket, pieces)));
            }
        }
        drop(come);
        for (bucket, pieces) in full {
            let Some(scratch) = &self.scratch else { break }; // nothing is full without one
            let file = scratch.file(&format!("{book}-{bucket}"), "rows");
            pieces::write(&file, &pieces)?;
            let shelves = &mut self.come().shelves;
            shelves.of_book(book, self.division.buckets)[bucket].put_file(file);
        }
        Ok(())
    }

    /// Keeps a frame where the buckets lie, one of few rows in memory.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn keep(&self, frame: DataFrame) -> Result<Kept, Fault> {
        let scratch = self.scratch.as_ref().filter(|_| frame.height() > FEW_ROWS);
        Kept::put(frame, scratch)
    }

    /// All that came in, ready to be opened. `places` says of every lot where it stands in the order; `None` = its rows do not
    /// count.
    ///
    /// # Errors
    /// `Fault` where keys are moved and scratch cannot be read or written.
    pub fn filled(self, places: Vec<Option<u32>>, moves: Moves) -> Result<Vault<B>> {
        let rekeying = Rekeying {
            labels: self.labels,
            buckets: self.division.buckets,
            moves,
        };
        self.move_rows(&rekeying, &places)?;
        let Come { schemas, shelves } = self
            .come
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let buckets = shelves.by_bucket(self.division.buckets);
        Ok(Vault {
            rekeying,
            places,
            schemas,
            kept: buckets.iter().map(|_| Mutex::default()).collect(),
            buckets: buckets
                .into_iter()
                .map(|shelves| Mutex::new(Some(shelves)))
                .collect(),
            scratch: self.scratch,
        })
    }

    /// Puts rows whose key means another into the bucket of that one.
    fn move_rows(&self, rekeying: &Rekeying, places: &[Option<u32>]) -> Result<()> {
        let books = self.come().schemas.clone();
        for bucket in rekeying.left() {
            for (book, schema) in &books {
                let form = Placing {
                    labels: self.labels,
                    places,
                    schema,
                };
                let shelf = std::mem::take(
                    &mut self.come().shelves.of_book(*book, self.division.buckets)[bucket],
                );
                let parts = rekeying.leaving(&shelf, bucket, &form)?;
                self.come().shelves.of_book(*book, self.division.buckets)[bucket] = shelf;
                self.put(*book, parts)?;
            }
        }
        Ok(())
    }
}
