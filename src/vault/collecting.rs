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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::runs::Runs;
    use super::*;

    fn rows(numbers: impl Iterator<Item = u32>) -> DataFrame {
        df!("number" => numbers.collect::<Vec<_>>()).unwrap()
    }

    /// What is read of a list that buckets added to in this order.
    fn read(buckets: [u32; 3], scratch: Option<PathBuf>) -> Vec<u32> {
        let order = [PlSmallStr::from_static("number")];
        let lists = Collecting::none(scratch);
        for bucket in buckets {
            // From above, and every third.
            let run = SortedRun::of(rows((0..4).rev().map(|at| at * 3 + bucket)), &order).unwrap();
            lists.take("list", bucket as usize + 2, run).unwrap();
        }
        let whole = SortedRun::of(rows([5, 20].into_iter()), &order).unwrap();
        lists.take_whole("list", whole);
        let frames = [Ok(rows(30..32)), Ok(rows(32..33))];
        lists
            .take_in_order("list", frames.into_iter())
            .expect("room");
        let runs = lists.collected().remove("list").unwrap();
        let list = Runs::new(runs, order.to_vec(), Arc::new(Ok));
        let frame = list.frame().unwrap();
        let numbers = frame.column("number").unwrap().u32().unwrap();
        numbers.into_no_null_iter().collect()
    }

    #[test]
    fn a_list_reads_the_same_whichever_bucket_came_first_and_wherever_it_lies() {
        let expected: Vec<u32> = (0..6).chain(5..12).chain([20]).collect();
        assert_eq!(read([0, 1, 2], None), expected);
        assert_eq!(read([2, 0, 1], None), expected);
        let scratch = tempfile::tempdir().unwrap();
        // What comes in order comes only where there is scratch: else it stands in memory.
        let with_more: Vec<u32> = expected.into_iter().chain(30..33).collect();
        assert_eq!(read([1, 2, 0], Some(scratch.path().into())), with_more);
    }
}
