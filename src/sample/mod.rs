//! Sample: a synthetic scheme in real file forms, with planted faults and an answer key.
//!
//! In:  a scheme, the published figures of its regions, a number of persons and a seed.
//! Out: the books as files, and `answer_key.csv`: every finding that must follow from what was planted.
//! Never: looks at the clock, knows a scheme by name, or judges: the key follows from what was planted, not from the files.

mod books;
mod dice;
mod forms;
mod key;
mod life;
mod names;
mod numbers;
mod people;
mod places;
mod plants;
mod quotas;
mod spoil;
mod stories;
mod tasks;
mod world;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::domain::Code;
use crate::scheme::Scheme;

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
    reader.deserialize().collect::<Result<_, _>>().with_context(|| path.display().to_string())
}

/// Writes the books and the answer key into `order.out`. The key holds for the last day of the month after
/// the window's end as as-of date.
pub fn write(scheme: &Scheme, order: &SampleOrder) -> Result<SampleSummary> {
    let world = world::World::new(scheme, order)?;
    let tasks = tasks::Table::new(&world, order);
    if tasks.people == 0 {
        bail!("nobody to invent: the published table counts no person of this region");
    }
    let mut people = people::settle(&world, &tasks);
    let roles = plants::cast(&world, &mut people, &tasks.quotas);
    let persons = roles.iter().filter(|role| role.kind != plants::Kind::Absent).count() as u64;
    std::fs::create_dir_all(&order.out).with_context(|| order.out.display().to_string())?;

    let library = books::Library::new(&world, &tasks, order.form);
    let chunks: Vec<books::Pages> = roles
        .par_chunks(CHUNK)
        .enumerate()
        .map(|(chunk, roles)| {
            let mut pages = library.blank_pages();
            for (at, role) in (chunk * CHUNK..).zip(roles) {
                library.enter(stories::live(&world, &people, at, *role), &mut pages);
            }
            pages
        })
        .collect();
    let mut key = key::Key::default();
    tasks.answer(&mut key);
    for pages in &chunks {
        key.take(pages);
    }
    let files = library.print(&chunks, &tasks, &order.out)?;
    let planted = key.write(&order.out.join("answer_key.csv"))?;
    Ok(SampleSummary { people: persons, files, planted })
}

/// Persons whose rows are made in one go.
const CHUNK: usize = 8192;
