//! Runs: a list in sorted pieces, one a bucket, that come together only while they are read.
//!
//! A list may be longer than memory. What every bucket adds to it becomes one run: rows in the order of the list, held in
//! memory or in a scratch file. Whoever reads the list reads all runs side by side, in batches of
//! a fixed number of rows: what is read does not depend on how many runs there are.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::metadata::{FileMetadata, FileMetadataRef};
use polars_io::parquet::read::{ParallelStrategy, ParquetReader};
use polars_io::parquet::write::{
    BatchedWriter, ParquetCompression, ParquetWriter, StatisticsOptions,
};

use super::keys::Keys;
use super::scratch::unwritable;
use crate::domain::Fault;

/// Rows of a batch.
pub const BATCH_ROWS: usize = 262_144;
/// Rows of a run that are looked at together: of every run so many stand in memory.
const WINDOW_ROWS: usize = 8_192;

/// Rows of one bucket, in the order of their list.
#[derive(Clone)]
pub struct SortedRun {
    rows: usize,
    /// Its columns, without rows.
    looks: DataFrame,
    held: Lying,
}

#[derive(Clone)]
enum Lying {
    Memory(DataFrame),
    /// A row group a window.
    Scratch {
        file: PathBuf,
        metadata: FileMetadataRef,
        without_groups: FileMetadataRef,
    },
}

impl SortedRun {
    /// Sorts the rows of one bucket, and keeps them in memory.
    ///
    /// # Errors
    /// When the frame lacks a column of the order.
    pub fn of(frame: DataFrame, order: &[PlSmallStr]) -> PolarsResult<SortedRun> {
        let keys = Keys::of(&frame, order)?;
        let frame = if keys.is_sorted() {
            frame
        } else {
            frame.take(&IdxCa::from_vec(PlSmallStr::EMPTY, keys.sorted()))?
        };
        Ok(SortedRun::sorted(frame))
    }

    fn sorted(mut frame: DataFrame) -> SortedRun {
        frame.rechunk_mut_par();
        SortedRun {
            rows: frame.height(),
            looks: frame.clear(),
            held: Lying::Memory(frame),
        }
    }

    /// Its rows; a run in scratch has none in memory.
    pub fn into_frame(self) -> DataFrame {
        match self.held {
            Lying::Memory(frame) => frame,
            Lying::Scratch { .. } => self.looks,
        }
    }

    /// Columns of the run.
    pub fn looks(&self) -> &DataFrame {
        &self.looks
    }

    /// Moves the rows to a file that nobody else writes. Whoever names it removes it.
    ///
    /// # Errors
    /// `Fault` where it cannot be written.
    pub fn spilled(self, file: &Path) -> Result<SortedRun, Fault> {
        let Lying::Memory(frame) = self.held else {
            return Ok(self);
        };
        let mut spill = Spill::begin(file, self.looks)?;
        spill.take(frame)?;
        spill.end()
    }

    /// The rows that `wanted` says yes to, in memory.
    fn filtered(
        &self,
        wanted: impl Fn(DataFrame) -> PolarsResult<BooleanChunked>,
    ) -> PolarsResult<SortedRun> {
        let mut all = self.looks.clone();
        for first in (0..self.rows).step_by(WINDOW_ROWS) {
            let window = self.window(first)?;
            all.vstack_mut_owned(window.filter(&wanted(window.clone())?)?)?;
        }
        Ok(SortedRun::sorted(all))
    }

    fn window(&self, first: usize) -> PolarsResult<DataFrame> {
        match &self.held {
            Lying::Memory(frame) => Ok(frame.slice(first as i64, WINDOW_ROWS)),
            Lying::Scratch {
                file,
                metadata,
                without_groups,
            } => {
                // The reader decodes every row group that it is told of up to the last row asked for: it is told of one.
                let Some(group) = metadata.row_groups.get(first / WINDOW_ROWS) else {
                    return Ok(self.looks.clone());
                };
                let mut window = FileMetadata::clone(without_groups);
                window.num_rows = group.num_rows();
                window.row_groups.push(group.clone());
                let read = || {
                    let mut reader = ParquetReader::new(File::open(file)?);
                    reader.set_metadata(Arc::new(window));
                    reader.read_parallel(ParallelStrategy::None).finish()
                };
                read()
                    .map(aligned)
                    .map_err(|error: PolarsError| error.context(file.display().to_string().into()))
            }
        }
    }
}

