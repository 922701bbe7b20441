//! Buckets: all rows of a person in one of them, opened one after the other.
//!
//! They stay in memory, or lie in a scratch folder that goes when they go, also after a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;
use rayon::prelude::*;

use super::pieces::{self, Piece, Waiting, stacked};
use super::places::Atlas;
use super::scratch::{self, Scratch};
use super::settle::{self, Sheets};
use super::{Rows, Truncated, Typed, UnknownWord, no_repairs};
use crate::domain::{FateCounts, Fault, Field, Repair, SourceKind, columns as c};
use crate::intake::{Origin, SourceSheet, TotalRow};
use crate::scheme::Scheme;

/// Into how many buckets, and where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// Number of buckets; at least one.
    pub buckets: u32,
    /// Folder for buckets that do not fit into memory; `None` = they do.
    pub scratch: Option<PathBuf>,
    /// Rows of one source and bucket that wait in memory before they are written.
    pub waiting: usize,
}

impl Division {
    /// Everything in one bucket, in memory.
    pub const WHOLE: Division = Division {
        buckets: 1,
        scratch: None,
        waiting: 0,
    };
}

/// A source's rows of one bucket.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) pieces: Vec<Waiting>,
    /// Rows in `pieces`.
    pub(super) waiting: usize,
    pub(super) files: Vec<PathBuf>,
}

/// What every bucket's `Rows` share.
pub(super) struct Common {
    pub(super) origins: Vec<Origin>,
    pub(super) set_aside: Vec<FateCounts>,
    pub(super) fields: Vec<Vec<Field>>,
    pub(super) totals: Vec<(u32, TotalRow)>,
    pub(super) old: Vec<bool>,
    pub(super) lossy: Vec<bool>,
    pub(super) truncated: Vec<Truncated>,
    pub(super) there: BTreeSet<SourceKind>,
    pub(super) unknown_words: Vec<UnknownWord>,
    pub(super) repairs: DataFrame,
    pub(super) unread: DataFrame,
}

impl Common {
    pub(super) fn of(
        sheets: &[SourceSheet],
        scheme: &Scheme,
        lossy: Vec<bool>,
        truncated: Vec<Truncated>,
    ) -> Result<Common> {
        let origins: Vec<Origin> = sheets.iter().map(|sheet| sheet.origin.clone()).collect();
        let mut old = Vec::with_capacity(origins.len());
        for book in origins.chunk_by(|a, b| a.source == b.source) {
            old.extend(settle::superseded(book[0].source, book.iter(), scheme));
        }
        let numbered = || (0u32..).zip(sheets);
        let is_figures = |sheet: &(u32, &SourceSheet)| !sheet.1.origin.source.has_persons();
        let totals = numbered()
            .filter(is_figures)
            .flat_map(|(at, sheet)| sheet.totals.iter().map(move |row| (at, row.clone())));
        Ok(Common {
            set_aside: sheets.iter().map(|sheet| sheet.set_aside).collect(),
            fields: sheets
                .iter()
                .map(|sheet| {
                    sheet
                        .columns
                        .iter()
                        .filter_map(|column| column.field)
                        .collect()
                })
                .collect(),
            totals: totals.collect(),
            old,
            lossy,
            truncated,
            there: origins.iter().map(|origin| origin.source).collect(),
            unknown_words: Vec::new(),
            repairs: no_repairs()?,
            unread: no_repairs()?,
            origins,
        })
    }

    /// Repairs and unknown words of tables of figures.
    pub(super) fn take_figures(&mut self, figures: Vec<Typed>) -> Result<()> {
        for mut typed in figures {
            self.unknown_words.append(&mut typed.unknown_words);
            self.unread.vstack_mut_owned(unread(&typed.repairs)?)?;
            self.repairs.vstack_mut_owned(typed.repairs)?;
        }
        Ok(())
    }

