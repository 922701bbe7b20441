//! Who a person is: number, name and the rows that stand for them, read off the books for the few that are listed.

use polars::prelude::*;

use super::bucket::People;
use super::index::{Book, taken};
use super::p;
use crate::domain::columns as c;

/// The columns that say which rows stand for a person: without them nobody has a face.
pub const FACES: [&str; 4] = [
    p::REGISTER_AT,
    p::REGISTRATION_AT,
    p::PAYMENT_AT,
    p::ROSTER_AT,
];

/// Which row of a person is pointed at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The registration here that counts.
    Counted,
    /// The first payment; one on no stated day stands before all others.
    Payment,
    /// The row of a roster.
    Roster,
}

impl Stands {
    /// The columns of its sheet and row.
    pub const fn columns(self) -> [&'static str; 2] {
        match self {
            Stands::Counted => [p::COUNTED_ORIGIN, p::COUNTED_ROW],
            Stands::Payment => [p::PAYMENT_ORIGIN, p::PAYMENT_ROW],
            Stands::Roster => [p::ROSTER_ORIGIN, p::ROSTER_ROW],
        }
    }

    /// The column of the row itself.
    pub const fn at(self) -> &'static str {
        match self {
            Stands::Counted => p::COUNTED_AT,
            Stands::Payment => p::PAYMENT_AT,
            Stands::Roster => p::ROSTER_AT,
        }
    }
}

impl People {
    /// These persons with who they are: ID, NAME, FACE_ORIGIN and FACE_ROW, each from the first book that has it.
    pub fn faced(&self, mut persons: DataFrame) -> PolarsResult<DataFrame> {
        let faces = [
            (c::ID, c::ID),
            (c::NAME, c::NAME),
            (c::ORIGIN, p::FACE_ORIGIN),
            (c::ROW, p::FACE_ROW),
        ];
        for (column, name) in faces {
            let stated = self.first_stated(&persons, column)?;
            persons.with_column(stated.with_name(name.into()))?;
        }
        Ok(persons)
    }

    /// These persons with the sheet and row of one of their rows, null where they have none.
    pub fn pointed(&self, mut persons: DataFrame, stands: Stands) -> PolarsResult<DataFrame> {
        let book = match stands {
            Stands::Counted => &self.books.registrations,
            Stands::Payment => &self.books.payments,
            Stands::Roster => &self.books.rosters,
        };
        let rows = persons.column(stands.at())?.u32()?.clone();
        for (column, name) in [c::ORIGIN, c::ROW].into_iter().zip(stands.columns()) {
            let at = book.rows.column(column)?.take(&rows)?;
            persons.with_column(at.with_name(name.into()))?;
        }
        Ok(persons)
    }

    /// What the first book says that states it: register, registrations, payments, rosters.
    pub fn first_stated(&self, persons: &DataFrame, column: &str) -> PolarsResult<Column> {
        let books = &self.books;
        let first = self.stated(persons, (&books.register, p::REGISTER_AT), column)?;
        let others = [
            (&books.registrations, p::REGISTRATION_AT),
            (&books.payments, p::PAYMENT_AT),
            (&books.rosters, p::ROSTER_AT),
        ];
        others.into_iter().try_fold(first, |found, book| {
            if found.null_count() == 0 {
                return Ok(found);
            }
            let next = self.stated(persons, book, column)?;
            found.zip_with(&found.is_not_null(), &next)
        })
    }

    fn stated(
        &self,
        persons: &DataFrame,
        (book, at): (&Book, &str),
        column: &str,
    ) -> PolarsResult<Column> {
        book.rows.column(column)?.take(persons.column(at)?.u32()?)
    }

    /// Rows of a book, which have `p::WHO`, with these columns of their persons; null for somebody who is in no book that
    /// counts.
    pub fn beside(&self, rows: DataFrame, names: &[&str]) -> PolarsResult<DataFrame> {
        let who = rows.column(p::WHO)?.u32()?.clone();
        self.joined(rows, &who, names)
    }

    /// The same of rows that have only a key.
    pub fn beside_by_key(&self, rows: DataFrame, names: &[&str]) -> PolarsResult<DataFrame> {
        let keys = rows.column(c::KEY)?.u64()?.into_no_null_iter();
        let who: UInt32Chunked = keys.map(|key| self.books.index.position(key)).collect();
        self.joined(rows, &who, names)
    }

    /// By position, with nothing at the positions of those whom the index knows from other books only.
    fn joined(
        &self,
        mut rows: DataFrame,
        who: &UInt32Chunked,
        names: &[&str],
    ) -> PolarsResult<DataFrame> {
        let persons = self.persons.height();
        let is_outside = |at: u32| at as usize >= persons;
        let who = if who.iter().flatten().any(is_outside) {
            who.iter()
                .map(|at| at.filter(|at| !is_outside(*at)))
                .collect()
        } else {
            who.clone()
        };
        for name in names {
            rows.with_column(self.persons.column(name)?.take(&who)?)?;
        }
        Ok(rows)
    }

    /// Persons of whom a sentence holds, with these columns; a sentence about what is not known does not hold.
    pub fn those(&self, sentence: &str, names: &[&str]) -> PolarsResult<DataFrame> {
        let persons = self.persons.select(names.iter().copied())?;
        let holds = self.persons.column(sentence)?.bool()?;
        if holds.any() {
            persons.filter(holds)
        } else {
            Ok(persons.clear())
        }
    }

    /// Positions of the same persons.
    pub fn positions(&self, sentence: &str) -> PolarsResult<Vec<u32>> {
        let holds = self.persons.column(sentence)?.bool()?.iter();
        let those = (0u32..)
            .zip(holds)
            .filter(|(_, holds)| *holds == Some(true));
        Ok(those.map(|(at, _)| at).collect())
    }

    /// ID, NAME, ORIGIN and ROW of everyone on the register, taken as the register has them.
    pub fn of_register(&self, persons: &DataFrame) -> PolarsResult<DataFrame> {
        let rows = persons.column(p::REGISTER_AT)?.u32()?;
        let rows: Vec<u32> = rows.iter().flatten().collect();
        assert_eq!(
            rows.len(),
            persons.height(),
            "a person of the register without a row there"
        );
        let own = self
            .books
            .register
            .rows
            .select([c::ID, c::NAME, c::ORIGIN, c::ROW])?;
        let mut face = taken(&own, rows)?;
        // A name that the register leaves blank is another book's.
        if face.column(c::NAME)?.null_count() > 0 {
            face.with_column(self.first_stated(persons, c::NAME)?)?;
        }
        Ok(face)
    }
}
