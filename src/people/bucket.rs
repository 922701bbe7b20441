//! What a bucket knows: the books, the places that they name, and the persons.

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;

use super::books::Books;
use super::entry::{Dossiers, Entered};
use super::gather::{self, Gathered};
use super::own::PaidAWhile;
use super::p;
use super::places::Places;
use super::summary::{PlacesNamed, Shelf};
use crate::domain::Fen;
use crate::domain::period::epoch_day;
use crate::refine::Rows;
use crate::scheme::Scheme;

/// What a bucket knows.
pub struct People {
    /// Rows that count, by book.
    pub books: Books,
    /// Places that their rows name.
    pub named: PlacesNamed,
    /// Every place that there is.
    pub places: Arc<Places>,
    /// Everyone with a usable number whom a book names in which somebody counts, each once, by position: `PERSONS`, and
    /// whatever the rule book adds.
    pub persons: DataFrame,
    /// Facts about those whom a rule for late entries could concern.
    pub dossiers: Dossiers,
    /// Those whose cover differs from everybody's.
    pub entered: Vec<Entered>,
    /// Personal money of payments for several years that belongs to the others, in fen.
    pub of_other_years: Fen,
    /// Those who were effectively paid for a while: it was taken back later.
    a_while: Vec<PaidAWhile>,
}

impl People {
    /// Whether each person was effectively paid on a day by what was taken back later; `None` = nobody was.
    pub fn paid_then(&self, on: NaiveDate) -> Option<BooleanChunked> {
        let on = epoch_day(on);
        let mut then: Option<Vec<bool>> = None;
        for one in self
            .a_while
            .iter()
            .filter(|one| (one.from..one.until).contains(&on))
        {
            let then = then.get_or_insert_with(|| vec![false; self.persons.height()]);
            then[one.who as usize] = true;
        }
        then.map(|then| BooleanChunked::from_slice(p::PAID_THEN.into(), &then))
    }
}

/// Gathers the persons of one bucket; all of them where there is one.
pub fn gather(
    rows: &Rows,
    places: &Arc<Places>,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<People> {
    let mut books = Books::open(rows, as_of)?;
    let named = PlacesNamed::of(&books, places)?;
    let dossiers = Dossiers::of(&books, scheme, as_of)?;
    let shelf = Shelf {
        books: &books,
        named: &named,
        places,
    };
    let mut gathered = gather::one_a_person(shelf, &dossiers, (scheme, as_of))?;
    // What is due of a person says which part of a payment for several years is this year's.
    let due = gathered.persons.column(p::PAYABLE)?.i64()?.clone();
    let payable = |who: usize| due.get(who).unwrap_or(scheme.premium); // everyone who pays is a person
    let of_other_years = books.share_years(payable, scheme.premium)?;
    if of_other_years.is_some() {
        let shelf = Shelf {
            books: &books,
            named: &named,
            places,
        };
        gathered = gather::one_a_person(shelf, &dossiers, (scheme, as_of))?;
    }
    let Gathered {
        persons,
        entered,
        a_while,
    } = gathered;
    Ok(People {
        of_other_years: of_other_years.unwrap_or(0), // no payment is for several
        a_while,
        persons,
        books,
        named,
        places: Arc::clone(places),
        dossiers,
        entered,
    })
}
