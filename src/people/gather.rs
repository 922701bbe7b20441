//! Gathers what the books of a bucket say, person by person.
//!
//! By position, not by joins: every book's rows already know whose they are, and ten joins of a county cost more than the
//! whole run. Some persons at a time, so that nobody stands in memory twice: as values and as columns.

use std::ops::Range;

use chrono::NaiveDate;
use polars::prelude::*;

use super::books::Books;
use super::columns::Filling;
use super::entry::{Dossiers, Entered, Ledger};
use super::index::Index;
use super::own::{Own, PaidAWhile};
use super::person::Person;
use super::read::{Values, days, doubts, texts};
use super::summary::{self, Payments, PlacesNamed, Register, Registrations, Rosters, Shelf};
use crate::domain::region::region_word;
use crate::domain::{Doubt, Doubts, Whereabouts, columns as c};
use crate::scheme::Scheme;

/// Persons at a time: few enough to stay close to the processor while every column reads them.
const AT_A_TIME: usize = 512;

/// The persons of a bucket.
pub(super) struct Gathered {
    /// One row a person, by position.
    pub(super) persons: DataFrame,
    /// Those whose cover differs from everybody's.
    pub(super) entered: Vec<Entered>,
    /// Those who were effectively paid for a while.
    pub(super) a_while: Vec<PaidAWhile>,
}

/// Everyone whom the register, a registration, a payment or a roster names, with what each book says; by position. And those
/// whose cover differs from everybody's.
pub(super) fn one_a_person(
    shelf: Shelf<'_>,
    dossiers: &Dossiers,
    law: (&Scheme, NaiveDate),
) -> PolarsResult<Gathered> {
    let books = shelf.books;
    let payments = Payments::of(&books.payments)?;
    let first_paid = |at: usize| payments.first_paid_on(books.payments.of(at));
    let listed = summary::with_law(&books.rosters.rows, first_paid, law)?;
    let mut reading = Reading {
        shelf,
        scheme: law.0,
        register: Register::of(&books.register)?,
        registrations: Registrations::of(&books.registrations)?,
        payments,
        rosters: Rosters::of(&listed)?,
        deaths: Dated::of(&books.deaths, c::DEATH, &books.index)?,
        departures: Departures::of(books)?,
        students: Students::of(books)?,
        own: Own::of(shelf)?,
    };
    let ledger = Ledger::of(books, dossiers, law.0)?;
    let (mut filling, mut entered) = (Filling::of(books.persons), Vec::new());
    for from in (0..books.persons).step_by(AT_A_TIME) {
        let mut some = reading.persons(from..(from + AT_A_TIME).min(books.persons));
        let effects = some.iter_mut();
        entered.extend(effects.filter_map(|person| ledger.effect(person, dossiers, law)));
        filling.put(&some);
    }
    Ok(Gathered {
        persons: filling.frame()?,
        entered,
        a_while: reading.own.a_while,
    })
}

/// The books, while they are read person by person.
struct Reading<'b> {
    shelf: Shelf<'b>,
    scheme: &'b Scheme,
    register: Register<'b>,
    registrations: Registrations<'b>,
    payments: Payments<'b>,
    rosters: Rosters<'b>,
    deaths: Dated<'b>,
    departures: Departures<'b>,
    students: Students<'b>,
    own: Own<'b>,
}

impl Reading<'_> {
    /// The persons at these positions, which follow those that were asked for before.
    fn persons(&mut self, at: Range<usize>) -> Vec<Person> {
        at.map(|at| self.person(at)).collect()
    }

    fn person(&mut self, at: usize) -> Person {
        let Shelf {
            books,
            named,
            places,
        } = self.shelf;
        let root = places.root();
        let mut person = Person {
            who: u32::try_from(at).expect("persons of a bucket fit u32"), // fewer than rows
            key: books.index.keys()[at],
            ..Person::default()
        };
        let registered = books.registrations.of(at);
        let is_registered_in = |region| {
            let mut rows = registered.iter().map(|row| *row as usize);
            rows.any(|row| {
                self.registrations.is_resident_here(row)
                    && named.registration_region[row] == Some(region)
            })
        };
        let on_register = books.register.of(at);
        self.register
            .say(&mut person, on_register, (named, root), is_registered_in);
        self.registrations.say(&mut person, registered, named, root);
        let paid = books.payments.of(at);
        self.payments.say(&mut person, paid, named);
        self.own.say(&mut person, registered, paid);
        let listed = books.rosters.of(at);
        if !listed.is_empty() {
            self.rosters.say(&mut person, listed, named, self.scheme);
        }
        person.register_pool = person.register_region.map(|region| places.pool(region));
        self.events(&mut person);
        self.students.say(&mut person, named);
        self.pools(&mut person, registered);
        person
    }

    /// Deaths and departures: listed at all, and the earliest day that a list or the register states.
    fn events(&mut self, person: &mut Person) {
        if let Some(told) = self.deaths.told_of(person.who) {
            // Two days of one death contradict each other, whichever is earlier.
            let stated = person.death_on;
            if told.several || stated.zip(told.on).is_some_and(|(one, other)| one != other) {
                person.event_doubts |= Doubts::one(Doubt::Contradicted).bits();
            }
            person.dead = true;
            person.death_on = summary::earlier(person.death_on, told.on);
            person.event_doubts |= told.doubts;
        }
        self.departures.say(person);
    }

    /// Whether a resident registration lies in the pool of the register entry, or of the school.
    fn pools(&self, person: &mut Person, registered: &[u32]) {
        let rows = registered.iter().map(|row| *row as usize);
        for row in rows.filter(|row| self.registrations.is_resident(*row)) {
            let pool = self.shelf.named.registration_pool[row];
            person.registered_at_home |= pool.is_some() && pool == person.register_pool;
            person.registered_at_school |= pool.is_some() && pool == person.school_pool;
        }
    }
}

