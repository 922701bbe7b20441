//! Gathers what the books of a bucket say, person by person.
//!
//! By position, not by joins: every book's rows already know whose they are, and ten joins of a county cost more than the
//! whole run.

use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use super::books::Books;
use super::entry::{self, Dossiers, Entered};
use super::person::Person;
use super::places::Places;
use super::read::days;
use super::summary::{self, Payments, PlacesNamed, Register, Registrations, Rosters};
use crate::domain::columns as c;
use crate::scheme::Scheme;

/// Persons at least that a thread takes at once.
const PERSONS_A_THREAD: usize = 1 << 14;

/// The books of a bucket with the places that their rows name.
#[derive(Clone, Copy)]
pub(super) struct Shelf<'b> {
    pub(super) books: &'b Books,
    pub(super) named: &'b PlacesNamed,
    pub(super) places: &'b Places,
}

/// Everyone whom the register, a registration, a payment or a roster names, with what each book says; by position.
pub(super) fn one_a_person(
    shelf: Shelf<'_>,
    dossiers: &Dossiers,
    law: (&Scheme, NaiveDate),
) -> PolarsResult<(Vec<Person>, Vec<Entered>)> {
    let mut persons = by_books(shelf)?;
    on_rosters(shelf, &mut persons, law)?;
    events(shelf.books, &mut persons)?;
    students(shelf, &mut persons)?;
    at_home_and_school(shelf, &mut persons)?;
    let entered = entry::effects(&mut persons, shelf.books, dossiers, law)?;
    Ok((persons, entered))
}

/// What register, registrations and payments say.
fn by_books(shelf: Shelf<'_>) -> PolarsResult<Vec<Person>> {
    let Shelf {
        books,
        named,
        places,
    } = shelf;
    let root = places.root();
    let register = Register::of(&books.register)?;
    let registrations = Registrations::of(&books.registrations)?;
    let payments = Payments::of(&books.payments)?;
    let person = |at: usize| {
        let mut person = Person {
            who: u32::try_from(at).expect("persons of a bucket fit u32"), // fewer than rows
            key: books.index.keys()[at],
            ..Person::default()
        };
        let registered = books.registrations.of(at);
        let is_registered_in = |region| {
            let mut rows = registered.iter().map(|row| *row as usize);
            rows.any(|row| {
                registrations.is_resident_here(row)
                    && named.registration_region[row] == Some(region)
            })
        };
        let on_register = books.register.of(at);
        register.say(&mut person, on_register, (named, root), is_registered_in);
        registrations.say(&mut person, registered, named, root);
        payments.say(&mut person, books.payments.of(at), named);
        person.register_pool = person.register_region.map(|region| places.pool(region));
        person
    };
    Ok((0..books.persons)
        .into_par_iter()
        .with_min_len(PERSONS_A_THREAD)
        .map(person)
        .collect())
}

/// What the rosters say: which rows are in force, and on a deciding day, follows from the payments.
fn on_rosters(
    Shelf { books, named, .. }: Shelf<'_>,
    persons: &mut [Person],
    law: (&Scheme, NaiveDate),
) -> PolarsResult<()> {
    let rows = summary::with_law(&books.rosters.rows, |at| persons[at].first_paid_on, law)?;
    let rosters = Rosters::of(&rows)?;
    for (at, person) in persons.iter_mut().enumerate() {
        let rows = books.rosters.of(at);
        if !rows.is_empty() {
            rosters.say(person, rows, named, law.0);
        }
    }
    Ok(())
}

/// Deaths and departures: listed at all, and the earliest day that a list or the register states.
fn events(books: &Books, persons: &mut [Person]) -> PolarsResult<()> {
    let keys = |frame: &DataFrame| PolarsResult::Ok(frame.column(c::KEY)?.u64()?.clone());
    let (died, left) = (keys(&books.deaths)?, keys(&books.departures)?);
    let died_on = days(&books.deaths, c::DEATH)?;
    let left_on = days(&books.departures, c::MOVED_OUT)?;
    for (row, key) in died.into_no_null_iter().enumerate() {
        if let Some(person) = books.index.get(key).and_then(|at| persons.get_mut(at)) {
            person.dead = true;
            person.death_on = summary::earlier(person.death_on, died_on.get(row));
        }
    }
    for (row, key) in left.into_no_null_iter().enumerate() {
        if let Some(person) = books.index.get(key).and_then(|at| persons.get_mut(at)) {
            person.departed = true;
            person.departed_on = summary::earlier(person.departed_on, left_on.get(row));
        }
    }
    Ok(())
}

/// Students, the pool of their school, and the latest stated days on which school begins and ends.
fn students(Shelf { books, named, .. }: Shelf<'_>, persons: &mut [Person]) -> PolarsResult<()> {
    let begins = days(&books.students, c::ENROLLED_ON)?;
    let ends = days(&books.students, c::GRADUATES_ON)?;
    let keys = books.students.column(c::KEY)?.u64()?.into_no_null_iter();
    for (row, key) in keys.enumerate() {
        if let Some(person) = books.index.get(key).and_then(|at| persons.get_mut(at)) {
            person.student = true;
            let pools = person.school_pool.into_iter().chain(named.school_pool[row]);
            person.school_pool = pools.min();
            person.enrolled_on = person.enrolled_on.max(begins.get(row));
            person.graduates_on = person.graduates_on.max(ends.get(row));
        }
    }
    Ok(())
}

/// Whether a resident registration lies in the pool of the register entry, or of the school.
fn at_home_and_school(shelf: Shelf<'_>, persons: &mut [Person]) -> PolarsResult<()> {
    let registrations = Registrations::of(&shelf.books.registrations)?;
    let say = |(at, person): (usize, &mut Person)| {
        let rows = shelf
            .books
            .registrations
            .of(at)
            .iter()
            .map(|row| *row as usize);
        for row in rows.filter(|row| registrations.is_resident(*row)) {
            let pool = shelf.named.registration_pool[row];
            person.registered_at_home |= pool.is_some() && pool == person.register_pool;
            person.registered_at_school |= pool.is_some() && pool == person.school_pool;
        }
    };
    persons
        .par_iter_mut()
        .enumerate()
        .with_min_len(PERSONS_A_THREAD)
        .for_each(say);
    Ok(())
}
