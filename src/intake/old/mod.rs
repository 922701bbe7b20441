//! Old: xls, ods, web pages and Excel 2003's XML, held whole within limits.
//!
//! In:  the bytes of a file.
//! Out: its sheets as lines of cells, and what they hide.
//! Never: believes a size or a count that the file states.

pub(crate) mod biff;
pub(crate) mod html;
pub(crate) mod ods;
pub(crate) mod spreadsheet2003;
pub(crate) mod xls;
pub(crate) mod xml;