/// A run that is written piece by piece, in the order of its list.
pub(super) struct Spill {
    file: PathBuf,
    writer: BatchedWriter<File>,
    looks: DataFrame,
    /// What does not fill a window yet.
    pending: DataFrame,
    rows: usize,
}

impl Spill {
    /// A file that nobody else writes, for rows with these columns.
    ///
    /// # Errors
    /// `Fault` where it cannot be written; so everywhere here.
    pub(super) fn begin(file: &Path, looks: DataFrame) -> Result<Spill, Fault> {
        let begin = || {
            ParquetWriter::new(File::create(file)?)
                .with_compression(ParquetCompression::Lz4Raw)
                .with_statistics(StatisticsOptions::empty())
                .batched(looks.schema())
        };
        let writer = begin().map_err(|error| unwritable(file, &error))?;
        Ok(Spill {
            file: file.to_owned(),
            writer,
            pending: looks.clone(),
            looks,
            rows: 0,
        })
    }

    /// The next rows: in their order, behind all that came before.
    pub(super) fn take(&mut self, rows: DataFrame) -> Result<(), Fault> {
        self.pending
            .vstack_mut_owned(rows)
            .map_err(|error| unwritable(&self.file, &error))?;
        let full = self.pending.height() / WINDOW_ROWS * WINDOW_ROWS;
        for first in (0..full).step_by(WINDOW_ROWS) {
            self.write(self.pending.slice(first as i64, WINDOW_ROWS))?;
        }
        self.pending = self.pending.slice(full as i64, WINDOW_ROWS);
        Ok(())
    }

    fn write(&mut self, window: DataFrame) -> Result<(), Fault> {
        self.rows += window.height();
        self.writer
            .write_batch(&aligned(window))
            .map_err(|error| unwritable(&self.file, &error))
    }

    /// The run.
    pub(super) fn end(mut self) -> Result<SortedRun, Fault> {
        let last = std::mem::take(&mut self.pending);
        if last.height() > 0 {
            self.write(last)?;
        }
        let Spill {
            file,
            writer,
            looks,
            rows,
            ..
        } = self;
        let end = || {
            writer.finish()?;
            Ok(ParquetReader::new(File::open(&file)?)
                .get_metadata()?
                .clone())
        };
        let metadata = end().map_err(|error: PolarsError| unwritable(&file, &error))?;
        let without_groups = Arc::new(FileMetadata {
            row_groups: Vec::new(),
            num_rows: 0,
            ..FileMetadata::clone(&metadata)
        });
        Ok(SortedRun {
            rows,
            looks,
            held: Lying::Scratch {
                file,
                metadata,
                without_groups,
            },
        })
    }
}

fn aligned(mut frame: DataFrame) -> DataFrame {
    frame.rechunk_mut_par();
    frame
}

/// What makes the rows of a file from the rows of a run.
pub type Worded = Arc<dyn Fn(DataFrame) -> PolarsResult<DataFrame> + Send + Sync>;

/// A list as its file will hold it.
#[derive(Clone)]
pub struct Runs {
    runs: Vec<SortedRun>,
    order: Vec<PlSmallStr>,
    worded: Worded,
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows in {} runs", self.len(), self.runs.len())
    }
}

impl From<DataFrame> for Runs {
    /// A list that stands as it will be read.
    fn from(frame: DataFrame) -> Runs {
        Runs::new(vec![SortedRun::sorted(frame)], Vec::new(), Arc::new(Ok))
    }
}

impl Runs {
    /// The list that runs sorted by the same columns make up, and what makes its rows of theirs.
    ///
    /// # Panics
    /// When there is no run.
    pub fn new(runs: Vec<SortedRun>, order: Vec<PlSmallStr>, worded: Worded) -> Runs {
        assert!(
            !runs.is_empty(),
            "a list without rows is one empty run: it has columns all the same"
        );
        Runs {
            runs,
            order,
            worded,
        }
    }

