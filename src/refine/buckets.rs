//! Buckets: all rows of a person in one of them, opened one after the other; beside them what stands in no bucket.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;

use super::frame::with_doubt;
use super::links::Claimed;
use super::places::Atlas;
use super::repairs::of_origin;
use super::repeats::SheetOf;
use super::rows::Rows;
use super::settle::{self, Sheets};
use crate::domain::{Doubt, SourceKind, columns as c};
use crate::vault::{Kept, Vault};

/// All input rows, person by person in buckets. Goes with its scratch folder.
pub struct Buckets {
    /// What is in no bucket.
    pub(super) figures: Rows,
    /// Files, senders and batches of origins.
    pub(super) sheets: Vec<SheetOf>,
    /// Origins of batches that do not count.
    pub(super) old: Vec<bool>,
    /// Origins whose numbers lost their last digits in a spreadsheet.
    pub(super) lossy: Vec<bool>,
    /// Origins whose sums stand beside the subsidies and do not hold them.
    pub(super) parts: Vec<bool>,
    pub(super) atlas: Atlas,
    /// Old numbers that several persons claim.
    pub(super) claimed: Vec<Claimed>,
    /// Repairs of persons by origin, where `figures` does not have them, in order.
    pub(super) mended: Mutex<Vec<(u32, Kept)>>,
    pub(super) vault: Vault<SourceKind>,
}

impl Buckets {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.vault.buckets()
    }

    /// The folder where buckets lie that do not fit into memory. It goes when this goes.
    pub fn scratch(&self) -> Option<&Path> {
        self.vault.scratch()
    }

    /// Rows counted while reading.
    pub fn rows_read(&self) -> u64 {
        let origins = self.figures.origins.iter();
        origins.map(|origin| origin.rows_read).sum()
    }

    /// Every place that any row names.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }

    /// What is in no bucket: origins, rows set aside, tables of figures; repairs, truncated numbers and unknown words of all.
    pub fn figures(&self) -> Rows {
        self.figures.clone()
    }

    /// The rows of one bucket, each with its fate. A bucket is opened once: its rows are let go of.
    ///
    /// # Errors
    /// `Fault` where a scratch file cannot be read.
    ///
    /// # Panics
    /// When it was opened before.
    pub fn open(&self, at: usize) -> Result<Rows> {
        let sheets = Sheets {
            of: &self.sheets,
            old: &self.old,
            lossy: &self.lossy,
            parts: &self.parts,
            fields: &self.figures.fields,
        };
        let settled = self.vault.open(at, |kind, mut rows| {
            self.atlas.spell_out(&mut rows, kind.is_pooled())?;
            Ok((kind, settle::settled(kind, &rows, &sheets)?))
        })?;
        let mut frames = Vec::with_capacity(settled.len());
        let mut shared = PlHashSet::default();
        for (kind, (frame, numbers)) in settled {
            shared.extend(numbers);
            frames.push((kind, frame));
        }
        for (_, frame) in &mut frames {
            self.doubt(frame, &shared)?;
        }
        let mut rows = self.figures.of_bucket(frames)?;
        rows.claimed.clone_from(&self.claimed);
        Ok(rows)
    }

    /// A number that several people use in one book, or claim, is doubtful in every other.
    fn doubt(&self, frame: &mut DataFrame, shared: &PlHashSet<u64>) -> PolarsResult<()> {
        if shared.is_empty() && self.claimed.is_empty() {
            return Ok(());
        }
        let claimed: PlHashSet<(u32, u32)> = self.claimed.iter().map(|one| one.at).collect();
        let keys = frame.column(c::KEY)?.u64()?.into_no_null_iter();
        let origins = frame.column(c::ORIGIN)?.u32()?.into_no_null_iter();
        let rows = frame.column(c::ROW)?.u32()?.into_no_null_iter();
        let places = origins.zip(rows);
        let holds: Vec<bool> = keys
            .zip(places)
            .map(|(key, place)| shared.contains(&key) || claimed.contains(&place))
            .collect();
        with_doubt(frame, Doubt::SharedNumber, &holds)
    }

    /// Keeps a frame of a bucket for later: in memory, or where the buckets lie.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn keep(&self, at: usize, frame: DataFrame) -> Result<()> {
        Ok(self.vault.keep(at, frame)?)
    }

    /// What was kept of a bucket, once.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be read.
    pub fn kept(&self, at: usize) -> Result<DataFrame> {
        Ok(self.vault.kept(at)?)
    }

    /// Repairs of persons that lie in scratch, in order of source, file, sheet and row, once; none where `figures` has them.
    pub fn mended(&self) -> impl Iterator<Item = Result<DataFrame>> {
        let mended =
            std::mem::take(&mut *self.mended.lock().unwrap_or_else(PoisonError::into_inner));
        mended
            .into_iter()
            .map(|(origin, repairs)| Ok(of_origin(repairs.read()?, origin)?))
    }

    /// Everything as one.
    ///
    /// # Errors
    /// As `open`.
    pub fn whole(self) -> Result<Rows> {
        let mut all = self.figures();
        for at in 0..self.count() {
            for (kind, frame) in self.open(at)?.frames {
                match all.frames.iter_mut().find(|(mine, _)| *mine == kind) {
                    Some((_, mine)) => {
                        mine.vstack_mut_owned(frame)?;
                    }
                    None => all.frames.push((kind, frame)),
                }
            }
        }
        all.frames.sort_by_key(|(kind, _)| *kind);
        for repairs in self.mended() {
            all.repairs.vstack_mut_owned(repairs?)?;
        }
        Ok(all)
    }
}
