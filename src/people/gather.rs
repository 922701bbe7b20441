//! Gathers what the books of a bucket say, person by person.

use chrono::NaiveDate;
use polars::prelude::*;
use rayon::prelude::*;

use super::entry::{self, Dossiers, Entered};
use super::summary::{self, Named, Payments, Register, Registrations, Rosters};
use super::{Books, Person, Places};
use crate::domain::{KeptWhy, columns as c, period::epoch_day};
use crate::scheme::Scheme;

/// Persons at least that a thread takes at once.
const PERSONS_A_THREAD: usize = 1 << 14;

/// A date as an expression.
pub fn day(date: NaiveDate) -> Expr {
    lit(epoch_day(date)).cast(DataType::Date)
}

/// Everyone whom the register, a registration, a payment or a roster names, with what each book says; by position.
pub(super) fn one_a_person(
    books: &Books,
    (named, places): (&Named, &Places),
    dossiers: &Dossiers,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<(Vec<Person>, Vec<Entered>)> {
    let mut persons = by_books(books, named, places, scheme, as_of)?;
    events(books, &mut persons)?;
    students(books, named, &mut persons)?;
    let entered = entry::effects(&mut persons, books, dossiers, scheme, as_of)?;
    let registrations = Registrations::of(&books.registrations)?;
    persons
        .par_iter_mut()
        .enumerate()
        .with_min_len(PERSONS_A_THREAD)
        .for_each(|(at, person)| {
            person.resident_insures = !scheme.insured_when_paid || is_settled(person);
            let rows = books.registrations.of(at).iter().map(|row| *row as usize);
            keep(person, |pool| {
                rows.clone().any(|row| {
                    registrations.is_resident(row) && named.registration_pool[row] == Some(pool)
                })
            });
        });
    Ok((persons, entered))
}

/// What the four books say whose persons there are: register, registrations, payments, rosters.
fn by_books(
    books: &Books,
    named: &Named,
    places: &Places,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Vec<Person>> {
    let root = places.root();
    let register = Register::of(&books.register)?;
    let registrations = Registrations::of(&books.registrations)?;
    let payments = Payments::of(&books.payments)?;
    let rosters = Rosters::of(&books.rosters.rows)?;
    let person = |at: usize| {
        let mut person = Person {
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
        register.say(
            &mut person,
            books.register.of(at),
            (named, root),
            is_registered_in,
        );
        registrations.say(&mut person, registered, named, root);
        payments.say(&mut person, books.payments.of(at), named);
        rosters.say(&mut person, books.rosters.of(at), named, scheme, as_of);
        // A register row that names no region leaves it to the other books to say where the person is to be found.
        let register_names = person.register_region.filter(|region| *region != root);
        let others = person
            .counted_region
            .or(person.roster_region)
            .or(person.payment_region);
        person.region = register_names.or(others).or(person.register_region);
        person.register_pool = person.register_region.map(|region| places.pool(region));
        person
    };
    Ok((0..books.persons)
        .into_par_iter()
        .with_min_len(PERSONS_A_THREAD)
        .map(person)
        .collect())
}

/// Deaths and departures: listed at all, and the earliest day that a list or the register states.
fn events(books: &Books, persons: &mut [Person]) -> PolarsResult<()> {
    let keys = |frame: &DataFrame| PolarsResult::Ok(frame.column(c::KEY)?.u64()?.clone());
    let (died, left) = (keys(&books.deaths)?, keys(&books.departures)?);
    let (died_on, left_on) = (
        summary::days(&books.deaths, c::DEATH)?,
        summary::days(&books.departures, c::MOVED_OUT)?,
    );
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
fn students(books: &Books, named: &Named, persons: &mut [Person]) -> PolarsResult<()> {
    let (begins, ends) = (
        summary::days(&books.students, c::ENROLLED_ON)?,
        summary::days(&books.students, c::GRADUATES_ON)?,
    );
    for (row, key) in books
        .students
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .enumerate()
    {
        if let Some(person) = books.index.get(key).and_then(|at| persons.get_mut(at)) {
            person.student = true;
            person.school_pool = person
                .school_pool
                .into_iter()
                .chain(named.school_pool[row])
                .min();
            person.enrolled_on = person.enrolled_on.max(begins.get(row));
            person.graduates_on = person.graduates_on.max(ends.get(row));
        }
    }
    Ok(())
}

/// DESIGN §5: with `insured-when = "paid"` a resident must also have paid, be subsidised, or owe nothing.
fn is_settled(person: &Person) -> bool {
    person.payments > 0 || person.recorded_subsidy() > 0 || person.payable == 0
}

/// The pool of the relation that is proposed to stay, and why (domain.md §3, default order). `among` says whether a pool is
/// that of one of the person's resident registrations.
fn keep(person: &mut Person, among: impl Fn(super::Place) -> bool) {
    let (kept, why) = match person.resident_pools {
        0 if person.on_register() => (person.register_pool, KeptWhy::Residence),
        0 => (person.first_pool, KeptWhy::FirstPayment),
        1 => (person.resident_pool, KeptWhy::OnlyRegistration),
        _ if person.school_pool.is_some_and(&among) => (person.school_pool, KeptWhy::School),
        _ if person.register_pool.is_some_and(&among) => (person.register_pool, KeptWhy::Residence),
        _ => (person.resident_pool, KeptWhy::LowestCode),
    };
    (person.kept_pool, person.kept_why) = (kept, Some(why));
}
