//! The lists as parquet, batch by batch.

use std::sync::mpsc::sync_channel;
use std::thread;

use polars::prelude::{DataFrame, PolarsError, PolarsResult};
use polars_io::parquet::write::{
    BatchedWriter, ParquetCompression, ParquetWriter, StatisticsOptions,
};

use crate::measure::{BATCH_ROWS, Runs};
use crate::report::Sink;

/// Parquet, zstd, one row group a batch of fixed size: neither runs nor chunks show in the bytes. Holds no time and no machine.
pub(super) fn parquet(list: &Runs, sink: Sink<'_>) -> anyhow::Result<()> {
    let mut file = File {
        sink: Some(sink),
        writer: None,
    };
    if list.len() <= BATCH_ROWS {
        list.batches(BATCH_ROWS, |batch| file.write(batch))?;
    } else {
        ahead(list, &mut file)?;
    }
    Ok(file.end()?)
}

/// While one batch is packed, the next is merged.
fn ahead(list: &Runs, file: &mut File<'_>) -> PolarsResult<()> {
    let (send, batches) = sync_channel(0);
    thread::scope(|scope| {
        let merging = scope.spawn(move || {
            let nobody = |_| PolarsError::ComputeError("the file takes no more".into());
            list.batches(BATCH_ROWS, |batch| send.send(batch).map_err(nobody))
        });
        let written = batches.iter().try_for_each(|batch| file.write(batch));
        drop(batches); // whoever still merges for a file that failed is told so
        let merged = merging
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        written.and(merged)
    })
}

struct File<'s> {
    sink: Option<Sink<'s>>,
    /// None until the first batch tells the columns.
    writer: Option<BatchedWriter<Sink<'s>>>,
}

impl File<'_> {
    fn write(&mut self, mut batch: DataFrame) -> PolarsResult<()> {
        batch.rechunk_mut_par();
        if let Some(sink) = self.sink.take() {
            let parquet = ParquetWriter::new(sink)
                .with_compression(ParquetCompression::Zstd(None))
                .with_statistics(StatisticsOptions::default());
            self.writer = Some(parquet.batched(batch.schema())?);
        }
        self.writer
            .as_mut()
            .map_or(Ok(()), |writer| writer.write_batch(&batch))
    }

    fn end(&self) -> PolarsResult<()> {
        self.writer
            .as_ref()
            .map_or(Ok(()), |writer| writer.finish().map(|_| ()))
    }
}
