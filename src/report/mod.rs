//! Report: meaning-carrying sheets → workbooks and data files.
//!
//! In:  facts, the scheme, the language.
//! Out: documents; the desk writes them, whole or not at all.
//! Never: computes a figure that `measure` did not hand over.

mod data;
mod desk;
mod part;
pub mod sheet;
mod workbooks;

use std::io::Write;

pub use data::columns::{CellOf, DataColumn, DataFile, files as data_files};
pub use desk::{Desk, Digests, Placed};
pub use part::Part;
pub use workbooks::declared::{DeclaredBook, SheetOf, WORKBOOKS};
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
    /// The region that workbooks were asked of; `None` = all of the scheme.
    pub region: Option<String>,
    /// Which documents were asked for.
    pub documents: Part,
}

/// Where the bytes of a document go.
pub type Sink<'s> = &'s mut (dyn Write + Send);

/// A file to be: its path inside the report folder (with `/`), and how its bytes are made.
pub struct Output<'a> {
    /// `data/coverage.csv`, `分发/易俗河镇.xlsx` …
    pub path: String,
    /// How long its making takes, roughly, beside others: the desk begins with the longest.
    work: usize,
    make: Make<'a>,
}

/// Makes the bytes of a document from the digests of all others.
type FromDigests<'a> = Box<dyn Fn(&Digests) -> anyhow::Result<Vec<u8>> + Send + Sync + 'a>;

/// How the bytes of a document are made.
enum Make<'a> {
    /// By itself.
    Alone(Box<dyn Fn(Sink<'_>) -> anyhow::Result<()> + Send + Sync + 'a>),
    /// From the digests of all that were.
    Closing(FromDigests<'a>),
}

impl<'a> Output<'a> {
    /// A short document from its path and what makes its bytes. The same contents give the same bytes.
    pub fn new(
        path: impl Into<String>,
        bytes: impl Fn() -> anyhow::Result<Vec<u8>> + Send + Sync + 'a,
    ) -> Self {
        Output::streamed(path, 0, move |sink| Ok(sink.write_all(&bytes()?)?))
    }

    /// The same where its making takes as long as so many rows of a workbook.
    pub fn of_work(self, work: usize) -> Self {
        Output { work, ..self }
    }

    /// A document that never stands in memory as a whole. `work`: rows, each as long as a row of a workbook takes.
    pub fn streamed(
        path: impl Into<String>,
        work: usize,
        make: impl Fn(Sink<'_>) -> anyhow::Result<()> + Send + Sync + 'a,
    ) -> Self {
        Output {
            path: path.into(),
            work,
            make: Make::Alone(Box::new(make)),
        }
    }

    /// A document that is made when all others are written, from their digests. Where it says `"seal": ""`, the desk puts
    /// its own digest.
    pub fn closing(
        path: impl Into<String>,
        bytes: impl Fn(&Digests) -> anyhow::Result<Vec<u8>> + Send + Sync + 'a,
    ) -> Self {
        Output {
            path: path.into(),
            work: 0,
            make: Make::Closing(Box::new(bytes)),
        }
    }

    fn is_closing(&self) -> bool {
        matches!(self.make, Make::Closing(_))
    }

    /// The bytes, after documents of these digests.
    fn closing_bytes(&self, digests: &Digests) -> anyhow::Result<Vec<u8>> {
        match &self.make {
            Make::Closing(make) => make(digests),
            Make::Alone(_) => self.bytes(),
        }
    }

    /// Writes the bytes. The same contents give the same bytes.
    ///
    /// # Errors
    /// What the sink, or a scratch file that is read, says.
    pub fn write(&self, sink: Sink<'_>) -> anyhow::Result<()> {
        match &self.make {
            Make::Alone(make) => make(sink),
            Make::Closing(make) => Ok(sink.write_all(&make(&Digests::new())?)?),
        }
    }

    /// The bytes in memory.
    ///
    /// # Errors
    /// What a scratch file that is read says.
    pub fn bytes(&self) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.write(&mut bytes)?;
        Ok(bytes)
    }
}

/// Every document of a report folder; `printed` are the contents of its workbooks, where they are of one region only.
///
/// # Errors
/// When a scratch file cannot be read.
pub fn all<'a>(contents: Contents<'a>, printed: Contents<'a>) -> anyhow::Result<Vec<Output<'a>>> {
    let mut documents = only_data(contents);
    documents.extend(workbooks(printed)?);
    Ok(documents)
}

/// What a province is given without a region: data files and the leadership workbook. Its lists of persons would be longer
/// than a workbook; they come county by county (`--region`).
///
/// # Errors
/// When a scratch file cannot be read.
pub fn overview(contents: Contents<'_>) -> anyhow::Result<Vec<Output<'_>>> {
    let mut documents = only_data(contents);
    documents.extend(workbooks::notice(contents)?);
    Ok(documents)
}

/// The data files and the manifest alone (`--only data`).
pub fn only_data(contents: Contents<'_>) -> Vec<Output<'_>> {
    data::documents(contents)
}

/// The workbooks and the manifest alone (`--only reports`).
///
/// # Errors
/// When a scratch file cannot be read.
pub fn only_reports<'a>(
    contents: Contents<'a>,
    printed: Contents<'a>,
) -> anyhow::Result<Vec<Output<'a>>> {
    let manifest = data::documents(contents)
        .into_iter()
        .filter(|document| document.path == "manifest.json");
    Ok(manifest.chain(workbooks(printed)?).collect())
}
