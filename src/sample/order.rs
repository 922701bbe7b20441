//! Order: what to make, from which published figures, and what was made of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::domain::Code;

/// In which file forms the books are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text files, some GB18030, some UTF-8 with a byte order mark.
    Csv,
    /// Workbooks.
    Xlsx,
    /// Parquet, every column text.
    Parquet,
    /// What a bureau really gets: each book as its office writes it.
    Mixed,
}

/// A row of `pipelines/tasks/<slug>.csv`: what a notice publishes of a region. Blank = not published.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct PublishedRow {
    /// Region code; rows whose code the region table does not hold are left out.
    pub code: String,
    /// Name as published.
    pub name: String,
    /// Population.
    pub population: Option<u64>,
    /// Task.
    pub task: Option<u64>,
    /// Floor of the task.
    pub floor: Option<u64>,
    /// Last year's enrolment of residents.
    pub last_year: Option<u64>,
    /// Residents enrolled.
    pub resident: Option<u64>,
    /// Employees enrolled.
    pub employee: Option<u64>,
    /// Employees enrolled last year, where the table states them.
    #[serde(default)]
    pub last_year_employee: Option<u64>,
    /// Residents and employees enrolled last year, where the table states them.
    #[serde(default)]
    pub last_year_total: Option<u64>,
}

/// What to make.
#[derive(Clone, Debug)]
pub struct SampleOrder {
    /// Persons; `None` = full size, as many as the published table counts (population, else task), and nothing planted
    /// in the table. Where the table publishes who is registered, that many are, and as many more persons as faults and
    /// lives without a registration need.
    pub people: Option<u64>,
    /// The same seed gives the same bytes on every machine.
    pub seed: u64,
    /// So many of the window's last weeks get a payment file each; before them a file a month.
    pub weeks: u32,
    /// File forms.
    pub form: Form,
    /// Folder for the files; made when it is not there.
    pub out: PathBuf,
    /// Published figures, as `published` reads them.
    pub tasks: Vec<PublishedRow>,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleSummary {
    /// Persons.
    pub people: u64,
    /// Files and their data rows, in the order of writing.
    pub files: Vec<(String, u64)>,
    /// The pipeline of the sample's size, where the scheme's own is of the whole place.
    pub pipeline: Option<PathBuf>,
    /// Rows of the answer key by code, codes without rows left out.
    pub planted: Vec<(Code, u64)>,
}

/// Reads a table of published figures; lines that begin with `#` are comments.
pub fn published(path: &Path) -> Result<Vec<PublishedRow>> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| path.display().to_string())?;
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| path.display().to_string())
}

/// How a sample is made. Only tests ask for another way than `Making::default`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Making {
    /// Persons whose rows are made in one go: no byte depends on them.
    pub persons: usize,
    /// Rows of a row group of parquet, at least; never twice as many.
    pub row_group: usize,
    /// So many kinds of lives are planted, those with the lowest numbers.
    pub kinds: usize,
}

impl Default for Making {
    /// Portions so small that what waits in memory stays far below what the people themselves take; every kind.
    fn default() -> Self {
        Making {
            persons: 8192,
            row_group: 1 << 18,
            kinds: usize::MAX,
        }
    }
}
