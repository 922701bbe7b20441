//! Disk: folders and files as the desk makes them and takes them away. Reports name persons: only their owner may read them.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

use crate::domain::Fault;

/// Makes a folder, and those above it that are not there. A folder that is there stays as it is.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a file to write into.
pub(super) fn file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create(true).truncate(true).open(path)
}

/// Removes a folder; one that is not there is removed already.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// What the machine said of a path, as a fault.
pub(super) fn unwritable(path: &Path) -> impl Fn(io::Error) -> Fault {
    let path = path.to_path_buf();
    move |error| Fault::unwritable(path.clone(), &error)
}
