//! Report: meaning-carrying sheets → workbooks and data files.
//!
//! In:  facts, the scheme, the language.
//! Out: documents; the desk writes them, whole or not at all.
//! Never: computes a figure that `measure` did not hand over.

pub mod sheet;
mod workbooks;

use crate::measure::Facts;
use crate::scheme::Scheme;
use crate::words::Lang;
pub use workbooks::workbooks;

/// What every document is made from.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// The figures.
    pub facts: &'a Facts,
    /// The scheme.
    pub scheme: &'a Scheme,
    /// Language of workbooks; data files do not depend on it.
    pub lang: Lang,
}

/// A file to be: its path inside the report folder (with `/`), and how its bytes are made.
pub struct Document<'a> {
    /// `data/coverage.csv`, `分发/易俗河镇.xlsx` …
    pub path: String,
    /// Makes the bytes. The same contents give the same bytes.
    pub bytes: Box<dyn Fn() -> anyhow::Result<Vec<u8>> + Send + Sync + 'a>,
}
