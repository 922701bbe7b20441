//! Old: xls, ods, web pages and Excel 2003's XML, held whole within limits.
//!
//! In:  the bytes of a file.
//! Out: its sheets as lines of cells, and what they hide.
//! Never: believes a size or a count that the file states.

pub(in crate::intake) mod biff;
pub(in crate::intake) mod html;
pub(in crate::intake) mod ods;
pub(in crate::intake) mod spreadsheet2003;
pub(in crate::intake) mod xls;
pub(in crate::intake) mod xml;
