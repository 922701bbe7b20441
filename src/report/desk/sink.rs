//! Sink: a file that is being written, which remembers what went wrong with it and of what bytes it is.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use sha2::{Digest, Sha256};

use super::seal;

/// What is written to a file at once.
const BUFFER_BYTES: usize = 256 * 1024;

/// A file that remembers what went wrong with it.
pub(super) struct Watched {
    file: BufWriter<File>,
    failed: Option<io::Error>,
    digest: Sha256,
}

impl Watched {
    pub(super) fn new(file: File) -> Watched {
        Watched {
            file: BufWriter::with_capacity(BUFFER_BYTES, file),
            failed: None,
            digest: Sha256::new(),
        }
    }

    /// What the machine said, where it said something.
    pub(super) fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Makes sure that everything is on the disk. The digest of it.
    pub(super) fn close(self) -> io::Result<String> {
        self.file.get_ref().sync_all()?;
        Ok(seal::hex(self.digest))
    }

    fn noted<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| {
            let told = io::Error::from(error.kind());
            self.failed.get_or_insert(error);
            told
        })
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.file.write(bytes);
        if let Ok(taken) = done {
            self.digest.update(&bytes[..taken]);
        }
        self.noted(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.flush();
        self.noted(done)
    }
}
