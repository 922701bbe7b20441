//! Sheets: whatever a file is, its sheets come as lines of cells, and are read from top to bottom.
//!
//! In:  lines of cells with row numbers, and what the file keeps out of sight.
//! Out: `Sheet`s, every row a record or set aside.
//! Never: opens a file, or knows what kind it was.

pub(crate) mod ahead;
pub(crate) mod held;
pub(crate) mod scroll;
pub(crate) mod workbook;
