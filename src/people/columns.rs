//! Persons as columns: what a check, having chosen few of them, still reads as a frame.

use polars::prelude::*;

use super::summary::{Values, numbers, texts};
use super::{Books, People, Person, Place, p};
use crate::domain::{KeptWhy, columns as c};

/// The rows that stand for persons: numbers, names and places in files come from the first book that has them.
pub struct Faces<'f> {
    books: [Face<'f>; 4],
}

struct Face<'f> {
    id: Values<'f, StringType>,
    name: Values<'f, StringType>,
    origin: Values<'f, UInt32Type>,
    row: Values<'f, UInt32Type>,
}

impl<'f> Faces<'f> {
    /// Faces of everyone in these books.
    pub fn of(books: &'f Books) -> PolarsResult<Self> {
        let face = |rows: &'f DataFrame| {
            let (id, name) = (texts(rows, c::ID)?, texts(rows, c::NAME)?);
            PolarsResult::Ok(Face {
                id,
                name,
                origin: numbers(rows, c::ORIGIN)?,
                row: numbers(rows, c::ROW)?,
            })
        };
        let (register, registrations) = (
            face(&books.register.rows)?,
            face(&books.registrations.rows)?,
        );
        Ok(Faces {
            books: [
                register,
                registrations,
                face(&books.payments.rows)?,
                face(&books.rosters.rows)?,
            ],
        })
    }

    /// The rows that stand for a person: register, registrations, payments, rosters.
    fn rows(&self, person: &Person) -> impl Iterator<Item = (&Face<'f>, usize)> {
        let rows = [
            person.register_at,
            person.registration_at,
            person.payment_at,
            person.roster_at,
        ];
        self.books
            .iter()
            .zip(rows)
            .filter_map(|(book, at)| Some((book, at? as usize)))
    }

    /// The number.
    pub fn id(&self, person: &Person) -> Option<&str> {
        self.rows(person).find_map(|(book, at)| book.id.get(at))
    }

    /// The name, of the first book that has one.
    pub fn name(&self, person: &Person) -> Option<&str> {
        self.rows(person).find_map(|(book, at)| book.name.get(at))
    }

    /// Sheet and row.
    pub fn place(&self, person: &Person) -> Option<(u32, u32)> {
        self.rows(person)
            .next()
            .map(|(book, at)| (book.origin.value(at), book.row.value(at)))
    }

    /// Sheet and row of the registration that counts.
    pub fn counted(&self, person: &Person) -> Option<(u32, u32)> {
        self.stands(1, person.counted_at)
    }

    /// Sheet and row of the first payment.
    pub fn payment(&self, person: &Person) -> Option<(u32, u32)> {
        self.stands(2, person.payment_at)
    }

    /// Sheet and row on a roster.
    pub fn roster(&self, person: &Person) -> Option<(u32, u32)> {
        self.stands(3, person.roster_at)
    }

    fn stands(&self, book: usize, at: Option<u32>) -> Option<(u32, u32)> {
        let book = &self.books[book];
        at.map(|at| (book.origin.value(at as usize), book.row.value(at as usize)))
    }
}

impl People {
    /// The persons of whom something holds.
    pub fn those(&self, holds: impl Fn(&Person) -> bool) -> Vec<u32> {
        (0u32..)
            .zip(&self.persons)
            .filter(|(_, person)| holds(person))
            .map(|(at, _)| at)
            .collect()
    }

    /// These persons as a frame with these columns.
    pub fn frame(&self, names: &[&str], at: &[u32]) -> PolarsResult<DataFrame> {
        DataFrame::new(at.len(), self.columns(names, at)?)
    }

