//! Books: which file holds which rows, under which headers.

mod entries;
mod library;
mod spelling;

pub(super) use library::{Library, OpenFiles, Pages};
