//! The lists as parquet: the facts' frames as they are.

use polars::prelude::DataFrame;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};

/// Fixed, so that the same rows give the same bytes whatever chunks they came in.
const ROW_GROUP_ROWS: usize = 262_144;

/// Parquet, zstd. Holds no time and no machine.
pub(super) fn parquet(frame: &DataFrame) -> anyhow::Result<Vec<u8>> {
    let mut frame = frame.clone();
    frame.rechunk_mut_par();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::default())
        .with_row_group_size(Some(ROW_GROUP_ROWS))
        .finish(&mut frame)?;
    Ok(bytes)
}