    /// A column of text about these persons, nothing of one who is in no book that counts.
    pub fn text<'t>(&self, name: &str, at: &[u32], of: impl Fn(&Person) -> &'t str) -> Column {
        Of {
            people: self,
            name,
            at,
        }
        .texts(|person| Some(of(person)))
    }

    /// ID, NAME, REGISTER_REGION, FACE_ORIGIN and FACE_ROW of persons of the register, taken as the register has them.
    pub fn of_register(&self, at: &[u32]) -> PolarsResult<Vec<Column>> {
        let rows: Vec<u32> = at
            .iter()
            .filter_map(|at| self.persons[*at as usize].register_at)
            .collect();
        assert_eq!(
            rows.len(),
            at.len(),
            "a person of the register without a row there"
        );
        let [id, name, origin, row] = [c::ID, c::NAME, c::ORIGIN, c::ROW];
        let face = super::taken(
            &self.books.register.rows.select([id, name, origin, row])?,
            rows,
        )?;
        // A name that the register leaves blank is another book's.
        let names = match face.column(name)?.null_count() {
            0 => face.column(name)?.clone(),
            _ => self.columns(&[name], at)?.remove(0),
        };
        let region = self.columns(&[p::REGISTER_REGION], at)?.remove(0);
        Ok(vec![
            face.column(id)?.clone(),
            names,
            region,
            face.column(origin)?.clone(),
            face.column(row)?.clone(),
        ])
    }

    /// Rows of a book, which have `p::WHO`, with these columns of their persons.
    pub fn beside(&self, rows: DataFrame, names: &[&str]) -> PolarsResult<DataFrame> {
        let who: Vec<u32> = rows.column(p::WHO)?.u32()?.into_no_null_iter().collect();
        self.joined(rows, &who, names)
    }

    /// The same of rows that have only a key.
    pub fn beside_by_key(&self, rows: DataFrame, names: &[&str]) -> PolarsResult<DataFrame> {
        let keys = rows.column(c::KEY)?.u64()?.into_no_null_iter();
        let who: Vec<u32> = keys
            .map(|key| self.books.index.position(key).unwrap_or(u32::MAX))
            .collect(); // nobody stands there
        self.joined(rows, &who, names)
    }

    fn joined(&self, mut rows: DataFrame, who: &[u32], names: &[&str]) -> PolarsResult<DataFrame> {
        for column in self.columns(names, who)? {
            rows.with_column(column)?;
        }
        Ok(rows)
    }

    /// These columns of the persons at these positions, nothing of one who is in no book that counts.
    pub fn columns(&self, names: &[&str], at: &[u32]) -> PolarsResult<Vec<Column>> {
        let faces = Faces::of(&self.books)?;
        Ok(names
            .iter()
            .map(|name| self.column(name, at, &faces))
            .collect())
    }

    fn column(&self, name: &str, at: &[u32], faces: &Faces<'_>) -> Column {
        let of = Of {
            people: self,
            name,
            at,
        };
        match name {
            c::KEY => of.values::<UInt64Type>(|one| Some(one.key)),
            c::ID => of.texts(|one| faces.id(one)),
            c::NAME => of.texts(|one| faces.name(one)),
            p::FACE_ORIGIN => of.values::<UInt32Type>(|one| faces.place(one).map(|at| at.0)),
            p::FACE_ROW => of.values::<UInt32Type>(|one| faces.place(one).map(|at| at.1)),
            p::COUNTED_ORIGIN => of.values::<UInt32Type>(|one| faces.counted(one).map(|at| at.0)),
            p::COUNTED_ROW => of.values::<UInt32Type>(|one| faces.counted(one).map(|at| at.1)),
            p::PAYMENT_ORIGIN => of.values::<UInt32Type>(|one| faces.payment(one).map(|at| at.0)),
            p::PAYMENT_ROW => of.values::<UInt32Type>(|one| faces.payment(one).map(|at| at.1)),
            p::ROSTER_ORIGIN => of.values::<UInt32Type>(|one| faces.roster(one).map(|at| at.0)),
            p::ROSTER_ROW => of.values::<UInt32Type>(|one| faces.roster(one).map(|at| at.1)),
            p::KEPT_WHY => of.texts(|one| one.kept_why.map(KeptWhy::code)),
            _ => self.more(name, &of),
        }
    }

    /// Columns that are values of `Person`.
    fn more(&self, name: &str, of: &Of<'_>) -> Column {
        match name {
            p::ON_REGISTER => of.flags(Person::on_register),
            p::ON_ROSTER => of.flags(Person::on_roster),
            p::ROSTER_NOW => of.flags(|one| one.roster_now),
            p::STUDENT => of.flags(|one| one.student),
            p::DEAD => of.flags(|one| one.dead),
            p::DEPARTED => of.flags(|one| one.departed),
            p::RESIDENT_INSURES => of.flags(|one| one.resident_insures),
            p::REGISTER_REGION => of.places(|one| one.register_region),
            p::PERSON_REGION => of.places(|one| one.region),
            p::COUNTED_REGION => of.places(|one| one.counted_region),
            p::EMPLOYEE_POOL => of.places(|one| one.employee_pool),
            p::RESIDENT_POOL => of.places(|one| one.resident_pool),
            p::FIRST_POOL => of.places(|one| one.first_pool),
            p::REGISTER_POOL => of.places(|one| one.register_pool),
            p::KEPT_POOL => of.places(|one| one.kept_pool),
            p::SCHOOL_POOL => of.places(|one| one.school_pool),
            p::REGISTRATION_SUBSIDY => of.values::<Int64Type>(|one| Some(one.registration_subsidy)),
            p::ROSTER_SUBSIDY => of.values::<Int64Type>(|one| Some(one.roster_subsidy)),
            p::PAID => of.values::<Int64Type>(|one| Some(one.paid)),
            p::PAID_HERE => of.values::<Int64Type>(|one| Some(one.paid_here)),
            p::SUBSIDISED_PAID => of.values::<Int64Type>(|one| Some(one.subsidised_paid)),
            p::GRANT => of.values::<Int64Type>(|one| Some(one.grant)),
            p::PAYABLE => of.values::<Int64Type>(|one| Some(one.payable)),
            _ => self.rest(name, of),
        }
    }

    /// Counts, days and positions.
    fn rest(&self, name: &str, of: &Of<'_>) -> Column {
        match name {
            p::RESIDENT_HERE => of.values::<UInt32Type>(|one| Some(one.resident_here)),
            p::RESIDENT_AWAY => of.values::<UInt32Type>(|one| Some(one.resident_away)),
            p::EMPLOYEE_HERE => of.values::<UInt32Type>(|one| Some(one.employee_here)),
            p::EMPLOYEE_AWAY => of.values::<UInt32Type>(|one| Some(one.employee_away)),
            p::RESIDENT_POOLS => of.values::<UInt32Type>(|one| Some(one.resident_pools)),
            p::PAYMENT_POOLS => of.values::<UInt32Type>(|one| Some(one.payment_pools)),
            p::PAYMENTS => of.values::<UInt32Type>(|one| Some(one.payments)),
            p::PAYMENTS_HERE => of.values::<UInt32Type>(|one| Some(one.payments_here)),
            p::SUBSIDISED_HERE => of.values::<UInt32Type>(|one| Some(one.subsidised_here)),
            p::GRANT_PAYERS => of.values::<UInt32Type>(|one| Some(one.grant_payers)),
            p::CATEGORY_NOW => of.values::<UInt16Type>(|one| one.category_now),
            p::GRANT_CATEGORY => of.values::<UInt16Type>(|one| one.grant_category),
            p::ENTRY => of.values::<UInt16Type>(|one| one.entry),
            p::EMPLOYEE_BEGUN => of.days(|one| one.employee_begun),
            p::FIRST_PAID_ON => of.days(|one| one.first_paid_on),
            p::LAST_PAID_ON => of.days(|one| one.last_paid_on),
            p::LAST_PAID_HERE => of.days(|one| one.last_paid_here),
            p::DEATH_ON => of.days(|one| one.death_on),
            p::DEPARTED_ON => of.days(|one| one.departed_on),
            c::ENROLLED_ON => of.days(|one| one.enrolled_on),
            _ => unreachable!("persons have no column {name}"),
        }
    }
}

