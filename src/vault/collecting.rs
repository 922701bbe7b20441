//! Collecting: lists come in bucket by bucket, each sorted as soon as it comes, and wait in memory or in scratch to be read as
//! one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use polars::prelude::*;

use super::runs::{SortedRun, Spill};
use super::shelves::Titled;
use crate::domain::Fault;

/// Lists while they come in, from any thread and in any order.
pub struct Collecting<L> {
    scratch: Option<PathBuf>,
    /// By list, then by the number that a run came with.
    runs: Mutex<BTreeMap<L, BTreeMap<usize, SortedRun>>>,
}

impl<L: Titled> Collecting<L> {
    /// None yet; where they are put, if not in memory. Whoever names the folder removes it.
    pub fn none(scratch: Option<PathBuf>) -> Self {
        Collecting {
            scratch,
            runs: Mutex::default(),
        }
    }

    /// Whether lists are put into scratch.
    pub fn is_in_scratch(&self) -> bool {
        self.scratch.is_some()
    }

    /// Takes what a bucket adds to a list.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be written.
    pub fn take(&self, list: L, bucket: usize, run: SortedRun) -> Result<(), Fault> {
        let run = match &self.scratch {
            Some(scratch) => run.spilled(&scratch.join(format!("{list}-{bucket}.parquet")))?,
            None => run,
        };
        self.put(list, bucket, run);
        Ok(())
    }

    /// Takes a list, or a part of it, that stays in memory.
    pub fn take_whole(&self, list: L, run: SortedRun) {
        self.put(list, 0, run);
    }

    /// Takes rows of a list that come frame by frame in its order: they are written as they come. Nothing where none come, or
    /// where there is no scratch.
    ///
    /// # Errors
    /// What the frames say, and `Fault` where scratch cannot be written.
    pub fn take_in_order(
        &self,
        list: L,
        frames: impl Iterator<Item = Result<DataFrame>>,
    ) -> Result<()> {
        let Some(scratch) = &self.scratch else {
            return Ok(());
        };
        let mut spill: Option<Spill> = None;
        for rows in frames {
            let rows = rows?;
            let spill = match &mut spill {
                Some(spill) => spill,
                none => {
                    let file = scratch.join(format!("{list}.parquet"));
                    none.insert(Spill::begin(&file, rows.clear())?)
                }
            };
            spill.take(rows)?;
        }
        if let Some(spill) = spill {
            self.put(list, 1, spill.end()?); // 0 is what was taken whole
        }
        Ok(())
    }

    fn put(&self, list: L, number: usize, run: SortedRun) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.entry(list).or_default().insert(number, run);
    }

    /// The runs of every list, in the order of their numbers.
    pub fn collected(self) -> BTreeMap<L, Vec<SortedRun>> {
        let runs = self
            .runs
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        runs.into_iter()
            .map(|(list, runs)| (list, runs.into_values().collect()))
            .collect()
    }
}