/// Rows of a list of few persons, in the order of the persons, who are asked for one after the other.
struct InTurn {
    /// Position of the person, and of the row.
    rows: Vec<(u32, u32)>,
    next: usize,
}

impl InTurn {
    /// Rows of a list; of nobody whom no book knows.
    fn of(list: &DataFrame, index: &Index) -> PolarsResult<Self> {
        let keys = list.column(c::KEY)?.u64()?.into_no_null_iter();
        let known = keys
            .zip(0..)
            .filter_map(|(key, row)| Some((index.position(key)?, row)));
        let mut rows: Vec<(u32, u32)> = known.collect();
        rows.sort_unstable();
        Ok(InTurn { rows, next: 0 })
    }

    /// Rows of the next person who is asked for.
    fn rows_of(&mut self, who: u32) -> impl Iterator<Item = usize> + Clone + '_ {
        let from = self.next;
        let mine = self.rows[from..].iter().take_while(|(of, _)| *of == who);
        self.next += mine.count();
        self.rows[from..self.next]
            .iter()
            .map(|(_, row)| *row as usize)
    }
}

/// What a list of persons with days says of somebody: the earliest stated day, and what is doubtful of it.
struct Told {
    on: Option<i32>,
    /// It states different days.
    several: bool,
    doubts: u16,
}

/// A list of persons with days.
struct Dated<'b> {
    rows: InTurn,
    on: Values<'b, Int32Type>,
    doubts: Values<'b, UInt16Type>,
}

impl<'b> Dated<'b> {
    fn of(list: &'b DataFrame, day: &str, index: &Index) -> PolarsResult<Self> {
        Ok(Dated {
            rows: InTurn::of(list, index)?,
            on: days(list, day)?,
            doubts: doubts(list)?,
        })
    }

    /// Of somebody who is listed.
    fn told_of(&mut self, who: u32) -> Option<Told> {
        let rows = self.rows.rows_of(who);
        let is_listed = rows.clone().next().is_some();
        is_listed.then(|| Told {
            on: rows.clone().filter_map(|row| self.on.get(row)).min(),
            several: {
                let mut days = rows.clone().filter_map(|row| self.on.get(row));
                let first = days.next();
                days.any(|day| Some(day) != first)
            },
            doubts: summary::doubts_of(self.doubts, rows),
        })
    }
}

/// The list of departures.
struct Departures<'b> {
    rows: InTurn,
    on: Values<'b, Int32Type>,
    disposition: Values<'b, StringType>,
    doubts: Values<'b, UInt16Type>,
}

impl<'b> Departures<'b> {
    fn of(books: &'b Books) -> PolarsResult<Self> {
        Ok(Departures {
            rows: InTurn::of(&books.departures, &books.index)?,
            on: days(&books.departures, c::MOVED_OUT)?,
            disposition: texts(&books.departures, c::DISPOSITION)?,
            doubts: doubts(&books.departures)?,
        })
    }

    /// Why somebody is not covered here, of several reasons the standing that stands first; whether and when they left.
    fn say(&mut self, person: &mut Person) {
        for row in self.rows.rows_of(person.who) {
            person.event_doubts |= self.doubts.get(row).unwrap_or(Doubts::NONE.bits());
            let words = region_word(self.disposition.get(row).unwrap_or_default()); // nothing said: a move
            let Some(said) = Whereabouts::of(&words) else {
                continue;
            };
            let standing = u16::from(said.standing.index());
            person.gone_as = person.gone_as.into_iter().chain([standing]).min();
            if said.has_left {
                person.departed = true;
                person.departed_on = summary::earlier(person.departed_on, self.on.get(row));
            }
        }
    }
}

/// The list of students.
struct Students<'b> {
    rows: InTurn,
    begins: Values<'b, Int32Type>,
    ends: Values<'b, Int32Type>,
    doubts: Values<'b, UInt16Type>,
}

impl<'b> Students<'b> {
    fn of(books: &'b Books) -> PolarsResult<Self> {
        Ok(Students {
            rows: InTurn::of(&books.students, &books.index)?,
            begins: days(&books.students, c::ENROLLED_ON)?,
            ends: days(&books.students, c::GRADUATES_ON)?,
            doubts: doubts(&books.students)?,
        })
    }

    /// On the list, the lowest pool of a school, and the latest stated days on which school begins and ends.
    fn say(&mut self, person: &mut Person, named: &PlacesNamed) {
        for row in self.rows.rows_of(person.who) {
            person.student = true;
            let pools = person.school_pool.into_iter().chain(named.school_pool[row]);
            person.school_pool = pools.min();
            person.enrolled_on = person.enrolled_on.max(self.begins.get(row));
            person.graduates_on = person.graduates_on.max(self.ends.get(row));
            person.event_doubts |= self.doubts.get(row).unwrap_or(Doubts::NONE.bits());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_few_persons_come_with_their_person_and_of_nobody_else() {
        let mut index = Index::default();
        index.enter(&UInt64Chunked::from_slice(c::KEY.into(), &[7, 5, 9, 3]));
        let list = df!(c::KEY => [9_u64, 7, 4, 9, 3]).unwrap();
        let mut rows = InTurn::of(&list, &index).unwrap();
        let of = (0..4).map(|who| rows.rows_of(who).collect::<Vec<_>>());
        assert_eq!(
            of.collect::<Vec<_>>(),
            [vec![1], vec![], vec![0, 3], vec![4]]
        );
    }
}
