//! Opening: rows go out, bucket by bucket.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;
use rayon::prelude::*;

use super::rekeying::Rekeying;
use super::scratch::{Kept, Scratch};
use super::shelves::{BookShelf, Placing, Titled};
use crate::domain::Fault;

/// All rows by bucket, in memory or in a scratch folder, which goes when this goes, also after a fault.
pub struct Vault<B> {
    pub(super) rekeying: Rekeying,
    /// Where every lot stands; `None` = its rows do not count.
    pub(super) places: Vec<Option<u32>>,
    pub(super) schemas: BTreeMap<B, Schema>,
    pub(super) buckets: Vec<Mutex<Option<BTreeMap<B, BookShelf>>>>,
    /// What is kept of each bucket for a second look.
    pub(super) kept: Vec<Mutex<Kept>>,
    pub(super) scratch: Option<Scratch>,
}

impl<B: Titled> Vault<B> {
    /// How many buckets there are.
    pub fn buckets(&self) -> usize {
        self.buckets.len()
    }

    /// The folder where buckets lie that do not fit into memory. It goes when this goes.
    pub fn scratch(&self) -> Option<&Path> {
        self.scratch.as_ref().map(Scratch::folder)
    }

    /// Opens a bucket, and has each of its books looked at, side by side: a book's rows in order of lot and row, with the
    /// places of their lots. What is said of the books comes back in their order. A bucket is opened once: its rows are let
    /// go of.
    ///
    /// # Errors
    /// `Fault` where a scratch file cannot be read; what `look` says.
    ///
    /// # Panics
    /// When it was opened before.
    pub fn open<T: Send>(
        &self,
        at: usize,
        look: impl Fn(B, DataFrame) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let shelves = self.buckets[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let shelves = shelves.expect("a bucket is opened once");
        let looked = |(book, shelf)| look(book, self.gathered(at, book, shelf)?);
        shelves.into_par_iter().map(looked).collect()
    }

    /// The rows of a shelf.
    fn gathered(&self, at: usize, book: B, mut shelf: BookShelf) -> Result<DataFrame> {
        let form = Placing {
            labels: self.rekeying.labels,
            places: &self.places,
            schema: &self.schemas[&book],
        };
        let rows = shelf.read(&form, |pieces| form.stacked(pieces))?;
        shelf.remove_files();
        drop(shelf);
        Ok(self.rekeying.rekeyed(rows, at)?)
    }

    /// Keeps a frame of a bucket for later: in memory, or where the buckets lie.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn keep(&self, at: usize, frame: DataFrame) -> Result<(), Fault> {
        let kept = Kept::put(frame, self.scratch.as_ref())?;
        *self.kept[at].lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(())
    }

    /// What was kept of a bucket, once; a frame without columns where nothing was.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be read.
    pub fn kept(&self, at: usize) -> Result<DataFrame, Fault> {
        let kept = {
            let mut kept = self.kept[at].lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *kept)
        };
        kept.read() // unlocked: reading waits for other threads, and whoever waits helps them
    }
}
