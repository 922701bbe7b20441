//! Reading ahead: while one thread takes rows out of a workbook's XML, another judges and gathers them.
//!
//! Only a long sheet is worth a thread; a short one is read where it stands.

use std::borrow::Cow;
use std::sync::mpsc::{self, Receiver, SyncSender};

use crate::intake::cell::RowCells;
use crate::intake::lines::Lines;
use crate::intake::trouble::Trouble;

/// Rows handed over at a time; a sheet with fewer is read without a second thread.
const BATCH_ROWS: usize = 512;

/// Cells after which a batch is handed over, however few its rows: 512 rows of 128 columns. A row may have 16,384.
const BATCH_CELLS: usize = 1 << 16;

/// Batches that may wait for the gatherer: enough that neither thread waits for a hiccup of the other.
const BATCHES_AHEAD: usize = 8;

/// Rows laid end to end, so that a batch is a handful of allocations.
#[derive(Default)]
struct Batch<'a> {
    cells: Vec<Cow<'a, str>>,
    /// Number of the row, and where its cells end.
    rows: Vec<(u32, usize)>,
    /// What stopped the reading behind these rows; `None` = there may be more.
    end: Option<Result<(), Trouble>>,
}

impl<'a> Batch<'a> {
    /// Fills an emptied batch with the next rows.
    fn fill(&mut self, lines: &mut (dyn Lines<'a> + 'a)) {
        self.rows.clear();
        self.cells.clear();
        let mut row = RowCells::new();
        while self.rows.len() < BATCH_ROWS && self.cells.len() < BATCH_CELLS {
            match lines.next(&mut row) {
                Ok(Some(number)) => {
                    self.cells.append(&mut row);
                    self.rows.push((number, self.cells.len()));
                }
                other => {
                    self.end = Some(other.map(|_| ()));
                    return;
                }
            }
        }
    }
}

/// Lets `work` read the lines while they are read ahead.
pub(crate) fn read<'a, T: Send>(
    mut lines: Box<dyn Lines<'a> + 'a>,
    work: impl FnOnce(&mut (dyn Lines<'a> + 'a)) -> T + Send,
) -> T {
    let mut first = Batch::default();
    first.fill(&mut *lines);
    let (give, take) = mpsc::sync_channel(BATCHES_AHEAD);
    let (give_back, empties) = mpsc::channel();
    let more = first.end.is_none();
    let mut ahead = Ahead {
        batch: Batch::default(),
        row: 0,
        from: 0,
        take,
        give_back,
    };
    // The channel holds a batch before anybody takes one.
    if give.send(first).is_err() {
        unreachable!("the receiver is alive");
    }
    if !more {
        drop(give);
        return work(&mut ahead);
    }
    std::thread::scope(|scope| {
        let worker = scope.spawn(move || work(&mut ahead));
        send_all(&mut *lines, &give, &empties);
        drop(give);
        // A panic of the worker is ours; it goes on as if there were one thread.
        worker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Reads to the end, or until nobody listens.
fn send_all<'a>(
    lines: &mut (dyn Lines<'a> + 'a),
    give: &SyncSender<Batch<'a>>,
    empties: &Receiver<Batch<'a>>,
) {
    loop {
        let mut batch = empties.try_recv().unwrap_or_default();
        batch.fill(lines);
        let ended = batch.end.is_some();
        if give.send(batch).is_err() || ended {
            return;
        }
    }
}

/// The gatherer's end.
struct Ahead<'a> {
    batch: Batch<'a>,
    /// Next row of the batch, and where its cells begin.
    row: usize,
    from: usize,
    take: Receiver<Batch<'a>>,
    give_back: mpsc::Sender<Batch<'a>>,
}

impl<'a> Lines<'a> for Ahead<'a> {
    fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
        cells.clear();
        loop {
            if let Some((number, to)) = self.batch.rows.get(self.row).copied() {
                cells.extend(
                    self.batch.cells[self.from..to]
                        .iter_mut()
                        .map(std::mem::take),
                );
                (self.row, self.from) = (self.row + 1, to);
                return Ok(Some(number));
            }
            match self.batch.end.take() {
                Some(Ok(())) => {
                    self.batch.end = Some(Ok(()));
                    return Ok(None);
                }
                Some(Err(trouble)) => {
                    self.batch.end = Some(Ok(()));
                    return Err(trouble);
                }
                None => {}
            }
            let Ok(next) = self.take.recv() else {
                return Ok(None);
            };
            // Nobody may want the empty batch any more.
            let _ = self
                .give_back
                .send(std::mem::replace(&mut self.batch, next));
            (self.row, self.from) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Refusal;
    use crate::domain::fault::WrongContent;

    /// So many rows of one cell, then an end or a trouble.
    struct Counted {
        rows: u32,
        at: u32,
        trouble: bool,
    }

    impl<'a> Lines<'a> for Counted {
        fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
            cells.clear();
            if self.at == self.rows {
                return if self.trouble {
                    Err(Refusal::Content(WrongContent::Password {
                        file: String::new(),
                    })
                    .into())
                } else {
                    Ok(None)
                };
            }
            self.at += 1;
            cells.push(Cow::Owned(self.at.to_string()));
            Ok(Some(self.at))
        }
    }

    fn sum(rows: u32, trouble: bool, stop: u32) -> (u64, bool) {
        read(
            Box::new(Counted {
                rows,
                at: 0,
                trouble,
            }),
            |lines| {
                let (mut cells, mut sum) = (RowCells::new(), 0);
                loop {
                    match lines.next(&mut cells) {
                        Ok(Some(number)) => {
                            assert_eq!(cells, [number.to_string()]);
                            sum += u64::from(number);
                            if number == stop {
                                return (sum, false);
                            }
                        }
                        Ok(None) => return (sum, false),
                        Err(_) => return (sum, true),
                    }
                }
            },
        )
    }

    /// Rows without end, each as wide as a sheet.
    struct Wide;

    impl<'a> Lines<'a> for Wide {
        fn next(&mut self, cells: &mut RowCells<'a>) -> Result<Option<u32>, Trouble> {
            cells.clear();
            cells.resize(16_384, Cow::Borrowed(""));
            Ok(Some(1))
        }
    }

    #[test]
    fn a_batch_of_wide_rows_is_one_of_few_rows() {
        let mut batch = Batch::default();
        batch.fill(&mut Wide);
        assert_eq!((batch.rows.len(), batch.cells.len()), (4, 65_536));
    }

    #[test]
    fn every_row_arrives_once_and_in_order_whatever_the_length() {
        for rows in [0, 1, 511, 512, 513, 50_000] {
            let all = u64::from(rows) * (u64::from(rows) + 1) / 2;
            assert_eq!(sum(rows, false, 0), (all, false), "{rows}");
            assert_eq!(sum(rows, true, 0), (all, true), "{rows} and a trouble");
        }
        // A reader that has seen enough ends the reading ahead.
        assert_eq!(sum(50_000, false, 10), (55, false));
    }
}