    /// Rows of a bucket, without what stands in no bucket.
    fn rows(&self, frames: Vec<(SourceKind, DataFrame)>) -> Result<Rows> {
        Ok(Rows {
            origins: self.origins.clone(),
            set_aside: vec![FateCounts::default(); self.origins.len()],
            fields: self.fields.clone(),
            totals: Vec::new(),
            frames,
            repairs: no_repairs()?,
            unread: no_repairs()?,
            truncated: Vec::new(),
            there: self.there.clone(),
            unknown_words: Vec::new(),
        })
    }
}

/// All input rows, person by person in buckets. Goes with its scratch folder.
pub struct Buckets {
    pub(super) common: Common,
    pub(super) figures: Vec<(SourceKind, DataFrame)>,
    pub(super) schemas: BTreeMap<SourceKind, Schema>,
    pub(super) atlas: Atlas,
    /// Position in `Rows::origins` of every ticket; `None` = its rows do not count.
    pub(super) origin_of: Vec<Option<u32>>,
    pub(super) buckets: Vec<Mutex<Option<BTreeMap<SourceKind, Shelf>>>>,
    /// What is kept of each for a second look.
    pub(super) kept: Vec<Mutex<Second>>,
    /// Repairs of persons by origin, where `common` does not have them, in order.
    pub(super) mended: Mutex<Vec<(u32, Second)>>,
    pub(super) scratch: Option<Scratch>,
}

/// A frame that is kept, in memory or in scratch.
pub(super) enum Second {
    Nothing,
    Frame(DataFrame),
    File(PathBuf),
}

impl Second {
    /// The frame; one without columns where there is none.
    pub(super) fn read(self) -> Result<DataFrame, Fault> {
        match self {
            Second::Nothing => Ok(DataFrame::empty()),
            Second::Frame(frame) => Ok(frame),
            Second::File(path) => scratch::read_back(&path),
        }
    }
}

