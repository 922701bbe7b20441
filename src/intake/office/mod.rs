//! Office: xlsx, xlsm and xlsb: archives of parts, looked through before anything is read.
//!
//! In:  the bytes of an archive.
//! Out: its sheets as lines of cells, and what they hide.
//! Never: believes a size or a count that the file states.

mod damage;
mod number_format;
mod plain;
mod records;
pub(crate) mod streamed;
mod tags;
mod texts;
mod xlsb;
mod xlsx;
mod zipped;

pub(crate) use number_format::Shown;
pub(crate) use plain::PlainXlsx;
pub(crate) use xlsb::Xlsb;
pub(crate) use xlsx::OddXlsx;
pub(crate) use zipped::{Parts, Zipped, files_in_archive};
