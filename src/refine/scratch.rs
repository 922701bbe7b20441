//! Scratch: a folder for what does not fit into memory.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};

use crate::domain::Fault;

/// A folder for buckets, gone when this goes. It holds numbers of persons in clear: nobody else may look into it.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) folder: PathBuf,
}

impl Scratch {
    pub(super) fn make(folder: PathBuf) -> Result<Scratch, Fault> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // What a killed run left is nobody's.
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .map_err(|error| Fault::unwritable(folder.clone(), &error))?;
        }
        builder
            .recursive(true)
            .create(&folder)
            .map_err(|error| Fault::unwritable(folder.clone(), &error))?;
        Ok(Scratch { folder })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Scratch is read once, by the same program: what is fast to write and read.
pub(super) fn write(path: &Path, frame: &mut DataFrame) -> Result<(), Fault> {
    let mut write = || -> PolarsResult<()> {
        frame.rechunk_mut();
        let writer = ParquetWriter::new(File::create(path)?);
        let writer = writer
            .with_compression(ParquetCompression::Lz4Raw)
            .with_statistics(StatisticsOptions::empty());
        writer
            .set_parallel(false)
            .with_row_group_size(Some(frame.height().max(1)))
            .finish(frame)?;
        Ok(())
    };
    write().map_err(|error| unwritable(path, &error))
}

pub(super) fn read_back(file: &Path) -> Result<DataFrame, Fault> {
    let read = || {
        ParquetReader::new(File::open(file)?)
            .set_rechunk(false)
            .finish()
    };
    let unreadable = |error: PolarsError| Fault::Unreadable {
        file: file.display().to_string(),
        reason: error.to_string(),
    };
    let frame = read().map_err(unreadable)?;
    // What was read is not needed again, and scratch takes room.
    let _ = fs::remove_file(file);
    Ok(frame)
}

/// Writes bytes as they are.
pub(super) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    fs::write(path, bytes).map_err(|error| Fault::unwritable(path.to_owned(), &error))
}

/// Bytes that were written so, once: their file goes.
pub(super) fn read_bytes(file: &Path) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: io::Error| Fault::Unreadable {
        file: file.display().to_string(),
        reason: error.to_string(),
    };
    let bytes = fs::read(file).map_err(unreadable)?;
    let _ = fs::remove_file(file);
    Ok(bytes)
}

/// What a writer of parquet says of a scratch file.
pub(crate) fn unwritable(path: &Path, error: &PolarsError) -> Fault {
    match error {
        PolarsError::IO { error, .. } => Fault::unwritable(path.to_owned(), error),
        other => Fault::unwritable(path.to_owned(), &io::Error::other(other.to_string())),
    }
}