    /// Rows of all runs.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.rows).sum()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The whole list in memory.
    ///
    /// # Errors
    /// What reading a scratch file says.
    pub fn frame(&self) -> PolarsResult<DataFrame> {
        let mut all: Option<DataFrame> = None;
        self.batches(BATCH_ROWS, |batch| {
            match &mut all {
                None => all = Some(batch),
                Some(all) => all.vstack_mut_owned(batch).map(|_| ())?,
            }
            Ok(())
        })?;
        Ok(aligned(all.unwrap_or_default())) // never none: an empty list is one empty batch
    }

    /// The list batch by batch, `rows` rows each but the last. An empty list is one empty batch.
    ///
    /// # Errors
    /// What reading a scratch file or `take` says.
    pub fn batches(
        &self,
        rows: usize,
        mut take: impl FnMut(DataFrame) -> PolarsResult<()>,
    ) -> PolarsResult<()> {
        if let [
            SortedRun {
                held: Lying::Memory(frame),
                ..
            },
        ] = self.runs.as_slice()
        {
            let starts = (0..frame.height().max(1)).step_by(rows);
            return starts
                .into_iter()
                .try_for_each(|first| take((self.worded)(frame.slice(first as i64, rows))?));
        }
        let mut merge = Merge::of(self)?;
        let mut left = self.len();
        loop {
            let batch = merge.next(rows.min(left))?;
            left -= batch.height();
            take((self.worded)(batch)?)?;
            if left == 0 {
                return Ok(());
            }
        }
    }

    /// The rows that `wanted` says yes to, in memory. It sees them as they will be read.
    ///
    /// # Errors
    /// What reading a scratch file or `wanted` says.
    pub fn filtered(
        &self,
        wanted: impl Fn(&DataFrame) -> PolarsResult<BooleanChunked>,
    ) -> PolarsResult<DataFrame> {
        self.picked(|rows| wanted(&(self.worded)(rows)?))
    }

    /// The columns of the list as it will be read, without a row.
    ///
    /// # Errors
    /// Only when a run breaks its contract.
    pub fn nothing(&self) -> PolarsResult<DataFrame> {
        (self.worded)(self.runs[0].looks.clone())
    }

    /// The rows that `wanted` says yes to, in memory. It sees them as they are kept: run by run, so that only what is wanted
    /// need come together.
    ///
    /// # Errors
    /// What reading a scratch file or `wanted` says.
    pub fn picked(
        &self,
        wanted: impl Fn(DataFrame) -> PolarsResult<BooleanChunked>,
    ) -> PolarsResult<DataFrame> {
        let runs = self
            .runs
            .iter()
            .map(|run| run.filtered(&wanted))
            .collect::<PolarsResult<_>>()?;
        Runs {
            runs,
            ..self.clone()
        }
        .frame()
    }
}

/// Where the reading of one run stands.
struct RunCursor<'r> {
    run: &'r SortedRun,
    /// Rows of the run before the window.
    before: usize,
    window: DataFrame,
    keys: Keys,
    /// The next row of the window.
    at: usize,
    /// The first row of the window that the present batch takes.
    from: usize,
    /// Number of the part that holds the rows taken since `from`.
    part: usize,
}

impl<'r> RunCursor<'r> {
    fn of(run: &'r SortedRun, order: &[PlSmallStr]) -> PolarsResult<RunCursor<'r>> {
        let window = run.window(0)?;
        let keys = Keys::of(&window, order)?;
        Ok(RunCursor {
            run,
            before: 0,
            window,
            keys,
            at: 0,
            from: 0,
            part: usize::MAX,
        })
    }

    fn is_done(&self) -> bool {
        self.before + self.at >= self.run.rows
    }

    /// The rows taken since `from`.
    fn taken(&self) -> DataFrame {
        self.window.slice(self.from as i64, self.at - self.from)
    }

    fn turn(&mut self, order: &[PlSmallStr]) -> PolarsResult<()> {
        self.before += self.at;
        self.window = self.run.window(self.before)?;
        self.keys = Keys::of(&self.window, order)?;
        (self.at, self.from) = (0, 0);
        Ok(())
    }
}

/// All runs of a list, read side by side.
struct Merge<'r> {
    order: &'r [PlSmallStr],
    cursors: Vec<RunCursor<'r>>,
    /// Positions in `cursors` of those that are not done, as a heap with the first row on top.
    heap: Vec<usize>,
    /// What a batch without rows looks like.
    empty: DataFrame,
}