/// A column of the persons at some positions.
struct Of<'p> {
    people: &'p People,
    name: &'p str,
    at: &'p [u32],
}

impl<'p> Of<'p> {
    fn persons(&self) -> impl Iterator<Item = Option<&'p Person>> {
        let persons = &self.people.persons;
        self.at.iter().map(|at| persons.get(*at as usize))
    }

    fn values<T: PolarsNumericType>(&self, of: impl Fn(&Person) -> Option<T::Native>) -> Column
    where
        ChunkedArray<T>: IntoSeries,
    {
        let values: ChunkedArray<T> = self.persons().map(|person| of(person?)).collect();
        values
            .with_name(self.name.into())
            .into_series()
            .into_column()
    }

    fn days(&self, of: impl Fn(&Person) -> Option<i32>) -> Column {
        let days: Int32Chunked = self.persons().map(|person| of(person?)).collect();
        days.with_name(self.name.into()).into_date().into_column()
    }

    fn flags(&self, of: impl Fn(&Person) -> bool) -> Column {
        let flags: BooleanChunked = self.persons().map(|person| person.map(&of)).collect();
        flags.with_name(self.name.into()).into_column()
    }

    fn texts<'t>(&self, of: impl Fn(&'p Person) -> Option<&'t str>) -> Column {
        let mut texts = StringChunkedBuilder::new(self.name.into(), self.at.len());
        self.persons()
            .for_each(|person| texts.append_option(person.and_then(&of)));
        texts.finish().into_column()
    }

    fn places(&self, of: impl Fn(&Person) -> Option<Place>) -> Column {
        let places = self.persons().map(|person| of(person?));
        self.people.places.column(self.name, places)
    }
}
