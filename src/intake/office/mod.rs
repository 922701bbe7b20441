//! Office: xlsx, xlsm and xlsb: archives of parts, looked through before anything is read.
//!
//! In:  the bytes of an archive.
//! Out: its sheets as lines of cells, and what they hide.
//! Never: believes a size or a count that the file states.

pub(in crate::intake) mod number_format;
pub(in crate::intake) mod plain;
pub(in crate::intake) mod records;
pub(in crate::intake) mod streamed;
pub(in crate::intake) mod tags;
pub(in crate::intake) mod texts;
pub(in crate::intake) mod xlsb;
pub(in crate::intake) mod xlsx;
pub(in crate::intake) mod zipped;