impl Buckets {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.buckets.len()
    }

    /// The folder where buckets lie that do not fit into memory. It goes when this goes.
    pub fn scratch(&self) -> Option<&Path> {
        self.scratch
            .as_ref()
            .map(|scratch| scratch.folder.as_path())
    }

    /// Rows counted while reading.
    pub fn rows_read(&self) -> u64 {
        self.common
            .origins
            .iter()
            .map(|origin| origin.rows_read)
            .sum()
    }

    /// Every place that any row names.
    pub(crate) fn atlas(&self) -> &Atlas {
        &self.atlas
    }

    /// What is in no bucket: origins, rows set aside, tables of figures; repairs, truncated numbers and unknown words of all.
    pub fn figures(&self) -> Rows {
        let common = &self.common;
        Rows {
            origins: common.origins.clone(),
            set_aside: common.set_aside.clone(),
            fields: common.fields.clone(),
            totals: common.totals.clone(),
            frames: self.figures.clone(),
            repairs: common.repairs.clone(),
            unread: common.unread.clone(),
            truncated: common.truncated.clone(),
            there: common.there.clone(),
            unknown_words: common.unknown_words.clone(),
        }
    }

    /// The rows of one bucket, each with its fate. A bucket is opened once: its rows are let go of.
    ///
    /// # Errors
    /// `Fault` where a scratch file cannot be read.
    ///
    /// # Panics
    /// When it was opened before.
    pub fn open(&self, at: usize) -> Result<Rows> {
        let shelves = self.buckets[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let shelves = shelves.expect("a bucket is opened once");
        let sheets = Sheets {
            origins: &self.common.origins,
            old: &self.common.old,
            lossy: &self.common.lossy,
        };
        let settled = |(kind, shelf)| -> Result<(SourceKind, DataFrame)> {
            let frame = self.gathered(kind, shelf, &self.schemas[&kind])?;
            Ok((kind, settle::settled(kind, &frame, &sheets)?))
        };
        let frames = shelves
            .into_par_iter()
            .map(settled)
            .collect::<Result<_>>()?;
        self.common.rows(frames)
    }

    /// Keeps a frame of a bucket for later: in memory, or where the buckets lie.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn keep(&self, at: usize, mut frame: DataFrame) -> Result<()> {
        let kept = match &self.scratch {
            None => Second::Frame(frame),
            Some(scratch) => {
                let path = scratch.folder.join(format!("kept-{at}.parquet"));
                scratch::write(&path, &mut frame)?;
                Second::File(path)
            }
        };
        *self.kept[at].lock().unwrap_or_else(PoisonError::into_inner) = kept;
        Ok(())
    }

    /// What was kept of a bucket, once.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be read.
    pub fn kept(&self, at: usize) -> Result<DataFrame> {
        let kept = {
            let mut kept = self.kept[at].lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *kept, Second::Nothing)
        };
        Ok(kept.read()?) // unlocked: reading waits for other threads, and whoever waits helps them
    }

    /// Repairs of persons that lie in scratch, in order of source, file, sheet and row, once; none where `figures` has them.
    pub fn mended(&self) -> impl Iterator<Item = Result<DataFrame>> {
        let mended =
            std::mem::take(&mut *self.mended.lock().unwrap_or_else(PoisonError::into_inner));
        mended
            .into_iter()
            .map(|(origin, repairs)| of_origin(repairs.read()?, origin))
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

    /// A shelf's rows in order of file, sheet and row, under the origins' own numbers.
    fn gathered(&self, kind: SourceKind, shelf: Shelf, schema: &Schema) -> Result<DataFrame> {
        let Shelf {
            pieces: waiting,
            files,
            ..
        } = shelf;
        let written: Vec<Vec<u8>> = files
            .iter()
            .map(|file| scratch::read_bytes(file))
            .collect::<Result<_, _>>()?;
        let opened = || -> PolarsResult<DataFrame> {
            let mut gathered: Vec<Piece<'_>> = waiting.iter().map(Waiting::piece).collect();
            for bytes in &written {
                gathered.append(&mut pieces::read(bytes, self.origin_of.len())?);
            }
            // Rows of sheets that do not count are left out.
            let origin = |piece: &Piece<'_>| self.origin_of[piece.ticket as usize];
            gathered.retain(|piece| origin(piece).is_some());
            gathered.sort_by_key(|piece| (origin(piece), piece.from));
            stacked(&gathered, schema)
        };
        let mut whole = opened().map_err(|error| {
            // Which file it was is asked only now.
            let is_damaged = |bytes: &Vec<u8>| {
                pieces::read(bytes, self.origin_of.len())
                    .and_then(|pieces| stacked(&pieces, schema))
                    .is_err()
            };
            let damaged = files
                .iter()
                .zip(&written)
                .find(|(_, bytes)| is_damaged(bytes));
            match damaged {
                Some((file, _)) => anyhow::Error::from(Fault::Unreadable {
                    file: file.display().to_string(),
                    reason: error.to_string(),
                }),
                None => error.into(),
            }
        })?;
        drop((waiting, written));
        let tickets = whole.column(c::ORIGIN)?.u32()?;
        let origins: UInt32Chunked = tickets
            .iter()
            .map(|ticket| self.origin_of[ticket? as usize])
            .collect();
        whole.with_column(origins.with_name(c::ORIGIN.into()).into_column())?;
        self.atlas.spell_out(&mut whole, kind.is_pooled())?;
        Ok(whole)
    }
}

/// Repairs with the number of their origin.
pub(super) fn of_origin(mut repairs: DataFrame, origin: u32) -> Result<DataFrame> {
    repairs.with_column(
        UInt32Chunked::full(c::ORIGIN.into(), origin, repairs.height()).into_column(),
    )?;
    Ok(repairs)
}

/// Those that could not be read. Column by column: to filter the frame is to wait for polars' threads, and a thread that
/// reads files begins another piece of one while it waits, and in that another, until memory is full.
pub(super) fn unread(repairs: &DataFrame) -> PolarsResult<DataFrame> {
    let rules = repairs.column(c::RULE)?.u8()?;
    let is_unread: BooleanChunked = rules
        .into_no_null_iter()
        .map(|rule| rule == Repair::Unreadable.index())
        .collect();
    let columns = repairs
        .columns()
        .iter()
        .map(|column| column.filter(&is_unread));
    DataFrame::new_infer_height(columns.collect::<PolarsResult<_>>()?)
}