impl<'r> Merge<'r> {
    fn of(runs: &'r Runs) -> PolarsResult<Merge<'r>> {
        let cursors = runs
            .runs
            .iter()
            .map(|run| RunCursor::of(run, &runs.order))
            .collect::<PolarsResult<Vec<_>>>()?;
        let empty = runs.runs[0].looks.clone();
        let open = (0..cursors.len())
            .filter(|at| !cursors[*at].is_done())
            .collect();
        let mut merge = Merge {
            order: &runs.order,
            cursors,
            heap: open,
            empty,
        };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sink(at);
        }
        Ok(merge)
    }

    /// The next rows of all runs in their order.
    fn next(&mut self, rows: usize) -> PolarsResult<DataFrame> {
        let mut parts: Vec<DataFrame> = Vec::new();
        let mut picked: Vec<(usize, usize)> = Vec::with_capacity(rows);
        for cursor in &mut self.cursors {
            (cursor.from, cursor.part) = (cursor.at, usize::MAX);
        }
        while picked.len() < rows {
            let Some(&top) = self.heap.first() else { break };
            let cursor = &mut self.cursors[top];
            if cursor.part == usize::MAX {
                cursor.part = parts.len();
                parts.push(DataFrame::empty()); // its rows come when they are all known
            }
            picked.push((cursor.part, cursor.at - cursor.from));
            cursor.at += 1;
            if cursor.at == cursor.window.height() {
                parts[cursor.part] = cursor.taken();
                cursor.part = usize::MAX;
                if cursor.is_done() {
                    self.heap.swap_remove(0);
                } else {
                    cursor.turn(self.order)?;
                }
            }
            self.sink(0);
        }
        for cursor in self
            .cursors
            .iter()
            .filter(|cursor| cursor.part != usize::MAX)
        {
            parts[cursor.part] = cursor.taken();
        }
        self.gathered(parts, &picked)
    }

    fn gathered(
        &self,
        parts: Vec<DataFrame>,
        picked: &[(usize, usize)],
    ) -> PolarsResult<DataFrame> {
        let mut all = self.empty.clone();
        let mut starts = Vec::with_capacity(parts.len());
        for part in parts {
            starts.push(all.height());
            all.vstack_mut_owned(part)?;
        }
        all.rechunk_mut_par();
        let rows: Vec<IdxSize> = picked
            .iter()
            .map(|(part, row)| (starts[*part] + row) as IdxSize)
            .collect();
        all.take(&IdxCa::from_vec(PlSmallStr::EMPTY, rows))
    }

