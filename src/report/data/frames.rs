//! The lists as parquet, batch by batch.

use polars::prelude::DataFrame;
use polars_io::parquet::write::{BatchedWriter, ParquetCompression, ParquetWriter, StatisticsOptions};

use crate::measure::{BATCH_ROWS, Runs};
use crate::report::Sink;

/// Parquet, zstd, one row group a batch of fixed size: neither runs nor chunks show in the bytes. Holds no time and no machine.
pub(super) fn parquet(list: &Runs, sink: Sink<'_>) -> anyhow::Result<()> {
    let mut sink = Some(sink);
    let mut writer: Option<BatchedWriter<Sink<'_>>> = None;
    list.batches(BATCH_ROWS, |mut batch: DataFrame| {
        batch.rechunk_mut_par();
        if let Some(sink) = sink.take() {
            let parquet = ParquetWriter::new(sink)
                .with_compression(ParquetCompression::Zstd(None))
                .with_statistics(StatisticsOptions::default());
            writer = Some(parquet.batched(batch.schema())?);
        }
        writer.as_mut().map_or(Ok(()), |writer| writer.write_batch(&batch))
    })?;
    if let Some(writer) = writer {
        writer.finish()?;
    }
    Ok(())
}
