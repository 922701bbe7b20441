//! Report: meaning-carrying sheets → workbooks and data files.
//!
//! In:  facts, the scheme, the language.
//! Out: documents; the desk writes them, whole or not at all.
//! Never: computes a figure that `measure` did not hand over.

mod data;
mod desk;
pub mod sheet;
mod workbooks;

pub use desk::Desk;
pub use workbooks::workbooks;

use crate::measure::Facts;
use crate::scheme::Scheme;
use crate::words::Lang;

/// What every document is made from.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// The figures.
    pub facts: &'a Facts,
    /// The scheme.
    pub scheme: &'a Scheme,
    /// Language of workbooks; data files do not depend on it.
    pub lang: Lang,
    /// What may differ between two runs on the same inputs: only the manifest's `run` object holds it.
    pub run: &'a RunInfo,
}

/// The circumstances of one run. No figure depends on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunInfo {
    /// When the run started, as text; `None` leaves it out.
    pub started: Option<String>,
    /// Folder of inputs as it was typed or resolved.
    pub inputs_folder: String,
}

/// A file to be: its path inside the report folder (with `/`), and how its bytes are made.
pub struct Document<'a> {
    /// `data/coverage.csv`, `分发/易俗河镇.xlsx` …
    pub path: String,
    /// Makes the bytes. The same contents give the same bytes.
    pub bytes: Box<dyn Fn() -> anyhow::Result<Vec<u8>> + Send + Sync + 'a>,
}

impl<'a> Document<'a> {
    /// A document from its path and what makes its bytes.
    pub fn new(path: impl Into<String>, bytes: impl Fn() -> anyhow::Result<Vec<u8>> + Send + Sync + 'a) -> Self {
        Document { path: path.into(), bytes: Box::new(bytes) }
    }
}

/// Every document of a report folder.
pub fn all(contents: Contents<'_>) -> Vec<Document<'_>> {
    let mut documents = Vec::new();
    documents.extend(only_data(contents));
    documents.extend(workbooks(contents));
    documents
}

/// The data files and the manifest alone (`--only data`).
pub fn only_data(contents: Contents<'_>) -> Vec<Document<'_>> {
    data::documents(contents)
}

/// The workbooks and the manifest alone (`--only reports`).
pub fn only_reports(contents: Contents<'_>) -> Vec<Document<'_>> {
    let manifest = data::documents(contents).into_iter().filter(|document| document.path == "manifest.json");
    manifest.chain(workbooks(contents)).collect()
}