    /// Whether the next row of one cursor stands before that of another; of equal rows it does not matter which comes first.
    fn is_before(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.cursors[a], &self.cursors[b]);
        a.keys.compare(a.at, &b.keys, b.at).is_lt()
    }

    /// Restores the heap below a place whose row has changed.
    fn sink(&mut self, mut at: usize) {
        loop {
            let below = [2 * at + 1, 2 * at + 2]
                .into_iter()
                .filter(|below| *below < self.heap.len());
            let first = below.reduce(|a, b| {
                if self.is_before(self.heap[b], self.heap[a]) {
                    b
                } else {
                    a
                }
            });
            let Some(first) =
                first.filter(|first| self.is_before(self.heap[*first], self.heap[at]))
            else {
                return;
            };
            self.heap.swap(at, first);
            at = first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of which many are equal in what sorts them, and some throughout.
    fn rows_of(count: u32) -> DataFrame {
        let name =
            |at: u32| (!at.is_multiple_of(5)).then(|| ["张三", "李四", "王五"][at as usize % 3]);
        df!(
            "id" => (0..count).map(|at| format!("4303211990{:08}", at.wrapping_mul(2_654_435_761) % 5_000)).collect::<Vec<_>>(),
            "name" => (0..count).map(name).collect::<Vec<_>>(),
            "row" => (0..count).map(|at| at % 7).collect::<Vec<_>>(),
            "standing" => (0..count).map(|at| (at % 4) as u8).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    fn order() -> Vec<PlSmallStr> {
        ["id", "name", "row", "standing"]
            .map(PlSmallStr::from)
            .to_vec()
    }

    /// Every n-th row makes a run.
    fn runs(all: &DataFrame, n: usize, scratch: Option<&Path>) -> Runs {
        let run = |bucket: usize| {
            let mine: BooleanChunked = (0..all.height())
                .map(|at| Some(at * 31 % n == bucket))
                .collect();
            let run = SortedRun::of(all.filter(&mine).unwrap(), &order()).unwrap();
            match scratch {
                Some(folder) if bucket % 3 != 1 => run
                    .spilled(&folder.join(format!("{bucket}.parquet")))
                    .unwrap(),
                _ => run,
            }
        };
        Runs::new((0..n).map(run).collect(), order(), Arc::new(Ok))
    }

    fn batches(runs: &Runs, rows: usize) -> Vec<DataFrame> {
        let mut batches = Vec::new();
        runs.batches(rows, |batch| {
            batches.push(batch);
            Ok(())
        })
        .unwrap();
        batches
    }

    #[test]
    fn what_is_read_does_not_depend_on_how_many_runs_there_are_or_where_they_lie() {
        let all = rows_of(30_000);
        let whole = all.sort(order(), SortMultipleOptions::default()).unwrap();
        let scratch = tempfile::tempdir().unwrap();
        for n in [1, 2, 7, 64] {
            for folder in [None, Some(scratch.path())] {
                let runs = runs(&all, n, folder);
                assert_eq!(runs.len(), 30_000);
                assert!(runs.frame().unwrap().equals_missing(&whole), "{n} runs");
                let sizes: Vec<usize> = batches(&runs, 7_000)
                    .iter()
                    .map(DataFrame::height)
                    .collect();
                assert_eq!(sizes, [7_000, 7_000, 7_000, 7_000, 2_000], "{n} runs");
            }
        }
    }

    #[test]
    fn a_run_that_cannot_be_put_away_says_where() {
        let file = Path::new("no such folder").join("list-0.parquet");
        let fault = SortedRun::of(rows_of(10), &order())
            .unwrap()
            .spilled(&file)
            .err()
            .expect("the folder is not there");
        assert!(
            matches!(&fault, Fault::Unwritable { path, .. } if *path == file),
            "{fault:?}"
        );
    }

    #[test]
    fn an_empty_list_is_one_batch_with_its_columns() {
        for n in [1, 3] {
            let read = batches(&runs(&rows_of(0), n, None), 100);
            assert_eq!(read.len(), 1);
            assert_eq!((read[0].height(), read[0].width()), (0, 4));
        }
    }

    #[test]
    fn rows_are_picked_as_they_will_be_read() {
        let all = rows_of(30_000);
        let worded: Worded = Arc::new(|mut rows: DataFrame| {
            let next = rows.column("row")?.u32()?.clone() + 1;
            rows.replace("row", next.into_column())?;
            Ok(rows)
        });
        let wanted = |rows: &DataFrame| -> PolarsResult<BooleanChunked> {
            Ok(rows.column("row")?.u32()?.equal(7))
        };
        let scratch = tempfile::tempdir().unwrap();
        let picked = |n, folder| {
            Runs {
                worded: worded.clone(),
                ..runs(&all, n, folder)
            }
            .filtered(wanted)
            .unwrap()
        };
        let one = picked(1, None);
        assert_eq!(one.height(), (0..30_000).filter(|at| at % 7 == 6).count());
        assert_eq!(one.column("row").unwrap().u32().unwrap().min(), Some(7));
        for n in [1, 2, 7] {
            assert!(
                picked(n, Some(scratch.path())).equals_missing(&one),
                "{n} runs"
            );
        }
    }
}
