//! Sample: a synthetic scheme in real file forms, with planted faults and an answer key.
//!
//! In:  a scheme, the published figures of its regions, a number of persons and a seed.
//! Out: the books as files, and `answer_key.csv`: every finding that must follow from what was planted.
//! Never: looks at the clock, knows a scheme by name, or judges: the key follows from what was planted, not from the files.

mod books;
mod cast;
mod dice;
mod forms;
mod key;
mod life;
mod names;
mod numbers;
mod order;
mod pen;
mod people;
mod places;
mod plants;
mod quotas;
mod scaled;
mod shares;
mod spoil;
mod stories;
mod tasks;
mod world;

use std::ops::Range;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use crate::scheme::Scheme;

use books::{Library, OpenFiles, Pages};
use cast::Cast;
use key::Key;
use people::Population;
use tasks::TasksTable;
use world::World;

pub use scaled::pipeline as scaled_pipeline;

pub use order::{Form, Making, PublishedRow, SampleOrder, SampleSummary, published};

/// Portions that are written together while as many are made.
const AT_ONCE: usize = 8;

/// Writes the books and the answer key into `order.out`. The key holds for the last day of the month after
/// the window's end as as-of date.
///
/// # Errors
/// Whatever keeps a file from being written; a published table that counts nobody.
pub fn write(scheme: &Scheme, order: &SampleOrder) -> Result<SampleSummary> {
    write_by(scheme, order, Making::default())
}

/// `write`, made in another way.
#[doc(hidden)]
pub fn write_by(scheme: &Scheme, order: &SampleOrder, making: Making) -> Result<SampleSummary> {
    let world = World::new(scheme, order)?;
    let tasks = TasksTable::new(&world, order);
    let (people, roles) = inhabit(&world, &tasks, making)?;
    std::fs::create_dir_all(&order.out).with_context(|| order.out.display().to_string())?;

    let library = Library::new(&world, &tasks, order.form);
    let desk = Desk {
        world: &world,
        people: &people,
        roles: &roles,
        library: &library,
        portion: making.persons,
    };
    // A row group's end depends on how many rows come after it: everybody lives twice, so that no file waits in memory.
    let rows = if library.counts_rows() {
        desk.rows()
    } else {
        Vec::new()
    };
    let mut open = library.open(&rows, making.row_group, &order.out)?;
    let mut key = Key::new();
    tasks.answer(&mut key);
    desk.write(&mut open, &mut key)?;
    let mut files = open.close()?;
    files.extend(library.print_tasks(&tasks, making.row_group, &order.out)?);
    let planted = key.write(&order.out.join("answer_key.csv"))?;
    Ok(SampleSummary {
        people: roles.in_books(),
        files,
        pipeline: None,
        planted,
    })
}

/// Everybody's number and kind of life, by position, as `write_by` would plant them.
#[doc(hidden)]
pub fn lives(
    scheme: &Scheme,
    order: &SampleOrder,
    making: Making,
) -> Result<Vec<(String, String)>> {
    let world = World::new(scheme, order)?;
    let (people, roles) = inhabit(&world, &TasksTable::new(&world, order), making)?;
    let life = |at| {
        let kind = roles.role(at).kind;
        (people.person(at).id(), format!("{kind:?}"))
    };
    Ok((0..people.len()).map(life).collect())
}

/// Settles everybody and gives out lives.
fn inhabit(world: &World, tasks: &TasksTable, making: Making) -> Result<(Population, Cast)> {
    if tasks.people == 0 {
        bail!("nobody to invent: the published table counts no person of this region");
    }
    let mut people = people::settle(world, &tasks.settled);
    let roles = cast::cast(world, &mut people, &tasks.quotas, making.kinds);
    Ok((people, roles))
}

/// All that pages are made from.
struct Desk<'a> {
    world: &'a World<'a>,
    people: &'a Population,
    roles: &'a Cast,
    library: &'a Library<'a>,
    /// Persons of a portion.
    portion: usize,
}

impl Desk<'_> {
    /// Writes everybody's rows and takes down what must be found.
    fn write(&self, open: &mut OpenFiles<'_>, key: &mut Key) -> Result<()> {
        let portions = self.portions();
        let mut to_come = portions.chunks(AT_ONCE);
        let mut ready = self.pages_of(to_come.next());
        while !ready.is_empty() {
            for pages in &ready {
                for (code, id, other) in &pages.answers {
                    key.add(*code, id, other);
                }
                pages.pairs.iter().for_each(|pair| key.add_pair(*pair));
            }
            // The next rows are made while these are written.
            let (taken, next) = rayon::join(|| open.take(&ready), || self.pages_of(to_come.next()));
            taken?;
            ready = next;
        }
        Ok(())
    }

    /// Everybody, in portions.
    fn portions(&self) -> Vec<Range<usize>> {
        let whole = self.people.len();
        (0..whole)
            .step_by(self.portion)
            .map(|from| from..whole.min(from.saturating_add(self.portion)))
            .collect()
    }

    /// The rows of some persons.
    fn pages(&self, persons: Range<usize>) -> Pages {
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
    fn pages_of(&self, portions: Option<&[Range<usize>]>) -> Vec<Pages> {
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
