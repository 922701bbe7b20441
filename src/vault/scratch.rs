//! Scratch: a folder for what does not fit into memory.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use polars::prelude::*;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;
use polars_io::parquet::write::{ParquetCompression, ParquetWriter, StatisticsOptions};

use crate::domain::Fault;

/// A folder for rows, gone when this goes. It holds what nobody else may look into.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    /// Files named so far.
    files: AtomicU64,
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
        Ok(Scratch {
            folder,
            files: AtomicU64::new(0),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file that nobody else writes.
    pub(super) fn file(&self, what: &str, ending: &str) -> PathBuf {
        let number = self.files.fetch_add(1, Relaxed);
        self.folder.join(format!("{what}-{number}.{ending}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A frame that is kept for later, in memory or in scratch.
#[derive(Debug, Default)]
pub struct Kept(Lies);

#[derive(Debug, Default)]
enum Lies {
    #[default]
    Nowhere,
    InMemory(DataFrame),
    InFile(PathBuf),
}

impl Kept {
    /// In scratch where there is one.
    pub(super) fn put(mut frame: DataFrame, scratch: Option<&Scratch>) -> Result<Kept, Fault> {
        let Some(scratch) = scratch else {
            return Ok(Kept(Lies::InMemory(frame)));
        };
        let file = scratch.file("kept", "parquet");
        write(&file, &mut frame)?;
        Ok(Kept(Lies::InFile(file)))
    }

    /// The frame; one without columns where nothing was kept.
    ///
    /// # Errors
    /// `Fault` where scratch cannot be read.
    pub fn read(self) -> Result<DataFrame, Fault> {
        match self.0 {
            Lies::Nowhere => Ok(DataFrame::empty()),
            Lies::InMemory(frame) => Ok(frame),
            Lies::InFile(file) => read_back(&file),
        }
    }
}

/// Scratch is read once, by the same program: what is fast to write and read.
fn write(path: &Path, frame: &mut DataFrame) -> Result<(), Fault> {
    let mut write = || -> PolarsResult<()> {
        frame.rechunk_mut();
        ParquetWriter::new(File::create(path)?)
            .with_compression(ParquetCompression::Lz4Raw)
            .with_statistics(StatisticsOptions::empty())
            .set_parallel(false)
            .with_row_group_size(Some(frame.height().max(1)))
            .finish(frame)?;
        Ok(())
    };
    write().map_err(|error| unwritable(path, &error))
}

fn read_back(file: &Path) -> Result<DataFrame, Fault> {
    let read = || {
        ParquetReader::new(File::open(file)?)
            .set_rechunk(false)
            .finish()
    };
    let frame = read().map_err(|error: PolarsError| unreadable(file, &error))?;
    remove(file);
    Ok(frame)
}

/// Writes bytes as they are.
pub(super) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    fs::write(path, bytes).map_err(|error| Fault::unwritable(path.to_owned(), &error))
}

/// Bytes that were written so.
pub(super) fn read_bytes(file: &Path) -> Result<Vec<u8>, Fault> {
    fs::read(file).map_err(|error| unreadable(file, &error))
}

/// What was read is not needed again, and scratch takes room. Whatever stays goes with the folder.
pub(super) fn remove(file: &Path) {
    let _ = fs::remove_file(file);
}

/// What reading a scratch file comes to.
pub(super) fn unreadable(file: &Path, error: &dyn std::fmt::Display) -> Fault {
    Fault::Unreadable {
        file: file.display().to_string(),
        reason: error.to_string(),
    }
}

/// What a writer of parquet says of a scratch file.
pub(super) fn unwritable(path: &Path, error: &PolarsError) -> Fault {
    match error {
        PolarsError::IO { error, .. } => Fault::unwritable(path.to_owned(), error),
        other => Fault::unwritable(path.to_owned(), &io::Error::other(other.to_string())),
    }
}
