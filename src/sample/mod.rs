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

use std::ops::Range;
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
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .with_context(|| path.display().to_string())
}

/// Small enough that what waits in memory stays far below what the people themselves take.
const BATCH: Batch = Batch {
    persons: 8192,
    row_group: 1 << 18,
};
/// Portions that are written together while as many are made.
const AT_ONCE: usize = 8;

/// In which portions a sample is made. Their persons change no byte; the rows of a group change where parquet divides.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// Persons whose rows are made in one go.
    pub persons: usize,
    /// Rows of a row group of parquet, at least; never twice as many.
    pub row_group: usize,
}

/// Writes the books and the answer key into `order.out`. The key holds for the last day of the month after
/// the window's end as as-of date.
pub fn write(scheme: &Scheme, order: &SampleOrder) -> Result<SampleSummary> {
    write_by(scheme, order, BATCH)
}

/// `write`, in portions of another size.
#[doc(hidden)]
pub fn write_by(scheme: &Scheme, order: &SampleOrder, batch: Batch) -> Result<SampleSummary> {
    let world = world::World::new(scheme, order)?;
    let tasks = tasks::Table::new(&world, order);
    if tasks.people == 0 {
        bail!("nobody to invent: the published table counts no person of this region");
    }
    let mut people = people::settle(&world, &tasks);
    let roles = plants::cast(&world, &mut people, &tasks.quotas);
    std::fs::create_dir_all(&order.out).with_context(|| order.out.display().to_string())?;

    let library = books::Library::new(&world, &tasks, order.form);
    let desk = Desk {
        world: &world,
        people: &people,
        roles: &roles,
        library: &library,
        portion: batch.persons,
    };
    // A row group's end depends on how many rows come after it: everybody lives twice, so that no file waits in memory.
    let rows = if library.counts_rows() {
        desk.rows()
    } else {
        Vec::new()
    };
    let mut shelf = library.open(&rows, batch.row_group, &order.out)?;
    let mut key = key::Key::new();
    tasks.answer(&mut key);
    let portions = desk.portions();
    let mut to_come = portions.chunks(AT_ONCE);
    let mut ready = desk.pages_of(to_come.next());
    while !ready.is_empty() {
        ready.iter().for_each(|pages| key.take(pages));
        // The next rows are made while these are written.
        let (taken, next) = rayon::join(|| shelf.take(&ready), || desk.pages_of(to_come.next()));
        taken?;
        ready = next;
    }
    let mut files = shelf.close()?;
    files.extend(library.print_tasks(&tasks, batch.row_group, &order.out)?);
    let planted = key.write(&order.out.join("answer_key.csv"))?;
    Ok(SampleSummary {
        people: roles.in_books(),
        files,
        planted,
    })
}

/// All that pages are made from.
struct Desk<'a> {
    world: &'a world::World<'a>,
    people: &'a people::People,
    roles: &'a plants::Cast,
    library: &'a books::Library<'a>,
    /// Persons of a portion.
    portion: usize,
}

impl Desk<'_> {
    /// Everybody, in portions.
    fn portions(&self) -> Vec<Range<usize>> {
        let whole = self.people.len();
        (0..whole)
            .step_by(self.portion)
            .map(|from| from..whole.min(from.saturating_add(self.portion)))
            .collect()
    }

    /// The rows of some persons.
    fn pages(&self, persons: Range<usize>) -> books::Pages {
        let mut pages = self.library.blank_pages();
        for at in persons {
            self.library.enter(
                stories::live(self.world, self.people, at, self.roles.role(at)),
                &mut pages,
            );
        }
        pages
    }

    /// The rows of some portions; none of none.
    fn pages_of(&self, portions: Option<&[Range<usize>]>) -> Vec<books::Pages> {
        portions
            .unwrap_or_default()
            .par_iter()
            .map(|persons| self.pages(persons.clone()))
            .collect()
    }

    /// Rows of every file.
    fn rows(&self) -> Vec<u64> {
        let portions = self
            .portions()
            .into_par_iter()
            .map(|persons| self.library.rows(&self.pages(persons)));
        let none = || self.library.rows(&self.library.blank_pages());
        portions.reduce(none, |mut one, other| {
            one.iter_mut()
                .zip(other)
                .for_each(|(rows, more)| *rows += more);
            one
        })
    }
}
